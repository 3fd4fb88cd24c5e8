import numpy as np
import pytest

from kinecor.core.strain.wall_strain import (
    drift_compensated,
    implausible_segments,
    lengths,
    mechanical_dispersion_ms,
    shortening,
    strain_percent,
    strain_rate_per_s,
)
from kinecor.core.values.events import Beat


def arches(scales, count=121):
    turn = np.linspace(np.pi, 2 * np.pi, count)
    arch = np.stack([30 * np.cos(turn), 80 * np.sin(turn)], axis=1)
    return np.stack([arch * scale for scale in scales])


def test_shrinking_by_a_fifth_is_minus_twenty_percent():
    length = lengths(arches([1.0, 0.9, 0.8]))
    np.testing.assert_allclose(strain_percent(length, 0)[:, 0], [0, -10, -20], atol=1e-9)


@pytest.mark.parametrize("turn_deg", [5, 40, 90])
def test_moving_and_turning_alone_is_no_strain(turn_deg):
    line = arches([1.0, 1.0])
    angle = np.deg2rad(turn_deg)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    line[1] = line[1] @ rotation.T + (12, -30)
    assert abs(strain_percent(lengths(line, 6), 0)).max() < 1e-9


def test_parts_add_up_to_the_whole():
    line = arches([1.0, 0.85], count=100)  # 99 steps do not divide by 6
    np.testing.assert_allclose(lengths(line, 6).sum(axis=1), lengths(line)[:, 0])


def test_a_part_that_shortens_alone_is_found():
    line = arches([1.0, 1.0], count=121)
    line[1, :21] = line[1, 20] + 0.7 * (line[1, :21] - line[1, 20])  # the first sixth, towards its far end
    strain = strain_percent(lengths(line, 6), 0)[1]
    np.testing.assert_allclose(strain, [-30, 0, 0, 0, 0, 0], atol=1e-9)


def test_strain_rate_of_a_sine():
    times = np.linspace(0, 1, 201)
    strain = -20 * np.sin(np.pi * times) ** 2
    wanted = -0.2 * np.pi * np.sin(2 * np.pi * times)
    np.testing.assert_allclose(strain_rate_per_s(strain, times)[1:-1], wanted[1:-1], atol=2e-3)


def test_drift_is_compensated_linearly_and_reported():
    times = np.array([0.0, 0.1, 0.3, 0.4, 0.5])
    strain = np.array([0.0, -10, -15, -3, -5])
    found, drift = drift_compensated(strain, times, 0, 4)
    assert float(drift) == pytest.approx(-5)
    np.testing.assert_allclose(found, [0, -9, -12, 1, 0], atol=1e-12)
    both, drifts = drift_compensated(np.stack([strain, 2 * strain], axis=1), times, 0, 4)
    np.testing.assert_allclose(both[:, 1], 2 * found)
    np.testing.assert_allclose(drifts, [-5, -10])


def test_summary_of_a_late_wall():
    times = np.arange(6) * 0.1
    found = shortening(np.array([0.0, -8, -12, -15, -6, 0]), times, Beat(0, 2), 5)
    assert (found.end_systolic, found.peak, found.peak_systolic) == (-12, -15, -12)
    assert found.post_systolic_index == pytest.approx(20)
    assert found.time_to_peak_s == pytest.approx(0.3)


def test_summary_of_a_wall_in_time():
    times = 1 + np.arange(6) * 0.1
    found = shortening(np.array([0.0, -18, -16, -9, -6, 0]), times, Beat(0, 2), 5)
    assert (found.end_systolic, found.peak, found.post_systolic_index) == (-16, -18, 0)
    assert found.time_to_peak_s == pytest.approx(0.1)


def test_a_wall_that_only_stretches_has_no_post_systolic_index():
    found = shortening(np.array([0.0, 3, 5, 2, 1, 0.5]), np.arange(6.0), Beat(0, 2), 5)
    assert found.post_systolic_index == 0
    assert found.end_systolic == 5


def test_dispersion_is_the_sample_deviation():
    assert mechanical_dispersion_ms(np.array([0.30, 0.34, 0.38])) == pytest.approx(40)


@pytest.mark.parametrize(
    "call",
    [
        lambda: lengths(arches([1.0], count=4), 6),
        lambda: strain_percent(np.zeros((3, 1)), 0),
        lambda: drift_compensated(np.zeros(4), np.arange(4.0), 3, 3),
        lambda: shortening(np.zeros(5), np.arange(5.0), Beat(0, 4), 3),
        lambda: shortening(np.zeros(5), np.arange(5.0), Beat(5, 1), 4),
        lambda: mechanical_dispersion_ms(np.array([0.3])),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match=r"\w"):
        call()


def test_a_loop_that_begins_in_systole_is_counted_back_from_its_end_diastole():
    found = shortening(np.array([-10.0, -15, -20, -22, -8, 0, 1]), np.arange(7.0), Beat(5, 2), 6)
    assert (found.end_systolic, found.peak, found.peak_systolic) == (-20, -22, -20)
    assert found.post_systolic_index == pytest.approx(100 * 2 / 22)
    assert np.isnan(found.time_to_peak_s)


@pytest.mark.parametrize(
    ("percent", "numbers"),
    [
        ((-18.0, -19, -20, -21, -19, -18), ()),
        ((-18.0, -19, -5, -21, -19, -18), (2,)),  # less than a third of the others
        ((-18.0, -19, 2, -21, -19, -18), (2,)),  # lengthens
        ((-9.0, -9, -10, -35, -9, -8), (3,)),  # more than three times
        ((-18.0, -19, np.nan, -21, np.nan, -18), ()),
        ((-18.0, -2, *[np.nan] * 4), ()),  # too few to say which is wrong
        ((2.0, 3, 2, 1, 2, 3), ()),  # nothing shortens: another check says so
    ],
)
def test_segments_that_do_not_go_together_are_found(percent, numbers) -> None:
    assert implausible_segments(np.array(percent)) == numbers
