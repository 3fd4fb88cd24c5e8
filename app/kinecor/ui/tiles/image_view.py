"""An image with its contours, which are corrected by hand: its viewport, how contours are drawn, dragging."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from kinecor.core.checks.findings import Finding
from kinecor.core.outlines.drag import Grab
from kinecor.core.outlines.insertion import HeartView
from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.events import marks
from kinecor.core.values.geometry import BytesArray, Contour, FloatArray
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import Edit
from kinecor.ui.style import theme
from kinecor.ui.style.marks import COLOURS, draw_mark
from kinecor.ui.style.theme import canvas, to_qimage
from kinecor.ui.workspace.dragging import Drag, grab_at, reach_of
from kinecor.ui.workspace.player import FrameDecoder, Player
from kinecor.ui.workspace.study_checks import title_of
from kinecor.ui.workspace.workspace import Change, ReadingSource

MOST_ZOOM = 12.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """Maps image pixels (x = column, y = row, centres at integers) to widget pixels and back.

    Attributes:
        columns, rows: size of the image.
        width, height: size of the widget.
        aspect: height of an image pixel over its width (row spacing / column spacing).
        zoom: 1 fits the whole image.
        centre_x, centre_y: the image point in the middle of the widget.

    """

    columns: int
    rows: int
    width: float
    height: float
    aspect: float = 1.0
    zoom: float = 1.0
    centre_x: float = 0.0
    centre_y: float = 0.0

    @classmethod
    def fitted(cls, columns: int, rows: int, width: float, height: float, aspect: float = 1.0) -> "Viewport":
        """The whole image, as large as possible, centred."""
        return cls(columns, rows, width, height, aspect, 1.0, (columns - 1) / 2, (rows - 1) / 2)

    def around(self, x: float, y: float, side: float) -> "Viewport":
        """A square region of the image (its centre, and its side in columns), as large as possible."""
        fit = min(self.width / self.columns, self.height / (self.rows * self.aspect))
        close = min(self.width, self.height) / max(side, 1.0)
        return replace(self, zoom=min(max(close / max(fit, 1e-6), 1.0), MOST_ZOOM), centre_x=x, centre_y=y)

    @property
    def scale_x(self) -> float:
        """Widget pixels per column."""
        fit = min(self.width / self.columns, self.height / (self.rows * self.aspect))
        return max(fit * self.zoom, 1e-6)

    @property
    def scale_y(self) -> float:
        """Widget pixels per row."""
        return self.scale_x * self.aspect

    @property
    def image_box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the whole image, in widget pixels."""
        return *self.to_widget(-0.5, -0.5), self.columns * self.scale_x, self.rows * self.scale_y

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """The widget position of an image point."""
        return (
            self.width / 2 + (x - self.centre_x) * self.scale_x,
            self.height / 2 + (y - self.centre_y) * self.scale_y,
        )

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """The image point at a widget position."""
        return (
            self.centre_x + (x - self.width / 2) / self.scale_x,
            self.centre_y + (y - self.height / 2) / self.scale_y,
        )

    def resized(self, width: float, height: float) -> "Viewport":
        """The same view in a widget of another size."""
        return replace(self, width=width, height=height)

    def zoomed(self, factor: float, x: float, y: float) -> "Viewport":
        """Zoomed around a widget position; never smaller than the whole image."""
        zoom = min(max(self.zoom * factor, 1.0), MOST_ZOOM)
        if zoom == 1.0:
            return Viewport.fitted(self.columns, self.rows, self.width, self.height, self.aspect)
        image_x, image_y = self.to_image(x, y)
        new = replace(self, zoom=zoom)
        return replace(
            new,
            centre_x=image_x - (x - self.width / 2) / new.scale_x,
            centre_y=image_y - (y - self.height / 2) / new.scale_y,
        )

    def panned(self, dx: float, dy: float) -> "Viewport":
        """Moved by some widget pixels; the centre stays on the image."""
        return replace(
            self,
            centre_x=min(max(self.centre_x - dx / self.scale_x, 0.0), self.columns - 1.0),
            centre_y=min(max(self.centre_y - dy / self.scale_y, 0.0), self.rows - 1.0),
        )


HANDLES = 12  # between the two hinge points
WIDTH_PX = 2.0  # of contours
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
        line = _spots(contour.points, viewport)
        if closed:
            line.append(line[0])
        colour = QColor(theme.STRUCTURE_COLOURS[structure])
        if emphasised is not None and structure is not emphasised:
            colour.setAlpha(110)
        if width_px >= WIDTH_PX:
            painter.setPen(QPen(_HALO, 2 * width_px))
            painter.drawPolyline(line)
        unsure = track.confidence[frame] < DRAWN_SOLID
        painter.setPen(QPen(colour, width_px, Qt.PenStyle.DashLine if unsure else Qt.PenStyle.SolidLine))
        painter.drawPolyline(line)
        if not closed:
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DotLine))
            painter.drawLine(line[-1], line[0])


