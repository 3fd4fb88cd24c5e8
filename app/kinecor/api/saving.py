"""Results as files: the study file that the window opens (.kinecor), and everything that `kinecor analyse` writes."""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from kinecor.analysis.images.measure import with_images
from kinecor.api.analysing import options, plan_of
from kinecor.api.opened import Recording, Study
from kinecor.api.results import RecordingResult, Result, Step, in_studies
from kinecor.cli.analyse import write_outputs
from kinecor.cli.batch.command import RunOutput
from kinecor.cli.batch.folder import RunFolder
from kinecor.cli.batch.plan import Job
from kinecor.cli.batch.recordings import JobResult, failed_outcome, with_documents
from kinecor.cli.batch.run import Run
from kinecor.cli.batch.studies import conclude
from kinecor.cli.batch.work import outcome_of
from kinecor.cli.terminal import Progress as Shown
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import RecordingFacts
from kinecor.core.values.study import StudyReading, first_study_reading
from kinecor.io.export.objects import Wanted
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file


def save(result: Result, path: str | Path | None = None) -> Path:
    """Write the results of one study with their history to a study file, which keeps every edit with its author.

    Args:
        result: of one study.
        path: a new file, usually NAME.kinecor; None writes to the folder of this user, where the window finds it when
            the study is opened.

    Returns:
        The path of the file.

    Raises:
        Error: there are several studies, there is a file already, or it cannot be written.

    """
    if len(result.study_ids) != 1:
        raise KinecorError(
            message(
                "a study file is of one study, the result is of {count}: save each of `studies`",
                count=len(result.study_ids),
            )
        )
    (study_id,) = result.study_ids
    to = study_file(study_id) if path is None else Path(path)
    if to.exists():
        raise KinecorError(
            message("{path} exists, and no saved study is overwritten: name another file", path=verbatim(str(to)))
        )
    to.parent.mkdir(parents=True, exist_ok=True)
    if result._file is not None:
        _copy(Path(result._file[0]), result._file[1], to)
    with Store.open(to) as store:
        journal = Journal(store)
        journal.open_study(_first_of_study(result))
        for recording in result.recordings:
            if recording._steps:
                journal.open(_first(recording))
                for step in recording._steps[recording._stored :]:
                    if step.edit is not None:
                        journal.do(recording.id, step.edit, step.by)
    return to


def _copy(source: Path, digest: str, to: Path) -> None:
    with Store.read(source) as store:
        if store.last[1].hex() != digest:
            raise KinecorError(
                message("{path} was changed since it was loaded: load it again", path=verbatim(str(source)))
            )
        store.copy_to(to)


def _first(result: RecordingResult) -> Reading:
    """The Reading before any edit, with what its images showed when it was analysed."""
    reading = result._read()
    facts = RecordingFacts(reading.facts.images, tuple(part.facts.images for part in reading.slices))
    return first_reading_of(result.recording._core).with_images(facts)


def _first_of_study(result: Result) -> StudyReading:
    (study_id,) = result.study_ids
    return first_study_reading(study_id, [recording.recording._core for recording in result.recordings])


def load(path: str | Path, study: Study) -> Result:
    """Read a study file: everything that was concluded when it was saved, in the window or by `save`.

    Nothing is analysed again, and the file is not changed, whether or not a window has it open.

    Args:
        path: of the .kinecor file.
        study: the recordings that it is about, from `kinecor.open`; others among them have no result.

    Raises:
        Error: the file cannot be read, or is of other recordings.

    """
    place = Path(path)
    if not place.exists():
        raise KinecorError(
            message("{path}: expected a saved study (a .kinecor file), there is none", path=verbatim(str(place)))
        )
    with Store.read(place) as store:
        journal = Journal(store)
        for part in study.studies:
            for recording in part.recordings:
                journal.open(_opened_first(recording))
            there = [recording for recording in part.recordings if journal.history(recording.id)]
            if not there:
                continue
            first = first_study_reading(part.study_ids[0], [recording._core for recording in part.recordings])
            concluded = journal.open_study(first)
            results = [_loaded(recording, journal) for recording in there]
            return Result(part, in_studies(results), {part.study_ids[0]: concluded}, (str(place), store.last[1].hex()))
    raise KinecorError(
        message(
            "{path} holds nothing about the recordings of {study}: open the recordings it was saved of",
            path=verbatim(str(place)),
            study=verbatim(study.path),
        )
    )


def _opened_first(recording: Recording) -> Reading:
    core = recording._core
    return with_images(core, first_reading_of(core))


