"""Unpack a zip into a temporary folder, with a limit on everything a hostile archive could inflate."""

import errno
import shutil
import zipfile
from pathlib import Path, PurePosixPath

from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.files.packing import megabytes

MAX_MEMBERS = 50_000
MAX_BYTES = 16 << 30
# Deflate cannot do better than 1032:1; a member that claims more is malformed.
MAX_RATIO = 1100
# Of the free space on the disk, at most this part.
_FREE_PART = 0.8
_BLOCK = 1 << 20


def is_zip(path: Path) -> bool:
    """Whether the file is named, and begins, as a zip does."""
    if path.suffix.lower() != ".zip":
        return False
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def unzip(path: Path, tick: Tick = no_tick) -> tuple[TemporaryFolder, Path, list[tuple[str, str]]]:
    """Unpack `path`: what keeps the folder alive, the folder, and (member, reason) for what was not unpacked.

    Raises:
        KinecorError: the zip is damaged, or holds too much.
        OSError: it cannot be read, or the disk is full.
        Cancelled: by `tick`; what was unpacked is removed.

    """
    keep = TemporaryFolder()
    folder = keep.path
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            _check_size(members, folder)
            results = ((member.filename, _unpack(archive, member, folder, tick)) for member in members)
            refused = [(name, reason) for name, reason in results if reason]
    except BaseException as error:
        keep.remove()
        if _is_damage(error):
            raise KinecorError("Expected a zip, this one is damaged or cut off; copy it again") from error
        raise
    return keep, folder, refused


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, tick: Tick) -> str:
    """Unpack one member; the reason why it was not unpacked, or ""."""
    target = _target(folder, member.filename)
    if target is None:
        return "Expected a name inside the zip, this one leads out of it"
    if member.flag_bits & 1:
        return "Expected an open zip, this file is encrypted; unpack it first"
    try:
        _extract(archive, member, target, tick)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENAMETOOLONG, errno.EINVAL}:
            return "Expected a name that this disk can hold, this one is too long or has odd characters; rename it"
        if not (_is_damage(error) or isinstance(error, KinecorError)):
            raise
        target.unlink(missing_ok=True)
        return "Expected an intact file in the zip, it is damaged; pack or copy the zip again"
    return ""


def _is_damage(error: BaseException) -> bool:
    """Whether the archive is at fault: zipfile and its four decompressors have no exception in common."""
    if isinstance(error, OSError):
        # Decompressors raise it as well, but without a number.
        return error.errno is None
    return isinstance(error, Exception) and not isinstance(error, (KinecorError, MemoryError, Cancelled))


def _check_size(members: list[zipfile.ZipInfo], folder: Path) -> None:
    if len(members) > MAX_MEMBERS:
        raise KinecorError(
            f"Expected at most {MAX_MEMBERS} files in a zip, this has {len(members)}; unpack it yourself"
        )
    total = sum(one.file_size for one in members)
    room = min(MAX_BYTES, int(shutil.disk_usage(folder).free * _FREE_PART))
    if total > room:
        raise KinecorError(
            f"Expected at most {megabytes(room)} in the zip, it unpacks to {megabytes(total)}; unpack it yourself "
            "and open the part you want"
        )


def _target(folder: Path, name: str) -> Path | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in {"/", ".."} or ":" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, tick: Tick) -> None:
    if member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise KinecorError("more than deflate can pack")
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as packed, target.open("wb") as file:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > member.file_size:
                raise KinecorError("more than its directory says")
            file.write(block)
            tick(0, 0)
