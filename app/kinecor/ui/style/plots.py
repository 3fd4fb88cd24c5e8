"""Plots over time by pyqtgraph, in the look of the program.

pyqtgraph takes 0.4 s to import: this module is imported through `plot_host`, after the first frame is on screen.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QTransform
from PySide6.QtWidgets import QLabel, QWidget

from kinecor.core.table.measures import typeset
from kinecor.core.values.geometry import FloatArray
from kinecor.ui.style import theme
from kinecor.ui.style.plot_parts import EDGE, LEFT_PX, Calipers, Dot, Line, PlotMark, Tag

pyqtgraph.setConfigOption("mouseRateLimit", -1)  # every move of a mark is followed

PLATE_PX: Final = 17
"""Height of a row of plates."""
TITLE_PX: Final = 17
_COLUMNS: Final = 1024
"""Of an image over time, which its frames are spread over."""
_BOTTOM_PX: Final = 19
_REACH_PX: Final = 4
"""How near the mouse takes hold of a mark."""
_NAME_PX: Final = 13.0
_LEFT_BUTTON: Final = Qt.MouseButton.LeftButton


def staggered(spans: Sequence[tuple[float, float]], gap_px: float = 3.0) -> list[int]:
    """A row (from 0, downwards) for each text so that none covers another: the first one that is free.

    Args:
        spans: left and right edge of each text, widget pixels; placed in this order.
        gap_px: left free between two texts of a row.

    """
    rows: list[list[tuple[float, float]]] = []
    chosen = []
    for left, right in spans:
        free = (
            number
            for number, taken in enumerate(rows)
            if all(right + gap_px <= start or left >= end + gap_px for start, end in taken)
        )
        row = next(free, len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append((left, right))
        chosen.append(row)
    return chosen


class Axis(pyqtgraph.AxisItem):
    """Numbers as the program writes them; the last one of a time axis has its unit."""

    def __init__(self, side: str, factor: float = 1.0, unit: str = "") -> None:
        super().__init__(side, textPen=theme.QUIET, pen=theme.LINE)
        self.factor, self._unit = factor, unit
        self.enableAutoSIPrefix(False)
        self.setStyle(tickFont=theme.font(11), tickLength=-3, maxTickLevel=0, hideOverlappingLabels=False)

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """The numbers at the ticks."""
        texts = [typeset(f"{round(self.factor * value, 6) + 0.0:g}") for value in values]
        return [*texts[:-1], f"{texts[-1]} {self._unit}".strip()] if texts else []


class TimeBox(pyqtgraph.ViewBox):
    """Where curves are drawn: a drag goes through time, the wheel zooms along time.

    Signals:
        scrubbed(float): the time in s under the mouse.
    """

    scrubbed = Signal(float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(x=True, y=False)
        self.span_s = (0.0, 1.0)
        """First and last time that are shown when nothing is enlarged."""

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Go through time; with another button, or on the axis, move what is enlarged."""
        if event.button() == _LEFT_BUTTON and axis is None:
            event.accept()
            self.scrubbed.emit(self.mapSceneToView(event.scenePos()).x())
        else:
            super().mouseDragEvent(event, axis)

    def show_all(self) -> None:
        """Show all of the time again."""
        self.setXRange(*self.span_s, padding=0)

    def show_span(self, first_s: float, last_s: float) -> None:
        """Show another span of time, and no more than that."""
        if (first_s, last_s) != self.span_s:
            self.span_s = (first_s, last_s)
            self.setLimits(xMin=first_s, xMax=last_s)
            self.show_all()


class Plate(pyqtgraph.InfLineLabel):
    """What a mark is, next to its line; it is held as the line is."""

    def __init__(self, line: "Mark", words: str, *, filled: bool) -> None:
        self._filled = filled
        super().__init__(line, words, anchors=[(0, 0.5), (0, 0.5)])
        self.textItem.document().setDocumentMargin(1)
        self.setFont(theme.font(11, bold=True))
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.show_lit(False)

    def show_lit(self, lit: bool) -> None:
        """Take the colour of something that is held, or not."""
        colour = theme.ACCENT if lit else theme.TEXT
        self.setColor(theme.GROUND if self._filled else colour)
        self.fill = pyqtgraph.mkBrush(colour if self._filled else theme.GROUND)
        self.border = pyqtgraph.mkPen(colour)
        self.update()

    def mouseDragEvent(self, event: Any) -> None:
        """Drag the line."""
        self.line.mouseDragEvent(event)

    def mouseClickEvent(self, event: Any) -> None:
        """Click on the line."""
        self.line.mouseClickEvent(event)

    def hoverEvent(self, event: Any) -> None:
        """Point at the line."""
        self.line.hoverEvent(event)


