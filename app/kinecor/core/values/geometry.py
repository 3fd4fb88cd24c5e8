"""Points in the image and in the patient: read-only arrays, outlines, contours, planes."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

FloatArray = NDArray[np.float64]
BytesArray = NDArray[np.uint8]
Item = TypeVar("Item")


def frozen_array(values: object, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """A read-only, contiguous array of `dtype`; copied unless `values` is one already.

    Args:
        values: what numpy makes an array of.
        dtype: of the array.

    """
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable or not array.flags.c_contiguous:
        array = np.array(array, order="C")
        array.flags.writeable = False
    return array


def finite(array: FloatArray, what: str, error: Callable[[str], Exception] = ValueError) -> FloatArray:
    """`array` unchanged, or `error` if any of its numbers is NaN or infinite.

    Args:
        array: of any shape.
        what: it is, for the sentence of the error.
        error: makes the exception of that sentence.

    """
    if not np.isfinite(array).all():
        raise error(f"{what}: expected finite numbers, got NaN or infinity")
    return array


def by_size(items: Iterable[Item], size: Callable[[Item], Hashable]) -> list[list[Item]]:
    """The items in groups of one size, so that each group makes one array.

    Args:
        items: in any order, which stays within a group.
        size: gives the size of an item.

    """
    found: dict[Hashable, list[Item]] = {}
    for item in items:
        found.setdefault(size(item), []).append(item)
    return list(found.values())


def step_lengths(points: FloatArray, *, closed: bool) -> FloatArray:
    """Distance from each point to the next, in the points' unit.

    Args:
        points: (..., n, 2).
        closed: whether the last point is followed by the first.

    Returns:
        (..., n - 1), or (..., n) where closed.

    """
    steps = np.roll(points, -1, axis=-2) - points if closed else np.diff(points, axis=-2)
    return np.asarray(np.linalg.norm(steps, axis=-1))


def running_sum(steps: FloatArray) -> FloatArray:
    """(..., n + 1) sums of (..., n) steps up to each point, from 0 on.

    Args:
        steps: (..., n).

    """
    return np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, axis=-1)], axis=-1)


def next_values(values: FloatArray) -> FloatArray:
    """Along the first axis the value after each, the first after the last; several times as fast as np.roll.

    Args:
        values: (n, ...).

    """
    return np.concatenate((values[1:], values[:1]))


def previous_values(values: FloatArray) -> FloatArray:
    """Along the first axis the value before each, the last before the first.

    Args:
        values: (n, ...).

    """
    return np.concatenate((values[-1:], values[:-1]))


@dataclass(frozen=True, eq=False)
class Outline:
    """A line through points, open (from end to end) or closed (the last point is followed by the first).

    A place on it is given as `along`, its share of the length: from 0 at the first point to 1 at the last one, or at
    the first again where it is closed. x = column, y = row (down).

    Attributes:
        points: (n, 2) float64 (x, y), n >= 2, in pixels or in mm.
        closed: see above.

    """

    points: FloatArray
    closed: bool

    @cached_property
    def steps(self) -> FloatArray:
        """Distance from each point to the next: (n - 1,), or (n,) where it is closed."""
        return np.asarray(np.linalg.norm(np.diff(self.vertices, axis=0), axis=1))

    @cached_property
    def length(self) -> float:
        """Length of the line, in the points' unit."""
        return float(self.steps.sum())

    @cached_property
    def area(self) -> float:
        """Area enclosed by the line and, where it is open, the segment between its ends (shoelace); never negative."""
        x, y = (self.points - self.points.mean(axis=0)).T
        return float(abs(np.dot(x, next_values(y)) - np.dot(y, next_values(x))) / 2)

    @cached_property
    def vertices(self) -> FloatArray:
        """The points, (n, 2); with the first one again at the end, (n + 1, 2), where it is closed."""
        return np.concatenate([self.points, self.points[:1]]) if self.closed else self.points

    @cached_property
    def arc_length(self) -> FloatArray:
        """Distance of each of the `vertices` from the first along the line: (n,), or (n + 1,) where it is closed."""
        return running_sum(self.steps)

    def nearest(self, point: tuple[float, float]) -> tuple[float, float]:
        """The place (`along`, below 1 where closed) nearest to a point (x, y), and the distance between the two.

        Args:
            point: (x, y) in the unit of the line.

        """
        start, step = self.vertices[:-1], np.diff(self.vertices, axis=0)
        square = np.maximum((step**2).sum(axis=1), 1e-12)
        share = np.clip(((point - start) * step).sum(axis=1) / square, 0.0, 1.0)
        distance = np.hypot(*(start + share[:, None] * step - point).T)
        best = int(distance.argmin())
        path = self.arc_length
        along = (path[best] + share[best] * (path[best + 1] - path[best])) / max(path[-1], 1e-12)
        return float(along % 1.0 if self.closed else np.clip(along, 0.0, 1.0)), float(distance[best])

    def place(self, along: FloatArray | float) -> FloatArray:
        """The points (x, y) at `along` (one number or (k,)): (2,) or (k, 2).

        Args:
            along: share of the line's length, 0 to 1; of a closed line any number, which goes round.

        """
        share = np.asarray(along) % 1.0 if self.closed else np.asarray(along)
        wanted = share * self.arc_length[-1]
        return np.stack([np.interp(wanted, self.arc_length, self.vertices[:, axis]) for axis in (0, 1)], axis=-1)

    def resampled(self, count: int) -> "Outline":
        """`count` points evenly spaced along the line, beginning with the first; the ends of an open one stay.

        Args:
            count: of the points, from 2.

        """
        return Outline(evenly(self.points[None], count, closed=self.closed)[0], self.closed)

    def oriented(self) -> "Outline":
        """The same line in the order in which walls are followed on the image.

        A closed one runs counter-clockwise on the image and begins where it crosses the ray from the mean of its
        points to the right, with a point put there, so that the beginning does not jump between corners; an open one
        runs from its left end to its right one.
        """
        points = self.points
        if not self.closed:
            return self if points[0, 0] <= points[-1, 0] else Outline(points[::-1], closed=False)
        following = np.roll(points, -1, axis=0)
        if (points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]).sum() > 0:  # clockwise, where y runs down
            points = points[::-1]
        off = points - points.mean(axis=0)
        following = np.roll(off, -1, axis=0)
        rising = np.flatnonzero((off[:, 1] > 0) & (following[:, 1] <= 0))
        if not len(rising):
            rising = np.array([int(np.argmax(off[:, 0]))])
        share = np.clip(off[rising, 1] / np.maximum(off[rising, 1] - following[rising, 1], 1e-12), 0, 1)
        best = int(np.argmax(off[rising, 0] + share * (following - off)[rising, 0]))
        at = int(rising[best])
        first = points[at] + share[best] * (following - off)[at]
        return Outline(np.concatenate([first[None], np.roll(points, -(at + 1), axis=0)]), closed=True)

    def bent(self, along: float, delta: FloatArray, reach: float) -> "Outline":
        """The line with the place `along` moved by `delta` (dx, dy), as `bent_lines`.

        Args:
            along: share of the line's length, 0 to 1.
            delta: (2,) in the unit of the line.
            reach: see `bent_lines`.

        """
        return Outline(bent_lines(self.points[None], along, delta[None], reach, closed=self.closed)[0], self.closed)

    def normals(self) -> FloatArray:
        """(n, 2) unit normals at the points that point away from the mean of the points."""
        points = self.points
        tangent = next_values(points) - previous_values(points) if self.closed else np.gradient(points, axis=0)
        normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        outward = (normal * (self.points - self.points.mean(axis=0))).sum()
        return normal if outward > 0 else -normal

    def crossings(self, start: FloatArray, direction: FloatArray) -> FloatArray:
        """Signed distances along rays to each edge of the line.

        Args:
            start: (rays, 2).
            direction: (rays, 2) unit vectors.

        Returns:
            (rays, edges) in the points' unit, below 0 behind the start; NaN where they do not meet.

        """
        # x and y apart: sums over pairs of columns would read every second number.
        (x, y), (across, down) = self.vertices[:-1].T, np.diff(self.vertices, axis=0).T
        ray_x, ray_y = (np.ascontiguousarray(part)[:, None] for part in direction.T)
        to_x, to_y = x - start[:, :1], y - start[:, 1:]
        cross = ray_x * down - ray_y * across
        cross[np.abs(cross) < 1e-12] = np.nan
        distance = (to_x * down - to_y * across) / cross
        share = (to_x * ray_y - to_y * ray_x) / cross
        # A ray through a corner meets both its edges, whatever rounding does.
        return np.where((share >= -1e-9) & (share <= 1 + 1e-9), distance, np.nan)


