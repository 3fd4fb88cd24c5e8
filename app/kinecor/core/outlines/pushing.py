"""Outlines of a short axis do not cross: one that is pulled against another pushes it along.

Endocardium, epicardium and the right ventricle surround one another as seen from the cavity's centre; what is in the
way of a pull moves outwards or inwards on its ray from there, no farther than it must.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, Outline, by_size, frozen, step_lengths
from kinecor.core.values.track import Structure

GAP_PX = 1.0
"""What is left between two outlines that would touch."""
LEAST_PX = 0.05
"""An outline that moved less at a place pushes nothing there."""
# Open outlines end at the annulus together: nearer to an end than this share of the length they may touch.
_ENDS = 0.08
# How often a line is moved on past corners that stand out between its points.
_CORNERS = 3
# A push is smoothed over this many points to either side.
_SMOOTH = 5
# Distances between all points of this many frames fit into the processor's cache.
_AT_ONCE = 32
# More than what single precision takes from a distance within an image.
_ROUNDED_PX = 0.1
# From the inside out; the right ventricle is outside of the left's wall and pushes it back where it is pulled in.
_ORDER = (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)


def pushed(
    contours: Mapping[Structure, Contour | None], pulled: Structure, before: Contour, after: Contour
) -> dict[Structure, Contour]:
    """The outlines of one frame that a pull takes along, by structure; those it does not reach are left out.

    Args:
        contours: of the frame, as they were.
        pulled: the structure that was pulled.
        before: its outline before the pull.
        after: and after it.

    """
    endo = contours.get(Structure.LV_ENDO) or contours.get(Structure.LV_EPI)
    if pulled not in _ORDER or endo is None:
        return {}
    centre = (before if pulled is Structure.LV_ENDO else endo).centroid
    out: dict[Structure, Contour] = {}
    place = _ORDER.index(pulled)
    if pulled is not Structure.RV:
        inner, old = after, before
        for other in _ORDER[place + 1 :]:
            contour = contours.get(other)
            moved = None if contour is None else _outwards(contour, centre, old, inner)
            if moved is None or contour is None:
                break
            out[other], inner, old = moved, moved, contour
        outer, old = after, before
        for other in reversed(_ORDER[:place]):
            contour = contours.get(other)
            moved = None if contour is None else _inwards(contour, centre, old, outer)
            if moved is None or contour is None:
                break
            out[other], outer, old = moved, moved, contour
    return out


def _outwards(contour: Contour, centre: FloatArray, before: Contour, after: Contour) -> Contour | None:
    """`contour` pushed out where an outline inside it has come too near; None where nothing moves."""
    angle, radius = _polar(contour, centre)
    was, now = (_radius(one, centre, angle) for one in (before, after))
    # Outlines that touched before may touch again: a pull must not part them.
    least = now + np.clip(radius - was, 0.0, GAP_PX)
    hit = (now > was + LEAST_PX) & (radius < least)
    return _at(contour, centre, angle, least, hit)


def _inwards(contour: Contour, centre: FloatArray, before: Contour, after: Contour) -> Contour | None:
    """`contour` pushed in where an outline around it has come too near; None where nothing moves."""
    angle, radius = _polar(contour, centre)
    was, now = (_radius(one, centre, angle) for one in (before, after))
    most = np.maximum(now - np.clip(was - radius, 0.0, GAP_PX), 0.0)
    hit = (now < was - LEAST_PX) & (radius > most)
    return _at(contour, centre, angle, most, hit)


def _polar(contour: Contour, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n,) angle in radians and (n,) distance in pixels of the points, as seen from the centre."""
    away = contour.points - centre
    return np.arctan2(away[:, 1], away[:, 0]), np.hypot(*away.T)


def _radius(outline: Contour, centre: FloatArray, angle: FloatArray) -> FloatArray:
    """(n,) distance from the centre to the outline at each angle, between its points in a straight line of angle."""
    own, radius = _polar(outline, centre)
    found: FloatArray = np.interp(angle, own, radius, period=2 * np.pi)
    return found


def _at(
    contour: Contour, centre: FloatArray, angle: FloatArray, radius: FloatArray, hit: NDArray[np.bool_]
) -> Contour | None:
    if not hit.any():
        return None
    points = contour.points.copy()
    away = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
    points[hit] = (centre + away)[hit]
    return Contour(frozen(points))


