"""What the tools do to the outline of one structure in one frame, and which outlines are refused.

Sizes and distances are in pixels as wide as high: `aspect` is the height of a pixel over its width, so that a brush is
round on the heart.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, Outline, frozen_array
from kinecor.core.values.message import Message, message

POINTS = 96
_MIN_AREA_PX2 = 25.0
# Of what is left: a loop beyond this share is none that a hand leaves in passing.
_LARGEST_LOOP = 0.2
# A brush moves in steps of this share of its radius, so that it jumps over nothing.
_STEP = 0.3
# Points between neighbours of a radius / this many.
_DENSE = 8


def brush_contour(
    contour: Contour, path_px: Sequence[tuple[float, float]], radius: float, *, closed: bool, aspect: float = 1.0
) -> Contour:
    """A contour pushed along by a round brush: what comes within the brush moves to its rim, out of its way.

    A brush that begins inside pushes outwards, one that begins outside pushes inwards. The ends of an open outline,
    the hinge points, stay.

    Args:
        contour: as it was.
        path_px: (x, y) the brush's centre goes through, in image pixels.
        radius: of the brush, above 0.
        closed: whether the outline is closed.
        aspect: see above.

    """
    scale = np.array([1.0, aspect])
    line = Outline(contour.points * scale, closed)
    count = int(np.clip(line.length / max(radius / _DENSE, 1e-3), POINTS, 600))
    points = line.resampled(count).points.copy()
    centres = _stepped(np.asarray(path_px, np.float64) * scale, radius * _STEP)
    ends = points[[0, -1]].copy()
    for centre in centres:
        away = points - centre
        distance = np.hypot(*away.T)
        near = distance < radius
        points[near] = (centre + radius * away / np.maximum(distance, 1e-9)[:, None])[near]
    if not closed:
        points[[0, -1]] = ends
    outline = Outline(points, closed).resampled(POINTS)
    return Contour(frozen_array(outline.points / scale))


def redrawn(contour: Contour, path_px: Sequence[tuple[float, float]], *, closed: bool, aspect: float = 1.0) -> Contour:
    """A contour whose stretch between the ends of a freehand path is replaced by the path.

    The stretch of a closed outline is the one nearer to the path. Ends of the path that reach an end of an open outline
    (nearest place 0 or 1) take it along.

    Args:
        contour: as it was.
        path_px: (x, y) of the path, in image pixels, two or more.
        closed: whether the outline is closed.
        aspect: see above.

    Raises:
        ValueError: fewer than two places on the path.

    """
    if len(path_px) < 2:
        raise ValueError(f"a path of two places or more was expected, got {len(path_px)}")
    scale = np.array([1.0, aspect])
    line = Outline(contour.points * scale, closed).resampled(4 * POINTS)
    path = np.asarray(path_px, np.float64) * scale
    first, last = (line.nearest((float(x), float(y)))[0] for x, y in (path[0], path[-1]))
    places = np.linspace(0, 1, 4 * POINTS, endpoint=not closed)
    if closed:
        forward = (places - first) % 1.0 <= (last - first) % 1.0
        ways = [line.points[forward], line.points[~forward]]
        off = [_apart(path, way) if len(way) > 1 else np.inf for way in ways]
        if off[1] < off[0]:
            path, forward = path[::-1], ~forward
            first, last = last, first
        rest = _rolled(line.points, places, last)[: int((~forward).sum())]
        points = np.concatenate([path, rest])
    else:
        if first > last:
            path, first, last = path[::-1], last, first
        before, after = line.points[places < first], line.points[places > last]
        points = np.concatenate([before, path, after])
    outline = Outline(_rounded(points, closed), closed).resampled(POINTS)
    return Contour(frozen_array(outline.points / scale))


def smooth_contour(contour: Contour, *, closed: bool, width: float = 0.03) -> Contour:
    """A contour with its kinks taken off: a Gaussian of `width`, a share of the length, along it; open ends stay.

    Args:
        contour: in pixels.
        closed: whether it goes round.
        width: standard deviation, share of the length.

    """
    line = Outline(contour.points, closed).resampled(POINTS)
    half = max(round(3 * width * POINTS), 1)
    weight = np.exp(-((np.arange(-half, half + 1) / (width * POINTS)) ** 2) / 2)
    weight /= weight.sum()
    if closed:
        padded = np.concatenate([line.points[-half:], line.points, line.points[:half]])
    else:  # Reflected through the ends, so that these stay where they are.
        start, stop = line.points[0], line.points[-1]
        padded = np.concatenate(
            [2 * start - line.points[half:0:-1], line.points, 2 * stop - line.points[-2 : -half - 2 : -1]]
        )
    points = np.stack([np.convolve(padded[:, axis], weight, "valid") for axis in (0, 1)], axis=1)
    if not closed:
        points[[0, -1]] = line.points[[0, -1]]
    return Contour(frozen_array(points))


def grow_contour(contour: Contour, by: float, *, closed: bool, aspect: float = 1.0) -> Contour:
    """A contour moved outwards by `by` pixels (inwards below 0); of an open one the ends stay.

    Args:
        contour: in pixels.
        by: in pixels' widths.
        closed: whether it goes round.
        aspect: height of a pixel over its width.

    """
    scale = np.array([1.0, aspect])
    line = Outline(contour.points * scale, closed).resampled(POINTS)
    share = np.ones(POINTS)
    if not closed:
        near = np.minimum(np.arange(POINTS), np.arange(POINTS)[::-1]) / (POINTS - 1)
        share = np.clip(near / 0.1, 0, 1)
    return Contour(frozen_array((line.points + by * share[:, None] * line.normals()) / scale))


def shift_contour(contour: Contour, by_px: tuple[float, float]) -> Contour:
    """A contour moved by (dx, dy) image pixels.

    Args:
        contour: in pixels.
        by_px: (dx, dy).

    """
    return Contour(contour.points + by_px)


def why_refused(contour: Contour, rows: int, columns: int) -> Message | None:
    """Why no contour may look like this, in one sentence for the reader; None where it may.

    Args:
        contour: closed by the line between its ends where it is open.
        rows: height of the image in pixels.
        columns: width of the image in pixels.

    """
    points = contour.points
    if (points < -0.5).any() or (points > (columns - 0.5, rows - 0.5)).any():
        return message("The contour would leave the image. Nothing was changed.")
    if contour.area_px2 < _MIN_AREA_PX2:
        return message("The contour would enclose next to nothing. Nothing was changed.")
    if crosses_itself(contour):
        return message("The contour would cross itself. Nothing was changed.")
    return None


def crosses_itself(contour: Contour) -> bool:
    """Whether the polygon of a contour crosses itself.

    Args:
        contour: its last point is joined to the first.

    """
    return bool(len(_crossings(contour.points)))


def encloses(contour: Contour, at_px: FloatArray) -> bool:
    """Whether a point (x, y) lies within the polygon of a contour.

    Args:
        contour: its last point is joined to the first.
        at_px: (2,).

    """
    x, y = (contour.points - at_px).T
    x_next, y_next = np.roll(x, -1), np.roll(y, -1)
    passing = (y > 0) != (y_next > 0)
    right = x[passing] - y[passing] * (x_next - x)[passing] / (y_next - y)[passing] > 0
    return bool(np.count_nonzero(right) % 2)


def without_loops(lines: FloatArray, *, closed: bool) -> FloatArray:
    """Lines (t, n, 2) less small loops of those whose polygon crosses itself; their points are then spread evenly.

    The ends of an open line stay: where it crosses the straight line between them, it is cut short from the end to
    there. Lines without a loop stay as they are, and so do those with a large one: to a reader they are another
    contour.

    Args:
        lines: in any unit.
        closed: whether they go round.

    """
    found = lines
    for indices in np.flatnonzero(~_goes_round(lines)).tolist():
        less = _less_loops(line := lines[indices], closed)
        if less is not line and less is not None:
            found = found.copy() if found is lines else found
            found[indices] = Outline(less, closed).resampled(lines.shape[1]).points
    return found


def _goes_round(lines: FloatArray) -> NDArray[np.bool_]:
    """(t,) whether polygons (t, n, 2) go round the middle of their points one way: then they cross nothing.

    Looking at all pairs of their steps takes far longer.
    """
    x, y = lines[..., 0], lines[..., 1]
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    turned = x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]
    last = x[:, -1] * y[:, 0] - x[:, 0] * y[:, -1]
    return np.asarray(((turned.min(axis=1) > 0) & (last > 0)) | ((turned.max(axis=1) < 0) & (last < 0)))


def _less_loops(points: FloatArray, closed: bool) -> FloatArray | None:
    """(m, 2) of a line without its loops; the line itself where it has none, None where one is large."""
    while len(crossings := _crossings(points)):
        first, second = crossings[0]
        last = len(points) - 1
        if not closed and second == last:
            parts = (points[: first + 1], points[first + 1 :])
            kept = (np.concatenate([points[:1], parts[1]]), np.concatenate([parts[0], points[-1:]]))
            small = int(_area(parts[1]) < _area(parts[0]))
            loop, points = parts[small], kept[small]
        else:
            a, b = points[first], points[first + 1]
            c, d = points[second], points[(second + 1) % len(points)]
            (ux, uy), (vx, vy) = b - a, d - c
            meet = a + (b - a) * ((c - a) @ (vy, -vx)) / (ux * vy - uy * vx)
            inner = np.concatenate([[meet], points[first + 1 : second + 1]])
            outer = np.concatenate([points[: first + 1], [meet], points[second + 1 :]])
            loop, points = (inner, outer) if not closed or _area(inner) <= _area(outer) else (outer, inner)
        if _area(loop) > _LARGEST_LOOP * _area(points):
            return None
    return points


def _area(points: FloatArray) -> float:
    return Outline(points, closed=True).area


def _crossings(points: FloatArray) -> NDArray[np.intp]:
    """(k, 2) which steps of a closed line (n, 2) cross, the earlier first; step i leads from point i to the next."""
    count = len(points)
    stop = np.roll(points, -1, axis=0)
    first, second = np.triu_indices(count, 2)
    apart = (first != 0) | (second != count - 1)
    first, second = first[apart], second[apart]
    a, b, c, d = points[first], stop[first], points[second], stop[second]
    crossing = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
    return np.stack([first[crossing], second[crossing]], axis=1)


def _side(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """(n,) on which side of the line from a to b (n, 2) c is."""
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))


def _stepped(path: FloatArray, step: float) -> FloatArray:
    """(n, 2) along a path, no farther apart than `step`."""
    found = [path[:1]]
    for start, stop in pairwise(path):
        count = int(np.ceil(np.hypot(*(stop - start)) / max(step, 1e-6)))
        if count:
            found.append(start + np.linspace(0, 1, count + 1)[1:, None] * (stop - start))
    return np.concatenate(found)


def _apart(path: FloatArray, line: FloatArray) -> float:
    """Mean distance of a path from a line of points."""
    gaps = np.hypot(*(path[:, None] - line).transpose(2, 0, 1))
    return float(gaps.min(axis=1).mean() + gaps.min(axis=0).mean())


def _rolled(points: FloatArray, places: FloatArray, begin: float) -> FloatArray:
    """Points of a closed line in order from the first place after `begin` on."""
    at = int(np.searchsorted(places, begin, side="right")) % len(points)
    return np.roll(points, -at, axis=0)


def _rounded(points: FloatArray, closed: bool) -> FloatArray:
    """A hand's tremble taken off; the ends of an open line stay."""
    return smooth_contour(Contour(points), closed=closed, width=0.012).points
