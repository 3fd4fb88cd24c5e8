import numpy as np
import pytest
from scipy.signal import find_peaks

from kinecor.core.cycle import peaks
from kinecor_models.phases import peaks as peaks_of_models


@pytest.mark.parametrize("found", [peaks.prominent_peaks, peaks_of_models.prominent_peaks])
def test_they_are_those_of_the_library(found):
    rng = np.random.default_rng(4)
    for _ in range(300):
        curve = rng.uniform(0, 1, rng.integers(3, 60))
        if rng.random() < 0.5:  # flat tops and ties
            curve = np.round(curve, 1)
        prominence, distance = float(rng.uniform(0, 0.6)), int(rng.integers(1, 12))
        wanted, _ = find_peaks(curve, prominence=prominence, distance=distance)
        assert found(curve, prominence, distance) == wanted.tolist()


def test_a_curve_without_a_peak_has_none():
    assert peaks.prominent_peaks(np.arange(9.0), 0.1, 3) == []
    assert peaks.prominent_peaks(np.ones(2), 0.1, 3) == []
