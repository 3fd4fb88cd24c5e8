"""`kinecor evaluate sizes`: how well the size of the heart by itself shows that a scale is wrong.

Usual sizes and weights of kinecor.core.volumes.heart_size are fitted on patients with even numbers, by experts' labels
at ED; the table says of both halves how many are beyond the limit of the check, with the right scale and with a wrong
one. With `--cache`, also of the program's own contours of the patients in a battery of `kinecor evaluate trust --real`.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from kinecor.core.checks.findings import threshold
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.volumes.heart_size import (
    LOOP_WEIGHTS,
    STACK_WEIGHTS,
    USUAL_LOOP_MM,
    USUAL_STACK_MM,
    annulus_width_mm,
    heart_size,
    outer_width_mm,
    size_score,
)
from kinecor.core.volumes.loop_volumes import long_axis
from kinecor.core.volumes.wall import wall_profile
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, report, spread
from kinecor_lab.datasets.acdc_geometry import acdc_geometry, with_scale
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.short_axis import CAVITY, MYOCARDIUM
from kinecor_lab.datasets.stacks import LabelledStack, acdc_stacks
from kinecor_lab.tasks.trust.patients.data import number_of
from kinecor_lab.tasks.trust.patients.options import patient_parser
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import cases_in, load
from kinecor_models.contours.outlines import outlines

HALVES: Final = ("choose", "report")
_TIMES: Final = (1.0, 1.25, 1.3, 1.4, 0.8, 0.7)
_STACK: Final = "stack"
_WIDEST: Final = 3


@dataclass(frozen=True, slots=True)
class Sized:
    """The sizes of one heart.

    Attributes:
        source: row of the table.
        patient: whose.
        kind: "A4C", "A2C" or "stack".
        half: "choose" or "report".
        sizes_mm: length, wall and annulus of a plane; length, outer width and wall of a stack.
        score: of the size, see HeartSize.

    """

    source: str
    patient: str
    kind: str
    half: str
    sizes_mm: tuple[float, float, float]
    score: float


def _half(patient: str) -> str:
    return HALVES[number_of(patient) % 2]


def of_planes(folders: Sequence[Path]) -> Iterator[Sized]:
    """ED of every patient of CAMUS whose scale is known, by experts' labels."""
    for sample in (sample for split in ("train", "valid") for sample in camus_of_folders(folders, split)):
        if sample.phase != "ED" or not np.isfinite(sample.spacing_mm):
            continue
        labels = np.stack([sample.label == value for value in range(4)]).astype(np.float32)
        found = outlines(labels).contours
        inner, outer = (found[name] for name in ("lv_endo", "lv_epi"))
        if inner is None or outer is None:
            continue
        endo, epi, mm = Contour(inner.astype(np.float64)), Contour(outer.astype(np.float64)), sample.spacing_mm
        wall_mm = float(np.nanmedian(wall_profile(endo, epi, mm, mm, closed=False)))
        sizes_mm = long_axis(endo, mm, mm).length, wall_mm, annulus_width_mm(endo, mm, mm)
        score = size_score(sizes_mm, USUAL_LOOP_MM[sample.view], LOOP_WEIGHTS)
        half = _half(sample.patient)
        yield Sized(f"CAMUS {sample.view}, labels", sample.patient, sample.view, half, sizes_mm, score)


def of_stacks(folder: Path) -> Iterator[Sized]:
    """ED of every patient of ACDC, by experts' labels."""
    every = acdc_stacks(folder, ["train", "valid", "test"])
    for stack in with_scale(every, acdc_geometry(folder)):
        sizes_mm = _stack_sizes_mm(stack)
        score = size_score(sizes_mm, USUAL_STACK_MM, STACK_WEIGHTS)
        yield Sized("ACDC, labels", stack.patient, _STACK, _half(stack.patient), sizes_mm, score)


def _stack_sizes_mm(stack: LabelledStack) -> tuple[float, float, float]:
    ed, scale = stack.marks["ED"], stack.recording.slices[0].calibration
    if scale is None:
        raise ValueError(f"{stack.name}: a stack with a scale was expected")
    labels = [stack.labels[number, ed] for number in range(len(stack.recording.slices))]
    pixel_mm2 = scale.row_mm * scale.col_mm
    cavity, wall = (np.array([(label == bit).sum() for label in labels]) * pixel_mm2 for bit in (CAVITY, MYOCARDIUM))
    here = cavity > 0
    step_mm = float(np.median(np.diff(stack.recording.positions_mm)))
    width_mm, wall_mm = outer_width_mm(cavity[here], (cavity + wall)[here])
    return float(here.sum()) * step_mm, width_mm, wall_mm


