"""The last digest of a study file, written elsewhere as well, so that a file that was cut off or rewritten shows.

The chain in the file reveals an entry that was changed. Entries removed from its end, a chain computed again from the
first entry on, and entries added by other means show only against a digest that was written elsewhere: into the audit
log, into result.json, into DICOM objects. A line of the log is of a study, whatever its file is called, names the line
before it, and is signed by a key of the user (`keys`): who can change file and log, but has no key, cannot write one.
"""

import contextlib
import hashlib
import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import platformdirs

from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import Message, join_texts, message, verbatim
from kinecor.session import keys
from kinecor.session.store import Chain, Store, StoredEntry, signature_of, study_file

ENVIRONMENT = "KINECOR_AUDIT_LOG"
# What the machine's clock and the time of day may differ by between two entries: corrections by a time server.
_MAX_DRIFT_S = 120.0
_PREFIX: Final = b"kinecor audit 1\n"
"""Before the signed content, so that a signature of the key means nothing elsewhere."""
_TAIL_BYTES: Final = 1 << 16
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries a study file had, and the digest of the last in hexadecimal digits."""

    entries: int
    digest: str


class Proof(StrEnum):
    """What the signature of a line of the log shows."""

    KNOWN = "known"
    """By a key of this user, or one that was named as known."""
    STRANGE = "strange"
    """By another key: whoever can write the log could have made it."""
    NONE = "none"
    """Without a signature, as earlier versions wrote it."""
    FALSE = "false"
    """The line is not what was signed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log: a study file ended with this head at that time.

    Attributes:
        number: of the line, from 1.
        study: its id; "" in lines of earlier versions.
        file: its name.
        head: of the file.
        proof: what the line's signature shows.
        key: the public key that signed it, or "".
        received_from: the first of the entries up to the head that arrived together, written elsewhere; 0 where the
            last entry was written here.

    """

    number: int
    study: str
    file: str
    head: Head
    proof: Proof
    key: str = ""
    received_from: int = 0

    @property
    def received(self) -> range:
        """Numbers of the entries that arrived with it."""
        return range(self.received_from, self.head.entries + 1) if self.received_from else range(0)


@dataclass(frozen=True, slots=True)
class Log:
    """What an audit log says.

    Attributes:
        lines: of studies, in their order; lines that were cut off are left out.
        cut: numbers of lines, from 1, before which others were removed.

    """

    lines: tuple[Line, ...] = ()
    cut: tuple[int, ...] = ()

    def of(self, name: str, study_id: str, digests: Sequence[str]) -> tuple[Line, ...]:
        """The lines of a study.

        Args:
            name: of its file, which may have been renamed since.
            study_id: of the study; "" where it is not known: it is then found by the digests that file and log share.
            digests: of the file's entries, "" first.

        """
        shared = {
            line.study
            for line in self.lines
            if line.study and _digest_after(digests, line.head.entries) == line.head.digest
        }
        studies = (
            {study_id} if study_id else shared | {line.study for line in self.lines if _file_of(line.study) == name}
        )

        def concerns(line: Line) -> bool:
            if line.study:
                return line.study in studies
            return line.file == name or _digest_after(digests, line.head.entries) == line.head.digest

        return tuple(line for line in self.lines if concerns(line))


def _digest_after(digests: Sequence[str], entries: int) -> str:
    return digests[entries] if 0 < entries < len(digests) else ""


def _file_of(study: str) -> str:
    return study_file(study).name if study else ""


def audit_log() -> Path:
    """$KINECOR_AUDIT_LOG, else audit.log next to the program's log."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_log_dir("kinecor", appauthor=False)
    return Path(folder) / "audit.log"


