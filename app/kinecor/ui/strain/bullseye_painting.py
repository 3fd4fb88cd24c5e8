"""Drawing one bull's-eye, and finding the segment under the mouse."""

from collections.abc import Collection, Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from kinecor.core.strain.bullseye import Sector, light, sector, shade
from kinecor.core.table.number_format import signed
from kinecor.core.values.arrays import FloatArray
from kinecor.ui.style import theme


def draw_eye(
    painter: QPainter,
    centre: QPointF,
    radius: float,
    values: FloatArray,
    unit: str,
    *,
    rims: Mapping[int, str] | None = None,
    pointed: Collection[int] = (),
) -> None:
    """(16, 17 or 18,) values, a number in each segment, a dash where there is none.

    Args:
        painter: draws.
        centre: of the bull's-eye.
        radius: of the whole.
        values: by segment, in order.
        unit: of `core.bullseye.RANGES`.
        rims: colours drawn along the inside of segments (1, ...) to tell them apart.
        pointed: segments that stand out.

    """
    of = len(values)
    painter.setFont(theme.font(10))
    for number, value in enumerate(values.tolist(), 1):
        place, colour = sector(number, of), shade(value, unit)
        painter.setPen(QPen(QColor(theme.BACKGROUND), 1.2))
        painter.setBrush(QColor(*colour))
        painter.drawPath(sector_path(centre, radius, place))
        painter.setPen(QColor("#111111" if light(colour) else "#f2f2f2"))
        dx, dy = place.middle
        at = centre + QPointF(dx * radius, -dy * radius)
        text = signed(value, 0) if np.isfinite(value) else "–"
        painter.drawText(QRectF(at.x() - 16, at.y() - 8, 32, 16), Qt.AlignmentFlag.AlignCenter, text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, rim in (rims or {}).items():
        path = sector_path(centre, radius, sector(number, of))
        painter.save()
        painter.setClipPath(path)
        painter.setPen(QPen(QColor(rim), 5))  # half of it is clipped away
        painter.drawPath(path)
        painter.restore()
    painter.setPen(QPen(QColor(theme.TEXT), 2.2))
    for number in pointed:
        painter.drawPath(sector_path(centre, radius, sector(number, of)))


def segment_under(centre: QPointF, radius: float, of: int, at: QPointF) -> int | None:
    """The segment (1 to `of`) at a place, or None."""
    paths = ((number, sector_path(centre, radius, sector(number, of))) for number in range(1, of + 1))
    return next((number for number, path in paths if path.contains(at)), None)


def sector_path(centre: QPointF, radius: float, place: Sector) -> QPainterPath:
    """A sector as Qt draws it: angles counter-clockwise from the right, as ours."""
    path = QPainterPath()
    outer, inner = (_box(centre, radius * share) for share in (place.outer, place.inner))
    if place.span_deg >= 360:
        path.addEllipse(outer)
        return path
    path.arcMoveTo(outer, place.start_deg)
    path.arcTo(outer, place.start_deg, place.span_deg)
    if place.inner > 0:
        path.arcTo(inner, place.start_deg + place.span_deg, -place.span_deg)
    else:
        path.lineTo(centre)
    path.closeSubpath()
    return path


def _box(centre: QPointF, radius: float) -> QRectF:
    return QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
