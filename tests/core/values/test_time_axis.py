import math

import numpy as np
import pytest

from kinecor.core.values.recording import TimeAxis

UNEVEN_S = np.array([0.0, 0.1, 0.3, 0.6])
LOOP, CYCLE = TimeAxis(UNEVEN_S), TimeAxis(UNEVEN_S, 0.8)


def test_distance_is_in_time_and_the_shorter_way_round_a_cycle():
    assert LOOP.distance_s(0) == pytest.approx([0, 0.1, 0.3, 0.6])
    assert CYCLE.distance_s(0) == pytest.approx([0, 0.1, 0.3, 0.2])
    assert CYCLE.distance_s(3) == pytest.approx([0.2, 0.3, 0.3, 0])


def test_weights_fall_with_time_from_this_frame_only_to_all_alike():
    weights = CYCLE.weights(0, 0.2, least=0.2)
    assert weights == pytest.approx([1, math.exp(-0.25), 0, math.exp(-1)])
    assert CYCLE.weights(2, 0.0).tolist() == [0, 0, 1, 0]
    assert LOOP.weights(1, math.inf).tolist() == [1, 1, 1, 1]


def test_a_share_of_the_time_between_two_frames_goes_on_round_the_cycle():
    assert LOOP.share(0, 1, 2) == pytest.approx(1 / 3)
    assert CYCLE.at_s(4) == pytest.approx(0.8)
    assert CYCLE.share(2, 3, 5) == pytest.approx(0.3 / 0.6)


@pytest.mark.parametrize(("times_s", "period_s"), [([0, 0.2, 0.1], None), ([0, 0.2], 0.2), ([[0.0]], None)])
def test_times_increase_and_a_cycle_holds_them(times_s, period_s):
    with pytest.raises(ValueError, match=r"expected|ends before"):
        TimeAxis(np.array(times_s), period_s)
