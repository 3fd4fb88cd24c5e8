"""Strips below a plot over time by pyqtgraph: cells in colours, or a small curve, in pixels of the widget.

Imported through `plot_host`, as `plots` is. What moves with every frame is a small widget above the plot: to move it,
only what is under it is drawn again.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QResizeEvent, QTransform
from PySide6.QtWidgets import QWidget

from kinecor.core.values.geometry import FloatArray
from kinecor.ui.style import theme

_SIGN_PX: Final = 8
_LINE_PX: Final = 1.6


class _Outline(QWidget):
    """A box round what is on screen, or a line through it where it is too narrow for one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The outline, or the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pyqtgraph.mkPen(theme.ACCENT, width=_LINE_PX))
        if self.width() > 2 * _LINE_PX:
            half = _LINE_PX / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 2, 2)
        else:
            painter.fillRect(self.rect(), pyqtgraph.mkColor(theme.ACCENT))


def _sign(words: str) -> QPainterPath:
    """A text as the symbol of a dot: 1 high, its middle at 0."""
    path = QPainterPath()
    path.addText(0, 0, theme.font(20, bold=True), words)
    box = path.boundingRect()
    path.translate(-box.center())
    return QTransform.fromScale(1 / box.height(), 1 / box.height()).map(path)


class StripPlot(pyqtgraph.GraphicsView):
    """A plot without axes whose coordinates are pixels of the widget; the mouse goes to the widget that holds it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=theme.GROUND)
        self.box = pyqtgraph.ViewBox(enableMenu=False, defaultPadding=0, invertY=True)
        self.box.setMouseEnabled(x=False, y=False)
        self.box.disableAutoRange()
        self.setCentralItem(self.box)
        self.setMinimumSize(0, 0)
        for unused in self.scene().contextMenu:
            unused.deleteLater()
        self.scene().contextMenu = []
        for widget in (self, self.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.image = pyqtgraph.ImageItem(axisOrder="row-major", autoDownsample=False)
        self.line = pyqtgraph.PlotCurveItem(antialias=True)
        self.signs = pyqtgraph.ScatterPlotItem(size=_SIGN_PX, pxMode=True, pen=pyqtgraph.mkPen(None))
        for item in (self.image, self.line, self.signs):
            self.box.addItem(item)
        self._names: list[Any] = []
        self._marks: list[Any] = []
        self.outline = _Outline(self.viewport())
        self.outline.hide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """A unit stays a pixel."""
        super().resizeEvent(event)
        if hasattr(self, "box"):
            self.box.setRange(QRectF(0, 0, self.width(), self.height()), padding=0)

    def show_colours(self, colours: NDArray[np.uint8]) -> None:
        """Fill the widget with (height, width, 3) colours, a pixel each."""
        self.image.setImage(colours, autoLevels=False, levels=(0, 255))
        self.image.setRect(QRectF(0, 0, colours.shape[1], colours.shape[0]))

    def show_signs(self, places: Sequence[tuple[float, float, str]], colour: str) -> None:
        """Write a sign at each place: x and y of its middle in pixels, and the sign."""
        paths = {words: _sign(words) for _, _, words in places}
        self.signs.setData(
            [x for x, _, _ in places],
            [y for _, y, _ in places],
            symbol=[paths[words] for _, _, words in places],
            brush=pyqtgraph.mkBrush(colour),
        )

    def show_line(self, x: FloatArray, y: FloatArray) -> None:
        """Draw a curve; both in pixels."""
        self.line.setData(x, y, pen=pyqtgraph.mkPen(theme.TEXT, width=1.2))

    def show_marks(self, marks: Sequence[tuple[float, Qt.PenStyle]]) -> None:
        """Draw a line from top to bottom at each x."""
        while len(self._marks) > len(marks):
            self.box.removeItem(self._marks.pop())
        while len(self._marks) < len(marks):
            line = pyqtgraph.InfiniteLine(0)
            line.setZValue(-1)
            self._marks.append(line)
            self.box.addItem(line)
        for line, (x, style) in zip(self._marks, marks, strict=True):
            line.setPen(pyqtgraph.mkPen(theme.QUIET, style=style))
            line.setValue(x)

    def show_names(self, names: Sequence[tuple[float, float, str]]) -> None:
        """Write names that end at x, their middle at y."""
        while len(self._names) > len(names):
            self.box.removeItem(self._names.pop())
        while len(self._names) < len(names):
            item = pyqtgraph.TextItem(color=theme.QUIET, anchor=(1, 0.5))
            item.textItem.document().setDocumentMargin(0)
            item.setFont(theme.font(10))
            self._names.append(item)
            self.box.addItem(item)
        for item, (x, y, words) in zip(self._names, names, strict=True):
            item.setText(words)
            item.setPos(x, y)

    def show_outline(self, box: QRectF | None) -> None:
        """Put the outline round another place, in pixels; None hides it."""
        if box is not None:
            self.outline.setGeometry(box.toAlignedRect())
        self.outline.setVisible(box is not None)
