"""Grey of more than 8 bits: the header's window, and pixel values as the file means them."""

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.core.values.grey import Curve, Depth, GreyWindow, between
from kinecor.io.dicom.values import element, items, number, numbers, text
from kinecor.io.files.cache import FrameCache, new_token
from kinecor.io.files.colour import Window

CURVES = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
# Of a table's range of greys, what lies below and above counts as black and white.
_DARK, _BRIGHT = 0.02, 0.98


def header_window(header: Dataset) -> GreyWindow | None:
    """Window Center and Width with their VOI LUT Function, the first where there are several; else a VOI LUT's range.

    A table (VOI LUT Sequence) is approximated by the line from where it leaves black to where it reaches white.

    Args:
        header: of a classic image, or a Frame VOI LUT macro's item (PS3.3 C.7.6.16.2.10).

    """
    centre, width = number(header, "WindowCenter"), number(header, "WindowWidth")
    if centre is not None and width is not None and width > 0:
        named = text(header, "VOILUTFunction").upper()
        curve = cast("Curve", named) if named in CURVES else "LINEAR"
        # LINEAR of width 1 is a threshold, and of less it is not allowed: nothing is seen of a heart.
        return GreyWindow(centre, width, curve) if width > 1 or curve != "LINEAR" else None
    return next((found for one in items(header, "VOILUTSequence") if (found := _of_table(one)) is not None), None)


def _of_table(table: Dataset) -> GreyWindow | None:
    described = numbers(table, "LUTDescriptor")
    data: Any = element(table, "LUTData")
    if len(described) != 3 or data is None:
        return None
    try:
        values: NDArray[Any] = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data)
        grey = values.astype(np.float64)
    except (TypeError, ValueError):
        return None
    if len(grey) < 2 or grey.max() <= grey.min():
        return None
    share = (grey - grey.min()) / (grey.max() - grey.min())
    first = int(np.argmax(share > _DARK))
    last = int(np.argmax(share >= _BRIGHT))
    if last <= first:
        return None
    low, high = described[1] + max(first - 1, 0), described[1] + last
    return GreyWindow((low + high) / 2, high - low, "LINEAR_EXACT")


def common_window(windows: Sequence[GreyWindow | None]) -> GreyWindow | None:
    """One window for images that are shown together: the medians of their own; None where none has one."""
    known = [one for one in windows if one is not None]
    if not known:
        return None
    return GreyWindow(median(one.centre for one in known), median(one.width for one in known), known[0].curve)


class RealValues:
    """A RealFrames that decodes on demand and holds decoded frames in a FrameCache.

    Args:
        read: gives frame i in real values, (rows, columns); may be called from several threads at once.
        count: how many frames there are.
        cache: where decoded frames are held.

    """

    def __init__(self, read: Callable[[int], NDArray[Any]], count: int, cache: FrameCache) -> None:
        self._read, self._count, self._cache = read, count, cache
        self._token = new_token()
        weakref.finalize(self, cache.release, self._token).atexit = False

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, frame: int) -> NDArray[Any]:
        if not 0 <= frame < self._count:
            raise IndexError(f"frame {frame} of a recording with frames 0..{self._count - 1}")
        values = self._cache.get(self._token, frame)
        if values is None:
            values = self._read(frame)
            if values.flags.writeable:
                values.flags.writeable = False
            self._cache.put(self._token, frame, values)
        return values


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that a loop, or all slices of a stack, may be looked at by; as in Depth."""

    opened: GreyWindow
    automatic: GreyWindow
    full: GreyWindow

    def depth(self, frames: RealValues, *, inverted: bool = False) -> Depth:
        """The depth of one loop; `inverted` where low values are bright."""
        return Depth(frames, self.opened, self.automatic, self.full, inverted)


def windows_of(looked_at: Sequence[NDArray[Any]], robust: Window, header: GreyWindow | None) -> Windows:
    """Windows that fit images.

    Args:
        looked_at: some of the images, in real values.
        robust: the window estimated from the images.
        header: the window of the header, or None.

    """
    automatic = between(robust.low, robust.high)
    ends = [(float(np.nanmin(one)), float(np.nanmax(one))) for one in looked_at if one.size]
    low, high = (min(one for one, _ in ends), max(one for _, one in ends)) if ends else (0.0, 1.0)
    return Windows(header or automatic, automatic, between(low, high))
