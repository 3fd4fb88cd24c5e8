"""`kinecor analyse`: recordings in, numbers and documents out, without a window."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import kinecor
from kinecor.analysis.analyse import propose
from kinecor.analysis.models import known_network
from kinecor.cli.batch import in_order
from kinecor.cli.commands import DONE, FAILED, resolved, unforeseen
from kinecor.cli.progress import Progress
from kinecor.cli.study_reports import Waiting, write_study_reports
from kinecor.core.table.measurement import decimals_of
from kinecor.core.table.number_format import fixed
from kinecor.core.values.apical_segments import SIDES
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import Cancelled, KinecorError, Tick
from kinecor.core.values.kind import STACK_VIEW
from kinecor.core.values.reading import Reading, View, first_reading
from kinecor.core.values.stack import Recording, Stack
from kinecor.core.values.stack_reading import first_reading_of
from kinecor.core.volumes.foreshortening import foreshortening_warning
from kinecor.io.export.result import MODALITIES, cine_entry, document, refused_entry, stack_entry, write_result
from kinecor.io.files.atomic import safe_names
from kinecor.io.open.recordings import Opened, open_path
from kinecor.session.edits import SetView

_SHOWN = ("EF", "EDV", "ESV", "GLS")
# Who says a view that was given on the command line.
ASKED = "user"
TAKEN_FOR_ULTRASOUND = "The file does not tell its modality: it is read as ultrasound; --modality MR says otherwise."
TAKEN_FOR_MR = "The file does not tell its modality: slices are read as cine MRI; --modality US says otherwise."
SINGLE_MR = "cine MRI is measured as a stack of short axes: this single slice was opened and listed only"
LONG_MR = "no network contours a long axis of cine MRI: it was opened and listed only, outline it in the window"
OTHER_MODALITY = (
    "expected ultrasound or MR, the file says that this recording is {modality}: leave it out, or say --modality US "
    "if it is ultrasound"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of every recording."""

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