def kept_apart(
    endo: Sequence[Contour], epi: Sequence[Contour], held: Structure, *, closed: bool, gap_px: float = GAP_PX
) -> list[Contour | None]:
    """The outlines that make way where endocardium and epicardium would cross or touch; None where they do not.

    Points that are on the wrong side of the other outline, or nearer to it than the gap, move straight across it. Open
    outlines meet at the annulus: there nothing is asked of the ends.

    Args:
        endo: endocardium, one a frame.
        epi: epicardium of the same frames.
        held: which of the two stays as it is.
        closed: whether they are closed.
        gap_px: left between them.

    """
    found: list[Contour | None] = [None] * len(endo)
    pairs = [(at, inner.points, outer.points) for at, (inner, outer) in enumerate(zip(endo, epi, strict=True))]
    for group in by_size(pairs, lambda one: (len(one[1]), len(one[2]))):
        for first in range(0, len(group), _AT_ONCE):
            same = group[first : first + _AT_ONCE]
            inner, outer = np.stack([one[1] for one in same]), np.stack([one[2] for one in same])
            close = np.flatnonzero(_within_reach(inner, outer, closed, gap_px))
            if not len(close):
                continue
            inner, outer = inner[close], outer[close]
            outwards = held is Structure.LV_ENDO
            still, moving = (inner, outer) if outwards else (outer, inner)
            moved, near = _parted(still, moving, 1.0 if outwards else -1.0, closed, gap_px)
            for row in np.flatnonzero(near):
                found[same[close[row]][0]] = Contour(frozen(moved[row]))
    return found


