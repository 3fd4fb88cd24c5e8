"""A DICOM loop or still that stands alone: ultrasound, secondary capture and the like."""

from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import KinecorError
from kinecor.io.dicom.digest import named_by, pixel_digest
from kinecor.io.dicom.file import DicomFile
from kinecor.io.dicom.frame_times import header_times
from kinecor.io.dicom.frames import depth_of, display_frames
from kinecor.io.dicom.header import modality_of, sop_class, source_of, view_of
from kinecor.io.dicom.layout import declared_frames, read_layout
from kinecor.io.dicom.picture_scale import Scale, ultrasound_scale
from kinecor.io.dicom.pixels import DicomPixels
from kinecor.io.dicom.values import numbers, positive, safe_id, text
from kinecor.io.files.cache import FrameCache
from kinecor.io.files.options import Options

# Objects that hold pixels but are no recording.
_NO_RECORDING = frozenset({"SEG", "RTDOSE", "RTSTRUCT", "RTPLAN", "RTIMAGE", "SR", "PR", "KO", "REG", "DOC", "ECG"})
_VOLUME_CLASS = "1.2.840.10008.5.1.4.1.1.6.2"


def check_is_picture(file: DicomFile) -> None:
    """Refuse DICOM objects that are no recording.

    Raises:
        KinecorError: a report, a segmentation, a 3-D ultrasound volume ...

    """
    header = file.header
    kind = sop_class(header) or text(header, "Modality") or "unknown kind"
    if text(header, "Modality") in _NO_RECORDING or (file.pixel_element is None and not text(header, "Rows")):
        raise KinecorError(f"Expected a cine loop or an image, this DICOM object is no picture ({kind}); leave it out")
    if text(header, "SOPClassUID") == _VOLUME_CLASS:
        raise KinecorError("Expected a 2-D loop, this is a 3-D ultrasound volume; export a 2-D plane of it as a loop")


def open_ultrasound(file: DicomFile, cache: FrameCache, options: Options, kept_as: str) -> CineSequence:
    """The CineSequence of one file; its first frame is decoded at once, so that a broken file is told here.

    Args:
        file: its header.
        cache: holds decoded frames.
        options: what a person said.
        kept_as: the path to be shown and reported.

    Raises:
        KinecorError: the picture cannot be used.
        OSError: the file cannot be read.

    """
    header = file.header
    layout, table = read_layout(file)
    pixels = DicomPixels(file.path, layout, table, file.keep)
    frames = display_frames(pixels, header, cache)
    _ = frames[0]
    times = header_times(header, layout.frames)
    scale = ultrasound_scale(header, layout.rows, layout.columns)
    if options.calibration:
        given = options.calibration
        scale = Scale(given, f"{given.row_mm:g} x {given.col_mm:g} mm a pixel, {given.origin}.", None, scale.region)
    modality = modality_of(header) if options.modality == "auto" else options.modality
    digest = pixel_digest([(pixels, frame) for frame in range(layout.frames)])
    identity = safe_id(text(header, "SOPInstanceUID")) or named_by(digest)
    return CineSequence(
        frames=frames,
        times_s=times.times_s,
        times_origin=times.origin,
        calibration=scale.calibration,
        source=source_of(file, kept_as, identity, modality, digest),
        calibration_origin=scale.calibration_origin,
        offered=scale.offered,
        view=view_of(header),
        heart_rate_per_min=heart_rate(positive(header, "HeartRate")),
        r_wave_s=tuple(sorted(ms / 1000 for ms in numbers(header, "RWaveTimeVector"))),
        region=scale.region,
        depth=depth_of(pixels, header, cache),
        warnings=_more_frames(declared_frames(header), layout.frames) + times.warnings + scale.warnings,
    )


def _more_frames(declared: int, found: int) -> tuple[str, ...]:
    if declared == found:
        return ()
    return (f"The header tells of one frame, the file holds {found}: all of them are opened.",)


def heart_rate(rate_per_min: float | None) -> float | None:
    """The rate where a heart may beat so, else None."""
    return rate_per_min if rate_per_min is not None and 15 <= rate_per_min <= 350 else None
