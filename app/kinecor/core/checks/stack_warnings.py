"""What a reader must know before believing the numbers of a stack, one sentence each."""

import numpy as np

from kinecor.core.values.reading import Reading
from kinecor.core.values.stack_reading import choices, contoured
from kinecor.core.values.track import Structure
from kinecor.core.volumes.misregistration import SHIFTED_MM, shifts_mm
from kinecor.core.volumes.stack_basis import gaps
from kinecor.core.volumes.stack_volumes import stack_curves

# Masses at ED and at ES that differ by more than this share cannot both be right.
MASSES_DIFFER = 0.2


def stack_warnings(reading: Reading) -> list[str]:
    """Of opening, of contours that are missing, of slices out of line. Slices are counted from 1, as on screen."""
    out = list(reading.facts.warnings)
    if reading.withheld:
        out.append(f"Nothing is measured here: {reading.withheld}.")
    if reading.calibration is None and reading.facts.calibration_origin:
        out.append(reading.facts.calibration_origin)
    if reading.facts.times_origin == "assumed":
        out.append("The file tells no frame times: the frame rate is assumed, so times and rates are not measured.")
    if not contoured(reading, Structure.LV_ENDO):
        return out
    if not (reading.events and reading.events.beats) and not reading.withheld:
        out.append("No beat was found in the volume curve: mark ED and ES by hand.")
    out += _missing(reading)
    excluded = choices(reading).excluded
    if excluded:
        numbers = ", ".join(str(one + 1) for one in excluded)
        out.append(f"Excluded by the reader, their neighbours stand for them: slices {numbers}.")
    out += shift_warnings(reading)
    return out


def shift_warnings(reading: Reading) -> list[str]:
    """Slices whose ventricle lies beside the line of the others."""
    shifts = shifts_mm(reading)
    if shifts is None:
        return []
    size = np.hypot(*shifts.T)
    return [
        f"Slice {number + 1} lies {size[number]:.0f} mm beside its neighbours: another breath-hold? It is measured as "
        "it is."
        for number in np.flatnonzero(np.nan_to_num(size) >= SHIFTED_MM)
    ]


def _missing(reading: Reading) -> list[str]:
    out = []
    beat = reading.events.beats[0] if reading.events and reading.events.beats else None
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)) if beat else ():
        empty = gaps(reading, frame)
        if empty:
            numbers = ", ".join(str(one + 1) for one in empty)
            out.append(f"No LV contour at {mark} in slices that count: {numbers}; their neighbours stand for them.")
    wall = stack_curves(reading).wall
    if beat and np.isfinite(wall[[beat.ed, beat.es]]).all() and wall[beat.ed] > 0:
        differ = abs(wall[beat.es] / wall[beat.ed] - 1)
        if differ > MASSES_DIFFER:
            out.append(
                f"Myocardial mass differs by {100 * differ:.0f} % between ED and ES: check base, apex and contours."
            )
    return out
