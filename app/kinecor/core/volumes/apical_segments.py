"""Which segments of the left ventricle an apical view shows, and the bull's-eye that three views make.

Walls and numbers of the 18-segment model, and how 17 and 16 follow from it: ASE/EACVI 2015 (Lang et al., doi
10.1016/j.echo.2014.10.003, figure 4), AHA 2002 (Cerqueira et al., Circulation 105:539). Sides hold for images that
are not mirrored: the septum of a four-chamber view is on the left.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kinecor.core.values.geometry import FloatArray

WALLS = ("anterior", "anteroseptal", "inferoseptal", "inferior", "inferolateral", "anterolateral")
LEVELS = ("Basal", "Mid", "Apical")
# Wall on the left and on the right of the image.
SIDES = {
    "A4C": ("inferoseptal", "anterolateral"),
    "A2C": ("inferior", "anterior"),
    "A3C": ("inferolateral", "anteroseptal"),
}
# Which of the 18 make up each of the four apical segments of the 16 and 17.
_FOUR = ((12,), (13, 14), (15,), (16, 17))


@dataclass(frozen=True, slots=True)
class ApicalSegment:
    """A segment of the 18-segment model: number 1 to 18, and what a reader calls it."""

    number: int
    name: str


def segments_of(view: str) -> tuple[ApicalSegment, ...]:
    """The six segments of an apical view, from the left of the image over the apex to the right.

    Raises:
        ValueError: the view is none of A4C, A2C and A3C.

    """
    if view not in SIDES:
        raise ValueError(f"expected one of {', '.join(SIDES)}, got {view}")
    left, right = (WALLS.index(wall) for wall in SIDES[view])
    order = [(level, left) for level in range(3)] + [(level, right) for level in (2, 1, 0)]
    return tuple(ApicalSegment(6 * level + wall + 1, f"{LEVELS[level]} {WALLS[wall]}") for level, wall in order)


def names_of(view: str | None) -> tuple[str, ...]:
    """What the six segments are called; by their side of the image where the view is not known."""
    if view in SIDES:
        return tuple(one.name for one in segments_of(str(view)))
    left, right = ([f"{level} {side}" for level in LEVELS] for side in ("left", "right"))
    return (*left, *reversed(right))


def eighteen(views: Iterable[tuple[str, FloatArray]]) -> FloatArray:
    """(18,) values of segments from (view, (6,) values) each; NaN where no view shows it.

    Of a segment that is there more than once, e.g. in two recordings of a view, the mean of what is not NaN.
    """
    total, count = np.zeros(18), np.zeros(18)
    for view, values in views:
        for segment, value in zip(segments_of(view), values, strict=True):
            if np.isfinite(value):
                total[segment.number - 1] += value
                count[segment.number - 1] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def sixteen(values: FloatArray) -> FloatArray:
    """(16,) of (18,): apical anterior, septal, inferior and lateral as means of what is not NaN."""
    apical = [_mean(values[list(part)]) for part in _FOUR]
    return np.concatenate([values[:12], apical])


def seventeen(values: FloatArray) -> FloatArray:
    """(17,) of (18,): the 16, and the apical cap, which does not shorten of itself, as the mean of the apical ones."""
    found = sixteen(values)
    return np.append(found, _mean(found[12:]))


def _mean(values: FloatArray) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")
