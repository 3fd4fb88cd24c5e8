"""The page of the report that tells of strain: curves, the wall, bull's-eyes, segments."""

import datetime
from collections.abc import Sequence

import numpy as np
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from kinecor.core.strain.codes import EXPLORATORY, SEGMENTAL, STRAIN_CODES
from kinecor.core.strain.segment_marks import ON_WHITE, short_name
from kinecor.core.strain.study_strain import StudyStrain, study_strain
from kinecor.core.strain.wall_strain import FROM_CONTOURS, SEGMENT_OF_POINT, WallStrain, wall_strain
from kinecor.core.table.loop_measures import measurements
from kinecor.core.table.measurement import NAMES, Measurement, Quantity, Status, told
from kinecor.core.table.number_format import signed, typeset
from kinecor.core.table.strain_rows import method_of
from kinecor.core.values.apical_segments import segments_of
from kinecor.core.values.author import short_author
from kinecor.core.values.cine import CineSequence, Region
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.reading import Reading
from kinecor.io.report import words
from kinecor.io.report.bullseye import draw_bulls_eye
from kinecor.io.report.parts import (
    ALERT,
    GAP,
    INK,
    MARGIN,
    QUIET,
    WIDTH,
    Writer,
    draw_banner,
    draw_footer,
    height,
    table,
)
from kinecor.io.report.picture import Box, draw_frame, fitted
from kinecor.io.report.strain_curve import draw_strain
from kinecor.io.report.typeset import BOLD, PLAIN

_CURVE, _ROW = 205.0, 168.0
_RIM_SHARE = 0.16
_TITLES = ("Segment", "At ES", "Peak", "Time to peak", "Post-systolic index", "Followed", "Counts")
_SHARES = (0.24, 0.1, 0.1, 0.14, 0.17, 0.11, 0.14)
_NOT_ROUTINE = "Exploratory, not for routine use (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007)"


def on_strain_page(every: Sequence[Measurement]) -> list[Measurement]:
    """The rows that stand on this page and not on the first: all of strain but the global number, and its segments."""
    return [one for one in every if one.code in STRAIN_CODES and one.code != "GLS"]


def has_strain_page(reading: Reading) -> bool:
    """Whether there are curves of strain to print."""
    found = wall_strain(reading)
    return found is not None and found.view is not None


def draw_strain_page(
    canvas: Canvas,
    cine: CineSequence,
    reading: Reading,
    others: Sequence[Reading],
    version: str,
    today: datetime.date,
) -> None:
    """Draw the whole page; `others` are the Readings of the other loops of the study."""
    found = wall_strain(reading)
    if found is None:
        return
    writer = Writer(7.5)
    study = study_strain((reading, *others))
    top = draw_banner(canvas, f"{reading.kind.modality}: longitudinal strain", version, today)
    top = _draw(canvas, writer.lines(_head(cine, reading, found, study), padding=0.8, limit=330), top) - GAP
    draw_strain(canvas, Box(MARGIN, top - _CURVE, WIDTH, _CURVE), found, reading.events, reading.valve_closures)
    top -= _CURVE + GAP
    canvas.setFillColor(ALERT)
    canvas.setFont(BOLD, 7.5)
    canvas.drawString(MARGIN, top - 8, _NOT_ROUTINE)
    top -= 14
    _draw_row(canvas, Box(MARGIN, top - _ROW, WIDTH, _ROW), cine, reading, found, study)
    top = _draw(canvas, _segments(writer, found), top - _ROW - GAP) - GAP
    rows = [one for one in measurements(reading) if one.code in EXPLORATORY and one.code not in SEGMENTAL]
    _draw(canvas, _others(writer, rows), top)
    draw_footer(canvas, "Shortening is negative. 18 segments, walls as in ASE/EACVI 2015. Frames are counted from 0.")


def _draw(canvas: Canvas, part: Flowable, top: float) -> float:
    top -= height(part)
    part.drawOn(canvas, MARGIN, top)
    return top


def _head(cine: CineSequence, reading: Reading, found: WallStrain, study: StudyStrain) -> list[tuple[str, str]]:
    motion = reading.motion.by if reading.motion else ""
    motion = "" if motion in reading.authors.values() else motion  # named already where it carried outlines
    measured = {one.code: one for one in measurements(reading)}
    here = f"{_told(measured['GLS'])} in {found.view}"
    if "GLSPS" in measured:
        here += f"; peak systolic {_told(measured['GLSPS'])}"
    views = ", ".join(f"{view} {signed(value)} %" for view, value in study.view_percent.items())
    average = "needs two apical views or more"
    if study.average_percent is not None and len(study.view_percent) > 1:
        average = f"{signed(study.average_percent)} % ({views})"
        average += f"; {study.doubt}" if study.doubt else ""
    return [
        ("Patient", words.patient_line(cine)),
        ("Recording", words.recording_line(cine, reading)),
        ("GLS at ES", here),
        ("Average", average),
        ("Method", typeset(method_of(reading, found))),
        ("Made by", words.models_line(reading) + (f"; {short_author(motion)}" if motion else "")),
    ]


