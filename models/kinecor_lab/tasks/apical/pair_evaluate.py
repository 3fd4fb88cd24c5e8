"""`kinecor evaluate lv-pairs`: ES seen together with ED against frames seen alone, on CAMUS and on simulated hearts.

ED and the atrium are those of lv-apical either way. What changes is given with a 95 % interval over patients
(bootstrap, pairs of values of one patient), and what a frame costs in milliseconds.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.publish import between, mean_weights, weights_of
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.tasks.apical.data import simulated_pairs
from kinecor_lab.tasks.apical.ejection import Cavity, cavity, contoured, errors, with_es_seen_together
from kinecor_lab.tasks.apical.ejection import table as table_of_errors
from kinecor_lab.tasks.apical.hearts import FIRST_SEED
from kinecor_lab.tasks.apical.pairs import CHANNELS, FramePair, frame_pairs
from kinecor_lab.tasks.apical.table import ROWS, scores_of, table
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contours.pairs import DEFAULT_PAIRS, PairModel, open_pairs
from kinecor_models.contract import ClipOutput, load_card, load_weights
from kinecor_models.engines.opening import open_engine, open_many

NAME = "lv-pairs"
SINGLE = "lv-apical"
_SAMPLES, _SEED = 5000, 0
"""Of the bootstrap."""
Contoured = Callable[[FramePair], tuple[ClipOutput, ClipOutput]]
"""Contours of ED and of ES, each as of a clip of one frame."""


@dataclass(frozen=True, slots=True)
class PairValue:
    """One value of one patient by both networks.

    Attributes:
        patient: whose, or the simulated heart's.
        what: e.g. "A4C, LV, ED, Dice" or "biplane, EF, absolute error".
        alone: of the network of single frames.
        together: of the networks that see both.

    """

    patient: str
    what: str
    alone: float
    together: float


@dataclass(frozen=True, eq=False)
class Measured:
    """What one network gives for some pairs: values by patient and what they are, tables, and ms a frame."""

    values: dict[tuple[str, str], float]
    tables: tuple[Table, ...]
    frame_ms: NDArray[np.float64]


def by_frame(model: ApicalModel) -> Contoured:
    """Each frame as a clip of one frame."""
    return lambda pair: (contoured(model, pair.ed), contoured(model, pair.es))


def at_es(single: Contoured, model: PairModel) -> Contoured:
    """Single frames, and the ventricle at ES by the network that sees both.

    Args:
        single: by the network of single frames.
        model: sees ES with ED.

    """

    def run(pair: FramePair) -> tuple[ClipOutput, ClipOutput]:
        ed, es = single(pair)
        return ed, with_es_seen_together(es, pair.ed.image, pair.es.image, model)

    return run


def measured(contour: Contoured, pairs: Sequence[FramePair], label: str) -> Measured:
    """Dice of each structure, and errors of EF and volumes.

    Args:
        contour: by one network.
        pairs: to measure on.
        label: of the network, in titles.

    """
    scores, cavities, times_ms = [], list[Cavity](), []
    for number, pair in enumerate(pairs, start=1):
        began = perf_counter()
        drawn = contour(pair)
        times_ms.append(1000 * (perf_counter() - began) / 2)
        for output, sample in zip(drawn, (pair.ed, pair.es), strict=True):
            scores += scores_of(output, sample)
            cavities.append(cavity(output, sample))
        show_progress(f"{label} {number}/{len(pairs)}")
    titles = {name: title for title, name in ROWS}
    values = {
        (score.patient, f"{score.view}, {titles[score.structure]}, {score.phase}, Dice"): score.dice
        for score in scores
        if score.structure in titles
    }
    off = errors(cavities)
    for error in off:
        values[error.patient, f"{error.method}, {error.code}, off"] = error.off
        values[error.patient, f"{error.method}, {error.code}, absolute error"] = abs(error.off)
    tables = tuple(
        Table(f"{label}: {found.title}", found.columns, found.rows, found.notes)
        for found in (table(scores), table_of_errors(off))
    )
    return Measured(values, tables, np.array(times_ms))


def paired_values(alone: Measured, joint: Measured) -> list[PairValue]:
    """What both networks give."""
    return [
        PairValue(patient, what, value, joint.values[patient, what])
        for (patient, what), value in alone.values.items()
        if (patient, what) in joint.values
    ]


def interval(
    differences: NDArray[np.float64], statistic: Callable[[NDArray[np.float64]], float]
) -> tuple[float, float]:
    """95 % interval of a statistic of (n, k) values of n patients, by bootstrap over patients.

    Args:
        differences: (n, k), a row for each patient.
        statistic: of such rows.

    """
    rng = np.random.default_rng(_SEED)
    draws = [statistic(differences[rng.integers(0, len(differences), len(differences))]) for _ in range(_SAMPLES)]
    low, high = np.percentile(draws, (2.5, 97.5))
    return float(low), float(high)


def mean_change(rows: NDArray[np.float64]) -> float:
    """By how much the mean of the second column is above that of the first."""
    return float((rows[:, 1] - rows[:, 0]).mean())


def spread_change(rows: NDArray[np.float64]) -> float:
    """By how much the standard deviation of the second column is above that of the first."""
    return float(rows[:, 1].std(ddof=1) - rows[:, 0].std(ddof=1))


def changes(values: Sequence[PairValue], title: str) -> Table:
    """A row for each value: by both networks, and the change with its interval; of errors with a sign the SD's."""
    columns = (
        Column("value"),
        Column("n", form="d"),
        Column("alone", form=".3f"),
        Column("together", form=".3f"),
        Column("change", form="+.3f"),
        Column("95 % interval"),
        Column("worst alone", form=".3f"),
        Column("worst together", form=".3f"),
    )
    groups: dict[str, list[PairValue]] = {}
    for value in values:
        groups.setdefault(value.what, []).append(value)
    rows: list[tuple[Cell, ...]] = []
    for what, of_value in groups.items():
        both = np.array([(value.alone, value.together) for value in of_value], np.float64)
        both = both[np.isfinite(both).all(axis=1)]
        if len(both) < 2:
            continue
        signed = what.endswith("off")
        statistic = spread_change if signed else mean_change
        low, high = interval(both, statistic)
        worst = (
            both.min(axis=0)
            if what.endswith("Dice")
            else np.take_along_axis(both, np.abs(both).argmax(axis=0)[None], axis=0)[0]
        )
        rows.append(
            (
                f"{what}, SD" if signed else what,
                len(both),
                float(both[:, 0].std(ddof=1)) if signed else spread(both[:, 0]),
                float(both[:, 1].std(ddof=1)) if signed else spread(both[:, 1]),
                statistic(both),
                f"{low:+.3f} to {high:+.3f}",
                *map(float, worst),
            )
        )
    return Table(title, columns, tuple(rows))


