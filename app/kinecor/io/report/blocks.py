"""Parts of a report's pages - lines, tables, sentences, drawings - and the loop that fits them to a page.

A block is a small value; `flowable` turns it into reportlab's flowable at one text size, in the language of its writer.
All lengths are in points (1/72 inch). Text that exceeds a page flows on to another one. Every letter gets a font
(`typesetter`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Spacer

from kinecor.core.report.language import ENGLISH, Language
from kinecor.core.table.measures import typeset
from kinecor.core.values.message import NOTHING, Message
from kinecor.io.report.pdf import PLAIN, Typesetter
from kinecor.io.report.tags import FIGURE, TaggedParagraph, TaggedTable, artifact, mark_content

GAP = 6.0
INK, QUIET, ALERT = "#1a1a1a", "#555555", "#8a1c12"
# Text sizes to try: as the text shrinks, drawings give way from their usual height to their least.
_SIZES = (8.0, 7.5, 7.0, 6.5, 6.0)
_LABEL = 56.0  # width at least of the names in front of lines
_TOTAL = "total-of-pages"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, in points; (x, y) is its lower left corner."""

    x: float
    y: float
    width: float
    height: float


class Writer:
    """Sets text at one size, `width` points wide; `type` remembers the letters that no font has."""

    def __init__(self, width: float, language: Language = ENGLISH) -> None:
        self.type = Typesetter()
        self.size = _SIZES[0]
        self.width, self.language = width, language

    def paragraph(self, markup: str, colour: str = INK) -> TaggedParagraph:
        """A paragraph of reportlab's markup.

        Args:
            markup: already escaped.
            colour: as #rrggbb.

        """
        style = ParagraphStyle(
            "text", fontName=PLAIN, fontSize=self.size, leading=self.size * 1.22, textColor=HexColor(colour)
        )
        return TaggedParagraph(markup, style)

    def plain(self, text: Message, *, bold: bool = False, colour: str = INK, limit: int = 240) -> TaggedParagraph:
        """A paragraph of plain text, at most `limit` characters of it.

        Args:
            text: of the paragraph.
            bold: the whole of it.
            colour: as #rrggbb.
            limit: characters.

        """
        markup = self.type.markup(self.language.render(text), limit)
        return self.paragraph(f"<b>{markup}</b>" if bold else markup, colour)

    def styled(self, markup: str, size: float, colour: str = INK, *, right: bool = False) -> TaggedParagraph:
        """A paragraph of reportlab's markup at a size of its own; a line of other letters may be higher.

        Args:
            markup: already escaped.
            size: of its letters, points.
            colour: as #rrggbb.
            right: aligned to the right.

        """
        style = ParagraphStyle(
            "text",
            fontName=PLAIN,
            fontSize=size,
            leading=size * 1.25,
            textColor=HexColor(colour),
            alignment=TA_RIGHT if right else TA_LEFT,
            splitLongWords=1,
        )
        return TaggedParagraph(markup, style)


