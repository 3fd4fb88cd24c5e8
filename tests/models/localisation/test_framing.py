import cv2
import numpy as np
import pytest

from kinecor_models.contract import ClipInput
from kinecor_models.localisation.framing import grey, is_colour_doppler, sector_box


def screen(high: int = 480, wide: int = 640, level: int = 90, frames: int = 6) -> np.ndarray:
    """A speckled sector with its tip at (320, 40) and its arc at depth 360, on a black screen with text and a trace."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:high, 0:wide]
    depth, angle = np.hypot(x - 320, y - 40), abs(np.arctan2(x - 320, y - 40))
    sector = (depth < 360) & (angle < 0.65)
    clip = (rng.rayleigh(level / 2, (frames, high, wide)) * sector).clip(0, 255).astype(np.uint8)
    for image in clip:
        for row, text in enumerate(("HOSPITAL 01 JAN", "MI 0.9", "Gain 55 dB", "P4-2 H4.0")):
            cv2.putText(image, text, (5, 30 + 25 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255,), 1)
        cv2.line(image, (20, 460), (620, 455), (200,), 1)
        image[60:260, 610:622] = np.linspace(255, 0, 200)[:, None]
    return clip


TRUE_BOX = (320 - 360 * np.sin(0.65), 40, 320 + 360 * np.sin(0.65), 400)


@pytest.mark.parametrize("level", [90, 25])
def test_the_sector_is_found_among_text_and_bars(level: int) -> None:
    found = sector_box(ClipInput(screen(level=level)))
    assert found == pytest.approx(TRUE_BOX, abs=22)


def test_a_sector_that_fills_the_image_is_the_image() -> None:
    clip = screen()[:, 40:400, 102:538].copy()
    assert sector_box(ClipInput(clip)) == pytest.approx((0, 0, 436, 360), abs=12)


def test_the_region_of_the_file_bounds_the_search() -> None:
    found = sector_box(ClipInput(screen(), region=(200, 100, 400, 300)))
    assert found == pytest.approx((200, 100, 400, 300), abs=8)


@pytest.mark.parametrize("clip", [np.zeros((3, 80, 90), np.uint8), np.zeros((1, 80, 90, 3), np.uint8)])
def test_a_black_clip_is_shown_whole(clip: np.ndarray) -> None:
    assert sector_box(ClipInput(clip)) == (0, 0, 90, 80)


def colour(clip: np.ndarray) -> np.ndarray:
    return np.repeat(clip[..., None], 3, axis=3)


def test_colour_doppler_is_distinguished_from_grey_and_from_a_tint() -> None:
    plain = colour(screen())
    tinted = (plain * np.array((1.0, 0.9, 0.75))).astype(np.uint8)
    doppler = plain.copy()
    doppler[:, 150:300, 250:400] = (220, 30, 20)
    assert not is_colour_doppler(ClipInput(screen()))
    assert not is_colour_doppler(ClipInput(plain))
    assert not is_colour_doppler(ClipInput(tinted))
    assert is_colour_doppler(ClipInput(doppler))


def test_a_green_trace_and_a_colour_bar_are_no_colour_doppler() -> None:
    clip = colour(screen())
    clip[:, 430:460, 30:600:3] = (0, 255, 0)
    clip[:, 60:260, 590:602] = (255, 0, 0)
    assert not is_colour_doppler(ClipInput(clip))


def test_grey_weighs_colours_as_the_eye_does() -> None:
    image = np.zeros((1, 3, 3), np.uint8)
    image[0] = np.eye(3) * 255
    assert grey(image)[0].tolist() == [76, 150, 29]
