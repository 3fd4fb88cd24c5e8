"""A person's corrections carried to all frames: the frames drawn are anchors, the others follow.

What is carried is the difference between an anchor and the automatic contour below it, in the wall's own coordinates:
at each share of the wall's length, how far along the wall and how far across it. An automatic contour that is wrong at
a place is wrong there in most frames, and it follows the beat, so that its errors change more slowly than the heart
does. Between and beyond the anchors the difference is interpolated by kriging (Matheron 1963): the errors of two frames
are taken to agree the more, the nearer the frames are in the beat; what anchors leave open the image decides
(wall_image.py). Anchors stay exactly as they were drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.outlines.drag import HINGED, WALL_LINES, Bent, make_way
from kinecor.core.outlines.reshaping import without_loops
from kinecor.core.tracking.wall_image import Followed, Listener, refine_shifts, wall_image
from kinecor.core.values.derived import Derived
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.geometry import Contour, FloatArray, Outline, frozen_array
from kinecor.core.values.recording import FrameSource, TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure

POINTS = 96
# Of the structures that were followed last; no Reading is known here that could keep them.
_images = Derived()
"""Places along the wall at which a difference is taken."""
LASTING = 0.85
"""Share of an automatic contour's error that lasts through the recording; the rest changes over CHANGING_S.

Both as the errors of the apical network on 20 simulated clips have it: across the wall they correlate by 0.94 after
0.1 s, 0.89 after 0.2 s, 0.85 after half a beat, and 0.97 after a whole one.
"""
CHANGING_S = 0.15
FADING_MM = 12.0
"""Distance between slices over which a correction fades (exp(-(distance / this)^2))."""
# Of what changes, the share that comes again in every beat.
_EVERY_BEAT = 0.8
HAND = 0.03
"""What a drawn contour is off by the hand, as a share of the variance of the automatic contour's error: 0.7 of 4 mm.

