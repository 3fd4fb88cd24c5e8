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
    Paragraph,
    Spacer,
    Table,
)

from kinecor import RESEARCH_USE
from kinecor.core.checks.assessment import strain_as_assessed, study_sources, study_strain_as_assessed
from kinecor.core.checks.conclusions import SignState, sign_status
from kinecor.core.checks.findings import Finding, Severity, State
from kinecor.core.checks.prior import Comparison, Examined, clips_of_views
from kinecor.core.checks.stress import SHOWN, StressStudy, clip_of, stress_study
from kinecor.core.report.language import Language
from kinecor.core.report.language import language as by_code
from kinecor.core.report.sentences import (
    CMR,
    ECHO,
    Drafted,
    Part,
    Value,
    drafted,
    parts_of,
    place_of,
    rank,
    stage_of,
    view_of,
)
from kinecor.core.report.sentences import State as Written
from kinecor.core.strain.wall_strain import StudyStrain, wall_strain
from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.table.measures import (
    BODY_SURFACE,
    BY_CODE,
    INDICES,
    LEADING,
    format_quantity,
    index_code,
    interval_words,
    name_of,
    typeset,
    unit_name,
)
from kinecor.core.table.over_views import RESULTS, SourceOf, codes_of_result, result_of
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.callipers import NAMED, Calliper
from kinecor.core.values.confidence import TRACKING_QUALITY, Trust
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.reading import Decision, Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack, Stage
from kinecor.core.values.study import (
    IMPRESSION,
    Addendum,
    ReportText,
    Sources,
    StudyReading,
    counting,
    first_study_reading,
    stages,
)
from kinecor.core.values.track import Structure
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import LEVELS, WALLS
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.io.report import words
from kinecor.io.report.blocks import ALERT, INK, QUIET, Box, PageTotal, Painted, Writer, draw_total, fitted
from kinecor.io.report.details import detail_pages
from kinecor.io.report.drawings import contour_key, draw_bulls_eyes, slices_drawing
from kinecor.io.report.pdf import BOLD, PLAIN, archival, report_document
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
from kinecor.io.report.templates import Study, Template, template_for

PAPER: Final = {"A4": A4, "Letter": letter}
_MARGIN = 40.0
_FOOT = 34.0
_BODY, _SMALL, _HEAD, _LARGE = 7.9, 6.7, 9.0, 13.0
_LEAST_FOOTER = 5.0
_CHECK, _CHECK_GROUND = "#8a4b00", "#fdf4e3"
_RULE = "#d5d9de"
_IMPRESSION_GROUND = "#f1f5fa"
_LONGEST = 2000
_CHARTS = 168.0  # points of the curves with their heading and note
_METHODS = 300.0  # points that the methods need at least; with less they begin on a page of their own
_SEXES = {"M": "M", "F": "F", "O": "other"}
_CURVES = {ECHO: "Curves, echocardiography", CMR: "Curves, cine MRI"}
_HATCHED = "Hatched: no value, tracking quality below {least} or excluded by the reader"
_QUALITY = "Tracking quality (0 to 1) of the segments shown: {least} ({segment}) to {most}"
_SEGMENTS = "Segmental strain is exploratory, not for routine use (ASE/EACVI 2025); shortening is negative"
_ENTERED = {
    "sex": "sex",
    "birth_date": "birth date",
    "height_cm": "height",
    "weight_kg": "weight",
    "heart_rate_per_min": "heart rate",
    "formula": "formula",
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
) -> bytes:
    """The PDF report of a study; the same Readings, date, version and language make the same bytes.

    Args:
        members: its recordings.
        study: what was concluded about it.
        software_version: of Kinecor.
        printed_on: the day; None for today.
        prior: an earlier study of the patient.
        language: "en" or "de"; "" for the one chosen for the study, else that of the template.
        otherwise: the language where none is chosen and the template names none; "" for English.

    Raises:
        KinecorError: a frame cannot be decoded, or the template cannot be used.
        ValueError: the study has no recording.

    """
    if not members:
        raise ValueError("a report needs a recording")
    parts = parts_of([one.reading for one in members], study)
    template = template_for(study_kind(parts), study.report.printed.template)
    today = printed_on or datetime.datetime.now().astimezone().date()
    paper = PAPER[study.report.printed.paper or template.paper]
    chosen = report_language(study, parts, language, otherwise)
    made = _Report(tuple(members), study, parts, template, software_version, today, paper, prior, chosen)
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
    found = {one.modality for one in parts}
    return "combined" if found >= {ECHO, CMR} else "cmr" if CMR in found else "echo"


