import subprocess
import sys

import numpy as np
import pytest
from filterpy.common import Q_discrete_white_noise
from filterpy.kalman import KalmanFilter

from kinecor.core.tracking.wall_points import Noise, filter_forwards, process_noise, smooth_backwards, transition

NOISE = Noise(position=0.5, velocity=5.0, jerk=60.0)
SEEN = [0, 3, 1, 4]


def circling(points=7, frames=40, seed=0):
    """Points that go round, seen with noise: measured (t, n, 4), truth (t, n, 2), times."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(np.concatenate([[0.0], rng.uniform(0.015, 0.025, frames - 1)]))
    turn = 2 * np.pi * (times[:, None] + np.linspace(0, 1, points))
    truth = np.stack([10 * np.sin(turn), 5 * np.cos(turn)], axis=2)
    velocity = 2 * np.pi * np.stack([10 * np.cos(turn), -5 * np.sin(turn)], axis=2)
    seen = np.concatenate([truth, velocity], axis=2) + rng.normal(0, 1, (frames, points, 4)) * [0.5, 0.5, 5, 5]
    return seen, truth, times


def by_filterpy(measured, times, noise):
    """One point by filterpy, forwards and smoothed: states, covariances, smoothed states."""
    kalman = KalmanFilter(dim_x=6, dim_z=4)
    kalman.x = np.zeros(6)
    kalman.x[[0, 3, 1, 4]] = measured[0]
    kalman.P = np.diag(np.tile([noise.position, noise.velocity, 10 * noise.jerk], 2) ** 2)
    kalman.H = np.eye(6)[SEEN]
    kalman.R = np.diag([noise.position] * 2 + [noise.velocity] * 2) ** 2
    states, covariances, steps, noises = [kalman.x], [kalman.P], [np.eye(6)], [np.eye(6)]
    for frame in range(1, len(times)):
        step = times[frame] - times[frame - 1]
        kalman.F = transition(step)
        kalman.Q = Q_discrete_white_noise(3, step, noise.jerk**2, block_size=2)
        kalman.predict()
        kalman.update(measured[frame])
        states.append(kalman.x)
        covariances.append(kalman.P)
        steps.append(kalman.F)
        noises.append(kalman.Q)
    late = kalman.rts_smoother(np.array(states), np.array(covariances), Fs=steps, Qs=noises)
    return np.array(states), np.array(covariances), late[0]


def test_all_points_at_once_are_filterpy_s_one_by_one():
    measured, _, times = circling()
    ours = filter_forwards(measured, times, NOISE, gate=np.inf)
    late = smooth_backwards(ours, times, NOISE)
    for point in range(measured.shape[1]):
        states, covariances, after = by_filterpy(measured[:, point], times, NOISE)
        np.testing.assert_allclose(ours.states[:, point], states, rtol=0, atol=1e-9 * np.abs(states).max())
        np.testing.assert_allclose(ours.covariances[:, point], covariances, rtol=0, atol=1e-9 * covariances.max())
        np.testing.assert_allclose(late.states[:, point], after, rtol=0, atol=1e-9 * np.abs(after).max())


def test_the_model_is_that_of_constant_acceleration():
    step_s, jerk = 0.02, 7.0
    gain = np.array([step_s**2 / 2, step_s, 1.0])
    moving = np.array([[1, step_s, step_s**2 / 2], [0, 1, step_s], [0, 0, 1]])
    nothing = np.zeros((3, 3))
    np.testing.assert_allclose(
        process_noise(step_s, jerk),
        np.block([[jerk**2 * np.outer(gain, gain), nothing], [nothing, jerk**2 * np.outer(gain, gain)]]),
        rtol=1e-14,
    )
    np.testing.assert_allclose(transition(step_s), np.block([[moving, nothing], [nothing, moving]]), rtol=1e-15)


def test_filtering_helps_and_smoothing_helps_more():
    measured, truth, times = circling(points=40)
    forward = filter_forwards(measured, times, NOISE)
    errors = [
        np.abs(p - truth).mean()
        for p in (measured[..., :2], forward.points, smooth_backwards(forward, times, NOISE).points)
    ]
    assert errors[1] < 0.6 * errors[0]
    assert errors[2] < 0.8 * errors[1]


def test_an_outlier_is_left_out():
    measured, truth, times = circling()
    measured[20, 3, :2] += 30
    forward = filter_forwards(measured, times, NOISE)
    assert not forward.accepted[20, 3]
    assert forward.accepted.sum() >= forward.accepted.size - 3
    assert np.abs(forward.points[20, 3] - truth[20, 3]).max() < 1.5
    assert np.abs(filter_forwards(measured, times, NOISE, gate=np.inf).points[20, 3] - truth[20, 3]).max() > 5


def test_what_was_not_seen_is_predicted():
    measured, truth, times = circling()
    measured[10:13, 2] = np.nan
    forward = filter_forwards(measured, times, NOISE)
    assert np.isfinite(forward.states).all()
    assert np.abs(forward.points[10, 2] - truth[10, 2]).max() < 2
    spread = forward.covariances[:, 2, 0, 0]
    assert spread[12] > 2 * spread[9]


def test_poorly_tracked_velocities_count_less():
    measured, truth, times = circling(points=30)
    measured[..., 2:] += 40
    poor = np.full(measured.shape[:2], 0.05)
    good = np.abs(filter_forwards(measured, times, NOISE, gate=np.inf).points - truth).mean()
    better = np.abs(filter_forwards(measured, times, NOISE, poor, gate=np.inf).points - truth).mean()
    assert better < 0.8 * good


def test_each_position_may_have_its_noise_level():
    measured, truth, times = circling(points=30)
    rng = np.random.default_rng(1)
    position = np.full((*measured.shape[:2], 2), NOISE.position)
    position[1:, :, 1] = 20
    measured[1:, :, 1] += rng.normal(0, 20, (len(times) - 1, 30))
    ungated = np.abs(filter_forwards(measured, times, NOISE, gate=np.inf).points - truth)[..., 1].mean()
    doubted = np.abs(filter_forwards(measured, times, NOISE, position=position, gate=np.inf).points - truth)[
        ..., 1
    ].mean()
    assert doubted < 0.7 * ungated
    same = filter_forwards(measured, times, NOISE, position=np.full_like(position, NOISE.position))
    np.testing.assert_array_equal(same.states, filter_forwards(measured, times, NOISE).states)


@pytest.mark.parametrize("wrong", ["shape", "times", "start"])
def test_what_does_not_fit_is_refused(wrong):
    measured, _, times = circling()
    if wrong == "shape":
        measured = measured[..., :3]
    elif wrong == "times":
        times = times[::-1]
    else:
        measured[0, 1, 0] = np.nan
    with pytest.raises(ValueError, match=r"expected|increase|first frame"):
        filter_forwards(measured, times, NOISE)


def test_deviations_must_be_above_nothing():
    with pytest.raises(ValueError, match="above 0"):
        Noise(1.0, 0.0, 1.0)


def test_a_worker_has_imported_what_builds_the_model_before_strain_is_looked_at():
    script = "import sys; from kinecor.ui.workspace.jobs import load_strain; print('filterpy' in sys.modules);"
    script += "load_strain(); print('filterpy' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False", "True"]
