"""Rows of a stack with a long axis next to it: phases of the rows, the valve plane, the lines of the slices."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from kinecor.ui.tiles.grid_view import MIN_PX, band_columns
from kinecor.ui.tiles.valve_plane import ValvePlane, valves_on
from tests import stacks
from tests.readings import cine
from tests.ui.tiles.test_cross_lines import LONG


@pytest.fixture
def window(open_window):
    loop = cine(20)
    source = replace(loop.source, modality="MR", study_id="1.2.3", recording_id="9.9")
    return open_window([stacks.stack(), replace(loop, plane=LONG, source=source, view="A4C")])


@pytest.fixture
def plane(window):
    (tile,) = [one for one in window.reading.board.linked if one.isVisible()]
    return tile.findChild(ValvePlane)


def mouse(picture, kind, at):
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    held = none if kind is QEvent.Type.MouseButtonRelease else left
    button = none if kind is QEvent.Type.MouseMove else left
    event = QMouseEvent(kind, at, picture.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(picture, event)


def middle(plane, one):
    viewport = plane._picture.viewport
    start, end = QPointF(*viewport.to_widget(*one.start)), QPointF(*viewport.to_widget(*one.end))
    return (start + end) / 2


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [(10, 700, 700, 5), (13, 700, 700, 5), (12, 940, 710, 6), (3, 700, 700, 3), (12, 200, 300, 1)],
)
def test_bands_of_five_where_their_images_fit(count, width, height, columns):
    assert band_columns(count, width, height) == columns
    assert columns == 1 or width / columns >= MIN_PX


def test_at_rest_ed_is_above_es_in_play_all_move(window):
    grid, player = window.grid, window.player
    beat = window.workspace.reading.events.beats[0]
    player.seek(beat.ed)
    assert grid.phases == (beat.ed, beat.es)
    player.seek(beat.es)
    assert grid.phases == (beat.ed, beat.es)
    player.seek(3)
    assert grid.phases == (3, beat.es)
    player.play()
    assert grid.phases == (3, beat.es)
    player.pause()
    cells = grid.cells()
    assert len(cells) == 24
    assert grid._bar.maximum() % (2 * cells[0].box.height()) == pytest.approx(0, abs=1)
    # Whole bands are scrolled: as many as come nearest to images of MIN_PX.
    assert min(cell.box.height() for cell in cells) >= 0.75 * MIN_PX - 0.01
    window.grab()


def test_dragging_the_valve_plane_sets_the_base_at_its_phase(window, plane):
    beat = window.workspace.reading.events.beats[0]
    lines = {one.number: one for one in plane.lines()}
    before = window.workspace.reading.short_axis.extent
    number = before.base[beat.ed]
    (ed,) = [one for one in valves_on(window.workspace.reading, plane._source.cine, plane.lines()) if one.mark == "ED"]
    target = lines[number + 1].line
    to = QPointF(middle(plane, ed).x(), plane._picture.viewport.to_widget(target.x0, target.y0)[1])
    mouse(plane._picture, QEvent.Type.MouseButtonPress, middle(plane, ed))
    mouse(plane._picture, QEvent.Type.MouseMove, to)
    assert window.workspace.saved.short_axis.extent is before
    mouse(plane._picture, QEvent.Type.MouseButtonRelease, to)
    after = window.workspace.saved.short_axis.extent
    assert after.base[beat.ed] == number + 1
    assert after.base[beat.es] == before.base[beat.es]
    assert window.workspace.index == 0


def test_a_click_on_a_line_selects_its_slice_and_elsewhere_brings_the_long_axis_into_focus(window, plane):
    picture, lines = plane._picture, plane.lines()
    one = lines[7]
    at = QPointF(*picture.viewport.to_widget(2, one.line.y0))
    mouse(picture, QEvent.Type.MouseButtonPress, at)
    assert window.grid.selected == one.number
    assert window.workspace.index == 0
    mouse(picture, QEvent.Type.MouseButtonPress, QPointF(*picture.viewport.to_widget(2, one.line.y0 - 5)))
    assert window.workspace.index == 1
    assert window.grid.stack is window.workspace.opened.recordings[0]
    assert window.stack.isVisible()


def drag_to_slice(plane, one, number):
    """Drag a valve plane to the line of another slice, and let go."""
    line = next(each.line for each in plane.lines() if each.number == number)
    to = QPointF(middle(plane, one).x(), plane._picture.viewport.to_widget(line.x0, line.y0)[1])
    mouse(plane._picture, QEvent.Type.MouseButtonPress, middle(plane, one))
    mouse(plane._picture, QEvent.Type.MouseMove, to)
    mouse(plane._picture, QEvent.Type.MouseButtonRelease, to)


def shown_valve(window, plane):
    phase = window.grid.phase
    valves = valves_on(window.grid.reading, plane._source.cine, plane.lines(), phase)
    return next(one for one in valves if one.phase == phase)


@pytest.mark.parametrize("which", ["ed", "es", "between"])
def test_the_plane_under_the_mouse_is_that_of_the_phase_on_screen(window, plane, which):
    beat = window.workspace.reading.events.beats[0]
    phase = {"ed": beat.ed, "es": beat.es, "between": (beat.es + 4) % 20}[which]
    window.player.seek(phase)
    before = window.workspace.saved.short_axis.extent
    drag_to_slice(plane, shown_valve(window, plane), before.base[phase] + 1)
    after = window.workspace.saved.short_axis.extent
    assert window.grid.phase == phase
    assert after.base[phase] == before.base[phase] + 1
    for mark in {beat.ed, beat.es} - {phase}:
        assert after.base[mark] == before.base[mark]
    # It fades out towards ED and ES: from phase to phase the base moves by a slice at most.
    steps = np.abs(np.diff([*after.base, after.base[0]]) - np.diff([*before.base, before.base[0]]))
    assert steps.max() <= 1


def test_undo_takes_back_the_base_that_was_set_on_the_long_axis_in_focus(window):
    window.reading.board.show_recording(1)
    plane, stack = window.reading.board.slices, window.workspace.opened.recordings[0]
    undo = window.actions_by_name["undo"]
    steps = len(window.workspace.history.entries())
    before = window.workspace.opened.saved_reading(stack).short_axis.extent
    one = shown_valve(window, plane)
    drag_to_slice(plane, one, before.base[one.phase] + 1)
    moved = window.workspace.opened.saved_reading(stack).short_axis.extent
    assert moved != before
    assert window.workspace.index == 1
    assert undo.isEnabled()
    assert "basal slice" in undo.text()
    undo.trigger()
    assert window.workspace.opened.saved_reading(stack).short_axis.extent == before
    assert len(window.workspace.history.entries()) == steps
    window.actions_by_name["redo"].trigger()
    assert window.workspace.opened.saved_reading(stack).short_axis.extent == moved
    undo.trigger()
    assert not window.actions_by_name["undo"].isEnabled() or "basal slice" not in undo.text()
