"""What is concluded about a study as a whole, as one immutable value: who the patient is, and what a reader decided.

A study's Reading is made by edits, as that of a recording is, and is stored in the same file. It changes what its
recordings say of the patient (`in_study`): a heart rate, height or birth date that a reader entered takes the place of
the header's wherever a recording is measured, checked, reported or exported. What a reader wrote for the report -
sentences, the letterhead, what is printed - is part of it (`ReportText`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from operator import is_not
from types import MappingProxyType
from typing import Any, Final

from kinecor.core.values.choices import HEIGHT_CM, LANGUAGES, PAPERS, WEIGHT_KG, Body, BsaFormula
from kinecor.core.values.message import NOTHING, Message, in_context, message, verbatim
from kinecor.core.values.reading import Decision, Facts, Reading, body_of, compute_once, origin_words
from kinecor.core.values.recording import Patient, Recording, Stage
from kinecor.core.values.wall_motion import WallMotion

IMPRESSION: Final = "impression"
"""The section that the reader alone writes."""
LONGEST_TEXT: Final = 4000
LONGEST_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class EditedSentence:
    """A reader's text of a section, and what it was written over.

    Attributes:
        text: values stand in it by their key, as in "{EF}", and follow the measurement.
        by: the reader.
        automatic: the automatic sentence at that time, values filled in; "" where there was none.
        values: the values that either of them stated, as printed at that time, by key.

    """

    text: str
    by: str
    automatic: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who reports, to whom, and why; empty where the reader entered nothing.

    Raises:
        ValueError: a field is longer than a line of the page.

    """

    institution: str = ""
    department: str = ""
    referrer: str = ""
    accession: str = ""
    indication: str = ""

    def __post_init__(self) -> None:
        for attribute in fields(self):
            text = getattr(self, attribute.name)
            if len(text) > LONGEST_LINE:
                raise ValueError(f"{attribute.name}: expected at most {LONGEST_LINE} letters, got {len(text)}")


@dataclass(frozen=True, slots=True)
class Printed:
    """What the report contains in addition to text and measurements, and on what paper.

    Attributes:
        images: frames at ED and ES with contours.
        curves: volume and strain over time.
        bulls_eye: strain of the segments, which is exploratory: only where it was chosen.
        prior: values of the prior study.
        paper: one of PAPERS; "" as the template says.
        template: name of the template; "" for that of the kind of study.

    """

    images: bool = True
    curves: bool = True
    bulls_eye: bool = False
    prior: bool = True
    paper: str = ""
    template: str = ""

    def __post_init__(self) -> None:
        if self.paper and self.paper not in PAPERS:
            raise ValueError(f"paper: expected {' or '.join(PAPERS)}, got {self.paper!r}")


@dataclass(frozen=True, slots=True)
class ReportText:
    """All that a reader decided on the report of a study.

    Attributes:
        sentences: by section.
        letterhead: see Letterhead.
        printed: see Printed.
        language: one of LANGUAGES; "" as the template says.

    Raises:
        ValueError: there is no such language.

    """

    sentences: Mapping[str, EditedSentence] = field(default_factory=lambda: MappingProxyType({}))
    letterhead: Letterhead = field(default_factory=Letterhead)
    printed: Printed = field(default_factory=Printed)
    language: str = ""

    def __post_init__(self) -> None:
        if self.language and self.language not in LANGUAGES:
            raise ValueError(f"language: expected {' or '.join(LANGUAGES)}, got {self.language!r}")

    def with_sentence(self, section: str, sentence: EditedSentence | None) -> "ReportText":
        """The report with a reader's text of a section, or without where it is None.

        Args:
            section: its name.
            sentence: of the reader; None for the automatic one.

        """
        others = {name: sentence for name, sentence in self.sentences.items() if name != section}
        if sentence is not None:
            others[section] = sentence
        return replace(self, sentences=MappingProxyType(others))

    def __reduce__(self) -> tuple[Any, ...]:
        """As its fields: read-only mappings cannot be sent to another process."""
        sentences = {
            name: (sentence.text, sentence.by, sentence.automatic, dict(sentence.values))
            for name, sentence in self.sentences.items()
        }
        return _report_text, (sentences, self.letterhead, self.printed, self.language)


