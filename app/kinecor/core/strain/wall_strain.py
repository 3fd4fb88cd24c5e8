"""Longitudinal strain of an apical loop, derived from its Reading, and of the apical views of a study together.

Lagrangian strain e(t) = 100 (L(t) - L0) / L0, L0 at end-diastole, mid-wall unless chosen otherwise, signed, beat by
beat with drift compensation (Voigt et al. 2015, doi 10.1093/ehjci/jeu184). Six segments at equal shares of the wall's
length at end-diastole.

Global longitudinal strain at end-systole, averaged over the views, is the number to report; regional values and the
bull's-eye are exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle.cycle import closure_by_beat, strain_beats
from kinecor.core.outlines.cross_reference import to_right_side
from kinecor.core.outlines.wall_outline import POINTS
from kinecor.core.tracking.placed_points import with_placed
from kinecor.core.tracking.wall_points import WallPoints, wall_points
from kinecor.core.values.choices import ENDOCARDIUM, SEGMENTS
from kinecor.core.values.confidence import LOOP_CONTOURS, TRACKING_QUALITY
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import Message, joined_by, message
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.study import of_one_stage
from kinecor.core.values.track import ContourTrack, Motion, Structure
from kinecor.core.volumes.loop_volumes import closing_ed, refills
from kinecor.core.volumes.segments import SIDES, eighteen, names_of, seventeen, sixteen

VIEW_SEGMENTS = 6
"""Segments of an apical view, in order along the wall: basal, mid, apical of one side, then apical, mid, basal."""


def lengths(points_mm: FloatArray, parts: int = 1) -> FloatArray:
    """(t, parts) arc lengths of lines of points, divided at equal shares of the points.

    Args:
        points_mm: (t, n, 2); points evenly spaced at end-diastole, so that shares of points are shares of length.
        parts: into how many.

    Raises:
        ValueError: fewer intervals than parts.

    """
    steps = np.linalg.norm(np.diff(points_mm, axis=1), axis=2)
    if steps.shape[1] < parts:
        raise ValueError(f"{steps.shape[1] + 1} points cannot be divided into {parts} parts")
    # A step that a border runs through counts for both sides by its shares.
    edges = np.linspace(0, steps.shape[1], parts + 1)
    summed = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    at = np.stack([np.interp(edges, np.arange(summed.shape[1]), row) for row in summed])
    return np.diff(at, axis=1)


def strain_percent(length: FloatArray, ed: int) -> FloatArray:
    """Strain of lengths (t, ...) since frame `ed`, in percent.

    Args:
        length: in any unit.
        ed: frame, from 0.

    Raises:
        ValueError: a length at end-diastole is not above 0.

    """
    if not (length[ed] > 0).all():
        raise ValueError("a line of the wall has no length at end-diastole")
    return np.asarray(100 * (length / length[ed] - 1))


def strain_rate_per_s(strain: FloatArray, times_s: FloatArray) -> FloatArray:
    """Time derivative of strain in percent (t, ...), as 1/s, by central differences.

    Args:
        strain: in percent.
        times_s: (t,) of the frames.

    """
    return np.asarray(np.gradient(strain / 100, times_s, axis=0))


def drift_compensated(strain: FloatArray, times_s: FloatArray, first: int, last: int) -> tuple[FloatArray, FloatArray]:
    """Strain that returns to its start at the next end-diastole, and what was taken off, in percent at that frame.

    The error is spread linearly over the beat, and on at the same rate beyond it.

    Args:
        strain: (t, ...) percent.
        times_s: (t,).
        first: end-diastole.
        last: the next end-diastole.

    Raises:
        ValueError: `last` does not come after `first`.

    """
    if last <= first:
        raise ValueError(f"the next end-diastole must come after the first, got frames {first} and {last}")
    drift = strain[last] - strain[first]
    share = (times_s - times_s[first]) / (times_s[last] - times_s[first])
    return np.asarray(strain - np.multiply.outer(share, drift)), np.asarray(drift)


@dataclass(frozen=True, slots=True)
class Shortening:
    """What a strain curve says over one beat; strains in percent, times in seconds since end-diastole.

    Attributes:
        end_systolic: at end-systole.
        peak: the most negative, anywhere in the beat.
        peak_systolic: the most negative up to end-systole.
        post_systolic_index: 100 x (post-systolic peak - end-systolic) / peak, 0 where shortening ends with systole.
        time_to_peak_s: of `peak`; NaN where the beat's end-diastole was not recorded before it.

    Both are NaN where the recording ends too soon after end-systole.

    """

    end_systolic: float
    peak: float
    peak_systolic: float
    post_systolic_index: float
    time_to_peak_s: float


def shortening(strain: FloatArray, times_s: FloatArray, beat: Beat, end: int) -> Shortening:
    """Summary of one curve over a beat.

    Args:
        strain: (t,) percent, 0 at the beat's end-diastole.
        times_s: (t,).
        beat: its end-diastole and end-systole. Where a loop began in systole, end-diastole comes last and strain is
            counted from it backwards.
        end: last frame of the beat.

    Raises:
        ValueError: end-systole is not within the beat.

    """
    if beat.es < beat.ed < len(strain):
        return _begun_in_systole(strain, beat)
    if not beat.ed < beat.es <= end < len(strain):
        raise ValueError(f"end-systole {beat.es} must be between frames {beat.ed} and {end} of {len(strain)}")
    at = beat.ed + int(np.argmin(strain[beat.ed : end + 1]))
    peak, end_systolic = float(strain[at]), float(strain[beat.es])
    late = at > beat.es and peak < 0
    index = 100 * (peak - end_systolic) / peak if late else 0.0
    systolic = float(strain[beat.ed : beat.es + 1].min())
    return Shortening(end_systolic, peak, systolic, index, float(times_s[at] - times_s[beat.ed]))


def _begun_in_systole(strain: FloatArray, beat: Beat) -> Shortening:
    at = int(np.argmin(strain[: beat.ed + 1]))
    peak, end_systolic = float(strain[at]), float(strain[beat.es])
    index = 100 * (peak - end_systolic) / peak if at > beat.es and peak < 0 else 0.0
    return Shortening(end_systolic, peak, float(strain[: beat.es + 1].min()), index, float("nan"))


def mechanical_dispersion_ms(times_to_peak_s: FloatArray) -> float:
    """Standard deviation (n - 1) of segmental times to peak strain, in ms; needs two segments or more.

    Args:
        times_to_peak_s: (segments,).

    """
    if len(times_to_peak_s) < 2:
        raise ValueError(f"dispersion needs two segments or more, got {len(times_to_peak_s)}")
    return float(1000 * np.std(times_to_peak_s, ddof=1))


@dataclass(frozen=True, slots=True)
class Span:
    """A beat and the frames whose strain counts from its end-diastole.

    Attributes:
        beat: ED and ES.
        first, last: frames, both included; the first beat's go back to the loop's beginning, `last` is the frame of
            the next end-diastole or the loop's last.
        closed: whether `last` is an end-diastole, so that strain should be 0 again there.

    """

    beat: Beat
    first: int
    last: int
    closed: bool


def spans(beats: tuple[Beat, ...], frames: int, after: int | None) -> tuple[Span, ...]:
    """The frames of each beat.

    Args:
        beats: in order; the only one may have its ES before its ED.
        frames: of the loop.
        after: the end-diastole after the last beat, or None where the loop does not show it.

    """
    if after is not None and after <= beats[-1].es:  # a valve closure that a reader marked beyond it
        after = None
    found = [
        Span(beat, 0 if number == 0 else beat.ed, following.ed, True)
        for number, (beat, following) in enumerate(pairwise(beats))
    ]
    last, end = beats[-1], frames - 1 if after is None else after
    return (*found, Span(last, last.ed if found else 0, end, after is not None))


def cut_short(beat: Beat, last: int, times_s: FloatArray) -> bool:
    """Whether a recording ends too soon after ES to hold what comes after it: late peaks, and early filling.

    That is where it ends with the beat's `last` frame, within half the length of systole after ES. A peak found there
    is the end of the recording, and segments that would shorten on all seem to peak together.

    Args:
        beat: ED and ES.
        last: frame of the beat, from 0.
        times_s: (t,) of the frames.

    """
    systole_s = times_s[beat.es] - times_s[beat.ed]
    return last == len(times_s) - 1 and 0 <= times_s[last] - times_s[beat.es] < systole_s / 2


def by_beat(
    length: FloatArray, times_s: FloatArray, spans: tuple[Span, ...], *, compensate: bool
) -> tuple[FloatArray, FloatArray | None]:
    """Strain in percent (t, n) of lengths (t, n), and the drift per beat (n,) in percent, or None if unknown.

    Drift is what strain misses 0 by at the next end-diastole, the mean over beats. After the last known end-diastole
    strain counts from there, with the drift of the beats before.

    Args:
        length: (t, n).
        times_s: (t,).
        spans: as `spans` gives them.
        compensate: whether drift is taken off.

    """
    strain = np.full(length.shape, np.nan)
    drifts, rates = [], []
    for span in spans:
        if span.closed:
            _, drift = drift_compensated(strain_percent(length, span.beat.ed), times_s, span.beat.ed, span.last)
            drifts.append(drift)
            rates.append(drift / (times_s[span.last] - times_s[span.beat.ed]))
    usual = np.mean(rates, axis=0) if rates else np.zeros(length.shape[1])
    for number, span in enumerate(spans):
        own = rates[number] if span.closed else usual
        part = slice(span.first, span.last + 1)
        since = times_s[part] - times_s[span.beat.ed]
        here = strain_percent(length, span.beat.ed)[part]
        strain[part] = here - np.multiply.outer(since, own) if compensate else here
    if spans[-1].closed and spans[-1].last < len(times_s) - 1:
        ed = spans[-1].last
        here = strain_percent(length, ed)[ed:]
        strain[ed:] = here - np.multiply.outer(times_s[ed:] - times_s[ed], usual) if compensate else here
    return strain, (np.mean(drifts, axis=0) if drifts else None)


MAX_DRIFT_PERCENT = 5.0
"""Points by which strain may miss 0 at the next end-diastole and still be compensated."""
DRIFT_OF_PEAK = (3.0, 0.4)
"""Points, and share of the peak, beyond both of which it may not either."""


def drift_is_large(drift_percent: float, peak_percent: float) -> bool:
    """Whether strain misses 0 at the next end-diastole by more than tracking drifts: taking it off would be wrong.

    Args:
        drift_percent: strain at the next end-diastole.
        peak_percent: of the same curve.

    """
    points, share = DRIFT_OF_PEAK
    size = abs(drift_percent)
    return size > MAX_DRIFT_PERCENT or (size > points and size > share * abs(peak_percent))


def bridge_lengths(length: FloatArray, times_s: FloatArray) -> FloatArray:
    """(t, n) lengths with frames without a wall filled in from their neighbours.

    Args:
        length: NaN where a frame has no wall; each column has a finite value.
        times_s: (t,) of the frames.

    """
    out = length.copy()
    for column in out.T:
        good = np.isfinite(column)
        column[:] = np.interp(times_s, times_s[good], column[good])
    return out


def mean_shortening(curve: FloatArray, times_s: FloatArray, frames: tuple[Span, ...]) -> Shortening:
    """Summary of a (t,) curve, the mean over beats; what comes after ES over those not cut short, NaN where all are.

    Args:
        curve: strain in percent.
        times_s: (t,) of the frames.
        frames: of each beat.

    """
    each = [shortening(curve, times_s, span.beat, span.last) for span in frames]
    late = [
        shortening
        for shortening, span in zip(each, frames, strict=True)
        if not cut_short(span.beat, span.last, times_s)
    ]
    return Shortening(
        *(
            float(np.mean([getattr(shortening, name) for shortening in each]))
            for name in ("end_systolic", "peak", "peak_systolic")
        ),
        *(
            float(np.mean([getattr(shortening, name) for shortening in late])) if late else float("nan")
            for name in ("post_systolic_index", "time_to_peak_s")
        ),
    )


CONTRADICTS = 0.3
"""Beats whose rate differs from the header's by more than this share were found where there are none."""
MIN_SEGMENTS = 5
"""Least number of the six segments of a view that must be included and followed well for a global value."""

