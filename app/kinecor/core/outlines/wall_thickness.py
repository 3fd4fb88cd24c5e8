"""Thickness of the left ventricle's wall in one slice, by the centreline method.

Chords stand at right angles on the line half way between endocardium and epicardium (Sheehan et al., Circulation
1986;74:293): unlike radii from the centre they do not lengthen where the cavity is not round.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.contour import Contour, Outline

CHORDS = 72


@dataclass(frozen=True, eq=False)
class WallThickness:
    """Thickness along chords around one slice.

    Attributes:
        angle_deg: (chords,) as seen from the cavity's centre on the image: 0 is to the right, 90 up.
        thickness_mm: (chords,); 0 where the outlines meet, NaN where a chord does not meet both.

    """

    angle_deg: FloatArray
    thickness_mm: FloatArray


@lru_cache(maxsize=8192)
def wall_thickness(endo: Contour, epi: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> WallThickness:
    """Thickness between two closed outlines of one slice; in pixels where the spacings are left at 1."""
    centre = endo.centroid * (col_mm, row_mm)
    inner, outer = (Outline(one.scaled_mm(row_mm, col_mm) - centre, closed=True) for one in (endo, epi))
    turn = np.arange(CHORDS) * (2 * np.pi / CHORDS)
    # y runs down on the image, angles run up.
    rays = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    near, far = _reach(np.zeros_like(rays), rays, inner), _reach(np.zeros_like(rays), rays, outer)
    middle = rays * ((near + far) / 2)[:, None]
    tangent = np.roll(middle, -1, axis=0) - np.roll(middle, 1, axis=0)
    across = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    across /= np.maximum(np.hypot(*across.T), 1e-9)[:, None]
    # From the centreline outwards, whichever way the chords were counted.
    across *= np.where((across * rays).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    a, b = _nearest(middle, across, inner), _nearest(middle, across, outer)
    return WallThickness(frozen(np.degrees(turn)), frozen(np.maximum(b - a, 0)))


def _reach(start: FloatArray, along: FloatArray, outline: Outline) -> FloatArray:
    """(rays,) distance to the farthest crossing ahead; NaN without any."""
    ahead = outline.crossings(start, along)
    reach = np.where(ahead >= 0, ahead, -np.inf)
    reach[np.isnan(ahead)] = -np.inf
    far = reach.max(axis=1)
    return np.where(np.isfinite(far), far, np.nan)


def _nearest(start: FloatArray, along: FloatArray, outline: Outline) -> FloatArray:
    """(rays,) signed distance to the crossing nearest to the start; NaN without any."""
    found = outline.crossings(start, along)
    distance = np.where(np.isnan(found), np.inf, np.abs(found))
    best = distance.argmin(axis=1)
    rows = np.arange(len(found))
    return np.where(np.isfinite(distance[rows, best]), found[rows, best], np.nan)
