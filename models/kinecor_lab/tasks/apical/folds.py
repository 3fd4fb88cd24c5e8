"""`kinecor evaluate lv-folds`: networks trained from nothing on four fifths of CAMUS, each measured on the other fifth.

A fold reports what the next one has chosen the epoch for: of five folds three are learnt from. Which patient is in
which fold follows from the name (`data_folder.fold_of`), so that the lists are the same everywhere; `--list` prints
them. The networks begin with random weights, since those that ship have seen nearly all of these patients, and have a
small budget: they say how much figures depend on the patients that report, not how good the shipped network is.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from kinecor_lab.common.commands import add_run_options, reported, show_progress
from kinecor_lab.common.losses import dice_and_cross_entropy, with_areas
from kinecor_lab.common.precision import layout
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.common.training import Execution, torch_device, train
from kinecor_lab.datasets.data_folder import FOLDS as PARTS
from kinecor_lab.datasets.data_folder import fold_of, labelled_frames
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.data import paired, prepared
from kinecor_lab.tasks.apical.ejection import BIPLANE, Cavity, Error, cavity, contoured, errors
from kinecor_lab.tasks.apical.table import ROWS, Score, scores_of
from kinecor_lab.tasks.apical.train import dice_on
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contract import load_card
from kinecor_models.engines.opening import open_many
from kinecor_models.nets.unet import UNet

NAME = "lv-folds"
FOLDS = 5
_SPLITS = ("train", "valid", "test")


def fold(patient: str) -> int:
    """The fold 0..4 of a patient: two of the ten parts by which epochs of lv-apical are chosen."""
    return fold_of(patient) * FOLDS // PARTS


@dataclass(frozen=True, slots=True)
class Folded:
    """Frames of one turn: to learn from, to choose an epoch by, and to report on; of different patients."""

    learn: tuple[Sample, ...]
    choose: tuple[Sample, ...]
    report: tuple[Sample, ...]

    @classmethod
    def from_samples(cls, samples: Sequence[Sample], number: int) -> "Folded":
        """The turn in which fold `number` reports and the next one chooses."""
        found: list[list[Sample]] = [[], [], []]
        for sample in samples:
            place = (fold(sample.patient) - number) % FOLDS
            found[(2, 1)[place] if place < 2 else 0].append(sample)
        return cls(*map(tuple, found))


@dataclass(frozen=True, slots=True)
class FoldValue:
    """One value of one patient of the fold that reports: a Dice, or an error of EF (points) or a volume (ml)."""

    fold: int
    patient: str
    view: str
    what: str
    phase: str
    value: float


def trained(turn: Folded, plan: StagePlan, run: Path, execution: Execution) -> Path:
    """The network of a turn's best epoch, trained from random weights."""
    torch.manual_seed(plan.seed)
    net = UNet().to(memory_format=layout(torch_device(execution.device).type))  # type: ignore[call-overload]
    job = frame_job(
        paired(turn.learn),
        plan,
        dice_on(turn.choose),
        prepare=prepared,
        loss_of=partial(with_areas, dice_and_cross_entropy, 0.5),
        validate_every=4,
        together=2,
    )
    return train(job, net, run, execution=execution)


def measured(network: Path, samples: Sequence[Sample], number: int, size: int) -> list[FoldValue]:
    """Dice, and errors of EF and volumes, of a network's contours as the program draws them."""
    card = replace(load_card("lv-apical"), size=size)
    model = ApicalModel(card, open_many(card, averaged_weights([network]), "cpu"))
    scores: list[Score] = []
    cavities: list[Cavity] = []
    for index, sample in enumerate(samples, start=1):
        drawn = contoured(model, sample)
        scores += scores_of(drawn, sample)
        cavities.append(cavity(drawn, sample))
        show_progress(f"fold {number + 1}: {index}/{len(samples)}")
    return of_scores(scores, number) + of_errors(errors(cavities), number)


