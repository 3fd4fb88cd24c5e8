import numpy as np
import pytest

from kinecor.core.values.choices import Papillaries
from kinecor.session.edits import SetPapillaries
from tests import stacks


@pytest.fixture
def looked(monkeypatch):
    """Readings that were looked through; every second pixel counts as muscle."""
    seen = []

    def pixels(cine, reading, tick):
        seen.append(reading)
        mask = np.indices((cine.rows, cine.columns)).sum(0) % 2 == 0
        return (mask,) * len(cine)

    monkeypatch.setattr("kinecor.analysis.strategy.muscle_pixels", pixels)
    return seen


def test_pixels_that_count_as_muscle_are_shown_where_they_count(open_window, qtbot, looked):
    window = open_window([stacks.stack()])
    grid, layer = window.grid, window.stack.muscle
    window.player.seek(0)
    qtbot.waitUntil(lambda: not window.busy)
    plain = grid.grab().toImage()
    assert not layer.shown
    assert looked == []
    window.workspace.do(SetPapillaries(Papillaries.MYOCARDIUM))
    qtbot.waitUntil(lambda: layer.shown and not window.busy)
    assert grid.grab().toImage() != plain
    assert len(looked) == len(window.workspace.stack.slices)
    window.stack.set_enlarged(True)
    qtbot.waitUntil(lambda: not window.busy)
    with_pixels = window.stack.image.grab().toImage()
    window.workspace.do(SetPapillaries(Papillaries.CAVITY))
    assert not layer.shown
    assert window.stack.image.grab().toImage() != with_pixels
