"""Strain of lengths through a loop, beat by beat: each from its own end-diastole, drift taken off."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kinecor.core.strain.strain import Shortening, drift_compensated, shortening, strain_percent
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.events import Beat

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
