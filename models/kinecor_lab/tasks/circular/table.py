"""Table 1 of Zhang 2018: slice-wise DSC, HD and APD of the myocardium, by network, with the published rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from kinecor_lab.common.metrics import boundary, dice
from kinecor_lab.common.table import Cell, Column, Spread, Table, spread
from kinecor_lab.datasets.cycles import Cycle

PUBLISHED = {
    "cnn": (Spread(3600, 0.840, 0.081), Spread(3600, 6.784, 4.544), Spread(3600, 1.110, 0.564)),
    "one-level": (Spread(3600, 0.839, 0.083), Spread(3600, 6.355, 4.285), Spread(3600, 1.086, 0.556)),
    "multi-level": (Spread(3600, 0.842, 0.080), Spread(3600, 6.125, 4.042), Spread(3600, 1.037, 0.457)),
}
"""DSC, HD (mm), APD (mm) on eight pigs, leaving out one at a time, ensembles of five networks."""
OWN = {"ensemble": "multi-level", "shipped": "multi-level"}
"""The paper's row that ours are compared with: multi-level networks on one extractor, and the one that ships."""


@dataclass(frozen=True, slots=True)
class FrameScore:
    """One frame: overlap, Hausdorff distance, and mean distance from the found outline to the true one, in mm."""

    patient: str
    dsc: float
    hd_mm: float
    apd_mm: float

    def scaled(self, factor: float) -> "FrameScore":
        """The same with distances times `factor`: in millimetres of another size, or in pixels."""
        return self if factor == 1 else replace(self, hd_mm=self.hd_mm * factor, apd_mm=self.apd_mm * factor)


def frame_score(
    patient: str, found: NDArray[np.bool_], truth: NDArray[np.bool_], spacing_mm: float = 1.0
) -> FrameScore:
    """Scores of one frame; distances are infinite where nothing was found.

    APD goes from the automatic outline to the manual one only, as the paper defines it.
    """
    mine, theirs = boundary(found), boundary(truth)
    if not len(mine):
        return FrameScore(patient, 0.0, float("inf"), float("inf"))
    there, back = cKDTree(theirs).query(mine)[0], cKDTree(mine).query(theirs)[0]
    hausdorff = float(max(there.max(), back.max())) * spacing_mm
    return FrameScore(patient, dice(found, truth), hausdorff, float(there.mean()) * spacing_mm)


def cycle_scores(cycle: Cycle, probabilities: NDArray[np.floating]) -> list[FrameScore]:
    """Every frame of a cycle that has a wall; probabilities (t, side, side) are cut at 0.5."""
    return [
        frame_score(cycle.patient, found > 0.5, wall > 0, cycle.pixel_mm)
        for found, wall in zip(probabilities, cycle.wall, strict=True)
        if wall.any()
    ]


MM, PIXELS = "mm", "px"
"""Units of distances: York's pixels have no size."""


def _measures(unit: str) -> tuple[Column, Column, Column]:
    return Column("DSC"), Column("HD", unit), Column("APD", unit)


def table(by_arm: Mapping[str, Sequence[FrameScore]], of: str = "", unit: str = MM) -> Table:
    """Mean and SD over frames; distances over the frames in which a wall was found. Zhang's rows next to ours.

    Args:
        by_arm: of each row; several networks together are one row.
        of: which recordings, for the title.
        unit: of the distances; the published ones, in mm, stand beside distances in mm alone.

    """
    columns = (Column("network"), Column("n", form="d"), *_measures(unit))
    rows: list[tuple[Cell, ...]] = []
    for arm, some in by_arm.items():
        theirs = OWN.get(arm, arm)
        if theirs in PUBLISHED:
            dsc, *published = PUBLISHED[theirs]
            rows.append((f"{theirs}, Zhang 2018 (pigs)", 3600, dsc, *(published if unit == MM else ("-", "-"))))
        distances = (spread([score.hd_mm for score in some]), spread([score.apd_mm for score in some]))
        rows.append((f"{arm}, ours", len(some), spread([score.dsc for score in some]), *distances))
    return Table(f"Myocardium of single frames (Table 1 of Zhang 2018){of}", columns, tuple(rows))


