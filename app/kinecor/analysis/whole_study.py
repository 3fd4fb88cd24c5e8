"""All recordings of a folder analysed and saved without a window, as the window does: for studies that wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinecor.analysis.analyse import propose
from kinecor.analysis.images.measure import recording_facts
from kinecor.analysis.strategy import Proposal
from kinecor.core.checks.assessment import assessed_each, assessed_study
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import first_study_reading
from kinecor.core.volumes.segments import SIDES
from kinecor.io.open.recordings import open_path
from kinecor.io.open.returned import take_returned
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from kinecor.session.valve import VALVE_AUTHOR, valve_edit

Propose = Callable[[Recording, Reading, Tick], Proposal]


@dataclass(frozen=True, slots=True)
class AnalysedStudy:
    """What came of a study.

    Attributes:
        study_id: which.
        recordings: how many are measured.
        open_checks: findings that mark or withhold values.

    """

    study_id: str
    recordings: int
    open_checks: int


def analyse_and_save(path: Path, tick: Tick, propose_edit: Propose = propose) -> tuple[AnalysedStudy, ...]:
    """Analyse what of a folder was never read, and save it; what was read before stays as it is.

    Args:
        path: of the folder or file.
        tick: called as tick(recordings done, recordings); raises Cancelled to end the work, what is done stays.
        propose_edit: what proposes an edit of a recording, by the models.

    Raises:
        KinecorError: there is nothing to open, or a window has the study open.
        Cancelled: by `tick`.

    """
    opened = open_path(path, tick=lambda *_: tick(0, 0))
    take_returned(opened.documents)
    measured = [recording for recording in opened.recordings if recording.source.series.measured]
    if not measured:
        if opened.refused:
            raise KinecorError(opened.refused[0].reason)
        return ()
    done = 0

    def one_done() -> None:
        nonlocal done
        done += 1
        tick(done, len(measured))

    studies = dict.fromkeys(recording.source.study_id for recording in measured)
    return tuple(
        _analyse_study(
            study_id,
            [recording for recording in measured if recording.source.study_id == study_id],
            tick,
            one_done,
            propose_edit,
        )
        for study_id in studies
    )


def _analyse_study(
    study_id: str, members: Sequence[Recording], tick: Tick, one_done: Callable[[], None], propose_edit: Propose
) -> AnalysedStudy:
    def alive(*_: int) -> None:
        tick(0, 0)

    with Store.open(study_file(study_id)) as store:
        journal = Journal(store)
        if journal.read_only_because:
            raise KinecorError(journal.read_only_because)
        study = journal.open_study(first_study_reading(study_id, members))
        new: list[Recording] = []
        for recording in members:
            journal.open(first_reading_of(recording))
            name = recording.source.recording_id
            reading = journal.with_images(name, recording_facts(recording, alive))
            if not journal.history(name) and reading.kind.automatic and not study.closed:
                proposal = propose_edit(recording, reading, alive).whole(alive)
                journal.do(name, proposal.edit, proposal.by)
                new.append(recording)
            one_done()
        readings = [journal.reading(recording.source.recording_id) for recording in members]
        if new:
            _decide_bases(journal, members)
            readings = [journal.reading(recording.source.recording_id) for recording in members]
        assessments = [*assessed_each(readings)]
        apical = [reading for reading in readings if reading.view is not None and reading.view.label in SIDES]
        if len(apical) > 1:
            assessments.append(assessed_study(apical, study))
        return AnalysedStudy(
            study_id, len(members), sum(check.marks for assessment in assessments for check in assessment.open)
        )


def _decide_bases(journal: Journal, members: Sequence[Recording]) -> None:
    """Decide on the base of stacks with the valve that long axes of the study show, as the window does."""
    readings = {recording.source.recording_id: journal.reading(recording.source.recording_id) for recording in members}
    loops = [reading for reading in readings.values() if not reading.kind.stack]
    for name, reading in readings.items():
        if reading.kind.stack and (edit := valve_edit(reading, loops)) is not None:
            journal.do(name, edit, VALVE_AUTHOR)
