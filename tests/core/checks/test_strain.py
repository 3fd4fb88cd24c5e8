"""Strain whose cycle does not close, whose tracking and contours disagree, and that no EF goes with."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks import assessment
from kinecor.core.checks import strain as checks
from kinecor.core.checks.assessment import assess, assessed_study, strain_as_assessed, study_strain_as_assessed
from kinecor.core.checks.findings import STRAIN, Finding, Severity
from kinecor.core.strain.wall_strain import drift_is_large, wall_strain
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.recording import ImageFacts
from kinecor.core.values.track import Origin
from tests.core import strains
from tests.wall_strains import prescribed


def strain_codes(reading):
    return {one.code: one for one in assess(reading).findings if one.code.startswith("strain.")}


def gls(reading):
    return next(one for one in assess(reading).measurements if one.code == "GLS")


def test_sound_strain_has_no_finding():
    assert strain_codes(strains.reading()) == {}


@pytest.mark.parametrize("rate", [None, 75.0, 107.0, 37.5, 150.0])
def test_a_wrong_rate_in_the_header_leaves_strain_as_it_is(rate):
    one = strains.reading()
    one = one.with_(
        events=CardiacEvents((Beat(0, 10),), Origin.MODEL), facts=replace(one.facts, heart_rate_per_min=rate)
    )
    found = wall_strain(one)
    assert found.whole.end_systolic == pytest.approx(-20, abs=0.6)
    assert found.last_frames == (pytest.approx(20, abs=1),)
    assert found.global_drift_percent == pytest.approx(0, abs=0.7)


def test_more_drift_than_tracking_has_is_not_taken_off():
    assert drift_is_large(5.5, -20.0)
    assert drift_is_large(-3.5, -8.0)
    assert not drift_is_large(4.5, -18.0)
    assert not drift_is_large(2.9, -5.0)


def test_damaged_frames_in_systole_mark_strain_and_others_do_not():
    reading = strains.reading()
    for frames, severity in (((4,), Severity.CHECK), ((15,), Severity.INFO)):
        facts = replace(reading.facts, images=ImageFacts(measured=True, damaged=frames))
        assert strain_codes(reading.with_(facts=facts))["strain.bad-frames"].severity is severity


def test_tracking_that_the_contours_contradict_marks_strain(monkeypatch):
    reading = strains.reading(short=0.25)
    tracked = prescribed(reading.facts.times_s, es=10)  # -15 %, its apical septum -3 %
    monkeypatch.setattr(checks, "wall_strain", lambda _: tracked)
    one = strain_codes(reading)["strain.contours-disagree"]
    assert one.severity is Severity.CHECK
    assert "GLS" in one.measurements


def test_strain_of_an_amyloid_heart_is_not_doubted_for_its_ef():
    """EF 60 % and GLS -9 % go together; EF 60 % and -4 % do not."""
    amyloid = strains.reading(short=0.09)
    assert "strain.against-ef" not in strain_codes(amyloid)
    assert gls(amyloid).quantity is not None
    assert np.isfinite(wall_strain(amyloid).whole.end_systolic)


def test_strain_that_a_finding_withholds_is_withheld_everywhere(monkeypatch):
    reading = strains.reading()
    stop = Finding("test.stop", Severity.STOP, "The wall was not followed.", measurements=STRAIN)
    monkeypatch.setattr(assessment, "OF_A_RECORDING", (lambda one: (stop,) if one is reading else (),))
    judged = strain_as_assessed(reading, wall_strain(reading))
    assert judged.why == gls(reading).note == stop.message
    assert judged.segments == (None,) * 6
    assert study_strain_as_assessed([reading]).average_percent is None
    other = strains.reading("A2C", short=0.1)
    both = assessed_study([reading, other])
    average = next(one for one in both.measurements if one.code == "GLS")
    assert average.quantity.value == pytest.approx(-10, abs=0.6)
    assert study_strain_as_assessed([reading, other]).view_percent == {"A2C": pytest.approx(-10, abs=0.6)}


@pytest.mark.parametrize(
    ("ef", "gls_percent", "doubted"),
    [(26, 4.6, True), (41, 5.8, True), (26, 7, False), (24, 4.6, False), (60, 9, False)],
)
def test_strain_that_is_weak_for_its_ef_is_doubted_and_that_of_an_amyloid_heart_is_not(
    monkeypatch, ef, gls_percent, doubted
):
    reading = strains.reading()
    seen = wall_strain(reading)
    whole = replace(seen.whole, end_systolic=-gls_percent)
    monkeypatch.setattr(checks, "_strain", lambda _: replace(seen, whole=whole))
    monkeypatch.setattr(checks, "value_of", lambda *_: float(ef))
    findings = list(checks._against_ef(reading))
    assert [one.severity for one in findings] == [Severity.CHECK] * doubted
