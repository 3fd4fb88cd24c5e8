"""The parts of a stack's page on their own."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from kinecor.core.values.choices import Extent, Papillaries
from kinecor.core.volumes.segments import NAMES
from kinecor.ui.strain.bullseye_view import WallBullseyes
from kinecor.ui.tiles.grid_view import columns_for
from kinecor.ui.tiles.stack_view import extent_words, insertion_at
from kinecor.ui.workspace.changes import Change
from kinecor.ui.workspace.workspace import Workspace
from tests import stacks


def right_drag(widget, start, by):
    """A drag with the right button from a QPoint."""
    for kind, at, held in (
        (QEvent.Type.MouseButtonPress, start, Qt.MouseButton.RightButton),
        (QEvent.Type.MouseMove, start + by, Qt.MouseButton.RightButton),
        (QEvent.Type.MouseButtonRelease, start + by, Qt.MouseButton.NoButton),
    ):
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.RightButton
        place = QPointF(at)
        event = QMouseEvent(kind, place, widget.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [(1, 900, 600, 1), (4, 600, 600, 2), (3, 900, 300, 3), (3, 300, 900, 1), (12, 1200, 900, 4)],
)
def test_as_many_columns_as_give_the_largest_images(count, width, height, columns):
    assert columns_for(count, width, height, 1.0) == columns


@pytest.fixture
def workspace(qapp):
    made = Workspace("Dr Grey")
    made.open((stacks.stack(),))
    yield made
    made.close()


def test_the_bulls_eye_names_what_is_under_the_mouse(qtbot, workspace):
    view = WallBullseyes(workspace)
    qtbot.addWidget(view)
    view.resize(600, 220)
    view.show_change(Change(None, stacks.read(stacks.stack())))
    (x, y), radius = view._circle(1)[0].toTuple(), view._circle(1)[1]
    place, segment = view.segment_at(QPointF(x, y - 0.9 * radius))
    assert (place, NAMES[segment - 1]) == (1, "basal anterior")
    assert NAMES[view.segment_at(QPointF(x - 0.4 * radius, y))[1] - 1] == "apical septal"
    assert view.segment_at(QPointF(0, 0)) is None
    assert view.foot.splitlines()[1] == "papillaries in cavity"
    in_wall = stacks.read(stacks.stack()).short_axis
    view.show_change(
        Change(None, stacks.read(stacks.stack()).with_(short_axis=replace(in_wall, papillaries=Papillaries.MYOCARDIUM)))
    )
    assert view.foot.splitlines()[1] == "papillaries in myocardium"
    image = QImage(600, 220, QImage.Format.Format_RGB32)
    view.render(image)
    view.show_change(Change(None, None))
    assert view.bullseye is None
    view.render(image)


def test_in_a_narrow_panel_the_bulls_eyes_take_two_rows_and_the_foot_as_many_lines_as_it_needs(qtbot, workspace):
    view = WallBullseyes(workspace)
    qtbot.addWidget(view)
    view.show_change(Change(None, stacks.read(stacks.stack())))
    view.show()
    heights = []
    for wide in (600, 290):
        view.resize(wide, 100)
        view.resize(wide, view.minimumHeight())
        centres = [view._circle(place)[0] for place in range(3)]
        assert all(one.x() - view._circle(0)[1] >= 4 for one in centres)
        assert all(one.y() + view._circle(0)[1] <= view.height() - view._foot_px for one in centres)
        assert len({round(one.y()) for one in centres}) == (1 if wide == 600 else 2)
        heights.append(view._foot_px)
        assert view._circle(0)[1] >= 60
    assert heights[1] > heights[0]


def test_the_bar_says_which_slices_count():
    reading = stacks.read(stacks.stack())
    assert extent_words(reading, 3).startswith("Basal/apical slice: automatic")
    chosen = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (9,) * 20))
    assert extent_words(chosen, 3) == "Phase 4: base slice 2, apex slice 10"


def test_an_insertion_is_seen_from_the_cavity():
    reading = stacks.read(stacks.stack())
    x, y = stacks.CENTRE_PX
    assert insertion_at(reading, 4, 0, (x, y - 20)).angle_deg == pytest.approx(90)
    assert insertion_at(reading, 4, 0, (x - 20, y)).angle_deg == pytest.approx(180)
    assert insertion_at(reading, 0, 0, (x, y)) is None
    assert insertion_at(None, 0, 0, (x, y)) is None
