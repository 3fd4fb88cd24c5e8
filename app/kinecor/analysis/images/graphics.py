"""Graphics that were burnt into the images over the heart: lines that are as bright in every frame, and thin."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import Region

# Lossy compression changes a line of graphics by fewer levels than speckle changes from frame to frame.
_BRIGHT, _CHANGES = 120, 40
# A line stands out from the mean of what is around it, in a window of this share of the image's height.
_STANDS_OUT, _WINDOW = 60, 0.05
_MIN_FRAMES = 4
_LIT = 8
MAX_POINTS: Final = 2000


def drawn_pixels(images: Sequence[BytesArray], part: Region | None) -> tuple[tuple[int, int], ...]:
    """(x, y) of pixels of still, bright, thin lines within a part of the images, row by row; at most MAX_POINTS.

    Args:
        images: some frames of a loop spread over it, (rows, columns) grey, all of one size.
        part: what moves; nothing is looked for where None.

    """
    if len(images) < _MIN_FRAMES or part is None:
        return ()
    every = np.stack(images)[:, part.y0 : part.y1, part.x0 : part.x1]
    low, high = every.min(axis=0), every.max(axis=0)
    side = 2 * max(2, round(_WINDOW * len(images[0]) / 2)) + 1
    around = cv2.blur(low.astype(np.float32), (side, side))
    found = _within(high, side) & (low >= _BRIGHT) & (high - low <= _CHANGES) & (low - around >= _STANDS_OUT)
    rows, columns = np.nonzero(found)
    step = max(1, -(-len(rows) // MAX_POINTS))
    return tuple((int(x) + part.x0, int(y) + part.y0) for y, x in zip(rows[::step], columns[::step], strict=True))


def _within(high: BytesArray, margin_px: int) -> NDArray[np.bool_]:
    """(rows, columns) what is within the sector, away from its bright sides: the hull of the largest lit part."""
    light = cv2.morphologyEx((high > _LIT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    inside = np.zeros_like(light)
    outlines = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if outlines:
        hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
        cv2.fillConvexPoly(inside, hull, (1,))
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    return np.asarray(cv2.erode(framed, np.ones((margin_px, margin_px), np.uint8))[1:-1, 1:-1] > 0)
