"""The length of the heart beat by the images themselves: after one beat the picture looks as it did before."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.cells import Cells, brightness

# Blur in cells: walls remain, speckle does not.
_BLUR = 2.0
# So many frames are compared over a lag, as a share of the loop: a beat is found where 1.2 of them or more are seen.
LEAST_COMPARED = 1 / 6
_LEAST_FRAMES, _SHORTEST = 12, 6
# After one beat, frames differ by less than this share of how much they differ before it and after it. In simulated
# and real clips they differ by 0.18 to 0.75; half a beat on, by 0.9 or more.
DEPTH = 0.78
# Of several such lags the shortest that is about as good: the others are two and three beats.
_AS_GOOD = 0.15


def period_frames(cells: Cells, moving: NDArray[np.bool_]) -> float | None:
    """Length of a beat in frames, to a part of a frame; None where too little is seen of it.

    Args:
        cells: of the loop, see there.
        moving: (rows, columns) cells that move.

    """
    if len(cells) < _LEAST_FRAMES or not moving.any():
        return None
    curve = _differences(cells, moving)
    found: list[tuple[float, int]] = []
    for lag in range(_SHORTEST, len(curve) - 1):
        if not (curve[lag] <= curve[lag - 1] and curve[lag] < curve[lag + 1]):
            continue
        around = min(curve[:lag].max(), curve[lag:].max())
        if around > 0 and curve[lag] < DEPTH * around:
            found.append((float(curve[lag] / around), lag))
    if not found:
        return None
    best = min(found)[0]
    lag = min(lag for depth, lag in found if depth < best + _AS_GOOD)
    left, here, right = curve[lag - 1 : lag + 2]
    bend = float(left - 2 * here + right)
    return lag + (float(left - right) / (2 * bend) if bend > 0 else 0.0)


def _differences(cells: Cells, moving: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(lags,) mean difference between frames that are so many frames apart."""
    smooth = np.stack([cv2.GaussianBlur(one, (0, 0), _BLUR) for one in brightness(cells)])[:, moving]
    smooth -= smooth.mean(axis=1, keepdims=True)
    power = (smooth * smooth).sum(axis=1)
    apart = np.sqrt(np.maximum(power[:, None] + power[None] - 2 * (smooth @ smooth.T), 0))
    most = len(apart) - max(3, round(LEAST_COMPARED * len(apart)))
    return np.array([np.diagonal(apart, lag).mean() for lag in range(most + 1)], np.float64)
