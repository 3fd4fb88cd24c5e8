"""The volume curve of the recording on screen, with what stands below it: doubtful frames, ED and ES by AI."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor.ui.curves.confidence import ConfidenceStrip, Strip, strips_px
from kinecor.ui.curves.event_flags import Key, beats_of, bounds, edit_of, frames_of, mark_events, moved_from
from kinecor.ui.curves.phase_events import HEIGHT_PX, PhaseNote, PhaseStrip
from kinecor.ui.curves.volume_plot import Dots, VolumePlot, top_of
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.marks import COLOURS
from kinecor.ui.style.plot_parts import Line
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.later import Later
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

MIN_PX, MIN_WITH_STRIP_PX = 110, 150
LOW_CURVE_PX: Final = 84
"""Height of the curve without anything below it, in a low window."""
HEADROOM: Final = 1.12
PALER: Final = 120
"""Opacity of the other views' curves, of 255: the same colour, never dashed, since dashes belong to ES."""


@dataclass(frozen=True, eq=False)
class OtherView:
    """The volume curve of another view at the frames of the one in focus.

    Attributes:
        label: of the view.
        values: (frames of the view in focus,) in the unit of its own curve, where it has one; NaN where there is none.
        unit: of the values.

    """

    label: str
    values: FloatArray
    unit: str = "ml"


_ANY_PX: Final = 16777215  # Qt's own limit
_MARKS: Final = ("events", "valve_closures", "valve_openings")  # of a Reading


