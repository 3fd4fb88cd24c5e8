"""Findings of a study in sentences, from values that may be stated, in the words of the guidelines.

Sentences describe size, function, geometry and strain against the reference ranges; they name no disease. Each holds
its values by key ("{EF}"), so that it changes with them. A reader's own text is never replaced: where a value it was
written over has changed since, it is marked; for this, English sentences are compared, whatever language is printed.

Words for grades are those of the source of the range (`core.norms`), such as "mildly abnormal" of ASE/EACVI 2015.

A value is stated where it is given and no check of it is open. Volumes of both apical views together (biplane) come
before those of one view, and are never mixed with them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kinecor.core.checks.assessment import Assessment, assessed, assessed_study, study_strain_as_assessed
from kinecor.core.checks.findings import VOLUMES
from kinecor.core.checks.stress import clip_of
from kinecor.core.norms.norms import Graded
from kinecor.core.report.language import ENGLISH, Language
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
)
from kinecor.core.values.confidence import Trust
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.reading import Reading
from kinecor.core.values.study import IMPRESSION, EditedSentence, ReportText, StudyReading, counting, stages
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.segments import NAMES as AHA_NAMES

ECHO: Final = "Echocardiography"
CMR: Final = "Cine MRI"
MODALITIES: Final = (ECHO, CMR)
PREFIX: Final = {ECHO: "", CMR: "CMR "}
"""Of the keys of values, by modality."""
_ORDER: Final = (*APICAL_VIEWS, "PLAX")


@dataclass(frozen=True, eq=False)
class Value:
    """A measurement as the report of the study shows it.

    Attributes:
        key: unique in the report: the code, of cine MRI with "CMR " before it.
        row: see Measurement.
        norm: against its reference range, or None where it has none.
        place: what it was measured in: "biplane", "A4C", "short-axis stack", ...
        doubt: why it is not stated in a sentence; "" where it may be.

    """

    key: str
    row: Measurement
    norm: Graded | None
    place: str
    doubt: str

    @property
    def words(self) -> str:
        """The value with its unit; "not available" where it is withheld."""
        return format_quantity(self.row.quantity, self.row.code) if self.row.quantity else "not available"

    @property
    def flagged(self) -> bool:
        """Whether it is outside its range, or graded, and no check of it is open."""
        return self.norm is not None and not self.norm.normal and not self.doubt

    @property
    def open(self) -> bool:
        """Whether it is given, but has an open check."""
        return bool(self.doubt) and self.row.quantity is not None


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

    """

    modality: str
    readings: tuple[Reading, ...]
    found: tuple[Assessment, ...]
    study: Assessment
    values: Mapping[str, Value]
    geometry: str
    strain_views: tuple[str, ...]
    wall_motion: Mapping[str, WallMotion] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, code: str) -> Value | None:
        """The value of a code."""
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
    by_modality = (tuple(one for one in used if one.kind.modality == name) for name in MODALITIES)
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
    found = tuple(assessed(one, (*(other for other in readings if other is not one), *others)) for one in readings)
    study = assessed_study(readings, concluded)
    geometry = next((one.geometry for one in found if one.geometry), "")
    values = {one.key: one for one in _values(modality, readings, found, study, every)}
    strain = study_strain_as_assessed(readings)
    scores = concluded.wall_motion if concluded and modality == ECHO else MappingProxyType({})
    return Part(
        modality, readings, found, study, MappingProxyType(values), geometry, tuple(strain.view_percent), scores
    )


def _values(
    modality: str,
    readings: tuple[Reading, ...],
    found: tuple[Assessment, ...],
    study: Assessment,
    every: tuple[Reading, ...],
) -> Iterator[Value]:
    """Of the study as a whole, then of single recordings what that does not have.

    Where there is a short-axis stack, volumes are its own: those of long axes of MRI are no match for it.
    """
    stacked = any(
        one.kind.stack and row.code in VOLUMES
        for one, own in zip(readings, found, strict=True)
        for row in own.measurements
    )
    whole = {row.code: row for row in study.measurements if not (stacked and row.code in VOLUMES)}
    for row in whole.values():
        yield _value(modality, row, study, "biplane" if "biplane" in row.method else "apical views", found)
    taken = set(whole) | (VOLUMES if VOLUMES & whole.keys() else set())
    for number in sorted(range(len(readings)), key=lambda at: rank(readings[at])):
        reading, own = readings[number], found[number]
        for row in own.measurements:
            if row.code in taken or row.code in EXPLORATORY or row.code in SEGMENTAL:
                continue
            others = [
                (at, one)
                for at in range(len(readings))
                for one in found[at].measurements
                if one.code == row.code and one.quantity is not None
            ]
            if row.quantity is None and others:
                continue  # another view has it
            taken.add(row.code)
            yield _value(modality, row, own, place_of(reading, bool(stages(every)), every), ())


