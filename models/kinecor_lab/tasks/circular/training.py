"""Trains the arms of paper 002 in two steps: the CNN first, then ConvLSTMs on its frozen features."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kinecor_lab.common.precision import reduced
from kinecor_lab.datasets.cycles import Cycle, turned
from kinecor_models.nets.circular import Arm, CircularNet, net_of
from kinecor_models.nets.resnet56 import CHANNELS, UNITS, FrameNet


@dataclass(frozen=True, slots=True)
class CircularPlan:
    """What a training is determined by, besides its data.

    Attributes:
        arm: which network.
        epochs: passes over the cycles, at most.
        batch: cycles a step; the CNN takes FRAMES_A_STEP frames of each as a batch of pictures.
        rate: learning rate of Adam at the start; it falls in a straight line to nothing at the end.
        seed: of first weights, order and augmentation; the five of an ensemble differ in it.
        units, channels: of the extractor; the paper's by default, smaller to try things out.
        members: networks of an ensemble on one extractor that are trained side by side.
        minutes: the training ends after so many, however many epochs are left; None for no such end.

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

    def progress(self, epochs: float, seconds: float) -> float:
        """How much of the training is done after so many epochs and seconds, 0..1."""
        by_time = seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(max(epochs / self.epochs, by_time), 1.0)


FRAMES_A_STEP = 8
"""Frames of a cycle that the CNN, which knows no time, takes at once; neighbours would teach it the same twice."""


def frame_net_of(file: Path, plan: CircularPlan) -> FrameNet:
    """The CNN of a finished first step.

    Raises:
        FileNotFoundError: there is none; the first step comes first.
        ValueError: it is of other sizes than the plan's.

    """
    if not file.is_file():
        raise FileNotFoundError(f"expected the trained CNN at {file}, found none; train --arm cnn with this seed first")
    state = torch.load(file, weights_only=True)
    net = FrameNet(plan.units, plan.channels)
    try:
        net.load_state_dict(state["net"])
    except RuntimeError as wrong:
        raise ValueError(f"{file} holds a CNN of other sizes than asked for; name the same sizes") from wrong
    return net


