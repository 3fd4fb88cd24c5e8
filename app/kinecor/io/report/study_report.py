"""The PDF report of a study: letterhead, patient, impression, findings, measurements, images, curves, open checks.

What is said is put together here and in `core.report`; nothing is measured here. The methods page names models,
calibration, frames, conventions and who edited what. The report of one recording is that of a study with this
recording alone, and pages with its details. Nothing here needs a screen.
"""

import datetime
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)

from kinecor import RESEARCH_USE
from kinecor.core.checks.assessment import strain_as_assessed, study_sources, study_strain_as_assessed
from kinecor.core.checks.findings import Finding, Severity, State
from kinecor.core.checks.table import short_title_of_check
from kinecor.core.norms.classes import NOT_MEASURED_WELL
from kinecor.core.report.language import Language
from kinecor.core.report.language import language as by_code
from kinecor.core.report.sentences import (
    BIPLANE,
    CMR,
    ECHO,
    SEVERAL_VIEWS,
    Drafted,
    Part,
    Value,
    draft_sections,
    parts_of,
    place_of,
    rank,
    stage_of,
    view_of,
)
from kinecor.core.report.sentences import State as Written
from kinecor.core.strain.wall_strain import MAX_SEGMENT_RATIO, StudyStrain, wall_strain
from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.study.prior import Changed, Comparison, Examined, Variability, clips_of_views
from kinecor.core.study.stress import SHOWN, StressStudy, clip_of, stress_study
from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.table.measures import (
    BODY_SURFACE,
    BY_CODE,
    INDICES,
    LEADING,
    Status,
    decimals_of,
    digits,
    format_quantity,
    format_signed,
    index_code,
    interval_words,
    name_of,
    typeset,
    unit_name,
)
from kinecor.core.table.over_views import RESULTS, SourceOf, codes_of_result, result_of
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.callipers import Calliper, named_of
from kinecor.core.values.confidence import TRACKING_QUALITY, Trust
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import (
    NOTHING,
    Message,
    join_texts,
    joined_by,
    message,
    number,
    plural,
    verbatim,
)
from kinecor.core.values.reading import Decision, Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack, Stage, stage_words
from kinecor.core.values.study import (
    IMPRESSION,
    SEX_NAMES,
    Addendum,
    ReportText,
    Signature,
    Sources,
    StudyReading,
    counting,
    first_study_reading,
    stages,
)
from kinecor.core.values.track import Structure
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import APICAL_NAMES
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.io.report import words
from kinecor.io.report.blocks import ALERT, INK, QUIET, Box, PageTotal, Painted, Writer, draw_total, fit_blocks
from kinecor.io.report.details import detail_pages
from kinecor.io.report.drawings import contour_key, draw_bulls_eyes, slices_drawing
from kinecor.io.report.pdf import BOLD, PLAIN, Identity, archival, report_document
from kinecor.io.report.study_drawings import (
    DASHES,
    LV,
    RV,
    WALL,
    Series,
    Still,
    draw_keyed_eye,
    draw_series,
    draw_stills,
)
from kinecor.io.report.tags import (
    HEADING,
    PARAGRAPH,
    TITLE,
    Element,
    TaggedCanvas,
    TaggedParagraph,
    TaggedTable,
    artifact,
    mark_content,
)
from kinecor.io.report.templates import Study, Template, of_template, template_for

PAPER: Final = {"A4": A4, "Letter": letter}
_MARGIN = 40.0
_FOOT = 34.0
_BODY, _SMALL, _HEAD, _LARGE = 7.9, 6.7, 9.0, 13.0
_MIN_FOOTER = 5.0
_CHECK, _CHECK_GROUND = "#8a4b00", "#fdf4e3"
_RULE = "#d5d9de"
_IMPRESSION_GROUND = "#f1f5fa"
_LONGEST = 2000
_BEYOND = 19.0  # points of the line that says that a report is not the signed one
_CHARTS = 168.0  # points of the curves with their heading and note
_METHODS = 300.0  # points that the methods need at least; with less they begin on a page of their own
_CURVES = {ECHO: message("Curves, echocardiography"), CMR: message("Curves, cine MRI")}
_MODALITIES = {ECHO: message("Echocardiography"), CMR: message("Cine MRI")}
_MAY_BE_EMPTY: Final = (2, 3, 4)
"""Columns of the table of measurements that no value may fill: indices, ranges and flags."""
_NONE = verbatim("–")
_SEGMENTS = message("Segmental strain is exploratory, not for routine use (ASE/EACVI 2025); shortening is negative")
_HEAD_VALUES: Final = {ECHO: (LEADING, "EDV", "ESV", "GLS", "LAV"), CMR: (LEADING, "EDV", "ESV", "LVM", "RVEF")}
_TO_SIGN = 18.0  # points above the line to sign on
_ENTERED = {
    "sex": message("sex"),
    "birth_date": message("birth date"),
    "height_cm": message("height"),
    "weight_kg": message("weight"),
    "heart_rate_per_min": message("heart rate"),
    "formula": message("formula"),
}


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


def study_report_bytes(
    members: Sequence[Member],
    study: StudyReading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    prior: Comparison | None = None,
    language: str = "",
    otherwise: str = "",
    signing: bool = False,
) -> bytes:
    """The PDF report of a study; the same Readings, date, version and language make the same bytes.

    One that is made after a study was signed says on every page that it is not the report that was signed: that one is
    kept in the study's file (`kinecor.session.documents`).

    Args:
        members: its recordings.
        study: what was concluded about it.
        software_version: of Kinecor.
        printed_on: the day; None for today.
        prior: an earlier study of the patient.
        language: "en" or "de"; "" for the one chosen for the study, else that of the template.
        otherwise: the language where none is chosen and the template names none; "" for English.
        signing: whether this is the report that the last signature of `study` signs.

    Raises:
        KinecorError: a frame cannot be decoded, or the template cannot be used.
        ValueError: the study has no recording.

    """
    if not members:
        raise ValueError("a report needs a recording")
    parts = parts_of([member.reading for member in members], study)
    template = template_for(study_kind(parts), study.report.printed.template)
    today = printed_on or datetime.datetime.now().astimezone().date()
    paper = PAPER[study.report.printed.paper or template.paper]
    chosen = report_language(study, parts, language, otherwise)
    made = _Report(
        tuple(members), study, parts, template, software_version, today, paper, prior, chosen, signing=signing
    )
    return made.pdf()


def recording_report_bytes(
    recording: Recording,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    others: Sequence[Reading] = (),
    study: StudyReading | None = None,
    language: str = "",
) -> bytes:
    """The PDF report of one recording: as of a study with it alone, then all its values, and strain by segment.

    What was written and signed is of the study as a whole: it is printed only where the study has no other recording.

    Args:
        recording: its images.
        reading: what was concluded about it.
        software_version: of Kinecor.
        printed_on: the day; None for today.
        others: Readings of the study's other recordings: for the mean strain of the views, and for checks.
        study: what was concluded about the study; None: what the header says.
        language: see `study_report_bytes`.

    Raises:
        KinecorError: a frame cannot be decoded, or the template cannot be used.

    """
    concluded = first_study_reading("", [recording]) if study is None else study
    own = concluded.with_(sources=Sources())
    if others:
        written = ReportText(letterhead=own.report.letterhead, printed=own.report.printed, language=own.report.language)
        own = own.with_(report=written, decisions={}, comments={}, wall_motion={}, signed=())
    parts = parts_of([reading], own, others)
    template = template_for(study_kind(parts), own.report.printed.template)
    paper = PAPER[own.report.printed.paper or template.paper]
    today = printed_on or datetime.datetime.now().astimezone().date()
    chosen = report_language(own, parts, language)
    member = Member(recording, reading)
    around = _Around(tuple(others), concluded)
    return _Report((member,), own, parts, template, software_version, today, paper, None, chosen, around).pdf()


def report_language(study: StudyReading, parts: Sequence[Part], chosen: str = "", otherwise: str = "") -> Language:
    """The language of a study's report: as chosen here, else by its reader, else in its template, else the other one.

    Raises:
        KinecorError: the template cannot be used.
        ValueError: there is no such language.

    """
    own = chosen or study.report.language
    return by_code(own or template_for(study_kind(parts), study.report.printed.template).language or otherwise)


def study_kind(parts: Sequence[Part]) -> Study:
    """Which kind of report a study needs."""
    found = {part.modality for part in parts}
    return "combined" if found >= {ECHO, CMR} else "cmr" if CMR in found else "echo"


@dataclass(frozen=True, eq=False)
class _Open:
    """An open check with its number on the page, the part of the study and the places it was found in."""

    number: int
    finding: Finding
    part: Part
    places: tuple[Message, ...]

    def concerns(self, value: Value) -> bool:
        """Whether it marks or withholds a value: one of its own places, or one over several views."""
        here = not self.places or value.place in (*self.places, BIPLANE, SEVERAL_VIEWS)
        return here and value.row.code in self.finding.measurements


@dataclass(frozen=True, eq=False)
class _Around:
    """The study of a recording that has a report of its own: Readings of its other recordings, and its conclusions."""

    others: tuple[Reading, ...]
    concluded: StudyReading