def alone_table(by_arm: Mapping[str, Sequence[Sequence[FrameScore]]], of: str = "", unit: str = MM) -> Table:
    """How much networks differ that were trained alike: mean and SD over networks of each one's mean over frames.

    Args:
        by_arm: scores of each network of an arm alone.
        of: which recordings, for the title.
        unit: of the distances.

    """
    columns = (Column("network alone"), Column("networks", form="d"), *_measures(unit))
    rows: list[tuple[Cell, ...]] = []
    for arm, networks in by_arm.items():
        each = [
            (
                spread([score.dsc for score in some]).mean,
                spread([score.hd_mm for score in some]).mean,
                spread([score.apd_mm for score in some]).mean,
            )
            for some in networks
        ]
        rows.append((arm, len(each), *(spread(column) for column in zip(*each, strict=True))))
    return Table(f"Networks of the same arm that differ in their seed{of}", columns, tuple(rows))


DRAWS = 2000
"""Of patients with replacement, for an interval."""
Difference = tuple[float, float, float]
"""Mean and the limits of its interval of 95 %."""


def patients_difference(
    first: Sequence[FrameScore], second: Sequence[FrameScore], of: Callable[[FrameScore], float]
) -> Difference:
    """By how much the first exceeds the second in the mean of patients' means over frames, with an interval of 95 %.

    Frames of one patient are alike, so the interval is a bootstrap over patients. NaN where nothing can be paired.

    Args:
        first: scores.
        second: of the same frames in the same order.
        of: the measure; frames in which either is not finite are left out.

    """
    by_patient: dict[str, list[float]] = {}
    for mine, theirs in zip(first, second, strict=True):
        difference = of(mine) - of(theirs)
        if math.isfinite(difference):
            by_patient.setdefault(mine.patient, []).append(difference)
    if not by_patient:
        return math.nan, math.nan, math.nan
    each = np.array([np.mean(some) for some in by_patient.values()])
    drawn = np.random.default_rng(0).integers(len(each), size=(DRAWS, len(each)))
    low, high = np.percentile(each[drawn].mean(axis=1), (2.5, 97.5))
    return float(each.mean()), float(low), float(high)


def paired_table(
    by_arm: Mapping[str, Sequence[FrameScore]],
    alone: Mapping[str, Sequence[Sequence[FrameScore]]],
    of: str = "",
    unit: str = MM,
) -> Table:
    """What arms gain over one another, and averaging over its networks alone, paired by frame.

    Args:
        by_arm: of each row of `table`.
        alone: scores of each network of an arm alone; where there are several, their average is compared with them.
        of: which recordings, for the title.
        unit: of the distances.

    """
    columns = (Column("difference"), Column("patients", form="d"), *_measures(unit))
    several = {arm: networks for arm, networks in alone.items() if len(networks) > 1}
    compared = [(f"{more} less {fewer}", by_arm[more], by_arm[fewer]) for fewer, more in combinations(by_arm, 2)] + [
        # Frames of all networks one after the other, each next to the same frame of their average.
        (
            f"{arm}: average less each alone",
            list(by_arm[arm]) * len(networks),
            [score for some in networks for score in some],
        )
        for arm, networks in several.items()
    ]
    rows = [
        (
            title,
            len({score.patient for score in first}),
            _with_limits(patients_difference(first, second, lambda score: score.dsc), "+.3f"),
            _with_limits(patients_difference(first, second, lambda score: score.hd_mm), "+.1f"),
            _with_limits(patients_difference(first, second, lambda score: score.apd_mm), "+.2f"),
        )
        for title, first, second in compared
    ]
    return Table(f"Differences, with intervals of 95 % over patients{of}", columns, tuple(rows))


def _with_limits(difference: Difference, form: str) -> str:
    if not math.isfinite(difference[0]):
        return "-"
    mean, low, high = (format(value, form) for value in difference)
    return f"{mean} ({low} to {high})"
