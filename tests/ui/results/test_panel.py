from dataclasses import replace
from itertools import product

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from kinecor.core.checks.findings import Severity
from kinecor.core.table.measures import Status
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.reading import View
from kinecor.core.values.recording import Patient, Stage
from kinecor.session.edits import SetCalliper, SetView
from kinecor.ui.results import panel as panel_module
from kinecor.ui.results.cards import HeadlineCard, PairsCard
from kinecor.ui.results.fold import Fold
from kinecor.ui.results.rows import Decided, details
from kinecor.ui.results.rows_widget import advance_px, value_parts
from kinecor.ui.study.study_rows import State
from kinecor.ui.workspace.study_checks import StudyChecks
from tests import stacks
from tests.readings import cine, with_identity
from tests.ui.conftest import OFFERED, unscaled
from tests.ui.mouse import followed, move, press, release
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall


def row(window, code):
    return settle(window).reading.results.row(code)


def test_every_number_says_what_it_rests_on(window):
    ef = row(window, "EF")
    assert (ef.unit, ef.method, ef.frames) == ("%", "method of disks (single plane)", "ED 1, ES 7")
    assert (ef.by, ef.confidence, ef.status) == ("unet@1.0", "0.90", "automatic")


def test_without_a_scale_volumes_are_withheld_with_a_reason(open_window):
    window = open_window([unscaled()])
    assert row(window, "EDV").value == "–"
    assert "no scale" in row(window, "EDV").note
    assert row(window, "EF").value.isdigit()
    assert "% max" in window.reading.curve.title


def test_the_offered_scale_is_used_only_when_accepted_and_can_be_taken_back(open_window):
    window = open_window([unscaled()])
    bar = window.reading.scale
    assert bar.accept.isVisible()
    assert bar.accept.text() == "Use corrected calibration (1.02 mm/px)"
    assert window.workspace.reading.calibration is None
    bar.accept.click()
    assert window.workspace.reading.calibration == OFFERED
    assert row(window, "EDV").value.isdigit()
    assert "accepted by Dr Grey" in bar.words.text()
    assert not bar.accept.isVisible()
    assert "(ml)" in window.reading.curve.title
    window.workspace.history.undo()
    assert row(window, "EDV").value == "–"
    assert bar.accept.isVisible()


def test_a_section_that_is_unfolded_below_the_edge_is_brought_into_sight(window, qtbot):
    panel = window.reading.results
    window.resize(1000, 540)
    fold = panel.folds["History"]
    panel.area.verticalScrollBar().setValue(0)

    def below():
        return fold.visibleRegion().boundingRect().height() < fold.height()

    qtbot.waitUntil(below)
    fold.head.click()
    qtbot.waitUntil(lambda: fold.holder.isVisible() and not below())


def test_accept_reject_and_take_back(window):
    table = window.reading.results
    table.decide(row(window, "EF"), accept=True)
    assert row(window, "EF").status == "accepted by Dr Grey"
    table.decide(row(window, "EF"), accept=False)
    assert (row(window, "EF").value, row(window, "EF").status) == ("–", "rejected")
    table.decide(row(window, "EF"), accept=False)
    assert row(window, "EF").kind is Status.AUTO
    ef = row(window, "EF").value
    assert [one.summary for one in window.workspace.history.entries()[-3:]] == [
        f"EF {ef} % accepted",
        f"EF {ef} % rejected",
        "EF as computed",
    ]


def test_a_decision_holds_the_old_and_the_new_value(window):
    table, ef = window.reading.results, row(window, "EF").value
    table.enter(row(window, "EF"), 60)
    assert window.workspace.history.entries()[-1].summary == f"EF {ef} % replaced by 60 %"
    assert f"computed: {ef} %" in details(row(window, "EF"))
    table.decide(row(window, "EF"), accept=False)
    assert window.workspace.history.entries()[-1].summary == "EF 60 % rejected"
    assert f"computed: {ef} %" in details(row(window, "EF"))
    table.decide(row(window, "EF"), accept=True)
    assert window.workspace.history.entries()[-1].summary == f"EF {ef} % accepted"
    assert "computed" not in details(row(window, "EF"))


