"""Filters and peaks of short curves, equal to those of scipy: importing it takes half as long as opening the window.

The order of sums is the library's, too, so that results agree to the last bit and ties of a symmetric curve stay ties.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kinecor.core.values.geometry import FloatArray

_REACH = 4.0  # standard deviations


def median_of_three(curve: FloatArray) -> FloatArray:
    """The median of each value (n,) and its neighbours; the ends are repeated.

    Args:
        curve: in any unit.

    """
    found: FloatArray = np.median(sliding_window_view(np.pad(curve, 1, mode="edge"), 3), axis=-1)
    return found


def gaussian(curve: FloatArray, sigma: float) -> FloatArray:
    """The curve (n,) smoothed by a Gaussian with a standard deviation in samples; the ends are repeated.

    Args:
        curve: in any unit.
        sigma: standard deviation, over 0.

    """
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


def cut_peaks(curve: FloatArray, width: int) -> FloatArray:
    """Peaks narrower than `width` (odd, samples) cut off: the smallest of each window, then the largest of those.

    Args:
        curve: (n,) in any unit.
        width: odd.

    """
    return _extreme(_extreme(curve, width, np.min), width, np.max)


def fill_dips(curve: FloatArray, width: int) -> FloatArray:
    """Dips narrower than `width` (odd, samples) filled.

    Args:
        curve: (n,) in any unit.
        width: odd.

    """
    return _extreme(_extreme(curve, width, np.max), width, np.min)


def _extreme(curve: FloatArray, width: int, of: Callable[..., FloatArray]) -> FloatArray:
    padded = np.pad(curve, width // 2, mode="symmetric")
    return np.asarray(of(sliding_window_view(padded, width), axis=-1))


def runs(chosen: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The indices of each uninterrupted run of True.

    Args:
        chosen: (n,).

    """
    found = np.flatnonzero(chosen)
    return np.split(found, np.flatnonzero(np.diff(found) > 1) + 1) if len(found) else []


def prominent_peaks(curve: FloatArray, prominence: float, distance: int) -> list[int]:
    """Places of the local maxima of a curve (n,), in order; the middle of a flat top, none at either end.

    Equal to scipy.signal.find_peaks.

    Args:
        curve: finite values.
        prominence: least height above the higher one of the lowest points that lead to a higher peak or to an end.
        distance: least number of samples between two of them; of nearer ones the higher stays.

    """
    tops = _tops(curve)
    is_standing = dict.fromkeys(tops, True)
    for at in np.argsort(curve[tops])[::-1] if tops else ():
        if is_standing[tops[at]]:
            is_standing |= {top: False for top in tops if 0 < abs(top - tops[at]) < distance}
    return [at for at in tops if is_standing[at] and _prominence(curve, at) >= prominence]


def _tops(curve: FloatArray) -> list[int]:
    # A flat top counts once: its samples are merged to one, at their middle.
    starts = np.flatnonzero(np.concatenate(([True], np.diff(curve) != 0)))
    ends = np.append(starts[1:], len(curve)) - 1
    level = curve[starts]
    found = 1 + np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:]))
    return [int(at) for at in (starts[found] + ends[found]) // 2]


def _prominence(curve: FloatArray, at: int) -> float:
    higher = np.flatnonzero(curve > curve[at])
    before, after = higher[higher < at], higher[higher > at]
    left = curve[(int(before[-1]) + 1 if len(before) else 0) : at + 1].min()
    right = curve[at : (int(after[0]) if len(after) else len(curve))].min()
    return float(curve[at] - max(left, right))
