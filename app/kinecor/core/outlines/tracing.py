"""Tracing from three clicks: the usual shape through them, drawn to the edges of the image.

An open outline is given by the two hinge points of the mitral valve and the apex, a closed one by three places on it.
The shape is then moved across itself, within a margin, to where the image has the greatest contrast between inside
and outside; the whole line is chosen at once by dynamic programming, so that it neither jumps nor leaves the shape
without a reason (Amini, Weymouth and Jain, IEEE Trans Pattern Anal Mach Intell 1990;12:855).
"""

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.reshaping import POINTS
from kinecor.core.values.geometry import Contour, FloatArray, Outline, frozen

# Half the width of a cavity by the height above the annulus, in widths of the annulus and heights: mean of 36 simulated
# hearts at ED and ES.
_HALF_WIDTHS = (0.5, 0.516, 0.521, 0.518, 0.506, 0.485, 0.453, 0.407, 0.346, 0.271, 0.0)
_HEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
# As shares of the outline's length: how far the line may move, the band whose brightness is compared, the blur.
_MARGIN, _BAND, _BLUR = 0.03, 0.02, 0.004
_OFFSETS = 31
# What a move of the whole margin, and a step of one offset between neighbours, cost; contrast is in deviations.
_AWAY, _STEP = 2.0, 0.3


def arch_through(first: FloatArray, second: FloatArray, apex: FloatArray) -> Contour:
    """The usual cavity of an apical view, from hinge point to hinge point; all (x, y) in pixels.

    Raises:
        ValueError: the three places are on one line, or two of them are one.

    """
    base, across = (first + second) / 2, second - first
    up = apex - base
    if abs(across[0] * up[1] - across[1] * up[0]) < 1e-3 * np.hypot(*across) * np.hypot(*up) + 1e-6:
        raise ValueError("the apex is on the line of the annulus: click on both hinge points, then on the apex")
    height = np.sin(np.linspace(0, np.pi / 2, POINTS // 2 + 1))
    # Between the heights given, the square of the width is interpolated: the apex is round.
    half = np.sqrt(np.interp(height, _HEIGHTS, np.square(_HALF_WIDTHS)))
    left = base + np.outer(-half, across) + np.outer(height, up)
    right = base + np.outer(half, across) + np.outer(height, up)
    return Contour(Outline(np.concatenate([left, right[-2::-1]]), closed=False).resampled(POINTS).points)


def circle_through(first: FloatArray, second: FloatArray, third: FloatArray, aspect: float = 1.0) -> Contour:
    """The circle through three places (x, y) in pixels; round where pixels are as wide as high.

    Raises:
        ValueError: the three places are on one line.

    """
    scale = np.array([1.0, aspect])
    a, b, c = first * scale, second * scale, third * scale
    rows = 2 * np.array([b - a, c - a])
    if abs(np.linalg.det(rows)) < 1e-6:
        raise ValueError("the three places are on one line: click around the cavity")
    centre = np.linalg.solve(rows, np.array([b @ b - a @ a, c @ c - a @ a]))
    turn = np.arange(POINTS) * (2 * np.pi / POINTS)
    unit = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    return Contour((centre + np.hypot(*(a - centre)) * unit) / scale)


def snapped(
    contour: Contour, image: NDArray[np.floating], *, closed: bool, bright_inside: bool, aspect: float = 1.0
) -> Contour:
    """A contour drawn to the edges of the image.

    Args:
        contour: where the outline roughly is; the ends of an open one stay.
        image: (rows, columns) grey.
        closed: whether the outline is closed.
        bright_inside: whether blood is brighter than muscle, as in cine MRI; else darker, as in ultrasound.
        aspect: height of a pixel over its width.

    """
    from scipy.ndimage import gaussian_filter, map_coordinates  # takes long to import

    scale = np.array([1.0, aspect])
    line = Outline(contour.points * scale, closed).resampled(POINTS)
    margin, band = _MARGIN * line.length, _BAND * line.length
    blur = _BLUR * line.length
    soft = gaussian_filter(np.asarray(image, np.float64), (blur / aspect, blur))
    step = 2 * margin / (_OFFSETS - 1)
    reach = max(round(band / step), 1)
    depth = np.arange(-reach - _OFFSETS // 2, reach + _OFFSETS // 2 + 1) * step
    normals = line.normals()
    places = (line.points[:, None] + depth[:, None] * normals[:, None]) / scale
    seen = map_coordinates(soft, [places[..., 1], places[..., 0]], order=1, mode="nearest")
    total = np.concatenate([np.zeros((POINTS, 1)), np.cumsum(seen, axis=1)], axis=1)
    middle = np.arange(_OFFSETS) + reach
    inside = (total[:, middle] - total[:, middle - reach]) / reach
    outside = (total[:, middle + 1 + reach] - total[:, middle + 1]) / reach
    contrast = (inside - outside) if bright_inside else (outside - inside)
    offset = np.linspace(-1, 1, _OFFSETS)
    cost = -contrast / max(float(contrast.std()), 1e-9) + _AWAY * offset**2
    if not closed:
        cost[[0, -1]] += 1e3 * np.abs(offset)
    chosen = offset[cheapest(cost[None], _STEP, closed=closed)[0]] * margin
    kernel = np.exp(-((np.arange(-6, 7) / 2.5) ** 2) / 2)
    padded = np.pad(chosen, 6, mode="wrap" if closed else "edge")
    chosen = np.convolve(padded, kernel / kernel.sum(), "valid")
    if not closed:
        chosen *= np.clip(np.minimum(np.arange(POINTS), np.arange(POINTS)[::-1]) / 5, 0, 1)
    return Contour(frozen((line.points + chosen[:, None] * normals) / scale))


def cheapest(cost: FloatArray, step: float, *, closed: bool) -> NDArray[np.intp]:
    """Which offset the cheapest line takes at each place, of each of some frames at once.

    Args:
        cost: (t, places, offsets).
        step: cost of a step of one offset between neighbours; it grows with the square.
        closed: whether the last place is followed by the first.

    Returns:
        (t, places) from 0 to offsets - 1.

    """
    t, count, offsets = cost.shape
    change = step * np.subtract.outer(np.arange(offsets), np.arange(offsets)) ** 2
    # A closed line is gone round twice, and the middle is taken: there it does not know where it began.
    order = np.arange(2 * count if closed else count) % count
    best = cost[:, order[0]]
    came = np.zeros((len(order), t, offsets), np.intp)
    for row, at in enumerate(order[1:], start=1):
        whole = best[:, :, None] + change
        came[row] = whole.argmin(axis=1)
        best = whole.min(axis=1) + cost[:, at]
    path = np.zeros((t, len(order)), np.intp)
    path[:, -1] = best.argmin(axis=1)
    every = np.arange(t)
    for row in range(len(order) - 1, 0, -1):
        path[:, row - 1] = came[row, every, path[:, row]]
    return np.roll(path[:, count // 2 : count // 2 + count], count // 2, axis=1) if closed else path
