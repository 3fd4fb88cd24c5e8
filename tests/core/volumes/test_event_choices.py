from dataclasses import replace

import numpy as np

from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.event_choices import AI, ECG, MARKED, VOLUME, choices
from tests.readings import cine, ellipse, read

LATE = 1 - 0.125 * (1 - np.cos(np.pi * np.clip(np.arange(24) - 1, 0, None) / 11))
"""A cavity that empties slowly at first, over its size at the first frame."""


def reading():
    one = read(cine(24))
    contours = tuple(ellipse(64, 45, 16 * share, 28 * share) for share in LATE)
    endo = one.tracks[Structure.LV_ENDO]
    return one.with_(tracks={Structure.LV_ENDO: endo.replaced(0, contours, endo.origins)})


READING = reading()
EVENTS = CardiacEvents((Beat(0, 12),), Origin.MODEL)


def curve(ed, es):
    return PhaseCurve(np.linspace(1, 0, 24), (ed,), (es,), "model:phases@1.0.0+ab")


def test_where_all_agree_there_is_nothing_to_choose():
    assert choices(READING, EVENTS, None, ()) is None
    assert choices(READING, EVENTS, curve(1, 12), ()) is None
    assert choices(READING, EVENTS, curve(1, 12), (0.02,)) is None
    assert choices(READING, None, None, (0.02,)) is None


def test_an_r_wave_away_from_the_fullest_frame_is_a_candidate():
    found = choices(READING, EVENTS, None, (0.09,))
    (one,) = found.each
    assert (one.beat, one.mark) == (0, "ed")
    assert [(each.source, each.frame) for each in one.candidates] == [(VOLUME, 0), (ECG, 2)]
    assert found.whole[ECG].beats == (Beat(2, 12),)
    assert found.apart == 2


def test_all_three_are_candidates_of_one_mark():
    found = choices(READING, EVENTS, curve(4, 12), (0.09,))
    assert [(each.source, each.frame) for each in found.each[0].candidates] == [(VOLUME, 0), (AI, 4), (ECG, 2)]


def test_one_that_contradicts_the_curve_is_named_and_not_offered():
    found = choices(READING, EVENTS, None, (0.3,))
    assert found.each == ()
    assert ECG not in found.whole
    beat, one = found.unfit
    assert beat == 0
    assert one.late_s == 0.3


def test_a_mark_in_force_off_the_largest_volume_is_offered_beside_the_curves():
    moved = READING.with_(events=CardiacEvents((Beat(4, 12),), Origin.EDITED))
    found = choices(moved, EVENTS, None, ())
    (one,) = found.each
    assert (one.beat, one.mark) == (0, "ed")
    assert [(each.source, each.frame) for each in one.candidates] == [(VOLUME, 0), (MARKED, 4)]
    assert found.whole[MARKED].beats == (Beat(4, 12),)
    assert found.apart == 4
    beside = READING.with_(events=CardiacEvents((Beat(1, 12),), Origin.EDITED))
    assert choices(beside, EVENTS, None, ()) is None
    # Where sources differ already, the line is there.
    assert [each.source for each in choices(moved, EVENTS, curve(4, 12), ()).each[0].candidates] == [VOLUME, AI]


def damaged(*frames):
    images = replace(READING.facts.images, measured=True, damaged=frames)
    return READING.with_(facts=replace(READING.facts, images=images))


def test_no_source_offers_a_mark_on_a_damaged_frame():
    """By the AI 15 is ES: offered, unless the image of that frame is damaged."""
    whole = choices(READING, EVENTS, curve(0, 15), ())
    assert [(one.source, one.frame) for one in whole.each[0].candidates] == [(VOLUME, 12), (AI, 15)]
    assert choices(damaged(14, 15, 16), EVENTS, curve(0, 15), ()) is None
    two = choices(damaged(14, 15, 16), EVENTS, curve(4, 15), ())
    assert [(one.mark, one.candidates[1].frame) for one in two.each] == [("ed", 4)]
    assert two.whole[AI].beats == (Beat(4, 13),)


def test_an_r_wave_on_a_damaged_frame_is_not_offered():
    assert choices(damaged(2), EVENTS, None, (0.09,)) is None
