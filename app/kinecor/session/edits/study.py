"""Edits of what is concluded about a study as a whole: who the patient is."""

from dataclasses import dataclass
from datetime import date

from kinecor.core.values.message import Message, join_texts, joined_by, message, verbatim
from kinecor.core.values.recording import Stage, stage_words
from kinecor.core.values.study import LONGEST_LINE, Addendum, Entered, Join, Signature, Sources, StudyReading
from kinecor.session.codec import Form, Nested, StudyEdit, register_tag
from kinecor.session.edits.recording import Decided


def _entered_words(name: str, value: float | str) -> Message:
    """A field of the demographics, as in Entered, with what a reader entered."""
    if not isinstance(value, str):
        match name:
            case "height_cm":
                return message("height {height:g} cm", height=value)
            case "weight_kg":
                return message("weight {weight:g} kg", weight=value)
            case _:
                return message("heart rate {rate:g}/min", rate=value)
    match name:
        case "sex":
            return message("sex {sex}", sex=verbatim(value))
        case "birth_date":
            return message("born {date}", date=_day(value))
        case _:
            return message("body surface by {formula}", formula=verbatim(str(value)))


def _day(text: str) -> Message | date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return verbatim(text)


@register_tag("study-demographics/1")
@dataclass(frozen=True, slots=True)
class SetDemographics(StudyEdit):
    """All that a reader entered of the patient, in place of what the header says; a field of None is the header's."""

    entered: Entered

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        known = self.entered.known
        if not known:
            return message("patient as in the header")
        entered = [_entered_words(name, value) for name, value in known.items()]
        return message("patient: {entered}", entered=joined_by(", ", entered))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study of that patient; who entered a field that did not change stays its author."""
        before, now = reading.entered.known, self.entered.known
        authors = {
            name: reading.entered_by[name] if name in reading.entered_by and before.get(name) == value else by
            for name, value in now.items()
        }
        return reading.with_(entered=self.entered, entered_by=authors)


@register_tag("study-sources/1")
@dataclass(frozen=True, slots=True)
class SetSources(StudyEdit):
    """All that a reader chose of the recordings that results over views are computed from."""

    sources: Sources

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.sources == Sources():
            return message("recordings for results over views: by rule")
        parts = [message("{view} from one recording", view=verbatim(view)) for view, _ in self.sources.chosen]
        if self.sources.left_out:
            parts.append(message("{count} left out", count=len(self.sources.left_out)))
        return message("recordings for results over views: {choices}", choices=joined_by(", ", parts))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study computed from these recordings."""
        return reading.with_(sources=self.sources, authors={**reading.authors, "sources": by})


@register_tag("study-decide/1")
@dataclass(frozen=True, slots=True)
class DecideStudy(Decided, StudyEdit):
    """A decision on a measurement of the study as a whole."""

    @property
    def summary(self) -> Message:
        """A few plain words for the history, with the old and the new value."""
        return message("study: {edit}", edit=self.words)

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with this decision."""
        return reading.with_(
            decisions={**reading.decisions, self.code: self.by(by)},
            authors={**reading.authors, f"decisions/{self.code}": by},
        )


@register_tag("study-clear-decision/1")
@dataclass(frozen=True, slots=True)
class ClearStudyDecision(StudyEdit):
    """Withdraws a decision: the measurement of the study is as computed again."""

    code: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("study: {edit}", edit=message("{code} as computed", code=verbatim(self.code)))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study without that decision."""
        left = {code: decision for code, decision in reading.decisions.items() if code != self.code}
        return reading.with_(decisions=left, authors={**reading.authors, f"decisions/{self.code}": by})


