"""Whether the apical model's confidence is the Dice it gets: frame by frame, structure by structure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.common.metrics import dice, filled
from kinecor_lab.common.reliability import calibration_error, reliability
from kinecor_lab.tasks.apical.robust_cases import RobustCase
from kinecor_models.contours.apical import CONFIDENCE_POWERS
from kinecor_models.contract import ClipModel

ENCLOSED = {"lv_endo": (1,), "lv_epi": (1, 2), "la": (3,)}
"""Label values inside each contour."""
TITLES = {"lv_endo": "endocardium", "lv_epi": "epicardium", "la": "left atrium"}
_POWERS = np.arange(0.2, 5.001, 0.01)


@dataclass(frozen=True, slots=True)
class Promise:
    """One contour: what the model expected of it, and the Dice it got; both 0..1."""

    source: str
    condition: str
    name: str
    structure: str
    confidence: float
    dice: float


def promises(model: ClipModel, case: RobustCase) -> Iterator[Promise]:
    """Every contour that was drawn where the truth is known; a contour of what is not there has Dice 0."""
    found = model(case.clip, lambda *_: None)
    for structure, values in ENCLOSED.items():
        if not set(values) <= set(case.shown):
            continue
        for frame, points in enumerate(found.contours[structure]):
            if points is None:
                continue
            truth = np.isin(case.truth[frame], values)
            got = dice(filled(found.grid.to_image(points), truth.shape), truth)
            sure = float(found.confidence[structure][frame])
            yield Promise(case.source, case.condition, case.name, structure, sure, got)


def fitted_power(some: Sequence[Promise], structure: str) -> float:
    """The power of the overlap expected by probabilities that comes closest to the Dice (least squares).

    Raises:
        ValueError: no contour of that structure.

    """
    rows = [(one.confidence, one.dice) for one in some if one.structure == structure]
    if not rows:
        raise ValueError(f"expected contours of {structure}, found none")
    sure, got = np.array(rows).T
    raw = sure ** (1 / CONFIDENCE_POWERS[structure])
    return float(min(_POWERS, key=lambda power: float(((raw**power - got) ** 2).mean())))


def table(some: Sequence[Promise], bins: int = 10) -> str:
    """By structure: n, mean confidence and Dice, expected calibration error, and the reliability curve in one row."""
    lines = [f"{'':14} {'n':>5}  {'confidence':>10}  {'Dice':>6}  {'error':>6}  confidence: Dice, by bins of equal n"]
    for structure, title in TITLES.items():
        rows = [one for one in some if one.structure == structure]
        if not rows:
            continue
        curve = reliability([one.confidence for one in rows], [one.dice for one in rows], bins)
        points = "  ".join(f"{one.confidence:.3f}: {one.quality:.3f}" for one in curve)
        lines.append(
            f"{title:14} {len(rows):5}  {np.mean([one.confidence for one in rows]):10.3f}  "
            f"{np.mean([one.dice for one in rows]):6.3f}  {calibration_error(curve):6.3f}  {points}"
        )
    return "\n".join(lines)
