"""The worklist on the start page: filter, states, the table, and what can be done with the list as a whole."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kinecor.session.progress import StudyState
from kinecor.ui.style.language import tr
from kinecor.ui.worklist.studies import ListedStudy
from kinecor.ui.worklist.table import (
    CHECKS,
    DATE,
    DESCRIPTION,
    FILES,
    IDENTIFIER,
    KIND,
    PATIENT,
    PLACE,
    STATE,
    WorklistFilter,
    WorklistModel,
    state_words,
)

UNREAD: Final = frozenset(study_state for study_state in StudyState if study_state.unread)
_WIDTHS_PX: Final = {PATIENT: 190, IDENTIFIER: 110, DATE: 96, KIND: 90, FILES: 56, STATE: 130, CHECKS: 96, PLACE: 120}
_ROW_PX: Final = 26


class _Table(QTableView):
    """A table whose Return opens the study."""

    opened = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Enter open the row with the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class WorklistView(QWidget):
    """The list, and what is done with it.

    Signals:
        study_wanted(ListedStudy): it is to be opened.
        analysis_wanted(list): these studies are to be analysed, in this order; an empty list ends it.
        watch_wanted(): a folder is to be watched.
        unwatch_wanted(str): a folder is no longer to be watched.
        archive_wanted(str): the studies of the last days of this archive are to be listed.
    """

    study_wanted = Signal(object)
    analysis_wanted = Signal(list)
    watch_wanted = Signal()
    unwatch_wanted = Signal(str)
    archive_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model, self.proxy = WorklistModel(self), WorklistFilter(self)
        self.proxy.setSourceModel(self.model)
        self.filter, self.states = QLineEdit(), QComboBox()
        self.filter.setPlaceholderText(tr("Filter: patient, ID, date, kind"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter of the worklist"))
        self.states.setAccessibleName(tr("States that are listed"))
        self.states.addItem(tr("All states"), frozenset(StudyState))
        self.states.addItem(tr("Unread"), UNREAD)
        for state in StudyState:
            self.states.addItem(state_words(state).capitalize(), frozenset({state}))
        self.next, self.analyse = QPushButton(tr("Open next unread")), QPushButton(tr("Analyse new"))
        self.next.setToolTip(tr("Open the next study that has not been read, in the order of the list") + "  (F4)")
        self.analyse.setToolTip(tr("Analyse new studies in the background, in the order of the list"))
        self.sources = QPushButton(tr("Sources"))
        self.sources.setToolTip(tr("Folders and archives whose studies are listed"))
        self.sources.setMenu(QMenu(self.sources))
        self.count = QLabel()
        self.count.setObjectName("quiet")
        self.table = self._table()
        row = QHBoxLayout()
        row.addWidget(self.filter, 1)
        for widget in (self.states, self.next, self.analyse, self.sources):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        column.addWidget(self.count)
        self.filter.textChanged.connect(lambda _: self._filter())
        self.states.currentIndexChanged.connect(lambda _: self._filter())
        self.next.clicked.connect(lambda _: self.open_next())
        self.analyse.clicked.connect(lambda _: self._ask_analysis())
        self.filter.returnPressed.connect(self.table.setFocus)
        self._analysing = False
        self._last = ""
        self.show_sources((), ())

    def _table(self) -> _Table:
        table = _Table()
        table.setModel(self.proxy)
        table.setSortingEnabled(True)
        table.sortByColumn(DATE, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(tr("Worklist"))
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width_px in _WIDTHS_PX.items():
            table.setColumnWidth(column, width_px)
        header.setSectionResizeMode(DESCRIPTION, QHeaderView.ResizeMode.Stretch)
        table.doubleClicked.connect(self._open)
        table.opened.connect(self._open)
        return table

    def show_studies(self, studies: Sequence[ListedStudy]) -> None:
        """List these studies; the row with the focus stays."""
        here = self.current
        self.model.show_studies(studies)
        self._say_count()
        if here is not None:
            self._select(here.key)

    def show_running(self, running: dict[str, str]) -> None:
        """Say what is being done with studies, by their keys, in words; {} where nothing is."""
        self._analysing = bool(running)
        self.model.show_running(running)
        self.analyse.setText(tr("Stop analysing") if running else tr("Analyse new"))
        self._say_count()

    def show_sources(self, watched: Sequence[str], archives: Sequence[str]) -> None:
        """Offer folders and archives in the menu of sources."""
        menu = self.sources.menu()
        menu.clear()
        menu.addAction(tr("Watch a folder…")).triggered.connect(lambda _=False: self.watch_wanted.emit())
        for path in watched:
            action = menu.addAction(tr("Watched: {path}").format(path=path))
            action.setCheckable(True)
            action.setChecked(True)
            action.triggered.connect(lambda _=False, one=path: self.unwatch_wanted.emit(one))
        if archives:
            menu.addSeparator()
        for name in archives:
            action = menu.addAction(tr("Last 7 days of {name}").format(name=name))
            action.triggered.connect(lambda _=False, one=name: self.archive_wanted.emit(one))

    @property
    def current(self) -> ListedStudy | None:
        """The study with the focus."""
        index = self.table.currentIndex()
        return self.proxy.study_at(index.row()) if index.isValid() else None

    @property
    def next_unread(self) -> ListedStudy | None:
        """The next unread study below the one that was opened last, else from the top; None where there is none."""
        shown = self.proxy.shown()
        at = next((number for number, study in enumerate(shown) if study.key == self._last), -1)
        return next((study for study in (*shown[at + 1 :], *shown[: max(at, 0)]) if study.state.unread), None)

    def open_next(self) -> bool:
        """Open the next unread study below the one that was opened last; False where there is none."""
        unread = self.next_unread
        if unread is None:
            return False
        self._want(unread)
        return True

    def _open(self, index: QModelIndex) -> None:
        self._want(self.proxy.study_at(index.row()))

    def _want(self, study: ListedStudy) -> None:
        self._last = study.key
        self._select(study.key)
        self.study_wanted.emit(study)

    def _select(self, key: str) -> None:
        for row in range(self.proxy.rowCount()):
            if self.proxy.study_at(row).key == key:
                self.table.setCurrentIndex(self.proxy.index(row, 0))
                return

    def _ask_analysis(self) -> None:
        new = [study for study in self.proxy.shown() if study.here and study.state is StudyState.NEW]
        self.analysis_wanted.emit([] if self._analysing else new)

    def _filter(self) -> None:
        self.proxy.filter_by(self.filter.text(), self.states.currentData())
        self._say_count()

    def _say_count(self) -> None:
        shown = self.proxy.shown()
        unread = sum(study.state.unread for study in shown)
        self.count.setText(tr("Studies: {n}, unread: {unread}").format(n=len(shown), unread=unread))
        self.next.setEnabled(unread > 0)
        self.analyse.setEnabled(self._analysing or any(study.here and study.state is StudyState.NEW for study in shown))
