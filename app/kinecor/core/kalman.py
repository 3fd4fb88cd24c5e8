"""Fusion of where a point is seen and how it is seen to move: a Kalman filter per point, all points at once.

Constant acceleration, state (position, velocity, acceleration) for x and for y, measurement z = [x, y, vx, vy]
(Østvik et al. 2018, section 2.4; model and names as in filterpy, R. Labbe). For a recorded loop the fixed-interval
smoother of Rauch, Tung and Striebel (AIAA Journal 3:1445, 1965) then uses the frames that come after as well.
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.arrays import FloatArray

STATES = 6
"""x, vx, ax, y, vy, ay."""
_SEEN = (0, 3, 1, 4)
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

    Attributes:
        states: (t, n, 6) x, vx, ax, y, vy, ay.
        covariances: (t, n, 6, 6).
        accepted: (t, n) whether the measurement passed the gate and was used.

    """

    states: FloatArray
    covariances: FloatArray
    accepted: np.ndarray

    @property
    def points(self) -> FloatArray:
        """(t, n, 2) positions (x, y)."""
        return self.states[..., [0, 3]]


def transition(step_s: float) -> FloatArray:
    """(6, 6) F of constant acceleration over `step_s` seconds."""
    one = np.array([[1, step_s, step_s**2 / 2], [0, 1, step_s], [0, 0, 1]])
    return np.kron(np.eye(2), one)


def process_noise(step_s: float, jerk: float) -> FloatArray:
    """(6, 6) Q of white noise that acts on the acceleration over each step, as filterpy's Q_discrete_white_noise."""
    gain = np.array([step_s**2 / 2, step_s, 1.0])
    return np.asarray(np.kron(np.eye(2), np.outer(gain, gain) * jerk**2))


_MEASURE = np.eye(STATES)[list(_SEEN)]


def filtered(
    measured: FloatArray,
    times_s: FloatArray,
    noise: Noise,
    quality: FloatArray | None = None,
    *,
    gate: float = GATE,
) -> Filtered:
    """Forward pass over a clip.

    Args:
        measured: (t, n, 4) x, y, vx, vy of each point; NaN where something was not seen, which is then predicted.
        times_s: (t,) increasing.
        noise: see Noise.
        quality: (t, n) 0..1, how well each point was tracked; deviations of its velocity grow as its inverse. All 1
            if None.
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
    x = np.zeros((n, STATES))
    x[:, [0, 3]] = measured[0, :, :2]
    x[:, [1, 4]] = np.nan_to_num(measured[0, :, 2:])
    start = np.array([noise.position, noise.velocity, noise.jerk * 10])
    p = np.broadcast_to(np.diag(np.tile(start**2, 2)), (n, STATES, STATES)).copy()
    states, covariances, accepted = np.empty((t, n, STATES)), np.empty((t, n, STATES, STATES)), np.ones((t, n), bool)
    states[0], covariances[0] = x, p
    for frame in range(1, t):
        step_s = float(times_s[frame] - times_s[frame - 1])
        f = transition(step_s)
        x = x @ f.T
        p = f @ p @ f.T + process_noise(step_s, noise.jerk)
        x, p, accepted[frame] = _updated(x, p, measured[frame], noise, trust[frame], gate)
        states[frame], covariances[frame] = x, p
    return Filtered(states, covariances, accepted)


def _updated(
    x: FloatArray, p: FloatArray, z: FloatArray, noise: Noise, trust: FloatArray, gate: float
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    seen = np.isfinite(z)
    # What was not seen gets a deviation so large that it tells nothing.
    deviation = np.stack([np.full_like(trust, noise.position)] * 2 + [noise.velocity / trust] * 2, axis=1)
    variance = np.where(seen, deviation**2, 1e18)
    surprise = np.where(seen, z, 0) - np.where(seen, x[:, list(_SEEN)], 0)
    s = p[:, _SEEN][:, :, _SEEN] + np.eye(4) * variance[:, None, :]
    inverse = np.linalg.inv(s)
    distance = np.einsum("ni,nij,nj->n", surprise, inverse, surprise)
    accepted = distance <= gate
    gain = p[:, :, _SEEN] @ inverse
    gain = np.where(accepted[:, None, None], gain, 0.0)
    x = x + (gain @ surprise[:, :, None])[:, :, 0]
    left = np.eye(STATES) - gain @ _MEASURE
    # Joseph's form keeps covariances symmetric and positive.
    p = left @ p @ left.transpose(0, 2, 1) + (gain * variance[:, None, :]) @ gain.transpose(0, 2, 1)
    return x, p, accepted


def smoothed(forward: Filtered, times_s: FloatArray, noise: Noise) -> Filtered:
    """Rauch-Tung-Striebel smoother over a filtered clip: each frame's estimate from all frames.

    Args:
        forward: what `filtered` gave.
        times_s: the same times.
        noise: the same noise.

    """
    states, covariances = forward.states.copy(), forward.covariances.copy()
    for frame in range(len(states) - 2, -1, -1):
        step_s = float(times_s[frame + 1] - times_s[frame])
        f = transition(step_s)
        p = forward.covariances[frame]
        ahead = f @ p @ f.T + process_noise(step_s, noise.jerk)
        gain = p @ f.T @ np.linalg.inv(ahead)
        off = states[frame + 1] - forward.states[frame] @ f.T
        states[frame] = forward.states[frame] + (gain @ off[:, :, None])[:, :, 0]
        covariances[frame] = p + gain @ (covariances[frame + 1] - ahead) @ gain.transpose(0, 2, 1)
    return Filtered(states, covariances, forward.accepted)
