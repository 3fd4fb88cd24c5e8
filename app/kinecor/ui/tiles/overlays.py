"""What is drawn over an image: contours and handles, outlined text, plates with words."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from kinecor.core.outlines.drag import apex_of
from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.polyline import polyline
from kinecor.ui.tiles.viewport import Viewport

HANDLES = 12  # between the two hinge points
_APART_PX, _FEWEST = 26.0, 4  # of handles on small contours
_SMALL_PX = 60.0  # across: below it the cross is small, too
WIDTH_PX = 1.8  # of contours
_HALO = QColor(theme.GROUND)  # opaque: a translucent line costs four times as much to draw
HALO_PX = 1.6  # wider than the line
_DOT_PX = 3.0


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
    width_px: float = WIDTH_PX,
    emphasised: Structure | None = None,
) -> None:
    """Every structure of a frame: contours of constant width on screen, the annulus as a thin dotted line.

    Args:
        painter: draws.
        tracks: contours by structure.
        frame: 0-based.
        viewport: position of the image.
        closed: whether contours are closed (short axis); these have no annulus.
        width_px: of the line on screen; lines of full width get a dark halo.
        emphasised: all other structures are drawn pale; None for no such distinction.

    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for structure, track in tracks.items():
        contour = track.contours[frame]
        if contour is None:
            continue
        points = contour.points * (viewport.scale_x, viewport.scale_y) + viewport.to_widget(0.0, 0.0)
        if closed:
            points = np.append(points, points[:1], axis=0)
        line = polyline(points)
        colour = QColor(theme.STRUCTURE_COLOURS[structure])
        if emphasised is not None and structure is not emphasised:
            colour.setAlpha(110)
        if width_px >= WIDTH_PX:
            painter.setPen(QPen(_HALO, width_px + HALO_PX))
            painter.drawPolyline(line)
        unsure = track.confidence[frame] < DRAWN_SOLID
        painter.setPen(QPen(colour, width_px, Qt.PenStyle.DashLine if unsure else Qt.PenStyle.SolidLine))
        painter.drawPolyline(line)
        if not closed:
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(*points[-1].tolist()), QPointF(*points[0].tolist()))


def handles_on(points_px: FloatArray) -> int:
    """How many handles a contour (n, 2), in pixels of the screen, has in addition to its ends: fewer on a small one.

    Else handles cover the line that they are meant to move.
    """
    length_px = float(np.hypot(*np.diff(points_px, axis=0).T).sum())
    return int(np.clip(length_px / _APART_PX - 2, _FEWEST - 2, HANDLES))


