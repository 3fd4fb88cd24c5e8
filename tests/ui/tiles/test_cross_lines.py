from dataclasses import replace

import pytest
from PySide6.QtGui import QImage, QPainter

from kinecor.core.table.measures import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, Plane
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import OnSlice, SetContours, SetEvents, SetExtent, SetTrack
from kinecor.ui.tiles.cross_lines import base_words, draw_lines, slice_lines, trace_edit
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


def test_slices_are_lines_on_the_long_axis_of_their_study(workspace):
    assert slice_lines(workspace, 0) == []
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


def test_another_study_draws_nothing(workspace, qapp):
    other = replace(workspace.recordings[1], source=replace(workspace.recordings[1].source, study_id="9"))
    workspace.open((workspace.recordings[0], other))
    workspace.show(1)
    assert slice_lines(workspace, 0) == []


def test_they_are_drawn(workspace):
    workspace.show(1)
    image = QImage(200, 150, QImage.Format.Format_RGB32)
    image.fill(0)
    empty = image.copy()
    painter = QPainter(image)
    draw_lines(painter, slice_lines(workspace, 0), Viewport.fitted(128, 96, 200, 150))
    painter.end()
    assert image != empty
