"""The grey window, dragged and remembered."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from kinecor.core.values.recording import Depth, GreyWindow, window_between
from kinecor.ui.app import settings
from kinecor.ui.tiles.menus import EIGHT_BITS, LevelDrag, dragged
from kinecor.ui.workspace.workspace import Workspace
from tests import stacks
from tests.readings import cine
from tests.ui.tiles.test_stack_widgets import right_drag

OPENED, FULL = GreyWindow(500, 900), window_between(0.0, 4000.0)
RAMP = np.arange(4001, dtype=np.uint16)[None]


class Values:
    """Real values of a loop: what its 8 bits show, times 16."""

    def __init__(self, frames):
        self._frames = frames

    def __len__(self):
        return len(self._frames)

    def __getitem__(self, frame):
        return self._frames[frame].astype(np.uint16) * 16


def deep(one, *, inverted=False):
    automatic = window_between(0.0, 255.0 * 16)
    return replace(one, depth=Depth(Values(one.frames), OPENED, automatic, FULL, inverted))


def deep_stack(**how):
    whole = stacks.stack()
    return replace(whole, slices=tuple(deep(one, **how) for one in whole.slices))


@pytest.fixture
def workspace(qapp):
    made = Workspace("Dr Grey")
    yield made
    made.close()


def watched(workspace, qtbot, saved=None):
    levels, widget = LevelDrag(workspace, saved), QWidget()
    qtbot.addWidget(widget)
    levels.watch(widget)
    return levels, widget


def test_a_recording_opens_by_the_file_s_window(workspace, qtbot):
    levels, _ = watched(workspace, qtbot)
    workspace.open((deep_stack(), cine()))
    assert levels.window == levels.opened == OPENED
    assert levels.words == ""
    assert np.array_equal(levels.applied(RAMP), OPENED.grey(RAMP))
    workspace.show(1)
    assert levels.window == EIGHT_BITS
    pixels = np.arange(256, dtype=np.uint8)[None]
    assert levels.applied(pixels) is pixels
    colour = np.zeros((2, 2, 3), np.uint8)
    assert levels.applied(colour) is colour


def test_low_values_may_be_bright(workspace, qtbot):
    levels, _ = watched(workspace, qtbot)
    workspace.open((deep_stack(inverted=True),))
    assert np.array_equal(levels.applied(RAMP), 255 - OPENED.grey(RAMP))


def test_a_drag_goes_by_the_values_there_are_and_stays_within(workspace, qtbot):
    levels, widget = watched(workspace, qtbot)
    workspace.open((deep_stack(),))
    reported = []
    levels.settled.connect(lambda *one: reported.append(one))
    right_drag(widget, QPoint(50, 50), QPoint(40, -20))
    assert levels.window.width > OPENED.width
    assert levels.window.centre > OPENED.centre
    assert [one for _, one in reported] == [levels.window]
    assert levels.words.startswith("L ")
    for far in ((9999, -9999), (-9999, 9999)):
        assert 0 <= dragged(OPENED, *far, FULL).centre <= 4000
        assert 1 <= dragged(OPENED, *far, FULL).width <= 16000
    levels.reset()
    assert levels.window == OPENED
    assert reported[-1][1] is None


def test_a_right_click_asks_for_a_menu_and_changes_nothing(workspace, qtbot):
    levels, widget = watched(workspace, qtbot)
    workspace.open((deep_stack(),))
    clicks, changes = [], []
    levels.clicked.connect(lambda *args: clicks.append(args))
    levels.changed.connect(lambda: changes.append(levels.window))
    right_drag(widget, QPoint(5, 5), QPoint(1, 0))
    assert len(clicks) == 1
    assert changes == []


def test_the_menu_offers_the_file_s_the_images_and_all_values(workspace, qtbot):
    levels, widget = watched(workspace, qtbot)
    workspace.open((deep_stack(), cine()))
    menu = QMenu(widget)
    levels.add_to(menu)
    offered = {action.text(): action for action in menu.actions()}
    offered["Grey window: full range"].trigger()
    assert levels.window == FULL
    offered["Grey window: automatic"].trigger()
    assert levels.window == levels.automatic
    offered["Grey window: reset"].trigger()
    assert levels.window == OPENED
    workspace.show(1)
    plain = QMenu(widget)
    levels.add_to(plain)
    assert [action.text() for action in plain.actions()] == ["Grey window: reset"]


def test_a_window_is_remembered_for_its_recording(open_window, qtbot):
    window = open_window([deep_stack()])
    before = window.grid.grab().toImage()
    right_drag(window.grid, QPoint(100, 100), QPoint(60, 40))
    assert window.grid.grab().toImage() != before
    chosen = window.reading.levels.window
    entries = len(window.workspace.history.entries())
    name = window.workspace.recording.recording_id
    qtbot.waitUntil(lambda: settings.load().grey_windows == {name: chosen})  # a worker writes them
    window.close()
    saved = settings.load()
    again = Workspace("Dr Grey")
    levels = LevelDrag(again, saved.grey_windows)
    again.open((deep_stack(),))
    assert levels.window == chosen
    assert len(again.history.entries()) == entries
    again.close()


def test_a_loop_of_many_bits_is_looked_at_by_its_window(open_window):
    one = cine()
    window = open_window([deep(replace(one, source=replace(one.source, modality="MR")))], analysed=False)
    before = window.image.grab().toImage()
    window.reading.levels.choose(FULL)
    assert window.image.grab().toImage() != before
    assert window.image.title == window.reading.levels.words


def test_contrast_gamma_and_black_for_white_are_chosen_by_key_and_reset(workspace, qtbot):
    workspace.open((cine(),))
    levels, _ = watched(workspace, qtbot)
    assert levels.words == ""
    levels.scale_width(0.5)
    levels.scale_gamma(1.2)
    levels.invert()
    assert levels.words == "L 128  W 128  gamma 1.2  inverted"
    for _ in range(40):
        levels.scale_gamma(1.2)
        levels.scale_width(0.5)
    assert levels.window.gamma == 2.5
    assert levels.window.width >= 1 / 256
    grey, colour = np.array([[0, 100, 255]], np.uint8), np.full((1, 3, 3), 100, np.uint8)
    assert levels.applied(grey)[0, 0] == 255
    assert (levels.applied(colour) > 100).all()  # of colours only the mid-tones follow
    levels.reset()
    assert levels.words == ""
    assert levels.applied(grey) is grey


def test_they_are_remembered_and_older_settings_are_read():
    chosen = settings.Settings(grey_windows={"1.2": replace(OPENED, gamma=1.3, negative=True)})
    settings.save(chosen)
    assert settings.load().grey_windows == chosen.grey_windows
    older = (
        settings.place()
        .read_text(encoding="utf-8")
        .replace('"gamma": 1.3,', "")
        .replace('"negative": true', '"curve": "LINEAR"')
    )
    settings.place().write_text(older, encoding="utf-8")
    assert settings.load().grey_windows["1.2"] == OPENED
