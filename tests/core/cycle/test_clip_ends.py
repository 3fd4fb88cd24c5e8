import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.cycle.cycle import end_warnings
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin
from tests.readings import cine, read

RECORDING = cine(frames=12)


def marked(*beats):
    return read(RECORDING).with_(events=CardiacEvents(beats, Origin.MODEL))


@pytest.mark.parametrize(
    ("beats", "words"),
    [
        ((Beat(0, 11),), "ends at ES (frame 12)"),
        ((Beat(0, 3), Beat(6, 11)), "ends at ES (frame 12)"),
        ((Beat(8, 0),), "begins at ES (frame 1)"),
    ],
)
def test_a_smallest_cavity_at_the_loops_end_is_reported_everywhere(beats, words):
    reading = marked(*beats)
    (warning,) = end_warnings(reading)
    assert words in warning
    assert "EF and GLS" in warning
    assert warning in assess(reading).warnings


@pytest.mark.parametrize("beats", [(Beat(0, 6),), (Beat(11, 4),), (Beat(0, 10),), ()])
def test_a_smallest_cavity_between_others_is_not(beats):
    assert end_warnings(marked(*beats)) == ()


def test_a_fast_loop_that_ends_a_frame_later_is_reported_as_well():
    reading = marked(Beat(0, 10))
    facts = reading.facts
    quick = type(facts)("r", facts.rows, facts.columns, facts.times_s / 4, "FrameTime")
    assert end_warnings(reading.with_(facts=quick))


def test_phases_that_go_round_have_no_end():
    reading = marked(Beat(0, 11))
    facts = reading.facts
    round_ = type(facts)("r", facts.rows, facts.columns, facts.times_s, "FrameTime", in_stack=True)
    assert end_warnings(reading.with_(facts=round_)) == ()
