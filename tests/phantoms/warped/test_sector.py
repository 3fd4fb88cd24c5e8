import numpy as np

from kinecor_phantoms.warped.sector import sector, widen_image
from tests.models.warped_fields import apical


def _fan() -> np.ndarray:
    y, x = np.mgrid[:150, :130]
    return (abs(x - 65) < 0.75 * (y + 8)) & (np.hypot(x - 65, y + 8) < 152)


def test_the_sector_is_found_although_parts_of_it_are_dark() -> None:
    image = apical(0.0).image.copy()
    image[60:110, 50:80] = 0
    found = sector(image)
    assert (found != _fan()).mean() < 0.01


def test_a_dark_frame_is_all_sector() -> None:
    assert sector(np.zeros((20, 30), np.uint8)).all()


def test_beyond_the_edge_is_a_mirror_image() -> None:
    image = apical(0.0).image
    wide = widen_image(image, _fan(), 10)
    assert wide.shape == (170, 150)
    frame = np.pad(_fan(), 5)
    inner = np.all([np.roll(frame, k, axis) for axis in (0, 1) for k in (-5, 5)], axis=0)[5:-5, 5:-5]
    assert np.array_equal(wide[10:-10, 10:-10][inner], image[inner])
    # Outside, next to the left edge, it is as bright as inside.
    row = 80
    edge = int(np.flatnonzero(_fan()[row])[0])
    outside, within = wide[row + 10 - 3 : row + 14, edge + 3 : edge + 9], image[row - 3 : row + 4, edge + 4 : edge + 10]
    assert 0.7 < outside.mean() / within.mean() < 1.4


def test_a_whole_image_is_mirrored_at_its_border() -> None:
    image = np.arange(30, dtype=np.uint8).reshape(5, 6)
    assert widen_image(image, None, 2)[2].tolist() == [2, 1, 0, 1, 2, 3, 4, 5, 4, 3]
