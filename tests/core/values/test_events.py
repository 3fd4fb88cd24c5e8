from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents, marks, move_event, set_here, with_beats
from kinecor.core.values.track import Origin

frame = st.integers(0, 500)


@given(frame, frame)
def test_a_beat_needs_two_frames(ed, es):
    if ed == es:
        with pytest.raises(ValueError, match="same frame"):
            Beat(ed, es)
    else:
        assert (Beat(ed, es).ed, Beat(ed, es).es) == (ed, es)


@pytest.mark.parametrize(("ed", "es"), [(-1, 3), (3, -1)])
def test_frames_before_the_first_are_refused(ed, es):
    with pytest.raises(ValueError, match="counted from 0"):
        Beat(ed, es)


@given(st.lists(st.tuples(frame, st.integers(1, 60)), max_size=6))
def test_beats_follow_each_other_without_overlapping(pairs):
    beats = tuple(Beat(ed, ed + length) for ed, length in pairs)
    if all(late.ed > early.es for early, late in pairwise(beats)):
        assert CardiacEvents(beats, Origin.MODEL).beats == beats
    else:
        with pytest.raises(ValueError, match="follow each other"):
            CardiacEvents(beats, Origin.MODEL)


def test_only_a_single_beat_may_begin_with_its_es():
    assert CardiacEvents((Beat(20, 5),), Origin.MODEL).beats == (Beat(20, 5),)
    with pytest.raises(ValueError, match="20-5, 30-40"):
        CardiacEvents((Beat(20, 5), Beat(30, 40)), Origin.MODEL)


TWO = CardiacEvents((Beat(2, 8), Beat(15, 21)), Origin.MODEL)
VOLUME = np.array([9.0, 10.0, 7.0, 4.0, 6.0, np.nan])


@pytest.mark.parametrize(("to", "lands"), [(5, 5), (0, 0), (-4, 0), (9, 7), (30, 7)])
def test_a_mark_stays_between_its_neighbours(to, lands):
    after = move_event(TWO, 0, "ed", to, 30)
    assert after.beats == (Beat(lands, 8), Beat(15, 21))
    assert after.origin is Origin.EDITED


def test_the_last_mark_stops_at_the_last_frame():
    assert move_event(TWO, 1, "es", 99, 30).beats[1].es == 29


def test_here_sets_the_nearest_mark():
    assert set_here(TWO, "es", 19, VOLUME).beats == (Beat(2, 8), Beat(15, 19))


def test_here_refuses_one_frame_for_both():
    with pytest.raises(KinecorError, match="move ES first"):
        set_here(TWO, "ed", 8, VOLUME)


def test_here_never_makes_beats_overlap():
    apart = CardiacEvents((Beat(0, 12), Beat(20, 35)), Origin.MODEL)
    assert set_here(apart, "es", 22, np.ones(40)).beats == (Beat(0, 12), Beat(20, 22))
    assert set_here(apart, "ed", 10, np.ones(40)).beats == (Beat(10, 12), Beat(20, 35))
    with pytest.raises(KinecorError, match="move ES first"):
        set_here(apart, "ed", 35, np.ones(40))


def test_an_ed_after_the_last_es_ends_its_beat_and_moves_no_other_ed():
    apart = CardiacEvents((Beat(0, 12), Beat(20, 35)), Origin.MODEL)
    assert set_here(apart, "ed", 38, np.ones(40)) == CardiacEvents(apart.beats, Origin.EDITED, closing_ed=38)
    single = CardiacEvents((Beat(5, 32),), Origin.MODEL)
    ended = set_here(single, "ed", 59, np.ones(90))
    assert (ended.beats, ended.closing_ed) == (single.beats, 59)
    assert set_here(ended, "ed", 61, np.ones(90)).closing_ed == 61
    assert set_here(ended, "ed", 3, np.ones(90)) == CardiacEvents((Beat(3, 32),), Origin.EDITED, closing_ed=59)
    assert set_here(ended, "es", 30, np.ones(90)) == CardiacEvents((Beat(5, 30),), Origin.EDITED, closing_ed=59)
    # Set where it is already, it is the ED of the only beat after all.
    assert set_here(ended, "ed", 59, np.ones(90)) == CardiacEvents((Beat(59, 32),), Origin.EDITED)


def test_an_es_after_the_closing_ed_begins_the_next_beat():
    ended = CardiacEvents((Beat(5, 32),), Origin.MODEL, closing_ed=59)
    assert set_here(ended, "es", 80, np.ones(90)) == CardiacEvents((Beat(5, 32), Beat(59, 80)), Origin.EDITED)


def test_an_ed_before_the_es_of_a_loop_begun_in_systole_keeps_the_ed_after_it():
    systole_first = CardiacEvents((Beat(59, 32),), Origin.MODEL)
    assert set_here(systole_first, "ed", 5, np.ones(90)) == CardiacEvents((Beat(5, 32),), Origin.EDITED, closing_ed=59)


def test_a_mark_is_not_moved_beyond_the_closing_ed():
    ended = CardiacEvents((Beat(5, 32),), Origin.MODEL, closing_ed=59)
    assert move_event(ended, 0, "es", 70, 90) == CardiacEvents((Beat(5, 58),), Origin.EDITED, closing_ed=59)


def test_a_closing_ed_is_after_all_other_marks():
    for beats, frame in (((Beat(5, 32),), 32), ((Beat(59, 32),), 40), ((), 3)):
        with pytest.raises(ValueError, match="comes after all other marks"):
            CardiacEvents(beats, Origin.MODEL, closing_ed=frame)
    assert with_beats(CardiacEvents((Beat(5, 32),), Origin.MODEL, 59), (Beat(59, 32),)).closing_ed is None


def test_here_may_turn_a_single_beat_around():
    systole_first = CardiacEvents((Beat(20, 5),), Origin.MODEL)
    assert set_here(systole_first, "es", 8, np.ones(40)).beats == (Beat(20, 8),)
    assert set_here(systole_first, "es", 30, np.ones(40)).beats == (Beat(20, 30),)
    with pytest.raises(KinecorError, match="move ED first"):
        set_here(systole_first, "es", 20, np.ones(40))


@pytest.mark.parametrize(
    ("mark", "frame", "beat"), [("ed", 0, Beat(0, 3)), ("es", 4, Beat(1, 4)), ("es", 1, Beat(0, 1))]
)
def test_a_first_mark_finds_its_partner_on_the_curve(mark, frame, beat):
    assert set_here(None, mark, frame, VOLUME).beats == (beat,)


def test_a_first_mark_needs_a_curve():
    with pytest.raises(KinecorError, match="analyse"):
        set_here(None, "ed", 0, np.full(5, np.nan))


def test_all_marks_in_order():
    assert marks(TWO) == ((0, "ed", 2), (0, "es", 8), (1, "ed", 15), (1, "es", 21))
    assert marks(None) == ()
