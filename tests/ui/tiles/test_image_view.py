import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QImage

from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.outlines.drag import apex_of
from kinecor.core.values.message import message
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetNotes
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import translated
from kinecor.ui.tiles import picture
from kinecor.ui.tiles.overlays import HANDLES, fitting, handles_on
from kinecor.ui.tiles.tools import Tool
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.study_checks import title_of
from tests.ui.mouse import drag, followed, move, press, release, send
from tests.ui.settled import settle

ENDO = Structure.LV_ENDO


def wall(window, frame=None):
    """A point on the side of the ventricle, and a place to pull it to."""
    frame = window.player.frame if frame is None else frame
    x, y = window.workspace.reading.tracks[ENDO].contours[frame].outline(closed=False).place(0.3)
    return (x, y), (x - 7.0, y)


def value(window, code):
    return next(one.value for one in window.reading.results.rows if one.code == code)


def volume(window):
    return window.reading.curve.volume.copy()


def test_curve_and_table_follow_while_dragging_and_stay_after(window):
    window.player.seek(0)
    start, end = wall(window)
    before, edv, entries = volume(window), value(window, "EDV"), len(window.workspace.history.entries())
    press(window.image, start)
    move(window.image, end)
    followed(window)
    during = volume(window)
    assert during[0] > before[0] * 1.02
    assert during[1] > before[1]
    assert during[-1] == before[-1]
    assert float(value(window, "EDV")) > float(edv)
    assert len(window.workspace.history.entries()) == entries
    release(window.image, end)
    np.testing.assert_array_equal(volume(window), during)
    assert len(window.workspace.history.entries()) == entries + 1
    assert window.workspace.history.entries()[-1].actor == "Dr Grey"
    assert window.workspace.reading.tracks[ENDO].origins[0] is Origin.EDITED


def test_alt_changes_this_frame_only_and_shift_the_whole_loop(window):
    window.player.seek(4)
    before = volume(window)
    drag(window.image, *wall(window), Qt.KeyboardModifier.AltModifier)
    settle(window)
    changed = np.flatnonzero(volume(window) != before)
    assert changed.tolist() == [4]
    window.workspace.history.undo()
    drag(window.image, *wall(window), Qt.KeyboardModifier.ShiftModifier)
    settle(window)
    assert np.flatnonzero(volume(window) != before).tolist() == list(range(12))


def test_a_press_without_a_move_changes_nothing(window):
    start, _ = wall(window)
    reading = window.workspace.reading
    press(window.image, start)
    release(window.image, start)
    assert window.workspace.reading is reading


def test_escape_lets_go(window, qtbot):
    before = volume(window)
    start, end = wall(window)
    press(window.image, start)
    move(window.image, end)
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(volume(window), before)
    release(window.image, end)
    np.testing.assert_array_equal(volume(window), before)


def test_taking_hold_stops_playing(window):
    window.player.play()
    press(window.image, wall(window)[0])
    assert not window.player.playing
    release(window.image, wall(window)[0])


def test_hidden_contours_cannot_be_pulled(window):
    window.actions_by_name["overlays"].trigger()
    reading = window.workspace.reading
    drag(window.image, *wall(window))
    assert window.workspace.reading is reading


def test_moving_a_hinge_is_one_undo_step_for_all_structures(window):
    reading = window.workspace.reading
    hinge = tuple(reading.tracks[ENDO].contours[0].points[0])
    drag(window.image, hinge, (hinge[0] - 3, hinge[1] - 2))
    moved = [s for s in reading.tracks if window.workspace.reading.tracks[s] is not reading.tracks[s]]
    assert ENDO in moved
    assert Structure.LV_EPI in moved
    assert "hinge" in window.workspace.history.entries()[-1].summary
    window.workspace.history.undo()
    assert window.workspace.reading.tracks[ENDO] is reading.tracks[ENDO]


def test_the_image_has_its_true_shape(window):
    # rows are 0.8 mm apart, columns 0.5 mm
    assert window.image.viewport.aspect == pytest.approx(1.6)


def test_colours_of_the_outlines_are_on_the_image(window):
    window.player.seek(0)
    shown = window.image.grab().toImage()
    x, y = window.image.viewport.to_widget(
        *window.workspace.reading.tracks[ENDO].contours[0].outline(closed=False).place(0.5)
    )
    near = [shown.pixelColor(round(x) + i, round(y) + j) for i in range(-2, 3) for j in range(-2, 3)]
    assert any(one.red() > 200 and one.green() > 190 and one.blue() < 120 for one in near)


