"""DICOM loops and stills that are recordings by themselves: ultrasound, secondary capture and the like."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import CineSequence, Depth
from kinecor.io.dicom.calibration import Scale, ultrasound_scale
from kinecor.io.dicom.file import DicomFile
from kinecor.io.dicom.header import (
    header_times,
    modality_of,
    number,
    numbers,
    positive,
    safe_id,
    sop_class,
    source_of,
    text,
    view_of,
)
from kinecor.io.dicom.layout import declared_frames, read_layout
from kinecor.io.dicom.pixels import DicomPixels, RealValues, header_window, named_by, pixel_digest, windows_of
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, coloured, palette, robust_window
from kinecor.io.files.options import Options

# Objects that hold pixels but are no recording.
_NO_RECORDING = frozenset({"SEG", "RTDOSE", "RTSTRUCT", "RTPLAN", "RTIMAGE", "SR", "PR", "KO", "REG", "DOC", "ECG"})
_VOLUME_CLASS = "1.2.840.10008.5.1.4.1.1.6.2"
# Frames looked at for the grey window of a many-bit loop.
_WINDOW_FRAMES = 5


def check_is_recording(file: DicomFile) -> None:
    """Refuse DICOM objects that are no recording.

    Raises:
        KinecorError: a report, a segmentation, a 3-D ultrasound volume ...

    """
    header = file.header
    kind = sop_class(header) or text(header, "Modality") or "unknown kind"
    if text(header, "Modality") in _NO_RECORDING or (file.pixel_element is None and not text(header, "Rows")):
        raise KinecorError(
            f"Expected a cine loop or an image, this DICOM object is neither ({kind}); choose another file"
        )
    if text(header, "SOPClassUID") == _VOLUME_CLASS:
        raise KinecorError("Expected a 2-D loop, this is a 3-D ultrasound volume; export a 2-D plane of it as a loop")


def open_ultrasound(file: DicomFile, cache: FrameCache, options: Options, shown: str) -> CineSequence:
    """The CineSequence of one file; its first frame is decoded at once, so that a broken file is reported here.

    Args:
        file: its header.
        cache: holds decoded frames.
        options: see Options.
        shown: the path to be shown and reported.

    Raises:
        KinecorError: the pixels cannot be used.
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
        scale = Scale(given, f"{given.row_mm:g} x {given.col_mm:g} mm/px, {given.origin}.", None, scale.region)
    modality = modality_of(header) if options.modality == "auto" else options.modality
    digest = pixel_digest([(pixels, frame) for frame in range(layout.frames)])
    identity = safe_id(text(header, "SOPInstanceUID")) or named_by(digest)
    return CineSequence(
        frames=frames,
        times_s=times.times_s,
        times_origin=times.origin,
        calibration=scale.calibration,
        source=source_of(file, shown, identity, modality, digest),
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
    return (f"The header declares one frame, the file holds {found}: all of them are opened.",)


def heart_rate(rate_per_min: float | None) -> float | None:
    """The rate where it is plausible for a heart (15 to 350 per minute), else None."""
    return rate_per_min if rate_per_min is not None and 15 <= rate_per_min <= 350 else None


def display_frames(pixels: DicomPixels, header: Dataset, cache: FrameCache) -> CachedFrames:
    """Frames decoded on demand.

    Colour stays colour and 8-bit grey stays as it is (MONOCHROME1 inverted). Grey of more bits is windowed: by the
    header's Window Center and Width, else by a robust window over some frames of the loop.

    Raises:
        KinecorError: the first frame, or the palette, cannot be used.

    """
    layout = pixels.layout
    grey = (layout.rows, layout.columns)
    if layout.photometric == "PALETTE COLOR":
        table, first = palette(header)
        return CachedFrames(
            lambda frame: coloured(pixels.samples(frame), table, first), (layout.frames, *grey, 3), cache
        )
    if layout.samples == 3:
        return CachedFrames(pixels.samples, (layout.frames, *grey, 3), cache)
    inverted = layout.photometric == "MONOCHROME1"
    if layout.stored <= 8 and not layout.signed:
        return CachedFrames(lambda frame: _eight_bit(pixels, frame, inverted), (layout.frames, *grey), cache)
    window = grey_window(pixels, header)
    window = window.inverted if inverted else window
    return CachedFrames(lambda frame: window(pixels.samples(frame)), (layout.frames, *grey), cache)


def depth_of(pixels: DicomPixels, header: Dataset, cache: FrameCache) -> Depth | None:
    """A loop of many bits of grey in real values, or None where it has 8 or colour.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    layout = pixels.layout
    if layout.samples == 3 or layout.photometric == "PALETTE COLOR" or (layout.stored <= 8 and not layout.signed):
        return None
    slope, intercept = number(header, "RescaleSlope") or 1.0, number(header, "RescaleIntercept") or 0.0

    def real(frame: int) -> NDArray[Any]:
        samples = pixels.samples(frame)
        return samples if (slope, intercept) == (1.0, 0.0) else samples * np.float32(slope) + np.float32(intercept)

    chosen = np.unique(np.linspace(0, len(pixels) - 1, _WINDOW_FRAMES).astype(int))
    sampled = [real(int(frame)) for frame in chosen]
    windows = windows_of(sampled, robust_window(sampled), header_window(header))
    return windows.depth(RealValues(real, len(pixels), cache), inverted=layout.photometric == "MONOCHROME1")


def _eight_bit(pixels: DicomPixels, frame: int, inverted: bool) -> BytesArray:
    samples = pixels.samples(frame).astype(np.uint8)
    stored = pixels.layout.stored
    if stored < 8:
        # Fewer bits fill the range from black to white all the same.
        samples = (samples.astype(np.uint16) * 255 // ((1 << stored) - 1)).astype(np.uint8)
    return 255 - samples if inverted else samples


def grey_window(pixels: DicomPixels, header: Dataset) -> Window:
    """The window of a single loop, in stored values (PS3.3 C.11.2.1.2.1)."""
    centre, width = number(header, "WindowCenter"), positive(header, "WindowWidth")
    if centre is not None and width is not None and width > 1:
        slope, intercept = positive(header, "RescaleSlope") or 1.0, number(header, "RescaleIntercept") or 0.0
        low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
        return Window((low - intercept) / slope, (high - intercept) / slope)
    chosen = np.unique(np.linspace(0, len(pixels) - 1, _WINDOW_FRAMES).astype(int))
    return robust_window(pixels.samples(int(frame)) for frame in chosen)
