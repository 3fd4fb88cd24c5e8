"""The apical cap, segment 17: how thick the wall is where no short axis shows it.

Near its tip a ventricle is close to a paraboloid, whose cross-section shrinks in a straight line with height. Carried
on from the most apical slices, the areas within endocardium and epicardium end at two heights; the cap is between.
"""

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import stack_curves

LAST_SLICES = 3
# The cavity must have become so small, by share of its largest area, or the stack ends above the apex.
NEAR_THE_TIP = 0.4
# The tips must be within this many slice steps of the last slice; what ends farther off was not seen to taper.
FARTHEST_STEPS = 2.5
THICKEST_MM = 30.0


def apical_cap_mm(reading: Reading, phase: int, *, base_first: bool) -> float:
    """Thickness of the apical cap along the long axis at a phase, mm; NaN where the slices do not show it.

    Args:
        reading: of a stack.
        phase: number of the phase.
        base_first: whether slices are numbered from base to apex.

    """
    stack = reading.facts.stack
    if stack is None or reading.calibration is None:
        return float("nan")
    found = stack_curves(reading)
    here = found.counted[:, phase]
    way = slice(None) if base_first else slice(None, None, -1)
    height = np.abs(stack.positions_mm - stack.positions_mm[0 if base_first else -1])[way]
    endo, epi = (
        np.where(here, found.areas[one][:, phase], np.nan)[way] for one in (Structure.LV_ENDO, Structure.LV_EPI)
    )
    tips = _tip(height, endo), _tip(height, epi)
    thick = tips[1] - tips[0]
    return thick if 0 < thick <= THICKEST_MM else float("nan")


def _tip(height_mm: FloatArray, area_mm2: FloatArray) -> float:
    """The height at which an area that shrinks towards the apex ends; NaN where it does not."""
    known = np.flatnonzero(np.isfinite(area_mm2))
    if len(known) < LAST_SLICES or area_mm2[known[-1]] > NEAR_THE_TIP * np.nanmax(area_mm2):
        return float("nan")
    last = known[-LAST_SLICES:]
    slope, start = np.polyfit(height_mm[last], area_mm2[last], 1)
    if slope >= 0:
        return float("nan")
    tip = float(-start / slope)
    step = float(np.diff(height_mm[last]).mean())
    return tip if height_mm[last[-1]] - step / 2 <= tip <= height_mm[last[-1]] + FARTHEST_STEPS * step else float("nan")
