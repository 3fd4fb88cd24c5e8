"""`kinecor evaluate lv-robustness`: overlap and flicker of the apical model under hard conditions."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.clip import on_grid
from kinecor_lab.datasets.data_folder import camus_frames_of_view
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.apical import robust_cases
from kinecor_lab.tasks.apical.robust_cases import UNCHANGED, RobustCase
from kinecor_lab.tasks.sequence.metrics import flicker, network_maps, picture_maps
from kinecor_models.contours.apical import open_apical
from kinecor_models.contract import ClipModel
from kinecor_models.registry import DEFAULT_APICAL

NAMES = {1: "LV", 2: "myocardium", 3: "left atrium"}


@dataclass(frozen=True, slots=True)
class RobustScore:
    """One recording under one condition.

    Attributes:
        source, condition, name: of the case.
        dice: mean over its frames by label value; a structure that was not found has 0.
        flicker, true_flicker: mFIP found and of the truth on the same grid; NaN for a still.
        confidence: mean of the endocardium's.

    """

    source: str
    condition: str
    name: str
    dice: dict[int, float]
    flicker: float
    true_flicker: float
    confidence: float


def score(model: ClipModel, case: RobustCase) -> RobustScore:
    """What the model makes of a case."""
    output = model(case.clip, lambda *_: None)
    maps = picture_maps(output, (case.truth.shape[1], case.truth.shape[2]))
    overlap: dict[int, float] = {}
    for value in case.shown:
        each = [dice(level_map == value, true == value) for level_map, true in zip(maps, case.truth, strict=True)]
        if np.isfinite(each).any():
            overlap[value] = float(np.nanmean(each))
    return RobustScore(
        case.source,
        case.condition,
        case.name,
        overlap,
        flicker(network_maps(output)),
        flicker(on_grid(case.truth, output.grid)),
        float(output.confidence["lv_endo"].mean()),
    )


def tables(scores: Sequence[RobustScore]) -> list[Table]:
    """A table for each source, a row for each condition, with the change of the LV's Dice; mean, SD over recordings."""
    columns = (
        Column("condition"),
        Column("n", form="d"),
        Column("Dice LV"),
        Column("change"),
        Column("worst"),
        Column("Dice myocardium"),
        Column("Dice left atrium"),
        Column("confidence"),
        Column("mFIP", form=".4f"),
        Column("true mFIP", form=".4f"),
    )
    out = []
    for source in dict.fromkeys(score.source for score in scores):
        some = [score for score in scores if score.source == source]
        plain = {score.name: score for score in some if score.condition == UNCHANGED.name}
        rows: list[tuple[Cell, ...]] = []
        for condition in dict.fromkeys(score.condition for score in some):
            each = [score for score in some if score.condition == condition]
            overlap = {value: [score.dice[value] for score in each if value in score.dice] for value in NAMES}
            change = [
                score.dice[1] - plain[score.name].dice[1]
                for score in each
                if score.name in plain and 1 in score.dice and 1 in plain[score.name].dice
            ]
            rows.append(
                (
                    condition,
                    len(each),
                    spread(overlap[1]),
                    spread(change),
                    min(overlap[1], default=None),
                    spread(overlap[2]),
                    spread(overlap[3]),
                    spread([score.confidence for score in each]),
                    spread([score.flicker for score in each if np.isfinite(score.flicker)]),
                    spread([score.true_flicker for score in each if np.isfinite(score.true_flicker)]),
                )
            )
        out.append(Table(source, columns, tuple(rows)))
    return out


SOURCES = ("stills", "warped", "simulated")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate lv-robustness",
        description="Measure the apical model against gain, depth, shadow, drop-out, noise, JPEG, frame rate, "
        "foreshortening, mirrored pictures and grey maps.",
    )
    out.add_argument(
        "--data", type=Path, help="CAMUS (PNG with index.csv, NIfTI or MHD); without it, simulated hearts only"
    )
    add_split(out, "valid")
    out.add_argument("--view", default="A4C", choices=["A4C", "A2C"], help="of CAMUS as NIfTI or MHD (default: A4C)")
    out.add_argument("--paths", type=Path, default=Path("runs/sequence/paths"), help="folder of warped cines' paths")
    out.add_argument("--sources", default=",".join(SOURCES), help="comma-separated (default: all)")
    out.add_argument("--frames", type=int, default=100, help="experts' frames at most")
    out.add_argument("--patients", type=int, default=8, help="patients of warped cines")
    out.add_argument("--hearts", type=int, default=4, help="simulated hearts")
    out.add_argument("--over-time", default="fusion", choices=["fusion", "average", "live", "none"])
    out.add_argument("--seed", type=int, default=0)
    add_device(out)
    add_output(out)
    return out


def _cases(options: argparse.Namespace, wanted: Sequence[str]) -> Iterator[RobustCase]:
    say = partial(print, file=sys.stderr)
    samples = camus_frames_of_view(options.data, [options.split], options.view) if options.data else []
    if samples and "stills" in wanted:
        yield from robust_cases.stills(samples[: options.frames], options.seed)
    if samples and "warped" in wanted:
        yield from robust_cases.warped(samples, options.paths, options.patients, options.seed, say)
    if "simulated" in wanted:
        yield from robust_cases.simulated(options.hearts, options.seed)


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    wanted = options.sources.split(",")
    unknown = sorted(set(wanted) - set(SOURCES))
    if unknown:
        raise ValueError(f"expected sources of {', '.join(SOURCES)}, got {', '.join(unknown)}")
    model = open_apical(DEFAULT_APICAL, options.device, over_time=options.over_time)
    scores = []
    for case in _cases(options, wanted):
        scores.append(score(model, case))
        show_progress(f"{len(scores)} {case.source} {case.name}      ")
    print(file=sys.stderr)
    if not scores:
        raise DataSetError("expected cases, found none; name --data or other --sources")
    card = model.card
    report(
        "lv-robustness",
        argv,
        "The apical model under hard conditions",
        tables(scores),
        out=options.out,
        seed=options.seed,
        models={card.name: card.version},
        notes=[
            f"{card.name} {card.version}, {options.over_time}; split {options.split}, seed {options.seed}",
            "mean ± SD over recordings; change of Dice against the same recording as it is",
        ],
        values=scores,
    )
    return 0
