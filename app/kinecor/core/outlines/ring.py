"""Pulling at outlines that close on themselves, phase after phase of a heart cycle that does so too.

A short-axis outline has no hinge: its last point is followed by the first, and a pull is felt both ways along it. Its
phases are those of one gated cycle, so the last is followed by the first as well.
"""

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.contour import Contour


def _closed_path(contour: Contour) -> tuple[FloatArray, FloatArray]:
    """The points with the first one again at the end (n + 1, 2), and their distance along the outline (n + 1,)."""
    points = np.concatenate((contour.points, contour.points[:1]))
    return points, np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))


def ring_nearest(contour: Contour, point_px: tuple[float, float]) -> tuple[float, float]:
    """The place (0 to 1 all round) nearest to a point (x, y), and its distance in pixels."""
    points, path = _closed_path(contour)
    start, step = points[:-1], np.diff(points, axis=0)
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    share = np.clip(((point_px - start) * step).sum(axis=1) / square, 0.0, 1.0)
    distance = np.hypot(*(start + share[:, None] * step - point_px).T)
    best = int(distance.argmin())
    along = path[best] + share[best] * (path[best + 1] - path[best])
    return float(along / max(path[-1], 1e-12) % 1.0), float(distance[best])


def ring_place(contour: Contour, along: FloatArray | float) -> FloatArray:
    """The points (x, y) at `along` (0 to 1 all round, one number or (k,)): (2,) or (k, 2) pixels."""
    points, path = _closed_path(contour)
    wanted = np.asarray(along) % 1.0 * path[-1]
    return np.stack([np.interp(wanted, path, points[:, i]) for i in (0, 1)], axis=-1)


def ring_bent(contour: Contour, along: float, delta_px: FloatArray, reach_px: float) -> Contour:
    """`contour` with the place `along` moved by `delta_px` (dx, dy), the rest by exp(-(distance / reach)^2)."""
    _, path = _closed_path(contour)
    length = max(path[-1], 1e-12)
    gap = np.abs(path[:-1] - along * length)
    gap = np.minimum(gap, length - gap)
    weight = np.exp(-((gap / max(reach_px, 1e-6)) ** 2))
    return Contour(frozen(contour.points + weight[:, None] * delta_px))


def cycle_weights(times_s: FloatArray, frame: int, reach_s: float, least: float) -> FloatArray:
    """(frames,) from 0 to 1: exp(-(time to `frame` / reach)^2), time taken the shorter way round the cycle.

    0 s is this frame only, infinity the whole cycle; below `least` a frame is left as it is.
    """
    weights = np.zeros(len(times_s))
    weights[frame] = 1.0
    if reach_s <= 0 or len(times_s) < 2:
        return weights
    cycle_s = float(times_s[-1] + np.median(np.diff(times_s)))
    gap = np.abs(times_s - times_s[frame])
    weights = np.exp(-((np.minimum(gap, cycle_s - gap) / reach_s) ** 2))
    return np.where(weights < least, 0.0, weights)
