"""How much taller than wide the pixels of an echo sector are, by its own shape.

The lower end of a sector is an arc about the point where its sides meet. Drawn with pixels that are not as the scale
says, it is part of an ellipse. On 100 frames of patients with square pixels (CAMUS, A4C) the shape gives 0.991 to
1.004; on the same patients' A2C frames, resized to other shapes, it agrees within 0.6 % wherever the scale is sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.recording import Region

_LIT = 8
_LEAST_PX = 60
# Heights, as shares of the sector's, between which its sides are straight; sides that meet too steeply fix no centre.
_SIDES_FROM, _SIDES_TO, _LEAST_OPENING = 0.12, 0.75, 0.6
_ON_THE_SIDE_PX, _ON_THE_ARC = 1.2, 0.008
# What must lie on a side and on the arc: of a sector that is cut off, or another shape, it does not.
_SIDE_SHARE, _ARC_SHARE, _ARC_REACH, _LEAST_COLUMNS = 0.55, 0.75, 0.7, 40
# Columns right beside the sides belong to neither surely.
_WITHIN_SIDES = 0.93
_MOST_OFF_CENTRE = 0.35
_TRIES = 200


@dataclass(frozen=True, slots=True)
class _Line:
    """x = slope y + offset."""

    slope: float
    offset: float


def sector_aspect(images: Sequence[BytesArray], region: Region | None = None) -> float | None:
    """Height of a pixel over its width by the shape of the sector; None where the shape does not show it.

    Args:
        images: some frames of a loop, (rows, columns) grey, all of one size.
        region: the part that holds the sector; all of it where None.

    """
    if not images:
        return None
    high = np.max(np.stack(images), axis=0)
    if region is not None:
        high = high[max(region.y0, 0) : region.y1, max(region.x0, 0) : region.x1]
    part = _lit_part(high)
    if part is None:
        return None
    sides = _sides(part)
    return None if sides is None else _aspect(part, *sides)


def _lit_part(high: BytesArray) -> NDArray[np.bool_] | None:
    """The largest part that was ever lit, without small holes; None where it is small."""
    if min(high.shape) < _LEAST_PX:
        return None
    lit = cv2.morphologyEx((high > _LIT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    side = max(3, min(high.shape) // 40 | 1)
    border = 2 * side
    padded = cv2.copyMakeBorder(lit, border, border, border, border, cv2.BORDER_CONSTANT, value=(0,))
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))[border:-border, border:-border]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    if count < 2:
        return None
    part: NDArray[np.bool_] = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return part if np.flatnonzero(part.any(axis=1)).size >= _LEAST_PX else None


def _sides(part: NDArray[np.bool_]) -> tuple[_Line, _Line] | None:
    """The straight sides, left and right; None where they are not seen, or do not open downwards and evenly."""
    rows = np.flatnonzero(part.any(axis=1))
    top, height = int(rows[0]), int(rows[-1] - rows[0])
    first = part.argmax(axis=1)
    last = part.shape[1] - 1 - part[:, ::-1].argmax(axis=1)
    widest = int(np.argmax(np.where(part.any(axis=1), last - first, -1)))
    y = np.arange(len(part))
    straight = (y >= top + _SIDES_FROM * height) & (y <= min(widest, top + _SIDES_TO * height) - 2) & part.any(axis=1)
    left, right = _line(y[straight], first[straight], part.shape), _line(y[straight], last[straight], part.shape)
    if left is None or right is None:
        return None
    opening = right.slope - left.slope
    if opening < _LEAST_OPENING or abs(left.slope + right.slope) > _MOST_OFF_CENTRE * opening:
        return None
    return left, right


def _line(y: NDArray[np.intp], x: NDArray[np.intp], shape: tuple[int, ...]) -> _Line | None:
    """The line that most points are on; None where too few are. Points at the edge of the image are left out."""
    inner = (x > 1) & (x < shape[1] - 2)
    rows, columns = y[inner].astype(float), x[inner].astype(float)
    if len(rows) < _LEAST_COLUMNS // 2:
        return None
    one, other = _pairs(len(rows))
    apart = rows[one] - rows[other]
    far = np.abs(apart) > 0.2 * np.ptp(rows)
    slope = (columns[one] - columns[other])[far] / apart[far]
    offset = columns[one][far] - slope * rows[one][far]
    on = np.abs(columns - slope[:, None] * rows - offset[:, None]) < _ON_THE_SIDE_PX
    best = on[int(on.sum(axis=1).argmax())]
    if best.mean() < _SIDE_SHARE:
        return None
    return _Line(*(float(value) for value in np.polyfit(rows[best], columns[best], 1)))


def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of points, the same each time."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, count, (2, _TRIES))
    return drawn[0].astype(np.intp), drawn[1].astype(np.intp)


def _aspect(part: NDArray[np.bool_], left: _Line, right: _Line) -> float | None:
    """From the lower end: of an arc about the point where the sides meet, dx^2 = radius^2 - aspect^2 dy^2."""
    y0 = (left.offset - right.offset) / (right.slope - left.slope)
    x0 = left.slope * y0 + left.offset
    lowest = len(part) - 1 - part[::-1].argmax(axis=0)
    across, down = np.arange(part.shape[1]) - x0, lowest - y0
    turned = across / np.maximum(down, 1e-6)
    rows = np.flatnonzero(part.any(axis=1))
    used = part.any(axis=0) & (lowest < len(part) - 2) & (down > 0) & (lowest > rows[0] + 0.55 * np.ptp(rows))
    used &= (turned > _WITHIN_SIDES * left.slope) & (turned < _WITHIN_SIDES * right.slope)
    if used.sum() < _LEAST_COLUMNS:
        return None
    wide, deep, turned = across[used] ** 2, down[used] ** 2, turned[used]
    on = _on_an_arc(wide, deep)
    if on is None or on.mean() < _ARC_SHARE:
        return None
    reach = min(turned[on].min() / left.slope, turned[on].max() / right.slope)
    slope = float(np.polyfit(deep[on], wide[on], 1)[0])
    return float(np.sqrt(-slope)) if slope < 0 and reach >= _ARC_REACH else None


def _on_an_arc(wide: FloatArray, deep: FloatArray) -> NDArray[np.bool_] | None:
    """The points that are on the arc that most are on; None where there is none."""
    one, other = _pairs(len(wide))
    apart = deep[one] - deep[other]
    far = np.abs(apart) > 0.1 * float(deep.max())
    squared = -(wide[one] - wide[other])[far] / apart[far]
    radius2 = wide[one][far] + squared * deep[one][far]
    fits = (squared > 0.1) & (squared < 10) & (radius2 > 0)
    if not fits.any():
        return None
    radius = np.sqrt(wide + squared[fits, None] * deep)
    on = np.abs(radius / np.sqrt(radius2[fits, None]) - 1) < _ON_THE_ARC
    return np.asarray(on[int(on.sum(axis=1).argmax())])
