import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.calibration import MAX_SPACING_MM, MIN_SPACING_MM, Calibration

valid_mm = st.floats(MIN_SPACING_MM, MAX_SPACING_MM)
invalid_mm = st.one_of(
    st.floats(max_value=MIN_SPACING_MM, exclude_max=True),
    st.floats(min_value=MAX_SPACING_MM, exclude_min=True),
    st.just(float("nan")),
)


@given(valid_mm, valid_mm)
def test_a_heart_sized_spacing_is_taken(row_mm, col_mm):
    scale = Calibration(row_mm, col_mm, "region")
    assert (scale.row_mm, scale.col_mm) == (row_mm, col_mm)


@given(invalid_mm, valid_mm)
def test_any_other_row_spacing_is_refused(bad_mm, good_mm):
    with pytest.raises(ValueError, match="row_mm"):
        Calibration(bad_mm, good_mm, "region")


@given(invalid_mm, valid_mm)
def test_any_other_column_spacing_is_refused(bad_mm, good_mm):
    with pytest.raises(ValueError, match="col_mm"):
        Calibration(good_mm, bad_mm, "region")


def test_a_scale_from_nowhere_is_refused():
    with pytest.raises(ValueError, match="where it comes from"):
        Calibration(0.3, 0.3, "")


@pytest.mark.parametrize(("col_mm", "square"), [(0.3, True), (0.30001, True), (0.301, False), (0.0229, False)])
def test_square_pixels_are_distinguished_from_others(col_mm, square):
    assert Calibration(0.3, col_mm, "region").square is square
