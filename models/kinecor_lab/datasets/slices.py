"""Labelled short-axis slices: what the cine MRI networks learn from, with labels that may say less than everything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        around: pictures of the slices two and one before and one and two after, at the same phase; None where there is
            none.

    """

    patient: str
    phase: str
    number: int
    image: Picture
    allowed: Picture
    centre: tuple[float, float]
    source: str
    around: tuple[Picture | None, ...] = (None,) * 4

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


def with_neighbours(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """The samples with the pictures of the slices around each (see SaxSample.around), those of other sizes left out."""
    at = {(sample.volume, sample.number): sample for sample in samples}
    out = []
    for sample in samples:
        near = [at.get((sample.volume, sample.number + step)) for step in (-2, -1, 1, 2)]
        fitting = (one.image if one is not None and one.image.shape == sample.image.shape else None for one in near)
        out.append(replace(sample, around=tuple(fitting)))
    return out
