"""Grey levels made alike: MR pictures have no units, and bright fat or a dark coil corner must not set the scale."""

import numpy as np
from numpy.typing import NDArray

LOW_PERCENT, HIGH_PERCENT = 1.0, 99.0


def levels(pictures: NDArray[np.uint8]) -> tuple[float, float]:
    """(low, high): the grey levels of `pictures` (any shape) that become black and white; at least 8 apart."""
    low, high = np.percentile(pictures, (LOW_PERCENT, HIGH_PERCENT))
    return float(low), float(max(high, low + 8))


def stretched(picture: NDArray[np.uint8], low: float, high: float) -> NDArray[np.uint8]:
    """The picture with `low` at 0 and `high` at 255, cut off beyond."""
    table = np.clip((np.arange(256) - low) * (255 / (high - low)) + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(table[picture], np.uint8)
