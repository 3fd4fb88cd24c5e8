"""Moving the base or the apex of the left ventricle, or the base of the right one, to another slice."""

from dataclasses import replace
from typing import Literal

import numpy as np

from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis import Extent
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import stack_curves

End = Literal["base", "apex", "rv base"]
"""Of the left ventricle, or the base of the right one."""


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


def right_base_of(reading: Reading) -> tuple[int, ...]:
    """The right ventricle's base in force; where none was chosen, its most basal contoured slice of each phase."""
    chosen = reading.short_axis.rv_base if reading.short_axis else None
    if chosen is not None:
        return chosen
    here = np.isfinite(stack_curves(reading).areas[Structure.RV])
    first = base_is_first(reading, 0)
    rows = [np.flatnonzero(here[:, phase]) for phase in range(reading.facts.frames)]
    nowhere = 0 if first else len(reading.slices) - 1
    return tuple(int(row[0 if first else -1]) if len(row) else nowhere for row in rows)


def placed(ends: tuple[int, ...], number: int, phase: int | None) -> tuple[int, ...]:
    """Slices by phase with `number` at one phase (from 0) or, with None, at all."""
    return tuple(number if phase is None or phase == at else one for at, one in enumerate(ends))


def with_end(extent: Extent, end: Literal["base", "apex"], number: int, phase: int | None) -> Extent:
    """The extent with its base or apex at slice `number`, at one phase (from 0) or, with None, at all."""
    if end == "base":
        return replace(extent, base=placed(extent.base, number, phase))
    return replace(extent, apex=placed(extent.apex, number, phase))
