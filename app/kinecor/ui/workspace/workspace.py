"""The one object that widgets talk to: what is open, its Reading, and every change of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, Protocol

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from kinecor.core.checks.assessment import is_assessed, study_strain_as_assessed
from kinecor.core.strain.wall_strain import StudyStrain
from kinecor.core.study.conclusions import SignStatus, parts_of, sign_status, why_not_signed
from kinecor.core.study.prior import Comparison, Examined, compare_with_prior, priors
from kinecor.core.study.stress import StressStudy, stress_study, views_by_number
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.kind import UNKNOWN_VIEW, Kind
from kinecor.core.values.message import Message, joined_by, message
from kinecor.core.values.reading import Reading, View, first_reading_of, is_apical, model_author, short_author
from kinecor.core.values.recording import CineSequence, Recording, RecordingFacts, Stack
from kinecor.core.values.stills import stills_as_recording
from kinecor.core.values.study import STUDY, InStudy, Join, StudyReading, counting, first_study_reading
from kinecor.session.edits import (
    AddAddendum,
    DecideStudy,
    Edit,
    JoinStills,
    OnSlice,
    SetView,
    SeveralOfStudy,
    Sign,
    StudyEdit,
)
from kinecor.session.journal import Entry, Journal
from kinecor.session.store import Store, login, study_file
from kinecor.ui.style.language import dated, numbered, tr, translated
from kinecor.ui.workspace.study_checks import StudyChecks

ONLY_THE_ANALYSIS = (
    "There is no edit left to undo: the automatic analysis stays. To start from nothing, right-click on the image and "
    "remove all contours."
)


SIGNED = (
    "This study was signed by {who} on {at} UTC: to change it, write an addendum with the reason; it then needs a new "
    "signature."
)
CHANGED_MEANWHILE = "The study changed while its report was being made: look at it, then sign it again."
NOT_DONE = "The models are still computing values of this study: wait until they are done, or press Cancel."
WAIT_FOR_CONTOURS = (
    "What is shown is provisional, from a part of the frames, and is replaced within seconds: change or accept it then."
)
STAYS = "A signature or addendum stays in the history: write an addendum to change what was signed."


class Awaited(Enum):
    """What of a recording is still being computed: all of it, or motion and with it strain."""

    ALL = "contours"
    STRAIN = "strain"


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


@dataclass(slots=True)
class _Provisional:
    """What is shown of a recording until the models are done with it: an edit that is not saved, and its author."""

    edit: Edit
    by: str
    shown: tuple[Reading, Reading] | None = None

    def over(self, saved: Reading) -> Reading:
        """The saved Reading with the edit: the same object as long as that is the same."""
        if self.shown is None or self.shown[0] is not saved:
            self.shown = saved, self.edit.apply(saved, self.by)
        return self.shown[1]


@dataclass(frozen=True, eq=False)
class _Elsewhere:
    """An edit of one recording that was made on another, as of a stack on a long axis: `number` is its step."""

    shown: Recording
    edited: Recording
    number: int | None


class Workspace(QObject):
    """The recordings of a study, the current one, and its Reading, saved in the study's journal as it changes.

    Signals:
        study_changed(): other recordings were opened.
        recording_changed(): another recording is current; a `changed` follows.
        changed(Change): the Reading changed; for what is drawn on the picture.
        followed(Change): the same for everything else. What a drag ends in follows when the picture was drawn, with the
            event loop's next turn, so that the mouse does not wait for it.
        beside_changed(): the Reading of a recording that is not on screen, but perhaps beside it, changed.
        study_edited(): what is concluded about the study itself is another one; follows the `changed` that it causes.
        checks_changed(): the checks of the study may find something else; follows every saved change, of recordings
            that are not on screen, too, as soon as they are done.
        message(str): one sentence for the reader, until the next change is made or another recording is shown.
        trouble(str): one sentence for the reader that holds as long as the study is open.
        remark(str): one sentence that needs no answer, for the status bar.
        locked(): a change was refused, with a remark, since the study is signed.
        computing_changed(): `computing` is another one.
    """

    study_changed = Signal()
    recording_changed = Signal()
    changed = Signal(object)
    followed = Signal(object)
    beside_changed = Signal()
    study_edited = Signal()
    checks_changed = Signal()
    message = Signal(object)
    trouble = Signal(object)
    remark = Signal(object)
    locked = Signal()
    computing_changed = Signal()

    def __init__(self, actor: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.actor = actor
        """Author recorded for edits made here."""
        self.recordings: tuple[Recording, ...] = ()
        self._opened: tuple[Recording, ...] = ()
        self.reports: tuple[ForeignReport, ...] = ()
        self._stated: dict[str, Examined] = {}
        self._stated_of: tuple[tuple[ForeignReport, ...], tuple[str, ...]] = ((), ())
        """Structured reports of other systems that were found with the recordings."""
        self.documents: tuple[Document, ...] = ()
        """Objects that are no recordings, those of the reports among them."""
        self._joins: tuple[Join, ...] = ()
        self._index = -1
        self._reading: Reading | None = None
        self._previewing = False
        self._stores: list[Store] = []
        self._journals: dict[str, Journal | None] = {}
        # Readings held in memory only, where the study's file cannot be read or written.
        self._unsaved: dict[str, Reading] = {}
        self._unsaved_in_study: dict[str, InStudy] = {}
        self._unsaved_studies: dict[str, StudyReading] = {}
        # What is shown of recordings until the models are done with them: an edit that is not saved, and its author.
        self._provisional: dict[str, _Provisional] = {}
        # Edits that are one step, by study: the number of each in its recording, or in the study.
        self._together: list[tuple[str, dict[str, int]]] = []
        self._elsewhere: list[_Elsewhere] = []
        self.computing: Mapping[str, Awaited] = {}
        """What the models are still computing of recordings, by their ids."""
        # While several changes are made together: recordings to show afterwards, and whether that ends a drag.
        self._together_now: dict[str, tuple[Recording, bool]] | None = None
        self._waiting: Change | None = None
        self._drawn = QTimer(self)
        self._drawn.setSingleShot(True)
        self._drawn.setInterval(0)
        self._drawn.timeout.connect(self.pass_on)
        # Of recordings that were opened to be looked at, such as all of a study one after the other.
        self._opening = QTimer(self)
        self._opening.setSingleShot(True)
        self._opening.setInterval(0)
        self._opening.timeout.connect(self._check_opened)
        self.checks = StudyChecks(self)
        """What the checks find in the study on screen."""

    @property
    def previewing(self) -> bool:
        """Whether what is on screen is a preview, not what was saved."""
        return self._previewing

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

    @property
    def members(self) -> tuple[int, ...]:
        """Indices of the recordings of the current recording's study, but for those that are only shown."""
        return self.members_of(self.recording.source.study_id) if self.recording else ()

    def members_of(self, study_id: str) -> tuple[int, ...]:
        """Indices of the recordings of a study, but for those that are only shown: its results rest on none of them."""
        return tuple(
            index
            for index, recording in enumerate(self.recordings)
            if recording.source.study_id == study_id and not recording.source.series.view_only
        )

    @property
    def study_reading(self) -> StudyReading | None:
        """What is concluded about the current recording's study as a whole; None where nothing is open."""
        return self.study_reading_of(self.recording.source.study_id) if self.recording else None

    @property
    def studies_read(self) -> tuple[str, ...]:
        """Ids of the studies of which anything was read since they were opened."""
        return tuple(self._journals)

    @property
    def entries_at_opening(self) -> dict[str, int]:
        """How many entries the file of each study had when it was opened, by the id of the study."""
        return {name: journal.entries_at_opening for name, journal in self._journals.items() if journal is not None}

    def study_reading_of(self, study_id: str) -> StudyReading:
        """What is concluded about a study that is open as a whole."""
        journal = self._journal(study_id)
        if journal is not None and journal.study is not None:
            return journal.study
        if study_id not in self._unsaved_studies:
            self._unsaved_studies[study_id] = self._first_study(study_id)
        return self._unsaved_studies[study_id]

    def open(
        self,
        recordings: tuple[Recording, ...],
        reports: tuple[ForeignReport, ...] = (),
        documents: tuple[Document, ...] = (),
    ) -> None:
        """Close the open recordings and open these, and show the first one: see `first_shown`.

        Args:
            recordings: in the order in which they were found.
            reports: structured reports of other systems that were found with them.
            documents: objects that are no recordings, those of the reports among them.

        """
        self.close()
        self.reports, self.documents = reports, documents
        self._opened = self.recordings = recordings
        self.recordings = self._with_joins()
        self.checks.forget()
        self.study_changed.emit()
        recordings = self.recordings
        self.show(first_shown(recordings))

    def show(self, index: int) -> None:
        """Make another recording current; a preview is dropped."""
        if self._previewing:
            self.drop_preview()
        self.pass_on()
        self._index = index
        self._previewing = False
        self._reading = self.saved
        self.checks.forget()
        self.recording_changed.emit()
        change = Change(None, self._reading)
        self.changed.emit(change)
        self.followed.emit(change)
        self.study_edited.emit()
        self.checks.renew(shown=True)

    def saved_reading(self, recording: Recording) -> Reading:
        """The Reading of a recording without previews: as saved, or a provisional one until the models are done."""
        return self._shown(recording, self.finished_reading(recording))

    def finished_reading(self, recording: Recording) -> Reading:
        """The saved Reading of a recording, without anything provisional."""
        source = recording.source
        recording_id = source.recording_id
        if recording_id in self._unsaved:
            return self._in_study(self._unsaved[recording_id], source.study_id)
        journal = self._journal(source.study_id)
        if journal:
            try:
                return journal.reading(recording_id)
            except KeyError:
                try:
                    opened = journal.open(first_reading_of(recording))
                    if self.checks.in_background:
                        self._opening.start()
                    return opened
                except KinecorError as error:
                    self.trouble.emit(error_message(error))
        unsaved = self._unsaved.setdefault(recording_id, first_reading_of(recording))
        return self._in_study(unsaved, source.study_id)

    def known_reading(self, recording: Recording, *, provisional: bool = True) -> Reading | None:
        """As `saved_reading` if one exists, or without anything provisional; none is created."""
        known = self._known(recording)
        return self._shown(recording, known) if known is not None and provisional else known

    def _shown(self, recording: Recording, saved: Reading) -> Reading:
        provisional = self._provisional.get(recording.source.recording_id)
        return saved if provisional is None else provisional.over(saved)

    def provisional(self, recording: Recording) -> bool:
        """Whether what is shown of a recording is provisional."""
        return recording.source.recording_id in self._provisional

    def show_provisional(self, recording: Recording, edit: Edit, by: str) -> None:
        """Show what a model concluded from a part of a recording's frames until it is done; nothing is saved."""
        self._provisional[recording.source.recording_id] = _Provisional(edit, by)
        self._refresh(recording)

    def drop_provisional(self, *recordings: Recording) -> None:
        """Return to what is saved of these recordings."""
        for recording in recordings:
            if self._provisional.pop(recording.source.recording_id, None) is not None:
                self._refresh(recording)

    def _changes_provisional(self, recording: Recording, edit: Edit) -> bool:
        """Whether an edit changes provisional contours, or what follows from them, or decides on their values."""
        if not self.provisional(recording):
            return False
        shown = self.saved_reading(recording)
        after = edit.apply(shown, self.actor)
        return any(getattr(after, name) != getattr(shown, name) for name in ("tracks", "events", "slices", "decisions"))

    def _known(self, recording: Recording) -> Reading | None:
        source = recording.source
        if source.recording_id in self._unsaved:
            return self._in_study(self._unsaved[source.recording_id], source.study_id)
        journal = self._journal(source.study_id)
        try:
            return journal.reading(source.recording_id) if journal else None
        except KeyError:
            return None

    def measured(self, recording: Recording, facts: RecordingFacts) -> None:
        """Take in what the images of a recording show; it is no edit and is not saved."""
        source = recording.source
        recording_id = source.recording_id
        reading = self.known_reading(recording)
        if reading is None or reading.facts.images.measured:
            return
        journal = self._journal(source.study_id)
        if recording_id in self._unsaved:
            self._unsaved[recording_id] = self._unsaved[recording_id].with_images(facts)
        elif journal is not None:
            journal.with_images(recording_id, facts)
        self._refresh(recording)

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the saved Reading with `edit` applied; nothing is saved. Refused of a signed study."""
        base = self.saved
        if base is None or self.refused_as_signed():
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
        self.saved_reading(recording)  # opens it
        journal = self._journal(source.study_id)
        if source.series.view_only:
            self.drop_preview()
            self.remark.emit(tr("These images are only shown: nothing is drawn or measured on them."))
            return False
        # A model's work on a recording that was never read is let in; the status says that something changed.
        if actor is None and self._refused_as_signed(source.study_id):
            self.drop_preview()
            return False
        if actor is None and self._changes_provisional(recording, edit):
            self.drop_preview()
            self.remark.emit(tr(WAIT_FOR_CONTOURS))
            return False
        if actor is not None:  # a model's conclusion takes the place of its provisional one
            self._provisional.pop(recording_id, None)
        try:
            if journal and not journal.read_only_because and recording_id not in self._unsaved:
                journal.do(recording_id, edit, actor or self.actor, wait=actor is None)
            elif actor is None:
                if journal and journal.read_only_because:
                    raise _not_made(journal.read_only_because)
                raise KinecorError(
                    message("The saved reading of this recording could not be loaded, so the change was not saved.")
                )
            else:
                # A model's result can be recomputed at any time: it is shown although it cannot be saved.
                unsaved = self._unsaved.get(recording_id) or self.saved_reading(recording)
                self._unsaved[recording_id] = edit.apply(unsaved, actor)
        except (KinecorError, ValueError) as error:
            self.drop_preview()
            self.message.emit(error_message(error))
            return False
        if by is not None and recording is not self.recording and self.recording is not None:
            self._elsewhere.append(_Elsewhere(self.recording, recording, self.last_step(recording)))
        self._show_saved(recording, by)
        return True

    @contextmanager
    def together(self) -> Iterator[None]:
        """Changes of recordings made within are shown once, at the end: each is seen by all that follow it.

        Nested uses end with the outermost.
        """
        if self._together_now is not None:
            yield
            return
        self._together_now = {}
        try:
            yield
        finally:
            changed, self._together_now = self._together_now, None
            for recording, ends_drag in changed.values():
                if ends_drag:
                    self._show_saved(recording, None)
                else:
                    self._refresh(recording)

    def _show_saved(self, recording: Recording, by: object) -> None:
        """Show what was saved of a recording; a drag of the one on screen ends."""
        if self._together_now is not None:
            self._together_now[recording.source.recording_id] = recording, True
        elif recording is self.recording:
            self._set_reading(self.saved_reading(recording), by)
        else:
            self.beside_changed.emit()
            self.checks.renew()

    @property
    def steps(self) -> tuple[Entry, ...]:
        """The steps of the current recording that are in force, oldest first."""
        return tuple(entry for entry in self._own_history() if entry.step and not entry.undone)

    @property
    def closed(self) -> bool:
        """Whether the study on screen is signed, so that nothing in it changes."""
        study = self.study_reading
        return study is not None and study.closed

    def last_step(self, recording: Recording) -> int | None:
        """Number of the last step of a recording; None where nothing of it is saved."""
        source = recording.source
        journal = self._journals.get(source.study_id)
        if journal is None or source.recording_id in self._unsaved or self.known_reading(recording) is None:
            return None
        return journal.next_undo(source.recording_id)

    def complete(self, recording: Recording, step: int | None, edit: Edit, actor: str) -> None:
        """Add to a step of a recording what a model computed later; dropped where that step was taken back for good.

        `step` is None where the step is not saved.
        """
        source, journal = recording.source, self._journals.get(recording.source.study_id)
        try:
            if step is not None and journal is not None:
                journal.complete(source.recording_id, step, edit, actor, wait=False)
            elif source.recording_id in self._unsaved:
                self._unsaved[source.recording_id] = edit.apply(self._unsaved[source.recording_id], actor)
            else:
                return
        except KinecorError as error:
            self.message.emit(error_message(error))
            return
        except ValueError:
            return
        self._refresh(recording)

    def show_computing(self, computing: Mapping[str, Awaited]) -> None:
        """Say what the models are still computing."""
        if computing != self.computing:
            self.computing = dict(computing)
            self.computing_changed.emit()

    @property
    def awaited(self) -> Mapping[int, Awaited]:
        """What is still being computed of the study on screen, by the index of the recording."""
        ids = {at: self.recordings[at].source.recording_id for at in self.members}
        return {at: self.computing[identifier] for at, identifier in ids.items() if identifier in self.computing}

    def _refresh(self, recording: Recording) -> None:
        """Show a Reading that changed without an edit of a person."""
        if self._together_now is not None:
            self._together_now.setdefault(recording.source.recording_id, (recording, False))
            return
        # During a drag the screen shows a temporary Reading, which the end of the drag replaces.
        if recording is self.recording and not self._previewing:
            self._set_reading(self.saved_reading(recording), None)
        else:
            self.beside_changed.emit()
            self.checks.renew()

    def do_study(self, edit: StudyEdit) -> bool:
        """Apply an edit to the study of the current recording and save it; False where it was refused, with a message.

        The Reading on screen follows: a preview is dropped, `changed` is emitted where a recording is affected.
        """
        return self._do_study(edit, lambda journal: journal.do_study(edit, self.actor))

    def _do_study(self, edit: StudyEdit, store: Callable[[Journal], object]) -> bool:
        journal = self._journal(self.recording.source.study_id) if self.recording else None
        if self.recording is None:
            return False
        if not isinstance(edit, Sign | AddAddendum) and self._refused_as_signed(self.recording.source.study_id):
            return False
        shown = (self.recordings[at] for at in self.members)
        if isinstance(edit, DecideStudy | SeveralOfStudy) and any(map(self.provisional, shown)):
            self.remark.emit(tr(WAIT_FOR_CONTOURS))
            return False
        try:
            if journal is None or journal.study is None:
                raise KinecorError(
                    message("The saved reading of this study could not be loaded, so the change was not saved.")
                )
            if journal.read_only_because:
                raise _not_made(journal.read_only_because)
            store(journal)
        except (KinecorError, ValueError) as error:
            self.message.emit(error_message(error))
            return False
        self._study_edited()
        return True

    def do_together(self, of_study: StudyEdit | None, edits: Mapping[int, Edit]) -> bool:
        """Edit the study on screen and its recordings (by index) as one step; False, with a message, where refused.

        All of it is shown at once, and is undone and redone at once as long as the study is open.
        """
        journal = self._study_journal()
        if journal is None or self.recording is None:
            return of_study is None and all(self.do(edit, recording=self.recordings[at]) for at, edit in edits.items())
        study_id = self.recording.source.study_id
        if self._refused_as_signed(study_id):
            return False
        numbers: dict[str, int] = {}
        try:
            if journal.read_only_because:
                raise _not_made(journal.read_only_because)
            if of_study is not None:
                journal.do_study(of_study, self.actor)
                numbers[STUDY] = journal.next_undo(STUDY) or 0
            for at, edit in edits.items():
                recording_id = self.recordings[at].source.recording_id
                self.saved_reading(self.recordings[at])  # opens it
                journal.do(recording_id, edit, self.actor)
                numbers[recording_id] = journal.next_undo(recording_id) or 0
        except (KinecorError, ValueError) as error:
            self.message.emit(error_message(error))
        self._together.append((study_id, numbers))
        self._study_edited()
        return len(numbers) == len(edits) + (of_study is not None)

    def _with_its_group(self, journal: Journal, number: int, *, back: bool) -> bool:
        """Undo or redo all edits that were one step with this one; False where it was one by itself.

        Of a recording that was edited since, its part of the step stays.
        """
        study_id = self.recording.source.study_id if self.recording else ""
        group = next((found for name, found in self._together if name == study_id and number in found.values()), {})
        if len(group) < 2:
            return False
        for single_name, its in group.items():
            if (journal.next_undo(single_name) if back else journal.next_redo(single_name)) != its:
                continue
            if single_name == STUDY:
                _ = journal.undo_study(self.actor) if back else journal.redo_study(self.actor)
            else:
                _ = journal.undo(single_name, self.actor) if back else journal.redo(single_name, self.actor)
        return True

    def _step_of(self, journal: Journal, number: int, *, back: bool) -> Callable[[], Reading | StudyReading | None]:
        """What undoes or redoes the edit of this number with those that were one step with it."""

        def step() -> Reading | StudyReading | None:
            if self._with_its_group(journal, number, back=back):
                return journal.study
            if number == (journal.next_undo(STUDY) if back else journal.next_redo(STUDY)):
                return journal.undo_study(self.actor) if back else journal.redo_study(self.actor)
            if self.recording is None:
                return None
            recording_id = self.recording.source.recording_id
            return journal.undo(recording_id, self.actor) if back else journal.redo(recording_id, self.actor)

        return step

    @property
    def study_readings(self) -> tuple[Reading, ...]:
        """The saved Readings of all recordings of the study on screen; those not opened yet are opened."""
        return tuple(self.saved_reading(self.recordings[at]) for at in self.members)

    @property
    def priors(self) -> tuple[StudyReading, ...]:
        """Earlier studies of the same patient that are open, the latest first."""
        study = self.study_reading
        ids = dict.fromkeys(recording.source.study_id for recording in self.recordings)
        if study is None:
            return ()
        return priors(study, [*map(self.study_reading_of, ids), *(study.study for study in self.stated.values())])

    def compared_with(self, study_id: str) -> Comparison | None:
        """The study on screen against an earlier one that is open; None where nothing is open.

        Both as far as their recordings were read: none is opened for it, since this follows every saved change.
        """
        study = self.study_reading
        if study is None:
            return None
        if self.checks.in_background:
            return self.checks.compared_with(study_id)
        return compare_with_prior(Examined(study, self.checks.readings), self.examined(study_id))

    def examined(self, study_id: str) -> Examined:
        """A study that is open, as far as its recordings were read, or as reports of another system state it."""
        if study_id in self.stated:
            return self.stated[study_id]
        earlier = (self.known_reading(self.recordings[at]) for at in self.members_of(study_id))
        return Examined(self.study_reading_of(study_id), tuple(reading for reading in earlier if reading is not None))

    @property
    def stated(self) -> dict[str, Examined]:
        """Studies that are open with reports of other systems alone, as these state them; by id."""
        studies = tuple(dict.fromkeys(recording.source.study_id for recording in self._opened))
        if self._stated_of != (self.reports, studies):
            self._stated, self._stated_of = {}, (self.reports, studies)
            if any(report.values and report.study_id not in studies for report in self.reports):
                from kinecor.io.open.stated import stated_studies  # loaded with the first report of another study

                self._stated = stated_studies(self.reports, studies)
        return self._stated

    def add(
        self,
        recordings: tuple[Recording, ...],
        reports: tuple[ForeignReport, ...] = (),
        documents: tuple[Document, ...] = (),
    ) -> None:
        """Open further recordings, such as an earlier study, next to those that are open, with their documents."""
        self.reports = tuple(dict.fromkeys((*self.reports, *reports)))
        self.documents = tuple(dict.fromkeys((*self.documents, *documents)))
        known = {recording.source.recording_id for recording in self._opened}
        self._opened += tuple(recording for recording in recordings if recording.source.recording_id not in known)
        here, before, stated = self.recording, self.recordings, self._stated
        self.recordings = self._opened
        self.recordings = self._with_joins()
        if here is not None and (self.recordings != before or self.stated != stated):
            self.checks.forget()
            self.study_changed.emit()
            self.show(next((index for index, recording in enumerate(self.recordings) if recording is here), 0))

    @property
    def stress(self) -> StressStudy | None:
        """The stages of the study on screen, as far as its recordings were opened; None of other studies."""
        study = self.study_reading
        return None if study is None else stress_study(self.checks.readings, study)

    def name_views_by_number(self) -> int:
        """Give clips of a stress study the view that was named at another stage for the same view number; how many."""
        readings = {self.recordings[at].source.recording_id: at for at in self.members}
        found = views_by_number(self.study_readings)
        for recording_id, view in found.items():
            self.do(SetView(View(view, None, self.actor)), recording=self.recordings[readings[recording_id]])
        return len(found)

    @property
    def sign_status(self) -> SignStatus | None:
        """Where the study on screen stands with its signature; None where nothing is open."""
        study = self.study_reading
        if study is None or study.signature is None:  # without opening every recording
            return None if study is None else sign_status((), study)
        if self.checks.in_background:
            return self.checks.signed
        return sign_status(self.study_readings, study)

    def signature_to_give(self, remark: str = "") -> Sign | None:
        """The signature of this person under all that is concluded about the study on screen, to make its report with.

        None, with a message, where signing is refused. `sign` gives it.

        Args:
            remark: see Signature.

        """
        if self.awaited:
            self.message.emit(tr(NOT_DONE))
            return None
        study, readings = self.study_reading, self.study_readings
        why = tr("Open a study to sign it.") if study is None else why_not_signed(readings, study)
        if study is None or why is not None:
            self.message.emit(why or "")
            return None
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return Sign(at, parts_of(readings, study), login=login(), remark=remark.strip())

    @property
    def proposed_readings(self) -> tuple[Reading, ...]:
        """The Readings of the study on screen as the program proposed them, of those recordings that it read."""
        journal, study = self._study_journal(), self.study_readings  # opens every recording
        known = [reading.facts.recording_id for reading in study if reading.facts.recording_id not in self._unsaved]
        readings = [journal.proposed(name) for name in known] if journal is not None else []
        return tuple(reading for reading in readings if reading is not None)

    def sign(self, signature: Sign, report: bytes, values: bytes = b"") -> bool:
        """Sign the study on screen as this person; False, with a message, where that is refused.

        Args:
            signature: by `signature_to_give`, of the study as it is still.
            report: the report that says so (PDF), which is kept with the signature.
            values: automatic and signed values, kept likewise; b"" for none.

        """
        study, readings = self.study_reading, self.study_readings
        if study is None or self.awaited or signature.parts != parts_of(readings, study):
            self.message.emit(tr(CHANGED_MEANWHILE))
            return False
        return self._do_study(signature, lambda journal: journal.sign(signature, report, self.actor, values))

    def add_addendum(self, reason: str) -> bool:
        """Open the signed study on screen to changes; False, with a message, where that is refused."""
        try:
            return self.do_study(AddAddendum(datetime.now(UTC).isoformat(timespec="seconds"), reason))
        except ValueError as error:
            self.message.emit(joined_by("", (error_message(error).capitalised(), ".")))
            return False

    def refused_as_signed(self) -> bool:
        """Whether a change of the study on screen is refused because it is signed; then said so."""
        return self.recording is not None and self._refused_as_signed(self.recording.source.study_id)

    def _refused_as_signed(self, study_id: str) -> bool:
        """Whether a change is refused because the study is signed; then said so."""
        study = self.study_reading_of(study_id)
        signature = study.signature
        if not study.closed or signature is None:
            return False
        self.remark.emit(tr(SIGNED).format(who=signature.by, at=f"{dated(signature.at[:10])} {signature.at[11:16]}"))
        self.locked.emit()
        return True

    def join_stills(self, ed: int, es: int, view: str = "") -> bool:
        """Join two stills (indices in `recordings`) to one recording; False, with a message, where they do not fit.

        Args:
            ed: the still at end-diastole; the pair belongs to its study.
            es: the one at end-systole.
            view: of both, where no header names it.

        """
        first, second = self.recordings[ed], self.recordings[es]
        ids = first.source.recording_id, second.source.recording_id
        try:
            stills_as_recording(first.cines[0], second.cines[0])
        except KinecorError as error:
            self.message.emit(error_message(error))
            return False
        self.show(ed)
        return self.do_study(JoinStills(Join(*ids, view)))

    def undo(self) -> None:
        """Undo the last edit of the current recording or of its study; the analysis it began with stays."""
        journal = self._study_journal()
        number, why = self._to_undo()
        elsewhere = self._step_elsewhere("undo")
        if why:
            self.remark.emit(tr(why))
        elif elsewhere is not None and elsewhere.number == number:
            self._take_elsewhere(elsewhere, back=True)
        elif journal is not None and number is not None:
            self._step(self._step_of(journal, number, back=True))

    def _to_undo(self) -> tuple[int | None, str]:
        """Number of the edit that `undo` would undo; None where it would undo nothing, with the reason if any."""
        journal = self._study_journal()
        if journal is None:
            return None, ""
        if self.closed:
            return None, STAYS
        study, own = journal.next_undo(STUDY), self._next("undo")
        elsewhere = self._step_elsewhere("undo")
        if elsewhere is not None and (elsewhere.number or 0) > max(study or 0, own or 0):
            return elsewhere.number, ""
        if study is not None and study > (own or 0):
            kind = next(entry.kind for entry in journal.history(STUDY) if entry.number == study)
            stays = kind.startswith(("study-sign/", "study-addendum/"))
            return (None, STAYS) if stays else (study, "")
        left = self.steps
        if len(left) == 1 and model_author(left[0].actor) is not None:
            return None, ONLY_THE_ANALYSIS
        return own, ""

    def redo(self) -> None:
        """Redo the edit undone last, of the current recording or of its study."""
        journal = self._study_journal()
        if journal is None or self.recording is None:
            return
        if self._refused_as_signed(self.recording.source.study_id):
            return
        study, own = journal.next_redo(STUDY), self._next("redo")
        elsewhere = self._step_elsewhere("redo")
        # Of two edits that were undone, the earlier one was undone last.
        if elsewhere is not None and all(number is None or (elsewhere.number or 0) < number for number in (study, own)):
            self._take_elsewhere(elsewhere, back=False)
        elif study is not None and (own is None or study < own):
            self._step(self._step_of(journal, study, back=False))
        elif own is not None:
            self._step(self._step_of(journal, own, back=False))

    def _step_elsewhere(self, what: Literal["undo", "redo"]) -> "_Elsewhere | None":
        """The latest edit of another recording, made on the one on screen, that is next to be undone or redone."""
        journal = self._study_journal()
        made = (
            [edit_elsewhere for edit_elsewhere in self._elsewhere if edit_elsewhere.shown is self.recording]
            if journal is not None
            else []
        )
        for single_edit_elsewhere in reversed(made) if what == "undo" else made:
            recording_id = single_edit_elsewhere.edited.source.recording_id
            if journal is None or recording_id in self._unsaved or single_edit_elsewhere.number is None:
                continue
            if single_edit_elsewhere.number == (journal.next_undo if what == "undo" else journal.next_redo)(
                recording_id
            ):
                return single_edit_elsewhere
        return None

    def _take_elsewhere(self, edit_elsewhere: "_Elsewhere", *, back: bool) -> None:
        """Undo or redo an edit of another recording."""
        journal = self._study_journal()
        if journal is None:
            return
        try:
            (journal.undo if back else journal.redo)(edit_elsewhere.edited.source.recording_id, self.actor)
        except KinecorError as error:
            self.message.emit(error_message(error))
            return
        self._show_saved(edit_elsewhere.edited, None)

    def go_to(self, number: int) -> None:
        """Undo or redo until the edit of that number in the history is the last one in force.

        Nothing is lost: what is undone on the way can be redone, until something else is edited.
        """
        if all(edit.number != number for edit in self._edits()):
            return
        for _ in self._edits():
            before = self.history()
            if next(entry for entry in before if entry.number == number).undone:
                self.redo()
            elif any(edit.number > number and not edit.undone for edit in self._edits()):
                self.undo()
            if len(self.history()) == len(before):
                return  # there, or refused with a message

    def _edits(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.history() if entry.step)

    def say(self, words: str) -> None:
        """Tell the reader one sentence that needs no answer."""
        self.remark.emit(words)

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would undo anything, of the current recording or of its study."""
        return self._to_undo()[0] is not None

    @property
    def why_not_undone(self) -> str:
        """Why the last edit cannot be undone; "" where it can, or where there is none."""
        return self._to_undo()[1]

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to redo, of the current recording or of its study; none of a signed study."""
        journal = self._study_journal()
        if self.closed or journal is None:
            return False
        known = self._next("redo"), journal.next_redo(STUDY), self._step_elsewhere("redo")
        return any(one is not None for one in known)

    @property
    def made_elsewhere(self) -> tuple[Entry, ...]:
        """The history of other recordings that were edited on the one on screen, from the first such edit on."""
        journal = self._study_journal()
        entries: dict[int, Entry] = {}
        for edit_elsewhere in self._elsewhere if journal is not None else ():
            if journal is not None and edit_elsewhere.shown is self.recording and edit_elsewhere.number is not None:
                recording_id = edit_elsewhere.edited.source.recording_id
                entries |= {
                    each.number: each for each in journal.history(recording_id) if each.number >= edit_elsewhere.number
                }
        return tuple(entries[number] for number in sorted(entries))

    def history(self) -> tuple[Entry, ...]:
        """The edits of the current recording and of its study, oldest first."""
        journal = self._study_journal()
        study = journal.history(STUDY) if journal else ()
        return tuple(sorted((*self._own_history(), *study), key=lambda entry: entry.number))

    def close(self) -> None:
        """Close all studies and release their files; every edit is saved already."""
        for store in self._stores:
            store.close()
        self._stores.clear()
        self._journals.clear()
        self._together.clear()
        self._elsewhere.clear()
        self._unsaved.clear()
        self._unsaved_in_study.clear()
        self._unsaved_studies.clear()
        self._provisional.clear()
        self._opened, self._joins, self.reports, self.documents = (), (), (), ()
        self.recordings, self._index, self._reading, self._previewing = (), -1, None, False
        self._waiting = None
        self._drawn.stop()
        self._opening.stop()
        self.checks.stop()

    def _journal(self, study_id: str) -> Journal | None:
        if study_id not in self._journals:
            self._journals[study_id] = None
            try:
                store = Store.open(study_file(study_id))
                self._stores.append(store)
                journal = self._journals[study_id] = Journal(store)
                for text in (journal.doubt, journal.read_only_because):
                    if text:
                        self.trouble.emit(text)
                journal.open_study(self._first_study(study_id))
            except KinecorError as error:
                self.trouble.emit(error_message(error))
        return self._journals[study_id]

    def _first_study(self, study_id: str) -> StudyReading:
        return first_study_reading(study_id, (self.recordings[at] for at in self.members_of(study_id)))

    def _in_study(self, reading: Reading, study_id: str) -> Reading:
        known = self._unsaved_in_study.setdefault(reading.facts.recording_id, InStudy())
        return known.of(reading, self.study_reading_of(study_id))

    def _study_journal(self) -> Journal | None:
        """The journal of the current recording's study, where its own Reading can be edited."""
        journal = self._journals.get(self.recording.source.study_id) if self.recording else None
        return journal if journal is not None and journal.study is not None else None

    def _current_journal(self) -> Journal | None:
        """The journal of the current recording, or None."""
        if self.recording is None or self.recording.source.recording_id in self._unsaved:
            return None
        return self._journals.get(self.recording.source.study_id)

    def _next(self, what: Literal["undo", "redo"]) -> int | None:
        """Number of the current recording's own edit that would be undone or redone."""
        journal = self._current_journal()
        if journal is None or self.recording is None:
            return None
        next_one = journal.next_undo if what == "undo" else journal.next_redo
        return next_one(self.recording.source.recording_id)

    def _own_history(self) -> tuple[Entry, ...]:
        journal = self._current_journal()
        return journal.history(self.recording.source.recording_id) if journal and self.recording else ()

    def _step(self, step: Callable[[], Reading | StudyReading | None]) -> None:
        try:
            after = step()
        except KinecorError as error:
            self.message.emit(error_message(error))
            return
        if isinstance(after, StudyReading):
            self._study_edited()
        elif after is not None:
            self._set_reading(after, None)

    def _with_joins(self) -> tuple[Recording, ...]:
        """The recordings that were opened, with each pair of stills that a reader joined in place of the two."""
        by_id = {recording.source.recording_id: recording for recording in self._opened}
        self._joins = self._all_joins()
        for study in self._studies():
            for pair in study.joins:
                ed, es = by_id.get(pair.ed), by_id.get(pair.es)
                if not isinstance(ed, CineSequence) or not isinstance(es, CineSequence):
                    continue
                try:
                    made = stills_as_recording(ed, es)
                except KinecorError as error:
                    self.message.emit(error_message(error))
                    continue
                if pair.view:
                    made = replace(made, view=pair.view, view_by=study.authors.get("joins", self.actor))
                by_id = {at: made if at == pair.ed else recording for at, recording in by_id.items() if at != pair.es}
        return tuple(by_id.values())

    def _studies(self) -> list[StudyReading]:
        return [
            self.study_reading_of(study_id)
            for study_id in dict.fromkeys(recording.source.study_id for recording in self._opened)
        ]

    def _all_joins(self) -> tuple[Join, ...]:
        return tuple(pair for study in self._studies() for pair in study.joins)

    def _study_edited(self) -> None:
        """The Reading on screen, and all that is shown of the study, after an edit of the study."""
        if self._all_joins() != self._joins:
            here, recordings = self.recording, self._with_joins()
            self.recordings, self._index, self._reading, self._previewing = recordings, -1, None, False
            self.checks.forget()
            self.study_changed.emit()
            places = (
                index
                for index, recording in enumerate(recordings)
                if here is not None and (recording is here or recording.source.path == here.source.path)
            )
            self.show(next(places, 0))
            return
        saved = self.saved
        if saved is not None and (saved is not self._reading or self._previewing):
            self._set_reading(saved, None)
        else:
            self.beside_changed.emit()
            self.checks.renew()
        self.study_edited.emit()

    def _set_reading(self, after: Reading, by: object, *, preview: bool = False) -> None:
        self.pass_on()
        before, ended = self._reading, self._previewing and not preview
        self._reading, self._previewing = after, preview
        if not preview:
            self.checks.forget()
        self._waiting = Change(before, after, by, preview)
        self.changed.emit(self._waiting)
        if ended:
            self._drawn.start()
        else:
            self.pass_on()

    def _check_opened(self) -> None:
        self.checks.renew()

    def pass_on(self) -> None:
        """Let everything follow now that waits until the picture is drawn."""
        change, self._waiting = self._waiting, None
        self._drawn.stop()
        if change is None:
            return
        self.followed.emit(change)
        if not change.preview:
            self.checks.renew()


