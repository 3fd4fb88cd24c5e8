"""The report: one A4 page for one recording, made without a screen."""

import datetime
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from kinecor import RESEARCH_USE
from kinecor.core.author import short_author
from kinecor.core.cine import CineSequence
from kinecor.core.curves import curves
from kinecor.core.measurement import NAMES, Measurement
from kinecor.core.measures import measurements, reading_warnings
from kinecor.core.reading import Reading
from kinecor.io import report_words as words
from kinecor.io.atomic import write_bytes
from kinecor.io.report_curve import draw_curve
from kinecor.io.report_picture import COLOURS, Box, crop, draw_frame, fitted
from kinecor.io.typeset import BOLD, ITALIC, PLAIN, Typesetter

_MARGIN = 36.0
_WIDTH = A4[0] - 2 * _MARGIN
_GAP = 8.0
_CAPTION = 11.0
_MAX_PICTURE, _MAX_CURVE = 250.0, 200.0
# Text sizes to try, each with the least height of pictures and curve it must leave: first the text shrinks a
# little for the sake of the pictures, then both do; where nothing fits, warnings and rows are cut, and it is said.
_ATTEMPTS = ((8.0, 200.0, 120.0), (7.5, 190.0, 115.0), (7.0, 180.0, 110.0), (6.5, 150.0, 100.0), (6.0, 120.0, 92.0))
_MOST_WARNINGS = 12
_COLUMNS = (0.22, 0.1, 0.25, 0.08, 0.14, 0.06, 0.15)
_INK, _QUIET, _ALERT, _ALERT_GROUND = HexColor("#1a1a1a"), HexColor("#555555"), HexColor("#8a1c12"), HexColor("#fdecea")


def write_report(
    path: Path,
    cine: CineSequence,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
) -> None:
    """Write the PDF report of one recording to `path`, whole or not at all.

    One A4 page: patient, study, recording and scale; the ED and ES frames with contours; the volume curve; the
    table of measurements; warnings; who made what. Given the same date (`printed_on`, today by default) and the
    same fonts, the same reading makes the same bytes.

    Raises:
        KinecorError: the file cannot be written there, or a frame cannot be decoded.

    """
    today = printed_on or datetime.datetime.now().astimezone().date()
    write_bytes(path, _Page(cine, reading, software_version, today).pdf())


