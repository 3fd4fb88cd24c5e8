"""The report of a short-axis stack: a page of numbers and a page of pictures, made without a screen."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from kinecor import RESEARCH_USE
from kinecor.core.checks.reading_warnings import reading_warnings
from kinecor.core.outlines.heart_view import heart_view
from kinecor.core.table.loop_measures import measurements
from kinecor.core.table.number_format import typeset
from kinecor.core.table.stack_measures import convention
from kinecor.core.values.cine import Region
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Stack
from kinecor.core.values.stack_reading import choices
from kinecor.core.values.track import Structure
from kinecor.core.volumes.base_checks import base_doubts
from kinecor.core.volumes.curves import curves
from kinecor.core.volumes.segments import base_is_first, bulls_eye
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.io.files.atomic import write_bytes
from kinecor.io.report import words
from kinecor.io.report.bullseye import draw_bulls_eye
from kinecor.io.report.curve import draw_curve
from kinecor.io.report.parts import GAP, INK, MARGIN, QUIET, WIDTH, Writer, draw_banner, draw_footer, height, total
from kinecor.io.report.picture import Box, draw_frame, fitted
from kinecor.io.report.ring import draw_ring_page, has_ring_page
from kinecor.io.report.typeset import BOLD, PLAIN

_SIZES = (7.5, 7.0, 6.5, 6.0, 5.5)
_CURVE, _EYE, _FOOT_PT = 120.0, 118.0, 6.5
_MOST_WARNINGS = 10
_FOOT = "Frames are phases, counted from 0; slices from 1. Slices that do not count are marked with a cross."


def write_stack_report(
    path: Path,
    stack: Stack,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    others: Sequence[Reading] = (),
) -> None:
    """Write the PDF report of a stack to `path`, whole or not at all.

    First page: patient, study, stack, scale, convention; volume curves of both ventricles; bull's-eyes of wall and
    thickening; the table of measurements. Second page: all slices at ED and at ES with their contours; warnings; who
    made what. A third, where segments were followed: short-axis strain. `others` are the Readings of the study's
    loops: long axes among them check the base. Given the same date (`printed_on`, today by default) and the same
    fonts, the same reading makes the same bytes.

    Raises:
        KinecorError: the file cannot be written there, or a frame cannot be decoded.

    """
    today = printed_on or datetime.datetime.now().astimezone().date()
    write_bytes(path, _Pages(stack, reading, software_version, today, base_doubts(reading, others)).pdf())


class _Pages:
    """The pages under construction."""

    def __init__(
        self, stack: Stack, reading: Reading, version: str, today: datetime.date, doubts: Sequence[str]
    ) -> None:
        self._stack, self._reading, self._doubts = stack, reading, doubts
        self._version, self._today = version, today
        self._writer = Writer(_SIZES[0])
        self._bytes = BytesIO()
        self._canvas = Canvas(self._bytes, pagesize=A4, invariant=1, pageCompression=1, lang="en")

    def pdf(self) -> bytes:
        """The whole file."""
        canvas = self._canvas
        canvas.setTitle("Kinecor report")
        canvas.setSubject(RESEARCH_USE)
        canvas.setCreator(f"Kinecor {self._version}")
        self._numbers(self._banner())
        draw_footer(canvas, _FOOT)
        canvas.showPage()
        self._pictures(self._banner())
        draw_footer(canvas, _FOOT)
        if has_ring_page(self._reading):
            canvas.showPage()
            first = replace(self._stack.slices[0], source=self._stack.source)
            lines = [("Patient", words.patient_line(first)), ("Recording", words.recording_line(first, self._reading))]
            draw_ring_page(canvas, self._reading, lines, "Cine MRI", self._version, self._today)
        canvas.save()
        return self._bytes.getvalue()

    def _banner(self) -> float:
        return draw_banner(self._canvas, "Cine MRI: short axis", self._version, self._today)

    def _draw(self, part: Flowable, top: float) -> float:
        top -= height(part)
        part.drawOn(self._canvas, MARGIN, top)
        return top

    def _numbers(self, top: float) -> None:
        every = measurements(self._reading)
        room = top - MARGIN - 14 - 2 * GAP - _CURVE - _EYE - GAP
        rows = len(every)
        for size in _SIZES:
            self._writer.size = size
            head, table = self._head(), self._writer.measurements(every, rows)
            if total([head, table]) <= room:
                break
        while rows and total([head, table]) > room:
            rows -= 1
            table = self._writer.measurements(every, rows)
        top = self._draw(head, top) - GAP
        found = curves(self._reading)
        curve = Box(MARGIN, top - _CURVE, WIDTH, _CURVE)
        volumes = found.lv_volume, found.volume_unit
        draw_curve(self._canvas, curve, found.time_s, *volumes, self._reading.events, found.rv_volume)
        top -= _CURVE + GAP
        self._eyes(Box(MARGIN, top - _EYE, WIDTH, _EYE))
        self._draw(table, top - _EYE - GAP)

    def _head(self) -> Flowable:
        reading = self._reading
        first = replace(self._stack.slices[0], source=self._stack.source)
        body = choices(reading).body
        size = f"{body.height_cm:g} cm, {body.weight_kg:g} kg, {body.formula.value}" if body.bsa_m2 else "not known"
        stack = self._stack
        thick = f", {stack.thickness_mm:g} mm thick" if stack.thickness_mm else ""
        steps = np.diff(stack.positions_mm)
        ends = list(dict.fromkeys(f"{one:.3g}" for one in (steps.min(), steps.max()))) if len(steps) else []
        apart = f", {' to '.join(ends)} mm apart" if ends else ""
        lines = [
            ("Patient", words.patient_line(first)),
            ("Study", words.study_line(first)),
            ("Recording", words.recording_line(first, reading)),
            ("Stack", f"{len(stack.slices)} slices of {stack.phases} phases{thick}{apart}"),
            ("Scale", words.calibration_line(reading)),
            ("Convention", f"{convention(reading)}; indexed by body surface area of: {size}"),
        ]
        return self._writer.lines(lines, padding=0.8, limit=330, bold_first=True)

    def _eyes(self, box: Box) -> None:
        eye = bulls_eye(self._reading) if self._reading.calibration else None
        canvas = self._canvas
        canvas.setFillColor(QUIET)
        canvas.setFont(PLAIN, 7)
        if eye is None:
            canvas.drawString(box.x, box.y + box.height / 2, "No bull's-eye: the wall was not outlined at ED and ES.")
            return
        third = box.width / 3
        shown = (("Wall at ED, mm", eye.ed_mm, "mm"), ("Wall at ES, mm", eye.es_mm, "mm"))
        for place, (title, values, unit) in enumerate((*shown, ("Thickening, %", eye.thickening_percent, "%"))):
            draw_bulls_eye(canvas, Box(box.x + place * third, box.y + 9, third, box.height - 9), title, values, unit)
        canvas.setFillColor(QUIET)
        how = f"AHA 17 segments, centreline chords, {convention(self._reading)}; segments from: {eye.origin}"
        foot = f"{how}. Regional thickening is exploratory."
        canvas.setFont(PLAIN, min(_FOOT_PT, _FOOT_PT * box.width / canvas.stringWidth(foot, PLAIN, _FOOT_PT)))
        canvas.drawCentredString(box.x + box.width / 2, box.y, foot)

    def _pictures(self, top: float) -> None:
        reading, writer = self._reading, self._writer
        writer.size = 7.0
        told = writer.warnings([*self._doubts, *reading_warnings(reading)], _MOST_WARNINGS)
        made = [("ED and ES", words.events_line(reading)), ("Made by", _authors(reading))]
        if reading.notes.strip():
            made.append(("Notes", reading.notes))
        if note := writer.type.note():
            made.append(("Letters", note))
        tail = [*([told] if told else []), writer.lines(made, padding=0.6, limit=500)]
        bottom = MARGIN + 14 + total(tail)
        low = bottom
        for part in tail:
            low -= height(part) + GAP / 2
            part.drawOn(self._canvas, MARGIN, low)
        beats = reading.events.beats if reading.events else ()
        shown = [("End-diastole", beats[0].ed), ("End-systole", beats[0].es)] if beats else [("The first phase", 0)]
        each = (top - bottom - GAP) / len(shown)
        for name, phase in shown:
            self._grid(Box(MARGIN, top - each + GAP, WIDTH, each - GAP), name, phase)
            top -= each

    def _grid(self, box: Box, name: str, phase: int) -> None:
        """All slices at one phase, base first, each with its number."""
        canvas, stack, reading = self._canvas, self._stack, self._reading
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 8)
        title = f"{name}: phase {phase}, {1000 * stack.times_s[phase]:.0f} ms"
        canvas.drawString(box.x, box.y + box.height - 9, title)
        count = len(stack.slices)
        inner = Box(box.x, box.y, box.width, box.height - 13)
        columns = max(range(1, count + 1), key=lambda n: min(inner.width / n, (inner.height / -(-count // n)) - 9))
        side = min(inner.width / columns, inner.height / -(-count // columns) - 9)
        order = range(count) if base_is_first(reading, phase) else range(count - 1, -1, -1)
        here = stack_curves(reading).counted[:, phase]
        contour = reading.slices
        for place, number in enumerate(order):
            column, line = place % columns, place // columns
            x = inner.x + column * side + 1
            y = inner.y + inner.height - (line + 1) * (side + 9) + 9
            one = contour[number]
            region = _around(reading, number)
            picture = fitted(Box(x, y, side - 2, side - 2), region, one)
            draw_frame(canvas, picture, region, stack.slices[number], one, phase)
            canvas.setFillColor(INK)
            canvas.setFont(PLAIN, 6)
            counts = bool(here[number]) and one.tracks.get(Structure.LV_ENDO) is not None
            mark = "" if counts else "  ×"
            label = typeset(f"{number + 1}   {stack.positions_mm[number]:+.1f} mm{mark}")
            canvas.drawCentredString(x + side / 2 - 1, y - 6.5, label)
            if counts and _is_end(reading, number, phase):
                canvas.setStrokeColor(HexColor("#1f5f8b"))
                canvas.setLineWidth(1.2)
                canvas.rect(picture.x, picture.y, picture.width, picture.height, stroke=1, fill=0)


def _is_end(reading: Reading, number: int, phase: int) -> bool:
    extent = choices(reading).extent
    return extent is not None and number in (extent.base[phase], extent.apex[phase])


def _around(reading: Reading, number: int) -> Region:
    """The square of a slice that holds all outlines of the stack and a rim; the whole picture where there are none."""
    facts, heart = reading.slices[number].facts, heart_view(reading)
    if heart is None:
        return Region(0, 0, facts.columns, facts.rows)
    half = heart.side_px / 2
    x0, y0 = max(int(heart.x - half), 0), max(int(heart.y - half), 0)
    x1, y1 = min(int(heart.x + half), facts.columns), min(int(heart.y + half), facts.rows)
    return Region(0, 0, facts.columns, facts.rows) if x1 <= x0 or y1 <= y0 else Region(x0, y0, x1, y1)


def _authors(reading: Reading) -> str:
    """Everybody who had a hand in the stack or one of its slices."""
    merged = dict(reading.authors)
    for number, one in enumerate(reading.slices):
        merged |= {f"{number}/{part}": author for part, author in one.authors.items()}
    return words.models_line(reading.with_(authors=merged))
