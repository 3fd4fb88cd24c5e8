from dataclasses import replace

import pytest

from kinecor.core.checks.scale import CHECKS
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import Patient
from tests.core.readings import beating, reading_of, two_beats

A4C = View("A4C", None, "header")


def loop(scale: float = 1.0) -> Reading:
    spacing = Calibration(0.9 * scale, 0.9 * scale, "test")
    return reading_of(beating(), calibration=spacing, events=two_beats()).with_(view=A4C)


def codes(reading: Reading) -> list[str]:
    return [one.code for check in CHECKS for one in check(reading)]


def test_an_adult_ventricle_has_a_usual_length() -> None:
    assert codes(loop()) == []
    assert codes(loop(0.5)) == ["scale.length"]
    assert codes(loop(2.0)) == ["scale.length"]


def test_a_child_has_a_smaller_heart() -> None:
    small = loop(0.5)
    assert codes(small.with_(facts=replace(small.facts, age_years=5.0))) == []
    assert codes(small.with_(facts=replace(small.facts, age_years=40.0))) == ["scale.length"]


def test_ratios_are_not_concerned() -> None:
    (one,) = [one for check in CHECKS for one in check(loop(0.5))]
    assert {"EDV", "ESV", "SV", "CO", "LAV"} <= one.measurements
    assert not {"EF", "GLS", "HR"} & one.measurements


@pytest.mark.parametrize(
    ("patient", "age"),
    [
        (Patient(birth_date="20200601", study_date="20260601"), 6.0),
        (Patient(stated_age="042Y"), 42.0),
        (Patient(stated_age="018M"), 1.5),
        (Patient(birth_date="2020", stated_age="young"), None),
    ],
)
def test_the_age_is_by_the_dates_or_as_stated(patient: Patient, age: float | None) -> None:
    assert patient.age_years == (None if age is None else pytest.approx(age, abs=0.01))
