import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.outlines import drag
from kinecor.core.outlines.drag import MIN_WEIGHT, Grab, _linked_ends, drag_contour
from kinecor.core.outlines.pushing import kept_apart
from kinecor.core.values.geometry import Contour, Outline
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.readings import cine, read

RECORDING = cine(30)
TRACKS = read(RECORDING).tracks
AXIS = TimeAxis(RECORDING.times_s)
ENDO = TRACKS[Structure.LV_ENDO].contours[5]
LINE = ENDO.outline(closed=False)
HALF = Grab(Structure.LV_ENDO, 5, 0.4)


@given(st.floats(0.02, 0.98), st.floats(-20, 20), st.floats(-20, 20))
def test_the_grabbed_place_moves_in_full_and_the_hinges_stay(along, dx, dy):
    fine = Outline(LINE.place(np.linspace(0, 1, 501)), closed=False)
    held = round(along * 500)
    delta = np.array([dx, dy])
    after = fine.bent(held / 500, delta, 15.0)
    np.testing.assert_allclose(after.points[held], fine.points[held] + delta, atol=1e-2)
    np.testing.assert_allclose(after.points[[0, -1]], fine.points[[0, -1]], atol=1e-9)


def test_far_along_the_outline_nothing_moves():
    after = LINE.bent(0.5, np.array([10.0, 0.0]), 5.0)
    moved = np.hypot(*(after.points - ENDO.points).T)
    assert moved.max() == pytest.approx(10, abs=1.5)
    assert moved[:20].max() < 1e-3
    assert moved[-20:].max() < 1e-3


def test_the_bend_is_smooth():
    after = LINE.bent(0.3, np.array([6.0, 2.0]), 12.0)
    moved = np.hypot(*(after.points - ENDO.points).T)
    steps = np.abs(np.diff(moved))
    assert steps.max() < 0.3 * math.hypot(6, 2)


def test_nearest_finds_a_place_and_its_distance():
    along, distance_px = LINE.nearest(tuple(LINE.place(0.37)))
    assert along == pytest.approx(0.37, abs=1e-6)
    assert distance_px == pytest.approx(0, abs=1e-6)
    _, distance_px = LINE.nearest(tuple(ENDO.centroid))
    assert distance_px > 5


def test_a_pull_is_carried_to_the_frames_around_it_and_fades():
    changes = drag_contour(TRACKS, HALF, (4.0, 0.0), AXIS, reach_s=0.1)
    start, row = changes[Structure.LV_ENDO].start, changes[Structure.LV_ENDO].contours
    old = TRACKS[Structure.LV_ENDO].contours[start : start + len(row)]
    moved = [np.hypot(*(new.points - before.points).T).max() for new, before in zip(row, old, strict=True)]
    assert start <= 2
    assert start + len(row) >= 9
    assert int(np.argmax(moved)) == 5 - start
    assert moved[5 - start] == pytest.approx(4, abs=0.5)
    assert sorted(moved[5 - start :], reverse=True) == moved[5 - start :]
    assert moved[-1] < 0.4


def test_only_this_frame():
    bend = drag_contour(TRACKS, HALF, (4.0, 0.0), AXIS, reach_s=0.0)[Structure.LV_ENDO]
    start, row = bend.start, bend.contours
    assert (start, len(row)) == (5, 1)


def test_the_whole_loop_moves_alike():
    bend = drag_contour(TRACKS, HALF, (4.0, 0.0), AXIS, reach_s=math.inf)[Structure.LV_ENDO]
    start, row = bend.start, bend.contours
    assert (start, len(row)) == (0, 30)
    assert all(w == 1 for w in AXIS.weights(5, math.inf, MIN_WEIGHT))


def thickness(endo, epi):
    """Distance of the middle of one side of the epicardium from the endocardium."""
    line = endo.outline(closed=False)
    return np.array([line.nearest(tuple(one))[1] for one in epi.points[10:26]])


@pytest.mark.parametrize(("dx", "moves"), [(-6.0, True), (6.0, False)])
def test_an_endocardium_pulled_outwards_takes_the_epicardium_along(dx, moves):
    changes = drag_contour(TRACKS, Grab(Structure.LV_ENDO, 5, 0.3), (dx, 0.0), AXIS, reach_s=0.0)
    epi = TRACKS[Structure.LV_EPI].contours[5]
    after = changes[Structure.LV_EPI].contours[0] if Structure.LV_EPI in changes else epi
    assert (np.hypot(*(after.points - epi.points).T).max() > 3) == moves
    assert thickness(changes[Structure.LV_ENDO].contours[0], after).min() > 0.8 * thickness(ENDO, epi).min()


def test_an_atrium_moves_alone():
    assert set(drag_contour(TRACKS, Grab(Structure.LA, 5, 0.4), (4.0, 0.0), AXIS)) == {Structure.LA}