def of_scores(scores: Sequence[Score], number: int) -> list[FoldValue]:
    """The Dice of each structure of a frame."""
    titles = {name: title for title, name in ROWS}
    return [
        FoldValue(number + 1, score.patient, score.view, f"{titles[score.structure]}, Dice", score.phase, score.dice)
        for score in scores
        if score.structure in titles
    ]


def of_errors(found: Sequence[Error], number: int) -> list[FoldValue]:
    """Measured less true, and without its sign."""
    return [
        FoldValue(number + 1, error.patient, error.method, f"{error.code}, {text}", "", value)
        for error in found
        for text, value in (("off", error.off), ("absolute error", abs(error.off)))
    ]


def table(values: Sequence[FoldValue]) -> Table:
    """A row for each structure and value: the mean of each fold, and mean and SD over the folds."""
    groups: dict[tuple[str, str, str], list[FoldValue]] = {}
    for value in values:
        groups.setdefault((value.view, value.what, value.phase), []).append(value)
    folds = sorted({value.fold for value in values})
    rows: list[tuple[Cell, ...]] = []
    for view in ("A4C", "A2C", BIPLANE):
        for (of_view, what, phase), some in groups.items():
            if of_view != view:
                continue
            known = {n: [value.value for value in some if value.fold == n and np.isfinite(value.value)] for n in folds}
            means = [float(np.mean(found)) if found else None for found in known.values()]
            over = spread([mean for mean in means if mean is not None])
            patients = len({value.patient for value in some})
            digits = 3 if what.endswith("Dice") else 1
            rows.append(
                (
                    ", ".join(part for part in (view, what, phase) if part),
                    patients,
                    *(None if mean is None else round(mean, digits) for mean in means),
                    round(over.mean, digits),
                    round(over.sd, digits),
                )
            )
    columns = (
        Column("view and value"),
        Column("patients", form="d"),
        *(Column(f"fold {number}", form=".3g") for number in folds),
        Column("mean over folds", form=".3g"),
        Column("SD over folds", form=".2g"),
    )
    return Table("Mean of each fold's patients, whom its network has not seen", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}",
        description="Train a small-budget network for each of five folds of CAMUS and measure it on that fold.",
    )
    out.add_argument("--data", type=Path, nargs="+", required=True, help="folders of CAMUS, one for each view")
    out.add_argument("--plan", default="96x16x16", help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    out.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    out.add_argument("--limit", type=int, default=0, help="frames of each fold at most (to try things out)")
    out.add_argument("--list", action="store_true", help="print the patients of each fold, and stop")
    add_run_options(out, f"runs/{NAME}")
    add_output(out)
    return out


def listed(samples: Sequence[Sample]) -> str:
    """The patients of each fold."""
    names = sorted({sample.patient for sample in samples})
    return "\n".join(
        f"fold {number + 1}: " + " ".join(name for name in names if fold(name) == number) for number in range(FOLDS)
    )


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, 3 paused)."""
    options = parser().parse_args(argv)
    samples = [sample for folder in options.data for sample in labelled_frames(folder, _SPLITS)]
    if options.list:
        print(listed(samples))
        return 0
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, seed=options.seed)
    values: list[FoldValue] = []
    counts: dict[str, list[int]] = {"learn": [], "report": []}
    for number in range(FOLDS):
        turn = Folded.from_samples(samples, number)
        if options.limit:
            turn = Folded(*(part[: options.limit] for part in (turn.learn, turn.choose, turn.report)))
        for what, count in counts.items():
            count.append(len({one.patient for one in getattr(turn, what)}))
        best = trained(turn, plan, options.run / f"fold-{number + 1}", Execution.from_options(options))
        values += measured(best, turn.report, number, plan.stages[-1].size)
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Apical contours by folds of patients",
        [table(values)],
        out=options.out,
        seed=options.seed,
        notes=[
            f"{FOLDS} networks from random weights, plan {options.plan}: each learns from "
            f"{min(counts['learn'])} to {max(counts['learn'])} patients, and is measured on "
            f"{min(counts['report'])} to {max(counts['report'])} others; a fold that neither learns nor reports "
            "chooses the epoch",
        ],
        values=values,
    )
    return 0
