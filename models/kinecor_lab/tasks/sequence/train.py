"""`kinecor train lv-sequence`: apical clips by networks with memory (Smistad; Li 2019)."""

import argparse
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.precision import has_bfloat16, reduced
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.training import (
    ON_THE_CPU,
    Batch,
    Execution,
    Job,
    device_of,
    every,
    read_state,
    settings_of,
    torch_device,
    train,
    warm_up_alone,
    warm_up_and_cosine,
)
from kinecor_lab.datasets.clip import SequenceClip, as_if_drawn, read_clips
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.sequence.data import SHORT, SOURCES, TWO_CHAMBER, Amount, files, jobs, make
from kinecor_lab.tasks.sequence.losses import aggregation_loss, clip_loss, view_loss
from kinecor_lab.tasks.sequence.metrics import flicker
from kinecor_lab.tasks.sequence.plan import ARMS, SequencePlan, plan_fields, plan_from
from kinecor_lab.tasks.sequence.samples import cut_out, usable
from kinecor_models.contract import Tensors, WeightsError, load_card, load_weights
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.ral import RAL
from kinecor_models.nets.sequence_net import SequenceNet
from kinecor_models.nets.temporal_unet import PLACES, TemporalBlock, TemporalUNet
from kinecor_models.nets.unet import PAPER_FILTERS
from kinecor_models.registry import DEFAULT_APICAL
from kinecor_models.views.classes import APICAL

NAMES = (
    "edes", "seven", "every", "convlstm", "convlstm-interpolated", "convlstm-seven", "convlstm-deep",
    "ral", "ral-both-ways", "ral-no-classification", "ral-no-blocks", "ral-no-temporal", "ral-no-spatial",
    "ral-no-spatial-state",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train lv-sequence",
        description="Generate labelled clips, then train an arm of Smistad or Li 2019 on them; both resume.",
    )
    out.add_argument(
        "--data", type=Path, nargs="*", default=[], help="CAMUS (PNG with index.csv, NIfTI or MHD) or EchoNet-Dynamic"
    )
    clips = out.add_argument_group("clips")
    clips.add_argument("--make-only", action="store_true", help="make the clips and stop")
    clips.add_argument("--as-they-are", action="store_true", help="train on the clips that are there, make none")
    clips.add_argument(
        "--groups", type=int, default=0, help="groups of 8 patients to warp of each set, to train on (0: all)"
    )
    clips.add_argument("--rounds", type=int, default=1, help="made clips of every patient's view")
    clips.add_argument("--simulated", type=int, default=12, help="files of 16 simulated clips to train on")
    clips.add_argument("--short", type=int, default=0, help="files of 96 short simulated clips, to learn views from")
    clips.add_argument("--pack-side", type=int, default=160, help="side of the saved images in pixels")
    clips.add_argument("--not-interpolated", action="store_true", help="label annotated frames of real clips alone")
    clips.add_argument(
        "--sources",
        default=",".join(SOURCES),
        help=f"comma-separated, to train on; also {SHORT}, {TWO_CHAMBER} (default: the others)",
    )
    clips.add_argument("--most", type=int, default=120, help="files of each source that are held in memory")
    arm = out.add_argument_group("arm; options left out take the arm's values")
    arm.add_argument("--arm", choices=NAMES, default="convlstm")
    arm.add_argument("--name", help="of the run's folder (default: the arm's)")
    arm.add_argument("--places", help="of ConvLSTMs: encoder,decoder,bottleneck,last")
    arm.add_argument("--shallowest", type=int, help="levels above this one stay plain")
    arm.add_argument("--view-flag", action="store_true", help="tell A3C from other views by a second input")
    arm.add_argument("--both-ways", action="store_true", help="for recorded loops: look ahead as well")
    arm.add_argument("--filters", help="of the base network's levels, comma-separated; paper: those of its size")
    arm.add_argument("--dice-alone", action="store_true", help="no cross-entropy, as in the paper")
    arm.add_argument("--width", type=int, help="of RAL")
    arm.add_argument("--deep-first", action="store_true", help="RAL's second branch as in the paper")
    arm.add_argument("--plateau", type=int, help="halve the rate after so many validations that gain nothing")
    arm.add_argument("--annotations", choices=["every", "interpolated", "seven", "edes"])
    arm.add_argument("--share", type=float, help="of the temporal loss (paper: 0.6)")
    arm.add_argument("--clip", type=float, help="change that costs nothing (paper: 0.01)")
    arm.add_argument("--of-view", type=float, help="weight of RAL's view loss (default: 0.2)")
    arm.add_argument("--view-alone", action="store_true", help="retrain RAL's second branch alone; needs --start")
    arm.add_argument("--frames", type=int, help="of a sample (paper: 20)")
    arm.add_argument("--cold", action="store_true", help="start from random weights, not from lv-apical's")
    run = out.add_argument_group("run")
    run.add_argument("--steps", type=int, default=2000)
    run.add_argument("--batch", type=int, help="clips a step, or single frames (paper: 2 clips)")
    run.add_argument("--side", type=int, default=128, help="side of the images in pixels")
    run.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    run.add_argument(
        "--start", help="go on from an earlier run's file (best.pt), or from a model that ships, by its name"
    )
    run.add_argument("--every", type=int, default=250, help="steps between validations")
    run.add_argument("--checked", type=int, default=24, help="validation clips of each source")
    add_run_options(out, "runs/sequence", "clips/, paths/ and NAME/")
    return out


