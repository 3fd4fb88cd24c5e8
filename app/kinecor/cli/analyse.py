"""`kinecor analyse`: recordings in, numbers and documents out, without a window.

The same work over many recordings is done in order, in this process or in several, with progress on stderr.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from types import FrameType
from typing import TextIO, TypeVar

import kinecor
from kinecor.analysis.analyse import propose
from kinecor.analysis.images.measure import with_images
from kinecor.analysis.models import known_network
from kinecor.cli.commands import DONE, FAILED, resolved, unforeseen
from kinecor.cli.terminal import Escaping, printable
from kinecor.core.checks.assessment import assessed_study
from kinecor.core.table.measures import decimals_of, fixed
from kinecor.core.values.errors import Cancelled, KinecorError, Tick
from kinecor.core.values.reading import Reading, View, first_reading, first_reading_of
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.study import StudyReading, first_study_reading, in_study
from kinecor.core.volumes.segments import SIDES
from kinecor.io.export.objects import Wanted, write_objects, write_reports_as_dicom, write_zip
from kinecor.io.export.result import (
    MODALITIES,
    assess_entry,
    cine_entry,
    document,
    refused_entry,
    stack_entry,
    write_result,
)
from kinecor.io.export.schema import MeasurementEntry, RecordingEntry
from kinecor.io.files.atomic import safe_name, safe_names
from kinecor.io.open.recordings import Opened, open_path
from kinecor.session.audit import saved_head
from kinecor.session.edits import SetView
from kinecor.session.journal import Journal, saved_study
from kinecor.session.store import Store, readings_folder, study_file

_INTERVAL_S = 0.1
_BAR = 24


class Progress:
    """Shows how many of `total` recordings are done, and how far the present one is."""

    def __init__(self, total: int, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._total = total
        asked = stream or sys.stderr
        self._stream = asked.unescaped if isinstance(asked, Escaping) else asked
        self._quiet = quiet
        self._bar = self._stream.isatty() and not quiet
        self._done = 0
        self._name = ""
        self._shown_s = -1.0

    def start(self, name: str) -> None:
        """The recording that is worked on now."""
        self._name = printable(name)
        self._draw(0.0)

    def tick(self, done: int, total: int) -> None:
        """A Tick: how far the present recording is."""
        now_s = time.monotonic()
        if now_s - self._shown_s >= _INTERVAL_S:
            self._shown_s = now_s
            self._draw(done / total if total else 0.0)

    def finish(self, line: str, *, failed: bool = False) -> None:
        """One more is done; `line` says how it went. A quiet progress shows only those that failed."""
        self._done += 1
        if self._quiet and not failed:
            return
        self._clear()
        self._write(f"[{self._done}/{self._total}] {printable(line)}\n")

    def close(self) -> None:
        """Leave a clean line behind."""
        self._clear()

    def _draw(self, part: float) -> None:
        if not self._bar:
            return
        whole = min((self._done + part) / max(self._total, 1), 1.0)
        filled = round(whole * _BAR)
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {100 * whole:3.0f} % {self._name}"
        columns = shutil.get_terminal_size().columns
        self._write(f"\r\x1b[K{text[: columns - 1]}")

    def _clear(self) -> None:
        if self._bar:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


Task = TypeVar("Task")
Result = TypeVar("Result")

_stop: Event | None = None


def in_order(tasks: Sequence[Task], work: Callable[[Task, Tick], Result], jobs: int, tick: Tick) -> Iterator[Result]:
    """The result of each task, in the order of `tasks`, as they become available.

    With `jobs` > 1, `work` is a module's own function and tasks and results can be pickled; `tick` is then not
    called. When the caller stops iterating (an exception, Ctrl-C), running work is cancelled at its next tick.

    Raises:
        KinecorError: a process was killed.
        Exception: whatever `work` raises.

    """
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield work(task, tick)
        return
    # Spawned, not forked: forking while threads of decoders and inference engines run can deadlock.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    workers = min(jobs, len(tasks))
    number = context.Value("i", 0)
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(stop, number, workers)) as pool:
        futures = [pool.submit(_one, work, task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        except BrokenProcessPool:
            raise KinecorError(
                "a process that analysed a recording was killed, perhaps because memory ran out: use fewer --jobs"
            ) from None
        finally:
            stop.set()
            # A worker that is only starting still needs what it shares with this process.
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(stop: Event, number: "Synchronized[int]", workers: int) -> None:
    """In a worker: leave Ctrl-C to the first process, and keep to a fair share of the processor's cores.

    Each inference engine would otherwise use all cores, and they would compete.
    """
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    with number.get_lock():
        place = number.value
        number.value += 1
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(cores[place::workers]) or {cores[place % len(cores)]})


def _end(_number: int, _frame: FrameType | None) -> None:
    """Terminated, a worker still removes files that it has half written."""
    raise SystemExit(1)


def _one(work: Callable[[Task, Tick], Result], task: Task) -> Result:
    _check(0, 1)  # the pool starts a task or two in advance, even after the others were cancelled
    return work(task, _check)


def _check(_done: int, _total: int) -> None:
    """A Tick that ends the work once the first process has stopped iterating."""
    if _stop is not None and _stop.is_set():
        raise Cancelled


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


@dataclass(frozen=True, slots=True)
class AnalyseOptions:
    """Options of the command, the same for all recordings."""

    out: Path
    view: str | None
    modality: str
    third_axis: str
    spacing_mm: tuple[float, float] | None
    device: str
    network: str | None
    masks: bool
    pdf: bool
    csv: bool
    sr: bool
    wanted: Wanted
    readings: bool


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to analyse.

    Attributes:
        path, index: it is the `index`-th recording found at `path`.
        name: its "id" and the name of its documents.
        options: see AnalyseOptions.
        study: the study it belongs to.
        alone: whether no other recording of its study is analysed.
        concluded: what was concluded about the study as a whole, such as a height that a reader entered.

    """

    path: str
    index: int
    name: str
    options: AnalyseOptions
    study: str
    alone: bool
    concluded: StudyReading

    def open(self) -> Recording:
        """The recording; its frames are read when they are needed."""
        return _opened(self.path, self.options).recordings[self.index]

    @property
    def report(self) -> Path:
        """Path of its report."""
        return self.options.out / "reports" / f"{self.name}.pdf"


