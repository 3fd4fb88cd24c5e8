"""Ventricular and atrial volume from one apical contour.

Source: Lang et al., ASE/EACVI 2015, recommendations for cardiac chamber quantification
(doi 10.1016/j.echo.2014.10.003): disks summation with 20 disks, and the area-length method.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.contour import Contour

DISKS = 20


@dataclass(frozen=True, slots=True)
class LongAxis:
    """From the middle of the mitral annulus to the farthest point of the contour, the apex; (x, y), scaled units."""

    base: FloatArray
    apex: FloatArray

    @property
    def length(self) -> float:
        """Distance from base to apex, in the units of the points."""
        return float(np.hypot(*(self.apex - self.base)))


def long_axis(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> LongAxis:
    """The long axis, in mm; in pixels where the spacings are left at 1.

    The base is the middle of the segment between the contour's first and last point, the mitral hinge points.
    """
    points = contour.scaled_mm(row_mm, col_mm)
    base = (points[0] + points[-1]) / 2
    apex = points[np.argmax(((points - base) ** 2).sum(axis=1))]
    return LongAxis(base, apex)


def disk_diameters(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> tuple[FloatArray, float]:
    """Diameters of 20 disks of equal height stacked along the long axis, from base to apex, and the axis' length.

    A diameter is the part of the line across the axis, at mid-height of the disk, that is inside the contour.

    Returns:
        diameters (20,) and length, in mm (in pixels where the spacings are left at 1); zeros for a flat contour.

    """
    axis = long_axis(contour, row_mm, col_mm)
    length = axis.length
    if length == 0:
        return np.zeros(DISKS), 0.0
    along = (axis.apex - axis.base) / length
    across = np.array((-along[1], along[0]))
    points = contour.scaled_mm(row_mm, col_mm) - axis.base
    u, v = points @ along, points @ across
    u2, v2 = np.roll(u, -1), np.roll(v, -1)
    heights = (np.arange(DISKS) + 0.5)[:, None] * (length / DISKS)
    # An outline leaves a line the other way than it entered it: signed by direction, crossings add up to the inside.
    turns = (u2 > heights).astype(np.int8) - (u > heights).astype(np.int8)
    slope = (v2 - v) / np.where(u2 == u, 1.0, u2 - u)
    return abs((turns * (v + (heights - u) * slope)).sum(axis=1)), length


@lru_cache(maxsize=8192)
def disks_volume(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> float:
    """Single-plane disks: V = (pi / 4) * sum(a_i ** 2) * L / 20, in mm3 (in cubic pixels with spacings of 1)."""
    diameters, length = disk_diameters(contour, row_mm, col_mm)
    return float(np.pi / 4 * (diameters**2).sum() * length / DISKS)


def biplane_disks_volume(first: Contour, second: Contour, first_mm: FloatArray, second_mm: FloatArray) -> float:
    """Biplane disks: V = (pi / 4) * sum(a_i * b_i) * L / 20, in mm3, L the longer of the two long axes.

    Args:
        first: contour in one apical plane.
        second: contour in the other.
        first_mm: (row, column) spacing of the first plane.
        second_mm: (row, column) spacing of the second plane.

    """
    a, length_a = disk_diameters(first, *map(float, first_mm))
    b, length_b = disk_diameters(second, *map(float, second_mm))
    return float(np.pi / 4 * (a * b).sum() * max(length_a, length_b) / DISKS)


def area_length_volume(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> float:
    """Single-plane area-length: V = 8 A ** 2 / (3 pi L), in mm3; 0 for a flat contour."""
    length = long_axis(contour, row_mm, col_mm).length
    if length == 0:
        return 0.0
    return 8 * (contour.area_px2 * row_mm * col_mm) ** 2 / (3 * np.pi * length)
