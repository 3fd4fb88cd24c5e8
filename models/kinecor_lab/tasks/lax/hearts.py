"""`kinecor evaluate lax-hearts`: long axes of simulated hearts, contoured over the whole cycle, against exact truth.

What real patients cannot tell: two- and three-chamber views, every phase, and what a plane alone makes of the volume of
the whole ventricle.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor_lab.common.commands import add_device, reported, show_progress
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.made import Arrays, saved_pieces
from kinecor_lab.tasks.lax.evaluate import MODEL, opened
from kinecor_models.contours.long_axis import LongAxisModel
from kinecor_models.contours.outlines import space_evenly
from kinecor_models.contract import ClipInput, load_card
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import draw_scan

NAME = "lax-hearts"
VIEWS = ("A2C", "A3C", "A4C")
PHASES = 20
_ROWS, _COLUMNS, _WHITE_PERCENT = 168, 192, 99.5
_POINTS = 96


@dataclass(frozen=True, slots=True)
class CycleValue:
    """One view of one heart over its cycle.

    Attributes:
        heart, view: which.
        dice: mean over phases; 0 at phases without a contour.
        worst: of all phases.
        missing: phases without a contour.
        edv, esv: by single-plane disks over those of the exact contours, minus 1; at the exact ED and ES.
        ef: percentage points against the exact contours' single-plane EF.
        plane_edv, plane_esv: what the exact contours' disks make of the ventricle's volume, over it, minus 1.
        plane_ef: percentage points of EF by the exact contours' disks against the ventricle's.
        strain: endocardial strain at ES, points against the exact contours'.
        excursion_mm: way of the middle between the hinge points along the long axis, ED to ES, against the exact one.
        hinge_mm: median distance of hinge points.
        taken_for: the view that the model names; "" for none.

    """

    heart: int
    view: str
    dice: float
    worst: float
    missing: int
    edv: float
    esv: float
    ef: float
    plane_edv: float
    plane_esv: float
    plane_ef: float
    strain: float
    excursion_mm: float
    hinge_mm: float
    taken_for: str


def made_long_axes(seed: int, number: int) -> Arrays:
    """Frames (3, t, rows, columns) uint8, exact contours (3, t, 96, 2), the ventricle's ml (t,), and (mm, interval)."""
    rng = np.random.default_rng((seed, number))
    heart = draw_any(rng, 1)
    scan = replace(draw_scan(rng, _ROWS, _COLUMNS, PHASES, heart.shape.radius_mm / 25), slices=2, thickness_mm=8.0)
    study = record_mri(heart, rng, scan, workers=1)
    by_view = {mri_slice.view: mri_slice for mri_slice in study.long_axes}
    grey = np.stack([by_view[view].frames for view in VIEWS]).astype(np.float32)
    grey = np.clip(grey * (255 / np.percentile(grey, _WHITE_PERCENT)), 0, 255)
    walls = [
        [space_evenly(np.asarray(contour), _POINTS) for contour in by_view[view].plane.contours["lv_endo"]]
        for view in VIEWS
    ]
    first = by_view[VIEWS[0]]
    numbers = np.array([first.spacing_mm[0], float(np.median(np.diff(first.trigger_ms))) / 1000])
    return np.rint(grey).astype(np.uint8), np.array(walls), study.truth.volume_ml, numbers


def measured(model: LongAxisModel, heart: int, made: Arrays) -> Iterator[CycleValue]:
    """The three views of a heart."""
    frames, walls, volume_ml, (mm, interval_s) = made
    ed, es = int(volume_ml.argmax()), int(volume_ml.argmin())
    for view, images, true in zip(VIEWS, frames, walls, strict=True):
        out = model(ClipInput(list(images), interval_s=float(interval_s), spacing_mm=float(mm)), lambda *_: None)
        drawn = [None if image is None else out.grid.to_image(image) for image in out.contours["lv_endo"]]
        overlaps = [
            0.0 if one is None else dice(_mask(one, images[0].shape), _mask(wall, images[0].shape))
            for one, wall in zip(drawn, true, strict=True)
        ]
        off = [_hinges_mm(one, wall, mm) for one, wall in zip(drawn, true, strict=True) if one is not None]
        exact = [_ml(true[at], mm) for at in (ed, es)]
        nan = float("nan")
        found, strain, way = [nan, nan], nan, nan
        at_ed, at_es = drawn[ed], drawn[es]
        if at_ed is not None and at_es is not None:
            found = [_ml(one, mm) for one in (at_ed, at_es)]
            strain = 100 * (_length(at_es) / _length(at_ed) - _length(true[es]) / _length(true[ed]))
            way = (_excursion(at_ed, at_es) - _excursion(true[ed], true[es])) * mm
        whole = [float(volume_ml[at]) for at in (ed, es)]
        yield CycleValue(
            heart,
            view,
            float(np.mean(overlaps)),
            min(overlaps),
            sum(one is None for one in drawn),
            found[0] / exact[0] - 1,
            found[1] / exact[1] - 1,
            100 * (exact[1] / exact[0] - found[1] / found[0]),
            exact[0] / whole[0] - 1,
            exact[1] / whole[1] - 1,
            100 * (whole[1] / whole[0] - exact[1] / exact[0]),
            strain,
            way,
            float(np.median(off)) if off else nan,
            out.view or "",
        )


