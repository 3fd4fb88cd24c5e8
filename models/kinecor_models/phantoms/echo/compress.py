"""From echo to a share of the dynamic range: detection, compression, smoothing."""

import math

import numpy as np
from numpy.typing import NDArray

from kinecor_models.phantoms.echo.beam_space import BeamSpace, Field, Floats
from kinecor_models.phantoms.echo.look import SLIDERS, Look

# Tissue's mean power lies this much below white at a gain of 0: room for pericardium and valves.
HEADROOM_DB = 20.0
_DB_PER_LOG_POWER = 10 / math.log(10)


class Compressor:
    """Turns a field into shares of the dynamic range: 0 its bottom, 1 its top."""

    def __init__(self, space: BeamSpace, look: Look) -> None:
        sliders = np.linspace(0, space.probe.depth_mm, SLIDERS)
        gain_db = look.gain_db + np.interp(space.ranges_mm, sliders, look.tgc_db)
        share = (gain_db - HEADROOM_DB) / look.dynamic_range_db + 1
        self._offset = share.astype(np.float32)[:, None]
        self._per_log = np.float32(_DB_PER_LOG_POWER / look.dynamic_range_db)
        self._taps = _gaussian(look.smoothing)
        self._edge = np.float32(look.edge)

    def __call__(self, field: Field) -> Floats:
        """(samples, beams) shares, from 0 to 1 but for what edge enhancement adds."""
        power = field.real * field.real + field.imag * field.imag
        share: Floats = np.log(power + np.float32(1e-12)) * self._per_log + self._offset
        np.clip(share, 0, 1, out=share)
        if self._taps is None:
            return share
        smooth = filtered(share, self._taps)
        if self._edge > 0:
            # The picture's own blur is taken off a wider one: borders stand out and grain stays smooth.
            smooth += self._edge * (smooth - filtered(filtered(smooth, self._taps), self._taps))
        return smooth


def _gaussian(sigma: float) -> NDArray[np.float32] | None:
    if sigma < 0.2:
        return None
    reach = math.ceil(2.5 * sigma)
    taps = np.exp(-(np.arange(reach + 1) ** 2) / (2 * sigma * sigma))
    whole: NDArray[np.float32] = (taps / (taps[0] + 2 * taps[1:].sum())).astype(np.float32)
    return whole


def filtered(values: Floats, taps: NDArray[np.float32]) -> Floats:
    """A symmetric filter along both axes, ends held; taps from the middle outwards."""
    reach = len(taps) - 1
    for axis in (0, 1):
        size = values.shape[axis]
        padded = np.pad(values, [(reach, reach) if axis == one else (0, 0) for one in (0, 1)], mode="edge")
        total = values * taps[0]
        for lag in range(1, reach + 1):
            for start in (reach - lag, reach + lag):
                piece = padded[start : start + size] if axis == 0 else padded[:, start : start + size]
                total += piece * taps[lag]
        values = total
    return values
