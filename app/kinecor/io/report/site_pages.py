"""Agreement of automatic with signed values as a PDF: for each value a Bland-Altman plot and its groups."""

import datetime
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Spacer

import kinecor
from kinecor.core.report.agreement import NOTE, TITLES, axis_titles, cells, counts, decimals, heading, set_aside_words
from kinecor.core.report.language import ENGLISH, Language
from kinecor.core.strain.drawing import ticks
from kinecor.core.study.site_agreement import Comparison, SiteAgreement
from kinecor.core.table.measures import format_signed, typeset
from kinecor.core.values.message import Message, message, number
from kinecor.io.files.atomic import whole
from kinecor.io.report.blocks import GAP, INK, QUIET, Box, Painted, Rows, Writer
from kinecor.io.report.pdf import PLAIN, Identity, archival, report_document
from kinecor.io.report.tags import Element, TaggedCanvas
from kinecor.session.signed_studies import SiteStudies, Unused

_MARGIN, _FOOT, _HEAD = 40.0, 20.0, 15.0
_PLOT_HEIGHT = 150.0
_DOT, _LIMIT, _GRID, _BAND = "#0072b2", "#8a4b00", "#e2e5e9", "#f1ece4"
_SHARES = (0.15, 0.08, 0.08, 0.16, 0.17, 0.17, 0.19)
_TITLE: Final = message("Agreement of automatic with signed values")


def write_site_pdf(path: Path, agreement: SiteAgreement, read: SiteStudies, language: Language = ENGLISH) -> None:
    """Write the pages.

    Args:
        path: of the file.
        agreement: with its comparisons.
        read: the studies that it is of.
        language: of the pages.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with whole(path) as temporary:
        temporary.write_bytes(site_pdf(agreement, read, language))


def site_pdf(
    agreement: SiteAgreement, read: SiteStudies, language: Language = ENGLISH, today: datetime.date | None = None
) -> bytes:
    """The pages as PDF/A.

    Args:
        agreement: what is shown.
        read: the files that it is from.
        language: of the pages.
        today: the date that is printed; None for today.

    """
    content, width = BytesIO(), A4[0] - 2 * _MARGIN
    title = language.render(_TITLE)
    document = report_document(content, size=A4, title=title, version=kinecor.__version__, language=language.code)
    frame = Frame(_MARGIN, _MARGIN + _FOOT, width, A4[1] - 2 * _MARGIN - _FOOT, 0, 0, 0, 0)
    day = today or datetime.datetime.now().astimezone().date()
    text = f"Kinecor {kinecor.__version__}, {day.isoformat()}"

    def foot(canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(PLAIN, 6.7)
        canvas.setFillColor(HexColor(QUIET))
        canvas.drawString(_MARGIN, _MARGIN, f"{language.render(kinecor.RESEARCH_USE)}. {text}")
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN, str(canvas.getPageNumber()))
        canvas.restoreState()

    document.addPageTemplates([PageTemplate("page", [frame], onPage=foot)])
    root = Element("Document")
    document.build(list(_story(agreement, read, Writer(width, language))), canvasmaker=partial(TaggedCanvas, root=root))
    return archival(content.getvalue(), root, made_on=day, identity=Identity(""))


def _story(agreement: SiteAgreement, read: SiteStudies, writer: Writer) -> Iterator[Flowable]:
    writer.size = 7.5
    yield writer.styled(f"<b>{writer.type.markup(writer.language.render(_TITLE))}</b>", _HEAD)
    yield Spacer(0, GAP)
    not_used = set_aside_words(*(read.count(why) for why in Unused))
    for text in (counts(agreement), not_used, NOTE):
        if text:
            yield writer.plain(text, limit=600)
            yield Spacer(0, GAP / 2)
    for code in agreement.codes:
        rows = agreement.of_value(code)
        plot = Painted(partial(draw_agreement, found=rows[0], render=writer.language.render), _PLOT_HEIGHT)
        table = Rows(TITLES, _SHARES, tuple(map(cells, rows))).flowable(writer)
        yield KeepTogether([Spacer(0, GAP), writer.plain(heading(rows[0]), bold=True), plot, Spacer(0, 3), table])


def draw_agreement(canvas: Canvas, box: Box, *, found: Comparison, render: Callable[[Message], str]) -> None:
    """Draw a Bland-Altman plot: differences over means, bias and limits of agreement with their confidence bands.

    Args:
        canvas: of the page.
        box: to draw in.
        found: of all patients.
        render: a message in the language of the page.

    """
    spread = found.differences
    mean, apart = (found.automatic + found.signed) / 2, spread.values
    of_bias, of_limit = spread.half_widths
    low, high = spread.limits
    lines = ((spread.bias, of_bias, INK, ()), (low, of_limit, _LIMIT, (4, 2)), (high, of_limit, _LIMIT, (4, 2)))
    across = _range(mean, 0.05)
    upward = _range(np.concatenate((apart, [low - of_limit, high + of_limit, 0.0])), 0.05)
    plot = Box(box.x + 40, box.y + 26, box.width - 90, box.height - 32)

    def x(value: float) -> float:
        return plot.x + plot.width * (value - across[0]) / (across[1] - across[0])

    def y(value: float) -> float:
        return plot.y + plot.height * (value - upward[0]) / (upward[1] - upward[0])

    canvas.saveState()
    for value, half, _, _ in lines:
        canvas.setFillColor(HexColor(_BAND))
        canvas.rect(plot.x, y(value - half), plot.width, y(value + half) - y(value - half), stroke=0, fill=1)
    canvas.setFont(PLAIN, 6.4)
    canvas.setLineWidth(0.4)
    for value in ticks(*upward, 5):
        canvas.setStrokeColor(HexColor(_GRID if value else QUIET))
        canvas.line(plot.x, y(value), plot.x + plot.width, y(value))
        canvas.setFillColor(HexColor(QUIET))
        canvas.drawRightString(plot.x - 3, y(value) - 2.2, typeset(render(number(value, "g"))))
    for value in ticks(*across, 7):
        canvas.setStrokeColor(HexColor(QUIET))
        canvas.line(x(value), plot.y, x(value), plot.y - 2)
        canvas.drawCentredString(x(value), plot.y - 9, typeset(render(number(value, "g"))))
    for value, _, colour, dash in lines:
        canvas.setStrokeColor(HexColor(colour))
        canvas.setLineWidth(0.7)
        canvas.setDash(*([list(dash)] if dash else []))
        canvas.line(plot.x, y(value), plot.x + plot.width, y(value))
        canvas.setFillColor(HexColor(colour))
        canvas.drawString(plot.x + plot.width + 3, y(value) - 2.2, render(format_signed(value, decimals(found))))
    canvas.setDash()
    canvas.setStrokeColor(HexColor("#ffffff"))
    canvas.setFillColor(HexColor(_DOT))
    canvas.setLineWidth(0.3)
    for at, value in zip(mean.tolist(), apart.tolist(), strict=True):
        canvas.circle(x(at), y(value), 1.9, stroke=1, fill=1)
    horizontal, vertical = map(render, axis_titles(found))
    canvas.setFillColor(HexColor(QUIET))
    canvas.drawCentredString(plot.x + plot.width / 2, box.y + 5, typeset(horizontal))
    canvas.translate(box.x + 8, plot.y + plot.height / 2)
    canvas.rotate(90)
    canvas.drawCentredString(0, 0, typeset(vertical))
    canvas.restoreState()


def _range(values: np.ndarray, margin: float) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low) or 1.0
    return low - room, high + room
