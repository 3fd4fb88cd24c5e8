"""`kinecor evaluate sax-circular`: Table 1 of Zhang 2018 with our rows, on warped cines from ACDC."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import nn

from kinecor_lab.common.commands import add_split, reported
from kinecor_lab.common.table import add_output, flat, report
from kinecor_lab.datasets.cycles import Cycle, Place, at_pixel, recorded_cycles, warped_cycles
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.datasets.stacks import york_stacks
from kinecor_lab.tasks.circular.table import FrameScore, alone_table, cycle_scores, paired_table, table
from kinecor_lab.tasks.circular.train import each_alone, trained
from kinecor_models.contours.circular import by_member, by_motion, by_network, middle
from kinecor_models.contract import ClipInput, WeightsError, load_card, load_weights
from kinecor_models.engines.engine import open_many
from kinecor_models.engines.sequence import circular_net
from kinecor_models.nets.circular import ARMS, CircularNet

SHIPPED, FINDER = "sax-circular", "lv-sax"
HEARTS = ("network", "motion")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate sax-circular", description="Measure trained networks of Zhang 2018 on held-out patients."
    )
    out.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
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
    found: dict[str, list[nn.Module]] = {}
    for arm in (*ARMS, "ensemble"):
        nets = [trained(file) for file in sorted(run.glob(f"{arm}-*/best.pt"))]
        if nets:
            found[arm] = [net for one in nets for net in (one.alone() if isinstance(one, CircularNet) else [one])]
    return found


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


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
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
        tables.append(table({arm: together for arm, (together, _) in both.items()}, of))
        several = {arm: alone for arm, (_, alone) in both.items() if len(alone) > 1}
        if several:
            tables.append(alone_table(several, of))
        if len(both) > 1 or several:
            tables.append(paired_table({arm: together for arm, (together, _) in both.items()}, several, of))
        values += [
            flat(one) | {"network": arm, "of": of.removeprefix(", ")}
            for arm, (together, _) in both.items()
            for one in together
        ]
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
    return 0