@dataclass(frozen=True, eq=False)
class _Open:
    """An open check with its number on the page, the part of the study and the places it was found in."""

    number: int
    finding: Finding
    part: Part
    places: tuple[str, ...]

    def concerns(self, one: Value) -> bool:
        """Whether it marks or withholds a value: one of its own places, or one over several views."""
        here = not self.places or one.place in (*self.places, "biplane", "apical views")
        return here and one.row.code in self.finding.measurements


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
    ) -> None:
        self.around = around
        self.members, self.study, self.parts, self.template = members, study, parts, template
        self.stages = stages(self._readings)
        self.version, self.today, self.language = version, today, language
        self.fill, self.translate, self.number = language.fill, language.translate, language.number
        # Of two modalities a value of the prior study would not say which one it is of.
        self.prior = prior if study.report.printed.prior and len(parts) == 1 else None
        self.page_width, self.page_height = paper
        self.width = self.page_width - 2 * _MARGIN
        self.writer = Writer(self.width, language)
        self.sections = drafted(parts, study.report, language)
        self.open = tuple(self._open())
        self.patient = next((one.recording.source.patient for one in members), None)

    def pdf(self) -> bytes:
        """The pages as a file; set a second time where letters had to be replaced, which the methods page says."""
        story = [*self._story()]
        if self.writer.type.changed:
            story = [*self._story()]
        content = BytesIO()
        document = report_document(
            content,
            size=(self.page_width, self.page_height),
            title=self.translate(self.template.title),
            version=self.version,
            language=self.language.code,
        )
        top = self.page_height - _MARGIN
        first = Frame(_MARGIN, _MARGIN + _FOOT, self.width, top - 78 - _MARGIN - _FOOT, 0, 0, 0, 0)
        later = Frame(_MARGIN, _MARGIN + _FOOT, self.width, top - 34 - _MARGIN - _FOOT, 0, 0, 0, 0)
        document.addPageTemplates(
            [
                PageTemplate("first", [first], onPage=self._letterhead),
                PageTemplate("later", [later], onPage=self._running_head),
            ]
        )
        document.build([NextPageTemplate("later"), *story, PageTotal(PLAIN, _SMALL, QUIET)])
        return archival(content.getvalue())

    # What stands on every page

    def _letterhead(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        """Institution and title, the research notice, and the footer."""
        head, top, left = self.study.report.letterhead, self.page_height - _MARGIN, _MARGIN
        canvas.saveState()
        if self.template.image:
            image = ImageReader(BytesIO(self.template.image))
            wide, high = image.getSize()
            width = min(120.0, 34.0 * wide / high)
            canvas.drawImage(image, left, top - 34, width, 34, mask="auto", preserveAspectRatio=True, anchor="w")
            left += width + 10
        named = self.patient.institution if self.patient else ""
        institution = head.institution or self.template.institution or named
        half = self.width / 2 - 10
        self._text(canvas, left, top - 13, institution, BOLD, _LARGE, INK, half - (left - _MARGIN))
        self._text(canvas, left, top - 26, head.department or self.template.department, PLAIN, _BODY, QUIET, half)
        right = _MARGIN + self.width
        self._text(canvas, right, top - 13, self.translate(self.template.title), BOLD, _LARGE, INK, half, right=True)
        subtitle = self.translate(self.template.subtitle)
        self._text(canvas, right, top - 26, subtitle, PLAIN, _BODY, QUIET, half, right=True)
        canvas.setStrokeColor(HexColor(INK))
        canvas.setLineWidth(1)
        canvas.line(_MARGIN, top - 40, right, top - 40)
        canvas.setFillColor(HexColor("#fbeceb"))
        canvas.setStrokeColor(HexColor(ALERT))
        canvas.setLineWidth(0.6)
        canvas.roundRect(_MARGIN, top - 64, self.width, 16, 2, stroke=1, fill=1)
        canvas.setFillColor(HexColor(ALERT))
        canvas.setFont(BOLD, 8.5)
        canvas.drawCentredString(self.page_width / 2, top - 59, self.translate(RESEARCH_USE))
        self._footer(canvas)
        canvas.restoreState()

    def _running_head(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        """Who it is about, and the title, on every further page."""
        top = self.page_height - _MARGIN
        canvas.saveState()
        self._text(canvas, _MARGIN, top - 10, self._patient_short(), BOLD, _HEAD, INK, self.width * 0.6)
        right = _MARGIN + self.width
        title = self.translate(self.template.title)
        self._text(canvas, right, top - 10, title, PLAIN, _HEAD, QUIET, self.width * 0.38, right=True)
        canvas.setStrokeColor(HexColor(INK))
        canvas.setLineWidth(0.8)
        canvas.line(_MARGIN, top - 18, right, top - 18)
        self._footer(canvas)
        canvas.restoreState()

    def _footer(self, canvas: Canvas) -> None:
        y, right = _MARGIN, _MARGIN + self.width
        canvas.setStrokeColor(HexColor(_RULE))
        canvas.setLineWidth(0.6)
        canvas.line(_MARGIN, y + 14, right, y + 14)
        use = self.translate(RESEARCH_USE)
        draw_total(canvas, right, y, _SMALL, self.translate("Page {number} of "))
        notice = stringWidth(use, BOLD, _SMALL)
        canvas.setFillColor(HexColor(ALERT))
        canvas.setFont(BOLD, _SMALL)
        canvas.drawString(right - 76 - notice, y, use)
        said = [self._patient_short(), self.template.footer, f"Kinecor {self.version}"]
        said.append(self.fill("printed {day}", day=self._day(str(self.today))))
        room, line, size = self.width - notice - 90, " · ".join(filter(None, said)), _SMALL
        while size > _LEAST_FOOTER and stringWidth(line, PLAIN, size) > room:  # the day must not be cut off
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
    ) -> None:
        """A line of text in `room` points, shortened where it does not fit."""
        if not text:
            return

        def set_to(count: int) -> Paragraph:
            markup = self.writer.type.markup(text[:count] + ("…" if count < len(text) else ""))
            return self.writer.styled(f"<b>{markup}</b>" if font == BOLD else markup, size, colour, right=right)

        def fits(count: int) -> bool:
            return float(set_to(count).wrap(room, 1000)[1]) <= size * 1.3

        count = len(text)
        if not fits(count):
            count = bisect_left(range(len(text)), True, key=lambda one: not fits(one)) - 1
        one = set_to(max(count, 1))
        one.wrap(room, 1000)
        one.drawOn(canvas, x - room if right else x, y - size * 0.22)

    def _story(self) -> Iterator[Flowable]:
        written = self.around is None or not self.around.others
        yield self._identity()
        yield Spacer(0, 6)
        if written:
            yield from self._impression()
        yield from self._findings()
        yield from self._measurements()
        yield from self._stress()
        yield from self._open_checks()
        yield from self._images()
        yield from self._charts()
        yield from self._wall_motion()
        if written:
            yield self._signature()
        yield from self._methods()
        if self.around is not None:
            yield from self._details(self.around)

    # The first pages

    def _identity(self) -> Flowable:
        """Who was examined, when, and why."""
        study, patient, head = self.study, self.patient, self.study.report.letterhead
        who, age = study.demographics, study.age_years
        size = [f"{who.height_cm:.4g} cm" if who.height_cm else "", f"{who.weight_kg:.4g} kg" if who.weight_kg else ""]
        sex = self.translate(_SEXES.get(who.sex, ""))
        years = self.fill("{years} y", years=str(int(age))) if age is not None else ""
        bsa = self.number(f"{who.bsa_m2:.2f} m² ({who.formula.value})") if who.bsa_m2 else "–"
        cells = [
            ("Patient", words.person_name(patient.name) if patient else ""),
            ("ID", patient.patient_id if patient else ""),
            ("Sex, age, born", ", ".join(filter(None, (sex, years, self._day(who.birth_date))))),
            ("Study", self._day(study.study_date)),
            ("Height, weight", self.number(", ".join(filter(None, size)))),
            ("BSA", bsa),
            ("Heart rate", self._rate()),
            ("Prior", self._day(self.prior.then.study_date)) if self.prior else ("Printed", self._day(str(self.today))),
        ]
        shares = (0.27, 0.24, 0.29, 0.2)
        rows = [
            [self._labelled(name, text or "–") for name, text in cells[at : at + 4]] for at in range(0, len(cells), 4)
        ]
        style: list[tuple[object, ...]] = []
        if head.referrer or head.accession:
            style += [("SPAN", (0, len(rows)), (1, len(rows))), ("SPAN", (2, len(rows)), (3, len(rows)))]
            rows.append(
                [
                    self._labelled("Referrer", head.referrer or "–"),
                    "",
                    self._labelled("Accession", head.accession or "–"),
                    "",
                ]
            )
        if head.indication:
            style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
            rows.append([self._labelled("Indication", head.indication), "", "", ""])
        style.append(("LINEBELOW", (0, -1), (-1, -1), 0.6, HexColor(_RULE)))
        return self._table(rows, [share * self.width for share in shares], style, padding=2.2)

    def _labelled(self, name: str, text: str) -> Paragraph:
        markup = self.writer.type.markup(text, 260)
        label = self.translate(name)
        return self.writer.styled(f'<font color="{QUIET}">{label}</font>&nbsp; <b>{markup}</b>', _BODY)

    def _day(self, text: str) -> str:
        """A date of DICOM or ISO 8601 as the language writes it."""
        return self.language.day(words.date(text))

    def _impression(self) -> Iterator[Flowable]:
        one = next(section for section in self.sections if section.section == IMPRESSION)
        lines = [line.strip() for line in one.text.splitlines() if line.strip()]
        if not lines:
            text = [self._plain(self.translate("No impression has been entered."), QUIET)]
        else:
            text = [self._plain(line, size=8.6) for line in lines]
            text += [self._outdated(one)] if one.changed else []
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(_IMPRESSION_GROUND)),
            ("LINEBEFORE", (0, 0), (0, -1), 2.2, HexColor(self.template.colour)),
        ]
        box = self._table([[line] for line in text], [self.width], style, padding=2.6, left=8)
        yield KeepTogether([self._heading("Impression"), box])

    def _rate(self) -> str:
        """The heart rate that values are computed from; what the file states without one.

        Where recordings were made at different rates, the lowest and the highest: one of them would look like the rate
        of all, and unlike the mean that outputs over views and stages of a stress study are given with.
        """
        part = next((one for one in self.parts if one.get("HR") is not None), None)
        stated = self.study.demographics.heart_rate_per_min
        rates = {round(stated)} if stated else set()
        if part is not None:
            rows = [row for one in part.found for row in one.measurements if row.code == "HR"]
            rates = {round(row.quantity.value) for row in rows if row.quantity is not None}
        limits = sorted({min(rates), max(rates)}) if rates else []
        rate = "\N{EN DASH}".join(map(str, limits)) + "/min" if limits else "\N{EN DASH}"
        doubted = any("HR" in one.finding.measurements for one in self.open)
        return f"{rate} {self.translate('! check')}" if doubted else rate

    def _findings(self) -> Iterator[Flowable]:
        rows: list[list[Flowable | str]] = []
        for one in self.sections:
            if one.section == IMPRESSION:
                continue
            said: list[Flowable] = []
            if one.text:
                said += [self._plain(line) for line in one.text.splitlines() if line.strip()]
            if one.state in (Written.AUTOMATIC, Written.NONE):
                said += [self._plain(why, QUIET) for why in one.why]
            if one.changed:
                said.append(self._outdated(one))
            rows.append([self._plain(one.title, QUIET), said])
        if rows:
            yield CondPageBreak(40)
            yield self._heading("Findings")
            yield from self._of_stage()
            yield self._table(rows, [104, self.width - 104], [], padding=1.6)

    def _outdated(self, one: Drafted) -> Paragraph:
        said = self.fill("! No longer matches the values: {changes}.", changes="; ".join(one.changed))
        return self._plain(said, _CHECK, bold=True)

    def _measurements(self) -> Iterator[Flowable]:
        sex = self.translate(_SEXES.get(self.study.demographics.sex, ""))
        titles = [self.translate(one) for one in ("Measurement", "Value", "Indexed", "Normal", "Flag", "Method")]
        titles[3] += f", {sex}" if sex else ""
        if self.prior:
            titles.insert(5, self._day(self.prior.then.study_date))
        shares: tuple[float, ...] = (0.235, 0.09, 0.1, 0.12, 0.17, 0.285)
        if self.prior:
            shares = (0.225, 0.085, 0.095, 0.115, 0.16, 0.09, 0.23)
        rows: list[list[Flowable | str]] = [
            [
                self._plain(one, QUIET, size=_SMALL + 0.4, right=1 <= at <= 3 or (at == 5 and len(titles) > 6))
                for at, one in enumerate(titles)
            ]
        ]
        style: list[tuple[object, ...]] = [("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK))]
        for part in self.parts:
            if len(self.parts) > 1:
                style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
                rows.append(
                    [
                        self._plain(self.translate(part.modality), self.template.colour, bold=True),
                        *[""] * (len(titles) - 1),
                    ]
                )
            for values in self._listed(part):
                if any(one.open for one in values):
                    style.append(("BACKGROUND", (0, len(rows)), (-1, len(rows)), HexColor(_CHECK_GROUND)))
                rows.append(self._row(part, values))
                style.append(("LINEBELOW", (0, len(rows) - 1), (-1, len(rows) - 1), 0.4, HexColor(_RULE)))
        if len(rows) == 1:
            yield self._heading("Measurements")
            yield self._plain(self.translate("Nothing was measured."), QUIET)
            return
        table = self._table(rows, [share * self.width for share in shares], style, padding=2.0, repeat=1)
        yield CondPageBreak(70)
        yield self._heading("Measurements")
        yield from self._of_stage()
        yield table

    def _listed(self, part: Part) -> list[tuple[Value, ...]]:
        """Values in the order of the template; those withheld for one reason share a row."""
        codes = self.template.rows or tuple(one.row.code for one in part.values.values())
        hidden = INDICES | {BODY_SURFACE, "HR"}
        found = [one for code in codes if code not in hidden and (one := part.get(code)) is not None]
        rows: list[tuple[Value, ...]] = []
        withheld: dict[str, list[Value]] = {}
        for one in found:
            if one.row.quantity is None:
                withheld.setdefault(one.row.note or "", []).append(one)
            else:
                rows.append((one,))
        return [*rows, *map(tuple, withheld.values())]

    def _row(self, part: Part, values: tuple[Value, ...]) -> list[Flowable | str]:
        one = values[0]
        if one.row.quantity is None:
            several = self._plain(", ".join(each.row.code for each in values), bold=True)
            why = self.fill("Not available: {reason}", reason=self.translate(one.row.note or ""))
            reason = self._plain(why, QUIET, size=_SMALL + 0.3)
            name = several if len(values) > 1 else self._named(one)
            return [name, self._plain("–", right=True), "", "", "", *self._then(one), reason]
        index = part.get(index_code(one.row.code))
        judged = index if index is not None and index.norm is not None else one
        # By the range that the flag is of: red next to "Normal" contradicts itself.
        bad = judged.flagged and judged.norm is not None and not judged.norm.borderline
        colour = ALERT if bad else INK
        interval = interval_words(one.row)
        value = [self._plain(self.number(one.words), colour, bold=True, right=True)]
        if interval:
            value.append(
                self._plain(self.number(f"{interval} {unit_name(one.row.unit)}"), QUIET, size=_SMALL, right=True)
            )
        shown = format_quantity(index.row.quantity, index.row.code) if index and index.row.quantity else ""
        limits = f"{judged.norm.range_words} {unit_name(judged.norm.unit)}" if judged.norm else ""
        return [
            self._named(one),
            value,
            self._plain(self.number(shown), right=True),
            self._plain(self.number(limits), right=True),
            self._flag(part, one, judged),
            *self._then(one),
            self._plain(self._method(one), QUIET, size=_SMALL + 0.3),
        ]

    def _then(self, one: Value) -> list[Flowable | str]:
        """The value of the prior study, as a column where there is one."""
        if self.prior is None:
            return []
        of_view = next((reading for reading in self._readings if self._key(reading) == one.place), None)
        of = view_of(of_view) if of_view is not None and not of_view.kind.stack else ""
        found = next((each for each in self.prior.changes if (each.code, each.of) == (one.row.code, of)), None)
        if found is None or found.then.quantity is None:
            return [""]
        doubt = "! " if found.then.trust is Trust.CHECK else ""
        return [self._plain(self.number(f"{doubt}{format_quantity(found.then.quantity, one.row.code)}"), right=True)]

    def _named(self, one: Value) -> Paragraph:
        markup = self.writer.type.markup(self.translate(name_of(one.row.code)))
        return self.writer.styled(f'<b>{one.row.code}</b>&nbsp; <font size="{_SMALL + 0.2}">{markup}</font>', _BODY)

    def _flag(self, part: Part, one: Value, judged: Value) -> Flowable | str:
        if one.doubt:
            numbers = [str(each.number) for each in self.open if each.part is part and each.concerns(one)]
            said = f"{self.translate('! check')} {', '.join(numbers[:4])}".rstrip()
            return self._plain(said, _CHECK, bold=True)
        if judged.norm is None:
            return ""
        if judged.norm.normal:
            return self._plain(self.translate("Normal"), QUIET)
        said = self.translate(judged.norm.words)
        return self._plain(said[0].upper() + said[1:], INK if judged.norm.borderline else ALERT, bold=True)

    def _method(self, one: Value) -> str:
        """Method, place, frames, reader's decision, remark: what a reader must know of this one value."""
        method = one.row.method.split(";")[0]
        frames = words.frame_list(one.row.frames) if len(one.row.frames) <= 4 else ""
        by = ""
        of_view = next((reading for reading in self._readings if self._key(reading) == one.place), None)
        if one.row.status.value in ("accepted", "edited"):
            # A value over views is decided on for the study: a view's own decision may be another reader's.
            decided = (of_view or self.study).decisions.get(one.row.code)
            status = self.translate(one.row.status.value)
            by = self.fill("{what} by {who}", what=status, who=decided.by) if decided else status
        of_mri = of_view is not None and of_view.facts.modality == "MR"
        frame = self.fill("phase {numbers}" if of_mri else "frame {numbers}", numbers=frames) if frames else ""
        stage = self._stage_behind(one, of_view)
        said = (self.translate(method), stage, frame, by, self.translate(one.row.note or ""))
        return self.number(typeset("; ".join(filter(None, said))))

    def _free_calliper(self, reading: Reading, one: Calliper) -> str:
        """A calliper that has a name of the reader's, its size, and where it is."""
        said = {"name": one.name, "size": self.number(calliper_words(reading, one)), "frame": str(one.frame + 1)}
        if one.until is None:
            return self.fill("{name} {size} (frame {frame})", **said)
        return self.fill("{name} {size} (frames {frame} to {last})", **said, last=str(one.until + 1))

    @property
    def _readings(self) -> tuple[Reading, ...]:
        return tuple(one.reading for one in self.members)

    def _images(self) -> Iterator[Flowable]:
        if not self.study.report.printed.images:
            return
        stills = [still for one in self._views() for still in self._ends(one)]
        if not stills and self.around is not None and not self.members[0].reading.kind.stack:
            stills = [self._still(self.members[0], 0, "")]
        if stills:
            many = len(stills) > 4
            columns = 3 if many else max(2, len(stills))
            ordered = [one for row in _rows(stills, columns) for one in row] if many else stills
            lines = -(-len(ordered) // columns)
            paint = partial(draw_stills, stills=ordered, columns=columns)
            least, most = (100.0, 132.0) if columns > 2 else (125.0, 190.0)
            key = [self._keyed(stills)] if stills else []
            yield _Panel([self._heading("Images")], paint, lines * least, lines * most, key, spare=_CHARTS)
        for one in self.members:
            if isinstance(one.recording, Stack) and one.reading.kind.network and one.reading.events:
                yield from self._stack(one.recording, one.reading)

    def _keyed(self, stills: Sequence[Still]) -> Flowable:
        (key,) = contour_key(stills[0].reading, self.language) or (None,)
        return Painted(key.paint, 11.0) if key else Spacer(0, 0)

    def _stack(self, stack: Stack, reading: Reading) -> Iterator[Flowable]:
        """All slices at ED and at ES."""
        beats = reading.events.beats if reading.events else ()
        for name, phase in (("End-diastole", beats[0].ed), ("End-systole", beats[0].es)) if beats else ():
            drawing = slices_drawing(stack, reading, self.translate(name), phase, self.language)
            yield Spacer(0, 4)
            yield Painted(drawing.paint, 205.0)
        (key,) = contour_key(reading, self.language) or (None,)
        if key:
            yield Painted(key.paint, 11.0)
        note = "×: slice not included in the LV volume. Blue frame: basal and apical slice. Frames are phases."
        yield self._plain(self.translate(note), QUIET, size=_SMALL)

    def _ends(self, one: Member) -> list[Still]:
        """ED and ES of the first beat of a loop; without contours, the first two frames with callipers."""
        beats = one.reading.events.beats if one.reading.events else ()
        callipers = one.reading.callipers.values()
        measured = sorted({each.frame for each in callipers if each.shape not in ("time", "line")})
        shown = [("ED", beats[0].ed), ("ES", beats[0].es)] if beats else []
        if not one.reading.tracks and measured:
            shown = [(self.translate("callipers"), frame) for frame in measured[:2]]
        return [self._still(one, frame, name) for name, frame in shown]

    def _still(self, one: Member, frame: int, name: str) -> Still:
        caption = "{place}, {name}, frame {frame}" if name else "{place}, frame {frame}"
        place = self._place(one.reading)
        return Still(one.cine, one.reading, frame, self.fill(caption, place=place, name=name, frame=str(frame + 1)))

    def _views(self) -> list[Member]:
        """Loops with contours, ED and ES, or with callipers, apical views first.

        Of several of a view the one that its values are of.

        Of a stress study those at rest and at peak; of all stages where neither has any.
        """
        found: dict[tuple[str, str, int], Member] = {}
        counted = {one.facts.recording_id for one in counting(self._readings, self.study)} if self.stages else ()
        valued = self._clips_with_values()
        ids = ((one, one.reading.facts.recording_id) for one in self.members)
        for one, _ in sorted(ids, key=lambda pair: (pair[1] not in valued, pair[1] not in counted)):
            reading = one.reading
            contoured = reading.events is not None and Structure.LV_ENDO in reading.tracks
            if reading.kind.stack or not (contoured or reading.callipers):
                continue
            stage = reading.facts.stage
            label = reading.view.label if reading.view else ""
            at = self.stages.index(stage) if stage is not None else len(self.stages)
            found.setdefault((reading.kind.modality, label, at), one)
        order, stress = [*APICAL_VIEWS], self.stress
        shown = {0, self.stages.index(stress.peak), len(self.stages)} if stress else {*range(len(self.stages) + 1)}
        if not any(at in shown for *_, at in found):
            shown = {*range(len(self.stages))}
        return [
            found[key]
            for key in sorted(
                found, key=lambda key: (key[0] != ECHO, order.index(key[1]) if key[1] in order else 9, key[2])
            )
            if key[2] in shown
        ]

    def _clips_with_values(self) -> frozenset[str]:
        """Ids of the recordings that the volumes of each view, at each stage, are of."""
        clips = clips_of_views(Examined(self.study, self._readings)).values()
        staged = [each for one in self.stress.stages for each in one.clips.values()] if self.stress else []
        return frozenset(one.facts.recording_id for one in (*clips, *staged))

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

    def _key(self, reading: Reading) -> str:
        """What a recording is called, in English."""
        return place_of(reading, bool(self.stages), self._every)

    def _place(self, reading: Reading) -> str:
        """What a recording is called, with its stage in a study that has stages."""
        return self.translate(self._key(reading))

    def _of_stage(self) -> Iterator[Flowable]:
        """Of which stage the values are."""
        if self.stages and self.around is None:
            what = "Stage {stage}, where no other is named. Views of different stages are not combined."
            yield self._plain(self.fill(what, stage=self.stages[0].name), QUIET)

    def _stage_behind(self, one: Value, of_view: Reading | None) -> str:
        """The stage that a value is of; "" in a study without stages."""
        if not self.stages:
            return ""
        result = result_of(one.row.code)
        sources = (each for part in self.parts for each in study_sources(part.readings, self.study))
        behind = of_view or next((each.reading for each in sources if each.result == result), None)
        if behind is None or behind.kind.stack:
            return ""
        return stage_of(behind) or self.translate("no stage")

    def _stress(self) -> Iterator[Flowable]:
        """The stages side by side: heart rate, EF and volumes of each, over views or of one view."""
        if not self.stages or self.around is not None:
            return
        stress = self.stress
        yield CondPageBreak(80)
        yield self._heading("Rest and peak stress")
        if stress is None:
            said = "Not available: only the stage {stage} is named."
            yield self._plain(self.fill(said, stage=self.stages[0].name), QUIET)
            return
        last = self.fill("Peak less rest")
        titles = ["", *(self._stage_title(one.stage, stress) for one in stress.stages), last]
        rates = [one.heart_rate_per_min for one in stress.stages]
        rows = [titles, [self.translate("Heart rate"), *(f"{rate:.0f}/min" if rate else "–" for rate in rates), ""]]
        place_of_peak = [one.stage for one in stress.stages].index(stress.peak)
        rest, peak = rates[0], rates[place_of_peak]
        rows[-1][-1] = f"{peak - rest:+.0f}/min" if rest and peak else "–"
        changes = {(one.code, one.of): one for one in stress.changes}
        for code in SHOWN:
            every = dict.fromkeys(of for one in stress.stages for its, of in one.rows if its == code)
            compared = [of for its, of in changes if its == code]
            for of in compared or every:
                found = [one.rows.get((code, of)) for one in stress.stages]
                change = changes.get((code, of))
                where = self.translate(of) if of else self.fill("biplane")
                values = [
                    f"{'! ' if row.trust is Trust.CHECK else ''}{format_quantity(row.quantity, code)}"
                    f"{self._clip_named(one.clips.get(of))}"
                    if row is not None and row.quantity
                    else "–"
                    for row, one in zip(found, stress.stages, strict=True)
                ]
                unit = next(row.unit for row in found if row is not None)
                unit = self.fill("points") if BY_CODE[code].in_percent else unit_name(unit)
                marked = "! " if any(one.startswith("!") for one in (values[0], values[place_of_peak])) else ""
                less = f"{marked}{change.shown_difference:+.0f} {unit}" if change else "–"
                rows.append([f"{code}, {where}", *map(self.number, values), self.number(less)])
        share = 0.7 * self.width / (len(titles) - 1)
        cells = [
            [self._plain(text, QUIET if not down else INK, right=at > 0) for at, text in enumerate(row)]
            for down, row in enumerate(rows)
        ]
        style = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(_RULE)),
        ]
        yield self._table(cells, [0.3 * self.width, *[share] * (len(titles) - 1)], style, padding=2.0, repeat=1)
        notes = [self.translate("–: not measured at this stage, or withheld. !: marked by a check.")]
        if not any(code == LEADING for code, _ in changes):
            notes.append(self.translate("EF at rest and at peak is not available in one view."))
        yield self._plain(" ".join(notes), QUIET, size=_SMALL)
        for line in self._said_of_stages(stress):
            yield self._plain(line, _CHECK, size=_SMALL)

    def _said_of_stages(self, stress: StressStudy) -> Iterator[str]:
        """Why values of the stages are marked; those of the first are among the open checks of the study."""
        for one in stress.stages[1:]:
            if any(row.trust is Trust.CHECK for (code, _), row in one.rows.items() if code in SHOWN):
                for of, messages in one.marked.items():
                    place = self._place(one.clips[of]) if of in one.clips else one.stage.name
                    yield from (typeset(f"! {place}: {self.translate(message)}") for message in messages)

    def _clip_named(self, reading: Reading | None) -> str:
        """What tells a recording from others of its view at its stage, after its value."""
        clip = clip_of(reading, self._every) if reading is not None else ""
        return f", {self.translate(clip)}" if clip else ""

    def _stage_title(self, stage: Stage, stress: StressStudy) -> str:
        if stage == stress.stages[0].stage:
            return self.fill("{stage} (rest)", stage=stage.name)
        return self.fill("{stage} (peak)", stage=stage.name) if stage == stress.peak else stage.name

    def _charts(self) -> Iterator[Flowable]:
        printed, views = self.study.report.printed, self._views()
        # Stages are never drawn into one chart; None is all recordings of a study without stages.
        shown = dict.fromkeys(one.reading.facts.stage for one in views)
        found = {*shown, *self.stages[:1]} or {None}
        ordered = [one for one in (*self.stages, None) if one in found]
        for part, stage in ((part, stage) for part in self.parts for stage in ordered):
            of_part = [one for one in self._readings if one.kind.modality == part.modality]
            readings = part.readings
            if self.stages:
                of_stage = part.readings if stage == self.stages[0] else of_part
                readings = tuple(one for one in of_stage if one.facts.stage == stage and self._counts(one))
            charts = [*(self._curves(part, stage) if printed.curves else ())]
            strain = study_strain_as_assessed(readings)
            values = strain.end_systolic_percent
            if printed.bulls_eye and np.isfinite(values).any():
                title = self.translate("Strain at end-systole, %")
                charts.append(
                    partial(draw_keyed_eye, title=title, values=values, unit="strain %", hatched=strain.withheld)
                )
            if not charts:
                continue
            name = self.translate(_CURVES[part.modality] if len(self.parts) > 1 else "Curves")
            if self.stages:
                name += f", {stage.name if stage else self.translate('no stage')}"
            row = partial(_side_by_side, charts=charts)
            below = []
            if np.isfinite(values).any() and printed.bulls_eye:
                said = ". ".join((self.translate(_SEGMENTS), *self._followed(strain)))
                below = [self._plain(said, QUIET, size=_SMALL)]
            yield _Panel([self._heading(name)], row, 138.0, 168.0, below)

    def _followed(self, strain: StudyStrain) -> Iterator[str]:
        """What hatching means, where a segment is hatched, and how well the segments with a value were followed."""
        if strain.withheld:
            yield self.fill(_HATCHED, least=self.number(f"{TRACKING_QUALITY.withheld:.2f}"))
        known = np.where(np.isfinite(strain.end_systolic_percent), strain.quality, np.nan)
        if np.isfinite(known).any():
            at = int(np.nanargmin(known))
            least, of = self.number(f"{known[at]:.2f}"), self.number(f"{np.nanmax(known):.2f}")
            level, wall = divmod(at, 6)
            name = self.translate(f"{LEVELS[level]} {WALLS[wall]}".lower())
            yield self.fill(_QUALITY, least=least, most=of, segment=name)

    def _wall_motion(self) -> Iterator[Flowable]:
        """A reader's scores on a bull's-eye for each stage, and what is not normal in words."""
        for part in self.parts:
            if not part.wall_motion:
                continue
            title = self.translate("Wall motion")
            eyes = tuple(
                (f"{title}, {stage}" if stage else title, np.array(one.scores, float), "score")
                for stage, one in part.wall_motion.items()
            )
            lines = [self._plain(self._scored(stage, one)) for stage, one in part.wall_motion.items()]
            key = "; ".join(f"{score} {self.translate(name)}" for score, name in SCORES.items())
            said = self.fill("{key}. The index is the mean over the segments scored.", key=key)
            below = [*lines, self._plain(said, QUIET, size=_SMALL)]
            yield _Panel([self._heading("Wall motion")], partial(draw_bulls_eyes, eyes=eyes), 90.0, 130.0, below)

    def _scored(self, stage: str, one: WallMotion) -> str:
        """Index and reader of a stage, and its segments that are not normal."""
        aside = [
            f"{self.translate(name)} {self.translate(SCORES[score])}"
            + (f" ({self.translate('aneurysm')})" if number in one.aneurysms else "")
            for number, (name, score) in enumerate(zip(AHA_NAMES, one.scores, strict=False), 1)
            if score is not None and score > 1
        ]
        by = self.fill("scored by {who}", who=one.by)
        said = f"{stage + ': ' if stage else ''}{self.number(self.translate(one.words))}, {by}"
        return f"{said}: {'; '.join(aside)}" if aside else said

    def _curves(self, part: Part, stage: Stage | None) -> Iterator[partial[None]]:
        """Volume of each view or ventricle at a stage, the cavity's area of short axes, and strain of each view."""
        volume, strain, areas = [], [], []
        units = set()
        views = [
            one
            for one in self._views()
            if one.reading.kind.modality == part.modality and one.reading.facts.stage == stage
        ]
        stacks = [one for one in self.members if one.reading.kind.stack and one.reading in part.readings]
        for at, one in enumerate((*stacks, *views)):
            found, dash = curves(one.reading), DASHES[at % len(DASHES)]
            name, events = self._place(one.reading), _seconds(one.reading, found.time_s)
            if one.reading.kind.volumes == "area":
                if np.isfinite(found.lv_volume).any():
                    areas.append((found.volume_unit, Series(name, found.time_s, found.lv_volume, LV, dash, events)))
            elif np.isfinite(found.lv_volume).any():
                units.add(found.volume_unit)
                if one.reading.kind.stack:
                    volume.append(Series("LV", found.time_s, found.lv_volume, LV, (), events))
                    if found.rv_volume is not None and np.isfinite(found.rv_volume).any():
                        volume.append(Series("RV", found.time_s, found.rv_volume, RV, (), events))
                elif not stacks:
                    volume.append(Series(name, found.time_s, found.lv_volume, LV, dash, events))
            wall = wall_strain(one.reading)
            wall = wall and strain_as_assessed(one.reading, wall)
            if wall and wall.why is None and wall.view and np.isfinite(wall.global_percent).any():
                strain.append(Series(name, wall.time_s, wall.global_percent, WALL, dash, events))
        if volume and len(units) == 1:
            what = self.translate("Volume" if stacks else "LV volume, single plane")
            unit = units.pop()
            of = self.translate("% of the largest") if "%" in unit else unit
            yield partial(draw_series, title=f"{what}, {of}", series=tuple(volume))
        for unit in dict.fromkeys(unit for unit, _ in areas):
            title = f"{self.translate('LV cavity area')}, {unit_name(unit)}"
            yield partial(draw_series, title=title, series=tuple(one for its, one in areas if its == unit))
        if strain:
            title = self.translate("Longitudinal strain, %")
            yield partial(draw_series, title=title, series=tuple(strain), strain=True)

    def _open(self) -> Iterator[_Open]:
        """Open checks that mark or withhold values, each once with its places, numbered as on the page."""
        number = 0
        for part in self.parts:
            several = len(part.readings) > 1
            seen: dict[str, tuple[Finding, list[str]]] = {}
            for found, place in (*zip(part.found, map(self._key, part.readings), strict=True), (part.study, "")):
                for one in found.open:
                    if one.marks:
                        _, places = seen.setdefault(one.message, (one, []))
                        places += [place] if several and place and place not in places else []
            for finding, places in seen.values():
                number += 1
                yield _Open(number, finding, part, tuple(places))

    def _open_checks(self) -> Iterator[Flowable]:
        if not self.open:
            return
        shown = self.open[:10]
        parts = []
        for one in shown:
            does = "withheld" if one.finding.severity is Severity.STOP else "concerns"
            codes = [each.row.code for each in one.part.values.values() if one.concerns(each)]
            listed = ", ".join(codes[:5]) + (self.translate(" and others") if len(codes) > 5 else "")
            text = self.writer.type.markup(self._found(one.finding, *one.places), 300)
            tail = self.writer.type.markup(f"({self.translate(does)} {listed})") if listed else ""
            parts.append(f"<b>{one.number}</b>&nbsp; {text} {tail}")
        if len(self.open) > len(shown):
            more = str(len(self.open) - len(shown))
            parts.append(self.fill("... and {number} more on the methods page.", number=more))
        head = self.fill("! Open checks: {number}", number=str(len(self.open)))
        title = self.writer.styled(f'<font color="{_CHECK}"><b>{head}</b></font>', _BODY)
        lines: list[list[Flowable]] = [[title], *([self.writer.styled(one, _BODY - 0.4)] for one in parts)]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(_CHECK_GROUND)),
            ("BOX", (0, 0), (-1, -1), 0.6, HexColor("#d9a441")),
        ]
        yield Spacer(0, 6)
        yield self._table(lines, [self.width], style, padding=1.6, left=7)

    def _found(self, finding: Finding, *places: str) -> str:
        """The sentence of a check, after where it was found."""
        where = f"{', '.join(map(self.translate, places))}: " if places else ""
        return typeset(f"{where}{self.translate(finding.message)}")

    def _signature(self) -> Flowable:
        """Who signed and when, with addenda; or lines to sign on."""
        study, third = self.study, self.width / 3
        quiet = _SMALL + 0.4
        last = study.signature
        if last is None:
            cells = [self._plain(self.translate("Not signed: draft"), QUIET), "Signature", "", "Name, date"]
            cells = [
                one if isinstance(one, Paragraph) else self._plain(self.translate(one), QUIET, size=quiet)
                for one in cells
            ]
            return KeepTogether([Spacer(0, 26), self._signed_row(cells, third)])
        changed = sign_status(self._readings, study).state is SignState.CHANGED
        counted = {0: "Signed with no open check", 1: "Signed with 1 open check"}
        checks = self.fill(counted.get(len(self.open), "Signed with {number} open checks"), number=str(len(self.open)))
        signed = self.fill("Signed electronically: {who} · {at}", who=last.by, at=self._moment(last.at))
        since = self.translate("! Changed since it was signed" if changed else "Not changed since")
        cells = [
            self._plain(checks, bold=True),
            self._plain(signed, QUIET, size=quiet),
            "",
            self._plain(since, _CHECK if changed else QUIET, size=quiet),
        ]
        addendum = "Addendum, {who}, {at}: {reason}"
        lines = [
            self._plain(self.fill(addendum, who=one.by, at=self._moment(one.at), reason=one.reason), size=_BODY)
            if isinstance(one, Addendum)
            else self._plain(self.fill("Signed: {who}, {at}", who=one.by, at=self._moment(one.at)), QUIET, size=quiet)
            for one in study.signed
            if len(study.signed) > 1
        ]
        return KeepTogether([Spacer(0, 22), self._signed_row(cells, third), Spacer(0, 3), *lines])

    def _moment(self, at: str) -> str:
        """An instant in UTC (ISO 8601) to the minute."""
        return f"{self._day(at[:10])} {at[11:16]} UTC"

    def _signed_row(self, cells: Sequence[Flowable | str], third: float) -> Table:
        style = [("LINEABOVE", (at, 0), (at, 0), 0.6, HexColor(INK)) for at in (1, 3)]
        return self._table([cells], [third * 0.8, third * 1.1, 14, third * 1.1 - 14], style, padding=3)

    # The methods page

    def _methods(self) -> Iterator[Flowable]:
        yield CondPageBreak(_METHODS)
        yield self._heading("Methods")
        yield self._recordings()
        yield Spacer(0, 4)
        yield self._table(
            [
                [self._plain(self.translate(name), QUIET), self._plain(text)]
                for name, text in self._method_lines()
                if text
            ],
            [92, self.width - 92],
            [],
            padding=1.4,
        )
        found = [*self._checks()]
        if found:
            yield CondPageBreak(40)
            yield self._heading("Checks")
            yield self._table([[one] for one in found], [self.width], [], padding=1.2)
        yield CondPageBreak(30)
        yield self._heading("Identifiers")
        ids = [self.fill("Study {id}", id=self.study.study_id)]
        for one in self.members:
            source = one.recording.source
            named = (Path(source.path).name, source.equipment, source.recording_id)
            ids.append(f"{self._place(one.reading)}: {', '.join(filter(None, named))}")
        ids += [
            self.fill("Model weights: {line}", line=line)
            for line in dict.fromkeys(words.models_line(one) for one in self._readings)
            if line
        ]
        for line in ids:
            yield self._plain(line, QUIET, size=5.8)

    def _recordings(self) -> Flowable:
        titles = ("View", "Frames", "ED, ES", "Scale and its origin", "Contours", "Readers")
        shares = (0.135, 0.165, 0.11, 0.19, 0.25, 0.15)
        rows: list[list[Flowable | str]] = [[self._plain(self.translate(one), QUIET, size=_SMALL) for one in titles]]
        for one in sorted(self.members, key=lambda one: rank(one.reading)):
            reading, cine = one.reading, one.cine
            duration = float(cine.times_s[-1])
            rate = f", {(len(cine) - 1) / duration:.0f}/s" if duration > 0 else ""
            what = "{n} phases" if reading.kind.stack else "{n} frames" if len(cine) > 1 else "{n} frame"
            frames = self.fill(what, n=str(len(cine)))
            if isinstance(one.recording, Stack):
                frames = f"{self.fill('{n} slices', n=str(len(one.recording.slices)))}, {frames}"
            origin = "times ASSUMED" if cine.times_origin == "assumed" else "times from {origin}"
            times = self.fill(origin, origin=cine.times_origin)
            beats = reading.events.beats if reading.events else ()
            marks = "; ".join(f"{beat.ed + 1}, {beat.es + 1}" for beat in beats[:4]) or self.translate("not marked")
            if reading.valve_closures:
                marks += f"; AVC {words.frame_list(reading.valve_closures)}"
            if reading.valve_openings:
                marks += f"; MVO {words.frame_list(reading.valve_openings)}"
            by_reader = reading.events is not None and reading.events.origin.value != "model"
            who = f" ({self.translate('reader' if by_reader else 'auto')})" if beats else ""
            contours = "; ".join(
                f"{self.translate(words.NAMES[structure])} {self.translate(words.contour_line(reading, structure))}"
                for structure in reading.tracks
            )
            if reading.kind.stack:
                contours = self._stack_contours(reading)
            view = reading.view
            sure = f" ({100 * view.confidence:.0f} %)" if view and view.confidence is not None else ""
            texts = (
                f"{self._place(reading)}{sure}",
                f"{frames}{rate}; {times}",
                f"{marks}{who}",
                self.number(self.translate(words.calibration_line(reading))),
                contours or self.translate("none"),
                words.readers_line(reading) or self.translate("none"),
            )
            rows.append([self._plain(text, size=_SMALL, bold=not at) for at, text in enumerate(texts)])
        style = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(_RULE)),
        ]
        return self._table(rows, [share * self.width for share in shares], style, padding=1.6, repeat=1)

    def _stack_contours(self, reading: Reading) -> str:
        """How many contours the slices have, and of which structures."""
        counts = {
            structure: sum(
                contour is not None
                for one in reading.slices
                if structure in one.tracks
                for contour in one.tracks[structure].contours
            )
            for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
        }
        return "; ".join(f"{self.translate(words.NAMES[one])} {count}" for one, count in counts.items() if count)

    def _method_lines(self) -> Iterator[tuple[str, str]]:
        models = dict.fromkeys(
            part.partition(" (")[0] for one in self._readings for part in words.models_line(one).split("; ") if part
        )
        yield "Models", ", ".join(models) or self.translate("none: contours were drawn by readers")
        conventions = [
            "volumes of loops by the method of disks (20 disks, ASE/EACVI 2015)" if self._has(ECHO) else "",
            *dict.fromkeys(
                f"volumes of stacks by summation of slices, {convention(one)}"
                for one in self._readings
                if one.kind.stack
            ),
            "longitudinal strain negative where the wall shortens, 18 segments" if self._has(ECHO) else "",
            "with several beats the mean; images show the first",
            "frames, phases and slices are counted from 1",
            "values are rounded for print only, so that a printed EDV \N{MINUS SIGN} ESV may differ from SV by 1 ml",
        ]
        yield "Conventions", "; ".join(map(self.translate, filter(None, conventions))) + "."
        norms = [one.norm for part in self.parts for one in part.values.values() if one.norm]
        yield (
            "Ranges",
            "; ".join(dict.fromkeys(f"{one.set_name}: {one.citation}" for one in norms)) + ("." if norms else ""),
        )
        limits: dict[str, list[str]] = {}
        for part in self.parts:
            for one in part.values.values():
                for said in filter(None, (one.norm.caveat if one.norm else "").split("; ")):
                    limits.setdefault(said, []).append(one.row.code)
        yield (
            "Limits of ranges",
            "; ".join(f"{', '.join(dict.fromkeys(codes))}: {self.translate(what)}" for what, codes in limits.items()),
        )
        by_whom = "{what} by {who}"
        entered = [
            self.fill(by_whom, what=self.translate(_ENTERED.get(name, name)), who=by)
            for name, by in self.study.entered_by.items()
        ]
        said = self.fill("entered in place of the file's: {what}.", what=", ".join(entered))
        yield "Patient data", said if entered else ""
        texts = [self.fill(by_whom, what=one.title, who=one.by) for one in self.sections if one.by]
        own = self.fill("written by a reader: {what}; other sentences are automatic.", what=", ".join(texts))
        yield "Text", own if texts else self.translate("All sentences are automatic.")
        if self.prior:
            about: dict[str, list[str]] = {}
            for change in self.prior.changes:
                if change.remark:
                    about.setdefault(change.remark, []).append(change.code)
            remarks = [f"{', '.join(dict.fromkeys(codes))}: {self.translate(what)}." for what, codes in about.items()]
            day = self._day(self.prior.then.study_date)
            said = self.fill("{day}; ! marks a value with a check there.", day=day)
            yield "Prior study", " ".join((said, *map(self.translate, self.prior.warnings), *remarks))
        yield from self._sources()
        decided: dict[tuple[str, str], list[str]] = {}
        for place, decisions in (
            *((self._place(reading), reading.decisions) for reading in self._readings),
            (self.translate("over views"), self.study.decisions),
        ):
            for code, decision in decisions.items():
                by = self.fill(by_whom, what=self.translate(_decision(decision)), who=decision.by)
                decided.setdefault((place, by), []).append(code)
        # An index that was decided on as its value was is not named again.
        named = {
            where: [code for code in codes if code not in set(map(index_code, codes))]
            for where, codes in decided.items()
        }
        yield "Decisions", "; ".join(f"{', '.join(codes)} {by} ({place})" for (place, by), codes in named.items())
        comments = [f"{code}: {text}" if code else text for code, text in self.study.comments.items()]
        yield "Comments", "; ".join(comments)
        free = [
            self._free_calliper(reading, one)
            for reading in self._readings
            for name, one in reading.callipers.items()
            if name not in NAMED and one.shape != "line"
        ]
        yield "Callipers", "; ".join(free)
        yield (
            "Notes",
            " ".join(f"{self._place(one)}: {one.notes.strip()}" for one in self._readings if one.notes.strip()),
        )
        yield "Letters", self.translate(self.writer.type.note() or "")

    def _sources(self) -> Iterator[tuple[str, str]]:
        """The recordings and beats behind results over views, and who chose them."""
        if len(self.members) < 2:
            return
        found = [one for part in self.parts for one in study_sources(part.readings, self.study)]
        for result in RESULTS:
            used = [self.number(self._source(one)) for one in found if one.result == result]
            yield self.fill("{codes} from", codes=", ".join(codes_of_result(result))), "; ".join(used)

    def _source(self, one: SourceOf) -> str:
        """A recording behind a result over views: view, file and beats, and who chose it."""
        every = len(one.reading.events.beats) if one.reading.events else 0
        files = {each.reading.facts.recording_id: Path(each.recording.source.path).name for each in self.members}
        said = [self._place(one.reading) if self.stages else one.view, files.get(one.reading.facts.recording_id, "")]
        if every > 1:
            beats = ", ".join(str(number + 1) for number in one.beats)
            said.append(self.fill("beats {beats} of {count}", beats=beats, count=str(every)))
        if one.chosen_by:
            said.append(self.fill("chosen by {who}", who=one.chosen_by))
        return ", ".join(filter(None, said))

    def _has(self, modality: str) -> bool:
        return any(one.modality == modality for one in self.parts)

    def _checks(self) -> Iterator[Paragraph]:
        """Every open check, then those a reader acknowledged, then notes, each once."""
        for one in self.open:
            text = self._found(one.finding, *one.places)
            said = self.fill("{number}  Open. {finding}", number=str(one.number), finding=text)
            yield self._plain(said, _CHECK, size=_SMALL + 0.2)
        seen = set()
        for state in (State.ACKNOWLEDGED, State.OPEN):
            for part in self.parts:
                for reading, found in zip(part.readings, part.found, strict=True):
                    for finding in found.findings:
                        noted = state is State.OPEN and not finding.marks
                        if finding.state is not state or (state is State.OPEN and not noted):
                            continue
                        text = self._found(finding, self._key(reading))
                        if state is State.ACKNOWLEDGED:
                            here = reading.acknowledged.get(finding.key)
                            day = self._day(here.at[:10]) if here else ""
                            who = ", ".join(filter(None, (finding.acknowledged_by, day)))
                            said = " Acknowledged by {who}: {reason}"
                            text += self.fill(said, who=who, reason=finding.why)
                        if text not in seen:
                            seen.add(text)
                            yield self._plain(text, QUIET if noted else INK, size=_SMALL + 0.2)

    # Pages of a recording in detail

    def _details(self, around: _Around) -> Iterator[Flowable]:
        (member,) = self.members
        for page in detail_pages(member.cine, member.reading, around.others, around.concluded, self.language):
            yield PageBreak()
            yield self._heading(page.title, first=True)
            room = self.page_height - 2 * _MARGIN - 34 - _FOOT - 2 * _HEAD
            yield from fitted(page.blocks, self.writer, room - (_SMALL + 8 if page.footnote else 0))
            if page.footnote:
                yield Spacer(0, 4)
                yield self._plain(self.translate(page.footnote), QUIET, size=_SMALL)

    # Pieces

    def _patient_short(self) -> str:
        if self.patient is None:
            return ""
        name = words.person_name(self.patient.name)
        return " · ".join(filter(None, (name, self.patient.patient_id, self._day(self.study.study_date))))

    def _heading(self, text: str, *, first: bool = False) -> Flowable:
        one = self._plain(self.translate(text), self.template.colour, bold=True, size=_HEAD)
        style = [("TOPPADDING", (0, 0), (-1, -1), 0 if first else 7), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
        return Table([[one]], colWidths=[self.width], style=[*style, ("LEFTPADDING", (0, 0), (-1, -1), 0)])

    def _plain(
        self, text: str, colour: str = INK, *, bold: bool = False, size: float = _BODY, right: bool = False
    ) -> Paragraph:
        markup = self.writer.type.markup(text, _LONGEST)
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
    ) -> Table:
        every = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            ("LEFTPADDING", (0, 0), (-1, -1), left),
            ("RIGHTPADDING", (0, 0), (-1, -1), left or 8),
        ]
        return Table([list(row) for row in rows], colWidths=list(widths), style=[*every, *style], repeatRows=repeat)


