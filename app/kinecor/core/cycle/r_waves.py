"""R waves of an ECG that was recorded with a loop, and the end-diastole that they suggest for each beat.

An R wave is where the trace is steepest and stands out most (after Pan and Tompkins 1985, doi
10.1109/TBME.1985.325532). End-diastole by the ECG is the frame nearest to it: the ventricle is about fullest then.
Where it is not, the times of trace and images do not belong together, and the R wave is not offered.
"""

from dataclasses import dataclass

import numpy as np

from kinecor.core.cycle.cycle import LACKING, SHORTEST_MARKED_S, smooth_curve
from kinecor.core.cycle.filters import gaussian, prominent_peaks
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import Trace

FAR_S = 0.15
"""An R wave farther than this from the fullest frame contradicts the volume curve."""
_STEP_S = 0.004
# Standard deviations: of what smooths the trace, and of what joins the two slopes of a QRS complex.
_SMOOTH_S, _COMPLEX_S = 0.008, 0.035
# A QRS complex is at least this steep compared with the steepest; what is left out is less steep by this factor, and
# the trace as a rule by this one.
_LEAST, _CLEARLY, _REST = 0.2, 0.6, 0.1
# The R wave is sought this far around where the complex is steepest; nearer to an end of the trace it may be cut off.
_AROUND_S, _CUT_S = 0.08, 0.02


def r_waves_s(ecg: Trace) -> tuple[float, ...]:
    """Times of the R waves of a trace, in s from the first frame; none where they do not stand out clearly.

    Args:
        ecg: its values over time.

    """
    count = int((ecg.times_s[-1] - ecg.times_s[0]) / _STEP_S) + 1
    times_s = ecg.times_s[0] + _STEP_S * np.arange(count)
    if count < 2 * _AROUND_S / _STEP_S or np.diff(ecg.times_s).max() > _AROUND_S:
        return ()
    values = gaussian(np.interp(times_s, ecg.times_s, ecg.values), _SMOOTH_S / _STEP_S)
    steep = gaussian(np.gradient(values) ** 2, _COMPLEX_S / _STEP_S)
    top = float(steep.max())
    if top <= 0:
        return ()
    apart = round(SHORTEST_MARKED_S / _STEP_S)
    padded = np.concatenate([[0.0], steep, [0.0]])
    found = [at - 1 for at in prominent_peaks(padded, 0.0, apart)]
    complexes = [at for at in found if steep[at] >= _LEAST * top]
    least = min(float(steep[at]) for at in complexes)
    others = [float(steep[at]) for at in found if at not in complexes]
    if max(others, default=0.0) > _CLEARLY * least or float(np.median(steep)) > _REST * least:
        return ()
    off = values - float(np.median(values))
    half = round(_AROUND_S / _STEP_S)
    windows = [(max(at - half, 0), off[max(at - half, 0) : at + half + 1]) for at in complexes]
    upwards = np.median([float(window.max() + window.min()) for _, window in windows]) >= 0
    peaks = [first + int((window if upwards else -window).argmax()) for first, window in windows]
    last_s = float(times_s[-1])
    return tuple(float(times_s[at]) for at in peaks if times_s[0] + _CUT_S <= times_s[at] <= last_s - _CUT_S)


@dataclass(frozen=True, slots=True)
class Suggested:
    """The end-diastole of a beat by its R wave: the frame (0-based), the wave's time, and what it contradicts.

    Attributes:
        late_s: by how much the wave comes after the fullest frame, negative before it.
        lacking: the share of the stroke volume that the cavity lacks there.

    """

    frame: int
    time_s: float
    late_s: float
    lacking: float

    @property
    def contradicts(self) -> bool:
        """Whether the volume curve shows that the ventricle is not at its fullest about then."""
        return abs(self.late_s) > FAR_S or self.lacking > LACKING


def suggested_ed(
    waves_s: tuple[float, ...], beats: tuple[Beat, ...], volume: FloatArray, times_s: FloatArray
) -> dict[int, Suggested]:
    """By beat the end-diastole by its R wave; beats whose R wave was not recorded are left out.

    Args:
        waves_s: see `r_waves_s`.
        beats: of the volume curve.
        volume: (t,) of the cavity in any unit, NaN where unknown.
        times_s: (t,).

    """
    if not waves_s or np.isfinite(volume).sum() < 2 or len(times_s) < 2:
        return {}
    curve, step_s = smooth_curve(volume, times_s), float(np.median(np.diff(times_s)))
    suggestions = {}
    begins = [-1, *(beat.es for beat in beats[:-1])]
    for number, (before, beat) in enumerate(zip(begins, beats, strict=True)):
        if beat.es < beat.ed:
            continue
        first_s = times_s[before] if before >= 0 else times_s[0] - step_s / 2
        between = [wave_s for wave_s in waves_s if first_s <= wave_s < times_s[beat.es]]
        if not between:
            continue
        wave = min(between, key=lambda wave_s: abs(wave_s - times_s[beat.ed]))
        frame = int(np.abs(times_s - wave).argmin())
        stroke = float(curve[beat.ed] - curve[beat.es])
        lacking = float(curve[beat.ed] - curve[frame]) / stroke if stroke > 0 else 0.0
        suggestions[number] = Suggested(frame, wave, float(wave - times_s[beat.ed]), lacking)
    return suggestions
