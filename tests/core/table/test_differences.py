"""Bias, limits of agreement and shares against published examples and simulation."""

import numpy as np
import pytest

from kinecor.core.table.differences import Differences, count_within_intervals, share_limits


def test_published_limits_of_peak_flow_meters() -> None:
    # Bland and Altman 1986, table 1: Wright large and mini meter, first measurement each, l/min.
    large = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    found = Differences(np.subtract(large, mini).astype(float))
    assert found.bias == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    # The paper uses 2 SD, and 3 SD^2 / n as the variance of a limit: -22.0 to 17.8, and 40.9 to 110.1 for the upper.
    of_bias, of_limit = found.half_widths
    assert (found.bias - of_bias, found.bias + of_bias) == pytest.approx((-22.0, 17.8), abs=0.1)
    assert of_limit == pytest.approx(34.6, rel=0.02)


def test_confidence_limits_hold_in_95_of_100_samples() -> None:
    rng = np.random.default_rng(1)
    samples = [Differences(2 + 3 * rng.standard_normal(30)) for _ in range(2000)]
    of_bias = np.mean([abs(one.bias - 2) < one.half_widths[0] for one in samples])
    of_limit = np.mean([abs(one.limits[1] - (2 + 1.96 * 3)) < one.half_widths[1] for one in samples])
    assert of_bias == pytest.approx(0.95, abs=0.02)
    assert of_limit == pytest.approx(0.95, abs=0.02)


def test_limits_of_a_share() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20.
    assert share_limits(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert share_limits(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert share_limits(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert share_limits(20, 20)[1] == 1
    assert share_limits(0, 0) == (0, 1)


def test_values_without_an_interval_are_not_counted() -> None:
    low, high = np.array([1.0, 1.0, np.nan]), np.array([2.0, 2.0, np.nan])
    assert count_within_intervals(np.array([1.5, 3.0, 1.5]), low, high) == (1, 2)


def test_at_30_patients_a_limit_is_known_to_within_two_thirds_of_an_sd() -> None:
    found = Differences(np.random.default_rng(3).normal(0, 4, 30))
    assert found.half_widths[1] / found.sd == pytest.approx(0.645, abs=0.001)
