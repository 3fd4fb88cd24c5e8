"""The page of the report that tells of short-axis strain: curves by level, bull's-eyes, the 16 segments."""

import datetime
from collections.abc import Sequence

import numpy as np
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from kinecor.core.strain.short_axis import short_axis_regions
from kinecor.core.strain.short_axis_regions import ShortAxisRegions
from kinecor.core.strain.short_axis_view import short_axis_view
from kinecor.core.table.loop_measures import measurements
from kinecor.core.table.measurement import Measurement, told
from kinecor.core.table.number_format import with_unit
from kinecor.core.table.short_axis_strain import LEVEL_WORDS
from kinecor.core.values.author import short_author
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.segments import NAMES
from kinecor.io.report.bullseye import draw_bulls_eye
from kinecor.io.report.parts import (
    ALERT,
    GAP,
    MARGIN,
    QUIET,
    WIDTH,
    Writer,
    draw_banner,
    draw_footer,
    height,
    table,
)
from kinecor.io.report.picture import Box
from kinecor.io.report.strain_curve import draw_strain
from kinecor.io.report.typeset import BOLD, PLAIN

_CURVE, _EYE = 150.0, 128.0
_TITLES = ("Segment", "At ES", "Peak", "Time to peak", "Post-systolic", "Radial at ES", "Followed", "Not told because")
_SHARES = (0.2, 0.08, 0.08, 0.11, 0.11, 0.11, 0.09, 0.22)
_EYES = (
    ("Circumferential at ES, %", "end_systolic", "strain %"),
    ("Circumferential peak, %", "peak", "strain %"),
    ("Time to peak, ms", "time_to_peak_s", "ms"),
    ("Radial at ES, %", "radial", "radial %"),
)
_NOT_ROUTINE = "Segments and radial strain are exploratory, not for routine use (ASE/EACVI 2025)"


def has_ring_page(reading: Reading) -> bool:
    """Whether there is short-axis strain by segment to print."""
    return short_axis_regions(reading) is not None


def draw_ring_page(
    canvas: Canvas,
    reading: Reading,
    lines: Sequence[tuple[str, str]],
    kind: str,
    version: str,
    today: datetime.date,
) -> None:
    """Draw the whole page.

    Args:
        canvas: draws.
        reading: of a stack or of a short-axis loop.
        lines: what stands at the head: patient, recording.
        kind: of the recording, for the banner.
        version: of the program.
        today: the date that is printed.

    """
    found = short_axis_regions(reading)
    if found is None:
        return
    writer = Writer(7.0)
    top = draw_banner(canvas, f"{kind}: short-axis strain", version, today)
    top = _draw(canvas, writer.lines([*lines, *_head(reading, found)], padding=0.8, limit=330), top) - GAP
    _draw_curves(canvas, Box(MARGIN, top - _CURVE, WIDTH, _CURVE), reading, found)
    top -= _CURVE + GAP
    canvas.setFillColor(ALERT)
    canvas.setFont(BOLD, 7.5)
    canvas.drawString(MARGIN, top - 8, _NOT_ROUTINE)
    top -= 14
    _draw_eyes(canvas, Box(MARGIN, top - _EYE, WIDTH, _EYE), reading, found)
    _draw(canvas, _segments(writer, reading, found), top - _EYE - GAP)
    draw_footer(canvas, "Shortening is negative. AHA segments, counted from the anterior RV insertion.")


def _draw(canvas: Canvas, part: Flowable, top: float) -> float:
    top -= height(part)
    part.drawOn(canvas, MARGIN, top)
    return top


def _head(reading: Reading, found: ShortAxisRegions) -> list[tuple[str, str]]:
    rows = {one.code: one for one in measurements(reading)}
    slices = ", ".join(str(one.number + 1) for one in found.slices)
    where = f"from: {found.origin}" + (f"; slices followed: {slices}" if reading.kind.stack else "")
    return [
        ("GCS at ES", _told(rows.get("GCS"))),
        ("GRS at ES", _told(rows.get("GRS"))),
        ("Segments", where),
        ("Made by", ", ".join(map(short_author, rows["GCS"].by)) if "GCS" in rows else ""),
    ]


def _told(row: Measurement | None) -> str:
    if row is None:
        return "not measured"
    if row.quantity is None:
        return f"withheld: {row.note}"
    return f"{told(row.quantity, row.code)}; {row.method}"


def _draw_curves(canvas: Canvas, box: Box, reading: Reading, found: ShortAxisRegions) -> None:
    """A plot for each level that slices show, base first."""
    at = {one.level: one.number for one in found.slices}
    each = box.width / len(at)
    for place, level in enumerate(sorted(at)):
        shown = short_axis_view(reading, at[level])
        if shown is not None:
            cell = Box(box.x + place * each, box.y, each - GAP / 2, box.height)
            draw_strain(canvas, cell, shown, reading.events, title=f"{LEVEL_WORDS[level].capitalize()}, %")


def _draw_eyes(canvas: Canvas, box: Box, reading: Reading, found: ShortAxisRegions) -> None:
    each = box.width / len(_EYES)
    for place, (title, what, unit) in enumerate(_EYES):
        values = found.values(what) * (1000 if unit == "ms" else 1)
        if unit == "ms" and reading.facts.times_origin == "assumed":
            values = values * np.nan
        draw_bulls_eye(canvas, Box(box.x + place * each, box.y + 8, each - 4, box.height - 8), title, values, unit)
    canvas.setFillColor(QUIET)
    canvas.setFont(PLAIN, 6.5)
    canvas.drawCentredString(box.x + box.width / 2, box.y, "Red shortens, blue lengthens.")


def _segments(writer: Writer, reading: Reading, found: ShortAxisRegions) -> Flowable:
    rows: list[list[Flowable | str]] = [[writer.p(one, bold=True, colour=QUIET) for one in _TITLES]]
    timed, radial = reading.facts.times_origin != "assumed", found.values("radial")
    for at, name in enumerate(NAMES[: len(found.why)]):
        one, why, quality = found.summaries[at], found.why[at], float(found.quality[at])
        if not np.isfinite(quality) and not reading.kind.stack:
            continue  # another level than this loop's
        numbers = ["–"] * 5
        if one is not None:
            late = np.isfinite(one.time_to_peak_s) and timed
            numbers = [
                with_unit(one.end_systolic, "%"),
                with_unit(one.peak, "%"),
                f"{1000 * one.time_to_peak_s:.0f} ms" if late else "–",
                with_unit(one.post_systolic_index, "%") if np.isfinite(one.post_systolic_index) else "–",
                with_unit(float(radial[at]), "%") if np.isfinite(radial[at]) else "–",
            ]
        good = (
            ""
            if not np.isfinite(quality)
            else f"{quality:.2f}" + ("" if quality >= TRACKING_QUALITY.withheld else ", badly")
        )
        rows.append([writer.p(text) for text in (f"{at + 1}  {name}", *numbers, good, why or "")])
    return table(rows, [share * WIDTH for share in _SHARES], padding=0.9, ruled=True)
