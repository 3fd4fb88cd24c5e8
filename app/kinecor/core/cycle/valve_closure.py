"""Closure of the aortic valve as a reader marks it: the end-systole that strain is then measured at.

End-systole is aortic valve closure where it is marked, else as the volume has it (Voigt et al. 2015, doi
10.1093/ehjci/jeu184). Volumes have their own: the smallest cavity.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure

NEAR_S = 0.03
"""An ES this near to the loop's end may be the last frame before the smallest cavity: less than flicker smooths."""


def end_warnings(reading: Reading) -> tuple[str, ...]:
    """Warnings that ES is at the end or the beginning of the loop: the smallest cavity may not have been recorded.

    Phases of a gated cine go round: of those nothing is said.
    """
    beats = reading.events.beats if reading.events else ()
    if not beats or reading.withheld is not None or reading.kind.gated or Structure.LV_ENDO not in reading.tracks:
        return ()
    times_s = np.asarray(reading.facts.times_s)
    out = []
    first, last = beats[0].es, beats[-1].es
    if times_s[first] - times_s[0] < NEAR_S:
        out.append(
            f"The loop begins at ES (frame {first + 1}): the cavity may have been smaller before, so EF and GLS may be "
            "underestimated."
        )
    if times_s[-1] - times_s[last] < NEAR_S:
        out.append(
            f"The loop ends at ES (frame {last + 1}): the cavity may become smaller after it, so EF and GLS may be "
            "underestimated."
        )
    return tuple(out)


FAR_S = 0.1
"""A mark so far (seconds) from ES is doubted: the cavity is smallest within some hundredths of a second of closure."""


def beat_of(beats: Sequence[Beat], frame: int) -> int | None:
    """Which beat (from 0) a valve closure at `frame` (0-based) belongs to; None where it is in none.

    It comes after the beat's ED and before the next one's. Of a single beat whose ES comes before its ED, it lies
    before that ED.
    """
    if len(beats) == 1 and beats[0].es < beats[0].ed:
        return 0 if frame < beats[0].ed else None
    for number, (beat, following) in enumerate(zip_longest(beats, beats[1:])):
        if beat.ed < frame and (following is None or frame < following.ed):
            return number
    return None


def closure_by_beat(reading: Reading) -> dict[int, int]:
    """The frame of valve closure by beat, of the beats that have one."""
    beats = reading.events.beats if reading.events else ()
    placed = ((beat_of(beats, frame), frame) for frame in reading.valve_closures)
    return {number: frame for number, frame in placed if number is not None}


def strain_beats(reading: Reading) -> tuple[Beat, ...]:
    """ED and the end-systole that strain is measured at, beat by beat: valve closure where it is marked, else ES."""
    beats = reading.events.beats if reading.events else ()
    closed = closure_by_beat(reading)
    return tuple(replace(beat, es=closed.get(number, beat.es)) for number, beat in enumerate(beats))


def with_closure(reading: Reading, frame: int) -> tuple[int, ...]:
    """The marks (frames, increasing) with the one of the beat around `frame` there.

    Marks outside all beats are left out.

    Raises:
        KinecorError: there is no beat around that frame, or it is an ED.

    """
    beats = reading.events.beats if reading.events else ()
    number = beat_of(beats, frame)
    if number is None:
        raise KinecorError(
            "Aortic valve closure is marked after the ED of a beat and before the next: mark ED and ES first."
            if not beats
            else f"Aortic valve closure is expected after a beat's ED and before the next; frame {frame + 1} is not."
        )
    return tuple(sorted({**closure_by_beat(reading), number: frame}.values()))


def closure_bounds(reading: Reading, number: int) -> tuple[int, int]:
    """The first and last frame that the mark of beat `number` can have."""
    beats, last = reading.events.beats if reading.events else (), reading.facts.frames - 1
    beat = beats[number]
    if len(beats) == 1 and beat.es < beat.ed:
        return 0, beat.ed - 1
    return min(beat.ed + 1, last), beats[number + 1].ed - 1 if number + 1 < len(beats) else last


def closure_warnings(reading: Reading) -> tuple[str, ...]:
    """Warnings of marks that are ignored, or far from ES; one sentence each."""
    placed = closure_by_beat(reading)
    lost = len(reading.valve_closures) - len(placed)
    out = []
    if lost:
        out.append(f"{lost} mark{'s' if lost > 1 else ''} of aortic valve closure outside all beats: ignored.")
    beats, times_s = reading.events.beats if reading.events else (), reading.facts.times_s
    for number, frame in placed.items():
        late_s = float(times_s[frame] - times_s[beats[number].es])
        if abs(late_s) > FAR_S and reading.facts.times_origin != "assumed":
            out.append(
                f"Aortic valve closure is marked at frame {frame + 1}, {1000 * abs(late_s):.0f} ms "
                f"{'after' if late_s > 0 else 'before'} ES: strain is measured there; review one of the two."
            )
    return tuple(out)
