import numpy as np
import pytest

from kinecor_phantoms.heart.field import NAMES, SEGMENTS, SIZE, basis, field_values, from_segments, segment_of

rng = np.random.default_rng(0)
ANGLE, HEIGHT = rng.uniform(-4, 4, 300), rng.uniform(-0.3, 1.6, 300)


def test_integrals_and_slopes_are_those_of_the_functions():
    at, step = basis(ANGLE, HEIGHT), 1e-6
    slope = (basis(ANGLE, HEIGHT + step).integral - basis(ANGLE, HEIGHT - step).integral) / (2 * step)
    assert slope == pytest.approx(at.value, abs=1e-5)
    turned = (basis(ANGLE + step, HEIGHT).integral - basis(ANGLE - step, HEIGHT).integral) / (2 * step)
    assert turned == pytest.approx(at.turned, abs=1e-7)
    assert basis(ANGLE, np.zeros_like(ANGLE)).integral == pytest.approx(0)


def test_one_field_is_evaluated_as_the_basis_has_it():
    coefficients = rng.normal(size=SIZE)
    at = basis(ANGLE, HEIGHT)
    for found, wanted in zip(
        field_values(coefficients, ANGLE, HEIGHT), (at.value, at.integral, at.turned), strict=True
    ):
        assert found == pytest.approx(wanted @ coefficients, abs=1e-9)


def test_at_the_apex_all_angles_agree():
    values = basis(np.linspace(0, 6, 20), np.zeros(20)).value
    assert np.ptp(values, axis=0).max() < 1e-12


def test_segments_are_where_the_guideline_puts_them():
    degrees, heights = np.deg2rad([90, 150, 210, 270, 330, 30]), (0.9, 0.5, 0.1)
    found = [segment_of(degrees, np.full(6, height)).tolist() for height in heights]
    assert found == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17]]
    assert NAMES[3] == "basal inferior"
    assert NAMES[17] == "apical anterolateral"
    assert len(set(NAMES)) == SEGMENTS


def test_a_field_is_near_the_value_of_each_segment():
    values = np.ones(SEGMENTS)
    values[9] = 0.0  # mid inferior
    field = from_segments(values)
    middle = basis(np.deg2rad([270.0, 90.0, 30.0]), np.full(3, 0.5)).value @ field
    assert middle[0] < 0.5
    assert middle[1:] == pytest.approx(1, abs=0.2)


def test_the_annulus_narrows_less_than_the_muscle_below_it():
    around = from_segments(np.ones(SEGMENTS), around=True)
    low, high = basis(np.zeros(2), np.array([0.5, 1.0])).value @ around
    assert high < 0.75 * low
