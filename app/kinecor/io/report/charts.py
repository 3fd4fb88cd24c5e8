"""Charts of the report, as vectors: curves over time with ED, ES and AVC marked, and bull's-eyes.

All lengths on the page are in points.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.strain.bullseye import Sector, light, sector, shade
from kinecor.core.strain.label_places import peaks, placed
from kinecor.core.strain.segment_marks import ON_WHITE, short_name
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.table.number_format import signed, typeset
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.events import CardiacEvents
from kinecor.io.report.blocks import INK, Box
from kinecor.io.report.typeset import BOLD, PLAIN

_GRID = "#dddddd"
LEFT_COLOUR, RIGHT_COLOUR = "#1f5f8b", "#8a5a00"
"""Of the left and the right ventricle's curve."""
_EVENT_COLOURS = {"ED": "#b3261e", "ES": "#3a6b1f", "AVC": "#6a2c91"}
_TITLE, _TEXT = 7.5, 6.5
_TAG = (21.0, 8.5)
# Percent shown whatever the heart does, so that two reports compare at a glance.
_LEAST_STRAIN = (-20.0, 5.0)
_EYE_TITLE = 11.0
_RIM = 0.018  # how far inside its segment a rim runs, as a share of the radius


@dataclass(frozen=True, eq=False)
class Curve:
    """A line over time.

    Attributes:
        name: stands above the chart, in the line's colour.
        values: (t,); NaN breaks the line.
        colour: "#rrggbb".
        width: of the line, points.

    """

    name: str
    values: FloatArray
    colour: str = LEFT_COLOUR
    width: float = 1.2


def draw_curves(
    canvas: Canvas,
    box: Box,
    curves: Sequence[Curve],
    time_s: FloatArray,
    events: CardiacEvents | None,
    closures: Sequence[int] = (),
) -> None:
    """Draw curves of one unit over `time_s` (t,) from 0 up, so that a stroke looks as large as it is.

    `closures` are frames (0-based) of aortic valve closure.

    Raises:
        ValueError: no curve has a finite value.

    """
    every = np.column_stack([one.values for one in curves])
    if not np.isfinite(every).any():
        raise ValueError("expected a curve with at least one finite value, got none")
    left = box.x
    for place, one in enumerate(curves):
        left += _draw_title(canvas, left, box, one.name, one.colour if place else INK) + 8
    plot = _Plot.within(box, time_s, 0.0, float(np.nanmax(every)) * 1.08 or 1.0)
    _draw_axes(canvas, plot, 4, 6)
    if events:
        _draw_events(canvas, plot, events, closures)
    for one in reversed(curves):
        _draw_line(canvas, plot.points(one.values), one.colour, one.width)


def draw_strain(
    canvas: Canvas,
    box: Box,
    found: WallStrain,
    events: CardiacEvents | None,
    closures: Sequence[int] = (),
    title: str = "Longitudinal strain, % (segments exploratory)",
) -> None:
    """Draw the strain curves of a loop, shortening downwards: the whole wall thick, segments thin with their names.

    Segments that a reader excluded are dashed. `closures` are frames (0-based) of aortic valve closure.
    """
    _draw_title(canvas, box.x, box, title, INK)
    every = np.column_stack([found.global_percent, found.segments_percent])
    low = min(_LEAST_STRAIN[0], 5 * np.floor(np.nanmin(every, initial=0.0) / 5))
    high = max(_LEAST_STRAIN[1], 5 * np.ceil(np.nanmax(every, initial=0.0) / 5))
    plot = _Plot.within(box, found.time_s, float(low), float(high))
    _draw_axes(canvas, plot, 6, 8 if box.width > 300 else 5)
    if events:
        _draw_events(canvas, plot, events, closures)
    lines = [plot.points(column) for column in every.T]
    for number in (*range(1, len(lines)), 0):
        canvas.setDash(*((1, 1.5) if number - 1 in found.excluded else ()))
        _draw_line(canvas, lines[number], _segment_colour(number), 0.9 if number else 2.0)
    canvas.setDash()
    _draw_tags(canvas, lines, found, peaks(every, found))


def draw_bulls_eyes(canvas: Canvas, box: Box, eyes: Sequence[tuple[str, FloatArray, str]]) -> None:
    """Bull's-eyes side by side, each of (title, values, unit) as `draw_bulls_eye` takes them."""
    each = box.width / len(eyes)
    for place, (title, values, unit) in enumerate(eyes):
        cell = Box(box.x + place * each + 2, box.y, each - 4, box.height)
        draw_bulls_eye(canvas, cell, title, values, unit)


