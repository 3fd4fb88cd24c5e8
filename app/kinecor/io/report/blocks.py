"""Pages of a report from blocks - lines, tables, warnings, sentences, drawings - and the loop that fits them to A4.

A block is a small value; `flowable` turns it into reportlab's flowable at one text size. All lengths are in points
(1/72 inch). Text that exceeds a page flows on to another one. Every letter gets a font (`typesetter`).
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Protocol

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from kinecor import RESEARCH_USE
from kinecor.io.report.archival import archival, report_document
from kinecor.io.report.typesetter import BOLD, PLAIN, Typesetter

MARGIN = 36.0
WIDTH = A4[0] - 2 * MARGIN
GAP = 6.0
INK, QUIET, ALERT, ALERT_GROUND = "#1a1a1a", "#555555", "#8a1c12", "#fdecea"
_BANNER, _FOOTER = 46.0, 12.0
_ROOM = A4[1] - 2 * MARGIN - _BANNER - _FOOTER
# Text sizes to try: as the text shrinks, drawings give way from their usual height to their least.
_SIZES = (8.0, 7.5, 7.0, 6.5, 6.0)
_LABEL = 56.0  # width at least of the names in front of lines
_FOOT_SIZE = 6.5
_TOTAL = "total-of-pages"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, in points; (x, y) is its lower left corner."""

    x: float
    y: float
    width: float
    height: float


class Writer:
    """Sets text at one size; `type` remembers the letters that no font has."""

    def __init__(self) -> None:
        self.type = Typesetter()
        self.size = _SIZES[0]

    def paragraph(self, markup: str, colour: str = INK) -> Paragraph:
        """A paragraph of reportlab's markup."""
        style = ParagraphStyle(
            "text", fontName=PLAIN, fontSize=self.size, leading=self.size * 1.22, textColor=HexColor(colour)
        )
        return Paragraph(markup, style)

    def plain(self, text: str, *, bold: bool = False, colour: str = INK, limit: int = 240) -> Paragraph:
        """A paragraph of plain text, at most `limit` characters of it."""
        markup = self.type.markup(text, limit)
        return self.paragraph(f"<b>{markup}</b>" if bold else markup, colour)

    def styled(self, markup: str, size: float, colour: str = INK, *, right: bool = False) -> Paragraph:
        """A paragraph of reportlab's markup at a size of its own; a line of other letters may be higher."""
        style = ParagraphStyle(
            "text",
            fontName=PLAIN,
            fontSize=size,
            leading=size * 1.25,
            textColor=HexColor(colour),
            alignment=TA_RIGHT if right else TA_LEFT,
            splitLongWords=1,
        )
        return Paragraph(markup, style)


class Block(Protocol):
    """A part of a page, as wide as the page."""

    def flowable(self, writer: Writer) -> Flowable:
        """The block as reportlab draws it, at the writer's text size."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a table cell's text, in one style; `colour` is "#rrggbb", or "" for the cell's own."""

    text: str
    bold: bool = False
    italic: bool = False
    colour: str = ""
    new_line: bool = False
    limit: int = 240

    def markup(self, writer: Writer) -> str:
        """The span in reportlab's markup."""
        out = writer.type.markup(self.text, self.limit)
        out = f"<b>{out}</b>" if self.bold else out
        out = f"<i>{out}</i>" if self.italic else out
        return f'<font color="{self.colour}">{out}</font>' if self.colour else out