class _Report:
    """One report while it is put together; `around` is given for the report of one recording."""

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
        around: _Around | None = None,
        *,
        signing: bool = False,
    ) -> None:
        self.around, self.signing = around, signing
        self.members, self.study, self.parts, self.template = members, study, parts, template
        self.stages = stages(self._readings)
        self.version, self.today, self.language = version, today, language
        # Of two modalities a value of the prior study would not say which one it is of.
        self.prior = prior if study.report.printed.prior and len(parts) == 1 else None
        self.page_width, self.page_height = paper
        self.width = self.page_width - 2 * _MARGIN
        self.writer = Writer(self.width, language)
        self.sections = draft_sections(parts, study.report, language)
        self.open = tuple(self._open())
        self.patient = next((member.recording.source.patient for member in members), None)
        self.beyond = self._beyond_the_signature(study if around is None else around.concluded)
        """What every page says of a report that is not the one that was signed; empty otherwise."""

    def pdf(self) -> bytes:
        """The pages as a file; set a second time where letters had to be replaced, which the methods page says."""
        story = [*self._story()]
        if self.writer.type.changed:
            story = [*self._story()]
        content = BytesIO()
        document = report_document(
            content,
            size=(self.page_width, self.page_height),
            title=self._title,
            version=self.version,
            language=self.language.code,
        )
        top = self.page_height - _MARGIN
        beyond = _BEYOND if self.beyond else 0.0
        first = Frame(_MARGIN, _MARGIN + _FOOT, self.width, top - 78 - beyond - _MARGIN - _FOOT, 0, 0, 0, 0)
        later = Frame(_MARGIN, _MARGIN + _FOOT, self.width, top - 34 - beyond - _MARGIN - _FOOT, 0, 0, 0, 0)
        document.addPageTemplates(
            [
                PageTemplate("first", [first], onPage=self._letterhead),
                PageTemplate("later", [later], onPage=self._running_head),
            ]
        )
        root = Element("Document")
        pages = [NextPageTemplate("later"), *story, PageTotal(PLAIN, _SMALL, QUIET)]
        document.build(pages, canvasmaker=partial(TaggedCanvas, root=root))
        return archival(content.getvalue(), root, made_on=self.today, identity=self._identity_of_file())

    def _identity_of_file(self) -> Identity:
        """What programs need to find the study, the recordings and the models again."""
        recordings = []
        for member in self.members:
            source = member.recording.source
            named = ", ".join(filter(None, (Path(source.path).name, source.equipment, source.recording_id)))
            recordings.append(f"{self._place(member.reading)}: {named}")
        models: dict[str, str] = {}
        for reading in self._readings:
            models |= {name: digest or models.get(name, "") for name, digest in words.models(reading).items()}
        weights = tuple(f"{name} (weights sha256 {digest})" if digest else name for name, digest in models.items())
        return Identity(self.study.study_id, tuple(recordings), weights)

    @property
    def _title(self) -> str:
        return self.language.render(of_template(self.template.title))

    # What stands on every page

    def _letterhead(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        """Institution and title, the research notice, and the footer."""
        head, top, left = self.study.report.letterhead, self.page_height - _MARGIN, _MARGIN
        canvas.saveState()
        if self.template.image:
            image = ImageReader(BytesIO(self.template.image))
            wide, high = image.getSize()
            width = min(120.0, 34.0 * wide / high)
            with artifact(canvas):
                canvas.drawImage(image, left, top - 34, width, 34, mask="auto", preserveAspectRatio=True, anchor="w")
            left += width + 10
        named = self.patient.institution if self.patient else ""
        institution = head.institution or self.template.institution or named
        half = self.width / 2 - 10
        self._text(canvas, left, top - 13, institution, BOLD, _LARGE, INK, half - (left - _MARGIN))
        self._text(canvas, left, top - 26, head.department or self.template.department, PLAIN, _BODY, QUIET, half)
        right = _MARGIN + self.width
        self._text(canvas, right, top - 13, self._title, BOLD, _LARGE, INK, half, right=True, role=TITLE)
        subtitle = self.language.render(of_template(self.template.subtitle))
        self._text(canvas, right, top - 26, subtitle, PLAIN, _BODY, QUIET, half, right=True)
        with artifact(canvas):
            canvas.setStrokeColor(HexColor(INK))
            canvas.setLineWidth(1)
            canvas.line(_MARGIN, top - 40, right, top - 40)
            canvas.setFillColor(HexColor("#fbeceb"))
            canvas.setStrokeColor(HexColor(ALERT))
            canvas.setLineWidth(0.6)
            canvas.roundRect(_MARGIN, top - 64, self.width, 16, 2, stroke=1, fill=1)
        with mark_content(canvas, PARAGRAPH):
            canvas.setFillColor(HexColor(ALERT))
            canvas.setFont(BOLD, 8.5)
            canvas.drawCentredString(self.page_width / 2, top - 59, self.language.render(RESEARCH_USE))
        self._mark(canvas, top - 68)
        with artifact(canvas):
            self._footer(canvas)
        canvas.restoreState()

    def _running_head(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        """Who it is about, and the title, on every further page."""
        with artifact(canvas):
            self._repeat_head(canvas)

    def _repeat_head(self, canvas: Canvas) -> None:
        top = self.page_height - _MARGIN
        canvas.saveState()
        self._text(canvas, _MARGIN, top - 10, self._patient_short(), BOLD, _HEAD, INK, self.width * 0.6)
        right = _MARGIN + self.width
        self._text(canvas, right, top - 10, self._title, PLAIN, _HEAD, QUIET, self.width * 0.38, right=True)
        canvas.setStrokeColor(HexColor(INK))
        canvas.setLineWidth(0.8)
        canvas.line(_MARGIN, top - 18, right, top - 18)
        self._mark(canvas, top - 22)
        self._footer(canvas)
        canvas.restoreState()

    def _beyond_the_signature(self, concluded: StudyReading) -> Message:
        """Of a study that was signed: that this is not the report that was; empty of the one that is being signed."""
        last, addendum = concluded.signature, concluded.addendum
        # An earlier version kept no report: what is made of what it signed is all there is, see `_signature`.
        if last is None or self.signing or not (last.document or addendum is not None):
            return NOTHING
        values: dict[str, Message] = {"who": verbatim(last.by), "at": self._moment(last.at)}
        if addendum is not None:
            return message("Addendum, not signed: not part of what {who} signed, {at}", **values)
        return message("Not the signed report: made again from what {who} signed, {at}", **values)

    def _mark(self, canvas: Canvas, top: float) -> None:
        """The line below `top` (points) that says that this is not the report that was signed."""
        if not self.beyond:
            return
        canvas.saveState()
        with artifact(canvas):
            canvas.setFillColor(HexColor(_CHECK_GROUND))
            canvas.setStrokeColor(HexColor(_CHECK))
            canvas.setLineWidth(0.6)
            canvas.roundRect(_MARGIN, top - 15, self.width, 15, 2, stroke=1, fill=1)
        text = f"! {self.language.render(self.beyond)}"
        self._text(canvas, _MARGIN + 6, top - 10.6, text, BOLD, _BODY, _CHECK, self.width - 12)
        canvas.restoreState()

    def _footer(self, canvas: Canvas) -> None:
        y, right = _MARGIN, _MARGIN + self.width
        canvas.setStrokeColor(HexColor(_RULE))
        canvas.setLineWidth(0.6)
        canvas.line(_MARGIN, y + 14, right, y + 14)
        use = self.language.render(RESEARCH_USE)
        page = self.language.fill("Page {page} of ", page=canvas.getPageNumber())
        draw_total(canvas, right, y, _SMALL, page)
        notice = stringWidth(use, BOLD, _SMALL)
        canvas.setFillColor(HexColor(ALERT))
        canvas.setFont(BOLD, _SMALL)
        canvas.drawString(right - 76 - notice, y, use)
        said = [self._patient_short(), self.template.footer, f"Kinecor {self.version}"]
        said.append(self.language.fill("printed {day}", day=self.today))
        room, line, size = self.width - notice - 90, " · ".join(filter(None, said)), _SMALL
        while size > _MIN_FOOTER and stringWidth(line, PLAIN, size) > room:  # the day must not be cut off
            size -= 0.25
        self._text(canvas, _MARGIN, y, line, PLAIN, size, QUIET, room)

    def _text(
        self,
        canvas: Canvas,
        x: float,
        y: float,
        text: str,
        font: str,
        size: float,
        colour: str,
        room: float,
        *,
        right: bool = False,
        role: str = PARAGRAPH,
    ) -> None:
        """A line of text in `room` points, shortened where it does not fit."""
        if not text:
            return

        def set_to(count: int) -> TaggedParagraph:
            markup = self.writer.type.markup(text[:count] + ("…" if count < len(text) else ""))
            return self.writer.styled(f"<b>{markup}</b>" if font == BOLD else markup, size, colour, right=right)

        def fits(count: int) -> bool:
            return float(set_to(count).wrap(room, 1000)[1]) <= size * 1.3

        count = len(text)
        if not fits(count):
            count = bisect_left(range(len(text)), True, key=lambda count: not fits(count)) - 1
        paragraph = set_to(max(count, 1))
        paragraph.role = role
        paragraph.wrap(room, 1000)
        paragraph.drawOn(canvas, x - room if right else x, y - size * 0.22)

    def _story(self) -> Iterator[Flowable]:
        written = self.around is None or not self.around.others
        yield self._identity()
        yield Spacer(0, 6)
        yield from self._head_values()
        if written:
            yield from self._concluded()
        yield from self._findings()
        yield from self._measurements()
        yield from self._stress()
        yield from self._open_checks()
        yield from self._images()
        yield from self._charts()
        yield from self._wall_motion()
        yield from self._methods()
        if self.around is not None:
            yield from self._details(self.around)

    # The first pages

    def _concluded(self) -> Iterator[Flowable]:
        """The impression and the signature; the signature first where page 1 would not hold both."""
        last = self.study.signature
        signature = self._lines_to_sign() if last is None else self._signature(last)
        impression = self._impression()
        high = sum(
            float(block.wrap(self.width, self.page_height)[1])
            for block in (self._identity(), *self._head_values(), *impression, *signature)
        )
        fits = high + 6 <= self.page_height - 2 * _MARGIN - _FOOT - 78 - (_BEYOND if self.beyond else 0.0)
        if fits:
            yield KeepTogether([*impression, *signature])
        else:
            yield from (*signature, *impression)

    def _head_values(self) -> Iterator[Flowable]:
        """The values a referrer looks for first: each with its interval, its class, and its change."""
        for part in self.parts:
            values = [value for code in _HEAD_VALUES[part.modality] if (value := part.get(code)) and value.row.quantity]
            if not values:
                continue
            cells = [self._head_value(part, value) for value in values]
            share = self.width / len(values)
            style = [("LINEBELOW", (0, 0), (-1, -1), 0.6, HexColor(_RULE))]
            yield Spacer(0, 3)
            yield self._table([cells], [share] * len(values), style, padding=2.2, layout=True)

    def _head_value(self, part: Part, value: Value) -> list[Flowable | str]:
        judged = self._judged(part, value)
        colour = ALERT if judged.flagged and not value.imprecise else INK
        code = value.row.code if len(self.parts) == 1 else value.key
        markup = self.writer.type.markup(self.language.render(value.words))
        name = self.writer.type.markup(code)
        tone = f'<font color="{colour}"><b>{markup}</b></font>'
        lines: list[Flowable | str] = [
            self.writer.styled(f'<font color="{QUIET}" size="{_BODY}">{name}</font>&nbsp; {tone}', 10.5)
        ]
        if interval := interval_words(value.row):
            spread = joined_by(" ", (interval, unit_name(value.row.unit)))
            lines.append(self._plain(spread, QUIET, size=_SMALL))
        lines.append(self._flag(part, value, judged, brief=True))
        change = self._changed(value)
        if change is not None:
            lines.append(self._plain(self._change_words(change), QUIET, size=_SMALL))
        return [line for line in lines if line != ""]

    def _judged(self, part: Part, value: Value) -> Value:
        """What the range and the class are of: the index where that has a range, else the value itself."""
        index = part.get(index_code(value.row.code))
        return index if index is not None and index.norm is not None else value

    def _changed(self, value: Value) -> Changed | None:
        """The same value in the prior study, with the difference."""
        if self.prior is None:
            return None
        of_view = next((reading for reading in self._readings if self._place(reading) == value.place), None)
        view = view_of(of_view) if of_view is not None and not of_view.kind.stack else ""
        return next((each for each in self.prior.changes if (each.code, each.of) == (value.row.code, view)), None)

    def _change_words(self, change: Changed) -> Message:
        """As "EF 47 → 70 %, beyond measurement error"; ! where a check or another method stands in the way."""
        then, now = change.then.quantity, change.now.quantity
        assert then is not None
        assert now is not None
        checked = Trust.CHECK in (change.then.trust, change.now.trust)
        doubt = "! " if checked or change.remark else ""
        before, after = digits(then, change.code), digits(now, change.code)
        difference = join_texts(doubt, before, " → ", after, " ", unit_name(now.unit))
        if change.exceeds is None:
            return joined_by(", ", (difference, change.open if change.variability else NOTHING))
        error = message("beyond measurement error") if change.exceeds else message("within measurement error")
        return joined_by(", ", (difference, error))

    def _identity(self) -> Flowable:
        """Who was examined, when, and why."""
        study, patient, head = self.study, self.patient, self.study.report.letterhead
        who, age = study.demographics, study.age_years
        size = [
            join_texts(number(who.height_cm, ".4g"), " cm") if who.height_cm else NOTHING,
            join_texts(number(who.weight_kg, ".4g"), " kg") if who.weight_kg else NOTHING,
        ]
        sex = SEX_NAMES.get(who.sex, NOTHING)
        years = message("{years} y", years=int(age)) if age is not None else NOTHING
        bsa = join_texts(number(who.bsa_m2, ".2f"), f" m² ({who.formula.value})") if who.bsa_m2 else NOTHING
        today = join_texts(self.language.date(self.today))
        cells = [
            (message("Patient"), verbatim(words.person_name(patient.name) if patient else "")),
            (message("ID"), verbatim(patient.patient_id if patient else "")),
            (message("Sex, age, born"), joined_by(", ", (sex, years, self._day(who.birth_date)))),
            (message("Study"), self._day(study.study_date)),
            (message("Height, weight"), joined_by(", ", size)),
            (message("BSA"), bsa),
            (message("Heart rate"), self._rate()),
            (message("Prior"), self._day(self.prior.then.study_date)) if self.prior else (message("Printed"), today),
        ]
        shares = (0.27, 0.24, 0.29, 0.2)
        rows: list[list[Flowable | str]] = [
            [self._labelled(name, text or _NONE) for name, text in cells[index : index + 4]]
            for index in range(0, len(cells), 4)
        ]
        style: list[tuple[object, ...]] = []
        if head.referrer or head.accession:
            style += [("SPAN", (0, len(rows)), (1, len(rows))), ("SPAN", (2, len(rows)), (3, len(rows)))]
            rows.append(
                [
                    self._labelled(message("Referrer"), verbatim(head.referrer or "–")),
                    "",
                    self._labelled(message("Accession"), verbatim(head.accession or "–")),
                    "",
                ]
            )
        if head.indication:
            style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
            rows.append([self._labelled(message("Indication"), verbatim(head.indication)), "", "", ""])
        style.append(("LINEBELOW", (0, -1), (-1, -1), 0.6, HexColor(_RULE)))
        return self._table(rows, [share * self.width for share in shares], style, padding=2.2, layout=True)

    def _labelled(self, name: Message, text: Message) -> TaggedParagraph:
        markup = self.writer.type.markup(self.language.render(text), 260)
        label = self.language.render(name)
        return self.writer.styled(f'<font color="{QUIET}">{label}</font>&nbsp; <b>{markup}</b>', _BODY)

    def _day(self, text: str) -> Message:
        """A date of DICOM or ISO 8601 as the language writes it."""
        return verbatim(self.language.day(words.date(text)))

    def _impression(self) -> list[Flowable]:
        single_section = next(section for section in self.sections if section.section == IMPRESSION)
        lines = [line.strip() for line in single_section.text.splitlines() if line.strip()]
        if not lines:
            text = [self._plain(message("No impression has been entered."), QUIET)]
        else:
            text = [self._plain(verbatim(line), size=8.6) for line in lines]
            text += [self._outdated(single_section)] if single_section.changed else []
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(_IMPRESSION_GROUND)),
            ("LINEBEFORE", (0, 0), (0, -1), 2.2, HexColor(self.template.colour)),
        ]
        box = self._table([[line] for line in text], [self.width], style, padding=2.6, left=8, layout=True)
        return [self._heading(message("Impression")), box]

    def _rate(self) -> Message:
        """The heart rate that values are computed from; what the file states without one.

        Where recordings were made at different rates, the lowest and the highest: one of them would look like the rate
        of all, and unlike the mean that outputs over views and stages of a stress study are given with.
        """
        part = next((part for part in self.parts if part.get("HR") is not None), None)
        stated = self.study.demographics.heart_rate_per_min
        rates = {round(stated)} if stated else set()
        if part is not None:
            rows = [row for assessment in part.found for row in assessment.measurements if row.code == "HR"]
            rates = {round(row.quantity.value) for row in rows if row.quantity is not None}
        limits = sorted({min(rates), max(rates)}) if rates else []
        rate = "\N{EN DASH}".join(map(str, limits)) + "/min" if limits else "\N{EN DASH}"
        doubted = any("HR" in open_check.finding.measurements for open_check in self.open)
        return join_texts(rate, " ", message("! check")) if doubted else verbatim(rate)

    def _findings(self) -> Iterator[Flowable]:
        rows: list[list[Flowable | str]] = []
        for section in self.sections:
            if section.section == IMPRESSION:
                continue
            said: list[Flowable] = []
            if section.text:
                said += [self._plain(verbatim(line)) for line in section.text.splitlines() if line.strip()]
            if section.state in (Written.AUTOMATIC, Written.NONE):
                said += [self._plain(verbatim(why), QUIET) for why in section.why]
            if section.changed:
                said.append(self._outdated(section))
            rows.append([self._plain(verbatim(section.title), QUIET), said])
        if rows:
            yield CondPageBreak(40)
            yield self._heading(message("Findings"))
            yield from self._of_stage()
            yield self._table(rows, [104, self.width - 104], [], padding=1.6)

    def _outdated(self, section: Drafted) -> TaggedParagraph:
        said = message("! No longer matches the values: {changes}.", changes=joined_by("; ", section.changed))
        return self._plain(said, _CHECK, bold=True)

    def _measurements(self) -> Iterator[Flowable]:
        normal = joined_by(", ", (message("Normal"), SEX_NAMES.get(self.study.demographics.sex, NOTHING)))
        titles = [message("Measurement"), message("Value"), message("Indexed"), normal]
        titles += [message("Flag"), message("Method")]
        if self.prior:
            titles.insert(5, self._day(self.prior.then.study_date))
        shares: tuple[float, ...] = (0.235, 0.105, 0.1, 0.12, 0.17, 0.27)
        if self.prior:
            shares = (0.215, 0.1, 0.1, 0.115, 0.155, 0.09, 0.225)
        if self.open:  # the titles of the checks need the room more than the methods do
            *before, method = shares
            before[4] += 0.05
            shares = (*before, method - 0.05)
        rows: list[list[Flowable | str]] = [
            [
                self._plain(title, QUIET, size=_SMALL + 0.4, right=1 <= index <= 3 or (index == 5 and len(titles) > 6))
                for index, title in enumerate(titles)
            ]
        ]
        style: list[tuple[object, ...]] = [("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK))]
        for part in self.parts:
            if len(self.parts) > 1:
                style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
                rows.append(
                    [
                        self._plain(_MODALITIES[part.modality], self.template.colour, bold=True),
                        *[""] * (len(titles) - 1),
                    ]
                )
            for values in self._listed(part):
                if any(value.open for value in values):
                    style.append(("BACKGROUND", (0, len(rows)), (-1, len(rows)), HexColor(_CHECK_GROUND)))
                rows.append(self._row(part, values))
                style.append(("LINEBELOW", (0, len(rows) - 1), (-1, len(rows) - 1), 0.4, HexColor(_RULE)))
        if len(rows) == 1:
            yield self._heading(message("Measurements"))
            yield self._plain(message("Nothing was measured."), QUIET)
            return
        empty = [at for at in _MAY_BE_EMPTY if all(row[at] == "" for row in rows[1:])]
        rows = [[cell for at, cell in enumerate(row) if at not in empty] for row in rows]
        # What has no value in any row leaves its room to names and methods, whose sentences are the longest.
        freed = sum(shares[at] for at in empty)
        first, *between, method = (share for at, share in enumerate(shares) if at not in empty)
        shares = (first + freed / 4, *between, method + 3 * freed / 4)
        table = self._table(rows, [share * self.width for share in shares], style, padding=2.0, repeat=1)
        yield CondPageBreak(70)
        yield self._heading(message("Measurements"))
        yield from self._of_stage()
        yield table
        for other in self._alternatives():
            yield self._plain(message("Also possible: {values}.", values=other), QUIET, size=_SMALL)

    def _alternatives(self) -> Iterator[Message]:
        """What values would be if what open checks doubt were otherwise; their intervals contain that."""
        for part in self.parts:
            for reading, assessment in zip(part.readings, part.found, strict=True):
                for alternative in assessment.alternatives:
                    place = self._place(reading)
                    yield (
                        join_texts(place, ": ", alternative.message)
                        if place and len(part.readings) > 1
                        else alternative.message
                    )

    def _listed(self, part: Part) -> list[tuple[Value, ...]]:
        """Values in the order of the template; those withheld for one reason share a row."""
        codes = self.template.rows or tuple(value.row.code for value in part.values.values())
        hidden = INDICES | {BODY_SURFACE, "HR"}
        values = [single_value for code in codes if code not in hidden and (single_value := part.get(code)) is not None]
        rows: list[tuple[Value, ...]] = []
        withheld: dict[str, list[Value]] = {}
        for single_value in values:
            if single_value.row.quantity is None:
                withheld.setdefault(single_value.row.note or "", []).append(single_value)
            else:
                rows.append((single_value,))
        return [*rows, *map(tuple, withheld.values())]

    def _row(self, part: Part, values: tuple[Value, ...]) -> list[Flowable | str]:
        single_value = values[0]
        if single_value.row.quantity is None:
            several = self._plain(verbatim(", ".join(each.row.code for each in values)), bold=True)
            why = message("Not available: {reason}", reason=single_value.row.note or NOTHING)
            reason = self._plain(why, QUIET, size=_SMALL + 0.3)
            name = several if len(values) > 1 else self._named(single_value)
            return [name, self._plain(_NONE, right=True), "", "", "", *self._then(single_value), reason]
        index = part.get(index_code(single_value.row.code))
        judged = self._judged(part, single_value)
        # By the range that the flag is of: red next to "Normal" contradicts itself.
        colour = ALERT if judged.flagged and not single_value.imprecise else INK
        interval = interval_words(single_value.row)
        value = [self._plain(single_value.words, colour, bold=not single_value.imprecise, right=True)]
        if interval:
            spread = joined_by(" ", (interval, unit_name(single_value.row.unit)))
            value.append(self._plain(spread, QUIET, size=_SMALL, right=True))
        shown = format_quantity(index.row.quantity, index.row.code) if index and index.row.quantity else NOTHING
        limits = joined_by(" ", (judged.norm.range_words, unit_name(judged.norm.unit))) if judged.norm else NOTHING
        return [
            self._named(single_value),
            value,
            self._plain(shown, right=True) if shown else "",
            self._plain(limits, right=True) if limits else "",
            self._flag(part, single_value, judged),
            *self._then(single_value),
            self._plain(self._method(single_value), QUIET, size=_SMALL + 0.3, signs=True),
        ]

    def _then(self, value: Value) -> list[str | list[Flowable]]:
        """The value of the prior study and the difference, as a column where there is one."""
        if self.prior is None:
            return []
        change = self._changed(value)
        if change is None or change.then.quantity is None:
            return [""]
        doubt = "! " if change.then.trust is Trust.CHECK else ""
        decimals = decimals_of(value.row.code, change.now.unit)
        less = join_texts("+" if change.shown_difference > 0 else "", format_signed(change.shown_difference, decimals))
        then = join_texts(doubt, format_quantity(change.then.quantity, value.row.code))
        colour, bold = (INK, True) if change.exceeds else (QUIET, False)
        return [[self._plain(then, right=True), self._plain(less, colour, bold=bold, size=_SMALL, right=True)]]

    def _named(self, value: Value) -> TaggedParagraph:
        markup = self.writer.type.markup(self.language.render(name_of(value.row.code)))
        return self.writer.styled(f'<b>{value.row.code}</b>&nbsp; <font size="{_SMALL + 0.2}">{markup}</font>', _BODY)

    def _flag(self, part: Part, value: Value, judged: Value, *, brief: bool = False) -> Flowable | str:
        """The class of a value, or every open check that it has; if `brief`, by their numbers alone."""
        if value.imprecise:
            return self._plain(NOT_MEASURED_WELL.capitalised(), QUIET)
        if value.doubt:
            concerned = [each for each in self.open if each.part is part and each.concerns(value)]
            titles: dict[Message, list[str]] = {}
            for each in concerned:
                titles.setdefault(short_title_of_check(each.finding.code), []).append(str(each.number))
            named = [join_texts(title, " (", ", ".join(numbers), ")") for title, numbers in titles.items()]
            if brief:
                named = [verbatim(", ".join(str(each.number) for each in concerned))]
            head = self.writer.type.markup(self.language.render(message("! check")))
            remaining_text = self.writer.type.markup(self.language.render(joined_by("; ", named)), _LONGEST)
            return self.writer.styled(f"<b>{head}</b> {remaining_text}", _SMALL, _CHECK)
        if judged.norm is None:
            return ""
        if judged.norm.normal:
            return self._plain(message("Normal"), QUIET)
        colour = ALERT if judged.norm.abnormal else INK
        bold = judged.norm.abnormal or judged.norm.borderline
        return self._plain(judged.norm.words.capitalised(), colour, bold=bold)

    def _method(self, value: Value) -> Message:
        """Method, place, frames, reader's decision, remark: what a reader must know of this one value."""
        frames = words.frame_list(value.row.frames) if len(value.row.frames) <= 4 else NOTHING
        by = NOTHING
        of_view = next((reading for reading in self._readings if self._place(reading) == value.place), None)
        if value.row.status in (Status.ACCEPTED, Status.EDITED):
            # A value over views is decided on for the study: a view's own decision may be another reader's.
            decided = (of_view or self.study).decisions.get(value.row.code)
            by = message("accepted") if value.row.status is Status.ACCEPTED else message("edited")
            by = message("{what} by {who}", what=by, who=verbatim(decided.by)) if decided else by
        frame = NOTHING
        if frames and of_view is not None and of_view.facts.modality == "MR":
            frame = message("phase {numbers}", numbers=frames)
        elif frames:
            frame = message("frame {numbers}", numbers=frames)
        stage = self._stage_behind(value, of_view)
        clip = clip_of(of_view, self._every) if of_view is not None else self._clips_behind(value)
        return joined_by("; ", (*words.pieces(value.row.method)[:1], stage, clip, frame, by, value.row.note or NOTHING))

    def _clips_behind(self, value: Value) -> Message:
        """The clips that a value over views is of, where a view has several."""
        result = result_of(value.row.code)
        sources = [each for part in self.parts for each in study_sources(part.readings, self.study)]
        named = [
            self._place(each.reading)
            for each in sources
            if each.result == result and clip_of(each.reading, self._every)
        ]
        return joined_by(", ", tuple(dict.fromkeys(named)))

    def _free_calliper(self, reading: Reading, calliper: Calliper) -> Message:
        """A calliper that has a name of the reader's, its size, and where it is."""
        size, name = calliper_words(reading, calliper), verbatim(calliper.name)
        if calliper.until is None:
            return message("{name} {size} (frame {frame})", name=name, size=size, frame=calliper.frame + 1)
        first, last = calliper.frame + 1, calliper.until + 1
        return message("{name} {size} (frames {first} to {last})", name=name, size=size, first=first, last=last)

    @property
    def _readings(self) -> tuple[Reading, ...]:
        return tuple(member.reading for member in self.members)

    def _images(self) -> Iterator[Flowable]:
        if not self.study.report.printed.images:
            return
        stills = [still for view in self._views() for still in self._ends(view)]
        if not stills and self.around is not None and not self.members[0].reading.kind.stack:
            stills = [self._still(self.members[0], 0)]
        if stills:
            many = len(stills) > 4
            columns = 3 if many else max(2, len(stills))
            ordered = [still for row in _rows(stills, columns) for still in row] if many else stills
            lines = -(-len(ordered) // columns)
            paint = partial(draw_stills, stills=ordered, columns=columns)
            least, most = (88.0, 132.0) if columns > 2 else (125.0, 190.0)
            key = [self._keyed(stills)] if stills else []
            alt = "; ".join(still.caption for still in ordered)
            above = [self._heading(message("Images"))]
            yield _Panel(above, paint, lines * least, lines * most, key, alt, spare=_CHARTS)
        for member in self.members:
            if isinstance(member.recording, Stack) and member.reading.kind.network and member.reading.events:
                yield from self._stack(member.recording, member.reading)

    def _keyed(self, stills: Sequence[Still]) -> Flowable:
        (key,) = contour_key(stills[0].reading, self.language) or (None,)
        return Painted(key.paint, 11.0) if key else Spacer(0, 0)

    def _stack(self, stack: Stack, reading: Reading) -> Iterator[Flowable]:
        """All slices at ED and at ES."""
        beats = reading.events.beats if reading.events else ()
        ends = ((message("End-diastole"), beats[0].ed), (message("End-systole"), beats[0].es)) if beats else ()
        for name, phase in ends:
            drawing = slices_drawing(stack, reading, name, phase, self.language)
            yield Spacer(0, 4)
            yield Painted(drawing.paint, 205.0, alt=self.language.render(joined_by(", ", (self._place(reading), name))))
        (key,) = contour_key(reading, self.language) or (None,)
        if key:
            yield Painted(key.paint, 11.0)
        note = message("×: slice not included in the LV volume. Blue frame: basal and apical slice. Frames are phases.")
        yield self._plain(note, QUIET, size=_SMALL)

    def _ends(self, member: Member) -> list[Still]:
        """ED and ES of the first beat of a loop; without contours, the first two frames with callipers."""
        beats = member.reading.events.beats if member.reading.events else ()
        callipers = member.reading.callipers.values()
        measured = sorted({each.frame for each in callipers if each.shape not in ("time", "line")})
        shown = [(verbatim("ED"), beats[0].ed), (verbatim("ES"), beats[0].es)] if beats else []
        if not member.reading.tracks and measured:
            shown = [(message("callipers"), frame) for frame in measured[:2]]
        return [self._still(member, frame, name) for name, frame in shown]

    def _still(self, member: Member, frame: int, name: Message = NOTHING) -> Still:
        place = joined_by(", ", (self._place(member.reading), name))
        caption = message("{place}, frame {frame}", place=place, frame=frame + 1)
        return Still(member.cine, member.reading, frame, self.language.render(caption))

    def _views(self) -> list[Member]:
        """Loops with contours, ED and ES, or with callipers, apical views first.

        Of several of a view the one that its values are of.

        Of a stress study those at rest and at peak; of all stages where neither has any.
        """
        members: dict[tuple[str, str, int], Member] = {}
        counted = (
            {reading.facts.recording_id for reading in counting(self._readings, self.study)} if self.stages else ()
        )
        valued = self._clips_with_values()
        ids = ((member, member.reading.facts.recording_id) for member in self.members)
        for single_member, _ in sorted(ids, key=lambda pair: (pair[1] not in valued, pair[1] not in counted)):
            reading = single_member.reading
            contoured = reading.events is not None and Structure.LV_ENDO in reading.tracks
            if reading.kind.stack or not (contoured or reading.callipers):
                continue
            stage = reading.facts.stage
            label = reading.view.label if reading.view else ""
            at = self.stages.index(stage) if stage is not None else len(self.stages)
            members.setdefault((reading.kind.modality, label, at), single_member)
        order, stress = [*APICAL_VIEWS], self.stress
        shown = {0, self.stages.index(stress.peak), len(self.stages)} if stress else {*range(len(self.stages) + 1)}
        if not any(at in shown for *_, at in members):
            shown = {*range(len(self.stages))}
        return [
            members[key]
            for key in sorted(
                members, key=lambda key: (key[0] != ECHO, order.index(key[1]) if key[1] in order else 9, key[2])
            )
            if key[2] in shown
        ]

    def _clips_with_values(self) -> frozenset[str]:
        """Ids of the recordings that the volumes of each view, at each stage, are of."""
        clips = clips_of_views(Examined(self.study, self._readings)).values()
        staged = [each for stage in self.stress.stages for each in stage.clips.values()] if self.stress else []
        return frozenset(reading.facts.recording_id for reading in (*clips, *staged))

    @property
    def _every(self) -> tuple[Reading, ...]:
        """Of all recordings of the study, those without a page here too."""
        return (*self._readings, *(self.around.others if self.around else ()))

    # Stages of a stress study

    @cached_property
    def stress(self) -> StressStudy | None:
        """Its stages; None where fewer than two are named."""
        return stress_study(self._readings, self.study)

    def _counts(self, reading: Reading) -> bool:
        return reading.facts.recording_id not in self.study.sources.left_out

    def _place(self, reading: Reading) -> Message:
        """What a recording is called, with its stage in a study that has stages."""
        return place_of(reading, bool(self.stages), self._every)

    def _of_stage(self) -> Iterator[Flowable]:
        """Of which stage the values are."""
        if self.stages and self.around is None:
            said = message(
                "Stage {stage}, where no other is named. Views of different stages are not combined.",
                stage=self.stages[0].words,
            )
            yield self._plain(said, QUIET)

    def _stage_behind(self, value: Value, of_view: Reading | None) -> Message:
        """The stage that a value is of; "" in a study without stages."""
        if not self.stages:
            return NOTHING
        result = result_of(value.row.code)
        sources = (each for part in self.parts for each in study_sources(part.readings, self.study))
        behind = of_view or next((each.reading for each in sources if each.result == result), None)
        if behind is None or behind.kind.stack:
            return NOTHING
        return stage_of(behind) or message("no stage")

    def _stress(self) -> Iterator[Flowable]:
        """The stages side by side: heart rate, EF and volumes of each, over views or of one view."""
        if not self.stages or self.around is not None:
            return
        stress = self.stress
        yield CondPageBreak(80)
        yield self._heading(message("Rest and peak stress"))
        if stress is None:
            said = message("Not available: only the stage {stage} is named.", stage=self.stages[0].words)
            yield self._plain(said, QUIET)
            return
        titles = [
            NOTHING,
            *(self._stage_title(stage.stage, stress) for stage in stress.stages),
            message("Peak less rest"),
        ]
        rates = [stage.heart_rate_per_min for stage in stress.stages]
        shown_rates = [verbatim(f"{rate:.0f}/min" if rate else "–") for rate in rates]
        rows = [titles, [message("Heart rate"), *shown_rates, NOTHING]]
        place_of_peak = [stage.stage for stage in stress.stages].index(stress.peak)
        rest, peak = rates[0], rates[place_of_peak]
        rows[-1][-1] = verbatim(f"{peak - rest:+.0f}/min" if rest and peak else "–")
        changes = {(change.code, change.of): change for change in stress.changes}
        for code in SHOWN:
            every = dict.fromkeys(of for stage in stress.stages for its, of in stage.rows if its == code)
            compared = [of for its, of in changes if its == code]
            for of in compared or every:
                measurements = [stage.rows.get((code, of)) for stage in stress.stages]
                change = changes.get((code, of))
                where = verbatim(of) if of else BIPLANE
                values = [
                    join_texts(
                        "! " if row.trust is Trust.CHECK else "",
                        format_quantity(row.quantity, code),
                        self._clip_named(stage.clips.get(of)),
                    )
                    if row is not None and row.quantity
                    else _NONE
                    for row, stage in zip(measurements, stress.stages, strict=True)
                ]
                unit = next(row.unit for row in measurements if row is not None)
                shown_unit = message("points") if BY_CODE[code].in_percent else unit_name(unit)
                marked = "! " if any(text.startswith("!") for text in (values[0], values[place_of_peak])) else ""
                within = f"± {change.half_width:.0f} " if change and change.half_width is not None else ""
                less = join_texts(f"{marked}{change.shown_difference:+.0f} {within}", shown_unit) if change else _NONE
                rows.append([join_texts(f"{code}, ", where), *values, less])
        share = 0.7 * self.width / (len(titles) - 1)
        cells = [
            [self._plain(text, QUIET if not down else INK, right=index > 0) for index, text in enumerate(row)]
            for down, row in enumerate(rows)
        ]
        style = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(_RULE)),
        ]
        yield self._table(cells, [0.3 * self.width, *[share] * (len(titles) - 1)], style, padding=2.0, repeat=1)
        notes = [
            message("–: not measured at this stage, or withheld. !: marked by a check."),
            message("±: the interval of 95 % of a difference."),
        ]
        if not any(code == LEADING for code, _ in changes):
            notes.append(message("EF at rest and at peak is not available in one view."))
        yield self._plain(joined_by(" ", notes), QUIET, size=_SMALL)
        for line in self._said_of_stages(stress):
            yield self._plain(line, _CHECK, size=_SMALL, signs=True)

    def _said_of_stages(self, stress: StressStudy) -> Iterator[Message]:
        """Why values of the stages are marked; those of the first are among the open checks of the study."""
        for stage in stress.stages[1:]:
            if any(row.trust is Trust.CHECK for (code, _), row in stage.rows.items() if code in SHOWN):
                for of, findings in stage.marked.items():
                    place = self._place(stage.clips[of]) if of in stage.clips else stage.stage.words
                    yield from (join_texts("! ", place, ": ", finding) for finding in findings)

    def _clip_named(self, reading: Reading | None) -> Message:
        """What tells a recording from others of its view at its stage, after its value."""
        clip = clip_of(reading, self._every) if reading is not None else NOTHING
        return join_texts(", ", clip) if clip else NOTHING

    def _stage_title(self, stage: Stage, stress: StressStudy) -> Message:
        if stage == stress.stages[0].stage:
            return message("{stage} (rest)", stage=stage.words)
        return message("{stage} (peak)", stage=stage.words) if stage == stress.peak else stage.words

    def _charts(self) -> Iterator[Flowable]:
        printed, views = self.study.report.printed, self._views()
        # Stages are never drawn into one chart; None is all recordings of a study without stages.
        shown = dict.fromkeys(view.reading.facts.stage for view in views)
        found = {*shown, *self.stages[:1]} or {None}
        ordered = [stage for stage in (*self.stages, None) if stage in found]
        for part, stage in ((part, stage) for part in self.parts for stage in ordered):
            of_part = [reading for reading in self._readings if reading.kind.modality == part.modality]
            readings = part.readings
            if self.stages:
                of_stage = part.readings if stage == self.stages[0] else of_part
                readings = tuple(
                    reading for reading in of_stage if reading.facts.stage == stage and self._counts(reading)
                )
            charts = [*(self._curves(part, stage) if printed.curves else ())]
            strain = study_strain_as_assessed(readings)
            values = strain.drawn_percent
            if printed.bulls_eye and np.isfinite(values).any():
                title = self.language.fill("Strain at end-systole, %")
                charts.append(
                    partial(draw_keyed_eye, title=title, values=values, unit="strain %", hatched=strain.hatched)
                )
            if not charts:
                continue
            name = _CURVES[part.modality] if len(self.parts) > 1 else message("Curves")
            if self.stages:
                name = join_texts(name, ", ", stage.words if stage else message("no stage"))
            row = partial(_side_by_side, charts=charts)
            below = []
            if np.isfinite(values).any() and printed.bulls_eye:
                said = joined_by(". ", (_SEGMENTS, *self._followed(strain)))
                below = [self._plain(said, QUIET, size=_SMALL)]
            yield _Panel([self._heading(name)], row, 138.0, 168.0, below, self.language.render(name))

    def _followed(self, strain: StudyStrain) -> Iterator[Message]:
        """What hatching means, where a segment is hatched, and how well the segments with a value were followed."""
        if strain.withheld:
            yield message(
                "Hatched: no value, tracking quality below {lowest:.2f} or excluded by the reader",
                lowest=TRACKING_QUALITY.withheld,
            )
        if strain.implausible:
            yield plural(
                "{count} segment is hatched since it does not go together with the others of its view (it lengthens, "
                "or differs by more than {ratio:.0f} times)",
                "{count} segments are hatched since they do not go together with the others of their view (they "
                "lengthen, or differ by more than {ratio:.0f} times)",
                len(strain.implausible),
                ratio=MAX_SEGMENT_RATIO,
            )
        known = np.where(np.isfinite(strain.drawn_percent), strain.quality, np.nan)
        if np.isfinite(known).any():
            at = int(np.nanargmin(known))
            yield message(
                "Tracking quality (0 to 1) of the segments shown: {lowest:.2f} ({segment}) to {highest:.2f}",
                lowest=float(known[at]),
                segment=APICAL_NAMES[at],
                highest=float(np.nanmax(known)),
            )

    def _wall_motion(self) -> Iterator[Flowable]:
        """A reader's scores on a bull's-eye for each stage, and what is not normal in words."""
        for part in self.parts:
            if not part.wall_motion:
                continue
            eyes = tuple(
                (
                    self.language.render(joined_by(", ", (message("Wall motion"), stage_words(stage)))),
                    np.array(motion.scores, float),
                    "score",
                )
                for stage, motion in part.wall_motion.items()
            )
            lines = [self._plain(self._scored(stage, motion)) for stage, motion in part.wall_motion.items()]
            key = joined_by("; ", [join_texts(f"{score} ", name) for score, name in SCORES.items()])
            said = message("{scores}. The index is the mean over the segments scored.", scores=key)
            below = [*lines, self._plain(said, QUIET, size=_SMALL)]
            paint, alt = partial(draw_bulls_eyes, eyes=eyes), "; ".join(title for title, *_ in eyes)
            yield _Panel([self._heading(message("Wall motion"))], paint, 90.0, 130.0, below, alt)

    def _scored(self, stage: str, motion: WallMotion) -> Message:
        """Index and reader of a stage, and its segments that are not normal."""
        aside = [
            join_texts(
                name, " ", SCORES[score], *((" (", message("aneurysm"), ")") if index in motion.aneurysms else ())
            )
            for index, (name, score) in enumerate(zip(AHA_NAMES, motion.scores, strict=False), 1)
            if score is not None and score > 1
        ]
        said = join_texts(motion.words, ", ", message("scored by {who}", who=verbatim(motion.by)))
        return joined_by(": ", (stage_words(stage), said, joined_by("; ", aside)))

    def _curves(self, part: Part, stage: Stage | None) -> Iterator[partial[None]]:
        """Volume of each view or ventricle at a stage, the cavity's area of short axes, and strain of each view."""
        volume, strain, areas = [], [], []
        units = set()
        views = [
            view
            for view in self._views()
            if view.reading.kind.modality == part.modality and view.reading.facts.stage == stage
        ]
        stacks = [member for member in self.members if member.reading.kind.stack and member.reading in part.readings]
        for index, single_member in enumerate((*stacks, *views)):
            found, dash = curves(single_member.reading), DASHES[index % len(DASHES)]
            name, events = (
                self.language.render(self._place(single_member.reading)),
                _seconds(single_member.reading, found.time_s),
            )
            if single_member.reading.kind.volumes == "area":
                if np.isfinite(found.lv_volume).any():
                    areas.append((found.volume_unit, Series(name, found.time_s, found.lv_volume, LV, dash, events)))
            elif np.isfinite(found.lv_volume).any():
                units.add(found.volume_unit)
                if single_member.reading.kind.stack:
                    volume.append(Series("LV", found.time_s, found.lv_volume, LV, (), events))
                    if found.rv_volume is not None and np.isfinite(found.rv_volume).any():
                        volume.append(Series("RV", found.time_s, found.rv_volume, RV, (), events))
                elif not stacks:
                    volume.append(Series(name, found.time_s, found.lv_volume, LV, dash, events))
            wall = wall_strain(single_member.reading)
            wall = wall and strain_as_assessed(single_member.reading, wall)
            if wall and wall.why is None and wall.view and np.isfinite(wall.global_percent).any():
                strain.append(Series(name, wall.time_s, wall.global_percent, WALL, dash, events))
        if volume and len(units) == 1:
            unit = units.pop()
            of = message("% of the largest") if "%" in unit else verbatim(unit)
            if stacks:
                title = self.language.fill("Volume, {unit}", unit=of)
            else:
                title = self.language.fill("LV volume, single plane, {unit}", unit=of)
            yield partial(draw_series, title=title, series=tuple(volume))
        for unit in dict.fromkeys(unit for unit, _ in areas):
            title = self.language.fill("LV cavity area, {unit}", unit=verbatim(unit_name(unit)))
            yield partial(draw_series, title=title, series=tuple(series for its, series in areas if its == unit))
        if strain:
            title = self.language.fill("Longitudinal strain, %")
            yield partial(draw_series, title=title, series=tuple(strain), strain=True)

    def _open(self) -> Iterator[_Open]:
        """Open checks that mark or withhold values, each once with its places, numbered as on the page."""
        count = 0
        for part in self.parts:
            several = len(part.readings) > 1
            seen: dict[str, tuple[Finding, list[Message]]] = {}
            for assessment, place in (
                *zip(part.found, map(self._place, part.readings), strict=True),
                (part.study, NOTHING),
            ):
                for single_finding in assessment.open:
                    if single_finding.marks:
                        _, places = seen.setdefault(single_finding.message, (single_finding, []))
                        places += [place] if several and place and place not in places else []
            for finding, places in seen.values():
                count += 1
                yield _Open(count, finding, part, tuple(places))

    def _open_checks(self) -> Iterator[Flowable]:
        if not self.open:
            return
        shown = self.open[:10]
        parts = []
        for open_check in shown:
            codes = [each.row.code for each in open_check.part.values.values() if open_check.concerns(each)]
            shown_codes = verbatim(", ".join(codes[:5]))
            listed = message("{codes} and others", codes=shown_codes) if len(codes) > 5 else shown_codes
            withheld = open_check.finding.severity is Severity.STOP
            does = (
                message("(withheld {codes})", codes=listed) if withheld else message("(concerns {codes})", codes=listed)
            )
            found = typeset(self.language.render(self._found(open_check.finding, *open_check.places)))
            text = self.writer.type.markup(found, 300)
            tail = self.writer.type.markup(self.language.render(does)) if codes else ""
            parts.append(f"<b>{open_check.number}</b>&nbsp; {text} {tail}")
        if len(self.open) > len(shown):
            more = len(self.open) - len(shown)
            parts.append(self.language.fill("... and {count} more on the methods page.", count=more))
        head = self.language.fill("! Open checks: {count}", count=len(self.open))
        title = self.writer.styled(f'<font color="{_CHECK}"><b>{head}</b></font>', _BODY)
        lines: list[list[Flowable]] = [[title], *([self.writer.styled(part, _BODY - 0.4)] for part in parts)]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(_CHECK_GROUND)),
            ("BOX", (0, 0), (-1, -1), 0.6, HexColor("#d9a441")),
        ]
        yield Spacer(0, 6)
        yield self._table(lines, [self.width], style, padding=1.6, left=7, layout=True)

    def _found(self, finding: Finding, *places: Message) -> Message:
        """The sentence of a check, after where it was found."""
        between = "; " if any("," in place for place in places) else ", "
        return joined_by(": ", (joined_by(between, places), finding.message))

    def _lines_to_sign(self) -> list[Flowable]:
        """Of a draft: lines to sign on."""
        third, quiet = self.width / 3, _SMALL + 0.4
        cells = [
            self._plain(message("Not signed: draft"), QUIET),
            self._plain(message("Signature"), QUIET, size=quiet),
            self._plain(NOTHING, QUIET, size=quiet),
            self._plain(message("Name, date"), QUIET, size=quiet),
        ]
        style = [("LINEABOVE", (at, 0), (at, 0), 0.6, HexColor(INK)) for at in (1, 3)]
        row = self._table([cells], [third * 0.8, third * 1.1, 14, third * 1.1 - 14], style, padding=3, layout=True)
        return [Spacer(0, _TO_SIGN), row]

    def _signature(self, last: Signature) -> list[Flowable]:
        """Who signed and when, with addenda, on the first page."""
        study, quiet = self.study, _SMALL + 0.4
        checks = message("Signed with no open check")
        if self.open:
            checks = plural("Signed with {count} open check", "Signed with {count} open checks", len(self.open))
        changed = not self.signing and sign_status(self._readings, study).state is SignState.CHANGED
        since = message("! Changed since it was signed") if changed else message("Not changed since")
        lines = [[self._plain(self._signed_words(last), bold=True)]]
        if not self.signing:
            lines.append([self._plain(since, _CHECK if changed else QUIET, size=quiet)])
            if not last.document:
                kept = message("The report that was signed was not kept; this one was made on {day}", day=self.today)
                lines.append([self._plain(kept, QUIET, size=quiet)])
        else:
            lines.append([self._plain(checks, _CHECK if self.open else QUIET, size=quiet)])
        for signed_entry in study.signed if len(study.signed) > 1 else ():
            who, at = verbatim(signed_entry.by), self._moment(signed_entry.at)
            if isinstance(signed_entry, Addendum):
                addendum = message(
                    "Addendum, {who}, {at}: {reason}", who=who, at=at, reason=verbatim(signed_entry.reason)
                )
                lines.append([self._plain(addendum, size=_BODY)])
            elif signed_entry is not last:
                lines.append([self._plain(self._earlier_words(signed_entry), QUIET, size=quiet)])
        style = [("LINEBEFORE", (0, 0), (0, -1), 2.2, HexColor(_CHECK if changed or self.beyond else INK))]
        return [Spacer(0, 5), self._table(lines, [self.width], style, padding=1.4, left=8, layout=True)]

    def _signed_words(self, signature: Signature) -> Message:
        """Who signed, with the account that did, when, and the reader's remark."""
        who, at = verbatim(signature.by), self._moment(signature.at)
        signed = message("Signed electronically: {who} · {at}", who=who, at=at)
        if signature.login and signature.login != signature.by:
            login = verbatim(signature.login)
            signed = message("Signed electronically: {who} (login {login}) · {at}", who=who, login=login, at=at)
        return join_texts(signed, " · ", verbatim(signature.remark)) if signature.remark else signed

    def _earlier_words(self, signature: Signature) -> Message:
        """An earlier signature, with the report that it signed."""
        who, at = verbatim(signature.by), self._moment(signature.at)
        if not signature.document:
            return message("Signed: {who}, {at}", who=who, at=at)
        digest = verbatim(signature.document[:16])
        return message("Signed: {who}, {at}, report SHA-256 {digest}…", who=who, at=at, digest=digest)

    def _moment(self, at: str) -> Message:
        """An instant in UTC (ISO 8601) to the minute."""
        return join_texts(self._day(at[:10]), f" {at[11:16]} UTC")

    # The methods page

    def _methods(self) -> Iterator[Flowable]:
        yield CondPageBreak(_METHODS)
        yield self._heading(message("Methods"))
        yield self._recordings()
        yield Spacer(0, 4)
        yield self._table(
            [[self._plain(name, QUIET), self._plain(text)] for name, text in self._method_lines() if text],
            [92, self.width - 92],
            [],
            padding=1.4,
        )
        paragraphs = [*self._checks()]
        if paragraphs:
            yield CondPageBreak(40)
            yield self._heading(message("Checks"))
            yield self._table([[paragraph] for paragraph in paragraphs], [self.width], [], padding=1.2, layout=True)
        yield Spacer(0, 5)
        line = message(
            "Study {study_id}. Instance UIDs of the recordings, models and digests of their weights: in this file's "
            "properties (XMP).",
            study_id=verbatim(self.study.study_id),
        )
        yield self._plain(line, QUIET, size=5.8)

    def _recordings(self) -> Flowable:
        titles = (
            message("View"),
            message("Frames"),
            message("ED, ES"),
            message("Scale and its origin"),
            message("Contours"),
            message("Readers"),
        )
        shares = (0.135, 0.165, 0.11, 0.19, 0.25, 0.15)
        rows: list[list[Flowable | str]] = [[self._plain(title, QUIET, size=_SMALL) for title in titles]]
        for single_member in sorted(self.members, key=lambda member: rank(member.reading)):
            reading, cine = single_member.reading, single_member.cine
            duration = float(cine.times_s[-1])
            rate = f", {(len(cine) - 1) / duration:.0f}/s" if duration > 0 else ""
            if reading.kind.stack:
                frames = plural("{count} phase", "{count} phases", len(cine))
            else:
                frames = plural("{count} frame", "{count} frames", len(cine))
            if isinstance(single_member.recording, Stack):
                slices = plural("{count} slice", "{count} slices", len(single_member.recording.slices))
                frames = join_texts(slices, ", ", frames)
            times = message("times from {origin}", origin=verbatim(cine.times_origin))
            if cine.times_origin == "assumed":
                times = message("times ASSUMED")
            beats = reading.events.beats if reading.events else ()
            marked = "; ".join(f"{beat.ed + 1}, {beat.es + 1}" for beat in beats[:4])
            marks = [verbatim(marked) if marked else message("not marked")]
            if reading.valve_closures:
                marks.append(join_texts("AVC ", words.frame_list(reading.valve_closures)))
            if reading.valve_openings:
                marks.append(join_texts("MVO ", words.frame_list(reading.valve_openings)))
            by_reader = reading.events is not None and reading.events.origin.value != "model"
            who = join_texts(" (", message("reader") if by_reader else message("auto"), ")") if beats else NOTHING
            contours = joined_by(
                "; ",
                [
                    join_texts(words.NAMES[structure], " ", words.contour_line(reading, structure))
                    for structure in reading.tracks
                ],
            )
            if reading.kind.stack:
                contours = self._stack_contours(reading)
            view = reading.view
            file = verbatim(self._files.get(reading.facts.recording_id, ""))
            sure = f" ({100 * view.confidence:.0f} %)" if view and view.confidence is not None else ""
            texts = (
                joined_by(", ", (join_texts(self._place(reading), sure), file)),
                join_texts(frames, rate, "; ", times),
                join_texts(joined_by("; ", marks), who),
                words.calibration_line(reading),
                contours or message("none"),
                words.readers_line(reading) or message("none"),
            )
            rows.append([self._plain(text, size=_SMALL, bold=not index) for index, text in enumerate(texts)])
        style = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(_RULE)),
        ]
        return self._table(rows, [share * self.width for share in shares], style, padding=1.6, repeat=1)

    def _stack_contours(self, reading: Reading) -> Message:
        """How many contours the slices have, and of which structures."""
        counts = {
            structure: sum(
                contour is not None
                for slice_reading in reading.slices
                if structure in slice_reading.tracks
                for contour in slice_reading.tracks[structure].contours
            )
            for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
        }
        return joined_by(
            "; ", [join_texts(words.NAMES[structure], f" {count}") for structure, count in counts.items() if count]
        )

    def _method_lines(self) -> Iterator[tuple[Message, Message]]:
        models = dict.fromkeys(name for reading in self._readings for name in words.models(reading))
        contoured = any(kept.tracks for one in self._readings for kept in (one, *one.slices))
        drawn = message("none: contours were drawn by readers") if contoured else message("none: nothing was contoured")
        yield message("Models"), verbatim(", ".join(models)) if models else drawn
        echo = self._has(ECHO)
        conventions = [
            message("volumes of loops by the method of disks (20 disks, ASE/EACVI 2015)") if echo else NOTHING,
            *(
                message("volumes of stacks by summation of slices, {convention}", convention=said)
                for said in dict.fromkeys(convention(reading) for reading in self._readings if reading.kind.stack)
            ),
            message("longitudinal strain negative where the wall shortens, 18 segments") if echo else NOTHING,
            message("with several beats the mean; images show the first"),
            message("frames, phases and slices are counted from 1"),
            message("values are rounded for print only, so that a printed EDV − ESV may differ from SV by 1 ml"),
        ]
        yield message("Conventions"), join_texts(joined_by("; ", conventions), ".")
        norms = [value.norm for part in self.parts for value in part.values.values() if value.norm]
        sources = dict.fromkeys(f"{graded.set_name}: {graded.citation}" for graded in norms)
        yield message("Ranges"), verbatim("; ".join(sources) + ("." if norms else ""))
        limits: dict[Message, list[str]] = {}
        for part in self.parts:
            for single_value in part.values.values():
                for said in words.pieces(single_value.norm.caveat) if single_value.norm else ():
                    limits.setdefault(said, []).append(single_value.row.code)
        yield message("Limits of ranges"), joined_by("; ", [_of_codes(codes, what) for what, codes in limits.items()])
        entered = [
            message("{what} by {who}", what=_ENTERED.get(name) or verbatim(name), who=verbatim(by))
            for name, by in self.study.entered_by.items()
        ]
        replaced = message("entered in place of the file's: {what}.", what=joined_by(", ", entered))
        yield message("Patient data"), replaced if entered else NOTHING
        texts = [
            message("{what} by {who}", what=verbatim(section.title), who=verbatim(section.by))
            for section in self.sections
            if section.by
        ]
        own = message(
            "written by a reader: {sections}; other sentences are automatic.", sections=joined_by(", ", texts)
        )
        yield message("Text"), own if texts else message("All sentences are automatic.")
        if self.prior:
            about: dict[Message, list[str]] = {}
            for change in self.prior.changes:
                if change.remark:
                    about.setdefault(change.remark, []).append(change.code)
            remarks = [join_texts(_of_codes(codes, what), ".") for what, codes in about.items()]
            day = self._day(self.prior.then.study_date)
            legend = message("{day}; ! marks a value with a check there.", day=day)
            yield message("Prior study"), joined_by(" ", (legend, *self.prior.warnings, *remarks))
            limits_of: dict[Variability, list[str]] = {}
            for change in self.prior.changes:
                if change.variability is not None:
                    limits_of.setdefault(change.variability, []).append(change.code)
            errors = [
                message(
                    "{codes} {percent:.1f} % of the mean of both ({source})",
                    codes=verbatim(", ".join(dict.fromkeys(codes))),
                    percent=limit.percent,
                    source=verbatim("; ".join(filter(None, (limit.source, limit.computed)))),
                )
                for limit, codes in limits_of.items()
            ]
            yield message("Measurement error"), joined_by("; ", errors)
        yield from self._sources()
        decided: dict[tuple[Message, Message], list[str]] = {}
        for place, decisions in (
            *((self._place(reading), reading.decisions) for reading in self._readings),
            (message("over views"), self.study.decisions),
        ):
            for code, decision in decisions.items():
                by_whom = message("{what} by {who}", what=_decision(decision), who=verbatim(decision.by))
                decided.setdefault((place, by_whom), []).append(code)
        # An index that was decided on as its value was is not named again.
        named = {
            where: [code for code in codes if code not in set(map(index_code, codes))]
            for where, codes in decided.items()
        }
        decisions_said = [
            join_texts(", ".join(codes), " ", by_whom, " (", place, ")") for (place, by_whom), codes in named.items()
        ]
        yield message("Decisions"), joined_by("; ", decisions_said)
        comments = [f"{code}: {text}" if code else text for code, text in self.study.comments.items()]
        yield message("Comments"), verbatim("; ".join(comments))
        free = [
            self._free_calliper(reading, calliper)
            for reading in self._readings
            for calliper in reading.callipers.values()
            if named_of(calliper) is None and calliper.shape != "line"
        ]
        yield message("Callipers"), joined_by("; ", free)
        notes = [
            join_texts(self._place(reading), ": ", verbatim(reading.notes.strip()))
            for reading in self._readings
            if reading.notes.strip()
        ]
        yield message("Notes"), joined_by(" ", notes)
        yield message("Letters"), self.writer.type.note() or NOTHING

    def _sources(self) -> Iterator[tuple[Message, Message]]:
        """The recordings and beats behind results over views, and who chose them."""
        if len(self.members) < 2:
            return
        sources = [study_source for part in self.parts for study_source in study_sources(part.readings, self.study)]
        for result in RESULTS:
            used = [self._source(source) for source in sources if source.result == result]
            yield (
                message("{codes} from", codes=verbatim(", ".join(codes_of_result(result)))),
                joined_by("; ", used),
            )

    @cached_property
    def _files(self) -> dict[str, str]:
        """The name of the file of each recording, by its id."""
        return {each.reading.facts.recording_id: Path(each.recording.source.path).name for each in self.members}

    def _source(self, source: SourceOf) -> Message:
        """A recording behind a result over views: view, file and beats, and who chose it."""
        count = len(source.reading.events.beats) if source.reading.events else 0
        place = self._place(source.reading) if self.stages else verbatim(source.reading.kind.view_name(source.view))
        said = [place, verbatim(self._files.get(source.reading.facts.recording_id, ""))]
        if count > 1:
            beats = verbatim(", ".join(str(at + 1) for at in source.beats))
            said.append(message("beats {beats} of {count}", beats=beats, count=count))
        if source.chosen_by:
            said.append(message("chosen by {who}", who=verbatim(source.chosen_by)))
        return joined_by(", ", said)

    def _has(self, modality: str) -> bool:
        return any(part.modality == modality for part in self.parts)

    def _checks(self) -> Iterator[TaggedParagraph]:
        """Every open check, then those a reader acknowledged, then notes, each once."""
        for open_check in self.open:
            found_here = self._found(open_check.finding, *open_check.places)
            said = message("{number}  Open. {finding}", number=open_check.number, finding=found_here)
            yield self._plain(said, _CHECK, size=_SMALL + 0.2, signs=True)
        seen = set()
        for state in (State.ACKNOWLEDGED, State.OPEN):
            for part in self.parts:
                for reading, assessment in zip(part.readings, part.found, strict=True):
                    for finding in assessment.findings:
                        noted = state is State.OPEN and not finding.marks
                        if finding.state is not state or (state is State.OPEN and not noted):
                            continue
                        text = self._found(finding, self._place(reading))
                        if state is State.ACKNOWLEDGED:
                            text = join_texts(text, " ", self._acknowledged(reading, finding))
                        if text not in seen:
                            seen.add(text)
                            yield self._plain(text, QUIET if noted else INK, size=_SMALL + 0.2, signs=True)

    def _acknowledged(self, reading: Reading, finding: Finding) -> Message:
        """Who acknowledged a check, when and why."""
        here = reading.acknowledged.get(finding.key)
        day = self._day(here.at[:10]) if here else NOTHING
        who = joined_by(", ", (verbatim(finding.acknowledged_by), day))
        return message("Acknowledged by {who}: {reason}", who=who, reason=verbatim(finding.why))

    # Pages of a recording in detail

    def _details(self, around: _Around) -> Iterator[Flowable]:
        (member,) = self.members
        for page in detail_pages(member.cine, member.reading, around.others, around.concluded, self.language):
            yield PageBreak()
            yield self._heading(page.title, first=True)
            room = self.page_height - 2 * _MARGIN - 34 - _FOOT - 2 * _HEAD
            yield from fit_blocks(page.blocks, self.writer, room - (_SMALL + 8 if page.footnote else 0))
            if page.footnote:
                yield Spacer(0, 4)
                yield self._plain(page.footnote, QUIET, size=_SMALL)

    # Pieces

    def _patient_short(self) -> str:
        if self.patient is None:
            return ""
        name = words.person_name(self.patient.name)
        return " · ".join(filter(None, (name, self.patient.patient_id, self._day(self.study.study_date))))

    def _heading(self, text: Message, *, first: bool = False) -> Flowable:
        paragraph = self._plain(text, self.template.colour, bold=True, size=_HEAD)
        paragraph.role = HEADING
        style = [("TOPPADDING", (0, 0), (-1, -1), 0 if first else 7), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
        table = TaggedTable([[paragraph]], colWidths=[self.width], style=[*style, ("LEFTPADDING", (0, 0), (-1, -1), 0)])
        table.layout = True
        return table

    def _plain(
        self,
        text: Message,
        colour: str = INK,
        *,
        bold: bool = False,
        size: float = _BODY,
        right: bool = False,
        signs: bool = False,
    ) -> TaggedParagraph:
        """A paragraph in the report's language; with `signs`, hyphens before numbers become minus signs."""
        said = self.language.render(text)
        markup = self.writer.type.markup(typeset(said) if signs else said, _LONGEST)
        return self.writer.styled(f"<b>{markup}</b>" if bold else markup, size, colour, right=right)

    def _table(
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
        """A table with the padding of the report; a `layout` only places what it holds."""
        every = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            ("LEFTPADDING", (0, 0), (-1, -1), left),
            ("RIGHTPADDING", (0, 0), (-1, -1), left or 8),
        ]
        cells = [list(row) for row in rows]
        made = TaggedTable(cells, colWidths=list(widths), style=[*every, *style], repeatRows=repeat)
        made.layout = layout
        return made


class _Panel(Flowable):  # type: ignore[misc]
    """A drawing with what stands above and below it on one page, as high as the page leaves room for."""

    def __init__(
        self,
        above: Sequence[Flowable],
        paint: Callable[[Canvas, Box], None],
        least: float,
        most: float,
        below: Sequence[Flowable],
        alt: str,
        spare: float = 0.0,
    ) -> None:
        """`least` and `most` are heights in points; `spare` points are left on the page where that is possible.

        `alt` says what the drawing shows to readers who do not see it.
        """
        super().__init__()
        self._above, self._below, self._spare = above, below, spare
        self._picture, self._least, self._most = Painted(paint, least, alt=alt), least, most

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        around = sum(float(flowable.wrap(width, height)[1]) for flowable in (*self._above, *self._below))
        room = height - around - 1
        if room - self._spare >= self._least:
            room -= self._spare
        self._picture.height = min(max(room, self._least), self._most)
        self.width, self.height = width, around + self._picture.height
        return width, self.height

    def draw(self) -> None:
        y = self.height
        for flowable in (*self._above, self._picture, *self._below):
            _, high = flowable.wrap(self.width, y)
            y -= high
            flowable.drawOn(self.canv, 0, y)


def _rows(stills: Sequence[Still], columns: int) -> Iterator[list[Still]]:
    """Stills of ED and ES in turn, as rows of ED above rows of ES of the same views."""
    for index in range(0, len(stills), 2 * columns):
        here = stills[index : index + 2 * columns]
        yield list(here[0::2])
        yield list(here[1::2])


def _seconds(reading: Reading, time_s: np.ndarray) -> tuple[tuple[str, float], ...]:
    """When ED, ES, AVC and MVO are."""
    beats = reading.events.beats if reading.events else ()
    marks = [(name, frame) for beat in beats for name, frame in (("ED", beat.ed), ("ES", beat.es))]
    marks += [("AVC", frame) for frame in reading.valve_closures]
    marks += [("MVO", frame) for frame in reading.valve_openings]
    return tuple((name, float(time_s[frame])) for name, frame in marks if frame < len(time_s))


def _decision(decision: Decision) -> Message:
    """What a reader decided on a value, in a word."""
    if not decision.accepted:
        return message("rejected")
    return message("accepted") if decision.value is None else message("entered")


def _of_codes(codes: Sequence[str], what: Message) -> Message:
    """What is said of some values, after their codes."""
    return join_texts(", ".join(dict.fromkeys(codes)), ": ", what)


def _side_by_side(canvas: Canvas, box: Box, charts: Sequence[partial[None]]) -> None:
    each = (box.width - 12 * 2) / max(len(charts), 3) if len(charts) != 2 else (box.width - 12) / 2
    for place, chart in enumerate(charts):
        chart(canvas, Box(box.x + place * (each + 12), box.y, each, box.height))
