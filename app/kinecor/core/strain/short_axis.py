"""Circumferential and radial strain of short axes as a whole, and one level of it for the strain page.

Where motion is known, circumferential strain is that of the muscle followed by contours and motion
(short_axis_regions.py); else that of contours alone, as radial strain is.

A wall's middle is followed as a layer with a constant share of the wall's area, since muscle volume is constant (as in
wall_outline.py); outlines at a distance d from a closed curve are 2 pi d longer (Steiner). Slices stand still while the
base comes down, so that they show other muscle at ES than at ED: on perfect contours of six simulated hearts
circumferential strain comes out 0.1 to 3.2 points too negative, 1.7 in the mean. Within a slice contours cannot show
how segments differ. Radial strain is exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.wall_outline import POINTS
from kinecor.core.strain.short_axis_regions import (
    NOT_FOLLOWED,
    NUMBERS,
    ShortAxisRegions,
    loop_regions,
    stack_regions,
    why_no_loop_regions,
)
from kinecor.core.strain.strain import strain_rate_per_s
from kinecor.core.strain.wall_strain import NO_BEAT, NO_WALL, WallStrain
from kinecor.core.values.geometry import FloatArray, frozen
from kinecor.core.values.reading import Reading, cached, contoured
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import NAMES
from kinecor.core.volumes.stack_volumes import stack_curves

DEPTH = 0.5
LEAST_SLICES = 3


@dataclass(frozen=True, eq=False)
class StackStrain:
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
    regions: ShortAxisRegions | None = None
    followed: bool = False


def short_axis_regions(reading: Reading) -> ShortAxisRegions | None:
    """Strain by segment, of a stack or a single loop, or None: `why_no_short_axis_strain` then gives the reason."""
    if reading.kind.strain != "short-axis":
        return None
    if not reading.kind.stack:
        return loop_regions(reading) if why_no_loop_regions(reading) is None and reading.withheld is None else None
    found = stack_strain(reading)
    return None if found is None or reading.withheld is not None else found.regions


def why_no_short_axis_strain(reading: Reading) -> str | None:
    """Reason why there is no strain by segment, or None where there is."""
    if not reading.kind.stack:
        return reading.withheld or why_no_loop_regions(reading)
    return why_no_stack_regions(reading)


def stack_strain(reading: Reading) -> StackStrain | None:
    """Strain of a stack, or None where no beat is marked or fewer than 3 slices show a wall at ED and ES."""
    if not reading.kind.stack or reading.events is None or not reading.events.beats:
        return None
    key = (*reading.slices, reading.events, reading.short_axis, reading.calibration, reading.strain)
    return cached("stack strain", key, lambda: _measured(reading))


def why_no_stack_regions(reading: Reading) -> str | None:
    """Reason why a stack has no strain by segment, or None where it has."""
    if reading.withheld is not None:
        return reading.withheld
    if not contoured(reading, Structure.LV_EPI):
        return NO_WALL
    if reading.events is None or not reading.events.beats:
        return NO_BEAT
    found = stack_strain(reading)
    if found is None:
        return f"needs {LEAST_SLICES} slices with both outlines at ED and ES"
    return NOT_FOLLOWED if found.regions is None else None


def _measured(reading: Reading) -> StackStrain | None:
    beat = (reading.events.beats if reading.events else ())[0]
    counted = stack_curves(reading).counted
    found, numbers = [], []
    for number in np.flatnonzero(counted[:, beat.ed] & counted[:, beat.es]):
        size = _sizes(reading.slices[number])
        if size is not None and np.isfinite(size[:, [beat.ed, beat.es]]).all():
            found.append(size)
            numbers.append(int(number))
    if len(found) < LEAST_SLICES:
        return None
    sizes = np.stack(found)  # slices, (inner length, wall's area), phases
    inner, area = sizes[:, 0], sizes[:, 1]
    thickness = (np.sqrt(inner**2 + 4 * np.pi * area) - inner) / (2 * np.pi)
    first = thickness[:, beat.ed] * DEPTH
    within = (inner[:, beat.ed] * first + np.pi * first**2) / area[:, beat.ed]
    reach = (np.sqrt(inner**2 + 4 * np.pi * area * within[:, None]) - inner) / (2 * np.pi)
    middle = inner + 2 * np.pi * reach
    round_percent = 100 * (middle.sum(axis=0) / middle[:, beat.ed].sum() - 1)
    mean_thickness = (thickness * middle[:, [beat.ed]]).sum(axis=0)
    radial_percent = 100 * (mean_thickness / mean_thickness[beat.ed] - 1)
    regions = stack_regions(reading, np.array(numbers))
    followed = regions is not None and len(regions.slices) >= LEAST_SLICES
    if regions is not None and followed:
        round_percent = regions.global_percent
    return StackStrain(frozen(round_percent), frozen(radial_percent), tuple(numbers), regions, followed)


def _sizes(one: Reading) -> FloatArray | None:
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


@dataclass(frozen=True, eq=False)
class ShortAxisView(WallStrain):
    """Strain of the segments of one level, and the points of one slice.

    `points_px` are those of the slice, NaN where it was not followed; segments are those of its level, in the order of
    `numbers`; the global curve is that of the whole slice or stack.

    Attributes:
        numbers: AHA segments, 1 to 16.
        points_of: (120,) which of `numbers` (from 0) each point belongs to.
        regions: all levels.

    """

    numbers: tuple[int, ...]
    points_of: NDArray[np.intp]
    regions: ShortAxisRegions

    @property
    def code(self) -> str:
        """Of the global value."""
        return "GCS"

    @property
    def of_point(self) -> NDArray[np.intp]:
        """(120,) which of the segments each point belongs to."""
        return self.points_of


def short_axis_view(reading: Reading, number: int = 0) -> ShortAxisView | None:
    """The level that slice `number` of a stack belongs to, or that of a short-axis loop; None without strain."""
    regions = short_axis_regions(reading)
    if regions is None:
        return None
    times_s = reading.facts.times_s
    nearest = min(regions.slices, key=lambda one: abs(one.number - number))
    own = nearest if nearest.number == number else None
    numbers = NUMBERS[nearest.level]
    at = np.array(numbers) - 1
    nowhere = np.full((len(times_s), POINTS, 2), np.nan)
    percent, whole = regions.percent[:, at], regions.global_percent
    return ShortAxisView(
        time_s=times_s,
        points_px=own.points.points_px if own else nowhere,
        beats=regions.beats,
        last_frames=regions.last_frames,
        global_percent=whole,
        segments_percent=frozen(percent),
        global_rate_per_s=frozen(strain_rate_per_s(whole, times_s)),
        segments_rate_per_s=frozen(strain_rate_per_s(percent, times_s)),
        quality=frozen(np.nan_to_num(regions.quality[at])),
        excluded=tuple(place for place, one in enumerate(at.tolist()) if one in regions.excluded),
        compensated=False,
        global_drift_percent=None,
        segments_drift_percent=None,
        whole=regions.whole,
        segments=tuple(regions.summaries[one] for one in at.tolist()),
        names=tuple(NAMES[one].capitalize() for one in at.tolist()),
        view=None,
        method="contours and motion",
        why=None,
        numbers=numbers,
        points_of=own.parts.of_point if own else frozen(np.zeros(POINTS), np.intp),
        regions=regions,
    )
