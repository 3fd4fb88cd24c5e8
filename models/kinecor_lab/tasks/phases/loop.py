"""Trains TempReg-Net: steps instead of epochs, since every sample is cut out anew; a stopped run goes on."""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kinecor_lab.common.precision import reduced
from kinecor_lab.common.steps import Steps
from kinecor_lab.tasks.phases.cine import PhaseCine
from kinecor_lab.tasks.phases.losses import STRUCTURED_WEIGHT, phase_loss
from kinecor_lab.tasks.phases.samples import sample
from kinecor_models.nets.tempreg import Shape, TempReg, shape_from


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """All that a run is determined by, besides its cines.

    Attributes:
        shape: of the network.
        steps: of the optimiser.
        batch: recordings a step.
        frames: of each; the paper unrolls 20.
        side: of their pictures in pixels.
        rate: highest learning rate of AdamW, reached after 3 % of the run, then a cosine down to 1 %.
        weight_decay: the paper's L_reg.
        structured: weight of the temporal structured loss, 0 for training without.
        average: decay of the running mean of weights that is validated and shipped.
        weights: by source, how often it is drawn against the others.
        seed: of first weights and samples.

    """

    shape: Shape = field(default_factory=Shape)
    steps: int = 3000
    batch: int = 12
    frames: int = 24
    side: int = 96
    rate: float = 2e-3
    weight_decay: float = 1e-3
    structured: float = STRUCTURED_WEIGHT
    average: float = 0.995
    weights: tuple[tuple[str, float], ...] = ()
    seed: int = 2026

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        along = step / self.steps
        if along < 0.03:
            return self.rate * max(along / 0.03, 0.02)
        return self.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * (along - 0.03) / 0.97)) / 2)


def batches(cines: Sequence[PhaseCine], plan: PhasePlan, first: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches from step `first` on, made one ahead; the same step of a plan is always the same batch.

    Yields:
        frames (n, t, side, side) float32 0..1 and curves (n, t) float32, NaN where unknown.

    """
    by_source: dict[str, list[PhaseCine]] = {}
    for cine in cines:
        by_source.setdefault(cine.source, []).append(cine)
    sources = sorted(by_source)
    weight = np.array([dict(plan.weights).get(source, 1.0) for source in sources])

    def made(step: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((plan.seed, step))
        both = []
        for source in rng.choice(len(sources), plan.batch, p=weight / weight.sum()):
            some = by_source[sources[int(source)]]
            both.append(sample(some[int(rng.integers(len(some)))], plan.frames, plan.side, rng))
        frames = torch.from_numpy(np.stack([one for one, _ in both])).float() / 255
        return frames, torch.from_numpy(np.stack([label for _, label in both]))

    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(made, first)
        for step in range(first, plan.steps):
            ready = ahead.result()
            if step + 1 < plan.steps:
                ahead = thread.submit(made, step + 1)
            yield ready


def train_phases(
    plan: PhasePlan,
    cines: Sequence[PhaseCine],
    run: Path,
    validate: Callable[[TempReg], dict[str, float]],
    *,
    every: int = 250,
    start: Path | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network on random parts of cines.

    Every `every` steps the state goes to run/checkpoint.pt and the averaged network is validated; that of the lowest
    "afd" is kept in run/best.pt, with its shape.

    Args:
        plan: see PhasePlan.
        cines: the training split.
        run: folder of the run; made if need be.
        validate: measures a network; its "afd" is what a run is chosen by, lower is better.
        every: steps between validations.
        start: a network of an earlier run (best.pt) to go on from; else random weights.
        say: where progress lines go.

    Returns:
        the path of the best network.

    Raises:
        ValueError: the folder holds a run of another plan.
        FileNotFoundError: there is no network to go on from.

    """
    torch.manual_seed(plan.seed)
    net, averaged = TempReg(plan.shape), TempReg(plan.shape)
    if start is not None:
        net.load_state_dict(trained(start).state_dict())
    taken = Steps(plan, run, net, averaged, worst=math.inf, say=say)
    net.train()
    total, started = 0.0, time.monotonic()
    for frames, label in batches(cines, plan, taken.step) if taken.step < plan.steps else ():
        # The light one in float32: with maps as small as its, bfloat16's backward pass takes four times as long.
        with reduced(wanted=plan.shape.encoder == "zf"):
            curve = net(frames)
        total += taken.take(phase_loss(curve.float(), label, plan.structured))
        step = taken.step
        if step % every and step < plan.steps:
            continue
        line: dict[str, Any] = {"step": step, "loss": total / ((step - 1) % every + 1)}
        line |= validate(averaged)
        if line["afd"] < taken.best:
            late = [line.get("late ED", 0.0), line.get("late ES", 0.0)]
            taken.keep_best(line["afd"], afd=line["afd"], late=late)
        taken.keep()
        line["seconds"] = time.monotonic() - started
        taken.log(line)
        total, started = 0.0, time.monotonic()
    return run / "best.pt"


def trained(file: Path) -> TempReg:
    """A network as train_phases left it, ready to infer.

    Raises:
        FileNotFoundError: there is none.

    """
    if not file.is_file():
        raise FileNotFoundError(f"expected a trained network at {file}, found none; run kinecor train phases")
    state = torch.load(file, weights_only=True)
    net = TempReg(shape_from(json.loads(state["plan"])["shape"]))
    net.load_state_dict(state["averaged"])
    return net.eval()


def trained_side(file: Path) -> int:
    """Side of the pictures, in pixels, that a network of train_phases was trained on."""
    return int(json.loads(torch.load(file, weights_only=True)["plan"])["side"])


def trained_late(file: Path) -> tuple[float, float]:
    """Frames by which fitted EDs and ESs came too late in validation, medians; see phase_events.found_events."""
    ed, es = torch.load(file, weights_only=True).get("late", (0.0, 0.0))
    return float(ed), float(es)
