"""The picture in focus: contours are corrected on it by hand."""

import math

from PySide6.QtCore import QLineF, QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from kinecor.analysis.propagation import with_followers
from kinecor.core.outlines.drag import Grab, Grip
from kinecor.core.values.errors import error_message
from kinecor.core.values.message import join_texts
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import tr
from kinecor.ui.tiles.overlays import DOTS, draw_brush, draw_dotted, draw_handles, draw_key
from kinecor.ui.tiles.picture import Picture
from kinecor.ui.tiles.propagate_bar import PropagateBar
from kinecor.ui.tiles.scale_offer import ScaleOffer
from kinecor.ui.tiles.tools import (
    Gesture,
    Push,
    Redraw,
    Tool,
    ToolChoice,
    Trace,
    nearest_structure,
    refusal,
)
from kinecor.ui.workspace.changes import Change
from kinecor.ui.workspace.dragging import Drag, grab_at
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.sources import ReadingSource

JITTER_PX = 3.0  # a press that moves less (screen pixels) is not a drag


class ImageView(Picture):
    """Shows the current frame. Ctrl-wheel zooms, dragging a contour reshapes it.

    Signals:
        double_clicked(): not on a contour.
    """

    double_clicked = Signal()

    def __init__(
        self, workspace: ReadingSource, player: Player, parent: QWidget | None = None, *, on_worker: bool = False
    ) -> None:
        """`on_worker` decodes every frame on a worker."""
        super().__init__(workspace, parent, on_worker=on_worker)
        self._workspace, self._player = workspace, player
        self._drag: Gesture | None = None
        self._dragged: Edit | None = None  # the edit made by the drag so far, as on screen
        self._trace = Trace()
        self._at = QPointF()
        self.tools = ToolChoice(self)
        self._pan_from: QPointF | None = None
        self._hovered: Structure | None = None
        self._under_mouse = False
        self.bar = PropagateBar(workspace, self)
        """Offers to propagate a correction."""
        self.scale_offer = ScaleOffer(workspace, self)
        """Offers to calibrate where there is no scale."""
        self.use(self.tools)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.plays = lambda: player.playing
        player.frame_changed.connect(self.show_frame)
        player.playing_changed.connect(lambda _: self.update())

    def use(self, tools: ToolChoice) -> None:
        """Share the tool in use with other pictures."""
        if self.tools is not tools:
            self.tools.changed.disconnect(self._show_tool)
        self.tools = tools
        tools.changed.connect(self._show_tool)

    def _show_tool(self) -> None:
        if self.tools.tool is not Tool.TRACE:
            self._trace.clicks.clear()
        if self._drag is not None:
            self._drag.turned(self.tools)
        self._show_hint()
        self.update()

    def _show_hint(self) -> None:
        """Say beside the image what the drag under way does, or the tool: on it, words would cover the apex."""
        reading = self._workspace.reading
        if reading is None or not self.isVisible():
            return
        drag = self._drag if isinstance(self._drag, Drag) and self._dragged is not None else None
        self.tools.show_hint(drag.hints() if drag else self.tools.hints(closed=reading.kind.closed))

    def load(self) -> None:
        """Load the current recording; a drag is dropped."""
        self._drag = self._dragged = None
        self._trace.clicks.clear()
        super().load()

    def show_change(self, change: Change) -> None:
        """Redraw where the Reading changed; a drag is dropped where another widget changed it."""
        if change.by is not self and self._drag is not None:
            self._drag = None  # the contours it holds may be gone
            self._show_hint()
        if change.preview and change.by is self:
            self.update_moving()
        else:
            super().show_change(change)

    def _moving(self, reading: Reading) -> frozenset[Structure]:
        saved = self._workspace.saved if self._drag is not None else None
        if saved is None:
            return frozenset()
        before = {structure: track.contours[self._frame] for structure, track in saved.tracks.items()}
        return frozenset(
            structure
            for structure, track in reading.tracks.items()
            if track.contours[self._frame] is not before.get(structure)
        )

    def _draw_tools(self, painter: QPainter, reading: Reading) -> None:
        structure = self._drag.structure if self._drag else self._hovered or Structure.LV_ENDO
        shown = self._drag is not None or (self._under_mouse and not self._player.playing and not self._closed)
        track = reading.tracks.get(structure)
        contour = track.contours[self._frame] if track else None
        if shown and contour is not None and self.tools.tool in (Tool.SELECT, Tool.REDRAW):
            draw_handles(painter, structure, contour, self._viewport, closed=reading.kind.closed)
        if self._drag is not None:
            self._drag.paint(painter, self._viewport)
        self._trace.paint(painter, self._viewport)
        if self.tools.tool is Tool.PUSH and self._under_mouse:
            draw_brush(painter, self._at, self.tools.radius_px(reading) * self._viewport.scale_x)

    def _draw_ghosts(self, painter: QPainter, reading: Reading) -> None:
        closed = reading.kind.closed
        beside = [(at, colour) for at, colour in self._beside() if 0 <= at < reading.facts.frames]
        for structure, other in reading.tracks.items():
            if self.tools.automatic and other.contours[self._frame] is not other.automatic[self._frame]:
                own = theme.STRUCTURE_COLOURS[structure]
                draw_dotted(painter, other.automatic[self._frame], own, self._viewport, closed=closed)
            for at, colour in beside:
                draw_dotted(painter, other.contours[at], colour, self._viewport, closed=closed)
        unit = tr("phase") if reading.kind.gated else tr("frame")
        words = [(f"{DOTS} {unit} {at + 1}", colour) for at, colour in beside]
        draw_key(painter, words, self.words_px)
        saved = self._workspace.saved if self._drag is not None else None
        before = saved.tracks.get(self._drag.structure) if saved and self._drag else None
        if before is not None and self._drag is not None:
            colour = theme.STRUCTURE_COLOURS[self._drag.structure]
            draw_dotted(painter, before.contours[self._frame], colour, self._viewport, closed=closed)

    def _beside(self) -> tuple[tuple[int, str], ...]:
        """The frames before and after, and the colours of their contours, where these are to be shown."""
        if not self.tools.neighbours:
            return ()
        return (self._frame - 1, theme.BEFORE), (self._frame + 1, theme.AFTER)

    # Mouse

    def enterEvent(self, event: QEnterEvent) -> None:
        """Handles appear under the mouse."""
        self._under_mouse = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Handles go."""
        self._under_mouse = False
        self.update()

    def _image_point(self, position: QPointF) -> tuple[float, float]:
        return self._viewport.to_image(position.x(), position.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start dragging a contour, or panning."""
        reading, cine = self._workspace.reading, self._workspace.cine
        if event.button() != Qt.MouseButton.LeftButton or reading is None or cine is None:
            return
        self._at = event.position()
        point = self._image_point(event.position())
        if self._closed:
            if self._overlays and self._grab(reading, point) is not None:
                self._workspace.signing.refused_as_signed()
            self._pan_from = event.position()
            return
        if self.tools.tool is Tool.TRACE and self._overlays:
            self._click(reading, point, event.modifiers())
            return
        gesture = self._begun(reading, point, event.modifiers()) if self._overlays else None
        if gesture:
            self._hold()
            self._drag, self._dragged = gesture, None
            self.tools.structure = gesture.structure
        else:
            self._pan_from = event.position()

    @property
    def _closed(self) -> bool:
        """Whether nothing can be drawn, since the study is signed."""
        return self._workspace.signing.closed

    def _hold(self) -> None:
        """The frame that is drawn on stays on screen."""
        self._player.pause()
        self._player.seek(self._frame)

    def _begun(self, reading: Reading, point: tuple[float, float], modifiers: Qt.KeyboardModifier) -> Gesture | None:
        tool = self.tools.tool
        if tool is Tool.PUSH:
            structure = nearest_structure(reading, self._frame, point)
            outer = reading.tracks.get(Structure.LV_EPI)
            if modifiers & Qt.KeyboardModifier.ShiftModifier and outer and outer.contours[self._frame]:
                structure = Structure.LV_EPI
            if structure is None:
                return None
            return Push(reading, self._frame, structure, point, self.tools.radius_px(reading))
        grab = self._grab(reading, point)
        if grab is None or (tool is Tool.REDRAW and grab.grip in (Grip.CENTRE, Grip.ANNULUS)):
            return None
        if tool is Tool.REDRAW:
            return Redraw(reading, self._frame, grab.structure, point)
        return Drag(grab, point, reading.tracks, reading.time_axis, self.tools.reach, gated=reading.kind.gated)

    def _click(self, reading: Reading, point: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
        """One click of a trace; Shift traces the epicardium."""
        self._hold()
        outer = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        structure = Structure.LV_EPI if outer else Structure.LV_ENDO
        try:
            edit = self._trace.clicked(point, reading, self._frame, structure, self._pixels)
        except ValueError as why:
            self._workspace.notices.remark.emit(join_texts(error_message(why).capitalised(), "."))
            edit = None
        if edit is not None:
            self._save(edit)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Reshape the contour being dragged; else highlight the one under the mouse."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            # The release event was lost, e.g. to a dialog. Between the clicks of a trace no button is held.
            self._drop_drag()
        self._at = event.position()
        if self.tools.tool is Tool.PUSH:
            self.update_moving()
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

    def over_contour(self, at: QPointF) -> bool:
        """Whether a press at a position of the widget is for a contour or a tool."""
        if self.tools.tool is not Tool.SELECT:
            return True
        reading = self._workspace.reading
        return reading is not None and self._overlays and self._grab(reading, self._image_point(at)) is not None

    def contour_px(self, at: QPointF) -> float:
        """How far the nearest contour is from a position of the widget, in pixels of the screen."""
        reading, point = self._workspace.reading, self._image_point(at)
        if reading is None or not self._overlays:
            return math.inf
        lines = (track.contours[self._frame] for track in reading.tracks.values())
        away = (
            contour.outline(closed=reading.kind.closed).nearest(point)[1] for contour in lines if contour is not None
        )
        return min(away, default=math.inf) * self._viewport.scale_x

    def _reshape(self, drag: Gesture, event: QMouseEvent) -> None:
        start = QPointF(*self._viewport.to_widget(*drag.start_px))
        back = isinstance(drag, Drag) and QLineF(start, event.position()).length() < JITTER_PX
        if back and not self._workspace.previewing:
            return
        # A drag that is back where it began shows what was saved, as a preview: to drop that would have everything
        # computed and painted at once, while the mouse passes.
        edit = drag.moved(drag.start_px if back else self._image_point(event.position()), event.modifiers())
        self._dragged = None if back else edit
        if edit is not None:
            self._workspace.preview(edit, by=self)
        self._show_hint()
        self.update_moving()

    @property
    def drawing(self) -> bool:
        """Whether a drag or a trace is under way, which Escape cancels before it returns to Select."""
        return self._drag is not None or bool(self._trace.clicks)

    def cancel_drag(self) -> None:
        """Cancel dragging and tracing; nothing changes."""
        if self._trace.clicks:
            self._trace.clicks.clear()
            self.update()
        self._drop_drag()

    def _drop_drag(self) -> None:
        self._pan_from = None
        if self._drag:
            self._drag = self._dragged = None
            self._workspace.drop_preview()
            self._show_hint()
            self.update()

    def _hover(self, position: QPointF) -> None:
        reading = self._workspace.reading
        grab = None
        if reading and self._overlays and not self._closed:
            grab = self._grab(reading, self._image_point(position))
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
        self._show_hint()
        if edit is None:
            self._workspace.drop_preview()
        else:
            # As it was last shown: a modifier key released before the mouse must not change what is saved.
            self._save(edit)
        self.update()

    def _save(self, edit: Edit) -> None:
        """Save a gesture, and what follows it; refused where no contour may look like that."""
        saved = self._workspace.saved
        if saved is None:
            return
        why = refusal(edit, saved, self._frame)
        if why is None:
            images = self._workspace.cine.frames if self._workspace.cine else None
            self._workspace.do(with_followers(edit, saved, self._workspace.actor, images), by=self)
        else:
            self._workspace.drop_preview(by=self)
            self._workspace.notices.remark.emit(why)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Alone or next to others: the board decides."""
        if self.tools.tool is Tool.SELECT:
            self.double_clicked.emit()

    def sizes_by_wheel(self, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the wheel sets the size of the tool: of Push, or of a drag, which keys may limit to this frame."""
        return self._drag is not None or (self.tools.tool is Tool.PUSH and not modifiers)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """While a contour is held, and with Push, the size of the tool; else Ctrl zooms, or through the frames."""
        steps = event.angleDelta().y() or event.angleDelta().x()
        if steps and self.sizes_by_wheel(event.modifiers()):
            self.tools.turn_wheel(steps / 120)
            if self._drag is not None:
                self._dragged = self._drag.moved(self._image_point(event.position()), event.modifiers())
                if self._dragged is not None:
                    self._workspace.preview(self._dragged, by=self)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._move_view(self._viewport.zoomed(1.0015**steps, event.position().x(), event.position().y()))
        elif steps:
            self._player.step(-1 if steps > 0 else 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels dragging and tracing, then returns to Select."""
        if event.key() == Qt.Key.Key_Escape and self.drawing:
            self.cancel_drag()
        elif event.key() == Qt.Key.Key_Escape and self.tools.tool is not Tool.SELECT:
            self.tools.choose(Tool.SELECT)
        else:
            super().keyPressEvent(event)
