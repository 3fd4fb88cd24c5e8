import numpy as np
import pytest

from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.sampling import blur_image, double_grid, looked_up
from kinecor_phantoms.warped.texture import MARGIN_PX, PATTERNS, UNCHANGED, laid_out, mixtures

REST = Flow((0, 0), np.zeros((2, 2), np.complex64))
NO_BLOOD = np.zeros((90, 100), np.bool_)


def _speckle(seed: int) -> np.ndarray:
    noise = blur_image(np.random.default_rng(seed).standard_normal((90, 100), np.float32), 1.0)
    return np.clip(100 + 25 * noise / noise.std(), 0, 255).astype(np.uint8)


def test_the_contrast_of_speckle_is_preserved_half_way() -> None:
    texture = laid_out(_speckle(1), _speckle(2), None, REST, NO_BLOOD)
    inner = slice(2 * MARGIN_PX, -2 * MARGIN_PX, 2)
    ends = [texture.at(phase, UNCHANGED, None)[inner, inner].std() for phase in (0.0, 1.0)]
    middle = texture.at(0.525, UNCHANGED, None)[inner, inner].std()
    plain = ((_speckle(1).astype(float) + _speckle(2)) / 2).std()
    assert middle == pytest.approx(np.mean(ends), rel=0.08)
    assert plain < 0.8 * middle


def test_an_image_that_does_not_change_stays_as_it_is() -> None:
    image = _speckle(3)
    texture = laid_out(image, image, None, REST, NO_BLOOD)
    inner = slice(2 * MARGIN_PX, -2 * MARGIN_PX + 1, 2)
    for phase in (0.0, 0.5, 1.0):
        shown = texture.at(phase, UNCHANGED, None)[inner, inner]
        off = abs(shown[: image.shape[0], : image.shape[1]] - image[: shown.shape[0], : shown.shape[1]])
        # Speckle itself is 25 grey levels.
        assert off.mean() < 0.5
        assert off.max() < 4


def test_brightness_passes_over_evenly() -> None:
    texture = laid_out(np.full((90, 100), 60, np.uint8), np.full((90, 100), 120, np.uint8), None, REST, NO_BLOOD)
    means = [float(texture.at(phase, UNCHANGED, None).mean()) for phase in np.linspace(0, 1, 9)]
    assert means[0] == pytest.approx(60, abs=0.5)
    assert means[-1] == pytest.approx(120, abs=0.5)
    assert (np.diff(means) > -1e-4).all()


def test_mixtures_forget_themselves() -> None:
    mixed = mixtures(np.arange(4000) * 0.01, 0.05, np.random.default_rng(0))
    assert mixed.shape == (4000, PATTERNS)
    assert np.linalg.norm(mixed, axis=1) == pytest.approx(np.ones(4000), abs=1e-5)
    alike = [(mixed[:-k] * mixed[k:]).sum(axis=1).mean() for k in (1, 5, 40)]
    assert alike[0] > 0.75
    assert 0.25 < alike[1] < 0.5
    assert abs(alike[2]) < 0.1


def test_looking_up_between_pixels() -> None:
    image = np.add.outer(10 * np.arange(5.0), np.arange(6.0)).astype(np.float32)
    assert looked_up(image, np.array([1.5, -3.0]), np.array([2.25, 1.0])).tolist() == [24, 10]
    finer = double_grid(image)
    assert finer.shape == (9, 11)
    assert finer[::2, ::2] == pytest.approx(image, abs=1e-4)
