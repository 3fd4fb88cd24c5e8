"""A stack in the window: seen in phase, corrected, chosen, undone in one order."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from kinecor.core.checks.assessment import Assessment
from kinecor.core.checks.findings import Remedy, Severity
from kinecor.core.checks.table import CHECKS
from kinecor.core.values.choices import Papillaries
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.reading import body
from kinecor.core.values.recording import ArrayFrames, Patient
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetRvBase
from kinecor.ui.app import settings
from kinecor.ui.style import on_image
from kinecor.ui.tiles import grid_view
from kinecor.ui.tiles.menus import EIGHT_BITS
from kinecor.ui.workspace import corrections as corrections_of
from kinecor.ui.workspace.corrections import corrections
from tests import stacks
from tests.ui.mouse import LEFT, drag, move, press, release, send_at
from tests.ui.settled import settle
from tests.ui.tiles.test_stack_widgets import right_drag

ENDO = Structure.LV_ENDO


@pytest.fixture
def window(open_window):
    return open_window([replace(stacks.stack(), warnings=("one slice was left out",))])


def value(window, code):
    (row,) = [one for one in settle(window).reading.results.rows if one.code == code]
    return row.value


def wall(reading, number, phase=0):
    """The rightmost point of the cavity's outline."""
    points = reading.slices[number].tracks[ENDO].contours[phase].points
    return tuple(points[points[:, 0].argmax()].tolist())


def enlarge(window, qtbot, number):
    """One slice large, at the first phase, its image decoded."""
    window.player.seek(0)
    tile = dict(window.grid.tiles())[number]
    qtbot.mouseClick(window.grid, Qt.MouseButton.LeftButton, pos=tile.center().toPoint())
    qtbot.waitUntil(lambda: not window.busy)


def test_analysed_by_itself_and_shown_with_its_numbers(window):
    assert window.pages.currentWidget() is window.study
    assert window.stack.isVisible()
    assert "one slice was left out" in window.reading.checks.words
    assert value(window, "EF") == "51"
    assert [one.name for one in window.reading.results.content.pairs] == ["EF", "ED", "ES", "SV", "Mass"]
    fold = window.reading.results.folds["Wall thickness"]
    assert fold.isVisible()
    fold.head.setChecked(True)
    assert window.reading.wall_bullseyes.isVisible()
    assert window.reading.results.folds["Choices"].isVisible()
    assert "12 slices × 20 phases" in window.reading.header.recording.text()
    assert not window.reading.header.view.isVisible()
    assert len(window.workspace.history.entries()) == 1


def test_all_slices_play_in_phase(window):
    grid = window.grid
    assert len(grid.tiles()) == 12
    assert grid.label(1) == "Slice 2   +4.0 mm"
    assert window.player.frames == 20
    window.player.seek(5)
    first = grid.grab().toImage()
    window.player.seek(10)
    assert grid.grab().toImage() != first
    assert grid.selected == 6
    window.actions_by_name["down"].trigger()
    assert grid.selected == 7


def test_base_and_apex_are_marked_and_slices_beyond_are_not_counted(window):
    assert window.grid.marks(1, 0)[0][0] == "BASE"
    assert window.grid.marks(10, 0)[0][0] == "APEX"
    assert window.grid.marks(5, 0) == []
    before = value(window, "EDV")
    window.grid.choose(2)
    window.player.seek(0)
    window.actions_by_name["base"].trigger()
    extent = window.workspace.reading.short_axis.extent
    assert (extent.base[0], extent.base[10]) == (2, 1)  # between ED and ES it goes over from one to the other
    assert float(value(window, "EDV")) < float(before)
    assert window.grid.marks(2, 0)[0][0] == "BASE"
    window.actions_by_name["base_all"].trigger()
    assert window.workspace.reading.short_axis.extent.base == (2,) * 20
    window.grid.choose(9)
    window.actions_by_name["apex_all"].trigger()
    assert window.workspace.reading.short_axis.extent.apex == (9,) * 20
    for _ in range(3):
        window.actions_by_name["undo"].trigger()
    assert value(window, "EDV") == before