def rank(reading: Reading) -> tuple[int, int]:
    """Stacks come first, then the apical views in their order."""
    label = reading.view.label if reading.view else ""
    return (0 if reading.kind.stack else 1, _ORDER.index(label) if label in _ORDER else len(_ORDER))


def place_of(reading: Reading, staged: bool = False, among: Sequence[Reading] = ()) -> str:
    """What a recording is called in a report: its view with the stage of a stress study, or "short-axis stack".

    Where the stage has several recordings of the view, it has its number, too: "A2C Peak, view 5".

    Args:
        reading: of the recording.
        staged: whether its study has stages: then a recording without one says so.
        among: all recordings of the study.

    """
    stage = stage_of(reading) or ("(no stage)" if staged and not reading.kind.stack else "")
    return ", ".join(filter(None, (" ".join(filter(None, (view_of(reading), stage))), clip_of(reading, among))))


def stage_of(reading: Reading) -> str:
    """The stage of a stress study that a recording is of, or ""."""
    return reading.facts.stage.name if reading.facts.stage else ""


def view_of(reading: Reading) -> str:
    """The view of a recording, or "short-axis stack"."""
    if reading.kind.stack:
        return "short-axis stack"
    return reading.kind.view_name(reading.view.label) if reading.view else "view unknown"


def _value(modality: str, row: Measurement, own: Assessment, place: str, views: Sequence[Assessment]) -> Value:
    return Value(
        key=PREFIX[modality] + row.code,
        row=row,
        norm=own.norms.get(row.code),
        place=place,
        doubt=_doubt(row, own, views),
    )


def _doubt(row: Measurement, own: Assessment, views: Sequence[Assessment]) -> str:
    """Why a value is not stated; of a value over several views, an open check in one of them counts."""
    if row.quantity is None:
        return row.note or "not available"
    if row.trust is not Trust.CHECK and not own.muted(row.code):
        return ""
    everywhere = (own, *views)
    acknowledged = any(one.concerning(row.code) for one in everywhere) and not any(
        one.muted(row.code) for one in everywhere
    )
    decided = row.status in (Status.ACCEPTED, Status.EDITED) and row.code in row.entered
    return "" if acknowledged or decided else "open check"


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
    title: str
    text: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """A section of the report as it stands.

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
    """Keys of the values in a text, each once."""
    return tuple(dict.fromkeys(_KEY.findall(template)))


def filled(template: str, words: Mapping[str, str], language: Language = ENGLISH) -> str:
    """The text with the values in place of their keys; a key that no value has says so."""
    return _KEY.sub(lambda found: words.get(found[1]) or language.fill(_MISSING, key=found[1]), template)


def value_words(parts: Sequence[Part], language: Language = ENGLISH) -> dict[str, str]:
    """All values that a text may hold, as printed, by key."""
    return {
        key: language.number(one.words) if one.row.quantity else language.fill(_MISSING, key=key)
        for part in parts
        for key, one in part.values.items()
    }


def drafted(parts: Sequence[Part], report: ReportText, language: Language = ENGLISH) -> tuple[Drafted, ...]:
    """The sections of the report, impression first: automatic, or as the reader wrote them."""
    sections = (Automatic(IMPRESSION, language.translate("Impression"), ""), *automatic_sections(parts, language))
    known = {one.section for one in sections}
    # What was written on a section that has no values any more is not lost.
    orphans = tuple(
        Automatic(one, language.translate(TITLES.get(one, one)), "") for one in report.sentences if one not in known
    )
    english, words = value_words(parts), value_words(parts, language)
    said = {one.section: filled(one.text, english) for one in automatic_sections(parts)}
    return tuple(
        _drafted(one, said.get(one.section, ""), report.sentences.get(one.section), english, words, language)
        for one in (*sections, *orphans)
    )


def edited(section: Drafted, text: str, english: Mapping[str, str], by: str) -> EditedSentence:
    """What is stored of a reader's text of a section; `english` are the values as `value_words` gives them."""
    stated = dict.fromkeys((*keys_in(text), *keys_in(section.template)))
    return EditedSentence(text, by, section.english, {key: english[key] for key in stated if key in english})


