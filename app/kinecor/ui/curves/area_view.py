"""The LV area of each slice over the cycle; the selected slice is highlighted."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.ui.curves.plot import Plot, draw_line
from kinecor.ui.style import theme
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Change, Workspace

_LEFT, _RIGHT, _TOP, _LOW = 10, 10, 24, 12
_NEAR_PX = 8.0


class AreaView(QWidget):
    """One line per slice, all on one scale from 0; a click on a line selects its slice.

    Signals:
        picked(int): a slice (0-based).
    """

    picked = Signal(int)

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self.selected = 0
        self.setMinimumSize(200, 130)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        workspace.changed.connect(self._show_change)
        player.frame_changed.connect(lambda _: self.update())

    def select(self, number: int) -> None:
        """Highlight another slice (0-based)."""
        self.selected = number
        self.update()

    def sizeHint(self) -> QSize:
        """Next to the volume curve."""
        return QSize(280, 200)

    def _show_change(self, change: Change) -> None:
        before, after = change.before, change.after
        if before is None or after is None or before.slices is not after.slices or before.events is not after.events:
            self.update()

    def areas(self) -> FloatArray:
        """(slices, phases) of the LV cavity, cm2 or square pixels; empty where no stack is open."""
        reading = self._workspace.reading
        if reading is None or not reading.kind.stack:
            return np.empty((0, 0))
        found = stack_curves(reading).areas[Structure.LV_ENDO]
        return found / 100 if reading.calibration else found

    def plot(self, areas: FloatArray) -> Plot:
        """Coordinates of the lines of `areas` (slices, phases), with the phase in place of the time."""
        most = float(np.nanmax(areas, initial=0.0)) * 1.08 or 1.0
        wide, high = self.width() - _LEFT - _RIGHT, self.height() - _TOP - _LOW
        return Plot(_LEFT, _TOP, wide, high, 0.0, max(areas.shape[1] - 1, 1), 0.0, most)

    def paintEvent(self, event: QPaintEvent) -> None:
        """All slices pale, the selected one in colour; ED, ES and the phase on screen."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GROUND))
        areas, reading = self.areas(), self._workspace.reading
        if reading is None or not areas.size:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot, phases = self.plot(areas), np.arange(areas.shape[1], dtype=np.float64)
        x_px = plot.x(phases)
        beats = reading.events.beats if reading.events else ()
        marks = [(beats[0].ed, Qt.PenStyle.SolidLine), (beats[0].es, Qt.PenStyle.DashLine)] if beats else []
        for phase, style in marks:
            painter.setPen(QPen(QColor(theme.LINE), 1.2, style))
            painter.drawLine(QPointF(x_px[phase], plot.top), QPointF(x_px[phase], plot.top + plot.height))
        now = min(self._player.frame, len(phases) - 1)
        painter.setPen(QPen(QColor(theme.ACCENT), 1))
        painter.drawLine(QPointF(x_px[now], plot.top), QPointF(x_px[now], plot.top + plot.height))
        for number in range(len(areas)):
            if number != self.selected:
                painter.setPen(QPen(QColor("#5b6570"), 1))
                draw_line(painter, np.column_stack([x_px, plot.y(areas[number])]))
        words = ""
        if self.selected < len(areas):
            painter.setPen(QPen(QColor(theme.STRUCTURE_COLOURS[Structure.LV_ENDO]), 2))
            draw_line(painter, np.column_stack([x_px, plot.y(areas[self.selected])]))
            value = areas[self.selected, now]
            unit = "cm²" if reading.calibration else "px²"
            words = f"Slice {self.selected + 1}: {value:.1f} {unit}" if np.isfinite(value) else "No contour"
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(QRectF(plot.left, 4, plot.width, 18), Qt.AlignmentFlag.AlignLeft, "LV area")
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(QRectF(plot.left, 4, plot.width, 18), Qt.AlignmentFlag.AlignRight, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the slice whose line is clicked, and go to that phase."""
        areas = self.areas()
        if event.button() != Qt.MouseButton.LeftButton or not areas.size:
            return
        plot = self.plot(areas)
        phase = min(max(round(plot.time_s(event.position().x())), 0), areas.shape[1] - 1)
        self._player.pause()
        self._player.seek(phase)
        heights = plot.y(areas[:, phase])
        distance = np.where(np.isfinite(heights), np.abs(heights - event.position().y()), np.inf)
        if distance.min() <= _NEAR_PX:
            self.picked.emit(int(distance.argmin()))
