"""Real and simulated recordings side by side: one row a measure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.table import Column, Spread, Table, spread
from kinecor_lab.realism.frame import CAVITY, WALL, LookFrame, Measure, table_of
from kinecor_lab.realism.measures import ECHO_MEASURES, echo_measures
from kinecor_lab.realism.motion import CLIP_MEASURES, clip_measures
from kinecor_lab.realism.mri import MRI_MEASURES, mri_measures, window
from kinecor_lab.realism.sector import lit_hull

Histogram = NDArray[np.float64]


def histogram(values: NDArray[np.generic]) -> Histogram:
    """(256,) shares of grey levels 0..255, summing to 1; all NaN where there are no values."""
    if not values.size:
        return np.full(256, np.nan)
    counts = np.bincount(np.clip(values.ravel().astype(np.float64), 0, 255).astype(int), minlength=256)
    shares: Histogram = counts / values.size
    return shares


def earth_movers(first: Histogram, second: Histogram) -> float:
    """Earth mover's distance of two histograms in grey levels: the area between their cumulative shares."""
    return float(np.abs(np.cumsum(first) - np.cumsum(second)).sum())


def mean_histogram(some: Sequence[Histogram]) -> Histogram:
    """The mean of those that are not empty; all NaN where none is."""
    kept = [one for one in some if np.isfinite(one).all()]
    return np.mean(kept, axis=0) if kept else np.full(256, np.nan)


def distances(some: Sequence[Histogram], reference: Histogram) -> NDArray[np.float64]:
    """Earth mover's distance of each histogram to the reference; NaN for empty ones."""
    return np.asarray([earth_movers(one, reference) for one in some])


PLACES = ("picture", "wall", "blood")
MEASURES: Mapping[str, Mapping[str, Measure]] = {"echo": ECHO_MEASURES, "mri": MRI_MEASURES}
_DISTANCE = table_of(
    {
        f"histogram off, {place}": ("level", f"earth mover's distance of the {place}'s histogram to the mean real one")
        for place in PLACES
    }
)


@dataclass(frozen=True, eq=False)
class Looked:
    """Measures of several frames.

    Attributes:
        values: (n,) float64 by measure; NaN where a frame did not allow it.
        histograms: n grey-level histograms by place: of the sector (echo) or the square around the heart (MRI), of
            wall and of blood. MRI levels are percent of blood.

    """

    values: Mapping[str, NDArray[np.float64]]
    histograms: Mapping[str, Sequence[Histogram]]


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: mean, standard deviation and number of frames, real then simulated; and Cohen's d.

    `effect` is the difference of the means, simulated less real, over sqrt((SD_real^2 + SD_simulated^2) / 2); NaN
    where either has fewer than two values.
    """

    name: str
    unit: str
    real: Spread
    simulated: Spread
    effect: float


def looked(frames: Iterable[LookFrame], kind: str, tick: Callable[[int], None] = lambda _done: None) -> Looked:
    """Measure frames one by one; none is held in memory.

    Args:
        frames: labelled frames, for everything but motion; clips, for motion; or both at once.
        kind: "echo" or "mri".
        tick: called with how many were begun.

    """
    found: list[Mapping[str, float]] = []
    histograms: dict[str, list[Histogram]] = {place: [] for place in PLACES}
    for number, frame in enumerate(frames, start=1):
        tick(number)
        if frame.clip is not None and frame.interval_s is not None:
            found.append(clip_measures(frame.clip, frame.interval_s))
        if frame.labels is None:
            continue
        if kind == "echo":
            found.append(echo_measures(frame))
            level, inside = frame.image.astype(np.float64), lit_hull(frame.image)
            frame = frame.inside(inside)
        else:
            measured = mri_measures(frame)
            if np.isnan(measured["cavity area"]):
                continue
            found.append(measured)
            level = frame.image.astype(np.float64) * (100 / float(frame.image[frame.part(CAVITY)].mean()))
            inside = np.zeros(frame.image.shape, bool)
            inside[window(frame)] = True
        for place, part in zip(PLACES, (inside, frame.part(WALL), frame.part(CAVITY)), strict=True):
            histograms[place].append(histogram(level[part]))
    names = [*MEASURES[kind], *CLIP_MEASURES]
    values = {
        name: np.asarray([values_by_name.get(name, np.nan) for values_by_name in found], np.float64) for name in names
    }
    return Looked(values, histograms)


def rows(real: Looked, simulated: Looked, kind: str) -> list[Row]:
    """The table's rows: every measure that either side has, then the distances of histograms to the mean real one."""
    meanings = {**MEASURES[kind], **CLIP_MEASURES}
    made = [
        row(name, meanings[name].unit, real.values[name], simulated.values[name])
        for name in real.values
        if np.isfinite(real.values[name]).any() or np.isfinite(simulated.values[name]).any()
    ]
    for place in PLACES:
        reference = mean_histogram(real.histograms[place])
        if np.isfinite(reference).all():
            off = [distances(side.histograms[place], reference) for side in (real, simulated)]
            made.append(row(f"histogram off, {place}", _DISTANCE[f"histogram off, {place}"].unit, *off))
    return made


def row(name: str, unit: str, real: NDArray[np.float64], simulated: NDArray[np.float64]) -> Row:
    """One row from the values of both sides; values that are not finite are left out."""
    sides = [spread(side[np.isfinite(side)]) for side in (real, simulated)]
    pooled = float(np.sqrt((sides[0].sd ** 2 + sides[1].sd ** 2) / 2))
    effect = (sides[1].mean - sides[0].mean) / pooled if pooled > 0 else float("nan")
    return Row(name, unit, sides[0], sides[1], effect)


def table(all_rows: Sequence[Row], real: Looked, simulated: Looked, title: str = "") -> Table:
    """One row a measure; below, how many measures are near and how far the mean histograms are apart."""
    columns = (
        Column("measure"),
        Column("unit"),
        Column("real", form=".2f", counted=True),
        Column("simulated", form=".2f", counted=True),
        Column("effect", form="+.2f"),
    )
    body = tuple((row.name, row.unit, row.real, row.simulated, row.effect) for row in all_rows)
    notes = []
    effects = np.abs([row.effect for row in all_rows if np.isfinite(row.effect)])
    if effects.size:
        notes.append(
            f"{effects.size} measures: median |effect| {np.median(effects):.2f}; "
            f"{(effects < 0.5).sum()} below 0.5, {(effects < 1).sum()} below 1, {(effects >= 2).sum()} from 2 on"
        )
    apart = []
    for place in PLACES:
        means = [mean_histogram(side.histograms[place]) for side in (real, simulated)]
        if all(np.isfinite(mean).all() for mean in means):
            apart.append(f"{place} {earth_movers(*means):.1f}")
    if apart:
        notes.append(f"mean histograms apart (earth mover's distance, levels): {', '.join(apart)}")
    return Table(title, columns, body, tuple(notes))
