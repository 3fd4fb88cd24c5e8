"""Training on single frames: epochs in stages of growing image size, as apical, short-axis and view networks do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.training import Batch, Job, Pause, warm_up_and_cosine
from kinecor_lab.datasets.samples import Picture

FAINT = 0.25
"""Strength of augmentation, of 1, that counts as faint."""

S = TypeVar("S")
Prepare = Callable[[S, int, Generator, float], tuple[Picture, Picture]]
"""(sample, size, random generator, strength) -> augmented image and label, each (size, size) uint8."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Some epochs at one image size (pixels) and batch size.

    `plain` is the share of samples, 0..1, that get only faint augmentation. A last stage with a large share brings the
    network back to images as they come, once it has seen everything else.
    """

    size: int
    epochs: int
    batch: int
    plain: float = 0.2


def stages_of(text: str) -> tuple[Stage, ...]:
    """The stages of a --plan.

    Raises:
        ValueError: one is not of the form SIZExEPOCHSxBATCH or SIZExEPOCHSxBATCHxPLAIN.

    """
    return tuple(_stage(part) for part in text.split(","))


def _stage(text: str) -> Stage:
    match text.split("x"):
        case [size, epochs, batch]:
            return Stage(int(size), int(epochs), int(batch))
        case [size, epochs, batch, plain]:
            return Stage(int(size), int(epochs), int(batch), float(plain))
    raise ValueError(f"--plan: expected SIZExEPOCHSxBATCH or SIZExEPOCHSxBATCHxPLAIN, got {text}")


@dataclass(frozen=True, slots=True)
class StagePlan:
    """Everything but the data that determines a training run.

    Attributes:
        stages: in order; small images first, which show the same anatomy in a quarter of the time.
        peak_rate: highest learning rate of AdamW, see `training.warm_up_and_cosine`.
        weight_decay: of AdamW.
        average: decay of the exponential moving average of weights that is validated and shipped.
        warm_up: share of the run, 0..1.
        seed: of order, augmentation and first weights.

    """

    stages: tuple[Stage, ...]
    peak_rate: float = 1.5e-3
    weight_decay: float = 1e-3
    average: float = 0.998
    warm_up: float = 0.03
    seed: int = 2026

    @property
    def epochs(self) -> int:
        """Epochs in all."""
        return sum(stage.epochs for stage in self.stages)

    def stage(self, epoch: int) -> Stage:
        """The stage that epoch number `epoch` (from 0) belongs to."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage
            epoch -= stage.epochs
        raise IndexError(f"a run of {self.epochs} epochs has no such epoch")

    def progress(self, epoch: float) -> float:
        """Share of the run's work done after `epoch` epochs, 0..1; work grows with the number of pixels.

        Args:
            epoch: epochs that are over, fractions included; 0 at the start.

        """
        work, done = 0.0, 0.0
        for stage in self.stages:
            work += stage.epochs * stage.size**2
            done += min(max(epoch, 0.0), stage.epochs) * stage.size**2
            epoch -= stage.epochs
        return done / work


def frame_job(
    samples: Sequence[S],
    plan: StagePlan,
    validate: Callable[[nn.Module, int], Mapping[str, float]],
    *,
    prepare: Prepare[S],
    loss_of: Callable[[Tensor, Tensor], Tensor],
    validate_every: int = 5,
    keep_every: int = 8,
    together: int = 1,
) -> Job:
    """The training of a network on single frames.

    Every `keep_every` epochs of the last image size, the averaged network is saved as average-EPOCH.pt: the mean of
    several such networks errs less than any of them (publish.py). best.pt is chosen among epochs of the last size.

    Args:
        samples: the training split.
        plan: see StagePlan.
        validate: measures a network at an image size; its "score" is what a run is chosen by, higher is better.
        prepare: places and augments a sample.
        loss_of: of scores (n, classes, h, w) and labels (n, h, w) int64.
        validate_every: epochs between validations; the last 10 % of epochs are validated each.
        keep_every: epochs between saved networks.
        together: samples that follow each other and stay in one batch in their order, such as ED and ES of a patient.

    Raises:
        ValueError: there is no sample.

    """
    if not samples:
        raise ValueError("expected samples to learn from, got none")
    if len(samples) % together or any(stage.batch % together for stage in plan.stages):
        raise ValueError(f"expected samples and batches in multiples of {together}, got {len(samples)} samples")
    counts = [max(1, len(samples) // plan.stage(epoch).batch) for epoch in range(plan.epochs)]
    ends = np.cumsum(counts)
    last_size = plan.stages[-1].size

    def place(step: int) -> tuple[int, int]:
        """Epoch of a step, and the step's number in it."""
        epoch = int(np.searchsorted(ends, step, side="right"))
        return epoch, step - int(ends[epoch]) + counts[epoch]

    def progress(step: int) -> float:
        if step >= ends[-1]:
            return 1.0
        epoch, number = place(step)
        return plan.progress(epoch + number / counts[epoch])

    def pause(step: int) -> Pause | None:
        epoch, number = place(step - 1)
        if number + 1 < counts[epoch]:
            return None
        epoch, size = epoch + 1, plan.stage(epoch).size
        due = epoch % validate_every == 0 or epoch > 0.9 * plan.epochs
        return Pause(
            {"epoch": epoch, "size": size},
            partial(_validated, validate, size) if due else None,
            eligible=size == last_size,
            keep=f"average-{epoch:03d}.pt" if size == last_size and epoch % keep_every == 0 else "",
        )

    def batch(step: int) -> Batch:
        return frame_batch(samples, plan, *place(step), prepare=prepare, together=together)

    def loss(net: nn.Module, batch: Batch, _step: int) -> Tensor:
        images, labels = batch
        with reduced(images.device.type):
            scores = net((images.float() / 255).contiguous(memory_format=layout(images.device.type)))
        return loss_of(scores.float(), labels.long())

    return Job(
        asdict(plan),
        int(ends[-1]),
        batch,
        loss,
        pause,
        score=lambda figures: figures["score"],
        rate=plan.peak_rate,
        schedule=partial(warm_up_and_cosine, warm_up=plan.warm_up),
        progress=progress,
        weight_decay=plan.weight_decay,
        clip=5.0,
        average=plan.average,
    )


def _validated(
    validate: Callable[[nn.Module, int], Mapping[str, float]], size: int, net: nn.Module
) -> Mapping[str, float]:
    return validate(net, size)


def frame_batch(
    samples: Sequence[S], plan: StagePlan, epoch: int, number: int, *, prepare: Prepare[S], together: int = 1
) -> Batch:
    """Batch number `number` of an epoch, in random order; the same epoch and number are always the same batch.

    Samples left over at the end of an epoch are dropped.

    Returns:
        images (n, channels, size, size) and labels (n, size, size), uint8.

    """
    stage = plan.stage(epoch)
    groups = np.random.default_rng((plan.seed, epoch)).permutation(len(samples) // together)
    order = (groups[:, None] * together + np.arange(together)).ravel()
    pairs = []
    for index in order[number * stage.batch : (number + 1) * stage.batch]:
        rng = np.random.default_rng((plan.seed, epoch, int(index)))
        strength = FAINT if rng.random() < stage.plain else float(rng.uniform(0.6, 1.0))
        pairs.append(prepare(samples[index], stage.size, rng, strength))
    images = torch.from_numpy(np.stack([image for image, _ in pairs]))
    images = images if images.ndim == 4 else images.unsqueeze(1)
    return images, torch.from_numpy(np.stack([label for _, label in pairs]))