def patient_line(recording: Recording) -> str:
    """Name, id, sex, birth and study date, as far as the header has them."""
    patient = recording.source.patient
    name = patient.name.replace("^", " ").strip()
    dates = [tr("born {date}").format(date=date_words(patient.birth_date)) if patient.birth_date else ""]
    dates += [tr("study {date}").format(date=date_words(patient.study_date)) if patient.study_date else ""]
    known = [name, patient.patient_id, patient.sex, *dates]
    return "  ·  ".join(name for name in known if name) or tr("Patient: unknown")


def recording_line(recording: Recording) -> str:
    """Length, rate and equipment; of a stack its slices, phases, spacing and equipment."""
    return _stack_line(recording) if isinstance(recording, Stack) else _loop_line(recording)


def _loop_line(cine: CineSequence) -> str:
    of_mri = cine.source.modality == "MR"
    many = tr("{count} phases") if of_mri else tr("{count} frames")
    if cine.source.series.view_only:
        many = tr("{count} images")
    length = tr("still") if len(cine) == 1 else many.format(count=len(cine))
    length = tr("stills at ED and ES") if cine.stills else length
    rate = ""
    # Phases are computed from many beats, and stills are of one each: they have no rate.
    if len(cine) > 1 and not of_mri and not cine.stills and not cine.source.series.view_only:
        rate = tr("{rate} frames/s").format(rate=f"{(len(cine) - 1) / cine.times_s[-1]:.0f}")
        if cine.times_origin == "assumed":
            rate += f" ({tr('assumed')})"
    size = f"{cine.columns} × {cine.rows}"
    return "  ·  ".join(name for name in (length, rate, size, cine.source.equipment) if name)


