import numpy as np
import pytest

from kinecor.core.values.events import (
    Beat,
    CardiacEvents,
    Disagreement,
    PhaseCurve,
    disagreements,
    pair_beats,
    take_mark,
)
from kinecor.core.values.track import Origin


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
        ([31], [4, 20], [(31, 4)]),
    ],
)
def test_each_es_goes_with_the_ed_before_it(ed, es, beats):
    assert pair_beats(ed, es) == tuple(Beat(*one) for one in beats)


def curve(ed: tuple[int, ...], es: tuple[int, ...], frames: int = 40) -> PhaseCurve:
    return PhaseCurve(np.zeros(frames), ed, es, "model:phases@1+ab")


def test_only_marks_more_than_a_frame_apart_are_reported():
    found = disagreements(events((0, 10), (20, 30)), curve((1, 20), (13, 28)))
    assert found == (Disagreement(0, "es", 10, 13), Disagreement(1, "es", 30, 28))
    assert disagreements(events((0, 10)), curve((1,), (9,))) == ()


def test_round_a_cycle_the_last_frame_is_next_to_the_first():
    volume = events((0, 8))
    assert disagreements(volume, curve((19,), (8,), 20), cycle=20) == ()
    assert disagreements(volume, curve((18,), (8,), 20), cycle=20) == (Disagreement(0, "ed", 0, 18),)


def test_of_one_beat_the_next_ed_is_no_disagreement():
    assert disagreements(events((0, 8)), curve((19,), (8,), 20)) == ()
    assert disagreements(events((19, 8)), curve((0,), (7,), 20)) == ()
    assert disagreements(events((0, 8)), curve((19,), (11,), 20)) == (Disagreement(0, "es", 8, 11),)
    assert disagreements(events((0, 8)), curve((3, 19), (8,), 20)) == (Disagreement(0, "ed", 0, 3),)
    assert disagreements(events((0, 8)), curve((12,), (16,), 20)) == (
        Disagreement(0, "ed", 0, 12),
        Disagreement(0, "es", 8, 16),
    )


def test_a_mark_is_held_against_the_nearest_also_of_beats_that_are_cut_off():
    assert disagreements(events((20, 4)), curve((20,), (4, 29))) == ()


def test_beats_that_are_not_as_many_cannot_be_matched():
    assert disagreements(events((0, 10)), curve((0, 20), (10, 30))) is None
    assert disagreements(events((0, 10), (20, 30)), curve((0,), (10,))) is None
    assert disagreements(events((0, 10)), curve((5,), ())) == ()


def test_a_curve_is_valid_once_it_exists():
    made = PhaseCurve([1, 0.2, 0.9], (0,), (1,), "model:phases@1+ab")
    assert made.events == events((0, 1))
    assert not made.values.flags.writeable
    for values, ed in (([1, np.nan], ()), ([[1.0]], ()), ([1, 0], (2,)), ([1, 0, 1], (1, 0)), ([1, 0], (0, 0))):
        with pytest.raises(ValueError):  # noqa: PT011 - five sentences
            PhaseCurve(values, ed, (), "m")


def test_marks_may_be_stored_to_a_fraction_of_a_frame():
    made = PhaseCurve(np.zeros(20), (0, 9), (5,), "m", (19.6, 9.25), (4.5,))
    clock = np.arange(20) * 0.04 + 1
    assert made.times_s("ed", clock) == pytest.approx((1.784, 1.37))
    assert made.times_s("es", clock) == pytest.approx((1.18,))
    uneven = np.concatenate((clock[:5], clock[5:] + 0.1))
    assert made.times_s("es", uneven) == pytest.approx((1.23,))
    assert curve((3,), (9,)).times_s("ed", np.arange(40) * 0.5) == (1.5,)
    assert PhaseCurve([0.5], (0,), (), "m").times_s("ed", np.array([2.0])) == (2.0,)


@pytest.mark.parametrize("places", [(0.2,), (0.2, 9.6), (0.2, np.nan), (-0.1, 9), (20.0, 9)])
def test_a_fraction_of_a_frame_is_at_its_mark(places):
    with pytest.raises(ValueError, match="within half a frame"):
        PhaseCurve(np.zeros(20), (0, 9), (), "m", places)


def test_either_may_be_taken_mark_by_mark():
    found = take_mark(events((0, 10), (20, 30)), 0, "es", 13)
    assert found == CardiacEvents((Beat(0, 13), Beat(20, 30)), Origin.EDITED)
    assert take_mark(None, 0, "es", 13) is None
    assert take_mark(events(), 0, "es", 13) is None


def test_a_mark_that_cannot_go_there_alone_is_not_taken():
    assert take_mark(events((0, 10), (14, 30)), 0, "es", 15) is None
