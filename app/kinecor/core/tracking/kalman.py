"""Fusion of where a point is seen and how it is seen to move: a Kalman filter per point, all points at once.

Constant acceleration, state (position, velocity, acceleration) for x and for y, measurement z = [x, y, vx, vy]
(Østvik et al. 2018, section 2.4). filterpy (R. Labbe) builds the model, F and Q; the steps are our own, since filterpy
filters one point at a time. For a recorded loop the fixed-interval smoother of Rauch, Tung and Striebel (AIAA Journal
3:1445, 1965) then uses the frames that come after as well.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.values.geometry import FloatArray

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
    """(6, 6) F of constant acceleration over `step_s` seconds."""
    return np.asarray(np.kron(np.eye(2), _model(step_s, 1.0)[0]))


def process_noise(step_s: float, jerk: float) -> FloatArray:
    """(6, 6) Q of white noise that acts on the acceleration over each step of `step_s` seconds, see Noise.jerk."""
    return np.asarray(np.kron(np.eye(2), _model(step_s, jerk)[1]))


@lru_cache(maxsize=64)
def _model(step_s: float, jerk: float) -> tuple[FloatArray, FloatArray]:
    """F and Q of one axis, (3, 3) each, read-only."""
    # Imported here: filterpy takes more than a second to import, and start-up must not wait for it.
    from filterpy.common import Q_discrete_white_noise, kinematic_state_transition

    f = np.asarray(kinematic_state_transition(2, step_s), np.float64)
    q = np.asarray(Q_discrete_white_noise(3, step_s, jerk**2), np.float64)
    f.flags.writeable = q.flags.writeable = False
    return f, q


def filtered(
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
    x = np.zeros((n, 2, 3))
    x[..., :2] = seen[0]
    p = np.zeros((n, 2, 3, 3))
    p[..., 0, 0], p[..., 1, 1], p[..., 2, 2] = deviation[0, ..., 0] ** 2, noise.velocity**2, (10 * noise.jerk) ** 2
    states, axes, accepted = np.empty((t, n, 2, 3)), np.empty((t, n, 2, 3, 3)), np.ones((t, n), bool)
    states[0], axes[0] = x, p
    for frame in range(1, t):
        step_s = float(times_s[frame] - times_s[frame - 1])
        f, q = _model(step_s, noise.jerk)
        x = x @ f.T
        p = f @ p @ f.T + q
        off = np.where(there[frame], seen[frame] - x[..., :2], 0.0)
        x, p, accepted[frame] = _updated(x, p, off, variance[frame], gate)
        states[frame], axes[frame] = x, p
    return Filtered(states.reshape(t, n, STATES), axes, accepted)


def _updated(
    x: FloatArray, p: FloatArray, off: FloatArray, variance: FloatArray, gate: float
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """States (n, 2, 3) and covariances after measurements that are `off` (n, 2, 2) from what was expected."""
    a, b, d = p[..., 0, 0] + variance[..., 0], p[..., 0, 1], p[..., 1, 1] + variance[..., 1]
    inverse = np.stack([d, -b, -b, a], axis=-1).reshape(*a.shape, 2, 2) / (a * d - b * b)[..., None, None]
    weighed = (inverse @ off[..., None])[..., 0]
    distance = (off * weighed).sum(axis=(1, 2))
    accepted = distance <= gate
    gain = p[..., :, :2] @ inverse * accepted[:, None, None, None]
    x = x + (gain @ off[..., None])[..., 0]
    p = p - gain @ p[..., :2, :]
    # Rounding would let the two halves drift apart.
    return x, (p + p.swapaxes(-1, -2)) / 2, accepted


def smoothed(forward: Filtered, times_s: FloatArray, noise: Noise, *, covariances: bool = True) -> Filtered:
    """Rauch-Tung-Striebel smoother over a filtered clip: each frame's estimate from all frames.

    Args:
        forward: what `filtered` gave.
        times_s: the same times.
        noise: the same noise.
        covariances: whether they are wanted; else those of the forward pass stay, in half the time.

    """
    t, n = forward.states.shape[:2]
    states, axes = forward.states.reshape(t, n, 2, 3).copy(), forward.axes.copy()
    steps_s = np.diff(times_s)
    models = [_model(float(step_s), noise.jerk) for step_s in steps_s]
    f, q = (np.stack(one)[:, None, None] for one in zip(*models, strict=True))
    turned = f.swapaxes(-1, -2)
    p = forward.axes[:-1]
    ahead = f @ p @ turned + q
    gain = p @ turned @ np.linalg.inv(ahead)
    expected = (f @ states[:-1, ..., None])[..., 0]
    back = gain.swapaxes(-1, -2)
    for frame in range(t - 2, -1, -1):
        states[frame] += (gain[frame] @ (states[frame + 1] - expected[frame])[..., None])[..., 0]
        if covariances:
            axes[frame] += gain[frame] @ (axes[frame + 1] - ahead[frame]) @ back[frame]
    return Filtered(states.reshape(t, n, STATES), axes, forward.accepted)
