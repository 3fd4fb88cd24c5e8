"""ED and ES as the contours have them: the largest and the smallest volume of each beat."""

import numpy as np

from kinecor.core.cycle.cycle import cycle_events, find_beats
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import track_volumes_mm3
from kinecor.core.volumes.stack_volumes import stack_curves


def volume_events(reading: Reading) -> CardiacEvents | None:
    """ED and ES by the volume curve, whatever marks are in force; None where nothing is contoured or nothing beats."""
    facts, kind = reading.facts, reading.kind
    if kind.volumes == "stack":
        return cycle_events(
            stack_curves(reading).endo, facts.times_s, cycle_length_s(facts.times_s, facts.heart_rate_per_min)
        )
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return None
    if kind.volumes == "area":
        return find_beats(_cavity_px2(reading), facts.times_s, facts.r_wave_s)
    return find_beats(track_volumes_mm3(endo, reading.aspect, 1.0), facts.times_s, facts.r_wave_s)


def _cavity_px2(reading: Reading) -> FloatArray:
    """(t,) area within the endocardium, square pixels; NaN where a frame has no outline."""
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return np.full(reading.facts.frames, np.nan)
    return np.array([np.nan if one is None else one.area_px2 for one in endo.contours])
