"""The points of the wall as a layer of the picture: shown or not, and pointed at."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from kinecor.ui.strain.segment_focus import SegmentFocus
from kinecor.ui.strain.strain_model import StrainDesk
from kinecor.ui.strain.wall_overlay import draw_wall, segment_under
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.player import Player


class WallLayer(QObject):
    """Draws tracked points over a picture and lets the segment under the mouse stand out."""

    def __init__(self, image: ImageView, player: Player, desk: StrainDesk, focus: SegmentFocus) -> None:
        super().__init__(image)
        self._image, self._player, self._desk, self._focus = image, player, desk, focus
        self.shown = False
        """Whether the points are to be seen."""
        desk.changed.connect(image.update)
        focus.changed.connect(image.update)
        image.installEventFilter(self)

    def show(self, shown: bool) -> None:
        """Show the points, or hide them."""
        self.shown = shown
        self._desk.watch(shown, self)
        self._image.update()

    def draw(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        """The points of a frame, where there are any to be shown."""
        found = self._desk.strain
        if self.shown and found is not None and frame < len(found.points_px):
            draw_wall(painter, found, frame, viewport, self._focus.segment)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse over the picture while nothing is held."""
        found = self._desk.strain
        if self.shown and found is not None:
            if isinstance(event, QMouseEvent) and event.buttons() == Qt.MouseButton.NoButton:
                frame = min(self._player.frame, len(found.points_px) - 1)
                at = event.position()
                self._focus.point_at(segment_under(found, frame, self._image.viewport, at.x(), at.y()))
            elif event.type() == QEvent.Type.Leave:
                self._focus.point_at(None)
        return super().eventFilter(watched, event)