def test_a_shift_that_the_check_passes_is_said_on_hover_only(window, monkeypatch):
    grid = window.grid
    shifts = np.zeros((12, 2))
    shifts[5, 0], shifts[6, 0], shifts[7, 0] = 1.4, 6.2, 0.6
    monkeypatch.setattr(grid_view, "shifts_mm", lambda _: shifts)

    def said(number, **asked):
        return [text for text, _ in grid.marks(number, 0, **asked)]

    assert said(5) == []
    assert said(5, asked=True) == ["Slice shift 1 mm"]
    assert said(6) == ["Slice shift 6 mm"]
    assert said(7, asked=True) == []
    box = next(cell.box for cell in grid.cells() if cell.number == 5)
    before = grid.grab().toImage()
    send_at(grid, QEvent.Type.MouseMove, box.center().x(), box.center().y())
    assert grid.grab().toImage() != before
    QApplication.sendEvent(grid, QEvent(QEvent.Type.Leave))
    assert grid.grab().toImage() == before


def test_base_and_apex_are_exchanged_and_never_set_beyond_each_other(window):
    said = []
    window.workspace.notices.remark.connect(said.append)
    before, ef = window.workspace.reading.short_axis, value(window, "EF")
    window.player.seek(0)
    window.grid.choose(11)  # beyond the apex
    window.actions_by_name["base"].trigger()
    window.actions_by_name["base_all"].trigger()
    assert window.workspace.reading.short_axis == before
    assert len(said) == 2
    assert all("Not set: the base would lie beyond the apex (slice 11)" in one for one in said)
    window.actions_by_name["exchange_ends"].trigger()
    after = window.workspace.reading.short_axis
    assert min(after.extent.base) > max(after.extent.apex)
    assert window.grid.marks(10, 0)[0][0] == "BASE"
    assert value(window, "EF") == ef
    assert "base and apex exchanged" in str(window.workspace.history.entries()[-1].summary)
    window.actions_by_name["undo"].trigger()
    assert window.workspace.reading.short_axis == before


def test_the_key_of_the_base_confirms_the_slice_in_force(window, monkeypatch):
    stack = window.workspace.saved
    base = stack.short_axis.extent.base[0]
    doubt = CHECKS["stack.basal-slice"].finding(
        Severity.CHECK,
        message("doubt"),
        (0,),
        measurements=frozenset({"EDV"}),
        subject="ED",
        remedies=(Remedy("move-base", message("as now"), {"frame": 0, "slice": base, "end": "base"}),),
    )
    monkeypatch.setattr(corrections_of, "assess", lambda _: Assessment((), (doubt,)))
    window.grid.choose(base)
    window.player.seek(0)
    window.actions_by_name["base"].trigger()
    (seen,) = window.workspace.saved.acknowledged.values()
    assert (seen.key, seen.why) == (doubt.key, "as now")
    assert window.workspace.saved.short_axis == stack.short_axis


def test_the_right_ventricle_gets_a_separate_base(window):
    before, left = value(window, "RVEDV"), value(window, "EDV")
    window.grid.choose(3)
    window.player.seek(0)
    window.actions_by_name["rv_base"].trigger()
    base = window.workspace.reading.short_axis.rv_base
    assert base[0] == 3
    assert base[10] < 3
    assert float(value(window, "RVEDV")) < float(before)
    assert value(window, "EDV") == left
    assert "RV BASE" in [words for words, _ in window.grid.marks(3, 0)]
    window.actions_by_name["rv_base_all"].trigger()
    assert window.workspace.reading.short_axis.rv_base == (3,) * 20
    for _ in range(2):
        window.actions_by_name["undo"].trigger()
    assert value(window, "RVEDV") == before


def test_an_excluded_slice_is_bridged(window):
    before = float(value(window, "EDV"))
    window.grid.choose(5)
    window.actions_by_name["exclude"].trigger()
    assert window.grid.marks(5, 0) == [("EXCLUDED", on_image.WARNING)]
    assert float(value(window, "EDV")) == pytest.approx(before, rel=0.02)
    settle(window)
    assert "slices 6" in window.reading.checks.words
    window.actions_by_name["exclude"].trigger()
    assert window.workspace.reading.short_axis.excluded == ()


