"""The electrocardiogram at the image's foot."""

import numpy as np
from numpy.typing import NDArray

# Wave: place in the beat (turns from the R wave), width, height over the R wave's.
_WAVES = ((-0.17, 0.022, 0.12), (-0.022, 0.008, -0.12), (0.0, 0.010, 1.0), (0.026, 0.010, -0.25), (0.30, 0.045, 0.24))


def voltage(phase: NDArray[np.floating]) -> NDArray[np.float64]:
    """Voltage over the R wave's height for phases in turns from the R wave: P, Q, R, S and T as Gaussians.

    After McSharry et al., IEEE Trans Biomed Eng 50:289-294, 2003, without the dynamics.
    """
    total = np.zeros(np.shape(phase))
    for place, width, height in _WAVES:
        off = np.mod(np.asarray(phase, np.float64) - place + 0.5, 1) - 0.5
        total += height * np.exp(-(off * off) / (2 * width * width))
    return total


def trace_rows(phase: NDArray[np.floating], top: int, bottom: int) -> NDArray[np.int_]:
    """Image row of the trace for each column's phase, the R wave just below `top`, S just above `bottom`."""
    share = (voltage(phase) + 0.3) / 1.35
    rows: NDArray[np.int_] = np.rint(bottom - 1 - share * (bottom - 1 - top)).astype(int)
    return np.clip(rows, top, bottom - 1)
