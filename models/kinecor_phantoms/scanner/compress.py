"""From echo to a share of the dynamic range: detection, compression, smoothing."""

import math

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.beam_space import BeamSpace, Field, Floats
from kinecor_phantoms.scanner.look import SLIDERS, Look
from kinecor_phantoms.scanner.probe import FWHM

Taps = NDArray[np.float32]

# Tissue's mean power is this much below white at a gain of 0: room for pericardium and valves.
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
        probe = space.probe
        widths = (
            probe.axial_mm / FWHM / space.step_mm,
            float(probe.lateral_mm(probe.focus_mm)) / probe.focus_mm / FWHM / space.step_rad,
        )
        self._averaging = _taps(look.averaging, widths)
        self._smoothing = _taps(look.smoothing, widths)
        self._edge = np.float32(look.edge)

    def __call__(self, field: Field) -> Floats:
        """(samples, beams) shares, from 0 to 1 but for what edge enhancement adds."""
        power = field.real * field.real + field.imag * field.imag
        if self._averaging is not None:
            power = filter_image(power, self._averaging)
        share: Floats = np.log(power + np.float32(1e-12)) * self._per_log + self._offset
        np.clip(share, 0, 1, out=share)
        if self._smoothing is None:
            return share
        smooth = filter_image(share, self._smoothing)
        if self._edge > 0:
            # What a wider blur would take off is put on: borders stand out and grain stays smooth.
            wider = filter_image(filter_image(smooth, self._smoothing), self._smoothing)
            smooth += self._edge * (smooth - wider)
        return smooth


def _taps(share: float, widths: tuple[float, float]) -> tuple[Taps, Taps] | None:
    """Gaussians along samples and beams, of a share of the point response's own width; None where they do nothing."""
    along, across = (_gaussian(share * width) for width in widths)
    return (along, across) if max(len(along), len(across)) > 1 else None


def _gaussian(sigma: float) -> Taps:
    """Half of a Gaussian, from its middle outwards; of sum 1 with its mirror image."""
    reach = math.ceil(2.5 * sigma) if sigma >= 0.2 else 0
    taps = np.exp(-(np.arange(reach + 1) ** 2) / (2 * max(sigma, 0.2) ** 2))
    whole: Taps = (taps / (taps[0] + 2 * taps[1:].sum())).astype(np.float32)
    return whole


def filter_image(values: Floats, taps: tuple[Taps, Taps]) -> Floats:
    """A symmetric filter along both axes, ends held; taps of each axis from the middle outwards."""
    for axis, own in enumerate(taps):
        reach, size = len(own) - 1, values.shape[axis]
        if reach == 0:
            continue
        padded = np.pad(values, [(reach, reach) if axis == side_axis else (0, 0) for side_axis in (0, 1)], mode="edge")
        total = values * own[0]
        for lag in range(1, reach + 1):
            for start in (reach - lag, reach + lag):
                piece = padded[start : start + size] if axis == 0 else padded[:, start : start + size]
                total += piece * own[lag]
        values = total
    return values
