from collections import Counter
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetContours, SetEvents
from kinecor.ui.style import theme
from tests.readings import cine
from tests.ui.mouse import drag, followed, pull_flag, send_at
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall


def pull(window, key, time_s, *, done):
    pull_flag(window.reading.curve, key, time_s, done=done)


def values(window):
    return {one.code: one.value for one in window.reading.results.rows}


def test_es_line_drags_the_numbers_along_and_is_written_once_on_release(window):
    before, entries = values(window), len(window.workspace.history())
    pull(window, (0, "es"), 0.37, done=False)
    assert window.workspace.reading.events.beats == (Beat(0, 9),)
    assert window.player.frame == 9
    followed(window)
    during = values(window)
    assert during["ESV"] != before["ESV"]
    assert during["EDV"] == before["EDV"]
    assert len(window.workspace.history()) == entries
    pull(window, (0, "es"), 0.37, done=True)
    assert values(window) == during | {"ESV": values(window)["ESV"]}
    assert len(window.workspace.history()) == entries + 1
    assert window.reading.curve.plot.flags[(0, "es")] == 9


def test_ed_line_drag_and_undo(window):
    before = values(window)
    pull(window, (0, "ed"), 0.12, done=True)
    assert window.workspace.reading.events.beats == (Beat(3, 6),)
    settle(window)
    assert values(window)["EDV"] != before["EDV"]
    window.workspace.undo()
    settle(window)
    assert values(window) == before
    assert window.reading.curve.plot.flags[(0, "ed")] == 0


def test_a_line_stops_before_its_neighbour(window):
    pull(window, (0, "ed"), 5.0, done=True)
    assert window.workspace.reading.events.beats == (Beat(5, 6),)


def test_clicking_scrubs(window):
    plot = window.reading.curve.plot
    send_at(plot, QEvent.Type.MouseButtonPress, plot.x_of(0.21), 60)
    assert window.player.frame == 5
    assert plot.frame == 5


def test_curve_shows_millilitres(window):
    assert "(ml)" in window.reading.curve.title
    assert np.isfinite(window.reading.curve.volume).all()


def test_a_loop_without_contours_has_words_in_place_of_an_empty_axis(window):
    plot = window.reading.curve.plot
    assert not plot.empty_words
    plot.lines = tuple(replace(one, values=np.full_like(one.values, np.nan)) for one in plot.lines)
    assert plot.empty_words == "No volume curve"
    plot.grab()


def test_the_play_head_is_painted_with_the_whole_of_its_value(window):
    plot = window.reading.curve.plot
    plot.unit, plot.highest = "% max", 125.0
    plot.lines = (replace(plot.lines[0], values=np.full_like(plot.lines[0].values, 100.0)),)
    plot.show_frame(5)
    assert plot.value_words == "100 % max"
    words_px = QFontMetrics(theme.font(11, bold=True)).horizontalAdvance(plot.value_words) + 9
    assert plot._head(5).width() / 2 > words_px


def test_keys_set_the_marks(window):
    window.player.seek(8)
    window.actions_by_name["set_es"].trigger()
    assert window.workspace.reading.events.beats == (Beat(0, 8),)
    window.player.seek(2)
    window.actions_by_name["set_ed"].trigger()
    assert window.workspace.reading.events.beats == (Beat(2, 8),)
    window.actions_by_name["es"].trigger()
    assert window.player.frame == 8


def test_a_mark_that_cannot_be_set_is_reported(window):
    window.player.seek(6)
    window.actions_by_name["set_ed"].trigger()
    assert "move ES first" in window.banner.messages[-1]
    assert window.workspace.reading.events.beats == (Beat(0, 6),)


def test_the_volume_on_screen_is_shown_at_the_cursor(window):
    window.player.seek(3)
    assert window.reading.curve.plot.value_words == f"{window.reading.curve.volume[3]:.0f} ml"


