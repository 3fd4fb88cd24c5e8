"""Files and folders written whole or not at all, recordings as file names, and temporary folders."""

import errno
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache as once
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.session.store import WriterLock

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_MAX_LENGTH = 100


PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700


def make_private(folder: Path) -> None:
    """Make a folder and its missing parents, for their owner only; those that are there stay as they are.

    Args:
        folder: that is there afterwards.

    Raises:
        OSError: they cannot be made.

    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


@contextmanager
def whole(path: Path, *, private: bool = True) -> Iterator[Path]:
    """Hand out a temporary name in the folder of `path`; on leaving, what was written there becomes `path`.

    The temporary name ends as `path` does, since some writers choose the format by it. Where the block raises
    (Ctrl-C included), nothing is left behind and an older `path` stays as it was. Missing folders are made.

    With `private` the file and folders that are made for it can be read by their owner only, from the first byte on:
    all that is written of a recording names or shows a patient.

    Args:
        path: of the file.
        private: for its owner only.

    Raises:
        KinecorError: the file cannot be written there (folder missing, read-only, disk full).

    """
    stem, dot, ending = path.name.partition(".")
    temporary = path.with_name(f".{stem[:40]}-{secrets.token_hex(6)}{dot}{ending}")
    try:
        if private:
            make_private(path.parent)
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if private:  # a writer may have made the file again
            temporary.chmod(PRIVATE_FILE)
        flush(temporary)
        temporary.replace(path)
        flush(path.parent)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path, *, private: bool = True) -> Iterator[Path]:
    """Hand out a new, empty folder; on leaving, what is in it is in `path`, which must be new or empty.

    Where the block raises (Ctrl-C included), nothing is left behind. Missing parents are made. A new `path` appears in
    one step; an existing one stays the same folder (it may be a mount, or the working directory of a shell), and its
    files appear one after the other once all are complete. With `private` its owner only can read it.

    Args:
        path: of the folder.
        private: for its owner only.

    Raises:
        KinecorError: `path` holds something already, or the folder cannot be made or filled there.

    """
    hidden = f".kinecor-{secrets.token_hex(6)}"
    try:
        there = path.exists()
        if there and (not path.is_dir() or any(path.iterdir())):
            raise KinecorError(
                message(
                    "{path} is not empty: name a new folder, so that nothing there is mixed up or lost",
                    path=verbatim(str(path)),
                )
            )
        temporary = path / hidden if there else path.absolute().with_name(hidden)
        if private:
            make_private(temporary)
        else:
            temporary.mkdir(parents=True)
    except OSError as error:
        raise _refused(path, error) from error
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                flush(file)
        if there:
            for single_path in sorted(temporary.iterdir()):
                single_path.replace(path / single_path.name)
        else:
            temporary.replace(path)
        flush(path if there else path.absolute().parent)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write `content` to `path`, whole or not at all; with `private` for its owner only, as `whole` says.

    Args:
        path: of the file.
        content: all of it.
        private: for its owner only.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with whole(path, private=private) as temporary:
        temporary.write_bytes(content)


MAX_SETTINGS_BYTES = 16 << 20


def read_settings(path: Path, most_bytes: int = MAX_SETTINGS_BYTES) -> str:
    """The text of a small file: settings, marks, lists of what was done.

    Args:
        path: of the file.
        most_bytes: that it may have.

    Raises:
        OSError: it cannot be read, or is no file.
        ValueError: it is larger, or no UTF-8.

    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "expected a file", str(path))
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"expected at most {most_bytes >> 20} MB")
    return content.decode("utf-8")


def clear_partial(folder: Path, older_than_s: float = 600.0) -> None:
    """Remove what killed processes left half written by `whole` and `whole_folder` in a folder; newer files stay.

    Args:
        folder: where to look, without the folders in it.
        older_than_s: how long ago they were last written; another process may be writing the newer ones.

    """
    with suppress(OSError):
        for path in folder.glob(".*"):
            with suppress(OSError):
                if _PARTIAL.fullmatch(path.name) and time.time() - path.stat().st_mtime > older_than_s:
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path, ignore_errors=True)
                    else:
                        path.unlink(missing_ok=True)


_PARTIAL = re.compile(r"\..{1,40}-[0-9a-f]{12}(\..*)?")


