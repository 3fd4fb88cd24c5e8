"""Edits of events: ED and ES, the curve they were suggested from, aortic valve closure."""

from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np

from kinecor.core.table.measures import SHORT_AXIS_CODES, STRAIN_CODES
from kinecor.core.values.events import CardiacEvents, PhaseCurve
from kinecor.core.values.reading import Reading
from kinecor.session.codec import Edit, Form, authored, invalidate_accepted, tagged


@tagged("set-events/1")
@dataclass(frozen=True, slots=True)
class SetEvents(Edit):
    """ED and ES of every beat."""

    events: CardiacEvents

    @property
    def summary(self) -> str:
        """A few plain words for the history; frames are counted from 1."""
        match self.events.beats:
            case ():
                return "ED and ES removed"
            case (beat,):
                return f"ED frame {beat.ed + 1}, ES frame {beat.es + 1}"
            case beats:
                return f"ED and ES of {len(beats)} beats"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these events.

        Raises:
            ValueError: a beat is beyond the last frame.

        """
        return invalidate_accepted(reading, "events", by, events=self.events)


@dataclass(frozen=True, slots=True)
class SetPhaseCurve(Edit):
    """ED and ES as a model suggests them from the images, next to the marks in use; None removes the suggestion."""

    curve: PhaseCurve | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "AI-suggested ED and ES" if self.curve else "AI-suggested ED and ES removed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this curve; no measurement is computed from it.

        Raises:
            ValueError: its number of frames is not that of the recording.

        """
        return authored(reading, "phase_curve", by, phase_curve=self.curve)

    def payload(self) -> Form:
        """Curve and marks; with marks between frames in the second form, which older versions do not read."""
        if self.curve is None or not (self.curve.ed_at or self.curve.es_at):
            return _SetPhaseCurve(None if self.curve is None else _PhaseCurve.of(self.curve))
        return _SetPlacedCurve(_PlacedCurve.of(self.curve))


class _PhaseCurve(msgspec.Struct):
    # Values as little-endian float64.
    values: bytes
    ed: tuple[int, ...]
    es: tuple[int, ...]
    by: str

    @classmethod
    def of(cls, curve: PhaseCurve) -> Self:
        return cls(curve.values.astype("<f8").tobytes(), curve.ed, curve.es, curve.by)

    def curve(self) -> PhaseCurve:
        return PhaseCurve(np.frombuffer(self.values, "<f8"), self.ed, self.es, self.by)


class _PlacedCurve(_PhaseCurve):
    # Marks between frames.
    ed_at: tuple[float, ...]
    es_at: tuple[float, ...]

    @classmethod
    def of(cls, curve: PhaseCurve) -> Self:
        return cls(curve.values.astype("<f8").tobytes(), curve.ed, curve.es, curve.by, curve.ed_at, curve.es_at)

    def curve(self) -> PhaseCurve:
        values = np.frombuffer(self.values, "<f8")
        return PhaseCurve(values, self.ed, self.es, self.by, self.ed_at, self.es_at)


@tagged("set-phase-curve/1")
class _SetPhaseCurve(Form):
    """ED and ES as a model suggests them from the images."""

    curve: _PhaseCurve | None

    def edit(self) -> Edit:
        return SetPhaseCurve(None if self.curve is None else self.curve.curve())


@tagged("set-phase-curve/2")
class _SetPlacedCurve(Form):
    """The same with marks between frames."""

    curve: _PlacedCurve

    def edit(self) -> Edit:
        return SetPhaseCurve(self.curve.curve())


@tagged("set-valve-closures/1")
@dataclass(frozen=True, slots=True)
class SetValveClosures(Edit):
    """All frames (increasing) at which the aortic valve closes; an empty tuple removes the marks."""

    frames: tuple[int, ...]

    @property
    def summary(self) -> str:
        """A few plain words for the history; frames are counted from 1."""
        if not self.frames:
            return "AVC removed"
        return f"AVC frame {', '.join(str(frame + 1) for frame in self.frames)}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these marks.

        Raises:
            ValueError: a mark is outside the recording, the marks are not in order, or this is a stack.

        """
        if reading.kind.stack:
            raise ValueError(f"{reading.facts.recording_id} is a stack: aortic valve closure is marked in a loop")
        return invalidate_accepted(
            reading, "valve_closures", by, (*STRAIN_CODES, *SHORT_AXIS_CODES), valve_closures=self.frames
        )
