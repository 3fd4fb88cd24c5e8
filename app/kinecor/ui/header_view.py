"""Whose recording this is, and what must be known before believing its numbers."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from kinecor.core.author import short_author
from kinecor.core.cine import CineSequence
from kinecor.core.foreshortening import foreshortening_warning
from kinecor.core.measures import reading_warnings
from kinecor.core.reading import HEADER, UNKNOWN_VIEW, Reading, View
from kinecor.core.stack import Recording, Stack
from kinecor.session.edits import SetView
from kinecor.ui import theme
from kinecor.ui.strain_study import other_readings
from kinecor.ui.workspace import Change, Workspace

MENU_SIGN = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"
VIEWS = {
    UNKNOWN_VIEW: "unknown",
    "A4C": "A4C   apical four-chamber",
    "A2C": "A2C   apical two-chamber",
    "A3C": "A3C   apical three-chamber",
    "PLAX": "PLAX   parasternal long axis",
    "PSAX": "PSAX   parasternal short axis",
    "PSAX base": "PSAX base   at the mitral valve",
    "PSAX mid": "PSAX mid   at the papillary muscles",
    "PSAX apex": "PSAX apex   below these",
    "SC4C": "SC4C   subcostal four-chamber",
    "IVC": "IVC   inferior vena cava",
}
"""What a reader may choose: label and words."""


def patient_line(recording: Recording) -> str:
    """Name, id, sex, birth and study date, as far as the header tells."""
    cine = recording.slices[0] if isinstance(recording, Stack) else recording
    patient = cine.source.patient
    name = patient.name.replace("^", " ").strip()
    dates = [f"born {_date(patient.birth_date)}" if patient.birth_date else ""]
    dates += [f"study {_date(patient.study_date)}" if patient.study_date else ""]
    known = [name, patient.patient_id, patient.sex, *dates]
    return "  ·  ".join(one for one in known if one) or "no patient named in the file"


def recording_line(cine: CineSequence) -> str:
    """Length, rate and equipment."""
    length = "still" if len(cine) == 1 else f"{len(cine)} frames"
    rate = ""
    if len(cine) > 1:
        rate = f"{(len(cine) - 1) / cine.times_s[-1]:.0f} frames/s"
        if cine.times_origin == "assumed":
            rate += " (assumed)"
    size = f"{cine.columns} × {cine.rows}"
    return "  ·  ".join(one for one in (length, rate, size, cine.source.equipment) if one)


def stack_line(stack: Stack) -> str:
    """Slices, phases, spacing and equipment."""
    first = stack.slices[0]
    steps = [f"{one:.3g}" for one in np.diff(stack.positions_mm)]
    apart = f"{' / '.join(dict.fromkeys(steps))} mm apart" if len(set(steps)) in (1, 2) else ""
    many = f"{len(stack.slices)} slices × {stack.phases} phases"
    size = f"{first.columns} × {first.rows}"
    return "  ·  ".join(one for one in (many, apart, size, first.source.equipment) if one)


def view_words(reading: Reading) -> str:
    """The view, e.g. "A4C", "A4C (0.97)" where a model named it, or "view unknown"."""
    view = reading.view
    if view is None or view.label == UNKNOWN_VIEW:
        return "view unknown"
    return view.label if view.confidence is None else f"{view.label} ({view.confidence:.2f})"


def view_hint(reading: Reading) -> str:
    """Who named the view, and what a click does."""
    view = reading.view
    by = f"named by {short_author(view.by)}" if view and view.label != UNKNOWN_VIEW else "not named"
    return f"View of this recording, {by}; choose another, Ctrl+Z takes it back"


def _date(dicom: str) -> str:
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else as it is."""
    return f"{dicom[:4]}-{dicom[4:6]}-{dicom[6:8]}" if len(dicom) == 8 and dicom.isdigit() else dicom


class HeaderView(QWidget):
    """The patient line, the recording line with the view to choose, and the warnings of the Reading."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.patient, self.recording, self.warnings = QLabel(), QLabel(), QLabel()
        self.view = QToolButton()
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.view.setStyleSheet(
            f"QToolButton {{ font-size: 12px; color: {theme.TEXT}; padding: 1px 6px; margin: 0; "
            f"border: 1px solid {theme.LINE}; border-radius: 3px; }}"
            "QToolButton::menu-indicator { image: none; width: 0; }"
        )
        menu = QMenu(self.view)
        for one, words in VIEWS.items():
            menu.addAction(words).triggered.connect(lambda _=False, one=one: self.choose_view(one))
        self.view.setMenu(menu)
        self.view.hide()
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
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.view, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.recording, 1)
        layout.addWidget(self.patient)
        layout.addLayout(line)
        layout.addWidget(self.warnings)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Say what changed."""
        recording, reading = self._workspace.recording, change.after
        if recording is None or change.preview:
            return
        if change.before is None:
            self.patient.setText(patient_line(recording))
        if reading is None:
            return
        self.view.setVisible(not isinstance(recording, Stack))
        self.view.setText(f"{view_words(reading)} {MENU_SIGN}")
        self.view.setToolTip(view_hint(reading))
        self.recording.setText(stack_line(recording) if isinstance(recording, Stack) else recording_line(recording))
        # The scale has a place of its own.
        scale = reading.facts.calibration_origin
        lines = [one for one in reading_warnings(reading) if one != scale]
        if (short := foreshortening_warning(reading, other_readings(self._workspace))) is not None:
            lines.insert(0, short)
        self.warnings.setText("\n".join(lines))
        self.warnings.setVisible(bool(lines))

    def choose_view(self, label: str) -> None:
        """Say that this recording is of another view; a key of `VIEWS`."""
        kept = self._workspace.kept
        if kept is None:
            return
        same = label == (kept.view.label if kept.view else UNKNOWN_VIEW)
        # What a model or the file's header named becomes the reader's own word, which is never overruled.
        confirmed = kept.view is not None and (not kept.view_told or kept.view.by == HEADER)
        if not same or confirmed:
            self._workspace.do(SetView(View(label, None, self._workspace.actor)), by=self)
