import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor_models.contract import fit_grid

boxes = st.tuples(st.integers(-20, 200), st.integers(-20, 200), st.integers(20, 900), st.integers(20, 900)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(box=boxes, size=st.sampled_from((64, 256)), aspect=st.floats(0.5, 2.0))
def test_points_come_back(box: tuple[int, int, int, int], size: int, aspect: float) -> None:
    grid = fit_grid(box, size, aspect)
    points = np.array([[0, 0], [size - 1, size - 1], [12.3, 45.6]])
    assert grid.to_network(grid.to_image(points)) == pytest.approx(points)
    assert max(grid.columns, grid.rows) == size


@given(box=boxes, aspect=st.floats(0.5, 2.0))
def test_proportions_are_true(box: tuple[int, int, int, int], aspect: float) -> None:
    grid = fit_grid(box, 256, aspect)
    step_x, step_y = grid.step_px
    if min(grid.columns, grid.rows) > 20:  # else rounding to whole pixels dominates
        assert step_y * aspect / step_x == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(("high", "wide"), [(240, 320), (768, 1016), (100, 90), (255, 257)])
def test_a_bright_spot_is_found_where_the_grid_says(high: int, wide: int) -> None:
    y, x = np.mgrid[0:high, 0:wide]
    spot = (0.63 * wide, 0.41 * high)
    image = (255 * np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / (0.05 * high) ** 2)).astype(np.uint8)
    grid = fit_grid((0, 0, wide, high), 256)
    small = grid.sampled(image).astype(float)
    yy, xx = np.mgrid[0:256, 0:256]
    centre = np.array([[(small * xx).sum(), (small * yy).sum()]]) / small.sum()
    assert grid.to_image(centre)[0] == pytest.approx(spot, abs=0.1 * max(grid.step_px))


def test_beyond_the_image_it_is_black() -> None:
    image = np.full((50, 50), 200, np.uint8)
    square = fit_grid((-25, 0, 50, 75), 75).sampled(image)
    assert (square[:50, 25:] == 200).all()
    assert (square[:, :25] == 0).all()
    assert (square[50:] == 0).all()