@dataclass(frozen=True, slots=True)
class Task:
    """One recording.

    Attributes:
        path, index: it is the `index`-th that `path` leads to.
        name: its "id" and the name of its documents.
        asked: see Asked.
        study: that it is told to belong to.
        alone: whether no other recording of its study is analysed.

    """

    path: str
    index: int
    name: str
    asked: Asked
    study: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one recording.

    Attributes:
        entry: in result.json.
        line: for whoever waits.
        reading: of an apical view, what was concluded: the study is measured on those. Else None.

    """

    entry: dict[str, Any]
    line: str
    reading: Reading | None = None


def analyse(chosen: argparse.Namespace) -> int:
    """Run the command; 0 if all was analysed, 1 if some recording failed or was refused."""
    asked = Asked(
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
    )
    _opened.cache_clear()
    paths = list(dict.fromkeys(resolved(path) for path in chosen.paths))
    opened = {path: _opened(path, asked.modality, asked.third_axis, asked.spacing_mm) for path in paths}
    found = [(path, index, one) for path in paths for index, one in enumerate(opened[path].recordings)]
    refused = [one for path in paths for one in opened[path].refused]
    named = safe_names([*(one.source.recording_id for _, _, one in found), *(f"refused-{one.path}" for one in refused)])
    studies = [one.source.study_id for _, _, one in found]
    together = Counter(studies)
    tasks = [
        Task(path, index, name, asked, study, together[study] == 1)
        for (path, index, _), name, study in zip(found, named, studies, strict=False)
    ]

    progress = Progress(len(tasks) + len(refused))
    dones: list[Done] = []
    try:
        for one in refused:
            progress.finish(f"{one.path}: refused: {one.reason}")
        waiting = [*(one.source.path for _, _, one in found), ""]
        progress.start(waiting[0])
        for number, done in enumerate(in_order(tasks, analyse_one, chosen.jobs, progress.tick), start=1):
            progress.finish(done.line)
            progress.start(waiting[number])
            dones.append(done)
    finally:
        progress.close()
    _tell_short_views(tasks, dones)
    _write_waiting(tasks, dones)
    entries, readings = [one.entry for one in dones], [one.reading for one in dones]
    entries += [
        refused_entry(name, one.path, one.reason) for name, one in zip(named[len(tasks) :], refused, strict=True)
    ]
    result = asked.out / "result.json"
    write_result(result, document(entries, [*studies, *[None] * len(refused)], readings))
    print(result)
    failed = sum(entry["error"] is not None for entry in entries)
    if failed:
        print(f"kinecor: {failed} of {len(entries)} recordings failed or were refused", file=sys.stderr)
    elif not entries:
        print("kinecor: no recording was found there: name a file or folder that holds one", file=sys.stderr)
    return FAILED if failed or not entries else DONE


def analyse_one(task: Task, tick: Tick) -> Done:
    """Analyse one recording and write its documents; what is wrong with it is told in the result.

    Raises:
        Cancelled: by `tick`.

    """
    asked = task.asked
    recording = _opened(task.path, asked.modality, asked.third_axis, asked.spacing_mm).recordings[task.index]
    if recording.source.modality not in (*MODALITIES, ""):
        return _of_other_modality(task.name, recording)
    reading = first_reading_of(recording)
    source = recording.source
    if source.modality == "MR" and not isinstance(recording, Stack) and asked.view != STACK_VIEW:
        entry = cine_entry(task.name, recording, reading)
        why = LONG_MR if reading.kind.oriented_by_plane else SINGLE_MR
        entry["warnings"].append(why)
        return Done(entry, f"{source.path}: {why}")
    try:
        if asked.view is not None and not isinstance(recording, Stack):
            reading = SetView(View(asked.view, None, ASKED)).apply(reading, ASKED)
        proposal = propose(recording, reading, tick, device=asked.device, network=asked.network)
        reading = proposal.edit.apply(reading, proposal.by)
        entry = _entry(task.name, recording, reading)
    except Cancelled:
        raise
    except Exception as error:  # the rest of the batch goes on, whatever this recording provokes
        why = str(error) if isinstance(error, KinecorError) else unforeseen()
        entry = _entry(task.name, recording, reading, error=why)
        return Done(entry, f"{source.path}: failed: {why}")
    if not source.modality:
        entry["modality"] = "MR" if isinstance(recording, Stack) else "US"
        entry["warnings"].append(TAKEN_FOR_MR if isinstance(recording, Stack) else TAKEN_FOR_ULTRASOUND)
    try:
        _write_documents(task, recording, reading)
    except KinecorError as error:  # what was measured is not lost for want of a picture of it
        entry["error"] = str(error)
        return Done(entry, f"{source.path}: failed: {error}")
    return Done(entry, f"{source.path}: {_summary(entry)}", reading if _apical(reading) else None)


def _apical(reading: Reading) -> bool:
    return reading.view is not None and reading.view.label in SIDES


def _tell_short_views(tasks: Sequence[Task], dones: Sequence[Done]) -> None:
    """Add to a recording's warnings what the other views of its study say of it."""
    read = [(task.study, done.reading, done.entry) for task, done in zip(tasks, dones, strict=True) if done.reading]
    for study, reading, entry in read:
        others = [other for other_study, other, _ in read if other_study == study and other is not reading]
        if (short := foreshortening_warning(reading, others)) is not None:
            entry["warnings"].insert(0, short)