def note(path: Path, entry: StoredEntry, study_id: str = "", *, received_from: int = 0) -> None:
    """Add the head of a study file after an entry to the audit log; an edit never fails for it.

    Args:
        path: of the study file.
        entry: its last.
        study_id: of the study.
        received_from: the first of the entries that arrived with this one; 0 where it was written here.

    """
    line: dict[str, Any] = {
        "at": entry.at, "study": study_id, "file": path.name, "entries": entry.number, "head": entry.digest.hex()
    }  # fmt: skip
    if received_from:
        line |= {"at": datetime.now(UTC).isoformat(timespec="microseconds"), "received_from": received_from}
    try:
        audit_log().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(audit_log(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            with _alone(descriptor):
                # One call: windows that write at once do not mix.
                before, whole = _last_line(descriptor)
                os.write(descriptor, (b"" if whole else b"\n") + _signed(line | {"before": before}))
                os.fsync(descriptor)  # as the entry itself: a line that is missing would accuse it
        finally:
            os.close(descriptor)
    except OSError as error:
        log.warning("the audit log %s could not be written: %s", audit_log(), error)


def _signed(line: dict[str, Any]) -> bytes:
    """A line with its signature; without one where this user has no key."""
    try:
        key = keys.own_keys()[0]
        line = line | {"key": key.public}
        line = line | {"signature": key.sign(_content(line))}
    except KinecorError as error:
        log.warning("a line of the audit log is not signed: %s", error)
    return json.dumps(line).encode() + b"\n"


def _content(line: dict[str, Any]) -> bytes:
    """What is signed of a line."""
    return _PREFIX + json.dumps({name: value for name, value in line.items() if name != "signature"}).encode()


@contextlib.contextmanager
def _alone(descriptor: int) -> Iterator[None]:
    """As the only one that writes to the log; where the file system knows no locks, lines may name the same one."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield  # closing the file ends it


def _last_line(descriptor: int) -> tuple[str, bool]:
    """SHA-256 of the last line of the log, "" where it is empty; whether that line was written to its end."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, max(size - _TAIL_BYTES, 0), os.SEEK_SET)
    tail = os.read(descriptor, _TAIL_BYTES)
    last = tail.removesuffix(b"\n").rpartition(b"\n")[2]
    return hashlib.sha256(last).hexdigest() if tail else "", not tail or tail.endswith(b"\n")


def read_log(more: Iterable[Path] = (), known: frozenset[str] | None = None, only: str = "") -> Log:
    """The audit log, with those that were kept from before or elsewhere.

    Args:
        more: other logs, the oldest first.
        known: public keys that count; None for `keys.known_keys`.
        only: id of a study: lines that do not name it are not examined, and `cut` is not looked for.

    Raises:
        KinecorError: a log that is there cannot be read, or one of `more` is not there.

    """
    trusted = keys.known_keys() if known is None else known
    named = tuple(path.encode() for path in (json.dumps(only)[1:-1], _file_of(only)) if path)
    lines: list[Line] = []
    cut: list[int] = []
    seen = {""}
    number = 0
    for path in (*more, *((audit_log(),) if audit_log().exists() else ())):
        for raw in _raw_lines(path):
            number += 1
            if only and not any(name in raw for name in named):
                continue
            line = _parsed(raw)
            single_line = None if line is None else _line(number, line, trusted)
            if single_line is not None:
                lines.append(single_line)
            if not only and line is not None and line.get("before", "") not in seen:
                cut.append(number)
            seen.add(hashlib.sha256(raw).hexdigest())
    return Log(tuple(lines), tuple(cut))


def _raw_lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as lines:
            for line in lines:
                yield line.removesuffix(b"\n")
    except OSError as error:
        raise KinecorError(
            message(
                "The audit log {path} cannot be read ({reason}).",
                path=verbatim(str(path)),
                reason=verbatim(error.strerror or str(error)),
            )
        ) from error


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except UNREADABLE:  # cut off, not UTF-8, or deeper than is read
        return None
    return line if isinstance(line, dict) else None


def _line(number: int, line: dict[str, Any], trusted: frozenset[str]) -> Line | None:
    try:
        head = Head(int(line["entries"]), str(line["head"]))
        file, study = str(line["file"]), str(line.get("study", ""))
        received_from = int(line.get("received_from", 0))
    except UNREADABLE:
        return None
    if head.entries < 1 or not 0 <= received_from <= head.entries:  # names no entry
        return None
    if "signature" not in line:
        return Line(number, study, file, head, Proof.NONE, received_from=received_from)
    key = str(line.get("key", ""))
    if not keys.holds(key, _content(line), str(line["signature"])):
        return Line(number, study, file, head, Proof.FALSE, key, received_from)
    return Line(number, study, file, head, Proof.KNOWN if key in trusted else Proof.STRANGE, key, received_from)


def saved_head(study_id: str) -> Head | None:
    """The head of a study's file as it is now; None where there is no such file, or it cannot be read."""
    path = study_file(study_id) if study_id else None
    if path is None or not path.exists():
        return None
    try:
        with Store.read(path) as store:
            return store_head(store)
    except KinecorError as error:
        log.info("no head of %s: %s", path.name, error)
        return None


def store_head(store: Store) -> Head | None:
    """The head of an open file; None where it has no entries."""
    return Head(store.last[0], store.last[1].hex()) if store.last[0] else None


class State(StrEnum):
    """Whether a study file is as it was written."""

    AGREES = "agrees"
    """All of it is what a line that the user's key signed, or a document, says."""
    DISAGREES = "disagrees"
    NOT_COMPARABLE = "not comparable"
    """Nothing contradicts it, and nothing shows all of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one study file found.

    Attributes:
        state: see State.
        head: of the file; None where it has no entries.
        faults: a sentence each.
        remarks: what does not contradict the file, a sentence each.
        compared: how many heads written elsewhere it was compared with.
        received: how many of its entries arrived from elsewhere, as the audit log says.

    """

    state: State
    head: Head | None
    faults: tuple[Message, ...] = ()
    remarks: tuple[Message, ...] = ()
    compared: int = 0
    received: int = 0


@dataclass(slots=True)
class _Compared:
    """Heads written elsewhere against the digests of a file's entries."""

    digests: Sequence[str]
    count: int = 0
    missing: tuple[Message, Head] | None = None
    other: tuple[Message, Head] | None = None

    def add(self, where: Message, head: Head) -> bool:
        """Whether the file has this head."""
        self.count += 1
        if head.entries >= len(self.digests):
            if self.missing is None or head.entries > self.missing[1].entries:
                self.missing = where, head
            return False
        if _digest_after(self.digests, head.entries) == head.digest:
            return True
        if self.other is None or head.entries < self.other[1].entries:
            self.other = where, head
        return False

    def faults(self) -> Iterator[Message]:
        if self.missing is not None:
            where, head = self.missing
            yield message(
                "Entries {first} to {last} are missing: {where} names them.",
                first=len(self.digests),
                last=head.entries,
                where=where,
            )
        if self.other is not None:
            where, head = self.other
            yield message(
                "Entry {entry} is another one than {where} names: the file was rewritten.",
                entry=head.entries,
                where=where,
            )


@dataclass(slots=True)
class _Read:
    """A file read from the first entry to the last: digests of its entries ("" first), and what they show alone.

    `proofs` are what the signatures of the entries show, by their numbers.
    """

    digests: list[str] = field(default_factory=lambda: [""])
    proofs: list[Proof] = field(default_factory=lambda: [Proof.NONE])
    faults: list[Message] = field(default_factory=list)
    remarks: list[Message] = field(default_factory=list)

    @classmethod
    def from_store(cls, store: Store, known: frozenset[str]) -> "_Read":
        interpreted, chain = cls(), Chain()
        before: StoredEntry | None = None
        for row in store.rows():
            chain.holds(row)
            interpreted.digests.append(row.digest.hex())
            interpreted.proofs.append(_proof(b"" if before is None else before.digest, row, known))
            if before is not None and (jump_s := _clock_jump_s(before, row)) is not None:
                text = message(
                    "The clock was set by {jump:+.0f} s between entries {before} and {after}.",
                    jump=jump_s,
                    before=before.number,
                    after=row.number,
                )
                interpreted.remarks.append(text)
            before = row
        if chain.broken_at is not None:
            text = message(
                "Entries from {entry} on were changed or removed after they were written.", entry=chain.broken_at
            )
            interpreted.faults.append(text)
        interpreted.faults += [
            message("{entries}: not as signed.", entries=_entries(span)).capitalised()
            for span in _ranges(interpreted.by(Proof.FALSE))
        ]
        return interpreted

    def by(self, proof: Proof) -> list[int]:
        """Numbers of the entries whose signatures show this."""
        return [number for number, single_proof in enumerate(self.proofs) if single_proof is proof and number]

    def unsigned_after(self) -> list[int]:
        """Numbers of the entries that are not signed, although an earlier one is, by a known key."""
        first = self.proofs.index(Proof.KNOWN) if Proof.KNOWN in self.proofs else len(self.proofs)
        return [number for number in range(first, len(self.proofs)) if self.proofs[number] is Proof.NONE]


def verify_file(
    store: Store,
    documents: Iterable[tuple[str, Head]] = (),
    log: Log | None = None,
    study_id: str = "",
    written: int | None = None,
    known: frozenset[str] | None = None,
) -> Verdict:
    """Check a file's chain and signatures, and compare it with heads that were written elsewhere.

    Its times are compared with the clocks of machines.

    Args:
        store: the file.
        documents: (name of a document, the head that it names).
        log: the audit log; read before the file where a window may write to both.
        study_id: of the study, where it is known by its recordings.
        written: how many entries the log must have; None for all. A window that has the file open writes entries
            before their lines.
        known: public keys that count; None for `keys.known_keys`.

    Raises:
        KinecorError: the file can no longer be read.

    """
    read = _Read.from_store(store, keys.known_keys() if known is None else known)
    count = len(read.digests) - 1
    lines = log.of(store.path.name, study_id, read.digests) if log is not None else ()
    compared = _Compared(read.digests)
    by_the_log = message("the audit log")
    agree = [line for line in lines if line.proof is not Proof.FALSE and compared.add(by_the_log, line.head)]
    held = [head.entries for where, head in documents if compared.add(verbatim(where), head)]
    faults, remarks = [*read.faults, *compared.faults()], read.remarks
    if false := [line.number for line in lines if line.proof is Proof.FALSE]:
        text = message("Line {number} of the audit log is not as it was signed.", number=false[0])
        faults.append(text)
    # A line on entries that arrived shows that they are as they were then, and not who wrote them.
    written_here = [line for line in agree if not line.received_from]
    arrived = {
        number: line.proof for line in agree if line.proof in (Proof.KNOWN, Proof.STRANGE) for number in line.received
    }
    signed = {line.head.entries for line in written_here if line.proof is Proof.KNOWN}
    strange = {line.head.entries for line in written_here if line.proof is Proof.STRANGE} - signed
    unsigned = [number for number in read.unsigned_after() if number not in signed]
    faults += [_not_signed(span) for span in _ranges(unsigned)]
    first = min(signed, default=count + 1)
    earlier = {line.head.entries for line in written_here if line.proof is Proof.NONE and line.head.entries < first}
    if lines:
        limit = count if written is None else min(written, count)
        lacking = [index for index in range(1, limit + 1) if index not in signed | strange | earlier | arrived.keys()]
        faults += [_lacking(span) for span in _ranges(lacking)]
        remarks += [_by_another(span, lines) for span in _ranges(sorted(strange))]
        remarks += [_unsigned(span) for span in _ranges(sorted(earlier))]
    remarks += [_received(span) for span in _ranges(sorted(arrived))]
    foreign = [number for number in read.by(Proof.STRANGE) if number not in signed | strange]
    remarks += [_by_a_strange_key(span) for span in _ranges(foreign)]
    bare = [number for number in read.by(Proof.NONE) if number in arrived]
    remarks += [_by_no_key(span) for span in _ranges(bare)]
    intact = {number for number, proof in arrived.items() if proof is Proof.KNOWN}
    shown = max(signed | intact | set(held), default=0)
    known_all = not strange and not foreign and not bare and len(intact) == len(arrived)
    proven = known_all and count > 0 and shown >= (count if written is None else min(written, count))
    state = State.DISAGREES if faults else State.AGREES if proven else State.NOT_COMPARABLE
    head = Head(count, read.digests[-1]) if count else None
    return Verdict(state, head, tuple(faults), tuple(remarks), compared.count, len(arrived))


def _proof(before: bytes, entry: StoredEntry, known: frozenset[str]) -> Proof:
    """What the signature of an entry of the file shows."""
    found = signature_of(before, entry)
    if found is None:
        return Proof.NONE
    key, signature, content = found
    if not keys.holds(key, content, signature):
        return Proof.FALSE
    return Proof.KNOWN if key in known else Proof.STRANGE


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Increasing numbers as stretches without a gap: first and last of each."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


def _entries(stretch: tuple[int, int]) -> Message:
    first, last = stretch
    if first == last:
        return message("entry {entry}", entry=first)
    return message("entries {first} to {last}", first=first, last=last)


def _lacking(stretch: tuple[int, int]) -> Message:
    text = message("{entries}: not in the audit log.", entries=_entries(stretch))
    return text.capitalised()


def _not_signed(stretch: tuple[int, int]) -> Message:
    text = message("{entries}: not signed, although earlier ones are.", entries=_entries(stretch))
    return text.capitalised()


def _by_another(stretch: tuple[int, int], lines: Sequence[Line]) -> Message:
    key = next(line.key for line in lines if line.head.entries == stretch[0] and line.proof is Proof.STRANGE)
    return message(
        "{entries}: signed in the audit log by a key that is not known here ({key}).",
        entries=_entries(stretch),
        key=verbatim(f"{key[:16]}…"),
    ).capitalised()


def _by_a_strange_key(stretch: tuple[int, int]) -> Message:
    text = message("{entries}: signed by a key that is not known here.", entries=_entries(stretch))
    return text.capitalised()


def _received(stretch: tuple[int, int]) -> Message:
    text = message("{entries}: written elsewhere, and unchanged since they arrived here.", entries=_entries(stretch))
    return text.capitalised()


def _by_no_key(stretch: tuple[int, int]) -> Message:
    text = message("{entries}: not signed, so that it is not shown who wrote them.", entries=_entries(stretch))
    return text.capitalised()


def _unsigned(stretch: tuple[int, int]) -> Message:
    text = message("{entries}: named by lines of the audit log that are not signed.", entries=_entries(stretch))
    return text.capitalised()


@dataclass(frozen=True, slots=True)
class Opened:
    """What the audit log says of a study that is opened: one sentence, and whether it contradicts the file."""

    study_id: str
    words: Message
    contradicts: bool


def compared_at_opening(study_id: str, written: int) -> Opened | None:
    """Compare a study's file with the audit log; None where both agree, or nothing is saved.

    Entries at the end of the file that this user's key signed and that the log lacks were written by a program that
    was ended before it wrote their lines: they are added.

    Args:
        study_id: of the study.
        written: how many entries the file had when it was opened.

    Raises:
        KinecorError: file or log cannot be read.

    """
    path = study_file(study_id)
    if not written or not path.exists():
        return None
    found_log = read_log(only=study_id)  # first: what a window writes meanwhile is in the file before it is in the log
    with Store.read(path) as store:
        if _add_lost_lines(store, found_log, study_id, written):
            found_log = read_log(only=study_id)
        verdict = verify_file(store, log=found_log, study_id=study_id, written=written)
    file = verbatim(path.name)
    if verdict.faults:
        more = message("`kinecor verify` says more.")
        head = message("{file} is not as the audit log says:", file=file)
        return Opened(study_id, join_texts(head, " ", verdict.faults[0], " ", more), True)
    if verdict.state is State.NOT_COMPARABLE and verdict.received:
        text = message(
            "This study was read elsewhere: it is as it arrived here, but who wrote and signed it is not proved, since "
            "the key is not known on this computer."
        )
        return Opened(study_id, text, False)
    if verdict.state is State.NOT_COMPARABLE:
        text = message("The audit log of this computer does not show that all of {file} is genuine.", file=file)
        return Opened(study_id, text, False)
    return None


def _add_lost_lines(store: Store, found_log: Log, study_id: str, written: int) -> bool:
    """Write the lines of entries at the end of a file that are signed by this user and not in the log."""
    last = max((line.head.entries for line in found_log.lines if line.proof is Proof.KNOWN), default=written)
    if last >= written:
        return False
    with contextlib.suppress(KinecorError):
        own = frozenset(own_key.public for own_key in keys.own_keys())
        before, lost = b"", []
        for row in store.rows():
            if last < row.number <= written:
                if _proof(before, row, own) is not Proof.KNOWN:
                    return False
                lost.append(row)
            before = row.digest
        for entry in lost:
            note(study_file(study_id), entry, study_id)
        return True
    return False


def _clock_jump_s(before: StoredEntry, after: StoredEntry) -> float | None:
    """By how much the time of day moved more than the machine's clock between two entries; None where it did not."""
    try:
        first, second = json.loads(before.origin), json.loads(after.origin)
        if (first["host"], first["boot"]) != (second["host"], second["boot"]) or not first["boot"]:
            return None
        passed_s = (datetime.fromisoformat(after.at) - datetime.fromisoformat(before.at)).total_seconds()
        jump_s = passed_s - (float(second["uptime_s"]) - float(first["uptime_s"]))
    except UNREADABLE:
        return None
    return jump_s if abs(jump_s) > _MAX_DRIFT_S else None
