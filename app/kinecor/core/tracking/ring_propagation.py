"""Closed outlines that a person drew at some frames of a loop, carried to the others along the motion."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from kinecor.core.outlines.ring_outline import even_ring
from kinecor.core.tracking.propagation import held_frames
from kinecor.core.tracking.wall_tracking import DOUBTFUL, KNOTS, Step, spread
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.contour import Contour
from kinecor.core.values.motion import Motion
from kinecor.core.values.track import ContourTrack, Origin

POINTS = 96
_NOWHERE = np.full((2, 2), np.nan)


def carried_outlines(drawn: ContourTrack, motion: Motion, *, aspect: float = 1.0) -> ContourTrack | None:
    """A closed contour at every frame: drawn ones as they are, others carried from the drawn ones before and after.

    Where two meet they are averaged, each by how near it was drawn; how far they lie apart tells the confidence.

    Args:
        drawn: frames whose origin is EDITED are held to; others are replaced.
        motion: how the picture moves, frame after frame.
        aspect: height of a pixel over its width.

    Returns:
        None where nothing is drawn.

    """
    lines = {
        frame: even_ring(contour.scaled_mm(aspect, 1.0))[:: 120 // KNOTS]
        for frame, contour in held_frames(drawn).items()
    }
    if not lines:
        return None
    frames = len(drawn.contours)
    ahead, behind = _carried(lines, motion, aspect, range(frames)), _carried(lines, motion, aspect, range(frames)[::-1])
    contours, sure = list(drawn.contours), np.ones(frames)
    for frame in range(frames):
        if frame in lines:
            continue
        one, other = ahead.get(frame), behind.get(frame)
        if one is None or other is None:
            line, sure[frame] = (one or other or (0, lines[min(lines)]))[1], SINGLE_KEYFRAME
        else:
            share = one[0] / (one[0] + other[0])
            line = (1 - share) * one[1] + share * _aligned(other[1], one[1])
            sure[frame] = _overlap(one[1], other[1])
        contours[frame] = Contour(spread(line[None], POINTS, closed=True)[0] / (1.0, aspect))
    origins = tuple(Origin.EDITED if frame in lines else Origin.TRACKED for frame in range(frames))
    return ContourTrack(drawn.structure, tuple(contours), origins, sure)


def _carried(
    lines: Mapping[int, FloatArray], motion: Motion, aspect: float, path: range
) -> dict[int, tuple[int, FloatArray]]:
    """By frame: how many frames ago the outline was drawn, and where its (KNOTS, 2) places are; going along `path`."""
    found: dict[int, tuple[int, FloatArray]] = {}
    ago, at = 0, None
    for before, frame in pairwise(path):
        if before in lines:
            ago, at = 0, lines[before]
        if at is None:
            continue
        size = float(np.linalg.norm(np.roll(at, -1, axis=0) - at, axis=1).sum())
        step = Step(motion, aspect, DOUBTFUL * size, closed=True)
        at = step.on(before, at, _NOWHERE) if frame > before else step.back(frame, at, _NOWHERE)
        ago += 1
        found[frame] = ago, at
    return found


def _aligned(ring: FloatArray, other: FloatArray) -> FloatArray:
    """A ring (n, 2) begun where it lies nearest to another, since outlines drawn apart begin at other muscle."""
    apart = [float(((np.roll(ring, by, axis=0) - other) ** 2).sum()) for by in range(-4, 5)]
    return np.roll(ring, int(np.argmin(apart)) - 4, axis=0)


def _overlap(one: FloatArray, other: FloatArray) -> float:
    """Dice of two rings about one middle, by their radii at like angles; 0..1."""
    middle = one.mean(axis=0)
    turn = np.linspace(-np.pi, np.pi, 73)[:-1]
    radii = []
    for ring in (one, other):
        off = ring - middle
        angle = np.arctan2(off[:, 1], off[:, 0])
        order = np.argsort(angle)
        radii.append(np.interp(turn, angle[order], np.hypot(*off.T)[order], period=2 * np.pi))
    both, either = np.minimum(*radii) ** 2, radii[0] ** 2 + radii[1] ** 2
    return float(2 * both.sum() / max(either.sum(), 1e-9))
