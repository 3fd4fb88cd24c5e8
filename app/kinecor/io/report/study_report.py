"""The PDF report of a study: letterhead, patient, impression, findings, measurements, images, curves, open checks.

What is said is put together here and in `core.report`; nothing is measured here. The methods page names models,
calibration, frames, conventions and who edited what. The report of one recording is that of a study with this
recording alone, and pages with its details. Nothing here needs a screen.
"""

import datetime
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

from reportlab.lib.pagesizes import A4, letter
from reportlab.platypus import Flowable, Frame, NextPageTemplate, PageBreak, PageTemplate, Spacer

from kinecor.core.report.language import Language
from kinecor.core.report.language import language as by_code
from kinecor.core.report.sentences import CMR, ECHO, Part, parts_of
from kinecor.core.study.prior import Comparison
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import ReportText, Sources, StudyReading, first_study_reading
from kinecor.io.report import words
from kinecor.io.report.blocks import QUIET, PageTotal, fit_blocks
from kinecor.io.report.details import detail_pages
from kinecor.io.report.pages.charts import chart_blocks, wall_motion_blocks
from kinecor.io.report.pages.draft import (
    FOOT,
    HEAD,
    MARGIN,
    SMALL,
    UNSIGNED_MARK,
    ReportDraft,
    SurroundingStudy,
)
from kinecor.io.report.pages.draft import Member as Member
from kinecor.io.report.pages.every_page import draw_letterhead, draw_running_head
from kinecor.io.report.pages.findings import findings_blocks, open_check_blocks
from kinecor.io.report.pages.first_page import conclusion_blocks, head_value_blocks, identity_table
from kinecor.io.report.pages.images import image_blocks
from kinecor.io.report.pages.measurements import measurement_blocks
from kinecor.io.report.pages.methods import methods_blocks
from kinecor.io.report.pages.stages import stress_blocks
from kinecor.io.report.pdf import PLAIN, Identity, archival, report_document
from kinecor.io.report.tags import Element, TaggedCanvas
from kinecor.io.report.templates import Study, template_for

PAPER: Final = {"A4": A4, "Letter": letter}


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
    draft = ReportDraft(
        tuple(members), study, parts, template, software_version, today, paper, prior, chosen, signing=signing
    )
    return _pdf(draft)


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
    around = SurroundingStudy(tuple(others), concluded)
    return _pdf(ReportDraft((member,), own, parts, template, software_version, today, paper, None, chosen, around))


def report_language(study: StudyReading, parts: Sequence[Part], chosen: str = "", otherwise: str = "") -> Language:
    """The language of a study's report: as chosen here, else by its reader, else in its template, else the other one.

    Args:
        study: what was concluded about it.
        parts: of the study, by modality.
        chosen: its code; "" for none.
        otherwise: its code, where nothing else says; "" for English.

    Raises:
        KinecorError: the template cannot be used.
        ValueError: there is no such language.

    """
    own = chosen or study.report.language
    return by_code(own or template_for(study_kind(parts), study.report.printed.template).language or otherwise)


def study_kind(parts: Sequence[Part]) -> Study:
    """Which kind of report a study needs.

    Args:
        parts: of the study, by modality.

    """
    modalities = {part.modality for part in parts}
    return "combined" if modalities >= {ECHO, CMR} else "cmr" if CMR in modalities else "echo"


def _pdf(draft: ReportDraft) -> bytes:
    """The pages as a file; set a second time where letters had to be replaced, which the methods page says."""
    story = [*_story(draft)]
    if draft.writer.type.changed:
        story = [*_story(draft)]
    content = BytesIO()
    document = report_document(
        content,
        size=(draft.page_width, draft.page_height),
        title=draft.title,
        version=draft.version,
        language=draft.language.code,
    )
    top = draft.page_height - MARGIN
    beyond = UNSIGNED_MARK if draft.beyond else 0.0
    first = Frame(MARGIN, MARGIN + FOOT, draft.width, top - 78 - beyond - MARGIN - FOOT, 0, 0, 0, 0)
    later = Frame(MARGIN, MARGIN + FOOT, draft.width, top - 34 - beyond - MARGIN - FOOT, 0, 0, 0, 0)
    document.addPageTemplates(
        [
            PageTemplate("first", [first], onPage=partial(draw_letterhead, draft)),
            PageTemplate("later", [later], onPage=partial(draw_running_head, draft)),
        ]
    )
    root = Element("Document")
    pages = [NextPageTemplate("later"), *story, PageTotal(PLAIN, SMALL, QUIET)]
    document.build(pages, canvasmaker=partial(TaggedCanvas, root=root))
    return archival(content.getvalue(), root, made_on=draft.today, identity=_identity_of_file(draft))


def _identity_of_file(draft: ReportDraft) -> Identity:
    """What programs need to find the study, the recordings and the models again."""
    recordings = []
    for member in draft.members:
        source = member.recording.source
        named = ", ".join(filter(None, (Path(source.path).name, source.equipment, source.recording_id)))
        recordings.append(f"{draft.place(member.reading)}: {named}")
    models: dict[str, str] = {}
    for reading in draft.readings:
        models |= {name: digest or models.get(name, "") for name, digest in words.models(reading).items()}
    weights = tuple(f"{name} (weights sha256 {digest})" if digest else name for name, digest in models.items())
    return Identity(draft.study.study_id, tuple(recordings), weights)


def _story(draft: ReportDraft) -> Iterator[Flowable]:
    written = draft.around is None or not draft.around.others
    yield identity_table(draft)
    yield Spacer(0, 6)
    yield from head_value_blocks(draft)
    if written:
        yield from conclusion_blocks(draft)
    yield from findings_blocks(draft)
    yield from measurement_blocks(draft)
    yield from stress_blocks(draft)
    yield from open_check_blocks(draft)
    yield from image_blocks(draft)
    yield from chart_blocks(draft)
    yield from wall_motion_blocks(draft)
    yield from methods_blocks(draft)
    if draft.around is not None:
        yield from _detail_blocks(draft, draft.around)


def _detail_blocks(draft: ReportDraft, around: SurroundingStudy) -> Iterator[Flowable]:
    (member,) = draft.members
    for page in detail_pages(member.cine, member.reading, around.others, around.concluded, draft.language):
        yield PageBreak()
        yield draft.heading(page.title, first=True)
        room = draft.page_height - 2 * MARGIN - 34 - FOOT - 2 * HEAD
        yield from fit_blocks(page.blocks, draft.writer, room - (SMALL + 8 if page.footnote else 0))
        if page.footnote:
            yield Spacer(0, 4)
            yield draft.plain(page.footnote, QUIET, size=SMALL)
