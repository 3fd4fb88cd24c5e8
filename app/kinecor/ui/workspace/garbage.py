"""Garbage is collected by the window's own thread, and all of it when nothing else is to be done."""

import gc
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

LOOK_MS: Final = 100
USUAL: Final = gc.get_threshold()
"""Python's own: new objects before the youngest are looked at, and how many of these looks come before an older one."""
MAX_WAITING: Final = 1000
"""Collections of younger objects after which a full one no longer waits for a quiet moment."""


class QuietGarbage(QObject):
    """Collections of garbage on the thread of the window; full ones in quiet moments.

    Python collects on whatever thread makes the next object. Items of a plot refer to each other, so that they are
    garbage once they are taken away: a worker that collected them destroyed what only the window's thread may touch,
    while that was about to move it, and the program crashed (decision 0251). A full collection looks at every object of
    the studies that are open, and all threads wait for it: 37 ms of the processor with 20 recordings.
    """

    def __init__(self, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        """`busy` says whether anything is being done that must not wait."""
        super().__init__(parent)
        self._busy = busy
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what is due: younger objects now, all where nothing waits for it, or after very long."""
        young, older, waiting = gc.get_count()
        if waiting > USUAL[2]:
            at_rest = QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton and not self._busy()
            if at_rest or waiting > MAX_WAITING:
                gc.collect()
                return
        if young > USUAL[0]:
            gc.collect(1 if older > USUAL[1] else 0)

    def stop(self) -> None:
        """Let Python decide again."""
        self._timer.stop()
        gc.enable()
