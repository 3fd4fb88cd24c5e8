"""Dragging contours by hand: near the grabbed place, and in the frames around it.

A grab is a place on one structure's outline in one frame. Moving it displaces the outline by a Gaussian of the
distance along it, and the neighbouring frames by a Gaussian of the time to them, so that the volume curve bends
instead of growing a spike. The two ends of an open outline are the hinge points of the mitral valve (CAMUS protocol):
pulling a wall leaves them where they are, pulling a hinge takes the ends of the other structures along. Closed outlines
(short axis) have no hinge and push each other (pushing.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from kinecor.core.outlines.pushing import kept_apart, pushed, pushed_along
from kinecor.core.values.geometry import Contour, FloatArray, frozen
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure

REACH_S = 0.1  # how far in time a pull is felt by default: about a sixth of systole and diastole together
REACH_SHARE = 0.13  # how far along the outline it is felt, as a share of the outline's length
LEAST_WEIGHT = 0.02  # below this a frame is left as it is
# How a pull at the apex is felt below it: by this power of the height above the annulus.
_APEX_POWER = 3
_WALL = frozenset({Structure.LV_ENDO, Structure.LV_EPI})
HINGED = (Structure.LV_ENDO, Structure.LV_EPI, Structure.LA)


@dataclass(frozen=True, slots=True)
class Bent:
    """The result of a pull for one structure: contours and their origins at frames start, start + 1, ..."""

    start: int
    contours: tuple[Contour | None, ...]
    origins: tuple[Origin, ...]


class Grip(StrEnum):
    """What of an outline is held, other than a place on it."""

    APEX = "apex"
    """Of an open outline: it is lengthened or shortened, the ends stay."""
    ANNULUS = "annulus"
    """Of an open outline: both ends are moved alike, with those of the other structures."""
    CENTRE = "centre"
    """Of a closed outline: it is moved as a whole, with its wall."""


@dataclass(frozen=True, slots=True)
class Grab:
    """A place on an outline: `along` as in Outline, from 0 (first hinge) to 1 (last hinge) where it is open.

    A grip, where one is held, acts on the outline as a whole.
    """

    structure: Structure
    frame: int
    along: float
    closed: bool = False
    grip: Grip | None = None

    @property
    def hinge(self) -> bool:
        """Whether an end of the outline is held."""
        return self.grip is None and not self.closed and (self.along <= 0.0 or self.along >= 1.0)


def dragged(
    tracks: Mapping[Structure, ContourTrack],
    grab: Grab,
    delta_px: tuple[float, float],
    axis: TimeAxis,
    reach_s: float = REACH_S,
    reach_share: float = REACH_SHARE,
) -> dict[Structure, Bent]:
    """Pull `grab` by `delta_px` (dx, dy); a hinge takes the linked ends along, an endocardium pushes the epicardium.

    The frame on screen is edited: the reader looks at it. The others are tracked, so that a model's doubtful contour
    does not pass for a person's because it moved; other frames that a person drew stay exactly as they are.

    Args:
        tracks: contours by structure.
        grab: what is held.
        delta_px: by how much it is moved, in pixels.
        axis: times of the frames.
        reach_s: how far in time the pull is felt: 0 is this frame only, infinity the whole loop.
        reach_share: how far along the outline, as a share of its length.

    Returns:
        the changed contours, by structure.

    """
    weights = axis.weights(grab.frame, reach_s, LEAST_WEIGHT)
    drawn = np.array([origin is Origin.EDITED for origin in tracks[grab.structure].origins])
    drawn[grab.frame] = False
    weights = np.where(drawn, 0.0, weights)
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
        if grab.grip is Grip.ANNULUS:
            moves |= dict.fromkeys(_linked_ends(tracks, replace(grab, along=0.0), frame), 0.0)
        if grab.grip is Grip.CENTRE:
            moves |= dict.fromkeys(_WALL & tracks.keys() if grab.structure in _WALL else (), 0.0)
        for structure, along in moves.items():
            one = tracks[structure].contours[frame]
            kept = frame != grab.frame and tracks[structure].origins[frame] is Origin.EDITED
            if one is not None and not kept:
                row = new.setdefault(structure, list(tracks[structure].contours[start:stop]))
                row[frame - start] = _pulled(one, grab, along, weights[frame] * delta, reach_share)
        if (after := new[grab.structure][frame - start]) is not None and grab.grip is not Grip.CENTRE:
            frames_own = {structure: track.contours[frame] for structure, track in tracks.items()}
            if not grab.closed:
                frames_own |= {structure: row[frame - start] for structure, row in new.items()}
            # In the frames around, the pull is felt less: there outlines make way only where they would cross.
            follow = making_way if grab.closed or frame == grab.frame else _parted
            for structure, moved in follow(frames_own, grab.structure, contour, after, closed=grab.closed).items():
                if frame != grab.frame and tracks[structure].origins[frame] is Origin.EDITED:
                    continue
                row = new.setdefault(structure, list(tracks[structure].contours[start:stop]))
                row[frame - start] = moved
    weights = weights[start:stop]
    out = {}
    for structure, row in new.items():
        track, felt = tracks[structure], weights
        if structure is not grab.structure:
            # An outline is pushed at some frames only; at the others it stays whose it was.
            same = [one is old for one, old in zip(row, track.contours[start:stop], strict=True)]
            felt = np.where(same, 0.0, weights)
        out[structure] = Bent(start, tuple(row), _origins(track, start, felt, grab.frame))
    return out


def apex_of(contour: Contour) -> int:
    """Which point of an open outline is its apex: the one farthest from the middle between the ends."""
    middle = (contour.points[0] + contour.points[-1]) / 2
    return int(np.hypot(*(contour.points - middle).T).argmax())


def _pulled(contour: Contour, grab: Grab, along: float, delta: FloatArray, reach_share: float) -> Contour:
    if grab.grip is Grip.CENTRE:
        return Contour(frozen(contour.points + delta))
    if grab.grip is Grip.ANNULUS:
        both = contour.outline(closed=False)
        for end in (0.0, 1.0):
            both = both.bent(end, delta, reach_share * both.length)
        return Contour(frozen(both.points))
    if grab.grip is Grip.APEX:
        middle = (contour.points[0] + contour.points[-1]) / 2
        axis = contour.points[apex_of(contour)] - middle
        height = np.clip((contour.points - middle) @ axis / max(float(axis @ axis), 1e-9), 0.0, 1.0)
        height[[0, -1]] = 0.0
        return Contour(frozen(contour.points + (height**_APEX_POWER)[:, None] * delta))
    outline = contour.outline(closed=grab.closed)
    return Contour(frozen(outline.bent(along, delta, reach_share * outline.length).points))


def making_way(
    contours: Mapping[Structure, Contour | None], pulled: Structure, before: Contour, after: Contour, *, closed: bool
) -> dict[Structure, Contour]:
    """The other outlines of one frame that make way for one that changes; those that it does not reach are left out.

    Args:
        contours: of the frame.
        pulled: the structure that changes.
        before: its outline before.
        after: and after.
        closed: whether the outlines are closed.

    """
    if closed:
        return pushed(contours, pulled, before, after)
    epi = contours.get(Structure.LV_EPI)
    along = pushed_along(before, after, epi) if pulled is Structure.LV_ENDO and epi is not None else None
    found = {} if along is None else {Structure.LV_EPI: along}
    return found | _parted({**contours, **found}, pulled, before, after, closed=False)


def _parted(
    contours: Mapping[Structure, Contour | None], pulled: Structure, _before: Contour, after: Contour, *, closed: bool
) -> dict[Structure, Contour]:
    """The outline that would cross the one that changes, moved out of its way."""
    endo, epi = contours.get(Structure.LV_ENDO), contours.get(Structure.LV_EPI)
    if pulled is Structure.LV_ENDO and epi is not None:
        outer = kept_apart(after, epi, Structure.LV_ENDO, closed=closed)
        return {} if outer is None else {Structure.LV_EPI: outer}
    if pulled is Structure.LV_EPI and endo is not None:
        inner = kept_apart(endo, after, Structure.LV_EPI, closed=closed)
        return {} if inner is None else {Structure.LV_ENDO: inner}
    return {}


def drawn_on(
    tracks: Mapping[Structure, ContourTrack], structure: Structure, frame: int, contour: Contour, *, closed: bool
) -> dict[Structure, Contour]:
    """What becomes of one frame where a person draws a contour: it, and the outlines that follow it there.

    The ends of other structures at the same hinge points move with the contour's ends, and endocardium and epicardium
    do not cross.
    """
    found = {structure: contour}
    track = tracks.get(structure)
    before = track.contours[frame] if track else None
    if before is None:
        return found
    if not closed and structure in HINGED:
        for end, along in ((0, 0.0), (-1, 1.0)):
            delta = contour.points[end] - before.points[end]
            if np.abs(delta).max() < 1e-6:
                continue
            for other, its_end in _linked_ends(tracks, Grab(structure, frame, along), frame).items():
                own = found.get(other) or tracks[other].contours[frame]
                if own is not None:
                    outline = own.outline(closed=False)
                    found[other] = Contour(frozen(outline.bent(its_end, delta, REACH_SHARE * outline.length).points))
    own_frame = {one: each.contours[frame] for one, each in tracks.items()} | dict(found)
    return found | making_way(own_frame, structure, before, contour, closed=closed)


def _origins(track: ContourTrack, start: int, weights: FloatArray, own: int) -> tuple[Origin, ...]:
    found = list(track.origins[start : start + len(weights)])
    for at, weight in enumerate(weights.tolist()):
        # Between the frames felt on both sides of a cycle's end there are some that were not.
        if weight > 0 and found[at] is not Origin.EDITED:
            found[at] = Origin.EDITED if start + at == own else Origin.TRACKED
    return tuple(found)


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