MAX_SEGMENT_RATIO = 3.0
"""By how many times segments of a view may differ from its median segment and still be drawn in colour.

In healthy hearts mean strain of the segments of a view is within a factor of two of one another, whatever the method;
what differs by more is an infarct or, far more often, tracking that failed. Segments are exploratory
(ASE/EACVI 2025): the table has their values.
"""

SEGMENT_OF_POINT = frozen_array(np.minimum(np.arange(POINTS) * SEGMENTS // POINTS, SEGMENTS - 1), np.intp)
"""(120,) which of the six segments each point belongs to."""

NO_WALL = message("the wall is not contoured: strain needs the LV endocardium and epicardium")
NO_BEAT = message("no ED and ES: mark them on the curve")
FROM_CONTOURS = message("contours alone")
BY_MOTION = message("contours and motion")


@dataclass(frozen=True, eq=False)
class WallStrain:
    """Strain of one loop.

    Curves are in percent, shortening negative; segments go from the side that an echo shows on the left over the apex
    to the other (`heart_orientation.to_right_side`): basal, mid, apical, apical, mid, basal.

    Attributes:
        time_s: (t,).
        points_px: (t, 120, 2) points of the wall, x, y; NaN where unknown. See SEGMENT_OF_POINT.
        beats: those measured, valve closure for ES where it is marked; `last_frames` is where each ends, both in the
            same order.
        last_frames: as said.
        global_percent: (t,) of the segments that count.
        segments_percent: (t, 6); NaN where points were not followed (contours alone), and on MR.
        global_rate_per_s: (t,) strain rate.
        segments_rate_per_s: (t, 6).
        quality: (6,) 0..1, how well each segment was followed.
        excluded: segments that a reader left out.
        compensated: whether drift was taken off; False where none is known or it is too large to be drift, too.
        global_drift_percent: by which strain missed 0 at the next end-diastole, or None where there is none.
        segments_drift_percent: (6,) likewise.
        whole: summary of the global curve, the mean over beats; what comes after ES over those not cut short, and NaN
            where all are (`beat_strain.cut_short`).
        segments: of each segment, None where it is not followed well enough.
        names: of the six segments.
        view: "A4C", "A2C", "A3C", or None where it is not known.
        method: how points were followed, for the table.
        why: reason why global strain is withheld; None where it is not.

    """

    time_s: FloatArray
    points_px: FloatArray
    beats: tuple[Beat, ...]
    last_frames: tuple[int, ...]
    global_percent: FloatArray
    segments_percent: FloatArray
    global_rate_per_s: FloatArray
    segments_rate_per_s: FloatArray
    quality: FloatArray
    excluded: tuple[int, ...]
    compensated: bool
    global_drift_percent: float | None
    segments_drift_percent: FloatArray | None
    whole: Shortening
    segments: tuple[Shortening | None, ...]
    names: tuple[Message, ...]
    view: str | None
    method: Message
    why: Message | None

    @property
    def code(self) -> str:
        """Of the global value."""
        return "GLS"

    @property
    def far_drifted(self) -> bool:
        """Whether drift is there that is too large to be compensated: see `drift_is_large`."""
        drift = self.global_drift_percent
        if drift is None or self.compensated:
            return False
        return drift_is_large(drift, float(np.nanmin(self.global_percent)))

    @property
    def of_point(self) -> NDArray[np.intp]:
        """(120,) which of the segments each point belongs to."""
        return SEGMENT_OF_POINT

    @property
    def implausible(self) -> tuple[int, ...]:
        """Segments (0 to 5) that do not go together with the others of the view: see `implausible_segments`."""
        values = [
            np.nan if summary is None or number in self.excluded else summary.end_systolic
            for number, summary in enumerate(self.segments)
        ]
        return implausible_segments(np.asarray(values))

    @property
    def regional(self) -> bool:
        """Whether segments were followed, and not only the whole wall's length."""
        return bool(np.isfinite(self.segments_percent).any())


IMPLAUSIBLE = message(
    "not in colour: it, or most of its level, does not go together with the others of its view (lengthens, or differs "
    "by more than {ratio:.0f} times)",
    ratio=MAX_SEGMENT_RATIO,
)


def implausible_segments(end_systolic_percent: FloatArray) -> tuple[int, ...]:
    """Segments whose strain does not go together with that of the others of a view.

    Those that lengthen where the median segment shortens, and those whose strain is more than MAX_SEGMENT_RATIO times,
    or less than that part of, the median of all.

    Args:
        end_systolic_percent: (n,) strain at end-systole, shortening negative; NaN where not available.

    Returns:
        their numbers, from 0; empty where fewer than three have a value, or the wall as a whole does not shorten.

    """
    known = end_systolic_percent[np.isfinite(end_systolic_percent)]
    if len(known) < 3:
        return ()
    median = float(np.median(known))
    if median >= 0:
        return ()
    ratio = end_systolic_percent / median  # below 0 where a segment lengthens
    apart = (ratio < 1 / MAX_SEGMENT_RATIO) | (ratio > MAX_SEGMENT_RATIO)
    return tuple(int(number) for number in np.flatnonzero(apart & np.isfinite(ratio)))


def wall_strain(reading: Reading) -> WallStrain | None:
    """Strain of a loop, or None: `why_no_strain` then gives the reason.

    Cached as long as none of its inputs changes.

    Args:
        reading: of a recording of any kind.

    """
    if why_no_strain(reading) is not None or reading.events is None:
        return None
    points = _points(reading)
    if points is None:
        return None
    key = (points, reading.events, reading.valve_closures, reading.strain, reading.view, reading.facts)
    return compute_once(reading, "wall strain", key, lambda: _measured(reading, points))


def why_no_strain(reading: Reading) -> Message | None:
    """Reason why a loop has no strain, or None where it has.

    Args:
        reading: of a recording of any kind.

    """
    if reading.withheld is not None:
        return reading.withheld
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if reading.kind.strain != "longitudinal" or endo is None or (epi is None and not reading.kind.endocardial_strain):
        return NO_WALL
    if not _beats(reading):
        return NO_BEAT
    if _points(reading) is None:
        return NO_WALL
    return None


def _beats(reading: Reading) -> tuple[Beat, ...]:
    return strain_beats(reading)


def strain_structures(reading: Reading) -> tuple[Structure, ...]:
    """The contours that longitudinal strain rests on: both sides of the wall, or the endocardium alone.

    Args:
        reading: of the loop.

    """
    if reading.kind.endocardial_strain and Structure.LV_EPI not in reading.tracks:
        return (Structure.LV_ENDO,)
    return Structure.LV_ENDO, Structure.LV_EPI


def strain_depth(reading: Reading) -> float:
    """In the wall, 0 endocardium to 1 epicardium: as the reader chose, but where only the endocardium is contoured.

    Args:
        reading: of the loop.

    """
    return reading.strain.depth if Structure.LV_EPI in strain_structures(reading) else ENDOCARDIUM


def _points(reading: Reading) -> WallPoints | None:
    endo, epi = reading.tracks[Structure.LV_ENDO], reading.tracks.get(Structure.LV_EPI)
    start, depth = _beats(reading)[0].ed, strain_depth(reading)
    key: tuple[ContourTrack | Motion | FloatArray | float | None, ...] = (endo, epi, reading.motion)
    view, aspect = reading.view.label if reading.view else None, reading.aspect
    plane = reading.facts.plane if reading.kind.oriented_by_plane else None

    axis = reading.time_axis

    def found() -> WallPoints | None:
        points = wall_points(endo, epi, reading.motion, axis, closed=False, aspect=aspect, depth=depth, start=start)
        if points is not None and plane is not None:
            points = _sided(points, to_right_side(plane, view) * (1.0, aspect))
        return points

    points, placed = (
        compute_once(
            reading, "wall points", (*key, axis.times_s, axis.period_s, plane, aspect, depth, start, view), found
        ),
        reading.placed_points,
    )
    if points is None or not points.followed or not placed:
        return points
    return compute_once(
        reading, "placed", (points, placed), lambda: with_placed(points, placed, reading.facts.times_s, depth)
    )


def _sided(wall: WallPoints, right: FloatArray) -> WallPoints:
    """The points in the order of an echo's view, left side first, whatever the orientation of an MR image."""
    chord = np.nanmean(wall.points_px[:, -1] - wall.points_px[:, 0], axis=0)
    if chord @ right >= 0:
        return wall
    return replace(wall, points_px=frozen_array(wall.points_px[:, ::-1]), quality=frozen_array(wall.quality[::-1]))


def _measured(reading: Reading, wall: WallPoints) -> WallStrain:
    chosen, times_s = reading.strain, reading.facts.times_s
    parts = lengths(wall.points_px * (1.0, reading.aspect), SEGMENTS)
    counted = [index for index in range(SEGMENTS) if index not in chosen.excluded]
    total = parts[:, counted or range(SEGMENTS)].sum(axis=1)
    beats = tuple(
        beat for beat in _beats(reading) if np.isfinite(total[[beat.ed, beat.es]]).all() and total[beat.ed] > 0
    )
    filled = bridge_lengths(np.column_stack([total, parts]), times_s)
    last = not beats or beats[-1] == _beats(reading)[-1]
    frames = spans(beats or _beats(reading), len(times_s), closing_ed(reading) if last else None)
    strain, drift = by_beat(filled, times_s, frames, compensate=False)
    far = drift is not None and drift_is_large(float(drift[0]), float(np.nanmin(strain[:, 0])))
    if chosen.compensate_drift and not far:
        strain, drift = by_beat(filled, times_s, frames, compensate=True)
    rate = strain_rate_per_s(strain, times_s)
    quality = np.array([wall.quality[index == SEGMENT_OF_POINT].mean() for index in range(SEGMENTS)])
    if wall.followed and reading.placed_points:
        # Where a reader placed a point, its segment is shown, and marked to be checked.
        seen = sorted(
            {
                int(SEGMENT_OF_POINT[placed_point.point])
                for placed_point in reading.placed_points
                if placed_point.frame != wall.start
            }
        )
        quality[seen] = np.maximum(quality[seen], TRACKING_QUALITY.withheld)
    regional = wall.followed and reading.kind.segmental_strain
    if not regional:
        strain[:, 1:], rate[:, 1:] = np.nan, np.nan
    return WallStrain(
        time_s=times_s,
        points_px=wall.points_px,
        beats=tuple(span.beat for span in frames),
        last_frames=tuple(span.last for span in frames),
        global_percent=frozen_array(strain[:, 0]),
        segments_percent=frozen_array(strain[:, 1:]),
        global_rate_per_s=frozen_array(rate[:, 0]),
        segments_rate_per_s=frozen_array(rate[:, 1:]),
        quality=frozen_array(quality),
        excluded=tuple(segment for segment in chosen.excluded if segment < SEGMENTS),
        compensated=chosen.compensate_drift and drift is not None and not far,
        global_drift_percent=None if drift is None else float(drift[0]),
        segments_drift_percent=None if drift is None or not regional else frozen_array(drift[1:]),
        whole=mean_shortening(strain[:, 0], times_s, frames),
        segments=tuple(
            mean_shortening(strain[:, 1 + index], times_s, frames)
            if regional and quality[index] >= TRACKING_QUALITY.withheld
            else None
            for index in range(SEGMENTS)
        ),
        names=names_of(reading.view.label if reading.view else None),
        view=reading.view.label if reading.view and reading.view.label in SIDES else None,
        method=BY_MOTION if wall.followed else FROM_CONTOURS,
        why=_why_not(reading, wall, quality, counted, beats),
    )


STILLS = message("strain follows the wall from ED to ES: these are two stills")


def _why_not(
    reading: Reading, wall: WallPoints, quality: FloatArray, counted: list[int], beats: tuple[Beat, ...]
) -> Message | None:
    """Reason why global strain is withheld, or None."""
    if reading.facts.stills:
        return STILLS
    if wall.contradiction is not None:
        return wall.contradiction
    if not beats:
        return message("no wall is contoured at ED or ES")
    frames = [frame for beat in beats for frame in (beat.ed, beat.es)]
    doubt = low_confidence(reading, frames)
    if doubt is not None:
        return doubt
    rate, gaps_s = reading.facts.heart_rate_per_min, np.diff(reading.facts.times_s[[beat.ed for beat in beats]])
    # Where the ventricle is full at each of these EDs, it is the header that is wrong.
    if rate and len(gaps_s) and abs(60 / float(gaps_s.mean()) / rate - 1) > CONTRADICTS and not refills(reading):
        return message(
            "beats are {apart_s:.2f} s apart, but {stated_rate} a minute: check ED and ES",
            apart_s=float(gaps_s.mean()),
            stated_rate=reading.facts.rate_words,
        )
    if reading.view is None or reading.view.label not in SIDES:
        return message("strain needs a known apical view: name it (A4C, A2C or A3C)")
    if len(counted) < MIN_SEGMENTS:
        left_out = SEGMENTS - len(counted)
        return message(
            "{left_out} of {segments} segments are left out; one at most may be", left_out=left_out, segments=SEGMENTS
        )
    if wall.followed:
        good = sum(quality[segment] >= TRACKING_QUALITY.withheld for segment in counted)
        if good < MIN_SEGMENTS:
            return message(
                "only {good} of {segments} segments could be followed well; {needed} are needed",
                good=int(good),
                segments=SEGMENTS,
                needed=MIN_SEGMENTS,
            )
    return None


def low_confidence(reading: Reading, frames: list[int]) -> Message | None:
    """Reason to withhold strain where the wall's contours have a low confidence in one of `frames`, else None.

    Args:
        reading: of the loop, with the tracks that strain rests on.
        frames: from 0.

    """
    sure = min(float(reading.tracks[structure].confidence[frames].min()) for structure in strain_structures(reading))
    if sure < LOOP_CONTOURS.withheld:
        return message(
            "low contour confidence of the wall at ED/ES ({confidence:.2f}): review the contours", confidence=sure
        )
    return None


def quality_too_low(quality: float) -> Message:
    """Reason to withhold strain of a segment whose points were not followed well enough.

    Args:
        quality: 0 to 1.

    """
    return message("tracking quality too low ({quality:.2f})", quality=quality)


@dataclass(frozen=True, eq=False)
class StudyStrain:
    """What the apical loops of a study say together.

    Attributes:
        view_percent: end-systolic GLS by view, in the order A4C, A2C, A3C; of several loops of a view their mean.
            Views whose strain is withheld are absent.
        average_percent: the mean over these views, or None where there is none.
        end_systolic_percent: (18,) by segment; NaN where no view shows it, it is left out, or not followed well.
        time_to_peak_ms: (18,) likewise.
        quality: (18,) 0..1, how well segments were followed, withheld ones too; NaN where no view followed them.
        implausible: segments (1 to 18) that do not go together with the others of their view, and all of a level where
            most do not.
        doubt: why the views do not go together, in words, or None.

    """

    view_percent: Mapping[str, float]
    average_percent: float | None
    end_systolic_percent: FloatArray
    time_to_peak_ms: FloatArray
    quality: FloatArray
    implausible: tuple[int, ...]
    doubt: Message | None

    @property
    def drawn_percent(self) -> FloatArray:
        """(18,) `end_systolic_percent` as a bull's-eye has it in colour: without the implausible segments."""
        drawn = self.end_systolic_percent.copy()
        drawn[[number - 1 for number in self.implausible]] = np.nan
        return drawn

    @property
    def hatched(self) -> tuple[int, ...]:
        """Segments (1 to 18) that a view followed and that a bull's-eye does not show in colour."""
        return tuple(sorted({*self.withheld, *self.implausible}))

    @property
    def withheld(self) -> tuple[int, ...]:
        """Segments (1 to 18) that a view followed but that have no value: followed badly, or left out."""
        gone = np.isfinite(self.quality) & ~np.isfinite(self.end_systolic_percent)
        return tuple(int(index) + 1 for index in np.flatnonzero(gone))

    @property
    def missing(self) -> tuple[str, ...]:
        """Views that the average goes without."""
        return tuple(view for view in SIDES if view not in self.view_percent)


Judge = Callable[[Reading, "WallStrain"], "WallStrain"]
"""Strain of a loop as the checks leave it, from strain as computed."""


def as_computed(_: Reading, strain: WallStrain) -> WallStrain:
    """The same.

    Args:
        strain: of the loop.

    """
    return strain


def study_strain(readings: Iterable[Reading], judge: Judge = as_computed) -> StudyStrain:
    """Strain of the loops of one study, in any order; others than apical loops are passed over.

    Of a stress study the loops of its first stage alone: stages are not averaged.

    Args:
        readings: of the loops.
        judge: withholds strain that the checks stop.

    """
    loops = of_one_stage(
        reading for reading in readings if (strain := wall_strain(reading)) is not None and strain.view
    )
    judged = [(reading, judge(reading, strain)) for reading in loops if (strain := wall_strain(reading)) is not None]
    good = [(reading, strain) for reading, strain in judged if strain.why is None]
    by_view = {
        view: float(np.mean([strain.whole.end_systolic for _, strain in good if strain.view == view]))
        for view in SIDES
        if any(strain.view == view for _, strain in good)
    }
    how = {(strain_depth(reading), strain.compensated, strain.method) for reading, strain in good}
    closed = {bool(closure_by_beat(reading)) for reading, _ in good}
    doubts = []
    if len(how) > 1:
        doubts.append(message("the views differ in depth, drift compensation or method"))
    if len(closed) > 1:
        doubts.append(message("end-systole is a marked valve closure in some views and the smallest cavity in others"))
    return StudyStrain(
        view_percent=by_view,
        average_percent=float(np.mean(list(by_view.values()))) if by_view else None,
        end_systolic_percent=eighteen((str(strain.view), _segments(strain, "end_systolic")) for _, strain in judged),
        time_to_peak_ms=1000
        * eighteen((str(strain.view), _segments(strain, "time_to_peak_s")) for _, strain in judged),
        quality=eighteen((str(strain.view), strain.quality) for _, strain in judged if strain.regional),
        implausible=_numbers(judged),
        doubt=joined_by("; ", doubts) or None,
    )


def _numbers(strains: Iterable[tuple[Reading, "WallStrain"]]) -> tuple[int, ...]:
    """Numbers of 18 of the implausible segments of the views, and of all at a level where most are.

    One segment in colour next to others of its level that are left out would read as the only one that moves less.
    """
    found = list(strains)
    marked = eighteen(
        (str(strain.view), np.isin(np.arange(SEGMENTS), strain.implausible).astype(float)) for _, strain in found
    )
    known = np.isfinite(eighteen((str(strain.view), _segments(strain, "end_systolic")) for _, strain in found))
    implausible = (marked > 0) & known
    for level in np.arange(len(known)).reshape(_LEVELS, -1):
        if 2 * implausible[level].sum() > known[level].sum():
            implausible[level] = known[level]
    return tuple(int(number) + 1 for number in np.flatnonzero(implausible))


_LEVELS = 3
"""Basal, mid and apical segments, six each."""


def in_model(values: FloatArray, of: int) -> FloatArray:
    """(of,) values of a bull's-eye of 18, 17 or 16 segments from those of 18.

    Args:
        values: (18,).
        of: 16, 17 or 18.

    """
    return values if of == 18 else seventeen(values) if of == 17 else sixteen(values)


def _segments(strain: WallStrain, what: str) -> FloatArray:
    return np.array(
        [
            np.nan if segment is None or number in strain.excluded else getattr(segment, what)
            for number, segment in enumerate(strain.segments)
        ]
    )
