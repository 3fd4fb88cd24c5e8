import numpy as np
import pytest
from scipy import ndimage
from scipy.signal import find_peaks

from kinecor.core.cycle import filters


@pytest.mark.parametrize("count", [2, 5, 23, 90])
def test_they_equal_the_library_to_the_last_bit(count):
    rng = np.random.default_rng(count)
    for _ in range(20):
        curve = rng.uniform(30, 160, count)
        sigma = float(rng.uniform(0.4, 4))
        assert np.array_equal(filters.gaussian(curve, sigma), ndimage.gaussian_filter1d(curve, sigma, mode="nearest"))
        assert np.array_equal(filters.median_of_three(curve), ndimage.median_filter(curve, 3, mode="nearest"))
        for width in (3, 5):
            if width // 2 <= count:
                assert np.array_equal(filters.cut_peaks(curve, width), ndimage.grey_opening(curve, width))
                assert np.array_equal(filters.fill_dips(curve, width), ndimage.grey_closing(curve, width))


def test_a_window_wider_than_the_curve_reflects_it_again_and_again():
    curve = np.array([3.0, 1.0, 2.0])
    assert np.array_equal(filters.cut_peaks(curve, 9), ndimage.grey_opening(curve, 9))


def test_ties_of_a_symmetric_curve_stay_ties():
    half = np.random.default_rng(1).uniform(40, 120, 20)
    curve = filters.gaussian(np.concatenate([half, half[::-1]]), 1.7)
    assert np.array_equal(curve, curve[::-1])


def test_runs():
    chosen = np.array([True, False, True, True, False, False, True])
    assert [one.tolist() for one in filters.runs(chosen)] == [[0], [2, 3], [6]]
    assert filters.runs(np.zeros(4, bool)) == []


def test_peaks_are_those_of_the_library():
    rng = np.random.default_rng(4)
    for _ in range(300):
        curve = rng.uniform(0, 1, rng.integers(3, 60))
        if rng.random() < 0.5:  # flat tops and ties
            curve = np.round(curve, 1)
        prominence, distance = float(rng.uniform(0, 0.6)), int(rng.integers(1, 12))
        wanted, _ = find_peaks(curve, prominence=prominence, distance=distance)
        assert filters.prominent_peaks(curve, prominence, distance) == wanted.tolist()


def test_a_curve_without_a_peak_has_none():
    assert filters.prominent_peaks(np.arange(9.0), 0.1, 3) == []
    assert filters.prominent_peaks(np.ones(2), 0.1, 3) == []
