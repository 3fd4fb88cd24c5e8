"""Grey-level histograms and how far apart they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Histogram = NDArray[np.float64]


def histogram(values: NDArray[np.generic]) -> Histogram:
    """(256,) shares of grey levels 0..255, summing to 1; all NaN where there are no values."""
    if not values.size:
        return np.full(256, np.nan)
    counts = np.bincount(np.clip(values.ravel().astype(np.float64), 0, 255).astype(int), minlength=256)
    shares: Histogram = counts / values.size
    return shares


def earth_movers(one: Histogram, other: Histogram) -> float:
    """Earth mover's distance of two histograms in grey levels: the area between their cumulative shares."""
    return float(np.abs(np.cumsum(one) - np.cumsum(other)).sum())


def mean_histogram(some: Sequence[Histogram]) -> Histogram:
    """The mean of those that are not empty; all NaN where none is."""
    kept = [one for one in some if np.isfinite(one).all()]
    return np.mean(kept, axis=0) if kept else np.full(256, np.nan)


def distances(some: Sequence[Histogram], reference: Histogram) -> NDArray[np.float64]:
    """Earth mover's distance of each histogram to the reference; NaN for empty ones."""
    return np.asarray([earth_movers(one, reference) for one in some])
