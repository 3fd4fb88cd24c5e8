"""`kinecor train phases`: ED and ES by regression (TempReg-Net, Kong 2016), on warped and simulated cines."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.precision import reduced
from kinecor_lab.common.training import (
    ON_THE_CPU,
    Batch,
    Execution,
    Job,
    device_of,
    every,
    read_state,
    settings_of,
    train,
    warm_up_and_cosine,
)
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.phases.data import RECORDED, SOURCES, Amount, PhaseCine, files, jobs, make, read_cines
from kinecor_lab.tasks.phases.samples import sample
from kinecor_lab.tasks.phases.table import by_network, interval_s, mean_afd, scores, thinned
from kinecor_models.engines.torch_engines import curve_engine
from kinecor_models.nets.tempreg import ARMS as SHAPES
from kinecor_models.nets.tempreg import STRUCTURED, Shape, TempReg, narrow_shape, shape_from

WEIGHTS = (("simulated mri", 2.0), ("warped mri", 2.0), ("simulated echo", 1.0), ("warped echo", 1.0))
"""Relative frequency of each source in training: Kong 2016 is about MRI, and echo clips are fewer."""
ARMS = ("cnn", "tempreg-no-tsc", "tempreg", "light-cnn", "light-no-tsc", "light")
STRUCTURED_WEIGHT = 1.0
"""beta of Kong 2016, Eq. 3, chosen there by cross-validation and not printed."""
_COMMAND = "kinecor train phases"


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """Everything but the cines that determines a run.

    Attributes:
        shape: of the network.
        steps: of the optimiser.
        batch: recordings a step.
        frames: of each; Kong unrolls 20.
        side: of their images in pixels.
        rate: highest learning rate of AdamW, see training.warm_up_and_cosine.
        weight_decay: L_reg of Eq. 3.
        structured: weight of the temporal structured loss, 0 for training without.
        average: decay of the moving average of weights that is validated and shipped.
        weights: relative frequency by source.
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


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=_COMMAND, description="Prepare cines with known ED and ES, then train; both resume."
    )
    out.add_argument("--arm", choices=ARMS, default="light", help="which network; the first three are Kong's")
    out.add_argument("--narrow", type=int, default=1, help="divide Kong's filters, features and memory by this")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, for warped short-axis cines")
    out.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv, for warped apical clips")
    out.add_argument("--york", type=Path, help="York's cines as PNG with frames.csv, for recorded short-axis cines")
    out.add_argument(
        "--sources",
        default=",".join(SOURCES),
        help=f"comma-separated; also {', '.join(RECORDED)} (default: the others)",
    )
    out.add_argument("--name", help="of the run's folder (default: the arm's)")
    out.add_argument("--structured", type=float, help="weight of the structured loss, beta (default: 1)")
    out.add_argument("--simulated", type=int, default=24, help="files of each simulated source to train on")
    out.add_argument("--warped", "--made", type=int, default=15, help="files of each warped source to train on")
    out.add_argument("--make-only", action="store_true", help="prepare the cines and stop")
    out.add_argument("--as-they-are", action="store_true", help="train on the cines that are there, prepare none")
    out.add_argument("--steps", type=int, default=3000)
    out.add_argument("--batch", type=int, default=12, help="sequences a step")
    out.add_argument("--frames", type=int, default=24, help="frames of a sequence")
    out.add_argument("--side", type=int, default=96, help="side of the images in pixels")
    out.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    out.add_argument("--every", type=int, default=250, help="steps between validations")
    out.add_argument("--start", type=Path, help="fine-tune the network of an earlier run (best.pt)")
    add_run_options(out, "runs/phases", "cines/ and ARM/")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    wanted, folder = options.sources.split(","), options.run / "cines"
    unknown = sorted(set(wanted) - {*SOURCES, *RECORDED})
    if unknown:
        choices = ", ".join((*SOURCES, *RECORDED))
        raise DataSetError(f"sources: expected some of {choices}, got {', '.join(unknown)}")
    if not options.as_they_are:
        amount = Amount(options.simulated, options.warped)
        todo = jobs(folder, wanted, amount, options.acdc, options.camus, york=options.york)
        make(todo, partial(print, file=sys.stderr))
    if options.make_only:
        return 0
    learn, check = (read_cines(files(folder, split, wanted)) for split in ("train", "valid"))
    if not learn or not check:
        raise DataSetError(f"expected cines of splits train and valid in {folder}; name --acdc, or prepare more files")
    plan = PhasePlan(
        narrow_shape(SHAPES[options.arm], options.narrow),
        options.steps,
        options.batch,
        options.frames,
        options.side,
        options.rate,
        structured=_structured(options.arm, options.structured),
        weights=WEIGHTS,
        seed=options.seed,
    )
    print(f"{len(learn)} cines to learn from, {len(check)} to choose by")
    train_phases(
        plan,
        learn,
        options.run / (options.name or options.arm),
        afd_on(check, options.side),
        validate_every=options.every,
        start=options.start,
        execution=Execution.from_options(options),
    )
    return 0


def _structured(arm: str, weight: float | None) -> float:
    """Beta of an arm.

    Raises:
        ValueError: a weight was named for an arm without the structured loss.

    """
    if arm not in STRUCTURED:
        if weight:
            raise ValueError(f"--structured: arm {arm} has no structured loss; choose one of {', '.join(STRUCTURED)}")
        return 0.0
    return STRUCTURED_WEIGHT if weight is None else weight


