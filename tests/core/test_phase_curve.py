import numpy as np
import pytest

from kinecor.core.events import Beat, CardiacEvents
from kinecor.core.phase_curve import Disagreement, PhaseCurve, disagreements, paired, taken
from kinecor.core.track import Origin


def events(*beats: tuple[int, int]) -> CardiacEvents:
    return CardiacEvents(tuple(Beat(ed, es) for ed, es in beats), Origin.MODEL)


@pytest.mark.parametrize(
    ("ed", "es", "beats"),
    [
        ([0, 20], [8], [(0, 8)]),
        ([0, 20], [8, 29], [(0, 8), (20, 29)]),
        ([20], [8, 29], [(20, 29)]),
        ([12], [4], [(12, 4)]),
        ([], [4], []),
        ([3], [], []),
        ([1, 5, 21], [8, 29], [(5, 8), (21, 29)]),
    ],
)
def test_each_es_goes_with_the_ed_before_it(ed, es, beats):
    assert paired(ed, es) == tuple(Beat(*one) for one in beats)


def test_only_marks_more_than_a_frame_apart_are_told():
    found = disagreements(events((0, 10), (20, 30)), events((1, 13), (20, 28)))
    assert found == (Disagreement(0, "es", 10, 13), Disagreement(1, "es", 30, 28))
    assert disagreements(events((0, 10)), events((1, 9))) == ()


def test_round_a_cycle_the_last_frame_is_next_to_the_first():
    assert disagreements(events((0, 8)), events((19, 8)), cycle=20) == ()
    assert disagreements(events((0, 8)), events((18, 8)), cycle=20) == (Disagreement(0, "ed", 0, 18),)
    assert disagreements(events((0, 8)), events((19, 8))) == (Disagreement(0, "ed", 0, 19),)


def test_beats_that_are_not_as_many_cannot_be_compared():
    assert disagreements(events((0, 10)), events((0, 10), (20, 30))) is None


def test_a_curve_is_valid_once_it_exists():
    curve = PhaseCurve([1, 0.2, 0.9], (Beat(0, 1),), "model:phases@1+ab")
    assert curve.events == events((0, 1))
    assert not curve.values.flags.writeable
    for values, beats in (([1, np.nan], ()), ([[1.0]], ()), ([1, 0], (Beat(0, 2),)), ([1, 0, 1], (Beat(0, 1),) * 2)):
        with pytest.raises(ValueError):  # noqa: PT011 - four sentences
            PhaseCurve(values, beats, "m")


def test_either_may_be_taken_mark_by_mark():
    now, source = events((0, 10), (20, 30)), events((1, 13), (20, 28))
    found = taken(now, source, Disagreement(0, "es", 10, 13))
    assert found == CardiacEvents((Beat(0, 13), Beat(20, 30)), Origin.EDITED)
    assert taken(now, source).beats == source.beats
    assert taken(None, source, Disagreement(0, "es", 10, 13)).beats == source.beats


def test_a_mark_that_cannot_go_there_alone_brings_the_others():
    now, source = events((0, 10), (14, 30)), events((1, 15), (20, 28))
    found = taken(now, source, Disagreement(0, "es", 10, 15))
    assert found.beats == source.beats
    assert found.origin is Origin.EDITED
