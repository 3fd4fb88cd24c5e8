"""Trains a network on clips: steps instead of epochs, since every sample is cut out anew; a stopped run goes on."""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kinecor_lab.common.precision import has_bfloat16, reduced
from kinecor_lab.common.steps import Steps
from kinecor_lab.datasets.clip import SequenceClip
from kinecor_lab.datasets.interpolation import as_if_drawn
from kinecor_lab.tasks.sequence.clip_losses import aggregation_loss, clip_loss
from kinecor_lab.tasks.sequence.plan import SequencePlan, plan_from
from kinecor_lab.tasks.sequence.samples import cut_out, usable
from kinecor_lab.tasks.sequence.starting import start_from, with_views_anew
from kinecor_lab.tasks.sequence.views import Batch, view_losses
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.ral import RAL
from kinecor_models.nets.sequence_net import SequenceNet
from kinecor_models.weights import Tensors, WeightsError


def batches(clips: Sequence[SequenceClip], plan: SequencePlan, first: int) -> Iterator[Batch]:
    """Batches from step `first` on, made one ahead; the same step of a plan is always the same batch.

    Every source of clips is drawn as often as any other.
    """
    by_source: dict[str, list[SequenceClip]] = {}
    for clip in usable(clips, plan.cutting):
        by_source.setdefault(clip.source, []).append(clip)
    sources = sorted(by_source)

    def made(step: int) -> Batch:
        rng = np.random.default_rng((plan.seed, step))
        cuts = []
        for _ in range(plan.batch):
            some = by_source[sources[int(rng.integers(len(sources)))]]
            cuts.append(cut_out(some[int(rng.integers(len(some)))], plan.cutting, rng))
        frames = torch.from_numpy(np.stack([one.frames for one in cuts])).unsqueeze(2).float() / 255
        labels = torch.from_numpy(np.stack([one.labels for one in cuts])).long()
        return frames, labels, torch.tensor([one.view for one in cuts])

    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(made, first)
        for step in range(first, plan.steps):
            ready = ahead.result()
            if step + 1 < plan.steps:
                ahead = thread.submit(made, step + 1)
            yield ready


def laid_out(net: SequenceNet) -> None:
    """Lays weights out in memory as they are quickest: a fifth for the base network in bfloat16, a quarter for RAL.

    Gates of ConvLSTMs, which are cut apart by channel, lose by it what convolutions win.

    WORKAROUND: with channels last, torch 2.13 on a CPU gives NaN for weights' gradients of dilated convolutions in
    bfloat16 with 24, 40 or 56 channels in, and RAL has such; in float32 it does not.
    """
    device = next(net.parameters()).device.type
    if net.shape.kind == "frames" or (net.shape.kind == "ral" and not has_bfloat16(device)):
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def set_to_learn(net: SequenceNet, plan: SequencePlan) -> None:
    """Puts a network into training: all of it, or RAL's second branch alone, where that is the plan."""
    net.train()
    if plan.view_alone:
        net.requires_grad_(False).eval()
        assert isinstance(net.net, RAL)
        for branch in (net.net.aggregate, net.net.name):
            assert branch is not None
            branch.requires_grad_(True).train()


def loss_of(plan: SequencePlan, net: SequenceNet, batch: Batch) -> Tensor:
    """The loss of a batch: that of paper 001 for RAL, else that of paper 000."""
    frames, labels, view = batch
    with reduced(frames.device.type):
        scores, views, _ = net(frames, view)
    if plan.shape.kind == "ral":
        return aggregation_loss(scores.float(), labels, views, view, plan.of_view)
    return clip_loss(scores.float(), labels, plan.share, plan.clip)


def _losses(plan: SequencePlan, net: SequenceNet, clips: Sequence[SequenceClip], first: int) -> Iterator[Tensor]:
    """The loss of one step after another, from step `first` on."""
    device = next(net.parameters()).device
    fed = (
        (frames.to(device), labels.to(device), view.to(device)) for frames, labels, view in batches(clips, plan, first)
    )
    if plan.view_alone:
        assert isinstance(net.net, RAL)
        return view_losses(net.net, fed, first, plan.steps, plan.seed)
    return (loss_of(plan, net, batch) for batch in fed)


