"""Peaks of a short curve, equal to scipy.signal.find_peaks, whose import takes longer than the window takes to open."""

import numpy as np

from kinecor.core.values.geometry import FloatArray


def prominent_peaks(curve: FloatArray, prominence: float, distance: int) -> list[int]:
    """Places of the local maxima of a curve (n,), in order; the middle of a flat top, none at either end.

    Args:
        curve: finite values.
        prominence: least height above the higher one of the lowest points that lead to a higher peak or to an end.
        distance: least number of samples between two of them; of nearer ones the higher stays.

    """
    tops = _tops(curve)
    kept = dict.fromkeys(tops, True)
    for at in np.argsort(curve[tops])[::-1] if tops else ():
        if kept[tops[at]]:
            kept |= {one: False for one in tops if 0 < abs(one - tops[at]) < distance}
    return [at for at in tops if kept[at] and _prominence(curve, at) >= prominence]


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
