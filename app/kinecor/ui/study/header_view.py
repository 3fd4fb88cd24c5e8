"""Whose recording this is, and what must be known before believing its numbers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from kinecor.core.checks.reading_warnings import reading_warnings
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import HEADER, View
from kinecor.core.volumes.foreshortening import foreshortening_warning
from kinecor.session.edits import SetView
from kinecor.ui.strain.study_loops import other_readings
from kinecor.ui.style import theme
from kinecor.ui.workspace.recording_words import patient_line, recording_line, view_hint, view_words
from kinecor.ui.workspace.workspace import Change, Workspace

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
        self.view.setVisible(not reading.kind.stack)
        self.view.setText(f"{view_words(reading)} {MENU_SIGN}")
        self.view.setToolTip(view_hint(reading))
        self.recording.setText(recording_line(recording))
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
        confirmed = kept.view is not None and (not kept.view_confirmed or kept.view.by == HEADER)
        if not same or confirmed:
            self._workspace.do(SetView(View(label, None, self._workspace.actor)), by=self)
