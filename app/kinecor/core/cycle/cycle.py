"""The heart cycle: beats from a volume curve, and one smoothed cycle with its rates.

ED is the frame of the largest, ES that of the smallest cavity (ASE/EACVI 2015), found beat by beat.

Phases of a gated cine follow each other round and round, so the curve is fitted by a Fourier series of a few harmonics;
its derivative is exact, and noise of single phases does not pass for a rate.

End-systole is aortic valve closure where it is marked, else as the volume has it (Voigt et al. 2015, doi
10.1093/ehjci/jeu184). Volumes have their own: the smallest cavity.

The next ED: a rate that a file states may be wrong, and so may its frame times: a frame counts as the next end-diastole
only where the ventricle is about as full as at the end-diastole before, and fills no further.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle import filters
from kinecor.core.cycle.filters import prominent_peaks
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import Message, message, plural
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Origin, Structure

SYSTOLE_SHARE = (0.18, 0.65)
"""Share of a beat that systole can last, at rest and under stress (Weissler 1968; Bombardini 2008)."""
LACKING = 0.2
"""Share of the stroke volume that may be lacking at the next end-diastole: more is diastasis before the atrial kick."""
# The next end-diastole is sought this far around where a rate puts it, as a share of the beat.
_AROUND = 0.12
# Where a clip ends before that, the beat has no end-diastole to come back to.
_MIN_BEAT = 0.85
# Share of the stroke volume by which a maximum is left: less is flicker or the rest between two waves of filling.
_FALL = 0.15
_STILL_FILLING = 0.08
# Share of the stroke volume whose loss is the next systole.
_SYSTOLE = 0.5


def next_ed(volume: FloatArray, times_s: FloatArray, beat: Beat, expected_s: Iterable[float | None] = ()) -> int | None:
    """The frame of the end-diastole after `beat`, or None where the loop does not show it.

    Args:
        volume: (t,) of the cavity in any unit, NaN where unknown.
        times_s: (t,).
        beat: whose end-systole comes after its end-diastole.
        expected_s: lengths of the beat in seconds by what else is known, best first. The fullest frame about there is
            taken where it can be an end-diastole; else the curve alone decides, by the next time that it falls.

    """
    if not beat.ed < beat.es or np.isfinite(volume).sum() < 2:
        return None
    curve = smooth_curve(volume, times_s)
    stroke = float(curve[beat.ed] - curve[beat.es])
    if stroke <= 0:
        return None
    since_s = times_s - times_s[beat.ed]
    low, high = SYSTOLE_SHARE
    systole_s = float(since_s[beat.es])
    possible = (
        (np.arange(len(curve)) > beat.es)
        & (since_s >= max(SHORTEST_BEAT_S, systole_s / high))
        & (since_s <= systole_s / low)
        & (curve >= curve[beat.ed] - LACKING * stroke)
    )
    if not possible.any():
        return None
    first = int(np.flatnonzero(possible)[0])
    possible[_fall(curve, first, _SYSTOLE * stroke) :] = False
    for beat_s in expected_s:
        if beat_s is None or since_s[-1] < _MIN_BEAT * beat_s:
            continue
        near = np.flatnonzero(possible & (np.abs(since_s / beat_s - 1) <= _AROUND))
        if len(near):
            at = int(near[np.argmax(curve[near])])
            if curve[at : _fall(curve, at, _FALL * stroke)].max() <= curve[at] + _STILL_FILLING * stroke:
                return at
    until = _fall(curve, first, _FALL * stroke)
    if until == len(curve):
        return None
    at = first + int(curve[first:until].argmax())
    return at if possible[at] else None


def _fall(curve: FloatArray, first: int, by: float) -> int:
    """The frame at which the curve has fallen `by` from its highest since `first`; its length where it does not."""
    highest = np.maximum.accumulate(curve[first:])
    fallen = np.flatnonzero(highest - curve[first:] >= by)
    return first + int(fallen[0]) if len(fallen) else len(curve)


SHORTEST_SYSTOLE_S = 0.1
"""From ED to ES; ejection at 220 a minute lasts about as long (Weissler 1968)."""
WEAK = 0.35
"""Share of the other beats' stroke volume that a beat ejects at least."""


