"""Drawings of the report, as vectors: frames with contours, curves over time, bull's-eyes.

All lengths on the page are in points.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PIL import Image
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from kinecor.core.outlines.insertion import heart_view
from kinecor.core.report.language import ENGLISH, Language
from kinecor.core.strain.drawing import (
    ON_WHITE,
    SIDES_OF_EYE,
    Sector,
    is_withheld,
    light,
    peaks,
    place_labels,
    sector,
    shade,
    short_name,
    ticks,
)
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.table.measures import format_signed, typeset
from kinecor.core.values.callipers import Calliper
from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.geometry import BytesArray, Contour, FloatArray
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.message import number as decimal
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import CineSequence, Region, Stack
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.io.report.blocks import INK, Box, Drawing
from kinecor.io.report.pdf import BOLD, PLAIN
from kinecor.io.report.words import NAMES

_BAR_LENGTHS_MM = (5, 10, 20, 50, 100)
_END = "#1f5f8b"
_SHADE = "#141414"  # under lines and text on an image; opaque, since archives dislike transparency


def slices_drawing(stack: Stack, reading: Reading, title: Message, phase: int, language: Language = ENGLISH) -> Drawing:
    """All slices of a stack at one phase (0-based), base first, each with its number and position.

    Args:
        stack: its images.
        reading: of the stack.
        title: before the phase.
        phase: from 0.
        language: of the report.

    """
    time_ms = 1000 * float(stack.times_s[phase])
    head = language.fill("{title}: phase {phase}, {time:.0f} ms", title=title, phase=phase + 1, time=time_ms)
    paint = partial(_draw_slices, stack=stack, reading=reading, title=head, phase=phase, language=language)
    return Drawing(paint, 150.0, 250.0, 360.0, verbatim(head))


def contour_key(reading: Reading, language: Language = ENGLISH) -> tuple[Drawing, ...]:
    """Colours and names of the contours in one line; nothing where there are no contours.

    Args:
        reading: of a recording of any kind.
        language: of the report.

    """
    of = reading.slices or (reading,)
    shown = {
        ON_DARK[structure]: language.render(NAMES[structure])
        for structure in ON_DARK
        if any(structure in each.tracks for each in of)
    }
    return (Drawing(partial(_draw_key, shown=shown), 10.0, 10.0, 10.0),) if shown else ()


def crop(cine: CineSequence, reading: Reading) -> Region:
    """The part of the frame worth printing: the ultrasound region, widened to hold every contour.

    Args:
        cine: a loop, or a slice of a stack.
        reading: of the same.

    """
    whole = Region(0, 0, cine.columns, cine.rows)
    region = whole if cine.graphs else cine.region or whole
    points = [contour.points for track in reading.tracks.values() for contour in track.contours if contour is not None]
    low = np.array([region.x0, region.y0])
    high = np.array([region.x1, region.y1])
    if points:
        every = np.concatenate(points)
        low = np.minimum(low, np.floor(every.min(axis=0)).astype(int))
        high = np.maximum(high, np.ceil(every.max(axis=0)).astype(int) + 1)
    x0, y0 = (max(int(corner), 0) for corner in low)
    x1, y1 = min(int(high[0]), cine.columns), min(int(high[1]), cine.rows)
    if x0 >= x1 or y0 >= y1:  # the region is outside the image
        return Region(0, 0, cine.columns, cine.rows)
    return Region(x0, y0, x1, y1)


def fit_rectangle(box: Box, region: Region, reading: Reading) -> Box:
    """The largest rectangle in `box`, centred, with the true proportions of `region`.

    Args:
        box: in points.
        region: in pixels.
        reading: whose scale says how high and wide a pixel is.

    """
    scale = reading.calibration
    row, column = (scale.row_mm, scale.col_mm) if scale else (1.0, 1.0)
    width, height = (region.x1 - region.x0) * column, (region.y1 - region.y0) * row
    zoom = min(box.width / width, box.height / height)
    width, height = width * zoom, height * zoom
    return Box(box.x + (box.width - width) / 2, box.y + (box.height - height), width, height)


def draw_frame(canvas: Canvas, box: Box, region: Region, cine: CineSequence, reading: Reading, frame: int) -> None:
    """Draw `frame` cropped to `region` so that it fills `box`, with its contours and a scale bar.

    Args:
        canvas: of the page.
        box: in points.
        region: in pixels.
        cine: a loop, or a slice of a stack.
        reading: of the same.
        frame: from 0.

    """
    canvas.saveState()
    canvas.drawImage(ImageReader(_image(cine.frames[frame], region)), box.x, box.y, box.width, box.height)
    path = canvas.beginPath()
    path.rect(box.x, box.y, box.width, box.height)
    canvas.clipPath(path, stroke=0, fill=0)
    for structure, colour in ON_DARK.items():
        track = reading.tracks.get(structure)
        contour = track.contours[frame] if track else None
        if contour is not None:
            _draw_contour(canvas, box, region, contour, colour, closed=reading.kind.closed)
    for calliper in reading.callipers.values():
        if calliper.frame == frame and calliper.shape not in ("time", "line"):
            _draw_calliper(canvas, box, region, calliper)
    if reading.calibration and not cine.graphs:
        _draw_bar(canvas, box, box.width / ((region.x1 - region.x0) * reading.calibration.col_mm))
    canvas.restoreState()


def _draw_calliper(canvas: Canvas, box: Box, region: Region, calliper: Calliper) -> None:
    """Its lines, light on dark, and its name."""
    across, down = box.width / (region.x1 - region.x0), box.height / (region.y1 - region.y0)
    spots = [
        (box.x + (x + 0.5 - region.x0) * across, box.y + box.height - (y + 0.5 - region.y0) * down)
        for x, y in calliper.points
    ]
    path = canvas.beginPath()
    path.moveTo(*spots[0])
    for spot in spots[1:]:
        path.lineTo(*spot)
    if calliper.shape == "area":
        path.close()
    if calliper.shape == "point":
        (x, y) = spots[0]
        for dx, dy in ((3, 0), (0, 3)):
            path.moveTo(x - dx, y - dy)
            path.lineTo(x + dx, y + dy)
    for colour, width in (("#000000", 1.8), ("#ffffff", 0.8)):
        canvas.setStrokeColor(HexColor(colour))
        canvas.setLineWidth(width)
        canvas.drawPath(path, stroke=1, fill=0)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont(PLAIN, 6)
    middle = [sum(part) / len(spots) for part in zip(*spots, strict=True)]
    canvas.drawString(middle[0] + 3, middle[1] - 2, calliper.name)


def caption(cine: CineSequence, name: Message, frame: int, language: Language = ENGLISH) -> str:
    """What stands below a frame: its name, its number from 1 and its time; `frame` is counted from 0.

    Args:
        cine: with the times of its frames.
        name: before the frame.
        frame: from 0.
        language: of the report.

    """
    time_ms = 1000 * float(cine.times_s[frame])
    return language.fill("{name}: frame {frame}, {time:.0f} ms", name=name, frame=frame + 1, time=time_ms)


def _draw_key(canvas: Canvas, box: Box, *, shown: Mapping[str, str]) -> None:
    canvas.setFont(PLAIN, 6.5)
    canvas.setLineWidth(1.4)
    each = [stringWidth(name, PLAIN, 6.5) + 34 for name in shown.values()]
    left = box.x + (box.width - sum(each) + 16) / 2
    for (colour, name), width in zip(shown.items(), each, strict=True):
        canvas.setFillColor(HexColor("#222222"))
        canvas.rect(left, box.y + 1, 13, 8, stroke=0, fill=1)
        canvas.setStrokeColor(HexColor(colour))
        canvas.line(left + 1.5, box.y + 5, left + 11.5, box.y + 5)
        canvas.setFillColor(HexColor(INK))
        canvas.drawString(left + 18, box.y + 2.7, name)
        left += width


def _draw_slices(
    canvas: Canvas, box: Box, *, stack: Stack, reading: Reading, title: str, phase: int, language: Language
) -> None:
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(BOLD, 8)
    canvas.drawString(box.x, box.y + box.height - 9, title)
    count = len(stack.slices)
    inner = Box(box.x, box.y, box.width, box.height - 13)
    columns = max(range(1, count + 1), key=lambda n: min(inner.width / n, (inner.height / -(-count // n)) - 9))
    side = min(inner.width / columns, inner.height / -(-count // columns) - 9)
    pitch = inner.width / columns if columns > 1 else side
    order = range(count) if base_is_first(reading, phase) else range(count - 1, -1, -1)
    counted = stack_curves(reading).counted[:, phase]
    for place, number in enumerate(order):
        column, line = place % columns, place // columns
        x = inner.x + column * pitch + (pitch - side) / 2 + 1
        y = inner.y + inner.height - (line + 1) * (side + 9) + 9
        single_reading = reading.slices[number]
        region = _around(reading, number)
        image = fit_rectangle(Box(x, y, side - 2, side - 2), region, single_reading)
        draw_frame(canvas, image, region, stack.slices[number], single_reading, phase)
        counts = bool(counted[number]) and single_reading.tracks.get(Structure.LV_ENDO) is not None
        canvas.setFillColor(HexColor(INK))
        canvas.setFont(PLAIN, 6)
        position = language.render(decimal(stack.positions_mm[number], "+.1f"))
        label = typeset(f"{number + 1}   {position} mm{'' if counts else '  ×'}")
        canvas.drawCentredString(x + side / 2 - 1, y - 6.5, label)
        if counts and _is_end(reading, number, phase):
            canvas.setStrokeColor(HexColor(_END))
            canvas.setLineWidth(1.6)
            canvas.rect(image.x, image.y, image.width, image.height, stroke=1, fill=0)


def _is_end(reading: Reading, number: int, phase: int) -> bool:
    """Whether a slice is the basal or the apical one at a phase."""
    extent = choices(reading).extent
    return extent is not None and number in (extent.base[phase], extent.apex[phase])


def _around(reading: Reading, number: int) -> Region:
    """The square of a slice that holds all outlines of the stack and a rim; the whole image where there are none."""
    facts, heart = reading.slices[number].facts, heart_view(reading)
    if heart is None:
        return Region(0, 0, facts.columns, facts.rows)
    half = heart.side_px / 2
    x0, y0 = max(int(heart.x - half), 0), max(int(heart.y - half), 0)
    x1, y1 = min(int(heart.x + half), facts.columns), min(int(heart.y + half), facts.rows)
    return Region(0, 0, facts.columns, facts.rows) if x1 <= x0 or y1 <= y0 else Region(x0, y0, x1, y1)


def _image(frame: BytesArray, region: Region) -> Image.Image:
    part = frame[region.y0 : region.y1, region.x0 : region.x1]
    if part.ndim == 3 and (part[..., :1] == part).all():
        part = part[..., 0]
    return Image.fromarray(np.ascontiguousarray(part))


def _draw_contour(canvas: Canvas, box: Box, region: Region, contour: Contour, colour: str, *, closed: bool) -> None:
    """The outline as a line, the mitral annulus (its closing segment) dashed, both on a dark rim.

    A short-axis outline (`closed`) has no annulus: it is one line all round.
    """
    # Pixel centres are at integers, so the image's edge is half a pixel before its first centre.
    x = box.x + (contour.points[:, 0] + 0.5 - region.x0) * box.width / (region.x1 - region.x0)
    y = box.y + box.height - (contour.points[:, 1] + 0.5 - region.y0) * box.height / (region.y1 - region.y0)
    for ink, width in ((HexColor(_SHADE), 2.0), (HexColor(colour), 1.0)):
        canvas.setStrokeColor(ink)
        canvas.setLineWidth(width)
        canvas.setLineJoin(1)
        canvas.setDash()
        path = canvas.beginPath()
        path.moveTo(x[0], y[0])
        for step in zip(x[1:], y[1:], strict=True):
            path.lineTo(*step)
        if closed:
            path.close()
            canvas.drawPath(path)
            continue
        canvas.drawPath(path)
        canvas.setDash(2, 2)
        canvas.line(x[-1], y[-1], x[0], y[0])
    canvas.setDash()


def _draw_bar(canvas: Canvas, box: Box, points_per_mm: float) -> None:
    """A horizontal scale bar at the lower right, about a fifth of the image long, on a darkened ground."""
    wanted_mm = box.width / 5 / points_per_mm
    length_mm = min(_BAR_LENGTHS_MM, key=lambda length: abs(length - wanted_mm))
    text = f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm} mm"
    half = max(length_mm * points_per_mm, stringWidth(text, PLAIN, 6)) / 2 + 3
    middle, y = box.x + box.width - 3 - half, box.y + 5
    canvas.setFillColor(HexColor(_SHADE))
    canvas.rect(middle - half, y - 3, 2 * half, 13, stroke=0, fill=1)
    left, right = middle - length_mm * points_per_mm / 2, middle + length_mm * points_per_mm / 2
    canvas.setStrokeColor(HexColor("#ffffff"))
    canvas.setLineWidth(1.2)
    canvas.line(left, y, right, y)
    canvas.line(left, y - 2, left, y + 2)
    canvas.line(right, y - 2, right, y + 2)
    canvas.setFont(PLAIN, 6)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.drawCentredString(middle, y + 4, text)


_GRID = "#dddddd"
_EVENT_COLOURS = {"ED": "#b3261e", "ES": "#3a6b1f", "AVC": "#6a2c91", "MVO": "#1f5f8b"}
_TITLE, _TEXT = 7.5, 6.5
_TAG = (21.0, 8.5)
# Percent shown whatever the heart does, so that two reports compare at a glance.
_MIN_STRAIN = (-20.0, 5.0)
_HATCH_PT = 4.0  # between the lines over a segment whose value is withheld
_EYE_TITLE, _SIDE_PT = 11.0, 13.0  # room for the title; for SEPT and LAT
_RIM = 0.018  # how far inside its segment a rim runs, as a share of the radius


def draw_strain(
    canvas: Canvas,
    box: Box,
    found: WallStrain,
    events: CardiacEvents | None,
    valves: Sequence[tuple[str, int]] = (),
    title: Message = message("Longitudinal strain, % (segments exploratory)"),  # noqa: B008 - a constant
    language: Language = ENGLISH,
) -> None:
    """Draw the strain curves of a loop, shortening downwards: the whole wall thick, segments thin with their names.

    Curves whose value is withheld, and segments that a reader excluded, are dotted and thin.
    `valves` are names and frames (0-based) of AVC and MVO.

    Args:
        canvas: of the page.
        box: in points.
        found: strain of the wall.
        events: marks that are drawn; None for none.
        valves: (name, frame from 0) of further marks.
        title: above the curves.
        language: of the report.

    """
    _draw_title(canvas, box, language.render(title))
    every = np.column_stack([found.global_percent, found.segments_percent])
    low = min(_MIN_STRAIN[0], 5 * np.floor(np.nanmin(every, initial=0.0) / 5))
    high = max(_MIN_STRAIN[1], 5 * np.ceil(np.nanmax(every, initial=0.0) / 5))
    plot = _Plot.within(box, found.time_s, float(low), float(high))
    _draw_axes(canvas, plot, 6, 8 if box.width > 300 else 5, language)
    if events:
        _draw_events(canvas, plot, events, valves)
    lines = [plot.points(column) for column in every.T]
    for number in (*range(1, len(lines)), 0):
        withheld = is_withheld(found, number)
        canvas.setDash(*((1, 1.5) if withheld or number - 1 in found.excluded else ()))
        _draw_line(canvas, lines[number], _segment_colour(number), 0.6 if withheld else 0.9 if number else 2.0)
    canvas.setDash()
    _draw_tags(canvas, lines, found, peaks(every, found))


def draw_bulls_eyes(canvas: Canvas, box: Box, eyes: Sequence[tuple[str, FloatArray, str]]) -> None:
    """Bull's-eyes side by side, each of (title, values, unit) as `draw_bulls_eye` takes them.

    Args:
        canvas: of the page.
        box: in points.
        eyes: one at least.

    """
    each = box.width / len(eyes)
    for place, (title, values, unit) in enumerate(eyes):
        cell = Box(box.x + place * each + 2, box.y, each - 4, box.height)
        draw_bulls_eye(canvas, cell, title, values, unit)


def draw_bulls_eye(
    canvas: Canvas,
    box: Box,
    title: str,
    values: FloatArray,
    unit: str,
    rims: Mapping[int, str] | None = None,
    hatched: Collection[int] = (),
) -> None:
    """Draw (16, 17 or 18,) values as large as fits: one number per segment, a dash for NaN.

    `unit` chooses the shades (`core.strain.bullseye.RANGES`); `rims` are colours along the inside of segments (1, ...);
    `hatched` are segments whose value is withheld.

    Args:
        canvas: of the page.
        box: in points.
        title: above it.
        values: (16,), (17,) or (18,), NaN where unknown.
        unit: of the values, which says their colours.
        rims: colour of the rim, by segment.
        hatched: segments whose values are withheld.

    """
    canvas.saveState()
    canvas.setFont(BOLD, 7)
    canvas.setFillColor(HexColor(INK))
    canvas.drawCentredString(box.x + box.width / 2, box.y + box.height - 8, title)
    radius = min(box.width / 2 - _SIDE_PT, (box.height - _EYE_TITLE) / 2 - 6)
    x, y = box.x + box.width / 2, box.y + (box.height - _EYE_TITLE) / 2
    size = min(7.0, max(5.5, radius / 11))
    for number, value in enumerate(values.tolist(), 1):
        place, colour = sector(number, len(values)), shade(value, unit)
        canvas.setFillColor(Color(*(channel / 255 for channel in colour)))
        canvas.setStrokeColor(HexColor("#ffffff"))
        canvas.setLineWidth(0.7)
        _draw_sector(canvas, x, y, radius, place)
        if number in hatched:
            _hatch_sector(canvas, x, y, radius, place)
        canvas.setFillColor(HexColor("#111111" if light(colour) else "#ffffff"))
        canvas.setFont(PLAIN, size)
        dx, dy = place.middle
        text = format_signed(value, 0) if np.isfinite(value) else "–"
        canvas.drawCentredString(x + dx * radius, y + dy * radius - 0.36 * size, text)
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(PLAIN, 5)
    for sentence, across, up in SIDES_OF_EYE:
        canvas.drawCentredString(x + across * (radius + 0.6 * _SIDE_PT), y + up * (radius + 3.2) - 1.8, sentence)
    for number, rim in (rims or {}).items():
        place = sector(number, len(values))
        inside = replace(place, inner=place.inner + _RIM if place.inner else 0.0, outer=place.outer - _RIM)
        canvas.setStrokeColor(HexColor(rim))
        canvas.setLineWidth(1.4)
        _draw_sector(canvas, x, y, radius, inside, fill=0)
    canvas.restoreState()


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


def _draw_title(canvas: Canvas, box: Box, title: str) -> None:
    canvas.setFont(BOLD, _TITLE)
    canvas.setFillColor(HexColor(INK))
    canvas.drawString(box.x, box.y + box.height - 8, title)


def _draw_axes(canvas: Canvas, plot: _Plot, values: int, times: int, language: Language) -> None:
    """Axes with round numbers, roughly `values` and `times` of them."""
    box = plot.box
    canvas.setFont(PLAIN, _TEXT)
    canvas.setFillColor(HexColor(INK))
    canvas.setLineWidth(0.4)
    for value in ticks(plot.low, plot.high, values):
        canvas.setStrokeColor(HexColor(_GRID if value else INK))
        canvas.line(box.x, plot.y(value), box.x + box.width, plot.y(value))
        if value < plot.high:  # the names of events stand there
            canvas.drawRightString(box.x - 3, plot.y(value) - 2.2, typeset(language.render(decimal(value, "g"))))
    factor, unit = (1000.0, "ms") if plot.end_s <= 2 else (1.0, "s")
    canvas.setStrokeColor(HexColor(INK))
    for value in ticks(0, plot.end_s * factor, times):
        place = plot.x(value / factor)
        canvas.line(place, box.y, place, box.y - 2.5)
        canvas.drawCentredString(place, box.y - 9.5, language.render(decimal(value, "g")))
    canvas.drawCentredString(box.x + box.width / 2, box.y - 18.5, language.fill("time, {unit}", unit=verbatim(unit)))
    canvas.setLineWidth(0.6)
    canvas.line(box.x, box.y, box.x + box.width, box.y)
    canvas.line(box.x, box.y, box.x, box.y + box.height)


def _draw_events(canvas: Canvas, plot: _Plot, events: CardiacEvents, valves: Sequence[tuple[str, int]]) -> None:
    """A line per ED, ES, aortic valve closure and mitral valve opening, each with its frame (counted from 1) above.

    A label that would overlap the one before it stands lower, at the side of its line; without room there it is
    omitted.
    """
    marks = [(frame, name) for beat in events.beats for frame, name in ((beat.ed, "ED"), (beat.es, "ES"))]
    marks += [(frame, name) for name, frame in valves]
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


def _draw_tags(canvas: Canvas, lines: list[FloatArray], strain: WallStrain, wanted: list[int]) -> None:
    """The name of each curve, on it, where it peaks or near there."""
    names = (strain.code, *(short_name(name) for name in strain.names))
    canvas.setFont(BOLD, 5.5)
    for number, vertex in enumerate(place_labels(lines, wanted, _TAG)):
        withheld = is_withheld(strain, number)
        if vertex < 0 or (withheld and not number):
            continue
        x, y = lines[number][vertex].tolist()
        colour, paper = HexColor(_segment_colour(number)), HexColor("#ffffff")
        canvas.setFillColor(paper if withheld else colour)
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(0.4)
        plate = (x - _TAG[0] / 2 + 1, y - _TAG[1] / 2 + 0.5, _TAG[0] - 2, _TAG[1] - 1, 1.5)
        canvas.roundRect(*plate, stroke=int(withheld), fill=1)
        canvas.setFillColor(colour if withheld else paper)
        canvas.drawCentredString(x, y - 2, names[number])


def _hatch_sector(canvas: Canvas, x: float, y: float, radius: float, place: Sector) -> None:
    """Oblique lines over a segment, so that it differs from one that no view shows in black and white, too."""
    canvas.saveState()
    canvas.clipPath(_sector_path(canvas, x, y, radius, place), stroke=0, fill=0)
    canvas.setStrokeColor(HexColor("#9aa2ab"))
    canvas.setLineWidth(0.5)
    at = -2 * radius
    while at < 2 * radius:
        canvas.line(x + at - radius, y - radius, x + at + radius, y + radius)
        at += _HATCH_PT
    canvas.restoreState()


def _draw_sector(canvas: Canvas, x: float, y: float, radius: float, place: Sector, fill: int = 1) -> None:
    canvas.drawPath(_sector_path(canvas, x, y, radius, place), stroke=1, fill=fill)


def _sector_path(canvas: Canvas, x: float, y: float, radius: float, place: Sector) -> PDFPathObject:
    path = canvas.beginPath()
    if place.span_deg >= 360:
        path.circle(x, y, place.outer * radius)
        return path
    start, span = math.radians(place.start_deg), math.radians(place.span_deg)
    turns = [start + span * i / 24 for i in range(25)]
    for i, turn in enumerate(turns):
        to = (x + place.outer * radius * math.cos(turn), y + place.outer * radius * math.sin(turn))
        (path.lineTo if i else path.moveTo)(*to)
    for turn in reversed(turns):
        path.lineTo(x + place.inner * radius * math.cos(turn), y + place.inner * radius * math.sin(turn))
    path.close()
    return path
