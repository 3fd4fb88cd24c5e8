"""The strain of the recording on screen, shared by all views that draw it, with the points over its image.

A reader chooses through it what strain is measured from.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from kinecor.core.checks.assessment import assess, is_assessed, strain_as_assessed
from kinecor.core.strain.drawing import ON_DARK, ink_on, short_name
from kinecor.core.strain.short_axis import ShortAxisView, short_axis_view, why_no_short_axis_strain
from kinecor.core.strain.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.core.table.measures import Status
from kinecor.core.tracking.placed_points import CONTRADICTION
from kinecor.core.values.choices import SEGMENTS, WALL_POINTS, PlacedPoint, StrainChoices
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import NOTHING, Message, join_texts, verbatim
from kinecor.core.values.reading import Reading
from kinecor.session.edits import Edit, OnSlice, PlaceWallPoints, SetStrainChoices
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.tools import Tool
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace


class SegmentFocus(QObject):
    """The segment highlighted in all views: one of those of the view on screen, or none.

    Signals:
        changed(): another segment, or none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._segment: int | None = None

    @property
    def segment(self) -> int | None:
        """0 to 5 from the left of the image over the apex to the right."""
        return self._segment

    def point_at(self, segment: int | None) -> None:
        """Highlight a segment, or none."""
        if segment != self._segment:
            self._segment = segment
            self.changed.emit()