Cell = str | tuple[Span, ...]
"""What a table cell holds: plain text, or spans of different styles."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of text, each with a quiet name in front.

    Attributes:
        named: (name, text) of each line.
        bold_first: whether the first text is bold.
        limit: characters printed of each text.
        letters: whether a line is added on letters that had to be replaced, where there are any in the report.

    """

    named: tuple[tuple[str, str], ...]
    bold_first: bool = False
    limit: int = 330
    letters: bool = False

    def flowable(self, writer: Writer) -> Flowable:
        """A table of two columns."""
        named = list(self.named)
        if self.letters and (note := writer.type.note()):
            named.append(("Letters", note))
        label = max(_LABEL, *(stringWidth(name, PLAIN, writer.size) + 10 for name, _ in named))
        rows = [
            [
                writer.plain(name, colour=QUIET),
                writer.plain(text, bold=self.bold_first and not place, limit=self.limit),
            ]
            for place, (name, text) in enumerate(named)
        ]
        return _table(rows, (label, WIDTH - label), padding=0.8)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with rules between its rows; its titles stand again on every page it flows on to.

    Attributes:
        titles: of the columns.
        shares: of the page's width, one per column; their sum is 1.
        rows: the cells.
        padding: above and below each row, points.

    """

    titles: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    padding: float = 1.3

    def flowable(self, writer: Writer) -> Flowable:
        """The table with its titles."""
        cells = [[writer.plain(one, bold=True, colour=QUIET) for one in self.titles]]
        cells += [[_cell(writer, one) for one in row] for row in self.rows]
        return _table(cells, [share * WIDTH for share in self.shares], padding=self.padding, ruled=True)


@dataclass(frozen=True, slots=True)
class Findings:
    """Sentences under a title: the first `shown`, and how many more there are; on a coloured ground if `open`."""

    sentences: tuple[str, ...]
    shown: int = 12
    title: str = "Checks"
    open: bool = True

    def flowable(self, writer: Writer) -> Flowable:
        """A box of sentences."""
        cells = [writer.plain(self.title, bold=True, colour=ALERT if self.open else QUIET)]
        cells += [writer.plain(f"• {one}", limit=400) for one in self.sentences[: self.shown]]
        if len(self.sentences) > self.shown:
            more = len(self.sentences) - self.shown
            cells.append(writer.plain(f"... and {more} more, which the program shows in full."))
        return _table([[one] for one in cells], (WIDTH,), padding=0.6, ground=ALERT_GROUND if self.open else "")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence across the page."""

    text: str
    bold: bool = False
    colour: str = INK

    def flowable(self, writer: Writer) -> Flowable:
        """A paragraph."""
        return writer.plain(self.text, bold=self.bold, colour=self.colour)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Vectors and images across the page, as high as the text leaves room for.

    Attributes:
        paint: draws into a box of the page's width.
        least, usual, most: heights in points: at the smallest text, at the largest, and where there is room to spare.

    """

    paint: Callable[[Canvas, Box], None]
    least: float
    usual: float
    most: float

    def flowable(self, writer: Writer) -> Flowable:
        """A panel; its height is set by the page-fitting loop."""
        ease = _SIZES.index(writer.size) / (len(_SIZES) - 1)
        return Painted(self.paint, self.usual - ease * (self.usual - self.least), self.most)


@dataclass(frozen=True, slots=True)
class Page:
    """A page under its own title; text that does not fit continues on another page under the same title."""

    title: str
    blocks: tuple[Block, ...]
    footnote: str = ""


def pdf_of(pages: Sequence[Page], *, software_version: str, printed_on: datetime.date) -> bytes:
    """The pages as a PDF file; the same pages, version, date and fonts make the same bytes."""
    writer, content = Writer(), BytesIO()
    laid = [_fitted(page, writer) for page in pages]
    if writer.type.changed:  # now it is known what to say about letters
        laid = [_fitted(page, writer) for page in pages]
    document = report_document(content, size=A4, title="Kinecor report", version=software_version)
    story: list[Flowable] = []
    for number, (page, flow) in enumerate(zip(pages, laid, strict=True)):
        frame = Frame(MARGIN, MARGIN + _FOOTER, WIDTH, _ROOM, 0, 0, 0, 0)
        draw = _header_and_footer(page, f"Kinecor {software_version} · printed {printed_on}")
        document.addPageTemplates(PageTemplate(str(number), [frame], onPage=draw))
        story += [NextPageTemplate(str(number)), PageBreak()] if number else []
        story += flow
    document.build([*story, PageTotal(PLAIN, _FOOT_SIZE, QUIET)])
    return archival(content.getvalue())


def _fitted(page: Page, writer: Writer) -> list[Flowable]:
    """The page's flowables at the largest text size at which they fit, with gaps; drawings fill what is left.

    Where nothing fits, warnings are cut to as many as do; beyond that the text flows on to another page.
    """
    blocks = page.blocks
    for size in _SIZES:
        writer.size = size
        flow, spare = _set(blocks, writer)
        if spare >= 0:
            break
    while spare < 0 and (shorter := _with_fewer_warnings(blocks)) is not None:
        blocks = shorter
        flow, spare = _set(blocks, writer)
    panels = [one for one in flow if isinstance(one, Painted)]
    able = sum(one.most - one.height for one in panels)
    if able > 0 and spare > 0:
        for one in panels:
            one.height += (one.most - one.height) * min(1.0, spare / able)
    return flow


def _set(blocks: Sequence[Block], writer: Writer) -> tuple[list[Flowable], float]:
    """Flowables with gaps between them, and how much of the page's height they leave (negative: they exceed it)."""
    flow: list[Flowable] = []
    for one in blocks:
        flow += [one.flowable(writer), Spacer(0, GAP)]
    flow = flow[:-1]
    return flow, _ROOM - 1 - sum(float(one.wrap(WIDTH, 10_000)[1]) for one in flow)


