import numpy as np
from scipy.signal import find_peaks

from kinecor.core.cycle import peaks


def test_they_are_those_of_the_library():
    rng = np.random.default_rng(4)
    for _ in range(300):
        curve = rng.uniform(0, 1, rng.integers(3, 60))
        if rng.random() < 0.5:  # flat tops and ties
            curve = np.round(curve, 1)
        prominence, distance = float(rng.uniform(0, 0.6)), int(rng.integers(1, 12))
        wanted, _ = find_peaks(curve, prominence=prominence, distance=distance)
        assert peaks.prominent_peaks(curve, prominence, distance) == wanted.tolist()


def test_a_curve_without_a_peak_has_none():
    assert peaks.prominent_peaks(np.arange(9.0), 0.1, 3) == []
    assert peaks.prominent_peaks(np.ones(2), 0.1, 3) == []