def bent_lines(
    lines: FloatArray, along: float, deltas: FloatArray, reach: FloatArray | float, *, closed: bool
) -> FloatArray:
    """Lines with their place `along` moved by its own of `deltas`, the rest by exp(-(distance / reach)^2) of it.

    Distance is along the line, the shorter way round where it is closed. An end of an open line that is not itself
    grabbed stays exactly where it is: what the Gaussian would move it by is taken off along the way, quadratically, so
    that the line has no kink there and the grabbed place moves in full.

    Args:
        lines: (t, n, 2).
        along: as in `Outline`, the same on each line.
        deltas: (t, 2) x, y, in the unit of the lines.
        reach: of the Gaussian, one or (t,), in the unit of the lines.
        closed: whether the last point of each is followed by the first.

    Returns:
        (t, n, 2).

    """
    path = running_sum(step_lengths(lines, closed=closed))
    length = path[:, -1:]
    path = path[:, : lines.shape[1]]
    at = along * length
    gap = np.abs(path - at)
    if closed:
        gap = np.minimum(gap, length - gap)
    weight = np.exp(-((gap / np.maximum(np.reshape(reach, (-1, 1)), 1e-6)) ** 2))
    if not closed:
        first, last = weight[:, :1].copy(), weight[:, -1:].copy()
        if along > 0:
            weight -= first * np.clip(1 - path / at, 0, 1) ** 2
        if along < 1:
            weight -= last * np.clip(1 - (length - path) / (length - at), 0, 1) ** 2
    return np.asarray(lines + weight[..., None] * deltas[:, None])


