"""The segments of the view on screen: strain, how well each was followed, and whether it counts."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from kinecor.core.strain.segment_marks import ON_DARK, short_name
from kinecor.core.strain.short_axis_view import ShortAxisView
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.values.strain_choices import SEGMENTS
from kinecor.ui.strain.segment_focus import SegmentFocus
from kinecor.ui.strain.strain_model import StrainDesk
from kinecor.ui.strain.words import all_words, standing, value
from kinecor.ui.style import theme

_GAP = 4


class SegmentBoxes(QWidget):
    """As on the picture: left wall left, apex or anterior wall on top. A click leaves a segment out, or takes it in."""

    def __init__(self, desk: StrainDesk, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._focus = desk, focus
        self.setMouseTracking(True)
        self.setMinimumSize(200, 132)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        desk.changed.connect(self.update)
        focus.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two columns of three, or of two."""
        return QSize(300, 190)

    def box(self, segment: int) -> QRectF:
        """Where a segment (from 0) is drawn."""
        found = self._desk.strain
        count = len(found.names) if found else SEGMENTS
        half = count // 2
        column, line = (0, half - 1 - segment) if segment < half else (1, segment - half)
        if isinstance(
            found, ShortAxisView
        ):  # round the ring from the anterior wall on: septum left, lateral wall right
            line = segment if segment < half else count - 1 - segment
        wide, high = (self.width() - _GAP) / 2, (self.height() - (half - 1) * _GAP) / half
        return QRectF(column * (wide + _GAP), line * (high + _GAP), wide, high)

    def segment_at(self, at: QPointF) -> int | None:
        """The segment drawn at a place, or None."""
        found = self._desk.strain
        return next((one for one in range(len(found.names) if found else 0) if self.box(one).contains(at)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Six boxes; nothing where there is no strain."""
        found = self._desk.strain
        if found is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for segment in range(len(found.names)):
            self._draw(painter, segment, found)

    def _draw(self, painter: QPainter, segment: int, found: WallStrain) -> None:
        box = self.box(segment)
        out, pointed = segment in found.excluded, segment == self._focus.segment
        painter.setPen(QPen(QColor(theme.ACCENT if pointed else theme.LINE), 1.4 if pointed else 1.0))
        painter.setBrush(QColor(theme.BACKGROUND if out else theme.RAISED))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        colour = QColor(ON_DARK[segment])
        colour.setAlpha(90 if out else 255)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(box.left() + 4, box.top() + 6, 4, box.height() - 12), 2, 2)
        inner = box.adjusted(14, 3, -8, -3)
        upper, lower = QRectF(inner), QRectF(inner)
        upper.setHeight(inner.height() * 0.55)
        lower.setTop(upper.bottom())
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.font(13, bold=True, struck=out))
        painter.setPen(QColor(theme.QUIET if out else theme.TEXT))
        painter.drawText(upper, left, short_name(found.names[segment]))
        painter.drawText(upper, right, value(found, segment))
        painter.setFont(theme.font(11))
        sign, words, shade = standing(found, segment)
        painter.setPen(QColor(shade))
        painter.drawText(lower, right, f"{sign} {words}")
        if not out:
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(lower, left, found.names[segment].partition(" ")[2])

    # Mouse

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Leave the segment out, or take it in again."""
        segment = self.segment_at(event.position())
        if segment is not None and self._desk.strain is not None and event.button() == Qt.MouseButton.LeftButton:
            self._desk.toggle(segment)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the segment stand out everywhere."""
        self._focus.point_at(self.segment_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing stands out."""
        self._focus.point_at(None)

    def event(self, event: QEvent) -> bool:
        """Tool tips with everything known of the segment."""
        if isinstance(event, QHelpEvent):
            segment, found = self.segment_at(QPointF(event.pos())), self._desk.strain
            if segment is not None and found is not None:
                QToolTip.showText(event.globalPos(), all_words(found, segment), self)
            return True
        return super().event(event)
