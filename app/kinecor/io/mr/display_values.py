"""Display values of MR images: 8 bits for models and measurements, their own depth for readers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.grey import Depth
from kinecor.io.dicom.grey import RealValues, Windows, common_window, windows_of
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, robust_window
from kinecor.io.mr.images import MrImage

# Images looked at for the grey window of a whole stack.
_WINDOW_IMAGES = 24


@dataclass(frozen=True, eq=False)
class Look:
    """As they are, or by one window for all.

    Attributes:
        window: maps real values to uint8 for models and measurements; None for colour, which stays as it is.
        windows: grey windows for readers of images of more than 8 bits, or None.

    """

    window: Window | None
    windows: Windows | None = None

    def frames(self, images: Sequence[MrImage], cache: FrameCache) -> tuple[CachedFrames, Depth | None]:
        """One slice as uint8, and in real values where it has many bits of grey."""
        layout, window = images[0].pixels.layout, self.window
        shape: tuple[int, ...] = (len(images), layout.rows, layout.columns)
        if window is None:
            return CachedFrames(
                lambda frame: images[frame].pixels.samples(images[frame].frame), (*shape, 3), cache
            ), None
        if self.windows is None:
            return CachedFrames(lambda frame: _windowed(window, images[frame]), shape, cache), None
        real = RealValues(lambda frame: _real(images[frame]), len(images), cache)
        frames = CachedFrames(lambda frame: _turned(window, images[frame])(real[frame]), shape, cache)
        return frames, self.windows.depth(real, inverted=images[0].inverted)


def look_of(images: Sequence[MrImage]) -> Look:
    """Colour as it is, 8-bit grey as it is, else one window for all."""
    layout = images[0].pixels.layout
    if layout.samples == 3:
        return Look(None)
    plain = all(i.pixels.layout.stored == 8 and not i.pixels.layout.signed for i in images)
    if plain and all((i.slope, i.intercept) == (1.0, 0.0) for i in images):
        return Look(Window(0.0, 255.0))
    chosen = np.unique(np.linspace(0, len(images) - 1, _WINDOW_IMAGES).astype(int))
    sampled = _sampled([images[int(i)] for i in chosen])
    robust = robust_window(sampled)
    return Look(robust, windows_of(sampled, robust, common_window([image.window for image in images])))


def _sampled(images: list[MrImage]) -> tuple[np.ndarray, ...]:
    values, error = [], None
    for image in images:
        try:
            values.append(_real(image))
        except KinecorError as problem:
            # One bad image must not cost the study; it is reported when it is shown.
            error = problem
    if not values and error:
        raise error
    return tuple(values)


def _turned(window: Window, image: MrImage) -> Window:
    return window.inverted if image.inverted else window


def _windowed(window: Window, image: MrImage) -> BytesArray:
    return _turned(window, image)(_real(image))


def _real(image: MrImage) -> np.ndarray:
    samples = image.pixels.samples(image.frame)
    if (image.slope, image.intercept) == (1.0, 0.0):
        return samples
    return samples * np.float32(image.slope) + np.float32(image.intercept)
