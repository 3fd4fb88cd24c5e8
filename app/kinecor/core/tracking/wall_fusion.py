"""Positions of points of the wall, fused from their layer between the contours and optical flow.

Each point has a Kalman filter with z = [x, y, vx, vy] (Østvik et al. 2018, section 2.4), turned so that x runs along
the wall and y across it, and then a fixed-interval smoother. Velocity is that of the image where the point is.
"""

import numpy as np

from kinecor.core.tracking.kalman import Noise, filtered, smoothed
from kinecor.core.tracking.wall_tracking import DOUBTFUL, Carried, across, trust
from kinecor.core.values.arrays import FloatArray

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
