"""Audit messages for a department's repository: DICOM PS3.15 A.5, to a file or by syslog.

They say who opened, signed, opened to changes or exported which study, and where a study's file contradicts the audit
log. They are written only where $KINECOR_AUDIT_MESSAGES says where to: a file, to which each is added as a line, or
"syslog://HOST:PORT" (RFC 5424 over UDP, RFC 5426; port 514 where none is named). What the log of Kinecor itself is for,
whether a file is as it was written, they do not show.
"""

import logging
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from kinecor.core.values.study import StudyReading
from kinecor.session.store import login

DESTINATION: Final = "KINECOR_AUDIT_MESSAGES"
_PORT: Final = 514
# Facility 10 (security and authorization); severity 5 (notice), 4 (warning) for an alert: PS3.15 A.6.
_NOTICE, _WARNING = 10 * 8 + 5, 10 * 8 + 4
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Code:
    """A code of PS3.16: CID 400 (events), 403 (alerts), 404 (identifiers), 405 (media); RFC 3881 for a patient's."""

    value: str
    meaning: str
    scheme: str = "DCM"

    def element(self, name: str) -> ET.Element:
        """As an element of a message.

        Args:
            name: of the element.

        """
        made = {"csd-code": self.value, "codeSystemName": self.scheme, "originalText": self.meaning}
        return ET.Element(name, made)


class Event(Enum):
    """What happened: its code, the action (C, R, U, D, E), the outcome (0 success, 8 serious failure), and its type."""

    OPENED = (Code("110103", "DICOM Instances Accessed"), "R", "0", None)
    CHANGED = (Code("110103", "DICOM Instances Accessed"), "U", "0", None)
    EXPORTED = (Code("110106", "Export"), "R", "0", None)
    CONTRADICTED = (Code("110113", "Security Alert"), "E", "8", Code("110135", "Object Security Attributes Changed"))


_STUDY: Final = Code("110180", "Study Instance UID")
_PATIENT: Final = Code("2", "Patient Number", "RFC-3881")
_SOURCE: Final = Code("110153", "Source Role ID")
_MEDIA: Final = Code("110154", "Destination Media")
_URI: Final = Code("110037", "URI")


def message_of(event: Event, reader: str, study: StudyReading, *, words: str = "", target: str = "") -> str:
    """One audit message as XML (PS3.15 A.5.1).

    Args:
        event: what happened.
        reader: who did it, as configured; the system's account is named as well.
        study: of which study.
        words: why, of an alert; what was done, of a change.
        target: of an export, where to.

    """
    code, action, outcome, kind = event.value
    root = ET.Element("AuditMessage")
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    identification = ET.SubElement(
        root, "EventIdentification", EventActionCode=action, EventDateTime=at, EventOutcomeIndicator=outcome
    )
    identification.append(code.element("EventID"))
    if kind is not None:
        identification.append(kind.element("EventTypeCode"))
    if words:
        ET.SubElement(identification, "EventOutcomeDescription").text = words
    person = ET.SubElement(
        root,
        "ActiveParticipant",
        UserID=login() or reader,
        UserName=reader,
        UserIsRequestor="true",
        NetworkAccessPointID=socket.gethostname(),
        NetworkAccessPointTypeCode="1",  # a machine's name
    )
    if target:
        person.append(_SOURCE.element("RoleIDCode"))
        medium = ET.SubElement(root, "ActiveParticipant", UserID=target, UserIsRequestor="false")
        medium.append(_MEDIA.element("RoleIDCode"))
        ET.SubElement(medium, "MediaIdentifier").append(_URI.element("MediaType"))
    ET.SubElement(root, "AuditSourceIdentification", AuditSourceID=f"kinecor@{socket.gethostname()}")
    # A study is a system object (2) as a report (3), a patient a person (1) as a patient (1).
    _add_object(root, study.study_id, "2", "3", _STUDY)
    if study.patient_id:
        _add_object(root, study.patient_id, "1", "1", _PATIENT)
    return ET.tostring(root, encoding="unicode")


def _add_object(root: ET.Element, identifier: str, kind: str, role: str, code: Code) -> None:
    made = ET.SubElement(
        root,
        "ParticipantObjectIdentification",
        ParticipantObjectID=identifier,
        ParticipantObjectTypeCode=kind,
        ParticipantObjectTypeCodeRole=role,
    )
    made.append(code.element("ParticipantObjectIDTypeCode"))


def send(event: Event, reader: str, studies: Iterable[StudyReading], *, words: str = "", target: str = "") -> None:
    """Write a message for each study where $KINECOR_AUDIT_MESSAGES says so; a failure is logged and stops nothing.

    Args:
        event: what happened.
        reader: who did it.
        studies: that it happened to.
        words: further ones; "" for none.
        target: where a study went to; "" for nowhere.

    """
    place = os.environ.get(DESTINATION)
    if not place:
        return
    for study in studies:
        text = message_of(event, reader, study, words=words, target=target)
        try:
            if place.startswith("syslog:"):
                _send_by_syslog(place, text, _WARNING if event is Event.CONTRADICTED else _NOTICE)
            else:
                _add_line(Path(place), text)
        except (OSError, ValueError) as error:
            log.warning("an audit message could not be written to %s: %s", place, error)


def _add_line(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)


def _send_by_syslog(place: str, text: str, priority: int) -> None:
    parts = urlsplit(place)
    if not parts.hostname:
        raise ValueError("expected syslog://HOST:PORT")
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    head = f"<{priority}>1 {at} {socket.gethostname() or '-'} kinecor {os.getpid()} DICOM+RFC3881 - "
    family, kind, protocol, _, address = socket.getaddrinfo(
        parts.hostname, parts.port or _PORT, type=socket.SOCK_DGRAM
    )[0]
    with socket.socket(family, kind, protocol) as sender:
        sender.sendto(head.encode("ascii", "replace") + b"\xef\xbb\xbf" + text.encode(), address)
