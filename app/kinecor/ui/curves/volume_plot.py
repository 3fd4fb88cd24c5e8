"""The plot of the timeline: curves over time, the ECG above them, flags of ED, ES and valve closure, the play head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import Trace
from kinecor.ui.curves.event_flags import Key, Mark
from kinecor.ui.curves.plotting import Layered, Plot, draw_line, step_for, ticks, time_words
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr

STYLES: Final[dict[Mark, Qt.PenStyle]] = {
    "ed": Qt.PenStyle.SolidLine,
    "es": Qt.PenStyle.DashLine,
    "avc": Qt.PenStyle.DotLine,
    "mvo": Qt.PenStyle.DashDotLine,
}
VALVES: Final = ("avc", "mvo")
"""Their flags are outlined, and stand below those of ED and ES."""
ECG_COLOUR: Final = "#6fbf8f"
_LEFT, _RIGHT, _TOP, _LOW = 50, 12, 20, 19
_NAMES: Final = (40, 130)  # least and greatest width of the names at the ends
_FLAG_PX, _ECG_PX, _LEAST_WITH_ECG_PX = 16, 24, 120
_NEAR_PX: Final = 5.0
_HEAD_PX: Final = 96  # the longest value next to the play head, "100 % max"
_LINE_PX: Final = 13.0  # between two names
_MARK_SHARE: Final = 0.03  # height of the marks of checks above the axis
_EDGE: Final = 0.01  # of the time, left free on both sides


@lru_cache(maxsize=32)
def _names_px(names: tuple[str, ...]) -> int:
    """Width of the names of curves with the gap before them."""
    metrics = QFontMetrics(theme.font(11, bold=True))
    least, most = _NAMES
    return min(max(least, *(metrics.horizontalAdvance(one) + 6 for one in names)), most)


@dataclass(frozen=True, eq=False)
class Line:
    """A curve.

    Attributes:
        values: (t,), NaN where unknown.
        colour: to draw it in.
        width: of the line in pixels.
        label: at its end; "" for none.
        dotted: whether it is what would be, not what is.

    """

    values: FloatArray
    colour: QColor
    width: float = 2.0
    label: str = ""
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Dots:
    """Frames (0-based) to point out, with a colour (#rrggbb) each."""

    frames: tuple[int, ...] = ()
    colours: tuple[str, ...] = ()


class VolumePlot(Layered):
    """Curves of one time axis. A click or drag goes to a time; the flag of an event is dragged.

    Signals:
        scrubbed(float): a time in s was clicked.
        flag_dragged(tuple, float, bool): the flag of (beat, mark) is at a time in s; True where it was let go.
    """

    scrubbed = Signal(float)
    flag_dragged = Signal(tuple, float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.times_s: FloatArray = np.zeros(0)
        self.lines: tuple[Line, ...] = ()
        """The first is that of the value at the play head."""
        self.flags: dict[Key, int] = {}
        """The frame (0-based) of every event."""
        self.corrected, self.checked = Dots(), Dots()
        """Frames with dots on the first curve, and frames with a triangle above the axis."""
        self.ecg: Trace | None = None
        self.unit, self.highest = "", 1.0
        self.frame = 0
        self.dragged: Key | None = None
        """The flag that is being dragged."""
        self._dragged_far = False
        self._pointed: Key | None = None
        self.setMouseTracking(True)

    # What is shown

    def show_flags(self, flags: Mapping[Key, int]) -> None:
        """Put the flags at these frames."""
        self.flags = dict(flags)
        self.redraw()

    def show_frame(self, frame: int) -> None:
        """Move the play head; only what is under it is painted."""
        for at in (self.frame, frame):
            self.update(self._head(at))
            if at != frame:
                self.frame = frame

    def let_go(self) -> None:
        """Stop dragging a flag."""
        self.dragged = self._pointed = None

    @property
    def value_words(self) -> str:
        """The value of the first curve at the play head; "" where it is unknown."""
        values = self.lines[0].values if self.lines else ()
        known = self.frame < len(values) and np.isfinite(values[self.frame])
        return f"{values[self.frame]:.0f} {self.unit}" if known else ""

    @property
    def empty_words(self) -> str:
        """What is said in place of a curve where none has a value; "" where one has, or nothing is open."""
        drawn = any(np.isfinite(one.values).any() for one in self.lines)
        return "" if drawn or not len(self.times_s) else tr("No volume curve")

    def plot(self) -> Plot:
        """The coordinates of the curves."""
        end_s = float(self.times_s[-1]) if len(self.times_s) > 1 else 1.0
        named = any(one.label for one in self.lines)
        ecg = _ECG_PX if self._ecg_shown else 0
        right = _names_px(tuple(one.label for one in self.lines)) if named else _RIGHT
        wide, tall = max(self.width() - _LEFT - right, 1), max(self.height() - _TOP - _LOW - ecg, 1)
        return Plot(_LEFT, _TOP + ecg, wide, tall, -_EDGE * end_s, (1 + _EDGE) * end_s, 0.0, self.highest)

    def x_of(self, time_s: float) -> float:
        """The widget x of a time."""
        plot = self.plot()  # one number: arrays would cost more than the rest of it
        return plot.left + plot.width * (time_s - plot.first_s) / (plot.last_s - plot.first_s)

    @property
    def _ecg_shown(self) -> bool:
        return self.ecg is not None and self.height() >= _LEAST_WITH_ECG_PX

    def _x_of_frame(self, frame: int) -> float:
        return self.x_of(float(self.times_s[min(frame, len(self.times_s) - 1)])) if len(self.times_s) else float(_LEFT)

    # Drawing

    def ground_parts(self) -> tuple[object, ...]:
        """The axes, the ECG, and all curves but the first: while a contour is dragged, that one changes alone."""
        others = (part for one in self.lines[1:] for part in (one.values, one.colour.rgba(), one.width, one.dotted))
        return self.plot(), self.unit, self.empty_words, self.times_s, self.ecg, *others

    def draw_ground(self, painter: QPainter) -> None:
        """Axes and ECG, and the other curves."""
        plot = self.plot()
        self._draw_axes(painter, plot)
        if len(self.times_s) and self.ecg is not None and self._ecg_shown:
            self._draw_ecg(painter, plot, self.ecg)
        self._draw_curves(painter, plot, self.lines[1:])

    def draw_layer(self, painter: QPainter) -> None:
        """The first curve on top of the others; names, dots, flags."""
        plot = self.plot()
        if not len(self.times_s):
            return
        self._draw_curves(painter, plot, self.lines[:1])
        self._draw_names(painter, plot)
        self._draw_dots(painter, plot)
        self._draw_flags(painter, plot)

    def _draw_curves(self, painter: QPainter, plot: Plot, lines: Sequence[Line]) -> None:
        """Curves, the first on top."""
        x = plot.x(self.times_s)
        for line in reversed(lines):
            style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
            painter.setPen(QPen(line.colour, line.width, style))
            draw_line(painter, np.column_stack([x, plot.y(line.values)]))

    def _draw_axes(self, painter: QPainter, plot: Plot) -> None:
        painter.setFont(theme.font(11))
        right, bottom = plot.left + plot.width, plot.top + plot.height
        if self.empty_words:  # an axis without a curve would look like one with low values
            painter.setPen(QColor(theme.QUIET))
            box = QRectF(plot.left, plot.top, plot.width, plot.height)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.empty_words)
        grid = QColor(theme.LINE)
        levels = ticks(0, self.highest, step_for(self.highest, plot.height, 26))
        if self.empty_words:
            levels = levels[:1]
        for value, y in zip(levels, plot.y(levels), strict=True):
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(plot.left, round(y) + 0.5), QPointF(right, round(y) + 0.5))
            painter.setPen(QColor(theme.QUIET))
            box = QRectF(0, y - 8, plot.left - 6, 16)
            if not self.empty_words:
                painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{value:g}")
        if not self.empty_words:
            painter.drawText(QRectF(0, 1, _LEFT - 6, 16), int(Qt.AlignmentFlag.AlignRight), self.unit)
        if len(self.times_s) < 2:
            return
        last_s = float(self.times_s[-1])
        seconds = ticks(0, last_s, step_for(last_s, plot.width, 64))
        for number, (value, x) in enumerate(zip(seconds, plot.x(seconds), strict=True)):
            words = time_words(value, last=number + 1 == len(seconds))
            painter.drawText(QRectF(x - 34, bottom + 2, 68, 16), int(Qt.AlignmentFlag.AlignHCenter), words)

    def _draw_ecg(self, painter: QPainter, plot: Plot, ecg: Trace) -> None:
        shown = (ecg.times_s >= plot.first_s) & (ecg.times_s <= plot.last_s)
        if shown.sum() < 2:
            return
        values = ecg.values[shown]
        low, high = np.percentile(values, (0.5, 99.8))
        deep = _ECG_PX - 6
        y = plot.top - 3 - deep * (np.clip(values, low, high) - low) / max(high - low, 1e-12)
        painter.setPen(QPen(QColor(ECG_COLOUR), 1.2))
        draw_line(painter, np.column_stack([plot.x(ecg.times_s[shown]), y]))
        painter.setPen(QColor(theme.QUIET))
        box = QRectF(0, plot.top - _ECG_PX + 4, plot.left - 6, 16)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight), tr("ECG"))

    def _draw_names(self, painter: QPainter, plot: Plot) -> None:
        """Names at the ends of curves, one below the other where they would overlap."""
        ends = []
        for line in self.lines:
            known = np.flatnonzero(np.isfinite(line.values))
            if line.label and len(known):
                ends.append((float(plot.y(line.values[known[-1:]])[0]), line))
        painter.setFont(theme.font(11, bold=True))
        lowest = plot.top + plot.height - _LINE_PX * len(ends)
        above = -np.inf
        for y, line in sorted(ends, key=lambda one: one[0]):
            above = max(min(y - _LINE_PX / 2, lowest), above)
            painter.setPen(line.colour)
            box = QRectF(plot.left + plot.width + 3, above, self.width() - plot.left - plot.width - 3, _LINE_PX)
            words = painter.fontMetrics().elidedText(line.label, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), words)
            above, lowest = above + _LINE_PX, lowest + _LINE_PX

    def _draw_dots(self, painter: QPainter, plot: Plot) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        first = self.lines[0].values if self.lines else np.zeros(0)
        for frame, colour in zip(self.corrected.frames, self.corrected.colours, strict=True):
            painter.setBrush(QColor(colour))
            at = QPointF(self._x_of_frame(frame), float(plot.y(first[frame : frame + 1])[0]))
            painter.drawEllipse(at, 3.2, 3.2)
        y = float(plot.y(np.array([_MARK_SHARE * self.highest]))[0])
        for frame, colour in zip(self.checked.frames, self.checked.colours, strict=True):
            painter.setBrush(QColor(colour))
            x = self._x_of_frame(frame)
            painter.drawPolygon(QPolygonF([QPointF(x - 4.5, y + 4), QPointF(x + 4.5, y + 4), QPointF(x, y - 4.5)]))

    def _draw_flags(self, painter: QPainter, plot: Plot) -> None:
        bottom = plot.top + plot.height
        for key, frame in self.flags.items():
            x = self._x_of_frame(frame)
            lit = key in (self.dragged, self._pointed)
            painter.setPen(QPen(QColor(theme.ACCENT if lit else theme.TEXT), 2.4 if lit else 1.5, STYLES[key[1]]))
            painter.drawLine(QPointF(x, _FLAG_PX), QPointF(x, bottom))
        painter.setFont(theme.font(11, bold=True))
        for key, box in self.plates().items():
            lit = key in (self.dragged, self._pointed)
            filled = key[1] not in VALVES
            colour = QColor(theme.ACCENT if lit else theme.TEXT)
            painter.setPen(QPen(colour, 1))
            painter.setBrush(colour if filled else QColor(theme.GROUND))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
            painter.setPen(QColor(theme.GROUND) if filled else colour)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.flag_words(key))

    def flag_words(self, key: Key) -> str:
        """What stands on a flag: the mark and its frame, from 1."""
        return f"{key[1].upper()} {self.flags[key] + 1}"

    def plates(self) -> dict[Key, QRectF]:
        """Where the plates of the flags are: above the plot, and one below another where they would overlap."""
        taken: list[QRectF] = []
        found: dict[Key, QRectF] = {}
        high = _FLAG_PX - 1
        for key, frame in sorted(self.flags.items(), key=lambda one: (one[0][1] in VALVES, one[1])):
            wide = 10 + 6.6 * len(self.flag_words(key))
            left = min(self._x_of_frame(frame), self.width() - wide - 1)
            box = QRectF(left, 1, wide, high)
            while any(box.intersects(other) for other in taken) and box.bottom() < self.height() - _LOW:
                box = box.translated(0, high + 1)
            taken.append(box)
            found[key] = box
        return found

    def _head(self, frame: int) -> QRect:
        """What the play head covers."""
        return QRect(int(self._x_of_frame(frame)) - _HEAD_PX, 0, 2 * _HEAD_PX, self.height())

    def draw_over(self, painter: QPainter) -> None:
        """The play head with the value at it."""
        if not len(self.times_s):
            return
        plot, x = self.plot(), self._x_of_frame(self.frame)
        accent = QColor(theme.ACCENT)
        painter.setPen(QPen(accent, 1.4))
        painter.drawLine(QPointF(x, _FLAG_PX), QPointF(x, plot.top + plot.height))
        painter.setBrush(accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(
            QPolygonF([QPointF(x - 4.5, _FLAG_PX), QPointF(x + 4.5, _FLAG_PX), QPointF(x, _FLAG_PX + 6)])
        )
        words = self.value_words
        if not words:
            return
        painter.setFont(theme.font(11, bold=True))
        wide = painter.fontMetrics().horizontalAdvance(words) + 6
        left = x + 3 if x + 3 + wide < plot.left + plot.width else x - 3 - wide
        box = QRectF(left, plot.top + plot.height - 17, wide, 15)
        plate = QColor(theme.GROUND)
        plate.setAlpha(200)
        painter.fillRect(box, plate)
        painter.setPen(accent)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    # Mouse

    def flag_at(self, x: float, y: float) -> Key | None:
        """The flag whose plate or line is at a place; None where there is none."""
        for key, box in self.plates().items():
            if box.contains(x, y):
                return key
        distances = {key: abs(self._x_of_frame(frame) - x) for key, frame in self.flags.items()}
        nearest = min(distances, key=lambda key: distances[key], default=None)
        return nearest if nearest is not None and distances[nearest] <= _NEAR_PX else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the flag under the mouse, or go to the time."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        self.dragged, self._dragged_far = self.flag_at(at.x(), at.y()), False
        if self.dragged is None:
            self.scrubbed.emit(self.plot().time_s(at.x()))
        else:
            self.redraw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the flag, or go through time; without a button, point at a flag."""
        at = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton:
            if self.dragged is not None:
                self._dragged_far = True
                self.flag_dragged.emit(self.dragged, self.plot().time_s(at.x()), False)
            else:
                self.scrubbed.emit(self.plot().time_s(at.x()))
            return
        pointed = self.flag_at(at.x(), at.y())
        if pointed != self._pointed:
            self._pointed = pointed
            self.setCursor(Qt.CursorShape.SplitHCursor if pointed else Qt.CursorShape.ArrowCursor)
            self.redraw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the flag; one that was only clicked is gone to."""
        key, far = self.dragged, self._dragged_far
        if key is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.dragged = None
        self.redraw()
        if far:
            self.flag_dragged.emit(key, self.plot().time_s(event.position().x()), True)
        else:
            self.scrubbed.emit(float(self.times_s[self.flags[key]]))


def top_of(values: Sequence[FloatArray], headroom: float) -> float:
    """The highest value to show, so that all curves fit with some room above them."""
    most = max((float(np.nanmax(one, initial=0.0)) for one in values), default=0.0)
    return headroom * most if most > 0 else headroom
