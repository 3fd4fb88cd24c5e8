"""Short-axis strain by segment, of a stack or of a single loop."""

from kinecor.core.strain.ring_loop import loop_regions, why_no_loop_regions
from kinecor.core.strain.ring_regions import RingRegions
from kinecor.core.strain.ring_strain import ring_strain, why_no_regions
from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis_loop import is_short_axis_loop


def short_axis_regions(reading: Reading) -> RingRegions | None:
    """Strain by segment; None where there is none: `why_no_short_axis_strain` then says why."""
    if is_short_axis_loop(reading):
        return loop_regions(reading) if why_no_loop_regions(reading) is None and reading.withheld is None else None
    found = ring_strain(reading)
    return None if found is None or reading.withheld is not None else found.regions


def why_no_short_axis_strain(reading: Reading) -> str | None:
    """Why there is no strain by segment, in words; None where there is."""
    if is_short_axis_loop(reading):
        return reading.withheld or why_no_loop_regions(reading)
    return why_no_regions(reading)
