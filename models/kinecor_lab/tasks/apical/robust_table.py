"""Scores under hard conditions, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.common.metrics import dice
from kinecor_lab.tasks.apical.robust_cases import RobustCase
from kinecor_lab.tasks.apical.robust_changes import UNCHANGED
from kinecor_lab.tasks.sequence.metrics import flicker, network_maps, picture_maps
from kinecor_lab.tasks.sequence.sources import on_grid
from kinecor_models.contract import ClipModel

NAMES = {1: "LV", 2: "myocardium", 3: "left atrium"}


@dataclass(frozen=True, slots=True)
class RobustScore:
    """One recording under one condition.

    Attributes:
        source, condition, name: of the case.
        dice: mean over its frames by label value; a structure that was not found has 0.
        flicker, true_flicker: mFIP found and of the truth on the same grid; NaN for a still.
        confidence: mean of the endocardium's.

    """

    source: str
    condition: str
    name: str
    dice: dict[int, float]
    flicker: float
    true_flicker: float
    confidence: float


def score(model: ClipModel, case: RobustCase) -> RobustScore:
    """What the model makes of a case."""
    found = model(case.clip, lambda *_: None)
    maps = picture_maps(found, (case.truth.shape[1], case.truth.shape[2]))
    overlap: dict[int, float] = {}
    for value in case.shown:
        each = [dice(one == value, true == value) for one, true in zip(maps, case.truth, strict=True)]
        if np.isfinite(each).any():
            overlap[value] = float(np.nanmean(each))
    return RobustScore(
        case.source,
        case.condition,
        case.name,
        overlap,
        flicker(network_maps(found)),
        flicker(on_grid(case.truth, found.grid)),
        float(found.confidence["lv_endo"].mean()),
    )


def _spread(values: Sequence[float], digits: int = 3) -> str:
    if not len(values):
        return "-"
    off = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{off}"


def table(scores: Sequence[RobustScore]) -> str:
    """A block for each source, a row for each condition: mean ± SD over recordings, and the change of the LV's Dice."""
    lines: list[str] = []
    for source in dict.fromkeys(one.source for one in scores):
        some = [one for one in scores if one.source == source]
        plain = {one.name: one for one in some if one.condition == UNCHANGED.name}
        lines += ["", source]
        lines.append(
            f"  {'':34} {'n':>3}  {'Dice LV':15} {'change':15} {'worst':>5}  {'myocardium':15} {'left atrium':15} "
            f"{'confidence':15} {'mFIP':17} {'true mFIP':>9}"
        )
        for condition in dict.fromkeys(one.condition for one in some):
            rows = [one for one in some if one.condition == condition]
            overlap = {value: [one.dice[value] for one in rows if value in one.dice] for value in NAMES}
            change = [
                one.dice[1] - plain[one.name].dice[1]
                for one in rows
                if one.name in plain and 1 in one.dice and 1 in plain[one.name].dice
            ]
            still = [one.flicker for one in rows if np.isfinite(one.flicker)]
            true = [one.true_flicker for one in rows if np.isfinite(one.true_flicker)]
            lines.append(
                f"  {condition:34} {len(rows):3}  {_spread(overlap[1]):15} {_spread(change):15} "
                f"{min(overlap[1], default=float('nan')):5.3f}  {_spread(overlap[2]):15} {_spread(overlap[3]):15} "
                f"{_spread([one.confidence for one in rows]):15} {_spread(still, 4):17} {_spread(true, 4):>9}"
            )
    return "\n".join(lines[1:])
