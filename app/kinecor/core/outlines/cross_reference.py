"""Where the slices of a stack cut another image: the base is checked on the long axes."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.plane import Plane

# Planes closer to parallel than this (sine of their angle) do not cut in a line worth drawing.
LEAST_ANGLE = 0.2


@dataclass(frozen=True, slots=True)
class Line:
    """A line across an image, from one edge to another, (x, y) in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float


def crossing(image: Plane, scale: Calibration, rows: int, columns: int, other: Plane) -> Line | None:
    """Where the plane of another image cuts this one; None where it does not, or where they are nearly parallel.

    Args:
        image: where the image lies.
        scale: its spacing.
        rows: of the image.
        columns: of the image.
        other: the plane that cuts it.

    """
    normal = other.normal
    # Places x, y (pixels) of the image for which a x + b y = c lie in the other plane.
    a = float(normal @ image.along_x) * scale.col_mm
    b = float(normal @ image.along_y) * scale.row_mm
    c = float(normal @ (other.origin_mm - image.origin_mm))
    if np.hypot(a / scale.col_mm, b / scale.row_mm) < LEAST_ANGLE:
        return None
    right, low = columns - 1.0, rows - 1.0
    found = []
    if abs(b) > 1e-9:
        found += [(x, (c - a * x) / b) for x in (0.0, right)]
    if abs(a) > 1e-9:
        found += [((c - b * y) / a, y) for y in (0.0, low)]
    inside = [(x, y) for x, y in found if -1e-6 <= x <= right + 1e-6 and -1e-6 <= y <= low + 1e-6]
    if len(inside) < 2:
        return None
    first = inside[0]
    last = max(inside, key=lambda one: np.hypot(one[0] - first[0], one[1] - first[1]))
    return None if np.hypot(last[0] - first[0], last[1] - first[1]) < 1 else Line(*first, *last)
