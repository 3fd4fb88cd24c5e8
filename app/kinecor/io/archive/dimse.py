"""An archive by DIMSE: C-ECHO, C-FIND, C-GET, C-MOVE, C-STORE and storage commitment (PS3.4 B, C, J)."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.uid import UID, generate_uid

from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.io.archive.association import (
    DOCUMENTS,
    IMAGES,
    IMPLICIT,
    MAX_CONTEXTS,
    SYNTAXES,
    UNCOMPRESSED,
    Patience,
    cut,
    interruption_message,
    library,
    open_association,
)
from kinecor.io.archive.nodes import Node, Receiver
from kinecor.io.archive.query import (
    INSTANCE_KEYS,
    MAX_STUDIES,
    SERIES_KEYS,
    STUDY_KEYS,
    InstanceFound,
    Search,
    SeriesFound,
    StudyFound,
    identifier,
    instance_found,
    series_found,
    study_found,
)
from kinecor.io.archive.receiver import Commitments, Server
from kinecor.io.archive.spool import DiskFullError, Spool, SpooledFile, arrived_file, stream_data_set
from kinecor.io.archive.transfer import Outcome, Part, Sent, ToSend

_VERIFICATION: Final = "1.2.840.10008.1.1"
_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
_COMMIT: Final = "1.2.840.10008.1.20.1"
_COMMIT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
# UIDs in one request: a value of VR UI is at most 64 kB.
_AT_ONCE: Final = 200
_OUT_OF_RESOURCES, _CANNOT_UNDERSTAND, _DUPLICATE = 0xA700, 0xC000, 0x0111


class Dimse:
    """One archive; every call opens a connection of its own, so that it can be used by several threads."""

    def __init__(
        self, node: Node, password: str = "", receiver: Receiver | None = None, patience: Patience | None = None
    ) -> None:
        self.node, self._password = node, password
        self._receiver, self._patience = receiver or Receiver(), patience or Patience()

    def _open(self, contexts: Sequence[tuple[str, Sequence[str]]], tick: Tick, **more: Any) -> Any:
        return open_association(
            self.node, contexts, password=self._password, patience=self._patience, tick=tick, **more
        )

    def echo(self, tick: Tick = no_tick) -> float:
        """C-ECHO; seconds until the answer.

        Args:
            tick: may raise Cancelled.

        Raises:
            KinecorError: it cannot be reached, refuses or does not answer.

        """
        with self._open([(_VERIFICATION, (IMPLICIT,))], tick) as connection:
            start = time.monotonic()
            status = connection.send_c_echo()
            taken = time.monotonic() - start
            if "Status" not in status:
                raise interruption_message(self.node, self._patience)
            if status.Status != 0:
                raise KinecorError(
                    message(
                        "{name} answered with an error ({status}): ask its administrator",
                        name=verbatim(self.node.name),
                        status=_words(status),
                    )
                )
        return taken

    def studies(self, search: Search, tick: Tick = no_tick) -> tuple[StudyFound, ...]:
        """The studies that fit, at most MAX_STUDIES.

        Args:
            search: what they are searched by.
            tick: may raise Cancelled.

        Raises:
            KinecorError: it cannot be reached, or cannot answer.
            Cancelled: by `tick`.

        """
        asked = identifier("STUDY", STUDY_KEYS, search.matching())
        listed_studies = []
        for answer in self._find(asked, tick, MAX_STUDIES):
            if (study := study_found(answer)) is not None:
                listed_studies.append(study)
                tick(len(listed_studies), 0)
        return tuple(listed_studies)

    def series(self, study_uid: str, tick: Tick = no_tick) -> tuple[SeriesFound, ...]:
        """The series of a study; raises as `studies` does.

        Args:
            study_uid: of the study.
            tick: may raise Cancelled.

        """
        asked = identifier("SERIES", SERIES_KEYS, {"StudyInstanceUID": study_uid})
        found = (series_found(answer, study_uid) for answer in self._find(asked, tick))
        return tuple(listed_series for listed_series in found if listed_series is not None)

    def instances(
        self, study_uid: str, series_uids: Sequence[str], tick: Tick = no_tick
    ) -> dict[str, tuple[InstanceFound, ...]]:
        """The instances of each series; none where the archive does not say. Raises as `studies` does.

        Args:
            study_uid: of the study.
            series_uids: of its series.
            tick: may raise Cancelled.

        """
        found: dict[str, tuple[InstanceFound, ...]] = {}
        with self._open([(_FIND, UNCOMPRESSED)], tick) as connection:
            for uid in series_uids:
                tick(0, 0)
                matching = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": uid}
                answers = self._answers(connection, identifier("IMAGE", INSTANCE_KEYS, matching))
                several = (instance_found(answer, study_uid, uid) for answer in answers)
                found[uid] = tuple(instance for instance in several if instance is not None)
        return found

    def _find(self, asked: Dataset, tick: Tick, most: int | None = None) -> list[Dataset]:
        with self._open([(_FIND, UNCOMPRESSED)], tick) as connection:
            return self._answers(connection, asked, most)

    def _answers(self, connection: Any, asked: Dataset, most: int | None = None) -> list[Dataset]:
        answers: list[Dataset] = []
        for status, answer in connection.send_c_find(asked, _FIND):
            if "Status" not in status:
                raise interruption_message(self.node, self._patience)
            if status.Status in (0xFF00, 0xFF01):
                if answer is not None:
                    answers.append(answer)
                if most is not None and len(answers) == most:
                    connection.send_c_cancel(1, query_model=_FIND)
            elif status.Status not in (0x0000, 0xFE00, 0xB001):
                raise KinecorError(_find_failed(self.node, status))
        return answers[:most]

    def fetch(
        self,
        parts: Sequence[Part],
        take: Callable[[Path], Outcome],
        tick: Tick = no_tick,
        spool: Spool | None = None,
    ) -> None:
        """Retrieve parts of a study; each instance is passed to `take` as a DICOM file, which may be renamed.

        Returns when the archive says that it has sent everything it can; whether all has arrived is for the caller to
        see.

        Args:
            parts: of one study.
            take: gets the file of each instance.
            tick: may raise Cancelled.
            spool: holds files while they arrive; None for one of its own.

        Raises:
            DiskFullError: from `take`.
            KinecorError: it cannot be reached, refuses, or ended the connection.
            Cancelled: by `tick`.

        """
        (self._move if self.node.retrieve == "move" else self._get)(parts, take, tick, spool or Spool())

    def _get(self, parts: Sequence[Part], take: Callable[[Path], Outcome], tick: Tick, spool: Spool) -> None:
        classes = list(dict.fromkeys(class_name for part in parts for class_name in part.classes)) or [
            *IMAGES[:6],
            *DOCUMENTS[:12],
        ]
        stopped: list[BaseException] = []

        def on_store(event: Any) -> int:
            if stopped:
                return _OUT_OF_RESOURCES
            file = arrived_file(event, spool)
            try:
                return _status(take(file.finish()))
            except (DiskFullError, Cancelled) as error:
                stopped.append(error)
                cut(event.assoc)
                return _OUT_OF_RESOURCES
            except KinecorError:
                return _CANNOT_UNDERSTAND
            finally:
                file.discard()

        evt = library().evt
        handlers = [
            (evt.EVT_C_STORE, on_store),
            (evt.EVT_PDU_RECV, lambda event: stream_data_set(event.assoc, spool)),
        ]
        contexts = [(_GET, UNCOMPRESSED), *storage_contexts(classes)]
        with self._open(contexts, tick, handlers=handlers, provided=classes) as connection:
            for asked in _requests(parts):
                self._followed(connection.send_c_get(asked, _GET), stopped, tick)

    def _move(self, parts: Sequence[Part], take: Callable[[Path], Outcome], tick: Tick, spool: Spool) -> None:
        stopped: list[BaseException] = []

        def taken(file: SpooledFile, _association: int, _sender: str) -> Outcome:
            try:
                return take(file.finish())
            except (DiskFullError, Cancelled) as error:
                stopped.append(error)
                raise

        with ExitStack() as stack:
            server = Server(self._receiver, taken, (self.node.ae_title,), patience=self._patience, spool=spool)
            stack.enter_context(server)
            connection = stack.enter_context(self._open([(_MOVE, UNCOMPRESSED)], tick))
            for asked in _requests(parts):
                answers = connection.send_c_move(asked, self._receiver.ae_title, _MOVE)
                self._followed(answers, stopped, tick)

    def _followed(
        self, answers: Iterable[tuple[Dataset, Dataset | None]], stopped: Sequence[BaseException], tick: Tick
    ) -> None:
        """Follow the answers to a request for instances to the last; what stopped their arrival is raised here."""
        for status, failed in answers:
            if stopped:
                raise stopped[0]
            self._check(status, failed)
            tick(0, 0)
        if stopped:
            raise stopped[0]

    def _check(self, status: Dataset, _failed: Dataset | None) -> None:
        if "Status" not in status:
            raise interruption_message(self.node, self._patience)
        # Success, pending, cancelled, some sub-operations failed: which, the caller sees by what has arrived.
        if status.Status in (0x0000, 0xFF00, 0xFF01, 0xFE00, 0xB000):
            return
        if status.Status == 0xA801:
            raise KinecorError(
                message(
                    "{name} does not know where to send to: have '{title}' with the address of this "
                    "computer and port {port} added there, or retrieve by C-GET",
                    name=verbatim(self.node.name),
                    title=verbatim(self._receiver.ae_title),
                    port=self._receiver.port,
                )
            )
        if status.Status in (0xA702, 0xA701):
            return
        raise KinecorError(
            message(
                "{name} cannot send this ({status}): ask its administrator",
                name=verbatim(self.node.name),
                status=_words(status),
            )
        )

    def store(self, files: Sequence[ToSend], done: Callable[[Sent], None], tick: Tick = no_tick) -> None:
        """Send files; `done` gets the outcome of each, in their order, also of those that could not be sent.

        Args:
            files: to be sent, in order.
            done: gets the outcome of each.
            tick: may raise Cancelled.

        Raises:
            KinecorError: it cannot be reached, or refuses the connection; nothing was sent.
            Cancelled: by `tick`.

        """
        for batch in _batches(files):
            kinds = list(dict.fromkeys((file.sop_class, file.syntax) for file in batch))
            contexts = [
                (sop_class, (syntax,) if UID(syntax).is_compressed else tuple(dict.fromkeys((syntax, *UNCOMPRESSED))))
                for sop_class, syntax in kinds
            ]
            # With C-ECHO among them, an archive that takes none of these objects still says so for each.
            with self._open([(_VERIFICATION, (IMPLICIT,)), *contexts], tick) as connection:
                for single_file in batch:
                    tick(0, 0)
                    if not connection.is_established:
                        text = message("the connection ended before it was sent")
                        done(Sent(single_file, Outcome.FAILED, text))
                        continue
                    done(self._sent(connection, single_file))

    def _sent(self, connection: Any, file: ToSend) -> Sent:
        try:
            status = connection.send_c_store(file.path)
        except ValueError:
            text = message(
                "{name} does not accept this kind of object ({kind})",
                name=verbatim(self.node.name),
                kind=verbatim(UID(file.sop_class).name),
            )
            return Sent(file, Outcome.FAILED, text)
        except (AttributeError, OSError, RuntimeError):
            return Sent(file, Outcome.FAILED, message("the file could not be read, or the connection ended"))
        if "Status" not in status:
            text = message("no answer within {limit:g} s, or the connection ended", limit=self._patience.answer_s)
            return Sent(file, Outcome.FAILED, text)
        if status.Status == 0:
            return Sent(file, Outcome.STORED, NOTHING)
        if status.Status in (0xB000, 0xB006, 0xB007, 0x0107, 0x0116):
            return Sent(file, Outcome.STORED, message("stored, with a warning: {status}", status=_words(status)))
        return Sent(file, Outcome.FAILED, _words(status))

    def commit(self, sent: Sequence[ToSend], tick: Tick = no_tick, wait_s: float = 30.0) -> dict[str, bool] | None:
        """Ask the archive to take responsibility (storage commitment, PS3.4 J).

        Its answer comes over the same connection, or over one that it opens to the receiver of this computer.

        Args:
            sent: files that it took.
            tick: may raise Cancelled.
            wait_s: for its answer.

        Returns:
            Whether it is committed, by SOP Instance UID; None where the archive does not offer it, or does not answer
            within `wait_s`.

        """
        asked, answers = Dataset(), Commitments()
        asked.TransactionUID = generate_uid()
        asked.ReferencedSOPSequence = []
        for file in sent:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = file.sop_class, file.uid
            asked.ReferencedSOPSequence.append(item)
        handlers = [(library().evt.EVT_N_EVENT_REPORT, answers.on_report)]
        try:
            with ExitStack() as stack:
                # The port may be in use; the answer can still come over this connection.
                with suppress(KinecorError):
                    stack.enter_context(
                        Server(
                            self._receiver, _refuse, (self.node.ae_title,), patience=self._patience, commitments=answers
                        )
                    )
                with self._open([(_COMMIT, UNCOMPRESSED)], tick, handlers=handlers) as connection:
                    status, _ = connection.send_n_action(asked, 1, _COMMIT, _COMMIT_INSTANCE)
                    if "Status" not in status or status.Status != 0:
                        return None
                    until = time.monotonic() + wait_s
                    while (found := answers.of(str(asked.TransactionUID))) is None and time.monotonic() < until:
                        tick(0, 0)
                        time.sleep(0.05)
                    return found
        except KinecorError:
            return None


def _refuse(_file: SpooledFile, _association: int, _sender: str) -> Outcome:
    return Outcome.FAILED


def _status(outcome: Outcome) -> int:
    return {Outcome.FAILED: _CANNOT_UNDERSTAND, Outcome.CONFLICT: _DUPLICATE}.get(outcome, 0)


def storage_contexts(classes: Sequence[str], reserved: int = 1) -> list[tuple[str, Sequence[str]]]:
    """A context per class and transfer syntax, so that nothing is converted; per class where there are too many.

    Args:
        classes: UIDs of SOP classes.
        reserved: contexts that are needed for something else.

    """
    each: list[tuple[str, Sequence[str]]] = [
        (class_name, (syntax,))
        for class_name in classes
        for syntax in (SYNTAXES if class_name in IMAGES else UNCOMPRESSED)
    ]
    if len(each) + reserved <= MAX_CONTEXTS:
        return each
    return [
        (class_name, SYNTAXES if class_name in IMAGES else UNCOMPRESSED)
        for class_name in classes[: MAX_CONTEXTS - reserved]
    ]


def _requests(parts: Sequence[Part]) -> Iterator[Dataset]:
    """Identifiers for C-GET and C-MOVE: whole series, or instances by list."""
    for part in parts:
        for index in range(0, max(len(part.instances), 1), _AT_ONCE):
            asked = Dataset()
            asked.QueryRetrieveLevel = "IMAGE" if part.instances else "SERIES"
            asked.StudyInstanceUID, asked.SeriesInstanceUID = part.study_uid, part.series_uid
            if part.instances:
                asked.SOPInstanceUID = list(part.instances[index : index + _AT_ONCE])
            yield asked


def _batches(files: Sequence[ToSend]) -> Iterator[list[ToSend]]:
    """Files in order, in runs that need fewer than MAX_CONTEXTS contexts."""
    batch: list[ToSend] = []
    kinds: set[tuple[str, str]] = set()
    for file in files:
        kind = (file.sop_class, file.syntax)
        if kind not in kinds and len(kinds) == MAX_CONTEXTS - 1:
            yield batch
            batch, kinds = [], set()
        batch.append(file)
        kinds.add(kind)
    if batch:
        yield batch


# Statuses of C-STORE and of queries (PS3.4 B.2.3, C.4; PS3.7 C), in words.
_STATUS: Final = {
    0x0111: message("it has another object of the same SOP Instance UID"),
    0x0117: message("the object is not valid"),
    0x0122: message("it does not support this kind of object"),
    0x0124: message("it does not allow this"),
    0x0210: message("it has received this request already"),
    0xA700: message("it has no room"),
    0xA701: message("it has no room"),
    0xA702: message("it could not send"),
    0xA900: message("the object does not fit its class"),
    0xB000: message("it changed elements of the object"),
    0xB006: message("it discarded elements of the object"),
    0xB007: message("the object does not fit its class"),
}


def _words(status: Dataset) -> Message:
    """A status in words, with its number; comments of the archive may name patients and are left out."""
    code = int(status.Status)
    rough = {
        0xA7: message("it has no room"),
        0xA9: message("the object does not fit its class"),
        0xC0: message("it cannot process this"),
    }
    reason = _STATUS.get(code) or rough.get(code >> 8)
    if reason is None:
        reason = message("it cannot process this") if code >> 12 == 0xC else message("an error")
    return message("{reason}, status {code}", reason=reason, code=verbatim(f"0x{code:04X}"))


def _find_failed(node: Node, status: Dataset) -> Message:
    return message(
        "{name} cannot answer this search ({status}): make it narrower, or ask its administrator",
        name=verbatim(node.name),
        status=_words(status),
    )
