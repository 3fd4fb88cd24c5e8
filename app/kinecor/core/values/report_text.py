"""What a reader wrote for the report of a study: sentences of their own, the letterhead, and what is printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

IMPRESSION: Final = "impression"
"""The section that the reader alone writes."""
LONGEST_TEXT: Final = 4000
LONGEST_LINE: Final = 200
PAPERS: Final = ("A4", "Letter")
LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
"""Of reports, by code."""


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
        for one in fields(self):
            text = getattr(self, one.name)
            if len(text) > LONGEST_LINE:
                raise ValueError(f"{one.name}: expected at most {LONGEST_LINE} letters, got {len(text)}")


@dataclass(frozen=True, slots=True)
class Printed:
    """What the report contains beside text and measurements, and on what paper.

    Attributes:
        images: frames at ED and ES with contours.
        curves: volume and strain over time.
        bulls_eye: strain of the segments.
        prior: values of the prior study.
        paper: one of PAPERS; "" as the template says.
        template: name of the template; "" for that of the kind of study.

    """

    images: bool = True
    curves: bool = True
    bulls_eye: bool = True
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
        """The report with a reader's text of a section, or without where it is None."""
        others = {name: one for name, one in self.sentences.items() if name != section}
        if sentence is not None:
            others[section] = sentence
        return replace(self, sentences=MappingProxyType(others))

    def __reduce__(self) -> tuple[Any, ...]:
        """As its fields: read-only mappings cannot be sent to another process."""
        sentences = {name: (one.text, one.by, one.automatic, dict(one.values)) for name, one in self.sentences.items()}
        return _report_text, (sentences, self.letterhead, self.printed, self.language)


def _report_text(
    sentences: dict[str, tuple[Any, ...]], letterhead: Letterhead, printed: Printed, language: str
) -> ReportText:
    return ReportText({name: EditedSentence(*one) for name, one in sentences.items()}, letterhead, printed, language)
