from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.cycle.filling import (
    MAX_DOUBT_S,
    onset_of_filling,
    onsets_of_filling,
    opening_bounds,
    opening_by_beat,
    why_no_filling,
    with_opening,
)
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.heart.truth import beats_in
from tests.core.strains import reading
from tests.hearts import heart

PER_S = 50
LATE = "bundle-branch-block"


def beat_of_a_heart(population, *, rhythm="sinus"):
    """Volume and times of a simulated heart, the marks of its first beat, and when its mitral valve opens."""
    one = heart(population, 10, rhythm=rhythm, beats=3)
    times_s = np.arange(0, one.rhythm.duration_s, 1 / PER_S)
    beating = one.at(times_s)
    first, following = beats_in(beating)[:2]
    at = [int(np.abs(times_s - moment).argmin()) for moment in (first.ed_s, first.es_s, following.ed_s)]
    return beating.volume_ml, times_s, Beat(*at[:2]), at[2], first.mitral_open_s


@pytest.mark.parametrize("population", [one for one in POPULATIONS if one != LATE])
def test_the_onset_of_filling_is_within_two_frames_of_the_valve_s_opening(population):
    volume, times_s, beat, following, opened_s = beat_of_a_heart(population)
    found = onset_of_filling(volume, times_s, beat, following)
    assert abs(found.time_s - opened_s) <= 2 / PER_S
    assert 1 / PER_S <= found.doubt_s <= MAX_DOUBT_S


def test_it_is_late_where_walls_still_contract_when_the_valve_opens():
    volume, times_s, beat, following, opened_s = beat_of_a_heart(LATE)
    assert 0.02 < onset_of_filling(volume, times_s, beat, following).time_s - opened_s < 0.08


def test_doubt_grows_with_the_flicker_of_contours_until_there_is_no_onset():
    volume, times_s, beat, following, opened_s = beat_of_a_heart("normal")
    rng, doubts = np.random.default_rng(1), []
    for share in (0.0, 0.02, 0.04):
        seen = volume + share * np.ptp(volume) * rng.normal(size=len(volume))
        found = onset_of_filling(seen, times_s, beat, following)
        doubts.append(found.doubt_s)
        assert abs(found.time_s - opened_s) <= max(2 / PER_S, 2 * found.doubt_s)
    assert doubts == sorted(doubts)
    loud = volume + 0.3 * np.ptp(volume) * rng.normal(size=len(volume))
    assert onset_of_filling(loud, times_s, beat, following) is None


def test_a_loop_that_ends_before_filling_is_steepest_has_no_onset():
    volume, times_s, beat, _, opened_s = beat_of_a_heart("normal")
    end = int(np.searchsorted(times_s, opened_s)) + 2
    assert onset_of_filling(volume[:end], times_s[:end], beat, None) is None


def test_a_curve_that_creeps_or_is_unknown_has_no_onset():
    _, times_s, beat, following, _ = beat_of_a_heart("normal")
    falling = np.clip(1 - (np.arange(len(times_s)) - beat.ed) / (beat.es - beat.ed), 0, 1)
    creeping = np.where(times_s > times_s[beat.es], 0.9 * (times_s - times_s[beat.es]), falling)
    assert onset_of_filling(creeping, times_s, beat, following) is None
    assert onset_of_filling(np.full(len(times_s), np.nan), times_s, beat, following) is None


def test_marks_lie_between_the_closure_and_the_next_ed():
    one = reading()
    assert opening_bounds(one, 0) == (10, 19)
    assert opening_bounds(one, 1) == (30, 40)
    closed = one.with_(valve_closures=(12,))
    assert opening_bounds(closed, 0) == (13, 19)
    assert with_opening(closed, 14) == (14,)
    both = closed.with_(valve_openings=(14, 33))
    assert opening_by_beat(both) == {0: 14, 1: 33}
    assert with_opening(both, 15) == (15, 33)
    assert why_no_filling(both) is None


@pytest.mark.parametrize("frame", [0, 5, 12, 20, 25])
def test_before_the_closure_and_beyond_the_next_ed_it_is_refused(frame):
    with pytest.raises(KinecorError, match=f"frame {frame + 1} is not"):
        with_opening(reading().with_(valve_closures=(12,)), frame)


def test_without_beats_there_is_nothing_to_open_after():
    with pytest.raises(KinecorError, match="mark ED and ES first"):
        with_opening(reading().with_(events=None), 5)
    assert onsets_of_filling(reading().with_(events=None), np.ones(41)) == {}


def test_marks_that_another_mark_contradicts_are_named():
    one = reading().with_(valve_openings=(14,))
    assert "frame 15" in why_no_filling(one.with_(valve_closures=(14,)))
    assert "frame 15" in why_no_filling(one.with_(events=CardiacEvents((Beat(0, 16),), Origin.EDITED)))


def test_assumed_times_give_no_onset():
    one = reading()
    assert onsets_of_filling(replace(one, facts=replace(one.facts, times_origin="assumed")), np.ones(41)) == {}


def test_of_a_loop_begun_in_systole_it_comes_before_the_ed():
    one = reading().with_(events=CardiacEvents((Beat(20, 10),), Origin.EDITED))
    assert opening_bounds(one, 0) == (10, 19)
