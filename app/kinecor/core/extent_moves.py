"""Moving the base or the apex of the left ventricle to another slice."""

from dataclasses import replace
from typing import Literal

import numpy as np

from kinecor.core.reading import Reading
from kinecor.core.segments import base_is_first
from kinecor.core.short_axis import Extent
from kinecor.core.stack_volumes import stack_curves
from kinecor.core.track import Structure

End = Literal["base", "apex"]


def extent_of(reading: Reading) -> Extent:
    """The extent in force; where none was chosen, the first and last contoured slice of each phase, or all slices."""
    chosen = reading.short_axis.extent if reading.short_axis else None
    if chosen is not None:
        return chosen
    here = np.isfinite(stack_curves(reading).areas[Structure.LV_ENDO])
    rows = [np.flatnonzero(here[:, phase]) for phase in range(reading.facts.frames)]
    last = len(reading.slices) - 1
    low = tuple(int(row[0]) if len(row) else 0 for row in rows)
    high = tuple(int(row[-1]) if len(row) else last for row in rows)
    return Extent(low, high) if base_is_first(reading, 0) else Extent(high, low)


def with_end(extent: Extent, end: End, number: int, phase: int | None) -> Extent:
    """The extent with its base or apex at slice `number`, at one phase (from 0) or, with None, at all."""
    before = extent.base if end == "base" else extent.apex
    after = tuple(number if phase is None or phase == at else one for at, one in enumerate(before))
    return replace(extent, base=after) if end == "base" else replace(extent, apex=after)
