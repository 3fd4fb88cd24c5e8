from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from kinecor.core.values.message import message
from kinecor.core.values.study import Entered
from kinecor.io.report.words import date
from kinecor.session.edits import SetDemographics
from kinecor.ui.study.patient_bar import ENTERED, fields_of
from kinecor.ui.style.language import use_language
from kinecor.ui.workspace.captions import date_words
from tests.readings import cine, with_identity


def patient(**known):
    recording = cine()
    return replace(recording, source=replace(recording.source, patient=replace(recording.source.patient, **known)))


KNOWN = {"sex": "F", "birth_date": "19561231", "study_date": "20200101", "height_cm": 164.0, "weight_kg": 62.0}


def words(window):
    return [" ".join(part for part in (one.label, one.value, one.more) if part) for one in window.top.patient.fields]


def form(window):
    return next(one for one in window.findChildren(QDialog) if one.windowTitle() == "Patient")


def test_what_the_file_says(open_window):
    window = open_window([patient(**KNOWN)])
    name, number, who, body, rate, study = words(window)
    assert name == "Doe Jane"
    assert number == "42"
    assert who == "F  ·  63 y"
    assert body == "BSA 1.68 m² (164 cm, 62 kg)"
    assert rate.startswith("HR ")
    assert study == "Echo 2020-01-01"


def test_an_age_without_a_birth_date_is_shown(open_window):
    window = open_window([patient(sex="M", stated_age="074Y", study_date="20200101")])
    assert words(window)[2] == "M  ·  74 y"


def test_what_it_does_not_say_is_a_dash(open_window):
    window = open_window([patient(name="", patient_id="")])
    assert words(window)[:3] == ["Patient unknown", "–  ·  –", "BSA –"]


def test_entered_values_have_a_pencil_and_an_author_and_can_be_undone(open_window, qtbot):
    window = open_window([patient()])
    window.top.patient.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(window.top.patient, Qt.Key.Key_Space)
    assert not window.player.playing
    asked = form(window)
    asked.numbers["height_cm"].setText("164")
    asked.numbers["weight_kg"].setText("62,5")
    assert asked.surface.text() == "1.69 m²"
    asked.sex.setCurrentIndex(asked.sex.findData("F"))
    asked.save.click()
    assert words(window)[3] == f"BSA 1.69 m² (164 cm {ENTERED}, 62.5 kg {ENTERED})"
    assert f"F {ENTERED}" in words(window)[2]
    assert "height entered by Dr Grey" in window.top.patient.toolTip()
    undo = window.actions_by_name["undo"]
    assert undo.text() == "Undo: patient: sex F, height 164 cm, weight 62.5 kg"
    undo.trigger()
    assert words(window)[3] == "BSA –"


def test_a_form_left_as_it_was_is_no_edit(window):
    entries = len(window.workspace.history.entries())
    window.actions_by_name["patient"].trigger()
    form(window).save.click()
    assert len(window.workspace.history.entries()) == entries


@pytest.mark.parametrize(
    ("field", "typed", "why"), [("height_cm", "1.75", "30 to 260 cm"), ("weight_kg", "x", "number")]
)
def test_what_no_person_has_is_refused_while_it_is_typed(window, field, typed, why):
    window.study_forms.ask_patient()
    asked = form(window)
    asked.numbers[field].setText(typed)
    assert why in asked.problem.text()
    assert not asked.save.isEnabled()
    asked.numbers[field].setText("")
    assert asked.save.isEnabled()
    asked.reject()


def test_a_heart_rate_under_doubt(window):
    reading, study = window.workspace.checks.here, window.workspace.study.reading
    row = next(one for one in reading.measurements if one.code == "HR")
    recording = window.workspace.recording
    if row.quantity is None:
        assert fields_of(recording, study, row)[-2].value == "–"
    withheld = replace(
        row, quantity=None, status=type(row.status).WITHHELD, note=message("contradicted"), confidence=None
    )
    shown = fields_of(recording, study, withheld)[-2]
    assert (shown.value, shown.mark) == ("–", None)  # what is not shown raises no alarm


def test_fields_go_by_rank_where_room_is_short(open_window):
    window = open_window([patient(**KNOWN)])
    bar = window.top.patient
    everything = bar.sizeHint().width()
    bar.resize(everything, 40)
    assert [more for _, more in bar._fitting()] == [True] * 6
    bar.resize(everything - 20, 40)
    assert [more for _, more in bar._fitting()] == [False] * 6
    bar.resize(230, 40)
    left = [one.rank for one, _ in bar._fitting()]
    assert left == [0, 1]
    assert bar.grab().toImage().pixelColor(2, 2) is not None


def test_another_study_has_another_patient(open_window):
    other = with_identity(patient(name="Roe^Rick", patient_id="43"), path="b.dcm", recording_id="9.2")
    other = replace(other, source=replace(other.source, study_id="1.2.9"))
    window = open_window([patient(), other])
    window.workspace.study.do(SetDemographics(Entered(sex="F")))
    window.workspace.show(1)
    assert words(window)[:2] == ["Roe Rick", "43"]


@pytest.mark.parametrize(
    ("header", "shown"),
    [("20250701", "2025-07-01"), ("20120000", "2012"), ("2012", "2012"), ("1994.01.30", "1994-01-30")],
)
def test_a_date_without_month_and_day_is_its_year(header, shown):
    assert date_words(header) == date(header) == shown


def test_the_form_reads_and_writes_numbers_and_dates_as_its_language_does(open_window, qapp):
    use_language(qapp, "de")
    try:
        window = open_window([patient(**KNOWN)])
        window.study_forms.ask_patient()
        asked = form(window)
        asked.birth.setText("5.7.1960")
        asked.numbers["weight_kg"].setText("80,5")
        assert asked.entered.birth_date == "1960-07-05"
        assert asked.entered.weight_kg == 80.5
        asked.birth.setText("1960")
        assert "TT.MM.JJJJ" in asked.problem.text()
        asked.birth.setText("5.7.1960")
        asked.numbers["height_cm"].setText("1,75")
        assert asked.problem.text() == "Größe: 30 bis 260 cm wurden erwartet, nicht 1,75."
        asked.numbers["height_cm"].setText("")
        asked.save.click()
        window.study_forms.ask_patient()
        again = next(one for one in window.findChildren(QDialog) if one.windowTitle() == "Patient" and one is not asked)
        assert (again.birth.text(), again.numbers["weight_kg"].text()) == ("05.07.1960", "80,5")
        again.reject()
    finally:
        use_language(qapp, "en")
