from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.events import Beat, CardiacEvents
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
