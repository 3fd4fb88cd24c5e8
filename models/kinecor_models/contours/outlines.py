"""Class probabilities to sub-pixel contours, one per structure.

A contour is the line where its class ceases to be the most probable one, found between pixels by marching squares, so
that it has no staircase. Of several pieces the largest stays, and holes are not part of an outline: one cavity, no
island, no hole. Ventricle and atrium begin and end at the mitral hinge points, where the outline passes from wall to
valve.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from contourpy import FillType, LineType, SerialContourGenerator, ZInterp
from numpy.typing import NDArray

Field = NDArray[np.float32]
Points = NDArray[np.float32]

CAVITY, MYOCARDIUM, ATRIUM = 1, 2, 3
POINTS = {"lv_endo": 96, "lv_epi": 96, "la": 64}
"""Points a contour is resampled to: some 3 network pixels apart on a large heart."""
# Rows and columns whose background probability is above this everywhere hold no heart.
SURE_BACKGROUND = 0.98
# Pieces smaller than this many network pixels are not a structure.
MIN_AREA = 60.0
# A piece of the atrium smaller than this share of its largest piece is an island.
MIN_SHARE = 0.3
# Distance outside the outline at which the neighbouring class is sampled, in network pixels.
LOOK_OUT = 2.5
# Hinge points of ventricle and atrium closer than this are the same valve, in network pixels.
SAME_VALVE = 14.0


@dataclass(frozen=True, eq=False)
class Outlines:
    """Contours of one frame in network pixels, and the model's estimate of their Dice, by structure."""

    contours: dict[str, Points | None]
    confidence: dict[str, float]


def area(points: Points) -> float:
    """Area inside a closed line (n, 2), first point not repeated; in squares of the points' unit.

    Args:
        points: (x, y), in any unit.

    """
    return float(cv2.contourArea(points.astype(np.float32))) if len(points) else 0.0


@lru_cache(maxsize=64)
def _places(rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns and rows of every sample, as the contour generator wants them."""
    x, y = np.meshgrid(np.arange(columns, dtype=np.float64), np.arange(rows, dtype=np.float64))
    return x, y


def _lines(field: Field) -> list[NDArray[np.float64]]:
    """The lines on which `field` is 0, by the generator itself: contour_generator's checks take as long as it does."""
    found = SerialContourGenerator(
        *_places(*field.shape),
        field.astype(np.float64),
        np.asarray(np.ma.nomask),
        corner_mask=True,
        line_type=LineType.Separate,
        fill_type=FillType.OuterOffset,
        quad_as_tri=False,
        z_interp=ZInterp.Linear,
    ).lines(0.0)
    return cast("list[NDArray[np.float64]]", found)


def pieces(field: Field, least_area: float = MIN_AREA) -> list[Points]:
    """The closed lines on which `field` is 0 and that hold `least_area`, without their repeated last points.

    Args:
        field: (rows, columns), over 0 inside.
        least_area: in square pixels.

    """
    above = field > 0
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    if not len(rows):
        return []
    top, left = max(rows[0] - 1, 0), max(columns[0] - 1, 0)
    part = field[top : rows[-1] + 2, left : columns[-1] + 2]
    # A frame of negative values closes outlines that run off the image.
    framed = np.asarray(cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(-1.0,)), np.float32)
    lines = _lines(framed)
    shift = np.array((left - 1, top - 1), np.float32)
    closed = [np.asarray(line[:-1], np.float32) + shift for line in lines if len(line) > 8]
    return [line for line in closed if area(line) >= least_area]


def _largest_outline(field: Field) -> Points | None:
    found = pieces(field)
    return max(found, key=area) if len(found) > 1 else next(iter(found), None)


def _atrial_outline(field: Field) -> Points | None:
    """The lowest of the pieces of some size: apical views show the atrium below the ventricle, never above it."""
    found = pieces(field)
    largest = max(map(area, found), default=0.0)
    return max(
        (piece for piece in found if area(piece) >= MIN_SHARE * largest),
        key=lambda piece: float(piece[:, 1].mean()),
        default=None,
    )


def _sample_field(field: Field, points: Points) -> NDArray[np.float32]:
    """Linear between samples, beyond them by the nearest; as scipy's map_coordinates, whose import takes a second."""
    rows, columns = field.shape
    x, y = (np.clip(points[:, k].astype(np.float64), 0, last) for k, last in ((0, columns - 1), (1, rows - 1)))
    left, top = (
        np.minimum(corner.astype(np.intp), max(last - 1, 0)) for corner, last in ((x, columns - 1), (y, rows - 1))
    )
    right, low = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    across, down = x - left, y - top
    upper = field[top, left] * (1 - across) + field[top, right] * across
    lower = field[low, left] * (1 - across) + field[low, right] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _outward(points: Points) -> Points:
    """Points LOOK_OUT outside a closed outline."""
    ring = np.concatenate([points[-2:], points, points[:2]])
    tangent = ring[4:] - ring[:-4]
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    clockwise = cv2.contourArea(points.astype(np.float32), oriented=True) > 0
    return (points + (LOOK_OUT if clockwise else -LOOK_OUT) * normal).astype(np.float32)


