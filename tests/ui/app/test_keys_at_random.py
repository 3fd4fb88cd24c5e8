"""Random keys and clicks in the window: nothing fails, and undo leads back to where it began."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from kinecor.core.values.track import Structure
from kinecor.ui.app.actions import ACTIONS
from kinecor.ui.results import panel
from kinecor.ui.tiles import callipers
from tests import stacks
from tests.readings import cine
from tests.ui.mouse import drag

ASKING = {
    "preferences", "save_layout", "analyse", "networks", "patient", "sign", "addendum", "join", "stress", "prior",
    "prior_folder", "undo", "redo",
}  # fmt: skip
"""Actions that open a dialog, or step back themselves."""
OF_ACTIONS = [
    key
    for one in ACTIONS
    if one.menu not in ("File", "Help") and one.name not in ASKING and one.name != "full"
    for key in one.keys
]
OTHERS = ("Escape", "Delete", "Return", "Tab", "Shift+Tab", "F2", "Backspace", "PgUp", "PgDown", "Left", "Right", "Up")
STEPS = 60


@pytest.fixture(params=["loop", "stack"])
def window(request, open_window, monkeypatch):
    for name in ("getText", "getMultiLineText"):
        monkeypatch.setattr(QInputDialog, name, lambda *_, **__: ("", False))
    for module in (callipers, panel):
        monkeypatch.setattr(module, "ask_number", lambda *_, **__: (52.0, True))
    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    shown = open_window([cine() if request.param == "loop" else stacks.stack()])
    shown.reading.callipers.ask_mm = lambda: 40.0
    shown.reading.callipers.ask = lambda: "Here"
    shown.activateWindow()
    putting_away = QTimer(shown)
    putting_away.timeout.connect(lambda: put_away(shown))
    putting_away.start(10)  # also while a menu or a dialog waits for a choice
    return shown


def put_away(window):
    """Close the menu or dialog that is open; of the names of a calliper the first is chosen."""
    popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
    if popup is not None:
        popup.close()
    if popup is not None and popup is window.reading.callipers.names:
        popup.actions()[0].trigger()
    if dialog is not None:
        dialog.close()


def settle(window):
    deadline = time.monotonic() + 60
    QCoreApplication.processEvents()
    while (window.propagator.busy or window.busy or QApplication.activePopupWidget()) and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.002)


def press(window, key):
    """A key, to what has the focus."""
    pressed = QKeySequence(key)[0]
    widget = QApplication.focusWidget() or window
    QTest.keyClick(widget, pressed.key(), pressed.keyboardModifiers())


def click(window, rng):
    """A press and release somewhere in the window, a double click, or a press of the right button."""
    at = QPoint(int(rng.integers(window.width())), int(rng.integers(window.height())))
    found = window.childAt(at)
    if found is None:
        return
    kind = rng.uniform()
    press = QTest.mouseDClick if kind < 0.1 else QTest.mouseClick
    button = Qt.MouseButton.RightButton if kind > 0.8 else Qt.MouseButton.LeftButton
    press(found, button, Qt.KeyboardModifier.NoModifier, found.mapFrom(window, at))


def pull(window, rng):
    """A drag of a contour."""
    stack = window.stack
    image, reading = window.image, window.workspace.reading
    if stack.isVisible():
        image, reading = stack.image, stack.source.reading
    track = reading.tracks.get(Structure.LV_ENDO) if reading is not None else None
    contour = track.contours[image.frame] if track is not None else None
    if contour is None or not image.isVisible():
        return
    place = contour.points[rng.integers(len(contour.points))]
    drag(image, tuple(place), tuple(place + rng.normal(0, 4, 2)))


def state(window):
    """What undo has to bring back: contours, marks and choices, and every number of the results."""
    saved = window.workspace.saved
    parts = [
        [None if one is None else one.points.tobytes() for one in track.contours]
        for part in (saved, *saved.slices)
        for track in part.tracks.values()
    ]
    marks = (saved.events, saved.valve_closures, saved.valve_openings, saved.calibration, saved.view, saved.short_axis)
    chosen = (saved.callipers, saved.decisions, saved.strain, saved.beats, saved.notes, saved.withheld)
    numbers = [(one.code, one.value) for one in window.reading.results.rows]
    return parts, marks, chosen, numbers


@pytest.mark.parametrize("seed", range(2))
def test_keys_and_clicks_at_random_can_be_undone(window, seed):
    rng, before = np.random.default_rng(seed), state(window)
    done = []
    for _ in range(STEPS):
        kind = rng.uniform()
        if kind < 0.5:
            done.append(str(rng.choice(OF_ACTIONS)))
            press(window, done[-1])
        elif kind < 0.65:
            done.append(str(rng.choice(OTHERS)))
            press(window, done[-1])
        elif kind < 0.85:
            done.append("click")
            click(window, rng)
        else:
            done.append("drag")
            pull(window, rng)
        settle(window)
    press(window, "Escape")
    window.actions_by_name["measure"].trigger()
    edits = len(window.workspace.history.entries())
    while window.workspace.history.can_undo:
        window.workspace.history.undo()
    settle(window)
    assert state(window) == before, done
    assert edits > 2, done
