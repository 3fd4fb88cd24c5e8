"""The weighted moving average of paper 000: class probabilities averaged over six frames.

The paper does not print its weights, and averages the past only, since it works live: that delays every movement by
more than a frame. A recording lies there whole, so ours reach three frames back and two ahead. They fall off with time,
not with the count of frames: six frames of a slow recording last as long as systole, and averaging them alike makes ED
smaller and ES larger. At 50 frames/s the weights are near to 1, 2, 3, 4, 3, 2.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

BEFORE, AFTER = 3, 2
# Standard deviation of the weights in time.
SPREAD_S = 0.026
USUAL_INTERVAL_S = 0.02


def weights(interval_s: float = USUAL_INTERVAL_S) -> NDArray[np.float32]:
    """(6,) weights of the frames -3, -2, -1, 0, 1, 2 for frames `interval_s` apart; the frame itself has 1."""
    offsets_s = np.arange(-BEFORE, AFTER + 1) * interval_s
    out: NDArray[np.float32] = np.exp(-((offsets_s / SPREAD_S) ** 2) / 2).astype(np.float32)
    return out


def moving_average(
    probabilities: Iterable[NDArray[np.float32]], interval_s: float = USUAL_INTERVAL_S
) -> Iterator[NDArray[np.float32]]:
    """Each frame's weighted average with its neighbours, in order; holds six frames at most.

    At the ends of the clip the window is cut short and the weights of the frames that are there are scaled to 1.

    Args:
        probabilities: one array a frame, all of one shape.
        interval_s: time from frame to frame, in seconds.

    """
    weight_of = weights(interval_s)
    window: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=BEFORE + 1 + AFTER)

    def averaged(centre: int) -> NDArray[np.float32]:
        near = [(weight_of[i - centre + BEFORE], p) for i, p in window if -BEFORE <= i - centre <= AFTER]
        total = sum(weight for weight, _ in near)
        # Added up one by one: a matrix product would wake numpy's own threads, which fight with the network's.
        out: NDArray[np.float32] = near[0][1] * np.float32(near[0][0] / total)
        for weight, probability in near[1:]:
            flat = out.reshape(-1, out.shape[-1])
            cv2.scaleAdd(probability.reshape(flat.shape), float(weight / total), flat, flat)
        return out

    last = -1
    for last, probability in enumerate(probabilities):
        window.append((last, probability))
        if last >= AFTER:
            yield averaged(last - AFTER)
    for centre in range(max(last - AFTER + 1, 0), last + 1):
        yield averaged(centre)
