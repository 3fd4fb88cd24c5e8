"""A single loop that shows the left ventricle in short axis: its level, and the area of its cavity."""

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.kind import LEVEL_OF
from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis import MID
from kinecor.core.values.track import Structure

BY_HAND = "outline cavity and wall at one frame (right click), then analyse again"
NO_OUTLINES = f"no network contours short-axis loops: {BY_HAND}"


def level_of(reading: Reading) -> int:
    """BASAL, MID or APICAL of a short-axis loop."""
    return LEVEL_OF.get(reading.view.label, MID) if reading.view else MID


def cavity_px2(reading: Reading) -> FloatArray:
    """(t,) area within the endocardium, square pixels; NaN where a frame has no outline."""
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return np.full(reading.facts.frames, np.nan)
    return np.array([np.nan if one is None else one.area_px2 for one in endo.contours])
