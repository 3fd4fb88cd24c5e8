"""Tiles next to each other: in phase, one in focus, and nothing jumps when the focus moves."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import View
from kinecor.core.values.track import Origin
from kinecor.session.edits import SetEvents, SetView
from kinecor.ui.results import panel
from kinecor.ui.tiles import picture
from kinecor.ui.tiles.layouts import Layout
from kinecor.ui.tiles.linked_tile import dragged_recording
from tests.readings import cine, with_identity

VIEWS = ("A4C", "A2C", "A3C", "PLAX")


def clip(number, frames):
    made = with_identity(cine(frames), path=f"{VIEWS[number]}.dcm", recording_id=f"1.{number}")
    return replace(made, view=VIEWS[number])


@pytest.fixture
def window(open_window):
    window = open_window([clip(at, frames) for at, frames in enumerate((12, 18, 12, 9))], analysed=False)
    window._analysis_delay.stop()
    return window


@pytest.fixture
def board(window):
    return window.reading.board


def mark(window, index, ed, es):
    events = SetEvents(CardiacEvents((Beat(ed, es),), Origin.EDITED))
    window.workspace.do(events, recording=window.workspace.opened.recordings[index])


def tile(board, index):
    (found,) = [one for one in board.linked if one.isVisible() and one.source.index == index]
    return found


def test_the_apical_views_are_shown_with_the_first_in_focus(window, board):
    assert board.slots == (0, 1, 2)
    assert board.image.isVisible()
    assert [one.source.index for one in board.linked if one.isVisible()] == [1, 2]


def test_the_others_play_in_phase(window, board):
    mark(window, 0, 0, 4)
    mark(window, 1, 2, 9)
    for frame, expected in ((0, 2), (4, 9)):
        window.player.seek(frame)
        assert tile(board, 1).frame == expected
    # An edit of an event of the other clip moves it at once.
    mark(window, 1, 2, 8)
    assert tile(board, 1).frame == 8


def test_a_click_moves_the_focus_and_the_pictures_stay(qtbot, window, board):
    mark(window, 0, 0, 4)
    mark(window, 1, 2, 9)
    window.player.seek(4)
    board.image._move_view(board.image.viewport.zoomed(2.0, 50, 60))
    zoomed = board.image.viewport
    before = {index: board.cells()[at] for at, index in enumerate(board.slots)}
    qtbot.mouseClick(tile(board, 1), Qt.MouseButton.LeftButton)
    assert window.workspace.index == 1
    assert board.slots == (0, 1, 2)
    assert {index: board.cells()[at] for at, index in enumerate(board.slots)} == before
    assert window.player.frame == 9
    assert not window.player.playing
    assert board.image.frame == 9
    assert tile(board, 0).frame == 4
    assert (tile(board, 0).viewport.zoom, tile(board, 0).viewport.centre_x) == (zoomed.zoom, zoomed.centre_x)
    qtbot.mouseClick(tile(board, 0), Qt.MouseButton.LeftButton)
    assert board.image.viewport == zoomed


def test_play_goes_on_when_the_focus_moves(qtbot, window, board):
    window.player.play()
    qtbot.mouseClick(tile(board, 2), Qt.MouseButton.LeftButton)
    assert window.workspace.index == 2
    assert window.player.playing
    window.player.pause()


def test_a_recording_without_partners_is_alone_and_the_proposal_comes_back(window, board):
    window.workspace.show(3)
    assert board.slots == (3,)
    window.workspace.show(1)
    assert board.slots == (0, 1, 2)


def test_a_view_named_later_joins_the_others(open_window):
    clips = [replace(clip(0, 12), view="A4C"), replace(clip(1, 12), view=None)]
    window = open_window(clips, analysed=False)
    window._analysis_delay.stop()
    board = window.reading.board
    assert board.slots == (0,)
    window.workspace.do(SetView(View("A2C", None, "Dr Grey")), recording=window.workspace.opened.recordings[1])
    assert board.slots == (0, 1)


def test_the_reader_chooses_how_many_and_a_shown_recording_replaces_the_focus(window, board):
    board.set_layout(Layout.TWO)
    assert board.slots == (0, 1)
    window.workspace.show(3)
    assert board.slots == (3, 1)
    board.set_layout(Layout.SIX)
    assert board.slots == (3, 1, 0, 2)
    assert len(board.cells()) == 6
    board.set_layout(Layout.AUTOMATIC)
    assert board.slots == (3,)


def test_a_double_click_shows_one_tile_alone_and_back(qtbot, window, board):
    qtbot.mouseDClick(board.image, Qt.MouseButton.LeftButton)
    assert board.alone
    assert board.image.width() > 0.95 * board.width()
    assert not any(one.isVisible() for one in board.linked)
    qtbot.mouseDClick(board.image, Qt.MouseButton.LeftButton)
    assert [one.source.index for one in board.linked if one.isVisible()] == [1, 2]


def test_a_recording_is_dropped_on_a_tile(window, board):
    at = board.cells()[1].center()
    data = dragged_recording(3)
    left, nothing = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(at, Qt.DropAction.CopyAction, data, left, nothing)
    board.dropEvent(event)
    assert board.slots == (0, 3, 2)
    assert window.workspace.index == 0
    assert board.tiles_wanted is Layout.THREE
    board.put(0, 2)
    assert board.slots == (2, 3, 0)
    assert board.slot_at(QPointF(-5, 0)) is None


def four_in_phase(window, board):
    """Four tiles with events, painted."""
    for index in range(4):
        mark(window, index, 0, 4 + index)
    board.set_layout(Layout.FOUR)
    for index in (1, 2, 3, 0):
        board.show_recording(index)
        window.grab()


def test_moving_the_focus_scales_no_image_again(monkeypatch, window, board):
    four_in_phase(window, board)
    scaled = []
    real = picture.to_qimage
    monkeypatch.setattr(picture, "to_qimage", lambda pixels: scaled.append(1) or real(pixels))
    for index in (1, 2, 3, 0):
        board.show_recording(index)
        window.grab()
    assert scaled == []


def test_a_zoomed_tile_keeps_its_zoom_and_what_was_drawn(window, board):
    four_in_phase(window, board)
    board.image._move_view(board.image.viewport.zoomed(2.0, 50, 60))
    window.grab()
    zoomed = board.image.drawn
    board.show_recording(1)
    assert tile(board, 0).viewport == zoomed.viewport
    assert tile(board, 0).drawn.scaled.keys() == zoomed.scaled.keys()
    assert tile(board, 0)._scaled().toImage() == zoomed.scaled[zoomed.frame].toImage()


def test_tiles_stay_where_they_are_whichever_view_is_in_focus(window, board):
    four_in_phase(window, board)
    window.resize(1440, 900)
    sizes = set()
    for index in (3, 0, 3):
        board.show_recording(index)
        window.grab()
        sizes.add(board.size().toTuple())
    assert len(sizes) == 1


def test_moving_the_focus_makes_the_values_of_each_recording_once(qtbot, monkeypatch, window, board):
    four_in_phase(window, board)
    qtbot.waitUntil(lambda: window.workspace.checks.current)
    made = []
    real = panel.content_of
    monkeypatch.setattr(panel, "content_of", lambda *given: made.append(given[0].index) or real(*given))
    for index in (1, 2, 3, 0) * 2:
        board.show_recording(index)
        qtbot.waitUntil(lambda: window.workspace.checks.current)
    assert len(made) == len(set(made))
    made.clear()
    mark(window, 0, 1, 5)
    qtbot.waitUntil(lambda: window.workspace.checks.current)
    board.show_recording(1)
    assert set(made) == {0, 1}, "each again after a change"


def test_moving_the_focus_enables_no_action_that_stays_enabled(monkeypatch, window, board):
    four_in_phase(window, board)
    enabled = []
    for name, action in window.actions_by_name.items():
        monkeypatch.setattr(action, "setEnabled", lambda on, name=name: enabled.append(name))
    board.show_recording(1)
    assert set(enabled) <= {"undo", "redo", "sign", "addendum", "from_stack"}
