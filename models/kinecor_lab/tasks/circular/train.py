"""`kinecor train sax-circular`: the LV myocardium over a whole cycle (Zhang 2018).

It learns from cines of York that experts outlined at every phase, as the paper does, or from warped cines of ACDC.

Training has two steps: the frame-wise CNN first, then ConvLSTMs on its frozen features.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kinecor_lab.common.commands import add_run_options, reported, show_progress
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.training import (
    ON_THE_CPU,
    Batch,
    Execution,
    Job,
    Pause,
    device_of,
    linear_fall,
    read_state,
    settings_of,
    torch_device,
    train,
)
from kinecor_lab.datasets.cycles import ASSUMED_MM, Cycle, at_pixel, recorded_cycles, turned, warped_cycles
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.datasets.stacks import york_stacks
from kinecor_lab.tasks.circular.folds import FOLDS, choosing, fold_splits
from kinecor_models.nets.circular import Arm, CircularNet, net_of
from kinecor_models.nets.resnet56 import CHANNELS, UNITS, FrameNet

CYCLES_SEED = 0
"""Of the warped cycles: the same for all networks, so that arms and seeds learn from the same images."""
FRAMES_A_STEP = 8
"""Frames of a cycle that the CNN, which has no memory, takes at once; neighbouring frames are redundant."""
_COMMAND = "kinecor train sax-circular"


@dataclass(frozen=True, slots=True)
class CircularPlan:
    """Everything but the data that determines a training run.

    Attributes:
        arm: which network.
        epochs: passes over the cycles, at most.
        batch: cycles a step; the CNN takes FRAMES_A_STEP frames of each as a batch of images.
        rate: learning rate at the start; it falls linearly to 0 at the end.
        seed: of first weights, order and augmentation; the five of an ensemble differ in it.
        units, channels: of the extractor; Zhang's by default, smaller to try things out.
        members: networks of an ensemble on one extractor that are trained together.
        minutes: the training ends after this time even if epochs are left; None for no limit.
        through: whether the gradient goes through the first lap of the circle, see Circle.

    """

    arm: Arm
    epochs: int = 40
    batch: int = 2
    rate: float = 1e-3
    seed: int = 0
    units: int = UNITS
    channels: tuple[int, int, int] = CHANNELS
    members: int = 1
    minutes: float | None = None
    through: bool = False

    def fields(self) -> dict[str, Any]:
        """The plan as it is written to a file: runs that began before `through` was a choice resume."""
        fields = asdict(self)
        if not self.through:
            del fields["through"]
        return fields


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=_COMMAND, description="Train a network of Zhang 2018; the CNN comes first. A stopped run resumes."
    )
    out.add_argument("--arm", choices=["cnn", "one-level", "multi-level"], help="which to train")
    out.add_argument("--make-only", action="store_true", help="warp and save the cycles, train nothing")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, to learn from warped cines")
    out.add_argument("--york", type=Path, help="York cines as PNG with frames.csv, to learn from recorded cines")
    out.add_argument(
        "--fold", type=int, choices=range(len(FOLDS)), default=0, help="of York's patients, which is measured later"
    )
    out.add_argument("--through", action="store_true", help="the gradient goes through the first lap as well")
    out.add_argument("--start", type=Path, metavar="FILE", help="the trained CNN (best.pt) of arms with memory")
    out.add_argument("--name", help="of the run's folder (default: ARM-SEED)")
    out.add_argument("--models", type=int, default=5, help="networks of the ensemble (Zhang: 5)")
    out.add_argument(
        "--extend", "--beside", type=Path, metavar="FILE", help="a trained network (best.pt) to add members to"
    )
    out.add_argument("--members", type=int, default=1, help="networks on one extractor, trained together")
    out.add_argument("--epochs", type=int, default=40)
    out.add_argument("--batch", type=int, default=2, help="cycles a step")
    out.add_argument("--units", type=int, default=9, help="building units a resolution (Zhang: 9)")
    out.add_argument(
        "--pixel", type=float, default=1.0, help=f"pixel size in mm (Zhang: 1; York's own pixels: {ASSUMED_MM:g})"
    )
    out.add_argument("--every", type=int, default=1, help="learn from every n-th slice only")
    out.add_argument("--limit", type=int, default=0, help="use only this many slices (to try things out)")
    add_run_options(out, "runs/sax-circular", "cycles and networks, ARM-SEED/best.pt")
    out.set_defaults(seed=0)
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)

    def tick(done: int, total: int) -> None:
        show_progress(f"warping cycles {done}/{total}")
        if done == total:
            print(file=sys.stderr)

    if (options.acdc is None) == (options.york is None):
        raise ValueError("expected --acdc or --york, one of them; name the set to learn from")
    if options.name and options.models > 1:
        raise ValueError("--name is of one network; add --models 1, or leave the name out")
    learn, check = york_fold(options) if options.york else warped_splits(options, tick)
    if not learn or not check:
        raise DataSetError(f"{options.acdc or options.york}: no slice can be learnt from; use more of them (--limit)")
    if options.make_only:
        return 0
    if options.arm is None:
        raise ValueError("expected --arm, got none; name cnn first, then one-level and multi-level")
    for seed in range(options.seed, options.seed + options.models):
        plan = CircularPlan(
            options.arm,
            options.epochs,
            options.batch,
            seed=seed,
            units=options.units,
            members=options.members,
            minutes=options.minutes,
            through=options.through,
        )
        train_circular(
            plan,
            learn,
            check,
            options.run,
            extend=options.extend,
            start=options.start,
            name=options.name,
            execution=replace(Execution.from_options(options), minutes=None),
        )
    return 0


def warped_splits(options: argparse.Namespace, tick: Callable[[int, int], None]) -> tuple[list[Cycle], list[Cycle]]:
    """Warped cycles of ACDC to learn from and to choose by."""
    some = slice(options.limit or None)
    learn, check = (
        at_pixel(
            warped_cycles(
                acdc_png(options.acdc, [split])[some],
                CYCLES_SEED,
                tick,
                None if options.limit else options.run / f"cycles-{split}-{options.every}.npz",
                options.every,
            ),
            options.pixel,
        )
        for split in ("train", "valid")
    )
    return learn, check


def york_fold(options: argparse.Namespace) -> tuple[list[Cycle], list[Cycle]]:
    """Recorded cycles of a fold's learning patients, and of the one of them that chooses the epoch."""
    cycles = at_pixel(recorded_cycles(york_stacks(options.york, fold_splits(options.fold)), None), options.pixel)
    chooses = choosing(cycle.patient for cycle in cycles)
    learn = [cycle for cycle in cycles if cycle.patient != chooses][:: options.every]
    return learn[: options.limit or None], [cycle for cycle in cycles if cycle.patient == chooses]


