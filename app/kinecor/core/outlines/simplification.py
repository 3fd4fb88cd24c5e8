"""Fewer points for the same line: what a hand drew freely becomes as many points as a person would have clicked."""

from collections.abc import Sequence

import numpy as np

from kinecor.core.values.geometry import FloatArray

Point = tuple[float, float]


def simplify_line(points: Sequence[Point], tolerance_px: float) -> tuple[Point, ...]:
    """Those points of an open line without which it would move by more than the tolerance.

    Douglas and Peucker 1973 (doi 10.3138/FM57-6770-U75U-7727).

    Args:
        points: (x, y) in order, in pixels.
        tolerance_px: distance of what is left out from the line that is left, above 0.

    Returns:
        Some of the points, in order; the first and the last are always among them.

    """
    if len(points) < 3:
        return tuple(points)
    line = np.asarray(points, np.float64)
    needed = np.zeros(len(line), np.bool_)
    needed[[0, -1]] = True
    stretches = [(0, len(line) - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        away_px = _distances(line[first + 1 : last], line[first], line[last])
        furthest = int(np.argmax(away_px))
        if away_px[furthest] > tolerance_px:
            middle = first + 1 + furthest
            needed[middle] = True
            stretches += [(first, middle), (middle, last)]
    return tuple(point for point, wanted in zip(points, needed, strict=True) if wanted)


def _distances(points: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Of points (n, 2) from the straight line between two places; from the place where both are the same."""
    along = end - start
    length = float(np.hypot(*along))
    away = points - start
    if not length:
        return np.asarray(np.hypot(away[:, 0], away[:, 1]))
    return np.asarray(np.abs(along[0] * away[:, 1] - along[1] * away[:, 0]) / length)
