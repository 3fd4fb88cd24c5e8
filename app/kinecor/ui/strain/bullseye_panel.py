"""The bull's-eye of strain: over the apical views of a study, or of the short axes on screen; exploratory."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from kinecor.core.strain.bullseye import RANGES, shade
from kinecor.core.strain.segment_marks import ON_DARK
from kinecor.core.strain.short_axis_parts import SHORT_AXIS_SEGMENTS
from kinecor.core.strain.short_axis_view import ShortAxisView
from kinecor.core.strain.study_strain import StudyStrain, in_model
from kinecor.core.table.number_format import typeset, with_unit
from kinecor.core.values.apical_segments import LEVELS, SIDES, WALLS, segments_of
from kinecor.ui.strain.bullseye_painting import draw_eye, segment_under
from kinecor.ui.strain.segment_focus import SegmentFocus
from kinecor.ui.strain.strain_model import StrainDesk
from kinecor.ui.style import theme

_FOOT_PX = 24
# Which of the 18 make up the four apical segments of 16 and 17, counted from 1.
_OF_FOUR = {13: 13, 14: 14, 15: 14, 16: 15, 17: 16, 18: 16}


_OF_RING = {"strain %": "end_systolic", "peak %": "peak", "radial %": "radial"}
_WHAT = {"strain %": "at end-systole", "peak %": "peak", "ms": "time to peak", "radial %": "radial, at end-systole"}


def in_eye(segment: int, of: int) -> int:
    """The segment of a bull's-eye of 16, 17 or 18 that one of the 18 (1, ...) lies in."""
    return segment if of == 18 else _OF_FOUR.get(segment, segment)


class StrainEye(QWidget):
    """End-systolic strain or time to peak by segment. The view on screen has its colours; a click opens another's.

    Signals:
        view_wanted(str): a segment of another view was clicked.
        slice_wanted(int): a segment of another level was clicked; a slice that shows it.
    """

    view_wanted = Signal(str)
    slice_wanted = Signal(int)

    def __init__(self, desk: StrainDesk, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._focus = desk, focus
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
        """How many segments: 18, 17 or 16; short axes show 16."""
        return SHORT_AXIS_SEGMENTS if self.ring is not None else self._of

    @property
    def ring(self) -> ShortAxisView | None:
        """Strain of the short axes on screen; None where apical views are."""
        found = self._desk.strain
        return found if isinstance(found, ShortAxisView) else None

    @property
    def scale(self) -> str:
        """Which of `core.bullseye.RANGES` the shades are taken from."""
        return "ms" if self.unit == "ms" else "radial %" if self.unit == "radial %" else "strain %"

    def sizeHint(self) -> QSize:
        """As high as the boxes beside it."""
        return QSize(230, 240)

    def show_study(self, study: StudyStrain | None) -> None:
        """Take on what the study says."""
        self.study = study
        self.update()

    def show_as(self, *, of: int | None = None, unit: str | None = None) -> None:
        """Choose another model, or what is shown."""
        self._of, self.unit = of or self._of, unit or self.unit
        self.update()

    def values(self) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        """(of,) as shown; all NaN where nothing is known."""
        if self.ring is not None:
            regions = self.ring.regions
            return 1000 * regions.values("time_to_peak_s") if self.unit == "ms" else regions.values(_OF_RING[self.unit])
        if self.study is None:
            return np.full(self.of, np.nan)
        of_18 = self.study.end_systolic_percent if self.unit == "strain %" else self.study.time_to_peak_ms
        return in_model(of_18, self.of)

    def _circle(self) -> tuple[QPointF, float]:
        high = self.height() - _FOOT_PX
        return QPointF(self.width() / 2, high / 2), max(min(self.width(), high) / 2 - 3, 10.0)

    def rims(self) -> dict[int, int]:
        """By segment of the bull's-eye, the segment (0 to 5) of the view on screen that lies in it."""
        found = self._desk.strain
        if self.ring is not None:
            return {number: place for place, number in enumerate(self.ring.numbers)}
        if found is None or found.view is None:
            return {}
        return {in_eye(one.number, self.of): number for number, one in enumerate(segments_of(found.view))}

    def paintEvent(self, event: QPaintEvent) -> None:
        """The eye, and what its shades stand for."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, radius = self._circle()
        rims = self.rims()
        pointed = [number for number, one in rims.items() if one == self._focus.segment]
        colours = {number: ON_DARK[one] for number, one in rims.items()}
        draw_eye(painter, centre, radius, self.values(), self.scale, rims=colours, pointed=pointed)
        self._draw_scale(painter)

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
        beside = int(Qt.AlignmentFlag.AlignRight) | middle
        painter.drawText(QRectF(bar.left() - 44, bar.top() - 5, 40, 16), beside, left)
        painter.drawText(QRectF(bar.right() + 4, bar.top() - 5, 60, 16), middle, f"{right}{unit}")

    # Mouse

    def segment_at(self, at: QPointF) -> int | None:
        """The segment (1, ...) under the mouse, or None."""
        return segment_under(*self._circle(), self.of, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let a segment of the view on screen stand out everywhere."""
        segment = self.segment_at(event.position())
        self._focus.point_at(self.rims().get(segment) if segment else None)
        away = segment is not None and segment not in self.rims()
        other = away and segment is not None and (self.ring is not None or bool(views_of(segment, self.of)))
        self.setCursor(Qt.CursorShape.PointingHandCursor if other else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing stands out."""
        self._focus.point_at(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the view that shows the segment."""
        segment = self.segment_at(event.position())
        if segment is not None and segment not in self.rims() and self.ring is not None:
            slices = [one.number for one in self.ring.regions.slices if segment in one.parts.numbers]
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
        """A segment's number, name, value, and the views that show it."""
        number = float(self.values()[segment - 1])
        what = _WHAT[self.unit]
        unit, decimals = ("ms", 0) if self.unit == "ms" else ("%", 1)
        shown = with_unit(number, unit, decimals) if np.isfinite(number) else "not measured"
        if self.ring is not None:
            why = self.ring.regions.why[segment - 1]
            return "\n".join((f"{segment}: {name_of(segment, self.of)}", f"{what} {shown}", why or "exploratory"))
        views = ", ".join(views_of(segment, self.of))
        lines = [f"{segment}: {name_of(segment, self.of)}", f"{what} {shown}", f"seen in {views}" if views else ""]
        return "\n".join(one for one in lines if one)


def views_of(segment: int, of: int) -> tuple[str, ...]:
    """The apical views that show a segment (1 to `of`); none for the cap of the 17."""
    return tuple(view for view in SIDES if any(in_eye(one.number, of) == segment for one in segments_of(view)))


def name_of(segment: int, of: int) -> str:
    """What a segment (1 to `of`) is called."""
    if of == 18 or segment <= 12:
        level, wall = divmod(segment - 1, 6)
        return f"{LEVELS[level]} {WALLS[wall]}"
    return ("Apical anterior", "Apical septal", "Apical inferior", "Apical lateral", "Apex")[segment - 13]
