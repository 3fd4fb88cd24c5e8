"""The table of measurements: each value, its basis, its status, and accept and reject."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QInputDialog,
    QMenu,
    QTableView,
    QToolTip,
    QWidget,
)

from kinecor.core.table.measurement import MINUS, Status
from kinecor.core.table.measures import STRAIN_CODES, decimals_of
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import ClearDecision, Decide
from kinecor.ui.results.rows import Row, row
from kinecor.ui.results.table_cells import (
    BASIS,
    DECIDE,
    NAME,
    ROW_HEIGHT,
    STATUS,
    STATUS_PX,
    VALUE,
    VALUE_PX,
    CellPainter,
    begins_exploratory,
    halves,
    lines,
    row_height,
)
from kinecor.ui.workspace.workspace import Change, Workspace

HEADERS = ("Measurement", "Value", "Basis", "Status", "")
_Index = QModelIndex | QPersistentModelIndex


class MeasurementModel(QAbstractTableModel):
    """The rows of the current Reading; only rows whose words changed are announced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def show(self, reading: Reading | None, *, preview: bool = False) -> None:
        """Take on the numbers of a Reading; of one on the way, strain stays as it was, since it takes too long."""
        if reading is not None and preview and reading.kind.volumes == "area":
            return  # all its rows are strain
        if reading is not None and preview and reading.kind.stack:
            still = tuple(one if one.motion is None else one.with_(motion=None) for one in reading.slices)
            followed = {one.code: one for one in self.rows if one.code == "GCS"}
            rows = tuple(followed.get(one.code, one) for one in _rows(reading.with_(slices=still)))
        elif reading is not None and preview and Structure.LV_EPI in reading.tracks:
            quick = {one: track for one, track in reading.tracks.items() if one is not Structure.LV_EPI}
            strain = tuple(one for one in self.rows if one.code in STRAIN_CODES)
            rows = (*_rows(reading.with_(tracks=quick)), *strain)
        else:
            rows = _rows(reading) if reading else ()
        if [one.code for one in rows] != [one.code for one in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        before, self.rows = self.rows, rows
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, 0), self.index(number, DECIDE))

    def rowCount(self, parent: _Index | None = None) -> int:
        """One per measurement."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """See HEADERS."""
        return len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The column's name."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a cell, for accessibility and tests; the delegate draws from the Row."""
        one = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return one
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return "\n".join(lines(one, index.column()))
        return None


def _rows(reading: Reading) -> tuple[Row, ...]:
    decided = measurements(reading)
    computed = measurements(reading.with_(decisions={})) if reading.decisions else decided
    beneath = {m.code: m for m in computed}
    return tuple(row(m, reading, beneath.get(m.code)) for m in decided)


