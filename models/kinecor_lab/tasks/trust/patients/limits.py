"""`kinecor evaluate limits`: what stands behind the limits of two checks, counted on patients.

`stack.unlike-phases`: how much ED and ES of a stack have in common, of one patient and of two; patients with even
numbers chose the limit. `expected.ef-low` and `expected.ef-high`: how many experts' EFs are beyond.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kinecor.analysis.images.slices import phase_likeness
from kinecor.core.checks.findings import threshold
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import ArrayFrames, CineSequence, Stack
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, report
from kinecor_lab.datasets.acdc_geometry import acdc_geometry, with_scale
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.dsb import dsb_patients
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.stacks import LabelledStack
from kinecor_lab.tasks.sax.stacks import labelled_stacks
from kinecor_lab.tasks.trust.patients.data import number_of
from kinecor_lab.tasks.trust.patients.options import patient_parser
from kinecor_models.contours.outlines import outlines

HALVES: Final = ("even", "odd")
_SPLITS: Final = ("train", "valid", "test")
ONE, TWO = "one patient", "two patients"
_TIMES_S: Final = np.array([0.0, 0.4])
_PERCENTS: Final = (0.0, 2.0, 50.0, 98.0, 100.0)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much ED and ES of a stack have in common.

    Attributes:
        source, name: set and patient whose ED it is.
        bodies: ONE or TWO.
        half: "even" or "odd".
        correlation: see `phase_likeness`.

    """

    source: str
    name: str
    bodies: str
    half: str
    correlation: float


@dataclass(frozen=True, slots=True)
class Ejection:
    """EF of one ventricle by its expert.

    Attributes:
        source, name: set and patient.
        ef_percent: 0 to 100; below 0 where the ventricle is larger at ES.

    """

    source: str
    name: str
    ef_percent: float


def stacks_of(acdc: Path | None, dsb: Path | None, studies: Path | None) -> list[LabelledStack]:
    """Every stack of the sets that has both phases, with its scale."""
    folders = {"acdc": acdc, "dsb": dsb, "york": None, "scd": None}
    stacks = [
        labelled_stack
        for split in _SPLITS
        for labelled_stack in labelled_stacks({**folders, "studies": None}, split, 2)
    ]
    stacks += labelled_stacks({**dict.fromkeys(folders), "studies": studies}, "test", 2)
    if acdc:
        geometry = acdc_geometry(acdc)
        stacks = [with_scale([stack], geometry)[0] if stack.source == "ACDC" else stack for stack in stacks]
    return [stack for stack in stacks if {"ED", "ES"} <= stack.marks.keys()]


def likenesses(stacks: Sequence[LabelledStack]) -> Iterator[Likeness]:
    """Each stack by itself, and with ES of the next patient of its set and half."""
    groups: dict[tuple[str, str], list[LabelledStack]] = {}
    for stack in stacks:
        groups.setdefault((stack.source, HALVES[number_of(stack.patient) % 2]), []).append(stack)
    for (source, half), some in groups.items():
        for here, other in zip(some, [*some[1:], some[0]], strict=True):
            pairs = ((ONE, here), (TWO, other)) if other is not here else ((ONE, here),)
            for bodies, at_es in pairs:
                correlation = phase_likeness(joined(here, at_es))
                if correlation is not None:
                    yield Likeness(source, here.patient, bodies, half, correlation)


def joined(ed: LabelledStack, es: LabelledStack) -> Stack:
    """A stack of two phases: ED of one patient and ES of another, at the same share of the way from slice to slice."""
    last, theirs = len(ed.recording.slices) - 1, len(es.recording.slices) - 1
    slices = []
    for number, cine in enumerate(ed.recording.slices):
        other = es.recording.slices[round(number / max(last, 1) * theirs)]
        at_ed = np.asarray(cine.frames[ed.marks["ED"]])
        at_es = _fitted(_with_pixels_of(cine, other, es.marks["ES"]), at_ed.shape)
        frames = ArrayFrames(np.stack([at_ed, at_es]))
        slices.append(replace(cine, frames=frames, times_s=_TIMES_S, instances=(), depth=None))
    return replace(ed.recording, slices=tuple(slices))


def _with_pixels_of(cine: CineSequence, other: CineSequence, phase: int) -> np.ndarray:
    """A frame of another cine in pixels of the size of this one's."""
    frame = np.asarray(other.frames[phase])
    if other is cine or cine.calibration is None or other.calibration is None:
        return frame
    times = other.calibration.row_mm / cine.calibration.row_mm
    return cv2.resize(frame, None, fx=times, fy=times, interpolation=cv2.INTER_AREA)


