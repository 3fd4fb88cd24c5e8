"""The stages of a stress study: which recording shows which view at which stage, and what each stage gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.study.stress import StageResult, clip_of, view_named
from kinecor.core.table.measures import LEADING, Measurement, format_quantity
from kinecor.core.values.confidence import Trust
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import NOTHING
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import Recording, Stage
from kinecor.core.values.study import stages
from kinecor.session.edits import SetStage, SetView
from kinecor.ui.results.rows import DASH, reasons_to_check
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.workspace import Workspace

USUAL: Final = (Stage("Rest", 1), Stage("Low dose", 2), Stage("Peak", 3), Stage("Recovery", 4))
"""Offered where no header names a stage."""
VIEWS: Final = (*APICAL_VIEWS, "PLAX", "PSAX")
AT = Qt.ItemDataRole.UserRole
_NO_NUMBER: Final = 99
"""After every number of a view that a header gives."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the grid: the recordings of one view at one stage, by their index in the workspace."""

    row: int
    column: int
    indices: tuple[int, ...]


def grid_of(readings: Mapping[int, Reading]) -> tuple[tuple[Stage | None, ...], tuple[str, ...], tuple[Cell, ...]]:
    """Stages in the order of the protocol (None last, for recordings of no stage), views, and what is where.

    A view that is not known has its number in the stage, as at the other stages, or nothing (""). Loops of one view
    with several numbers at one stage stand in columns of their own.
    """
    named = {
        number: view
        for reading in readings.values()
        if (number := reading.facts.view_number) is not None and (view := view_named(reading))
    }

    def view_of(reading: Reading) -> tuple[int, str]:
        number, view = reading.facts.view_number, view_named(reading)
        return number or _NO_NUMBER, view or (named.get(number, _numbered(number)) if number else "")

    rows: tuple[Stage | None, ...] = stages(readings.values())
    if any(reading.facts.stage is None for reading in readings.values()):
        rows = (*rows, None)
    found = {index: view_of(reading) for index, reading in readings.items()}
    numbers: dict[tuple[Stage | None, str], set[int]] = {}
    for index, single_reading in readings.items():
        numbers.setdefault((single_reading.facts.stage, found[index][1]), set()).add(found[index][0])
    several = {view for (_, view), some in numbers.items() if view and len(some - {_NO_NUMBER}) > 1}
    order: dict[str, int] = {}
    columns: dict[int, str] = {}
    for index, (number, view) in found.items():
        own = view in several and number != _NO_NUMBER
        columns[index] = f"{view}, {_numbered(number)}" if own else view
        order[columns[index]] = min(order.get(columns[index], number), number)
    views = tuple(sorted(order, key=lambda view: (order[view], view)))
    places: dict[tuple[int, int], list[int]] = {}
    for index, single_reading in readings.items():
        places.setdefault((rows.index(single_reading.facts.stage), views.index(columns[index])), []).append(index)
    return rows, views, tuple(Cell(row, column, tuple(at)) for (row, column), at in places.items())


def _numbered(number: int) -> str:
    return tr("view {n}").format(n=number)


