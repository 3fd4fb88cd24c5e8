"""The curve that TempReg-Net regresses: a ventricle's volume as Kong 2016 models it (Eq. 4).

It falls from 1 at ED to 0 at ES as the cube of what is left of systole, and comes back as the cube root of what is over
of diastole.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SYSTOLE, DIASTOLE = 3.0, 1 / 3
"""Exponents delta and upsilon of Eq. 4."""


def label_curve(
    times_s: FloatArray, ed_s: Sequence[float] | FloatArray, es_s: Sequence[float] | FloatArray
) -> FloatArray:
    """The curve for any number of beats: Eq. 4 with each diastole measured by its own length, so that ED is a maximum.

    Args:
        times_s: (t,), any unit of time that the events share.
        ed_s: times of end-diastoles, in any order.
        es_s: times of end-systoles; there is one between two EDs.

    Returns:
        (t,) 0..1; NaN where a time has no event before or after it.

    """
    marks = sorted([(at, 1) for at in ed_s] + [(at, 0) for at in es_s])
    at = np.array([mark for mark, _ in marks])
    full = np.array([kind for _, kind in marks])
    times = np.asarray(times_s, np.float64)
    if len(at) < 2:
        return np.full(times.shape, np.nan)
    after = np.searchsorted(at, times, side="left")
    # A frame right at the first event is known.
    after = np.where((after == 0) & (times == at[0]), 1, after)
    known = (after > 0) & (after < len(at))
    after = np.clip(after, 1, len(at) - 1)
    share = (times - at[after - 1]) / (at[after] - at[after - 1])
    systole = (full[after - 1] == 1) & (full[after] == 0)
    diastole = (full[after - 1] == 0) & (full[after] == 1)
    out = np.full(times.shape, np.nan)
    out[systole] = (1 - np.clip(share[systole], 0, 1)) ** SYSTOLE
    out[diastole] = np.clip(share[diastole], 0, 1) ** DIASTOLE
    out[~known] = np.nan
    return out
