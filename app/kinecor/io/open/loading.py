"""Import of what reads files, by one thread at a time.

The modules of pydicom import each other: of two threads that import them at once, Python lets one go on with half of a
module rather than let both wait for ever, and opening fails.
"""

from importlib import import_module
from threading import Lock
from typing import Final

_READERS: Final = ("pydicom", "kinecor.io.open.recordings", "kinecor.io.open.survey")
_lock: Final = Lock()


def load_readers() -> None:
    """Import them, or wait for the thread that does; what imports them on a worker calls this first."""
    with _lock:
        for name in _READERS:
            import_module(name)
