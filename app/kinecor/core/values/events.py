"""ED and ES of each beat: marks, moving them, and the regressed curve that suggests them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray, finite, frozen_array
from kinecor.core.values.message import message, verbatim
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

    Attributes:
        beats: in order.
        origin: how they were found.
        closing_ed: frame (0-based) of the ED that ends the last beat, later than all other marks; None where it is
            not marked.

    Raises:
        ValueError: beats out of order, or overlapping; a closing ED without a beat, or not after all other marks.

    """

    beats: tuple[Beat, ...]
    origin: Origin
    closing_ed: int | None = None

    def __post_init__(self) -> None:
        if self.closing_ed is not None and not 0 <= self._last_mark < self.closing_ed:
            raise ValueError(f"the ED that ends the last beat comes after all other marks, got {self.closing_ed}")
        frames = [frame for beat in self.beats for frame in (beat.ed, beat.es)]
        if len(self.beats) > 1 and any(late <= early for early, late in pairwise(frames)):
            pairs = ", ".join(f"{beat.ed}-{beat.es}" for beat in self.beats)
            raise ValueError(f"beats must follow each other in time without overlapping, got ED-ES frames {pairs}")

    @property
    def _last_mark(self) -> int:
        return max((max(beat.ed, beat.es) for beat in self.beats), default=-1)


def with_beats(events: CardiacEvents | None, beats: Sequence[Beat]) -> CardiacEvents:
    """Beats that a person chose in place of those of `events`, whose closing ED stays where it still ends the last one.

    Args:
        events: in force until now; None where nothing was marked.
        beats: chosen instead, in order.

    Raises:
        ValueError: as `CardiacEvents`.

    """
    chosen = CardiacEvents(tuple(beats), Origin.EDITED)
    return _closed(chosen, None if events is None else events.closing_ed)


def _closed(events: CardiacEvents, frame: int | None) -> CardiacEvents:
    """The events with their closing ED at a frame; without one where that is not after all other marks."""
    try:
        return replace(events, closing_ed=frame)
    except ValueError:
        return replace(events, closing_ed=None)


def with_closing_ed(events: CardiacEvents, frame: int) -> CardiacEvents:
    """The events with the ED that ends the last beat at a frame (0-based), as a person's choice.

    Args:
        events: in force until now.
        frame: from 0, after all other marks.

    Raises:
        ValueError: it is not after all other marks.

    """
    return replace(events, closing_ed=frame, origin=Origin.EDITED)


def frame_of(beat: Beat, mark: Mark) -> int:
    """The frame (0-based) of a beat's ED or ES.

    Args:
        beat: ED and ES.
        mark: "ed" or "es".

    """
    return beat.ed if mark == "ed" else beat.es


def with_mark(beat: Beat, mark: Mark, frame: int) -> Beat:
    """`beat` with its ED or ES at `frame`.

    Args:
        beat: ED and ES.
        mark: "ed" or "es".
        frame: from 0.

    """
    return replace(beat, ed=frame) if mark == "ed" else replace(beat, es=frame)


def move_event(events: CardiacEvents, beat: int, mark: Mark, frame: int, frames: int) -> CardiacEvents:
    """The events with one mark at `frame`, limited to between its neighbours in time and inside 0..frames - 1.

    Args:
        events: in force until now.
        beat: its number, from 0.
        mark: "ed" or "es".
        frame: from 0, or beyond the recording.
        frames: of the recording.

    """
    lowest, highest = _bounds(events, beat, mark, frames)
    return _replaced(events, beat, mark, min(max(frame, lowest), highest))


def _bounds(events: CardiacEvents, beat: int, mark: Mark, frames: int) -> tuple[int, int]:
    """The first and the last frame that a mark can have between its neighbours in time."""
    now = frame_of(events.beats[beat], mark)
    every = {beat.ed for beat in events.beats} | {beat.es for beat in events.beats}
    every |= set() if events.closing_ed is None else {events.closing_ed}
    return max((f + 1 for f in every if f < now), default=0), min((f - 1 for f in every if f > now), default=frames - 1)


