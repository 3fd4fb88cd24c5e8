"""Weighted averages over time: in place, round the cardiac cycle, and along the motion of the image.

Smistad's paper does not give its weights, and averages the past only, since it works live: that delays every movement
by more than a frame. A recording is complete, so ours reach three frames back and two ahead. They fall off with time,
not with the number of frames: six frames of a slow recording last as long as systole, and averaging them equally makes
ED smaller and ES larger. At 50 frames/s the weights are near to 1, 2, 3, 4, 3, 2.

Fusion along the motion: a plain average over time blurs what moves: the ventricle is drawn smaller at ED and larger at
ES. Here every pixel follows its tissue into the frames around (dense optical flow both ways between neighbouring
frames, chained), so that the same piece of wall is averaged with itself and the window may be long. Where the
forward-backward error is large, the neighbour has less weight. The flow fails mostly around ED and ES, where motion
turns; the weights let curves that bend as parabolas pass unchanged (`bending_weights`).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import FlowEngine, return_error

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
    """(6,) weights of the frames -3, -2, -1, 0, 1, 2 for frames `interval_s` apart; the frame itself has 1.

    Args:
        interval_s: from frame to frame.

    """
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


def average_frames(
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

    def weighted_mean_at(centre: int) -> NDArray[np.float32]:
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
            yield weighted_mean_at(last - ahead)
    for centre in range(max(last - ahead + 1, 0), last + 1):
        yield weighted_mean_at(centre)


def moving_average(
    probabilities: Iterable[NDArray[np.float32]], interval_s: float = USUAL_INTERVAL_S
) -> Iterator[NDArray[np.float32]]:
    """Each frame's weighted average with three before and two after it, in order; holds six frames at most.

    Args:
        probabilities: one array a frame, all of one shape.
        interval_s: time from frame to frame, in seconds.

    """
    return average_frames(probabilities, weights(interval_s), AFTER)


def cycle_weights(frames: int) -> NDArray[np.float32]:
    """(2 CYCLE_REACH + 1,) weights of the neighbours of a phase, adding up to 1.

    Args:
        frames: of the cycle.

    """
    sigma = min(max(CYCLE_SPREAD * frames, 1e-3), CYCLE_MOST_FRAMES)
    out = np.exp(-((np.arange(-CYCLE_REACH, CYCLE_REACH + 1) / sigma) ** 2) / 2)
    return np.asarray(out / out.sum(), np.float32)


def round_the_cycle(probabilities: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Each phase's weighted average with its neighbours around the cycle; shapes stay.

    Args:
        probabilities: of each phase, all of one shape (..., columns).

    """
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
    """Phases of runs of at most `most` phases with a structure, round the cycle, of a cine of 8 phases or more.

    Args:
        present: of each phase, whether the structure is there.
        most: phases of such a run.

    """
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


Field = NDArray[np.float32]
Image = NDArray[np.uint8]
Box = tuple[int, int, int, int]

# Motion is computed in images of 3/4 of the network's side, at half as many nodes: 3 on 8 network pixels.
BLOCK_PX, BLOCK_NODES = 8, 3
# Standard deviation of the weights in time, and frames that they reach at most on either side. With 0.08 s contours are
# smoother, but hearts with 110 beats per minute and a high EF lose up to a tenth of their motion.
FUSION_SPREAD_S, FUSION_REACH = 0.06, 10
# A live source has no frames ahead, and lags where its flow fails: by some 10 ms, with 0.05 s by 20 ms. Its weights are
# a plain Gaussian: a one-sided bending kernel would overshoot.
LIVE_SPREAD_S, LIVE_REACH = 0.03, 6
# The flow of each frame has its own jitter; a short average in place removes it.
STILL_SPREAD_S, STILL_REACH = 0.03, 8
# Forward-backward error in network pixels at which a neighbour has exp(-1/2) of its weight.
MISSED_PX = 3.0
# Neighbours of less weight than this are skipped.
MIN_WEIGHT = 0.005
# Pixels whose background probability is above this in all frames around are not changed.
SURE_BACKGROUND = 0.98


