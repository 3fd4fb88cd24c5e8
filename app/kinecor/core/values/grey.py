"""The grey window of images of many bits: which values become black and white, in the numbers of the file."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.arrays import BytesArray

Curve = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
LEAST_WIDTH = 1e-6


@dataclass(frozen=True, slots=True)
class GreyWindow:
    """Window Center (0028,1050), Window Width (0028,1051) and VOI LUT Function (0028,1056), PS3.3 C.11.2.1.2.

    Attributes:
        centre: in real values, after Rescale Slope and Intercept.
        width: likewise, above 0; 1 or more where the curve is LINEAR, which counts whole values.
        curve: how grey rises between black and white.

    Raises:
        ValueError: such a width, or a number that is not finite.

    """

    centre: float
    width: float
    curve: Curve = "LINEAR"

    def __post_init__(self) -> None:
        least = 1.0 if self.curve == "LINEAR" else LEAST_WIDTH
        if not np.isfinite((self.centre, self.width)).all() or self.width < least:
            raise ValueError(f"a grey window has a centre and a width above 0, got {self.centre}, {self.width}")

    def grey(self, values: NDArray[Any]) -> BytesArray:
        """Real values as uint8 of the same shape; what is not finite is black."""
        real = np.nan_to_num(np.asarray(values, np.float32))
        if self.curve == "SIGMOID":
            level = 255 / (1 + np.exp(np.clip(-4 * (real - self.centre) / self.width, -80, 80)))
        else:
            # LINEAR counts whole values: of a width of 256 around 128, 0 is black and 255 white.
            half, less = (0.5, 1.0) if self.curve == "LINEAR" else (0.0, 0.0)
            span = max(self.width - less, 1e-6)
            level = ((real - np.float32(self.centre - half)) * np.float32(1 / span) + np.float32(0.5)) * 255
        return np.asarray(np.rint(np.clip(level, 0, 255)), np.uint8)


def between(low: float, high: float) -> GreyWindow:
    """The window that makes `low` black and `high` white."""
    return GreyWindow((low + high) / 2, high - low if high > low else 1.0, "LINEAR_EXACT")


def shown(values: NDArray[Any], window: GreyWindow, *, inverted: bool = False) -> BytesArray:
    """An image of real values under a window; inverted where low values are bright (MONOCHROME1).

    Whole numbers of up to 16 bits go by a table, which is some times quicker than working out each pixel.
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        grey: BytesArray = _table(window, values.dtype.str)[values]
    else:
        grey = window.grey(values)
    return 255 - grey if inverted else grey


@lru_cache(maxsize=8)
def _table(window: GreyWindow, kind: str) -> BytesArray:
    """Grey of every value that the kind of number can have; negative ones count from the end, as numpy does."""
    bits = np.dtype(kind).itemsize * 8
    return window.grey(np.arange(1 << bits, dtype=np.uint32).astype(f"u{bits // 8}").view(kind))


class RealFrames(Protocol):
    """Random access to frames in real values; may be lazy, may be asked from several threads at once."""

    def __len__(self) -> int:
        """How many frames there are."""

    def __getitem__(self, frame: int) -> NDArray[Any]:
        """Frame `frame` (0-based): (rows, columns), read-only."""


@dataclass(frozen=True, eq=False)
class Depth:
    """A loop's images at the depth they were taken with; for display, nothing is measured on them.

    Attributes:
        frames: as many as the loop has.
        opened: the window that the file asks for, else `automatic`.
        automatic: the window that the images themselves suggest.
        full: from the darkest to the brightest value that was looked at.
        inverted: whether low values are bright.

    """

    frames: RealFrames
    opened: GreyWindow
    automatic: GreyWindow
    full: GreyWindow
    inverted: bool = False
