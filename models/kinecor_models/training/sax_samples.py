"""Labelled short-axis slices: what the cine MRI networks learn from, with labels that may say less than everything."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

BACKGROUND, CAVITY, MYOCARDIUM, RV = 1, 2, 4, 8
"""Bits of a label: the classes that a pixel may be. One bit set is a plain label; several leave it open."""
ANYTHING = 15
CLASSES = ("background", "lv cavity", "lv myocardium", "rv cavity")
"""Channels of the network, in the order of the bits."""


@dataclass(frozen=True, eq=False)
class SaxSample:
    """One labelled short-axis slice at one phase.

    Attributes:
        patient: by whom sets are split.
        phase: "ED" or "ES".
        number: of the slice within its volume, from 0.
        image: (rows, columns) uint8 grey.
        allowed: (rows, columns) uint8; the sum of the bits above that are not excluded by the expert's contours.
        centre: (x, y) of the heart in pixels: of this slice where it is labelled, else of the rest of its volume.
        source: "ACDC" or "SCD".

    """

    patient: str
    phase: str
    number: int
    image: Picture
    allowed: Picture
    centre: tuple[float, float]
    source: str

    def certain(self, bit: int) -> NDArray[np.bool_]:
        """(rows, columns): where the expert says that a pixel is of the class `bit`."""
        sure: NDArray[np.bool_] = self.allowed == bit
        return sure

    @property
    def volume(self) -> str:
        """Which volume the slice belongs to: one patient at one phase."""
        return f"{self.patient} {self.phase}"


def middle(mask: NDArray[np.bool_]) -> tuple[float, float] | None:
    """(x, y) of the centroid of a mask, or None where it is empty."""
    rows, columns = np.nonzero(mask)
    return (float(columns.mean()), float(rows.mean())) if len(rows) else None