def draw_handles(
    painter: QPainter, structure: Structure, contour: Contour, viewport: Viewport, *, closed: bool = False
) -> None:
    """Round handles along the contour, square ones on the hinge points, diamonds at the apex and between the hinges.

    A closed contour has a cross at its centre in place of these, by which it is moved as a whole.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#101214"), 1))
    painter.setBrush(QColor(theme.STRUCTURE_COLOURS[structure]))
    on_screen = contour.points * (viewport.scale_x, viewport.scale_y)
    along = np.linspace(0.0, 1.0, handles_on(on_screen) + 2, endpoint=not closed)
    spots = _spots(contour.outline(closed=closed).place(along), viewport)
    if closed:
        small = float(np.ptp(on_screen, axis=0).min()) < _SMALL_PX
        for spot in spots:
            painter.drawEllipse(spot, 2.6 if small else 3.6, 2.6 if small else 3.6)
        middle = _spots(contour.centroid[None], viewport)[0]
        arm, thick = (7.0, 3.0) if small else (13.0, 5.0)
        for wide, high in ((arm, thick), (thick, arm)):
            painter.drawRect(QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high))
        return
    apex = _spots(contour.points[[apex_of(contour)]], viewport)[0]
    for spot in spots[1:-1]:
        if (spot - apex).manhattanLength() > 14:
            painter.drawEllipse(spot, 3.6, 3.6)
    middle = (spots[0] + spots[-1]) / 2
    for position in (apex, middle):
        painter.drawPolygon([position + QPointF(*by) for by in ((0, -7), (7, 0), (0, 7), (-7, 0))])
    for hinge in (spots[0], spots[-1]):
        painter.drawRect(QRectF(hinge.x() - 4.5, hinge.y() - 4.5, 9, 9))


def draw_text(painter: QPainter, at: QPointF, text: str, colour: str = theme.TEXT) -> None:
    """Text with a shadow, legible on bright and on dark tissue."""
    painter.setPen(QColor(theme.GROUND))
    painter.drawText(at + QPointF(1, 1), text)
    painter.setPen(QColor(colour))
    painter.drawText(at, text)


PLATE = QColor(11, 13, 15, 200)
_BADGE = QColor("#e8ebef")
_PLATE_PX = 22  # high
_INSET_PX = 8


def draw_plate(
    painter: QPainter, at: QPointF, text: str, colour: str = theme.TEXT, *, high: float = _PLATE_PX
) -> float:
    """Words on a dark plate, whose upper left corner is `at`; how wide it is (pixels)."""
    wide = painter.fontMetrics().horizontalAdvance(text) + (2 * _INSET_PX if high == _PLATE_PX else _INSET_PX)
    box = QRectF(at.x(), at.y(), wide, high)
    painter.fillRect(box, PLATE)
    painter.setPen(QColor(colour))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return float(wide)


def fitting(words: str, font: QFont, room_px: float) -> str:
    """As many parts of a header, the first at least, as fit on a plate in a narrow tile: the time goes first."""
    metrics, parts = QFontMetrics(font), words.split(" · ")
    while len(parts) > 1 and metrics.horizontalAdvance(" · ".join(parts)) + 2 * _INSET_PX > room_px:
        parts.pop()
    return " · ".join(parts)


def draw_badge(painter: QPainter, at: QPointF, text: str) -> float:
    """The name of a view, dark on light, whose upper left corner is `at`; how wide it is (pixels)."""
    painter.setFont(theme.font(12, bold=True))
    wide = painter.fontMetrics().horizontalAdvance(text) + _INSET_PX + 4
    box = QRectF(at.x(), at.y() + 2, wide, _PLATE_PX - 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BADGE)
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(theme.GROUND))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setFont(theme.font(12))
    return float(wide)


def draw_dotted(
    painter: QPainter,
    contour: Contour | None,
    colour: str,
    viewport: Viewport,
    *,
    closed: bool,
) -> None:
    """A contour that is not the one of this frame now, dotted, over a dark halo that sets it off from others."""
    if contour is None:
        return
    points = contour.points * (viewport.scale_x, viewport.scale_y) + viewport.to_widget(0.0, 0.0)
    line = polyline(np.append(points, points[:1], axis=0) if closed else points)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen_colour, width in ((_HALO, 3.0), (QColor(colour), 1.6)):
        pen = QPen(pen_colour, width, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([_DOT_PX / width, _DOT_PX / width])  # in units of the width
        painter.setPen(pen)
        painter.drawPolyline(line)


DOTS: Final = "\N{MIDDLE DOT}" * 3
"""A dotted line in a text."""


def draw_key(painter: QPainter, lines: Sequence[tuple[str, str]], below_px: int = 0) -> None:
    """What dotted contours are, in their colours: below the title at the upper left, or `below_px` further down."""
    painter.setFont(theme.font(12))
    for row, (line, colour) in enumerate(lines):
        draw_text(painter, QPointF(12, 72 + below_px + 17 * row), line, colour)


def draw_brush(painter: QPainter, at: QPointF, radius_px: float) -> None:
    """A round brush under the mouse, with its middle."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.TEXT), 1.4))
    painter.drawEllipse(at, radius_px, radius_px)
    painter.drawLine(at + QPointF(-4, 0), at + QPointF(4, 0))
    painter.drawLine(at + QPointF(0, -4), at + QPointF(0, 4))