def draw_bulls_eye(
    canvas: Canvas, box: Box, title: str, values: FloatArray, unit: str, rims: Mapping[int, str] | None = None
) -> None:
    """Draw (16, 17 or 18,) values as large as fits: one number per segment, a dash for NaN.

    `unit` chooses the shades (`core.strain.bullseye.RANGES`); `rims` are colours along the inside of segments (1, ...).
    """
    canvas.saveState()
    canvas.setFont(BOLD, 7)
    canvas.setFillColor(HexColor(INK))
    canvas.drawCentredString(box.x + box.width / 2, box.y + box.height - 8, title)
    radius = min(box.width, box.height - _EYE_TITLE) / 2 - 1
    x, y = box.x + box.width / 2, box.y + (box.height - _EYE_TITLE) / 2
    size = min(7.0, max(5.5, radius / 11))
    for number, value in enumerate(values.tolist(), 1):
        place, colour = sector(number, len(values)), shade(value, unit)
        canvas.setFillColor(Color(*(one / 255 for one in colour)))
        canvas.setStrokeColor(HexColor("#ffffff"))
        canvas.setLineWidth(0.7)
        _draw_sector(canvas, x, y, radius, place)
        canvas.setFillColor(HexColor("#111111" if light(colour) else "#ffffff"))
        canvas.setFont(PLAIN, size)
        dx, dy = place.middle
        text = signed(value, 0) if np.isfinite(value) else "–"
        canvas.drawCentredString(x + dx * radius, y + dy * radius - 0.36 * size, text)
    for number, rim in (rims or {}).items():
        place = sector(number, len(values))
        inside = replace(place, inner=place.inner + _RIM if place.inner else 0.0, outer=place.outer - _RIM)
        canvas.setStrokeColor(HexColor(rim))
        canvas.setLineWidth(1.4)
        _draw_sector(canvas, x, y, radius, inside, fill=0)
    canvas.restoreState()


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) between `low` and `high`, roughly `about` of them."""
    if not high > low:
        return [low]
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(one * step, 10) for one in range(first, last + 1)]


@dataclass(frozen=True, eq=False)
class _Plot:
    """Where values are drawn: the rectangle between the axes, times (t,) in seconds, and the values' range."""

    box: Box
    time_s: FloatArray
    low: float
    high: float

    @classmethod
    def within(cls, box: Box, time_s: FloatArray, low: float, high: float) -> "_Plot":
        """The plot with room for numbers on the left, a title and marks above, and times below."""
        return cls(Box(box.x + 26, box.y + 22, box.width - 32, box.height - 44), time_s, low, high)

    @property
    def end_s(self) -> float:
        """The last time; 1 for a single frame, which has no duration."""
        return float(self.time_s[-1]) or 1.0

    def x(self, second: float) -> float:
        return self.box.x + self.box.width * second / self.end_s

    def y(self, value: float) -> float:
        return self.box.y + self.box.height * (value - self.low) / (self.high - self.low)

    def points(self, values: FloatArray) -> FloatArray:
        """(t, 2) places on the page."""
        y = self.box.y + self.box.height * (values - self.low) / (self.high - self.low)
        return np.column_stack([self.box.x + self.box.width * self.time_s / self.end_s, y])


def _draw_title(canvas: Canvas, x: float, box: Box, title: str, colour: str) -> float:
    """Draw a title at the top of a chart and return its width."""
    canvas.setFont(BOLD, _TITLE)
    canvas.setFillColor(HexColor(colour))
    canvas.drawString(x, box.y + box.height - 8, title)
    return float(stringWidth(title, BOLD, _TITLE))


def _draw_axes(canvas: Canvas, plot: _Plot, values: int, times: int) -> None:
    """Axes with round numbers, roughly `values` and `times` of them."""
    box = plot.box
    canvas.setFont(PLAIN, _TEXT)
    canvas.setFillColor(HexColor(INK))
    canvas.setLineWidth(0.4)
    for value in ticks(plot.low, plot.high, values):
        canvas.setStrokeColor(HexColor(_GRID if value else INK))
        canvas.line(box.x, plot.y(value), box.x + box.width, plot.y(value))
        if value < plot.high:  # the names of events stand there
            canvas.drawRightString(box.x - 3, plot.y(value) - 2.2, typeset(f"{value:g}"))
    factor, unit = (1000.0, "ms") if plot.end_s <= 2 else (1.0, "s")
    canvas.setStrokeColor(HexColor(INK))
    for value in ticks(0, plot.end_s * factor, times):
        place = plot.x(value / factor)
        canvas.line(place, box.y, place, box.y - 2.5)
        canvas.drawCentredString(place, box.y - 9.5, f"{value:g}")
    canvas.drawCentredString(box.x + box.width / 2, box.y - 18.5, f"time, {unit}")
    canvas.setLineWidth(0.6)
    canvas.line(box.x, box.y, box.x + box.width, box.y)
    canvas.line(box.x, box.y, box.x, box.y + box.height)


