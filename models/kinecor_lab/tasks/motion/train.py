"""`kinecor train flow`: motion between frames (Østvik 2018, section 2.3): synthetic motion first, then hearts."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.training import ON_THE_CPU, Batch, Execution, Job, Pause, device_of, train, warm_up_and_cosine
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.motion.data import SOURCES, Amounts, files, make
from kinecor_lab.tasks.motion.pairs import SCALE, SIDE_PX, WALL, FlowPairs, read_pairs
from kinecor_lab.tasks.motion.samples import batch_of, sample
from kinecor_models.nets.flow_net import FlowNet, displacement, end_point_loss
from kinecor_models.nets.flow_refiner import FlowRefiner

SYNTHETIC = "synthetic"
Net = FlowNet | FlowRefiner
_LARGE = 2
"""Networks for large displacements of the stack that ships."""


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """Everything but the pairs that determines a run.

    Attributes:
        kind: "refiner" for FlowRefiner, "stack" for FlowNet.
        width: of the network.
        steps: in all.
        schooling: share of the steps, 0..1, in which most pairs are synthetic.
        batch: pairs a step.
        side: images are cut to this many pixels, a multiple of 16, except in the last `whole` share of the steps.
        whole: see there.
        rate: highest learning rate of AdamW, see training.warm_up_and_cosine.
        warm_up: share of the run.
        average: decay of the moving average of weights that is validated and shipped.
        weight_decay: of AdamW.
        seed: of everything.
        large: networks for large displacements of the stack.

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
    large: int = _LARGE

    @property
    def fields(self) -> dict[str, Any]:
        """The plan as it is written to a file: runs that began before `large` was a choice resume."""
        fields = asdict(self)
        if self.large == _LARGE:
            del fields["large"]
        return fields

    @property
    def schooled(self) -> int:
        """The step from which on hearts prevail."""
        return round(self.steps * self.schooling)

    @property
    def cut_until(self) -> int:
        """The step from which on images are whole."""
        return round(self.steps * (1 - self.whole))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train flow", description="Prepare pairs of images with known motion, then train; both resume."
    )
    out.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv: warped clips and synthetic pairs")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, likewise")
    out.add_argument("--sources", default=",".join(SOURCES), help="comma-separated (default: all)")
    out.add_argument("--make-only", action="store_true", help="prepare the pairs and stop")
    out.add_argument("--as-they-are", action="store_true", help="train on the pairs that are there, prepare none")
    out.add_argument("--name", default="refiner", help="of the training, a folder in --run")
    out.add_argument("--kind", choices=("refiner", "stack"), default="refiner", help="the network")
    out.add_argument("--width", type=int, default=8, help="channels of the network's first level")
    out.add_argument("--large", type=int, default=_LARGE, help="networks for large displacements (paper: 3)")
    out.add_argument("--steps", type=int, default=6000)
    out.add_argument("--schooling", type=float, default=0.1, help="share of steps with mostly synthetic motion")
    out.add_argument("--batch", type=int, default=8, help="pairs a step")
    out.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    out.add_argument("--every", type=int, default=500, help="steps between validations")
    add_run_options(out, "runs/flow", "pairs/ and NAME/")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    wanted = options.sources.split(",")
    unknown = sorted(set(wanted) - set(SOURCES))
    if unknown:
        raise DataSetError(f"sources: expected some of {', '.join(SOURCES)}, got {', '.join(unknown)}")
    if not options.as_they_are:
        say = partial(print, file=sys.stderr)
        make(options.run / "pairs", wanted, Amounts(), options.camus, options.acdc, say)
    if options.make_only:
        return 0
    learn, check = (
        {source: read_pairs(some) for source in wanted if (some := files(options.run / "pairs", split, [source]))}
        for split in ("train", "valid")
    )
    if not learn or not check:
        raise DataSetError(f"expected pairs of splits train and valid in {options.run / 'pairs'}; prepare them first")
    print(", ".join(f"{len(some)} pairs {source}" for source, some in learn.items()))
    plan = FlowPlan(
        options.kind,
        options.width,
        options.steps,
        options.schooling,
        options.batch,
        rate=options.rate,
        seed=options.seed,
        large=options.large,
    )
    train_flow(
        plan,
        learn,
        check,
        options.run / options.name,
        validate_every=options.every,
        execution=Execution.from_options(options),
    )
    return 0