def _stack_line(stack: Stack) -> str:
    first = stack.slices[0]
    steps = [f"{one:.3g}" for one in np.diff(stack.positions_mm)]
    between = " / ".join(dict.fromkeys(steps))
    apart = tr("{distance} mm apart").format(distance=between) if len(set(steps)) in (1, 2) else ""
    text = tr("{slices} slices × {phases} phases")
    if stack.source.series.view_only:
        text = tr("{slices} slices × {phases} images")
    many = text.format(slices=len(stack.slices), phases=stack.phases)
    size = f"{first.columns} × {first.rows}"
    return "  ·  ".join(name for name in (many, apart, size, first.source.equipment) if name)


def view_words(reading: Reading) -> str:
    """The view, e.g. "A4C", "A4C (0.97)" where a model classified it, or "view unknown"."""
    view = reading.view
    if view is None or view.label == UNKNOWN_VIEW:
        return tr("view unknown")
    name = reading.kind.view_name(view.label)
    return name if view.confidence is None else f"{translated(name)} ({numbered(view.confidence, '.2f')})"


def view_hint(reading: Reading) -> str:
    """Who set the view, and what a click does."""
    view = reading.view
    if view is None or view.label == UNKNOWN_VIEW:
        return tr("View unknown. Click to choose another; Ctrl+Z undoes it.")
    text = tr("View, set by {who}. Click to choose another; Ctrl+Z undoes it.")
    return text.format(who=short_author(view.by))


