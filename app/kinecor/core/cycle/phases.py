"""ED and ES from a volume curve.

ED is the frame of the largest, ES that of the smallest cavity (ASE/EACVI 2015), found beat by beat.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter
from scipy.signal import find_peaks

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin

# A ventricle does not eject again sooner than this (200 beats a minute).
SHORTEST_BEAT_S = 0.3
# Smoothing of the curve, as the standard deviation of a Gaussian: short against systole, long against flicker.
SMOOTHING_S = 0.02
# An ES must be this far below its surroundings, as a share of the curve's whole range.
LEAST_PROMINENCE = 0.3
# An ED must come this close to the largest volume of the loop, as a share of the range: else the loop began later.
CLOSE_TO_EXTREME = 0.2
# Below this relative excursion there is no beat to be seen (a still image, a wrong structure).
LEAST_EXCURSION = 0.08


def smoothed(volume: FloatArray, times_s: FloatArray) -> FloatArray:
    """The curve with gaps bridged, single outliers dropped, and flicker smoothed; needs two finite values or more."""
    good = np.isfinite(volume)
    bridged = np.interp(times_s, times_s[good], volume[good])
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    if len(volume) >= 5:
        bridged = median_filter(bridged, 3, mode="nearest")
    out: FloatArray = gaussian_filter1d(bridged, SMOOTHING_S / step_s, mode="nearest")
    return out


def _last_top(curve: FloatArray, tolerance: float) -> int:
    """Index of the last maximum that comes within `tolerance` of the highest: the ED next before an ES.

    A beat too weak to count then does not lend its ED to the beat after it.
    """
    high = np.concatenate(([-np.inf], curve, [-np.inf]))
    tops = np.flatnonzero((high[1:-1] > high[:-2]) & (high[1:-1] >= high[2:]))
    return int(tops[curve[tops] >= curve.max() - tolerance][-1])


def find_beats(volume: FloatArray, times_s: FloatArray, r_wave_s: tuple[float, ...] = ()) -> CardiacEvents | None:
    """ED and ES of every beat that can be seen, or None where there is none.

    Args:
        volume: (frames,) in any unit, NaN where unknown.
        times_s: (frames,) seconds, increasing.
        r_wave_s: times of R waves, if recorded: ED is then the frame nearest to the R wave before an ES.

    """
    if np.isfinite(volume).sum() < 2:
        return None
    curve = smoothed(volume, times_s)
    low, high = float(curve.min()), float(curve.max())
    if high <= 0 or (high - low) / high < LEAST_EXCURSION:
        return None
    frames = len(curve)
    step_s = float(np.median(np.diff(times_s)))
    # Padding with the top of the range lets an ES at either end of the loop count as a minimum.
    padded = np.concatenate(([high], curve, [high]))
    minima, _ = find_peaks(
        -padded, prominence=LEAST_PROMINENCE * (high - low), distance=max(1, round(SHORTEST_BEAT_S / step_s))
    )
    minima = minima - 1
    # At the last frame the curve still falls: how far it would have fallen was not recorded.
    if len(minima) > 1 and minima[-1] == frames - 1:
        minima = minima[:-1]
    beats: list[Beat] = []
    for number, es in enumerate(minima):
        before = int(minima[number - 1]) if number else 0
        ed = before + _last_top(curve[before : es + 1], CLOSE_TO_EXTREME * (high - low))
        anchors = [int(np.argmin(abs(times_s - r))) for r in r_wave_s if times_s[before] <= r < times_s[es]]
        if anchors:
            ed = anchors[-1]
        elif number == 0 and high - curve[ed] > CLOSE_TO_EXTREME * (high - low):
            # The loop begins in systole, so that the ED of this beat was not recorded.
            if len(minima) > 1:
                continue
            ed = int(es) + int(np.argmax(curve[es:]))
        if ed != es:
            beats.append(Beat(ed, int(es)))
    beats = [beat for i, beat in enumerate(beats) if i == 0 or beat.ed > beats[i - 1].es]
    return CardiacEvents(tuple(beats), Origin.MODEL) if beats else None