def plan_of(options: argparse.Namespace) -> SequencePlan:
    """The arm's plan with the given options applied.

    Raises:
        ValueError: a place, a number of filters, a side or learning views alone does not go.

    """
    if options.view_alone and not options.start:
        raise ValueError("--view-alone teaches what stands on a trained network; name one with --start")
    plan = ARMS[options.arm]
    shape, cutting = plan.shape, plan.cutting
    if options.places is not None:
        named = [place for place in options.places.split(",") if place]
        unknown = sorted(set(named) - set(PLACES))
        if unknown:
            raise ValueError(f"--places: expected some of {', '.join(PLACES)}, got {', '.join(unknown)}")
        shape = replace(shape, places=tuple(place for place in PLACES if place in named))
    if options.filters is not None:
        paper = options.filters == "paper"
        filters = PAPER_FILTERS if paper else tuple(int(part) for part in options.filters.split(","))
        shape = replace(shape, filters=filters)
    for name in ("shallowest", "width"):
        if getattr(options, name) is not None:
            shape = replace(shape, **{name: getattr(options, name)})
    shape = replace(
        shape,
        view_flag=shape.view_flag or options.view_flag,
        both_ways=shape.both_ways or options.both_ways,
        deep_first=shape.deep_first or options.deep_first,
    )
    for name in ("annotations", "frames"):
        if getattr(options, name) is not None:
            cutting = replace(cutting, **{name: getattr(options, name)})
    told_of_plan = {
        name: getattr(options, name)
        for name in ("share", "clip", "of_view", "batch")
        if getattr(options, name) is not None
    }
    return replace(
        plan,
        shape=shape,
        cutting=replace(cutting, side=options.side),
        steps=options.steps,
        rate=options.rate,
        warm=plan.warm and not options.cold,
        seed=options.seed,
        cross_entropy=not options.dice_alone,
        view_alone=options.view_alone,
        plateau=options.plateau,
        **told_of_plan,
    )


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    say = partial(print, file=sys.stderr)
    plan, wanted = plan_of(options), options.sources.split(",")
    known = (*SOURCES, TWO_CHAMBER, SHORT)
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ValueError(f"--sources: expected some of {', '.join(known)}, got {', '.join(unknown)}")
    if not options.as_they_are:
        amount, interpolate = (
            Amount(options.rounds, options.simulated, options.short, options.groups),
            not options.not_interpolated,
        )
        make(jobs(options.run, options.data, amount, options.pack_side, say, interpolate=interpolate), say)
    if options.make_only:
        return 0
    learn = read_clips(files(options.run, "train", wanted, options.most))
    check = [clip for source in wanted for clip in read_clips(files(options.run, "valid", [source]))[: options.checked]]
    if not learn or not check:
        raise DataSetError(f"expected clips of splits train and valid in {options.run}; name --data, or prepare more")
    print(f"{len(learn)} clips to learn from, {len(check)} to choose by; arm {options.arm}")
    train_sequences(
        plan,
        learn,
        options.run / (options.name or options.arm),
        measured_on(check, options.side),
        start=load_weights(load_card(DEFAULT_APICAL)) if plan.warm and not options.start else None,
        onwards=weights_of(options.start) if options.start else None,
        execution=Execution.from_options(options),
        validate_every=options.every,
    )
    return 0