def automatic_sections(parts: Sequence[Part], language: Language = ENGLISH) -> tuple[Automatic, ...]:
    """What the program says of a study, section by section."""
    several = len(parts) > 1
    return tuple(
        one
        for part in parts
        for one in (_Echo(part, language) if part.modality == ECHO else _Cmr(part, language, several)).sections()
    )


TITLES: Final = {
    "lv": "Left ventricle",
    "geometry": "LV geometry",
    "la": "Left atrium",
    "strain": "Strain",
    "wall-motion": "Wall motion",
    "cmr-lv": "Left ventricle",
    "cmr-rv": "Right ventricle",
    "cmr-mass": "LV mass",
    IMPRESSION: "Impression",
}
_AFTER_ECHO: Final = {
    "cmr-lv": "CMR: left ventricle",
    "cmr-rv": "CMR: right ventricle",
    "cmr-mass": "CMR: LV mass",
}
_MISSING: Final = "({key}: not available)"


def _drafted(
    one: Automatic,
    english: str,
    own: EditedSentence | None,
    numbers: Mapping[str, str],
    words: Mapping[str, str],
    language: Language,
) -> Drafted:
    """A section, automatic or as the reader wrote it; `numbers` are the values in English, `words` as printed."""
    automatic = filled(one.text, words, language)
    if own is None:
        state = State.AUTOMATIC if one.text else State.NONE
        return Drafted(one.section, one.title, state, one.text, automatic, automatic, english, one.why)
    gone = language.translate("not available")
    changed = [
        language.fill("{value} was {then}, is {now}", value=key, then=language.number(was), now=words.get(key, gone))
        for key, was in own.values.items()
        if numbers.get(key) != was
    ]
    if not changed and own.automatic != english:
        said = automatic or language.translate("none")
        changed.append(language.fill("the automatic sentence is now: {sentence}", sentence=said))
    return Drafted(
        section=one.section,
        title=one.title,
        state=State.OUTDATED if changed else State.EDITED,
        template=own.text,
        text=filled(own.text, words, language),
        automatic=automatic,
        english=english,
        why=one.why,
        by=own.by,
        changed=tuple(changed),
    )


Said = tuple[str, str]
"""A sentence with values by key, or "", and the reason why there is none, or ""."""
_VOLUME: Final = {"ED": "end-diastolic volume {value}", "ES": "end-systolic volume {value}"}
"""By the line of the card that both ventricles share."""


