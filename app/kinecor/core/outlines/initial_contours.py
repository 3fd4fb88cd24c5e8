"""Outlines where there are none: a first circle to be pulled into shape, or those of a neighbour."""

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.contour import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure

# Of a usual adult heart, and in pixels where there is no scale.
RADIUS_MM = {Structure.LV_ENDO: 22.0, Structure.LV_EPI: 31.0, Structure.RV: 26.0}
_PX_MM = 1.4
# What a picture of ultrasound without a scale is taken to be high: an adult short axis is seen at some 16 cm of depth.
_DEEP_MM = 160.0
POINTS = 96


def first_outline(
    structure: Structure, centre_px: tuple[float, float], scale: Calibration | None, rows: int | None = None
) -> Contour:
    """A circle of a usual size around a point (x, y) of the picture, round in mm.

    Without a scale it is of a usual size in a picture of ultrasound of so many `rows`, else in one of MRI.
    """
    assumed_mm = _DEEP_MM / rows if rows else _PX_MM
    row_mm, col_mm = (scale.row_mm, scale.col_mm) if scale else (assumed_mm, assumed_mm)
    turn = np.arange(POINTS) * (2 * np.pi / POINTS)
    radius = RADIUS_MM[structure]
    x = centre_px[0] + radius / col_mm * np.cos(turn)
    y = centre_px[1] + radius / row_mm * np.sin(turn)
    return Contour(np.stack([x, y], axis=1))


def from_slice(reading: Reading, other: int, number: int, phase: int) -> dict[Structure, Contour]:
    """Outlines of slice `other` at a phase as they would lie in slice `number`: at the same place of the body."""
    here, there = reading.slices[number], reading.slices[other]
    found = {}
    for structure, track in there.tracks.items():
        contour = track.contours[phase]
        if contour is not None:
            found[structure] = _moved(contour, there, here)
    return found


def _moved(contour: Contour, there: Reading, here: Reading) -> Contour:
    a, b = there.calibration, here.calibration
    if a is None or b is None:
        return contour
    points_mm = contour.scaled_mm(a.row_mm, a.col_mm)
    if there.facts.plane is not None and here.facts.plane is not None:
        place = there.facts.plane.in_patient(points_mm) - here.facts.plane.origin_mm
        points_mm = here.facts.plane.seen(place)
    return Contour(points_mm / (b.col_mm, b.row_mm))
