"""ED and ES of simulated hearts of every rhythm, by their true volume and by the area that a view shows."""

import numpy as np
import pytest

from kinecor.core.cycle.cycle import cycle_events, find_beats, fit_periodic_curve, rates
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.plane import apical
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.heart.truth import beats_in, disks
from tests.hearts import heart


def frames_outside(time_s, low_s, high_s, frames_per_s):
    return max(low_s - time_s, time_s - high_s, 0.0) * frames_per_s


@pytest.mark.parametrize("rhythm", ["sinus", "ectopic", "fibrillation"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_every_beat_s_ed_and_es_are_within_a_frame_of_the_valves_events(population, rhythm):
    # The volume rests from mitral closure to aortic opening, and from aortic closure to mitral opening.
    one, rate = heart(population, 10, rhythm=rhythm, beats=4), 40
    times_s = np.arange(0, one.rhythm.duration_s, 1 / rate)
    beating = one.at(times_s)
    whole = [beat for beat in beats_in(beating) if beat.mitral_open_s + 0.1 < times_s[-1]]
    found = find_beats(beating.volume_ml, times_s).beats
    assert len(whole) >= 3
    for beat in whole:
        nearest = min(found, key=lambda pair: abs(times_s[pair.es] - beat.es_s))
        ed = min(beat.ed_s, beat.fullest_s), max(beat.aortic_open_s, beat.fullest_s)
        es = min(beat.es_s, beat.emptiest_s), max(beat.mitral_open_s, beat.emptiest_s)
        # Where the ventricle is full it may rest before mitral closure: ED is then any frame of that rest.
        full = beating.volume_ml[nearest.ed] >= 0.995 * beating.volume_ml.max()
        assert full or frames_outside(times_s[nearest.ed], *ed, rate) <= 1
        assert frames_outside(times_s[nearest.es], *es, rate) <= 1


def test_r_waves_name_the_end_diastoles():
    one = heart("normal", 10, rhythm="fibrillation", beats=4)
    times_s = np.arange(0, one.rhythm.duration_s, 0.02)
    waves_s = tuple(beat.start_s for beat in one.rhythm.beats)
    found = find_beats(one.at(times_s).volume_ml, times_s, waves_s).beats
    for beat in one.rhythm.beats[1:-1]:
        assert min(abs(times_s[pair.ed] - beat.start_s) for pair in found) <= 0.01 + 1e-9


def test_one_view_s_contours_give_the_beats_of_the_whole_ventricle():
    one = heart("normal", 10, beats=2)
    times_s = np.arange(0, one.rhythm.duration_s, 1 / 30)
    beating = one.at(times_s)
    volume = []
    for frame in range(len(times_s)):
        cut = Section(beating, frame, apical("A4C", 0.0), Anatomy(beating, frame), exact=False)
        across, length_mm = disks(cut.arch(0.0))
        volume.append((across**2).sum() * length_mm)
    true, seen = (find_beats(np.asarray(curve), times_s).beats for curve in (beating.volume_ml, volume))
    assert len(true) == len(seen) == 2
    assert np.abs(np.array([(a.ed - b.ed, a.es - b.es) for a, b in zip(true, seen, strict=True)])).max() <= 2


@pytest.mark.parametrize("population", POPULATIONS)
def test_a_gated_cycle_has_the_true_events_and_rates(population):
    one = heart(population, 10)
    beat = one.rhythm.beats[0]
    cycle_s = beat.end_s - beat.start_s
    times_s = np.arange(25) / 25 * cycle_s
    beating = one.at(times_s)
    found = cycle_events(beating.volume_ml, times_s, cycle_s).beats[0]
    late_s = max(beat.mitral_open_s, beats_in(beating)[0].emptiest_s)
    assert beat.aortic_close_s - 0.06 <= times_s[found.es] <= late_s + 0.04
    fine_s = np.linspace(0, cycle_s, 400)
    slope = np.gradient(one.at(fine_s).volume_ml, fine_s)
    curve = fit_periodic_curve(beating.volume_ml, times_s, cycle_s)
    measured = rates(curve)
    assert measured.ejection == pytest.approx(-slope.min(), rel=0.25)
    assert measured.filling == pytest.approx(slope.max(), rel=0.35)
