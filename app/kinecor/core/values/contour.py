"""A closed outline of one structure in one frame."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinecor.core.values.arrays import FloatArray, finite, frozen


@dataclass(frozen=True, eq=False)
class Contour:
    """A simple closed polygon; the last point joins the first.

    Points are float64 of shape (n, 2), n >= 3, columns (x, y) = (column, row) in pixels; pixel centres lie at
    integers. For the LV endocardium and epicardium and for the atrium, the first and the last point are the
    two hinge points of the mitral valve: the closing segment is the mitral annulus plane (CAMUS protocol;
    ASE/EACVI 2015).

    Raises:
        ValueError: wrong shape, fewer than three points, or a number that is not finite.

    """

    points: FloatArray

    def __post_init__(self) -> None:
        points = frozen(self.points)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
            raise ValueError(f"a contour is (n, 2) with n >= 3, got shape {points.shape}")
        object.__setattr__(self, "points", finite(points, "contour"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contour) and np.array_equal(self.points, other.points)

    def __hash__(self) -> int:
        return hash(self.points.tobytes())

    def __len__(self) -> int:
        return len(self.points)

    @cached_property
    def area_px2(self) -> float:
        """Enclosed area in square pixels (shoelace formula), never negative."""
        x, y = (self.points - self.points.mean(axis=0)).T
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)

    @cached_property
    def length_px(self) -> float:
        """Length of the closed outline, in pixels."""
        return float(np.linalg.norm(np.roll(self.points, -1, axis=0) - self.points, axis=1).sum())

    @cached_property
    def centroid(self) -> FloatArray:
        """Centre of the enclosed area, (x, y) in pixels; the mean of the points where the area is nil."""
        centre = self.points.mean(axis=0)
        p = self.points - centre
        q = np.roll(p, -1, axis=0)
        cross = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
        doubled_area = cross.sum()
        if abs(doubled_area) < 1e-12:
            return frozen(centre)
        return frozen(centre + ((p + q) * cross[:, None]).sum(axis=0) / (3 * doubled_area))

    def scaled_mm(self, row_mm: float, col_mm: float) -> FloatArray:
        """The points in mm, (n, 2), x and y scaled by their own spacing."""
        return self.points * (col_mm, row_mm)


def resampled(contour: Contour, count: int) -> Contour:
    """`count` points evenly spaced along the open path from the first to the last point.

    First and last point stay exactly where they are, so the annulus does; needs `count` >= 3.
    """
    if count < 3:
        raise ValueError(f"a contour needs at least 3 points, asked for {count}")
    steps = np.linalg.norm(np.diff(contour.points, axis=0), axis=1)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    wanted = np.linspace(0.0, along[-1], count)
    x = np.interp(wanted, along, contour.points[:, 0])
    y = np.interp(wanted, along, contour.points[:, 1])
    points = np.stack([x, y], axis=1)
    points[0], points[-1] = contour.points[0], contour.points[-1]
    return Contour(points)
