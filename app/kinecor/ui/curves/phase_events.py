"""AI-suggested ED and ES: the regressed curve under the volume curve, and where volume, AI and ECG disagree."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from kinecor.core.cycle.r_waves import FAR_S, Suggested, r_waves_s
from kinecor.core.values.events import CardiacEvents, PhaseCurve, frame_of, take_mark
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.recording import Trace
from kinecor.core.values.track import Origin
from kinecor.core.volumes.event_choices import AI, VOLUME, Choice, Choices, choices
from kinecor.core.volumes.loop_volumes import regressed_events, volume_events
from kinecor.session.edits import SetEvents
from kinecor.ui.curves.event_flags import mark_events
from kinecor.ui.curves.plotting import Layered, draw_line
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.layouts import remove_widgets
from kinecor.ui.workspace.workspace import Workspace

HEIGHT_PX = 34
MIN_RANGE = 0.35
"""Smallest range that fills the strip: a curve flatter than this has no events and looks flat."""
# Above and below the curve, inside the strip.
_RIM_PX = 5


class PhaseStrip(Layered):
    """The curve with its ED (solid) and ES (dashed) ticks and the time on screen; a click or drag goes to that time.

    Signals:
        scrubbed(float): the time in seconds under the mouse.
    """

    scrubbed = Signal(float)

    def __init__(
        self, x_px: Callable[[float], float], time_s: Callable[[float], float], parent: QWidget | None = None
    ) -> None:
        """`x_px` and `time_s` convert a time to an x of this widget and back, aligned with the curve above."""
        super().__init__(parent)
        self._x_px, self._time_s = x_px, time_s
        self._curve: PhaseCurve | None = None
        self._times_s: tuple[float, ...] = ()
        self._frame = 0
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_reading(self, reading: Reading, *, differs: bool) -> None:
        """Draw the regressed curve of a Reading.

        Args:
            reading: of the recording on screen.
            differs: whether it puts ED or ES elsewhere than the volume curve; hidden where it does not, and where there
                is none.

        """
        self._curve, self._times_s = reading.phase_curve, tuple(map(float, reading.facts.times_s))
        self.setVisible(self._curve is not None and differs)
        if self._curve is not None:
            text = tr("AI-suggested ED and ES, regressed from the images without contours, by {model}").format(
                model=self._curve.by
            )
            marks = [
                f"{name}: {', '.join(f'{1000 * value:.1f}' for value in found)} ms"
                for name, found in self.marks_s()
                if found
            ]
            self.setToolTip("\n".join([text, *marks]))
        self.redraw()

    def marks_s(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """Times of ED and ES in s, at sub-frame resolution where known; empty without a curve."""
        if self._curve is None:
            return ()
        times_s = np.array(self._times_s)
        return ("ED", self._curve.times_s("ed", times_s)), ("ES", self._curve.times_s("es", times_s))

    def show_frame(self, frame: int) -> None:
        """Move the cursor."""
        for at in (self._frame, frame):
            if self._times_s:
                self.update(int(self._x_px(self._times_s[min(at, len(self._times_s) - 1)])) - 2, 0, 5, self.height())
        self._frame = frame

    def draw_layer(self, painter: QPainter) -> None:
        """The curve and its marks."""
        if self._curve is None:
            return
        painter.setFont(theme.font(10))
        painter.setPen(QColor(theme.QUIET))
        left = self._x_px(self._times_s[0])
        margin = QRectF(0, 0, left - 8, self.height())
        painter.drawText(margin, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tr("ED, ES\nby AI"))
        x = np.array([self._x_px(at) for at in self._times_s])
        low = float(self._curve.values.min())
        high = max(float(self._curve.values.max()), low + MIN_RANGE)
        deep = self.height() - 2 * _RIM_PX
        y = _RIM_PX + deep * (high - self._curve.values) / (high - low)
        for name, found in self.marks_s():
            style = Qt.PenStyle.SolidLine if name == "ED" else Qt.PenStyle.DashLine
            for at in found:
                # In a gated cycle a mark may come after the last frame: it is drawn at the end of the curve.
                mark = min(self._x_px(at), float(x[-1]))
                painter.setPen(QPen(QColor(theme.QUIET), 1, style))
                painter.drawLine(QPointF(mark, 1), QPointF(mark, self.height() - 1))
        painter.setPen(QPen(QColor(theme.TEXT), 1.2))
        draw_line(painter, np.column_stack([x, y]))

    def draw_over(self, painter: QPainter) -> None:
        """The cursor."""
        if self._curve is not None:
            x = self._x_px(self._times_s[min(self._frame, len(self._times_s) - 1)])
            painter.setPen(QPen(QColor(theme.ACCENT), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the time under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.scrubbed.emit(self._time_s(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while its button is down."""
        self.scrubbed.emit(self._time_s(event.position().x()))


