"""`kinecor evaluate flow`: motion of the wall against exact truth, the network beside other methods."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate flow",
        description="Measure motion from frame to frame on clips that no training has seen; clips are made once.",
    )
    made.add_argument("--cases", type=Path, default=Path("runs/flow/cases"), help="folder for the clips")
    made.add_argument("--camus", type=Path, help="CAMUS frames as PNG with index.csv: clips made of its patients")
    made.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, likewise")
    made.add_argument("--hearts", type=int, default=12, help="simulated hearts, patients and slices of each source")
    made.add_argument("--network", type=Path, nargs="*", default=[], help="trained networks (best.pt) to measure")
    made.add_argument("--make-only", action="store_true", help="make the clips and stop")
    made.add_argument("--only", help="comma-separated methods")
    made.add_argument("--limit", type=int, default=0, help="use only so many clips of each source")
    made.add_argument("--seed", type=int, default=900_000)
    made.add_argument("--json", type=Path, help="also write every clip's figures there")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.motion.cases import make_cases, read_cases
    from kinecor_lab.tasks.motion.methods import methods
    from kinecor_lab.tasks.motion.table import score, table
    from kinecor_models.weights import WeightsError

    try:
        say = partial(print, file=sys.stderr)
        make_cases(options.cases, options.hearts, options.seed, options.camus, options.acdc, say)
        if options.make_only:
            return 0
        models = methods(options.network, options.only.split(",") if options.only else None)
    except (DataSetError, WeightsError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    files = sorted(options.cases.glob("*.npz"))
    cases = [case for path in files for case in read_cases(path)[slice(options.limit or None)]]
    found = {}
    for name, model in models.items():
        found[name] = [score(model, case) for case in cases]
        print(f"{name}: {len(found[name])} clips", file=sys.stderr)
    print(f"{len(cases)} clips, {sum(len(case.points) for case in cases)} pairs of frames, points of the wall")
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps({name: [asdict(one) for one in some] for name, some in found.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
