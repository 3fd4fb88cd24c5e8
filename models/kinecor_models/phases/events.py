"""The curve that TempReg-Net regresses (Kong 2016): its target, and ED and ES from it.

It falls from 1 at ED to 0 at ES as the cube of what is left of systole, and comes back as the cube root of what is over
of diastole.

The paper takes the frames themselves. Since the curve has the shape of Eq. 4, ours may also move by whole
frames to where that shape fits the curve best, so that noise of a single frame does not decide; a parabola through the
misfit of three neighbouring places gives the fraction of a frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

FloatArray = NDArray[np.float64]

SYSTOLE, DIASTOLE = 3.0, 1 / 3
"""Exponents delta and upsilon of Eq. 4."""


def label_curve(
    times_s: FloatArray, ed_s: Sequence[float] | FloatArray, es_s: Sequence[float] | FloatArray
) -> FloatArray:
    """The curve for any number of beats: Eq. 4 with each diastole measured by its own length, so that ED is a maximum.

    Args:
        times_s: (t,), any unit of time that the events share.
        ed_s: times of end-diastoles, in any order.
        es_s: times of end-systoles; there is one between two EDs.

    Returns:
        (t,) 0..1; NaN where a time has no event before or after it.

    """
    marks = sorted([(at, 1) for at in ed_s] + [(at, 0) for at in es_s])
    at = np.array([mark for mark, _ in marks])
    full = np.array([kind for _, kind in marks])
    times = np.asarray(times_s, np.float64)
    if len(at) < 2:
        return np.full(times.shape, np.nan)
    after = np.searchsorted(at, times, side="left")
    # A frame right at the first event is known.
    after = np.where((after == 0) & (times == at[0]), 1, after)
    known = (after > 0) & (after < len(at))
    after = np.clip(after, 1, len(at) - 1)
    share = (times - at[after - 1]) / (at[after] - at[after - 1])
    systole = (full[after - 1] == 1) & (full[after] == 0)
    diastole = (full[after - 1] == 0) & (full[after] == 1)
    out = np.full(times.shape, np.nan)
    out[systole] = (1 - np.clip(share[systole], 0, 1)) ** SYSTOLE
    out[diastole] = np.clip(share[diastole], 0, 1) ** DIASTOLE
    out[~known] = np.nan
    return out


LEAST_PROMINENCE = 0.35
"""A minimum must be this far below its surroundings, of a curve that runs from 0 to 1."""
SHORTEST_BEAT_S = 0.3
# How far, in frames, an event may move from the local extremum when the shape is fitted.
REACH = 2
Late = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PhaseEvents:
    """Events found on a curve.

    Attributes:
        ed, es: frames, from 0, in order.
        ed_at, es_at: the same to a part of a frame, within half a frame of them.

    """

    ed: tuple[int, ...]
    es: tuple[int, ...]
    ed_at: tuple[float, ...]
    es_at: tuple[float, ...]


def parabola_offset(before: float, middle: float, after: float) -> float:
    """Where, in -0.5..0.5 steps from the middle, a parabola through three values has its extremum; 0 on a line."""
    bend = before - 2 * middle + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend else 0.0


def extrema(curve: FloatArray, step_s: float) -> tuple[list[int], list[int]]:
    """Frames of local maxima (ED) and minima (ES) of a recording that is not one closed cycle.

    Args:
        curve: (t,) about 0..1.
        step_s: time from frame to frame.

    Returns:
        ED and ES frames, alternating in time; one at the first or last frame only where nothing speaks against it.

    """
    if len(curve) < 3:
        return [], []
    padded = np.concatenate(([curve.max()], curve, [curve.max()]))
    apart = max(1, round(SHORTEST_BEAT_S / step_s))
    minima = [int(at) for at in find_peaks(-padded, prominence=LEAST_PROMINENCE, distance=apart)[0] - 1]
    if not minima:
        return [], []
    # At either end the curve may fall on beyond what was recorded; it bounds a beat all the same.
    es = [frame for frame in minima if 0 < frame < len(curve) - 1]
    ed = [first + int(np.argmax(curve[first:second])) for first, second in pairwise(minima)]
    first, last = minima[0], minima[-1]
    start, end = int(np.argmax(curve[: first + 1])), last + int(np.argmax(curve[last:]))
    high = float(np.median([curve[frame] for frame in ed])) if ed else float(curve.max())
    if es and curve[start] - curve[first] > 0.6 * (high - curve[first]) and start > 0:
        ed.insert(0, start)
    if es and curve[end] - curve[last] > 0.6 * (high - curve[last]) and end < len(curve) - 1:
        ed.append(end)
    return ed, es


def _misfit(curve: FloatArray, ed: Sequence[float], es: Sequence[float], cycle: float | None) -> float:
    """Mean squared difference from Eq. 4; the events in frames, `cycle` the frames of a closed cycle."""
    if cycle is not None:
        ed, es = ([at + turn * cycle for turn in (-1, 0, 1) for at in some] for some in (ed, es))
    label = label_curve(np.arange(len(curve), dtype=np.float64), ed, es)
    known = np.isfinite(label)
    return float(np.mean((curve[known] - label[known]) ** 2)) if known.any() else np.inf


def _moved(
    curve: FloatArray, events: tuple[list[float], list[float]], kind: int, which: int, cycle: float | None, step: float
) -> list[float]:
    """Misfits with one event moved by -1, 0 and 1 times `step` frames; infinite where events would cross, or leave."""
    out = []
    for by in (-step, 0.0, step):
        moved = [list(some) for some in events]
        moved[kind][which] += by
        marks = sorted([(at, 0) for at in moved[0]] + [(at, 1) for at in moved[1]])
        if cycle is not None:
            marks.append((marks[0][0] + cycle, marks[0][1]))
        inside = cycle is not None or 0 <= moved[kind][which] <= len(curve) - 1
        turns = inside and all(a[1] != b[1] and b[0] - a[0] >= 1 for a, b in pairwise(marks))
        out.append(_misfit(curve, moved[0], moved[1], cycle) if turns else np.inf)
    return out


def fitted(
    curve: FloatArray, ed: Sequence[int], es: Sequence[int], cycle: float | None
) -> tuple[list[float], list[float]]:
    """ED and ES in fractions of frames, moved to where Eq. 4 fits the curve best.

    Args:
        curve: (t,).
        ed: where they were found first.
        es: likewise; no event moves farther than REACH frames, nor beyond what was recorded.
        cycle: frames of the cycle where the curve is closed, else None.

    """
    first = ([float(at) for at in ed], [float(at) for at in es])
    now = ([*first[0]], [*first[1]])
    for step in (1.0, 1.0, 1.0, 0.5, 0.25):
        for kind in (0, 1):
            for which in range(len(now[kind])):
                trial = _moved(curve, now, kind, which, cycle, step)
                best = int(np.argmin(trial)) - 1
                # A single event has no shape around it: nothing then fits better than anything else.
                if (
                    best
                    and np.isfinite(min(trial))
                    and abs(now[kind][which] + best * step - first[kind][which]) <= REACH
                ):
                    now[kind][which] += best * step
    for kind in (0, 1):
        for which in range(len(now[kind])):
            trial = _moved(curve, now, kind, which, cycle, 0.25)
            if np.isfinite(trial).all():
                now[kind][which] += 0.25 * parabola_offset(*trial)
    return now


def found_events(
    curve: FloatArray, step_s: float, *, closed: bool = False, fit: bool = True, late: Late = (0.0, 0.0)
) -> PhaseEvents:
    """ED and ES of every beat on the curve.

    Args:
        curve: (t,) about 1 at ED, 0 at ES.
        step_s: time from frame to frame.
        closed: the frames are one whole cycle, the last before the first: then there is exactly one ED and one ES.
        fit: move them to where Eq. 4 fits; else they are the local extrema themselves, as in the paper, and their
            parts of a frame come from a parabola through the curve.
        late: frames by which a fit finds ED and ES too late on this network's curves, by validation; subtracted.

    """
    curve = np.asarray(curve, np.float64)
    if closed:
        if np.ptp(curve) < LEAST_PROMINENCE:
            return PhaseEvents((), (), (), ())
        ed, es = [int(np.argmax(curve))], [int(np.argmin(curve))]
    else:
        ed, es = extrema(curve, step_s)
    if not ed and not es:
        return PhaseEvents((), (), (), ())
    cycle = float(len(curve)) if closed else None
    if fit:
        ed_at, es_at = ([at - by for at in some] for some, by in zip(fitted(curve, ed, es, cycle), late, strict=True))
        # A half is rounded up, not to the even number; a closed cycle has no end.
        last = len(curve) - 1
        ed, es = (
            [round_up % len(curve) if closed else min(max(round_up, 0), last) for round_up in map(_nearest, some)]
            for some in (ed_at, es_at)
        )
    else:
        ed_at, es_at = ([at + _offset(curve, at, closed) for at in some] for some in (ed, es))
    return PhaseEvents(tuple(ed), tuple(es), tuple(ed_at), tuple(es_at))


def _nearest(at: float) -> int:
    return int(np.floor(at + 0.5))


def _offset(curve: FloatArray, at: int, closed: bool) -> float:
    if not closed and not 0 < at < len(curve) - 1:
        return 0.0
    total = len(curve)
    return parabola_offset(curve[(at - 1) % total], curve[at], curve[(at + 1) % total])
