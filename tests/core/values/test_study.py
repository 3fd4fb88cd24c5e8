from dataclasses import replace

import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Body, BsaFormula
from kinecor.core.values.reading import Decision, body, body_words, first_reading, first_stack_reading
from kinecor.core.values.recording import Patient
from kinecor.core.values.study import Demographics, Entered, StudyReading, first_study_reading, in_study
from kinecor.session.edits import SetBody
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats
from tests.readings import cine, read, with_identity

LADY = Patient("Doe^Jane", "42", "19610730", "F", 171.0, 60.0, "20260102")


def of(patient, **facts):
    made = replace(cine(), **facts)
    return replace(made, source=replace(made.source, patient=patient))


def entered(**fields):
    return StudyReading("1.2.3", entered=Entered(**fields), entered_by=dict.fromkeys(fields, "Dr Grey"))


def row(reading, code):
    return next(one for one in measurements(reading) if one.code == code)


def test_the_study_takes_what_any_header_says():
    unnamed = of(Patient(weight_kg=3000.0))
    study = first_study_reading("1.2.3", (unnamed, with_identity(of(LADY), path="b", recording_id="b")))
    assert study.demographics == Demographics("F", "1961-07-30", 171.0, 60.0, 64.0)
    assert study.demographics.bsa_m2 == pytest.approx(1.688, abs=0.001)
    assert study.age_years == pytest.approx(64.4, abs=0.1)
    assert study.origin("sex") == "file header"
    assert first_study_reading("1.2.3", (cine(),)).origin("sex") == ""


def test_headers_that_differ_give_no_heart_rate_of_the_study():
    rest, peak = cine(), replace(cine(), heart_rate_per_min=140.0)
    assert first_study_reading("1.2.3", (rest, peak)).demographics.heart_rate_per_min is None
    assert (
        first_study_reading("1.2.3", (rest, replace(cine(), heart_rate_per_min=66.0))).header.heart_rate_per_min == 64
    )


@pytest.mark.parametrize(
    "wrong",
    [{"sex": "female"}, {"birth_date": "30.7.1961"}, {"height_cm": 1.71}, {"weight_kg": 900.0}]
    + [{"heart_rate_per_min": one} for one in (0.0, 4000.0, float("nan"))],
)
def test_what_no_person_has_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        Demographics(**wrong)
    with pytest.raises(ValueError, match="expected"):
        Entered(**wrong)


def test_an_age_needs_both_dates():
    born = Demographics(birth_date="1961-07-30")
    assert born.age_years("20110730") == pytest.approx(50, abs=0.01)
    assert born.age_years("") is None
    assert born.age_years("19600101") is None
    assert Demographics().age_years("20110730") is None


def test_nothing_entered_changes_nothing():
    reading = read(cine())
    assert in_study(reading, StudyReading("1.2.3")) is reading


def test_what_a_reader_entered_takes_the_place_of_the_header():
    reading = first_reading(of(LADY))
    now = in_study(reading, replace(entered(sex="M", birth_date="1971-07-30", height_cm=180.0), study_date="20260102"))
    assert (now.facts.sex, now.facts.body.height_cm, now.facts.body.weight_kg) == ("M", 180.0, 60.0)
    assert now.facts.age_years == pytest.approx(54.4, abs=0.1)
    assert reading.facts.age_years == pytest.approx(64.4, abs=0.1)
    assert body_words(now) == "Mosteller, 180 cm, 60 kg (entered by Dr Grey)"
    assert body_words(reading) == "Mosteller, 171 cm, 60 kg"


def test_facts_of_one_study_stay_one_object():
    reading, study = read(cine()), entered(heart_rate_per_min=70.0)
    assert in_study(reading, study).facts is in_study(reading, study).facts


def test_an_entered_heart_rate_is_measured_by_and_named():
    reading = read(cine())
    now = in_study(reading, entered(heart_rate_per_min=80.0))
    assert (row(reading, "HR").method, row(now, "HR").method) == ("file header", "entered by Dr Grey")
    assert row(now, "HR").quantity.value == 80
    assert row(now, "HR").by == ("Dr Grey",)
    assert row(now, "HR").status == "edited"
    assert row(now, "CO").quantity.value == pytest.approx(row(now, "SV").quantity.value * 80 / 1000)


def test_a_loop_is_indexed_where_height_and_weight_are_known():
    codes = {one.code for one in measurements(read(cine()))}
    assert not codes & {"BSA", "EDVI", "LAVI", "CI"}
    now = in_study(read(cine()), entered(height_cm=180.0, weight_kg=80.0))
    assert row(now, "BSA").quantity.value == pytest.approx(2)
    assert row(now, "BSA").method == "Mosteller, 180 cm, 80 kg (entered by Dr Grey)"
    for code in ("EDV", "ESV", "SV", "LAV"):
        assert row(now, f"{code}I").quantity.value == pytest.approx(row(now, code).quantity.value / 2)
    assert "by body surface area (Mosteller)" in row(now, "EDVI").method


def test_a_stack_takes_the_study_before_its_own_and_its_own_before_the_header():
    stack = stacks.stack(patient=LADY)
    own = SetBody(Body(150.0, 50.0, "F", BsaFormula.DU_BOIS)).apply(first_stack_reading(stack), "Dr Red")
    assert body(first_stack_reading(stack)).height_cm == 171
    assert body_words(own) == "Du Bois, 150 cm, 50 kg (entered by Dr Red)"
    now = in_study(own, entered(height_cm=180.0))
    assert body_words(now) == "Du Bois, 180 cm, 50 kg (entered by Dr Grey and Dr Red)"


def test_an_entered_rate_that_the_images_contradict_is_found():
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    now = in_study(reading, entered(heart_rate_per_min=150.0))
    found = [one for one in assess(now).findings if one.code == "time.rate-contradicts"]
    assert found
    assert found[0].message.startswith("The heart rate entered is 150/min")


def test_a_value_accepted_before_is_not_accepted_when_it_is_another():
    known = in_study(read(cine()), entered(height_cm=180.0, weight_kg=80.0))
    accepted = Decision("EDVI", True, None, "Dr Red", row(known, "EDVI").quantity.value)
    decided = known.with_(decisions={"EDVI": accepted})
    assert row(decided, "EDVI").status == "accepted"
    other = in_study(read(cine()).with_(decisions={"EDVI": accepted}), entered(height_cm=150.0, weight_kg=80.0))
    assert row(other, "EDVI").status == "auto"
