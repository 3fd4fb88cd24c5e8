"""Table 1 of paper 002: slice-wise DSC, HD and APD of the myocardium, by arm, beside the paper's own rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from kinecor_lab.common.metrics import boundary, dice
from kinecor_lab.datasets.cycles import Cycle

PAPER = {
    "cnn": ("0.840 (0.081)", "6.784 (4.544)", "1.110 (0.564)"),
    "one-level": ("0.839 (0.083)", "6.355 (4.285)", "1.086 (0.556)"),
    "multi-level": ("0.842 (0.080)", "6.125 (4.042)", "1.037 (0.457)"),
    "ensemble": ("0.842 (0.080)", "6.125 (4.042)", "1.037 (0.457)"),
}
"""DSC, HD (mm), APD (mm) on eight pigs, leaving out one at a time, ensembles of five networks.

"ensemble" is ours of multi-level networks on one extractor, and stands beside the paper's multi-level row.
"""


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

    APD goes from the automatic outline to the manual one only, as the paper prints it.
    """
    mine, theirs = boundary(found), boundary(truth)
    if not len(mine):
        return FrameScore(patient, 0.0, float("inf"), float("inf"))
    there, back = cKDTree(theirs).query(mine)[0], cKDTree(mine).query(theirs)[0]
    hausdorff = float(max(there.max(), back.max())) * spacing_mm
    return FrameScore(patient, dice(found, truth), hausdorff, float(there.mean()) * spacing_mm)


def scores(answer: Callable[[Cycle], NDArray[np.floating]], cycles: Sequence[Cycle]) -> list[FrameScore]:
    """Every frame that has a wall; `answer` gives probabilities (t, side, side), cut at 0.5."""
    out = []
    for cycle in cycles:
        found = answer(cycle) > 0.5
        for frame, wall in enumerate(cycle.wall):
            if wall.any():
                out.append(frame_score(cycle.patient, found[frame], wall > 0, cycle.pixel_mm))
    return out


def _mean_sd(values: Sequence[float]) -> str:
    finite = [value for value in values if np.isfinite(value)]
    return f"{np.mean(finite):.3f} ({np.std(finite):.3f})" if finite else "-"


def table(by_arm: Mapping[str, Sequence[FrameScore]]) -> str:
    """The table as text, mean (SD) over frames; distances over the frames in which a wall was found."""
    lines = [f"{'':26} {'n':>5}  {'DSC':16} {'HD (mm)':16} {'APD (mm)':16} not found"]
    for arm, some in by_arm.items():
        dsc, hd, apd = PAPER[arm]
        lines.append(f"{arm + ', paper (pigs)':26} {3600:5}  {dsc:16} {hd:16} {apd:16}")
        lost = sum(not np.isfinite(one.hd_mm) for one in some)
        lines.append(
            f"{arm + ', ours':26} {len(some):5}  {_mean_sd([one.dsc for one in some]):16} "
            f"{_mean_sd([one.hd_mm for one in some]):16} {_mean_sd([one.apd_mm for one in some]):16} {lost}"
        )
    return "\n".join(lines)