def test_a_click_enlarges_and_escape_goes_back(window, qtbot):
    enlarge(window, qtbot, 4)
    assert window.stack.enlarged
    assert window.stack.source.number == 4
    assert window.reading.matrix.selected == 4
    qtbot.keyClick(window.stack.image, Qt.Key.Key_Escape)
    assert not window.stack.enlarged
    window.actions_by_name["enlarge"].trigger()
    assert window.stack.enlarged
    window.actions_by_name["down"].trigger()
    assert window.stack.source.number == 5


def test_a_contour_is_dragged_in_the_enlarged_slice(window, qtbot):
    enlarge(window, qtbot, 4)
    before = window.workspace.reading
    edv = float(value(window, "EDV"))
    start = wall(before, 4)
    drag(window.stack.image, start, (start[0] + 6, start[1]))
    after = window.workspace.reading
    assert [a is b for a, b in zip(before.slices, after.slices, strict=True)].count(False) == 1
    track = after.slices[4].tracks[ENDO]
    assert track.origins[0] is Origin.EDITED
    assert track.origins[10] is Origin.MODEL
    assert wall(after, 4)[0] == pytest.approx(start[0] + 6, abs=0.5)
    assert float(value(window, "EDV")) > edv
    assert window.workspace.history.entries()[-1].summary.startswith("slice 5: LV endocardium")
    assert window.reading.results.row("EDV").status == "corrected"
    window.actions_by_name["undo"].trigger()
    assert window.workspace.reading is before


def test_undo_goes_in_one_order_over_slices_and_choices(window, qtbot):
    start = window.workspace.reading
    for number in (4, 6):
        enlarge(window, qtbot, number)
        point = wall(window.workspace.reading, number)
        drag(window.stack.image, point, (point[0] + 5, point[1]))
        window.stack.set_enlarged(False)
    window.grid.choose(3)
    window.actions_by_name["exclude"].trigger()
    assert len(window.workspace.history.entries()) == 4
    window.actions_by_name["undo"].trigger()
    assert window.workspace.reading.short_axis.excluded == ()
    window.actions_by_name["undo"].trigger()
    assert window.workspace.reading.slices[6] is start.slices[6]
    assert window.workspace.reading.slices[4] is not start.slices[4]
    window.actions_by_name["undo"].trigger()
    assert window.workspace.reading is start
    window.actions_by_name["redo"].trigger()
    assert window.workspace.reading.slices[4] is not start.slices[4]


def test_what_was_done_is_there_again(window, qtbot, open_window):
    window.grid.choose(5)
    window.actions_by_name["exclude"].trigger()
    edf = value(window, "EF")
    window.close()
    again = open_window([stacks.stack()])
    assert again.workspace.reading.short_axis.excluded == (5,)
    assert value(again, "EF") == edf
    assert len(again.workspace.history.entries()) == 2


def test_marks_are_set_by_keys_and_named_on_the_image(window):
    window.player.seek(9)
    window.actions_by_name["set_es"].trigger()
    assert window.workspace.reading.events.beats[0].es == 9
    window.actions_by_name["ed"].trigger()
    assert window.player.frame == 0


def test_a_click_into_an_unknown_height_and_digits_enter_it(window, qtbot):
    bar = window.reading.choices
    window.reading.results.folds["Choices"].head.setChecked(True)
    window.activateWindow()
    bar.height_cm.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.mouseClick(bar.height_cm.lineEdit(), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bar.height_cm.lineEdit().hasSelectedText())
    qtbot.keyClicks(bar.height_cm, "180")
    qtbot.keyClick(bar.height_cm, Qt.Key.Key_Tab)
    assert bar.height_cm.value() == 180
    assert window.workspace.study.reading.entered.height_cm == 180
    assert bar.weight_kg.hasFocus()


def test_the_wheel_over_height_and_weight_scrolls_and_changes_neither(window):
    bar = window.reading.choices
    window.reading.results.folds["Choices"].head.setChecked(True)
    for field, known in ((bar.height_cm, 180.0), (bar.weight_kg, 80.0)):
        field.setValue(known)
        at = QPointF(field.rect().center())
        turn = QWheelEvent(
            at,
            field.mapToGlobal(at),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, turn)
        assert field.value() == known
        assert not turn.isAccepted()


