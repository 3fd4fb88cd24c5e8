"""Whose recording this is, and what must be known before believing its numbers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from kinecor.core.cine import CineSequence
from kinecor.core.measures import reading_warnings
from kinecor.core.reading import Reading
from kinecor.core.stack import Recording, Stack
from kinecor.ui import theme
from kinecor.ui.workspace import Change, Workspace


def patient_line(recording: Recording) -> str:
    """Name, id, sex, birth and study date, as far as the header tells."""
    cine = recording.slices[0] if isinstance(recording, Stack) else recording
    patient = cine.source.patient
    name = patient.name.replace("^", " ").strip()
    dates = [f"born {_date(patient.birth_date)}" if patient.birth_date else ""]
    dates += [f"study {_date(patient.study_date)}" if patient.study_date else ""]
    known = [name, patient.patient_id, patient.sex, *dates]
    return "  ·  ".join(one for one in known if one) or "no patient named in the file"


def recording_line(cine: CineSequence, reading: Reading | None) -> str:
    """View, length, rate and equipment."""
    view = reading.view.label if reading and reading.view else cine.view
    length = "still" if len(cine) == 1 else f"{len(cine)} frames"
    rate = ""
    if len(cine) > 1:
        rate = f"{(len(cine) - 1) / cine.times_s[-1]:.0f} frames/s"
        if cine.times_origin == "assumed":
            rate += " (assumed)"
    size = f"{cine.columns} × {cine.rows}"
    return "  ·  ".join(one for one in (view or "", length, rate, size, cine.source.equipment) if one)


def _date(dicom: str) -> str:
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else as it is."""
    return f"{dicom[:4]}-{dicom[4:6]}-{dicom[6:8]}" if len(dicom) == 8 and dicom.isdigit() else dicom


class HeaderView(QWidget):
    """The patient line, the recording line, and the warnings of the Reading."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.patient, self.recording, self.warnings = QLabel(), QLabel(), QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(2)
        for label, style in (
            (self.patient, f"font-weight: 600; color: {theme.TEXT};"),
            (self.recording, f"color: {theme.QUIET}; font-size: 12px;"),
            (self.warnings, f"color: {theme.WARNING}; font-size: 12px; padding-top: 4px;"),
        ):
            label.setStyleSheet(style)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Say what changed."""
        recording, reading = self._workspace.recording, change.after
        if recording is None or change.preview:
            return
        if change.before is None:
            self.patient.setText(patient_line(recording))
        if reading is None or self._workspace.cine is None:
            return
        self.recording.setText(recording_line(self._workspace.cine, reading))
        # The scale has a place of its own.
        scale = reading.facts.calibration_origin
        lines = [one for one in reading_warnings(reading) if one != scale]
        self.warnings.setText("\n".join(lines))
        self.warnings.setVisible(bool(lines))
