"""AI-suggested ED and ES: the regressed curve under the volume curve, and where the two disagree."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from kinecor.core.values.events import CardiacEvents, frame_of
from kinecor.core.values.phase_curve import Disagreement, PhaseCurve, disagreements, taken
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin
from kinecor.core.volumes.volume_events import volume_events
from kinecor.session.edits import SetEvents
from kinecor.ui.style import theme
from kinecor.ui.workspace.workspace import Workspace

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


# More marks than this are taken all at once: lines would take the room of the curve.
MOST_MARKS = 2
STYLE = f"""
QLabel {{ color: {theme.QUIET}; font-size: 11px; }}
QLabel#mark {{ color: {theme.WARNING}; font-weight: 600; margin-left: 6px; }}
QToolButton {{ color: {theme.TEXT}; font-size: 11px; border: 1px solid {theme.LINE}; padding: 1px 6px; }}
QToolButton:checked {{ background: {theme.LINE}; border-color: {theme.QUIET}; }}
"""


class PhaseNote(QWidget):
    """A line for each mark, there only where the two disagree; the mark in force is the pressed one.

    Lines, since the curve has to fit beside that of strain.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._known: tuple[tuple[object, ...], CardiacEvents | None] | None = None
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(54, 0, 0, 2)
        self._lines.setSpacing(4)
        self._row = self._column = 0
        self.setStyleSheet(STYLE)
        self.hide()

    def show_reading(self, reading: Reading) -> None:
        """Compare the two ways to ED and ES of a Reading, and say so where they differ."""
        self._row = self._column = 0
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        volume, curve = self._volume_events(reading), reading.phase_curve
        if volume is None or curve is None:
            self.hide()
            return
        found = disagreements(volume, curve, reading.facts.frames if reading.kind.stack else None)
        if found is None or len(found) > MOST_MARKS:
            self._offer_all(reading, volume, curve.events, found)
        else:
            for one in found:
                self._offer(reading, volume, curve, one)
                self._row, self._column = self._row + 1, 0
        self._lines.setColumnStretch(3, 1)
        self.setVisible(found is None or bool(found))

    def _volume_events(self, reading: Reading) -> CardiacEvents | None:
        """Kept as long as the contours stay the same."""
        rests_on = (reading.tracks, reading.slices, reading.short_axis, reading.aspect)
        if self._known is None or any(
            now is not then and now != then for now, then in zip(rests_on, self._known[0], strict=True)
        ):
            self._known = rests_on, volume_events(reading)
        return self._known[1]

    def _offer(self, reading: Reading, volume: CardiacEvents, curve: PhaseCurve, one: Disagreement) -> None:
        words = one.mark.upper() + (f" of beat {one.beat + 1}" if len(volume.beats) > 1 else "")
        self._put(_label(words, "mark"))
        beats = reading.events.beats if reading.events else ()
        now = frame_of(beats[one.beat], one.mark) if len(beats) == len(volume.beats) else None
        marks = curve.ed if one.mark == "ed" else curve.es
        times_s = reading.facts.times_s
        at_s = curve.times_s(one.mark, times_s)[marks.index(one.regression)]
        for name, source, frame, time_s in (
            ("volume curve", volume, one.volume, times_s[one.volume]),
            ("regression", curve.events, one.regression, at_s),
        ):
            self._add(f"{name} {frame}", source, (one, frame), chosen=now == frame, at=f", at {1000 * time_s:.1f} ms")

    def _offer_all(
        self,
        reading: Reading,
        volume: CardiacEvents,
        regression: CardiacEvents,
        found: tuple[Disagreement, ...] | None,
    ) -> None:
        if found is None:
            words, tails = "Beats", (f" {len(volume.beats)}", f" {len(regression.beats)}")
        else:
            most = max(abs(one.volume - one.regression) for one in found)
            words, tails = f"{len(found)} marks differ, by up to {most} frames", ("", "")
        self._put(_label(words, "mark"))
        beats = reading.events.beats if reading.events else ()
        for name, source, tail in (("volume curve", volume, tails[0]), ("regression", regression, tails[1])):
            self._add(name + tail, source, None, chosen=beats == source.beats)

    def _add(
        self, words: str, source: CardiacEvents, one: tuple[Disagreement, int] | None, *, chosen: bool, at: str = ""
    ) -> None:
        button = QToolButton()
        button.setText(words)
        button.setCheckable(True)
        button.setChecked(chosen)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(f"Take {words}{at}")
        button.clicked.connect(partial(self._take, source, one))
        self._put(button)

    def _put(self, widget: QWidget) -> None:
        self._lines.addWidget(widget, self._row, self._column)
        self._column += 1
        widget.show()  # at once: a layout would leave it to the event loop

    def _take(self, source: CardiacEvents, one: tuple[Disagreement, int] | None, _: bool = False) -> None:
        """One mark; all of that way's marks where that one cannot go there alone."""
        saved = self._workspace.saved
        if saved is None:
            return
        events = (taken(saved.events, *one) if one else None) or CardiacEvents(source.beats, Origin.EDITED)
        if saved.events is None or saved.events.beats != events.beats:
            self._workspace.do(SetEvents(events))
        else:
            self.show_reading(saved)  # the button had come up


def _label(words: str, name: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName(name)
    return label
