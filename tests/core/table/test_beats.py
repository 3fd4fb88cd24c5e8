from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.over_views import beat_rows, spread
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import BeatChoices
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import counted_beats, index_beat
from kinecor.core.values.track import Origin
from kinecor.session.edits import ChooseBeats
from tests.core.readings import HALF_MM, beating, reading_of

# Four beats; the fourth follows two of like length, the third two of unlike length.
EDS = (0, 20, 36, 53)


@pytest.fixture(scope="module")
def loop():
    widths = np.concatenate([beating(one, 1, swing) for one, swing in ((20, 0.2), (16, 0.25), (17, 0.3), (20, 0.25))])
    events = CardiacEvents(tuple(Beat(ed, ed + 9) for ed in EDS), Origin.MODEL)
    return reading_of(widths, calibration=HALF_MM, events=events)


def edv(reading):
    return next(one for one in measurements(reading) if one.code == "ESV")


def chosen(reading, *excluded, index_beat=False):
    return ChooseBeats(BeatChoices(excluded, index_beat)).apply(reading, "Ann")


def test_the_mean_names_its_beats_and_their_spread(loop):
    assert edv(loop).method == "method of disks (single plane), mean of 4 beats"
    every = beat_rows(loop)
    assert [(one.number, one.ed, one.es, one.counted, one.index_beat) for one in every] == [
        (number, ed, ed + 9, True, number == 3) for number, ed in enumerate(EDS)
    ]
    assert every[0].before_s is None
    assert every[1].before_s == pytest.approx(0.8)
    sds = spread(every)
    assert sds["ESV"] == pytest.approx(np.std([one.esv_ml for one in every], ddof=1))
    assert sds["EF"] > 1
    assert spread(beat_rows(chosen(loop, 0, 20, 36))) == {}
    assert beat_rows(loop.with_(calibration=None))[0].edv_ml is None


def test_a_beat_left_out_is_not_measured(loop):
    left = chosen(loop, 20)
    assert [beat.ed for beat in counted_beats(left)] == [0, 36, 53]
    assert edv(left).frames == (9, 45, 62)
    assert edv(left).method.endswith(", mean of 3 of 4 beats")
    assert edv(left).status == "edited"
    assert "Ann" in edv(left).by
    assert edv(chosen(loop, 0, 20, 36)).method.endswith(", 1 of 4 beats")


def test_a_loop_is_never_left_without_beats(loop):
    assert counted_beats(chosen(loop, *EDS)) == loop.events.beats
    assert counted_beats(chosen(loop, 5)) == loop.events.beats


def test_the_index_beat_follows_two_beats_of_like_length(loop):
    assert index_beat(loop) == 3
    found = chosen(loop, index_beat=True)
    assert [beat.ed for beat in counted_beats(found)] == [53]
    assert edv(found).method.endswith(", index beat (4 of 4)")
    assert index_beat(chosen(loop, 53, index_beat=True)) == 2


def test_without_three_beats_there_is_no_index_beat(loop):
    two = loop.with_(events=replace(loop.events, beats=loop.events.beats[:2]))
    assert index_beat(two) is None
    assert len(counted_beats(chosen(two, index_beat=True))) == 2
