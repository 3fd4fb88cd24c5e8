"""Fine-tuning of the networks that ship on a site's own frames: one fixed recipe, so that no patient has to choose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import nn

from kinecor_lab.common.losses import marginal_dice_and_cross_entropy, overlap_loss, with_areas
from kinecor_lab.common.publish import averaged_weights, between
from kinecor_lab.common.stages import Stage, StagePlan, frame_job
from kinecor_lab.common.training import Execution, train
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import SaxSample
from kinecor_lab.tasks.apical.data import paired
from kinecor_lab.tasks.apical.data import prepared as prepared_apical
from kinecor_lab.tasks.sax.data import prepared as prepared_sax
from kinecor_models.contract import ModelCard, Tensors, load_card, load_weights
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.unet import UNet

RATE = 3e-4
"""Highest learning rate: a fifth of that from which the networks learnt."""
AREAS = 0.5
"""Weight of the error of areas at ED and ES, as the apical network that ships learnt with it."""
SHARE = 0.4
"""Of the fine-tuned weights in a mean with those that ship (Wortsman 2022): a few patients are noisy teachers.

With more, images on which the network that ships fails partly are contoured worse at ED or at ES (decision 0231).
"""
BATCH = 8
PLAIN = 0.4
"""Share of samples that are hardly augmented: a site's images are to be learnt as they are."""
AVERAGE = 0.98
"""Decay of the mean of weights: a fine-tuning has some hundred steps, not ten thousand."""

AnySample = TypeVar("AnySample", Sample, SaxSample)


@dataclass(frozen=True)
class Task(Generic[AnySample]):
    """One kind of network that a site can fine-tune.

    Attributes:
        name: of the training, as in `kinecor train NAME`.
        model: name of the network that ships and is started from.
        inputs: images that it takes at once.
        prepare: see stages.Prepare.
        loss_of: see stages.frame_job.
        together: see stages.frame_job.
        epochs: times that every frame is seen; a stack has ten times as many as two apical views.

    """

    name: str
    model: str
    inputs: int
    prepare: Callable[..., Any]
    loss_of: Callable[..., Any]
    together: int
    epochs: int

    @property
    def card(self) -> ModelCard:
        """Of the network that ships."""
        return load_card(self.model)

    def shipped(self) -> Tensors:
        """Its weights."""
        return load_weights(self.card)


APICAL: Task[Sample] = Task(
    "lv-apical", "lv-apical", 1, prepared_apical, partial(with_areas, overlap_loss, AREAS), 2, 12
)
SHORT_AXIS: Task[SaxSample] = Task("sax-cine", "lv-sax", 3, prepared_sax, marginal_dice_and_cross_entropy, 1, 3)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is the same for every fine-tuning.

    Attributes:
        epochs: times that every frame is seen; None for the task's own.
        rate: highest learning rate.
        share: of the fine-tuned weights in a mean with those that ship, 0 to 1.
        seed: of order and augmentation.
        minutes: after which a training ends, its schedule with it; None: no limit.
        device: "auto", "cpu" or "cuda".

    """

    epochs: int | None = None
    rate: float = RATE
    share: float = SHARE
    seed: int = 2026
    minutes: float | None = None
    device: str = "cpu"


def fine_tuned(
    task: Task[AnySample],
    samples: Sequence[AnySample],
    recipe: Recipe,
    run: Path,
    say: Callable[[str], None] = print,
) -> Tensors:
    """The weights that ship, trained further on a site's frames; a stopped run resumes.

    The network counts as it is after the last epoch, averaged over the last steps and with the weights that ship.

    Args:
        task: which network.
        samples: of the patients that are learnt from.
        recipe: see Recipe.
        run: folder of checkpoints.
        say: called with lines of progress.

    Raises:
        ValueError: there are fewer frames than a batch has.
        DeviceError: the device is not there.

    """
    learn: list[Any] = list(samples)
    if task is APICAL:
        learn = paired([sample for sample in samples if isinstance(sample, Sample)])
    batch = min(BATCH, len(learn) - len(learn) % task.together)
    if batch < task.together:
        raise ValueError(f"expected at least {task.together} frames to learn from, got {len(learn)}")
    plan = StagePlan(
        (Stage(task.card.size, recipe.epochs or task.epochs, batch, PLAIN),),
        peak_rate=recipe.rate,
        average=AVERAGE,
        warm_up=0.1,
        seed=recipe.seed,
    )
    torch.manual_seed(recipe.seed)
    net = UNet(inputs=task.inputs).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    with_weights(net, task.shipped())
    job = frame_job(
        learn,
        plan,
        _last_counts,
        prepare=task.prepare,
        loss_of=task.loss_of,
        validate_every=plan.epochs,
        keep_every=plan.epochs + 1,
        together=task.together,
    )
    job = replace(job, set_to_learn=_learning)
    best = train(job, net, run, execution=Execution(recipe.device, minutes=recipe.minutes), say=say)
    return half(between(task.shipped(), averaged_weights([best]), recipe.share))


def _learning(net: nn.Module) -> None:
    """Puts the network into training; the statistics of its normalisation stay, which a site is too small for."""
    net.train()
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eval()


def half(weights: Tensors) -> Tensors:
    """The weights as a file in half precision gives them back."""
    return {name: value.astype(np.float16).astype(np.float32) for name, value in weights.items()}


def _last_counts(_net: nn.Module, _size: int) -> Mapping[str, float]:
    """Every epoch scores the same, so that the last one is taken."""
    return {"score": 0.0}
