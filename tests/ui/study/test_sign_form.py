import hashlib
import re

import pypdfium2
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from kinecor.core.checks.assessment import assess
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.study import StudyReading
from kinecor.core.values.track import Structure
from kinecor.io.report import study_report
from kinecor.session.edits import Decide, SetNotes
from kinecor.session.signed_studies import read_site
from kinecor.session.store import readings_folder
from kinecor.ui.report.render import _report, content_of
from kinecor.ui.results.content import Content
from kinecor.ui.study import sign_form
from kinecor.ui.study.sign_form import AddendumForm, SignForm
from kinecor.ui.study.study_rows import Divider
from kinecor.ui.tiles.tools import Tool
from kinecor.ui.workspace.study import StudyOnScreen
from kinecor.ui.workspace.study_checks import StudyChecks
from tests.ui.settled import settle
from tests.ui.study.test_study_list import of


@pytest.fixture
def pair(open_window):
    return open_window([of("Doe", "1.1", 1, "A4C"), of("Doe", "1.1", 2, "A2C")])


def form(window, action, kind):
    window.actions_by_name[action].trigger()
    return window.findChildren(kind)[-1]


def sign(window, qtbot):
    """Sign by the form, and wait until its report is made and kept."""
    form(window, "sign", SignForm).carry_out()
    qtbot.waitUntil(lambda: window.workspace.signing.closed)
    return settle(window)


def divider(window):
    return next(one for one in window.study_list.model.rows if isinstance(one, Divider))


