"""Judging the battery: which values are wrong, and which of those are marked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kinecor.core.checks.reading_warnings import reading_warnings
from kinecor.core.table.table import measurements
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import Prepared
from kinecor_lab.tasks.trust.reading_kinds import BY, READING_KINDS
from kinecor_lab.tasks.trust.values import LIMITS


@dataclass(frozen=True, slots=True)
class Fired:
    """A finding on a recording.

    Attributes:
        code: of the check.
        serious: whether it is more than information.
        measurements: codes of the values that it marks.
        message: its sentence.

    """

    code: str
    serious: bool
    measurements: frozenset[str]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the program says of a Reading.

    Attributes:
        values: by code, as computed, whether or not they are shown; None where nothing was computed.
        marked: codes of the values that are shown with a mark or withheld by a check.
        fired: findings.

    """

    values: Mapping[str, float | None]
    marked: frozenset[str]
    fired: tuple[Fired, ...] = ()


Assess = Callable[[Reading], Assessment]


def by_warnings(reading: Reading) -> Assessment:
    """The baseline: a warning concerns every value of its recording."""
    rows = {one.code: one for one in measurements(reading) if one.code in LIMITS}
    warned = reading_warnings(reading)
    every = frozenset(rows)
    return Assessment(
        {code: one.quantity.value if one.quantity else None for code, one in rows.items()},
        every if warned else frozenset(code for code, one in rows.items() if one.trust is Trust.CHECK),
        tuple(Fired(_code(one), serious=True, measurements=every, message=one) for one in warned),
    )


def _code(warning: str) -> str:
    """A name for a warning: its first words without numbers."""
    return " ".join(word for word in warning.split()[:6] if not any(map(str.isdigit, word)))


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


@dataclass(frozen=True, slots=True)
class Study:
    """One recording, judged."""

    case: Prepared
    values: tuple[Judged, ...]
    fired: tuple[Fired, ...] = field(default=())

    @property
    def marks(self) -> int:
        """Findings that are more than information."""
        return sum(one.serious for one in self.fired)


def with_edits(cases: Iterable[Prepared]) -> Iterator[Prepared]:
    """The cases, and after each sound one it with edits of kinds of its half, by turns."""
    turns = {"echo": 0, "stack": 0}
    for case in cases:
        yield case
        if case.kind != SOUND or case.reading is None or not case.reading.events:
            continue
        kinds = [one for one in READING_KINDS if one.half == case.half and one.stack == (case.modality == "stack")]
        for _ in range(2):
            turn = turns[case.modality]
            turns[case.modality] += 1
            kind = kinds[turn % len(kinds)]
            strength, change = list(kind.ways.items())[turn // len(kinds) % len(kind.ways)]
            edited = _edited(case, kind.name, strength, change)
            if edited is not None:
                yield edited


def _edited(case: Prepared, kind: str, strength: str, change: Callable[..., Sequence[object]]) -> Prepared | None:
    from dataclasses import replace

    reading = case.reading
    edits = change(reading, np.random.default_rng(0))
    if not edits or reading is None:
        return None
    for edit in edits:
        reading = edit.apply(reading, BY)  # type: ignore[attr-defined]
    return replace(case, name=f"{case.name}+{kind}", kind=kind, strength=strength, reading=reading)


def judged(case: Prepared, assess: Assess) -> Study:
    """A case against the truth."""
    if case.reading is None:
        return Study(case, ())
    found = assess(case.reading)
    rows = []
    for code, limit in LIMITS.items():
        if code not in case.truth:
            continue
        measured, true = found.values.get(code), case.truth[code]
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
                marked=code in found.marked,
                wrong=measured is not None and limit.wrong(measured, true),
                checks=tuple(one.code for one in found.fired if one.serious and code in one.measurements),
            )
        )
    return Study(case, tuple(rows), found.fired)


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
    some = [one for one in every if one.measured is not None]
    return Rates(
        values=len(some),
        wrong=sum(one.wrong for one in some),
        caught=sum(one.wrong and one.marked for one in some),
        false=sum(not one.wrong and one.marked for one in some),
        absent=len(every) - len(some),
    )
