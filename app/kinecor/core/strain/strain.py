"""Strain from points of the wall followed through a beat.

Lagrangian strain e(t) = 100 (L(t) - L0) / L0, L0 at end-diastole, sign kept (Voigt et al. 2015, doi
10.1093/ehjci/jeu184). Global longitudinal strain at end-systole is the number to report; regional values are shown as
exploratory (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007).
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.events import Beat

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