def test_a_frame_carried_along_is_the_work_of_both_and_no_surer_than_before(window):
    window.player.seek(3)
    drag(window.image, *wall(window))
    track = window.workspace.reading.tracks[ENDO]
    assert [track.origins[frame] for frame in (0, 2, 3, 6)] == [
        Origin.TRACKED,
        Origin.TRACKED,
        Origin.EDITED,
        Origin.TRACKED,
    ]
    assert [track.confidence[frame] for frame in (0, 3, 6)] == [0.9, 1.0, 0.9]
    settle(window)
    edv = next(one for one in window.reading.results.rows if one.code == "EDV")
    assert (edv.by, edv.confidence, edv.status) == ("unet@1.0, Dr Grey", "0.90", "corrected")
    assert "frame 4 (1–8 adjusted)" in window.workspace.history.entries()[-1].summary


def pulled(window):
    """A drag under way, and where it is."""
    start, end = wall(window)
    press(window.image, start)
    move(window.image, end)
    assert window.workspace.reading is not window.workspace.saved
    return end


def test_a_tremble_of_the_mouse_is_no_edit(window):
    entries = len(window.workspace.history.entries())
    start, _ = wall(window)
    step = 2.0 / window.image.viewport.scale_x
    drag(window.image, start, (start[0] - step, start[1]))
    assert len(window.workspace.history.entries()) == entries
    press(window.image, start)
    move(window.image, wall(window)[1])
    move(window.image, (start[0] - step, start[1]))
    release(window.image, (start[0] - step, start[1]))
    assert len(window.workspace.history.entries()) == entries
    assert window.workspace.reading is window.workspace.saved


def test_a_drag_that_passes_where_it_began_stays_a_preview_of_what_was_saved(window):
    before, (start, _) = volume(window), wall(window)
    end = pulled(window)
    seen = []
    follow(window.workspace, seen.append, Topic.READING)
    move(window.image, (start[0] - 2.0 / window.image.viewport.scale_x, start[1]))
    assert [change.preview for change in seen] == [True]
    followed(window)
    np.testing.assert_allclose(volume(window), before, rtol=1e-9)
    move(window.image, end)
    release(window.image, end)
    assert len(window.workspace.history.entries()) == 2


def test_a_button_let_go_elsewhere_drops_the_drag(window):
    end = pulled(window)
    send(window.image, QEvent.Type.MouseMove, end, held=Qt.MouseButton.NoButton)
    assert window.workspace.reading is window.workspace.saved
    release(window.image, end)
    assert window.workspace.reading is window.workspace.saved
    assert len(window.workspace.history.entries()) == 1


def test_only_the_left_button_writes_down(window):
    end = pulled(window)
    send(
        window.image,
        QEvent.Type.MouseButtonRelease,
        end,
        button=Qt.MouseButton.RightButton,
        held=Qt.MouseButton.LeftButton,
    )
    assert len(window.workspace.history.entries()) == 1
    release(window.image, end)
    assert len(window.workspace.history.entries()) == 2


def test_keys_let_go_before_the_mouse_change_nothing(window):
    window.player.seek(4)
    start, end = wall(window)
    before = volume(window)
    press(window.image, start)
    move(window.image, end, Qt.KeyboardModifier.ControlModifier)
    followed(window)
    shown = volume(window)
    release(window.image, end)
    np.testing.assert_array_equal(volume(window), shown)
    assert np.flatnonzero(shown != before).tolist() == [4]


def test_a_window_that_goes_to_the_back_drops_the_drag(window, monkeypatch):
    pulled(window)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    window.changeEvent(QEvent(QEvent.Type.ActivationChange))
    assert window.workspace.reading is window.workspace.saved


def test_a_reading_that_changes_meanwhile_ends_the_drag(window):
    end = pulled(window)
    window.workspace.do(SetNotes("from elsewhere"))
    move(window.image, end)
    release(window.image, end)
    assert window.workspace.history.entries()[-1].summary == "notes"
    assert window.workspace.reading is window.workspace.saved


def test_the_apex_is_pulled_by_its_grip(window):
    frame = window.player.frame
    before = window.workspace.reading.tracks[ENDO].contours[frame]
    apex = before.points[apex_of(before)]
    drag(window.image, tuple(apex), (apex[0], apex[1] - 6), Qt.KeyboardModifier.AltModifier)
    after = window.workspace.reading.tracks[ENDO].contours[frame]
    np.testing.assert_allclose(after.points[apex_of(after)], apex - (0, 6), atol=0.2)
    np.testing.assert_array_equal(after.points[[0, -1]], before.points[[0, -1]])
    assert "apex" in window.workspace.history.entries()[-1].summary