def _best_run(wanted: NDArray[np.bool_], weight: NDArray[np.float32]) -> tuple[int, int] | None:
    """First and last index of the circular run of true values with the greatest total weight."""
    n = len(wanted)
    if wanted.all() or not wanted.any():
        return None
    start = int(np.flatnonzero(~wanted)[0])
    order = (np.arange(n) + start) % n
    flags = wanted[order]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    runs = edges.reshape(-1, 2)
    totals = [weight[order[a:b]].sum() for a, b in runs]
    a, b = runs[int(np.argmax(totals))]
    return int(order[a]), int(order[b - 1])


def _path(points: Points, first: int, last: int) -> Points:
    """The points from index `first` to index `last`, going round forwards."""
    if last >= first:
        return points[first : last + 1]
    return np.concatenate([points[first:], points[: last + 1]])


def _nearest(points: Points, to: Points) -> int:
    return int(np.argmin(((points - to) ** 2).sum(axis=1)))


def space_evenly(points: Points, count: int, *, around: bool = False) -> Points:
    """`count` points evenly along a path, including both ends; not its last where it leads `around` to the first.

    Args:
        points: (n, 2).
        count: of the points, from 2.
        around: whether the path's last point is its first again.

    """
    along = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    wanted = np.linspace(0, along[-1], count, endpoint=not around)
    return np.stack([np.interp(wanted, along, points[:, k]) for k in (0, 1)], axis=1).astype(np.float32)


def _between(points: Points, inside: int, outside: int, margin: NDArray[np.float32]) -> Points:
    """Where `margin` passes through 0 between two neighbouring points, so that hinge points do not jump by a pixel."""
    share = float(np.clip(margin[inside] / max(float(margin[inside] - margin[outside]), 1e-6), 0, 1))
    return np.asarray(points[inside] + share * (points[outside] - points[inside]), np.float32)


def _wall_of_cavity(cavity: Points, probability: Field) -> Points:
    """The cavity's outline from hinge point to hinge point by way of the apex, left one first.

    The valve is where the cavity borders on something else than wall, atrium above all, and rather low than high.
    """
    outside, n = _outward(cavity), len(cavity)
    height = (cavity[:, 1] - cavity[:, 1].min()) / max(float(np.ptp(cavity[:, 1])), 1.0)
    valve = _sample_field(probability[ATRIUM], outside) + 0.5 * _sample_field(probability[0], outside)
    margin = valve - _sample_field(probability[MYOCARDIUM], outside)
    run = _best_run(margin > 0, valve * (0.1 + height))
    if run is None or (run[0] - run[1]) % n < 8:
        # No wall, or no valve to be seen: the two corners of the lowest edge stand in.
        low = cavity[:, 1] > cavity[:, 1].max() - 0.05 * float(np.ptp(cavity[:, 1]))
        first, last = _best_run(low, np.ones(n, np.float32)) or (n - 1, 0)
        wall = _path(cavity, last, first)
    else:
        first, last = run
        before, after = (first - 1) % n, (last + 1) % n
        ends = _between(cavity, last, after, margin), _between(cavity, first, before, margin)
        wall = np.concatenate([ends[0][None], _path(cavity, after, before), ends[1][None]])
    return wall if wall[0, 0] <= wall[-1, 0] else wall[::-1]


def _between_hinges(outline: Points, hinges: tuple[Points, Points]) -> Points:
    """A closed outline as a path from hinge to hinge, the longer way round."""
    a, b = _nearest(outline, hinges[0]), _nearest(outline, hinges[1])
    ways = (_path(outline, a, b), _path(outline, b, a)[::-1])
    longer = max(ways, key=lambda way: float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum()))
    return np.concatenate([hinges[0][None], longer, hinges[1][None]]).astype(np.float32)


def _atrial_wall(atrium: Points, probability: Field, hinges: tuple[Points, Points] | None) -> Points:
    """The atrium's outline from the hinge point it shares with the ventricle to the other."""
    if hinges is not None:
        a, b = _nearest(atrium, hinges[0]), _nearest(atrium, hinges[1])
        ends = float(np.linalg.norm(atrium[a] - hinges[0])), float(np.linalg.norm(atrium[b] - hinges[1]))
        if a != b and max(ends) < SAME_VALVE:
            return _between_hinges(atrium, hinges)
    cavity = _sample_field(probability[CAVITY], _outward(atrium))
    run = _best_run(cavity > 0.5, cavity)
    if run is None:
        return np.roll(atrium, -int(np.argmin(atrium[:, 1])), axis=0)
    wall = _path(atrium, run[1], run[0])
    return wall if wall[0, 0] <= wall[-1, 0] else wall[::-1]


