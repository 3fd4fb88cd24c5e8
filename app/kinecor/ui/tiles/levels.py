"""The grey window that pictures are looked at by: dragged with the right button, remembered for each recording.

It changes nothing but the screen, neither what is measured nor what a network sees, and so it is no part of a study's
journal: a study that another window writes can be looked at by any window, and Ctrl+Z takes back what was concluded.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.grey import Depth, GreyWindow, between, shown
from kinecor.core.values.stack import Recording
from kinecor.ui.workspace.workspace import Workspace

CLICK_PX = 4.0  # a right button that moved less meant the menu
PER_PX = 1 / 425  # of the width as opened, for a pixel of the screen; the width itself follows twice as fast
EIGHT_BITS = between(0.0, 255.0)
# A window may be so many times as wide as the pictures' values, and so many times narrower.
_WIDEST, _NARROWEST = 4.0, 1 / 256


def depth_of(recording: Recording | None) -> Depth | None:
    """A recording's depth, of a stack that of all slices; None where it has 8 bits or colour."""
    if recording is None:
        return None
    return recording.cines[0].depth


def dragged(window: GreyWindow, dx: float, dy: float, within: GreyWindow) -> GreyWindow:
    """A window after a drag on the screen (pixels): to the right less contrast, down brighter.

    Args:
        window: where the drag began.
        dx: to the right.
        dy: down.
        within: from the darkest to the brightest value there is; its middle stays inside.

    """
    step, low = within.width * PER_PX, within.centre - within.width / 2
    width = window.width + 2 * step * dx
    least = max(within.width * _NARROWEST, 1.0 if window.curve == "LINEAR" else 0.0)
    return replace(
        window,
        centre=float(np.clip(window.centre - step * dy, low, low + within.width)),
        width=float(np.clip(width, least, _WIDEST * within.width)),
    )


class LevelDrag(QObject):
    """The window of the recording on screen; watches widgets for the right button.

    Signals:
        changed(): another window is in force.
        settled(str, GreyWindow | None): the reader chose one for a recording (its identifier); None is as opened.
        clicked(QWidget, QPointF): where a menu is wanted.
    """

    changed = Signal()
    settled = Signal(str, object)
    clicked = Signal(object, object)

    def __init__(
        self, workspace: Workspace, chosen: Mapping[str, GreyWindow] | None = None, parent: QObject | None = None
    ) -> None:
        """`chosen`: windows chosen before, by the recording's identifier."""
        super().__init__(parent)
        self._workspace, self._chosen = workspace, dict(chosen or {})
        self._depth: Depth | None = None
        self.window = EIGHT_BITS
        self._from: tuple[QPointF, GreyWindow] | None = None
        self._moved = False
        workspace.recording_changed.connect(self.load)

    def load(self) -> None:
        """Take the window of the recording on screen: the one chosen before, else the file's."""
        self._depth, self._from = depth_of(self._workspace.recording), None
        self.window = self._chosen.get(self._name, self.opened)
        self.changed.emit()  # even the same numbers mean another thing in another recording

    @property
    def _name(self) -> str:
        recording = self._workspace.recording
        return recording.source.recording_id if recording is not None else ""

    @property
    def opened(self) -> GreyWindow:
        """The window that the file asks for, or that its pictures suggest."""
        return self._depth.opened if self._depth else EIGHT_BITS

    @property
    def automatic(self) -> GreyWindow:
        """The window that the pictures suggest."""
        return self._depth.automatic if self._depth else EIGHT_BITS

    @property
    def full(self) -> GreyWindow:
        """From the darkest to the brightest value."""
        return self._depth.full if self._depth else EIGHT_BITS

    @property
    def words(self) -> str:
        """Centre and width, as viewers write them; "" where pictures are as opened."""
        if self.window == self.opened:
            return ""
        digits = 0 if self.full.width > 20 else 2
        return f"L {self.window.centre:.{digits}f}  W {self.window.width:.{digits}f}"

    def applied(self, pixels: NDArray[Any]) -> BytesArray:
        """A picture as it is shown: grey under the window, colour as it is."""
        if pixels.ndim == 3 or (self._depth is None and self.window == EIGHT_BITS):
            return pixels
        return shown(pixels, self.window, inverted=self._depth is not None and self._depth.inverted)

    def watch(self, widget: QWidget) -> None:
        """Take the right button of a widget."""
        widget.installEventFilter(self)

    def choose(self, window: GreyWindow) -> None:
        """Look by another window from now on."""
        self._set(window)
        self._settle()

    def reset(self) -> None:
        """Look at pictures as they were opened."""
        self.choose(self.opened)

    def add_to(self, menu: QMenu) -> None:
        """What a menu offers."""
        offered = [("Grey levels as opened", self.opened)]
        if self._depth is not None:
            offered += [("Grey levels: automatic", self.automatic), ("Grey levels: all values", self.full)]
        for words, window in offered:
            menu.addAction(words).triggered.connect(lambda _=False, window=window: self.choose(window))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: True where the event is ours."""
        if not isinstance(event, QMouseEvent):
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.RightButton:
            self._from, self._moved = (event.position(), self.window), False
            return True
        if kind == QEvent.Type.MouseMove and self._from is not None and event.buttons() & Qt.MouseButton.RightButton:
            start, window = self._from
            moved = event.position() - start
            self._moved = self._moved or moved.manhattanLength() >= CLICK_PX
            if self._moved:
                self._set(dragged(window, moved.x(), moved.y(), self.full))
            return True
        if kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.RightButton and self._from:
            self._from = None
            if self._moved:
                self._settle()
            else:
                self.clicked.emit(watched, event.position())
            return True
        return False

    def _set(self, window: GreyWindow) -> None:
        if window != self.window:
            self.window = window
            self.changed.emit()

    def _settle(self) -> None:
        name = self._name
        if self.window == self.opened:
            self._chosen.pop(name, None)
            self.settled.emit(name, None)
        else:
            self._chosen[name] = self.window
            self.settled.emit(name, self.window)
