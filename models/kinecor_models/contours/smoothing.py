"""Weighted averages over time: the moving average of Smistad, other kernels, and that round the cardiac cycle.

The paper does not give its weights, and averages the past only, since it works live: that delays every movement by
more than a frame. A recording is complete, so ours reach three frames back and two ahead. They fall off with time, not
with the number of frames: six frames of a slow recording last as long as systole, and averaging them equally makes ED
smaller and ES larger. At 50 frames/s the weights are near to 1, 2, 3, 4, 3, 2.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

BEFORE, AFTER = 3, 2
# Standard deviation of the weights in time.
SPREAD_S = 0.026
USUAL_INTERVAL_S = 0.02

# Round the cardiac cycle of cine MRI, weights fall off with the share of the cycle, not with the number of frames: a
# cine of 20 phases must not be smoothed over more of systole than one of 40.
# Standard deviation of the weights as a share of the cycle; at 20 phases half a frame.
CYCLE_SPREAD = 0.025
# And never more than this many frames, since a long recording may hold several cycles.
CYCLE_MOST_FRAMES = 1.0
CYCLE_REACH = 2


def weights(interval_s: float = USUAL_INTERVAL_S) -> NDArray[np.float32]:
    """(6,) weights of the frames -3, -2, -1, 0, 1, 2 for frames `interval_s` apart; the frame itself has 1."""
    offsets_s = np.arange(-BEFORE, AFTER + 1) * interval_s
    out: NDArray[np.float32] = np.exp(-((offsets_s / SPREAD_S) ** 2) / 2).astype(np.float32)
    return out


def bending_weights(interval_s: float, spread_s: float, most: int) -> NDArray[np.float32]:
    """(reach + 1,) weights of the frame itself and of those 1, 2 ... frames off, the same on either side.

    A Gaussian times (3 - u^2) / 2, the fourth-order kernel: what bends as a parabola over time, as a volume at ED or
    ES does, comes out as it was, while a plain average flattens it (Wand and Jones, Kernel Smoothing, 1995, 2.8).

    Args:
        interval_s: time from frame to frame, in seconds, above 0.
        spread_s: standard deviation of the Gaussian.
        most: reach is never more than this many frames.

    """
    reach = int(min(3.5 * spread_s / interval_s, most))
    u = np.arange(reach + 1) * (interval_s / spread_s)
    out: NDArray[np.float32] = ((1.5 - u**2 / 2) * np.exp(-(u**2) / 2)).astype(np.float32)
    return out


def averaged(
    frames: Iterable[NDArray[np.float32]], weight_of: NDArray[np.float32], ahead: int
) -> Iterator[NDArray[np.float32]]:
    """Each frame's weighted average with its neighbours, in order; holds as many frames as there are weights.

    At the ends of the clip the window is cut short and the remaining weights are scaled to 1.

    Args:
        frames: arrays of one shape.
        weight_of: (n,) weights, the last for the frame furthest ahead; no part of them may add up to 0.
        ahead: how many of them are for frames still to come, 0 to n - 1.

    """
    before = len(weight_of) - 1 - ahead
    window: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=len(weight_of))

    def at(centre: int) -> NDArray[np.float32]:
        near = [(weight_of[i - centre + before], frame) for i, frame in window if -before <= i - centre <= ahead]
        total = sum(weight for weight, _ in near)
        # Added up one by one: a matrix product would wake numpy's own threads, which fight with the network's.
        out: NDArray[np.float32] = near[0][1] * np.float32(near[0][0] / total)
        for weight, frame in near[1:]:
            flat = out.reshape(-1, out.shape[-1])
            cv2.scaleAdd(frame.reshape(flat.shape), float(weight / total), flat, flat)
        return out

    last = -1
    for last, frame in enumerate(frames):
        window.append((last, frame))
        if last >= ahead:
            yield at(last - ahead)
    for centre in range(max(last - ahead + 1, 0), last + 1):
        yield at(centre)


def moving_average(
    probabilities: Iterable[NDArray[np.float32]], interval_s: float = USUAL_INTERVAL_S
) -> Iterator[NDArray[np.float32]]:
    """Each frame's weighted average with three before and two after it, in order; holds six frames at most.

    Args:
        probabilities: one array a frame, all of one shape.
        interval_s: time from frame to frame, in seconds.

    """
    return averaged(probabilities, weights(interval_s), AFTER)


def cycle_weights(frames: int) -> NDArray[np.float32]:
    """(2 CYCLE_REACH + 1,) weights of the neighbours of a phase, adding up to 1."""
    sigma = min(max(CYCLE_SPREAD * frames, 1e-3), CYCLE_MOST_FRAMES)
    out = np.exp(-((np.arange(-CYCLE_REACH, CYCLE_REACH + 1) / sigma) ** 2) / 2)
    return np.asarray(out / out.sum(), np.float32)


def round_the_cycle(probabilities: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Each phase's weighted average with its neighbours around the cycle; shapes stay."""
    total = len(probabilities)
    weight = cycle_weights(total)
    if total < 2 * CYCLE_REACH + 1 or weight[CYCLE_REACH] > 0.999:
        return list(probabilities)
    out = []
    for frame in range(total):
        mean = probabilities[frame] * weight[CYCLE_REACH]
        flat = mean.reshape(-1, mean.shape[-1])
        for step in range(-CYCLE_REACH, CYCLE_REACH + 1):
            if step:
                # Added up one by one: a matrix product would wake numpy's own threads, which fight with the network's.
                near = probabilities[(frame + step) % total].reshape(flat.shape)
                cv2.scaleAdd(near, float(weight[step + CYCLE_REACH]), flat, flat)
        out.append(mean)
    return out


def isolated_phases(present: Sequence[bool], most: int = 1) -> list[int]:
    """Phases of runs of at most `most` phases with a structure, round the cycle, of a cine of 8 phases or more."""
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
