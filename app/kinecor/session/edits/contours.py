"""Edits of what is marked on frames: contours, ED and ES with the curve they were suggested from, valve closure."""

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Self

import msgspec
import numpy as np

from kinecor.core.table.measures import SHORT_AXIS_CODES, STRAIN_CODES
from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import Message, join_texts, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.track import STRUCTURE_NAMES, ContourTrack, Origin, Structure
from kinecor.session.codec import Edit, Form, invalidate_accepted, register_tag, with_author, without_author


@dataclass(frozen=True, slots=True)
class SetContours(Edit):
    """A person's contours of one structure at frames start, start + 1, ...; None removes a contour.

    Creates the track where there is none; its other frames are then empty, with confidence 0.

    Attributes:
        structure: what is outlined.
        start: the first frame.
        contours: one per frame.
        origins: one per contour: edited where the person drew it, tracked where it was propagated from another frame.
            All edited where none are given.

    Raises:
        ValueError: the numbers of origins and contours differ.

    """

    structure: Structure
    start: int
    contours: tuple[Contour | None, ...]
    origins: tuple[Origin, ...] = ()

    def __post_init__(self) -> None:
        if not self.origins:
            object.__setattr__(self, "origins", (Origin.EDITED,) * len(self.contours))
        if len(self.origins) != len(self.contours):
            raise ValueError(f"{len(self.contours)} contours need as many origins, got {len(self.origins)}")

    @property
    def where(self) -> Message:
        """The frames, counted from 1: those that a person drew, and how far others were adjusted."""
        last = self.start + len(self.contours) - 1
        edited = [self.start + i for i, origin in enumerate(self.origins) if origin is Origin.EDITED]
        drawn = _run(edited) if edited else (self.start, last)
        where = _frames(*drawn)
        if drawn != (self.start, last):
            where = message("{frames} ({first}–{last} adjusted)", frames=where, first=self.start + 1, last=last + 1)
        return where

    @property
    def summary(self) -> Message:
        """A few plain words for the history; frames are counted from 1."""
        structure = STRUCTURE_NAMES[self.structure]
        return join_texts(
            structure if any(self.contours) else message("{item} removed", item=structure), ", ", self.where
        )

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these contours.

        Raises:
            ValueError: the frames reach beyond the recording.

        """
        part = f"tracks/{self.structure}"
        track = reading.tracks.get(self.structure)
        if track is None:
            track, reading = _empty(self.structure, reading.facts.frames), without_author(reading, part)
        edited = track.replaced(self.start, self.contours, self.origins)
        if Origin.TRACKED not in edited.origins:
            reading = without_author(reading, f"{part}/propagated")
        # The model that drew the other frames stays recorded next to the person who changed these.
        return invalidate_accepted(reading, f"{part}/edited", by, tracks=_tracks_with(reading, edited))

    def payload(self) -> Form:
        """The contours packed: exact, and quick to read."""
        return _SetContours(self.structure, self.start, _Contours.from_contours(self.contours), list(self.origins))


@dataclass(frozen=True, slots=True)
class SetTrack(Edit):
    """A whole track at once, as a model proposes it."""

    track: ContourTrack

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("{structure}, all frames", structure=STRUCTURE_NAMES[self.track.structure])

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this track instead of its own.

        Raises:
            ValueError: the track has another number of frames than the recording.

        """
        part = f"tracks/{self.track.structure}"
        track = self.track
        # What is below a person's contours is what the history gives again, whatever came with the track.
        tracks = _tracks_with(reading, ContourTrack(track.structure, track.contours, track.origins, track.confidence))
        if Origin.EDITED not in self.track.origins:  # otherwise frames drawn by a person are still among them
            reading = without_author(without_author(reading, f"{part}/edited"), f"{part}/propagated")
        reading = without_author(reading, f"{part}/at-es")
        return invalidate_accepted(reading, part, by, tracks=tracks)

    def payload(self) -> Form:
        """The contours packed, confidences as little-endian float64."""
        track = self.track
        confidence = track.confidence.astype("<f8").tobytes()
        return _SetTrack(track.structure, _Contours.from_contours(track.contours), list(track.origins), confidence)


@register_tag("remove-track/1")
@dataclass(frozen=True, slots=True)
class RemoveTrack(Edit):
    """Removes all contours of a structure."""

    structure: Structure

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("{item} removed", item=STRUCTURE_NAMES[self.structure])

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without that track."""
        tracks = {structure: track for structure, track in reading.tracks.items() if structure is not self.structure}
        part = f"tracks/{self.structure}"
        for followed in ("edited", "propagated", "at-es"):
            reading = without_author(reading, f"{part}/{followed}")
        return invalidate_accepted(reading, part, by, tracks=tracks)


@register_tag("set-propagated-by/1")
@dataclass(frozen=True, slots=True)
class SetPropagatedBy(Edit):
    """The model that helped contours of a structure to follow those that a person drew ("model:NAME@VERSION+SHA")."""

    structure: Structure
    by: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message(
            "{edit}, refined by {model}", edit=STRUCTURE_NAMES[self.structure], model=verbatim(short_author(self.by))
        )

    def apply(self, reading: Reading, by: str) -> Reading:  # noqa: ARG002 - whoever propagated is recorded with the contours
        """The Reading with that model as an author of the contours that follow."""
        return with_author(reading, f"tracks/{self.structure}/propagated", self.by)


@register_tag("set-es-by/1")
@dataclass(frozen=True, slots=True)
class SetEsBy(Edit):
    """The model that contoured a structure at ES, where it is another than that of the other frames."""

    structure: Structure
    by: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message(
            "{structure} at ES by {model}",
            structure=STRUCTURE_NAMES[self.structure],
            model=verbatim(short_author(self.by)),
        )

    def apply(self, reading: Reading, by: str) -> Reading:  # noqa: ARG002 - the model is an author of its own
        """The Reading with that model as an author of the structure's contours."""
        return with_author(reading, f"tracks/{self.structure}/at-es", self.by)


