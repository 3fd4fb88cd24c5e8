"""Dragging contours by hand: near the grabbed place, and in the frames around it.

A grab is a place on one structure's outline in one frame. Moving it displaces the outline by a Gaussian of the
distance along it, and the neighbouring frames by a Gaussian of the time to them, so that the volume curve bends
instead of growing a spike. The two ends of an open outline are the hinge points of the mitral valve (CAMUS protocol):
pulling a wall leaves them where they are, pulling a hinge takes the ends of the other structures along. Closed outlines
(short axis) have no hinge and push each other (pushing.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from kinecor.core.outlines.pushing import kept_apart, push_outlines, pushed_along
from kinecor.core.outlines.reshaping import without_loops
from kinecor.core.values.geometry import (
    Contour,
    FloatArray,
    bent_lines,
    by_size,
    frozen_array,
    running_sum,
    step_lengths,
)
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure

REACH_S = 0.1  # how far in time a pull is felt by default: about a sixth of systole and diastole together
REACH_SHARE = 0.13  # how far along the outline it is felt, as a share of the outline's length
WHOLE_SHARE = 10.0
"""A reach at which the whole outline feels a pull alike (the ends of an open one stay)."""
MIN_WEIGHT = 0.02  # below this a frame is left as it is
# How a pull at the apex is felt below it: by this power of the height above the annulus.
_APEX_POWER = 3
# The direction of a closed outline is taken over this share of it to either side.
_ALONG = 16
# A pull of a closed outline with a reach up to the first shifts what it reaches; from the second on it widens it.
_SHIFTS_WIDENS = (0.15, 0.3)
WALL_LINES = (Structure.LV_ENDO, Structure.LV_EPI)
_WALL = frozenset(WALL_LINES)
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


def drag_contour(
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
    weights = felt_at(tracks, grab, axis, reach_s)
    felt = np.flatnonzero(weights)
    start, stop = int(felt[0]), int(felt[-1]) + 1
    held = tracks[grab.structure].contours
    frames = [frame for frame in felt.tolist() if held[frame] is not None]
    moves = weights[:, None] * np.asarray(delta_px, dtype=np.float64)
    new: dict[Structure, dict[int, Contour]] = {grab.structure: {}}
    for (structure, along), at in _moved_with(tracks, grab, frames).items():
        own = tracks[structure]
        free = [frame for frame in at if frame == grab.frame or own.origins[frame] is not Origin.EDITED]
        new.setdefault(structure, {}).update(_pulled(own, free, grab, along, moves, reach_share))
    if grab.grip is not Grip.CENTRE:
        for structure, found in _making_way(tracks, grab, new).items():
            new.setdefault(structure, {}).update(found)
    out = {}
    for structure, contours in new.items():
        track, shares = tracks[structure], weights[start:stop]
        row = tuple(contours.get(frame, track.contours[frame]) for frame in range(start, stop))
        if structure is not grab.structure:
            # An outline is pushed at some frames only; at the others it stays whose it was.
            same = [contour is old for contour, old in zip(row, track.contours[start:stop], strict=True)]
            shares = np.where(same, 0.0, shares)
        out[structure] = Bent(start, row, _origins(track, start, shares, grab.frame))
    return out


def felt_at(tracks: Mapping[Structure, ContourTrack], grab: Grab, axis: TimeAxis, reach_s: float) -> FloatArray:
    """(frames,) how far each frame feels a pull: 1 its own, 0 those that a person drew.

    A hinge point that is shared with what a person drew stays there, too.

    Args:
        tracks: of the recording.
        grab: where an outline is held.
        axis: times of the frames.
        reach_s: of the pull, over time.

    """
    weights = axis.weights(grab.frame, reach_s, MIN_WEIGHT)
    hinges = grab.structure in HINGED and (grab.hinge or grab.grip is Grip.ANNULUS)
    for structure in HINGED if hinges else (grab.structure,):
        if structure in tracks:
            drawn = np.array([origin is Origin.EDITED for origin in tracks[structure].origins])
            drawn[grab.frame] = False
            weights = np.where(drawn, 0.0, weights)
    return np.asarray(weights)


def _moved_with(
    tracks: Mapping[Structure, ContourTrack], grab: Grab, frames: Sequence[int]
) -> dict[tuple[Structure, float], list[int]]:
    """What is moved together with the grabbed place, itself among it: frames by structure and place on its outline."""
    found = {(grab.structure, grab.along): list(frames)}
    if grab.grip is Grip.CENTRE:
        others = _WALL & tracks.keys() - {grab.structure} if grab.structure in _WALL else ()
        return found | {
            (structure, 0.0): [frame for frame in frames if tracks[structure].contours[frame] is not None]
            for structure in others
        }
    if grab.hinge or grab.grip is Grip.ANNULUS:
        held = grab if grab.hinge else replace(grab, along=0.0)
        for frame in frames:
            for structure, end in _linked_ends(tracks, held, frame).items():
                found.setdefault((structure, end if grab.hinge else 0.0), []).append(frame)
    return found


def _making_way(
    tracks: Mapping[Structure, ContourTrack], grab: Grab, new: Mapping[Structure, dict[int, Contour]]
) -> dict[Structure, dict[int, Contour]]:
    """The outlines that make way for the one that was pulled, by structure and frame.

    Where a person drew the other one, that which is pulled makes way in `new`.
    """
    found: dict[Structure, dict[int, Contour]] = {}
    for frame, after in new[grab.structure].items() if grab.closed else ():
        before = tracks[grab.structure].contours[frame]
        own = {structure: track.contours[frame] for structure, track in tracks.items()}
        if before is not None:
            for structure, moved in push_outlines(own, grab.structure, before, after).items():
                found.setdefault(structure, {})[frame] = moved
    if grab.structure in _WALL and tracks.keys() >= _WALL:
        lines = {
            structure: {**dict(enumerate(tracks[structure].contours)), **new.get(structure, {})} for structure in _WALL
        }
        other = _other(grab.structure)

        def is_drawn(frame: int) -> bool:
            return frame != grab.frame and tracks[other].origins[frame] is Origin.EDITED

        drawn = [frame for frame in new[grab.structure] if is_drawn(frame)]
        free = [frame for frame in new[grab.structure] if not is_drawn(frame)]
        if not grab.closed:
            # In the frames around, the pull is felt less: there open outlines make way only where they would cross.
            along = _along(lines, grab, tracks[grab.structure].contours[grab.frame])
            lines[other] |= along
            # All frames in one pass: it costs hardly more than one of them.
            found[other] = along | make_way(lines, free, grab.structure, closed=False)
        # What a person drew there stays, and the outline that is pulled makes way.
        new[grab.structure].update(make_way(lines, drawn, other, closed=grab.closed))
    return {
        structure: {
            frame: contour
            for frame, contour in contours.items()
            if frame == grab.frame or tracks[structure].origins[frame] is not Origin.EDITED
        }
        for structure, contours in found.items()
        if contours
    }


def _along(
    lines: Mapping[Structure, Mapping[int, Contour | None]], grab: Grab, before: Contour | None
) -> dict[int, Contour]:
    """The epicardium that an endocardium takes along in the frame on screen; empty where it takes none along."""
    after, epi = (lines[structure].get(grab.frame) for structure in WALL_LINES)
    if grab.structure is not Structure.LV_ENDO or before is None or after is None or epi is None:
        return {}
    moved = pushed_along(before, after, epi)
    return {} if moved is None else {grab.frame: moved}


def apex_of(contour: Contour) -> int:
    """Which point of an open outline is its apex: the one farthest from the middle between the ends.

    Args:
        contour: from end to end.

    """
    middle = (contour.points[0] + contour.points[-1]) / 2
    return int(np.hypot(*(contour.points - middle).T).argmax())


def _pulled(
    track: ContourTrack, frames: Sequence[int], grab: Grab, along: float, moves: FloatArray, reach_share: float
) -> dict[int, Contour]:
    """The contours at these frames, pulled at `along` by their own of `moves` (all frames, 2)."""
    found: dict[int, Contour] = {}
    contours = [(frame, contour.points) for frame in frames if (contour := track.contours[frame]) is not None]
    for same in by_size(contours, lambda numbered: len(numbered[1])):
        at = [frame for frame, _ in same]
        lines = frozen_array(
            _pulled_lines(np.stack([points for _, points in same]), grab, along, moves[at], reach_share)
        )
        found |= {frame: Contour(line) for frame, line in zip(at, lines, strict=True)}
    return found


def _pulled_lines(lines: FloatArray, grab: Grab, along: float, moves: FloatArray, reach_share: float) -> FloatArray:
    """Lines (t, n, 2) after the pull, (t, 2) of which moves each."""
    if grab.grip is Grip.CENTRE:
        return np.asarray(lines + moves[:, None])
    if grab.grip is Grip.APEX:
        middle = (lines[:, :1] + lines[:, -1:]) / 2
        off = lines - middle
        axis = off[np.arange(len(lines)), np.hypot(off[..., 0], off[..., 1]).argmax(axis=1)]
        height = (off * axis[:, None]).sum(axis=2) / np.maximum((axis**2).sum(axis=1), 1e-9)[:, None]
        height = np.clip(height, 0.0, 1.0)
        height[:, [0, -1]] = 0.0
        return without_loops(lines + (height**_APEX_POWER)[..., None] * moves[:, None], closed=False)
    if grab.closed:
        return without_loops(_widened(lines, along, moves, reach_share), closed=True)
    for end in (0.0, 1.0) if grab.grip is Grip.ANNULUS else (along,):
        reach = reach_share * step_lengths(lines, closed=False).sum(axis=1)
        lines = bent_lines(lines, end, moves, reach, closed=False)
    return without_loops(lines, closed=False)


def _widened(lines: FloatArray, along: float, moves: FloatArray, reach_share: float) -> FloatArray:
    """Closed lines (t, n, 2) whose place `along` moves by (t, 2), the rest by its share of it.

    A pull felt near by moves a bulge as one. One felt far goes outwards all round where it goes outwards at the place:
    it widens or narrows the outline, and does not shift it as a whole, for which there is a grip.
    """
    near, far = _SHIFTS_WIDENS
    widens = float(np.clip((reach_share - near) / (far - near), 0.0, 1.0))
    path = running_sum(step_lengths(lines, closed=True))
    gap = np.abs(path[:, :-1] - along * path[:, -1:]) / path[:, -1:]
    gap = np.minimum(gap, 1 - gap)
    weight = np.exp(-((gap / reach_share) ** 2))[..., None]
    half = max(lines.shape[1] // _ALONG, 1)
    way = np.roll(lines, -half, axis=1) - np.roll(lines, half, axis=1)
    way = way / np.maximum(np.linalg.norm(way, axis=2, keepdims=True), 1e-9)
    rows, held = np.arange(len(lines)), gap.argmin(axis=1)
    tangent = way[rows, held]
    moved_along = (moves * tangent).sum(axis=1)[:, None, None]
    across = (moves[:, 0] * tangent[:, 1] - moves[:, 1] * tangent[:, 0])[:, None, None]
    normal = np.stack([way[..., 1], -way[..., 0]], axis=-1)
    moved = widens * (moved_along * way + across * normal) + (1 - widens) * moves[:, None]
    return np.asarray(lines + weight * moved)


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
        return push_outlines(contours, pulled, before, after)
    epi = contours.get(Structure.LV_EPI)
    along = pushed_along(before, after, epi) if pulled is Structure.LV_ENDO and epi is not None else None
    found = {} if along is None else {Structure.LV_EPI: along}
    lines = {structure: {0: {**contours, pulled: after, **found}.get(structure)} for structure in WALL_LINES}
    for moved in make_way(lines, (0,), pulled, closed=False).values():
        found[_other(pulled)] = moved
    return found


def _other(structure: Structure) -> Structure:
    """Of endocardium and epicardium the one that this is not."""
    return Structure.LV_EPI if structure is Structure.LV_ENDO else Structure.LV_ENDO


def make_way(
    lines: Mapping[Structure, Mapping[int, Contour | None]], frames: Iterable[int], held: Structure, *, closed: bool
) -> dict[int, Contour]:
    """Of endocardium and epicardium the one that is not held, at the frames where it has to make way.

    Args:
        lines: of both, by frame.
        frames: to look at; those that lack one of the two are passed over.
        held: endocardium or epicardium; nothing makes way for other structures.
        closed: whether the outlines are closed.

    """
    pairs = [(frame, *(lines[structure].get(frame) for structure in WALL_LINES)) for frame in frames]
    there = [(frame, endo, epi) for frame, endo, epi in pairs if endo is not None and epi is not None]
    if not there or held not in _WALL:
        return {}
    at, endo, epi = zip(*there, strict=True)
    moved = kept_apart(endo, epi, held, closed=closed)
    return {
        frame: _without_loops(contour, closed=closed)
        for frame, contour in zip(at, moved, strict=True)
        if contour is not None
    }


def _without_loops(contour: Contour, *, closed: bool) -> Contour:
    """A contour less what small loops making way left in it."""
    lines = contour.points[None]
    found = without_loops(lines, closed=closed)
    return contour if found is lines else Contour(frozen_array(found[0]))


def drawn_on(
    tracks: Mapping[Structure, ContourTrack], structure: Structure, frame: int, contour: Contour, *, closed: bool
) -> dict[Structure, Contour]:
    """What becomes of one frame where a person draws a contour: it, and the outlines that follow it there.

    The ends of other structures at the same hinge points move with the contour's ends, and endocardium and epicardium
    do not cross.

    Args:
        tracks: of the recording.
        structure: that is drawn.
        frame: from 0.
        contour: as drawn.
        closed: whether it goes round.

    """
    contours = {structure: contour}
    track = tracks.get(structure)
    before = track.contours[frame] if track else None
    if before is None:
        return contours
    if not closed and structure in HINGED:
        for end, along in ((0, 0.0), (-1, 1.0)):
            delta = contour.points[end] - before.points[end]
            if np.abs(delta).max() < 1e-6:
                continue
            for other, its_end in _linked_ends(tracks, Grab(structure, frame, along), frame).items():
                own = contours.get(other) or tracks[other].contours[frame]
                if own is not None:
                    outline = own.outline(closed=False)
                    contours[other] = Contour(
                        frozen_array(outline.bent(its_end, delta, REACH_SHARE * outline.length).points)
                    )
    own_frame = {structure: each.contours[frame] for structure, each in tracks.items()} | dict(contours)
    return contours | making_way(own_frame, structure, before, contour, closed=closed)


def _origins(track: ContourTrack, start: int, weights: FloatArray, own: int) -> tuple[Origin, ...]:
    origins = list(track.origins[start : start + len(weights)])
    for index, weight in enumerate(weights.tolist()):
        # Between the frames felt on both sides of a cycle's end there are some that were not.
        if weight > 0 and origins[index] is not Origin.EDITED:
            origins[index] = Origin.EDITED if start + index == own else Origin.TRACKED
    return tuple(origins)


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
