import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.outlines.drag import WHOLE_SHARE, Grab, drag_contour
from kinecor.core.outlines.reshaping import crosses_itself
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests import stacks
from tests.stacks import circle

READING = stacks.read(stacks.stack())
SLICE = READING.slices[4]
AXIS = SLICE.time_axis
FINE = circle(30, points=720)


@given(st.floats(0, 0.999), st.floats(-15, 15), st.floats(-15, 15))
def test_any_place_moves_in_full_the_first_point_too(along, dx, dy):
    held = round(along * 720) % 720
    after = FINE.outline(closed=True).bent(held / 720, np.array([dx, dy]), 20.0)
    np.testing.assert_allclose(after.points[held], FINE.points[held] + (dx, dy), atol=1e-6)


def test_a_pull_is_felt_on_both_sides_of_the_first_point():
    after = FINE.outline(closed=True).bent(0.0, np.array([8.0, 0.0]), 20.0)
    moved = np.hypot(*(after.points - FINE.points).T)
    np.testing.assert_allclose(moved[1:30], moved[-1:-30:-1], atol=1e-9)
    assert moved[360] < 1e-3


def test_the_nearest_point_may_be_on_the_closing_edge():
    square = Contour([[0, 0], [10, 0], [10, 10], [0, 10]]).outline(closed=True)
    along, distance = square.nearest((1, 5))
    assert (along, distance) == pytest.approx((0.875, 1))
    assert square.place(along) == pytest.approx((0, 5))
    assert square.place(np.array([0, 0.25, 1.0])).tolist() == [[0, 0], [10, 0], [0, 0]]


def test_the_last_phase_is_next_to_the_first():
    weights = AXIS.weights(0, 0.1, 0.02)
    assert weights[0] == 1
    assert weights[1] == pytest.approx(weights[19])
    assert weights[1] > weights[2] > 0
    assert weights[10] == 0
    assert AXIS.weights(3, 0.0, 0.02).tolist() == [0, 0, 0, 1] + [0] * 16
    assert (AXIS.weights(3, math.inf, 0.02) == 1).all()


def test_pulling_at_the_first_phase_bends_the_last_and_leaves_the_middle():
    grab = Grab(Structure.LV_ENDO, 0, 0.3, closed=True)
    assert not grab.hinge
    change = drag_contour(SLICE.tracks, grab, (3.0, 0.0), AXIS)
    assert set(change) == {Structure.LV_ENDO}
    one, before = change[Structure.LV_ENDO], SLICE.tracks[Structure.LV_ENDO]
    assert one.start == 0
    assert len(one.contours) == 20
    assert one.contours[10] is before.contours[10]
    assert one.contours[19] != before.contours[19]
    assert one.origins[0] is Origin.EDITED
    assert one.origins[10] is Origin.MODEL
    assert one.origins[17] is Origin.TRACKED


def test_in_the_middle_of_the_cycle_only_the_phases_around_are_touched():
    one = drag_contour(SLICE.tracks, Grab(Structure.LV_EPI, 10, 0.0, closed=True), (0.0, 4.0), AXIS)[Structure.LV_EPI]
    assert one.start > 3
    assert one.start + len(one.contours) < 17


def test_a_pull_felt_along_the_whole_outline_widens_it_and_does_not_shift_it():
    turn = np.arange(96) * (2 * np.pi / 96)
    round_ = Contour(np.stack([50 + 20 * np.cos(turn), 60 + 20 * np.sin(turn)], axis=1))
    tracks = {Structure.LV_ENDO: ContourTrack(Structure.LV_ENDO, (round_,), (Origin.MODEL,), np.array([0.9]))}
    grab = Grab(Structure.LV_ENDO, 0, 0.0, closed=True)
    found = drag_contour(tracks, grab, (5.0, 0.0), TimeAxis(np.zeros(1)), 0.0, WHOLE_SHARE)[Structure.LV_ENDO].contours[
        0
    ]
    np.testing.assert_allclose(np.hypot(*(found.points - (50, 60)).T), 25, atol=0.1)
    near = drag_contour(tracks, grab, (5.0, 0.0), TimeAxis(np.zeros(1)), 0.0, 0.1)[Structure.LV_ENDO].contours[0]
    np.testing.assert_allclose(near.points[0], (75, 60), atol=1e-9)
    np.testing.assert_allclose(near.points[40:56], round_.points[40:56], atol=1e-6)


def test_a_pull_leaves_no_small_loop_and_one_across_the_cavity_a_large_one_which_is_refused():
    small = SLICE.tracks | {
        Structure.LV_ENDO: SLICE.tracks[Structure.LV_ENDO].replaced(0, (circle(9),), (Origin.MODEL,))
    }
    for delta, crosses in (((-17.0, 4.0), False), ((-19.0, 5.0), False), ((-24.0, 3.0), True)):
        found = drag_contour(small, Grab(Structure.LV_ENDO, 0, 0.0, closed=True), delta, AXIS, 0.0)[Structure.LV_ENDO]
        assert crosses_itself(found.contours[0]) is crosses
