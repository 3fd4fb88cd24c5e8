import numpy as np
import pytest

from kinecor_phantoms.echo.heart_scene import HeartScene
from kinecor_phantoms.echo.views import Stand, view_plane
from kinecor_phantoms.heart.anatomy import Tissue
from kinecor_phantoms.scanner.probe import Probe
from tests.hearts import anatomy, at_ed_and_es


@pytest.fixture(scope="module")
def scene():
    beating = at_ed_and_es("normal")
    plane, depth_mm = view_plane("A4C", beating.heart, Stand())
    anatomies = [anatomy(beating, frame) for frame in (0, 1)]
    probe = Probe(depth_mm=depth_mm)
    return HeartScene(beating, anatomies, plane, probe, np.random.default_rng(0), 20_000), beating, plane, probe


def test_scatterers_have_the_requested_number_and_distance(scene):
    made, _, _, probe = scene
    for frame in (0, 1):
        echoes = made.echoes(frame)
        assert echoes.points_mm.dtype == echoes.strength.dtype == np.float32
        assert 15_000 < len(echoes.strength) < 60_000
        assert np.isfinite(echoes.points_mm).all()
        assert np.isfinite(echoes.strength).all()
        assert np.median(np.abs(echoes.points_mm[:, 2])) < probe.elevation_mm


def test_the_same_frame_is_the_same_and_the_same_seed_too(scene):
    made, beating, plane, probe = scene
    again = HeartScene(beating, [anatomy(beating, f) for f in (0, 1)], plane, probe, np.random.default_rng(0), 20_000)
    assert (made.echoes(1).points_mm == again.echoes(1).points_mm).all()
    assert (made.echoes(1).strength == made.echoes(1).strength).all()


def test_muscle_is_much_brighter_than_blood(scene):
    made, _, _, _ = scene
    for frame in (0, 1):
        _, muscle = made._wall_now(frame)
        _, blood = made._blood_now(frame, np.random.default_rng(0))
        blood = blood[blood != 0]
        assert len(blood) > 200
        assert np.mean(muscle**2) > 10 * np.mean(blood**2)


def test_scatterers_of_the_wall_ride_on_its_material(scene):
    made, beating, plane, _ = scene
    before, after = made.echoes(0).points_mm, made.echoes(1).points_mm
    count = len(made._wall)  # the first of them
    there = beating.undo(plane.to_chest(after[:count].astype(float)), 1)
    off_mm = np.linalg.norm(plane.to_plane(beating.place(there, 0)) - before[:count], axis=1)
    assert np.percentile(off_mm, 99) < 2e-3
    assert off_mm.max() < 0.05  # on the endocardium itself, where single precision may take it for blood
    assert np.linalg.norm(after[:count] - before[:count], axis=1).max() > 8


@pytest.mark.parametrize("view", ["PSAX base", "PSAX mid", "SUB4C"])
def test_wall_that_comes_into_the_plane_has_scatterers_too(view):
    beating = at_ed_and_es("normal")
    plane, depth_mm = view_plane(view, beating.heart, Stand())
    probe = Probe(depth_mm=depth_mm)
    made = HeartScene(beating, [anatomy(beating, f) for f in (0, 1)], plane, probe, np.random.default_rng(0), 20_000)
    # What is within 3 mm of the plane, over the area of the wall there: as dense at end-systole as at end-diastole.
    wall = [anatomy(beating, f).tissue(plane.to_chest(_grid(depth_mm))) == Tissue.MYOCARDIUM for f in (0, 1)]
    near = [np.abs(made._wall_now(f)[0][:, 2]) < 3 for f in (0, 1)]
    ed, es = (inside.sum() / area.sum() for inside, area in zip(near, wall, strict=True))
    assert 0.75 < es / ed < 1.33


def _grid(depth_mm):
    x, y = np.meshgrid(np.arange(-0.6 * depth_mm, 0.6 * depth_mm), np.arange(depth_mm))
    seen = np.abs(np.arctan2(x, y)) < Probe().sector_rad / 2
    return np.stack([x[seen], y[seen]], axis=1)


@pytest.mark.parametrize("count", [4_999, 400_001])
def test_numbers_of_scatterers_out_of_range_are_refused(scene, count):
    _, beating, plane, probe = scene
    with pytest.raises(ValueError, match="5000 to 400000 scatterers"):
        HeartScene(beating, [anatomy(beating, 0)], plane, probe, np.random.default_rng(0), count)
