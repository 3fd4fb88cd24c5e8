"""Open and closed lines of points: arc length, even spacing, runs."""

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.raster import Bools, Points


def arc_length(line: Points) -> NDArray[np.float64]:
    """(n,) length along an open line (n, 2) up to each point."""
    return np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))))


def at_arcs(line: Points, arcs: NDArray[np.float64]) -> Points:
    """Points (m, 2) at lengths along an open line."""
    arc = arc_length(line)
    return np.stack([np.interp(arcs, arc, line[:, k]) for k in (0, 1)], axis=1)


def close_loop(loop: Points) -> Points:
    """A loop as an open line that ends where it began."""
    return np.concatenate([loop, loop[:1]])


def space_evenly(line: Points, count: int, *, around: bool = False) -> Points:
    """`count` points evenly along an open line, with both ends; or `around` a loop, beginning with its first point."""
    path = close_loop(line) if around else line
    return at_arcs(path, np.linspace(0, arc_length(path)[-1], count, endpoint=not around))


def enclosed_area(loop: Points) -> float:
    """Area enclosed by a closed outline (n, 2), in the points' unit squared, never negative."""
    x, y = loop.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def normals(line: Points) -> Points:
    """Unit normals (n, 2) of an open line, to the right of its direction on the screen."""
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def longest_run(flags: Bools, gap: int) -> NDArray[np.int64] | None:
    """Indices of the longest circular run of true values; runs less than `gap` apart are one."""
    n = len(flags)
    true = np.flatnonzero(flags)
    if not len(true):
        return None
    steps = np.diff(np.concatenate([true, [true[0] + n]]))
    breaks = np.flatnonzero(steps > gap)
    if not len(breaks):
        return None if not flags.all() else np.arange(n)
    firsts, lasts = true[(breaks + 1) % len(true)], true[np.roll(breaks, -1)]
    lengths = (lasts - firsts) % n + 1
    best = int(np.argmax(lengths))
    return np.asarray((firsts[best] + np.arange(lengths[best])) % n)


def nearest(line: Points, points: Points) -> tuple[Points, NDArray[np.int64]]:
    """The closest places (m, 2) on an open line to points (m, 2), and on which of its pieces they are."""
    start, way = line[:-1], np.diff(line, axis=0)
    long = np.maximum((way**2).sum(axis=1), 1e-12)
    share = np.clip(((points[:, None] - start) * way).sum(axis=2) / long, 0, 1)
    foot = start + share[..., None] * way
    piece = ((points[:, None] - foot) ** 2).sum(axis=2).argmin(axis=1)
    return foot[np.arange(len(points)), piece], piece
