"""The body of the window: study list, then images over curves or the report, then results or checks."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kinecor.core.values.kind import OTHER_VIEW
from kinecor.core.values.recording import GreyWindow
from kinecor.ui.app.modes import LAYOUTS, Layout, Mode
from kinecor.ui.curves.confidence import MATRIX_PX, ConfidenceMatrix
from kinecor.ui.curves.curve_view import LOW_CURVE_PX, CurveView
from kinecor.ui.curves.m_mode import MMode
from kinecor.ui.curves.timeline import Timeline
from kinecor.ui.results.checks_view import ChecksView
from kinecor.ui.results.panel import MIN_PX, ResultsPanel, most_px, panel_px
from kinecor.ui.strain.bullseye_view import WallBullseyes
from kinecor.ui.strain.curves_view import StrainView
from kinecor.ui.strain.page import StrainPage
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel, TrackingLayer
from kinecor.ui.study.panel import CalibrationBar, HeaderView, HistoryView
from kinecor.ui.study.study_list import StudyList
from kinecor.ui.style.plot_host import PlotHost
from kinecor.ui.tiles.board import TileBoard
from kinecor.ui.tiles.callipers import CalliperTool
from kinecor.ui.tiles.menus import LevelDrag, LoopMenu
from kinecor.ui.tiles.stack_view import StackBar
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.study_checks import Place
from kinecor.ui.workspace.workspace import Workspace

CHECKS_PX = 440
NARROW_PX, LOW_PX = 800, 440
"""Below this width the study list makes room, below this height the curves: of a laptop at 200 %."""
MIN_SIZE = QSize(560, 260)
_ANY_PX = (1 << 24) - 1  # Qt's own limit


class _OnePage(QStackedWidget):
    """Pages of which only the one that is shown decides how small it can be."""

    def minimumSizeHint(self) -> QSize:
        """Of the page that is shown."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()