@dataclass(eq=False)
class _WindowFrame:
    """A frame in the window.

    Attributes:
        layers: (size, size, classes - 1) probabilities without background.
        small: the image in which motion is computed.
        box: (top, bottom, left, right) of the heart, in blocks; None where there is none.
        ahead, back: (nodes, nodes, 3) motion to the next and to the last frame: displacement along x and y, and the
            forward-backward error, in nodes.

    """

    layers: Field
    small: Image
    box: Box | None
    ahead: Field | None = field(default=None)
    back: Field | None = field(default=None)


class MotionFusion:
    """Takes frames one by one and gives fused ones as soon as their neighbours have come.

    With `live`, a frame comes out for each that goes in, and a whole recording fed frame by frame gives the
    same as `fuse_frames`.

    Args:
        size: side of the network's square.
        interval_s: time from frame to frame, in seconds.
        flow: computes the motion between two images.
        live: look back only.

    Raises:
        ValueError: the side is not a multiple of 8.

    """

    def __init__(self, size: int, interval_s: float, flow: FlowEngine, *, live: bool = False) -> None:
        if size % BLOCK_PX:
            raise ValueError(f"expected a square of a multiple of {BLOCK_PX} pixels, got {size}")
        self._flow, self._nodes = flow, size // BLOCK_PX * BLOCK_NODES
        if live:
            reach = int(min(3 * LIVE_SPREAD_S / interval_s, LIVE_REACH))
            u = np.arange(reach + 1) * (interval_s / LIVE_SPREAD_S)
            self._weights = np.exp(-(u**2) / 2).astype(np.float32)
        else:
            self._weights = bending_weights(interval_s, FUSION_SPREAD_S, FUSION_REACH)
        self._before = len(self._weights) - 1
        self._after = 0 if live else self._before
        self._window: deque[_WindowFrame] = deque()
        self._seen = self._given = 0
        x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
        self._places: Field = np.stack([x, y], axis=-1)

    def push(self, image: Image, probability: Field) -> list[Field]:
        """Takes the next frame.

        Args:
            image: (size, size) uint8, the network's input.
            probability: (classes, size, size) float32 summing to 1, background first.

        Returns:
            the fused frames, like `probability`, that are ready now; none or one.

        """
        side = 2 * self._nodes
        small = np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
        entry = _WindowFrame(np.asarray(cv2.merge(list(probability[1:])), np.float32), small, _heart(probability[0]))
        if self._window:
            last = self._window[-1]
            there, back = self._flow(last.small, small)
            last.ahead, entry.back = at_nodes(there, back), at_nodes(back, there)
        self._window.append(entry)
        self._seen += 1
        return [self._next()] if self._seen - self._given > self._after else []

    def finish(self) -> list[Field]:
        """The frames that were waiting for others ahead of them."""
        return [self._next() for _ in range(self._seen - self._given)]

    def _next(self) -> Field:
        while self._given - (self._seen - len(self._window)) > self._before:
            self._window.popleft()
        centre = self._given - (self._seen - len(self._window))
        self._given += 1
        return self._fused(list(self._window)[: centre + self._after + 1], centre)

    def _fused(self, window: list[_WindowFrame], centre: int) -> Field:
        layers = window[centre].layers
        boxes = [entry.box for entry in window if entry.box is not None]
        if boxes:
            tops, bottoms, lefts, rights = zip(*boxes, strict=True)
            layers = layers.copy()
            self._average(layers, window, centre, (min(tops), max(bottoms), min(lefts), max(rights)))
        planes = cv2.split(layers)
        out = np.empty((len(planes) + 1, *layers.shape[:2]), np.float32)
        out[0] = 1
        for number, plane in enumerate(planes, start=1):
            out[number] = plane
            out[0] -= plane
        np.maximum(out[0], 0, out=out[0])
        return out

    def _average(self, layers: Field, window: list[_WindowFrame], centre: int, box: Box) -> None:
        """Averages `layers` inside a box (in blocks), in place."""
        pixels, near = _slices(box, BLOCK_PX), _slices(box, BLOCK_NODES)
        places, nodes = np.ascontiguousarray(self._places[pixels]), self._places[near]
        shape = places.shape[1], places.shape[0]
        total = layers[pixels] * self._weights[0]
        weight = np.full_like(total, self._weights[0])
        to_px = np.float32(BLOCK_PX / BLOCK_NODES)
        for way, most in ((1, len(window) - 1 - centre), (-1, centre)):
            at, missed = nodes, np.zeros(nodes.shape[:2], np.float32)
            for step in range(1, min(most, self._before) + 1):
                entry, other = window[centre + way * (step - 1)], window[centre + way * step]
                motion = looked_up(entry.ahead if way > 0 else entry.back, at)
                at, missed = at + motion[..., :2], missed + motion[..., 2]
                share = self._weights[step] * np.exp(-((missed * (to_px / MISSED_PX)) ** 2) / 2)
                if abs(share).max() < MIN_WEIGHT:
                    break
                # OpenCV's own sums: numpy's cost twice the rest of this loop. They want the weight in every channel.
                every = np.asarray(cv2.resize(cv2.merge([share] * total.shape[2]), shape), np.float32)
                shift = cv2.resize((at - nodes) * to_px, shape)
                carried = looked_up(other.layers, np.asarray(cv2.add(places, shift), np.float32))
                cv2.accumulateProduct(carried, every, total)
                cv2.accumulate(every, weight)
        # Weights may be negative far away, so sums may leave 0..1 by a little.
        layers[pixels] = np.clip(total / weight, 0, 1)


