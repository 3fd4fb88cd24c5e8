from pathlib import Path

import cv2
import numpy as np

from kinecor_lab.common.worst import ComparedImage, comparison, outlines, write_worst


def compared(title: str, error: float, column: int) -> ComparedImage:
    mask = np.zeros((100, 120), bool)
    mask[40:60, 50:70] = True
    drawn = np.zeros_like(mask)
    drawn[40:60, column : column + 20] = True
    image = np.full(mask.shape, 60, np.uint8)
    return ComparedImage(title, error, image, outlines(mask), outlines(drawn))


def test_outlines_are_closed_and_in_x_and_y() -> None:
    (line,) = compared("a", 0, 50).expert
    assert line.min(axis=0).tolist() == [50, 40]
    assert line.max(axis=0).tolist() == [69, 59]
    assert line[0].tolist() == line[-1].tolist()


def test_a_picture_shows_both_drawings_around_the_experts() -> None:
    shown = comparison(compared("case", 0, 54), 100)
    assert shown.shape == (100, 100, 3)
    green, yellow = ((shown == colour).all(axis=2) for colour in ((0, 200, 0), (0, 255, 255)))
    assert green.any()
    assert yellow.any()
    # Four pixels further to the right, in an image that is enlarged twice.
    assert np.nonzero(yellow)[1].max() - np.nonzero(green)[1].max() == 8
    assert abs(np.nonzero(green)[1].mean() - 50) < 5


def test_the_worst_come_first_and_no_more_than_wanted(tmp_path: Path) -> None:
    images = [compared("good", 0.1, 50), compared("worst", 0.9, 80), compared("bad", 0.5, 60)]
    files = write_worst(images, 2, tmp_path / "out", 100)
    assert [file.name for file in files] == ["worst-01.png", "worst-02.png"]
    assert np.array_equal(cv2.imread(str(files[0])), comparison(images[1], 100))
