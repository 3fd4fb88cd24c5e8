"""`kinecor train phases`: ED and ES by regression (paper 003), on made and simulated cines."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kinecor_lab.common.allocator import quiet_allocator

SOURCES = ("simulated-mri", "made-mri", "simulated-echo", "made-echo")
WEIGHTS = (("simulated mri", 2.0), ("made mri", 2.0), ("simulated echo", 1.0), ("made echo", 1.0))
"""How often each source is drawn: paper 003 is about MRI, and echo clips are fewer."""
ARMS = ("cnn", "tempreg-no-tsc", "tempreg", "light-cnn", "light-no-tsc", "light")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor train phases", description="Make cines with known ED and ES, then train; both resume."
    )
    made.add_argument("--arm", choices=ARMS, default="light", help="which network; the first three are the paper's")
    made.add_argument("--narrow", type=int, default=1, help="divide the paper's filters, features and memory by this")
    made.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, for made short-axis cines")
    made.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv, for made apical clips")
    made.add_argument("--sources", default=",".join(SOURCES), help="comma-separated (default: all)")
    made.add_argument("--simulated", type=int, default=24, help="files of each simulated source to train on")
    made.add_argument("--made", type=int, default=15, help="files of each made source to train on")
    made.add_argument("--run", type=Path, default=Path("runs/phases"), help="folder for cines/ and ARM/")
    made.add_argument("--make-only", action="store_true", help="make the cines and stop")
    made.add_argument("--as-they-are", action="store_true", help="train on the cines that are there, make none")
    made.add_argument("--steps", type=int, default=3000)
    made.add_argument("--batch", type=int, default=12, help="sequences a step")
    made.add_argument("--frames", type=int, default=24, help="frames of a sequence")
    made.add_argument("--side", type=int, default=96, help="side of the pictures in pixels")
    made.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    made.add_argument("--every", type=int, default=250, help="steps between validations")
    made.add_argument("--start", type=Path, help="a network of an earlier run (best.pt) to go on from")
    made.add_argument("--seed", type=int, default=2026)
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    quiet_allocator()
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.phases.cine import read_cines
    from kinecor_lab.tasks.phases.loop import PhasePlan, train_phases
    from kinecor_lab.tasks.phases.losses import STRUCTURED_WEIGHT
    from kinecor_lab.tasks.phases.packs import Amount, files, jobs, make
    from kinecor_lab.tasks.phases.validate import afd_on
    from kinecor_models.nets.tempreg import ARMS as SHAPES
    from kinecor_models.nets.tempreg import STRUCTURED, narrowed

    wanted, folder = options.sources.split(","), options.run / "cines"
    try:
        unknown = sorted(set(wanted) - set(SOURCES))
        if unknown:
            raise DataSetError(f"sources: expected some of {', '.join(SOURCES)}, got {', '.join(unknown)}")
        if not options.as_they_are:
            amount = Amount(options.simulated, options.made)
            make(jobs(folder, wanted, amount, options.acdc, options.camus), partial(print, file=sys.stderr))
        if options.make_only:
            return 0
        learn, check = (read_cines(files(folder, split, wanted)) for split in ("train", "valid"))
        if not learn or not check:
            raise DataSetError(f"expected cines of splits train and valid in {folder}; name --acdc, or make more files")
        plan = PhasePlan(
            narrowed(SHAPES[options.arm], options.narrow),
            options.steps,
            options.batch,
            options.frames,
            options.side,
            options.rate,
            structured=STRUCTURED_WEIGHT if options.arm in STRUCTURED else 0.0,
            weights=WEIGHTS,
            seed=options.seed,
        )
        print(f"{len(learn)} cines to learn from, {len(check)} to choose by")
        check_on, folder = afd_on(check, options.side), options.run / options.arm
        train_phases(plan, learn, folder, check_on, every=options.every, start=options.start)
    except (DataSetError, FileNotFoundError, ValueError) as wrong:
        print(f"kinecor train: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
