"""End-diastole and end-systole of each beat, and moving their marks (by a dragged line or a key press)."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Origin

Mark = Literal["ed", "es"]


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat: the frames (0-based) of end-diastole and of end-systole."""

    ed: int
    es: int

    def __post_init__(self) -> None:
        if self.ed < 0 or self.es < 0:
            raise ValueError(f"frames are counted from 0, got ED {self.ed}, ES {self.es}")
        if self.ed == self.es:
            raise ValueError(f"ED and ES cannot be the same frame ({self.ed})")


@dataclass(frozen=True, slots=True)
class CardiacEvents:
    """The beats of a recording in the order of their ED, and how they were found.

    A single beat may have its ES before its ED: the loop began in systole, or the reader says so. Several beats do
    not overlap: ED, ES, ED, ES, ... each later than the one before.

    Raises:
        ValueError: beats out of order, or overlapping.

    """

    beats: tuple[Beat, ...]
    origin: Origin

    def __post_init__(self) -> None:
        frames = [frame for beat in self.beats for frame in (beat.ed, beat.es)]
        if len(self.beats) > 1 and any(late <= early for early, late in pairwise(frames)):
            pairs = ", ".join(f"{beat.ed}-{beat.es}" for beat in self.beats)
            raise ValueError(f"beats must follow each other in time without overlapping, got ED-ES frames {pairs}")


def frame_of(beat: Beat, mark: Mark) -> int:
    """The frame (0-based) of a beat's ED or ES."""
    return beat.ed if mark == "ed" else beat.es


def with_mark(beat: Beat, mark: Mark, frame: int) -> Beat:
    """`beat` with its ED or ES at `frame`."""
    return replace(beat, ed=frame) if mark == "ed" else replace(beat, es=frame)


def moved(events: CardiacEvents, beat: int, mark: Mark, frame: int, frames: int) -> CardiacEvents:
    """The events with one mark at `frame`, limited to between its neighbours in time and inside 0..frames - 1."""
    lowest, highest = _bounds(events, beat, mark, frames)
    return _replaced(events, beat, mark, min(max(frame, lowest), highest))


def _bounds(events: CardiacEvents, beat: int, mark: Mark, frames: int) -> tuple[int, int]:
    """The first and the last frame that a mark can have between its neighbours in time."""
    now = frame_of(events.beats[beat], mark)
    every = {one.ed for one in events.beats} | {one.es for one in events.beats}
    return max((f + 1 for f in every if f < now), default=0), min((f - 1 for f in every if f > now), default=frames - 1)


def set_here(events: CardiacEvents | None, mark: Mark, frame: int, lv_volume: FloatArray) -> CardiacEvents:
    """The events with one mark put at `frame`: the nearest that can go there without passing its neighbours.

    The marks of a single beat may change places: nothing lies between them and the ends of the loop. Where no beat
    was found yet, one is made: its other mark is put where `lv_volume` ((frames,), NaN without contour) is smallest
    (ES) or largest (ED), for the reader to move.

    Raises:
        KinecorError: there is no volume to place the other mark by, or the mark would fall on another one or out of
            order.

    """
    if events is None or not events.beats:
        others = np.where(np.arange(len(lv_volume)) == frame, np.nan, lv_volume)
        if not np.isfinite(others).any():
            raise KinecorError("ED and ES are marked on the volume curve: analyse the recording first.")
        beat = Beat(frame, int(np.nanargmin(others))) if mark == "ed" else Beat(int(np.nanargmax(others)), frame)
        return CardiacEvents((beat,), Origin.EDITED)
    order = sorted(range(len(events.beats)), key=lambda i: abs(frame_of(events.beats[i], mark) - frame))
    for index in order:
        lowest, highest = _bounds(events, index, mark, frames=frame + 1)
        if lowest <= frame <= highest:
            return _replaced(events, index, mark, frame)
    if len(events.beats) == 1 and frame not in (events.beats[0].ed, events.beats[0].es):
        return _replaced(events, 0, mark, frame)
    other = "ES" if mark == "ed" else "ED"
    raise KinecorError(
        f"{mark.upper()} cannot be set here: it would fall on or beyond a neighbouring mark; move {other} first."
    )


def _replaced(events: CardiacEvents, beat: int, mark: Mark, frame: int) -> CardiacEvents:
    beats = list(events.beats)
    beats[beat] = with_mark(beats[beat], mark, frame)
    return CardiacEvents(tuple(beats), Origin.EDITED)


def marks(events: CardiacEvents | None) -> tuple[tuple[int, Mark, int], ...]:
    """Every mark as (beat, "ed" or "es", frame), in the order of the beats."""
    if events is None:
        return ()
    found: list[tuple[int, Mark, int]] = []
    for index, beat in enumerate(events.beats):
        found += [(index, "ed", beat.ed), (index, "es", beat.es)]
    return tuple(found)
