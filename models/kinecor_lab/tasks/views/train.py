"""`kinecor train views`: classifies the view of echo frames, from simulated and real ones."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.precision import layout
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.training import Execution, torch_device, train
from kinecor_lab.datasets.data_folder import learning_and_choosing
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.views.clips import read_clip_frames
from kinecor_lab.tasks.views.data import Looks, ViewSample, ViewSquares, of_frames, rendered
from kinecor_lab.tasks.views.scenes import no_views, short_axis_mri
from kinecor_lab.tasks.views.table import scores_of
from kinecor_lab.tasks.views.two_chamber import two_chamber
from kinecor_models.contract import Tensors
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.view_net import ViewNet
from kinecor_models.views.classes import CLASSES

# Images with a view per image without one.
_VIEWS_PER_NONE = 6
DEFAULT_PLAN = "128x22x64,128x4x64x0.6"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor train views", description="Train the model; a stopped run resumes.")
    out.add_argument("--camus", type=Path, nargs="+", default=[], help="folders of CAMUS: real apical views")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv: images that are no echo")
    out.add_argument("--frames", type=Path, default=Path("runs/views/frames"), help="folder for simulated frames")
    out.add_argument("--clips", type=int, default=3000, help="simulated hearts to learn from, three frames each")
    out.add_argument("--times", type=int, default=1, help="repeats of each simulated frame per epoch")
    out.add_argument("--check", type=int, default=400, help="simulated hearts to choose by")
    out.add_argument("--clips-of", type=Path, nargs=2, metavar=("FOLDER", "CSV"), help="real clips and their views")
    out.add_argument("--clips-times", type=int, default=1, help="repeats of each of their frames per epoch")
    out.add_argument("--real-times", type=int, default=1, help="repeats of each frame of CAMUS per epoch")
    out.add_argument("--start", help="fine-tune an earlier run's network (best.pt), or a shipped model, by its name")
    out.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    out.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    out.add_argument("--render-only", action="store_true", help="render the simulated frames, and stop")
    add_run_options(out, "runs/views")
    return out


@reported("kinecor train views")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.render_only:
        rendered(options.frames, options.clips, options.seed)
        rendered(options.frames, options.check, options.seed + 1)
        return 0
    real = learning_and_choosing(options.camus) if options.camus else ([], [])
    learn = learning(options.frames, options.clips, options.seed, real[0], options.acdc, times=options.times)
    learn += of_frames(real[0]) * (options.real_times - 1)
    if options.clips_of:
        learn += read_clip_frames(*options.clips_of) * options.clips_times
    check = checking(options.frames, options.check, options.seed + 1, real[1], options.acdc)
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, seed=options.seed)
    torch.manual_seed(options.seed)
    net = ViewNet().to(memory_format=layout(torch_device(options.device).type))  # type: ignore[call-overload]
    if options.start:
        with_weights(net, with_five_chamber(weights_of(options.start)))
    squares = ViewSquares(Looks(learn, options.seed))
    job = frame_job(learn, plan, scores_of(check), prepare=squares, loss_of=view_loss)
    train(job, net, options.run, execution=Execution.from_options(options))
    return 0


def with_five_chamber(weights: Tensors) -> Tensors:
    """Weights of a network that did not know the five-chamber view, which then begins as a three-chamber one.

    Weights of any other network are returned as they are.
    """
    last = [name for name in weights if name.startswith("late.3.")]
    if not last or len(weights[last[0]]) != len(CLASSES) - 1:
        return weights
    like, at = CLASSES.index("A3C"), CLASSES.index("A5C")
    changed = {name: np.insert(weights[name], at, weights[name][like], axis=0) for name in [*last, "end.weight"]}
    return weights | changed


def view_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Smoothed cross-entropy of (n, classes) scores and (n, 1, 1) labels."""
    return torch.nn.functional.cross_entropy(scores, labels[:, 0, 0], label_smoothing=0.05)


def learning(
    frames: Path, clips: int, seed: int, real: Sequence[Sample], acdc: Path | None, *, times: int = 1
) -> list[ViewSample]:
    """Simulated frames, real ones, and images of no view; two-chamber frames are warped where no real one is.

    Args:
        frames: folder of the pack, see `rendered`.
        clips: simulated hearts.
        seed: of the draws.
        real: labelled frames of CAMUS; none to learn from simulated ones alone.
        acdc: folder of ACDC slices, or None.
        times: that each simulated frame comes.

    Raises:
        DataSetError: a data set is missing or damaged.

    """
    view_samples = rendered(frames, clips, seed) * times
    view_samples += of_frames(real)
    if real and not any(sample.view == "A2C" for sample in real):
        view_samples += two_chamber(real, seed)
    view_samples += no_views(len(view_samples) // _VIEWS_PER_NONE, seed, view_samples)
    return view_samples + (short_axis_mri(acdc, ["train"]) if acdc is not None else [])


def checking(frames: Path, clips: int, seed: int, real: Sequence[Sample], acdc: Path | None) -> list[ViewSample]:
    """Like `learning`, from other hearts and patients, without frames of semi-synthetic two-chamber look."""
    view_samples = rendered(frames, clips, seed)
    view_samples += no_views(len(view_samples) // _VIEWS_PER_NONE, seed, view_samples)
    view_samples += of_frames(real)
    return view_samples + (short_axis_mri(acdc, ["valid"]) if acdc is not None else [])
