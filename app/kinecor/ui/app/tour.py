"""A tour of the window at the first start: six things that the reader does, in the real window."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kinecor import RESEARCH_USE
from kinecor.core.values.events import marks
from kinecor.core.values.reading import Reading, is_by_person
from kinecor.core.values.track import Origin
from kinecor.session.store import readings_folder
from kinecor.ui.app.modes import Mode
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.changes import Topic, follow

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow

BUBBLE_PX: Final = 340
_EDGE_PX: Final = 6  # around what is shown
_GAP_PX: Final = 12  # between it and the words


@dataclass(frozen=True, slots=True)
class Step:
    """One step: words, the parts of the window that they are about, and what the reader does there.

    Attributes:
        title: of the step.
        words: what to do, and what it is good for.
        parts: what is lit.
        mode: that it is done in; None: in any.
        done: whether the reader has done it, given the window and what there was when the step began; None: the last
            word, which asks for nothing.

    """

    title: str
    words: str
    parts: Callable[["MainWindow"], tuple[QWidget, ...]]
    mode: Mode | None = None
    done: Callable[["MainWindow", "Before"], bool] | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What there was when a step began, and what came since by itself.

    Attributes:
        reading: of the recording on screen, as saved.
        playing: whether it has played.
        clicked: whether the results were clicked.

    """

    reading: Reading | None
    playing: bool
    clicked: bool = False


def _stopped(window: "MainWindow", before: Before) -> bool:
    return before.playing and not window.player.playing


def _contour_moved(window: "MainWindow", before: Before) -> bool:
    now, then = window.workspace.saved, before.reading
    if now is None or (then is not None and then.tracks is now.tracks):
        return False
    return any(Origin.EDITED in track.origins for track in now.tracks.values())


def _mark_moved(window: "MainWindow", before: Before) -> bool:
    now, then = window.workspace.saved, before.reading
    if now is None or (then is not None and then.facts is now.facts and marks(then.events) == marks(now.events)):
        return False
    return is_by_person(now, "events")


def _number_read(_: "MainWindow", before: Before) -> bool:
    return before.clicked


def _report_open(window: "MainWindow", _: Before) -> bool:
    return window.mode is Mode.REPORT


STEPS: Final = (
    Step(
        "Open a recording",
        "Press Open demo. Your own files and folders open by the buttons beside it, or by dropping them on the window; "
        "Kinecor analyses them by itself.",
        lambda w: (w.start.buttons[_DEMO],) if w.workspace.recording is None else (w.study_list, w.menus),
        done=lambda w, _: w.workspace.recording is not None,
    ),
    Step(
        "Stop and play",
        "The loop plays. Press Space to stop it, and Space again to play; the arrow keys go from frame to frame.",
        lambda w: (w.reading.board,),
        done=_stopped,
    ),
    Step(
        "Correct a contour",
        "Drag the yellow contour a little. Frames nearby follow, all others by Propagate (R). Ctrl+Z undoes; each "
        "change is saved at once, with your name.",
        lambda w: (w.reading.board, w.tools),
        Mode.MEASURE,
        _contour_moved,
    ),
    Step(
        "Move ED or ES",
        "Drag the label ED or ES on the curve by a frame or two, or go to a frame and press Alt+D or Alt+S. "
        "D and S go to them.",
        lambda w: (w.reading.bottom,),
        Mode.MEASURE,
        _mark_moved,
    ),
    Step(
        "Read a number",
        "Click a value: it has its interval, its doubts and where it comes from. You accept it, reject it or enter "
        "your own; a value that is not available says why.",
        lambda w: (w.reading.side,),
        Mode.MEASURE,
        _number_read,
    ),
    Step(
        "Open the report",
        "Press Report, or Ctrl+4: the pages as they will be printed. Ctrl+E saves them as PDF; Ctrl+Shift+E exports "
        "films, tables, contours, masks and DICOM objects.",
        lambda w: (w.top.modes.tabs[Mode.REPORT],),
        done=_report_open,
    ),
    Step(
        RESEARCH_USE,
        "Your recordings are never changed, and nothing is sent unless you say so. Readings are saved in {folder}. F1 "
        "opens the user guide at the page for what is on screen; this tour is in the menu Help.",
        lambda w: (w.status,),
    ),
)
"""Six things that the reader does, and a last word."""
_DEMO: Final = 2  # of the buttons of the start page


