import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.ui.workspace.player import PlaybackClock

TIMES = np.arange(10) * 0.04


def test_shows_each_frame_when_it_is_due():
    clock = PlaybackClock(TIMES).started(0, wall_s=100.0)
    assert [clock.frame_due(100.0 + t) for t in (0.0, 0.039, 0.04, 0.081, 0.36, 0.399)] == [0, 0, 1, 2, 9, 9]


def test_loops_after_the_last_frame_has_had_its_time():
    clock = PlaybackClock(TIMES).started(0, wall_s=0.0)
    assert clock.loop_s == pytest.approx(0.4)
    assert [clock.frame_due(t) for t in (0.4, 0.44, 4.0 + 0.121)] == [0, 1, 3]


def test_a_late_caller_gets_a_later_frame():
    clock = PlaybackClock(TIMES).started(2, wall_s=5.0)
    assert clock.frame_due(5.0 + 0.2) == 7


def test_uneven_times_are_preserved():
    clock = PlaybackClock(np.array([0.0, 0.1, 0.11, 0.5])).started(0, wall_s=0.0)
    assert [clock.frame_due(t) for t in (0.09, 0.105, 0.3, 0.55)] == [0, 1, 2, 3]


@pytest.mark.parametrize(("speed", "frame"), [(0.25, 1), (0.5, 2), (1.0, 4), (2.0, 8)])
def test_speed_scales_time(speed, frame):
    assert PlaybackClock(TIMES, speed).started(0, wall_s=0.0).frame_due(0.165) == frame


def test_another_speed_goes_on_from_the_same_place():
    clock = PlaybackClock(TIMES).started(0, wall_s=0.0).at_speed(0.25, wall_s=0.205)
    assert clock.frame_due(0.205) == 5
    assert clock.frame_due(0.205 + 0.16) == 6


def test_reports_how_long_to_wait():
    clock = PlaybackClock(TIMES, 2.0).started(0, wall_s=0.0)
    assert clock.wait_s(0.0) == pytest.approx(0.02)
    assert clock.wait_s(0.015) == pytest.approx(0.005)


def test_a_single_frame_stays():
    assert PlaybackClock(np.zeros(1)).started(0, wall_s=0.0).frame_due(12.34) == 0


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_refuses_to_stand_still_or_run_backwards(speed):
    with pytest.raises(ValueError, match="speed"):
        PlaybackClock(TIMES, speed)


@given(st.integers(1, 60), st.floats(0.25, 2.0), st.floats(0, 100))
def test_the_frame_due_is_always_one_of_the_loop(frames, speed, wall_s):
    clock = PlaybackClock(np.arange(frames) / 30, speed).started(frames - 1, wall_s=0.0)
    assert 0 <= clock.frame_due(wall_s) < frames
    assert 0 <= clock.wait_s(wall_s) <= 1 / 30 / speed + 0.05 / speed


def test_a_part_is_played_round_and_round():
    clock = PlaybackClock(TIMES, span=(3, 5)).started(3, wall_s=0.0)
    assert [clock.frame_due(t) for t in (0.0, 0.05, 0.09, 0.121, 0.17)] == [3, 4, 5, 3, 4]
    assert clock.wait_s(0.11) == pytest.approx(0.01)


def test_a_sweep_goes_forth_and_back():
    clock = PlaybackClock(TIMES, span=(3, 5), sweep=True).started(3, wall_s=0.0)
    assert [clock.frame_due(t) for t in (0.0, 0.05, 0.09, 0.13, 0.17, 0.21, 0.25)] == [3, 4, 5, 5, 4, 3, 3]
    assert clock.wait_s(0.13) == pytest.approx(0.03)
    faster = clock.at_speed(2.0, wall_s=0.13)
    assert [faster.frame_due(t) for t in (0.131, 0.15, 0.18)] == [5, 4, 3]


@given(st.integers(1, 30), st.floats(0, 100))
def test_a_sweep_stays_in_the_loop_and_always_waits_for_a_change(frames, wall_s):
    clock = PlaybackClock(np.arange(frames) / 30, sweep=True).started(0, wall_s=0.0)
    assert 0 <= clock.frame_due(wall_s) < frames
    assert 0 <= clock.wait_s(wall_s) <= 1 / 30 + 0.05


def test_from_a_frame_outside_it_playing_comes_into_the_part():
    clock = PlaybackClock(TIMES, span=(3, 5))
    assert all(3 <= clock.started(frame, 0.0).frame_due(wall_s) <= 5 for frame in (0, 9) for wall_s in (0.0, 0.1, 7.3))


def test_the_last_frame_of_the_loop_has_its_time_in_a_part_too():
    clock = PlaybackClock(TIMES, span=(8, 9)).started(8, wall_s=0.0)
    assert [clock.frame_due(t) for t in (0.041, 0.079, 0.081)] == [9, 9, 8]


@pytest.mark.parametrize("span", [(-1, 3), (5, 4), (0, 10)])
def test_a_part_lies_within_the_loop(span):
    with pytest.raises(ValueError, match="a part of 10 frames"):
        PlaybackClock(TIMES, span=span)
