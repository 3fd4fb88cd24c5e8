"""What the checks find in the studies that are open, as a value: Readings in, assessments out, for a worker.

What depends on one recording is kept with its Readings and is computed once for each change of it. What depends on a
study is computed again from these for each change of any of them, and costs little.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kinecor.core.checks.assessment import (
    NO_NORMS,
    Assessment,
    assess,
    assessed_each,
    assessed_study,
    is_assessed,
    measure_unchecked,
    study_sources,
)
from kinecor.core.study.conclusions import SignStatus, sign_status
from kinecor.core.study.prior import Comparison, Examined, compare_with_prior
from kinecor.core.table.over_views import SourceOf
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.study import StudyReading

NO_ASSESSMENT: Final = Assessment((), (), NO_NORMS)


@dataclass(frozen=True, slots=True)
class Asked:
    """A recording to be checked.

    Attributes:
        reading: on which it is checked.
        provisional: whether a model replaces it within seconds; it then has no findings, and says nothing of others.

    """

    reading: Reading
    provisional: bool = False

    @property
    def id(self) -> str:
        """Of the recording."""
        return self.reading.facts.recording_id

    def same(self, other: "Asked | None") -> bool:
        """Whether nothing has changed."""
        return other is not None and other.reading is self.reading and other.provisional is self.provisional


@dataclass(frozen=True, slots=True)
class AskedStudy:
    """A study to be checked.

    Attributes:
        study: what was concluded about it.
        recordings: those that were opened.

    """

    study: StudyReading
    recordings: tuple[Asked, ...]

    def same(self, other: "AskedStudy") -> bool:
        """Whether nothing has changed."""
        if self.study is not other.study or len(self.recordings) != len(other.recordings):
            return False
        return all(map(Asked.same, self.recordings, other.recordings))

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Of the recordings."""
        return tuple(recording.reading for recording in self.recordings)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be checked.

    Attributes:
        studies: that on screen first; the others are earlier ones, or of other patients.
        first: id of the recording on screen.
        priors: earlier studies of the same patient, to which the first is compared.
        stated: those of them that reports of another system state, by id.

    """

    studies: tuple[AskedStudy, ...] = ()
    first: str = ""
    priors: tuple[StudyReading, ...] = ()
    stated: Mapping[str, Examined] = field(default_factory=dict)

    def same(self, other: "Question") -> bool:
        """Whether nothing has changed, whichever recording is on screen."""
        alike = len(self.studies) == len(other.studies) and self.stated == other.stated
        return alike and all(map(AskedStudy.same, self.studies, other.studies))


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks find; of recordings that are still to be checked, as they were before, if they were.

    Attributes:
        question: what was asked.
        complete: whether all of it is answered.
        recordings: by id, what was checked; the Reading may be one that was replaced since.
        found: by id, the assessment of each.
        study: of the study on screen as a whole.
        sources: recordings and beats behind its results over views.
        signed: where its signature stands; None without one.
        comparisons: with earlier studies of the patient, by their ids.

    """

    question: Question = field(default_factory=Question)
    complete: bool = True
    recordings: Mapping[str, Asked] = field(default_factory=dict)
    found: Mapping[str, Assessment] = field(default_factory=dict)
    study: Assessment = NO_ASSESSMENT
    sources: tuple[SourceOf, ...] = ()
    signed: SignStatus | None = None
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)

    @property
    def study_id(self) -> str:
        """Of the study on screen."""
        return self.question.studies[0].study.study_id if self.question.studies else ""


def check(question: Question, before: Checked, budget_s: float | None = None, tick: Tick = no_tick) -> Checked:
    """Check what is asked, the recording on screen first.

    Args:
        question: see Question.
        before: what was found before: shown of recordings that are not reached.
        budget_s: no further recording is begun after this time; None for all of them.
        tick: called between recordings.

    """
    until_s = None if budget_s is None else time.monotonic() + budget_s
    done: dict[str, Asked] = {}
    left = begun = False
    every = [recording for study in question.studies for recording in study.recordings]
    for single_asked_recording in sorted(every, key=lambda asked_recording: asked_recording.id != question.first):
        tick(0, 0)
        known = is_assessed(single_asked_recording.reading)
        if known or not begun or until_s is None or time.monotonic() < until_s:
            begun = begun or not known
            assess(single_asked_recording.reading)
            done[single_asked_recording.id] = single_asked_recording
        else:
            left = True
            if single_asked_recording.id in before.recordings:
                done[single_asked_recording.id] = before.recordings[single_asked_recording.id]
    studies = [
        AskedStudy(study.study, tuple(done[recording.id] for recording in study.recordings if recording.id in done))
        for study in question.studies
    ]
    assessments: dict[str, Assessment] = {}
    for study in studies:
        tick(0, 0)
        assessments |= _assessments(study.recordings)
    if not studies:
        return Checked(question)
    here, *others = studies
    tick(0, 0)
    return Checked(
        question,
        not left,
        done,
        assessments,
        _of_study(here),
        study_sources(here.readings, here.study),
        sign_status(here.readings, here.study) if here.study.signature is not None else None,
        {} if left else _compared(here, others, question),
    )


def _assessments(recordings: tuple[Asked, ...]) -> dict[str, Assessment]:
    silent = {index for index, recording in enumerate(recordings) if recording.provisional}
    assessments = assessed_each([recording.reading for recording in recordings], silent)
    return {
        recording.id: measure_unchecked(of_one) if recording.provisional else of_one
        for recording, of_one in zip(recordings, assessments, strict=True)
    }


def _of_study(here: AskedStudy) -> Assessment:
    if not here.recordings:
        return NO_ASSESSMENT
    assessment = assessed_study(here.readings, here.study)
    return measure_unchecked(assessment) if any(recording.provisional for recording in here.recordings) else assessment


def _compared(here: AskedStudy, others: Iterable[AskedStudy], question: Question) -> dict[str, Comparison]:
    now, earlier = Examined(here.study, here.readings), {study_reading.study_id for study_reading in question.priors}
    then = dict(question.stated) | {
        asked_study.study.study_id: Examined(asked_study.study, asked_study.readings) for asked_study in others
    }
    return {study: compare_with_prior(now, examined) for study, examined in then.items() if study in earlier}
