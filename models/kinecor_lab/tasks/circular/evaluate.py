"""`kinecor evaluate sax-circular`: Table 1 of Zhang 2018 with our rows: cines of York, and warped ones from ACDC."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from kinecor_lab.common.commands import add_split, reported
from kinecor_lab.common.table import Table, add_output, flat, report
from kinecor_lab.datasets.acdc_geometry import FILE, acdc_geometry
from kinecor_lab.datasets.cycles import ASSUMED_MM, Cycle, Place, at_pixel, recorded_cycles, warped_cycles
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.datasets.stacks import york_stacks
from kinecor_lab.tasks.circular.folds import FOLDS, measured_splits
from kinecor_lab.tasks.circular.table import MM, PIXELS, FrameScore, alone_table, cycle_scores, paired_table, table
from kinecor_lab.tasks.circular.train import arm_of, each_alone, trained
from kinecor_models.contours.circular import by_member, by_motion, by_network, middle
from kinecor_models.contract import ClipInput, WeightsError, load_card, load_weights
from kinecor_models.engines.opening import open_many
from kinecor_models.engines.sequence import circular_net
from kinecor_models.nets.circular import ARMS, CircularNet

SHIPPED, FINDER = "sax-circular", "lv-sax"
HEARTS = ("network", "motion")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate sax-circular", description="Measure trained networks of Zhang 2018 on held-out patients."
    )
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv; in mm with its geometry.csv")
    out.add_argument(
        "--folds",
        action="store_true",
        help="--run holds fold-0 and fold-1 of York: measure each on the other's patients",
    )
    out.add_argument("--york", type=Path, help="York cines as PNG with frames.csv: recorded ones, drawn at every phase")
    out.add_argument("--heart", choices=HEARTS, default=HEARTS[0], help="how the heart is found (network)")
    out.add_argument("--run", type=Path, default=Path("runs/sax-circular"), help="folder of the trained networks")
    add_split(out, "test")
    out.add_argument("--every", type=int, default=1, help="measure every n-th slice, spread over all patients")
    out.add_argument("--pixel", type=float, default=1.0, help="size of a pixel in mm, as the networks were trained")
    out.add_argument("--seed", type=int, default=0, help="seed of the warped cines")
    out.add_argument("--shipped", action="store_true", help=f"measure {SHIPPED} as well, which is of 1.5 mm")
    out.add_argument("--limit", type=int, default=0, help="maximum number of slices, for a quick try (0: all)")
    add_output(out)
    return out


def localisation_line(cycles: Sequence[Cycle], heart: str) -> str:
    """How far from the drawn wall's middle boxes were placed, in one line."""
    off = [cycle.off_mm for cycle in cycles]
    mean, most = np.mean(off), np.max(off)
    return f"hearts found by {heart}: box {mean:.1f} mm off the middle of the drawn wall, at most {most:.1f}"


def placed(heart: str) -> Place:
    """Places boxes as the program does, "network", or "motion": by motion and circles first, as Zhang does."""
    card = load_card(FINDER)
    look = by_network(open_many(card, load_weights(card)), card.size, card.channels)
    finders = (look, by_motion) if heart == HEARTS[0] else (by_motion, look)
    return lambda frames: middle(ClipInput(frames, spacing_mm=1.0), *finders)


