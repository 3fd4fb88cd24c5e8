"""`kinecor analyse`: recordings in, numbers and documents out, without a window.

What is done with one recording and with one study; `cli/batch` hands them out, in this process or in several.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import kinecor
from kinecor.analysis.analyse import propose
from kinecor.analysis.images.measure import with_images
from kinecor.analysis.models import known_network
from kinecor.cli.batch.folder import Outcome, RunFolder, StudyOutcome
from kinecor.cli.batch.plan import (
    AnalyseOptions,
    Job,
    Member,
    Plan,
    Study,
    StudyTask,
    members_digest,
    planned,
    recording_digest,
    size_of,
)
from kinecor.cli.batch.pool import Here, Pool, Processes
from kinecor.cli.batch.queried import retrieved
from kinecor.cli.batch.run import AnyOutcome, Anything, Gathered, Run, write_run_tables
from kinecor.cli.commands import DONE, FAILED, INTERRUPTED, resolved, unforeseen
from kinecor.cli.terminal import Progress
from kinecor.core.checks.assessment import assessed_study
from kinecor.core.study.prior import Examined, compared
from kinecor.core.table.measures import decimals_of, fixed
from kinecor.core.values.errors import Cancelled, KinecorError, Tick
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading, View, first_reading, first_reading_of
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.study import StudyReading, in_study
from kinecor.core.volumes.segments import SIDES
from kinecor.io.export.objects import Wanted, write_objects, write_reports_as_dicom, write_zip
from kinecor.io.export.result import (
    MODALITIES,
    assess_entry,
    cine_entry,
    document,
    refused_entry,
    stack_entry,
    write_gathered,
)
from kinecor.io.export.schema import MeasurementEntry, RecordingEntry
from kinecor.io.files.atomic import safe_name, write_bytes
from kinecor.io.open.recordings import Opened, is_url, open_files, open_path, open_url
from kinecor.session.audit import saved_head
from kinecor.session.codec import Edit
from kinecor.session.edits import SetView
from kinecor.session.journal import Journal, saved_study
from kinecor.session.store import Store, readings_folder, study_file

if TYPE_CHECKING:
    from kinecor.io.write.anonymise import Rules

_SHOWN = ("EF", "EDV", "ESV", "GLS")
BY_OPTION = "user"
"""Author of a view that was given on the command line."""
NO_MODALITY = "The file gives no modality: it was read as {words}; if that is wrong, use --modality {other}."
SAVED_USED = "The reading saved in the window was used, with its corrections; nothing was analysed again."
LISTED_ONLY = "{why}: it was opened and listed only"
TRACE_FIRST = "no network contours a {kind}: it was opened and listed only, trace its contours in the window"
OTHER_MODALITY = (
    "expected ultrasound or MR, the file says that this recording is {modality}: leave it out, or use --modality US "
    "if it is ultrasound"
)


@dataclass(eq=False)
class Analysed:
    """One recording that was analysed.

    Attributes:
        job: see Job.
        entry: in result.json.
        line: for the person who waits.
        recording: as opened; None where it could not be.
        reading: what was concluded; None where nothing was.
        edit, by: the analysis that gave it, and its author; None where it was saved in the window.

    """

    job: Job
    entry: RecordingEntry
    line: str
    recording: Recording | None = None
    reading: Reading | None = None
    edit: Edit | None = None
    by: str = ""

    @property
    def apical(self) -> Reading | None:
        """The Reading of an apical view, which its study is measured on; else None."""
        return self.reading if self.reading is not None and _apical(self.reading) else None

    @property
    def compared_on(self) -> Reading | None:
        """The Reading of an apical view or a stack, which its study is compared with earlier ones on; else None."""
        return self.reading if self.reading is not None and self.reading.kind.stack else self.apical


def analyse(chosen: argparse.Namespace, perform: "Callable[[Anything, Tick], AnyOutcome] | None" = None) -> int:
    """Run the command.

    Args:
        chosen: the options.
        perform: does a task in place of `perform`; a module's own function where --jobs is more than 1.

    Returns:
        0 all was analysed; 1 some recording failed or was refused; 130 interrupted.

    """
    options = AnalyseOptions(
        out=chosen.out,
        view=None if chosen.view == "auto" else chosen.view,
        modality=chosen.modality,
        third_axis=chosen.third_axis,
        spacing_mm=chosen.spacing,
        device=chosen.device,
        network=None if chosen.network is None else known_network(chosen.network),
        masks=chosen.masks,
        pdf=chosen.pdf,
        csv=chosen.csv,
        sr=chosen.sr,
        wanted=Wanted(chosen.out, chosen.seg, chosen.dicom, chosen.contours, chosen.pictures, chosen.film),
        readings=chosen.readings,
        anonymised=chosen.anonymise,
        overview=chosen.overview,
        language=chosen.language,
    )
    _opened.cache_clear()
    # Workers of a cluster see the output folder; copies that are de-identified leave the originals out of it.
    place = options.out / "retrieved" if chosen.scheduler is not None and not chosen.anonymise else None
    chosen.paths, not_whole = retrieved(chosen.paths, place)
    chosen.prior, lost = retrieved(chosen.prior, place)
    not_whole += lost
    left_out = 0
    if chosen.anonymise and chosen.dry_run:
        from kinecor.cli.anonymise import dry_run

        return FAILED if dry_run(_named_paths(chosen), _rules(chosen)) else DONE
    if chosen.anonymise:
        folder, left_out = _anonymised(chosen, options)
        chosen.paths, chosen.prior = [str(folder)], []
    earlier = [resolved(path) for path in chosen.prior]
    paths = list(dict.fromkeys([*(resolved(path) for path in chosen.paths), *earlier]))
    plan = planned(paths, options, lambda path: _opened(path, options), _concluded)
    for path in earlier:
        _check_prior(path, plan)
    if all(job.files for job in plan.jobs):
        _opened.cache_clear()  # each is opened again from its own files
    run_folder = RunFolder(options.out)
    run_folder.begin(resume=chosen.resume)
    progress = Progress(len(plan.jobs) + len(plan.refused), quiet=chosen.quiet)
    for _, one in plan.refused:
        progress.finish(f"{one.path}: refused: {one.reason}", failed=True)
    run = Run(plan, run_folder, progress)
    if chosen.resume:
        run.take_up()
    began_s = time.monotonic()
    work = perform or globals()["perform"]
    several = min(chosen.jobs, len(plan.jobs) - len(run.outcomes)) > 1
    pool: Pool[Anything, AnyOutcome]
    if chosen.scheduler is not None:
        from kinecor.cli.batch.pool import Cluster

        options.out.mkdir(parents=True, exist_ok=True)
        pool, several = Cluster(chosen.scheduler, work, options.out), True
    else:
        pool = Processes(work, min(chosen.jobs, len(plan.jobs))) if several else Here(work, progress.tick)
    with _ended_like_ctrl_c():
        run.go(pool, counts_before=not several)
    if run.interrupted and not run.outcomes:
        run_folder.end(done=False)
        raise KeyboardInterrupt
    entries = Gathered(run)
    result = options.out / "result.json"
    write_gathered(result, entries.recordings(), entries.studies())
    if options.csv:
        write_run_tables(options.out, entries)
    if options.overview:
        from kinecor.io.export.overview import write_overview

        write_overview(options.out, entries.rows, {one.study: one.name for one in plan.studies.values()})
    print(result)
    if chosen.zip and run.complete:
        for study in plan.studies.values():
            own = [study.name, *(job.name for job in study.jobs)]
            write_zip(options.out / f"{study.name}.zip", options.out, own)
    run_folder.end(done=run.complete)
    failed = entries.failed
    if not chosen.quiet:
        for line in entries.summary(time.monotonic() - began_s):
            print(f"kinecor: {line}", file=sys.stderr)
    if failed:
        print(f"kinecor: {failed} of {entries.count} recordings failed or were refused", file=sys.stderr)
    elif not entries.count and not run.interrupted:
        print("kinecor: no recording was found there: name a file or folder that holds one", file=sys.stderr)
    if run.interrupted:
        left = len(plan.jobs) - len(run.outcomes)
        print(f"kinecor: interrupted; {left} recordings are left, --resume goes on with them", file=sys.stderr)
        return INTERRUPTED
    return FAILED if failed or left_out or not_whole or not entries.count else DONE


def _anonymised(chosen: argparse.Namespace, options: AnalyseOptions) -> tuple[Path, int]:
    """The folder of de-identified copies, and how many files were left out; copies of a run that is resumed stay."""
    from kinecor.cli.anonymise import anonymised_copies
    from kinecor.io.write.anonymise import FOLDER

    if chosen.resume and (options.out / FOLDER).is_dir():
        print("kinecor: the de-identified copies of the run that is resumed are used", file=sys.stderr)
        return options.out / FOLDER, 0
    return anonymised_copies(_named_paths(chosen), options.out, _rules(chosen))


def _rules(chosen: argparse.Namespace) -> "Rules":
    from kinecor.io.write.anonymise import Rules, load_key

    key = load_key(chosen.key or readings_folder() / "anonymise.key")
    return Rules(key, "dates" in chosen.retain, "characteristics" in chosen.retain)


def _named_paths(chosen: argparse.Namespace) -> list[str]:
    return list(dict.fromkeys(resolved(path) for path in (*chosen.paths, *chosen.prior)))


def _check_prior(path: str, plan: Plan) -> None:
    """See that a path given as the prior is one.

    Raises:
        KinecorError: it holds no earlier study of a patient of the run.

    """
    there = {job.study for job in plan.jobs if job.path == path}
    if not any(there.intersection(study.earlier) for study in plan.studies.values()):
        raise KinecorError(
            message(
                "--prior {path}: expected an earlier study of the same patient by patient ID, name and study date, "
                "found "
                "{content}: nothing was analysed",
                path=verbatim(str(path)),
                content=message("another one") if there else message("no recording"),
            )
        )


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Within it, being asked to end (by a scheduler, at shutdown) is as Ctrl-C: what is done is gathered."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _concluded(first: StudyReading) -> StudyReading:
    """What a reader entered for a study in the window, over what its headers say."""
    try:
        return saved_study(study_file(first.study_id), first)
    except KinecorError as error:
        print(f"kinecor: {error} Analysing by the file headers alone.", file=sys.stderr)
        return first


def perform(task: Anything, tick: Tick) -> AnyOutcome:
    """Do one task of a run and write its results; errors of a recording are in its entry.

    Raises:
        Cancelled: by `tick`.
        KinecorError: results cannot be written.

    """
    return conclude_study(task, tick) if isinstance(task, StudyTask) else analyse_recording(task, tick)


def analyse_recording(job: Job, tick: Tick) -> Outcome:
    """Analyse one recording; where its study is done with it, the study, too."""
    folder, began_s = RunFolder(job.options.out), time.process_time()
    done = analyse_one(job, tick)
    if done.edit is not None and job.awaited:
        folder.write_edit(job.name, done.edit, done.by)
    concluded: StudyOutcome | None = None
    if job.finishes:
        member = Member(job, done.reading is not None, done.edit is None)
        study = Study(job.study, job.study_name, (job,), job.concluded, job.reports, ())
        concluded = _conclude(study, [done], None, members_digest([member]))
    folder.write_entry(done.entry)
    if concluded is not None:
        folder.note_study(job.study_name, concluded)
    source = done.recording.source if done.recording is not None else None
    outcome = Outcome(
        fingerprint=job.fingerprint,
        line=done.line,
        error=done.entry["error"],
        has_reading=done.reading is not None,
        saved=done.edit is None,
        patient=source.patient.identity if source else "",
        site=source.patient.institution if source else "",
        equipment=source.equipment if source else "",
        cpu_s=round(time.process_time() - began_s, 3),
        bytes_read=size_of(job.files or [job.path]),
    )
    folder.note(job.name, outcome)
    return outcome


def conclude_study(task: StudyTask, tick: Tick) -> StudyOutcome:
    """Compute and write what a study as a whole says; its recordings are done."""
    folder = RunFolder(task.study.jobs[0].options.out)
    members = [_again(one, folder, tick) for one in task.members]
    before = None
    if task.earlier is not None:
        study, earlier = task.earlier
        before = (study, [_again(one, folder, tick) for one in earlier])
    outcome = _conclude(task.study, members, before, task.fingerprint)
    for one in members:
        folder.write_entry(one.entry)
    folder.note_study(task.study.name, outcome)
    return outcome


def _again(member: Member, folder: RunFolder, tick: Tick) -> Analysed:
    """A recording that was analysed before, as it was then."""
    job = member.job
    entry = folder.entry(job.name)
    if not member.has_reading:
        return Analysed(job, entry, "")
    recording = _open(job)
    first = _first(job, recording, tick)
    reading = _saved(job, first) if member.saved else folder.reading(job.name, first)
    return Analysed(job, entry, "", recording, reading)


def _conclude(
    study: Study, members: Sequence[Analysed], before: tuple[Study, Sequence[Analysed]] | None, fingerprint: str
) -> StudyOutcome:
    """Write the documents of a study and its result; entries of its recordings are changed, not written."""
    options = study.jobs[0].options
    earlier = [] if before is None else [*before[1]]
    failed_before = {one.job.name for one in members if one.entry["error"] is not None}
    sentences: list[str] = []
    _assess_in_study(members)
    _write_study_reports(members, sentences)
    _write_report_of_study(study, members, before, sentences)
    _write_structured_reports(study, members, sentences)
    if options.pdf and options.wanted.dicom:
        reports = ((one.job.name, one.job.report, one.recording) for one in members if one.recording is not None)
        sentences += write_reports_as_dicom(options.out, reports)
    if options.csv:
        _write_study_table(study, members)
    everything = [*members, *earlier]
    concluded = {study.study: study.concluded} | ({before[0].study: before[0].concluded} if before else {})
    head = saved_head(study.study)
    found = document(
        [one.entry for one in everything],
        [one.job.study for one in everything],
        [one.apical for one in everything],
        concluded,
        [one.compared_on for one in everything],
        study.reports,
        {} if head is None else {study.study: head},
    )
    RunFolder(options.out).write_study(study.name, found["studies"][0])
    errors = {
        one.job.name: error
        for one in members
        if (error := one.entry["error"]) is not None and one.job.name not in failed_before
    }
    return StudyOutcome(fingerprint, sentences, errors)


def analyse_one(job: Job, tick: Tick) -> Analysed:
    """Analyse one recording and write its documents; an error is reported in its entry.

    Raises:
        Cancelled: by `tick`.

    """
    try:
        recording = _open(job)
    except KinecorError as error:
        return Analysed(job, refused_entry(job.name, _source(job), str(error)), f"{job.shown}: failed: {error}")
    options, source = job.options, recording.source
    if source.modality not in (*MODALITIES, ""):
        why = OTHER_MODALITY.format(modality=source.modality)
        return _failed(job, recording, None, why)
    try:
        reading = _first(job, recording, tick)
        kind = reading.kind
        if options.readings and (saved := _saved(job, reading)) is not None:
            entry = _entry(job, recording, saved)
            entry["warnings"].append(SAVED_USED)
            return _finished(job, recording, saved, entry)
    except KinecorError as error:
        return _failed(job, recording, None, str(error))
    if not kind.automatic:
        entry = _entry(job, recording, reading)
        why = LISTED_ONLY.format(why=kind.unmeasured) if kind.unmeasured else TRACE_FIRST.format(kind=kind.name)
        entry["warnings"].append(why)
        if options.overview:
            with suppress(KinecorError):  # the first frame cannot be decoded: the page shows none
                _write_thumbnail(job, recording, reading)
        return Analysed(job, entry, f"{source.path}: {why}", recording)
    try:
        proposal = propose(recording, reading, tick, device=options.device, network=options.network)
        reading = proposal.edit.apply(reading, proposal.by)
        entry = _entry(job, recording, reading)
    except Cancelled:
        raise
    except Exception as error:  # the rest of the batch goes on, whatever this recording provokes
        why = str(error) if isinstance(error, KinecorError) else unforeseen()
        return _failed(job, recording, reading, why)
    return _finished(job, recording, reading, entry, proposal.edit, proposal.by)


def _open(job: Job) -> Recording:
    """The recording; its frames are read when they are needed.

    Raises:
        KinecorError: it is not what it was when the run was planned.

    """
    options = job.options
    if job.files:
        own = open_files(
            job.files, modality=options.modality, third_axis=options.third_axis, spacing_mm=options.spacing_mm
        )
        # What its neighbours change (a second recording of the same identity, a pair of stills) is seen by the digest.
        if len(own.recordings) == 1 and recording_digest(own.recordings[0]) == job.digest:
            return own.recordings[0]
    found = _opened(job.path, options).recordings
    if job.index < len(found) and recording_digest(found[job.index]) == job.digest:
        return found[job.index]
    raise KinecorError(message("its files changed while the others were analysed: analyse it again"))


def _first(job: Job, recording: Recording, tick: Tick) -> Reading:
    """What is known of a recording before it is analysed."""
    options = job.options
    reading = in_study(with_images(recording, first_reading_of(recording), tick), job.concluded)
    if options.view is not None and not reading.kind.stack:
        reading = SetView(View(options.view, None, BY_OPTION)).apply(reading, BY_OPTION)
    return reading


def _failed(job: Job, recording: Recording, reading: Reading | None, why: str) -> Analysed:
    entry = _entry(job, recording, reading, error=why)
    return Analysed(job, entry, f"{recording.source.path}: failed: {why}", recording)


def _saved(job: Job, first: Reading) -> Reading | None:
    """The Reading that was saved in the window, with all corrections; None where there is none.

    Raises:
        KinecorError: it cannot be read, or is of other pixels.

    """
    path = study_file(job.study)
    if not path.exists():
        return None
    with Store.read(path) as store:
        journal = Journal(store)
        journal.open_study(job.concluded)
        found = journal.open(first)
        return found if journal.history(first.facts.recording_id) else None


def _finished(
    job: Job, recording: Recording, reading: Reading, entry: RecordingEntry, edit: Edit | None = None, by: str = ""
) -> Analysed:
    """The outcome for a reading, with its documents written."""
    source, kind = recording.source, reading.kind
    if not source.modality:
        words, other = ("cine MRI", "US") if kind.stack else ("ultrasound", "MR")
        entry["modality"] = "MR" if kind.stack else "US"
        entry["warnings"].append(NO_MODALITY.format(words=words, other=other))
    try:
        entry["warnings"] += _write_documents(job, recording, reading)
    except KinecorError as error:  # the measurements stay, even if a document could not be written
        entry["error"] = str(error)
        return Analysed(job, entry, f"{source.path}: failed: {error}", recording)
    return Analysed(job, entry, f"{source.path}: {_summary(entry)}", recording, reading, edit, by)


def _apical(reading: Reading) -> bool:
    return reading.view is not None and reading.view.label in SIDES


def _assess_in_study(members: Sequence[Analysed]) -> None:
    """Assess apical views again with the other views of their study, which may contradict them."""
    for one in members:
        others = [other for member in members if member is not one and (other := member.apical) is not None]
        if one.apical is not None and others and one.entry["error"] is None:
            assess_entry(one.entry, one.apical, others)


def _write_study_reports(members: Sequence[Analysed], sentences: list[str]) -> None:
    """Write the reports of apical views whose study has others: they show strain averaged over the study."""
    waiting = [one for one in members if one.apical is not None and one.job.options.pdf and not one.job.alone]
    for one in waiting:
        assert one.recording is not None
        assert one.reading is not None
        others = [other.reading for other in waiting if other is not one and other.reading is not None]
        try:
            _write_report(one.job, one.recording, one.reading, others)
        except KinecorError as error:
            one.entry["error"] = str(error)
            sentences.append(f"{one.entry['source']}: failed: {error}")


def _write_report(job: Job, recording: Recording, reading: Reading, others: Sequence[Reading]) -> None:
    from kinecor.io.report import study_report  # loaded only where a report is written

    data = study_report.recording_report_bytes(
        recording,
        reading,
        software_version=kinecor.__version__,
        others=others,
        study=job.concluded,
        language=job.options.language,
    )
    write_bytes(job.report, data, private=True)


def _write_report_of_study(
    study: Study,
    members: Sequence[Analysed],
    before: tuple[Study, Sequence[Analysed]] | None,
    sentences: list[str],
) -> None:
    """Write the report of the study as a whole, in addition to those of its recordings."""
    options = study.jobs[0].options
    found = [(one.recording, one.reading) for one in members]
    read = [(recording, reading) for recording, reading in found if recording is not None and reading is not None]
    if not options.pdf or not read:
        return
    from kinecor.io.report import study_report  # loaded only where a report is written

    path = options.out / "study-reports" / f"{study.name}.pdf"
    try:
        rows = [study_report.Member(recording, reading) for recording, reading in read]
        data = study_report.study_report_bytes(
            rows,
            study.concluded,
            software_version=kinecor.__version__,
            prior=None if before is None else compared(_examined(study, members), _examined(*before)),
            language=options.language,
        )
        write_bytes(path, data, private=True)
    except KinecorError as error:
        for one in members:
            if one.reading is not None:
                one.entry["error"] = one.entry["error"] or str(error)
        sentences.append(str(error))


def _examined(study: Study, members: Sequence[Analysed]) -> Examined:
    """A study as it is compared with another one."""
    return Examined(study.concluded, tuple(one.reading for one in members if one.reading is not None))


def _write_structured_reports(study: Study, members: Sequence[Analysed], sentences: list[str]) -> None:
    """Write a DICOM structured report of the study; recordings it cannot refer to are left out with a sentence."""
    options = study.jobs[0].options
    if not options.sr:
        return
    from kinecor.io.write.derived import check_identified, save_derived  # loaded only where a report is written
    from kinecor.io.write.echo_report import echo_report
    from kinecor.io.write.mr_report import mr_report
    from kinecor.io.write.values import Read

    at = datetime.now().astimezone()
    kinds: dict[str, list[tuple[Analysed, Read]]] = {}
    for one in members:
        if one.recording is None or one.reading is None:
            continue
        try:
            check_identified(one.recording.cines, message("structured report"))
        except KinecorError as error:
            warning = f"No structured report: {error}."
            one.entry["warnings"] += [] if warning in one.entry["warnings"] else [warning]
            sentences.append(f"{one.entry['source']}: no structured report: {error}")
            continue
        kind = "mri" if one.entry["modality"] == "MR" else "echo"
        kinds.setdefault(kind, []).append((one, Read(one.recording, one.reading)))
    for kind, found in kinds.items():
        made = mr_report if kind == "mri" else echo_report
        path = options.out / "sr" / f"{safe_name(study.study + '-' + kind)}.dcm"
        try:
            save_derived(made([read for _, read in found], at, study.concluded), path)
        except KinecorError as error:
            for one, _ in found:
                one.entry["error"] = str(error)
            sentences.append(str(error))


def _write_study_table(study: Study, members: Sequence[Analysed]) -> None:
    """Write the measurements over views of a study that has some, next to those of its recordings."""
    from kinecor.io.export.tables import write_assessment

    readings = [one.apical for one in members if one.apical is not None]
    found = assessed_study(readings, study.concluded) if len(readings) > 1 else None
    if found is not None and found.measurements:
        write_assessment(
            study.jobs[0].options.out / "csv" / f"{safe_name(f'study-{study.study}')}-measurements.csv", found
        )


def _entry(job: Job, recording: Recording, reading: Reading | None, error: str | None = None) -> RecordingEntry:
    """The recording's entry in result.json; where there is an error, only what the files say."""
    entry: RecordingEntry
    if isinstance(recording, Stack):
        entry = stack_entry(job.name, recording, None if error else reading, error=error)
    else:
        first = first_reading(recording) if error or not reading else reading
        entry = cine_entry(job.name, recording, first, error=error)
    entry["source"] = _source(job, entry["source"])
    return entry