def _draw_row(
    canvas: Canvas, box: Box, cine: CineSequence, reading: Reading, found: WallStrain, study: StudyStrain
) -> None:
    """The wall at end-systole with its points, and two bull's-eyes of the study."""
    third = (box.width - 2 * GAP) / 3
    region = _around(found, cine)
    frame = found.beats[0].es if found.beats else 0
    inner = fitted(Box(box.x, box.y + 11, third, box.height - 11), region, reading)
    draw_frame(canvas, inner, region, cine, reading, frame)
    _draw_points(canvas, inner, region, found, frame)
    canvas.setFillColor(INK)
    canvas.setFont(PLAIN, 7)
    canvas.drawCentredString(inner.x + inner.width / 2, inner.y - 8.5, f"{_end_name(reading, frame)}: frame {frame}")
    rims = {one.number: ON_WHITE[at] for at, one in enumerate(segments_of(found.view))} if found.view else {}
    seen = ", ".join(study.view_percent) or "none"
    for place, (title, values, unit) in enumerate(
        (
            ("Strain at end-systole, %", study.end_systolic_percent, "strain %"),
            ("Time to peak strain, ms", study.time_to_peak_ms, "ms"),
        ),
        1,
    ):
        cell = Box(box.x + place * (third + GAP), box.y + 11, third, box.height - 11)
        draw_bulls_eye(canvas, cell, title, values, unit, rims)
    canvas.setFillColor(QUIET)
    canvas.setFont(PLAIN, 6.5)
    middle = box.x + third + GAP + (2 * third + GAP) / 2
    canvas.drawCentredString(middle, box.y + 2, f"Views: {seen}. Red shortens, blue lengthens. Rims: this view.")


def _end_name(reading: Reading, frame: int) -> str:
    return "Aortic valve closure" if frame in reading.valve_closures else "End-systole"


def _around(found: WallStrain, cine: CineSequence) -> Region:
    """The part of the picture that holds the wall through the loop, and a rim."""
    points = found.points_px[np.isfinite(found.points_px).all(axis=2)]
    low, high = points.min(axis=0), points.max(axis=0)
    rim = _RIM_SHARE * float((high - low).max())
    x0, y0 = (max(int(one), 0) for one in low - rim)
    x1, y1 = (min(int(one) + 1, most) for one, most in zip(high + rim, (cine.columns, cine.rows), strict=True))
    return Region(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else Region(0, 0, cine.columns, cine.rows)


def _draw_points(canvas: Canvas, box: Box, region: Region, found: WallStrain, frame: int) -> None:
    points = found.points_px[frame]
    x = box.x + (points[:, 0] + 0.5 - region.x0) * box.width / (region.x1 - region.x0)
    y = box.y + box.height - (points[:, 1] + 0.5 - region.y0) * box.height / (region.y1 - region.y0)
    for at in range(0, len(points), 2):
        if np.isfinite(x[at]) and np.isfinite(y[at]):
            canvas.setFillColor(Color(1, 1, 1))
            canvas.circle(x[at], y[at], 1.5, stroke=0, fill=1)
            canvas.setFillColor(HexColor(ON_WHITE[SEGMENT_OF_POINT[at]]))
            canvas.circle(x[at], y[at], 1.1, stroke=0, fill=1)


def _segments(writer: Writer, found: WallStrain) -> Flowable:
    rows: list[list[Flowable | str]] = [[writer.p(one, bold=True, colour=QUIET) for one in _TITLES]]
    for at, name in enumerate(found.names):
        one, quality = found.segments[at], float(found.quality[at])
        tag = writer.raw(f'<font color="{ON_WHITE[at]}"><b>{short_name(name)}</b></font>  {name}')
        if one is None:
            apart = "not followed" if found.method == FROM_CONTOURS else "not on MR"
            why = "withheld" if found.regional else apart
            numbers = [why, "", "", ""]
        else:
            numbers = [
                _segment(one.end_systolic, "%", "LS1"),
                _segment(one.peak, "%", "LS1"),
                _segment(1000 * one.time_to_peak_s, "ms", "TTP"),
                _segment(one.post_systolic_index, "%", "PSI"),
            ]
        good = (
            "" if not found.regional else f"{quality:.2f}" + ("" if quality >= TRACKING_QUALITY.withheld else ", badly")
        )
        counts = "left out by reader" if at in found.excluded else "yes"
        rows.append([tag, *(writer.p(text) for text in (*numbers, good, counts))])
    return table(rows, [share * WIDTH for share in _SHARES], padding=1.3, ruled=True)


def _told(one: Measurement) -> str:
    """A number with what its reader said of it, or why there is none."""
    if one.quantity is None:
        return f"withheld: {one.note}"
    said = f" ({words.STATUS[one.status]})" if one.status in (Status.ACCEPTED, Status.EDITED) else ""
    return f"{told(one.quantity, one.code)}{said}"


def _others(writer: Writer, rows: Sequence[Measurement]) -> Flowable:
    """The other numbers of strain, a short line each: how they are had is told above."""
    titles = ("Also", "Value", "Sure", "Status", "Why not")
    cells: list[list[Flowable | str]] = [[writer.p(one, bold=True, colour=QUIET) for one in titles]]
    for one in rows:
        sure = "" if one.confidence is None else f"{100 * one.confidence:.0f} %"
        shown = told(one.quantity, one.code) if one.quantity else "–"
        why = one.note or "" if one.quantity is None else ""
        texts = (NAMES.get(one.code, one.code), shown, sure, words.STATUS[one.status], why)
        cells.append([writer.p(text) for text in texts])
    return table(cells, [share * WIDTH for share in (0.24, 0.1, 0.1, 0.2, 0.36)], padding=1.0, ruled=True)


def _segment(value: float, unit: str, code: str) -> str:
    """A segment's number as the same measure of the whole wall is shown, or a dash."""
    return told(Quantity(value, unit), code) if np.isfinite(value) else "–"
