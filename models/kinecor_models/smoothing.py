"""The weighted moving average of paper 000: class probabilities averaged over six frames.

The paper does not print its weights, and averages the past only, since it works live: that delays every movement by
more than a frame. A recording lies there whole, so ours reach two frames ahead and hardly delay at all: weights 1, 2, 3
for the frames before, 4 for the frame itself, 3, 2 for the frames after; the mean delay is a fifth of a frame.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

BEFORE, AFTER = 3, 2
WEIGHTS = np.array((1, 2, 3, 4, 3, 2), np.float32)


def moving_average(probabilities: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Each frame's weighted average with its neighbours, in order; holds six frames at most.

    At the ends of the clip the window is cut short and the weights of the frames that are there are scaled to 1.
    """
    window: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=BEFORE + 1 + AFTER)

    def averaged(centre: int) -> NDArray[np.float32]:
        chosen = [(WEIGHTS[i - centre + BEFORE], p) for i, p in window if -BEFORE <= i - centre <= AFTER]
        total = np.float32(sum(weight for weight, _ in chosen))
        out = np.zeros_like(chosen[0][1])
        for weight, probability in chosen:
            out += (weight / total) * probability
        return out

    last = -1
    for last, probability in enumerate(probabilities):
        window.append((last, probability))
        if last >= AFTER:
            yield averaged(last - AFTER)
    for centre in range(max(last - AFTER + 1, 0), last + 1):
        yield averaged(centre)
