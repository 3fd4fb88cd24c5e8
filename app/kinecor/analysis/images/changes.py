"""Changes from frame to frame where the picture moves: frames that repeat the one before, and jumps over lost ones."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.cells import Cells, brightness
from kinecor.core.values.geometry import FloatArray

LEAST_LEVELS = 0.7
"""Mean change of a cell, in grey levels, below which it does not move."""
_MOVING_SHARE = 0.4
# A frame that changes less than this share of what is usual repeats the one before. Sound frames (1,500 of simulated
# and real clips) change by 0.24 or more, repeated ones with noise of 2 grey levels added by 0.03 to 0.3, mostly 0.1.
REPEATS = 0.16
# A heart at rest slows down before; a repeated frame comes between two that change at least this share of the usual,
# or changes next to nothing.
SUDDEN, SAME = 0.4, 0.02
# A change this many times larger than those before and after it is a jump; sound frames reach 3.3, and 2.4 unsmoothed.
JUMPS, JUMPS_UNSMOOTHED = 3.6, 2.6
# A step in the frame times that is this many times the usual one is a gap.
GAP = 1.8
_BLUR = 1.5


@dataclass(frozen=True, slots=True)
class Changes:
    """Frames counted from 0; `moving` is (rows, columns) of cells, see ImageFacts for the rest."""

    moving: NDArray[np.bool_]
    repeated: tuple[int, ...]
    lost_after: tuple[int, ...]

    @property
    def still(self) -> bool:
        """Whether nothing moves."""
        return not self.moving.any()


def changes(cells: Cells, damaged: tuple[int, ...]) -> Changes:
    """How the picture of a loop changes.

    Args:
        cells: see there.
        damaged: frames that are not compared with others.

    """
    grey = brightness(cells)
    moving = moving_cells(grey)
    if not moving.any() or len(grey) < 4:
        return Changes(moving, (), ())
    steps = _steps(grey[:, moving])
    smooth = _steps(np.stack([cv2.GaussianBlur(one, (0, 0), _BLUR) for one in grey])[:, moving])
    beside = set(damaged) | {frame + 1 for frame in damaged}
    repeated = tuple(at + 1 for at in _repeats(steps) if at + 1 not in beside)
    lost = tuple(
        at
        for at in range(1, len(steps) - 1)
        if not {at, at + 1, at + 2} & (beside | set(repeated))
        and smooth[at] > JUMPS * max(smooth[at - 1], smooth[at + 1])
        and steps[at] > JUMPS_UNSMOOTHED * max(steps[at - 1], steps[at + 1])
    )
    return Changes(moving, repeated, lost)


def moving_cells(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(rows, columns) where the picture changes more than noise does; none in a still picture."""
    if len(grey) < 2:
        return np.zeros(grey.shape[1:], bool)
    change = np.abs(np.diff(grey, axis=0)).mean(axis=0)
    return np.asarray(change > max(LEAST_LEVELS, _MOVING_SHARE * float(np.percentile(change, 95))))


def gaps(times_s: FloatArray) -> tuple[int, ...]:
    """Frames after which the times step more than `GAP` times the usual step."""
    steps_s = np.diff(times_s)
    if len(steps_s) < 3:
        return ()
    return tuple(int(at) for at in np.flatnonzero(steps_s > GAP * np.median(steps_s)))


def _repeats(steps: NDArray[np.float32]) -> list[int]:
    """Steps over which the picture does not change at all, or stops between two frames that move, and goes on."""
    usual = float(np.percentile(steps, 80))
    found: list[int] = []
    at = 0
    while at < len(steps):
        end = at
        while end < len(steps) and steps[end] < REPEATS * usual:
            end += 1
        if end > at:
            sudden = at > 0 and end < len(steps) and min(steps[at - 1], steps[end]) > SUDDEN * usual
            found += [one for one in range(at, end) if sudden or steps[one] < SAME * usual]
        at = end + 1
    return found


def _steps(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames - 1,) mean change of (frames, cells) from each frame to the next."""
    return np.asarray(np.abs(np.diff(values, axis=0)).mean(axis=1))
