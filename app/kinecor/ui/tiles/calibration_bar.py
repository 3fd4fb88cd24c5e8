"""What the scale is, where it comes from, and the offer of a corrected one."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import Reading
from kinecor.session.edits import SetCalibration
from kinecor.ui.style import theme
from kinecor.ui.workspace.workspace import Change, Workspace


def spacing_text(scale: Calibration) -> str:
    """The spacing in words: "1.02 mm/px", or both where rows and columns differ."""
    if scale.square:
        return f"{scale.row_mm:.3g} mm/px"
    return f"{scale.row_mm:.3g} × {scale.col_mm:.3g} mm/px"


def notice(reading: Reading) -> tuple[str, bool]:
    """What is to be said of the scale, and whether it is a warning."""
    author = reading.authors.get("calibration")
    if reading.calibration is None:
        why = reading.facts.calibration_origin or "The file tells no scale."
        return f"{why} Volumes are withheld.", True
    spacing = spacing_text(reading.calibration)
    if author and reading.calibration == reading.facts.offered:
        return f"{spacing}: corrected scale, accepted by {author}", False
    origin = f"set by {author}" if author else reading.calibration.origin
    return f"{spacing}: {origin}", False


class CalibrationBar(QFrame):
    """One or two lines above the table; the button accepts the corrected scale, Ctrl-Z takes that back."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.accept = QPushButton()
        self.accept.setObjectName("primary")
        self.accept.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.accept.clicked.connect(self._accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.accept)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Say it anew where the scale changed."""
        before, after = change.before, change.after
        self.setVisible(after is not None)
        if after is None or (before is not None and before.calibration is after.calibration):
            return
        text, warning = notice(after)
        self.words.setText(text)
        ground, colour = (theme.WARNING_GROUND, theme.WARNING) if warning else (theme.BACKGROUND, theme.QUIET)
        self.setStyleSheet(f"CalibrationBar {{ background: {ground}; }} QLabel {{ color: {colour}; font-size: 12px; }}")
        offered = after.facts.offered
        self.accept.setVisible(after.calibration is None and offered is not None)
        if offered:
            self.accept.setText(f"Use corrected scale ({spacing_text(offered)})")

    def _accept(self) -> None:
        reading = self._workspace.reading
        if reading and reading.facts.offered:
            self._workspace.do(SetCalibration(reading.facts.offered), by=self)
