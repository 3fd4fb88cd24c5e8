"""Drawing contours, handles and words over a picture."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.contour import Contour
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.ui.style import theme
from kinecor.ui.tiles.viewport import Viewport

HANDLES = 12  # between the two hinge points
_HALO = QColor(0, 0, 0, 110)


def _spots(points: FloatArray, viewport: Viewport) -> list[QPointF]:
    x0, y0 = viewport.to_widget(0.0, 0.0)
    mapped = points * (viewport.scale_x, viewport.scale_y) + (x0, y0)
    return [QPointF(x, y) for x, y in mapped.tolist()]


def draw_contours(
    painter: QPainter,
    tracks: Mapping[Structure, ContourTrack],
    frame: int,
    viewport: Viewport,
    *,
    closed: bool = False,
) -> None:
    """Every structure of this frame: the outline 2 px wide whatever the zoom, the annulus as a thin dotted line.

    Where outlines are `closed` (short axis) they have no annulus.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for structure, track in tracks.items():
        contour = track.contours[frame]
        if contour is None:
            continue
        outline = _spots(contour.points, viewport)
        if closed:
            outline.append(outline[0])
        colour = QColor(theme.STRUCTURE_COLOURS[structure])
        painter.setPen(QPen(_HALO, 4))
        painter.drawPolyline(outline)
        unsure = track.confidence[frame] < DRAWN_SOLID
        painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine if unsure else Qt.PenStyle.SolidLine))
        painter.drawPolyline(outline)
        if closed:
            continue
        painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DotLine))
        painter.drawLine(outline[-1], outline[0])


def draw_thin(
    painter: QPainter,
    tracks: Mapping[Structure, ContourTrack],
    frame: int,
    viewport: Viewport,
    *,
    faint: Structure | None = None,
) -> None:
    """Closed outlines of a small picture, 1.4 px wide; with `faint` all but that structure are pale."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for structure, track in tracks.items():
        contour = track.contours[frame]
        if contour is None:
            continue
        colour = QColor(theme.STRUCTURE_COLOURS[structure])
        if faint is not None and structure is not faint:
            colour.setAlpha(110)
        unsure = track.confidence[frame] < DRAWN_SOLID
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine if unsure else Qt.PenStyle.SolidLine))
        painter.drawPolygon(_spots(contour.points, viewport))


def draw_handles(
    painter: QPainter, structure: Structure, contour: Contour, viewport: Viewport, *, closed: bool = False
) -> None:
    """Round handles along the outline and square ones on the hinge points; a closed outline has no hinge."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#101214"), 1))
    painter.setBrush(QColor(theme.STRUCTURE_COLOURS[structure]))
    along = np.linspace(0.0, 1.0, HANDLES + 2, endpoint=not closed)
    spots = _spots(contour.outline(closed=closed).place(along), viewport)
    if closed:
        for spot in spots:
            painter.drawEllipse(spot, 3.6, 3.6)
        return
    for spot in spots[1:-1]:
        painter.drawEllipse(spot, 3.6, 3.6)
    for hinge in (spots[0], spots[-1]):
        painter.drawRect(QRectF(hinge.x() - 4.5, hinge.y() - 4.5, 9, 9))


def draw_text(painter: QPainter, at: QPointF, text: str, colour: str = theme.TEXT) -> None:
    """Words that stay legible on bright and on dark tissue."""
    painter.setPen(QColor(0, 0, 0, 200))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(QColor(colour))
    painter.drawText(at, text)
