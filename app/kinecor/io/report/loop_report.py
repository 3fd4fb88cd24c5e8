"""The report of one recording, made without a screen: an A4 page, and one of strain where there is strain."""

import datetime
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

from kinecor import RESEARCH_USE
from kinecor.core.checks.reading_warnings import reading_warnings
from kinecor.core.table.loop_measures import measurements
from kinecor.core.table.measurement import Measurement
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.curves import curves
from kinecor.core.volumes.foreshortening import foreshortening_warning
from kinecor.io.files.atomic import write_bytes
from kinecor.io.report import words
from kinecor.io.report.curve import draw_curve
from kinecor.io.report.parts import GAP, INK, MARGIN, WIDTH, Writer, draw_banner, draw_footer, height, text_style, total
from kinecor.io.report.picture import COLOURS, Box, crop, draw_frame, fitted
from kinecor.io.report.ring import draw_ring_page, has_ring_page
from kinecor.io.report.strain import draw_strain_page, has_strain_page, on_strain_page
from kinecor.io.report.typeset import BOLD, PLAIN

_CAPTION = 11.0
_MAX_PICTURE, _MAX_CURVE = 250.0, 200.0
# Text sizes to try, each with the least height of pictures and curve it must leave: first the text shrinks a
# little for the sake of the pictures, then both do; where nothing fits, warnings and rows are cut, and it is said.
_ATTEMPTS = ((8.0, 200.0, 120.0), (7.5, 190.0, 115.0), (7.0, 180.0, 110.0), (6.5, 150.0, 100.0), (6.0, 120.0, 92.0))
_MOST_WARNINGS = 12


def write_report(
    path: Path,
    cine: CineSequence,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    others: Sequence[Reading] = (),
) -> None:
    """Write the PDF report of one recording to `path`, whole or not at all.

    First page: patient, study, recording and scale; the ED and ES frames with contours; the volume curve; the
    table of measurements; warnings; who made what. Second page, of an apical view: strain; `others` are the Readings
    of the other loops of the study, for the average and the bull's-eye. Given the same date (`printed_on`, today by
    default) and the same fonts, the same reading makes the same bytes.

    Raises:
        KinecorError: the file cannot be written there, or a frame cannot be decoded.

    """
    today = printed_on or datetime.datetime.now().astimezone().date()
    write_bytes(path, _Page(cine, reading, others, software_version, today).pdf())


