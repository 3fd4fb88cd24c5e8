"""`kinecor evaluate lv-apical`: contours of apical frames, EF and volumes against those of experts, on CAMUS."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kinecor_lab.common.commands import add_device, add_network, add_split, reported, show_progress
from kinecor_lab.common.publish import weights_to_measure
from kinecor_lab.common.table import add_output, report
from kinecor_lab.common.worst import ComparedImage, add_worst, outlines, write_worst
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.atrium import Atrium, atrium, volumes
from kinecor_lab.tasks.apical.atrium import table as table_of_atria
from kinecor_lab.tasks.apical.ejection import Cavity, cavity, contoured, errors
from kinecor_lab.tasks.apical.ejection import table as table_of_errors
from kinecor_lab.tasks.apical.table import ENCLOSED, Score, scores_of, table, table_by_quality
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contract import ClipOutput, load_card
from kinecor_models.engines.opening import open_many

NAME = "lv-apical"
_SHOWN_PX = 640
"""Side of a picture of --worst: the whole sector of most images."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Measure the model against experts' contours."
    )
    out.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        help="folders of CAMUS (PNG with index.csv or frames.csv, NIfTI or MHD); biplane values need both views",
    )
    add_split(out, "valid")
    out.add_argument("--choosing", action="store_true", help="only patients of the fold that chooses epochs")
    out.add_argument("--view", choices=["A4C", "A2C"], help="one view alone (default: all there are)")
    add_network(out)
    add_worst(out)
    add_device(out)
    add_output(out)
    return out


def compared_image(drawn: ClipOutput, sample: Sample, scores: Sequence[Score]) -> ComparedImage:
    """A frame with the outlines of cavity and wall; the worst have the least Dice of the cavity."""
    dice = next((score.dice for score in scores if score.structure == "lv_endo"), 1.0)
    expert = [
        line for values in (ENCLOSED["lv_endo"], ENCLOSED["lv_epi"]) for line in outlines(np.isin(sample.label, values))
    ]
    lines = (drawn.contours[name][0] for name in ("lv_endo", "lv_epi"))
    network = [drawn.grid.to_image(line) for line in lines if line is not None]
    title = f"{sample.patient} {sample.view} {sample.phase} {dice:.3f} {sample.quality}"
    return ComparedImage(title, -dice, sample.image, expert, network)


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card(NAME)
    weights = weights_to_measure(card, options.network)
    samples = camus_of_folders(options.data, options.split, options.view, choosing=options.choosing)
    model = ApicalModel(card, open_many(card, weights, options.device))
    found: list[Score] = []
    cavities: list[Cavity] = []
    atria: list[Atrium] = []
    compared: list[ComparedImage] = []
    for number, sample in enumerate(samples, start=1):
        drawn = contoured(model, sample)
        found += (scores := scores_of(drawn, sample))
        compared.append(compared_image(drawn, sample, scores))
        cavities.append(cavity(drawn, sample))
        atria.append(atrium(drawn, sample))
        show_progress(f"{number}/{len(samples)}")
    print(file=sys.stderr)
    if options.worst and options.out is not None:
        write_worst(compared, options.worst, options.out, _SHOWN_PX)
    off, atrial = errors(cavities), volumes(atria)
    views = " and ".join(sorted({sample.view for sample in samples}, reverse=True))
    count = f"{len({s.patient for s in samples})} patients, {len(samples)} frames"
    what = options.network.name if options.network else f"{NAME} {card.version}"
    report(
        NAME,
        argv,
        "Apical contours against those of experts",
        [
            table(found),
            *([table_by_quality(found)] if any(score.quality for score in found) else []),
            table_of_errors(off),
            table_of_atria(atrial),
        ],
        out=options.out,
        models={} if options.network else {NAME: card.version},
        notes=[f"{what}, split {options.split}, {views}, {count}"],
        values=[*found, *off, *atrial],
    )
    return 0