def _report_text(
    sentences: dict[str, tuple[Any, ...]], letterhead: Letterhead, printed: Printed, language: str
) -> ReportText:
    return ReportText(
        {name: EditedSentence(*sentence) for name, sentence in sentences.items()}, letterhead, printed, language
    )


HEART_RATE_PER_MIN: Final = (10.0, 400.0)
"""Outside these a heart rate is a typing error."""
SEXES: Final = ("", "F", "M", "O")
SEX_NAMES: Final = {"F": in_context("sex", "F"), "M": in_context("sex", "M"), "O": in_context("sex", "other")}
"""What a reader is shown of them."""
STUDY: Final = ""
"""The place of a study's own edits in its file, next to the ids of its recordings."""
# Headers that differ by less are of one heart rate.
_ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Demographics:
    """Who the patient is, as far as known.

    Attributes:
        sex: "F", "M", "O", or "" where unknown.
        birth_date: YYYY-MM-DD, or "" where unknown.
        height_cm, weight_kg: or None where unknown.
        heart_rate_per_min: of the study, or None where unknown or where its recordings differ.
        formula: of the body surface area.

    Raises:
        ValueError: a value that no person has.

    """

    sex: str = ""
    birth_date: str = ""
    height_cm: float | None = None
    weight_kg: float | None = None
    heart_rate_per_min: float | None = None
    formula: BsaFormula = BsaFormula.MOSTELLER

    def __post_init__(self) -> None:
        if self.sex not in SEXES:
            raise ValueError(message('sex: expected "F", "M", "O" or nothing, got "{given}"', given=verbatim(self.sex)))
        if self.birth_date and _day(self.birth_date) is None:
            raise ValueError(message('birth date: expected YYYY-MM-DD, got "{given}"', given=verbatim(self.birth_date)))
        if (wrong := _outside(self.height_cm, HEIGHT_CM)) is not None:
            raise ValueError(message("height: expected {low:g} to {high:g} cm, got {size:g}", **wrong))
        if (wrong := _outside(self.weight_kg, WEIGHT_KG)) is not None:
            raise ValueError(message("weight: expected {low:g} to {high:g} kg, got {size:g}", **wrong))
        if (wrong := _outside(self.heart_rate_per_min, HEART_RATE_PER_MIN)) is not None:
            raise ValueError(message("heart rate: expected {low:g} to {high:g} /min, got {size:g}", **wrong))

    @property
    def body(self) -> Body:
        """Height, weight, sex and formula."""
        return Body(self.height_cm, self.weight_kg, self.sex, self.formula)

    @property
    def bsa_m2(self) -> float | None:
        """Body surface area in m2, or None where height or weight is not known."""
        return self.body.bsa_m2

    def age_years(self, on: str) -> float | None:
        """Age on a day (YYYY-MM-DD or YYYYMMDD), or None where it or the birth date is not known.

        Args:
            on: a day, such as that of the study.

        """
        born, day = _day(self.birth_date), _day(on)
        return None if born is None or day is None or day < born else (day - born).days / 365.25


