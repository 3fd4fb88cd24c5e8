"""The checks of the study on screen: the assessment of each recording, all findings as one list, where they point."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kinecor.core.checks.assessment import (
    Assessment,
    assessed,
    assessed_during_edit,
    assessed_study,
    study_sources,
    unchecked,
)
from kinecor.core.checks.findings import Finding, Severity, State
from kinecor.core.checks.table import title_of_check
from kinecor.core.study.stress import clip_of
from kinecor.core.table.over_views import SourceOf
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.message import Message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.ui.style.language import tr, translated

if TYPE_CHECKING:
    from kinecor.ui.workspace.workspace import Workspace

NOTHING: Final = Assessment((), ())
_ORDER: Final = (Severity.STOP, Severity.CHECK, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is seen: a frame and a slice (0-based), each None where the finding names none."""

    frame: int | None = None
    slice: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding as an entry of the Checks list.

    Attributes:
        index: of its recording in the workspace.
        name: of its recording, "" where the study has only one.
        finding: see Finding.

    """

    index: int
    name: str
    finding: Finding

    @property
    def title(self) -> Message:
        """See `title_of`."""
        return title_of(self.finding)

    @property
    def counts(self) -> bool:
        """Whether it marks or withholds a value and nobody acknowledged it."""
        return self.finding.marks and self.finding.state is State.OPEN

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place to look at; frames that follow each other are one place, its first frame."""
        frames: tuple[int | None, ...] = tuple(begins(self.finding.frames)) or (None,)
        slices: tuple[int | None, ...] = self.finding.slices or (None,)
        return tuple(Place(frame, number) for number in slices for frame in frames)


def title_of(finding: Finding) -> Message:
    """What the check is called that it is of: "Stack: mass"."""
    return title_of_check(finding.code)


def begins(frames: tuple[int, ...]) -> Iterator[int]:
    """The first of each run of frames that follow each other."""
    found = sorted(set(frames))
    yield from found[:1]
    yield from (late for early, late in pairwise(found) if late > early + 1)


class StudyChecks:
    """Assessments of the recordings that are open, computed on demand and forgotten when anything is saved.

    Provisional values, which a model replaces within seconds, have no findings.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._known: dict[int, Assessment] = {}
        self._listed: tuple[Listed, ...] | None = None
        self._study: Assessment | None = None

    def forget(self) -> None:
        """A Reading was saved, or others were opened."""
        self._known.clear()
        self._listed = self._study = None

    @property
    def here(self) -> Assessment:
        """Of the saved Reading on screen."""
        return self.of(self._workspace.index)

    def of(self, index: int) -> Assessment:
        """Of a recording by its index; without rows or findings where it has no Reading yet."""
        if index not in self._known:
            reading = self._reading(index)
            found = NOTHING if reading is None else assessed(reading, self._others(index))
            self._known[index] = unchecked(found) if self._provisional(index) else found
        return self._known[index]

    @property
    def study(self) -> Assessment:
        """Of the study on screen as a whole: results over views, decisions of its reader, findings between views."""
        if self._study is None:
            readings = self.readings
            found = assessed_study(readings, self._workspace.study_reading) if readings else NOTHING
            self._study = unchecked(found) if any(map(self._provisional, self._workspace.members)) else found
        return self._study

    @property
    def sources(self) -> tuple[SourceOf, ...]:
        """The recordings and beats that the results over views rest on."""
        return study_sources(self.readings, self._workspace.study_reading)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Of the recordings of the study on screen, as far as they were opened."""
        return tuple(reading for at in self._workspace.members if (reading := self._reading(at)) is not None)

    def during(self, reading: Reading) -> Assessment:
        """Of a Reading on the way from the one on screen, by the findings of the saved one."""
        return assessed_during_edit(reading, self.here)

    @property
    def listed(self) -> tuple[Listed, ...]:
        """Every finding of the study on screen: open before acknowledged, and the most serious first."""
        if self._listed is None:
            self._listed = tuple(self._all())
        return self._listed

    @property
    def open(self) -> tuple[Listed, ...]:
        """Findings that mark or withhold values."""
        return tuple(one for one in self.listed if one.counts)

    def open_of(self, index: int) -> tuple[Finding, ...]:
        """The open findings of one recording that mark or withhold values."""
        return tuple(one for one in self.of(index).open if one.marks)

    def at(self, frame: int, number: int | None = None, index: int | None = None) -> Finding | None:
        """The most serious open finding that concerns a frame on screen, and a slice of a stack; None without one.

        `index` names another recording than the current one.
        One that names no frame concerns all of them. In a stack only those that name slices are tied to a slice.
        """
        for one in self.open_of(self._workspace.index if index is None else index):
            here = number is None or number in one.slices
            if here and (not one.frames or frame in one.frames):
                return one
        return None

    def frames(self) -> dict[int, Severity]:
        """Every frame that an open finding of the recording on screen names, with its most serious one."""
        found: dict[int, Severity] = {}
        for one in self.here.findings:
            for frame in one.frames if one.state is State.OPEN else ():
                found.setdefault(frame, one.severity)
        return found

    def _all(self) -> list[Listed]:
        current = self._workspace.recording
        if current is None:
            return []
        every = [
            at for at, one in enumerate(self._workspace.recordings) if one.source.study_id == current.source.study_id
        ]
        known = [at for at in every if self._reading(at) is not None]
        found = [
            Listed(at, self.name(at) if len(every) > 1 else "", one) for at in known for one in self.of(at).findings
        ]
        if len(known) > 1:
            seen = {one.finding.key for one in found}
            found += [Listed(self._workspace.index, "study", one) for one in self.study.findings if one.key not in seen]
        here = self._workspace.index
        return sorted(
            found,
            key=lambda one: (
                one.finding.state is State.ACKNOWLEDGED,
                not one.counts,
                _ORDER.index(one.finding.severity),
                one.index != here,
                one.index,
            ),
        )

    def _provisional(self, index: int) -> bool:
        recordings = self._workspace.recordings
        return 0 <= index < len(recordings) and self._workspace.provisional(recordings[index])

    def _reading(self, index: int) -> Reading | None:
        if not 0 <= index < len(self._workspace.recordings):
            return None
        if index == self._workspace.index:
            return self._workspace.saved
        return self._workspace.known_reading(self._workspace.recordings[index])

    def _others(self, index: int) -> tuple[Reading, ...]:
        """Readings of the study's other loops, which may contradict a recording; of a stack, those of known place."""
        mine = self._workspace.recordings[index]
        found = []
        for at, one in enumerate(self._workspace.recordings):
            if at == index or not isinstance(one, CineSequence) or one.source.study_id != mine.source.study_id:
                continue
            if self._provisional(at):
                continue
            reading = None if isinstance(mine, Stack) and one.plane is None else self._reading(at)
            if reading is not None:
                found.append(reading)
        return tuple(found)

    def name(self, index: int) -> str:
        """What a recording is called where there are several: view and stage, else stage and number, else its file."""
        recording, reading = self._workspace.recordings[index], self._reading(index)
        if isinstance(recording, Stack):
            return tr("short axis")
        view = reading.view if reading else None
        stage = recording.source.stage if reading is None else reading.facts.stage
        if reading is None or view is None or view.label == UNKNOWN_VIEW:
            number = recording.source.view_number
            return (
                Path(recording.source.path).stem
                if stage is None
                else f"{translated(stage.words)} {number or ''}".rstrip()
            )
        name = reading.kind.view_name(view.label)
        clip = translated(clip_of(reading, self.readings))
        return name if stage is None else ", ".join(filter(None, (f"{name} {translated(stage.words)}", clip)))
