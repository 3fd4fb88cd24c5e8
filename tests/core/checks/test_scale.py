from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.scale import CHECKS
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Body
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import Patient
from kinecor.core.values.track import ContourTrack, Structure
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


def of_a_body(height_cm: float, weight_kg: float, scale: float = 0.85) -> Reading:
    """A loop with a wall of 12 pixels, of a person of this size."""
    reading = loop(scale)
    endo = reading.tracks[Structure.LV_ENDO]
    outer = []
    for contour in endo.contours:
        assert contour is not None
        middle = contour.points.mean(axis=0)
        away = contour.points - middle
        outer.append(Contour(contour.points + 12 * away / np.linalg.norm(away, axis=1)[:, None]))
    epi = ContourTrack(Structure.LV_EPI, tuple(outer), endo.origins, endo.confidence)
    size = Body(height_cm, weight_kg, "F")
    facts = replace(reading.facts, age_years=5.0, body=size)  # no limits of adults
    return reading.with_(tracks={**reading.tracks, Structure.LV_EPI: epi}, facts=facts)


def test_length_and_wall_together_are_held_against_the_body() -> None:
    assert codes(of_a_body(175, 75)) == []
    (one,) = [one for check in CHECKS for one in check(of_a_body(95, 14)) if one.code == "scale.size-for-body"]
    assert "larger than in a body of 0.6" in one.message
    assert "EDV" in one.measurements


def test_an_output_that_nobody_lives_with_is_marked() -> None:
    found = [one for check in CHECKS for one in check(of_a_body(175, 75, 0.42))]
    (one,) = [one for one in found if one.code == "scale.output-for-body"]
    assert "of body surface" in one.message
    assert {"SV", "CO", "EDV"} <= one.measurements


def test_a_small_stroke_volume_is_held_against_the_body_of_adults_alone() -> None:
    loop_of_child = of_a_body(175, 75, 0.6)
    # Without frame times there is no rate, and no output that would be found first.
    loop_of_child = loop_of_child.with_(facts=replace(loop_of_child.facts, times_origin="assumed"))
    adult = loop_of_child.with_(facts=replace(loop_of_child.facts, age_years=40.0))

    def of_stroke(reading: Reading) -> bool:
        found = [one for check in CHECKS for one in check(reading)]
        return any(one.message.startswith("Stroke volume is only") for one in found)

    assert of_stroke(adult)
    assert not of_stroke(loop_of_child)


def squeezed(reading: Reading, along: float, across: float) -> Reading:
    """A loop whose contours are shorter and wider."""
    endo = reading.tracks[Structure.LV_ENDO]
    contours = tuple(None if one is None else Contour(one.points * (across, along)) for one in endo.contours)
    track = ContourTrack(Structure.LV_ENDO, contours, endo.origins, endo.confidence)
    return reading.with_(tracks={Structure.LV_ENDO: track})


def test_a_ventricle_short_for_the_body_and_for_its_width_may_be_foreshortened() -> None:
    sound = of_a_body(165, 60)
    assert "contours.short-and-wide" not in codes(sound)
    short = [one for check in CHECKS for one in check(squeezed(sound, 0.75, 1.1))]
    (one,) = [one for one in short if one.code == "contours.short-and-wide"]
    assert "this view may be foreshortened" in one.message
    assert {"EDV", "EF", "GLS"} <= one.measurements
    # As wide, but long: dilated. As short, but narrow: small.
    assert "contours.short-and-wide" not in codes(squeezed(sound, 1.2, 1.4))
    assert "contours.short-and-wide" not in codes(squeezed(sound, 0.85, 0.85))
