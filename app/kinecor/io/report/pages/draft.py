"""What all blocks of a report share: what it is of, its language and measures, and the pieces of a page."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from reportlab.platypus import Flowable

from kinecor.core.checks.findings import Finding
from kinecor.core.report.language import Language
from kinecor.core.report.sentences import BIPLANE, SEVERAL_VIEWS, Part, Value, draft_sections, place_of
from kinecor.core.study.prior import Comparison, Examined, clips_of_views
from kinecor.core.study.stress import StressStudy, stress_study
from kinecor.core.table.measures import typeset
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.values.study import StudyReading, stages
from kinecor.io.report import words
from kinecor.io.report.blocks import INK, QUIET, Writer
from kinecor.io.report.tags import HEADING, TaggedParagraph, TaggedTable
from kinecor.io.report.templates import Template, of_template

MARGIN = 40.0
FOOT = 34.0
BODY, SMALL, HEAD, LARGE = 7.9, 6.7, 9.0, 13.0
CHECK, CHECK_GROUND = "#8a4b00", "#fdf4e3"
RULE = "#d5d9de"
MAX_CHARACTERS = 2000
UNSIGNED_MARK = 19.0  # points of the line that says that a report is not the signed one
CELL_GAP: Final = 8
"""To the right of each cell of a table (points)."""
NO_VALUE = verbatim("–")


@dataclass(frozen=True, eq=False)
class Member:
    """A recording of the study and what was concluded about it."""

    recording: Recording
    reading: Reading

    @property
    def cine(self) -> CineSequence:
        """The recording as a loop; of a stack its first slice, with the identity of the stack."""
        if isinstance(self.recording, Stack):
            return replace(self.recording.slices[0], source=self.recording.source)
        return self.recording


@dataclass(frozen=True, eq=False)
class OpenCheck:
    """An open check with its number on the page, the part of the study and the places it was found in."""

    number: int
    finding: Finding
    part: Part
    places: tuple[Message, ...]

    def concerns(self, value: Value) -> bool:
        """Whether it marks or withholds a value: one of its own places, or one over several views.

        Args:
            value: of the same part of the study.

        """
        here = not self.places or value.place in (*self.places, BIPLANE, SEVERAL_VIEWS)
        return here and value.row.code in self.finding.measurements


@dataclass(frozen=True, eq=False)
class SurroundingStudy:
    """The study of a recording that has a report of its own: Readings of its other recordings, and its conclusions."""

    others: tuple[Reading, ...]
    concluded: StudyReading


class ReportDraft:
    """One report while it is put together: what it is of, and the pieces that all its blocks are made of.

    Attributes:
        members: recordings that have a page here.
        study: what was concluded about them together.
        parts: of the study, by modality.
        template: of the clinic.
        version: of Kinecor.
        today: the day that is printed.
        prior: an earlier study of the patient; None where its values are not printed.
        language: of the report.
        around: the study that the recording is of, in the report of a recording; None in that of a study.
        signing: whether this is the report that the last signature signs.
        stages: of a stress study; empty of others.
        page_width, page_height: points.
        width: between the margins, points.
        writer: sets text.
        sections: sentences of the report, by section.
        open_checks: numbered as on the page.
        patient: of the first recording.
        beyond: what every page says of a report that is not the signed one; empty otherwise.

    """

    def __init__(
        self,
        members: tuple[Member, ...],
        study: StudyReading,
        parts: tuple[Part, ...],
        template: Template,
        version: str,
        today: datetime.date,
        paper: tuple[float, float],
        prior: Comparison | None,
        language: Language,
        around: SurroundingStudy | None = None,
        *,
        signing: bool = False,
    ) -> None:
        self.around, self.signing = around, signing
        self.members, self.study, self.parts, self.template = members, study, parts, template
        self.stages = stages(self.readings)
        self.version, self.today, self.language = version, today, language
        # Of two modalities a value of the prior study would not say which one it is of.
        self.prior = prior if study.report.printed.prior and len(parts) == 1 else None
        self.page_width, self.page_height = paper
        self.width = self.page_width - 2 * MARGIN
        self.writer = Writer(self.width, language)
        self.sections = draft_sections(parts, study.report, language)
        self.open_checks = tuple(self._numbered_checks())
        self.patient = next((member.recording.source.patient for member in members), None)
        self.beyond = self._unsigned_words(study if around is None else around.concluded)

    @property
    def title(self) -> str:
        """The template's title in the language of the report."""
        return self.language.render(of_template(self.template.title))

    def _unsigned_words(self, concluded: StudyReading) -> Message:
        """Of a study that was signed: that this is not the report that was; empty of the one that is being signed."""
        last, addendum = concluded.signature, concluded.addendum
        # An earlier version kept no report: what is made of what it signed is all there is, see `first_page`.
        if last is None or self.signing or not (last.document or addendum is not None):
            return NOTHING
        values: dict[str, Message] = {"who": verbatim(last.by), "at": self.moment(last.at)}
        if addendum is not None:
            return message("Addendum, not signed: not part of what {who} signed, {at}", **values)
        return message("Not the signed report: made again from what {who} signed, {at}", **values)

    def day(self, text: str) -> Message:
        """A date of DICOM or ISO 8601 as the language writes it.

        Args:
            text: YYYYMMDD or YYYY-MM-DD.

        """
        return verbatim(self.language.day(words.date(text)))

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Of the recordings that have a page here."""
        return tuple(member.reading for member in self.members)

    def clips_with_values(self) -> frozenset[str]:
        """Ids of the recordings that the volumes of each view, at each stage, are of."""
        clips = clips_of_views(Examined(self.study, self.readings)).values()
        staged = [each for stage in self.stress.stages for each in stage.clips.values()] if self.stress else []
        return frozenset(reading.facts.recording_id for reading in (*clips, *staged))

    @property
    def all_readings(self) -> tuple[Reading, ...]:
        """Of all recordings of the study, those without a page here too."""
        return (*self.readings, *(self.around.others if self.around else ()))

    @cached_property
    def stress(self) -> StressStudy | None:
        """Its stages; None where fewer than two are named."""
        return stress_study(self.readings, self.study)

    def is_counted(self, reading: Reading) -> bool:
        """Whether a reader did not leave a recording out.

        Args:
            reading: of the recording.

        """
        return reading.facts.recording_id not in self.study.sources.left_out

    def place(self, reading: Reading) -> Message:
        """What a recording is called, with its stage in a study that has stages.

        Args:
            reading: of the recording.

        """
        return place_of(reading, bool(self.stages), self.all_readings)

    def stage_note(self) -> Iterator[Flowable]:
        """Of which stage the values are."""
        if self.stages and self.around is None:
            said = message(
                "Stage {stage}, where no other is named. Views of different stages are not combined.",
                stage=self.stages[0].words,
            )
            yield self.plain(said, QUIET)

    def _numbered_checks(self) -> Iterator[OpenCheck]:
        """Open checks that mark or withhold values, each once with its places, numbered as on the page."""
        count = 0
        for part in self.parts:
            several = len(part.readings) > 1
            seen: dict[str, tuple[Finding, list[Message]]] = {}
            for assessment, place in (
                *zip(part.found, map(self.place, part.readings), strict=True),
                (part.study, NOTHING),
            ):
                for single_finding in assessment.open:
                    if single_finding.marks:
                        _, places = seen.setdefault(single_finding.message, (single_finding, []))
                        places += [place] if several and place and place not in places else []
            for finding, places in seen.values():
                count += 1
                yield OpenCheck(count, finding, part, tuple(places))

    def finding_words(self, finding: Finding, *places: Message) -> Message:
        """The sentence of a check, after where it was found.

        Args:
            finding: of the check.
            places: recordings that it was found in; none where that goes without saying.

        """
        between = "; " if any("," in place for place in places) else ", "
        return joined_by(": ", (joined_by(between, places), finding.message))

    def moment(self, at: str) -> Message:
        """An instant in UTC (ISO 8601) to the minute.

        Args:
            at: ISO 8601, in UTC.

        """
        return join_texts(self.day(at[:10]), f" {at[11:16]} UTC")

    def has_modality(self, modality: str) -> bool:
        """Whether a part of the study is of a modality.

        Args:
            modality: ECHO or CMR.

        """
        return any(part.modality == modality for part in self.parts)

    def patient_line(self) -> str:
        """Name, identifier and day of the study in one line; empty without a patient."""
        if self.patient is None:
            return ""
        name = words.person_name(self.patient.name)
        return " · ".join(filter(None, (name, self.patient.patient_id, self.day(self.study.study_date))))

    def heading(self, text: Message, *, first: bool = False) -> Flowable:
        """The heading of a block.

        Args:
            text: of the heading.
            first: whether it is the first of its page, so that no room is left above it.

        """
        paragraph = self.plain(text, self.template.colour, bold=True, size=HEAD)
        paragraph.role = HEADING
        style = [("TOPPADDING", (0, 0), (-1, -1), 0 if first else 7), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
        table = TaggedTable([[paragraph]], colWidths=[self.width], style=[*style, ("LEFTPADDING", (0, 0), (-1, -1), 0)])
        table.layout = True
        return table

    def plain(
        self,
        text: Message,
        colour: str = INK,
        *,
        bold: bool = False,
        size: float = BODY,
        right: bool = False,
        signs: bool = False,
    ) -> TaggedParagraph:
        """A paragraph in the report's language; with `signs`, hyphens before numbers become minus signs.

        Args:
            text: of the paragraph.
            colour: as #rrggbb.
            bold: the whole of it.
            size: of its letters, points.
            right: aligned to the right.
            signs: see above.

        """
        said = self.language.render(text)
        markup = self.writer.type.markup(typeset(said) if signs else said, MAX_CHARACTERS)
        return self.writer.styled(f"<b>{markup}</b>" if bold else markup, size, colour, right=right)

    def table(
        self,
        rows: Sequence[Sequence[object]],
        widths: Sequence[float],
        style: Sequence[tuple[object, ...]],
        *,
        padding: float,
        left: float = 0.0,
        repeat: int = 0,
        layout: bool = False,
    ) -> TaggedTable:
        """A table with the padding of the report; a `layout` only places what it holds.

        Args:
            rows: of cells.
            widths: of the columns, points.
            style: commands of reportlab, beyond the padding.
            padding: above and below each row, points.
            left: of each cell, points; 0 leaves 8 to its right alone.
            repeat: rows that stand again on every page.
            layout: whether it is no table to readers who do not see it.

        """
        every = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            ("LEFTPADDING", (0, 0), (-1, -1), left),
            ("RIGHTPADDING", (0, 0), (-1, -1), left or CELL_GAP),
        ]
        cells = [list(row) for row in rows]
        made = TaggedTable(cells, colWidths=list(widths), style=[*every, *style], repeatRows=repeat)
        made.layout = layout
        return made
