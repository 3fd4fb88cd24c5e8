import pytest

from kinecor.ui.grid_view import columns_for


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [(1, 900, 600, 1), (4, 600, 600, 2), (3, 900, 300, 3), (3, 300, 900, 1), (12, 1200, 900, 4)],
)
def test_as_many_columns_as_make_the_pictures_largest(count, width, height, columns):
    assert columns_for(count, width, height, 1.0) == columns
