"""The receiver: a storage SCP for scanners and C-MOVE, and for answers of storage commitment."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.io.archive.admission import (
    REJECTED_BUSY,
    REJECTED_CALLED,
    REJECTED_CALLING,
    Admission,
    Rejection,
    Request,
)
from kinecor.io.archive.arrivals import Arrivals, study_of
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
from kinecor.io.archive.nodes import Receiver, import_needed
from kinecor.io.archive.spool import DiskFullError, Spool, SpooledFile, arrived_file, stream_data_set
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
        """Handle N-EVENT-REPORT of pynetdicom.

        Args:
            event: of pynetdicom.

        """
        report = event.event_information
        answer = {text(item, "ReferencedSOPInstanceUID"): True for item in items(report, "ReferencedSOPSequence")}
        answer |= {text(item, "ReferencedSOPInstanceUID"): False for item in items(report, "FailedSOPSequence")}
        with self._lock:
            self._found[text(report, "TransactionUID")] = answer
        return 0x0000, None

    def of(self, transaction: str) -> dict[str, bool] | None:
        """The answer about a transaction; None as long as there is none.

        Args:
            transaction: its UID.

        """
        with self._lock:
            return self._found.get(transaction)


# A message that comes more slowly than this, after a first while, is given up: it only keeps its place.
_MIN_PACE_BYTES_S: Final = 4096
_MAX_UNANSWERED: Final = 4
# Of pynetdicom's state machine (PS3.8 table 9-10).
_INVALID_PDU: Final = "Evt19"


@dataclass(eq=False)
class _Traffic:
    """What one association has sent.

    Attributes:
        association: of pynetdicom.
        address: as limits count it.
        instances: how many it has sent.
        message_bytes, message_since_s: of the message that is arriving.
        files: of instances that are not complete yet.

    """

    association: Any
    address: str
    instances: int = 0
    message_bytes: int = 0
    message_since_s: float = 0.0
    files: list[SpooledFile] = field(default_factory=list)


class Server:
    """A storage SCP as long as the block lasts.

    Other AE titles than ours, and senders that are not allowed, are refused; so are associations beyond the limits. Who
    connects and does not ask for an association takes no place (`admission`). An instance goes to the disk as it
    arrives; one beyond the limit of size ends its association.

    Args:
        receiver: address, AE title and limits.
        take: gets each instance as a DICOM file, a number for its association and the sender's AE title, on a thread of
            the association; a file that it does not rename is removed.
        senders: AE titles that may send, besides those of `receiver`.
        patience: how long a sender may be silent, from its connection to its request, and from the first to the last
            byte of each PDU.
        commitments: gets answers of storage commitment; None to refuse them.
        ended: called with the association's number, its sender and whether it was released (not aborted), once.
        spool: where instances are until they are complete; None for the system's temporary folder.

    """

    def __init__(
        self,
        receiver: Receiver,
        take: Callable[[SpooledFile, int, str], Outcome],
        senders: Sequence[str] = (),
        *,
        patience: Patience | None = None,
        commitments: Commitments | None = None,
        ended: Callable[[int, str, bool], None] | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._receiver, self._take, self._patience = receiver, take, patience or Patience()
        self._commitments, self._ended = commitments, ended
        self._spool = spool or Spool()
        self.senders = tuple(dict.fromkeys((*receiver.allow, *senders)))
        self._lock = threading.Lock()
        self._traffic: dict[int, _Traffic] = {}
        self._started: list[Any] = []
        self._request: Request | None = None
        self._server: Any = None
        self._entity: Any = None
        self._door: Admission | None = None

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self._server.server_address[1]) if self._server else self._receiver.port

    @property
    def busy(self) -> bool:
        """Whether a sender has an association."""
        with self._lock:
            return bool(self._traffic)

    def __enter__(self) -> Self:
        if not self.senders:
            raise KinecorError(
                message("No sender is allowed yet: name the AE titles that may send (--allow), or save their archives")
            )
        self._spool.clear()
        evt = library().evt
        entity = self._entity = application(self._receiver.ae_title, self._patience)
        entity.require_called_aet = True
        entity.require_calling_aet = list(self.senders)
        # Places are given at the door, to requests: pynetdicom also counts who was refused and has not left yet.
        entity.maximum_associations = 1 << 16
        entity.add_supported_context(_VERIFICATION)
        for sop_class in (*IMAGES, *DOCUMENTS):
            entity.add_supported_context(sop_class, list(SYNTAXES if sop_class in IMAGES else UNCOMPRESSED))
        handlers: list[tuple[Any, Callable[[Any], Any]]] = [
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_PDU_RECV, self._on_pdu),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_REJECTED, lambda event: self._end(event, released=False)),
            (evt.EVT_RELEASED, lambda event: self._end(event, released=True)),
            (evt.EVT_ABORTED, lambda event: self._end(event, released=False)),
            (evt.EVT_CONN_CLOSE, lambda event: self._end(event, released=False)),
        ]
        if self._commitments is not None:
            entity.add_supported_context(_COMMIT, list(UNCOMPRESSED), scu_role=True, scp_role=True)
            handlers.append((evt.EVT_N_EVENT_REPORT, self._commitments.on_report))
        tls = self._receiver.tls_context()
        try:
            self._server = entity.make_server((self._receiver.host, self._receiver.port), evt_handlers=handlers)
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
        self._door = Admission(
            self._server.socket, self._decide, self._admit, tls=tls, patience_s=self._patience.connect_s
        )
        self._door.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._door is not None:
            self._door.close()
        connections = list(self._entity.active_associations) + [
            association for association in self._started if association.is_alive()
        ]
        for connection in connections:
            cut(connection)
        self._entity.shutdown()
        self._server.server_close()
        for single_connection in connections:
            for thread in (single_connection.dul, single_connection):
                thread.join(2.0)
        for traffic in list(self._traffic.values()):
            for file in traffic.files:
                file.discard()
        self._spool.remove()

    def _decide(self, request: Request) -> Rejection | None:
        """Why a request gets no place; None where it does."""
        if request.called != self._receiver.ae_title:
            return REJECTED_CALLED
        if request.calling not in self.senders:
            return REJECTED_CALLING
        with self._lock:
            self._started = [association for association in self._started if association.is_alive()]
            # One that ended without a word to us has no thread any more.
            for number in [key for key, traffic in self._traffic.items() if not traffic.association.is_alive()]:
                del self._traffic[number]
            places = [traffic.address for traffic in self._traffic.values()]
            lingering = len(self._started) - len(places)
        full = len(places) >= self._receiver.most_associations or lingering >= 4 * self._receiver.most_associations
        return REJECTED_BUSY if full or places.count(request.address) >= self._receiver.most_by_address else None

    def _admit(self, line: socket.socket, request: Request) -> None:
        self._request = request
        import_needed("pynetdicom.transport").RequestHandler(line, request.peer, self._server)

    def _opened(self, event: Any) -> None:
        """Give the association its place and its request, which the door has read; its threads start after this."""
        request, association = self._request, event.assoc
        assert request is not None
        guard(association, self._patience)
        with self._lock:
            self._traffic[id(association)] = _Traffic(association, request.address)
            self._started.append(association)
        dul = association.dul
        try:
            pdu, what = dul._decode_pdu(request.content)
        except Exception:  # whatever is wrong with it: pynetdicom aborts
            dul.event_queue.put(_INVALID_PDU)
            return
        dul._recv_pdu.put(pdu)
        dul.event_queue.put(what)

    def _on_pdu(self, event: Any) -> None:
        """Count the bytes of a message that is arriving; too many, or too few for the time, end the association."""
        values = getattr(event.pdu, "presentation_data_value_items", None)
        traffic = self._traffic.get(id(event.assoc))
        if values is None or traffic is None:
            return
        now_s = time.monotonic()
        for value in values:
            if value.data[0] & 1:  # a command, so a new message
                traffic.message_bytes, traffic.message_since_s = 0, now_s
            traffic.message_bytes += len(value.data)
        allowed_s = self._patience.answer_s + traffic.message_bytes / _MIN_PACE_BYTES_S
        if (
            traffic.message_bytes > self._receiver.most_bytes
            or traffic.instances > self._receiver.most_instances
            or now_s - traffic.message_since_s > allowed_s
            or event.assoc.dimse.msg_queue.qsize() > _MAX_UNANSWERED
        ):
            cut(event.assoc)
            return
        file = stream_data_set(event.assoc, self._spool)
        if file is not None:
            traffic.files.append(file)

    def _on_store(self, event: Any) -> int:
        traffic = self._traffic.get(id(event.assoc))
        if traffic is None:
            return _OUT_OF_RESOURCES
        traffic.instances += 1
        file = arrived_file(event, self._spool)
        traffic.files = [spooled_file for spooled_file in traffic.files if spooled_file is not file]
        try:
            if traffic.instances > self._receiver.most_instances:
                return _OUT_OF_RESOURCES
            outcome = self._take(file, id(event.assoc), _sender(event.assoc))
        except (DiskFullError, Cancelled):
            return _OUT_OF_RESOURCES
        except KinecorError:
            return _CANNOT_UNDERSTAND
        finally:
            file.discard()
        return {Outcome.FAILED: _CANNOT_UNDERSTAND, Outcome.CONFLICT: _DUPLICATE}.get(outcome, 0)

    def _end(self, event: Any, *, released: bool) -> None:
        with self._lock:
            traffic = self._traffic.pop(id(event.assoc), None)
        if traffic is None:
            return
        for file in traffic.files:  # what is being kept is not among them any more
            file.discard()
        if self._ended is not None:
            self._ended(id(event.assoc), _sender(event.assoc), released)


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
    """Stores what senders send into `arrivals`, and marks a study as long as it is being sent.

    Pass `take` and `ended` to a `Server`. `report` gets everything that happens, on threads of the server.
    """

    def __init__(self, arrivals: Arrivals, report: Callable[[Received], None]) -> None:
        self._arrivals, self._report, self._lock = arrivals, report, threading.Lock()
        self._sending: dict[str, set[int]] = {}
        self._marked: set[str] = set()
        self._broken: set[str] = set()

    def take(self, file: SpooledFile, association: int, sender: str) -> Outcome:
        """Store one instance.

        Args:
            file: the whole instance.
            association: number of the connection.
            sender: its AE title.

        Raises:
            KinecorError: it cannot be stored.

        """
        try:
            content = file.finish()
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
        """Note the end of an association; a study that is no longer being sent is complete if all were released.

        Args:
            association: number of the connection.
            sender: its AE title.
            released: whether it was ended in order.

        """
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
