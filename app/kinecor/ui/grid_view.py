"""A stack of short-axis slices, all beating in phase."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.errors import KinecorError
from kinecor.core.stack import Stack
from kinecor.ui import theme
from kinecor.ui.analysing import MR_LATER
from kinecor.ui.header_view import patient_line
from kinecor.ui.overlay import draw_text
from kinecor.ui.picture import picture
from kinecor.ui.player import Player
from kinecor.ui.viewport import Viewport
from kinecor.ui.workspace import Workspace

GAP_PX, FOOTER_PX = 4, 28


def columns_for(count: int, width: float, height: float, aspect: float) -> int:
    """How many columns show `count` pictures (aspect = width / height) largest in a field of this size."""

    def tile_width(columns: int) -> float:
        lines = -(-count // columns)
        return min(width / columns, height / lines * aspect)

    return max(range(1, count + 1), key=tile_width)


class GridView(QWidget):
    """Slices from first to last position; the wheel or Up / Down choose one, a click enlarges it and back."""

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self._stack: Stack | None = None
        self.selected = 0
        self.enlarged = False
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        workspace.recording_changed.connect(self.load)
        player.frame_changed.connect(lambda _: self.update())

    def load(self) -> None:
        """Take the current recording where it is a stack."""
        recording = self._workspace.recording
        self._stack = recording if isinstance(recording, Stack) else None
        self.selected, self.enlarged = 0, False
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a grid."""
        return QSize(900, 650)

    def choose(self, number: int) -> None:
        """Select a slice (0-based); stops at the first and the last."""
        if self._stack:
            self.selected = min(max(number, 0), len(self._stack.slices) - 1)
            self.update()

    def set_enlarged(self, enlarged: bool) -> None:
        """Show the selected slice alone, or the grid."""
        self.enlarged = enlarged
        self.update()

    def tiles(self) -> list[tuple[int, QRectF]]:
        """Every slice on screen with its place in the widget."""
        if self._stack is None:
            return []
        field_high = max(self.height() - FOOTER_PX, 1)
        if self.enlarged:
            return [(self.selected, QRectF(0, 0, self.width(), field_high))]
        count = len(self._stack.slices)
        first = self._stack.slices[0]
        columns = columns_for(count, self.width(), field_high, first.columns / first.rows)
        lines = -(-count // columns)
        wide, high = self.width() / columns, field_high / lines
        return [(i, QRectF(i % columns * wide, i // columns * high, wide, high)) for i in range(count)]

    def label(self, number: int) -> str:
        """The words on a slice; slices count from 1 in their order along the normal."""
        if self._stack is None:
            return ""
        return f"slice {number + 1}   {self._stack.positions_mm[number]:+.1f} mm"

    def paintEvent(self, event: QPaintEvent) -> None:
        """All slices at the current phase."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GROUND))
        if self._stack is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        phase = min(self._player.frame, self._stack.phases - 1)
        for number, tile in self.tiles():
            self._draw(painter, self._stack, number, phase, tile.adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX))
        painter.setFont(theme.font(12))
        low = self.height() - 9
        draw_text(painter, QPointF(10, low), f"{patient_line(self._stack)}   {MR_LATER}", theme.QUIET)
        words = f"phase {phase} of 0–{self._stack.phases - 1}   {self._stack.times_s[phase]:.2f} s"
        wide = painter.fontMetrics().horizontalAdvance(words)
        draw_text(painter, QPointF(self.width() - wide - 14, low), words)

    def _draw(self, painter: QPainter, stack: Stack, number: int, phase: int, tile: QRectF) -> None:
        cine = stack.slices[number]
        scale = cine.calibration
        aspect = scale.row_mm / scale.col_mm if scale else 1.0
        view = Viewport.fitted(cine.columns, cine.rows, tile.width(), tile.height(), aspect)
        left, top = view.to_widget(-0.5, -0.5)
        wide, high = cine.columns * view.scale_x, cine.rows * view.scale_y
        place = QRectF(tile.left() + left, tile.top() + top, wide, high)
        try:
            painter.drawImage(place, picture(cine.frames[phase]))
        except KinecorError:
            painter.fillRect(place, QColor(theme.RAISED))
        if number == self.selected and not self.enlarged:
            painter.setPen(QPen(QColor(theme.ACCENT), 2))
            painter.drawRect(place)
        painter.setFont(theme.font(12 if self.enlarged else 11))
        draw_text(painter, QPointF(place.left() + 7, place.top() + 17), self.label(number))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Enlarge a slice, or go back to the grid."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.enlarged:
            self.set_enlarged(False)
            return
        for number, tile in self.tiles():
            if tile.contains(event.position()):
                self.choose(number)
                self.set_enlarged(True)
                return

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Through the slices; with Shift through time."""
        steps = event.angleDelta().y() or event.angleDelta().x()
        if not steps:
            return
        by = -1 if steps > 0 else 1
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._player.step(by)
        else:
            self.choose(self.selected + by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the grid."""
        if event.key() == Qt.Key.Key_Escape and self.enlarged:
            self.set_enlarged(False)
        else:
            super().keyPressEvent(event)
