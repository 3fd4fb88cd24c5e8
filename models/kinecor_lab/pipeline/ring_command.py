"""`kinecor evaluate short-axis-strain`: circumferential strain on simulated stacks, whose truth is exact."""

import argparse
import csv
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kinecor.io.files.atomic import write_text
from kinecor_lab.pipeline.ring_arms import ARMS, RingLooked, looked_at
from kinecor_lab.pipeline.ring_case import simulated
from kinecor_lab.pipeline.ring_table import ring_table

HEARTS = 4


def main(argv: Sequence[str]) -> int:
    """Run the command; 0."""
    parser = argparse.ArgumentParser(prog="kinecor evaluate short-axis-strain", description=__doc__)
    parser.add_argument("--hearts", type=int, default=HEARTS, help=f"kinds by turns (default: {HEARTS})")
    parser.add_argument("--out", type=Path, default=Path("runs/strain-figures"), help="folder for table and values")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    chosen = parser.parse_args(argv)
    if chosen.hearts < 1:
        parser.error(f"--hearts: expected 1 or more, got {chosen.hearts}")
    looked: list[RingLooked] = []
    began = time.monotonic()
    for number in range(chosen.hearts):
        looked.append(looked_at(simulated(number), chosen.device))
        seconds = time.monotonic() - began
        print(f"[{number + 1}/{chosen.hearts}] {looked[-1].name}, {seconds:.0f} s", file=sys.stderr, flush=True)
    text = ring_table(looked)
    print(text)
    write_text(chosen.out / "short-axis-strain.txt", text + "\n")
    write_text(chosen.out / "short-axis-strain.csv", _values(looked))
    return 0


def _values(looked: Sequence[RingLooked]) -> str:
    """Every value, as CSV: a row for each stack and way of measuring, and one for the truth."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["heart", "arm", "gcs", *(f"segment_{number}" for number in range(1, 17))])
    for one in looked:
        for arm, found in (("truth", one.true), *((arm, one.by_arm[arm]) for arm in ARMS)):
            writer.writerow([one.name, arm, f"{found.gcs:.2f}", *(f"{value:.2f}" for value in found.segments)])
    return out.getvalue()
