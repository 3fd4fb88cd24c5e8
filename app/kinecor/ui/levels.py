"""The grey window of MR pictures: dragged with the right button, kept between sessions."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.arrays import BytesArray

CLICK_PX = 4.0  # a right button that moved less meant the menu
PER_PX = 0.6  # grey levels for a pixel of the screen


@dataclass(frozen=True, slots=True)
class Levels:
    """Which grey values of a picture (0 to 255) are spread over the screen's: `width` of them around `centre`."""

    centre: float = 127.5
    width: float = 255.0

    def __post_init__(self) -> None:
        if not (0 <= self.centre <= 255 and 1 <= self.width <= 512):
            raise ValueError(f"a centre of 0 to 255 and a width of 1 to 512 were expected, got {self}")

    @property
    def plain(self) -> bool:
        """Whether pictures are shown as they are."""
        return self == Levels()

    def dragged(self, dx: float, dy: float) -> "Levels":
        """After a drag on the screen (pixels): to the right less contrast, down brighter."""
        return Levels(
            float(np.clip(self.centre - PER_PX * dy, 0, 255)), float(np.clip(self.width + 2 * PER_PX * dx, 1, 512))
        )

    def applied(self, pixels: BytesArray) -> BytesArray:
        """The pixels as they are shown; colour is left alone."""
        if self.plain or pixels.ndim == 3:
            return pixels
        low = self.centre - self.width / 2
        spread = (np.arange(256) - low) * (255 / self.width)
        table: BytesArray = np.clip(np.rint(spread), 0, 255).astype(np.uint8)
        shown: BytesArray = table[pixels]
        return shown


class LevelDrag(QObject):
    """Watches widgets for the right button: dragging changes the levels, a click asks for a menu.

    Signals:
        changed(Levels): on the way.
        settled(Levels): the button was let go.
        clicked(QWidget, QPointF): where a menu is wanted.
    """

    changed = Signal(object)
    settled = Signal(object)
    clicked = Signal(object, object)

    def __init__(self, levels: Levels, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.levels = levels
        self._from: tuple[QPointF, Levels] | None = None
        self._moved = False

    def watch(self, widget: QWidget) -> None:
        """Take the right button of a widget."""
        widget.installEventFilter(self)

    def reset(self) -> None:
        """Show pictures as they are."""
        self._set(Levels())
        self.settled.emit(self.levels)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: True where the event is ours."""
        if not isinstance(event, QMouseEvent):
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.RightButton:
            self._from, self._moved = (event.position(), self.levels), False
            return True
        if kind == QEvent.Type.MouseMove and self._from is not None and event.buttons() & Qt.MouseButton.RightButton:
            start, levels = self._from
            moved = event.position() - start
            self._moved = self._moved or moved.manhattanLength() >= CLICK_PX
            if self._moved:
                self._set(levels.dragged(moved.x(), moved.y()))
            return True
        if kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.RightButton and self._from:
            self._from = None
            if self._moved:
                self.settled.emit(self.levels)
            else:
                self.clicked.emit(watched, event.position())
            return True
        return False

    def _set(self, levels: Levels) -> None:
        if levels != self.levels:
            self.levels = levels
            self.changed.emit(levels)
