import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from kinecor.analysis.propagation import with_followers
from kinecor.core.outlines.reshaping import grow_contour
from kinecor.core.table.measures import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetContours
from kinecor.ui.tiles.menus import fill_edit
from kinecor.ui.tiles.picture import authors_words
from kinecor.ui.tiles.tools import Tool, Trace
from kinecor.ui.workspace.corrections import as_anchors, contours_corrected, corrections
from tests import stacks
from tests.deep import same
from tests.ui.mouse import drag, hover, move, press, release, send

ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
ALT, NONE, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def choose(window, tool):
    window.actions_by_name[f"tool_{tool}"].trigger()
    assert window.toolbox.tool is tool


def contour(window, structure=ENDO):
    return window.workspace.reading.tracks[structure].contours[window.player.frame]


def line(window, structure=ENDO):
    return contour(window, structure).outline(closed=False)


def said(window):
    return window.status.currentMessage()


def wheel(view, at_px, steps, modifiers=NONE):
    at = QPointF(*view.viewport.to_widget(*at_px))
    held = Qt.MouseButton.NoButton
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(0, 120 * steps), held, modifiers, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(view, event)


def pushed(window, modifiers=NONE, by_px=6.0):
    """Push one side of the ventricle outwards from inside."""
    x, y = line(window).place(0.3)
    radius = window.toolbox.radius_px(window.workspace.reading)
    start = (x + radius + 1, y)
    drag(window.image, start, (start[0] - by_px - 1, y), modifiers)
    return x, y


def test_push_moves_the_contour_of_this_frame_as_one_step(window):
    choose(window, Tool.PUSH)
    window.toolbox.radius_mm = 5.0
    before, entries = contour(window), len(window.workspace.history.entries())
    x, y = pushed(window)
    assert line(window).nearest((x - 6, y))[1] < 1.5
    assert contour(window).area_px2 > before.area_px2
    np.testing.assert_allclose(contour(window).points[[0, -1]], before.points[[0, -1]])
    origins = window.workspace.reading.tracks[ENDO].origins
    assert [at for at, one in enumerate(origins) if one is Origin.EDITED] == [window.player.frame]
    assert "pushed" in window.workspace.history.entries()[-1].summary
    assert len(window.workspace.history.entries()) == entries + 1
    window.workspace.history.undo()
    assert contour(window) is before


def test_the_wheel_sets_the_radius_of_the_brush(window):
    choose(window, Tool.PUSH)
    frame, radius_mm = window.player.frame, window.toolbox.radius_mm
    wheel(window.image, (50, 50), 2)
    assert window.toolbox.radius_mm > radius_mm
    assert window.player.frame == frame
    wheel(window.image, (50, 50), -100)
    assert window.toolbox.radius_mm == 2.0
    choose(window, Tool.SELECT)
    wheel(window.image, (50, 50), 1)
    assert window.player.frame != frame


def test_shift_pushes_the_epicardium(window):
    choose(window, Tool.PUSH)
    window.toolbox.radius_mm = 5.0
    x, y = line(window, EPI).place(0.3)
    inner, outer = contour(window), contour(window, EPI)
    radius = window.toolbox.radius_px(window.workspace.reading)
    send(window.image, QEvent.Type.MouseButtonPress, (x + radius - 2, y), SHIFT)
    move(window.image, (x + radius - 5, y), SHIFT)
    release(window.image, (x + radius - 5, y), SHIFT)
    assert contour(window, EPI) is not outer
    assert contour(window) is inner


def test_escape_cancels_a_push_and_then_leaves_the_tool(window, qtbot):
    choose(window, Tool.PUSH)
    before = window.workspace.reading
    x, y = line(window).place(0.3)
    press(window.image, (x + 12, y))
    move(window.image, (x, y))
    assert window.workspace.reading is not before
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    assert window.workspace.reading is before
    release(window.image, (x, y))
    assert window.workspace.reading is before
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    assert window.toolbox.tool is Tool.SELECT
    assert window.actions_by_name["tool_select"].isChecked()


def test_a_stretch_is_redrawn(window):
    choose(window, Tool.REDRAW)
    before = contour(window)
    spots = line(window).place(np.linspace(0.25, 0.4, 12))
    wanted = spots + np.outer(5 * np.sin(np.linspace(0, np.pi, 12)), (-1, 0))
    press(window.image, tuple(wanted[0]))
    for one in wanted[1:]:
        move(window.image, tuple(one))
    release(window.image, tuple(wanted[-1]))
    assert line(window).nearest(tuple(wanted[6]))[1] < 1.0
    assert line(window).nearest(tuple(before.outline(closed=False).place(0.8)))[1] < 0.3
    assert "redrawn" in window.workspace.history.entries()[-1].summary


