"""Judging the battery: which values are wrong, and which of those are marked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kinecor.core.checks.assessment import Assessment, assess, assessed_study
from kinecor.core.checks.findings import Finding
from kinecor.core.table.measures import Measurement
from kinecor.core.table.over_views import study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.confidence import Trust
from kinecor.core.values.interval import Interval
from kinecor.core.values.reading import Reading
from kinecor_lab.tasks.trust.kinds.reading import BY, READING_KINDS
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import Prepared
from kinecor_lab.tasks.trust.tampering import Change
from kinecor_lab.tasks.trust.values import LIMITS


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the program says of a Reading.

    Attributes:
        values: by code, as computed, whether or not they are shown; None where nothing was computed.
        marked: codes of the values that are shown with a mark or withheld by a check.
        findings: all of them.
        intervals: of 95 %, of values that have one.
        withheld: codes of the values that were computed and are not shown.

    """

    values: Mapping[str, float | None]
    marked: frozenset[str]
    findings: tuple[Finding, ...] = ()
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()


Judge = Callable[[Reading], Judgement]


def by_checks(reading: Reading) -> Judgement:
    """As the outputs of the program have it."""
    return _judgement(_computed(measurements(reading)), assess(reading))


def of_study(readings: Sequence[Reading]) -> Judgement:
    """The values over the views of a study, as the outputs of the program have them."""
    return _judgement(_computed(study_measurements(readings)), assessed_study(readings))


def _judgement(computed: Mapping[str, float | None], assessment: Assessment) -> Judgement:
    shown = {measurement.code: measurement for measurement in assessment.measurements}
    there = [code for code, value in computed.items() if value is not None and code in shown]
    marked = (code for code in there if shown[code].trust is not Trust.OK)
    withheld = (code for code in there if shown[code].quantity is None)
    exact = {code: measurement.interval for code, measurement in shown.items() if measurement.interval is not None}
    return Judgement(computed, frozenset(marked), assessment.findings, exact, frozenset(withheld))


def by_recording(reading: Reading) -> Judgement:
    """For comparison: every finding, even for information, marks all values of its recording."""
    judgement = by_checks(reading)
    return replace(judgement, marked=frozenset(judgement.values)) if judgement.findings else judgement


EDITED = 3
"""Kinds of edits that each sound recording is judged with, too."""
JUDGES: Mapping[str, Judge] = {"checks": by_checks, "recording": by_recording}


def _computed(rows: Sequence[Measurement]) -> dict[str, float | None]:
    """Headline values before checks."""
    return {row.code: row.quantity.value if row.quantity else None for row in rows if row.code in LIMITS}


@dataclass(frozen=True, slots=True)
class Judged:
    """One value of one recording.

    Attributes:
        case, modality, population, kind, strength: of the recording; kind is "sound" where it was not tampered with.
        code: of the value.
        true: of the heart.
        measured: as computed; None where nothing was.
        marked: shown with a mark, or withheld by a check.
        wrong: off by more than its limit; False where nothing was computed.
        checks: codes of the findings that mark it.
        interval: of 95 %, None without one.
        withheld: computed, and not shown.

    """

    case: str
    modality: str
    population: str
    kind: str
    strength: str
    code: str
    true: float
    measured: float | None
    marked: bool
    wrong: bool
    checks: tuple[str, ...] = ()
    interval: Interval | None = None
    withheld: bool = False

    @property
    def right(self) -> bool:
        """Computed, and not wrong."""
        return self.measured is not None and not self.wrong

    @property
    def missed(self) -> bool:
        """Wrong and not marked."""
        return self.wrong and not self.marked

    @property
    def looks_right(self) -> bool:
        """Wrong, unmarked, and no interval next to it covers the truth."""
        return self.missed and (self.interval is None or not self.interval.contains(self.true))