def test_a_study_is_signed_and_changed_by_an_addendum_only(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    bar = pair.signed
    assert not bar.isVisible()
    assert not pair.actions_by_name["addendum"].isEnabled()
    dialog = form(pair, "sign", SignForm)
    assert dialog.words.text().startswith("Dr Grey")
    assert "recordings (2)" in dialog.words.text()
    dialog.carry_out()
    qtbot.waitUntil(lambda: pair.workspace.signing.closed)
    settle(pair)
    assert not pair.findChildren(SignForm)
    assert bar.isVisible()
    assert bar.words.text().startswith("Signed by Dr Grey on ")
    assert bar.addendum.isVisible()
    assert divider(pair).signed == "Signed"
    assert not pair.actions_by_name["sign"].isEnabled()
    assert not pair.workspace.do(SetNotes("late"))

    dialog = form(pair, "addendum", AddendumForm)
    assert not dialog.done_button.isEnabled()
    dialog.reason.setText("a second look")
    dialog.done_button.click()
    assert pair.workspace.do(SetNotes("late"))
    settle(pair)
    assert "changed since: a second look" in bar.words.text()
    assert bar.words.text().startswith("! ")
    assert (bar.sign.isVisible(), bar.addendum.isVisible()) == (True, False)
    assert divider(pair).signed == "! Changed since signed"
    assert pair.actions_by_name["sign"].isEnabled()


def test_open_findings_that_stop_are_named_and_nothing_is_signed(pair, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: message("The study was not signed: a finding is open."))
    monkeypatch.setattr(sign_form, "shown", lambda words: f"{words} In another language.")
    dialog = form(pair, "sign", SignForm)
    assert dialog.problem.text() == "The study was not signed: a finding is open. In another language."
    assert not dialog.done_button.isEnabled()
    dialog.reject()
    assert pair.workspace.study.reading.signature is None


def test_return_adds_the_addendum_that_was_typed(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    form(pair, "sign", SignForm).done_button.click()
    qtbot.waitUntil(lambda: pair.workspace.study.reading.closed)
    dialog = form(pair, "addendum", AddendumForm)
    qtbot.keyClicks(dialog.reason, "a second look")
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    assert not pair.workspace.study.reading.closed
    assert pair.workspace.do(SetNotes("late"))


def test_a_study_is_signed_without_a_mouse(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(pair, Qt.Key.Key_G, ctrl)
    dialog = pair.findChildren(SignForm)[-1]
    dialog.done_button.setFocus()
    qtbot.keyClick(dialog.done_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pair.workspace.signing.closed)
    settle(pair)
    assert divider(pair).signed == "Signed"
    pair.activateWindow()  # waiting ran the event loop, in which a closed dialog gives it up
    qtbot.waitUntil(pair.isActiveWindow)
    qtbot.keyClick(pair, Qt.Key.Key_G, ctrl | Qt.KeyboardModifier.ShiftModifier)
    dialog = pair.findChildren(AddendumForm)[-1]
    qtbot.keyClicks(dialog.reason, "a second look")
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    assert pair.workspace.do(SetNotes("late"))
    settle(pair)
    assert divider(pair).signed == "! Changed since signed"


def test_open_checks_are_listed_and_return_does_not_sign(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    accepted, total = pair.reading.results.accepted
    opened = pair.workspace.checks.open
    assert accepted == 0 < total
    assert opened
    dialog = form(pair, "sign", SignForm)
    assert dialog.checks.isVisible()
    assert f"• {opened[0].name}: {opened[0].finding.message}" in dialog.checks.text(), "of which recording"
    assert dialog.state.text() == f"! 0 of {total} values accepted"
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert pair.workspace.study.reading.signature is None


def test_no_line_speaks_of_checks_where_none_is_open_and_return_signs(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    monkeypatch.setattr(StudyChecks, "open", ())
    monkeypatch.setattr(type(pair.reading.results), "accepted", (9, 9))
    dialog = form(pair, "sign", SignForm)
    assert not dialog.checks.isVisible()
    assert dialog.state.text() == "9 of 9 values accepted"
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pair.workspace.signing.closed)


def test_one_signs_as_oneself_and_another_name_is_a_remark(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.login", lambda: "anna")
    monkeypatch.setattr(sign_form, "login", lambda: "anna")
    dialog = form(pair, "sign", SignForm)
    assert "Dr Grey (anna) signs" in dialog.words.text()
    dialog.remark.setText("for Dr Blue")
    dialog.done_button.click()
    qtbot.waitUntil(lambda: pair.workspace.signing.closed)
    found = pair.workspace.study.reading.signature
    assert (found.by, found.login, found.remark) == ("Dr Grey", "anna", "for Dr Blue")
    assert pair.workspace.history.entries()[-1].actor == "Dr Grey"
    (first, *_) = pages(pair)
    assert re.search(r"Signed electronically: Dr Grey \(login anna\) · \S+ \S+ UTC · for Dr Blue", first)


def pages(window, path=None):
    """The text of the pages of the report, by line breaks and spaces alike."""
    document = pypdfium2.PdfDocument(_report(content_of(window.workspace)) if path is None else path.read_bytes())
    found = [" ".join(document[number].get_textpage().get_text_range().split()) for number in range(len(document))]
    document.close()
    return found


def test_what_is_exported_of_a_signed_study_is_the_report_that_was_signed(pair, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    signature = sign(pair, qtbot).workspace.study.reading.signature
    first, later = tmp_path / "a.pdf", tmp_path / "b.pdf"
    pair.exporting.export(first)
    qtbot.waitUntil(first.exists)
    assert hashlib.sha256(first.read_bytes()).hexdigest() == signature.document
    assert "Signed electronically: Dr Grey" in pages(pair, first)[0]
    # Whatever the program would print now: another day, another template, another language.
    monkeypatch.setattr(study_report, "study_report_bytes", lambda *_, **__: b"%PDF-another")
    pair.exporting.export(later)
    qtbot.waitUntil(later.exists)
    assert later.read_bytes() == first.read_bytes()
    monkeypatch.undo()
    pair.workspace.signing.add_addendum("a second look")
    opened = tmp_path / "c.pdf"
    pair.exporting.export(opened)
    qtbot.waitUntil(opened.exists)
    found = pages(pair, opened)
    assert all("Addendum, not signed: not part of what Dr Grey signed" in one for one in found)


def test_an_earlier_study_opened_after_signing_is_no_part_of_it(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    sign(pair, qtbot)
    before = _report(content_of(pair.workspace))
    earlier = StudyReading("0.9", study_date="20200101")
    monkeypatch.setattr(StudyOnScreen, "priors", (earlier,))
    pair.signed.show_state()
    assert "earlier study is not part of what was signed" in pair.signed.words.text()
    assert _report(content_of(pair.workspace)) == before


def test_tools_are_put_away_and_a_drag_is_answered(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    named = pair.actions_by_name
    named["tool_push"].trigger()
    sign(pair, qtbot)
    assert pair.toolbox.tool is Tool.SELECT
    for name in ("tool_push", "tool_trace", "propagate", "analyse", "calliper_distance", "set_ed", "patient", "undo"):
        assert not named[name].isEnabled(), name
    for name in ("tool_select", "play", "export", "checks", "addendum"):
        assert named[name].isEnabled(), name
    said = []
    pair.workspace.notices.locked.connect(lambda: said.append(True))
    image, reading = pair.image, pair.workspace.saved
    x, y = reading.tracks[Structure.LV_ENDO].contours[0].points[5]
    at = QPointF(*image.viewport.to_widget(x, y)).toPoint()
    qtbot.mousePress(image, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(image, at + QPoint(30, 10))
    qtbot.mouseRelease(image, Qt.MouseButton.LeftButton, pos=at + QPoint(30, 10))
    assert said == [True]
    assert not pair.workspace.previewing
    assert pair.workspace.saved is reading
    pair.workspace.signing.add_addendum("a second look")
    assert named["tool_push"].isEnabled()


def test_a_report_that_cannot_be_made_signs_nothing(pair, qtbot, monkeypatch):
    def refuse(*_, **__):
        raise KinecorError(message("The template {name} cannot be used.", name="x"))

    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    monkeypatch.setattr(study_report, "study_report_bytes", refuse)
    dialog = form(pair, "sign", SignForm)
    dialog.carry_out()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "template x cannot be used" in dialog.problem.text()
    assert pair.workspace.study.reading.signature is None
    dialog.reject()


def test_nothing_of_a_signed_study_is_accepted(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    monkeypatch.setattr(Content, "to_accept", property(lambda self: self.every))
    panel, said = pair.reading.results, []
    panel.decide(panel.rows[0], accept=True)
    assert panel.accept_all.isEnabled()
    sign(pair, qtbot)
    assert not panel.accept_all.isEnabled()
    pair.workspace.notices.remark.connect(said.append)
    panel._accept_all()
    assert [one.partition(" by ")[0] for one in said] == ["This study was signed"]
    pair.workspace.signing.add_addendum("a second look")
    assert panel.accept_all.isEnabled()


def test_a_signature_keeps_what_was_proposed_and_what_was_signed(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.signing.why_not_signed", lambda *_: None)
    workspace = pair.workspace
    (before,) = (row.quantity.value for row in assess(workspace.saved).measurements if row.code == "EF")
    assert workspace.do(Decide("EF", True, before + 7, before, "%"))
    view = workspace.saved.view.label
    sign(pair, qtbot)
    (study,) = read_site(readings_folder(), lambda *_: None).studies
    (ef,) = (one for one in study.values.pairs if (one.code, one.view) == ("EF", view))
    assert ef.automatic == pytest.approx(before)
    assert ef.signed == pytest.approx(before + 7)
    others = [one for one in study.values.pairs if one.code == "EDV"]
    assert others
    assert all(one.automatic == one.signed for one in others)
