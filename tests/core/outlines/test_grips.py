"""Grips act on an outline as a whole: the apex of an open one, the centre of a closed one."""

import numpy as np
import pytest

from kinecor.core.outlines.drag import Grab, Grip, apex_of, drag_contour
from kinecor.core.values.track import Origin, Structure
from kinecor.ui.workspace.dragging import grab_at, grips_of
from tests import stacks
from tests.core.outlines.test_drag import AXIS, ENDO, TRACKS

SLICE = stacks.read(stacks.stack()).slices[4]


def apex_grab():
    along, _ = ENDO.outline(closed=False).nearest(tuple(ENDO.points[apex_of(ENDO)]))
    return Grab(Structure.LV_ENDO, 5, along, grip=Grip.APEX)


def test_the_apex_moves_in_full_the_annulus_stays_and_the_walls_follow_less_and_less():
    after = drag_contour(TRACKS, apex_grab(), (0.0, -6.0), AXIS, 0.0)[Structure.LV_ENDO].contours[0]
    moved = np.hypot(*(after.points - ENDO.points).T)
    apex = apex_of(ENDO)
    assert moved[apex] == pytest.approx(6.0, abs=1e-6)
    assert moved[0] == moved[-1] == 0.0
    assert (np.diff(moved[: apex + 1]) >= -1e-9).all()
    assert (np.diff(moved[apex:]) <= 1e-9).all()


def test_the_epicardium_makes_way_for_the_apex():
    changes = drag_contour(TRACKS, apex_grab(), (0.0, -20.0), AXIS, 0.0)
    assert Structure.LV_EPI in changes
    assert Structure.LA not in changes


def test_the_centre_moves_the_outline_and_its_wall_and_no_other():
    endo, epi = (SLICE.tracks[one].contours[0] for one in (Structure.LV_ENDO, Structure.LV_EPI))
    grab = Grab(Structure.LV_ENDO, 0, 0.0, closed=True, grip=Grip.CENTRE)
    changes = drag_contour(SLICE.tracks, grab, (3.0, -2.0), SLICE.time_axis, 0.0)
    assert set(changes) == {Structure.LV_ENDO, Structure.LV_EPI}
    for before, structure in ((endo, Structure.LV_ENDO), (epi, Structure.LV_EPI)):
        np.testing.assert_allclose(changes[structure].contours[0].points, before.points + np.array([3.0, -2.0]))
        assert changes[structure].origins == (Origin.EDITED,) or structure is Structure.LV_EPI


def test_the_annulus_moves_as_a_whole_and_the_apex_stays():
    after = drag_contour(TRACKS, Grab(Structure.LV_ENDO, 5, 0.0, grip=Grip.ANNULUS), (1.0, -5.0), AXIS, 0.0)
    assert set(after) == {Structure.LV_ENDO, Structure.LV_EPI}  # the atrium of this recording begins elsewhere
    for structure, bent in after.items():
        before = TRACKS[structure].contours[5].points
        moved = bent.contours[0].points - before
        np.testing.assert_allclose(moved[[0, -1]], [[1.0, -5.0]] * 2, atol=1e-9)
    endo = after[Structure.LV_ENDO].contours[0].points
    assert np.hypot(*(endo - ENDO.points)[apex_of(ENDO)]) < 0.2


@pytest.mark.parametrize(
    ("tracks", "closed", "grip"),
    [(TRACKS, False, Grip.APEX), (TRACKS, False, Grip.ANNULUS), (SLICE.tracks, True, Grip.CENTRE)],
)
def test_a_press_near_a_grip_takes_it(tracks, closed, grip):
    contour = tracks[Structure.LV_ENDO].contours[0]
    grab = grab_at(tracks, 0, grips_of(contour, closed=closed)[grip], 4.0, closed=closed)
    assert (grab.grip, grab.structure) == (grip, Structure.LV_ENDO)
    assert not grab.hinge
    away = grab_at(tracks, 0, tuple(contour.outline(closed=closed).place(0.3)), 4.0, closed=closed)
    assert away.grip is None
