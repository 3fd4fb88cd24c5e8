"""Edits: each makes the next Reading from the last one.

An edit carries its result (the points), never its recipe ("smooth by 2"): replaying a file gives the same Reading
whatever has become of the algorithm since. The set is closed: `Edit` names all of them, and the codec holds the
same list.
"""

import math
from dataclasses import dataclass

import numpy as np

from kinecor.core.table.measurement import Quantity, digits, unit_name
from kinecor.core.table.number_format import typeset
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.contour import Contour
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.phase_curve import PhaseCurve
from kinecor.core.values.reading import Decision, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.authorship import authored, measured_anew, unauthored
from kinecor.session.stack_edits import (
    OnSlice,
    SetBody,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetMuscle,
    SetPapillaries,
    SetRvBase,
)
from kinecor.session.strain_edits import SetMotion, SetStrainChoices, SetValveClosures

STRUCTURE_NAMES = {
    Structure.LV_ENDO: "LV endocardium",
    Structure.LV_EPI: "LV epicardium",
    Structure.LA: "left atrium",
    Structure.RV: "right ventricle",
}
"""What a reader calls each structure."""


@dataclass(frozen=True, slots=True)
class SetContours:
    """A person's contours of one structure at frames start, start + 1, ...; None takes a contour away.

    Makes the track where there is none yet; its other frames are then empty, with confidence 0.

    Attributes:
        structure: what is outlined.
        start: the first frame.
        contours: one per frame.
        origins: one per contour: edited where the person looked, tracked where a contour was carried along. All
            edited where none are given.

    Raises:
        ValueError: there are not as many origins as contours.

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
    def summary(self) -> str:
        """A few plain words for the history; frames are counted from 0."""
        last = self.start + len(self.contours) - 1
        edited = [self.start + i for i, origin in enumerate(self.origins) if origin is Origin.EDITED]
        own = _run(edited) if edited else (self.start, last)
        done = "" if any(self.contours) else " removed"
        along = "" if own == (self.start, last) else f" ({self.start}–{last} moved along)"
        return f"{STRUCTURE_NAMES[self.structure]}{done}, {_frames(*own)}{along}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these contours in it.

        Raises:
            ValueError: the frames reach beyond the recording.

        """
        part = f"tracks/{self.structure}"
        track = reading.tracks.get(self.structure)
        if track is None:
            track, reading = _empty(self.structure, reading.facts.frames), unauthored(reading, part)
        edited = track.replaced(self.start, self.contours, self.origins)
        # The model that drew the other frames stays named beside the person who changed these.
        return measured_anew(reading, f"{part}/edited", by, tracks=_tracks_with(reading, edited))


@dataclass(frozen=True, slots=True)
class SetTrack:
    """A whole track at once, as a model proposes it."""

    track: ContourTrack

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"{STRUCTURE_NAMES[self.track.structure]}, all frames"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this track in place of the one it had.

        Raises:
            ValueError: the track has another number of frames than the recording.

        """
        part = f"tracks/{self.track.structure}"
        tracks = _tracks_with(reading, self.track)
        if Origin.EDITED not in self.track.origins:  # else frames that a person drew are among them still
            reading = unauthored(reading, f"{part}/edited")
        return measured_anew(reading, part, by, tracks=tracks)


@dataclass(frozen=True, slots=True)
class RemoveTrack:
    """No contours of this structure any more."""

    structure: Structure

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"{STRUCTURE_NAMES[self.structure]} removed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without that track."""
        tracks = {structure: track for structure, track in reading.tracks.items() if structure is not self.structure}
        part = f"tracks/{self.structure}"
        return measured_anew(unauthored(reading, f"{part}/edited"), part, by, tracks=tracks)


@dataclass(frozen=True, slots=True)
class SetEvents:
    """ED and ES of every beat."""

    events: CardiacEvents

    @property
    def summary(self) -> str:
        """A few plain words for the history; frames are counted from 0."""
        match self.events.beats:
            case ():
                return "ED and ES removed"
            case (beat,):
                return f"ED {beat.ed}, ES {beat.es}"
            case beats:
                return f"ED and ES of {len(beats)} beats"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these events.

        Raises:
            ValueError: a beat lies beyond the last frame.

        """
        return measured_anew(reading, "events", by, events=self.events)


@dataclass(frozen=True, slots=True)
class SetPhaseCurve:
    """ED and ES as regressed from the pictures, beside the marks in force, or None."""

    curve: PhaseCurve | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "regressed ED and ES" if self.curve else "regressed ED and ES removed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this curve; no number rests on it.

        Raises:
            ValueError: it has another number of frames than the recording.

        """
        return authored(reading, "phase_curve", by, phase_curve=self.curve)


