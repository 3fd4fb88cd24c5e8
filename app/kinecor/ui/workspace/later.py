"""Previews passed on to widgets that compute, so that the mouse does not wait for numbers while a contour is dragged.

The picture draws each preview at once. Curves and values follow the newest one at intervals; what is saved, or dropped,
is passed on at once, so that a number that stays on screen is never of an earlier state.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from kinecor.ui.workspace.changes import Change

EVERY_MS = 40
"""Between two previews that are passed on."""


class Later(QObject):
    """Passes on changes of a Reading: saved ones at once, of previews the newest, at intervals."""

    def __init__(self, show: Callable[[Change], None], parent: QObject, after_ms: int = 0) -> None:
        """`show` is called with changes, the first preview `after_ms` late: two of them need not compute at once."""
        super().__init__(parent)
        self._show, self._after_ms = show, after_ms
        self._waiting: Change | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def take(self, change: Change) -> None:
        """A change came."""
        waiting = self._waiting
        if waiting is not None:
            by = change.by if change.by is waiting.by else None
            change = replace(change, before=waiting.before, by=by)
        self._waiting = change
        if not change.preview:
            self._timer.stop()
            self.pass_on()
        elif not self._timer.isActive():
            self._timer.start(self._after_ms)

    def pass_on(self) -> None:
        """Pass on now what waits."""
        change, self._waiting = self._waiting, None
        if change is not None:
            self._show(change)

    def _next(self) -> None:
        if self._waiting is not None:
            self._timer.start(EVERY_MS)
            self.pass_on()
