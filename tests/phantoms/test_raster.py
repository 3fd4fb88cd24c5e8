import numpy as np
import pytest

from kinecor_phantoms.raster import pixels_inside


def _circle(x: float, y: float, radius: float, n: int = 400) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def test_a_pixel_is_inside_where_its_centre_is() -> None:
    mask = pixels_inside([_circle(20.3, 14.8, 9.6)], (30, 40))
    y, x = np.mgrid[:30, :40]
    assert np.array_equal(mask, np.hypot(x - 20.3, y - 14.8) < 9.6)


def test_a_loop_within_a_loop_is_a_hole() -> None:
    mask = pixels_inside([_circle(20, 15, 10), _circle(20, 15, 5)], (30, 40))
    assert not mask[15, 20]
    assert mask[15, 28]


@pytest.mark.parametrize("turned", [False, True])
def test_loops_may_leave_the_image(turned: bool) -> None:
    loop = np.array([(-5.0, -5.0), (12.0, -5.0), (12.0, 50.0), (-5.0, 50.0)])
    mask = pixels_inside([loop[::-1] if turned else loop], (20, 30))
    assert mask[:, :12].all()
    assert not mask[:, 13:].any()


def test_regions_that_share_a_border_neither_overlap_nor_gape() -> None:
    rng = np.random.default_rng(0)
    border = np.stack([15 + rng.normal(0, 2, 21), np.linspace(-2, 32, 21)], axis=1)
    left = np.concatenate([border, [(-3.0, 32.0), (-3.0, -2.0)]])
    right = np.concatenate([border[::-1], [(33.0, -2.0), (33.0, 32.0)]])
    count = pixels_inside([left], (30, 30)).astype(int) + pixels_inside([right], (30, 30))
    assert (count == 1).all()


def test_outlines_are_filled_by_pixel_centres():
    square = np.array([[1.5, 2.5], [4.5, 2.5], [4.5, 5.5], [1.5, 5.5]])
    filled = pixels_inside([square], (8, 6))
    assert filled.sum() == 9
    assert filled[3:6, 2:5].all()
    assert pixels_inside([square - 3], (8, 6)).sum() == 6
    assert pixels_inside([square + 100], (8, 6)).sum() == 0
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    disc = pixels_inside([np.stack([60 + 40 * np.cos(angle), 50 + 40 * np.sin(angle)], axis=1)], (100, 120))
    assert disc.sum() == pytest.approx(np.pi * 1600, rel=0.005)
