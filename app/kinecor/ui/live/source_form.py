"""Live: which source is shown with contours."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.layouts import last_row


class SourceForm(QDialog):
    """Asks for a live source; `chosen` opens it, and its `KinecorError` is shown here."""

    def __init__(self, chosen: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Live"))
        self._chosen = chosen
        about = QLabel(tr("Contours of apical views as frames come. Nothing is measured, nothing is stored."))
        about.setObjectName("quiet")
        self.source = QLineEdit("0")
        self.source.setToolTip(tr("A camera (0, 1, ... or its device), a folder, a named pipe, or a recording"))
        self.folder, self.file = QPushButton(tr("Folder…")), QPushButton(tr("Pipe or recording…"))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setStyleSheet(f"color: {theme.BAD};")
        self.cancel, self.show_source = QPushButton(tr("Cancel")), QPushButton(tr("Show"))
        self.show_source.setObjectName("primary")
        self.show_source.setDefault(True)
        label = QLabel(tr("Source"))
        label.setBuddy(self.source)
        row = QHBoxLayout()
        for part in (label, self.source, self.folder, self.file):
            row.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(10)
        column.addWidget(about)
        column.addLayout(row)
        column.addLayout(last_row(self.words, self.cancel, self.show_source))
        self.resize(560, 130)
        for button in (self.folder, self.file, self.cancel):
            button.setAutoDefault(False)
        self.folder.clicked.connect(self._choose_folder)
        self.file.clicked.connect(self._choose_file)
        self.cancel.clicked.connect(self.reject)
        self.show_source.clicked.connect(self._show)

    def _choose_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, tr("Folder that images are written to")):
            self.source.setText(name)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Pipe or recording"))
        if name:
            self.source.setText(name)

    def _show(self) -> None:
        try:
            self._chosen(self.source.text().strip())
        except KinecorError as error:
            self.words.setText(f"! {translated(error_message(error))}")
            return
        self.accept()
