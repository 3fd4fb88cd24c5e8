"""The LV area of each slice over the cycle; the selected slice is highlighted."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import stack_curves
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

    def spot(self, row: FloatArray, phase: int, most: float) -> QPointF:
        """The widget position of the value of a phase; `most` is the value at the top."""
        wide, high = self.width() - _LEFT - _RIGHT, self.height() - _TOP - _LOW
        return QPointF(_LEFT + wide * phase / max(len(row) - 1, 1), _TOP + high * (1 - float(row[phase]) / most))

    def _draw(self, painter: QPainter, row: FloatArray, most: float) -> None:
        """Draw the line of one slice, interrupted where there is no contour."""
        run: list[QPointF] = []
        for phase in range(len(row)):
            if np.isfinite(row[phase]):
                run.append(self.spot(row, phase, most))
            elif run:
                painter.drawPolyline(run)
                run = []
        if run:
            painter.drawPolyline(run)

    def paintEvent(self, event: QPaintEvent) -> None:
        """All slices pale, the selected one in colour; ED, ES and the phase on screen."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GROUND))
        areas, reading = self.areas(), self._workspace.reading
        if reading is None or not areas.size:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = float(np.nanmax(areas, initial=0.0)) * 1.08 or 1.0
        phases = areas.shape[1]
        wide = self.width() - _LEFT - _RIGHT
        beats = reading.events.beats if reading.events else ()
        marks = [(beats[0].ed, Qt.PenStyle.SolidLine), (beats[0].es, Qt.PenStyle.DashLine)] if beats else []
        for phase, style in marks:
            painter.setPen(QPen(QColor(theme.LINE), 1.2, style))
            x = _LEFT + wide * phase / max(phases - 1, 1)
            painter.drawLine(QPointF(x, _TOP), QPointF(x, self.height() - _LOW))
        now = min(self._player.frame, phases - 1)
        painter.setPen(QPen(QColor(theme.ACCENT), 1))
        x = _LEFT + wide * now / max(phases - 1, 1)
        painter.drawLine(QPointF(x, _TOP), QPointF(x, self.height() - _LOW))
        for number in range(len(areas)):
            if number != self.selected:
                painter.setPen(QPen(QColor("#5b6570"), 1))
                self._draw(painter, areas[number], most)
        words = ""
        if self.selected < len(areas):
            painter.setPen(QPen(QColor(theme.STRUCTURE_COLOURS[Structure.LV_ENDO]), 2))
            self._draw(painter, areas[self.selected], most)
            value = areas[self.selected, now]
            unit = "cm²" if reading.calibration else "px²"
            words = f"Slice {self.selected + 1}: {value:.1f} {unit}" if np.isfinite(value) else "No contour"
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(QRectF(_LEFT, 4, wide, 18), Qt.AlignmentFlag.AlignLeft, "LV area")
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(QRectF(_LEFT, 4, wide, 18), Qt.AlignmentFlag.AlignRight, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the slice whose line is clicked, and go to that phase."""
        areas = self.areas()
        if event.button() != Qt.MouseButton.LeftButton or not areas.size:
            return
        phases = areas.shape[1]
        share = (event.position().x() - _LEFT) / max(self.width() - _LEFT - _RIGHT, 1)
        phase = min(max(round(share * (phases - 1)), 0), phases - 1)
        self._player.pause()
        self._player.seek(phase)
        most = float(np.nanmax(areas, initial=0.0)) * 1.08 or 1.0
        high = self.height() - _TOP - _LOW
        heights = _TOP + high * (1 - areas[:, phase] / most)
        distance = np.where(np.isfinite(heights), np.abs(heights - event.position().y()), np.inf)
        if distance.min() <= _NEAR_PX:
            self.picked.emit(int(distance.argmin()))