class StressForm(QDialog):
    """A grid of stages by views. A double click shows a recording; stage and view of the chosen one can be set.

    Args:
        workspace: the study on screen.
        show_recording: brings a recording into focus, by its index.
        name_views: names views at the other stages by their numbers, and says how many.

    Signals:
        view_named(): of the chosen recording.

    """

    view_named = Signal()

    def __init__(
        self,
        workspace: Workspace,
        show_recording: Callable[[int], object],
        name_views: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._show_recording = workspace, show_recording
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Stress stages"))
        self._indices: tuple[int, ...] = ()
        self._filling = False
        self.grid = QTableWidget()
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.grid.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.grid.setTabKeyNavigation(False)
        self.grid.itemSelectionChanged.connect(self._choose)
        self.grid.itemDoubleClicked.connect(lambda _: self.show_chosen())
        self.name = ElidedLabel(where=Qt.TextElideMode.ElideMiddle)
        self.stage, self.view = Choice(), Choice()
        self.stage.activated.connect(lambda _: self.set_stage())
        self.view.activated.connect(lambda _: self.set_view())
        rows = QFormLayout()
        rows.addRow(tr("Recording"), self.name)
        rows.addRow(tr("Stage"), self.stage)
        rows.addRow(tr("View"), self.view)
        self.show_button = QPushButton(tr("Show"))
        self.show_button.clicked.connect(self.show_chosen)
        by_number = QPushButton(tr("Name views by number"))
        by_number.setObjectName("by number")
        by_number.setToolTip(tr("Give the views of one stage to the same view numbers at the others"))
        by_number.clicked.connect(lambda: self._name_views(name_views))
        line = QHBoxLayout()
        line.addLayout(rows, 1)
        side = QVBoxLayout()
        side.addWidget(self.show_button)
        side.addWidget(by_number)
        side.addStretch(1)
        line.addLayout(side)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setObjectName("quiet")
        self.answer = QLabel()
        self.answer.setWordWrap(True)
        self.answer.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 14, 16, 12)
        whole.addWidget(self.grid, 1)
        whole.addWidget(self.words)
        whole.addLayout(line)
        whole.addWidget(self.answer)
        whole.addWidget(buttons)
        self.resize(QSize(920, 440).boundedTo(self.screen().availableSize() * 0.95))
        self.refresh()
        self.choose(workspace.index)
        follow(workspace, self.refresh, Topic.STUDY)

    @property
    def chosen(self) -> int | None:
        """Index of the recording that is chosen; None where none is."""
        return self._indices[0] if self._indices else None

    def choose(self, index: int) -> None:
        """Choose a recording."""
        for item in (
            self.grid.item(row, index) for row in range(self.grid.rowCount()) for index in range(self._columns)
        ):
            if item is not None and index in (item.data(AT) or ()):
                self.grid.setCurrentItem(item)
                self._indices = (index,)
                self._show_choice()

    def refresh(self) -> None:
        """Show stages and views as they are now."""
        chosen, workspace = self.chosen, self._workspace
        readings = {
            at: workspace.opened.saved_reading(workspace.opened.recordings[at])
            for at in workspace.study.members
            if len(workspace.opened.recordings[at].cines[0]) > 1
        }
        rows, views, cells = grid_of(readings)
        stress_study = workspace.study.stress
        results = {stage.stage: stage for stage in stress_study.stages} if stress_study is not None else {}
        self._filling = True
        self.grid.clear()
        self.grid.setRowCount(len(rows))
        self.grid.setColumnCount(len(views))
        for index, view in enumerate(views):
            head = QTableWidgetItem(view or tr("view unknown"))
            head.setToolTip(head.text())
            self.grid.setHorizontalHeaderItem(index, head)
        every = tuple(readings.values())
        for place, row in enumerate(rows):
            found_at = results.get(row) if row else None
            title = QTableWidgetItem(_stage_words(row, found_at, every))
            title.setToolTip("\n".join(_reasons(found_at)) if found_at is not None else "")
            self.grid.setVerticalHeaderItem(place, title)
        for cell in cells:
            item = QTableWidgetItem("\n".join(_clip_words(readings[at]) for at in cell.indices))
            item.setData(AT, cell.indices)
            item.setToolTip("\n".join(_file_of(workspace.opened.recordings[at]) for at in cell.indices))
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            if len(cell.indices) > 1:  # two of one view at one stage: one of them is probably set wrongly
                item.setForeground(QColor(theme.WARNING))
                item.setText("! " + item.text())
            if workspace.index in cell.indices:
                font = QFont(item.font())
                font.setBold(True)
                item.setFont(font)
            self.grid.setItem(cell.row, cell.column, item)
        # No name is cut: columns are as wide as their titles and cells, and scroll where all of them have no room.
        header = self.grid.horizontalHeader()
        lines = [line for cell in cells for at in cell.indices for line in _clip_words(readings[at]).split("\n")]
        bold = QFontMetrics(theme.font(13, bold=True))
        titles = [view or tr("view unknown") for view in views]  # that of the chosen recording is bold
        header.setMinimumSectionSize(max(map(bold.horizontalAdvance, [*titles, *lines]), default=60) + 18)
        self._filling = False
        self.words.setText(_summary(rows, stress_study.peak if stress_study is not None else None))
        if chosen is not None:
            self.choose(chosen)

    def set_stage(self) -> None:
        """Put the chosen recording at the stage that the reader picked."""
        index, stage = self.chosen, self.stage.currentData()
        if index is None:
            return
        recording_id = self._workspace.opened.recordings[index].source.recording_id
        name, number = (stage.name, stage.number) if isinstance(stage, Stage) else ("", None)
        self._workspace.study.do(SetStage(recording_id, name, number))

    def set_view(self) -> None:
        """Name the view of the chosen recording."""
        index, view = self.chosen, self.view.currentText()
        if index is not None and view:
            recording = self._workspace.opened.recordings[index]
            self._workspace.do(SetView(View(view, None, self._workspace.actor)), recording=recording)
            self.refresh()
            self.view_named.emit()

    def _name_views(self, name_views: Callable[[], str]) -> None:
        self.answer.setText(name_views())
        self.answer.show()
        self.refresh()

    def show_chosen(self) -> None:
        """Bring the chosen recording into focus in the window; this list stays open."""
        if self.chosen is not None:
            self._show_recording(self.chosen)
            self.refresh()

    @property
    def _columns(self) -> int:
        return self.grid.columnCount()

    def _choose(self) -> None:
        item = self.grid.currentItem()
        if not self._filling and item is not None:
            self._indices = item.data(AT) or ()
            self._show_choice()

    def _show_choice(self) -> None:
        index = self.chosen
        for widget in (self.stage, self.view, self.show_button):
            widget.setEnabled(index is not None)
        if index is None:
            return
        reading = self._workspace.opened.saved_reading(self._workspace.opened.recordings[index])
        text = _clip_words(reading).replace("\n", ", ")
        self.name.setText(f"{text}  ·  {_file_of(self._workspace.opened.recordings[index])}")
        known = stages(
            self._workspace.opened.saved_reading(self._workspace.opened.recordings[at])
            for at in self._workspace.study.members
        )
        self.stage.clear()
        # The stages of the protocol that the headers name; where they name none, the usual ones.
        by_header = any(
            self._workspace.opened.recordings[at].source.stage is not None for at in self._workspace.study.members
        )
        for one in dict.fromkeys((*known, *(() if by_header else USUAL))):
            self.stage.addItem(translated(one.words), one)
        self.stage.addItem(tr("no stage"), None)
        self.stage.setCurrentIndex(
            next((index for index in range(self.stage.count()) if self.stage.itemData(index) == reading.facts.stage), 0)
        )
        self.view.clear()
        self.view.addItems(["", *VIEWS])
        self.view.setCurrentText(view_named(reading))