# More events than this are offered together: one line each would take the room of the curve.
MAX_MARKS = 2


def _style() -> str:
    return f"""
QLabel {{ color: {theme.QUIET}; font-size: 11px; }}
QLabel#mark {{ color: {theme.WARNING}; font-weight: 600; margin-left: 6px; }}
QToolButton {{ color: {theme.TEXT}; font-size: 11px; border: 1px solid {theme.LINE}; padding: 1px 6px; }}
QToolButton:checked {{ background: {theme.LINE}; border-color: {theme.QUIET}; }}
"""


@dataclass(frozen=True)
class _Cell:
    """A label of this name, or a button where it has none: its place, and what it says and does."""

    row: int
    column: int
    columns: int
    words: str
    name: str
    hint: str
    chosen: bool
    use: tuple[CardiacEvents, tuple[Choice, int] | None] | None

    @property
    def place(self) -> tuple[int, int, int, str]:
        """Where it stands, and as what: where that is the same, so is the widget."""
        return self.row, self.column, self.columns, self.name


class PhaseNote(QWidget):
    """Where volume curve, AI, ECG and marks disagree by more than a frame: a line per event, what is in force pressed.

    Lines rather than columns, since the strain curves need the width.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._ecg: tuple[Trace | None, tuple[float, ...]] = None, ()
        self.regression_differs = False
        """Whether the regressed curve is among the sources that differ."""
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(54, 0, 0, 2)
        self._lines.setSpacing(4)
        self._shown: list[QWidget] = []
        self._cells: list[_Cell] = []
        self._row = self._column = 0
        self.setStyleSheet(_style())
        self.hide()

    def show_reading(self, reading: Reading) -> None:
        """Compare the sources of ED and ES, and show where they differ."""
        self._row = self._column = 0
        before, self._cells = self._cells, []
        found = choices(
            reading,
            self._volume_events(reading),
            regressed_events(reading),
            self._waves_s() or reading.facts.known_waves_s,
        )
        self.regression_differs = found is not None and _regression_differs(found)
        if found is None:
            self._cells = before
            self.hide()
            return
        if found.each is None or len(found.each) > MAX_MARKS:
            self._offer_all(reading, found)
        else:
            for choice in found.each:
                self._offer(reading, found, choice)
                self._row, self._column = self._row + 1, 0
        if found.unfit is not None:
            self._row, self._column = self._row + 1, 0
            self._put(_unfit_words(*found.unfit), "unfit", columns=5)
        if [cell.place for cell in before] != [cell.place for cell in self._cells]:
            self._make()
        for widget, cell in zip(self._shown, self._cells, strict=True):
            _write(widget, cell)
        self.show()

    def _make(self) -> None:
        """New widgets, where there are others or they stand elsewhere than before."""
        remove_widgets(self._lines, self._shown)
        self._shown = []
        for number, cell in enumerate(self._cells):
            widget: QWidget
            if cell.name:
                widget = QLabel()
                widget.setObjectName(cell.name)
            else:
                widget = QToolButton()
                widget.setCheckable(True)
                widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                widget.clicked.connect(partial(self._press, number))
            self._lines.addWidget(widget, cell.row, cell.column, 1, cell.columns)
            self._shown.append(widget)
            widget.show()  # now: a layout would defer it to the event loop
        self._lines.setColumnStretch(4, 1)

    def _waves_s(self) -> tuple[float, ...]:
        """R waves of the loop on screen; cached."""
        cine = self._workspace.cine
        ecg = None if cine is None else cine.ecg
        if ecg is not self._ecg[0]:
            self._ecg = ecg, () if ecg is None else r_waves_s(ecg)
        return self._ecg[1]

    def _volume_events(self, reading: Reading) -> CardiacEvents | None:
        """Cached while the contours are the same."""
        inputs = (reading.tracks, reading.slices, reading.short_axis, reading.aspect, reading.facts)
        return compute_once(reading, "events by volume", inputs, lambda: volume_events(reading))

    def _offer(self, reading: Reading, found: Choices, choice: Choice) -> None:
        volume = found.whole[VOLUME]
        text = choice.mark.upper()
        if len(volume.beats) > 1:
            text = tr("{mark} of beat {beat}").format(mark=text, beat=choice.beat + 1)
        self._put(text, "mark")
        beats = reading.events.beats if reading.events else ()
        now = frame_of(beats[choice.beat], choice.mark) if len(beats) == len(volume.beats) else None
        unit = tr("phase") if reading.kind.gated else tr("frame")
        for each in choice.candidates:
            self._add(
                f"{translated(each.source)}: {unit} {each.frame + 1}",
                found.whole[each.source],
                (choice, each.frame),
                chosen=now == each.frame,
                at_ms=1000 * each.time_s,
            )

    def _offer_all(self, reading: Reading, found: Choices) -> None:
        if found.each is None:
            text, tails = (
                tr("Beats"),
                {name: f": {len(cardiac_events.beats)}" for name, cardiac_events in found.whole.items()},
            )
        else:
            text = tr("{count} events differ, by up to {most} frames").format(count=len(found.each), most=found.apart)
            tails = {}
        self._put(text, "mark")
        beats = reading.events.beats if reading.events else ()
        for name, source in found.whole.items():
            self._add(translated(name) + tails.get(name, ""), source, None, chosen=beats == source.beats)

    def _add(
        self,
        words: str,
        source: CardiacEvents,
        values: tuple[Choice, int] | None,
        *,
        chosen: bool,
        at_ms: float | None = None,
    ) -> None:
        use = tr("Use {choice}") if at_ms is None else tr("Use {choice}, at {ms} ms")
        self._put(words, hint=use.format(choice=words, ms=f"{at_ms or 0:.1f}"), chosen=chosen, use=(source, values))

    def _put(
        self,
        words: str,
        name: str = "",
        *,
        columns: int = 1,
        hint: str = "",
        chosen: bool = False,
        use: tuple[CardiacEvents, tuple[Choice, int] | None] | None = None,
    ) -> None:
        self._cells.append(_Cell(self._row, self._column, columns, words, name, hint, chosen, use))
        self._column += columns

    def _press(self, number: int, _: bool = False) -> None:
        use = self._cells[number].use
        if use is not None:
            self._take(*use)

    def _take(self, source: CardiacEvents, values: tuple[Choice, int] | None) -> None:
        """Use one event of a source, or all of them where it cannot be moved alone."""
        saved = self._workspace.saved
        if saved is None:
            return
        alone = take_mark(saved.events, values[0].beat, values[0].mark, values[1]) if values else None
        events = alone or CardiacEvents(source.beats, Origin.EDITED)
        same = saved.events is not None and saved.events.beats == events.beats
        if same or not mark_events(self._workspace, SetEvents(events)):
            self.show_reading(saved)  # press the button again


def _regression_differs(found: Choices) -> bool:
    """Whether it is offered for an event, or has another number of beats."""
    if found.each is None:
        return AI in found.whole
    return any(candidate.source == AI for choice in found.each for candidate in choice.candidates)


def _unfit_words(beat: int, suggestion: Suggested) -> str:
    if abs(suggestion.late_s) > FAR_S:
        text = tr("ECG not used: the R wave of beat {beat} is {ms} ms from the fullest frame.")
    else:
        text = tr("ECG not used: at the R wave of beat {beat} the cavity lacks {percent} % of its stroke volume.")
    return text.format(beat=beat + 1, ms=round(1000 * abs(suggestion.late_s)), percent=round(100 * suggestion.lacking))


def _write(widget: QWidget, cell: _Cell) -> None:
    """What a widget of the note says, as far as it says something else; an unchanged one is not laid out again."""
    if isinstance(widget, QToolButton):
        widget.setToolTip(cell.hint)
        widget.setChecked(cell.chosen)
    if isinstance(widget, QLabel | QToolButton) and widget.text() != cell.words:
        widget.setText(cell.words)
