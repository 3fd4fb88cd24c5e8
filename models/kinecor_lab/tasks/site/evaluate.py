"""`kinecor evaluate site-style`: what is learnt from simulated sites whose readers draw in a known style."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kinecor_lab.common.commands import add_device, reported, show_progress
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.tasks.site.compare import Comparison, compared
from kinecor_lab.tasks.site.learn import APICAL, RATE, SHORT_AXIS, Recipe, Task, fine_tuned
from kinecor_lab.tasks.site.styles import STYLES, Style, apical_site, drawn_apical, drawn_short_axis, stack_site
from kinecor_models.contract import Tensors

NAME = "site-style"
FIRST_SEED = 870_000
"""Of these hearts: no training has seen them."""
TASKS: dict[str, Task[Any]] = {task.name: task for task in (APICAL, SHORT_AXIS)}


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One held-out patient of one site, for the file of single values."""

    network: str
    style: str
    patient: str
    dice_before: float
    dice_after: float
    ef_error_before: float
    ef_error_after: float


def site_of(task: Task[Any], style: Style, true: Sequence[Any], seed: int) -> list[Any]:
    """The frames of a site with the contours of its readers."""
    rng = np.random.default_rng((seed, 31, STYLES.index(style)))
    if task is APICAL:
        return [drawn_apical(sample, style, rng) for sample in true]
    return [replace(sample, allowed=drawn_short_axis(sample.allowed, style, rng)) for sample in true]


def learnt(task: Task[Any], samples: Sequence[Any], recipe: Recipe, folder: Path) -> Comparison:
    """Both networks on a simulated site, as `kinecor train NAME --signed` compares them."""

    def learn(fold: int, some: Sequence[Any]) -> Tensors:
        return fine_tuned(task, some, recipe, folder / f"fold-{fold}", show_progress)

    return compared(task, samples, learn, device=recipe.device)


def table(found: Sequence[tuple[str, Style, Comparison]]) -> Table:
    """A row a site."""
    columns = (
        Column("network"),
        Column("readers draw"),
        Column("patients", form="d"),
        Column("Dice, as shipped"),
        Column("Dice, site's"),
        Column("paired difference", form="+.3f"),
        Column("p", form=".4f"),
        Column("EF error, as shipped", "points", ".1f"),
        Column("EF error, site's", "points", ".1f"),
        Column("offered"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            style.name,
            comparison.patients,
            spread([pair.before.dice for pair in comparison.pairs]),
            spread([pair.after.dice for pair in comparison.pairs]),
            spread([pair.after.dice - pair.before.dice for pair in comparison.pairs]),
            comparison.chance,
            spread([pair.before.ef_error for pair in comparison.pairs]),
            spread([pair.after.ef_error for pair in comparison.pairs]),
            "yes" if comparison.better else "no",
        )
        for name, style, comparison in found
    ]
    return Table("Patients of simulated sites, held out from learning", columns, tuple(rows))


def epochs_words(names: Sequence[str], epochs: int | None) -> str:
    """How long each network learnt."""
    return ", ".join(f"{name}: {epochs or TASKS[name].epochs} epochs" for name in names)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}",
        description="Learn from simulated sites whose readers draw in a known style, and measure what is gained.",
    )
    out.add_argument("--networks", nargs="+", choices=list(TASKS), default=list(TASKS), help="default: both")
    out.add_argument("--patients", type=int, default=24, help="of each site (default: 24)")
    out.add_argument("--seed", type=int, default=FIRST_SEED, help=f"of hearts and readers (default: {FIRST_SEED})")
    out.add_argument("--epochs", type=int, help="of each training (default: 12, of stacks 3)")
    out.add_argument("--rate", type=float, default=RATE, help=f"highest learning rate (default: {RATE:g})")
    out.add_argument(
        "--styles", type=int, nargs="+", default=list(range(len(STYLES))), help="numbers of styles, from 0"
    )
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    recipe = Recipe(options.epochs, options.rate, device=options.device)
    found: list[tuple[str, Style, Comparison]] = []
    for name in options.networks:
        task = TASKS[name]
        true: list[Any] = list((apical_site if task is APICAL else stack_site)(options.patients, options.seed))
        for style in (STYLES[number] for number in options.styles):
            with TemporaryDirectory() as folder:
                comparison = learnt(task, site_of(task, style, true, options.seed), recipe, Path(folder))
            found.append((name, style, comparison))
            print(
                json.dumps(
                    [name, style.name, comparison.dice, comparison.chance, comparison.ef_error, comparison.better]
                ),
                file=sys.stderr,
            )
    report(
        NAME,
        argv,
        "Learning from the signed contours of simulated sites",
        [table(found)],
        out=options.out,
        models={TASKS[name].model: TASKS[name].card.version for name in options.networks},
        seed=options.seed,
        notes=[f"{options.patients} patients a site, three folds; " + epochs_words(options.networks, options.epochs)],
        values=[
            PatientRow(
                name,
                style.name,
                pair.patient,
                pair.before.dice,
                pair.after.dice,
                pair.before.ef_error,
                pair.after.ef_error,
            )
            for name, style, comparison in found
            for pair in comparison.pairs
        ],
    )
    return 0