def test_height_weight_and_convention(window):
    bar = window.reading.choices
    assert window.reading.results.row("EDV").index == ""
    bar.height_cm.setValue(180)
    bar.height_cm.editingFinished.emit()
    bar.weight_kg.setValue(80)
    bar.weight_kg.editingFinished.emit()
    assert bar.bsa.text() == "2.00 m²"
    settle(window)
    assert window.reading.results.row("EDV").index == "52"
    bar.formula.setCurrentIndex(1)
    bar.formula.activated.emit(1)
    assert body(window.workspace.reading).formula.value == "Du Bois"
    bar.papillaries.setCurrentIndex(1)
    bar.papillaries.activated.emit(1)
    assert window.workspace.reading.short_axis.papillaries is Papillaries.MYOCARDIUM
    settle(window)
    assert "papillaries in myocardium" in window.reading.results.row("EDV").method
    window.actions_by_name["undo"].trigger()
    assert bar.papillaries.currentIndex() == 0


def test_after_return_the_keys_are_the_windows_again(window, qtbot):
    spin = window.reading.choices.weight_kg
    spin.setFocus()
    spin.lineEdit().selectAll()
    qtbot.keyClicks(spin, "72.5")
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert body(window.workspace.reading).weight_kg == 72.5
    assert not spin.hasFocus()


def test_height_and_weight_of_the_file_are_taken(open_window):
    window = open_window([stacks.stack(patient=Patient("Doe", sex="F", height_cm=171.0, weight_kg=60.0))])
    assert window.reading.choices.height_cm.value() == 171
    assert window.reading.results.row("EDV").index


def test_the_segments_origin_is_set_on_the_image(window, qtbot):
    enlarge(window, qtbot, 5)
    image = window.stack.image
    centre = window.workspace.reading.slices[5].tracks[ENDO].contours[0].centroid
    window.stack.set_insertion(QPointF(*image.viewport.to_widget(centre[0] - 10, centre[1] - 10)))
    found = window.workspace.reading.short_axis.insertion
    assert found.angle_deg == pytest.approx(135, abs=1)
    assert "set by the reader" in window.reading.wall_bullseyes.bullseye.origin
    assert "Anterior RV insertion: automatic" in offered(window, None)


def offered(window, at):
    """The menu's entries by their text, those of submenus with them."""
    menu = window.stack.menu(window.workspace.saved, at)
    found = {one.text(): one for one in menu.actions() if one.text()}
    for one in menu.findChildren(QMenu):
        found |= {entry.text(): entry for entry in one.actions() if entry.text()}
    return found


def test_the_menu_of_a_slice_is_short_and_begins_with_ed_es_and_undo(window, qtbot):
    enlarge(window, qtbot, 5)
    at = QPointF(window.stack.image.width() / 2, window.stack.image.height() / 2)
    menu = window.stack.menu(window.workspace.saved, at)
    names = ("set_ed", "set_es", "undo")
    assert menu.actions()[:3] == [window.actions_by_name[one] for one in names]
    assert [one.text() for one in menu.actions() if one.menu()] == ["Base and apex", "Contours", "Insertion points"]
    assert len([one for one in menu.actions() if one.text()]) <= 10
    assert {"Set base slice, this phase", "Remove RV contours, all phases"} <= set(offered(window, at))


def test_a_slice_that_was_missed_is_outlined_by_hand(window, qtbot):
    enlarge(window, qtbot, 0)
    at = QPointF(window.stack.image.width() / 2, window.stack.image.height() / 2)
    named = offered(window, at)
    assert "Copy contours from slice 2" in named
    named["Trace LV endocardium here"].trigger()
    assert window.workspace.reading.slices[0].tracks[ENDO].contours[window.player.frame] is not None
    assert window.workspace.history.entries()[-1].summary.startswith("slice 1: LV endocardium")


