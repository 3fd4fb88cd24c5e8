"""What the models are computing of the recordings that are open, and what they show before they are done."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.recording import Recording, RecordingFacts
from kinecor.session.edits import Edit
from kinecor.ui.workspace.changes import Topic

if TYPE_CHECKING:
    from kinecor.ui.workspace.workspace import Workspace

WAIT_FOR_CONTOURS = (
    "What is shown is provisional, from a part of the frames, and is replaced within seconds: change or accept it then."
)


class Awaited(Enum):
    """What of a recording is still being computed: all of it, or motion and with it strain."""

    ALL = "contours"
    STRAIN = "strain"


class Computing:
    """The face of the workspace for the models: what is awaited, provisional Readings, and what follows an edit."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self.awaited_by_id: Mapping[str, Awaited] = {}
        """What the models are still computing of recordings, by their ids."""

    def show(self, awaited: Mapping[str, Awaited]) -> None:
        """Say what the models are still computing, by the ids of the recordings."""
        if awaited != self.awaited_by_id:
            self.awaited_by_id = dict(awaited)
            self._workspace.announce(Topic.COMPUTING)

    @property
    def awaited(self) -> Mapping[int, Awaited]:
        """What is still being computed of the study on screen, by the index of the recording."""
        recordings = self._workspace.opened.recordings
        ids = {index: recordings[index].source.recording_id for index in self._workspace.study.members}
        known = self.awaited_by_id
        return {index: known[identifier] for index, identifier in ids.items() if identifier in known}

    def show_provisional(self, recording: Recording, edit: Edit, by: str) -> None:
        """Show what a model concluded from a part of a recording's frames until it is done; nothing is saved."""
        self._workspace.opened.set_provisional(recording, edit, by)
        self._workspace.refresh(recording)

    def drop_provisional(self, *recordings: Recording) -> None:
        """Return to what is saved of these recordings."""
        for recording in recordings:
            if self._workspace.opened.drop_provisional(recording):
                self._workspace.refresh(recording)

    def changes_provisional(self, recording: Recording, edit: Edit) -> bool:
        """Whether an edit changes provisional contours, or what follows from them, or decides on their values."""
        opened = self._workspace.opened
        if not opened.is_provisional(recording):
            return False
        shown = opened.saved_reading(recording)
        after = edit.apply(shown, self._workspace.actor)
        return any(getattr(after, name) != getattr(shown, name) for name in ("tracks", "events", "slices", "decisions"))

    def take_facts(self, recording: Recording, facts: RecordingFacts) -> None:
        """Take in what the images of a recording show; it is no edit and is not saved."""
        if self._workspace.opened.take_facts(recording, facts):
            self._workspace.refresh(recording)

    def complete(self, recording: Recording, step: int | None, edit: Edit, actor: str) -> None:
        """Add to a step of a recording what a model computed later; dropped where that step was taken back for good.

        `step` is None where the step is not saved.
        """
        try:
            completed = self._workspace.opened.complete(recording, step, edit, actor)
        except KinecorError as error:
            self._workspace.notices.message.emit(error_message(error))
            return
        except ValueError:
            return
        if completed:
            self._workspace.refresh(recording)
