"""The middle of the myocardium, from annulus to annulus over the apex."""

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.contour import Contour, resampled

POINTS = 120
"""Points along the centreline (Østvik et al. 2018, section 2.2)."""
# The epicardium's contour runs to the hinge points along the annulus; nearer to them than this share of the wall's
# length, thickness is taken from where it is wall.
_ENDS = 0.08


def normals_of(points: FloatArray) -> FloatArray:
    """(n, 2) unit normals of a line (n, 2) that point away from the middle of its points."""
    tangent = np.gradient(points, axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    outward = (normal * (points - points.mean(axis=0))).sum()
    return normal if outward > 0 else -normal


def crossing(points: FloatArray, normals: FloatArray, outer: FloatArray) -> FloatArray:
    """Distance along each normal to an outline; NaN where the normal does not meet it."""
    start, way = outer, np.roll(outer, -1, axis=0) - outer
    cross = normals[:, None, 0] * way[None, :, 1] - normals[:, None, 1] * way[None, :, 0]
    off = start[None] - points[:, None]
    safe = np.where(np.abs(cross) < 1e-12, np.nan, cross)
    reach = (off[..., 0] * way[None, :, 1] - off[..., 1] * way[None, :, 0]) / safe
    share = (off[..., 0] * normals[:, None, 1] - off[..., 1] * normals[:, None, 0]) / safe
    met = (share >= 0) & (share <= 1) & (reach > 0)
    least = np.where(met, reach, np.inf).min(axis=1)
    return np.where(np.isfinite(least), least, np.nan)


def centreline(
    endo: Contour, epi: Contour, row_mm: float = 1.0, col_mm: float = 1.0, *, depth: float = 0.5, count: int = POINTS
) -> FloatArray:
    """Points evenly along a line through the wall, from the first hinge point's side to the last one's.

    At each place of the endocardium the wall's thickness is measured along the normal, smoothed, and gone through by
    `depth`.

    Args:
        endo: endocardium, from hinge point to hinge point.
        epi: epicardium, likewise.
        row_mm: height of a pixel.
        col_mm: width of a pixel.
        depth: 0 at the endocardium, 1 at the epicardium.
        count: how many points.

    Returns:
        (count, 2) float64 (x, y) in mm; in pixels where the spacings are left at 1.

    Raises:
        ValueError: depth out of 0..1, or no wall is found around the endocardium.

    """
    if not 0 <= depth <= 1:
        raise ValueError(f"depth in the wall lies in 0..1, got {depth}")
    inner = resampled(Contour(endo.scaled_mm(row_mm, col_mm)), count).points
    if depth == 0:
        return inner
    normals = normals_of(inner)
    thickness = soft_thickness(inner, normals, epi.scaled_mm(row_mm, col_mm))
    return np.asarray(evenly((inner + depth * thickness[:, None] * normals)[None])[0])


def soft_thickness(inner: FloatArray, normals: FloatArray, outer: FloatArray) -> FloatArray:
    """(n,) thickness of the wall along normals, smoothed; towards the ends as it is where there is wall.

    Args:
        inner: (n, 2) endocardium, evenly spaced.
        normals: (n, 2) as normals_of(inner).
        outer: (m, 2) epicardium, from hinge point to hinge point.

    Raises:
        ValueError: no wall is found around the endocardium.

    """
    count = len(inner)
    thickness = crossing(inner, normals, outer)
    place = np.linspace(0, 1, count)
    trusted = np.isfinite(thickness) & (place >= _ENDS) & (place <= 1 - _ENDS)
    if trusted.sum() < count // 4:
        raise ValueError("no wall was found around the endocardium: the contours cross or are far apart")
    # A normal that slips past a corner of the outline measures another part of the heart.
    usual = float(np.median(thickness[trusted]))
    trusted &= np.nan_to_num(thickness, nan=np.inf) < 3 * usual
    wall = np.interp(place, place[trusted], thickness[trusted])
    return np.asarray(np.convolve(np.pad(wall, 4, mode="edge"), np.ones(9) / 9, mode="valid"))


def evenly(lines: FloatArray, count: int | None = None) -> FloatArray:
    """(t, n, 2) lines with their points, or `count` of them, spaced evenly along; ends stay. NaN where a line is."""
    t, n = lines.shape[0], count or lines.shape[1]
    steps = np.linalg.norm(np.diff(lines, axis=1), axis=2)
    along = np.concatenate([np.zeros((t, 1)), np.cumsum(steps, axis=1)], axis=1)
    out = np.full((t, n, 2), np.nan)
    for frame in range(t):
        if np.isfinite(along[frame, -1]):
            wanted = np.linspace(0, along[frame, -1], n)
            for axis in (0, 1):
                out[frame, :, axis] = np.interp(wanted, along[frame], lines[frame, :, axis])
    return out
