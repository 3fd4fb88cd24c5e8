"""Whether confidences are true: reliability by bins, and the expected calibration error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: how many, their mean confidence, and how good they were on average (0..1)."""

    count: int
    confidence: float
    quality: float


def reliability(confidence: ArrayLike, quality: ArrayLike, bins: int = 10) -> list[Bin]:
    """Bins of equally many answers, from the least to the most confident.

    Args:
        confidence: (n,) 0..1.
        quality: (n,) 0..1, what the confidence promises: 1 or 0 for right or wrong, or a Dice.
        bins: at most so many, and no more than answers.

    Raises:
        ValueError: the two differ in length, or are empty.

    """
    sure, good = np.asarray(confidence, np.float64), np.asarray(quality, np.float64)
    if sure.shape != good.shape or not sure.size:
        raise ValueError(f"as many qualities as confidences were expected, got {good.shape} and {sure.shape}")
    order = np.argsort(sure, kind="stable")
    return [
        Bin(len(part), float(sure[part].mean()), float(good[part].mean()))
        for part in np.array_split(order, min(bins, len(sure)))
    ]


def calibration_error(found: Sequence[Bin]) -> float:
    """Expected calibration error: |confidence - quality| of the bins, weighted by their counts.

    Guo et al., On Calibration of Modern Neural Networks, ICML 2017, eq. 3 (there with bins of equal width).
    """
    total = sum(one.count for one in found)
    return sum(one.count * abs(one.confidence - one.quality) for one in found) / total


def reliability_table(found: Sequence[Bin]) -> str:
    """The bins as text, a row each."""
    rows = [f"{one.count:6d}  {one.confidence:10.3f}  {one.quality:7.3f}" for one in found]
    return "\n".join(["     n  confidence  quality", *rows])