class _Contours(msgspec.Struct):
    # Points of all frames in one run of little-endian float64 x, y (base64 in JSON). A count of 0 is a frame without
    # a contour.
    counts: list[int]
    points: bytes

    @classmethod
    def from_contours(cls, contours: tuple[Contour | None, ...]) -> Self:
        counts = [len(contour) if contour else 0 for contour in contours]
        points = b"".join(contour.points.astype("<f8", copy=False).tobytes() for contour in contours if contour)
        return cls(counts, points)

    def contours(self) -> tuple[Contour | None, ...]:
        points = np.frombuffer(self.points, "<f8").reshape(-1, 2)
        edges = list(accumulate(self.counts, initial=0))
        if edges[-1] != len(points) or min(self.counts, default=0) < 0:
            raise ValueError(f"{edges[-1]} points were announced, {len(points)} came")
        return tuple(Contour(points[a:b]) if b > a else None for a, b in pairwise(edges))


@register_tag("set-contours/1")
class _SetContours(Form):
    """A person's contours of one structure at some frames, their points packed."""

    structure: Structure
    start: int
    contours: _Contours
    origins: list[Origin]

    def edit(self) -> Edit:
        contours = self.contours.contours()
        if len(self.origins) != len(contours):
            raise ValueError(f"{len(contours)} contours came with {len(self.origins)} origins")
        return SetContours(self.structure, self.start, contours, tuple(self.origins))


@register_tag("set-track/1")
class _SetTrack(Form):
    """A whole track at once, as a model proposes it, its points packed."""

    structure: Structure
    contours: _Contours
    origins: list[Origin]
    confidence: bytes

    def edit(self) -> Edit:
        confidence = np.frombuffer(self.confidence, "<f8")
        track = ContourTrack(self.structure, self.contours.contours(), tuple(self.origins), confidence)
        return SetTrack(track)


def _frames(first: int, last: int) -> Message:
    """In words; frames are counted from 1 there."""
    if last == first:
        return message("frame {frame}", frame=first + 1)
    return message("frames {first}–{last}", first=first + 1, last=last + 1)


def _numbers(frames: tuple[int, ...]) -> Message:
    return joined_by(", ", [str(frame + 1) for frame in frames])


def _run(frames: list[int]) -> tuple[int, int]:
    """First and last of consecutive frames, which may run over the end of a cycle to its beginning."""
    breaks = [i for i in range(1, len(frames)) if frames[i] - frames[i - 1] > 1]
    return (frames[breaks[0]], frames[breaks[0] - 1]) if len(breaks) == 1 else (frames[0], frames[-1])


def _empty(structure: Structure, frames: int) -> ContourTrack:
    return ContourTrack(structure, (None,) * frames, (Origin.EDITED,) * frames, np.zeros(frames))


def _tracks_with(reading: Reading, track: ContourTrack) -> dict[Structure, ContourTrack]:
    return {**reading.tracks, track.structure: track}


