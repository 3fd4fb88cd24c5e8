"""What every output reads: the measurements of a recording or a study with their trust, and the findings behind it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final

from kinecor.core.checks.alternatives import alternatives_of, with_alternatives
from kinecor.core.checks.answers import drop_settled
from kinecor.core.checks.check import is_for_body
from kinecor.core.checks.findings import Finding, Severity, State, most_serious
from kinecor.core.checks.table import OF_A_RECORDING, Finder
from kinecor.core.checks.view import between_planes, check_against_other_views, study_findings
from kinecor.core.norms.classes import too_wide
from kinecor.core.norms.norms import (
    Context,
    Graded,
    Person,
    context_of,
    context_of_study,
    geometry_words,
    grade_value,
    person_of,
)
from kinecor.core.strain.wall_strain import StudyStrain, WallStrain, study_strain
from kinecor.core.table.intervals import Alternative, widen_intervals, with_intervals
from kinecor.core.table.measures import Measurement, Status, index_code
from kinecor.core.table.over_views import SourceOf, sources_of, study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, verbatim
from kinecor.core.values.reading import Acknowledgement, Reading, compute_once, parts_but_body
from kinecor.core.values.recording import Stage
from kinecor.core.values.study import StudyReading, counting
from kinecor.core.volumes.loop_volumes import axis_mm


@dataclass(frozen=True, eq=False)
class Assessment:
    """Measurements with trust, and findings, most serious first.

    Attributes:
        measurements: see Measurement.
        findings: see Finding.
        norms: by code, the values that have a sourced reference range; none of values that are withheld.

    """

    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...]
    norms: Mapping[str, Graded] = field(default_factory=lambda: NO_NORMS)

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """Findings that mark or withhold a value and were not acknowledged."""
        return tuple(
            finding
            for finding in self.findings
            if finding.state is State.OPEN and finding.severity is not Severity.INFO
        )

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """What values would be if what open findings doubt were otherwise; intervals contain them."""
        return alternatives_of(self.findings)

    @property
    def warnings(self) -> tuple[Message, ...]:
        """The sentences of all findings, each once."""
        return tuple(dict.fromkeys(finding.message for finding in self.findings))

    def concerning(self, code: str) -> tuple[Finding, ...]:
        """Findings that mark or withhold a measurement, open and acknowledged.

        Args:
            code: of the measurement, e.g. "EF".

        """
        return self._by_code.get(code, ())

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Finding, ...]]:
        """For each measurement that findings mark or withhold, these findings."""
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            for code in finding.measurements if finding.marks else ():
                found.setdefault(code, []).append(finding)
        return {code: tuple(some) for code, some in found.items()}

    @property
    def geometry(self) -> Message:
        """Geometry of the left ventricle by callipers, in words; "" where it is not known, or doubtful."""
        wall, mass = self.norms.get("RWT"), self.norms.get("LVMLI")
        if wall is None or mass is None or self.muted("RWT") or self.muted("LVMLI"):
            return NOTHING
        if wall.statement.certain is None or mass.statement.certain is None:
            return NOTHING
        return geometry_words(wall, mass)

    @cached_property
    def _imprecise(self) -> frozenset[str]:
        wide = {
            row.code
            for row in self.measurements
            if row.quantity and too_wide(row.code, row.quantity.value, row.interval)
        }
        return frozenset(wide | {code for code, graded in self.norms.items() if graded.statement.imprecise})

    def imprecise(self, code: str) -> bool:
        """Whether a value is not measured well enough for a class: it has no flag, no colour and no sentence.

        A value whose index by body surface has a range has the class of its index.

        Args:
            code: of the measurement, e.g. "EDV".

        """
        return (index_code(code) if index_code(code) in self.norms else code) in self._imprecise

    def muted(self, code: str) -> bool:
        """Whether an open finding marks a measurement: then its range is shown without a flag or grade.

        Args:
            code: of the measurement, e.g. "EF".

        """
        return any(finding.state is State.OPEN for finding in self.concerning(code))


def assess(reading: Reading, others: Sequence[Reading] = ()) -> Assessment:
    """The measurements of a recording with the trust that follows from its findings and the confidence policy.

    Args:
        reading: of the recording.
        others: of the other recordings of its study, which may contradict it.

    """
    return _assessed_with(reading, tuple(check_against_other_views(reading, others)))


def assessed_each(readings: Sequence[Reading], silent: Collection[int] = ()) -> tuple[Assessment, ...]:
    """`assess` of each recording of a study with all others, those at the places `silent` left out.

    Args:
        readings: of the study's recordings.
        silent: places, from 0, of recordings that say nothing of the others.

    """
    return tuple(map(_assessed_with, readings, _between_each(readings, silent)))


def _between_each(readings: Sequence[Reading], silent: Collection[int] = ()) -> Iterator[tuple[Finding, ...]]:
    """For each recording, what all others say of it.

    Loops are compared with the two longest at their stage only, since what is shorter than one of these says nothing
    more: the work grows with the number of recordings, not with that of their pairs.
    """
    longest: dict[Stage | None, list[tuple[float, str, int]]] = {}
    for index, single_reading in enumerate(readings):
        length_mm = None if index in silent else axis_mm(single_reading)
        if length_mm is not None and single_reading.view is not None:
            some = longest.setdefault(single_reading.facts.stage, [])
            some.append((length_mm, single_reading.view.label, index))
            some.sort(reverse=True)
            del some[2:]
    for at, reading in enumerate(readings):
        if reading.kind.stack:
            others = [reading for place, reading in enumerate(readings) if place != at and place not in silent]
        else:
            others = [readings[place] for _, _, place in longest.get(reading.facts.stage, ()) if place != at]
        yield tuple(check_against_other_views(reading, others))


def _assessed_with(reading: Reading, said: tuple[Finding, ...]) -> Assessment:
    # What other recordings say of one seldom changes with them: then it is not judged again.
    key = (reading, *(part for finding in said for part in (finding.key, str(finding.message))))
    return compute_once(reading, "assessed", key, lambda: _assessed(reading, said))


def is_assessed(reading: Reading) -> bool:
    """Whether what `assess` rests on was computed, so that it answers at once.

    Args:
        reading: of a recording of any kind.

    """
    return reading.derived.known("assessed", (reading,))


def measure_unchecked(assessment: Assessment) -> Assessment:
    """Values that are to be replaced soon, without findings: a doubt about them may be gone with them.

    What a check withheld stays withheld, since no value is better than a wrong one for as long.

    Args:
        assessment: with its findings.

    """
    rows = tuple(
        replace(measurement, trust=Trust.OK) if measurement.trust is Trust.CHECK else measurement
        for measurement in assessment.measurements
    )
    return Assessment(rows, (), assessment.norms)


def _assessed(reading: Reading, said: tuple[Finding, ...]) -> Assessment:
    if reading.kind.view_only:
        return Assessment((), ())
    findings = most_serious(_acknowledged((*_found(reading), *said), reading.acknowledged))
    rows = _judged(_rows(reading, findings), findings)
    return Assessment(rows, findings, _norms(rows, person_of(reading), context_of(reading)))


def _rows(reading: Reading, findings: Sequence[Finding]) -> tuple[Measurement, ...]:
    """The measurements with intervals, which contain what open findings name as nearly as likely."""
    return widen_intervals(reading, with_intervals(reading, measurements(reading)), alternatives_of(findings))


def _assessed_study(readings: tuple[Reading, ...], study: StudyReading | None) -> Assessment:
    used = counting(readings, study)
    rows = study_measurements(readings, _rows_as_assessed, strain_as_assessed, study)
    findings = most_serious(_findings_of_study(used, study_sources(readings, study)))
    judged, context = _judged(rows, findings), _study_context(rows, used)
    return Assessment(judged, findings, _norms(judged, person_of(readings[0]), context) if context else NO_NORMS)


def _study_context(rows: Iterable[Measurement], used: Sequence[Reading]) -> Context | None:
    context = context_of_study(used)
    lacking = any(row.code == "GLS" and row.technique is not None and row.technique.missing for row in rows)
    return replace(context, fewer_views=lacking) if context else None


def _rows_as_assessed(reading: Reading) -> tuple[Measurement, ...]:
    return assess(reading).measurements


def study_sources(readings: Sequence[Reading], study: StudyReading | None = None) -> tuple[SourceOf, ...]:
    """The recordings and beats that the results of `assessed_study` rest on.

    Args:
        readings: of the study's recordings.
        study: what was concluded about it; None for the rules alone.

    """
    return sources_of(readings, _rows_as_assessed, strain_as_assessed, study)


def _findings_of_study(readings: tuple[Reading, ...], sources: Sequence[SourceOf]) -> Iterator[Finding]:
    """What recordings say of each other, acknowledged in the one it is said of, and what concerns all of them."""
    for reading, said in zip(readings, _between_each(readings), strict=True):
        yield from _acknowledged(said, reading.acknowledged)
    anywhere = {key: acknowledgement for reading in readings for key, acknowledgement in reading.acknowledged.items()}
    yield from _acknowledged((*study_findings(readings), *between_planes(sources)), anywhere)


def assessed_during_edit(reading: Reading, before: Assessment) -> Assessment:
    """The measurements of a Reading on the way, e.g. while a contour is dragged, judged by what was found before it.

    The checks run again where the edit is saved: on every move of the mouse they would cost more than the values.

    Args:
        reading: on the way.
        before: of the same recording, before the edit.

    """
    if reading.kind.view_only:
        return Assessment((), ())
    rows = _judged(_rows(reading, before.findings), before.findings)
    return Assessment(rows, before.findings, _norms(rows, person_of(reading), context_of(reading)))


def assessed_study_during_edit(
    readings: Sequence[Reading],
    moving: Reading,
    now: Assessment,
    before: Assessment,
    study: StudyReading | None = None,
) -> Assessment:
    """The volumes of a study while one of its Readings is on the way, judged by what was found before it.

    Strain is left out, since a Reading on the way has none.

    Args:
        readings: of the study, with `moving` among them.
        moving: the Reading on the way.
        now: its assessment, see `assessed_during_edit`.
        before: of the study as it is saved.
        study: what was concluded about it: its reader's choices and decisions.

    """

    def rows_of(reading: Reading) -> tuple[Measurement, ...]:
        return (now if reading is moving else assess(reading)).measurements

    rows = study_measurements(readings, rows_of, study=study, strain=False)
    judged, context = _judged(rows, before.findings), _study_context(rows, counting(readings, study))
    return Assessment(judged, before.findings, _norms(judged, person_of(moving), context) if context else NO_NORMS)


def assessed_study(readings: Sequence[Reading], study: StudyReading | None = None) -> Assessment:
    """The measurements of a study as a whole, from views as assessed, with the findings between its recordings.

    Args:
        readings: of all its recordings.
        study: what was concluded about it: its reader's choices and decisions.

    """
    every = tuple(readings)
    if not every:
        return Assessment((), ())
    return compute_once(every[0], "assessed study", (study, *every), lambda: _assessed_study(every, study))


def strain_as_assessed(reading: Reading, strain: WallStrain) -> WallStrain:
    """Strain of a loop as its findings leave it, for pages, reports and curves: withheld where the table withholds it.

    Args:
        reading: of the loop.
        strain: as computed (`wall_strain`).

    """
    stops = [finding for finding in assess(reading).open if finding.severity is Severity.STOP]
    why = strain.why or next((finding.message for finding in stops if strain.code in finding.measurements), None)
    stopped = {code for finding in stops for code in finding.measurements}
    segments = tuple(
        None if f"LS{number + 1}" in stopped else summary for number, summary in enumerate(strain.segments)
    )
    if why == strain.why and segments == strain.segments:
        return strain
    return compute_once(
        reading,
        "strain as assessed",
        (strain, why, *sorted(stopped)),
        lambda: replace(strain, why=why, segments=segments),
    )


def study_strain_as_assessed(readings: Iterable[Reading]) -> StudyStrain:
    """Strain of the loops of a study together, without what the checks withhold.

    Args:
        readings: of the study's recordings.

    """
    return study_strain(readings, strain_as_assessed)


NO_NORMS: Final[Mapping[str, Graded]] = MappingProxyType({})


def _norms(rows: Iterable[Measurement], person: Person, context: Context) -> Mapping[str, Graded]:
    found = {
        row.code: grade_value(row.code, row.quantity.value, person, context, row.interval)
        for row in rows
        if row.quantity
    }
    return MappingProxyType({code: graded for code, graded in found.items() if graded is not None})


def _found(reading: Reading) -> tuple[Finding, ...]:
    """What its checks say of a recording alone: still so when another recording of its study has changed."""
    return compute_once(reading, "findings", (reading,), lambda: _all_findings(reading))


def _all_findings(reading: Reading) -> tuple[Finding, ...]:
    key = (OF_A_RECORDING, *parts_but_body(reading))
    for_any_body = compute_once(reading, "findings for any body", key, lambda: _findings(reading, for_body=False))
    for_any_body = {**for_any_body, **_findings(reading, for_body=True)}
    every = (finding for check in OF_A_RECORDING for finding in for_any_body[check])
    return tuple(with_alternatives(reading, drop_settled(reading, every)))


def _findings(reading: Reading, *, for_body: bool) -> Mapping[Finder, tuple[Finding, ...]]:
    """What those checks find that depend on the size of the body, or all others."""
    return {check: tuple(check(reading)) for check in OF_A_RECORDING if is_for_body(check) is for_body}


def _acknowledged(findings: Iterable[Finding], seen: Mapping[str, Acknowledgement]) -> Iterator[Finding]:
    for finding in findings:
        here = seen.get(finding.key)
        if here is None or (finding.severity is Severity.INFO and not finding.alternatives):
            yield finding
        else:
            yield replace(finding, state=State.ACKNOWLEDGED, acknowledged_by=here.by, why=here.why)


def _judged(rows: Iterable[Measurement], findings: Sequence[Finding]) -> tuple[Measurement, ...]:
    return tuple(
        _with_findings(row, [finding for finding in findings if finding.marks and row.code in finding.measurements])
        for row in rows
    )


def _with_findings(row: Measurement, findings: Sequence[Finding]) -> Measurement:
    """The measurement as its findings leave it.

    What a reader entered in place of the computed value is theirs. What is withheld until acknowledged is shown then,
    marked, with its remark.
    """
    if not findings or row.quantity is None or row.code in row.entered:
        return row
    stop = next(
        (finding for finding in findings if finding.severity is Severity.STOP and finding.state is State.OPEN), None
    )
    if stop is not None:
        return replace(row, quantity=None, status=Status.WITHHELD, trust=Trust.WITHHELD, note=stop.message)
    remarks = [
        join_texts(verbatim(finding.why), " (", verbatim(finding.acknowledged_by), ")")
        for finding in findings
        if finding.state is State.ACKNOWLEDGED
    ]
    note = joined_by("; ", tuple(dict.fromkeys(filter(None, (row.note, *remarks))))) or None
    return replace(row, trust=Trust.CHECK, note=note)