def expected_dice(probability: Field, outline: Points) -> float:
    """Dice of the area inside an outline with the one its class' probabilities expect: 2 sum(p m) / (sum p + sum m).

    Probability outside the outline, such as that of an island which was dropped, counts against it.

    Args:
        probability: (rows, columns) of the class.
        outline: (n, 2) in pixels.

    """
    mask = np.zeros(probability.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], (1,), shift=4)
    inside = mask > 0
    total = float(probability.sum()) + float(inside.sum())
    return 2 * float(probability[inside].sum()) / total if total > 0 else 0.0


def _heart_box(background: Field) -> tuple[int, int, int, int] | None:
    """(top, bottom, left, right) of the pixels that may be heart, with a margin for blurring and sampling outside."""
    heart = background < SURE_BACKGROUND
    rows, columns = np.flatnonzero(heart.any(axis=1)), np.flatnonzero(heart.any(axis=0))
    if not len(rows):
        return None
    high, wide = background.shape
    return max(rows[0] - 8, 0), min(rows[-1] + 9, high), max(columns[0] - 8, 0), min(columns[-1] + 9, wide)


def soften_probabilities(probability: Field, blur_px: float) -> Field:
    """Probabilities (classes, rows, columns), each averaged over a Gaussian of that standard deviation; 0 for none.

    Args:
        probability: (classes, rows, columns).
        blur_px: standard deviation.

    """
    if blur_px <= 0:
        return probability
    side = 2 * round(2 * blur_px) + 1
    return np.stack([np.asarray(cv2.GaussianBlur(layer, (side, side), blur_px), np.float32) for layer in probability])


def gather_outlines(
    frames: Iterable[Outlines], structures: Sequence[str]
) -> tuple[dict[str, list[Points | None]], dict[str, NDArray[np.float32]]]:
    """Contours and confidence (frames,) of a clip, by structure, from its frames' outlines; see ClipOutput.

    Args:
        frames: outlines of each, in order.
        structures: names of those that are gathered.

    """
    contours: dict[str, list[Points | None]] = {name: [] for name in structures}
    confidence: dict[str, list[float]] = {name: [] for name in structures}
    for frame in frames:
        for name in structures:
            contours[name].append(frame.contours[name])
            confidence[name].append(frame.confidence[name])
    return contours, {name: np.array(values, np.float32) for name, values in confidence.items()}


def outlines(probability: Field, structures: Sequence[str] = tuple(POINTS), blur_px: float = 0.0) -> Outlines:
    """Contours of one frame.

    Args:
        probability: (4, rows, columns) float32 summing to 1: background, LV cavity, LV myocardium, left atrium.
        structures: which to find; the epicardium needs the endocardium.
        blur_px: standard deviation of a Gaussian over which probabilities are averaged before outlines are drawn.

    """
    contours: dict[str, Points | None] = dict.fromkeys(structures)
    confidence = dict.fromkeys(structures, 0.0)
    box = _heart_box(probability[0])
    if box is None:
        return Outlines(contours, confidence)
    top, bottom, left, right = box
    sharp = np.ascontiguousarray(probability[:, top:bottom, left:right])
    soft = soften_probabilities(sharp, blur_px)
    background, cavity, wall, atrium = soft
    found: dict[str, tuple[Points, Field, Points]] = {}
    hinges: tuple[Points, Points] | None = None
    inner = _largest_outline(cavity - np.maximum(np.maximum(background, wall), atrium))
    if inner is not None:
        endo = _wall_of_cavity(inner, soft)
        hinges = endo[0], endo[-1]
        found["lv_endo"] = endo, sharp[CAVITY], inner
        outer = _largest_outline(cavity + wall - np.maximum(background, atrium))
        if outer is not None and area(outer) > 1.05 * area(inner):
            found["lv_epi"] = _between_hinges(outer, hinges), sharp[CAVITY] + sharp[MYOCARDIUM], outer
    upper = _atrial_outline(atrium - np.maximum(np.maximum(background, wall), cavity))
    if upper is not None:
        found["la"] = _atrial_wall(upper, soft, hinges), sharp[ATRIUM], upper
    shift = np.array((left, top), np.float32)
    for name in structures:
        if name in found:
            line, promised, outline = found[name]
            contours[name] = space_evenly(line, POINTS[name]) + shift
            confidence[name] = expected_dice(promised, outline)
    return Outlines(contours, confidence)