def _loaded(recording: Recording, journal: Journal) -> RecordingResult:
    # Who made the steps is known; the steps themselves stay in the file, which is copied when the result is saved.
    steps = tuple(Step(None, entry.actor) for entry in journal.history(recording.id) if entry.step and not entry.undone)
    return RecordingResult(recording, "", journal.reading(recording.id), (), steps, len(steps))


def export(
    result: Result,
    out: str | Path,
    *,
    pdf: bool = False,
    csv: bool = False,
    masks: bool = False,
    contours: bool = False,
    sr: bool = False,
    seg: bool = False,
    dicom: bool = False,
    pictures: bool = False,
    film: Literal["mp4", "gif"] | None = None,
    overview: bool = False,
    bids: bool = False,
    language: str = "",
) -> Path:
    """Write result.json, and what is asked for, as `kinecor analyse` does with the options of the same names.

    Args:
        result: of one study or of several; recordings that failed are listed with their reason.
        out: the folder; made where there is none.
        pdf: reports of recordings and of each study.
        csv: measurements and curves, recordings.csv and studies.csv.
        masks: labels of all frames as NIfTI.
        contours: all contours as JSON and CSV, in pixels, millimetres and patient coordinates.
        sr: a DICOM structured report of each study.
        seg: masks as DICOM Segmentation.
        dicom: key frames, the loop with contours, a presentation state; with `pdf` the report, too.
        pictures: ED and ES with contours as PNG and SVG, and curves.
        film: the loops with contours.
        overview: one HTML page of all recordings.
        bids: images and masks as a BIDS-like folder, and ED and ES with dataset.json for nnU-Net v2 and MONAI.
        language: of the reports, by its code as in the options of `kinecor analyse`, e.g. "de"; "" is as chosen for the
            study.

    Returns:
        The path of result.json.

    Warns:
        UserWarning: something that was asked for is left out, with the reason, such as a DICOM object of recordings
            that were not read from DICOM.

    Raises:
        Error: a file cannot be written.

    """
    to = Path(out)
    chosen = replace(
        options(to),
        pdf=pdf,
        csv=csv,
        masks=masks,
        sr=sr,
        overview=overview,
        language=language,
        bids=bids,
        wanted=Wanted(to, seg, dicom, contours, pictures, film),
    )
    concluded = dict(result._concluded)
    plan = plan_of(result.study, chosen, lambda first: concluded.get(first.study_id, first))
    by_id = {recording.id: recording for recording in result.recordings}
    recordings = result.study._opened.recordings
    folder = RunFolder(to)
    folder.begin(resume=False)
    run = Run(plan, folder, Shown(len(plan.jobs), quiet=True))
    done = {job.name: _with_files(job, Recording(recordings[job.index], None), by_id) for job in plan.jobs}
    for study in plan.studies.values():
        members = [done[job.name] for job in study.jobs]
        earlier = next(
            (plan.studies[study_id] for study_id in study.earlier if _read_any(plan.studies[study_id].jobs, done)), None
        )
        before = None if earlier is None else (earlier, [done[job.name] for job in earlier.jobs])
        run.studies[study.study] = conclude(study, members, before, "")
        folder.note_study(study.name, run.studies[study.study])
        for member in members:
            folder.write_entry(member.entry)
            run.outcomes[member.job.name] = outcome_of(member, 0.0)
            folder.note(member.job.name, run.outcomes[member.job.name])
        for sentence in (
            *run.studies[study.study].sentences,
            *(part for result in members for part in result.left_out),
        ):
            warnings.warn(sentence, stacklevel=2)
    asked = {RunOutput.TABLES: csv, RunOutput.OVERVIEW: overview, RunOutput.BIDS: bids}
    write_outputs(run, [RunOutput.RESULT, *(output for output, wanted in asked.items() if wanted)])
    folder.end(done=True)
    return to / RunOutput.RESULT.value[0]


def _with_files(job: Job, recording: Recording, results: dict[str, RecordingResult]) -> JobResult:
    result = results.get(recording.id)
    core = recording._core
    if result is None:
        return failed_outcome(job, core, None, "it is not part of the result")
    if result.error or result._reading is None:
        return failed_outcome(job, core, None, result.error or result.why_not_measured)
    done = with_documents(job, core, result._reading, result._others)
    if result._method is not None:
        done.entry["method"] = result._method
    return done


def _read_any(jobs: Iterable[Job], done: dict[str, JobResult]) -> bool:
    return any(done[job.name].reading is not None for job in jobs)
