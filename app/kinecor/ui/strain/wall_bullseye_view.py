"""Wall thickness at ED and ES and thickening, segment by segment."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from kinecor.core.table.number_format import with_unit
from kinecor.core.table.stack_measures import convention
from kinecor.core.values.arrays import FloatArray
from kinecor.core.volumes.segments import NAMES, SEGMENTS, BullsEye, bulls_eye
from kinecor.ui.strain.bullseye_painting import draw_eye, segment_under
from kinecor.ui.style import theme
from kinecor.ui.workspace.workspace import Change, Workspace

TITLES = ("Wall at ED, mm", "Wall at ES, mm", "Thickening, %")
_UNITS = ("mm", "mm", "%")
_TITLE_PX, _FOOT_PX = 20, 32


class BullsEyeView(QWidget):
    """Three bull's-eyes side by side (AHA 17 segments); a tool tip names the segment under the mouse."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.eye: BullsEye | None = None
        self.foot = ""
        self.setMinimumHeight(190)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Work the wall out again where contours, marks or choices changed."""
        before, after = change.before, change.after
        if after is None or not after.kind.stack:
            self.eye = None
            return
        parts = ("slices", "short_axis", "events", "calibration")
        if before is not None and all(getattr(before, part) is getattr(after, part) for part in parts):
            return
        if not change.preview:  # read at leisure: while a contour is pulled, time goes to the picture
            self.eye = bulls_eye(after) if after.calibration is not None else None
            origin = f"segments from: {self.eye.origin}; regional thickening is exploratory" if self.eye else ""
            self.foot = f"{origin}\n{convention(after)}"
            self.update()

    def sizeHint(self) -> QSize:
        """Three circles wide."""
        return QSize(560, 220)

    def _values(self) -> tuple[FloatArray, ...]:
        return (self.eye.ed_mm, self.eye.es_mm, self.eye.thickening_percent) if self.eye else ()

    def _circle(self, place: int) -> tuple[QPointF, float]:
        third = self.width() / 3
        radius = max(min(third, self.height() - _TITLE_PX - _FOOT_PX) / 2 - 4, 8.0)
        return QPointF(third * (place + 0.5), _TITLE_PX + (self.height() - _TITLE_PX - _FOOT_PX) / 2), radius

    def paintEvent(self, event: QPaintEvent) -> None:
        """The three eyes, or why there is none."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.QUIET))
        painter.setFont(theme.font(11))
        middle = Qt.AlignmentFlag.AlignCenter
        if self.eye is None:
            painter.drawText(self.rect(), middle, "No bull's-eye: the wall is not outlined at ED and ES.")
            return
        for place, values in enumerate(self._values()):
            centre, radius = self._circle(place)
            painter.setPen(QColor(theme.QUIET))
            title = QRectF(centre.x() - self.width() / 6, 2, self.width() / 3, _TITLE_PX)
            painter.drawText(title, middle, TITLES[place])
            draw_eye(painter, centre, radius, values, _UNITS[place])
        painter.setPen(QColor(theme.QUIET))
        foot = QRectF(0, self.height() - _FOOT_PX, self.width(), _FOOT_PX)
        painter.drawText(foot, middle, self.foot)

    def segment_at(self, at: QPointF) -> tuple[int, int] | None:
        """(which eye, segment 1 to 17) at a place of the widget."""
        for place in range(3):
            centre, radius = self._circle(place)
            number = segment_under(centre, radius, SEGMENTS, at) if self.eye is not None else None
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
                words = with_unit(value, _UNITS[place]) if np.isfinite(value) else "not measured"
                QToolTip.showText(event.globalPos(), f"{number}: {NAMES[number - 1]}\n{TITLES[place]}: {words}", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
