"""What a screen reader finds: each control and painted widget has a name, a role, and a value where it shows one.

The names are those of Qt's accessibility tree, which the system's screen reader walks as well.
"""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.modes import Mode
from kinecor.ui.results.cards import HeadlineCard
from kinecor.ui.results.row_list import RowList
from kinecor.ui.style import spoken
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.tiles.grid_view import GridView
from kinecor.ui.tiles.image_view import ImageView
from tests import stacks
from tests.readings import cine

NAME, VALUE = QAccessible.Text.Name, QAccessible.Text.Value


@pytest.fixture(autouse=True)
def listening(themed):
    """A screen reader listens."""
    spoken.install()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def spoken_text(widget: QWidget, kind: QAccessible.Text) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(kind)


def paints_itself(widget: QWidget) -> bool:
    return any("paintEvent" in base.__dict__ for base in type(widget).__mro__ if base.__module__.startswith("kinecor"))


def reached(window: MainWindow) -> Iterator[QWidget]:
    """The visible widgets that a person reads or works with."""
    for widget in window.findChildren(QWidget):
        if widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents):
            continue  # drawn over another widget, which says what it shows
        if widget.isVisible() and (widget.focusPolicy() != Qt.FocusPolicy.NoFocus or paints_itself(widget)):
            yield widget


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("recording", ["echo", "stack"])
def test_every_control_and_painted_widget_has_a_name_and_a_role(open_window, recording: str, mode: Mode) -> None:
    window = open_window([cine()] if recording == "echo" else [stacks.stack()])
    window.choose_mode(mode)
    QApplication.processEvents()
    nameless, roleless = [], []
    for widget in reached(window):
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface.text(NAME):
            nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
        if interface.role() == QAccessible.Role.Client and not isinstance(widget, QAbstractScrollArea):
            roleless.append(type(widget).__name__)
    assert not nameless
    assert not roleless, "list Spoken before the widget's base, and say its role"


def test_start_page_has_names(open_window) -> None:
    window = open_window()
    assert [type(widget).__name__ for widget in reached(window) if not spoken_text(widget, NAME)] == []


def test_values_are_read_with_interval_and_class(open_window) -> None:
    window = open_window([cine()])
    card = window.findChild(HeadlineCard)
    value = window.reading.results.content.headline.row
    assert spoken_text(card, NAME).startswith("EF")
    assert str(value.value) in spoken_text(card, VALUE)
    rows = next(rows for rows in window.findChildren(RowList) if rows.isVisible() and len(rows.rows) > 1)
    whole = spoken_text(rows, VALUE)
    assert all(row.shown_name in whole for row in rows.rows)
    rows.setFocus()
    rows.choose(1)
    assert spoken_text(rows, VALUE).startswith(rows.rows[1].shown_name)
    assert spoken_text(rows, VALUE).endswith(f"2 of {len(rows.rows)}")


def test_an_image_is_read_with_its_event_and_contours(open_window) -> None:
    window = open_window([cine()])
    image = next(image for image in window.findChildren(ImageView) if image.isVisible())
    assert spoken_text(image, NAME).startswith("Image")
    assert spoken_text(image, VALUE).startswith("ED · frame 1/")
    assert "LV endocardium" in spoken_text(image, VALUE)
    window.player.seek(2)
    QApplication.processEvents()
    assert "frame 3/" in spoken_text(image, VALUE)


def test_curves_are_read_at_their_marks_and_at_the_play_head(open_window) -> None:
    window = open_window([cine()])
    value = spoken_text(window.reading.curve.plot, VALUE)
    assert "ED" in value
    assert "ES" in value
    assert "ml" in value


def test_a_stack_is_read_by_slice_and_phase(open_window) -> None:
    window = open_window([stacks.stack()])
    grid = next(grid for grid in window.findChildren(GridView) if grid.isVisible())
    grid.choose(2)
    assert spoken_text(grid, VALUE).startswith("Slice 3 ")
    assert "phase 1 of 20" in spoken_text(grid, VALUE)


def test_a_widget_that_is_gone_leaves_nothing_behind(qtbot) -> None:
    class Painted(Spoken, QWidget):
        def spoken_name(self) -> str:
            return "painted"

    before = len(spoken._interfaces)
    widget = Painted()
    assert spoken_text(widget, NAME) == "painted"
    assert QAccessible.queryAccessibleInterface(widget).role() == QAccessible.Role.Graphic
    widget.deleteLater()
    del widget
    qtbot.waitUntil(lambda: len(spoken._interfaces) == before)
