"""The frames of a DICOM file as a screen shows them: uint8 grey or RGB."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.grey import Depth
from kinecor.io.dicom.depth import RealValues, windows_of
from kinecor.io.dicom.pixels import DicomPixels
from kinecor.io.dicom.values import number, positive
from kinecor.io.dicom.voi import header_window
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, coloured, palette, robust_window

# Frames looked at for the grey window of a many-bit loop.
_WINDOW_FRAMES = 5


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
