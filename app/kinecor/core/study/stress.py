"""A stress study stage by stage: which view was recorded at which stage, values of each stage, rest against peak."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.study.prior import Examined, clips_of_views, in_both, shown_rows
from kinecor.core.table.measures import (
    BY_CODE,
    HEADLINES,
    LEADING,
    Group,
    Measurement,
    decimals_of,
    rounded_difference,
)
from kinecor.core.values.confidence import VIEW_CONTRADICTS
from kinecor.core.values.kind import APICAL_VIEWS, UNKNOWN_VIEW
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.recording import Stage
from kinecor.core.values.study import Sources, StudyReading, stages

SHOWN: Final = tuple(code for code in HEADLINES if BY_CODE[code].group is Group.LEFT)
"""What the stages are compared by, in addition to the heart rate."""


@dataclass(frozen=True, eq=False)
class StageResult:
    """One stage.

    Attributes:
        stage: see Stage.
        views: its recordings by view, or "view 3" by their number in the stage where the view is not known; "" where
            neither is.
        heart_rate_per_min: the mean of what its headers state, or None.
        rows: measurements with a value by (code, view), over views ("") and of each view; see `prior.shown_rows`.
        clips: the recording that the volumes of a view are of; see `prior.clips_of_views`.
        withheld: apical views with contours and without an EF, with the reason.
        marked: what the checks say of EF, EDV and ESV of a view, "" over views, where it is marked.

    """

    stage: Stage
    views: Mapping[Message, tuple[Reading, ...]]
    heart_rate_per_min: float | None
    rows: Mapping[tuple[str, str], Measurement]
    clips: Mapping[str, Reading] = field(default_factory=dict)
    withheld: Mapping[str, Message] = field(default_factory=dict)
    marked: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageChange:
    """A value at rest and at peak stress, both of one view ("": over views) and in one unit.

    Attributes:
        code, of, unit: see above.
        rest, peak: the values.
        half_width: of the interval of 95 % of their difference, as if their errors were independent; None where one of
            them has no interval.

    """

    code: str
    of: str
    unit: str
    rest: float
    peak: float
    half_width: float | None = None

    @property
    def difference(self) -> float:
        """At peak less at rest."""
        return self.peak - self.rest

    @property
    def shown_difference(self) -> float:
        """The same of the values as a reader is shown them."""
        return rounded_difference(self.peak, self.rest, decimals_of(self.code, self.unit))


@dataclass(frozen=True, eq=False)
class StressStudy:
    """The stages of a stress study in the order of its protocol, and what changes from rest to peak."""

    stages: tuple[StageResult, ...]
    peak: Stage
    changes: tuple[StageChange, ...]


def stress_study(readings: Sequence[Reading], study: StudyReading) -> StressStudy | None:
    """The stages of a study; None where fewer than two are named.

    A reader's decisions on the study are on its first stage, and do not apply here; recordings that a reader left out
    do not count.

    Args:
        readings: of the study's recordings.
        study: what was concluded about it.

    """
    named = stages(readings)
    if len(named) < 2:
        return None
    left = study.sources.left_out
    plain = compute_once(
        readings[0],
        "study without decisions",
        (study,),
        lambda: study.with_(decisions={}, sources=Sources(left_out=left)),
    )
    stage_results = tuple(_stage(stage, [r for r in readings if r.facts.stage == stage], plain) for stage in named)
    peak = _peak(stage_results)
    at_peak = next(stage_result for stage_result in stage_results if stage_result.stage == peak)
    return StressStudy(stage_results, peak, _changes(stage_results[0], at_peak))


def view_named(reading: Reading) -> str:
    """The view of a recording, or "" where it is not known.

    Args:
        reading: of a recording of any kind.

    """
    return reading.view.label if reading.view and reading.view.label != UNKNOWN_VIEW else ""


def clip_of(reading: Reading, among: Sequence[Reading]) -> Message:
    """What tells a recording from others of its view, at its stage: "view 5", else "clip 2"; "" where it is alone.

    Args:
        reading: of the recording.
        among: all of the study.

    """
    facts = reading.facts
    if reading.kind.stack:
        return NOTHING
    alike = {
        single_reading.facts.recording_id: single_reading.facts.view_number
        for single_reading in among
        if single_reading.facts.stage == facts.stage
        and not single_reading.kind.stack
        and view_named(single_reading) == view_named(reading)
    }
    if len(alike) < 2 or facts.recording_id not in alike:
        return NOTHING
    if facts.view_number is not None and [*alike.values()].count(facts.view_number) == 1:
        return message("view {number}", number=facts.view_number)
    return message("clip {number}", number=[*alike].index(facts.recording_id) + 1)


def views_by_number(readings: Sequence[Reading]) -> dict[str, str]:
    """Views for the recordings of a stress study whose view is not known, by their ids.

    A recording has the view that a header or a person named at another stage for the same view number. Where none did,
    one that is not recognised has the view that a model recognised with confidence. Where stages contradict each other,
    none.

    Args:
        readings: of the study's recordings.

    """
    named: dict[int, set[str]] = {}
    seen: dict[int, dict[str, float]] = {}
    for reading in readings:
        number, view = reading.facts.view_number, reading.view
        if number is None or reading.facts.stage is None or view is None or not reading.view_known:
            continue
        if reading.view_confirmed:
            named.setdefault(number, set()).add(view.label)
        else:
            of_number = seen.setdefault(number, {})
            of_number[view.label] = max(of_number.get(view.label, 0.0), view.confidence or 0.0)
    found: dict[str, str] = {}
    for reading in readings:
        number = reading.facts.view_number
        if number is None or reading.facts.stage is None or (reading.view_known and reading.view_confirmed):
            continue
        labels, recognised = named.get(number, set()), seen.get(number, {})
        if len(labels) == 1:
            found[reading.facts.recording_id] = next(iter(labels))
        elif not labels and not reading.view_known and len(recognised) == 1:
            (label, confidence), *_ = recognised.items()
            if confidence >= VIEW_CONTRADICTS:
                found[reading.facts.recording_id] = label
    return found


def _stage(stage: Stage, readings: Sequence[Reading], study: StudyReading) -> StageResult:
    counted = [reading for reading in readings if reading.facts.recording_id not in study.sources.left_out]
    views: dict[Message, tuple[Reading, ...]] = {}
    for single_reading in counted:
        number = single_reading.facts.view_number
        label = verbatim(view_named(single_reading)) or (message("view {number}", number=number) if number else NOTHING)
        views[label] = (*views.get(label, ()), single_reading)
    rates = [rate for reading in counted if (rate := reading.facts.heart_rate_per_min) is not None]
    clips = clips_of_views(Examined(study, tuple(counted))) if counted else {}
    return StageResult(
        stage=stage,
        views=views,
        heart_rate_per_min=sum(rates) / len(rates) if rates else None,
        rows=shown_rows(Examined(study, tuple(counted))) if counted else {},
        clips=clips,
        marked=_said_of_volumes(clips, counted, study) if counted else {},
        withheld={
            view: why for view, reading in clips.items() if (why := _why_without_ef(reading, counted)) is not None
        },
    )


def _said_of_volumes(
    clips: Mapping[str, Reading], of_stage: Sequence[Reading], study: StudyReading
) -> dict[str, tuple[Message, ...]]:
    assessments = {"": assessed_study(of_stage, study)} | {
        view: assess(reading, [other for other in of_stage if other is not reading]) for view, reading in clips.items()
    }
    said = {
        of: tuple(dict.fromkeys(finding.message for code in SHOWN for finding in each.concerning(code)))
        for of, each in assessments.items()
    }
    return {of: messages for of, messages in said.items() if messages}


def _why_without_ef(reading: Reading, of_stage: Sequence[Reading]) -> Message | None:
    """Why a loop of an apical view with contours has no EF; None where it has one, or has no contours."""
    if view_named(reading) not in APICAL_VIEWS or not reading.tracks:
        return None
    rows = assess(
        reading, [single_reading for single_reading in of_stage if single_reading is not reading]
    ).measurements
    ef = next((row for row in rows if row.code == LEADING), None)
    return None if ef is None or ef.quantity is not None else ef.note or message("not available")


def _peak(stage_results: Sequence[StageResult]) -> Stage:
    """The stage that is called peak, else the one with the highest heart rate, else the last."""
    for stage_result in stage_results[1:]:
        words = re.findall(r"[a-z]+", stage_result.stage.name.lower())
        if words[:1] == ["peak"]:
            return stage_result.stage
    rated = [
        (stage_result.heart_rate_per_min, index)
        for index, stage_result in enumerate(stage_results)
        if index and stage_result.heart_rate_per_min is not None
    ]
    return stage_results[max(rated)[1]].stage if rated else stage_results[-1].stage


def _changes(rest: StageResult, peak: StageResult) -> tuple[StageChange, ...]:
    changes = []
    for code, view in in_both(rest.rows, peak.rows):
        row, other = rest.rows[code, view], peak.rows[code, view]
        if row.quantity and other.quantity:
            half_width = None
            if row.interval is not None and other.interval is not None:
                half_width = math.hypot(row.interval.half_width, other.interval.half_width)
            changes.append(StageChange(code, view, row.unit, row.quantity.value, other.quantity.value, half_width))
    return tuple(changes)