def train_sequences(
    plan: SequencePlan,
    clips: Sequence[SequenceClip],
    run: Path,
    validate: Callable[[SequenceNet], dict[str, float]],
    *,
    start: Tensors | None = None,
    onwards: Tensors | None = None,
    device: str = "cpu",
    every: int = 250,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network on random parts of clips.

    Every `every` steps the state goes to run/checkpoint.pt and the averaged network is validated; that of the highest
    "score" is kept in run/best.pt, with its plan. A line of figures goes to run/log.jsonl, seconds a step among them.

    Args:
        plan: see SequencePlan.
        clips: the training split.
        run: folder of the run; made if need be.
        validate: measures a network; its "score" is what a run is chosen by, higher is better.
        start: weights of the base network to start from.
        onwards: weights of a network of the same shape to go on from instead.
        device: "cpu" or "cuda".
        every: steps between validations.
        say: where progress lines go.

    Returns:
        the path of the best network.

    Raises:
        ValueError: the folder holds a run of another plan, no clip has an annotated frame, the loss is not a number, or
            the network to go on from has another shape.

    """
    if not usable(clips, plan.cutting):
        raise ValueError(f"no clip has a frame annotated as '{plan.cutting.annotations}' asks for; make more")
    if plan.cutting.annotations == "interpolated":
        clips = [as_if_drawn(clip) for clip in clips]
    torch.manual_seed(plan.seed)
    net, averaged = SequenceNet(plan.shape).to(device), SequenceNet(plan.shape).to(device)
    laid_out(net)
    if plan.warm and start is not None:
        say(f"{start_from(net, start)} of {len(net.state_dict())} tensors start from those of the base network")
    if onwards is not None:
        try:
            with_weights(net, with_views_anew(net, onwards) if plan.view_alone else onwards)
        except ValueError as wrong:
            raise ValueError(f"the network to go on from is no {plan.shape}; name the same arm and sizes") from wrong
    taken = Steps(plan, run, net, averaged, worst=-math.inf, say=say, device=device)
    set_to_learn(net, plan)
    total, done, started = 0.0, 0, time.monotonic()
    for loss in _losses(plan, net, clips, taken.step) if taken.step < plan.steps else ():
        if not bool(torch.isfinite(loss)):
            raise ValueError(
                f"the loss of step {taken.step} is not a number; train in another folder with a lower --rate"
            )
        total, done = total + taken.take(loss), done + 1
        step = taken.step
        if step % every and step < plan.steps:
            continue
        each_s = (time.monotonic() - started) / done
        line: dict[str, Any] = {"step": step, "loss": total / done, "seconds_a_step": each_s, **validate(averaged)}
        score = line["view"] if plan.view_alone else line["score"]
        if score >= taken.best:
            taken.keep_best(score)
        taken.keep()
        taken.log(line)
        total, done, started = 0.0, 0, time.monotonic()
    return run / "best.pt"


def trained(file: Path) -> tuple[SequenceNet, SequencePlan]:
    """A network kept by `train_sequences`, ready to infer, and its plan.

    Raises:
        WeightsError: the file is missing or holds something else.

    """
    if not file.is_file():
        raise WeightsError(f"expected a network of a training run at {file}, found none; see the run's folder")
    state = torch.load(file, weights_only=True, map_location="cpu")
    try:
        plan = plan_from(json.loads(state["plan"]))
        net = SequenceNet(plan.shape)
        net.load_state_dict(state["averaged"])
    except (KeyError, TypeError, ValueError, RuntimeError) as wrong:
        raise WeightsError(f"expected a network of kinecor train lv-sequence in {file}: {wrong}") from wrong
    return net.eval(), plan
