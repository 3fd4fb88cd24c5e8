"""Points of the wall of one short-axis slice followed through the loop, fused from contours and motion.

As along an apical wall (wall_points.py): across the wall a point stays on the layer of muscle it belongs to, which the
contours tell; round the wall a contour tells no place of a point, so that motion alone decides how segments differ.
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.outlines.centreline import POINTS
from kinecor.core.outlines.ring_outline import ring_of
from kinecor.core.outlines.wall_outline import Wall
from kinecor.core.tracking.ring_tracking import carried_ring, carried_round, goes_round
from kinecor.core.tracking.wall_fusion import fused
from kinecor.core.tracking.wall_tracking import KNOTS, spread
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.motion import Motion
from kinecor.core.values.track import ContourTrack


@dataclass(frozen=True, eq=False)
class RingPoints:
    """Where points of a ring are.

    Attributes:
        points_px: (t, 120, 2) x, y, counter-clockwise on the picture; evenly spaced at frame `start`. NaN where a
            frame has no wall and there is no motion to carry points through it.
        thickness: (t, 120) of the wall where each point is, pixels' widths; NaN where a frame has no wall.
        quality: (120,) 0..1, how far each was really followed; 0 without motion.
        followed: whether motion was there: without it points are merely spaced evenly round each frame's wall.
        start: frame at which points are evenly spaced.
        missed: by what share of the ring's length points that go once round the cycle miss their beginning, root
            mean square; NaN where motion does not go round.

    """

    points_px: FloatArray
    thickness: FloatArray
    quality: FloatArray
    followed: bool
    start: int
    missed: float


def ring_points(
    endo: ContourTrack,
    epi: ContourTrack,
    motion: Motion | None,
    times_s: FloatArray,
    *,
    aspect: float = 1.0,
    depth: float = 0.5,
    start: int = 0,
    cycle_s: float = 0.0,
) -> RingPoints | None:
    """Follow points of a ring through the loop; None where no frame has a wall.

    Args:
        endo: closed contours.
        epi: likewise.
        motion: how the picture moves, with or without a last pair that leads back to the first frame; or None.
        times_s: (t,) increasing.
        aspect: height of a pixel over its width.
        depth: in the wall, 0 endocardium to 1 epicardium.
        start: frame at which points are evenly spaced; an end-diastole. The nearest that has a wall counts.
        cycle_s: length of the cycle; needed where motion leads back to the first frame.

    """
    wall = ring_of(endo, epi, aspect)
    there = wall.nearest(start)
    if there is None:
        return None
    start, lines = there, wall.layer(depth, there)
    missed = float("nan")
    if motion is None:
        points, quality = lines, np.zeros(POINTS)
    else:
        if goes_round(motion, len(lines)):
            ring, off, before = carried_round(motion, lines, times_s, start, aspect, cycle_s)
            rounds, knots = fused(ring)
            found = np.roll(rounds[before : before + len(lines)], start, axis=0)
            missed = float(np.sqrt((off**2).sum(axis=1).mean())) / ring.size
        else:
            found, knots = fused(carried_ring(motion, lines, times_s, start, aspect))
        points = spread(found, POINTS, closed=True)
        quality = np.interp(np.arange(POINTS) * KNOTS / POINTS, np.arange(KNOTS), knots, period=KNOTS)
    thickness = _thickness_at(wall, points)
    shown = frozen(points / (1.0, aspect))
    return RingPoints(shown, frozen(thickness), frozen(quality), motion is not None, start, missed)


def _thickness_at(wall: Wall, points: FloatArray) -> FloatArray:
    """(t, 120) thickness of the wall, taken where its normal passes nearest to each point; NaN without a wall."""
    # The line that leaves the endocardium at right angles and goes through the wall's middle.
    middle = wall.inner + 0.5 * wall.thickness[..., None] * wall.normals
    squared = (middle**2).sum(axis=2)[:, None, :] - 2 * points @ middle.swapaxes(1, 2)
    closest = np.where(np.isfinite(squared), squared, np.inf).argmin(axis=2)
    return np.asarray(np.take_along_axis(wall.thickness, closest, axis=1))
