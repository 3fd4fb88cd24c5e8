"""Millimetres per pixel, and where they come from; and what else a reader may state when a file is opened."""

import math
from dataclasses import dataclass
from typing import Final

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import Message, join_texts, joined_by, message, number, verbatim

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
    origin: Message

    def __post_init__(self) -> None:
        for name, value in (("row_mm", self.row_mm), ("col_mm", self.col_mm)):
            if not (math.isfinite(value) and MIN_SPACING_MM <= value <= MAX_SPACING_MM):
                raise ValueError(
                    message(
                        "{name}: expected {low} to {high} mm, got {size}",
                        name=verbatim(name),
                        low=MIN_SPACING_MM,
                        high=MAX_SPACING_MM,
                        size=value,
                    )
                )
        if not self.origin:
            raise ValueError("a calibration must say where it comes from")

    @property
    def square(self) -> bool:
        """Whether rows and columns are equally far apart."""
        return math.isclose(self.row_mm, self.col_mm, rel_tol=SQUARE_TOLERANCE)

    @property
    def words(self) -> Message:
        """The spacing as a reader is shown it: "1.02 mm/px", or both where rows and columns differ."""
        if self.square:
            return join_texts(number(self.row_mm, ".3g"), " mm/px")
        return join_texts(number(self.row_mm, ".3g"), " × ", number(self.col_mm, ".3g"), " mm/px")


GIVEN: Final = message("the spacing given by the user")
"""Origin of a spacing that was stated on opening."""
MODALITIES = ("auto", "US", "MR")
THIRD_AXES = ("auto", "time", "slice")


@dataclass(frozen=True)
class Options:
    """What is stated when opening, rather than read from the file.

    Attributes:
        modality: "US" or "MR", or "auto" for the file's own.
        third_axis: what the third axis of a 3-D NIfTI or MetaImage is: "time", "slice", or "auto".
        calibration: a scale that takes precedence over the file's own, or None.

    """

    modality: str = "auto"
    third_axis: str = "auto"
    calibration: Calibration | None = None


def checked_options(modality: str, third_axis: str, spacing_mm: tuple[float, float] | None) -> Options:
    """Validated options; `spacing_mm` is (between rows, between columns).

    Args:
        modality: one of MODALITIES.
        third_axis: what the third axis of a volume without a header is, one of the choices.
        spacing_mm: of pixels, (between rows, between columns); None for that of the file.

    Raises:
        KinecorError: an answer that is not among the choices, or a spacing that is not one of a heart.

    """
    if modality not in MODALITIES:
        raise KinecorError(
            message(
                "Modality: expected one of {choices}, got '{given}'",
                choices=joined_by(", ", MODALITIES),
                given=verbatim(modality),
            )
        )
    if third_axis not in THIRD_AXES:
        raise KinecorError(
            message(
                "Third axis: expected one of {choices}, got '{given}'",
                choices=joined_by(", ", THIRD_AXES),
                given=verbatim(third_axis),
            )
        )
    if spacing_mm is None:
        return Options(modality, third_axis)
    try:
        calibration = Calibration(spacing_mm[0], spacing_mm[1], GIVEN)
    except ValueError as error:
        raise KinecorError(
            message(
                "Spacing: {reason}; give the distance between rows, then between columns", reason=error_message(error)
            )
        ) from None
    return Options(modality, third_axis, calibration)
