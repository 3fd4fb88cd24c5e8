"""The frame that a reader is shown after an undo or redo."""

import pytest

from kinecor.core.values.track import Structure
from kinecor.session.edits import SetCalliper, SetNotes
from kinecor.ui.workspace.changed_frames import changed_frame
from tests.readings import cine
from tests.ui.mouse import drag
from tests.ui.settled import settle


@pytest.fixture
def window(open_window):
    return open_window([cine()])


def test_undoing_ed_shows_where_ed_is_again(window):
    before = window.workspace.saved.events.beats[0]
    window.player.seek(before.ed + 1)
    window.actions_by_name["set_ed"].trigger()
    settle(window)
    assert window.workspace.saved.events.beats[0].ed == before.ed + 1
    window.reading_tools.go_to_mark("es")
    assert window.player.frame == before.es
    window.actions_by_name["undo"].trigger()
    assert window.player.frame == window.workspace.saved.events.beats[0].ed == before.ed
    window.reading_tools.go_to_mark("es")
    window.actions_by_name["redo"].trigger()
    assert window.player.frame == before.ed + 1


def test_undoing_a_contour_shows_its_frame_unless_the_one_on_screen_changed_too(window):
    window.player.seek(4)
    x, y = window.workspace.reading.tracks[Structure.LV_ENDO].contours[4].points[8]
    drag(window.image, (x, y), (x + 3, y))
    settle(window)
    assert changed_frame(window.workspace.saved, window.workspace.saved, 4) is None
    window.player.seek(5)
    window.actions_by_name["undo"].trigger()
    assert window.player.frame in (4, 5)


def test_what_is_not_of_a_frame_leaves_the_frame(window):
    first = window.workspace.saved
    noted = SetNotes("seen").apply(first, "Ann")
    assert changed_frame(noted, first, 3) is None
    measured = SetCalliper("effusion", 6, ((10.0, 10.0), (30.0, 10.0))).apply(first, "Ann")
    assert changed_frame(measured, first, 3) == 6
    assert changed_frame(first, measured, 6) is None
    assert changed_frame(None, first, 3) is None
