"""`kinecor train sax-cine`: ventricles in short-axis cine MRI, from ACDC and Sunnybrook."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.allocator import quiet_allocator
from kinecor_lab.tasks.apical.train import stages_of

DEFAULT_PLAN = "128x30x16,160x10x12x0.4"
DEFAULT_RATE = 1.5e-3
PICTURES = 3
"""What the network sees: the slice before, the slice, and the slice after."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(prog="kinecor train sax-cine", description="Train the model; a stopped run resumes.")
    made.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
    made.add_argument("--scd", type=Path, help="Sunnybrook slices as PNG with index.csv; without, ACDC alone")
    made.add_argument("--scd-times", type=int, default=1, help="show each Sunnybrook slice so many times an epoch")
    made.add_argument("--run", type=Path, default=Path("runs/sax"), help="folder for checkpoints and the log")
    made.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    made.add_argument("--rate", type=float, default=DEFAULT_RATE, help="highest learning rate")
    made.add_argument("--start", type=Path, help="begin with the averaged network of this file of another run")
    made.add_argument("--seed", type=int, default=2026)
    made.add_argument("--limit", type=int, default=0, help="use only so many slices of each set (to try things out)")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    quiet_allocator()
    import torch

    from kinecor_lab.common.loop import Plan, train
    from kinecor_lab.common.losses import marginal_dice_and_cross_entropy
    from kinecor_lab.common.publish import averaged_weights
    from kinecor_lab.datasets.acdc import acdc_png
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.datasets.scd import scd_png
    from kinecor_lab.tasks.sax.preparing import prepared
    from kinecor_lab.tasks.sax.starting import widened
    from kinecor_lab.tasks.sax.validate import sax_dice_on
    from kinecor_models.nets.unet import UNet
    from kinecor_models.weights import WeightsError

    try:
        some = slice(options.limit or None)
        learn, check = acdc_png(options.acdc, ["train"])[some], acdc_png(options.acdc, ["valid"])[some]
        if options.scd:
            learn += scd_png(options.scd, ["train"])[some] * options.scd_times
            check += scd_png(options.scd, ["valid"])[some]
        plan = Plan(stages_of(options.plan), peak_rate=options.rate, seed=options.seed)
        torch.manual_seed(options.seed)
        net, averaged = UNet(inputs=PICTURES), UNet(inputs=PICTURES)
        if options.start:
            first = widened(averaged_weights([options.start]), PICTURES)
            net.load_state_dict({name: torch.from_numpy(value) for name, value in first.items()}, strict=False)
        train(
            net,
            averaged,
            learn,
            plan,
            options.run,
            sax_dice_on(check),
            prepare=prepared,
            loss_of=marginal_dice_and_cross_entropy,
            keep_every=2,
        )
    except (DataSetError, ValueError, WeightsError) as wrong:
        print(f"kinecor train: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
