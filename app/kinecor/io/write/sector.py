"""The part of an ultrasound picture that shows tissue: what stays where nothing shows that the rest is clean.

Tissue is a large part that is lit or moves; letters, scales and traces are thin or low, so an opening as wide as the
highest letters takes them away, also where they touch the tissue. The straight sides of what is left, and the arc about
the point where they meet, then give back the corners that the opening took.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray, FloatArray

Mask = NDArray[np.bool_]
MIN_SIDE_PX: Final = 48
"""Smaller pictures have room for neither a sector nor letters that could be read."""
# Grey levels above which a pixel is lit, and by which it changes where something moves.
# Of what lies between the sides, less is enough to be tissue.
_LIT, _MOVES, _DIM = 8, 8, 3
_MIN_MOVING = 0.3
# As shares of the picture's shorter side: gaps in tissue that are closed, and the highest letters.
_GAPS, _MAX_LETTER = (1 / 24, 1 / 10), 1 / 9
# The part must be this share of the picture, and fill its own convex outline.
_MIN_AREA, _MIN_SOLIDITY = 0.04, 0.6
_MAX_WITHOUT_SIDES = 0.9
# More than this share of one grey level is paper or a plain background, not tissue.
_MAX_OF_ONE_LEVEL = 0.5
# A side is a line that this share of the rows lie on, and it leans.
_ON_THE_SIDE_PX, _SIDE_SHARE, _MIN_ROWS = 2.5, 0.5, 16
_MIN_OPENING = 0.3
_MARGIN_PX = 3
# Of the radii at which the tissue ends, from beam to beam.
_NEAR_SHARE, _FAR_SHARE = 0.2, 0.98
_TRIES = 300


@dataclass(frozen=True, slots=True)
class _Line:
    """x = slope y + offset."""

    slope: float
    offset: float


def sector_mask(low: BytesArray, high: BytesArray, *, clip: bool) -> Mask | None:
    """Pixels of the sector, (rows, columns); None where no part of the picture is a sector surely.

    A still shows a sector by its straight sides; a clip also by moving all over a large solid part.

    Args:
        low: (rows, columns) the least grey level of each pixel over time.
        high: (rows, columns) the highest.
        clip: whether there are frames enough for tissue to show by moving.

    """
    if min(high.shape) < MIN_SIDE_PX:
        return None
    changed = cv2.subtract(high, low) > _MOVES
    seen = [(high > level, gap) for gap in _GAPS for level in (_LIT, _DIM)]
    for part, gap in [*seen[:1], *([(changed, _GAPS[0])] if clip else []), *seen[1:]]:
        core = _tissue(part, high, gap)
        fan = None if core is None else _fan(core, high > _DIM)
        if fan is None or (clip and (changed & fan).sum() < _MIN_MOVING * fan.sum()):
            continue
        lit = cv2.morphologyEx((high > _DIM).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        whole = _largest((cv2.morphologyEx(lit, cv2.MORPH_CLOSE, _disk(_odd(min(high.shape) * gap))) > 0) & fan)
        return None if whole is None else _grown(_hull(whole)) & fan
    core = _tissue(changed, high, _GAPS[0]) if clip else None
    # What fills the picture and has no sides separates nothing.
    return None if core is None or core.mean() > _MAX_WITHOUT_SIDES else _grown(core)


def _tissue(seen: Mask, high: BytesArray, gap: float) -> Mask | None:
    """The outline of the large solid part of what is lit or moves, without anything thin; None where there is none."""
    side = min(seen.shape)
    letter = _odd(side * _MAX_LETTER)
    # Without single dots of noise, and nothing joined to the frame.
    clean = cv2.morphologyEx(seen.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    padded = cv2.copyMakeBorder(clean, letter, letter, letter, letter, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, _disk(_odd(side * gap)))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _disk(letter))[letter:-letter, letter:-letter]
    core = _largest(opened > 0)
    if core is None or core.mean() < _MIN_AREA:
        return None
    hull = _hull(core)
    if core.sum() < _MIN_SOLIDITY * hull.sum():
        return None
    levels = np.bincount(high[core], minlength=256)
    if levels[_LIT:].max() > _MAX_OF_ONE_LEVEL * core.sum():
        return None
    return hull


def _fan(core: Mask, lit: Mask) -> Mask | None:
    """Pixels between the straight sides of a part, from where it begins to where it ends; None without two sides.

    Args:
        core: the part, without its corners.
        lit: all that is not black.

    """
    rows = np.flatnonzero(core.any(axis=1))
    first = core.argmax(axis=1)
    last = core.shape[1] - 1 - core[:, ::-1].argmax(axis=1)
    left = _side(rows, first[rows], core.shape[1])
    right = _side(rows, last[rows], core.shape[1])
    if left is None or right is None or right.slope - left.slope < _MIN_OPENING:
        return None
    y, x = np.indices(core.shape)
    apex_y = (left.offset - right.offset) / (right.slope - left.slope)
    apex_x = left.slope * apex_y + left.offset
    radius = np.hypot(x - apex_x, y - apex_y)
    right_of_left = x >= left.slope * y + left.offset - _MARGIN_PX
    left_of_right = x <= right.slope * y + right.offset + _MARGIN_PX
    inside = np.asarray(right_of_left & left_of_right & (y >= apex_y))
    angle = np.arctan2(x - apex_x, y - apex_y)
    near, far = _ends(lit & inside, radius, angle)[0], _ends(core & inside, radius, angle)[1]
    return np.asarray(inside & (radius >= near - _MARGIN_PX) & (radius <= far + _MARGIN_PX))


def _side(rows: NDArray[np.intp], columns: NDArray[np.intp], width: int) -> _Line | None:
    """The line that most of the rows' ends lie on; ends at the edge of the picture are left out."""
    inner = (columns > 1) & (columns < width - 2)
    y, x = rows[inner].astype(float), columns[inner].astype(float)
    if len(y) < _MIN_ROWS:
        return None
    rng = np.random.default_rng(0)  # the same pairs each time
    first, second = rng.integers(0, len(y), (2, _TRIES))
    apart = y[first] - y[second]
    far = np.abs(apart) > 0.15 * np.ptp(y)
    slope = (x[first] - x[second])[far] / apart[far]
    offset = x[first][far] - slope * y[first][far]
    on = np.abs(x - slope[:, None] * y - offset[:, None]) < _ON_THE_SIDE_PX
    if not len(on):
        return None
    best = on[int(on.sum(axis=1).argmax())]
    if best.sum() < max(_SIDE_SHARE * len(y), _MIN_ROWS):
        return None
    return _Line(*(float(value) for value in np.polyfit(y[best], x[best], 1)))


def _ends(part: Mask, radius: FloatArray, angle: FloatArray) -> tuple[float, float]:
    """The radii between which a part lies: of its first and its last pixel on each beam, the outermost usual ones."""
    beams = np.round(angle[part] * 180 / np.pi).astype(int)
    radii = radius[part]
    nearest, farthest = [], []
    for beam in np.unique(beams):
        of_beam = radii[beams == beam]
        nearest.append(of_beam.min())
        farthest.append(of_beam.max())
    if not nearest:
        return 0.0, 0.0
    return float(np.quantile(nearest, _NEAR_SHARE)), float(np.quantile(farthest, _FAR_SHARE))


def _largest(part: Mask) -> Mask | None:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8))
    return None if count < 2 else np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def _hull(part: Mask) -> Mask:
    outlines = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    filled = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.concatenate(outlines)), (1,))
    return filled > 0


def _grown(part: Mask) -> Mask:
    return np.asarray(cv2.dilate(part.astype(np.uint8), _disk(2 * _MARGIN_PX + 1)) > 0)


def _odd(size: float) -> int:
    return 2 * max(1, round(size / 2)) + 1


def _disk(size: int) -> BytesArray:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
