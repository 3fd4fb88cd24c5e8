"""What is done with one recording of `kinecor analyse`: opened, analysed, its documents written."""

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import kinecor
from kinecor.analysis.analyse import propose
from kinecor.analysis.images.measure import with_images
from kinecor.analysis.methods import DEFAULT, Method
from kinecor.cli.batch.imports import imported_into
from kinecor.cli.batch.plan import AnalyseOptions, Job, recording_digest
from kinecor.cli.outcomes import unforeseen
from kinecor.core.table.measures import HEADLINES, decimals_of, format_fixed
from kinecor.core.tracking.wall_points import load_filter
from kinecor.core.values.errors import Cancelled, KinecorError, Tick
from kinecor.core.values.message import message
from kinecor.core.values.reading import (
    Reading,
    View,
    choices,
    first_reading,
    first_reading_of,
    gives_study_values,
    is_apical,
)
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.study import in_study
from kinecor.io.export.objects import write_objects
from kinecor.io.export.result import MODALITIES, cine_entry, refused_entry, stack_entry
from kinecor.io.export.schema import MeasurementEntry, MethodEntry, RecordingEntry
from kinecor.io.files.atomic import write_bytes
from kinecor.io.files.cache import CachedFrames
from kinecor.io.open.recordings import Opened, is_url, open_files, open_path, open_url
from kinecor.session.codec import Edit
from kinecor.session.edits import SetView
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file

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
class JobResult:
    """What came of one recording.

    Attributes:
        job: see Job.
        entry: in result.json.
        line: for the person who waits.
        recording: as opened; None where it could not be.
        reading: what was concluded; None where nothing was.
        edit, by: the analysis that gave it, and its author; None where it was saved in the window.
        saved: whether a reading that was done before was saved in the window.
        decided: what the rest of its study decided on it afterwards (`session/valve`); None where nothing.
        left_out: sentences on documents that were asked for and could not be made.

    """

    job: Job
    entry: RecordingEntry
    line: str
    recording: Recording | None = None
    reading: Reading | None = None
    edit: Edit | None = None
    by: str = ""
    saved: bool = False
    decided: Edit | None = None
    left_out: tuple[str, ...] = ()

    @property
    def apical(self) -> Reading | None:
        """The Reading of an apical view, which its study is measured on; else None."""
        return self.reading if self.reading is not None and is_apical(self.reading) else None

    @property
    def of_study(self) -> Reading | None:
        """The Reading that values of the study may come from: of an apical view, or with callipers; else None."""
        return self.reading if self.reading is not None and gives_study_values(self.reading) else None

    @property
    def compared_on(self) -> Reading | None:
        """The Reading of an apical view or a stack, which its study is compared with earlier ones on; else None."""
        return self.reading if self.reading is not None and self.reading.kind.stack else self.apical


def analyse_job(job: Job, tick: Tick) -> JobResult:
    """Analyse one recording and write its documents; an error is reported in its entry.

    Raises:
        Cancelled: by `tick`.

    """
    try:
        recording = open_recording(job)
    except KinecorError as error:
        return JobResult(job, refused_entry(job.name, _source(job), str(error)), f"{job.shown}: failed: {error}")
    return analyse_opened(job, recording, tick)


def analyse_opened(job: Job, recording: Recording, tick: Tick) -> JobResult:
    """As `analyse_job`, of a recording that is open already."""
    options, source = job.options, recording.source
    if source.modality not in (*MODALITIES, ""):
        why = OTHER_MODALITY.format(modality=source.modality)
        return failed_outcome(job, recording, None, why)
    try:
        reading = first_of_job(job, recording, tick)
        kind = reading.kind
        if options.readings and (saved := saved_reading(job, reading)) is not None:
            entry = _entry(job, recording, saved)
            entry["warnings"].append(SAVED_USED)
            return _finished(job, recording, saved, entry)
    except KinecorError as error:
        return failed_outcome(job, recording, None, str(error))
    try:
        imported = imported_into(job, recording, reading, tick) if options.imports else None
    except KinecorError as error:
        return failed_outcome(job, recording, None, str(error))
    if imported is not None:
        entry = _entry(job, recording, imported.reading)
        entry["imported"] = imported.entries
        entry["warnings"] += imported.remarks
        return _finished(job, recording, imported.reading, entry, imported.edit, imported.by)
    if not kind.automatic:
        entry = _entry(job, recording, reading)
        why = LISTED_ONLY.format(why=kind.unmeasured) if kind.unmeasured else TRACE_FIRST.format(kind=kind.name)
        entry["warnings"].append(why)
        if options.overview:
            with suppress(KinecorError):  # the first frame cannot be decoded: the page shows none
                _write_thumbnail(job, recording, reading)
        return JobResult(job, entry, f"{source.path}: {why}", recording)
    if not reading.facts.stills:
        _load_filter_meanwhile()
    try:
        method = options.method if options.method.fits(kind) else DEFAULT
        proposal = propose(recording, reading, tick, device=options.device, network=options.network, method=method)
        reading = proposal.edit.apply(reading, proposal.by)
        entry = _entry(job, recording, reading)
        entry["method"] = method_entry(method, options.network)
    except Cancelled:
        raise
    except Exception as error:  # the rest of the batch goes on, whatever this recording provokes
        why = str(error) if isinstance(error, KinecorError) else unforeseen()
        return failed_outcome(job, recording, reading, why)
    return _finished(job, recording, reading, entry, proposal.edit, proposal.by)


