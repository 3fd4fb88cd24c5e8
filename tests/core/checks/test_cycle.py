"""Beats that are none, jumps of the volume, loops that begin or end in systole."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import Severity
from kinecor.core.cycle.cycle import spikes
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.recording import ImageFacts
from kinecor.core.values.track import Origin
from kinecor.core.volumes.loop_volumes import to_end_systole, volume_events
from tests.core.readings import HALF_MM, beating, reading_of, two_beats
from tests.hearts import heart


def codes(reading):
    return {one.code: one for one in assess(reading).findings if one.code.startswith(("cycle.", "time."))}


def read(widths, *beats, **more):
    return reading_of(widths, calibration=HALF_MM, events=CardiacEvents(beats, Origin.MODEL), **more)


def test_a_sound_loop_has_no_finding():
    assert codes(reading_of(beating(), events=two_beats(), heart_rate_per_min=75.0)) == {}


def spiked():
    """Atrium and ventricle merge for three frames after the first ES."""
    widths = beating()
    widths[12:15] *= 1.6
    return widths


def test_a_spike_of_some_frames_is_named_and_neither_ed_nor_es_rests_on_it():
    reading = reading_of(spiked())
    events = volume_events(reading)
    assert [(beat.ed, beat.es) for beat in events.beats] == [(0, 10), (20, 30)]
    one = codes(reading.with_(events=events))["cycle.volume-spike"]
    assert one.severity is Severity.INFO
    assert set(one.frames) == {12, 13, 14}


def test_an_ed_on_a_spike_withholds_what_rests_on_it():
    one = codes(read(spiked(), Beat(0, 10), Beat(13, 30)))["cycle.volume-spike"]
    assert one.severity is Severity.STOP
    assert "EF" in one.measurements


@pytest.mark.parametrize("rhythm", ["sinus", "fibrillation", "ectopic"])
@pytest.mark.parametrize("population", ["normal", "dilated", "hypertrophic", "small", "child", "tachycardia"])
@pytest.mark.parametrize("rate", [30, 40, 60])
def test_no_simulated_heart_has_spikes(population, rhythm, rate):
    one = heart(population, 10, rhythm=rhythm, beats=4)
    times_s = np.arange(0, one.rhythm.duration_s, 1 / rate)
    assert not spikes(one.at(times_s).volume_ml, times_s).any()


def test_a_weak_or_short_beat_among_others_is_doubted_and_can_be_left_out():
    widths = np.concatenate([beating(20, 1.0), np.full(20, 25.0) - np.sin(np.pi * np.arange(20) / 20)])
    weak = codes(read(widths, Beat(0, 10), Beat(20, 30)))["cycle.false-beat"]
    assert (weak.severity, weak.subject) == (Severity.CHECK, "1")
    assert weak.remedies[0].action == "exclude-beat"
    short = codes(read(beating(), Beat(0, 2), Beat(5, 10)))["cycle.false-beat"]
    assert short.severity is Severity.STOP


def test_a_loop_from_ed_to_es_has_no_mark_and_one_that_ends_in_ejection_has():
    whole = beating()
    assert to_end_systole(read(whole[:11], Beat(0, 10)))
    assert codes(read(whole[:11], Beat(0, 10), heart_rate_per_min=130.0)) == {}
    cut = codes(read(whole[:7], Beat(0, 6)))
    assert cut["cycle.es-at-the-end"].severity is Severity.CHECK
    assert {"ESV", "EF", "LAV"} <= cut["cycle.es-at-the-end"].measurements


def test_a_loop_that_begins_in_ejection_doubts_edv():
    whole = beating(20, 1.0)
    late = codes(read(whole[4:17], Beat(0, 6)))
    assert "EDV" in late["cycle.ed-not-recorded"].measurements


def test_a_loop_shorter_than_the_look_out_after_its_beginning_is_checked_too():
    short = read(np.array([25.0, 18.0, 25.0, 25.0]), Beat(0, 1))
    short = short.with_(facts=replace(short.facts, times_s=np.arange(4) / 50.0))
    assert "cycle.ed-not-recorded" not in codes(short)


def test_volumes_of_consecutive_ends_of_diastole_agree_in_a_regular_rhythm():
    widths = beating()
    widths[16:] *= 1.12
    one = codes(read(widths, Beat(0, 10), Beat(20, 30)))["cycle.ed-differs"]
    assert one.frames == (0, 20)


def begun_elsewhere(times):
    """A loop whose ED before ES is of another size than the one after it, by which the beat is measured."""
    widths = beating(24, 1.2)
    widths[:8] *= times
    return read(widths, Beat(20, 10))


@pytest.mark.parametrize(("times", "differs"), [(0.98, False), (0.85, True)])
def test_an_ed_after_es_is_held_against_the_one_before_it(times, differs):
    one = codes(begun_elsewhere(times)).get("cycle.ed-differs")
    assert (one is not None) is differs
    if one is not None:
        assert one.frames == (0, 20)
        assert "EDV" in one.measurements
        assert "ESV" not in one.measurements


def test_an_image_that_jumps_in_between_doubts_es_too():
    reading = begun_elsewhere(0.85)
    reading = reading.with_(facts=replace(reading.facts, images=ImageFacts(measured=True, lost_after=(7,))))
    assert "ESV" in codes(reading)["cycle.ed-differs"].measurements


def test_a_loop_that_begins_in_mid_ejection_shows_no_ed_before_es():
    widths = beating(24, 1.2)[4:]
    assert "cycle.ed-differs" not in codes(read(widths, Beat(16, 6)))


def test_nor_does_one_that_begins_where_systole_ends():
    """The demo clip: of its first frame, a little fuller than ES, it was said that ED was 181 % larger later."""
    widths = np.concatenate(
        [[19.6, 19.6, 19.55, 19.3, 19.0, 18.75], np.linspace(18.75, 25, 12)[1:], np.linspace(25, 22, 6)[1:]]
    )
    assert "cycle.ed-differs" not in codes(read(widths, Beat(16, 5)))


@pytest.mark.parametrize(
    ("ed", "es", "found"),
    [(0, 10, []), (4, 10, ["ED 1"]), (0, 6, ["ES 1"]), (1, 11, [])],
)
def test_marks_off_the_largest_and_smallest_cavity_are_doubted_with_the_frame_to_move_to(ed, es, found):
    reading = read(beating(), Beat(ed, es), Beat(20, 30))
    off = [one for one in assess(reading).findings if one.code == "cycle.mark-off-the-extreme"]
    assert [one.subject for one in off] == found
    for one in off:
        (remedy,) = one.remedies
        assert remedy.arguments["beat"] == 0
        assert abs(remedy.arguments["frame"] - (0 if "ED" in one.subject else 10)) <= 1
        assert "EF" in one.measurements


def test_a_mark_that_misses_a_sixth_of_a_small_stroke_doubts_what_is_ejected_and_not_the_volumes():
    weak = 30.0 - 1.5 * (1 - np.cos(2 * np.pi * np.arange(40) / 20)) / 2
    assert "cycle.mark-off-the-extreme" not in codes(read(weak, Beat(0, 10), Beat(20, 30)))
    one = codes(read(weak, Beat(3, 10), Beat(20, 30)))["cycle.mark-off-the-extreme"]
    assert (one.severity, one.frames) == (Severity.CHECK, (3, 0))
    assert {"SV", "EF", "CO"} <= one.measurements
    assert not {"EDV", "ESV"} & one.measurements


def test_a_single_image_is_not_asked_for_marks_that_need_two():
    one = codes(reading_of(beating()[:1]))["cycle.no-beat"]
    assert "A single image shows no beat" in one.message
    assert "mark ED and ES" not in f"{one.message} {one.resolve}"
    assert "mark ED and ES by hand" in codes(reading_of(beating()))["cycle.no-beat"].message
