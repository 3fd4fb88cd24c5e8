"""The weighted moving average of paper 000: class probabilities averaged over six frames.

The paper does not print its weights, and averages the past only, since it works live: that delays every movement by
more than a frame. A recording lies there whole, so ours reach two frames ahead and hardly delay at all: weights 1, 2, 3
for the frames before, 4 for the frame itself, 3, 2 for the frames after; the mean delay is a fifth of a frame.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

BEFORE, AFTER = 3, 2
WEIGHTS = np.array((1, 2, 3, 4, 3, 2), np.float32)


def moving_average(probabilities: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Each frame's weighted average with its neighbours, in order; holds six frames at most.

    At the ends of the clip the window is cut short and the weights of the frames that are there are scaled to 1.
    """
    window = len(WEIGHTS)
    # Frame i lies at row i % window, so that one product over the rows makes an average.
    ring = np.zeros((window, 0), np.float32)
    shape: tuple[int, ...] = ()

    def averaged(centre: int, last: int) -> NDArray[np.float32]:
        weights = np.zeros(window, np.float32)
        for frame in range(max(centre - BEFORE, 0), min(centre + AFTER, last) + 1):
            weights[frame % window] = WEIGHTS[frame - centre + BEFORE]
        out: NDArray[np.float32] = ((weights / weights.sum()) @ ring).reshape(shape)
        return out

    last = -1
    for last, probability in enumerate(probabilities):
        if last == 0:
            shape = probability.shape
            ring = np.zeros((window, probability.size), np.float32)
        ring[last % window] = probability.ravel()
        if last >= AFTER:
            yield averaged(last - AFTER, last)
    for centre in range(max(last - AFTER + 1, 0), last + 1):
        yield averaged(centre, last)
