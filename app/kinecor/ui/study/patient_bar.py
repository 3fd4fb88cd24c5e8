"""The patient of the study on screen, in one line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from kinecor.ui.workspace.workspace import Change, Workspace, patient_line


class PatientBar(QWidget):
    """Name, ID, sex and dates."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words = QLabel()
        self.words.setObjectName("title")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, 1)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Show the patient of the recording on screen."""
        recording = self._workspace.recording
        if recording is not None and change.before is None:
            self.words.setText(patient_line(recording))