def false_beats(beats: Sequence[Beat], volume: FloatArray, times_s: FloatArray) -> tuple[Beat, ...]:
    """Those of several beats that are none: too short, with a systole that no heart has, or ejecting next to nothing.

    Args:
        beats: in order, more than one; of fewer nothing is said.
        volume: (t,) of the cavity in any unit, NaN where unknown.
        times_s: (t,).

    """
    if len(beats) < 2:
        return ()
    ejected = np.array([volume[beat.ed] - volume[beat.es] for beat in beats])
    low, high = SYSTOLE_SHARE
    out = []
    for number, beat in enumerate(beats):
        systole_s = float(times_s[beat.es] - times_s[beat.ed])
        length_s = float(times_s[beats[number + 1].ed] - times_s[beat.ed]) if number + 1 < len(beats) else np.inf
        share = systole_s / length_s if np.isfinite(length_s) else (low + high) / 2
        others = np.delete(ejected, number)
        usual = float(np.median(others[np.isfinite(others)])) if np.isfinite(others).any() else np.nan
        weak = ejected[number] < WEAK * usual
        if systole_s < SHORTEST_SYSTOLE_S or length_s < SHORTEST_BEAT_S or not low <= share <= high or weak:
            out.append(beat)
    return tuple(out)


# A ventricle does not eject again sooner than this (200 beats a minute).
SHORTEST_BEAT_S = 0.3
# Smoothing of the curve, as the standard deviation of a Gaussian: short against systole, long against flicker.
SMOOTHING_S = 0.02
# An ES must be this far below its surroundings, as a share of the curve's whole range.
MIN_PROMINENCE = 0.3
# An ED must come this close to the largest volume of the loop, as a share of the range: else the loop began later.
CLOSE_TO_EXTREME = 0.2
# Below this relative excursion there is no beat to be seen (a still image, a wrong structure).
MIN_EXCURSION = 0.08

# A volume that stands out by this share of EDV for less than this time, and comes or goes faster than blood can, is a
# contour's error: simulated hearts change by up to 9 EDV a second, children and ectopic beats by up to 13.
SPIKE_S, SPIKE_SHARE = 0.2, 0.25
FASTEST_PER_S, FASTER_THAN_USUAL = 14.0, 2.5


def spikes(volume: FloatArray, times_s: FloatArray) -> NDArray[np.bool_]:
    """(t,) frames at which the volume jumps up or down and back within a few frames, as no ventricle's does.

    Where atrium and ventricle merge for some frames, or a contour collapses.

    Args:
        volume: (t,) in any unit, NaN where unknown.
        times_s: (t,) of the frames.

    """
    good = np.isfinite(volume)
    none = np.zeros(len(volume), bool)
    if good.sum() < 5 or len(times_s) < 5:
        return none
    curve = np.interp(times_s, times_s[good], volume[good])
    full = float(np.percentile(curve, 90))
    step_s = float(np.median(np.diff(times_s)))
    if full <= 0:
        return none
    width = max(3, round(SPIKE_S / step_s) | 1)
    out = (
        np.maximum(curve - filters.cut_peaks(curve, width), filters.fill_dips(curve, width) - curve)
        > SPIKE_SHARE * full
    )
    speed = np.abs(np.diff(curve)) / np.diff(times_s) / full
    fast = speed > max(FASTEST_PER_S, FASTER_THAN_USUAL * float(np.percentile(speed, 80)))
    for frames in filters.runs(out):
        if not fast[max(frames[0] - 1, 0) : frames[-1] + 1].any():
            out[frames] = False
    return np.asarray(out)


def smooth_curve(volume: FloatArray, times_s: FloatArray) -> FloatArray:
    """The curve with gaps bridged, single outliers dropped, and flicker smoothed; needs two finite values or more.

    Args:
        volume: (t,) in any unit, NaN where unknown.
        times_s: (t,) of the frames.

    """
    good = np.isfinite(volume)
    bridged = np.interp(times_s, times_s[good], volume[good])
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    if len(volume) >= 5:
        bridged = filters.median_of_three(bridged)
    return filters.gaussian(bridged, SMOOTHING_S / step_s)