def test_a_grip_of_which_the_contour_would_leave_the_image_is_refused(window):
    before = window.workspace.reading
    contour = before.tracks[ENDO].contours[window.player.frame]
    apex = contour.points[apex_of(contour)]
    drag(window.image, tuple(apex), (apex[0], -30.0), Qt.KeyboardModifier.AltModifier)
    assert window.workspace.reading.tracks == before.tracks


def test_a_playing_image_is_held_with_its_contours_until_something_else_changes(window):
    window.player.seek(3)
    at_rest = window.image.grab().toImage()
    window.player.play()
    window.player._timer.stop()
    playing = window.image.grab().toImage()
    assert window.image._composed.keys() == {3}
    assert playing == at_rest == window.image.grab().toImage()
    window.image.set_overlays(False)
    assert not window.image._composed
    assert window.image.grab().toImage() != at_rest
    window.player.pause()


def test_a_narrow_tile_drops_the_time_of_its_header(qapp):
    font = theme.font(12)
    words = "ED · frame 1/61 · 0 ms"
    assert fitting(words, font, 400) == words
    assert fitting(words, font, 130) == "ED · frame 1/61"
    assert fitting(words, font, 10) == "ED"


def test_words_leave_the_middle_of_a_small_picture_free(window, monkeypatch):
    """At 200 % "frame 40/45 . 975 ms" stood over the apex, and the title of a check over the handles below it."""
    image, drawn = window.image, []
    finding = Finding("contours.untested-view", Severity.CHECK, message("view untested"))
    monkeypatch.setattr(image, "check", lambda _: finding)
    monkeypatch.setattr(picture, "draw_plate", lambda painter, at, text, *_, **__: drawn.append(text) or 10.0)
    image.setMinimumSize(50, 50)
    for size, words in ((600, 500), " ms"), ((220, 130), "/"):
        drawn.clear()
        image.resize(*size)
        image.update()
        image.grab()
        assert words in drawn[0]
        small = size[0] < picture.ROOMY_PX[0]
        assert (" ms" not in drawn[0]) == small
        assert image.sign.isEmpty() != small
        assert image.toolTip() == (translated(title_of(finding)) if small else "")
    assert image.sign.left() > 0.8 * image.width()
    assert image.sign.bottom() < 0.3 * image.height()


def test_a_small_contour_has_fewer_handles_so_that_its_line_is_seen():
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    assert handles_on(15 * circle) + 2 == 4
    assert handles_on(100 * circle) == HANDLES


def pixels_of(window, colour):
    """How many pixels of the picture have a colour."""
    drawn = window.image.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(drawn.constBits(), np.uint32).reshape(drawn.height(), -1)[:, : drawn.width()]
    return int(np.count_nonzero(values & 0xFFFFFF == QColor(colour).rgb() & 0xFFFFFF))


def test_what_a_drag_does_stands_below_and_leaves_the_image_free(window, qtbot):
    assert not window.status.hint.isVisible()
    window.toolbox.choose(Tool.TRACE)
    assert window.status.hint.text() == "Trace: click on both ends of the annulus, then on the apex · Esc: begin again"
    assert window.status.hint.isVisible()
    window.toolbox.choose(Tool.SELECT)
    assert not window.status.hint.isVisible()
    x, y = window.workspace.reading.tracks[ENDO].contours[window.player.frame].points[8]
    press(window.image, (x, y))
    move(window.image, (x + 6, y + 1))
    assert window.status.hint.text().startswith(
        "Drag · felt over 26 % of the contour · wheel: reach · Changes this frame"
    )
    window.image.cancel_drag()
    assert not window.status.hint.isVisible()


def test_contours_of_the_neighbouring_frames_are_named_and_leave_the_own_one_in_sight(window):
    window.player.seek(4)
    own, after = pixels_of(window, theme.STRUCTURE_COLOURS[ENDO]), pixels_of(window, theme.AFTER)
    window.actions_by_name["neighbours"].trigger()
    assert pixels_of(window, theme.AFTER) > after + 20
    assert pixels_of(window, theme.STRUCTURE_COLOURS[ENDO]) > 0.9 * own
    window.player.seek(11)  # the last one
    assert pixels_of(window, theme.AFTER) == 0
