"""Frames with contours drawn in, as images: for secondary captures, pictures and films."""

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import Message, joined_by, message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack

_MIN_PX, _MIN_TILE_PX, _MAX_ZOOM = 480, 240, 4
_BAND_PX = 22
_SHIFT = 4
"""Bits of a fraction of a pixel in OpenCV's coordinates."""


def draw_frame(
    cine: CineSequence,
    reading: Reading,
    frame: int,
    *,
    caption: str = "",
    contours: bool = True,
    least_px: int = _MIN_PX,
) -> BytesArray:
    """A frame with its contours, in square pixels: uint8 RGB (rows, columns, 3), both even numbers.

    Args:
        cine: the images.
        reading: its contours and scale.
        frame: counted from 0.
        caption: in a band below the image, so that it hides nothing; "" for no band.
        contours: whether contours are drawn.
        least_px: height up to which small images are enlarged, by a whole number of times and four at most.

    """
    import cv2  # 0.1 s: only those who draw pay

    picture = np.asarray(cine.frames[frame])
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    x_zoom, y_zoom = _zooms(cine, reading, least_px)
    rows, columns = _even(cine.rows * y_zoom), _even(cine.columns * x_zoom)
    image: NDArray[np.uint8] = np.ascontiguousarray(
        cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8
    )
    for structure, colour in ON_DARK.items():
        track = reading.tracks.get(structure)
        contour = track.contours[frame] if track and contours else None
        if contour is None:
            continue
        # The centre of pixel 0 lies half a pixel from the edge before and after enlarging.
        points = (contour.points + 0.5) * (columns / cine.columns, rows / cine.rows) - 0.5
        fixed = np.round(points * (1 << _SHIFT)).astype(np.int32)
        shade = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
        cv2.polylines(image, [fixed], True, shade, 2, cv2.LINE_AA, _SHIFT)
    return _captioned(image, caption) if caption else image


def montage(recording: Recording, reading: Reading, frame: int, *, caption: str = "") -> BytesArray:
    """A frame of a loop, or all slices of a stack at one phase side by side; as `drawn`.

    Args:
        recording: a loop or a stack.
        reading: with its contours.
        frame: or phase, from 0.
        caption: below it; "" for none.

    """
    if not isinstance(recording, Stack):
        return draw_frame(recording, reading, frame, caption=caption)
    tiles = [
        draw_frame(cine, slice_reading, frame, least_px=_MIN_TILE_PX)
        for cine, slice_reading in zip(recording.slices, reading.slices, strict=True)
    ]
    high, wide = max(len(tile) for tile in tiles), max(tile.shape[1] for tile in tiles)
    across = int(np.ceil(np.sqrt(len(tiles))))
    down = -(-len(tiles) // across)
    sheet = np.zeros((down * high, across * wide, 3), np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, across)
        sheet[row * high : row * high + len(tile), column * wide : column * wide + tile.shape[1]] = tile
    return _captioned(sheet, caption) if caption else sheet


def caption_of(recording: Recording, reading: Reading, frame: int) -> Message:
    """View, frame (from 1), time and ED or ES, e.g. "A4C  frame 18 of 48  340 ms  ES".

    Args:
        recording: a loop or a stack.
        reading: with its view and marks.
        frame: or phase, from 0.

    """
    view = reading.view.label if reading.view else ""
    beats = reading.events.beats if reading.events else ()
    mark = "ED" if frame in [beat.ed for beat in beats] else "ES" if frame in [beat.es for beat in beats] else ""
    times_s = recording.times_s
    number = message("frame {frame} of {frames}", frame=frame + 1, frames=len(times_s))
    return joined_by("  ", (view, number, f"{1000 * times_s[frame]:.0f} ms", mark))


def _zooms(cine: CineSequence, reading: Reading, least_px: int) -> tuple[float, float]:
    """How much wider and higher a pixel is drawn: small images are enlarged, and pixels made square."""
    aspect = reading.aspect
    tall = cine.rows * max(aspect, 1.0)
    zoom = float(min(max(int(np.ceil(least_px / tall)), 1), _MAX_ZOOM))
    return (zoom, zoom * aspect) if aspect >= 1 else (zoom / aspect, zoom)


def _even(length: float) -> int:
    """The nearest even number: films need it."""
    return max(2 * round(length / 2), 2)


def _captioned(image: BytesArray, caption: str) -> BytesArray:
    import cv2

    band = np.zeros((_BAND_PX, image.shape[1], 3), np.uint8)
    cv2.putText(band, caption, (6, _BAND_PX - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (225, 225, 225), 1, cv2.LINE_AA)
    return np.concatenate([image, band])