def date_words(dicom: str) -> str:
    """A DICOM date (YYYYMMDD) as the window writes dates, less what de-identification set to 00; else as it is.

    Files of ACR-NEMA, before DICOM, have points between the parts.
    """
    if len(dicom) == 10 and dicom[4] == dicom[7] == ".":
        dicom = dicom.replace(".", "")
    if len(dicom) != 8 or not dicom.isdigit():
        return dicom
    return dated(f"{dicom[:4]}-{dicom[4:6]}-{dicom[6:8]}".removesuffix("-00").removesuffix("-00"))


def first_shown(recordings: Sequence[Recording]) -> int:
    """Index of the recording to begin with: the first stack that is measured, else what is measured, else the first."""
    order = [
        *(
            index
            for index, recording in enumerate(recordings)
            if isinstance(recording, Stack) and recording.source.series.measured
        ),
        *(index for index, recording in enumerate(recordings) if recording.source.series.measured),
    ]
    return next(iter(order), 0 if recordings else -1)


def _not_made(why: Message) -> KinecorError:
    return KinecorError(message("{reason} The change was not made.", reason=why))


class PictureSource(Protocol):
    """What a picture needs of its source; signals are recording_changed() and changed(Change)."""

    recording_changed: Any
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
    def closed(self) -> bool:
        """Whether its study is signed, so that nothing in it changes."""

    @property
    def actor(self) -> str:
        """Author recorded for edits made here."""

    def refused_as_signed(self) -> bool:
        """Whether a change is refused because the study is signed; then said so."""

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the Reading with `edit` applied; nothing is saved."""

    def drop_preview(self, by: object = None) -> None:
        """Return to the saved Reading."""

    def do(self, edit: Edit, by: object = None) -> bool:
        """Apply an edit and save it; False where it was refused."""

    def undo(self) -> None:
        """Undo the last edit."""

    def say(self, words: str) -> None:
        """Tell the reader one sentence that needs no answer."""


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

    @property
    def saved(self) -> Reading | None:
        """The slice's saved Reading."""
        return self._slice_of(self._workspace.saved)

    @property
    def previewing(self) -> bool:
        """Whether what is on screen is a preview, not what was saved."""
        return self._workspace.previewing

    @property
    def closed(self) -> bool:
        """Whether the study is signed, so that nothing in it changes."""
        return self._workspace.closed

    def refused_as_signed(self) -> bool:
        """Whether a change is refused because the study is signed; then said so."""
        return self._workspace.refused_as_signed()

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

    def undo(self) -> None:
        """Undo the last edit of the stack."""
        self._workspace.undo()

    def say(self, words: str) -> None:
        """Tell the reader one sentence that needs no answer."""
        self._workspace.say(words)

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