@dataclass(frozen=True, slots=True)
class SetCalibration:
    """Another scale, or none."""

    calibration: Calibration | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        if self.calibration is None:
            return "scale removed"
        return f"scale {self.calibration.row_mm:.4g} × {self.calibration.col_mm:.4g} mm"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this scale in force."""
        return measured_anew(reading, "calibration", by, calibration=self.calibration)


@dataclass(frozen=True, slots=True)
class SetView:
    """The view of the recording."""

    view: View

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"view {self.view.label}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading of that view."""
        return authored(reading, "view", by, view=self.view)


@dataclass(frozen=True, slots=True)
class SetViewSeen:
    """What a model sees in the pictures, beside the view in force."""

    view: View | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"looks like {self.view.label}" if self.view else "view not looked at"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with it."""
        return authored(reading, "view_seen", by, view_seen=self.view)


@dataclass(frozen=True, slots=True)
class Decide:
    """What a reader says of one measurement: accepted, rejected, or replaced by a value of theirs.

    Attributes:
        code: of the measurement.
        accepted: whether it stands.
        value: the reader's own value in place of it, or None.
        computed: the value on screen when they decided, or None where it was withheld; for the record only.
        unit: of both values, as in Quantity; "" where nobody said.

    Raises:
        ValueError: no code, or a value that is not finite.

    """

    code: str
    accepted: bool
    value: float | None = None
    computed: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a decision names the measurement it is about")
        for value in (self.value, self.computed):
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{self.code}: a value is finite, got {value}")

    @property
    def summary(self) -> str:
        """A few plain words for the history, with the old and the new value."""
        unit = f" {unit_name(self.unit)}" if self.unit else ""
        before = "" if self.computed is None else f" {digits(Quantity(self.computed, self.unit), self.code)}{unit}"
        if self.value is not None:
            return f"{self.code}{before} {'replaced by' if before else 'set to'} {typeset(f'{self.value:g}')}{unit}"
        return f"{self.code}{before} {'accepted' if self.accepted else 'rejected'}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this decision."""
        decision = Decision(self.code, self.accepted, self.value, by)
        return authored(reading, f"decisions/{self.code}", by, decisions={**reading.decisions, self.code: decision})


@dataclass(frozen=True, slots=True)
class ClearDecision:
    """A decision taken back: the measurement is as computed again."""

    code: str

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"{self.code} as computed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without that decision."""
        decisions = {code: decision for code, decision in reading.decisions.items() if code != self.code}
        return authored(reading, f"decisions/{self.code}", by, decisions=decisions)


@dataclass(frozen=True, slots=True)
class SetNotes:
    """The reader's own words, all of them."""

    text: str

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "notes" if self.text else "notes removed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these notes."""
        return authored(reading, "notes", by, notes=self.text)


@dataclass(frozen=True, slots=True)
class SetWithheld:
    """Why nothing is measured in this recording, or None: it may be measured."""

    reason: str | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "measuring allowed" if self.reason is None else f"not measured: {self.reason}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading that withholds its measurements, or no longer does."""
        return authored(reading, "withheld", by, withheld=self.reason)


@dataclass(frozen=True, slots=True)
class Several:
    """Edits that are done and undone as one, e.g. a whole analysis; the label stands in the history."""

    label: str
    edits: "tuple[Edit, ...]"

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return self.label

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading after all of them, in order.

        Raises:
            ValueError: one of them does not fit the recording.

        """
        for edit in self.edits:
            reading = edit.apply(reading, by)
        return reading


Edit = (
    SetContours
    | SetTrack
    | RemoveTrack
    | SetEvents
    | SetPhaseCurve
    | SetCalibration
    | SetView
    | SetViewSeen
    | Decide
    | ClearDecision
    | SetNotes
    | SetWithheld
    | SetMotion
    | SetStrainChoices
    | SetValveClosures
    | SetExtent
    | SetExcluded
    | SetPapillaries
    | SetMuscle
    | SetRvBase
    | SetInsertion
    | SetBody
    | OnSlice
    | Several
)


def _frames(first: int, last: int) -> str:
    return f"frame {first}" if last == first else f"frames {first}–{last}"


def _run(frames: list[int]) -> tuple[int, int]:
    """The first and last of frames that follow each other; past the end of a cycle they go on from its beginning."""
    breaks = [i for i in range(1, len(frames)) if frames[i] - frames[i - 1] > 1]
    return (frames[breaks[0]], frames[breaks[0] - 1]) if len(breaks) == 1 else (frames[0], frames[-1])


def _empty(structure: Structure, frames: int) -> ContourTrack:
    return ContourTrack(structure, (None,) * frames, (Origin.EDITED,) * frames, np.zeros(frames))


def _tracks_with(reading: Reading, track: ContourTrack) -> dict[Structure, ContourTrack]:
    return {**reading.tracks, track.structure: track}
