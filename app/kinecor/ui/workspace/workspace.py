"""The one object that widgets talk to: what is open, its Reading, and every change of it."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.kind import Kind
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.session.edits import Edit
from kinecor.session.journal import Entry, Journal
from kinecor.session.store import Store, study_file


@dataclass(frozen=True, eq=False)
class Change:
    """The Reading before and after; unchanged parts are the same objects.

    Attributes:
        before: None where another recording was opened: everything is redrawn.
        after: None where nothing is open.
        by: the widget that made the change and has drawn it, or None.
        preview: whether this is a temporary state (during a drag) that is not saved.

    """

    before: Reading | None
    after: Reading | None
    by: object = None
    preview: bool = False


class Workspace(QObject):
    """The recordings of a study, the current one, and its Reading, saved in the study's journal as it changes.

    Signals:
        study_changed(): other recordings were opened.
        recording_changed(): another recording is current; a `changed` follows.
        changed(Change): the Reading is another one.
        message(str): one sentence for the reader.
    """

    study_changed = Signal()
    recording_changed = Signal()
    changed = Signal(object)
    message = Signal(str)

    def __init__(self, actor: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.actor = actor
        """Author recorded for edits made here."""
        self.recordings: tuple[Recording, ...] = ()
        self._index = -1
        self._reading: Reading | None = None
        self._previewing = False
        self._stores: list[Store] = []
        self._journals: dict[str, Journal | None] = {}
        # Readings held in memory only, where the study's file cannot be read or written.
        self._unsaved: dict[str, Reading] = {}

    @property
    def index(self) -> int:
        """Which of `recordings` is current; -1 where nothing is open."""
        return self._index

    @property
    def recording(self) -> Recording | None:
        """The current recording."""
        return self.recordings[self._index] if self._index >= 0 else None

    @property
    def kind(self) -> Kind | None:
        """The kind of the current recording; None where nothing is open."""
        return self._reading.kind if self._reading else None

    @property
    def cine(self) -> CineSequence | None:
        """The current recording where it is one loop, not a stack."""
        return self.recording if isinstance(self.recording, CineSequence) else None

    @property
    def stack(self) -> Stack | None:
        """The current recording where it is a stack."""
        return self.recording if isinstance(self.recording, Stack) else None

    @property
    def reading(self) -> Reading | None:
        """The Reading on screen, previews included."""
        return self._reading

    @property
    def saved(self) -> Reading | None:
        """The saved Reading of the current recording, without previews."""
        return self.saved_reading(self.recording) if self.recording else None

    def open(self, recordings: tuple[Recording, ...]) -> None:
        """Close the open recordings and open these; the first stack becomes current, else the first recording."""
        self.close()
        self.recordings = recordings
        self.study_changed.emit()
        stacks = (index for index, one in enumerate(recordings) if isinstance(one, Stack))
        self.show(next(stacks, 0 if recordings else -1))

    def show(self, index: int) -> None:
        """Make another recording current; a preview is dropped."""
        if self._previewing:
            self.drop_preview()
        self._index = index
        self._previewing = False
        self._reading = self.saved
        self.recording_changed.emit()
        self.changed.emit(Change(None, self._reading))

    def saved_reading(self, recording: Recording) -> Reading:
        """The saved Reading of a recording."""
        source = recording.source
        recording_id = source.recording_id
        if recording_id in self._unsaved:
            return self._unsaved[recording_id]
        journal = self._journal(source.study_id)
        if journal:
            try:
                return journal.reading(recording_id)
            except KeyError:
                try:
                    return journal.open(first_reading_of(recording))
                except KinecorError as error:
                    self.message.emit(str(error))
        return self._unsaved.setdefault(recording_id, first_reading_of(recording))

    def known_reading(self, recording: Recording) -> Reading | None:
        """The Reading of a recording if one exists; none is created."""
        source = recording.source
        if source.recording_id in self._unsaved:
            return self._unsaved[source.recording_id]
        journal = self._journal(source.study_id)
        try:
            return journal.reading(source.recording_id) if journal else None
        except KeyError:
            return None

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the saved Reading with `edit` applied; nothing is saved."""
        base = self.saved
        if base is None:
            return
        self._set_reading(edit.apply(base, self.actor), by, preview=True)

    def drop_preview(self, by: object = None) -> None:
        """Return to the saved Reading; every widget but `by` stops dragging."""
        saved = self.saved
        if self._previewing and saved is not None:
            self._set_reading(saved, by)

    def do(
        self, edit: Edit, by: object = None, *, actor: str | None = None, recording: Recording | None = None
    ) -> bool:
        """Apply an edit and save it; False where it was refused, with a message to the reader.

        Args:
            edit: what to do.
            by: the widget that made it.
            actor: its author; this person by default.
            recording: the recording to edit; the current one by default.

        """
        recording = recording or self.recording
        if recording is None:
            return False
        source = recording.source
        recording_id = source.recording_id
        reading = self.saved_reading(recording)
        journal = self._journal(source.study_id)
        try:
            if journal and not journal.read_only_because and recording_id not in self._unsaved:
                journal.do(recording_id, edit, actor or self.actor)
            elif actor is None:
                if journal and journal.read_only_because:
                    raise KinecorError(f"{journal.read_only_because} The change was not made.")
                raise KinecorError(
                    "The saved reading of this recording could not be loaded, so the change was not saved."
                )
            else:
                # A model's result can be recomputed at any time: it is shown although it cannot be saved.
                self._unsaved[recording_id] = edit.apply(reading, actor)
        except (KinecorError, ValueError) as error:
            self.drop_preview()
            self.message.emit(str(error))
            return False
        if recording is self.recording:
            self._set_reading(self.saved_reading(recording), by)
        return True

    def undo(self) -> None:
        """Undo the last edit of the current recording."""
        self._step("undo")

    def redo(self) -> None:
        """Redo the edit undone last."""
        self._step("redo")

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return self._can("can_undo")

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to redo."""
        return self._can("can_redo")

    def history(self) -> tuple[Entry, ...]:
        """The edits of the current recording, oldest first."""
        journal = self._current_journal()
        return journal.history(self.recording.source.recording_id) if journal and self.recording else ()

    def close(self) -> None:
        """Close all studies and release their files; every edit is saved already."""
        for store in self._stores:
            store.close()
        self._stores.clear()
        self._journals.clear()
        self._unsaved.clear()
        self.recordings, self._index, self._reading, self._previewing = (), -1, None, False

    def _journal(self, study_id: str) -> Journal | None:
        if study_id not in self._journals:
            self._journals[study_id] = None
            try:
                store = Store.open(study_file(study_id))
                self._stores.append(store)
                journal = self._journals[study_id] = Journal(store)
                for words in (journal.doubt, journal.read_only_because):
                    if words:
                        self.message.emit(words)
            except KinecorError as error:
                self.message.emit(str(error))
        return self._journals[study_id]

    def _current_journal(self) -> Journal | None:
        """The journal of the current recording, or None."""
        if self.recording is None or self.recording.source.recording_id in self._unsaved:
            return None
        return self._journals.get(self.recording.source.study_id)

    def _can(self, what: str) -> bool:
        journal = self._current_journal()
        return bool(journal and self.recording and getattr(journal, what)(self.recording.source.recording_id))

    def _step(self, how: str) -> None:
        journal = self._current_journal()
        if journal is None or self.recording is None:
            return
        step = journal.undo if how == "undo" else journal.redo
        try:
            after = step(self.recording.source.recording_id, self.actor)
        except KinecorError as error:
            self.message.emit(str(error))
            return
        if after is not None:
            self._set_reading(after, None)

    def _set_reading(self, after: Reading, by: object, *, preview: bool = False) -> None:
        before, self._reading, self._previewing = self._reading, after, preview
        self.changed.emit(Change(before, after, by, preview))
