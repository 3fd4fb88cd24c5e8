import numpy as np
import pytest

from kinecor_lab.simulators.differences import wall_points
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.plane import Plane, apical, short_axis
from kinecor_phantoms.heart.plane_truth import (
    LAYERS,
    POINTS,
    DenseMotion,
    displacement_mm,
    labels,
    plane_truth,
    wall_material,
)
from kinecor_phantoms.recording import LEFT_ATRIUM, LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY
from tests.hearts import anatomy, at_ed_and_es, heart

SHAPE = (90, 80)


def to_px(points_mm):
    return points_mm * 0.6 + (40, 20)


@pytest.fixture(scope="module")
def four():
    beating = at_ed_and_es("normal")
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    pixels = (np.stack([x.ravel(), y.ravel()], axis=1) - (40, 20)) / 0.6
    anatomies = [anatomy(beating, frame) for frame in (0, 1)]
    return plane_truth(beating, anatomies, apical("A4C", 0.0), to_px, SHAPE, pixels)


def test_labels_are_the_contours_filled(four):
    assert set(np.unique(four.labels)) == {0, LV_CAVITY, LV_MYOCARDIUM, LEFT_ATRIUM, RV_CAVITY}
    for frame in (0, 1):
        x, y = four.contours["lv_endo"][frame].T
        area = abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
        assert (four.labels[frame] == LV_CAVITY).sum() == pytest.approx(area, rel=0.02)
    assert (four.labels[1] == LV_CAVITY).sum() < 0.75 * (four.labels[0] == LV_CAVITY).sum()


def test_points_of_the_wall_begin_on_the_contours_and_move_with_the_material(four):
    assert four.wall_points.shape == (2, len(LAYERS), POINTS, 2)
    assert four.wall_points[0, 0, [0, -1]] == pytest.approx(four.contours["lv_endo"][0][[0, -1]], abs=1e-3)
    assert np.abs(four.wall_points_out_mm[0]).max() < 1e-3
    assert np.abs(four.wall_points_out_mm[1]).max() > 0.5  # twist takes them out of the plane
    base = four.wall_points[:, 0, 0]
    assert base[1, 1] < base[0, 1] - 4  # the base comes down to the apex, which is above it in the image


def test_strain_of_the_plane_s_wall_is_that_of_much_finer_lines(four):
    beating = at_ed_and_es("normal")
    line = four.contours["lv_endo"][0]
    found = four.strain_percent["longitudinal_endo"]
    assert found[0] == 0
    chest = apical("A4C", 0.0).to_chest((line - (40, 20)) / 0.6)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(chest, axis=0), axis=1))])
    fine = np.stack([np.interp(np.linspace(0, along[-1], 1201), along, c) for c in chest.T], axis=1)
    material = beating.undo(fine, 0)
    lengths = [np.linalg.norm(np.diff(beating.place(material, f), axis=0), axis=1).sum() for f in (0, 1)]
    assert found[1] == pytest.approx(100 * (lengths[1] / lengths[0] - 1), abs=0.1)


def test_short_axis_layers_give_circumferential_strain():
    beating = at_ed_and_es("normal")
    truth = plane_truth(beating, [anatomy(beating, f) for f in (0, 1)], short_axis(45.0), to_px, SHAPE)
    assert truth.contours["la"] == (None, None)
    assert truth.strain_percent["circumferential_endo"][1] < truth.strain_percent["circumferential"][1] < -8


def test_planes_that_miss_the_wall_have_no_points():
    beating = at_ed_and_es("normal")
    truth = plane_truth(beating, [anatomy(beating, 0)], short_axis(-60.0), to_px, SHAPE)
    assert truth.wall_points.shape == (0, len(LAYERS), POINTS, 2)
    assert dict(truth.strain_percent) == {}
    assert truth.labels.max() == 0
    assert wall_material(beating, 0, short_axis(-60.0), anatomy(beating, 0)) is None


def test_the_displacement_of_three_material_points_is_where_they_go():
    beating = at_ed_and_es("infarct")
    rng = np.random.default_rng(3)
    for _ in range(5):
        points = wall_points(beating.heart.shape, 3, rng)
        before, after = beating.place(points, 0), beating.place(points, 1)
        across = (before[1] - before[0]) / np.linalg.norm(before[1] - before[0])
        down = before[2] - before[0] - across * (across @ (before[2] - before[0]))
        plane = Plane(before[0], across, down / np.linalg.norm(down))
        found = displacement_mm(beating, 0, 1, plane, plane.to_plane(before)[:, :2])
        assert found == pytest.approx(plane.to_plane(after) - plane.to_plane(before), abs=1e-4)


def test_labels_include_the_right_ventricle_as_specified():
    right = np.zeros(SHAPE, bool)
    right[3:6, 3:6] = True
    found = labels({"lv_endo": np.array([[20.0, 20], [30, 20], [30, 30], [20, 30]])}, SHAPE, right)
    assert (found == RV_CAVITY).sum() == 9
    assert (found == LV_CAVITY).sum() == 100


def test_breathing_moves_the_truth_of_a_plane_that_stands_still():
    from dataclasses import replace

    from kinecor_phantoms.heart.heart import Drift

    one = replace(heart("normal"), drift=Drift((0.0, 0.0, 6.0), breathing_s=4.0))
    beating = one.at([0.0, 1.0])
    plane = short_axis(45.0)
    points = Material(one.shape, np.array([25.0]), np.array([1.0]), np.array([45.0]))
    assert beating.place(points, 1)[0, 2] > beating.place(points, 0)[0, 2]
    truth = plane_truth(beating, [Anatomy(beating, f) for f in (0, 1)], plane, to_px, SHAPE)
    still = plane_truth(
        heart("normal").at([0.0, 1.0]),
        [Anatomy(heart("normal").at([0.0, 1.0]), f) for f in (0, 1)],
        plane,
        to_px,
        SHAPE,
    )
    assert np.abs(truth.contours["lv_endo"][1] - still.contours["lv_endo"][1]).max() > 0.1
    assert truth.contours["lv_endo"][0] == pytest.approx(still.contours["lv_endo"][0])


def test_dense_motion_is_that_of_the_wall_s_pixels(four):
    beating = at_ed_and_es("normal")
    plane = apical("A4C", 0.0)
    found = DenseMotion(beating, plane, four.labels, to_px)(1, 0)
    assert (np.isfinite(found[..., 0]) == (four.labels[1] == LV_MYOCARDIUM)).all()
    y, x = np.argwhere(four.labels[1] == LV_MYOCARDIUM)[::40].T
    places = (np.stack([x, y], axis=1) - (40, 20)) / 0.6
    assert found[y, x] == pytest.approx(displacement_mm(beating, 1, 0, plane, places), abs=1e-4)
    nothing = DenseMotion(beating, plane, np.zeros_like(four.labels), to_px)(0, 1)
    assert np.isnan(nothing).all()
