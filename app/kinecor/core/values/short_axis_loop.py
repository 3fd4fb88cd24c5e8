"""A single loop that shows the left ventricle in short axis: its level, and that its outlines close."""

from typing import Final

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis import APICAL, BASAL, MID
from kinecor.core.values.track import Structure

LEVEL_OF: Final = {"PSAX": MID, "PSAX base": BASAL, "PSAX mid": MID, "PSAX apex": APICAL, "SAX": MID}
"""Level by the view's name; where none is named, that of the papillary muscles, as short axes usually are taken."""
BY_HAND = "outline cavity and wall at one frame (right click), then analyse again"
NO_OUTLINES = f"no network contours short-axis loops: {BY_HAND}"


def is_short_axis_loop(reading: Reading) -> bool:
    """Whether a Reading is of a single loop in short axis."""
    return not reading.slices and reading.view is not None and reading.view.label in LEVEL_OF


def closed_outlines(reading: Reading) -> bool:
    """Whether outlines go all the way round, so that none of their points is a hinge."""
    return reading.facts.closed or is_short_axis_loop(reading)


def level_of(reading: Reading) -> int:
    """BASAL, MID or APICAL of a short-axis loop."""
    return LEVEL_OF[reading.view.label] if reading.view is not None and reading.view.label in LEVEL_OF else MID


def cavity_px2(reading: Reading) -> FloatArray:
    """(t,) area within the endocardium, square pixels; NaN where a frame has no outline."""
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return np.full(reading.facts.frames, np.nan)
    return np.array([np.nan if one is None else one.area_px2 for one in endo.contours])