class ReadingPage(QSplitter):
    """Study list, centre and side; what each shows follows the mode and the kind of recording.

    The centre is the tool strip over images over the timeline, or the report. The side is a column of results, or the
    Checks list. A stack has a grid instead of the image, and adds confidence by slice, choices and bull's-eyes.
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
        self._mode = Mode.MEASURE
        self._side_wanted = True
        self._rows_with_curve: tuple[int, ...] | None = None  # heights to return to; None while a curve is shown
        self._side_share: float | None = None  # of the width, as the reader chose it; None for the panel's own
        self.study_list = StudyList(workspace)
        self.levels: LevelDrag = LevelDrag(workspace, windows, self)  # before the views, which draw with it
        self.board: TileBoard = TileBoard(workspace, player, self.levels)
        self.image, self.stack = self.board.image, self.board.stack
        self.image.underlay = self._draw_underlay
        self.strain, self.focus = StrainModel(workspace, self), SegmentFocus(self)
        self.wall = TrackingLayer(self.image, player, self.strain, self.focus)
        self.strain_curves = StrainView(self.strain, player, self.focus)
        self.strain_page = StrainPage(workspace, self.strain, self.focus)
        self.rings = TrackingLayer(self.stack.image, player, self.strain, self.focus)
        self.stack.image.underlay = self._draw_slice_underlay
        self.menu = LoopMenu(workspace, player, self.image, self.levels)
        self.callipers: CalliperTool = CalliperTool(workspace, player, self.image)
        self.menu.first = self.callipers.entries
        self.matrix = ConfidenceMatrix(workspace, player)
        self.choices = StackBar(workspace, player)
        self.wall_bullseyes = WallBullseyes(workspace)
        self.curve = CurveView(workspace, player)
        self.m_mode = MMode(workspace, player, self.image, self.callipers)
        self.plots = QStackedWidget()
        """Curves of volume, or the M-mode of a line in their place."""
        self.plots.addWidget(self.curve)
        self.plots.addWidget(self.m_mode)
        self.m_mode.shown_changed.connect(self._show_m_mode)
        self.header = HeaderView(workspace)
        self.scale = CalibrationBar(workspace)
        self.scale.wanted.connect(self.callipers.calibrate)
        self.board.image.scale_offer.wanted.connect(self.callipers.calibrate)
        self.results = ResultsPanel(workspace)
        self.history = HistoryView(workspace)
        self.checks = ChecksView(workspace)
        self.timeline = _splitter(
            Qt.Orientation.Horizontal,
            (self.plots, 5),
            (self.strain_curves, 6),
            (self.strain_page.bullseye, 4),
            (self.matrix, 2),
        )
        self.bottom: Timeline = Timeline(workspace, player, self.timeline, self.curve)
        self.rows = _splitter(Qt.Orientation.Vertical, (self.board, 3), (self.bottom, 1))
        self.board.arranged.connect(lambda: self.bottom.show_linked(self.board.slots))
        self.centre = _OnePage()  # the window adds the report
        self._work = QWidget()
        column = self._work_column = QVBoxLayout(self._work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rows, 1)
        self.centre.addWidget(self._work)
        self._fill_results()
        self.side: QStackedWidget = QStackedWidget()
        self.side.addWidget(self.results)
        self.side.addWidget(self.checks)
        for number, part in enumerate((self.study_list, self.centre, self.side)):
            self.addWidget(part)
            self.setStretchFactor(number, int(part is self.centre))
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(lambda *_: self._note_share())
        self.strain_page.bar.rate_chosen.connect(self.strain_curves.set_rate)
        self.strain_curves.flag_dragged.connect(self.curve.drag_flag)
        self.matrix.picked.connect(self.stack.grid.choose)
        self.stack.selected.connect(self.matrix.select)
        self.stack.selected.connect(self.bottom.select)
        self.bottom.slice_wanted.connect(self.stack.grid.choose)
        self.stack.selected.connect(self.strain.select_slice)
        self.strain_page.bullseye.slice_wanted.connect(self.stack.grid.choose)
        self.strain.changed.connect(self._forget_segment)
        for one in (self.checks, self.results):
            one.place_wanted.connect(self.go_to)
        views: tuple[QWidget, ...] = (self.image, self.stack.image, self.stack.grid, self.stack.strip)
        for widget in views:
            follow(workspace, widget.update, Topic.CHECKS)
        follow(workspace, self.load, Topic.RECORDING)
        follow(workspace, self._follow_curve, Topic.READING_DRAWN)
        self.curve.filled.connect(self._follow_curve)
        self.board.arranged.connect(self._mark_linked)
        self.load()
        self.lay_out(LAYOUTS[self._mode])

    def add_strip(self, strip: QWidget) -> None:
        """Put the tool strip above the images."""
        self._work_column.insertWidget(0, strip)

    def add_report(self, report: QWidget) -> None:
        """Put the report into the centre."""
        self.centre.addWidget(report)

    def make_plots(self) -> None:
        """Draw the curves that can be seen: what they are drawn with is imported."""
        for host in self.findChildren(PlotHost):
            host.make_if_shown()

    # Modes and layout

    def show_mode(self, mode: Mode, layout: Layout) -> None:
        """Show what belongs to a mode, in this layout."""
        strain = mode is Mode.STRAIN
        changed = strain is not (self._mode is Mode.STRAIN)
        self._mode = mode
        self.centre.setCurrentIndex(1 if mode is Mode.REPORT else 0)
        self.centre.updateGeometry()
        if changed:
            self.strain.watch(strain, self)
        self.load()
        self.lay_out(layout)

    def lay_out(self, layout: Layout) -> None:
        """Divide the window in this way."""
        self.show_side(layout.side)
        own = layout.columns == LAYOUTS[self._mode].columns or not layout.side
        self._side_share = None if own else layout.columns[-1] / max(sum(layout.columns), 1)
        self.setSizes(list(layout.columns))
        self._close_gap()
        self._set_rows(layout.rows)
        self.timeline.setSizes(list(layout.timeline))

    def _close_gap(self) -> None:
        """Give the centre what the side cannot take: the splitter would leave it empty."""
        first, middle, side = self.sizes()
        if side > self.side.maximumWidth():
            self.setSizes([first, middle + side - self.side.maximumWidth(), self.side.maximumWidth()])

    def event(self, event: QEvent) -> bool:
        """Parts that are shown again get the sizes that they had before, which may be too wide for this window."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._close_gap()
        return done

    def layout_now(self) -> Layout:
        """How the window is divided."""
        rows = self._rows_with_curve or tuple(self.rows.sizes())
        return Layout(tuple(self.sizes()), rows, tuple(self.timeline.sizes()), side=self._side_wanted)

    def _set_rows(self, sizes: tuple[int, ...]) -> None:
        """Divide the height; where there is no curve now, once there is one again."""
        if self._rows_with_curve is not None:
            self._rows_with_curve = sizes
        self.rows.setSizes(list(sizes))

    @property
    def list_shown(self) -> bool:
        """Whether the study list is shown."""
        return not self.study_list.isHidden()

    def show_list(self, shown: bool) -> None:
        """Show or hide the study list."""
        self.study_list.wanted = shown
        self.study_list.make_room(False)
        self.study_list.setVisible(shown)

    @property
    def side_shown(self) -> bool:
        """Whether results, or checks, are shown."""
        return not self.side.isHidden()

    def show_side(self, shown: bool) -> None:
        """Show or hide the results; the Checks list stays as long as it is open."""
        self._side_wanted = shown
        self.side.setVisible(shown or self.checks_shown)

    def load(self) -> None:
        """Show the widgets of a loop, or of a stack."""
        shown = self._workspace.recording is not None and self._workspace.recording.source.series.view_only
        stack, strain = self._workspace.stack is not None and not shown, self._mode is Mode.STRAIN
        for title in ("Choices", "Wall thickness"):
            self.results.folds[title].setVisible(stack)
        self.matrix.setVisible(stack and not strain)
        self.plots.setVisible(not strain)
        page = self.strain_page
        for one in (self.strain_curves, page, page.bullseye, page.score):
            one.setVisible(strain)
        self.results.show_strain(strain)
        self._fit_small(self.width(), self.height())
        self._fit_side()
        self.matrix.select(self.stack.grid.selected)

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
        self.side.setCurrentWidget(self.checks if shown else self.results)
        self.side.setVisible(shown or self._side_wanted)
        self._fit_side()
        if shown:
            self.checks.focus_first()
        else:
            self.rows.setFocus()

    def go_to_next(self) -> None:
        """Show the next doubtful frame; where none is, or the Checks list is open, the next place to check."""
        if self.checks_shown or not self.bottom.go_to_next():
            self.checks.go_to_next()

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
        strain, pointed = self.strain.strain, self.focus.segment
        if pointed is not None and (strain is None or pointed >= len(strain.names)):
            self.focus.point_at(None)

    def _mark_linked(self) -> None:
        self.study_list.show_linked(index for index in self.board.slots if index != self._workspace.index)

    def _draw_slice_underlay(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        """Draw the pixels of an enlarged slice that count as muscle, and its tracking points."""
        self.stack.draw_muscle(painter, frame, viewport)
        self.rings.draw(painter, frame, viewport)

    def _draw_underlay(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        """Draw the cross-reference lines of the study's stack on a long axis, and the tracking points."""
        self.board.slices.draw(painter, viewport)
        self.wall.draw(painter, frame, viewport)

    def _fit_side(self) -> None:
        """Results take their share of the width; the Checks list needs more and opens over them."""
        least, most = MIN_PX, most_px(self.width())
        if self.checks_shown:
            # In a small window half of it: its right edge would be outside.
            least = most = max(min(CHECKS_PX, self.width() // 2), MIN_PX)
        self.side.setMinimumWidth(least)
        self.side.setMaximumWidth(max(least, most))

    def minimumSizeHint(self) -> QSize:
        """Small enough for a laptop at 200 %: what then has no room is hidden."""
        return MIN_SIZE

    def _fit_small(self, width: int, height: int) -> None:
        """Hide the study list in a narrow window, and what is below the curve in a low one, until there is room again.

        Curves of strain with their bull's-eye need more room and are hidden in a low window.

        An M-mode that a reader asked for is shown in a low window, too.
        """
        self.study_list.make_room(width < NARROW_PX)
        low = height < LOW_PX and not self.m_mode.active
        shown = not (low and self._mode is Mode.STRAIN) and not self._lacks_times
        self.matrix.setMaximumHeight(0 if low else _ANY_PX)
        self.matrix.setMinimumHeight(0 if low else MATRIX_PX)
        self.timeline.setVisible(shown)
        row_px = self.bottom.transport.sizeHint().height()
        still, bare = self._lacks_time, self._lacks_curve
        self.curve.show_alone(low or bare)
        low_px = row_px + (LOW_CURVE_PX if shown else 0)
        self.bottom.setVisible(not still)
        if (still or bare) and self._rows_with_curve is None:
            self._rows_with_curve = tuple(self.rows.sizes())
        self.bottom.setMaximumHeight(low_px if low or bare else _ANY_PX)
        if not (still or bare) and self._rows_with_curve is not None:
            sizes, self._rows_with_curve = self._rows_with_curve, None
            self.rows.setSizes(list(sizes))

    @property
    def _lacks_time(self) -> bool:
        """Whether a still is on screen: there is nothing to play and no curve."""
        cine = self._workspace.cine
        return cine is not None and len(cine) == 1 and self._mode is not Mode.STRAIN

    @property
    def _lacks_times(self) -> bool:
        """Whether images that are only shown have no times, such as those of a map: an axis in ms would say they do."""
        reading = self._workspace.saved
        return reading is not None and reading.kind.view_only and reading.facts.times_origin == "assumed"

    @property
    def _lacks_curve(self) -> bool:
        """Whether no curve is shown, and none is to come: the images get its room."""
        kind = self._workspace.kind
        awaited = kind is None or (kind.network is not None and kind != OTHER_VIEW)
        return not awaited and self.curve.empty and not self.m_mode.active and self._mode is not Mode.STRAIN

    def _follow_curve(self) -> None:
        """A curve was drawn, or the view was recognised as one that has none."""
        if (self._lacks_time or self._lacks_curve) is not (self._rows_with_curve is not None):
            self._fit_small(self.width(), self.height())

    def _show_m_mode(self, on: bool) -> None:
        self.plots.setCurrentWidget(self.m_mode if on else self.curve)
        self._fit_small(self.width(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The results keep their share."""
        self._fit_small(event.size().width(), event.size().height())
        super().resizeEvent(event)
        self._fit_side()
        if event.size().width() != event.oldSize().width() and self.side_shown and not self.checks_shown:
            first, middle, side = self.sizes()
            own = panel_px(self.width()) if self._side_share is None else round(self._side_share * self.width())
            wanted = max(own, self.side.minimumWidth())
            self.setSizes([first, middle + side - wanted, wanted])

    def _note_share(self) -> None:
        if self.side_shown and not self.checks_shown:
            self._side_share = self.sizes()[-1] / max(self.width(), 1)

    def _fill_results(self) -> None:
        self.results.put_on_top(self.header)
        self.results.put_below_headline(self.strain_page)
        self.results.put_in_head(self.strain_page.score)
        sections = (
            ("Choices", self.choices),
            ("Wall thickness", self.wall_bullseyes),
            ("Calibration", self.scale),
            ("History", self.history),
        )
        for title, widget in sections:
            self.results.add_section(title, widget)


def _splitter(direction: Qt.Orientation, *parts: tuple[QWidget, int]) -> QSplitter:
    """Parts with their shares of what the window gains."""
    made = QSplitter(direction)
    made.setHandleWidth(2)
    made.setChildrenCollapsible(False)
    for widget, share in parts:
        made.addWidget(widget)
        made.setStretchFactor(made.count() - 1, share)
    return made
