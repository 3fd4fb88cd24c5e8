"""What a large folder holds, by series, from the first kilobytes of each file: a list to look at while it is opened.

Reading whole headers takes some 2 ms a file. Here only the elements that a list shows are looked for, in explicit and
implicit little endian, the forms of nearly all files; a file of another form counts as of an unknown series.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.io.open.candidate import DICOM
from kinecor.io.open.find import find

MIN_LISTED: Final = 500
"""Files; fewer are opened before a list could be read."""
_TICK_EVERY = 100
_FIRST_BYTES, _MAX_BYTES = 6 << 10, 96 << 10
_LONG_VRS: Final = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
_DELIMITERS = 0xFFFE
_UNDEFINED = 0xFFFFFFFF
_SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
_IMPLICIT: Final = b"1.2.840.10008.1.2"
_EXPLICIT: Final = b"1.2.840.10008.1.2."
_BIG_OR_DEFLATED: Final = frozenset({b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"})
_WANTED: Final = {
    (0x0008, 0x0005): "characters",
    (0x0008, 0x0020): "study_date",
    (0x0008, 0x0060): "modality",
    (0x0008, 0x103E): "description",
    (0x0010, 0x0010): "patient",
    (0x0010, 0x0020): "patient_id",
    (0x0020, 0x000D): "study",
    (0x0020, 0x000E): "series",
    (0x0020, 0x0011): "number",
}
_LAST: Final = (0x0020, 0x0011)


@dataclass(frozen=True, slots=True)
class ListedSeries:
    """A series of a folder that was only glanced at.

    Attributes:
        patient: name, else identifier; "" where no file says.
        study_date: YYYYMMDD; "" where no file says.
        number: of the series, as written; "" where no file says.
        description: in the scanner's words.
        modality: as written.
        files: how many there are.

    """

    patient: str = ""
    study_date: str = ""
    number: str = ""
    description: str = ""
    modality: str = ""
    files: int = 0


def survey(paths: Sequence[str], tick: Tick = no_tick) -> tuple[ListedSeries, ...]:
    """The series under the paths, in the order in which they are found; () where there are few files.

    Args:
        paths: files or folders.
        tick: called as tick(files done, files).

    Raises:
        Cancelled: by `tick`.

    """
    candidates = [candidate for path in paths for candidate in find(Path(path), tick).candidates]
    if len(candidates) < MIN_LISTED:
        return ()
    listed_series: dict[tuple[bytes, bytes], ListedSeries] = {}
    for done, candidate in enumerate(candidates):
        if not done % _TICK_EVERY:
            tick(done, len(candidates))
        elements = first_elements(candidate.path) if candidate.kind == DICOM else {}
        key = elements.get("study", b""), elements.get("series", b"")
        before = listed_series.get(key)
        listed_series[key] = _listed(elements) if before is None else replace(before, files=before.files + 1)
    return tuple(listed_series.values())


def first_elements(path: Path) -> dict[str, bytes]:
    """The elements of a list, as bytes by name; none of a file that cannot be read so.

    Args:
        path: of a DICOM file.

    """
    try:
        with path.open("rb") as file:
            start = file.read(_FIRST_BYTES)
            found, whole = _scan(start)
            if not whole and len(start) == _FIRST_BYTES:
                found, _ = _scan(start + file.read(_MAX_BYTES))
    except (OSError, struct.error, KinecorError):
        return {}
    return found


def _scan(start: bytes) -> tuple[dict[str, bytes], bool]:
    """The elements in the first bytes of a file, and whether the last wanted one was passed."""
    at = 132 if start[128:132] == b"DICM" else 0
    found: dict[str, bytes] = {}
    explicit, size = True, len(start)
    syntax = b""
    unpack = struct.unpack_from
    while at + 8 <= size:
        group, element = unpack("<HH", start, at)
        if group == _DELIMITERS:  # the end of a sequence within the one that was passed over
            at += 8
            continue
        if group != 2 and syntax:
            explicit = syntax != _IMPLICIT
        elif group != 2 and not syntax:
            explicit = start[at + 4 : at + 6].isalpha()
        if group == 2 or explicit:
            kind = start[at + 4 : at + 6]
            if kind in _LONG_VRS:
                if at + 12 > size:
                    break
                (length,) = unpack("<I", start, at + 8)
                at += 12
            else:
                (length,) = unpack("<H", start, at + 6)
                at += 8
        else:
            (length,) = unpack("<I", start, at + 4)
            at += 8
        if group == 2 and element == 0x0010:
            syntax = start[at : at + length].rstrip(b"\0 ")
            if syntax in _BIG_OR_DEFLATED or not syntax.startswith(_IMPLICIT):
                return {}, True
        if length == _UNDEFINED:
            end = start.find(_SEQUENCE_END, at)
            if end < 0:
                break
            at = end + len(_SEQUENCE_END)
            continue
        name = _WANTED.get((group, element))
        if name is not None:
            found.setdefault(name, start[at : at + length].rstrip(b"\0 "))
        if (group, element) >= _LAST:
            return found, True
        at += length
    return found, False


def _listed(elements: dict[str, bytes]) -> ListedSeries:
    encoding = "utf-8" if b"192" in elements.get("characters", b"") else "latin-1"

    def words(name: str) -> str:
        return elements.get(name, b"").decode(encoding, "replace").strip()

    patient = words("patient").replace("^", " ").strip() or words("patient_id")
    return ListedSeries(patient, words("study_date"), words("number"), words("description"), words("modality"), 1)