Taken for less, two drawn frames that differ by chance throw those next to them off; and since a reader corrects the
worst frame first, the others are on the whole less off than it.
"""
# The wall's direction is taken over this many places to either side, so that a kink does not turn what it carries.
_ALONG = 4
# Ends of two structures nearer than this share of the annulus are one hinge point, and move together.
_ONE_HINGE = 0.35
_END_REACH = 0.13
_MIN_PX = 1e-3


@dataclass(frozen=True, eq=False)
class Anchors:
    """The drawn frames of one track, with what they differ from the automatic contours by.

    Attributes:
        frames: (k,) increasing.
        differences: (k, POINTS, 2) along and across the wall, in pixels as wide as high; 0 where a frame has no
            automatic contour.

    """

    frames: tuple[int, ...]
    differences: FloatArray


def drawn_frames(track: ContourTrack) -> tuple[int, ...]:
    """The frames whose contour a person drew or corrected.

    Args:
        track: of a structure.

    """
    each = enumerate(zip(track.contours, track.origins, strict=True))
    return tuple(frame for frame, (contour, origin) in each if contour is not None and origin is Origin.EDITED)


def follows(track: ContourTrack) -> bool:
    """Whether the contours of a track follow anchors already: none is as the analysis left it, but some are drawn.

    Args:
        track: of a structure.

    """
    return bool(drawn_frames(track)) and Origin.MODEL not in track.origins and Origin.TRACKED in track.origins


def filled_in(track: ContourTrack) -> bool:
    """Whether no contour of a track was drawn or recognised: all were filled in from other slices.

    Args:
        track: of a structure.

    """
    same = all(contour is own for contour, own in zip(track.contours, track.automatic, strict=True))
    return set(track.origins) == {Origin.TRACKED} and same


def following(track: ContourTrack, *, anyhow: bool = False) -> tuple[int, ...]:
    """The frames that would follow the anchors of a track; none where there is no anchor, unless `anyhow`.

    Args:
        track: of a structure.
        anyhow: also without an anchor.

    """
    anchors = set(drawn_frames(track))
    there = (frame for frame, contour in enumerate(track.automatic) if contour is not None)
    return tuple(frame for frame in there if frame not in anchors) if anchors or anyhow else ()


def follow_anchors(
    tracks: Mapping[Structure, ContourTrack],
    axis: TimeAxis,
    *,
    closed: bool,
    aspect: float = 1.0,
    cycle_s: float | None = None,
    images: FrameSource | None = None,
    expected: Mapping[Structure, FloatArray] | None = None,
    listener: Listener | None = None,
    tick: Tick = no_tick,
) -> dict[Structure, Bent]:
    """The contours of all frames that no person drew, as they follow those that a person drew.

    With images they are refined: between anchors a line moves to where the image looks as it does at the anchors. The
    ends of open outlines that are one hinge point stay one, and endocardium and epicardium do not cross.

    Args:
        tracks: contours by structure; drawn frames have the origin EDITED.
        axis: times of the frames; where it is periodic (gated cine), so is what is interpolated.
        closed: whether the outlines are closed.
        aspect: height of a pixel over its width.
        cycle_s: length of a heart beat where a loop shows more than one, or None: frames a beat apart are alike.
        images: of the loop or slice; without them lines are not refined.
        expected: (frames, POINTS, 2) by structure, by what contours are expected to differ from the automatic ones
            where no anchor says so, see `expected_from_neighbours`; nothing by default.
        listener: says where contours of the LV's wall in long axes are to move, instead of correlation.
        tick: called while images are sampled; raises Cancelled to end the work.

    Returns:
        By structure from the first frame on, drawn frames included as they are; nothing for a structure that does
        not change.

    """
    lines: dict[Structure, _Lines] = {}
    moved: dict[Structure, FloatArray] = {}
    for structure, track in tracks.items():
        prior = (expected or {}).get(structure)
        frames = following(track, anyhow=prior is not None)
        if frames:
            anchors = anchors_of(track, closed=closed, aspect=aspect)
            lines[structure] = _Lines.from_track(track, frames, closed=closed, aspect=aspect)
            by = _interpolated(anchors, axis, cycle_s, prior)
            if images is not None and anchors.frames:
                heard = None if closed or structure not in WALL_LINES else listener
                by[..., 1] += _by_image(track, anchors, by, axis, cycle_s, images, heard, tick, closed, aspect)
            moved[structure] = lines[structure].displaced(by[list(frames)])
    if not closed:
        _share_hinges(tracks, lines, moved, aspect)
    out: dict[Structure, dict[int, Contour]] = {}
    for structure, delta in moved.items():
        still = np.abs(delta).max(axis=(1, 2)) < _MIN_PX
        points = without_loops(lines[structure].points + delta, closed=closed) / (1.0, aspect)
        automatic = tracks[structure].automatic
        out[structure] = {
            frame: own if still[row] and (own := automatic[frame]) is not None else Contour(points[row])
            for row, frame in enumerate(lines[structure].frames)
        }
    _part(tracks, out, closed=closed)
    return {structure: _bent(tracks[structure], row) for structure, row in out.items()}


def anchors_of(track: ContourTrack, *, closed: bool, aspect: float = 1.0) -> Anchors:
    """What a person's contours of a track differ from the automatic ones below them by.

    Args:
        track: of a structure.
        closed: whether its contours go round.
        aspect: height of a pixel over its width.

    """
    frames, found = drawn_frames(track), []
    for frame in frames:
        below, drawn = track.automatic[frame], track.contours[frame]
        nothing = np.zeros((POINTS, 2))
        found.append(nothing if below is None or drawn is None else _difference(below, drawn, closed, aspect))
    return Anchors(frames, np.stack(found) if found else np.zeros((0, POINTS, 2)))


def differences(
    track: ContourTrack, axis: TimeAxis, *, closed: bool, aspect: float = 1.0, cycle_s: float | None = None
) -> FloatArray | None:
    """(frames, POINTS, 2) by what the contours of a track differ from the automatic ones; None without an anchor.

    Args:
        track: of a structure.
        axis: times of the frames.
        closed: whether its contours go round.
        aspect: height of a pixel over its width.
        cycle_s: length of the heart beat; None where it is not known.

    """
    anchors = anchors_of(track, closed=closed, aspect=aspect)
    return _interpolated(anchors, axis, cycle_s, None) if anchors.frames else None


def expected_from_neighbours(sources: Sequence[tuple[float, FloatArray]]) -> FloatArray:
    """What is expected of a slice of a stack by what its neighbours' contours differ by.

    Args:
        sources: distance in mm, above 0, and (frames, POINTS, 2) differences of each slice that a person corrected.

    """
    shares = np.array([np.exp(-((apart_mm / FADING_MM) ** 2)) for apart_mm, _ in sources])
    shares = shares / max(float(shares.sum()), 1.0)
    return np.asarray(np.tensordot(shares, np.stack([each for _, each in sources]), 1))


def _interpolated(anchors: Anchors, axis: TimeAxis, cycle_s: float | None, prior: FloatArray | None) -> FloatArray:
    """(frames, POINTS, 2) the differences at the anchors interpolated over time, about what is expected."""
    if not anchors.frames:
        return np.zeros((len(axis), POINTS, 2)) if prior is None else prior.copy()
    share = weights(anchors.frames, axis, cycle_s)
    if prior is None:
        return np.asarray(np.tensordot(share, anchors.differences, 1))
    return np.asarray(prior + np.tensordot(share, anchors.differences - prior[list(anchors.frames)], 1))


def weights(anchors: tuple[int, ...], axis: TimeAxis, cycle_s: float | None = None) -> FloatArray:
    """(frames, k) how much each anchor counts at each frame; next to an anchor nearly 1 / (1 + HAND).

    Args:
        anchors: frames, from 0.
        axis: times of the frames.
        cycle_s: length of the heart beat; None where it is not known.

    """
    alike = _alike(anchors, axis, cycle_s)
    between = alike[list(anchors)] + HAND * np.eye(len(anchors))
    return np.asarray(np.linalg.solve(between, alike.T).T)


def unknown(anchors: tuple[int, ...], axis: TimeAxis, cycle_s: float | None = None) -> FloatArray:
    """(frames,) how little anchors say about each frame: the variance that they leave, 0 at an anchor, 1 at most.

    Args:
        anchors: frames, from 0.
        axis: times of the frames.
        cycle_s: length of the heart beat; None where it is not known.

    """
    alike = _alike(anchors, axis, cycle_s)
    left = 1 - (weights(anchors, axis, cycle_s) * alike).sum(axis=1)
    return np.asarray(np.clip(left / (1 - LASTING), 0.0, 1.0))


def _alike(anchors: tuple[int, ...], axis: TimeAxis, cycle_s: float | None) -> FloatArray:
    """(frames, k) how far the errors of each frame and each anchor are taken to agree, 0..1."""
    apart_s = np.stack([axis.distance_s(anchor) for anchor in anchors], axis=1)
    near = _near(apart_s)
    if cycle_s is not None and not axis.periodic:
        again = _near(np.abs((apart_s + cycle_s / 2) % cycle_s - cycle_s / 2))
        near = _EVERY_BEAT * again + (1 - _EVERY_BEAT) * near
    return np.asarray(LASTING + (1 - LASTING) * near)


def _near(apart_s: FloatArray) -> FloatArray:
    """Matern's kernel of order 3/2: smooth, but two anchors close in time that differ do not throw the next far off."""
    apart = np.sqrt(3) * apart_s / CHANGING_S
    return np.asarray((1 + apart) * np.exp(-apart))


