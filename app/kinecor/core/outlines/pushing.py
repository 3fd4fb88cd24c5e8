"""Outlines of a short axis do not cross: one that is pulled against another pushes it along.

Endocardium, epicardium and the right ventricle surround one another as seen from the cavity's centre; what is in the
way of a pull moves outwards or inwards on its ray from there, no farther than it must.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, Outline, by_size, frozen_array, step_lengths
from kinecor.core.values.track import Structure

GAP_PX = 1.0
"""What is left between two outlines that would touch."""
MIN_PX = 0.05
"""An outline that moved less at a place pushes nothing there."""
# Open outlines end at the annulus together: nearer to an end than this share of the length they may touch, not cross.
_ENDS = 0.08
# Outlines that cross there by less than this are as the analysis left them.
_CROSSED_PX = 0.1
# Corners are looked for this many points around those that come near.
_AROUND = 3
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


def push_outlines(
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
    was, now = (_radius(contour, centre, angle) for contour in (before, after))
    # Outlines that touched before may touch again: a pull must not part them.
    least = now + np.clip(radius - was, 0.0, GAP_PX)
    hit = (now > was + MIN_PX) & (radius < least)
    return _moved_to_radius(contour, centre, angle, least, hit)


def _inwards(contour: Contour, centre: FloatArray, before: Contour, after: Contour) -> Contour | None:
    """`contour` pushed in where an outline around it has come too near; None where nothing moves."""
    angle, radius = _polar(contour, centre)
    was, now = (_radius(contour, centre, angle) for contour in (before, after))
    most = np.maximum(now - np.clip(was - radius, 0.0, GAP_PX), 0.0)
    hit = (now < was - MIN_PX) & (radius > most)
    return _moved_to_radius(contour, centre, angle, most, hit)


def _polar(contour: Contour, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n,) angle in radians and (n,) distance in pixels of the points, as seen from the centre."""
    away = contour.points - centre
    return np.arctan2(away[:, 1], away[:, 0]), np.hypot(*away.T)


def _radius(outline: Contour, centre: FloatArray, angle: FloatArray) -> FloatArray:
    """(n,) distance from the centre to the outline at each angle, between its points in a straight line of angle."""
    own, radius = _polar(outline, centre)
    found: FloatArray = np.interp(angle, own, radius, period=2 * np.pi)
    return found


def _moved_to_radius(
    contour: Contour, centre: FloatArray, angle: FloatArray, radius: FloatArray, hit: NDArray[np.bool_]
) -> Contour | None:
    if not hit.any():
        return None
    points = contour.points.copy()
    away = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
    points[hit] = (centre + away)[hit]
    return Contour(frozen_array(points))


def kept_apart(
    endo: Sequence[Contour], epi: Sequence[Contour], held: Structure, *, closed: bool, gap_px: float = GAP_PX
) -> list[Contour | None]:
    """The outlines that make way where endocardium and epicardium would cross or touch; None where they do not.

    Points that are on the wrong side of the other outline, or nearer to it than the gap, move straight across it. Open
    outlines meet at the annulus: towards their ends they may touch.

    Args:
        endo: endocardium, one a frame.
        epi: epicardium of the same frames.
        held: which of the two stays as it is.
        closed: whether they are closed.
        gap_px: left between them.

    """
    contours: list[Contour | None] = [None] * len(endo)
    pairs = [(index, inner.points, outer.points) for index, (inner, outer) in enumerate(zip(endo, epi, strict=True))]
    for group in by_size(pairs, lambda pair: (len(pair[1]), len(pair[2]))):
        for first in range(0, len(group), _AT_ONCE):
            same = group[first : first + _AT_ONCE]
            inner, outer = np.stack([pair[1] for pair in same]), np.stack([pair[2] for pair in same])
            outwards = held is Structure.LV_ENDO
            still, moving = (inner, outer) if outwards else (outer, inner)
            moved, rows = _parted(still, moving, 1.0 if outwards else -1.0, closed, gap_px)
            for row, line in zip(rows.tolist(), moved, strict=True):
                contours[same[row][0]] = Contour(frozen_array(line))
    return contours


def _parted(
    still: FloatArray, moving: FloatArray, sign: float, closed: bool, gap_px: float
) -> tuple[FloatArray, NDArray[np.intp]]:
    """Those of lines (t, m, 2) that move to the outside (sign 1) or inside (-1) of others (t, n, 2), and their rows."""
    squared = _squared_less_own(moving, still)
    at = squared.argmin(axis=2)
    near = _may_touch(still, moving, squared, at, sign, closed, gap_px)
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if not len(rows):
        return moving[:0], rows
    points = moving[rows[:, None], columns]
    nearest, across, beyond = _across(still[rows], points, closed, at[rows[:, None], columns])
    distance = _signed(points - nearest, across) * sign
    gap: float | FloatArray = gap_px
    if closed:
        hit = distance < gap_px
    else:
        share = _from_the_ends(points, still[rows])
        hit = (distance < np.where(share < 1, -_CROSSED_PX, gap_px)) & ~beyond
        gap = gap_px * np.minimum(share, 1.0)[..., None]
    moved = moving[rows]
    moved[:, columns] = np.where(hit[..., None], nearest + sign * gap * across, points)
    changed = hit.any(axis=1)
    changed |= _past_corners(still[rows], moved, _corners(near[rows], at[rows], still.shape[1], closed), sign, closed)
    return moved[changed], rows[changed]


