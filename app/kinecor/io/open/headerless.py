"""Recordings from files without a patient header: video, stills, NIfTI and MetaImage."""

from pathlib import Path

from kinecor.core.values.calibration import Calibration, Options
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import CineSequence, FrameSource, Source
from kinecor.io.dicom.pixels import content_digest, named_by
from kinecor.io.open.find import Candidate


def headerless_source(
    candidate: Candidate, options: Options, tick: Tick = no_tick, *, companions: tuple[Path, ...] = ()
) -> Source:
    """A source identified by a digest of the file's whole content and of its `companions`; a study by itself.

    Its readings are thus found again, whatever else is opened with it.

    Raises:
        OSError: a file cannot be read.
        Cancelled: by `tick`.

    """
    digest = content_digest((candidate.path, *companions), tick)
    modality = "" if options.modality == "auto" else options.modality
    return Source(candidate.shown, named_by(digest), named_by(digest), modality, digest=digest)


def headerless_cine(
    source: Source,
    frames: FrameSource,
    times_s: FloatArray,
    times_origin: str,
    options: Options,
    why_no_scale: str,
    warnings: tuple[str, ...] = (),
    calibration: Calibration | None = None,
) -> CineSequence:
    """A CineSequence with the scale from `options`, else `calibration`, else none and `why_no_scale`."""
    scale = options.calibration or calibration
    origin = f"{scale.row_mm:.4g} x {scale.col_mm:.4g} mm/px, from {scale.origin}." if scale else ""
    return CineSequence(
        frames=frames,
        times_s=times_s,
        times_origin=times_origin,
        calibration=scale,
        source=source,
        calibration_origin=origin or f"{why_no_scale}, so nothing is measured in mm or ml.",
        warnings=warnings,
    )