def draw_handles(
    painter: QPainter, structure: Structure, contour: Contour, viewport: Viewport, *, closed: bool = False
) -> None:
    """Round handles along the contour and square ones on the hinge points; a closed contour has no hinge points."""
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
    """Text with an outline, legible on bright and on dark tissue."""
    painter.setPen(QColor(0, 0, 0, 200))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(QColor(colour))
    painter.drawText(at, text)


def contour_words(reading: Reading, structure: Structure, frame: int) -> str:
    """The confidence of a contour, or who drew it: a person's contour has no confidence of its own."""
    track = reading.tracks[structure]
    if track.origins[frame] is Origin.EDITED:
        return f"drawn by {short_author(reading.authors.get(f'tracks/{structure}/edited', 'the reader'))}"
    if track.origins[frame] is Origin.TEMPLATE:
        return "initial, not fitted"
    return f"{track.confidence[frame]:.2f}"


CHECK_PX = 16
JITTER_PX = 3.0  # a press that moves less (screen pixels) is not a drag


class ImageView(QWidget):
    """Shows the current frame. Ctrl-wheel zooms, a double click fits, dragging a contour reshapes it.

    Drawn with QPainter, which is three times as fast as a plot item for an image that fills the window; the scaled
    image is cached while only contours move.
    """

    def __init__(
        self, workspace: ReadingSource, player: Player, parent: QWidget | None = None, *, on_worker: bool = False
    ) -> None:
        """`on_worker` decodes every frame on a worker."""
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self.decoder = FrameDecoder(self, on_worker=on_worker)
        self._image = QImage()
        self._pixels: NDArray[Any] | None = None
        self._scaled: QPixmap | None = None
        self._viewport = Viewport(1, 1, 1, 1)
        self._frame = 0
        self._failure = ""
        self._overlays = True
        self._drag: Drag | None = None
        self._dragged: Edit | None = None  # the edit made by the drag so far, as on screen
        self._pan_from: QPointF | None = None
        self.home: HeartView | None = None
        """The region that "fit" shows, or None for the whole image."""
        self.title = ""
        """Text at the upper right."""
        self.underlay: Callable[[QPainter, int, Viewport], None] | None = None
        """Draws something between the image and its contours: called with the painter, the frame and the viewport."""
        self.check: Callable[[int], Finding | None] = lambda _: None
        """The check to mark at a frame."""
        self.look: Callable[[NDArray[Any]], BytesArray] = lambda pixels: pixels
        """Applied to pixels before they are drawn (the grey window); call `redraw` after changing it."""
        self._hovered: Structure | None = None
        self._under_mouse = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 200)
        self.decoder.decoded.connect(self._show_image)
        self.decoder.failed.connect(self._show_failure)
        workspace.recording_changed.connect(self.load)
        workspace.changed.connect(self.show_change)
        player.frame_changed.connect(self.show_frame)
        player.playing_changed.connect(lambda _: self.update())

    @property
    def viewport(self) -> Viewport:
        """The current viewport of the image."""
        return self._viewport

    def load(self) -> None:
        """Load the current recording, fitted."""
        self._drag = self._dragged = None
        self._frame, self._image, self._pixels, self._failure = 0, QImage(), None, ""
        self._fit()
        self.decoder.load(self._workspace.cine.seen if self._workspace.cine else None)
        self.decoder.request(0)
        self.update()

    def show_frame(self, frame: int) -> None:
        """Draw another frame (0-based); the previous one stays until it is decoded."""
        cine = self._workspace.cine
        if cine is not None:
            self.decoder.request(min(frame, len(cine) - 1))

    def show_change(self, change: Change) -> None:
        """Redraw where the Reading changed."""
        before, after = change.before, change.after
        if change.by is not self:
            self._drag = None  # the contours it holds may be gone
        if before is None or after is None or before.calibration is not after.calibration:
            self._fit()
        elif all(getattr(before, one) is getattr(after, one) for one in ("tracks", "events", "valve_closures")):
            return
        self.update()

    def redraw(self) -> None:
        """Draw the frame on screen again."""
        if self._pixels is not None:
            self._show_image(self._frame, self._pixels)

    def set_overlays(self, shown: bool) -> None:
        """Show or hide everything drawn over the image but the frame number."""
        self._overlays = shown
        self.update()

    def fit(self) -> None:
        """Show the whole image."""
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for an image at its usual size."""
        return QSize(800, 600)

    def _fit(self) -> None:
        cine, reading = self._workspace.cine, self._workspace.reading
        if cine is None:
            return
        scale = (reading and reading.calibration) or cine.calibration or cine.offered
        aspect = scale.row_mm / scale.col_mm if scale else 1.0
        self._viewport = Viewport.fitted(cine.columns, cine.rows, self.width(), self.height(), aspect)
        if self.home is not None:
            self._viewport = self._viewport.around(self.home.x, self.home.y, self.home.side_px)
        self._scaled = None

    def _show_image(self, frame: int, pixels: NDArray[Any]) -> None:
        # Contours and text belong to the frame drawn, not to the frame due.
        self._frame, self._image, self._pixels = frame, to_qimage(self.look(pixels)), pixels
        self._scaled, self._failure = None, ""
        self.update()

    def _show_failure(self, frame: int, why: str) -> None:
        self._frame, self._image, self._pixels = frame, QImage(), None
        self._scaled, self._failure = None, why
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Image, contours, handles, text."""
        painter = QPainter(self)
        if self._scaled is None:
            self._scaled = self._rendered()
        painter.drawPixmap(0, 0, self._scaled)
        reading = self._workspace.reading
        if reading is None or self._workspace.cine is None:
            return
        if self._overlays:
            if self.underlay is not None:
                self.underlay(painter, self._frame, self._viewport)
            closed = reading.kind.closed
            draw_contours(painter, reading.tracks, self._frame, self._viewport, closed=closed)
            structure = self._drag.grab.structure if self._drag else self._hovered or Structure.LV_ENDO
            shown = self._drag is not None or (self._under_mouse and not self._player.playing)
            track = reading.tracks.get(structure)
            contour = track.contours[self._frame] if track else None
            if shown and contour is not None:
                draw_handles(painter, structure, contour, self._viewport, closed=closed)
        self._draw_texts(painter)

    def _rendered(self) -> QPixmap:
        pixmap = canvas(self)
        if not self._image.isNull():
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(*self._viewport.image_box), self._image)
            painter.end()
        return pixmap

    def _draw_texts(self, painter: QPainter) -> None:
        cine, reading = self._workspace.cine, self._workspace.reading
        if cine is None or reading is None:
            return
        painter.setFont(theme.font(12))
        if (found := self.check(self._frame)) is not None:
            draw_mark(painter, QRectF(14, 46, CHECK_PX, CHECK_PX), found.severity)
            draw_text(painter, QPointF(20 + CHECK_PX, 46 + CHECK_PX - 2), title_of(found), COLOURS[found.severity])
        low = self.height() - 12
        if self._failure:
            draw_text(painter, QPointF(14, self.height() / 2), self._failure, theme.WARNING)
        time_s = cine.times_s[self._frame]
        unit = "Phase" if reading.kind.gated else "Frame"
        draw_text(painter, QPointF(14, low), f"{unit} {self._frame + 1}/{len(cine)}   {time_s:.2f} s")
        if self.title:
            left = self.width() - 14 - painter.fontMetrics().horizontalAdvance(self.title)
            draw_text(painter, QPointF(left, 24), self.title)
        if not self._overlays:
            return
        legend = [structure for structure, track in reading.tracks.items() if track.contours[self._frame]]
        for line, structure in enumerate(reversed(legend)):
            name = theme.STRUCTURE_NAMES[structure]
            track = reading.tracks[structure]
            drawn = track.origins[self._frame] is Origin.EDITED
            text = f"{name}  {'drawn' if drawn else f'{track.confidence[self._frame]:.2f}'}"
            left = self.width() - 14 - painter.fontMetrics().horizontalAdvance(text)
            draw_text(painter, QPointF(left, low - 17 * line), text, theme.STRUCTURE_COLOURS[structure])
        here = {mark.upper() for _, mark, frame in marks(reading.events) if frame == self._frame}
        here |= {"AVC"} if self._frame in reading.valve_closures else set()
        if here:
            words = " ".join(sorted(here))
            painter.setFont(theme.font(17, bold=True))
            plate = QRectF(10, 10, painter.fontMetrics().horizontalAdvance(words) + 18, 28)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(11, 13, 15, 210))
            painter.drawRoundedRect(plate, 5, 5)
            painter.setPen(QColor(theme.TEXT))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)

    # Mouse

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the view; a fitted image stays fitted."""
        self._viewport = self._viewport.resized(self.width(), self.height())
        self._scaled = None

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
                self._viewport = self._viewport.panned(moved.x(), moved.y())
                self._scaled = None
                self.update()
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
            self._workspace.do(edit, by=self)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole image again."""
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl zooms; otherwise through the frames."""
        steps = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport = self._viewport.zoomed(1.0015**steps, event.position().x(), event.position().y())
            self._scaled = None
            self.update()
        elif steps:
            self._player.step(-1 if steps > 0 else 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels dragging."""
        if event.key() == Qt.Key.Key_Escape and self._drag:
            self.cancel_drag()
        else:
            super().keyPressEvent(event)
