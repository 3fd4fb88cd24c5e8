"""A study against an earlier one of the same patient: what changed, and what stands in the way of the comparison."""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import zip_longest
from typing import Final

from kinecor.core.checks.assessment import assess, assessed_study, study_sources
from kinecor.core.checks.findings import VOLUMES
from kinecor.core.norms.classes import NOT_MEASURED_WELL, too_wide
from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.table.measures import (
    BODY_SURFACE,
    BY_CODE,
    EXPLORATORY,
    LEADING,
    SEGMENTAL,
    Measurement,
    decimals_of,
    rounded_difference,
)
from kinecor.core.table.technique import Kind, Technique
from kinecor.core.values.choices import Papillaries, layer_words
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.message import NOTHING, Message, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, choices, model_author
from kinecor.core.values.study import StudyReading, counting

# Rates that differ by more are of two states of the heart.
_RATES_APART_PER_MIN = 20.0


@dataclass(frozen=True, eq=False)
class Stated:
    """Values of a study as another system's report states them.

    Attributes:
        rows: by (code, view), as `shown_rows` gives them.
        modalities: that the values are of, such as "US"; empty where their codes do not say.
        equipment: who wrote the report; "" where it does not say.

    """

    rows: Mapping[tuple[str, str], Measurement]
    modalities: frozenset[str]
    equipment: str


@dataclass(frozen=True, eq=False)
class Examined:
    """A study with the Readings of its recordings.

    Attributes:
        study: what is concluded about it as a whole.
        readings: of its recordings.
        stated: of a study of which only a report of another system is there; None of all others.

    """

    study: StudyReading
    readings: tuple[Reading, ...]
    stated: Stated | None = None


@dataclass(frozen=True, slots=True)
class Variability:
    """By how much a value may differ between two studies of an unchanged heart; an entry of variability.toml.

    Attributes:
        percent: of the mean of both values.
        source: where that is printed.
        computed: how it follows from what is printed, or "".

    """

    percent: float
    source: str
    computed: str = ""


@dataclass(frozen=True, eq=False)
class Changed:
    """One measurement then and now; both are in one unit and have values.

    Attributes:
        code: of the measurement.
        of: the view that it is of; "" for the study as a whole and for stacks.
        then, now: the measurement of each study, as assessed.
        variability: between studies, or None where no source gives it, or the studies are of two modalities.
        remark: what differs in how the two were measured; "" where nothing does.

    """

    code: str
    of: str
    then: Measurement
    now: Measurement
    variability: Variability | None
    remark: Message = NOTHING

    @property
    def difference(self) -> float:
        """Now less then, in the unit of both."""
        return _value(self.now) - _value(self.then)

    @property
    def shown_difference(self) -> float:
        """The same of the values as a reader is shown them, so that what is shown adds up."""
        return rounded_difference(_value(self.now), _value(self.then), decimals_of(self.code, self.now.unit))

    @property
    def percent(self) -> float | None:
        """The difference as a share of the mean of both, in percent; None where that is 0."""
        mean = (abs(_value(self.now)) + abs(_value(self.then))) / 2
        return 100 * self.difference / mean if mean else None

    @property
    def limit(self) -> float | None:
        """Variability in the unit of both; None where that is not known."""
        mean = (abs(_value(self.now)) + abs(_value(self.then))) / 2
        return None if self.variability is None or not mean else self.variability.percent / 100 * mean

    @property
    def open(self) -> Message:
        """Why it is open whether the difference is more than variability; empty where it is not.

        A value that is not measured well enough for a class is not for this either. Errors of the two are independent:
        the interval of their difference is the root of the sum of squares of both.
        """
        rows = (self.then, self.now)
        if any(too_wide(self.code, _value(row), row.interval) for row in rows):
            return NOT_MEASURED_WELL
        half_width = math.hypot(*(row.interval.half_width if row.interval else 0.0 for row in rows))
        beyond = self.limit is not None and abs(self.difference) > self.limit
        return (
            message("within the intervals of both values") if beyond and half_width >= abs(self.difference) else NOTHING
        )

    @property
    def exceeds(self) -> bool | None:
        """Whether the difference is more than variability between studies; None where that is not known, or open."""
        share = self.percent
        if self.variability is None or share is None or self.open:
            return None
        return abs(share) > self.variability.percent


@dataclass(frozen=True, eq=False)
class Comparison:
    """A study against an earlier one.

    Attributes:
        now, then: the studies.
        changes: of the values that both have.
        warnings: what stands in the way of the comparison.
        stated: the earlier values, where a report of another system states them; None where they were measured.

    """

    now: StudyReading
    then: StudyReading
    changes: tuple[Changed, ...]
    warnings: tuple[Message, ...]
    stated: Stated | None = None