def evenly(lines: FloatArray, count: int | None = None, *, closed: bool = False) -> FloatArray:
    """Lines with their points, or `count` of them, spaced evenly along; NaN where a line is.

    Args:
        lines: (t, n, 2).
        count: points of each result; n where None.
        closed: whether the last point of each is followed by the first; else the ends stay.

    Returns:
        (t, count, 2).

    """
    n = count or lines.shape[1]
    along = running_sum(step_lengths(lines, closed=closed))
    vertices = np.concatenate([lines, lines[:, :1]], axis=1) if closed else lines
    out = np.full((len(lines), n, 2), np.nan)
    for frame in range(len(lines)):
        if np.isfinite(along[frame, -1]):
            wanted = np.linspace(0, along[frame, -1], n + 1)[:-1] if closed else np.linspace(0, along[frame, -1], n)
            for axis in (0, 1):
                out[frame, :, axis] = np.interp(wanted, along[frame], vertices[frame, :, axis])
            if not closed:  # exactly, whatever rounding does
                out[frame, 0], out[frame, -1] = lines[frame, 0], lines[frame, -1]
    return out


@dataclass(frozen=True, eq=False)
class Contour:
    """The outline of one structure in one frame: a simple polygon; the last point joins the first.

    Points are float64 of shape (n, 2), n >= 3, columns (x, y) = (column, row) in pixels; pixel centres are at
    integers. In an apical view the first and the last point of the LV endocardium and epicardium and of the atrium
    are the two hinge points of the mitral valve: the closing segment is the mitral annulus plane (CAMUS protocol;
    ASE/EACVI 2015). Whether the line itself is open there or closed (short axis) depends on the recording: see
    `outline`.

    Raises:
        ValueError: wrong shape, fewer than three points, or a number that is not finite.

    """

    points: FloatArray

    def __post_init__(self) -> None:
        points = frozen_array(self.points)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
            raise ValueError(f"a contour is (n, 2) with n >= 3, got shape {points.shape}")
        object.__setattr__(self, "points", finite(points, "contour"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contour) and np.array_equal(self.points, other.points)

    def __hash__(self) -> int:
        return hash(self.points.tobytes())

    def __len__(self) -> int:
        return len(self.points)

    def outline(self, *, closed: bool) -> Outline:
        """The line through its points, in pixels: open from hinge point to hinge point, or closed.

        Args:
            closed: whether the last point is joined to the first.

        """
        return Outline(self.points, closed)

    @cached_property
    def derived(self) -> dict[tuple[str, float, float], float]:
        """Numbers derived from the points, by what they are and the spacings, for whoever derives them to keep here."""
        return {}

    @cached_property
    def area_px2(self) -> float:
        """Enclosed area in square pixels, never negative."""
        return Outline(self.points, closed=True).area

    @cached_property
    def length_px(self) -> float:
        """Length of the closed polygon, in pixels."""
        return Outline(self.points, closed=True).length

    @cached_property
    def centroid(self) -> FloatArray:
        """Centre of the enclosed area, (x, y) in pixels; the mean of the points where the area is nil."""
        centre = self.points.mean(axis=0)
        p = self.points - centre
        q = next_values(p)
        cross = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
        doubled_area = cross.sum()
        if abs(doubled_area) < 1e-12:
            return frozen_array(centre)
        return frozen_array(centre + ((p + q) * cross[:, None]).sum(axis=0) / (3 * doubled_area))

    def scaled_mm(self, row_mm: float, col_mm: float) -> FloatArray:
        """The points in mm, (n, 2), x and y scaled by their own spacing.

        Args:
            row_mm: height of a pixel.
            col_mm: width of a pixel.

        """
        return self.points * (col_mm, row_mm)


def resample_line(contour: Contour, count: int) -> Contour:
    """`count` points evenly spaced along the open line from the first to the last point, which stay; `count` >= 3.

    Args:
        contour: whose first and last point are the ends of an open line.
        count: of the points, from 3.

    Raises:
        ValueError: fewer points.

    """
    if count < 3:
        raise ValueError(f"a contour needs at least 3 points, got {count}")
    return Contour(contour.outline(closed=False).resampled(count).points)


@dataclass(frozen=True, eq=False)
class Plane:
    """Position and orientation of an image, as in DICOM (PS3.3 C.7.6.2): patient coordinates, L, P, S, in mm.

    Attributes:
        origin_mm: (3,) of the centre of the first pixel.
        along_x: (3,) unit vector from a column to the next.
        along_y: (3,) unit vector from a row to the next.

    Raises:
        ValueError: wrong shapes, numbers that are not finite, or directions that are not at right angles.

    """

    origin_mm: FloatArray
    along_x: FloatArray
    along_y: FloatArray

    def __post_init__(self) -> None:
        for name in ("origin_mm", "along_x", "along_y"):
            vector = finite(frozen_array(getattr(self, name)), name)
            if vector.shape != (3,):
                raise ValueError(f"{name}: three coordinates were expected, got {vector.shape}")
            object.__setattr__(self, name, vector)
        if abs(np.dot(self.along_x, self.along_y)) > 0.01 or not np.allclose(
            (np.linalg.norm(self.along_x), np.linalg.norm(self.along_y)), 1, atol=0.01
        ):
            raise ValueError("directions of rows and columns are unit vectors at right angles")

    @property
    def normal(self) -> FloatArray:
        """(3,) unit vector across the image."""
        across: FloatArray = np.cross(self.along_x, self.along_y)
        return across

    def in_patient(self, points_mm: FloatArray) -> FloatArray:
        """(n, 2) places in the image, (x, y) in mm from its first pixel, as (n, 3) patient coordinates in mm.

        Args:
            points_mm: (n, 2).

        """
        return self.origin_mm + points_mm[:, :1] * self.along_x + points_mm[:, 1:] * self.along_y

    def seen(self, vectors: FloatArray) -> FloatArray:
        """(n, 3) vectors of the patient as (n, 2), their parts along x and along y.

        Args:
            vectors: (n, 3) in any unit.

        """
        return np.stack([vectors @ self.along_x, vectors @ self.along_y], axis=1)


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of pixels: x0 <= x < x1, y0 <= y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        if not (0 <= self.x0 < self.x1 and 0 <= self.y0 < self.y1):
            raise ValueError(f"not a rectangle of pixels: x {self.x0}..{self.x1}, y {self.y0}..{self.y1}")
