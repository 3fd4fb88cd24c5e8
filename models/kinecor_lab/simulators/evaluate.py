"""`kinecor evaluate phantoms`: the truth of simulated hearts, checked by integrals and differences.

Also what cannot be exact even on perfect contours: volumes by disks, and ES by the area of the cavity.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.commands import reported, show_progress
from kinecor_lab.common.table import Cell, Column, Table, add_output, flat, report, spread
from kinecor_lab.simulators import checks
from kinecor_lab.simulators.checks import Row, Subject
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating, Drift
from kinecor_phantoms.heart.plane import apical
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.heart.truth import biplane_ml
from kinecor_phantoms.lines import enclosed_area

Array = NDArray[np.float64]

FORESHORTENED_DEG = 12.0
_FRAMES_PER_S = 50.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one heart; volumes in percent of the true ones, ejection fractions in points, times in ms.

    Attributes:
        edv_ml, ef_percent: what is true.
        biplane, short: error of EDV by biplane disks, in planes through the apex and in foreshortened ones.
        biplane_ef, short_ef: error of the ejection fraction, likewise.
        single_ef: error of the ejection fraction by single-plane disks of the four-chamber view.
        es_ms: frame of the smallest four-chamber area, at 50 frames/s, less aortic valve closure.

    """

    edv_ml: float
    ef_percent: float
    biplane: float
    short: float
    biplane_ef: float
    short_ef: float
    single_ef: float
    es_ms: float


def _arches(beating: Beating, frame: int, lean_deg: float) -> list[Array]:
    anatomy, up = Anatomy(beating, frame), np.array([0.0, 0.0, beating.heart.shape.length_mm])
    found = []
    for view in ("A4C", "A2C"):
        plane = apical(view, 0.0)
        line = Section(beating, frame, plane.turned(plane.across, lean_deg, up), anatomy).arch(0.0)
        if line is None:
            raise ValueError(f"a {view} plane that leans by {lean_deg:g} degrees does not cut this heart")
        found.append(line)
    return found


def _ef(full: float, empty: float) -> float:
    return 100 * (1 - empty / full)


def figures(of: Subject) -> Figures:
    """The figures of one heart, in its first beat.

    Raises:
        ValueError: a foreshortened plane misses the heart.

    """
    heart, beat = replace(of.heart, drift=Drift()), of.heart.rhythm.beats[0]
    beating = heart.at([beat.start_s, beat.aortic_close_s])
    full, empty = beating.volume_ml
    true_ef = _ef(full, empty)
    straight, short = ([_arches(beating, frame, lean) for frame in (0, 1)] for lean in (0.0, FORESHORTENED_DEG))
    by_two, by_short = ([biplane_ml(*pair) for pair in pairs] for pairs in (straight, short))
    by_one = [biplane_ml(pair[0], pair[0]) for pair in straight]
    # Frames are at arbitrary times of the beat.
    around = heart.at(np.arange(beat.start_s + 0.3 / _FRAMES_PER_S, beat.mitral_open_s + 0.1, 1 / _FRAMES_PER_S))
    cuts = (
        Section(around, f, apical("A4C", 0.0), Anatomy(around, f), exact=False).arch(0.0) for f in range(len(around))
    )
    areas = [np.inf if line is None else enclosed_area(line) for line in cuts]
    return Figures(
        edv_ml=float(full),
        ef_percent=true_ef,
        biplane=100 * (by_two[0] / full - 1),
        short=100 * (by_short[0] / full - 1),
        biplane_ef=_ef(*by_two) - true_ef,
        short_ef=_ef(*by_short) - true_ef,
        single_ef=_ef(*by_one) - true_ef,
        es_ms=float(1000 * (around.times_s[int(np.argmin(areas))] - beat.aortic_close_s)),
    )


def table(by_population: Mapping[str, Sequence[Figures]]) -> Table:
    """Mean and SD by population."""
    columns = (
        Column("population"),
        Column("hearts", form="d"),
        Column("EDV", "ml", ".0f"),
        Column("EF", "%", ".0f"),
        Column("EDV, biplane", "%", "+.1f"),
        Column("EDV, foreshortened", "%", "+.1f"),
        Column("EF, biplane", "points", "+.1f"),
        Column("EF, foreshortened", "points", "+.1f"),
        Column("EF, A4C", "points", "+.1f"),
        Column("ES", "ms", "+.1f"),
    )
    names = ("biplane", "short", "biplane_ef", "short_ef", "single_ef", "es_ms")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            population,
            len(some),
            float(np.mean([heart_figures.edv_ml for heart_figures in some])),
            float(np.mean([heart_figures.ef_percent for heart_figures in some])),
            *(spread([getattr(heart_figures, name) for heart_figures in some]) for name in names),
        )
        for population, some in by_population.items()
    )
    title = f"Errors on perfect contours; foreshortened: planes {FORESHORTENED_DEG:g} degrees off the apex; mean ± SD"
    return Table(title, columns, rows)


def claims(rows: Sequence[Row]) -> Table:
    """The checks and whether they hold."""
    columns = (
        Column("claim"),
        Column("worst", form=".2g"),
        Column("mean", form=".2g"),
        Column("n", form="d"),
        Column("limit", form=".4g"),
        Column("unit"),
        Column("result"),
    )
    body = tuple(
        (
            row.check.name,
            row.worst,
            row.mean,
            row.count,
            row.check.limit,
            row.check.unit,
            "holds" if row.holds else "does not hold",
        )
        for row in rows
    )
    return Table("Claims of the simulated hearts against integrals and differences", columns, body)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate phantoms",
        description="Check the truth of simulated hearts against integrals and differences had another way.",
        epilog="Exit status 1 if a check does not hold. Figures: error of disks and of ES on perfect contours.",
    )
    out.add_argument("--hearts", type=int, default=24, metavar="N", help="of all populations and rhythms in turn")
    out.add_argument("--seed", type=int, default=0, help="of the draw of hearts")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 every check holds, 1 one does not, 2 bad usage)."""
    options = parser().parse_args(argv)
    if options.hearts < 1:
        print("kinecor evaluate: expected --hearts from 1 on", file=sys.stderr)
        return 2
    errors: dict[str, list[float]] = {check.name: [] for check in checks.CHECKS}
    by_population: dict[str, list[Figures]] = {}
    for number, subject in enumerate(checks.subjects(options.hearts, options.seed)):
        show_progress(f"{number + 1} of {options.hearts} hearts ")
        for check in checks.CHECKS:
            errors[check.name] += check.errors(subject)
        by_population.setdefault(subject.heart.population, []).append(figures(subject))
    print(file=sys.stderr)
    rows = checks.rows(errors)
    report(
        "phantoms",
        argv,
        "Truth of simulated hearts",
        [claims(rows), table(by_population)],
        out=options.out,
        seed=options.seed,
        values=[
            {"population": name} | flat(heart_figures) for name, some in by_population.items() for heart_figures in some
        ],
    )
    return 0 if all(row.holds for row in rows) else 1
