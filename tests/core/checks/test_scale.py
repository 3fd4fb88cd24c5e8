from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import Finding, Severity, threshold
from kinecor.core.checks.foreshortening import CHECKS as OF_PLANES
from kinecor.core.checks.scale import CHECKS as OF_SCALE
from kinecor.core.checks.scale import heart_size_of_planes
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Body, Extent
from kinecor.core.values.confidence import Trust
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import Patient
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.heart_size import heart_size, outer_width_mm
from kinecor.session.edits import SetCalliper
from tests import stacks
from tests.core.parasternal import NORMAL_MM, READER, marked, measured, parasternal
from tests.core.readings import beating, reading_of, two_beats

CHECKS = (*OF_SCALE, *OF_PLANES)

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
        (Patient(birth_date="20200601", study_date="20260601", stated_age="042Y"), 6.0),
        (Patient(birth_date="20270601", study_date="20260601", stated_age="042Y"), 42.0),
        (Patient(birth_date="20270601", study_date="20260601"), None),
        (Patient(stated_age="018M"), 1.5),
        (Patient(stated_age="026W"), 0.5),
        (Patient(stated_age="073D"), 0.2),
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


def of_an_adult(scale: float, wall: float = 12.0) -> Reading:
    """The same heart without a body size, its wall so many pixels thick."""
    reading = of_a_body(175, 75, scale)
    endo, epi = (reading.tracks[one] for one in (Structure.LV_ENDO, Structure.LV_EPI))
    pairs = [(a, b) for a, b in zip(endo.contours, epi.contours, strict=True) if a is not None and b is not None]
    outer = tuple(Contour(a.points + wall / 12 * (b.points - a.points)) for a, b in pairs)
    facts = replace(reading.facts, age_years=None, body=Body())
    track = ContourTrack(Structure.LV_EPI, outer, epi.origins, epi.confidence)
    return reading.with_(tracks={**reading.tracks, Structure.LV_EPI: track}, facts=facts)


def usual_scale() -> float:
    """The scale by which that heart is of usual size."""
    size = heart_size(of_an_adult(1.0))
    assert size is not None
    return float(np.exp(-size.score))


def test_the_size_of_the_heart_doubts_a_scale_without_a_body() -> None:
    usual = usual_scale()
    assert codes(of_an_adult(usual)) == []
    limit = np.exp(threshold("scale.heart-size").check)
    for times, expected in ((0.98 * limit, False), (1.02 * limit, True), (0.98 / limit, True), (1.02 / limit, False)):
        found = [one for check in CHECKS for one in check(of_an_adult(usual * times)) if one.code == "scale.heart-size"]
        assert [one.severity for one in found] == [Severity.CHECK if expected else Severity.INFO]
    (one,) = found
    assert "smaller than in most adults" in one.message
    assert {"EDV", "LAV"} <= one.measurements
    assert "EF" not in one.measurements


def test_what_the_size_of_the_heart_says_nothing_about() -> None:
    large = of_an_adult(1.5 * usual_scale())
    assert "scale.heart-size" in codes(large)
    facts = large.facts
    for other in (
        large.with_(facts=replace(facts, age_years=5.0)),
        large.with_(facts=replace(facts, body=Body(185.0, 90.0, "M"))),
        large.with_(facts=replace(facts, scale=Calibration(0.1, 0.1, "the file's"))),
        large.with_(view=View("A3C", None, "header")),
    ):
        assert "scale.heart-size" not in codes(other)


def test_disease_changes_the_size_less_than_a_scale() -> None:
    usual = usual_scale()
    thick = heart_size(of_an_adult(usual, wall=18.0))
    assert thick is not None
    assert 0.05 < thick.score < 0.16
    (width_mm, wall_mm) = outer_width_mm(np.array([900.0, 1000.0, 800.0]), np.array([2000.0, 2100.0, 1900.0]))
    assert width_mm == pytest.approx(2 * np.sqrt(2000 / np.pi))
    assert wall_mm == pytest.approx(np.sqrt(2000 / np.pi) - np.sqrt(900 / np.pi))


def test_planes_of_one_heart_are_judged_together() -> None:
    usual = usual_scale()
    planes = [of_an_adult(usual * 1.4), of_an_adult(usual * 1.4)]
    (one,) = heart_size_of_planes(planes)
    assert one.severity is Severity.CHECK
    assert not list(heart_size_of_planes([planes[0], of_an_adult(usual / 1.35)]))
    assert not list(heart_size_of_planes([planes[0], loop()]))


def stack_of(pixels: float, step: float) -> Reading:
    """A stack whose pixels and steps are other than they are."""
    reading = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))
    assert reading.facts.stack is not None
    assert reading.calibration is not None
    side_mm = reading.calibration.row_mm * pixels
    scale = Calibration(side_mm, side_mm, "test")
    places = replace(reading.facts.stack, positions_mm=reading.facts.stack.positions_mm * step)
    facts = replace(reading.facts, stack=places)
    return reading.with_(
        slices=tuple(one.with_(calibration=scale) for one in reading.slices), calibration=scale, facts=facts
    )


def test_the_width_of_a_stack_is_held_against_its_length() -> None:
    size = heart_size(stack_of(1, 1))
    assert size is not None
    usual = float(np.exp(-size.score))
    for pixels, step, found in ((usual, 1, False), (1.4 * usual, 1, True), (0.7 * usual, 1, True), (usual, 0.6, True)):
        marks = [one for check in CHECKS for one in check(stack_of(pixels, step)) if one.marks]
        assert ("scale.width-for-length" in [one.code for one in marks]) is found
    (one,) = [one for one in marks if one.code == "scale.width-for-length"]
    assert "wider for its length" in one.message