class _Panel(Flowable):  # type: ignore[misc]
    """A drawing with what stands above and below it on one page, as high as the page leaves room for."""

    def __init__(
        self,
        above: Sequence[Flowable],
        paint: Callable[[Canvas, Box], None],
        least: float,
        most: float,
        below: Sequence[Flowable],
        spare: float = 0.0,
    ) -> None:
        """`least` and `most` are heights in points; `spare` points are left on the page where that is possible."""
        super().__init__()
        self._above, self._below, self._spare = above, below, spare
        self._picture, self._least, self._most = Painted(paint, least), least, most

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        around = sum(float(one.wrap(width, height)[1]) for one in (*self._above, *self._below))
        room = height - around - 1
        if room - self._spare >= self._least:
            room -= self._spare
        self._picture.height = min(max(room, self._least), self._most)
        self.width, self.height = width, around + self._picture.height
        return width, self.height

    def draw(self) -> None:
        y = self.height
        for one in (*self._above, self._picture, *self._below):
            _, high = one.wrap(self.width, y)
            y -= high
            one.drawOn(self.canv, 0, y)


def _rows(stills: Sequence[Still], columns: int) -> Iterator[list[Still]]:
    """Stills of ED and ES in turn, as rows of ED above rows of ES of the same views."""
    for at in range(0, len(stills), 2 * columns):
        here = stills[at : at + 2 * columns]
        yield list(here[0::2])
        yield list(here[1::2])


def _seconds(reading: Reading, time_s: np.ndarray) -> tuple[tuple[str, float], ...]:
    """When ED, ES, AVC and MVO are."""
    beats = reading.events.beats if reading.events else ()
    marks = [(name, frame) for beat in beats for name, frame in (("ED", beat.ed), ("ES", beat.es))]
    marks += [("AVC", frame) for frame in reading.valve_closures]
    marks += [("MVO", frame) for frame in reading.valve_openings]
    return tuple((name, float(time_s[frame])) for name, frame in marks if frame < len(time_s))


def _decision(one: Decision) -> str:
    """What a reader decided on a value, in a word."""
    if not one.accepted:
        return "rejected"
    return "accepted" if one.value is None else "entered"


def _side_by_side(canvas: Canvas, box: Box, charts: Sequence[partial[None]]) -> None:
    each = (box.width - 12 * 2) / max(len(charts), 3) if len(charts) != 2 else (box.width - 12) / 2
    for place, one in enumerate(charts):
        one(canvas, Box(box.x + place * (each + 12), box.y, each, box.height))
