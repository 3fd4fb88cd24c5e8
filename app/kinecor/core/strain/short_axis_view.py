"""One level of a short axis as the curves, the points and the boxes of the strain page show it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.wall_outline import POINTS
from kinecor.core.strain.short_axis import short_axis_regions
from kinecor.core.strain.short_axis_parts import NUMBERS
from kinecor.core.strain.short_axis_regions import ShortAxisRegions
from kinecor.core.strain.strain import strain_rate_per_s
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.values.arrays import frozen
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.segments import NAMES


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
