"""Which files to open, given a path: the file itself, a folder's, a DICOMDIR's or a zip's; and the demo study.

A zip is unpacked into a temporary folder, with a limit on everything that a hostile one could inflate.
"""

import errno
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydicom import examples

from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.series import NO_SERIES, Series
from kinecor.io.dicom.header import element, items, looks_like_dicom, read_dicom, text
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.files.incomplete import MARK, incomplete
from kinecor.io.files.packing import megabytes
from kinecor.io.open.candidate import DICOM, Candidate
from kinecor.io.open.formats import BY_KIND, format_names, format_of

_DICOM_NAMES = (".dcm", ".dicom", ".ima")
_RECORDS = frozenset({"IMAGE", "SR DOCUMENT", "WAVEFORM", "ENCAP DOC"})
MAX_FILES = 200_000
MAX_DEPTH = 100
# Files; looking at one takes some 50 microseconds, on a slow share a few ms.
_TICK_EVERY = 20
# CAMUS and ACDC store the label map of "x.nii.gz" next to it as "x_gt.nii.gz"; not a recording.
_LABELS = re.compile(r"_gt\.(nii|nii\.gz|mhd|mha)$", re.IGNORECASE)


@dataclass(frozen=True)
class Refused:
    """A file that cannot be opened, and one sentence that says why and what to do.

    Attributes:
        path: of the file.
        reason: the sentence.
        series: what it is of, where its header could be read.

    """

    path: str
    reason: Message
    series: Series = NO_SERIES