@dataclass(frozen=True, slots=True)
class JobResult:
    """The outcome for one recording.

    Attributes:
        entry: in result.json.
        line: for the person who waits.
        reading: of an analysed apical view, which its study is measured on; else None.
        stack: of an analysed stack, which its study is compared with earlier ones on; else None.
        analysed: the reading of any recording that was analysed, where a report of the study is asked for; else None.

    """

    entry: RecordingEntry
    line: str
    reading: Reading | None = None
    stack: Reading | None = None
    analysed: Reading | None = None


def analyse(chosen: argparse.Namespace) -> int:
    """Run the command; 0 if all was analysed, 1 if some recording failed or was refused."""
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
    )
    _opened.cache_clear()
    left_out = 0
    if chosen.anonymise:
        from kinecor.cli.anonymise import anonymised_copies
        from kinecor.io.write.anonymise import Rules, load_key

        key = load_key(chosen.key or readings_folder() / "anonymise.key")
        rules = Rules(key, "dates" in chosen.retain, "characteristics" in chosen.retain)
        originals = list(dict.fromkeys(resolved(path) for path in chosen.paths))
        folder, left_out = anonymised_copies(originals, options.out, rules)
        chosen.paths = [str(folder)]
    paths = list(dict.fromkeys(resolved(path) for path in chosen.paths))
    opened = {path: _opened(path, options) for path in paths}
    found = [(path, index, one) for path in paths for index, one in enumerate(opened[path].recordings)]
    refused = [one for path in paths for one in opened[path].refused]
    reports = [one for path in paths for one in opened[path].reports]
    named = safe_names([*(one.source.recording_id for _, _, one in found), *(f"refused-{one.path}" for one in refused)])
    studies = [one.source.study_id for _, _, one in found]
    together = Counter(studies)
    concluded = {study: _concluded(study, [one for _, _, one in found]) for study in together}
    jobs = [
        Job(path, index, name, options, study, together[study] == 1, concluded[study])
        for (path, index, _), name, study in zip(found, named, studies, strict=False)
    ]

    progress = Progress(len(jobs) + len(refused), quiet=chosen.quiet)
    results: list[JobResult] = []
    try:
        for one in refused:
            progress.finish(f"{one.path}: refused: {one.reason}", failed=True)
        waiting = [*(one.source.path for _, _, one in found), ""]
        progress.start(waiting[0])
        for number, done in enumerate(in_order(jobs, analyse_one, chosen.jobs, progress.tick), start=1):
            progress.finish(done.line, failed=done.entry["error"] is not None)
            progress.start(waiting[number])
            results.append(done)
    finally:
        progress.close()
    _assess_in_study(jobs, results)
    _write_study_reports(jobs, results)
    _write_reports_of_studies(jobs, results)
    _write_structured_reports(jobs, results)
    if options.pdf and options.wanted.dicom:
        for sentence in write_reports_as_dicom(options.out, ((job.name, job.report, job.open()) for job in jobs)):
            print(f"kinecor: {sentence}", file=sys.stderr)
    if options.csv:
        _write_study_tables(jobs, results)
    entries: list[RecordingEntry] = [one.entry for one in results]
    readings = [one.reading for one in results]
    compared_on = [one.reading or one.stack for one in results]
    entries += [
        refused_entry(name, one.path, one.reason) for name, one in zip(named[len(jobs) :], refused, strict=True)
    ]
    if chosen.anonymise:
        for entry in entries:
            entry["source"] = os.path.relpath(entry["source"], options.out)  # the rest of the path may name someone
    result = options.out / "result.json"
    heads = {study: head for study in together if (head := saved_head(study)) is not None}
    write_result(
        result, document(entries, [*studies, *[None] * len(refused)], readings, concluded, compared_on, reports, heads)
    )
    print(result)
    if chosen.zip:
        for study in dict.fromkeys(studies):
            study_name = safe_name(study)
            own = [study_name, *(job.name for job in jobs if job.study == study)]
            write_zip(options.out / f"{study_name}.zip", options.out, own)
    failed = sum(entry["error"] is not None for entry in entries)
    if failed:
        print(f"kinecor: {failed} of {len(entries)} recordings failed or were refused", file=sys.stderr)
    elif not entries:
        print("kinecor: no recording was found there: name a file or folder that holds one", file=sys.stderr)
    return FAILED if failed or left_out or not entries else DONE


