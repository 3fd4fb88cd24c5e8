"""Published reference ranges: what is normal for a person, and how far a value is from it.

Ranges are data, one TOML file a source, with citation, table and how each number was verified; a value without a
sourced range is not graded. A source is chosen by modality, age and papillary convention, a range by sex and view. Of
several sources that apply, the first of `SETS` counts.

A value is compared as its source prints its limits: with limits of 52 and 72 %, 51.6 % is 52 %. Limits belong to the
normal range.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Final

from kinecor.core.norms.classes import UNSTATED, Flag, Statement, Zone, class_statement
from kinecor.core.table.measures import BY_CODE, UNITS, Grading, format_signed, index_code, unit_name
from kinecor.core.values.choices import Papillaries
from kinecor.core.values.interval import Interval
from kinecor.core.values.kind import APICAL_VIEWS, UNKNOWN_VIEW
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message
from kinecor.core.values.reading import Reading, body, choices

SETS: Final = (
    "ase-eacvi-2015",
    "ase-2005",
    "strain-2025",
    "scmr-2020",
    "petersen-2017",
    "kawel-boehm-2015",
    "hudsmith-2005",
)
"""The files, in the order in which their ranges count."""
SEXES: Final = ("M", "F")

_SEX_UNKNOWN: Final = message("sex unknown: the range common to men and women")
_AGE_UNKNOWN: Final = message("age unknown: the range is that of adults")

# Ranges that hold for these ages at least hold for adults of unknown age.
_ALL_ADULTS: Final = (21.0, 80.0)
_MID_WALL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Person:
    """Whose value it is.

    Attributes:
        sex: "M", "F", or anything else where unknown.
        age_years: on the day of the study, or None where unknown.
        bsa_m2: body surface area, or None where unknown.

    """

    sex: str = ""
    age_years: float | None = None
    bsa_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """How a value was measured, as far as ranges depend on it.

    Attributes:
        modality: "US", "MR" or another.
        papillaries: the convention, of a short-axis stack.
        view: label of the one view it was measured in; "" where several views or slices gave it.
        depth: of strain in the wall, as in StrainChoices.
        fewer_views: whether strain over the views is not that of all three apical ones.

    """

    modality: str
    papillaries: Papillaries | None = None
    view: str = ""
    depth: float = 0.5
    fewer_views: bool = False


def person_of(reading: Reading) -> Person:
    """The patient of a recording, as far as known.

    Args:
        reading: of a recording of any kind.

    """
    size = body(reading)
    return Person(size.sex or reading.facts.sex, reading.facts.age_years, size.bsa_m2)


def context_of(reading: Reading) -> Context:
    """How a recording is measured.

    Args:
        reading: of a recording of any kind.

    """
    kind = reading.kind
    modality = {"Echocardiography": "US", "Cine MRI": "MR"}.get(kind.modality, "")
    if kind.stack:
        return Context(modality, choices(reading).papillaries, depth=reading.strain.depth)
    return Context(modality, view=reading.view.label if reading.view else UNKNOWN_VIEW, depth=reading.strain.depth)


def context_of_study(readings: Iterable[Reading]) -> Context | None:
    """How the values of a study as a whole are measured; None where its apical views are not of one modality.

    Args:
        readings: of the study's recordings.

    """
    views = [context_of(reading) for reading in readings if reading.view and reading.view.label in APICAL_VIEWS]
    first = views[0] if views else None
    if first is None or {view.modality for view in views} != {first.modality}:
        return None
    return Context(first.modality, depth=first.depth)


@dataclass(frozen=True, slots=True)
class Graded:
    """A value against its reference range.

    Attributes:
        low, high: limits of the normal range, themselves normal; None where it is open on that side.
        unit: of the limits, as in `measures.UNITS`.
        indexed: whether the limits are per m2 of body surface.
        flag: where the value itself lies, whatever its interval.
        grade: how abnormal that is, in the words of the source, such as "mildly abnormal"; empty where it grades no
            such value.
        set_name: short name of the source.
        citation: of the source, with doi.
        table, page: where the range is printed.
        caveat: a condition of the range that this value does not meet, in words; empty without one.
        where: the flag in words, such as "below range".
        decimals: of the limits, as printed.
        value: as compared with the limits: the measurement, or its index, in their unit.
        interval: of it, in their unit; None where none is known.
        zones: the classes of the source, in the order of the scale; of unknown sex, where men and women are of one.
        statement: what may be said of the value given its interval; without one, the class that it lies in.

    """

    low: float | None
    high: float | None
    unit: str
    indexed: bool
    flag: Flag
    grade: Message
    set_name: str
    citation: str
    table: str
    page: str
    caveat: Message = NOTHING
    where: Message = NOTHING
    decimals: int = 0
    value: float | None = None
    interval: Interval | None = None
    zones: tuple[Zone, ...] = ()
    statement: Statement = UNSTATED

    def __post_init__(self) -> None:
        if self.statement is UNSTATED:
            object.__setattr__(self, "statement", Statement((self.here,)))

    @property
    def here(self) -> Zone:
        """The class that the value itself lies in."""
        return Zone(self.flag, self.grade, where=self.where)

    @property
    def grades_apart(self) -> bool:
        """Whether its source has more classes than below, within and above the range."""
        return len(self.zones) > 3

    @property
    def normal(self) -> bool:
        """Whether it may be said that the value is normal."""
        return self.statement.normal

    @property
    def abnormal(self) -> bool:
        """Whether it may be said that the value is abnormal: then it is flagged, and drawn in colour."""
        return self.statement.abnormal

    @property
    def borderline(self) -> bool:
        """Whether it may be said that the value is one of those of which the source leaves open if they are normal."""
        return self.statement.borderline

    @property
    def words(self) -> Message:
        """What to say of the value: "within range", "below range, mildly abnormal", "normal to mildly abnormal", ..."""
        return self.statement.words

    @property
    def range_words(self) -> Message:
        """The limits without their unit: "52–72", "≥ 35", "≤ −18"."""
        low, high = (None if limit is None else format_signed(limit, self.decimals) for limit in (self.low, self.high))
        if low is not None and high is not None:
            return join_texts(low, "–", high)
        return join_texts("≥ ", low) if low is not None else join_texts("≤ ", high or NOTHING)

    @property
    def source_words(self) -> Message:
        """Limits, unit and source in one line."""
        return joined_by(" ", (self.range_words, unit_name(self.unit), f"({self.set_name})"))


@dataclass(frozen=True, slots=True)
class Grade:
    """One band of severity; both limits belong to it, None where it is open on that side."""

    words: Message
    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a value, rounded as printed, lies in the band.

        Args:
            value: in the unit of its range.

        """
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Range:
    """The normal range of one measurement in one group of people.

    Attributes:
        code: of the measurement, as in `measures.MEASURES`.
        unit: of the limits.
        low, high: see Graded.
        step: to which the source prints its limits.
        table, page: where it is printed.
        verified: the text it was compared with.
        sex: "M" or "F"; "" where it holds for both.
        ages: from the first to below the second, in years; None: those of the set.
        views: in which the value may be measured; empty: any.
        papillaries: the convention it holds for; None: any.
        grades: see Grade.
        how: how the limits follow from what the source prints, e.g. "mean ± 2 SD"; "" where it prints the limits.
        above: in words, where a value above the range is not called that; else empty.
        caveats: what to say of a value, by "always", "one view" (measured in one; GLS: in fewer than three), "depth"
            (strain not at mid-wall).
        zones: its classes, in the order of the scale.

    """

    code: str
    unit: str
    step: float
    table: str
    page: str
    verified: str
    low: float | None = None
    high: float | None = None
    sex: str = ""
    ages: tuple[float, float] | None = None
    views: tuple[str, ...] = ()
    papillaries: Papillaries | None = None
    grades: tuple[Grade, ...] = ()
    how: str = ""
    above: Message = NOTHING
    caveats: Mapping[str, Message] = field(default_factory=dict)
    zones: tuple[Zone, ...] = field(init=False)

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError(f"{self.code}: a range has a limit")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"{self.code}: {self.low} to {self.high} is no range")
        if self.unit not in UNITS or not self.verified or not self.table:
            raise ValueError(f"{self.code}: a range has a known unit, a table, and the text it was verified with")
        object.__setattr__(self, "zones", _zones(self))


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    """One source.

    Attributes:
        name: short, e.g. "ASE/EACVI 2015".
        citation: authors, title, journal, with doi.
        modality: that it holds for.
        ages: from the first to below the second, in years.
        population: it was measured in.
        ranges: see Range.

    """

    name: str
    citation: str
    modality: str
    ages: tuple[float, float]
    population: str
    ranges: tuple[Range, ...]