class StrainModel(QObject):
    """Computes strain lazily, only while a strain view is visible.

    The saved state is computed at once, or shown as soon as it is checked, where a worker does that. While a contour or
    an event is dragged a worker computes one preview after another, always the latest, so that the image follows the
    mouse.

    Signals:
        changed(): strain, events or the recording changed.
        computing_changed(): the models began or finished computing something of the study.
    """

    changed = Signal()
    computing_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.strain: WallStrain | None = None
        """Of the Reading on screen, previews included; for a stack, of the level of the selected slice."""
        self.slice = 0
        """The selected slice of a stack (0-based)."""
        self.why = NOTHING
        """The reason that there is no strain, or that the global value is not available; else ""."""
        self.previewing = False
        """Whether a preview is shown, while a contour or an event is dragged."""
        self._watchers: set[object] = set()
        self._awaited = False
        """Whether strain of the saved state is shown when it is checked."""
        self._jobs = Jobs(1, "strain", self)
        follow(workspace, self._follow, Topic.READING)
        follow(workspace, self._follow_checks, Topic.CHECKS)
        follow(workspace, self.computing_changed.emit, Topic.COMPUTING)

    @property
    def why_now(self) -> str:
        """As `why`, in the language in force; that strain is being computed as long as it is."""
        if self.why and self._workspace.index in self._workspace.computing.awaited:
            return tr("Strain is being computed\N{HORIZONTAL ELLIPSIS}")
        return translated(self.why)

    @property
    def watched(self) -> bool:
        """Whether a strain view is visible."""
        return bool(self._watchers)

    @property
    def reading(self) -> Reading | None:
        """The Reading on screen."""
        return self._workspace.reading

    @property
    def times_s(self) -> FloatArray:
        """(t,) of the loop on screen."""
        return self.reading.facts.times_s if self.reading else np.zeros(1)

    @property
    def choices(self) -> StrainChoices:
        """The reader's choices for the loop on screen."""
        return self.reading.strain if self.reading else StrainChoices()

    def watch(self, watched: bool, by: object) -> None:
        """A strain view becomes visible or hidden."""
        (self._watchers.add if watched else self._watchers.discard)(by)
        self._compute(preview=False)

    def select_slice(self, number: int) -> None:
        """Select another slice (0-based) of the stack on screen."""
        if number != self.slice:
            self.slice = number
            if self._watchers and self.reading is not None and self.reading.kind.stack:
                self._compute(preview=False)

    def toggle(self, segment: int) -> None:
        """Exclude one of the segments shown, or include it again."""
        if isinstance(self.strain, ShortAxisView):
            segment = self.strain.numbers[segment] - 1
        self.choose(excluded=tuple(sorted(set(self.choices.excluded) ^ {segment})))

    def choose(self, **changes: object) -> None:
        """Change choices: `excluded`, `compensate_drift` or `depth`, as in StrainChoices; one step of the history."""
        saved = self._workspace.saved
        if saved is None:
            return
        wanted = replace(saved.strain, **changes)  # type: ignore[arg-type]
        if wanted != saved.strain:
            self._workspace.do(SetStrainChoices(wanted))

    def place(self, frame: int, point: int, at_px: tuple[float, float], *, done: bool) -> None:
        """Place a point of the wall in a frame, as a preview or for good; a reader's other points stay."""
        saved = self._of_slice(self._workspace.saved)
        if saved is None:
            return
        # Points of one frame that are close together would be two opinions on one place: the newer one counts.
        closed = saved.kind.closed

        def far(other: int) -> bool:
            apart = abs(other - point)
            return (min(apart, WALL_POINTS - apart) if closed else apart) >= WALL_POINTS // (2 * SEGMENTS)

        others = (
            placed_point
            for placed_point in saved.placed_points
            if placed_point.frame != frame or far(placed_point.point)
        )
        self._place((*others, PlacedPoint(frame, point, *at_px)), done=done)

    def let_go(self, frame: int, point: int) -> None:
        """A point that was placed in a frame follows motion and contours again."""
        saved = self._of_slice(self._workspace.saved)
        if saved is not None:
            left = tuple(
                placed_point
                for placed_point in saved.placed_points
                if (placed_point.frame, placed_point.point) != (frame, point)
            )
            self._place(left, done=True)

    def _place(self, points: tuple[PlacedPoint, ...], *, done: bool) -> None:
        edit: Edit = PlaceWallPoints(
            tuple(sorted(points, key=lambda placed_point: (placed_point.frame, placed_point.point)))
        )
        saved = self._workspace.saved
        if saved is None:
            return
        edit = OnSlice(self.slice, edit) if saved.kind.stack else edit
        if not done:
            self._workspace.preview(edit, by=self)
            return
        if _contradicts(edit.apply(saved, self._workspace.actor)):
            self._workspace.drop_preview()
            self._workspace.notices.message.emit(join_texts(CONTRADICTION.capitalised(), "."))
        else:
            self._workspace.do(edit, by=self)

    def _of_slice(self, reading: Reading | None) -> Reading | None:
        """That of the selected slice of a stack, which has the points that were placed in it."""
        return reading.slices[self.slice] if reading is not None and reading.kind.stack else reading

    @property
    def placed(self) -> tuple[PlacedPoint, ...]:
        """Points of the wall on screen that a reader placed."""
        reading = self._of_slice(self.reading)
        return reading.placed_points if reading is not None else ()

    def say(self, words: str) -> None:
        """One sentence that needs no answer."""
        self._workspace.notices.remark.emit(words)

    def drop(self) -> None:
        """A point that is dragged stays where it was."""
        self._workspace.drop_preview(by=self)

    def why_not_placed(self, frame: int) -> str | None:
        """Why no point can be placed in a frame, as one sentence; None where one can."""
        strain = self.strain
        if not isinstance(strain, WallStrain) or not strain.regional:
            return tr("Points of the wall are placed where motion was followed.")
        if strain.beats and frame == strain.beats[0].ed:
            return tr("Points are evenly spaced at ED (frame {frame}): place them at another frame.").format(
                frame=frame + 1
            )
        return None

    def _follow(self, change: Change) -> None:
        if self._watchers:
            self._compute(preview=change.preview)

    def _follow_checks(self) -> None:
        if self._awaited and not self.previewing:
            self._compute(preview=False)

    @property
    def busy(self) -> bool:
        """Whether strain of a preview is being computed."""
        return bool(self._jobs.keys)

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._jobs.shutdown()

    def _compute(self, *, preview: bool) -> None:
        reading = self.reading if self._watchers else None
        self.previewing, self._awaited = preview, False
        if reading is None:
            self._jobs.cancel_all()
            self._show(None, NOTHING)
        elif not preview:
            self._jobs.cancel_all()
            self._awaited = self._workspace.checks.in_background and not is_assessed(reading)
            if not self._awaited:
                self._show(*_strain_and_why(reading, self.slice))
        elif not self._jobs.keys:
            self._begin(reading)

    def _begin(self, reading: Reading) -> None:
        def done(found: tuple[WallStrain | None, Message]) -> None:
            self._show(*found)
            latest = self.reading
            if self.previewing and latest is not None and latest is not reading:
                self._begin(latest)

        number = self.slice
        self._jobs.start(
            "strain", lambda _: _strain_and_why(reading, number), done, lambda why: self._show(None, verbatim(why))
        )

    def _show(self, strain: WallStrain | None, why: Message) -> None:
        self.strain, self.why = strain, why
        self.changed.emit()


