"""`kinecor evaluate classes`: how many values may be called by one class, two or none, and how often that is right.

Intervals are those of `kinecor evaluate intervals`: each half of the patients with what was fitted on the other half.
Probabilities follow from them as in the program (core/norms/classes.py). Classes are those of men, since not every data
set states the sex of its patients: what is tested are probabilities, not ranges.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kinecor.core.norms.classes import Zone
from kinecor.core.norms.norms import Context, Graded, Person, grade_value
from kinecor.core.values.choices import Papillaries
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.interval import Interval
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, report
from kinecor_lab.tasks.trust.intervals import (
    BOTH_PLANES,
    CODES,
    PATIENTS,
    Covered,
    binomial_percent,
    covered_by_halves,
    gathered,
)
from kinecor_lab.tasks.trust.intervals import parser as parser_of_intervals

_ECHO: Final = "CAMUS"
_AGE_YEARS: Final = 50.0
_BINS: Final = 5
_DRAWN: Final = 2000


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said of one value, and whether it is right.

    Attributes:
        source, name, code: of the value, see Covered.
        measured, true: in its unit.
        classes: how many are said; 0 where the value is not measured well enough.
        stated_probability: of them together; NaN where none is said.
        stated_right: whether the true value is in one of them.
        likeliest: the probability of the likeliest class, said or not.
        likeliest_right: whether the true value is in that.

    """

    source: str
    name: str
    code: str
    measured: float
    true: float
    classes: int
    stated_probability: float
    stated_right: bool
    likeliest: float
    likeliest_right: bool


def stated_of(covered_values: Sequence[Covered]) -> Iterator[Stated]:
    """The values that have a reference range."""
    for covered_value in covered_values:
        judged = _judged(covered_value)
        if judged is None or not judged.statement.probabilities:
            continue
        true = next(zone for zone in judged.zones if _holds(zone, covered_value.true))
        shares: Mapping[tuple[str, str], float] = {zone.key: share for zone, share in judged.statement.probabilities}
        likeliest = max(shares, key=lambda key: shares[key])
        said = {zone.key for zone in judged.statement.stated}
        yield Stated(
            source=covered_value.source,
            name=covered_value.name,
            code=covered_value.code,
            measured=covered_value.measured,
            true=covered_value.true,
            classes=len(said),
            stated_probability=sum(shares[key] for key in said) if said else float("nan"),
            stated_right=true.key in said,
            likeliest=shares[likeliest],
            likeliest_right=true.key == likeliest,
        )


def _judged(covered_value: Covered) -> Graded | None:
    echo = covered_value.source.startswith(_ECHO)
    context = Context("US") if echo else Context("MR", Papillaries.CAVITY)
    return grade_value(
        covered_value.code,
        covered_value.measured,
        Person("M", _AGE_YEARS),
        context,
        Interval(covered_value.low, covered_value.high),
    )


def _holds(zone: Zone, value: float) -> bool:
    return (zone.low is None or value > zone.low) and (zone.high is None or value <= zone.high)


def calibration_error(some: Sequence[Stated]) -> float:
    """Mean distance of probability and share of right ones of the likeliest class, over bins of equal counts.

    The expected calibration error of Guo et al. 2017 (arXiv 1706.04599), with bins of equal counts (Nixon et al. 2019,
    arXiv 1904.01685), since half of the values have more than 90 %.
    """
    bins = _bins(some)
    return sum(len(part) * abs(_mean_probability(part) - _right(part)) for part in bins) / len(some)


def error_by_chance(some: Sequence[Stated]) -> float:
    """The mean calibration error of as many values whose probabilities are right."""
    return float(_errors_by_chance(some).mean())


def as_far_by_chance(some: Sequence[Stated]) -> float:
    """How often as many values whose probabilities are right have an error as large as that of these, 0 to 1."""
    return float((_errors_by_chance(some) >= calibration_error(some) - _ROUNDED).mean())


_ROUNDED: Final = 1e-9


def _errors_by_chance(some: Sequence[Stated]) -> FloatArray:
    rng = np.random.default_rng(0)
    parts = [np.array([statement.likeliest for statement in part]) for part in _bins(some)]
    off = [np.abs((rng.random((_DRAWN, len(part))) < part).mean(axis=1) - part.mean()) * len(part) for part in parts]
    return np.asarray(np.sum(off, axis=0) / len(some))


