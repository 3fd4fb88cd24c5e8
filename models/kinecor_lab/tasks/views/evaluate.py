"""`kinecor evaluate views`: which view a clip shows, on simulated and real ones."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate views",
        description="Measure the model that names views. Folders of real clips: kinecor evaluate view-clips.",
    )
    made.add_argument("--frames", type=Path, default=Path("runs/views/frames"), help="folder for simulated frames")
    made.add_argument("--hearts", type=int, default=400, help="simulated clips (default: 400)")
    made.add_argument("--seed", type=int, default=2028, help="of these; 2026 was learnt from, 2027 chosen by")
    made.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv, split valid: four-chamber views")
    made.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, split test: no echo at all")
    made.add_argument("--network", type=Path, help="measure a network of a training run, not the shipped one")
    made.add_argument("--choose", action="store_true", help="print the best temperature and what thresholds do")
    made.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.common.publish import averaged_weights
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.views.figures import best_temperature, by_threshold, report
    from kinecor_lab.tasks.views.trials import real_four_chamber, scored, short_axis_mri, simulated
    from kinecor_models.card import load_card
    from kinecor_models.engines.engine import DeviceError, open_view_engine
    from kinecor_models.views.model import DEFAULT_VIEWS, ViewModel
    from kinecor_models.weights import WeightsError, load_weights

    try:
        card = load_card(DEFAULT_VIEWS)
        weights = averaged_weights([options.network]) if options.network else load_weights(card)
        model = ViewModel(card, open_view_engine(weights, card.size, options.device))
        trials = simulated(options.frames, options.hearts, options.seed)
        trials += real_four_chamber(options.camus, "valid") if options.camus else []
        trials += short_axis_mri(options.acdc, "test") if options.acdc else []
    except (DataSetError, DeviceError, WeightsError, FileNotFoundError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    found = scored(model, trials, lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr))
    print(file=sys.stderr)
    print(f"{options.network or f'{card.name} {card.version}'}, seed {options.seed}")
    if options.choose:
        temperature = best_temperature(found)
        print(f"best temperature {temperature:.3f}", by_threshold(found, temperature), sep="\n")
    print(report(found))
    return 0
