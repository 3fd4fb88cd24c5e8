"""Each frame's probabilities pooled with those of the same phase of neighbouring beats.

A recording of two beats or more shows every phase again. Which frames correspond is computed from the images: the
correlation of any two of them, over a few frames around each, so that filling and emptying differ; the lag at which it
peaks is the beat. A frame's mates are the most similar ones about one and two beats away, warped to it along the motion
between the two, with less weight the less similar they are and the larger the forward-backward error is.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.smoothing import BLOCK_NODES, BLOCK_PX, MISSED_PX, Field, Image, at_nodes, looked_up
from kinecor_models.engines.engine import FlowEngine

BEAT_S = (0.4, 1.6)
"""The shortest and the longest beat."""
# Images are compared at this side, with this many frames before and after.
_THUMB_PX, _AROUND = 32, 2
# Frames of less correlation than the first are not pooled; from the second on they have full weight.
MIN_ALIKE, WHOLLY_ALIKE = 0.4, 0.8
# A peak of nearly the highest likeness at a shorter lag is the beat; the others are two and three of it.
_NEARLY = 0.85
# A beat may be early or late by this share of it. Beats searched before and after a frame.
_EARLY, _FAR = 0.15, 2


def alike(images: Sequence[Image]) -> NDArray[np.float32]:
    """(t, t) correlation of images less their mean over the clip, -1..1, each with the frames around it.

    Args:
        images: of one size, grey.

    """
    small = [cv2.resize(image, (_THUMB_PX, _THUMB_PX), interpolation=cv2.INTER_AREA) for image in images]
    flat = np.stack(small).astype(np.float32).reshape(len(small), -1)
    flat -= flat.mean(axis=0)  # what does not move carries no information
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    each, frames = flat @ flat.T, len(flat)
    total, count = np.zeros_like(each), np.zeros_like(each)
    for shift in range(-_AROUND, _AROUND + 1):
        there = slice(max(shift, 0), frames + min(shift, 0))
        here = slice(max(-shift, 0), frames + min(-shift, 0))
        total[here, here] += each[there, there]
        count[here, here] += 1
    return np.asarray(total / count, np.float32)


def beat_frames(likeness: NDArray[np.float32], interval_s: float) -> int | None:
    """Frames from beat to beat, or None where nothing repeats.

    Args:
        likeness: (t, t), see `alike`.
        interval_s: from frame to frame.

    """
    frames = len(likeness)
    first, last = int(np.ceil(BEAT_S[0] / interval_s)), min(int(BEAT_S[1] / interval_s), frames - 2 * _AROUND)
    if last - first < 2:
        return None
    by_lag = np.array([np.diagonal(likeness, lag).mean() for lag in range(first - 1, last + 1)])
    peaks = np.flatnonzero((by_lag[1:-1] >= by_lag[:-2]) & (by_lag[1:-1] >= by_lag[2:])) + 1
    if not len(peaks) or by_lag[peaks].max() < MIN_ALIKE:
        return None
    return int(first - 1 + peaks[by_lag[peaks] >= _NEARLY * by_lag[peaks].max()][0])


def mates(likeness: NDArray[np.float32], beat: int, frame: int) -> list[tuple[int, float]]:
    """Frames at the same phase of other beats, and the weight of each, 0..1.

    Args:
        likeness: (t, t), see `alike`.
        beat: frames from beat to beat.
        frame: from 0.

    """
    frames, found, early = len(likeness), [], max(1, round(_EARLY * beat))
    for away in (index * way for index in range(1, _FAR + 1) for way in (1, -1)):
        there = frame + away * beat
        if not 0 <= there < frames:  # its mate was not recorded; the last frame is no substitute
            continue
        near = np.arange(max(there - early, 0), min(there + early + 1, frames))
        mate = int(near[likeness[frame, near].argmax()])
        share = (float(likeness[frame, mate]) - MIN_ALIKE) / (WHOLLY_ALIKE - MIN_ALIKE)
        if share > 0:
            found.append((mate, min(share, 1.0)))
    return found


def over_beats(
    images: Sequence[Image], probabilities: Sequence[Field], interval_s: float, flow: FlowEngine
) -> list[Field]:
    """The pooled probabilities of each frame of a clip; unchanged where no beat repeats.

    Args:
        images: (size, size) uint8, the network's input.
        probabilities: (classes, size, size) float32 of each, summing to 1, background first.
        interval_s: time from frame to frame, in seconds.
        flow: finds the motion between two images.

    """
    if len(images) < 2:
        return list(probabilities)
    likeness = alike(images)
    beat = beat_frames(likeness, interval_s)
    if beat is None:
        return list(probabilities)
    size = images[0].shape[0]
    side = 2 * (size // BLOCK_PX * BLOCK_NODES)
    small = [np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), np.uint8) for image in images]
    layers = [np.asarray(cv2.merge(list(probability[1:])), np.float32) for probability in probabilities]
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    places: Field = np.stack([x, y], axis=-1)
    found: dict[tuple[int, int], Field] = {}
    to_px = np.float32(BLOCK_PX / BLOCK_NODES)
    out = []
    for frame, own in enumerate(layers):
        total, weight = own.copy(), np.ones((size, size, 1), np.float32)
        for mate, share in mates(likeness, beat, frame):
            if (frame, mate) not in found:
                there, back = flow(small[frame], small[mate])
                found[frame, mate], found[mate, frame] = at_nodes(there, back), at_nodes(back, there)
            motion = found.pop((frame, mate))
            missed = np.exp(-((motion[..., 2] * (to_px / MISSED_PX)) ** 2) / 2)
            every = np.asarray(cv2.resize(share * missed, (size, size)), np.float32)[..., None]
            shift = np.asarray(cv2.resize(motion[..., :2] * to_px, (size, size)), np.float32)
            total += every * looked_up(layers[mate], places + shift)
            weight += every
        pooled = np.clip(total / weight, 0, 1).transpose(2, 0, 1)
        out.append(np.concatenate([np.maximum(1 - pooled.sum(axis=0, keepdims=True), 0), pooled]).astype(np.float32))
    return out