@cache
def reference_sets() -> tuple[ReferenceSet, ...]:
    """All sources, in the order of `SETS`."""
    return tuple(map(_read, SETS))


def texts() -> tuple[Message, ...]:
    """What the sources say of values: their words for grades, flags and caveats, each once."""
    ranges = [span for source in reference_sets() for span in source.ranges]
    texts_of_ranges = [
        text for span in ranges for text in (*(grade.words for grade in span.grades), *span.caveats.values())
    ]
    return tuple(dict.fromkeys((*texts_of_ranges, *(span.above for span in ranges if span.above))))


def grade_value(
    code: str, value: float, person: Person, context: Context, interval: Interval | None = None
) -> Graded | None:
    """A value against the range of its person; None where no source has one.

    Where sex is unknown, a value is graded if both sexes' ranges say the same of it; the range is then what both have
    in common. Where age is unknown, ranges of some ages only do not apply. A value whose source gives a range per body
    surface only is indexed.

    Args:
        code: of the measurement.
        value: in the unit of the measurement.
        person: whose it is.
        context: how it was measured.
        interval: of the value, in its unit; None where none is known.

    """
    own = _of_sexes(code, value, person, context, interval)
    if own is not None or not person.bsa_m2:
        return own
    indexed = interval.scaled(1 / person.bsa_m2) if interval else None
    return _of_sexes(index_code(code), value / person.bsa_m2, person, context, indexed)