def _write_waiting(tasks: Sequence[Task], dones: Sequence[Done]) -> None:
    """Write the reports that waited for the rest of their study; what is wrong with one is told in its entry."""
    waiting, entries = [], []
    for task, done in zip(tasks, dones, strict=True):
        if done.reading is None or not task.asked.pdf or task.alone:
            continue
        path = task.asked.out / "reports" / f"{task.name}.pdf"
        waiting.append(Waiting(path, task.study, done.reading, partial(_loop, task)))
        entries.append(done.entry)
    for entry, wrong in zip(entries, write_study_reports(waiting), strict=True):
        if wrong is not None:
            entry["error"] = wrong
            print(f"kinecor: {entry['source']}: failed: {wrong}", file=sys.stderr)


def _loop(task: Task) -> CineSequence:
    asked = task.asked
    found = _opened(task.path, asked.modality, asked.third_axis, asked.spacing_mm).recordings[task.index]
    if isinstance(found, Stack):
        raise TypeError(f"{task.name}: expected a loop, got a stack")
    return found


def _of_other_modality(name: str, recording: Recording) -> Done:
    source = recording.source
    why = OTHER_MODALITY.format(modality=source.modality)
    return Done(_entry(name, recording, None, error=why), f"{source.path}: failed: {why}")


def _entry(name: str, recording: Recording, reading: Reading | None, error: str | None = None) -> dict[str, Any]:
    """The recording's entry in result.json; where something is wrong, of nothing but the files."""
    if isinstance(recording, Stack):
        return stack_entry(name, recording, None if error else reading, error=error)
    return cine_entry(name, recording, first_reading(recording) if error or not reading else reading, error=error)


def _write_documents(task: Task, recording: Recording, reading: Reading) -> None:
    """What was asked for beside result.json; the libraries are loaded only then."""
    asked, name = task.asked, task.name
    if isinstance(recording, Stack):
        _write_stack_documents(asked, name, recording, reading)
        return
    cine = recording
    if asked.masks:
        from kinecor.io.export.masks import write_masks

        write_masks(asked.out / "masks" / f"{name}.nii.gz", reading)
    if asked.pdf and (task.alone or not _apical(reading)):
        from kinecor.io.report.report import write_report

        write_report(asked.out / "reports" / f"{name}.pdf", cine, reading, software_version=kinecor.__version__)
    if asked.csv:
        from kinecor.io.export.tables import write_curves, write_measurements

        write_curves(asked.out / "csv" / f"{name}-curves.csv", reading)
        write_measurements(asked.out / "csv" / f"{name}-measurements.csv", reading)


def _write_stack_documents(asked: Asked, name: str, stack: Stack, reading: Reading) -> None:
    if asked.masks:
        from kinecor.io.export.stack_masks import write_stack_masks

        write_stack_masks(asked.out / "masks" / f"{name}.nii.gz", reading)
    if asked.pdf:
        from kinecor.io.report.report import write_report

        write_report(asked.out / "reports" / f"{name}.pdf", stack, reading, software_version=kinecor.__version__)
    if asked.csv:
        from kinecor.io.export.tables import write_curves, write_measurements, write_segments, write_slices

        for kind, write in (
            ("curves", write_curves),
            ("measurements", write_measurements),
            ("slices", write_slices),
            ("segments", write_segments),
        ):
            write(asked.out / "csv" / f"{name}-{kind}.csv", reading)


def _summary(entry: dict[str, Any]) -> str:
    """The numbers a person waits for, in one line."""
    values = {one["name"]: one for one in entry["measurements"] if one["value"] is not None}
    shown = [
        f"{code} {fixed(values[code]['value'], decimals_of(code, values[code]['unit']))} {values[code]['unit']}"
        for code in _SHOWN
        if code in values
    ]
    why = next((one["note"] for one in entry["measurements"] if one["status"] == "withheld"), None)
    return ", ".join(shown) or f"nothing measured: {why or 'no left ventricle was found'}"


@cache
def _opened(path: str, modality: str, third_axis: str, spacing_mm: tuple[float, float] | None) -> Opened:
    """Opened once per process; frames stay on disk until they are asked for."""
    return open_path(path, modality=modality, third_axis=third_axis, spacing_mm=spacing_mm)
