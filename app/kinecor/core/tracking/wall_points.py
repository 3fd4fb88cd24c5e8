"""Points of the wall followed through a loop, fused from contours and optical flow.

Each point has a Kalman filter with z = [x, y, vx, vy] (Østvik et al. 2018, section 2.4), turned so that x runs along
the wall and y across it, and then a fixed-interval smoother. Velocity is that of the image where the point is.

Position comes from the contours: across the wall it is the layer of muscle that the point belongs to. Along the wall a
contour does not show the place of a point, except where an open one ends: what the ends are off by is shared out over
the wall, so that motion alone decides how segments differ.

Constant acceleration, state (position, velocity, acceleration) for x and for y, measurement z = [x, y, vx, vy]
(Østvik et al. 2018, section 2.4). filterpy (R. Labbe) builds the model, F and Q; the steps are our own, since filterpy
filters one point at a time. For a recorded loop the fixed-interval smoother of Rauch, Tung and Striebel (AIAA Journal
3:1445, 1965) then uses the frames that come after as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from kinecor.core.outlines.wall_outline import POINTS, Wall, wall_of
from kinecor.core.values.geometry import FloatArray, Outline, frozen_array
from kinecor.core.values.message import Message
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Motion

STATES = 6
"""x, vx, ax, y, vy, ay."""
# A measurement farther off than this (Mahalanobis, squared, 4 numbers) comes once in 10,000 by chance: an outlier.
GATE = 23.5


@dataclass(frozen=True, slots=True)
class Noise:
    """How far each thing is to be trusted; standard deviations.

    Attributes:
        position: of a position seen, in the units of the points.
        velocity: of a velocity seen, those units per second.
        jerk: of the acceleration's change from frame to frame, those units per second squared.

    Raises:
        ValueError: one is not above 0.

    """

    position: float
    velocity: float
    jerk: float

    def __post_init__(self) -> None:
        if min(self.position, self.velocity, self.jerk) <= 0:
            raise ValueError(f"deviations must be above 0, got {self.position}, {self.velocity}, {self.jerk}")


@dataclass(frozen=True, eq=False)
class Filtered:
    """Estimates of every point at every frame.

    With noise of x apart from that of y, the two axes are separate filters, and are stored so.

    Attributes:
        states: (t, n, 6) x, vx, ax, y, vy, ay.
        axes: (t, n, 2, 3, 3) covariances of x, vx, ax and of y, vy, ay.
        accepted: (t, n) whether the measurement passed the gate and was used.

    """

    states: FloatArray
    axes: FloatArray
    accepted: np.ndarray

    @property
    def points(self) -> FloatArray:
        """(t, n, 2) positions (x, y)."""
        return self.states[..., [0, 3]]

    @property
    def covariances(self) -> FloatArray:
        """(t, n, 6, 6); between x and y there is none."""
        whole = np.zeros((*self.states.shape, STATES))
        whole[..., :3, :3], whole[..., 3:, 3:] = self.axes[..., 0, :, :], self.axes[..., 1, :, :]
        return whole


def transition(step_s: float) -> FloatArray:
    """(6, 6) F of constant acceleration over `step_s` seconds.

    Args:
        step_s: from frame to frame.

    """
    return np.asarray(np.kron(np.eye(2), _model(step_s, 1.0)[0]))


def process_noise(step_s: float, jerk: float) -> FloatArray:
    """(6, 6) Q of white noise that acts on the acceleration over each step of `step_s` seconds, see Noise.jerk.

    Args:
        step_s: from frame to frame.
        jerk: see Noise.

    """
    return np.asarray(np.kron(np.eye(2), _model(step_s, jerk)[1]))


def load_filter() -> None:
    """Import filterpy, and with it scipy.stats: a second or two; who will need it soon has a thread do so meanwhile."""
    _model(0.02, 1.0)


@lru_cache(maxsize=64)
def _model(step_s: float, jerk: float) -> tuple[FloatArray, FloatArray]:
    """F and Q of one axis, (3, 3) each, read-only."""
    # Imported here: start-up must not wait for it. A thread imports it before it is needed, see `load_filter`.
    from filterpy.common import Q_discrete_white_noise, kinematic_state_transition

    f = np.asarray(kinematic_state_transition(2, step_s), np.float64)
    q = np.asarray(Q_discrete_white_noise(3, step_s, jerk**2), np.float64)
    f.flags.writeable = q.flags.writeable = False
    return f, q


def filter_forwards(
    measured: FloatArray,
    times_s: FloatArray,
    noise: Noise,
    quality: FloatArray | None = None,
    *,
    position: FloatArray | None = None,
    gate: float = GATE,
) -> Filtered:
    """Forward pass over a clip.

    Args:
        measured: (t, n, 4) x, y, vx, vy of each point; NaN where something was not seen, which is then predicted.
        times_s: (t,) increasing.
        noise: see Noise.
        quality: (t, n) 0..1, how well each point was tracked; deviations of its velocity grow as its inverse. All 1
            if None.
        position: (t, n, 2) deviations of x and y in place of the noise's, or None.
        gate: squared Mahalanobis distance beyond which a measurement is left out; infinity for none.

    Returns:
        Estimates after each frame's measurement.

    Raises:
        ValueError: shapes do not fit, times do not increase, or the first frame has no position.

    """
    t, n = measured.shape[:2]
    if measured.shape != (t, n, 4) or times_s.shape != (t,):
        raise ValueError(f"expected (t, n, 4) and (t,), got {measured.shape} and {times_s.shape}")
    if (np.diff(times_s) <= 0).any():
        raise ValueError("times must increase")
    if not np.isfinite(measured[0, :, :2]).all():
        raise ValueError("every point needs a position in the first frame")
    trust = np.ones((t, n)) if quality is None else np.clip(quality, 0.02, 1.0)
    # By axis: (t, n, x or y, position or velocity).
    seen = measured.reshape(t, n, 2, 2).swapaxes(2, 3)
    deviation = np.empty((t, n, 2, 2))
    deviation[..., 0] = noise.position if position is None else position
    deviation[..., 1] = (noise.velocity / trust)[..., None]
    there = np.isfinite(seen)
    # What was not seen gets a deviation so large that it has no weight.
    variance = np.where(there, deviation**2, 1e18)
    seen = np.where(there, seen, 0.0)
    x = np.zeros((3, n, 2))
    x[:2] = seen[0].transpose(2, 0, 1)
    c = np.zeros((6, n, 2))
    c[0], c[3], c[5] = deviation[0, ..., 0] ** 2, noise.velocity**2, (10 * noise.jerk) ** 2
    # By state first: each is worked on for all points at once.
    seen, variance, there = (np.ascontiguousarray(field.transpose(0, 3, 1, 2)) for field in (seen, variance, there))
    states, six, accepted = np.empty((t, 3, n, 2)), np.empty((t, 6, n, 2)), np.ones((t, n), bool)
    states[0], six[0] = x, c
    for frame in range(1, t):
        step_s = float(times_s[frame] - times_s[frame - 1])
        _, q = _model(step_s, noise.jerk)
        x = np.stack([x[0] + step_s * x[1] + (step_s * step_s / 2) * x[2], x[1] + step_s * x[2], x[2]])
        off = np.where(there[frame], seen[frame] - x[:2], 0.0)
        x, c, accepted[frame] = _updated(x, _predicted(c, step_s, q), off, variance[frame], gate)
        states[frame], six[frame] = x, c
    axes = np.empty((t, n, 2, 3, 3))
    for number, (row, column) in enumerate(_SIX):
        axes[..., row, column] = axes[..., column, row] = six[:, number]
    return Filtered(states.transpose(0, 2, 3, 1).reshape(t, n, STATES), axes, accepted)


_SIX = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
"""The entries of a symmetric matrix (3, 3) that are held."""


def _predicted(c: FloatArray, step_s: float, q: FloatArray) -> FloatArray:
    """Covariances (6, n, 2), see _SIX, a step later: F C F^T + Q of position, velocity and acceleration."""
    s, half = step_s, step_s * step_s / 2
    after = np.empty_like(c)
    # Rows of F C, then its columns.
    a1, a2 = c[1] + s * c[3] + half * c[4], c[2] + s * c[4] + half * c[5]
    b2 = c[4] + s * c[5]
    after[0] = c[0] + s * c[1] + half * c[2] + s * a1 + half * a2
    after[1] = a1 + s * a2
    after[2] = a2
    after[3] = c[3] + s * c[4] + s * b2
    after[4] = b2
    after[5] = c[5]
    for number, place in enumerate(_SIX):
        after[number] += q[place]
    return after


def _updated(
    x: FloatArray, c: FloatArray, off: FloatArray, variance: FloatArray, gate: float
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """States (3, n, 2) and covariances (6, n, 2), see _SIX, after measurements that are `off` (2, n, 2)."""
    xx, xv, xa, vv, va = c[0], c[1], c[2], c[3], c[4]
    a, d = xx + variance[0], vv + variance[1]
    scale = 1.0 / (a * d - xv * xv)
    u, v = off
    weighed_u, weighed_v = (d * u - xv * v) * scale, (a * v - xv * u) * scale
    distance = u * weighed_u + v * weighed_v
    accepted = distance[:, 0] + distance[:, 1] <= gate
    if not accepted.all():  # where a measurement is left out, nothing changes
        weighed_u, weighed_v, scale = (weighed * accepted[:, None] for weighed in (weighed_u, weighed_v, scale))
    after, left = np.empty_like(x), np.empty_like(c)
    # The gain of each state, and what it takes off its covariances with the states that follow.
    for state, (first, second) in enumerate(((xx, xv), (xv, vv), (xa, va))):
        after[state] = x[state] + (first * weighed_u + second * weighed_v)
    by_x, by_v = (d * xx - xv * xv) * scale, xv * (a - xx) * scale
    left[0] = by_x * xx + by_v * xv
    left[1] = by_x * xv + by_v * vv
    left[2] = by_x * xa + by_v * va
    by_x, by_v = xv * (d - vv) * scale, (a * vv - xv * xv) * scale
    left[3] = by_x * xv + by_v * vv
    left[4] = by_x * xa + by_v * va
    by_x, by_v = (d * xa - xv * va) * scale, (a * va - xv * xa) * scale
    left[5] = by_x * xa + by_v * va
    return after, c - left, accepted


def smooth_backwards(forward: Filtered, times_s: FloatArray, noise: Noise, *, covariances: bool = True) -> Filtered:
    """Rauch-Tung-Striebel smoother over a filtered clip: each frame's estimate from all frames.

    Args:
        forward: what `filter_forwards` gave.
        times_s: the same times.
        noise: the same noise.
        covariances: whether they are wanted; else those of the forward pass stay, in half the time.

    """
    t, n = forward.states.shape[:2]
    states, axes = forward.states.reshape(t, n, 2, 3).copy(), forward.axes.copy()
    steps_s = np.diff(times_s)
    models = [_model(float(step_s), noise.jerk) for step_s in steps_s]
    f, q = (np.stack(matrices)[:, None, None] for matrices in zip(*models, strict=True))
    turned = f.swapaxes(-1, -2)
    p = forward.axes[:-1]
    ahead = f @ p @ turned + q
    # Of symmetric matrices the gain is its own transposed solution.
    gain = _solved(ahead, f @ p).swapaxes(-1, -2)
    expected = (f @ states[:-1, ..., None])[..., 0]
    back = gain.swapaxes(-1, -2)
    for frame in range(t - 2, -1, -1):
        states[frame] += (gain[frame] @ (states[frame + 1] - expected[frame])[..., None])[..., 0]
        if covariances:
            axes[frame] += gain[frame] @ (axes[frame + 1] - ahead[frame]) @ back[frame]
    return Filtered(states.reshape(t, n, STATES), axes, forward.accepted)


def _solved(symmetric: FloatArray, right: FloatArray) -> FloatArray:
    """(..., 3, k) solutions for positive definite matrices (..., 3, 3), by L D L^T written out, for speed."""
    a, b, c = (symmetric[..., 0, index] for index in range(3))
    d, e, f = symmetric[..., 1, 1], symmetric[..., 1, 2], symmetric[..., 2, 2]
    low, lower = b / a, c / a
    second = d - low * b
    last = (e - lower * b) / second
    third = f - lower * c - last * last * second
    x, y, z = (right[..., index, :] for index in range(3))
    low, lower, last = low[..., None], lower[..., None], last[..., None]
    y = y - low * x
    z = (z - lower * x - last * y) / third[..., None]
    y = y / second[..., None] - last * z
    return np.stack([x / a[..., None] - low * y - lower * z, y, z], axis=-2)


KNOTS = 40
"""Points that are followed; more would say nothing new, since motion is smooth along the wall."""
_DEGREES = 14
# Distances of the points of this many frames from their lines fit into the processor's cache.
_AT_ONCE = 4
# Share of a point's distance from its layer that is corrected in each frame.
_KEEP = 0.05
# Motion that misses its start there and back by this share of the wall's length from frame to frame counts half.
DOUBTFUL = 0.001
# How stiff the wall is along itself against motion of full weight at all points. On simulated recordings a softer one
# is as good; on real ones segments of beat after beat agree better with this.
_STIFF = 0.5
# Phases of circular padding at each end of a gated cycle.
_PADDING = 6


@lru_cache(maxsize=8)
def along_wall(count: int, *, closed: bool = False) -> FloatArray:
    """(count, 14) cubic B-splines at places evenly along the wall: the resolution along it.

    On a `closed` wall they go round, and the last place is one step before the first.

    Args:
        count: of places.
        closed: whether the wall goes round.

    """
    if closed:
        # The cardinal B-spline at distances round the wall, which is 14 knots long.
        off = np.abs(np.arange(count)[:, None] * (_DEGREES / count) - np.arange(_DEGREES))
        off = np.minimum(off, _DEGREES - off)
        near, far = (4 - 6 * off**2 + 3 * off**3) / 6, np.maximum(2 - off, 0) ** 3 / 6
        return frozen_array(np.where(off < 1, near, far))
    knots = np.concatenate([np.zeros(3), np.linspace(0, 1, _DEGREES - 2), np.ones(3)])
    places = np.clip(np.linspace(0, 1, count), 0, 1 - 1e-12)[:, None]
    # De Boor's recursion; where knots coincide there is nothing to add. scipy.interpolate takes a second to import.
    values = ((knots[:-1] <= places) & (places < knots[1:])).astype(np.float64)
    for degree in (1, 2, 3):
        wide = knots[degree:] - knots[:-degree]
        share = (places - knots[:-degree]) / np.where(wide > 0, wide, 1)
        values = share[:, :-1] * values[:, :-1] + np.where(wide[1:] > 0, 1 - share[:, 1:], 0) * values[:, 1:]
    return frozen_array(values)


def spread(values: FloatArray, count: int, *, closed: bool = False) -> FloatArray:
    """(t, count, 2) of (t, KNOTS, 2): the smooth line along the wall through knots, at `count` places.

    Args:
        values: at the knots.
        count: of places.
        closed: whether the wall goes round.

    """
    return np.asarray(_spreading(count, closed) @ values)


@lru_cache(maxsize=8)
def _spreading(count: int, closed: bool) -> FloatArray:
    return frozen_array(along_wall(count, closed=closed) @ np.linalg.pinv(along_wall(KNOTS, closed=closed)))


@dataclass(frozen=True, eq=False)
class Layer:
    """The layer of muscle that points belong to, in each frame.

    Attributes:
        lines: (t, m, 2) x, y, pixels as wide as high, evenly spaced; NaN where a frame has no wall.
        closed: whether each line's last point is followed by its first.

    """

    lines: FloatArray
    closed: bool

    def size(self, frame: int) -> float:
        """Length of the wall in a frame, in pixels' widths.

        Args:
            frame: from 0.

        """
        return Outline(self.lines[frame], self.closed).length

    def knots(self, frame: int) -> FloatArray:
        """(KNOTS, 2) points of a frame's line, evenly along it.

        Args:
            frame: from 0.

        """
        m = self.lines.shape[1]
        if self.closed:
            return np.asarray(self.lines[frame][np.arange(KNOTS) * m // KNOTS])
        return np.asarray(self.lines[frame][np.linspace(0, m - 1, KNOTS).round().astype(np.intp)])

    def nearest(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far (t, n, 2) points are off the lines, and the direction of the lines there.

        Args:
            points: in pixels' widths.

        Returns:
            (t, n) distance across the line, along its normal, and (t, n, 2) unit tangents; NaN where there is no line.

        """
        parts = [
            self._nearest(points[first : first + _AT_ONCE], slice(first, first + _AT_ONCE))
            for first in range(0, len(points), _AT_ONCE)
        ]
        off, tangent = (np.concatenate(pieces) for pieces in zip(*parts, strict=True))
        return off, tangent

    def nearest_in(self, frame: int, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `nearest`, of (n, 2) points in one frame.

        Args:
            frame: from 0.
            points: in pixels' widths.

        """
        line = self.lines[frame]
        closest = (self._squares[frame] - 2 * points @ line.T).argmin(axis=1)
        tangent, off = self.tangents[frame][closest], line[closest] - points
        return off[:, 0] * tangent[:, 1] - off[:, 1] * tangent[:, 0], tangent

    def _nearest(self, points: FloatArray, frames: slice) -> tuple[FloatArray, FloatArray]:
        lines = self.lines[frames]
        squared = self._squares[frames, None] - 2 * points @ lines.swapaxes(1, 2)
        closest = squared.argmin(axis=2)
        frame = np.arange(len(lines))[:, None]
        tangent = self.tangents[frames][frame, closest]
        off = lines[frame, closest] - points
        return off[..., 0] * tangent[..., 1] - off[..., 1] * tangent[..., 0], tangent

    @cached_property
    def tangents(self) -> FloatArray:
        """(t, m, 2) unit vectors along the lines; NaN where there is no line."""
        lines = self.lines
        way = np.roll(lines, -1, axis=1) - np.roll(lines, 1, axis=1) if self.closed else np.gradient(lines, axis=1)
        return np.asarray(way / np.linalg.norm(way, axis=2, keepdims=True))

    @cached_property
    def _squares(self) -> FloatArray:
        """(t, m) squared distance of the lines' points from the origin."""
        return np.asarray((self.lines**2).sum(axis=2))


def unit_normals(tangent: FloatArray) -> FloatArray:
    """Unit vectors (..., 2) at right angles to tangents, on the side that `Layer.nearest` counts as positive.

    Args:
        tangent: unit vectors.

    """
    turned = np.empty_like(tangent)
    turned[..., 0], turned[..., 1] = tangent[..., 1], -tangent[..., 0]
    return turned


@dataclass(frozen=True, eq=False)
class Carried:
    """Points of the wall as motion carries them, all in pixels as wide as high.

    Attributes:
        raw: (t, n, 2) where motion takes the points.
        layer: what they belong to, of the same t frames.
        moved: (t - 1, n, 2) motion of the image where they are.
        error: (t - 1, n) by how much that misses its start there and back.
        times_s: (t,) increasing.
        size: length of the wall where points were placed.

    """

    raw: FloatArray
    layer: Layer
    moved: FloatArray
    error: FloatArray
    times_s: FloatArray
    size: float


def goes_round(motion: Motion, frames: int) -> bool:
    """Whether motion also leads from the last frame to the first.

    Args:
        motion: from each frame to the next.
        frames: of the recording.

    """
    return len(motion) == frames


def carry_points(motion: Motion, layer: Layer, times_s: FloatArray, start: int, aspect: float) -> Carried:
    """Points evenly on the layer at `start`, carried forwards and backwards by motion.

    Args:
        motion: of the pairs of frames; one from the last to the first is not used.
        layer: what they belong to.
        times_s: (t,).
        start: a frame that has a wall.
        aspect: height of a pixel over its width.

    """
    lines, size = layer.lines, layer.size(start)
    step = Step(motion, aspect, DOUBTFUL * size, layer)
    raw = np.empty((len(lines), KNOTS, 2))
    raw[start] = layer.knots(start)
    for frame in range(start, len(lines) - 1):
        raw[frame + 1] = step.on(frame, raw[frame], frame + 1)
    for frame in range(start, 0, -1):
        raw[frame - 1] = step.back(frame - 1, raw[frame], frame - 1)
    moved, error = motion.along(raw[:-1] / (1.0, aspect))
    return Carried(raw, layer, moved * (1.0, aspect), error, times_s, size)


def carried_round(
    motion: Motion, layer: Layer, axis: TimeAxis, start: int, aspect: float
) -> tuple[Carried, FloatArray, int]:
    """The same round a gated cycle, whose last phase is followed by its first: each point returns to where it began.

    Points go round forwards and backwards from `start`; each way counts the more, the nearer it is to its beginning.
    What either way misses the beginning by is thereby shared out over the cycle.

    Args:
        motion: from each frame to the next, and from the last to the first.
        layer: that the points are kept near.
        axis: times of the frames.
        start: frame that points begin in, from 0.
        aspect: height of a pixel over its width.

    Returns:
        circular padding included, for the filter to run in: the last phases of one round, a whole round from `start`,
        and the first of the next; (KNOTS, 2) by how much the way forwards misses its beginning; and the number of
        phases that come before `start`.

    """
    lines, t = layer.lines, len(layer.lines)
    size, first = layer.size(start), layer.knots(start)
    step = Step(motion, aspect, DOUBTFUL * size, layer)
    on, back = np.empty((t + 1, KNOTS, 2)), np.empty((t + 1, KNOTS, 2))
    on[0] = back[t] = first
    for k in range(t):
        on[k + 1] = step.on((start + k) % t, on[k], (start + k + 1) % t)
    for k in range(t, 0, -1):
        back[k - 1] = step.back((start + k - 1) % t, back[k], (start + k - 1) % t)
    share = np.linspace(0, 1, t + 1)[:, None, None]
    # At both ends it is where the points began.
    once = (1 - share) * on + share * back
    before = min(_PADDING, t)
    place = np.arange(-before, t + before + 1)
    phase = (start + place) % t
    raw = once[place % t]
    moved, error = motion.along(raw[:-1] / (1.0, aspect), phase[:-1])
    times_s = np.array([axis.at_s(step) for step in (start + place).tolist()])
    padded = Layer(lines[phase], layer.closed)
    return Carried(raw, padded, moved * (1.0, aspect), error, times_s, size), on[t] - first, before


@dataclass(frozen=True, eq=False)
class Step:
    """Takes points of the wall from a frame to its neighbour.

    Attributes:
        motion: optical flow.
        aspect: height of a pixel over its width.
        doubtful: error, in pixels' widths, at which motion counts half.
        layer: that the points belong to and are kept near.
        closed: whether the wall is closed, where there is no layer.

    """

    motion: Motion
    aspect: float
    doubtful: float
    layer: Layer | None = None
    closed: bool = False

    def on(self, pair: int, points: FloatArray, to: int = -1) -> FloatArray:
        """(KNOTS, 2) where points of the first frame of a pair are in the second, frame `to` of the layer.

        Args:
            pair: its number, from 0.
            points: (KNOTS, 2) in pixels' widths.
            to: frame of the layer, from 0; -1 for the last.

        """
        return self._towards(points + self._moved(pair, points), to)

    def back(self, pair: int, points: FloatArray, to: int = -1) -> FloatArray:
        """(KNOTS, 2) where points of the second frame of a pair are in the first, frame `to` of the layer.

        Args:
            pair: its number, from 0.
            points: (KNOTS, 2) in pixels' widths.
            to: frame of the layer, from 0; -1 for the last.

        """
        # Where a point was that came here: from where it is, taken back by what moves it here.
        before = points - self._moved(pair, points)
        return self._towards(points - self._moved(pair, before), to)

    def _moved(self, pair: int, at: FloatArray) -> FloatArray:
        scale = np.array([1.0, self.aspect])
        moved, error = self.motion.at(pair, at / scale)
        closed = self.closed if self.layer is None else self.layer.closed
        return smooth_step(at, moved * scale, error, self.doubtful, closed=closed)

    def _towards(self, points: FloatArray, to: int) -> FloatArray:
        if self.layer is None or not np.isfinite(self.layer.lines[to, 0, 0]):
            return points
        off, tangent = self.layer.nearest_in(to, points)
        return np.asarray(points + _KEEP * off[:, None] * unit_normals(tangent))


def smooth_step(
    points: FloatArray, moved: FloatArray, error: FloatArray, doubtful: float, *, closed: bool
) -> FloatArray:
    """(KNOTS, 2) displacements that are smooth along the wall; doubtful and unknown ones follow their neighbours.

    What the wall does as a whole (shift, turn, lengthen, widen) is taken off first, so that smoothing costs no strain.

    Args:
        points: (KNOTS, 2) where they are.
        moved: (KNOTS, 2).
        error: (KNOTS,) by how much there and back misses its start.
        doubtful: error at which a displacement counts half.
        closed: whether the last point is followed by the first.

    """
    # Written for speed: this is asked for in every frame of every edit.
    sure, count = trust(error, doubtful), len(points)
    weight = (np.where(np.isnan(sure), 0.0, sure) + 1e-4)[:, None]
    moved = np.where(np.isnan(moved), 0.0, moved)
    off = points - np.add.reduce(points, axis=0) / count
    frame = np.empty((count, 3))
    frame[:, 0], frame[:, 1:] = 1.0, off / max(float(off.max()), -float(off.min()), 1e-9)
    weighted = (weight * frame).T
    whole = frame @ _positive_solved(weighted @ frame, weighted @ moved)
    basis = along_wall(KNOTS, closed=closed)
    weighted = (weight * basis).T
    normal = weighted @ basis + _bending(basis.shape[1], closed)
    return np.asarray(whole + basis @ _positive_solved(normal, weighted @ (moved - whole)))


def _positive_solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """The solution for one symmetric positive definite matrix; by any method where rounding left it not quite that."""
    solver: Callable[..., tuple[FloatArray, FloatArray, int]] = _lapack()
    _, found, failed = solver(matrix, right)
    return np.asarray(np.linalg.solve(matrix, right)) if failed else found


@lru_cache(maxsize=1)
def _lapack() -> Callable[..., tuple[FloatArray, FloatArray, int]]:
    # Imported here: start-up must not wait for it.
    from scipy.linalg.lapack import dposv

    return dposv  # type: ignore[no-any-return]


@lru_cache(maxsize=2)
def _bending(count: int, closed: bool) -> FloatArray:
    """(count, count) what bends of the spline cost (Eilers and Marx, Statistical Science 1996;11:89)."""
    identity = np.eye(count)
    second = (
        np.roll(identity, -1, axis=0) - 2 * identity + np.roll(identity, 1, axis=0)
        if closed
        else np.diff(identity, 2, axis=0)
    )
    return frozen_array(_STIFF * second.T @ second + 1e-9 * np.eye(count))


def trust(error: FloatArray, doubtful: float) -> FloatArray:
    """Weight 0..1 of motion with such errors; NaN stays.

    Args:
        error: of motion, in any unit.
        doubtful: error at which motion counts half.

    """
    return np.asarray(1 / (1 + (error / doubtful) ** 2))


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


def fuse_points(seen: Carried, along: FloatArray | None = None) -> tuple[FloatArray, FloatArray]:
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
    turn = np.stack([way, unit_normals(way)], axis=1)
    there = np.isfinite(off)[..., None]
    place = off[..., None] * unit_normals(tangent) + (0 if along is None else along[..., None] * tangent)
    place = np.where(there, seen.raw + place, seen.raw)
    measured = np.concatenate([_turned(place, turn), _turned(velocity, turn)], axis=2) / seen.size
    position = np.where(there, np.array([ALONG, accuracy]), _UNSEEN)
    sure = trust(np.nan_to_num(seen.error, nan=1e3), DOUBTFUL * seen.size)
    step_s = float(np.median(np.diff(seen.times_s)))
    noise = Noise(accuracy, VELOCITY, JERK * step_s / _JERK_STEP_S)
    forward = filter_forwards(measured, seen.times_s, noise, np.sqrt(_at_frames(sure)), position=position)
    points = smooth_backwards(forward, seen.times_s, noise, covariances=False).points * seen.size
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
        contradiction: why points that a reader placed cannot be followed, in words; None where they are, or none is.

    """

    points_px: FloatArray
    quality: FloatArray
    followed: bool
    start: int
    missed: float
    wall: Wall
    aspect: float
    contradiction: Message | None = None

    @cached_property
    def thickness(self) -> FloatArray:
        """(t, 120) thickness of the wall where each point is, pixels' widths; NaN where a frame has no wall."""
        return frozen_array(self.wall.thickness_at(self.points_px * (1.0, self.aspect)))


def wall_points(
    endo: ContourTrack,
    epi: ContourTrack | None,
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
        epi: likewise; None for points along the endocardium.
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
            rounds, knots = fuse_points(seen)
            fused = np.roll(rounds[before : before + len(axis)], there, axis=0)
            missed = float(np.sqrt((off**2).sum(axis=1).mean())) / seen.size
        else:
            seen = carry_points(motion, layer, axis.times_s, there, aspect)
            fused, knots = fuse_points(seen, None if closed else _lag(seen, wall.inner[:, [0, -1]], there))
        points = spread(fused, POINTS, closed=closed)
        at, known = (np.linspace(0, 1, count, endpoint=not closed) for count in (POINTS, KNOTS))
        quality = np.interp(at, known, knots, period=1.0 if closed else None)
    shown = frozen_array(points / (1.0, aspect))
    return WallPoints(shown, frozen_array(quality), motion is not None, there, missed, wall, aspect)


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
