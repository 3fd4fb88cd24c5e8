"""The training loop: stages of growing picture size, an averaged network, checkpoints to resume from."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from kinecor_lab.common.loader import Prepare, batches
from kinecor_lab.common.losses import dice_and_cross_entropy
from kinecor_lab.common.precision import reduced

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Stage:
    """Some epochs at one picture size (pixels) and batch size.

    `plain` is the share of samples, 0..1, that get only faint augmentation. A last stage with a large share brings the
    network back to pictures as they come, once it has seen everything else.
    """

    size: int
    epochs: int
    batch: int
    plain: float = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a training run is determined by, besides its data.

    Attributes:
        stages: in order; small pictures first, since they teach the same anatomy at a quarter of the time.
        peak_rate: highest learning rate of AdamW, reached after `warm_up` of the whole run, then a cosine down to 1 %.
        weight_decay: of AdamW.
        average: decay of the running mean of weights that is validated and shipped.
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
        """How much of the run's work is done after `epoch` epochs, 0..1; work grows with the number of pixels."""
        work, done = 0.0, 0.0
        for stage in self.stages:
            work += stage.epochs * stage.size**2
            done += min(max(epoch, 0.0), stage.epochs) * stage.size**2
            epoch -= stage.epochs
        return done / work

    def rate(self, progress: float) -> float:
        """Learning rate at `progress` 0..1 of the run."""
        if progress < self.warm_up:
            return self.peak_rate * max(progress / self.warm_up, 0.02)
        along = (progress - self.warm_up) / (1 - self.warm_up)
        return self.peak_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * along)) / 2)


@torch.no_grad()
def follow(averaged: nn.Module, net: nn.Module, decay: float) -> None:
    """Moves every weight and statistic of `averaged` a little towards `net`."""
    ours, theirs = averaged.state_dict(), net.state_dict()
    for name, value in ours.items():
        if value.dtype.is_floating_point:
            value.lerp_(theirs[name], 1 - decay)
        else:
            value.copy_(theirs[name])


def save_whole(state: dict[str, Any], path: Path) -> None:
    """Writes a training file whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def train(
    net: nn.Module,
    averaged: nn.Module,
    samples: Sequence[S],
    plan: Plan,
    run: Path,
    validate: Callable[[nn.Module, int], dict[str, float]],
    *,
    prepare: Prepare[S],
    loss_of: Callable[[Tensor, Tensor], Tensor] = dice_and_cross_entropy,
    validate_every: int = 5,
    keep_every: int = 8,
    say: Callable[[str], None] = print,
) -> None:
    """Trains `net`; `averaged` (same architecture) receives its running mean.

    Every `keep_every` epochs of the last picture size, the averaged network is kept as run/average-EPOCH.pt: the mean
    of several such networks errs less than any of them (publish.py).

    After every epoch the state goes to run/checkpoint.pt, whole or not at all; a run that was stopped goes on from
    there when called again with the same plan. Every validation adds a line to run/log.jsonl, and the averaged
    network with the best "score" is kept in run/best.pt.

    Args:
        net: to be trained.
        averaged: same architecture.
        samples: the training split.
        plan: see Plan.
        run: folder of the run; made if need be.
        validate: measures the averaged network at a picture size; its "score" is what a run is chosen by (among
            epochs of the last size), higher is better.
        prepare: places and augments a sample, see loader.py.
        loss_of: of scores (n, classes, h, w) and labels (n, h, w).
        keep_every: epochs between kept networks.
        validate_every: epochs between validations; the last 10 % of epochs are validated each.
        say: where progress lines go.

    Raises:
        ValueError: the folder holds a run of another plan.

    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.peak_rate, weight_decay=plan.weight_decay)
    epoch, best, steps = 0, -math.inf, 0
    plan_text = json.dumps(asdict(plan))
    checkpoint = run / "checkpoint.pt"
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        if state["plan"] != plan_text:
            raise ValueError(f"{run} holds a run of another plan; name another folder, or remove this one")
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        epoch, best, steps = state["epoch"], state["best"], state["steps"]
        say(f"resuming after epoch {epoch} of {plan.epochs}")
    while epoch < plan.epochs:
        stage, started, total, count = plan.stage(epoch), time.monotonic(), 0.0, 0
        net.train()
        each = max(1, len(samples) // stage.batch)
        for images, labels in batches(samples, stage.size, stage.batch, plan.seed, epoch, stage.plain, prepare=prepare):
            for group in optimiser.param_groups:
                group["lr"] = plan.rate(plan.progress(epoch + count / each))
            with reduced():
                scores = net(images)
            loss = loss_of(scores.float(), labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            steps += 1
            # A young average must not hold on to the first, random weights.
            follow(averaged, net, min(plan.average, (1 + steps) / (10 + steps)))
            total, count = total + loss.item(), count + 1
        epoch += 1
        line: dict[str, Any] = {"epoch": epoch, "size": stage.size, "loss": total / max(count, 1)}
        if epoch % validate_every == 0 or epoch > 0.9 * plan.epochs:
            averaged.eval()
            line |= validate(averaged, stage.size)
            if stage.size == plan.stages[-1].size and line["score"] > best:
                best = line["score"]
                save_whole({"averaged": averaged.state_dict(), "epoch": epoch, "score": best}, run / "best.pt")
        if stage.size == plan.stages[-1].size and epoch % keep_every == 0:
            save_whole({"averaged": averaged.state_dict(), "epoch": epoch}, run / f"average-{epoch:03d}.pt")
        line["seconds"] = time.monotonic() - started
        with (run / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        save_whole(
            {
                "plan": plan_text,
                "net": net.state_dict(),
                "averaged": averaged.state_dict(),
                "optimiser": optimiser.state_dict(),
                "epoch": epoch,
                "best": best,
                "steps": steps,
            },
            checkpoint,
        )
        say(" ".join(f"{key} {value:.4g}" for key, value in line.items()))
