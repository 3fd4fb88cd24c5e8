import numpy as np
import pytest

from kinecor_lab.tasks.apical.robust_cases import (
    CHANGES,
    MIRRORED,
    UNCHANGED,
    Change,
    curved,
    cut_off,
    dropped,
    gained,
    jpeg,
    lit,
    noisy,
    shadowed,
)
from tests.lab.camus import drawn


def images() -> np.ndarray:
    return np.stack([drawn(seed)[0] for seed in (1, 2)])


def of(change: Change, frames: np.ndarray) -> np.ndarray:
    return change.of(frames, np.random.default_rng(0))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_images_stay_valid_and_nothing_is_lit_outside_the_sector(change: Change) -> None:
    before = images()
    after = of(change, before)
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert change.of_labels(before).shape == before.shape
    if "JPEG" not in change.name and change is not MIRRORED:
        assert (after[:, ~lit(before)] == 0).all()
    assert (change is UNCHANGED) == bool((after == before).all())


def test_names_distinguish_conditions() -> None:
    assert len({change.name for change in CHANGES}) == len(CHANGES)


def test_ten_decibels_are_a_sixth_of_the_scale() -> None:
    grey = np.full((1, 40, 40), 100, np.uint8)
    assert of(gained(10), grey)[0, 20, 20] == pytest.approx(100 + 255 / 6, abs=1)
    assert of(gained(-30), grey)[0, 20, 20] == 0


def test_a_shadow_is_where_specified_and_falls_from_the_tip() -> None:
    grey = np.full((1, 100, 101), 200, np.uint8)
    grey[0, 0] = 0
    grey[0, 0, 50] = 200
    dark = of(shadowed(20, 10, 25), grey)[0]
    x = 50 + round(80 * np.tan(np.radians(20)))
    assert dark[80, x] < 110
    assert dark[80, 101 - x] == 200
    assert dark[80, 50] == 200


def test_drop_out_is_local() -> None:
    grey = np.full((1, 100, 100), 200, np.uint8)
    missing = 200 - of(dropped(25), grey)[0].astype(int)
    assert missing.max() > 90
    assert (missing < 5).mean() > 0.7


def test_noise_grows_with_depth() -> None:
    grey = np.full((1, 100, 200), 120, np.uint8)
    noise = of(noisy(20), grey)[0].std(axis=1)
    assert noise[-1] == pytest.approx(20, rel=0.2)
    assert noise[:10].mean() < 3


def test_labels_follow_the_image() -> None:
    label = np.zeros((1, 100, 60), np.uint8)
    label[0, 80:, :20] = 3
    assert MIRRORED.of_labels(label)[0, 90, 50] == 3
    assert not cut_off(0.25).of_labels(label).any()
    assert jpeg(20).of_labels(label) is label


def test_a_curve_maps_white_to_white() -> None:
    dark = of(curved("dark", lambda share: share**2), np.array([[[0, 128, 255]]], np.uint8))
    assert dark.ravel().tolist() == [0, 64, 255]