def set_here(events: CardiacEvents | None, mark: Mark, frame: int, lv_volume: FloatArray) -> CardiacEvents:
    """The events with one mark put at `frame`: the nearest that can go there without passing its neighbours.

    An ED after the last ES ends the last beat, whose own ED stays; set there once more, it becomes the ED of a single
    beat, which then has its ES first. An ES after the closing ED begins a beat of that ED. An ED before the ES of a
    beat that had its ES first is the ED of that beat, and what was its ED ends it. Where no beat was found yet, one is
    made: its other mark is put where `lv_volume` ((frames,), NaN without contour) is smallest (ES) or largest (ED),
    for the reader to move.

    Args:
        events: in force until now; None where nothing was marked.
        mark: "ed" or "es".
        frame: from 0.
        lv_volume: (frames,) in any unit, NaN without contour.

    Raises:
        KinecorError: there is no volume to place the other mark by, or the mark would fall on another one or out of
            order.

    """
    if events is None or not events.beats:
        others = np.where(np.arange(len(lv_volume)) == frame, np.nan, lv_volume)
        if not np.isfinite(others).any():
            raise KinecorError(message("ED and ES are marked on the volume curve: analyse the recording first."))
        beat = Beat(frame, int(np.nanargmin(others))) if mark == "ed" else Beat(int(np.nanargmax(others)), frame)
        return CardiacEvents((beat,), Origin.EDITED)
    last, closing = events.beats[-1], events.closing_ed
    if mark == "ed" and last.ed < last.es < frame and not (frame == closing and len(events.beats) == 1):
        return with_closing_ed(events, frame)
    if mark == "es" and closing is not None and frame > closing:
        return CardiacEvents((*events.beats, Beat(closing, frame)), Origin.EDITED)
    if mark == "ed" and frame < last.es < last.ed:
        return CardiacEvents((Beat(frame, last.es),), Origin.EDITED, closing_ed=last.ed)
    order = sorted(range(len(events.beats)), key=lambda i: abs(frame_of(events.beats[i], mark) - frame))
    for index in order:
        lowest, highest = _bounds(events, index, mark, frames=frame + 1)
        if lowest <= frame <= highest:
            return _replaced(events, index, mark, frame)
    if len(events.beats) == 1 and frame not in (last.ed, last.es):
        return _replaced(events, 0, mark, frame)
    other = "ES" if mark == "ed" else "ED"
    raise KinecorError(
        message(
            "{mark} cannot be set here: it would fall on or beyond a neighbouring mark; move {other} first.",
            mark=verbatim(mark.upper()),
            other=verbatim(other),
        )
    )


def _replaced(events: CardiacEvents, beat: int, mark: Mark, frame: int) -> CardiacEvents:
    beats = list(events.beats)
    beats[beat] = with_mark(beats[beat], mark, frame)
    return with_beats(events, beats)


def marks(events: CardiacEvents | None) -> tuple[tuple[int, Mark, int], ...]:
    """Every mark as (beat, "ed" or "es", frame), in the order of the beats.

    Args:
        events: in force; None where nothing was marked.

    """
    if events is None:
        return ()
    found: list[tuple[int, Mark, int]] = []
    for index, beat in enumerate(events.beats):
        found += [(index, "ed", beat.ed), (index, "es", beat.es)]
    return tuple(found)


def marked_frames(events: CardiacEvents | None, *which: Mark) -> tuple[int, ...]:
    """The frames of these marks, beat by beat, each once; of ED and ES where none is named.

    Args:
        events: in force; None where nothing was marked.
        which: "ed", "es", or both.

    """
    return tuple(dict.fromkeys(frame for _, mark, frame in marks(events) if not which or mark in which))


HALF = 0.5 + 1e-6
TOLERANCE = 1
"""Frames by which two ways to ED and ES may differ before the reader is warned."""


@dataclass(frozen=True, eq=False)
class PhaseCurve:
    """The regressed curve of a recording; it needs no contours.

    Attributes:
        values: (frames,) about 1 at ED and 0 at ES, without unit; shaped as a volume curve is.
        ed, es: its marks in frames, in order; those of beats that the recording cuts off, too.
        by: the model, as "model:NAME@VERSION+SHA".
        ed_at, es_at: the same marks to a part of a frame, each within half a frame of its mark, and from 0 to less
            than the number of frames (after the last frame only round a gated cycle); empty where not recorded.

    Raises:
        ValueError: values that are not finite, or marks that are out of order or beyond them; parts of a frame that
            are not one for each mark, or elsewhere.

    """

    values: FloatArray
    ed: tuple[int, ...]
    es: tuple[int, ...]
    by: str
    ed_at: tuple[float, ...] = ()
    es_at: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", finite(frozen_array(self.values), "a phase curve"))
        if self.values.ndim != 1:
            raise ValueError(f"a phase curve has one value a frame, got shape {self.values.shape}")
        for marks, places in ((self.ed, self.ed_at), (self.es, self.es_at)):
            if list(marks) != sorted(set(marks)) or any(not 0 <= frame < len(self.values) for frame in marks):
                raise ValueError(f"marks are frames of 0 to {len(self.values) - 1} in order, got {marks}")
            if places and not (len(places) == len(marks) and all(map(self._near, marks, places))):
                raise ValueError(f"a place within half a frame of each of the marks {marks} was expected, got {places}")

    def _near(self, frame: int, place: float) -> bool:
        frames = len(self.values)
        return 0 <= place < frames and frames_apart(frame, place, frames) <= HALF

    def times_s(self, mark: Mark, frames_s: FloatArray) -> tuple[float, ...]:
        """When its EDs or ESs are, in s on the recording's clock: to a fraction of a frame where that was recorded.

        Args:
            mark: "ed" or "es".
            frames_s: (frames,) times of the frames; after the last, time goes on as between the last two.

        """
        places = (self.ed_at or self.ed) if mark == "ed" else (self.es_at or self.es)
        if len(frames_s) < 2:
            return tuple(float(frames_s[int(place)]) for place in places)
        on = np.append(frames_s, 2 * frames_s[-1] - frames_s[-2])
        return tuple(float(place) for place in np.interp(places, np.arange(len(on)), on))

    @property
    def events(self) -> CardiacEvents:
        """Its whole beats, as events that a model found."""
        return CardiacEvents(pair_beats(self.ed, self.es), Origin.MODEL)