def batch_of(cycles: Sequence[Cycle], rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
    """(n, t, 1, h, w) frames 0..1 and walls 0 or 1, augmented where there is a source of chance."""
    both = [(one.frames, one.wall) if rng is None else turned(one, rng) for one in cycles]
    frames = torch.from_numpy(np.stack([frames for frames, _ in both])).unsqueeze(2).float() / 255
    walls = torch.from_numpy(np.stack([wall for _, wall in both])).unsqueeze(2).float()
    return frames, walls


@torch.inference_mode()
def mean_dice(net: nn.Module, cycles: Sequence[Cycle]) -> float:
    """Mean over all frames with a wall of the Dice of what scores above 0.5."""
    net.eval()
    found = []
    for cycle in cycles:
        frames, wall = batch_of([cycle], None)
        mine = net(frames)[0, :, 0] > 0
        truth = wall[0, :, 0] > 0
        both, total = (mine & truth).sum(dim=(1, 2)), mine.sum(dim=(1, 2)) + truth.sum(dim=(1, 2))
        found += (2 * both / total)[truth.any(dim=2).any(dim=1)].tolist()
    return float(np.mean(found)) if found else float("nan")


def added(plan: CircularPlan, side: int, beside: Path) -> tuple[CircularPlan, CircularNet, int]:
    """A finished network with the plan's members after its own, the plan of all together, and the first new one."""
    held = _kept(beside)
    old, before = _rebuilt(held), held["plan"]
    same = (before["arm"], before["units"], tuple(before["channels"]), held["side"])
    if not isinstance(old, CircularNet) or same != (plan.arm, plan.units, plan.channels, side):
        raise ValueError(f"{beside} holds another arm, or one of other sizes; expected {plan.arm} of {side} pixels")
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
    beside: Path | None = None,
) -> Path:
    """Trains one network and keeps the best by `check` (Dice) in run/ARM-SEED.pt; a stopped run begins anew.

    The arms with time need run/cnn-SEED.pt of the same seed, or what `beside` names. Loss is binary cross-entropy, by
    Adam, as printed.

    Args:
        plan: see CircularPlan.
        learn: cycles to learn from.
        check: cycles to choose by.
        run: folder of the run; made if need be.
        say: where progress lines go.
        beside: a finished network with time, to which the plan's members are added: it stays as it is, they learn on
            its extractor, and all together are kept in run/ensemble-SEED.pt.

    Raises:
        FileNotFoundError, ValueError: see frame_net_of; or `beside` is no network of the plan's arm and sizes.

    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    side = learn[0].frames.shape[1]
    first_new, name = 0, f"{plan.arm}-{plan.seed}"
    net: nn.Module
    if beside is not None:
        plan, net, first_new = added(plan, side, beside)
        name = f"ensemble-{plan.seed}"
    else:
        base = None if plan.arm == "cnn" else frame_net_of(run / f"cnn-{plan.seed}.pt", plan)
        net = net_of(plan.arm, side, plan.units, plan.channels, base, plan.members)
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=plan.rate)
    file, best, begun = run / f"{name}.pt", -1.0, time.monotonic()
    for epoch in range(plan.epochs):
        started, total, count, done = time.monotonic(), 0.0, 0, 0.0
        rng = np.random.default_rng((plan.seed, epoch))
        order = rng.permutation(len(learn))
        net.train()
        steps = range(0, len(order), plan.batch)
        for number, first in enumerate(steps):
            done = plan.progress(epoch + number / len(steps), time.monotonic() - begun)
            if done >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = plan.rate * (1 - done)
            frames, walls = batch_of([learn[int(i)] for i in order[first : first + plan.batch]], rng)
            if plan.arm == "cnn":
                some = rng.permutation(frames.shape[1])[:FRAMES_A_STEP]
                frames, walls = frames[:, some], walls[:, some]
            with reduced():
                said = net.each(frames, first_new) if isinstance(net, CircularNet) else [net(frames)]
            each = [nn.functional.binary_cross_entropy_with_logits(scores.float(), walls) for scores in said]
            loss = torch.stack(each).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            total, count = total + loss.item(), count + 1
        dice = mean_dice(net, check)
        if dice > best:
            best = dice
            part = file.with_suffix(".part")
            torch.save({"net": net.state_dict(), "plan": asdict(plan), "side": side, "dice": dice}, part)
            part.replace(file)
        line = {"epoch": epoch + 1, "loss": total / max(count, 1), "dice": dice, "seconds": time.monotonic() - started}
        with (run / f"{name}.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        say(f"{name}: " + " ".join(f"{key} {value:.4g}" for key, value in line.items()))
        if done >= 1:
            break
    return file


def trained(file: Path) -> nn.Module:
    """A network as train_circular left it, ready to infer.

    Raises:
        FileNotFoundError: there is none.

    """
    return _rebuilt(_kept(file))


def _kept(file: Path) -> dict[str, Any]:
    """What train_circular keeps of a network: "net", "plan", "side" and "dice"."""
    if not file.is_file():
        raise FileNotFoundError(f"expected a trained network at {file}, found none; run kinecor train sax-circular")
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


def _rebuilt(state: Mapping[str, Any]) -> nn.Module:
    plan = state["plan"]
    net = net_of(plan["arm"], state["side"], plan["units"], tuple(plan["channels"]), members=plan["members"])
    net.load_state_dict(state["net"])
    return net.eval()


@torch.inference_mode()
def ensemble(nets: Sequence[nn.Module], cycle: Cycle) -> np.ndarray:
    """(t, side, side) mean probability of the myocardium of several networks; the paper takes five and cuts at 0.5."""
    frames, _ = batch_of([cycle], None)
    out: np.ndarray = torch.stack([torch.sigmoid(net(frames)[0, :, 0]) for net in nets]).mean(dim=0).numpy()
    return out
