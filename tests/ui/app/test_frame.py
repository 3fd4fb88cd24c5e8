"""The frame of the window: modes with their layouts, menus, tool strip, report."""

from typing import get_args

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication

from kinecor.core.checks.findings import Severity
from kinecor.session.edits import SetNotes
from kinecor.ui.app.actions import ACTIONS, Menu
from kinecor.ui.app.bars import TOOLS, ToolStrip, steps
from kinecor.ui.app.modes import Mode
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.jobs import Progress
from kinecor.ui.workspace.signing import NOT_DONE
from tests.readings import cine
from tests.ui.mouse import drag
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall


def listed(window):
    menus = (*window.menus.menus.values(), *window.menus.submenus.values())
    return [action for menu in menus for action in menu.actions() if not action.menu()]


def test_every_action_is_in_the_menu_of_its_table(window):
    assert [one.title().replace("&", "") for one in window.menus.menus.values()] == list(get_args(Menu))
    for one in ACTIONS:
        action = window.actions_by_name[one.name]
        menu = window.menus.submenus[one.submenu] if one.submenu else window.menus.menus[one.menu]
        assert action in menu.actions()
        assert [key.toString() for key in action.shortcuts()] == list(one.keys)
    assert len(listed(window)) == len(ACTIONS) + sum(one.divider for one in ACTIONS)


def test_every_tool_is_an_action():
    names = {one.name for one in ACTIONS}
    assert {one.action for one in TOOLS} <= names


def test_undo_names_what_it_undoes(window):
    undo, redo = window.actions_by_name["undo"], window.actions_by_name["redo"]
    drag(window.image, *wall(window))
    words = settle(window).workspace.history.entries()[-1].summary
    assert words.startswith("LV endocardium")
    assert undo.text() == f"Undo: {words}"
    assert redo.text() == "Redo"
    undo.trigger()
    assert redo.text() == f"Redo: {words}"
    drag(window.image, *wall(window))
    settle(window)
    assert redo.text() == "Redo"
    assert steps(()) == ("", "")


def test_modes_by_key_and_tab(window, qtbot):
    seen = []
    window.mode_changed.connect(seen.append)
    assert window.mode is Mode.MEASURE
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.mode is Mode.STRAIN
    assert window.reading.strain_page.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.mode is Mode.MEASURE
    assert not window.reading.strain_page.isVisible()
    window.top.modes.tabs[Mode.REVIEW].click()
    assert window.mode is Mode.REVIEW
    assert not window.reading.side.isVisible()
    window.actions_by_name["checks"].trigger()
    assert window.reading.checks.isVisible()
    window.actions_by_name["checks"].trigger()
    assert not window.reading.side.isVisible()
    assert seen == [Mode.STRAIN, Mode.MEASURE, Mode.REVIEW]
    checked = [mode for mode in Mode if window.actions_by_name[mode.value].isChecked()]
    assert checked == [Mode.REVIEW]


def test_each_mode_keeps_its_layout(window):
    rows = window.reading.rows
    rows.setSizes([300, 300])
    mine = rows.sizes()
    window.show_mode(Mode.REVIEW)
    assert rows.sizes() != mine
    window.show_mode(Mode.MEASURE)
    assert rows.sizes() == mine
    window.actions_by_name["results"].trigger()
    assert not window.reading.side.isVisible()
    window.actions_by_name["layout"].trigger()
    assert window.reading.side.isVisible()
    assert rows.sizes() != mine


def test_panels_fill_the_window_in_every_mode(window):
    window.resize(1120, 700)
    for mode in (Mode.MEASURE, Mode.STRAIN, Mode.MEASURE):
        window.show_mode(mode)
        page = window.reading
        assert page.side.geometry().right() == page.width() - 1


def test_the_sign_of_open_checks_stays_when_the_list_was_opened(window):
    window.top.show_checks((Severity.CHECK,))
    for _ in range(2):
        window.actions_by_name["checks"].trigger()
        assert not window.top.checks.icon().isNull()