@dataclass(frozen=True, slots=True)
class SeveralOfStudy(StudyEdit):
    """Edits of a study that are done and undone together; the history shows the label."""

    label: Message
    edits: tuple[StudyEdit, ...]

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return verbatim(self.label)

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study after all of them, in order.

        Raises:
            ValueError: one of them does not fit the study.

        """
        for edit in self.edits:
            reading = edit.apply(reading, by)
        return reading

    def payload(self) -> Form:
        """The label, and each edit with its tag."""
        return _SeveralOfStudy(self.label, [Nested.from_edit(edit) for edit in self.edits])


@register_tag("study-several/1")
class _SeveralOfStudy(Form):
    """Edits of a study that are done and undone together."""

    label: Message
    edits: list[Nested]

    def edit(self) -> StudyEdit:
        return SeveralOfStudy(self.label, tuple(edit.study_edit() for edit in self.edits))


@register_tag("study-join/1")
@dataclass(frozen=True, slots=True)
class JoinStills(StudyEdit):
    """Two stills, at end-diastole and at end-systole, are one recording of two frames."""

    join: Join

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return joined_by(", ", (message("two stills joined as ED and ES"), self.join.view or ""))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with this pair.

        Raises:
            ValueError: one of them is in a pair already, or both are the same.

        """
        taken = {still for join in reading.joins for still in (join.ed, join.es)}
        if self.join.ed == self.join.es or taken & {self.join.ed, self.join.es}:
            raise ValueError(message("two stills that are in no pair yet were expected"))
        return reading.with_(joins=(*reading.joins, self.join), authors={**reading.authors, "joins": by})


@register_tag("study-stage/1")
@dataclass(frozen=True, slots=True)
class SetStage(StudyEdit):
    """The stage of a stress study that a recording is of, in place of its header's.

    Attributes:
        recording_id: of the recording.
        name: of the stage; "" where it is of none.
        number: its place in the protocol, from 1, or None.

    """

    recording_id: str
    name: str
    number: int | None = None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("stage {stage}", stage=stage_words(self.name)) if self.name else message("of no stage")

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with this recording at that stage."""
        stage = Stage(self.name, self.number) if self.name else None
        authors = {**reading.authors, f"stages/{self.recording_id}": by}
        return reading.with_(stages={**reading.stages, self.recording_id: stage}, authors=authors)


@register_tag("study-comment/1")
@dataclass(frozen=True, slots=True)
class SetComment(StudyEdit):
    """A reader's words on a measurement of the study, or on the study as a whole.

    Attributes:
        code: of the measurement; "" for the study.
        text: the comment, as a whole; "" removes it.

    """

    code: str
    text: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        done = message("comment") if self.text else message("comment removed")
        return join_texts(self.code, ": ", done) if self.code else message("study: {edit}", edit=done)

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with this comment."""
        comments = {code: text for code, text in reading.comments.items() if code != self.code}
        comments |= {self.code: self.text} if self.text else {}
        return reading.with_(comments=comments, authors={**reading.authors, f"comments/{self.code}": by})


@register_tag("study-sign/2")
@dataclass(frozen=True, slots=True)
class Sign(StudyEdit):
    """A reader signs everything that is concluded about the study, and the report that says it.

    Attributes:
        at: UTC, ISO 8601.
        parts: as in Signature.
        document, login, remark, prior, language: as in Signature.

    Raises:
        ValueError: nothing is signed, or a remark is too long.

    """

    at: str
    parts: tuple[tuple[str, str], ...]
    document: str = ""
    login: str = ""
    remark: str = ""
    prior: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        if not self.parts or not self.at:
            raise ValueError("a signature is of something, and has a time")
        if len(self.remark) > LONGEST_LINE:
            raise ValueError(message("a remark of at most {count} characters was expected", count=LONGEST_LINE))

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("signed")

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study as signed."""
        made = Signature(by, self.at, self.parts, self.document, self.login, self.remark, self.prior, self.language)
        return reading.with_(signed=(*reading.signed, made))


@register_tag("study-sign/1")
class _SignWithoutDocument(Form):
    """As earlier versions signed: no report was kept."""

    at: str
    parts: tuple[tuple[str, str], ...]

    def edit(self) -> StudyEdit:
        return Sign(self.at, self.parts)


@register_tag("study-addendum/1")
@dataclass(frozen=True, slots=True)
class AddAddendum(StudyEdit):
    """Opens a signed study to changes, with the reason for them; they need a new signature.

    Raises:
        ValueError: no reason.

    """

    at: str
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(message("an addendum needs a reason"))

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("addendum: {reason}", reason=verbatim(self.reason))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study open to changes.

        Raises:
            ValueError: it is not signed.

        """
        if reading.signature is None:
            raise ValueError(message("an addendum is to a signed study"))
        return reading.with_(signed=(*reading.signed, Addendum(by, self.at, self.reason)))
