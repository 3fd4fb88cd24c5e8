"""The window without a mouse, and what it remembers."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QRadioButton

from kinecor.session.edits import SetNotes
from kinecor.ui.app import settings
from kinecor.ui.app.actions import ACTIONS
from kinecor.ui.app.modes import LAYOUTS, Mode
from tests.readings import cine
from tests.ui.study.test_study_list import of

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView)


def visited(window):
    """Every widget that Tab reaches."""
    found, widget = [], window.nextInFocusChain()
    while widget is not window:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def controls(window):
    return [one for kind in CONTROLS for one in window.findChildren(kind) if one.isVisible() and one.isEnabled()]


def reached_within(widget):
    """Parts of other controls, and buttons that arrow keys reach from the chosen one of their group."""
    if isinstance(widget, QAbstractButton) and widget.group() is not None and not widget.isChecked():
        return True
    return widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox)


def test_tab_reaches_every_control(open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    for mode in Mode:
        window.show_mode(mode)
        qtbot.waitUntil(lambda: not window.busy)
        reached = visited(window)
        missing = [one for one in controls(window) if one not in reached and not reached_within(one)]
        assert [
            f"{mode}: {type(one).__name__} in {type(one.parent()).__name__}: {one.objectName()} {one.toolTip()}"
            for one in missing
        ] == []


def test_what_has_the_focus_is_seen(open_window):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    window.activateWindow()
    unseen = []
    for one in visited(window):
        window.reading.board.setFocus()
        without = one.grab().toImage()
        one.setFocus(Qt.FocusReason.TabFocusReason)
        if one.hasFocus() and one.grab().toImage() == without:
            unseen.append(f"{type(one).__name__} in {type(one.parent()).__name__}")
    assert unseen == [], unseen


def test_no_letter_of_a_menu_is_a_key_of_an_action(window):
    letters = [title[title.index("&") + 1].upper() for title in (one.title() for one in window.menus.menus.values())]
    assert len(set(letters)) == len(letters)
    assert not {f"Alt+{letter}" for letter in letters} & {key for one in ACTIONS for key in one.keys}


def test_size_place_and_layout_come_back(open_window, qtbot, data_dir):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    window.resize(1300, 700)
    window.reading.rows.setSizes([300, 200])
    window.actions_by_name["list"].trigger()
    rows = window.reading.rows.sizes()
    window.show_mode(Mode.STRAIN)
    window.remembers = True
    window.close()
    stored = settings.load()
    assert stored.layouts["measure"].rows == tuple(rows)
    assert not stored.study_list
    again = type(window)(stored, lambda *_: None)
    qtbot.addWidget(again)
    again.analysing.consider = again.analysing.consider_study = lambda: None
    again.show()
    assert again.height() == 700  # the screen of the tests is 800 px wide, and no window may be wider
    again.workspace.open((cine(),))
    assert again.mode is Mode.MEASURE  # as its kind of study is hung
    assert again.reading.rows.sizes()[0] / sum(again.reading.rows.sizes()) == pytest.approx(
        rows[0] / sum(rows), abs=0.02
    )
    assert not again.study_list.isVisible()
    again.close()


def test_a_layout_of_another_window_is_ignored(data_dir):
    saved = settings.Settings(layouts={"measure": LAYOUTS[Mode.MEASURE]})
    settings.save(saved)
    assert settings.load() == saved
    text = settings.place().read_text().replace('"rows": [', '"rows": [1,')
    settings.place().write_text(text)
    assert settings.load() == settings.Settings()


def test_a_layout_of_another_screen_is_ignored():
    saved = settings.Settings(geometry="abc", layouts={"measure": LAYOUTS[Mode.MEASURE]}, screen="683x384")
    assert saved.on_screen("683x384") == saved
    elsewhere = saved.on_screen("1366x768")
    assert (elsewhere.geometry, elsewhere.layouts) == ("", {})
    assert settings.Settings(layouts=saved.layouts).on_screen("1366x768").layouts == saved.layouts


@pytest.mark.parametrize("size", [(1366, 720), (960, 500)])
def test_it_fits_small_screens(open_window, qtbot, size):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    window.resize(*size)
    for mode in Mode:
        window.show_mode(mode)
        qtbot.waitUntil(lambda: not window.busy)
        assert (window.width(), window.height()) == size
        assert window.minimumSizeHint().width() <= size[0]
        cut = [
            one.text()
            for one in (*window.top.findChildren(QAbstractButton), *window.findChildren(QRadioButton))
            if one.isVisible() and one.text() and one.width() < one.sizeHint().width() - 1
        ]
        assert cut == [], mode


def test_escape_cancels_the_tool_whatever_has_the_focus(window, qtbot):
    button = window.tools.buttons["tool_select"]
    for name in ("tool_redraw", "tool_push", "calliper_distance"):
        window.actions_by_name[name].trigger()
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Escape)
        assert window.actions_by_name["tool_select"].isChecked(), name
        assert not window.actions_by_name[name].isChecked()


def test_an_analysis_alone_is_not_offered_for_undo(window):
    undo = window.actions_by_name["undo"]
    assert window.workspace.history.entries()
    assert not undo.isEnabled()
    assert undo.text() == "Undo"
    assert "the automatic analysis stays" in undo.toolTip()
    window.workspace.do(SetNotes("seen"))
    assert undo.isEnabled()
    assert undo.text().startswith("Undo: ")