def _stage_words(stage: Stage | None, stage_result: StageResult | None, among: Sequence[Reading] = ()) -> str:
    """The stage with its heart rate and its EF, where they are known."""
    if stage is None:
        return tr("no stage")
    texts = [translated(stage.words)]
    if stage_result is not None and stage_result.heart_rate_per_min is not None:
        texts.append(f"{stage_result.heart_rate_per_min:.0f}/min")
    texts += _ef_words(stage_result, among) if stage_result is not None else []
    return "  ·  ".join(texts)


def _ef_words(stage_result: StageResult, among: Sequence[Reading]) -> list[str]:
    """EF over views; where a stage has none, as where one of its planes has no contours, that of each view.

    One that a check marks has its mark, and one that is withheld is a dash, as in the results and in the report.
    """
    rows = _ef_rows(stage_result)
    values = {
        of: f"{'! ' if row.trust is Trust.CHECK else ''}{translated(format_quantity(row.quantity, row.code))}"
        for of, row in rows.items()
        if row.quantity is not None
    }
    if "" in values:
        return [f"EF {values['']}"]
    values |= dict.fromkeys(stage_result.withheld, DASH)
    return [f"EF {_of_clip(of, stage_result, among)} {value}" for of, value in values.items()]


def _ef_rows(stage_result: StageResult) -> dict[str, Measurement]:
    """EF over views alone, where there is one, else that of each view."""
    rows = {of: row for (code, of), row in stage_result.rows.items() if code == LEADING}
    return {"": rows[""]} if "" in rows else rows


def _of_clip(view: str, stage_result: StageResult, among: Sequence[Reading]) -> str:
    """A view; where the stage has several clips of it, with the one that its values are of: "A2C (view 5)"."""
    clip = clip_of(stage_result.clips[view], among) if view in stage_result.clips else NOTHING
    return f"{view} ({translated(clip)})" if clip else view


def _reasons(stage_result: StageResult) -> list[str]:
    """Why an EF is marked or withheld, a line each."""
    said = []
    for of, row in _ef_rows(stage_result).items():
        findings = [translated(text) for text in stage_result.marked.get(of) or reasons_to_check(row)]
        said += [f"{of}: {why}" if of else why for why in findings if row.trust is Trust.CHECK]
    if (LEADING, "") not in stage_result.rows:
        said += [f"{of}: {translated(why)}" for of, why in stage_result.withheld.items()]
    return list(dict.fromkeys(said))


def _clip_words(reading: Reading) -> str:
    rate = reading.facts.heart_rate_per_min
    return f"{reading.facts.frames} " + tr("frames") + (f"\n{rate:.0f}/min" if rate is not None else "")


def _file_of(recording: Recording) -> str:
    return Path(recording.source.path).name


def _summary(rows: tuple[Stage | None, ...], peak: Stage | None) -> str:
    if peak is None:
        return tr("No stages yet: choose a recording and set its stage. Results over views need two stages.")
    first = rows[0]
    rest_text = translated(first.words) if first is not None else ""
    return tr("Rest is {rest}, peak is {peak}: the report compares them.").format(
        rest=rest_text, peak=translated(peak.words)
    )
