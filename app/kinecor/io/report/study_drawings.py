"""Drawings of a study's report: curves of several views in one chart, its frames side by side, the bull's-eye.

All lengths on the page are in points.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.strain.drawing import RANGES, shade, ticks
from kinecor.core.table.measures import typeset
from kinecor.core.values.colours import ON_WHITE
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence
from kinecor.core.values.track import Structure
from kinecor.io.report.blocks import INK, QUIET, Box
from kinecor.io.report.drawings import crop, draw_bulls_eye, draw_frame, fit_rectangle
from kinecor.io.report.pdf import BOLD, PLAIN

DASHES: tuple[tuple[float, ...], ...] = ((), (4, 2), (1, 1.6), (5, 2, 1, 2))
"""Of the curves of the first, second, ... view."""
LV, RV, WALL = ON_WHITE[Structure.LV_ENDO], ON_WHITE[Structure.RV], "#2b2f36"
"""Volumes of the ventricles in the hues of their contours; strain of the wall."""
_GRID = "#e2e5e9"
_TITLE, _TEXT, _CAPTION = 7.6, 6.4, 6.6
_MIN_STRAIN = (-20.0, 2.0)


@dataclass(frozen=True, eq=False)
class Series:
    """A curve of one view.

    Attributes:
        name: of the view.
        time_s, values: (t,); NaN breaks the line.
        colour: "#rrggbb".
        dash: of the line; () for a solid one.
        events: (name, seconds) of ED, ES, AVC and MVO.

    """

    name: str
    time_s: FloatArray
    values: FloatArray
    colour: str
    dash: tuple[float, ...] = ()
    events: tuple[tuple[str, float], ...] = field(default=())


def draw_series(canvas: Canvas, box: Box, title: str, series: Sequence[Series], *, strain: bool = False) -> None:
    """Draw curves over a common time axis, with a key, and the events of the first.

    Args:
        canvas: of the page.
        box: to draw in.
        title: above the chart.
        series: at least one, each with a finite value.
        strain: whether shortening is drawn downwards from 0; else the axis begins at 0.

    """
    canvas.saveState()
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(BOLD, _TITLE)
    canvas.drawString(box.x, box.y + box.height - _TITLE, title)
    every = np.concatenate([single_series.values for single_series in series])
    low, high = 0.0, float(np.nanmax(every)) * 1.08
    if strain:
        low = min(_MIN_STRAIN[0], 5 * np.floor(float(np.nanmin(every)) / 5))
        high = max(_MIN_STRAIN[1], float(np.nanmax(every)))
    end_s = max(float(single_series.time_s[-1]) for single_series in series) or 1.0
    plot = Box(box.x + 22, box.y + 30, box.width - 28, box.height - 50)

    def x(second: float) -> float:
        return plot.x + plot.width * second / end_s

    def y(value: float) -> float:
        return plot.y + plot.height * (value - low) / (high - low)

    canvas.setFont(PLAIN, _TEXT)
    canvas.setLineWidth(0.4)
    for value in ticks(low, high, 5):
        canvas.setStrokeColor(HexColor(_GRID if value else INK))
        canvas.line(plot.x, y(value), plot.x + plot.width, y(value))
        canvas.setFillColor(HexColor(QUIET))
        canvas.drawRightString(plot.x - 3, y(value) - 2.2, typeset(f"{value:g}"))
    factor, unit = (1000.0, "ms") if end_s <= 2 else (1.0, "s")
    places = ticks(0, end_s * factor, 5)
    for value in places:
        canvas.drawCentredString(x(value / factor), plot.y - 9, f"{value:g}{f' {unit}' if value == places[-1] else ''}")
    _draw_events(canvas, plot, series[0].events, end_s)
    canvas.setLineJoin(1)
    for line in reversed(series):
        canvas.setStrokeColor(HexColor(line.colour))
        canvas.setLineWidth(1.1)
        canvas.setDash(*([list(line.dash)] if line.dash else []))
        finite = np.flatnonzero(np.isfinite(line.values))
        for run in np.split(finite, np.flatnonzero(np.diff(finite) > 1) + 1):
            if len(run) > 1:
                path = canvas.beginPath()
                path.moveTo(x(float(line.time_s[run[0]])), y(float(line.values[run[0]])))
                for at in run[1:].tolist():
                    path.lineTo(x(float(line.time_s[at])), y(float(line.values[at])))
                canvas.drawPath(path)
    _draw_key(canvas, plot.x, box.y + 6, series)
    canvas.restoreState()


def _draw_events(canvas: Canvas, plot: Box, events: Sequence[tuple[str, float]], end_s: float) -> None:
    """ED solid, ES dashed, valves dotted, each with its name above; one that would overlap is set next to its line.

    Names next to lines stand one below another where they would overlap, too.
    """
    free, top = -1e9, plot.y + plot.height
    row_ends: list[float] = []  # of each row of names that stand next to their lines
    canvas.setFont(BOLD, _TEXT)
    for name, second in sorted(events, key=lambda event: event[1]):
        place = plot.x + plot.width * second / end_s
        canvas.setStrokeColor(HexColor(QUIET))
        canvas.setFillColor(HexColor(INK))
        canvas.setLineWidth(0.7)
        canvas.setDash(*([[3, 2]] if name == "ES" else [[1, 1.5]] if name in ("AVC", "MVO") else []))
        canvas.line(place, plot.y, place, top + 2)
        canvas.setDash()
        width = stringWidth(name, BOLD, _TEXT)
        if place - width / 2 > free:
            canvas.drawCentredString(place, top + 4, name)
            free = place + width / 2 + 2
        else:
            row = next((number for number, end in enumerate(row_ends) if place + 2 > end), len(row_ends))
            row_ends[row : row + 1] = [place + 4 + width]
            canvas.drawString(place + 2, top - _TEXT * (1 + 1.2 * row), name)


def _draw_key(canvas: Canvas, left: float, y: float, series: Sequence[Series]) -> None:
    canvas.setFont(PLAIN, _TEXT)
    for single_series in series:
        canvas.setStrokeColor(HexColor(single_series.colour))
        canvas.setLineWidth(1.3)
        canvas.setDash(*([list(single_series.dash)] if single_series.dash else []))
        canvas.line(left, y + 2, left + 16, y + 2)
        canvas.setDash()
        canvas.setFillColor(HexColor(INK))
        canvas.drawString(left + 19, y, single_series.name)
        left += 19 + stringWidth(single_series.name, PLAIN, _TEXT) + 10


def draw_keyed_eye(
    canvas: Canvas, box: Box, title: str, values: FloatArray, unit: str, hatched: Collection[int] = ()
) -> None:
    """Draw a bull's-eye and the key of its colours below; values (16, 17 or 18,), those of `hatched` withheld.

    Args:
        canvas: of the page.
        box: in points.
        title: above it.
        values: by segment, NaN where unknown.
        unit: of the values, which says their colours.
        hatched: segments whose values are withheld.

    """
    canvas.saveState()
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(BOLD, _TITLE)
    canvas.drawString(box.x, box.y + box.height - _TITLE, title)
    draw_bulls_eye(canvas, Box(box.x, box.y + 16, box.width, box.height - 20), "", values, unit, hatched=hatched)
    x = box.x + box.width / 2
    low, high = RANGES[unit]
    low, high = (low, 0.0) if unit == "strain %" else (low, high)
    width, steps = min(110.0, box.width - 50), 40
    left = x - width / 2
    for index in range(steps):
        red, green, blue = shade(high + (low - high) * (index + 0.5) / steps, unit)
        canvas.setFillColor(Color(red / 255, green / 255, blue / 255))
        canvas.rect(left + width * index / steps, box.y + 9, width / steps + 0.3, 5, stroke=0, fill=1)
    canvas.setFillColor(HexColor(QUIET))
    canvas.setFont(PLAIN, 6)
    for share in (0.0, 0.5, 1.0):
        value = high + (low - high) * share
        canvas.drawCentredString(left + width * share, box.y + 2, typeset(f"{value:g}"))
    canvas.restoreState()


@dataclass(frozen=True, eq=False)
class Still:
    """A frame to print: its recording and Reading, the frame from 0, and what stands below it."""

    cine: CineSequence
    reading: Reading
    frame: int
    caption: str


def draw_stills(canvas: Canvas, box: Box, stills: Sequence[Still], columns: int, gap: float = 6.0) -> None:
    """Draw frames with contours in rows of `columns`, each as large as its cell, on black, with its caption below.

    Args:
        canvas: of the page.
        box: in points.
        stills: row by row.
        columns: of the rows.
        gap: between cells, points.

    """
    rows = -(-len(stills) // columns)
    width = (box.width - gap * (columns - 1)) / columns
    height = (box.height - gap * (rows - 1)) / rows
    for place, still in enumerate(stills):
        column, line = place % columns, place // columns
        left = box.x + column * (width + gap)
        top = box.y + box.height - line * (height + gap)
        cell = Box(left, top - height + 10, width, height - 10)
        region = crop(still.cine, still.reading)
        inner = fit_rectangle(cell, region, still.reading)
        canvas.setFillColor(HexColor("#000000"))
        canvas.rect(cell.x, cell.y - 0.5, cell.width, cell.height + 1, stroke=0, fill=1)
        middle = Box(inner.x, cell.y + (cell.height - inner.height) / 2, inner.width, inner.height)
        draw_frame(canvas, middle, region, still.cine, still.reading, still.frame)
        canvas.setFillColor(HexColor(INK))
        canvas.setFont(PLAIN, _CAPTION)
        canvas.drawCentredString(left + width / 2, top - height + 2, still.caption)
