"""The receiver: a storage SCP for scanners and C-MOVE, and for answers of storage commitment."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.io.archive.arrivals import Arrivals, DiskFullError, study_of
from kinecor.io.archive.association import (
    DOCUMENTS,
    IMAGES,
    SYNTAXES,
    UNCOMPRESSED,
    Patience,
    application,
    cut,
    guard,
    library,
)
from kinecor.io.archive.nodes import Receiver
from kinecor.io.archive.transfer import Outcome
from kinecor.io.dicom.header import items, text

_VERIFICATION: Final = "1.2.840.10008.1.1"
_COMMIT: Final = "1.2.840.10008.1.20.1"
_OUT_OF_RESOURCES, _CANNOT_UNDERSTAND, _DUPLICATE = 0xA700, 0xC000, 0x0111


class Commitments:
    """Answers of storage commitment, by transaction."""

    def __init__(self) -> None:
        self._lock, self._found = threading.Lock(), dict[str, dict[str, bool]]()

    def on_report(self, event: Any) -> tuple[int, None]:
        """Handle N-EVENT-REPORT of pynetdicom."""
        report = event.event_information
        answer = {text(one, "ReferencedSOPInstanceUID"): True for one in items(report, "ReferencedSOPSequence")}
        answer |= {text(one, "ReferencedSOPInstanceUID"): False for one in items(report, "FailedSOPSequence")}
        with self._lock:
            self._found[text(report, "TransactionUID")] = answer
        return 0x0000, None

    def of(self, transaction: str) -> dict[str, bool] | None:
        """The answer about a transaction; None as long as there is none."""
        with self._lock:
            return self._found.get(transaction)


@dataclass
class _Traffic:
    """What one association has sent."""

    instances: int = 0
    message_bytes: int = 0
    studies: set[str] = field(default_factory=set)


class Server:
    """A storage SCP as long as the block lasts.

    Other AE titles than ours, and senders that are not allowed, are refused; so are associations beyond the limit. An
    instance beyond the limit of size ends its association before it fills memory.

    Args:
        receiver: address, AE title and limits.
        take: gets each instance as a DICOM file, a number for its association and the sender's AE title, on a thread of
            the association.
        senders: AE titles that may send, besides those of `receiver`.
        patience: how long a sender may be silent.
        commitments: gets answers of storage commitment; None to refuse them.
        ended: called with the association's number, its sender and whether it was released (not aborted), once.

    """

    def __init__(
        self,
        receiver: Receiver,
        take: Callable[[bytes, int, str], Outcome],
        senders: Sequence[str] = (),
        *,
        patience: Patience | None = None,
        commitments: Commitments | None = None,
        ended: Callable[[int, str, bool], None] | None = None,
    ) -> None:
        self._receiver, self._take, self._patience = receiver, take, patience or Patience()
        self._commitments, self._ended = commitments, ended
        self.senders = tuple(dict.fromkeys((*receiver.allow, *senders)))
        self._traffic: dict[int, _Traffic] = {}
        self._server: Any = None
        self._entity: Any = None

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self._server.server_address[1]) if self._server else self._receiver.port

    @property
    def busy(self) -> bool:
        """Whether somebody is connected."""
        return bool(self._entity and self._entity.active_associations)

    def __enter__(self) -> Self:
        if not self.senders:
            raise KinecorError(
                message("No sender is allowed yet: name the AE titles that may send (--allow), or save their archives")
            )
        evt = library().evt
        entity = self._entity = application(self._receiver.ae_title, self._patience)
        entity.require_called_aet = True
        entity.require_calling_aet = list(self.senders)
        entity.maximum_associations = self._receiver.most_associations
        entity.add_supported_context(_VERIFICATION)
        for one in (*IMAGES, *DOCUMENTS):
            entity.add_supported_context(one, list(SYNTAXES if one in IMAGES else UNCOMPRESSED))
        handlers: list[tuple[Any, Callable[[Any], Any]]] = [
            (evt.EVT_CONN_OPEN, lambda event: guard(event.assoc, self._patience)),
            (evt.EVT_PDU_RECV, self._count),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_RELEASED, lambda event: self._end(event, released=True)),
            (evt.EVT_ABORTED, lambda event: self._end(event, released=False)),
            (evt.EVT_CONN_CLOSE, lambda event: self._end(event, released=False)),
        ]
        if self._commitments is not None:
            entity.add_supported_context(_COMMIT, list(UNCOMPRESSED), scu_role=True, scp_role=True)
            handlers.append((evt.EVT_N_EVENT_REPORT, self._commitments.on_report))
        tls = self._receiver.tls_context()
        try:
            self._server = entity.start_server(
                (self._receiver.host, self._receiver.port),
                block=False,
                ssl_context=None if tls is None else _Unhurried(tls),
                evt_handlers=handlers,
            )
        except OSError as error:
            raise KinecorError(
                message(
                    "The receiver cannot listen at {host}, port {port} ({reason}): end the program that "
                    "uses the port, or choose another one",
                    host=verbatim(self._receiver.host),
                    port=self._receiver.port,
                    reason=verbatim(error.strerror or str(error)),
                )
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connections = list(self._entity.active_associations)
        for one in connections:
            cut(one)
        self._entity.shutdown()
        for one in connections:
            for thread in (one.dul, one):
                thread.join(2.0)

    def _count(self, event: Any) -> None:
        """Count the bytes of a message that is arriving; too many end the association."""
        values = getattr(event.pdu, "presentation_data_value_items", None)
        if values is None:
            return
        traffic = self._traffic.setdefault(id(event.assoc), _Traffic())
        for one in values:
            if one.data[0] & 1:  # a command, so a new message
                traffic.message_bytes = 0
            traffic.message_bytes += len(one.data)
        if traffic.message_bytes > self._receiver.most_bytes or traffic.instances > self._receiver.most_instances:
            cut(event.assoc)

    def _on_store(self, event: Any) -> int:
        traffic = self._traffic.setdefault(id(event.assoc), _Traffic())
        traffic.instances += 1
        if traffic.instances > self._receiver.most_instances:
            return _OUT_OF_RESOURCES
        try:
            outcome = self._take(event.encoded_dataset(), id(event.assoc), _sender(event.assoc))
        except (DiskFullError, Cancelled):
            return _OUT_OF_RESOURCES
        except KinecorError:
            return _CANNOT_UNDERSTAND
        return {Outcome.FAILED: _CANNOT_UNDERSTAND, Outcome.CONFLICT: _DUPLICATE}.get(outcome, 0)

    def _end(self, event: Any, *, released: bool) -> None:
        if self._traffic.pop(id(event.assoc), None) is not None and self._ended is not None:
            self._ended(id(event.assoc), _sender(event.assoc), released)


class _Unhurried:
    """Speaks TLS with a sender on the thread of its association, so that one who is silent does not keep others out."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def wrap_socket(self, plain: socket.socket, *, server_side: bool) -> ssl.SSLSocket:
        """The connection, before its handshake."""
        return self._context.wrap_socket(plain, server_side=server_side, do_handshake_on_connect=False)


