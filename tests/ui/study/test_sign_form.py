from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from kinecor.core.values.message import message
from kinecor.session.edits import SetNotes
from kinecor.ui.results.content import Content
from kinecor.ui.study import sign_form
from kinecor.ui.study.sign_form import AddendumForm, SignForm
from kinecor.ui.study.study_rows import Divider
from kinecor.ui.workspace.study_checks import StudyChecks
from tests.ui.settled import settle
from tests.ui.study.test_study_list import of


@pytest.fixture
def pair(open_window):
    return open_window([of("Doe", "1.1", 1, "A4C"), of("Doe", "1.1", 2, "A2C")])


def form(window, action, kind):
    window.actions_by_name[action].trigger()
    return window.findChildren(kind)[-1]


def divider(window):
    return next(one for one in window.study_list.model.rows if isinstance(one, Divider))


def test_a_study_is_signed_and_changed_by_an_addendum_only(pair, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.workspace.why_not_signed", lambda *_: None)
    panel = pair.reading.results
    assert not panel.signature.isVisible()
    assert not pair.actions_by_name["addendum"].isEnabled()
    dialog = form(pair, "sign", SignForm)
    assert "Dr Grey signs" in dialog.words.text()
    assert "recordings (2)" in dialog.words.text()
    dialog.carry_out()
    settle(pair)
    assert panel.signature.isVisible()
    assert panel.signature.text().startswith("Signed by Dr Grey at ")
    assert divider(pair).signed == "Signed"
    assert not pair.actions_by_name["sign"].isEnabled()
    assert not pair.workspace.do(SetNotes("late"))

    dialog = form(pair, "addendum", AddendumForm)
    assert not dialog.done_button.isEnabled()
    dialog.reason.setText("a second look")
    dialog.done_button.click()
    assert pair.workspace.do(SetNotes("late"))
    settle(pair)
    assert "changed since: a second look" in panel.signature.text()
    assert panel.signature.text().startswith("! ")
    assert divider(pair).signed == "! Changed since signed"
    assert pair.actions_by_name["sign"].isEnabled()


def test_open_findings_that_stop_are_named_and_nothing_is_signed(pair, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: message("The study was not signed: a finding is open."))
    monkeypatch.setattr(sign_form, "shown", lambda words: f"{words} In another language.")
    dialog = form(pair, "sign", SignForm)
    assert dialog.problem.text() == "The study was not signed: a finding is open. In another language."
    assert not dialog.done_button.isEnabled()
    dialog.reject()
    assert pair.workspace.study_reading.signature is None


def test_return_adds_the_addendum_that_was_typed(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.workspace.why_not_signed", lambda *_: None)
    form(pair, "sign", SignForm).done_button.click()
    assert pair.workspace.study_reading.closed
    dialog = form(pair, "addendum", AddendumForm)
    qtbot.keyClicks(dialog.reason, "a second look")
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    assert not pair.workspace.study_reading.closed
    assert pair.workspace.do(SetNotes("late"))


def test_a_study_is_signed_without_a_mouse(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.workspace.why_not_signed", lambda *_: None)
    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(pair, Qt.Key.Key_G, ctrl)
    dialog = pair.findChildren(SignForm)[-1]
    dialog.done_button.setFocus()
    qtbot.keyClick(dialog.done_button, Qt.Key.Key_Return)
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


def test_what_is_open_and_not_accepted_is_said_and_return_does_not_sign_it(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    accepted, total = pair.reading.results.accepted
    opened = len(pair.workspace.checks.open)
    assert accepted == 0 < total
    dialog = form(pair, "sign", SignForm)
    checks = "1 open check" if opened == 1 else f"{opened} open checks"
    assert dialog.state.text() == f"! {checks}, 0 of {total} values accepted"
    assert not dialog.name.isVisible()  # it is a reader's own
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert pair.workspace.study_reading.signature is None


def test_return_signs_where_all_is_accepted(pair, qtbot, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.workspace.why_not_signed", lambda *_: None)
    monkeypatch.setattr(StudyChecks, "open", ())
    monkeypatch.setattr(type(pair.reading.results), "accepted", (9, 9))
    dialog = form(pair, "sign", SignForm)
    assert dialog.state.text() == "0 open checks, 9 of 9 values accepted"
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert pair.workspace.closed


def test_a_login_name_can_be_replaced_by_the_name_to_print(pair, monkeypatch):
    monkeypatch.setattr(sign_form, "why_not_signed", lambda *_: None)
    monkeypatch.setattr("kinecor.ui.workspace.workspace.why_not_signed", lambda *_: None)
    pair.settings, pair.workspace.actor = replace(pair.settings, reader=""), "root"
    dialog = form(pair, "sign", SignForm)
    assert dialog.name.isVisible()
    dialog.name.setText("model: x")
    assert not dialog.done_button.isEnabled()
    dialog.name.setText("Dr Grey")
    assert "Dr Grey signs" in dialog.words.text()
    dialog.done_button.click()
    assert pair.workspace.study_reading.signature.by == "Dr Grey"
    # The name of a signature is not the author of later work, and is proposed for the next one.
    assert (pair.settings.reader, pair.workspace.actor) == ("", "root")
    pair.workspace.add_addendum("a second look")
    assert pair.workspace.do(SetNotes("late"))
    assert pair.workspace.steps[-1].actor == "root"
    again = form(pair, "sign", SignForm)
    assert again.name.text() == "Dr Grey"
    again.name.setText("root")
    again.done_button.click()
    assert pair.workspace.study_reading.signature.by == "root"
    assert pair.settings.signer == ""


def test_nothing_of_a_signed_study_is_accepted(pair, monkeypatch):
    monkeypatch.setattr("kinecor.ui.workspace.workspace.why_not_signed", lambda *_: None)
    monkeypatch.setattr(Content, "to_accept", property(lambda self: self.every))
    panel, said = pair.reading.results, []
    panel.decide(panel.rows[0], accept=True)
    assert panel.accept_all.isEnabled()
    pair.workspace.sign()
    assert not panel.accept_all.isEnabled()
    pair.workspace.remark.connect(said.append)
    panel._accept_all()
    assert said == []
    pair.workspace.add_addendum("a second look")
    assert panel.accept_all.isEnabled()
