"""`kinecor train lax-cine`: the chambers in long-axis cine MRI, from DSB's four-chamber cavities and simulated hearts.

Real images teach the cavity of the left ventricle and leave all else open; simulated ones of all three long axes teach
the wall, both atria and the right ventricle.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import nn

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.losses import marginal_dice_and_cross_entropy, with_each
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.training import Execution, device_of, torch_device, train
from kinecor_lab.datasets.dsb_long import CLASSES, DSB_LONG, dsb_long_axes
from kinecor_lab.datasets.short_axis import Picture, SaxSample
from kinecor_lab.tasks.lax.simulated import SIMULATED, saved_long_axes
from kinecor_lab.tasks.sax import data
from kinecor_models.contract import Tensors
from kinecor_models.nets.unet import UNet

DEFAULT_PLAN = "128x30x16,160x10x12x0.4"
_SHORT_AXIS = {0: 0, 1: 1, 2: 2, 4: 3}
"""Channel of a short-axis network by the channel here that it stands for: background, cavity, wall, right ventricle."""
_NAMES = ("lv", "wall", "la", "rv", "ra")
_VALID_SEED = 1_000_003
"""Added to the seed of the simulated hearts that a network is chosen by."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor train lax-cine", description="Train the model; a stopped run resumes.")
    out.add_argument("--dsb", type=Path, required=True, help="DSB's four-chamber frames: images/, labels/, frames.csv")
    out.add_argument("--dsb-times", type=int, default=1, help="repeats of each of its frames per epoch")
    out.add_argument("--simulated", type=int, default=120, help="simulated hearts to learn from, nine images each")
    out.add_argument("--simulated-valid", type=int, default=12, help="simulated hearts to choose by")
    out.add_argument("--each", type=float, default=0.3, help="weight of the overlap of each image (default: 0.3)")
    out.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    out.add_argument("--average", type=float, default=0.998, help="decay of the mean of the weights (default: 0.998)")
    out.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    out.add_argument("--start", help="begin with a short-axis network (lv-sax), or with this file of another run")
    out.add_argument("--make-only", action="store_true", help="simulate and save the hearts, train nothing")
    add_run_options(out, "runs/lax")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    made = saved_long_axes(options.run, options.simulated, options.seed)
    made_valid = saved_long_axes(options.run, options.simulated_valid, options.seed + _VALID_SEED)
    if options.make_only:
        return 0
    learn = dsb_long_axes(options.dsb, ["train"]) * options.dsb_times + made
    check = dsb_long_axes(options.dsb, ["valid"]) + made_valid
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, average=options.average, seed=options.seed)
    torch.manual_seed(options.seed)
    net = UNet(classes=len(CLASSES)).to(memory_format=layout(torch_device(options.device).type))  # type: ignore[call-overload]
    if options.start:
        start_from(net, weights_of(options.start))
    loss_of = partial(with_each, marginal_dice_and_cross_entropy, options.each)
    job = frame_job(learn, plan, long_dice_on(check), prepare=prepared, loss_of=loss_of, validate_every=2, keep_every=2)
    train(job, net, options.run, execution=Execution.from_options(options))
    return 0


def prepared(sample: SaxSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """The image and the label, each (size, size), placed and varied as those of short axes are (sax/data.py)."""
    pictures, label = data.prepared(sample, size, rng, strength)
    return pictures[1], label


@torch.no_grad()
def start_from(net: UNet, weights: Tensors) -> None:
    """Takes over a network of long axes, or what a short-axis network (lv-sax) has of it.

    Of its three slices the middle one is the image; chambers that it does not know keep their first weights.

    Raises:
        ValueError: the weights are of neither.

    """
    state = net.state_dict()
    for name, value in weights.items():
        new, ours = torch.from_numpy(value), state[name]
        if name == "down.0.0.weight" and new.shape[1] != ours.shape[1]:
            new = new[:, new.shape[1] // 2, None]
        if name.startswith("last.") and len(new) != len(ours):
            if len(new) != len(_SHORT_AXIS):
                raise ValueError(f"expected a network of {len(ours)} or {len(_SHORT_AXIS)} classes, got {len(new)}")
            rows = ours.clone()
            for channel, theirs in _SHORT_AXIS.items():
                rows[channel] = new[theirs]
            new = rows
        ours.copy_(new)


def long_dice_on(samples: Sequence[SaxSample]) -> Callable[[nn.Module, int], dict[str, float]]:
    """A function that measures a network on `samples`, with hearts centred on squares of a size in pixels.

    It gives the mean Dice of DSB's cavities ("dsb_lv_ed", "dsb_lv_es"), of each chamber of simulated hearts where it
    is there ("sim_lv", "sim_wall", "sim_la", "sim_rv", "sim_ra"), and "score": their mean, in which DSB's count three
    times each.
    """

    def measure(net: nn.Module, size: int) -> dict[str, float]:
        rng, device = np.random.default_rng(0), device_of(net)  # strength 0 draws nothing
        values: dict[str, list[float]] = defaultdict(list)
        with torch.inference_mode(), reduced(device.type):
            for sample in samples:
                image, label = prepared(sample, size, rng, 0.0)
                batch = torch.from_numpy(image).to(device)[None, None].float() / 255
                drawn = net(batch.contiguous(memory_format=layout(device.type))).argmax(1)[0].cpu().numpy()
                for channel, name in enumerate(_NAMES, start=1):
                    true = label == 1 << channel
                    if sample.source == DSB_LONG and channel == 1:
                        values[f"dsb_lv_{sample.phase.lower()}"].append(dice(drawn == 1, true))
                    elif sample.source == SIMULATED and true.any():
                        values[f"sim_{name}"].append(dice(drawn == channel, true))
        out = {name: float(np.mean(some)) for name, some in sorted(values.items())}
        weights = [3 if name.startswith("dsb") else 1 for name in out]
        return out | {"score": float(np.average(list(out.values()), weights=weights))}

    return measure