def _mask(wall: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(wall * 16).astype(np.int32)], (1,), shift=4)
    return mask > 0


def _ml(wall: NDArray[np.float64], mm: float) -> float:
    return disks_volume(Contour(wall.astype(np.float64))) * mm**3 / 1000


def _length(wall: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(wall, axis=0), axis=1).sum())


def _excursion(at_ed: NDArray[np.float64], at_es: NDArray[np.float64]) -> float:
    base = at_ed[[0, -1]].mean(axis=0)
    off = at_ed - base
    far = off[np.argmax((off**2).sum(axis=1))]
    return float((at_es[[0, -1]].mean(axis=0) - base) @ far / np.linalg.norm(far))


def _hinges_mm(wall: NDArray[np.float64], true: NDArray[np.float64], mm: float) -> float:
    ends, wanted = wall[[0, -1]], true[[0, -1]]
    return mm * min(float(np.hypot(*(ends - way).T).mean()) for way in (wanted, wanted[::-1]))


_COLUMNS_OF = (
    ("dice", "Dice", "", ".3f"),
    ("edv", "EDV", "%", "+.1f"),
    ("esv", "ESV", "%", "+.1f"),
    ("ef", "EF", "points", "+.1f"),
    ("strain", "strain", "points", "+.1f"),
    ("excursion_mm", "valve plane", "mm", "+.1f"),
    ("hinge_mm", "hinge points", "mm", ".1f"),
)
_OF_PLANE = (("plane_edv", "EDV", "%", "+.1f"), ("plane_esv", "ESV", "%", "+.1f"), ("plane_ef", "EF", "points", "+.1f"))


def tables(values: Sequence[CycleValue]) -> list[Table]:
    """By view: contours against exact ones, and a plane alone against the ventricle."""
    by: dict[str, list[CycleValue]] = defaultdict(list)
    for value in values:
        by[value.view].append(value)
    first: list[tuple[Cell, ...]] = []
    second: list[tuple[Cell, ...]] = []
    for view, some in sorted(by.items()):
        worst = min(value.worst for value in some)
        missing = sum(value.missing for value in some)
        first.append((view, len(some), worst, missing, *(_spread(some, *one) for one in _COLUMNS_OF)))
        second.append((view, len(some), *(_spread(some, *one) for one in _OF_PLANE)))
    head = (Column("view"), Column("n", form="d"))
    names = (*VIEWS, "")
    third: list[tuple[Cell, ...]] = [
        (view, *(sum(value.taken_for == name for value in some) for name in names)) for view, some in sorted(by.items())
    ]
    columns = (*head, Column("worst phase"), Column("phases without", form="d"))
    return [
        Table(
            "Against exact contours; mean ± SD",
            (*columns, *(Column(title, unit, form) for _, title, unit, form in _COLUMNS_OF)),
            tuple(first),
        ),
        Table(
            "Disks of exact contours in one plane, against the ventricle; mean ± SD",
            (*head, *(Column(title, unit, form) for _, title, unit, form in _OF_PLANE)),
            tuple(second),
        ),
        Table(
            "View by the chambers",
            (Column("view"), *(Column(name or "none", form="d") for name in names)),
            tuple(third),
        ),
    ]


def _spread(values: Sequence[CycleValue], name: str, _title: str, unit: str, _form: str) -> Cell:
    return spread([(100 if unit == "%" else 1) * getattr(value, name) for value in values])


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor evaluate {NAME}", description="Measure a network of long axes.")
    out.add_argument("--network", type=Path, help="of a training run (best.pt); by default the one that ships")
    out.add_argument("--hearts", type=int, default=16, help="simulated hearts (default: 16)")
    out.add_argument("--seed", type=int, default=777, help="of the hearts")
    out.add_argument("--cache", type=Path, required=True, help="folder in which hearts are saved, once simulated")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    model = opened(options.network, None, options.device)
    pieces = saved_pieces(
        options.cache / f"lax-hearts-{options.seed}",
        options.hearts,
        lambda number: made_long_axes(options.seed, number),
    )
    values: list[CycleValue] = []
    for number, made in enumerate(pieces):
        values += measured(model, number, made)
        show_progress(f"{number + 1}/{options.hearts}")
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Long axes of simulated hearts",
        tables(values),
        out=options.out,
        seed=options.seed,
        models={} if options.network else {MODEL: load_card(MODEL).version},
        notes=[f"{options.hearts} hearts, {PHASES} phases, planes where they should be"],
        values=values,
    )
    return 0
