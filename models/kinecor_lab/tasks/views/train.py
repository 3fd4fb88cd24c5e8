"""`kinecor train views`: names the view of echo frames, from simulated and real ones."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.allocator import quiet_allocator

DEFAULT_PLAN = "128x22x64,128x4x64x0.6"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(prog="kinecor train views", description="Train the model; a stopped run resumes.")
    made.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv: real four-chamber views")
    made.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv: pictures that are no echo")
    made.add_argument("--run", type=Path, default=Path("runs/views"), help="folder for checkpoints and the log")
    made.add_argument("--frames", type=Path, default=Path("runs/views/frames"), help="folder for simulated frames")
    made.add_argument("--clips", type=int, default=3000, help="simulated hearts to learn from, three frames each")
    made.add_argument("--check", type=int, default=400, help="simulated hearts to choose by")
    made.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    made.add_argument("--seed", type=int, default=2026)
    made.add_argument("--render-only", action="store_true", help="make the simulated frames, and stop")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.views.samples import rendered
    from kinecor_lab.tasks.views.sets import checking, learning

    if options.render_only:
        rendered(options.frames, options.clips, options.seed)
        rendered(options.frames, options.check, options.seed + 1)
        return 0
    try:
        learn = learning(options.frames, options.clips, options.seed, options.camus, options.acdc)
        check = checking(options.frames, options.check, options.seed + 1, options.camus, options.acdc)
    except DataSetError as wrong:
        print(f"kinecor train views: {wrong}", file=sys.stderr)
        return 1
    quiet_allocator()
    import torch
    from torch import Tensor

    from kinecor_lab.common.loop import Plan, train
    from kinecor_lab.tasks.apical.train import stages_of
    from kinecor_lab.tasks.views.looks import Looks
    from kinecor_lab.tasks.views.placing import ViewSquares
    from kinecor_lab.tasks.views.table import scores_of
    from kinecor_models.nets.view_net import ViewNet

    def loss(scores: Tensor, labels: Tensor) -> Tensor:
        return torch.nn.functional.cross_entropy(scores, labels[:, 0, 0], label_smoothing=0.05)

    try:
        plan = Plan(stages_of(options.plan), seed=options.seed)
        torch.manual_seed(options.seed)
        squares = ViewSquares(Looks(learn, options.seed))
        train(
            ViewNet(),
            ViewNet(),
            learn,
            plan,
            options.run,
            scores_of(check),
            prepare=squares,
            loss_of=loss,
        )
    except ValueError as wrong:
        print(f"kinecor train views: {wrong}", file=sys.stderr)
        return 1
    return 0