def priors(study: StudyReading, others: Iterable[StudyReading]) -> tuple[StudyReading, ...]:
    """Earlier studies of the same patient, the latest first.

    The same patient has the same identifier, and the same name where both state one; without an identifier none is
    found, since names recur. Studies without a date are passed over.

    Args:
        study: of the patient.
        others: of any patients.

    """
    study_readings = [
        study_reading
        for study_reading in others
        if study_reading.study_id != study.study_id
        and study_reading.patient_id
        and study_reading.patient_id == study.patient_id
        and (
            not study_reading.patient_name or not study.patient_name or study_reading.patient_name == study.patient_name
        )
        and study_reading.study_date
        and study_reading.study_date < study.study_date
    ]
    return tuple(sorted(study_readings, key=lambda study_reading: study_reading.study_date, reverse=True))


def compare_with_prior(now: Examined, then: Examined) -> Comparison:
    """What changed since an earlier study: values of the same kind, view and unit that both have.

    Args:
        now: this study.
        then: the earlier one.

    """
    before, after = shown_rows(then), shown_rows(now)
    one_modality = _modalities(now) == _modalities(then)
    kind = next(iter(_modalities(now)), "")
    changes = []
    for code, view in in_both(before, after):
        old, row = before[code, view], after[code, view]
        limit = variability().get(f"{kind}.{code}") if one_modality else None
        changes.append(Changed(code, view, old, row, limit, _remark(old, row)))
    return Comparison(now.study, then.study, tuple(changes), tuple(_warnings(now, then, changes)), then.stated)


@cache
def variability() -> Mapping[str, Variability]:
    """All entries by "MODALITY.CODE"."""
    text = resources.files("kinecor.core.norms").joinpath("variability.toml").read_text("utf-8")
    return {name: Variability(**entry) for name, entry in tomllib.loads(text).items()}


def clips_of_views(study: Examined) -> dict[str, Reading]:
    """The recording that the volumes of a view are of.

    Of several the one that gives an EF, then the one behind biplane volumes, then the one with the most values,
    then the one with the highest confidence.

    Args:
        study: with its Readings.

    """
    behind = {
        source.reading.facts.recording_id
        for source in study_sources(study.readings, study.study)
        if source.result == "LV"
    }

    def rank(reading: Reading) -> tuple[bool, bool, int, float]:
        others = [other for other in study.readings if other is not reading]
        given = [row for row in assess(reading, others).measurements if row.code in VOLUMES and _shown(row)]
        lead = next((row for row in given if row.code == LEADING), None)
        used = reading.facts.recording_id in behind
        return lead is not None, used, len(given), (lead.confidence or 0.0) if lead else 0.0

    by_view: dict[str, list[Reading]] = {}
    for reading in counting(study.readings, study.study):
        if not reading.kind.stack and reading.view_known and reading.view is not None:
            by_view.setdefault(reading.view.label, []).append(reading)
    return {view: some[0] if len(some) == 1 else max(some, key=rank) for view, some in by_view.items()}


def shown_rows(study: Examined) -> dict[tuple[str, str], Measurement]:
    """Measurements with a value by (code, view): over views ("", as of stacks), and of each view.

    Of several recordings of a view, volumes are those of one (`clips_of_views`), and each other value is that with the
    highest confidence.

    Args:
        study: with its Readings, or as another system states it.

    """
    if study.stated is not None:
        return {key: row for key, row in study.stated.rows.items() if _shown(row)}
    clips = clips_of_views(study)
    measurements = {
        (row.code, ""): row for row in assessed_study(study.readings, study.study).measurements if _shown(row)
    }
    over_views = {code for code, _ in measurements}
    for reading in counting(study.readings, study.study):
        label = reading.view.label if reading.view is not None else UNKNOWN_VIEW
        view = "" if reading.kind.stack else label  # one loop is never called a value over views
        others = [other for other in study.readings if other is not reading]
        for row in assess(reading, others).measurements:
            if not _shown(row) or (not view and row.code in over_views):
                continue
            if row.code in VOLUMES and clips.get(view, reading) is not reading:
                continue
            known = measurements.get((row.code, view))
            if known is None or (row.confidence or 0.0) > (known.confidence or 0.0):
                measurements[row.code, view] = row
    order = {code: number for number, code in enumerate(BY_CODE)}
    return dict(sorted(measurements.items(), key=lambda pair: (pair[0][1], order[pair[0][0]])))


def in_both(
    before: Mapping[tuple[str, str], Measurement], after: Mapping[tuple[str, str], Measurement]
) -> Iterator[tuple[str, str]]:
    """The values of two of `shown_rows` that can be compared: over views where both have that, else view by view.

    Args:
        before: see `shown_rows`.
        after: see `shown_rows`.

    """
    for code, view in after:
        both = (code, "") in before and (code, "") in after
        if (code, view) in before and before[code, view].unit == after[code, view].unit and not (view and both):
            yield code, view


