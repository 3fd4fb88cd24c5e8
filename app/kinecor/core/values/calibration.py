"""Millimetres per pixel, and where they come from."""

import math
from dataclasses import dataclass

# Within this relative difference two spacings count as equal ("square pixels").
SQUARE_TOLERANCE = 1e-3
# Spacings outside this range are not of a heart on a screen: 1 micrometre to 2 cm a pixel.
MIN_SPACING_MM, MAX_SPACING_MM = 1e-3, 20.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Spacing of the pixel grid, in mm.

    Attributes:
        row_mm: distance between the centres of neighbouring rows (along y).
        col_mm: distance between the centres of neighbouring columns (along x).
        origin: where the spacing comes from, in words a reader understands.

    Raises:
        ValueError: a spacing is not a number from 0.001 to 20 mm, or the origin is empty.

    """

    row_mm: float
    col_mm: float
    origin: str

    def __post_init__(self) -> None:
        for name, value in (("row_mm", self.row_mm), ("col_mm", self.col_mm)):
            if not (math.isfinite(value) and MIN_SPACING_MM <= value <= MAX_SPACING_MM):
                raise ValueError(f"{name}: expected {MIN_SPACING_MM} to {MAX_SPACING_MM} mm, got {value}")
        if not self.origin:
            raise ValueError("a calibration must say where it comes from")

    @property
    def square(self) -> bool:
        """Whether rows and columns are equally far apart."""
        return math.isclose(self.row_mm, self.col_mm, rel_tol=SQUARE_TOLERANCE)