def _parted(
    still: FloatArray, moving: FloatArray, sign: float, closed: bool, gap_px: float
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """(t, m, 2) lines moved to the outside (sign 1) or inside (-1) of others (t, n, 2), and (t,) whether they moved."""
    nearest, across = _across(still, moving, closed)
    distance = _dot(moving - nearest, across) * sign
    near = distance < gap_px
    if not closed:
        away = np.sqrt(np.minimum(*(_squared(moving - still[:, [end]]) for end in (0, -1))))
        near &= away > _ENDS * step_lengths(still, closed=False).sum(axis=1)[:, None]
    moved = np.where(near[..., None], nearest + sign * gap_px * across, moving)
    any_near = np.asarray(near.any(axis=1))
    if any_near.any():
        moved[any_near] = _past_corners(still[any_near], moved[any_near], sign, closed)
    return moved, any_near


def _past_corners(still: FloatArray, moved: FloatArray, sign: float, closed: bool) -> FloatArray:
    """Lines (t, m, 2) moved on where corners of others (t, n, 2) stand out between two of their points."""
    found, count, rows = moved.copy(), moved.shape[1], np.arange(len(moved))
    for _ in range(_CORNERS):
        own, other = found[rows], still[rows]
        nearest, across = _across(own, other, closed)
        out = _dot(other - nearest, across) * sign
        if not closed:
            away = np.sqrt(np.minimum(*(_squared(other - other[:, [end]]) for end in (0, -1))))
            out[away <= _ENDS * step_lengths(other, closed=False).sum(axis=1)[:, None]] = 0.0
        row, corner = np.nonzero(out > 0.0)
        if not len(row):
            break
        by = sign * (out[row, corner] + LEAST_PX)[:, None] * across[row, corner]
        at = _squared(own[row] - other[row, corner][:, None]).argmin(axis=1)
        for step in (-1, 1, 0):
            held = (at + step) % count if closed else np.clip(at + step, 1, count - 2)
            found[rows[row], held] += by if step == 0 else 0.5 * by
        rows = rows[np.unique(row)]
    return found


def _within_reach(endo: FloatArray, epi: FloatArray, closed: bool, gap_px: float) -> NDArray[np.bool_]:
    """(t,) which of outlines (t, n, 2) and (t, m, 2) come so near to each other that they may touch.

    Quick, and most do not: outlines whose points are all farther apart than the steps between them do not touch.
    """
    skipped = 0 if closed else max(round(_ENDS * epi.shape[1]), 1)
    seen = epi[:, skipped : epi.shape[1] - skipped]
    squared = _squared_less_own(seen, endo).min(axis=2) + _squared(seen - endo[:, :1])
    longest = np.sqrt(_squared(endo[:, 1:] - endo[:, :-1]).max(axis=1))
    return np.asarray(squared.min(axis=1) <= (gap_px + longest + _ROUNDED_PX) ** 2)


def _squared_less_own(points: FloatArray, vertices: FloatArray) -> NDArray[np.float32]:
    """(t, m, n) squared distance of points (t, m, 2) from vertices (t, n, 2), less that of the point from vertex 0.

    In single precision, as one product: most of the time of a drag that bends all frames is spent here.
    """
    first = vertices[:, :1]
    own, off = (vertices - first).astype(np.float32), (points - first).astype(np.float32)
    one = np.ones((*off.shape[:2], 1), np.float32)
    along = np.concatenate([-2 * own, _squared(own)[..., None]], axis=2)
    return np.asarray(np.concatenate([off, one], axis=2) @ along.swapaxes(1, 2))


def _dot(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.floating]:
    """(...) products of vectors (..., 2); a sum over so short an axis takes several times as long."""
    return np.asarray(one[..., 0] * other[..., 0] + one[..., 1] * other[..., 1])


def _squared(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    return _dot(vectors, vectors)


def _across(vertices: FloatArray, points: FloatArray, closed: bool) -> tuple[FloatArray, FloatArray]:
    """(t, m, 2) the places on lines (t, n, 2) nearest to points (t, m, 2), and the lines' unit normals there, outwards.

    Of a line's edges the two at its nearest point are looked at, which is quick and right for lines of many points.
    """
    count = vertices.shape[1]
    at = _squared_less_own(points, vertices).argmin(axis=2)
    numbers = np.arange(count)
    following = (numbers + 1) % count if closed else np.minimum(numbers + 1, count - 1)
    # (t, m, 2): of each point the edges before and after the nearest vertex.
    edges = np.stack([at - 1 if closed else np.maximum(at - 1, 0), np.minimum(at, count - 1)], axis=-1)
    if not closed:
        edges = np.minimum(edges, count - 2)
    rows = np.arange(len(vertices))[:, None, None]
    start = vertices[rows, edges]
    step = vertices[rows, following[edges]] - start
    square = np.maximum(_squared(step), 1e-12)
    share = np.clip(_dot(points[:, :, None] - start, step) / square, 0.0, 1.0)
    place = start + share[..., None] * step
    off = _squared(place - points[:, :, None])
    second = (off[..., 1] < off[..., 0])[..., None]
    normal = np.stack([step[..., 1], -step[..., 0]], axis=-1) / np.sqrt(square)[..., None]
    # Normals of all edges decide the side, as those of single ones may point back on a curved line.
    way = vertices[:, following] - vertices
    off = vertices - vertices.mean(axis=1, keepdims=True)
    sided = (way[..., 1] * off[..., 0] - way[..., 0] * off[..., 1]).sum(axis=1)
    nearest, across = (np.where(second, one[:, :, 1], one[:, :, 0]) for one in (place, normal))
    return nearest, np.where((sided > 0)[:, None, None], across, -across)


@lru_cache(maxsize=512)
def _thickness(endo: Contour, epi: Contour) -> FloatArray:
    """(n,) signed distance of the epicardium's points from an open endocardium; cached, since a drag asks again."""
    return frozen(_across_open(endo, epi)[0])


def _across_open(endo: Contour, epi: Contour) -> tuple[FloatArray, FloatArray]:
    """(n,) signed distance of the epicardium's points from an open endocardium, and (n, 2) its normals there."""
    place, across = _across(endo.points[None], epi.points[None], closed=False)
    return ((epi.points - place[0]) * across[0]).sum(axis=1), across[0]


def pushed_along(before: Contour, after: Contour, epi: Contour) -> Contour | None:
    """The epicardium of an open outline, pushed along by an endocardium that was pulled outwards.

    The wall stays as thick as it was there, or as it is usually in this frame where it was thicker: a cavity drawn too
    small makes a wall that is too thick, and is made larger without moving the epicardium. None where nothing moves.

    Args:
        before: the endocardium before the pull.
        after: and after it.
        epi: the epicardium.

    """
    now = Outline(after.points, closed=False)
    thick = _thickness(before, epi)
    left, across = _across_open(after, epi)
    away = np.minimum(*(np.hypot(*(epi.points - now.points[end]).T) for end in (0, -1)))
    wall = away > _ENDS * now.length
    if not wall.any():
        return None
    least = np.minimum(thick, float(np.median(thick[wall])))
    missing = np.where(wall & (thick > 0), np.maximum(least - left, 0.0), 0.0)
    missing[missing < LEAST_PX] = 0.0
    if not missing.any():
        return None
    # The largest move nearby, and then its mean: nowhere less than is missing, and without a kink.
    padded = np.pad(missing, 2 * _SMOOTH)
    most = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTH + 1).max(axis=1)
    mean = np.ones(2 * _SMOOTH + 1) / (2 * _SMOOTH + 1)
    move = np.convolve(most, mean, "valid")[:, None] * across
    move = np.stack([np.convolve(np.pad(one, _SMOOTH), mean, "valid") for one in move.T], axis=1)
    # The ends are the hinge points of the endocardium as well.
    move *= np.clip(away / (_ENDS * now.length), 0.0, 1.0)[:, None] if not wall[[0, -1]].any() else 1.0
    return Contour(frozen(epi.points + move))