@dataclass(frozen=True, slots=True)
class Study:
    """One recording, judged."""

    case: Prepared
    values: tuple[Judged, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def marks(self) -> int:
        """Findings that are more than information."""
        return sum(finding.marks for finding in self.findings)


def with_edits(cases: Iterable[Prepared]) -> Iterator[Prepared]:
    """The cases, and after each sound one it with edits of kinds of its half, by turns."""
    turns = {"echo": 0, "stack": 0}
    for case in cases:
        yield case
        if case.kind != SOUND or case.reading is None or not case.reading.events:
            continue
        kinds = [
            reading_kind
            for reading_kind in READING_KINDS
            if reading_kind.half == case.half and reading_kind.stack == (case.modality == "stack")
        ]
        for _ in range(EDITED):
            turn = turns[case.modality]
            turns[case.modality] += 1
            kind = kinds[turn % len(kinds)]
            strength, change = list(kind.ways.items())[turn // len(kinds) % len(kind.ways)]
            edited = _edited(case, kind.name, strength, change)
            if edited is not None:
                yield edited


def _edited(case: Prepared, kind: str, strength: str, change: Change) -> Prepared | None:
    reading = case.reading
    edits = change(reading, np.random.default_rng(0)) if reading is not None else []
    if not edits or reading is None:
        return None
    for edit in edits:
        reading = edit.apply(reading, BY)
    return replace(case, name=f"{case.name}+{kind}", kind=kind, strength=strength, reading=reading)


def judged(case: Prepared, judge: Judge) -> Study:
    """A case against the truth."""
    if case.reading is None:
        return Study(case, ())
    return _study(case, judge(case.reading))


def judged_together(case: Prepared, readings: Sequence[Reading]) -> Study:
    """The values over the views of a study against the truth; `case` says of what."""
    return _study(case, of_study(readings))


def _study(case: Prepared, judgement: Judgement) -> Study:
    marking = [finding for finding in judgement.findings if finding.marks]
    rows = []
    for code, limit in LIMITS.items():
        if code not in case.truth:
            continue
        measured, true = judgement.values.get(code), case.truth[code]
        rows.append(
            Judged(
                case=case.name,
                modality=case.modality,
                population=case.population,
                kind=case.kind,
                strength=case.strength,
                code=code,
                true=true,
                measured=measured,
                marked=code in judgement.marked,
                wrong=measured is not None and limit.wrong(measured, true),
                checks=tuple(dict.fromkeys(finding.code for finding in marking if code in finding.measurements)),
                interval=judgement.intervals.get(code),
                withheld=code in judgement.withheld,
            )
        )
    return Study(case, tuple(rows), judgement.findings)


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts of values that were computed, and shares of them.

    Attributes:
        values: computed.
        wrong: of those, off by more than their limit.
        caught: wrong and marked.
        false: right and marked.
        absent: values not computed, with a reason.

    """

    values: int
    wrong: int
    caught: int
    false: int
    absent: int

    @property
    def sensitivity(self) -> float:
        """Share of the wrong values that are marked; NaN where none is wrong."""
        return self.caught / self.wrong if self.wrong else float("nan")

    @property
    def missed(self) -> float:
        """Share of all values that are wrong and not marked."""
        return (self.wrong - self.caught) / self.values if self.values else float("nan")

    @property
    def false_marks(self) -> float:
        """Share of the right values that are marked."""
        right = self.values - self.wrong
        return self.false / right if right else float("nan")


def rates(values: Iterable[Judged]) -> Rates:
    """Counts over some values."""
    every = list(values)
    some = [judged_value for judged_value in every if judged_value.measured is not None]
    return Rates(
        values=len(some),
        wrong=sum(judged_value.wrong for judged_value in some),
        caught=sum(judged_value.wrong and judged_value.marked for judged_value in some),
        false=sum(not judged_value.wrong and judged_value.marked for judged_value in some),
        absent=len(every) - len(some),
    )


def made_wrong(values: Iterable[Judged]) -> list[Judged]:
    """Values of tampered recordings that are wrong, and right in the sound recording of the same heart."""
    every = list(values)
    right = {
        (_heart(judged_value), judged_value.code)
        for judged_value in every
        if judged_value.kind == SOUND and judged_value.measured is not None and not judged_value.wrong
    }
    return [
        judged_value
        for judged_value in every
        if judged_value.kind != SOUND and judged_value.wrong and (_heart(judged_value), judged_value.code) in right
    ]


def _heart(judged_value: Judged) -> str:
    """The seed that a case's name begins with."""
    return judged_value.case.partition("-")[0]