def _last_top(curve: FloatArray, tolerance: float) -> int:
    """Index of the last maximum that comes within `tolerance` of the highest: the ED next before an ES.

    A beat too weak to count then does not lend its ED to the beat after it.
    """
    high = np.concatenate(([-np.inf], curve, [-np.inf]))
    tops = np.flatnonzero((high[1:-1] > high[:-2]) & (high[1:-1] >= high[2:]))
    return int(tops[curve[tops] >= curve.max() - tolerance][-1])


def find_beats(
    volume: FloatArray, times_s: FloatArray, r_wave_s: tuple[float, ...] = (), *, less_full: bool = False
) -> CardiacEvents | None:
    """ED and ES of every beat that can be seen, or None where there is none.

    Args:
        volume: (frames,) in any unit, NaN where unknown.
        times_s: (frames,) seconds, increasing.
        r_wave_s: times of R waves, if recorded: ED is then the frame nearest to the R wave before an ES, where the
            ventricle is full there: R waves of a file whose frame times are wrong are elsewhere in the cycle.
        less_full: whether a first beat that begins less full than another counts, too; it is left out otherwise, since
            it may have begun before the loop.

    """
    volume = np.where(spikes(volume, times_s), np.nan, volume)
    if np.isfinite(volume).sum() < 2:
        return None
    curve = smooth_curve(volume, times_s)
    low, high = float(curve.min()), float(curve.max())
    if high <= 0 or (high - low) / high < MIN_EXCURSION:
        return None
    frames = len(curve)
    step_s = float(np.median(np.diff(times_s)))
    # Padding with the top of the range lets an ES at either end of the loop count as a minimum.
    padded = np.concatenate(([high], curve, [high]))
    apart = max(1, round(SHORTEST_BEAT_S / step_s))
    minima = [at - 1 for at in prominent_peaks(-padded, MIN_PROMINENCE * (high - low), apart)]
    # At the last frame the curve still falls: how far it would have fallen was not recorded.
    if len(minima) > 1 and minima[-1] == frames - 1:
        minima = minima[:-1]
    beats: list[Beat] = []
    for number, es in enumerate(minima):
        before = minima[number - 1] if number else 0
        ed = before + _last_top(curve[before : es + 1], CLOSE_TO_EXTREME * (high - low))
        anchors = [int(np.argmin(abs(times_s - r))) for r in r_wave_s if times_s[before] <= r < times_s[es]]
        if anchors and curve[ed] - curve[anchors[-1]] <= CLOSE_TO_EXTREME * (high - low):
            ed = anchors[-1]
        elif number == 0 and high - curve[ed] > CLOSE_TO_EXTREME * (high - low):
            # The loop may begin in systole, so that the ED of this beat was not recorded: a fuller beat does for it.
            recorded = _is_recorded(curve, times_s, ed, es)
            if len(minima) > 1 and not (recorded and less_full):
                continue
            ed = ed if recorded else es + int(np.argmax(curve[es:]))
        if ed != es:
            beats.append(Beat(ed, es))
    beats = [beat for i, beat in enumerate(beats) if i == 0 or beat.ed > beats[i - 1].es]
    return CardiacEvents(tuple(beats), Origin.MODEL) if beats else None


# A loop that begins in the middle of ejection falls at once, about half as fast again as ejection does in the mean;
# simulated hearts fall at below 1.2 times the mean from ED on (cycle.falling-at-the-beginning).
BEGINNING_S, FALLING_AT_ONCE = 0.07, 1.25
# What is ejected after a recorded end-diastole is at least this share of the range of the loop.
MIN_EJECTED = 0.35