def _with_fewer_warnings(blocks: Sequence[Block]) -> tuple[Block, ...] | None:
    """The blocks with one warning less, or None where there is none left to omit."""
    for place, one in reversed([*enumerate(blocks)]):  # notes before checks
        if isinstance(one, Findings) and (shown := min(one.shown, len(one.sentences))) > 0:
            return (*blocks[:place], replace(one, shown=shown - 1), *blocks[place + 1 :])
    return None


class Painted(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A drawing as wide as the page and `height` points high; `most` is how high it may grow where there is room."""

    def __init__(self, paint: Callable[[Canvas, Box], None], height: float, most: float | None = None) -> None:
        super().__init__()
        self.paint, self.height, self.most = paint, height, height if most is None else most

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        """Take the whole width."""
        self.width = width
        return width, self.height

    def draw(self) -> None:
        """Paint at the place that reportlab gave it."""
        self.canv.saveState()
        self.paint(self.canv, Box(0, 0, self.width, self.height))
        self.canv.restoreState()


class PageTotal(Flowable):  # type: ignore[misc]
    """Stands last, where the number of pages is known, and defines it for the footers of all of them."""

    _ZEROSIZE = 1

    def __init__(self, font: str, size: float, colour: str) -> None:
        super().__init__()
        self._font, self._size, self._colour = font, size, colour

    def wrap(self, *_: float) -> tuple[float, float]:
        """It takes no room."""
        return 0, 0

    def draw(self) -> None:
        """Define the number of pages."""
        number = str(self.canv.getPageNumber())
        self.canv.beginForm(_TOTAL, 0, -2, 40, 10)
        self.canv.setFont(self._font, self._size)
        self.canv.setFillColor(HexColor(self._colour))
        self.canv.drawString(0, 0, number)
        self.canv.endForm()


def draw_total(canvas: Canvas, right: float, y: float, size: float, words: str = "Page {number} of ") -> float:
    """Draw "Page x of y", about `right`-aligned, and return where it begins; `PageTotal` ends the story."""
    total = right - 2 * stringWidth("0", PLAIN, size)
    text = words.format(number=canvas.getPageNumber())
    canvas.setFillColor(HexColor(QUIET))
    canvas.setFont(PLAIN, size)
    canvas.drawRightString(total, y, text)
    canvas.saveState()
    canvas.translate(total, y)
    canvas.doForm(_TOTAL)
    canvas.restoreState()
    return float(total - stringWidth(text, PLAIN, size))


def _header_and_footer(page: Page, made: str) -> Callable[[Canvas, BaseDocTemplate], None]:
    """What draws the banner and the footer of a page: title, version, intended use, footnote, page x of y."""

    def draw(canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        top: float = A4[1] - MARGIN
        canvas.setFillColor(HexColor(INK))
        canvas.setFont(BOLD, 13)
        canvas.drawString(MARGIN, top - 11, page.title)
        canvas.setFillColor(HexColor(ALERT))
        canvas.rect(MARGIN, top - 36, WIDTH, 18, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setFont(BOLD, 10)
        canvas.drawCentredString(A4[0] / 2, top - 30.5, RESEARCH_USE)
        canvas.setFillColor(HexColor(QUIET))
        canvas.setFont(PLAIN, 7.5)
        canvas.drawRightString(MARGIN + WIDTH, top - 11, made)
        canvas.setFont(PLAIN, _FOOT_SIZE)
        low = MARGIN - 2
        canvas.drawString(MARGIN, low, page.footnote)
        begins = draw_total(canvas, MARGIN + WIDTH, low, _FOOT_SIZE)
        canvas.setFillColor(HexColor(ALERT))
        canvas.setFont(BOLD, _FOOT_SIZE)
        canvas.drawRightString(begins - 14, low, RESEARCH_USE)
        canvas.restoreState()

    return draw


def _cell(writer: Writer, cell: Cell) -> Paragraph:
    if isinstance(cell, str):
        return writer.plain(cell)
    text = ""
    for one in cell:
        text += ("<br/>" if one.new_line else " ") * bool(text) + one.markup(writer)
    return writer.paragraph(text)


def _table(
    rows: Sequence[Sequence[Flowable]],
    widths: Sequence[float],
    *,
    padding: float,
    ground: str = "",
    ruled: bool = False,
) -> Table:
    """Cells in columns of these widths (points); on a coloured ground, or with rules and a first row of titles."""
    style: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
        ("LEFTPADDING", (0, 0), (-1, -1), 5 if ground else 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    if ground:
        style.append(("BACKGROUND", (0, 0), (-1, -1), HexColor(ground)))
    if ruled:
        style.append(("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#cccccc")))
        style.append(("LINEABOVE", (0, 0), (-1, 0), 0.8, HexColor("#555555")))
        style.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#555555")))
    return Table([list(row) for row in rows], colWidths=list(widths), style=style, repeatRows=int(ruled))
