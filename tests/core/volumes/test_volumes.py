import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.geometry import Contour, resample_line
from kinecor.core.volumes.loop_volumes import (
    DISKS,
    area_length_volume,
    biplane_disks_volume,
    disk_diameters,
    disks_volume,
    long_axis,
)
from tests.core.shapes import truncated_ellipse, truncated_ellipsoid_volume


def test_long_axis_runs_from_mid_annulus_to_the_apex() -> None:
    axis = long_axis(truncated_ellipse(60, 25, 0.5, (150, 140), points=401))
    assert axis.base == pytest.approx((150, 170))
    assert axis.apex == pytest.approx((150, 80), abs=1e-6)
    assert axis.length == pytest.approx(90)


@given(
    half_length=st.floats(30, 90),
    ratio=st.floats(0.25, 0.6),
    cut=st.floats(0.2, 0.8),
    turn=st.floats(-0.6, 0.6),
)
def test_disks_agree_with_the_integral(half_length: float, ratio: float, cut: float, turn: float) -> None:
    # 20 disks of mid-height diameters integrate a smooth body of revolution to better than half a percent.
    shape = truncated_ellipse(half_length, half_length * ratio, cut, turn_rad=turn, points=401)
    truth = truncated_ellipsoid_volume(half_length, half_length * ratio, cut)
    assert disks_volume(shape) == pytest.approx(truth, rel=5e-3)


def test_disks_scale_with_the_cube_of_the_spacing() -> None:
    shape = truncated_ellipse()
    assert disks_volume(shape, 0.5, 0.5) == pytest.approx(disks_volume(shape) / 8)


def test_anisotropic_pixels_give_the_same_millilitres() -> None:
    shape = truncated_ellipse()
    squeezed = Contour(shape.points * (0.8, 1.0))
    assert disks_volume(squeezed, 0.6, 0.75) == pytest.approx(disks_volume(shape, 0.6, 0.6))


def test_a_notch_is_not_counted_as_cavity() -> None:
    whole = Contour([(0, 40), (0, 0), (20, 0), (20, 40)])
    notched = Contour([(0, 40), (0, 0), (20, 0), (20, 18), (10, 19.9), (10, 20.1), (20, 22), (20, 40)])
    # The apex of a rectangle is a corner, so look at the diameters at the notch along the same axis only.
    assert disk_diameters(notched)[0].min() < disk_diameters(whole)[0][DISKS // 2] - 2


def test_a_flat_contour_has_no_volume() -> None:
    flat = Contour([(5, 5), (5, 5), (5, 5)])
    assert disks_volume(flat) == 0
    assert area_length_volume(flat) == 0


def test_area_length_is_exact_for_an_ellipsoid() -> None:
    whole = truncated_ellipse(60, 25, 0.999999, points=4001)
    assert area_length_volume(whole) == pytest.approx(4 / 3 * np.pi * 60 * 25**2, rel=2e-3)


def test_biplane_of_twice_the_same_plane_is_single_plane() -> None:
    shape, mm = truncated_ellipse(), np.array((0.5, 0.5))
    assert biplane_disks_volume(shape, shape, mm, mm) == pytest.approx(disks_volume(shape, 0.5, 0.5))


def test_biplane_takes_the_longer_axis_and_the_product_of_diameters() -> None:
    mm = np.ones(2)
    wide, narrow = truncated_ellipse(60, 30), truncated_ellipse(50, 20)
    a, length = disk_diameters(wide)
    b, _ = disk_diameters(narrow)
    assert biplane_disks_volume(wide, narrow, mm, mm) == pytest.approx(np.pi / 4 * (a * b).sum() * length / 20)


def test_few_points_are_enough() -> None:
    shape = truncated_ellipse()
    assert disks_volume(resample_line(shape, 96)) == pytest.approx(disks_volume(shape), rel=3e-3)