class Mark(pyqtgraph.InfiniteLine):
    """The line of an event, with its plate; it goes where the mouse is, until its owner puts it to a frame."""

    moving: bool

    def __init__(self, shown: PlotMark) -> None:
        pen, lit = (
            pyqtgraph.mkPen(colour, width=width, style=shown.style)
            for colour, width in ((theme.TEXT, 1.5), (theme.ACCENT, 2.4))
        )
        super().__init__(shown.time_s, movable=True, pen=pen, hoverPen=lit)
        self.key, self.style, self.filled = shown.key, shown.style, shown.filled
        self.plate = Plate(self, shown.words, filled=shown.filled)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setZValue(20)

    def mouseDragEvent(self, event: Any) -> None:
        """Follow the mouse, until the drag is ended by whoever sets `moving` to False."""
        if event.button() != _LEFT_BUTTON:
            return
        event.accept()
        self.moving = self.moving or event.isStart()
        if self.moving:
            self.setValue(self.getViewBox().mapSceneToView(event.scenePos()).x())
            self.moving = not event.isFinish()
            self.setMouseHover(self.moving)
            (self.sigPositionChangeFinished if event.isFinish() else self.sigDragged).emit(self)

    def hoverEvent(self, event: Any) -> None:
        """Stand out where the mouse would take hold of line or plate."""
        held = not event.isExit() and (
            event.acceptDrags(_LEFT_BUTTON) or event.dragItems().get(_LEFT_BUTTON) in (self, self.plate)
        )
        self.setMouseHover(held or self.moving)

    def setMouseHover(self, hover: bool) -> None:
        """Stand out, or not."""
        super().setMouseHover(hover)
        self.plate.show_lit(hover)


class _Head(QWidget):
    """The line of the play head, above the plot: to move it, only what is under it is drawn again."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line with an arrow at its top."""
        painter, x = QPainter(self), self.width() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pyqtgraph.mkPen(theme.ACCENT, width=1.4))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setBrush(QColor(theme.ACCENT))
        painter.drawPolygon(QPolygonF([QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, 6)]))