def _concluded(study: str, recordings: Sequence[Recording]) -> StudyReading:
    """What a reader entered for a study in the window, over what its headers say."""
    first = first_study_reading(study, (one for one in recordings if one.source.study_id == study))
    try:
        return saved_study(study_file(study), first)
    except KinecorError as error:
        print(f"kinecor: {error} Analysing by the file headers alone.", file=sys.stderr)
        return first


def analyse_one(job: Job, tick: Tick) -> JobResult:
    """Analyse one recording and write its documents; an error is reported in its entry.

    Raises:
        Cancelled: by `tick`.

    """
    options, recording = job.options, job.open()
    source = recording.source
    if source.modality not in (*MODALITIES, ""):
        why = OTHER_MODALITY.format(modality=source.modality)
        return JobResult(_entry(job.name, recording, None, error=why), f"{source.path}: failed: {why}")
    reading = in_study(with_images(recording, first_reading_of(recording), tick), job.concluded)
    if options.view is not None and not reading.kind.stack:
        reading = SetView(View(options.view, None, BY_OPTION)).apply(reading, BY_OPTION)
    kind = reading.kind
    if options.readings:
        try:
            saved = _saved(job, reading)
        except KinecorError as error:
            return JobResult(_entry(job.name, recording, reading, error=str(error)), f"{source.path}: failed: {error}")
        if saved is not None:
            entry = _entry(job.name, recording, saved)
            entry["warnings"].append(SAVED_USED)
            return _finished(job, recording, saved, entry)
    if not kind.automatic:
        entry = _entry(job.name, recording, reading)
        why = LISTED_ONLY.format(why=kind.unmeasured) if kind.unmeasured else TRACE_FIRST.format(kind=kind.name)
        entry["warnings"].append(why)
        return JobResult(entry, f"{source.path}: {why}")
    try:
        proposal = propose(recording, reading, tick, device=options.device, network=options.network)
        reading = proposal.edit.apply(reading, proposal.by)
        entry = _entry(job.name, recording, reading)
    except Cancelled:
        raise
    except Exception as error:  # the rest of the batch goes on, whatever this recording provokes
        why = str(error) if isinstance(error, KinecorError) else unforeseen()
        entry = _entry(job.name, recording, reading, error=why)
        return JobResult(entry, f"{source.path}: failed: {why}")
    return _finished(job, recording, reading, entry)


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


