"""The neighbours of an enlarged slice, in a strip below it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from kinecor.ui.style import on_image as theme
from kinecor.ui.tiles.grid_view import GridView
from kinecor.ui.tiles.picture import event_words
from kinecor.ui.workspace.player import Player

HIGH_PX = 112
WORDS_PX = 64


class Filmstrip(QWidget):
    """Slices around the selected one at the phase on screen; a click selects another."""

    def __init__(self, grid: GridView, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self.setFixedHeight(HIGH_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        grid.chosen.connect(lambda _: self.update())
        grid.redrawn.connect(self.update)
        player.frame_changed.connect(lambda _: self.update())

    def cells(self) -> list[tuple[int, QRectF]]:
        """The slices (0-based) that fit, base first, the selected one in their middle where it can be."""
        order = [number for number, _ in self._grid.tiles()]
        if not order:
            return []
        wide = float(self.height())
        fit = max(min(int((self.width() - WORDS_PX) // wide), len(order)), 1)
        at = order.index(self._grid.selected) if self._grid.selected in order else 0
        first = min(max(at - fit // 2, 0), len(order) - fit)
        return [
            (number, QRectF(WORDS_PX + place * wide, 0, wide, self.height()))
            for place, number in enumerate(order[first : first + fit])
        ]

    def sizeHint(self) -> QSize:
        """One row of small images."""
        return QSize(600, HIGH_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slices, the selected one framed; phase and event at the left."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GROUND))
        reading, stack = self._grid.reading, self._grid.stack
        if reading is None or stack is None or not reading.kind.stack:
            return
        phase = min(self._grid.phase, stack.phases - 1)
        cells = self.cells()
        for number, box in cells:
            self._grid.draw_cell(painter, number, phase, box)
        for number, box in cells:
            if number == self._grid.selected:
                self._grid.draw_frame(painter, number, box)
        painter.setFont(theme.font(12, bold=True))
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(QPointF(8, 22), event_words(reading, phase))
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(QPointF(8, 40), "phase")
        painter.drawText(QPointF(8, 56), f"{phase + 1}/{stack.phases}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the slice that was clicked."""
        found = next((number for number, box in self.cells() if box.contains(event.position())), None)
        if found is not None:
            self._grid.choose(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Through slices; with Shift through time."""
        self._grid.wheelEvent(event)
