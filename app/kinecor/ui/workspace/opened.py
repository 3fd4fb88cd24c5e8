"""The recordings that are open, with their studies: what is saved of them, and what is known without being saved."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kinecor.core.study.prior import Examined
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, RecordingFacts, Stack
from kinecor.core.values.stills import stills_as_recording
from kinecor.core.values.study import InStudy, Join, StudyReading, first_study_reading
from kinecor.session.edits import Edit
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from kinecor.ui.workspace.changes import Notices


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


class OpenStudies:
    """The recordings of the studies that are open, and the Reading of each: from its study's journal, or in memory."""

    def __init__(self, notices: Notices, first_read: Callable[[], None]) -> None:
        self._notices, self._first_read = notices, first_read
        self.recordings: tuple[Recording, ...] = ()
        """With each pair of stills that a reader joined in place of the two."""
        self._opened: tuple[Recording, ...] = ()
        self.reports: tuple[ForeignReport, ...] = ()
        """Structured reports of other systems that were found with the recordings."""
        self.documents: tuple[Document, ...] = ()
        """Objects that are no recordings, those of the reports among them."""
        self._stated: dict[str, Examined] = {}
        self._stated_of: tuple[tuple[ForeignReport, ...], tuple[str, ...]] = ((), ())
        self._joins: tuple[Join, ...] = ()
        self._stores: list[Store] = []
        self._journals: dict[str, Journal | None] = {}
        # Readings held in memory only, where the study's file cannot be read or written.
        self._unsaved: dict[str, Reading] = {}
        self._unsaved_in_study: dict[str, InStudy] = {}
        self._unsaved_studies: dict[str, StudyReading] = {}
        # What is shown of recordings until the models are done with them: an edit that is not saved, and its author.
        self._provisional: dict[str, _Provisional] = {}

    def open(
        self,
        recordings: tuple[Recording, ...],
        reports: tuple[ForeignReport, ...],
        documents: tuple[Document, ...],
        actor: str,
    ) -> None:
        """Open these where nothing is open.

        Args:
            recordings: in the order in which they were found.
            reports: structured reports of other systems that were found with them.
            documents: objects that are no recordings, those of the reports among them.
            actor: author of joins of stills that name none.

        """
        self.reports, self.documents = reports, documents
        self._opened = self.recordings = recordings
        self.recordings = self._with_joins(actor)

    def add(
        self,
        recordings: tuple[Recording, ...],
        reports: tuple[ForeignReport, ...],
        documents: tuple[Document, ...],
        actor: str,
    ) -> bool:
        """Open further ones next to those that are open, see `open`; whether recordings or stated studies changed."""
        self.reports = tuple(dict.fromkeys((*self.reports, *reports)))
        self.documents = tuple(dict.fromkeys((*self.documents, *documents)))
        known = {recording.source.recording_id for recording in self._opened}
        self._opened += tuple(recording for recording in recordings if recording.source.recording_id not in known)
        before, stated = self.recordings, self._stated
        self.recordings = self._opened
        self.recordings = self._with_joins(actor)
        return self.recordings != before or self.stated != stated

    def close(self) -> None:
        """Close all studies and release their files; every edit is saved already."""
        for store in self._stores:
            store.close()
        self._stores.clear()
        self._journals.clear()
        self._unsaved.clear()
        self._unsaved_in_study.clear()
        self._unsaved_studies.clear()
        self._provisional.clear()
        self._opened, self._joins, self.reports, self.documents = (), (), (), ()
        self.recordings = ()

    def rejoin(self, actor: str) -> bool:
        """Follow an edit of the pairs of stills that a reader joined; whether the recordings are others."""
        if self._all_joins() == self._joins:
            return False
        self.recordings = self._with_joins(actor)
        return True

    def members_of(self, study_id: str) -> tuple[int, ...]:
        """Indices of the recordings of a study, but for those that are only shown: its results rest on none of them."""
        return tuple(
            index
            for index, recording in enumerate(self.recordings)
            if recording.source.study_id == study_id and not recording.source.series.view_only
        )

    @property
    def studies_read(self) -> tuple[str, ...]:
        """Ids of the studies of which anything was read since they were opened."""
        return tuple(self._journals)

    @property
    def entries_at_opening(self) -> dict[str, int]:
        """How many entries the file of each study had when it was opened, by the id of the study."""
        return {name: journal.entries_at_opening for name, journal in self._journals.items() if journal is not None}

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

    def study_reading(self, study_id: str) -> StudyReading:
        """What is concluded about a study that is open as a whole."""
        journal = self.journal(study_id)
        if journal is not None and journal.study is not None:
            return journal.study
        if study_id not in self._unsaved_studies:
            self._unsaved_studies[study_id] = self._first_study(study_id)
        return self._unsaved_studies[study_id]

    def saved_reading(self, recording: Recording) -> Reading:
        """The Reading of a recording without previews: as saved, or a provisional one until the models are done."""
        return self._shown(recording, self.finished_reading(recording))

    def finished_reading(self, recording: Recording) -> Reading:
        """The saved Reading of a recording, without anything provisional."""
        source = recording.source
        recording_id = source.recording_id
        if recording_id in self._unsaved:
            return self._in_study(self._unsaved[recording_id], source.study_id)
        journal = self.journal(source.study_id)
        if journal:
            try:
                return journal.reading(recording_id)
            except KeyError:
                try:
                    opened = journal.open(first_reading_of(recording))
                    self._first_read()
                    return opened
                except KinecorError as error:
                    self._notices.trouble.emit(error_message(error))
        unsaved = self._unsaved.setdefault(recording_id, first_reading_of(recording))
        return self._in_study(unsaved, source.study_id)

    def known_reading(self, recording: Recording, *, provisional: bool = True) -> Reading | None:
        """As `saved_reading` if one exists, or without anything provisional; none is created."""
        known = self._known(recording)
        return self._shown(recording, known) if known is not None and provisional else known

    def is_provisional(self, recording: Recording) -> bool:
        """Whether what is shown of a recording is provisional."""
        return recording.source.recording_id in self._provisional

    def set_provisional(self, recording: Recording, edit: Edit, by: str) -> None:
        """From now on a recording is as saved with `edit` applied; nothing is saved.

        Args:
            recording: one that is open.
            edit: what a model concluded from a part of its frames.
            by: the author of the edit.

        """
        self._provisional[recording.source.recording_id] = _Provisional(edit, by)

    def drop_provisional(self, recording: Recording) -> bool:
        """Return to what is saved of a recording; whether anything provisional was there."""
        return self._provisional.pop(recording.source.recording_id, None) is not None

    def take_facts(self, recording: Recording, facts: RecordingFacts) -> bool:
        """Take in what the images of a recording show, which is not saved; False where that is known already."""
        source = recording.source
        recording_id = source.recording_id
        reading = self.known_reading(recording)
        if reading is None or reading.facts.images.measured:
            return False
        journal = self.journal(source.study_id)
        if recording_id in self._unsaved:
            self._unsaved[recording_id] = self._unsaved[recording_id].with_images(facts)
        elif journal is not None:
            journal.with_images(recording_id, facts)
        return True

    def edit(self, recording: Recording, edit: Edit, actor: str, *, by_model: bool) -> None:
        """Apply an edit to a recording that was read, and save it.

        Args:
            recording: one that is open.
            edit: what to do.
            actor: its author.
            by_model: whether a model made it: its work can be repeated at any time, so it is shown where nothing can be
                saved, and the mouse does not wait until it is written.

        Raises:
            KinecorError: it cannot be saved, and why.
            ValueError: the edit does not fit the Reading.

        """
        recording_id = recording.source.recording_id
        journal = self.journal(recording.source.study_id)
        if journal and not journal.read_only_because and recording_id not in self._unsaved:
            journal.do(recording_id, edit, actor, wait=not by_model)
        elif by_model:
            unsaved = self._unsaved.get(recording_id) or self.saved_reading(recording)
            self._unsaved[recording_id] = edit.apply(unsaved, actor)
        else:
            if journal and journal.read_only_because:
                raise not_made(journal.read_only_because)
            raise KinecorError(
                message("The saved reading of this recording could not be loaded, so the change was not saved.")
            )

    def complete(self, recording: Recording, step: int | None, edit: Edit, actor: str) -> bool:
        """Add to a step of a recording what a model computed later; whether it was added.

        Args:
            recording: one that is open.
            step: its number in the history; None where it is not saved.
            edit: what to add.
            actor: its author.

        Raises:
            KinecorError: it cannot be saved, and why.
            ValueError: that step was taken back for good.

        """
        recording_id = recording.source.recording_id
        journal = self._journals.get(recording.source.study_id)
        if step is not None and journal is not None:
            journal.complete(recording_id, step, edit, actor, wait=False)
        elif recording_id in self._unsaved:
            self._unsaved[recording_id] = edit.apply(self._unsaved[recording_id], actor)
        else:
            return False
        return True

    def is_unsaved(self, recording: Recording) -> bool:
        """Whether the Reading of a recording is held in memory only, since the study's file cannot be used."""
        return recording.source.recording_id in self._unsaved

    def journal(self, study_id: str) -> Journal | None:
        """The journal of a study, opened if it was not; None where its file cannot be read."""
        if study_id not in self._journals:
            self._journals[study_id] = None
            try:
                store = Store.open(study_file(study_id))
                self._stores.append(store)
                journal = self._journals[study_id] = Journal(store)
                for text in (journal.doubt, journal.read_only_because):
                    if text:
                        self._notices.trouble.emit(text)
                journal.open_study(self._first_study(study_id))
            except KinecorError as error:
                self._notices.trouble.emit(error_message(error))
        return self._journals[study_id]

    def journal_of(self, recording: Recording | None) -> Journal | None:
        """The journal of a recording's study as far as it was opened, where the recording's own Reading is in it."""
        return None if recording is None or self.is_unsaved(recording) else self.known_journal(recording)

    def study_journal_of(self, recording: Recording | None) -> Journal | None:
        """The journal of a recording's study as far as it was opened, where the study's own Reading can be edited."""
        journal = None if recording is None else self.known_journal(recording)
        return journal if journal is not None and journal.study is not None else None

    def known_journal(self, recording: Recording) -> Journal | None:
        """The journal of a recording's study; None where it was not opened."""
        return self._journals.get(recording.source.study_id)

    def _known(self, recording: Recording) -> Reading | None:
        source = recording.source
        if source.recording_id in self._unsaved:
            return self._in_study(self._unsaved[source.recording_id], source.study_id)
        journal = self.journal(source.study_id)
        try:
            return journal.reading(source.recording_id) if journal else None
        except KeyError:
            return None

    def _shown(self, recording: Recording, saved: Reading) -> Reading:
        provisional = self._provisional.get(recording.source.recording_id)
        return saved if provisional is None else provisional.over(saved)

    def _first_study(self, study_id: str) -> StudyReading:
        return first_study_reading(study_id, (self.recordings[index] for index in self.members_of(study_id)))

    def _in_study(self, reading: Reading, study_id: str) -> Reading:
        known = self._unsaved_in_study.setdefault(reading.facts.recording_id, InStudy())
        return known.of(reading, self.study_reading(study_id))

    def _with_joins(self, actor: str) -> tuple[Recording, ...]:
        """The recordings that were opened, with each pair of stills that a reader joined in place of the two."""
        by_id = {recording.source.recording_id: recording for recording in self._opened}
        self._joins = self._all_joins()
        for study in self._studies():
            for pair in study.joins:
                ed, es = by_id.get(pair.ed), by_id.get(pair.es)
                if not isinstance(ed, CineSequence) or not isinstance(es, CineSequence):
                    continue
                try:
                    joined = stills_as_recording(ed, es)
                except KinecorError as error:
                    self._notices.message.emit(error_message(error))
                    continue
                if pair.view:
                    joined = replace(joined, view=pair.view, view_by=study.authors.get("joins", actor))
                by_id = {
                    recording_id: joined if recording_id == pair.ed else recording
                    for recording_id, recording in by_id.items()
                    if recording_id != pair.es
                }
        return tuple(by_id.values())

    def _studies(self) -> Iterable[StudyReading]:
        ids = dict.fromkeys(recording.source.study_id for recording in self._opened)
        return [self.study_reading(study_id) for study_id in ids]

    def _all_joins(self) -> tuple[Join, ...]:
        return tuple(pair for study in self._studies() for pair in study.joins)


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


def not_made(why: Message) -> KinecorError:
    """The error of a change that was refused, by the reason."""
    return KinecorError(message("{reason} The change was not made.", reason=why))
