import numpy as np
import pytest
from hypothesis import given, settings

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Decision, View
from kinecor.core.values.track import STRUCTURE_NAMES, Origin, Structure
from kinecor.session.edits import (
    ClearDecision,
    Decide,
    RemoveTrack,
    SetCalibration,
    SetContours,
    SetEsBy,
    SetEvents,
    SetNotes,
    SetPropagatedBy,
    SetTrack,
    SetView,
    SetViewSeen,
    SetWithheld,
    Several,
)
from tests.deep import same
from tests.session.samples import ALL_EDITS, FRAMES, circle, contours, edits, first, track

ENDO = Structure.LV_ENDO


def test_contours_of_a_person_make_a_track_that_is_empty_elsewhere():
    drawn = circle()
    after = SetContours(ENDO, 2, (drawn, None)).apply(first(), "Anna")
    made = after.tracks[ENDO]
    assert made.contours == (None, None, drawn, None, None, None)
    assert made.origins[2] is made.origins[3] is Origin.EDITED
    assert made.confidence.tolist() == [0, 0, 1, 0, 0, 0]
    assert after.authors == {"tracks/lv_endo/edited": "Anna"}


def test_contours_of_a_person_leave_the_other_frames_of_a_model_alone():
    before = SetTrack(track()).apply(first(), "model:a@1+x")
    after = SetContours(ENDO, 1, (circle(10.0),)).apply(before, "Anna")
    assert after.tracks[ENDO].contours[1].points[0, 0] != before.tracks[ENDO].contours[1].points[0, 0]
    for frame in (0, 2, 3, 4, 5):
        assert after.tracks[ENDO].contours[frame] is before.tracks[ENDO].contours[frame]
        assert after.tracks[ENDO].origins[frame] is Origin.MODEL
    assert before.authors == {"tracks/lv_endo": "model:a@1+x"}
    assert after.authors == {"tracks/lv_endo": "model:a@1+x", "tracks/lv_endo/edited": "Anna"}
    again = SetTrack(track()).apply(after, "model:a@2+y")
    assert again.authors == {"tracks/lv_endo": "model:a@2+y"}


@pytest.mark.parametrize(
    "edit",
    [
        SetContours(ENDO, 1, (circle(10.0),)),
        SetTrack(track()),
        RemoveTrack(ENDO),
        SetEvents(CardiacEvents((Beat(0, 3),), Origin.EDITED)),
        SetCalibration(None),
    ],
)
def test_what_changes_the_numbers_opens_accepted_ones_again(edit):
    decisions = (Decide("EDV", True), Decide("ESV", False), Decide("EF", True, 55.0))
    before = Several("read", (SetTrack(track()), *decisions)).apply(first(), "Anna")
    assert set(edit.apply(before, "Ben").decisions) == {"ESV", "EF"}
    assert set(SetNotes("n").apply(before, "Ben").decisions) == {"EDV", "ESV", "EF"}


@pytest.mark.parametrize("edit", [SetTrack(track()), RemoveTrack(ENDO)])
def test_a_new_whole_track_has_no_editor(edit):
    before = Several("x", (SetTrack(track()), SetContours(ENDO, 1, (circle(),)))).apply(first(), "Anna")
    assert edit.apply(before, "model:b@2+y").authors == {"tracks/lv_endo": "model:b@2+y"}


@pytest.mark.parametrize("edit", [SetTrack(track()), RemoveTrack(ENDO), SetContours(ENDO, 2, (circle(),))])
def test_a_model_that_refined_what_follows_is_an_author_while_there_is_something(edit):
    ways = (Origin.EDITED, Origin.TRACKED)
    by = "model:listener@1.0.0+x"
    drawn = Several("x", (SetTrack(track()), SetContours(ENDO, 1, (circle(), circle(9.0)), ways)))
    before = Several("y", (drawn, SetPropagatedBy(ENDO, by))).apply(first(), "Anna")
    assert before.authors["tracks/lv_endo/propagated"] == by
    assert "tracks/lv_endo/propagated" not in edit.apply(before, "Anna").authors


