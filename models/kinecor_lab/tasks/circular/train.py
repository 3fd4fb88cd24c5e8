"""`kinecor train sax-circular`: the arms of paper 002 (LV myocardium over a whole cycle), on made cines from ACDC."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.allocator import quiet_allocator

CYCLES_SEED = 0
"""Of the made cycles: the same for all networks, so that arms and seeds learn from the same pictures."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor train sax-circular", description="Train an arm of paper 002; the CNN comes first."
    )
    made.add_argument("--arm", choices=["cnn", "one-level", "multi-level"], help="which to train")
    made.add_argument("--make-only", action="store_true", help="make and keep the cycles, train nothing")
    made.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
    made.add_argument("--run", type=Path, default=Path("runs/sax-circular"), help="folder for networks and logs")
    made.add_argument("--models", type=int, default=5, help="networks of the ensemble (the paper: 5)")
    made.add_argument("--beside", type=Path, metavar="FILE", help="a finished network to add members to")
    made.add_argument("--members", type=int, default=1, help="networks on one extractor, trained side by side")
    made.add_argument("--epochs", type=int, default=40)
    made.add_argument("--batch", type=int, default=2, help="cycles a step")
    made.add_argument("--units", type=int, default=9, help="building units a resolution (the paper: 9)")
    made.add_argument("--pixel", type=float, default=1.0, help="size of a pixel in mm (the paper: 1)")
    made.add_argument("--seed", type=int, default=0, help="of the first network; the others follow")
    made.add_argument("--every", type=int, default=1, help="learn from every so-manieth slice")
    made.add_argument("--minutes", type=float, help="stop each network after so many minutes, however many epochs")
    made.add_argument("--limit", type=int, default=0, help="use only so many slices (to try things out)")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    quiet_allocator()
    from kinecor_lab.datasets.acdc import acdc_png
    from kinecor_lab.datasets.cycles import at_pixel, made_cycles
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.circular.training import CircularPlan, train_circular

    def tick(done: int, total: int) -> None:
        print(f"\rmaking cycles {done}/{total}", end="\n" if done == total else "", file=sys.stderr)

    try:
        some = slice(options.limit or None)
        learn, check = (
            at_pixel(
                made_cycles(
                    acdc_png(options.acdc, [split])[some],
                    CYCLES_SEED,
                    tick,
                    None if options.limit else options.run / f"cycles-{split}-{options.every}.npz",
                    options.every,
                ),
                options.pixel,
            )
            for split in ("train", "valid")
        )
        if not learn or not check:
            raise DataSetError(f"{options.acdc}: no slice has a matching ED and ES; use more of them (--limit)")
        if options.make_only:
            return 0
        if options.arm is None:
            raise ValueError("expected --arm, got none; name cnn first, then one-level and multi-level")
        for seed in range(options.seed, options.seed + options.models):
            plan = CircularPlan(
                options.arm,
                options.epochs,
                options.batch,
                seed=seed,
                units=options.units,
                members=options.members,
                minutes=options.minutes,
            )
            train_circular(plan, learn, check, options.run, beside=options.beside)
    except (DataSetError, ValueError, FileNotFoundError) as wrong:
        print(f"kinecor train: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
