"""Circumferential and radial strain of a single short-axis loop, such as a parasternal one: the segments of its level.

From contours and motion, beat by beat as along an apical wall (wall_strain.py); the ring's sisters in a stack are
ring_regions.py.
"""

import numpy as np

from kinecor.core.cycle.valve_closure import strain_beats
from kinecor.core.outlines.insertion import insertion
from kinecor.core.strain.beat_strain import bridged, by_beat, mean_shortening, spans
from kinecor.core.strain.ring_parts import RING_SEGMENTS, ring_parts
from kinecor.core.strain.ring_regions import NOT_FOLLOWED, RingRegions, SliceRing, why_withheld
from kinecor.core.tracking.ring_points import RingPoints, ring_points
from kinecor.core.values.arrays import frozen
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.memo import kept
from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis_loop import NO_OUTLINES, level_of
from kinecor.core.values.track import Structure

FROM = "septum taken to lie on the left: right click, to mark the anterior RV insertion"


def loop_regions(reading: Reading) -> RingRegions | None:
    """Strain of a short-axis loop, or None where there is none to be had: `why_no_loop_regions` then says why."""
    ring = _ring(reading)
    if ring is None or not ring.followed:
        return None
    rests = (ring, reading.events, reading.valve_closures, reading.strain, reading.view, reading.short_axis)
    return kept("ring loop", (*rests, reading.facts), lambda: _measured(reading, ring))


def why_no_loop_regions(reading: Reading) -> str | None:
    """Why no strain can be had of a short-axis loop, in words; None where it can."""
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return NO_OUTLINES
    beats = strain_beats(reading)
    if not beats:
        return "no ED and ES: mark them on the curve"
    if reading.motion is None:
        return NOT_FOLLOWED
    ring = _ring(reading)
    if ring is None or not all(
        track.contours[frame] is not None for track in (endo, epi) for beat in beats for frame in (beat.ed, beat.es)
    ):
        return "the wall is not outlined at every ED and ES: analyse again to carry outlines through the loop"
    frames = [frame for beat in beats for frame in (beat.ed, beat.es)]
    sure = float(min(endo.confidence[frames].min(), epi.confidence[frames].min()))
    if sure < LOOP_CONTOURS.withheld:
        return f"contours of the wall at ED or ES are not to be believed (confidence {sure:.2f}): correct them"
    return None


def _ring(reading: Reading) -> RingPoints | None:
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    beats = strain_beats(reading)
    if endo is None or epi is None or not beats:
        return None
    motion, times_s, aspect, depth = reading.motion, reading.facts.times_s, reading.aspect, reading.strain.depth
    start = beats[0].ed
    return kept(
        "ring points",
        (endo, epi, motion, times_s, aspect, depth, start, 0.0),
        lambda: ring_points(endo, epi, motion, times_s, aspect=aspect, depth=depth, start=start),
    )


def _measured(reading: Reading, ring: RingPoints) -> RingRegions:
    chosen, times_s, t = reading.strain, reading.facts.times_s, reading.facts.frames
    origin, words = insertion(reading, ring.start)
    if words.startswith("assumed"):
        words = FROM
    square = ring.points_px * (1.0, reading.aspect)
    parts = ring_parts(square[ring.start], level_of(reading), origin)
    width = reading.calibration.col_mm if reading.calibration else 1.0
    lengths, thickness = parts.lengths(square) * width, parts.means(ring.thickness) * width
    at = np.array(parts.numbers) - 1
    excluded = tuple(one for one in chosen.excluded if one in at)
    counts = [place for place, one in enumerate(at.tolist()) if one not in excluded] or list(range(len(at)))
    total = lengths[:, counts].sum(axis=1)
    beats = strain_beats(reading)
    rate = reading.facts.heart_rate_per_min
    count = len(at)
    filled = bridged(np.column_stack([total, lengths, thickness]), times_s)
    frames = spans(beats, filled[:, 0], times_s, rate)
    strain, _ = by_beat(filled, times_s, frames, compensate=chosen.compensate_drift)
    quality = np.full(RING_SEGMENTS, np.nan)
    quality[at] = parts.means(ring.quality[None])[0]
    percent, radial = np.full((2, t, RING_SEGMENTS), np.nan)
    percent[:, at], radial[:, at] = strain[:, 1 : 1 + count], strain[:, 1 + count :]
    why = tuple(why_withheld(one, excluded, float(quality[one])) for one in range(RING_SEGMENTS))
    return RingRegions(
        beats=beats,
        last_frames=tuple(span.last for span in frames),
        whole=mean_shortening(strain[:, 0], times_s, frames),
        slices=(SliceRing(0, level_of(reading), ring, parts, lengths, thickness),),
        global_percent=frozen(strain[:, 0]),
        percent=frozen(percent),
        radial_percent=frozen(radial),
        quality=frozen(quality),
        excluded=excluded,
        summaries=tuple(
            mean_shortening(percent[:, one], times_s, frames) if withheld is None else None
            for one, withheld in enumerate(why)
        ),
        why=why,
        origin=words,
    )
