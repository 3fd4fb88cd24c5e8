"""The pixel under the mouse and its distance from the last click."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.message import message
from kinecor.core.values.recording import Region
from kinecor.ui.tiles.readout import distance_words, value_words
from tests.ui.mouse import press, release, send

SCALE = Calibration(0.5, 0.25, message("test"))


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.full((4, 5), 87, np.uint8), "value 87"),
        (np.full((4, 5), 1234, np.uint16), "value 1234"),
        (np.full((4, 5, 3), 40, np.uint8), "value 40"),
        (np.broadcast_to(np.array([1, 2, 3], np.uint8), (4, 5, 3)), "R 1  G 2  B 3"),
    ],
)
def test_the_value_in_the_files_own_numbers(pixels, words):
    assert value_words(pixels, (4.4, 2.6)) == words
    assert value_words(pixels, (4.6, 2.0)) == ""
    assert value_words(pixels, (2.0, -0.6)) == ""


def test_a_distance_needs_a_scale_and_both_places_inside_what_it_is_for():
    assert distance_words((40, 0), (0, 15), SCALE, None) == "12.5 mm from the last click"
    assert distance_words((40, 0), None, SCALE, None) == ""
    assert distance_words((40, 0), (0, 15), None, None) == ""
    region = Region(0, 0, 41, 20)
    assert distance_words((40, 0), (0, 15), SCALE, region) == "12.5 mm from the last click"
    assert distance_words((41, 0), (0, 15), SCALE, region) == ""


def test_it_is_said_where_the_mouse_rests_on_the_image(window, qtbot):
    image, readout = window.image, window.reading.board.readout
    press(image, (10, 10))
    release(image, (10, 10))
    send(image, QEvent.Type.MouseMove, (20, 10), held=Qt.MouseButton.NoButton)
    scale = window.workspace.reading.calibration
    value = window.workspace.cine.frames[image.frame][10, 20]
    assert readout.words() == f"value {value}   {10 * scale.col_mm:.1f} mm from the last click"
    assert readout.rest.isActive()
    moving = image.grab().toImage()
    qtbot.waitUntil(lambda: not readout.rest.isActive())
    assert image.grab().toImage() != moving
    send(image, QEvent.Type.MouseMove, (21, 10), held=Qt.MouseButton.NoButton)
    assert readout.rest.isActive()
    QApplication.sendEvent(image, QEvent(QEvent.Type.Leave))
    assert not readout.rest.isActive()
    assert readout.words() == ""
