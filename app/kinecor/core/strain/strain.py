"""Lagrangian strain of lengths and of points of the wall, beat by beat, with drift compensation.

Lagrangian strain e(t) = 100 (L(t) - L0) / L0, L0 at end-diastole, signed (Voigt et al. 2015, doi
10.1093/ehjci/jeu184). Global longitudinal strain at end-systole is the number to report; regional values are shown as
exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray

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

    Raises:
        ValueError: a length at end-diastole is not above 0.

    """
    if not (length[ed] > 0).all():
        raise ValueError("a line of the wall has no length at end-diastole")
    return np.asarray(100 * (length / length[ed] - 1))


def strain_rate_per_s(strain: FloatArray, times_s: FloatArray) -> FloatArray:
    """Time derivative of strain in percent (t, ...), as 1/s, by central differences."""
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
    """Standard deviation (n - 1) of segmental times to peak strain, in ms; needs two segments or more."""
    if len(times_to_peak_s) < 2:
        raise ValueError(f"dispersion needs two segments or more, got {len(times_to_peak_s)}")
    return float(1000 * np.std(times_to_peak_s, ddof=1))


# The next end-diastole is sought this far around where the heart rate puts it, as a share of the beat.
_AROUND = 0.12
# Where a clip ends before that, the beat has no end-diastole to come back to.
_LEAST_BEAT = 0.85


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


def spans(
    beats: tuple[Beat, ...], length: FloatArray, times_s: FloatArray, heart_rate_per_min: float | None
) -> tuple[Span, ...]:
    """The frames of each beat.

    Where no beat follows, the end-diastole after the last one is the longest wall about where the heart rate puts it:
    the rate of the other beats, else the header's.

    Args:
        beats: in order; the only one may have its ES before its ED.
        length: (t,) of the whole wall, any unit.
        times_s: (t,).
        heart_rate_per_min: of the header, or None.

    """
    eds = [beat.ed for beat in beats]
    found = [
        Span(beat, 0 if number == 0 else beat.ed, following, True)
        for number, (beat, following) in enumerate(zip(beats, eds[1:], strict=False))
    ]
    gaps_s = [float(times_s[b] - times_s[a]) for a, b in pairwise(eds)]
    beat_s = float(np.median(gaps_s)) if gaps_s else 60 / heart_rate_per_min if heart_rate_per_min else None
    last, after = beats[-1], None
    if beat_s is not None and last.ed < last.es:
        after = _next_ed(last, length, times_s, beat_s)
    end = len(times_s) - 1 if after is None else after
    return (*found, Span(last, last.ed if found else 0, end, after is not None))


def _next_ed(beat: Beat, length: FloatArray, times_s: FloatArray, beat_s: float) -> int | None:
    since = (times_s - times_s[beat.ed]) / beat_s
    near = np.flatnonzero((np.abs(since - 1) <= _AROUND) & (np.arange(len(since)) > beat.es))
    if not len(near) or since[-1] < _LEAST_BEAT:
        return None
    return int(near[np.argmax(length[near])])


def cut_short(beat: Beat, last: int, times_s: FloatArray) -> bool:
    """Whether a recording ends too soon after ES to hold what comes after it: late peaks, and early filling.

    That is where it ends with the beat's `last` frame, within half the length of systole after ES. A peak found there
    is the end of the recording, and segments that would shorten on all seem to peak together.
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


def bridged(length: FloatArray, times_s: FloatArray) -> FloatArray:
    """(t, n) lengths with frames without a wall filled in from their neighbours."""
    out = length.copy()
    for column in out.T:
        good = np.isfinite(column)
        column[:] = np.interp(times_s, times_s[good], column[good])
    return out


def mean_shortening(curve: FloatArray, times_s: FloatArray, frames: tuple[Span, ...]) -> Shortening:
    """Summary of a (t,) curve, the mean over beats; what comes after ES over those not cut short, NaN where all are."""
    each = [shortening(curve, times_s, span.beat, span.last) for span in frames]
    late = [one for one, span in zip(each, frames, strict=True) if not cut_short(span.beat, span.last, times_s)]
    return Shortening(
        *(float(np.mean([getattr(one, name) for one in each])) for name in ("end_systolic", "peak", "peak_systolic")),
        *(
            float(np.mean([getattr(one, name) for one in late])) if late else float("nan")
            for name in ("post_systolic_index", "time_to_peak_s")
        ),
    )
