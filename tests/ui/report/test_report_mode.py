"""Report mode: the text next to its pages, what is typed, saved, marked and undone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from kinecor.core.report.sentences import Drafted, State
from kinecor.core.study.conclusions import parts_of
from kinecor.core.values.errors import Cancelled
from kinecor.core.values.study import IMPRESSION, Letterhead
from kinecor.session.edits import Decide, SetNotes, Sign
from kinecor.ui.app.modes import Mode
from kinecor.ui.report.fields import SectionBox, SectionField
from kinecor.ui.report.page import NARROW_PX
from kinecor.ui.report.render import Content, content_of, draft_of, write_pdf
from kinecor.ui.workspace.computing import Awaited
from tests.readings import cine, names, read

WORDS = {"EF": "55 %", "EDV": "110 ml"}


@pytest.fixture
def field(themed, qtbot):
    one = SectionField()
    qtbot.addWidget(one)
    one.resize(400, 60)
    one.show()
    return one


@pytest.mark.parametrize(
    "template", ["", "Plain.", "EF {EF}.", "{EF}{EDV} and {EF}", "Two\nlines with {EDV}.", "a {brace} and a { alone"]
)
def test_a_text_comes_back_with_its_values_by_key(field, template):
    field.set_template(template, WORDS)
    assert field.template == template.replace("{brace}", "(brace: not available)")
    assert "{EF}" not in field.toPlainText()


def test_typing_beside_a_value_is_text_and_typing_into_it_ends_it(field, qtbot):
    field.set_template("EF {EF}", WORDS)
    field.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(field, " today")
    assert field.template == "EF {EF} today"
    cursor = field.textCursor()
    cursor.setPosition(4)
    field.setTextCursor(cursor)
    qtbot.keyClicks(field, "0")
    assert field.template == "EF 505 % today"


def test_a_value_inserted_follows_the_measurement(field):
    field.set_template("EF", WORDS)
    field.moveCursor(QTextCursor.MoveOperation.End)
    field.insertPlainText(" ")
    field.insert_value("EF")
    assert field.template == "EF {EF}"
    field.set_template(field.template, WORDS | {"EF": "47 %"})
    assert "47 %" in field.toPlainText()


@pytest.fixture
def reported(window, qtbot):
    window.show_mode(Mode.REPORT)
    qtbot.waitUntil(lambda: not window.busy)
    return window


def settle(window, qtbot):
    qtbot.waitUntil(lambda: not window.busy)


def test_no_choice_below_the_text_is_cut_off(reported):
    """ "Template: default" was "Template: defa": the columns were counted before the list had its names."""
    draft = reported.report.draft
    choices = draft.template, draft.paper, draft.language
    for wide in range(1000, 1500, 20):
        draft.template.clear()
        reported.resize(wide, 768)
        QApplication.processEvents()
        draft._show_printed(draft._draft, reported.workspace.study.reading.report.printed)
        QApplication.processEvents()
        assert all(one.width() >= one.sizeHint().width() for one in choices), wide


def test_the_text_has_a_narrow_page_for_itself(reported):
    """With the checks open at 200 % both halves had titles that were cut: "Report te", "2 page"."""
    page = reported.report
    assert page.preview.isVisible()
    page.setFixedWidth(NARROW_PX - 1)
    QApplication.processEvents()
    assert not page.preview.isVisible()
    assert page.draft.title.width() >= page.draft.title.sizeHint().width()
    page.setFixedWidth(NARROW_PX + 300)
    QApplication.processEvents()
    assert page.preview.isVisible()


def test_the_draft_has_a_field_for_each_section_and_the_pages_are_the_studys(reported):
    page = reported.report
    assert list(page.draft.boxes)[:2] == [IMPRESSION, "lv"]
    assert len(page.preview.pages) >= 2
    assert page.draft.checks.isVisibleTo(page)
    assert "make no sentence" in page.draft.checks.text()


def test_what_is_typed_is_shown_at_once_saved_when_left_and_undone(reported, qtbot):
    page, study = reported.report, reported.workspace
    box = page.draft.boxes[IMPRESSION]
    box.field.setFocus()
    box.field.insertPlainText("Seen by me.")
    assert page.content().study.report.sentences[IMPRESSION].text == "Seen by me."
    assert not study.study.reading.report.sentences
    box.field.clearFocus()
    page.draft.letterhead["institution"].setFocus()
    assert study.study.reading.report.sentences[IMPRESSION].text == "Seen by me."
    settle(reported, qtbot)
    assert box.state.text() == "Edited by Dr Grey"
    study.history.undo()
    settle(reported, qtbot)
    assert not study.study.reading.report.sentences
    assert box.field.template == ""


def test_nothing_is_saved_where_nothing_was_typed(reported):
    before = len(reported.workspace.history.entries())
    reported.report.commit()
    reported.show_mode(Mode.MEASURE)
    assert len(reported.workspace.history.entries()) == before


def test_an_edited_sentence_is_marked_when_its_value_changes_and_can_be_automatic_again(reported, qtbot):
    page, study = reported.report, reported.workspace
    box = page.draft.boxes["lv"]
    box.field.setFocus()
    box.field.selectAll()
    box.field.insertPlainText("EF is fine: ")
    box.field.insert_value("EDV")
    page.commit()
    settle(reported, qtbot)
    assert box.drafted.state is State.EDITED
    study.do(Decide("EDV", accepted=True, value=400.0))
    settle(reported, qtbot)
    assert box.drafted.state is State.OUTDATED
    assert "no longer matches" in box.state.text()
    assert "is 400 ml" in box.notes.text()
    box.automatic.click()
    settle(reported, qtbot)
    assert box.drafted.state in (State.AUTOMATIC, State.NONE)


def test_letterhead_paper_and_parts_are_edits(reported, qtbot):
    draft, study = reported.report.draft, reported.workspace
    draft.letterhead["referrer"].setText("Dr Black")
    draft.letterhead["referrer"].editingFinished.emit()
    assert study.study.reading.report.letterhead == Letterhead(referrer="Dr Black")
    draft.parts["images"].click()
    assert not study.study.reading.report.printed.images
    draft.paper.setCurrentIndex(draft.paper.findData("Letter"))
    draft.paper.activated.emit(draft.paper.currentIndex())
    assert study.study.reading.report.printed.paper == "Letter"
    settle(reported, qtbot)
    image = reported.report.preview._images[0]
    assert image.width() / image.height() == pytest.approx(612 / 792, rel=0.01)


def test_every_field_is_reached_by_the_tab_key(reported, qtbot):
    draft = reported.report.draft
    wanted = {id(box.field) for box in draft.boxes.values()} | {id(line) for line in draft.letterhead.values()}
    wanted |= {id(draft.template), id(draft.paper), *(id(check) for check in draft.parts.values())}
    first, seen = draft.boxes[IMPRESSION].field, set()
    at = first
    while at is not first or not seen:
        seen.add(id(at))
        at = at.nextInFocusChain()
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen.add(id(at))
    assert wanted <= seen
    assert all(box.field.tabChangesFocus() for box in draft.boxes.values())


def test_a_signed_study_is_read_only(reported, qtbot):
    study = reported.workspace
    assert study.study.do(Sign("2026-11-22T10:58:00+00:00", parts_of([study.saved], study.study.reading)))
    settle(reported, qtbot)
    assert all(box.field.isReadOnly() for box in reported.report.draft.boxes.values())
    assert "signed" in reported.report.draft.note.text()


def test_a_note_remakes_the_pages(reported, qtbot):
    before = reported.report.preview._images
    reported.workspace.do(SetNotes("seen"))
    settle(reported, qtbot)
    assert reported.report.preview._images is not before


def test_a_report_cancelled_while_it_is_written_leaves_what_was_there(reported, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "report.pdf").write_text("an older one")
    calls = []

    def tick(done, total):
        calls.append(done)
        if len(calls) > 1:
            raise Cancelled

    content = content_of(reported.workspace)
    with pytest.raises(Cancelled):
        write_pdf(folder / "report.pdf", Content(content.members, content.study), tick)
    assert (folder / "report.pdf").read_text() == "an older one"
    assert names(folder) == ["report.pdf"]


def test_recordings_that_were_not_read_are_not_in_the_report(open_window):
    window = open_window([cine()], analysed=True)
    assert [one.source.recording_id for one, _ in content_of(window.workspace).members] == ["1.2.3.4"]
    assert read(cine()).facts.recording_id == "1.2.3.4"


def test_without_a_choice_the_report_has_the_language_of_the_window(open_window):
    content = replace(content_of(open_window([cine()], analysed=True).workspace), language="de")
    name = draft_of(content, lambda *_: None).sections[0].title
    assert name == "Beurteilung"
    chosen = content.study.with_(report=replace(content.study.report, language="en"))
    assert draft_of(replace(content, study=chosen), lambda *_: None).sections[0].title == "Impression"


def tabbed(window):
    """What Tab reaches from what has the focus on, until it returns."""
    first = at = window.focusWidget()
    found = []
    while at is not first or not found:
        if at.isVisible() and at.isEnabled() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(at)
        at = at.nextInFocusChain()
    return found


def test_the_focus_begins_in_the_impression_and_tab_follows_the_page(reported):
    draft, preview = reported.report.draft, reported.report.preview
    assert reported.focusWidget() is draft.boxes[IMPRESSION].field
    fields = [draft.boxes[one].field for one in draft.boxes]
    wanted = [*fields, *draft.parts.values(), draft.template, draft.paper, draft.language, *draft.letterhead.values()]
    wanted += [one for one in (draft.insert, preview.whole, preview.wide, *preview.buttons) if one.isEnabled()]
    on_the_page = [one for one in tabbed(reported) if reported.report.isAncestorOf(one)]
    assert [one for one in on_the_page if one in wanted] == wanted
    reported.show_mode(Mode.MEASURE)
    reported.show_mode(Mode.REPORT)
    assert reported.focusWidget() is draft.boxes[IMPRESSION].field


def test_letters_are_no_commands_in_report_mode(reported, qtbot):
    done = []
    for name, one in reported.actions_by_name.items():
        one.triggered.connect(lambda *_, name=name: done.append(name))
    reported.report.preview.area.setFocus()
    qtbot.keyClicks(reported, "the quick brown fox jumps over 13 lazy dogs + Mitral VALVE - ")
    assert done == []
    assert reported.mode is Mode.REPORT
    assert not reported.actions_by_name["tool_redraw"].isEnabled()
    qtbot.keyClick(reported, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert reported.mode is Mode.MEASURE
    qtbot.keyClick(reported, Qt.Key.Key_I)
    assert done[-1] == "tool_redraw"


def test_while_the_study_is_being_analysed_nothing_is_called_missing_and_nothing_is_exported(
    reported, qtbot, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        "kinecor.ui.app.main_window.QFileDialog.getSaveFileName", lambda *_: asked.append(1) or ("", "")
    )
    space, preview = reported.workspace, reported.report.preview
    space.computing.show({space.recording.source.recording_id: Awaited.ALL})
    assert preview.waiting.isVisible()
    assert not preview.area.isVisible()
    reported.exporting.choose_export()
    assert not asked
    assert reported.banner.isVisible()
    space.computing.show({space.recording.source.recording_id: Awaited.STRAIN})
    assert preview.area.isVisible()
    space.computing.show({})
    settle(reported, qtbot)
    assert not preview.waiting.isVisible()
    assert preview.pages
    reported.exporting.choose_export()
    assert asked


def test_buttons_of_a_narrow_preview_are_said_in_full(reported, qtbot):
    """With the Checks list open at 1366 the bar said "Sign …study" and "Exp…ort"."""
    preview = reported.report.preview
    reported.resize(1366, 740)
    reported.reading.show_checks(True)
    settle(reported, qtbot)
    for button in (preview.whole, preview.wide, *preview.buttons):
        assert button.width() >= button.sizeHint().width(), button.text()
    preview.parentWidget().setSizes([10_000, 1])
    settle(reported, qtbot)
    for button in (preview.whole, preview.wide, *preview.buttons):
        assert button.width() >= button.sizeHint().width(), button.text()


def test_a_state_without_room_next_to_its_title_has_a_line_of_its_own(themed, qtbot):
    box = SectionBox("lv")
    qtbot.addWidget(box)
    drafted = Drafted("lv", "Left ventricle", State.NONE, "", "", why=("EF has an open check.",))
    box.show_section(drafted, WORDS, closed=False)
    box.resize(500, 150)
    box.show()
    beside = box.state.y()
    box.resize(200, 150)
    qtbot.waitUntil(lambda: box.state.y() > beside)
    assert box.state.shown == box.state.text() == "! No automatic sentence"
    box.resize(500, 150)
    qtbot.waitUntil(lambda: box.state.y() == beside)