@lru_cache(maxsize=256)
def _difference(below: Contour, drawn: Contour, closed: bool, aspect: float) -> FloatArray:
    """(POINTS, 2) along and across the wall."""
    line = _placed(below, closed, aspect)
    other = _placed(drawn, closed, aspect)
    if closed:
        other = _begun_near(other, line)
    elif np.hypot(*(line[[0, -1]] - other[[-1, 0]]).T).sum() < np.hypot(*(line[[0, -1]] - other[[0, -1]]).T).sum():
        other = other[::-1]
    tangent = tangents(line[None], closed)[0]
    off = other - line
    along = (off * tangent).sum(axis=1)
    across = off[:, 0] * tangent[:, 1] - off[:, 1] * tangent[:, 0]
    return frozen_array(np.stack([along, across], axis=1))


@lru_cache(maxsize=4096)
def _placed(contour: Contour, closed: bool, aspect: float) -> FloatArray:
    """(POINTS, 2) evenly along a contour; cached, since automatic contours do not change from gesture to gesture."""
    outline = Outline(contour.scaled_mm(aspect, 1.0), closed)
    return frozen_array((outline.oriented() if closed else outline).resampled(POINTS).points)


def _begun_near(line: FloatArray, other: FloatArray) -> FloatArray:
    """A closed line (n, 2) begun where it is nearest to another, as a whole."""
    spectrum = np.fft.fft(line, axis=0).conj() * np.fft.fft(other, axis=0)
    turn = int(np.argmax(np.fft.ifft(spectrum.sum(axis=1)).real))
    return np.roll(line, turn, axis=0)


