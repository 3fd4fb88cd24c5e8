"""Circumferential and radial strain of the 16 segments that a short-axis stack shows, from contours and motion.

Lagrangian, mid-wall unless chosen otherwise, since end-diastole (Voigt et al. 2015, doi 10.1093/ehjci/jeu184). Each
segment is the muscle that lay there at end-diastole, of all slices of its level together, weighted by their length.
Regional and radial strain are exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle.cycle import period_s
from kinecor.core.outlines.insertion import insertion
from kinecor.core.strain.ring_parts import RING_SEGMENTS, RingParts, ring_parts
from kinecor.core.strain.strain import Shortening, shortening, strain_percent
from kinecor.core.tracking.ring_points import RingPoints, ring_points
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.confidence import LOOP_CONTOURS, TRACKING_QUALITY
from kinecor.core.values.events import Beat
from kinecor.core.values.memo import kept
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import levels

NOT_FOLLOWED = "strain of segments needs motion: analyse again to have it"
LEFT_OUT = "left out by the reader"
NOT_SHOWN = "no slice that counts shows it with a wall at ED and ES, and motion"


@dataclass(frozen=True, eq=False)
class SliceRing:
    """One slice's part in it.

    Attributes:
        number: of the slice, from 0.
        level: BASAL, MID or APICAL.
        ring: its points.
        parts: the segments they belong to.
        lengths: (t, segments) of its parts; mm, or pixels without a scale.
        thickness: (t, segments) likewise; NaN where a phase has no wall.
        motion_by: what saw the motion it was followed by.

    """

    number: int
    level: int
    ring: RingPoints
    parts: RingParts
    lengths: FloatArray
    thickness: FloatArray
    motion_by: str = ""


@dataclass(frozen=True, eq=False)
class RingRegions:
    """Strain by segment; the index runs from 0, segment 1 first.

    Attributes:
        beats: ED and ES; of a gated stack one.
        last_frames: where the strain of each ends.
        slices: those that could be followed; of a loop, the loop itself.
        whole: summary of the global curve.
        global_percent: (t,) circumferential, of all segments that count.
        percent: (t, 16) circumferential; NaN where no slice shows the segment.
        radial_percent: (t, 16) of the wall's thickness.
        quality: (16,) 0..1, how well each was followed; NaN likewise.
        excluded: segments that a reader left out.
        summaries: of each segment's circumferential strain; None where it is withheld.
        why: of each segment why it is withheld, in words; None where it is not.
        origin: where segments are counted from, in a few words.

    """

    beats: tuple[Beat, ...]
    last_frames: tuple[int, ...]
    slices: tuple[SliceRing, ...]
    whole: Shortening
    global_percent: FloatArray
    percent: FloatArray
    radial_percent: FloatArray
    quality: FloatArray
    excluded: tuple[int, ...]
    summaries: tuple[Shortening | None, ...]
    why: tuple[str | None, ...]
    origin: str

    @property
    def beat(self) -> Beat:
        """The first."""
        return self.beats[0]

    def values(self, what: str) -> FloatArray:
        """(16,) of what is not withheld, e.g. "end_systolic" of Shortening, or "radial" at end-systole; else NaN."""
        radial = self.radial_percent[[beat.es for beat in self.beats]].mean(axis=0)
        return np.array(
            [
                np.nan if one is None else radial[at] if what == "radial" else getattr(one, what)
                for at, one in enumerate(self.summaries)
            ]
        )


def ring_regions(reading: Reading, counted: NDArray[np.intp]) -> RingRegions | None:
    """Strain of the segments, or None where no slice has been followed by motion.

    Args:
        reading: of a stack with ED and ES.
        counted: numbers of the slices that count at ED and at ES.

    """
    beat = (reading.events.beats if reading.events else ())[0]
    origin, words = insertion(reading, beat.ed)
    found = []
    for number, level in levels(reading, beat.ed).items():
        ring = _ring(reading, number, beat) if number in counted else None
        if ring is None:
            continue
        one = reading.slices[number]
        square = ring.points_px * (1.0, one.aspect)
        parts = ring_parts(square[ring.start], level, origin)
        width = one.calibration.col_mm if one.calibration else 1.0
        lengths, thickness = parts.lengths(square) * width, parts.means(ring.thickness) * width
        by = one.motion.by if one.motion is not None else ""
        found.append(SliceRing(number, level, ring, parts, lengths, thickness, by))
    return _together(reading, beat, tuple(found), words) if found else None


def _ring(reading: Reading, number: int, beat: Beat) -> RingPoints | None:
    """Points of a slice; None without motion, without a wall to be believed at ED and ES."""
    one = reading.slices[number]
    endo, epi = one.tracks.get(Structure.LV_ENDO), one.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None or one.motion is None:
        return None
    both = [beat.ed, beat.es]
    if min(endo.confidence[both].min(), epi.confidence[both].min()) < LOOP_CONTOURS.withheld:
        return None
    times_s, motion, depth = reading.facts.times_s, one.motion, reading.strain.depth
    cycle_s = period_s(times_s, reading.facts.heart_rate_per_min)
    rests = (endo, epi, motion, times_s, one.aspect, depth, beat.ed, cycle_s)
    ring = kept(
        "ring points",
        rests,
        lambda: ring_points(endo, epi, motion, times_s, aspect=one.aspect, depth=depth, start=beat.ed, cycle_s=cycle_s),
    )
    return ring if ring is not None and ring.start == beat.ed else None


def _together(reading: Reading, beat: Beat, slices: tuple[SliceRing, ...], words: str) -> RingRegions:
    t = reading.facts.frames
    length, thick, known = np.zeros((t, RING_SEGMENTS)), np.zeros((t, RING_SEGMENTS)), np.zeros(RING_SEGMENTS)
    for one in slices:
        at = np.array(one.parts.numbers) - 1
        first = one.lengths[beat.ed]
        length[:, at] += one.lengths
        thick[:, at] += one.thickness * first
        known[at] += first * one.parts.means(one.ring.quality[None])[0]
    shown = length[beat.ed] > 0
    excluded = tuple(one for one in reading.strain.excluded if one < RING_SEGMENTS)
    counts = [at for at in np.flatnonzero(shown).tolist() if at not in excluded] or np.flatnonzero(shown).tolist()
    percent, radial = np.full((2, t, RING_SEGMENTS), np.nan)
    percent[:, shown] = strain_percent(length[:, shown], beat.ed)
    radial[:, shown] = strain_percent(thick[:, shown], beat.ed)
    quality = np.full(RING_SEGMENTS, np.nan)
    quality[shown] = known[shown] / length[beat.ed, shown]
    whole = strain_percent(length[:, counts].sum(axis=1), beat.ed)
    why = tuple(why_withheld(at, excluded, float(quality[at])) for at in range(RING_SEGMENTS))
    return RingRegions(
        beats=(beat,),
        last_frames=(t - 1,),
        slices=slices,
        whole=_summary(reading, whole, beat),
        global_percent=frozen(whole),
        percent=frozen(percent),
        radial_percent=frozen(radial),
        quality=frozen(quality),
        excluded=excluded,
        summaries=tuple(_summary(reading, percent[:, at], beat) if one is None else None for at, one in enumerate(why)),
        why=why,
        origin=words,
    )


def why_withheld(segment: int, excluded: tuple[int, ...], quality: float) -> str | None:
    """Why nothing is told of a segment (from 0), in words; None where it may be."""
    if segment in excluded:
        return LEFT_OUT
    if not np.isfinite(quality):
        return NOT_SHOWN
    return f"could not be followed well (quality {quality:.2f})" if quality < TRACKING_QUALITY.withheld else None


def _summary(reading: Reading, curve: FloatArray, beat: Beat) -> Shortening:
    """Of one round of the cycle from ED on."""
    times_s, t = reading.facts.times_s, reading.facts.frames
    cycle_s = period_s(times_s, reading.facts.heart_rate_per_min)
    since = np.roll((times_s - times_s[beat.ed]) % cycle_s, -beat.ed)
    return shortening(np.roll(curve, -beat.ed), since, Beat(0, (beat.es - beat.ed) % t), t - 1)
