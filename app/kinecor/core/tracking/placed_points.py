"""Points of the wall that a reader placed, where motion had lost them: the points then follow from there.

Errors of motion add up from frame to frame like a random walk from the frame at which points are evenly spaced. By how
much points are off along the wall is therefore interpolated between placed ones as Brownian motion in time (a Wiener
process: in proportion to the time before a placed point, and lasting after it) and as a Gaussian process along the wall
with the width of a segment, 0 at its ends, which the hinge points decide. A closed wall has no ends, and round a gated
cycle points come back to where they began (a Brownian bridge). Placed points are met exactly along the wall; across it
the contours decide, as for all points.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kinecor.core.outlines.wall_outline import POINTS
from kinecor.core.tracking.wall_points import WallPoints
from kinecor.core.values.choices import PlacedPoint
from kinecor.core.values.geometry import FloatArray, frozen_array, running_sum, step_lengths
from kinecor.core.values.message import message

REACH = 1 / 6
"""How far along the wall a placed point moves others, as a share of its length (a Gaussian's width): a segment."""
# Points nearer together than this share of their usual distance would have passed each other, or nearly.
_MIN_GAP = 0.15
CONTRADICTION = message(
    "points of the wall that a reader placed would pass each other: place them nearer to where they were"
)


def with_placed(
    wall_points: WallPoints,
    placed: Sequence[PlacedPoint],
    times_s: FloatArray,
    depth: float,
    period_s: float | None = None,
) -> WallPoints:
    """The points of a wall as they follow those that a reader placed.

    Those placed at the frame at which points are evenly spaced by definition, or in one without a wall, have no effect.

    Args:
        wall_points: points as followed by motion and contours.
        placed: by the reader.
        times_s: (t,) of the frames.
        depth: in the wall, that the points are at.
        period_s: of a gated cycle, the last phase of which is followed by the first; None of a loop.

    Returns:
        The points; `contradiction` says so where they would pass each other, and they are then as before.

    """
    lines = wall_points.wall.layer(depth, wall_points.start)
    points = wall_points.points_px * (1.0, wall_points.aspect)
    there = [
        single_placed_point
        for single_placed_point in {
            (placed_point.frame, placed_point.point): placed_point for placed_point in placed
        }.values()
        if single_placed_point.frame != wall_points.start
        and np.isfinite(lines[single_placed_point.frame]).all()
        and np.isfinite(points[single_placed_point.frame]).all()
    ]
    if not there:
        return wall_points
    closed = wall_points.wall.closed
    if closed:
        lines = np.concatenate([lines, lines[:, :1]], axis=1)
    elif np.nansum((lines[:, -1] - lines[:, 0]) * (points[:, -1] - points[:, 0])) < 0:
        lines = lines[:, ::-1]
    own, off = _on_lines(lines, points)
    frames, numbers = (
        np.array([placed_point.frame for placed_point in there]),
        np.array([placed_point.point for placed_point in there]),
    )
    wanted = np.stack([(placed_point.x_px, placed_point.y_px * wall_points.aspect) for placed_point in there])
    target = _on_lines(lines[frames], wanted[:, None])[0][:, 0]
    since_s = times_s - times_s[wall_points.start]
    since_s = since_s if period_s is None else since_s % period_s
    along_wall = np.arange(POINTS) / (POINTS if closed else POINTS - 1)

    def kernel(at_s: FloatArray, place: FloatArray) -> FloatArray:
        near = _near_closed if closed else _near_open
        return _walk(at_s, since_s[frames], period_s) * near(place, along_wall[numbers])

    moved = target - own[frames, numbers]
    moved = (moved + 0.5) % 1 - 0.5 if closed else moved
    weight = np.linalg.lstsq(kernel(since_s[frames], along_wall[numbers]), moved, rcond=1e-9)[0]
    every = kernel(np.repeat(since_s, POINTS), np.tile(along_wall, len(since_s)))
    shift = (every @ weight).reshape(len(since_s), POINTS)
    share = own + shift
    gaps = (np.roll(share, -1, axis=1) - share + 0.5) % 1 - 0.5 if closed else np.diff(share, axis=1)
    gaps = gaps[np.isfinite(own).all(axis=1)]
    met = np.abs(shift[frames, numbers] - moved) < 1e-6
    if not met.all() or (gaps < _MIN_GAP / (POINTS - 1)).any():
        return replace(wall_points, contradiction=CONTRADICTION)
    share = share % 1 if closed else share
    there_now = _places(lines, share, off)
    changed = (np.abs(shift) > 1e-12) & np.isfinite(there_now[..., 0])
    return replace(
        wall_points, points_px=frozen_array(np.where(changed[..., None], there_now, points) / (1.0, wall_points.aspect))
    )


def _walk(at_s: FloatArray, other_s: FloatArray, period_s: float | None) -> FloatArray:
    """(a, b) covariance in time of what points are off by: of a walk from 0 s to either side, or round a cycle."""
    first, other = at_s[:, None], other_s[None]
    if period_s is not None:
        return np.asarray(np.minimum(first, other) - first * other / period_s)
    return np.asarray(np.minimum(np.abs(first), np.abs(other)) * (np.sign(first) == np.sign(other)))


def _near_open(place: FloatArray, other: FloatArray) -> FloatArray:
    """(a, b) likewise along an open wall: smooth, and 0 at its ends."""
    near = np.exp(-(((place[:, None] - other) / REACH) ** 2))
    return np.asarray(near * np.sin(np.pi * place)[:, None] * np.sin(np.pi * other))


def _near_closed(place: FloatArray, other: FloatArray) -> FloatArray:
    """(a, b) likewise round a closed wall."""
    apart = place[:, None] - other
    return np.asarray(sum(np.exp(-(((apart + turn) / REACH) ** 2)) for turn in (-1, 0, 1)))


def _on_lines(lines: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(t, n) share of the lines' (t, m, 2) length nearest to (t, n, 2) points, and (t, n) distance across the lines."""
    start, step = lines[:, None, :-1], np.diff(lines, axis=1)[:, None]
    square = np.maximum((step**2).sum(axis=-1), 1e-12)
    share = np.clip(((points[:, :, None] - start) * step).sum(axis=-1) / square, 0.0, 1.0)
    away = points[:, :, None] - (start + share[..., None] * step)
    squared = (away**2).sum(axis=-1)
    best = np.where(np.isfinite(squared), squared, np.inf).argmin(axis=2)[..., None]
    path = running_sum(step_lengths(lines, closed=False))
    edge, part = best[..., 0], np.take_along_axis(share, best, axis=2)[..., 0]
    rows = np.arange(len(lines))[:, None]
    length = path[rows, edge] + part * (path[rows, edge + 1] - path[rows, edge])
    way = step[rows, 0, edge] / np.sqrt(square[rows, 0, edge])[..., None]
    gap = np.take_along_axis(away, best[..., None], axis=2)[:, :, 0]
    across = gap[..., 0] * way[..., 1] - gap[..., 1] * way[..., 0]
    return np.asarray(length / path[:, -1:]), np.asarray(across)


def _places(lines: FloatArray, share: FloatArray, across: FloatArray) -> FloatArray:
    """(t, n, 2) the places at shares of the lines' length, and `across` off them; as `_on_lines` takes them apart."""
    path = running_sum(step_lengths(lines, closed=False))
    out = np.full((*share.shape, 2), np.nan)
    for row in range(len(lines)):
        if not np.isfinite(path[row, -1]):
            continue
        wanted = np.clip(share[row], 0.0, 1.0) * path[row, -1]
        edge = np.clip(np.searchsorted(path[row], wanted, side="right") - 1, 0, lines.shape[1] - 2)
        step = lines[row, edge + 1] - lines[row, edge]
        long = np.maximum(np.linalg.norm(step, axis=1), 1e-12)[:, None]
        way = step / long
        place = lines[row, edge] + way * (wanted - path[row, edge])[:, None]
        out[row] = place + across[row][:, None] * np.stack([way[:, 1], -way[:, 0]], axis=1)
    return out
