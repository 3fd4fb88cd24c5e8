"""A Bland-Altman plot: differences over means, bias and limits of agreement with their confidence bands."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kinecor.core.report.agreement import axis_titles
from kinecor.core.study.site_agreement import Comparison
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated

_DOT_PX = 7
_BAND_ALPHA = 40


class AgreementPlot(QWidget):
    """The plot of one comparison; empty until `show_comparison`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import pyqtgraph

        self.plot = pyqtgraph.PlotWidget(background=theme.GROUND)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setAntialiasing(True)
        self.plot.setMouseEnabled(x=False, y=False)
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setTickFont(theme.font(11))
            axis.setTextPen(theme.QUIET)
            axis.setPen(theme.LINE)
            axis.enableAutoSIPrefix(False)
        self.plot.showGrid(y=True, alpha=0.2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self.setMinimumHeight(220)

    def show_comparison(self, comparison: Comparison) -> None:
        """Draw one point a patient of a comparison."""
        import pyqtgraph

        plot, spread = self.plot, comparison.differences
        plot.clear()
        low, high = spread.limits
        of_bias, of_limit = spread.half_widths
        for value, half, colour, style in (
            (spread.bias, of_bias, theme.TEXT, Qt.PenStyle.SolidLine),
            (low, of_limit, theme.WARNING, Qt.PenStyle.DashLine),
            (high, of_limit, theme.WARNING, Qt.PenStyle.DashLine),
        ):
            band = QColor(colour)
            band.setAlpha(_BAND_ALPHA)
            edges = (value - half, value + half)
            plot.addItem(
                pyqtgraph.LinearRegionItem(edges, "horizontal", brush=band, pen=pyqtgraph.mkPen(None), movable=False)
            )
            pen = pyqtgraph.mkPen(colour, width=1.2, style=style)
            plot.addItem(pyqtgraph.InfiniteLine(value, angle=0, pen=pen))
        plot.addItem(
            pyqtgraph.ScatterPlotItem(
                (comparison.automatic + comparison.signed) / 2,
                spread.values,
                size=_DOT_PX,
                brush=theme.ACCENT,
                pen=pyqtgraph.mkPen(theme.GROUND, width=0.6),
            )
        )
        horizontal, vertical = map(translated, axis_titles(comparison))
        plot.getAxis("bottom").setLabel(horizontal, color=theme.QUIET)
        plot.getAxis("left").setLabel(vertical, color=theme.QUIET)
        ends = np.concatenate((spread.values, [low - of_limit, high + of_limit, 0.0]))
        across = (comparison.automatic + comparison.signed) / 2
        plot.setXRange(float(across.min()), float(across.max()), padding=0.05)
        plot.setYRange(float(ends.min()), float(ends.max()), padding=0.05)
        plot.setAccessibleName(
            tr("Agreement of {code}: {n} patients, bias {bias}").format(
                code=comparison.code, n=comparison.count, bias=f"{spread.bias:.1f}"
            )
        )
