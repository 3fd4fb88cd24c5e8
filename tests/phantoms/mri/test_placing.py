import numpy as np
import pytest

from kinecor_phantoms.mri.placing import long_planes, lying, short_planes, stack_heights_mm
from tests.phantoms.mri.scans import clean, heart


@pytest.mark.parametrize("seed", range(6))
def test_the_apex_points_left_front_and_down(seed: int) -> None:
    placing = lying(heart(), np.random.default_rng(seed))
    apex = -placing.axes[:, 2]
    assert apex[0] > 0.2
    assert apex[1] < -0.2
    assert apex[2] < 0
    lateral, anterior = placing.axes[:, 0], placing.axes[:, 1]
    assert lateral[0] > 0.3  # the free wall is to the patient's left
    assert anterior[2] > 0.3
    np.testing.assert_allclose(placing.axes.T @ placing.axes, np.eye(3), atol=1e-12)
    assert np.linalg.det(placing.axes) == pytest.approx(-1)


def test_across_and_down_of_short_axes_point_from_apex_to_base_in_the_patient() -> None:
    one = heart()
    placing = lying(one, np.random.default_rng(0))
    for scan in (clean(), clean(tilt_deg=12.0, rotation_deg=70.0)):
        planes = short_planes(one, scan, np.random.default_rng(0))
        normals = [np.cross(placing.axes @ plane.across, placing.axes @ plane.down) for plane in planes]
        tilt = np.cos(np.deg2rad(scan.tilt_deg))
        for normal in normals:
            assert normal @ placing.axes[:, 2] == pytest.approx(tilt, abs=1e-9)
        # The next slice is a spacing farther along that normal.
        middles = placing.to_patient(np.stack([plane.origin_mm for plane in planes]))
        np.testing.assert_allclose(np.diff(middles, axis=0) @ normals[0], scan.spacing_mm)


def test_a_stack_covers_the_ventricle_and_one_more_at_either_end() -> None:
    one = heart()
    for seed in range(20):
        heights_mm = stack_heights_mm(one, clean(), np.random.default_rng(seed))
        assert heights_mm[1] - 5 <= -one.shape.apical_wall_mm + 5
        assert heights_mm[0] + 4 < 0
        assert heights_mm[-1] + 4 > one.shape.length_mm + 4
    assert len(stack_heights_mm(one, clean(slices=4), np.random.default_rng(0))) == 4


def test_long_axes_are_shown_the_way_scanners_show_them() -> None:
    one = heart()
    placing = lying(one, np.random.default_rng(3))
    found = long_planes(one, placing)
    assert set(found) == {"A2C", "A3C", "A4C"}
    for plane in found.values():
        # All hold the long axis.
        assert abs(plane.out @ np.array([0, 0, 1])) < 1e-9
        assert abs(plane.to_plane(np.array([[0.0, 0.0, 20.0]]))[0, 2]) < 1e-9
    four = found["A4C"]
    assert (placing.axes @ four.across)[0] > 0.6  # the patient's left on the right
    assert (placing.axes @ four.down)[1] > 0.3  # the back below
