import numpy as np
import pytest

from kinecor_lab.realism.sector import Sector, beams, find_sector, lit_hull
from tests.lab.realism.drawn_images import HIGH, SECTOR, WIDE, echo


def test_the_sector_of_a_drawn_image_is_found() -> None:
    found = find_sector(echo().image)
    assert found is not None
    assert found.apex_px == pytest.approx(SECTOR.apex_px, abs=2)
    assert np.degrees((found.from_rad, found.to_rad)) == pytest.approx((-36, 36), abs=0.7)
    assert found.far_px == pytest.approx(SECTOR.far_px, abs=2)


@pytest.mark.parametrize("opening_deg", [45, 75, 100, 120])
def test_narrow_and_wide_sectors_are_found_where_they_touch_the_border(opening_deg: float) -> None:
    half = np.radians(opening_deg / 2)
    drawn = Sector((150.0, 0.0), -half, half, 0.0, 190.0)
    found = find_sector(np.where(drawn.mask((190, 300)), 90, 0).astype(np.uint8))
    assert found is not None
    assert found.to_rad - found.from_rad == pytest.approx(2 * half, abs=0.03)


def test_graphics_outside_the_sector_are_ignored() -> None:
    image = echo().image.copy()
    image[20:200, 5:7] = 255
    image[10:30, 250:290] = 255
    assert lit_hull(image).sum() == pytest.approx(lit_hull(echo().image).sum(), rel=0.01)


def test_what_is_no_sector_gives_none() -> None:
    assert find_sector(np.zeros((200, 200), np.uint8)) is None
    assert find_sector(np.full((200, 200), 90, np.uint8)) is None


def test_beam_space_turns_depth_into_rows() -> None:
    radius, _ = SECTOR.polar((HIGH, WIDE))
    space = beams(radius, SECTOR)
    inner = space.grey[10:-10, 10:-10]
    assert np.abs(inner - space.radius_px[10:-10, None]).max() < 0.3
    assert space.step_px == pytest.approx(np.diff(space.radius_px).mean())
