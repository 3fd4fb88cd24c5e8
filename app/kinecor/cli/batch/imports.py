"""Contours of `--import-contours` in one recording of a run: in place of the networks', with the motion along them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kinecor.analysis.analyse import rest_of
from kinecor.analysis.contours.imported import ImportedContours, import_edit, imported_contours
from kinecor.cli.batch.plan import Job
from kinecor.core.outlines.label_orders import Order, guessed_order
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.labels import ContourFile, LabelFile, Part
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.io.contours.read import read_contour_file
from kinecor.io.export.schema import ImportedEntry
from kinecor.session.codec import Edit
from kinecor.session.edits import Several


@dataclass(frozen=True, eq=False)
class Imported:
    """A recording with imported contours.

    Attributes:
        reading: with them.
        edit, by: what was done, and its author.
        entries: of result.json, a file each.
        remarks: sentences on how they fit.

    """

    reading: Reading
    edit: Edit
    by: str
    entries: list[ImportedEntry]
    remarks: list[str]


def imported_into(job: Job, recording: Recording, reading: Reading, tick: Tick) -> Imported | None:
    """The recording with the contours of all files that are of it; None where none is.

    Args:
        job: of the recording, with the options.
        recording: as opened.
        reading: what is known before.
        tick: called after each frame; raises Cancelled to end the work.

    Raises:
        KinecorError: a file cannot be read; or it does not fit, where this is the only recording.

    """
    options, edits, entries = job.options, [], []
    remarks: list[str] = []
    names: list[str] = []
    after = reading
    for path in options.imports:
        file = contour_file(str(path), path.stat().st_mtime_ns)
        order = None if isinstance(file, ContourFile) else _order(file, dict(options.labels), reading)
        try:
            imported = imported_contours(file, recording, after, parts=order, frame=options.import_frame, tick=tick)
        except KinecorError as error:
            if options.imports_must_name:
                continue
            raise KinecorError(message("--import-contours: {reason}", reason=error.message)) from error
        if options.imports_must_name and not (imported.sure or _names(path, job)):
            continue
        by = f"imported: {path.name}"
        edit = import_edit(imported, after)
        after = edit.apply(after, by)
        edits.append(edit)
        names.append(path.name)
        entries.append(_entry(imported))
        remarks += [f"{path.name}: {remark}" for remark in imported.remarks]
        if order is not None:
            stated = ", ".join(f"{value} = {part.caption}" for value, part in order.items())
            remarks.append(f"{path.name}: labels were read as {stated}; if that is wrong, use --labels.")
    if not edits:
        return None
    by = f"imported: {', '.join(names)}"
    motion = tuple(rest_of(recording, after, tick, device=options.device))
    for single_edit in motion:
        after = single_edit.apply(after, by)
    return Imported(after, Several(edits[0].summary, (*edits, *motion)), by, entries, remarks)


@lru_cache(maxsize=4)
def contour_file(path: str, _changed_ns: int) -> LabelFile | ContourFile:
    """A file of contours; read once for all recordings that a process analyses."""
    return read_contour_file(Path(path))


def _order(file: LabelFile, stated: dict[int, str], reading: Reading) -> Order:
    if not stated:
        return guessed_order(file, reading.kind.structures).parts
    return {value: Part(stated.get(value, Part.NOTHING.value)) for value in file.values}


def _names(path: Path, job: Job) -> bool:
    """Whether the name of a file is that of the recording's documents, as in masks/ID.nii.gz."""
    return path.name.startswith((f"{job.name}.", f"{job.name}-"))


def _entry(imported: ImportedContours) -> ImportedEntry:
    return {
        "file": imported.name,
        "contours": len(imported.contours),
        "matched_by": str(imported.matched_by),
        "dice_min": round(float(imported.dice.min()), 4) if len(imported.dice) else None,
    }