def _fitted(frame: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A frame in another size, from the middle outwards."""
    out = np.zeros(shape, frame.dtype)
    (to_rows, from_rows), (to_columns, from_columns) = (
        _centred(here, there) for here, there in zip(shape[:2], frame.shape[:2], strict=True)
    )
    out[to_rows, to_columns] = frame[from_rows, from_columns]
    return out


def _centred(side: int, of: int) -> tuple[slice, slice]:
    """Where a side of another length goes, and what of it."""
    length, to, start = min(side, of), max(side - of, 0) // 2, max(of - side, 0) // 2
    return slice(to, to + length), slice(start, start + length)


def ejections(camus: Sequence[Path], acdc: Path | None, dsb: Path | None) -> Iterator[Ejection]:
    """EFs of CAMUS in one plane by experts' contours, of ACDC as stated, and of DSB by experts' volumes."""
    pairs: dict[tuple[str, str], dict[str, Sample]] = {}
    for sample in (sample for split in ("train", "valid") for sample in camus_of_folders(list(camus), split)):
        pairs.setdefault((sample.view, sample.patient), {})[sample.phase] = sample
    for (view, patient), phases in pairs.items():
        volumes = [_volume(phases[mark]) for mark in ("ED", "ES") if mark in phases]
        if len(volumes) == 2 and all(volumes):
            yield Ejection(f"CAMUS {view}, one plane", patient, 100 * (1 - volumes[1] / volumes[0]))
    if acdc:
        for patient, geometry in acdc_geometry(acdc).items():
            yield Ejection("ACDC", patient, 100 * (1 - geometry.esv_ml / geometry.edv_ml))
    if dsb:
        for dsb_patient in dsb_patients(dsb, _SPLITS):
            yield Ejection("DSB", dsb_patient.name, 100 * (1 - dsb_patient.esv_ml / dsb_patient.edv_ml))


def _volume(sample: Sample) -> float:
    """Volume by disks of an expert's contour, in cubic pixels; 0 without one."""
    labels = np.stack([sample.label == value for value in range(4)]).astype(np.float32)
    endo = outlines(labels).contours["lv_endo"]
    return 0.0 if endo is None else float(disks_volume(Contour(endo.astype(np.float64)), 1.0, 1.0))


def table_of_likeness(likeness_list: Sequence[Likeness]) -> Table:
    """Percentiles by half, and how many are below the limit."""
    limit = threshold("stack.unlike-phases").check
    rows: list[tuple[Cell, ...]] = []
    for half in HALVES:
        for bodies in (ONE, TWO):
            some = np.array(
                [
                    likeness.correlation
                    for likeness in likeness_list
                    if (likeness.half, likeness.bodies) == (half, bodies)
                ]
            )
            if len(some):
                spread = [float(value) for value in np.percentile(some, _PERCENTS)]
                rows.append((half, bodies, len(some), *spread, 100 * float(np.mean(some < limit))))
    columns = (
        Column("half"),
        Column("ED and ES of"),
        Column("n", form="d"),
        *(Column(name, form=".2f") for name in ("least", "2 % below", "median", "98 % below", "largest")),
        Column(f"below the limit of {limit:g}", "%", ".1f"),
    )
    return Table("What ED and ES of a stack have in common (correlation)", columns, tuple(rows))


def table_of_ejections(found: Sequence[Ejection]) -> Table:
    """How many EFs are beyond the limits, by set."""
    low, high = threshold("expected.ef-low").check, threshold("expected.ef-high").check
    rows: list[tuple[Cell, ...]] = []
    for source in (*dict.fromkeys(ejection.source for ejection in found), "all"):
        some = [ejection.ef_percent for ejection in found if source in (ejection.source, "all")]
        rows.append(
            (source, len(some), min(some), max(some), sum(ef < low for ef in some), sum(ef > high for ef in some))
        )
    columns = (
        Column("set"),
        Column("n", form="d"),
        Column("least", "%", ".1f"),
        Column("largest", "%", ".1f"),
        Column(f"below {low:g} %", form="d"),
        Column(f"above {high:g} %", form="d"),
    )
    return Table("Experts' EF", columns, tuple(rows) if found else ())


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    return patient_parser("limits", "What limits of two checks rest on.", "camus", "acdc", "dsb", "studies")


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    alike = list(likenesses(stacks_of(options.acdc, options.dsb, options.studies)))
    ejected = list(ejections(options.camus, options.acdc, options.dsb))
    report(
        "limits",
        argv,
        "What limits of two checks rest on",
        [*([table_of_likeness(alike)] if alike else []), *([table_of_ejections(ejected)] if ejected else [])],
        out=options.out,
        seed=options.seed,
        models={},
        notes=[
            "Patients with even numbers chose the limit of likeness; ES of two patients is of the next one of its set "
            "and half, slice by slice at the same share of the way."
        ],
        values=[*alike],
    )
    return 0
