"""A rate that the pictures contradict, and systole that no heart has."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.analysis.strategy import with_found_closing_ed
from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import Severity
from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import ImageFacts
from kinecor.core.values.track import Origin
from kinecor.core.volumes.loop_volumes import volume_events
from kinecor.session.edits import Decide
from tests import stacks
from tests.core import strains
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def found(reading, code):
    return [one for one in assess(reading).findings if one.code == code]


def values(reading):
    return {one.code: one.quantity.value if one.quantity else None for one in assess(reading).measurements}


def loop(**facts):
    """Two beats of 0.8 s: 75 a minute."""
    return reading_of(beating(), calibration=HALF_MM, events=two_beats(), **facts)


@pytest.mark.parametrize("times", [0.5, 0.8, 1.4, 2.0])
def test_a_header_rate_that_the_pictures_contradict_withholds_output_and_times_but_not_ef(times):
    reading = loop(heart_rate_per_min=75 * times)
    (one,) = found(reading, "time.rate-contradicts")
    assert one.severity is Severity.STOP
    shown = values(reading)
    assert shown["HR"] is shown["CO"] is None
    assert shown["EF"] == pytest.approx(values(loop())["EF"])
    assert [remedy.action for remedy in one.remedies] == ["enter-value", "enter-value"]
    by_images, by_header = one.remedies
    assert by_images.label == "Use 75/min, from the images"
    assert by_header.arguments == {"code": "HR", "value": 75 * times}
    assert by_images.effect.startswith("CO ")


@pytest.mark.parametrize("rate", [70.0, 75.0, 82.0])
def test_a_rate_that_agrees_says_nothing(rate):
    assert not found(loop(heart_rate_per_min=rate), "time.rate-contradicts")


def test_the_rate_that_a_reader_enters_resolves_it():
    reading = loop(heart_rate_per_min=150.0)
    entered = Decide("HR", accepted=True, value=75.0).apply(reading, "Ada")
    assert not found(entered, "time.rate-contradicts")
    assert values(entered)["CO"] is not None
    # With the header's rate, the frame times are wrong, and what is measured by them.
    stated = Decide("HR", accepted=True, value=150.0).apply(reading, "Ada")
    (one,) = found(stated, "time.rate-contradicts")
    assert "CO" not in one.measurements
    assert "TTP" in one.measurements


@pytest.mark.parametrize(("entered", "marked"), [(80.0, False), (112.0, True), (45.0, True)])
def test_a_rate_entered_against_the_files_doubts_output_where_the_images_show_no_rate(entered, marked):
    one = CardiacEvents((Beat(0, 10),), Origin.MODEL)
    reading = reading_of(beating(16, 0.8), calibration=HALF_MM, events=one, heart_rate_per_min=75.0)
    findings = found(Decide("HR", accepted=True, value=entered).apply(reading, "Ada"), "time.rate-contradicts")
    assert [one.severity for one in findings] == ([Severity.CHECK] if marked else [])
    for finding in findings:
        assert "CO" in finding.measurements
        assert not {"HR", "TTP"} & finding.measurements
        assert finding.remedies[0].arguments == {"code": "HR", "value": 75.0}


def test_a_rate_that_neither_file_nor_images_have_withholds_output():
    typed = Decide("HR", accepted=True, value=110.0).apply(loop(heart_rate_per_min=75.0), "Ada")
    (contradiction,) = found(typed, "time.rate-contradicts")
    assert "CO" in contradiction.measurements
    assert values(typed)["CO"] is None
    assert values(typed)["HR"] == 110.0


def test_the_images_own_period_contradicts_where_one_beat_is_seen():
    one = CardiacEvents((Beat(0, 10),), Origin.MODEL)
    reading = reading_of(beating(24, 1.2), calibration=HALF_MM, events=one, heart_rate_per_min=120.0)
    seen = reading.with_(facts=replace(reading.facts, images=ImageFacts(measured=True, period_frames=20.0)))
    assert found(seen, "time.rate-contradicts")
    assert values(seen)["HR"] is None


def slow_beats(**facts):
    """Two slow beats, 30 a minute, of which the second begins fuller, as the analysis marks them."""
    widths = np.concatenate([0.91 * beating(50, 1), beating(40, 0.8)])
    reading = reading_of(widths, calibration=HALF_MM, heart_rate_per_min=61.0, **facts)
    return reading.with_(events=with_found_closing_ed(reading, volume_events(reading)))


def test_two_slow_beats_under_the_header_of_a_faster_rate():
    reading = slow_beats()
    assert all(beat.ed < beat.es for beat in reading.events.beats)
    (contradiction,) = found(reading, "time.rate-contradicts")
    assert contradiction.severity is Severity.STOP
    assert "61/min" in contradiction.message
    assert any(f"at {rate}/min" in contradiction.message for rate in (29, 30, 31))
    assert values(reading)["CO"] is None


def test_the_rate_is_held_against_every_ed_that_is_seen_whichever_beat_is_in_use():
    whole = slow_beats()
    # As the marks were before: the ES of the first beat with the ED of the second.
    turned = whole.with_(events=CardiacEvents((Beat(50, 25),), Origin.MODEL))
    (contradiction,) = found(turned, "time.rate-contradicts")
    assert contradiction.frames[0] <= 2
    assert 50 in contradiction.frames
    # The curve alone has no second ED here; the network that needs no contours has.
    widths = np.concatenate([beating(50, 1)[18:], beating(40, 0.8)])
    cut = reading_of(
        widths, calibration=HALF_MM, heart_rate_per_min=61.0, events=CardiacEvents((Beat(32, 7),), Origin.MODEL)
    )
    assert not found(cut, "time.rate-contradicts")
    longer = cut.with_(phase_curve=PhaseCurve(np.zeros(72), (32, 71), (7, 57), "model:phases@1"))
    (by_network,) = found(longer, "time.rate-contradicts")
    assert by_network.frames == (32, 71)


def test_a_ventricle_that_does_not_contract_again_contradicts_a_faster_rate():
    one = CardiacEvents((Beat(0, 10),), Origin.MODEL)

    def stated(rate):
        return reading_of(beating(19, 0.95), calibration=HALF_MM, events=one, heart_rate_per_min=rate)

    (fast,) = found(stated(120.0), "time.rate-contradicts")
    assert "120/min, but the ventricle does not contract again within " in fast.message
    assert values(stated(120.0))["HR"] is values(stated(120.0))["CO"] is None
    assert values(stated(120.0))["EF"] is not None
    assert not found(stated(75.0), "time.rate-contradicts")
    assert not found(Decide("HR", accepted=True, value=75.0).apply(stated(120.0), "Ada"), "time.rate-contradicts")


def test_a_header_that_contradicts_its_own_r_waves_is_found_where_no_whole_beat_is_seen():
    one = CardiacEvents((Beat(0, 10),), Origin.MODEL)
    reading = reading_of(
        beating(16, 0.8), calibration=HALF_MM, events=one, heart_rate_per_min=120.0, r_wave_s=(0.0, 0.8)
    )
    (contradiction,) = found(reading, "time.rate-contradicts")
    assert "R waves" in contradiction.message


def test_an_es_two_frames_after_ed_is_no_systole():
    reading = loop().with_(events=CardiacEvents((Beat(0, 10), Beat(20, 22)), Origin.EDITED))
    (one,) = found(reading, "time.systole")
    assert one.severity is Severity.STOP
    assert one.frames == (20, 22)
    assert one.remedies[0].arguments == {"beat": 1}
    assert values(reading)["EF"] is None


def test_a_short_systole_from_the_largest_volume_on_leaves_edv_and_a_known_rate_alone():
    """ES 200 ms early, in a beat whose ED is where the cavity is largest."""
    early = CardiacEvents((Beat(0, 10), Beat(20, 25)), Origin.EDITED)
    (one,) = found(loop(heart_rate_per_min=75.0).with_(events=early), "time.systole")
    assert {"ESV", "EF", "GLS"} <= one.measurements
    assert not {"EDV", "HR"} & one.measurements
    (unknown,) = found(loop().with_(events=early), "time.systole")
    assert "HR" in unknown.measurements
    late = CardiacEvents((Beat(5, 10), Beat(25, 30)), Origin.EDITED)
    assert all("EDV" in one.measurements for one in found(loop().with_(events=late), "time.systole"))
    assert found(loop().with_(events=late), "time.systole")


@pytest.mark.parametrize(("es", "volumes"), [(10, False), (13, True)])
def test_a_long_systole_of_a_stack_leaves_volumes_at_the_extremes_alone(es, volumes):
    """A cycle of 1.2 s: systole lasts 0.6 s to where the cavity is smallest, 0.78 s to the later mark."""
    reading = stacks.read(stacks.stack(), events=CardiacEvents((Beat(0, es),), Origin.MODEL))
    slow = np.linspace(0, 1.2, 20, endpoint=False)
    reading = reading.with_(facts=replace(reading.facts, times_s=slow))
    (one,) = found(reading, "time.systole")
    assert ("EDV" in one.measurements) is volumes
    assert {"HR", "CO", "GCS"} <= one.measurements


def test_a_slow_heart_has_no_longer_systole_than_the_rate_allows_and_a_short_one_says_nothing():
    """40 beats a minute: 460 ms of systole are usual, 600 are not; images and header agree on the rate."""
    for es, marked in ((15, False), (20, True), (10, False)):
        widths = np.interp(np.arange(101), [0, es, 50, 50 + es, 100], [25.0, 19.0, 25.0, 19.0, 25.0])
        beats = CardiacEvents((Beat(0, es), Beat(50, 50 + es)), Origin.MODEL)
        reading = reading_of(widths, calibration=HALF_MM, events=beats, step_s=0.03, heart_rate_per_min=40.0)
        findings = found(reading, "time.systole")
        assert bool(findings) is marked
        assert all({"HR", "CO"} <= one.measurements for one in findings)


@pytest.mark.parametrize(("beat_s", "long"), [(0.8, False), (1.4, False), (1.6, True)])
def test_times_twice_as_long_as_the_true_ones_are_found_by_systole(beat_s, long):
    """ES is at 0.4 of the cycle, or a third of a slow one; rate and times agree with each other."""
    es = 7 if beat_s == 1.4 else 8
    reading = stacks.read(stacks.stack(), events=CardiacEvents((Beat(0, es),), Origin.MODEL))
    times_s = np.linspace(0, beat_s, 20, endpoint=False)
    reading = reading.with_(facts=replace(reading.facts, times_s=times_s, heart_rate_per_min=60 / beat_s))
    findings = found(reading, "time.systole")
    assert bool(findings) is long
    assert all({"HR", "CO"} <= one.measurements for one in findings)


@pytest.mark.parametrize(("es", "unlikely"), [(5, True), (6, False), (9, False), (12, True)])
def test_systole_of_a_stack_is_that_between_the_extremes_of_its_volume(es, unlikely):
    """75 beats a minute, phases of 40 ms: some 340 ms from the largest to the smallest cavity, 388 by the formula."""
    reading = stacks.read(stacks.stack(), events=CardiacEvents((Beat(0, es),), Origin.MODEL))
    times_s = np.linspace(0, 0.8, 20, endpoint=False)
    reading = reading.with_(facts=replace(reading.facts, times_s=times_s, heart_rate_per_min=75.0))
    assert bool(found(reading, "time.systole")) is unlikely


def test_slow_motion_is_found_by_the_length_of_systole_and_by_the_rate():
    slow = reading_of(beating(), events=two_beats(), step_s=0.1)
    assert found(slow, "time.implausible-rate")
    (long, *_) = found(slow, "time.systole")
    assert {"HR", "CO", "ESV"} <= long.measurements
    quick = reading_of(beating(), events=two_beats(), step_s=0.006)
    assert found(quick, "time.systole")


def test_few_frames_a_second_mark_strain_only():
    few = strains.reading()
    few = few.with_(facts=replace(few.facts, times_s=few.facts.times_s * 1.25))  # 20 a second
    (one,) = found(few, "time.frame-rate")
    assert "GLS" in one.measurements
    assert "EF" not in one.measurements
    assert not found(loop(), "time.frame-rate")  # no strain, nothing to say


@pytest.mark.parametrize(("share", "contradicts"), [(1.33, True), (1.05, False), (0.9, False), (0.5, True)])
def test_of_a_stack_the_phases_span_contradicts_the_header(share, contradicts):
    reading = stacks.read(stacks.stack())
    times_s = reading.facts.times_s
    span = 60 / float(times_s[-1] + times_s[1])
    rated = reading.with_(facts=replace(reading.facts, heart_rate_per_min=share * span))
    one = found(rated, "time.rate-contradicts")
    assert bool(one) == contradicts
    if one:
        assert one[0].remedies[0].label == f"Use {span:.0f}/min, from the phases"
        assert {"HR", "CO", "PFR"} <= one[0].measurements


def test_frames_missing_next_to_es_leave_the_smallest_volume_in_doubt():
    """200 ms are missing next to ES of the first beat; as much missing in diastole says nothing of ED or ES."""

    def with_a_gap(after: int) -> Reading:
        reading = loop()
        times_s = reading.facts.times_s + np.where(np.arange(reading.facts.frames) > after, 0.2, 0.0)
        return reading.with_(facts=replace(reading.facts, times_s=times_s))

    es = two_beats().beats[0].es
    (one,) = found(with_a_gap(es), "time.gap-at-mark")
    assert one.severity is Severity.CHECK
    assert one.subject == "ES"
    assert {"ESV", "SV", "EF"} <= one.measurements
    assert "EDV" not in one.measurements
    assert not found(with_a_gap(es + 3), "time.gap-at-mark")
    assert not found(loop(), "time.gap-at-mark")
