"""Points of the wall carried from frame to frame by how the picture moves."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.motion import Motion

KNOTS = 40
"""Points that are followed; more would say nothing new, since motion is smooth along the wall."""
_DEGREES = 14
# Of how far a point is off the layer it belongs to, so much is made good in each frame.
_KEEP = 0.05
# Motion that misses its start there and back by this share of the wall's length from frame to frame counts half.
DOUBTFUL = 0.001
# How stiff the wall is along itself against motion that is fully believed at all points. On simulated recordings a
# softer one is as good; on real ones segments of beat after beat agree better with this.
_STIFF = 0.5


@lru_cache(maxsize=8)
def along_wall(count: int, *, closed: bool = False) -> FloatArray:
    """(count, 14) cubic B-splines at places evenly along the wall: what can be told apart along it.

    On a `closed` ring they go round, and the last place is one step before the first.
    """
    if closed:
        return _round_wall(count)
    knots = np.concatenate([np.zeros(3), np.linspace(0, 1, _DEGREES - 2), np.ones(3)])
    places = np.clip(np.linspace(0, 1, count), 0, 1 - 1e-12)[:, None]
    # De Boor's recursion; where knots coincide there is nothing to add. scipy.interpolate takes a second to import.
    values = ((knots[:-1] <= places) & (places < knots[1:])).astype(np.float64)
    for degree in (1, 2, 3):
        wide = knots[degree:] - knots[:-degree]
        share = (places - knots[:-degree]) / np.where(wide > 0, wide, 1)
        values = share[:, :-1] * values[:, :-1] + np.where(wide[1:] > 0, 1 - share[:, 1:], 0) * values[:, 1:]
    return frozen(values)


def _round_wall(count: int) -> FloatArray:
    """The cardinal cubic B-spline at distances round the ring, which is 14 knots long."""
    off = np.abs(np.arange(count)[:, None] * (_DEGREES / count) - np.arange(_DEGREES))
    off = np.minimum(off, _DEGREES - off)
    near, far = (4 - 6 * off**2 + 3 * off**3) / 6, np.maximum(2 - off, 0) ** 3 / 6
    return frozen(np.where(off < 1, near, far))


def spread(values: FloatArray, count: int, *, closed: bool = False) -> FloatArray:
    """(t, count, 2) of (t, KNOTS, 2): the smooth line along the wall through knots, at `count` places."""
    return np.asarray(_spreading(count, closed) @ values)


@lru_cache(maxsize=8)
def _spreading(count: int, closed: bool) -> FloatArray:
    return frozen(along_wall(count, closed=closed) @ np.linalg.pinv(along_wall(KNOTS, closed=closed)))


def nearest(lines: FloatArray, points: FloatArray, *, closed: bool = False) -> tuple[FloatArray, FloatArray]:
    """How far points are off lines, and along which way the lines run there.

    Args:
        lines: (t, m, 2); NaN where a frame has none.
        points: (t, n, 2).
        closed: whether each line's last point is followed by its first.

    Returns:
        (t, n) distance across the line, along its normal, and (t, n, 2) unit tangents; NaN where there is no line.

    """
    way = np.roll(lines, -1, axis=1) - np.roll(lines, 1, axis=1) if closed else np.gradient(lines, axis=1)
    way = way / np.linalg.norm(way, axis=2, keepdims=True)
    squared = (lines**2).sum(axis=2)[:, None, :] - 2 * points @ lines.swapaxes(1, 2)
    closest = np.where(np.isfinite(squared), squared, np.inf).argmin(axis=2)
    frame = np.arange(len(lines))[:, None]
    tangent = way[frame, closest]
    off = lines[frame, closest] - points
    return off[..., 0] * tangent[..., 1] - off[..., 1] * tangent[..., 0], tangent


def across(tangent: FloatArray) -> FloatArray:
    """Unit vectors (..., 2) at right angles to tangents, on the side that `nearest` counts as positive."""
    return np.stack([tangent[..., 1], -tangent[..., 0]], axis=-1)


def carried(motion: Motion, lines: FloatArray, start: int, aspect: float) -> FloatArray:
    """(t, KNOTS, 2) points that lie evenly on `lines[start]`, carried forwards and backwards by motion.

    Args:
        motion: how the picture moves.
        lines: (t, m, 2) the layer they belong to, pixels as wide as high; NaN where a frame has no wall.
        start: a frame that has a wall.
        aspect: height of a pixel over its width.

    """
    step = Step(motion, aspect, DOUBTFUL * float(np.linalg.norm(np.diff(lines[start], axis=0), axis=1).sum()))
    out = np.empty((len(lines), KNOTS, 2))
    out[start] = lines[start][np.linspace(0, lines.shape[1] - 1, KNOTS).round().astype(np.intp)]
    for frame in range(start, len(lines) - 1):
        out[frame + 1] = step.on(frame, out[frame], lines[frame + 1])
    for frame in range(start, 0, -1):
        out[frame - 1] = step.back(frame - 1, out[frame], lines[frame - 1])
    return out


@dataclass(frozen=True, eq=False)
class Step:
    """Takes points of the wall from a frame to its neighbour.

    Attributes:
        motion: how the picture moves.
        aspect: height of a pixel over its width.
        doubtful: error, in pixels' widths, at which motion counts half.
        closed: whether the wall is a ring.

    """

    motion: Motion
    aspect: float
    doubtful: float
    closed: bool = False

    def on(self, pair: int, points: FloatArray, line: FloatArray) -> FloatArray:
        """(KNOTS, 2) where points of the first frame of a pair are in the second, whose layer is `line` (m, 2)."""
        return self._kept(points + self._moved(pair, points), line)

    def back(self, pair: int, points: FloatArray, line: FloatArray) -> FloatArray:
        """(KNOTS, 2) where points of the second frame of a pair are in the first, whose layer is `line` (m, 2)."""
        # Where a point was that came here: from where it is, taken back by what moves it here.
        before = points - self._moved(pair, points)
        return self._kept(points - self._moved(pair, before), line)

    def _moved(self, pair: int, at: FloatArray) -> FloatArray:
        scale = np.array([1.0, self.aspect])
        moved, error = self.motion.at(pair, at / scale)
        return smooth_step(at, moved * scale, error, self.doubtful, closed=self.closed)

    def _kept(self, points: FloatArray, line: FloatArray) -> FloatArray:
        if not np.isfinite(line[0, 0]):
            return points
        off, tangent = nearest(line[None], points[None], closed=self.closed)
        return np.asarray(points + _KEEP * off[0][:, None] * across(tangent[0]))


def smooth_step(
    points: FloatArray, moved: FloatArray, error: FloatArray, doubtful: float, *, closed: bool = False
) -> FloatArray:
    """(KNOTS, 2) displacements that are smooth along the wall; doubtful and unknown ones follow their neighbours.

    What the wall does as a whole (shift, turn, lengthen, widen) is taken off first, so that smoothing costs no strain.

    Args:
        points: (KNOTS, 2) where they are.
        moved: (KNOTS, 2).
        error: (KNOTS,) how far there and back misses its start.
        doubtful: error at which a displacement counts half.
        closed: whether the last point is followed by the first.

    """
    weight = (np.nan_to_num(trust(error, doubtful)) + 1e-4)[:, None]
    moved = np.nan_to_num(moved)
    off = points - points.mean(axis=0)
    frame = np.column_stack([np.ones(len(off)), off / max(float(np.abs(off).max()), 1e-9)])
    whole = frame @ np.linalg.solve(frame.T @ (weight * frame), frame.T @ (weight * moved))
    basis = along_wall(KNOTS, closed=closed)
    normal = basis.T @ (weight * basis) + _bending(basis.shape[1], closed)
    return np.asarray(whole + basis @ np.linalg.solve(normal, basis.T @ (weight * (moved - whole))))


@lru_cache(maxsize=2)
def _bending(count: int, closed: bool) -> FloatArray:
    """(count, count) what bends of the spline cost (Eilers and Marx, Statistical Science 1996;11:89)."""
    one = np.eye(count)
    second = np.roll(one, -1, axis=0) - 2 * one + np.roll(one, 1, axis=0) if closed else np.diff(one, 2, axis=0)
    return frozen(_STIFF * second.T @ second + 1e-9 * np.eye(count))


def trust(error: FloatArray, doubtful: float) -> FloatArray:
    """0..1, how far motion with such errors is to be believed; NaN stays."""
    return np.asarray(1 / (1 + (error / doubtful) ** 2))
