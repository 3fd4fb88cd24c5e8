"""Overlap and distance between a found and a true outline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from kinecor_phantoms.raster import pixels_inside

Mask = NDArray[np.bool_]
Points = NDArray[np.float64]


def filled(points: Points, shape: tuple[int, ...]) -> Mask:
    """Mask of shape (rows, columns): the pixels whose centres are inside a closed polygon of (x, y); even-odd rule.

    Args:
        points: (n, 2) of x, y in pixels; 0, 0 is the centre of the first pixel.
        shape: rows and columns of the mask.

    """
    return pixels_inside([points], (shape[0], shape[1]))


def dice(found: Mask, truth: Mask) -> float:
    """2 |A and B| / (|A| + |B|); NaN where both are empty.

    Args:
        found: (rows, columns), of the network.
        truth: (rows, columns), of the expert.

    """
    total = int(found.sum()) + int(truth.sum())
    return 2 * int((found & truth).sum()) / total if total else float("nan")


def boundary(mask: Mask) -> Points:
    """(n, 2) points (x, y) along all outlines of a mask, half-way between inner and outer pixel centres.

    Args:
        mask: (rows, columns).

    """
    framed = np.pad(mask.astype(np.float32), 1)
    lines = contour_generator(z=framed, line_type=LineType.Separate).lines(0.5)
    if not lines:
        return np.zeros((0, 2))
    return np.asarray(np.concatenate([np.asarray(line) for line in lines]) - 1, np.float64)


def distances_mm(found: Points, truth: Points, spacing_mm: float) -> tuple[float, float]:
    """Hausdorff distance and mean absolute distance between two outlines given as dense points in square pixels.

    Hausdorff is the greatest distance from a point of either to the other; the mean absolute distance averages both
    directions. Infinity where one is empty and the other is not; NaN where both are.

    Args:
        found: (n, 2) of x, y in pixels.
        truth: (m, 2) likewise.
        spacing_mm: side of a pixel.

    """
    if not len(found) or not len(truth):
        gone = float("inf") if len(found) or len(truth) else float("nan")
        return gone, gone
    there = cKDTree(truth).query(found)[0] * spacing_mm
    back = cKDTree(found).query(truth)[0] * spacing_mm
    return float(max(there.max(), back.max())), float((there.mean() + back.mean()) / 2)


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
        bins: at most this many, and no more than answers.

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


def calibration_error(confidence_bins: Sequence[Bin]) -> float:
    """Expected calibration error: |confidence - quality| of the bins, weighted by their counts.

    Guo et al., On Calibration of Modern Neural Networks, ICML 2017, eq. 3 (there with bins of equal width).
    """
    total = sum(confidence_bin.count for confidence_bin in confidence_bins)
    return (
        sum(
            confidence_bin.count * abs(confidence_bin.confidence - confidence_bin.quality)
            for confidence_bin in confidence_bins
        )
        / total
    )
