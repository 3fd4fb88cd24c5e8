"""`kinecor train listener`: how far contours that follow a person's are off, from experts' contours at ED and ES."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.training import ON_THE_CPU, Batch, Execution, Job, device_of, every, train, warm_up_and_cosine
from kinecor_lab.datasets.data_folder import learning_and_choosing
from kinecor_lab.tasks.apical.data import saved_simulated_frames
from kinecor_lab.tasks.listener.data import batch_of, pairs_of, strips_of
from kinecor_models.nets.listener_net import ListenerNet

VIEWS = ("A4C", "A2C", "A3C")
_REAL, _MADE = 0.65, 0.35
_CHOOSING, _BATCHES = 77, 8


@dataclass(frozen=True, slots=True)
class ListenerPlan:
    """Everything but the images that determines a run.

    Attributes:
        width: channels of the network's hidden layers.
        steps: of the optimiser.
        batch: lines a step.
        rate: highest learning rate of AdamW, see training.warm_up_and_cosine.
        weight_decay: of AdamW.
        average: decay of the moving average of weights that is validated and shipped.
        seed: of first weights and lines.

    """

    width: int = 64
    steps: int = 5000
    batch: int = 32
    rate: float = 2e-3
    weight_decay: float = 1e-2
    average: float = 0.995
    seed: int = 2026


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train listener", description="Train the network; a stopped run resumes."
    )
    out.add_argument(
        "--data", type=Path, nargs="+", required=True, help="folders of CAMUS, see kinecor train lv-apical"
    )
    out.add_argument("--simulated", type=int, default=160, help="frames that are simulated, and learnt from as well")
    out.add_argument("--steps", type=int, default=5000)
    out.add_argument("--batch", type=int, default=32, help="lines a step")
    out.add_argument("--every", type=int, default=500, help="steps between validations")
    add_run_options(out, "runs/listener")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    learn, check = (pairs_of(some) for some in learning_and_choosing(options.data))
    made = pairs_of(saved_simulated_frames(options.run, options.simulated, options.seed, VIEWS))
    if not learn or not check:
        raise ValueError("expected patients with ED and ES, wall and cavity drawn, found none in --data")
    print(f"{len(learn)} pairs of patients, {len(check)} that choose, {len(made)} simulated")
    plan = ListenerPlan(steps=options.steps, batch=options.batch, seed=options.seed)
    sets = [strips_of(learn)] + ([strips_of(made)] if made else [])
    run = options.run / "listener"
    train_listener(
        plan, sets, strips_of(check), run, validate_every=options.every, execution=Execution.from_options(options)
    )
    return 0


def train_listener(
    plan: ListenerPlan,
    sets: Sequence[NDArray[np.uint8]],
    check: NDArray[np.uint8],
    run: Path,
    *,
    validate_every: int = 500,
    execution: Execution = ON_THE_CPU,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network; that of the lowest error on `check` is best.pt.

    Args:
        plan: see ListenerPlan.
        sets: strips to learn from, of patients and, where there are some, simulated ones; see data.strips_of.
        check: strips to choose by.
        run: folder of the run.
        validate_every: steps between validations.
        execution: see training.train.
        say: called with lines of progress.

    Returns:
        the path of the best network.

    """
    torch.manual_seed(plan.seed)
    shares = (_REAL, _MADE)[: len(sets)]

    def batch(step: int) -> Batch:
        made = batch_of(sets, shares, plan.batch, np.random.default_rng((plan.seed, step)))
        return tuple(torch.from_numpy(one) for one in (made.seen, made.unknown, made.off))

    job = Job(
        asdict(plan),
        plan.steps,
        batch,
        _loss,
        every(validate_every, plan.steps, partial(errors, check=check)),
        score=lambda figures: -figures["error"],
        rate=plan.rate,
        schedule=partial(warm_up_and_cosine, warm_up=0.05),
        weight_decay=plan.weight_decay,
        clip=1.0,
        average=plan.average,
    )
    return train(job, ListenerNet(width=plan.width), run, execution=execution, say=say)


@torch.no_grad()
def errors(net: ListenerNet, check: NDArray[np.uint8]) -> Mapping[str, float]:
    """Root mean square of what lines of the same random patients are off, in steps: "before", and "error" after."""
    rng, device = np.random.default_rng(_CHOOSING), device_of(net)
    before, after = [], []
    for _ in range(_BATCHES):
        made = batch_of([check], [1.0], 64, rng)
        found = _steps(net(torch.from_numpy(made.seen).to(device))[0], torch.from_numpy(made.unknown).to(device))
        before.append(float((made.off**2).mean()))
        after.append(float(((found.cpu().numpy() - made.off) ** 2).mean()))
    return {"before": float(np.mean(before)) ** 0.5, "error": float(np.mean(after)) ** 0.5}


def _steps(raw: Tensor, unknown: Tensor) -> Tensor:
    """See `kinecor_models.contours.listener.offset`."""
    scaled: Tensor = 3 * torch.sqrt(unknown)[:, None] * raw
    return scaled


def _loss(net: ListenerNet, batch: Batch, _step: int) -> Tensor:
    """That of Laplace's distribution, whose width the network says as well."""
    seen, unknown, off = batch
    raw, spread = net(seen)
    found: Tensor = (_steps(raw, unknown) - off).abs() * torch.exp(-spread) + spread
    return found.mean()
