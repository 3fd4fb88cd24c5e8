"""Circumferential and radial strain of short axes: of the wall as a whole, and of its segments.

Where motion is known, circumferential strain is that of the muscle followed by contours and motion; else that of
contours alone, as radial strain is.

Contours alone: a wall's middle is followed as a layer with a constant share of the wall's area, since muscle volume is
constant (as in wall_outline.py); outlines at a distance d from a closed curve are 2 pi d longer (Steiner). Slices stand
still while the base comes down, so that they show other muscle at ES than at ED: on perfect contours of six simulated
hearts circumferential strain comes out 0.1 to 3.2 points too negative, 1.7 in the mean. Within a slice contours cannot
show how segments differ.

Segments are counted from the anterior insertion of the right ventricle, as `segments.segments_of` has them (Cerqueira
et al., AHA 2002, Circulation 105:539): six of 60 degrees at base and mid level, four of 90 near the apex.

Lagrangian, mid-wall unless chosen otherwise, since end-diastole (Voigt et al. 2015, doi 10.1093/ehjci/jeu184). Each
segment is the muscle that was there at end-diastole. In a stack it is followed round the gated cycle, all slices of a
level together, weighted by their length; in a single loop, such as a parasternal one, beat by beat as along an apical
wall (wall_strain.py), and only the segments of its level are known. Regional and radial strain are exploratory (ASE/
EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle.cycle import strain_beats
from kinecor.core.outlines.insertion import ASSUMED_WORDS, insertion
from kinecor.core.outlines.wall_outline import POINTS
from kinecor.core.strain.wall_strain import (
    BY_MOTION,
    NO_BEAT,
    NO_WALL,
    Shortening,
    WallStrain,
    bridge_lengths,
    by_beat,
    low_confidence,
    mean_shortening,
    quality_too_low,
    shortening,
    spans,
    strain_percent,
    strain_rate_per_s,
)
from kinecor.core.tracking.placed_points import with_placed
from kinecor.core.tracking.wall_points import WallPoints, wall_points
from kinecor.core.values.choices import APICAL, BASAL, MID, Insertion
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.kind import LEVEL_OF
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading, compute_once, has_contour
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import closing_ed
from kinecor.core.volumes.segments import NAMES, levels, segments_of
from kinecor.core.volumes.stack_volumes import stack_curves

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
        """(t, segments) sums over each segment of (t, n) values of the steps from each point to the next.

        Args:
            values: in any unit.

        """
        n = values.shape[1]
        along = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
        low = np.floor(self.ends).astype(np.intp) % n
        share = self.ends - np.floor(self.ends)
        # A step that a border runs through counts for both sides by its shares.
        at = along[:, low] + share * values[:, low]
        begin, end = at[..., 0], at[..., 1]
        return np.asarray(np.where(end > begin, end - begin, end - begin + along[:, -1:]))

    def lengths(self, points: FloatArray) -> FloatArray:
        """(t, segments) of closed lines (t, n, 2).

        Args:
            points: in any unit.

        """
        return self.sums(np.linalg.norm(np.roll(points, -1, axis=1) - points, axis=2))

    def means(self, values: FloatArray) -> FloatArray:
        """(t, segments) means over each segment of (t, n) values at the points.

        Args:
            values: in any unit.

        """
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
    of_point = np.array([numbers.index(segment) for segment in segments_of(angle, level, origin).tolist()], np.intp)
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
    return ShortAxisParts(numbers, frozen_array(ends), frozen_array(of_point, np.intp))


NOT_FOLLOWED = message("segmental strain needs motion: analyse again to compute it")
LEFT_OUT = message("excluded by the reader")
NOT_SHOWN = message("no included slice shows it with a wall at ED and ES, and motion")
ASSUMED_ORIGIN = message("septum assumed on the left: right-click to mark the anterior RV insertion")
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
        quality: (segments,) 0..1, how well each was followed.
        motion_by: author of the motion.

    """

    number: int
    level: int
    points: WallPoints
    parts: ShortAxisParts
    lengths: FloatArray
    thickness: FloatArray
    quality: FloatArray
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
    why: tuple[Message | None, ...]
    origin: Message

    @property
    def beat(self) -> Beat:
        """The first."""
        return self.beats[0]

    def values(self, what: str) -> FloatArray:
        """(16,) of what is not withheld, e.g. "end_systolic" of Shortening, or "radial" at end-systole; else NaN.

        Args:
            what: an attribute of Shortening, or "radial".

        """
        radial = self.radial_percent[[beat.es for beat in self.beats]].mean(axis=0)
        return np.array(
            [
                np.nan if summary is None else radial[index] if what == "radial" else getattr(summary, what)
                for index, summary in enumerate(self.summaries)
            ]
        )


