from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.outlines.initial_contours import RADIUS_MM, from_slice, initial_circle
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.geometry import Plane
from kinecor.core.values.track import Structure
from tests import stacks


def test_a_circle_is_round_in_mm_and_centred_where_requested():
    scale = Calibration(2.0, 1.0, "test")
    found = initial_circle(Structure.LV_ENDO, (50.0, 40.0), scale)
    radius = np.hypot(*((found.points - (50, 40)) * (1.0, 2.0)).T)
    assert radius == pytest.approx(RADIUS_MM[Structure.LV_ENDO])
    assert np.hypot(*(found.points[0] - found.points[-1])) > 0


def test_without_a_scale_a_circle_fits_the_image():
    def across(**size):
        return float(np.ptp(initial_circle(Structure.LV_ENDO, (300.0, 300.0), None, **size).points[:, 0]))

    assert across(rows=600) == pytest.approx(165)
    assert across(rows=300) == pytest.approx(82.5)
    assert across() == pytest.approx(44 / 1.4, rel=0.01)


def test_a_neighbours_outlines_come_to_the_same_place_of_the_body():
    reading = stacks.read(stacks.stack())
    found = from_slice(reading, 4, 5, 3)
    assert set(found) == {Structure.LV_ENDO, Structure.LV_EPI, Structure.RV}
    assert found[Structure.LV_ENDO].centroid == pytest.approx(stacks.CENTRE_PX, abs=0.01)
    plane = reading.slices[5].facts.plane
    shifted = Plane(plane.origin_mm + np.array((6.0, 0, 0)), plane.along_x, plane.along_y)
    facts = replace(reading.slices[5].facts, plane=shifted)
    fine = Calibration(0.75, 0.75, "test")
    moved = reading.with_(
        slices=(*reading.slices[:5], reading.slices[5].with_(facts=facts, calibration=fine), *reading.slices[6:])
    )
    at = from_slice(moved, 4, 5, 3)[Structure.LV_ENDO]
    x, y = stacks.CENTRE_PX
    assert at.centroid == pytest.approx((2 * x - 8, 2 * y), abs=0.01)
    assert at.area_px2 == pytest.approx(4 * found[Structure.LV_ENDO].area_px2)


def test_a_slice_without_outlines_has_none_to_give():
    assert from_slice(stacks.read(stacks.stack()), 0, 1, 3) == {}


def test_without_a_scale_outlines_are_taken_as_they_are():
    reading = stacks.read(stacks.stack())
    bare = reading.with_(slices=tuple(one.with_(calibration=None) for one in reading.slices))
    found = from_slice(bare, 4, 5, 3)[Structure.LV_ENDO]
    assert found is bare.slices[4].tracks[Structure.LV_ENDO].contours[3]
