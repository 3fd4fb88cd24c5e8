"""Sources of a Reading for an image view: the whole workspace, or one slice of the current stack."""

from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence
from kinecor.session.edits import Edit, OnSlice
from kinecor.ui.workspace.workspace import Change, Workspace


class ReadingSource(Protocol):
    """What an image view needs of its source; signals are recording_changed() and changed(Change)."""

    recording_changed: Any
    changed: Any

    @property
    def cine(self) -> CineSequence | None:
        """The loop to draw, or None."""

    @property
    def reading(self) -> Reading | None:
        """Its Reading on screen, previews included."""

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the Reading with `edit` applied; nothing is saved."""

    def drop_preview(self, by: object = None) -> None:
        """Return to the saved Reading."""

    def do(self, edit: Edit, by: object = None) -> bool:
        """Apply an edit and save it; False where it was refused."""


class SliceSource(QObject):
    """Adapts one slice of the current stack to a ReadingSource: its own contours, the stack's ED and ES.

    Signals:
        recording_changed(): another slice is to be drawn; a `changed` follows.
        changed(Change): the slice's Reading changed.
    """

    recording_changed = Signal()
    changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.number = 0
        workspace.recording_changed.connect(self._load)
        workspace.changed.connect(self._pass_on)

    @property
    def cine(self) -> CineSequence | None:
        """The slice, or None where no stack is open."""
        stack = self._workspace.stack
        return None if stack is None else stack.slices[self.number]

    @property
    def reading(self) -> Reading | None:
        """The slice's Reading on screen, with ED and ES of the stack."""
        return self._slice_of(self._workspace.reading)

    def choose(self, number: int) -> None:
        """Select another slice (0-based)."""
        if number != self.number:
            self.number = number
            self._announce()

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the slice with `edit` applied; nothing is saved."""
        self._workspace.preview(OnSlice(self.number, edit), by)

    def drop_preview(self, by: object = None) -> None:
        """Return to the saved Reading."""
        self._workspace.drop_preview(by)

    def do(self, edit: Edit, by: object = None) -> bool:
        """Apply an edit to the slice and save it; False where it was refused."""
        return self._workspace.do(OnSlice(self.number, edit), by)

    def _load(self) -> None:
        self.number = 0
        self.recording_changed.emit()

    def _announce(self) -> None:
        self.recording_changed.emit()
        self.changed.emit(Change(None, self.reading))

    def _pass_on(self, change: Change) -> None:
        if change.after is not None and change.after.kind.stack:
            before, after = self._slice_of(change.before), self._slice_of(change.after)
            self.changed.emit(Change(before, after, change.by, change.preview))

    def _slice_of(self, whole: Reading | None) -> Reading | None:
        if whole is None or self.number >= len(whole.slices):
            return None
        return whole.slices[self.number].with_(events=whole.events)