def test_frames_a_person_corrected_are_dotted(window):
    assert window.reading.curve.plot.corrected.frames == ()
    window.player.seek(4)
    drag(window.image, *wall(window), Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert window.reading.curve.plot.corrected.frames == (4,)


def stands_at(window):
    """Where the lines stand, in frames."""
    return window.reading.curve.plot.flags


def test_lines_stand_at_their_frames_after_a_jump_and_an_undo(window):
    window.workspace.do(SetEvents(CardiacEvents((Beat(7, 10),), Origin.EDITED)))
    assert stands_at(window) == {(0, "ed"): 7, (0, "es"): 10}
    window.workspace.do(SetEvents(CardiacEvents((Beat(1, 3),), Origin.EDITED)))
    assert stands_at(window) == {(0, "ed"): 1, (0, "es"): 3}
    window.workspace.undo()
    assert stands_at(window) == {(0, "ed"): 7, (0, "es"): 10}


def test_lines_stand_at_their_frames_in_another_recording(open_window, qtbot):
    first, second = (
        replace(one, source=replace(one.source, recording_id=f"9.{n}")) for n, one in enumerate([cine()] * 2)
    )
    window = open_window([first, second])
    window.workspace.show(1)
    qtbot.waitUntil(lambda: not window.busy)
    window.workspace.do(SetEvents(CardiacEvents((Beat(8, 11),), Origin.EDITED)))
    window.workspace.show(0)
    assert stands_at(window) == {(0, "ed"): 0, (0, "es"): 6}
    window.workspace.show(1)
    assert stands_at(window) == {(0, "ed"): 8, (0, "es"): 11}


def test_lines_stand_at_their_frames_after_a_key(window):
    window.workspace.do(SetEvents(CardiacEvents((Beat(7, 10),), Origin.EDITED)))
    window.player.seek(2)
    window.actions_by_name["set_ed"].trigger()
    window.player.seek(4)
    window.actions_by_name["set_es"].trigger()
    assert stands_at(window) == {(0, "ed"): 2, (0, "es"): 4}
    window.player.seek(9)
    window.actions_by_name["set_ed"].trigger()  # ends the beat
    assert stands_at(window) == {(0, "ed"): 2, (0, "es"): 4, (1, "ed"): 9}
    window.actions_by_name["set_ed"].trigger()  # set where it is, a single beat turns around
    assert stands_at(window) == {(0, "ed"): 9, (0, "es"): 4}


def test_escape_lets_go_of_a_line(window, qtbot):
    pull(window, (0, "es"), 0.37, done=False)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.workspace.reading is window.workspace.saved
    assert stands_at(window) == {(0, "ed"): 0, (0, "es"): 6}
    assert window.reading.curve.plot.dragged is None
    assert len(window.workspace.history()) == 1


def test_a_line_put_back_is_no_edit(window):
    pull(window, (0, "es"), 0.37, done=False)
    pull(window, (0, "es"), 0.245, done=True)
    assert len(window.workspace.history()) == 1
    assert window.workspace.reading is window.workspace.saved
    assert window.reading.curve.plot.flags[(0, "es")] == 6


def test_while_a_contour_is_dragged_only_its_curve_is_drawn(window, monkeypatch):
    plot = window.reading.curve.plot
    drawn = Counter()
    for name in ("draw_ground", "draw_layer"):
        real = getattr(plot, name)
        monkeypatch.setattr(plot, name, lambda painter, name=name, real=real: (drawn.update([name]), real(painter)))
    window.player.seek(3)
    plot.grab()
    drawn.clear()
    track = window.workspace.reading.tracks[Structure.LV_ENDO]
    for by in (1.0, 2.0, 3.0):
        contour = Contour(track.contours[3].points + np.array((by, 0.0)))
        window.workspace.preview(SetContours(Structure.LV_ENDO, 3, (contour,)))
        followed(window)
        plot.grab()
    assert drawn == {"draw_layer": 3}
    window.workspace.drop_preview()
    plot.resize(plot.width() - 20, plot.height())
    plot.grab()
    assert drawn["draw_ground"] == 1
