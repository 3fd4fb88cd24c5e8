import numpy as np
import pytest

from kinecor_phantoms.heart.rhythm import (
    Beat,
    Rhythm,
    beat_at,
    ectopic_rhythm,
    ejection_s,
    fibrillation_rhythm,
    sinus_rhythm,
)


def test_ejection_shortens_with_the_rate_as_weissler_measured():
    assert ejection_s(60) == pytest.approx(0.311)
    assert ejection_s(100) == pytest.approx(0.243)
    assert ejection_s(220) == pytest.approx(0.09)


@pytest.mark.parametrize("rate", [30, 45, 70, 110, 160, 220])
def test_contraction_rests_isovolumically_rises_in_ejection_and_falls_in_filling(rate):
    beat = sinus_rhythm(rate, 1).beats[0]
    rhythm = sinus_rhythm(rate, 1)
    before = rhythm.contraction(np.linspace(beat.start_s, beat.aortic_open_s, 9))
    ejection = rhythm.contraction(np.linspace(beat.aortic_open_s, beat.aortic_close_s, 40))
    relaxation = rhythm.contraction(np.linspace(beat.aortic_close_s, beat.mitral_open_s, 9))
    filling = rhythm.contraction(np.linspace(beat.mitral_open_s, beat.end_s - 1e-9, 80))
    assert (before == 0).all()
    assert (np.diff(ejection) > 0).all()
    assert ejection[-1] == pytest.approx(1)
    assert relaxation == pytest.approx(1)
    assert (np.diff(filling) <= 1e-12).all()
    assert filling[-1] == pytest.approx(0, abs=1e-6)


def test_filling_is_fast_first_slow_in_diastasis_and_ends_with_the_kick():
    rhythm = sinus_rhythm(60, 1)
    beat = rhythm.beats[0]
    early = beat.mitral_open_s + 0.22
    rapid, resting, kick = (
        np.ptp(rhythm.contraction([a, b - 1e-9]))
        for a, b in ((beat.mitral_open_s, early), (early, beat.kick_s), (beat.kick_s, beat.end_s))
    )
    assert rapid > 0.6
    assert resting < 0.1
    assert kick == pytest.approx(0.25, abs=0.01)


def test_valves_open_when_they_should():
    rhythm = sinus_rhythm(70, 1)
    beat = rhythm.beats[0]
    systole = np.linspace(beat.start_s + 1e-6, beat.mitral_open_s, 30)
    assert rhythm.mitral_opening(systole).max() < 1e-9
    assert rhythm.mitral_opening([beat.mitral_open_s + 0.08])[0] > 0.95
    assert rhythm.aortic_opening([(beat.aortic_open_s + beat.aortic_close_s) / 2])[0] == pytest.approx(1)
    shut = [beat.aortic_open_s, beat.aortic_close_s, beat.mitral_open_s, beat.kick_s]
    assert rhythm.aortic_opening(shut) == pytest.approx(0)


def test_the_mitral_valve_does_not_open_again_without_a_kick():
    rng = np.random.default_rng(0)
    beat = fibrillation_rhythm(60, 1, rng).beats[0]
    late = np.linspace(beat.kick_s, beat.end_s, 20)
    assert np.diff(Rhythm((beat,)).mitral_opening(late)).max() <= 1e-12


def test_times_outside_repeat_the_first_and_the_last_beat():
    rhythm = ectopic_rhythm(70, 4, np.random.default_rng(3))
    first, last = rhythm.beats[0], rhythm.beats[-1]
    inside = np.linspace(first.start_s, first.end_s - 1e-6, 23)
    before = rhythm.contraction(inside - 2 * (first.end_s - first.start_s))
    assert before[:12] == pytest.approx(rhythm.contraction(inside)[:12], abs=1e-9)
    inside = np.linspace(last.start_s, last.end_s - 1e-6, 23)
    after = rhythm.contraction(inside + 3 * (last.end_s - last.start_s))
    assert after == pytest.approx(rhythm.contraction(inside), abs=1e-9)


