import numpy as np
import pytest

from kinecor.core.cycle.cycle import cycle_events, fit_periodic_curve, rates
from kinecor.core.values.recording import cycle_length_s

T = 0.8
TIMES = np.arange(20) * T / 20


def pump(times, turn=0.0):
    """100 to 150 ml: two harmonics whose slope is known."""
    w = 2 * np.pi / T
    return 120 + 25 * np.cos(w * (times - turn)) + 6 * np.cos(2 * w * (times - turn))


def steepest():
    times = np.arange(20000) * T / 20000
    return float(np.abs(np.gradient(pump(times), times)).max())


def test_rates_of_a_curve_with_known_slope():
    curve = fit_periodic_curve(pump(TIMES), TIMES, T)
    found = rates(curve)
    assert found.ejection == pytest.approx(steepest(), rel=0.002)
    assert found.filling == pytest.approx(steepest(), rel=0.002)
    assert curve.value(TIMES) == pytest.approx(pump(TIMES))
    assert 0 < found.ejection_s < T / 2 < found.filling_s < T


def test_where_the_loop_is_cut_does_not_matter():
    for turn in (0.1, 0.33, 0.7):
        found = rates(fit_periodic_curve(pump(TIMES, turn), TIMES, T))
        assert found.ejection == pytest.approx(steepest(), rel=0.002)


def test_noise_of_single_phases_does_not_pass_for_a_rate():
    rng = np.random.default_rng(5)
    raw, smooth = [], []
    for _ in range(40):
        noisy = pump(TIMES) + rng.normal(0, 3, 20)
        smooth.append(rates(fit_periodic_curve(noisy, TIMES, T)).ejection / steepest())
        raw.append(-np.diff(noisy).min() / (T / 20) / steepest())
    assert np.mean(smooth) == pytest.approx(1, abs=0.35)
    assert np.mean(np.abs(np.array(smooth) - 1)) < 0.7 * np.mean(np.abs(np.array(raw) - 1))


def test_too_few_phases_bear_no_rate():
    sparse = np.full(20, np.nan)
    sparse[[0, 7]] = 150, 90
    assert fit_periodic_curve(sparse, TIMES, T) is None


def test_ed_and_es_go_round_the_end_of_the_loop():
    beat = cycle_events(pump(TIMES, 18 * T / 20), TIMES, T).beats[0]
    assert beat.ed == 18
    assert beat.es == 8


def test_on_a_flat_top_ed_is_the_last_phase_before_emptying():
    # As a real stack at rest: full from phase 17 on, emptying from 0.
    emptying = [226.8, 222.6, 213.3, 202.7, 193.7, 186.8, 184.6, 186.3, 186.2, 188.0]
    filling = [189.8, 192.5, 196.7, 201.4, 206.4, 215.0, 226.4, 230.9, 230.5, 229.3]
    volume = np.array([*emptying, *filling])
    beat = cycle_events(volume, TIMES, T).beats[0]
    assert (beat.ed, beat.es) == (18, 6)


def test_two_phases_are_enough_to_distinguish_ed_from_es():
    sparse = np.full(20, np.nan)
    sparse[[18, 7]] = 150, 90
    beat = cycle_events(sparse, TIMES, T).beats[0]
    assert (beat.ed, beat.es) == (18, 7)


@pytest.mark.parametrize("volume", [np.full(20, np.nan), np.full(20, 100.0), 100 + np.sin(TIMES), np.zeros(20)])
def test_what_does_not_beat_has_no_events(volume):
    assert cycle_events(volume, TIMES, T) is None


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(None, 0.8), (75, 0.8), (60, 1.0), (150, 0.8), (20, 0.8)],
    ids=["not told", "fits", "phases end before the cycle", "shorter than the phases", "absurd"],
)
def test_the_length_of_the_cycle(rate, expected):
    assert cycle_length_s(TIMES, rate) == pytest.approx(expected)


def test_a_fall_by_a_slice_that_the_base_leaves_is_not_part_of_a_flat_top():
    # Of a real study: the fit hardly falls from phase 19 to 0, what was measured does.
    volume = np.array([192.7, 187.8, 168.4, 159.3, 150.8, 143.6, 139.6, 138.7, 140.3, 142.4])
    volume = np.concatenate((volume, [148.0, 154.2, 176.1, 180.7, 182.0, 183.2, 185.5, 190.2, 194.9, 194.3]))
    events = cycle_events(volume, np.arange(20) * 0.04, 0.8)
    assert (events.beats[0].ed, events.beats[0].es) == (19, 7)