class _Sections:
    """Sections of one modality in one language."""

    def __init__(self, part: Part, language: Language, *, after_echo: bool = False) -> None:
        self.part, self.language = part, language
        self.titles = _AFTER_ECHO if after_echo else TITLES
        self.fill, self.translate = language.fill, language.translate
        self._said_without_range = False

    def without_range(self, first: str, again: str, **words: str) -> str:
        """A sentence on values that have no reference range: `first` says so, `again` need not repeat it."""
        template = again if self._said_without_range else first
        self._said_without_range = True
        return self.fill(template, **words)

    def section(self, name: str, *said: Said) -> Automatic:
        text = " ".join(sentence for sentence, _ in said if sentence)
        return Automatic(name, self.translate(self.titles[name]), text, tuple(why for _, why in said if why))

    def unstated(self, what: str, values: Sequence[Value]) -> Said:
        """No sentence, since a value is withheld or has an open check."""
        checked = [one.row.code for one in values if one.open]
        what = self.translate(what)
        if checked:
            one, several = (
                "No statement on {what}: {codes} has an open check.",
                "No statement on {what}: {codes} have open checks.",
            )
            return "", self.fill(one if len(checked) == 1 else several, what=what, codes=self.language.listed(checked))
        why = dict.fromkeys(self.translate(one.doubt.rstrip(".")) for one in values if one.doubt)
        return "", self.fill("No statement on {what}: {why}.", what=what, why="; ".join(why))

    def measured(self, group: Group) -> bool:
        """Whether the part has a value of the group."""
        return any(self.part.get(code) for code in codes_of(group))

    def size(self, ventricle: Group) -> Said:
        """End-diastolic and end-systolic volume of a ventricle, with their indices."""
        names, right = self.chamber(ventricle), ventricle is Group.RIGHT
        codes = (code for code in codes_of(ventricle) if BY_CODE[code].is_read)
        values = [one for code in codes if (one := self.part.get(code)) is not None]
        if not values:
            return "", ""
        if any(one.doubt for one in values):
            return self.unstated("right ventricular size" if right else "left ventricular size", values)
        judged = [self.with_index(one) for one in values]
        norms = [norm for _, norm in judged]
        clauses = [
            self.fill(_VOLUME[BY_CODE[one.row.code].card], value=text)
            for one, (text, _) in zip(values, judged, strict=True)
        ]
        listed = {"volumes": ", ".join(clauses), "method": self.method(values[0])}
        flags = {norm.norm.flag if norm is not None and norm.norm is not None else None for norm in norms}
        if flags == {"within"}:
            return self.fill("{Ventricle} of normal size: {volumes}{method}.", **names, **listed), ""
        if flags == {"above"}:
            grade = self.grade(norms[0])
            return self.fill("Enlarged {ventricle}{grade}: {volumes}{method}.", **names, **listed, grade=grade), ""
        if flags == {None}:
            first, again = (
                "{Ventricular} {volumes}{method}; no reference range applies.",
                "{Ventricular} {volumes}{method}.",
            )
            return self.without_range(first, again, **names, **listed), ""
        clauses = [f"{text}, {self.flag(norm)}" for text, norm in zip(clauses, norms, strict=True)]
        listed["volumes"] = "; ".join(clauses)
        return self.fill("{Ventricular} {volumes}{method}.", **names, **listed), ""

    def chamber(self, ventricle: Group) -> dict[str, str]:
        """The names of a ventricle."""
        right = ventricle is Group.RIGHT
        words = ("right ventricle", "right ventricular") if right else ("left ventricle", "left ventricular")
        return dict(zip(("ventricle", "ventricular"), map(self.translate, words), strict=True))

    def with_index(self, one: Value) -> tuple[str, Value | None]:
        """A value and its index by key, and which of the two has a range; the index comes first."""
        index = self.part.get(index_code(one.row.code))
        if index is None or index.doubt:
            return f"{{{one.key}}}", one if one.norm else None
        text = f"{{{one.key}}} ({{{index.key}}})"
        return text, index if index.norm else one if one.norm else None

    def function(self, ventricle: Group) -> Said:
        """Ejection fraction, the first value of a ventricle."""
        one, right = self.part.get(codes_of(ventricle)[0]), ventricle is Group.RIGHT
        if one is None:
            return "", ""
        if one.doubt:
            return self.unstated("right ventricular function" if right else "left ventricular function", (one,))
        names = self.chamber(ventricle)
        said = self.fill("ejection fraction {value}{method}", value=f"{{{one.key}}}", method=self.method(one))
        if one.norm is None:
            first, again = "{Ventricular} {said}; no reference range applies.", "{Ventricular} {said}."
            return self.without_range(first, again, **names, said=said), ""
        if one.norm.normal:
            return self.fill("Normal {ventricular} systolic function: {said}.", **names, said=said), ""
        if one.norm.flag == "below":
            reduced = "Reduced {ventricular} systolic function{grade}: {said}."
            return self.fill(reduced, **names, said=said, grade=self.grade(one)), ""
        return self.fill("{Ventricular} {said}, {flag}.", **names, said=said, flag=self.flag(one)), ""

    def flag(self, one: Value | None) -> str:
        return self.translate("no range applies" if one is None or one.norm is None else one.norm.words)

    def grade(self, one: Value | None) -> str:
        """The grade after a comma; nothing where the source grades no such value."""
        known = one is not None and one.norm is not None and one.norm.grade
        return f", {self.translate(known)}" if known else ""

    def method(self, one: Value) -> str:
        """How a volume of echo was computed; nothing of a stack, which has one method."""
        if one.place == "biplane":
            return self.fill(" (biplane)")
        return (
            "" if one.place == "short-axis stack" else self.fill(" (single plane, {view})", view=self.place(one.place))
        )

    def place(self, name: str) -> str:
        return self.translate(name)


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
        scored = [self.wall_motion(stage, one) for stage, one in part.wall_motion.items() if one.scored]
        if scored:
            yield self.section("wall-motion", *scored)

    def geometry(self) -> Said:
        wall, mass = self.part.get("RWT"), self.part.get("LVMLI")
        if wall is None or mass is None:
            return "", ""
        if wall.doubt or mass.doubt:
            return self.unstated("LV geometry", (wall, mass))
        values = {"wall": f"{{{wall.key}}}", "mass": f"{{{mass.key}}}"}
        said = self.fill("relative wall thickness {wall}, LV mass index {mass} (linear method)", **values)
        if not self.part.geometry:
            return self.without_range("LV {said}; no reference range applies.", "LV {said}.", said=said), ""
        words = self.translate(self.part.geometry.replace("normal geometry", "normal LV geometry"))
        return f"{words[0].upper()}{words[1:]}: {said}.", ""

    def atrium(self) -> Said:
        volume, index = self.part.get("LAV"), self.part.get("LAVI")
        if volume is None:
            return "", ""
        if volume.doubt or (index is not None and index.doubt):
            return self.unstated("the left atrium", [one for one in (volume, index) if one is not None][:1])
        text, judged = self.with_index(volume)
        said = {"value": text, "method": self.method(volume)}
        if judged is None or judged.norm is None:
            missing = "its range is per m² of body surface, which is not known" if index is None else "no range applies"
            return self.fill(
                "Left atrial volume {value}{method}; {missing}.", **said, missing=self.translate(missing)
            ), ""
        if judged.norm.normal:
            return self.fill("Left atrium of normal size: volume {value}{method}.", **said), ""
        if judged.norm.flag == "above":
            return self.fill(
                "Enlarged left atrium{grade}: volume {value}{method}.", **said, grade=self.grade(judged)
            ), ""
        return self.fill("Left atrial volume {value}{method}, {flag}.", **said, flag=self.flag(judged)), ""

    def strain(self) -> Said:
        one = self.part.get("GLS")
        if one is None:
            return "", ""
        if one.doubt:
            return self.unstated("strain", (one,))
        value, views = f"{{{one.key}}}", [self.place(view) for view in self.part.strain_views]
        if one.place != "apical views" or len(views) < _ALL_VIEWS:
            where = self.place(one.place)
            if one.place == "apical views" and views:
                listed = self.language.listed(views)
                where = self.fill("mean of {views}", views=listed) if len(views) > 1 else views[0]
            said = "Longitudinal strain {value} ({where}); the range is for the mean of three apical views."
            return self.fill(said, value=value, where=where), ""
        said = self.fill("{value} at end-systole (mean of {views})", value=value, views=self.language.listed(views))
        if one.norm is None:
            first, again = (
                "Global longitudinal strain {said}; no reference range applies.",
                "Global longitudinal strain {said}.",
            )
            return self.without_range(first, again, said=said), ""
        if one.norm.borderline:
            return self.fill("Borderline global longitudinal strain: {said}.", said=said), ""
        if one.norm.normal:
            return self.fill("Normal global longitudinal strain: {said}.", said=said), ""
        return self.fill("Reduced global longitudinal strain: {said}.", said=said), ""

    def wall_motion(self, stage: str, one: WallMotion) -> Said:
        """A reader's scores, segments of one score together, with the index and how many segments it rests on."""

        def named(numbers: Iterable[int]) -> str:
            return self.language.listed([self.translate(AHA_NAMES[number].lower()) for number in numbers])

        found = [
            f"{self.translate(words)} {named(at for at, given in enumerate(one.scores) if given == score)}"
            for score, words in SCORES.items()
            if score > 1 and score in one.scores
        ]
        if one.aneurysms:
            found.append(f"{self.translate('aneurysmal')} {named(number - 1 for number in one.aneurysms)}")
        before = f"{self.translate(stage)}: " if stage else ""
        said = "; ".join(found) or self.translate("all scored segments normal or hyperkinetic")
        index = self.language.number(self.translate(one.words))
        return f"{before}{said if before else said[0].upper() + said[1:]}. {index}.", ""


