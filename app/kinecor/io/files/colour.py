"""Colour as it is stored to RGB and back, sRGB's profile, and samples of many bits to the 8 that a screen shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message

# Of the sampled values, so that a few hot pixels do not darken the heart.
WINDOW_PERCENTILES = (0.5, 99.5)
_SAMPLED_PER_IMAGE = 20_000


def rgb_from_ybr(ybr: BytesArray) -> BytesArray:
    """Full-range YCbCr (..., 3) uint8 to RGB; DICOM's YBR_FULL, PS3.3 C.7.6.3.1.2 (ITU-R BT.601).

    Args:
        ybr: (..., 3), two axes before the last.

    """
    import cv2

    return np.asarray(cv2.cvtColor(np.ascontiguousarray(ybr[..., (0, 2, 1)]), cv2.COLOR_YCrCb2RGB), np.uint8)


def palette(header: Dataset) -> tuple[NDArray[np.uint8], int]:
    """The colour table (n, 3) uint8, and the stored value of its first row.

    Args:
        header: of the image.

    Raises:
        KinecorError: the table is missing or does not fit its descriptor.

    """
    try:
        entries, first, _bits = (int(part) for part in header.RedPaletteColorLookupTableDescriptor)
        entries = entries or 1 << 16
        # Applying the table to all values it covers also unfolds segmented tables.
        table = np.asarray(apply_color_lut(np.arange(first, first + entries, dtype=np.int32), header))
    except Exception as error:  # missing, too short, or of another kind
        raise KinecorError(
            message(
                "Expected a colour palette that fits its descriptor, it is missing or damaged; export "
                "the recording as RGB"
            )
        ) from error
    if table.dtype != np.uint8:
        # Seen in real files: "16 bits" in the descriptor, values of 8 in the table.
        table = table if table.max(initial=0) <= 255 else table >> 8
    return table.astype(np.uint8), first


def apply_colour_table(samples: NDArray[Any], table: NDArray[np.uint8], first: int) -> BytesArray:
    """Every sample's colour: (rows, columns) to (rows, columns, 3); values beyond the table take its ends.

    Args:
        samples: stored values.
        table: see `palette`.
        first: stored value of its first row.

    """
    index = np.clip(samples.astype(np.int32) - first, 0, len(table) - 1)
    return np.asarray(table[index], np.uint8)


@dataclass(frozen=True)
class Window:
    """The values that become black and white; between them grey is linear. Inverted where `low` is above `high`."""

    low: float
    high: float

    def __call__(self, samples: NDArray[Any]) -> BytesArray:
        """`samples` of any real kind as uint8 grey."""
        span = self.high - self.low or 1.0
        grey = (samples.astype(np.float32) - np.float32(self.low)) * np.float32(255.0 / span)
        return np.asarray(np.rint(np.clip(np.nan_to_num(grey), 0, 255)), np.uint8)

    @property
    def inverted(self) -> "Window":
        """Black and white exchanged, as MONOCHROME1 asks."""
        return Window(self.high, self.low)


def robust_window(images: Iterable[NDArray[Any]]) -> Window:
    """The window from the 0.5th to the 99.5th percentile of values sampled evenly from `images`.

    Args:
        images: of any shape and number type; values that are not finite do not count.

    """
    sampled = [image.ravel()[:: max(1, image.size // _SAMPLED_PER_IMAGE)].astype(np.float64) for image in images]
    values = np.concatenate(sampled) if sampled else np.zeros(1)
    values = values[np.isfinite(values)]
    if not values.size:
        return Window(0.0, 1.0)
    low, high = np.percentile(values, WINDOW_PERCENTILES)
    if low == high:
        low, high = float(values.min()), float(values.max())
    return Window(float(low), float(high))


SRGB = "sRGB IEC61966-2.1"
_DATE, _ID = slice(24, 36), slice(84, 100)


@cache
def srgb_profile() -> bytes:
    """The ICC profile of sRGB as LittleCMS writes it, without the time at which it did."""
    from PIL import ImageCms

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[_DATE] = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # 2000-01-01
    data[_ID] = bytes(16)
    return bytes(data)


def cielab(colour: str) -> list[int]:
    """A colour "#rrggbb" as DICOM stores CIELab: three numbers of 16 bits (PS3.3 C.10.7.1.1).

    Args:
        colour: of sRGB.

    """
    import cv2

    rgb = np.array([[[int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]]], np.float32)
    lightness, a, b = (float(channel) for channel in cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0])
    return [round(lightness * 65535 / 100), round((a + 128) * 65535 / 255), round((b + 128) * 65535 / 255)]
