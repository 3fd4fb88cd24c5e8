import numpy as np
import pytest

from kinecor_lab.simulators.differences import cartesian, gradients, wall_points
from kinecor_phantoms.heart.field import SIZE
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.motion import Material, Motion
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.heart.shape import Shape
from tests.hearts import at_ed_and_es


def strongest():
    """As hard as hearts can contract, twisted as far as they can be."""
    heart = Heart(
        Shape(wall_mm=6.0), sinus_rhythm(70, 1), longitudinal=-0.3, apical_twist_deg=30.0, basal_twist_deg=-30.0
    ).with_ejection_fraction(84)
    return heart.at([0.0, heart.rhythm.beats[0].aortic_close_s])


@pytest.fixture(params=[*POPULATIONS, "strongest"])
def beating(request):
    return strongest() if request.param == "strongest" else at_ed_and_es(request.param)


def test_volume_is_preserved_everywhere_in_the_wall(beating):
    points = cartesian(wall_points(beating.heart.shape, 400, np.random.default_rng(2)))
    assert np.linalg.det(gradients(beating, 1, points)) == pytest.approx(1, abs=1e-7)


def test_at_end_diastole_nothing_has_moved():
    beating = strongest()
    points = wall_points(beating.heart.shape, 100, np.random.default_rng(3))
    assert beating.motion.place(points, 0) == pytest.approx(cartesian(points), abs=1e-9)


def test_the_inverse_finds_every_point_of_the_wall(beating):
    points = wall_points(beating.heart.shape, 500, np.random.default_rng(4))
    back = beating.motion.undo(beating.motion.place(points, 1), 1)
    assert cartesian(back) == pytest.approx(cartesian(points), abs=1e-9)


def test_the_inverse_finds_places_far_above_the_base(beating):
    shape, rng = beating.heart.shape, np.random.default_rng(5)
    low, high = -shape.apical_wall_mm - 10, 1.3 * shape.length_mm
    places = np.stack([*rng.uniform(-60, 60, (2, 800)), rng.uniform(low, high, 800)], axis=1)
    found = beating.motion.undo(places, 1)
    angle_off = beating.motion.place(found, 1) - places
    assert np.abs(angle_off[:, 2]).max() < 1e-8
    outside = found.radius_mm > found.inner_mm
    assert np.abs(angle_off[outside]).max() < 1e-6


def test_the_apex_stays_and_the_base_comes_down():
    beating = at_ed_and_es("normal")
    shape, nothing = beating.heart.shape, np.zeros(1)
    tip = Material(shape, nothing, nothing, np.array([-shape.apical_wall_mm]))
    assert beating.motion.place(tip, 1)[0] == pytest.approx(beating.motion.place(tip, 0)[0], abs=1e-9)
    descent_mm = np.subtract(*(beating.motion.place(beating.rim, f)[:, 2].mean() for f in (0, 1)))
    assert 8 < descent_mm < 22  # mitral annular plane excursion of healthy adults, about 15 mm


def test_apex_and_base_turn_against_each_other():
    beating = at_ed_and_es("normal")
    shape = beating.heart.shape
    angle = np.zeros(2)
    points = Material(shape, np.full(2, 25.0), angle, np.array([1.0, shape.length_mm]))
    x, y, _ = beating.motion.place(points, 1).T
    apical, basal = np.rad2deg(np.arctan2(y, x))
    assert apical == pytest.approx(beating.heart.apical_twist_deg, abs=0.3)
    assert basal == pytest.approx(beating.heart.basal_twist_deg, abs=0.3)


def test_walls_that_would_fold_are_refused_with_the_time():
    fine, folded = np.zeros(SIZE), np.zeros(SIZE)
    folded[0] = -0.9
    none = np.zeros(2)
    for wrong in (folded, np.full(SIZE, np.nan)):
        with pytest.raises(ValueError, match="would fold at time 1"):
            Motion(Shape(), np.stack([fine, wrong]), np.zeros((2, SIZE)), none, none)


def test_it_counts_its_times_and_points():
    beating = at_ed_and_es("normal")
    assert len(beating.motion) == len(beating) == 2
    assert len(beating.rim) == 48
