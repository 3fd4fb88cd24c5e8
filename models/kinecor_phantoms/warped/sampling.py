"""Images between pixels: blurring, finer grids, looking up."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


@lru_cache(maxsize=64)
def _gaussian(count: int, sigma_px: float) -> Picture:
    at = np.arange(count)
    weights = np.exp(-((at[:, None] - at) ** 2) / (2 * sigma_px**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


@lru_cache(maxsize=64)
def _between(count: int) -> Picture:
    """(2 count - 1, count): samples half a pixel apart by Lanczos' kernel of five lobes; the even ones are the old."""
    off = np.arange(2 * count - 1)[:, None] / 2 - np.arange(count)
    weights = np.where(abs(off) < 5, np.sinc(off) * np.sinc(off / 5), 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def blur_image(picture: Picture, sigma_px: float) -> Picture:
    """An image averaged over a Gaussian; beyond its edges nothing counts."""
    rows, columns = picture.shape
    return np.asarray(_gaussian(rows, sigma_px) @ picture @ _gaussian(columns, sigma_px).T, np.float32)


def double_grid(picture: Picture) -> Picture:
    """An image (rows, columns) on a grid of half the spacing, (2 rows - 1, 2 columns - 1); old samples stay."""
    rows, columns = picture.shape
    return np.asarray(_between(rows) @ picture @ _between(columns).T, np.float32)


def mix_samples(
    picture: NDArray[Any], row: NDArray[Any], column: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> NDArray[Any]:
    """Linear mixture of the four samples at (row, column) and after it, by shares x along the row and y down."""
    columns = picture.shape[1]
    first = row * np.int32(columns) + column
    flat = picture.reshape(-1)
    above = flat[first]
    above += x * (flat[first + 1] - above)
    first += columns
    below = flat[first]
    below += x * (flat[first + 1] - below)
    below -= above
    below *= y
    below += above
    return np.asarray(below)


def looked_up(picture: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Values between samples, linearly; beyond the edges the nearest."""
    rows, columns = picture.shape
    x = np.clip(x, 0, columns - 1.001)
    y = np.clip(y, 0, rows - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    x = (x - column).astype(np.float32)
    y = (y - row).astype(np.float32)
    return mix_samples(picture, row, column, x, y)
