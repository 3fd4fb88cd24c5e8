"""Open from archive: search, look at what was found, choose what is retrieved."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.io.archive.nodes import Archives, Node
from kinecor.ui.archive import calls
from kinecor.ui.archive.calls import Wanted
from kinecor.ui.archive.nodes_dialog import NodesDialog
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import iso_dated, tr
from kinecor.ui.style.layouts import last_row
from kinecor.ui.workspace.jobs import Jobs

if TYPE_CHECKING:
    from kinecor.io.archive.query import SeriesFound, StudyFound

PREVIEW_PX = 240
_DATA = Qt.ItemDataRole.UserRole
COLUMNS = ("Patient", "ID", "Date", "Modality", "Images", "Description")


class OpenDialog(QDialog):
    """Studies of an archive with their series; `chosen` is called with what is to be retrieved."""

    def __init__(
        self, archives: Archives, chosen: Callable[[Sequence[Wanted]], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Open from archive"))
        self.archives, self._chosen = archives, chosen
        self.jobs = Jobs(2, "archive", self)
        self.node = Choice()
        self.manage = QPushButton(tr("Archives…"))
        self.name, self.patient_id = QLineEdit(), QLineEdit()
        self.first, self.last = QLineEdit(), QLineEdit()
        self.name.setPlaceholderText(tr("begins with; * and ? are wildcards"))
        for field in (self.first, self.last):
            field.setPlaceholderText(tr("YYYY-MM-DD"))
        self.modality = Choice()
        for text, value in ((tr("Any"), ""), ("US", "US"), ("MR", "MR"), ("SR", "SR")):
            self.modality.addItem(text, value)
        self.search = QPushButton(tr("Search"))
        self.search.setDefault(True)
        self.tree = QTreeWidget()
        self.tree.setObjectName("studies")
        self.tree.setHeaderLabels([tr(column) for column in COLUMNS])
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(False)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.preview = QLabel(tr("Select a series to see an image of it"))
        self.preview.setObjectName("quiet")
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setWordWrap(True)
        self.preview.setFixedSize(PREVIEW_PX, PREVIEW_PX)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel, self.retrieve = QPushButton(tr("Cancel")), QPushButton(tr("Retrieve and open"))
        self.retrieve.setObjectName("primary")
        for button in (self.manage, self.cancel, self.retrieve):
            button.setAutoDefault(False)
        self._lay_out()
        self.manage.clicked.connect(self.open_settings)
        self.search.clicked.connect(self.start_search)
        self.cancel.clicked.connect(self.reject)
        self.retrieve.clicked.connect(self._accept)
        self.tree.itemExpanded.connect(self._expand)
        self.tree.itemSelectionChanged.connect(self._selected)
        self.tree.itemDoubleClicked.connect(lambda item, _: None if item.childCount() else self._accept())
        self.node.currentIndexChanged.connect(lambda _: self._clear())
        self.finished.connect(self._stop)
        self._list_nodes()
        self._selected()

    def _lay_out(self) -> None:
        fields = QGridLayout()
        fields.setHorizontalSpacing(8)
        places = (
            (tr("Archive"), self.node, 0, 0),
            (tr("Patient"), self.name, 1, 0),
            (tr("ID"), self.patient_id, 1, 2),
            (tr("From"), self.first, 2, 0),
            (tr("To"), self.last, 2, 2),
            (tr("Modality"), self.modality, 2, 4),
        )
        for text, field, row, column in places:
            fields.addWidget(QLabel(text), row, column)
            fields.addWidget(field, row, column + 1)
        fields.addWidget(self.manage, 0, 2, 1, 2, Qt.AlignmentFlag.AlignLeft)
        fields.addWidget(self.search, 1, 5)
        for column in (1, 3):
            fields.setColumnStretch(column, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.tree, 1)
        middle.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 14)
        whole.setSpacing(12)
        whole.addLayout(fields)
        whole.addLayout(middle, 1)
        whole.addLayout(last_row(self.words, self.cancel, self.retrieve))
        room = self.screen().availableSize()
        self.resize(min(980, room.width() - 40), min(600, room.height() - 80))

    # Archives

    def _list_nodes(self) -> None:
        before = self.node.currentText()
        self.node.blockSignals(True)
        self.node.clear()
        for node in self.archives.nodes:
            self.node.addItem(node.name, node)
        self.node.setCurrentIndex(max(self.node.findText(before), 0))
        self.node.blockSignals(False)
        known = bool(self.archives.nodes)
        self.search.setEnabled(known)
        self._say("" if known else tr("No archive is known yet: add one with the button Archives"))

    @property
    def current(self) -> Node | None:
        """The archive that is searched."""
        row = self.node.currentIndex()
        return self.archives.nodes[row] if 0 <= row < len(self.archives.nodes) else None

    def open_settings(self) -> None:
        """Add, change and test archives."""
        NodesDialog(self.archives, self._changed, self).open()

    def _changed(self, archives: Archives) -> None:
        self.archives = archives
        self._list_nodes()

    # Searching

    def start_search(self) -> None:
        """Ask the archive for studies that fit the fields."""
        node = self.current
        if node is None:
            return
        asked = {
            "patient_name": self.name.text(),
            "patient_id": self.patient_id.text(),
            "first_date": iso_dated(self.first.text()),
            "last_date": iso_dated(self.last.text()),
            "modality": self.modality.currentData(),
        }
        self._clear()
        self._say(tr("Searching {name}…").format(name=node.name))
        self.jobs.start(
            "search",
            lambda tick: calls.search(node, asked, tick),
            done=self._found,
            failed=self._failed,
            ticked=lambda done, _: self._say(tr("Found so far: {n}").format(n=done)) if done else None,
        )

    def _clear(self) -> None:
        self.jobs.cancel_all()
        self.tree.clear()
        self._show_preview(None)
        self._say("")

    def _say(self, words: str, colour: str = "") -> None:
        self.words.setText(words)
        self.words.setStyleSheet(f"color: {colour};" if colour else "")

    def _failed(self, why: str) -> None:
        self._say("! " + why, theme.BAD)

    def _found(self, studies: "tuple[StudyFound, ...]") -> None:
        self._say(
            tr("Studies: {n}").format(n=len(studies))
            if studies
            else tr("No study fits: search for less, or check dates")
        )
        for study in studies:
            item = QTreeWidgetItem(
                [
                    study.patient_name.replace("^", " ").strip(),
                    study.patient_id,
                    _date(study.date),
                    "/".join(study.modalities),
                    _count(study.instances),
                    study.description,
                ]
            )
            item.setData(0, _DATA, study)
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
            self.tree.addTopLevelItem(item)
        items = self._studies()
        if len(items) == 1:
            items[0].setExpanded(True)
        if items:
            self.tree.setCurrentItem(items[0])

    @Slot(QTreeWidgetItem)
    def _expand(self, item: QTreeWidgetItem) -> None:
        node, study = self.current, item.data(0, _DATA)
        if node is None or item.parent() is not None or item.childCount():
            return
        self.jobs.start(
            f"series {study.uid}",
            lambda tick: calls.series_of(node, study.uid, tick),
            done=lambda found: self._show_series(study.uid, found),
            failed=self._failed,
        )

    def _show_series(self, study_uid: str, found: "tuple[SeriesFound, ...]") -> None:
        item = next((study for study in self._studies() if study.data(0, _DATA).uid == study_uid), None)
        if item is None:
            return
        for listed_series in found:
            name = tr("Series {n}").format(n="\N{EN DASH}" if listed_series.number is None else listed_series.number)
            child = QTreeWidgetItem(
                [name, "", "", listed_series.modality, _count(listed_series.instances), listed_series.description]
            )
            child.setData(0, _DATA, listed_series)
            item.addChild(child)
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicatorWhenChildless)

    def _studies(self) -> list[QTreeWidgetItem]:
        items = (self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount()))
        return [item for item in items if item is not None]

    # Choosing

    def _selected(self) -> None:
        self.retrieve.setEnabled(bool(self.tree.selectedItems()))
        items = self.tree.selectedItems()
        if len(items) == 1 and items[0].parent() is not None:
            self._ask_preview(items[0].data(0, _DATA))
        else:
            self.jobs.cancel("preview")
            self._show_preview(None)

    def _ask_preview(self, series: "SeriesFound") -> None:
        node = self.current
        if node is None:
            return
        self.preview.setText(tr("Retrieving one image…"))
        self.jobs.start(
            "preview",
            lambda tick: calls.preview_of(node, series, tick),
            done=self._show_preview,
            failed=lambda why: self.preview.setText(why),
        )

    def _show_preview(self, image: Any) -> None:
        if image is None:
            self.preview.setText(tr("Select a series to see an image of it"))
            return
        self.preview.setPixmap(_pixmap(np.asarray(image)))

    def _accept(self) -> None:
        """Hand over what is selected: studies, in the order of the list, whole or as the series chosen of them."""
        node, items = self.current, self.tree.selectedItems()
        if node is None or not items:
            return
        wanted = []
        for study in self._studies():
            series = (child for row in range(study.childCount()) if (child := study.child(row)) is not None)
            chosen = tuple(tree_item.data(0, _DATA).uid for tree_item in series if tree_item.isSelected())
            if study.isSelected() or chosen:
                wanted.append(Wanted(node, study.data(0, _DATA).uid, () if study.isSelected() else chosen))
        self._chosen(wanted)
        self.accept()

    def _stop(self) -> None:
        self.jobs.shutdown()


def _date(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else date


def _count(number: int | None) -> str:
    return "\N{EN DASH}" if number is None else str(number)


def _pixmap(image: "np.ndarray[Any, Any]") -> QPixmap:
    """An image that fits the preview; grey values beyond 8 bits are spread from their least to their largest."""
    values = image.astype(np.float32)
    if image.dtype != np.uint8:
        low, high = float(values.min()), float(values.max())
        values = (values - low) * (255 / max(high - low, 1e-6))
    grey = np.ascontiguousarray(values.clip(0, 255).astype(np.uint8))
    colour = grey.ndim == 3
    form = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    made = QImage(grey.data, grey.shape[1], grey.shape[0], grey.strides[0], form).copy()
    mode = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(made).scaled(PREVIEW_PX, PREVIEW_PX, *mode)
