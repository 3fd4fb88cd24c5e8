"""When the heart contracts: beats, valve events, and the contraction as a function of time.

Contraction is a number: 0 at the fullest the ventricle gets, 1 at the emptiest of a regular beat. It rests during the
isovolumic phases, rises through ejection, falls during rapid filling, nearly rests in diastasis and falls to the end
with the atrial kick. Duration of the phases by heart rate: Weissler et al., Circulation 37:149-159, 1968.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

RATES_PER_MIN = (30.0, 220.0)
LEVELS = {"full": (-0.2, 0.6), "empty": (0.3, 1.3), "kick": (0.0, 0.6)}
"""Ranges of what a beat's levels can be."""


def ejection_s(rate_per_min: float) -> float:
    """Left ventricular ejection time in seconds at a heart rate: 413 - 1.7 x rate ms (Weissler 1968, men)."""
    return max((413 - 1.7 * rate_per_min) / 1000, 0.09)


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat, from mitral valve closure to the next.

    Attributes:
        start_s: mitral valve closure, which is end-diastole.
        aortic_open_s, aortic_close_s, mitral_open_s: valve events; aortic valve closure is end-systole.
        kick_s: when the atrium begins to contract.
        end_s: the next beat's start.
        full: contraction at the start; 0 unless the beat comes before filling was done.
        empty: contraction at end-systole; 1 for a regular beat.
        kick: share of filling that the atrium does, 0..0.6; 0 in atrial fibrillation.

    Raises:
        ValueError: the events are not in order, or a level is out of LEVELS.

    """

    start_s: float
    aortic_open_s: float
    aortic_close_s: float
    mitral_open_s: float
    kick_s: float
    end_s: float
    full: float = 0.0
    empty: float = 1.0
    kick: float = 0.25

    def __post_init__(self) -> None:
        times = (
            self.start_s,
            self.aortic_open_s,
            self.aortic_close_s,
            self.mitral_open_s,
            self.kick_s,
            self.end_s,
        )
        if not all(later > earlier for earlier, later in pairwise(times)):
            raise ValueError(f"a beat's events must follow each other in time, got {times}")
        for name, (low, high) in LEVELS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"a beat's {name} must be {low:g} to {high:g}, got {getattr(self, name):g}")


def _early(u: FloatArray) -> FloatArray:
    """0 to 1 with its steepest slope at a third, as flow out of and into a ventricle has it."""
    u = np.clip(u, 0, 1)
    return u * u * (6 - 8 * u + 3 * u * u)


def _smooth(u: FloatArray) -> FloatArray:
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Beats in a row, each beginning when the one before it ends; times outside repeat the first and last beat.

    Raises:
        ValueError: there is no beat, or one does not begin where the last ended.

    """

    beats: tuple[Beat, ...]

    def __post_init__(self) -> None:
        if not self.beats:
            raise ValueError("a rhythm needs at least one beat")
        for beat, following in pairwise(self.beats):
            if abs(beat.end_s - following.start_s) > 1e-9:
                raise ValueError(f"a beat ends at {beat.end_s} s and the next starts at {following.start_s} s")

    @property
    def duration_s(self) -> float:
        """From the first beat's start to the last one's end."""
        return self.beats[-1].end_s - self.beats[0].start_s

    @property
    def rate_per_min(self) -> float:
        """Mean heart rate."""
        return 60 * len(self.beats) / self.duration_s

    def events_around(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Times of all ED and of all ES in seconds, with those of one repeated beat before and after."""
        first, last = self.beats[0], self.beats[-1]
        before, after = first.end_s - first.start_s, last.end_s - last.start_s
        starts = [beat.start_s for beat in self.beats]
        closes = [beat.aortic_close_s for beat in self.beats]
        return (
            (starts[0] - before, *starts, last.end_s, last.end_s + after),
            (closes[0] - before, *closes, closes[-1] + after),
        )

    def phase(self, time_s: float) -> float:
        """Share of the beat that is over at a time, 0..1; 0 is end-diastole, near the R wave."""
        first, last = self.beats[0], self.beats[-1]
        if time_s < first.start_s:
            return float((time_s - first.start_s) / (first.end_s - first.start_s)) % 1.0
        for beat in self.beats:
            if time_s < beat.end_s:
                return (time_s - beat.start_s) / (beat.end_s - beat.start_s)
        return float((time_s - last.start_s) / (last.end_s - last.start_s)) % 1.0

    def contraction(self, times_s: ArrayLike) -> FloatArray:
        """How far the ventricle has contracted at each time: 0 full, 1 empty."""
        return self._each(times_s, self._contraction)

    def flash(self, times_s: ArrayLike) -> FloatArray:
        """0..1, a short wave with its peak where the aortic valve opens: muscle that contracts before the rest does."""
        return self._each(times_s, self._flash)

    def mitral_opening(self, times_s: ArrayLike) -> FloatArray:
        """How far the mitral leaflets are open, 0..1: wide in rapid filling and at the kick, half shut between."""
        return self._each(times_s, self._mitral)

    def aortic_opening(self, times_s: ArrayLike) -> FloatArray:
        """How far the aortic cusps are open, 0..1."""
        return self._each(times_s, self._aortic)

    def _each(self, times_s: ArrayLike, of: Callable[[Beat, FloatArray, FloatArray], FloatArray]) -> FloatArray:
        times = np.asarray(times_s, np.float64)
        starts = np.array([beat.start_s for beat in self.beats])
        which = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
        repeats = (times < starts[0]) | (times >= self.beats[-1].end_s)
        found = np.zeros_like(times)
        for i, beat in enumerate(self.beats):
            here = which == i
            if here.any():
                again = repeats[here]
                turned = beat.start_s + np.mod(times[here] - beat.start_s, beat.end_s - beat.start_s)
                # Repeats of an edge beat meet themselves.
                following = np.where(again, beat.full, self.beats[min(i + 1, len(self.beats) - 1)].full)
                found[here] = of(beat, following, np.where(again, turned, times[here]))
        return found

    @staticmethod
    def _contraction(beat: Beat, following: FloatArray, times: FloatArray) -> FloatArray:
        eject = _early((times - beat.aortic_open_s) / (beat.aortic_close_s - beat.aortic_open_s))
        rapid_s = min(0.22, 0.7 * (beat.kick_s - beat.mitral_open_s))
        rapid = _early((times - beat.mitral_open_s) / rapid_s)
        # Without a kick, filling creeps on to the end.
        slow_until_s = beat.kick_s if beat.kick > 0 else beat.end_s
        slow = _smooth((times - beat.mitral_open_s) / (slow_until_s - beat.mitral_open_s))
        kick = _smooth((times - beat.kick_s) / (beat.end_s - beat.kick_s))
        filled = (1 - beat.kick) * (0.92 * rapid + 0.08 * slow) + beat.kick * kick
        return beat.full + (beat.empty - beat.full) * eject + (following - beat.empty) * filled

    @staticmethod
    def _flash(beat: Beat, _: FloatArray, times: FloatArray) -> FloatArray:
        rise = _smooth((times - beat.start_s) / (beat.aortic_open_s - beat.start_s))
        ejecting_s = beat.aortic_close_s - beat.aortic_open_s
        return rise * (1 - _smooth((times - beat.aortic_open_s) / (0.4 * ejecting_s)))

    @staticmethod
    def _mitral(beat: Beat, _: FloatArray, times: FloatArray) -> FloatArray:
        rapid_s = min(0.22, 0.7 * (beat.kick_s - beat.mitral_open_s))
        opening = _smooth((times - beat.mitral_open_s) / (0.35 * rapid_s))
        closing = 0.6 * _smooth((times - beat.mitral_open_s - 0.5 * rapid_s) / rapid_s)
        again = (0.5 if beat.kick > 0 else 0.0) * _smooth((times - beat.kick_s) / (0.5 * (beat.end_s - beat.kick_s)))
        shut = _smooth((times - beat.end_s + 0.06) / 0.06)
        return np.clip(opening - closing + again, 0, 1) * (1 - shut)

    @staticmethod
    def _aortic(beat: Beat, _: FloatArray, times: FloatArray) -> FloatArray:
        opening = _smooth((times - beat.aortic_open_s) / 0.03)
        return opening * (1 - _smooth((times - beat.aortic_close_s + 0.03) / 0.03))


def beat_at(start_s: float, interval_s: float, **levels: float) -> Beat:
    """A beat of a given length with its phases as a heart of that rate has them.

    Args:
        start_s: mitral valve closure.
        interval_s: to the next mitral valve closure; 60 / 220 .. 2 s.
        levels: full, empty, kick of Beat.

    Raises:
        ValueError: the interval is out of range.

    """
    low, high = 60 / RATES_PER_MIN[1], 60 / RATES_PER_MIN[0]
    if not low - 1e-9 <= interval_s <= high + 1e-9:
        raise ValueError(f"a beat must last {low:.2f} to {high:.2f} s, got {interval_s:.3f}")
    rate = 60 / interval_s
    short = min(interval_s / 0.8, 1.0)
    opens = start_s + 0.05 * short
    closes = opens + min(ejection_s(rate), 0.45 * interval_s)
    mitral = closes + 0.08 * short
    left = start_s + interval_s - mitral
    return Beat(
        start_s, opens, closes, mitral, mitral + max(left - 0.16 * short, 0.55 * left), start_s + interval_s, **levels
    )


def _run(intervals_s: Sequence[float], levels: Sequence[dict[str, float]], start_s: float) -> Rhythm:
    beats: list[Beat] = []
    for interval_s, level in zip(intervals_s, levels, strict=True):
        beats.append(beat_at(beats[-1].end_s if beats else start_s, interval_s, **level))
    return Rhythm(tuple(beats))


def _checked(rate_per_min: float, beats: int) -> None:
    if not RATES_PER_MIN[0] <= rate_per_min <= RATES_PER_MIN[1]:
        raise ValueError(
            f"heart rate must be {RATES_PER_MIN[0]:.0f} to {RATES_PER_MIN[1]:.0f} per minute, got {rate_per_min:g}"
        )
    if not 1 <= beats <= 60:
        raise ValueError(f"a rhythm has 1 to 60 beats, got {beats}")


def _bounded(interval_s: float) -> float:
    return float(np.clip(interval_s, 60 / RATES_PER_MIN[1], 60 / RATES_PER_MIN[0]))


def sinus_rhythm(rate_per_min: float, beats: int, rng: Generator | None = None, start_s: float = 0.0) -> Rhythm:
    """Regular beats; with `rng`, intervals vary by 3 % and depth of contraction by 2 %."""
    _checked(rate_per_min, beats)
    mean_s = 60 / rate_per_min
    if rng is None:
        return _run([mean_s] * beats, [{}] * beats, start_s)
    # Beat by beat, so that the first ones do not depend on how many there are.
    drawn = [rng.standard_normal(2).tolist() for _ in range(beats)]
    intervals = [_bounded(mean_s * (1 + 0.03 * deviation)) for deviation, _ in drawn]
    return _run(intervals, [{"empty": 1 + 0.02 * other} for _, other in drawn], start_s)


def ectopic_rhythm(rate_per_min: float, beats: int, rng: Generator, start_s: float = 0.0) -> Rhythm:
    """Regular beats, one of them early, poorly filled and weak, with a pause after it.

    It is not the first, and of three or more not the last.
    """
    _checked(rate_per_min, beats)
    mean_s = 60 / rate_per_min
    early = int(rng.integers(1, max(2, beats - 1))) if beats > 1 else 0
    intervals, levels = [mean_s] * beats, [{"empty": 1.0} for _ in range(beats)]
    if beats > 1:
        intervals[early - 1] = _bounded(mean_s * rng.uniform(0.62, 0.75))
        intervals[early] = _bounded(mean_s * rng.uniform(1.25, 1.4))
        levels[early] = {"full": float(rng.uniform(0.2, 0.35)), "empty": float(rng.uniform(0.75, 0.9))}
        if early + 1 < beats:
            levels[early + 1] = {"empty": float(rng.uniform(1.02, 1.1))}
    return _run(intervals, levels, start_s)


def fibrillation_rhythm(rate_per_min: float, beats: int, rng: Generator, start_s: float = 0.0) -> Rhythm:
    """Irregular beats without atrial kick; after a short interval the ventricle is less full and contracts less."""
    _checked(rate_per_min, beats)
    mean_s = 60 / rate_per_min
    intervals = [_bounded(mean_s * float(np.exp(0.22 * rng.standard_normal()))) for _ in range(beats)]
    before = [mean_s, *intervals[:-1]]
    levels = [
        {
            "full": float(np.clip(0.35 * (1 - last / mean_s), 0, 0.3)),
            "empty": float(np.clip(1 + 0.25 * (last / mean_s - 1), 0.7, 1.1)),
            "kick": 0.0,
        }
        for last in before
    ]
    return _run(intervals, levels, start_s)