@dataclass(frozen=True, eq=False)
class ApicalLoop:
    """A loop of the study: its index among the recordings, its view, and its Reading (on screen, or saved)."""

    index: int
    view: str
    reading: Reading


def apical_loops(workspace: Workspace) -> tuple[ApicalLoop, ...]:
    """The current loop, and the others of its study whose view is A4C, A2C or A3C; none where a stack is on screen."""
    cine = workspace.cine
    if cine is None:
        return ()
    found = []
    for index, recording in enumerate(workspace.recordings):
        if isinstance(recording, CineSequence) and recording.source.study_id == cine.source.study_id:
            reading = workspace.reading if recording is cine else workspace.saved_reading(recording)
            if reading is not None and reading.view is not None and is_apical(reading):
                found.append(ApicalLoop(index, reading.view.label, reading))
    return tuple(found)


def strain_of_study(workspace: Workspace) -> StudyStrain:
    """Strain over the apical loops of the study on screen that its reader lets count: of the stage on screen."""
    here = workspace.reading
    stage = here.facts.stage if here is not None else None
    loops = [apical_loop for apical_loop in apical_loops(workspace) if apical_loop.reading.facts.stage == stage]
    readings = (loop.reading if _judged(workspace, loop) else workspace.checks.reading_of(loop.index) for loop in loops)
    return study_strain_as_assessed(counting(filter(None, readings), workspace.study_reading))