def batch_maker(clips: Sequence[SequenceClip], plan: SequencePlan) -> Callable[[int], Batch]:
    """What makes the batch of a step: frames (n, t, 1, side, side), labels (n, t, side, side), both uint8, views (n,).

    Every source of clips is drawn as often as any other.
    """
    by_source: dict[str, list[SequenceClip]] = {}
    for clip in usable(clips, plan.cutting):
        by_source.setdefault(clip.source, []).append(clip)
    sources = sorted(by_source)

    def batch(step: int) -> Batch:
        rng = np.random.default_rng((plan.seed, step))
        cuts = []
        for _ in range(plan.batch):
            some = by_source[sources[int(rng.integers(len(sources)))]]
            cuts.append(cut_out(some[int(rng.integers(len(some)))], plan.cutting, rng))
        frames = torch.from_numpy(np.stack([cut.frames for cut in cuts])).unsqueeze(2)
        labels = torch.from_numpy(np.stack([cut.labels for cut in cuts]))
        return frames, labels, torch.tensor([cut.view for cut in cuts])

    return batch


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
    """The loss of a batch of frames 0..1: that of Li 2019 for RAL, else that of Smistad."""
    frames, labels, view = batch
    with reduced(frames.device.type):
        scores, views, _ = net(frames, view)
    if plan.shape.kind == "ral":
        return aggregation_loss(scores.float(), labels, views, view, plan.of_view)
    return clip_loss(scores.float(), labels, plan.share, plan.clip, cross_entropy=plan.cross_entropy)


class ViewLoss:
    """The cross-entropy of views, for training RAL's second branch alone, with the rest frozen.

    The rest of the network runs once for USES steps of the branch; its features are stored and drawn from at random.
    """

    USES = 8
    """Steps for each batch that goes through the whole network."""
    HELD = 200
    """Batches whose features are stored: 32 frames of 96 pixels a side take 13 MB."""

    def __init__(self, batch: Callable[[int], Batch], seed: int) -> None:
        self._fresh, self._seed = batch, seed
        self._held: deque[tuple[list[Tensor], Tensor, Tensor]] = deque(maxlen=self.HELD)

    def batch(self, step: int) -> Batch:
        """A batch for every USES steps, nothing for the others."""
        return self._fresh(step) if step % self.USES == 0 else ()

    def __call__(self, net: SequenceNet, batch: Batch, step: int) -> Tensor:
        """The loss of a step."""
        ral, device = net.net, device_of(net)
        assert isinstance(ral, RAL)
        if not batch and not self._held:  # a run that goes on between two batches
            batch = tuple(part.to(device) for part in self._fresh(step - step % self.USES))
        if batch:
            frames, _, view = batch
            with torch.no_grad(), reduced(device.type):
                tensors, deep = ral.aggregated_features(frames.float() / 255)
            self._held.append(([level.bfloat16() for level in tensors], deep.bfloat16(), view))
        rng = np.random.default_rng((self._seed, 19, step))
        tensors, deep, view = self._held[int(rng.integers(len(self._held)))]
        with reduced(device.type):
            views = ral.views([level.float() for level in tensors], deep.float())
        assert views is not None
        return view_loss(views, view)