@pytest.mark.parametrize("edit", [SetTrack(track()), RemoveTrack(ENDO)])
def test_the_model_of_es_is_an_author_as_long_as_its_contours(edit):
    by = "model:lv-pairs@1.0.0+x"
    before = Several("x", (SetTrack(track()), SetEsBy(ENDO, by))).apply(first(), "model:lv-apical@1+y")
    assert before.authors == {"tracks/lv_endo": "model:lv-apical@1+y", "tracks/lv_endo/at-es": by}
    assert "tracks/lv_endo/at-es" not in edit.apply(before, "Anna").authors
    assert before.authors.items() <= SetContours(ENDO, 1, (circle(),)).apply(before, "Anna").authors.items()


def test_who_removed_a_track_is_no_author_of_the_next():
    before = Several("x", (SetTrack(track()), RemoveTrack(ENDO))).apply(first(), "Ben")
    assert SetContours(ENDO, 1, (circle(),)).apply(before, "Anna").authors == {"tracks/lv_endo/edited": "Anna"}


def test_propagated_contours_have_the_confidence_of_their_source():
    before = SetTrack(track()).apply(first(), "model:a@1+x")
    edit = SetContours(ENDO, 1, (circle(10.0), circle(11.0)), (Origin.EDITED, Origin.TRACKED))
    after = edit.apply(before, "Anna").tracks[ENDO]
    assert after.origins[:3] == (Origin.MODEL, Origin.EDITED, Origin.TRACKED)
    assert after.confidence[1] == 1
    assert after.confidence[2] == before.tracks[ENDO].confidence[2]


def test_contours_need_as_many_origins():
    with pytest.raises(ValueError, match="as many origins"):
        SetContours(ENDO, 1, (circle(), circle()), (Origin.EDITED,))


@pytest.mark.parametrize("start", [-1, FRAMES])
def test_contours_beyond_the_recording_are_refused(start):
    with pytest.raises(ValueError, match="outside"):
        SetContours(ENDO, start, (circle(),)).apply(first(), "Anna")


def test_a_track_of_another_length_is_refused():
    with pytest.raises(ValueError, match="6 frames was expected"):
        SetTrack(track(frames=5)).apply(first(), "Anna")


def test_events_beyond_the_recording_are_refused():
    with pytest.raises(ValueError, match="beyond"):
        SetEvents(CardiacEvents((Beat(0, FRAMES),), Origin.EDITED)).apply(first(), "Anna")


def test_removing_a_track_leaves_the_others_unchanged():
    both = Several("both", (SetTrack(track()), SetTrack(track(Structure.LA)))).apply(first(), "Anna")
    after = RemoveTrack(ENDO).apply(both, "Ben")
    assert set(after.tracks) == {Structure.LA}
    assert after.tracks[Structure.LA] is both.tracks[Structure.LA]
    assert after.authors["tracks/lv_endo"] == "Ben"


def test_each_plain_edit_sets_its_part_and_names_its_author():
    scale, view = Calibration(0.3, 0.3, "ruler"), View("A4C", None, "Anna")
    events = CardiacEvents((Beat(0, 3),), Origin.EDITED)
    steps = (
        SetCalibration(scale),
        SetView(view),
        SetEvents(events),
        SetNotes("n"),
        SetWithheld("w"),
        Decide("EF", True),
    )
    after = Several("all", steps).apply(first(), "Anna")
    assert (after.calibration, after.view, after.events) == (scale, view, events)
    assert (after.notes, after.withheld) == ("n", "w")
    assert after.decisions == {"EF": Decision("EF", True, None, "Anna")}
    assert set(after.authors) == {"calibration", "view", "events", "notes", "withheld", "decisions/EF"}
    assert set(after.authors.values()) == {"Anna"}
    assert ClearDecision("EF").apply(after, "Ben").decisions == {}


