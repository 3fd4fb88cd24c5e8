"""The ultrasound sector of an image as geometry, and the image in beam space."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Rows, as shares of the sector's height, between which its sides are straight whatever its opening.
_SIDES = (0.08, 0.45)
# A sector is accepted if its opening angle is in this range and it covers the lit pixels this well.
_OPENING_DEG = (30.0, 125.0)
_MIN_OVERLAP = 0.9
_SAMPLES, _BEAMS = 384, 192
_CLOSED_PX = 9


@dataclass(frozen=True, slots=True)
class Sector:
    """A circular sector, beams running down from the apex.

    Attributes:
        apex_px: (x, y) where the beams meet; may be above the image.
        from_rad, to_rad: angles of the left and right side from straight down, positive to the right.
        near_px, far_px: distances from the apex to the near and the far edge of the image.

    """

    apex_px: tuple[float, float]
    from_rad: float
    to_rad: float
    near_px: float
    far_px: float

    def polar(self, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Distance from the apex in px and angle in rad of every pixel, each of (rows, columns)."""
        y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
        dx, dy = x - self.apex_px[0], y - self.apex_px[1]
        return np.hypot(dx, dy), np.arctan2(dx, dy)

    def mask(self, shape: tuple[int, ...]) -> Mask:
        """(rows, columns) bool, the pixels inside."""
        radius, angle = self.polar(shape)
        inside: Mask = (
            (radius >= self.near_px) & (radius <= self.far_px) & (angle >= self.from_rad) & (angle <= self.to_rad)
        )
        return inside


@dataclass(frozen=True, eq=False)
class Beams:
    """An image in beam space: rows go with depth, columns with angle.

    Attributes:
        grey: (samples, beams) float64.
        step_px: distance between samples, in pixels of the image.
        step_rad: angle between beams.
        radius_px: (samples,) distance of each row from the apex.

    """

    grey: Floats
    step_px: float
    step_rad: float
    radius_px: Floats


def lit_hull(image: Grey) -> Mask:
    """The convex hull of the largest lit part: (rows, columns) bool. Small graphics next to it are ignored."""
    # Closing at the image's border would let the sector grow there.
    lit = np.pad((image > 2).astype(np.uint8), _CLOSED_PX)
    closed = cv2.morphologyEx(lit, cv2.MORPH_CLOSE, np.ones((_CLOSED_PX, _CLOSED_PX), np.uint8))
    # Opening parts thin graphics (a depth scale, an ECG trace) that touch the image.
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = np.zeros(lit.shape, np.uint8)
    if outlines:
        cv2.fillPoly(hull, [cv2.convexHull(max(outlines, key=cv2.contourArea))], (1,))
    return hull[_CLOSED_PX:-_CLOSED_PX, _CLOSED_PX:-_CLOSED_PX] > 0


def find_sector(image: Grey) -> Sector | None:
    """The sector by its two straight sides, or None where the lit part of the image is no upright sector."""
    hull = lit_hull(image)
    rows = np.flatnonzero(hull.any(axis=1))
    if rows.size < 30:
        return None
    top, height = rows[0], rows[-1] - rows[0]
    y = np.arange(top + int(_SIDES[0] * height), top + int(_SIDES[1] * height))
    left = _line(y, hull[y].argmax(axis=1))
    right = _line(y, hull.shape[1] - 1 - hull[y][:, ::-1].argmax(axis=1))
    if left is None or right is None or right[0] - left[0] < 0.2:
        return None
    apex_y = (left[1] - right[1]) / (right[0] - left[0])
    apex_x = left[0] * apex_y + left[1]
    from_rad, to_rad = float(np.arctan(left[0])), float(np.arctan(right[0]))
    if not _OPENING_DEG[0] <= np.degrees(to_rad - from_rad) <= _OPENING_DEG[1]:
        return None
    bare = Sector((apex_x, apex_y), from_rad, to_rad, 0.0, float("inf"))
    radius, angle = bare.polar(hull.shape)
    middle = hull & (np.abs(angle - (from_rad + to_rad) / 2) < 0.25 * (to_rad - from_rad))
    if not middle.any():
        return None
    near, far = max(0.0, float(radius[middle].min()) - 0.5), float(np.percentile(radius[middle], 99.9))
    sector = Sector((apex_x, apex_y), from_rad, to_rad, near, far)
    inside = sector.mask(hull.shape)
    overlap = 2 * (inside & hull).sum() / max(1, inside.sum() + hull.sum())
    return sector if overlap >= _MIN_OVERLAP else None


def beams(image: NDArray[np.generic], sector: Sector, *, nearest: bool = False) -> Beams:
    """The image resampled along its beams, by cubic interpolation (or nearest, for labels)."""
    radius = np.linspace(sector.near_px, sector.far_px, _SAMPLES)
    angle = np.linspace(sector.from_rad, sector.to_rad, _BEAMS)
    x = (sector.apex_px[0] + radius[:, None] * np.sin(angle)).astype(np.float32)
    y = (sector.apex_px[1] + radius[:, None] * np.cos(angle)).astype(np.float32)
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_CUBIC
    grey = cv2.remap(image.astype(np.float32), x, y, how, borderMode=cv2.BORDER_CONSTANT)
    return Beams(grey.astype(np.float64), float(radius[1] - radius[0]), float(angle[1] - angle[0]), radius)


def _line(y: NDArray[np.int_], x: NDArray[np.int_]) -> tuple[float, float] | None:
    """Slope and offset of x over y, points far off left out; None where most points are off."""
    is_kept = np.ones(y.size, bool)
    slope = offset = 0.0
    for _ in range(4):
        if is_kept.sum() < max(8, y.size // 2):
            return None
        slope, offset = (float(value) for value in np.polyfit(y[is_kept], x[is_kept], 1))
        off = np.abs(slope * y + offset - x)
        is_kept = off <= max(1.5, 2.0 * float(np.median(off)))
    return slope, offset
