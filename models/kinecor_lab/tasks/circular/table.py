"""Table 1 of Zhang 2018: slice-wise DSC, HD and APD of the myocardium, by network, with the published rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


_MEASURES = (Column("DSC"), Column("HD", "mm"), Column("APD", "mm"))


def table(by_arm: Mapping[str, Sequence[FrameScore]], of: str = "") -> Table:
    """Mean and SD over frames; distances over the frames in which a wall was found. Zhang's rows next to ours.

    Args:
        by_arm: of each row; several networks together are one row.
        of: which recordings, for the title.

    """
    columns = (Column("network"), Column("n", form="d"), *_MEASURES)
    rows: list[tuple[Cell, ...]] = []
    for arm, some in by_arm.items():
        theirs = OWN.get(arm, arm)
        rows.append((f"{theirs}, Zhang 2018 (pigs)", 3600, *PUBLISHED[theirs]))
        distances = (spread([one.hd_mm for one in some]), spread([one.apd_mm for one in some]))
        rows.append((f"{arm}, ours", len(some), spread([one.dsc for one in some]), *distances))
    return Table(f"Myocardium of single frames (Table 1 of Zhang 2018){of}", columns, tuple(rows))


def alone_table(by_arm: Mapping[str, Sequence[Sequence[FrameScore]]], of: str = "") -> Table:
    """How much networks differ that were trained alike: mean and SD over networks of each one's mean over frames.

    Args:
        by_arm: scores of each network of an arm alone.
        of: which recordings, for the title.

    """
    columns = (Column("network alone"), Column("networks", form="d"), *_MEASURES)
    rows: list[tuple[Cell, ...]] = []
    for arm, networks in by_arm.items():
        each = [
            (
                spread([one.dsc for one in some]).mean,
                spread([one.hd_mm for one in some]).mean,
                spread([one.apd_mm for one in some]).mean,
            )
            for some in networks
        ]
        rows.append((arm, len(each), *(spread(column) for column in zip(*each, strict=True))))
    return Table(f"Networks of the same arm that differ in their seed{of}", columns, tuple(rows))
