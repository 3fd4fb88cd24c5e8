import numpy as np
import pytest

from kinecor.core.strain.wall_strain import by_beat, spans
from kinecor.core.values.events import Beat

TIMES = np.arange(61) * 0.05  # three beats of 1 s


def length(drift_per_s=0.0, size=100.0, short=0.2):
    return size * (1 - short * (1 - np.cos(2 * np.pi * TIMES)) / 2 + drift_per_s * TIMES)[:, None]


BEATS = (Beat(0, 10), Beat(20, 30), Beat(40, 50))


def test_each_beat_starts_from_its_end_diastole():
    found = spans(BEATS, len(TIMES), 60)
    assert [(one.first, one.last, one.closed) for one in found] == [(0, 20, True), (20, 40, True), (40, 60, True)]
    strain, drift = by_beat(length(), TIMES, found, compensate=False)
    np.testing.assert_allclose(strain[[0, 20, 40], 0], 0, atol=1e-9)
    np.testing.assert_allclose(strain[[10, 30, 50], 0], -20, atol=1e-9)
    assert drift == pytest.approx(0, abs=1e-9)


def test_drift_is_reported_and_compensated():
    drifting = length(0.03)
    found = spans(BEATS, len(TIMES), 60)
    strain, drift = by_beat(drifting, TIMES, found, compensate=True)
    np.testing.assert_allclose(strain[[0, 20, 40, 60], 0], 0, atol=1e-9)
    np.testing.assert_allclose(strain[10, 0], -20, atol=0.1)
    assert drift == pytest.approx(100 * np.mean([0.03, 0.03 / 1.03, 0.03 / 1.06]))
    left, drift_reported = by_beat(drifting, TIMES, found, compensate=False)
    assert left[10, 0] == pytest.approx(-18.5)
    assert drift_reported == pytest.approx(drift)


def test_without_a_next_end_diastole_no_drift_is_known():
    for end in (15, 61):
        (one,) = spans((Beat(0, 10),), end, None)
        assert not one.closed
        assert one.last == end - 1
        strain, drift = by_beat(length(0.03)[:end], TIMES[:end], (one,), compensate=True)
        assert drift is None
        assert strain[10, 0] == pytest.approx(-18.5)


def test_frames_before_the_first_end_diastole_count_from_it():
    strain, _ = by_beat(length(), TIMES, spans((Beat(20, 30),), len(TIMES), 40), compensate=True)
    assert strain[10, 0] == pytest.approx(-20)
    assert strain[50, 0] == pytest.approx(-20)


def test_a_valve_closure_beyond_the_next_end_diastole_leaves_the_beat_open():
    (one,) = spans((Beat(0, 22),), 61, 20)
    assert (one.last, one.closed) == (60, False)
