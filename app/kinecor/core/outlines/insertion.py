"""Where the right ventricle joins the left: the origin of the wall's segments, and how the heart is turned for view."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from kinecor.core.values.choices import Insertion
from kinecor.core.values.geometry import Contour, FloatArray, Outline, Plane
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading, choices, contour_at
from kinecor.core.values.track import Structure

# Without a right ventricle and without a word from the reader: heart as it is usually shown, septum on the left.
ASSUMED = Insertion(120.0, 1)
ASSUMED_WORDS: Final = message("assumed: no right ventricle is contoured")
# The septum is where the right ventricle comes this near to the left's outer border.
TOUCHING_MM = 4.0
_DENSE = 180
# Of the body, the anterior wall is in front and above (L, P, S).
_STRAIGHT = 0.985
_ANTERIOR = np.array([[0.0, -1.0, 1.0]]) / np.sqrt(2)


def insertion(reading: Reading, phase: int) -> tuple[Insertion, Message]:
    """The origin of segments for the whole stack, and where it comes from, in a few words.

    The reader's own; else the mean over slices of what the contours of both ventricles show at `phase`; else assumed.

    Args:
        reading: of the stack.
        phase: from 0.

    """
    own = choices(reading).insertion
    if own is not None:
        return own, message("set by the reader")
    insertions = []
    for number, slice_reading in enumerate(reading.slices):
        rv = contour_at(reading, Structure.RV, number, phase)
        lv = contour_at(reading, Structure.LV_EPI, number, phase) or contour_at(
            reading, Structure.LV_ENDO, number, phase
        )
        scale = slice_reading.calibration
        if rv is not None and lv is not None:
            spacing = (scale.row_mm, scale.col_mm) if scale else (1.0, 1.0)
            at = found_insertion(lv, rv, *spacing, slice_reading.facts.plane)
            if at is not None:
                insertions.append(at)
    if not insertions:
        return ASSUMED, ASSUMED_WORDS
    turn = 1 if sum(insertion.turn for insertion in insertions) >= 0 else -1
    angles = np.radians([insertion.angle_deg for insertion in insertions if insertion.turn == turn])
    mean = np.degrees(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean()))
    return Insertion(float(mean % 360), turn), message("anterior RV insertion")


def insertion_seen(cavity: Contour, point_px: tuple[float, float], aspect: float, turn: int) -> Insertion:
    """The origin at a point (x, y) of the image, as seen from a cavity; `turn` as in Insertion.

    Args:
        cavity: of the slice.
        point_px: (x, y).
        aspect: height of a pixel over its width.
        turn: 1 or -1.

    """
    off = (np.array(point_px) - cavity.centroid) * (1.0, aspect)
    return Insertion(float(np.degrees(np.arctan2(-off[1], off[0])) % 360), turn)


@lru_cache(maxsize=1024)
def found_insertion(
    lv: Contour, rv: Contour, row_mm: float = 1.0, col_mm: float = 1.0, plane: Plane | None = None
) -> Insertion | None:
    """The anterior end of the septum in one slice, or None where the outlines do not touch.

    The patient's coordinates decide which end is anterior; without them it is the upper one on the image.

    Args:
        lv: cavity of the left ventricle.
        rv: of the right ventricle.
        row_mm: height of a pixel.
        col_mm: width of a pixel.
        plane: of the slice; None where the file gives none.

    """
    centre = lv.centroid * (col_mm, row_mm)
    around = Outline(rv.scaled_mm(row_mm, col_mm), closed=True).resampled(_DENSE).points - centre
    border = Outline(lv.scaled_mm(row_mm, col_mm), closed=True).resampled(_DENSE).points - centre
    gap = np.sqrt(((around[:, None] - border[None]) ** 2).sum(axis=2)).min(axis=1)
    touching = around[gap <= TOUCHING_MM]
    if len(touching) < 3:
        return None
    angle = np.sort(np.degrees(np.arctan2(-touching[:, 1], touching[:, 0])) % 360)
    # The septum is all of the touching but the widest gap around the circle.
    steps = np.diff(np.concatenate((angle, [angle[0] + 360])))
    widest = int(steps.argmax())
    begin, span = float(angle[(widest + 1) % len(angle)]), 360 - float(steps[widest])
    if span < 20:
        return None
    ends = begin, begin + span
    up = _anterior(plane)
    height = [np.cos(np.radians(end)) * up[0] - np.sin(np.radians(end)) * up[1] for end in ends]
    return Insertion(begin % 360, 1) if height[0] >= height[1] else Insertion(ends[1] % 360, -1)


def _anterior(plane: Plane | None) -> FloatArray:
    """(2,) the direction of the anterior wall on the image, y downwards."""
    # No short axis is exactly axial: such an orientation was invented by a converter.
    if plane is None or float(np.abs(plane.normal).max()) > _STRAIGHT:
        return np.array([0.0, -1.0])
    seen: FloatArray = plane.seen(_ANTERIOR)[0]
    return seen


# Around all outlines, as a share of the larger side of what they fill: enough to see what surrounds the wall.
RIM = 0.45


@dataclass(frozen=True, slots=True)
class HeartView:
    """A square of the image: centre (x, y) and side, in pixels."""

    x: float
    y: float
    side_px: float


def heart_view(reading: Reading) -> HeartView | None:
    """The square that holds all outlines of all slices and phases with a rim, or None where there are none.

    Args:
        reading: of the stack.

    """
    points = [
        contour.points
        for slice_reading in reading.slices
        for track in slice_reading.tracks.values()
        for contour in track.contours
        if contour is not None
    ]
    if not points:
        return None
    every = np.concatenate(points)
    low, high = every.min(axis=0), every.max(axis=0)
    x, y = (low + high) / 2
    return HeartView(float(x), float(y), float((high - low).max()) * (1 + RIM))