@dataclass(frozen=True, slots=True)
class Entered:
    """What a reader entered of the patient, field by field as in Demographics; None: as in the header.

    Raises:
        ValueError: a value that no person has.

    """

    sex: str | None = None
    birth_date: str | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    heart_rate_per_min: float | None = None
    formula: BsaFormula | None = None

    def __post_init__(self) -> None:
        replace(Demographics(), **self.known)

    @property
    def known(self) -> dict[str, Any]:
        """The fields that a reader entered, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}


@dataclass(frozen=True, slots=True)
class Sources:
    """What a reader chose of the recordings that results over views are computed from; all by rule where nothing is.

    Attributes:
        chosen: (view, id of the recording) of each view of which one recording alone counts.
        left_out: ids of recordings that do not count.

    Raises:
        ValueError: two recordings for one view, or one that is chosen and left out.

    """

    chosen: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        views, ids = [view for view, _ in self.chosen], {recording for _, recording in self.chosen}
        if len(set(views)) < len(views) or ids & set(self.left_out):
            raise ValueError(f"one recording for each view, none of them left out, was expected, got {self}")

    def of(self, view: str) -> str | None:
        """The recording that alone counts for a view, or None.

        Args:
            view: its label, e.g. "A4C".

        """
        return dict(self.chosen).get(view)


@dataclass(frozen=True, slots=True)
class Join:
    """Two stills that a reader joined to one recording.

    Attributes:
        ed, es: ids of the recordings at end-diastole and at end-systole.
        view: of both, or "" where their headers name it.

    """

    ed: str
    es: str
    view: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A reader signed everything that was concluded about the study.

    Attributes:
        by: the reader.
        at: UTC, ISO 8601.
        parts: (id of a recording, digest of what is concluded about it), and (STUDY, digest of the rest); see
            `conclusions.parts_of`.
        document: SHA-256, in hexadecimal digits, of the report that was signed, which the study's file keeps; "" of a
            signature by an earlier version, which kept none.
        login: the system's account that signed; "" as above.
        remark: what the reader wrote with the signature, such as for whom it is; no other person signs by it.
        prior: id of the earlier study that the report compares with; "" for none.
        language: of the report.

    """

    by: str
    at: str
    parts: tuple[tuple[str, str], ...]
    document: str = ""
    login: str = ""
    remark: str = ""
    prior: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Addendum:
    """Why a reader changes a study that is signed; `at` as in Signature."""

    by: str
    at: str
    reason: str


@dataclass(frozen=True, eq=False)
class StudyReading:
    """All conclusions about a study that are not of one of its recordings; every edit makes the next one.

    Attributes:
        study_id: of the study.
        header: the patient by the headers of its recordings.
        study_date: by the header, as YYYYMMDD; "" where it does not say.
        patient_id: by the header; "" where it does not say.
        patient_name: by the header, in lower case with single spaces; "" where it does not say.
        equipment: maker, model and software of the scanner, of the first recording that names one.
        header_age_years: of the patient on that day, from the dates or as stated; None where unknown.
        entered: see Entered.
        entered_by: who entered each field, by its name.
        wall_motion: a reader's scores, by the name of the stage of a stress study; "" for a study without stages.
        sources: see Sources.
        joins: stills that a reader joined, each in one pair at most.
        stages: stages of a stress study that a reader set, by the id of the recording; None: of no stage.
        decisions: on measurements of the study as a whole, by code.
        comments: a reader's words on a measurement by its code, and on the study as a whole by "".
        signed: signatures and addenda in their order.
        authors: who last touched each other part: keys "sources", "decisions/EF".
        report: what a reader wrote for the report.

    """

    study_id: str
    header: Demographics = field(default_factory=Demographics)
    study_date: str = ""
    header_age_years: float | None = None
    entered: Entered = field(default_factory=Entered)
    entered_by: Mapping[str, str] = field(default_factory=dict)
    patient_id: str = ""
    patient_name: str = ""
    equipment: str = ""
    wall_motion: Mapping[str, WallMotion] = field(default_factory=dict)
    sources: Sources = field(default_factory=Sources)
    joins: tuple[Join, ...] = ()
    stages: Mapping[str, Stage | None] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    signed: tuple[Signature | Addendum, ...] = ()
    authors: Mapping[str, str] = field(default_factory=dict)
    report: ReportText = field(default_factory=ReportText)

    def __post_init__(self) -> None:
        for name in ("entered_by", "wall_motion", "stages", "decisions", "comments", "authors"):
            if not isinstance(getattr(self, name), MappingProxyType):
                object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def demographics(self) -> Demographics:
        """In force: as entered, else as in the header."""
        return replace(self.header, **self.entered.known)

    @property
    def age_years(self) -> float | None:
        """Of the patient on the day of the study, or None where it is not known."""
        if self.entered.birth_date is not None:
            return self.demographics.age_years(self.study_date)
        return self.header_age_years

    @property
    def signature(self) -> Signature | None:
        """The last signature, or None."""
        return next(
            (signed_entry for signed_entry in reversed(self.signed) if isinstance(signed_entry, Signature)), None
        )

    @property
    def addendum(self) -> Addendum | None:
        """The addendum that is open since the last signature, under which the study may be changed; else None."""
        last = self.signed[-1] if self.signed else None
        return last if isinstance(last, Addendum) else None

    @property
    def closed(self) -> bool:
        """Whether it is signed and no addendum is open: then nothing may be changed."""
        return self.signature is not None and self.addendum is None

    def origin(self, name: str) -> Message:
        """Where a field of the demographics comes from: "entered by NAME", "file header", or empty where unknown.

        Args:
            name: of the field, e.g. "height_cm".

        """
        if name in self.entered_by:
            return origin_words(self.entered_by[name])
        return origin_words(None) if getattr(self.header, name) not in ("", None) else NOTHING

    def with_(self, **changes: Any) -> "StudyReading":
        """The next Reading: this one with some parts replaced.

        Args:
            changes: by names of attributes.

        """
        return replace(self, **changes)

    def __reduce__(self) -> tuple[Any, ...]:
        """As its fields: read-only mappings cannot be sent to another process."""
        values = (getattr(self, field.name) for field in fields(self))
        return StudyReading, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)