def test_three_clicks_trace_the_cavity(window, qtbot):
    choose(window, Tool.TRACE)
    ends, apex = contour(window).points[[0, -1]], line(window).place(0.5)
    entries = len(window.workspace.history.entries())
    for one in (ends[0], ends[1]):
        hover(window.image, tuple(one))
        press(window.image, tuple(one))
        release(window.image, tuple(one))
    assert len(window.workspace.history.entries()) == entries
    hover(window.image, tuple(apex))
    press(window.image, tuple(np.add(apex, (0, -4))))
    release(window.image, tuple(apex))
    assert "traced" in window.workspace.history.entries()[-1].summary
    np.testing.assert_allclose(contour(window).points[[0, -1]], ends, atol=0.1)
    window.workspace.history.undo()
    press(window.image, tuple(ends[0]))
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    assert window.toolbox.tool is Tool.TRACE, "the first Escape drops the clicks"


def traced(window, clicks, image):
    reading, tool = window.workspace.reading, Trace()
    edits = [tool.clicked(tuple(one), reading, window.player.frame, ENDO, image) for one in clicks]
    return next(one for one in edits[2].edits if one.structure is ENDO).contours[0]


@pytest.mark.parametrize("drawn_since", [False, True])
def test_a_trace_follows_the_automatic_contour_and_no_papillary_muscle(window, drawn_since):
    automatic = contour(window)
    clicks = (*automatic.points[[0, -1]], line(window).place(0.5))
    muscle = automatic.points.copy()
    bump = np.exp(-(((np.linspace(0, 1, len(muscle)) - 0.7) / 0.1) ** 2))
    muscle -= 6 * bump[:, None] * line(window).normals()
    image = np.full((window.workspace.reading.facts.rows, window.workspace.reading.facts.columns), 200, np.uint8)
    cv2.fillPoly(image, [np.round(muscle).astype(np.int32)], 20)
    if drawn_since:
        window.workspace.do(SetContours(ENDO, window.player.frame, (grow_contour(automatic, -8, closed=False),)))
    found = traced(window, clicks, image).outline(closed=False)
    off = [found.nearest(tuple(one))[1] for one in automatic.points]
    assert max(off) < 0.016 * found.length
    assert found.area > 0.96 * automatic.area_px2


def test_three_clicks_on_a_line_are_refused(window):
    choose(window, Tool.TRACE)
    before, ends = window.workspace.reading, contour(window).points[[0, -1]]
    for one in (ends[0], ends[1], (ends[0] + ends[1]) / 2):
        press(window.image, tuple(one))
        release(window.image, tuple(one))
    assert window.workspace.reading is before
    assert "apex" in said(window)


def test_a_cavity_outside_the_epicardium_is_not_traced(window):
    choose(window, Tool.TRACE)
    before = window.workspace.reading
    far = np.array((contour(window, EPI).points[:, 0].max() + 4, contour(window).points[0, 1]))
    for one in (far, np.add(far, (20, 0)), np.add(far, (10, -25))):
        press(window.image, tuple(one))
        release(window.image, tuple(one))
    assert window.workspace.reading is before
    assert "outside the epicardium" in said(window)


def test_a_contour_that_crosses_itself_is_refused(window):
    before = window.workspace.saved
    start = tuple(line(window).place(0.3))
    far = (start[0] + 50, start[1] - 10)
    drag(window.image, start, far, ALT)
    assert window.workspace.saved is before
    assert window.workspace.reading is before
    assert "cross itself" in said(window)


def test_a_contour_out_of_the_image_is_refused(window):
    before = window.workspace.saved
    start = tuple(line(window).place(0.3))
    drag(window.image, start, (-20.0, start[1]), ALT)
    assert window.workspace.saved is before
    assert "leave the image" in said(window)


@pytest.mark.parametrize(
    ("name", "way"),
    [("expand", 1), ("contract", -1), ("smooth", 0), ("nudge_left", 0), ("nudge_down", 0)],
)
def test_keys_change_the_whole_contour(window, name, way):
    before, entries = contour(window), len(window.workspace.history.entries())
    window.actions_by_name[name].trigger()
    assert contour(window) is not before
    if way:
        assert (contour(window).area_px2 > before.area_px2) == (way > 0)
    if name == "nudge_left":
        np.testing.assert_allclose(contour(window).points, before.points + np.array((-1, 0)))
    assert len(window.workspace.history.entries()) == entries + 1


