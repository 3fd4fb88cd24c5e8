"""The next end-diastole must look like one, whatever rate is expected."""

import numpy as np
import pytest

from kinecor.core.cycle.cycle import false_beats, next_ed
from kinecor.core.values.events import Beat, PhaseCurve, without_beats
from tests.hearts import heart

TIMES = np.arange(61) * 0.05  # three beats of 1 s
FIRST = Beat(0, 10)


def volume(drift_per_s=0.0, short=0.5):
    return 100 * (1 - short * (1 - np.cos(2 * np.pi * TIMES)) / 2 + drift_per_s * TIMES)


def test_the_fullest_frame_about_where_the_rate_puts_it():
    assert next_ed(volume()[:30], TIMES[:30], FIRST, (60 / 62,)) == 20  # not where 62 a minute would put it


@pytest.mark.parametrize("expected_s", [(), (0.6,), (1.4,), (2.0,), (None, 0.3)])
def test_a_rate_that_the_volume_contradicts_is_ignored(expected_s):
    assert next_ed(volume(), TIMES, FIRST, expected_s) == pytest.approx(20, abs=1)


def test_a_loop_that_ends_before_the_ventricle_is_full_has_none():
    assert next_ed(volume()[:16], TIMES[:16], FIRST, (0.75,)) is None
    assert next_ed(volume()[:13], TIMES[:13], FIRST) is None


def test_a_ventricle_that_never_fills_again_has_none():
    leaking = volume(-0.3)
    assert next_ed(leaking, TIMES, FIRST, (1.0,)) is None


@pytest.mark.parametrize("rhythm", ["sinus", "fibrillation", "ectopic"])
@pytest.mark.parametrize("population", ["normal", "dilated", "hypertrophic", "athletic"])
def test_of_simulated_hearts_it_is_the_next_mitral_closure_without_any_rate(population, rhythm):
    one = heart(population, 10, rhythm=rhythm, beats=4)
    times_s = np.arange(0, one.rhythm.duration_s, 1 / 40)
    curve = one.at(times_s).volume_ml
    beat, following = one.rhythm.beats[:2]
    if following.full > 0.1:  # an early beat finds the ventricle half full
        return
    ed, es = (int(np.argmin(abs(times_s - at))) for at in (beat.start_s, beat.aortic_close_s))
    found = next_ed(curve, times_s, Beat(ed, es))
    assert times_s[found] == pytest.approx(following.start_s, abs=0.08)


def test_a_second_beat_whose_es_follows_its_ed_by_two_frames_is_none():
    beats = (FIRST, Beat(20, 22), Beat(40, 50))
    assert false_beats(beats, volume(), TIMES) == (Beat(20, 22),)
    assert false_beats((FIRST, Beat(20, 30), Beat(40, 50)), volume(), TIMES) == ()
    assert false_beats((Beat(0, 2),), volume(), TIMES) == ()


def test_a_beat_that_ejects_next_to_nothing_is_none():
    weak = np.where(TIMES > 1, 100 - 0.1 * (100 - volume()), volume())
    assert false_beats((FIRST, Beat(20, 30)), weak, TIMES) == (Beat(20, 30),)


def test_the_regressed_curve_is_offered_without_such_beats():
    curve = PhaseCurve(volume() / 100, (0, 20, 40), (10, 22, 50), "model:x@1", (0.2, 20.1, 40.0), (10.0, 22.3, 50.0))
    left = without_beats(curve, [Beat(20, 22)])
    assert left.events.beats == (FIRST, Beat(40, 50))
    assert (left.ed_at, left.es_at) == ((0.2, 40.0), (10.0, 50.0))
