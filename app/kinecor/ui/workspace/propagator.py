"""Propagate as work off the GUI thread, which can be cancelled."""

from collections.abc import Callable
from functools import partial
from threading import Event

from PySide6.QtCore import QObject, Signal

from kinecor.analysis.propagation import images_of, propagation, to_neighbours
from kinecor.core.tracking.anchors import following, follows
from kinecor.core.values.errors import Tick
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import join_texts
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import FrameSource, Recording
from kinecor.core.volumes.loop_volumes import curves
from kinecor.session.edits import Edit, OnSlice
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.propagation import NOTHING, waiting
from kinecor.ui.workspace.workspace import Workspace

PROPAGATE, PREPARE = "propagate", "prepare"
_LOOK_S = 0.05
"""How often a look ahead that waits for the mouse looks whether it is still wanted."""


class Propagator(QObject):
    """Propagates on a worker. A change of what it began with begins it again; nothing is changed where it is cancelled.

    Signals:
        progressed(int, int): frames done, of how many; (0, 0) at the end.
        foreseen(array | None): (frames,) the volumes of the loop that Propagate would give, in the unit of its curve,
            as soon as they are known; None where there is nothing to propagate, or no longer.
    """

    progressed = Signal(int, int)
    foreseen = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = Jobs(1, "propagate", self)
        self._free = Event()  # no contour is being dragged
        self._free.set()
        follow(workspace, self._prepare, Topic.READING_DRAWN)

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return bool(self._jobs.keys)

    def start(self, slice_number: int, *, neighbours: bool = False) -> bool:
        """Propagate the corrections of the recording on screen; False where there are none.

        Args:
            slice_number: of a stack, the slice whose corrections they are.
            neighbours: of a stack, let the neighbouring slices follow, too.

        """
        saved, recording = self._workspace.saved, self._workspace.recording
        if saved is None or recording is None:
            return False
        part = saved.slices[slice_number] if saved.slices else saved
        if not any(following(track) for track in part.tracks.values()):
            self._workspace.notices.remark.emit(tr(NOTHING))
            return False
        work: Callable[[Tick], Edit | None]
        if neighbours and saved.slices:
            every = [images_of(recording, number) for number in range(len(saved.slices))]
            work = partial(to_neighbours, saved, slice_number, every)
        else:
            work = partial(
                self._alone, part, images_of(recording, slice_number), slice_number if saved.slices else None
            )
        self._jobs.start(
            PROPAGATE,
            work,
            done=lambda edit: self._finish(recording, saved, slice_number, edit, neighbours=neighbours),
            failed=self._fail,
            ticked=self.progressed.emit,
        )
        self.progressed.emit(0, saved.facts.frames)
        return True

    def cancel(self) -> bool:
        """Stop; nothing is changed. False where it was not at work."""
        found = self._jobs.cancel(PROPAGATE)
        if found:
            self.progressed.emit(0, 0)
        return found

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
        self._jobs.shutdown()

    @staticmethod
    def _alone(reading: Reading, images: FrameSource | None, number: int | None, tick: Tick) -> Edit | None:
        edit = propagation(reading, images, tick)
        return edit if edit is None or number is None else OnSlice(number, edit)

    def _finish(
        self, recording: Recording, before: Reading, slice_number: int, edit: Edit | None, *, neighbours: bool
    ) -> None:
        self.progressed.emit(0, 0)
        now = self._workspace.saved
        if recording is not self._workspace.recording or now is None:
            return
        parts = zip((now, *now.slices), (before, *before.slices), strict=True)
        if any(reading.tracks is not other.tracks for reading, other in parts):
            self.start(slice_number, neighbours=neighbours)
        elif edit is None:
            self._workspace.notices.remark.emit(tr(NOTHING))
        elif self._workspace.do(edit):
            self._workspace.notices.remark.emit(join_texts(edit.summary.capitalised(), "."))

    def _fail(self, why: str) -> None:
        self.progressed.emit(0, 0)
        self._workspace.notices.message.emit(why)

    def _prepare(self, change: Change) -> None:
        """Look ahead, after a gesture and where a loop is opened: at the images, and at what Propagate would give.

        While a contour is dragged it waits, so that the mouse does not wait for it.
        """
        (self._free.clear if change.preview else self._free.set)()
        after, recording = change.after, self._workspace.recording
        same = change.before is not None and after is not None and change.before.tracks is after.tracks
        if change.preview or same:
            return
        self._jobs.cancel(PREPARE)
        self.foreseen.emit(None)
        if after is None or recording is None or after.slices:
            return
        offered = waiting(after) is not None
        if offered or (change.before is None and any(map(follows, after.tracks.values()))):
            images = images_of(recording, 0)
            self._jobs.start(
                PREPARE,
                lambda tick: _foreseen(after, images, self._workspace.actor, self._waits(tick)),
                done=lambda found: self.foreseen.emit(found if offered else None),
                failed=lambda _: None,
            )

    def _waits(self, tick: Tick) -> Tick:
        """The same, waiting while a contour is dragged."""

        def waiting_tick(done: int, total: int) -> None:
            tick(done, total)
            while not self._free.wait(_LOOK_S):
                tick(done, total)

        return waiting_tick


def _foreseen(reading: Reading, images: FrameSource | None, actor: str, tick: Tick) -> FloatArray | None:
    """(frames,) LV volume of a loop after Propagate, in the unit of its curve; None where nothing would change."""
    edit = propagation(reading, images, tick)
    return None if edit is None else curves(edit.apply(reading, actor)).lv_volume
