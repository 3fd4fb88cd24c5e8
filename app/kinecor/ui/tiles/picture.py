"""One recording as a picture: its frame, contours, and the words around it. Zoomed and panned, not edited."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.checks.findings import Finding
from kinecor.core.outlines.insertion import HeartView
from kinecor.core.tracking.propagation import traced_by_hand
from kinecor.core.values.confidence import DRAWN_SOLID
from kinecor.core.values.events import marks
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import closing_ed
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.elided import broken_lines
from kinecor.ui.style.language import numbered, shown, tr, translated
from kinecor.ui.style.marks import ON_IMAGE, draw_mark
from kinecor.ui.style.on_image import canvas, to_qimage
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.tiles.overlays import PLATE, draw_badge, draw_contours, draw_plate, draw_text, fitting
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.corrections import filled_by_person
from kinecor.ui.workspace.player import FrameDecoder
from kinecor.ui.workspace.sources import PictureSource
from kinecor.ui.workspace.study_checks import short_title_of, title_of

CHECK_PX = 16
SCALE_PX = QSizeF(90, 28)  # the scale, at the lower left
ROOMY_PX = (240, 190)
"""Size from which a picture has room for its legend."""
MAX_DRAWN_BYTES = 48 << 20
"""Images of one picture at screen size."""
_EDGE_PX, _LINE_PX = 8, 17
_HEADER_SHARE = 0.55  # of the width of a small picture that a header may take
_APART_PX = 10  # between words at the left and at the right of a line
_DRAWN = ("tracks", "events", "valve_closures", "valve_openings", "view", "callipers")  # of a Reading


class ViewMemory:
    """Zoom and place of the picture of each recording that a reader chose, as long as the window is open."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, float, float]] = {}

    def remember(self, recording_id: str, viewport: Viewport) -> None:
        """Take over the viewport of a recording."""
        self._known[recording_id] = (viewport.zoom, viewport.centre_x, viewport.centre_y)

    def forget(self, recording_id: str) -> None:
        """The picture of a recording is fitted again."""
        self._known.pop(recording_id, None)

    def recall(self, recording_id: str, fitted: Viewport) -> Viewport:
        """The viewport of a recording in a widget of the size of `fitted`, which is where nothing was chosen."""
        return fitted.placed(*self._known[recording_id]) if recording_id in self._known else fitted


class DrawnFrames(NamedTuple):
    """What a picture has drawn of its recording.

    Attributes:
        frame: the frame (0-based) on screen.
        pixels: of this frame, as decoded.
        viewport: through which frames were scaled.
        scaled: frames (0-based) as they are on screen, without contours.

    """

    frame: int
    pixels: NDArray[Any]
    viewport: Viewport
    scaled: dict[int, QPixmap]