class CurveView(QWidget):
    """LV volume over time; ED solid, ES dashed, valve closure dotted, the play head, the ECG where the file has one.

    Dots mark corrected contours, triangles below the curve frames that checks name; a strip below has a cell per frame.
    Curves of other views on screen are paler. Dragging a flag moves the event to the nearest frame, between its
    neighbours; the measurements follow at once. Where the AI-suggested ED or ES are others, their curve and a note with
    the choices are below.

    Signals:
        filled(): there is a curve now, or there is none any more.
    """

    filled = Signal()

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self.plot = VolumePlot()
        self.plot.scrubbed.connect(self._scrub)
        self.plot.flag_dragged.connect(self.drag_flag)
        self.plot.span_changed.connect(self._follow_span)
        self.volume: FloatArray = np.zeros(0)
        """(t,) of the recording on screen, NaN where unknown."""
        self.right: FloatArray | None = None
        self.title = ""
        """What the curve shows, with its unit."""
        self.other_views: tuple[OtherView, ...] = ()
        """Curves of the other views on screen."""
        self.foreseen: FloatArray | None = None
        """(t,) what Propagate would give, dotted; None where there is nothing to propagate."""
        self._view = self._unit = ""
        self._expected, self._alone = 0, False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 8, 2)
        layout.setSpacing(2)
        self.strip = PhaseStrip(self._column_of, self._time_of)
        self.strip.scrubbed.connect(self._scrub)
        self.note = PhaseNote(workspace)
        self.confidence = ConfidenceStrip(self._column_of)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.confidence)
        layout.addWidget(self.strip)
        layout.addWidget(self.note)
        self.setMinimumHeight(MIN_PX)
        self.later = Later(self.show_change, self)
        follow(workspace, self._let_go, Topic.READING)
        follow(workspace, self.later.take, Topic.READING_DRAWN)
        follow(workspace, self.show_checks, Topic.CHECKS)
        follow(workspace, self._follow_computing, Topic.COMPUTING, Topic.RECORDING)
        player.frame_changed.connect(self.show_frame)

    def show_strips(self, strips: Sequence[Strip], times_s: FloatArray) -> None:
        """Show the doubtful frames of the views on screen."""
        self.confidence.show_strips(strips, times_s)
        self._fit()

    def expect_strips(self, rows: int) -> None:
        """Leave room below the curve for what an analysis will show there, so that nothing moves when it comes.

        `rows` is the number of views on screen that are analysed; 0 where nothing is expected.
        """
        self._expected = rows
        self._fit()

    def show_alone(self, alone: bool) -> None:
        """Show the curve without what is below it, in a window too low for both, or with it again."""
        if alone is not self._alone:
            self._alone = alone
            for below in (self.confidence, self.strip, self.note):
                below.setMaximumHeight(0 if alone else _ANY_PX)
            self.confidence.setFixedHeight(0 if alone else strips_px(len(self.confidence.strips)))
            self.strip.setFixedHeight(0 if alone else HEIGHT_PX)
            self._fit()

    def _fit(self) -> None:
        """Room for the curve with whatever is below it."""
        if self._alone:
            self.confidence.setFixedHeight(0)
            self.setMinimumHeight(LOW_CURVE_PX)
            return
        below = self.confidence.height() if not self.confidence.isHidden() else 0
        least = MIN_PX if self.strip.isHidden() and not self._expected else MIN_WITH_STRIP_PX
        self.setMinimumHeight(least + max(below, strips_px(self._expected) if self._expected else 0))

    def show_frame(self, frame: int) -> None:
        """Move the play head to a frame."""
        reading = self._workspace.reading
        if reading is not None:
            frame = min(frame, reading.facts.frames - 1)
            self.plot.show_frame(frame)
            self.strip.show_frame(frame)
            self.confidence.show_frame(frame)

    def _follow_computing(self) -> None:
        """Say that a curve is to come where one is."""
        self.plot.show_awaited(self._workspace.computing.awaited.get(self._workspace.index) is Awaited.ALL)

    def _let_go(self, change: Change) -> None:
        """Drag a mark no longer that may be gone, before the mouse moves again."""
        if change.by is not self and not change.preview:
            self.plot.let_go()

    def show_change(self, change: Change) -> None:
        """Redraw the curve and the flags where they changed."""
        before, after = change.before, change.after
        if change.by is not self:
            self.plot.let_go()  # the mark of a flag that is being dragged may be gone
        if after is None:
            return
        if before is None:
            cine = self._workspace.cine
            self.plot.ecg = None if cine is None else cine.ecg
        drawn = ("tracks", "calibration", "slices", "short_axis")
        if before is None or any(getattr(before, name) is not getattr(after, name) for name in drawn):
            self._draw_curve(after, fresh=before is None or not change.preview)
        if before is None or any(getattr(before, mark) is not getattr(after, mark) for mark in _MARKS):
            self._show_flags(after)
            self._follow_mark(change)
        if before is None:
            self.show_frame(self._player.frame)
        inputs = (*drawn, "events", "phase_curve")
        if not change.preview and (before is None or any(getattr(before, x) is not getattr(after, x) for x in inputs)):
            self.note.show_reading(after)
            self.strip.show_reading(after, differs=self.note.regression_differs)
            self._fit()

    def _follow_mark(self, change: Change) -> None:
        """Go on to where the mark on screen was moved, as by undo: one who looks at ED goes on looking at ED."""
        before, after = change.before, change.after
        if before is None or after is None or change.preview or change.by is self or self._player.playing:
            return
        frame = moved_from(before, after, self._player.frame)
        if frame is not None:
            self._player.seek(frame)

    def _show_flags(self, reading: Reading) -> None:
        self.plot.show_flags(frames_of(reading), beats_of(reading))

    def _follow_span(self) -> None:
        """The strips below are of the same span of time as the plot."""
        self.confidence.redraw()
        self.strip.redraw()

    def _draw_curve(self, reading: Reading, *, fresh: bool) -> None:
        found = curves(reading)
        self.volume, self.right = found.lv_volume, found.rv_volume
        self.plot.times_s = found.time_s
        self._unit = "ml" if found.volume_unit == "ml" else "% max"
        self.other_views = tuple(
            other_view for other_view in self.other_views if len(other_view.values) == len(self.volume)
        )
        if self.foreseen is not None and len(self.foreseen) != len(self.volume):
            self.foreseen = None
        self._flag(reading)
        self._draw_lines(fresh=fresh)

    @property
    def empty(self) -> bool:
        """Whether no curve is drawn, neither of the recording on screen nor of another view."""
        return not any(np.isfinite(line.values).any() for line in self.plot.lines)

    def _draw_lines(self, *, fresh: bool) -> None:
        left, right = QColor(theme.STRUCTURE_COLOURS[Structure.LV_ENDO]), QColor(theme.STRUCTURE_COLOURS[Structure.RV])
        paler = theme.blended(left, PALER / 255)  # opaque: a translucent line costs four times as much to draw
        own = self._view if self.other_views else "LV" if self.right is not None else ""
        lines = [Line(self.volume, left, 2.0, own)]
        if self.right is not None:
            lines.append(Line(self.right, right, 1.5, "RV"))
        if self.foreseen is not None:
            lines.append(Line(self.foreseen, left, 1.5, dotted=True))
        lines += [Line(other_view.values, paler, 2.0, other_view.label) for other_view in self.other_views]
        renamed = any(line.label for line in lines) is not any(line.label for line in self.plot.lines)
        was_empty = self.empty
        self.plot.lines = tuple(lines)
        alone = bool(self.other_views) and not np.isfinite(self.volume).any()
        self.plot.unit = ("ml" if self.other_views[0].unit == "ml" else "% max") if alone else self._unit
        self.title = f"{tr('LV volume') if self.right is None else 'LV, RV'} ({self.plot.unit})"
        self.plot.setToolTip(self.title)
        highest = top_of([line.values for line in lines], HEADROOM)
        # While a contour is dragged the scale is fixed unless the curve would leave it.
        if fresh or highest > HEADROOM * self.plot.highest:
            self.plot.highest = highest
        self.plot.redraw()
        if fresh or renamed:  # names at the ends take some of the width of all three
            self._follow_span()
        if self.empty is not was_empty:
            self.filled.emit()

    def show_foreseen(self, volumes: FloatArray | None) -> None:
        """Draw, dotted, the volumes (t,) that Propagate would give; None for nothing."""
        if volumes is not None and len(volumes) != len(self.volume):
            volumes = None
        if volumes is not None or self.foreseen is not None:
            self.foreseen = volumes
            self._draw_lines(fresh=False)

    def show_other_views(self, view: str, others: tuple[OtherView, ...]) -> None:
        """Draw the curves of other views paler, each with its name at the end; `view` names the one in focus."""
        self._view, self.other_views = view, others
        self._draw_lines(fresh=True)

    def show_checks(self) -> None:
        """Mark the frames that the checks name, below the curve."""
        severities = self._workspace.checks.frames() if self._workspace.reading is not None else {}
        frames = tuple(sorted(severities))
        checked = Dots(frames, tuple(COLOURS[severities[frame]] for frame in frames))
        if checked != self.plot.checked:
            self.plot.checked = checked
            self.plot.show_dots()

    def _flag(self, reading: Reading) -> None:
        """Dots on the curve: contours corrected by a person, and low-confidence contours in another colour."""
        track = reading.tracks.get(Structure.LV_ENDO)
        if track is None:
            self.plot.corrected = Dots()
            return
        edited = np.array([origin is Origin.EDITED for origin in track.origins])
        flagged = np.flatnonzero(np.isfinite(self.volume) & (edited | (track.confidence < DRAWN_SOLID)))
        colours = tuple(theme.ACCENT if edited[frame] else theme.WARNING for frame in flagged)
        self.plot.corrected = Dots(tuple(flagged.tolist()), colours)

    def drag_flag(self, key: Key, time_s: float, done: bool) -> None:
        """Move the mark of a beat (0-based) to the frame nearest to a time, as a preview or for good."""
        saved = self._workspace.saved
        if saved is None or key not in frames_of(saved):
            return
        if self._workspace.signing.refused_as_signed():
            self._show_flags(saved)
            return
        first, last = bounds(saved, *key)
        wanted = self._frame_at(time_s)
        frame = min(max(wanted, first), last)
        self._player.pause()
        if done and frame == frames_of(saved)[key]:
            self._workspace.drop_preview()
            self._show_flags(saved)
        elif done:
            if not mark_events(self._workspace, edit_of(saved, *key, frame), by=self):
                self._show_flags(saved)
        else:
            self._workspace.preview(edit_of(saved, *key, frame), by=self)
        if done and frame != wanted and key[1] == "mvo":
            self._workspace.notices.remark.emit(
                tr(
                    "MVO stays after ES and aortic valve closure and before the next ED: it was set to frame {frame}."
                ).format(frame=frame + 1)
            )
        self._player.seek(frame)

    def _column_of(self, time_s: float) -> float:
        """The x of a time in the strips, which are as wide as the plot above them."""
        return self.plot.x_of(time_s)

    def _time_of(self, column: float) -> float:
        return self.plot.time_at(column)

    def _frame_at(self, time_s: float) -> int:
        reading = self._workspace.reading
        return int(np.abs(reading.facts.times_s - time_s).argmin()) if reading else 0

    def _scrub(self, time_s: float) -> None:
        self._player.pause()
        self._player.seek(self._frame_at(time_s))
