"""Graphics of documents over the images: segmentations and presentation states that a reader switched on."""

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from kinecor.core.values.foreign import Graphic, Overlay
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.polyline import polyline
from kinecor.ui.tiles.overlays import draw_text
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.sources import PictureSource

COLOUR = "#c9a5ff"
"""Of what others drew: no structure of ours has it."""
_DOT_PX = 3.0


class DocumentOverlays(QObject):
    """Those that are shown, by path of the document.

    Signals:
        changed(): one was shown or hidden.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Overlay] = {}

    @property
    def paths(self) -> frozenset[str]:
        """Of the documents that are shown."""
        return frozenset(self._shown)

    def show(self, overlay: Overlay) -> None:
        """Draw what a document draws."""
        self._shown[overlay.path] = overlay
        self.changed.emit()

    def hide(self, path: str) -> None:
        """Draw it no more."""
        if self._shown.pop(path, None) is not None:
            self.changed.emit()

    def clear(self) -> None:
        """Hide all: another study is opened."""
        if self._shown:
            self._shown.clear()
            self.changed.emit()

    def at(self, recording_id: str, frame: int) -> Iterable[Graphic]:
        """What is drawn on a frame."""
        for overlay in self._shown.values():
            yield from overlay.graphics.get(recording_id, {}).get(frame, ())

    def over(self, source: PictureSource) -> Callable[[QPainter, int, Viewport], None]:
        """What draws them over a picture of a recording; see `Picture.above`."""

        def draw(painter: QPainter, frame: int, viewport: Viewport) -> None:
            if self._shown and source.cine is not None:
                draw_graphics(painter, self.at(source.cine.source.recording_id, frame), viewport)

        return draw


def draw_graphics(painter: QPainter, graphics: Iterable[Graphic], viewport: Viewport) -> None:
    """Lines, points and words in the colour of what others drew."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(theme.font(12))
    for graphic in graphics:
        points = graphic.points * (viewport.scale_x, viewport.scale_y) + viewport.to_widget(0.0, 0.0)
        first = QPointF(*points[0].tolist())
        if graphic.dots:
            painter.setPen(QPen(QColor(COLOUR), 1.4))
            for x, y in points.tolist():
                painter.drawLine(QPointF(x - _DOT_PX, y), QPointF(x + _DOT_PX, y))
                painter.drawLine(QPointF(x, y - _DOT_PX), QPointF(x, y + _DOT_PX))
        elif len(points) > 1:
            line = polyline(np.append(points, points[:1], axis=0) if graphic.closed else points)
            for colour, width in ((QColor(theme.GROUND), 3.2), (QColor(COLOUR), 1.6)):
                painter.setPen(QPen(colour, width))
                painter.drawPolyline(line)
        elif graphic.text:
            draw_text(painter, first, graphic.text, COLOUR)
