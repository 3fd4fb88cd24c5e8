"""`kinecor evaluate lv-hearts`: contours of simulated hearts by their kind, against the true section of each plane."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.common.commands import add_device, add_network, reported, show_progress
from kinecor_lab.common.metrics import dice, filled
from kinecor_lab.common.publish import weights_to_measure
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.tasks.apical.data import simulated_pairs
from kinecor_lab.tasks.apical.ejection import cavity, contoured
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contract import load_card
from kinecor_models.engines.opening import open_many
from kinecor_phantoms.heart.population import TRAINING

NAME = "lv-hearts"
FIRST_SEED = 640_000
"""Of these hearts: no training has seen them."""
KINDS = ("normal", "child", "infarct", "dilated", "hypertrophic", "aneurysm", "amyloid", "regurgitation")
"""Of the last three no heart is trained on (kinecor_phantoms.heart.population)."""


@dataclass(frozen=True, slots=True)
class HeartScore:
    """One heart in one view, at ED and ES.

    Attributes:
        name, kind, view: of the heart.
        dice_ed, dice_es: of the cavity; 0 where none was found.
        edv_off, esv_off: relative error of the volume by disks, found against the true section; NaN where not found.
        ef_off: of the ejection fraction, points.

    """

    name: str
    kind: str
    view: str
    dice_ed: float
    dice_es: float
    edv_off: float
    esv_off: float
    ef_off: float


def scores(model: ApicalModel, hearts: int, kinds: Sequence[str] = KINDS) -> list[HeartScore]:
    """Of `hearts` hearts of each kind in random apical views and looks."""
    out = []
    for kind in kinds:
        samples = simulated_pairs(2 * hearts, FIRST_SEED, population=kind)
        for ed, es in zip(samples[::2], samples[1::2], strict=True):
            overlap, found, true = [], [], []
            for sample in (ed, es):
                drawn = contoured(model, sample)
                shown = cavity(drawn, sample)
                empty = np.zeros(sample.label.shape, bool)
                mask = empty if shown.found is None else filled(shown.found.points, empty.shape)
                overlap.append(dice(mask, sample.label == 1))
                found.append(shown.volume_mm3(true=False))
                true.append(shown.volume_mm3(true=True))
            edv_off, esv_off = (value / of - 1 for value, of in zip(found, true, strict=True))
            ef_off = 100 * (true[1] / true[0] - found[1] / found[0])
            out.append(HeartScore(ed.patient, kind, ed.view, overlap[0], overlap[1], edv_off, esv_off, ef_off))
            show_progress(f"{kind} {len(out)}")
    return out


def table(found: Sequence[HeartScore]) -> Table:
    """A row for each kind of heart, for each view, and for all."""
    columns = (
        Column("hearts"),
        Column("n", form="d"),
        Column("LV Dice, ED"),
        Column("LV Dice, ES"),
        Column("worst"),
        Column("EDV off", "%", "+.0f"),
        Column("ESV off", "%", "+.0f"),
        Column("EF off", "points", "+.1f"),
        Column("EDV off by > 20 %", form="d"),
    )
    groups: dict[str, list[HeartScore]] = {}
    for score in found:
        learnt = "" if score.kind in TRAINING else " (kind not trained on)"
        groups.setdefault(score.kind + learnt, []).append(score)
    for view in ("A4C", "A2C", "A3C"):
        groups[view] = [score for score in found if score.view == view]
    groups["all"] = list(found)
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            len(some),
            spread([score.dice_ed for score in some]),
            spread([score.dice_es for score in some]),
            min(min(score.dice_ed, score.dice_es) for score in some),
            spread([100 * score.edv_off for score in some]),
            spread([100 * score.esv_off for score in some]),
            spread([score.ef_off for score in some]),
            sum(not abs(score.edv_off) <= 0.2 for score in some),
        )
        for name, some in groups.items()
        if some
    ]
    return Table("Simulated hearts, found against the true section of the same plane", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Measure the apical model on simulated hearts of each kind."
    )
    out.add_argument("--hearts", type=int, default=12, help="of each kind, in random apical views (default: 12)")
    add_network(out)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card("lv-apical")
    weights = weights_to_measure(card, options.network)
    found = scores(ApicalModel(card, open_many(card, weights, options.device)), options.hearts)
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Apical contours of simulated hearts",
        [table(found)],
        out=options.out,
        models={} if options.network else {card.name: card.version},
        seed=FIRST_SEED,
        values=found,
    )
    return 0
