"""What cannot be exact even on perfect contours: volumes by disks, and ES by the cavity's area, on simulated hearts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.simulators.checks import Subject
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
    # Frames lie anywhere in the beat.
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


def _mean_sd(values: Iterable[float]) -> str:
    some = list(values)
    return f"{np.mean(some):+.1f} ± {np.std(some):.1f}"


def table(by_population: Mapping[str, list[Figures]]) -> str:
    """Mean ± SD by population, as text."""
    heads = ("biplane %", "leaning %", "biplane EF", "leaning EF", "A4C EF", "ES ms")
    names = ("biplane", "short", "biplane_ef", "short_ef", "single_ef", "es_ms")
    lines = [f"{'':15}{'n':>4}{'EDV ml':>8}{'EF %':>6}" + "".join(f"{head:>16}" for head in heads)]
    for population, some in by_population.items():
        volume, ef = np.mean([one.edv_ml for one in some]), np.mean([one.ef_percent for one in some])
        cells = "".join(f"{_mean_sd(getattr(one, name) for one in some):>16}" for name in names)
        lines.append(f"{population:15}{len(some):4}{volume:8.0f}{ef:6.0f}{cells}")
    return "\n".join(lines)
