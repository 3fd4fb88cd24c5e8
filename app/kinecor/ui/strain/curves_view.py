"""Strain curves: the whole wall thick, segments thin, each labelled at its peak."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from kinecor.core.strain.drawing import is_withheld, light, peaks, placed, short_name
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.table.measures import typeset, with_unit
from kinecor.core.values.geometry import FloatArray
from kinecor.ui.curves.event_flags import Key, frames_of
from kinecor.ui.curves.plotting import (
    Layered,
    Plot,
    draw_line,
    nearest_line,
    scale,
    staggered,
    step_for,
    ticks,
    time_words,
)
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.player import Player

_LEFT, _RIGHT, _TOP, _LOW = 40, 16, 24, 22
_READ_OUT_PX = 90  # for the value at the time on screen
_NEAR_PX = 9.0
_MARK_PX = 5.0
_NAME_HIGH_PX = 14.0  # of a mark's name
_TAG = (30.0, 15.0)
_QUIET_ALPHA = 120  # of a curve whose value is withheld
# Range always shown, in percent and per second, so that curves of two hearts compare directly.
LEAST = {False: (-20.0, 5.0), True: (-2.0, 2.0)}
STEP = {False: 5.0, True: 0.5}


class StrainView(Layered):
    """Strain over time, shortening downwards. A click goes to a time; the segment under the mouse is highlighted.

    Signals:
        flag_dragged(object, float, bool): a mark (beat, name), a time in s, whether it was let go.
    """

    flag_dragged = Signal(object, float, bool)

    def __init__(self, model: StrainModel, player: Player, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._player, self._focus = model, player, focus
        self.rate = False
        """Whether strain rate is shown in place of strain."""
        self._scale: tuple[float, float] | None = None
        self._lines: list[FloatArray] = []
        self._held: tuple[Key, bool] | None = None  # the mark that is dragged, and whether it was moved
        self.setMinimumSize(280, 120)
        self.setMouseTracking(True)
        model.changed.connect(self._model_changed)
        focus.changed.connect(self.redraw)
        player.frame_changed.connect(lambda _: self.update())
        model.computing_changed.connect(self.redraw)

    def sizeHint(self) -> QSize:
        """Below the volume curve."""
        return QSize(560, 240)

    def set_rate(self, rate: bool) -> None:
        """Show strain rate, or strain."""
        self.rate, self._scale = rate, None
        self.redraw()

    def _model_changed(self) -> None:
        if not self._model.previewing:
            self._scale = None  # while a contour is dragged the scale is fixed unless a curve would leave it
        self.redraw()

    # Drawing

    def values(self) -> tuple[FloatArray, FloatArray] | None:
        """(t,) of the whole wall and (t, segments), in percent or 1/s; None where there is no strain."""
        found = self._model.strain
        if found is None:
            return None
        if self.rate:
            return found.global_rate_per_s, found.segments_rate_per_s
        return found.global_percent, found.segments_percent

    def plot(self) -> Plot | None:
        """The current coordinates of the curves; None where there are none."""
        found, values = self._model.strain, self.values()
        if found is None or values is None:
            return None
        every = np.column_stack(values)
        low, high = scale(every, STEP[self.rate], self._scale or LEAST[self.rate])
        self._scale = (low, high)
        end_s = float(found.time_s[-1]) or 1.0
        wide, tall = self.width() - _LEFT - _RIGHT, self.height() - _TOP - _LOW
        return Plot(_LEFT, _TOP, wide, tall, -0.01 * end_s, 1.01 * end_s, low, high)

    def lines(self, plot: Plot) -> list[FloatArray]:
        """The whole wall's and the segments' curves as vertices (t, 2) in widget pixels."""
        found, values = self._model.strain, self.values()
        if found is None or values is None:
            return []
        x = plot.x(found.time_s)
        return [np.column_stack([x, plot.y(one)]) for one in (values[0], *values[1].T)]

    def draw_over(self, painter: QPainter) -> None:
        """The cursor with the strain at its time."""
        found, values, plot = self._model.strain, self.values(), self.plot()
        if found is None or values is None or plot is None:
            return
        frame = min(self._player.frame, len(found.time_s) - 1)
        x = float(plot.x(found.time_s[frame : frame + 1])[0])
        painter.setPen(QPen(QColor(theme.ACCENT), 1))
        painter.drawLine(QPointF(x, plot.top), QPointF(x, plot.top + plot.height))
        segment = self._focus.segment
        value = values[0][frame] if segment is None else values[1][frame, segment]
        name = found.code if segment is None else short_name(found.names[segment])
        if np.isfinite(value) and found.why is None and not (segment is not None and is_withheld(found, 1 + segment)):
            painter.setFont(theme.font(11, bold=True))
            unit = "/s" if self.rate else "%"
            painter.setPen(QColor(theme.ACCENT))
            words = f"{name} {translated(with_unit(float(value), unit, 2 if self.rate else 1))}"
            painter.drawText(QRectF(plot.left, 4, plot.width, 16), Qt.AlignmentFlag.AlignRight, words)

    def draw_layer(self, painter: QPainter) -> None:
        """Axes, events, curves."""
        plot = self.plot()
        if plot is None:
            self._lines = []
            _say(painter, QRectF(self.rect()), self._model.why_now)
        else:
            self._draw_axes(painter, plot)
            self._lines = self.lines(plot)
            self._draw_curves(painter, plot)
            if self._model.why:
                _say(
                    painter,
                    QRectF(plot.left, plot.top + plot.height - 42, plot.width, 40),
                    self._model.why_now,
                )

    def _draw_axes(self, painter: QPainter, plot: Plot) -> None:
        painter.setFont(theme.font(11))
        right, bottom = plot.left + plot.width, plot.top + plot.height
        shown = ticks(plot.low, plot.high, step_for(plot.high - plot.low, plot.height, 34))
        for value, y in zip(shown, plot.y(shown), strict=True):
            painter.setPen(QPen(QColor(theme.QUIET if value == 0 else theme.LINE), 1))
            painter.drawLine(QPointF(plot.left, y), QPointF(right, y))
            painter.setPen(QColor(theme.QUIET))
            box = QRectF(0, y - 8, plot.left - 6, 16)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), typeset(f"{value:g}")
            )
        seconds = ticks(0, plot.last_s, step_for(plot.last_s, plot.width, 60))
        for number, (value, x) in enumerate(zip(seconds, plot.x(seconds), strict=True)):
            box = QRectF(x - 34, bottom + 3, 68, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, time_words(value, last=number + 1 == len(seconds)))
        title = tr("Strain rate (1/s)") if self.rate else tr("Strain (%)")
        more = tr(", segments exploratory")
        wide = painter.fontMetrics().horizontalAdvance(title + more)
        painter.drawText(QPointF(plot.left, 16), title + (more if wide < plot.width - _READ_OUT_PX else ""))
        self._draw_marks(painter, plot)

    def _draw_marks(self, painter: QPainter, plot: Plot) -> None:
        painter.setFont(theme.font(11, bold=True))
        for (_, mark), frame in self.marks().items():
            x = float(plot.x(self._model.times_s[frame : frame + 1])[0])
            style = Qt.PenStyle.SolidLine if mark == "ed" else Qt.PenStyle.DashLine
            painter.setPen(QPen(QColor(theme.TEXT), 1.2, style))
            painter.drawLine(QPointF(x, plot.top), QPointF(x, plot.top + plot.height))
        painter.setPen(QColor(theme.TEXT))
        for words, box in self.mark_names(plot):
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)

    def mark_names(self, plot: Plot) -> list[tuple[str, QRectF]]:
        """The name of each mark and its box, widget pixels; one below another where they would overlap."""
        metrics = QFontMetrics(theme.font(11, bold=True))
        marks = sorted(self.marks().items(), key=lambda one: one[1])
        words = [mark.upper() for (_, mark), _ in marks]
        lefts = []
        for name, (_, frame) in zip(words, marks, strict=True):
            x, wide = float(plot.x(self._model.times_s[frame : frame + 1])[0]), metrics.horizontalAdvance(name)
            lefts.append(x + 4 if x + 4 + wide < self.width() else x - 4 - wide)
        spans = [(left, left + metrics.horizontalAdvance(name)) for left, name in zip(lefts, words, strict=True)]
        return [
            (name, QRectF(left, plot.top + 1 + row * _NAME_HIGH_PX, right - left + 2, _NAME_HIGH_PX))
            for name, (left, right), row in zip(words, spans, staggered(spans), strict=True)
        ]

    def marks(self) -> dict[Key, int]:
        """The frame (0-based) of every mark: where valve closure is set, it stands for ES."""
        reading = self._model.reading
        found = frames_of(reading) if reading else {}
        return {(beat, mark): at for (beat, mark), at in found.items() if mark != "es" or (beat, "avc") not in found}

    def _draw_curves(self, painter: QPainter, plot: Plot) -> None:
        found = self._model.strain
        if found is None:
            return
        pointed = self._focus.segment
        for segment in sorted(range(len(found.names)), key=lambda one: one == pointed):
            colour = QColor(theme.SEGMENT_COLOURS[segment])
            faint = pointed is not None and segment != pointed
            withheld = is_withheld(found, 1 + segment)
            colour.setAlpha(60 if faint else _QUIET_ALPHA if withheld and segment != pointed else 230)
            dotted = withheld or segment in found.excluded
            style = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, 3 if segment == pointed else 1.5, style))
            draw_line(painter, self._lines[1 + segment])
        whole = QColor(theme.TEXT)
        withheld = is_withheld(found, 0)
        whole.setAlpha(_QUIET_ALPHA if withheld else 120 if pointed is not None else 255)
        painter.setPen(QPen(whole, 1.6, Qt.PenStyle.DotLine) if withheld else QPen(whole, 3.2))
        draw_line(painter, self._lines[0])
        self._draw_tags(painter, plot, found)

    def _draw_tags(self, painter: QPainter, plot: Plot, found: WallStrain) -> None:
        names = [found.code, *(short_name(one) for one in found.names)]
        colours = [theme.TEXT, *theme.SEGMENT_COLOURS]
        order = list(range(len(self._lines)))
        if self._focus.segment is not None:
            order = [1 + self._focus.segment, 0]
        if is_withheld(found, 0):
            order.remove(0)
        lines = [self._lines[one] for one in order]
        values = self.values()
        if values is None:
            return
        wanted = peaks(np.column_stack(values), found)
        spots = placed(lines, [wanted[one] for one in order], _TAG)
        painter.setFont(theme.font(10, bold=True))
        for number, vertex in zip(order, spots, strict=True):
            if vertex < 0:
                continue
            x, y = self._lines[number][vertex]
            left = min(max(x - _TAG[0] / 2, plot.left), self.width() - _TAG[0])
            plate = QRectF(left, y - _TAG[1] / 2, *_TAG)
            ground = QColor(colours[number])
            withheld = is_withheld(found, number)
            painter.setPen(QPen(ground, 1, Qt.PenStyle.DotLine) if withheld else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(QColor(theme.GROUND) if withheld else ground)
            painter.drawRoundedRect(plate.adjusted(1, 1, -1, -1), 3, 3)
            dark = light((ground.red(), ground.green(), ground.blue()))
            painter.setPen(ground if withheld else QColor("#101214" if dark else "#ffffff"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, names[number])

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the mark under the mouse, or go to that time."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        mark = self._mark_at(event.position().x())
        self._held = None if mark is None else (mark, False)
        if mark is None:
            self._scrub(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the mark, or through time, with the button down; else highlight the curve under the mouse."""
        at = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton:
            if self._held is not None:
                self._held = self._held[0], True
                self._drag(at.x(), done=False)
            else:
                self._scrub(at.x())
            return
        over = self._mark_at(at.x()) is not None
        self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)
        line = nearest_line(self._lines, at.x(), at.y(), _NEAR_PX)
        self._focus.point_at(None if line in (None, 0) else line - 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the mark; one that was only clicked is gone to."""
        if self._held is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._held[1]:
            self._drag(event.position().x(), done=True)
        else:
            self._scrub(event.position().x())
        self._held = None

    def _mark_at(self, x: float) -> Key | None:
        """The mark whose line is near; None where there is none."""
        plot = self.plot()
        if plot is None:
            return None
        away = {key: abs(float(plot.x(self._model.times_s[at : at + 1])[0]) - x) for key, at in self.marks().items()}
        nearest = min(away, key=lambda key: away[key], default=None)
        return nearest if nearest is not None and away[nearest] <= _MARK_PX else None

    def _drag(self, x: float, *, done: bool) -> None:
        plot = self.plot()
        if plot is not None and self._held is not None:
            self.flag_dragged.emit(self._held[0], plot.time_s(x), done)

    def leaveEvent(self, event: QEvent) -> None:
        """Highlight nothing."""
        self._focus.point_at(None)

    def _scrub(self, x: float) -> None:
        plot = self.plot()
        if plot is not None:
            self._player.pause()
            self._player.seek(int(np.abs(self._model.times_s - plot.time_s(x)).argmin()))


def _say(painter: QPainter, box: QRectF, words: str) -> None:
    painter.setFont(theme.font(12))
    painter.setPen(QColor(theme.WARNING))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(box.adjusted(16, 0, -16, 0), int(flags), words)