def structured_loss(curve: Tensor, label: Tensor) -> Tensor:
    """Kong 2016, Eq. 2: half of (falls of the curve while the label rises, plus rises while it falls), over T.

    Args:
        curve: (n, t) predicted.
        label: (n, t), NaN where it is not known; a step counts where both its frames are.

    Returns:
        the mean over the n recordings.

    """
    step, true_step = curve.diff(dim=1), label.diff(dim=1)
    # Comparing with NaN is false: unknown steps count for nothing.
    falls = torch.where(true_step > 0, torch.relu(-step), torch.zeros_like(step))
    rises = torch.where(true_step < 0, torch.relu(step), torch.zeros_like(step))
    return 0.5 * (falls.sum(dim=1) + rises.sum(dim=1)).mean() / curve.shape[1]


def regression_loss(curve: Tensor, label: Tensor) -> Tensor:
    """Mean squared difference where the label is known; Kong sums it, which changes beta only."""
    known = torch.isfinite(label)
    squared = torch.where(known, (curve - torch.where(known, label, 0.0)) ** 2, 0.0)
    return squared.sum() / known.sum().clamp(min=1)


def phase_loss(curve: Tensor, label: Tensor, structured: float = STRUCTURED_WEIGHT) -> Tensor:
    """Eq. 3 without its regularisation, which is the optimiser's weight decay."""
    return regression_loss(curve, label) + structured * structured_loss(curve, label)


def batch_maker(cines: Sequence[PhaseCine], plan: PhasePlan) -> Callable[[int], Batch]:
    """What makes the batch of a step: frames (n, t, side, side) uint8 and curves (n, t) float32, NaN where unknown."""
    by_source: dict[str, list[PhaseCine]] = {}
    for cine in cines:
        by_source.setdefault(cine.source, []).append(cine)
    sources = sorted(by_source)
    weight = np.array([dict(plan.weights).get(source, 1.0) for source in sources])

    def batch(step: int) -> Batch:
        rng = np.random.default_rng((plan.seed, step))
        both = []
        for source in rng.choice(len(sources), plan.batch, p=weight / weight.sum()):
            some = by_source[sources[int(source)]]
            both.append(sample(some[int(rng.integers(len(some)))], plan.frames, plan.side, rng))
        frames, curves = (torch.from_numpy(np.stack(part)) for part in zip(*both, strict=True))
        return frames, curves

    return batch


def train_phases(
    plan: PhasePlan,
    cines: Sequence[PhaseCine],
    run: Path,
    validate: Callable[[TempReg], dict[str, float]],
    *,
    validate_every: int = 250,
    start: Path | None = None,
    execution: Execution = ON_THE_CPU,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a network on random parts of cines; the one of the lowest "afd" in validation is best.pt.

    Args:
        plan: see PhasePlan.
        cines: the training split.
        run: folder of the run.
        validate: measures a network, see afd_on.
        validate_every: steps between validations.
        start: a network of an earlier run (best.pt) to fine-tune; else random weights.
        execution: see training.train.
        say: called with lines of progress.

    Returns:
        the path of the best network.

    Raises:
        ValueError: the folder holds a run of another plan.
        WeightsError: there is no network to fine-tune.

    """
    torch.manual_seed(plan.seed)
    net = TempReg(plan.shape)
    if start is not None:
        net.load_state_dict(trained(start).state_dict())

    def loss(net: TempReg, batch: Batch, _step: int) -> Tensor:
        frames, label = batch
        # The light one in float32: with maps as small as its, bfloat16's backward pass takes four times as long.
        with reduced(frames.device.type, wanted=plan.shape.encoder == "zf"):
            curve = net(frames.float() / 255)
        return phase_loss(curve.float(), label, plan.structured)

    job = Job(
        asdict(plan),
        plan.steps,
        batch_maker(cines, plan),
        loss,
        every(validate_every, plan.steps, validate),
        score=lambda figures: -figures["afd"],
        rate=plan.rate,
        schedule=warm_up_and_cosine,
        weight_decay=plan.weight_decay,
        clip=1.0,
        average=plan.average,
    )
    return train(job, net, run, execution=execution, say=say)


def afd_on(cines: Sequence[PhaseCine], side: int) -> Callable[[TempReg], dict[str, float]]:
    """What measures a network: aFD in frames over all events ("afd", missed ones counted as 5), by source and kind.

    Also by how many frames fitted events come too late ("late ED", "late ES", medians).

    Args:
        cines: of the validation split.
        side: of the network's images in pixels.

    """
    some = [thinned(cine) for cine in cines]
    step_s = {cine.name: interval_s(cine) for cine in some}

    def measured(net: TempReg) -> dict[str, float]:
        found = scores(by_network(curve_engine(net, device_of(net).type), side), some)
        out = {"afd": mean_afd(found)}
        for kind in ("ED", "ES"):
            late = [
                score.off_ms / 1000 / step_s[score.name]
                for score in found
                if score.kind == kind and score.off is not None
            ]
            out[f"late {kind}"] = float(np.median(late)) if late else 0.0
        for source in sorted({score.source for score in found}):
            for kind in ("ED", "ES"):
                out[f"{source} {kind}"] = mean_afd([score for score in found if score.source == source], kind)
        return out

    return measured


def trained(file: Path) -> TempReg:
    """A network as train_phases left it, ready to infer.

    Raises:
        WeightsError: none exists.

    """
    state = read_state(file, _COMMAND)
    net = TempReg(shape_from(settings_of(state)["shape"]))
    net.load_state_dict(state["averaged"])
    return net.eval()


def trained_side(file: Path) -> int:
    """Side of the images, in pixels, that a network of train_phases was trained on."""
    return int(settings_of(read_state(file, _COMMAND))["side"])


def trained_late(file: Path) -> tuple[float, float]:
    """Frames by which fitted EDs and ESs came too late in validation, medians; see phases.model.found_events."""
    figures = read_state(file, _COMMAND).get("figures", {})
    return figures.get("late ED", 0.0), figures.get("late ES", 0.0)
