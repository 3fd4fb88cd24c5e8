"""An ECG of another system, drawn for reading: leads one below the other, over seconds, with a pulse of 1 mV."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from kinecor.core.values.foreign import ForeignReport, Lead
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget
else:
    PlotWidget = Any

_S_PER_MV: Final = 0.4
"""As on paper: 1 mV is as tall as 0.4 s are wide (10 mm at 25 mm/s)."""
_PX_PER_S: Final = 100
_MIN_MV, _MAX_MV, _APART_MV = 1.1, 11.0, 0.3
_PULSE_S: Final = 0.2
_LEFT_PX, _AROUND_PX = 110, 60
_SHOWN_S: Final = 10.0
"""Of a longer ECG at first; the rest is reached by dragging."""


def ecg_dialog(parent: QWidget, report: ForeignReport, source: str) -> QDialog:
    """A window of its own with an ECG and its source; the recordings stay usable next to it."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(report.title)
    texts = [
        source,
        tr("For reading only: nothing is measured on it, and it is not aligned with the recordings."),
        tr("Drag to move, wheel to enlarge. The pulse before a lead is 1 mV high and 0.2 s wide."),
    ]
    label = QLabel("\n".join(texts))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName("quiet")
    label.setWordWrap(True)
    column = QVBoxLayout(dialog)
    column.addWidget(label)
    plot = ecg_plot(report.leads)
    column.addWidget(plot, 1)
    low, high = _heights(report.leads)
    span_s = min(_last_s(report.leads) - _first_s(report.leads), _SHOWN_S) + 3 * _PULSE_S
    px_per_mv = _S_PER_MV * _PX_PER_S
    tall = min(round((high - low) * px_per_mv), 680 - 2 * _AROUND_PX)
    dialog.resize(min(round(span_s * _PX_PER_S) + _LEFT_PX + _AROUND_PX, 1200), tall + 2 * _AROUND_PX)
    # The first leads are seen first; the view box alone would show the middle ones.
    plot.setYRange(high - tall / px_per_mv, high, padding=0)
    return dialog


def ecg_plot(leads: tuple[Lead, ...]) -> PlotWidget:
    """The leads of an ECG; leads without a unit fill their row, and say so."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget(background=theme.GROUND)
    plot.setAccessibleName(tr("ECG: {leads}").format(leads=", ".join(lead.name for lead in leads)))
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setAntialiasing(True)
    # An ambulatory ECG lasts a day: what is on screen is drawn, every peak of it.
    plot.setDownsampling(auto=True, mode="peak")
    plot.setClipToView(True)
    first_s, last_s = _first_s(leads), _last_s(leads)
    names, middles = [], _middles(leads)
    for lead, middle_mv in zip(leads, middles, strict=True):
        scaled, trace = lead.trace.unit == "mV", lead.trace
        low, high = float(trace.values.min()), float(trace.values.max())
        per_unit = 1.0 if scaled else _MIN_MV / max(high - low, 1e-12)
        plot.plot(
            trace.times_s,
            middle_mv + (trace.values - (low + high) / 2) * per_unit,
            pen=pyqtgraph.mkPen(theme.TEXT, width=1.2),
        )
        if scaled:
            at_s = first_s - np.array([2.5, 2.0, 2.0, 1.0, 1.0, 0.5]) * _PULSE_S
            high_mv = middle_mv + np.array([-0.5, -0.5, 0.5, 0.5, -0.5, -0.5])
            plot.plot(at_s, high_mv, pen=pyqtgraph.mkPen(theme.QUIET, width=1.2))
        names.append((middle_mv, lead.name if scaled else f"{lead.name}\n{tr('no scale')}"))
    left, bottom = plot.getAxis("left"), plot.getAxis("bottom")
    left.setTicks([names])
    left.setWidth(_LEFT_PX)
    for axis in (left, bottom):
        axis.setTickFont(theme.font(11))
        axis.setTextPen(theme.QUIET)
        axis.setPen(theme.LINE)
    bottom.enableAutoSIPrefix(False)
    bottom.setLabel(tr("Time, s"), color=theme.QUIET)
    plot.showGrid(x=True, alpha=0.25)
    view = plot.getViewBox()
    view.setAspectLocked(True, ratio=1 / _S_PER_MV)
    low, high = _heights(leads)
    view.setLimits(xMin=first_s - 3 * _PULSE_S, xMax=last_s, yMin=low, yMax=high)
    view.setRange(xRange=(first_s - 3 * _PULSE_S, min(last_s, first_s + _SHOWN_S)), yRange=(low, high), padding=0)
    return plot


def _first_s(leads: tuple[Lead, ...]) -> float:
    return min(float(lead.trace.times_s[0]) for lead in leads)


def _last_s(leads: tuple[Lead, ...]) -> float:
    return max(float(lead.trace.times_s[-1]) for lead in leads)


def _row_mv(lead: Lead) -> float:
    """Height of a lead's row; one with a value of some volts, a slip, is cut, so that the others stay on screen."""
    span = float(np.ptp(lead.trace.values)) if lead.trace.unit == "mV" else 0.0
    return min(max(span, _MIN_MV), _MAX_MV)


def _heights(leads: tuple[Lead, ...]) -> tuple[float, float]:
    """Lower and upper end of all rows, in mV."""
    return _middles(leads)[-1] - _row_mv(leads[-1]) / 2 - _APART_MV, _row_mv(leads[0]) / 2 + _APART_MV


def _middles(leads: tuple[Lead, ...]) -> list[float]:
    """Heights of the middles of the rows in mV, from 0 for the first downwards."""
    out = [0.0]
    for above, below in pairwise(leads):
        out.append(out[-1] - (_row_mv(above) + _row_mv(below)) / 2 - _APART_MV)
    return out