def cost(measurements: dict[str, Measured]) -> Table:
    """Milliseconds that a frame takes by each network, its contours included."""
    columns = (
        Column("network"),
        Column("ms a frame (median)", form=".1f"),
        Column("90 % under", form=".1f"),
    )
    rows: list[tuple[Cell, ...]] = [
        (label, *map(float, np.percentile(found.frame_ms, (50, 90)))) for label, found in measurements.items()
    ]
    return Table("What a frame costs", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Measure networks that see ED and ES together, beside lv-apical."
    )
    out.add_argument(
        "--data", type=Path, nargs="*", default=[], help="folders of CAMUS; biplane values need both views"
    )
    add_split(out, "valid")
    out.add_argument("--choosing", action="store_true", help="only patients of the fold that chooses epochs")
    out.add_argument("--hearts", type=int, default=0, help="simulated hearts to measure on as well (default: none)")
    out.add_argument(
        "--networks",
        type=Path,
        nargs="+",
        help="of training runs or candidates, whose weights are averaged; not the shipped",
    )
    out.add_argument(
        "--share", type=float, default=1.0, help=f"of that mean in one with {SINGLE}'s weights (default: 1)"
    )
    add_device(out)
    add_output(out)
    return out


def opened(networks: Sequence[Path] | None, device: str, share: float = 1.0) -> PairModel:
    """The mean of runs' networks as one model, else the model that ships.

    Args:
        networks: files of runs, or candidates.
        device: "auto", "cpu" or "cuda".
        share: 0 to 1, of the mean of their weights; the rest is lv-apical's.

    Raises:
        FileNotFoundError: none ships.

    """
    if not networks:
        return open_pairs(DEFAULT_PAIRS, device)  # type: ignore[arg-type]
    card = load_card(SINGLE)
    weights = between(load_weights(card), mean_weights([weights_of(str(file)) for file in networks]), share)
    return PairModel(card, open_engine(card, weights, device))  # type: ignore[arg-type]


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card(SINGLE)
    single = ApicalModel(card, open_many(card, load_weights(card), options.device))
    model = opened(options.networks, options.device, options.share)
    joint = at_es(by_frame(single), model)
    sets: list[tuple[str, list[FramePair]]] = []
    if options.data:
        samples = camus_of_folders(options.data, options.split, choosing=options.choosing)
        sets.append((f"CAMUS, split {options.split}", frame_pairs(samples)))
    if options.hearts:
        sets.append(("simulated hearts", frame_pairs(simulated_pairs(2 * options.hearts, FIRST_SEED))))
    tables: list[Table] = []
    values: list[PairValue] = []
    for title, pairs in sets:
        by_network = {
            SINGLE: measured(by_frame(single), pairs, SINGLE),
            NAME: measured(joint, pairs, NAME),
        }
        of_set = paired_values(by_network[SINGLE], by_network[NAME])
        tables += [changes(of_set, f"{title}: both networks on the same frames"), *by_network[NAME].tables]
        tables.append(cost(by_network))
        values += of_set
    print(file=sys.stderr)
    names = [str(file.parent.name) for file in options.networks or ()]
    report(
        NAME,
        argv,
        "Apical ED and ES seen together",
        tables,
        out=options.out,
        seed=_SEED,
        models={card.name: card.version} | ({} if names else {model.card.name: model.card.version}),
        notes=[f"networks: {', '.join(names) or model.card.version}, {CHANNELS} images each"],
        values=values,
    )
    return 0
