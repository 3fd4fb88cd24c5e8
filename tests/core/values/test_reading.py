import numpy as np
import pytest

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Decision, Facts, Reading, StackFacts, View, first_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Source
from kinecor.core.values.track import ContourTrack, Origin, Structure

FACTS = Facts("1.2.3", 40, 50, np.arange(4) * 0.04, "FrameTime")
SQUARE = Contour([[0, 0], [2, 0], [2, 2], [0, 2]])


def track(structure=Structure.LV_ENDO, frames=4):
    return ContourTrack(structure, (SQUARE,) * frames, (Origin.MODEL,) * frames, np.ones(frames))


def test_facts_count_their_frames_and_refuse_times_that_are_none():
    assert FACTS.frames == 4
    with pytest.raises(ValueError, match="finite"):
        Facts("1.2.3", 40, 50, np.array([0, np.nan]), "FrameTime")


def test_the_next_reading_shares_what_did_not_change():
    tracks = {Structure.LV_ENDO: track()}
    before = Reading(FACTS, tracks=tracks)
    tracks.clear()
    after = before.with_(notes="clear")
    assert (before.notes, after.notes) == ("", "clear")
    assert after.facts is before.facts
    assert after.tracks[Structure.LV_ENDO] is before.tracks[Structure.LV_ENDO]


@pytest.mark.parametrize("part", ["tracks", "authors", "decisions"])
def test_the_parts_of_a_reading_cannot_be_changed(part):
    with pytest.raises(TypeError):
        getattr(Reading(FACTS), part)["x"] = 1


@pytest.mark.parametrize("wrong", [{Structure.LV_ENDO: track(frames=3)}, {Structure.LA: track()}])
def test_a_track_that_does_not_belong_is_refused(wrong):
    with pytest.raises(ValueError, match="a track of 4 frames was expected"):
        Reading(FACTS, tracks=wrong)


@pytest.mark.parametrize("beat", [Beat(0, 4), Beat(4, 0)])
def test_events_beyond_the_recording_are_refused(beat):
    with pytest.raises(ValueError, match="beyond the last frame, 3"):
        Reading(FACTS, events=CardiacEvents((beat,), Origin.EDITED))


def test_unknown_parts_are_refused():
    with pytest.raises(TypeError):
        Reading(FACTS).with_(colour="red")


def test_the_first_reading_says_what_the_file_says_and_no_more():
    scale, offered = Calibration(0.3, 0.3, "region"), Calibration(0.5, 0.5, "corrected")
    cine = CineSequence(
        ArrayFrames(np.zeros((4, 40, 50), np.uint8)),
        np.arange(4) * 0.04,
        "FrameTime",
        scale,
        Source("clip.dcm", "1.2.3", "1.2", "US"),
        calibration_origin="region",
        offered=offered,
        view="A4C",
        heart_rate_per_min=61.0,
        warnings=("the region runs beyond the picture",),
    )
    reading = first_reading(cine)
    facts = reading.facts
    assert (facts.recording_id, facts.rows, facts.columns, facts.frames) == ("1.2.3", 40, 50, 4)
    assert np.array_equal(facts.times_s, cine.times_s)
    assert (facts.times_origin, facts.heart_rate_per_min) == ("FrameTime", 61.0)
    assert (facts.offered, facts.calibration_origin, facts.warnings) == (offered, "region", cine.warnings)
    assert reading.calibration is scale
    assert reading.view == View("A4C", None, "header")
    assert (dict(reading.tracks), reading.events, dict(reading.decisions)) == ({}, None, {})


def test_without_a_view_in_the_header_there_is_none():
    frames = ArrayFrames(np.zeros((1, 4, 5), np.uint8))
    cine = CineSequence(frames, np.zeros(1), "assumed", None, Source("x", "1", "2", ""))
    assert first_reading(cine).view is None


def test_a_decision_is_a_value():
    assert Decision("EF", True, None, "Anna") == Decision("EF", True, None, "Anna")


def test_slices_are_concatenated() -> None:
    for positions_mm in ([], [0.0, 0.0], [10.0, 0.0], [[0.0, 1.0]]):
        with pytest.raises(ValueError, match="slice positions increase"):
            StackFacts(np.array(positions_mm, float))
