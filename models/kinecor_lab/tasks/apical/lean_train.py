"""`kinecor train lv-lean`: a lean network for apical frames, which learns from the one that ships and from labels."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.distillation import distilling
from kinecor_lab.common.losses import dice_and_cross_entropy, with_areas
from kinecor_lab.common.precision import layout
from kinecor_lab.common.pruning import pruned
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.training import Execution, torch_device, train
from kinecor_lab.datasets.data_folder import learning_and_choosing
from kinecor_lab.tasks.apical.data import paired, prepared
from kinecor_lab.tasks.apical.pair_options import add_pair_options, simulated_pairs_of
from kinecor_lab.tasks.apical.train import dice_on
from kinecor_models.contract import Tensors
from kinecor_models.engines.openvino_graphs import is_lean
from kinecor_models.engines.torch_engines import unet_from
from kinecor_models.nets.lean_unet import LEAN_FILTERS, LeanUNet

TEACHER = "lv-apical"
DEFAULT_PLAN = "160x40x12x0.3"
DEFAULT_RATE = 1.5e-3


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor train lv-lean", description="Train the model; a stopped run resumes.")
    add_pair_options(out)
    out.add_argument("--teacher", default=TEACHER, help=f"network that is learnt from (default: {TEACHER})")
    out.add_argument("--share", type=float, default=0.5, help="of the teacher in the loss, 0..1 (default: 0.5)")
    out.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    out.add_argument("--rate", type=float, default=DEFAULT_RATE, help="highest learning rate")
    out.add_argument("--start", default=TEACHER, help="begin with the filters of a base network, or with a lean one")
    out.add_argument("--limit", type=int, default=0, help="use only this many frames (to try things out)")
    add_run_options(out, "runs/lv-lean")
    return out


def lean_net(start: Tensors) -> LeanUNet:
    """A lean network that begins with a lean network's weights, or with the filters of a base network.

    Raises:
        ValueError: the base network is too small.

    """
    if is_lean(start):
        net = unet_from(start)
        assert isinstance(net, LeanUNet)
        return net.train()
    net = LeanUNet()
    net.load_state_dict(
        {name: torch.from_numpy(value) for name, value in pruned(start, LEAN_FILTERS).items()}, strict=False
    )
    return net


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, 3 paused)."""
    options = parser().parse_args(argv)
    made = simulated_pairs_of(options)
    learn, check = learning_and_choosing(options.data)
    learn = paired([*learn, *made])
    if options.limit:
        learn, check = learn[: options.limit], check[: options.limit]
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, average=options.average, seed=options.seed)
    torch.manual_seed(options.seed)
    order = layout(torch_device(options.device).type)
    net = lean_net(weights_of(options.start)).to(memory_format=order)  # type: ignore[call-overload]
    teacher = unet_from(weights_of(options.teacher)).to(memory_format=order)  # type: ignore[call-overload]
    loss_of = partial(with_areas, dice_and_cross_entropy, options.areas)
    job = frame_job(
        learn,
        plan,
        dice_on(check),
        prepare=prepared,
        loss_of=loss_of,
        validate_every=2,
        keep_every=4,
        together=2,
    )
    job = replace(job, loss=distilling(teacher, loss_of, options.share))
    train(job, net, options.run, execution=Execution.from_options(options))
    return 0
