"""The M-mode line: placed on a loop, its strip over time, and distances measured on it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.table.table import measurements
from kinecor.core.values.callipers import Calliper
from kinecor.core.values.reading import View
from kinecor.core.values.recording import ArrayFrames
from kinecor.session.edits import SetView
from tests.readings import cine
from tests.ui.mouse import drag, send_at

START, END = (64.0, 10.0), (64.0, 90.0)


def shifting():
    """A loop whose bright band moves down and up again."""
    made = cine()
    frames = np.zeros((12, 96, 128), np.uint8)
    for frame in range(12):
        top = round(30 + 10 * np.sin(np.pi * frame / 11))
        frames[frame, top : top + 8] = 220
    return replace(made, frames=ArrayFrames(frames), view="PLAX")


@pytest.fixture
def strip(open_window, qtbot):
    window = open_window([shifting()])
    window.actions_by_name["m_mode"].trigger()
    found = window.reading.m_mode
    found.window_ = window
    return found


def placed(strip, qtbot: QtBot):
    strip.place(START, END)
    qtbot.waitUntil(lambda: strip.grey is not None)
    return strip


def point(strip, frame: int, share: float) -> QPointF:
    times = strip.window_.workspace.cine.times_s
    return strip.place_of(times[frame], share)


def pull(strip, start, end):
    send_at(strip, QEvent.Type.MouseButtonPress, start.x(), start.y())
    send_at(strip, QEvent.Type.MouseMove, end.x(), end.y())
    send_at(strip, QEvent.Type.MouseButtonRelease, end.x(), end.y())


def test_the_line_is_dragged_on_the_image_and_its_strip_takes_the_place_of_the_curves(strip, qtbot):
    window = strip.window_
    assert window.actions_by_name["m_mode"].isChecked()
    assert strip.isVisible()
    assert not window.reading.curve.isVisible()
    drag(window.image, START, END)
    qtbot.waitUntil(lambda: strip.grey is not None)
    assert strip.line[0] == pytest.approx(START, abs=1)
    assert strip.line[1] == pytest.approx(END, abs=1)
    bands = [int((strip.grey[:, frame] > 100).argmax()) for frame in range(12)]
    assert bands[5] - bands[0] == pytest.approx(10 * strip.grey.shape[0] / 81, abs=2)
    window.actions_by_name["m_mode"].trigger()
    assert window.reading.curve.isVisible()
    assert not window.actions_by_name["m_mode"].isChecked()


def test_the_way_between_two_times_is_measured_with_shift_and_has_the_fields_name(strip, qtbot):
    placed(strip, qtbot)
    strip.window_.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    start, end = point(strip, 1, 0.3), point(strip, 9, 0.5)
    shift = Qt.KeyboardModifier.ShiftModifier
    assert strip._between(start, end, Qt.KeyboardModifier.NoModifier) is None  # nothing was pressed
    strip._from = strip._at(start)
    assert strip._between(start, end, Qt.KeyboardModifier.NoModifier).shape == "time"
    assert strip._between(start, end, shift).shape == "distance"
    assert strip._excursions[0] == "TAPSE"
    strip._from = None
    with qtbot.waitSignal(strip._callipers.names.aboutToShow):
        strip._callipers.offer(Calliper("?", 1, (START, (64.0, 26.0))), strip._save, QPoint(0, 0), strip._excursions)
    assert strip._callipers.names.actions()[0].text().startswith("TAPSE ")
    strip._callipers.names.hide()
    strip._callipers.names.actions()[0].trigger()
    saved = strip.window_.workspace.saved
    assert calliper_words(saved, saved.callipers["TAPSE"]).startswith("12.8 mm")


def test_a_right_click_marks_the_frame_under_it_or_deletes_what_is_there(strip, qtbot):
    placed(strip, qtbot)
    strip._save(Calliper("AoR", 5, (START, (64.0, 50.0))))

    def opened(at):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at.toPoint(), strip.mapToGlobal(at.toPoint()))
        strip.contextMenuEvent(event)
        menu = [one for one in strip.findChildren(QMenu) if one.isVisible()][-1]
        found = {one.text(): one for one in menu.actions() if one.text()}
        menu.hide()
        return found

    entries = opened(point(strip, 3, 0.2))
    assert "Delete AoR" not in entries
    entries["Set ED here"].trigger()
    assert strip.window_.workspace.saved.events.beats[0].ed == 3
    opened(point(strip, 5, 0.5))["Delete AoR"].trigger()
    assert "AoR" not in strip.window_.workspace.saved.callipers
    opened(point(strip, 3, 0.2))["Close the M-mode"].trigger()
    assert not strip.active


def test_a_click_shows_the_frame(strip, qtbot):
    placed(strip, qtbot)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=point(strip, 7, 0.5).toPoint())
    assert strip.window_.player.frame == 7
    assert not strip.window_.workspace.saved.callipers


def test_a_distance_on_the_strip_is_a_calliper_of_the_table_and_is_undone(strip, qtbot):
    placed(strip, qtbot)
    workspace, tool = strip.window_.workspace, strip.window_.reading.callipers
    pull(strip, point(strip, 4, 0.25), point(strip, 4, 0.75))
    assert tool.names.isVisible()
    tool.names.actions()[0].trigger()
    tool.names.close()
    one = workspace.saved.callipers["IVSd"]
    assert one.frame == 4
    assert one.points[0] == pytest.approx((64, 30), abs=1)
    assert one.points[1] == pytest.approx((64, 70), abs=1)
    found = {row.code: row for row in measurements(workspace.saved)}["IVSd"]
    assert found.quantity.value == pytest.approx(40 * workspace.saved.calibration.row_mm, abs=2)
    pull(strip, point(strip, 4, 0.75), point(strip, 4, 0.6))
    assert workspace.saved.callipers["IVSd"].points[1][1] == pytest.approx(58, abs=1.5)
    workspace.history.undo()
    workspace.history.undo()
    assert not workspace.saved.callipers


def test_a_drag_to_a_side_is_a_time_in_ms(strip, qtbot):
    placed(strip, qtbot)
    workspace, tool = strip.window_.workspace, strip.window_.reading.callipers
    pull(strip, point(strip, 8, 0.5), point(strip, 3, 0.52))
    assert tool.names.actions()[0].text() == "Time 1"
    tool.names.actions()[0].trigger()
    tool.names.close()
    one = workspace.saved.callipers["Time 1"]
    assert (one.frame, one.until) == (3, 8)
    assert calliper_words(workspace.saved, one) == "200 ms"
    strip.grab()
    pull(strip, point(strip, 8, 0.5), point(strip, 10, 0.5))
    assert workspace.saved.callipers["Time 1"].until == 10
    pull(strip, point(strip, 10, 0.5), point(strip, 1, 0.5))  # it cannot end before it begins
    assert workspace.saved.callipers["Time 1"].until == 10
    assert workspace.reading is workspace.saved
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert "Time 1" not in workspace.saved.callipers


def test_the_line_is_saved_with_what_was_measured_along_it(strip, qtbot):
    placed(strip, qtbot)
    workspace, tool = strip.window_.workspace, strip.window_.reading.callipers
    assert not workspace.saved.callipers
    pull(strip, point(strip, 4, 0.25), point(strip, 4, 0.75))
    tool.names.actions()[0].trigger()
    tool.names.close()
    assert set(workspace.saved.callipers) == {"IVSd", "M-mode line"}
    assert tool.at(QPointF(*strip.window_.image.viewport.to_widget(*START))) is None
    strip.stop()
    strip.toggle()
    assert strip.line == (START, END)
    qtbot.waitUntil(lambda: strip.grey is not None)


def test_a_move_of_a_saved_line_is_undone_before_what_was_measured_along_it(strip, qtbot):
    placed(strip, qtbot)
    window, workspace, tool = strip.window_, strip.window_.workspace, strip.window_.reading.callipers
    drag(window.image, START, (64, 20))  # of a line that is not saved: no step
    assert not workspace.saved.callipers
    line = strip.line
    qtbot.waitUntil(lambda: not strip._jobs.keys)
    pull(strip, point(strip, 4, 0.25), point(strip, 4, 0.75))
    tool.names.actions()[0].trigger()
    tool.names.close()
    said = []
    workspace.notices.remark.connect(said.append)
    drag(window.image, END, (84, 80))
    moved = strip.line
    assert moved[1] == pytest.approx((84, 80), abs=1)
    assert workspace.saved.callipers["M-mode line"].points == moved
    assert "IVSd" in said[-1]
    workspace.history.undo()
    assert strip.line == workspace.saved.callipers["M-mode line"].points == line
    assert "IVSd" in workspace.saved.callipers
    workspace.history.redo()
    assert strip.line == moved
    workspace.history.undo()
    workspace.history.undo()
    assert not workspace.saved.callipers
    qtbot.waitUntil(lambda: not strip._jobs.keys)


def test_what_is_missing_is_said(strip, open_window, qtbot):
    placed(strip, qtbot)
    assert strip.note == "25 frames/s: short events are missed"
    unscaled = replace(cine(calibrated=False), times_origin="assumed")
    window = open_window([unscaled])
    window.actions_by_name["m_mode"].trigger()
    assert "no scale" in window.reading.m_mode.note
    assert "frame rate assumed" in window.reading.m_mode.note
    window.reading.m_mode.grab()


def test_it_is_shown_in_a_low_window_too(strip):
    window = strip.window_
    strip.stop()
    window.resize(683, 384)
    assert not strip.isVisible()
    strip.toggle()
    assert strip.isVisible()
    assert window.height() == 384
    strip.stop()
    assert window.reading.timeline.isVisible()  # the volume curve stays in a low window


def test_escape_and_another_recording_put_it_away(strip, qtbot):
    placed(strip, qtbot)
    strip.grab()
    strip.window_.image.setFocus()
    qtbot.keyClick(strip.window_.image, Qt.Key.Key_Escape)
    assert not strip.active
    strip.toggle()
    assert strip.active
    strip.window_.workspace.show(0)
    assert not strip.active


def test_a_still_has_no_m_mode(open_window):
    window = open_window([cine(frames=1)])
    window.actions_by_name["m_mode"].trigger()
    assert not window.reading.m_mode.active
    assert not window.actions_by_name["m_mode"].isChecked()
