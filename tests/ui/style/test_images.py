import numpy as np
import pytest

from kinecor.ui.style.theme import shrunk, to_qimage


def test_pixels_of_grey_and_colour_are_preserved():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    shown = to_qimage(grey)
    assert (shown.width(), shown.height()) == (4, 3)
    assert shown.pixelColor(2, 1).getRgb()[:3] == (120, 120, 120)
    colour = np.zeros((2, 5, 3), np.uint8)
    colour[1, 3] = (10, 200, 30)
    assert to_qimage(colour).pixelColor(3, 1).getRgb()[:3] == (10, 200, 30)


def test_the_image_outlives_its_array():
    frame = np.full((4, 4), 90, np.uint8)
    shown = to_qimage(frame)
    frame[:] = 0
    assert shown.pixelColor(0, 0).red() == 90


def test_a_part_of_a_larger_array_is_drawn_right():
    whole = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert to_qimage(whole[2:5, 3:7]).pixelColor(1, 1).red() == whole[3, 4]


@pytest.mark.parametrize("shape", [(300, 400), (300, 400, 3), (301, 97), (5, 3)])
def test_shrunk_is_small_and_preserves_the_mean(shape):
    frame = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    small = shrunk(frame, 100)
    assert max(small.shape[:2]) <= 100
    assert small.ndim == frame.ndim
    assert small.mean() == pytest.approx(frame.mean(), abs=6)