def tangents(lines: FloatArray, closed: bool) -> FloatArray:
    """(t, n, 2) unit directions along lines, over some places to either side.

    Args:
        lines: (t, n, 2).
        closed: whether they go round.

    """
    if closed:
        way = np.roll(lines, -_ALONG, axis=1) - np.roll(lines, _ALONG, axis=1)
    else:
        padded = np.concatenate([lines[:, :1].repeat(_ALONG, 1), lines, lines[:, -1:].repeat(_ALONG, 1)], axis=1)
        way = padded[:, 2 * _ALONG :] - padded[:, : -2 * _ALONG]
    return np.asarray(way / np.maximum(np.linalg.norm(way, axis=2, keepdims=True), 1e-9))


@dataclass(frozen=True, eq=False)
class _Lines:
    """Automatic contours of some frames, (t, POINTS, 2) evenly along each, pixels as wide as high."""

    frames: tuple[int, ...]
    points: FloatArray
    closed: bool

    @classmethod
    def from_track(cls, track: ContourTrack, frames: tuple[int, ...], *, closed: bool, aspect: float) -> "_Lines":
        rows = [_placed(contour, closed, aspect) for frame in frames if (contour := track.automatic[frame]) is not None]
        return cls(frames, np.stack(rows) if rows else np.zeros((0, POINTS, 2)), closed)

    def displaced(self, by: FloatArray) -> FloatArray:
        """(t, POINTS, 2) displacement in x and y by (t, POINTS, 2) along and across the lines."""
        return np.asarray(by[..., :1] * tangents(self.points, self.closed) + by[..., 1:] * self.normals)

    @property
    def normals(self) -> FloatArray:
        """(t, POINTS, 2) unit vectors across the lines."""
        tangent = tangents(self.points, self.closed)
        return np.stack([tangent[..., 1], -tangent[..., 0]], axis=-1)


def _by_image(
    track: ContourTrack,
    anchors: Anchors,
    by: FloatArray,
    axis: TimeAxis,
    cycle_s: float | None,
    images: FrameSource,
    listener: Listener | None,
    tick: Tick,
    closed: bool,
    aspect: float,
) -> FloatArray:
    """(frames, POINTS) by how much more the lines move across the wall to where the image looks as at the anchors."""
    out = np.zeros(by.shape[:2])
    there = tuple(frame for frame, contour in enumerate(track.automatic) if contour is not None)
    rows = {frame: row for row, frame in enumerate(there)}
    known = [frame for frame in anchors.frames if frame in rows]
    if not known:
        return out
    lines = _Lines.from_track(track, there, closed=closed, aspect=aspect)
    # The automatic contours are the same from gesture to gesture: images are sampled once.
    seen = _images.value(
        "wall image",
        (track.automatic, closed, aspect),
        lambda: wall_image(images, there, lines.points, lines.normals, aspect, tick, closed=closed),
        kept=8,
        waits=False,
    )
    at = list(there)
    line = Followed(
        by[at, :, 1],
        tuple(rows[frame] for frame in known),
        np.stack([axis.distance_s(frame)[at] for frame in known], axis=1),
        unknown(anchors.frames, axis, cycle_s)[at],
        track.confidence[at],
        float(np.median(np.diff(axis.times_s))) if len(axis) > 1 else 1.0,
        closed,
        axis.periodic,
    )
    out[at] = refine_shifts(seen, line, listener)
    return out