class _Page:
    """The pages under construction."""

    def __init__(
        self, cine: CineSequence, reading: Reading, others: Sequence[Reading], version: str, today: datetime.date
    ) -> None:
        self._cine, self._reading, self._others = cine, reading, others
        self._version, self._today = version, today
        self._writer = Writer(_ATTEMPTS[0][0])
        self._bytes = BytesIO()
        self._canvas = Canvas(self._bytes, pagesize=A4, invariant=1, pageCompression=1, lang="en")

    def pdf(self) -> bytes:
        """The whole file."""
        head, tail = self._text()
        self._canvas.setTitle("Kinecor report")
        self._canvas.setSubject(RESEARCH_USE)
        self._canvas.setCreator(f"Kinecor {self._version}")
        kind = self._reading.kind.modality
        top = draw_banner(self._canvas, f"{kind}: left ventricle", self._version, self._today)
        top = self._stack(head, top) - GAP
        bottom = MARGIN + 14
        for one in reversed(tail):
            bottom += height(one)
            one.drawOn(self._canvas, MARGIN, bottom - height(one))
            bottom += GAP / 2
        self._draw_middle(top, bottom + GAP / 2)
        draw_footer(self._canvas, "Frames are counted from 0. Dashed line: plane of the mitral annulus.")
        if has_strain_page(self._reading):
            self._canvas.showPage()
            draw_strain_page(self._canvas, self._cine, self._reading, self._others, self._version, self._today)
        if has_ring_page(self._reading):
            self._canvas.showPage()
            first = words.patient_line(self._cine), words.recording_line(self._cine, self._reading)
            lines = list(zip(("Patient", "Recording"), first, strict=True))
            draw_ring_page(self._canvas, self._reading, lines, kind, self._version, self._today)
        self._canvas.save()
        return self._bytes.getvalue()

    def _text(self) -> tuple[list[Flowable], list[Flowable]]:
        """Text above and below the pictures, in the largest size that leaves these room; cut if none does."""
        page = A4[1] - 2 * MARGIN - 14 - 46 - 3 * GAP
        kept = min(len(self._warnings()), _MOST_WARNINGS)
        rows = len(self._measured())
        for size, picture, curve in _ATTEMPTS:
            self._writer.size = size
            room = page - picture - curve
            head, tail = self._head(), self._tail(rows, kept)
            if total(head) + total(tail) <= room:
                return head, tail
        while kept > 0 or rows > 0:
            if kept > 0:
                kept -= 1
            else:
                rows -= 1
            tail = self._tail(rows, kept)
            if total(head) + total(tail) <= room:
                break
        return head, tail

    def _measured(self) -> list[Measurement]:
        """The rows of the first page."""
        every = measurements(self._reading)
        elsewhere = on_strain_page(every) if has_strain_page(self._reading) else []
        return [one for one in every if one not in elsewhere]

    def _warnings(self) -> list[str]:
        short = foreshortening_warning(self._reading, self._others)
        of_study = () if short is None else (short,)
        return list(dict.fromkeys(self._cine.warnings + of_study + reading_warnings(self._reading)))

    def _head(self) -> list[Flowable]:
        cine, reading = self._cine, self._reading
        lines = [
            ("Patient", words.patient_line(cine)),
            ("Study", words.study_line(cine)),
            ("Recording", words.recording_line(cine, reading)),
            ("Scale", words.calibration_line(reading)),
        ]
        return [self._writer.lines(lines, padding=0.8, limit=330, bold_first=True)]

    def _tail(self, rows: int, kept: int) -> list[Flowable]:
        reading, writer = self._reading, self._writer
        parts: list[Flowable] = [writer.measurements(self._measured(), rows)]
        if (told := writer.warnings(self._warnings(), kept)) is not None:
            parts.append(told)
        made = [("ED and ES", words.events_line(reading)), ("Made by", words.models_line(reading))]
        if reading.notes.strip():
            made.append(("Notes", reading.notes))
        note = writer.type.note()
        if note:
            made.append(("Letters", note))
        parts.append(writer.lines(made, padding=0.6, limit=500))
        return parts

    def _draw_middle(self, top: float, bottom: float) -> None:
        """ED and ES pictures, and below them the curve beside the key to the contours."""
        room = top - bottom - GAP
        cell = Box(0, 0, (WIDTH - GAP) / 2, _MAX_PICTURE)
        wanted = fitted(cell, crop(self._cine, self._reading), self._reading).height + _CAPTION
        picture = min(wanted, max(room - _MAX_CURVE, room * 0.6))
        curve = min(room - picture, _MAX_CURVE)
        bottom_pictures = self._draw_pictures(Box(MARGIN, top - picture, WIDTH, picture))
        key_width = 168.0
        box = Box(MARGIN, bottom_pictures - GAP - curve, WIDTH - key_width - GAP, curve)
        found = curves(self._reading)
        draw_curve(
            self._canvas,
            box,
            found.time_s,
            found.lv_volume,
            found.volume_unit,
            self._reading.events,
            closures=self._reading.valve_closures,
        )
        self._draw_key(box.x + box.width + GAP, box.y + box.height, key_width)

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
            width = (box.width - GAP) / 2
            cell = Box(box.x + place * (width + GAP), box.y + _CAPTION, width, box.height - _CAPTION)
            inner = fitted(cell, region, reading)
            draw_frame(self._canvas, inner, region, cine, reading, frame)
            self._canvas.setFillColor(INK)
            self._canvas.setFont(PLAIN, 7.5)
            caption = f"{name}: frame {frame}, {1000 * cine.times_s[frame]:.0f} ms"
            self._canvas.drawCentredString(inner.x + inner.width / 2, inner.y - 9, caption)
            lowest = min(lowest, inner.y - _CAPTION)
        return lowest

    def _draw_key(self, x: float, top: float, width: float) -> None:
        self._canvas.setFont(BOLD, 7.5)
        self._canvas.setFillColor(INK)
        self._canvas.drawString(x, top - 8, "Contours")
        top -= 14
        for structure in COLOURS:
            if structure not in self._reading.tracks:
                continue
            text = f"<b>{words.NAMES[structure]}</b><br/>" + self._writer.type.markup(
                words.contour_line(self._reading, structure), 90
            )
            line = Paragraph(text, text_style(PLAIN, 6.5, INK))
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

    def _stack(self, parts: Sequence[Flowable], top: float) -> float:
        for one in parts:
            top -= height(one)
            one.drawOn(self._canvas, MARGIN, top)
        return top