def stack_regions(reading: Reading, counted: NDArray[np.intp]) -> ShortAxisRegions | None:
    """Strain of the segments of a stack, or None where no slice has been followed by motion.

    Args:
        reading: of a stack with ED and ES.
        counted: numbers of the slices that count at ED and at ES.

    """
    beat = (reading.events.beats if reading.events else ())[0]
    origin, text = insertion(reading, beat.ed)
    slice_walls = []
    for number, level in levels(reading, beat.ed).items():
        points = _stack_points(reading, number, beat) if number in counted else None
        if points is not None:
            slice_walls.append(_slice_wall(reading.slices[number], number, level, points, origin))
    return _stack_together(reading, beat, tuple(slice_walls), text) if slice_walls else None


def loop_regions(reading: Reading) -> ShortAxisRegions | None:
    """Strain of a short-axis loop, or None where there is none: `why_no_loop_regions` then gives the reason.

    Args:
        reading: of a short-axis loop.

    """
    points = _loop_points(reading)
    if points is None or not points.followed:
        return None
    key = (points, reading.events, reading.valve_closures, reading.strain, reading.view, reading.short_axis)
    return compute_once(reading, "short-axis loop", (*key, reading.facts), lambda: _loop_measured(reading, points))


def why_no_loop_regions(reading: Reading) -> Message | None:
    """Reason why a short-axis loop has no strain, or None where it has.

    Args:
        reading: of a short-axis loop.

    """
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return message("no network contours short-axis loops: {way_out}", way_out=reading.kind.by_hand)
    beats = strain_beats(reading)
    if not beats:
        return NO_BEAT
    if reading.motion is None:
        return NOT_FOLLOWED
    frames = [frame for beat in beats for frame in (beat.ed, beat.es)]
    points = _loop_points(reading)
    if points is not None and points.contradiction is not None:
        return points.contradiction
    if points is None or not all(track.contours[frame] is not None for track in (endo, epi) for frame in frames):
        return message(
            "the wall is not outlined at every ED and ES: analyse again to propagate contours through the loop"
        )
    return low_confidence(reading, frames)


def level_of(reading: Reading) -> int:
    """BASAL, MID or APICAL of a short-axis loop.

    Args:
        reading: of a short-axis loop.

    """
    return LEVEL_OF.get(reading.view.label, MID) if reading.view else MID


def _stack_points(reading: Reading, number: int, beat: Beat) -> WallPoints | None:
    """Points of a slice; None without motion, or without a wall of sufficient confidence at ED and ES."""
    single_reading = reading.slices[number]
    endo, epi = single_reading.tracks.get(Structure.LV_ENDO), single_reading.tracks.get(Structure.LV_EPI)
    if (
        endo is None
        or epi is None
        or single_reading.motion is None
        or low_confidence(single_reading, [beat.ed, beat.es]) is not None
    ):
        return None
    points = _points(single_reading, reading, beat.ed)
    return points if points is not None and points.start == beat.ed else None


def _loop_points(reading: Reading) -> WallPoints | None:
    beats = strain_beats(reading)
    return _points(reading, reading, beats[0].ed) if beats else None


def _points(reading: Reading, whole: Reading, start: int) -> WallPoints | None:
    """Points of a slice, or of a single loop; times and depth are those of the `whole` stack or of the loop itself."""
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return None
    motion, aspect, axis, depth = reading.motion, reading.aspect, whole.time_axis, whole.strain.depth
    points, placed = (
        compute_once(
            reading,
            "short-axis points",
            (endo, epi, motion, axis.times_s, axis.period_s, aspect, depth, start),
            lambda: wall_points(endo, epi, motion, axis, closed=True, aspect=aspect, depth=depth, start=start),
        ),
        reading.placed_points,
    )
    if points is None or not points.followed or not placed:
        return points
    return compute_once(
        reading,
        "placed round",
        (points, placed),
        lambda: with_placed(points, placed, axis.times_s, depth, axis.period_s),
    )


