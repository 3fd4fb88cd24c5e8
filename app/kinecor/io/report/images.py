"""Frames on the report: pixels, contours as vector lines, a scale bar; ED and ES together, and all slices of a stack.

All lengths on the page are in points.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np
from PIL import Image
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.outlines.heart_view import heart_view
from kinecor.core.table.number_format import typeset
from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.cine import CineSequence, Region
from kinecor.core.values.contour import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Stack
from kinecor.core.values.stack_reading import choices
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.io.report.blocks import GAP, INK, WIDTH, Box, Drawing
from kinecor.io.report.typeset import BOLD, PLAIN
from kinecor.io.report.words import NAMES

# Okabe and Ito's colours, distinguishable to the colour-blind; the window uses the same.
COLOURS: Mapping[Structure, str] = MappingProxyType(
    {Structure.LV_ENDO: "#f0e442", Structure.LV_EPI: "#56b4e9", Structure.LA: "#e58bb8", Structure.RV: "#2fbf94"}
)
_BAR_LENGTHS_MM = (5, 10, 20, 50, 100)
_CAPTION = 11.0
_MOST_IMAGE = 250.0
_END = "#1f5f8b"


def frames_drawing(cine: CineSequence, reading: Reading, shown: Sequence[tuple[str, int]]) -> Drawing:
    """Frames side by side, each with its caption; `shown` are (name, frame), frames from 0."""
    region = crop(cine, reading)
    each = (WIDTH - GAP) / 2
    most = fitted(Box(0, 0, each, _MOST_IMAGE), region, reading).height + _CAPTION
    paint = partial(_draw_frames, cine=cine, reading=reading, shown=tuple(shown), region=region)
    return Drawing(paint, min(120.0, most), min(200.0, most), most)


def slices_drawing(stack: Stack, reading: Reading, title: str, phase: int) -> Drawing:
    """All slices of a stack at one phase (0-based), base first, each with its number and position."""
    return Drawing(partial(_draw_slices, stack=stack, reading=reading, title=title, phase=phase), 150.0, 250.0, 360.0)


def contour_key(reading: Reading) -> tuple[Drawing, ...]:
    """Colours and names of the contours in one line; nothing where there are no contours."""
    of = reading.slices or (reading,)
    shown = [one for one in COLOURS if any(one in each.tracks for each in of)]
    return (Drawing(partial(_draw_key, shown=shown), 10.0, 10.0, 10.0),) if shown else ()


def crop(cine: CineSequence, reading: Reading) -> Region:
    """The part of the frame worth printing: the ultrasound region, widened to hold every contour."""
    region = cine.region or Region(0, 0, cine.columns, cine.rows)
    points = [one.points for track in reading.tracks.values() for one in track.contours if one is not None]
    low = np.array([region.x0, region.y0])
    high = np.array([region.x1, region.y1])
    if points:
        every = np.concatenate(points)
        low = np.minimum(low, np.floor(every.min(axis=0)).astype(int))
        high = np.maximum(high, np.ceil(every.max(axis=0)).astype(int) + 1)
    x0, y0 = (max(int(one), 0) for one in low)
    x1, y1 = min(int(high[0]), cine.columns), min(int(high[1]), cine.rows)
    if x0 >= x1 or y0 >= y1:  # the region is outside the image
        return Region(0, 0, cine.columns, cine.rows)
    return Region(x0, y0, x1, y1)


def fitted(box: Box, region: Region, reading: Reading) -> Box:
    """The largest rectangle in `box`, centred, in which `region` keeps its true proportions."""
    scale = reading.calibration
    row, column = (scale.row_mm, scale.col_mm) if scale else (1.0, 1.0)
    width, height = (region.x1 - region.x0) * column, (region.y1 - region.y0) * row
    zoom = min(box.width / width, box.height / height)
    width, height = width * zoom, height * zoom
    return Box(box.x + (box.width - width) / 2, box.y + (box.height - height), width, height)


def draw_frame(canvas: Canvas, box: Box, region: Region, cine: CineSequence, reading: Reading, frame: int) -> None:
    """Draw `frame` cropped to `region` so that it fills `box`, with its contours and a scale bar."""
    canvas.saveState()
    canvas.drawImage(ImageReader(_image(cine.frames[frame], region)), box.x, box.y, box.width, box.height)
    path = canvas.beginPath()
    path.rect(box.x, box.y, box.width, box.height)
    canvas.clipPath(path, stroke=0, fill=0)
    for structure, colour in COLOURS.items():
        track = reading.tracks.get(structure)
        contour = track.contours[frame] if track else None
        if contour is not None:
            _draw_contour(canvas, box, region, contour, colour, closed=reading.kind.closed)
    if reading.calibration:
        _draw_bar(canvas, box, box.width / ((region.x1 - region.x0) * reading.calibration.col_mm))
    canvas.restoreState()


def caption(cine: CineSequence, name: str, frame: int) -> str:
    """What stands below a frame: its name, its number from 1 and its time; `frame` is counted from 0."""
    return f"{name}: frame {frame + 1}, {1000 * cine.times_s[frame]:.0f} ms"


def _draw_frames(
    canvas: Canvas,
    box: Box,
    *,
    cine: CineSequence,
    reading: Reading,
    shown: Sequence[tuple[str, int]],
    region: Region,
) -> None:
    each = (box.width - GAP) / 2
    left = box.x + (box.width - each * len(shown) - GAP * (len(shown) - 1)) / 2
    for place, (name, frame) in enumerate(shown):
        cell = Box(left + place * (each + GAP), box.y + _CAPTION, each, box.height - _CAPTION)
        inner = fitted(cell, region, reading)
        draw_frame(canvas, inner, region, cine, reading, frame)
        canvas.setFillColor(HexColor(INK))
        canvas.setFont(PLAIN, 7.5)
        canvas.drawCentredString(inner.x + inner.width / 2, inner.y - 9, caption(cine, name, frame))


def _draw_key(canvas: Canvas, box: Box, *, shown: Sequence[Structure]) -> None:
    canvas.setFont(PLAIN, 6.5)
    canvas.setLineWidth(1.4)
    each = [stringWidth(NAMES[one], PLAIN, 6.5) + 34 for one in shown]
    left = box.x + (box.width - sum(each) + 16) / 2
    for structure, width in zip(shown, each, strict=True):
        canvas.setFillColor(HexColor("#222222"))
        canvas.rect(left, box.y + 1, 13, 8, stroke=0, fill=1)
        canvas.setStrokeColor(HexColor(COLOURS[structure]))
        canvas.line(left + 1.5, box.y + 5, left + 11.5, box.y + 5)
        canvas.setFillColor(HexColor(INK))
        canvas.drawString(left + 18, box.y + 2.7, NAMES[structure])
        left += width


def _draw_slices(canvas: Canvas, box: Box, *, stack: Stack, reading: Reading, title: str, phase: int) -> None:
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(BOLD, 8)
    when = f"{title}: phase {phase + 1}, {1000 * stack.times_s[phase]:.0f} ms"
    canvas.drawString(box.x, box.y + box.height - 9, when)
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
        one = reading.slices[number]
        region = _around(reading, number)
        image = fitted(Box(x, y, side - 2, side - 2), region, one)
        draw_frame(canvas, image, region, stack.slices[number], one, phase)
        counts = bool(counted[number]) and one.tracks.get(Structure.LV_ENDO) is not None
        canvas.setFillColor(HexColor(INK))
        canvas.setFont(PLAIN, 6)
        label = typeset(f"{number + 1}   {stack.positions_mm[number]:+.1f} mm{'' if counts else '  ×'}")
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
    for ink, width in ((Color(0, 0, 0, alpha=0.55), 2.0), (HexColor(colour), 1.0)):
        canvas.setStrokeColor(ink)
        canvas.setLineWidth(width)
        canvas.setLineJoin(1)
        canvas.setDash()
        path = canvas.beginPath()
        path.moveTo(x[0], y[0])
        for one in zip(x[1:], y[1:], strict=True):
            path.lineTo(*one)
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
    length_mm = min(_BAR_LENGTHS_MM, key=lambda one: abs(one - wanted_mm))
    text = f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm} mm"
    half = max(length_mm * points_per_mm, stringWidth(text, PLAIN, 6)) / 2 + 3
    middle, y = box.x + box.width - 3 - half, box.y + 5
    canvas.setFillColor(Color(0, 0, 0, alpha=0.5))
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
