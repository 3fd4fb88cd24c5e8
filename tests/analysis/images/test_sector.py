"""The shape of pixels by the shape of a drawn sector."""

import cv2
import numpy as np
import pytest

from kinecor.analysis.images.sector import sector_aspect
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import Region


def sector(aspect: float = 1.0, half_deg: float = 38.0, begins: float = 12.0, ends: float = 190.0) -> BytesArray:
    """A speckled sector; pixels are `aspect` times as high as wide."""
    columns, rows = np.meshgrid(np.arange(300), np.arange(round(220 / aspect)))
    across, down = columns - 150.0, (rows + 0.5) * aspect - 8.0
    depth, angle = np.hypot(across, down), np.degrees(np.arctan2(across, down))
    inside = (depth > begins) & (depth < ends) & (np.abs(angle) < half_deg)
    speckle = np.random.default_rng(4).integers(20, 200, inside.shape)
    return np.where(inside, speckle, 0).astype(np.uint8)


@pytest.mark.parametrize("aspect", [0.7, 0.9, 1.0, 1.3])
@pytest.mark.parametrize("half_deg", [30.0, 42.0])
def test_the_shape_of_a_pixel_follows_from_that_of_the_sector(aspect: float, half_deg: float) -> None:
    assert sector_aspect([sector(aspect, half_deg)]) == pytest.approx(aspect, rel=0.02)


def test_a_curved_probe_and_text_beside_the_sector_do_not_matter() -> None:
    image = sector(1.2, begins=60.0)
    cv2.putText(image, "17 cm 61/min", (4, 20), cv2.FONT_HERSHEY_PLAIN, 1.0, 255)
    assert sector_aspect([image]) == pytest.approx(1.2, rel=0.02)


def test_noise_in_the_black_around_it_does_not_matter() -> None:
    noise = np.random.default_rng(1).integers(0, 7, sector().shape, np.uint8)
    assert sector_aspect([cv2.add(sector(), noise)]) == pytest.approx(1.0, rel=0.02)


def test_a_region_leaves_out_what_is_beside_it() -> None:
    image = cv2.copyMakeBorder(sector(), 0, 0, 0, 200, cv2.BORDER_CONSTANT, value=(180,))
    assert sector_aspect([image], Region(0, 0, 300, 220)) == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize("cut", ["lower end", "left side", "most"])
def test_a_sector_that_is_cut_off_shows_nothing(cut: str) -> None:
    image = sector()
    if cut == "lower end":
        image = image[:120]
    elif cut == "left side":
        image[:, :110] = 0
    else:
        image[:] = np.where(np.random.default_rng(2).random(image.shape) < 0.02, image, 0)
    assert sector_aspect([image]) is None


def test_a_rectangle_and_no_image_show_nothing() -> None:
    assert sector_aspect([np.full((200, 300), 90, np.uint8)]) is None
    assert sector_aspect([np.zeros((20, 30), np.uint8)]) is None
    assert sector_aspect([]) is None
