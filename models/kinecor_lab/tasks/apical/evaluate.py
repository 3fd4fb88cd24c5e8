"""`kinecor evaluate lv-apical`: contours of apical frames against those of experts, on CAMUS."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.commands import reported
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.common.table import add_output, report
from kinecor_lab.datasets.data_folder import camus_frames_of_view
from kinecor_lab.tasks.apical.table import scores, table
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contract import load_card, load_weights
from kinecor_models.engines.engine import open_engine

NAME = "lv-apical"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Measure the model against experts' contours."
    )
    out.add_argument("--data", type=Path, required=True, help="CAMUS (PNG with index.csv, NIfTI or MHD)")
    out.add_argument("--split", default="valid", help="train, valid or test (default: valid)")
    out.add_argument("--view", default="A4C", choices=["A4C", "A2C"], help="of CAMUS as NIfTI or MHD (default: A4C)")
    out.add_argument("--network", type=Path, help="measure a network of a training run, not the shipped one")
    out.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card(NAME)
    weights = averaged_weights([options.network]) if options.network else load_weights(card)
    samples = camus_frames_of_view(options.data, [options.split], options.view)
    model = ApicalModel(card, open_engine(card, weights, options.device))
    found = scores(model, samples, lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr))
    print(file=sys.stderr)
    count = f"{len({s.patient for s in samples})} patients, {len(samples)} frames"
    what = options.network.name if options.network else f"{NAME} {card.version}"
    report(
        NAME,
        argv,
        "Apical contours against those of experts",
        [table(found)],
        out=options.out,
        models={} if options.network else {NAME: card.version},
        notes=[f"{what}, split {options.split}, {options.view}, {count}"],
        values=found,
    )
    return 0
