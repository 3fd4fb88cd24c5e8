"""An ECG of another system, drawn for reading: leads one below the other, over seconds, with a bar of 1 mV."""

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from kinecor.core.values.foreign import ForeignReport, Lead
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.polyline import polyline

_PX_PER_S: Final = 100
_PX_PER_MV: Final = 40
"""As on paper: 1 mV is as tall as 0.4 s are wide (10 mm at 25 mm/s)."""
_LEAST_PX: Final = 44
_LEFT_PX, _RIGHT_PX, _HEAD_PX = 120, 16, 22
_MOST_S: Final = 60.0
"""Drawn at most; an ambulatory ECG lasts a day."""


class EcgTraces(QWidget):
    """The leads of an ECG; leads without a unit fill their row, and say so."""

    def __init__(self, leads: tuple[Lead, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.leads = leads
        self.first_s = min(float(one.trace.times_s[0]) for one in leads)
        self.last_s = min(max(float(one.trace.times_s[-1]) for one in leads), self.first_s + _MOST_S)
        self._rows = [_row(one) for one in leads]
        self.setAccessibleName(tr("ECG: {leads}").format(leads=", ".join(one.name for one in leads)))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """As large as the traces are at their scale."""
        wide = round((self.last_s - self.first_s) * _PX_PER_S)
        return QSize(_LEFT_PX + wide + _RIGHT_PX, round(sum(tall for tall, _ in self._rows)) + _HEAD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        for second in range(int(np.ceil(self.first_s)), int(np.floor(self.last_s)) + 1):
            x = self._x(second)
            painter.setPen(QColor(theme.LINE))
            painter.drawLine(round(x), _HEAD_PX, round(x), self.height())
            painter.setPen(QColor(theme.QUIET))
            box = QRectF(x - 30, 3, 60, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter), f"{second} s")
        top = float(_HEAD_PX)
        for lead, (tall, middle) in zip(self.leads, self._rows, strict=True):
            self._draw(painter, lead, top, tall, middle)
            top += tall

    def _x(self, time_s: float) -> float:
        return _LEFT_PX + (time_s - self.first_s) * _PX_PER_S

    def _draw(self, painter: QPainter, lead: Lead, top: float, tall: float, middle: float) -> None:
        trace = lead.trace
        shown = trace.times_s <= self.last_s
        values = trace.values[shown]
        scaled = trace.unit == "mV"
        per_unit = _PX_PER_MV if scaled else (tall - 12) / max(float(np.ptp(values)), 1e-12)
        centre = top + tall / 2
        x = _LEFT_PX + (trace.times_s[shown] - self.first_s) * _PX_PER_S
        painter.setPen(QPen(QColor(theme.TEXT), 1.2))
        painter.drawPolyline(polyline(np.column_stack([x, centre - (values - middle) * per_unit])))
        wide = _LEFT_PX - 26
        name = painter.fontMetrics().elidedText(lead.name, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRectF(4, centre - 18, wide, 16), int(Qt.AlignmentFlag.AlignLeft), name)
        painter.setPen(QColor(theme.QUIET))
        words = "1 mV" if scaled else tr("no scale")
        painter.drawText(QRectF(4, centre - 2, wide, 16), int(Qt.AlignmentFlag.AlignLeft), words)
        if scaled:
            bar = _LEFT_PX - 14
            painter.setPen(QPen(QColor(theme.TEXT), 1.6))
            painter.drawLine(bar, round(centre + _PX_PER_MV / 2), bar, round(centre - _PX_PER_MV / 2))


def _row(lead: Lead) -> tuple[float, float]:
    """Height of a lead's row in pixels, and the value at its middle."""
    low, high = float(lead.trace.values.min()), float(lead.trace.values.max())
    tall = (high - low) * _PX_PER_MV + 12 if lead.trace.unit == "mV" else _LEAST_PX
    # A value of some volts is a slip: its row is cut, the others stay on screen.
    return min(max(tall, _LEAST_PX), 10 * _LEAST_PX), (low + high) / 2


def ecg_dialog(parent: QWidget, report: ForeignReport, source: str) -> QDialog:
    """A window of its own with an ECG and its source; the recordings stay usable beside it."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(report.title)
    traces = EcgTraces(report.leads)
    area = QScrollArea()
    area.setWidget(traces)
    words = [source, tr("For reading only: nothing is measured on it, and it is not aligned with the recordings.")]
    if traces.last_s < max(float(one.trace.times_s[-1]) for one in report.leads):
        words.append(tr("The first {seconds} s are shown.").format(seconds=f"{_MOST_S:.0f}"))
    label = QLabel("\n".join(words))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName("quiet")
    label.setWordWrap(True)
    column = QVBoxLayout(dialog)
    column.addWidget(label)
    column.addWidget(area, 1)
    dialog.resize(min(traces.width() + 50, 1200), min(traces.height() + 110, 680))
    return dialog
