"""Short-axis strain in the window, on synthetic walls."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from kinecor.core.strain.drawing import sector
from kinecor.core.strain.short_axis import ShortAxisView
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import message
from kinecor.core.values.recording import ArrayFrames
from kinecor.core.values.track import Structure
from kinecor.session.edits import Decide, OnSlice, SetContours, SetEvents, SetInsertion, SetMotion, SetTrack, Several
from kinecor.ui.app.modes import Mode
from kinecor.ui.strain.page import segment_details
from kinecor.ui.workspace.corrections import corrections
from tests import sax_stacks, stacks
from tests.core.short_axis_walls import SIDE_PX
from tests.core.strain.test_short_axis_loop import FRAMES, loop
from tests.readings import cine
from tests.ui.conftest import Proposal
from tests.ui.mouse import drag, followed, move, press, release
from tests.ui.settled import settle


def proposed(recording, reading, tick):
    """Proposes the contours of `sax_stacks`."""
    wanted = sax_stacks.reading()
    tick(1, 1)
    edits = [
        OnSlice(number, edit)
        for number, one in enumerate(wanted.slices)
        for edit in (*(SetTrack(track) for track in one.tracks.values()), SetMotion(one.motion))
    ]
    insertion = SetInsertion(wanted.short_axis.insertion)
    return Proposal(
        Several(message("analysed by sax-test 1.0"), (*edits, SetEvents(wanted.events), insertion)), sax_stacks.BY
    )


@pytest.fixture
def window(open_window):
    recording = stacks.stack(np.arange(sax_stacks.SLICES) * 10.0, phases=sax_stacks.PHASES)
    pixels = np.zeros((sax_stacks.PHASES, SIDE_PX, SIDE_PX), np.uint8)
    slices = tuple(replace(one, frames=ArrayFrames(pixels), times_s=sax_stacks.TIMES_S) for one in recording.slices)
    window = open_window([replace(recording, slices=slices)], propose=proposed)
    window.actions_by_name["strain"].trigger()
    return window


def at_segment(bullseye, number):
    centre, radius = bullseye._circle()
    dx, dy = sector(number, 16).middle
    return (centre + QPointF(dx * radius, -dy * radius)).toPoint()


def test_the_key_shows_strain_in_place_of_the_wall(window, qtbot):
    page = window.reading
    assert page.strain_page.isVisible()
    assert page.strain_curves.isVisible()
    assert not page.wall_bullseyes.isVisible()
    assert not page.matrix.isVisible()
    assert page.strain_page.whole.text().startswith("GCS  −19.8")
    assert "GRS" in page.strain_page.average.text()
    assert "segments: set by the reader" in page.strain_page.how.text()
    qtbot.keyClick(window, Qt.Key.Key_T)
    page.results.folds["Wall thickness"].head.setChecked(True)
    assert page.wall_bullseyes.isVisible()
    assert not page.strain_page.isVisible()


def test_the_level_of_the_selected_slice_is_shown(window, qtbot):
    page, grid = window.reading, window.grid
    grid.choose(2)
    assert isinstance(page.strain.strain, ShortAxisView)
    assert page.strain.strain.names[1] == "Mid anteroseptal"
    grid.choose(5)
    assert page.strain.strain.numbers == (13, 14, 15, 16)
    assert page.strain_page.boxes.segment_at(QPointF(5, 30)) == 0
    assert page.strain_page.boxes.segment_at(QPointF(5, 200)) is None
    assert len(page.strain_curves.graph.curves) == 5
    qtbot.mouseClick(page.strain_page.bullseye, Qt.MouseButton.LeftButton, pos=at_segment(page.strain_page.bullseye, 2))
    assert grid.selected == 1
    assert page.strain.strain.numbers == (1, 2, 3, 4, 5, 6)


def test_the_eye_shows_sixteen_segments(window):
    bullseye, bar = window.reading.strain_page.bullseye, window.reading.strain_page.bar
    assert bullseye.of == 16
    assert not bar.segments.isVisible()
    assert not bar.drift.isVisible()
    shown = [bar.unit.itemText(at) for at in range(bar.unit.count())]
    assert shown == [
        "at ES",
        "peak",
        "time to peak",
        "radial at ES",
    ]
    assert bullseye.values()[0] < -20
    bullseye.show_as(unit="radial %")
    np.testing.assert_allclose(bullseye.values(), -20, atol=1)
    assert "mid anterior" in bullseye.words(7).lower()
    assert bullseye.grab().toImage() is not None


def test_a_click_on_a_box_leaves_a_segment_out(window, qtbot):
    page = window.reading
    window.grid.choose(2)
    boxes = page.strain_page.boxes
    qtbot.mouseClick(boxes, Qt.MouseButton.LeftButton, pos=boxes.box(3).center().toPoint())
    assert window.workspace.saved.strain.excluded == (9,)
    settle(window)
    assert page.strain.strain.excluded == (3,)
    assert np.isnan(page.strain_page.bullseye.values()[9])
    assert "include it again" in segment_details(page.strain.strain, 3)
    window.workspace.history.undo()
    assert window.workspace.saved.strain.excluded == ()


def test_points_of_the_enlarged_slice_move_with_the_wall(window, qtbot):
    window.grid.choose(3)
    window.stack.set_enlarged(True)
    qtbot.waitUntil(lambda: not window.busy)
    window.player.seek(0)
    qtbot.waitUntil(lambda: not window.busy)
    shown = window.stack.image.grab().toImage()
    window.actions_by_name["points"].trigger()
    assert window.stack.image.grab().toImage() != shown


def test_a_stack_without_motion_says_so(open_window):
    window = open_window([stacks.stack()])
    window.actions_by_name["strain"].trigger()
    assert "motion" in window.reading.strain.why
    assert "motion" in window.reading.strain_page.how.text()


def test_strain_that_a_reader_entered_is_called_so(window):
    window.workspace.do(Decide("GCS", True, -17.5, -19.8, "%"))
    settle(window)
    assert window.reading.strain_page.whole.text() == "GCS  −17.5 % entered"


def test_a_parasternal_loop_has_the_page_of_its_level(open_window, qtbot):
    wanted = loop("PSAX mid")

    def moved(recording, reading, tick):
        edits = (*(SetTrack(track) for track in wanted.tracks.values()), SetMotion(wanted.motion))
        return Proposal(Several(message("carried"), (*edits, SetEvents(wanted.events))), "model:flow@1")

    made = cine(FRAMES)
    window = open_window([replace(made, times_s=wanted.facts.times_s, view="PSAX mid")], propose=moved)
    window.actions_by_name["strain"].trigger()
    page = window.reading.strain_page
    assert page.whole.text().startswith("GCS  −19.")
    assert "one mid-ventricular slice" in page.how.text()
    assert page.bullseye.of == 16
    assert window.reading.strain.strain.names[0] == "Mid anterior"
    assert page.bar.drift.isVisible()
    shown = window.image.grab().toImage()
    window.actions_by_name["points"].trigger()
    assert window.image.grab().toImage() != shown


def test_while_a_contour_is_pulled_the_table_waits_with_strain(window):
    def row(code):
        return next(one for one in window.reading.results.rows if one.code == code)

    window.show_mode(Mode.MEASURE)
    contour = window.workspace.saved.slices[2].tracks[Structure.LV_ENDO].contours[0]
    wider = Contour(contour.points + 0.2 * (contour.points - contour.centroid))
    before = row("GCS"), row("EDV")
    edit = OnSlice(2, SetContours(Structure.LV_ENDO, 0, (wider,)))
    window.workspace.preview(edit)
    followed(window)
    assert row("GCS") == before[0]
    assert row("EDV") != before[1]
    window.workspace.do(edit)
    settle(window)
    assert row("GCS") != before[0]


def test_a_point_of_a_slice_is_dragged_along_its_wall(window, qtbot):
    window.grid.choose(3)
    window.stack.set_enlarged(True)
    window.player.seek(4)
    qtbot.waitUntil(lambda: not window.busy)
    image, model, entries = window.stack.image, window.reading.strain, len(window.workspace.history.entries())
    before = model.strain.points_px.copy()
    start, end = tuple(before[4, 40]), tuple(before[4, 42])
    press(image, start)
    move(image, end)
    assert window.workspace.previewing
    release(image, end)
    (one,) = window.workspace.saved.slices[3].placed_points
    assert (one.frame, one.point) == (4, 40)
    assert [each.placed_points for each in window.workspace.saved.slices].count(()) == sax_stacks.SLICES - 1
    assert len(window.workspace.history.entries()) == entries + 1
    kept = corrections(window.workspace.saved)
    assert kept.words == ("1 point of the wall",)
    assert kept.edit.apply(sax_stacks.reading(), "Dr Grey").slices[3].placed_points == (one,)
    settle(window)
    assert np.hypot(*(model.strain.points_px[4, 40] - end)) < 0.5
    press(image, end)
    move(image, tuple(before[4, 75]))
    release(image, tuple(before[4, 75]))
    assert window.workspace.saved.slices[3].placed_points == (one,)
    assert "would pass each other" in window.banner.words.text()
    window.workspace.history.undo()
    np.testing.assert_array_equal(model.strain.points_px, before)
    window.player.seek(0)
    qtbot.waitUntil(lambda: not window.busy)
    drag(image, tuple(before[0, 40]), tuple(before[0, 42]))
    assert all(each.placed_points == () for each in window.workspace.saved.slices)
    assert "evenly spaced at ED" in window.status.currentMessage()
