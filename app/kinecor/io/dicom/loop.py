"""DICOM loops and stills that are recordings by themselves: ultrasound, secondary capture and the like.

Millimetres per pixel are from the calibration regions of an ultrasound image, or from Pixel Spacing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.core.cycle.r_waves import r_waves_s
from kinecor.core.values.calibration import Calibration, Options
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import NOTHING, Message, join_texts, message, verbatim
from kinecor.core.values.message import number as figure
from kinecor.core.values.recording import CineSequence, Depth, Region, Trace
from kinecor.io.dicom.ecg import ecg_of
from kinecor.io.dicom.graphs import graphs_of
from kinecor.io.dicom.header import (
    DicomFile,
    header_times,
    instances_of,
    items,
    modality_of,
    number,
    numbers,
    positive,
    rescale,
    safe_id,
    sop_class,
    source_of,
    text,
    view_of,
)
from kinecor.io.dicom.layout import VIDEO, declared_frames, read_layout
from kinecor.io.dicom.pixels import DicomPixels, RealValues, header_window, named_by, pixel_digest, windows_of
from kinecor.io.dicom.video import read_video
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, apply_colour_table, palette, robust_window

# PS3.3 C.8.5.5.1: data types of a tissue image, best first; 1 tissue, 2 colour flow over it.
_TISSUE, _COLOUR_FLOW = 1, 2
# Of all regions; scanners write a handful of some 300 bytes each.
_MAX_BYTES = 1 << 16
_TWO_DIMENSIONAL = 1
_CENTIMETRES = 3
# A region may end this far outside the image where pixels are counted differently; more means the image was shrunk.
_SLACK_PX = 2
# Ratios by which programs shrink images: 800 to 640, 768 to 576, 640 to 320 ...
SHRINK_FACTORS = (1.25, 4 / 3, 1.5, 1.6, 2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True)
class Scale:
    """What CineSequence says of the same names.

    Only `calibration_origin` says why there is no scale: a warning would remain after a person entered one.
    """

    calibration: Calibration | None
    calibration_origin: Message
    offered: Calibration | None = None
    region: Region | None = None
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True)
class _Area:
    x0: float
    y0: float
    x1: float
    y1: float
    col_mm: float
    row_mm: float
    in_cm: bool
    kind: int

    @property
    def size(self) -> float:
        return (self.x1 - self.x0) * (self.y1 - self.y0)


def ultrasound_scale(header: Dataset, rows: int, columns: int) -> Scale:
    """The scale of the region that shows tissue, (0018,6011), else Pixel Spacing (0028,0030).

    Deltas may be negative (their size counts) and differ between x and y. Where the region reaches beyond the
    image, the pixels were shrunk after the scale was written: nothing is calibrated then, and the scale of the
    smallest usual shrinking that makes the region fit is offered instead.

    Args:
        header: of the loop.
        rows: of the image.
        columns: of the image.

    """
    areas = [area for area in map(_area, items(header, "SequenceOfUltrasoundRegions", _MAX_BYTES)) if area]
    if not areas:
        return _header_spacing(header)
    # Those with a scale first, tissue before colour flow, then the largest.
    best = min(areas, key=lambda area: (not area.in_cm, area.kind != _TISSUE, -area.size))
    needed = max((best.x1 + 1 - _SLACK_PX) / columns, (best.y1 + 1 - _SLACK_PX) / rows)
    if needed > 1:
        return _shrunk(best, needed, rows, columns)
    region = _region(best, 1.0, rows, columns)
    if not best.in_cm:
        reason = message("The file's calibration region is not in centimetres, so nothing is measured in mm or ml.")
        return Scale(None, reason, region=region)
    calibration = _calibration(best.row_mm, best.col_mm, message("the ultrasound region in the file"))
    if calibration is None:
        reason = message(
            "The file's scale of {spacing} mm/px is not that of a heart and is not used.",
            spacing=join_texts(figure(best.row_mm, ".3g"), " x ", figure(best.col_mm, ".3g")),
        )
        return Scale(None, reason, region=region)
    several = [area for area in areas if area.in_cm and area.kind == _TISSUE]
    warnings: tuple[Message, ...] = ()
    if any((area.row_mm, area.col_mm) != (best.row_mm, best.col_mm) for area in several):
        warnings = (
            message(
                "The image has {count} tissue regions of different scale; that of the largest is used, so measure only "
                "there.",
                count=len(several),
            ),
        )
    return Scale(calibration, _sentence(calibration), region=region, warnings=warnings)


def _area(item: Dataset) -> _Area | None:
    corners = [number(item, f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
    kind = number(item, "RegionDataType")
    if None in corners or kind not in {_TISSUE, _COLOUR_FLOW}:
        return None
    if number(item, "RegionSpatialFormat") not in {_TWO_DIMENSIONAL, None}:
        return None
    x0, y0, x1, y1 = (float(corner) for corner in corners if corner is not None)
    delta_x, delta_y = number(item, "PhysicalDeltaX"), number(item, "PhysicalDeltaY")
    units = {number(item, "PhysicalUnitsXDirection"), number(item, "PhysicalUnitsYDirection")}
    in_cm = units == {_CENTIMETRES} and bool(delta_x) and bool(delta_y)
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        return None
    return _Area(x0, y0, x1, y1, 10 * abs(delta_x or 0), 10 * abs(delta_y or 0), in_cm, int(kind or 0))


def _shrunk(area: _Area, needed: float, rows: int, columns: int) -> Scale:
    factor = next((shrink_factor for shrink_factor in SHRINK_FACTORS if shrink_factor >= needed), None)
    reason = message(
        "The file's scale belongs to a larger image: its region reaches to {reach} pixels, the image has {size}, so "
        "the "
        "pixels were shrunk and the scale is not used.",
        reach=verbatim(f"{area.x1:.0f} x {area.y1:.0f}"),
        size=verbatim(f"{columns} x {rows}"),
    )
    if factor is None:
        return Scale(None, reason)
    region = _region(area, factor, rows, columns)
    offered = None
    before = verbatim(f"{columns * factor:.0f} x {rows * factor:.0f}")
    if area.in_cm:
        offered = _calibration(
            area.row_mm * factor,
            area.col_mm * factor,
            message("the file's scale times {factor:.3g}, if the image was {size}", factor=float(factor), size=before),
        )
    if offered:
        once = message("If it was {size} once, the scale is {spacing} mm/px.", size=before, spacing=_numbers(offered))
        reason = join_texts(reason, " ", once)
    return Scale(None, reason, offered, region)


def _region(area: _Area, factor: float, rows: int, columns: int) -> Region | None:
    x0, y0 = int(area.x0 / factor), int(area.y0 / factor)
    x1, y1 = min(columns, round((area.x1 + 1) / factor)), min(rows, round((area.y1 + 1) / factor))
    return Region(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _header_spacing(header: Dataset) -> Scale:
    for keyword, origin in (
        ("PixelSpacing", message("Pixel Spacing in the file")),
        ("ImagerPixelSpacing", message("Imager Pixel Spacing in the file")),
    ):
        scale = spacing_scale(numbers(header, keyword), origin)
        if scale.calibration:
            return scale
    return spacing_scale((), NOTHING)


def spacing_scale(spacing_mm: Sequence[float], origin: Message) -> Scale:
    """The scale of a spacing (between rows, between columns) as a file gives it; any other is no scale.

    Args:
        spacing_mm: of two numbers, or of none.
        origin: where the file states it.

    """
    calibration = _calibration(spacing_mm[0], spacing_mm[1], origin) if len(spacing_mm) == 2 else None
    if calibration is None:
        return Scale(None, message("The file carries no scale, so nothing is measured in mm or ml."))
    return Scale(calibration, _sentence(calibration))


def _calibration(row_mm: float, col_mm: float, origin: Message) -> Calibration | None:
    try:
        return Calibration(row_mm, col_mm, origin)
    except ValueError:
        return None


def _sentence(calibration: Calibration) -> Message:
    return message("{spacing} mm/px, from {origin}.", spacing=_numbers(calibration), origin=calibration.origin)


def _numbers(calibration: Calibration) -> Message:
    if calibration.square:
        return figure(calibration.row_mm, ".4g")
    return message("{row:.4g} (rows) x {column:.4g} (columns)", row=calibration.row_mm, column=calibration.col_mm)


# Objects that hold pixels but are no recording.
_NO_RECORDING = frozenset({"SEG", "RTDOSE", "RTSTRUCT", "RTPLAN", "RTIMAGE", "SR", "PR", "KO", "REG", "DOC", "ECG"})
_VOLUME_CLASS = "1.2.840.10008.5.1.4.1.1.6.2"
# Frames looked at for the grey window of a many-bit loop.
_WINDOW_FRAMES = 5


def check_is_recording(file: DicomFile) -> None:
    """Refuse DICOM objects that are no recording.

    Args:
        file: with its header.

    Raises:
        KinecorError: a report, a segmentation, a 3-D ultrasound volume ...

    """
    header = file.header
    kind = verbatim(sop_class(header) or text(header, "Modality") or message("unknown kind"))
    bare = file.pixel_element is None and not text(header, "Rows")
    if bare and text(header, "Modality") not in _NO_RECORDING and ("Image Storage" in kind or not len(header)):
        raise KinecorError(
            message(
                "Expected a whole recording ({kind}), this file is cut off before its image; copy it again",
                kind=kind,
            )
        )
    if bare or text(header, "Modality") in _NO_RECORDING:
        raise KinecorError(
            message(
                "Expected a cine loop or an image, this DICOM object is neither ({kind}); choose another file",
                kind=kind,
            )
        )
    if text(header, "SOPClassUID") == _VOLUME_CLASS:
        raise KinecorError(
            message("Expected a 2-D loop, this is a 3-D ultrasound volume; export a 2-D plane of it as a loop")
        )


def open_ultrasound(
    file: DicomFile, cache: FrameCache, options: Options, shown: str, tick: Tick = no_tick
) -> CineSequence:
    """The CineSequence of one file; its first frame is decoded at once, so that a broken file is reported here.

    A video is decoded once from end to end, to count its frames.

    Args:
        file: its header.
        cache: holds decoded frames.
        options: see Options.
        shown: the path to be shown and reported.
        tick: called as tick(0, 0) while a video is read.

    Raises:
        KinecorError: the pixels cannot be used.
        OSError: the file cannot be read.
        Cancelled: by `tick`.

    """
    header = file.header
    depth: Depth | None = None
    if file.syntax in VIDEO:
        video = read_video(file, cache, tick)
        layout, times, digest = video.layout, video.times, video.digest
        frames: CachedFrames = video.frames
    else:
        layout, table = read_layout(file)
        pixels = DicomPixels(file.path, layout, table, file.keep)
        frames = display_frames(pixels, header, cache)
        _ = frames[0]
        times = header_times(header, layout.frames)
        digest = pixel_digest([(pixels, frame) for frame in range(layout.frames)])
        depth = depth_of(pixels, header, cache)
    scale = ultrasound_scale(header, layout.rows, layout.columns)
    if options.calibration:
        given = options.calibration
        spacing = join_texts(figure(given.row_mm, "g"), " x ", figure(given.col_mm, "g"))
        origin = message("{spacing} mm/px, {origin}.", spacing=spacing, origin=given.origin)
        scale = Scale(given, origin, None, scale.region)
    modality = modality_of(header) if options.modality == "auto" else options.modality
    identity = safe_id(text(header, "SOPInstanceUID")) or named_by(digest)
    source = source_of(file, shown, identity, modality, digest)
    ecg = ecg_of(header, little=file.little_endian)
    return CineSequence(
        frames=frames,
        times_s=times.times_s,
        times_origin=times.origin,
        calibration=scale.calibration,
        source=source,
        calibration_origin=scale.calibration_origin,
        offered=scale.offered,
        view=view_of(header),
        heart_rate_per_min=heart_rate(positive(header, "HeartRate")),
        r_wave_s=_r_waves_s(header, ecg, float(times.times_s[-1])),
        region=scale.region,
        depth=depth,
        instances=instances_of(file, layout.frames),
        ecg=ecg,
        graphs=graphs_of(header, layout.rows, layout.columns),
        warnings=_more_frames(declared_frames(header), layout.frames)
        + times.warnings
        + scale.warnings
        + source.date_warning,
    )


def _r_waves_s(header: Dataset, ecg: Trace | None, last_s: float) -> tuple[float, ...]:
    """R waves as the header states them, else those of the recorded ECG within the loop."""
    stated = tuple(sorted(ms / 1000 for ms in numbers(header, "RWaveTimeVector")))
    if stated or ecg is None:
        return stated
    return tuple(wave for wave in r_waves_s(ecg) if 0 <= wave <= last_s)


def _more_frames(declared: int, found: int) -> tuple[Message, ...]:
    if declared == found:
        return ()
    return (message("The header declares one frame, the file holds {count}: all of them are opened.", count=found),)


def heart_rate(rate_per_min: float | None) -> float | None:
    """The rate where it is plausible for a heart (15 to 350 per minute), else None.

    Args:
        rate_per_min: of the header; None without one.

    """
    return rate_per_min if rate_per_min is not None and 15 <= rate_per_min <= 350 else None


def display_frames(pixels: DicomPixels, header: Dataset, cache: FrameCache) -> CachedFrames:
    """Frames decoded on demand.

    Colour stays colour and 8-bit grey stays as it is (MONOCHROME1 inverted). Grey of more bits is windowed: by the
    header's Window Center and Width, else by a robust window over some frames of the loop.

    Args:
        pixels: of the loop.
        header: of the loop.
        cache: for decoded frames.

    Raises:
        KinecorError: the first frame, or the palette, cannot be used.

    """
    layout = pixels.layout
    grey = (layout.rows, layout.columns)
    if layout.photometric == "PALETTE COLOR":
        table, first = palette(header)
        return CachedFrames(
            lambda frame: apply_colour_table(pixels.samples(frame), table, first),
            (layout.frames, *grey, 3),
            cache,
            pixels.repaired,
        )
    if layout.samples == 3:
        return CachedFrames(pixels.samples, (layout.frames, *grey, 3), cache, pixels.repaired)
    inverted = layout.photometric == "MONOCHROME1"
    if layout.stored <= 8 and not layout.signed:
        return CachedFrames(
            lambda frame: _eight_bit(pixels, frame, inverted), (layout.frames, *grey), cache, pixels.repaired
        )
    window = grey_window(pixels, header)
    window = window.inverted if inverted else window
    return CachedFrames(lambda frame: window(pixels.samples(frame)), (layout.frames, *grey), cache, pixels.repaired)


def depth_of(pixels: DicomPixels, header: Dataset, cache: FrameCache) -> Depth | None:
    """A loop of many bits of grey in real values, or None where it has 8 or colour.

    Args:
        pixels: of the loop.
        header: of the loop.
        cache: for decoded frames.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    layout = pixels.layout
    if layout.samples == 3 or layout.photometric == "PALETTE COLOR" or (layout.stored <= 8 and not layout.signed):
        return None
    slope, intercept = rescale(header)

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
    """The window of a single loop, in stored values (PS3.3 C.11.2.1.2.1).

    Args:
        pixels: of the loop, grey.
        header: of the loop.

    """
    centre, width = number(header, "WindowCenter"), positive(header, "WindowWidth")
    if centre is not None and width is not None and width > 1:
        slope, intercept = rescale(header)
        low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
        return Window((low - intercept) / slope, (high - intercept) / slope)
    chosen = np.unique(np.linspace(0, len(pixels) - 1, _WINDOW_FRAMES).astype(int))
    return robust_window(pixels.samples(int(frame)) for frame in chosen)
