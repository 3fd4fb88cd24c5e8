"""The bar below the menus: the patient at the left; the modes and the open checks at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from kinecor.core.checks.findings import Severity
from kinecor.ui.app.modes import ModeTabs
from kinecor.ui.study.patient_bar import PatientBar
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.marks import COLOURS, mark_icon
from kinecor.ui.workspace.workspace import Workspace

HEIGHT_PX, NARROW_PX = 44, 800


class TopBar(QFrame):
    """Patient, modes, checks."""

    def __init__(self, workspace: Workspace, named: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top")
        self.setFixedHeight(HEIGHT_PX)
        self.patient = PatientBar(workspace)
        self.modes = ModeTabs(named)
        self.checks = QToolButton()
        self.checks.setDefaultAction(named["checks"])
        self.checks.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.checks.setIconSize(QSize(16, 16))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(10)
        row.addWidget(self.patient, 1)
        row.addWidget(self.modes)
        row.addWidget(self.checks)
        self.show_checks(())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the tabs have words only, so that more is said of the patient."""
        super().resizeEvent(event)
        self.modes.show_icons(event.size().width() >= NARROW_PX)

    def minimumSizeHint(self) -> QSize:
        """With tabs of words only."""
        return QSize(self.patient.minimumSizeHint().width() + self.modes.words_px + 130, HEIGHT_PX)

    def show_checks(self, opened: Sequence[Severity]) -> None:
        """Show how many checks are open: amber, red where one withholds a value, quiet where there is none."""
        worst = Severity.STOP if Severity.STOP in opened else Severity.CHECK if opened else Severity.INFO
        self.checks.defaultAction().setIconText(f"{tr('Checks')} {len(opened)}")
        self.checks.setIcon(mark_icon(worst))
        self.checks.setStyleSheet(
            f"QToolButton {{ color: {COLOURS[worst]}; border: 1px solid {COLOURS[worst]}; padding: 4px 10px; }}"
            f"QToolButton:focus {{ border: 2px solid {theme.FOCUS}; padding: 3px 9px; }}"
        )