def _slices(box: Box, per_block: int) -> tuple[slice, slice]:
    top, bottom, left, right = (side * per_block for side in box)
    return slice(top, bottom), slice(left, right)


def looked_up(values: Field | None, at: Field) -> Field:
    """Values (rows, columns, n) at places (..., 2) of (x, y), linear between samples.

    Args:
        values: (rows, columns, n).
        at: (..., 2) pixels.

    """
    return np.asarray(
        cv2.remap(values, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),  # type: ignore[call-overload]
        np.float32,
    )


def _heart(background: Field) -> Box | None:
    """(top, bottom, left, right) in blocks of what may be heart, with half a block or more around it."""
    rows, columns = (np.flatnonzero((background < SURE_BACKGROUND).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    high, wide = (side // BLOCK_PX for side in background.shape)

    def blocks(found: NDArray[np.intp], most: int) -> tuple[int, int]:
        return max((int(found[0]) - 4) // BLOCK_PX, 0), min((int(found[-1]) + 4) // BLOCK_PX + 1, most)

    return (*blocks(rows, high), *blocks(columns, wide))


def at_nodes(there: Field, back: Field) -> Field:
    """Displacement and forward-backward error, means over squares of two pixels, in nodes.

    Args:
        there: (rows, columns, 2) displacement in pixels.
        back: the same from the other image.

    """
    shape = there.shape[1] // 2, there.shape[0] // 2
    ahead, home = (
        np.asarray(cv2.resize(field, shape, interpolation=cv2.INTER_AREA) / 2, np.float32) for field in (there, back)
    )
    return np.dstack([ahead, return_error(ahead, home)])


def fuse_frames(
    frames: Iterable[tuple[Image, Field]], size: int, interval_s: float, flow: FlowEngine, *, live: bool = False
) -> Iterator[Field]:
    """The fused probabilities of each frame of a clip, in order; see MotionFusion.

    Args:
        frames: (image, probability) of each frame, as MotionFusion.push takes them.
        size: side of the network's square.
        interval_s: time from frame to frame, in seconds.
        flow: computes the motion between two images.
        live: look back only.

    """
    carried = _carried(frames, MotionFusion(size, interval_s, flow, live=live))
    if live:
        return carried
    half = bending_weights(interval_s, STILL_SPREAD_S, STILL_REACH)
    return average_frames(carried, np.concatenate([half[:0:-1], half]), len(half) - 1)


def _carried(frames: Iterable[tuple[Image, Field]], fusion: MotionFusion) -> Iterator[Field]:
    for image, probability in frames:
        yield from fusion.push(image, probability)
    yield from fusion.finish()
