"""Edits of the report of a study: a reader's sentences, the letterhead, and what is printed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.message import Message, join_texts, joined_by, message, verbatim
from kinecor.core.values.study import (
    IMPRESSION,
    LONGEST_TEXT,
    EditedSentence,
    Letterhead,
    Printed,
    StudyReading,
)
from kinecor.session.codec import StudyEdit, register_tag

_SHOWN: Final = 40
_PARTS: Final = {
    "images": message("images"),
    "curves": message("curves"),
    "bulls_eye": message("bull's-eye"),
    "prior": message("prior study"),
}
_LETTERHEAD: Final = {
    "institution": message("institution"),
    "department": message("department"),
    "referrer": message("referrer"),
    "accession": message("accession"),
    "indication": message("indication"),
}


@register_tag("report-text/1")
@dataclass(frozen=True, slots=True)
class SetReportText(StudyEdit):
    """A reader's text of a section of the report; None: the automatic sentence again.

    Attributes:
        section: of the report, such as "lv" or "impression".
        text: values stand in it by their key, as in "{EF}".
        automatic: the automatic sentence that it was written over.
        values: as printed at that time, by key.

    Raises:
        ValueError: no section is named, or the text is too long for a report.

    """

    section: str
    text: str | None
    automatic: str
    values: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.section:
            raise ValueError("a text belongs to a section of the report")
        if self.text is not None and len(self.text) > LONGEST_TEXT:
            raise ValueError(f"expected a text of at most {LONGEST_TEXT} letters, got {len(self.text)}")

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        where = message("report, {section}", section=verbatim(self.section))
        if self.section == IMPRESSION:
            where = message("impression")
        if self.text is None:
            return message("{section}: automatic again", section=where)
        short = " ".join(self.text.split())
        if not short:
            return message("{section}: empty", section=where)
        return join_texts(where, ": ", short if len(short) <= _SHOWN else short[: _SHOWN - 1] + "…")

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with that text in its report."""
        own = None if self.text is None else EditedSentence(self.text, by, self.automatic, dict(self.values))
        return reading.with_(report=reading.report.with_sentence(self.section, own))


@register_tag("report-letterhead/1")
@dataclass(frozen=True, slots=True)
class SetLetterhead(StudyEdit):
    """Who reports, to whom, and why; an empty field is as in the header or the template."""

    letterhead: Letterhead

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        named = [_LETTERHEAD[field.name] for field in fields(self.letterhead) if getattr(self.letterhead, field.name)]
        if not named:
            return message("letterhead: empty")
        return message("letterhead: {fields}", fields=joined_by(", ", named))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:  # noqa: ARG002 - the history has the author
        """The study with that letterhead."""
        return reading.with_(report=replace(reading.report, letterhead=self.letterhead))


@register_tag("report-printed/1")
@dataclass(frozen=True, slots=True)
class SetPrinted(StudyEdit):
    """What the report contains in addition to text and measurements, and on what paper."""

    printed: Printed

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        without = joined_by(", ", [part for name, part in _PARTS.items() if not getattr(self.printed, name)])
        form = joined_by(", ", (self.printed.template, self.printed.paper))
        if form and without:
            return message("report with {form} without {parts}", form=form, parts=without)
        if form:
            return message("report with {form}", form=form)
        if without:
            return message("report without {parts}", parts=without)
        return message("report with all its parts")

    def apply(self, reading: StudyReading, by: str) -> StudyReading:  # noqa: ARG002 - the history has the author
        """The study whose report is printed so."""
        return reading.with_(report=replace(reading.report, printed=self.printed))


@register_tag("report-language/1")
@dataclass(frozen=True, slots=True)
class SetReportLanguage(StudyEdit):
    """The language of the report; "" as its template says.

    Raises:
        ValueError: there is no such language.

    """

    language: str

    def __post_init__(self) -> None:
        if self.language and self.language not in LANGUAGES:
            raise ValueError(f"language: expected {' or '.join(LANGUAGES)}, got {self.language!r}")

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if not self.language:
            return message("report in the language of its template")
        return message("report in {language}", language=verbatim(LANGUAGES[self.language]))

    def apply(self, reading: StudyReading, by: str) -> StudyReading:  # noqa: ARG002 - the history has the author
        """The study whose report is in that language."""
        return reading.with_(report=replace(reading.report, language=self.language))