@dataclass
class Found:
    """What a path leads to, in a fixed order."""

    candidates: list[Candidate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def find(path: Path, tick: Tick = no_tick) -> Found:
    """Everything worth opening under `path`; folders are searched recursively, other files are skipped.

    Args:
        path: of a file or a folder.
        tick: may raise Cancelled.

    Raises:
        Cancelled: by `tick`, called as tick(0, 0) now and then.

    """
    located = Found()
    try:
        if path.is_dir():
            _search(path, located, str, None, tick)
            if not located.candidates and not located.refused:
                located.refused.append(Refused(str(path), _nothing(message("folder"))))
        elif not path.exists():
            located.refused.append(
                Refused(str(path), message("Expected a file or a folder, nothing exists here; check the path"))
            )
        elif not path.is_file():
            reason = message("Expected a file or a folder, this is a device or a pipe; copy the recording to a disk")
            located.refused.append(Refused(str(path), reason))
        elif is_zip(path):
            _zip(path, located, tick)
        else:
            _single(path, located, tick)
    except KinecorError as error:
        located.refused.append(Refused(str(path), error.message))
    except OSError as error:
        located.refused.append(Refused(str(path), unreadable(error)))
    except ValueError:
        # Not even a name: it holds a zero byte, say.
        located.refused.append(
            Refused(str(path), message("Expected the path of a file or a folder, this is none; check it"))
        )
    return located


def unreadable(error: OSError) -> Message:
    """An operating system's refusal as one sentence.

    Args:
        error: of opening or reading a file.

    """
    if isinstance(error, PermissionError):
        return message(
            "Expected a file that may be read, access is not permitted; ask its owner for permission to read"
        )
    return message(
        "Expected a readable file, the system says: {reason}; check the disk and the path",
        reason=verbatim(error.strerror or str(error)),
    )


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts "2.dcm" before "10.dcm".

    Args:
        name: of a file.

    """
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", name) if part)


def _nothing(where: Message) -> Message:
    return message(
        "Expected recordings ({formats}), found none in this {place}; choose the one that holds them",
        formats=verbatim(format_names(pictures=False)),
        place=where,
    )


def _single(path: Path, located: Found, tick: Tick) -> None:
    with path.open("rb") as file:
        start = file.read(132)
    if not start:
        raise KinecorError(message("Expected a recording, the file is empty; copy or export it again"))
    kind = _kind(path, start)
    if kind == DICOM and _is_directory(path, start):
        _dicomdir(path, located, tick)
    elif kind:
        located.candidates.append(Candidate(path, str(path), kind))
    else:
        raise KinecorError(
            message(
                "Expected a recording ({formats}, or a zip of them), this is another kind of file; export the "
                "recording as DICOM",
                formats=verbatim(format_names(pictures=True)),
            )
        )


def _search(folder: Path, located: Found, shown: Callable[[Path], str], keep: Any, tick: Tick) -> None:
    def complain(error: OSError) -> None:
        located.refused.append(Refused(shown(Path(error.filename or folder)), unreadable(error)))

    stills: list[Candidate] = []
    seen = 0
    for where, folders, names in os.walk(folder, onerror=complain):
        mark = incomplete(Path(where)) if MARK in names else None
        if mark is not None:
            located.refused.append(Refused(shown(Path(where)), mark.words))
        first = len(located.candidates)
        folders[:] = sorted(
            (folder for folder in folders if folder[0] != "." and folder != "__MACOSX"), key=natural_key
        )
        if folders and len(Path(where).parts) - len(folder.parts) >= MAX_DEPTH:
            folders.clear()
            why = message("Expected folders at most {most} deep, these go deeper; open the inner one", most=MAX_DEPTH)
            located.refused.append(Refused(shown(folder), why))
        for name in sorted(names, key=natural_key):
            seen += 1
            if not seen % _TICK_EVERY:
                tick(0, 0)
            if seen > MAX_FILES:
                why = message("Expected at most {most} files, there are more; open a smaller folder", most=MAX_FILES)
                located.refused.append(Refused(shown(folder), why))
                return
            if name[0] != "." and not _LABELS.search(name):
                _consider(Path(where) / name, located, stills, shown, keep, tick)
        if mark is not None:
            located.candidates[first:] = [replace(candidate, partial=True) for candidate in located.candidates[first:]]
    # Stills next to recordings are thumbnails and exports of them; alone they are what was meant.
    if not located.candidates:
        located.candidates.extend(stills)


def _consider(
    path: Path, located: Found, stills: list[Candidate], shown: Callable[[Path], str], keep: Any, tick: Tick
) -> None:
    try:
        if not path.is_file():
            return
        with path.open("rb") as file:
            start = file.read(132)
        kind = _kind(path, start)
        if kind == DICOM and _is_directory(path, start):
            # Its files are found by themselves.
            return
        if is_zip(path):
            _zip_within(path, located, shown, keep, tick)
            return
        if kind == DICOM and not start:
            raise KinecorError(message("Expected a DICOM file, the file is empty; copy or export it again"))
    except OSError as error:
        located.refused.append(Refused(shown(path), unreadable(error)))
        return
    except KinecorError as error:
        located.refused.append(Refused(shown(path), error.message))
        return
    if kind:
        picture = kind != DICOM and BY_KIND[kind].picture
        (stills if picture else located.candidates).append(Candidate(path, shown(path), kind, keep))


def _kind(path: Path, start: bytes) -> str:
    name = path.name.lower()
    if start[128:132] == b"DICM":
        return DICOM
    known = format_of(name)
    if known is not None:
        return known.kind
    if name.endswith(_DICOM_NAMES):
        return DICOM
    # Without an ending it may still be DICOM, as old archives write it.
    return DICOM if looks_like_dicom(start) and not re.search(r"\.[a-z]{2,4}$", name) else ""


def _is_directory(path: Path, start: bytes) -> bool:
    return path.name.upper() == "DICOMDIR" and looks_like_dicom(start)


def _zip_within(path: Path, located: Found, shown: Callable[[Path], str], keep: Any, tick: Tick) -> None:
    """What a zip in a folder holds; a zip within a zip stays closed: one that unpacks itself would fill any disk."""
    if keep is not None:
        reason = message("Expected recordings in this zip, it holds another zip; unpack that one first")
        located.refused.append(Refused(shown(path), reason))
        return
    own, folder, refused = unzip(path, tick)
    located.refused.extend(Refused(f"{shown(path)}/{name}", reason) for name, reason in refused)
    inner = Found()
    _search(folder, inner, lambda single_path: f"{shown(path)}/{single_path.relative_to(folder).as_posix()}", own, tick)
    # Of a zip in a folder, such as exported masks, pictures count as little as those that lie there.
    located.candidates.extend(
        candidate for candidate in inner.candidates if candidate.kind == DICOM or not BY_KIND[candidate.kind].picture
    )
    located.refused.extend(inner.refused)


def _zip(path: Path, located: Found, tick: Tick) -> None:
    keep, folder, refused = unzip(path, tick)
    located.refused.extend(Refused(f"{path}/{name}", reason) for name, reason in refused)
    _search(folder, located, lambda inner: f"{path}/{inner.relative_to(folder).as_posix()}", keep, tick)
    if not located.candidates and not located.refused:
        located.refused.append(Refused(str(path), _nothing(message("zip"))))


def _dicomdir(path: Path, located: Found, tick: Tick) -> None:
    """The files that a DICOMDIR names (PS3.3 F.3), whatever the case of their names on this disk."""
    header = read_dicom(path).header
    for number, record in enumerate(items(header, "DirectoryRecordSequence")):
        if not number % _TICK_EVERY:
            tick(0, 0)
        value = element(record, "ReferencedFileID")
        if not value:
            continue
        parts = [value] if isinstance(value, str) else [str(part) for part in value]
        named = _resolved(path.parent, parts)
        if named is None:
            reason = message("Expected the file that the DICOMDIR names, it is not there; copy the whole disc again")
            located.refused.append(Refused(str(path.parent.joinpath(*parts)), reason))
        elif text(record, "DirectoryRecordType") in _RECORDS:
            located.candidates.append(Candidate(named, str(named), DICOM))
    if not located.candidates and not located.refused:
        located.refused.append(Refused(str(path), _nothing(verbatim("DICOMDIR"))))


def _resolved(folder: Path, parts: list[str]) -> Path | None:
    for part in parts:
        if part in {"", ".", ".."} or "/" in part or "\\" in part:
            return None
        exact = folder / part
        if not exact.exists():
            near = [path for path in folder.iterdir() if path.name.lower() in {part.lower(), part.lower() + ".dcm"}]
            if not near:
                return None
            exact = min(near)
        folder = exact
    return folder if folder.is_file() else None


def demo_path() -> Path:
    """The folder of the demo study: three apical clips of one simulated heart (`installer/demo.py`)."""
    return Path(str(resources.files("kinecor_resources").joinpath("demo")))


def sample_path() -> Path:
    """A real clip of 30 frames that ships with pydicom ("ybr_color"); nothing is downloaded."""
    return Path(examples.get_path("ybr_color"))


SAMPLES: Final[Mapping[str, Callable[[], Path]]] = {"demo": demo_path, "sample": sample_path}
"""Words that a command takes in place of a path."""


MAX_MEMBERS = 50_000
MAX_BYTES = 16 << 30
# Deflate cannot do better than 1032:1; a member that claims more is malformed.
MAX_RATIO = 1100
# Of the free space on the disk, at most this part.
_FREE_PART = 0.8
_BLOCK = 1 << 20


def is_zip(path: Path) -> bool:
    """Whether the file is named, and begins, as a zip does.

    Args:
        path: of a file.

    """
    if path.suffix.lower() != ".zip":
        return False
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def unzip(path: Path, tick: Tick = no_tick) -> tuple[TemporaryFolder, Path, list[tuple[str, Message]]]:
    """Unpack `path`: what keeps the folder alive, the folder, and (member, reason) for what was not unpacked.

    Args:
        path: of the zip.
        tick: may raise Cancelled.

    Raises:
        KinecorError: the zip is damaged, or holds too much.
        OSError: it cannot be read, or the disk is full.
        Cancelled: by `tick`; what was unpacked is removed.

    """
    keep = TemporaryFolder()
    folder = keep.path
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_size(members, folder)
            results = ((member.filename, _unpack(archive, member, folder, tick)) for member in members)
            refused = [(name, reason) for name, reason in results if reason]
    except BaseException as error:
        keep.remove()
        if _is_damage(error):
            raise KinecorError(message("Expected a zip, this one is damaged or cut off; copy it again")) from error
        raise
    return keep, folder, refused


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, tick: Tick) -> Message | None:
    """Unpack one member; the reason why it was not unpacked, or None."""
    target = _target(folder, member.filename)
    if target is None:
        return message("Expected a name inside the zip, this one leads out of it")
    if member.flag_bits & 1:
        return message("Expected an open zip, this file is encrypted; unpack it first")
    try:
        _extract(archive, member, target, tick)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENAMETOOLONG, errno.EINVAL}:
            return message(
                "Expected a name that this disk can hold, this one is too long or has odd characters; rename it"
            )
        if not (_is_damage(error) or isinstance(error, KinecorError)):
            raise
        target.unlink(missing_ok=True)
        return message("Expected an intact file in the zip, it is damaged; pack or copy the zip again")
    return None


def _is_damage(error: BaseException) -> bool:
    """Whether the archive is at fault: zipfile and its four decompressors have no exception in common."""
    if isinstance(error, OSError):
        # Decompressors raise it as well, but without a number.
        return error.errno is None
    return isinstance(error, Exception) and not isinstance(error, (KinecorError, MemoryError, Cancelled))


def _check_size(members: list[zipfile.ZipInfo], folder: Path) -> None:
    if len(members) > MAX_MEMBERS:
        raise KinecorError(
            message(
                "Expected at most {most} files in a zip, this has {count}; unpack it yourself",
                most=MAX_MEMBERS,
                count=len(members),
            )
        )
    total = sum(member.file_size for member in members)
    room = min(MAX_BYTES, int(shutil.disk_usage(folder).free * _FREE_PART))
    if total > room:
        raise KinecorError(
            message(
                "Expected at most {most} in the zip, it unpacks to {size}; unpack it "
                "yourself and open the part you want",
                most=megabytes(room),
                size=megabytes(total),
            )
        )


def _target(folder: Path, name: str) -> Path | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in {"/", ".."} or ":" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, tick: Tick) -> None:
    if member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise KinecorError(message("more than deflate can pack"))
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as packed, target.open("wb") as file:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > member.file_size:
                raise KinecorError(message("more than its directory says"))
            file.write(block)
            tick(0, 0)