def write_text(path: Path, content: str, *, private: bool = True) -> None:
    r"""Write `content` to `path` as UTF-8, whole or not at all, line ends as they are.

    What UTF-8 cannot hold (half a surrogate pair, from a file name of another encoding) is written as `\udcxx`,
    which JSON reads back. With `private` for its owner only, as `whole` says.

    Args:
        path: of the file.
        content: all of it.
        private: for its owner only.

    Raises:
        KinecorError: the file cannot be written there.

    """
    write_bytes(path, content.encode("utf-8", "backslashreplace"), private=private)


def _refused(path: Path, error: OSError) -> KinecorError:
    reason = error.strerror or str(error)
    return KinecorError(
        message(
            "{path} cannot be written ({reason}): choose a folder that can be written to",
            path=verbatim(str(path)),
            reason=verbatim(reason),
        )
    )


def flush(path: Path) -> None:
    """Ask the system to put `path` on the disk; a folder only where the system can.

    Args:
        path: of a file or a folder.

    """
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def safe_name(recording_id: str) -> str:
    """`recording_id` itself where it can be a file name; else cleaned, with a digest that keeps it distinct.

    A UID stays as it is; nothing a header says can point outside the folder.

    Args:
        recording_id: of the header; any text.

    """
    cleaned = _UNSAFE.sub("_", recording_id).lstrip(".")[:_MAX_LENGTH]
    if cleaned == recording_id and cleaned:
        return cleaned
    digest = hashlib.sha256(recording_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{cleaned or 'recording'}-{digest[:8]}"


def safe_names(recording_ids: Iterable[str]) -> tuple[str, ...]:
    """A name per recording, each different: a second recording of the same identifier gets "-2" and so on.

    Args:
        recording_ids: of the headers; any texts.

    """
    names: list[str] = []
    taken: set[str] = set()
    for recording_id in recording_ids:
        base = name = safe_name(recording_id)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


_NAME = re.compile(r"\.?kinecor-(?:\d+-)?[A-Za-z0-9_]{8}")
STALE_AFTER_S = 24 * 3600.0
_IN_USE = "in-use"


class TemporaryFolder:
    """A new empty folder, removed when this object is collected and at the latest when the program ends.

    Unlike `tempfile.TemporaryDirectory` it relies on that: a recording from a zip has no moment of closing. A lock next
    to it lasts as long as the process, so that what a killed one left is recognised at the next start, also where the
    temporary folder is shared with other machines' or containers' processes. `with` removes it at the end.

    Args:
        parent: the folder that it is made in, hidden; None for the system's temporary folder.

    """

    def __init__(self, parent: Path | None = None) -> None:
        hidden = "" if parent is None else "."
        whole = Path(tempfile.mkdtemp(prefix=f"{hidden}kinecor-{os.getpid()}-", dir=parent))
        lock = WriterLock.take(whole / _IN_USE)
        self.path = whole / "files"
        self.path.mkdir(mode=0o700)
        self._remove = weakref.finalize(self, _removed, whole, lock)

    def remove(self) -> None:
        """Remove it now."""
        self._remove()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def _removed(path: Path, lock: WriterLock | None) -> None:
    if lock is not None:
        lock.release()
    shutil.rmtree(path, ignore_errors=True)


def clear_stale(parent: Path | None = None) -> None:
    """Remove temporary folders that killed processes of this user left behind.

    Args:
        parent: where they are; None for the system's temporary folder.

    A folder goes only if it has our name, belongs to this user, and its lock is free; one without a lock (of an
    earlier version, or killed while it was made) after `STALE_AFTER_S`.
    """
    with suppress(OSError):
        pattern = "kinecor-*" if parent is None else ".kinecor-*"
        for folder in Path(parent or tempfile.gettempdir()).glob(pattern):
            with suppress(OSError):
                if _is_stale(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@once
def clear_stale_once() -> None:
    """As `clear_stale`, the first time in this process."""
    clear_stale()


def _is_stale(folder: Path) -> bool:
    if _NAME.fullmatch(folder.name) is None or folder.is_symlink() or not folder.is_dir():
        return False
    stat = folder.stat()
    if hasattr(os, "getuid") and stat.st_uid != os.getuid():
        return False
    if not (folder / f"{_IN_USE}.lock").exists():
        return time.time() - stat.st_mtime >= STALE_AFTER_S
    lock = WriterLock.take(folder / _IN_USE)
    if lock is None:
        return False
    lock.release()
    return True
