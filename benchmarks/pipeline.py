"""Time of a whole echo analysis a frame, on a recording given as a file: view, contours, motion, then strain.

python benchmarks/pipeline.py RECORDING [--repeats N]   e.g. of `kinecor phantom a4c --out FOLDER`
"""

import argparse
import time
from pathlib import Path

from kinecor.analysis.analyse import propose
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.values.reading import first_reading
from kinecor.core.values.recording import Stack
from kinecor.io.open.recordings import open_path


def main() -> None:
    """Prints the least and the median of several runs, models already open."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("recording", type=Path)
    asked.add_argument("--repeats", type=int, default=4)
    options = asked.parse_args()
    cine = open_path(options.recording).recordings[0]
    if isinstance(cine, Stack):
        raise SystemExit("expected an echo loop, got a stack of slices")
    rows = []
    for _ in range(options.repeats + 1):
        start = time.perf_counter()
        proposal = propose(cine, first_reading(cine), device="cpu")
        found = time.perf_counter()
        reading = proposal.edit.apply(first_reading(cine), proposal.by)
        strain = wall_strain(reading)
        rows.append((found - start, time.perf_counter() - found))
    gls = "withheld" if strain is None or strain.why else f"{strain.whole.end_systolic:.1f} %"
    print(f"{len(cine)} frames of {cine.columns} x {cine.rows}, GLS {gls}")
    # The first run opens the models.
    for name, times in zip(("view, contours, motion", "fusion and strain"), zip(*rows[1:], strict=True), strict=True):
        each = sorted(1000 * one / len(cine) for one in times)
        print(f"{name:24} least {each[0]:6.1f} ms, median {each[len(each) // 2]:6.1f} ms a frame")


if __name__ == "__main__":
    main()
