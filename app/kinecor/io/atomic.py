"""Files and folders written whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kinecor.core.errors import KinecorError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Hand out a temporary name in the folder of `path`; on leaving, what was written there becomes `path`.

    The temporary name ends as `path` does, since some writers choose the format by it. Where the block raises
    (Ctrl-C included), nothing is left behind and an older `path` stays as it was. Missing folders are made.

    Raises:
        KinecorError: the file cannot be written there (folder missing, read-only, disk full).

    """
    stem, dot, ending = path.name.partition(".")
    temporary = path.with_name(f".{stem[:40]}-{secrets.token_hex(6)}{dot}{ending}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KinecorError(f"{path} cannot be written ({reason}): choose a folder that can be written to") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Hand out a new, empty folder beside `path`; on leaving, it becomes `path`, which must be new or empty.

    Where the block raises (Ctrl-C included), nothing is left behind. Missing parents are made.

    Raises:
        KinecorError: `path` holds something already, or the folder cannot be made or filled there.

    """
    temporary = path.with_name(f".{path.name[:40]}-{secrets.token_hex(6)}")
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise KinecorError(f"{path} is not empty: name a new folder, so that nothing there is mixed up or lost")
        temporary.mkdir(parents=True)
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                _flush(file)
        if path.exists():
            path.rmdir()  # Windows renames onto nothing only
        temporary.replace(path)
        _flush(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KinecorError(f"{path} cannot be written ({reason}): choose a folder that can be written to") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with whole(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    r"""Write `content` to `path` as UTF-8, whole or not at all, line ends as they are.

    What UTF-8 cannot hold (half a surrogate pair, from a file name of another encoding) is written as `\udcxx`,
    which JSON reads back.

    Raises:
        KinecorError: the file cannot be written there.

    """
    write_bytes(path, content.encode("utf-8", "backslashreplace"))


def _flush(path: Path) -> None:
    """Ask the system to put `path` on the disk; a folder only where the system can."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
