"""Bull's-eyes: strain of a study or of short-axis slices, and wall thickness of a stack."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from kinecor.core.strain.drawing import RANGES, SIDES_OF_EYE, Sector, ink_on, sector, shade
from kinecor.core.strain.short_axis import SHORT_AXIS_SEGMENTS, ShortAxisView
from kinecor.core.strain.wall_strain import IMPLAUSIBLE, StudyStrain, in_model
from kinecor.core.table.measures import format_signed, typeset, with_unit
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.geometry import FloatArray
from kinecor.core.volumes.segments import APICAL_NAMES, NAMES, SEGMENTS, SIDES, BullsEye, bulls_eye, segments_of_view
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.workspace import Workspace


def draw_bullseye(
    painter: QPainter,
    centre: QPointF,
    radius: float,
    values: FloatArray,
    unit: str,
    *,
    rims: Mapping[int, str] | None = None,
    pointed: Collection[int] = (),
) -> None:
    """Draw (16, 17 or 18,) values: a number in each segment, a dash where there is none.

    Args:
        painter: draws.
        centre: of the bull's-eye.
        radius: of the whole.
        values: by segment, in order.
        unit: of `core.bullseye.RANGES`.
        rims: colours drawn along the inside of segments (1, ...), to match other views.
        pointed: highlighted segments.

    """
    of = len(values)
    painter.setFont(theme.font(max(8, min(10, round(radius / 12)))))
    for number, value in enumerate(values.tolist(), 1):
        place, colour = sector(number, of), shade(value, unit)
        painter.setPen(QPen(QColor(theme.BACKGROUND), 1.2))
        painter.setBrush(QColor(*colour))
        painter.drawPath(sector_path(centre, radius, place))
        painter.setPen(QColor(ink_on(colour)))
        dx, dy = place.middle
        position = centre + QPointF(dx * radius, -dy * radius)
        text = format_signed(value, 0) if np.isfinite(value) else "–"
        painter.drawText(QRectF(position.x() - 16, position.y() - 8, 32, 16), Qt.AlignmentFlag.AlignCenter, text)
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
    """The segment (1 to `of`) at a position, or None."""
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


_FOOT_PX, _SIDE_PX, _SIDE_HIGH_PX = 24, 34, 16
# Which of the 18 make up the four apical segments of 16 and 17, counted from 1.
_OF_FOUR = {13: 13, 14: 14, 15: 14, 16: 15, 17: 16, 18: 16}


_OF_RING = {"strain %": "end_systolic", "peak %": "peak", "radial %": "radial"}
_WHAT = {"strain %": "at end-systole", "peak %": "peak", "ms": "time to peak", "radial %": "radial, at end-systole"}


def segment_of_model(segment: int, of: int) -> int:
    """The segment of the model of 16, 17 or 18 that contains one of the 18 (1, ...)."""
    return segment if of == 18 else _OF_FOUR.get(segment, segment)


def _spoken_segments(names: Sequence[str], values: FloatArray, unit: str) -> str:
    """Name and value of each segment that has one."""
    return ", ".join(
        f"{name} {translated(with_unit(float(value), unit))}"
        for name, value in zip(names, values, strict=True)
        if np.isfinite(value)
    )


class StrainBullseye(Spoken, QWidget):
    """Strain of a study or of short-axis slices by segment. A click opens the view or slice that shows the segment.

    Signals:
        view_wanted(str): a segment of another view was clicked.
        slice_wanted(int): a segment of another level was clicked; the slice (0-based) that shows it.
    """

    view_wanted = Signal(str)
    slice_wanted = Signal(int)

    def __init__(self, model: StrainModel, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._focus = model, focus
        self.study: StudyStrain | None = None
        self._of = 18
        self.unit = "strain %"
        """What is shown: "strain %" at end-systole, or time to peak in "ms"; of short axes also "peak %" and
        "radial %"."""
        self.setMouseTracking(True)
        self.setMinimumSize(150, 160)
        focus.changed.connect(self.update)

    @property
    def of(self) -> int:
        """Number of segments: 18, 17 or 16; short-axis slices have 16."""
        return SHORT_AXIS_SEGMENTS if self.ring is not None else self._of

    @property
    def ring(self) -> ShortAxisView | None:
        """Strain of the short-axis slices on screen; None for apical views."""
        strain = self._model.strain
        return strain if isinstance(strain, ShortAxisView) else None

    @property
    def scale(self) -> str:
        """Which of `core.bullseye.RANGES` the shades are taken from."""
        return "ms" if self.unit == "ms" else "radial %" if self.unit == "radial %" else "strain %"

    def sizeHint(self) -> QSize:
        """As high as the segment boxes."""
        return QSize(230, 240)

    def show_study(self, study: StudyStrain | None) -> None:
        """Show the strain of a study."""
        self.study = study
        self.update()

    def show_as(self, *, of: int | None = None, unit: str | None = None) -> None:
        """Choose the number of segments, or the quantity."""
        self._of, self.unit = of or self._of, unit or self.unit
        self.update()

    def values(self) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        """(of,) values shown; NaN where not available."""
        if self.ring is not None:
            regions = self.ring.regions
            return 1000 * regions.values("time_to_peak_s") if self.unit == "ms" else regions.values(_OF_RING[self.unit])
        if self.study is None:
            return np.full(self.of, np.nan)
        of_18 = self.study.drawn_percent if self.unit == "strain %" else self.study.time_to_peak_ms
        return in_model(of_18, self.of)

    def spoken_name(self) -> str:
        """What is shown, of how many segments."""
        return tr("Bull's-eye of strain, {number} segments").format(number=self.of)

    def spoken_value(self) -> str:
        """Each segment that has a value."""
        unit = "ms" if self.unit == "ms" else "%"
        return _spoken_segments([name_of(number, self.of) for number in range(1, self.of + 1)], self.values(), unit)

    def _circle(self) -> tuple[QPointF, float]:
        high = self.height() - _FOOT_PX
        room = min(self.width() / 2 - _SIDE_PX, high / 2 - _SIDE_HIGH_PX)
        return QPointF(self.width() / 2, high / 2), max(room, 10.0)

    def rims(self) -> dict[int, int]:
        """By segment of the bull's-eye, the segment (0 to 5) of the view on screen in it."""
        strain = self._model.strain
        if self.ring is not None:
            return {number: place for place, number in enumerate(self.ring.numbers)}
        if strain is None or strain.view is None:
            return {}
        return {
            segment_of_model(apical_segment.number, self.of): number
            for number, apical_segment in enumerate(segments_of_view(strain.view))
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bull's-eye and its colour scale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, radius = self._circle()
        rims = self.rims()
        pointed = [number for number, rim in rims.items() if rim == self._focus.segment]
        colours = {number: theme.SEGMENT_COLOURS[rim] for number, rim in rims.items()}
        draw_bullseye(painter, centre, radius, self.values(), self.scale, rims=colours, pointed=pointed)
        self._draw_sides(painter, centre, radius)
        self._draw_scale(painter)

    def _draw_sides(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.QUIET))
        for text, x, y in SIDES_OF_EYE:
            position = centre + QPointF(x * (radius + 18), -y * (radius + 9))
            painter.drawText(QRectF(position.x() - 20, position.y() - 8, 40, 16), Qt.AlignmentFlag.AlignCenter, text)

    def _draw_scale(self, painter: QPainter) -> None:
        low, high = RANGES[self.scale]
        bar = QRectF(self.width() / 2 - 60, self.height() - 16, 120, 6)
        ramp = QLinearGradient(bar.topLeft(), bar.topRight())
        for share in np.linspace(0, 1, 11).tolist():
            ramp.setColorAt(share, QColor(*shade(low + share * (high - low), self.scale)))
        painter.fillRect(bar, ramp)
        painter.setFont(theme.font(10))
        painter.setPen(QColor(theme.QUIET))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        left, right = typeset(f"{low:g}"), f"{high:+g}" if low < 0 else f"{high:g}"
        unit = " ms" if self.unit == "ms" else " %"
        end = int(Qt.AlignmentFlag.AlignRight) | middle
        painter.drawText(QRectF(bar.left() - 44, bar.top() - 5, 40, 16), end, left)
        painter.drawText(QRectF(bar.right() + 4, bar.top() - 5, 60, 16), middle, f"{right}{unit}")

    # Mouse

    def segment_at(self, at: QPointF) -> int | None:
        """The segment (1, ...) under the mouse, or None."""
        return segment_under(*self._circle(), self.of, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Highlight a segment of the view on screen in all views."""
        segment = self.segment_at(event.position())
        self._focus.point_at(self.rims().get(segment) if segment else None)
        away = segment is not None and segment not in self.rims()
        other = away and segment is not None and (self.ring is not None or bool(views_of(segment, self.of)))
        self.setCursor(Qt.CursorShape.PointingHandCursor if other else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Highlight nothing."""
        self._focus.point_at(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the view or slice that shows the segment."""
        segment = self.segment_at(event.position())
        if segment is not None and segment not in self.rims() and self.ring is not None:
            slices = [
                slice_wall.number for slice_wall in self.ring.regions.slices if segment in slice_wall.parts.numbers
            ]
            if slices:
                self.slice_wanted.emit(slices[len(slices) // 2])
        elif segment is not None and segment not in self.rims():
            for view in views_of(segment, self.of):
                self.view_wanted.emit(view)

    def event(self, event: QEvent) -> bool:
        """Tool tips with the segment's name and value."""
        if isinstance(event, QHelpEvent):
            segment = self.segment_at(QPointF(event.pos()))
            if segment is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.words(segment), self)
            return True
        return super().event(event)

    def words(self, segment: int) -> str:
        """A segment's number, name and value, and the views that show it."""
        number = float(self.values()[segment - 1])
        what = tr(_WHAT[self.unit])
        unit, decimals = ("ms", 0) if self.unit == "ms" else ("%", 1)
        shown = translated(with_unit(number, unit, decimals)) if np.isfinite(number) else tr("not measured")
        if self.ring is not None:
            why = self.ring.regions.why[segment - 1]
            return "\n".join(
                (
                    f"{segment}: {name_of(segment, self.of)}",
                    f"{what} {shown}",
                    translated(why) if why else tr("exploratory"),
                )
            )
        if self.study is not None and self.of == 18 and segment in self.study.implausible and self.unit == "strain %":
            number = float(self.study.end_systolic_percent[segment - 1])
            shown = f"{translated(with_unit(number, unit, decimals))}, {translated(IMPLAUSIBLE)}"
        views = ", ".join(views_of(segment, self.of))
        seen = tr("seen in {views}").format(views=views) if views else ""
        lines = [f"{segment}: {name_of(segment, self.of)}", f"{what} {shown}", seen]
        return "\n".join(line for line in lines if line)


def views_of(segment: int, of: int) -> tuple[str, ...]:
    """The apical views that show a segment (1 to `of`); none for the cap of the 17."""
    return tuple(
        view
        for view in SIDES
        if any(segment_of_model(apical_segment.number, of) == segment for apical_segment in segments_of_view(view))
    )


def name_of(segment: int, of: int) -> str:
    """Name of a segment (1 to `of`)."""
    names = APICAL_NAMES if of == 18 else NAMES
    return translated(names[segment - 1].capitalised())


TITLES = ("Wall at ED, mm", "Wall at ES, mm", "Thickening, %")
_UNITS = ("mm", "mm", "%")
_TITLE_PX = 20
# In a narrower panel numbers in three circles side by side would overlap.
_THREE_PX, _ROW_PX, _FOOT_FONT_PX = 420, 135, 10
_FOOT_FLAGS = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)


