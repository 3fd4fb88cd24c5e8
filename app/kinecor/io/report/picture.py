"""One frame on the report: the picture, its contours as vector lines, a scale bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from PIL import Image
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.cine import CineSequence, Region
from kinecor.core.values.contour import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.io.report.typeset import PLAIN

# Okabe and Ito's colours, told apart by the colour-blind too; the window uses the same.
COLOURS: Mapping[Structure, str] = MappingProxyType(
    {Structure.LV_ENDO: "#f0e442", Structure.LV_EPI: "#56b4e9", Structure.LA: "#e58bb8", Structure.RV: "#2fbf94"}
)
_BAR_LENGTHS_MM = (5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, in points; (x, y) is its lower left corner."""

    x: float
    y: float
    width: float
    height: float


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
    if x0 >= x1 or y0 >= y1:  # the region lies beside the picture altogether
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
    canvas.drawImage(ImageReader(_picture(cine.frames[frame], region)), box.x, box.y, box.width, box.height)
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


def _picture(frame: BytesArray, region: Region) -> Image.Image:
    part = frame[region.y0 : region.y1, region.x0 : region.x1]
    if part.ndim == 3 and (part[..., :1] == part).all():
        part = part[..., 0]
    return Image.fromarray(np.ascontiguousarray(part))


def _draw_contour(canvas: Canvas, box: Box, region: Region, contour: Contour, colour: str, *, closed: bool) -> None:
    """The outline as a line, the mitral annulus (its closing segment) dashed, both on a dark rim.

    A short-axis outline (`closed`) has no annulus: it is one line all round.
    """
    # Pixel centres lie at integers, so the picture's edge is half a pixel before its first centre.
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
    """A horizontal scale bar at the lower right, about a fifth of the picture long."""
    wanted_mm = box.width / 5 / points_per_mm
    length_mm = min(_BAR_LENGTHS_MM, key=lambda one: abs(one - wanted_mm))
    right, y = box.x + box.width - 6, box.y + 6
    left = right - length_mm * points_per_mm
    for ink, width in ((Color(0, 0, 0, alpha=0.7), 2.6), (HexColor("#ffffff"), 1.2)):
        canvas.setStrokeColor(ink)
        canvas.setLineWidth(width)
        canvas.line(left, y, right, y)
        canvas.line(left, y - 2, left, y + 2)
        canvas.line(right, y - 2, right, y + 2)
    text = f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm} mm"
    canvas.setFont(PLAIN, 6)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.drawCentredString((left + right) / 2, y + 4, text)
