import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.events import Beat, CardiacEvents
from kinecor.core.track import Origin

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


@given(st.lists(frame, max_size=6))
def test_beats_follow_each_other_by_their_ed(eds):
    beats = tuple(Beat(ed, ed + 7) for ed in eds)
    if eds == sorted(set(eds)):
        assert CardiacEvents(beats, Origin.MODEL).beats == beats
    else:
        with pytest.raises(ValueError, match="follow each other"):
            CardiacEvents(beats, Origin.MODEL)
