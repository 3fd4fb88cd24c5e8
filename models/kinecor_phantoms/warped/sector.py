"""The ultrasound sector of a frame, and what an image may be taken to show beyond it."""

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.raster import Bools, Points, pixels_inside
from kinecor_phantoms.warped.sampling import Picture, looked_up

# Grey level above which a pixel is lit.
LIT = 2
RAYS = 1440
# The outermost pixels of a sector are half dark; mirroring begins so far inside its edge.
RIM_PX = 2.5


def _hull(points: Points) -> Points:
    """The convex hull of points (n, 2), by Andrew's monotone chain."""
    ordered = sorted(map(tuple, points.tolist()))
    chains = []
    for way in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for p in way:
            while len(chain) > 1 and (chain[-1][0] - chain[-2][0]) * (p[1] - chain[-2][1]) <= (
                chain[-1][1] - chain[-2][1]
            ) * (p[0] - chain[-2][0]):
                chain.pop()
            chain.append(p)
        chains += chain[:-1]
    return np.array(chains)


def sector(*images: NDArray[np.uint8]) -> Bools:
    """Pixels (rows, columns) of the sector: the convex hull of what is lit in any of the frames."""
    lit = np.max(images, axis=0) > LIT
    rows = np.flatnonzero(lit.sum(axis=1) >= 3)
    if len(rows) < 3:
        return np.ones(lit.shape, np.bool_)
    first, last = lit[rows].argmax(axis=1), lit.shape[1] - 1 - lit[rows, ::-1].argmax(axis=1)
    ends = [np.stack([x, rows], axis=1).astype(np.float64) for x in (first, last)]
    hull = _hull(np.concatenate(ends))
    # A little wider, so that the pixels of the hull itself are in.
    return pixels_inside([hull + np.where(hull > hull.mean(axis=0), 0.2, -0.2)], (lit.shape[0], lit.shape[1]))


def widen_image(image: NDArray[np.uint8], seen: Bools | None, margin_px: int) -> Picture:
    """An image with a margin all round, and what is outside the sector taken from its mirror image inside.

    Tissue that moves in from outside then looks like its surroundings, and the sector's edge can stay where it is.

    Args:
        image: (rows, columns).
        seen: the sector; None where the whole image shows something.
        margin_px: pixels added on each side.

    """
    if seen is None:
        return np.pad(image.astype(np.float32), margin_px, mode="reflect")
    padded = np.pad(image, margin_px).astype(np.float32)
    mask = np.pad(seen, margin_px)
    y, x = np.nonzero(mask)
    middle = complex(x.mean(), y.mean())
    angles = np.linspace(-np.pi, np.pi, RAYS, endpoint=False)
    radii = np.arange(0, np.hypot(*mask.shape), 0.5)
    ray = middle + radii * np.exp(1j * angles)[:, None]
    hit = looked_up(mask.astype(np.float32), ray.real, ray.imag) > 0.5
    edge = radii[hit.shape[1] - 1 - hit[:, ::-1].argmax(axis=1)] - RIM_PX
    row, column = np.indices(mask.shape)
    off = np.asarray(column + 1j * row - middle)
    ray_number = (np.angle(off) + np.pi) / (2 * np.pi) * RAYS
    reach = np.interp(ray_number, np.arange(RAYS + 1), np.append(edge, edge[0]))
    beyond = abs(off) > reach
    off, reach = off[beyond], reach[beyond]
    mirrored = middle + off / abs(off) * np.maximum(2 * reach - abs(off), 0)
    padded[beyond] = looked_up(padded, mirrored.real, mirrored.imag)
    return padded