def test_contours_are_removed_from_a_slice(window):
    window.grid.choose(10)
    window.player.seek(10)
    window.stack.remove_contours((ENDO,), all_phases=False)
    track = window.workspace.reading.slices[10].tracks[ENDO]
    assert track.contours[10] is None
    assert track.contours[9] is not None
    window.stack.remove_contours((ENDO, Structure.LV_EPI), all_phases=True)
    assert not any(window.workspace.reading.slices[10].tracks[ENDO].contours)
    assert window.workspace.history.entries()[-1].summary.startswith("slice 11: LV endocardium removed")


def test_grey_levels_are_dragged_and_saved(window, qtbot):
    before = window.grid.grab().toImage()
    right_drag(window.grid, QPoint(100, 100), QPoint(20, -60))
    chosen = window.stack.levels.window
    assert chosen != EIGHT_BITS
    assert window.grid.grab().toImage() != before
    name = window.workspace.recording.recording_id
    qtbot.waitUntil(lambda: settings.load().grey_windows == {name: chosen})  # a worker writes them
    window.stack.levels.reset()
    assert window.grid.grab().toImage() == before
    qtbot.waitUntil(lambda: settings.load().grey_windows == {})


def test_the_wheel_goes_through_slices_when_enlarged(window, qtbot):
    enlarge(window, qtbot, 4)
    from PySide6.QtGui import QWheelEvent

    def wheel(modifiers):
        at = QPointF(50, 50)
        event = QWheelEvent(
            at, window.stack.image.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(window.stack.image, event)

    wheel(Qt.KeyboardModifier.NoModifier)
    assert window.stack.source.number == 5
    window.player.seek(3)
    wheel(Qt.KeyboardModifier.ShiftModifier)
    assert window.player.frame == 4
    wheel(Qt.KeyboardModifier.ControlModifier)
    assert window.stack.source.number == 5


def test_a_report_of_the_stack_is_written(window, qtbot, tmp_path):
    window.exporting.export(tmp_path / "r.pdf")
    qtbot.waitUntil(lambda: not window.jobs.keys)
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert window.banner.messages == []


def test_display_alternates_between_the_enlarged_heart_and_whole_images(window, qtbot):
    close = window.grid.grab().toImage()
    window.actions_by_name["fit"].trigger()
    assert window.grid.heart is None
    assert window.grid.grab().toImage() != close
    window.actions_by_name["fit"].trigger()
    enlarge(window, qtbot, 5)
    assert window.stack.image.viewport.zoom > 1
    assert window.stack.image.title.startswith("Slice 6   +36.0 mm")


def test_contours_can_be_hidden(window):
    window.player.seek(0)
    shown = window.grid.grab().toImage()
    window.actions_by_name["overlays"].trigger()
    assert window.grid.grab().toImage() != shown


def test_frames_are_decoded_away_from_the_window(open_window, qtbot):
    recording, threads = stacks.stack(), set()

    class Watched(ArrayFrames):
        def __getitem__(self, frame):
            threads.add(threading.current_thread().name)
            return super().__getitem__(frame)

    pixels = np.zeros((20, 96, 96), np.uint8)
    slices = tuple(replace(one, frames=Watched(pixels)) for one in recording.slices)
    window = open_window([replace(recording, slices=slices)])
    window.grid.grab()
    qtbot.waitUntil(lambda: not window.busy)
    assert threads
    assert not any(name == "MainThread" for name in threads)


@pytest.mark.logs_warnings
def test_a_slice_that_cannot_be_decoded_is_reported_once_and_the_others_play(open_window, qtbot):
    recording = stacks.stack()

    class Broken(ArrayFrames):
        def __getitem__(self, frame):
            raise KinecorError("slice 3 is damaged; export it again")

    broken = replace(recording.slices[2], frames=Broken(np.zeros((20, 96, 96), np.uint8)))
    slices = (*recording.slices[:2], broken, *recording.slices[3:])
    window = open_window([replace(recording, slices=slices)])
    window.grid.grab()
    qtbot.waitUntil(lambda: not window.busy)
    assert window.banner.messages.count("slice 3 is damaged; export it again") == 1


def test_an_analysis_is_not_lost_to_a_weight_typed_meanwhile(open_window, qtbot):
    go = threading.Event()

    def slow(recording, reading, tick):
        go.wait(60)
        from tests.ui.conftest import beating

        return beating(recording, reading, tick)

    window = open_window([stacks.stack()], propose=slow, analysed=False)
    qtbot.waitUntil(lambda: window.analysing.busy)
    bar = window.reading.choices
    bar.height_cm.setValue(180)
    bar.height_cm.editingFinished.emit()
    go.set()
    qtbot.waitUntil(lambda: not window.busy)
    assert body(window.workspace.reading).height_cm == 180
    assert value(window, "EF") == "51"


def test_a_press_that_is_let_go_elsewhere_does_nothing(window, qtbot):
    enlarge(window, qtbot, 4)
    before = window.workspace.reading
    image = window.stack.image
    at = QPointF(*image.viewport.to_widget(*wall(before, 4)))
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress, at, image.mapToGlobal(at), Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(image, press)
    window.cancel_drag()
    assert window.workspace.reading is before


def test_the_wheel_sets_the_reach_of_a_drag_and_does_not_leave_the_slice(window, qtbot):
    enlarge(window, qtbot, 4)
    image, before = window.stack.image, window.workspace.reading
    outline = before.slices[4].tracks[Structure.LV_ENDO].contours[0].outline(closed=True)
    start = tuple(outline.place(0.0).tolist())
    end = (start[0] + 4, start[1])
    press(image, start)
    move(image, end, Qt.KeyboardModifier.AltModifier)
    assert image._drag.hints()[1:3] == ("Changes this phase only", "Alt: this phase only · Shift: all phases")
    for modifiers in (Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier):
        at = QPointF(*image.viewport.to_widget(*end))
        turn = QPoint(0, 120 * 30)
        QApplication.sendEvent(
            image,
            QWheelEvent(
                at, image.mapToGlobal(at), QPoint(), turn, LEFT, modifiers, Qt.ScrollPhase.NoScrollPhase, False
            ),
        )
        assert image._drag.hints()[0] == "Drag · the whole contour, wider or narrower · wheel: reach"
        assert (window.grid.selected, window.player.frame) == (4, 0)
    release(image, end, Qt.KeyboardModifier.AltModifier)
    after = window.workspace.saved.slices[4].tracks[Structure.LV_ENDO].contours[0]
    middle = outline.vertices.mean(axis=0)
    was, now = (np.hypot(*(one - middle).T) for one in (outline.points, after.points))
    np.testing.assert_allclose(now - was, 4, atol=0.8)


def test_height_and_weight_are_typed_one_after_the_other(window, qtbot):
    """A click into "Height –" and 180 did nothing, and Tab led past the weight, whose digits were shortcuts then."""
    bar = window.reading.choices
    window.reading.results.folds["Choices"].head.click()
    qtbot.waitUntil(bar.isVisible)
    field = bar.height_cm.lineEdit()
    for _ in range(2):
        qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(30, 8))
    qtbot.keyClicks(QApplication.focusWidget(), "180")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClicks(QApplication.focusWidget(), "80")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    size = body(window.workspace.reading)
    assert (size.height_cm, size.weight_kg) == (180.0, 80.0)


def test_the_right_base_follows_the_left_in_one_step(window):
    start = window.workspace.saved
    window.workspace.do(SetRvBase((1,) * 20), by=None)
    window.player.seek(0)
    window.grid.choose(3)
    window.actions_by_name["base"].trigger()
    chosen = window.workspace.saved.short_axis
    assert (chosen.extent.base[0], chosen.rv_base[0]) == (3, 3)
    assert window.workspace.history.entries()[-1].summary.endswith("; RV basal slice 2–4")
    kept = corrections(window.workspace.saved)
    assert "basal slice of the right ventricle" in kept.words
    assert kept.edit.apply(start, "Dr Grey").short_axis.rv_base == chosen.rv_base
    window.actions_by_name["undo"].trigger()
    chosen = window.workspace.saved.short_axis
    assert (chosen.extent.base[0], chosen.rv_base[0]) == (1, 1)
