"""A short tour of the window at the first start: what is where, over the real window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kinecor import RESEARCH_USE
from kinecor.session.store import readings_folder
from kinecor.ui.app.modes import Mode
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow

BUBBLE_PX: Final = 340
_EDGE_PX: Final = 6  # around what is shown
_GAP_PX: Final = 12  # between it and the words


@dataclass(frozen=True, slots=True)
class Step:
    """One step: words, and the parts of the window that they are about."""

    title: str
    words: str
    parts: Callable[["MainWindow"], tuple[QWidget, ...]]


STEPS: Final = (
    Step(
        "Open a recording",
        "Open a file or a folder, or drop it on the window: echo loops, cine MRI, whole studies. Kinecor analyses them "
        "by itself. If nothing is open yet, Next opens the demo study.",
        lambda w: (w.study_list, w.menus) if w.workspace.recording is not None else tuple(w.start.buttons),
    ),
    Step(
        "Four modes",
        "Review to look and play, Measure for contours and values, Strain, and Report. Ctrl+1 to Ctrl+4 change the "
        "mode; each keeps its own layout.",
        lambda w: (w.top.modes,),
    ),
    Step(
        "Play and correct",
        "Space plays. Drag a contour where it is wrong; R propagates your correction to the other frames, and what you "
        "drew stays as you drew it. Ctrl+Z undoes. Each change is saved at once, with your name.",
        lambda w: (w.reading.board, w.tools),
    ),
    Step(
        "ED, ES and checks",
        "Lines on the curve mark ED and ES and can be dragged. Checks counts what does not fit together; C opens the "
        "list. A triangle marks a value to be checked, an octagon what withholds a value.",
        lambda w: (w.reading.bottom, w.top.checks),
    ),
    Step(
        "Results, and your decision",
        "Each value has its range, its doubts and, one click away, where it comes from. Accept it, reject it or enter "
        "your own; a value that is not available says why.",
        lambda w: (w.reading.side,),
    ),
    Step(
        "Report and export",
        "The mode Report shows the pages while you write. Ctrl+E saves them as PDF; Ctrl+Shift+E exports films, "
        "tables, contours, masks and DICOM objects.",
        lambda w: (w.top.modes.tabs[Mode.REPORT], w.menus),
    ),
    Step(
        RESEARCH_USE,
        "Your recordings are never changed, and nothing is sent unless you say so. Readings are saved in {folder}. F1 "
        "opens the user guide at the page for what is on screen; this tour is in the menu Help.",
        lambda w: (w.status,),
    ),
)


class Tour(QWidget):
    """Dims the window but for what a step is about, and says what it is.

    Right goes on, Left goes back, Enter presses a button, Escape ends it; nothing reaches the window below.

    Signals:
        ended(): the tour is over, or was skipped.
    """

    ended = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._waiting = False
        self._watched: tuple[QWidget, ...] = ()
        self.index = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.bubble = QFrame(self)
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
        self.skip, self.back, self.next = QPushButton(tr("Skip")), QPushButton(tr("Back")), QPushButton(tr("Next"))
        self.next.setObjectName("primary")
        head, row = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        column = self._column = QVBoxLayout(self.bubble)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addLayout(row)
        self.skip.clicked.connect(self.end)
        self.back.clicked.connect(lambda: self.show_step(self.index - 1))
        self.next.clicked.connect(self.go_on)
        for button in (self.skip, self.back, self.next):
            button.installEventFilter(self)  # arrow keys would move the focus among them
        window.installEventFilter(self)
        window.workspace.recording_changed.connect(self._opened)
        self.setGeometry(window.rect())
        self.show_step(0)
        self.show()
        self.raise_()
        self._place()  # again, with the fonts of the style sheet, which apply once it is shown

    def show_step(self, index: int) -> None:
        """Show the step of this index, from 0; beyond the last, the tour is over."""
        if index >= len(STEPS):
            self.end()
            return
        self.index = max(0, index)
        step, window = STEPS[self.index], self._window
        if window.workspace.recording is not None and self.index:
            window.show_mode(Mode.MEASURE)
        self.title.setText(tr(step.title))
        self.words.setText(tr(step.words).replace("{folder}", str(readings_folder())))
        self.count.setText(tr("{n} of {total}").format(n=self.index + 1, total=len(STEPS)))
        last = self.index == len(STEPS) - 1
        self.back.setEnabled(self.index > 0)
        self.skip.setVisible(not last)
        self.next.setText(tr("Done") if last else tr("Next"))
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = step.parts(window)
        for widget in self._watched:
            widget.installEventFilter(self)
        self.setAccessibleName(f"{self.title.text()}. {self.words.text()}")
        self.next.setFocus()
        self._place()

    def go_on(self) -> None:
        """The next step; without a recording, open the demo first."""
        if self._window.workspace.recording is not None:
            self.show_step(self.index + 1)
        elif "open" not in self._window.jobs.keys:  # else one is being opened
            self._waiting = True
            self._window.open_demo()

    def end(self) -> None:
        """Remove it from the window."""
        self._window.removeEventFilter(self)
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._window.workspace.recording_changed.disconnect(self._opened)
        self.hide()
        self.deleteLater()
        self.ended.emit()

    def _opened(self) -> None:
        if self._window.workspace.recording is not None:
            self.show_step(self.index + self._waiting)
            self._waiting = False

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
        self.update()

    # Qt

    def paintEvent(self, _: QPaintEvent) -> None:
        """Dim the window but for the parts of the step."""
        dim, parts = QPainterPath(), QPainterPath()
        dim.addRect(self.rect().toRectF())
        for one in self.lit:
            part = QPainterPath()
            part.addRoundedRect(one.toRectF(), 6, 6)
            parts = parts.united(part)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(dim.subtracted(parts), QColor(0, 0, 0, 150))
        painter.setPen(QPen(QColor(theme.ACCENT), 2))
        painter.drawPath(parts)

    def event(self, event: QEvent) -> bool:
        """Keep keys from the shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, go back, end."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key == Qt.Key.Key_Left:
            self.show_step(self.index - 1)
        elif key == Qt.Key.Key_Right:
            self.go_on()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            next((one for one in (self.skip, self.back) if one.hasFocus()), self.next).click()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round the buttons of the tour."""
        buttons = [one for one in (self.skip, self.back, self.next) if one.isVisible() and one.isEnabled()]
        if not buttons:  # being hidden
            return False
        focused = next((index for index, one in enumerate(buttons) if one.hasFocus()), -1)
        buttons[(focused + (1 if forward else -1)) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window and its parts; take keys from the buttons."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is not self._window:
            own = event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
            if own:
                self.keyPressEvent(event)
            return own
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self.setGeometry(self._window.rect())
            self._place()
        return super().eventFilter(watched, event)
