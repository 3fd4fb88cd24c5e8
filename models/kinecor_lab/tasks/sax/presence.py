"""`kinecor train sax-presence`: in which slices the ventricles are, from which slices experts contour.

The network that contours slices is not trained here: its contours of every stack are computed once (and stored, with
--cache), and a small head learns from them. ACDC and York hold slices that experts left out, Sunnybrook's single images
are all contoured, simulated stacks are known throughout. Each stack is also shown with slices cut off at either end and
with one phase alone, since sets differ in how far they reach beyond the ventricle.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from kinecor.analysis.analyse import outlines_of
from kinecor_lab.common.commands import PausedError, add_device, reported, show_progress
from kinecor_lab.common.publish import write_weights
from kinecor_lab.datasets.stacks import LabelledStack
from kinecor_lab.tasks.sax.networks import add_networks, model_of
from kinecor_lab.tasks.sax.stacks import SETS, add_folders, labelled_stacks, looked_at, read, simulated_stacks
from kinecor_models.contours.presence import RIGHT_HEAD, Floats, Outlined, base_first, features, stack_outlines
from kinecor_models.contract import Tensors, load_card, load_weights

NAME = "sax-presence"
PHASES = 6
"""Of a cine that are used, ED and ES among them."""
SIMULATED_SEED = 950000
# Weight of a stack, by set: York has few patients, simulated ones are not real, DSB has twice as many as all others.
_WEIGHT = {"ACDC": 1.0, "SCD": 0.5, "York": 3.0, "simulated": 1.0, "DSB": 1.0}
VARIANTS, HIDDEN, NETWORKS, BATCH, STEPS, RATE = 4, 16, 18, 256, 350, 1e-2
_NOISE, _DROPPED = 0.15, 0.2
_MIN_SLICES = 4
_NOWHERE = -1e9


@dataclass(frozen=True, eq=False)
class Example:
    """A stack from base to apex.

    Attributes:
        source: which set.
        seen: its contours.
        left, right: (slices, phases) as in LabelledStack.

    """

    source: str
    seen: Outlined
    left: Floats
    right: Floats

    def part(self, slices: slice, phases: Sequence[int]) -> "Example":
        """Some of its slices and phases."""
        left, right = (one[slices][:, phases] for one in (self.left, self.right))
        return Example(self.source, self.seen.part(slices, phases), left, right)


def example_of(stack: LabelledStack, seen: Outlined) -> Example:
    """The stack turned so that its base comes first."""
    order = slice(None, None, 1 if base_first(seen.area[0]) else -1)
    return Example(stack.source, seen.part(order), stack.left[order], stack.right[order])


def variants(example: Example, count: int, rng: Generator) -> Iterator[Example]:
    """The example itself, and others with slices cut off at either end or one phase alone, `count` in all."""
    slices, phases = example.left.shape
    there = np.flatnonzero((example.left == 1).any(axis=1))
    yield example
    for _ in range(count - 1):
        first = int(rng.integers(0, there[0] + 2)) if rng.random() < 0.6 else 0
        after = int(rng.integers(there[-1], slices + 1)) if rng.random() < 0.6 else slices
        if after - first < _MIN_SLICES:
            first, after = 0, slices
        some = [int(rng.integers(phases))] if rng.random() < 0.25 else list(range(phases))
        yield example.part(slice(first, after), some)


@dataclass(frozen=True, eq=False)
class Rows:
    """Stacks at one phase each, filled up to one number of slices.

    Attributes:
        seen: (rows, slices, features) float32.
        truth: (rows, slices, 2) 1, 0 or NaN for the left and the right ventricle; NaN beyond the stack.
        inside: (rows, slices) whether the stack has that slice.
        weight: (rows,).

    """

    seen: np.ndarray
    truth: np.ndarray
    inside: np.ndarray
    weight: np.ndarray


def rows_of(examples: Sequence[Example], rng: Generator) -> Rows:
    """All phases of all variants; every stack of a set weighs alike."""
    found = [
        (features(part.seen)[:, phase], np.stack([part.left[:, phase], part.right[:, phase]], axis=1), weight)
        for example in examples
        for part in variants(example, VARIANTS, rng)
        for phase in range(part.left.shape[1])
        if np.isfinite(part.left[:, phase]).any()
        for weight in [_WEIGHT[example.source] / part.left.shape[1]]
    ]
    most = max(len(seen) for seen, _, _ in found)
    seen = np.zeros((len(found), most, found[0][0].shape[1]), np.float32)
    truth = np.full((len(found), most, 2), np.nan, np.float32)
    inside = np.zeros((len(found), most), bool)
    for number, (own, known, _) in enumerate(found):
        seen[number, : len(own)], truth[number, : len(own)], inside[number, : len(own)] = own, known, True
    weight = np.array([row_weight for _, _, row_weight in found], np.float32)
    return Rows(seen, truth, inside, weight / weight.mean())


def ends_loss(odds: Tensor, truth: Tensor, inside: Tensor, weight: Tensor) -> Tensor:
    """- log probability of the expert's base and apex, of stacks in which both are known.

    A ventricle has no gaps: from a slice in its middle outwards, the odds that it reaches a slice are the sum of those
    of the slices on the way. The program decides in the same way (kinecor.core.volumes.extent).

    Args:
        odds: (networks, rows, slices, 2) log-odds of left and right ventricle.
        truth: see Rows, as for the others.
        inside: which slices there are.
        weight: of each row.

    """
    number = torch.arange(odds.shape[2])
    total = odds.new_zeros(())
    for which in range(2):
        known = torch.isfinite(truth[..., which])
        here = torch.nan_to_num(truth[..., which]) > 0
        usable = ((known == inside).all(1) & (here.sum(1) > 1)).float() * weight
        first = torch.where(here, number, odds.shape[2] - 1).min(1).values
        last = torch.where(here, number, 0).max(1).values
        middle = ((first + last) // 2)[:, None]
        for end, side in ((first, number <= middle), (last, number >= middle)):
            part = torch.where(side & inside, odds[..., which], odds.new_zeros(()))
            reach = part.flip(-1).cumsum(-1).flip(-1) if end is first else part.cumsum(-1)
            chance = reach.masked_fill(~(side & inside), _NOWHERE).log_softmax(-1)
            total = total - (chance.gather(-1, end[None, :, None].expand(len(odds), -1, 1))[..., 0] * usable).mean()
    return total


def fitted(examples: Sequence[Example], seed: int, steps: int = STEPS) -> Tensors:
    """Weights of the head, see PresenceModel."""
    rows = rows_of(examples, np.random.default_rng(seed))
    torch.manual_seed(seed)
    mean, scale = rows.seen[rows.inside].mean(axis=0), rows.seen[rows.inside].std(axis=0) + 1e-3
    seen = torch.from_numpy(np.clip((rows.seen - mean) / scale, -4, 4))
    truth, inside, weight = (torch.from_numpy(one) for one in (rows.truth, rows.inside, rows.weight))
    count = seen.shape[2]
    first, second = (
        torch.randn(NETWORKS, *shape).div(shape[0] ** 0.5).requires_grad_() for shape in ((count, HIDDEN), (HIDDEN, 2))
    )
    first_bias, second_bias = (torch.zeros(NETWORKS, 1, 1, size, requires_grad=True) for size in (HIDDEN, 2))
    optimizer = torch.optim.AdamW([first, second, first_bias, second_bias], lr=RATE, weight_decay=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        some = torch.randint(0, len(seen), (BATCH,))
        noisy = seen[some] + _NOISE * torch.randn(BATCH, *seen.shape[1:])
        noisy = noisy * (torch.rand(BATCH, 1, count) > _DROPPED / 2)
        hidden = torch.tanh(torch.einsum("bsf,mfh->mbsh", noisy, first) + first_bias)
        hidden = torch.nn.functional.dropout(hidden, _DROPPED)
        odds = torch.einsum("mbsh,mho->mbso", hidden, second) + second_bias
        loss = ends_loss(odds, truth[some], inside[some], weight[some])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    out = {"mean": mean, "scale": scale, "first": first, "second": second}
    out |= {"first_bias": first_bias[:, 0, 0], "second_bias": second_bias[:, 0, 0]}
    return {
        name: (tensor.detach().numpy() if isinstance(tensor, Tensor) else tensor).astype(np.float32)
        for name, tensor in out.items()
    }


def right_head(weights: Tensors) -> Tensors:
    """What decides on the right ventricle, of the weights of a whole model, under the names of such a head."""
    own = {name: weight for name, weight in weights.items() if name.startswith(RIGHT_HEAD)}
    return own or {f"{RIGHT_HEAD}{name}": weight for name, weight in weights.items()}


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor train {NAME}", description=__doc__.splitlines()[0])
    add_folders(out)
    out.add_argument("--simulated", type=int, default=0, help="how many simulated stacks are learnt from, too")
    out.add_argument("--steps", type=int, default=STEPS, help=f"of the fit, after all stacks (default: {STEPS})")
    out.add_argument("--keep-right", action="store_true", help="the right ventricle keeps the networks that ship")
    out.add_argument("--run", type=Path, help="folder where what the network gives is stored: a stopped run resumes")
    out.add_argument("--call-minutes", type=float, help="stop this call after this time; the same command resumes")
    out.add_argument("--out", type=Path, required=True, help="folder of the card, in which the weights are written")
    out.add_argument("--version", required=True, help="of the weights")
    add_networks(out)
    add_device(out, "where slices are contoured")
    out.add_argument("--seed", type=int, default=2026)
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    started_s = time.monotonic()
    options = parser().parse_args(argv)
    if options.call_minutes and not options.run:
        raise ValueError("--call-minutes: expected --run FOLDER, where the next call finds what was done")
    folders = {name: getattr(options, name) for name in SETS if name != "studies"} | {"studies": None}
    stacks = labelled_stacks(folders, "train", PHASES)
    stacks += simulated_stacks(options.simulated, SIMULATED_SEED, PHASES)
    model = model_of(options)
    examples = []
    if options.run:
        options.run.mkdir(parents=True, exist_ok=True)
    ends_s = started_s + 60 * options.call_minutes if options.call_minutes else math.inf
    for done, stack in enumerate(stacks, 1):
        if time.monotonic() >= ends_s:
            raise PausedError(f"paused before stack {done} of {len(stacks)}; the same command resumes with --run")
        reading = read(stack, looked_at(stack, model, options.run), model.card.author, None)
        examples.append(example_of(stack, stack_outlines(outlines_of(reading))))
        show_progress(f"{done}/{len(stacks)}")
    print(file=sys.stderr)
    if not any((example.left == 0).any() for example in examples):
        raise ValueError("expected slices that experts left out, found none: name --acdc, --york or --simulated, too")
    weights = fitted(examples, options.seed, options.steps)
    if options.keep_right:
        weights |= right_head(load_weights(load_card(NAME)))
    print(write_weights(weights, NAME, options.version, options.out))
    return 0