def counting(readings: Iterable[Reading], study: StudyReading | None) -> tuple[Reading, ...]:
    """The recordings that results over views are computed from: of a stress study those of its first stage.

    Without those that a reader left out, and of a view with a chosen recording without the others.

    Args:
        readings: of the study's recordings.
        study: what was concluded about it; None for nothing.

    """
    sources = study.sources if study else Sources()
    every = tuple(readings)
    ids = {reading.facts.recording_id for reading in every}
    stage = first_stage(every)

    def counts(reading: Reading) -> bool:
        recording, view = reading.facts.recording_id, reading.view.label if reading.view else ""
        chosen = sources.of(view)
        if recording in sources.left_out or (chosen in ids and chosen != recording):
            return False
        return chosen == recording or reading.facts.stage is None or reading.facts.stage == stage

    return tuple(reading for reading in every if counts(reading))


def stages(readings: Iterable[Reading]) -> tuple[Stage, ...]:
    """The stages of a stress study in the order of its protocol; empty where no header names one.

    Args:
        readings: of the study's recordings.

    """
    named_stages = dict.fromkeys(reading.facts.stage for reading in readings if reading.facts.stage is not None)
    return tuple(sorted(named_stages, key=lambda stage: (stage.number is None, stage.number or 0)))


def first_stage(readings: Iterable[Reading]) -> Stage | None:
    """The first stage, at rest, of a stress study; None where no header names a stage.

    Args:
        readings: of the study's recordings.

    """
    return next(iter(stages(readings)), None)


