"""`kinecor train flow`: motion between frames (paper 004, section 2.3), from synthetic, simulated and made motion."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kinecor_lab.common.allocator import quiet_allocator

SOURCES = ("synthetic", "simulated-echo", "made-echo", "simulated-mri", "made-mri")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor train flow", description="Make pairs of pictures with known motion, then train; both resume."
    )
    made.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv: made clips and synthetic pairs")
    made.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, likewise")
    made.add_argument("--run", type=Path, default=Path("runs/flow"), help="folder for pairs/ and NAME/")
    made.add_argument("--sources", default=",".join(SOURCES), help="comma-separated (default: all)")
    made.add_argument("--make-only", action="store_true", help="make the pairs and stop")
    made.add_argument("--as-they-are", action="store_true", help="train on the pairs that are there, make none")
    made.add_argument("--name", default="refiner", help="of the training, whose folder lies in --run")
    made.add_argument("--kind", choices=("refiner", "stack"), default="refiner", help="the network")
    made.add_argument("--width", type=int, default=8, help="channels of the network's first level")
    made.add_argument("--steps", type=int, default=6000)
    made.add_argument("--schooling", type=float, default=0.1, help="share of steps with synthetic motion above all")
    made.add_argument("--batch", type=int, default=8, help="pairs a step")
    made.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    made.add_argument("--every", type=int, default=500, help="steps between validations")
    made.add_argument("--seed", type=int, default=2026)
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    quiet_allocator()
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.motion.loop import FlowPlan, train_flow
    from kinecor_lab.tasks.motion.packs import Amounts, files, make
    from kinecor_lab.tasks.motion.pairs import read_pairs

    wanted = options.sources.split(",")
    try:
        unknown = sorted(set(wanted) - set(SOURCES))
        if unknown:
            raise DataSetError(f"sources: expected some of {', '.join(SOURCES)}, got {', '.join(unknown)}")
        if not options.as_they_are:
            say = partial(print, file=sys.stderr)
            make(options.run / "pairs", wanted, Amounts(), options.camus, options.acdc, say)
        if options.make_only:
            return 0
        learn, check = (
            {source: read_pairs(some) for source in wanted if (some := files(options.run / "pairs", split, [source]))}
            for split in ("train", "valid")
        )
        if not learn or not check:
            raise DataSetError(f"expected pairs of splits train and valid in {options.run / 'pairs'}; make them first")
        print(", ".join(f"{len(some)} pairs {source}" for source, some in learn.items()))
        plan = FlowPlan(
            options.kind,
            options.width,
            options.steps,
            options.schooling,
            options.batch,
            rate=options.rate,
            seed=options.seed,
        )
        train_flow(plan, learn, check, options.run / options.name, every=options.every)
    except (DataSetError, ValueError) as wrong:
        print(f"kinecor train: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
