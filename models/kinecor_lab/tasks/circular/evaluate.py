"""`kinecor evaluate sax-circular`: Table 1 of paper 002 with our rows, on made cines from ACDC."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinecor_lab.datasets.cycles import Cycle


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


def localisation_line(cycles: "Sequence[Cycle]") -> str:
    """How often motion and circles were sure of where the ventricle lies, and how sure then, in one line."""
    from kinecor_models.contours.circular import SURE

    sure = [cycle.localisation for cycle in cycles if cycle.localisation >= SURE]
    share = f" ({100 * len(sure) / len(cycles):.1f} %)" if cycles else ""
    median = f", with a median confidence of {statistics.median(sure):.2f}" if sure else ""
    return (
        f"localisation by motion and circles: sure ({SURE} or more) in {len(sure)} of {len(cycles)} slices{share}"
        f"{median}; the others are centred on the drawn heart"
    )


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    import numpy as np

    from kinecor_lab.datasets.acdc import acdc_png
    from kinecor_lab.datasets.cycles import at_pixel, made_cycles
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.circular.table import FrameScore, scores, table
    from kinecor_lab.tasks.circular.training import ensemble, trained
    from kinecor_models.nets.circular import ARMS, CircularNet

    files = {arm: sorted(options.run.glob(f"{arm}-*.pt")) for arm in (*ARMS, "ensemble")}
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
            by_arm[arm] = scores(partial(ensemble, nets), cycles)
            members = [net for one in nets for net in (one.alone() if isinstance(one, CircularNet) else [one])]
            print(f"{arm}: {len(members)} networks", file=sys.stderr)
            if len(members) > 1:
                alone = [np.mean([one.dsc for one in scores(partial(ensemble, [net]), cycles)]) for net in members]
                print(f"{arm}: DSC of each network alone {', '.join(f'{one:.3f}' for one in alone)}")
    patients = len({cycle.patient for cycle in cycles})
    print(
        f"made cines of split {options.split}: {patients} patients, {len(cycles)} slices; human hearts, "
        f"{options.pixel:g} mm a pixel"
    )
    print(localisation_line(cycles))
    print(table(by_arm))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
