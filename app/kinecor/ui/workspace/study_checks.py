"""The checks of the study on screen: the assessment of each recording, all findings as one list, where they point."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from kinecor.core.checks.assessment import Assessment, assessed_during_edit
from kinecor.core.checks.findings import Finding, Severity, State
from kinecor.core.checks.table import short_title_of_check, title_of_check
from kinecor.core.study.conclusions import SignStatus
from kinecor.core.study.prior import Comparison
from kinecor.core.study.stress import clip_of
from kinecor.core.table.over_views import SourceOf
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.message import Message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Stack
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.changes import Topic
from kinecor.ui.workspace.checking import NO_ASSESSMENT, Asked, AskedStudy, Checked, Question, check

if TYPE_CHECKING:
    from kinecor.ui.workspace.workspace import Workspace

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
        """Whether it marks or withholds a value and is not acknowledged."""
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


def short_title_of(finding: Finding) -> Message:
    """The same without its family: "mass"."""
    return short_title_of_check(finding.code)


def begins(frames: tuple[int, ...]) -> Iterator[int]:
    """The first of each run of frames that follow each other."""
    found = sorted(set(frames))
    yield from found[:1]
    yield from (late for early, late in pairwise(found) if late > early + 1)


class Worker(Protocol):
    """Runs a function off the window's thread, and calls back on it; see `jobs.Jobs`."""

    def start(
        self, key: str, work: Callable[[Tick], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        """Run `work`."""

    def cancel(self, key: str) -> bool:
        """Drop a job."""


Value = TypeVar("Value")
_KEY: Final = "checks"
BUDGET_S: Final = 0.25
"""For how long a worker checks one recording after the other until what it has is shown."""


class StudyChecks:
    """Assessments of the recordings that are open: as they were before, until what changed is checked.

    A worker checks (`work_with`); without one, they are computed on demand. Provisional values, which a model replaces
    within seconds, have no findings.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._worker: Worker | None = None
        self._now: Checked | None = Checked()
        self._listed: tuple[Listed, ...] | None = None
        self._running = False
        self._asked = Question()
        self._failed: Question | None = None

    def work_with(self, worker: Worker) -> None:
        """From now on what changes is checked by a worker."""
        self._worker = worker
        self._now = Checked()

    @property
    def in_background(self) -> bool:
        """Whether a worker checks."""
        return self._worker is not None

    def forget(self) -> None:
        """A Reading was saved, or others were opened: what is known may be of an earlier state."""
        self._listed = None
        if self._worker is None:
            self._now = None

    def renew(self, *, shown: bool = False) -> None:
        """Check what changed; `checks_changed` follows when that is done, and at once where something is `shown`."""
        self.forget()
        question = self._question()
        current = self._is_current(question)
        if current or shown:
            self._workspace.announce(Topic.CHECKS)
        if not current and not self._running:
            self._begin(question)

    def compute(self, key: str, work: Callable[[Tick], Value], done: Callable[[Value], None]) -> None:
        """Compute something of what is saved, by the worker if there is one; a later call with this key replaces it."""
        if self._worker is None:
            done(work(no_tick))
        else:
            self._worker.start(key, work, done, self._workspace.notices.message.emit)

    def stop(self) -> None:
        """Check no longer what is open."""
        if self._worker is not None:
            self._worker.cancel(_KEY)
        self._running, self._now, self._failed = False, Checked(), None
        self._listed = None

    @property
    def current(self) -> bool:
        """Whether what is shown is of what is saved, of all recordings that are open."""
        return self._is_current(self._question())

    @property
    def pending(self) -> frozenset[int]:
        """Indices of the recordings of the study on screen that are still to be checked in their present state."""
        if self._worker is None:
            return frozenset()
        known, ids = self._checked.recordings, self._indices
        asked = self._question().studies[:1]
        return frozenset(
            ids[recording.id]
            for study in asked
            for recording in study.recordings
            if not recording.same(known.get(recording.id))
        )

    @property
    def here(self) -> Assessment:
        """Of the saved Reading on screen."""
        return self.assessment_of(self._workspace.index)

    def assessment_of(self, index: int) -> Assessment:
        """Of a recording by its index; without rows or findings where none was checked."""
        return self._checked.found.get(self._id(index), NO_ASSESSMENT)

    def reading_of(self, index: int) -> Reading | None:
        """The Reading of `assessment_of`: the saved one, or the one before it; None where none was checked."""
        known = self._checked.recordings.get(self._id(index))
        return None if known is None else known.reading

    @property
    def study(self) -> Assessment:
        """Of the study on screen as a whole: results over views, decisions of its reader, findings between views."""
        return self._checked.study if self._on_screen else NO_ASSESSMENT

    @property
    def sources(self) -> tuple[SourceOf, ...]:
        """The recordings and beats that the results over views rest on."""
        return self._checked.sources if self._on_screen else ()

    @property
    def signed(self) -> SignStatus | None:
        """Where the study on screen stands with its signature; None where that is not known, or it has none."""
        return self._checked.signed if self._on_screen else None

    def compared_with(self, study_id: str) -> Comparison | None:
        """The study on screen against an earlier one that is open; None where nothing was compared yet."""
        return self._checked.comparisons.get(study_id) if self._on_screen else None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Of the recordings of the study on screen that were checked, see `reading_of`."""
        known = self._checked.recordings
        ids = (self._id(at) for at in self._workspace.study.members)
        return tuple(known[identifier].reading for identifier in ids if identifier in known)

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
        return tuple(listed_finding for listed_finding in self.listed if listed_finding.counts)

    def open_of(self, index: int) -> tuple[Finding, ...]:
        """The open findings of one recording that mark or withhold values."""
        return tuple(finding for finding in self.assessment_of(index).open if finding.marks)

    def finding_at(self, frame: int, number: int | None = None, index: int | None = None) -> Finding | None:
        """The most serious open finding that concerns a frame, and a slice of a stack; None without one.

        A finding that names no frame concerns all of them. In a stack only those that name slices are tied to a slice.

        Args:
            frame: from 0.
            number: the slice of a stack, from 0; None for any.
            index: of the recording; the current one by default.

        """
        for finding in self.open_of(self._workspace.index if index is None else index):
            here = number is None or number in finding.slices
            if here and (not finding.frames or frame in finding.frames):
                return finding
        return None

    def frames(self) -> dict[int, Severity]:
        """Every frame that an open finding of the recording on screen names, with its most serious one."""
        severities: dict[int, Severity] = {}
        for finding in self.here.findings:
            for frame in finding.frames if finding.state is State.OPEN else ():
                severities.setdefault(frame, finding.severity)
        return severities

    def _all(self) -> list[Listed]:
        current = self._workspace.recording
        if current is None:
            return []
        every = [
            index
            for index, recording in enumerate(self._workspace.opened.recordings)
            if recording.source.study_id == current.source.study_id and not recording.source.series.view_only
        ]
        known = [index for index in every if self.reading_of(index) is not None]
        names = {index: self.name(index) if len(every) > 1 else "" for index in known}
        listed_findings = [
            Listed(index, names[index], finding) for index in known for finding in self.assessment_of(index).findings
        ]
        if len(known) > 1:
            seen = {listed_finding.finding.key for listed_finding in listed_findings}
            listed_findings += [
                Listed(self._workspace.index, tr("study"), finding)
                for finding in self.study.findings
                if finding.key not in seen
            ]
        here = self._workspace.index
        return sorted(
            listed_findings,
            key=lambda listed_finding: (
                listed_finding.finding.state is State.ACKNOWLEDGED,
                not listed_finding.counts,
                _ORDER.index(listed_finding.finding.severity),
                listed_finding.index != here,
                listed_finding.index,
            ),
        )

    @property
    def _checked(self) -> Checked:
        """What is known; without a worker, of the present state."""
        if self._now is None:
            self._now = check(self._question(), Checked())
        return self._now

    def _is_current(self, question: Question) -> bool:
        if self._worker is None:
            return True
        now = self._checked
        return (now.complete and now.question.same(question)) or (
            self._failed is not None and self._failed.same(question)
        )

    @property
    def _on_screen(self) -> bool:
        recording = self._workspace.recording
        return recording is not None and self._checked.study_id == recording.source.study_id

    def _begin(self, question: Question) -> None:
        before = self._checked
        assert self._worker is not None
        self._running, self._asked = True, question
        self._worker.start(_KEY, lambda tick: check(question, before, BUDGET_S, tick), self._take, self._fail)

    def _take(self, found: Checked) -> None:
        """What a worker found; dropped where the recording on screen was changed meanwhile."""
        self._running = False
        question = self._question()
        wanted = {recording.id: recording for study in question.studies for recording in study.recordings}
        checked = {recording.id: recording for study in found.question.studies for recording in study.recordings}
        late = question.first in checked and not checked[question.first].same(wanted.get(question.first))
        if not late:
            self._now, self._listed, self._failed = found, None, None
        if not self._is_current(question):
            self._begin(question)
        if not late:
            self._workspace.announce(Topic.CHECKS)

    def _fail(self, why: str) -> None:
        """A check failed, which is an error of the program: what was there stays, until something changes."""
        self._running, self._failed = False, self._asked
        self._workspace.notices.message.emit(why)
        question = self._question()
        if not self._is_current(question):
            self._begin(question)

    def _question(self) -> Question:
        """What is open, as far as it was read; nothing is opened for it."""
        here = self._workspace.recording
        if here is None:
            return Question()
        order = dict.fromkeys((here.source.study_id, *self._workspace.opened.studies_read))
        studies = (AskedStudy(self._workspace.opened.study_reading(name), self._asked_of(name)) for name in order)
        return Question(
            tuple(studies), here.source.recording_id, self._workspace.study.priors, self._workspace.opened.stated
        )

    def _asked_of(self, study_id: str) -> tuple[Asked, ...]:
        space = self._workspace
        recordings = (space.opened.recordings[at] for at in space.opened.members_of(study_id))
        known = ((recording, space.opened.known_reading(recording)) for recording in recordings)
        return tuple(
            Asked(reading, space.opened.is_provisional(recording))
            for recording, reading in known
            if reading is not None
        )

    @property
    def _indices(self) -> dict[str, int]:
        return {
            recording.source.recording_id: index for index, recording in enumerate(self._workspace.opened.recordings)
        }

    def _id(self, index: int) -> str:
        recordings = self._workspace.opened.recordings
        return recordings[index].source.recording_id if 0 <= index < len(recordings) else ""

    def name(self, index: int) -> str:
        """What a recording is called where there are several: view and stage, else stage and number, else its file."""
        recording, reading = self._workspace.opened.recordings[index], self.reading_of(index)
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