def geometry_words(wall: Graded, mass: Graded) -> Message:
    """Geometry of the left ventricle from relative wall thickness and mass index (ASE/EACVI 2015).

    Args:
        wall: relative wall thickness, graded.
        mass: mass index, graded.

    """
    thick, heavy = wall.flag == "above", mass.flag == "above"
    if heavy:
        return message("concentric hypertrophy") if thick else message("eccentric hypertrophy")
    return message("concentric remodelling") if thick else message("normal geometry")


def _of_sexes(code: str, value: float, person: Person, context: Context, interval: Interval | None) -> Graded | None:
    if person.sex in SEXES:
        own = _of_sex(code, value, person.sex, person.age_years, context)
        return own and _with_statement(own, code, interval, (own.zones,))
    men, women = (_of_sex(code, value, sex, person.age_years, context) for sex in SEXES)
    if men is None or women is None or (men.flag, men.grade, men.set_name) != (women.flag, women.grade, women.set_name):
        return None
    low, high = _largest(men.low, women.low), _smallest(men.high, women.high)
    if (low, high) == (men.low, men.high) == (women.low, women.high):
        return _with_statement(men, code, interval, (men.zones,))
    if low is not None and high is not None and low >= high:
        return None
    caveat = joined_by("; ", (men.caveat, _SEX_UNKNOWN))
    both = men.zones, women.zones
    if [zone.key for zone in men.zones] != [zone.key for zone in women.zones]:
        return None
    return _with_statement(
        replace(men, low=low, high=high, caveat=caveat, zones=_in_common(*both)), code, interval, both
    )


def _with_statement(
    graded: Graded, code: str, interval: Interval | None, zones: tuple[tuple[Zone, ...], ...]
) -> Graded:
    assert graded.value is not None
    said = class_statement(code, graded.value, interval, graded.here, zones)
    return replace(graded, interval=interval, statement=said)


def _in_common(men: Sequence[Zone], women: Sequence[Zone]) -> tuple[Zone, ...]:
    """The parts of the scale where men and women are of one class."""
    both = [
        replace(man, low=_largest(man.low, woman.low), high=_smallest(man.high, woman.high))
        for man, woman in zip(men, women, strict=True)
    ]
    return tuple(zone for zone in both if zone.low is None or zone.high is None or zone.low < zone.high)


def _largest(*limits: float | None) -> float | None:
    return max((limit for limit in limits if limit is not None), default=None)