@pytest.mark.parametrize("off_s", [-1e-3, -1e-9, -1e-17, 0.0, 1e-17, 1e-9])
def test_the_first_beat_begins_without_a_jump(off_s):
    # As full as a beat that came too soon: its repeats before it end where it begins.
    rhythm = Rhythm((beat_at(0.0, 0.6, full=0.3), beat_at(0.6, 0.8)))
    assert rhythm.contraction([off_s])[0] == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize("make", [sinus_rhythm, ectopic_rhythm, fibrillation_rhythm])
def test_contraction_is_continuous_over_all_beats_and_beyond(make):
    rhythm = make(80, 6, np.random.default_rng(5))
    contraction = rhythm.contraction(np.arange(-1, rhythm.duration_s + 1, 0.001))
    assert np.abs(np.diff(contraction)).max() < 0.03


def test_phase_runs_from_0_to_1_in_every_beat():
    rhythm = sinus_rhythm(60, 3)
    assert [rhythm.phase(t) for t in (0.0, 0.25, 1.5, 3.25, -0.25)] == pytest.approx([0, 0.25, 0.5, 0.25, 0.75])


def test_regular_beats_are_equal_and_others_vary():
    regular = sinus_rhythm(75, 5)
    assert {round(b.end_s - b.start_s, 9) for b in regular.beats} == {0.8}
    assert regular.rate_per_min == pytest.approx(75)
    varied = sinus_rhythm(75, 40, np.random.default_rng(1))
    intervals = np.diff([b.start_s for b in varied.beats])
    assert 0.015 < intervals.std() / intervals.mean() < 0.05
    wild = fibrillation_rhythm(90, 40, np.random.default_rng(1))
    intervals = np.diff([b.start_s for b in wild.beats])
    assert intervals.std() / intervals.mean() > 0.12
    assert np.std([b.empty for b in wild.beats]) > 0.03
    assert {b.kick for b in wild.beats} == {0.0}


@pytest.mark.parametrize("seed", range(8))
def test_an_ectopic_beat_is_early_weak_and_followed_by_a_pause(seed):
    rhythm = ectopic_rhythm(70, 5, np.random.default_rng(seed))
    intervals = [b.end_s - b.start_s for b in rhythm.beats]
    early = int(np.argmax([b.full for b in rhythm.beats]))
    assert early > 0
    assert rhythm.beats[early].full >= 0.2
    assert rhythm.beats[early].empty <= 0.9
    assert intervals[early - 1] < 0.76 * 60 / 70
    assert intervals[early] > 1.24 * 60 / 70
    assert ectopic_rhythm(70, 1, np.random.default_rng(seed)).beats[0].full == 0


@pytest.mark.parametrize("rate", [29.9, 220.1, np.nan])
def test_rates_out_of_range_are_refused_with_the_range(rate):
    with pytest.raises(ValueError, match="30 to 220 per minute"):
        sinus_rhythm(rate, 1)


@pytest.mark.parametrize("beats", [0, 61])
def test_numbers_of_beats_out_of_range_are_refused_with_the_range(beats):
    with pytest.raises(ValueError, match="1 to 60 beats"):
        fibrillation_rhythm(70, beats, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("level", "value", "reported"),
    [("kick", 0.7, "0 to 0.6"), ("empty", 0.1, "0.3 to 1.3"), ("full", np.nan, "-0.2 to 0.6")],
)
def test_levels_out_of_range_are_refused_with_the_range(level, value, reported):
    with pytest.raises(ValueError, match=f"{level} must be {reported}"):
        beat_at(0.0, 0.8, **{level: value})


def test_beats_out_of_order_are_refused():
    with pytest.raises(ValueError, match="must follow each other"):
        Beat(0, 0.05, 0.04, 0.4, 0.6, 0.8)
    with pytest.raises(ValueError, match="must follow each other"):
        Beat(0, 0.05, np.nan, 0.4, 0.6, 0.8)
    with pytest.raises(ValueError, match=r"0\.27 to 2\.00 s"):
        beat_at(0, 2.5)
    with pytest.raises(ValueError, match="at least one beat"):
        Rhythm(())
    with pytest.raises(ValueError, match="the next starts at"):
        Rhythm((beat_at(0, 0.8), beat_at(0.9, 0.8)))
