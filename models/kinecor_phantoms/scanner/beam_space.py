"""The grid of beams and samples, and scatterers put onto it as complex baseband."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.probe import FWHM, Probe
from kinecor_phantoms.scanner.scene import Echoes

Floats = NDArray[np.float32]
Field = NDArray[np.complex64]

# Next to the sector, so that what is there reaches in and the Fourier transform's wrap-around does not.
_PADDING_RAD = 0.16
# Beyond this many standard deviations from the slice's middle a scatterer is not heard.
_SLICE_REACH = 2.6
_NEAREST_MM = 0.5


@dataclass(frozen=True)
class BeamSpace:
    """Rows go with depth (0 at the transducer, the last at the probe's depth), columns with angle.

    Columns run from `padding` beams left of the sector to as many right of it (or a few more: their number is one that
    Fourier transforms are quick at).
    """

    probe: Probe

    @property
    def step_mm(self) -> float:
        """Between samples."""
        return self.probe.depth_mm / (self.probe.samples - 1)

    @property
    def step_rad(self) -> float:
        """Between beams."""
        return self.probe.sector_rad / (self.probe.beams - 1)

    @cached_property
    def padding(self) -> int:
        """Beams on either side of the sector."""
        return max(8, math.ceil(_PADDING_RAD / self.step_rad))

    @cached_property
    def columns(self) -> int:
        """All beams, those next to the sector included."""
        return _quick(self.probe.beams + 2 * self.padding)

    @cached_property
    def ranges_mm(self) -> Floats:
        """(samples,) distance from the transducer."""
        return np.linspace(0, self.probe.depth_mm, self.probe.samples, dtype=np.float32)

    @cached_property
    def angles_rad(self) -> Floats:
        """(beams,) of the sector's beams, positive to the right."""
        half = self.probe.sector_rad / 2
        return np.linspace(-half, half, self.probe.beams, dtype=np.float32)

    def directivity(self) -> Floats:
        """(beams,) two-way amplitude of elements half a wavelength wide, 1 straight ahead, less towards the sides.

        cos(a) sinc(w sin(a) / wavelength), squared as sound goes both ways (Selfridge et al., Appl Phys Lett 37:35-36,
        1980).
        """
        one_way = np.cos(self.angles_rad) * np.sinc(0.5 * np.sin(self.angles_rad))
        two_way: Floats = (one_way * one_way).astype(np.float32)
        return two_way

    def inside(self, field: Field) -> Field:
        """(samples, beams): the sector's part of a field."""
        return field[:, self.padding : self.padding + self.probe.beams]

    def splat(self, echoes: Echoes, *, power: bool = False) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scatterers on the grid, shared out between the four nearest points.

        Args:
            echoes: the scatterers.
            power: give each a squared weight by its place in the slice, whatever its strength and phase.

        Returns:
            real and imaginary part of strength x slice weight x exp(-2ikr), each (samples, columns) float64; with
            `power` the sum of squared slice weights, and zeros.

        """
        shape = (self.probe.samples, self.columns)
        x, y, z = (np.ascontiguousarray(echoes.points_mm[:, axis]) for axis in range(3))
        radius = np.sqrt(x * x + y * y + z * z)
        across = np.arctan2(x, y) * np.float32(1 / self.step_rad)
        across += np.float32((self.probe.beams - 1) / 2 + self.padding)
        off = z / self.probe.slice_mm(radius)
        heard = np.flatnonzero(
            (radius > _NEAREST_MM)
            & (radius < self.probe.depth_mm)
            & (across >= 0)
            & (across < shape[1] - 1)
            & (np.abs(off) < _SLICE_REACH / FWHM)
        )
        radius, across, off = radius[heard], across[heard], off[heard]
        weight = np.exp(off * off * np.float32(-FWHM * FWHM / 2))
        if power:
            real, imaginary = weight * weight, None
        else:
            weight *= echoes.strength[heard]
            # Whole periods are taken off in double precision's place: float32 resolves 1e-7 of a few hundred of them.
            turns = radius * np.float32(2 / self.probe.wavelength_mm)
            turns -= np.floor(turns)
            phase = turns * np.float32(-2 * math.pi)
            real, imaginary = weight * np.cos(phase), weight * np.sin(phase)
        return self._shared(radius * np.float32(1 / self.step_mm), across, real, imaginary)

    def _shared(
        self, along: Floats, across: Floats, real: Floats, imaginary: Floats | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shape = (self.probe.samples, self.columns)
        row, column = along.astype(np.int32), across.astype(np.int32)
        np.minimum(row, shape[0] - 2, out=row)
        down, right = along - row, across - column
        first = row.astype(np.intp) * shape[1] + column
        sums = [np.zeros(shape[0] * shape[1]), np.zeros(shape[0] * shape[1])]
        for step, share in (
            (0, (1 - down) * (1 - right)),
            (1, (1 - down) * right),
            (shape[1], down * (1 - right)),
            (shape[1] + 1, down * right),
        ):
            at = first + step
            for total, part in zip(sums, (real, imaginary), strict=True):
                if part is not None:
                    total += np.bincount(at, share * part, total.size)
        return sums[0].reshape(shape), sums[1].reshape(shape)


def _quick(least: int) -> int:
    """The next number without prime factors above 5."""
    number = least
    while True:
        rest = number
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return number
        number += 1
