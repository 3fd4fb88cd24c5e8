"""`kinecor train lv-pairs`: the ventricle in apical frames at ED and ES, which are seen together; from CAMUS."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.losses import dice_and_cross_entropy, with_areas, with_boundaries
from kinecor_lab.common.precision import layout
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.training import Execution, torch_device, train
from kinecor_lab.datasets.data_folder import learning_and_choosing
from kinecor_lab.tasks.apical.data import repeated
from kinecor_lab.tasks.apical.pair_options import add_pair_options, simulated_pairs_of
from kinecor_lab.tasks.apical.pairs import (
    CHANNELS,
    frame_pairs,
    pair_dice_on,
    pair_loss,
    prepared_pair,
    start_from,
)
from kinecor_models.nets.unet import UNet

DEFAULT_PLAN = "160x40x6x0.35"
DEFAULT_RATE = 4e-4


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor train lv-pairs", description="Train the model; a stopped run resumes.")
    add_pair_options(out)
    out.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxPAIRS[xPLAIN], comma-separated")
    out.add_argument("--rate", type=float, default=DEFAULT_RATE, help="highest learning rate")
    out.add_argument("--start", help="begin with the network of single frames (lv-apical) or a file of another run")
    out.add_argument("--four-chamber", type=int, default=1, help="times that A4C pairs of patients come in an epoch")
    out.add_argument("--boundary", type=float, default=0.0, help="weight of the boundary loss, per pixel of distance")
    out.add_argument("--make-only", action="store_true", help="simulate the frames to learn from, and stop")
    out.add_argument("--limit", type=int, default=0, help="use only this many pairs (to try things out)")
    add_run_options(out, "runs/lv-pairs")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, 3 paused)."""
    options = parser().parse_args(argv)
    made = simulated_pairs_of(options)
    if options.make_only:
        return 0
    learning, choosing = learning_and_choosing(options.data)
    pairs, check = frame_pairs([*repeated(learning, options.four_chamber), *made]), frame_pairs(choosing)
    if options.limit:
        pairs, check = pairs[: options.limit], check[: options.limit]
    loss_of = partial(with_areas, dice_and_cross_entropy, options.areas)
    if options.boundary:
        loss_of = partial(with_boundaries, loss_of, options.boundary)
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, average=options.average, seed=options.seed)
    torch.manual_seed(options.seed)
    net = UNet(inputs=CHANNELS).to(memory_format=layout(torch_device(options.device).type))  # type: ignore[call-overload]
    if options.start:
        start_from(net, weights_of(options.start))
    job = frame_job(
        pairs, plan, pair_dice_on(check), prepare=prepared_pair, loss_of=loss_of, validate_every=1, keep_every=2
    )
    train(replace(job, loss=pair_loss(loss_of)), net, options.run, execution=Execution.from_options(options))
    return 0
