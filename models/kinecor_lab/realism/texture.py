"""Grain: speckle size, speckle statistics, spectrum and edges of an image, on plain arrays."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
NAN = float("nan")

# Dynamic range that grey levels 0..255 are taken to stand for when amplitudes are wanted. Makers use 50 to 70 dB.
ASSUMED_RANGE_DB = 60.0


def local_moments(values: Floats, mask: Mask, sigma: tuple[float, float]) -> tuple[Floats, Floats, Floats]:
    """Mean, standard deviation and weight around each pixel, from the pixels of the mask only.

    Args:
        values: (rows, columns).
        mask: the same shape; what may be looked at.
        sigma: of the Gaussian window, in pixels, along rows and columns.

    """
    weight = ndimage.gaussian_filter(mask.astype(np.float64), sigma)
    safe = np.maximum(weight, 1e-9)
    mean = ndimage.gaussian_filter(np.where(mask, values, 0.0), sigma) / safe
    square = ndimage.gaussian_filter(np.where(mask, values * values, 0.0), sigma) / safe
    return mean, np.sqrt(np.maximum(square - mean * mean, 0.0)), weight


def whitened(values: Floats, mask: Mask, sigma: tuple[float, float]) -> Floats:
    """Values less their local mean, over their local standard deviation; 0 outside the mask."""
    mean, deviation, _ = local_moments(values, mask, sigma)
    return np.where(mask & (deviation > 0.5), (values - mean) / np.maximum(deviation, 0.5), 0.0)


def correlation_width(values: Floats, mask: Mask, axis: int) -> float:
    """Full width at half height of the autocorrelation along an axis, in pixels; NaN where there is too little.

    The masked autocorrelation sum(m x m' x') / sum(m m') of Padfield (IEEE TIP 2012), at lags along one axis.
    """
    if mask.sum() < 400:
        return NAN
    values, mask = np.moveaxis(np.where(mask, values, 0.0), axis, 0), np.moveaxis(mask, axis, 0)
    lags = min(64, values.shape[0] // 2)
    padded = fft.next_fast_len(values.shape[0] + lags)
    together = [
        fft.irfft(np.abs(fft.rfft(one.astype(np.float64), padded, axis=0)) ** 2, padded, axis=0)[:lags].sum(axis=1)
        for one in (values, mask)
    ]
    curve = together[0] / np.maximum(together[1], 1.0)
    if curve[0] <= 0:
        return NAN
    curve = curve / curve[0]
    below = np.flatnonzero(curve < 0.5)
    if not below.size:
        return NAN
    after = int(below[0])
    before = curve[after - 1]
    return float(2 * (after - 1 + (before - 0.5) / (before - curve[after])))


def patch_ratios(values: Floats, mask: Mask, size_px: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each square patch that is wholly in the mask, patches half overlapping."""
    if size_px < 3 or min(values.shape) < size_px:
        return np.zeros(0), np.zeros(0)
    step = max(1, size_px // 2)
    windows = np.lib.stride_tricks.sliding_window_view(values, (size_px, size_px))[::step, ::step]
    inside = np.lib.stride_tricks.sliding_window_view(mask, (size_px, size_px))[::step, ::step].all(axis=(2, 3))
    chosen = windows[inside].reshape(-1, size_px * size_px)
    return chosen.mean(axis=1), chosen.std(axis=1)


def amplitudes(grey: Floats) -> Floats:
    """Grey levels taken for log-compressed echo, back to amplitudes: 10 ** (grey / 255 * 60 dB / 20)."""
    expanded: Floats = 10.0 ** (grey * (ASSUMED_RANGE_DB / 255 / 20))
    return expanded


def power_spectrum(values: Floats, mask: Mask, size_px: int) -> tuple[Floats, Floats]:
    """Radial power spectrum averaged over square patches inside the mask.

    Returns:
        frequencies in cycles a pixel (bin centres, up to 0.5), and mean power in each; empty where no patch fits.

    """
    step = max(1, size_px // 2)
    if min(values.shape) < size_px:
        return np.zeros(0), np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, (size_px, size_px))[::step, ::step]
    inside = np.lib.stride_tricks.sliding_window_view(mask, (size_px, size_px))[::step, ::step].all(axis=(2, 3))
    chosen = windows[inside]
    if not len(chosen):
        return np.zeros(0), np.zeros(0)
    hann = np.hanning(size_px + 1)[:size_px]
    chosen = (chosen - chosen.mean(axis=(1, 2), keepdims=True)) * np.outer(hann, hann)
    power = (np.abs(fft.fft2(chosen, axes=(1, 2))) ** 2).mean(axis=0)
    along = np.fft.fftfreq(size_px)
    bins = np.rint(np.hypot(along[:, None], along) * size_px).astype(int)
    rings = np.bincount(bins.ravel(), power.ravel()) / np.maximum(np.bincount(bins.ravel()), 1)
    rings_per_size = np.arange(1, size_px // 2 + 1)
    return rings_per_size / size_px, rings[rings_per_size]


def slope(frequencies: Floats, power: Floats, low: float, high: float) -> float:
    """Slope of log power over log frequency between two frequencies; NaN with fewer than three points."""
    chosen = (frequencies >= low) & (frequencies <= high) & (power > 0)
    if chosen.sum() < 3:
        return NAN
    return float(np.polyfit(np.log10(frequencies[chosen]), np.log10(power[chosen]), 1)[0])


def band_share(frequencies: Floats, power: Floats, low: float, high: float) -> float:
    """Share of the power (over the plane, so rings weigh with their length) between two frequencies, 0..1."""
    weighed = frequencies * power
    total = float(weighed.sum())
    return float(weighed[(frequencies >= low) & (frequencies < high)].sum() / total) if total > 0 else NAN


def edge_width(values: Floats, inside: Mask, allowed: Mask, reach_px: float) -> float:
    """10-90 % width, in pixels, of the mean profile across the border of a region; NaN where it has no step.

    Args:
        values: (rows, columns).
        inside: the region, e.g. the cavity.
        allowed: the region and what it shall be compared with, e.g. cavity and wall; the rest is not looked at.
        reach_px: how far on either side.

    """
    if not inside.any() or not (allowed & ~inside).any():
        return NAN
    signed = np.where(
        inside, -ndimage.distance_transform_edt(inside) + 0.5, ndimage.distance_transform_edt(~inside) - 0.5
    )
    near = allowed & (np.abs(signed) <= reach_px)
    bins = np.floor(signed[near] + reach_px).astype(int)
    counts = np.bincount(bins)
    if len(counts) < 5 or (counts == 0).any():
        return NAN
    at = np.bincount(bins, signed[near]) / counts
    profile = np.bincount(bins, values[near]) / counts
    ends = float(profile[:2].mean()), float(profile[-2:].mean())
    if abs(ends[1] - ends[0]) < 4:
        return NAN
    risen = np.maximum.accumulate((profile - ends[0]) / (ends[1] - ends[0]))
    # The first crossings: a profile that overshoots the far end still has a steep edge.
    low, high = (float(np.interp(level, risen, at)) for level in (0.1, 0.9))
    return high - low


def generalised_cnr(first: NDArray[np.generic], second: NDArray[np.generic]) -> float:
    """1 - overlap of two grey-level distributions, 0..1 (gCNR, Rodriguez-Molares et al., IEEE TUFFC 2020, eq. 11)."""
    if first.size < 50 or second.size < 50:
        return NAN
    edges = np.arange(0, 257, 8)
    a, b = (np.histogram(values, edges)[0] / values.size for values in (first, second))
    return float(1 - np.minimum(a, b).sum())
