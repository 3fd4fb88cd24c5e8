"""Masks as contours, in our conventions: closed on short axes, else from mitral hinge point to hinge point.

A mask is an image of certain probabilities, so that the outlines of the networks draw it, too: between pixels, without
a staircase. How well a contour is the mask is measured by filling it again (Dice); where smoothing costs more than it
should, the outline follows the pixels.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.label_orders import Order
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import Kind
from kinecor.core.values.labels import Labels, Part
from kinecor.core.values.track import Structure
from kinecor.io.write.labels import fill_contour
from kinecor_models.contours.long_axis import valve_of
from kinecor_models.contours.outlines import POINTS, Field, area, outlines, pieces, soften_probabilities, space_evenly
from kinecor_models.contours.sax import closed_outlines

Mask = NDArray[np.bool_]
MIN_DICE: Final = 0.985
"""Below this, a contour is drawn along the pixels, without smoothing."""
_BLUR_PX: Final = 0.8
"""Standard deviation of the Gaussian that takes the staircase off, in pixels of the mask."""
_FINE: Final = 96.0
"""Masks whose longer side has fewer pixels than this are traced on a finer grid, so that no piece is too small."""
_MARGIN: Final = 8
_BACKGROUND, _CAVITY, _WALL, _THIRD = range(4)


@dataclass(frozen=True, eq=False)
class TracedContour:
    """A contour of a mask, and how well it is the mask.

    Attributes:
        contour: in pixels.
        dice: of the mask with the contour filled again, 0..1; of a mask in several pieces, the largest is outlined.

    """

    contour: Contour
    dice: float


def traced_contours(labels: Labels, parts: Order, kind: Kind) -> dict[Structure, TracedContour]:
    """The contours of one frame.

    Args:
        labels: (rows, columns).
        parts: what each label stands for.
        kind: of the recording: which structures it has, and whether their outlines are closed.

    """
    masks: dict[Part, Mask] = {part: _is_part(labels, parts, part) for part in Part if part is not Part.NOTHING}
    wanted = _outlined(masks, kind.structures, closed=kind.closed)
    every = np.any(list(wanted.values()), axis=0) if wanted else np.zeros(labels.shape, bool)
    if not every.any():
        return {}
    best: dict[Structure, TracedContour] = {}
    for blur in (_BLUR_PX, 0.0):
        for structure, contour in _contours(masks, wanted, every, kind, blur).items():
            traced = TracedContour(contour, _dice(fill_contour(contour, *labels.shape), wanted[structure]))
            before = best.get(structure)
            if before is None or (before.dice < MIN_DICE and traced.dice > before.dice):
                best[structure] = traced
        if len(best) == len(wanted) and all(traced_contour.dice >= MIN_DICE for traced_contour in best.values()):
            break
    if not kind.closed:
        for structure in (Structure.LV_EPI, Structure.LA):
            if structure in best and best[structure].dice < MIN_DICE:
                best[structure] = _own_ends(structure, best, wanted[structure])
    return best


def _own_ends(structure: Structure, traced: Mapping[Structure, TracedContour], mask: Mask) -> TracedContour:
    """An outline that does not reach the hinge points: cut where it is nearest to them, else only between them."""
    best, endo = traced[structure], traced.get(Structure.LV_ENDO)
    outline = max(pieces(np.asarray(mask, np.float32) - 0.5, 0.0), key=area, default=None)
    if endo is None or outline is None:
        return best
    hinges = endo.contour.points[[0, -1]]
    first, last, middle = (_nearest(outline, end) for end in (*hinges, hinges.mean(axis=0)))
    count = (last - first) % len(outline)
    ways = (
        np.roll(outline, -first, axis=0)[: count + 1],
        np.roll(outline, -last, axis=0)[: len(outline) - count + 1][::-1],
    )
    for line in (max(ways, key=len), np.roll(outline, -middle, axis=0)):
        contour = Contour(space_evenly(line, POINTS[structure.value]).astype(np.float64))
        traced_contour = TracedContour(contour, _dice(fill_contour(contour, *mask.shape), mask))
        if best.dice < MIN_DICE and traced_contour.dice > best.dice:
            best = traced_contour
    return best


def _nearest(outline: NDArray[np.float32], to: NDArray[np.float64]) -> int:
    return int(np.argmin(((outline - to) ** 2).sum(axis=1)))


def _is_part(labels: Labels, parts: Order, part: Part) -> Mask:
    return np.isin(labels, [value for value, of in parts.items() if of is part])


def _outlined(masks: Mapping[Part, Mask], structures: Collection[Structure], *, closed: bool) -> dict[Structure, Mask]:
    """What each contour encloses; the epicardium the cavity, too. Without a cavity a wall is given where closed."""
    cavity, wall = masks[Part.LV_CAVITY], masks[Part.LV_WALL]
    out = {Structure.LV_ENDO: cavity, Structure.LA: masks[Part.LA], Structure.RV: masks[Part.RV]}
    if wall.any() and (cavity.any() or closed):
        out[Structure.LV_EPI] = cavity | wall
    return {structure: mask for structure, mask in out.items() if structure in structures and mask.any()}


def _dice(first: Mask, second: Mask) -> float:
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else 1.0


def _contours(
    masks: Mapping[Part, Mask], wanted: Mapping[Structure, Mask], every: Mask, kind: Kind, blur: float
) -> dict[Structure, Contour]:
    """Contours drawn on a grid that is fine enough, in pixels of the mask."""
    rows, columns = np.flatnonzero(every.any(axis=1)), np.flatnonzero(every.any(axis=0))
    top, left = int(rows[0]) - _MARGIN, int(columns[0]) - _MARGIN
    size = max(len(range(rows[0], rows[-1] + 1)), len(range(columns[0], columns[-1] + 1)))
    finer = max(1, int(np.ceil(_FINE / size)))

    def part(mask: Mask) -> Field:
        padded = np.pad(mask, _MARGIN)  # so that the box may begin outside the image
        y, x = top + _MARGIN, left + _MARGIN
        box = padded[y : int(rows[-1]) + 1 + 2 * _MARGIN, x : int(columns[-1]) + 1 + 2 * _MARGIN]
        return np.asarray(np.kron(box, np.ones((finer, finer))), np.float32)

    cavity, wall = part(masks[Part.LV_CAVITY]), part(masks[Part.LV_WALL])
    third = part(masks[Part.RV if kind.closed else Part.LA])
    probability = np.stack([np.clip(1 - cavity - wall - third, 0, 1), cavity, wall, third])
    names = [structure.value for structure in wanted]
    found: Mapping[str, NDArray[np.float32] | None]
    if kind.closed:
        found = closed_outlines(probability, blur * finer).contours
    elif wall.any() or not cavity.any():
        found = outlines(probability, tuple(names), blur * finer).contours
    else:
        found = _without_wall(probability, kind, blur * finer)
    out = {}
    for structure in wanted:
        points = found.get(structure.value)
        if points is not None:
            # Pixel centres are at integers, on the finer grid as well.
            placed = (points.astype(np.float64) + 0.5) / finer - 0.5 + (left, top)
            out[structure] = Contour(placed)
    return out


_AROUND: Final = 180
_LOOK_OUT: Final = 3.0


def _without_wall(probability: Field, kind: Kind, blur: float) -> Mapping[str, NDArray[np.float32] | None]:
    """Cavity and atrium alone: the valve is where they touch, else the flat end of the cavity."""
    soft = soften_probabilities(probability, blur)
    cavity = max(pieces(soft[_CAVITY] - np.maximum(soft[_BACKGROUND], soft[_THIRD])), key=area, default=None)
    if cavity is None:
        return {}
    around = space_evenly(np.concatenate([cavity, cavity[:1]]), _AROUND, around=True)
    middle = around.mean(axis=0)
    outward = around + _LOOK_OUT * (around - middle) / np.maximum(
        np.linalg.norm(around - middle, axis=1)[:, None], 1e-6
    )
    places = outward[:, None].astype(np.float32)
    beside = cv2.remap(soft[_THIRD], places, None, cv2.INTER_LINEAR)[:, 0]  # type: ignore[call-overload]
    atria = None
    if probability[_THIRD].any():
        rows, columns = np.nonzero(probability[_THIRD])
        atria = np.array([columns.mean(), rows.mean()])
    elif not kind.oriented_by_plane:  # apical echo views show the base below
        atria = np.array([middle[0], probability.shape[1] + 10.0 * np.ptp(around[:, 1])])
    first, last = valve_of(around, np.where(beside > 0.5, 1.0, -0.5), atria)
    end = first if first > last else first + len(around)
    wall = around[np.arange(last, end + 1) % len(around)]
    wall = wall if wall[0, 0] <= wall[-1, 0] else wall[::-1]
    found: dict[str, NDArray[np.float32] | None] = {"lv_endo": space_evenly(wall, POINTS["lv_endo"])}
    found["la"] = outlines(probability, ("la",), blur).contours["la"]
    return found
