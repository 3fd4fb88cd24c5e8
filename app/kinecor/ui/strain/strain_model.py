"""The strain of the recording on screen, shared by all views that draw it, with the points over its image.

A reader chooses through it what strain is measured from.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF

from kinecor.core.checks.assessment import assessed, strain_as_assessed
from kinecor.core.strain.drawing import ON_DARK, short_name
from kinecor.core.strain.short_axis import ShortAxisView, short_axis_view, why_no_short_axis_strain
from kinecor.core.strain.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.core.table.measures import Status
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.session.edits import SetStrainChoices
from kinecor.ui.style import theme
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.overlays import draw_text
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Change, Workspace


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

    The saved state is computed at once. While a contour or an event is dragged a worker computes one preview after
    another, always the latest, so that the image follows the mouse.

    Signals:
        changed(): strain, events or the recording changed.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.strain: WallStrain | None = None
        """Of the Reading on screen, previews included; for a stack, of the level of the selected slice."""
        self.slice = 0
        """The selected slice of a stack (0-based)."""
        self.why = ""
        """The reason that there is no strain, or that the global value is not available; else ""."""
        self.previewing = False
        """Whether a preview is shown, while a contour or an event is dragged."""
        self._watchers: set[object] = set()
        self._jobs = Jobs(1, "strain", self)
        workspace.changed.connect(self._follow)

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

    def _follow(self, change: Change) -> None:
        if self._watchers:
            self._compute(preview=change.preview)

    @property
    def busy(self) -> bool:
        """Whether strain of a preview is being computed."""
        return bool(self._jobs.keys)

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._jobs.shutdown()

    def _compute(self, *, preview: bool) -> None:
        reading = self.reading if self._watchers else None
        self.previewing = preview
        if reading is None:
            self._jobs.cancel_all()
            self._show(None, "")
        elif not preview:
            self._jobs.cancel_all()
            self._show(*_strain_and_why(reading, self.slice))
        elif not self._jobs.keys:
            self._begin(reading)

    def _begin(self, reading: Reading) -> None:
        def done(found: tuple[WallStrain | None, str]) -> None:
            self._show(*found)
            latest = self.reading
            if self.previewing and latest is not None and latest is not reading:
                self._begin(latest)

        number = self.slice
        self._jobs.start("strain", lambda _: _strain_and_why(reading, number), done, lambda why: self._show(None, why))

    def _show(self, strain: WallStrain | None, why: str) -> None:
        self.strain, self.why = strain, why
        self.changed.emit()


def _strain_and_why(reading: Reading, number: int) -> tuple[WallStrain | None, str]:
    if reading.kind.strain == "short-axis":
        gcs = next((one for one in assessed(reading).measurements if one.code == "GCS"), None)
        withheld = gcs.note if gcs is not None and gcs.status is Status.WITHHELD else None
        return short_axis_view(reading, number), why_no_short_axis_strain(reading) or withheld or ""
    found = wall_strain(reading)
    found = found and strain_as_assessed(reading, found)
    return found, (found.why if found else why_no_strain(reading)) or ""


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
