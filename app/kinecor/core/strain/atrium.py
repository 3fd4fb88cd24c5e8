"""Strain of the left atrium in an apical view: the length of its wall over the beat, by its contours.

ED of the ventricle is zero (R-R gating), so that the wall lengthens while the atrium fills (reservoir), shortens while
it empties passively (conduit) and again while it contracts (pump): Badano et al. 2018, doi 10.1093/ehjci/jey042. It
is measured on contours, not on tracked speckle, and exploratory.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.loop_volumes import closing_ed

PUMP_LEAST_PERCENT: Final = 1.0
"""A contraction that shortens the wall by less cannot be distinguished from the noise of contours."""
# Contraction is in the last part of diastole, from the peak of the curve on.
_LATE_SHARE: Final = 0.5
_STEEPER: Final = 2.0  # than what comes before it
_LATE_PEAK_S: Final = 0.15
_MIN_FRAMES: Final = 5


@dataclass(frozen=True, slots=True)
class AtrialBeat:
    """Strain of one beat, in percent of the length at ED; the linear drift to the next ED is taken off.

    Attributes:
        reservoir: largest lengthening, about ES.
        conduit, pump: shortening, below 0, before and during contraction; None where contraction is not seen.
        ed, peak: frames of zero and of the reservoir.
        onset, closing: frames at which contraction begins and of the next ED, or None.

    """

    reservoir: float
    conduit: float | None
    pump: float | None
    ed: int
    peak: int
    onset: int | None
    closing: int | None

    @property
    def frames(self) -> tuple[int, ...]:
        """Those that the values rest on."""
        return tuple(frame for frame in (self.ed, self.peak, self.onset, self.closing) if frame is not None)


def wall_length(track: ContourTrack, aspect: float) -> FloatArray:
    """(frames,) length of the contour without the annulus, in widths of a pixel; NaN without a contour.

    Args:
        track: of the atrium.
        aspect: height of a pixel over its width.

    """
    out = np.full(len(track), np.nan)
    for frame, contour in enumerate(track.contours):
        if contour is not None:
            steps = np.diff(contour.points * (1.0, aspect), axis=0)
            out[frame] = np.hypot(steps[:, 0], steps[:, 1]).sum()
    return out


def atrial_strain(reading: Reading) -> tuple[AtrialBeat, ...]:
    """Strain of each beat whose atrium is contoured from ED on; empty where there is none.

    Args:
        reading: of the loop.

    """
    track, events = reading.tracks.get(Structure.LA), reading.events
    if track is None or events is None or not events.beats:
        return ()
    return compute_once(
        reading,
        "atrial strain",
        (track, events, reading.aspect, reading.facts, closing_ed(reading)),
        lambda: _of_beats(reading, wall_length(track, reading.aspect)),
    )


def _of_beats(reading: Reading, length: FloatArray) -> tuple[AtrialBeat, ...]:
    beats = reading.events.beats if reading.events else ()
    following = (*(beat.ed for beat in beats[1:]), closing_ed(reading))
    atrial_beats = (
        _of_beat(length, reading.facts.times_s, beat.ed, beat.es, after)
        for beat, after in zip(beats, following, strict=True)
        if beat.ed < beat.es
    )
    return tuple(atrial_beat for atrial_beat in atrial_beats if atrial_beat is not None)


def _of_beat(length: FloatArray, times_s: FloatArray, ed: int, es: int, closing: int | None) -> AtrialBeat | None:
    """Strain from ED to the next ED, or as far as the loop goes."""
    if closing is not None and closing <= es:
        closing = None
    last = len(length) - 1 if closing is None else closing
    curve = length[ed : last + 1]
    if not np.isfinite(curve).all() or curve[0] <= 0:
        return None
    strain = 100 * (curve / curve[0] - 1)
    time_s = times_s[ed : last + 1] - times_s[ed]
    if closing is not None:
        strain = strain - strain[-1] * time_s / time_s[-1]
    systole = time_s <= times_s[es] - times_s[ed] + _LATE_PEAK_S
    peak = int(np.argmax(np.where(systole, strain, -np.inf)))
    reservoir = float(strain[peak])
    onset = None if closing is None else _contraction(strain, time_s, peak)
    if onset is None:
        return AtrialBeat(reservoir, None, None, ed, ed + peak, None, closing)
    at_onset = float(strain[onset])
    return AtrialBeat(reservoir, at_onset - reservoir, float(strain[-1]) - at_onset, ed, ed + peak, ed + onset, closing)


def _contraction(strain: FloatArray, time_s: FloatArray, peak: int) -> int | None:
    """Where contraction begins: the bend of two straight lines through late diastole; None where there is no bend.

    Fusion of filling and contraction, as at high rates, and a rest of the atria, as in fibrillation, have none.
    """
    last = len(strain) - 1
    late = peak + int(np.ceil(_LATE_SHARE * (last - peak)))
    if last - late < _MIN_FRAMES:
        return None
    t, y = time_s[late:] - time_s[late], strain[late:]
    fits = []
    for index in range(1, len(t) - 2):
        columns = np.stack([np.ones_like(t), t, np.maximum(t - t[index], 0.0)], axis=1)
        found = np.linalg.lstsq(columns, y, rcond=None)[0]
        fits.append((float(np.square(columns @ found - y).sum()), index, float(found[1]), float(found[1] + found[2])))
    _, index, before, after = min(fits)
    onset = late + index
    steeper = after < min(_STEEPER * before, 0.0)
    return onset if steeper and strain[onset] - strain[last] >= PUMP_LEAST_PERCENT else None


def phases_percent(beats: tuple[AtrialBeat, ...]) -> tuple[float, float | None, float | None]:
    """Reservoir, conduit and pump, means over the beats that have them.

    Args:
        beats: one at least.

    """
    reservoir = float(np.mean([beat.reservoir for beat in beats]))
    conduit = [beat.conduit for beat in beats if beat.conduit is not None]
    pump = [beat.pump for beat in beats if beat.pump is not None]
    return reservoir, float(np.mean(conduit)) if conduit else None, float(np.mean(pump)) if pump else None