def _smallest(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _of_sex(code: str, value: float, sex: str, age_years: float | None, context: Context) -> Graded | None:
    source, reference_range = next(_applicable(code, sex, age_years, context), (None, None))
    if source is None or reference_range is None:
        return None
    # Products of steps such as 0.01 miss the limits by the last binary digit.
    shown = round(round(value / reference_range.step) * reference_range.step, 9)
    here = _class_of(reference_range, shown)
    said = {
        "always": True,
        "one view": bool(context.view) or (context.fewer_views and _of_all_views(code)),
        "depth": context.depth != _MID_WALL,
    }
    caveats = [
        reference_range.caveats[name] for name, applies in said.items() if applies and name in reference_range.caveats
    ]
    caveats += [_AGE_UNKNOWN] if age_years is None else []
    return Graded(
        low=reference_range.low,
        high=reference_range.high,
        unit=reference_range.unit,
        indexed=reference_range.unit.endswith("/m2"),
        flag=here.flag,
        grade=here.grade,
        set_name=source.name,
        citation=source.citation,
        table=reference_range.table,
        page=reference_range.page,
        caveat=joined_by("; ", caveats),
        where=here.where,
        decimals=max(0, len(f"{reference_range.step:.6f}".rstrip("0").partition(".")[2])),
        value=value,
        zones=reference_range.zones,
    )


def _class_of(reference_range: Range, shown: float) -> Zone:
    """The class of a value that is rounded as the source prints its limits."""
    flag: Flag = "within"
    if reference_range.low is not None and shown < reference_range.low:
        flag = "below"
    elif reference_range.high is not None and shown > reference_range.high:
        flag = "above"
    grade = next((grade.words for grade in reference_range.grades if grade.holds(shown)), NOTHING)
    return Zone(flag, grade, where=reference_range.above if flag == "above" else NOTHING)


def _zones(reference_range: Range) -> tuple[Zone, ...]:
    """The classes of a range in the order of the scale, each with the part of it that it holds."""
    half = reference_range.step / 2
    limits = [
        (reference_range.low, reference_range.high),
        *((grade.low, grade.high) for grade in reference_range.grades),
    ]
    cuts = sorted(
        {round(low - half, 9) for low, _ in limits if low is not None}
        | {round(high + half, 9) for _, high in limits if high is not None}
    )
    zones: list[Zone] = []
    for low, high in zip((None, *cuts), (*cuts, None), strict=True):
        inside = high - half if high is not None else cuts[-1] + half
        here = _class_of(reference_range, round(round(inside / reference_range.step) * reference_range.step, 9))
        if zones and zones[-1].key == here.key:
            # A borderline class may begin at a limit that is still normal: it is called by its larger part.
            beyond = here if zones[-1].flag == "within" else zones[-1]
            zones[-1] = replace(zones[-1], high=high, flag=beyond.flag, where=beyond.where)
        else:
            zones.append(replace(here, low=low, high=high))
    return tuple(zones)


def _of_all_views(code: str) -> bool:
    """Whether its range is of the mean over all apical views."""
    return code in BY_CODE and BY_CODE[code].grading is Grading.ALL_VIEWS


def _applicable(code: str, sex: str, age_years: float | None, context: Context) -> Iterator[tuple[ReferenceSet, Range]]:
    for source, reference_range in _by_code().get((context.modality, code), ()):
        if reference_range.sex not in ("", sex) or (
            reference_range.views and context.view and context.view not in reference_range.views
        ):
            continue
        if reference_range.papillaries is not None and reference_range.papillaries is not context.papillaries:
            continue
        if _of_age(reference_range.ages or source.ages, age_years):
            yield source, reference_range


@cache
def _by_code() -> Mapping[tuple[str, str], list[tuple[ReferenceSet, Range]]]:
    """Ranges by modality and code: values are graded again at every move of a drag."""
    found: dict[tuple[str, str], list[tuple[ReferenceSet, Range]]] = {}
    for source in reference_sets():
        for span in source.ranges:
            found.setdefault((source.modality, span.code), []).append((source, span))
    return found


def _of_age(ages: tuple[float, float], age_years: float | None) -> bool:
    """Whether a person is of these ages; of unknown age, whether they are those of all adults."""
    low, high = ages
    if age_years is None:
        return low <= _ALL_ADULTS[0] and high >= _ALL_ADULTS[1]
    return low <= age_years < high


def _read(name: str) -> ReferenceSet:
    text = resources.files("kinecor.core.norms").joinpath(f"{name}.toml").read_text("utf-8")
    entry = tomllib.loads(text)
    low, high = entry["ages"]
    return ReferenceSet(
        name=entry["name"],
        citation=f"{entry['citation']}, doi {entry['doi']}",
        modality=entry["modality"],
        ages=(float(low), float(high)),
        population=entry["population"],
        ranges=tuple(_range(index) for index in entry["range"]),
    )


def _range(entry: Mapping[str, Any]) -> Range:
    given = dict(entry)
    if "ages" in given:
        low, high = given["ages"]
        given["ages"] = (float(low), float(high))
    if "papillaries" in given:
        given["papillaries"] = Papillaries(given["papillaries"])
    given["views"] = tuple(given.get("views", ()))
    given["grades"] = tuple(_grade(**grade) for grade in given.get("grades", ()))
    given["caveats"] = {name: _text(words) for name, words in given.get("caveats", {}).items()}
    given["above"] = _text(given.get("above", ""))
    return Range(**given)


def _grade(words: str, low: float | None = None, high: float | None = None) -> Grade:
    return Grade(_text(words), low, high)


def _text(words: str) -> Message:
    """A text of the file, which the catalogues of languages know from `texts`."""
    return Message(words)
