"""Closed outlines to pixels."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Points = NDArray[np.float64]


def pixels_inside(loops: Iterable[Points], shape: tuple[int, int]) -> Bools:
    """Pixels whose centre is inside an odd number of loops.

    Two regions that share a border point by point share no pixel and leave none out between them, since a centre is
    counted by the borders to its left.

    Args:
        loops: each (n, 2) points (x, y) of a closed outline, the first not repeated.
        shape: rows and columns of the result.

    """
    rows, columns = shape
    crossings = np.zeros((rows, columns + 1), np.int32)
    for loop in loops:
        x0, y0 = loop.T
        x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
        first = np.ceil(np.minimum(y0, y1)).astype(np.int64)
        # Half open: a row through a shared end point meets one of the two sides, never both.
        count = np.ceil(np.maximum(y0, y1)).astype(np.int64) - first
        side = np.repeat(np.arange(len(loop)), count)
        row = np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count) + first[side]
        kept = (row >= 0) & (row < rows)
        side, row = side[kept], row[kept]
        # Walked upwards whichever way the loop goes, so that neighbours round alike.
        low_x, low_y = np.where(y0 < y1, x0, x1)[side], np.minimum(y0, y1)[side]
        high_x, high_y = np.where(y0 < y1, x1, x0)[side], np.maximum(y0, y1)[side]
        x = low_x + (row - low_y) / (high_y - low_y) * (high_x - low_x)
        np.add.at(crossings, (row, np.clip(np.ceil(x), 0, columns).astype(np.int64)), 1)
    return (np.cumsum(crossings, axis=1)[:, :columns] % 2).astype(np.bool_)
