"""Pictures of many bits in the values of the file, for looking at."""

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.grey import Depth, GreyWindow, between
from kinecor.io.files.cache import FrameCache, new_token
from kinecor.io.files.colour import Window


class RealValues:
    """A RealFrames that decodes on demand and leaves what it decoded in a FrameCache.

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


def windows_of(looked_at: Sequence[NDArray[Any]], robust: Window, asked: GreyWindow | None) -> Windows:
    """Windows that fit pictures.

    Args:
        looked_at: some of the pictures, in real values.
        robust: the window that the pictures suggest.
        asked: the window of the header, or None.

    """
    automatic = between(robust.low, robust.high)
    ends = [(float(np.nanmin(one)), float(np.nanmax(one))) for one in looked_at if one.size]
    low, high = (min(one for one, _ in ends), max(one for _, one in ends)) if ends else (0.0, 1.0)
    return Windows(asked or automatic, automatic, between(low, high))