def network(plan: FlowPlan) -> Net:
    """An untrained network.

    Raises:
        ValueError: the plan names another kind.

    """
    if plan.kind not in ("refiner", "stack"):
        raise ValueError(f"expected a network of kind refiner or stack, got {plan.kind}")
    return FlowRefiner(plan.width) if plan.kind == "refiner" else FlowNet(plan.width, plan.large)


def shares(sources: Mapping[str, FlowPairs], *, schooling: bool) -> dict[str, float]:
    """Relative frequency of each source: mostly synthetic pairs during schooling, few afterwards."""
    return {source: (6.0 if schooling else 0.7) if source == SYNTHETIC else 1.0 for source in sources}


@torch.no_grad()
def errors(net: Net, pairs: Mapping[str, FlowPairs], most: int = 32) -> dict[str, float]:
    """Mean end-point error in the wall in pixels by source, and "error": their mean without the synthetic ones."""
    found, device = {}, device_of(net)
    for source, some in pairs.items():
        total, count = 0.0, 0
        for number in range(0, len(some), max(1, len(some) // most)):
            wall = torch.from_numpy(some.known[number] == WALL)
            if wall.any():
                images, guesses = (torch.from_numpy(part)[None].to(device) for part in sample(some, number)[:2])
                answer = displacement(net(images[:, :1], images[:, 1:], guesses))[0].cpu()
                truth = torch.from_numpy(some.motion[number].astype("float32")).permute(2, 0, 1) / SCALE
                total, count = total + (answer - truth).norm(dim=0)[wall].mean().item(), count + 1
        found[source] = total / max(count, 1)
    hearts = [error for source, error in found.items() if source != SYNTHETIC] or list(found.values())
    return {**found, "error": sum(hearts) / len(hearts)}


def batch_maker(plan: FlowPlan, pairs: Mapping[str, FlowPairs]) -> Callable[[int], Batch]:
    """What makes the batch of a step, see samples.batch_of."""

    def batch(step: int) -> Batch:
        drawn = shares(pairs, schooling=step < plan.schooled)
        side = plan.side if step < plan.cut_until else SIDE_PX
        return batch_of(pairs, drawn, plan.batch, (plan.seed, step), side)

    return batch


def train_flow(
    plan: FlowPlan,
    pairs: Mapping[str, FlowPairs],
    check: Mapping[str, FlowPairs],
    run: Path,
    *,
    validate_every: int = 500,
    execution: Execution = ON_THE_CPU,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network; that of the lowest error on `check` is best.pt.

    Args:
        plan: see FlowPlan.
        pairs: to learn from, by source.
        check: to choose by, likewise.
        run: folder of the run.
        validate_every: steps between validations.
        execution: see training.train.
        say: called with lines of progress.

    Returns:
        the path of the best network.

    Raises:
        ValueError: the folder holds a run of another plan.

    """
    torch.manual_seed(plan.seed)
    net = network(plan).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    # Validated as well where the data change: when hearts take over, and when images become whole.
    changes = {plan.schooled, plan.cut_until, plan.steps}

    def pause(step: int) -> Pause | None:
        return Pause(validate=partial(errors, pairs=check)) if step % validate_every == 0 or step in changes else None

    job = Job(
        plan.fields,
        plan.steps,
        batch_maker(plan, pairs),
        _loss,
        pause,
        score=lambda figures: -figures["error"],
        rate=plan.rate,
        schedule=partial(warm_up_and_cosine, warm_up=plan.warm_up),
        weight_decay=plan.weight_decay,
        clip=1.0,
        average=plan.average,
    )
    return train(job, net, run, execution=execution, say=say)


def _loss(net: Net, batch: Batch, _step: int) -> Tensor:
    images, guesses, motion, weight = batch
    two = images.contiguous(memory_format=torch.channels_last)
    return end_point_loss(net(two[:, :1], two[:, 1:], guesses), motion, weight)
