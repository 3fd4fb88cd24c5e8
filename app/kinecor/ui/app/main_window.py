"""The main window: lays out the views and carries out the reader's actions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QFileDialog,
    QInputDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kinecor.analysis.devices import use_devices
from kinecor.core.values.errors import KinecorError, Tick, error_message
from kinecor.core.values.foreign import Document, ForeignReport, Overlay
from kinecor.core.values.message import Message
from kinecor.core.values.reading import is_person
from kinecor.core.values.recording import GreyWindow, Recording, Stack
from kinecor.io.archive.audit_messages import Event, send
from kinecor.io.archive.nodes import Archives
from kinecor.session.audit import Opened, compared_at_opening
from kinecor.session.edits import Sign
from kinecor.session.journal import Entry
from kinecor.session.keys import load_key
from kinecor.session.transport import last_written
from kinecor.ui.app import actions, dialogs, settings
from kinecor.ui.app.bars import MenuBar, ToolStrip, TopBar, steps
from kinecor.ui.app.documents import (
    OpenedFiles,
    Remark,
    demo,
    first_of,
    may_be_large,
    model_names,
    open_all,
    sample,
    series_of,
)
from kinecor.ui.app.exports import FORMATS, Format, file_stem, format_of, subject_of
from kinecor.ui.app.hanging import AS_LAST, NamedLayout, kind_of_study
from kinecor.ui.app.key_bindings import keys_of
from kinecor.ui.app.listing_page import ListingPage
from kinecor.ui.app.messages import Banner, Offer, Status
from kinecor.ui.app.modes import LAYOUTS, Mode
from kinecor.ui.app.preferences import Preferences
from kinecor.ui.app.reading_page import ReadingPage
from kinecor.ui.app.start_page import StartPage
from kinecor.ui.app.tour import Tour
from kinecor.ui.archive.retrieval import Retrieval
from kinecor.ui.curves.event_flags import Mark, find_openings, go_to, put_here
from kinecor.ui.report.page import ReportPage
from kinecor.ui.report.render import content_of, report_to_sign, write_pdf
from kinecor.ui.results.document_view import PdfOpener, show_document
from kinecor.ui.study.join_form import JoinForm, stills_of
from kinecor.ui.study.patient_form import PatientForm
from kinecor.ui.study.sign_form import AddendumForm, SignForm
from kinecor.ui.study.signed_bar import SignedBar
from kinecor.ui.study.study_list import StudyList
from kinecor.ui.study.study_rows import thumbnails, view_label
from kinecor.ui.style.language import language_of, shown, tr, translated
from kinecor.ui.style.plot_host import load_plots, plots_loaded
from kinecor.ui.style.theme import icon, styled_once
from kinecor.ui.tiles.callipers import SHAPES
from kinecor.ui.tiles.cross_lines import trace_edit
from kinecor.ui.tiles.grid_view import GridView
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.stack_view import StackView
from kinecor.ui.tiles.tools import Tool, ToolChoice
from kinecor.ui.worklist.worklist import Worklist
from kinecor.ui.workspace.changed_frames import changed_frame
from kinecor.ui.workspace.corrections import corrections
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
from kinecor.ui.workspace.workspace import NOT_DONE, WAIT_FOR_CONTOURS, Change, Workspace, date_words, stack_of

DRAWN_KINDS = frozenset(("segmentation", "own-segmentation", "presentation"))
"""Kinds of documents that draw on the images."""
# Dialogs and further windows are imported where they are opened: the window is up without them.
if TYPE_CHECKING:
    from kinecor.io.open.survey import ListedSeries
    from kinecor.ui.app.guide import Guide
    from kinecor.ui.live.window import LiveWindow

REMARK_MS = 8000
EDITING, ANALYSIS, WRITING = "editing", "analysis", "writing"
"""Topics of messages: each goes when the reader has done what it is about."""
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
        use_devices(stored.device, stored.precision)
        self.workspace = Workspace(stored.actor, self)
        self.player = Player(self)
        self.jobs, self.saving = Jobs(2, "work", self), Jobs(1, "saving", self)
        self.retrieval = Retrieval(
            self.jobs,
            lambda progress: self.status.show_progress(progress),
            lambda words: self.banner.show_message(words),
            lambda path: self.open_paths([str(path)]),
            self._retrieved,
            self,
        )
        # An analysis that is not by the models has no beginning or rest that they could compute.
        self._by_models = propose is propose_with_models
        complete, early = (rest_by_models, begin_with_models) if self._by_models else (None, None)
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
        self._newly_opened = False
        self._openings_found: tuple[str, tuple[int, ...]] = "", ()
        """What the banner says of mitral valve openings found by the volume curve, and their frames."""
        self._actions_for: tuple[object, ...] = ()
        """What most actions followed from when they were enabled last."""
        self._compared_with_log: set[str] = set()
        self._study_wanted = ""
        """Studies whose files were compared with the audit log since they were opened."""
        self.guide: Guide | None = None
        self.live: LiveWindow | None = None
        self.tour: Tour | None = None
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
        self._pdfs = PdfOpener()
        self._before_listing: QWidget | None = None
        self._staged = ""
        """Id of the recording that is shown while the rest of its folder is opened."""
        self._analysis_delay = QTimer(self)
        self._analysis_delay.setSingleShot(True)
        self._analysis_delay.setInterval(FIRST_FRAME_MS)
        self._analysis_delay.timeout.connect(self._load_plots)
        self._analysis_delay.timeout.connect(self.analysing.consider_study)
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
        self._show_recent()
        self._show_layouts()
        self.worklist.start(stored.watched, stored.keep_days, settings.today())
        self._show_worklist()
        self.reading.board.set_layout(stored.tiles)
        self._bind_all_keys()
        if self._by_models:
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
        self.workspace.message.connect(lambda words: self.banner.show_message(words, EDITING))
        self.workspace.trouble.connect(self.banner.show_message)
        self.workspace.recording_changed.connect(lambda: self.banner.settle(EDITING))
        self.workspace.study_edited.connect(lambda: self.banner.settle(EDITING))
        self.workspace.computing_changed.connect(self._settle_computed)
        self.workspace.study_changed.connect(self._show_study)
        self.workspace.recording_changed.connect(self._show_recording)
        self.workspace.followed.connect(self._show_change)
        self.workspace.study_edited.connect(self._refresh_actions)
        self.workspace.beside_changed.connect(self._refresh_actions)
        self.analysing.message.connect(lambda words: self.banner.show_message(words, ANALYSIS))
        self.analysing.progressed.connect(self.status.show_progress)
        self.analysing.concluded.connect(self.reading.strain_page.refresh)
        self.analysing.concluded.connect(self.reading.results.show_analysed)
        self.workspace.checks_changed.connect(self._show_checks)
        self.workspace.remark.connect(lambda words: self.status.showMessage(shown(words), REMARK_MS))
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
        self.study_list.document_wanted.connect(self._show_document)
        drawn = self.reading.board.documents
        drawn.changed.connect(lambda: self.study_list.model.show_drawn(drawn.paths))
        self.top.patient.clicked.connect(self.ask_patient)
        self.start.open_file.connect(self.choose_file)
        self.start.open_folder.connect(self.choose_folder)
        self.start.open_demo.connect(self.open_demo)
        self.worklist.message.connect(self.banner.show_message)
        self.worklist.remark.connect(lambda words: self.status.showMessage(words, REMARK_MS))
        self.worklist.paths_wanted.connect(self.open_paths)
        self.worklist.retrieval_wanted.connect(lambda wanted: self.retrieval.start([wanted]))
        self.worklist.watched_changed.connect(self._keep_watched)
        self.worklist.view.watch_wanted.connect(self.choose_watched)
        self.worklist.view.model.modelReset.connect(self._show_worklist)
        self.workspace.checks_changed.connect(self.worklist.note_checks)
        self.pages.currentChanged.connect(lambda _: self._page_changed())
        self.start.open_recent.connect(lambda path: self.open_paths([path]))
        self.stack.grid.decoder.failed.connect(self.banner.show_message)
        self.toolbox.changed.connect(self._show_tool)
        self.toolbox.hint_changed.connect(self.status.show_hint)
        self.reading.levels.settled.connect(self._keep_window)
        self.reading.board.layout_chosen.connect(self._keep_tiles)

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

    def open_paths(self, paths: Sequence[str], study_id: str = "") -> None:
        """Open files and folders in the background; they replace what is open.

        Args:
            paths: of files and folders.
            study_id: the study to show, where there are several; "" is the first.

        """
        if not paths:
            return
        self._study_wanted = study_id
        self.banner.clear()
        if self._by_models:
            self.analysing.warm_up()
        text = tr("Opening {name}").format(name=Path(paths[0]).name)
        wait = self.worklist.let_open()

        def opened(tick: Tick) -> OpenedFiles:
            wait()
            return open_all(tuple(paths), tick)

        def start_opening() -> None:
            self.jobs.start(
                "open",
                opened,
                done=lambda opened: self._opened(tuple(paths), *opened),
                failed=self._job_failed,
                ticked=lambda done, total: self.status.show_progress(Progress(text, done, total)),
            )

        def show_first(first: Recording | None) -> None:
            if first is not None:
                self._opened(tuple(paths), (first,), (), ())
                self._staged = first.source.recording_id
                self.status.show_progress(Progress(text, 0, 0))
            start_opening()

        def start_first() -> None:
            self._staged = ""
            self.jobs.start(
                "first",
                lambda tick: first_of(tuple(paths), tick),
                done=show_first,
                failed=lambda _: start_opening(),  # which says what is wrong
            )

        def show_listed(listed: "Sequence[ListedSeries]") -> None:
            if listed:
                self.listing.show_series(Path(paths[0]).name, listed)
                self._before_listing = self.pages.currentWidget()
                self.pages.setCurrentWidget(self.listing)
            start_first()

        self._staged = ""
        self.jobs.start("key", lambda _: load_key(), lambda _: None, self._job_failed)
        if any(may_be_large(path) for path in paths):
            self.jobs.start(
                "list",
                lambda tick: series_of(tuple(paths), tick),
                done=show_listed,
                failed=self._job_failed,
                ticked=lambda done, total: self.status.show_progress(Progress(tr("Listing"), done, total)),
            )
        else:
            start_opening()
        self.status.show_progress(Progress(text, 0, 0))

    def _leave_listing(self) -> None:
        """Show what was there before a large folder was listed, where nothing of it is opened."""
        if self.pages.currentWidget() is self.listing and self._before_listing is not None:
            self.pages.setCurrentWidget(self._before_listing)

    def _opened(
        self,
        paths: tuple[str, ...],
        recordings: tuple[Recording, ...],
        refused: tuple[Message, ...],
        reports: tuple[ForeignReport, ...],
        documents: tuple[Document, ...] = (),
    ) -> None:
        self.status.show_progress(None)
        self._leave_listing()
        self._show_refused(refused)
        if not recordings:
            return
        for path in paths:
            self.settings = self.settings.opened(str(Path(path).absolute()))
        self._save_settings()
        self._show_recent()
        shown = {recording.source.recording_id for recording in self.workspace.recordings}
        staged = self._staged in shown & {recording.source.recording_id for recording in recordings}
        self._staged = ""
        if staged:  # its first loop is on screen already, and may have been read meanwhile
            self.workspace.add(recordings, reports, documents)
        else:
            self.analysing.forget()
            self._newly_opened = True
            self.workspace.open(recordings, reports, documents)
        self._show_wanted_study()
        self._offer_prior()
        self._note_studies(paths)
        self.worklist.note_opened(paths)
        self._compared_with_log.clear()
        self._compare_with_log()

    def _show_wanted_study(self) -> None:
        """Show the study that was asked for, where the first of what was opened is another one's."""
        here, wanted, space = self.workspace.recording, self._study_wanted, self.workspace
        members = space.members_of(wanted) if wanted else ()
        if members and (here is None or here.source.study_id != wanted):
            space.show(members[0])

    def _compare_with_log(self) -> None:
        """Compare the files of the studies that were opened with the audit log, in the background."""
        opened = self.workspace.entries_at_opening
        new = {study: count for study, count in opened.items() if study not in self._compared_with_log}
        self._compared_with_log |= new.keys()

        def compare(tick: Tick) -> list[Opened]:
            opened_studies = []
            for study, count in new.items():
                tick(0, 0)
                opened_studies.append(compared_at_opening(study, count))
            return [opened for opened in opened_studies if opened is not None]

        def done(opened_studies: list[Opened]) -> None:
            for opened in opened_studies:
                if opened.contradicts:
                    self.banner.show_message(opened.words)
                    self._send_audit(Event.CONTRADICTED, opened.study_id, words=opened.words)
                else:
                    self.status.showMessage(translated(opened.words), REMARK_MS)

        for study in new:
            self._send_audit(Event.OPENED, study)
        if new:
            self.jobs.start(f"audit {next(iter(new))}", compare, done, self.banner.show_message)

    def _send_audit(self, event: Event, study_id: str = "", *, words: str = "", target: str = "") -> None:
        """Tell the department's repository, where one is configured; of the study on screen by default."""
        study = self.workspace.study_reading_of(study_id) if study_id else self.workspace.study_reading
        if study is not None:
            send(event, self.workspace.actor, (study,), words=str(words), target=target)

    def _show_document(self, number: int) -> None:
        """Show a document of the study list: what it draws, over the images; labels, to be imported."""
        document = self.workspace.documents[number]
        kind, path = document.series.kind, Path(document.path)
        if kind in DRAWN_KINDS and path.is_file():
            self._toggle_drawn(document)
            return
        if kind == "labels" and path.is_file():
            self.import_contours(path)
            return
        if said := show_document(self, self.workspace.documents[number], self._pdfs):
            self.status.showMessage(said, REMARK_MS)

    def _toggle_drawn(self, document: Document) -> None:
        """Show over the images what a segmentation or a presentation state draws, or hide it."""
        drawn = self.reading.board.documents
        if document.path in drawn.paths:
            drawn.hide(document.path)
            return
        recordings = [
            recording for recording in self.workspace.recordings if recording.source.study_id == document.study_id
        ]

        def work(tick: Tick) -> Overlay:
            from kinecor.analysis.contours.overlays import overlay_of

            return overlay_of(Path(document.path), recordings, tick)

        def done(overlay: Overlay) -> None:
            self.status.show_progress(None)
            drawn.show(overlay)
            text = tr("Drawn on the images: {title}. A click in the study list hides it again.")
            self.status.showMessage(text.format(title=document.title), REMARK_MS)

        self.status.show_progress(Progress(tr("Reading"), 0, 0))
        self.jobs.start(f"drawn {document.path}", work, done, self._job_failed)

    def _show_refused(self, refused: Iterable[Message]) -> None:
        """What could not be opened, with the files of each sentence as its details."""
        for sentence in refused:
            details = sentence.details if isinstance(sentence, Remark) else ""
            self.banner.show_message(sentence, details=details)

    def _note_studies(self, paths: tuple[str, ...]) -> None:
        """Remember which studies are open, for when a later one of the same patient is."""
        for study_id in dict.fromkeys(recording.source.study_id for recording in self.workspace.recordings):
            study = self.workspace.study_reading_of(study_id)
            patient = settings.patient_digest(study.patient_id)
            files = [
                recording.source.path
                for recording in self.workspace.recordings
                if recording.source.study_id == study_id
            ]
            of_study = (path for path in paths if any(Path(file).is_relative_to(path) for file in files))
            path = next(of_study, files[0])
            if patient and study.study_date and Path(path).exists():
                seen_study = settings.Seen(patient, study.study_date, str(Path(path).absolute()))
                self.settings = self.settings.with_study(study_id, seen_study)
        self._save_settings()

    def _offer_prior(self) -> None:
        """Offer an earlier study of the patient that was open here before, unless one is open."""
        self.offer.hide()
        study = self.workspace.study_reading
        if study is None or self.workspace.priors or not study.study_date:
            return
        seen_study = self.settings.earlier(settings.patient_digest(study.patient_id), study.study_date)
        if seen_study is not None:
            text = tr("An earlier study of this patient was open here: {date}, {name}").format(
                date=date_words(seen_study.date), name=Path(seen_study.path).name
            )
            self.offer.show_offer(text, tr("Compare"), lambda: self.open_prior([seen_study.path]))

    def _job_failed(self, why: str) -> None:
        self._leave_listing()
        self.status.show_progress(None)
        self.banner.show_message(why, WRITING)

    def _show_study(self) -> None:
        order = self.study_list.model.order
        if len(order) > 1:
            self._make_thumbnails(order)
        self._refresh_bars()

    def _make_thumbnails(self, left: tuple[int, ...]) -> None:
        """Make the thumbnails of these recordings, some at a time, so that the first are soon there."""
        some, remaining_numbers = left[:THUMBNAILS_AT_ONCE], left[THUMBNAILS_AT_ONCE:]
        recordings = [self.workspace.recordings[index] for index in some]

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
        elif self._newly_opened:
            self._hang()
        plays = self.player.playing or (self._newly_opened and not self.settings.reduced_motion)
        self._newly_opened = False
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
        self._leave_listing()
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
        self._refresh_actions()

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

    def choose_file(self) -> None:
        """Ask for files to open."""
        names, _ = QFileDialog.getOpenFileNames(self, tr("Open recordings"))
        self.open_paths(names)

    def choose_folder(self) -> None:
        """Ask for a folder to open."""
        name = QFileDialog.getExistingDirectory(self, tr("Open all recordings of a folder"))
        self.open_paths([name] if name else [])

    def open_demo(self) -> None:
        """Open the demo study."""
        self.open_paths([demo()])

    def open_sample(self) -> None:
        """Open the sample clip."""
        self.open_paths([sample()])

    def open_from_archive(self) -> None:
        """Search an archive, and retrieve what is chosen in the background."""
        if (archives := self._archives()) is not None:
            from kinecor.ui.archive.open_dialog import OpenDialog

            OpenDialog(archives, self.retrieval.start, self).open()

    def send_to_archive(self) -> None:
        """Send what was concluded about the study on screen to an archive."""
        from kinecor.ui.archive.calls import Content
        from kinecor.ui.archive.send_dialog import SendDialog

        self.report.commit()
        if self._still_computing():
            return
        subject, report = subject_of(self.workspace, self.player.frame), content_of(self.workspace)
        archives = self._archives()
        if subject is None or report is None or archives is None:
            return
        if (written := last_written(report.study.study_id)) is not None:  # sent again tomorrow it is the same report
            report = replace(report, printed_on=written.astimezone().date())
        content = Content(subject.others, subject.study, lambda path, tick: write_pdf(path, report, tick))
        SendDialog(archives, content, self).open()

    def ask_receiving(self) -> None:
        """Switch the receiver on or off, and open what arrived."""
        if (archives := self._archives()) is not None:
            from kinecor.ui.archive.receive_dialog import ReceiveDialog

            ReceiveDialog(archives, lambda folder: self.open_paths([str(folder)]), self).show()

    def ask_live(self) -> None:
        """Ask for a live source, and show it with contours in a window of its own."""
        from kinecor.ui.live.source_form import SourceForm

        SourceForm(self.show_live, self).open()

    def show_live(self, source: str) -> None:
        """Show a live source with contours in a window of its own.

        Raises:
            KinecorError: there is no such source.

        """
        from kinecor.analysis.live import LiveSession
        from kinecor.io.open.live import open_live
        from kinecor.ui.live.window import LiveWindow

        opened = open_live(source)
        if self.live is not None:
            self.live.close()
            self.live.deleteLater()
        self.live = LiveWindow(lambda: LiveSession(opened), Path(source).name, parent=self)
        self.live.show()

    def ask_anonymising(self) -> None:
        """Show what de-identified copies of the study on screen would change, and write them."""
        recordings = [self.workspace.recordings[at] for at in self.workspace.members]
        if recordings:
            from kinecor.ui.app.anonymising import AnonymiseDialog

            AnonymiseDialog(recordings, self).open()

    def show_agreement(self) -> None:
        """Show how automatic values agree with those that were signed here."""
        from kinecor.ui.study.agreement_dialog import AgreementDialog

        AgreementDialog(parent=self).open()

    def ask_archives(self) -> None:
        """Add, change and test archives."""
        if (archives := self._archives()) is not None:
            from kinecor.ui.archive.nodes_dialog import NodesDialog

            NodesDialog(archives, lambda _: None, self).open()

    def _archives(self) -> Archives | None:
        from kinecor.ui.archive.calls import saved

        try:
            return saved()
        except KinecorError as error:
            self.banner.show_message(error_message(error))
            return None

    def _retrieved(self, folders: tuple[Path, ...], opened_early: bool) -> None:
        """Open studies that have arrived, or add the rest of them where their first clip is on screen."""
        shown = any(Path(recording.source.path).is_relative_to(folders[0]) for recording in self.workspace.recordings)
        paths = tuple(map(str, folders))
        if not opened_early or "open" in self.jobs.keys:  # its first clip may be opening still
            self.open_paths(list(paths))
        elif shown:
            self.jobs.start(
                "arrived",
                lambda tick: open_all(paths, tick),
                done=lambda opened: self._add_arrived(folders[0], *opened),
                failed=self.banner.show_message,
            )
        else:
            self.status.showMessage(tr("Retrieved to {path}").format(path=", ".join(paths)), REMARK_MS)

    def _add_arrived(
        self,
        folder: Path,
        recordings: tuple[Recording, ...],
        refused: tuple[Message, ...],
        reports: tuple[ForeignReport, ...],
        documents: tuple[Document, ...] = (),
    ) -> None:
        self._show_refused(refused)
        self.workspace.add(recordings, reports, documents)
        self._compare_with_log()
        self.settings = self.settings.opened(str(folder))
        self._save_settings()
        self._show_recent()

    def choose_export(self) -> None:
        """Ask where to write the PDF report, unless the study is still being analysed."""
        if self._still_computing():
            return
        given = file_stem(self.workspace.study_reading, tr("report"))
        name, _ = QFileDialog.getSaveFileName(self, tr("Export PDF report"), f"{given}.pdf", "PDF (*.pdf)")
        if name:
            self.export(Path(name))

    def _still_computing(self) -> bool:
        """Whether values of the study on screen may still change, with a message: nothing of it leaves the window."""
        if not self.workspace.awaited:
            return False
        self.banner.show_message(tr(NOT_DONE))
        return True

    def export(self, path: Path) -> None:
        """Write the PDF report of the study on screen in the background."""
        self.report.commit()
        if self._still_computing():
            return
        content = content_of(self.workspace)
        if content is None:
            self.banner.show_message(tr("There is nothing to report yet: open a recording first."))
            return
        self.status.show_progress(Progress(tr("Writing the report"), 0, 0))
        study_id = content.study.study_id

        def done(_: object) -> None:
            self.status.show_progress(None)
            self.banner.settle(WRITING)
            self.status.showMessage(tr("Report written to {path}").format(path=path), 8000)
            self._send_audit(Event.EXPORTED, study_id, target=str(path))

        self.jobs.start("export", lambda tick: write_pdf(path, content, tick), done, self._job_failed)

    def choose_data(self) -> None:
        """Ask which data of what is on screen are exported, and where to."""
        recording = self.workspace.recording
        view = view_label(recording, self.workspace.saved) if recording is not None else tr("export")
        given = file_stem(self.workspace.study_reading, view)
        lines = ";;".join(file_format.filter for file_format in FORMATS)
        name, chosen = QFileDialog.getSaveFileName(self, tr("Export data"), given, lines)
        if name:
            self.export_data(Path(name), format_of(chosen))

    def export_data(self, path: Path, what: Format) -> None:
        """Write data of what is on screen in the background; the ending of the format is added where it is missing."""
        subject = subject_of(self.workspace, self.player.frame)
        if self._still_computing():
            return
        if subject is None:
            self.banner.show_message(tr("There is nothing to export yet: open a recording first."))
            return
        if not path.name.lower().endswith(Path(what.ending).suffix or what.ending):
            path = path.with_name(path.name + what.ending)
        self.status.show_progress(Progress(tr("Exporting"), 0, 0))
        study_id = subject.recording.source.study_id

        def done(_: object) -> None:
            self.status.show_progress(None)
            self.banner.settle(WRITING)
            self.status.showMessage(tr("Exported to {path}").format(path=path), 8000)
            self._send_audit(Event.EXPORTED, study_id, target=str(path))

        self.jobs.start("export data", lambda tick: what.write(path, subject, tick), done, self._job_failed)

    def choose_contours(self) -> None:
        """Ask for a file of contours, and show them on the recording on screen before they are imported."""
        from kinecor.io.contours.read import FILE_ENDINGS

        endings = " ".join(f"*{file_ending}" for file_ending in FILE_ENDINGS)
        lines = f"{tr('Contours')} ({endings});;{tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self, tr("Import contours"), filter=lines)
        if name:
            self.import_contours(Path(name))

    def import_contours(self, path: Path) -> None:
        """Show the contours of a file on the recording on screen, and let the reader import them."""
        recording = self.workspace.recording
        if recording is None:
            return
        if self.workspace.provisional(recording):
            self.banner.show_message(tr(WAIT_FOR_CONTOURS))
            return
        from kinecor.ui.study.import_form import ImportForm

        self.player.pause()
        ImportForm(self.workspace, self.player, path, self).open()

    def analyse_again(self, network: str | None = None, method: str = "") -> None:
        """Analyse the recording on screen again; asks first where a reader corrected it."""
        self.banner.settle(ANALYSIS)
        reading = self.workspace.saved
        found = None if reading is None else corrections(reading)
        if found is None:
            self.analysing.again(network, method=method)
        else:
            dialogs.corrections_dialog(self, found, lambda kept: self.analysing.again(network, kept, method)).open()

    def go_to_mark(self, mark: Mark) -> None:
        """Stop at the next ED, ES or valve closure; after the last comes the first."""
        go_to(self.workspace, self.player, mark)

    def set_mark(self, mark: Mark) -> None:
        """Set ED or ES to the frame on screen, or set or clear a valve event there."""
        put_here(self.workspace, self.player, mark)

    def step_back(self) -> None:
        """Undo the last edit, and show the frame where it was."""
        self._step(self.workspace.undo)

    def step_forward(self) -> None:
        """Redo the edit undone last, and show the frame where it is."""
        self._step(self.workspace.redo)

    def _step(self, step: Callable[[], None]) -> None:
        before = self.workspace.saved
        step()
        frame = changed_frame(before, self.workspace.saved, self.player.frame)
        if frame is not None:
            self.player.pause()
            self.player.seek(frame)

    def find_openings(self) -> None:
        """Mark mitral valve opening where the volume curve begins to rise."""
        said = find_openings(self.workspace, self.player)
        if said and self.workspace.saved is not None:
            self._openings_found = said, self.workspace.saved.valve_openings

    def trace_from_stack(self) -> None:
        """Trace the long axis on screen from the short-axis contours of its study; valve and apex need correcting."""
        edit = trace_edit(self.workspace)
        if edit is None:
            self.banner.show_message(
                tr("No short-axis contours in this study: open and contour its short-axis stack first.")
            )
        else:
            self.workspace.do(edit)

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
        self._refresh_bars()
        self._refresh_actions()
        if mode is Mode.REPORT:
            self.report.focus_text()
        elif self._last_mode is Mode.REPORT:
            self.reading.board.setFocus()  # the field that had the focus is hidden
        if Mode.REPORT in (mode, self._last_mode):
            for action in actions.ACTIONS:
                self._bind_keys(action)
        self.mode_changed.emit(mode)

    def _bind_keys(self, action: actions.Action) -> None:
        """Give an action the keys that the reader or the table has for it, as far as they hold in the mode."""
        keys = keys_of(action, self.settings.keys)
        shortcuts = [QKeySequence(key) for key in actions.keys_in(self.mode, keys)]
        self.actions_by_name[action.name].setShortcuts(shortcuts)
        self.actions_by_name[action.name].setToolTip(actions.with_key(tr(action.text), keys))

    def _bind_all_keys(self) -> None:
        for action in actions.ACTIONS:
            self._bind_keys(action)
        self._refresh_actions()

    def reset_layout(self) -> None:
        """Divide every mode as at first."""
        self.layouts = dict(LAYOUTS)
        self.reading.lay_out(self.layouts[self.mode])
        self.reading.show_list(True)
        self._refresh_bars()

    def show_list(self, shown: bool) -> None:
        """Show or hide the study list."""
        self.reading.show_list(shown)
        self._refresh_bars()

    def show_side(self, shown: bool) -> None:
        """Show or hide the results."""
        self.reading.show_side(shown)
        self._refresh_bars()

    def choose_theme(self, name: str) -> None:
        """Use another palette from now on."""
        self._choose_look(replace(self.settings, theme=name))

    def choose_language(self, name: str) -> None:
        """Use another language from now on."""
        self._choose_look(replace(self.settings, language=name))

    def _choose_look(self, changed: settings.Settings) -> None:
        if changed != self.settings:
            self.settings = changed
            settings.save(changed)
            self.look_chosen.emit()

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

    def show_guide(self, name: str = "") -> None:
        """Open the user guide at a page; at the page for what is on screen if none is named."""
        from kinecor.ui.app.guide import Guide, page_of

        if self.guide is None:
            self.guide = Guide(self)
            self.guide.destroyed.connect(self._forget_guide)
        if not name and self.workspace.recording is None:
            name = "index"
        stack = self.workspace.stack is not None
        self.guide.show_page(name or page_of(self.mode, stack=stack, checks=self.reading.checks_shown))
        self.guide.show()
        self.guide.raise_()
        self.guide.activateWindow()

    def _forget_guide(self) -> None:
        self.guide = None

    def start_tour(self) -> None:
        """Show what is where; it is not shown by itself again."""
        if self.tour is None:
            mode = self.mode
            self.tour = Tour(self)
            self.tour.ended.connect(lambda: self._end_tour(mode))

    def _end_tour(self, mode: Mode) -> None:
        self.tour = None
        if self.workspace.recording is not None:
            self.show_mode(mode)
        self.settings = replace(self.settings, tour_seen=True)
        settings.save(self.settings)

    def show_keys(self) -> None:
        """Open the list of keys."""
        dialogs.keys_dialog(self, self.settings.keys).open()

    def show_about(self) -> None:
        """Open versions, models and intended use."""
        self.jobs.start(
            "about",
            lambda _: model_names(),
            lambda names: dialogs.about_dialog(self, names).open(),
            self.banner.show_message,
        )

    def ask_network(self) -> None:
        """Let the reader choose a network, and analyse the recording on screen with it."""
        kind = self.workspace.kind
        if kind is None:
            return
        self.jobs.start(
            "networks",
            lambda _: (dialogs.networks_of(kind), dialogs.own_folder()),
            lambda found: dialogs.network_dialog(self, found[0], self.analyse_again, found[1], self.ask_models).open(),
            self.banner.show_message,
        )

    def ask_method(self) -> None:
        """Let the reader choose a method, and analyse the recording on screen by it, or by two side by side."""
        from kinecor.ui.study.method_form import method_form, methods_of

        kind = self.workspace.kind
        if kind is None:
            return
        self.jobs.start(
            "methods",
            lambda _: methods_of(kind),
            lambda offered: method_form(
                self, offered, lambda name: self.analyse_again(method=name), self.compare_methods
            ).open(),
            self.banner.show_message,
        )

    def compare_methods(self, left: str, right: str) -> None:
        """Analyse the recording on screen by two methods, and show them side by side; nothing of it is saved."""
        from kinecor.ui.study.methods_compared import MethodResult, MethodsCompared, results_of

        recording = self.workspace.recording
        if recording is None:
            return
        reading = self.workspace.finished_reading(recording)
        names = left, right
        self.player.pause()

        def use(number: int) -> None:
            if self.workspace.recording is recording:
                self.analyse_again(method=names[number])

        def show(results: tuple[MethodResult, ...]) -> None:
            self.status.show_progress(None)
            MethodsCompared(recording, results, use, self).open()

        def fail(why: str) -> None:
            self.status.show_progress(None)
            self.banner.show_message(why)

        self.jobs.start(
            "compared methods",
            lambda tick: results_of(recording, reading, names, propose_with_models, tick),
            show,
            fail,
            ticked=lambda done, total: self.status.show_progress(Progress(tr("Comparing methods"), done, total)),
        )

    def ask_models(self) -> None:
        """Let the reader choose the folder of networks of their own, and offer those in it."""
        from kinecor.analysis.own_models import set_models_folder

        name = QFileDialog.getExistingDirectory(self, tr("Folder of cards and weights"))
        if name:
            try:
                set_models_folder(Path(name))
            except KinecorError as error:
                self.banner.show_message(error.message)
        self.ask_network()

    def ask_patient(self) -> None:
        """Let the reader enter what the file lacks of the patient."""
        study = self.workspace.study_reading
        if study is not None:
            PatientForm(study, self.workspace.do_study, self).open()

    def ask_signature(self) -> None:
        """Let the reader sign the study on screen, with what is typed in the report."""
        self.report.commit()
        if self.workspace.study_reading is not None and not self._still_computing():
            form = SignForm(self.workspace, self.reading.results.accepted, self)
            form.signed.connect(lambda signature: self._sign(signature, form))
            form.finished.connect(lambda _: self.jobs.cancel("sign"))
            form.open()

    def _sign(self, signature: Sign, form: SignForm) -> None:
        """Make the report that is signed, then sign both."""
        content, reader = content_of(self.workspace), self.workspace.actor
        if content is None:
            form.reject()
            return

        def done(made: tuple[Sign, bytes, bytes]) -> None:
            if self.workspace.sign(*made):
                self._send_audit(Event.CHANGED, words="signed")
            form.accept()

        proposed = self.workspace.proposed_readings
        self.jobs.start(
            "sign", lambda tick: report_to_sign(content, signature, reader, tick, proposed), done, form.show_failed
        )

    def ask_addendum(self) -> None:
        """Ask for the reason to change the signed study on screen."""
        if self.workspace.study_reading is not None:
            form = AddendumForm(self.workspace, self)
            form.accepted.connect(lambda: self._send_audit(Event.CHANGED, words="addendum"))
            form.open()

    def ask_join(self) -> None:
        """Let the reader join two stills of the study on screen."""
        if len(stills_of(self.workspace)) < 2:
            self.banner.show_message(tr("This study has no two stills to join: open the folder with both of them."))
        else:
            JoinForm(self.workspace, self).open()

    def ask_stages(self) -> None:
        """Show the stages and views of the study on screen, and let the reader set them."""
        if self.workspace.cine is None:
            self.banner.show_message(tr("Stress stages are of loops: open a stress echo study first."))
        else:
            from kinecor.ui.study.stress_form import StressForm

            form = StressForm(self.workspace, self.reading.board.open_recording, lambda: self._name_views()[1], self)
            form.view_named.connect(self.analysing.consider_views)
            form.open()

    def name_views(self) -> None:
        """Name views of a stress study after those of the same number at other stages."""
        count, said = self._name_views()
        if count:
            self.status.showMessage(said, REMARK_MS)
        else:
            self.banner.show_message(said)

    def _name_views(self) -> tuple[int, str]:
        """Name views by number; how many were named, and in words, or what to do first."""
        count = self.workspace.name_views_by_number()
        if not count:
            return 0, tr(
                "No view could be named: name the views of one stage first; others follow by their view numbers."
            )
        self.analysing.consider_views()
        text = tr("1 view named by its number") if count == 1 else tr("{n} views named by their numbers")
        return count, text.format(n=count)

    def choose_prior(self) -> None:
        """Ask for files of an earlier study."""
        names, _ = QFileDialog.getOpenFileNames(self, tr("Compare with prior"))
        self.open_prior(names)

    def choose_prior_folder(self) -> None:
        """Ask for the folder of an earlier study."""
        name = QFileDialog.getExistingDirectory(self, tr("Compare with prior"))
        self.open_prior([name] if name else [])

    def open_prior(self, paths: Sequence[str]) -> None:
        """Open an earlier study in the background, in addition to what is open, and compare with it."""
        if not paths:
            return
        text = tr("Opening {name}").format(name=Path(paths[0]).name)

        def opened(found: OpenedFiles) -> None:
            self.status.show_progress(None)
            recordings, refused, reports, *documents = found
            stated = {report.study_id for report in reports if report.values}
            self._show_refused(refused)
            if not recordings and not stated:
                return
            self.workspace.add(recordings, reports, *documents)
            self._compare_with_log()
            studies = {recording.source.study_id for recording in recordings} | stated
            if not studies & {study_reading.study_id for study_reading in self.workspace.priors}:
                self.banner.show_message(
                    tr(
                        "This is no earlier study of the same patient by patient ID, name and study date, "
                        "so nothing is compared."
                    )
                )
                return
            self.reading.results.folds["Prior"].head.setChecked(True)
            self.analysing.consider_prior()

        self.jobs.start(
            "open",
            lambda tick: open_all(tuple(paths), tick, reports_alone=True),
            done=opened,
            failed=self._job_failed,
            ticked=lambda done, total: self.status.show_progress(Progress(text, done, total)),
        )
        self.status.show_progress(Progress(text, 0, 0))

    def show_preferences(self) -> None:
        """Open what a reader can choose for this workstation."""

        def forget() -> None:
            self.settings = self.settings.forgotten
            settings.save(self.settings)
            self._show_recent()
            self.worklist.forget()

        Preferences(self.settings, self._prefer, self.ask_archives, forget, self).open()

    def _prefer(self, chosen: settings.Settings) -> settings.Settings:
        """Take other preferences into use, and save them."""
        before, self.settings = self.settings, chosen
        settings.save(chosen)
        self.workspace.actor = chosen.actor
        if chosen.keys != before.keys:
            self._bind_all_keys()
        if chosen.named_layouts != before.named_layouts:
            self._show_layouts()
        if (chosen.device, chosen.precision) != (before.device, before.precision):
            use_devices(chosen.device, chosen.precision)
        if chosen.keep_days != before.keep_days:
            self.worklist.set_keep_days(chosen.keep_days)
        if (chosen.theme, chosen.language) != (before.theme, before.language):
            self.look_chosen.emit()
        return self.settings

    def ask_layout(self) -> None:
        """Save mode, tiles and division of the window under a name."""
        name, given = QInputDialog.getText(self, tr("Save layout as…"), tr("Name of the layout:"))
        if given and name.strip():
            now = NamedLayout(self.mode, self.reading.layout_now(), int(self.reading.board.tiles_wanted))
            self._prefer(replace(self.settings, named_layouts={**self.settings.named_layouts, name.strip(): now}))

    def use_layout(self, name: str) -> None:
        """Show a layout that was saved under a name."""
        layout = self.settings.named_layouts[name]
        self.layouts[layout.mode] = layout.layout
        self.show_mode(layout.mode)
        self.reading.lay_out(layout.layout)
        self.reading.board.set_layout(layout.tiles)
        self._keep_tiles(layout.tiles)
        self._refresh_bars()

    def _show_layouts(self) -> None:
        self.menus.show_layouts(self.settings.named_layouts, self.use_layout)

    def _hang(self) -> None:
        """Show a study that was opened as its kind is hung."""
        protocol = self.settings.protocol(kind_of_study(self.workspace.recordings))
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
        self._refresh_actions()
        said, found = self._openings_found
        if said and (change.before is None or change.after is None or change.after.valve_openings != found):
            self.banner.withdraw(said)  # marked otherwise since, or of another recording
            self._openings_found = "", ()

    def _edited_by_person(self) -> bool:
        """Whether the last change of the study was a reader's: what a model adds settles no notice."""
        history = self.workspace.history()
        return bool(history) and is_person(history[-1].actor)

    def _settle_computed(self) -> None:
        """Nothing is computed any more: what had to wait for it need not."""
        if not self.workspace.awaited:
            self.banner.withdraw(tr(NOT_DONE))

    def _show_checks(self) -> None:
        self.top.show_checks([listed_finding.finding.severity for listed_finding in self.workspace.checks.open])

    def _refresh_actions(self) -> None:
        named = self.actions_by_name
        here = self.pages.currentWidget() is not self.start  # what is not on screen is not changed
        ready = {
            "": True,
            "recording": here and self.workspace.recording is not None,
            "stack": here and self.workspace.stack is not None,
        }
        stacked = any(isinstance(recording, Stack) for recording in self.workspace.recordings)
        study = self.workspace.study_reading
        closed = study is not None and study.closed
        follows_from = (*ready.values(), stacked, self.mode, closed)
        if follows_from != self._actions_for:
            self._actions_for = follows_from
            for action in actions.ACTIONS:
                named[action.name].setEnabled(ready[action.needs] and action.belongs_to(self.mode))
                if action.needs == "stack":  # what only a stack has is in the way of who reads echo
                    named[action.name].setVisible(stacked)
        can = {"undo": here and self.workspace.can_undo, "redo": here and self.workspace.can_redo}
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
        why = self.workspace.why_not_undone
        keys = keys_of(undo, self.settings.keys)
        named["undo"].setToolTip(tr(why) if why else actions.with_key(named["undo"].text(), keys))

    def _undone_by_key(self) -> tuple[Entry, ...]:
        """The edits that undo and redo go through, oldest first."""
        workspace = self.workspace
        return tuple(sorted((*workspace.history(), *workspace.made_elsewhere), key=lambda entry: entry.number))

    def _put_tools_away(self) -> None:
        """Of a signed study: nothing that would change it can be chosen, and no tool stays in use."""
        for action in actions.ACTIONS:
            if action.edits:
                self.actions_by_name[action.name].setEnabled(False)
        if self.reading.callipers.shape:
            self.reading.callipers.stop()
        if self.toolbox.tool is not Tool.SELECT:
            self.toolbox.choose(Tool.SELECT)

    def _refresh_bars(self) -> None:
        """Show in the menu which bars are shown."""
        self.actions_by_name["list"].setChecked(self.reading.list_shown)
        self.actions_by_name["results"].setChecked(self.reading.side_shown)

    def _show_recent(self) -> None:
        self.start.show_recent(self.settings.recent)
        self.menus.show_recent(self.settings.recent, lambda path: self.open_paths([path]))

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
        self._save_settings()

    def _keep_tiles(self, tiles: int) -> None:
        self.actions_by_name[f"tiles_{tiles}"].setChecked(True)
        if tiles != self.settings.tiles:
            self.settings = replace(self.settings, tiles=tiles)
            self._save_settings()

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
        self.open_paths([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _screen_now(self) -> str:
        size = self.screen().size()
        return f"{size.width()}x{size.height()}"

    def _save_settings(self) -> None:
        """Save the settings on a worker: the thread that draws waits for no disk."""
        self.saving.start("settings", lambda _: settings.save(lambda: self.settings), lambda _: None, self._job_failed)

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
        """Not where somebody wanted it larger than it was opened."""
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
        if self.guide is not None:
            self.guide.close()
        if self.live is not None:
            self.live.close()
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
