"""Options of the trainings that learn from ED and ES of one heart, and the simulated pairs that they ask for."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.data import SHARES, saved_simulated_pairs


def add_pair_options(out: argparse.ArgumentParser) -> None:
    """Where patients and simulated hearts come from, and how they weigh."""
    out.add_argument(
        "--data", type=Path, nargs="+", required=True, help="folders of CAMUS (PNG with index.csv or frames.csv, NIfTI)"
    )
    out.add_argument("--simulated", type=int, default=0, help="also learn from this many simulated pairs of all views")
    out.add_argument("--leaning", type=int, default=0, help="and from this many of planes that miss the apex")
    out.add_argument("--simulated-seed", type=int, help="of these frames (default: --seed)")
    out.add_argument("--frames", type=Path, help="folder of these frames, which several runs share (default: --run)")
    out.add_argument("--areas", type=float, default=0.5, help="weight of the error of areas (default: 0.5)")
    out.add_argument("--average", type=float, default=0.998, help="decay of the mean of weights (default: 0.998)")


def simulated_pairs_of(options: argparse.Namespace) -> Sequence[Sample]:
    """The simulated frames that `add_pair_options` asks for: made now, or by a run before."""
    seed = options.seed if options.simulated_seed is None else options.simulated_seed
    return saved_simulated_pairs(
        options.frames or options.run, options.simulated, seed, SHARES, leaning=options.leaning
    )