def of_one_stage(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Those of the first stage among them; all where none has a stage: stages are never averaged or paired.

    Args:
        readings: of recordings of a study.

    """
    every = tuple(readings)
    stage = first_stage(every)
    return tuple(reading for reading in every if reading.facts.stage == stage)


def first_study_reading(study_id: str, recordings: Iterable[Recording]) -> StudyReading:
    """The Reading of a study before any edit: what the headers of its recordings say, the first that says something.

    The heart rate is given where all recordings that state one agree.

    Args:
        study_id: Study Instance UID.
        recordings: of the study, as opened.

    """
    members = tuple(recordings)
    equipment = next((recording.source.equipment for recording in members if recording.source.equipment), "")
    rates = [rate for recording in members if (rate := recording.cines[0].heart_rate_per_min) is not None]
    alike = bool(rates) and max(rates) <= min(rates) * (1 + _ALIKE)
    rate = rates[0] if alike and _possible(rates[0]) else None
    return study_of_patients(study_id, [recording.source.patient for recording in members], equipment, rate)


def study_of_patients(
    study_id: str, patients: Sequence[Patient], equipment: str, heart_rate_per_min: float | None = None
) -> StudyReading:
    """The Reading of a study before any edit, from headers; of each field the first that says something counts.

    Args:
        study_id: of the study.
        patients: what the headers of its objects say, in order.
        equipment: maker, model and software of what made them; "" where unknown.
        heart_rate_per_min: as all of them state it; None where they do not.

    """
    bodies = [body_of(patient) for patient in patients]
    header = Demographics(
        sex=next((sex for sex in map(_sex, patients) if sex), ""),
        birth_date=next((day.isoformat() for patient in patients if (day := _day(patient.birth_date)) is not None), ""),
        height_cm=next((body.height_cm for body in bodies if body.height_cm is not None), None),
        weight_kg=next((body.weight_kg for body in bodies if body.weight_kg is not None), None),
        heart_rate_per_min=heart_rate_per_min,
    )
    return StudyReading(
        study_id=study_id,
        header=header,
        study_date=next((patient.study_date for patient in patients if patient.study_date), ""),
        patient_id=next((patient.patient_id.strip() for patient in patients if patient.patient_id.strip()), ""),
        patient_name=next((name for patient in patients if (name := _folded(patient.name))), ""),
        equipment=equipment,
        header_age_years=next((patient.age_years for patient in patients if patient.age_years is not None), None),
    )


def in_study(reading: Reading, study: StudyReading) -> Reading:
    """A recording's Reading with what a reader entered for its study in place of its header's; else the same object.

    Args:
        reading: of a recording of the study.
        study: what was concluded about it.

    """
    if not study.entered.known and reading.facts.recording_id not in study.stages:
        return reading
    key = (reading.facts, *_parts_of_recordings(study))
    facts = compute_once(reading, "facts in study", key, lambda: _entered_in(reading.facts, study))
    slices = tuple(in_study(slice_reading, study) for slice_reading in reading.slices)
    return reading.with_(facts=facts, slices=slices)


def _parts_of_recordings(study: StudyReading) -> tuple[Any, ...]:
    """Of what is concluded about a study, all that its recordings' Readings take over."""
    return study.entered, study.entered_by, study.stages, study.header, study.study_date


@dataclass(slots=True)
class InStudy:
    """A recording's Reading with what was entered for its study: the same object as long as neither changes."""

    _known: tuple[Reading, tuple[Any, ...], Reading] | None = None

    def of(self, reading: Reading, study: StudyReading) -> Reading:
        """See `in_study`.

        Args:
            reading: of a recording of the study.
            study: what was concluded about it.

        """
        parts, known = _parts_of_recordings(study), self._known
        if known is None or known[0] is not reading or any(map(is_not, known[1], parts)):
            known = self._known = reading, parts, in_study(reading, study)
        return known[2]


def _entered_in(facts: Facts, study: StudyReading) -> Facts:
    entered, now = study.entered, study.demographics
    stage = study.stages.get(facts.recording_id, facts.stage)
    if not entered.known:
        return replace(facts, stage=stage)
    body = Body(
        facts.body.height_cm if entered.height_cm is None else entered.height_cm,
        facts.body.weight_kg if entered.weight_kg is None else entered.weight_kg,
        facts.body.sex if entered.sex is None else entered.sex,
        now.formula,
    )
    rate = entered.heart_rate_per_min
    if stage is not None and facts.heart_rate_per_min is not None:
        rate = None  # one rate does not hold for all stages of a stress study
    by = {name: who for name, who in study.entered_by.items() if name != "heart_rate_per_min" or rate is not None}
    return replace(
        facts,
        stage=stage,
        body=body,
        birth_date=facts.birth_date if entered.birth_date is None else entered.birth_date,
        sex=facts.sex if entered.sex is None else entered.sex,
        age_years=facts.age_years if entered.birth_date is None else now.age_years(study.study_date),
        heart_rate_per_min=facts.heart_rate_per_min if rate is None else rate,
        entered=tuple(by.items()),
    )


def _folded(name: str) -> str:
    return " ".join(name.replace("^", " ").casefold().split())


def _sex(patient: Patient) -> str:
    sex = patient.sex.strip().upper()[:1]
    return sex if sex in SEXES else ""


def _outside(size: float | None, limits: tuple[float, float]) -> dict[str, float] | None:
    """A number that is none of a person, with the limits, as values of a message; None where it can be."""
    low, high = limits
    if size is None or (math.isfinite(size) and low <= size <= high):
        return None
    return {"low": low, "high": high, "size": size}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _possible(rate_per_min: float) -> bool:
    low, high = HEART_RATE_PER_MIN
    return low <= rate_per_min <= high
