"""The pages of the window: before a recording is open, and one loop or stack with images, curves and measurements."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kinecor import RESEARCH_USE
from kinecor.core.values.recording import GreyWindow
from kinecor.ui.curves.curve_view import AreaView, CurveView
from kinecor.ui.results.checks_view import ChecksView
from kinecor.ui.results.table_view import TableView
from kinecor.ui.strain.bullseye_view import WallBullseyes
from kinecor.ui.strain.curves_view import StrainView
from kinecor.ui.strain.page import StrainPage
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel, TrackingLayer
from kinecor.ui.study.panel import CalibrationBar, HeaderView, HistoryView
from kinecor.ui.style import theme
from kinecor.ui.style.theme import icon
from kinecor.ui.tiles.cross_lines import draw_lines, slice_lines
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.menus import LevelDrag, LoopMenu
from kinecor.ui.tiles.stack_view import StackBar, StackView
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.study_checks import Place
from kinecor.ui.workspace.workspace import Workspace


class StartPage(QWidget):
    """Open, demo, recent; files may also be dropped anywhere on the window.

    Signals:
        open_file(), open_folder(), open_demo(): a button was pressed.
        open_recent(str): a recent path was chosen.
    """

    open_file = Signal()
    open_folder = Signal()
    open_demo = Signal()
    open_recent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.setSpacing(10)
        mark = QLabel()
        mark.setPixmap(icon("app").pixmap(36, 36))
        title = QLabel("Kinecor")
        title.setStyleSheet(f"font-size: 34px; font-weight: 600; color: {theme.TEXT};")
        head = QHBoxLayout()
        head.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head.addWidget(mark)
        head.addWidget(title)
        column.addLayout(head)
        column.addWidget(
            _line("LV contours, volumes, ejection fraction and strain from echocardiography and cine MRI.")
        )
        column.addSpacing(14)
        row = QHBoxLayout()
        row.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for text, signal, name in (
            ("Open file…", self.open_file, "primary"),
            ("Open folder…", self.open_folder, ""),
            ("Open demo", self.open_demo, ""),
        ):
            button = QPushButton(text)
            button.setObjectName(name)
            button.setMinimumWidth(130)
            button.clicked.connect(signal)
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(_line("or drop files or folders here"))
        column.addSpacing(14)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column.addLayout(self._recent)
        column.addSpacing(20)
        notice = _line(RESEARCH_USE)
        notice.setStyleSheet(f"color: {theme.WARNING};")
        column.addWidget(notice)

    def show_recent(self, paths: tuple[str, ...]) -> None:
        """List recent paths, the latest first."""
        while item := self._recent.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        if paths:
            self._recent.addWidget(_line("Recent"))
        for path in paths:
            button = QPushButton(_short(path))
            button.setToolTip(path)
            button.setStyleSheet(
                f"QPushButton {{ border: 0; background: transparent; color: {theme.ACCENT}; padding: 3px; }}"
                "QPushButton:hover { text-decoration: underline; }"
            )
            button.clicked.connect(lambda _=False, one=path: self.open_recent.emit(one))
            self._recent.addWidget(button)


def _line(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("quiet")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def _short(path: str) -> str:
    """The last two parts of a path: enough to recognise it."""
    return "/".join(Path(path).parts[-2:])


PANEL_PX, LEAST_PX, STRAIN_LEAST_PX = 590, 440, 510
# Share of the height given to the curves, with strain and without.
STRAIN_SHARE, PLAIN_SHARE = 0.36, 0.25


class ReadingPage(QSplitter):
    """Images over curves on the left; patient, calibration, measurements and history, or checks, on the right.

    A stack has a grid instead of the image, and adds areas by slice, choices and bull's-eyes.
    The strain page adds strain curves next to the volume curve, and segments and a bull's-eye above the table.
    """

    def __init__(
        self,
        workspace: Workspace,
        player: Player,
        windows: Mapping[str, GreyWindow] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._workspace, self._player = workspace, player
        self.levels = LevelDrag(workspace, windows, self)  # before the views, which draw with it
        self.image = ImageView(workspace, player)
        self.image.look = self.levels.applied
        self.image.check = workspace.checks.at
        self.levels.changed.connect(self._apply_window)
        self.image.underlay = self._draw_underlay
        self.strain, self.focus = StrainModel(workspace, self), SegmentFocus(self)
        self.wall = TrackingLayer(self.image, player, self.strain, self.focus)
        self.strain_curves = StrainView(self.strain, player, self.focus)
        self.strain_page = StrainPage(workspace, self.strain, self.focus)
        self._with_strain = False
        self.stack = StackView(workspace, player, self.levels)
        self.rings = TrackingLayer(self.stack.image, player, self.strain, self.focus)
        self.stack.image.underlay = self.rings.draw
        self.menu = LoopMenu(workspace, player, self.image, self.levels)
        self.images = QStackedWidget()
        self.images.addWidget(self.image)
        self.images.addWidget(self.stack)
        self.areas = AreaView(workspace, player)
        self.choices = StackBar(workspace, player)
        self.wall_bullseyes = WallBullseyes(workspace)
        self.curve = CurveView(workspace, player)
        self.header = HeaderView(workspace)
        self.scale = CalibrationBar(workspace)
        self.table = TableView(workspace)
        self.history = HistoryView(workspace)
        self.checks = ChecksView(workspace)
        left = self._left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.images)
        left.addWidget(self._curves())
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 1)
        self._share_height(PLAIN_SHARE)
        panel = self._panel = QFrame()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.scale)
        column.addWidget(self.choices)
        column.addWidget(self.strain_page, 9)
        column.addWidget(_heading("MEASUREMENTS"))
        column.addWidget(self.table, 10)
        column.addWidget(self.wall_bullseyes, 4)
        column.addWidget(_heading("HISTORY"))
        column.addWidget(self.history, 1)
        self.side = QStackedWidget()
        self.side.addWidget(panel)
        self.side.addWidget(self.checks)
        self.addWidget(left)
        self.addWidget(self.side)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self.setSizes([850, PANEL_PX])
        for splitter in (self, left):
            splitter.setHandleWidth(2)
            splitter.setChildrenCollapsible(False)
        self.strain_page.bar.rate_chosen.connect(self.strain_curves.set_rate)
        self.areas.picked.connect(self.stack.grid.choose)
        self.stack.selected.connect(self.areas.select)
        self.stack.selected.connect(self.strain.select_slice)
        self.strain_page.bullseye.slice_wanted.connect(self.stack.grid.choose)
        self.strain.changed.connect(self._forget_segment)
        self.checks.place_wanted.connect(self.go_to)
        for widget in (self.image, self.stack.image, self.stack.grid):
            workspace.checks_changed.connect(widget.update)
        workspace.recording_changed.connect(self.load)
        self.load()

    def load(self) -> None:
        """Show the widgets of a loop, or of a stack."""
        stack = self._workspace.stack is not None
        self.images.setCurrentWidget(self.stack if stack else self.image)
        self.choices.setVisible(stack)
        for widget in (self.areas, self.wall_bullseyes):
            widget.setVisible(stack and not self._with_strain)
        for one in (self.strain_curves, self.strain_page):
            one.setVisible(self._with_strain)
        self._panel.setMinimumWidth(STRAIN_LEAST_PX if self.strain_page.isVisibleTo(self) else LEAST_PX)
        self.areas.select(self.stack.grid.selected)

    def show_strain(self, shown: bool) -> None:
        """Show or hide strain; of a stack it replaces areas and the wall bull's-eyes."""
        if shown is self._with_strain:
            return
        self._with_strain = shown
        self.strain.watch(shown, self)
        self.load()
        self._share_height(STRAIN_SHARE if shown else PLAIN_SHARE)
        if shown:
            kind = self._workspace.kind
            self.table.show_code(kind.headline_strain if kind else "GLS")

    def show_points(self, shown: bool) -> None:
        """Show or hide the tracking points of loops and slices."""
        self.wall.show(shown)
        self.rings.show(shown)

    @property
    def checks_shown(self) -> bool:
        """Whether the Checks list is open."""
        return self.side.currentWidget() is self.checks

    def show_checks(self, shown: bool) -> None:
        """Open the Checks list over the results, or close it."""
        self.side.setCurrentWidget(self.checks if shown else self._panel)
        if shown:
            self.checks.focus_first()
        else:
            self._left.setFocus()

    def go_to(self, index: int, place: Place) -> None:
        """Show a frame and a slice of a recording of the study."""
        if index != self._workspace.index:
            self._workspace.show(index)
        self._player.pause()
        if place.frame is not None:
            self._player.seek(place.frame)
        if place.slice is not None and self._workspace.stack is not None:
            self.stack.grid.choose(place.slice)
            self.stack.set_enlarged(True)

    def _forget_segment(self) -> None:
        """Clear the highlighted segment where another level has fewer segments."""
        found, pointed = self.strain.strain, self.focus.segment
        if pointed is not None and (found is None or pointed >= len(found.names)):
            self.focus.point_at(None)

    def _apply_window(self) -> None:
        self.image.title = self.levels.words
        self.image.redraw()

    def _share_height(self, curves: float) -> None:
        """Give the curves this share of the height, the images the rest."""
        self._left.setSizes([round(1000 * (1 - curves)), round(1000 * curves)])

    def _draw_underlay(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        """Draw the cross-reference lines of the study's stack on a long axis, and the tracking points."""
        draw_lines(painter, slice_lines(self._workspace, frame), viewport)
        self.wall.draw(painter, frame, viewport)

    def _curves(self) -> QWidget:
        row = QSplitter(Qt.Orientation.Horizontal)
        row.setHandleWidth(2)
        row.setChildrenCollapsible(False)
        for widget, wide in ((self.curve, 5), (self.strain_curves, 6), (self.areas, 2)):
            row.addWidget(widget)
            row.setStretchFactor(row.count() - 1, wide)
        row.setSizes([500, 600, 200])
        return row


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
