"""Unevenness of tissue: smooth random brightness in space."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


class Patches:
    """A log-normal field over space; its logarithm is a sum of plane waves.

    Args:
        rng: draws it.
        spread_db: standard deviation in decibels.
        shortest_mm: shortest wavelength.
        longest_mm: longest wavelength.
        waves: how many.

    """

    def __init__(
        self, rng: Generator, spread_db: float, shortest_mm: float, longest_mm: float, waves: int = 24
    ) -> None:
        ways = rng.standard_normal((waves, 3))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        lengths = np.exp(rng.uniform(np.log(shortest_mm), np.log(longest_mm), waves))
        self._vectors = (ways * (2 * np.pi / lengths)[:, None]).astype(np.float32)
        self._starts = rng.uniform(0, 2 * np.pi, waves).astype(np.float32)
        # Each wave has a variance of one half.
        self._scale = np.float32(spread_db / 20 * np.log(10) * np.sqrt(2 / waves))

    def at(self, points_mm: NDArray[np.floating]) -> NDArray[np.float32]:
        """(n,) factor on amplitude at (n, 3) places in mm; 1 in the geometric mean."""
        phases = points_mm.astype(np.float32) @ self._vectors.T + self._starts
        return np.asarray(np.exp(self._scale * np.sin(phases).sum(axis=1)), np.float32)
