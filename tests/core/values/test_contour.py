import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kinecor.core.values.geometry import Contour, resample_line

coordinate = st.floats(-2000, 2000)
points = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=40).map(np.array)
size_px = st.floats(0.5, 500)


def ellipse(a, b, n=400, centre=(0.0, 0.0)):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return Contour(np.stack([centre[0] + a * np.cos(angle), centre[1] + b * np.sin(angle)], axis=1))


@given(size_px, size_px, coordinate, coordinate)
def test_a_rectangle_has_its_area_length_and_centre(width, height, x, y):
    corners = Contour([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    assert corners.area_px2 == pytest.approx(width * height, rel=1e-6)
    assert corners.length_px == pytest.approx(2 * (width + height), rel=1e-6)
    assert corners.centroid == pytest.approx([x + width / 2, y + height / 2], abs=1e-6)


@given(size_px, st.floats(1.0, 3.0), coordinate, coordinate)
@settings(max_examples=40)
def test_a_fine_ellipse_has_the_area_and_centre_of_the_ellipse(a, ratio, x, y):
    outline = ellipse(a, a * ratio, centre=(x, y))
    assert outline.area_px2 == pytest.approx(math.pi * a * a * ratio, rel=1e-3)
    assert outline.centroid == pytest.approx([x, y], abs=1e-6)


def test_a_fine_circle_has_its_circumference():
    assert ellipse(50, 50).length_px == pytest.approx(2 * math.pi * 50, rel=1e-4)


def test_the_centre_of_an_angle_is_that_of_its_two_arms():
    angle = Contour([[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]])
    assert angle.area_px2 == pytest.approx(3)
    assert angle.centroid == pytest.approx([(2 * 1 + 0.5) / 3, (2 * 0.5 + 1.5) / 3])


@given(points)
def test_area_is_never_negative_and_does_not_depend_on_direction(outline):
    there, back = Contour(outline), Contour(outline[::-1])
    assert there.area_px2 >= 0
    assert there.area_px2 == pytest.approx(back.area_px2, rel=1e-9, abs=1e-6)


@given(points, st.integers(0, 39))
def test_area_and_length_do_not_depend_on_where_the_outline_starts(outline, shift):
    one, other = Contour(outline), Contour(np.roll(outline, shift, axis=0))
    assert one.area_px2 == pytest.approx(other.area_px2, rel=1e-9, abs=1e-5)
    assert one.length_px == pytest.approx(other.length_px, rel=1e-9)


def test_the_centre_of_a_flat_outline_is_the_mean_of_its_points():
    assert Contour([[0, 0], [2, 0], [4, 0]]).centroid.tolist() == [2, 0]


@given(points, st.floats(0.01, 2), st.floats(0.01, 2))
def test_scaling_takes_rows_for_y_and_columns_for_x(outline, row_mm, col_mm):
    scaled = Contour(outline).scaled_mm(row_mm, col_mm)
    assert np.array_equal(scaled[:, 0], outline[:, 0] * col_mm)
    assert np.array_equal(scaled[:, 1], outline[:, 1] * row_mm)


@given(points, st.integers(3, 200))
def test_resampling_preserves_the_ends_and_gives_the_count(outline, count):
    contour = Contour(outline)
    again = resample_line(contour, count)
    assert len(again) == count
    assert np.array_equal(again.points[[0, -1]], contour.points[[0, -1]])


def path_px(contour):
    return np.linalg.norm(np.diff(contour.points, axis=0), axis=1)


@given(points, st.integers(3, 200))
def test_resampling_never_makes_the_path_longer(outline, count):
    contour = Contour(outline)
    assert path_px(resample_line(contour, count)).sum() <= path_px(contour).sum() * (1 + 1e-9) + 1e-9


@given(size_px, st.integers(40, 300))
@settings(max_examples=40)
def test_resampling_a_smooth_outline_preserves_length_and_area_and_spaces_evenly(radius, count):
    contour = ellipse(radius, radius * 1.5)
    again = resample_line(contour, count)
    assert path_px(again).sum() == pytest.approx(path_px(contour).sum(), rel=5e-3)
    assert again.area_px2 == pytest.approx(contour.area_px2, rel=2e-2)
    assert path_px(again).max() <= path_px(again).min() * 1.02


@given(points)
def test_resampling_an_even_path_to_the_same_count_changes_nothing(outline):
    assume(path_px(Contour(outline)).sum() > 1e-3)
    line = resample_line(Contour([outline[0], (outline[0] + outline[-1]) / 2, outline[-1]]), 9)
    assume(path_px(line).sum() > 1e-3)
    assert resample_line(line, 9).points == pytest.approx(line.points, abs=1e-6)


def test_resampling_a_contour_shrunk_to_a_point_stays_there():
    assert resample_line(Contour([[3, 4]] * 5), 7).points.tolist() == [[3, 4]] * 7


@pytest.mark.parametrize("count", [2, 0, -1])
def test_resampling_to_less_than_a_triangle_is_refused(count):
    with pytest.raises(ValueError, match="at least 3"):
        resample_line(Contour([[0, 0], [1, 0], [1, 1]]), count)


@pytest.mark.parametrize("bad", [[], [[0, 0], [1, 1]], [[0, 0, 0]] * 3, [0, 1, 2], [[[0, 0]] * 3]])
def test_what_is_no_outline_is_refused(bad):
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        Contour(bad)


@given(points, st.integers(0, 2), st.integers(0, 1), st.sampled_from((np.nan, np.inf, -np.inf)))
def test_a_point_at_no_place_is_refused(outline, row, column, bad):
    outline[row, column] = bad
    with pytest.raises(ValueError, match="finite"):
        Contour(outline)


def test_a_contour_cannot_be_changed_from_outside():
    mine = np.array([[0.0, 0], [1, 0], [1, 1]])
    contour = Contour(mine)
    mine[0] = 50
    assert contour.points[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        contour.points[0] = 1


@given(points, points)
def test_equal_contours_have_equal_points_and_hashes(one, other):
    assert Contour(one) == Contour(one.copy())
    assert hash(Contour(one)) == hash(Contour(one.copy()))
    assert (Contour(one) == Contour(other)) == np.array_equal(one, other)
    assert Contour(one) != "contour"
