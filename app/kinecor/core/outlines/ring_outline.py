"""The wall of a short-axis slice through a loop: the closed sister of `wall_outline.wall_of`."""

from functools import lru_cache, partial

import numpy as np

from kinecor.core.outlines.centreline import POINTS, crossing, evenly
from kinecor.core.outlines.wall_outline import Wall, frame_by_frame
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.contour import Contour
from kinecor.core.values.track import ContourTrack

# Thickness is smoothed over so many places round the wall, as along an apical one.
_SMOOTH = 9
# A normal that meets the epicardium farther off than this, in usual thicknesses, has slipped past the wall.
_MOST = 3.0


def ring_of(endo: ContourTrack, epi: ContourTrack, aspect: float = 1.0) -> Wall:
    """The wall between two tracks of closed outlines.

    Its points run counter-clockwise on the picture from what lies to the right of the cavity's centre.

    Args:
        endo: closed contours; the first point is not repeated.
        epi: likewise.
        aspect: height of a pixel over its width.

    """
    return frame_by_frame(endo, epi, partial(_one, aspect=aspect), closed=True)


@lru_cache(maxsize=2048)
def _one(endo: Contour, epi: Contour, aspect: float) -> FloatArray | None:
    """(120, 7) a Wall's numbers in one frame; None where no wall is found around the endocardium."""
    inner = even_ring(endo.scaled_mm(aspect, 1.0))
    way = np.roll(inner, -1, axis=0) - np.roll(inner, 1, axis=0)
    # Counter-clockwise on the picture, y downwards: outwards is to the right of the way.
    normals = np.stack([-way[:, 1], way[:, 0]], axis=1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    thickness = crossing(inner, normals, epi.scaled_mm(aspect, 1.0))
    known = np.isfinite(thickness)
    if known.sum() < POINTS // 4:
        return None
    known &= np.nan_to_num(thickness, nan=np.inf) < _MOST * float(np.median(thickness[known]))
    place = np.arange(POINTS)
    around = np.interp(place, place[known], thickness[known], period=POINTS)
    half = _SMOOTH // 2
    wall = np.convolve(np.concatenate([around[-half:], around, around[:half]]), np.ones(_SMOOTH) / _SMOOTH, "valid")
    length = float(np.linalg.norm(way, axis=1).sum() / 2)
    # Lines at a distance d round a closed curve are 2 pi d longer (Steiner): as round a circle of the same length.
    radius, widening = np.full(POINTS, length / (2 * np.pi)), np.ones(POINTS)
    return frozen(np.column_stack([inner, normals, wall, radius, widening]))


def even_ring(points: FloatArray) -> FloatArray:
    """(120, 2) points evenly round an outline (n, 2), counter-clockwise on the picture, the first to the right."""
    nxt = np.roll(points, -1, axis=0)
    if (points[:, 0] * nxt[:, 1] - nxt[:, 0] * points[:, 1]).sum() > 0:  # clockwise, where y runs down
        points = points[::-1]
    # Begun where the outline rises across the ray to the right, so that the first point does not hop between corners.
    off = points - points.mean(axis=0)
    nxt = np.roll(off, -1, axis=0)
    rising = np.flatnonzero((off[:, 1] > 0) & (nxt[:, 1] <= 0))
    if not len(rising):
        rising = np.array([int(np.argmax(off[:, 0]))])
    share = np.clip(off[rising, 1] / np.maximum(off[rising, 1] - nxt[rising, 1], 1e-12), 0, 1)
    best = int(np.argmax(off[rising, 0] + share * (nxt - off)[rising, 0]))
    at = int(rising[best])
    first = points[at] + share[best] * (nxt - off)[at]
    line = np.concatenate([first[None], np.roll(points, -(at + 1), axis=0), first[None]])
    return np.asarray(evenly(line[None], POINTS + 1)[0, :-1])