def _contradicts(reading: Reading) -> bool:
    """Whether points that a reader placed would pass each other."""
    if reading.kind.strain == "short-axis":
        return why_no_short_axis_strain(reading) == CONTRADICTION
    strain = wall_strain(reading)
    return strain is not None and strain.why == CONTRADICTION


def _strain_and_why(reading: Reading, number: int) -> tuple[WallStrain | None, Message]:
    if reading.kind.strain == "short-axis":
        gcs = next((measurement for measurement in assess(reading).measurements if measurement.code == "GCS"), None)
        withheld = gcs.note if gcs is not None and gcs.status is Status.WITHHELD else None
        view = short_axis_view(reading, number)
        view = view and replace(view, why=withheld)
        return view, why_no_short_axis_strain(reading) or withheld or NOTHING
    strain = wall_strain(reading)
    strain = strain and strain_as_assessed(reading, strain)
    return strain, (strain.why if strain else why_no_strain(reading)) or NOTHING


_DOT_PX: Final = 4.5
# Distance of a segment's name from the middle of the wall: outside the epicardium at any zoom.
_TAG_PX, _TAG_SHARE = 15.0, 0.075
_NEAR_PX: Final = 12.0
_GRAB_PX: Final = 8.0
_DISC_PX: Final = 5.0


def on_widget(points_px: FloatArray, viewport: Viewport) -> FloatArray:
    """(n, 2) image points as widget pixels."""
    return np.asarray(points_px * (viewport.scale_x, viewport.scale_y) + viewport.to_widget(0.0, 0.0))


def draw_wall(painter: QPainter, strain: WallStrain, frame: int, viewport: Viewport, pointed: int | None) -> None:
    """All points of a frame: hollow where tracking is poor, pale where excluded; each segment with its short name."""
    points = on_widget(strain.points_px[frame], viewport)
    if not np.isfinite(points).any():
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = np.nanmean(points, axis=0)
    away = _TAG_PX + _TAG_SHARE * float(np.ptp(points[np.isfinite(points[:, 1]), 1]))
    painter.setFont(theme.font(11, bold=True))
    for segment in range(len(strain.names)):
        here = points[strain.of_point == segment]
        here = here[np.isfinite(here).all(axis=1)]
        if not len(here):
            continue
        colour = QColor(ON_DARK[segment])
        colour.setAlpha(80 if segment in strain.excluded else 255)
        wide = _DOT_PX * (1.6 if segment == pointed else 1.0)
        dots = QPolygonF([QPointF(x, y) for x, y in here.tolist()])
        if segment == pointed:
            painter.setPen(_round(QColor(theme.TEXT), wide + 3))
            painter.drawPoints(dots)
        painter.setPen(_round(colour, wide))
        painter.drawPoints(dots)
        if strain.quality[segment] < TRACKING_QUALITY.withheld:
            painter.setPen(_round(QColor(theme.GROUND), wide - 2.4))
            painter.drawPoints(dots)
        _name(painter, short_name(strain.names[segment]), here, middle, away, QColor(ON_DARK[segment]))


def _round(colour: QColor, width: float) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def _name(painter: QPainter, words: str, here: FloatArray, middle: FloatArray, away: float, colour: QColor) -> None:
    """Draw a segment's name on a plate of its colour outside the wall, next to the middle of the segment."""
    spot = here[len(here) // 2]
    outward = spot - middle
    spot = spot + outward / max(float(np.hypot(*outward)), 1e-6) * away
    wide = painter.fontMetrics().horizontalAdvance(words) + 6
    plate = QRectF(spot[0] - wide / 2, spot[1] - 7, wide, 14)
    painter.fillRect(plate, colour)
    painter.setPen(QColor(ink_on((colour.red(), colour.green(), colour.blue()))))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)


def segment_under(strain: WallStrain, frame: int, viewport: Viewport, x: float, y: float) -> int | None:
    """The segment with points near a position of the widget, or None."""
    away = np.hypot(*(on_widget(strain.points_px[frame], viewport) - (x, y)).T)
    if not np.isfinite(away).any():
        return None
    nearest = int(np.nanargmin(away))
    return int(strain.of_point[nearest]) if away[nearest] <= _NEAR_PX else None


