"""Two clips shown in phase: ED with ED, ES with ES, and each beat stretched between its own events.

The phase of a clip counts beats: whole numbers are end-diastoles, the halves between them end-systoles, and time runs
evenly from each event to the next. Clips of different rates, lengths and frame times thus have one axis in common.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray, frozen_array

_HALF = 0.5  # phase of ES after its ED
_USUAL_DIASTOLE = 2.0  # systoles: of a clip whose diastole is not known otherwise
_LAST = 1e-9  # of a phase: sums of times must not fall just outside the clip


@dataclass(frozen=True, eq=False)
class PhaseClock:
    """The frames of a clip and its events, as far as they are marked.

    Attributes:
        times_s: (frames,) seconds, increasing.
        beats: in order of their ED; a single beat may have its ES first (the clip began in systole).
        closing_ed: frame of the ED after the last beat, or None where the clip does not show it.
        period_s: length of a gated cycle, whose last frame is followed by its first; None for a loop.
        beat_s: length of a beat by the header, or None.

    """

    times_s: FloatArray
    beats: tuple[Beat, ...] = ()
    closing_ed: int | None = None
    period_s: float | None = None
    beat_s: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_s", frozen_array(self.times_s))

    @property
    def loop_s(self) -> float:
        """Length of the clip, the last frame as long as the median one; of a gated cycle its period."""
        if self.period_s is not None:
            return self.period_s
        step_s = float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0
        return float(self.times_s[-1] - self.times_s[0]) + step_s

    @property
    def knots(self) -> tuple[tuple[float, float], ...]:
        """(phase, time in s) of every event, in order: ED of the first beat has phase 0."""
        times_s, found = self.times_s, []
        for number, beat in enumerate(self.beats):
            es = number + (_HALF if beat.ed < beat.es else -_HALF)
            found += [(float(number), float(times_s[beat.ed])), (es, float(times_s[beat.es]))]
        found.sort()
        if found and self.period_s is not None:
            phase, time_s = found[0]
            found.append((phase + 1, time_s + self.period_s))
        elif found and self.closing_ed is not None and times_s[self.closing_ed] > found[-1][1]:
            found.append((float(len(self.beats)), float(times_s[self.closing_ed])))
        return tuple(found)

    def length_s(self, *, systole: bool) -> float | None:
        """Mean time from ED to ES, or from ES to the next ED; None where no such interval is marked.

        Args:
            systole: from ED to ES; else from ES to the next ED.

        """
        spans = [
            (b[1] - a[1]) / (b[0] - a[0]) * _HALF for a, b in pairwise(self.knots) if (a[0] % 1 < _HALF / 2) == systole
        ]
        return float(np.mean(spans)) if spans else None


def linked_frames(shown: PhaseClock, other: PhaseClock) -> NDArray[np.intp]:
    """(frames of `shown`,) the frame of `other` (0-based) in the same phase of the heart beat: see `linked_times_s`.

    Args:
        shown: times and events of the clip on screen.
        other: of the clip whose frames are looked for.

    """
    return _nearest(other, linked_times_s(shown, other))


def linked_times_s(shown: PhaseClock, other: PhaseClock) -> FloatArray:
    """(frames of `shown`,) the time (s) of `other` in the same phase of the heart beat; it may lie between frames.

    A phase that the other clip does not show is looked for in its other beats, marked ones first; where none has it,
    the clip stays at the nearest frame. An interval open at the beginning or end of a clip gets the mean length of
    those in that clip, else by the header's rate, else the length it has in the other clip. Where one of the two
    has no events both run by time, in beats of the header's rates where both state one, the shorter one over and over.

    Args:
        shown: of the clip whose frames are counted.
        other: of the clip whose frames are given.

    """
    times_s = shown.times_s - shown.times_s[0]
    if len(other.times_s) == 1:
        return np.full(len(times_s), other.times_s[0])
    if not shown.knots or not other.knots:
        stretch = other.beat_s / shown.beat_s if shown.beat_s and other.beat_s else 1.0
        return np.asarray(other.times_s[0] + times_s * stretch % max(other.loop_s, 1e-9))
    first, second = _extended(shown, other), _extended(other, shown)
    phases = np.interp(shown.times_s, first[1], first[0])
    marked = (phases >= shown.knots[0][0] - _LAST) & (phases <= shown.knots[-1][0] + _LAST)
    low, high = np.interp(other.times_s[[0, -1]], second[1], second[0])
    if other.period_s is not None:
        high = low + 1 - 2 * _LAST
    found, inside = _within(phases, low, high)
    # What is marked here is shown where it is marked there, rather than where an open interval was extended to.
    known, sure = _within(phases, other.knots[0][0], other.knots[-1][0])
    beyond = np.abs(phases - found) > 1 - _LAST
    found = np.where(sure & (marked | beyond | ~inside), known, found)
    return np.asarray(np.interp(found, second[0], second[1]))


def _within(phases: FloatArray, low: float, high: float) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Phases moved by whole beats into low..high, by as few as possible, and whether that could be done.

    Where it cannot, the nearest end.
    """
    up, down = np.ceil(low - phases - _LAST), np.floor(high - phases + _LAST)
    fits = up <= down
    beats = np.where(fits, np.clip(0.0, up, down), np.where(phases + up - high < low - phases - down, up, down))
    return np.asarray(np.clip(phases + beats, low, high)), fits


def _extended(clock: PhaseClock, neighbour: PhaseClock) -> tuple[FloatArray, FloatArray]:
    """Phases and times (s) of a clip's events, and of as many beats before and after as the clip is long."""
    knots = list(clock.knots)
    systole_s = clock.length_s(systole=True) or neighbour.length_s(systole=True)
    diastole_s = clock.length_s(systole=False)
    if systole_s is None:
        systole_s = (diastole_s or 1.0) / _USUAL_DIASTOLE
    if diastole_s is None and clock.beat_s is not None and clock.beat_s > systole_s:
        diastole_s = clock.beat_s - systole_s
    if diastole_s is None:
        diastole_s = neighbour.length_s(systole=False) or _USUAL_DIASTOLE * systole_s
    while knots[0][1] > clock.times_s[0]:
        phase, time_s = knots[0]
        knots.insert(0, (phase - _HALF, time_s - (diastole_s if phase % 1 == 0 else systole_s)))
    end_s = clock.times_s[0] + clock.loop_s
    while knots[-1][1] < end_s:
        phase, time_s = knots[-1]
        knots.append((phase + _HALF, time_s + (systole_s if phase % 1 == 0 else diastole_s)))
    found = np.array(knots)
    return found[:, 0], found[:, 1]


def _nearest(clock: PhaseClock, at_s: FloatArray) -> NDArray[np.intp]:
    """The frame nearest to each time; the first again at the end of a gated cycle."""
    times_s, ends = clock.times_s, clock.times_s
    if clock.period_s is not None:
        ends = np.append(times_s, times_s[0] + clock.period_s)
        at_s = times_s[0] + (at_s - times_s[0] + _LAST) % clock.period_s
    middles = (ends[1:] + ends[:-1]) / 2
    return np.asarray(np.searchsorted(middles, at_s - 2 * _LAST, side="left") % len(times_s), np.intp)