def _slice_wall(reading: Reading, number: int, level: int, points: WallPoints, origin: Insertion) -> SliceWall:
    square = points.points_px * (1.0, reading.aspect)
    parts = short_axis_parts(square[points.start], level, origin)
    width = reading.calibration.col_mm if reading.calibration else 1.0
    lengths, thickness = parts.lengths(square) * width, parts.means(points.thickness) * width
    by = reading.motion.by if reading.motion is not None else ""
    quality = parts.means(points.quality[None])[0]
    # Where a reader placed a point, its segment is shown, and marked to be checked.
    seen = sorted({int(parts.of_point[each.point]) for each in reading.placed_points if each.frame != points.start})
    quality[seen] = np.maximum(quality[seen], TRACKING_QUALITY.withheld)
    return SliceWall(number, level, points, parts, lengths, thickness, frozen_array(quality), by)


def _stack_together(reading: Reading, beat: Beat, slices: tuple[SliceWall, ...], words: Message) -> ShortAxisRegions:
    t = reading.facts.frames
    length, thick, known = (
        np.zeros((t, SHORT_AXIS_SEGMENTS)),
        np.zeros((t, SHORT_AXIS_SEGMENTS)),
        np.zeros(SHORT_AXIS_SEGMENTS),
    )
    for slice_wall in slices:
        at = np.array(slice_wall.parts.numbers) - 1
        first = slice_wall.lengths[beat.ed]
        length[:, at] += slice_wall.lengths
        thick[:, at] += slice_wall.thickness * first
        known[at] += first * slice_wall.quality
    shown = np.flatnonzero(length[beat.ed] > 0)
    excluded = tuple(segment for segment in reading.strain.excluded if segment < SHORT_AXIS_SEGMENTS)
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
    origin, text = insertion(reading, points.start)
    wall = _slice_wall(reading, 0, level_of(reading), points, origin)
    shown = np.array(wall.parts.numbers) - 1
    excluded = tuple(segment for segment in reading.strain.excluded if segment in shown)
    counts, times_s = _counting(shown, excluded), reading.facts.times_s
    total = wall.lengths[:, counts].sum(axis=1)
    filled = bridge_lengths(np.column_stack([total, wall.lengths, wall.thickness]), times_s)
    frames = spans(strain_beats(reading), len(times_s), closing_ed(reading))
    strain, _ = by_beat(filled, times_s, frames, compensate=reading.strain.compensate_drift)
    return _regions(
        beats=strain_beats(reading),
        last_frames=tuple(span.last for span in frames),
        slices=(wall,),
        whole=strain[:, 0],
        shown=shown,
        percent=strain[:, 1 : 1 + len(shown)],
        radial=strain[:, 1 + len(shown) :],
        quality=wall.quality,
        excluded=excluded,
        origin=ASSUMED_ORIGIN if text == ASSUMED_WORDS else text,
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
    origin: Message,
    summary: Callable[[FloatArray], Shortening],
) -> ShortAxisRegions:
    """All 16 segments from those `shown` (from 0): (t, shown) curves and (shown,) quality; NaN for the others."""
    every, every_radial = np.full((2, len(whole), SHORT_AXIS_SEGMENTS), np.nan)
    every[:, shown], every_radial[:, shown] = percent, radial
    every_quality = np.full(SHORT_AXIS_SEGMENTS, np.nan)
    every_quality[shown] = quality
    why = tuple(_withhold_reason(index, excluded, float(every_quality[index])) for index in range(SHORT_AXIS_SEGMENTS))
    return ShortAxisRegions(
        beats=beats,
        last_frames=last_frames,
        slices=slices,
        whole=summary(whole),
        global_percent=frozen_array(whole),
        percent=frozen_array(every),
        radial_percent=frozen_array(every_radial),
        quality=frozen_array(every_quality),
        excluded=excluded,
        summaries=tuple(summary(every[:, index]) if text is None else None for index, text in enumerate(why)),
        why=why,
        origin=origin,
    )


