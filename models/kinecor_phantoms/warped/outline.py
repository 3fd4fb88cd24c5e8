"""Sub-pixel outlines of a label image that give back every pixel of it.

An outline crosses each line between a pixel centre inside and a neighbouring one outside. Where on that line it
crosses is free, so crossings are slid along it until the outline is smooth: no staircase, and still the expert's
pixels to the last one. Regions that touch share their crossings, so nothing opens between them when they are carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.lines import enclosed_area
from kinecor_phantoms.raster import Bools, Points, pixels_inside

Labels = NDArray[np.uint8]
Indices = NDArray[np.int64]

# Crossings stay this far, in pixels, from the pixel centres on either side.
MARGIN_PX = 0.03
# Passes of smoothing, each a step in and a slightly longer step out, so that outlines do not shrink (Taubin 1995).
PASSES = 60
STEP_IN, STEP_OUT = 0.55, -0.57


@dataclass(frozen=True, eq=False)
class Outlines:
    """The borders of several regions of one label image.

    Attributes:
        points: (n, 2) float64, every crossing once, (x, y) in pixels.
        loops: per region, the loops that bound it as indices into `points`; islands and holes are separate loops.
        inner, outer: per region and loop, the labels on either side of each crossing.
        regions: the labels that make up each region.

    """

    points: Points
    loops: tuple[tuple[Indices, ...], ...]
    inner: tuple[tuple[Labels, ...], ...]
    outer: tuple[tuple[Labels, ...], ...]
    regions: tuple[tuple[int, ...], ...]

    def largest(self, region: int) -> int | None:
        """Which loop of a region encloses most, or None where the region is empty."""
        loops = self.loops[region]
        if not loops:
            return None
        return int(np.argmax([enclosed_area(self.points[loop]) for loop in loops]))


def _successors(mask: Bools) -> dict[int, int]:
    """From each crossing of a framed mask to the next; insides that touch by a corner alone are apart.

    A crossing is numbered row * columns + column of its upper or left pixel, plus the number of pixels if the line
    that it is on runs downwards.
    """
    rows, columns = mask.shape
    at = np.arange(rows * columns).reshape(rows, columns)
    corners = mask[:-1, :-1], mask[:-1, 1:], mask[1:, 1:], mask[1:, :-1]
    lines = at[:-1, :-1], at[:-1, 1:] + rows * columns, at[1:, :-1], at[:-1, :-1] + rows * columns
    following: dict[int, int] = {}
    for start in range(4):
        going = ~corners[start] & corners[(start + 1) % 4]
        for onward in range(1, 4):
            leaves = going & ~corners[(start + onward + 1) % 4]
            ends = lines[(start + onward) % 4][leaves].tolist()
            following.update(zip(lines[start][leaves].tolist(), ends, strict=True))
            going = going & corners[(start + onward + 1) % 4]
    return following


def _loops(following: dict[int, int]) -> list[list[int]]:
    loops = []
    while following:
        start, at = following.popitem()
        loop = [start]
        while at != start:
            loop.append(at)
            at = following.pop(at)
        loops.append(loop)
    return loops


def _smoothed(points: Points, downwards: Bools, loops: Sequence[Indices]) -> Points:
    """Points slid along their own lines, which run downwards or to the right and are one pixel long."""
    middle = np.where(downwards, points[:, 1], points[:, 0])
    here = np.concatenate(loops)
    before = np.concatenate([np.roll(loop, 1) for loop in loops])
    after = np.concatenate([np.roll(loop, -1) for loop in loops])
    count = np.bincount(here, minlength=len(points))
    at = points.copy()
    rows = np.arange(len(points))
    axis = downwards.astype(np.int64)
    for step in (STEP_IN, STEP_OUT) * PASSES:
        pull = (at[before, axis[here]] + at[after, axis[here]]) / 2 - at[here, axis[here]]
        mean = np.bincount(here, pull, len(points)) / count
        moved = at[rows, axis] + step * mean
        at[rows, axis] = np.clip(moved, middle - 0.5 + MARGIN_PX, middle + 0.5 - MARGIN_PX)
    return at


def outlines(label: Labels, regions: Sequence[Sequence[int]]) -> Outlines:
    """Smooth borders of regions of a label image.

    Args:
        label: (rows, columns) uint8.
        regions: for each region, the labels it consists of; regions may contain one another.

    """
    framed = np.pad(label, 1)
    rows, columns = framed.shape
    found = [_loops(_successors(np.isin(framed, region))) for region in regions]
    flat = [loop for loops in found for loop in loops]
    if not flat:
        empty: tuple[tuple[Labels, ...], ...] = ((),) * len(regions)
        return Outlines(np.zeros((0, 2)), ((),) * len(regions), empty, empty, tuple(map(tuple, regions)))
    numbers = np.unique(np.concatenate(flat))
    downwards, pixel = numbers >= rows * columns, numbers % (rows * columns)
    row, column = pixel // columns, pixel % columns
    sides = np.stack([framed[row, column], framed[row + downwards, column + ~downwards]])
    middles = np.stack([column + 0.5 * ~downwards, row + 0.5 * downwards], axis=1) - 1.0
    indexed = [[np.searchsorted(numbers, loop) for loop in loops] for loops in found]
    points = _smoothed(middles, downwards, [loop for loops in indexed for loop in loops])
    inner, outer = [], []
    for region, loops in zip(regions, indexed, strict=True):
        first = [np.isin(sides[0, loop], region) for loop in loops]
        inner.append(tuple(np.where(f, *sides[:, loop]) for f, loop in zip(first, loops, strict=True)))
        outer.append(tuple(np.where(f, *sides[::-1, loop]) for f, loop in zip(first, loops, strict=True)))
    return Outlines(points, tuple(map(tuple, indexed)), tuple(inner), tuple(outer), tuple(map(tuple, regions)))


def paint_regions(borders: Outlines, points: Points, values: Sequence[int], shape: tuple[int, int]) -> Labels:
    """Label image of regions whose crossings now are at `points`.

    Args:
        borders: the regions.
        points: (n, 2), where each of `borders.points` now is.
        values: the label of each region; a later region is painted over an earlier one.
        shape: rows and columns of the result.

    """
    label = np.zeros(shape, np.uint8)
    for loops, value in zip(borders.loops, values, strict=True):
        label[pixels_inside((points[loop] for loop in loops), shape)] = value
    return label
