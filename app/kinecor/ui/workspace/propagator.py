"""Propagate as work off the GUI thread, which can be cancelled."""

from PySide6.QtCore import QObject, Signal

from kinecor.core.tracking.anchors import following, follows
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.session.edits import Edit, OnSlice
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.propagation import NOTHING, images_of, propagation
from kinecor.ui.workspace.workspace import Change, Workspace

PROPAGATE, PREPARE = "propagate", "prepare"


class Propagator(QObject):
    """Propagates on a worker. A change of what it began with begins it again; nothing is changed where it is cancelled.

    Signals:
        progressed(int, int): frames done, of how many; (0, 0) at the end.
    """

    progressed = Signal(int, int)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = Jobs(1, "propagate", self)
        workspace.changed.connect(self._prepare)

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return bool(self._jobs.keys)

    def start(self, slice_number: int) -> bool:
        """Propagate the corrections of the recording on screen, of a stack those of a slice; False where none are."""
        saved, recording = self._workspace.saved, self._workspace.recording
        if saved is None or recording is None:
            return False
        part = saved.slices[slice_number] if saved.slices else saved
        if not any(following(track) for track in part.tracks.values()):
            self._workspace.remark.emit(NOTHING)
            return False
        images = images_of(recording, slice_number)
        self._jobs.start(
            PROPAGATE,
            lambda tick: propagation(part, images, tick),
            done=lambda edit: self._finish(recording, part, slice_number, edit),
            failed=self._fail,
            ticked=self.progressed.emit,
        )
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

    def _finish(self, recording: Recording, before: Reading, slice_number: int, edit: Edit | None) -> None:
        self.progressed.emit(0, 0)
        now = self._workspace.saved
        if recording is not self._workspace.recording or now is None:
            return
        if (now.slices[slice_number] if now.slices else now).tracks is not before.tracks:
            self.start(slice_number)
        elif edit is None:
            self._workspace.remark.emit(NOTHING)
        else:
            self._workspace.do(OnSlice(slice_number, edit) if now.slices else edit)

    def _fail(self, why: str) -> None:
        self.progressed.emit(0, 0)
        self._workspace.message.emit(why)

    def _prepare(self, change: Change) -> None:
        """Look at the images of a loop whose contours follow anchors already, before the next gesture needs it."""
        after, recording = change.after, self._workspace.recording
        if change.before is not None or after is None or recording is None or after.slices:
            return
        if any(map(follows, after.tracks.values())):
            images = images_of(recording, 0)
            self._jobs.start(
                PREPARE, lambda tick: propagation(after, images, tick), done=lambda _: None, failed=lambda _: None
            )
