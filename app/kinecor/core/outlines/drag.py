"""Bending contours by hand: near the grabbed point, and in the frames around it.

A grab is a place on one structure's outline in one frame. Moving it displaces the outline by a Gaussian of the
distance along it, and the neighbouring frames by a Gaussian of the time to them, so that the volume curve bends
instead of growing a spike. The two ends of an outline are the hinge points of the mitral valve (CAMUS protocol):
pulling a wall leaves them where they are, pulling a hinge takes the ends of the other structures along. Closed outlines
of a short axis push each other (pushing.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kinecor.core.outlines.pushing import pushed
from kinecor.core.outlines.ring import cycle_weights, ring_bent
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.contour import Contour
from kinecor.core.values.track import ContourTrack, Origin, Structure

REACH_S = 0.1  # how far in time a pull is felt by default: about a sixth of systole and diastole together
REACH_SHARE = 0.13  # how far along the outline it is felt, as a share of the outline's length
LEAST_WEIGHT = 0.02  # below this a frame is left as it is
OWN_WEIGHT = 0.5  # above this share of the pull a frame counts as corrected by hand, below it as carried along
HINGED = (Structure.LV_ENDO, Structure.LV_EPI, Structure.LA)


@dataclass(frozen=True, slots=True)
class Bent:
    """What a pull makes of one structure: contours and their origins at frames start, start + 1, ..."""

    start: int
    contours: tuple[Contour | None, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Grab:
    """A place on an outline: `along` runs from 0 (first hinge) to 1 (last hinge) by length of the open path.

    Where outlines are `closed` (short axis), it runs all round from the first point, and there is no hinge; of a
    `gated` cycle the last frame is then followed by the first.
    """

    structure: Structure
    frame: int
    along: float
    closed: bool = False
    gated: bool = True

    @property
    def hinge(self) -> bool:
        """Whether an end of the outline is held."""
        return not self.closed and (self.along <= 0.0 or self.along >= 1.0)


def _path(contour: Contour) -> FloatArray:
    """(n,) distance of every point from the first, in pixels, along the open path."""
    steps = np.hypot(*np.diff(contour.points, axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))


def nearest(contour: Contour, point_px: tuple[float, float]) -> tuple[float, float]:
    """The place (0..1 along the open path) nearest to a point (x, y), and its distance in pixels."""
    start, step = contour.points[:-1], np.diff(contour.points, axis=0)
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    share = np.clip(((point_px - start) * step).sum(axis=1) / square, 0.0, 1.0)
    distance = np.hypot(*(start + share[:, None] * step - point_px).T)
    best = int(distance.argmin())
    path = _path(contour)
    length = max(path[-1], 1e-12)
    along = (path[best] + share[best] * (path[best + 1] - path[best])) / length
    return float(np.clip(along, 0.0, 1.0)), float(distance[best])


def place(contour: Contour, along: FloatArray | float) -> FloatArray:
    """The points (x, y) at `along` (0..1, one number or (k,)) of the open path: (2,) or (k, 2) pixels."""
    path = _path(contour)
    wanted = np.asarray(along) * path[-1]
    x = np.interp(wanted, path, contour.points[:, 0])
    y = np.interp(wanted, path, contour.points[:, 1])
    return np.stack([x, y], axis=-1)


def bent(contour: Contour, along: float, delta_px: FloatArray, reach_px: float) -> Contour:
    """`contour` with the place `along` moved by `delta_px` (dx, dy), the rest by exp(-(distance / reach)^2).

    An end that is not itself grabbed stays exactly where it is: what the Gaussian would move it by is taken off
    along the way, quadratically, so that the outline has no kink there and the grabbed place moves in full.
    """
    path = _path(contour)
    at, length = along * path[-1], path[-1]
    weight = np.exp(-(((path - at) / max(reach_px, 1e-6)) ** 2))
    first, last = weight[0], weight[-1]
    if at > 0:
        weight -= first * np.clip(1 - path / at, 0, 1) ** 2
    if at < length:
        weight -= last * np.clip(1 - (length - path) / (length - at), 0, 1) ** 2
    return Contour(frozen(contour.points + weight[:, None] * delta_px))


def time_weights(times_s: FloatArray, frame: int, reach_s: float) -> FloatArray:
    """(frames,) from 0 to 1: exp(-(time to `frame` / reach)^2); 0 s is this frame only, infinity the whole loop."""
    if reach_s <= 0:
        weights = np.zeros(len(times_s))
        weights[frame] = 1.0
        return weights
    weights = np.array(np.exp(-(((times_s - times_s[frame]) / reach_s) ** 2)))
    weights[weights < LEAST_WEIGHT] = 0.0
    return weights


def dragged(
    tracks: Mapping[Structure, ContourTrack],
    grab: Grab,
    delta_px: tuple[float, float],
    times_s: FloatArray,
    reach_s: float = REACH_S,
) -> dict[Structure, Bent]:
    """What pulling `grab` by `delta_px` (dx, dy) makes of the tracks; a hinge takes the linked ends along.

    A frame that feels more than half of the pull is edited: the reader looks at it, or at its twin. One that feels
    less is tracked, so that a model's doubtful contour does not pass for a person's because it moved a little; what
    a person drew stays theirs.
    """
    if grab.closed and grab.gated:
        weights = cycle_weights(times_s, grab.frame, reach_s, LEAST_WEIGHT)
    else:
        weights = time_weights(times_s, grab.frame, reach_s)
    frames = np.flatnonzero(weights)
    start, stop = int(frames[0]), int(frames[-1]) + 1
    delta = np.asarray(delta_px, dtype=np.float64)
    held = tracks[grab.structure]
    new: dict[Structure, list[Contour | None]] = {grab.structure: list(held.contours[start:stop])}
    for frame in range(start, stop):
        contour = held.contours[frame]
        if contour is None or weights[frame] == 0:
            continue
        moves = {grab.structure: grab.along}
        if grab.hinge:
            moves |= _linked_ends(tracks, grab, frame)
        for structure, along in moves.items():
            one = tracks[structure].contours[frame]
            if one is not None:
                row = new.setdefault(structure, list(tracks[structure].contours[start:stop]))
                bend = ring_bent if grab.closed else bent
                reach_px = REACH_SHARE * (one.length_px if grab.closed else _path(one)[-1])
                row[frame - start] = bend(one, along, weights[frame] * delta, reach_px)
        if grab.closed and (after := new[grab.structure][frame - start]) is not None:
            frames_own = {structure: track.contours[frame] for structure, track in tracks.items()}
            for structure, moved in pushed(frames_own, grab.structure, contour, after).items():
                row = new.setdefault(structure, list(tracks[structure].contours[start:stop]))
                row[frame - start] = moved
    weights = weights[start:stop]
    out = {}
    for structure, row in new.items():
        track, felt = tracks[structure], weights
        if grab.closed and structure is not grab.structure:
            # An outline is pushed at some frames only; at the others it stays whose it was.
            same = [one is old for one, old in zip(row, track.contours[start:stop], strict=True)]
            felt = np.where(same, 0.0, weights)
        out[structure] = Bent(start, tuple(row), _origins(track, start, felt))
    return out


def _origins(track: ContourTrack, start: int, weights: FloatArray) -> tuple[Origin, ...]:
    before = track.origins[start : start + len(weights)]
    return tuple(
        Origin.EDITED
        if weight > OWN_WEIGHT or origin is Origin.EDITED
        # Between the frames felt on both sides of a cycle's end lie some that were not.
        else (Origin.TRACKED if weight > 0 else origin)
        for weight, origin in zip(weights.tolist(), before, strict=True)
    )


def _linked_ends(tracks: Mapping[Structure, ContourTrack], grab: Grab, frame: int) -> dict[Structure, float]:
    """The end (0.0 or 1.0) nearest to the grabbed hinge of every other hinged structure in this frame.

    Those within the width of the annulus count: the epicardium meets it a wall's thickness further out.
    """
    if grab.structure not in HINGED:
        return {}
    held = tracks[grab.structure].contours[frame]
    if held is None:
        return {}
    hinge = held.points[0 if grab.along <= 0 else -1]
    other_hinge = held.points[-1 if grab.along <= 0 else 0]
    annulus_px = np.hypot(*(hinge - other_hinge))
    linked = {}
    for structure in HINGED:
        contour = tracks[structure].contours[frame] if structure in tracks else None
        if structure is grab.structure or contour is None:
            continue
        ends = np.hypot(*(contour.points[[0, -1]] - hinge).T)
        if ends.min() <= annulus_px:
            linked[structure] = float(ends.argmin())
    return linked
