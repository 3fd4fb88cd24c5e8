"""`kinecor train lv-apical`: the ventricle in apical frames, from CAMUS or EchoNet-Dynamic."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kinecor_lab.common.allocator import quiet_allocator

if TYPE_CHECKING:
    from kinecor_lab.common.loop import Stage

DEFAULT_PLAN = "128x63x16,192x22x12,256x30x8,256x10x8x0.6"
DEFAULT_RATE = 1.5e-3


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor train lv-apical", description="Train the model; a stopped run resumes."
    )
    made.add_argument(
        "--data", type=Path, required=True, help="CAMUS (PNG with index.csv, NIfTI or MHD) or EchoNet-Dynamic"
    )
    made.add_argument("--run", type=Path, default=Path("runs/lv-apical"), help="folder for checkpoints and the log")
    made.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    made.add_argument("--rate", type=float, default=DEFAULT_RATE, help="highest learning rate")
    made.add_argument(
        "--start", help="go on from an earlier run's file (best.pt), or from a model that ships, by its name"
    )
    made.add_argument("--simulated", type=int, default=0, help="learn from so many simulated frames of all views too")
    made.add_argument("--two-chamber", type=int, default=0, help="and so many A2C frames made from A4C ones")
    made.add_argument("--boundary", type=float, default=0.0, help="weight of the boundary loss, per pixel of distance")
    made.add_argument("--seed", type=int, default=2026)
    made.add_argument("--limit", type=int, default=0, help="use only so many patients' samples (to try things out)")
    return made


def _numbers(stage: str) -> tuple[int, int, int] | tuple[int, int, int, float]:
    """SIZExEPOCHSxBATCH[xPLAIN] as numbers.

    Raises:
        ValueError: it is not of that form.

    """
    match stage.split("x"):
        case [size, epochs, batch]:
            return int(size), int(epochs), int(batch)
        case [size, epochs, batch, plain]:
            return int(size), int(epochs), int(batch), float(plain)
    raise ValueError(f"--plan: expected SIZExEPOCHSxBATCH or SIZExEPOCHSxBATCHxPLAIN, got {stage}")


def stages_of(text: str) -> "tuple[Stage, ...]":
    """The stages of a --plan.

    Raises:
        ValueError: one is not of the form SIZExEPOCHSxBATCH or SIZExEPOCHSxBATCHxPLAIN.

    """
    from kinecor_lab.common.loop import Stage

    return tuple(Stage(*_numbers(part)) for part in text.split(","))


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    quiet_allocator()
    import torch

    from kinecor_lab.common.loader import apical
    from kinecor_lab.common.loop import Plan, train
    from kinecor_lab.common.losses import dice_and_cross_entropy, with_boundaries
    from kinecor_lab.common.publish import weights_of
    from kinecor_lab.datasets.data_folder import kind_of, labelled_frames
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.apical.frames import made_two_chamber, simulated_frames
    from kinecor_lab.tasks.apical.validate import dice_on
    from kinecor_lab.tasks.sequence.clip_losses import overlap_loss
    from kinecor_models.engines.torch_engines import with_weights
    from kinecor_models.nets.unet import UNet
    from kinecor_models.weights import WeightsError

    try:
        learn, check = (labelled_frames(options.data, [split]) for split in ("train", "valid"))
        # EchoNet-Dynamic traces the cavity alone: what lies outside may be any other class.
        loss_of = overlap_loss if kind_of(options.data) == "echonet" else dice_and_cross_entropy
        if options.boundary:
            loss_of = partial(with_boundaries, loss_of, options.boundary)
        plan = Plan(stages_of(options.plan), peak_rate=options.rate, seed=options.seed)
        if options.limit:
            learn, check = learn[: 2 * options.limit], check[: 2 * options.limit]
        two_chamber = made_two_chamber(learn, options.two_chamber, options.seed)
        learn += [*simulated_frames(options.simulated, options.seed), *two_chamber]
        torch.manual_seed(options.seed)
        net, averaged = UNet(), UNet()
        if options.start:
            with_weights(net, weights_of(options.start))
        train(net, averaged, learn, plan, options.run, dice_on(check), prepare=apical, loss_of=loss_of)
    except (DataSetError, ValueError, WeightsError) as wrong:
        print(f"kinecor train: {wrong}", file=sys.stderr)
        return 1
    return 0
