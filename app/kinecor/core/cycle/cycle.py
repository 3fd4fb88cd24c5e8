"""One heart cycle as a closed curve: smoothed, with ED, ES and the rates of emptying and filling.

Phases of a gated cine follow each other round and round, so the curve is fitted by a Fourier series of a few
harmonics; its derivative is exact, and noise of single phases does not pass for a rate.
"""

import math
from dataclasses import dataclass

import numpy as np

from kinecor.core.cycle.phases import LEAST_EXCURSION
from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin

# Five hold the fast filling of a normal heart at rest; more follow the noise of 20 phases.
HARMONICS = 5
# Fewer phases than this bear no rate.
LEAST_PHASES = 12
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
        """The curve at these times, in the unit it was fitted in."""
        return _basis(times_s, self.period_s, len(self.coefficients) // 2) @ self.coefficients

    def slope(self, times_s: FloatArray) -> FloatArray:
        """Its derivative, per second."""
        out = np.zeros(len(times_s))
        for k in range(1, len(self.coefficients) // 2 + 1):
            turn = 2 * math.pi * k / self.period_s
            cosine, sine = self.coefficients[2 * k - 1 : 2 * k + 1]
            out += turn * (sine * np.cos(turn * times_s) - cosine * np.sin(turn * times_s))
        return out


def fitted(volume: FloatArray, times_s: FloatArray, cycle_s: float) -> PeriodicCurve | None:
    """The periodic curve through the finite values, or None where they are too few (`LEAST_PHASES`)."""
    known = np.isfinite(volume)
    if known.sum() < LEAST_PHASES:
        return None
    harmonics = min(HARMONICS, (int(known.sum()) - 1) // 3)
    basis = _basis(times_s[known], cycle_s, harmonics)
    found, *_ = np.linalg.lstsq(basis, volume[known], rcond=None)
    return PeriodicCurve(frozen(found), cycle_s)


def rates(curve: PeriodicCurve) -> Rates:
    """Largest rate of emptying between the curve's top and bottom, and of filling from there to the top."""
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
    """
    known = np.flatnonzero(np.isfinite(volume))
    if len(known) < 2:
        return None
    curve = fitted(volume, times_s, cycle_s)
    seen = volume[known] if curve is None else curve.value(times_s[known])
    high, low = float(seen.max()), float(seen.min())
    # Flat in the fit and in what was measured: the fit swings past a sudden fall, as where the base leaves a slice.
    flat = (seen >= high - FLAT * (high - low)) & (volume[known] >= volume[known].max() - FLAT * (high - low))
    top = int(seen.argmax())
    while flat[(top + 1) % len(seen)] and high > low:
        top = (top + 1) % len(seen)
    ed, es = int(known[top]), int(known[seen.argmin()])
    if ed == es or high <= 0 or (high - low) / high < LEAST_EXCURSION:
        return None
    return CardiacEvents((Beat(ed, es),), Origin.MODEL)


def _basis(times_s: FloatArray, cycle_s: float, harmonics: int) -> FloatArray:
    turns = 2 * math.pi / cycle_s * np.outer(times_s, np.arange(1, harmonics + 1))
    columns = [np.ones(len(times_s))]
    for k in range(harmonics):
        columns += [np.cos(turns[:, k]), np.sin(turns[:, k])]
    return np.stack(columns, axis=1)
