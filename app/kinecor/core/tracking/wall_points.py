"""Points of the wall followed through a loop, fused from contours and optical flow.

Each point has a Kalman filter with z = [x, y, vx, vy] (Østvik et al. 2018, section 2.4), turned so that x runs along
the wall and y across it, and then a fixed-interval smoother. Velocity is that of the image where the point is.

Position comes from the contours: across the wall it is the layer of muscle that the point belongs to. Along the wall a
contour does not show the place of a point, except where an open one ends: what the ends are off by is shared out over
the wall, so that motion alone decides how segments differ.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinecor.core.outlines.wall_outline import POINTS, Wall, wall_of
from kinecor.core.tracking.kalman import Noise, filtered, smoothed
from kinecor.core.tracking.wall_tracking import (
    DOUBTFUL,
    KNOTS,
    Carried,
    Layer,
    across,
    carried,
    carried_round,
    goes_round,
    spread,
    trust,
)
from kinecor.core.values.geometry import FloatArray, frozen
from kinecor.core.values.motion import Motion
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack

# Deviations, as shares of the wall's length (170 mm in an adult): of contours across the wall and along it, of the
# image's velocity per second, and of the acceleration's change within 20 ms. Chosen on simulated recordings, where
# strain came nearest to the truth.
ACROSS, ALONG, VELOCITY, JERK = 0.02, 0.02, 0.09, 3.0
# The same across a closed wall: contours of a short axis are closer to the wall than those of an apical view, and
# phases so far apart leave motion behind. Chosen on simulated stacks.
_ACROSS_CLOSED = 0.005
_JERK_STEP_S = 0.02
_UNSEEN = 1e3
# Quality is 0.5 where motion misses its start, there and back, or differs from its neighbours along the wall, by this
# much per second, or where points are this far off their layer; all as shares of the wall's length. With DIS flow,
# simulated recordings and good real clips have a quarter to a third of it.
_HALF_ERROR, _HALF_ROUGH, _HALF_OFF = 0.03, 0.03, 0.015


def fused(seen: Carried, along: FloatArray | None = None) -> tuple[FloatArray, FloatArray]:
    """(t, n, 2) points from contours and motion together, and (n,) 0..1, how well each was followed.

    Args:
        seen: points carried by motion, and the layer of the contours.
        along: (t, n) by how much points lag behind along the wall, where contours show it; else None.

    """
    off, tangent = seen.layer.nearest(seen.raw)
    accuracy = _ACROSS_CLOSED if seen.layer.closed else ACROSS
    velocity = _velocities(seen.moved, seen.times_s)
    # One direction for each point, the mean over the loop: the filter's axes stand still.
    way = np.nanmean(tangent, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    turn = np.stack([way, across(way)], axis=1)
    there = np.isfinite(off)[..., None]
    place = off[..., None] * across(tangent) + (0 if along is None else along[..., None] * tangent)
    place = np.where(there, seen.raw + place, seen.raw)
    measured = np.concatenate([_turned(place, turn), _turned(velocity, turn)], axis=2) / seen.size
    position = np.where(there, np.array([ALONG, accuracy]), _UNSEEN)
    sure = trust(np.nan_to_num(seen.error, nan=1e3), DOUBTFUL * seen.size)
    step_s = float(np.median(np.diff(seen.times_s)))
    noise = Noise(accuracy, VELOCITY, JERK * step_s / _JERK_STEP_S)
    forward = filtered(measured, seen.times_s, noise, np.sqrt(_at_frames(sure)), position=position)
    points = smoothed(forward, seen.times_s, noise, covariances=False).points * seen.size
    found = np.einsum("tna,nab->tnb", points, turn)
    rough = np.linalg.norm(seen.moved - np.diff(seen.raw, axis=0), axis=2)
    a_second = seen.size * np.diff(seen.times_s)[:, None]
    return found, _quality(seen.error / a_second, rough / a_second, np.abs(off) / seen.size)


def _quality(error: FloatArray, rough: FloatArray, off: FloatArray) -> FloatArray:
    """(n,) 0..1 of what motion misses, differs by, and is off by, (t, n) each, NaN where unknown: means over frames."""
    doubt = (np.nan_to_num(error, nan=1.0) / _HALF_ERROR) ** 2 + (np.nan_to_num(rough, nan=1.0) / _HALF_ROUGH) ** 2
    apart = (np.nan_to_num(off) / _HALF_OFF) ** 2
    return np.asarray((1 / (1 + doubt)).mean(axis=0) * (1 / (1 + apart)).mean(axis=0))


def _turned(vectors: FloatArray, turn: FloatArray) -> FloatArray:
    """(t, n, 2) along and across the wall of (t, n, 2) x, y."""
    return np.asarray(np.einsum("tnb,nab->tna", vectors, turn))


def _velocities(moved: FloatArray, times_s: FloatArray) -> FloatArray:
    """(t, n, 2) from displacements (t - 1, n, 2): over the frames before and after, so that it lags behind neither."""
    known = np.concatenate([moved[:1] * np.nan, moved, moved[:1] * np.nan])
    gaps_s = np.diff(times_s)
    before, after = np.concatenate([[0.0], gaps_s]), np.concatenate([gaps_s, [0.0]])
    total = np.nan_to_num(known[:-1]) + np.nan_to_num(known[1:])
    lasting = before[:, None] * np.isfinite(known[:-1, :, 0]) + after[:, None] * np.isfinite(known[1:, :, 0])
    return np.asarray(total / np.where(lasting > 0, lasting, np.nan)[..., None])


def _at_frames(pairs: FloatArray) -> FloatArray:
    """(t, n) of pairs of frames (t - 1, n): the mean of the two that a frame belongs to."""
    whole = np.concatenate([pairs[:1], pairs, pairs[-1:]])
    return np.asarray((whole[:-1] + whole[1:]) / 2)


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
