"""ED and ES as the contours have them: the largest and the smallest volume of each beat."""

from kinecor.core.curves import track_volumes_mm3
from kinecor.core.cycle import cycle_events, period_s
from kinecor.core.events import CardiacEvents
from kinecor.core.phases import find_beats
from kinecor.core.reading import Reading
from kinecor.core.short_axis_loop import cavity_px2, is_short_axis_loop
from kinecor.core.stack_volumes import stack_curves
from kinecor.core.track import Structure


def volume_events(reading: Reading) -> CardiacEvents | None:
    """ED and ES by the volume curve, whatever marks are in force; None where nothing is contoured or nothing beats."""
    facts = reading.facts
    if reading.slices:
        return cycle_events(
            stack_curves(reading).endo, facts.times_s, period_s(facts.times_s, facts.heart_rate_per_min)
        )
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return None
    if is_short_axis_loop(reading):
        return find_beats(cavity_px2(reading), facts.times_s, facts.r_wave_s)
    return find_beats(track_volumes_mm3(endo, reading.aspect, 1.0), facts.times_s, facts.r_wave_s)
