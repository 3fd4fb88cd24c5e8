"""What the scanner's fields do to brightness: surface coils, and bands where the main field is off."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.mri.signals import Vendor, band_signal
from kinecor_phantoms.mri.waves import Waves

Array = NDArray[np.float64]
Pixels = NDArray[np.float32]


class FieldEffects:
    """Coils and shim of one study.

    Args:
        size: of the patient, 1 normal.
        coil: strength of the fall-off, 0 none.
        banding: 1 puts the first dark band about 130 mm from the heart.
        vendor: of the scanner.
        rng: what they are drawn from.

    """

    def __init__(self, size: float, coil: float, banding: float, vendor: Vendor, rng: Generator) -> None:
        self._coil, self._banding, self._vendor = coil, banding, vendor
        front = [(side * 65.0 - 20, -95.0, up) for side in (-1, 1) for up in (-60.0, 60.0)]
        back = [(side * 65.0 - 30, 175.0, up) for side in (-1, 1) for up in (-60.0, 60.0)]
        self._elements = size * (np.array(front + back) + rng.normal(0, 18, (8, 3)))
        self._gains = rng.uniform(0.7, 1.3, 8)
        self._reach_mm = 85.0 * size
        self._shape = np.diag(rng.uniform(0.6, 1.3, 3)) / (130.0 * max(size, 0.7)) ** 2
        self._uneven = Waves(rng, 160.0 * size)

    def brightness(self, grid: Pixels) -> Pixels:
        """(rows, columns) factor on the signal at places of the patient, (rows, columns, 3); 1 at the heart."""
        signal = np.ones(grid.shape[:2], np.float32)
        if self._coil > 0:
            signal *= (self._received(grid) / self._received(np.zeros((1, 1, 3)))) ** self._coil
        if self._banding > 0:
            turn = np.einsum("...i,...i", grid @ self._shape.astype(np.float32), grid)
            uneven = 0.15 * self._uneven(grid).reshape(turn.shape)
            signal *= band_signal(self._vendor, np.asarray(np.pi * self._banding * (turn + uneven), np.float32))
        return signal

    def _received(self, grid: NDArray[np.floating]) -> Array:
        total = np.zeros(grid.shape[:2])
        for place, gain in zip(self._elements, self._gains, strict=True):
            rel = np.asarray(grid - place, grid.dtype)
            away2 = np.einsum("...i,...i", rel, rel) / self._reach_mm**2
            total += (gain / (1 + away2)) ** 2
        return np.sqrt(total)