def _withhold_reason(segment: int, excluded: tuple[int, ...], quality: float) -> Message | None:
    if segment in excluded:
        return LEFT_OUT
    if not np.isfinite(quality):
        return NOT_SHOWN
    return quality_too_low(quality) if quality < TRACKING_QUALITY.withheld else None


def _cycle_summary(reading: Reading, curve: FloatArray, beat: Beat) -> Shortening:
    """Summary of one round of the gated cycle, from ED on."""
    times_s, t = reading.facts.times_s, reading.facts.frames
    cycle_s = cycle_length_s(times_s, reading.facts.heart_rate_per_min)
    since = np.roll((times_s - times_s[beat.ed]) % cycle_s, -beat.ed)
    return shortening(np.roll(curve, -beat.ed), since, Beat(0, (beat.es - beat.ed) % t), t - 1)


DEPTH = 0.5
MIN_SLICES = 3


@dataclass(frozen=True, eq=False)
class StackStrain:
    """Strain of the slices together, weighted by their length; Lagrangian, since ED.

    Attributes:
        circumferential_percent: (t,) of mid-wall; NaN where a slice lacks a contour.
        radial_percent: (t,) of the wall's thickness, from contours alone.
        slices: numbers of those that count at ED and ES.
        regions: strain by segment, or None where motion was not looked at.
        followed: whether circumferential strain rests on motion as well as on contours.

    """

    circumferential_percent: FloatArray
    radial_percent: FloatArray
    slices: tuple[int, ...]
    regions: ShortAxisRegions | None = None
    followed: bool = False


def short_axis_regions(reading: Reading) -> ShortAxisRegions | None:
    """Strain by segment, of a stack or a single loop, or None: `why_no_short_axis_strain` then gives the reason.

    Args:
        reading: of a recording of any kind.

    """
    if reading.kind.strain != "short-axis":
        return None
    if not reading.kind.stack:
        return loop_regions(reading) if why_no_loop_regions(reading) is None and reading.withheld is None else None
    strain = stack_strain(reading)
    return None if strain is None or why_no_stack_regions(reading) is not None else strain.regions


def why_no_short_axis_strain(reading: Reading) -> Message | None:
    """Reason why there is no strain by segment, or None where there is.

    Args:
        reading: of a stack or a short-axis loop.

    """
    if not reading.kind.stack:
        return reading.withheld or why_no_loop_regions(reading)
    return why_no_stack_regions(reading)


def stack_strain(reading: Reading) -> StackStrain | None:
    """Strain of a stack, or None where no beat is marked or fewer than 3 slices show a wall at ED and ES.

    Args:
        reading: of a recording of any kind.

    """
    if not reading.kind.stack or reading.events is None or not reading.events.beats:
        return None
    key = (*reading.slices, reading.events, reading.short_axis, reading.calibration, reading.strain)
    return compute_once(reading, "stack strain", key, lambda: _measured(reading))


def why_no_stack_regions(reading: Reading) -> Message | None:
    """Reason why a stack has no strain by segment, or None where it has.

    Args:
        reading: of the stack.

    """
    if reading.withheld is not None:
        return reading.withheld
    if not has_contour(reading, Structure.LV_EPI):
        return NO_WALL
    if reading.events is None or not reading.events.beats:
        return NO_BEAT
    strain = stack_strain(reading)
    if strain is None:
        return message("needs {slices} slices with both outlines at ED and ES", slices=MIN_SLICES)
    if strain.regions is None:
        return NOT_FOLLOWED
    return next(
        (slice_wall.points.contradiction for slice_wall in strain.regions.slices if slice_wall.points.contradiction),
        None,
    )


