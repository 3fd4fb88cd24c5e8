import numpy as np
import pytest

from kinecor.core.outlines.wall_outline import wall_thickness, wall_thicknesses
from kinecor.core.values.geometry import Contour
from tests.stacks import circle


def ellipse(a, b, centre=(50.0, 50.0), n=360):
    turn = np.arange(n) * 2 * np.pi / n
    return Contour(np.stack([centre[0] + a * np.cos(turn), centre[1] + b * np.sin(turn)], axis=1))


def test_between_circles_it_is_the_difference_of_radii():
    found = wall_thickness(circle(20), circle(28), 1.5, 1.5)
    assert found.thickness_mm == pytest.approx(12, abs=0.01)
    assert np.sort(found.angle_deg) == pytest.approx(np.arange(72) * 5, abs=0.1)


def test_pixels_that_are_not_square():
    found = wall_thickness(ellipse(20, 10), ellipse(30, 15), 2.0, 1.0)
    assert found.thickness_mm == pytest.approx(10, abs=0.05)


def test_a_thick_side_is_where_it_is_on_the_image():
    # The cavity is low in the heart: the wall is thick above (90 degrees) and thin below (270).
    found = wall_thickness(circle(20, (50, 53)), circle(28, (50, 50)))
    above = found.thickness_mm[np.abs(found.angle_deg - 90).argmin()]
    below = found.thickness_mm[np.abs(found.angle_deg - 270).argmin()]
    assert (above, below) == pytest.approx((11, 5), abs=0.05)


def test_chords_do_not_lengthen_where_the_cavity_is_not_round():
    # Outlines 8 px apart everywhere along the normal; radii from the centre would measure up to 10 % more.
    turn = np.arange(720) * 2 * np.pi / 720
    x, y = 40 * np.cos(turn), 15 * np.sin(turn)
    normal = np.stack([15 * np.cos(turn), 40 * np.sin(turn)], axis=1)
    normal /= np.hypot(*normal.T)[:, None]
    inner = np.stack([x, y], axis=1)
    found = wall_thickness(Contour(inner + 60), Contour(inner + 8 * normal + 60)).thickness_mm
    assert np.median(found) == pytest.approx(8, abs=0.1)
    assert np.abs(found - 8).max() < 0.5


def test_where_outlines_meet_there_is_no_wall():
    inner = circle(20).points
    outer = circle(28).points.copy()
    left = outer[:, 0] < 44
    outer[left] = inner[left]
    found = wall_thickness(Contour(inner), Contour(outer))
    assert (found.thickness_mm[np.abs(found.angle_deg - 180) < 60] < 0.2).all()
    assert (found.thickness_mm[(found.angle_deg < 60) | (found.angle_deg > 300)] > 7).all()


def blob(rng, radius, n):
    turn = np.arange(n) * 2 * np.pi / n
    waves = sum(rng.normal(0, 0.25 / k) * np.cos(k * turn + rng.uniform(0, 7)) for k in range(2, 7))
    return Contour(50 + (radius * (1 + 0.4 * waves))[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def test_many_phases_at_once_are_as_thick_as_each_alone():
    rng = np.random.default_rng(3)
    pairs = [(blob(rng, 18, 96), blob(rng, 28, 96 if number % 3 else 80)) for number in range(9)]
    found = wall_thicknesses(pairs, 1.5, 1.2)
    each = [wall_thickness(endo, epi, 1.5, 1.2).thickness_mm for endo, epi in pairs]
    np.testing.assert_array_equal(found, each)
    assert np.isfinite(found).all()
    assert 3 < np.median(found) < 20


def test_a_chord_that_meets_no_epicardium_has_no_thickness():
    away = wall_thickness(circle(5), circle(5, (90, 50))).thickness_mm
    assert np.isnan(away).any()
