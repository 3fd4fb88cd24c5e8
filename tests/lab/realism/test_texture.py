import numpy as np
import pytest
from scipy import ndimage

from kinecor_lab.realism.texture import (
    amplitudes,
    band_share,
    correlation_width,
    edge_width,
    generalised_cnr,
    patch_ratios,
    power_spectrum,
    slope,
    whitened,
)

ALL = np.ones((200, 220), bool)


def noise(sigma: tuple[float, float], seed: int = 0) -> np.ndarray:
    made = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(ALL.shape), sigma)
    return made / made.std()


@pytest.mark.parametrize("sigma", [1.5, 3.0])
def test_the_width_of_blurred_noise_is_that_of_its_kernel(sigma: float) -> None:
    # The autocorrelation of noise blurred by a Gaussian is a Gaussian sqrt(2) wider: FWHM 2.355 x 1.414 x sigma.
    found = [correlation_width(noise((sigma, 1.0)), ALL, axis) for axis in (0, 1)]
    assert found[0] == pytest.approx(3.33 * sigma, rel=0.08)
    assert found[1] == pytest.approx(3.33, rel=0.08)


def test_a_mask_changes_the_width_little_and_pixels_outside_not_at_all() -> None:
    mask = np.zeros(ALL.shape, bool)
    mask[40:160, 60:180] = True
    inside = noise((2, 2))
    outside = np.where(mask, inside, 1e6)
    assert correlation_width(outside, mask, 0) == correlation_width(inside, mask, 0)
    assert correlation_width(inside, mask, 0) == pytest.approx(6.66, rel=0.12)


def test_too_little_to_correlate_is_nan() -> None:
    assert np.isnan(correlation_width(noise((1, 1)), np.zeros(ALL.shape, bool), 0))


def test_whitening_takes_shading_and_stripes_along_one_direction_away() -> None:
    rows, columns = np.indices(ALL.shape)
    grain = noise((1.2, 1.2))
    shaded = 100 + 0.5 * rows + 40 * np.sin(columns / 5) + 10 * grain
    left = whitened(shaded, ALL, (6.0, 0.0))
    assert np.corrcoef(left.ravel(), grain.ravel())[0, 1] > 0.8 > np.corrcoef(shaded.ravel(), grain.ravel())[0, 1]
    assert left.std() == pytest.approx(1, abs=0.2)


def test_rayleigh_amplitudes_have_the_ratio_of_full_speckle() -> None:
    made = np.random.default_rng(0).rayleigh(1.0, ALL.shape)
    mean, deviation = patch_ratios(made, ALL, 15)
    assert np.median(mean / deviation) == pytest.approx(1.91, abs=0.06)  # sqrt(pi / (4 - pi))


def test_patches_stay_inside_the_mask() -> None:
    mask = np.zeros(ALL.shape, bool)
    mask[:20, :20] = True
    mean, _ = patch_ratios(np.where(mask, 1.0, 9.0), mask, 7)
    assert len(mean) > 0
    assert (mean == 1).all()
    assert len(patch_ratios(noise((1, 1)), mask, 25)[0]) == 0


def test_sixty_decibels_are_a_thousandfold() -> None:
    assert amplitudes(np.array([0.0, 255.0])) == pytest.approx([1, 1000])


def test_the_spectrum_of_white_noise_is_flat_and_of_a_wave_is_where_the_wave_is() -> None:
    frequency, power = power_spectrum(noise((0, 0)), ALL, 32)
    assert slope(frequency, power, 0.05, 0.5) == pytest.approx(0, abs=0.1)
    wave = np.sin(2 * np.pi * 0.25 * np.indices(ALL.shape)[0])
    frequency, power = power_spectrum(wave, ALL, 32)
    assert band_share(frequency, power, 0.2, 0.3) > 0.95


def test_a_power_law_has_its_slope() -> None:
    frequency = np.linspace(0.05, 0.5, 20)
    assert slope(frequency, frequency**-2.5, 0.05, 0.5) == pytest.approx(-2.5)
    assert np.isnan(slope(frequency[:2], frequency[:2], 0.05, 0.5))


@pytest.mark.parametrize("sigma", [1.5, 3.0])
def test_the_width_of_a_blurred_edge(sigma: float) -> None:
    inside = ALL.copy()
    inside[:, 110:] = False
    step = ndimage.gaussian_filter(np.where(inside, 40.0, 140.0), sigma)
    # 10 % and 90 % of a Gaussian's integral are 2.563 standard deviations apart.
    assert edge_width(step, inside, ALL, 12) == pytest.approx(2.563 * sigma, rel=0.1)
    assert np.isnan(edge_width(np.full(ALL.shape, 9.0), inside, ALL, 12))
    assert np.isnan(edge_width(step, ALL, ALL, 12))


def test_gcnr_of_the_same_and_of_apart() -> None:
    levels = np.random.default_rng(0).integers(0, 100, 5000)
    assert generalised_cnr(levels, levels) == pytest.approx(0)
    assert generalised_cnr(levels, levels + 120) == pytest.approx(1)
    assert np.isnan(generalised_cnr(levels[:5], levels))
