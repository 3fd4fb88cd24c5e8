"""`kinecor evaluate lv-calibration`: reliability curve and expected calibration error of the apical model."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate lv-calibration", description="Hold the model's confidence against the Dice it gets."
    )
    made.add_argument("--data", type=Path, required=True, help="CAMUS (PNG with index.csv, NIfTI or MHD)")
    made.add_argument("--split", default="valid", help="train, valid or test (default: valid)")
    made.add_argument("--view", default="A4C", choices=["A4C", "A2C"], help="of CAMUS as NIfTI or MHD (default: A4C)")
    made.add_argument("--patients", type=int, default=0, help="only so many patients, drawn by the seed")
    made.add_argument("--cines", type=int, default=0, help="made cines of so many patients, frame by frame")
    made.add_argument("--paths", type=Path, default=Path("runs/sequence/paths"), help="where paths of made cines lie")
    made.add_argument(
        "--fit", action="store_true", help="also tell the power that fits best; never on what is reported"
    )
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    made.add_argument("--json", type=Path, help="also write every contour there")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    import numpy as np

    from kinecor_lab.datasets.data_folder import camus_frames_of_view
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.apical import robust_cases
    from kinecor_lab.tasks.apical.calibration import TITLES, Promise, fitted_power, promises, table
    from kinecor_lab.tasks.apical.robust_changes import UNCHANGED
    from kinecor_models.contours.apical import CONFIDENCE_POWERS, open_apical
    from kinecor_models.engines.engine import DeviceError
    from kinecor_models.registry import DEFAULT_APICAL
    from kinecor_models.weights import WeightsError

    found: list[Promise] = []
    try:
        model = open_apical(DEFAULT_APICAL, options.device)
        samples = camus_frames_of_view(options.data, [options.split], options.view)
        names = np.random.default_rng(options.seed).permutation(sorted({sample.patient for sample in samples}))
        kept = set(names[: options.patients or None].tolist())
        samples = [sample for sample in samples if sample.patient in kept]
        say = partial(print, file=sys.stderr)
        cines = robust_cases.made(samples, options.paths, options.cines, options.seed, say) if options.cines else []
        for cases in (robust_cases.stills(samples, options.seed), cines):
            for case in cases:
                found += promises(model, case)
                print(f"\r{len(found)} contours", end="", file=sys.stderr)
    except (DataSetError, DeviceError, WeightsError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    print(file=sys.stderr)
    what = f"{model.card.name} {model.card.version}, split {options.split}, {options.view}"
    print(f"{what}, {len(kept)} patients, seed {options.seed}")
    for source in dict.fromkeys(one.source for one in found):
        some = [one for one in found if one.source == source]
        print(f"{source}, as they are\n{table([one for one in some if one.condition == UNCHANGED.name])}")
        print(f"{source}, under hard conditions\n{table([one for one in some if one.condition != UNCHANGED.name])}")
    if options.fit:
        for name, title in TITLES.items():
            print(
                f"{title}: power {fitted_power(found, name):.2f} fits best, {CONFIDENCE_POWERS[name]:.2f} is in force"
            )
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found]))
    return 0