def _corners(near: NDArray[np.bool_], at: NDArray[np.intp], count: int, closed: bool) -> NDArray[np.intp]:
    """Which of the points of other lines are next to those (t, m) that are near; `at` (t, m) is the nearest to each."""
    last = near.shape[1] - 1
    row, column = np.nonzero(near)
    beside = [(column + by) % (last + 1) if closed else np.clip(column + by, 0, last) for by in (-_AROUND, 0, _AROUND)]
    ends = np.stack([at[row, place] for place in beside])
    low, high = ends.min(axis=0), ends.max(axis=0)
    if closed and (high - low > count // 2).any():
        return np.arange(count)
    begun = np.bincount(low, minlength=count + 1) - np.bincount(high + 1, minlength=count + 1)
    found = np.flatnonzero(np.cumsum(begun[:count]) > 0)
    return found if closed else found[(found > 0) & (found < count - 1)]


def _may_touch(
    still: FloatArray,
    moving: FloatArray,
    squared: NDArray[np.float32],
    at: NDArray[np.intp],
    sign: float,
    closed: bool,
    gap_px: float,
) -> NDArray[np.bool_]:
    """(t, m) which points may be nearer to the other line than the gap, or on its wrong side; most are not.

    Points farther from all of a line's points than these are from each other are on the side that the line's direction
    at the nearest one says.
    """
    off = np.take_along_axis(squared, at[..., None], axis=2)[..., 0] + _squared(moving - still[:, :1])
    longest = np.sqrt(_squared(still[:, 1:] - still[:, :-1]).max(axis=1))
    around = np.roll(still, -1, axis=1) - np.roll(still, 1, axis=1)
    if not closed:
        around[:, 0], around[:, -1] = still[:, 1] - still[:, 0], still[:, -1] - still[:, -2]
    way = np.take_along_axis(around, at[..., None], axis=1)
    away = moving - np.take_along_axis(still, at[..., None], axis=1)
    inside = (way[..., 1] * away[..., 0] - way[..., 0] * away[..., 1]) * (sign * _outwards_sign(still, closed))[:, None]
    near = (inside < 0) | (off <= ((gap_px + longest + _ROUNDED_PX) ** 2)[:, None])
    if not closed:
        near[:, [0, -1]] = False
    return np.asarray(near)


def _from_the_ends(points: FloatArray, line: FloatArray) -> FloatArray:
    """(t, m) how far points (t, m, 2) are from the ends of open lines (t, n, 2), 1 where both lines are to be apart."""
    away = np.sqrt(np.minimum(*(_squared(points - line[:, [end]]) for end in (0, -1))))
    return np.asarray(away / (_ENDS * step_lengths(line, closed=False).sum(axis=1)[:, None]))


def _past_corners(
    still: FloatArray, moved: FloatArray, corners: NDArray[np.intp], sign: float, closed: bool
) -> NDArray[np.bool_]:
    """Move lines (t, m, 2) on where corners of others (t, n, 2) stand out between two of their points; (t,) which."""
    count, rows = moved.shape[1], np.arange(len(moved))
    changed = np.zeros(len(moved), np.bool_)
    for _ in range(_CORNERS if len(corners) else 0):
        own, other = moved[rows], still[rows[:, None], corners]
        nearest, across, beyond = _across(own, other, closed)
        out = _signed(other - nearest, across) * sign
        if not closed:
            out = np.where(beyond | ((_from_the_ends(other, own) < 1) & (out < _CROSSED_PX)), 0.0, out)
        row, corner = np.nonzero(out > 0.0)
        if not len(row):
            break
        by = sign * (out[row, corner] + MIN_PX)[:, None] * across[row, corner]
        at = _squared(own[row] - other[row, corner][:, None]).argmin(axis=1)
        for step in (-1, 1, 0):
            held = (at + step) % count if closed else np.clip(at + step, 1, count - 2)
            moved[rows[row], held] += by if step == 0 else 0.5 * by
        rows = rows[np.unique(row)]
        changed[rows] = True
        # What moved may only have moved past the next ones.
        beside = np.abs(corners[:, None] - corners[np.unique(corner)])
        corners = corners[(np.minimum(beside, still.shape[1] - beside) <= _AROUND).any(axis=1)]
    return changed


def _squared_less_own(points: FloatArray, vertices: FloatArray) -> NDArray[np.float32]:
    """(t, m, n) squared distance of points (t, m, 2) from vertices (t, n, 2), less that of the point from vertex 0.

    In single precision, as one product: most of the time of a drag that bends all frames is spent here.
    """
    first = vertices[:, :1]
    own, off = (vertices - first).astype(np.float32), (points - first).astype(np.float32)
    homogeneous = np.ones((*off.shape[:2], 1), np.float32)
    along = np.concatenate([-2 * own, _squared(own)[..., None]], axis=2)
    return np.asarray(np.concatenate([off, homogeneous], axis=2) @ along.swapaxes(1, 2))


def _dot(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.floating]:
    """(...) products of vectors (..., 2); a sum over so short an axis takes several times as long."""
    return np.asarray(first[..., 0] * second[..., 0] + first[..., 1] * second[..., 1])


def _squared(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    return _dot(vectors, vectors)


def _across(
    vertices: FloatArray, points: FloatArray, closed: bool, at: NDArray[np.intp] | None = None
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """(t, m, 2) the places on lines (t, n, 2) nearest to points (t, m, 2), and the lines' unit normals there, outwards.

    And (t, m) of which points that place is an end of an open line. The nearest of a line's own points, (t, m), are
    looked for where `at` does not say.

    Of a line's edges the two at its nearest point are looked at, which is quick and right for lines of many points.
    """
    count = vertices.shape[1]
    if at is None:
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
    nearest, across = (np.where(second, vectors[:, :, 1], vectors[:, :, 0]) for vectors in (place, normal))
    # Beyond a corner the side is that of both its edges: either alone may have the point on its wrong side.
    corner = (share[..., 0] >= 1) & (share[..., 1] <= 0)
    if corner.any():
        both = normal[corner].sum(axis=1)
        across[corner] = both / np.maximum(np.sqrt(_squared(both)), 1e-9)[:, None]
    beyond = np.zeros(at.shape, np.bool_)
    if not closed:
        beyond = ((at == 0) & (share[..., 0] <= 0)) | ((at == count - 1) & (share[..., 1] >= 1))
    return nearest, _outwards_sign(vertices, closed)[:, None, None] * across, beyond


def _signed(away: FloatArray, across: FloatArray) -> FloatArray:
    """(...) length of vectors (..., 2), negative where they point against the normals."""
    return np.asarray(np.copysign(np.sqrt(_squared(away)), _dot(away, across)))


def _outwards_sign(lines: FloatArray, closed: bool) -> FloatArray:
    """(t,) 1 where what is to the right of the direction of lines (t, n, 2) is outside, y downwards, -1 otherwise.

    All their steps decide, as single ones may point back on a curved line.
    """
    x, y = (lines[..., axis] - lines[..., axis].mean(axis=1, keepdims=True) for axis in (0, 1))
    # The product of a point with the step to the next one is that with the next point itself.
    sided = (x[:, :-1] * y[:, 1:] - y[:, :-1] * x[:, 1:]).sum(axis=1)
    if closed:
        sided += x[:, -1] * y[:, 0] - y[:, -1] * x[:, 0]
    return np.where(sided > 0, 1.0, -1.0)


@lru_cache(maxsize=512)
def _thickness(endo: Contour, epi: Contour) -> FloatArray:
    """(n,) signed distance of the epicardium's points from an open endocardium; cached, since a drag asks again."""
    return frozen_array(_across_open(endo, epi)[0])


def _across_open(endo: Contour, epi: Contour) -> tuple[FloatArray, FloatArray]:
    """(n,) signed distance of the epicardium's points from an open endocardium, and (n, 2) its normals there."""
    place, across, _ = _across(endo.points[None], epi.points[None], closed=False)
    return _signed(epi.points - place[0], across[0]), across[0]


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
    missing[missing < MIN_PX] = 0.0
    if not missing.any():
        return None
    # The largest move nearby, and then its mean: nowhere less than is missing, and without a kink.
    padded = np.pad(missing, 2 * _SMOOTH)
    most = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTH + 1).max(axis=1)
    mean = np.ones(2 * _SMOOTH + 1) / (2 * _SMOOTH + 1)
    move = np.convolve(most, mean, "valid")[:, None] * across
    move = np.stack([np.convolve(np.pad(component, _SMOOTH), mean, "valid") for component in move.T], axis=1)
    # The ends are the hinge points of the endocardium as well.
    move *= np.clip(away / (_ENDS * now.length), 0.0, 1.0)[:, None] if not wall[[0, -1]].any() else 1.0
    return Contour(frozen_array(epi.points + move))
