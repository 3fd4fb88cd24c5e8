"""What a picture of one loop needs of whoever holds its Reading: the whole window's Workspace, or one slice's desk."""

from typing import Any, Protocol

from kinecor.core.values.cine import CineSequence
from kinecor.core.values.reading import Reading
from kinecor.session.edits import Edit


class Desk(Protocol):
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
