"""Messages to the reader: one sentence each, in nobody's way."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from kinecor.ui.style import theme

MOST = 5


class Banner(QFrame):
    """Shows the latest messages above the picture until they are put away; never a dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages: list[str] = []
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip("Put away")
        close.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self.words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setStyleSheet(f"Banner {{ background: {theme.WARNING_GROUND}; }} QLabel {{ color: {theme.WARNING}; }}")
        self.hide()

    def tell(self, message: str) -> None:
        """Add a message; the same one again moves to the end."""
        self.messages = [*(one for one in self.messages if one != message), message]
        hidden = len(self.messages) - MOST
        shown = self.messages[-MOST:]
        if hidden > 0:
            shown = [f"{hidden} earlier messages.", *shown]
        self.words.setText("\n".join(shown))
        self.show()

    def clear(self) -> None:
        """Put all messages away."""
        self.messages = []
        self.hide()