def point_under(strain: WallStrain, frame: int, viewport: Viewport, x: float, y: float) -> tuple[int, float] | None:
    """The point of the wall nearest to a position of the widget, and how far it is (pixels of the screen)."""
    away = np.hypot(*(on_widget(strain.points_px[frame], viewport) - (x, y)).T)
    if not np.isfinite(away).any():
        return None
    nearest = int(np.nanargmin(away))
    return nearest, float(away[nearest])


class TrackingLayer(QObject):
    """Draws tracking points over an image, highlights the segment under the mouse, and has points dragged along it.

    A point that is dragged is placed there in that frame, see `tracking/placed_points.py`; a double click lets it go.
    """

    def __init__(self, image: ImageView, player: Player, model: StrainModel, focus: SegmentFocus) -> None:
        super().__init__(image)
        self._image, self._player, self._model, self._focus = image, player, model, focus
        self._held: tuple[int, int] | None = None  # frame and point
        self._moved = False
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
        """Draw the points of a frame, where they are shown and exist; those that a reader placed as white discs."""
        strain = self._model.strain
        if not self.shown or strain is None or frame >= len(strain.points_px):
            return
        draw_wall(painter, strain, frame, viewport, self._focus.segment)
        placed = [placed_point.point for placed_point in self._model.placed if placed_point.frame == frame]
        painter.setPen(QPen(QColor(theme.GROUND), 1.2))
        painter.setBrush(QColor(theme.TEXT))
        for x, y in on_widget(strain.points_px[frame][placed], viewport).tolist() if placed else ():
            painter.drawEllipse(QPointF(x, y), _DISC_PX, _DISC_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Drag points; else highlight the segment under the mouse. What is for a contour is left to the image."""
        strain = self._model.strain
        if not self.shown or strain is None:
            return super().eventFilter(watched, event)
        if isinstance(event, QMouseEvent):
            if self._held is not None or event.button() == Qt.MouseButton.LeftButton:
                return self._dragged(event) or super().eventFilter(watched, event)
            if event.buttons() == Qt.MouseButton.NoButton:
                frame = min(self._player.frame, len(strain.points_px) - 1)
                position = event.position()
                self._focus.point_at(segment_under(strain, frame, self._image.viewport, position.x(), position.y()))
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._held is not None:
            self._held = None
            self._model.drop()
            return True
        elif event.type() == QEvent.Type.Leave:
            self._focus.point_at(None)
        return super().eventFilter(watched, event)

    def _dragged(self, event: QMouseEvent) -> bool:
        """Whether an event of the left button was for a point."""
        position, kind = event.position(), event.type()
        if kind == QEvent.Type.MouseButtonDblClick:
            return self._let_go(position)
        if kind == QEvent.Type.MouseButtonPress:
            self._held, self._moved = self._grabbed(position), False
            return self._held is not None
        if self._held is None:
            return False
        frame, point = self._held
        place = self._image.viewport.to_image(position.x(), position.y())
        done = kind == QEvent.Type.MouseButtonRelease
        if done or not event.buttons() & Qt.MouseButton.LeftButton:
            self._held = None
            if self._moved and done:
                self._model.place(frame, point, place, done=True)
            else:
                self._model.drop()
        else:
            self._moved = True
            self._model.place(frame, point, place, done=False)
        return True

    def _grabbed(self, position: QPointF) -> tuple[int, int] | None:
        """The frame and the point that a press takes hold of; None where a contour is nearer, or none can be placed."""
        strain, frame = self._model.strain, self._image.frame
        if strain is None or self._image.tools.tool is not Tool.SELECT or frame >= len(strain.points_px):
            return None
        near = point_under(strain, frame, self._image.viewport, position.x(), position.y())
        if near is None or near[1] > _GRAB_PX or self._image.contour_px(position) < near[1]:
            return None
        why = self._model.why_not_placed(frame)
        if why is not None:
            self._model.say(why)
            return None
        self._player.pause()
        return frame, near[0]

    def _let_go(self, position: QPointF) -> bool:
        strain, frame = self._model.strain, self._image.frame
        if strain is None or frame >= len(strain.points_px):
            return False
        for placed_point in self._model.placed:
            x, y = on_widget(strain.points_px[frame][[placed_point.point]], self._image.viewport)[0].tolist()
            if placed_point.frame == frame and abs(position.x() - x) + abs(position.y() - y) <= 2 * _DISC_PX:
                self._model.let_go(frame, placed_point.point)
                return True
        return False
