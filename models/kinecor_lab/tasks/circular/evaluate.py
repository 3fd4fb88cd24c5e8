"""`kinecor evaluate sax-circular`: Table 1 of Zhang 2018 with our rows, on warped cines from ACDC."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import add_output, flat, report
from kinecor_lab.datasets.cycles import Cycle, Fallback, at_pixel, warped_cycles
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.tasks.circular.table import FrameScore, scores, table
from kinecor_lab.tasks.circular.train import ensemble, trained
from kinecor_models.contours.circular import SURE, by_member, by_network
from kinecor_models.contract import ClipInput, WeightsError, load_card, load_weights
from kinecor_models.engines.engine import open_many
from kinecor_models.engines.sequence import circular_net
from kinecor_models.nets.circular import ARMS, CircularNet

SHIPPED, FINDER = "sax-circular", "lv-sax"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate sax-circular", description="Measure trained networks of Zhang 2018 on held-out patients."
    )
    out.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
    out.add_argument("--run", type=Path, default=Path("runs/sax-circular"), help="folder of the trained networks")
    out.add_argument("--split", default="test", help="train, valid or test of the committed list (default: test)")
    out.add_argument("--every", type=int, default=1, help="measure every n-th slice, spread over all patients")
    out.add_argument("--pixel", type=float, default=1.0, help="size of a pixel in mm, as the networks were trained")
    out.add_argument("--seed", type=int, default=0, help="seed of the warped cines")
    out.add_argument("--shipped", action="store_true", help=f"measure {SHIPPED} as well, which is of 1.5 mm")
    out.add_argument("--limit", type=int, default=0, help="maximum number of slices, for a quick try (0: all)")
    add_output(out)
    return out


def localisation_line(cycles: Sequence[Cycle]) -> str:
    """How often motion and circles located the ventricle, and with what confidence, in one line."""
    sure = [cycle.localisation for cycle in cycles if cycle.localisation >= SURE]
    share = f" ({100 * len(sure) / len(cycles):.1f} %)" if cycles else ""
    median = f", with a median confidence of {statistics.median(sure):.2f}" if sure else ""
    return (
        f"localisation by motion and circles: sure ({SURE} or more) in {len(sure)} of {len(cycles)} slices{share}"
        f"{median}; the others are located by {FINDER}"
    )


def by_program() -> Fallback:
    """Where the program finds the ventricle if motion and circles do not: by the network of the default model."""
    card = load_card(FINDER)
    look = by_network(open_many(card, load_weights(card)), card.size, card.channels)
    return lambda frames: look(ClipInput(frames, spacing_mm=1.0))


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    files = {arm: sorted(options.run.glob(f"{arm}-*/best.pt")) for arm in (*ARMS, "ensemble")}
    if not any(files.values()) and not options.shipped:
        raise WeightsError(f"expected networks in {options.run}, found none; train them first")
    samples = acdc_png(options.acdc, [options.split])[slice(options.limit or None)]
    kept = None if options.limit else options.run / f"cycles-{options.split}-{options.every}-located.npz"
    cycles = at_pixel(
        warped_cycles(samples, options.seed, lambda *_: None, kept, options.every, by_program()), options.pixel
    )
    by_arm: dict[str, list[FrameScore]] = {}
    patients = len({cycle.patient for cycle in cycles})
    notes = [
        f"warped cines of split {options.split}: {patients} patients, {len(cycles)} slices; human hearts, "
        f"{options.pixel:g} mm a pixel",
        localisation_line(cycles),
    ]
    if options.shipped:
        card = load_card(SHIPPED)
        by_arm["shipped"] = scores(partial(ensemble, [circular_net(card, by_member(load_weights(card)))]), cycles)
        notes.append(f"shipped: {SHIPPED} {card.version}")
    for arm, some in files.items():
        if some:
            nets = [trained(file) for file in some]
            by_arm[arm] = scores(partial(ensemble, nets), cycles)
            members = [net for one in nets for net in (one.alone() if isinstance(one, CircularNet) else [one])]
            print(f"{arm}: {len(members)} networks", file=sys.stderr)
            if len(members) > 1:
                alone = [np.mean([one.dsc for one in scores(partial(ensemble, [net]), cycles)]) for net in members]
                notes.append(f"{arm}: DSC of each network alone {', '.join(f'{one:.3f}' for one in alone)}")
    report(
        "sax-circular",
        argv,
        "Myocardium over the whole cycle",
        [table(by_arm)],
        out=options.out,
        seed=options.seed,
        notes=notes,
        values=[flat(one) | {"network": arm} for arm, some in by_arm.items() for one in some],
    )
    return 0
