"""One writer per file, told by the operating system, so that no lock outlives its process."""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # Not fcntl.lockf: such a lock would not hold off a second window of the same process.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class WriterLock:
    """The right to write a file, held until `release` or the end of the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> "WriterLock | None":
        """The right to write `path`, or None where another window has it.

        It is held on a small file beside `path` that stays there: on `path` itself it would get in the way of
        SQLite's own locks, and taking the file away again would let two windows hold different ones.

        Raises:
            OSError: the folder cannot be written.

        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path.with_name(path.name + ".lock"), flags, 0o644)
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError | PermissionError):
                return None
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Lets others write; releasing twice is no error."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
