"""Training of the motion network: synthetic motion first, hearts later, one run."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from kinecor_lab.common.steps import Steps
from kinecor_lab.tasks.motion.pairs import SCALE, SIDE_PX, WALL, FlowPairs
from kinecor_lab.tasks.motion.samples import batches, sample
from kinecor_models.nets.flow_net import FlowNet, displacement, end_point_loss
from kinecor_models.nets.flow_refiner import FlowRefiner

SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """All that a run is determined by, besides its pairs.

    Attributes:
        kind: "refiner" for FlowRefiner, "stack" for FlowNet.
        width: of the network.
        steps: in all.
        schooling: share of the steps, 0..1, in which most pairs are synthetic.
        batch: pairs a step.
        side: pictures are cut to so many pixels, a multiple of 16; in the last `whole` share of the steps they are not.
        whole: see there.
        rate: highest learning rate of AdamW, reached after `warm_up` of the run, then a cosine down to 1 %.
        warm_up: share of the run.
        average: decay of the running mean of weights that is validated and shipped.
        weight_decay: of AdamW.
        seed: of everything.

    """

    kind: str = "refiner"
    width: int = 8
    steps: int = 6000
    schooling: float = 0.3
    batch: int = 8
    side: int = 96
    whole: float = 0.2
    rate: float = 1.5e-3
    warm_up: float = 0.03
    average: float = 0.998
    weight_decay: float = 1e-4
    seed: int = 2026

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        along = step / self.steps
        if along < self.warm_up:
            return self.rate * max(along / self.warm_up, 0.02)
        along = (along - self.warm_up) / (1 - self.warm_up)
        return self.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * along)) / 2)

    @property
    def schooled(self) -> int:
        """The step at which hearts take over."""
        return round(self.steps * self.schooling)

    @property
    def cut_until(self) -> int:
        """The step at which pictures are whole."""
        return round(self.steps * (1 - self.whole))


Net = FlowNet | FlowRefiner


def network(plan: FlowPlan) -> Net:
    """An untrained network.

    Raises:
        ValueError: the plan names another kind.

    """
    if plan.kind not in ("refiner", "stack"):
        raise ValueError(f"expected a network of kind refiner or stack, got {plan.kind}")
    return FlowRefiner(plan.width) if plan.kind == "refiner" else FlowNet(plan.width)


def shares(sources: Mapping[str, FlowPairs], *, schooling: bool) -> dict[str, float]:
    """How often each source is drawn: nearly always the synthetic pairs at school, seldom afterwards."""
    return {source: (6.0 if schooling else 0.7) if source == SYNTHETIC else 1.0 for source in sources}


@torch.no_grad()
def errors(net: Net, pairs: Mapping[str, FlowPairs], most: int = 32) -> dict[str, float]:
    """Mean end-point error in the wall in pixels by source, and "score": their mean without the synthetic ones."""
    found = {}
    for source, some in pairs.items():
        total, count = 0.0, 0
        for number in range(0, len(some), max(1, len(some) // most)):
            wall = torch.from_numpy(some.known[number] == WALL)
            if wall.any():
                pictures, guesses = (torch.from_numpy(part)[None] for part in sample(some, number)[:2])
                answer = displacement(net(pictures[:, :1], pictures[:, 1:], guesses))[0]
                truth = torch.from_numpy(some.motion[number].astype("float32")).permute(2, 0, 1) / SCALE
                total, count = total + (answer - truth).norm(dim=0)[wall].mean().item(), count + 1
        found[source] = total / max(count, 1)
    hearts = [error for source, error in found.items() if source != SYNTHETIC] or list(found.values())
    return {**found, "score": sum(hearts) / len(hearts)}


def train_flow(
    plan: FlowPlan,
    pairs: Mapping[str, FlowPairs],
    check: Mapping[str, FlowPairs],
    run: Path,
    *,
    every: int = 500,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network; a stopped run goes on from run/checkpoint.pt, written every `every` steps.

    Args:
        plan: see FlowPlan.
        pairs: to learn from, by source.
        check: to choose by, likewise: the averaged network of the lowest score is kept in run/best.pt.
        run: folder of the run; made if need be.
        every: steps between validations.
        say: where progress lines go.

    Returns:
        the path of the best network.

    Raises:
        ValueError: the folder holds a run of another plan.

    """
    torch.manual_seed(plan.seed)
    net, averaged = network(plan), network(plan)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    taken = Steps(plan, run, net, averaged, worst=math.inf, say=say)
    while taken.step < plan.steps:
        step = taken.step
        # In pieces that end where something else begins: a validation, the hearts, or whole pictures.
        ends = plan.steps, (step // every + 1) * every, plan.schooled, plan.cut_until
        end = min(one for one in ends if one > step)
        side = plan.side if step < plan.cut_until else SIDE_PX
        drawn = shares(pairs, schooling=step < plan.schooled)
        total, started = 0.0, time.monotonic()
        for pictures, guesses, motion, weight in batches(pairs, drawn, plan.batch, plan.seed, step, end, side):
            two = pictures.contiguous(memory_format=torch.channels_last)
            total += taken.take(end_point_loss(net(two[:, :1], two[:, 1:], guesses), motion, weight))
        done = max(taken.step - step, 1)
        line: dict[str, Any] = {"step": taken.step, "loss": total / done, **errors(averaged, check)}
        if line["score"] < taken.best:
            taken.keep_best(line["score"], score=line["score"])
        taken.keep()
        line["seconds"] = time.monotonic() - started
        taken.log(line)
    return run / "best.pt"
