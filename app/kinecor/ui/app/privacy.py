"""What this workstation remembers of patients besides the saved studies, for how long, and where."""

import tempfile
from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from kinecor.session.audit import audit_log
from kinecor.session.store import log_file, readings_folder
from kinecor.ui.app.settings import FOREVER_DAYS, KEEP_DAYS
from kinecor.ui.style.language import tr


def privacy_dialog(
    parent: QWidget, keep_days: int, chosen: Callable[[int], object], forget: Callable[[], object]
) -> QDialog:
    """Ask for how long recent files are remembered.

    Args:
        parent: the window.
        keep_days: the present choice.
        chosen: called with another choice, as in Settings.keep_days.
        forget: called where the reader wants them forgotten now.

    """
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Privacy"))
    days = QComboBox()
    days.setObjectName("keep days")
    for one in KEEP_DAYS:
        days.addItem(_words(one), one)
    days.setCurrentIndex(max(days.findData(keep_days), 0))
    days.currentIndexChanged.connect(lambda _: chosen(int(days.currentData())))
    heading = QLabel(tr("Remember recent files and grey windows"))
    heading.setBuddy(days)
    places = "".join(
        f"<tr><td style='padding-right:14px'>{escape(name)}</td><td>{escape(str(place))}</td></tr>"
        for name, place in (
            (tr("Saved studies"), readings_folder()),
            (tr("Log"), log_file()),
            (tr("Audit log"), audit_log()),
            (tr("Temporary files"), tempfile.gettempdir()),
        )
    )
    words = QLabel(
        f"<p>{escape(tr('Saved studies stay until their files are removed. Temporary files are removed when a recording is closed, and after a crash at the next start.'))}</p>"  # noqa: E501 - one text to translate
        f"<table>{places}</table>"
    )
    words.setTextFormat(Qt.TextFormat.RichText)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    words.setWordWrap(True)
    words.setMinimumWidth(520)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    now = buttons.addButton(tr("Forget recent files now"), QDialogButtonBox.ButtonRole.ResetRole)
    now.clicked.connect(lambda _: forget())
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 14)
    for part in (heading, days, words, buttons):
        column.addWidget(part)
    return dialog


def _words(keep_days: int) -> str:
    if keep_days == FOREVER_DAYS:
        return tr("until they are forgotten here")
    return tr("for {days} days").format(days=keep_days) if keep_days else tr("not at all")
