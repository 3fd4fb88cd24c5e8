import numpy as np
import pytest

from kinecor_phantoms.lines import arc_length
from kinecor_phantoms.warped.frame import APICAL
from kinecor_phantoms.warped.motion import Motion
from kinecor_phantoms.warped.poses import about, swaying
from kinecor_phantoms.warped.still import still_cine
from tests.models.made_fields import apical

TIMES_S = np.array([0.0, 0.1, 0.2])


def test_shifts_by_whole_pixels_move_pixels() -> None:
    poses = about((65, 75), np.zeros(3), np.ones(3), np.array([(0.0, 0.0), (4.0, 0.0), (-3.0, 5.0)]))
    cine = still_cine(apical(0.0), APICAL, TIMES_S, poses, np.random.default_rng(0))
    frame = apical(0.0).image
    assert np.array_equal(cine.frames[0], frame)
    assert np.array_equal(cine.frames[1][:, 10:120], frame[:, 6:116])
    assert np.array_equal(cine.labels[2][10:140, 10:120], apical(0.0).label[5:135, 13:123])
    assert cine.displacement_px(2, 1)[70, 60] == pytest.approx((-7, 5), abs=1e-5)


def test_turning_keeps_lengths_and_zooming_scales_them() -> None:
    poses = about((65, 75), np.array([0.0, 12.0, 0.0]), np.array([1.0, 1.0, 0.9]), np.zeros((3, 2)))
    cine = still_cine(apical(0.0), APICAL, TIMES_S, poses, np.random.default_rng(0))
    lengths = [arc_length(cine.contour("lv_endo", i))[-1] for i in range(3)]
    assert lengths[1] == pytest.approx(lengths[0], rel=1e-9)
    assert lengths[2] == pytest.approx(0.9 * lengths[0], rel=1e-9)
    right = cine.carried(np.array([(75.0, 75.0)]), 0, 1)[0] - (65, 75)
    # Clockwise on the screen: what was to the right goes down.
    assert np.degrees(np.arctan2(right[1], right[0])) == pytest.approx(12)


def test_swaying_is_slow_and_bounded() -> None:
    times_s = np.arange(0, 8, 0.02)
    turns, shifts = swaying(times_s, (60, 70), 3.0, np.random.default_rng(4))
    middle = turns * (60 + 70j) + shifts
    assert abs(middle - (60 + 70j)).max() < 4.5
    assert abs(np.diff(middle)).max() < 0.25
    assert abs(np.degrees(np.angle(turns))).max() < 0.61


def test_a_motion_is_checked() -> None:
    with pytest.raises(ValueError, match="one phase, turn and shift"):
        Motion(None, np.zeros(2), np.ones(3, complex), np.zeros(3, complex))
    with pytest.raises(ValueError, match="zoom"):
        Motion(None, np.zeros(1), np.zeros(1, complex), np.zeros(1, complex))
