"""What stands on every page of a report: letterhead or running head, the research notice, the footer."""

from bisect import bisect_left
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate

from kinecor import RESEARCH_USE
from kinecor.io.report.blocks import ALERT, INK, QUIET, draw_total
from kinecor.io.report.pages.draft import BODY, CHECK, CHECK_GROUND, HEAD, LARGE, MARGIN, RULE, SMALL, ReportDraft
from kinecor.io.report.pdf import BOLD, PLAIN
from kinecor.io.report.tags import PARAGRAPH, TITLE, TaggedParagraph, artifact, mark_content
from kinecor.io.report.templates import of_template

_MIN_FOOTER = 5.0


def draw_letterhead(draft: ReportDraft, canvas: Canvas, _: BaseDocTemplate) -> None:
    """Institution and title, the research notice, and the footer.

    Args:
        draft: of the report.
        canvas: of the page.

    """
    head, top, left = draft.study.report.letterhead, draft.page_height - MARGIN, MARGIN
    canvas.saveState()
    if draft.template.image:
        image = ImageReader(BytesIO(draft.template.image))
        wide, high = image.getSize()
        width = min(120.0, 34.0 * wide / high)
        with artifact(canvas):
            canvas.drawImage(image, left, top - 34, width, 34, mask="auto", preserveAspectRatio=True, anchor="w")
        left += width + 10
    named = draft.patient.institution if draft.patient else ""
    institution = head.institution or draft.template.institution or named
    half = draft.width / 2 - 10
    _draw_line_of_text(draft, canvas, left, top - 13, institution, BOLD, LARGE, INK, half - (left - MARGIN))
    _draw_line_of_text(
        draft, canvas, left, top - 26, head.department or draft.template.department, PLAIN, BODY, QUIET, half
    )
    right = MARGIN + draft.width
    _draw_line_of_text(draft, canvas, right, top - 13, draft.title, BOLD, LARGE, INK, half, right=True, role=TITLE)
    subtitle = draft.language.render(of_template(draft.template.subtitle))
    _draw_line_of_text(draft, canvas, right, top - 26, subtitle, PLAIN, BODY, QUIET, half, right=True)
    with artifact(canvas):
        canvas.setStrokeColor(HexColor(INK))
        canvas.setLineWidth(1)
        canvas.line(MARGIN, top - 40, right, top - 40)
        canvas.setFillColor(HexColor("#fbeceb"))
        canvas.setStrokeColor(HexColor(ALERT))
        canvas.setLineWidth(0.6)
        canvas.roundRect(MARGIN, top - 64, draft.width, 16, 2, stroke=1, fill=1)
    with mark_content(canvas, PARAGRAPH):
        canvas.setFillColor(HexColor(ALERT))
        canvas.setFont(BOLD, 8.5)
        canvas.drawCentredString(draft.page_width / 2, top - 59, draft.language.render(RESEARCH_USE))
    _draw_unsigned_mark(draft, canvas, top - 68)
    with artifact(canvas):
        _draw_footer(draft, canvas)
    canvas.restoreState()


def draw_running_head(draft: ReportDraft, canvas: Canvas, _: BaseDocTemplate) -> None:
    """Who it is about, and the title, on every further page.

    Args:
        draft: of the report.
        canvas: of the page.

    """
    with artifact(canvas):
        _draw_head_line(draft, canvas)


def _draw_head_line(draft: ReportDraft, canvas: Canvas) -> None:
    top = draft.page_height - MARGIN
    canvas.saveState()
    _draw_line_of_text(draft, canvas, MARGIN, top - 10, draft.patient_line(), BOLD, HEAD, INK, draft.width * 0.6)
    right = MARGIN + draft.width
    _draw_line_of_text(draft, canvas, right, top - 10, draft.title, PLAIN, HEAD, QUIET, draft.width * 0.38, right=True)
    canvas.setStrokeColor(HexColor(INK))
    canvas.setLineWidth(0.8)
    canvas.line(MARGIN, top - 18, right, top - 18)
    _draw_unsigned_mark(draft, canvas, top - 22)
    _draw_footer(draft, canvas)
    canvas.restoreState()


def _draw_unsigned_mark(draft: ReportDraft, canvas: Canvas, top: float) -> None:
    """The line below `top` (points) that says that this is not the report that was signed."""
    if not draft.beyond:
        return
    canvas.saveState()
    with artifact(canvas):
        canvas.setFillColor(HexColor(CHECK_GROUND))
        canvas.setStrokeColor(HexColor(CHECK))
        canvas.setLineWidth(0.6)
        canvas.roundRect(MARGIN, top - 15, draft.width, 15, 2, stroke=1, fill=1)
    text = f"! {draft.language.render(draft.beyond)}"
    _draw_line_of_text(draft, canvas, MARGIN + 6, top - 10.6, text, BOLD, BODY, CHECK, draft.width - 12)
    canvas.restoreState()


def _draw_footer(draft: ReportDraft, canvas: Canvas) -> None:
    y, right = MARGIN, MARGIN + draft.width
    canvas.setStrokeColor(HexColor(RULE))
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, y + 14, right, y + 14)
    use = draft.language.render(RESEARCH_USE)
    page = draft.language.fill("Page {page} of ", page=canvas.getPageNumber())
    draw_total(canvas, right, y, SMALL, page)
    notice = stringWidth(use, BOLD, SMALL)
    canvas.setFillColor(HexColor(ALERT))
    canvas.setFont(BOLD, SMALL)
    canvas.drawString(right - 76 - notice, y, use)
    said = [draft.patient_line(), draft.template.footer, f"Kinecor {draft.version}"]
    said.append(draft.language.fill("printed {day}", day=draft.today))
    room, line, size = draft.width - notice - 90, " · ".join(filter(None, said)), SMALL
    while size > _MIN_FOOTER and stringWidth(line, PLAIN, size) > room:  # the day must not be cut off
        size -= 0.25
    _draw_line_of_text(draft, canvas, MARGIN, y, line, PLAIN, size, QUIET, room)


def _draw_line_of_text(
    draft: ReportDraft,
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
        markup = draft.writer.type.markup(text[:count] + ("…" if count < len(text) else ""))
        return draft.writer.styled(f"<b>{markup}</b>" if font == BOLD else markup, size, colour, right=right)

    def fits(count: int) -> bool:
        return float(set_to(count).wrap(room, 1000)[1]) <= size * 1.3

    count = len(text)
    if not fits(count):
        count = bisect_left(range(len(text)), True, key=lambda count: not fits(count)) - 1
    paragraph = set_to(max(count, 1))
    paragraph.role = role
    paragraph.wrap(room, 1000)
    paragraph.drawOn(canvas, x - room if right else x, y - size * 0.22)
