"""What makes a beat one: the end-diastole after it, where the ventricle has filled again, and beats that are none.

A rate that a file states may be wrong, and so may its frame times: a frame counts as the next end-diastole only where
the ventricle is about as full as at the end-diastole before, and fills no further.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from kinecor.core.cycle.cycle import SHORTEST_BEAT_S, smoothed
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray

SYSTOLE_SHARE = (0.18, 0.65)
"""Share of a beat that systole can last, at rest and under stress (Weissler 1968; Bombardini 2008)."""
LACKING = 0.2
"""Share of the stroke volume that may be lacking at the next end-diastole: more is diastasis before the atrial kick."""
# The next end-diastole is sought this far around where a rate puts it, as a share of the beat.
_AROUND = 0.12
# Where a clip ends before that, the beat has no end-diastole to come back to.
_LEAST_BEAT = 0.85
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
    curve = smoothed(volume, times_s)
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
        if beat_s is None or since_s[-1] < _LEAST_BEAT * beat_s:
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