def frame_net_of(file: Path, plan: CircularPlan) -> FrameNet:
    """The CNN of a finished first step.

    Raises:
        WeightsError: none exists; the first step comes first.
        ValueError: it is of other sizes than the plan's.

    """
    state = read_state(file, "kinecor train sax-circular --arm cnn with this seed first")
    net = FrameNet(plan.units, plan.channels)
    try:
        net.load_state_dict(state["averaged"])
    except RuntimeError as error:
        raise ValueError(f"{file} holds a CNN of other sizes; name the same sizes") from error
    return net


def batch_of(cycles: Sequence[Cycle], rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
    """(n, t, 1, h, w) uint8 frames and walls 0 or 1, augmented where there is a random generator."""
    both = [(cycle.frames, cycle.wall) if rng is None else turned(cycle, rng) for cycle in cycles]
    frames, walls = (torch.from_numpy(np.stack(part)).unsqueeze(2) for part in zip(*both, strict=True))
    return frames, walls


@torch.inference_mode()
def mean_dice(net: nn.Module, cycles: Sequence[Cycle]) -> float:
    """Mean over all frames with a wall of the Dice of what scores above 0.5."""
    net.eval()
    found = []
    device = device_of(net)
    for cycle in cycles:
        frames, wall = batch_of([cycle], None)
        with reduced(device.type):
            mine = net(frames.to(device).float() / 255)[0, :, 0].cpu() > 0
        truth = wall[0, :, 0] > 0
        both, total = (mine & truth).sum(dim=(1, 2)), mine.sum(dim=(1, 2)) + truth.sum(dim=(1, 2))
        found += (2 * both / total)[truth.any(dim=2).any(dim=1)].tolist()
    return float(np.mean(found)) if found else float("nan")


def extended(plan: CircularPlan, side: int, file: Path) -> tuple[CircularPlan, CircularNet, int]:
    """A trained network with the plan's members after its own, the plan of all together, and the first new one."""
    state = read_state(file, _COMMAND)
    old, before = _rebuilt(state), settings_of(state)
    same = (before["arm"], before["units"], tuple(before["channels"]), before["side"])
    if not isinstance(old, CircularNet) or same != (plan.arm, plan.units, plan.channels, side):
        raise ValueError(f"{file} holds another arm, or one of other sizes; expected {plan.arm} of {side} pixels")
    first_new = len(old.members)
    whole = replace(plan, members=first_new + plan.members)
    net = net_of(plan.arm, side, plan.units, plan.channels, members=whole.members)
    assert isinstance(net, CircularNet)
    net.load_state_dict(old.state_dict(), strict=False)
    net.members[:first_new].requires_grad_(False)
    return whole, net, first_new


def train_circular(
    plan: CircularPlan,
    learn: Sequence[Cycle],
    check: Sequence[Cycle],
    run: Path,
    say: Callable[[str], None] = print,
    extend: Path | None = None,
    execution: Execution = ON_THE_CPU,
    *,
    start: Path | None = None,
    name: str | None = None,
) -> Path:
    """Trains one network in run/ARM-SEED; that of the highest Dice on `check` is best.pt there. A stopped run resumes.

    The arms with memory need run/cnn-SEED/best.pt of the same seed, or `extend`. The loss is binary cross-entropy.

    Args:
        plan: see CircularPlan.
        learn: cycles to learn from.
        check: cycles to choose by.
        run: folder of all arms; created if missing.
        say: called with lines of progress.
        extend: a trained network with memory, to which the plan's members are added: it stays as it is, they learn on
            its extractor, and all together are saved in run/ensemble-SEED.
        execution: see training.train.
        start: the CNN of the first step, in place of run/cnn-SEED/best.pt.
        name: of the folder in `run`, in place of ARM-SEED.

    Returns:
        the path of the best network.

    Raises:
        WeightsError, ValueError: see frame_net_of; or `extend` is no network of the plan's arm and sizes.

    """
    torch.manual_seed(plan.seed)
    side = learn[0].frames.shape[1]
    first_new, folder = 0, name or f"{plan.arm}-{plan.seed}"
    net: nn.Module
    if extend is not None:
        plan, net, first_new = extended(plan, side, extend)
        folder = name or f"ensemble-{plan.seed}"
    else:
        first_step = start or run / f"cnn-{plan.seed}" / "best.pt"
        base = None if plan.arm == "cnn" else frame_net_of(first_step, plan)
        net = net_of(plan.arm, side, plan.units, plan.channels, base, plan.members, through=plan.through)
    # With bfloat16 a quarter less time than with contiguous planes, on a processor.
    net.to(memory_format=layout(torch_device(execution.device).type))  # type: ignore[call-overload]
    each = -(-len(learn) // plan.batch)

    def batch(step: int) -> Batch:
        epoch, number = divmod(step, each)
        order = np.random.default_rng((plan.seed, epoch)).permutation(len(learn))
        chosen = order[number * plan.batch : (number + 1) * plan.batch]
        rng = np.random.default_rng((plan.seed, epoch, number))
        frames, walls = batch_of([learn[int(i)] for i in chosen], rng)
        if plan.arm == "cnn":
            some = rng.permutation(frames.shape[1])[:FRAMES_A_STEP]
            frames, walls = frames[:, some], walls[:, some]
        return frames, walls

    def validate(net: nn.Module) -> dict[str, float]:
        return {"dice": mean_dice(net, check)}

    def pause(step: int) -> Pause | None:
        return Pause({"epoch": step // each}, validate) if step % each == 0 else None

    job = Job(
        plan.fields() | {"side": side},
        plan.epochs * each,
        batch,
        partial(_loss, first_new),
        pause,
        score=lambda figures: figures["dice"],
        rate=plan.rate,
        schedule=linear_fall,
        average=0.0,
        minutes=plan.minutes,
    )
    return train(job, net, run / folder, execution=execution, say=lambda line: say(f"{folder}: {line}"))


def _loss(first_new: int, net: nn.Module, batch: Batch, _step: int) -> Tensor:
    frames, walls = batch
    with reduced(frames.device.type):
        images = frames.float() / 255
        found = net.each(images, first_new) if isinstance(net, CircularNet) else [net(images)]
    truth = walls.float()
    each = [nn.functional.binary_cross_entropy_with_logits(scores.float(), truth) for scores in found]
    return torch.stack(each).sum()


def trained(file: Path) -> nn.Module:
    """A network as train_circular left it (best.pt), ready to infer.

    Raises:
        WeightsError: none exists.

    """
    return _rebuilt(read_state(file, _COMMAND))


def arm_of(file: Path) -> str:
    """The arm of a trained network, and "through" where its gradient went through the first lap."""
    plan = settings_of(read_state(file, _COMMAND))
    return f"{plan['arm']}, through the first lap" if plan.get("through") else str(plan["arm"])


def _rebuilt(state: dict[str, Any]) -> nn.Module:
    plan = settings_of(state)
    net = net_of(plan["arm"], plan["side"], plan["units"], tuple(plan["channels"]), members=plan["members"])
    net.load_state_dict(state["averaged"])
    return net.eval()


@torch.inference_mode()
def each_alone(nets: Sequence[nn.Module], cycle: Cycle) -> np.ndarray:
    """(networks, t, side, side) probability of the myocardium by each network; Zhang averages five."""
    frames, _ = batch_of([cycle], None)
    images = frames.float() / 255
    out: np.ndarray = torch.stack([torch.sigmoid(net(images)[0, :, 0].float()) for net in nets]).numpy()
    return out
