from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from kinecor.core.table.measures import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, Plane
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import OnSlice, SetContours, SetEvents, SetExtent, SetTrack
from kinecor.ui.tiles.cross_lines import base_words, draw_lines, heart_on, line_at, lines_on, trace_edit
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.workspace import Workspace
from tests import stacks
from tests.readings import cine

# Along the heart: rows run from base to apex, down the body.
LONG = Plane((40.0, 72.0, 20.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


@pytest.fixture
def workspace(qapp):
    made = Workspace("Dr Grey")
    stack = stacks.stack()
    loop = cine(20)
    long_axis = replace(loop, plane=LONG, source=replace(loop.source, modality="MR", study_id="1.2.3"))
    made.open((stack, long_axis))
    made.do(SetExtent(Extent((1,) * 10 + (2,) * 10, (10,) * 20)))
    yield made
    made.close()


def slice_lines(workspace, phase):
    stack, loop = workspace.opened.recordings
    return lines_on(loop, stack, workspace.opened.saved_reading(stack), phase)


def test_slices_are_lines_on_the_long_axis_of_their_study(workspace):
    workspace.show(1)
    lines = slice_lines(workspace, 0)
    scale = workspace.cine.calibration
    for one in lines:
        # Slice n is at -place on the third axis, and the image's first row at 20.
        expected = (20 + stacks.positions()[one.number]) / scale.row_mm
        assert (one.line.y0, one.line.y1) == pytest.approx((expected, expected))
    assert [one.number for one in lines if one.mark] == [1]
    assert [one.number for one in slice_lines(workspace, 19) if one.mark == "base"] == [2]


def test_a_long_axis_is_outlined_from_the_stack_and_then_decides_the_base(workspace):
    for number, one in enumerate(stacks.read(stacks.stack()).slices):
        for track in one.tracks.values():
            workspace.do(OnSlice(number, SetTrack(track)))
    workspace.do(SetEvents(CardiacEvents((Beat(0, 10),), Origin.MODEL)))
    assert base_words(workspace, 0) == ""
    workspace.show(1)
    edit = trace_edit(workspace)
    assert workspace.do(edit)
    reading = workspace.reading
    assert reading.authors["tracks/lv_endo"] == "Dr Grey"
    assert [(beat.ed, beat.es) for beat in reading.events.beats] == [(0, 10)]
    assert {row.code: row.status for row in measurements(reading)}["EF"] is Status.EDITED
    workspace.show(0)
    assert base_words(workspace, 0) == ""  # it ends at the stack's own base: no second opinion until it was moved
    workspace.show(1)
    contour = workspace.reading.tracks[Structure.LV_ENDO].contours[0]
    points = contour.points.copy()
    points[[0, -1], 1] += 8 / workspace.cine.calibration.row_mm
    workspace.do(SetContours(Structure.LV_ENDO, 0, (Contour(points),)))
    workspace.show(0)
    assert base_words(workspace, 0) == "base expected: slice 3 on clip"


def test_the_nearest_line_is_found_and_the_picture_begins_with_the_heart(workspace):
    stack, loop = workspace.opened.recordings
    viewport = Viewport.fitted(128, 96, 512, 384)
    lines = slice_lines(workspace, 0)
    at = QPointF(*viewport.to_widget(60, lines[4].line.y0 + 0.5))
    assert line_at(lines, viewport, at, 5.0).number == lines[4].number
    assert line_at(lines, viewport, QPointF(0, -50), 5.0) is None
    found = heart_on(loop, stack, None)
    scale = loop.calibration
    assert found.y == pytest.approx((20 + stacks.positions()[[0, -1]].mean()) / scale.row_mm)
    assert found.side_px == pytest.approx(130 / scale.col_mm)
    assert heart_on(replace(loop, plane=None), stack, None) is None


def test_they_are_drawn(workspace):
    workspace.show(1)
    image = QImage(200, 150, QImage.Format.Format_RGB32)
    image.fill(0)
    empty = image.copy()
    painter = QPainter(image)
    draw_lines(painter, slice_lines(workspace, 0), Viewport.fitted(128, 96, 200, 150))
    painter.end()
    assert image != empty


def test_numbers_move_along_their_lines_away_from_what_is_drawn_there(workspace):
    workspace.show(1)
    whole = QRectF(0, 0, 400, 300)
    shown = [drawn(workspace, occupied) for occupied in ((), (whole,), (QRectF(0, 0, 90, 300),))]
    left = QRect(0, 0, 90, 300)
    assert shown[0] != shown[1], "no number where there is no room"
    assert shown[2].copy(left) == shown[1].copy(left)
    assert shown[2] != shown[1], "base and apex stand farther along"


def drawn(workspace, occupied):
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    draw_lines(painter, slice_lines(workspace, 0), Viewport.fitted(128, 96, 400, 300), None, occupied)
    painter.end()
    return image
