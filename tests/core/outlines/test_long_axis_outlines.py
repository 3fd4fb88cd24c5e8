from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.outlines.initial_contours import initial_long_axis
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.geometry import Plane
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import disks_volume
from tests.readings import cine

ENDO, EPI, LA = Structure.LV_ENDO, Structure.LV_EPI, Structure.LA
SCALE = Calibration(1.0, 1.0, "test")


def loop(plane=None, view="A4C"):
    one = cine(5)
    one = replace(one, plane=plane, calibration=SCALE, source=replace(one.source, modality="MR"))
    return first_reading(one).with_(view=View(view, None, "header"))


def with_cavity(reading, contour):
    contours = (contour,) + (None,) * 4
    track = ContourTrack(ENDO, contours, (Origin.EDITED,) * 5, np.zeros(5))
    return reading.with_(tracks={ENDO: track})


def test_a_cavity_of_usual_size_is_centred_on_the_point_with_its_apex_up():
    found = initial_long_axis(loop(), ENDO, 0, (60.0, 70.0))
    assert found.centroid == pytest.approx((60, 70), abs=8)
    assert 80 < disks_volume(found) / 1000 < 160
    apex = found.points[len(found) // 2]
    assert apex[1] < found.points[[0, -1], 1].min() - 80


def test_in_an_mr_image_it_is_oriented_as_hearts_are():
    transverse = Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    found = initial_long_axis(loop(transverse), ENDO, 0, (60.0, 70.0))
    apex, base = found.points[len(found) // 2], found.points[[0, -1]].mean(axis=0)
    assert apex[0] > base[0] + 40
    assert apex[1] < base[1] - 40


def test_wall_and_atrium_go_by_the_cavity():
    plain = loop()
    reading = with_cavity(plain, initial_long_axis(plain, ENDO, 0, (50.0, 60.0)))
    cavity = reading.tracks[ENDO].contours[0]
    wall, atrium = (initial_long_axis(reading, one, 0, (0.0, 0.0)) for one in (EPI, LA))
    assert wall.area_px2 > 1.25 * cavity.area_px2
    assert np.hypot(*(wall.points[48] - cavity.points[48])) == pytest.approx(9, abs=0.5)
    assert np.hypot(*(wall.points[0] - cavity.points[0])) < 3
    assert atrium.points[[0, -1]].mean(axis=0) == pytest.approx(cavity.points[[0, -1]].mean(axis=0), abs=0.1)
    assert atrium.centroid[1] > cavity.points[[0, -1], 1].max()


def test_a_right_ventricle_is_no_part_of_it():
    with pytest.raises(ValueError, match="a long axis shows"):
        initial_long_axis(loop(), Structure.RV, 0, (0.0, 0.0))
