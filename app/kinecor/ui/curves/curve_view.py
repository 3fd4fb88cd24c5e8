"""Curves over time: the volume curve, and the area of each slice of a stack, with the play head and marks of events."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget

from kinecor.core.cycle.cycle import closure_bounds, closure_by_beat, with_closure
from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import frame_of, marks, moved, set_here
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor.session.edits import SetEvents, SetValveClosures
from kinecor.ui.curves.confidence import ConfidenceStrip, Strip
from kinecor.ui.curves.phase_events import PhaseNote, PhaseStrip
from kinecor.ui.style import theme
from kinecor.ui.style.marks import COLOURS
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Change, Workspace


@dataclass(frozen=True, slots=True)
class Plot:
    """Maps seconds and values to widget pixels; larger values are higher, so that shortening goes down.

    Attributes:
        left, top, width, height: of the plotting area, widget pixels.
        first_s, last_s: at its left and right edge.
        low, high: at its lower and upper edge.

    """

    left: float
    top: float
    width: float
    height: float
    first_s: float
    last_s: float
    low: float
    high: float

    def x(self, time_s: FloatArray) -> FloatArray:
        """Widget x of times."""
        return np.asarray(self.left + self.width * (time_s - self.first_s) / (self.last_s - self.first_s))

    def y(self, value: FloatArray) -> FloatArray:
        """Widget y of values."""
        return np.asarray(self.top + self.height * (self.high - value) / (self.high - self.low))

    def time_s(self, x: float) -> float:
        """The time at a widget x."""
        return self.first_s + (self.last_s - self.first_s) * (x - self.left) / max(self.width, 1.0)


def scale(values: FloatArray, step: float, least: tuple[float, float]) -> tuple[float, float]:
    """The lowest and highest value to show: `least`, widened in steps until every finite value fits."""
    low, high = least
    known = values[np.isfinite(values)]
    if len(known):
        low = min(low, math.floor(float(known.min()) / step) * step)
        high = max(high, math.ceil(float(known.max()) / step) * step)
    return low, high


def ticks(low: float, high: float, step: float) -> FloatArray:
    """Multiples of `step` from low to high."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.asarray(np.arange(first, last + 1) * step, dtype=np.float64)