def _is_recorded(curve: FloatArray, times_s: FloatArray, ed: int, es: int) -> bool:
    """Whether a loop shows the end-diastole before its first ES, rather than beginning in the middle of ejection.

    Args:
        curve: (t,) smoothed.
        times_s: (t,).
        ed: the fullest frame before ES.
        es: the first ES.

    """
    ejected = float(curve[ed] - curve[es])
    if ed == es or ejected < MIN_EJECTED * float(curve.max() - curve.min()):
        return False
    until = min(max(int(np.searchsorted(times_s, times_s[ed] + BEGINNING_S)), ed + 1), len(curve) - 1)
    mean = ejected / float(times_s[es] - times_s[ed])
    return float(curve[ed] - curve[until]) / float(times_s[until] - times_s[ed]) <= FALLING_AT_ONCE * mean


# Five hold the fast filling of a normal heart at rest; more follow the noise of 20 phases.
HARMONICS = 5
# Fewer phases than this bear no rate.
MIN_PHASES = 12
# Within this share of the stroke below the largest volume the curve counts as flat.
FLAT = 0.02
_DENSE = 400


@dataclass(frozen=True, slots=True)
class Rates:
    """Peak rates in ml/s (unit of the volume per second), both positive, and when they occur (s)."""

    ejection: float
    ejection_s: float
    filling: float
    filling_s: float


