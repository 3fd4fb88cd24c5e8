"""Findings of a study in sentences, from values that may be stated, in the words of the guidelines.

Sentences describe size, function, geometry and strain against the reference ranges; they name no disease. Each is a
message that holds its values by key ("{EF}"), so that it changes with them. A reader's own text is never replaced:
where a value it was written over has changed since, it is marked; for this, English sentences are compared, whatever
language is printed.

Words for grades are those of the source of the range (`core.norms`), such as "mildly abnormal" of ASE/EACVI 2015. Where
the interval of a value holds two classes, the sentence says both ("normal to mildly abnormal").

A value is stated where it is given, no check of it is open, and it is measured well enough for a class. Volumes of both
apical views together (biplane) come before those of one view, and are never mixed with them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kinecor.core.checks.assessment import Assessment, assess, assessed_study, study_strain_as_assessed
from kinecor.core.checks.findings import VOLUMES
from kinecor.core.norms.classes import NOT_MEASURED_WELL
from kinecor.core.norms.norms import SEXES, Graded, Person, person_of
from kinecor.core.report.language import ENGLISH, Language
from kinecor.core.study.stress import clip_of
from kinecor.core.table.measures import (
    BY_CODE,
    EXPLORATORY,
    SEGMENTAL,
    Group,
    Measurement,
    Status,
    codes_of,
    format_quantity,
    index_code,
    within_words,
)
from kinecor.core.table.technique import Kind
from kinecor.core.values.confidence import Trust
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import (
    NOTHING,
    Message,
    in_context,
    join_texts,
    joined_by,
    list_texts,
    message,
    number,
    plural,
    verbatim,
)
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import stage_words
from kinecor.core.values.study import IMPRESSION, EditedSentence, ReportText, StudyReading, counting, stages
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.segments import NAMES as AHA_NAMES

ECHO: Final = "Echocardiography"
CMR: Final = "Cine MRI"
MODALITIES: Final = (ECHO, CMR)
PREFIX: Final = {ECHO: "", CMR: "CMR "}
"""Of the keys of values, by modality."""
_ORDER: Final = (*APICAL_VIEWS, "PLAX")
BIPLANE: Final = message("biplane")
SEVERAL_VIEWS: Final = message("apical views")
STACK: Final = message("short-axis stack")


@dataclass(frozen=True, eq=False)
class Value:
    """A measurement as the report of the study shows it.

    Attributes:
        key: unique in the report: the code, of cine MRI with "CMR " before it.
        row: see Measurement.
        norm: against its reference range, or None where it has none.
        place: what it was measured in: "biplane", "A4C", "short-axis stack", ...
        doubt: why it is not stated in a sentence; "" where it may be.
        imprecise: whether that is since it is not measured well enough.

    """

    key: str
    row: Measurement
    norm: Graded | None
    place: Message
    doubt: Message
    imprecise: bool = False

    @property
    def words(self) -> Message:
        """The value with its unit; "not available" where it is withheld."""
        return format_quantity(self.row.quantity, self.row.code) if self.row.quantity else message("not available")

    @property
    def flagged(self) -> bool:
        """Whether it may be said that it is abnormal, and no check of it is open."""
        return self.norm is not None and self.norm.abnormal and not self.doubt

    @property
    def open(self) -> bool:
        """Whether it is given, but has an open check."""
        return bool(self.doubt) and not self.imprecise and self.row.quantity is not None


@dataclass(frozen=True, eq=False)
class Part:
    """What one modality contributes to the study.

    Attributes:
        modality: one of MODALITIES.
        readings: of its recordings.
        found: assessments of these, in their order.
        study: of them together.
        values: by key, in the order of the table.
        geometry: of the left ventricle by callipers, in words; "" where it is not known, or doubtful.
        strain_views: apical views in the mean longitudinal strain.
        wall_motion: a reader's scores, by the stage of a stress study, "" without stages; of echo.
        person: whose it is, as far as known; None without recordings.

    """

    modality: str
    readings: tuple[Reading, ...]
    found: tuple[Assessment, ...]
    study: Assessment
    values: Mapping[str, Value]
    geometry: Message
    strain_views: tuple[str, ...]
    wall_motion: Mapping[str, WallMotion] = field(default_factory=lambda: MappingProxyType({}))
    person: Person | None = None

    def get(self, code: str) -> Value | None:
        """The value of a code.

        Args:
            code: of the measurement, e.g. "EF".

        """
        return self.values.get(PREFIX[self.modality] + code)


def parts_of(
    readings: Sequence[Reading], study: StudyReading | None = None, others: Sequence[Reading] = ()
) -> tuple[Part, ...]:
    """The values of a study by modality, echo first; nothing of a modality without recordings.

    Args:
        readings: of its recordings; those that a reader left out of results over views give no value.
        study: what was concluded about it as a whole.
        others: of further recordings, which give no value, but are what checks compare with.

    """
    return _parts(tuple(readings), study, tuple(others))


@lru_cache(maxsize=4)
def _parts(readings: tuple[Reading, ...], study: StudyReading | None, others: tuple[Reading, ...]) -> tuple[Part, ...]:
    used = counting(readings, study)
    by_modality = (tuple(reading for reading in used if reading.kind.modality == name) for name in MODALITIES)
    return tuple(
        _part(name, members, study, others, (*readings, *others))
        for name, members in zip(MODALITIES, by_modality, strict=True)
        if members
    )


def _part(
    modality: str,
    readings: tuple[Reading, ...],
    concluded: StudyReading | None,
    others: tuple[Reading, ...],
    every: tuple[Reading, ...],
) -> Part:
    assessments = tuple(
        assess(reading, (*(other for other in readings if other is not reading), *others)) for reading in readings
    )
    study = assessed_study(readings, concluded)
    geometry = next((assessment.geometry for assessment in assessments if assessment.geometry), NOTHING)
    values = {value.key: value for value in _values(modality, readings, assessments, study, every)}
    strain = study_strain_as_assessed(readings)
    scores = concluded.wall_motion if concluded and modality == ECHO else MappingProxyType({})
    return Part(
        modality,
        readings,
        assessments,
        study,
        MappingProxyType(values),
        geometry,
        tuple(strain.view_percent),
        scores,
        person_of(readings[0]),
    )


def _values(
    modality: str,
    readings: tuple[Reading, ...],
    assessments: tuple[Assessment, ...],
    study: Assessment,
    every: tuple[Reading, ...],
) -> Iterator[Value]:
    """Of the study as a whole, then of single recordings what that does not have.

    Where there is a short-axis stack, volumes are its own: those of long axes of MRI are no match for it.
    """
    stacked = any(
        reading.kind.stack and row.code in VOLUMES
        for reading, own in zip(readings, assessments, strict=True)
        for row in own.measurements
    )
    whole = {row.code: row for row in study.measurements if not (stacked and row.code in VOLUMES)}
    for row in whole.values():
        both = row.technique is not None and row.technique.kind is Kind.BIPLANE
        place = BIPLANE if both else SEVERAL_VIEWS
        yield _value(modality, row, study, place, assessments)
    taken = set(whole) | (VOLUMES if VOLUMES & whole.keys() else set())
    for own_at in sorted(range(len(readings)), key=lambda at: rank(readings[at])):
        reading, own = readings[own_at], assessments[own_at]
        for row in own.measurements:
            if row.code in taken or row.code in EXPLORATORY or row.code in SEGMENTAL:
                continue
            others = [
                (index, measurement)
                for index in range(len(readings))
                for measurement in assessments[index].measurements
                if measurement.code == row.code and measurement.quantity is not None
            ]
            if row.quantity is None and others:
                continue  # another view has it
            taken.add(row.code)
            yield _value(modality, row, own, place_of(reading, bool(stages(every)), every), ())


def rank(reading: Reading) -> tuple[int, int]:
    """Stacks come first, then the apical views in their order.

    Args:
        reading: of a recording of any kind.

    """
    label = reading.view.label if reading.view else ""
    return (0 if reading.kind.stack else 1, _ORDER.index(label) if label in _ORDER else len(_ORDER))


def place_of(reading: Reading, staged: bool = False, among: Sequence[Reading] = ()) -> Message:
    """What a recording is called in a report: its view with the stage of a stress study, or "short-axis stack".

    Where the stage has several recordings of the view, it has its number, too: "A2C Peak, view 5".

    Args:
        reading: of the recording.
        staged: whether its study has stages: then a recording without one says so.
        among: all recordings of the study.

    """
    stage = stage_of(reading) or (message("(no stage)") if staged and not reading.kind.stack else NOTHING)
    return joined_by(", ", (joined_by(" ", (view_of(reading), stage)), clip_of(reading, among)))


def stage_of(reading: Reading) -> Message:
    """The stage of a stress study that a recording is of, or "".

    Args:
        reading: of a recording of any kind.

    """
    return reading.facts.stage.words if reading.facts.stage else NOTHING


def view_of(reading: Reading) -> Message:
    """The view of a recording, or "short-axis stack".

    Args:
        reading: of a recording of any kind.

    """
    if reading.kind.stack:
        return STACK
    return verbatim(reading.kind.view_name(reading.view.label)) if reading.view else message("view unknown")


def _value(modality: str, row: Measurement, own: Assessment, place: Message, views: Sequence[Assessment]) -> Value:
    doubt = _doubt(row, own, views)
    imprecise = not doubt and own.imprecise(row.code)
    return Value(
        key=PREFIX[modality] + row.code,
        row=row,
        norm=own.norms.get(row.code),
        place=place,
        doubt=NOT_MEASURED_WELL if imprecise else doubt,
        imprecise=imprecise,
    )


def _doubt(row: Measurement, own: Assessment, views: Sequence[Assessment]) -> Message:
    """Why a value is not stated; of a value over several views, an open check in one of them counts."""
    if row.quantity is None:
        return row.note or message("not available")
    if row.trust is not Trust.CHECK and not own.muted(row.code):
        return NOTHING
    everywhere = (own, *views)
    acknowledged = any(assessment.concerning(row.code) for assessment in everywhere) and not any(
        assessment.muted(row.code) for assessment in everywhere
    )
    decided = row.status in (Status.ACCEPTED, Status.EDITED) and row.code in row.entered
    return NOTHING if acknowledged or decided else message("open check")


_KEY: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9 ]*)\}")
_ALL_VIEWS: Final = 3


class State(StrEnum):
    """How the text of a section came to be."""

    AUTOMATIC = "automatic"
    EDITED = "edited"
    OUTDATED = "edited, values changed since"
    NONE = "no sentence"


@dataclass(frozen=True, slots=True)
class Automatic:
    """What the program says in a section.

    Attributes:
        section: its identifier, such as "lv".
        title: of the section.
        text: sentences with values by key; "" where none can be made.
        why: what is not stated, and the reason, a sentence each.

    """

    section: str
    title: Message
    text: Message
    why: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """A section of the report as it stands, in the report's language.

    Attributes:
        section, title: see Automatic.
        state: see State.
        template: the text with values by key.
        text: the same with the values filled in.
        automatic: what the program says, filled in; "" where it says nothing.
        english: the same in English, with English numbers: what a reader's text is stored with.
        why: see Automatic.
        by: the reader who wrote it; "" where it is automatic.
        changed: what changed since the reader wrote, e.g. "EF was 55 %, is 52 %".

    """

    section: str
    title: str
    state: State
    template: str
    text: str
    automatic: str = ""
    english: str = ""
    why: tuple[str, ...] = ()
    by: str = ""
    changed: tuple[str, ...] = ()


def keys_in(template: str) -> tuple[str, ...]:
    """Keys of the values in a text, each once.

    Args:
        template: text with keys in braces.

    """
    return tuple(dict.fromkeys(_KEY.findall(template)))


def fill_in_values(template: str, words: Mapping[str, str], language: Language = ENGLISH) -> str:
    """The text with the values in place of their keys; a key that no value has says so.

    Args:
        template: text with keys in braces.
        words: values as printed, by key.
        language: of the text.

    """
    return _KEY.sub(lambda found: words.get(found[1]) or language.render(_missing(found[1])), template)


def value_words(parts: Sequence[Part], language: Language = ENGLISH) -> dict[str, str]:
    """All values that a text may hold, as printed, by key.

    Args:
        parts: of the study, by modality.
        language: that they are printed in.

    """
    return {
        key: language.render(value.words if value.row.quantity else _missing(key))
        for part in parts
        for key, value in part.values.items()
    }


def draft_sections(parts: Sequence[Part], report: ReportText, language: Language = ENGLISH) -> tuple[Drafted, ...]:
    """The sections of the report, impression first: automatic, or as the reader wrote them.

    Args:
        parts: of the study, by modality.
        report: what the reader wrote.
        language: of the report.

    """
    sections = (Automatic(IMPRESSION, TITLES[IMPRESSION], NOTHING), *automatic_sections(parts))
    known = {section.section for section in sections}
    # What was written on a section that has no values any more is not lost.
    orphans = tuple(
        Automatic(sentence, TITLES.get(sentence) or verbatim(sentence), NOTHING)
        for sentence in report.sentences
        if sentence not in known
    )
    english, texts_by_key = value_words(parts), value_words(parts, language)
    return tuple(
        _drafted(automatic_section, report.sentences.get(automatic_section.section), english, texts_by_key, language)
        for automatic_section in (*sections, *orphans)
    )


def text_with_keys(section: Drafted, text: str, english: Mapping[str, str], by: str) -> EditedSentence:
    """What is stored of a reader's text of a section; `english` are the values as `value_words` gives them.

    Args:
        section: that it replaces.
        text: of the reader, with keys in braces.
        english: by key.
        by: the reader.

    """
    stated = dict.fromkeys((*keys_in(text), *keys_in(section.template)))
    return EditedSentence(text, by, section.english, {key: english[key] for key in stated if key in english})


def automatic_sections(parts: Sequence[Part]) -> tuple[Automatic, ...]:
    """What the program says of a study, section by section.

    Args:
        parts: of the study, by modality.

    """
    several = len(parts) > 1
    return tuple(
        section
        for part in parts
        for section in (_Echo(part) if part.modality == ECHO else _Cmr(part, several)).sections()
    )


TITLES: Final = {
    "lv": message("Left ventricle"),
    "geometry": message("LV geometry"),
    "la": message("Left atrium"),
    "strain": message("Strain"),
    "wall-motion": message("Wall motion"),
    "cmr-lv": message("Left ventricle"),
    "cmr-rv": message("Right ventricle"),
    "cmr-mass": message("LV mass"),
    IMPRESSION: message("Impression"),
}
_AFTER_ECHO: Final = {
    "cmr-lv": message("CMR: left ventricle"),
    "cmr-rv": message("CMR: right ventricle"),
    "cmr-mass": message("CMR: LV mass"),
}


def _missing(key: str) -> Message:
    return message("({key}: not available)", key=verbatim(key))


def _drafted(
    automatic_section: Automatic,
    own: EditedSentence | None,
    numbers: Mapping[str, str],
    words: Mapping[str, str],
    language: Language,
) -> Drafted:
    """A section, automatic or as the reader wrote it; `numbers` are the values in English, `words` as printed."""
    title, template = language.render(automatic_section.title), language.render(automatic_section.text)
    why = tuple(map(language.render, automatic_section.why))
    automatic, english = fill_in_values(template, words, language), fill_in_values(automatic_section.text, numbers)
    if own is None:
        state = State.AUTOMATIC if automatic_section.text else State.NONE
        return Drafted(automatic_section.section, title, state, template, automatic, automatic, english, why)
    changed = [
        language.fill(
            "{value} was {then}, is {now}",
            value=verbatim(key),
            then=_as_stored(was),
            now=verbatim(words[key]) if key in words else message("not available"),
        )
        for key, was in own.values.items()
        if numbers.get(key) != was
    ]
    if not changed and own.automatic != english:
        said = verbatim(automatic) if automatic else message("none")
        changed.append(language.fill("the automatic sentence is now: {sentence}", sentence=said))
    return Drafted(
        section=automatic_section.section,
        title=title,
        state=State.OUTDATED if changed else State.EDITED,
        template=own.text,
        text=fill_in_values(own.text, words, language),
        automatic=automatic,
        english=english,
        why=why,
        by=own.by,
        changed=tuple(changed),
    )


_STORED: Final = re.compile(r"(?P<minus>\N{MINUS SIGN}?)(?P<number>\d+(?:\.(?P<decimals>\d+))?)(?P<unit>\D.*)?")


def _as_stored(text: str) -> Message:
    """A value as `value_words` gave it in English, with its number as each language writes it."""
    found = _STORED.fullmatch(text)
    if found is None:
        return verbatim(text)
    value = number(float(found["number"]), f".{len(found['decimals'] or '')}f")
    return join_texts(found["minus"], value, found["unit"] or "")


Said = tuple[Message, Message]
"""A sentence with values by key, or "", and the reason why there is none, or ""."""


def _key(value: Value) -> Message:
    """The place of a value in a sentence."""
    return verbatim(f"{{{value.key}}}")


@dataclass(frozen=True, slots=True)
class _Chamber:
    """What a ventricle is called."""

    noun: Message
    adjective: Message
    size: Message
    function: Message


_LEFT: Final = _Chamber(
    message("left ventricle"),
    message("left ventricular"),
    in_context("no statement", "left ventricular size"),
    in_context("no statement", "left ventricular function"),
)
_RIGHT: Final = _Chamber(
    message("right ventricle"),
    message("right ventricular"),
    in_context("no statement", "right ventricular size"),
    in_context("no statement", "right ventricular function"),
)
_CHAMBERS: Final = {Group.LEFT: _LEFT, Group.RIGHT: _RIGHT}


def _missing_of(person: Person | None) -> Message:
    """What of a patient is not known by which reference ranges are chosen; "" where all is."""
    if person is None:
        return NOTHING
    without_sex = person.sex not in SEXES
    if person.age_years is not None:
        return message("Sex is not known, on which reference ranges depend.") if without_sex else NOTHING
    if without_sex:
        return message("Age and sex are not known, on which reference ranges depend.")
    return message("Age is not known, on which reference ranges depend.")


class _Sections:
    """Sections of one modality."""

    def __init__(self, part: Part, *, after_echo: bool = False) -> None:
        self.part = part
        self.titles = _AFTER_ECHO if after_echo else TITLES
        self._said_without_range = False

    def without_range(self, first: Message, again: Message) -> Message:
        """A sentence on values that have no reference range: `first` says so, `again` need not repeat it.

        Where the patient's age or sex would be needed to choose one, that is said with it.
        """
        said = again if self._said_without_range else joined_by(" ", [first, _missing_of(self.part.person)])
        self._said_without_range = True
        return said

    def section(self, name: str, *said: Said) -> Automatic:
        text = joined_by(" ", [sentence for sentence, _ in said])
        return Automatic(name, self.titles[name], text, tuple(why for _, why in said if why))

    def unstated(self, what: Message, values: Sequence[Value]) -> Said:
        """No sentence, since a value is withheld or has an open check."""
        checked = [value.row.code for value in values if value.open]
        if checked:
            return NOTHING, plural(
                "No statement on {what}: {codes} has an open check.",
                "No statement on {what}: {codes} have open checks.",
                len(checked),
                what=what,
                codes=list_texts(checked),
            )
        if imprecise := [within_words(value.row) for value in values if value.imprecise]:
            return NOTHING, message(
                "No statement on {what}: not measured well enough ({intervals}, interval of 95 %).",
                what=what,
                intervals=list_texts(imprecise),
            )
        why = list(dict.fromkeys(value.doubt.clause() for value in values if value.doubt))
        return NOTHING, message("No statement on {what}: {why}.", what=what, why=joined_by("; ", why))

    def measured(self, group: Group) -> bool:
        """Whether the part has a value of the group."""
        return any(self.part.get(code) for code in codes_of(group))

    def size(self, ventricle: Group) -> Said:
        """End-diastolic and end-systolic volume of a ventricle, with their indices."""
        chamber = _CHAMBERS[ventricle]
        codes = (code for code in codes_of(ventricle) if BY_CODE[code].is_read)
        values = [value for code in codes if (value := self.part.get(code)) is not None]
        if not values:
            return NOTHING, NOTHING
        if any(value.doubt for value in values):
            return self.unstated(chamber.size, values)
        judged = [self.with_index(value) for value in values]
        norms = [norm for _, norm in judged]
        clauses = [
            message("end-diastolic volume {value}", value=text)
            if BY_CODE[value.row.code].card == "ED"
            else message("end-systolic volume {value}", value=text)
            for value, (text, _) in zip(values, judged, strict=True)
        ]
        volumes, method = joined_by(", ", clauses), self.method(values[0])
        adjective = chamber.adjective.capitalised()
        said = [norm.norm.statement if norm is not None and norm.norm is not None else None for norm in norms]
        if all(statement is not None and statement.normal for statement in said):
            of_normal_size = message(
                "{ventricle} of normal size: {volumes}{method}.",
                ventricle=chamber.noun.capitalised(),
                volumes=volumes,
                method=method,
            )
            return of_normal_size, NOTHING
        if all(statement is not None and statement.flag == "above" for statement in said):
            how = {"grade": self.grade(norms[0]), "volumes": volumes, "method": method}
            if ventricle is Group.RIGHT:
                return message("Enlarged right ventricle{grade}: {volumes}{method}.", **how), NOTHING
            return message("Enlarged left ventricle{grade}: {volumes}{method}.", **how), NOTHING
        if not any(said):
            plain = self.without_range(
                message(
                    "{ventricular} {volumes}{method}; no reference range applies.",
                    ventricular=adjective,
                    volumes=volumes,
                    method=method,
                ),
                message("{ventricular} {volumes}{method}.", ventricular=adjective, volumes=volumes, method=method),
            )
            return plain, NOTHING
        flagged = joined_by(
            "; ", [join_texts(text, ", ", self.flag(norm)) for text, norm in zip(clauses, norms, strict=True)]
        )
        each = message("{ventricular} {volumes}{method}.", ventricular=adjective, volumes=flagged, method=method)
        return each, NOTHING

    def with_index(self, value: Value) -> tuple[Message, Value | None]:
        """A value and its index by key, and which of the two has a range; the index comes first."""
        index = self.part.get(index_code(value.row.code))
        if index is None or index.doubt:
            return _key(value), value if value.norm else None
        text = join_texts(_key(value), " (", _key(index), ")")
        return text, index if index.norm else value if value.norm else None

    def function(self, ventricle: Group) -> Said:
        """Ejection fraction, the first value of a ventricle."""
        value = self.part.get(codes_of(ventricle)[0])
        if value is None:
            return NOTHING, NOTHING
        chamber = _CHAMBERS[ventricle]
        if value.doubt:
            return self.unstated(chamber.function, (value,))
        said = message("ejection fraction {value}{method}", value=_key(value), method=self.method(value))
        adjective = chamber.adjective.capitalised()
        if value.norm is None:
            first = message("{ventricular} {said}; no reference range applies.", ventricular=adjective, said=said)
            return self.without_range(
                first, message("{ventricular} {said}.", ventricular=adjective, said=said)
            ), NOTHING
        if value.norm.normal:
            return message(
                "Normal {ventricular} systolic function: {said}.", ventricular=chamber.adjective, said=said
            ), NOTHING
        if value.norm.statement.flag == "below":
            reduced = message(
                "Reduced {ventricular} systolic function{grade}: {said}.",
                ventricular=chamber.adjective,
                grade=self.grade(value),
                said=said,
            )
            return reduced, NOTHING
        if any(zone.flag == "below" for zone in value.norm.statement.stated):
            either = message(
                "{ventricular} systolic function {classes}: {said}.",
                ventricular=adjective,
                classes=value.norm.words,
                said=said,
            )
            return either, NOTHING
        flagged = message("{ventricular} {said}, {flag}.", ventricular=adjective, said=said, flag=self.flag(value))
        return flagged, NOTHING

    def flag(self, value: Value | None) -> Message:
        return message("no range applies") if value is None or value.norm is None else value.norm.words

    def grade(self, value: Value | None) -> Message:
        """The grade after a comma; nothing where the source grades no such value."""
        known = value is not None and value.norm is not None and value.norm.statement.grade
        return join_texts(", ", known) if known else NOTHING

    def method(self, value: Value) -> Message:
        """How a volume of echo was computed; nothing of a stack, which has one method."""
        if value.place == BIPLANE:
            return message(" (biplane)")
        return NOTHING if value.place == STACK else message(" (single plane, {view})", view=value.place)


class _Echo(_Sections):
    """Of echo."""

    def sections(self) -> Iterator[Automatic]:
        part = self.part
        if self.measured(Group.LEFT):
            yield self.section("lv", self.size(Group.LEFT), self.function(Group.LEFT))
        if part.get("RWT") and part.get("LVMLI"):
            yield self.section("geometry", self.geometry())
        if part.get("LAV"):
            yield self.section("la", self.atrium())
        if part.get("GLS"):
            yield self.section("strain", self.strain())
        scored = [self.wall_motion(stage, motion) for stage, motion in part.wall_motion.items() if motion.scored]
        if scored:
            yield self.section("wall-motion", *scored)

    def geometry(self) -> Said:
        wall, mass = self.part.get("RWT"), self.part.get("LVMLI")
        if wall is None or mass is None:
            return NOTHING, NOTHING
        if wall.doubt or mass.doubt:
            return self.unstated(in_context("no statement", "LV geometry"), (wall, mass))
        said = message(
            "relative wall thickness {wall}, LV mass index {mass} (linear method)", wall=_key(wall), mass=_key(mass)
        )
        geometry = self.part.geometry
        if not geometry and wall.norm and mass.norm:
            return message("LV {said}.", said=said), NOTHING
        if not geometry:
            first = message("LV {said}; no reference range applies.", said=said)
            return self.without_range(first, message("LV {said}.", said=said)), NOTHING
        text = message("normal LV geometry") if geometry == "normal geometry" else geometry
        return join_texts(text.capitalised(), ": ", said, "."), NOTHING

    def atrium(self) -> Said:
        volume, index = self.part.get("LAV"), self.part.get("LAVI")
        if volume is None:
            return NOTHING, NOTHING
        if volume.doubt or (index is not None and index.doubt):
            given = [value for value in (volume, index) if value is not None]
            return self.unstated(in_context("no statement", "the left atrium"), given[:1])
        text, judged = self.with_index(volume)
        method = self.method(volume)
        if judged is None or judged.norm is None:
            missing = (
                message("its range is per m² of body surface, which is not known")
                if index is None
                else message("no range applies")
            )
            said = message("Left atrial volume {value}{method}; {missing}.", value=text, method=method, missing=missing)
        elif judged.norm.normal:
            said = message("Left atrium of normal size: volume {value}{method}.", value=text, method=method)
        elif judged.norm.statement.flag == "above":
            said = message(
                "Enlarged left atrium{grade}: volume {value}{method}.",
                grade=self.grade(judged),
                value=text,
                method=method,
            )
        else:
            flag = self.flag(judged)
            said = message("Left atrial volume {value}{method}, {flag}.", value=text, method=method, flag=flag)
        return said, NOTHING

    def strain(self) -> Said:
        single_value = self.part.get("GLS")
        if single_value is None:
            return NOTHING, NOTHING
        if single_value.doubt:
            return self.unstated(in_context("no statement", "strain"), (single_value,))
        value, views = _key(single_value), self.part.strain_views
        if single_value.place != SEVERAL_VIEWS or len(views) < _ALL_VIEWS:
            where = single_value.place
            if single_value.place == SEVERAL_VIEWS and views:
                where = message("mean of {views}", views=list_texts(views)) if len(views) > 1 else verbatim(views[0])
            return message(
                "Longitudinal strain {value} ({where}); the range is for the mean of three apical views.",
                value=value,
                where=where,
            ), NOTHING
        said = message("{value} at end-systole (mean of {views})", value=value, views=list_texts(views))
        if single_value.norm is None:
            without = self.without_range(
                message("Global longitudinal strain {said}; no reference range applies.", said=said),
                message("Global longitudinal strain {said}.", said=said),
            )
            return without, NOTHING
        if single_value.norm.borderline:
            return message("Borderline global longitudinal strain: {said}.", said=said), NOTHING
        if single_value.norm.normal:
            return message("Normal global longitudinal strain: {said}.", said=said), NOTHING
        if single_value.norm.abnormal:
            return message("Reduced global longitudinal strain: {said}.", said=said), NOTHING
        return message(
            "Global longitudinal strain {classes}: {said}.", classes=single_value.norm.words, said=said
        ), NOTHING

    def wall_motion(self, stage: str, motion: WallMotion) -> Said:
        """A reader's scores, segments of one score together, with the index and how many segments it rests on."""

        def named(numbers: Iterable[int]) -> Message:
            return list_texts([AHA_NAMES[at] for at in numbers])

        texts = [
            join_texts(text, " ", named(index for index, given in enumerate(motion.scores) if given == score))
            for score, text in SCORES.items()
            if score > 1 and score in motion.scores
        ]
        if motion.aneurysms:
            segments = named(at - 1 for at in motion.aneurysms)
            texts.append(message("aneurysmal {segments}", segments=segments))
        said = joined_by("; ", texts) or message("all scored segments normal or hyperkinetic")
        whose = join_texts(stage_words(stage), ": ", said) if stage else said.capitalised()
        return join_texts(whose, ". ", motion.words, "."), NOTHING


