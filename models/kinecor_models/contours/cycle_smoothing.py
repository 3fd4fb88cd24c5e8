"""Smoothing round the cardiac cycle: the last phase of a cine is the neighbour of its first.

The weights are symmetric, so nothing lags, and they fall off with the share of the cycle, not with the count of
frames: a cine of 20 phases must not be smoothed over more of systole than one of 40.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

# Standard deviation of the weights as a share of the cycle; at 20 phases half a frame.
SPREAD = 0.025
# And never more than this many frames, since a long recording may hold several cycles.
MOST_FRAMES = 1.0
REACH = 2


def weights(frames: int) -> NDArray[np.float32]:
    """(2 REACH + 1,) weights of the neighbours of a phase, adding up to 1."""
    sigma = min(max(SPREAD * frames, 1e-3), MOST_FRAMES)
    out = np.exp(-((np.arange(-REACH, REACH + 1) / sigma) ** 2) / 2)
    return np.asarray(out / out.sum(), np.float32)


def round_the_cycle(probabilities: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Each phase's weighted average with its neighbours around the cycle; shapes stay."""
    total = len(probabilities)
    weight = weights(total)
    if total < 2 * REACH + 1 or weight[REACH] > 0.999:
        return list(probabilities)
    out = []
    for frame in range(total):
        mean = probabilities[frame] * weight[REACH]
        flat = mean.reshape(-1, mean.shape[-1])
        for step in range(-REACH, REACH + 1):
            if step:
                # Added up one by one: a matrix product would wake numpy's own threads, which fight with the network's.
                near = probabilities[(frame + step) % total].reshape(flat.shape)
                cv2.scaleAdd(near, float(weight[step + REACH]), flat, flat)
        out.append(mean)
    return out


def lone(present: Sequence[bool], most: int = 1) -> list[int]:
    """Phases where something is seen for at most `most` phases running, round the cycle, of a cine of 8 or more."""
    total = len(present)
    if total < 8 or all(present) or not any(present):
        return []
    start = next(i for i in range(total) if not present[i])
    out: list[int] = []
    run: list[int] = []
    for step in range(1, total + 1):
        frame = (start + step) % total
        if present[frame]:
            run.append(frame)
            continue
        if len(run) <= most:
            out += run
        run = []
    return sorted(out)
