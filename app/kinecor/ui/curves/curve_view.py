"""The volume curve with its ED and ES lines."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.events import Mark, frame_of, marks, moved
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.curves import curves
from kinecor.session.edits import SetEvents
from kinecor.ui.curves.closure_marks import ClosureLines
from kinecor.ui.curves.phase_events import PhaseNote, PhaseStrip
from kinecor.ui.style import theme
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Change, Workspace

EDITED_BRUSH, UNSURE_BRUSH = pg.mkBrush(theme.ACCENT), pg.mkBrush(theme.WARNING)
LEAST_PX, LEAST_WITH_STRIP_PX = 130, 200
HEADROOM = 1.25  # room for the letters on the lines


class _ScrubBox(pg.ViewBox):  # type: ignore[misc]
    """Clicking and dragging move through time; the curve itself neither pans nor zooms."""

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

    Dots stand where a person corrected.

    Dragging a line moves the mark to the nearest frame, between its neighbours; the numbers follow at once. Below lie
    the regressed curve of ED and ES, where there is one, and a note where the two disagree.
    """

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        box = _ScrubBox()
        box.scrubbed.connect(self._scrub)
        self.plot = pg.PlotWidget(viewBox=box)
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.setAcceptDrops(False)  # files dropped here are for the window
        # WORKAROUND: pyqtgraph 0.14 makes its menu without a parent; it would outlive the window.
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.showGrid(x=False, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(tickFont=theme.font(11), tickLength=-4)
            self.plot.getAxis(side).enableAutoSIPrefix(False)
            self.plot.getAxis(side).setPen(theme.LINE)
            self.plot.getAxis(side).setTextPen(theme.QUIET)
            # Kept as a picture: drawing ticks and grid lines anew costs more than the curve.
            self.plot.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.plot.getAxis("left").setWidth(58)
        self.plot.getAxis("bottom").setHeight(34)
        self.plot.setLabel("bottom", "Time (s)")
        self.curve = self.plot.plot(pen=pg.mkPen(theme.STRUCTURE_COLOURS[Structure.LV_ENDO], width=2), connect="finite")
        self.right = self.plot.plot(pen=pg.mkPen(theme.STRUCTURE_COLOURS[Structure.RV], width=1.5), connect="finite")
        self.flags = pg.ScatterPlotItem(size=6, pen=None)
        self.plot.addItem(self.flags)
        self._cursor = pg.InfiniteLine(
            angle=90,
            pen=pg.mkPen(theme.ACCENT, width=1),
            label="",
            labelOpts={"position": 0.09, "color": theme.ACCENT, "fill": (11, 13, 15, 200), "movable": False},
        )
        self._cursor.label.setFont(theme.font(11, bold=True))
        self._unit = ""
        self.plot.addItem(self._cursor)
        self.lines: dict[tuple[int, Mark], pg.InfiniteLine] = {}
        self.closures = ClosureLines(self.plot, workspace, player, self._frame_at)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 8, 2)
        layout.setSpacing(2)
        self.strip = PhaseStrip(self._column_of, self._time_of)
        self.strip.scrubbed.connect(self._scrub)
        self.note = PhaseNote(workspace)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.strip)
        layout.addWidget(self.note)
        self.setMinimumHeight(LEAST_PX)
        workspace.changed.connect(self.show_change)
        player.frame_changed.connect(self.show_frame)

    def show_frame(self, frame: int) -> None:
        """Move the cursor to a frame's time."""
        reading = self._workspace.reading
        if reading is not None:
            frame = min(frame, reading.facts.frames - 1)
            self._cursor.setValue(reading.facts.times_s[frame])
            self.strip.show_frame(frame)
            self._tell_volume(frame)

    def _tell_volume(self, frame: int) -> None:
        volumes = self.curve.yData
        known = volumes is not None and frame < len(volumes) and np.isfinite(volumes[frame])
        self._cursor.label.setFormat(f"{volumes[frame]:.0f} {self._unit}" if known else "")

    def show_change(self, change: Change) -> None:
        """Redraw the curve and the lines where they changed."""
        before, after = change.before, change.after
        if change.by is not self:
            for line in self.lines.values():
                line.moving = False  # lets go of a line whose mark may no longer be there
        self.closures.show_change(change)
        if after is None:
            return
        drawn = ("tracks", "calibration", "slices", "short_axis")
        if before is None or any(getattr(before, one) is not getattr(after, one) for one in drawn):
            self._draw_curve(after, fresh=before is None or not change.preview)
        if before is None:
            self.show_frame(self._player.frame)
        if before is None or (before.events is not after.events and not (change.by is self and change.preview)):
            self._draw_lines(after)
        if before is None or before.phase_curve is not after.phase_curve:
            self.strip.show_reading(after)
            self.setMinimumHeight(LEAST_PX if self.strip.isHidden() else LEAST_WITH_STRIP_PX)
        rests_on = (*drawn, "events", "phase_curve")
        if not change.preview and (
            before is None or any(getattr(before, x) is not getattr(after, x) for x in rests_on)
        ):
            self.note.show_reading(after)

    def _draw_curve(self, reading: Reading, *, fresh: bool) -> None:
        found = curves(reading)
        volume = found.lv_volume
        self.curve.setData(found.time_s, volume)
        right = np.full(len(volume), np.nan) if found.rv_volume is None else found.rv_volume
        self.right.setData(found.time_s, right)
        self._flag(reading, volume)
        self._unit = unit = "ml" if found.volume_unit == "ml" else "% max"
        self._tell_volume(self._player.frame)
        axis = self.plot.getAxis("left")
        if axis.labelText != (words := f"{'LV' if found.rv_volume is None else 'LV, RV'} volume ({unit})"):
            axis.setLabel(words)
            axis.resizeEvent()  # WORKAROUND: pyqtgraph 0.14 centres a label only when the axis changes its size
        most = max(float(np.nanmax(one, initial=0.0)) for one in (volume, right)) or 1.0
        top = self.plot.getViewBox().viewRange()[1][1]
        # While a contour is being dragged the scale stays put unless the curve would leave it.
        if fresh or most > top:
            self.plot.setYRange(0, most * HEADROOM, padding=0)
        if fresh:
            end_s = float(found.time_s[-1]) or 1.0
            self.plot.setXRange(-0.01 * end_s, end_s * 1.01, padding=0)

    def _flag(self, reading: Reading, volume: FloatArray) -> None:
        """A dot on the curve where a person drew the contour, another colour where the model is unsure of it."""
        track = reading.tracks.get(Structure.LV_ENDO)
        if track is None:
            self.flags.setData([], [])
            return
        edited = np.array([origin is Origin.EDITED for origin in track.origins])
        flagged = np.flatnonzero(np.isfinite(volume) & (edited | (track.confidence < DRAWN_SOLID)))
        brushes = [EDITED_BRUSH if edited[frame] else UNSURE_BRUSH for frame in flagged]
        self.flags.setData(reading.facts.times_s[flagged], volume[flagged], brush=brushes)

    def _draw_lines(self, reading: Reading) -> None:
        wanted = {(beat, mark): frame for beat, mark, frame in marks(reading.events)}
        for key in [key for key in self.lines if key not in wanted]:
            self.plot.removeItem(self.lines.pop(key))
        times_s = reading.facts.times_s
        for key, frame in wanted.items():
            if key not in self.lines:
                self.lines[key] = self._line(*key)
            line = self.lines[key]
            lowest, highest = self._bounds(reading, *key)
            # Bounds first: a line is used again, and clamps what it is set to by the bounds it has.
            line.setBounds((times_s[lowest], times_s[highest]))
            line.setValue(times_s[frame])

    def _line(self, beat: int, mark: Mark) -> pg.InfiniteLine:
        style = Qt.PenStyle.SolidLine if mark == "ed" else Qt.PenStyle.DashLine
        line = pg.InfiniteLine(
            angle=90,
            movable=True,
            pen=pg.mkPen(theme.TEXT, width=1.5, style=style),
            hoverPen=pg.mkPen(theme.ACCENT, width=3, style=style),
            label=mark.upper(),
            labelOpts={"position": 0.93, "color": theme.TEXT, "fill": (11, 13, 15, 200), "movable": False},
        )
        line.label.setFont(theme.font(11, bold=True))
        line.setZValue(10)
        # sigPositionChanged also fires on setValue; these two fire for the mouse only.
        line.sigDragged.connect(lambda one: self._drag(beat, mark, one.value(), done=False))
        line.sigPositionChangeFinished.connect(lambda one: self._drag(beat, mark, one.value(), done=True))
        self.plot.addItem(line)
        return line

    def _bounds(self, reading: Reading, beat: int, mark: Mark) -> tuple[int, int]:
        events, frames = reading.events, reading.facts.frames
        if events is None:
            return 0, frames - 1
        ends = [moved(events, beat, mark, end, frames) for end in (0, frames - 1)]
        return frame_of(ends[0].beats[beat], mark), frame_of(ends[1].beats[beat], mark)

    def _drag(self, beat: int, mark: Mark, time_s: float, *, done: bool) -> None:
        saved = self._workspace.saved
        if saved is None or saved.events is None or beat >= len(saved.events.beats):
            return
        frame = self._frame_at(time_s)
        events = moved(saved.events, beat, mark, frame, saved.facts.frames)
        self._player.pause()
        if done and events.beats == saved.events.beats:
            self._workspace.drop_preview()
            self._draw_lines(saved)
        elif done:
            self._workspace.do(SetEvents(events), by=self)
        else:
            self._workspace.preview(SetEvents(events), by=self)
        self._player.seek(frame_of(events.beats[beat], mark))

    def _column_of(self, time_s: float) -> float:
        """The strip's column of a time: it is as wide as the plot above it."""
        return float(self.plot.getViewBox().mapViewToScene(QPointF(time_s, 0)).x())

    def _time_of(self, column: float) -> float:
        return float(self.plot.getViewBox().mapSceneToView(QPointF(column, 0)).x())

    def _frame_at(self, time_s: float) -> int:
        reading = self._workspace.reading
        return int(np.abs(reading.facts.times_s - time_s).argmin()) if reading else 0

    def _scrub(self, time_s: float) -> None:
        self._player.pause()
        self._player.seek(self._frame_at(time_s))