@pytest.mark.parametrize(
    "arguments", [("", True), ("EF", True, float("nan")), ("EF", False, float("inf")), ("EF", True, None, float("nan"))]
)
def test_a_decision_that_says_nothing_is_refused(arguments):
    with pytest.raises(ValueError, match=r"measurement|finite"):
        Decide(*arguments)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (SetContours(ENDO, 12, (circle(),)), "LV endocardium, frame 13"),
        (SetContours(ENDO, 3, (circle(), None)), "LV endocardium, frames 4–5"),
        (SetContours(ENDO, 3, (None,)), "LV endocardium removed, frame 4"),
        (
            SetContours(ENDO, 3, (circle(),) * 3, (Origin.TRACKED, Origin.EDITED, Origin.TRACKED)),
            "LV endocardium, frame 5 (4–6 adjusted)",
        ),
        (SetTrack(track()), "LV endocardium, all frames"),
        (RemoveTrack(Structure.LA), "left atrium removed"),
        (SetEvents(CardiacEvents((Beat(1, 9),), Origin.EDITED)), "ED frame 2, ES frame 10"),
        (SetEvents(CardiacEvents((Beat(1, 4), Beat(6, 9)), Origin.EDITED)), "ED and ES of 2 beats"),
        (SetEvents(CardiacEvents((), Origin.EDITED)), "ED and ES removed"),
        (SetCalibration(Calibration(0.25, 0.5, "x")), "calibration 0.25 × 0.5 mm"),
        (SetCalibration(None), "calibration removed"),
        (SetView(View("A4C", None, "x")), "view A4C"),
        (SetViewSeen(View("PLAX", 0.9, "x")), "view PLAX recognised"),
        (SetViewSeen(None), "no view recognised"),
        (Decide("EF", True), "EF accepted"),
        (Decide("EF", False), "EF rejected"),
        (Decide("EF", True, 55.5), "EF set to 55.5"),
        (Decide("EF", True, None, 67.31, "%"), "EF 67 % accepted"),
        (Decide("CO", False, None, 4.26, "l/min"), "CO 4.3 l/min rejected"),
        (Decide("EF", True, 60.0, 67.31, "%"), "EF 67 % replaced by 60 %"),
        (Decide("HR", True, 61.5, None, "1/min"), "HR set to 61.5 /min"),
        (ClearDecision("EF"), "EF as computed"),
        (SetNotes("x"), "notes"),
        (SetNotes(""), "notes removed"),
        (SetWithheld("colour Doppler"), "not measured: colour Doppler"),
        (SetWithheld(None), "measurements allowed"),
        (Several("analysis", ()), "analysis"),
    ],
)
def test_summaries_are_plain_words(edit, words):
    assert edit.summary == words


def test_frames_around_the_end_of_a_cycle_are_named_in_their_order():
    origins = (Origin.EDITED, Origin.TRACKED, Origin.MODEL, Origin.MODEL, Origin.TRACKED, Origin.EDITED)
    assert "frames 6–1" in SetContours(ENDO, 0, (circle(),) * 6, origins).summary


def test_every_structure_has_a_name():
    assert set(STRUCTURE_NAMES) == set(Structure)


@pytest.mark.parametrize("edit", ALL_EDITS, ids=lambda edit: edit.summary)
def test_an_edit_leaves_the_reading_it_starts_from_untouched(edit):
    start, twin = first(), first()
    edit.apply(start, "Anna")
    assert same(start, twin)


@given(edits)
@settings(max_examples=60, deadline=None)
def test_an_edit_gives_the_same_reading_every_time(edit):
    assert same(edit.apply(first(), "Anna"), edit.apply(first(), "Anna"))


@given(contours, contours)
@settings(max_examples=30, deadline=None)
def test_setting_contours_twice_is_setting_the_last(one, other):
    once = SetContours(ENDO, 1, (other,)).apply(first(), "Anna")
    twice = SetContours(ENDO, 1, (other,)).apply(SetContours(ENDO, 1, (one,)).apply(first(), "Anna"), "Anna")
    assert same(once, twice)
    assert np.array_equal(once.tracks[ENDO].contours[1].points, other.points)
