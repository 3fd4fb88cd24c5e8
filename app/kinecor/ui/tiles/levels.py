"""The grey window (brightness and contrast): set by dragging with the right button, remembered by recording.

It affects only the screen, neither measurements nor what a network sees; so it is not part of a study's journal, works
in a read-only study, and is not undone with Ctrl+Z.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import Depth, GreyWindow, Recording, between, shown
from kinecor.ui.workspace.workspace import Workspace

CLICK_PX = 4.0  # a right press that moves less opens the menu
PER_PX = 1 / 425  # of the width as opened, for a pixel of the screen; the width itself follows twice as fast
EIGHT_BITS = between(0.0, 255.0)
# Limits of the width of a window, as multiples of the range of values.
_WIDEST, _NARROWEST = 4.0, 1 / 256


def depth_of(recording: Recording | None) -> Depth | None:
    """The depth of a recording, for a stack of all slices; None for 8 bits or colour."""
    if recording is None:
        return None
    return recording.cines[0].depth


def dragged(window: GreyWindow, dx: float, dy: float, within: GreyWindow) -> GreyWindow:
    """A window after a drag (screen pixels): to the right less contrast, down brighter.

    Args:
        window: at the start of the drag.
        dx: to the right.
        dy: down.
        within: from the darkest to the brightest value; the centre stays inside.

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
    """The grey window of the recording on screen; watches widgets for the right button.

    Signals:
        changed(): another window is used.
        settled(str, GreyWindow | None): one was chosen for a recording (its identifier); None is the initial one.
        clicked(QWidget, QPointF): a menu is requested there.
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
        """Load the window of the recording on screen: the one chosen before, else the file's."""
        self._depth, self._from = depth_of(self._workspace.recording), None
        self.window = self._chosen.get(self._name, self.opened)
        self.changed.emit()  # the same numbers mean something else in another recording

    @property
    def _name(self) -> str:
        recording = self._workspace.recording
        return recording.source.recording_id if recording is not None else ""

    @property
    def opened(self) -> GreyWindow:
        """The window in the file, or one computed from its images."""
        return self._depth.opened if self._depth else EIGHT_BITS

    @property
    def automatic(self) -> GreyWindow:
        """The window computed from the images."""
        return self._depth.automatic if self._depth else EIGHT_BITS

    @property
    def full(self) -> GreyWindow:
        """From the darkest to the brightest value."""
        return self._depth.full if self._depth else EIGHT_BITS

    @property
    def words(self) -> str:
        """Centre and width; "" for the initial window."""
        if self.window == self.opened:
            return ""
        digits = 0 if self.full.width > 20 else 2
        return f"L {self.window.centre:.{digits}f}  W {self.window.width:.{digits}f}"

    def applied(self, pixels: NDArray[Any]) -> BytesArray:
        """Pixels as shown: grey through the window, colour unchanged."""
        if pixels.ndim == 3 or (self._depth is None and self.window == EIGHT_BITS):
            return pixels
        return shown(pixels, self.window, inverted=self._depth is not None and self._depth.inverted)

    def watch(self, widget: QWidget) -> None:
        """Handle the right button of a widget."""
        widget.installEventFilter(self)

    def choose(self, window: GreyWindow) -> None:
        """Use another window."""
        self._set(window)
        self._settle()

    def reset(self) -> None:
        """Return to the initial window."""
        self.choose(self.opened)

    def add_to(self, menu: QMenu) -> None:
        """Add the menu entries."""
        offered = [("Window: reset", self.opened)]
        if self._depth is not None:
            offered += [("Window: automatic", self.automatic), ("Window: full range", self.full)]
        for words, window in offered:
            menu.addAction(words).triggered.connect(lambda _=False, window=window: self.choose(window))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the right button; True where the event was handled."""
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
