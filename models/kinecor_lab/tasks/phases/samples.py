"""What a training step of Kong 2016 sees: part of a cine, begun anywhere, at a random rate, placed and varied."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.tasks.phases.data import FloatArray, PhaseCine
from kinecor_models.phases.model import label_curve

CYCLE_PHASES = (11, 34)
"""Frames a beat that are drawn from a gated cycle: 10 to 60 a second."""
REST = 0.05
"""Share of the cycle before ED in which a ventricle is nearly full."""
SLOWEST_PER_S = 11.0
"""Frames a second that are left of an echo clip, at least."""
Sample = tuple[NDArray[np.uint8], NDArray[np.float32]]
"""Frames (t, side, side) and the curve (t,), NaN where it is not known."""


def taken(cine: PhaseCine, count: int, rng: Generator) -> tuple[NDArray[np.intp], FloatArray]:
    """Which frames of a cine to take, and the curve's values there.

    A gated cycle is gone round as often as it takes, one to three times; an open clip is thinned out.

    Args:
        cine: the recording.
        count: frames wanted.
        rng: source of chance.

    Returns:
        (count,) frame numbers and (count,) values of the curve.

    """
    total = len(cine.frames)
    if cine.cycle_s is not None:
        return _round_and_round(cine, cine.cycle_s, count, rng)
    rate = (total - 1) / float(cine.times_s[-1] - cine.times_s[0]) if total > 1 else 1.0
    most = max(1, min(int(rate / SLOWEST_PER_S), (total - 1) // max(count - 1, 1)))
    stride = int(rng.integers(1, most + 1))
    start = int(rng.integers(0, max(1, total - stride * (count - 1))))
    frames = np.minimum(start + stride * np.arange(count), total - 1).astype(np.intp)
    label = label_curve(cine.times_s[frames], cine.ed_s, cine.es_s)
    label[1:][frames[1:] == frames[:-1]] = np.nan
    return frames, label


def _pace(systole: float, rng: Generator) -> tuple[FloatArray, FloatArray]:
    """Knots of a cycle's own time from ED to ED, as shares, and where a heart of another pace has them.

    Systole, filling and diastasis differ in length between hearts more than between simulated ones. Last in diastole a
    failing heart may rest, filled already, for a tenth of a second and more before it ejects; to the reader of a cine
    ED is the end of this rest.
    """
    own = np.array([0.0, systole, systole + 0.45 * (1 - systole), 1 - REST, 1.0])
    lengths = np.diff(own) * np.exp(rng.normal(0, 0.15, 4))
    if rng.random() < 0.5:
        lengths[3] *= rng.uniform(1, 4)
    return own, np.concatenate(([0.0], np.cumsum(lengths / lengths.sum())))


def _round_and_round(
    cine: PhaseCine, cycle_s: float, count: int, rng: Generator
) -> tuple[NDArray[np.intp], FloatArray]:
    total, ed_s = len(cine.frames), cine.ed_s[0]
    systole = min((at - ed_s) % cycle_s for at in cine.es_s) / cycle_s
    own, paced = _pace(systole, rng)
    phases = float(rng.uniform(CYCLE_PHASES[0], min(CYCLE_PHASES[1], total)))
    wanted = rng.uniform(0, 1) + np.arange(count) / phases
    share = np.interp(wanted % 1, paced, own)
    frames = np.round((ed_s + share * cycle_s - cine.times_s[0]) / cycle_s * total).astype(np.intp) % total
    # Distance to the nearest frame; where time is stretched, a frame that is seen twice is not labelled alike.
    off = ((cine.times_s[frames] - ed_s) / cycle_s - share + 0.5) % 1 - 0.5
    wanted += np.clip(off, -0.5 / total, 0.5 / total)
    turns = np.arange(-1, int(wanted.max()) + 3)
    return frames, label_curve(wanted, turns.astype(np.float64), turns + paced[1])


def _placing(side: int, cine: PhaseCine, rng: Generator) -> NDArray[np.float64]:
    """(2, 3) from the image to the square: turned, mirrored, enlarged and moved, the same in all frames."""
    echo = cine.source.endswith("echo")
    before = cine.frames.shape[1]
    if echo:
        angle, mirror = rng.normal(0, 8), rng.random() < 0.2
    else:
        angle = rng.uniform(-180, 180) if rng.random() < 0.35 else rng.normal(0, 20)
        mirror = rng.random() < 0.35
    scale = side / before * float(np.exp(rng.normal(0.06, 0.12)))
    turn = np.deg2rad(angle)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    if mirror:
        matrix[:, 0] *= -1
    middle, shift = (before - 1) / 2, rng.normal(0, 0.06 * side, 2)
    return np.column_stack([matrix, (side - 1) / 2 + shift - matrix @ (middle, middle)])


def _drift(count: int, side: int, rng: Generator) -> FloatArray:
    """(count, 2) pixels by which a hand or a breath moves the image, slowly; mostly under two of a hundred."""
    turns = rng.uniform(0.2, 1.5) * np.arange(count) / max(count - 1, 1) + rng.uniform(0, 1)
    return np.sin(2 * np.pi * turns)[:, None] * rng.normal(0, 0.012 * side, 2)


def _hidden(frames: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """The frames with one or two rectangles of one grey, the same in all: no single place must reveal the phase."""
    side, out = frames.shape[1], frames.copy()
    for _ in range(int(rng.integers(1, 3))):
        high, wide = (int(rng.uniform(0.1, 0.35) * side) for _ in range(2))
        y, x = int(rng.integers(0, side - high)), int(rng.integers(0, side - wide))
        out[:, y : y + high, x : x + wide] = rng.integers(0, 160)
    return out


def _greys(frames: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """Frames under one random grey map, each with its own flicker, blur and noise."""
    bend, gain = float(np.exp(rng.normal(0, 0.25))), float(np.exp(rng.normal(0, 0.15)))
    flicker = np.exp(rng.normal(0, 0.02, len(frames))) if rng.random() < 0.5 else np.ones(len(frames))
    # Never none: a frame that is seen twice must not be known by its noise.
    noise = float(rng.uniform(1, 9)) if rng.random() < 0.6 else 1.0
    blur = float(rng.uniform(0.3, 0.9)) if rng.random() < 0.25 else 0.0
    ramp = (np.arange(256) / 255) ** bend * 255 * gain
    out = np.empty_like(frames)
    for number, frame in enumerate(frames):
        picture = np.clip(ramp * flicker[number], 0, 255).astype(np.uint8)[frame]
        out[number] = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    grain = rng.standard_normal(frames.shape, np.float32) * np.float32(noise)
    return np.clip(out + grain, 0, 255).astype(np.uint8)


def sample(cine: PhaseCine, count: int, side: int, rng: Generator) -> Sample:
    """A random part of a cine, `count` frames of (side, side), and its curve."""
    frames, label = taken(cine, count, rng)
    matrix = _placing(side, cine, rng)
    pictures = np.empty((count, side, side), np.uint8)
    moved = _drift(count, side, rng) if rng.random() < 0.5 else np.zeros((count, 2))
    for number, frame in enumerate(frames):
        here = matrix + np.column_stack([np.zeros((2, 2)), moved[number]])
        cv2.warpAffine(cine.frames[frame], here, (side, side), dst=pictures[number], flags=cv2.INTER_LINEAR)
    if rng.random() < 0.4:
        pictures = _hidden(pictures, rng)
    return _greys(pictures, rng), label.astype(np.float32)
