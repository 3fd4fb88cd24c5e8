"""`kinecor evaluate site-style`: what is learnt from simulated sites whose readers draw in a known style."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kinecor_lab.common.commands import add_device, reported, show_progress
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.tasks.site.compare import Comparison, both_on, compared, elsewhere
from kinecor_lab.tasks.site.learn import APICAL, RATE, SHARE, SHORT_AXIS, Recipe, Task, fine_tuned
from kinecor_lab.tasks.site.styles import STYLES, Style, apical_site, drawn_apical, drawn_short_axis, stack_site
from kinecor_models.contract import Tensors

NAME = "site-style"
FIRST_SEED = 870_000
"""Of these hearts: no training has seen them."""
TASKS: dict[str, Task[Any]] = {task.name: task for task in (APICAL, SHORT_AXIS)}


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient by both networks, for the file of single values; of a site, held out from learning."""

    network: str
    style: str
    place: str
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
    return [replace(one, allowed=drawn_short_axis(one.allowed, one.phase, style, rng)) for one in true]


SITE, FRESH = "site", "fresh hearts"
FRESH_SEEDS = 10_000
"""Added to the seed of a site for that of hearts which are only measured."""


def learnt(
    task: Task[Any],
    samples: Sequence[Any],
    recipe: Recipe,
    folder: Path,
    *,
    fresh: Sequence[Any] = (),
    camus: Sequence[Path] = (),
    acdc: Path | None = None,
) -> Iterator[tuple[str, Comparison]]:
    """Both networks on a simulated site (SITE) as `kinecor train NAME --signed` compares them, and elsewhere.

    A network that learnt from all patients is measured elsewhere, whether it would be offered or not.

    Args:
        task: which kind of network.
        samples: all frames of the site.
        recipe: see Recipe.
        folder: of checkpoints.
        fresh: frames of other patients with the contours of the same readers.
        camus: folders of CAMUS.
        acdc: folder of ACDC.

    """

    def learn(fold: int, some: Sequence[Any]) -> Tensors:
        return fine_tuned(task, some, recipe, folder / f"fold-{fold}", show_progress)

    yield SITE, compared(task, samples, learn, device=recipe.device)
    if fresh or (camus if task is APICAL else acdc):
        weights = fine_tuned(task, samples, recipe, folder / "all", show_progress)
        if fresh:
            yield FRESH, both_on(task, weights, fresh, recipe.device)
        yield from elsewhere(task, weights, camus=camus, acdc=acdc, device=recipe.device).items()


def table(found: Sequence[tuple[str, Style, str, Comparison]]) -> Table:
    """A row for a site, for fresh hearts, and for a public set."""
    columns = (
        Column("network"),
        Column("readers draw"),
        Column("measured on"),
        Column("patients", form="d"),
        Column("Dice, as shipped"),
        Column("Dice, site's"),
        Column("paired difference", form="+.3f"),
        Column("p", form=".4f"),
        Column("EF error, as shipped", "points", ".1f"),
        Column("EF error, site's", "points", ".1f"),
        Column("paired difference of EF error", "points", "+.1f"),
        Column("95 % from", "points", "+.1f"),
        Column("to", "points", "+.1f"),
        Column("offered"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            style.name,
            place,
            one.patients,
            spread([pair.before.dice for pair in one.pairs]),
            spread([pair.after.dice for pair in one.pairs]),
            spread([pair.after.dice - pair.before.dice for pair in one.pairs]),
            one.chance,
            spread([pair.before.ef_error for pair in one.pairs]),
            spread([pair.after.ef_error for pair in one.pairs]),
            spread([pair.after.ef_error - pair.before.ef_error for pair in one.pairs]),
            *one.ef_change,
            "-" if place != SITE else "yes" if one.better else "no",
        )
        for name, style, place, one in found
    ]
    return Table("Patients of simulated sites, held out from learning, and others", columns, tuple(rows))


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
        "--share", type=float, default=SHARE, help=f"of the fine-tuned weights in the mean (default: {SHARE:g})"
    )
    out.add_argument("--fresh", type=int, default=0, help="also measure on as many other hearts of the same readers")
    out.add_argument(
        "--styles", type=int, nargs="+", default=list(range(len(STYLES))), help="numbers of styles, from 0"
    )
    out.add_argument("--camus", type=Path, nargs="+", default=[], help="also measure on CAMUS, split valid")
    out.add_argument("--acdc", type=Path, help="also measure on ACDC, split test")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    recipe = Recipe(options.epochs, options.rate, options.share, device=options.device)
    found: list[tuple[str, Style, str, Comparison]] = []
    for name in options.networks:
        task = TASKS[name]
        hearts = apical_site if task is APICAL else stack_site
        true, other = hearts(options.patients, options.seed), hearts(options.fresh, options.seed + FRESH_SEEDS)
        for style in (STYLES[number] for number in options.styles):
            with TemporaryDirectory() as folder:
                samples = site_of(task, style, true, options.seed)
                fresh = site_of(task, style, other, options.seed + FRESH_SEEDS)
                places = learnt(
                    task, samples, recipe, Path(folder), fresh=fresh, camus=options.camus, acdc=options.acdc
                )
                for place, one in places:
                    found.append((name, style, place, one))
                    line = [name, style.name, place, one.dice, one.chance, one.ef_error, one.ef_change, one.better]
                    print(json.dumps(line), file=sys.stderr, flush=True)
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
                place,
                pair.patient,
                pair.before.dice,
                pair.after.dice,
                pair.before.ef_error,
                pair.after.ef_error,
            )
            for name, style, place, comparison in found
            for pair in comparison.pairs
        ],
    )
    return 0
