"""Circumferential and radial strain of the 16 segments that short axes show, from contours and motion.

Segments are counted from the anterior insertion of the right ventricle, as `segments.segments_of` has them (Cerqueira
et al., AHA 2002, Circulation 105:539): six of 60 degrees at base and mid level, four of 90 near the apex.

Lagrangian, mid-wall unless chosen otherwise, since end-diastole (Voigt et al. 2015, doi 10.1093/ehjci/jeu184). Each
segment is the muscle that was there at end-diastole. In a stack it is followed round the gated cycle, all slices of a
level together, weighted by their length; in a single loop, such as a parasternal one, beat by beat as along an apical
wall (wall_strain.py), and only the segments of its level are known.
Regional and radial strain are exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle.valve_closure import strain_beats
from kinecor.core.outlines.insertion import insertion
from kinecor.core.strain.strain import Shortening, bridged, by_beat, mean_shortening, shortening, spans, strain_percent
from kinecor.core.strain.wall_strain import NO_BEAT, low_confidence
from kinecor.core.tracking.wall_points import WallPoints, wall_points
from kinecor.core.values.choices import APICAL, BASAL, MID, Insertion
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray, frozen
from kinecor.core.values.kind import LEVEL_OF
from kinecor.core.values.reading import Reading, cached
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import levels, segments_of

SHORT_AXIS_SEGMENTS = 16
"""Segments that short axes show: the seventeenth, the apical cap, is beyond the cavity."""
NUMBERS = {BASAL: (1, 2, 3, 4, 5, 6), MID: (7, 8, 9, 10, 11, 12), APICAL: (13, 14, 15, 16)}
"""Segments of each level, in order."""


@dataclass(frozen=True, eq=False)
class ShortAxisParts:
    """A closed wall divided into segments.

    Attributes:
        numbers: 1 to 16, of the level's segments in order.
        ends: (segments, 2) where each begins and ends, counted in points from the first, in the order in which points
            run; an end below its beginning is beyond the last point.
        of_point: (n,) which of `numbers` (from 0) each point belongs to.

    """

    numbers: tuple[int, ...]
    ends: FloatArray
    of_point: NDArray[np.intp]

    def sums(self, values: FloatArray) -> FloatArray:
        """(t, segments) sums over each segment of (t, n) values of the steps from each point to the next."""
        n = values.shape[1]
        along = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
        low = np.floor(self.ends).astype(np.intp) % n
        share = self.ends - np.floor(self.ends)
        # A step that a border runs through counts for both sides by its shares.
        at = along[:, low] + share * values[:, low]
        begin, end = at[..., 0], at[..., 1]
        return np.asarray(np.where(end > begin, end - begin, end - begin + along[:, -1:]))

    def lengths(self, points: FloatArray) -> FloatArray:
        """(t, segments) of closed lines (t, n, 2)."""
        return self.sums(np.linalg.norm(np.roll(points, -1, axis=1) - points, axis=2))

    def means(self, values: FloatArray) -> FloatArray:
        """(t, segments) means over each segment of (t, n) values at the points."""
        return self.sums(values) / self.sums(np.ones((1, values.shape[1])))


def short_axis_parts(ring: FloatArray, level: int, origin: Insertion) -> ShortAxisParts:
    """Divide a closed wall as it is at end-diastole.

    Args:
        ring: (n, 2) points that run counter-clockwise on the image, pixels as wide as high.
        level: BASAL, MID or APICAL.
        origin: where segments are counted from.

    """
    n = len(ring)
    off = ring - ring.mean(axis=0)
    angle = np.degrees(np.arctan2(-off[:, 1], off[:, 0]))
    numbers = NUMBERS[level]
    of_point = np.array([numbers.index(one) for one in segments_of(angle, level, origin).tolist()], np.intp)
    # Angles of the points, which rise along the ring; a kink must not turn them back.
    rising = np.maximum.accumulate(np.degrees(np.unwrap(np.radians(angle))))
    steps = np.arange(n + 1)
    around = np.append(rising, rising[0] + 360)
    first, span = (15.0, 90.0) if level == APICAL else (0.0, 60.0)
    ends = np.empty((len(numbers), 2))
    for part in range(len(numbers)):
        turned = first + span * (part + np.arange(2))
        middle = origin.angle_deg + origin.turn * turned.mean()
        borders = np.sort(origin.angle_deg + origin.turn * turned)
        number = int(segments_of(np.array([middle]), level, origin)[0])
        ends[numbers.index(number)] = np.interp((borders - around[0]) % 360 + around[0], around, steps) % n
    return ShortAxisParts(numbers, frozen(ends), frozen(of_point, np.intp))


NOT_FOLLOWED = "segmental strain needs motion: analyse again to compute it"
LEFT_OUT = "excluded by the reader"
NOT_SHOWN = "no included slice shows it with a wall at ED and ES, and motion"
ASSUMED_ORIGIN = "septum assumed on the left: right-click to mark the anterior RV insertion"
"""Where the segments of a single loop are counted from, unless a reader marks it."""


@dataclass(frozen=True, eq=False)
class SliceWall:
    """The followed wall of one slice, by segment.

    Attributes:
        number: of the slice, from 0.
        level: BASAL, MID or APICAL.
        points: its tracking points.
        parts: the segments they belong to.
        lengths: (t, segments) of its parts; mm, or pixels without a scale.
        thickness: (t, segments) likewise; NaN where a phase has no wall.
        motion_by: author of the motion.

    """

    number: int
    level: int
    points: WallPoints
    parts: ShortAxisParts
    lengths: FloatArray
    thickness: FloatArray
    motion_by: str = ""


@dataclass(frozen=True, eq=False)
class ShortAxisRegions:
    """Strain by segment; the index runs from 0, segment 1 first.

    Attributes:
        beats: ED and ES; one in a gated stack.
        last_frames: last frame of each beat.
        slices: those that could be followed; the loop itself where there is one.
        whole: summary of the global curve.
        global_percent: (t,) circumferential, of all segments that count.
        percent: (t, 16) circumferential; NaN where no slice shows the segment.
        radial_percent: (t, 16) of the wall's thickness.
        quality: (16,) 0..1, how well each was followed; NaN likewise.
        excluded: segments that a reader left out.
        summaries: of each segment's circumferential strain; None where it is withheld.
        why: for each segment, the reason it is withheld; None where it is not.
        origin: where segments are counted from, in a few words.

    """

    beats: tuple[Beat, ...]
    last_frames: tuple[int, ...]
    slices: tuple[SliceWall, ...]
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


def stack_regions(reading: Reading, counted: NDArray[np.intp]) -> ShortAxisRegions | None:
    """Strain of the segments of a stack, or None where no slice has been followed by motion.

    Args:
        reading: of a stack with ED and ES.
        counted: numbers of the slices that count at ED and at ES.

    """
    beat = (reading.events.beats if reading.events else ())[0]
    origin, words = insertion(reading, beat.ed)
    found = []
    for number, level in levels(reading, beat.ed).items():
        points = _stack_points(reading, number, beat) if number in counted else None
        if points is not None:
            found.append(_slice_wall(reading.slices[number], number, level, points, origin))
    return _stack_together(reading, beat, tuple(found), words) if found else None


def loop_regions(reading: Reading) -> ShortAxisRegions | None:
    """Strain of a short-axis loop, or None where there is none: `why_no_loop_regions` then gives the reason."""
    points = _loop_points(reading)
    if points is None or not points.followed:
        return None
    key = (points, reading.events, reading.valve_closures, reading.strain, reading.view, reading.short_axis)
    return cached("short-axis loop", (*key, reading.facts), lambda: _loop_measured(reading, points))


def why_no_loop_regions(reading: Reading) -> str | None:
    """Reason why a short-axis loop has no strain, or None where it has."""
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return f"no network contours short-axis loops: {reading.kind.by_hand}"
    beats = strain_beats(reading)
    if not beats:
        return NO_BEAT
    if reading.motion is None:
        return NOT_FOLLOWED
    frames = [frame for beat in beats for frame in (beat.ed, beat.es)]
    if _loop_points(reading) is None or not all(
        track.contours[frame] is not None for track in (endo, epi) for frame in frames
    ):
        return "the wall is not outlined at every ED and ES: analyse again to propagate contours through the loop"
    return low_confidence(reading, frames)


def level_of(reading: Reading) -> int:
    """BASAL, MID or APICAL of a short-axis loop."""
    return LEVEL_OF.get(reading.view.label, MID) if reading.view else MID


def _stack_points(reading: Reading, number: int, beat: Beat) -> WallPoints | None:
    """Points of a slice; None without motion, or without a wall of sufficient confidence at ED and ES."""
    one = reading.slices[number]
    endo, epi = one.tracks.get(Structure.LV_ENDO), one.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None or one.motion is None or low_confidence(one, [beat.ed, beat.es]) is not None:
        return None
    points = _points(one, reading, beat.ed)
    return points if points is not None and points.start == beat.ed else None


def _loop_points(reading: Reading) -> WallPoints | None:
    beats = strain_beats(reading)
    return _points(reading, reading, beats[0].ed) if beats else None


def _points(one: Reading, whole: Reading, start: int) -> WallPoints | None:
    """Points of a slice, or of a single loop; times and depth are those of the `whole` stack or of the loop itself."""
    endo, epi = one.tracks.get(Structure.LV_ENDO), one.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return None
    motion, aspect, axis, depth = one.motion, one.aspect, whole.time_axis, whole.strain.depth
    return cached(
        "short-axis points",
        (endo, epi, motion, whole.facts, axis.period_s, aspect, depth, start),
        lambda: wall_points(endo, epi, motion, axis, closed=True, aspect=aspect, depth=depth, start=start),
    )


def _slice_wall(one: Reading, number: int, level: int, points: WallPoints, origin: Insertion) -> SliceWall:
    square = points.points_px * (1.0, one.aspect)
    parts = short_axis_parts(square[points.start], level, origin)
    width = one.calibration.col_mm if one.calibration else 1.0
    lengths, thickness = parts.lengths(square) * width, parts.means(points.thickness) * width
    by = one.motion.by if one.motion is not None else ""
    return SliceWall(number, level, points, parts, lengths, thickness, by)


def _stack_together(reading: Reading, beat: Beat, slices: tuple[SliceWall, ...], words: str) -> ShortAxisRegions:
    t = reading.facts.frames
    length, thick, known = (
        np.zeros((t, SHORT_AXIS_SEGMENTS)),
        np.zeros((t, SHORT_AXIS_SEGMENTS)),
        np.zeros(SHORT_AXIS_SEGMENTS),
    )
    for one in slices:
        at = np.array(one.parts.numbers) - 1
        first = one.lengths[beat.ed]
        length[:, at] += one.lengths
        thick[:, at] += one.thickness * first
        known[at] += first * one.parts.means(one.points.quality[None])[0]
    shown = np.flatnonzero(length[beat.ed] > 0)
    excluded = tuple(one for one in reading.strain.excluded if one < SHORT_AXIS_SEGMENTS)
    counts = _counting(shown, excluded)
    return _regions(
        beats=(beat,),
        last_frames=(t - 1,),
        slices=slices,
        whole=strain_percent(length[:, shown[counts]].sum(axis=1), beat.ed),
        shown=shown,
        percent=strain_percent(length[:, shown], beat.ed),
        radial=strain_percent(thick[:, shown], beat.ed),
        quality=known[shown] / length[beat.ed, shown],
        excluded=excluded,
        origin=words,
        summary=lambda curve: _cycle_summary(reading, curve, beat),
    )


def _loop_measured(reading: Reading, points: WallPoints) -> ShortAxisRegions:
    origin, words = insertion(reading, points.start)
    wall = _slice_wall(reading, 0, level_of(reading), points, origin)
    shown = np.array(wall.parts.numbers) - 1
    excluded = tuple(one for one in reading.strain.excluded if one in shown)
    counts, times_s = _counting(shown, excluded), reading.facts.times_s
    total = wall.lengths[:, counts].sum(axis=1)
    filled = bridged(np.column_stack([total, wall.lengths, wall.thickness]), times_s)
    frames = spans(strain_beats(reading), filled[:, 0], times_s, reading.facts.heart_rate_per_min)
    strain, _ = by_beat(filled, times_s, frames, compensate=reading.strain.compensate_drift)
    return _regions(
        beats=strain_beats(reading),
        last_frames=tuple(span.last for span in frames),
        slices=(wall,),
        whole=strain[:, 0],
        shown=shown,
        percent=strain[:, 1 : 1 + len(shown)],
        radial=strain[:, 1 + len(shown) :],
        quality=wall.parts.means(points.quality[None])[0],
        excluded=excluded,
        origin=ASSUMED_ORIGIN if words.startswith("assumed") else words,
        summary=lambda curve: mean_shortening(curve, times_s, frames),
    )


def _counting(shown: NDArray[np.intp], excluded: tuple[int, ...]) -> list[int]:
    """Which of the segments shown (by place) make up the global curve: those not left out, or all if none remains."""
    places = range(len(shown))
    return [place for place in places if int(shown[place]) not in excluded] or list(places)


def _regions(
    *,
    beats: tuple[Beat, ...],
    last_frames: tuple[int, ...],
    slices: tuple[SliceWall, ...],
    whole: FloatArray,
    shown: NDArray[np.intp],
    percent: FloatArray,
    radial: FloatArray,
    quality: FloatArray,
    excluded: tuple[int, ...],
    origin: str,
    summary: Callable[[FloatArray], Shortening],
) -> ShortAxisRegions:
    """All 16 segments from those `shown` (from 0): (t, shown) curves and (shown,) quality; NaN for the others."""
    every, every_radial = np.full((2, len(whole), SHORT_AXIS_SEGMENTS), np.nan)
    every[:, shown], every_radial[:, shown] = percent, radial
    every_quality = np.full(SHORT_AXIS_SEGMENTS, np.nan)
    every_quality[shown] = quality
    why = tuple(_withhold_reason(one, excluded, float(every_quality[one])) for one in range(SHORT_AXIS_SEGMENTS))
    return ShortAxisRegions(
        beats=beats,
        last_frames=last_frames,
        slices=slices,
        whole=summary(whole),
        global_percent=frozen(whole),
        percent=frozen(every),
        radial_percent=frozen(every_radial),
        quality=frozen(every_quality),
        excluded=excluded,
        summaries=tuple(summary(every[:, at]) if one is None else None for at, one in enumerate(why)),
        why=why,
        origin=origin,
    )


def _withhold_reason(segment: int, excluded: tuple[int, ...], quality: float) -> str | None:
    if segment in excluded:
        return LEFT_OUT
    if not np.isfinite(quality):
        return NOT_SHOWN
    return f"tracking quality too low ({quality:.2f})" if quality < TRACKING_QUALITY.withheld else None


def _cycle_summary(reading: Reading, curve: FloatArray, beat: Beat) -> Shortening:
    """Summary of one round of the gated cycle, from ED on."""
    times_s, t = reading.facts.times_s, reading.facts.frames
    cycle_s = cycle_length_s(times_s, reading.facts.heart_rate_per_min)
    since = np.roll((times_s - times_s[beat.ed]) % cycle_s, -beat.ed)
    return shortening(np.roll(curve, -beat.ed), since, Beat(0, (beat.es - beat.ed) % t), t - 1)
