"""A study's results over views are the same in result.json, CSV, report and window, with what a reader concluded."""

import csv

import pypdfium2
import pytest

from kinecor.core.checks.assessment import assessed_study
from kinecor.core.table.measures import format_quantity
from kinecor.core.values.reading import View
from kinecor.core.values.study import Entered, Sources, StudyReading, in_study
from kinecor.io.export.result import cine_entry, document
from kinecor.io.export.tables import write_assessment
from kinecor.io.report.study_report import Member, study_report_bytes
from kinecor.session.edits import DecideStudy, SetDemographics, SetSources
from tests.readings import cine, read, with_identity
from tests.results import check

BODY = SetDemographics(Entered("F", "1961-07-30", 171.0, 60.0, 58.0))


@pytest.fixture(scope="module")
def study():
    first = SetSources(Sources((("A4C", "four"),))).apply(StudyReading("1.2.3", study_date="20260102"), "Dr Grey")
    return DecideStudy("EF", accepted=False).apply(BODY.apply(first, "Dr Grey"), "Dr Red")


@pytest.fixture(scope="module")
def readings(study):
    made = []
    for recording, view in (("four", "A4C"), ("two", "A2C"), ("more", "A4C")):
        one = with_identity(cine(), path=f"{recording}.dcm", recording_id=recording)
        made.append(in_study(read(one).with_(view=View(view, None, "header")), study))
    return tuple(made)


def recording_of(reading):
    recording = reading.facts.recording_id
    return with_identity(cine(), path=f"{recording}.dcm", recording_id=recording)


def printed(readings, study):
    """The text of the study's report."""
    members = [Member(recording_of(one), one) for one in readings]
    document = pypdfium2.PdfDocument(study_report_bytes(members, study, software_version="1"))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    finally:
        document.close()


def test_the_numbers_agree_everywhere(readings, study, tmp_path):
    found = assessed_study(readings, study)
    shown = {row.code: row for row in found.measurements}
    assert {"EDV", "EDVI", "ESV", "ESVI", "SV", "EF", "LAV", "LAVI", "BSA"} <= set(shown)
    assert shown["EF"].note == "rejected by Dr Red"
    entries = [cine_entry(one.facts.recording_id, recording_of(one), one) for one in readings]
    content = document(entries, ["1.2.3"] * 3, readings, {"1.2.3": study})
    check(content)
    (of_study,) = content["studies"]
    in_json = {one["name"]: one["value"] for one in of_study["measurements"]}
    write_assessment(tmp_path / "s.csv", found)
    in_csv = {one["name"]: one["value"] for one in csv.DictReader((tmp_path / "s.csv").read_text().splitlines())}
    text = printed(readings, study)
    assert set(in_json) == set(in_csv) == set(shown)
    for code, row in shown.items():
        if row.quantity is None:
            assert (in_json[code], in_csv[code]) == (None, "")
        else:
            assert in_json[code] == round(row.quantity.value, 4)
            # The rate stands in the head of the report, without a space.
            assert format_quantity(row.quantity, code).replace(" /min", "/min") in text, code


def test_the_recordings_behind_them_are_named(readings, study):
    entries = [cine_entry(one.facts.recording_id, recording_of(one), one) for one in readings]
    (of_study,) = document(entries, ["1.2.3"] * 3, readings, {"1.2.3": study})["studies"]
    assert of_study["sources"][:2] == [
        {"result": "LV", "view": "A4C", "recording": "four", "beats": [0], "chosen_by": "Dr Grey"},
        {"result": "LV", "view": "A2C", "recording": "two", "beats": [0], "chosen_by": "rule"},
    ]
    text = printed(readings, study)
    assert "LAV from A4C, four.dcm, chosen by Dr Grey; A2C, two.dcm" in text


def test_the_patient_is_stated_with_the_origin(readings, study):
    entries = [cine_entry(one.facts.recording_id, recording_of(one), one) for one in readings]
    (of_study,) = document(entries, ["1.2.3"] * 3, readings, {"1.2.3": study})["studies"]
    assert of_study["demographics"] == {
        "sex": {"value": "F", "origin": "entered by Dr Grey"},
        "age_years": {"value": 64.4, "origin": "entered by Dr Grey"},
        "height_cm": {"value": 171.0, "origin": "entered by Dr Grey"},
        "weight_kg": {"value": 60.0, "origin": "entered by Dr Grey"},
        "heart_rate_per_min": {"value": 58.0, "origin": "entered by Dr Grey"},
        "bsa_m2": {"value": 1.6882, "origin": "Mosteller"},
    }
    text = printed(readings, study)
    assert "1961-07-30" in text
    assert "171 cm, 60 kg" in text
    assert "birth date by Dr Grey" in text
    assert "height by Dr Grey" in text
