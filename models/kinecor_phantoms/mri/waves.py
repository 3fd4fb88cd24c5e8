"""Smooth random functions of places: what makes soft anatomy irregular."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]
Mix = Callable[[Numbers, Numbers | float], None]
"""Paints a value over a share of each pixel."""


class Waves:
    """A random function of places, mean 0 and variance 1, the sum of a few plane waves.

    Args:
        rng: what it is drawn from.
        length_mm: typical wavelength.
        count: how many waves.

    """

    def __init__(self, rng: Generator, length_mm: float, count: int = 6) -> None:
        ways = rng.standard_normal((count, 3))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        lengths_mm = length_mm * rng.uniform(0.7, 1.5, count)
        self._vectors = np.asarray(2 * np.pi * ways / lengths_mm[:, None], np.float32)
        self._phases = np.asarray(rng.uniform(0, 2 * np.pi, count), np.float32)

    def __call__(self, grid: Pixels) -> Pixels:
        """(rows x columns,) values at (rows, columns, 3) places that form a regular plane grid.

        A plane wave on such a grid is a product of a function of the row and one of the column, so that the whole is
        one matrix product.
        """
        rows, columns = grid.shape[:2]
        corner = grid[0, 0]
        across, down = (grid[0, -1] - corner) / (columns - 1), (grid[-1, 0] - corner) / (rows - 1)
        one = (
            np.arange(rows, dtype=np.float32)[:, None] * (self._vectors @ down) + self._vectors @ corner + self._phases
        )
        other = np.arange(columns, dtype=np.float32)[None, :] * (self._vectors @ across)[:, None]
        value = np.cos(one) @ np.cos(other) - np.sin(one) @ np.sin(other)
        return np.asarray(value.ravel() * np.sqrt(2 / len(self._phases)), np.float32)


def cover(inside_mm: Numbers, pixel_mm: float) -> Pixels:
    """Share of a pixel that a region covers, from how far inside its border the pixel's middle is."""
    return np.asarray(np.clip(0.5 + inside_mm / pixel_mm, 0, 1), np.float32)
