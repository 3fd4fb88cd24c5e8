"""Images a second that trainings compute: `python benchmarks/training.py [--device cuda] [--steps 4] [--out FOLDER]`.

Each training of `kinecor train plan` takes some steps of its own network, batch and loss through the lab's one loop, on
images drawn at random that are made beforehand. Placing and augmenting images, which worker processes do meanwhile, is
timed alone on one core. Processor time is given as well, which other programs of a busy machine disturb less than the
clock.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from kinecor_lab.common.commands import add_device, quiet_allocator
from kinecor_lab.common.losses import dice_and_cross_entropy, marginal_dice_and_cross_entropy
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_lab.common.training import Batch, Execution, Job, Pause, torch_device, train
from kinecor_lab.datasets.clip import SequenceClip
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import SaxSample
from kinecor_lab.tasks.apical.data import prepared as prepared_frame
from kinecor_lab.tasks.motion.train import FlowPlan, network
from kinecor_lab.tasks.phases.data import PhaseCine
from kinecor_lab.tasks.phases.samples import sample as phase_sample
from kinecor_lab.tasks.phases.train import phase_loss
from kinecor_lab.tasks.sax.data import prepared as prepared_slice
from kinecor_lab.tasks.sax.train import SLICES
from kinecor_lab.tasks.sequence.plan import ARMS, SequencePlan
from kinecor_lab.tasks.sequence.samples import cut_out
from kinecor_lab.tasks.sequence.train import loss_of as sequence_loss
from kinecor_lab.tasks.views.train import view_loss
from kinecor_models.nets.flow_net import end_point_loss
from kinecor_models.nets.sequence_net import SequenceNet
from kinecor_models.nets.tempreg import ARMS as TEMPREG
from kinecor_models.nets.tempreg import TempReg
from kinecor_models.nets.unet import UNet
from kinecor_models.nets.view_net import ViewNet
from kinecor_models.views.classes import CLASSES

WARM_UP = 2
"""Steps that are not counted."""
PREPARED = 120
"""Images that are prepared to be timed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A training: its network, one batch, its loss, how many images the batch has, and what prepares `each` images."""

    name: str
    net: nn.Module
    batch: Batch
    loss: Callable[[Any, Batch, int], Tensor]
    images: int
    prepare: Callable[[Generator], object] | None = None
    each: int = 1


def grey(*shape: int) -> Tensor:
    """Random grey levels."""
    return torch.randint(0, 256, shape, dtype=torch.uint8)


def labels(classes: int, *shape: int) -> Tensor:
    """Random labels."""
    return torch.randint(0, classes, shape, dtype=torch.uint8)


def of_frames(loss_of: Callable[[Tensor, Tensor], Tensor], net: nn.Module, batch: Batch, _step: int) -> Tensor:
    """As kinecor_lab.common.stages computes it."""
    images, truth = batch
    device = images.device.type
    with reduced(device):
        scores = net((images.float() / 255).contiguous(memory_format=layout(device)))
    return loss_of(scores.float(), truth.long())


def of_phases(net: nn.Module, batch: Batch, _step: int) -> Tensor:
    """As kinecor_lab.tasks.phases.train computes it for the light network."""
    frames, curves = batch
    return phase_loss(net(frames.float() / 255).float(), curves)


def of_motion(net: nn.Module, batch: Batch, _step: int) -> Tensor:
    """As kinecor_lab.tasks.motion.train computes it."""
    images, guesses, motion, weight = batch
    two = images.contiguous(memory_format=torch.channels_last)
    return end_point_loss(net(two[:, :1], two[:, 1:], guesses), motion, weight)


def of_clips(plan: SequencePlan, net: SequenceNet, batch: Batch, _step: int) -> Tensor:
    """As kinecor_lab.tasks.sequence.train computes it."""
    frames, truth, view = batch
    return sequence_loss(plan, net, (frames.float() / 255, truth.long(), view))


def drawn(*shape: int) -> NDArray[np.uint8]:
    """Pictures as soft as recordings are, the same at every call."""
    noise = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    soft = [cv2.GaussianBlur(one, (0, 0), 2) for one in noise.reshape(-1, *shape[-2:])]
    return np.asarray(np.clip(128 + 4 * (np.stack(soft).reshape(shape) - 128), 0, 255), np.uint8)


PICTURE, CLIP = drawn(256, 256), drawn(36, 160, 160)


def frame(rng: Generator) -> object:
    """Places and augments an apical frame."""
    return prepared_frame(Sample("", "ED", PICTURE, PICTURE // 64, 0.3), 160, rng, 0.8)


def slice_(rng: Generator) -> object:
    """Places and augments a slice with its neighbours."""
    return prepared_slice(
        SaxSample("", "ED", 3, PICTURE, 2 ** (PICTURE // 64), (128.0, 128.0), "", (PICTURE,) * 4), 160, rng, 0.8
    )


def cine(rng: Generator) -> object:
    """Takes and augments 24 frames of a cine."""
    times_s = np.arange(36) / 36
    return phase_sample(PhaseCine("", "warped mri", CLIP[:, ::2, ::2], times_s, (0.0, 1.0), (0.35,), 1.0), 24, 96, rng)


def clip(rng: Generator) -> object:
    """Takes and augments 20 frames of a clip."""
    made = SequenceClip("", "warped", "A4C", CLIP, CLIP // 64, np.arange(36) / 36, (0,), (12,), 0.5)
    return cut_out(made, ARMS["convlstm"].cutting, rng)


def trials(device: str) -> list[Trial]:
    """The trainings of the plan, with the sizes of batches that it has on a device."""
    many = 12 if device == "cpu" else 32
    order = layout(device)
    flow, sequence = FlowPlan("stack"), ARMS["convlstm"]
    n, t, side = sequence.batch, sequence.cutting.frames, sequence.cutting.side
    pairs, half = flow.batch, flow.side // 2
    return [
        Trial(
            "lv-apical, 160 px",
            UNet().to(memory_format=order),  # type: ignore[call-overload]
            (grey(many, 1, 160, 160), labels(4, many, 160, 160)),
            partial(of_frames, dice_and_cross_entropy),
            many,
            frame,
        ),
        Trial(
            "sax-cine, 160 px, with neighbouring slices",
            UNet(inputs=SLICES).to(memory_format=order),  # type: ignore[call-overload]
            (grey(32, SLICES, 160, 160), 2 ** labels(4, 32, 160, 160)),
            partial(of_frames, marginal_dice_and_cross_entropy),
            32,
            slice_,
        ),
        Trial(
            "views, 128 px",
            ViewNet().to(memory_format=order),  # type: ignore[call-overload]
            (grey(64, 1, 128, 128), labels(len(CLASSES), 64, 1, 1)),
            partial(of_frames, view_loss),
            64,
        ),
        Trial(
            f"flow, {flow.side} px",
            network(flow).to(memory_format=torch.channels_last),  # type: ignore[call-overload]
            (
                torch.randn(pairs, 2, flow.side, flow.side),
                torch.zeros(pairs, 1),
                torch.randn(pairs, 2, half, half),
                torch.ones(pairs, 1, half, half),
            ),
            of_motion,
            2 * pairs,
        ),
        Trial(
            "phases, 96 px",
            TempReg(TEMPREG["light"]),
            (grey(12, 24, 96, 96), torch.rand(12, 24)),
            of_phases,
            12 * 24,
            cine,
            24,
        ),
        Trial(
            f"lv-sequence (ConvLSTM), {side} px",
            SequenceNet(sequence.shape),
            (grey(n, t, 1, side, side), labels(4, n, t, side, side), torch.zeros(n, dtype=torch.long)),
            partial(of_clips, sequence),
            n * t,
            clip,
            t,
        ),
    ]


def measured(one: Trial, device: str, steps: int) -> tuple[Cell, ...]:
    """Images a step, a second, a second of processor time, and prepared by a core in a second."""
    began_s: list[float] = []

    def pause(step: int) -> Pause | None:
        if step == WARM_UP:
            began_s.append(time.process_time())
        return Pause() if step in (WARM_UP, WARM_UP + steps) else None

    job = Job({}, WARM_UP + steps, lambda _: one.batch, one.loss, pause, lambda _: 0.0, 1e-4, lambda _: 1.0, clip=1.0)
    with tempfile.TemporaryDirectory() as run:
        train(job, one.net, Path(run), execution=Execution(device, workers=0), say=lambda _: None)
        last = json.loads((Path(run) / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    cpu_s = (time.process_time() - began_s[0]) / steps
    return one.name, one.images, one.images / last["seconds_a_step"], one.images / cpu_s, ready_per_s(one)


def ready_per_s(one: Trial) -> float | None:
    """Images that a core prepares in a second of its time."""
    if one.prepare is None:
        return None
    count, began_s = max(1, PREPARED // one.each), time.process_time()
    for number in range(count):
        one.prepare(np.random.default_rng(number))
    return count * one.each / (time.process_time() - began_s)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4, help="that are counted (default: 4)")
    add_device(parser)
    add_output(parser)
    options = parser.parse_args()
    device = torch_device(options.device).type
    quiet_allocator()  # as `kinecor train`
    torch.manual_seed(0)
    columns = (
        Column("training"),
        Column("images a step", form="d"),
        Column("images a second", form=".0f"),
        Column("images a second of processor time", form=".0f"),
        Column("prepared by a core in a second", form=".0f"),
    )
    rows = tuple(measured(one, device, options.steps) for one in trials(device))
    where = torch.cuda.get_device_name() if device == "cuda" else f"{torch.get_num_threads()} threads of the processor"
    report(
        "training",
        (),
        f"Images a second in training, {where}",
        [Table("", columns, rows)],
        out=options.out,
        seed=0,
        command=f"python benchmarks/training.py --device {device} --steps {options.steps}",
    )


if __name__ == "__main__":
    main()
