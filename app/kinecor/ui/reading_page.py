"""One loop or stack and all that is concluded about it, side by side."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kinecor.core.stack import Stack
from kinecor.ui.area_view import AreaView
from kinecor.ui.bullseye_view import BullsEyeView
from kinecor.ui.calibration_bar import CalibrationBar
from kinecor.ui.cross_lines import draw_lines, slice_lines
from kinecor.ui.curve_view import CurveView
from kinecor.ui.header_view import HeaderView
from kinecor.ui.history_view import HistoryView
from kinecor.ui.image_view import ImageView
from kinecor.ui.levels import Levels
from kinecor.ui.player import Player
from kinecor.ui.stack_bar import StackBar
from kinecor.ui.stack_view import StackView
from kinecor.ui.table_view import TableView
from kinecor.ui.viewport import Viewport
from kinecor.ui.workspace import Workspace

PANEL_PX = 590


class ReadingPage(QSplitter):
    """Pictures over curves on the left; patient, scale, numbers and history on the right.

    A stack has a grid in place of the picture, and beside what a loop has: areas by slice, choices, bull's-eyes.
    """

    def __init__(
        self, workspace: Workspace, player: Player, levels: Levels | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._workspace = workspace
        self.image = ImageView(workspace, player)
        self.image.underlay = self._draw_lines
        self.stack = StackView(workspace, player, levels)
        self.pictures = QStackedWidget()
        self.pictures.addWidget(self.image)
        self.pictures.addWidget(self.stack)
        self.areas = AreaView(workspace, player)
        self.choices = StackBar(workspace, player)
        self.bulls_eye = BullsEyeView(workspace)
        self.curve = CurveView(workspace, player)
        self.header = HeaderView(workspace)
        self.scale = CalibrationBar(workspace)
        self.table = TableView(workspace)
        self.history = HistoryView(workspace)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.pictures)
        left.addWidget(self._curves())
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 1)
        left.setSizes([620, 210])
        panel = QFrame()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.scale)
        column.addWidget(self.choices)
        column.addWidget(_heading("MEASUREMENTS"))
        column.addWidget(self.table, 10)
        column.addWidget(self.bulls_eye, 4)
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
        self.areas.picked.connect(self.stack.grid.choose)
        self.stack.selected.connect(self.areas.select)
        workspace.recording_changed.connect(self.load)
        self.load()

    def load(self) -> None:
        """Show what belongs to a loop, or to a stack."""
        stack = isinstance(self._workspace.recording, Stack)
        self.pictures.setCurrentWidget(self.stack if stack else self.image)
        for widget in (self.areas, self.choices, self.bulls_eye):
            widget.setVisible(stack)
        self.areas.select(self.stack.grid.selected)

    def _draw_lines(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        """A long axis shows where the slices of its study's stack cut it."""
        draw_lines(painter, slice_lines(self._workspace, frame), viewport)

    def _curves(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.curve, 5)
        line.addWidget(self.areas, 2)
        return row


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
