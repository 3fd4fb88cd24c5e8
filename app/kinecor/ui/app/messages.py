"""What the window says: messages above the images, progress and the research notice below them."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from kinecor import RESEARCH_USE
from kinecor.ui.style import theme
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import shown, tr, translated
from kinecor.ui.workspace.jobs import Progress

MAX_MESSAGES = 5
MAX_SHARE = 0.15  # of the window's height

REMARK_MS = 8000
"""How long a remark stands in the status line."""
EDITING, ANALYSIS, WRITING = "editing", "analysis", "writing"
"""Topics of messages: each goes when the reader has done what it is about."""


class Banner(QFrame):
    """Shows the latest messages above the image until they are dismissed; never a dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages: list[str] = []
        self._topics: dict[str, str] = {}
        self._details: dict[str, str] = {}
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QToolButton()
        self.more.setText(tr("Details"))
        self.more.setToolTip(tr("Which files the messages are about"))
        self.more.setCheckable(True)
        self.more.toggled.connect(lambda _: self._fill())
        self.more.hide()
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip(tr("Dismiss"))
        close.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.words)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setStyleSheet(
            f"Banner, Banner QScrollArea, Banner QLabel {{ background: {theme.WARNING_GROUND}; }}"
            f"QLabel {{ color: {theme.WARNING}; }}"
        )
        self.hide()

    def show_message(self, message: str, topic: str = "", details: str = "") -> None:
        """Add a message; a repeated one moves to the end. One with a topic goes when that is settled.

        Args:
            message: one sentence.
            topic: see `settle`.
            details: shown below it on demand.

        """
        self.messages = [*(message_text for message_text in self.messages if message_text != message), message]
        self._topics[message], self._details[message] = topic, details
        self._fill()

    def _fill(self) -> None:
        """Write the messages, with their details where these are wanted."""
        self.more.setVisible(any(map(self._details.get, self.messages)))
        hidden = len(self.messages) - MAX_MESSAGES
        lines = []
        for message_text in self.messages[-MAX_MESSAGES:]:
            lines.append(shown(message_text))
            if self.more.isChecked() and self._details.get(message_text):
                lines += [f"    {line}" for line in self._details[message_text].splitlines()]
        if hidden > 0:
            lines = [tr("{n} earlier messages.").format(n=hidden), *lines]
        self.words.setText("\n".join(lines))
        self.show()
        self._fit()

    def settle(self, topic: str) -> None:
        """Remove the messages of a topic, which no longer hold; the others stay."""
        for name in [message_text for message_text in self.messages if self._topics.get(message_text) == topic]:
            self.withdraw(name)

    def withdraw(self, message: str) -> None:
        """Remove a message that no longer holds; the others stay."""
        if message not in self.messages:
            return
        left = [
            (message_text, self._topics.get(message_text, ""), self._details.get(message_text, ""))
            for message_text in self.messages
            if message_text != message
        ]
        self.clear()
        for name, topic, details in left:
            self.show_message(name, topic, details)

    def clear(self) -> None:
        """Dismiss all messages."""
        self.messages = []
        self._topics, self._details = {}, {}
        self.hide()

    def _fit(self) -> None:
        """As high as its messages, but no higher than a share of the window: then they scroll."""
        most = max(round(MAX_SHARE * self.window().height()), 2 * self.fontMetrics().height())
        wanted = self.words.heightForWidth(max(self.area.viewport().width(), 100))
        self.area.setFixedHeight(min(wanted, most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Messages wrap at another place."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()


class Offer(QFrame):
    """One sentence with something to do about it, above the images until it is done or dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words, self.button = QLabel(), QPushButton()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._do: Callable[[], object] = lambda: None
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip(tr("Dismiss"))
        close.clicked.connect(self.hide)
        self.button.clicked.connect(self._accept)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        row.addWidget(close)
        self.setStyleSheet(f"Offer {{ background: {theme.RAISED}; }}")
        self.hide()

    def show_offer(self, words: str, button: str, do: Callable[[], object]) -> None:
        """Offer something else."""
        self.words.setText(words)
        self.words.setToolTip(words)
        self.button.setText(button)
        self._do = do
        self.show()

    def _accept(self) -> None:
        self.hide()
        self._do()


class Status(QStatusBar):
    """Progress and Cancel appear while there is work, and give way to a message as long as that is shown.

    Signals:
        cancelled(): Cancel was pressed.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.words = QLabel()
        self.bar = QProgressBar()
        self.words.setMinimumWidth(1)  # progress makes no window wider
        self.bar.setMinimumWidth(60)
        self.bar.setMaximumWidth(220)
        self.bar.setTextVisible(False)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setStyleSheet("padding: 1px 10px;")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(self.cancelled)
        self.hint = ElidedLabel()
        self.hint.setObjectName("quiet")
        notice = QLabel(translated(RESEARCH_USE))
        notice.setStyleSheet(f"color: {theme.WARNING}; padding-right: 8px;")
        for widget in (self.words, self.bar, self.cancel):
            self.addWidget(widget)
        self.addWidget(self.hint, 1)
        self.addPermanentWidget(notice)
        self._works = False
        self.messageChanged.connect(lambda _: self._arrange())
        self.show_progress(None)

    def show_progress(self, progress: Progress | None) -> None:
        """Show the progress of background work; None hides it.

        Where all that is counted is done and the work goes on, its end is not known: the bar runs without a number.
        """
        self._works = progress is not None
        self._arrange()
        if progress:
            # Without this the bar paints itself here, and with it all of the window that waits to be painted.
            self.bar.setUpdatesEnabled(False)
            counted = 0 <= progress.done < progress.total
            self.bar.setRange(0, progress.total if counted else 0)
            self.bar.setValue(progress.done if counted else 0)
            self.bar.setUpdatesEnabled(True)
            share = "   " + tr("{n} of {total}").format(n=progress.done, total=progress.total) if counted else ""
            self.words.setText(progress.text + share)

    def show_hint(self, hint: str) -> None:
        """Say in one line what the tool in use does; "" says nothing. A message covers it while it is shown."""
        self.hint.setText(hint)
        self._arrange()

    def _arrange(self) -> None:
        # Qt paints a message where these are, and hides only those that are shown when it comes.
        for widget in (self.words, self.bar, self.cancel):
            widget.setVisible(self._works and not self.currentMessage())
        self.hint.setVisible(bool(self.hint.text()) and not self.currentMessage())
