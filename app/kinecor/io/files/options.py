"""Options for opening a file: what its header leaves open or states wrongly."""

from dataclasses import dataclass

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import KinecorError

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

    Raises:
        KinecorError: an answer that is not among the choices, or a spacing that is not one of a heart.

    """
    if modality not in MODALITIES:
        raise KinecorError(f"Modality: expected one of {', '.join(MODALITIES)}, got '{modality}'")
    if third_axis not in THIRD_AXES:
        raise KinecorError(f"Third axis: expected one of {', '.join(THIRD_AXES)}, got '{third_axis}'")
    if spacing_mm is None:
        return Options(modality, third_axis)
    try:
        calibration = Calibration(spacing_mm[0], spacing_mm[1], "the spacing given by the user")
    except ValueError as error:
        raise KinecorError(f"Spacing: {error}; give the distance between rows, then between columns") from None
    return Options(modality, third_axis, calibration)