@cache
def _load_filter_meanwhile() -> None:
    """Have a thread import, once in this process, what strain will need: networks leave it a processor meanwhile."""
    threading.Thread(target=load_filter, name="kinecor-filter").start()


MAX_HELD = 32
_held: "OrderedDict[tuple[object, ...], Recording]" = OrderedDict()
"""Recordings that this process opened last, by what their files were then; frames are on the disk, or in the cache."""


def hold(job: Job, recording: Recording) -> None:
    """Keep a recording that was opened in memory: it is not opened again as long as its files stay as they are."""
    key = _as_opened(job)
    # What decodes its frames when it is opened would hold them all.
    if key is None or not all(isinstance(cine.frames, CachedFrames) for cine in recording.cines):
        return
    _held[key] = recording
    _held.move_to_end(key)
    while len(_held) > MAX_HELD:
        _held.popitem(last=False)


def _as_opened(job: Job) -> tuple[object, ...] | None:
    """What a recording that was opened is known by; None where that is not known without reading it."""
    try:
        stats = [(file, Path(file).stat()) for file in job.files]
    except OSError:
        return None
    options = job.options
    asked = options.modality, options.third_axis, options.spacing_mm
    stamps = tuple((path, status.st_mtime_ns, status.st_size) for path, status in stats)
    return (job.path, job.index, job.digest, asked, stamps) if stamps else None


def method_entry(method: Method, network: str | None) -> MethodEntry:
    """How a recording was analysed, as the result gives it; null stands for the default of its kind."""
    chosen = network or method.network
    return {"name": method.name, "network": chosen, "motion": method.motion, "events": method.events}


def open_recording(job: Job) -> Recording:
    """The recording; its frames are read when they are needed.

    Raises:
        KinecorError: it is not what it was when the run was planned.

    """
    key = _as_opened(job)
    recording = _held.get(key) if key is not None else None
    if recording is None:
        recording = _opened_again(job)
        hold(job, recording)
    return recording


def _opened_again(job: Job) -> Recording:
    options = job.options
    if job.files:
        own = open_files(
            job.files, modality=options.modality, third_axis=options.third_axis, spacing_mm=options.spacing_mm
        )
        # What its neighbours change (a second recording of the same identity, a pair of stills) is seen by the digest.
        if len(own.recordings) == 1 and recording_digest(own.recordings[0]) == job.digest:
            return own.recordings[0]
    recordings = open_location(job.path, options).recordings
    if job.index < len(recordings) and recording_digest(recordings[job.index]) == job.digest:
        return recordings[job.index]
    raise KinecorError(message("its files changed while the others were analysed: analyse it again"))


@lru_cache(maxsize=2)
def open_location(path: str, options: AnalyseOptions) -> Opened:
    """What a path or URL leads to; frames are read from disk when they are needed."""
    open_any = open_url if is_url(path) else open_path
    return open_any(path, modality=options.modality, third_axis=options.third_axis, spacing_mm=options.spacing_mm)


def first_of_job(job: Job, recording: Recording, tick: Tick) -> Reading:
    """What is known of a recording before it is analysed: by its header, its images, its study and the options.

    Raises:
        Cancelled: by `tick`.
        KinecorError: an image cannot be decoded.

    """
    options = job.options
    reading = in_study(with_images(recording, first_reading_of(recording), tick), job.concluded)
    if options.view is not None and not reading.kind.stack:
        reading = SetView(View(options.view, None, BY_OPTION)).apply(reading, BY_OPTION)
    return reading


def failed_outcome(job: Job, recording: Recording, reading: Reading | None, why: str) -> JobResult:
    """The outcome for a recording that is open and could not be analysed.

    Args:
        job: of the recording.
        recording: as opened.
        reading: what was known of it before it failed; None where nothing was.
        why: in one sentence.

    """
    entry = _entry(job, recording, reading, error=why)
    return JobResult(job, entry, f"{recording.source.path}: failed: {why}", recording)


def saved_reading(job: Job, first: Reading) -> Reading | None:
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
        reading = journal.open(first)
        return reading if journal.history(first.facts.recording_id) else None


