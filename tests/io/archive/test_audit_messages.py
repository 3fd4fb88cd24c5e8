"""Audit messages of PS3.15 A.5: what they say, and where they go."""

import socket
from xml.etree import ElementTree as ET

import pytest

from kinecor.core.values.study import StudyReading
from kinecor.io.archive import audit_messages
from kinecor.io.archive.audit_messages import Event, message_of, send

STUDY = StudyReading("1.2.840.1", patient_id="4711 & <more>")


def parsed(event, **more):
    return ET.fromstring(message_of(event, "Dr Grey", STUDY, **more))


def code(element):
    return element.get("csd-code"), element.get("codeSystemName"), element.get("originalText")


def test_a_message_names_event_person_study_and_patient(monkeypatch):
    monkeypatch.setattr(audit_messages, "login", lambda: "anna")
    root = parsed(Event.OPENED)
    # The order of PS3.15 A.5.1.
    assert [one.tag for one in root] == [
        "EventIdentification",
        "ActiveParticipant",
        "AuditSourceIdentification",
        "ParticipantObjectIdentification",
        "ParticipantObjectIdentification",
    ]
    event, person, source, study, patient = root
    assert code(event.find("EventID")) == ("110103", "DCM", "DICOM Instances Accessed")
    assert (event.get("EventActionCode"), event.get("EventOutcomeIndicator")) == ("R", "0")
    assert event.get("EventDateTime").endswith("+00:00")
    assert (person.get("UserID"), person.get("UserName"), person.get("UserIsRequestor")) == ("anna", "Dr Grey", "true")
    assert source.get("AuditSourceID").startswith("kinecor@")
    assert study.get("ParticipantObjectID") == "1.2.840.1"
    assert code(study.find("ParticipantObjectIDTypeCode")) == ("110180", "DCM", "Study Instance UID")
    assert patient.get("ParticipantObjectID") == "4711 & <more>"
    assert code(patient.find("ParticipantObjectIDTypeCode")) == ("2", "RFC-3881", "Patient Number")


def test_a_contradiction_is_a_security_alert_and_an_export_has_its_target():
    event = parsed(Event.CONTRADICTED, words="Entry 6").find("EventIdentification")
    assert code(event.find("EventID")) == ("110113", "DCM", "Security Alert")
    assert code(event.find("EventTypeCode")) == ("110135", "DCM", "Object Security Attributes Changed")
    assert event.get("EventOutcomeIndicator") == "8"
    assert event.find("EventOutcomeDescription").text == "Entry 6"
    person, medium = parsed(Event.EXPORTED, target="/out/report.pdf").findall("ActiveParticipant")
    assert code(person.find("RoleIDCode"))[0] == "110153"
    assert medium.get("UserID") == "/out/report.pdf"
    assert code(medium.find("MediaIdentifier/MediaType")) == ("110037", "DCM", "URI")


def test_nothing_is_written_unless_a_place_is_named(tmp_path, monkeypatch):
    send(Event.OPENED, "Dr Grey", (STUDY,))
    path = tmp_path / "messages.xml"
    monkeypatch.setenv(audit_messages.DESTINATION, str(path))
    send(Event.OPENED, "Dr Grey", (STUDY, STUDY))
    lines = path.read_text().splitlines()
    assert [ET.fromstring(line).tag for line in lines] == ["AuditMessage"] * 2
    assert path.stat().st_mode & 0o077 == 0


def test_a_message_is_sent_by_syslog(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        monkeypatch.setenv(audit_messages.DESTINATION, f"syslog://127.0.0.1:{receiver.getsockname()[1]}")
        send(Event.OPENED, "Dr Grey", (STUDY,))
        head, _, text = receiver.recv(65536).partition(b"\xef\xbb\xbf")
        assert head.startswith(b"<85>1 ")
        assert b" kinecor " in head
        assert head.endswith(b" DICOM+RFC3881 - ")
        assert ET.fromstring(text).tag == "AuditMessage"
        send(Event.CONTRADICTED, "Dr Grey", (STUDY,))
        assert receiver.recv(65536).startswith(b"<84>1 ")


@pytest.mark.logs_warnings
@pytest.mark.parametrize("place", ["syslog://", "/proc/nothing/here"])
def test_a_place_that_does_not_take_messages_stops_nothing(place, monkeypatch, caplog):
    monkeypatch.setenv(audit_messages.DESTINATION, place)
    send(Event.OPENED, "Dr Grey", (STUDY,))
    assert "could not be written" in caplog.text
