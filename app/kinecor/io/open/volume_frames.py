"""Planes of a volume as the frames of recordings: uint8, on demand, within the cache's bounds."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.errors import Tick
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, robust_window
from kinecor.io.open.volume_file import VolumeFile

# About so many planes, spread over the file, tell its range of values.
_WINDOW_PLANES = 24

Display = Callable[[NDArray[Any]], BytesArray]


class VolumeFrames(CachedFrames):
    """All planes of a file as uint8.

    A file that is not compressed is read plane by plane. A compressed one is read as a whole and all its planes left
    in the cache, where they may all stay; else it is unpacked to the disk once.
    """

    def __init__(self, volume: VolumeFile, cache: FrameCache, tick: Tick) -> None:
        shape = (len(volume), *volume.plane_shape)
        self._volume = volume
        self._whole = volume.packed and int(np.prod(shape)) <= cache.share_bytes
        self._reading = threading.Lock()
        tick(0, 0)
        values = volume.planes() if self._whole else None
        display = _display(volume.plane if values is None else values.__getitem__, len(volume), tick)
        self._display = display
        super().__init__(lambda plane: display(volume.plane(plane)), shape, cache)
        if values is not None:
            self._hold_all(values)

    def _decoded(self, frame: int) -> BytesArray:
        if not self._whole:
            return super()._decoded(frame)
        with self._reading:
            held = self.held(frame)
            return self._hold_all(self._volume.planes())[frame] if held is None else held

    def _hold_all(self, values: NDArray[Any]) -> list[BytesArray]:
        planes = [self._display(one) for one in values]
        for number, plane in enumerate(planes):
            self.hold(number, plane)
        return planes


class SliceFrames:
    """One slice of a volume: planes `first`, `first` + `step`, ...; a FrameSource."""

    def __init__(self, planes: VolumeFrames, first: int, step: int, count: int) -> None:
        self._planes, self._first, self._step, self._count = planes, first, step, count

    @property
    def shape(self) -> tuple[int, ...]:
        """(frames, rows, columns) or (frames, rows, columns, 3)."""
        return (self._count, *self._planes.shape[1:])

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, frame: int) -> BytesArray:
        if not 0 <= frame < self._count:
            raise IndexError(f"frame {frame} of a recording with frames 0..{self._count - 1}")
        return self._planes[self._first + frame * self._step]


def _display(plane: Callable[[int], NDArray[Any]], count: int, tick: Tick) -> Display:
    """What makes a plane's values grey: as they are where they are 8-bit or fill 0..255, else by one robust window."""
    first = plane(0)
    if first.dtype == np.uint8 or first.ndim == 3:
        return lambda values: np.array(values, np.uint8)
    sampled: list[NDArray[Any]] = []
    lows, highs = [], []
    for number in range(0, count, max(1, count // _WINDOW_PLANES)):
        tick(0, 0)
        values = plane(number)
        finite = values[np.isfinite(values)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
        sampled.append(values)
    if lows and min(lows) >= 0 and 128 <= max(highs) <= 255:
        return Window(0.0, 255.0)
    return robust_window(sampled)
