"""How a point looks: the pulse along the beam, the beam's width by depth, and its side lobes."""

import math

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.beam_space import BeamSpace, Field, Floats
from kinecor_phantoms.scanner.probe import FWHM
from kinecor_phantoms.scanner.scene import Echoes

# Variance that sharing a point out between two neighbours adds, in squared steps of the grid.
_SHARING = 1 / 6
_MIN_VARIANCE = 0.05
_SIDE_LOBE_RAD = 0.10  # side lobes fall to 1/e over this angle
_NEAR_MM = 5.0
_BLOCKS = (16, 8)  # samples and beams over which density is counted


class PointSpread:
    """A filter on beam space whose response to a unit scatterer peaks at 1, at every depth.

    Along the beam it is a Gaussian of the probe's `axial_mm`; across, one of its `lateral_mm` at each depth, by a
    separate transfer function for each row, so nothing is blended. What sharing points out on the grid adds to the
    width is taken off, as far as the grid is fine enough.
    """

    def __init__(self, space: BeamSpace, side_lobe_db: float = -np.inf) -> None:
        """Work the filter out.

        Args:
            space: the grid.
            side_lobe_db: of the side lobes' envelope, carried back to the middle of the main lobe; -inf for none.

        """
        self._space = space
        probe = space.probe
        own = max((probe.axial_mm / FWHM / space.step_mm) ** 2 - _SHARING, _MIN_VARIANCE)
        reach = max(1, math.ceil(3 * math.sqrt(own)))
        taps = np.exp(-(np.arange(reach + 1) ** 2) / (2 * own))
        along = math.sqrt(own + _SHARING)
        taps *= math.sqrt(2 * math.pi) * along / (taps[0] + 2 * taps[1:].sum())
        self._taps = taps.astype(np.float32)

        widest = probe.sector_rad / 8
        width_rad = np.minimum(probe.lateral_mm(space.ranges_mm) / np.maximum(space.ranges_mm, 1e-3), widest)
        own_across = np.maximum((width_rad / FWHM / space.step_rad) ** 2 - _SHARING, _MIN_VARIANCE)[:, None]
        across = np.sqrt(own_across + _SHARING)
        frequency: NDArray[np.float64] = np.fft.fftfreq(space.columns).astype(np.float64)
        transfer = math.sqrt(2 * math.pi) * across * np.exp(-2 * (math.pi * frequency) ** 2 * own_across)
        if np.isfinite(side_lobe_db):
            transfer = transfer + 10 ** (side_lobe_db / 20) * self._skirt(frequency)
        self._transfer = transfer.astype(np.float32)
        # Mean energy over all places of a point between its neighbours, who share it linearly: holds on coarse grids.
        whole = np.concatenate((taps[:0:-1], taps))
        energy_along = 2 / 3 * (whole**2).sum() + 1 / 3 * (whole[1:] * whole[:-1]).sum()
        shared = 2 / 3 + np.cos(2 * math.pi * frequency) / 3
        energy_across = (transfer**2 * shared).mean(axis=1)
        self.cell_mm3: NDArray[np.float64] = (
            (energy_along * space.step_mm)
            * (energy_across * space.step_rad * space.ranges_mm)
            * (math.sqrt(math.pi) * probe.slice_mm(space.ranges_mm) / FWHM)
        )
        """(samples,) mean power of the echo for one unit scatterer a mm3; `Probe.cell_mm3` on a fine grid."""

    def _skirt(self, frequency: NDArray[np.float64]) -> NDArray[np.float64]:
        """Transfer of side lobes: they swing in sign at the rate the aperture gives and die away exponentially."""
        fall = _SIDE_LOBE_RAD / self._space.step_rad
        swing = min(0.7 * self._space.probe.aperture_mm / self._space.probe.wavelength_mm * self._space.step_rad, 0.4)

        def lobe(shift: float) -> NDArray[np.float64]:
            off = np.mod(frequency - shift + 0.5, 1) - 0.5
            return 2 * fall / (1 + (2 * math.pi * off * fall) ** 2)

        return (lobe(swing) + lobe(-swing)) / 2

    def __call__(self, real: NDArray[np.float64], imaginary: NDArray[np.float64]) -> Field:
        """(samples, beams) complex64 field of scatterers splatted as (samples, columns) real and imaginary parts."""
        shape = real.shape
        field = np.empty(shape, np.complex64)
        field.real, field.imag = real, imaginary
        spread = field * self._taps[0]
        for lag, tap in enumerate(self._taps[1:], 1):
            scaled = field * tap
            spread[lag:] += scaled[:-lag]
            spread[:-lag] += scaled[lag:]
        lines = np.fft.fft(spread, axis=1)
        lines *= self._transfer
        return self._space.inside(np.fft.ifft(lines, axis=1).astype(np.complex64, copy=False))

    def density(self, echoes: Echoes) -> float:
        """Scatterers a mm3, over the blocks of beam space that hold any."""
        counted, _ = self._space.splat(echoes, power=True)
        ranges = self._space.ranges_mm.astype(np.float64)
        probe = self._space.probe
        per_density = (
            ranges * self._space.step_mm * self._space.step_rad * math.sqrt(math.pi) * probe.slice_mm(ranges) / FWHM
        )
        expected = np.broadcast_to(per_density[:, None], counted.shape)
        found, room = (_blocks(values) for values in (counted, expected))
        lit = found > 0
        return float(found[lit].sum() / room[lit].sum()) if lit.any() else 1.0

    def level(self, per_mm3: float) -> Floats:
        """(samples,) amplitude that unit scatterers of a density make in uniform tissue at each depth.

        Dividing by it makes the image's brightness independent of the number of scatterers, of beams, samples and
        the width of beam and slice.
        """
        # Right at the transducer beams fall together and the cell with them: there the level stays as at 5 mm.
        nearest = min(math.ceil(_NEAR_MM / self._space.step_mm), len(self.cell_mm3) - 1)
        level: Floats = np.sqrt(per_mm3 * np.maximum(self.cell_mm3, self.cell_mm3[nearest])).astype(np.float32)
        return level


def _blocks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = (size - size % block for size, block in zip(values.shape, _BLOCKS, strict=True))
    tiled = values[:rows, :columns].reshape(rows // _BLOCKS[0], _BLOCKS[0], columns // _BLOCKS[1], _BLOCKS[1])
    blocks: NDArray[np.float64] = tiled.sum(axis=(1, 3))
    return blocks
