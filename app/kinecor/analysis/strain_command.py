"""`kinecor evaluate strain`: longitudinal strain on simulated recordings, whose truth is exact."""

import argparse
import csv
import io
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kinecor.analysis.strain_acquisitions import VIEWS, Acquisition, acquisitions
from kinecor.analysis.strain_arms import ARMS, WHOLE, Looked, looked_at
from kinecor.analysis.strain_case import Case, simulated
from kinecor.analysis.strain_table import table
from kinecor.io.atomic import write_text
from kinecor.io.bland_altman import write_bland_altman

HEARTS = 6


def main(argv: Sequence[str]) -> int:
    """Run the command; 0."""
    parser = argparse.ArgumentParser(prog="kinecor evaluate strain", description=__doc__)
    parser.add_argument(
        "--hearts", type=int, default=HEARTS, help=f"in three views each, 2 or more (default: {HEARTS})"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/strain-figures"), help="folder for table, values, plot")
    parser.add_argument("--keep", type=Path, help="folder where recordings are kept for another run")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    chosen = parser.parse_args(argv)
    if chosen.hearts < 2:
        parser.error(f"--hearts: expected 2 or more, got {chosen.hearts}")
    wanted: list[Acquisition] = list(acquisitions(chosen.hearts))
    looked: list[Looked] = []
    began = time.monotonic()
    for number, about in enumerate(wanted, start=1):
        looked += [looked_at(case, chosen.device) for case in _rates(simulated(about, chosen.keep))]
        print(f"[{number}/{len(wanted)}] {about.name}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    text = table(looked)
    print(text)
    write_text(chosen.out / "strain.txt", text + "\n")
    write_text(chosen.out / "strain.csv", _values(looked))
    _plot(chosen.out / "strain-bland-altman.svg", looked)
    return 0


def _rates(case: Case) -> list[Case]:
    """A recording at a high frame rate as slower ones would have it, too; others as they are."""
    if case.about.group != "frame rate":
        return [case]
    return [_renamed(case.every(step), step) for step in (1, 2, 4)]


def _renamed(case: Case, step: int) -> Case:
    rate = case.about.frames_per_s / step
    return replace(case, about=replace(case.about, group=f"frame rate {rate:.0f} /s", frames_per_s=rate))


def _plot(path: Path, looked: Sequence[Looked]) -> None:
    main_ones = [one for one in looked if one.case.about.group == "main"]
    pairs = {}
    for view in VIEWS:
        some = [one for one in main_ones if one.case.about.view == view]
        pairs[view] = [one.case.gls_percent for one in some], [one.by_arm[WHOLE].gls_percent for one in some]
    write_bland_altman(path, pairs, title="Global longitudinal strain, simulated recordings", unit="%")


def _values(looked: Sequence[Looked]) -> str:
    """Every value, as CSV: a row for each recording and way of measuring."""
    out = io.StringIO()
    writer = csv.writer(out)
    segments = [f"segment_{number}" for number in range(1, 7)]
    writer.writerow(
        ["group", "population", "heart", "view", "take", "arm", "gls_true", "gls", "drift", "why"]
        + [f"{one}_true" for one in segments]
        + segments
        + [f"quality_{k}" for k in range(1, 7)]
    )
    for one in looked:
        about = one.case.about
        for arm in ARMS:
            found = one.by_arm[arm]
            numbers = [one.case.gls_percent, found.gls_percent, found.drift_percent]
            more = [*one.case.segments_percent, *found.segments_percent, *found.quality]
            writer.writerow(
                [about.group, about.population, about.heart, about.view, about.take, arm]
                + [f"{value:.2f}" for value in numbers]
                + [found.why or ""]
                + [f"{value:.2f}" for value in more]
            )
    return out.getvalue()
