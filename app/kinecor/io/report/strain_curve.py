"""Strain curves on the report, as vectors: the whole wall thick, its segments thin, each named where it peaks."""

from collections.abc import Sequence

import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.strain.label_places import peaks, placed
from kinecor.core.strain.segment_marks import ON_WHITE, short_name
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.table.number_format import typeset
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.events import CardiacEvents
from kinecor.io.report.curve import draw_events, runs, ticks
from kinecor.io.report.picture import Box
from kinecor.io.report.typeset import BOLD, PLAIN

_INK, _GRID = HexColor("#1a1a1a"), HexColor("#dddddd")
_TEXT_PT = 6.5
_TAG = (21.0, 8.5)
# Values shown whatever the heart does, in percent, so that two reports compare at a glance.
_LEAST = (-20.0, 5.0)


def draw_strain(
    canvas: Canvas,
    box: Box,
    found: WallStrain,
    events: CardiacEvents | None,
    closures: Sequence[int] = (),
    title: str = "Longitudinal strain, % (segments exploratory)",
) -> None:
    """Draw all curves of a loop into `box`, shortening downwards; what was left out is dashed.

    `closures` are frames of aortic valve closure; `title` stands above.
    """
    canvas.saveState()
    canvas.setFont(BOLD, 7.5)
    canvas.setFillColor(_INK)
    canvas.drawString(box.x, box.y + box.height - 8, title)
    plot = Box(box.x + 26, box.y + 22, box.width - 32, box.height - 44)
    every = np.column_stack([found.global_percent, found.segments_percent])
    low = min(_LEAST[0], 5 * np.floor(np.nanmin(every, initial=0.0) / 5))
    high = max(_LEAST[1], 5 * np.ceil(np.nanmax(every, initial=0.0) / 5))
    end_s = float(found.time_s[-1]) or 1.0
    x = plot.x + plot.width * found.time_s / end_s
    y = plot.y + plot.height * (every - low) / (high - low)
    _draw_axes(canvas, plot, end_s, float(low), float(high))
    if events:
        draw_events(canvas, plot, x.tolist(), events, closures)
    lines = [np.column_stack([x, column]) for column in y.T]
    for number in (*range(1, len(lines)), 0):
        canvas.setStrokeColor(_INK if number == 0 else HexColor(ON_WHITE[number - 1]))
        canvas.setLineWidth(2.0 if number == 0 else 0.9)
        canvas.setDash(*((1, 1.5) if number - 1 in found.excluded else ()))
        _draw_line(canvas, lines[number])
    canvas.setDash()
    _draw_tags(canvas, lines, found, peaks(every, found))
    canvas.restoreState()


def _draw_axes(canvas: Canvas, plot: Box, end_s: float, low: float, high: float) -> None:
    canvas.setFont(PLAIN, _TEXT_PT)
    canvas.setLineWidth(0.4)
    for value in ticks(low, high, 6):
        place = plot.y + plot.height * (value - low) / (high - low)
        canvas.setStrokeColor(_INK if value == 0 else _GRID)
        canvas.line(plot.x, place, plot.x + plot.width, place)
        if value < high:  # there the name of a mark stands
            canvas.drawRightString(plot.x - 3, place - 2.2, typeset(f"{value:g}"))
    for value in ticks(0, end_s * 1000, 8):
        place = plot.x + plot.width * value / 1000 / end_s
        canvas.setStrokeColor(_INK)
        canvas.line(place, plot.y, place, plot.y - 2.5)
        canvas.drawCentredString(place, plot.y - 9.5, f"{value:g}")
    canvas.drawCentredString(plot.x + plot.width / 2, plot.y - 18, "time, ms")
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(0.6)
    canvas.line(plot.x, plot.y, plot.x, plot.y + plot.height)


def _draw_line(canvas: Canvas, line: FloatArray) -> None:
    for run in runs(np.isfinite(line[:, 1])):
        path = canvas.beginPath()
        path.moveTo(*line[run[0]])
        for vertex in run[1:]:
            path.lineTo(*line[vertex])
        canvas.drawPath(path)


def _draw_tags(canvas: Canvas, lines: list[FloatArray], found: WallStrain, wanted: list[int]) -> None:
    names = (found.code, *(short_name(name) for name in found.names))
    canvas.setFont(BOLD, 5.5)
    for number, vertex in enumerate(placed(lines, wanted, _TAG)):
        if vertex < 0:
            continue
        x, y = lines[number][vertex]
        canvas.setFillColor(_INK if number == 0 else HexColor(ON_WHITE[number - 1]))
        canvas.roundRect(x - _TAG[0] / 2 + 1, y - _TAG[1] / 2 + 0.5, _TAG[0] - 2, _TAG[1] - 1, 1.5, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.drawCentredString(x, y - 2, names[number])
