"""The history of the recording on screen and of its study: steps in force, undo and redo."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.reading import Reading, model_author
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import STUDY, StudyReading
from kinecor.session.journal import Entry, Journal
from kinecor.ui.style.language import tr

if TYPE_CHECKING:
    from kinecor.ui.workspace.workspace import Workspace

ONLY_THE_ANALYSIS = (
    "There is no edit left to undo: the automatic analysis stays. To start from nothing, right-click on the image and "
    "remove all contours."
)
STAYS = "A signature or addendum stays in the history: write an addendum to change what was signed."


@dataclass(frozen=True, eq=False)
class _Elsewhere:
    """An edit of one recording that was made on another, as of a stack on a long axis: `number` is its step."""

    shown: Recording
    edited: Recording
    number: int | None


class History:
    """The edits of the current recording and of its study, and stepping through them."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        # Edits that are one step, by study: the number of each in its recording, or in the study.
        self._groups: list[tuple[str, Mapping[str, int]]] = []
        self._elsewhere: list[_Elsewhere] = []

    def entries(self) -> tuple[Entry, ...]:
        """The edits of the current recording and of its study, oldest first."""
        journal = self._study_journal()
        study = journal.history(STUDY) if journal else ()
        return tuple(sorted((*self._own_entries(), *study), key=lambda entry: entry.number))

    @property
    def steps(self) -> tuple[Entry, ...]:
        """The steps of the current recording that are in force, oldest first."""
        return tuple(entry for entry in self._own_entries() if entry.step and not entry.undone)

    def last_step(self, recording: Recording) -> int | None:
        """Number of the last step of a recording; None where nothing of it is saved."""
        opened = self._workspace.opened
        journal = opened.journal_of(recording)
        if journal is None or opened.known_reading(recording) is None:
            return None
        return journal.next_undo(recording.source.recording_id)

    @property
    def made_elsewhere(self) -> tuple[Entry, ...]:
        """The history of other recordings that were edited on the one on screen, from the first such edit on."""
        journal = self._study_journal()
        entries: dict[int, Entry] = {}
        for made in self._elsewhere if journal is not None else ():
            if journal is not None and made.shown is self._workspace.recording and made.number is not None:
                own = journal.history(made.edited.source.recording_id)
                entries |= {entry.number: entry for entry in own if entry.number >= made.number}
        return tuple(entries[number] for number in sorted(entries))

    def note_elsewhere(self, edited: Recording) -> None:
        """Note that the last step of a recording was made on the one on screen, so that undo there finds it."""
        shown = self._workspace.recording
        if shown is not None:
            self._elsewhere.append(_Elsewhere(shown, edited, self.last_step(edited)))

    def note_group(self, study_id: str, numbers: Mapping[str, int]) -> None:
        """Note edits that are one step: the number of each by the id of its recording, or STUDY."""
        self._groups.append((study_id, numbers))

    def forget(self) -> None:
        """Forget what was noted: nothing is open any longer."""
        self._groups.clear()
        self._elsewhere.clear()

    def undo(self) -> None:
        """Undo the last edit of the current recording or of its study; the analysis it began with stays."""
        journal = self._study_journal()
        number, why = self._to_undo()
        elsewhere = self._step_elsewhere("undo")
        if why:
            self._workspace.notices.remark.emit(tr(why))
        elif elsewhere is not None and elsewhere.number == number:
            self._take_elsewhere(elsewhere, back=True)
        elif journal is not None and number is not None:
            self._take(self._step_of(journal, number, back=True))

    def redo(self) -> None:
        """Redo the edit undone last, of the current recording or of its study."""
        journal = self._study_journal()
        if journal is None or self._workspace.signing.refused_as_signed():
            return
        study, own = journal.next_redo(STUDY), self._next("redo")
        elsewhere = self._step_elsewhere("redo")
        # Of two edits that were undone, the earlier one was undone last.
        if elsewhere is not None and all(number is None or (elsewhere.number or 0) < number for number in (study, own)):
            self._take_elsewhere(elsewhere, back=False)
        elif study is not None and (own is None or study < own):
            self._take(self._step_of(journal, study, back=False))
        elif own is not None:
            self._take(self._step_of(journal, own, back=False))

    def go_to(self, number: int) -> None:
        """Undo or redo until the edit of that number in the history is the last one in force.

        Nothing is lost: what is undone on the way can be redone, until something else is edited.
        """
        if all(edit.number != number for edit in self._edits()):
            return
        for _ in self._edits():
            before = self.entries()
            if next(entry for entry in before if entry.number == number).undone:
                self.redo()
            elif any(edit.number > number and not edit.undone for edit in self._edits()):
                self.undo()
            if len(self.entries()) == len(before):
                return  # there, or refused with a message

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
        if self._workspace.signing.closed or journal is None:
            return False
        next_steps = self._next("redo"), journal.next_redo(STUDY), self._step_elsewhere("redo")
        return any(step is not None for step in next_steps)

    def _study_journal(self) -> Journal | None:
        """The journal of the current recording's study, where its own Reading can be edited."""
        return self._workspace.opened.study_journal_of(self._workspace.recording)

    def _own_entries(self) -> tuple[Entry, ...]:
        recording = self._workspace.recording
        journal = self._workspace.opened.journal_of(recording)
        return journal.history(recording.source.recording_id) if journal and recording else ()

    def _edits(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries() if entry.step)

    def _next(self, what: Literal["undo", "redo"]) -> int | None:
        """Number of the current recording's own edit that would be undone or redone."""
        recording = self._workspace.recording
        journal = self._workspace.opened.journal_of(recording)
        if journal is None or recording is None:
            return None
        return (journal.next_undo if what == "undo" else journal.next_redo)(recording.source.recording_id)

    def _to_undo(self) -> tuple[int | None, str]:
        """Number of the edit that `undo` would undo; None where it would undo nothing, with the reason if any."""
        journal = self._study_journal()
        if journal is None:
            return None, ""
        if self._workspace.signing.closed:
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

    def _take(self, step: Callable[[], Reading | StudyReading | None]) -> None:
        try:
            after = step()
        except KinecorError as error:
            self._workspace.notices.message.emit(error_message(error))
            return
        if isinstance(after, StudyReading):
            self._workspace.show_study()
        elif after is not None:
            self._workspace.show_reading(after)

    def _step_of(self, journal: Journal, number: int, *, back: bool) -> Callable[[], Reading | StudyReading | None]:
        """What undoes or redoes the edit of this number with those that were one step with it."""
        actor = self._workspace.actor

        def step() -> Reading | StudyReading | None:
            if self._take_group(journal, number, back=back):
                return journal.study
            if number == (journal.next_undo(STUDY) if back else journal.next_redo(STUDY)):
                return journal.undo_study(actor) if back else journal.redo_study(actor)
            recording = self._workspace.recording
            if recording is None:
                return None
            recording_id = recording.source.recording_id
            return journal.undo(recording_id, actor) if back else journal.redo(recording_id, actor)

        return step

    def _take_group(self, journal: Journal, number: int, *, back: bool) -> bool:
        """Undo or redo all edits that were one step with this one; False where it was one by itself.

        Of a recording that was edited since, its part of the step stays.
        """
        recording, actor = self._workspace.recording, self._workspace.actor
        study_id = recording.source.study_id if recording else ""
        empty: Mapping[str, int] = {}
        group = next(
            (numbers for name, numbers in self._groups if name == study_id and number in numbers.values()), empty
        )
        if len(group) < 2:
            return False
        for name, step in group.items():
            if (journal.next_undo(name) if back else journal.next_redo(name)) != step:
                continue
            if name == STUDY:
                _ = journal.undo_study(actor) if back else journal.redo_study(actor)
            else:
                _ = journal.undo(name, actor) if back else journal.redo(name, actor)
        return True

    def _step_elsewhere(self, what: Literal["undo", "redo"]) -> _Elsewhere | None:
        """The latest edit of another recording, made on the one on screen, that is next to be undone or redone."""
        journal = self._study_journal()
        if journal is None:
            return None
        next_step = journal.next_undo if what == "undo" else journal.next_redo
        made_here = [made for made in self._elsewhere if made.shown is self._workspace.recording]
        for made in reversed(made_here) if what == "undo" else made_here:
            if made.number is None or self._workspace.opened.is_unsaved(made.edited):
                continue
            if made.number == next_step(made.edited.source.recording_id):
                return made
        return None

    def _take_elsewhere(self, made: _Elsewhere, *, back: bool) -> None:
        """Undo or redo an edit of another recording."""
        journal = self._study_journal()
        if journal is None:
            return
        try:
            (journal.undo if back else journal.redo)(made.edited.source.recording_id, self._workspace.actor)
        except KinecorError as error:
            self._workspace.notices.message.emit(error_message(error))
            return
        self._workspace.show_saved(made.edited)
