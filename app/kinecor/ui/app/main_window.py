"""The main window: lays out the views and carries out the reader's actions."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QFileDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kinecor.analysis.devices import use_devices
from kinecor.core.values.kind import APICAL_LOOP
from kinecor.core.values.reading import is_person
from kinecor.core.values.recording import GreyWindow, Stack
from kinecor.session.journal import Entry
from kinecor.ui.app import actions, settings
from kinecor.ui.app.bars import MenuBar, ToolStrip, TopBar, steps
from kinecor.ui.app.hanging import AS_LAST, kind_of_study
from kinecor.ui.app.key_bindings import keys_of
from kinecor.ui.app.listing_page import ListingPage
from kinecor.ui.app.messages import ANALYSIS, EDITING, REMARK_MS, WRITING, Banner, Offer, Status
from kinecor.ui.app.modes import LAYOUTS, Mode
from kinecor.ui.app.reading_page import ReadingPage
from kinecor.ui.app.start_page import StartPage
from kinecor.ui.archive.retrieval import Retrieval
from kinecor.ui.commands.archiving import Archiving
from kinecor.ui.commands.audit import AuditTrail
from kinecor.ui.commands.documents import Documents
from kinecor.ui.commands.exporting import Exporting
from kinecor.ui.commands.helping import Helping
from kinecor.ui.commands.methods import Methods
from kinecor.ui.commands.opening import Opening
from kinecor.ui.commands.preferring import Preferring
from kinecor.ui.commands.priors import Priors
from kinecor.ui.commands.reading_tools import ReadingTools
from kinecor.ui.commands.study_forms import StudyForms
from kinecor.ui.report.page import ReportPage
from kinecor.ui.study.signed_bar import SignedBar
from kinecor.ui.study.study_list import StudyList
from kinecor.ui.study.study_rows import thumbnails
from kinecor.ui.style.language import language_of, shown, tr, translated
from kinecor.ui.style.plot_host import load_plots, plots_loaded
from kinecor.ui.style.theme import icon, styled_once
from kinecor.ui.tiles.callipers import SHAPES
from kinecor.ui.tiles.grid_view import GridView
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.stack_view import StackView
from kinecor.ui.tiles.tools import Tool, ToolChoice
from kinecor.ui.worklist.worklist import Worklist
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.garbage import QuietGarbage
from kinecor.ui.workspace.jobs import (
    AnalysisQueue,
    Jobs,
    Progress,
    Propose,
    begin_with_models,
    propose_with_models,
    rest_by_models,
)
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.propagator import Propagator
from kinecor.ui.workspace.related import stack_of
from kinecor.ui.workspace.signing import NOT_DONE
from kinecor.ui.workspace.workspace import Workspace

# Dialogs and further windows are imported where they are opened: the window is up without them.
if TYPE_CHECKING:
    pass

USUAL_SIZE = QSize(1440, 900)
MIN_SIZE = QSize(560, 320)
_FRAMED_MS = 300
"""By then the window manager has put a frame round a new window."""
"""Smaller than any screen: what a panel would like never makes the window larger than that."""
THUMBNAILS_AT_ONCE = 6
WARM_UP_MS = 1500  # a window that waits this long for a study loads the models for it
FIRST_FRAME_MS = 80  # analysis waits this long, so that the first frame is drawn and playing before models load
_ACROSS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_ALONG = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
OWN_KEYS = (
    (QAbstractButton, (Qt.Key.Key_Space,)),
    (QComboBox, (Qt.Key.Key_Space, *_ALONG)),
    (QAbstractSlider, (*_ACROSS, *_ALONG)),
    (QAbstractItemView, (Qt.Key.Key_Space, Qt.Key.Key_Home, Qt.Key.Key_End, *_ALONG)),
)
"""Keys of controls that have the focus, by their kind; elsewhere they are shortcuts."""


class MainWindow(QMainWindow):
    """Menu bar, patient bar with modes, the study, status; before a recording is open, the start page.

    Signals:
        mode_changed(Mode): another mode is on screen.
        look_chosen(): another theme or language was chosen; the window is to be made again.
    """

    mode_changed = Signal(object)
    look_chosen = Signal()

    opening: Opening
    priors: Priors
    audit: AuditTrail
    documents: Documents
    archiving: Archiving
    exporting: Exporting
    methods: Methods
    reading_tools: ReadingTools
    study_forms: StudyForms
    preferring: Preferring
    helping: Helping
    workspace: Workspace
    player: Player
    analysing: AnalysisQueue
    propagator: Propagator
    reading: ReadingPage
    image: ImageView
    stack: StackView
    grid: GridView
    menus: MenuBar
    top: TopBar
    tools: ToolStrip
    start: StartPage
    worklist: Worklist
    status: Status
    study_list: StudyList

    @styled_once
    def __init__(self, stored: settings.Settings, propose: Propose = propose_with_models) -> None:
        super().__init__()
        stored = stored.on_screen(self._screen_now())
        self.settings, self.propose = stored, propose
        self.opening = Opening(self)
        self.priors = Priors(self)
        self.audit = AuditTrail(self)
        self.documents = Documents(self)
        self.archiving = Archiving(self)
        self.exporting = Exporting(self)
        self.methods = Methods(self)
        self.reading_tools = ReadingTools(self)
        self.study_forms = StudyForms(self)
        self.preferring = Preferring(self)
        self.helping = Helping(self)
        use_devices(stored.device, stored.precision)
        self.workspace = Workspace(stored.actor, self)
        self.player = Player(self)
        self.jobs, self.saving = Jobs(2, "work", self), Jobs(1, "saving", self)
        self.retrieval = Retrieval(
            self.jobs,
            lambda progress: self.status.show_progress(progress),
            lambda words: self.banner.show_message(words),
            lambda path: self.opening.open_paths([str(path)]),
            self.opening.show_retrieved,
            self,
        )
        # An analysis that is not by the models has no beginning or rest that they could compute.
        self.by_models = propose is propose_with_models
        complete, early = (rest_by_models, begin_with_models) if self.by_models else (None, None)
        self.analysing = AnalysisQueue(self.workspace, propose, self, complete=complete, early=early)
        self.propagator = Propagator(self.workspace, self)
        self.checking = Jobs(1, "checks", self)
        self.plotting = Jobs(1, "plots", self)
        self.workspace.checks.work_with(self.checking)
        self._garbage = QuietGarbage(lambda: self.busy or self.player.playing, self)
        # Before any widget that has the focus: an enlarged slice would leave instead, a tool would be put away.
        self._stop = QShortcut(Qt.Key.Key_Escape, self, self._stop_propagating)
        self._stop.setEnabled(False)
        self.banner, self.offer, self.status = Banner(), Offer(), Status()
        self.start = StartPage()
        self.mode, self._last_mode = Mode.MEASURE, Mode.MEASURE
        self.layouts = LAYOUTS | {Mode(name): layout for name, layout in stored.layouts.items()}
        self._actions_for: tuple[object, ...] = ()
        """What most actions followed from when they were enabled last."""
        self.remembers = False
        """Whether closing it saves what it looks like."""
        self.reading = ReadingPage(self.workspace, self.player, stored.grey_windows)
        self.image, self.stack = self.reading.image, self.reading.stack
        self.grid = self.stack.grid
        self.toolbox = ToolChoice(self)
        for view in (self.image, self.stack.image):
            view.use(self.toolbox)
        self.study_list = self.reading.study_list
        self.worklist = Worklist(self.start.worklist, self.workspace, lambda: self.busy, parent=self)
        self._analysis_delay = QTimer(self)
        self._analysis_delay.setSingleShot(True)
        self._analysis_delay.setInterval(FIRST_FRAME_MS)
        self._analysis_delay.timeout.connect(self._load_plots)
        self._analysis_delay.timeout.connect(self.analysing.consider_study)
        self._analysis_delay.timeout.connect(self._warm_up_for_loops)
        self.actions_by_name = actions.bind(self)
        self._build_layout()
        self._connect()
        self.setWindowTitle("Kinecor")
        self.setWindowIcon(icon("app"))
        self.setAcceptDrops(True)
        self.setMinimumSize(MIN_SIZE)
        self.resize(USUAL_SIZE.boundedTo(self.screen().availableSize()))
        if stored.geometry:
            self.restoreGeometry(QByteArray.fromBase64(stored.geometry.encode()))
        self._first_px, self._framed = self.size(), False
        self._framing = QTimer(self)
        self._framing.setSingleShot(True)
        self._framing.timeout.connect(self._fit_opened)
        self.study_list.wanted = stored.study_list
        self.actions_by_name[stored.theme].setChecked(True)
        self.actions_by_name[language_of(stored.language)].setChecked(True)
        self.reading.lay_out(self.layouts[self.mode])
        self.show_recent()
        self.preferring.show_layouts()
        self.worklist.start(stored.watched, stored.keep_days, settings.today())
        self._show_worklist()
        self.reading.board.set_layout(stored.tiles)
        self.preferring.bind_all_keys()
        if self.by_models:
            QTimer.singleShot(WARM_UP_MS, self, self._warm_up)

    def _build_layout(self) -> None:
        named = self.actions_by_name
        self.menus = MenuBar(named)
        self.setMenuBar(self.menus)
        self.top = TopBar(self.workspace, named)
        self.tools = ToolStrip(named)
        self.reading.add_strip(self.tools)
        self.signed = SignedBar(self.workspace, named["sign"], named["addendum"])
        self.report = ReportPage(self.workspace, self.jobs, named["export"], named["sign"])
        self.reading.add_report(self.report)
        self.study_list.hide()
        self.study_list.offer(named["open"], named["folder"])
        study = QWidget()
        column = QVBoxLayout(study)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.signed)
        column.addWidget(self.reading, 1)
        self.pages = QStackedWidget()
        self.study = study
        self.listing = ListingPage()
        for page in (self.start, study, self.listing):
            self.pages.addWidget(page)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.offer)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(whole)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        self.reading.callipers.drawing_changed.connect(self._show_calliper)
        self.reading.m_mode.shown_changed.connect(self.actions_by_name["m_mode"].setChecked)
        self.workspace.notices.message.connect(lambda words: self.banner.show_message(words, EDITING))
        self.workspace.notices.trouble.connect(self.banner.show_message)
        follow(self.workspace, lambda: self.banner.settle(EDITING), Topic.RECORDING)
        follow(self.workspace, lambda: self.banner.settle(EDITING), Topic.STUDY)
        follow(self.workspace, self._settle_computed, Topic.COMPUTING)
        follow(self.workspace, self._show_study, Topic.RECORDINGS)
        follow(self.workspace, self._show_recording, Topic.RECORDING)
        follow(self.workspace, self._show_change, Topic.READING_DRAWN)
        follow(self.workspace, self.refresh_actions, Topic.STUDY, Topic.OTHER_READING)
        self.analysing.message.connect(lambda words: self.banner.show_message(words, ANALYSIS))
        self.analysing.progressed.connect(self.status.show_progress)
        self.analysing.concluded.connect(self.reading.strain_page.refresh)
        self.analysing.concluded.connect(self.reading.results.show_analysed)
        follow(self.workspace, self._show_checks, Topic.CHECKS)
        self.workspace.notices.remark.connect(lambda words: self.status.showMessage(shown(words), REMARK_MS))
        self.reading.checks.closed.connect(lambda: self.reading.show_checks(False))
        for view in (self.reading.header, self.reading.checks):
            view.view_named.connect(self.analysing.consider_views)
        self.reading.menu.propagation_wanted.connect(self.analysing.propagate)
        common = tuple(self.actions_by_name[name] for name in ("set_ed", "set_es", "undo"))
        self.reading.menu.common = self.stack.common = common
        self.propagator.progressed.connect(self._show_propagating)
        self.propagator.foreseen.connect(self.reading.curve.show_foreseen)
        for image in (self.image, self.stack.image):
            image.bar.wanted.connect(self.actions_by_name["propagate"].trigger)
            image.bar.neighbours_wanted.connect(self.actions_by_name["propagate_slices"].trigger)
        self.status.cancelled.connect(self.cancel_work)
        self.player.playing_changed.connect(self._show_playing)
        self.study_list.chosen.connect(self.reading.board.open_recording)
        self.study_list.view_wanted.connect(self.reading.header.offer_views)
        self.study_list.document_wanted.connect(self.documents.show_document)
        drawn = self.reading.board.documents
        drawn.changed.connect(lambda: self.study_list.model.show_drawn(drawn.paths))
        self.top.patient.clicked.connect(self.study_forms.ask_patient)
        self.start.open_file.connect(self.opening.choose_file)
        self.start.open_folder.connect(self.opening.choose_folder)
        self.start.open_demo.connect(self.opening.open_demo)
        self.worklist.message.connect(self.banner.show_message)
        self.worklist.remark.connect(lambda words: self.status.showMessage(words, REMARK_MS))
        self.worklist.paths_wanted.connect(self.opening.open_paths)
        self.worklist.retrieval_wanted.connect(lambda wanted: self.retrieval.start([wanted]))
        self.worklist.watched_changed.connect(self._keep_watched)
        self.worklist.view.watch_wanted.connect(self.choose_watched)
        self.worklist.view.model.modelReset.connect(self._show_worklist)
        follow(self.workspace, self.worklist.note_checks, Topic.CHECKS)
        self.pages.currentChanged.connect(lambda _: self._page_changed())
        self.start.open_recent.connect(lambda path: self.opening.open_paths([path]))
        self.stack.grid.decoder.failed.connect(self.banner.show_message)
        self.toolbox.changed.connect(self._show_tool)
        self.toolbox.hint_changed.connect(self.status.show_hint)
        self.reading.levels.settled.connect(self._keep_window)
        self.reading.board.layout_chosen.connect(self.keep_tiles)

    @property
    def fits(self) -> bool:
        """Whether the usual size leaves room on the screen for a title bar."""
        room = self.screen().availableSize() - USUAL_SIZE
        return room.width() > 0 and room.height() > 0

    @property
    def busy(self) -> bool:
        """Whether anything is being opened, decoded, analysed, checked or written, or is about to be."""
        decoding = self.reading.board.busy
        return (
            bool(self.jobs.keys)
            or not self.workspace.checks.current
            or self.analysing.busy
            or self.propagator.busy
            or decoding
            or self._analysis_delay.isActive()
            or bool(self.plotting.keys)
            or self.report.busy
        )

    # Opening

    def _warm_up(self) -> None:
        if self.isVisible() and self.workspace.recording is None and not self.busy:
            self.analysing.warm_up()

    def _warm_up_for_loops(self) -> None:
        """Load models ahead of the analysis of an apical loop that has begun; other recordings need other models."""
        reading = self.workspace.saved
        if self.by_models and self.analysing.busy and reading is not None and reading.kind is APICAL_LOOP:
            self.analysing.warm_up()

    def job_failed(self, why: str) -> None:
        """Say why something in the background failed."""
        self.opening.leave_listing()
        self.status.show_progress(None)
        self.banner.show_message(why, WRITING)

    def _show_study(self) -> None:
        order = self.study_list.model.order
        if len(order) > 1:
            self._make_thumbnails(order)
        self.refresh_bars()

    def _make_thumbnails(self, left: tuple[int, ...]) -> None:
        """Make the thumbnails of these recordings, some at a time, so that the first are soon there."""
        some, remaining_numbers = left[:THUMBNAILS_AT_ONCE], left[THUMBNAILS_AT_ONCE:]
        recordings = [self.workspace.opened.recordings[index] for index in some]

        def done(images: Sequence[NDArray[np.uint8] | None]) -> None:
            made = {index: image for index, image in zip(some, images, strict=True) if image is not None}
            self.study_list.model.show_pictures(made)
            if remaining_numbers:
                self._make_thumbnails(remaining_numbers)

        self.jobs.start("thumbnails", lambda tick: thumbnails(recordings, tick), done, self.banner.show_message)

    def _show_recording(self) -> None:
        recording = self.workspace.recording
        if recording is None:
            return
        if self.pages.currentWidget() is not self.study:
            self.pages.setCurrentWidget(self.study)
            self._hang()
            self.reading.board.setFocus()  # not the first control in the order of Tab
        elif self.opening.newly_opened:
            self._hang()
        plays = self.player.playing or (self.opening.newly_opened and not self.settings.reduced_motion)
        self.opening.newly_opened = False
        self.player.load(recording.times_s)
        self.setWindowTitle(f"{Path(recording.source.path).name} – Kinecor")
        if plays:  # a loop that was stopped stays so when another recording is shown
            self.player.play()
        self._analysis_delay.start()

    def _load_plots(self) -> None:
        """Have the curves drawn, now that the first frame of a recording is on screen."""
        if not plots_loaded() and not self.plotting.keys:
            self.plotting.start(
                "plots", lambda _: load_plots(), lambda _: self.reading.make_plots(), self.banner.show_message
            )

    def cancel_work(self) -> None:
        """Stop opening, writing and analysing."""
        self.jobs.cancel_all()
        self.saving.cancel_all()
        self.analysing.cancel()
        self.propagator.cancel()
        self.opening.leave_listing()
        self.status.show_progress(None)

    # The worklist

    def toggle_worklist(self) -> None:
        """Show the worklist, or go back to the study on screen."""
        back = self.pages.currentWidget() is self.start and self.workspace.recording is not None
        self.pages.setCurrentWidget(self.study if back else self.start)
        if not back:
            self.player.pause()
            self.start.worklist.table.setFocus()

    def _page_changed(self) -> None:
        self.worklist.show_on_screen(self.pages.currentWidget() is self.start and self.isVisible())
        self.refresh_actions()

    def _show_worklist(self) -> None:
        self.start.show_worklist(bool(self.worklist.studies or self.worklist.watched))

    def choose_watched(self) -> None:
        """Ask for a folder whose studies the worklist lists."""
        if name := QFileDialog.getExistingDirectory(self, tr("Watch a folder: each folder in it is a study")):
            self.worklist.watch(name)
            self._show_worklist()

    def _keep_watched(self, watched: tuple[str, ...]) -> None:
        self.settings = replace(self.settings, watched=watched)
        settings.save(self.settings)
        self._show_worklist()

    # Actions

    def go_to_recording(self, by: int) -> None:
        """The next or previous recording of the study."""
        index = self.study_list.step(by)
        if index is not None:
            self.workspace.show(index)

    def show_m_mode(self) -> None:
        """Begin to place a line whose M-mode is shown in Measure mode, or put it away."""
        if self.toolbox.tool is not Tool.SELECT:
            self.toolbox.choose(Tool.SELECT)
        self.reading.m_mode.toggle()
        if self.reading.m_mode.active and self.mode is not Mode.MEASURE:
            self.choose_mode(Mode.MEASURE)

    def choose_tool(self, tool: Tool) -> None:
        """Use another tool on the images; a calliper that was being drawn is dropped."""
        self.reading.callipers.stop()
        self.toolbox.choose(tool)

    def _show_calliper(self, drawn: str) -> None:
        if drawn and self.toolbox.tool is not Tool.SELECT:
            self.toolbox.choose(Tool.SELECT)
        self._show_tool()

    def _show_tool(self) -> None:
        """Press the one action that tells what the mouse does."""
        drawn = self.reading.callipers.shape
        for tool in Tool:
            self.actions_by_name[f"tool_{tool}"].setChecked(not drawn and tool is self.toolbox.tool)
        for shape in SHAPES:
            self.actions_by_name[f"calliper_{shape}"].setChecked(shape == drawn)

    def play_forth_and_back(self) -> None:
        """Play forth and back, or again and again from the beginning."""
        self.player.play_forth_and_back(self.actions_by_name["sweep"].isChecked())

    def toggle_overlays(self) -> None:
        """Show or hide contours, by the state of the action."""
        shown = self.actions_by_name["overlays"].isChecked()
        self.reading.board.set_overlays(shown)

    def toggle_confidences(self) -> None:
        """Say how sure each contour is, or only those that are not, by the state of the action."""
        self.reading.board.show_confidences(self.actions_by_name["confidences"].isChecked())

    def choose_mode(self, mode: Mode) -> None:
        """Show a mode; chosen again, strain gives way to the mode before it."""
        self.show_mode(self._last_mode if mode is self.mode is Mode.STRAIN else mode)

    def show_mode(self, mode: Mode) -> None:
        """Show a mode in its own layout; strain brings tracking points, and the study's other apical loops."""
        if mode is self.mode:
            return
        self.layouts[self.mode] = self.reading.layout_now()
        self._last_mode, self.mode = self.mode, mode
        self.actions_by_name[mode.value].setChecked(True)
        strain = mode is Mode.STRAIN
        if strain or self._last_mode is Mode.STRAIN:
            self.actions_by_name["points"].setChecked(strain)
            self.reading.show_points(strain)
        self.reading.show_mode(mode, self.layouts[mode])
        self.refresh_bars()
        self.refresh_actions()
        if mode is Mode.REPORT:
            self.report.focus_text()
        elif self._last_mode is Mode.REPORT:
            self.reading.board.setFocus()  # the field that had the focus is hidden
        if Mode.REPORT in (mode, self._last_mode):
            for action in actions.ACTIONS:
                self.preferring.bind_keys(action)
        self.mode_changed.emit(mode)

    def reset_layout(self) -> None:
        """Divide every mode as at first."""
        self.layouts = dict(LAYOUTS)
        self.reading.lay_out(self.layouts[self.mode])
        self.reading.show_list(True)
        self.refresh_bars()

    def show_list(self, shown: bool) -> None:
        """Show or hide the study list."""
        self.reading.show_list(shown)
        self.refresh_bars()

    def show_side(self, shown: bool) -> None:
        """Show or hide the results."""
        self.reading.show_side(shown)
        self.refresh_bars()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or give it back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def toggle_points(self) -> None:
        """Show or hide the tracking points, by the state of the action."""
        self.reading.show_points(self.actions_by_name["points"].isChecked())

    def fit(self) -> None:
        """Fit the image; of a stack, toggle between the heart and whole images."""
        if self.workspace.stack is not None:
            self.stack.toggle_close()
        else:
            self.image.fit()

    def _hang(self) -> None:
        """Show a study that was opened as its kind is hung."""
        protocol = self.settings.protocol(kind_of_study(self.workspace.opened.recordings))
        self.show_mode(protocol.mode)
        if protocol.tiles != AS_LAST:
            self.reading.board.set_layout(protocol.tiles)
            self.actions_by_name[f"tiles_{protocol.tiles}"].setChecked(True)

    # Reactions to changes

    def _show_change(self, change: Change) -> None:
        if change.preview:
            return
        if change.before is not None and self._edited_by_person():
            self.banner.settle(EDITING)
        self.refresh_actions()
        said, openings = self.reading_tools.openings_found
        if said and (change.before is None or change.after is None or change.after.valve_openings != openings):
            self.banner.withdraw(said)  # marked otherwise since, or of another recording
            self.reading_tools.openings_found = "", ()

    def _edited_by_person(self) -> bool:
        """Whether the last change of the study was a reader's: what a model adds settles no notice."""
        history = self.workspace.history.entries()
        return bool(history) and is_person(history[-1].actor)

    def _settle_computed(self) -> None:
        """Nothing is computed any more: what had to wait for it need not."""
        if not self.workspace.computing.awaited:
            self.banner.withdraw(tr(NOT_DONE))

    def _show_checks(self) -> None:
        self.top.show_checks([listed_finding.finding.severity for listed_finding in self.workspace.checks.open])

    def refresh_actions(self) -> None:
        """Enable, show and name actions by what is on screen and who has signed it."""
        named = self.actions_by_name
        here = self.pages.currentWidget() is not self.start  # what is not on screen is not changed
        ready = {
            "": True,
            "recording": here and self.workspace.recording is not None,
            "stack": here and self.workspace.stack is not None,
        }
        stacked = any(isinstance(recording, Stack) for recording in self.workspace.opened.recordings)
        study = self.workspace.study.reading
        closed = study is not None and study.closed
        follows_from = (*ready.values(), stacked, self.mode, closed)
        if follows_from != self._actions_for:
            self._actions_for = follows_from
            for action in actions.ACTIONS:
                named[action.name].setEnabled(ready[action.needs] and action.belongs_to(self.mode))
                if action.needs == "stack":  # what only a stack has is in the way of who reads echo
                    named[action.name].setVisible(stacked)
        can = {"undo": here and self.workspace.history.can_undo, "redo": here and self.workspace.history.can_redo}
        named["sign"].setEnabled(here and study is not None and not closed)
        named["addendum"].setEnabled(here and closed)
        if closed:
            self._put_tools_away()
        drawn = next(action for action in actions.ACTIONS if action.name == "from_stack")
        if ready[drawn.needs] and drawn.belongs_to(self.mode) and not (closed and drawn.edits):
            named["from_stack"].setEnabled(stack_of(self.workspace) is not None)
        for name, what in zip(("undo", "redo"), steps(self._undone_by_key()), strict=True):
            text = next(action.text for action in actions.ACTIONS if action.name == name)
            named[name].setEnabled(can[name])
            named[name].setText(
                (f"{tr(text)}: {translated(what)}" if what and can[name] else tr(text)).replace("&", "&&")
            )
        undo = next(action for action in actions.ACTIONS if action.name == "undo")
        why = self.workspace.history.why_not_undone
        keys = keys_of(undo, self.settings.keys)
        named["undo"].setToolTip(tr(why) if why else actions.with_key(named["undo"].text(), keys))

    def _undone_by_key(self) -> tuple[Entry, ...]:
        """The edits that undo and redo go through, oldest first."""
        workspace = self.workspace
        return tuple(
            sorted((*workspace.history.entries(), *workspace.history.made_elsewhere), key=lambda entry: entry.number)
        )

    def _put_tools_away(self) -> None:
        """Of a signed study: nothing that would change it can be chosen, and no tool stays in use."""
        for action in actions.ACTIONS:
            if action.edits:
                self.actions_by_name[action.name].setEnabled(False)
        if self.reading.callipers.shape:
            self.reading.callipers.stop()
        if self.toolbox.tool is not Tool.SELECT:
            self.toolbox.choose(Tool.SELECT)

    def refresh_bars(self) -> None:
        """Show in the menu which bars are shown."""
        self.actions_by_name["list"].setChecked(self.reading.list_shown)
        self.actions_by_name["results"].setChecked(self.reading.side_shown)

    def show_recent(self) -> None:
        """List what was opened lately, on the start page and in the menu."""
        self.start.show_recent(self.settings.recent)
        self.menus.show_recent(self.settings.recent, lambda path: self.opening.open_paths([path]))

    def _show_playing(self, playing: bool) -> None:
        self.actions_by_name["play"].setIcon(icon("pause" if playing else "play"))

    def _stop_propagating(self) -> None:
        self.propagator.cancel()
        self.cancel_drag()

    def _show_propagating(self, done: int, total: int) -> None:
        self._stop.setEnabled(total > 0)
        self.status.show_progress(Progress(tr("Propagating"), done, total) if total else None)

    def _keep_window(self, recording_id: str, window: GreyWindow | None) -> None:
        self.settings = self.settings.looked_at(recording_id, window)
        self.save_settings()

    def keep_tiles(self, tiles: int) -> None:
        """Remember how many tiles are on screen."""
        self.actions_by_name[f"tiles_{tiles}"].setChecked(True)
        if tiles != self.settings.tiles:
            self.settings = replace(self.settings, tiles=tiles)
            self.save_settings()

    def cancel_drag(self) -> None:
        """Cancel dragging; the view returns to the saved state."""
        self.image.cancel_drag()
        self.stack.cancel_drag()
        self.workspace.drop_preview()

    # Qt

    def event(self, event: QEvent) -> bool:
        """Keys that press or move in what has the focus are not shortcuts there."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focus = self.focusWidget()
            grouped = isinstance(focus, QAbstractButton) and focus.group() is not None
            own = any(isinstance(focus, kind) and event.key() in keys for kind, keys in OWN_KEYS)
            if own or (grouped and event.key() in (*_ACROSS, *_ALONG)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels dragging, else the tool in use, whatever has the focus."""
        if event.key() == Qt.Key.Key_Escape:
            self.propagator.cancel()
            drawing = self.image.drawing or self.stack.image.drawing
            self.cancel_drag()
            if self.reading.callipers.shape:
                self.reading.callipers.escape()
            elif not drawing and self.toolbox.tool is not Tool.SELECT:
                self.toolbox.choose(Tool.SELECT)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A window that loses focus may miss the release of the mouse."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.cancel_drag()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.opening.open_paths([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _screen_now(self) -> str:
        size = self.screen().size()
        return f"{size.width()}x{size.height()}"

    def save_settings(self) -> None:
        """Save the settings on a worker: the thread that draws waits for no disk."""
        self.saving.start("settings", lambda _: settings.save(lambda: self.settings), lambda _: None, self.job_failed)

    def remember(self) -> None:
        """Save what the window looks like."""
        layouts = self.layouts | {self.mode: self.reading.layout_now()}
        changed = {mode.value: layout for mode, layout in layouts.items() if layout != LAYOUTS[mode]}
        self.settings = replace(
            self.settings,
            geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            layouts=changed if self.pages.currentWidget() is self.study else self.settings.layouts,
            study_list=self.study_list.wanted,
            screen=self._screen_now(),
        )
        settings.save(self.settings)

    def showEvent(self, event: QShowEvent) -> None:
        """When it is shown first: within the screen, as soon as its frame is known."""
        super().showEvent(event)
        self._page_changed()
        if not self._framed:
            self._framed = True
            self._framing.start(_FRAMED_MS)

    def _fit_opened(self) -> None:
        """Not where the reader made it larger than it was opened."""
        if self.size().boundedTo(self._first_px) == self.size():
            self.fit_to_screen()

    def fit_to_screen(self) -> None:
        """Make the window as small as the screen, frame included, and bring it into sight.

        The size of another screen, of another scale, or without the title bar would hide the status line.
        """
        if self.isMaximized() or self.isFullScreen() or not self.isVisible():
            return
        room, frame = self.screen().availableGeometry(), self.frameGeometry()
        over = QSize(max(frame.width() - room.width(), 0), max(frame.height() - room.height(), 0))
        if not over.isNull():
            self.resize((self.size() - over).expandedTo(self.minimumSize()))
        size = frame.size() - over
        x = max(min(frame.left(), room.right() + 1 - size.width()), room.left())
        y = max(min(frame.top(), room.bottom() + 1 - size.height()), room.top())
        if (x, y) != (frame.left(), frame.top()):
            self.move(x, y)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop threads and timers and close files; every edit is saved already."""
        self._framing.stop()
        self._garbage.stop()
        if self.remembers:
            self.remember()
        self.hide()
        if self.helping.guide is not None:
            self.helping.guide.close()
        if self.archiving.live is not None:
            self.archiving.live.close()
        self.player.pause()
        self._analysis_delay.stop()
        self.worklist.shutdown()
        self.report.stop()
        self.reading.results.stop()
        self.study_list.stop()
        unsaved = bool(self.saving.keys)
        self.jobs.cancel_all()
        self.saving.cancel_all()
        self.analysing.cancel()
        self.propagator.cancel()
        # Before waiting for a worker that cannot be interrupted, so that another window may write the study at once.
        self.workspace.close()
        self.jobs.shutdown()
        self.saving.shutdown()
        if unsaved:
            settings.save(self.settings)
        self.checking.shutdown()
        self.plotting.shutdown()
        self.analysing.shutdown()
        self.propagator.shutdown()
        self.reading.m_mode.shutdown()
        self.reading.strain.shutdown()
        self.reading.board.shutdown()
        event.accept()
