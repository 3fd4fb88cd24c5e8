from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.simulators.integrals import mesh_volume_ml
from kinecor_phantoms.heart.heart import Drift, Heart
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.heart.shape import Shape
from tests.hearts import at_ed_and_es, heart


def plain(**changes):
    return replace(Heart(Shape(), sinus_rhythm(70, 1)), **changes)


@pytest.mark.parametrize("percent", [15, 30, 45, 60, 75])
def test_the_requested_ejection_fraction_is_reached(percent):
    one = plain(longitudinal=-0.3 * percent / 100).with_ejection_fraction(percent)
    beating = one.at([0.0, one.rhythm.beats[0].aortic_close_s])
    full, empty = (mesh_volume_ml(beating, frame) for frame in (0, 1))
    assert 100 * (1 - empty / full) == pytest.approx(percent, abs=0.05)


def test_an_ejection_fraction_out_of_range_is_refused_with_the_range():
    for percent in (4.9, 85.1, np.nan):
        with pytest.raises(ValueError, match="ejection fraction in percent must be 5 to 85"):
            plain().with_ejection_fraction(percent)


def test_one_that_the_heart_cannot_have_is_refused_with_the_nearest():
    still = plain(amplitude=np.full(18, 0.1), longitudinal=-0.1)
    with pytest.raises(ValueError, match=r"cannot have an ejection fraction of 80 %; \d+ % is as near"):
        still.with_ejection_fraction(80)


def test_mass_stays_and_is_that_of_the_shape():
    beating = at_ed_and_es("normal")
    assert 70 < beating.mass_g < 230  # ASE/EACVI 2015: 66 to 224 g, women and men
    assert at_ed_and_es("hypertrophic").mass_g > 1.3 * beating.mass_g


def test_volume_rests_while_all_valves_are_shut():
    one = plain()
    beat = one.rhythm.beats[0]
    for first_s, last_s in ((beat.start_s, beat.aortic_open_s), (beat.aortic_close_s, beat.mitral_open_s)):
        volume = one.at(np.linspace(first_s, last_s, 6)).volume_ml
        assert np.ptp(volume) < 1e-9


def test_a_late_wall_stretches_while_the_others_contract():
    delay_s = np.tile([0.0, 0.0, 0.0, 0.0, 0.1, 0.1], 3)
    one = plain(delay_s=delay_s)
    beat = one.rhythm.beats[0]
    volume = one.at(np.linspace(beat.aortic_close_s, beat.mitral_open_s, 6)).volume_ml
    assert np.ptp(volume) > 0.5


def test_breathing_moves_the_whole_and_starts_where_it_is():
    one = plain(drift=Drift((1.0, -2.0, 3.0), 5.0, 4.0, 0.1, (0.5, 0.0, 0.0)))
    beating = one.at([0.0, 1.3])
    rotation, shift = beating.pose(0)
    assert rotation == pytest.approx(np.eye(3))
    assert shift == pytest.approx(0)
    rotation, shift = beating.pose(1)
    assert rotation @ rotation.T == pytest.approx(np.eye(3))
    breath = np.sin(2 * np.pi * (1.3 / 4 + 0.1)) - np.sin(2 * np.pi * 0.1)
    assert shift == pytest.approx([breath + 0.65, -2 * breath, 3 * breath])
    assert beating.volume_ml[1] == pytest.approx(replace(one, drift=Drift()).at([1.3]).volume_ml[0])


def test_places_in_the_chest_go_there_and_back():
    one = plain(drift=Drift((1.0, -2.0, 3.0), 5.0))
    beating = one.at([0.9])
    points = Material(one.shape, np.array([27.0, 29.0]), np.array([1.0, -2.0]), np.array([30.0, 60.0]))
    back = beating.undo(beating.place(points, 0), 0)
    assert back.radius_mm == pytest.approx(points.radius_mm)
    assert back.z_mm == pytest.approx(points.z_mm)


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"longitudinal": -0.5}, "longitudinal shortening must be -0.4 to 0.1"),
        ({"circumferential": 0.4}, "circumferential shortening must be -0.7 to 0.3"),
        ({"apical_twist_deg": 31.0}, "apical twist in degrees must be -30 to 30"),
        ({"basal_twist_deg": np.nan}, "basal twist in degrees must be -30 to 30"),
        ({"amplitude": np.full(18, 2.5)}, "smallest amplitude must be -1 to 2"),
        ({"delay_s": np.full(18, np.nan)}, "smallest delay_s must be -0.2 to 0.3"),
        ({"delay_s": np.zeros(17)}, "delay_s needs 18 values"),
    ],
)
def test_numbers_out_of_range_are_refused_with_the_range(change, reported):
    with pytest.raises(ValueError, match=reported):
        plain(**change)


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"breathing_s": 0.0}, "a breath in seconds must be 1 to 30"),
        ({"breathing_mm": (0.0, 40.0, 0.0)}, "breathing in mm must be -30 to 30"),
        ({"breathing_deg": np.nan}, "breathing in degrees must be -30 to 30"),
        ({"slide_mm_per_s": (11.0, 0.0, 0.0)}, "drift in mm/s must be -10 to 10"),
        ({"start": 2.0}, "must be -1 to 1"),
    ],
)
def test_drift_out_of_range_is_refused_with_the_range(change, reported):
    with pytest.raises(ValueError, match=reported):
        Drift(**change)


@pytest.mark.parametrize("times_s", [[], [0.0, np.nan], [np.inf], 0.5, [[0.0, 0.1]]])
def test_times_that_are_none_are_refused(times_s):
    with pytest.raises(ValueError, match="finite numbers of seconds"):
        heart().at(times_s)
