"""The segments of the view on screen: strain, tracking quality, and whether each is included."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from kinecor.core.strain.drawing import ON_DARK, short_name
from kinecor.core.strain.short_axis import ShortAxisView
from kinecor.core.strain.strain import Shortening
from kinecor.core.strain.wall_strain import FROM_CONTOURS, WallStrain
from kinecor.core.table.measurement import Quantity, format_quantity, with_unit
from kinecor.core.values.choices import SEGMENTS
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme

NO_MOTION = "segmental strain needs tracked motion: analyse again"
NOT_ON_MR = "no segmental strain on cine MRI: the images show no speckle along the wall to track"
TRACKED, DOUBTFUL, EXCLUDED = "\N{CHECK MARK}", "?", "\N{MULTIPLICATION SIGN}"


def segment_value(found: WallStrain, segment: int) -> str:
    """End-systolic strain of a segment (0 to 5), or a dash where it is not available."""
    one = found.segments[segment]
    return "–" if one is None else with_unit(one.end_systolic, "%")


def quality_mark(found: WallStrain, segment: int) -> tuple[str, str, str]:
    """(sign, text, colour) for the tracking quality of a segment (0 to 5)."""
    if segment in found.excluded:
        return EXCLUDED, "excluded", theme.QUIET
    if not np.isfinite(found.segments_percent[:, segment]).any():
        return DOUBTFUL, "not tracked" if found.method == FROM_CONTOURS else "not on MR", theme.WARNING
    quality = float(found.quality[segment])
    good = quality >= TRACKING_QUALITY.withheld
    return TRACKED if good else DOUBTFUL, f"{quality:.2f}", theme.GOOD if good else theme.WARNING


def segment_details(found: WallStrain, segment: int) -> str:
    """A segment's name and numbers, a line each."""
    one = found.segments[segment]
    lines = [found.names[segment]]
    if not np.isfinite(found.segments_percent[:, segment]).any():
        lines.append(NO_MOTION if found.method == FROM_CONTOURS else NOT_ON_MR)
    elif one is None:
        quality, least = found.quality[segment], TRACKING_QUALITY.withheld
        lines.append(f"strain not available: tracking quality {quality:.2f}, at least {least:.2f} is needed")
    else:
        lines += [
            f"at end-systole {with_unit(one.end_systolic, '%')}, peak {with_unit(one.peak, '%')}",
            *_peak_timing(one),
            f"tracking quality {found.quality[segment]:.2f} (0 to 1)",
        ]
    if found.segments_drift_percent is not None:
        drift = with_unit(float(found.segments_drift_percent[segment]), "points")
        lines.append(f"drift {drift}, {_compensated(found)}")
    lines.append("click to include it again" if segment in found.excluded else "click to exclude it")
    return "\n".join(lines)


def _peak_timing(one: Shortening) -> list[str]:
    """Time to peak and post-systolic index; empty for a beat whose end-diastole or diastole was not recorded."""
    words = []
    if np.isfinite(one.time_to_peak_s):
        words.append(f"peak after {format_quantity(Quantity(1000 * one.time_to_peak_s, 'ms'), 'TTP')}")
    if np.isfinite(one.post_systolic_index):
        words.append(f"post-systolic index {format_quantity(Quantity(one.post_systolic_index, '%'), 'PSI')}")
    return [", ".join(words)] if words else []


def drift_words(found: WallStrain) -> str:
    """The drift of the global curve, and whether it is compensated."""
    if found.global_drift_percent is None:
        return "no next end-diastole: drift is not known"
    return f"drift {with_unit(found.global_drift_percent, 'points')}, {_compensated(found)}"


def _compensated(found: WallStrain) -> str:
    return "compensated" if found.compensated else "not compensated"


_GAP = 4


class SegmentBoxes(QWidget):
    """Laid out as in the image: left wall left, apex or anterior wall on top. A click excludes or includes one."""

    def __init__(self, model: StrainModel, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._focus = model, focus
        self.setMouseTracking(True)
        self.setMinimumSize(200, 132)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        model.changed.connect(self.update)
        focus.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two columns of three, or of two."""
        return QSize(300, 190)

    def box(self, segment: int) -> QRectF:
        """The rectangle of a segment (0-based)."""
        found = self._model.strain
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
        """The segment at a position, or None."""
        found = self._model.strain
        return next((one for one in range(len(found.names) if found else 0) if self.box(one).contains(at)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A box per segment; nothing where there is no strain."""
        found = self._model.strain
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
        painter.drawText(upper, right, segment_value(found, segment))
        painter.setFont(theme.font(11))
        sign, words, shade = quality_mark(found, segment)
        painter.setPen(QColor(shade))
        painter.drawText(lower, right, f"{sign} {words}")
        if not out:
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(lower, left, found.names[segment].partition(" ")[2])

    # Mouse

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Exclude the segment, or include it again."""
        segment = self.segment_at(event.position())
        if segment is not None and self._model.strain is not None and event.button() == Qt.MouseButton.LeftButton:
            self._model.toggle(segment)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Highlight the segment in all views."""
        self._focus.point_at(self.segment_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Highlight nothing."""
        self._focus.point_at(None)

    def event(self, event: QEvent) -> bool:
        """Tool tips with the details of the segment."""
        if isinstance(event, QHelpEvent):
            segment, found = self.segment_at(QPointF(event.pos())), self._model.strain
            if segment is not None and found is not None:
                QToolTip.showText(event.globalPos(), segment_details(found, segment), self)
            return True
        return super().event(event)
