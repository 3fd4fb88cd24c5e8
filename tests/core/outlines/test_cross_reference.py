import numpy as np
import pytest

from kinecor.core.outlines.cross_reference import crossing
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.geometry import Plane

SCALE = Calibration(2.0, 1.0, "test")
IMAGE = Plane((10.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def test_a_plane_across_cuts_in_a_straight_line():
    # All places with x = 25 mm: 15 columns from the first.
    line = crossing(IMAGE, SCALE, 40, 60, Plane((25.0, 5.0, 7.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    assert sorted((line.y0, line.y1)) == pytest.approx([0, 39])
    assert (line.x0, line.x1) == pytest.approx((15, 15))


def test_an_oblique_one_too_and_every_point_of_it_is_in_both():
    turned = np.array((np.sqrt(0.5), np.sqrt(0.5), 0.0))
    other = Plane((30.0, 20.0, 0.0), turned, (0.0, 0.0, 1.0))
    line = crossing(IMAGE, SCALE, 40, 60, other)
    for x, y in ((line.x0, line.y0), (line.x1, line.y1)):
        place = IMAGE.in_patient(np.array([[x * 1.0, y * 2.0]]))[0]
        assert abs(other.normal @ (place - other.origin_mm)) < 1e-6
        assert x in (pytest.approx(0), pytest.approx(59)) or y in (pytest.approx(0), pytest.approx(39))


def test_parallel_planes_and_planes_outside_the_image():
    assert crossing(IMAGE, SCALE, 40, 60, Plane((0.0, 0, 9.0), (1.0, 0, 0), (0.0, 1, 0))) is None
    assert crossing(IMAGE, SCALE, 40, 60, Plane((200.0, 0, 0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))) is None