def test_a_value_entered_by_the_reader_replaces_even_a_withheld_one(open_window):
    window = open_window([unscaled()])
    window.reading.results.enter(row(window, "EDV"), 118.5)
    found = row(window, "EDV")
    assert window.workspace.history.entries()[-1].summary == "EDV set to 118.5 ml"
    assert (found.value, found.unit, found.status, found.by) == ("118", "ml", "entered by hand", "Dr Grey")
    window.workspace.history.undo()
    assert row(window, "EDV").value == "–"


def test_only_rows_whose_words_changed_are_drawn_again(window, monkeypatch):
    panel = window.reading.results
    drawn = []
    for widget in panel._widgets:
        monkeypatch.setattr(widget, "update", lambda *box, widget=widget: drawn.extend(box or widget.rows))
    fold = panel.folds["Rates and times"]
    panel.decide(row(window, "HR"), accept=True)
    settle(window)
    assert drawn == [fold.body.box(0)]
    assert row(window, "HR").accepted


def test_notes_do_not_work_the_numbers_out_again(window, monkeypatch):
    from kinecor.session.edits import SetNotes

    panel = window.reading.results
    worked_out = []
    monkeypatch.setattr(panel, "_during", worked_out.append)
    window.workspace.preview(SetNotes("seen"))
    assert window.workspace.reading.notes == "seen"
    assert worked_out == []


def test_exploratory_values_are_folded_away_and_never_accepted_with_the_others(window):
    window.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    panel = window.reading.results
    section = next(one for one in panel.content.sections if one.title == "Exploratory: strain")
    assert all(one.exploratory for one in section.rows)
    assert not any(one.exploratory for one in panel.content.rows)
    assert panel.folds[section.title].body.isHidden() or not panel.folds[section.title].body.isVisible()
    assert not set(section.rows) & set(panel.content.to_accept)
    gls = row(window, "GLS")
    assert gls.value.startswith("−")
    panel.grab()


def test_a_headline_without_an_apical_view_names_none(window):
    panel = window.reading.results
    assert panel.content.headline.title == "EF"
    window.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    assert panel.content.headline.title == "EF single plane, A4C"


def test_a_withheld_headline_leaves_nothing_to_accept_at_once(window):
    content = window.reading.results.content.map(lambda one: replace(one, opened=False))
    assert content.to_accept
    dash = replace(content.headline.row, value="\N{EN DASH}", kind=Status.WITHHELD)
    assert not replace(content, headline=replace(content.headline, row=dash)).to_accept
    rejected = replace(dash, decided=Decided.REJECTED)
    assert replace(content, headline=replace(content.headline, row=rejected)).to_accept


def test_a_value_below_zero_is_offered_as_it_stands(window, monkeypatch):
    window.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    offered = []
    monkeypatch.setattr(panel_module, "ask_number", lambda *requested: offered.append(requested[3]) or (0.0, False))
    gls = row(window, "GLS")
    window.reading.results.ask_for_value(gls)
    assert offered == [-float(gls.value.removeprefix("−"))]


def test_no_sign_and_no_digit_is_ever_cut_off(window):
    shown = row(window, "EF")
    for value, room_px in product(("58", "−20.6", "−0.37", "−120.6", "1234.5"), (52, 78, 97, 160)):
        parts, _ = value_parts(replace(shown, value=value, interval="± 12"), room_px, 15)
        assert parts[0][0] == value
        assert sum(advance_px(*one) for one in parts) <= room_px


def test_an_interval_makes_a_value_smaller_rather_than_be_missing(window):
    shown = replace(row(window, "EF"), value="−16.7", interval="± 3.6")
    whole = sum(advance_px(*part) for part in value_parts(shown, 1000, 14)[0])
    parts, size = value_parts(shown, whole - 12, 14)
    assert [text for text, _, _ in parts] == ["−16.7", " ± 3.6", " %"]
    assert 11 <= size < 14


def test_where_there_is_no_room_next_to_ef_its_interval_is_below_it(open_window):
    window = open_window([stacks.stack()])
    (card,) = window.findChildren(PairsCard)
    pair = next(one for one in card.pairs if one.name == "EF")
    drawn = []
    for interval in ("", "± 12"):
        card.show_pairs([replace(pair, left=replace(pair.left, interval=interval, span=None))])
        parts, _ = value_parts(card.rows[0], card.box(0).width() - 40, 28)
        assert [text for text, _, _ in parts][:2] == [pair.left.value, " %"]
        drawn.append(card.grab(card.box(0)).toImage())
    assert drawn[0] != drawn[1]


