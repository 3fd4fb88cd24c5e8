"""`kinecor evaluate lv-apical`: contours of apical four-chamber frames against experts', on CAMUS."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

NAME = "lv-apical"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Measure the model against experts' contours."
    )
    made.add_argument("--data", type=Path, required=True, help="CAMUS (PNG with index.csv, NIfTI or MHD)")
    made.add_argument("--split", default="valid", help="train, valid or test (default: valid)")
    made.add_argument("--view", default="A4C", choices=["A4C", "A2C"], help="of CAMUS as NIfTI or MHD (default: A4C)")
    made.add_argument("--network", type=Path, help="measure a network of a training run, not the shipped one")
    made.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    made.add_argument("--json", type=Path, help="also write every score there")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.common.publish import averaged_weights
    from kinecor_lab.datasets.data_folder import camus_frames_of_view
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.apical.table import scores, table
    from kinecor_models.card import load_card
    from kinecor_models.contours.apical import ApicalModel
    from kinecor_models.engines.engine import DeviceError, open_engine
    from kinecor_models.weights import WeightsError, load_weights

    try:
        card = load_card(NAME)
        weights = averaged_weights([options.network]) if options.network else load_weights(card)
        samples = camus_frames_of_view(options.data, [options.split], options.view)
        model = ApicalModel(card, open_engine(card, weights, options.device))
    except (DataSetError, DeviceError, WeightsError, FileNotFoundError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    found = scores(model, samples, lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr))
    print(file=sys.stderr)
    what = str(options.network) if options.network else f"{card.name} {card.version}"
    count = f"{len({s.patient for s in samples})} patients, {len(samples)} frames"
    print(f"{what}, split {options.split}, {options.view}, {count}")
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps([asdict(score) for score in found], indent=1))
    return 0