class TimePlot(pyqtgraph.GraphicsView):
    """Curves of one time axis with marks that can be dragged, and a play head above them.

    The wheel enlarges a span of time, a double click shows all of it again.

    Signals:
        scrubbed(float): a time in s was pressed, or dragged to.
        mark_dragged(object, float, bool): a mark (its key) is at a time in s; True where it was let go.
        hovered(float, float): the mouse is at this place of the widget, without a button; NaN where it left.
        span_changed(): another span of time is shown, or in another size.
    """

    scrubbed = Signal(float)
    mark_dragged = Signal(object, float, bool)
    hovered = Signal(float, float)
    span_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.box = TimeBox()
        self.values, self.time = Axis("left"), Axis("bottom", 1000.0, "ms")
        super().__init__(parent, background=theme.GROUND)
        self._grid = pyqtgraph.GraphicsLayout()
        self._grid.setSpacing(0)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.setCentralItem(self._grid)
        for item, row, column in ((self.box, 0, 1), (self.values, 0, 0), (self.time, 1, 1)):
            self._grid.addItem(item, row, column)
        for axis in (self.values, self.time):
            axis.linkToView(self.box)
            axis.setZValue(-20)  # its grid is below the curves
        for widget in (self, self.viewport()):  # keys stay those of the window
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(0, 0)
        for unused in self.scene().contextMenu:  # the program exports curves itself
            unused.deleteLater()
        self.scene().contextMenu = []
        self.scene().setMoveDistance(1)
        self.scene().setClickRadius(_REACH_PX)
        self.values.setWidth(LEFT_PX)
        self.time.setHeight(_BOTTOM_PX)
        self.values.setGrid(60)
        self._low, self._high, self._top_px = 0.0, 1.0, 0.0
        self._right_px = 0.0
        self.box.disableAutoRange()
        self.marks: dict[Any, Mark] = {}
        self.curves: list[tuple[Line, Any]] = []
        """What each curve shows, and its item; the first is on top."""
        self._times_s: FloatArray = np.zeros(0)
        self.regions: list[Any] = []
        self.names: list[Any] = []
        self.tags: list[Any] = []
        self.calipers: list[Any] = []
        self._image: Any = None
        self._dots_shown: tuple[Dot, ...] = ()
        self.dots = pyqtgraph.ScatterPlotItem(pen=None, size=7, pxMode=True)
        self.dots.setZValue(15)
        self.box.addItem(self.dots)
        self.trace = pyqtgraph.PlotCurveItem(antialias=True)
        self.box.addItem(self.trace)
        self.message, self._trace_name, self.title = (self._text(theme.QUIET) for _ in range(3))
        self.title.setPos(LEFT_PX, 1)
        self._titles, self._title_px = ("", ""), 0.0
        self.head, self.value = _Head(self.viewport()), QLabel(self.viewport())
        self.value.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        ground = QColor(theme.GROUND)
        self.value.setStyleSheet(
            f"color: {theme.ACCENT}; font: bold 11px; padding: 0 2px;"
            f"background: rgba({ground.red()}, {ground.green()}, {ground.blue()}, 200)"
        )
        self._time_s, self._value_words = 0.0, ""
        self.head.hide()
        self.value.hide()
        self.box.scrubbed.connect(self.scrubbed)
        self.box.sigXRangeChanged.connect(self._follow_span)
        self.box.sigResized.connect(self._follow_size)

    # What is shown

    def show_axes(self, low: float, high: float, unit: str, *, top_px: float, right_px: float) -> None:
        """Show values from low to high, and leave room above and to the right of the curves.

        Args:
            low: at the lower end of the curves.
            high: at their upper end.
            unit: along the axis; "" hides its numbers, where there is no curve.
            top_px: height of what stands above the curves.
            right_px: width of what stands to the right of them.

        """
        self._low, self._high, self._top_px = low, high, top_px
        if right_px != self._right_px:
            self._right_px = right_px
            self._grid.setContentsMargins(0, 0, right_px, 0)
        if self.values.style["showValues"] is not bool(unit):
            self.values.setStyle(showValues=bool(unit))
        if unit != self.values.labelText:
            self.values.setLabel(unit, color=theme.QUIET, **{"font-size": "11px"})
            self.values.setWidth(LEFT_PX)
        self._fit_values()

    def show_title(self, words: str, short: str) -> None:
        """Say above everything what the curves are, in short words where there is no room for all."""
        self._titles, self._title_px = (words, short), TITLE_PX if words else 0.0
        self._place_title()

    def show_span(self, last_s: float) -> None:
        """Show the time from 0 to here, with a little room on both sides."""
        self.box.show_span(-EDGE * last_s, (1 + EDGE) * last_s)

    def show_lines(self, times_s: FloatArray, lines: Sequence[Line]) -> None:
        """Draw curves at these times, the first on top; one that is the same as before is not drawn again."""
        same = times_s is self._times_s
        self._times_s = times_s
        while len(self.curves) > len(lines):
            self.box.removeItem(self.curves.pop()[1])
        for number, line in enumerate(lines):
            if number == len(self.curves):
                item = pyqtgraph.PlotCurveItem(antialias=True, connect="finite")
                item.setZValue(10 - number / 100)
                self.box.addItem(item)
                self.curves.append((line, item))
                before = None
            else:
                before = self.curves[number][0]
            item = self.curves[number][1]
            self.curves[number] = line, item
            if same and before is not None and line.looks_like(before):
                continue
            style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
            known = bool(np.isfinite(line.values).any())
            item.setVisible(known)
            if known:
                item.setData(times_s, line.values, pen=pyqtgraph.mkPen(line.colour, width=line.width, style=style))

    def show_names(self, lines: Sequence[Line]) -> None:
        """Name curves at their ends, one below another where they would overlap."""
        ends = []
        for line in lines:
            known = np.flatnonzero(np.isfinite(line.values))
            if line.label and len(known):
                ends.append((self.y_of(float(line.values[known[-1]])), line))
        lowest, above = self.y_of(self._low) - _NAME_PX * len(ends), -np.inf
        while len(self.names) > len(ends):
            self.scene().removeItem(self.names.pop())
        while len(self.names) < len(ends):
            self.names.append(self._text(theme.QUIET))
        for name, (y, line) in zip(self.names, sorted(ends, key=lambda end: end[0]), strict=True):
            above = max(min(y - _NAME_PX / 2, lowest), above)
            if (name.toPlainText(), name.color) != (line.label, line.colour):
                name.setText(line.label, line.colour)
            name.setPos(self.width() - self._right_px + 3, above)
            above, lowest = above + _NAME_PX, lowest + _NAME_PX

    def show_dots(self, dots: Sequence[Dot]) -> None:
        """Point out places."""
        if tuple(dots) == self._dots_shown:
            return
        self._dots_shown = tuple(dots)
        self.dots.setData(
            [dot.time_s for dot in dots],
            [dot.value for dot in dots],
            brush=[pyqtgraph.mkBrush(dot.colour) for dot in dots],
            symbol=[dot.symbol for dot in dots],
        )

    def show_regions(self, spans_s: Sequence[tuple[float, float]]) -> None:
        """Shade every second of these spans of time, as beats that follow each other."""
        for old in self.regions:
            self.box.removeItem(old)
        colour = QColor(theme.QUIET)
        colour.setAlpha(22)
        self.regions = [
            pyqtgraph.LinearRegionItem(span, movable=False, brush=colour, pen=pyqtgraph.mkPen(None))
            for span in spans_s[1::2]
        ]
        for region in self.regions:
            region.setZValue(-10)
            self.box.addItem(region)

    def show_marks(self, marks: Sequence[PlotMark]) -> None:
        """Put the marks where they are now; one that is held stays the same line."""
        wanted = {mark.key: mark for mark in marks}
        for key in [key for key, line in self.marks.items() if not _same_line(line, wanted.get(key))]:
            line = self.marks.pop(key)
            line.moving = False
            self.box.removeItem(line)
        for key, mark in wanted.items():
            if key not in self.marks:
                line = self.marks[key] = Mark(mark)
                line.sigDragged.connect(lambda at: self.mark_dragged.emit(at.key, at.value(), False))
                line.sigPositionChangeFinished.connect(lambda at: self.mark_dragged.emit(at.key, at.value(), True))
                line.sigClicked.connect(lambda at, _: self.scrubbed.emit(at.value()))
                self.box.addItem(line)
            line = self.marks[key]
            if mark.words != line.plate.format:
                line.plate.setFormat(mark.words)
            line.setValue(mark.time_s)
        self.marks = {key: self.marks[key] for key in wanted}
        self._place_plates()

    def show_tags(self, tags: Sequence[Tag]) -> None:
        """Write names on the curves."""
        while len(self.tags) > len(tags):
            self.box.removeItem(self.tags.pop())
        while len(self.tags) < len(tags):
            item = pyqtgraph.TextItem(anchor=(0.5, 0.5))
            item.textItem.document().setDocumentMargin(1)
            item.setFont(theme.font(10, bold=True))
            item.setZValue(25)
            self.box.addItem(item)
            self.tags.append(item)
        for item, tag in zip(self.tags, tags, strict=True):
            item.fill = pyqtgraph.mkBrush(tag.ground)
            item.border = pyqtgraph.mkPen(tag.edge, style=Qt.PenStyle.DotLine) if tag.edge else pyqtgraph.mkPen(None)
            item.setText(tag.words, tag.ink)
            item.setAnchor(tag.anchor)
            item.setPos(tag.time_s, tag.value)
            item.update()

    def show_image(self, grey: NDArray[np.uint8], times_s: FloatArray, low: float, high: float) -> None:
        """Draw columns of grey (rows, t) below everything, each where its time is the nearest.

        The first row is at the value `high`, the last at `low`.
        """
        if self._image is None:
            self._image = pyqtgraph.ImageItem(axisOrder="row-major", levels=(0, 255))
            self._image.setZValue(-30)
            self.box.addItem(self._image)
        first_s, last_s = self.box.span_s
        every_s = np.linspace(first_s, last_s, 2 * _COLUMNS + 1)[1::2]
        nearest = np.abs(times_s[:, None] - every_s).argmin(axis=0)
        if len(grey):
            self._image.setImage(np.ascontiguousarray(grey[::-1, nearest]), autoLevels=False)
            self._image.setRect(QRectF(first_s, low, last_s - first_s, high - low))
        self._image.setVisible(len(grey) > 0)

    def show_calipers(self, shown: Sequence[Calipers]) -> None:
        """Draw what is measured."""
        for old in self.calipers:
            self.box.removeItem(old)
        self.calipers = [
            pyqtgraph.PlotDataItem(
                calipers.times_s,
                calipers.values,
                pen=pyqtgraph.mkPen(calipers.colour, width=1.5),
                shadowPen=pyqtgraph.mkPen(theme.GROUND, width=4),
                symbol=calipers.symbol,
                symbolSize=11,
                symbolPen=pyqtgraph.mkPen(calipers.colour),
                symbolBrush=pyqtgraph.mkBrush(calipers.colour),
                antialias=True,
            )
            for calipers in shown
        ]
        for item in self.calipers:
            item.setZValue(22)
            self.box.addItem(item)

    def show_message(self, words: str, colour: str) -> None:
        """Say something in the middle of the plot, or below its curves; "" for nothing."""
        if not words and not self.message.toPlainText():
            return
        self.message.setColor(colour)
        self.message.setText(words)
        self._place_message()

    def show_trace(self, times_s: FloatArray, shares: FloatArray, high_px: float, colour: str, name: str) -> None:
        """Draw a trace, such as an ECG, above the curves; `shares` are 0 at its lowest and 1 at its highest place."""
        self._trace_px = high_px
        self.trace.setVisible(len(times_s) > 1)
        self._trace_name.setText(name if len(times_s) > 1 else "")
        if len(times_s) > 1:
            self.trace.setData(times_s, shares, pen=pyqtgraph.mkPen(colour, width=1.2))
        self._place_trace()

    _trace_px = 0.0

    def show_time(self, time_s: float, words: str) -> None:
        """Move the play head, with the value at it."""
        self._time_s = time_s
        if words != self._value_words:
            self._value_words = words
            self.value.setText(words)
            self.value.adjustSize()
        self._place_head()

    def let_go(self) -> None:
        """Drag no mark any longer."""
        for line in self.marks.values():
            line.moving = False
            line.setMouseHover(False)

    @property
    def held(self) -> Any:
        """The key of the mark that is dragged, or None."""
        return next((key for key, line in self.marks.items() if line.moving), None)

    # Where things are

    def x_of(self, time_s: float) -> float:
        """The widget x of a time."""
        first_s, last_s = self.box.viewRange()[0]
        room = self.width() - LEFT_PX - self._right_px
        return float(LEFT_PX + room * (time_s - first_s) / (last_s - first_s))

    def y_of(self, value: float) -> float:
        """The widget y of a value."""
        room = max(self.height() - _BOTTOM_PX - self._top_px, 1.0)
        return float(self._top_px + room * (self._high - value) / (self._high - self._low))

    def points_px(self, times_s: FloatArray, values: FloatArray) -> FloatArray:
        """(t, 2) places of a curve in the widget; NaN where it is unknown."""
        first_px, second_px = self.x_of(0.0), self.x_of(1.0)
        low_px, high_px = self.y_of(0.0), self.y_of(1.0)
        return np.column_stack([first_px + (second_px - first_px) * times_s, low_px + (high_px - low_px) * values])

    def time_at(self, x: float) -> float:
        """The time in s at a widget x."""
        first_s, last_s = self.box.viewRange()[0]
        room = max(self.width() - LEFT_PX - self._right_px, 1.0)
        return float(first_s + (last_s - first_s) * (x - LEFT_PX) / room)

    def mark_at(self, x: float, y: float) -> Mark | None:
        """The mark whose line or plate is at a place of the widget, or near it."""
        around = QRect(round(x) - _REACH_PX, round(y) - _REACH_PX, 2 * _REACH_PX + 1, 2 * _REACH_PX + 1)
        for item in self.items(around):
            line = item.line if isinstance(item, Plate) else item
            if isinstance(line, Mark):
                return line
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a time at once; a mark waits for what follows."""
        super().mousePressEvent(event)
        position = event.position()
        if event.button() == _LEFT_BUTTON and self.mark_at(position.x(), position.y()) is None:
            self.scrubbed.emit(self.time_at(position.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say where the mouse is."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            self.hovered.emit(event.position().x(), event.position().y())

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse is somewhere else."""
        super().leaveEvent(event)
        self.hovered.emit(np.nan, np.nan)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of the time again."""
        super().mouseDoubleClickEvent(event)
        if event.button() == _LEFT_BUTTON:
            self.box.show_all()

    def _text(self, colour: QColor | str, words: str = "") -> Any:
        """A text in pixels of the widget."""
        item = pyqtgraph.TextItem(words, color=colour, anchor=(0, 0))
        item.textItem.document().setDocumentMargin(0)
        item.setFont(theme.font(11, bold=True))
        item.setParentItem(self._grid)
        return item

    def _fit_values(self) -> None:
        """Leave room above the curves in pixels."""
        room = max(self.height() - _BOTTOM_PX - self._top_px, 1.0)
        top = self._high + (self._high - self._low) * self._top_px / room
        if self.box.viewRange()[1] != [self._low, top]:
            self.box.setYRange(self._low, top, padding=0)
        self._place_trace()

    def _place_trace(self) -> None:
        room = max(self.height() - _BOTTOM_PX - self._top_px, 1.0)
        px = (self._high - self._low) / room
        self.trace.setTransform(QTransform(1, 0, 0, px * self._trace_px, 0, self._high + 3 * px))
        self._trace_name.setPos(LEFT_PX - 6 - self._trace_name.boundingRect().width(), self._top_px - self._trace_px)

    def _place_title(self) -> None:
        text, short = self._titles
        self.title.setText(text)
        if self.title.boundingRect().width() > self.width() - LEFT_PX:
            self.title.setText(short)

    def _place_message(self) -> None:
        wide = self.width() - LEFT_PX - self._right_px
        self.message.setTextWidth(-1)
        long = self.message.textItem.boundingRect().width() > wide - 32
        self.message.setTextWidth(wide - 32 if long else -1)
        box = self.message.textItem.boundingRect()
        below = self.height() - _BOTTOM_PX - box.height()
        over_curves = any(item.isVisible() for _, item in self.curves)
        self.message.setPos(LEFT_PX + (wide - box.width()) / 2, below - 4 if over_curves else below / 2)

    def _place_plates(self) -> None:
        """Plates one below another where they would overlap, outlined ones last; none beyond the right edge."""
        order = sorted(self.marks.values(), key=lambda line: (not line.filled, line.value()))
        widths = [line.plate.boundingRect().width() for line in order]
        lefts = [
            min(self.x_of(line.value()), self.width() - self._right_px - wide - 1)
            for line, wide in zip(order, widths, strict=True)
        ]
        tall = max(self.height() - _BOTTOM_PX, 1)
        below = max(tall - self._title_px, 1)
        rows = staggered([(left, left + wide) for left, wide in zip(lefts, widths, strict=True)], 1.0)
        for line, wide, left, row in zip(order, widths, lefts, rows, strict=True):
            x = self.x_of(line.value())
            line.plate.setVisible(LEFT_PX - 1 <= x <= self.width() - self._right_px + 1)
            beside = (x - left) / max(wide, 1.0)
            line.plate.anchors = [(beside, 0.5), (beside, 0.5)]
            line.setSpan(0, below / tall)
            line.viewTransformChanged()
            line.plate.setPosition(1 - (row + 0.5) * PLATE_PX / below)

    def _place_head(self) -> None:
        x, bottom = self.x_of(self._time_s), self.height() - _BOTTOM_PX
        inside = LEFT_PX <= x <= self.width() - self._right_px
        self.head.setVisible(inside)
        self.value.setVisible(inside and bool(self._value_words))
        if not inside:
            return
        top = round(self._title_px) + PLATE_PX
        self.head.setGeometry(round(x) - 4, top, 9, bottom - top)
        if self._value_words:
            wide = self.value.width()
            left = x + 3 if x + 3 + wide < self.width() - self._right_px else x - 3 - wide
            self.value.move(round(left), bottom - self.value.height() - 1)

    def _follow_span(self, *_: object) -> None:
        self._place_plates()
        self._place_head()
        self.span_changed.emit()

    def _follow_size(self, *_: object) -> None:
        self._fit_values()
        self._place_plates()
        self._place_head()
        self._place_message()
        self._place_title()
        self.show_names([line for line, _ in self.curves])
        self.span_changed.emit()


def _same_line(line: Mark, mark: PlotMark | None) -> bool:
    return mark is not None and (line.style, line.filled) == (mark.style, mark.filled)
