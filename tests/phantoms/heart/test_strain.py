import numpy as np
import pytest

from kinecor_lab.simulators.differences import strains_by_differences
from kinecor_phantoms.heart.strain import (
    CURVES,
    seventeen,
    sixteen,
    strain_rate_per_s,
    strains,
    time_to_peak_s,
)
from tests.hearts import at_ed_and_es, heart


@pytest.mark.parametrize(("population", "seed"), [("infarct", 3), ("amyloid", 5), ("bundle-branch-block", 2)])
def test_strain_is_what_differences_of_the_material_map_give(population, seed):
    one = heart(population, seed)
    beat = one.rhythm.beats[0]
    # Of bundle branch block at the flash of the septum, which is over at ES.
    later_s = beat.aortic_open_s if one.flash.any() else beat.aortic_close_s
    beating = one.at([beat.start_s, later_s])
    whole, parts = strains(beating, float(beating.times_s[0]))
    wall, segments = strains_by_differences(beating, 0, 1)
    for name in CURVES:
        assert whole[name][0] == pytest.approx(0, abs=1e-9)
        assert whole[name][1] == pytest.approx(wall[name], abs=0.01)
        assert parts[name][1] == pytest.approx(segments[name], abs=0.01)


def test_a_normal_heart_has_normal_strain():
    beating = at_ed_and_es("normal")
    whole, _ = strains(beating, float(beating.times_s[0]))
    assert -24 < whole["longitudinal"][1] < -15
    assert -38 < whole["circumferential_endo"][1] < whole["circumferential"][1] < -8
    assert 25 < whole["radial"][1] < 70


def test_sixteen_and_seventeen_segments_take_the_apical_six_together():
    segments = np.arange(18.0)
    four = [12.0, 13.5, 15.0, 16.5]
    assert sixteen(segments).tolist() == [*range(12), *four]
    assert seventeen(np.stack([segments, segments]))[1].tolist() == [*range(12), *four, np.mean(four)]


def test_rate_is_the_slope():
    times_s = np.linspace(0, 1, 101)
    rate = strain_rate_per_s(-20 * np.sin(np.pi * times_s), times_s)
    assert rate[0] == pytest.approx(-0.2 * np.pi, abs=0.01)
    assert rate[50] == pytest.approx(0, abs=1e-9)


def test_the_peak_is_found_between_frames():
    times_s = np.arange(30) / 30
    peaks_s = np.array([0.31, 0.47])
    curves = -15 + 80 * (times_s[:, None] - peaks_s) ** 2
    assert time_to_peak_s(curves, times_s) == pytest.approx(peaks_s)
    assert time_to_peak_s(times_s[::-1], times_s) == pytest.approx(times_s[-1])


def test_strain_starts_from_the_given_end_diastole():
    one = heart("normal", 2)
    later_s = one.rhythm.beats[0].aortic_close_s
    whole, _ = strains(one.at([0.0]), later_s)
    assert whole["longitudinal"][0] > 10