@dataclass(frozen=True, eq=False)
class PeriodicCurve:
    """A Fourier series: `coefficients` are the mean, then a cosine and a sine of each harmonic of `period_s`."""

    coefficients: FloatArray
    period_s: float

    def value(self, times_s: FloatArray) -> FloatArray:
        """The curve at these times, in the unit it was fitted in.

        Args:
            times_s: (n,), on any turn of the cycle.

        """
        return _basis(times_s, self.period_s, len(self.coefficients) // 2) @ self.coefficients

    def slope(self, times_s: FloatArray) -> FloatArray:
        """Its derivative, per second.

        Args:
            times_s: (n,), on any turn of the cycle.

        """
        out = np.zeros(len(times_s))
        for k in range(1, len(self.coefficients) // 2 + 1):
            turn = 2 * math.pi * k / self.period_s
            cosine, sine = self.coefficients[2 * k - 1 : 2 * k + 1]
            out += turn * (sine * np.cos(turn * times_s) - cosine * np.sin(turn * times_s))
        return out


def fit_periodic_curve(volume: FloatArray, times_s: FloatArray, cycle_s: float) -> PeriodicCurve | None:
    """The periodic curve through the finite values, or None where they are too few (`MIN_PHASES`).

    Args:
        volume: (phases,) in any unit, NaN where unknown.
        times_s: (phases,) of the phases.
        cycle_s: length of the cycle.

    """
    known = np.isfinite(volume)
    if known.sum() < MIN_PHASES:
        return None
    harmonics = min(HARMONICS, (int(known.sum()) - 1) // 3)
    basis = _basis(times_s[known], cycle_s, harmonics)
    found, *_ = np.linalg.lstsq(basis, volume[known], rcond=None)
    return PeriodicCurve(frozen_array(found), cycle_s)


def rates(curve: PeriodicCurve) -> Rates:
    """Largest rate of emptying between the curve's top and bottom, and of filling from there to the top.

    Args:
        curve: of a volume.

    """
    times = np.arange(_DENSE) * curve.period_s / _DENSE
    value, slope = curve.value(times), curve.slope(times)
    top = int(value.argmax())
    slope, value, times = np.roll(slope, -top), np.roll(value, -top), np.roll(times, -top)
    bottom = max(int(value.argmin()), 1)
    out, back = int(slope[:bottom].argmin()), bottom + int(slope[bottom:].argmax())
    return Rates(-float(slope[out]), float(times[out]), float(slope[back]), float(times[back]))


def cycle_events(volume: FloatArray, times_s: FloatArray, cycle_s: float) -> CardiacEvents | None:
    """ED at the largest and ES at the smallest volume of a gated cycle, or None where nothing beats.

    By the fitted curve where there are phases enough, else by the values as they are. Where the curve is flat on top,
    ED is the last phase there: the ventricle has filled and not yet begun to empty. Only phases with a value can be
    marked.

    Args:
        volume: (phases,) in any unit, NaN where unknown.
        times_s: (phases,) of the phases.
        cycle_s: length of the cycle.

    """
    known = np.flatnonzero(np.isfinite(volume))
    if len(known) < 2:
        return None
    curve = fit_periodic_curve(volume, times_s, cycle_s)
    seen = volume[known] if curve is None else curve.value(times_s[known])
    high, low = float(seen.max()), float(seen.min())
    # Flat in the fit and in what was measured: the fit swings past a sudden fall, as where the base leaves a slice.
    flat = (seen >= high - FLAT * (high - low)) & (volume[known] >= volume[known].max() - FLAT * (high - low))
    top = int(seen.argmax())
    while flat[(top + 1) % len(seen)] and high > low:
        top = (top + 1) % len(seen)
    ed, es = int(known[top]), int(known[seen.argmin()])
    if ed == es or high <= 0 or (high - low) / high < MIN_EXCURSION:
        return None
    return CardiacEvents((Beat(ed, es),), Origin.MODEL)


def _basis(times_s: FloatArray, cycle_s: float, harmonics: int) -> FloatArray:
    turns = 2 * math.pi / cycle_s * np.outer(times_s, np.arange(1, harmonics + 1))
    columns = [np.ones(len(times_s))]
    for k in range(harmonics):
        columns += [np.cos(turns[:, k]), np.sin(turns[:, k])]
    return np.stack(columns, axis=1)


NEAR_S = 0.03
"""An ES this near to the loop's end may be the last frame before the smallest cavity: less than flicker smooths."""


def end_warnings(reading: Reading) -> tuple[Message, ...]:
    """Warnings that ES is at the end or the beginning of the loop: the smallest cavity may not have been recorded.

    Phases of a gated cine go round: of those nothing is said.

    Args:
        reading: of the loop, with its beats.

    """
    beats = reading.events.beats if reading.events else ()
    if not beats or reading.withheld is not None or reading.kind.gated or Structure.LV_ENDO not in reading.tracks:
        return ()
    if reading.facts.stills:
        return ()
    times_s = np.asarray(reading.facts.times_s)
    out = []
    first, last = beats[0].es, beats[-1].es
    if times_s[first] - times_s[0] < NEAR_S:
        out.append(
            message(
                "The loop begins at ES (frame {frame}): the cavity may have been smaller before, so EF and GLS may be "
                "underestimated.",
                frame=first + 1,
            )
        )
    if times_s[-1] - times_s[last] < NEAR_S:
        out.append(
            message(
                "The loop ends at ES (frame {frame}): the cavity may become smaller after it, so EF and GLS may be "
                "underestimated.",
                frame=last + 1,
            )
        )
    return tuple(out)


FAR_S = 0.1
"""A mark so far (seconds) from ES is doubted: the cavity is smallest within some hundredths of a second of closure."""


def beat_of(beats: Sequence[Beat], frame: int) -> int | None:
    """Which beat (from 0) a valve closure at `frame` (0-based) belongs to; None where it is in none.

    It comes after the beat's ED and before the next one's. Of a single beat whose ES comes before its ED, it lies
    before that ED.

    Args:
        beats: of the loop, in order.
        frame: from 0.

    """
    if len(beats) == 1 and beats[0].es < beats[0].ed:
        return 0 if frame < beats[0].ed else None
    for number, (beat, following) in enumerate(zip_longest(beats, beats[1:])):
        if beat.ed < frame and (following is None or frame < following.ed):
            return number
    return None


def closure_by_beat(reading: Reading) -> dict[int, int]:
    """The frame of valve closure by beat, of the beats that have one.

    Args:
        reading: of the loop, with its beats.

    """
    beats = reading.events.beats if reading.events else ()
    placed = ((beat_of(beats, frame), frame) for frame in reading.valve_closures)
    return {number: frame for number, frame in placed if number is not None}


def strain_beats(reading: Reading) -> tuple[Beat, ...]:
    """ED and the end-systole that strain is measured at, beat by beat: valve closure where it is marked, else ES.

    Args:
        reading: of a loop or a stack, with its beats.

    """
    beats = reading.events.beats if reading.events else ()
    closed, counted = closure_by_beat(reading), counted_beats(reading)
    return tuple(replace(beat, es=closed.get(index, beat.es)) for index, beat in enumerate(beats) if beat in counted)


def with_closure(reading: Reading, frame: int) -> tuple[int, ...]:
    """The marks (frames, increasing) with the one of the beat around `frame` there.

    Marks outside all beats are left out.

    Args:
        reading: of the loop, with its beats.
        frame: from 0.

    Raises:
        KinecorError: there is no beat around that frame, or it is an ED.

    """
    beats = reading.events.beats if reading.events else ()
    number = beat_of(beats, frame)
    if number is None:
        raise KinecorError(
            message("Aortic valve closure is marked after the ED of a beat and before the next: mark ED and ES first.")
            if not beats
            else message(
                "Aortic valve closure is expected after a beat's ED and before the next; frame {frame} is not.",
                frame=frame + 1,
            )
        )
    return tuple(sorted({**closure_by_beat(reading), number: frame}.values()))


def closure_bounds(reading: Reading, number: int) -> tuple[int, int]:
    """The first and last frame that the mark of beat `number` can have.

    Args:
        reading: of the loop, with its beats.
        number: of the beat, from 0.

    """
    beats, last = reading.events.beats if reading.events else (), reading.facts.frames - 1
    beat = beats[number]
    if len(beats) == 1 and beat.es < beat.ed:
        return 0, beat.ed - 1
    return min(beat.ed + 1, last), beats[number + 1].ed - 1 if number + 1 < len(beats) else last


SHORTEST_MARKED_S = 0.25
"""From ED to ED of marks that a reader may set, in seconds: 240 beats a minute."""


def why_no_cycle(reading: Reading) -> Message | None:
    """Why the marks of a Reading cannot be those of a beating heart, as one sentence; None where they can.

    That ED and ES alternate is a rule of CardiacEvents itself.

    Args:
        reading: of a loop or a stack.

    """
    beats, facts = reading.events.beats if reading.events else (), reading.facts
    if facts.times_origin != "assumed":
        for beat, following in pairwise(beats):
            apart_s = float(facts.times_s[following.ed] - facts.times_s[beat.ed])
            if apart_s < SHORTEST_MARKED_S:
                return message(
                    "From ED at frame {first} to ED at frame {next} there would be {apart_ms:.0f} ms; a beat takes "
                    "{shortest_ms:.0f} ms or more.",
                    first=beat.ed + 1,
                    next=following.ed + 1,
                    apart_ms=1000 * apart_s,
                    shortest_ms=1000 * SHORTEST_MARKED_S,
                )
    for frame in reading.valve_closures if beats else ():
        if beat_of(beats, frame) is None:
            return message(
                "Aortic valve closure at frame {frame} would not lie between the ED of a beat and the next: move it or "
                "clear it first (Alt+V at its frame).",
                frame=frame + 1,
            )
    return None


def closure_warnings(reading: Reading) -> tuple[Message, ...]:
    """Warnings of marks that are ignored, or far from ES; one sentence each.

    Args:
        reading: of the loop.

    """
    placed = closure_by_beat(reading)
    lost = len(reading.valve_closures) - len(placed)
    out = []
    if lost:
        out.append(
            plural(
                "{count} mark of aortic valve closure outside all beats: ignored.",
                "{count} marks of aortic valve closure outside all beats: ignored.",
                lost,
            )
        )
    beats, times_s = reading.events.beats if reading.events else (), reading.facts.times_s
    for number, frame in placed.items():
        late_s = float(times_s[frame] - times_s[beats[number].es])
        if abs(late_s) > FAR_S and reading.facts.times_origin != "assumed":
            late_ms = 1000 * abs(late_s)
            out.append(
                message(
                    "Aortic valve closure is marked at frame {frame}, {late_ms:.0f} ms after ES: strain is measured "
                    "there; review one of the two.",
                    frame=frame + 1,
                    late_ms=late_ms,
                )
                if late_s > 0
                else message(
                    "Aortic valve closure is marked at frame {frame}, {early_ms:.0f} ms before ES: strain is measured "
                    "there; review one of the two.",
                    frame=frame + 1,
                    early_ms=late_ms,
                )
            )
    return tuple(out)
