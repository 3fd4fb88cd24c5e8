"""Where the slices of a stack cut another image, and which side of it the apex is on.

An echo shows an apical view with the apex on top and its walls on agreed sides; an MR image of the same plane is
oriented as the patient is. Directions are patient coordinates (left, posterior, superior: PS3.3 C.7.6.2); the apex
points 48 degrees to the left of straight ahead and 32 degrees down. Hearts differ by some 20 degrees from it; sides and
the way to the apex are only mistaken from 90 degrees on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.geometry import FloatArray, Plane, frozen_array

_TURN, _DIP = np.deg2rad(48.0), np.deg2rad(32.0)
APEX = frozen_array(np.array([np.cos(_DIP) * np.cos(_TURN), -np.cos(_DIP) * np.sin(_TURN), -np.sin(_DIP)]))
"""(3,) from base to apex, unit length."""
_LATERAL = np.array([np.sin(_TURN), np.cos(_TURN), 0.0])
_ANTERIOR = np.cross(_LATERAL, -APEX)
# Where the wall on the right of an apical echo view is, as an angle of the short axis from lateral over anterior.
_RIGHT_DEG = {"A4C": 30.0, "A2C": 90.0, "A3C": 150.0}
# A direction seen shorter than this share of its length runs across the image and has no direction in it.
_MIN_SEEN = 0.35


def to_apex(plane: Plane | None) -> FloatArray:
    """(2,) unit vector (x, y) in mm of the image, from the base to the apex; up where the file has no position.

    Args:
        plane: of the image; None where the file gives none.

    """
    seen = _seen(plane, APEX)
    return np.array([0.0, -1.0]) if seen is None else seen


def to_right_side(plane: Plane | None, view: str | None) -> FloatArray:
    """(2,) unit vector (x, y) in mm of the image, towards the wall that an apical echo shows on the right.

    To the right where the file has no position, and of any other view than A4C, A2C and A3C.

    Args:
        plane: of the image; None where the file gives none.
        view: its label, e.g. "A4C"; None where it is not known.

    """
    if view in _RIGHT_DEG:
        angle = np.deg2rad(_RIGHT_DEG[str(view)])
        seen = _seen(plane, np.cos(angle) * _LATERAL + np.sin(angle) * _ANTERIOR)
        if seen is not None:
            return seen
    return np.array([1.0, 0.0])


def _seen(plane: Plane | None, direction: FloatArray) -> FloatArray | None:
    if plane is None:
        return None
    seen = plane.seen(direction[None])[0]
    length = float(np.hypot(*seen))
    return None if length < _MIN_SEEN else np.asarray(seen / length)


# Planes nearer to parallel than this (cosine of their angle, 15 degrees) show the same cut of the heart.
_PARALLEL = 0.966


def nearest_slice(slices: Sequence[Plane | None], plane: Plane) -> tuple[int, float] | None:
    """The slice of a stack at the place of another image, and how far apart they are.

    Args:
        slices: the planes of the slices; None where the file does not say.
        plane: of the other image.

    Returns:
        The number of the slice (from 0) and the distance in mm, across the slices; None where no slice is parallel.

    """
    found = [
        (abs(float((single_slice.origin_mm - plane.origin_mm) @ plane.normal)), number)
        for number, single_slice in enumerate(slices)
        if single_slice is not None and abs(float(single_slice.normal @ plane.normal)) >= _PARALLEL
    ]
    if not found:
        return None
    distance_mm, number = min(found)
    return number, distance_mm


# Planes closer to parallel than this (sine of their angle) do not cut in a line worth drawing.
MIN_ANGLE = 0.2


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
        image: position of the image.
        scale: its spacing.
        rows: of the image.
        columns: of the image.
        other: the plane that cuts it.

    """
    normal = other.normal
    # Places x, y (pixels) of the image for which a x + b y = c are in the other plane.
    a = float(normal @ image.along_x) * scale.col_mm
    b = float(normal @ image.along_y) * scale.row_mm
    c = float(normal @ (other.origin_mm - image.origin_mm))
    if np.hypot(a / scale.col_mm, b / scale.row_mm) < MIN_ANGLE:
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
    last = max(inside, key=lambda point: np.hypot(point[0] - first[0], point[1] - first[1]))
    return None if np.hypot(last[0] - first[0], last[1] - first[1]) < 1 else Line(*first, *last)