def _measured(reading: Reading) -> StackStrain | None:
    beat = (reading.events.beats if reading.events else ())[0]
    counted = stack_curves(reading).counted
    found, numbers = [], []
    for number in np.flatnonzero(counted[:, beat.ed] & counted[:, beat.es]):
        size = _sizes(reading.slices[number])
        if size is not None and np.isfinite(size[:, [beat.ed, beat.es]]).all():
            found.append(size)
            numbers.append(int(number))
    if len(found) < MIN_SLICES:
        return None
    sizes = np.stack(found)  # slices, (inner length, wall's area), phases
    inner, area = sizes[:, 0], sizes[:, 1]
    thickness = (np.sqrt(inner**2 + 4 * np.pi * area) - inner) / (2 * np.pi)
    first = thickness[:, beat.ed] * DEPTH
    within = (inner[:, beat.ed] * first + np.pi * first**2) / area[:, beat.ed]
    reach = (np.sqrt(inner**2 + 4 * np.pi * area * within[:, None]) - inner) / (2 * np.pi)
    middle = inner + 2 * np.pi * reach
    round_percent = 100 * (middle.sum(axis=0) / middle[:, beat.ed].sum() - 1)
    mean_thickness = (thickness * middle[:, [beat.ed]]).sum(axis=0)
    radial_percent = 100 * (mean_thickness / mean_thickness[beat.ed] - 1)
    regions = stack_regions(reading, np.array(numbers))
    followed = regions is not None and len(regions.slices) >= MIN_SLICES
    if regions is not None and followed:
        round_percent = regions.global_percent
    return StackStrain(frozen_array(round_percent), frozen_array(radial_percent), tuple(numbers), regions, followed)


def _sizes(reading: Reading) -> FloatArray | None:
    """(2, t) length of the endocardium and area between the outlines, square pixels as wide as high; or None."""
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return None
    out = np.full((2, len(endo)), np.nan)
    for frame, (inner, outer) in enumerate(zip(endo.contours, epi.contours, strict=True)):
        if inner is not None and outer is not None and outer.area_px2 > inner.area_px2 > 0:
            points = inner.scaled_mm(reading.aspect, 1.0)
            length = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1).sum()
            out[:, frame] = length, (outer.area_px2 - inner.area_px2) * reading.aspect
    return out


@dataclass(frozen=True, eq=False)
class ShortAxisView(WallStrain):
    """Strain of the segments of one level, and the points of one slice.

    `points_px` are those of the slice, NaN where it was not followed; segments are those of its level, in the order of
    `numbers`; the global curve is that of the whole slice or stack.

    Attributes:
        numbers: AHA segments, 1 to 16.
        points_of: (120,) which of `numbers` (from 0) each point belongs to.
        regions: all levels.

    """

    numbers: tuple[int, ...]
    points_of: NDArray[np.intp]
    regions: ShortAxisRegions

    @property
    def code(self) -> str:
        """Of the global value."""
        return "GCS"

    @property
    def of_point(self) -> NDArray[np.intp]:
        """(120,) which of the segments each point belongs to."""
        return self.points_of


def short_axis_view(reading: Reading, number: int = 0) -> ShortAxisView | None:
    """The level that slice `number` of a stack belongs to, or that of a short-axis loop; None without strain.

    Args:
        reading: of a stack or a short-axis loop.
        number: from 0.

    """
    regions = short_axis_regions(reading)
    if regions is None:
        return None
    times_s = reading.facts.times_s
    nearest = min(regions.slices, key=lambda slice_wall: abs(slice_wall.number - number))
    own = nearest if nearest.number == number else None
    numbers = NUMBERS[nearest.level]
    at = np.array(numbers) - 1
    nowhere = np.full((len(times_s), POINTS, 2), np.nan)
    percent, whole = regions.percent[:, at], regions.global_percent
    return ShortAxisView(
        time_s=times_s,
        points_px=own.points.points_px if own else nowhere,
        beats=regions.beats,
        last_frames=regions.last_frames,
        global_percent=whole,
        segments_percent=frozen_array(percent),
        global_rate_per_s=frozen_array(strain_rate_per_s(whole, times_s)),
        segments_rate_per_s=frozen_array(strain_rate_per_s(percent, times_s)),
        quality=frozen_array(np.nan_to_num(regions.quality[at])),
        excluded=tuple(place for place, segment in enumerate(at.tolist()) if segment in regions.excluded),
        compensated=False,
        global_drift_percent=None,
        segments_drift_percent=None,
        whole=regions.whole,
        segments=tuple(regions.summaries[segment] for segment in at.tolist()),
        names=tuple(NAMES[segment].capitalised() for segment in at.tolist()),
        view=None,
        method=BY_MOTION,
        why=None,
        numbers=numbers,
        points_of=own.parts.of_point if own else frozen_array(np.zeros(POINTS), np.intp),
        regions=regions,
    )
