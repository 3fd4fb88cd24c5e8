"""The one object that widgets talk to: what is open, its Reading, and every change of it."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.kind import Kind
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Recording, Stack
from kinecor.core.values.stack_reading import first_reading_of
from kinecor.session.edits import Edit
from kinecor.session.journal import Entry, Journal
from kinecor.session.place import study_file
from kinecor.session.store import Store


@dataclass(frozen=True, eq=False)
class Change:
    """The Reading before and after; parts that did not change are the same objects.

    Attributes:
        before: None where another recording came on screen: then everything is drawn.
        after: None where nothing is open.
        by: the widget that made the change and has drawn it already, or None.
        preview: whether this is a state on the way, not written down.

    """

    before: Reading | None
    after: Reading | None
    by: object = None
    preview: bool = False


class Workspace(QObject):
    """Recordings of a study, the current one, and its Reading, kept in the study's journal as it changes.

    Signals:
        study_changed(): other recordings are open.
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
        """Whose name stands beside an edit made here."""
        self.recordings: tuple[Recording, ...] = ()
        self._index = -1
        self._reading: Reading | None = None
        self._previewing = False
        self._stores: list[Store] = []
        self._journals: dict[str, Journal | None] = {}
        # Readings that live in memory only, where the study's file cannot be used or written.
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
        """The Reading as it is on screen, previews included."""
        return self._reading

    @property
    def saved(self) -> Reading | None:
        """The Reading of the current recording as it is written down, without previews."""
        return self.saved_reading(self.recording) if self.recording else None

    def open(self, recordings: tuple[Recording, ...]) -> None:
        """Close what is open and take these recordings; the first stack becomes current, else the first of all."""
        self.close()
        self.recordings = recordings
        self.study_changed.emit()
        stacks = (index for index, one in enumerate(recordings) if isinstance(one, Stack))
        self.show(next(stacks, 0 if recordings else -1))

    def show(self, index: int) -> None:
        """Make another recording current; a preview that was not done is dropped."""
        if self._previewing:
            self.drop_preview()
        self._index = index
        self._previewing = False
        self._reading = self.saved
        self.recording_changed.emit()
        self.changed.emit(Change(None, self._reading))

    def saved_reading(self, recording: Recording) -> Reading:
        """The Reading of a recording as it is written down."""
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
        """The Reading of a recording if there is one yet; none is begun."""
        source = recording.source
        if source.recording_id in self._unsaved:
            return self._unsaved[source.recording_id]
        journal = self._journal(source.study_id)
        try:
            return journal.reading(source.recording_id) if journal else None
        except KeyError:
            return None

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show what `edit` would make of the Reading as it is written down; nothing is written."""
        base = self.saved
        if base is None:
            return
        self._become(edit.apply(base, self.actor), by, preview=True)

    def drop_preview(self, by: object = None) -> None:
        """Back to what is written down; every widget but `by` lets go of what it holds."""
        saved = self.saved
        if self._previewing and saved is not None:
            self._become(saved, by)

    def do(
        self, edit: Edit, by: object = None, *, actor: str | None = None, recording: Recording | None = None
    ) -> bool:
        """Apply an edit and write it down; False where it was refused, which the reader is told.

        Args:
            edit: what to do.
            by: the widget that asks.
            actor: whose edit it is; this person's by default.
            recording: what it is about; the current one by default.

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
                why = (journal and journal.read_only_because) or "What was kept of this recording cannot be used."
                raise KinecorError(f"{why} The change was not made.")
            else:
                # A model's work can be had again at any time: it is shown though it cannot be kept.
                self._unsaved[recording_id] = edit.apply(reading, actor)
        except (KinecorError, ValueError) as error:
            self.drop_preview()
            self.message.emit(str(error))
            return False
        if recording is self.recording:
            self._become(self.saved_reading(recording), by)
        return True

    def undo(self) -> None:
        """Take back the last edit of the current recording."""
        self._step("undo")

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._step("redo")

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return self._can("can_undo")

    @property
    def can_redo(self) -> bool:
        """Whether there is something to do again."""
        return self._can("can_redo")

    def history(self) -> tuple[Entry, ...]:
        """What was done to the current recording, oldest first."""
        journal = self._current_journal()
        return journal.history(self.recording.source.recording_id) if journal and self.recording else ()

    def close(self) -> None:
        """Let go of everything; there is nothing to save, every edit is on the disk already."""
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
        """The journal that the current recording is written to, or None."""
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
            self._become(after, None)

    def _become(self, after: Reading, by: object, *, preview: bool = False) -> None:
        before, self._reading, self._previewing = self._reading, after, preview
        self.changed.emit(Change(before, after, by, preview))
