"""Checks of a short-axis stack: slices without contours, slices out of line, and masses that disagree."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import MASS, VOLUMES, Finding, Severity
from kinecor.core.checks.thresholds import threshold
from kinecor.core.values.reading import Reading, choices, contoured
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import SHIFTED_MM, gaps, shifts_mm, stack_curves


def _measured(reading: Reading) -> bool:
    return reading.kind.stack and contoured(reading, Structure.LV_ENDO)


def _missing(reading: Reading) -> Iterator[Finding]:
    beat = reading.events.beats[0] if _measured(reading) and reading.events and reading.events.beats else None
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)) if beat else ():
        empty = gaps(reading, frame)
        if empty:
            numbers = ", ".join(str(one + 1) for one in empty)
            yield Finding(
                "stack.no-contour",
                Severity.INFO,
                f"No LV contour at {mark} in slices that count: {numbers}; interpolated from their neighbours.",
                (frame,),
                tuple(empty),
                resolve="trace the slices",
                subject=mark,
            )


def _masses(reading: Reading) -> Iterator[Finding]:
    beat = reading.events.beats[0] if _measured(reading) and reading.events and reading.events.beats else None
    if beat is None:
        return
    wall = stack_curves(reading).wall
    if not np.isfinite(wall[[beat.ed, beat.es]]).all() or wall[beat.ed] <= 0:
        return
    differ = abs(wall[beat.es] / wall[beat.ed] - 1)
    severity = threshold("stack.mass").severity(differ)
    if severity is not None:
        yield Finding(
            "stack.mass",
            severity,
            f"Myocardial mass differs by {100 * differ:.0f} % between ED and ES: check base, apex and contours.",
            (beat.ed, beat.es),
            measurements=MASS | VOLUMES,
            resolve="correct base, apex or epicardium",
        )


def _excluded(reading: Reading) -> Iterator[Finding]:
    if _measured(reading) and (excluded := choices(reading).excluded):
        numbers = ", ".join(str(one + 1) for one in excluded)
        yield Finding(
            "stack.excluded",
            Severity.INFO,
            f"Excluded by the reader: slices {numbers}; interpolated from their neighbours.",
            slices=excluded,
        )


def _shifted(reading: Reading) -> Iterator[Finding]:
    """Slices whose ventricle is out of line with the others."""
    shifts = shifts_mm(reading) if _measured(reading) else None
    if shifts is None:
        return
    size = np.hypot(*shifts.T)
    for number in np.flatnonzero(np.nan_to_num(size) >= SHIFTED_MM):
        yield Finding(
            "stack.shifted",
            Severity.INFO,
            f"Slice {number + 1} is shifted by {size[number]:.0f} mm against its neighbours (another breath-hold?); "
            "it is measured where it is.",
            slices=(int(number),),
            subject=str(number),
        )


CHECKS: Final = (_missing, _masses, _excluded, _shifted)
