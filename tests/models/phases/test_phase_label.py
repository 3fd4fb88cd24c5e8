import numpy as np
import pytest

from kinecor_models.phases.model import label_curve


def test_each_ed_is_the_maximum_and_each_es_the_minimum_of_its_beat():
    times = np.arange(60) / 25
    curve = label_curve(times, [0.0, 0.8, 1.8, 2.6], [0.32, 1.2, 2.1])
    peaks = [i for i in range(1, 59) if curve[i] > curve[i - 1] and curve[i] >= curve[i + 1]]
    valleys = [i for i in range(1, 59) if curve[i] < curve[i - 1] and curve[i] <= curve[i + 1]]
    assert peaks == [20, 45]
    assert valleys == [8, 30, 52 if curve[52] < curve[53] else 53]
    assert curve[20] == pytest.approx(1)
    assert curve[8] == pytest.approx(0, abs=1e-9)
    assert np.nanmax(curve) <= 1
    assert np.nanmin(curve) >= 0


def test_systole_is_that_of_eq_4():
    printed = np.abs((np.arange(9) - 8) / 8) ** 3
    assert label_curve(np.arange(9.0), [0, 20], [8]) == pytest.approx(printed)


def test_beyond_the_known_events_nothing_is_known():
    curve = label_curve(np.array([-0.1, 0.0, 0.2, 0.9, 1.0, 1.1]), [0.0, 1.0], [0.4])
    assert np.isnan(curve).tolist() == [True, False, False, False, False, True]
    assert curve[1] == 1
    assert curve[4] == 1


def test_a_single_event_gives_nothing():
    assert np.isnan(label_curve(np.arange(4.0), [], [2.0])).all()
    assert np.isnan(label_curve(np.arange(4.0), [], [])).all()
