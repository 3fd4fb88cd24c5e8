from dataclasses import replace

import numpy as np
import pytest

from kinecor_phantoms.heart.field import SEGMENTS, SIZE, from_segments
from kinecor_phantoms.heart.shape import RANGES, Shape, check_range

ANGLE = np.linspace(0, 2 * np.pi, 37)[:-1]


def infarcted():
    share = np.zeros(SEGMENTS)
    share[[6, 7, 12, 13, 14]] = -0.35
    return Shape(thinning=from_segments(share))


@pytest.mark.parametrize("layer", [0.0, 0.3, 1.0])
def test_meridians_run_from_the_tip_to_the_rim(layer):
    shape = Shape(tilt_deg=7.0)
    radius, z_mm = shape.meridian(layer, ANGLE, np.zeros_like(ANGLE))
    assert radius == pytest.approx(0, abs=1e-6)
    assert z_mm == pytest.approx(-layer * shape.apical_wall_mm)
    _, z_mm = shape.meridian(layer, ANGLE, np.ones_like(ANGLE))
    assert z_mm == pytest.approx(shape.rim_mm(ANGLE))


@pytest.mark.parametrize("layer", [0.0, 0.5, 1.0])
def test_how_far_along_is_the_inverse_of_the_meridian(layer):
    shape, along = Shape(apex_power=0.9), np.linspace(0.01, 1, len(ANGLE))
    _, z_mm = shape.meridian(layer, ANGLE, along)
    assert shape.along_at(layer, ANGLE, z_mm) == pytest.approx(along, abs=1e-9)


def test_a_plain_shape_is_an_ellipsoid_of_the_requested_size():
    shape = Shape(ellipticity=0.0, saddle_mm=0.0, tilt_deg=0.0, apex_power=1.0)
    z_mm = np.linspace(0, shape.length_mm, 400)
    radius = shape.radius_mm_at(0.0, np.zeros_like(z_mm), z_mm)
    assert radius.max() == pytest.approx(shape.radius_mm, abs=1e-3)
    half = shape.length_mm / (1 - np.cos(np.deg2rad(shape.base_deg)))
    assert (radius / shape.radius_mm) ** 2 + ((z_mm - half) / half) ** 2 == pytest.approx(1)
    assert shape.rim_mm(ANGLE) == pytest.approx(shape.length_mm)


def test_the_wall_has_the_requested_thickness_and_the_septum_in_proportion():
    shape = Shape(septal_share=1.5, ellipticity=0.0)
    z_mm = np.full(360, 0.55 * shape.length_mm)
    angle = np.deg2rad(np.arange(360.0))
    wall = shape.radius_mm_at(1.0, angle, z_mm) - shape.radius_mm_at(0.0, angle, z_mm)
    assert wall.mean() == pytest.approx(shape.wall_mm, rel=0.08)
    assert wall[180] / wall[0] == pytest.approx(1.5, abs=0.02)


def test_a_scar_thins_its_wall_and_no_other():
    z_mm = np.full(2, 0.5 * Shape().length_mm)
    angle = np.deg2rad([120.0, 300.0])
    thinner, whole = (
        shape.radius_mm_at(1.0, angle, z_mm) - shape.radius_mm_at(0.0, angle, z_mm) for shape in (infarcted(), Shape())
    )
    assert thinner[0] < 0.8 * whole[0]
    assert thinner[1] == pytest.approx(whole[1], rel=0.08)


def test_a_thinned_wall_has_no_kink_at_the_apex():
    shape = infarcted()
    z_mm = np.linspace(-0.5, 0.5, 201)
    for degrees in (120.0, 300.0):
        radius = shape.radius_mm_at(1.0, np.full_like(z_mm, np.deg2rad(degrees)), z_mm)
        steps = np.diff(radius)
        assert np.abs(np.diff(steps)).max() < 0.02 * steps.mean()


@pytest.mark.parametrize("name", RANGES)
def test_numbers_out_of_range_are_refused_with_the_range(name):
    low, high = RANGES[name]
    for value in (low - 0.01, high + 0.01, np.nan):
        with pytest.raises(ValueError, match=f"{name} must be {low:g} to {high:g}"):
            replace(Shape(), **{name: value})


def test_walls_too_thin_or_unknown_are_refused():
    with pytest.raises(ValueError, match="1 mm or thicker"):
        Shape(thinning=from_segments(np.full(SEGMENTS, -0.99)))
    with pytest.raises(ValueError, match="1 mm or thicker"):
        Shape(thinning=np.full(SIZE, np.nan))
    with pytest.raises(ValueError, match=f"{SIZE} coefficients"):
        Shape(thinning=np.zeros(3))


def test_within_gives_the_value_back():
    assert check_range("it", 3.0, 1, 3) == 3.0
