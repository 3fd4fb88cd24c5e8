"""Points of the wall followed through a loop, fused from contours and motion.

Position comes from the contours: across the wall it is the layer of muscle that the point belongs to. Along the wall a
contour tells no place of a point, only where its ends are: what the ends are off by is shared out over the wall, so
that motion alone decides how segments differ.
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.outlines.centreline import POINTS
from kinecor.core.outlines.wall_outline import Wall, wall_of
from kinecor.core.tracking.wall_fusion import Carried, fused
from kinecor.core.tracking.wall_tracking import KNOTS, carried, nearest, spread
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.motion import Motion
from kinecor.core.values.track import ContourTrack


@dataclass(frozen=True, eq=False)
class WallPoints:
    """Where points of the wall are.

    Attributes:
        points_px: (t, 120, 2) x, y, from the annulus on the left of the picture over the apex to the other; evenly
            spaced at the frame that they were placed at. NaN where nothing is known.
        quality: (120,) 0..1, how far each was really followed; 0 where there is no motion to follow it by.
        followed: whether motion was there: without it, points are merely spaced evenly along the wall of each frame,
            so that the whole wall's length counts and that of its parts says nothing.

    """

    points_px: FloatArray
    quality: FloatArray
    followed: bool


def wall_points(
    endo: ContourTrack,
    epi: ContourTrack,
    motion: Motion | None,
    times_s: FloatArray,
    *,
    aspect: float = 1.0,
    depth: float = 0.5,
    start: int = 0,
) -> WallPoints | None:
    """Follow points of the wall through the loop; None where no frame has a wall.

    Args:
        endo: contours from hinge point to hinge point.
        epi: likewise.
        motion: how the picture moves, or None.
        times_s: (t,) increasing.
        aspect: height of a pixel over its width.
        depth: in the wall, 0 endocardium to 1 epicardium.
        start: frame at which points are evenly spaced; an end-diastole. The nearest that has a wall counts.

    """
    wall = wall_of(endo, epi, aspect)
    there = wall.nearest(start)
    if there is None:
        return None
    start, lines = there, wall.layer(depth, there)
    if motion is None:
        return WallPoints(frozen(lines / (1.0, aspect)), frozen(np.zeros(POINTS)), followed=False)
    points, quality = _fused(motion, lines, wall, times_s, start, aspect)
    return WallPoints(frozen(spread(points, POINTS) / (1.0, aspect)), frozen(quality), followed=True)


def _fused(
    motion: Motion, lines: FloatArray, wall: Wall, times_s: FloatArray, start: int, aspect: float
) -> tuple[FloatArray, FloatArray]:
    """(t, KNOTS, 2) points, pixels as wide as high, and the quality of 120 along the wall."""
    size = float(np.linalg.norm(np.diff(lines[start], axis=0), axis=1).sum())
    raw = carried(motion, lines, start, aspect)
    moved, error = motion.along(raw[:-1] / (1.0, aspect))
    tangent = nearest(lines, raw)[1]
    along = _shared(raw, wall.inner[:, [0, -1]], tangent, start)
    points, quality = fused(Carried(raw, lines, moved * (1.0, aspect), error, times_s, size), along)
    return points, np.interp(np.linspace(0, 1, POINTS), np.linspace(0, 1, KNOTS), quality)


def _shared(raw: FloatArray, hinges: FloatArray, tangent: FloatArray, start: int) -> FloatArray:
    """(t, n) by how much points lag behind along the wall, as its ends do behind the hinge points.

    Hinge points are compared with where they were at `start`: they lie on the endocardium, the ends in the wall.
    """
    share = np.linspace(0, 1, raw.shape[1])
    ends = []
    for end in (0, -1):
        moved = (hinges[:, end] - hinges[start, end]) - (raw[:, end] - raw[start, end])
        ends.append((moved * tangent[:, end]).sum(axis=1))
    return np.asarray((1 - share) * ends[0][:, None] + share * ends[1][:, None])
