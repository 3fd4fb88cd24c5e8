"""The bull's-eye on the report, as vectors."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.strain.bullseye import Sector, light, sector, shade
from kinecor.core.table.number_format import signed
from kinecor.core.values.arrays import FloatArray
from kinecor.io.report.picture import Box
from kinecor.io.report.typeset import BOLD, PLAIN

_LABEL_PT = 11.0
_RIM = 0.018  # how far inside its segment a rim runs, as a share of the radius


def draw_bulls_eye(
    canvas: Canvas, box: Box, title: str, values: FloatArray, unit: str, rims: Mapping[int, str] | None = None
) -> None:
    """Draw (16, 17 or 18,) values into `box`, as large as fits: one number per segment, a dash where there is none.

    `rims` are colours along the inside of segments (1, ...), to tell them apart.
    """
    canvas.saveState()
    canvas.setFont(BOLD, 7)
    canvas.setFillColor(HexColor("#333333"))
    canvas.drawCentredString(box.x + box.width / 2, box.y + box.height - 8, title)
    radius = min(box.width, box.height - _LABEL_PT) / 2 - 1
    x, y = box.x + box.width / 2, box.y + (box.height - _LABEL_PT) / 2
    for number, value in enumerate(values.tolist(), 1):
        place, colour = sector(number, len(values)), shade(value, unit)
        canvas.setFillColor(Color(*(one / 255 for one in colour)))
        canvas.setStrokeColor(HexColor("#ffffff"))
        canvas.setLineWidth(0.7)
        _draw_sector(canvas, x, y, radius, place)
        canvas.setFillColor(HexColor("#111111" if light(colour) else "#ffffff"))
        canvas.setFont(PLAIN, 5.5)
        dx, dy = place.middle
        text = signed(value, 0) if np.isfinite(value) else "–"
        canvas.drawCentredString(x + dx * radius, y + dy * radius - 2, text)
    for number, rim in (rims or {}).items():
        place = sector(number, len(values))
        inside = replace(place, inner=place.inner + _RIM if place.inner else 0.0, outer=place.outer - _RIM)
        canvas.setStrokeColor(HexColor(rim))
        canvas.setLineWidth(1.4)
        _draw_sector(canvas, x, y, radius, inside, fill=0)
    canvas.restoreState()


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
