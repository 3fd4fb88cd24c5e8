"""Curves over time: axes, the play head, and the marks of ED, ES and AVC, which are dragged."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from kinecor.core.cycle.valve_closure import closure_bounds, closure_by_beat, with_closure
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import frame_of, marks, moved, set_here
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.loop_volumes import curves
from kinecor.session.edits import SetEvents, SetValveClosures
from kinecor.ui.style import theme
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

    def _line(self, beat: int, mark: Mark) -> pg.InfiniteLine:
        line = pg.InfiniteLine(
            angle=90,
            movable=True,
            pen=pg.mkPen(theme.TEXT, width=1.5, style=STYLES[mark]),
            hoverPen=pg.mkPen(theme.ACCENT, width=3, style=STYLES[mark]),
            label=mark.upper(),
            labelOpts={"position": _HEIGHT[mark], "color": theme.TEXT, "fill": (11, 13, 15, 200), "movable": False},
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
