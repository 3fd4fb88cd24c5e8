"""The bars around the page: tools, messages, and progress with the research-use notice."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStatusBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from kinecor import RESEARCH_USE
from kinecor.ui.style import theme
from kinecor.ui.style.images import icon
from kinecor.ui.workspace.analysis_queue import Progress
from kinecor.ui.workspace.player import SPEEDS

MENU = ("keys", "about", "reader", "quit")


class Tools(QToolBar):
    """Actions with icons in groups, the playback speed, and a menu for the rest.

    Signals:
        speed_chosen(float): times real speed.
    """

    speed_chosen = Signal(float)

    def __init__(self, named: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setMovable(False)
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g} \N{MULTIPLICATION SIGN}", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setToolTip("Playback speed")
        self.speed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.speed.currentIndexChanged.connect(lambda index: self.speed_chosen.emit(SPEEDS[index]))
        self._add(named, "open", "folder", "export")
        self.addSeparator()
        self._add(named, "play")
        self.addWidget(self.speed)
        self.addSeparator()
        self._add(named, "undo", "redo", "analyse")
        self.addSeparator()
        self._add(named, "overlays", "fit")
        self.addSeparator()
        self._add(named, "strain", "points")
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        menu = QMenu(self)
        for name in MENU:
            menu.addAction(named[name])
        more = QToolButton()
        more.setIcon(icon("menu"))
        more.setToolTip("Shortcuts, about, reader name")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(more)

    def _add(self, named: Mapping[str, QAction], *names: str) -> None:
        for name in names:
            self.addAction(named[name])


MOST_MESSAGES = 5


class Banner(QFrame):
    """Shows the latest messages above the image until they are dismissed; never a dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages: list[str] = []
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip("Dismiss")
        close.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self.words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setStyleSheet(f"Banner {{ background: {theme.WARNING_GROUND}; }} QLabel {{ color: {theme.WARNING}; }}")
        self.hide()

    def show_message(self, message: str) -> None:
        """Add a message; a repeated one moves to the end."""
        self.messages = [*(one for one in self.messages if one != message), message]
        hidden = len(self.messages) - MOST_MESSAGES
        shown = self.messages[-MOST_MESSAGES:]
        if hidden > 0:
            shown = [f"{hidden} earlier messages.", *shown]
        self.words.setText("\n".join(shown))
        self.show()

    def clear(self) -> None:
        """Dismiss all messages."""
        self.messages = []
        self.hide()


class Status(QStatusBar):
    """Progress and Cancel appear while there is work.

    Signals:
        cancelled(): Cancel was pressed.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.words = QLabel()
        self.bar = QProgressBar()
        self.bar.setFixedWidth(220)
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel")
        self.cancel.setStyleSheet("padding: 1px 10px;")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cancel.clicked.connect(self.cancelled)
        notice = QLabel(RESEARCH_USE)
        notice.setStyleSheet(f"color: {theme.WARNING}; padding-right: 8px;")
        for widget in (self.words, self.bar, self.cancel):
            self.addWidget(widget)
        self.addPermanentWidget(notice)
        self.show_progress(None)

    def show_progress(self, progress: Progress | None) -> None:
        """Show the progress of background work; None hides it."""
        for widget in (self.words, self.bar, self.cancel):
            widget.setVisible(progress is not None)
        if progress:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            share = f"   {progress.done} of {progress.total}" if progress.total else ""
            self.words.setText(progress.text + share)