class Block(Protocol):
    """A part of a page, as wide as the page."""

    def flowable(self, writer: Writer) -> Flowable:
        """The block as reportlab draws it, at the writer's text size.

        Args:
            writer: sets its text.

        """


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a table cell's text, in one style; `colour` is "#rrggbb", or "" for the cell's own.

    With `signs`, hyphens before numbers become minus signs.
    """

    text: Message
    bold: bool = False
    italic: bool = False
    colour: str = ""
    new_line: bool = False
    limit: int = 240
    signs: bool = False

    def markup(self, writer: Writer) -> str:
        """The span in reportlab's markup.

        Args:
            writer: sets its text.

        """
        text = writer.language.render(self.text)
        out = writer.type.markup(typeset(text) if self.signs else text, self.limit)
        out = f"<b>{out}</b>" if self.bold else out
        out = f"<i>{out}</i>" if self.italic else out
        return f'<font color="{self.colour}">{out}</font>' if self.colour else out


Cell = Message | tuple[Span, ...]
"""What a table cell holds: plain text, or spans of different styles."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of text, each with a quiet name in front.

    Attributes:
        named: (name, text) of each line.
        limit: characters printed of each text.

    """

    named: tuple[tuple[Message, Message], ...]
    limit: int = 330

    def flowable(self, writer: Writer) -> Flowable:
        """A table of two columns.

        Args:
            writer: sets its text.

        """
        names = [writer.language.render(name) for name, _ in self.named]
        label = max(_LABEL, *(stringWidth(name, PLAIN, writer.size) + 10 for name in names))
        rows = [[writer.plain(name, colour=QUIET), writer.plain(text, limit=self.limit)] for name, text in self.named]
        return _table(rows, (label, writer.width - label), padding=0.8)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with rules between its rows; its titles stand again on every page it flows on to.

    Attributes:
        titles: of the columns.
        shares: of the width, one per column; their sum is 1.
        rows: the cells.
        padding: above and below each row, points.

    """

    titles: tuple[Message, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    padding: float = 1.3

    def flowable(self, writer: Writer) -> Flowable:
        """The table with its titles.

        Args:
            writer: sets its text.

        """
        cells = [[writer.plain(title, bold=True, colour=QUIET) for title in self.titles]]
        cells += [[_cell(writer, cell) for cell in row] for row in self.rows]
        return _table(cells, [share * writer.width for share in self.shares], padding=self.padding, ruled=True)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence across the page."""

    text: Message
    bold: bool = False
    colour: str = INK

    def flowable(self, writer: Writer) -> Flowable:
        """A paragraph.

        Args:
            writer: sets its text.

        """
        return writer.plain(self.text, bold=self.bold, colour=self.colour)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Vectors and images across the page, as high as the text leaves room for.

    Attributes:
        paint: draws into a box of the page's width.
        least, usual, most: heights in points: at the smallest text, at the largest, and where there is room to spare.
        alt: what it shows, for readers who do not see it.

    """

    paint: Callable[[Canvas, Box], None]
    least: float
    usual: float
    most: float
    alt: Message = NOTHING

    def flowable(self, writer: Writer) -> Flowable:
        """A panel; its height is set by the page-fitting loop.

        Args:
            writer: sets its text.

        """
        ease = _SIZES.index(writer.size) / (len(_SIZES) - 1)
        height = self.usual - ease * (self.usual - self.least)
        return Painted(self.paint, height, self.most, alt=writer.language.render(self.alt))


@dataclass(frozen=True, slots=True)
class Page:
    """A page under its own title; text that does not fit continues on another page."""

    title: Message
    blocks: tuple[Block, ...]
    footnote: Message = NOTHING


def fit_blocks(blocks: Sequence[Block], writer: Writer, room: float) -> list[Flowable]:
    """The flowables of blocks, with gaps, at the largest text size at which they are at most `room` points high.

    Drawings fill what is left. What does not fit at any size flows on to another page.

    Args:
        blocks: of the page, in order.
        writer: sets their text; its size is changed.
        room: in points.

    """
    for size in _SIZES:
        writer.size = size
        flow, spare = _set(blocks, writer, room)
        if spare >= 0:
            break
    panels = [painted for painted in flow if isinstance(painted, Painted)]
    able = sum(panel.most - panel.height for panel in panels)
    if able > 0 and spare > 0:
        for single_panel in panels:
            single_panel.height += (single_panel.most - single_panel.height) * min(1.0, spare / able)
    return flow


def _set(blocks: Sequence[Block], writer: Writer, room: float) -> tuple[list[Flowable], float]:
    """Flowables with gaps between them, and how much of `room` they leave (negative: they exceed it)."""
    flow: list[Flowable] = []
    for block in blocks:
        flow += [block.flowable(writer), Spacer(0, GAP)]
    flow = flow[:-1]
    return flow, room - 1 - sum(float(flowable.wrap(writer.width, 10_000)[1]) for flowable in flow)


class Painted(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A drawing as wide as the page and `height` points high; `most` is how high it may grow where there is room.

    `alt` says what it shows to readers who do not see it; without one it is decoration.
    """

    def __init__(
        self, paint: Callable[[Canvas, Box], None], height: float, most: float | None = None, *, alt: str = ""
    ) -> None:
        super().__init__()
        self.alt = alt
        self.paint, self.height, self.most = paint, height, height if most is None else most

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        """Take the whole width.

        Args:
            width: of the page, points.

        """
        self.width = width
        return width, self.height

    def draw(self) -> None:
        """Paint at the place that reportlab gave it."""
        size = (self.width, self.height)
        with mark_content(self.canv, FIGURE, self.alt, size) if self.alt else artifact(self.canv):
            self.canv.saveState()
            self.paint(self.canv, Box(0, 0, *size))
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


def draw_total(canvas: Canvas, right: float, y: float, size: float, words: str) -> None:
    """Draw `words`, "Page 1 of ", and the number of pages, about `right`-aligned; `PageTotal` ends the story.

    Args:
        canvas: of the page.
        right: end of the line, points.
        y: of the line, points.
        size: of its letters, points.
        words: before the number.

    """
    total = right - 2 * stringWidth("0", PLAIN, size)
    canvas.setFillColor(HexColor(QUIET))
    canvas.setFont(PLAIN, size)
    canvas.drawRightString(total, y, words)
    canvas.saveState()
    canvas.translate(total, y)
    canvas.doForm(_TOTAL)
    canvas.restoreState()


def _cell(writer: Writer, cell: Cell) -> TaggedParagraph:
    if isinstance(cell, Message):
        return writer.plain(cell)
    text = ""
    for span in cell:
        text += ("<br/>" if span.new_line else " ") * bool(text) + span.markup(writer)
    return writer.paragraph(text)


def _table(
    rows: Sequence[Sequence[Flowable]],
    widths: Sequence[float],
    *,
    padding: float,
    ruled: bool = False,
) -> TaggedTable:
    """Cells in columns of these widths (points); with rules and a first row of titles if `ruled`."""
    style: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    if ruled:
        style.append(("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#cccccc")))
        style.append(("LINEABOVE", (0, 0), (-1, 0), 0.8, HexColor("#555555")))
        style.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#555555")))
    return TaggedTable([list(row) for row in rows], colWidths=list(widths), style=style, repeatRows=int(ruled))
