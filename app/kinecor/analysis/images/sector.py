"""Where in the image the heart is and how large: the part that moves, the sector, and the marks of a depth scale."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.frames import most_of
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import Region

# The narrow end of a sector is under this share of its width elsewhere; both ends of a linear image are alike.
_NARROW = 0.5
_LEAST_ROWS = 8


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
    if len(rows) < _LEAST_ROWS:
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


def covered(moving: NDArray[np.bool_], region: Region | None, side_px: int) -> float | None:
    """Share of the moving cells within a region; 1 without a region, None where nothing moves."""
    if not moving.any():
        return None
    if region is None:
        return 1.0
    part = moving[region.y0 // side_px : -(-region.y1 // side_px), region.x0 // side_px : -(-region.x1 // side_px)]
    return float(part.sum() / moving.sum())


LEAST_MARKS = 7
_BRIGHTER, _STEADY = 35, 30
_LARGEST = 1 / 45
"""Of the image's height: no mark is larger."""
_NEAREST_PX, _FARTHEST = 6.0, 1 / 6
_OFF_PX = 1.6
_MOST_DOTS, _NEIGHBOURS = 120, 10
# Letters stand close together; a mark has nothing beside it within this share of the distance to the next.
_ALONE = 0.45


def tick_step(images: list[BytesArray]) -> tuple[float, float] | None:
    """(dx, dy) in pixels from one mark to the next below it; None where no scale is read surely.

    Args:
        images: some frames of a loop, grey or RGB.

    """
    grey = np.stack([one if one.ndim == 2 else most_of(one) for one in images])
    dots, every = _dots(grey.min(axis=0), grey.max(axis=0))
    best: NDArray[np.float64] | None = None
    for first in range(len(dots)):
        steps = [step for step in dots - dots[first] if _plausible(step, grey.shape[1])]
        for step in sorted(steps, key=np.linalg.norm)[:_NEIGHBOURS]:
            chain = _chain(dots, first, step)
            if len(chain) >= LEAST_MARKS and (best is None or len(chain) > len(best)) and _alone(chain, every):
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
    if not 0 < small.sum() <= _MOST_DOTS:
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
    """Whether hardly a mark has another spot beside it."""
    step = float(np.hypot(*(chain[1] - chain[0])))
    apart = np.hypot(*(chain[:, None] - every[None]).transpose(2, 0, 1))
    beside = ((apart < _ALONE * step) & (apart > 0)).any(axis=1)
    return bool(beside.sum() <= len(chain) // 5)
