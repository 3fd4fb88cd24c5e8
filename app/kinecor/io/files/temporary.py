"""A temporary folder that lives exactly as long as something refers to it."""

import os
import re
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from functools import cache as once
from pathlib import Path

_NAME = re.compile(r"kinecor-(?:(\d+)-)?[A-Za-z0-9_]{8}")
STALE_AFTER_S = 24 * 3600.0


class TemporaryFolder:
    """A new empty folder, removed when this object is collected and at the latest when the program ends.

    Unlike `tempfile.TemporaryDirectory` it relies on that: a recording from a zip has no moment of closing. Its name
    contains the process's number, so that leftovers of a killed process can be distinguished from folders in use.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"kinecor-{os.getpid()}-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def remove(self) -> None:
        """Remove it now."""
        self._remove()


def clear_stale() -> None:
    """Remove temporary folders that killed processes of this user left behind more than a day ago.

    A folder goes only if it has our name, belongs to this user, was last changed more than `STALE_AFTER_S` ago and
    its process is gone. Not on Windows, where testing whether a process lives can end it.
    """
    if os.name == "nt":
        return
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob("kinecor-*"):
            with suppress(OSError):
                if _is_stale(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@once
def clear_stale_once() -> None:
    """As `clear_stale`, the first time in this process."""
    clear_stale()


def _is_stale(folder: Path) -> bool:
    named = _NAME.fullmatch(folder.name)
    if named is None or folder.is_symlink() or not folder.is_dir():
        return False
    stat = folder.stat()
    if stat.st_uid != os.getuid() or time.time() - stat.st_mtime < STALE_AFTER_S:
        return False
    return named[1] is None or not _lives(int(named[1]))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # It is another user's.
        return True
    return True
