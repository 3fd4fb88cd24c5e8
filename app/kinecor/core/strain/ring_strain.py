"""Circumferential and radial strain of a short-axis stack as a whole.

Where motion is known, circumferential strain is that of the muscle followed by contours and motion (ring_regions.py);
else that of contours alone, as radial strain is.

A wall's middle is followed as a layer that keeps its share of the wall's area, since muscle keeps its volume (as in
wall_outline.py); outlines at a distance d from a closed curve are 2 pi d longer (Steiner). Slices stand still while the
base comes down, so that they show other muscle at ES than at ED: on perfect contours of six simulated hearts
circumferential strain comes out 0.1 to 3.2 points too negative, 1.7 in the mean. Within a slice contours cannot tell
how segments differ. Radial strain is exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.strain.ring_regions import NOT_FOLLOWED, RingRegions, ring_regions
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.memo import kept
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack_reading import contoured
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import stack_curves

DEPTH = 0.5
LEAST_SLICES = 3


@dataclass(frozen=True, eq=False)
class RingStrain:
    """Strain of the slices together, weighted by their length; Lagrangian, since ED.

    Attributes:
        circumferential_percent: (t,) of mid-wall; NaN where a slice lacks a contour.
        radial_percent: (t,) of the wall's thickness, from contours alone.
        slices: numbers of those that count at ED and ES.
        regions: strain by segment, or None where motion was not looked at.
        followed: whether circumferential strain rests on motion as well as on contours.

    """

    circumferential_percent: FloatArray
    radial_percent: FloatArray
    slices: tuple[int, ...]
    regions: RingRegions | None = None
    followed: bool = False


def ring_strain(reading: Reading) -> RingStrain | None:
    """Strain of a stack, or None where no beat is marked or fewer than 3 slices show a wall at ED and ES."""
    if not reading.slices or reading.events is None or not reading.events.beats:
        return None
    rests = (*reading.slices, reading.events, reading.short_axis, reading.calibration, reading.strain)
    return kept("ring strain", rests, lambda: _measured(reading))


def why_no_regions(reading: Reading) -> str | None:
    """Why a stack has no strain by segment, in words; None where it has."""
    if reading.withheld is not None:
        return reading.withheld
    if not contoured(reading, Structure.LV_EPI):
        return "the wall is not contoured: strain needs the LV endocardium and epicardium"
    if reading.events is None or not reading.events.beats:
        return "no ED and ES: mark them on the curve"
    found = ring_strain(reading)
    if found is None:
        return f"needs {LEAST_SLICES} slices with both outlines at ED and ES"
    return NOT_FOLLOWED if found.regions is None else None


def _measured(reading: Reading) -> RingStrain | None:
    beat = (reading.events.beats if reading.events else ())[0]
    counted = stack_curves(reading).counted
    rings, numbers = [], []
    for number in np.flatnonzero(counted[:, beat.ed] & counted[:, beat.es]):
        ring = _ring(reading.slices[number])
        if ring is not None and np.isfinite(ring[:, [beat.ed, beat.es]]).all():
            rings.append(ring)
            numbers.append(int(number))
    if len(rings) < LEAST_SLICES:
        return None
    sizes = np.stack(rings)  # slices, (inner length, wall's area), phases
    inner, area = sizes[:, 0], sizes[:, 1]
    thickness = (np.sqrt(inner**2 + 4 * np.pi * area) - inner) / (2 * np.pi)
    first = thickness[:, beat.ed] * DEPTH
    within = (inner[:, beat.ed] * first + np.pi * first**2) / area[:, beat.ed]
    reach = (np.sqrt(inner**2 + 4 * np.pi * area * within[:, None]) - inner) / (2 * np.pi)
    middle = inner + 2 * np.pi * reach
    round_percent = 100 * (middle.sum(axis=0) / middle[:, beat.ed].sum() - 1)
    mean_thickness = (thickness * middle[:, [beat.ed]]).sum(axis=0)
    radial_percent = 100 * (mean_thickness / mean_thickness[beat.ed] - 1)
    regions = ring_regions(reading, np.array(numbers))
    followed = regions is not None and len(regions.slices) >= LEAST_SLICES
    if regions is not None and followed:
        round_percent = regions.global_percent
    return RingStrain(frozen(round_percent), frozen(radial_percent), tuple(numbers), regions, followed)


def _ring(one: Reading) -> FloatArray | None:
    """(2, t) length of the endocardium and area between the outlines, square pixels as wide as high; or None."""
    endo, epi = one.tracks.get(Structure.LV_ENDO), one.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return None
    out = np.full((2, len(endo)), np.nan)
    for frame, (inner, outer) in enumerate(zip(endo.contours, epi.contours, strict=True)):
        if inner is not None and outer is not None and outer.area_px2 > inner.area_px2 > 0:
            points = inner.scaled_mm(one.aspect, 1.0)
            length = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1).sum()
            out[:, frame] = length, (outer.area_px2 - inner.area_px2) * one.aspect
    return out
