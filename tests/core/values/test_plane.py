import numpy as np
import pytest

from kinecor.core.values.geometry import Plane


def test_places_in_the_patient_and_back():
    plane = Plane((10.0, 20.0, 30.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    points = np.array([[0.0, 0.0], [5.0, 2.0]])
    seen = plane.in_patient(points)
    assert seen.tolist() == [[10, 20, 30], [10, 25, 28]]
    assert plane.seen(seen - plane.origin_mm).tolist() == points.tolist()


@pytest.mark.parametrize("along_y", [(1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, np.nan, 0.0)])
def test_directions_that_are_none(along_y):
    with pytest.raises(ValueError, match=r"right angles|finite"):
        Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), along_y)


def test_three_coordinates_each():
    with pytest.raises(ValueError, match="three coordinates"):
        Plane((0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
