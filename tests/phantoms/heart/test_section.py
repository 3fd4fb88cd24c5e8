import numpy as np
import pytest

from kinecor_phantoms.echo.views import HEART_VIEWS, Stand, view_plane
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.plane import Plane, apical, short_axis
from kinecor_phantoms.heart.section import Section, section
from tests.hearts import anatomy, at_ed_and_es


def cut(beating, frame, plane, **more):
    return Section(beating, frame, plane, anatomy(beating, frame), **more)


def off_surface_mm(beating, frame, layer, places):
    there = beating.undo(places, frame)
    radius = beating.heart.shape.radius_mm_at(layer, there.angle, there.z_mm)
    surface = beating.place(Material(beating.heart.shape, radius, there.angle, there.z_mm), frame)
    return np.linalg.norm(surface - places, axis=1).max()


@pytest.mark.parametrize("population", ["normal", "dilated", "infarct", "child"])
@pytest.mark.parametrize("view", HEART_VIEWS)
def test_contours_are_on_the_surface_and_end_on_the_rim(population, view):
    beating = at_ed_and_es(population)
    plane, _ = view_plane(view, beating.heart, Stand(4.0, -6.0, 3.0))
    here = cut(beating, 1, plane)
    for layer in (0.0, 0.5, 1.0):
        line = here.ring(layer) if here.is_short_axis else here.arch(layer)
        assert line is not None
        places = plane.to_chest(line)
        assert off_surface_mm(beating, 1, layer, places) < 1e-3
        if not here.is_short_axis:
            ends = beating.undo(places[[0, -1]], 1)
            assert ends.z_mm == pytest.approx(beating.heart.shape.rim_mm(ends.angle), abs=1e-6)


def test_long_axes_give_contours_from_hinge_to_hinge():
    beating = at_ed_and_es("normal")
    found = section(beating, 0, apical("A4C", 0.0), anatomy(beating, 0))
    assert found["rv"] is None
    endo, epi, atrium = found["lv_endo"], found["lv_epi"], found["la"]
    assert endo[0, 0] < 0 < endo[-1, 0]
    assert (epi[[0, -1]] == endo[[0, -1]]).all()
    apex = endo[np.argmin(endo[:, 1])]
    assert apex[1] == pytest.approx(0, abs=1.0)
    assert atrium[:, 1].max() > endo[:, 1].max() + 15  # the atrium is below, towards the base
    assert np.ptp(epi[:, 0]) > np.ptp(endo[:, 0]) + 10


def test_short_axes_give_nested_contours_and_the_right_ventricle_to_the_left():
    beating = at_ed_and_es("normal")
    found = section(beating, 0, short_axis(50.0), anatomy(beating, 0))
    endo, epi, right = found["lv_endo"], found["lv_epi"], found["rv"]
    assert found["la"] is None
    radius = np.hypot(*endo.T), np.hypot(*epi.T)
    assert (radius[1] > radius[0] + 4).all()
    assert endo[0, 0] == pytest.approx(radius[0][0])  # the first point is lateral
    assert right[:, 0].mean() < endo[:, 0].min()


def test_planes_that_miss_the_ventricle_give_nothing():
    beating = at_ed_and_es("normal")
    beyond = section(beating, 0, short_axis(-40.0), anatomy(beating, 0))
    assert set(beyond.values()) == {None}
    outside = Plane(np.array([0.0, 80.0, 0.0]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
    assert set(section(beating, 0, outside, anatomy(beating, 0)).values()) == {None}
    assert cut(beating, 0, short_axis(200.0)).ring(0.0) is None
    grazing = Plane(np.array([0.0, 24.0, 0.0]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
    assert cut(beating, 0, grazing).arch(0.0) is None


def test_the_highest_slices_have_open_contours_and_then_none():
    beating = at_ed_and_es("normal")
    rim = beating.motion.place(beating.rim, 0)[:, 2]
    whole = cut(beating, 0, short_axis(float(rim.min()) - 1)).ring(0.0)
    part = cut(beating, 0, short_axis(float(np.median(rim)) - 0.3)).ring(0.0)
    assert len(whole) == 120
    assert 60 <= len(part) < 120
    assert cut(beating, 0, short_axis(float(rim.max()) - 0.1)).ring(0.0) is None


def test_the_share_of_the_turn_that_is_wall_falls_through_the_base():
    beating = at_ed_and_es("normal")
    rim = beating.motion.place(beating.rim, 0)[:, 2]
    heights_mm = [-40.0, float(rim.min()) - 1, float(np.median(rim)), float(rim.max()) + 1]
    shares = [cut(beating, 0, short_axis(height_mm)).wall_share for height_mm in heights_mm]
    assert (shares[0], shares[1], shares[3]) == (0, 1, 0)
    assert 0.3 < shares[2] < 0.7


def test_tables_alone_come_near():
    beating = at_ed_and_es("normal")
    plane = apical("A2C", 0.0)
    exact, rough = (cut(beating, 1, plane, exact=exact).arch(0.0) for exact in (True, False))
    assert 1e-6 < off_surface_mm(beating, 1, 0.0, plane.to_chest(rough)) < 0.5
    assert rough[:, 1].min() == pytest.approx(exact[:, 1].min(), abs=0.15)


def test_the_anatomy_is_built_where_none_is_given():
    beating = at_ed_and_es("child")
    plane = apical("A4C", 0.0)
    given, made = section(beating, 0, plane, Anatomy(beating, 0)), section(beating, 0, plane)
    assert (given["lv_endo"] == made["lv_endo"]).all()