def test_strain_stays_as_it_was_while_a_contour_is_pulled(window):
    window.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    model, (start, end) = window.reading.results, wall(window)
    before = {one.code: one.value for one in model.rows}
    press(window.image, start)
    move(window.image, end)
    followed(window)
    during = {one.code: one.value for one in model.rows}
    assert list(during) == list(before)
    assert during["GLS"] == before["GLS"]
    assert during["EDV"] != before["EDV"]
    release(window.image, end)
    settle(window)
    assert next(one.value for one in model.rows if one.code == "GLS") != before["GLS"]


def test_values_over_views_are_decided_on_for_the_study(open_window):
    four, two = (with_identity(cine(), path=f"{name}.dcm", recording_id=name) for name in ("four", "two"))
    window = open_window([replace(four, view="A4C"), replace(two, view="A2C")])
    table, workspace = window.reading.results, window.workspace
    workspace.show(1)
    workspace.do(SetView(View("A2C", None, "Dr Grey")))
    workspace.show(0)
    workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    assert table.content.headline.title == "EF biplane"
    ef = table.content.headline.row
    table.decide(ef, accept=True)
    settle(window)
    assert table.content.headline.row.accepted
    assert workspace.study.reading.decisions["EF"].computed is not None
    assert "EF" not in workspace.reading.decisions
    table.decide(table.content.headline.row, accept=True)
    settle(window)
    assert not table.content.headline.row.accepted
    table.enter(table.content.headline.row, 61.0)
    settle(window)
    assert table.content.headline.row.value == "61"
    table.comment(table.content.headline.row, "good views")
    assert workspace.study.reading.comments == {"EF": "good views"}


def test_space_plays_and_accepts_nothing(window, qtbot):
    panel = window.reading.results
    panel.list.setFocus()
    panel.list.choose(0)
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    assert not any(one.accepted for one in panel.rows)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    settle(window)
    assert panel.list.rows[0].accepted


def test_a_value_over_views_is_accepted_with_its_index_in_one_step(open_window):
    patient = Patient("Doe", sex="F", height_cm=171.0, weight_kg=60.0)
    clips = []
    for view in ("A4C", "A2C"):
        made = with_identity(cine(), path=f"{view}.dcm", recording_id=view)
        clips.append(replace(made, source=replace(made.source, patient=patient), view=view))
    window = open_window(clips)
    for at, view in ((1, "A2C"), (0, "A4C")):
        window.workspace.show(at)
        window.workspace.do(SetView(View(view, None, "Dr Grey")))
    panel = settle(window).reading.results
    edv = panel.row("EDV", -1)
    assert edv.codes == ("EDV", "EDVI")
    panel.decide(edv, accept=True)
    settle(window)
    assert panel.row("EDV", -1).accepted
    assert set(window.workspace.study.reading.decisions) == {"EDV", "EDVI"}
    window.workspace.history.undo()
    assert not window.workspace.study.reading.decisions


def stress_clip(name, stage, number, view=None):
    made = with_identity(cine(), path=f"{name}.dcm", recording_id=name)
    return replace(made, source=replace(made.source, stage=stage, view_number=number), view=view)


def test_values_of_a_stress_study_name_their_stage(open_window):
    """Two stages gave two lines "EF A4C", and the biplane EF of rest stood over a clip of another stage."""
    rest, peak = Stage("Baseline", 1), Stage("Peak", 4)
    clips = [("a", rest, 3, "A4C"), ("b", rest, 4, "A2C"), ("c", peak, 3, "A4C")]
    window = open_window([stress_clip(*one) for one in clips])
    panel, workspace = window.reading.results, window.workspace
    for at, (_, _, _, view) in enumerate(clips):
        workspace.show(at)
        workspace.do(SetView(View(view, None, "Dr Grey")))
    workspace.show(0)
    assert panel.content.headline.title == "EF biplane, Baseline"
    assert [name for name, _ in panel.content.headline.parts] == ["A4C", "A2C"]
    single = next(one for one in panel.content.sections if one.title == "Single plane").rows
    assert [one.view for one in single if one.code == "EF"] == ["A4C Baseline", "A2C Baseline", "A4C Peak"]
    workspace.show(2)
    assert panel.content.headline.title == "EF single plane, A4C Peak"
    assert panel.content.headline.row.owner == 2
    biplane = next(one for one in panel.content.sections if one.title == "Long axes, biplane")
    assert biplane.count == "Baseline"
    assert "EF" in {one.code for one in biplane.rows}
    workspace.show(0)
    window.reading.results.show_strain(True)
    assert "Peak" not in panel.content.headline.title


