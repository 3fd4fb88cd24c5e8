"""Where in the image the heart is and how large: the part that moves, the sector, and the marks of a depth scale.

The lower end of a sector is an arc about the point where its sides meet. Drawn with pixels that are not as the scale
says, it is part of an ellipse. On 100 frames of patients with square pixels (CAMUS, A4C) the shape gives 0.991 to
1.004; on the same patients' A2C frames, resized to other shapes, it agrees within 0.6 % wherever the scale is sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.frames import most_of
from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.recording import Region

_LIT = 8
_MIN_PX = 60
# Heights, as shares of the sector's, between which its sides are straight; sides that meet too steeply fix no centre.
_SIDES_FROM, _SIDES_TO, _MIN_OPENING = 0.12, 0.75, 0.6
_ON_THE_SIDE_PX, _ON_THE_ARC = 1.2, 0.008
# What must lie on a side and on the arc: of a sector that is cut off, or another shape, it does not.
_SIDE_SHARE, _ARC_SHARE, _ARC_REACH, _MIN_COLUMNS = 0.55, 0.75, 0.7, 40
# Columns right next to the sides belong to neither surely.
_WITHIN_SIDES = 0.93
_MAX_OFF_CENTRE = 0.35
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
    if min(high.shape) < _MIN_PX:
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
    return part if np.flatnonzero(part.any(axis=1)).size >= _MIN_PX else None


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
    if opening < _MIN_OPENING or abs(left.slope + right.slope) > _MAX_OFF_CENTRE * opening:
        return None
    return left, right


def _line(y: NDArray[np.intp], x: NDArray[np.intp], shape: tuple[int, ...]) -> _Line | None:
    """The line that most points are on; None where too few are. Points at the edge of the image are left out."""
    inner = (x > 1) & (x < shape[1] - 2)
    rows, columns = y[inner].astype(float), x[inner].astype(float)
    if len(rows) < _MIN_COLUMNS // 2:
        return None
    first, second = _pairs(len(rows))
    apart = rows[first] - rows[second]
    far = np.abs(apart) > 0.2 * np.ptp(rows)
    slope = (columns[first] - columns[second])[far] / apart[far]
    offset = columns[first][far] - slope * rows[first][far]
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
    if used.sum() < _MIN_COLUMNS:
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
    first, second = _pairs(len(wide))
    apart = deep[first] - deep[second]
    far = np.abs(apart) > 0.1 * float(deep.max())
    squared = -(wide[first] - wide[second])[far] / apart[far]
    radius2 = wide[first][far] + squared * deep[first][far]
    fits = (squared > 0.1) & (squared < 10) & (radius2 > 0)
    if not fits.any():
        return None
    radius = np.sqrt(wide + squared[fits, None] * deep)
    on = np.abs(radius / np.sqrt(radius2[fits, None]) - 1) < _ON_THE_ARC
    return np.asarray(on[int(on.sum(axis=1).argmax())])


# The narrow end of a sector is under this share of its width elsewhere; both ends of a linear image are alike.
_NARROW = 0.5
_MIN_ROWS = 8


def bounds(moving: NDArray[np.bool_], side_px: int) -> Region | None:
    """Bounds in pixels of the largest moving part; None where nothing moves.

    Args:
        moving: (rows, columns) cells that move.
        side_px: of a cell.

    """
    part = largest(moving)
    if part is None:
        return None
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return Region(
        int(columns[0]) * side_px, int(rows[0]) * side_px, int(columns[-1] + 1) * side_px, int(rows[-1] + 1) * side_px
    )


def largest(moving: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The largest connected moving part without thin graphics; None where there is none."""
    # Nothing moves beyond the image: without the frame, OpenCV takes it for moving there.
    framed, square = np.pad(moving.astype(np.uint8), 1), np.ones((2, 2), np.uint8)
    opened = cv2.dilate(cv2.erode(framed, square, anchor=(1, 1)), square, anchor=(0, 0))[1:-1, 1:-1]
    count, parts = cv2.connectedComponents(opened, connectivity=8)
    if count < 2:
        return None
    sizes = np.bincount(parts.ravel())
    return np.asarray(parts == 1 + int(sizes[1:].argmax()))