def test_tools_that_do_not_fit_are_in_more(window, qtbot):
    strip = ToolStrip(window.actions_by_name)
    qtbot.addWidget(strip)
    strip.show()
    strip.resize(2400, strip.height())
    assert all(button.isVisible() for button in strip.buttons.values())
    assert not strip.more.isVisible()
    every_day = [strip.buttons[tool.action] for tool in TOOLS if tool.rank <= 6]
    words = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    worded = []
    for wide in range(1200, 520, -10):
        strip.resize(wide, strip.height())
        assert all(one.isVisible() for one in every_day)
        worded.append({name for name, button in strip.buttons.items() if button.toolButtonStyle() == words})
    tools = {"tool_select", "tool_trace", "tool_push", "propagate", "calliper_distance"}
    assert tools in worded, "undo, redo and contours become icons first"
    strip.resize(520, strip.height())
    assert all(one.isVisible() for one in every_day), "as icons"
    assert {one.toolButtonStyle() for one in every_day} == {Qt.ToolButtonStyle.ToolButtonIconOnly}
    assert all(one.toolTip() for one in every_day)
    strip.resize(220, strip.height())
    hidden = [tool for tool in TOOLS if not strip.buttons[tool.action].isVisible()]
    assert hidden
    assert strip.more.isVisible()
    assert list(strip.more.menu().actions()) == [window.actions_by_name[tool.action] for tool in hidden]
    assert min(tool.rank for tool in hidden) >= max(tool.rank for tool in TOOLS if tool not in hidden)
    assert strip.minimumSizeHint().width() < 420


def test_progress_makes_no_window_wider(window):
    without = window.minimumSizeHint().width()
    window.status.show_progress(Progress("Analysing apical four chamber view", 16, 61))
    assert window.minimumSizeHint().width() == without < 683


@pytest.mark.parametrize(("wide", "high"), [(683, 384), (960, 540), (1366, 768)])
def test_no_message_makes_the_window_larger_than_its_screen(window, wide, high):
    window.resize(wide, high)
    for number in range(9):
        window.banner.show_message(f"Message {number} " + "with many words " * 30)
    QApplication.processEvents()
    for mode in Mode:
        window.show_mode(mode)
        QApplication.processEvents()
        assert (window.width(), window.height()) == (wide, high)
    window.show_mode(Mode.MEASURE)
    QApplication.processEvents()
    results = window.reading.results
    for one in (results.accept_all, window.reading.bottom.transport.play):
        box = QRect(one.mapTo(window, QPoint(0, 0)), one.size())
        assert one.isVisible()
        assert window.rect().contains(box), (one.text(), box)
        assert one.width() >= one.minimumSizeHint().width()


@pytest.mark.parametrize(("wide", "high"), [(683, 384), (853, 480)])
def test_the_curve_is_seen_at_200_percent_and_with_text_of_1_6(window, qtbot, wide, high):
    """A screen of 1366 x 768 at these scales has so many points."""
    window.resize(wide, high)
    window.show_mode(Mode.MEASURE)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (wide, high)
    for seen, least_px in ((window.reading.curve.plot, 60), (window.image, 80)):
        qtbot.waitUntil(seen.isVisible)
        box = QRect(seen.mapTo(window, QPoint(0, 0)), seen.size())
        assert window.rect().contains(box), box
        assert min(box.width(), box.height()) >= least_px


def test_a_side_that_is_shown_again_leaves_no_gap(window):
    window.resize(683, 384)
    for mode in (Mode.REVIEW, Mode.STRAIN, Mode.REPORT, Mode.MEASURE):
        window.show_mode(mode)
        QApplication.processEvents()
        if window.reading.side_shown:
            assert window.reading.side.geometry().right() >= window.reading.width() - 1