class _Cmr(_Sections):
    """Of cine MRI."""

    def __init__(self, part: Part, language: Language, several: bool) -> None:
        super().__init__(part, language, after_echo=several)

    def sections(self) -> Iterator[Automatic]:
        part = self.part
        if self.measured(Group.LEFT):
            yield self.section("cmr-lv", self.size(Group.LEFT), self.function(Group.LEFT))
        if self.measured(Group.RIGHT):
            yield self.section("cmr-rv", self.size(Group.RIGHT), self.function(Group.RIGHT))
        if part.get("LVM"):
            yield self.section("cmr-mass", self.mass())

    def mass(self) -> Said:
        one = self.part.get("LVM")
        if one is None:
            return "", ""
        if one.doubt:
            return self.unstated("the LV mass", (one,))
        text, judged = self.with_index(one)
        if judged is None or judged.norm is None:
            first, again = (
                "Left ventricular mass {value}; no reference range applies.",
                "Left ventricular mass {value}.",
            )
            return self.without_range(first, again, value=text), ""
        if judged.norm.normal:
            return self.fill("Normal left ventricular mass: {value}.", value=text), ""
        if judged.norm.flag == "above":
            said = "Increased left ventricular mass{grade}: {value}."
            return self.fill(said, value=text, grade=self.grade(judged)), ""
        return self.fill("Left ventricular mass {value}, {flag}.", value=text, flag=self.flag(judged)), ""
