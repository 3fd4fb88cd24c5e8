"""`kinecor evaluate strain`: longitudinal strain on simulated recordings or made cines, whose truth is exact."""

import argparse
import csv
import io
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from kinecor.io.files.atomic import write_text
from kinecor_lab.common.bland_altman import write_bland_altman
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.pipeline.strain_acquisitions import VIEWS, Acquisition, acquisitions
from kinecor_lab.pipeline.strain_arms import ARMS, WHOLE, Looked, looked_at
from kinecor_lab.pipeline.strain_case import Case, simulated
from kinecor_lab.pipeline.strain_made import GROUP, MadeFrom, made_cases
from kinecor_lab.pipeline.strain_made_table import made_table
from kinecor_lab.pipeline.strain_table import table

HEARTS = 6


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    parser = argparse.ArgumentParser(prog="kinecor evaluate strain", description=__doc__)
    parser.add_argument(
        "--hearts", type=int, default=HEARTS, help=f"in three views each, 2 or more (default: {HEARTS})"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/strain-figures"), help="folder for table, values, plot")
    parser.add_argument("--keep", type=Path, help="folder where recordings are kept for another run")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument(
        "--made",
        type=Path,
        help="CAMUS (PNG with index.csv, NIfTI or MHD): on cines made of its frames",
    )
    parser.add_argument("--split", default="valid", choices=("train", "valid", "test"), help="of --made")
    parser.add_argument("--paths", type=Path, default=Path("runs/sequence/paths"), help="where --made keeps its paths")
    parser.add_argument("--limit", type=int, default=0, help="so many patients of --made at most")
    parser.add_argument("--seed", type=int, default=0, help="of the cines of --made: rhythms, rates, strengths, grain")
    chosen = parser.parse_args(argv)
    if chosen.hearts < 2:
        parser.error(f"--hearts: expected 2 or more, got {chosen.hearts}")
    say = partial(print, file=sys.stderr, flush=True)
    try:
        looked = _made(chosen, say) if chosen.made else _simulated(chosen, say)
    except DataSetError as wrong:
        say(f"kinecor evaluate: {wrong}")
        return 1
    name, text = ("strain-made", made_table(looked)) if chosen.made else ("strain", table(looked))
    print(text)
    write_text(chosen.out / f"{name}.txt", text + "\n")
    write_text(chosen.out / f"{name}.csv", _values(looked))
    if not chosen.made or len(looked) > 1:
        _plot(chosen.out / f"{name}-bland-altman.svg", looked, "made cines" if chosen.made else "simulated recordings")
    return 0


def _made(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Looked]:
    wanted = MadeFrom(chosen.made, chosen.split, chosen.paths, chosen.limit, chosen.seed)
    looked: list[Looked] = []
    for case in made_cases(wanted, say):
        looked.append(looked_at(case, chosen.device))
        say(f"[{len(looked)}] {case.about.name}")
    if not looked:
        raise DataSetError(f"{chosen.made}: expected a pair of frames that match, found none; take another split")
    return looked


def _simulated(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Looked]:
    wanted: list[Acquisition] = list(acquisitions(chosen.hearts))
    looked: list[Looked] = []
    began = time.monotonic()
    for number, about in enumerate(wanted, start=1):
        looked += [looked_at(case, chosen.device) for case in _rates(simulated(about, chosen.keep))]
        say(f"[{number}/{len(wanted)}] {about.name}, {time.monotonic() - began:.0f} s")
    return looked


def _rates(case: Case) -> list[Case]:
    """A recording at a high frame rate as slower ones would have it, too; others as they are."""
    if case.about.group != "frame rate":
        return [case]
    return [_renamed(case.every(step), step) for step in (1, 2, 4)]


def _renamed(case: Case, step: int) -> Case:
    rate = case.about.frames_per_s / step
    return replace(case, about=replace(case.about, group=f"frame rate {rate:.0f} /s", frames_per_s=rate))


def _plot(path: Path, looked: Sequence[Looked], what: str) -> None:
    main_ones = [one for one in looked if one.case.about.group in ("main", GROUP)]
    pairs = {}
    for view in VIEWS:
        some = [one for one in main_ones if one.case.about.view == view]
        pairs[view] = [one.case.gls_percent for one in some], [one.by_arm[WHOLE].gls_percent for one in some]
    shown = {view: values for view, values in pairs.items() if values[0]}
    write_bland_altman(path, shown, title=f"Global longitudinal strain, {what}", unit="%")


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
