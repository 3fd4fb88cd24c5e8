"""The last digest of a study file, written elsewhere as well, so that a file that was cut off or rewritten shows.

The chain in the file reveals an entry that was changed. Entries removed from its end, and a chain computed again from
the first entry on, show only against a digest that was written elsewhere before: into the audit log, into result.json,
into DICOM objects.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.session.store import Chain, Store, StoredEntry, study_file

ENVIRONMENT = "KINECOR_AUDIT_LOG"
# What the machine's clock and the time of day may differ by between two entries: corrections by a time server.
_MOST_DRIFT_S = 120.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries a study file had, and the digest of the last in hexadecimal digits."""

    entries: int
    digest: str


def audit_log() -> Path:
    """$KINECOR_AUDIT_LOG, else audit.log next to the program's log."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_log_dir("kinecor", appauthor=False)
    return Path(folder) / "audit.log"


def note(path: Path, entry: StoredEntry) -> None:
    """Add the head of a study file after an entry to the audit log; an edit never fails for it."""
    line = {"at": entry.at, "file": path.name, "entries": entry.number, "head": entry.digest.hex()}
    try:
        audit_log().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(audit_log(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, (json.dumps(line) + "\n").encode())  # one call: windows that write at once do not mix
        finally:
            os.close(descriptor)
    except OSError as error:
        log.warning("the audit log %s could not be written: %s", audit_log(), error)


def noted(name: str) -> Iterator[Head]:
    """What the audit log says of a study file, by its name; lines that were cut off are left out.

    Raises:
        KinecorError: the log is there and cannot be read.

    """
    path = audit_log()
    try:
        if not path.exists():
            return
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    found = json.loads(line)
                    if found["file"] != name:
                        continue
                    head = Head(int(found["entries"]), str(found["head"]))
                except UNREADABLE:
                    continue
                if head.entries > 0:
                    yield head
    except OSError as error:
        raise KinecorError(
            message(
                "The audit log {path} cannot be read ({reason}).",
                path=verbatim(str(path)),
                reason=verbatim(error.strerror or str(error)),
            )
        ) from error


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one study file found.

    Attributes:
        head: of the file; None where it has no entries.
        faults: a sentence each; where there are none, the file agrees with all that was written elsewhere.
        remarks: what does not contradict the file, a sentence each.
        compared: how many heads written elsewhere it was compared with.

    """

    head: Head | None
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    compared: int


def verified(store: Store, elsewhere: Iterable[tuple[str, Head]] = ()) -> Verdict:
    """Check a file's chain, compare it with heads that were written elsewhere, and its times with machines' clocks.

    Args:
        store: the file.
        elsewhere: (where it was written, the head).

    Raises:
        KinecorError: the file can no longer be read.

    """
    chain, digests, remarks = Chain(), [""], []
    before: StoredEntry | None = None
    for one in store.rows():
        chain.holds(one)
        digests.append(one.digest.hex())
        if before is not None and (jump_s := _clock_jump_s(before, one)) is not None:
            remarks.append(f"The clock was set by {jump_s:+.0f} s between entries {before.number} and {one.number}.")
        before = one
    faults = []
    if chain.broken_at is not None:
        faults.append(f"Entries from {chain.broken_at} on were changed or removed after they were written.")
    count = len(digests) - 1
    compared, missing, other = 0, Head(0, ""), None
    where_missing = where_other = ""
    for where, head in elsewhere:
        if head.entries < 1:  # names no entry
            continue
        compared += 1
        if head.entries > count:
            if head.entries > missing.entries:
                missing, where_missing = head, where
        elif digests[head.entries] != head.digest and (other is None or head.entries < other.entries):
            other, where_other = head, where
    if missing.entries:
        faults.append(f"Entries {count + 1} to {missing.entries} are missing: {where_missing} names them.")
    if other is not None:
        faults.append(f"Entry {other.entries} is another one than {where_other} names: the file was rewritten.")
    return Verdict(Head(count, digests[-1]) if count else None, tuple(faults), tuple(remarks), compared)


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
    return jump_s if abs(jump_s) > _MOST_DRIFT_S else None