def test_values_of_two_clips_of_one_view_name_their_files(open_window):
    clips = [with_identity(cine(), path=f"{name}.dcm", recording_id=name) for name in ("first", "second")]
    window = open_window([replace(one, view="A4C") for one in clips])
    for at in (1, 0):
        window.workspace.show(at)
        window.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    rows = [one for one in window.reading.results.rows if one.code == "EDV"]
    assert sorted(one.view for one in rows) == ["A4C, first", "A4C, second"]


def test_a_click_on_accept_all_leaves_the_keyboard_where_it_was(window, qtbot):
    """The disabled button handed the focus to the next section, and Space unfolded that instead of playing."""
    panel = window.reading.results
    window.activateWindow()
    window.reading.image.setFocus()
    before = window.focusWidget()
    qtbot.mouseClick(panel.accept_all, Qt.MouseButton.LeftButton)
    settle(window)
    assert not panel.accept_all.isEnabled()
    assert window.focusWidget() is before


def test_a_section_says_its_title_in_full(themed, qtbot):
    fold = Fold("Withheld for the same reason", QLabel("body"))
    qtbot.addWidget(fold)
    fold.show_count("EDV, ESV, SV, CO, LAV", Severity.CHECK)
    fold.resize(300, 40)
    fold.show()
    assert fold.head.width() >= fold.head.sizeHint().width()
    assert fold.count.shown.endswith("…")


def test_what_no_network_contours_says_so_and_what_a_reader_measured_is_not_automatic(open_window):
    plax = replace(cine(), view="PLAX")

    def refuse(recording, reading, tick):
        raise KinecorError(message("contours need an apical view"))

    window = open_window([plax], propose=refuse)
    panel = window.reading.results
    assert panel.content.empty == "Not contoured: measure with the calliper."
    window.workspace.do(SetCalliper("LVIDd", 0, ((20.0, 20.0), (20.0, 60.0))))
    settle(window)
    assert panel.state.text() == "Edited"
    assert window.study_list.model.rows[window.study_list.model.places[0]].state is State.EDITED


def test_a_class_never_leaves_the_card(open_window, monkeypatch):
    """A value without interval left its class no line of its own, and a wide one ended outside the card."""
    window = open_window([cine()])
    (card,) = window.findChildren(HeadlineCard)
    card.resize(308, 160)
    row = replace(card.headline.row, interval="", value="−16.7", unit="%")
    wide = "Moderately to severely abnormal"
    for number, words in enumerate((wide, 3 * wide)):
        monkeypatch.setattr(type(row), "class_words", words)
        card.show_headline(replace(card.headline, row=replace(row, value=f"−16.{number}")))
        drawn = card.grab().toImage()
        edge = card.box(0).right() + 1
        blank = drawn.pixelColor(edge + 1, card.height() - 2)
        assert all(drawn.pixelColor(edge + 1, y) == blank for y in range(card.height())), words


def test_no_title_of_a_card_is_cut_for_its_details(open_window):
    """At 200 % it was "GLS (3-view...", with "Details" beside it."""
    window = open_window([cine()])
    (card,) = window.findChildren(HeadlineCard)
    card.resize(200, 160)
    parts = (("A4C", "−16.2"), ("A2C", "−17.3"), ("A3C", "−16.0"))
    for title, cut in ("EF", False), ("GLS (3-view mean)", True):
        card.show_headline(replace(card.headline, title=title, parts=parts))
        room, title_px = card._title_room(card._title_line), advance_px(title, 12, True)
        assert title_px <= room
        assert (card.details_box().top() > card._title_line.bottom()) is cut


def test_nothing_is_listed_before_it_is_known_whether_there_is_any(window, monkeypatch):
    panel = window.reading.results
    for title in ("Prior", "Other systems", "Views and beats"):
        panel.folds[title].show()
    monkeypatch.setattr(StudyChecks, "reading_of", lambda *_: None)
    panel.prior.chosen.emit()
    assert all(panel.folds[title].isHidden() for title in ("Prior", "Other systems", "Views and beats"))
