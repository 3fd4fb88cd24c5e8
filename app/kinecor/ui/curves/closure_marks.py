"""Aortic valve closure: set by a key, dragged on the curve; strain is then told at it."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import Qt

from kinecor.core.cycle.valve_closure import closure_bounds, closure_by_beat, with_closure
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.reading import Reading
from kinecor.session.edits import SetValveClosures
from kinecor.ui.style import theme
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Change, Workspace

LABEL = "AVC"


def go_to_closure(workspace: Workspace, player: Player) -> None:
    """Stop at the next aortic valve closure, round and round; where none is marked, tell how to mark it."""
    saved = workspace.saved
    frames = saved.valve_closures if saved else ()
    if saved and not frames and not saved.kind.stack:
        workspace.message.emit("No aortic valve closure is marked: Alt+V marks it at the frame on screen.")
    if frames:
        player.pause()
        player.seek(next((frame for frame in frames if frame > player.frame), frames[0]))


def toggle_closure(workspace: Workspace, player: Player) -> None:
    """Mark aortic valve closure at the frame on screen; where it is marked already, take the mark off."""
    saved = workspace.saved
    if saved is None:
        return
    player.pause()
    frame = player.frame
    if saved.kind.stack:
        workspace.message.emit("Aortic valve closure is marked in a loop that shows the valve, not in a stack.")
    elif frame in saved.valve_closures:
        workspace.do(SetValveClosures(tuple(one for one in saved.valve_closures if one != frame)))
    else:
        try:
            workspace.do(SetValveClosures(with_closure(saved, frame)))
        except KinecorError as error:
            workspace.message.emit(str(error))


class ClosureLines:
    """The dotted lines of valve closure on the volume curve; dragging one moves it to the nearest frame."""

    def __init__(
        self, plot: pg.PlotWidget, workspace: Workspace, player: Player, frame_at: Callable[[float], int]
    ) -> None:
        """`frame_at` gives the frame nearest to a time in seconds."""
        self._plot, self._workspace, self._player, self._frame_at = plot, workspace, player, frame_at
        self.lines: dict[int, pg.InfiniteLine] = {}
        """By beat."""

    def show_change(self, change: Change) -> None:
        """Redraw where marks or beats changed."""
        before, after = change.before, change.after
        if change.by is not self:
            for line in self.lines.values():
                line.moving = False  # lets go of a line whose mark may no longer be there
        if after is None or (change.by is self and change.preview):
            return
        if before is None or before.valve_closures != after.valve_closures or before.events is not after.events:
            self._draw(after)

    def _draw(self, reading: Reading) -> None:
        wanted, times_s = closure_by_beat(reading), reading.facts.times_s
        for beat in [one for one in self.lines if one not in wanted]:
            self._plot.removeItem(self.lines.pop(beat))
        for beat, frame in wanted.items():
            if beat not in self.lines:
                self.lines[beat] = self._line(beat)
            low, high = closure_bounds(reading, beat)
            self.lines[beat].setBounds((times_s[low], times_s[high]))
            self.lines[beat].setValue(times_s[frame])

    def _line(self, beat: int) -> pg.InfiniteLine:
        style = Qt.PenStyle.DotLine
        line = pg.InfiniteLine(
            angle=90,
            movable=True,
            pen=pg.mkPen(theme.TEXT, width=1.5, style=style),
            hoverPen=pg.mkPen(theme.ACCENT, width=3, style=style),
            label=LABEL,
            labelOpts={"position": 0.8, "color": theme.TEXT, "fill": (11, 13, 15, 200), "movable": False},
        )
        line.label.setFont(theme.font(11, bold=True))
        line.setZValue(11)
        # These two fire for the mouse only, not on setValue.
        line.sigDragged.connect(lambda one: self.drag(beat, one.value(), done=False))
        line.sigPositionChangeFinished.connect(lambda one: self.drag(beat, one.value(), done=True))
        self._plot.addItem(line)
        return line

    def drag(self, beat: int, time_s: float, *, done: bool) -> None:
        """Move the mark of a beat (from 0) to the frame nearest to a time: for now, or for good."""
        saved = self._workspace.saved
        marked = closure_by_beat(saved) if saved else {}
        if saved is None or beat not in marked:
            return
        low, high = closure_bounds(saved, beat)
        frame = min(max(self._frame_at(time_s), low), high)
        edit = SetValveClosures(tuple(sorted({**marked, beat: frame}.values())))
        self._player.pause()
        if done and edit.frames == saved.valve_closures:
            self._workspace.drop_preview()
            self._draw(saved)
        elif done:
            self._workspace.do(edit, by=self)
        else:
            self._workspace.preview(edit, by=self)
        self._player.seek(frame)
