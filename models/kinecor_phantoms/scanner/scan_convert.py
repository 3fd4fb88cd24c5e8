"""From beams to the image."""

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.beam_space import BeamSpace, Floats
from kinecor_phantoms.scanner.screen import Screen


class ScanConverter:
    """Bilinear interpolation from beam space to the pixels of a screen, computed once.

    Where pixels are larger than samples it averages along the beam first, so that speckle is filtered and not sampled.
    """

    def __init__(self, space: BeamSpace, screen: Screen) -> None:
        probe = space.probe
        self._shape = (screen.rows, screen.columns)
        radius, angle = screen.polar()
        self._pixels = np.flatnonzero(screen.mask().ravel())
        along = radius.ravel()[self._pixels] / space.step_mm
        across = (angle.ravel()[self._pixels] + probe.sector_rad / 2) / space.step_rad
        row = np.clip(along.astype(np.intp), 0, probe.samples - 2)
        column = np.clip(across.astype(np.intp), 0, probe.beams - 2)
        down, right = np.clip(along - row, 0, 1), np.clip(across - column, 0, 1)
        self._first = row * probe.beams + column
        steps = (0, 1, probe.beams, probe.beams + 1)
        shares = ((1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right)
        self._corners = tuple(
            (self._first + step, share.astype(np.float32)) for step, share in zip(steps, shares, strict=True)
        )
        self._average = max(1, round(screen.mm_per_px / space.step_mm))

    def __call__(self, beams: Floats) -> Floats:
        """Values (pixels inside the sector,) of an image (samples, beams)."""
        if self._average > 1:
            beams = _averaged(beams, self._average)
        flat = beams.ravel()
        values = np.zeros(len(self._pixels), np.float32)
        for at, share in self._corners:
            values += flat.take(at) * share
        return values

    def picture(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(rows, columns) from the grey levels of the pixels inside the sector; the rest is black."""
        picture = np.zeros(self._shape[0] * self._shape[1], np.uint8)
        picture[self._pixels] = levels
        return picture.reshape(self._shape)


def _averaged(beams: Floats, length: int) -> Floats:
    """Running mean over samples, ends held."""
    before = (length - 1) // 2
    padded = np.pad(beams, ((before, length - 1 - before), (0, 0)), mode="edge")
    total = np.zeros_like(beams)
    for lag in range(length):
        total += padded[lag : lag + len(beams)]
    total *= np.float32(1 / length)
    return total