class WallBullseyes(Spoken, QWidget):
    """Three bull's-eyes (AHA 17 segments), in two rows where room is short; a tool tip names the segment pointed at."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bullseye: BullsEye | None = None
        self.foot = ""
        self._fit()
        follow(workspace, self.show_change, Topic.READING_DRAWN)

    def show_change(self, change: Change) -> None:
        """Recompute where contours, events or choices changed."""
        before, after = change.before, change.after
        if after is None or not after.kind.stack:
            self.bullseye = None
            return
        parts = ("slices", "short_axis", "events", "calibration")
        if before is not None and all(getattr(before, part) is getattr(after, part) for part in parts):
            return
        if not change.preview:  # not while dragging, which needs the time to redraw the image
            self.bullseye = bulls_eye(after) if after.calibration is not None else None
            text = tr("segments: {origin}; regional thickening is exploratory")
            origin = text.format(origin=translated(self.bullseye.origin)) if self.bullseye else ""
            self.foot = f"{origin}\n{translated(convention(after))}"
            self._fit()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows and lines of the foot follow the width."""
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(self._rows * (_ROW_PX + _TITLE_PX) + self._foot_px)

    @property
    def _columns(self) -> int:
        return 3 if self.width() >= _THREE_PX else 2

    @property
    def _rows(self) -> int:
        return -(-len(TITLES) // self._columns)

    @property
    def _foot_px(self) -> int:
        room = QRect(0, 0, max(self.width() - 8, 60), 1000)
        return QFontMetrics(theme.font(_FOOT_FONT_PX)).boundingRect(room, _FOOT_FLAGS, self.foot).height() + 6

    def sizeHint(self) -> QSize:
        """Three circles wide."""
        return QSize(560, 220)

    def spoken_name(self) -> str:
        """What is shown."""
        return tr("Bull's-eyes of the wall")

    def spoken_value(self) -> str:
        """Each segment that has a value, of the three in turn."""
        names = [translated(name) for name in NAMES]
        return ". ".join(
            f"{tr(title)}: {_spoken_segments(names, values, unit)}"
            for title, values, unit in zip(TITLES, self._values(), _UNITS, strict=False)
        )

    def _values(self) -> tuple[FloatArray, ...]:
        return (self.bullseye.ed_mm, self.bullseye.es_mm, self.bullseye.thickening_percent) if self.bullseye else ()

    def _circle(self, place: int) -> tuple[QPointF, float]:
        row, column = divmod(place, self._columns)
        wide, high = self.width() / self._columns, (self.height() - self._foot_px) / self._rows
        radius = max(min(wide, high - _TITLE_PX) / 2 - 4, 8.0)
        return QPointF(wide * (column + 0.5), high * row + _TITLE_PX + (high - _TITLE_PX) / 2), radius

    def paintEvent(self, event: QPaintEvent) -> None:
        """The three bull's-eyes, or the reason that there are none."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.QUIET))
        painter.setFont(theme.font(11))
        middle = Qt.AlignmentFlag.AlignCenter
        if self.bullseye is None:
            painter.drawText(
                self.rect(), middle, tr("No bull's-eye: endocardium and epicardium are not contoured at ED and ES.")
            )
            return
        for place, values in enumerate(self._values()):
            centre, radius = self._circle(place)
            painter.setPen(QColor(theme.QUIET))
            painter.setFont(theme.font(11))
            half = self.width() / self._columns / 2
            title = QRectF(centre.x() - half, centre.y() - radius - 4 - _TITLE_PX, 2 * half, _TITLE_PX)
            painter.drawText(title, middle, tr(TITLES[place]))
            draw_bullseye(painter, centre, radius, values, _UNITS[place])
        painter.setPen(QColor(theme.QUIET))
        painter.setFont(theme.font(_FOOT_FONT_PX))
        painter.drawText(
            QRect(4, self.height() - self._foot_px, self.width() - 8, self._foot_px), _FOOT_FLAGS, self.foot
        )

    def segment_at(self, at: QPointF) -> tuple[int, int] | None:
        """(which bull's-eye, segment 1 to 17) at a position of the widget."""
        for place in range(3):
            centre, radius = self._circle(place)
            number = segment_under(centre, radius, SEGMENTS, at) if self.bullseye is not None else None
            if number is not None:
                return place, number
        return None

    def event(self, event: QEvent) -> bool:
        """Tool tips with the segment's name."""
        if isinstance(event, QHelpEvent):
            found = self.segment_at(QPointF(event.pos()))
            if found:
                place, number = found
                value = float(self._values()[place][number - 1])
                text = translated(with_unit(value, _UNITS[place])) if np.isfinite(value) else tr("not measured")
                name = f"{number}: {translated(NAMES[number - 1])}"
                QToolTip.showText(event.globalPos(), f"{name}\n{tr(TITLES[place])}: {text}", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