def networks(run: Path) -> dict[str, list[nn.Module]]:
    """The trained networks of a folder by arm, members on one extractor each as a network of its own."""
    by_arm: dict[str, list[nn.Module]] = {}
    for file in sorted(run.glob("*/best.pt")):
        net = trained(file)
        arm = "ensemble" if file.parent.name.startswith("ensemble-") else arm_of(file)
        by_arm.setdefault(arm, []).extend(net.alone() if isinstance(net, CircularNet) else [net])
    order = (*ARMS, "ensemble")
    return dict(sorted(by_arm.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def measured(nets: Sequence[nn.Module], cycles: Sequence[Cycle]) -> tuple[list[FrameScore], list[list[FrameScore]]]:
    """The scores of all networks together, by their mean probability, and those of each alone."""
    together: list[FrameScore] = []
    alone: list[list[FrameScore]] = [[] for _ in nets]
    for cycle in cycles:
        each = each_alone(nets, cycle)
        together += cycle_scores(cycle, each.mean(axis=0))
        for own, found in zip(alone, each, strict=True):
            own += cycle_scores(cycle, found)
    return together, alone


def sets(options: argparse.Namespace) -> dict[str, list[Cycle]]:
    """The cycles to measure on, by what they are.

    Raises:
        DataSetError: there are none of a kind.

    """
    if options.acdc is None:
        raise ValueError("expected --acdc, got none; name it, or measure York's folds with --folds")
    samples = acdc_png(options.acdc, [options.split])[slice(options.limit or None)]
    kept = None if options.limit else options.run / f"cycles-{options.split}-{options.every}-by-{options.heart}.npz"
    place = placed(options.heart)
    found = {"": warped_cycles(samples, options.seed, lambda *_: None, kept, options.every, place)}
    if options.york:
        found[", recorded cines of York"] = recorded_cycles(york_stacks(options.york, [options.split]), place)
    for of, cycles in found.items():
        if not cycles:
            raise DataSetError(f"no slice{of} has a matching ED and ES, or walls at every phase; use more (--limit)")
    return {name: at_pixel(cycles, options.pixel) for name, cycles in found.items()}


def measured_folds(options: argparse.Namespace) -> dict[str, tuple[list[FrameScore], list[list[FrameScore]]]]:
    """The scores of York's eight patients by arm, each by the networks of the fold that did not learn from them.

    Networks of a number differ between folds, so "alone" counts pairs: the first of either fold, the second, ...

    Raises:
        WeightsError: a fold has no networks, or other arms or numbers of them than the other.

    """
    if options.york is None:
        raise ValueError("expected --york with --folds, got none; name the folder of York's cines")
    by_fold = [networks(options.run / f"fold-{fold}") for fold in range(len(FOLDS))]
    counts = [{arm: len(nets) for arm, nets in arms.items()} for arms in by_fold]
    arms = [arm for arm in counts[0] if counts[0][arm] == counts[1].get(arm)]
    if not arms:
        raise WeightsError(f"expected networks of the same arms in fold-0 and fold-1 of {options.run}, got {counts}")
    place = placed(options.heart)
    pooled: dict[str, tuple[list[FrameScore], list[list[FrameScore]]]] = {
        arm: ([], [[] for _ in range(counts[0][arm])]) for arm in arms
    }
    for fold, nets in enumerate(by_fold):
        cycles = recorded_cycles(york_stacks(options.york, measured_splits(fold)), place)
        cycles = at_pixel(cycles[:: options.every][: options.limit or None], options.pixel)
        for arm in arms:
            together, alone = measured(nets[arm], cycles)
            pooled[arm][0].extend(together)
            for own, scores in zip(pooled[arm][1], alone, strict=True):
                own.extend(scores)
    return pooled


def scale_of(options: argparse.Namespace, recordings: str) -> Callable[[FrameScore], float]:
    """What turns a frame's assumed millimetres into what is stated: pixels of York, true millimetres of ACDC."""
    if recordings:
        return lambda _: 1 / ASSUMED_MM
    if not (options.acdc / FILE).is_file():
        return lambda _: 1.0
    geometry = acdc_geometry(options.acdc)
    size_mm = {
        name: (single_geometry.row_mm + single_geometry.column_mm) / 2 for name, single_geometry in geometry.items()
    }
    return lambda score: size_mm[score.patient] / ASSUMED_MM


def tables_of(
    both: Mapping[str, tuple[list[FrameScore], list[list[FrameScore]]]],
    recordings: str,
    scale: Callable[[FrameScore], float],
    unit: str,
) -> tuple[dict[str, list[FrameScore]], list[Table]]:
    """Scores in the stated unit, and the tables of a set of recordings.

    Args:
        both: scores by arm, of its networks together and of each alone.
        recordings: which, for the titles.
        scale: see `scale_of`.
        unit: of the distances.

    """
    scaled = {
        arm: (
            [score.scaled(scale(score)) for score in together],
            [[score.scaled(scale(score)) for score in own] for own in alone],
        )
        for arm, (together, alone) in both.items()
    }
    pooled = {arm: together for arm, (together, _) in scaled.items()}
    several = {arm: alone for arm, (_, alone) in scaled.items() if len(alone) > 1}
    out = [table(pooled, recordings, unit)]
    if several:
        out.append(alone_table(several, recordings, unit))
    if len(scaled) > 1 or several:
        out.append(paired_table(pooled, several, recordings, unit))
    return pooled, out


def report_cycles(
    argv: Sequence[str],
    options: argparse.Namespace,
    tables: Sequence[Table],
    notes: Sequence[str],
    values: Sequence[dict[str, Any]],
) -> None:
    """Prints what was measured, and writes it where the options say."""
    report(
        "sax-circular",
        argv,
        "Myocardium over the whole cycle",
        tables,
        out=options.out,
        seed=options.seed,
        notes=notes,
        values=values,
    )


def report_folds(options: argparse.Namespace, argv: Sequence[str]) -> int:
    """Measures York's folds and prints the tables; the exit status."""
    recordings = ", recorded cines of York, two folds"
    both = measured_folds(options)
    pooled, tables = tables_of(both, recordings, scale_of(options, recordings), PIXELS)
    first = next(iter(pooled.values()))
    notes = [
        *(f"{arm}: {len(alone)} networks a fold" for arm, (_, alone) in both.items()),
        f"{len({score.patient for score in first})} patients, {len(first)} frames, each measured by networks of others",
        "York's pixels have no size, so distances are in them",
    ]
    values = [flat(score) | {"network": arm} for arm, scores in pooled.items() for score in scores]
    report_cycles(argv, options, tables, notes, values)
    return 0


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.folds:
        return report_folds(options, argv)
    arms = networks(options.run)
    if not arms and not options.shipped:
        raise WeightsError(f"expected networks in {options.run}, found none; train them first")
    notes = [f"{arm}: {len(nets)} networks" for arm, nets in arms.items()]
    if options.shipped:
        card = load_card(SHIPPED)
        arms = {"shipped": [circular_net(card, by_member(load_weights(card)))], **arms}
        notes.append(f"shipped: {SHIPPED} {card.version}")
    tables, values = [], []
    for of, cycles in sets(options).items():
        patients = len({cycle.patient for cycle in cycles})
        notes += [
            f"{of.removeprefix(', ') or 'warped cines of ACDC'}, split {options.split}: {patients} patients, "
            f"{len(cycles)} slices; human hearts, {options.pixel:g} mm a pixel",
            localisation_line(cycles, options.heart),
        ]
        both = {arm: measured(nets, cycles) for arm, nets in arms.items()}
        pooled, found = tables_of(both, of, scale_of(options, of), PIXELS if of else MM)
        tables += found
        values += [
            flat(score) | {"network": arm, "of": of.removeprefix(", ")}
            for arm, together in pooled.items()
            for score in together
        ]
    report_cycles(argv, options, tables, notes, values)
    return 0
