import numpy as np
import pytest

from kinecor_lab.common.metrics import boundary, dice, distances_mm, filled
from kinecor_lab.tasks.apical.table import Score, table


def square(x0: int, y0: int, side: int, size: int = 60) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[y0 : y0 + side, x0 : x0 + side] = True
    return mask


def test_a_polygon_fills_the_pixels_whose_centres_it_holds() -> None:
    corners = np.array([[9.5, 19.5], [29.5, 19.5], [29.5, 39.5], [9.5, 39.5]])
    assert np.array_equal(filled(corners, (60, 60)), square(10, 20, 20))


def test_a_polygon_may_leave_the_image() -> None:
    corners = np.array([[-20, -20], [9.5, -20], [9.5, 9.5], [-20, 9.5]])
    assert np.array_equal(filled(corners, (60, 60)), square(0, 0, 10))


def test_dice_of_known_overlaps() -> None:
    assert dice(square(0, 0, 20), square(0, 0, 20)) == 1
    assert dice(square(0, 0, 20), square(10, 0, 20)) == pytest.approx(0.5)
    assert dice(square(0, 0, 20), square(30, 30, 20)) == 0
    assert np.isnan(dice(np.zeros((5, 5), bool), np.zeros((5, 5), bool)))


def test_distances_of_a_shifted_square_are_its_shift() -> None:
    hausdorff, mad = distances_mm(boundary(square(10, 10, 20)), boundary(square(14, 10, 20)), 0.5)
    assert hausdorff == pytest.approx(2.0)
    assert 0.5 < mad < 2.0
    assert distances_mm(boundary(square(1, 1, 5)), boundary(square(1, 1, 5)), 1.0) == (0, 0)


def test_distance_to_nothing_is_infinite() -> None:
    nothing = boundary(np.zeros((9, 9), bool))
    assert distances_mm(nothing, boundary(square(1, 1, 5)), 1.0) == (np.inf, np.inf)
    assert np.isnan(distances_mm(nothing, nothing, 1.0)).all()


def test_the_table_names_the_worst_and_counts_the_lost() -> None:
    some = [Score(f"p{i}", "ED", "lv_endo", 0.9 + i / 100, 4.0, 1.0, 0.9) for i in range(5)]
    lost = Score("p9", "ED", "lv_endo", 0.0, np.inf, np.inf, 0.0)
    text = table([*some, lost]).text()
    assert "p9 0.000" in text
    assert "(1 missing)" in text
    assert text.splitlines()[2].split()[:4] == ["A4C", "LV", "ED", "6"]