def without_beats(curve: PhaseCurve, beats: Collection[Beat]) -> PhaseCurve:
    """The curve without the marks of some of its beats.

    Args:
        curve: as regressed from the images.
        beats: whose marks are left out.

    """
    eds, ess = {beat.ed for beat in beats}, {beat.es for beat in beats}
    ed = [index for index, frame in enumerate(curve.ed) if frame not in eds]
    es = [index for index, frame in enumerate(curve.es) if frame not in ess]
    return replace(
        curve,
        ed=tuple(curve.ed[at] for at in ed),
        es=tuple(curve.es[at] for at in es),
        ed_at=tuple(curve.ed_at[at] for at in ed) if curve.ed_at else (),
        es_at=tuple(curve.es_at[at] for at in es) if curve.es_at else (),
    )


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One mark that two ways put more than `TOLERANCE` frames apart: `beat` counts from 0, frames too."""

    beat: int
    mark: Mark
    volume: int
    regression: int


def pair_beats(ed: Sequence[int], es: Sequence[int]) -> tuple[Beat, ...]:
    """Beats from EDs and ESs in frames, in any order: each ES with the last ED since the ES before it.

    An ES without such an ED is left out; where no ES has one, the first goes with the ED after it.

    Args:
        ed: frames, from 0.
        es: frames, from 0.

    """
    beats, before, ends = [], -1, sorted(es)
    for end in ends:
        starts = [frame for frame in ed if before < frame < end]
        if starts:
            beats.append(Beat(max(starts), end))
        before = end
    late = [frame for frame in ed if ends and frame > ends[0]]
    return tuple(beats) if beats or not late else (Beat(min(late), ends[0]),)


def disagreements(
    volume: CardiacEvents, curve: PhaseCurve, cycle: int | None = None
) -> tuple[Disagreement, ...] | None:
    """Marks that differ by more than `TOLERANCE` frames, in order of time; None where beats cannot be matched.

    Each mark of the volume curve is held against the nearest regressed one of its kind. Where no whole beat was
    regressed nothing is said; nor of the ED of a loop's one beat where regression has only that on ES's other side,
    which is the ED of the beat before or after.

    Args:
        volume: events of the volume curve.
        curve: as regressed.
        cycle: frames of a gated cycle, whose last comes before its first; None for a loop.

    """
    beats = len(curve.events.beats)
    if not beats:
        return ()
    if beats > len(volume.beats):
        return None
    found: list[Disagreement] = []
    used: set[tuple[Mark, int]] = set()
    for number, beat in enumerate(volume.beats):
        kinds: tuple[tuple[Mark, tuple[int, ...]], ...] = (("ed", curve.ed), ("es", curve.es))
        for mark, there in kinds:
            here = frame_of(beat, mark)
            apart = {frame: frames_apart(here, frame, cycle) for frame in there}
            nearest = min(apart, key=lambda frame: apart[frame])
            if mark == "ed" and cycle is None and len(volume.beats) == 1 and _is_next(beat, nearest, curve.es):
                continue
            if (mark, nearest) in used:
                return None
            used.add((mark, nearest))
            if apart[nearest] > TOLERANCE:
                found.append(Disagreement(number, mark, here, nearest))
    return tuple(found)


def _is_next(beat: Beat, ed: int, es: Sequence[int]) -> bool:
    """Whether a regressed ED is on the other side of ES, by both ways, than the ED of `beat` does."""
    first, last = sorted((beat.es, min(es, key=lambda frame: abs(frame - beat.es))))
    return (beat.ed < first and last < ed) or (ed < first and last < beat.ed)


def frames_apart(first: float, second: float, cycle: int | None) -> float:
    """How far two frames are apart; in a gated cycle by the shorter way round.

    Args:
        first: frame, fractions included.
        second: frame, fractions included.
        cycle: frames of a gated cycle; None of a recording that does not go round.

    """
    apart = abs(first - second)
    return apart if cycle is None else min(apart, cycle - apart)


def take_mark(now: CardiacEvents | None, beat: int, mark: Mark, frame: int) -> CardiacEvents | None:
    """The marks in force with one of them at `frame`, as a person's choice.

    None where that beat is not there, or the mark alone would pass its neighbours.

    Args:
        now: in force; None where nothing was marked.
        beat: its number, from 0.
        mark: "ed" or "es".
        frame: from 0.

    """
    if now is None or beat >= len(now.beats):
        return None
    beats = list(now.beats)
    try:
        beats[beat] = with_mark(beats[beat], mark, frame)
        return with_beats(now, beats)
    except ValueError:
        return None
