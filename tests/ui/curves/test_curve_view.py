from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetContours, SetEvents, SetValveClosures
from kinecor.ui.curves.curve_view import OtherView
from tests.readings import cine
from tests.ui.mouse import drag, followed, plate_box, pull_flag, send_at
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall


def pull(window, key, time_s, *, done):
    pull_flag(window.reading.curve, key, time_s, done=done)


def values(window):
    return {one.code: one.value for one in window.reading.results.rows}


def test_es_line_drags_the_numbers_along_and_is_written_once_on_release(window):
    before, entries = values(window), len(window.workspace.history.entries())
    pull(window, (0, "es"), 0.37, done=False)
    assert window.workspace.reading.events.beats == (Beat(0, 9),)
    assert window.player.frame == 9
    followed(window)
    during = values(window)
    assert during["ESV"] != before["ESV"]
    assert during["EDV"] == before["EDV"]
    assert len(window.workspace.history.entries()) == entries
    pull(window, (0, "es"), 0.37, done=True)
    assert values(window) == during | {"ESV": values(window)["ESV"]}
    assert len(window.workspace.history.entries()) == entries + 1
    assert window.reading.curve.plot.flags[(0, "es")] == 9


def test_ed_line_drag_and_undo(window):
    before = values(window)
    pull(window, (0, "ed"), 0.12, done=True)
    assert window.workspace.reading.events.beats == (Beat(3, 6),)
    settle(window)
    assert values(window)["EDV"] != before["EDV"]
    window.workspace.history.undo()
    settle(window)
    assert values(window) == before
    assert window.reading.curve.plot.flags[(0, "ed")] == 0


def test_a_line_stops_before_its_neighbour(window):
    pull(window, (0, "ed"), 5.0, done=True)
    assert window.workspace.reading.events.beats == (Beat(5, 6),)


def test_clicking_scrubs(window):
    plot = window.reading.curve.plot
    send_at(plot.graph.viewport(), QEvent.Type.MouseButtonPress, plot.x_of(0.21), 60)
    assert window.player.frame == 5
    send_at(plot.graph.viewport(), QEvent.Type.MouseMove, plot.x_of(0.29), 60)
    assert window.player.frame == 7
    send_at(plot.graph.viewport(), QEvent.Type.MouseButtonRelease, plot.x_of(0.25), 60)
    assert window.player.frame == 6
    assert plot.frame == 6


def test_curve_shows_millilitres(window):
    assert "(ml)" in window.reading.curve.title
    assert np.isfinite(window.reading.curve.volume).all()


def test_a_loop_without_contours_has_words_in_place_of_an_empty_axis(window):
    plot = window.reading.curve.plot
    assert not plot.empty_words
    plot.lines = tuple(replace(one, values=np.full_like(one.values, np.nan)) for one in plot.lines)
    assert plot.empty_words == "No volume curve"
    plot.show_awaited(True)  # while the models are at work, "none" would be a result
    assert plot.empty_words == plot.spoken_value() == "The curve is being computed"
    plot.show_awaited(False)
    plot.grab()


def test_the_play_head_moves_with_the_whole_of_its_value_inside_the_plot(window):
    plot = window.reading.curve.plot
    plot.unit, plot.highest = "% max", 125.0
    plot.lines = (replace(plot.lines[0], values=np.full_like(plot.lines[0].values, 100.0)),)
    for frame in (5, len(plot.times_s) - 1):
        plot.show_frame(frame)
        head, value = plot.graph.head, plot.graph.value
        assert value.text() == "100 % max"
        assert value.geometry().right() <= plot.width()
        assert head.geometry().center().x() == pytest.approx(plot.x_of(plot.times_s[frame]), abs=1)


def test_the_widths_that_strips_align_with_are_those_of_the_plot(window):
    plot = window.reading.curve.plot
    plot.grab()
    for zoom in (1.0, 0.5):
        plot.graph.box.scaleBy(x=zoom)
        for time_s in plot.times_s[[0, 4, -1]]:
            drawn = plot.graph.box.mapViewToScene(QPointF(time_s, 0)).x()
            assert plot.x_of(time_s) == pytest.approx(drawn, abs=1.1)
            assert plot.graph.x_of(time_s) == pytest.approx(drawn, abs=1.1)
            assert plot.time_at(plot.x_of(time_s)) == pytest.approx(time_s)