def _sender(association: Any) -> str:
    return str(association.requestor.ae_title).strip()


@dataclass(frozen=True, slots=True)
class Received:
    """One instance that arrived, or a study whose sender has finished.

    Attributes:
        study_uid: which study; "" for an instance that could not be stored.
        sender: its AE title.
        outcome: of an instance; None where the sender has finished.
        whole: whether the sender finished properly.
        words: why an instance could not be stored; empty otherwise.

    """

    study_uid: str
    sender: str
    outcome: Outcome | None
    whole: bool = True
    words: Message = NOTHING

    @property
    def sentence(self) -> Message:
        """What the reader has to know."""
        if self.outcome is Outcome.CONFLICT:
            return message(
                "{sender} sent another image of a SOP Instance UID that is here already (study {study}): the one here "
                "was left as it is",
                sender=verbatim(self.sender),
                study=verbatim(self.study_uid),
            )
        if self.outcome is Outcome.FAILED:
            return message(
                "an image of {sender} was not stored: {reason}", sender=verbatim(self.sender), reason=self.words
            )
        if not self.whole:
            return message(
                "{sender} ended the connection before study {study} was complete: send it again",
                sender=verbatim(self.sender),
                study=verbatim(self.study_uid),
            )
        return NOTHING


class Inbox:
    """Stores what senders send into `arrivals`, and marks a study as long as somebody sends it.

    Pass `take` and `ended` to a `Server`. `report` gets everything that happens, on threads of the server.
    """

    def __init__(self, arrivals: Arrivals, report: Callable[[Received], None]) -> None:
        self._arrivals, self._report, self._lock = arrivals, report, threading.Lock()
        self._sending: dict[str, set[int]] = {}
        self._marked: set[str] = set()
        self._broken: set[str] = set()

    def take(self, content: bytes, association: int, sender: str) -> Outcome:
        """Store one instance.

        Raises:
            KinecorError: it cannot be stored.

        """
        try:
            study = study_of(content)
            with self._lock:
                if association not in self._sending.setdefault(study, set()):
                    self._sending[study].add(association)
                    if self._arrivals.begin(study, sender):
                        self._marked.add(study)
            outcome, _ = self._arrivals.take(content)
        except KinecorError as error:
            self._report(Received("", sender, Outcome.FAILED, words=error.message))
            raise
        self._report(Received(study, sender, outcome))
        return outcome

    def ended(self, association: int, sender: str, released: bool) -> None:
        """Note the end of an association; a study that nobody sends any more is complete if all were released."""
        with self._lock:
            mine = [study for study, senders in self._sending.items() if association in senders]
            for study in mine:
                self._sending[study].discard(association)
                if not released:
                    self._broken.add(study)
                if self._sending[study]:
                    continue
                del self._sending[study]
                if study in self._marked and study not in self._broken:
                    self._arrivals.finish(study)
                self._marked.discard(study)
                self._broken.discard(study)
        for study in mine:
            self._report(Received(study, sender, None, whole=released))