def test_the_checks_list_ends_within_a_laptops_window_at_200_percent(window, qtbot):
    """Its buttons, Close and Resolve, were beyond the right edge."""
    window.resize(683, 384)
    window.actions_by_name["checks"].trigger()
    close = window.reading.checks.close_button
    qtbot.waitUntil(close.isVisible)
    QApplication.processEvents()
    assert window.rect().contains(QRect(close.mapTo(window, QPoint(0, 0)), close.size()))


def test_a_window_of_another_screen_is_brought_within_this_one(window):
    """The size of a session at another scale, or without the title bar, hid the status line with its notice."""
    room = window.screen().availableGeometry()
    window.setGeometry(room.right() - 50, room.bottom() - 50, room.width() + 40, room.height() + 60)
    QApplication.processEvents()
    window.fit_to_screen()
    QApplication.processEvents()
    assert room.contains(window.frameGeometry())


def test_messages_go_when_what_they_are_about_is_done(window):
    banner, space = window.banner, window.workspace
    space.notices.trouble.emit("This study is read-only.")
    space.notices.message.emit("ED has to come before ES.")
    window.analysing.message.emit("The analysis failed.")
    space.notices.message.emit(tr(NOT_DONE))
    space.do(SetNotes("seen"))
    assert banner.messages == ["This study is read-only.", "The analysis failed."]
    window.methods.analyse_again()
    assert banner.messages == ["This study is read-only."]
    banner.show_message("cannot write", "writing")
    banner.settle("writing")
    assert banner.messages == ["This study is read-only."]


def test_a_line_without_room_is_shortened_and_has_all_of_it_as_its_tip(qtbot):
    label = ElidedLabel("IM_0001_stress_peak_apical_four_chamber.dcm", Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.grab()
    assert label.shown.startswith("IM_")
    assert label.shown.endswith("dcm")
    assert label.toolTip() == label.text()
    label.resize(900, 20)
    label.grab()
    assert label.shown == label.text()
    assert label.toolTip() == ""


def test_progress_is_not_printed_over_a_message(window):
    status = window.status
    status.show_progress(None)
    status.showMessage("3 views named by their numbers")
    status.show_progress(Progress("Analysing", 1, 15))
    assert not status.words.isVisible()
    status.clearMessage()
    assert status.words.isVisible()
    assert status.cancel.isVisible()
    status.showMessage("3 views named by their numbers")
    status.show_progress(None)
    status.clearMessage()
    assert not status.words.isVisible()


@pytest.fixture
def reported(window, qtbot):
    window.show_mode(Mode.REPORT)
    qtbot.waitUntil(lambda: not window.busy)
    return window


def test_report_mode_shows_the_pages_that_are_exported(reported, qtbot):
    report = reported.report
    assert report.isVisible()
    assert not reported.image.isVisible()
    preview = report.preview
    assert report.words.text() == f"{len(preview.pages)} pages"
    page = preview.pages[0].pixmap().toImage()
    assert page.pixelColor(2, 2).name() == "#ffffff"
    assert len({page.pixelColor(x, y).name() for x in range(0, page.width(), 7) for y in range(0, 300, 7)}) > 2
    whole = page.height()
    preview.wide.click()
    assert preview.pages[0].pixmap().height() > whole
    reported.workspace.do(_notes("seen"))
    assert reported.busy
    qtbot.waitUntil(lambda: not reported.busy)
    assert reported.banner.messages == []


def _notes(text):
    from kinecor.session.edits import SetNotes

    return SetNotes(text)


def test_a_report_that_cannot_be_made_says_why(open_window, qtbot, monkeypatch):
    from kinecor.core.values.errors import KinecorError
    from kinecor.ui.report import preview

    def fail(*_):
        raise KinecorError("A frame is damaged.")

    monkeypatch.setattr(preview, "report_pages", fail)
    window = open_window([cine()])
    window.show_mode(Mode.REPORT)
    qtbot.waitUntil(lambda: not window.busy)
    assert window.banner.messages == ["A frame is damaged."]
    assert "cannot be made" in window.report.words.text()
