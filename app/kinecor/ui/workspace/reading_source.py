"""Sources of a Reading for an image view: the whole workspace, or one slice of the current stack."""

from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.cine import CineSequence
from kinecor.core.values.reading import Reading
from kinecor.session.edits import Edit, OnSlice
from kinecor.ui.workspace.workspace import Change, Workspace


class ReadingSource(Protocol):
    """See Workspace; signals are recording_changed() and changed(Change)."""

    recording_changed: Any
    changed: Any

    @property
    def cine(self) -> CineSequence | None:
        """The loop to draw, or None."""

    @property
    def reading(self) -> Reading | None:
        """Its Reading as it is on screen, previews included."""

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show what `edit` would make; nothing is written."""

    def drop_preview(self, by: object = None) -> None:
        """Back to what is written down."""

    def do(self, edit: Edit, by: object = None) -> bool:
        """Apply an edit and write it down; False where it was refused."""


class SliceSource(QObject):
    """Hands a slice to views made for loops: its own contours, the stack's ED and ES, edits of that slice.

    Signals:
        recording_changed(): another slice is to be drawn; a `changed` follows.
        changed(Change): the slice's Reading is another one.
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
        """The slice's Reading as it is on screen, with ED and ES of the stack."""
        return self._slice_of(self._workspace.reading)

    def choose(self, number: int) -> None:
        """Draw another slice (from 0)."""
        if number != self.number:
            self.number = number
            self._announce()

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show what `edit` would make of the slice; nothing is written."""
        self._workspace.preview(OnSlice(self.number, edit), by)

    def drop_preview(self, by: object = None) -> None:
        """Back to what is written down."""
        self._workspace.drop_preview(by)

    def do(self, edit: Edit, by: object = None) -> bool:
        """Apply an edit to the slice and write it down; False where it was refused."""
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
