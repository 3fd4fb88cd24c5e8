"""Tracking points of the wall drawn over the image, in the colours of their segments."""

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF

from kinecor.core.strain.drawing import ON_DARK, short_name
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.geometry import FloatArray
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme
from kinecor.ui.tiles.image_view import ImageView, Viewport, draw_text
from kinecor.ui.workspace.player import Player

_DOT_PX: Final = 4.5
# Distance of a segment's name from the middle of the wall: outside the epicardium at any zoom.
_TAG_PX, _TAG_SHARE = 15.0, 0.075
_NEAR_PX: Final = 12.0


def on_widget(points_px: FloatArray, viewport: Viewport) -> FloatArray:
    """(n, 2) image points as widget pixels."""
    return np.asarray(points_px * (viewport.scale_x, viewport.scale_y) + viewport.to_widget(0.0, 0.0))


def draw_wall(painter: QPainter, found: WallStrain, frame: int, viewport: Viewport, pointed: int | None) -> None:
    """All points of a frame: hollow where tracking is poor, pale where excluded; each segment with its short name."""
    points = on_widget(found.points_px[frame], viewport)
    if not np.isfinite(points).any():
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = np.nanmean(points, axis=0)
    away = _TAG_PX + _TAG_SHARE * float(np.ptp(points[np.isfinite(points[:, 1]), 1]))
    painter.setFont(theme.font(11, bold=True))
    for segment in range(len(found.names)):
        here = points[found.of_point == segment]
        here = here[np.isfinite(here).all(axis=1)]
        if not len(here):
            continue
        colour = QColor(ON_DARK[segment])
        colour.setAlpha(80 if segment in found.excluded else 255)
        wide = _DOT_PX * (1.6 if segment == pointed else 1.0)
        dots = QPolygonF([QPointF(x, y) for x, y in here.tolist()])
        if segment == pointed:
            painter.setPen(_round(QColor(theme.TEXT), wide + 3))
            painter.drawPoints(dots)
        painter.setPen(_round(colour, wide))
        painter.drawPoints(dots)
        if found.quality[segment] < TRACKING_QUALITY.withheld:
            painter.setPen(_round(QColor(theme.GROUND), wide - 2.4))
            painter.drawPoints(dots)
        _name(painter, short_name(found.names[segment]), here, middle, away, colour)


def _round(colour: QColor, width: float) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def _name(painter: QPainter, words: str, here: FloatArray, middle: FloatArray, away: float, colour: QColor) -> None:
    """Draw a segment's name outside the wall, next to the middle of the segment."""
    spot = here[len(here) // 2]
    outward = spot - middle
    spot = spot + outward / max(float(np.hypot(*outward)), 1e-6) * away
    wide = painter.fontMetrics().horizontalAdvance(words)
    draw_text(painter, QPointF(spot[0] - wide / 2, spot[1] + 4), words, colour.name())


def segment_under(found: WallStrain, frame: int, viewport: Viewport, x: float, y: float) -> int | None:
    """The segment with points near a position of the widget, or None."""
    away = np.hypot(*(on_widget(found.points_px[frame], viewport) - (x, y)).T)
    if not np.isfinite(away).any():
        return None
    nearest = int(np.nanargmin(away))
    return int(found.of_point[nearest]) if away[nearest] <= _NEAR_PX else None


class TrackingLayer(QObject):
    """Draws tracking points over an image and highlights the segment under the mouse."""

    def __init__(self, image: ImageView, player: Player, model: StrainModel, focus: SegmentFocus) -> None:
        super().__init__(image)
        self._image, self._player, self._model, self._focus = image, player, model, focus
        self.shown = False
        """Whether the points are shown."""
        model.changed.connect(image.update)
        focus.changed.connect(image.update)
        image.installEventFilter(self)

    def show(self, shown: bool) -> None:
        """Show the points, or hide them."""
        self.shown = shown
        self._model.watch(shown, self)
        self._image.update()

    def draw(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        """Draw the points of a frame, where they are shown and exist."""
        found = self._model.strain
        if self.shown and found is not None and frame < len(found.points_px):
            draw_wall(painter, found, frame, viewport, self._focus.segment)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Highlight the segment under the mouse while nothing is dragged."""
        found = self._model.strain
        if self.shown and found is not None:
            if isinstance(event, QMouseEvent) and event.buttons() == Qt.MouseButton.NoButton:
                frame = min(self._player.frame, len(found.points_px) - 1)
                at = event.position()
                self._focus.point_at(segment_under(found, frame, self._image.viewport, at.x(), at.y()))
            elif event.type() == QEvent.Type.Leave:
                self._focus.point_at(None)
        return super().eventFilter(watched, event)
