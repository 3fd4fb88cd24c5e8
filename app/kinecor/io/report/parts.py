"""What every report page is made of: measures of the page, text, tables, banner and footer."""

import datetime
from collections.abc import Sequence

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from kinecor import RESEARCH_USE
from kinecor.core.table.measurement import NAMES, Measurement, index_code, told
from kinecor.core.table.number_format import typeset
from kinecor.core.values.author import short_author
from kinecor.io.report import words
from kinecor.io.report.typeset import BOLD, ITALIC, PLAIN, Typesetter

MARGIN = 36.0
WIDTH = A4[0] - 2 * MARGIN
GAP = 8.0
INK, QUIET, ALERT, ALERT_GROUND = HexColor("#1a1a1a"), HexColor("#555555"), HexColor("#8a1c12"), HexColor("#fdecea")
_COLUMNS = (0.22, 0.1, 0.25, 0.08, 0.14, 0.06, 0.15)


class Writer:
    """Sets text for one report; what it could not print it remembers in `type`."""

    def __init__(self, size: float) -> None:
        self.type = Typesetter()
        self.size = size

    def p(
        self, text: str, *, bold: bool = False, style: str = PLAIN, colour: Color = INK, limit: int = 240
    ) -> Paragraph:
        """A paragraph of plain text, whatever is in it."""
        return Paragraph(self.type.markup(text, limit), text_style(BOLD if bold else style, self.size, colour))

    def raw(self, markup: str) -> Paragraph:
        """A paragraph of reportlab's markup."""
        return Paragraph(markup, text_style(PLAIN, self.size, INK))

    def measurements(self, every: Sequence[Measurement], rows: int) -> Flowable:
        """The first `rows` measurements as a table, and how many more there are.

        An index by body surface area stands below the number it is made of, not in a row of its own.
        """
        if not every:
            return self.p("Nothing was measured in this recording.", bold=True)
        index = {one.code: one for one in every if one.unit.endswith("/m2")}
        every = [one for one in every if one.code not in index]
        titles = ("Measurement", "Value", "Method", "Frames", "By", "Conf.", "Status")
        cells = [[self.p(one, bold=True, colour=QUIET) for one in titles]]
        cells += [self._row(one, index.get(index_code(one.code))) for one in every[:rows]]
        if len(every) > rows:
            more = f"... and {len(every) - rows} more, which the program shows in full"
            cells.append([self.p(more, style=ITALIC), *([""] * (len(titles) - 1))])
        return table(cells, [part * WIDTH for part in _COLUMNS], padding=1.6, ruled=True)

    def _row(self, one: Measurement, index: Measurement | None) -> list[Flowable]:
        t = self.type
        shown = f"<b>{t.markup(told(one.quantity, one.code))}</b>" if one.quantity else ""
        if one.quantity and index is not None and index.quantity:
            shown += f"<br/>{t.markup(told(index.quantity, index.code))}"
        name = t.markup(NAMES.get(one.code, ""))
        title = f"<b>{t.markup(one.code)}</b>" + (f" {name}" if name else "")
        lines = [t.markup(typeset(one.method), 120)] if one.method else []
        if one.note:
            lines.append(f"<i>{t.markup(typeset(one.note), 260)}</i>")
        return [
            self.raw(title),
            self.raw(shown) if shown else self.p("withheld", colour=ALERT),
            self.raw("<br/>".join(lines)),
            self.p(words.frame_list(one.frames) or "-", limit=40),
            self.p(", ".join(short_author(author) for author in one.by) or "-", limit=90),
            self.p("-" if one.confidence is None else f"{100 * one.confidence:.0f} %"),
            self.p(words.STATUS[one.status]),
        ]

    def lines(self, named: Sequence[tuple[str, str]], *, padding: float, limit: int, bold_first: bool = False) -> Table:
        """Lines with a quiet name in front of each."""
        rows = [
            [self.p(name, colour=QUIET), self.p(text, bold=bold_first and i == 0, limit=limit)]
            for i, (name, text) in enumerate(named)
        ]
        return table(rows, (56, WIDTH - 56), padding=padding)

    def warnings(self, every: Sequence[str], kept: int) -> Flowable | None:
        """The first `kept` warnings on a ground of their own, and how many more there are; None without any."""
        shown = [self.p(f"• {one}", limit=400) for one in every[:kept]]
        if len(every) > kept:
            shown.append(self.p(f"... and {len(every) - kept} more warnings, which the program shows in full."))
        if not shown:
            return None
        title = self.p("Warnings", bold=True, colour=ALERT)
        return table([[one] for one in (title, *shown)], (WIDTH,), padding=0.6, ground=ALERT_GROUND)


def draw_banner(canvas: Canvas, title: str, version: str, today: datetime.date) -> float:
    """Title, version and the intended use at the top of a page; where the next thing may begin."""
    top: float = A4[1] - MARGIN
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 13)
    canvas.drawString(MARGIN, top - 11, title)
    canvas.setFont(PLAIN, 7.5)
    canvas.setFillColor(QUIET)
    canvas.drawRightString(MARGIN + WIDTH, top - 11, f"Kinecor {version} · printed {today}")
    canvas.setFillColor(ALERT)
    canvas.rect(MARGIN, top - 36, WIDTH, 18, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont(BOLD, 10)
    canvas.drawCentredString(A4[0] / 2, top - 30.5, RESEARCH_USE)
    return top - 42


def draw_footer(canvas: Canvas, words_left: str) -> None:
    """What is to be known of the pictures, and the intended use, at the bottom of a page."""
    canvas.setFont(PLAIN, 6.5)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, MARGIN - 2, words_left)
    canvas.setFont(BOLD, 6.5)
    canvas.setFillColor(ALERT)
    canvas.drawRightString(MARGIN + WIDTH, MARGIN - 2, RESEARCH_USE)


def text_style(font: str, size: float, colour: Color) -> ParagraphStyle:
    """Text in one font, `size` points high."""
    return ParagraphStyle("text", fontName=font, fontSize=size, leading=size * 1.22, textColor=colour)


def table(
    rows: Sequence[Sequence[Flowable | str]],
    widths: Sequence[float],
    *,
    padding: float,
    ground: Color | None = None,
    ruled: bool = False,
) -> Table:
    """Cells in columns of these widths (points), on a ground or with rules where asked."""
    made = Table([list(row) for row in rows], colWidths=list(widths))
    commands: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
        ("LEFTPADDING", (0, 0), (-1, -1), 5 if ground else 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    if ground:
        commands.append(("BACKGROUND", (0, 0), (-1, -1), ground))
    if ruled:
        commands.append(("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#cccccc")))
        commands.append(("LINEABOVE", (0, 0), (-1, 0), 0.8, HexColor("#555555")))
        commands.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#555555")))
    made.setStyle(TableStyle(commands))
    return made


def height(one: Flowable) -> float:
    """How high a part is on a page, in points."""
    return float(one.wrap(WIDTH, 10_000)[1])


def total(parts: Sequence[Flowable]) -> float:
    """How high parts are with their gaps, in points."""
    return sum(map(height, parts)) + GAP / 2 * len(parts)
