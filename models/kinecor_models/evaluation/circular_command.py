"""`kinecor evaluate sax-circular`: Table 1 of paper 002 with our rows, on made cines from ACDC."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate sax-circular", description="Measure trained arms of paper 002 on patients held out."
    )
    made.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
    made.add_argument("--run", type=Path, default=Path("runs/sax-circular"), help="folder of the trained networks")
    made.add_argument("--split", default="test", help="train, valid or test of the committed list (default: test)")
    made.add_argument("--every", type=int, default=1, help="measure every so-manieth slice, spread over all patients")
    made.add_argument("--pixel", type=float, default=1.0, help="size of a pixel in mm, as the networks were trained")
    made.add_argument("--seed", type=int, default=0, help="of the made cines")
    made.add_argument("--limit", type=int, default=0, help="use only so many slices (to try things out)")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_models.evaluation.circular_table import FrameScore, scores, table
    from kinecor_models.nets.circular import ARMS
    from kinecor_models.training.acdc import acdc_png
    from kinecor_models.training.circular import ensemble, trained
    from kinecor_models.training.cycles import at_pixel, made_cycles
    from kinecor_models.training.samples import DataSetError

    files = {arm: sorted(options.run.glob(f"{arm}-*.pt")) for arm in ARMS}
    if not any(files.values()):
        print(f"kinecor evaluate: expected networks in {options.run}, found none; train them first", file=sys.stderr)
        return 1
    try:
        samples = acdc_png(options.acdc, [options.split])[slice(options.limit or None)]
        kept = None if options.limit else options.run / f"cycles-{options.split}-{options.every}.npz"
        cycles = made_cycles(samples, options.seed, lambda *_: None, kept, options.every)
        cycles = at_pixel(cycles, options.pixel)
    except DataSetError as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    by_arm: dict[str, list[FrameScore]] = {}
    for arm, some in files.items():
        if some:
            nets = [trained(file) for file in some]
            by_arm[arm] = scores(lambda cycle, nets=nets: ensemble(nets, cycle), cycles)  # type: ignore[misc]
            print(f"{arm}: {len(nets)} networks", file=sys.stderr)
    patients = len({cycle.patient for cycle in cycles})
    print(
        f"made cines of split {options.split}: {patients} patients, {len(cycles)} slices; human hearts, "
        f"{options.pixel:g} mm a pixel"
    )
    print(table(by_arm))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
