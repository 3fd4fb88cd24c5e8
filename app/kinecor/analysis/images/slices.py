"""The images of a stack against each other: whether slices and phases show one body, and phases in order of time."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.recording import Stack

Picture = NDArray[np.float32]

_GRID_MM, _SIDE, _REACH, _PHASES = 4.0, 56, 6, 4
_ASSUMED_MM = 1.5
# What is larger than a heart, such as the brightness of a coil, is taken away: it is alike in all bodies.
_BLUR: Final = 3.0
# Neighbours of 28 sound stacks (14 simulated ones of even seeds, 3 of Sunnybrook, 11 of ACDC with even numbers), 5 to
# 12 mm apart, correlate by 0.24 or more (99 %; least 0.19); slices of two bodies by 0.26 at most (95 %), 0.13 in the
# median.
_UNLIKE, _LIKE = 0.17, 0.25
# Farther apart than this, slices of one body have little in common, too.
_MAX_APART_MM = 14.0
_MIN_SLICES, _MIN_PHASES = 4, 8


def unlike_after(stack: Stack) -> tuple[int, ...]:
    """Slices (0-based) whose next one has nothing in common with them, while others there have.

    Compared are fine structures within a heart's size, wherever a breath-hold has moved them. Two slices are unlike
    only where one is like its second neighbour instead, or where both are like those on their other side.
    """
    count = len(stack.slices)
    if count < _MIN_SLICES:
        return ()
    pictures = [
        _picture([cine.frames[at] for at in _some(len(cine))], _mm(stack, n)) for n, cine in enumerate(stack.slices)
    ]
    near = np.full((count, count), np.nan)
    for index in range(count):
        for other in range(index + 1, min(index + 3, count)):
            near[index, other] = _alike(pictures[index], pictures[other])

    def like(number: int, other: int) -> bool:
        return 0 <= number < other < count and near[number, other] > _LIKE

    found = []
    for index in range(count - 1):
        other = index + 1
        if near[index, other] >= _UNLIKE or stack.positions_mm[other] - stack.positions_mm[index] > _MAX_APART_MM:
            continue
        sides = like(index - 1, index) and like(other, other + 1)
        if sides or like(index - 1, other) or like(index, other + 1):
            found.append(index)
    return tuple(found)


def phase_likeness(stack: Stack) -> float | None:
    """How much the images of a phase have in common with those of the next one: the least over some phases.

    Correlations as in `unlike_after`, the median of all slices; None with one phase, or where all is blank.
    """
    phases = _some(stack.phases)
    if len(phases) < 2:
        return None
    pictures = [[_picture([cine.frames[at]], _mm(stack, n)) for at in phases] for n, cine in enumerate(stack.slices)]
    shown = [row for row in pictures if all(image.any() for image in row)]
    if not shown:
        return None
    steps = range(len(phases) if len(phases) > 2 else 1)
    return min(float(np.median([_alike(row[at], row[(at + 1) % len(phases)]) for row in shown])) for at in steps)


def _some(phases: int) -> list[int]:
    return [int(phase) for phase in np.unique(np.linspace(0, phases, _PHASES, endpoint=False).astype(int))]


def _mm(stack: Stack, number: int) -> float:
    scale = stack.slices[number].calibration
    return _ASSUMED_MM if scale is None else scale.row_mm


def _picture(frames: Sequence[BytesArray], pixel_mm: float) -> Picture:
    """(`_SIDE`, `_SIDE`) mean of some frames around the middle of the image, without what is large in it."""
    grey = [frame if frame.ndim == 2 else frame.max(axis=2) for frame in frames]
    mean = np.mean(np.stack(grey).astype(np.float32), axis=0)
    size = [max(1, round(side * pixel_mm / _GRID_MM)) for side in mean.shape]
    small = cv2.resize(mean, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    out = np.zeros((_SIDE, _SIDE), np.float32)
    (to_rows, from_rows), (to_columns, from_columns) = (_centred(side) for side in size)
    out[to_rows, to_columns] = np.sqrt(small[from_rows, from_columns])
    return np.asarray(out - cv2.GaussianBlur(out, (0, 0), _BLUR), np.float32)


def _centred(side: int) -> tuple[slice, slice]:
    """Where a side of this length goes in one of `_SIDE`, and what of it."""
    over, under = max(side - _SIDE, 0) // 2, max(_SIDE - side, 0) // 2
    length = min(side, _SIDE)
    return slice(under, under + length), slice(over, over + length)


def _alike(one: Picture, other: Picture) -> float:
    """Correlation of two pictures, at the shift within `_REACH` cells where it is largest; 0 of blank ones."""
    part = one[_REACH:-_REACH, _REACH:-_REACH]
    if not part.any() or not other.any():
        return 0.0
    found = float(cv2.matchTemplate(other, part, cv2.TM_CCOEFF_NORMED).max())
    return found if np.isfinite(found) else 0.0


def phase_order(patterns: Sequence[FloatArray | None]) -> tuple[float, ...]:
    """Of each slice, how much more its phases differ the farther apart they are in the cycle; NaN where nothing moves.

    Args:
        patterns: of each slice, (phases, phases) how much each phase differs from each other one.

    Returns:
        Correlations: 0.4 and more in sound stacks, near 0 where phases are in no order.

    """
    return tuple(
        float("nan") if pattern is None or len(pattern) < _MIN_PHASES else _by_distance(np.asarray(pattern))
        for pattern in patterns
    )


def _by_distance(apart: FloatArray) -> float:
    number = np.arange(len(apart))
    steps = np.abs(number[:, None] - number[None])
    off = steps > 0
    # A cycle that was recorded in part does not close.
    round_it = np.minimum(steps, len(apart) - steps)
    if np.ptp(apart[off]) <= 0:
        return float("nan")
    return max(float(np.corrcoef(apart[off], curve[off])[0, 1]) for curve in (steps, round_it))
