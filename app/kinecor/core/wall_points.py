"""Points of the wall followed through a loop, fused from contours and motion.

Each point has a Kalman filter with z = [x, y, vx, vy] (Østvik et al. 2018, section 2.4), turned so that x runs along
the wall and y across it, and then a fixed-interval smoother. Velocity is that of the picture where the point is.
Position comes from the contours: across the wall it is the layer of muscle that the point belongs to. Along the wall a
contour tells no place of a point, only where its ends are: what the ends are off by is shared out over the wall, so
that motion alone decides how segments differ.
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.arrays import FloatArray, frozen
from kinecor.core.centreline import POINTS
from kinecor.core.kalman import Noise, filtered, smoothed
from kinecor.core.motion import Motion
from kinecor.core.track import ContourTrack
from kinecor.core.wall_outline import Wall, wall_of
from kinecor.core.wall_tracking import DOUBTFUL, KNOTS, across, carried, nearest, spread, trust

# Deviations, as shares of the wall's length (170 mm in an adult): of contours across the wall and along it, of the
# picture's velocity a second, and of the acceleration's change within 20 ms. Chosen on simulated recordings, where
# strain came nearest to the truth.
ACROSS, ALONG, VELOCITY, JERK = 0.02, 0.02, 0.09, 3.0
_JERK_STEP_S = 0.02
_UNSEEN = 1e3
# Quality is a half where motion misses its start, there and back, or differs from its neighbours along the wall, by so
# much a second, or where points are so far off the layer they belong to; all as shares of the wall's length. With DIS
# flow, simulated recordings and good real clips lie at a quarter to a third of it.
_HALF_ERROR, _HALF_ROUGH, _HALF_OFF = 0.03, 0.03, 0.015


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
    with_wall = np.flatnonzero(wall.there)
    if not len(with_wall):
        return None
    start = int(with_wall[np.argmin(np.abs(with_wall - start))])
    lines = wall.layer(depth, start)
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
    velocity = _velocities(moved * (1.0, aspect), times_s)
    off, tangent = nearest(lines, raw)
    along = _shared(raw, wall.inner[:, [0, -1]], tangent, start)
    seen = np.isfinite(off)
    # One direction for each point, the mean over the loop: the filter's axes stand still.
    way = np.nanmean(tangent, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    turn = np.stack([way, across(way)], axis=1)
    place = np.where(seen[..., None], raw + off[..., None] * across(tangent) + along[..., None] * tangent, raw)
    measured = np.concatenate([_turned(place, turn), _turned(velocity, turn)], axis=2) / size
    position = np.where(seen[..., None], np.array([ALONG, ACROSS]), _UNSEEN)
    sure = trust(np.nan_to_num(error, nan=1e3), DOUBTFUL * size)
    step_s = float(np.median(np.diff(times_s)))
    noise = Noise(ACROSS, VELOCITY, JERK * step_s / _JERK_STEP_S)
    forward = filtered(measured, times_s, noise, np.sqrt(_at_frames(sure)), position=position)
    points = smoothed(forward, times_s, noise, covariances=False).points * size
    found = np.einsum("tna,nab->tnb", points, turn)
    rough = np.linalg.norm(moved * (1.0, aspect) - np.diff(raw, axis=0), axis=2)
    a_second = size * np.diff(times_s)[:, None]
    quality = _quality(error / a_second, rough / a_second, np.abs(off) / size)
    return found, np.interp(np.linspace(0, 1, POINTS), np.linspace(0, 1, KNOTS), quality)


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
