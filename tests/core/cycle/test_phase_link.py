"""Two clips in phase: exact at events, even between them, whatever their rates, beats and beginnings."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.cycle.phase_link import PhaseClock, linked_frames
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import closing_ed, phase_clock
from kinecor.session.edits import SetContours
from tests import stacks
from tests.core.readings import beating, reading_of, two_beats
from tests.core.shapes import truncated_ellipse
from tests.readings import cine, read


def clock(frames, rate, *beats, closing=None, **more):
    return PhaseClock(np.arange(frames) / rate, tuple(Beat(*one) for one in beats), closing, **more)


def test_events_meet_events_and_the_time_between_is_stretched_evenly():
    one, other = clock(41, 50, (0, 16), closing=40), clock(31, 30, (0, 10), closing=30)
    found = linked_frames(one, other)
    assert [found[0], found[16], found[40]] == [0, 10, 30]
    assert found[8] == 5
    assert found[28] == 20
    assert (np.diff(found) >= 0).all()


def test_there_and_back_is_the_same_frame_where_rates_allow_it():
    one, other = clock(21, 25, (2, 8), closing=20), clock(81, 100, (4, 40), closing=78)
    there, back = linked_frames(one, other), linked_frames(other, one)
    assert [int(back[frame]) for frame in there[2:21]] == list(range(2, 21))


def test_each_beat_is_stretched_between_its_own_events():
    one = clock(61, 50, (0, 15), (30, 40), closing=60)
    other = clock(101, 50, (0, 10), (50, 70), closing=100)
    found = linked_frames(one, other)
    assert [found[at] for at in (0, 15, 30, 40, 60)] == [0, 10, 50, 70, 100]
    assert [found[at] for at in (35, 50)] == [60, 85]
    assert (np.diff(found) >= 0).all()


def test_a_clip_of_one_beat_repeats_it_beside_one_of_several():
    one = clock(91, 50, (0, 10), (30, 40), (60, 70), closing=90)
    other = clock(31, 50, (0, 15), closing=30)
    found = linked_frames(one, other)
    assert [found[at] for at in (0, 10, 29, 30, 40, 60, 70)] == [0, 15, 29, 30, 15, 30, 15]
    assert found[32] == 3
    assert found[89] == 29


def test_several_beats_beside_one_stay_in_the_first():
    one, other = clock(31, 50, (0, 15), closing=30), clock(91, 50, (0, 10), (30, 40), (60, 70), closing=90)
    found = linked_frames(one, other)
    assert [found[at] for at in (0, 15, 30)] == [0, 10, 30]


def test_a_loop_that_begins_in_systole():
    one, other = clock(50, 50, (30, 8)), clock(60, 50, (10, 25), closing=50)
    found = linked_frames(one, other)
    assert found[30] == 10
    # ES before the first ED is seen in the beat that the other clip shows; the diastole from there on, too.
    assert found[8] == 25
    assert found[19] == 37  # of two frames as near, the earlier
    back = linked_frames(other, one)
    assert [back[10], back[25]] == [30, 8]


def test_without_a_closing_ed_diastole_runs_by_the_headers_rate_else_as_beside_it():
    seen = clock(51, 50, (0, 20), closing=50)
    open_ended = clock(46, 50, (0, 15))
    assert linked_frames(open_ended, seen)[[0, 15, 30, 45]].tolist() == [0, 20, 35, 50]
    by_rate = clock(46, 50, (0, 15), beat_s=0.9)
    assert linked_frames(by_rate, seen)[[0, 15, 30, 45]].tolist() == [0, 20, 35, 50]
    fast = clock(46, 50, (0, 15), beat_s=0.6)
    assert linked_frames(fast, seen)[[15, 29]].tolist() == [20, 48]


def test_a_clip_cut_off_after_es_waits_at_its_nearest_frame():
    one, other = clock(41, 50, (0, 20), closing=40), clock(21, 50, (0, 20))
    found = linked_frames(one, other)
    assert found[20] == 20
    assert found[25] == 20
    assert found[38] == 0
    assert found.max() == 20


def test_gated_cycles_go_round():
    one, other = clock(20, 20, (18, 6), period_s=1.0), clock(25, 25, (0, 9), period_s=1.0)
    found = linked_frames(one, other)
    assert [found[18], found[6]] == [0, 9]
    assert found[19] in (1, 2)
    back = linked_frames(other, one)
    assert [back[0], back[9]] == [18, 6]
    assert back[24] == 17


def test_clips_without_events_run_by_time():
    one, other = clock(100, 50, (0, 15), closing=40), clock(25, 25)
    found = linked_frames(one, other)
    assert [found[0], found[26], found[50], found[99]] == [0, 13, 0, 24]
    assert linked_frames(clock(10, 10), clock(20, 20)).tolist() == list(range(0, 20, 2))


def test_clips_without_events_run_by_beats_where_both_headers_state_a_rate():
    rest, peak = clock(10, 10, beat_s=1.0), clock(10, 20, beat_s=0.5)
    assert linked_frames(rest, peak).tolist() == list(range(10))
    assert linked_frames(peak, rest).tolist() == list(range(10))
    assert linked_frames(rest, replace(peak, beat_s=None)).tolist() == [0, 2, 4, 6, 8] * 2


def test_a_still_stays_and_a_pair_of_stills_shows_the_nearer_one():
    beat = clock(41, 50, (0, 16), closing=40)
    assert linked_frames(beat, clock(1, 1)).tolist() == [0] * 41
    assert linked_frames(clock(1, 1), beat).tolist() == [0]
    pair = linked_frames(beat, clock(2, 1, (0, 1)))
    assert pair[0] == 0
    assert pair[16] == 1
    assert pair[20] == 1
    assert pair[38] == 0


@pytest.mark.parametrize("rate", [7.3, 25, 59.94, 200])
def test_every_frame_of_a_clip_beside_itself_is_itself(rate):
    same = clock(60, rate, (3, 17), (30, 44), closing=57)
    assert linked_frames(same, same).tolist() == list(range(60))


def test_the_clock_of_a_reading_has_its_beats_and_the_ed_after_them():
    found = phase_clock(read(cine()))
    assert found.beats == read(cine()).events.beats
    assert found.closing_ed is None or found.closing_ed > found.beats[-1].es
    gated = phase_clock(stacks.read(stacks.stack()))
    assert gated.period_s is not None
    assert linked_frames(gated, found)[gated.beats[0].es] == found.beats[0].es


def test_clips_stay_in_phase_when_the_contour_at_the_closing_ed_is_corrected():
    loop = reading_of(beating(50, 2.2), events=CardiacEvents((Beat(0, 11), Beat(23, 34)), Origin.MODEL))
    marked = loop.with_(events=replace(loop.events, closing_ed=closing_ed(loop)))
    narrow = [truncated_ellipse(half_width=19.0, points=96)] * 3
    other = phase_clock(reading_of(beating(40), events=two_beats(), heart_rate_per_min=75.0))

    def linked(reading):
        return linked_frames(phase_clock(reading), other).tolist()

    edit = SetContours(Structure.LV_ENDO, 44, tuple(narrow))
    assert linked(edit.apply(marked, "Ann")) == linked(marked) == linked(loop)
    # Without the mark the ED after the last beat is another one then, and the other clip jumps.
    assert linked(edit.apply(loop, "Ann")) != linked(loop)