def apex_up(lit: NDArray[np.bool_]) -> bool | None:
    """Whether an echo sector has its narrow end at the top; None where both ends are about as wide.

    Args:
        lit: (rows, columns) cells that were ever bright.

    """
    part = largest(lit)
    if part is None:
        return None
    rows = np.flatnonzero(part.any(axis=1))
    if len(rows) < _MIN_ROWS:
        return None
    inside = part[rows[0] : rows[-1] + 1]
    wide = np.array([np.ptp(np.flatnonzero(row)) + 1 if row.any() else 0 for row in inside])
    tenth = max(1, len(wide) // 10)
    top, bottom = float(np.median(wide[:tenth])), float(np.median(wide[-tenth:]))
    # The lower end of a sector is an arc: its width is taken where it is full.
    upper, lower = float(wide[: len(wide) // 2].mean()), float(wide[len(wide) // 2 :].mean())
    if top < _NARROW * wide.max() and upper < lower * 0.8:
        return True
    if bottom < _NARROW * wide.max() and lower < upper * 0.8:
        return False
    return None


def share_covered(moving: NDArray[np.bool_], region: Region | None, side_px: int) -> float | None:
    """Share of the moving cells within a region; 1 without a region, None where nothing moves."""
    if not moving.any():
        return None
    if region is None:
        return 1.0
    part = moving[region.y0 // side_px : -(-region.y1 // side_px), region.x0 // side_px : -(-region.x1 // side_px)]
    return float(part.sum() / moving.sum())


MIN_MARKS = 7
_BRIGHTER, _STEADY = 35, 30
_LARGEST = 1 / 45
"""Of the image's height: no mark is larger."""
_NEAREST_PX, _FARTHEST = 6.0, 1 / 6
_OFF_PX = 1.6
_MAX_DOTS, _NEIGHBOURS = 120, 10
# Letters stand close together; a mark has nothing next to it within this share of the distance to the next.
_ALONE = 0.45


def tick_step(images: list[BytesArray]) -> tuple[float, float] | None:
    """(dx, dy) in pixels from one mark to the next below it; None where no scale is read surely.

    Args:
        images: some frames of a loop, grey or RGB.

    """
    grey = np.stack([image if image.ndim == 2 else most_of(image) for image in images])
    dots, every = _dots(grey.min(axis=0), grey.max(axis=0))
    best: NDArray[np.float64] | None = None
    for first in range(len(dots)):
        steps = [step for step in dots - dots[first] if _plausible(step, grey.shape[1])]
        for step in sorted(steps, key=np.linalg.norm)[:_NEIGHBOURS]:
            chain = _chain(dots, first, step)
            if len(chain) >= MIN_MARKS and (best is None or len(chain) > len(best)) and _alone(chain, every):
                best = chain
    if best is None:
        return None
    number = np.arange(len(best))
    dx, dy = (float(np.polyfit(number, best[:, axis], 1)[0]) for axis in (0, 1))
    return dx, dy


def _dots(low: BytesArray, high: BytesArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (x, y) of small steady bright spots, and of all steady bright spots."""
    largest = max(3, round(low.shape[0] * _LARGEST))
    kernel = np.ones((largest + 2, largest + 2), np.uint8)
    spots = (cv2.morphologyEx(low, cv2.MORPH_TOPHAT, kernel) > _BRIGHTER) & (high.astype(np.int16) - low < _STEADY)
    count, _, stats, centres = cv2.connectedComponentsWithStats(spots.astype(np.uint8), connectivity=8)
    small = (stats[:, cv2.CC_STAT_WIDTH] <= largest) & (stats[:, cv2.CC_STAT_HEIGHT] <= largest)
    small[0] = False
    if not 0 < small.sum() <= _MAX_DOTS:
        return np.zeros((0, 2)), np.zeros((0, 2))
    return np.asarray(centres[small], np.float64), np.asarray(centres[1:count], np.float64)


def _plausible(step: NDArray[np.float64], rows: int) -> bool:
    """Downwards, steeper than a line of text, and neither too near nor too far."""
    return bool(step[1] > 0.45 * abs(step[0]) and _NEAREST_PX <= np.hypot(*step) <= rows * _FARTHEST)


def _chain(dots: NDArray[np.float64], first: int, step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dots that follow `first` at even steps, from the top; only where none comes before it."""

    def near(place: NDArray[np.float64]) -> NDArray[np.float64] | None:
        apart = np.hypot(*(dots - place).T)
        at = int(apart.argmin())
        return np.asarray(dots[at]) if apart[at] <= _OFF_PX else None

    if near(dots[first] - step) is not None:
        return np.zeros((0, 2))
    chain = [dots[first]]
    while (following := near(chain[-1] + step)) is not None:
        chain.append(following)
        step = (chain[-1] - chain[0]) / (len(chain) - 1)
    return np.array(chain)


def _alone(chain: NDArray[np.float64], every: NDArray[np.float64]) -> bool:
    """Whether hardly a mark has another spot next to it."""
    step = float(np.hypot(*(chain[1] - chain[0])))
    apart = np.hypot(*(chain[:, None] - every[None]).transpose(2, 0, 1))
    has_neighbour = ((apart < _ALONE * step) & (apart > 0)).any(axis=1)
    return bool(has_neighbour.sum() <= len(chain) // 5)