@dataclass(frozen=True, slots=True)
class SetEvents(Edit):
    """ED and ES of every beat, and the ED that ends the last one where it is marked."""

    events: CardiacEvents

    @property
    def summary(self) -> Message:
        """A few plain words for the history; frames are counted from 1."""
        match self.events.beats:
            case ():
                return message("ED and ES removed")
            case (beat,) if self.events.closing_ed is not None:
                return message(
                    "ED frame {ed}, ES frame {es}, next ED frame {next_ed}",
                    ed=beat.ed + 1,
                    es=beat.es + 1,
                    next_ed=self.events.closing_ed + 1,
                )
            case (beat,):
                return message("ED frame {ed}, ES frame {es}", ed=beat.ed + 1, es=beat.es + 1)
            case beats:
                return message("ED and ES of {count} beats", count=len(beats))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these events.

        Raises:
            ValueError: a beat is beyond the last frame.

        """
        return invalidate_accepted(reading, "events", by, events=self.events)

    def payload(self) -> Form:
        """The beats; with the closing ED in another form, so that files without one read in older versions, too."""
        events = self.events
        if events.closing_ed is None:
            return _SetEvents(_Beats(events.beats, events.origin))
        return _SetClosedEvents(_ClosedBeats(events.beats, events.origin, events.closing_ed))


class _Beats(msgspec.Struct):
    beats: tuple[Beat, ...]
    origin: Origin


class _ClosedBeats(_Beats):
    closing_ed: int


@register_tag("set-events/1")
class _SetEvents(Form):
    """ED and ES of every beat."""

    events: _Beats

    def edit(self) -> Edit:
        return SetEvents(CardiacEvents(self.events.beats, self.events.origin))


@register_tag("set-events/2")
class _SetClosedEvents(Form):
    """ED and ES of every beat, and the ED that ends the last one."""

    events: _ClosedBeats

    def edit(self) -> Edit:
        return SetEvents(CardiacEvents(self.events.beats, self.events.origin, self.events.closing_ed))


@dataclass(frozen=True, slots=True)
class SetPhaseCurve(Edit):
    """ED and ES as a model suggests them from the images, next to the marks in use; None removes the suggestion."""

    curve: PhaseCurve | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("AI-suggested ED and ES") if self.curve else message("AI-suggested ED and ES removed")

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this curve; no measurement is computed from it.

        Raises:
            ValueError: its number of frames is not that of the recording.

        """
        return with_author(reading, "phase_curve", by, phase_curve=self.curve)

    def payload(self) -> Form:
        """Curve and marks; with marks between frames in the second form, which older versions do not read."""
        if self.curve is None or not (self.curve.ed_at or self.curve.es_at):
            return _SetPhaseCurve(None if self.curve is None else _PhaseCurve.from_curve(self.curve))
        return _SetPlacedCurve(_PlacedCurve.from_curve(self.curve))


class _PhaseCurve(msgspec.Struct):
    # Values as little-endian float64.
    values: bytes
    ed: tuple[int, ...]
    es: tuple[int, ...]
    by: str

    @classmethod
    def from_curve(cls, curve: PhaseCurve) -> Self:
        return cls(curve.values.astype("<f8").tobytes(), curve.ed, curve.es, curve.by)

    def curve(self) -> PhaseCurve:
        return PhaseCurve(np.frombuffer(self.values, "<f8"), self.ed, self.es, self.by)


class _PlacedCurve(_PhaseCurve):
    # Marks between frames.
    ed_at: tuple[float, ...]
    es_at: tuple[float, ...]

    @classmethod
    def from_curve(cls, curve: PhaseCurve) -> Self:
        return cls(curve.values.astype("<f8").tobytes(), curve.ed, curve.es, curve.by, curve.ed_at, curve.es_at)

    def curve(self) -> PhaseCurve:
        values = np.frombuffer(self.values, "<f8")
        return PhaseCurve(values, self.ed, self.es, self.by, self.ed_at, self.es_at)


@register_tag("set-phase-curve/1")
class _SetPhaseCurve(Form):
    """ED and ES as a model suggests them from the images."""

    curve: _PhaseCurve | None

    def edit(self) -> Edit:
        return SetPhaseCurve(None if self.curve is None else self.curve.curve())


@register_tag("set-phase-curve/2")
class _SetPlacedCurve(Form):
    """The same with marks between frames."""

    curve: _PlacedCurve

    def edit(self) -> Edit:
        return SetPhaseCurve(self.curve.curve())


@register_tag("set-valve-closures/1")
@dataclass(frozen=True, slots=True)
class SetValveClosures(Edit):
    """All frames (increasing) at which the aortic valve closes; an empty tuple removes the marks."""

    frames: tuple[int, ...]

    @property
    def summary(self) -> Message:
        """A few plain words for the history; frames are counted from 1."""
        if not self.frames:
            return message("AVC removed")
        return message("AVC frame {frames}", frames=_numbers(self.frames))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these marks.

        Raises:
            ValueError: a mark is outside the recording, the marks are not in order, or this is a stack.

        """
        if reading.kind.stack:
            raise ValueError(
                message(
                    "{recording} is a stack: aortic valve closure is marked in a loop",
                    recording=verbatim(reading.facts.recording_id),
                )
            )
        return invalidate_accepted(
            reading, "valve_closures", by, (*STRAIN_CODES, *SHORT_AXIS_CODES), valve_closures=self.frames
        )


@register_tag("set-valve-openings/1")
@dataclass(frozen=True, slots=True)
class SetValveOpenings(Edit):
    """All frames (increasing) at which the mitral valve opens; an empty tuple removes the marks."""

    frames: tuple[int, ...]

    @property
    def summary(self) -> Message:
        """A few plain words for the history; frames are counted from 1."""
        if not self.frames:
            return message("MVO removed")
        return message("MVO frame {frames}", frames=_numbers(self.frames))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these marks; no measurement rests on them.

        Raises:
            ValueError: a mark is outside the recording, the marks are not in order, or this is a stack.

        """
        if reading.kind.stack:
            raise ValueError(
                message(
                    "{recording} is a stack: mitral valve opening is marked in a loop",
                    recording=verbatim(reading.facts.recording_id),
                )
            )
        return invalidate_accepted(reading, "valve_openings", by, (), valve_openings=self.frames)