def train_sequences(
    plan: SequencePlan,
    clips: Sequence[SequenceClip],
    run: Path,
    validate: Callable[[SequenceNet], dict[str, float]],
    *,
    start: Tensors | None = None,
    onwards: Tensors | None = None,
    execution: Execution = ON_THE_CPU,
    validate_every: int = 250,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network on random parts of clips; the one of the highest "score" (or "view") in validation is best.pt.

    Args:
        plan: see SequencePlan.
        clips: the training split.
        run: folder of the run.
        validate: measures a network, see measured_on.
        start: weights of the base network to start from.
        onwards: weights of a network of the same shape to fine-tune instead.
        execution: see training.train.
        validate_every: steps between validations.
        say: called with lines of progress.

    Returns:
        the path of the best network.

    Raises:
        ValueError: the folder holds a run of another plan, no clip has an annotated frame, the loss is not a number, or
            the network to fine-tune has another shape.

    """
    if not usable(clips, plan.cutting):
        raise ValueError(f"no clip has a frame annotated as '{plan.cutting.annotations}' asks for; prepare more")
    if plan.cutting.annotations == "interpolated":
        clips = [as_if_drawn(clip) for clip in clips]
    torch.manual_seed(plan.seed)
    net = SequenceNet(plan.shape).to(torch_device(execution.device))
    laid_out(net)
    if plan.warm and start is not None:
        say(f"{start_from(net, start)} of {len(net.state_dict())} tensors start from those of the base network")
    if onwards is not None:
        try:
            with_weights(net, with_new_views(net, onwards) if plan.view_alone else onwards)
        except ValueError as error:
            raise ValueError(f"the network to go on from is no {plan.shape}; name the same arm and sizes") from error
    batch = batch_maker(clips, plan)
    views = ViewLoss(batch, plan.seed)
    score = "view" if plan.view_alone else "score"
    job = Job(
        plan_fields(plan),
        plan.steps,
        views.batch if plan.view_alone else batch,
        views if plan.view_alone else partial(_loss, plan),
        every(validate_every, plan.steps, validate),
        score=lambda figures: figures[score],
        rate=plan.rate,
        schedule=warm_up_and_cosine if plan.plateau is None else warm_up_alone,
        weight_decay=plan.weight_decay,
        clip=1.0,
        average=plan.average,
        set_to_learn=partial(set_to_learn, plan=plan),
        plateau=plan.plateau,
    )
    return train(job, net, run, execution=execution, say=say)


def _loss(plan: SequencePlan, net: SequenceNet, batch: Batch, _step: int) -> Tensor:
    frames, labels, view = batch
    return loss_of(plan, net, (frames.float() / 255, labels.long(), view))


def trained(file: Path) -> tuple[SequenceNet, SequencePlan]:
    """A network saved by `train_sequences`, ready to infer, and its plan.

    Raises:
        WeightsError: the file is missing or holds something else.

    """
    state = read_state(file, "kinecor train lv-sequence")
    try:
        plan = plan_from(settings_of(state))
        net = SequenceNet(plan.shape)
        net.load_state_dict(state["averaged"])
    except (KeyError, TypeError, ValueError, RuntimeError) as wrong:
        raise WeightsError(f"expected a network of kinecor train lv-sequence in {file}: {wrong}") from wrong
    return net.eval(), plan


@torch.no_grad()
def start_from(net: SequenceNet, weights: Tensors) -> int:
    """Takes over what fits from weights of the base network (lv-apical); the number of tensors taken.

    A ConvLSTM starts out near the convolution that it stands for: its candidate is that convolution with its
    normalisation, squashed. RAL shares nothing with the base network and starts from its own initial weights.
    """
    if net.shape.kind == "ral":
        return 0
    held = {name: torch.from_numpy(value) for name, value in weights.items()}
    taken = 0
    for name, value in net.net.state_dict().items():
        if name in held and held[name].shape == value.shape:
            value.copy_(held[name])
            taken += 1
    if isinstance(net.net, TemporalUNet):
        for part in ("down", "up"):
            for level, layer in enumerate(getattr(net.net, part)):
                if isinstance(layer, TemporalBlock):
                    taken += _into_block(layer, held, f"{part}.{level}")
                elif net.shape.view_flag and part == "down" and level == 0:
                    # Grey levels come first, the flag second; what it changes is learnt from nothing.
                    layer[0].weight[:, :1].copy_(held["down.0.0.weight"])
                    layer[0].weight[:, 1:].zero_()
                    taken += 1
    return taken


OF_VIEWS = ("net.aggregate.", "net.name.")
"""What the names of RAL's second branch begin with."""


def with_new_views(net: SequenceNet, weights: Tensors) -> Tensors:
    """RAL's weights with the second branch as it is in `net`: a branch that has come to a halt learns nothing more."""
    own = {name: value.numpy() for name, value in net.state_dict().items() if name.startswith(OF_VIEWS)}
    return {name: value for name, value in weights.items() if not name.startswith(OF_VIEWS)} | own


def _into_block(block: TemporalBlock, held: Mapping[str, Tensor], name: str) -> int:
    gain = held[f"{name}.1.weight"] / torch.sqrt(held[f"{name}.1.running_var"] + 1e-5)
    kernel = held[f"{name}.0.weight"] * gain[:, None, None, None]
    bias = held[f"{name}.1.bias"] - gain * held[f"{name}.1.running_mean"]
    units = [block.recurrent.forwards, block.recurrent.backwards]
    first = 0
    for unit in units:
        if unit is None:
            continue
        many, inputs = unit.hidden, kernel.shape[1]
        rows = slice(2 * many, 3 * many)  # the candidate, after the gates that let in and forget
        unit.gates.weight[rows, :inputs].copy_(kernel[first : first + many])
        assert unit.gates.bias is not None
        unit.gates.bias[rows].copy_(bias[first : first + many])
        first += many
    for ours, theirs in ((1, 3), (2, 4)):
        for key, value in block.rest[ours].state_dict().items():
            if f"{name}.{theirs}.{key}" in held:
                value.copy_(held[f"{name}.{theirs}.{key}"])
    return 4


FLICKER_COUNTS = 10.0
"""A network's score falls by so much times the flicker it has beyond the truth's own: 0.001 counts as 0.01 of Dice."""


def _sized(frames: NDArray[np.uint8], side: int, how: int) -> NDArray[np.uint8]:
    return np.stack([cv2.resize(frame, (side, side), interpolation=how) for frame in frames]).astype(np.uint8)


def found_labels(net: SequenceNet, frames: NDArray[np.uint8], view: str) -> tuple[NDArray[np.uint8], str | None]:
    """(t, side, side) most probable classes of a clip, and the view it is taken for, None where it is not requested."""
    device = next(net.parameters()).device
    pictures = torch.from_numpy(frames).to(device)[None, :, None].float() / 255
    with torch.inference_mode(), reduced(device.type):
        scores, views, _ = net(pictures, torch.tensor([APICAL.index(view)], device=device))
    named = None if views is None else APICAL[int(views[0].float().mean(dim=0).argmax())]
    return scores[0].argmax(dim=1).cpu().numpy().astype(np.uint8), named


def measured_on(
    clips: Sequence[SequenceClip], side: int, frames: int = 24
) -> Callable[[SequenceNet], dict[str, float]]:
    """What measures a network on the first `frames` frames of clips.

    Its answer has mean Dice of the LV, myocardium and left atrium, "flicker" (mFIP) of network and truth, the share of
    views named rightly where it names them, and "score": the mean of the three Dice less what flicker costs.
    """
    looked = [
        (
            clip.view,
            _sized(clip.frames[:frames], side, cv2.INTER_AREA),
            _sized(clip.labels[:frames], side, cv2.INTER_NEAREST_EXACT),
        )
        for clip in clips
    ]

    def measure(net: SequenceNet) -> dict[str, float]:
        overlaps: dict[int, list[float]] = {1: [], 2: [], 3: []}
        jumps, true_jumps, named_rightly = [], [], []
        for view, pictures, labels in looked:
            found, named = found_labels(net, pictures, view)
            if named is not None:
                named_rightly.append(named == view)
            known = labels <= 3
            for value, some in overlaps.items():
                some += [
                    dice((probability == value) & seen, label == value)
                    for probability, label, seen in zip(found, labels, known, strict=True)
                    if (label == value).any() and seen.any()
                ]
            jumps.append(flicker(found))
            if not (labels == IGNORE).any():
                true_jumps.append(flicker(labels))
        out = {
            name: float(np.mean(overlaps[value])) if overlaps[value] else 0.0
            for name, value in (("lv", 1), ("myocardium", 2), ("la", 3))
        }
        score = float(np.mean(list(out.values())))
        out |= {"flicker": float(np.mean(jumps)), "true_flicker": float(np.mean(true_jumps)) if true_jumps else 0.0}
        if named_rightly:
            out["view"] = float(np.mean(named_rightly))
        return out | {"score": score - FLICKER_COUNTS * max(0.0, out["flicker"] - out["true_flicker"])}

    return measure
