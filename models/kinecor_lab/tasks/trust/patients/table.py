"""Tables of patients: by set, untouched and tampered with; by kind of tampering; patients without a truth."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from kinecor_lab.common.table import Cell, Column, Table
from kinecor_lab.tasks.trust.intervals import binomial_percent
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.scoring import Judged, Study
from kinecor_lab.tasks.trust.table import DEFINITIONS

REAL_DEFINITIONS: Final = (
    "Recordings of patients that no network was trained on, written as DICOM files, opened and analysed as any "
    "other. Stills are the real frames of CAMUS at ED and ES, apical four- and two-chamber, two files each; their "
    "truth is the experts' contour, by disks of the one view (LAV at ES, where the whole atrium is in the image). "
    "Biplane studies are made of the stills of both views. Loops are the same frames set in motion from ED to ES "
    "and back over a beat; their truth is that of the experts' contour in every frame. Stacks are those of ACDC (ED "
    "and ES; its scale and the volumes that it states), of many hospitals (DSB: ED and near ES; EDV that experts "
    "measured, EF and ESV by labels of these images), of York (children, 20 phases; sizes are assumed) and of "
    "Sunnybrook (20 phases): volumes by the experts' contours.",
    DEFINITIONS[1],
    "Heart rate and output count where a rate was recorded, or is that of the loop. Nothing is known of body size. A "
    "recording is tampered with in several ways by turns, fixed by patient. Even patients served to choose thresholds, "
    "odd ones did not. Intervals of shares are binomial (Clopper and Pearson 1934), as if values were independent: "
    "those of one recording are not, so that they are too narrow.",
)
"""What the figures mean, for the page."""

_RATES: Final = (
    Column("recordings", form="d"),
    Column("values", form="d"),
    Column("wrong", "%", ".1f"),
    Column("wrong and unmarked", "% of values"),
    Column("and outside the interval", "% of values"),
    Column("right but marked", "% of right"),
    Column("withheld", "%", ".1f"),
    Column("not computed", "%", ".1f"),
)


def _share(hits: int, count: int) -> str:
    """A share in percent with its interval."""
    if not count:
        return "-"
    low, high = binomial_percent(hits, count)
    return f"{100 * hits / count:.1f} ({low:.1f} to {high:.1f})"


def _percent(hits: int, count: int) -> float:
    return 100 * hits / count if count else math.nan


def cells(values: Sequence[Judged]) -> tuple[Cell, ...]:
    """The figures of some values, in the order of the columns."""
    there = [judged_value for judged_value in values if judged_value.measured is not None]
    right = [judged_value for judged_value in there if judged_value.right]
    return (
        len({judged_value.case for judged_value in values}),
        len(there),
        _percent(sum(judged_value.wrong for judged_value in there), len(there)),
        _share(sum(judged_value.missed for judged_value in there), len(there)),
        _share(sum(judged_value.looks_right for judged_value in there), len(there)),
        _share(sum(judged_value.marked for judged_value in right), len(right)),
        _percent(sum(judged_value.withheld for judged_value in there), len(there)),
        _percent(len(values) - len(there), len(values)),
    )


def _grouped(values: Iterable[Judged], of: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for judged_value in values:
        found.setdefault(of(judged_value), []).append(judged_value)
    return found


STACKS, ONE_PLANE = "stacks, all sets", "single planes, stills and loops"


def _with_sums(groups: dict[str, list[Judged]]) -> dict[str, list[Judged]]:
    """The groups, and single planes and stacks together where there are several of them."""
    planes = [
        judged_value
        for some in groups.values()
        for judged_value in some
        if judged_value.modality == "echo" and "biplane" not in judged_value.case
    ]
    stacks = [judged_value for some in groups.values() for judged_value in some if judged_value.modality == "stack"]
    return {**groups, **({ONE_PLANE: planes} if planes else {}), **({STACKS: stacks} if stacks else {})}


def by_set(title: str, values: Iterable[Judged]) -> Table:
    """A row for each set."""
    groups = _with_sums(_grouped(values, lambda judged_value: judged_value.population))
    rows = tuple((name, *cells(some)) for name, some in groups.items())
    return Table(title, (Column("set"), *_RATES), rows)


def _kind(judged_value: Judged) -> str:
    group = "biplane" if "biplane" in judged_value.case else judged_value.modality
    return f"{group}: {judged_value.kind}"


def by_kind(title: str, values: Iterable[Judged]) -> Table:
    """A row for each kind of tampering."""
    kinds = sorted(_grouped(values, _kind).items())
    return Table(title, (Column("kind"), *_RATES), tuple((name, *cells(some)) for name, some in kinds))


def real_tables(studies: Iterable[Study]) -> list[Table]:
    """By set, by kind and by value."""
    every = [value for study in studies for value in study.values]
    untouched = [judged_value for judged_value in every if judged_value.kind == SOUND]
    tampered = [judged_value for judged_value in every if judged_value.kind != SOUND]
    codes = _grouped(untouched, lambda judged_value: judged_value.code)
    return [
        by_set("Untouched recordings of patients", untouched),
        by_set("Recordings of patients that were tampered with", tampered),
        by_kind("Patients, by kind of tampering", tampered),
        Table(
            "Untouched recordings of patients, by value",
            (Column("value"), *_RATES),
            tuple((code, *cells(some)) for code, some in codes.items()),
        ),
    ]
