"""A saved study on its way: the entries of its file as bytes, for an archive to hold, and into a file elsewhere.

The bytes are a list of entries, not a copy of the file: what comes from an archive is from others, and nothing of it
reaches SQLite but values that were checked. Each entry has the digest of the one before it, so that a list that was cut
off in the middle or changed is refused. Equal files give equal bytes (bzip2 does not depend on the library's version).
"""

import bz2
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.reading import is_person
from kinecor.session import audit, schema
from kinecor.session.audit import Head
from kinecor.session.store import Chain, Store, StoredEntry, moment_of, study_file

MAX_BYTES: Final = 512 << 20
"""Of a study that arrives, unpacked."""
MAX_ENTRIES: Final = 200_000
_CHANGED = message("Expected an intact saved study, this one is damaged or was changed; send or retrieve it again")
_FIRST_LINE: Final = b"kinecor study 1"
_BLOCK_BYTES: Final = 1 << 20


class _Row(msgspec.Struct):
    number: int
    at: str
    actor: str
    recording: str
    kind: str
    payload: bytes
    digest: bytes
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """A saved study as bytes.

    Attributes:
        content: the bytes.
        head: of the file they were made from.
        written_at: when its last entry was written.

    """

    content: bytes
    head: Head
    written_at: datetime


def pack(path: Path) -> Packed | None:
    """All entries of a study file; None where there is no such file, or it has none.

    Raises:
        KinecorError: the file cannot be read.

    """
    if not path.exists():
        return None
    packer = bz2.BZ2Compressor()
    parts = [packer.compress(_FIRST_LINE + b"\n")]
    last: StoredEntry | None = None
    with Store.read(path) as store:
        for last in store.rows():
            row = _Row(
                last.number, last.at, last.actor, last.recording_id, last.kind, last.payload, last.digest, last.origin
            )
            parts.append(packer.compress(msgspec.json.encode(row) + b"\n"))
    if last is None:
        return None
    written = moment_of(last.at)
    if written is None:
        raise KinecorError(_CHANGED)
    parts.append(packer.flush())
    return Packed(b"".join(parts), Head(last.number, last.digest.hex()), written)


def last_written(study_id: str) -> datetime | None:
    """When the last entry of a study was written; None where nothing of it is saved, or it cannot be read."""
    path = study_file(study_id) if study_id else None
    if path is None or not path.exists():
        return None
    try:
        with Store.read(path) as store:
            return moment_of(store.last_at) if store.last[0] else None
    except (KinecorError, ValueError):
        return None


def unpack(content: bytes) -> tuple[StoredEntry, ...]:
    """The entries that `pack` made bytes of; bytes behind them are left out, as DICOM pads values.

    Raises:
        KinecorError: they are damaged, cut off, of a newer version, or too many.

    """
    entries: list[StoredEntry] = []
    chain = Chain()
    try:
        lines = _lines(content)
        if next(lines, b"") != _FIRST_LINE:
            raise KinecorError(
                message("Expected a saved study of Kinecor, this is none, or one of a newer version; update Kinecor")
            )
        for line in lines:
            row = msgspec.json.decode(line, type=_Row)
            entry = StoredEntry(
                row.number, row.at, row.actor, row.recording, row.kind, row.payload, row.digest, row.origin
            )
            if not chain.holds(entry) or len(entry.payload) > schema.MAX_ENTRY_BYTES or len(entries) >= MAX_ENTRIES:
                raise ValueError
            entries.append(entry)
    except (OSError, EOFError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise KinecorError(_CHANGED) from error
    if not entries:
        raise KinecorError(message("Expected a saved study with edits, this one has none; send it again"))
    return tuple(entries)


def _lines(content: bytes) -> Iterator[bytes]:
    """The lines of packed bytes.

    Raises:
        ValueError: there is more than is read, or the end is missing.
        OSError: the bytes are no bzip2.

    """
    unpacker, remaining_bytes, size, at = bz2.BZ2Decompressor(), b"", 0, 0
    while not unpacker.eof:
        given = b""
        if unpacker.needs_input:
            given, at = content[at : at + _BLOCK_BYTES], at + _BLOCK_BYTES
            if not given:
                raise ValueError("cut off")
        part = unpacker.decompress(given, _BLOCK_BYTES)
        size += len(part)
        if size > MAX_BYTES:
            raise ValueError("too large")
        *whole, remaining_bytes = (remaining_bytes + part).split(b"\n") if b"\n" in part else (remaining_bytes + part,)
        yield from whole
        if len(remaining_bytes) > 2 * schema.MAX_ENTRY_BYTES:
            raise ValueError("too large")
    if remaining_bytes:
        raise ValueError("cut off")


class Arrival(Enum):
    """What became of a saved study that arrived."""

    TAKEN = "taken"
    """Nothing was saved here: it is now."""
    CONTINUED = "continued"
    """What is saved here is its beginning: the rest was added."""
    SAME = "same"
    """It, or more than it, is saved here."""
    OTHER = "other"
    """Another reading is saved here, which stays."""


def take(study_id: str, entries: Sequence[StoredEntry]) -> Arrival:
    """Save a study that arrived, as far as it does not contradict what is saved here.

    The audit log gets a line that says so: from then on it shows whether the entries are as they arrived, and not who
    wrote them, which their own signatures show to those who know the keys.

    Args:
        study_id: of the study.
        entries: from `unpack`, at least one.

    Raises:
        KinecorError: the file here cannot be read or written, as while a window has it open.

    """
    path = study_file(study_id)
    if path.exists():
        with Store.read(path) as store:
            here = [row.digest for row in store.rows()]
    else:
        here = []
    there = [entry.digest for entry in entries]
    shared = min(len(here), len(there))
    if here[:shared] != there[:shared]:
        return Arrival.OTHER
    if len(there) <= len(here):
        return Arrival.SAME
    with Store.open(path) as store:
        store.receive(entries[len(here) :])
    audit.note(path, entries[-1], study_id, received_from=len(here) + 1)
    return Arrival.CONTINUED if here else Arrival.TAKEN


def persons(entries: Sequence[StoredEntry]) -> tuple[str, ...]:
    """Names of the persons who wrote entries, in the order of their first."""
    return tuple(dict.fromkeys(entry.actor for entry in entries if is_person(entry.actor)))
