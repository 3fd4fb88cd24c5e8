"""The study on screen as a whole: its recordings, what is concluded over them, and edits of it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kinecor.core.study.prior import Comparison, Examined, compare_with_prior, priors
from kinecor.core.study.stress import StressStudy, stress_study, views_by_number
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.stills import stills_as_recording
from kinecor.core.values.study import STUDY, Join, StudyReading
from kinecor.session.edits import (
    AddAddendum,
    DecideStudy,
    Edit,
    JoinStills,
    SetView,
    SeveralOfStudy,
    Sign,
    StudyEdit,
)
from kinecor.session.journal import Journal
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.computing import WAIT_FOR_CONTOURS
from kinecor.ui.workspace.opened import not_made

if TYPE_CHECKING:
    from kinecor.ui.workspace.workspace import Workspace


class StudyOnScreen:
    """The study of the current recording."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    @property
    def members(self) -> tuple[int, ...]:
        """Indices of the recordings of the study, but for those that are only shown."""
        recording = self._workspace.recording
        return self._workspace.opened.members_of(recording.source.study_id) if recording else ()

    @property
    def reading(self) -> StudyReading | None:
        """What is concluded about the study as a whole; None where nothing is open."""
        recording = self._workspace.recording
        return self._workspace.opened.study_reading(recording.source.study_id) if recording else None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The saved Readings of all recordings of the study; those not opened yet are opened."""
        opened = self._workspace.opened
        return tuple(opened.saved_reading(opened.recordings[index]) for index in self.members)

    @property
    def priors(self) -> tuple[StudyReading, ...]:
        """Earlier studies of the same patient that are open, the latest first."""
        study, opened = self.reading, self._workspace.opened
        ids = dict.fromkeys(recording.source.study_id for recording in opened.recordings)
        if study is None:
            return ()
        return priors(study, [*map(opened.study_reading, ids), *(other.study for other in opened.stated.values())])

    def compared_with(self, study_id: str) -> Comparison | None:
        """The study against an earlier one that is open; None where nothing is open.

        Both as far as their recordings were read: none is opened for it, since this follows every saved change.
        """
        study, checks = self.reading, self._workspace.checks
        if study is None:
            return None
        if checks.in_background:
            return checks.compared_with(study_id)
        return compare_with_prior(Examined(study, checks.readings), self.examined(study_id))

    def examined(self, study_id: str) -> Examined:
        """A study that is open, as far as its recordings were read, or as reports of another system state it."""
        opened = self._workspace.opened
        if study_id in opened.stated:
            return opened.stated[study_id]
        earlier = (opened.known_reading(opened.recordings[index]) for index in opened.members_of(study_id))
        known = tuple(reading for reading in earlier if reading is not None)
        return Examined(opened.study_reading(study_id), known)

    @property
    def stress(self) -> StressStudy | None:
        """The stages of the study, as far as its recordings were opened; None of other studies."""
        study = self.reading
        return None if study is None else stress_study(self._workspace.checks.readings, study)

    def name_views_by_number(self) -> int:
        """Give clips of a stress study the view that was named at another stage for the same view number; how many."""
        recordings = self._workspace.opened.recordings
        by_id = {recordings[index].source.recording_id: recordings[index] for index in self.members}
        views = views_by_number(self.readings)
        for recording_id, view in views.items():
            self._workspace.do(SetView(View(view, None, self._workspace.actor)), recording=by_id[recording_id])
        return len(views)

    def do(self, edit: StudyEdit, store: Callable[[Journal], object] | None = None) -> bool:
        """Apply an edit to the study and save it; False where it was refused, with a message.

        The Reading on screen follows: a preview is dropped, and READING changes where a recording is affected.

        Args:
            edit: what to do.
            store: saves it where more than the edit is to be kept, such as a report with a signature.

        """
        workspace = self._workspace
        recording = workspace.recording
        if recording is None:
            return False
        journal = workspace.opened.journal(recording.source.study_id)
        if not isinstance(edit, Sign | AddAddendum) and workspace.signing.refused_as_signed():
            return False
        shown = (workspace.opened.recordings[index] for index in self.members)
        if isinstance(edit, DecideStudy | SeveralOfStudy) and any(map(workspace.opened.is_provisional, shown)):
            workspace.notices.remark.emit(tr(WAIT_FOR_CONTOURS))
            return False
        try:
            if journal is None or journal.study is None:
                raise KinecorError(
                    message("The saved reading of this study could not be loaded, so the change was not saved.")
                )
            if journal.read_only_because:
                raise not_made(journal.read_only_because)
            if store is None:
                journal.do_study(edit, workspace.actor)
            else:
                store(journal)
        except (KinecorError, ValueError) as error:
            workspace.notices.message.emit(error_message(error))
            return False
        workspace.show_study()
        return True

    def do_together(self, of_study: StudyEdit | None, edits: Mapping[int, Edit]) -> bool:
        """Edit the study and its recordings (by index) as one step; False, with a message, where refused.

        All of it is shown at once, and is undone and redone at once as long as the study is open.
        """
        workspace = self._workspace
        recordings, actor = workspace.opened.recordings, workspace.actor
        journal = workspace.opened.study_journal_of(workspace.recording)
        if journal is None or workspace.recording is None:
            return of_study is None and all(
                workspace.do(edit, recording=recordings[index]) for index, edit in edits.items()
            )
        if workspace.signing.refused_as_signed():
            return False
        numbers: dict[str, int] = {}
        try:
            if journal.read_only_because:
                raise not_made(journal.read_only_because)
            if of_study is not None:
                journal.do_study(of_study, actor)
                numbers[STUDY] = journal.next_undo(STUDY) or 0
            for index, edit in edits.items():
                recording_id = recordings[index].source.recording_id
                workspace.opened.saved_reading(recordings[index])  # opens it
                journal.do(recording_id, edit, actor)
                numbers[recording_id] = journal.next_undo(recording_id) or 0
        except (KinecorError, ValueError) as error:
            workspace.notices.message.emit(error_message(error))
        workspace.history.note_group(workspace.recording.source.study_id, numbers)
        workspace.show_study()
        return len(numbers) == len(edits) + (of_study is not None)

    def join_stills(self, ed: int, es: int, view: str = "") -> bool:
        """Join two stills (indices in `recordings`) to one recording; False, with a message, where they do not fit.

        Args:
            ed: the still at end-diastole; the pair belongs to its study.
            es: the one at end-systole.
            view: of both, where no header names it.

        """
        workspace = self._workspace
        first, second = workspace.opened.recordings[ed], workspace.opened.recordings[es]
        ids = first.source.recording_id, second.source.recording_id
        try:
            stills_as_recording(first.cines[0], second.cines[0])
        except KinecorError as error:
            workspace.notices.message.emit(error_message(error))
            return False
        workspace.show(ed)
        return self.do(JoinStills(Join(*ids, view)))
