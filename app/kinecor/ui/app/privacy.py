"""What this workstation remembers of patients besides the saved studies, for how long, and where."""

import tempfile
from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from kinecor.session.audit import audit_log
from kinecor.session.store import log_file, readings_folder
from kinecor.ui.app.settings import FOREVER_DAYS, KEEP_DAYS
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr


class PrivacyPage(QWidget):
    """For how long recent files are remembered, and where what is saved of patients lies.

    Args:
        keep_days: the present choice.
        chosen: called with another choice, as in Settings.keep_days.
        forget: called where the reader wants them forgotten now.
        parent: the dialog.

    """

    def __init__(
        self,
        keep_days: int,
        chosen: Callable[[int], object],
        forget: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        days = self.days = Choice()
        days.setObjectName("keep days")
        for number in KEEP_DAYS:
            days.addItem(_words(number), number)
        days.setCurrentIndex(max(days.findData(keep_days), 0))
        days.currentIndexChanged.connect(lambda _: chosen(int(days.currentData())))
        heading = QLabel(tr("Remember recent files and grey windows"))
        heading.setBuddy(days)
        days.setAccessibleName(heading.text())
        places = "".join(
            f"<tr><td style='padding-right:14px'>{escape(name)}</td><td>{escape(str(place))}</td></tr>"
            for name, place in (
                (tr("Saved studies"), readings_folder()),
                (tr("Log"), log_file()),
                (tr("Audit log"), audit_log()),
                (tr("Temporary files"), tempfile.gettempdir()),
            )
        )
        label = QLabel(
            f"<p>{escape(tr('Saved studies stay until their files are removed. Temporary files are removed when a recording is closed, and after a crash at the next start.'))}</p>"  # noqa: E501 - one text to translate
            f"<table>{places}</table>"
        )
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
        label.setMinimumWidth(520)
        self.forget = QPushButton(tr("Forget recent files now"))
        self.forget.clicked.connect(lambda: forget())
        column = QVBoxLayout(self)
        for part in (heading, days, label):
            column.addWidget(part)
        column.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)


def _words(keep_days: int) -> str:
    if keep_days == FOREVER_DAYS:
        return tr("until they are forgotten here")
    return tr("for {days} days").format(days=keep_days) if keep_days else tr("not at all")
