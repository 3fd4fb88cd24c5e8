"""A frame with an expert's labels, and what its label numbers mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Anatomy:
    """What the labels of a data set mean.

    Attributes:
        cavity, wall: labels of the left ventricle's cavity and myocardium.
        other: label of the third structure: the left atrium of a long axis, the right ventricle of a short axis.
        long_axis: whether the cavity opens to the atrium, or is closed by wall all round.
        names: contour names of cavity, wall and other structure.

    """

    cavity: int
    wall: int
    other: int
    long_axis: bool
    names: tuple[str, str, str]

    @property
    def regions(self) -> tuple[tuple[int, ...], ...]:
        """The regions whose outlines are carried, in the order in which they are painted."""
        return (self.other,), (self.cavity, self.wall), (self.cavity,)

    @property
    def paints(self) -> tuple[int, int, int]:
        """The label each of `regions` is painted with."""
        return self.other, self.wall, self.cavity


APICAL = Anatomy(cavity=1, wall=2, other=3, long_axis=True, names=("lv_endo", "lv_epi", "la"))
"""CAMUS: 1 LV cavity, 2 LV myocardium, 3 left atrium."""
SHORT_AXIS = Anatomy(cavity=3, wall=2, other=1, long_axis=False, names=("lv_endo", "lv_epi", "rv"))
"""ACDC: 1 RV cavity, 2 LV myocardium, 3 LV cavity."""


@dataclass(frozen=True, eq=False)
class LabelledFrame:
    """One frame of a recording and its labels.

    Attributes:
        image: (rows, columns) uint8 grey.
        label: (rows, columns) uint8, by `Anatomy`; other values count as background.

    Raises:
        ValueError: image and label differ in size or are not two-dimensional uint8.

    """

    image: NDArray[np.uint8]
    label: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.image.ndim != 2 or self.image.shape != self.label.shape:
            raise ValueError(
                f"expected a grey picture and a label of its size, got {self.image.shape} and {self.label.shape}"
            )
        if self.image.dtype != np.uint8 or self.label.dtype != np.uint8:
            raise ValueError(f"expected uint8, got {self.image.dtype} and {self.label.dtype}")


class NoMatchError(ValueError):
    """Two frames cannot be moved one into the other; the message names what is missing."""