class Picture(Spoken, QWidget):
    """Draws the frame it was asked for last, once it is decoded; with QPainter, which is three times as fast as a plot.

    Scaled images are held, up to a limit, while only contours move. While a loop plays round and round, images are held
    with their contours and words, so that from the second round on a frame is one copy; whatever else calls for an
    `update` drops them.
    """

    def __init__(self, source: PictureSource, parent: QWidget | None = None, *, on_worker: bool = False) -> None:
        """`on_worker` decodes every frame on a worker."""
        super().__init__(parent)
        self._source = source
        self.decoder = FrameDecoder(self, on_worker=on_worker)
        self._image = QImage()
        self._pixels: NDArray[Any] | None = None
        self._drawn: dict[int, QPixmap] = {}
        self._composed: dict[int, QPixmap] = {}
        self._still: tuple[frozenset[Structure], QPixmap] | None = None
        self._viewport = Viewport(1, 1, 1, 1)
        self._frame = 0
        self._failure = ""
        self._overlays = True
        self._confidences = False
        self.first_frame = 0
        """The frame (0-based) that `load` shows first."""
        self.memory = ViewMemory()
        """Remembers zoom and place by recording; pictures of one window share it."""
        self.home: HeartView | None = None
        """The region that "fit" shows, or None for the whole image."""
        self.title = ""
        """Text at the upper right."""
        self.words_px = 0
        """How far words below the header give way to the check of the frame on screen."""
        self.sign = QRectF()
        """Of the check of the frame on screen, where it stands alone; empty elsewhere."""
        self.underlay: Callable[[QPainter, int, Viewport], None] | None = None
        """Draws something between the image and its contours: called with the painter, the frame and the viewport."""
        self.above: list[Callable[[QPainter, int, Viewport], None]] = []
        """Draw something over the contours, as `underlay` does below them."""
        self.check: Callable[[int], Finding | None] = lambda _: None
        """The check to mark at a frame."""
        self.look: Callable[[NDArray[Any]], BytesArray] = lambda pixels: pixels
        """Applied to pixels before they are drawn (the grey window); call `redraw` after changing it."""
        self.plays: Callable[[], bool] = lambda: False
        """Whether the loop is playing."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(100, 80)
        self.decoder.decoded.connect(self._show_image)
        self.decoder.failed.connect(self._show_failure)
        follow(source, self.load, Topic.RECORDING)
        follow(source, self.show_change, Topic.READING)

    def spoken_name(self) -> str:
        """The view, or the kind of the series."""
        reading = self._source.reading
        badge = badge_of(reading) if reading is not None else ""
        return tr("Image {view}").format(view=badge) if badge else tr("Image")

    def spoken_value(self) -> str:
        """Events, frame and time, then the structures that have a contour there, each with how sure it is."""
        reading = self._source.reading
        if reading is None:
            return tr("no recording")
        frame = min(self._frame, reading.facts.frames - 1)
        contours = [
            f"{tr(theme.STRUCTURE_NAMES[structure])} {sure_words(reading, structure, frame)}"
            for structure, track in reading.tracks.items()
            if track.contours[frame] is not None
        ]
        return ", ".join((header_words(reading, frame), *(contours or [tr("no contours")])))

    @property
    def viewport(self) -> Viewport:
        """The current viewport of the image."""
        return self._viewport

    @property
    def frame(self) -> int:
        """The frame (0-based) that is drawn."""
        return self._frame

    def update(self, *place: Any) -> None:
        """Paint again: something else than the frame may have changed."""
        self._composed.clear()
        self._still = None
        super().update(*place)

    def update_moving(self) -> None:
        """Paint again where only contours that are being dragged, or tools, have moved."""
        super().update()

    def load(self) -> None:
        """Load the recording of the source, with the zoom and place it was seen at last, else fitted."""
        self._frame, self._image, self._pixels, self._failure = 0, QImage(), None, ""
        self._drawn.clear()
        self._fit()
        self.decoder.load(self._source.cine.seen if self._source.cine else None)
        self.show_frame(self.first_frame)
        self.update()

    def show_frame(self, frame: int) -> None:
        """Draw another frame (0-based); the previous one stays until it is decoded."""
        cine = self._source.cine
        if cine is not None:
            self.decoder.request(min(frame, len(cine) - 1))

    def show_change(self, change: Change) -> None:
        """Redraw where the Reading changed."""
        before, after = change.before, change.after
        if before is None or after is None or before.calibration is not after.calibration:
            self._fit()
        elif all(getattr(before, name) is getattr(after, name) for name in _DRAWN):
            return
        self.update()

    def take_over(self, drawn: DrawnFrames) -> None:
        """Draw what another picture drew of this recording, until the frame asked for comes."""
        if self._pixels is None or self._frame != drawn.frame:
            self._show_image(drawn.frame, drawn.pixels)
        self._image, self._drawn = QImage(), {}  # of an earlier turn, perhaps through another grey window
        if drawn.viewport == self._viewport:
            self._drawn = dict(drawn.scaled)

    @property
    def _decoded(self) -> bool:
        """Whether there are pixels to draw: while they are decoded nothing is held, or it would stay when they come."""
        return self._pixels is not None

    @property
    def pixels(self) -> NDArray[Any] | None:
        """The pixels that are drawn, as decoded."""
        return self._pixels

    @property
    def drawn(self) -> DrawnFrames | None:
        """What another picture of this recording can take over; None while nothing is decoded."""
        if self._pixels is None:
            return None
        return DrawnFrames(self._frame, self._pixels, self._viewport, dict(self._drawn))

    def redraw(self) -> None:
        """Draw the frame on screen again, through another grey window."""
        self._image = QImage()
        self._drawn.clear()
        self.update()

    def set_overlays(self, shown: bool) -> None:
        """Show or hide everything drawn over the image but the frame number."""
        self._overlays = shown
        self.update()

    def show_confidences(self, shown: bool) -> None:
        """Say how sure each contour is, or only those that are not."""
        self._confidences = shown
        self.update()

    def fit(self) -> None:
        """Show the whole image, or the region that it begins with."""
        cine = self._source.cine
        if cine is not None:
            self.memory.forget(cine.source.recording_id)
        self._fit()
        self.update()

    def begin_with(self, home: HeartView | None) -> None:
        """Begin with a region of the image, or with all of it; what a reader zoomed stays."""
        if home != self.home:
            self.home = home
            self._fit()
            self.update()

    def sizeHint(self) -> QSize:
        """Room for an image at its usual size."""
        return QSize(800, 600)

    def _move_view(self, viewport: Viewport) -> None:
        """Use another viewport, and remember it."""
        self._viewport = viewport
        self._drawn.clear()
        cine = self._source.cine
        if cine is not None:
            self.memory.remember(cine.source.recording_id, viewport)
        self.update()

    def recall_view(self) -> None:
        """Take on the zoom and place that the reader chose in another picture of this recording."""
        before = self._viewport
        self._fit()
        if self._viewport != before:
            self.update()

    def _fit(self) -> None:
        cine, reading, before = self._source.cine, self._source.reading, self._viewport
        if cine is None:
            return
        scale = (reading and reading.calibration) or cine.calibration or cine.offered
        aspect = scale.row_mm / scale.col_mm if scale else 1.0
        self._viewport = Viewport.fitted(cine.columns, cine.rows, self.width(), self.height(), aspect)
        if self.home is not None:
            self._viewport = self._viewport.around(self.home.x, self.home.y, self.home.side_px)
        self._viewport = self.memory.recall(cine.source.recording_id, self._viewport)
        if self._viewport != before:
            self._forget()

    def _show_image(self, frame: int, pixels: NDArray[Any]) -> None:
        # Contours and text belong to the frame drawn, not to the frame due.
        if self._pixels is pixels and self._frame == frame and not self._failure:
            return
        self._image = QImage()
        self._still = None
        self._frame, self._pixels, self._failure = frame, pixels, ""
        super().update()

    def _show_failure(self, frame: int, why: str) -> None:
        self._frame, self._image, self._pixels, self._failure = frame, QImage(), None, shown(why)
        self._drawn.pop(frame, None)
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Image, contours, words."""
        painter = QPainter(self)
        reading = self._source.reading
        drawable = reading is not None and self._source.cine is not None
        if self._frame in self._composed:
            painter.drawPixmap(0, 0, self._composed[self._frame])
        elif reading is not None and drawable and self._decoded and self.plays() and self._fits(self._composed):
            whole = self._scaled()
            on_whole = QPainter(whole)
            self._draw_on_image(on_whole, reading)
            on_whole.end()
            self._composed[self._frame] = whole
            painter.drawPixmap(0, 0, whole)
        elif reading is not None and drawable and (moving := self._moving(reading)):
            self._draw_moving(painter, reading, moving)
        else:
            painter.drawPixmap(0, 0, self._rendered())
            if reading is not None and drawable:
                self._draw_on_image(painter, reading)
        if reading is not None and drawable and self._decoded and self._overlays:
            self._draw_tools(painter, reading)
            for draw in self.above:
                draw(painter, self._frame, self._viewport)

    def _moving(self, reading: Reading) -> frozenset[Structure]:
        """Structures whose contour is being dragged; the rest of the picture is drawn once."""
        return frozenset()

    def _draw_moving(self, painter: QPainter, reading: Reading, moving: frozenset[Structure]) -> None:
        """The picture while some contours move: all else is drawn when the first one does."""
        if self._still is None or self._still[0] != moving:
            whole = QPixmap(self._rendered())
            on_whole = QPainter(whole)
            still_tracks = {structure: track for structure, track in reading.tracks.items() if structure not in moving}
            self._draw_on_image(on_whole, reading, still_tracks)
            on_whole.end()
            self._still = moving, whole
        painter.drawPixmap(0, 0, self._still[1])
        tracks = {structure: track for structure, track in reading.tracks.items() if structure in moving}
        draw_contours(painter, tracks, self._frame, self._viewport, closed=reading.kind.closed)

    def _draw_on_image(
        self, painter: QPainter, reading: Reading, tracks: Mapping[Structure, ContourTrack] | None = None
    ) -> None:
        """Contours (`tracks`, by default all) and words, and what is drawn below them."""
        if self._overlays and self._decoded:  # contours without their image would look like an empty one
            if self.underlay is not None:
                self.underlay(painter, self._frame, self._viewport)
            shown = reading.tracks if tracks is None else tracks
            self._draw_ghosts(painter, reading)
            draw_contours(painter, shown, self._frame, self._viewport, closed=reading.kind.closed)
        self._draw_words(painter, reading)

    def _draw_ghosts(self, painter: QPainter, reading: Reading) -> None:
        """Other contours to compare with, below those of the frame."""

    def _draw_tools(self, painter: QPainter, reading: Reading) -> None:
        """What a picture that can be edited adds: handles, tools."""

    def _rendered(self) -> QPixmap:
        """The frame as it is drawn: scaled, through the grey window; from the second round of a loop on, as it was."""
        if self._frame in self._drawn:
            return self._drawn[self._frame]
        pixmap = self._scaled()
        if self._decoded and self._fits(self._drawn):
            self._drawn[self._frame] = pixmap
        return pixmap

    def _forget(self) -> None:
        self._drawn.clear()
        self._composed.clear()

    def _fits(self, held: dict[int, QPixmap]) -> bool:
        """Whether one more image may be held: a longer loop would push out each just before it comes round again."""
        ratio = self.devicePixelRatioF()
        return (len(held) + 1) * self.width() * self.height() * ratio * ratio * 4 <= MAX_DRAWN_BYTES

    def _scaled(self) -> QPixmap:
        """The frame in the size of the widget."""
        if self._frame in self._drawn:
            return QPixmap(self._drawn[self._frame])
        pixmap = canvas(self)
        if self._pixels is not None:
            if self._image.isNull():
                self._image = to_qimage(self.look(self._pixels))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(*self._viewport.image_box), self._image)
            painter.end()
        return pixmap

    def _draw_words(self, painter: QPainter, reading: Reading) -> None:
        painter.setFont(theme.font(12))
        self._draw_doubt(painter, self._draw_header(painter, reading))
        if self._failure:
            draw_text(painter, QPointF(14, self.height() / 2), self._failure, theme.WARNING)
        if self._overlays:
            self._draw_legend(painter, reading)

    def _draw_header(self, painter: QPainter, reading: Reading) -> float:
        """View, event, frame and time at the upper left; where they end on the right (pixels)."""
        cine = self._source.cine
        if cine is None:
            return 0.0
        left = float(_EDGE_PX)
        badge = badge_of(reading)
        if badge:
            left += draw_badge(painter, QPointF(left, _EDGE_PX), badge) + 4
        stage = [translated(reading.facts.stage.words)] if reading.facts.stage is not None else []
        text = fitting(" · ".join([*stage, header_words(reading, self._frame)]), painter.font(), self.width() - left)
        free_px = self.width() * _HEADER_SHARE - left
        if not self._roomy and painter.fontMetrics().horizontalAdvance(text) > free_px:
            # The apex is in the middle of a small picture: the number alone names its frame.
            text = fitting(" · ".join([*stage, brief_header_words(reading, self._frame)]), painter.font(), free_px)
        return left + draw_plate(painter, QPointF(left, _EDGE_PX), text)

    @property
    def _roomy(self) -> bool:
        """Whether there is room for more words than the header."""
        return self.width() >= ROOMY_PX[0] and self.height() >= ROOMY_PX[1]

    def _draw_doubt(self, painter: QPainter, taken_px: float) -> None:
        """The most serious check of the frame at the upper right, and the title below it.

        Where a picture is too narrow for it next to the header, which ends at `taken_px`, it goes below; in a small
        picture, where it would cover contours and handles, the sign stands alone and the words are its tip.
        """
        high = float(_EDGE_PX)
        found = self.check(self._frame)
        self.words_px = 0
        self.sign, tip = QRectF(), ""
        if found is not None and not self._roomy:
            side = CHECK_PX + 8.0
            self.sign = QRectF(self.width() - _EDGE_PX - side, high, side, side)
            if self.sign.left() < taken_px:
                self.sign.moveTop(high + 26)
            painter.fillRect(self.sign, PLATE)
            draw_mark(painter, self.sign.adjusted(4, 4, -4, -4), found.severity, on_image=True)
            tip, high = translated(title_of(found)), self.sign.bottom() + 4
        elif found is not None:
            metrics, room = painter.fontMetrics(), self.width() - 2 * _EDGE_PX - CHECK_PX - 20
            words = translated(title_of(found))
            if metrics.horizontalAdvance(words) > room:
                words = translated(short_title_of(found))
            lines = broken_lines(words, metrics, room)
            wide = max(map(metrics.horizontalAdvance, lines)) + CHECK_PX + 20
            plate_px = 22 + metrics.height() * (len(lines) - 1)
            left = self.width() - _EDGE_PX - wide
            if left < taken_px:
                high += 26
                self.words_px = plate_px + 4
            plate = QRectF(left, high, wide, plate_px)
            painter.fillRect(plate, PLATE)
            draw_mark(painter, QRectF(left + 6, high + 3, CHECK_PX, CHECK_PX), found.severity, on_image=True)
            painter.setPen(QColor(ON_IMAGE[found.severity]))
            painter.drawText(plate.adjusted(CHECK_PX + 12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))
            high += plate_px + 4
        if tip != self.toolTip():
            self.setToolTip(tip)
        if self.title:
            left = self.width() - _EDGE_PX - painter.fontMetrics().horizontalAdvance(self.title)
            if left < taken_px and high == _EDGE_PX:
                high += 26
            draw_text(painter, QPointF(left, high + 16), self.title)

    def _draw_legend(self, painter: QPainter, reading: Reading) -> None:
        """Who made the contours, and the scale, at the lower left; structures at the right."""
        low = float(self.height() - 12)
        if not self._roomy:
            self._draw_unsure(painter, reading, low)
            return
        scale = reading.calibration
        if scale is not None:
            draw_text(painter, QPointF(_EDGE_PX + 4, low), translated(scale.words), theme.QUIET)
        here = [structure for structure, track in reading.tracks.items() if track.contours[self._frame] is not None]
        lefts: list[float] = []
        for line, structure in enumerate(reversed(here)):
            text = legend_words(reading, structure, self._frame, confidence=self._confidences)
            left = self.width() - _EDGE_PX - 4 - painter.fontMetrics().horizontalAdvance(text)
            draw_text(painter, QPointF(left, low - _LINE_PX * line), text, theme.STRUCTURE_COLOURS[structure])
            lefts.append(left)
        if here:
            room = round(min(lefts) - _EDGE_PX - 4 - _APART_PX)
            sentence = painter.fontMetrics().elidedText(
                authors_words(reading, self._frame), Qt.TextElideMode.ElideRight, room
            )
            draw_text(painter, QPointF(_EDGE_PX + 4, low - _LINE_PX * (scale is not None)), sentence, theme.QUIET)

    def _draw_unsure(self, painter: QPainter, reading: Reading, low: float) -> None:
        """Where there is no room for a legend: structures of low confidence only."""
        for structure, track in reading.tracks.items():
            if track.contours[self._frame] is not None and track.confidence[self._frame] < DRAWN_SOLID:
                text = f"! {tr(theme.STRUCTURE_NAMES[structure])}  {sure_words(reading, structure, self._frame)}"
                draw_text(painter, QPointF(_EDGE_PX, low), text, theme.STRUCTURE_COLOURS[structure])
                low -= _LINE_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted image stays fitted; what was zoomed keeps its zoom and place."""
        self._viewport = self._viewport.resized(self.width(), self.height())
        self._forget()
        self._fit()


def badge_of(reading: Reading) -> str:
    """The view of a recording as readers call it, or the kind of its series; "" where neither is known."""
    view = reading.view
    series = reading.facts.series.known
    if series is not None and not series.measured and (view is None or view.label == UNKNOWN_VIEW):
        return translated(series.name.capitalised())
    return "" if view is None or view.label == UNKNOWN_VIEW else reading.kind.view_name(view.label)


def event_words(reading: Reading, frame: int) -> str:
    """The events at a frame: "ED", "ES", "AVC ES"; "" where there is none."""
    here = {mark.upper() for _, mark, at in marks(reading.events) if at == frame}
    here |= {"ED"} if not reading.kind.gated and frame == closing_ed(reading) else set()
    here |= {"AVC"} if frame in reading.valve_closures else set()
    here |= {"MVO"} if frame in reading.valve_openings else set()
    return " ".join(sorted(here))


def header_words(reading: Reading, frame: int) -> str:
    """Event, frame (from 1) and time: "ES · frame 18/47 · 340 ms"; of a still its size in time is left out.

    Also of a slice: the trigger time of its own breath-hold would contradict the time of the stack's phase below it.
    """
    facts = reading.facts
    if facts.frames == 1:
        return tr("still")
    unit = tr("image") if facts.series.view_only else tr("phase") if reading.kind.gated else tr("frame")
    time = (
        ""
        if facts.in_stack or (facts.series.view_only and facts.times_origin == "assumed")
        else f"{1000 * float(facts.times_s[frame]):.0f} ms"
        + (f" ({tr('assumed')})" if facts.times_origin == "assumed" else "")
    )
    return " · ".join(
        name for name in (event_words(reading, frame), f"{unit} {frame + 1}/{facts.frames}", time) if name
    )


def brief_header_words(reading: Reading, frame: int) -> str:
    """Event and frame (from 1) alone: "ES · 18/47"."""
    if reading.facts.frames == 1:
        return tr("still")
    return " · ".join(name for name in (event_words(reading, frame), f"{frame + 1}/{reading.facts.frames}") if name)


def sure_words(reading: Reading, structure: Structure, frame: int) -> str:
    """How sure the contour of a frame is: "drawn", "propagated" from frames that a person drew, or its confidence.

    Along the motion a propagated contour has a confidence of its own; one that follows by a difference has none, and
    that of the contour below it says nothing of it.
    """
    track = reading.tracks[structure]
    if track.origins[frame] is Origin.EDITED:
        return tr("drawn")
    figure = numbered(track.confidence[frame], ".2f")
    if track.follows(frame):
        return f"{tr('propagated')} {figure}" if traced_by_hand(reading) else tr("propagated")
    return figure


def legend_words(reading: Reading, structure: Structure, frame: int, *, confidence: bool) -> str:
    """A structure, who or what its contour follows where that is no network, and its confidence.

    Args:
        reading: has a contour of the structure there.
        structure: by which it is named.
        frame: from 0.
        confidence: whether it was asked for; a low one is always said.

    """
    track, name = reading.tracks[structure], tr(theme.STRUCTURE_NAMES[structure])
    by_network = track.origins[frame] is not Origin.EDITED and not track.follows(frame)
    if by_network and not confidence and track.confidence[frame] >= DRAWN_SOLID:
        return name
    return f"{name}  {sure_words(reading, structure, frame)}"


def authors_words(reading: Reading, frame: int) -> str:
    """Who made the contours of a frame: "Automatic", or who drew or filled in some of them, or frames they follow."""
    drawn = [structure for structure, track in reading.tracks.items() if track.origins[frame] is Origin.EDITED]
    names = {short_author(reading.authors.get(f"tracks/{structure}/edited", "the reader")) for structure in drawn}
    if names:
        return tr("Edited by {who}").format(who=", ".join(sorted(names)))
    following = [structure for structure, track in reading.tracks.items() if track.follows(frame)]
    if following:
        names = {
            short_author(reading.authors.get(f"tracks/{structure}/edited", "the reader")) for structure in following
        }
        return tr("Follows frames drawn by {who}").format(who=", ".join(sorted(names)))
    filled = {short_author(reading.authors[f"tracks/{track.structure}"]) for track in filled_by_person(reading)}
    if filled:
        return tr("Filled in by {who}").format(who=", ".join(sorted(filled)))
    template = any(track.origins[frame] is Origin.TEMPLATE for track in reading.tracks.values())
    return tr("Initial contours, not fitted") if template else tr("Automatic")