def of_cache(cache: Path) -> Iterator[Sized]:
    """Untouched recordings of a battery, by the program's contours."""
    for half in HALVES:
        for modality in ("echo", _STACK):
            for case in load(cases_in(cache, half, modality)):
                size = heart_size(case.reading) if case.kind == SOUND and case.reading is not None else None
                if size is None:
                    continue
                kind = _STACK if modality == _STACK else str(case.setting["view"])
                sizes_mm = size.length_mm, size.wall_mm, size.width_mm
                yield Sized(f"{case.population}, networks", case.name, kind, half, sizes_mm, size.score)


def fitted(hearts: Sequence[Sized], direction: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Usual sizes, and weights with which the score varies least while a wrong scale still adds its logarithm.

    Args:
        hearts: of one kind.
        direction: (3,) what the logarithm of a wrong scale adds to that of each size: 1 or 0.

    """
    logs = np.log([heart.sizes_mm for heart in hearts])
    weights = np.linalg.solve(np.cov(logs.T), direction)
    return np.exp(logs.mean(axis=0)), weights / (weights @ direction)


def table_of_fits(hearts: Sequence[Sized]) -> Table:
    """What is fitted on patients with even numbers, next to what the program uses."""
    rows: list[tuple[Cell, ...]] = []
    for kind in dict.fromkeys(heart.kind for heart in hearts):
        some = [heart for heart in hearts if heart.kind == kind and heart.half == "choose" and "labels" in heart.source]
        if len(some) <= _WIDEST:
            continue
        usual_mm, weights = fitted(some, np.array([0.0, 1.0, 1.0] if kind == _STACK else [1.0, 1.0, 1.0]))
        used_mm = USUAL_STACK_MM if kind == _STACK else USUAL_LOOP_MM[kind]
        used = STACK_WEIGHTS if kind == _STACK else LOOP_WEIGHTS
        rows.append((kind, len(some), _text(usual_mm, 1), _text(used_mm, 1), _text(weights, 2), _text(used, 2)))
    titles = ("usual sizes, mm", "in the program", "weights", "in the program")
    columns = (Column("plane"), Column("patients", form="d"), *map(Column, titles))
    notes = (
        "Sizes of a plane: length, wall, annulus; of a stack: length, outer width, wall. The program has one set of "
        "weights for both planes.",
    )
    return Table("Usual sizes and weights, patients with even numbers", columns, tuple(rows), notes)


def _text(values: Sequence[float] | FloatArray, decimals: int) -> str:
    return ", ".join(f"{value:.{decimals}f}" for value in values)


def table_of_limits(hearts: Sequence[Sized]) -> Table:
    """Shares beyond the limit of the check with the right scale and with wrong ones."""
    rows: list[tuple[Cell, ...]] = []
    groups: dict[tuple[str, str], list[Sized]] = {}
    for heart in hearts:
        groups.setdefault((heart.source, heart.half), []).append(heart)
    for (source, half), some in groups.items():
        of_stack = some[0].kind == _STACK
        limit = threshold("scale.width-for-length" if of_stack else "scale.heart-size").check
        scores = np.array([heart.score for heart in some])
        shares = [100 * float(np.mean(abs(scores + np.log(times)) > limit)) for times in _TIMES]
        rows.append((source, half, len(some), spread(scores), *shares))
    columns = (
        Column("recordings"),
        Column("half"),
        Column("n", form="d"),
        Column("score"),
        Column("beyond the limit as they are", "%", ".1f"),
        *(Column(f"scale x {times:g}", "%", ".0f") for times in _TIMES[1:]),
    )
    return Table("Size of the heart with a right and a wrong scale", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    return patient_parser("sizes", "Sizes of hearts and wrong scales.", "camus", "acdc", "cache")


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    found = [
        *(of_planes(options.camus) if options.camus else ()),
        *(of_stacks(options.acdc) if options.acdc else ()),
        *(of_cache(options.cache) if options.cache else ()),
    ]
    report(
        "sizes",
        argv,
        "Size of the heart and scale",
        [table_of_fits(found), table_of_limits(found)],
        out=options.out,
        seed=options.seed,
        models={},
        notes=["Patients with even numbers choose, odd ones report."],
        values=found,
    )
    return 0
