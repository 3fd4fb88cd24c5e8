"""Pairs of pictures out of clips with known motion, laid on squares as somebody who knows the heart's place would."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.tasks.motion.clips import FlowClip, echo_clip, made_clip, mri_clips
from kinecor_lab.tasks.motion.pairs import NODES, SIDE_PX, UNKNOWN, WALL, FlowPairs, nodes, packed
from kinecor_models.engines.flow_engine import halved, open_guesser
from kinecor_models.grid import Grid, fitted
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.warped.frame import Anatomy, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import find_path

Both = tuple[LabelledFrame, LabelledFrame]
"""A patient's frame at ED and at ES."""
VIEWS = ("A4C", "A2C", "A3C", "A4C", "A2C", "A3C", "PSAX mid", "PLAX")
# Frames rendered of a clip and pairs taken of them; frames apart at most.
_FRAMES, _PAIRS, _APART = 6, 12, 4
# Displacements that are farther are no motion from frame to frame any more.
_FURTHEST_PX = 14.0
# Short axes of a simulated study, and cines of a pair of experts' frames.
_SHORT, _CINES = 3, 2


def around(points: Sequence[NDArray[np.float64]], rng: Generator) -> Grid:
    """A square of 2 SIDE_PX about the points (n, 2) in pixels, with some room, not quite in the middle."""
    every = np.concatenate(points)
    low, high = every.min(axis=0), every.max(axis=0)
    side = float((high - low).max())
    room, off = side * rng.uniform(0.03, 0.4), side * rng.normal(0, 0.06, 2)
    x0, y0 = np.floor(low - room + off).astype(int)
    x1, y1 = np.ceil(high + room + off).astype(int)
    return fitted((int(x0), int(y0), int(x1), int(y1)), 2 * SIDE_PX)


def paired(clip: FlowClip, rng: Generator) -> FlowPairs | None:
    """Pairs of frames at most _APART from each other, either way in time; None where the wall is out of sight."""
    grid = around(clip.outer, rng)
    # Nodes are laid on the square halved.
    at = grid.to_image(2 * nodes() + 0.5)
    every = [(a, b) for a, b in permutations(range(len(clip.frames)), 2) if abs(a - b) <= _APART]
    # Neighbours are what the network will mostly see.
    weight = np.array([1 / abs(a - b) for a, b in every])
    chosen = rng.choice(len(every), min(_PAIRS, len(every)), replace=False, p=weight / weight.sum())
    ends, motion, known = [], [], []
    for a, b in (every[i] for i in chosen):
        moved, sure = clip.truth(a, b, at)
        moved = moved / grid.step_px / 2
        sure = np.where(np.isfinite(moved).all(axis=1) & (np.abs(moved).max(axis=1) < _FURTHEST_PX), sure, UNKNOWN)
        if (sure == WALL).mean() < 0.02:
            continue
        ends.append((a, b))
        motion.append(packed(np.nan_to_num(moved)).reshape(NODES, NODES, 2))
        known.append(sure.reshape(NODES, NODES).astype(np.uint8))
    if not ends:
        return None
    used, again = np.unique(np.array(ends, np.int32), return_inverse=True)
    squares, guess = [grid.sampled(clip.frames[frame]) for frame in used], open_guesser()
    indices = again.reshape(-1, 2).astype(np.int32)
    return FlowPairs(
        np.stack([halved(square) for square in squares]),
        indices,
        np.stack(motion),
        np.stack(known),
        np.stack([packed(guess(squares[a], squares[b])) for a, b in indices]),
    )


def random_rate(rng: Generator) -> float:
    """Frames per second, 12 to 110, evenly on a logarithmic scale."""
    return float(np.exp(rng.uniform(np.log(12), np.log(110))))


def simulated_echo(seed: int) -> Iterator[FlowPairs]:
    """Pairs of random hearts, views, probes and looks, for ever."""
    rng = np.random.default_rng((seed, 11))
    while True:
        heart, view = draw_any(rng, beats=2), str(rng.choice(list(VIEWS)))
        times_s = float(rng.uniform(0, heart.rhythm.duration_s / 2)) + np.arange(_FRAMES) / random_rate(rng)
        clip = echo_clip(heart, view, times_s, rng, int(rng.integers(190, 320)))
        found = None if clip is None else paired(clip, rng)
        if found is not None:
            yield found


def simulated_mri(seed: int) -> Iterator[FlowPairs]:
    """Pairs of random short and long axes of random hearts in random scanners, for ever."""
    rng = np.random.default_rng((seed, 13))
    while True:
        for clip in mri_clips(draw_any(rng, 2, still=True), rng, int(rng.integers(14, 31)), _SHORT):
            found = paired(clip, rng)
            if found is not None:
                yield found


def made_pairs(both: Sequence[Both], anatomy: Anatomy, seed: int) -> Iterator[FlowPairs]:
    """Pairs of patients' frames set in motion; those that do not match are left out."""
    rng = np.random.default_rng((seed, 23))
    for ed, es in both:
        try:
            path = find_path(ed, es, anatomy)
        except NoMatchError:
            continue
        texture = path.texture()
        for _ in range(_CINES):
            # Squares and displacements are in pixels: what one measures does not matter here.
            found = paired(made_clip(path, texture, _FRAMES, random_rate(rng), 1.0, rng), rng)
            if found is not None:
                yield found