def test_an_output_that_nobody_lives_with_is_marked() -> None:
    found = [one for check in CHECKS for one in check(of_a_body(175, 75, 0.42))]
    (one,) = [one for one in found if one.code == "scale.output-for-body"]
    assert "of body surface" in one.message
    assert {"SV", "CO", "EDV"} <= one.measurements


def test_a_small_output_of_a_ventricle_of_usual_size_doubts_what_it_ejects_alone() -> None:
    weak = 30.0 - 0.8 * (1 - np.cos(2 * np.pi * np.arange(40) / 20)) / 2
    reading = reading_of(weak, calibration=Calibration(0.85, 0.85, "test"), events=two_beats()).with_(view=A4C)
    reading = reading.with_(facts=replace(reading.facts, age_years=5.0, body=Body(175, 75, "F")))
    found = [one for check in CHECKS for one in check(reading)]
    (one,) = [one for one in found if one.code == "scale.output-for-body"]
    assert {"SV", "CO"} <= one.measurements
    assert not {"EDV", "ESV", "EF"} & one.measurements


def test_a_small_output_of_an_irregular_rhythm_leaves_volumes_and_ef_alone() -> None:
    widths = np.concatenate((beating(), beating()))
    beats = CardiacEvents((Beat(0, 10), Beat(20, 30), Beat(40, 50)), Origin.MODEL)
    reading = reading_of(widths, calibration=Calibration(0.36, 0.36, "test"), events=beats).with_(view=A4C)
    size = replace(reading.facts, age_years=5.0, body=Body(175, 75, "F"))
    # The second beat is longer: after an ectopic one.
    late_s = size.times_s + np.where(np.arange(len(widths)) > 35, 0.5, 0.0)
    for facts, doubted in ((size, True), (replace(size, times_s=late_s), False)):
        found = [one for check in CHECKS for one in check(reading.with_(facts=facts))]
        (one,) = [one for one in found if one.code == "scale.output-for-body"]
        assert {"SV", "CO"} <= one.measurements
        assert ({"EDV", "ESV", "EF"} <= one.measurements) is doubted


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


def found(reading: Reading) -> dict[str, Finding]:
    return {one.key: one for one in assess(reading).findings if one.code.startswith("linear.")}


def test_a_normal_heart_raises_nothing() -> None:
    assert found(marked(measured(parasternal()))) == {}
    assert found(measured(parasternal())) == {}


@pytest.mark.parametrize(
    ("name", "size_mm", "severity"),
    [
        ("IVSd", 60.0, Severity.STOP),
        ("PWd", 35.0, Severity.CHECK),
        ("PWd", 3.0, Severity.CHECK),
        ("LVIDd", 95.0, Severity.CHECK),
        ("AoR", 10.0, Severity.CHECK),
        ("IVSd", 30.0, None),
        ("IVSd", 4.0, None),
    ],
)
def test_sizes_that_no_heart_has(name: str, size_mm: float, severity: Severity | None) -> None:
    one = found(measured(parasternal(), NORMAL_MM | {name: size_mm})).get(f"linear.size:{name}")
    assert (one and one.severity) == severity
    if one is not None:
        assert name in one.measurements
        assert f"{size_mm:.0f} mm" in one.message


def test_a_wall_that_cannot_be_withholds_the_mass() -> None:
    rows = {one.code: one for one in assess(measured(parasternal(), NORMAL_MM | {"IVSd": 60.0})).measurements}
    assert rows["LVML"].quantity is None
    assert rows["LAD"].trust is Trust.OK


def test_systole_is_smaller_than_diastole() -> None:
    (one,) = found(measured(parasternal(), NORMAL_MM | {"LVIDs": 52.0})).values()
    assert (one.code, one.severity) == ("linear.order", Severity.CHECK)
    assert {"LVIDd", "LVIDs", "FS"} <= one.measurements
    assert "LAD" not in one.measurements


def test_without_a_scale_the_order_is_still_checked() -> None:
    assert set(found(measured(parasternal(scale=None), NORMAL_MM | {"LVIDs": 52.0, "IVSd": 60.0}))) == {"linear.order"}


def test_distances_of_diastole_are_measured_near_ed() -> None:
    far = found(marked(measured(parasternal()), ed=7, es=10))["linear.frame:ed"]
    assert {"IVSd", "LVIDd", "PWd", "AoR"} <= far.measurements
    assert "LVIDs" not in far.measurements
    assert found(marked(measured(parasternal()), ed=4, es=10)) == {}  # 80 ms


def test_without_marks_those_of_one_phase_are_on_one_frame() -> None:
    apart = SetCalliper("PWd", 9, ((100.0, 50.0), (100.0, 68.0))).apply(measured(parasternal()), READER)
    assert found(apart)["linear.frame:ed"].measurements >= {"IVSd", "LVIDd", "PWd", "LVML", "RWT"}


def test_the_view_must_be_the_parasternal_long_axis() -> None:
    assert set(found(measured(parasternal(view="A4C"), {"LAD": 35.0}))) == {"linear.view"}
    assert found(SetCalliper("my own", 1, ((0.0, 0.0), (0.0, 2.0))).apply(parasternal(view="A4C"), READER)) == {}
