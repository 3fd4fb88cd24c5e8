"""Points of the wall followed through a loop, from contours and motion."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.arrays import FloatArray, frozen
from kinecor.core.centreline import POINTS, centreline
from kinecor.core.contour import Contour
from kinecor.core.motion import Motion
from kinecor.core.track import ContourTrack


@dataclass(frozen=True, eq=False)
class WallPoints:
    """Where points of the wall are.

    Attributes:
        points_px: (t, 120, 2) x, y, from the annulus on the left of the picture over the apex to the other; evenly
            spaced at the frame that they were placed at. NaN where nothing is known.
        quality: (120,) 0..1, how far each was really followed; 0 where there is no motion to follow it by.
        followed: whether motion was there: without it, points are merely spaced evenly along the wall of each frame,
            so that the whole wall's length counts and that of its parts says nothing.

    """

    points_px: FloatArray
    quality: FloatArray
    followed: bool


def wall_points(
    endo: ContourTrack,
    epi: ContourTrack,
    motion: Motion | None,
    times_s: FloatArray,
    *,
    aspect: float = 1.0,
    depth: float = 0.5,
    start: int = 0,
) -> WallPoints | None:
    """Follow points of the wall through the loop; None where no frame has a wall.

    Args:
        endo: contours from hinge point to hinge point.
        epi: likewise.
        motion: how the picture moves, or None.
        times_s: (t,) increasing.
        aspect: height of a pixel over its width.
        depth: in the wall, 0 endocardium to 1 epicardium.
        start: frame at which points are evenly spaced; an end-diastole.

    """
    del motion, times_s, start  # not fused yet
    lines = centrelines(endo, epi, aspect=aspect, depth=depth)
    if not np.isfinite(lines).any():
        return None
    return WallPoints(frozen(lines), frozen(np.zeros(POINTS)), followed=False)


def centrelines(endo: ContourTrack, epi: ContourTrack, *, aspect: float, depth: float) -> FloatArray:
    """(t, 120, 2) centreline of each frame in pixels, the left end first; NaN where a frame has no wall."""
    out = np.full((len(endo), POINTS, 2), np.nan)
    for frame, (inner, outer) in enumerate(zip(endo.contours, epi.contours, strict=True)):
        if inner is not None and outer is not None:
            line = _line(inner, outer, aspect, depth)
            if line is not None:
                out[frame] = line
    return out


@lru_cache(maxsize=4096)
def _line(endo: Contour, epi: Contour, aspect: float, depth: float) -> FloatArray | None:
    """Kept, since an edit changes the contours of some frames only."""
    try:
        line = centreline(endo, epi, aspect, 1.0, depth=depth)
    except ValueError:
        return None
    if line[0, 0] > line[-1, 0]:
        line = line[::-1]
    return frozen(line / (1.0, aspect))
