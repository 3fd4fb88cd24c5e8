"""The worklist as a table: sorted by any column, filtered by what is typed and by state."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor

from kinecor.core.values.message import message
from kinecor.session.progress import StudyState
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.worklist.studies import ARCHIVE, WATCHED, ListedStudy
from kinecor.ui.workspace.captions import date_words

COLUMNS: Final = ("Patient", "ID", "Date", "Kind", "Description", "Files", "State", "Open checks", "Place")
PATIENT, IDENTIFIER, DATE, KIND, DESCRIPTION, FILES, STATE, CHECKS, PLACE = range(9)
STATES: Final = {
    StudyState.NEW: message("new"),
    StudyState.ANALYSED: message("analysed"),
    StudyState.CORRECTED: message("corrected"),
    StudyState.SIGNED: message("signed"),
}
_ORDER: Final = {state: number for number, state in enumerate(STATES)}
_KINDS: Final = {"US": message("Echo"), "IVUS": message("Echo"), "MR": message("Cine MRI")}
_ROLES: Final = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.UserRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.ForegroundRole,
    }
)
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def kind_words(modality: str) -> str:
    """What a study is of: "Echo", "Cine MRI"; of an archive's several modalities those that Kinecor reads."""
    known = dict.fromkeys(translated(_KINDS[part]) for part in modality.split("/") if part in _KINDS)
    return " + ".join(known) or modality


def state_words(state: StudyState) -> str:
    """A state in the language in force."""
    return translated(STATES[state])


class WorklistModel(QAbstractTableModel):
    """The studies, a row each."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studies: tuple[ListedStudy, ...] = ()
        self.running: dict[str, str] = {}
        """What is being done with a study now, by its key, in words."""

    def show_studies(self, studies: Sequence[ListedStudy]) -> None:
        """List these; where they are the same studies, only what changed is drawn again."""
        if [study.key for study in studies] == [study.key for study in self.studies]:
            changed = [
                index for index, pair in enumerate(zip(self.studies, studies, strict=True)) if pair[0] != pair[1]
            ]
            self.studies = tuple(studies)
            for at in changed:
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.studies = tuple(studies)
        self.endResetModel()

    def show_running(self, running: dict[str, str]) -> None:
        """Say in the column of states what is being done."""
        self.running = running
        if self.studies:
            self.dataChanged.emit(self.index(0, STATE), self.index(len(self.studies) - 1, STATE))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many studies there are."""
        return 0 if parent.isValid() else len(self.studies)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, the value that is sorted by (UserRole), and where a state is one to do something about, its colour."""
        if role not in _ROLES or not index.isValid():
            return None
        study, column = self.studies[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(study, column)
        if role == Qt.ItemDataRole.UserRole:
            return self._sorted_by(study, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return study.path if study.here else study.node
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (FILES, CHECKS):
            return int(Qt.AlignmentFlag.AlignCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(study, column)
        return None

    def _colour(self, study: ListedStudy, column: int) -> Any:
        if column == CHECKS and study.checks:
            return QColor(theme.WARNING)
        if not study.state.unread or column in (FILES, PLACE, DESCRIPTION):
            return QColor(theme.QUIET)
        return None

    def _words(self, study: ListedStudy, column: int) -> str:
        if column == STATE:
            return self.running.get(study.key) or state_words(study.state)
        if column == CHECKS:
            return "" if study.checks is None else f"! {study.checks}" if study.checks else "0"
        if column == PATIENT:
            return study.patient or tr("Patient unknown")
        if column == DATE:
            return date_words(study.date) if study.date else ""
        if column == KIND:
            return kind_words(study.modality)
        if column == PLACE:
            return study.node if study.origin == ARCHIVE else tr("watched") if study.origin == WATCHED else ""
        if column == FILES:
            return str(study.files) if study.files else ""
        if column == IDENTIFIER:
            return study.patient_id
        # Files without a header are told apart by what they are called.
        return study.description or ("" if study.patient or not study.here else Path(study.path).name)

    def _sorted_by(self, study: ListedStudy, column: int) -> Any:
        if column == DATE:
            return study.date
        if column == FILES:
            return study.files
        if column == STATE:
            return _ORDER[study.state]
        if column == CHECKS:
            return -1 if study.checks is None else study.checks
        return self._words(study, column).casefold()


class WorklistFilter(QSortFilterProxyModel):
    """What of the list is shown, in which order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(Qt.ItemDataRole.UserRole)
        self._words: tuple[str, ...] = ()
        self._states: frozenset[StudyState] = frozenset(StudyState)

    def filter_by(self, words: str, states: frozenset[StudyState]) -> None:
        """Show studies that have all words, in whichever column, and one of these states."""
        self._words, self._states = tuple(words.casefold().split()), states
        self.invalidate()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        """Whether a study is shown."""
        model = self.sourceModel()
        assert isinstance(model, WorklistModel)
        study = model.studies[row]
        if study.state not in self._states:
            return False
        if not self._words:
            return True
        shown = (
            study.patient,
            study.patient_id,
            study.date,
            date_words(study.date) if study.date else "",
            study.description,
        )
        text = " ".join((*shown, kind_words(study.modality), study.node)).casefold()
        return all(word in text for word in self._words)

    def study_at(self, row: int) -> ListedStudy:
        """The study of a row as it is shown."""
        model = self.sourceModel()
        assert isinstance(model, WorklistModel)
        return model.studies[self.mapToSource(self.index(row, 0)).row()]

    def shown(self) -> list[ListedStudy]:
        """The studies in the order in which they are shown."""
        return [self.study_at(row) for row in range(self.rowCount())]