class _Page:
    """One page under construction."""

    def __init__(self, cine: CineSequence, reading: Reading, version: str, today: datetime.date) -> None:
        self._cine, self._reading = cine, reading
        self._version, self._today = version, today
        self._type = Typesetter()
        self._bytes = BytesIO()
        self._canvas = Canvas(self._bytes, pagesize=A4, invariant=1, pageCompression=1, lang="en")
        self._size = _ATTEMPTS[0][0]

    def pdf(self) -> bytes:
        """The whole file."""
        head, tail = self._text()
        self._canvas.setTitle("Kinecor report")
        self._canvas.setSubject(RESEARCH_USE)
        self._canvas.setCreator(f"Kinecor {self._version}")
        top = self._draw_banner(A4[1] - _MARGIN)
        top = self._stack(head, top) - _GAP
        bottom = _MARGIN + 14
        for one in reversed(tail):
            bottom += _height(one)
            one.drawOn(self._canvas, _MARGIN, bottom - _height(one))
            bottom += _GAP / 2
        self._draw_middle(top, bottom + _GAP / 2)
        self._draw_footer()
        self._canvas.save()
        return self._bytes.getvalue()

    def _text(self) -> tuple[list[Flowable], list[Flowable]]:
        """Text above and below the pictures, in the largest size that leaves these room; cut if none does."""
        page = A4[1] - 2 * _MARGIN - 14 - 46 - 3 * _GAP
        kept = min(len(self._warnings()), _MOST_WARNINGS)
        rows = len(measurements(self._reading))
        for size, picture, curve in _ATTEMPTS:
            self._size = size
            room = page - picture - curve
            head, tail = self._head(), self._tail(rows, kept)
            if _total(head) + _total(tail) <= room:
                return head, tail
        while kept > 0 or rows > 0:
            if kept > 0:
                kept -= 1
            else:
                rows -= 1
            tail = self._tail(rows, kept)
            if _total(head) + _total(tail) <= room:
                break
        return head, tail

    def _warnings(self) -> list[str]:
        return list(dict.fromkeys(self._cine.warnings + reading_warnings(self._reading)))

    def _head(self) -> list[Flowable]:
        cine, reading = self._cine, self._reading
        lines = [
            ("Patient", words.patient_line(cine), True),
            ("Study", words.study_line(cine), False),
            ("Recording", words.recording_line(cine, reading), False),
            ("Scale", words.calibration_line(reading), False),
        ]
        rows = [[self._p(name, colour=_QUIET), self._p(text, bold=strong, limit=330)] for name, text, strong in lines]
        return [_table(rows, (56, _WIDTH - 56), padding=0.8)]

    def _tail(self, rows: int, kept: int) -> list[Flowable]:
        reading = self._reading
        parts: list[Flowable] = [self._measurement_table(rows)]
        warnings = self._warnings()
        shown = [self._p(f"• {one}", limit=400) for one in warnings[:kept]]
        if len(warnings) > kept:
            shown.append(self._p(f"... and {len(warnings) - kept} more warnings, which the program shows in full."))
        if shown:
            title = self._p("Warnings", bold=True, colour=_ALERT)
            parts.append(_table([[one] for one in (title, *shown)], (_WIDTH,), padding=0.6, ground=_ALERT_GROUND))
        made = [("ED and ES", words.events_line(reading)), ("Made by", words.models_line(reading))]
        if reading.notes.strip():
            made.append(("Notes", reading.notes))
        lines = [[self._p(name, colour=_QUIET), self._p(text, limit=500)] for name, text in made]
        note = self._type.note()
        if note:
            lines.append([self._p("Letters", colour=_QUIET), self._p(note, limit=400)])
        parts.append(_table(lines, (56, _WIDTH - 56), padding=0.6))
        return parts

    def _measurement_table(self, rows: int) -> Flowable:
        every = measurements(self._reading)
        if not every:
            return self._p("Nothing was measured in this recording.", bold=True)
        titles = ("Measurement", "Value", "Method", "Frames", "By", "Conf.", "Status")
        cells = [[self._p(one, bold=True, colour=_QUIET) for one in titles]]
        cells += [self._measurement_row(one) for one in every[:rows]]
        if len(every) > rows:
            more = f"... and {len(every) - rows} more, which the program shows in full"
            cells.append([self._p(more, style=ITALIC), *([""] * (len(titles) - 1))])
        return _table(cells, [part * _WIDTH for part in _COLUMNS], padding=1.6, ruled=True)

    def _measurement_row(self, one: Measurement) -> list[Flowable]:
        t = self._type
        name = t.markup(NAMES.get(one.code, ""))
        title = f"<b>{t.markup(one.code)}</b>" + (f" {name}" if name else "")
        lines = [t.markup(one.method, 120)] if one.method else []
        if one.note:
            lines.append(f"<i>{t.markup(one.note, 260)}</i>")
        return [
            self._raw(title),
            self._p(words.value(one.quantity), bold=True) if one.quantity else self._p("withheld", colour=_ALERT),
            self._raw("<br/>".join(lines)),
            self._p(", ".join(str(frame) for frame in one.frames) or "-", limit=40),
            self._p(", ".join(short_author(author) for author in one.by) or "-", limit=90),
            self._p("-" if one.confidence is None else f"{100 * one.confidence:.0f} %"),
            self._p(words.STATUS[one.status]),
        ]

    def _draw_banner(self, top: float) -> float:
        canvas = self._canvas
        kind = {"US": "Echocardiography", "MR": "Cine MRI"}.get(self._cine.source.modality, "Cine loop")
        canvas.setFillColor(_INK)
        canvas.setFont(BOLD, 13)
        canvas.drawString(_MARGIN, top - 11, f"{kind}: left ventricle")
        canvas.setFont(PLAIN, 7.5)
        canvas.setFillColor(_QUIET)
        canvas.drawRightString(_MARGIN + _WIDTH, top - 11, f"Kinecor {self._version} · printed {self._today}")
        canvas.setFillColor(_ALERT)
        canvas.rect(_MARGIN, top - 36, _WIDTH, 18, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setFont(BOLD, 10)
        canvas.drawCentredString(A4[0] / 2, top - 30.5, RESEARCH_USE)
        return top - 42

    def _draw_middle(self, top: float, bottom: float) -> None:
        """ED and ES pictures, and below them the curve beside the key to the contours."""
        room = top - bottom - _GAP
        cell = Box(0, 0, (_WIDTH - _GAP) / 2, _MAX_PICTURE)
        wanted = fitted(cell, crop(self._cine, self._reading), self._reading).height + _CAPTION
        picture = min(wanted, max(room - _MAX_CURVE, room * 0.6))
        curve = min(room - picture, _MAX_CURVE)
        bottom_pictures = self._draw_pictures(Box(_MARGIN, top - picture, _WIDTH, picture))
        key_width = 168.0
        box = Box(_MARGIN, bottom_pictures - _GAP - curve, _WIDTH - key_width - _GAP, curve)
        found = curves(self._reading)
        draw_curve(self._canvas, box, found.time_s, found.lv_volume, found.volume_unit, self._reading.events)
        self._draw_key(box.x + box.width + _GAP, box.y + box.height, key_width)

    def _draw_pictures(self, box: Box) -> float:
        """Draw them and return where the next thing may begin."""
        events, cine, reading = self._reading.events, self._cine, self._reading
        if events and events.beats:
            beat = events.beats[0]
            of = "" if len(events.beats) == 1 else f" of beat 1 of {len(events.beats)}"
            shown = [(f"End-diastole{of}", beat.ed), (f"End-systole{of}", beat.es)]
        else:
            shown = [("ED and ES are not marked; the first frame", 0)]
        region = crop(cine, reading)
        lowest = box.y + box.height
        for place, (name, frame) in enumerate(shown):
            width = (box.width - _GAP) / 2
            cell = Box(box.x + place * (width + _GAP), box.y + _CAPTION, width, box.height - _CAPTION)
            inner = fitted(cell, region, reading)
            draw_frame(self._canvas, inner, region, cine, reading, frame)
            self._canvas.setFillColor(_INK)
            self._canvas.setFont(PLAIN, 7.5)
            caption = f"{name}: frame {frame}, {1000 * cine.times_s[frame]:.0f} ms"
            self._canvas.drawCentredString(inner.x + inner.width / 2, inner.y - 9, caption)
            lowest = min(lowest, inner.y - _CAPTION)
        return lowest

    def _draw_key(self, x: float, top: float, width: float) -> None:
        self._canvas.setFont(BOLD, 7.5)
        self._canvas.setFillColor(_INK)
        self._canvas.drawString(x, top - 8, "Contours")
        top -= 14
        for structure in COLOURS:
            if structure not in self._reading.tracks:
                continue
            text = f"<b>{words.NAMES[structure]}</b><br/>" + self._type.markup(
                words.contour_line(self._reading, structure), 90
            )
            line = Paragraph(text, _style(PLAIN, 6.5, _INK))
            _, height = line.wrap(width - 16, 1000)
            self._canvas.setFillColor(HexColor("#222222"))
            self._canvas.rect(x, top - 9, 11, 8, stroke=0, fill=1)
            self._canvas.setStrokeColor(HexColor(COLOURS[structure]))
            self._canvas.setLineWidth(1.4)
            self._canvas.line(x + 1.5, top - 5, x + 9.5, top - 5)
            line.drawOn(self._canvas, x + 16, top - height)
            top -= height + 3
        if not self._reading.tracks:
            self._canvas.setFont(PLAIN, 7)
            self._canvas.drawString(x, top - 8, "none")

    def _draw_footer(self) -> None:
        canvas = self._canvas
        canvas.setFont(PLAIN, 6.5)
        canvas.setFillColor(_QUIET)
        left = "Frames are counted from 0. Dashed line: plane of the mitral annulus."
        canvas.drawString(_MARGIN, _MARGIN - 2, left)
        canvas.setFont(BOLD, 6.5)
        canvas.setFillColor(_ALERT)
        canvas.drawRightString(_MARGIN + _WIDTH, _MARGIN - 2, RESEARCH_USE)

    def _stack(self, parts: Sequence[Flowable], top: float) -> float:
        for one in parts:
            top -= _height(one)
            one.drawOn(self._canvas, _MARGIN, top)
        return top

    def _p(
        self,
        text: str,
        *,
        bold: bool = False,
        style: str = PLAIN,
        colour: Color = _INK,
        limit: int = 240,
    ) -> Paragraph:
        """A paragraph of plain text, whatever is in it."""
        return Paragraph(self._type.markup(text, limit), _style(BOLD if bold else style, self._size, colour))

    def _raw(self, markup: str) -> Paragraph:
        return Paragraph(markup, _style(PLAIN, self._size, _INK))


def _style(font: str, size: float, colour: Color) -> ParagraphStyle:
    return ParagraphStyle("text", fontName=font, fontSize=size, leading=size * 1.22, textColor=colour)


def _table(
    rows: Sequence[Sequence[Flowable | str]],
    widths: Sequence[float],
    *,
    padding: float,
    ground: Color | None = None,
    ruled: bool = False,
) -> Table:
    table = Table([list(row) for row in rows], colWidths=list(widths))
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
    table.setStyle(TableStyle(commands))
    return table


def _height(one: Flowable) -> float:
    _, height = one.wrap(_WIDTH, 10_000)
    return float(height)


def _total(parts: Sequence[Flowable]) -> float:
    return sum(_height(one) for one in parts) + _GAP / 2 * len(parts)
