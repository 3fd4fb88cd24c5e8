"""Short-axis strain in result.json: the 16 segments, and why some of them tell nothing."""

import math
from typing import Any

from kinecor.core.strain.short_axis import short_axis_regions, stack_strain, why_no_short_axis_strain
from kinecor.core.table.measurement import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.reading import Reading

Json = dict[str, Any]


def ring_entry(reading: Reading) -> Json:
    """Member "short_axis_strain" of a recording; segment 1 first, null where it is withheld, with the reason."""
    why, regions = why_no_short_axis_strain(reading), short_axis_regions(reading)
    if why is not None or regions is None:
        return {"status": "withheld", "why": why}
    timed = reading.facts.times_origin != "assumed"
    return {
        "status": "exploratory",
        "origin": regions.origin,
        "slices": [one.number for one in regions.slices],
        "end_systolic_circumferential_percent": _numbers(regions.values("end_systolic"), 2),
        "peak_circumferential_percent": _numbers(regions.values("peak"), 2),
        "time_to_peak_ms": _numbers(1000 * regions.values("time_to_peak_s"), 0) if timed else [None] * 16,
        "end_systolic_radial_percent": _numbers(regions.values("radial"), 2),
        "quality": _numbers(regions.quality, 3),
        "withheld": list(regions.why),
    }


def ring_curves(reading: Reading) -> Json:
    """Circumferential and radial strain of the whole over time; absent where there is none to be told."""
    found, regions = stack_strain(reading), short_axis_regions(reading)
    told = any(one.code == "GCS" and one.status is not Status.WITHHELD for one in measurements(reading))
    if not told or (found is None and regions is None):
        return {}
    if found is None:
        return {"circumferential_strain_percent": [] if regions is None else _numbers(regions.global_percent, 3)}
    return {
        "circumferential_strain_percent": _numbers(found.circumferential_percent, 3),
        "radial_strain_percent": _numbers(found.radial_percent, 3),
    }


def _numbers(values: FloatArray, digits: int) -> list[float | None]:
    return [round(float(value), digits) if math.isfinite(value) else None for value in values]