def _bins(some: Sequence[Stated]) -> list[list[Stated]]:
    ordered = sorted(some, key=lambda statement: statement.likeliest)
    return [[ordered[at] for at in part] for part in np.array_split(np.arange(len(ordered)), _BINS) if len(part)]


def _mean_probability(some: Sequence[Stated]) -> float:
    return float(np.mean([statement.likeliest for statement in some]))


def _right(some: Sequence[Stated]) -> float:
    return float(np.mean([statement.likeliest_right for statement in some]))


def groups_of(statements: Sequence[Stated]) -> Iterator[tuple[str, str, list[Stated]]]:
    """Value, recordings, and what is said of them; patients of all sets last."""
    for code in CODES:
        of_code = [statement for statement in statements if statement.code == code]
        sources = list(dict.fromkeys(statement.source for statement in of_code))
        for source in sources:
            yield code, source, [statement for statement in of_code if statement.source == source]
        if len(sources) > 1:
            yield code, PATIENTS, of_code


def shares_table(statements: Sequence[Stated]) -> Table:
    """How many values have one class, two or none, and how often what is said is right."""
    columns = (
        Column("value"),
        Column("recordings"),
        Column("n", form="d"),
        Column("one class", "%", ".0f"),
        Column("two classes", "%", ".0f"),
        Column("not measured well enough", "%", ".0f"),
        Column("probability stated, mean", "%", ".0f"),
        Column("of what is stated right", "%", ".0f"),
        Column("95 % interval of that share"),
        Column("expected calibration error", form=".3f"),
        Column("by chance alone", form=".3f"),
        Column("as far by chance", "%", ".0f"),
    )
    rows: list[tuple[Cell, ...]] = []
    for code, source, some in groups_of(statements):
        counts = [100 * float(np.mean([statement.classes == count for statement in some])) for count in (1, 2, 0)]
        said = [statement for statement in some if statement.classes]
        right = sum(statement.stated_right for statement in said)
        low, high = binomial_percent(right, len(said)) if said else (float("nan"), float("nan"))
        rows.append(
            (
                code,
                source,
                len(some),
                *counts,
                100 * float(np.mean([statement.stated_probability for statement in said])) if said else None,
                100 * right / len(said) if said else None,
                f"{low:.0f} to {high:.0f}" if said else "",
                calibration_error(some),
                error_by_chance(some),
                100 * as_far_by_chance(some),
            )
        )
    return Table("Classes that are stated", columns, tuple(rows))


def reliability_table(statements: Sequence[Stated]) -> Table:
    """The probability of the likeliest class against the share that is right, in bins of equal counts."""
    columns = (
        Column("value"),
        Column("recordings"),
        Column("n", form="d"),
        Column("probability"),
        Column("mean", "%", ".0f"),
        Column("right", "%", ".0f"),
        Column("95 % interval of that share"),
    )
    rows: list[tuple[Cell, ...]] = []
    for code, source, some in groups_of(statements):
        if source not in (PATIENTS, BOTH_PLANES):
            continue
        for part in _bins(some):
            right = sum(statement.likeliest_right for statement in part)
            low, high = binomial_percent(right, len(part))
            ends = f"{100 * part[0].likeliest:.0f} to {100 * part[-1].likeliest:.0f} %"
            rows.append(
                (
                    code,
                    source,
                    len(part),
                    ends,
                    100 * _mean_probability(part),
                    100 * right / len(part),
                    f"{low:.0f} to {high:.0f}",
                )
            )
    return Table("Reliability of the likeliest class", columns, tuple(rows))


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    parser = parser_of_intervals()
    parser.prog = "kinecor evaluate classes"
    parser.description = "Count the classes that values may be called by, and how often they are right."
    options = parser.parse_args(argv)
    measured = gathered(options)
    said = list(stated_of(covered_by_halves(measured)))
    simulated = sum(observation.simulated for observation in (*measured.beats, *measured.stacks))
    report(
        "classes",
        argv,
        "Classes of values against the truth",
        [shares_table(said), reliability_table(said)],
        out=options.out,
        seed=options.seed,
        models={},
        notes=[
            "Each half of the patients with intervals that were fitted on the other half"
            + (f" and on {simulated} simulated recordings." if simulated else "."),
            f"Classes of men of {_AGE_YEARS:.0f} years: ASE/EACVI 2015 for echo, the sources of cine MRI in the order "
            "of the program.",
        ],
        values=said,
    )
    return 0
