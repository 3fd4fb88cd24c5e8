"""The wall of an apical view through a loop, and a layer of its muscle in every frame.

Muscle hardly changes its volume, so that a layer keeps the share of the wall's volume that lies within it, not its
share of the thickness: as the wall thickens inwards, mid-wall comes to lie nearer to the epicardium. A line at half the
thickness would leave the muscle that it began in, and shorten by up to four points too much where walls are thick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from kinecor.core.outlines.centreline import POINTS, evenly, normals_of, soft_thickness
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.contour import Contour, resampled
from kinecor.core.values.track import ContourTrack

_LEAST_RADIUS_PX = 1.0


@dataclass(frozen=True, eq=False)
class Wall:
    """The wall in each frame, in pixels as wide as they are high; NaN where a frame has none.

    Attributes:
        inner: (t, 120, 2) the endocardium, evenly spaced, from the annulus on the left of the picture to the other.
        normals: (t, 120, 2) pointing outwards, unit length.
        thickness: (t, 120).
        radius: (t, 120) distance of the endocardium from the long axis.
        widening: (t, 120) 0..1, by how much that grows per length that one goes into the wall.
        closed: whether the wall is a ring (ring_outline.py): the last point is followed by the first.

    """

    inner: FloatArray
    normals: FloatArray
    thickness: FloatArray
    radius: FloatArray
    widening: FloatArray
    closed: bool = False

    @property
    def there(self) -> np.ndarray:
        """(t,) whether a frame has a wall."""
        return np.asarray(np.isfinite(self.thickness[:, 0]))

    def nearest(self, frame: int) -> int | None:
        """The frame with a wall that is nearest to another; None where no frame has one."""
        with_wall = np.flatnonzero(self.there)
        return int(with_wall[np.argmin(np.abs(with_wall - frame))]) if len(with_wall) else None

    def layer(self, depth: float, frame: int) -> FloatArray:
        """(t, 120, 2) the line of muscle that lies at `depth` (0 endocardium, 1 epicardium) in one frame.

        Points are evenly spaced in each frame, so they are not the same muscle from frame to frame; the line is.
        """
        share = _within(depth, self.radius[frame], self.thickness[frame], self.widening[frame])
        reach = _depth_with(share, self.radius, self.thickness, self.widening) * self.thickness
        lines = self.inner + reach[..., None] * self.normals
        if self.closed:
            return evenly(np.concatenate([lines, lines[:, :1]], axis=1), POINTS + 1)[:, :-1]
        return evenly(lines)


def _within(depth: float, radius: FloatArray, thickness: FloatArray, widening: FloatArray) -> FloatArray:
    """Share of the wall's volume that lies within `depth`: a shell about the long axis."""
    bend = widening * thickness / 2
    return np.asarray((radius * depth + bend * depth**2) / (radius + bend))


def _depth_with(share: FloatArray, radius: FloatArray, thickness: FloatArray, widening: FloatArray) -> FloatArray:
    """The depth within which `share` of the volume lies."""
    bend = widening * thickness / 2
    filled = share * (radius + bend)
    # The root of bend x2 + radius x = filled, in the form that holds for a flat wall as well.
    return np.asarray(2 * filled / (radius + np.sqrt(radius**2 + 4 * bend * filled)))


def wall_of(endo: ContourTrack, epi: ContourTrack, aspect: float = 1.0) -> Wall:
    """The wall between two tracks.

    Args:
        endo: contours from hinge point to hinge point.
        epi: likewise.
        aspect: height of a pixel over its width.

    """
    return frame_by_frame(endo, epi, partial(_one, aspect=aspect))


def frame_by_frame(
    endo: ContourTrack, epi: ContourTrack, one: Callable[[Contour, Contour], FloatArray | None], *, closed: bool = False
) -> Wall:
    """A wall out of its frames; NaN where one lacks a contour.

    Args:
        endo: contours.
        epi: likewise.
        one: (POINTS, 7) of one frame's contours, in the order of Wall's fields, or None where they make no wall.
        closed: whether the wall is a ring.

    """
    nothing = np.full((POINTS, 7), np.nan)
    frames = []
    for inner, outer in zip(endo.contours, epi.contours, strict=True):
        found = None if inner is None or outer is None else one(inner, outer)
        frames.append(nothing if found is None else found)
    every = np.stack(frames)
    return Wall(every[..., :2], every[..., 2:4], every[..., 4], every[..., 5], every[..., 6], closed=closed)


@lru_cache(maxsize=2048)
def _one(endo: Contour, epi: Contour, aspect: float) -> FloatArray | None:
    """(120, 7) a Wall's numbers in one frame; kept, since an edit changes the contours of some frames only."""
    inner = resampled(Contour(endo.scaled_mm(aspect, 1.0)), POINTS).points
    if inner[0, 0] > inner[-1, 0]:
        inner = inner[::-1]
    normals = normals_of(inner)
    try:
        thickness = soft_thickness(inner, normals, epi.scaled_mm(aspect, 1.0))
    except ValueError:
        return None
    base = (inner[0] + inner[-1]) / 2
    axis = inner[np.argmax(((inner - base) ** 2).sum(axis=1))] - base
    axis = axis / max(float(np.hypot(*axis)), 1e-9)
    off = (inner - base) @ (axis[1], -axis[0])
    widening = np.clip(np.sign(off) * (normals @ (axis[1], -axis[0])), 0, 1)
    radius = np.maximum(np.abs(off), _LEAST_RADIUS_PX)
    return frozen(np.column_stack([inner, normals, thickness, radius, widening]))
