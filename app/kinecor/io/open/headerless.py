"""Recordings from files that carry no header of a patient: video, pictures, NIfTI and MetaImage."""

from pathlib import Path

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.cine import CineSequence, FrameSource, Source
from kinecor.core.values.errors import Tick, no_tick
from kinecor.io.dicom.digest import content_digest, named_by
from kinecor.io.files.options import Options
from kinecor.io.open.find import Candidate


def plain_source(
    candidate: Candidate, options: Options, tick: Tick = no_tick, *, beside: tuple[Path, ...] = ()
) -> Source:
    """Known by a digest of its whole content, that of the files `beside` it included; a study of its own.

    Whatever else is opened with it, its readings are found again.

    Raises:
        OSError: a file cannot be read.
        Cancelled: by `tick`.

    """
    digest = content_digest((candidate.path, *beside), tick)
    modality = "" if options.modality == "auto" else options.modality
    return Source(candidate.shown, named_by(digest), named_by(digest), modality, digest=digest)


def plain_cine(
    source: Source,
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
        source=source,
        calibration_origin=origin or f"{why_no_scale}, so nothing is measured in mm or ml.",
        warnings=warnings,
    )