def test_without_a_contour_there_is_nothing_to_smooth(window):
    window.toolbox.structure = Structure.RV
    window.actions_by_name["smooth"].trigger()
    assert "no contour" in said(window)


def test_the_wheel_widens_a_drag(window):
    start = tuple(line(window).place(0.3))
    end = (start[0] - 7, start[1])
    press(window.image, start)
    move(window.image, end, ALT)
    narrow = contour(window).area_px2
    wheel(window.image, end, 4)
    move(window.image, end, ALT)
    assert contour(window).area_px2 > narrow
    release(window.image, end, ALT)


def test_a_slice_of_a_stack_is_pushed(open_window, qtbot):
    window = open_window([stacks.stack()])
    window.grid.choose(4)
    window.stack.set_enlarged(True)
    qtbot.waitUntil(lambda: not window.busy)
    choose(window, Tool.PUSH)
    image, frame = window.stack.image, window.player.frame

    def endo():
        return window.workspace.reading.slices[4].tracks[ENDO].contours[frame]

    before = endo()
    x, y = before.outline(closed=True).place(0.0)
    radius = window.toolbox.radius_px(window.workspace.reading.slices[4])
    way = np.sign(x - before.centroid[0])
    drag(image, (x - way * (radius + 1), y), (x - way * (radius - 3), y))
    assert endo().area_px2 > before.area_px2
    assert image.bar.isVisible()
    window.actions_by_name["propagate"].trigger()
    qtbot.waitUntil(lambda: not window.propagator.busy)
    assert Origin.MODEL not in window.workspace.reading.slices[4].tracks[ENDO].origins


def test_moving_the_mouse_draws_the_brush(window):
    choose(window, Tool.PUSH)
    QApplication.sendEvent(window.image, QEvent(QEvent.Type.Enter))
    assert not window.image.grab().isNull()


def test_a_drag_says_how_far_along_the_contour_and_over_which_frames_it_is_felt(window):
    start = tuple(line(window).place(0.3))
    end = (start[0] - 7, start[1])
    press(window.image, start)
    move(window.image, end, ALT)
    held = window.image._drag
    assert held.hints()[:2] == ("Drag · felt over 26 % of the contour · wheel: reach", "Changes this frame only")
    move(window.image, end, SHIFT)
    assert held.hints()[1] == f"Changes this frame and {window.workspace.reading.facts.frames - 1} others"
    move(window.image, end, NONE)
    assert "around it" in held.hints()[1]
    wheel(window.image, end, 30)
    assert held.hints()[0] == "Drag · the whole wall · wheel: reach"
    wheel(window.image, end, -1)
    assert "felt over 7" in held.hints()[0]


def filled_stack():
    """A stack without contours in one slice, the same with that slice filled in, and the slice's number."""
    whole = stacks.read(stacks.stack())
    number = next(at for at in range(2, 8) if all(ENDO in whole.slices[at + by].tracks for by in (-1, 0, 1)))
    empty = whole.with_(
        slices=tuple(one.with_(tracks={}) if at == number else one for at, one in enumerate(whole.slices))
    )
    return empty, fill_edit(empty, number).apply(empty, "Anna"), number


def test_a_slice_that_was_filled_in_is_the_work_of_who_filled_it_in():
    empty, filled, number = filled_stack()
    assert authors_words(filled.slices[number], 1) == "Filled in by Anna"
    assert authors_words(filled.slices[number - 1], 1) == "Automatic"
    assert contours_corrected(filled)
    assert not contours_corrected(empty)
    status = {one.code: one.status for one in measurements(filled)}
    assert status["EDV"] is Status.EDITED


def test_a_slice_that_was_filled_in_outlives_a_new_analysis():
    empty, filled, number = filled_stack()
    found = corrections(filled)
    assert found.words == ("1 slice filled in",)
    again = as_anchors(found.edit, empty, "Anna").apply(empty, "Anna")
    assert same(again.slices[number].tracks, filled.slices[number].tracks)


def test_the_first_gesture_on_contours_filled_in_from_other_slices_takes_all_phases_along():
    _, filled, number = filled_stack()
    filled = filled.slices[number]
    before = filled.tracks[ENDO]
    edit = SetContours(ENDO, 1, (grow_contour(before.contours[1], 3, closed=True),))
    after = with_followers(edit, filled, "Anna").apply(filled, "Anna").tracks[ENDO]
    assert after.origins.count(Origin.EDITED) == 1
    assert all(one.area_px2 > old.area_px2 + 50 for one, old in zip(after.contours, before.contours, strict=True))