def _shown(row: Measurement) -> bool:
    return row.quantity is not None and row.code not in EXPLORATORY | SEGMENTAL | {BODY_SURFACE}


def _value(row: Measurement) -> float:
    assert row.quantity is not None
    return row.quantity.value


def _modalities(study: Examined) -> frozenset[str]:
    if study.stated is not None:
        return study.stated.modalities
    return frozenset(reading.facts.modality for reading in study.readings)


def _remark(then: Measurement, now: Measurement) -> Message:
    """How the two were measured otherwise; empty where they were not, and where that is not known."""
    old, new = then.technique, now.technique
    if old is None or new is None or old == new:
        return NOTHING
    if old.kind is new.kind is Kind.MEAN_OF_VIEWS:
        return message("then {old}, now {new}", old=_of_views(old, new), new=_of_views(new, old))
    return message("then {old}, now {new}", old=old.words, new=new.words)


def _of_views(technique: Technique, other: Technique) -> Message:
    """Of a mean over views what differs from another: the views, the layer of the wall, tracking, end-systole."""
    views = verbatim(" ".join(technique.views)) if technique.views != other.views else NOTHING
    layer = layer_words(technique.depth) if technique.depth not in (other.depth, None) else NOTHING
    how = [
        verbatim(convention) if type(convention) is str else convention
        for convention in technique.conventions
        if convention not in other.conventions
    ]
    said = joined_by(", ", (views, layer, *how))
    return said or verbatim(" ".join(technique.views))


def _views_differ(changes: Iterable[Changed]) -> Iterator[Message]:
    """Which compared values are means of other views then and now."""
    codes: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        old, new = change.then.technique, change.now.technique
        if old and new and old.kind is new.kind is Kind.MEAN_OF_VIEWS and set(old.views) != set(new.views):
            codes.setdefault((", ".join(old.views), ", ".join(new.views)), []).append(change.code)
    for (before, after), of_these in codes.items():
        yield message(
            "The views behind {codes} differ: then {old}, now {new}.",
            codes=verbatim(", ".join(of_these)),
            old=verbatim(before),
            new=verbatim(after),
        )


def _warnings(now: Examined, then: Examined, changes: Sequence[Changed]) -> Iterator[Message]:
    if _modalities(now) != _modalities(then) and now.readings and (then.readings or then.stated):
        yield message("The two studies are of different modalities: their values are not interchangeable.")
    if then.stated is not None:
        yield message(
            "The earlier values are those of a report by {equipment}: they were not measured here.",
            equipment=verbatim(then.stated.equipment) if then.stated.equipment else message("another system"),
        )
    formulas = tuple(verbatim(study.study.demographics.formula) for study in (then, now))
    for difference, old, new in (
        (message("Equipment or its software differs"), verbatim(then.study.equipment), verbatim(now.study.equipment)),
        (message("Models differ"), _models(then), _models(now)),
        (message("The formula of body surface area differs"), *(formulas if then.stated is None else ("", ""))),
        (message("The papillary convention differs"), _conventions(then), _conventions(now)),
    ):
        if old and new and old != new:
            yield message("{difference}: then {old}, now {new}.", difference=difference, old=old, new=new)
    yield from _views_differ(changes)
    for old_rate, new_rate in zip_longest(_rates(then), _rates(now)):
        if old_rate is not None and new_rate is not None and abs(old_rate - new_rate) > _RATES_APART_PER_MIN:
            yield message(
                "The heart beat {old_rate:.0f} times a minute then and {new_rate:.0f} now: volumes depend on it.",
                old_rate=old_rate,
                new_rate=new_rate,
            )
    if then.stated is None and sign_status(then.readings, then.study).state is not SignState.SIGNED:
        yield message("The earlier study is not signed, or was changed since.")


def _models(study: Examined) -> Message:
    names = {str(model) for reading in study.readings for by in _authors(reading) if (model := model_author(by))}
    return verbatim(", ".join(sorted(names)))


def _authors(reading: Reading) -> Iterator[str]:
    for part, by in reading.authors.items():
        if part.startswith("tracks/"):
            yield by
    for slice_reading in reading.slices:
        yield from _authors(slice_reading)


def _conventions(study: Examined) -> Message:
    stacks = [reading for reading in study.readings if reading.kind.stack]
    return joined_by(", ", sorted({_CONVENTION_WORDS[choices(reading).papillaries] for reading in stacks}))


_CONVENTION_WORDS: Final[Mapping[Papillaries, Message]] = {
    Papillaries.CAVITY: message("cavity"),
    Papillaries.MYOCARDIUM: message("myocardium"),
}


def _rates(study: Examined) -> Sequence[float]:
    """The mean heart rate of the recordings, where known."""
    rates = [
        row.quantity.value
        for reading in counting(study.readings, study.study)
        for row in assess(reading).measurements
        if row.code == "HR" and row.quantity
    ]
    return (sum(rates) / len(rates),) if rates else ()
