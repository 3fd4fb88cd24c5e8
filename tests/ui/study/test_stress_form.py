"""Stages by views, and setting both."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton

from kinecor.core.study.stress import StageResult
from kinecor.core.table.table import measurements
from kinecor.core.values.confidence import Trust
from kinecor.core.values.recording import Stage
from kinecor.ui.study.stress_form import StressForm, _reasons, _stage_words, grid_of
from tests.readings import cine, read

REST, PEAK = Stage("Baseline", 1), Stage("Peak", 4)


def clip(name, stage, number, view=None):
    made = cine()
    source = replace(made.source, recording_id=name, stage=stage, view_number=number)
    return replace(made, source=source, view=view)


@pytest.fixture
def window(open_window):
    recordings = [
        clip("a", REST, 1, "A4C"),
        clip("b", REST, 2),
        clip("c", PEAK, 1),
        clip("d", None, None, "A2C"),
    ]
    return open_window(recordings)


def test_a_view_is_known_at_every_stage_by_its_number(window):
    readings = {
        at: window.workspace.opened.saved_reading(one) for at, one in enumerate(window.workspace.opened.recordings)
    }
    rows, views, cells = grid_of(readings)
    assert rows == (REST, PEAK, None)
    assert views == ("A4C", "view 2", "A2C")
    assert {(one.row, one.column): one.indices for one in cells} == {
        (0, 0): (0,),
        (0, 1): (1,),
        (1, 0): (2,),
        (2, 2): (3,),
    }


def test_two_loops_of_one_view_with_numbers_of_their_own_have_columns_of_their_own(open_window):
    window = open_window(
        [
            clip("a", REST, 1, "A4C"),
            clip("b", REST, 2, "A4C"),
            clip("c", PEAK, 2, "A4C"),
            clip("d", PEAK, 1),
            clip("e", PEAK, None, "A4C"),
            clip("f", PEAK, 3, "A2C"),
        ]
    )
    readings = {
        at: window.workspace.opened.saved_reading(one) for at, one in enumerate(window.workspace.opened.recordings)
    }
    _, views, cells = grid_of(readings)
    assert views == ("A4C, view 1", "A4C, view 2", "A2C", "A4C")
    assert all(len(one.indices) == 1 for one in cells)


def test_stage_and_view_are_set_and_undone(window):
    shown = []
    form = StressForm(window.workspace, shown.append, lambda: "", window)
    form.choose(3)
    assert form.stage.currentText() == "no stage"
    form.stage.setCurrentIndex(form.stage.findText("Peak"))
    form.set_stage()
    assert window.workspace.opened.saved_reading(window.workspace.opened.recordings[3]).facts.stage == PEAK
    assert form.grid.rowCount() == 2
    assert form.chosen == 3
    form.show_chosen()
    assert shown == [3]
    form.choose(1)
    form.view.setCurrentText("A2C")
    named = []
    form.view_named.connect(lambda: named.append(form.chosen))
    form.set_view()
    assert named == [1]
    assert window.workspace.opened.saved_reading(window.workspace.opened.recordings[1]).view.label == "A2C"
    window.workspace.show(3)
    window.workspace.history.undo()
    assert window.workspace.opened.saved_reading(window.workspace.opened.recordings[3]).facts.stage is None
    form.close()


def test_the_usual_stages_are_offered_where_no_header_names_one(open_window):
    window = open_window([replace(cine(), view="A4C")])
    form = StressForm(window.workspace, lambda _: None, lambda: "", window)
    assert [form.stage.itemText(at) for at in range(form.stage.count())] == [
        "Rest",
        "Low dose",
        "Peak",
        "Recovery",
        "no stage",
    ]
    assert "No stages yet" in form.words.text()
    form.close()


def test_checks_name_the_stage_beside_the_view(window):
    names = [window.workspace.checks.name(index) for index in range(4)]
    assert names == ["A4C Baseline", "Baseline 2", "Peak 1", "A2C"]


def test_a_stage_without_ef_over_views_says_that_of_its_view():
    ef = next(one for one in measurements(read(cine())) if one.code == "EF")
    rest, peak = Stage("Rest", 1), Stage("Peak", 2)
    single = StageResult(rest, {}, 62.0, {("EF", "A4C"): ef})
    both = StageResult(peak, {}, 120.0, {("EF", "A4C"): ef, ("EF", ""): ef})
    assert _stage_words(rest, single).startswith("Rest  ·  62/min  ·  EF A4C ")
    assert "A4C" not in _stage_words(peak, both)


def test_a_marked_ef_has_its_mark_and_reason_and_a_withheld_one_is_a_dash():
    ef = next(one for one in measurements(read(cine())) if one.code == "EF")
    marked = replace(ef, trust=Trust.CHECK)
    found = StageResult(
        Stage("Peak", 2),
        {},
        120.0,
        {("EF", "A4C"): marked},
        withheld={"A2C": "contours are missing"},
        marked={"A4C": ("ED lies at an edge.",)},
    )
    assert "EF A4C ! " in _stage_words(found.stage, found)
    assert _stage_words(found.stage, found).endswith("EF A2C –")
    assert _reasons(found) == ["A4C: ED lies at an edge.", "A2C: contours are missing"]


def test_naming_by_number_answers_in_the_dialog(window):
    form = StressForm(window.workspace, lambda _: None, lambda: window.study_forms._name_views()[1], window)
    form.findChild(QPushButton, "by number").click()
    assert "1 view named by its number" in form.answer.text()
    assert window.workspace.opened.saved_reading(window.workspace.opened.recordings[2]).view.label == "A4C"
    form.findChild(QPushButton, "by number").click()
    assert "No view could be named" in form.answer.text()
    assert not window.banner.isVisible()
    assert form.grid.horizontalHeaderItem(0).toolTip() == "A4C"
    form.close()


def test_no_title_or_cell_of_the_grid_is_cut(window):
    form = StressForm(window.workspace, lambda _: None, lambda: "", window)
    form.show()
    header = form.grid.horizontalHeader()
    for at in range(form.grid.columnCount()):
        assert header.sectionSize(at) >= header.fontMetrics().horizontalAdvance(
            form.grid.horizontalHeaderItem(at).text()
        )
    form.close()
