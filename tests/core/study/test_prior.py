"""A study against an earlier one: whose it is, what changed beyond variability, and what stands in the way."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.report.language import language
from kinecor.core.study.conclusions import parts_of
from kinecor.core.study.prior import Changed, Examined, _remark, _views_differ, compare_with_prior, priors, variability
from kinecor.core.table.measures import Quantity
from kinecor.core.table.over_views import study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.table.technique import Beats, Kind, Technique
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import ENDOCARDIUM, MID_WALL, BeatChoices, BsaFormula, Papillaries
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.reading import View, choices
from kinecor.core.values.recording import Patient
from kinecor.core.values.study import Entered, StudyReading, in_study
from kinecor.core.values.track import Origin
from kinecor.io.export.result import document
from kinecor.session.edits import SetDemographics, Sign
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

THEN = StudyReading("1", patient_id="42", patient_name="doe jane", study_date="20240101", equipment="A 1.0")
NOW = replace(THEN, study_id="2", study_date="20260102")


def view(label, swing=0.25, scale=HALF_MM, modality="US", **changes):
    reading = reading_of(beating(swing=swing), calibration=scale, events=two_beats(), modality=modality)
    reading = reading.with_(facts=replace(reading.facts, recording_id=f"{label}-{swing}-{scale.row_mm}"))
    return reading.with_(view=View(label, None, "header"), **changes)


def biplane(study, **about):
    return Examined(study, (view("A4C", **about), view("A2C", **about)))


def rows(found):
    return {(one.code, one.of): one for one in found.changes}


def test_priors_are_earlier_studies_of_the_same_patient():
    older = replace(THEN, study_id="0", study_date="20200101")
    others = (
        older,
        THEN,
        NOW,
        replace(THEN, study_id="3", patient_id="43"),
        replace(THEN, study_id="4", patient_name="roe jane"),
        replace(THEN, study_id="5", study_date=""),
        replace(THEN, study_id="6", study_date="20270101"),
    )
    assert [one.study_id for one in priors(NOW, others)] == ["1", "0"]
    assert priors(replace(NOW, patient_id=""), others) == ()


def test_a_difference_is_held_against_variability_with_its_source():
    found = rows(compare_with_prior(biplane(NOW, swing=0.25), biplane(THEN, swing=0.35)))
    ef = found["EF", ""]
    assert ef.difference == pytest.approx(100 * (0.65**2 - 0.75**2), abs=0.2)
    assert ef.exceeds
    assert ef.variability.percent == 14.2
    assert ef.limit == pytest.approx(0.142 * (ef.now.quantity.value + ef.then.quantity.value) / 2)
    assert "10.1007/s00392-018-1363-7" in ef.variability.source
    assert not found["EDV", ""].exceeds
    assert found["EDV", ""].percent == pytest.approx(0)
    assert ("EF", "A4C") not in found


def test_the_difference_that_is_shown_is_that_of_the_values_that_are_shown():
    ef = rows(compare_with_prior(biplane(NOW, swing=0.25), biplane(THEN, swing=0.35)))["EF", ""]
    unrounded = [replace(row, quantity=Quantity(value, "%")) for row, value in ((ef.then, 53.6), (ef.now, 56.4))]
    close = replace(ef, then=unrounded[0], now=unrounded[1])
    assert (close.difference, close.shown_difference) == (pytest.approx(2.8), 2)  # 54 % and 56 %


def test_without_a_source_nothing_is_said_of_variability():
    found = rows(compare_with_prior(biplane(NOW), biplane(THEN)))
    assert found["SV", ""].variability is None
    assert found["SV", ""].exceeds is None
    assert all("doi" in one.source or "PMID" in one.source for one in variability().values())


def test_single_views_are_compared_view_by_view():
    now, then = Examined(NOW, (view("A4C", swing=0.2),)), Examined(THEN, (view("A4C"), view("A3C")))
    found = rows(compare_with_prior(now, then))
    assert {of for _, of in found} == {"A4C"}
    assert found["EF", "A4C"].remark == ""


def test_other_volumes_are_no_other_method():
    now, then = Examined(NOW, (view("A4C", swing=0.2),)), Examined(THEN, (view("A4C"),))
    found = rows(compare_with_prior(now, then))["CO", "A4C"]
    assert found.now.method != found.then.method
    assert found.remark == ""


def at_rate(study, per_min, **about):
    """Both planes of a heart that beats so often, from ED to ED."""
    step_s = 60 / per_min / 20
    members = biplane(study, **about).readings
    timed = (replace(one.facts, times_s=np.arange(one.facts.frames) * step_s) for one in members)
    return Examined(study, tuple(one.with_(facts=facts) for one, facts in zip(members, timed, strict=True)))


def test_other_rates_of_both_planes_are_no_other_method():
    found = rows(compare_with_prior(at_rate(NOW, 84, swing=0.2), at_rate(THEN, 61)))["CO", ""]
    assert "HR 61/min (mean of A4C 61/min and A2C 61/min)" in found.then.method
    assert "HR 84/min (mean of A4C 84/min and A2C 84/min)" in found.now.method
    assert found.remark == ""


def headed(study):
    """A single plane of which the file states the heart rate, and in which one beat is marked."""
    one = view("A4C")
    stated = replace(one.facts, heart_rate_per_min=70.0)
    return Examined(study, (one.with_(facts=stated, events=CardiacEvents((Beat(0, 10),), Origin.MODEL)),))


def test_a_rate_from_elsewhere_is_another_method():
    found = rows(compare_with_prior(headed(NOW), Examined(THEN, (view("A4C"),))))["CO", "A4C"]
    assert found.remark == "then SV × HR (ED to ED), now SV × HR (file header)"
    assert language("de").render(found.remark) == "damals SV × HR (ED zu ED), jetzt SV × HR (Kopf der Datei)"


def stack_of(study, base, papillaries=Papillaries.CAVITY):
    """A stack with a base slice of the right ventricle, or None; `papillaries` as chosen."""
    patient = Patient("Doe", "1", sex="F", height_cm=180.0, weight_kg=80.0)
    one = stacks.read(stacks.stack(patient=patient))
    own = choices(one)
    phases = one.facts.frames
    made = replace(own, rv_base=None if base is None else (base,) * phases, papillaries=papillaries)
    return Examined(study, (one.with_(short_axis=made),))


def test_methods_that_differ_only_in_numbers_are_not_measured_otherwise():
    found = rows(compare_with_prior(stack_of(NOW, 2), stack_of(THEN, 1)))["RVEF", ""]
    assert "base slice 2 at ED" in found.then.method
    assert "base slice 3 at ED" in found.now.method
    assert found.remark == ""
    other = rows(compare_with_prior(stack_of(NOW, 2), stack_of(THEN, None)))["RVEF", ""]
    assert other.remark.startswith("then disks, trabeculae in cavity, every slice with a contour, now disks, ")


def test_another_convention_is_another_method_in_the_readers_language():
    found = rows(compare_with_prior(stack_of(NOW, None, Papillaries.MYOCARDIUM), stack_of(THEN, None)))
    assert found["EDV", ""].remark == "then disks, papillaries in cavity, now disks, papillaries in myocardium"
    german = language("de").render
    assert german(found["EDV", ""].remark) == (
        "damals Scheibchen, Papillarmuskeln im Cavum, jetzt Scheibchen, Papillarmuskeln im Myokard"
    )
    assert german(found["EDVI", ""].remark) == (
        "damals Papillarmuskeln im Cavum, pro Körperoberfläche (Mosteller), "
        "jetzt Papillarmuskeln im Myokard, pro Körperoberfläche (Mosteller)"
    )


def test_one_beat_of_several_is_compared_without_its_number():
    def second_of(beats):
        marks = CardiacEvents(tuple(Beat(20 * one, 20 * one + 10) for one in range(beats)), Origin.MODEL)
        loop = reading_of(beating(20 * beats, beats), calibration=HALF_MM, events=marks, modality="US")
        left_out = tuple(beat.ed for number, beat in enumerate(marks.beats) if number != 1)
        return Examined(NOW, (loop.with_(view=View("A4C", None, "header"), beats=BeatChoices(left_out)),))

    def ef(one):
        return next(row for row in measurements(one.readings[0]) if row.code == "EF")

    three, four = ef(second_of(3)), ef(second_of(4))
    assert three.technique.conventions == (Beats.SINGLE,)
    assert (three.method[-14:], four.method[-14:]) == (", 1 of 3 beats", ", 1 of 4 beats")
    assert _remark(three, four) == ""
    assert _remark(ef(Examined(THEN, (view("A4C"),))), four) == (
        "then method of disks (single plane, A4C), now method of disks (single plane, A4C), 1 of 4 beats"
    )


def test_single_plane_and_biplane_are_two_methods():
    both = {(row.code, ""): row for row in study_measurements(biplane(NOW).readings)}["EF", ""]
    one = rows(compare_with_prior(Examined(NOW, (view("A4C"),)), Examined(THEN, (view("A4C"),))))["EF", "A4C"].then
    assert "mean of 2 beats" in one.method
    remark = _remark(one, both)
    assert remark == "then method of disks (single plane, A4C), now biplane method of disks (A4C and A2C)"
    assert language("de").render(remark) == (
        "damals Scheibchensummation (monoplan, A4C), jetzt biplane Scheibchensummation (A4C und A2C)"
    )


def test_a_mean_of_other_views_or_layers_is_another_method():
    row = rows(compare_with_prior(biplane(NOW), biplane(THEN)))["EF", ""].now

    def mean(views, depth, words):
        return replace(row, technique=Technique(Kind.MEAN_OF_VIEWS, views, depth=depth, words=message(words)))

    two = mean(("A4C", "A2C"), MID_WALL, "mean of A4C −18.0 %, A2C −17.0 %")
    assert _remark(two, mean(("A4C", "A2C"), MID_WALL, "mean of A4C −15.0 %, A2C −14.0 %")) == ""
    assert _remark(two, mean(("A4C", "A2C", "A3C"), MID_WALL, "")) == "then A4C A2C, now A4C A2C A3C"
    inner = _remark(two, mean(("A4C", "A2C"), ENDOCARDIUM, ""))
    assert inner == "then mid-wall, now endocardium"
    assert language("de").render(inner) == "damals Wandmitte, jetzt Endokard"


def mean_strain(one, views, conventions):
    """GLS as a mean over views, put in place of that of a study."""
    technique = Technique(Kind.MEAN_OF_VIEWS, views, depth=MID_WALL, conventions=conventions)
    return replace(one, technique=technique)


def test_views_differ_only_where_the_compared_mean_is_of_others():
    row = rows(compare_with_prior(biplane(NOW), biplane(THEN)))["EF", ""].now
    two, three = (mean_strain(row, views, ()) for views in (("A4C", "A2C"), ("A4C", "A2C", "A3C")))
    said = list(_views_differ([Changed("GLS", "", three, two, None)]))
    assert said == ["The views behind GLS differ: then A4C, A2C, A3C, now A4C, A2C."]
    assert not list(_views_differ([Changed("GLS", "", two, two, None)]))
    # A study with one view more, whose compared values are of the same planes: nothing differs.
    more = Examined(NOW, (*biplane(NOW).readings, view("A3C")))
    assert not any("views" in one for one in compare_with_prior(more, biplane(THEN)).warnings)


def test_strain_by_other_tracking_or_another_end_systole_is_another_method():
    row = rows(compare_with_prior(biplane(NOW), biplane(THEN)))["EF", ""].now
    smallest, closure = message("ES at the smallest volume"), message("ES at aortic valve closure")
    motion, contours = message("by the motion"), message("from contours")
    views = ("A4C", "A2C")
    own = mean_strain(row, views, (motion, smallest))
    assert _remark(own, own) == ""
    assert _remark(own, mean_strain(row, views, (contours, smallest))) == "then by the motion, now from contours"
    other = _remark(own, mean_strain(row, views, (motion, closure)))
    assert other == "then ES at the smallest volume, now ES at aortic valve closure"


def test_what_stands_in_the_way_is_said():
    tall = SetDemographics(Entered(height_cm=180.0, weight_kg=80.0, formula=BsaFormula.DU_BOIS))
    study = tall.apply(replace(NOW, equipment="A 2.0"), "Ann")
    readings = tuple(in_study(one, study) for one in biplane(NOW).readings)
    other = {"authors": {"tracks/lv_endo": "model:other@2+ab"}}
    then = Examined(THEN, (view("A4C", **other),))
    found = compare_with_prior(Examined(study, readings), then).warnings
    assert found == (
        "Equipment or its software differs: then A 1.0, now A 2.0.",
        "Models differ: then other@2, now test@1.",
        "The formula of body surface area differs: then Mosteller, now Du Bois.",
        "The earlier study is not signed, or was changed since.",
    )
    signed = Sign("2024", parts_of(then.readings, THEN)).apply(THEN, "Ann")
    assert compare_with_prior(Examined(NOW, then.readings), Examined(signed, then.readings)).warnings == ()


def test_two_modalities_are_not_held_against_variability():
    found = compare_with_prior(Examined(NOW, (view("A4C"),)), Examined(THEN, (view("A4C", modality="MR"),)))
    assert "different modalities" in found.warnings[0]
    assert all(one.exceeds is None for one in found.changes)


def test_result_json_has_the_comparison():
    now, then = biplane(NOW, swing=0.15).readings, biplane(THEN).readings
    entries = [{"id": str(number), "error": None} for number in range(4)]
    made = document(entries, ["2", "2", "1", "1"], (*now, *then), {"1": THEN, "2": NOW})
    late, early = made["studies"]
    assert "prior" not in early
    assert (late["prior"]["study"], late["prior"]["date"]) == ("1", "20240101")
    ef = next(one for one in late["prior"]["changes"] if one["name"] == "EF")
    assert ef["difference"] == pytest.approx(ef["now"] - ef["then"], abs=1e-3)
    assert ef["exceeds_variability"] is True
    assert np.isclose(ef["variability_percent"], 14.2)


def test_a_scale_that_differs_is_a_change_of_volume():
    found = rows(compare_with_prior(biplane(NOW, scale=Calibration(0.7, 0.7, "test")), biplane(THEN)))
    assert found["EDV", ""].exceeds
    assert not found["EF", ""].exceeds
