"""`kinecor evaluate flow`: motion of the wall against exact truth, by the network and by other methods."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kinecor_lab.common.commands import reported
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.common.table import add_output, flat, report
from kinecor_lab.tasks.motion.baselines import blocks, demons, farneback, still
from kinecor_lab.tasks.motion.cases import make_cases, read_cases
from kinecor_lab.tasks.motion.spans import SpanningModel
from kinecor_lab.tasks.motion.table import score, table
from kinecor_models.engines.engine import FlowEngine, open_dis, open_two_searches
from kinecor_models.motion.model import DIS_SIZES, MotionModel, open_motion


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate flow",
        description="Measure motion from frame to frame on clips that no training has seen; clips are made once.",
    )
    out.add_argument("--cases", type=Path, default=Path("runs/flow/cases"), help="folder for the clips")
    out.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv: clips made of its patients")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, likewise")
    out.add_argument("--hearts", type=int, default=12, help="simulated hearts, patients and slices of each source")
    out.add_argument("--network", type=Path, nargs="*", default=[], help="trained networks (best.pt) to measure")
    out.add_argument("--make-only", action="store_true", help="make the clips and stop")
    out.add_argument("--only", help="comma-separated methods")
    out.add_argument("--limit", type=int, default=0, help="maximum number of clips of each source (0: all)")
    out.add_argument("--seed", type=int, default=900_000)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    say = partial(print, file=sys.stderr)
    make_cases(options.cases, options.hearts, options.seed, options.camus, options.acdc, say)
    if options.make_only:
        return 0
    models = methods(options.network, options.only.split(",") if options.only else None)
    every = sorted(options.cases.glob("*.npz"))
    cases = [case for path in every for case in read_cases(path)[slice(options.limit or None)]]
    found = {}
    for name, model in models.items():
        found[name] = [score(model, case) for case in cases]
        say(f"{name}: {len(found[name])} clips")
    report(
        "flow",
        argv,
        "Motion of the wall from frame to frame",
        [table(found)],
        out=options.out,
        seed=options.seed,
        notes=[f"{len(cases)} clips, {sum(len(case.points) for case in cases)} pairs of frames, points of the wall"],
        values=[flat(score) | {"method": name} for name, some in found.items() for score in some],
    )
    return 0


NETWORK_PX = 128


def methods(networks: Sequence[Path] = (), only: Sequence[str] | None = None) -> dict[str, MotionModel]:
    """Models by name: baselines at the network's size and finer, and networks as training left them.

    Args:
        networks: files of a training (best.pt).
        only: names of those wanted; by default all.

    Raises:
        WeightsError: a file of a training is missing.

    """
    engines: dict[str, tuple[FlowEngine, int]] = {
        "no motion": (still(), NETWORK_PX),
        "block matching": (blocks(), NETWORK_PX),
        "block matching at 192": (blocks(), 192),
        "farneback": (farneback(), NETWORK_PX),
        "farneback at 192": (farneback(), 192),
        "demons": (demons(), NETWORK_PX),
        "dis": (open_dis(), NETWORK_PX),
        "dis at 192": (open_dis(), 192),
        "dis at 256": (open_dis(), 256),
        "dis at 128 and 256": (open_two_searches(), 256),
    }
    if networks:
        # OpenVINO takes half a second to import, so not before it is wanted.
        from kinecor_models.engines.converted import open_refiner
        from kinecor_models.engines.openvino_graphs import open_flow

        for path in networks:
            weights, name = averaged_weights([path]), f"network {path.parent.name}"
            if "near.2.weight" in weights:
                engines[name] = open_refiner(weights, NETWORK_PX), 2 * NETWORK_PX
            else:
                engines[name] = open_flow(weights, NETWORK_PX), NETWORK_PX
    models = {name: MotionModel(engine, size, name) for name, (engine, size) in engines.items()}
    least, most = DIS_SIZES
    models["dis over spans"] = SpanningModel(open_dis(), most, "dis over spans", least)
    models["dis as used"] = open_motion("dis")
    return {name: model for name, model in models.items() if only is None or name in only}
