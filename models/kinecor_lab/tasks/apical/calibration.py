"""`kinecor evaluate lv-calibration`: reliability and expected calibration error of the apical model's confidence."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.metrics import calibration_error, dice, filled, reliability
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.tasks.apical import robust_cases
from kinecor_lab.tasks.apical.robust_cases import UNCHANGED, RobustCase
from kinecor_models.contours.apical import CONFIDENCE_POWERS, open_apical
from kinecor_models.contract import ClipModel
from kinecor_models.registry import DEFAULT_APICAL

ENCLOSED = {"lv_endo": (1,), "lv_epi": (1, 2), "la": (3,)}
"""Label values inside each contour."""
TITLES = {"lv_endo": "endocardium", "lv_epi": "epicardium", "la": "left atrium"}
_POWERS = np.arange(0.2, 5.001, 0.01)


@dataclass(frozen=True, slots=True)
class Promise:
    """One contour: what the model expected of it, and the Dice it got; both 0..1."""

    source: str
    condition: str
    name: str
    structure: str
    confidence: float
    dice: float


def promises(model: ClipModel, case: RobustCase) -> Iterator[Promise]:
    """Every contour that was drawn where the truth is known; a contour of what is not there has Dice 0."""
    output = model(case.clip, lambda *_: None)
    for structure, values in ENCLOSED.items():
        if not set(values) <= set(case.shown):
            continue
        for frame, points in enumerate(output.contours[structure]):
            if points is None:
                continue
            truth = np.isin(case.truth[frame], values)
            got = dice(filled(output.grid.to_image(points), truth.shape), truth)
            sure = float(output.confidence[structure][frame])
            yield Promise(case.source, case.condition, case.name, structure, sure, got)


def fitted_power(some: Sequence[Promise], structure: str) -> float:
    """The power of the overlap expected by probabilities that comes closest to the Dice (least squares).

    Raises:
        ValueError: no contour of that structure.

    """
    rows = [(promise.confidence, promise.dice) for promise in some if promise.structure == structure]
    if not rows:
        raise ValueError(f"expected contours of {structure}, found none")
    sure, got = np.array(rows).T
    raw = sure ** (1 / CONFIDENCE_POWERS[structure])
    return float(min(_POWERS, key=lambda power: float(((raw**power - got) ** 2).mean())))


def table(title: str, some: Sequence[Promise], bins: int = 10) -> Table:
    """By structure: n, mean confidence and Dice, expected calibration error, and the reliability curve."""
    columns = (
        Column("structure"),
        Column("n", form="d"),
        Column("confidence"),
        Column("Dice"),
        Column("calibration error"),
        Column("confidence: Dice, by bins of equal n"),
    )
    rows: list[tuple[Cell, ...]] = []
    for structure, name in TITLES.items():
        each = [promise for promise in some if promise.structure == structure]
        if not each:
            continue
        curve = reliability([promise.confidence for promise in each], [promise.dice for promise in each], bins)
        points = "  ".join(f"{confidence_bin.confidence:.3f}: {confidence_bin.quality:.3f}" for confidence_bin in curve)
        confidence, overlap = (
            spread([promise.confidence for promise in each]),
            spread([promise.dice for promise in each]),
        )
        rows.append((name, len(each), confidence, overlap, calibration_error(curve), points))
    return Table(title, columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate lv-calibration", description="Compare the model's confidence with the Dice it gets."
    )
    out.add_argument("--data", type=Path, nargs="+", required=True, help="folders of CAMUS, as for lv-apical")
    add_split(out, "valid")
    out.add_argument("--choosing", action="store_true", help="only patients of the fold that chooses epochs")
    out.add_argument("--view", choices=["A4C", "A2C"], help="one view alone (default: all there are)")
    out.add_argument("--patients", type=int, default=0, help="number of patients, drawn by the seed (0: all)")
    out.add_argument("--cines", type=int, default=0, help="number of patients of warped cines, frame by frame")
    out.add_argument("--paths", type=Path, default=Path("runs/sequence/paths"), help="folder of warped cines' paths")
    out.add_argument("--fit", action="store_true", help="also print the best power; never use it on reported data")
    out.add_argument("--seed", type=int, default=0)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    found: list[Promise] = []
    model = open_apical(DEFAULT_APICAL, options.device)
    samples = camus_of_folders(options.data, options.split, options.view, choosing=options.choosing)
    names = np.random.default_rng(options.seed).permutation(sorted({sample.patient for sample in samples}))
    chosen = set(names[: options.patients or None].tolist())
    samples = [sample for sample in samples if sample.patient in chosen]
    views = " and ".join(sorted({sample.view for sample in samples}, reverse=True))
    say = partial(print, file=sys.stderr)
    cines = robust_cases.warped(samples, options.paths, options.cines, options.seed, say) if options.cines else []
    for cases in (robust_cases.stills(samples, options.seed), cines):
        for case in cases:
            found += promises(model, case)
            show_progress(f"{len(found)} contours")
    print(file=sys.stderr)
    tables = []
    for source in dict.fromkeys(promise.source for promise in found):
        for title, plain in (("as they are", True), ("under hard conditions", False)):
            some = [
                promise
                for promise in found
                if promise.source == source and (promise.condition == UNCHANGED.name) is plain
            ]
            tables.append(table(f"{source}, {title}", some))
    card = model.card
    notes = [f"{card.name} {card.version}, split {options.split}, {views}, {len(chosen)} patients, seed {options.seed}"]
    if options.fit:
        notes += [
            f"{title}: power {fitted_power(found, name):.2f} fits best, {CONFIDENCE_POWERS[name]:.2f} is in use"
            for name, title in TITLES.items()
        ]
    report(
        "lv-calibration",
        argv,
        "Calibration of the apical model's confidence",
        tables,
        out=options.out,
        seed=options.seed,
        models={card.name: card.version},
        notes=notes,
        values=found,
    )
    return 0
