"""Points of the wall followed through a loop, fused from contours and motion.

Position comes from the contours: across the wall it is the layer of muscle that the point belongs to. Along the wall a
contour does not show the place of a point, except where an open one ends: what the ends are off by is shared out over
the wall, so that motion alone decides how segments differ.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinecor.core.outlines.wall_outline import POINTS, Wall, wall_of
from kinecor.core.tracking.wall_fusion import fused
from kinecor.core.tracking.wall_tracking import KNOTS, Carried, Layer, carried, carried_round, goes_round, spread
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.motion import Motion
from kinecor.core.values.time_axis import TimeAxis
from kinecor.core.values.track import ContourTrack


@dataclass(frozen=True, eq=False)
class WallPoints:
    """Tracking points of the wall.

    Attributes:
        points_px: (t, 120, 2) x, y; from the annulus on the left of the image over the apex to the other, or
            counter-clockwise on the image; evenly spaced at frame `start`. NaN where a frame has no wall and there is
            no motion to carry points through it.
        quality: (120,) 0..1, how well each was followed; 0 without motion.
        followed: whether there was motion: without it, points are merely spaced evenly along the wall of each frame,
            so that only the whole wall's length is known, not that of its parts.
        start: frame at which points are evenly spaced.
        missed: by what share of the wall's length points that go once round the cycle miss their beginning, root
            mean square; NaN where motion does not go round.
        wall: what they were followed in.
        aspect: height of a pixel over its width.

    """

    points_px: FloatArray
    quality: FloatArray
    followed: bool
    start: int
    missed: float
    wall: Wall
    aspect: float

    @cached_property
    def thickness(self) -> FloatArray:
        """(t, 120) thickness of the wall where each point is, pixels' widths; NaN where a frame has no wall."""
        return frozen(self.wall.thickness_at(self.points_px * (1.0, self.aspect)))


def wall_points(
    endo: ContourTrack,
    epi: ContourTrack,
    motion: Motion | None,
    axis: TimeAxis,
    *,
    closed: bool,
    aspect: float = 1.0,
    depth: float = 0.5,
    start: int = 0,
) -> WallPoints | None:
    """Follow points of the wall through the loop; None where no frame has a wall.

    Args:
        endo: contours, from hinge point to hinge point or closed.
        epi: likewise.
        motion: optical flow, with or without a last pair that leads back to the first frame (closed walls only); or
            None.
        axis: times of the frames; periodic where motion leads back to the first.
        closed: whether the wall is closed.
        aspect: height of a pixel over its width.
        depth: in the wall, 0 endocardium to 1 epicardium.
        start: frame at which points are evenly spaced; an end-diastole. The nearest that has a wall counts.

    """
    wall = wall_of(endo, epi, aspect, closed=closed)
    there = wall.nearest(start)
    if there is None:
        return None
    layer, missed = Layer(wall.layer(depth, there), closed), float("nan")
    if motion is None:
        points, quality = layer.lines, np.zeros(POINTS)
    else:
        if closed and goes_round(motion, len(axis)):
            seen, off, before = carried_round(motion, layer, axis, there, aspect)
            rounds, knots = fused(seen)
            found = np.roll(rounds[before : before + len(axis)], there, axis=0)
            missed = float(np.sqrt((off**2).sum(axis=1).mean())) / seen.size
        else:
            seen = carried(motion, layer, axis.times_s, there, aspect)
            found, knots = fused(seen, None if closed else _lag(seen, wall.inner[:, [0, -1]], there))
        points = spread(found, POINTS, closed=closed)
        at, known = (np.linspace(0, 1, count, endpoint=not closed) for count in (POINTS, KNOTS))
        quality = np.interp(at, known, knots, period=1.0 if closed else None)
    shown = frozen(points / (1.0, aspect))
    return WallPoints(shown, frozen(quality), motion is not None, there, missed, wall, aspect)


def _lag(seen: Carried, hinges: FloatArray, start: int) -> FloatArray:
    """(t, n) by how much points lag behind along the wall, as its ends do behind the hinge points.

    Hinge points are compared with where they were at `start`: they are on the endocardium, the ends in the wall.
    """
    raw, tangent = seen.raw, seen.layer.nearest(seen.raw)[1]
    share = np.linspace(0, 1, raw.shape[1])
    ends = []
    for end in (0, -1):
        moved = (hinges[:, end] - hinges[start, end]) - (raw[:, end] - raw[start, end])
        ends.append((moved * tangent[:, end]).sum(axis=1))
    return np.asarray((1 - share) * ends[0][:, None] + share * ends[1][:, None])
