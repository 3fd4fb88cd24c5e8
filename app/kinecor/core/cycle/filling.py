"""Mitral valve opening: the end of isovolumic relaxation, as the volume curve shows it and as a reader marks it.

From aortic valve closure to mitral valve opening the ventricle relaxes at its smallest volume; from then on it fills.
The onset of filling is where the tangent to the steepest early filling meets the smallest volume. It comes late by a
tenth of the rapid filling (some 15 ms), since filling begins gently; by 60 ms in a simulated bundle branch block, where
late walls still contract when the valve opens. So no interval is derived from it, such as the isovolumic relaxation
time: that would be off by as much as the difference between healthy and ill.
"""

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from kinecor.core.cycle.cycle import closure_by_beat, smooth_curve
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading

RAPID_S = 0.35
"""Rapid filling is steepest within this time of end-systole: relaxation and the early wave last no longer at rest."""
MAX_DOUBT_S = 0.06
"""An onset less certain than this is none: isovolumic relaxation itself lasts about as long."""
# Below this share of the stroke volume a second the curve creeps: no onset can be seen in it.
_MIN_SLOPE_PER_S = 1.5
# A curve that flickers by more than this share of the stroke volume shows steep slopes that are none.
_MAX_FLICKER = 0.1
# How late the tangent finds a filling that begins gently.
_GENTLE_S = 0.015


@dataclass(frozen=True, slots=True)
class Onset:
    """Where filling begins by the volume curve: the frame (0-based), its time, and by how much it may be off."""

    frame: int
    time_s: float
    doubt_s: float


def onset_of_filling(volume: FloatArray, times_s: FloatArray, beat: Beat, following_ed: int | None) -> Onset | None:
    """The onset of filling after the end-systole of a beat, or None where the curve does not show it.

    Args:
        volume: (t,) of the cavity in any unit, NaN where unknown.
        times_s: (t,).
        beat: whose filling is looked for.
        following_ed: of the next beat, or None where the loop ends before it.

    """
    last = len(volume) - 1 if following_ed is None else following_ed
    late = np.flatnonzero(times_s <= times_s[beat.es] + RAPID_S)
    last = min(last, int(late[-1]))
    if last - beat.es < 3 or not np.isfinite(volume[[beat.ed, beat.es]]).all():
        return None
    curve = smooth_curve(volume, times_s)
    stroke = float(curve[beat.ed] - curve[beat.es])
    slope = np.gradient(curve, times_s)
    at = beat.es + int(slope[beat.es : last + 1].argmax())
    # Still getting steeper at the end of what is seen: how steep filling becomes was not recorded.
    if stroke <= 0 or (at == last and following_ed is None) or slope[at] < _MIN_SLOPE_PER_S * stroke:
        return None
    lowest = beat.es + int(curve[beat.es : at + 1].argmin())
    time_s = float(times_s[at] - (curve[at] - curve[lowest]) / slope[at])
    time_s = min(max(time_s, float(times_s[lowest])), float(times_s[at]))
    around = slice(max(beat.ed, 0), last + 1) if beat.ed < beat.es else slice(beat.es, last + 1)
    flicker = float(np.nanstd((volume - curve)[around]))
    step_s = float(np.median(np.diff(times_s)))
    doubt_s = float(np.sqrt(step_s**2 + (2 * flicker / slope[at]) ** 2 + _GENTLE_S**2))
    if doubt_s > MAX_DOUBT_S or flicker > _MAX_FLICKER * stroke:
        return None
    return Onset(int(np.abs(times_s - time_s).argmin()), time_s, doubt_s)


def onsets_of_filling(reading: Reading, volume: FloatArray) -> dict[int, Onset]:
    """By beat the onset of filling of a loop, where its cavity (t,) shows one that can be a valve opening.

    Args:
        reading: of the loop, with its beats.
        volume: in any unit, NaN where unknown.

    """
    beats = reading.events.beats if reading.events and not reading.kind.stack else ()
    if not beats or reading.facts.times_origin == "assumed" or not np.isfinite(volume).any():
        return {}
    times_s, onsets = reading.facts.times_s, {}
    for number, (beat, following) in enumerate(zip_longest(beats, beats[1:])):
        after = following.ed if following else beat.ed if beat.ed > beat.es else None
        onset = onset_of_filling(volume, times_s, beat, after)
        first, last = opening_bounds(reading, number)
        if onset is not None and first <= onset.frame <= last:
            onsets[number] = onset
    return onsets


def opening_bounds(reading: Reading, number: int) -> tuple[int, int]:
    """The first and last frame that the mitral valve can open at in a beat: after its ES and AVC, before the next ED.

    The first is beyond the last where the beat leaves no room for it.

    Args:
        reading: of the loop, with its beats.
        number: of the beat, from 0.

    """
    beats, last = reading.events.beats if reading.events else (), reading.facts.frames - 1
    beat = beats[number]
    closed = closure_by_beat(reading).get(number)
    first = max(beat.es, beat.es if closed is None else closed + 1)
    if number + 1 < len(beats):
        return first, beats[number + 1].ed - 1
    return first, beat.ed - 1 if beat.es < beat.ed else last


def opening_by_beat(reading: Reading) -> dict[int, int]:
    """The frame of mitral valve opening by beat, of the beats that have one.

    Args:
        reading: of the loop.

    """
    found = {}
    for number in range(len(reading.events.beats) if reading.events else 0):
        first, last = opening_bounds(reading, number)
        inside = [frame for frame in reading.valve_openings if first <= frame <= last]
        if inside:
            found[number] = inside[0]
    return found


def with_opening(reading: Reading, frame: int) -> tuple[int, ...]:
    """The marks (frames, increasing) with the one of the beat around `frame` there; those outside all beats left out.

    Args:
        reading: of the loop, with its beats.
        frame: from 0.

    Raises:
        KinecorError: the mitral valve cannot open there.

    """
    for number in range(len(reading.events.beats) if reading.events else 0):
        first, last = opening_bounds(reading, number)
        if first <= frame <= last:
            return tuple(sorted({**opening_by_beat(reading), number: frame}.values()))
    if not reading.events or not reading.events.beats:
        raise KinecorError(message("Mitral valve opening is marked after the ES of a beat: mark ED and ES first."))
    raise KinecorError(
        message(
            "Mitral valve opening is expected after a beat's ES and aortic valve closure and before the next ED; frame "
            "{frame} is not.",
            frame=frame + 1,
        )
    )


def why_no_filling(reading: Reading) -> Message | None:
    """Why a mark of mitral valve opening cannot be one with the other marks, as a sentence; None where all can.

    Args:
        reading: of the loop.

    """
    placed = set(opening_by_beat(reading).values())
    for frame in reading.valve_openings if reading.events and reading.events.beats else ():
        if frame not in placed:
            return message(
                "Mitral valve opening at frame {frame} would not lie after ES and aortic valve closure and before the "
                "next ED: move it or clear it first (Alt+O at its frame).",
                frame=frame + 1,
            )
    return None
