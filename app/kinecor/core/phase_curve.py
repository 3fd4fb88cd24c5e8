"""ED and ES as a network regresses them from the pictures, beside those of the volume curve; where the two differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from kinecor.core.arrays import FloatArray, finite, frozen
from kinecor.core.event_moves import Mark, frame_of, with_mark
from kinecor.core.events import Beat, CardiacEvents
from kinecor.core.track import Origin

TOLERANCE = 1
"""Frames by which two ways to ED and ES may differ before the reader is told."""


@dataclass(frozen=True, eq=False)
class PhaseCurve:
    """The regressed curve of a recording; it needs no contours.

    Attributes:
        values: (frames,) about 1 at ED and 0 at ES, without unit; shaped as a volume curve is.
        beats: its ED and ES.
        by: the model, as "model:NAME@VERSION+SHA".

    Raises:
        ValueError: values that are not finite, beats beyond them, out of order or overlapping.

    """

    values: FloatArray
    beats: tuple[Beat, ...]
    by: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", finite(frozen(self.values), "a phase curve"))
        if self.values.ndim != 1:
            raise ValueError(f"a phase curve has one value a frame, got shape {self.values.shape}")
        for beat in self.events.beats:
            if max(beat.ed, beat.es) >= len(self.values):
                raise ValueError(f"ED {beat.ed} / ES {beat.es} lies beyond the last frame, {len(self.values) - 1}")

    @property
    def events(self) -> CardiacEvents:
        """Its beats as events that a model found."""
        return CardiacEvents(self.beats, Origin.MODEL)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One mark that two ways put more than `TOLERANCE` frames apart: `beat` counts from 0, frames too."""

    beat: int
    mark: Mark
    volume: int
    regression: int


def paired(ed: Sequence[int], es: Sequence[int]) -> tuple[Beat, ...]:
    """Beats from EDs and ESs in frames, in any order: each ES with the last ED since the ES before it.

    An ES without such an ED is left out, but for a loop's only one, which then goes with the ED after it.
    """
    beats, before = [], -1
    for end in sorted(es):
        starts = [one for one in ed if before < one < end]
        if starts:
            beats.append(Beat(max(starts), end))
        before = end
    if not beats and len(es) == 1 and any(one > es[0] for one in ed):
        beats.append(Beat(min(one for one in ed if one > es[0]), es[0]))
    return tuple(beats)


def disagreements(
    volume: CardiacEvents, regression: CardiacEvents, cycle: int | None = None
) -> tuple[Disagreement, ...] | None:
    """Marks that differ by more than `TOLERANCE` frames, in order of time; None where the beats are not as many.

    Args:
        volume: from the volume curve.
        regression: from the regressed curve.
        cycle: frames of a gated cycle, whose last comes before its first; None for a loop.

    """
    if len(volume.beats) != len(regression.beats):
        return None
    found: list[Disagreement] = []
    for number, (one, other) in enumerate(zip(volume.beats, regression.beats, strict=True)):
        marks: tuple[Mark, Mark] = ("ed", "es")
        for mark in marks:
            first, second = frame_of(one, mark), frame_of(other, mark)
            apart = abs(first - second)
            if (apart if cycle is None else min(apart, cycle - apart)) > TOLERANCE:
                found.append(Disagreement(number, mark, first, second))
    return tuple(found)


def taken(now: CardiacEvents | None, source: CardiacEvents, one: Disagreement | None = None) -> CardiacEvents:
    """The marks in force with one of them as `source` has it, as a person's choice.

    All of them are `source`'s where `one` is None, where the beats are not as many, or where that mark alone would
    pass its neighbours.
    """
    if one is not None and now is not None and len(now.beats) == len(source.beats):
        beats = list(now.beats)
        try:
            beats[one.beat] = with_mark(beats[one.beat], one.mark, frame_of(source.beats[one.beat], one.mark))
            return CardiacEvents(tuple(beats), Origin.EDITED)
        except ValueError:
            pass
    return CardiacEvents(source.beats, Origin.EDITED)