@pytest.mark.parametrize("along", [0.0, 1.0])
def test_a_hinge_takes_the_other_structures_along(along):
    hinge = tuple(LINE.place(along))
    atrium = TRACKS[Structure.LA].contours[5].points
    near = hinge + 0.3 * (atrium.mean(axis=0) - hinge) / np.hypot(*(atrium.mean(axis=0) - hinge))
    points = np.array(atrium)
    ends = [0, -1] if along == 0.0 else [-1, 0]
    points[ends[0]] = near
    contours = list(TRACKS[Structure.LA].contours)
    contours[5] = Contour(points)
    la = TRACKS[Structure.LA]
    tracks = dict(TRACKS) | {Structure.LA: type(la)(la.structure, tuple(contours), la.origins, la.confidence)}
    changes = drag_contour(tracks, Grab(Structure.LV_ENDO, 5, along), (3.0, -2.0), AXIS, reach_s=0.0)
    assert {Structure.LV_ENDO, Structure.LA} <= set(changes)
    new_hinge = changes[Structure.LV_ENDO].contours[0].points[0 if along == 0.0 else -1]
    np.testing.assert_allclose(new_hinge, np.add(hinge, (3.0, -2.0)))
    np.testing.assert_allclose(changes[Structure.LA].contours[0].points[ends[0]], np.add(near, (3.0, -2.0)))
    other = 0 if along == 1.0 else -1
    np.testing.assert_allclose(changes[Structure.LV_ENDO].contours[0].points[other], ENDO.points[other])


def test_frames_without_a_contour_stay_without():
    tracks = read(RECORDING, missing=(6,)).tracks
    bend = drag_contour(tracks, HALF, (4.0, 0.0), AXIS)[Structure.LV_ENDO]
    start, row = bend.start, bend.contours
    assert row[6 - start] is None


def test_the_frame_on_screen_is_edited_and_the_others_tracked():
    bend = drag_contour(TRACKS, HALF, (4.0, 0.0), AXIS, reach_s=0.1)[Structure.LV_ENDO]
    edited = [bend.start + at for at, origin in enumerate(bend.origins) if origin is Origin.EDITED]
    assert edited == [5]
    assert len(bend.origins) > 5
    assert set(bend.origins) == {Origin.EDITED, Origin.TRACKED}


@pytest.mark.parametrize("along", [0.4, 0.0])
def test_other_frames_that_a_person_drew_stay_exactly_as_they_are(along):
    tracks = dict(TRACKS)
    for structure, track in TRACKS.items():
        origins = tuple(Origin.EDITED if frame in (1, 4, 6) else Origin.MODEL for frame in range(len(track)))
        tracks[structure] = ContourTrack(structure, track.contours, origins, track.confidence)
    changes = drag_contour(tracks, Grab(Structure.LV_ENDO, 5, along), (4.0, 0.0), AXIS, reach_s=math.inf)
    for structure, bend in changes.items():
        for frame in (1, 4, 6):
            assert bend.origins[frame - bend.start] is Origin.EDITED
            assert bend.contours[frame - bend.start] is tracks[structure].contours[frame]
    moved = changes[Structure.LV_ENDO]
    assert moved.origins[2 - moved.start] is Origin.TRACKED


def test_what_has_no_hinges_pulls_no_other_along():
    right = ContourTrack(
        Structure.RV, TRACKS[Structure.LV_ENDO].contours, TRACKS[Structure.LV_ENDO].origins, np.ones(30)
    )
    made = drag_contour({**TRACKS, Structure.RV: right}, Grab(Structure.RV, 5, 0.0), (3.0, 0.0), AXIS)
    assert set(made) == {Structure.RV}


def test_a_frame_without_an_outline_is_left_as_it_is():
    gone = read(RECORDING, missing=(6,)).tracks
    made = drag_contour(gone, Grab(Structure.LV_ENDO, 5, 0.0), (3.0, 0.0), AXIS)
    bent_ones = made[Structure.LV_ENDO]
    assert bent_ones.contours[6 - bent_ones.start] is None
    assert bent_ones.contours[5 - bent_ones.start] is not None


def test_nothing_hangs_on_an_outline_that_is_not_there():
    gone = read(RECORDING, missing=(5,)).tracks
    assert _linked_ends(gone, Grab(Structure.LV_ENDO, 5, 0.0), 5) == {}


def test_all_frames_make_way_in_one_pass(monkeypatch):
    passes = []

    def counted(endo, epi, held, **how):
        passes.append(len(endo))
        return kept_apart(endo, epi, held, **how)

    monkeypatch.setattr(drag, "kept_apart", counted)
    found = drag_contour(TRACKS, HALF, (6.0, 1.0), AXIS)
    felt = [one for one in found[Structure.LV_ENDO].contours if one is not None]
    assert passes == [len(felt)]