def _draw_events(canvas: Canvas, plot: _Plot, events: CardiacEvents, closures: Sequence[int]) -> None:
    """A line per ED, ES and aortic valve closure, each with its frame (counted from 1) above.

    A label that would overlap the one before it stands lower, at the side of its line; without room there it is
    omitted.
    """
    marks = [(frame, name) for beat in events.beats for frame, name in ((beat.ed, "ED"), (beat.es, "ES"))]
    marks += [(frame, "AVC") for frame in closures]
    top = plot.box.y + plot.box.height
    free_above = free_below = -math.inf
    for frame, name in sorted(marks):
        x = plot.x(float(plot.time_s[frame]))
        canvas.setStrokeColor(HexColor(_EVENT_COLOURS[name]))
        canvas.setFillColor(HexColor(_EVENT_COLOURS[name]))
        canvas.setLineWidth(0.8)
        canvas.setDash(3, 2)
        canvas.line(x, plot.box.y, x, top)
        canvas.setDash()
        label = f"{name} {frame + 1}"
        width = stringWidth(label, BOLD, _TEXT)
        canvas.setFont(BOLD, _TEXT)
        if x - width / 2 >= free_above:
            canvas.drawCentredString(x, top + 3, label)
            free_above = x + width / 2 + 3
        elif x >= free_below:
            canvas.drawString(x + 2, top - _TEXT, label)
            free_below = x + 2 + width + 3


def _draw_line(canvas: Canvas, points: FloatArray, colour: str, width: float) -> None:
    """A line through (t, 2) points of the page, broken at NaN; a point alone is a dot."""
    canvas.setStrokeColor(HexColor(colour))
    canvas.setFillColor(HexColor(colour))
    canvas.setLineWidth(width)
    canvas.setLineJoin(1)
    found = np.flatnonzero(np.isfinite(points[:, 1]))
    for run in np.split(found, np.flatnonzero(np.diff(found) > 1) + 1):
        if len(run) == 1:
            canvas.circle(*points[run[0]].tolist(), 1, stroke=0, fill=1)
        elif len(run):
            path = canvas.beginPath()
            path.moveTo(*points[run[0]].tolist())
            for point in points[run[1:]].tolist():
                path.lineTo(*point)
            canvas.drawPath(path)


def _segment_colour(number: int) -> str:
    """Of a strain curve: 0 is the whole wall's."""
    return ON_WHITE[number - 1] if number else INK


def _draw_tags(canvas: Canvas, lines: list[FloatArray], found: WallStrain, wanted: list[int]) -> None:
    """The name of each curve, on it, where it peaks or near there."""
    names = (found.code, *(short_name(name) for name in found.names))
    canvas.setFont(BOLD, 5.5)
    for number, vertex in enumerate(placed(lines, wanted, _TAG)):
        if vertex < 0:
            continue
        x, y = lines[number][vertex].tolist()
        canvas.setFillColor(HexColor(_segment_colour(number)))
        canvas.roundRect(x - _TAG[0] / 2 + 1, y - _TAG[1] / 2 + 0.5, _TAG[0] - 2, _TAG[1] - 1, 1.5, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.drawCentredString(x, y - 2, names[number])


def _draw_sector(canvas: Canvas, x: float, y: float, radius: float, place: Sector, fill: int = 1) -> None:
    if place.span_deg >= 360:
        canvas.circle(x, y, place.outer * radius, stroke=1, fill=fill)
        return
    start, span = math.radians(place.start_deg), math.radians(place.span_deg)
    turns = [start + span * i / 24 for i in range(25)]
    path = canvas.beginPath()
    for i, turn in enumerate(turns):
        to = (x + place.outer * radius * math.cos(turn), y + place.outer * radius * math.sin(turn))
        (path.lineTo if i else path.moveTo)(*to)
    for turn in reversed(turns):
        path.lineTo(x + place.inner * radius * math.cos(turn), y + place.inner * radius * math.sin(turn))
    path.close()
    canvas.drawPath(path, stroke=1, fill=fill)
