"""Recordings from files that carry no header of a patient: video, pictures, NIfTI and MetaImage."""

from kinecor.core.arrays import FloatArray
from kinecor.core.calibration import Calibration
from kinecor.core.cine import CineSequence, FrameSource, Source
from kinecor.io.dicom_values import content_id
from kinecor.io.find import Candidate
from kinecor.io.options import Options


def plain_source(candidate: Candidate, options: Options, modality: str = "") -> Source:
    """Known by a digest of its content; the study's id is filled in once the folder's recordings are known."""
    said = modality if options.modality == "auto" else options.modality
    return Source(candidate.shown, content_id(candidate.path), "", said)


def plain_cine(
    candidate: Candidate,
    frames: FrameSource,
    times_s: FloatArray,
    times_origin: str,
    options: Options,
    why_no_scale: str,
    warnings: tuple[str, ...] = (),
    calibration: Calibration | None = None,
) -> CineSequence:
    """A CineSequence with the scale that a person gave, else `calibration`, else none and why."""
    scale = options.calibration or calibration
    origin = f"{scale.row_mm:.4g} x {scale.col_mm:.4g} mm a pixel, from {scale.origin}." if scale else ""
    return CineSequence(
        frames=frames,
        times_s=times_s,
        times_origin=times_origin,
        calibration=scale,
        source=plain_source(candidate, options),
        calibration_origin=origin or f"{why_no_scale}, so nothing is measured in mm or ml.",
        warnings=warnings,
    )
