"""The table of numbers on the contours of simulated hearts, whose ejection fraction is known."""

import numpy as np
import pytest

from kinecor.core.cycle.cycle import find_beats
from kinecor.core.outlines.drag import Grab, drag_contour
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.geometry import Contour, resample_line
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.plane import apical
from kinecor_phantoms.heart.section import Section
from tests.hearts import heart

RATE = 30
MM = 0.6


def read(one, calibration=None):
    """A Reading of one beat in the four-chamber view, with endocardium, epicardium and atrium."""
    times_s = np.arange(0, one.rhythm.beats[0].end_s, 1 / RATE)
    beating = one.at(times_s)
    lines = {name: [] for name in ("lv_endo", "lv_epi", "la")}
    for frame in range(len(times_s)):
        cut = Section(beating, frame, apical("A4C", 0.0), Anatomy(beating, frame)).contours()
        for name, some in lines.items():
            some.append(Contour(cut[name] / MM + (120, 40)))
    n = len(times_s)
    tracks = {
        Structure(name): ContourTrack(Structure(name), tuple(some), (Origin.MODEL,) * n, np.ones(n))
        for name, some in lines.items()
    }
    facts = Facts("heart", 300, 260, times_s, "FrameTime", heart_rate_per_min=one.rhythm.rate_per_min)
    reading = Reading(facts, calibration, View("A4C", None, "header"), tracks)
    return reading.with_(events=find_beats(curves(reading).lv_volume, times_s)), beating


@pytest.fixture(scope="module", params=[("normal", 2), ("dilated", 2), ("child", 2)])
def measured(request):
    reading, beating = read(heart(*request.param), Calibration(MM, MM, "simulated"))
    return reading, beating


def test_numbers_are_near_the_true_ones(measured):
    reading, beating = measured
    rows = {row.code: row.quantity.value for row in measurements(reading) if row.quantity}
    full, empty = beating.volume_ml.max(), beating.volume_ml.min()
    assert rows["EDV"] == pytest.approx(full, rel=0.12)
    assert rows["EF"] == pytest.approx(100 * (1 - empty / full), abs=5)
    assert rows["SV"] == pytest.approx(rows["EDV"] - rows["ESV"])
    assert rows["HR"] == pytest.approx(beating.heart.rhythm.rate_per_min, rel=0.03)
    assert rows["CO"] == pytest.approx(rows["SV"] * rows["HR"] / 1000)
    assert rows["LAV"] > 5


def test_the_ejection_fraction_needs_no_scale(measured):
    reading, _ = measured
    scaled = next(row for row in measurements(reading) if row.code == "EF")
    bare = next(row for row in measurements(reading.with_(calibration=None)) if row.code == "EF")
    assert bare.quantity.value == pytest.approx(scaled.quantity.value)
    assert all(row.quantity is None for row in measurements(reading.with_(calibration=None)) if row.code == "EDV")


def test_curves_follow_the_true_volume(measured):
    reading, beating = measured
    found = curves(reading)
    assert np.corrcoef(found.lv_volume, beating.volume_ml)[0, 1] > 0.995
    assert found.lv_area_mm2 == pytest.approx(found.lv_area_px2 * MM**2)
    assert np.nanargmax(found.la_volume) == pytest.approx(np.argmin(beating.volume_ml), abs=4)


def test_fewer_points_preserve_area_and_hinges(measured):
    reading, _ = measured
    whole = reading.tracks[Structure.LV_ENDO].contours[0]
    few = resample_line(whole, 40)
    assert few.area_px2 == pytest.approx(whole.area_px2, rel=0.005)
    assert (few.points[[0, -1]] == whole.points[[0, -1]]).all()


def test_pulling_the_wall_out_makes_the_ventricle_bigger_around_that_time(measured):
    reading, _ = measured
    track = reading.tracks[Structure.LV_ENDO]
    frame = len(track) // 2
    along, distance_px = track.contours[frame].outline(closed=False).nearest(tuple(track.contours[frame].points[30]))
    assert distance_px < 1e-9
    outward = track.contours[frame].points[30] - track.contours[frame].centroid
    delta = tuple(6 * outward / np.hypot(*outward))
    made = drag_contour(reading.tracks, Grab(Structure.LV_ENDO, frame, along), delta, reading.time_axis)
    bent = made[Structure.LV_ENDO]
    grown = [new.area_px2 - track.contours[bent.start + i].area_px2 for i, new in enumerate(bent.contours)]
    assert min(grown) > -1e-9
    assert int(np.argmax(grown)) + bent.start == frame
    assert (bent.contours[0].points[[0, -1]] == track.contours[bent.start].points[[0, -1]]).all()


def test_pulling_a_hinge_takes_wall_and_atrium_along(measured):
    reading, _ = measured
    made = drag_contour(reading.tracks, Grab(Structure.LV_ENDO, 3, 0.0), (4.0, 2.0), reading.time_axis, 0.0)
    hinges = [made[structure].contours[0] for structure in (Structure.LV_ENDO, Structure.LV_EPI)]
    before = reading.tracks[Structure.LV_ENDO].contours[3].points[0]
    for one in hinges:
        assert min(np.hypot(*(one.points[[0, -1]] - before - (4.0, 2.0)).T)) < 1e-9