class _Cmr(_Sections):
    """Of cine MRI."""

    def __init__(self, part: Part, several: bool) -> None:
        super().__init__(part, after_echo=several)

    def sections(self) -> Iterator[Automatic]:
        part = self.part
        if self.measured(Group.LEFT):
            yield self.section("cmr-lv", self.size(Group.LEFT), self.function(Group.LEFT))
        if self.measured(Group.RIGHT):
            yield self.section("cmr-rv", self.size(Group.RIGHT), self.function(Group.RIGHT))
        if part.get("LVM"):
            yield self.section("cmr-mass", self.mass())

    def mass(self) -> Said:
        value = self.part.get("LVM")
        if value is None:
            return NOTHING, NOTHING
        if value.doubt:
            return self.unstated(in_context("no statement", "the LV mass"), (value,))
        text, judged = self.with_index(value)
        if judged is None or judged.norm is None:
            first = message("Left ventricular mass {value}; no reference range applies.", value=text)
            return self.without_range(first, message("Left ventricular mass {value}.", value=text)), NOTHING
        if judged.norm.normal:
            return message("Normal left ventricular mass: {value}.", value=text), NOTHING
        if judged.norm.statement.flag == "above":
            return message(
                "Increased left ventricular mass{grade}: {value}.", grade=self.grade(judged), value=text
            ), NOTHING
        return message("Left ventricular mass {value}, {flag}.", value=text, flag=self.flag(judged)), NOTHING
