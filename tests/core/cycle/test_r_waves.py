import numpy as np
import pytest

from kinecor.core.cycle.r_waves import r_waves_s, suggested_ed
from kinecor.core.values.events import Beat
from kinecor.core.values.recording import Trace
from kinecor_phantoms.echo.ecg import voltage

STARTS_S = np.array([-0.3, 0.55, 1.32, 2.4, 3.1, 4.0])


def trace(rate_hz=250, first_s=-0.2, last_s=3.6, change=lambda values, times_s: values):
    times_s = np.arange(first_s, last_s, 1 / rate_hz)
    turns = np.interp(times_s, STARTS_S, np.arange(len(STARTS_S)))
    return Trace(times_s, change(voltage(turns), times_s))


RNG = np.random.default_rng(3)
CHANGES = {
    "as it is": lambda values, times_s: values,
    "upside down, in counts": lambda values, times_s: 2000 - 400 * values,
    "noise": lambda values, times_s: values + 0.04 * RNG.normal(size=len(values)),
    "mains": lambda values, times_s: values + 0.05 * np.sin(2 * np.pi * 50 * times_s),
    "breathing": lambda values, times_s: values + 0.8 * np.sin(2 * np.pi * 0.3 * times_s),
    "beats of unlike height": lambda values, times_s: values * np.where(times_s < 1, 0.6, 1),
}


@pytest.mark.parametrize("rate_hz", [100, 250, 1000])
@pytest.mark.parametrize("change", CHANGES)
def test_r_waves_are_found_to_the_hundredth_of_a_second(change, rate_hz):
    found = r_waves_s(trace(rate_hz, change=CHANGES[change]))
    assert found == pytest.approx([0.55, 1.32, 2.4, 3.1], abs=0.012)


@pytest.mark.parametrize(
    "values",
    [
        lambda times_s: np.zeros(len(times_s)),
        lambda times_s: np.random.default_rng(1).normal(size=len(times_s)),
        lambda times_s: np.sin(2 * np.pi * 7 * times_s) * (1 + 0.3 * np.sin(times_s * 5)),
    ],
)
def test_where_none_stands_out_there_is_none(values):
    times_s = np.arange(0, 4, 0.004)
    assert r_waves_s(Trace(times_s, values(times_s))) == ()


def test_a_trace_with_a_gap_or_too_short_a_one_has_none():
    whole = trace()
    kept = (whole.times_s < 1) | (whole.times_s > 1.2)
    assert r_waves_s(Trace(whole.times_s[kept], whole.values[kept])) == ()
    assert r_waves_s(Trace(whole.times_s[:20], whole.values[:20])) == ()


TIMES_S = np.arange(100) * 0.02
VOLUME = 100 - 25 * (1 - np.cos(2 * np.pi * (TIMES_S - 0.1) / 0.9))
BEATS = (Beat(5, 27), Beat(50, 72))


def test_the_frame_nearest_to_the_r_wave_of_a_beat_is_suggested():
    found = suggested_ed((0.06, 0.93), BEATS, VOLUME, TIMES_S)
    assert {beat: one.frame for beat, one in found.items()} == {0: 3, 1: 46}
    assert not any(one.contradicts for one in found.values())
    assert found[1].late_s == pytest.approx(-0.07)


def test_one_far_from_the_fullest_frame_contradicts_the_curve():
    assert suggested_ed((0.75,), BEATS, VOLUME, TIMES_S)[1].contradicts
    late = suggested_ed((0.1 + 0.26,), BEATS, VOLUME, TIMES_S)[0]
    assert late.contradicts
    assert late.lacking > 0.5


def test_r_waves_that_were_not_recorded_suggest_nothing():
    assert suggested_ed((), BEATS, VOLUME, TIMES_S) == {}
    assert suggested_ed((-0.2, 1.7), BEATS, VOLUME, TIMES_S) == {}
    assert suggested_ed((0.1,), (Beat(50, 27),), VOLUME, TIMES_S) == {}
    assert suggested_ed((0.1,), BEATS, np.full(100, np.nan), TIMES_S) == {}
