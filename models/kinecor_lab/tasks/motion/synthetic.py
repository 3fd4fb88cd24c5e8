"""Real frames moved by random smooth fields: the first part of the schedule of Østvik 2018 (section 2.3).

Shifts, turns, stretches and fields of any fineness, without regard to how hearts move: what a network learns here is to
look, not what to expect. Between the two images speckle, gain and noise change, so that brightness is not constant.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.tasks.motion.pairs import KNOWN, NODES, SIDE_PX, UNKNOWN, WALL, FlowPairs, packed
from kinecor_models.contract import fit_grid
from kinecor_models.engines.engine import open_guesser

Floats = NDArray[np.float32]
_EDGE_PX = 24
_WHOLE_PX = SIDE_PX + 2 * _EDGE_PX
# Displacements in pixels: least and most of what is drawn, evenly on a logarithmic scale, and what is cut off.
_MIN_PX, _MAX_PX, _CUT_PX = 0.15, 7.0, 12.0
# A field changes by less than this share of the distance between two of its knots, so that nothing folds.
_STEEPEST = 0.13
# Repetitions by which a field is turned round, and what they may be off by.
_TURNS, _LOST_PX = 8, 0.1
# Fine patterns are what is finer than this Gaussian.
_FINE_PX = 3.0


def random_field(rng: Generator, side: int = _WHOLE_PX) -> Floats:
    """(side, side, 2) displacement in pixels: shift, turn, stretch and a smooth field; at times still in parts."""
    size_px = float(np.exp(rng.uniform(np.log(_MIN_PX), np.log(_MAX_PX))))
    y, x = (np.mgrid[0:side, 0:side].astype(np.float32) - (side - 1) / 2) / (side / 2)
    at = np.stack([x, y], axis=-1)
    field = np.zeros((side, side, 2), np.float32)
    share = rng.dirichlet((1.0, 1.0, 1.5))
    field += (rng.normal(0, 1, 2) * share[0] * size_px).astype(np.float32)
    linear = rng.normal(0, 1, (2, 2))
    field += (at @ (linear * share[1] * size_px)).astype(np.float32)
    knots = int(rng.integers(3, 13))
    rough_px = min(float(share[2]) * size_px * 1.5, _STEEPEST * side / knots)
    rough = rng.normal(0, rough_px, (knots, knots, 2)).astype(np.float32)
    field += np.asarray(cv2.resize(rough, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    if rng.random() < 0.3:
        # A part that stays still, as a scar does.
        place, wide = rng.uniform(-0.6, 0.6, 2), float(rng.uniform(0.2, 0.5))
        field *= (1 - np.exp(-((at - place) ** 2).sum(axis=-1, keepdims=True) / (2 * wide**2))).astype(np.float32)
    return np.clip(field, -_CUT_PX, _CUT_PX)


def _looked_up(picture: Floats, off: Floats, how: int = cv2.INTER_CUBIC) -> Floats:
    """An image looked up at each pixel moved by `off`."""
    rows, columns = off.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    found = cv2.remap(picture, x + off[..., 0], y + off[..., 1], how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def forwards(arriving: Floats) -> Floats:
    """From where what is at a pixel came (less the pixel, sign turned) to where what is at a pixel goes.

    Solves u(x) = v(x + u(x)) by repetition; v is smooth and does not fold, so it converges.
    """
    going = arriving.copy()
    for _ in range(_TURNS):
        going = _looked_up(arriving, going, cv2.INTER_LINEAR)
    return going


def _aged(picture: Floats, gone: Floats, rng: Generator) -> Floats:
    """The image with the share `gone` of its fine pattern replaced by its own pattern from elsewhere."""
    mean = cv2.GaussianBlur(picture, (0, 0), _FINE_PX)
    fine = picture - mean
    spread = np.sqrt(cv2.GaussianBlur(fine**2, (0, 0), 1.5 * _FINE_PX)) + 0.3
    pattern = np.clip(fine / spread, -2.5, 2.5)
    other = np.roll(pattern, tuple(rng.integers(9, 60, 2) * rng.choice((-1, 1), 2)), axis=(0, 1))
    return np.asarray(mean + spread * (np.sqrt(1 - gone**2) * pattern + gone * other), np.float32)


def _seen(picture: Floats, gain: Floats, noise: float, rng: Generator) -> NDArray[np.uint8]:
    grainy = picture * gain + rng.normal(0, noise, picture.shape)
    return np.asarray(np.clip(np.rint(grainy), 0, 255), np.uint8)


def _gains(rng: Generator) -> tuple[Floats, Floats]:
    """Two smooth fields of gain, alike but not the same."""
    fields = []
    for spread in (0.15, 0.08):
        rough = np.exp(rng.normal(0, spread, (4, 4))).astype(np.float32)
        fields.append(np.asarray(cv2.resize(rough, (_WHOLE_PX, _WHOLE_PX), interpolation=cv2.INTER_CUBIC), np.float32))
    return fields[0], fields[0] * fields[1]


def synthetic(frames: Sequence[tuple[NDArray[np.uint8], NDArray[np.uint8]]], seed: int) -> Iterator[FlowPairs]:
    """Pairs generated from real frames, one from each, without end.

    Args:
        frames: (rows, columns) uint8 images and their labels: 2 where the wall is, 1 where blood is, whose speckle
            is new each time, 0 elsewhere; each holds some wall.
        seed: of fields and changes.

    """
    rng, guess = np.random.default_rng((seed, 17)), open_guesser()
    while True:
        image, label = frames[int(rng.integers(len(frames)))]
        y, x = np.nonzero(label == WALL)
        side = max(int(np.ptp(x)), int(np.ptp(y)), 8)
        room = side * rng.uniform(0.03, 0.4) + side * _EDGE_PX / SIDE_PX
        off_x, off_y = side * rng.normal(0, 0.08, 2)
        box = np.rint((x.min() - room + off_x, y.min() - room + off_y, x.max() + room + off_x, y.max() + room + off_y))
        x0, y0, x1, y1 = (int(v) for v in box)
        grid = fit_grid((x0, y0, x1 + 1, y1 + 1), _WHOLE_PX)
        base: Floats = grid.sampled(image).astype(np.float32)
        parts = [grid.sampled((label == value).astype(np.uint8) * 255) for value in (WALL, KNOWN)]
        wall, blood = parts[0] > 127, np.asarray(parts[1] / 255, np.float32)
        arriving = random_field(rng)
        other = _looked_up(np.asarray(base, np.float32), -arriving)
        gone = float(rng.uniform(0, 0.6))
        lost = gone + (0.9 - gone) * _looked_up(blood, -arriving, cv2.INTER_LINEAR)
        other = _aged(other, np.asarray(np.clip(lost, 0, 1), np.float32), rng)
        if rng.random() < 0.3:
            soft = float(rng.uniform(0.3, 0.8))
            base, other = (np.asarray(cv2.GaussianBlur(image, (0, 0), soft), np.float32) for image in (base, other))
        noise = float(rng.uniform(0, 6)) * float(rng.random() < 0.7)
        gains = _gains(rng)
        two = [_seen(one, gain, noise, rng) for one, gain in zip((base, other), gains, strict=True)]
        inner = slice(_EDGE_PX, _EDGE_PX + SIDE_PX)
        going = forwards(arriving)
        folded = np.abs(_looked_up(arriving, going, cv2.INTER_LINEAR) - going).max(axis=-1)[inner, inner] > _LOST_PX
        going = going[inner, inner]
        known = np.where(wall, WALL, np.where(blood > 0.5, UNKNOWN, KNOWN)).astype(np.uint8)[inner, inner]
        # Here and there a field folds all the same, and what was never lit shows no motion.
        known[folded] = UNKNOWN
        known[cv2.GaussianBlur(base, (0, 0), 3.0)[inner, inner] < 2] = UNKNOWN
        step = SIDE_PX // NODES
        squares = [np.ascontiguousarray(one[inner, inner]) for one in two]
        large = (np.asarray(cv2.resize(square, (2 * SIDE_PX, 2 * SIDE_PX)), np.uint8) for square in squares)
        yield FlowPairs(
            np.stack(squares),
            np.array([[0, 1]], np.int32),
            packed(going.reshape(NODES, step, NODES, step, 2).mean(axis=(1, 3)))[None],
            known[::step, ::step][None],
            packed(guess(*large))[None],
        )