def _judged(workspace: Workspace, loop: ApicalLoop) -> bool:
    """Whether the strain of a loop is judged at once: else it is shown as it was, until a worker has checked it."""
    return not workspace.checks.in_background or is_assessed(loop.reading)


def stack_of(workspace: Workspace) -> Stack | None:
    """The short-axis stack of the current loop's study, where both have known positions."""
    cine = workspace.cine
    if cine is None or cine.plane is None:
        return None
    stacks = (
        recording
        for recording in workspace.recordings
        if isinstance(recording, Stack) and recording.source.series.measured
    )
    return next((stack for stack in stacks if of_one_study(stack, cine)), None)


def long_axes_of(workspace: Workspace) -> tuple[Reading, ...]:
    """Readings of the long axes of the current stack's study that have known positions."""
    stack = workspace.stack
    if stack is None:
        return ()
    return tuple(
        workspace.saved_reading(loop)
        for loop in workspace.recordings
        if isinstance(loop, CineSequence)
        and loop.plane is not None
        and not loop.source.series.view_only
        and of_one_study(stack, loop)
    )


def of_one_study(stack: Stack, cine: CineSequence) -> bool:
    """Whether a stack and a loop belong to one study and the stack has known positions."""
    return stack.study_id == cine.source.study_id and stack.slices[0].plane is not None