def _source(job: Job, path: str | None = None) -> str:
    """Path of a recording as the result gives it; of a de-identified copy, the part that cannot name anyone."""
    path = job.shown if path is None else path
    return os.path.relpath(path, job.options.out) if job.options.anonymised else path


def _write_documents(job: Job, recording: Recording, reading: Reading) -> list[str]:
    """Write the documents of the options, whose libraries are loaded only then; sentences on those left out."""
    options, name = job.options, job.name
    if options.masks:
        from kinecor.io.export.contours import write_masks

        write_masks(options.out / "masks" / f"{name}.nii.gz", reading)
    if options.pdf and (job.alone or not _apical(reading)):
        _write_report(job, recording, reading, ())
    if options.overview:
        _write_thumbnail(job, recording, reading)
    if options.csv:
        from kinecor.io.export.tables import write_tables

        write_tables(options.out / "csv", name, reading)
    return write_objects(options.wanted, name, recording, reading)


def _write_thumbnail(job: Job, recording: Recording, reading: Reading) -> None:
    from kinecor.io.export.overview import write_thumbnail

    write_thumbnail(job.options.out, job.name, recording, reading)


def _summary(entry: RecordingEntry) -> str:
    """The numbers a person waits for, in one line; those that a check concerns say so."""
    values = {one["name"]: one for one in entry["measurements"]}
    shown = []
    for one in (values[code] for code in _SHOWN if code in values):
        name, unit, value = one["name"], one["unit"], one["value"]
        if value is not None:
            doubt = " (check)" if one["trust"] == "check" else _beyond(one)
            shown.append(f"{name} {fixed(value, decimals_of(name, unit))} {unit}{doubt}")
        elif one["checks"]:
            shown.append(f"{name} withheld (check)")
    why = next((one["note"] for one in entry["measurements"] if one["status"] == "withheld"), None)
    return ", ".join(shown) or f"nothing measured: {why or 'no left ventricle was found'}"


def _beyond(one: MeasurementEntry) -> str:
    """Grade or flag of a value that is not normal, in brackets; "" of others."""
    normal = one.get("normal")
    if normal is None or normal["flag"] is None or (normal["flag"] == "within" and not normal["grade"]):
        return ""
    return f" ({normal['grade'] or normal['flag'] + ' range'})"


@lru_cache(maxsize=2)
def _opened(path: str, options: AnalyseOptions) -> Opened:
    """What a path or URL leads to; frames are read from disk when they are needed."""
    open_any = open_url if is_url(path) else open_path
    return open_any(path, modality=options.modality, third_axis=options.third_axis, spacing_mm=options.spacing_mm)
