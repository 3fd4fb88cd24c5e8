"""Garbage is collected when nothing else is to be done, not whenever Python has counted enough objects."""

import gc
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

LOOK_MS: Final = 2000
USUAL: Final = gc.get_threshold()
"""Python's own: a full collection comes after this many of younger objects, once these have grown by a quarter."""
MAX_WAITING: Final = 1000
"""Collections of younger objects after which a full one no longer waits for a quiet moment."""
_NEVER: Final = 1 << 30


class QuietGarbage(QObject):
    """Full collections of garbage, in quiet moments.

    One looks at every object of the studies that are open, on whatever thread makes the next object, and all threads
    wait for it: 37 ms of the processor with 20 recordings. Younger objects are collected as ever, within 4 ms.
    """

    def __init__(self, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        """`busy` says whether anything is being done that must not wait."""
        super().__init__(parent)
        self._busy = busy
        gc.set_threshold(*USUAL[:2], _NEVER)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect where a collection is due and nothing waits for it, or where it has been due for very long."""
        waiting = gc.get_count()[2]
        if waiting <= USUAL[2]:
            return
        at_rest = QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton and not self._busy()
        if at_rest or waiting > MAX_WAITING:
            gc.collect()

    def stop(self) -> None:
        """Let Python decide again."""
        self._timer.stop()
        gc.set_threshold(*USUAL)
