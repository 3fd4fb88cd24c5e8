"""Contours whose area and volume are known exactly."""

import numpy as np

from kinecor.core.values.geometry import Contour


def truncated_ellipse(
    half_length: float = 60.0,
    half_width: float = 25.0,
    cut: float = 0.5,
    centre: tuple[float, float] = (150.0, 140.0),
    points: int = 400,
    turn_rad: float = 0.0,
) -> Contour:
    """A ventricle-like outline: an ellipse whose lower part is cut off at `cut` of its half length below the centre.

    The apex points up; the first and last point are the two ends of the cut, the mitral hinge points.
    """
    start = np.arcsin(cut)
    angle = np.linspace(np.pi - start, 2 * np.pi + start, points)
    x, y = half_width * np.cos(angle), half_length * np.sin(angle)
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    return Contour(np.stack([c * x - s * y + centre[0], s * x + c * y + centre[1]], axis=1))


def truncated_ellipsoid_volume(half_length: float, half_width: float, cut: float) -> float:
    """Volume of the body of revolution of `truncated_ellipse`, by integrating pi * width ** 2 along the axis."""
    return float(np.pi * half_width**2 * half_length * ((1 + cut) - (1 + cut**3) / 3))