class Tour(QWidget):
    """Dims the window but for what a step is about, says what to do there, and goes on once the reader has done it.

    The window below works as ever: mouse and keys reach it. Escape ends the tour, Skip passes a step over.

    Signals:
        ended(): the tour is over, or was left.
    """

    ended = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._watched: tuple[QWidget, ...] = ()
        self._before = Before(None, False)
        self.index = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bubble = QFrame(window)
        self.bubble.setObjectName("bubble")
        self.bubble.setFixedWidth(BUBBLE_PX)
        self.bubble.setStyleSheet(
            f"QFrame#bubble {{ background: {theme.RAISED}; border: 1px solid {theme.ACCENT}; border-radius: 6px; }}"
        )
        self.title, self.words, self.count = QLabel(), QLabel(), QLabel()
        self.title.setObjectName("title")
        self.count.setObjectName("quiet")
        for label in (self.title, self.words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.leave, self.back, self.skip = QPushButton(tr("End tour")), QPushButton(tr("Back")), QPushButton()
        head, row = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        for button in (self.leave, self.back, self.skip):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        column = self._column = QVBoxLayout(self.bubble)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addLayout(row)
        self.leave.clicked.connect(self.end)
        self.back.clicked.connect(lambda: self.show_step(self.index - 1))
        self.skip.clicked.connect(self.go_on)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._followed = follow(window.workspace, self._look, Topic.RECORDING, Topic.READING)
        self._signals = (window.player.playing_changed, window.mode_changed)
        for signal in self._signals:
            signal.connect(self._look)
        self.setGeometry(window.rect())
        self.show_step(0)
        if window.workspace.recording is None:
            window.start.buttons[_DEMO].setFocus()
        self.show()
        self.bubble.show()
        self._place()  # again, with the fonts of the style sheet, which apply once it is shown

    def show_step(self, index: int) -> None:
        """Show the step of this index, from 0; beyond the last, the tour is over."""
        if index >= len(STEPS):
            self.end()
            return
        self.index = max(0, index)
        step, window = STEPS[self.index], self._window
        if window.workspace.recording is not None and step.mode is not None:
            window.show_mode(step.mode)
        self._before = Before(window.workspace.saved, window.player.playing)
        self.title.setText(tr(step.title))
        self.words.setText(tr(step.words).replace("{folder}", str(readings_folder())))
        last = step.done is None
        self.count.setText("" if last else tr("{n} of {total}").format(n=self.index + 1, total=len(STEPS) - 1))
        self.back.setEnabled(self.index > 0)
        self.leave.setVisible(not last)
        self.skip.setText(tr("Done") if last else tr("Skip"))
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = step.parts(window)
        self.bubble.setAccessibleName(f"{self.title.text()}. {self.words.text()}")
        self._place()

    def go_on(self) -> None:
        """Pass the step over; without a recording the first one opens the demo."""
        if self._window.workspace.recording is not None or self.index == len(STEPS) - 1:
            self.show_step(self.index + 1)
        elif "open" not in self._window.jobs.keys:  # else one is being opened
            self._window.opening.open_demo()

    def end(self) -> None:
        """Remove it from the window."""
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        self._followed.end()
        for signal in self._signals:
            signal.disconnect(self._look)
        self.hide()
        self.bubble.hide()
        self.bubble.deleteLater()
        self.deleteLater()
        self.ended.emit()

    def _look(self, *_: object) -> None:
        """Go on where the reader has done what the step asks for."""
        step = STEPS[self.index]
        if not self._window.workspace.previewing and step.done is not None and step.done(self._window, self._before):
            self.show_step(self.index + 1)
        else:
            before, saved = self._before, self._window.workspace.saved
            reading = saved if before.reading is None else before.reading
            self._before = replace(before, reading=reading, playing=before.playing or self._window.player.playing)

    @property
    def lit(self) -> tuple[QRect, ...]:
        """What is not dimmed, in the coordinates of the window."""
        return tuple(
            QRect(widget.mapTo(self._window, QPoint()), widget.size())
            .adjusted(-_EDGE_PX, -_EDGE_PX, _EDGE_PX, _EDGE_PX)
            .intersected(self.rect())
            for widget in self._watched
            if widget.isVisibleTo(self._window)
        )

    def _place(self) -> None:
        """Put the words next to what they are about, where there is room, else over its middle."""
        self.bubble.setFixedHeight(self._column.heightForWidth(BUBBLE_PX))
        size, room = self.bubble.size(), self.rect().adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        about = self.lit[0] if self.lit else QRect(self.rect().center(), self.rect().center())
        middle = about.center()
        corners = (
            QPoint(middle.x() - size.width() // 2, about.bottom() + _GAP_PX),
            QPoint(middle.x() - size.width() // 2, about.top() - _GAP_PX - size.height()),
            QPoint(about.left() - _GAP_PX - size.width(), middle.y() - size.height() // 2),
            QPoint(about.right() + _GAP_PX, middle.y() - size.height() // 2),
            QPoint(middle.x() - size.width() // 2, middle.y() - size.height() // 2),
        )
        for corner in corners:
            place = QRect(corner, size)
            # Kept in the window; what would then cover what it is about is tried elsewhere.
            place.moveLeft(max(room.left(), min(place.left(), room.right() - size.width())))
            place.moveTop(max(room.top(), min(place.top(), room.bottom() - size.height())))
            if not place.intersects(about) or corner is corners[-1]:
                break
        self.bubble.move(place.topLeft())
        self.raise_()
        self.bubble.raise_()
        self.update()

    # Qt

    def paintEvent(self, _: QPaintEvent) -> None:
        """Dim the window but for the parts of the step."""
        dim, parts = QPainterPath(), QPainterPath()
        dim.addRect(self.rect().toRectF())
        for rect in self.lit:
            part = QPainterPath()
            part.addRoundedRect(rect.toRectF(), 6, 6)
            parts = parts.united(part)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(dim.subtracted(parts), QColor(0, 0, 0, 150))
        painter.setPen(QPen(QColor(theme.ACCENT), 2))
        painter.drawPath(parts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window; Escape ends the tour; a click into the results is what their step asks for."""
        kind = event.type()
        inside = isinstance(watched, QWidget) and watched.window() is self._window
        if kind in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            if watched is self._window or watched in self._watched:
                self.setGeometry(self._window.rect())
                self._place()
        elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and inside and not self._in_use:
                if kind == QEvent.Type.KeyPress:
                    self.end()
                event.accept()
                return True
        elif kind == QEvent.Type.MouseButtonRelease and isinstance(watched, QWidget):
            side = self._window.reading.side
            if watched is side or side.isAncestorOf(watched):
                self._before = replace(self._before, clicked=True)
                QTimer.singleShot(0, self, self._look)  # after the click has been taken
        return False

    @property
    def _in_use(self) -> bool:
        """Whether Escape is for something that the reader has begun: a drag, a calliper."""
        return self._window.workspace.previewing or bool(self._window.reading.callipers.shape)
