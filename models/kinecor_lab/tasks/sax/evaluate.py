"""`kinecor evaluate sax-cine`: contours of short-axis cine slices against experts', on ACDC and Sunnybrook."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

NAME = "lv-sax"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate sax-cine", description="Measure the model against experts' contours."
    )
    made.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv")
    made.add_argument("--scd", type=Path, help="Sunnybrook slices as PNG with index.csv")
    made.add_argument("--split", default="test", help="train, valid or test of the committed lists (default: test)")
    made.add_argument("--networks", type=Path, nargs="+", help="measure the mean of these networks of a training run")
    made.add_argument("--size", type=int, default=160, help="side of the square, with --networks")
    made.add_argument(
        "--looks", type=int, nargs="+", help="quarter turns (mirrored from 4, neighbours exchanged from 8)"
    )
    made.add_argument("--one-by-one", action="store_true", help="contour slices without their neighbours")
    made.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    made.add_argument("--json", type=Path, help="also write every slice there")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.common.publish import averaged_weights
    from kinecor_lab.datasets.acdc import acdc_png
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.datasets.scd import scd_png
    from kinecor_lab.tasks.sax.table import slices, table
    from kinecor_models.card import ModelCard, load_card
    from kinecor_models.contours.sax import LOOKS, SaxModel, channels_of
    from kinecor_models.contract import ClipInput, ClipOutput, Tick
    from kinecor_models.engines.engine import DeviceError, open_engine
    from kinecor_models.weights import WeightsError, load_weights

    if options.acdc is None and options.scd is None:
        print("kinecor evaluate: expected --acdc or --scd, got neither", file=sys.stderr)
        return 1
    try:
        if options.networks:
            weights = averaged_weights(options.networks)
            card = ModelCard(NAME, "-", "", "", "", "", "", (), "", (), {}, options.size)
        else:
            card = load_card(NAME)
            weights = load_weights(card)
        samples = acdc_png(options.acdc, [options.split]) if options.acdc else []
        samples += scd_png(options.scd, [options.split]) if options.scd else []
        engine = open_engine(card, weights, options.device)
    except (DataSetError, DeviceError, WeightsError, FileNotFoundError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    model = SaxModel(card, engine, looks=options.looks or LOOKS, channels=channels_of(weights))

    def alone(clips: Sequence[ClipInput], tick: Tick) -> list[ClipOutput]:
        return [model(clip, tick) for clip in clips]

    look = alone if options.one_by_one else model.stack
    found = slices(look, samples, lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr))
    print(file=sys.stderr)
    patients = len({sample.patient for sample in samples})
    print(f"{card.name} {card.version}, split {options.split}, {patients} patients, {len(samples)} slices")
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
