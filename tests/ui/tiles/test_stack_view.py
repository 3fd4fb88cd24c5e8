import numpy as np
import pytest

from kinecor.core.values.choices import Papillaries
from kinecor.session.edits import SetPapillaries
from kinecor.ui.tiles.picture import header_words
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


def test_an_enlarged_slice_gives_no_time_that_contradicts_the_phase_below_it(open_window):
    window = open_window([stacks.stack()])
    window.stack.set_enlarged(True)
    assert header_words(window.stack.source.reading, 4).endswith(f"phase 5/{window.player.frames}")
    assert " ms" in header_words(window.workspace.saved, 4)


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


def test_an_enlarged_slice_that_is_painted_before_it_is_decoded_shows_its_image_and_no_contours_before(
    open_window, qtbot
):
    window = open_window([stacks.stack()])
    window.player.pause()
    window.player.seek(0)
    image = window.stack.image
    window.stack.set_enlarged(True)
    qtbot.waitUntil(lambda: not window.busy)
    other = window.grid.selected + 1
    drawn = []
    image.underlay = lambda _painter, frame, _viewport: drawn.append(frame)
    window.grid.choose(other)
    assert image.pixels is None
    image.grab()
    assert drawn == []
    qtbot.waitUntil(lambda: not window.busy)
    shown = image.grab().toImage()
    assert set(drawn) == {0}
    image.redraw()
    assert image.grab().toImage() == shown