def test_the_wheel_enlarges_a_span_of_time_and_a_double_click_shows_all_again(window, qtbot):
    curve = window.reading.curve
    graph, whole_s = curve.plot.graph, curve.plot.span_s
    at = QPointF(curve.plot.x_of(0.2), 60)
    for _ in range(4):
        turned = QWheelEvent(
            at, graph.viewport().mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(graph.viewport(), turned)
    first_s, last_s = curve.plot.span_s
    assert first_s > whole_s[0]
    assert last_s < whole_s[1]
    assert first_s < 0.2 < last_s
    assert curve.plot.x_of(0.2) == pytest.approx(at.x(), abs=1)
    assert graph.box.viewRange()[1][0] == 0
    frame = curve.confidence.frame_at(curve.plot.x_of(0.2))
    assert frame == 5
    qtbot.mouseDClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 60))
    assert curve.plot.span_s == pytest.approx(whole_s)


def test_every_second_beat_is_shaded(window):
    window.workspace.do(SetEvents(CardiacEvents((Beat(1, 3), Beat(6, 8)), Origin.EDITED)))
    plot = window.reading.curve.plot
    assert [beat[0] for beat in plot.beats] == [1, 6]
    (region,) = plot.graph.regions
    assert region.getRegion()[0] == pytest.approx(plot.times_s[6])


def test_the_mark_under_the_mouse_stands_out(window):
    graph = window.reading.curve.plot.graph
    line = graph.marks[0, "es"]
    before = graph.grab().toImage()
    centre = plate_box(graph, (0, "es")).center()
    QApplication.sendEvent(graph.viewport(), moved(graph.viewport(), centre))
    assert line.mouseHovering
    assert graph.grab().toImage() != before
    QApplication.sendEvent(graph.viewport(), moved(graph.viewport(), QPointF(graph.width() - 3, 60)))
    assert not line.mouseHovering


def moved(widget, at):
    none = Qt.MouseButton.NoButton
    return QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)


def test_marks_of_one_frame_stand_one_below_another_valves_last(window):
    es = window.workspace.saved.events.beats[0].es
    window.workspace.do(SetValveClosures((es,)))
    graph = window.reading.curve.plot.graph
    graph.grab()
    above, below = (plate_box(graph, (0, mark)) for mark in ("es", "avc"))
    assert below.top() >= above.bottom() - 1
    assert graph.marks[0, "ed"].pen.style() == Qt.PenStyle.SolidLine
    assert graph.marks[0, "es"].pen.style() == Qt.PenStyle.DashLine
    assert graph.marks[0, "es"].filled
    assert not graph.marks[0, "avc"].filled


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
    window.workspace.history.undo()
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
    assert len(window.workspace.history.entries()) == 1


def test_a_line_put_back_is_no_edit(window):
    pull(window, (0, "es"), 0.37, done=False)
    pull(window, (0, "es"), 0.245, done=True)
    assert len(window.workspace.history.entries()) == 1
    assert window.workspace.reading is window.workspace.saved
    assert window.reading.curve.plot.flags[(0, "es")] == 6


def test_curves_of_another_number_of_frames_wait_for_their_recording(window):
    curve = window.reading.curve
    curve.show_other_views("A4C", (OtherView("A2C", np.full(len(curve.plot.times_s) + 8, 40.0)),))
    assert [line for line, _ in curve.plot.graph.curves] == [curve.plot.lines[0]]


def test_while_a_contour_is_dragged_only_its_curve_is_drawn(window, monkeypatch):
    plot, times_s = window.reading.curve.plot, window.workspace.saved.facts.times_s
    window.reading.curve.show_other_views("A4C", (OtherView("A2C", np.full(len(times_s), 40.0)),))
    drawn = Counter()
    for number, (_, item) in enumerate(plot.graph.curves):
        real = item.setData
        monkeypatch.setattr(
            item, "setData", lambda *given, n=number, real=real, **named: (drawn.update([n]), real(*given, **named))
        )
    window.player.seek(3)
    drawn.clear()
    track = window.workspace.reading.tracks[Structure.LV_ENDO]
    for by in (1.0, 2.0, 3.0):
        contour = Contour(track.contours[3].points + np.array((by, 0.0)))
        window.workspace.preview(SetContours(Structure.LV_ENDO, 3, (contour,)))
        followed(window)
    assert drawn == {0: 3}
