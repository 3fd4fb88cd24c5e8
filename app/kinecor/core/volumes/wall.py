"""Thickness of the wall between two contours, and which points are inside a polygon."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, resample_line

WALL_POINTS = 64
"""Along a contour at which the wall's thickness is measured."""
_HINGES = 0.12
"""Share of an open contour next to each hinge, where endocardium and epicardium meet: no wall is measured there."""


@lru_cache(maxsize=1024)
def wall_profile(endo: Contour, epi: Contour, row_mm: float, col_mm: float, *, closed: bool) -> FloatArray:
    """(WALL_POINTS,) signed distance of the endocardium from the epicardium, mm: negative where it is outside the wall.

    Points at the hinges of an open contour are NaN.

    Args:
        endo: of the endocardium.
        epi: of the epicardium.
        row_mm: height of a pixel.
        col_mm: width of a pixel.
        closed: whether both go round; else from hinge point to hinge point.

    """
    inner = resample_line(endo, WALL_POINTS).points * (col_mm, row_mm)
    outer = resample_line(epi, 2 * WALL_POINTS).points * (col_mm, row_mm)
    ends = np.roll(outer, -1, axis=0)
    # The chord between the hinges of an open contour is not wall; it only closes the region.
    wall_from, wall_to = (outer, ends) if closed else (outer[:-1], ends[:-1])
    along = wall_to - wall_from
    size = np.maximum((along**2).sum(axis=1), 1e-12)
    rel = inner[:, None] - wall_from
    share = np.clip((rel * along).sum(axis=2) / size, 0, 1)
    apart = np.hypot(*(rel - share[..., None] * along).transpose(2, 0, 1)).min(axis=1)
    thickness: FloatArray = np.where(inside_polygon(inner, outer, ends), apart, -apart)
    if not closed:
        skip = round(_HINGES * WALL_POINTS)
        thickness[:skip] = thickness[-skip:] = np.nan
    return thickness


def inside_polygon(points: FloatArray, starts: FloatArray, ends: FloatArray) -> NDArray[np.bool_]:
    """(n,) whether points are inside the polygon, by the number of edges to their right.

    Args:
        points: (n, 2).
        starts: (m, 2) first points of the edges.
        ends: (m, 2) last points of the edges.

    """
    x, y = points[:, :1], points[:, 1:]
    spans = (starts[:, 1] > y) != (ends[:, 1] > y)
    rise = np.where(ends[:, 1] == starts[:, 1], 1e-12, ends[:, 1] - starts[:, 1])
    at = starts[:, 0] + (y - starts[:, 1]) * (ends[:, 0] - starts[:, 0]) / rise
    return np.asarray((spans & (x < at)).sum(axis=1) % 2 == 1)