def _finished(job: Job, recording: Recording, reading: Reading, entry: RecordingEntry) -> JobResult:
    """The outcome for a reading, with its documents written."""
    options, source, kind = job.options, recording.source, reading.kind
    if not source.modality:
        words, other = ("cine MRI", "US") if kind.stack else ("ultrasound", "MR")
        entry["modality"] = "MR" if kind.stack else "US"
        entry["warnings"].append(NO_MODALITY.format(words=words, other=other))
    try:
        entry["warnings"] += _write_documents(job, recording, reading)
    except KinecorError as error:  # the measurements stay, even if a document could not be written
        entry["error"] = str(error)
        return JobResult(entry, f"{source.path}: failed: {error}")
    return JobResult(
        entry,
        f"{source.path}: {_summary(entry)}",
        reading if _apical(reading) else None,
        reading if reading.kind.stack else None,
        reading if options.sr or options.pdf else None,
    )


def _apical(reading: Reading) -> bool:
    return reading.view is not None and reading.view.label in SIDES


def _assess_in_study(jobs: Sequence[Job], results: Sequence[JobResult]) -> None:
    """Assess apical views again with the other views of their study, which may contradict them."""
    read = [(job.study, one.reading, one.entry) for job, one in zip(jobs, results, strict=True) if one.reading]
    for study, reading, entry in read:
        others = [other for other_study, other, _ in read if other_study == study and other is not reading]
        if others and entry["error"] is None:
            assess_entry(entry, reading, others)


def _write_study_reports(jobs: Sequence[Job], results: Sequence[JobResult]) -> None:
    """Write the reports of apical views whose study has others: they show strain averaged over the study."""
    waiting = [
        (job, one.reading, one.entry)
        for job, one in zip(jobs, results, strict=True)
        if one.reading is not None and job.options.pdf and not job.alone
    ]
    for job, reading, entry in waiting:
        from kinecor.io.report.report import write_report  # loaded only where a report is written

        others = [other for one, other, _ in waiting if other is not reading and one.study == job.study]
        try:
            recording = job.open()
            version = kinecor.__version__
            write_report(job.report, recording, reading, software_version=version, others=others, study=job.concluded)
        except KinecorError as error:
            entry["error"] = str(error)
            print(f"kinecor: {entry['source']}: failed: {error}", file=sys.stderr)


def _write_reports_of_studies(jobs: Sequence[Job], results: Sequence[JobResult]) -> None:
    """Write the report of each study as a whole, in addition to those of its recordings."""
    if not jobs or not jobs[0].options.pdf:
        return
    from kinecor.io.report.study_report import Member, write_study_report  # loaded only where a report is written

    studies: dict[str, list[tuple[Job, JobResult]]] = {}
    for job, one in zip(jobs, results, strict=True):
        if one.analysed is not None:
            studies.setdefault(job.study, []).append((job, one))
    for name, found in zip(safe_names(studies), studies.values(), strict=True):
        first = found[0][0]
        path = first.options.out / "study-reports" / f"{name}.pdf"
        try:
            members = [Member(job.open(), one.analysed) for job, one in found if one.analysed is not None]
            write_study_report(path, members, first.concluded, software_version=kinecor.__version__)
        except KinecorError as error:
            for _, one in found:
                one.entry["error"] = one.entry["error"] or str(error)
            print(f"kinecor: {error}", file=sys.stderr)


