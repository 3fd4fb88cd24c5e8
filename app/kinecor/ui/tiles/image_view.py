"""The picture in focus: contours are corrected on it by hand."""

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.outlines.drag import Grab
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit
from kinecor.ui.tiles.overlays import draw_handles
from kinecor.ui.tiles.picture import Picture
from kinecor.ui.tiles.propagate_bar import PropagateBar
from kinecor.ui.workspace.dragging import Drag, grab_at, reach_of
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.propagation import with_followers
from kinecor.ui.workspace.workspace import Change, ReadingSource

JITTER_PX = 3.0  # a press that moves less (screen pixels) is not a drag


class ImageView(Picture):
    """Shows the current frame. Ctrl-wheel zooms, a double click fits, dragging a contour reshapes it."""

    def __init__(
        self, workspace: ReadingSource, player: Player, parent: QWidget | None = None, *, on_worker: bool = False
    ) -> None:
        """`on_worker` decodes every frame on a worker."""
        super().__init__(workspace, parent, on_worker=on_worker)
        self._workspace, self._player = workspace, player
        self._drag: Drag | None = None
        self._dragged: Edit | None = None  # the edit made by the drag so far, as on screen
        self._pan_from: QPointF | None = None
        self._hovered: Structure | None = None
        self._under_mouse = False
        self.bar = PropagateBar(workspace, self)
        """Offers to propagate a correction."""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        player.frame_changed.connect(self.show_frame)
        player.playing_changed.connect(lambda _: self.update())

    def load(self) -> None:
        """Load the current recording; a drag is dropped."""
        self._drag = self._dragged = None
        super().load()

    def show_change(self, change: Change) -> None:
        """Redraw where the Reading changed; a drag is dropped where another widget changed it."""
        if change.by is not self:
            self._drag = None  # the contours it holds may be gone
        super().show_change(change)

    def _draw_tools(self, painter: QPainter, reading: Reading) -> None:
        structure = self._drag.grab.structure if self._drag else self._hovered or Structure.LV_ENDO
        shown = self._drag is not None or (self._under_mouse and not self._player.playing)
        track = reading.tracks.get(structure)
        contour = track.contours[self._frame] if track else None
        if shown and contour is not None:
            draw_handles(painter, structure, contour, self._viewport, closed=reading.kind.closed)

    # Mouse

    def enterEvent(self, event: QEnterEvent) -> None:
        """Handles appear under the mouse."""
        self._under_mouse = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Handles go."""
        self._under_mouse = False
        self.update()

    def _image_point(self, at: QPointF) -> tuple[float, float]:
        return self._viewport.to_image(at.x(), at.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start dragging a contour, or panning."""
        reading, cine = self._workspace.reading, self._workspace.cine
        if event.button() != Qt.MouseButton.LeftButton or reading is None or cine is None:
            return
        point = self._image_point(event.position())
        grab = self._grab(reading, point) if self._overlays else None
        if grab:
            self._player.pause()
            self._player.seek(self._frame)  # the frame being dragged stays on screen
            self._drag, self._dragged = Drag(grab, point, reading.tracks, reading.time_axis), None
        else:
            self._pan_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Reshape the contour being dragged; else highlight the one under the mouse."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            # The release event was lost, e.g. to a dialog.
            self.cancel_drag()
        if self._drag:
            self._reshape(self._drag, event)
        elif self._pan_from is not None:
            moved = event.position() - self._pan_from
            self._pan_from = event.position()
            if self._viewport.zoom > 1:
                self._move_view(self._viewport.panned(moved.x(), moved.y()))
        else:
            self._hover(event.position())

    def _grab(self, reading: Reading, point_px: tuple[float, float]) -> Grab | None:
        return grab_at(reading.tracks, self._frame, point_px, self._viewport.scale_x, closed=reading.kind.closed)

    def _reshape(self, drag: Drag, event: QMouseEvent) -> None:
        start = QPointF(*self._viewport.to_widget(*drag.start_px))
        if QLineF(start, event.position()).length() < JITTER_PX:
            self._dragged = None
            self._workspace.drop_preview(by=self)
        else:
            self._dragged = drag.edit(self._image_point(event.position()), reach_of(event.modifiers()))
            self._workspace.preview(self._dragged, by=self)

    def cancel_drag(self) -> None:
        """Cancel dragging; nothing changes."""
        self._pan_from = None
        if self._drag:
            self._drag = self._dragged = None
            self._workspace.drop_preview()
            self.update()

    def _hover(self, at: QPointF) -> None:
        reading = self._workspace.reading
        grab = None
        if reading and self._overlays:
            grab = self._grab(reading, self._image_point(at))
        self.setCursor(Qt.CursorShape.PointingHandCursor if grab else Qt.CursorShape.ArrowCursor)
        if grab and grab.structure is not self._hovered:
            self._hovered = grab.structure
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Save what is on screen; a press without a move changes nothing."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        drag, edit = self._drag, self._dragged
        self._drag = self._dragged = self._pan_from = None
        if drag is None:
            return
        if edit is None:
            self._workspace.drop_preview()
        else:
            # As it was last shown: a modifier key released before the mouse must not change what is saved.
            self._workspace.do(self._with_followers(edit), by=self)
        self.update()

    def _with_followers(self, edit: Edit) -> Edit:
        saved = self._workspace.saved
        return edit if saved is None else with_followers(edit, saved, self._workspace.actor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole image again."""
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl zooms; otherwise through the frames."""
        steps = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._move_view(self._viewport.zoomed(1.0015**steps, event.position().x(), event.position().y()))
        elif steps:
            self._player.step(-1 if steps > 0 else 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels dragging."""
        if event.key() == Qt.Key.Key_Escape and self._drag:
            self.cancel_drag()
        else:
            super().keyPressEvent(event)