def _share_hinges(
    tracks: Mapping[Structure, ContourTrack],
    lines: dict[Structure, _Lines],
    moved: dict[Structure, FloatArray],
    aspect: float,
) -> None:
    """Move the ends of structures with those of a drawn one of the frame, or else of the first, at one hinge point."""
    leading = next((structure for structure in HINGED if structure in moved), None)
    if leading is None:
        return
    drawn = _drawn_ends(tracks, aspect)
    row_of = {frame: row for row, frame in enumerate(lines[leading].frames)}
    for other in HINGED:
        track = tracks.get(other)
        if track is None:
            continue
        if other not in lines:
            own = set(drawn_frames(track))
            there = (frame for frame in (*row_of, *drawn) if frame not in own and track.automatic[frame] is not None)
            lines[other] = _Lines.from_track(track, tuple(sorted(set(there))), closed=False, aspect=aspect)
        delta = moved.get(other, np.zeros_like(lines[other].points))
        for row, frame in enumerate(lines[other].frames):
            at = row_of.get(frame)
            if frame in drawn:
                delta[row] += _ends_along(lines[other].points[row], delta[row], *drawn[frame])
            elif at is not None and other is not leading:
                ends = lines[leading].points[at][[0, -1]], moved[leading][at][[0, -1]]
                delta[row] += _ends_along(lines[other].points[row], delta[row], *ends)
        if np.abs(delta).max(initial=0.0) >= _MIN_PX:
            moved[other] = delta


def _drawn_ends(tracks: Mapping[Structure, ContourTrack], aspect: float) -> dict[int, tuple[FloatArray, FloatArray]]:
    """By frame with a drawn contour: (2, 2) its ends as they were, and (2, 2) by how much the person moved them."""
    found: dict[int, tuple[FloatArray, FloatArray]] = {}
    for structure in reversed(HINGED):
        track = tracks.get(structure)
        if track is None:
            continue
        for frame in drawn_frames(track):
            below, drawn = track.automatic[frame], track.contours[frame]
            if below is not None and drawn is not None:
                was, now = (contour.scaled_mm(aspect, 1.0)[[0, -1]] for contour in (below, drawn))
                if np.hypot(*(was - now[::-1]).T).sum() < np.hypot(*(was - now).T).sum():
                    now = now[::-1]
                found[frame] = was, now - was
    return found


def _ends_along(line: FloatArray, so_far: FloatArray, ends: FloatArray, by: FloatArray) -> FloatArray:
    """(n, 2) what is missing for the ends of a line to move as the hinge points `ends` (2, 2) do."""
    width = float(np.hypot(*(ends[0] - ends[1])))
    more = np.zeros_like(line)
    for end, moved in zip(ends, by, strict=True):
        gap = np.hypot(*(line[[0, -1]] - end).T)
        linked = (0, -1)[int(gap.argmin())]
        missing = moved - so_far[linked]
        if gap.min() <= _ONE_HINGE * width and np.abs(missing).max() >= _MIN_PX:
            outline = Outline(line, closed=False)
            more += outline.bent(0.0 if linked == 0 else 1.0, missing, _END_REACH * outline.length).points - line
    return more


def _part(tracks: Mapping[Structure, ContourTrack], rows: dict[Structure, dict[int, Contour]], *, closed: bool) -> None:
    """Keep the epicardium outside the endocardium; a drawn outline stays, the other one makes way."""
    inner, outer = (tracks.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI))
    if inner is None or outer is None:
        return
    lines = {
        track.structure: {**dict(enumerate(track.contours)), **rows.get(track.structure, {})}
        for track in (inner, outer)
    }
    frames = sorted({*rows.get(Structure.LV_ENDO, {}), *rows.get(Structure.LV_EPI, {})})
    outer_drawn = {frame for frame in frames if outer.origins[frame] is Origin.EDITED}
    held_outer = [frame for frame in frames if frame in outer_drawn and inner.origins[frame] is not Origin.EDITED]
    held_inner = [frame for frame in frames if frame not in outer_drawn]
    for held, other, at in (
        (Structure.LV_EPI, Structure.LV_ENDO, held_outer),
        (Structure.LV_ENDO, Structure.LV_EPI, held_inner),
    ):
        contours = make_way(lines, at, held, closed=closed)
        if contours:
            rows.setdefault(other, {}).update(contours)


def _bent(track: ContourTrack, row: Mapping[int, Contour]) -> Bent:
    contours = tuple(row.get(frame, contour) for frame, contour in enumerate(track.contours))
    origins = tuple(Origin.TRACKED if frame in row else origin for frame, origin in enumerate(track.origins))
    return Bent(0, contours, origins)
