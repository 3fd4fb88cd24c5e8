"""The regressed curve of ED and ES: a quiet strip under the volume curve, on the same time axis."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from kinecor.core.values.phase_curve import PhaseCurve
from kinecor.core.values.reading import Reading
from kinecor.ui.style import theme

HEIGHT_PX = 34
LEAST_RANGE = 0.35
"""What fills the strip at least: a curve flatter than this holds no events, and looks so."""
# Above and below the curve, inside the strip.
_RIM_PX = 5


class PhaseStrip(QWidget):
    """The curve with its ED (solid) and ES (dashed) ticks and the time on screen; a click or drag goes to that time.

    Signals:
        scrubbed(float): the time in seconds under the mouse.
    """

    scrubbed = Signal(float)

    def __init__(
        self, x_px: Callable[[float], float], time_s: Callable[[float], float], parent: QWidget | None = None
    ) -> None:
        """`x_px` and `time_s` turn a time into a column of this widget and back, as the curve above has them."""
        super().__init__(parent)
        self._x_px, self._time_s = x_px, time_s
        self._curve: PhaseCurve | None = None
        self._times_s: tuple[float, ...] = ()
        self._frame = 0
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_reading(self, reading: Reading) -> None:
        """Draw a Reading's regressed curve; nothing where it has none."""
        self._curve, self._times_s = reading.phase_curve, tuple(map(float, reading.facts.times_s))
        self.setVisible(self._curve is not None)
        if self._curve is not None:
            words = f"ED and ES regressed from the pictures, without contours, by {self._curve.by}"
            marks = [
                f"{name}: {', '.join(f'{1000 * one:.1f}' for one in found)} ms"
                for name, found in self.marks_s()
                if found
            ]
            self.setToolTip("\n".join([words, *marks]))
        self.update()

    def marks_s(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """When ED and ES are, in s, to a part of a frame where that is known; nothing without a curve."""
        if self._curve is None:
            return ()
        times_s = np.array(self._times_s)
        return ("ED", self._curve.times_s("ed", times_s)), ("ES", self._curve.times_s("es", times_s))

    def show_frame(self, frame: int) -> None:
        """Move the cursor."""
        if self._curve is not None and frame != self._frame:
            self.update()
        self._frame = frame

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curve, its marks and the cursor."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GROUND))
        if self._curve is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(10))
        painter.setPen(QColor(theme.QUIET))
        left = self._x_px(self._times_s[0])
        margin = QRectF(0, 0, left - 8, self.height())
        painter.drawText(margin, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "ED, ES\nregressed")
        xs = [self._x_px(at) for at in self._times_s]
        low = float(self._curve.values.min())
        high = max(float(self._curve.values.max()), low + LEAST_RANGE)
        deep = self.height() - 2 * _RIM_PX
        ys = [_RIM_PX + deep * (high - float(value)) / (high - low) for value in self._curve.values]
        for name, found in self.marks_s():
            style = Qt.PenStyle.SolidLine if name == "ED" else Qt.PenStyle.DashLine
            for at in found:
                # Round a closed cycle a mark may lie after the last frame: it is drawn where the curve ends.
                x = min(self._x_px(at), xs[-1])
                painter.setPen(QPen(QColor(theme.QUIET), 1, style))
                painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))
        painter.setPen(QPen(QColor(theme.TEXT), 1.2))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))
        frame = min(self._frame, len(xs) - 1)
        painter.setPen(QPen(QColor(theme.ACCENT), 1))
        painter.drawLine(QPointF(xs[frame], 0), QPointF(xs[frame], self.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the time under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.scrubbed.emit(self._time_s(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the mouse while its button is down."""
        self.scrubbed.emit(self._time_s(event.position().x()))