def step_for(span: float, room_px: float, least_px: float) -> float:
    """The smallest step of 1, 2, 5 times a power of ten that leaves `least_px` between two ticks."""
    rough = span * least_px / max(room_px, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(one * power for one in (1.0, 2.0, 5.0, 10.0) if one * power >= rough * 0.999)


def nearest_line(lines: Sequence[FloatArray], x: float, y: float, within_px: float) -> int | None:
    """The line (n, 2) that passes nearest to a place, or None where none does within `within_px` pixels."""
    best, found = within_px, None
    for number, line in enumerate(lines):
        start, end = line[:-1], line[1:]
        way = end - start
        share = ((np.array((x, y)) - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12)
        foot = start + np.clip(share, 0, 1)[:, None] * way
        distance = np.hypot(foot[:, 0] - x, foot[:, 1] - y)
        if np.isfinite(distance).any() and (least := float(np.nanmin(distance))) < best:
            best, found = least, number
    return found


def draw_line(painter: QPainter, line: FloatArray) -> None:
    """Draw a curve, interrupted where it is not finite."""
    run: list[QPointF] = []
    for x, y in line.tolist():
        if np.isfinite(y):
            run.append(QPointF(x, y))
        elif run:
            painter.drawPolyline(QPolygonF(run))
            run = []
    if run:
        painter.drawPolyline(QPolygonF(run))


Mark = Literal["ed", "es", "avc"]
"""End-diastole, end-systole, aortic valve closure."""
STYLES: Final[dict[Mark, Qt.PenStyle]] = {
    "ed": Qt.PenStyle.SolidLine,
    "es": Qt.PenStyle.DashLine,
    "avc": Qt.PenStyle.DotLine,
}
_HEIGHT: Final[dict[Mark, float]] = {"ed": 0.93, "es": 0.93, "avc": 0.8}  # of the label, as a share of the plot


def go_to(workspace: Workspace, player: Player, mark: Mark) -> None:
    """Stop at the next mark of this kind; after the last comes the first."""
    saved = workspace.saved
    if saved is None:
        return
    if mark == "avc":
        frames = list(saved.valve_closures)
        if not frames and not saved.kind.stack:
            workspace.message.emit(
                "No aortic valve closure is set: press Alt+V at the frame in which the valve closes."
            )
    else:
        frames = sorted(frame_of(beat, mark) for beat in saved.events.beats) if saved.events else []
    if frames:
        player.pause()
        player.seek(next((frame for frame in frames if frame > player.frame), frames[0]))


def put_here(workspace: Workspace, player: Player, mark: Mark) -> None:
    """Set ED or ES to the frame on screen; set aortic valve closure there, or clear it where it is set already."""
    saved, frame = workspace.saved, player.frame
    if saved is None:
        return
    player.pause()
    if mark == "avc" and saved.kind.stack:
        workspace.message.emit("Aortic valve closure can be set in a loop that shows the valve, not in a stack.")
        return
    try:
        if mark == "avc" and frame in saved.valve_closures:
            edit: SetEvents | SetValveClosures = SetValveClosures(
                tuple(one for one in saved.valve_closures if one != frame)
            )
        elif mark == "avc":
            edit = SetValveClosures(with_closure(saved, frame))
        else:
            edit = SetEvents(set_here(saved.events, mark, frame, curves(saved).lv_volume))
    except KinecorError as error:
        workspace.message.emit(str(error))
        return
    workspace.do(edit)


def _plate(mark: Mark) -> dict[str, str]:
    """ED and ES are filled plates; AVC is outlined, and stands lower where it shares a frame with ES."""
    if mark == "avc":
        return {"color": theme.TEXT, "fill": theme.GROUND, "border": theme.TEXT}
    return {"color": theme.GROUND, "fill": theme.TEXT}


class EventLines:
    """Lines on the volume curve: ED solid, ES dashed, valve closure dotted; dragging moves to the nearest frame."""

    def __init__(
        self, plot: pg.PlotWidget, workspace: Workspace, player: Player, frame_at: Callable[[float], int]
    ) -> None:
        """`frame_at` returns the frame nearest to a time in seconds."""
        self._plot, self._workspace, self._player, self._frame_at = plot, workspace, player, frame_at
        self.lines: dict[tuple[int, Mark], pg.InfiniteLine] = {}
        """By beat (0-based) and mark."""

    def show_change(self, change: Change) -> None:
        """Redraw where events changed."""
        before, after = change.before, change.after
        if change.by is not self:
            for line in self.lines.values():
                line.moving = False  # stop dragging a line whose mark may be gone
        if after is None or (change.by is self and change.preview):
            return
        if before is None or before.valve_closures != after.valve_closures or before.events is not after.events:
            self._draw(after)

    def _draw(self, reading: Reading) -> None:
        wanted, times_s = _frames(reading), reading.facts.times_s
        for key in [one for one in self.lines if one not in wanted]:
            self._plot.removeItem(self.lines.pop(key))
        for key, frame in wanted.items():
            if key not in self.lines:
                self.lines[key] = self._line(*key)
            first, last = _bounds(reading, *key)
            # Bounds first: a reused line clamps its value to the bounds it has.
            self.lines[key].setBounds((times_s[first], times_s[last]))
            self.lines[key].setValue(times_s[frame])
            self.lines[key].label.setFormat(f"{key[1].upper()} {frame + 1}")

    def _line(self, beat: int, mark: Mark) -> pg.InfiniteLine:
        line = pg.InfiniteLine(
            angle=90,
            movable=True,
            pen=pg.mkPen(theme.TEXT, width=1.5, style=STYLES[mark]),
            hoverPen=pg.mkPen(theme.ACCENT, width=3, style=STYLES[mark]),
            label=mark.upper(),
            labelOpts={"position": _HEIGHT[mark], "movable": False, **_plate(mark)},
        )
        line.label.setFont(theme.font(11, bold=True))
        line.setZValue(11 if mark == "avc" else 10)
        # sigPositionChanged is also emitted by setValue; these two only for the mouse.
        line.sigDragged.connect(lambda one: self.drag(beat, mark, one.value(), done=False))
        line.sigPositionChangeFinished.connect(lambda one: self.drag(beat, mark, one.value(), done=True))
        self._plot.addItem(line)
        return line

    def drag(self, beat: int, mark: Mark, time_s: float, *, done: bool) -> None:
        """Move the mark of a beat (0-based) to the frame nearest to a time, as a preview or for good."""
        saved = self._workspace.saved
        if saved is None or (beat, mark) not in _frames(saved):
            return
        first, last = _bounds(saved, beat, mark)
        frame = min(max(self._frame_at(time_s), first), last)
        self._player.pause()
        if done and frame == _frames(saved)[beat, mark]:
            self._workspace.drop_preview()
            self._draw(saved)
        elif done:
            self._workspace.do(_moved(saved, beat, mark, frame), by=self)
        else:
            self._workspace.preview(_moved(saved, beat, mark, frame), by=self)
        self._player.seek(frame)


def _frames(reading: Reading) -> dict[tuple[int, Mark], int]:
    """The frame of every mark."""
    found: dict[tuple[int, Mark], int] = {(beat, mark): frame for beat, mark, frame in marks(reading.events)}
    return found | {(beat, "avc"): frame for beat, frame in closure_by_beat(reading).items()}


def _bounds(reading: Reading, beat: int, mark: Mark) -> tuple[int, int]:
    """The first and last frame that a mark can be moved to, between its neighbours."""
    if mark == "avc":
        return closure_bounds(reading, beat)
    events, last = reading.events, reading.facts.frames - 1
    if events is None:
        return 0, last
    first_end, last_end = (moved(events, beat, mark, end, last + 1).beats[beat] for end in (0, last))
    return frame_of(first_end, mark), frame_of(last_end, mark)


def _moved(reading: Reading, beat: int, mark: Mark, frame: int) -> SetEvents | SetValveClosures:
    if mark == "avc":
        return SetValveClosures(tuple(sorted({**closure_by_beat(reading), beat: frame}.values())))
    if reading.events is None:
        raise ValueError("there are no events to move")
    return SetEvents(moved(reading.events, beat, mark, frame, reading.facts.frames))


LEAST_PX, LEAST_WITH_STRIP_PX = 110, 150
MARK_SHARE = 0.03  # height of the marks of checks above the axis
HEADROOM = 1.25  # room for the letters on the lines


@dataclass(frozen=True, eq=False)
class Beside:
    """The volume curve of another view at the frames of the one in focus.

    Attributes:
        label: of the view.
        values: (frames of the view in focus,) in its unit; NaN where there is none.

    """

    label: str
    values: FloatArray


_NAME_PX: Final = 14.0
PALER: Final = 120
"""Opacity of the other views' curves, of 255: the same colour, never dashed, since dashes belong to ES."""


class _Milliseconds(pg.AxisItem):  # type: ignore[misc]
    """Times in s, shown in ms; the last one says the unit."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        found = [f"{1000 * one:.0f}" for one in values]
        return [*found[:-1], f"{found[-1]} ms"] if found else []


class _ScrubBox(pg.ViewBox):  # type: ignore[misc]
    """Click and drag to move through time; the plot itself neither pans nor zooms."""

    scrubbed = Signal(float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=False)

    def mouseDragEvent(self, ev: Any, axis: Any = None) -> None:
        ev.accept()
        self.scrubbed.emit(self.mapSceneToView(ev.scenePos()).x())

    def mouseClickEvent(self, ev: Any) -> None:
        ev.accept()
        self.scrubbed.emit(self.mapSceneToView(ev.scenePos()).x())

    def wheelEvent(self, ev: Any, axis: Any = None) -> None:
        ev.ignore()


class CurveView(QWidget):
    """LV volume over time; ED solid, ES dashed, valve closure dotted, the time on screen a thin line.

    Dots mark corrected contours, triangles below the curve frames that checks name; a strip below has a cell per frame.
    Curves of other views on screen are paler. Dragging a line moves the event to the nearest frame, between its
    neighbours; the measurements follow at once. Below are the AI-suggested ED and ES, where there are any, and a note
    where the two sources disagree.

    """

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        box = _ScrubBox()
        box.scrubbed.connect(self._scrub)
        self.plot = pg.PlotWidget(viewBox=box, axisItems={"bottom": _Milliseconds("bottom")})
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.setAcceptDrops(False)  # files dropped here go to the window
        # WORKAROUND: pyqtgraph 0.14 makes its menu without a parent; it would outlive the window.
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.showGrid(x=False, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(tickFont=theme.font(11), tickLength=-4)
            self.plot.getAxis(side).enableAutoSIPrefix(False)
            self.plot.getAxis(side).setPen(theme.LINE)
            self.plot.getAxis(side).setTextPen(theme.QUIET)
            # Cached as an image: drawing ticks and grid lines again costs more than the curve.
            self.plot.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.plot.getAxis("left").setWidth(58)
        self.plot.getAxis("bottom").setHeight(20)
        self.curve = self.plot.plot(pen=pg.mkPen(theme.STRUCTURE_COLOURS[Structure.LV_ENDO], width=2), connect="finite")
        self.right = self.plot.plot(pen=pg.mkPen(theme.STRUCTURE_COLOURS[Structure.RV], width=1.5), connect="finite")
        self.beside: list[pg.PlotDataItem] = []
        self._names: list[pg.TextItem] = []
        self.flags = pg.ScatterPlotItem(size=6, pen=None)
        self.plot.addItem(self.flags)
        self.checked = pg.ScatterPlotItem(size=9, symbol="t1", pen=None)
        self.plot.addItem(self.checked)
        self._cursor = pg.InfiniteLine(
            angle=90,
            pen=pg.mkPen(theme.ACCENT, width=1),
            label="",
            labelOpts={"position": 0.09, "color": theme.ACCENT, "fill": theme.GROUND + "c8", "movable": False},
        )
        self._cursor.label.setFont(theme.font(11, bold=True))
        self._unit = ""
        self.plot.addItem(self._cursor)
        self.events = EventLines(self.plot, workspace, player, self._frame_at)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 8, 2)
        layout.setSpacing(2)
        self.strip = PhaseStrip(self._column_of, self._time_of)
        self.strip.scrubbed.connect(self._scrub)
        self.note = PhaseNote(workspace)
        self.confidence = ConfidenceStrip(self._column_of)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.confidence)
        layout.addWidget(self.strip)
        layout.addWidget(self.note)
        self.setMinimumHeight(LEAST_PX)
        workspace.changed.connect(self.show_change)
        workspace.checks_changed.connect(self.show_checks)
        player.frame_changed.connect(self.show_frame)

    @property
    def lines(self) -> dict[tuple[int, Mark], pg.InfiniteLine]:
        """The lines of the events, by beat (0-based) and mark."""
        return self.events.lines

    def show_strips(self, strips: Sequence[Strip], times_s: FloatArray) -> None:
        """Show the doubtful frames of the views on screen."""
        self.confidence.show_strips(strips, times_s)
        self._fit()

    def _fit(self) -> None:
        """Room for the curve with whatever is below it."""
        below = self.confidence.height() if not self.confidence.isHidden() else 0
        self.setMinimumHeight((LEAST_PX if self.strip.isHidden() else LEAST_WITH_STRIP_PX) + below)

    def show_frame(self, frame: int) -> None:
        """Move the cursor to a frame's time."""
        reading = self._workspace.reading
        if reading is not None:
            frame = min(frame, reading.facts.frames - 1)
            self._cursor.setValue(reading.facts.times_s[frame])
            self.strip.show_frame(frame)
            self.confidence.show_frame(frame)
            self._show_volume(frame)

    def _show_volume(self, frame: int) -> None:
        volumes = self.curve.yData
        known = volumes is not None and frame < len(volumes) and np.isfinite(volumes[frame])
        self._cursor.label.setFormat(f"{volumes[frame]:.0f} {self._unit}" if known else "")

    def show_change(self, change: Change) -> None:
        """Redraw the curve and the lines where they changed."""
        before, after = change.before, change.after
        self.events.show_change(change)
        if after is None:
            return
        drawn = ("tracks", "calibration", "slices", "short_axis")
        if before is None or any(getattr(before, one) is not getattr(after, one) for one in drawn):
            self._draw_curve(after, fresh=before is None or not change.preview)
        if before is None:
            self.show_frame(self._player.frame)
        if before is None or before.phase_curve is not after.phase_curve:
            self.strip.show_reading(after)
            self._fit()
        inputs = (*drawn, "events", "phase_curve")
        if not change.preview and (before is None or any(getattr(before, x) is not getattr(after, x) for x in inputs)):
            self.note.show_reading(after)

    def _draw_curve(self, reading: Reading, *, fresh: bool) -> None:
        found = curves(reading)
        volume = found.lv_volume
        self.curve.setData(found.time_s, volume)
        right = np.full(len(volume), np.nan) if found.rv_volume is None else found.rv_volume
        self.right.setData(found.time_s, right)
        self._flag(reading, volume)
        self._unit = unit = "ml" if found.volume_unit == "ml" else "% max"
        self._show_volume(self._player.frame)
        axis = self.plot.getAxis("left")
        if axis.labelText != (words := f"{'LV volume' if found.rv_volume is None else 'LV, RV'} ({unit})"):
            axis.setLabel(words)
            axis.resizeEvent()  # WORKAROUND: pyqtgraph 0.14 centres a label only when the axis changes its size
        most = max(float(np.nanmax(one, initial=0.0)) for one in (volume, right)) or 1.0
        top = self.plot.getViewBox().viewRange()[1][1]
        # While a contour is dragged the scale is fixed unless the curve would leave it.
        if fresh or most > top:
            self.plot.setYRange(0, most * HEADROOM, padding=0)
        if fresh:
            end_s = float(found.time_s[-1]) or 1.0
            self.plot.setXRange(-0.01 * end_s, end_s * 1.01, padding=0)

    def show_beside(self, view: str, others: tuple[Beside, ...]) -> None:
        """Draw the curves of other views paler, each with its name at the end; `view` names the one in focus."""
        for item in (*self.beside, *self._names):
            self.plot.removeItem(item)
        self.beside, self._names = [], []
        reading = self._workspace.reading
        if reading is None or not others:
            return
        times_s, colour = reading.facts.times_s, QColor(theme.STRUCTURE_COLOURS[Structure.LV_ENDO])
        own = self.curve.yData
        lines = [(view, own if own is not None else np.full(len(times_s), np.nan), 255)]
        lines += [(one.label, one.values, PALER) for one in others]
        ends = []
        for label, values, opacity in lines:
            shade = QColor(colour)
            shade.setAlpha(opacity)
            if opacity != 255:
                self.beside.append(self.plot.plot(times_s, values, pen=pg.mkPen(shade, width=2), connect="finite"))
            known = np.flatnonzero(np.isfinite(values))
            if len(known):
                ends.append((float(values[known[-1]]), float(times_s[known[-1]]), label, shade))
        self._name_ends(ends)
        most = max((float(np.nanmax(values, initial=0.0)) for _, values, _ in lines), default=0.0)
        if HEADROOM * most > self.plot.getViewBox().viewRange()[1][1]:
            self.plot.setYRange(0, most * HEADROOM, padding=0)

    def _name_ends(self, ends: list[tuple[float, float, str, QColor]]) -> None:
        """Put names at the ends of curves (value, time in s), one below the other where they would overlap."""
        span, high_px = self.plot.getViewBox().viewRange()[1], max(self.plot.getViewBox().height(), 1.0)
        step, above = _NAME_PX * (span[1] - span[0]) / high_px, math.inf
        for value, time_s, label, shade in sorted(ends, reverse=True, key=lambda one: one[0]):
            above = min(value, above - step)
            name = pg.TextItem(label, color=shade, anchor=(1, 1))
            name.setFont(theme.font(11, bold=True))
            name.setPos(time_s, above)
            self.plot.addItem(name, ignoreBounds=True)
            self._names.append(name)

    def show_checks(self) -> None:
        """Mark the frames that the checks name, below the curve."""
        found, reading = self._workspace.checks.frames(), self._workspace.reading
        frames = sorted(found) if reading is not None else []
        top = self.plot.getViewBox().viewRange()[1][1]
        times_s = np.empty(0) if reading is None else reading.facts.times_s[frames]
        brushes = [pg.mkBrush(COLOURS[found[frame]]) for frame in frames]
        self.checked.setData(times_s, np.full(len(frames), MARK_SHARE * top), brush=brushes)

    def _flag(self, reading: Reading, volume: FloatArray) -> None:
        """Dots on the curve: contours corrected by a person, and low-confidence contours in another colour."""
        track = reading.tracks.get(Structure.LV_ENDO)
        if track is None:
            self.flags.setData([], [])
            return
        edited = np.array([origin is Origin.EDITED for origin in track.origins])
        flagged = np.flatnonzero(np.isfinite(volume) & (edited | (track.confidence < DRAWN_SOLID)))
        brushes = [pg.mkBrush(theme.ACCENT if edited[frame] else theme.WARNING) for frame in flagged]
        self.flags.setData(reading.facts.times_s[flagged], volume[flagged], brush=brushes)

    def _column_of(self, time_s: float) -> float:
        """The x of a time in the strip, which is as wide as the plot above it."""
        return float(self.plot.getViewBox().mapViewToScene(QPointF(time_s, 0)).x())

    def _time_of(self, column: float) -> float:
        return float(self.plot.getViewBox().mapSceneToView(QPointF(column, 0)).x())

    def _frame_at(self, time_s: float) -> int:
        reading = self._workspace.reading
        return int(np.abs(reading.facts.times_s - time_s).argmin()) if reading else 0

    def _scrub(self, time_s: float) -> None:
        self._player.pause()
        self._player.seek(self._frame_at(time_s))
