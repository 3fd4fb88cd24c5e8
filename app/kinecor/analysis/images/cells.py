"""Frames reduced to small cells, on which everything is measured that does not need single pixels."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray

CELL_PX = 4
"""Side of a cell: half a JPEG block, so that one block more or less is seen."""
MOST_CELLS = 1 << 14
Cells = NDArray[np.uint8]
"""(frames, rows, columns, 1 or 2): mean brightness of each cell; of colour recordings, also how colourful it is."""


def cell_px(rows: int, columns: int) -> int:
    """Side of a cell in an image of this size: larger in large images, so that their cost has a limit."""
    side = CELL_PX
    while (rows // side) * (columns // side) > MOST_CELLS:
        side *= 2
    return side


def cells_of(image: BytesArray) -> Cells:
    """(rows, columns, 1 or 2) of one frame, grey or RGB."""
    rows, columns = image.shape[:2]
    side = cell_px(rows, columns)
    size = max(1, columns // side), max(1, rows // side)
    small = np.asarray(cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA), np.uint8)
    if small.ndim == 2:
        return small[..., None]
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    least = cv2.min(cv2.min(small[..., 0], small[..., 1]), small[..., 2])
    return np.stack([grey, most_of(small) - least], axis=2).astype(np.uint8)


def most_of(image: BytesArray) -> BytesArray:
    """(rows, columns) of the brightest channel of an RGB image; some times quicker than numpy over three channels."""
    return np.asarray(cv2.max(cv2.max(image[..., 0], image[..., 1]), image[..., 2]), np.uint8)


def brightness(cells: Cells) -> NDArray[np.float32]:
    """(frames, rows, columns)."""
    return cells[..., 0].astype(np.float32)


def joined(reduced: Sequence[Cells]) -> Cells:
    """The frames of one loop together."""
    return np.stack(reduced)