def with_documents(job: Job, recording: Recording, reading: Reading, loops: Sequence[Reading]) -> JobResult:
    """The outcome for a Reading that was concluded elsewhere, with its documents written.

    Args:
        job: of the recording.
        recording: as opened.
        reading: as it is with the rest of its study; of a stack, its base may have been decided with the valve.
        loops: Readings of loops of its study; long axes among them check such a base.

    """
    entry = _entry(job, recording, reading)
    if isinstance(recording, Stack) and choices(reading).valve is not None:
        entry = _stack_entry(job, recording, reading, loops)
    return _finished(job, recording, reading, entry)


def _finished(
    job: Job, recording: Recording, reading: Reading, entry: RecordingEntry, edit: Edit | None = None, by: str = ""
) -> JobResult:
    """The outcome for a reading, with its documents written."""
    source, kind = recording.source, reading.kind
    if not source.modality:
        text, other = ("cine MRI", "US") if kind.stack else ("ultrasound", "MR")
        entry["modality"] = "MR" if kind.stack else "US"
        entry["warnings"].append(NO_MODALITY.format(words=text, other=other))
    try:
        left_out = _write_documents(job, recording, reading)
        entry["warnings"] += left_out
    except KinecorError as error:  # the measurements stay, even if a document could not be written
        entry["error"] = str(error)
        return JobResult(job, entry, f"{source.path}: failed: {error}", recording)
    line = f"{source.path}: {summary_line(entry)}"
    return JobResult(job, entry, line, recording, reading, edit, by, left_out=tuple(left_out))


def finish_again(outcome: JobResult, reading: Reading, loops: Sequence[Reading]) -> None:
    """Replace the Reading of a stack, its entry and its documents.

    Args:
        outcome: of the stack; it is changed.
        reading: as it is with the rest of its study.
        loops: Readings of loops of its study; long axes among them check the base.

    """
    job, recording = outcome.job, outcome.recording
    if not isinstance(recording, Stack):
        return
    entry = _stack_entry(job, recording, reading, loops)
    finished = _finished(job, recording, reading, entry, outcome.edit, outcome.by)
    outcome.entry, outcome.line, outcome.reading = finished.entry, finished.line, finished.reading


def _stack_entry(job: Job, stack: Stack, reading: Reading, loops: Sequence[Reading]) -> RecordingEntry:
    entry = stack_entry(job.name, stack, reading, loops=loops)
    entry["source"] = _source(job, entry["source"])
    return entry


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
    if options.bids:
        from kinecor.io.export.bids import write_bids

        write_bids(options.out, recording, reading)
    if options.pdf and (job.alone or not is_apical(reading)):
        write_report(job, recording, reading, ())
    if options.overview:
        _write_thumbnail(job, recording, reading)
    if options.csv:
        from kinecor.io.export.tables import write_tables

        write_tables(options.out / "csv", name, reading)
    return write_objects(options.wanted, name, recording, reading)


def write_report(job: Job, recording: Recording, reading: Reading, others: Sequence[Reading]) -> None:
    """Write the report of a recording.

    Args:
        job: of the recording.
        recording: see Recording.
        reading: what was concluded about it.
        others: of the study's other apical views, which strain is averaged over.

    Raises:
        KinecorError: the file cannot be written.

    """
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


def _write_thumbnail(job: Job, recording: Recording, reading: Reading) -> None:
    from kinecor.io.export.overview import write_thumbnail

    write_thumbnail(job.options.out, job.name, recording, reading)


def summary_line(entry: RecordingEntry) -> str:
    """The numbers a person waits for, in one line; those that a check concerns say so."""
    values = {measurement["name"]: measurement for measurement in entry["measurements"]}
    shown = []
    for single_measurement in (values[code] for code in HEADLINES if code in values):
        name, unit, value = single_measurement["name"], single_measurement["unit"], single_measurement["value"]
        if value is not None:
            doubt = " (check)" if single_measurement["trust"] == "check" else _beyond(single_measurement)
            shown.append(f"{name} {format_fixed(value, decimals_of(name, unit))} {unit}{doubt}")
        elif single_measurement["checks"]:
            shown.append(f"{name} withheld (check)")
    why = next(
        (measurement["note"] for measurement in entry["measurements"] if measurement["status"] == "withheld"), None
    )
    return ", ".join(shown) or f"nothing measured: {why or 'no left ventricle was found'}"


def _beyond(measurement: MeasurementEntry) -> str:
    """What is said of a value that is not normal, in brackets; "" of others."""
    normal, said = measurement.get("normal"), measurement.get("statement", "")
    if normal is None or normal["flag"] is None:
        return f" ({said})" if said else ""
    if normal["flag"] == "within" and not normal["grade"]:
        return ""
    return f" ({normal['grade'] or normal['flag'] + ' range'})"
