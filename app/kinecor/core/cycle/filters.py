"""Filters of short curves, equal to those of scipy.ndimage: importing that takes half as long as opening the window.

The order of sums is the library's, too, so that results agree to the last bit and ties of a symmetric curve stay ties.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kinecor.core.values.geometry import FloatArray

_REACH = 4.0  # standard deviations


def median_of_three(curve: FloatArray) -> FloatArray:
    """The median of each value (n,) and its neighbours; the ends are repeated."""
    found: FloatArray = np.median(sliding_window_view(np.pad(curve, 1, mode="edge"), 3), axis=-1)
    return found


def gaussian(curve: FloatArray, sigma: float) -> FloatArray:
    """The curve (n,) smoothed by a Gaussian with a standard deviation in samples; the ends are repeated."""
    reach = int(_REACH * sigma + 0.5)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * steps**2)
    weights /= weights.sum()
    padded, count = np.pad(curve, reach, mode="edge"), len(curve)
    out: FloatArray = padded[reach : reach + count] * weights[reach]
    for step in range(reach, 0, -1):
        before, after = padded[reach - step :][:count], padded[reach + step :][:count]
        out = out + (before + after) * weights[reach - step]
    return out


def opened(curve: FloatArray, width: int) -> FloatArray:
    """Peaks narrower than `width` (odd, samples) cut off: the smallest of each window, then the largest of those."""
    return _extreme(_extreme(curve, width, np.min), width, np.max)


def closed(curve: FloatArray, width: int) -> FloatArray:
    """Dips narrower than `width` (odd, samples) filled."""
    return _extreme(_extreme(curve, width, np.max), width, np.min)


def _extreme(curve: FloatArray, width: int, of: Callable[..., FloatArray]) -> FloatArray:
    padded = np.pad(curve, width // 2, mode="symmetric")
    return np.asarray(of(sliding_window_view(padded, width), axis=-1))


def runs(chosen: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The indices of each uninterrupted run of True."""
    found = np.flatnonzero(chosen)
    return np.split(found, np.flatnonzero(np.diff(found) > 1) + 1) if len(found) else []
