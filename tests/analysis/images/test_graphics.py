"""Graphics that were burnt into the images, and what is none."""

import cv2
import numpy as np

from kinecor.analysis.images.graphics import MAX_POINTS, drawn_pixels
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import Region

WHOLE = Region(0, 0, 200, 200)


def images(*, line: bool = False, frames: int = 7) -> list[BytesArray]:
    """Speckle that changes, with a still bright patch of tissue, and a line over it."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(frames):
        image = rng.integers(0, 120, (200, 200), np.uint8)
        # A side of the sector that is bright, next to black, and tissue that is.
        image[:, :10], image[:, 10:14] = 0, 250
        image[30:60, 60:160] = cv2.GaussianBlur(np.full((30, 100), 250, np.uint8), (0, 0), 2)
        if line:
            cv2.line(image, (60, 90), (60, 170), (255,), 1)
        found.append(image)
    return found


def test_a_still_thin_line_is_found_where_it_is() -> None:
    found = np.array(drawn_pixels(images(line=True), Region(0, 70, 200, 200)))
    assert len(found) == 81
    assert set(found[:, 0]) == {60}
    assert (found[:, 1].min(), found[:, 1].max()) == (90, 170)


def test_compression_changes_it_little() -> None:
    stored = [cv2.imencode(".jpg", one, [cv2.IMWRITE_JPEG_QUALITY, 60])[1] for one in images(line=True)]
    lossy = [np.asarray(cv2.imdecode(one, cv2.IMREAD_GRAYSCALE), np.uint8) for one in stored]
    assert len(drawn_pixels(lossy, WHOLE)) > 60


def test_speckle_and_bright_tissue_are_none() -> None:
    assert not [xy for xy in drawn_pixels(images(), WHOLE) if 70 <= xy[0] < 150 and 36 <= xy[1] < 54]
    assert drawn_pixels(images(), Region(0, 70, 200, 200)) == ()


def test_outside_of_what_moves_and_of_few_frames_nothing_is_said() -> None:
    assert drawn_pixels(images(line=True), Region(100, 70, 200, 200)) == ()
    assert drawn_pixels(images(line=True, frames=3), WHOLE) == ()
    assert drawn_pixels(images(line=True), None) == ()


def test_of_many_points_some_are_kept() -> None:
    many = images()
    for image in many:
        image[100:, ::12] = 255
        image[100::12] = 255
    found = drawn_pixels(many, WHOLE)
    assert MAX_POINTS / 2 <= len(found) <= MAX_POINTS
