"""Slices out of line with their neighbours: breath-holds that differ from slice to slice.

Each slice of a stack is taken in a separate breath-hold; where the diaphragm was at another height, the heart is
elsewhere in the image. The centres of the left ventricle's outlines should follow a smooth line through the stack;
the shift of a slice from it is shown, and never corrected silently.
"""

from functools import lru_cache

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import stack_curves

# From here on a shift is reported as a warning: about three pixels, half of a usual wall.
SHIFTED_MM = 5.0
# With fewer slices a line goes through any of them; from the second number on the axis may bend.
LEAST_SLICES, LEAST_BENT = 5, 7
_ROUNDS = 20
# Residuals beyond this many of their own median (at least 1 mm) pull no more (Tukey's biweight, in IRLS).
_CUT, _LEAST_SCALE_MM = 4.0, 0.7


@lru_cache(maxsize=4)
def shifts_mm(reading: Reading) -> FloatArray | None:
    """(slices, 2) how far each slice's ventricle is off the axis, along x and y of the image, in mm.

    NaN for a slice without contours; None where there are too few slices (`LEAST_SLICES`), or no scale.
    """
    stack = reading.facts.stack
    if stack is None or any(one.calibration is None for one in reading.slices):
        return None
    centres = np.stack([_centre_mm(reading, number) for number in range(len(reading.slices))])
    known = np.flatnonzero(np.isfinite(centres).all(axis=1))
    if len(known) < LEAST_SLICES:
        return None
    place = stack.positions_mm[known]
    place = (place - place.mean()) / max(float(np.ptp(place)), 1e-9)
    basis = np.vander(place, 3 if len(known) >= LEAST_BENT else 2)
    out = np.full(centres.shape, np.nan)
    out[known] = _residuals(basis, centres[known])
    return frozen(out)


def _centre_mm(reading: Reading, number: int) -> FloatArray:
    """Mean over phases of the outlines' centre, (x, y) in mm of the first slice's plane; epicardium before endo."""
    one = reading.slices[number]
    scale = one.calibration
    here = stack_curves(reading).counted[number]
    for structure in (Structure.LV_EPI, Structure.LV_ENDO):
        track = one.tracks.get(structure)
        found = [c.centroid for c, counts in zip(track.contours, here, strict=True) if c and counts] if track else []
        if found and scale is not None:
            centre = np.mean(found, axis=0) * (scale.col_mm, scale.row_mm)
            first = reading.slices[0].facts.plane
            if first is None or one.facts.plane is None:
                return np.asarray(centre)
            place = one.facts.plane.in_patient(centre[None]) - first.origin_mm
            seen: FloatArray = first.seen(place)[0]
            return seen
    return np.full(2, np.nan)


def _residuals(basis: FloatArray, centres: FloatArray) -> FloatArray:
    """(n, 2) distance from a line fitted so that a few slices out of line do not bend it."""
    weight = np.ones(len(basis))
    left = centres
    for _ in range(_ROUNDS):
        root = np.sqrt(weight)[:, None]
        found, *_ = np.linalg.lstsq(basis * root, centres * root, rcond=None)
        left = centres - basis @ found
        size = np.hypot(*left.T)
        cut = _CUT * max(float(np.median(size)), _LEAST_SCALE_MM)
        weight = np.clip(1 - (size / cut) ** 2, 0, 1) ** 2
    return left
