"""The line at the bottom: what is under way, with Cancel, and what this program is for."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from kinecor.ui.app.start_page import RESEARCH_USE
from kinecor.ui.style import theme
from kinecor.ui.workspace.analysing import Progress


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
        """Show how far the work is; None where there is none."""
        for widget in (self.words, self.bar, self.cancel):
            widget.setVisible(progress is not None)
        if progress:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            share = f"   {progress.done} of {progress.total}" if progress.total else ""
            self.words.setText(progress.text + share)