class TableView(QTableView):
    """The measurements of the current Reading; accept and reject at the end of a row, one's own value in its menu."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.rows_model = MeasurementModel(self)
        self.setModel(self.rows_model)
        self.setItemDelegate(CellPainter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(30)
        for column, width in ((NAME, 154), (VALUE, VALUE_PX), (STATUS, STATUS_PX), (DECIDE, 48)):
            self.setColumnWidth(column, width)
        self.horizontalHeader().setSectionResizeMode(BASIS, QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Work the numbers out again where anything they rest on changed."""
        before, after = change.before, change.after
        if before is not None and after is not None:
            # Whoever touches one of these changes `authors` too; `authors` alone changes with notes.
            parts = (
                *("tracks", "events", "calibration", "decisions", "withheld", "slices", "short_axis"),
                *("motion", "strain", "view"),
            )
            if all(getattr(before, part) is getattr(after, part) for part in parts):
                return
        self.rows_model.show(after, preview=change.preview)
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Rows of more lines are taller; the reason of a withheld value takes the place of what it would rest on."""
        whole = 2
        for number, one in enumerate(self.rows_model.rows):
            height = row_height(one, first=begins_exploratory(self.rows_model.index(number, NAME)))
            span = 3 if one.kind is Status.WITHHELD and one.status != "rejected" else 1
            if self.rowHeight(number) != height:
                self.setRowHeight(number, height)
            if self.columnSpan(number, BASIS) != span:
                self.setSpan(number, BASIS, 1, span)
            whole += height
        self.setMaximumHeight(max(whole, 7 * ROW_HEIGHT))

    def show_code(self, code: str) -> None:
        """Bring a measurement to the top, as far as there are rows below it."""
        at = next((number for number, one in enumerate(self.rows_model.rows) if one.code == code), None)
        if at is not None:
            self.scrollTo(self.rows_model.index(at, NAME), QAbstractItemView.ScrollHint.PositionAtTop)

    def sizeHint(self) -> QSize:
        """Room for all rows."""
        return QSize(480, max(len(self.rows_model.rows), 7) * ROW_HEIGHT + 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the tick or the cross decides; a second one takes the decision back."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == DECIDE:
            left, _ = halves(self.visualRect(index))
            self.decide(self.rows_model.rows[index.row()], accept=left.contains(at))
            return
        super().mouseReleaseEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tool tips with everything the row knows."""
        if event.type() == QEvent.Type.ToolTip:
            at: QPoint = event.pos()  # type: ignore[attr-defined]
            index = self.indexAt(at)
            if index.isValid():
                QToolTip.showText(event.globalPos(), _whole(self.rows_model.rows[index.row()]), self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def decide(self, one: Row, *, accept: bool) -> None:
        """Accept or reject a measurement; deciding the same again takes it back."""
        saved = self._workspace.saved
        if saved is None or (one.kind is Status.WITHHELD and one.status != "rejected"):
            return
        now = saved.decisions.get(one.code)
        if now and now.accepted is accept:
            self._workspace.do(ClearDecision(one.code), by=self)
        else:
            self._workspace.do(_decision(saved, one.code, accept), by=self)

    def _open_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        one = self.rows_model.rows[index.row()]
        menu = QMenu(self)
        accept, reject = menu.addAction(f"Accept {one.code}"), menu.addAction(f"Reject {one.code}")
        own = menu.addAction("Enter a value\N{HORIZONTAL ELLIPSIS}")
        chosen = menu.exec(self.viewport().mapToGlobal(at))
        if chosen is own:
            self._ask_for_value(one)
        if chosen in (accept, reject):
            self.decide(one, accept=chosen is accept)
        menu.deleteLater()

    def enter(self, one: Row, value: float) -> None:
        """Put the reader's own value in place of the computed one, or of one that was withheld."""
        saved = self._workspace.saved
        if saved is not None:
            self._workspace.do(_decision(saved, one.code, accepted=True, value=value), by=self)

    def _ask_for_value(self, one: Row) -> None:
        now = 0.0 if one.kind is Status.WITHHELD else float(one.value.replace(MINUS, "-"))
        prompt = f"{one.code} in {one.unit}:" if one.unit else f"{one.code}:"
        decimals = decimals_of(one.code, "") + 1  # one more than is shown
        value, given = QInputDialog.getDouble(self, one.name, prompt, now, -1e6, 1e6, decimals)
        if given:
            self.enter(one, value)


def _decision(reading: Reading, code: str, accepted: bool, value: float | None = None) -> Decide:
    """The decision with the value it is about: the one on screen, or the one that was rejected."""
    without = reading.with_(decisions={one: d for one, d in reading.decisions.items() if one != code})
    shown = [m for state in (reading, without) for m in measurements(state) if m.code == code]
    unit = shown[0].unit if shown else ""
    computed = next((m.quantity.value for m in shown if m.quantity is not None), None)
    return Decide(code, accepted, value, computed, unit)


def _whole(one: Row) -> str:
    parts = [
        f"{one.name}: {one.value} {one.unit}".rstrip(),
        one.method,
        one.frames,
        one.by and f"by {one.by}",
        one.confidence and f"confidence {one.confidence}",
        one.status,
        one.computed and f"computed: {one.computed}",
        one.note,
    ]
    return "\n".join(part for part in parts if part)
