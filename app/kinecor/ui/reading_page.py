"""One loop and all that is concluded about it, side by side."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSplitter, QVBoxLayout, QWidget

from kinecor.ui.calibration_bar import CalibrationBar
from kinecor.ui.curve_view import CurveView
from kinecor.ui.header_view import HeaderView
from kinecor.ui.history_view import HistoryView
from kinecor.ui.image_view import ImageView
from kinecor.ui.player import Player
from kinecor.ui.table_view import TableView
from kinecor.ui.workspace import Workspace

PANEL_PX = 590


class ReadingPage(QSplitter):
    """Picture over curve on the left; patient, scale, numbers and history on the right."""

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.image = ImageView(workspace, player)
        self.curve = CurveView(workspace, player)
        self.header = HeaderView(workspace)
        self.scale = CalibrationBar(workspace)
        self.table = TableView(workspace)
        self.history = HistoryView(workspace)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.image)
        left.addWidget(self.curve)
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 1)
        left.setSizes([620, 210])
        panel = QFrame()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.scale)
        column.addWidget(_heading("MEASUREMENTS"))
        column.addWidget(self.table, 10)
        column.addWidget(_heading("HISTORY"))
        column.addWidget(self.history, 1)
        panel.setMinimumWidth(440)
        self.addWidget(left)
        self.addWidget(panel)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self.setSizes([850, PANEL_PX])
        for splitter in (self, left):
            splitter.setHandleWidth(2)
            splitter.setChildrenCollapsible(False)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