def _write_structured_reports(jobs: Sequence[Job], results: Sequence[JobResult]) -> None:
    """Write a DICOM structured report for each study; recordings it cannot refer to are left out with a sentence."""
    waiting = [(job, one) for job, one in zip(jobs, results, strict=True) if one.analysed is not None]
    if not waiting or not jobs[0].options.sr:
        return
    from kinecor.io.write.derived import check_identified  # loaded only where a report is written
    from kinecor.io.write.echo_report import write_echo_report
    from kinecor.io.write.mr_report import write_mr_report
    from kinecor.io.write.values import Read

    at = datetime.now().astimezone()
    concluded = {job.study: job.concluded for job, _ in waiting}
    studies: dict[tuple[str, str], list[tuple[JobResult, Read]]] = {}
    for job, one in waiting:
        recording = job.open()
        assert one.analysed is not None
        try:
            check_identified(recording.cines, "structured report")
        except KinecorError as error:
            one.entry["warnings"].append(f"No structured report: {error}.")
            print(f"kinecor: {one.entry['source']}: no structured report: {error}", file=sys.stderr)
            continue
        kind = "mri" if one.entry["modality"] == "MR" else "echo"
        studies.setdefault((job.study, kind), []).append((one, Read(recording, one.analysed)))
    named = safe_names(f"{study}-{kind}" for study, kind in studies)
    for ((study, kind), found), name in zip(studies.items(), named, strict=True):
        write = write_mr_report if kind == "mri" else write_echo_report
        try:
            write(waiting[0][0].options.out / "sr" / f"{name}.dcm", [read for _, read in found], at, concluded[study])
        except KinecorError as error:
            for one, _ in found:
                one.entry["error"] = str(error)
            print(f"kinecor: {error}", file=sys.stderr)


def _write_study_tables(jobs: Sequence[Job], results: Sequence[JobResult]) -> None:
    """Write the measurements over views of each study that has some, next to those of its recordings."""
    from kinecor.io.export.tables import write_assessment

    studies = {job.study: job for job in jobs}
    for name, (study, job) in zip(safe_names([f"study-{one}" for one in studies]), studies.items(), strict=True):
        readings = [one.reading for own, one in zip(jobs, results, strict=True) if own.study == study and one.reading]
        found = assessed_study(readings, job.concluded) if len(readings) > 1 else None
        if found is not None and found.measurements:
            write_assessment(job.options.out / "csv" / f"{name}-measurements.csv", found)


def _entry(name: str, recording: Recording, reading: Reading | None, error: str | None = None) -> RecordingEntry:
    """The recording's entry in result.json; where there is an error, only what the files say."""
    if isinstance(recording, Stack):
        return stack_entry(name, recording, None if error else reading, error=error)
    return cine_entry(name, recording, first_reading(recording) if error or not reading else reading, error=error)


def _write_documents(job: Job, recording: Recording, reading: Reading) -> list[str]:
    """Write the documents of the options, whose libraries are loaded only then; sentences on those left out."""
    options, name = job.options, job.name
    if options.masks:
        from kinecor.io.export.masks import write_masks

        write_masks(options.out / "masks" / f"{name}.nii.gz", reading)
    if options.pdf and (job.alone or not _apical(reading)):
        from kinecor.io.report.report import write_report

        write_report(job.report, recording, reading, software_version=kinecor.__version__)
    if options.csv:
        from kinecor.io.export.tables import write_tables

        write_tables(options.out / "csv", name, reading)
    return write_objects(options.wanted, name, recording, reading)


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


@cache
def _opened(path: str, options: AnalyseOptions) -> Opened:
    """Opened once per process; frames are read from disk when they are needed."""
    return open_path(path, modality=options.modality, third_axis=options.third_axis, spacing_mm=options.spacing_mm)
