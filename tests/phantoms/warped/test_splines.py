import numpy as np
import pytest

from kinecor_phantoms.warped.splines import SplineGrid

GRID = SplineGrid.over((10, 20), (70, 65), 6)


def test_a_grid_covers_its_box_and_fades_out() -> None:
    assert GRID.origin == (-2, 8)
    values = np.random.default_rng(0).normal(size=(GRID.rows * GRID.columns, 2)) @ (1, 1j)
    field = GRID.sampled(values)
    assert abs(field[[0, -1]]).max() == 0
    assert abs(field[:, [0, -1]]).max() == 0
    assert abs(field[3:-3, 3:-3]).min() > 0


def test_sampling_agrees_with_weights() -> None:
    values = np.random.default_rng(1).normal(size=(GRID.rows * GRID.columns, 2)) @ (1, 1j)
    field = GRID.sampled(values)
    x, y = np.array([0.0, 13.0, 40.0]), np.array([15.0, 33.0, 60.0])
    picked = field[(y - GRID.origin[1]).astype(int), (x - GRID.origin[0]).astype(int)]
    assert GRID.weights(x, y) @ values == pytest.approx(picked, abs=1e-5)


def test_weights_add_up_to_one_inside() -> None:
    weights = GRID.weights(np.array([30.0, 44.4]), np.array([40.0, 51.7]))
    assert weights.sum(axis=1) == pytest.approx([1, 1])
    assert (weights >= 0).all()


def test_controls_of_a_smooth_field_give_it_back() -> None:
    def smooth(z: np.ndarray) -> np.ndarray:
        return np.sin((z.real - 10) / 60 * np.pi) ** 2 * np.sin((z.imag - 20) / 45 * np.pi) ** 2 * (5 - 3j)

    field = GRID.sampled(GRID.controls(smooth))
    y, x = np.mgrid[30:58, 22:60]
    found = field[30 - GRID.origin[1] : 58 - GRID.origin[1], 22 - GRID.origin[0] : 60 - GRID.origin[0]]
    assert abs(found - smooth(x + 1j * y)).max() < 0.1


@pytest.mark.parametrize("cost", [GRID.bending(), GRID.stretching()])
def test_rough_fields_cost_more(cost: np.ndarray) -> None:
    rows, columns = np.indices((GRID.rows, GRID.columns))
    smooth = np.sin(np.pi * rows / GRID.rows) * np.sin(np.pi * columns / GRID.columns)
    rough = (-1.0) ** (rows + columns)
    energy = [(v.ravel() @ cost @ v.ravel()) / (v**2).sum() for v in (smooth, rough)]
    assert 0 < 20 * energy[0] < energy[1]
    assert np.allclose(cost, cost.T)
