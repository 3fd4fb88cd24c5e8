"""A study against an earlier one: whose it is, what changed beyond variability, and what stands in the way."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.study.conclusions import parts_of
from kinecor.core.study.prior import Examined, _remark, compared, priors, variability
from kinecor.core.table.measures import Quantity
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import BsaFormula
from kinecor.core.values.message import joined_by, message
from kinecor.core.values.reading import View
from kinecor.core.values.study import Entered, StudyReading, in_study
from kinecor.io.export.result import document
from kinecor.session.edits import SetDemographics, Sign
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
    found = rows(compared(biplane(NOW, swing=0.25), biplane(THEN, swing=0.35)))
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
    ef = rows(compared(biplane(NOW, swing=0.25), biplane(THEN, swing=0.35)))["EF", ""]
    unrounded = [replace(row, quantity=Quantity(value, "%")) for row, value in ((ef.then, 53.6), (ef.now, 56.4))]
    close = replace(ef, then=unrounded[0], now=unrounded[1])
    assert (close.difference, close.shown_difference) == (pytest.approx(2.8), 2)  # 54 % and 56 %


def test_without_a_source_nothing_is_said_of_variability():
    found = rows(compared(biplane(NOW), biplane(THEN)))
    assert found["SV", ""].variability is None
    assert found["SV", ""].exceeds is None
    assert all("doi" in one.source or "PMID" in one.source for one in variability().values())


def test_single_views_are_compared_view_by_view():
    now, then = Examined(NOW, (view("A4C", swing=0.2),)), Examined(THEN, (view("A4C"), view("A3C")))
    found = rows(compared(now, then))
    assert {of for _, of in found} == {"A4C"}
    assert found["EF", "A4C"].remark == ""


def test_other_volumes_are_no_other_method():
    now, then = Examined(NOW, (view("A4C", swing=0.2),)), Examined(THEN, (view("A4C"),))
    found = rows(compared(now, then))["CO", "A4C"]
    assert found.now.method != found.then.method
    assert found.remark == ""


def test_other_rates_of_both_planes_are_no_other_method():
    ef = rows(compared(biplane(NOW), biplane(THEN)))["EF", ""]
    then = replace(ef.then, method="SV 47 ml × HR 61/min (mean of A4C 61/min and A2C 61/min)")
    now = replace(ef.now, method="SV 52 ml × HR 84/min (mean of A4C 84/min and A2C 83/min)")
    assert _remark(then, now) == ""
    assert "file header" in _remark(then, replace(now, method="SV 52 ml × HR 84/min (file header)"))


def test_a_remark_is_made_of_the_methods_messages():
    ef = rows(compared(biplane(NOW), biplane(THEN)))["EF", ""]
    single, biplane_ = message("method of disks (single plane)"), message("biplane method of disks")
    then = replace(ef.then, method=joined_by("; ", (joined_by(", ", (single, message("mean of 2 beats"))), "A4C")))
    remark = _remark(then, replace(ef.now, method=joined_by("; ", (biplane_, "A4C and A2C"))))
    assert remark == "then method of disks (single plane), now biplane method of disks"
    assert [remark.values[one].parts for one in ("old", "new")] == [(single,), (biplane_,)]


def test_what_stands_in_the_way_is_said():
    tall = SetDemographics(Entered(height_cm=180.0, weight_kg=80.0, formula=BsaFormula.DU_BOIS))
    study = tall.apply(replace(NOW, equipment="A 2.0"), "Ann")
    readings = tuple(in_study(one, study) for one in biplane(NOW).readings)
    other = {"authors": {"tracks/lv_endo": "model:other@2+ab"}}
    then = Examined(THEN, (view("A4C", **other),))
    found = compared(Examined(study, readings), then).warnings
    assert found == (
        "Equipment or its software differs: then A 1.0, now A 2.0.",
        "Models differ: then other@2, now test@1.",
        "The formula of body surface area differs: then Mosteller, now Du Bois.",
        "The earlier study is not signed, or was changed since.",
    )
    signed = Sign("2024", parts_of(then.readings, THEN)).apply(THEN, "Ann")
    assert compared(Examined(NOW, then.readings), Examined(signed, then.readings)).warnings == ()


def test_two_modalities_are_not_held_against_variability():
    found = compared(Examined(NOW, (view("A4C"),)), Examined(THEN, (view("A4C", modality="MR"),)))
    assert "different modalities" in found.warnings[0]
    assert all(one.exceeds is None for one in found.changes)


def test_result_json_has_the_comparison():
    now, then = biplane(NOW, swing=0.2).readings, biplane(THEN).readings
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
    found = rows(compared(biplane(NOW, scale=Calibration(0.7, 0.7, "test")), biplane(THEN)))
    assert found["EDV", ""].exceeds
    assert not found["EF", ""].exceeds
