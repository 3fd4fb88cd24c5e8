"""A temporary folder that lives exactly as long as something refers to it."""

import shutil
import tempfile
import weakref
from pathlib import Path


class TemporaryFolder:
    """A new empty folder, removed when this object is collected and at the latest when the program ends.

    Unlike `tempfile.TemporaryDirectory` it counts on that: a recording from a zip has no moment of closing.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="kinecor-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def remove(self) -> None:
        """Remove it now."""
        self._remove()
