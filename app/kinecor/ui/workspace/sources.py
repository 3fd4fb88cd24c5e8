"""What image views need of the workspace, and one slice of a stack in place of a loop."""

from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence
from kinecor.session.edits import Edit, OnSlice
from kinecor.ui.workspace.changes import Change, Notices, Topic, follow
from kinecor.ui.workspace.history import History
from kinecor.ui.workspace.signing import Signing
from kinecor.ui.workspace.workspace import Workspace


class PictureSource(Protocol):
    """What a picture needs of its source; its signal is changed(Change), of RECORDING and READING."""

    changed: Any

    @property
    def cine(self) -> CineSequence | None:
        """The loop to draw, or None."""

    @property
    def reading(self) -> Reading | None:
        """Its Reading on screen, previews included."""


class ReadingSource(PictureSource, Protocol):
    """What an image view that edits needs of its source."""

    @property
    def saved(self) -> Reading | None:
        """Its saved Reading, without previews."""

    @property
    def previewing(self) -> bool:
        """Whether what is on screen is a preview, not what was saved."""

    @property
    def actor(self) -> str:
        """Author recorded for edits made here."""

    notices: Notices
    signing: Signing
    history: History

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the Reading with `edit` applied; nothing is saved."""

    def drop_preview(self, by: object = None) -> None:
        """Return to the saved Reading."""

    def do(self, edit: Edit, by: object = None) -> bool:
        """Apply an edit and save it; False where it was refused."""


class SliceSource(QObject):
    """Adapts one slice of the current stack to a ReadingSource: its own contours, the stack's ED and ES.

    Signals:
        changed(Change): RECORDING where another slice is to be drawn, READING where its Reading changed.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.notices, self.signing, self.history = workspace.notices, workspace.signing, workspace.history
        self.number = 0
        follow(workspace, self._load, Topic.RECORDING)
        follow(workspace, self._show_change, Topic.READING)

    @property
    def cine(self) -> CineSequence | None:
        """The slice, or None where no stack is open."""
        stack = self._workspace.stack
        return None if stack is None else stack.slices[self.number]

    @property
    def reading(self) -> Reading | None:
        """The slice's Reading on screen, with ED and ES of the stack."""
        return self._slice_of(self._workspace.reading)

    @property
    def saved(self) -> Reading | None:
        """The slice's saved Reading."""
        return self._slice_of(self._workspace.saved)

    @property
    def previewing(self) -> bool:
        """Whether what is on screen is a preview, not what was saved."""
        return self._workspace.previewing

    @property
    def actor(self) -> str:
        """Author recorded for edits made here."""
        return self._workspace.actor

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
        self.changed.emit(Change(None, None, topic=Topic.RECORDING))

    def _announce(self) -> None:
        self.changed.emit(Change(None, None, topic=Topic.RECORDING))
        self.changed.emit(Change(None, self.reading))

    def _show_change(self, change: Change) -> None:
        if change.after is not None and change.after.kind.stack:
            before, after = self._slice_of(change.before), self._slice_of(change.after)
            self.changed.emit(Change(before, after, change.by, change.preview))

    def _slice_of(self, whole: Reading | None) -> Reading | None:
        if whole is None or self.number >= len(whole.slices):
            return None
        return whole.slices[self.number].with_(events=whole.events)
