"""Lists of choices that the wheel passes over: who scrolls a panel changes nothing under the mouse by it."""

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class Choice(QComboBox):
    """A list of choices; closed, it leaves the wheel to what it stands on."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The panel scrolls; the open list scrolls by itself."""
        event.ignore()
