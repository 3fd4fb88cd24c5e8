"""Import contours: a file of another program on the recording on screen, seen before it is done.

The contours are drawn over the images while the form is open, and its slider goes through the frames; what labels stand
for is guessed, shown and can be changed.
"""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QSlider, QSpinBox, QWidget

from kinecor.analysis.contours.imported import ImportedContours, import_edit, imported_contours
from kinecor.analysis.contours.placing import frame_is_open
from kinecor.core.outlines.label_orders import CUSTOM, ORDERS, STATED, Order, OrderGuess, guessed_order
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.labels import STRUCTURE_OF, ContourFile, LabelFile, Part
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.io.contours.read import read_contour_file
from kinecor.session.codec import Edit
from kinecor.ui.study.sign_form import Form
from kinecor.ui.style import theme
from kinecor.ui.style.language import numbered, tr, translated
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

_MAX_LISTED = 8
# Of the form, from the right and the upper edge of the window.
_BESIDE_PX, _BELOW_PX = 12, 110


def proposed_import(
    file: LabelFile | ContourFile,
    recording: Recording,
    reading: Reading,
    parts: Order | None,
    frame: int | None,
    tick: Tick,
) -> tuple[ImportedContours, Edit]:
    """What would be imported, and the edit that does it; for a worker.

    Raises:
        KinecorError: it does not fit.
        Cancelled: by `tick`.

    """
    imported = imported_contours(file, recording, reading, parts=parts, frame=frame, tick=tick)
    return imported, import_edit(imported, reading)


class ImportForm(Form):
    """What a file holds, what its labels are taken for, how it fits; the images show its contours.

    Args:
        workspace: with the recording on screen.
        player: goes to the frame that the slider says.
        path: of the file.
        parent: the window.

    """

    def __init__(self, workspace: Workspace, player: Player, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(tr("Import contours"), tr("Import"), parent)
        self._workspace, self._player = workspace, player
        self.jobs = Jobs(1, "import contours", self)
        self.file: LabelFile | ContourFile | None = None
        self.imported: ImportedContours | None = None
        self._edit: Edit | None = None
        self._recording, self._reading = workspace.recording, workspace.saved
        self.heading = self.add_words(path.name)
        self.order = QComboBox()
        self.labels: dict[int, QComboBox] = {}
        self._rows = QFormLayout()
        self._rows.addRow(tr("Labels"), self.order)
        self.at = QSpinBox()
        self.at.setRange(1, max(player.frames, 1))
        self.at.setValue(player.frame + 1)
        self._rows.addRow(tr("Of frame"), self.at)
        self.column.addLayout(self._rows)
        self.found = self.add_words(tr("Reading…"))
        self.remarks = self.add_words("", theme.WARNING)
        self.problem = self.add_words("", theme.BAD)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, max(player.frames - 1, 0))
        self.slider.setValue(player.frame)
        self.slider.setToolTip(tr("Go through the frames: the images show the contours as they would be"))
        self.slider.setAccessibleName(tr("Frame"))
        self.slider.setVisible(player.frames > 1)
        self.column.addWidget(self.slider)
        for row in (self.order, self.at):
            self._rows.setRowVisible(row, False)
        self.done_button.setEnabled(False)
        self.order.activated.connect(lambda _: self._choose_order())
        self.at.valueChanged.connect(self._choose_frame)
        self.slider.valueChanged.connect(player.seek)
        self.finished.connect(lambda _: self._end())
        self.jobs.start("read", lambda tick: read_contour_file(path, tick), self._show_file, self._fail)

    @property
    def parts(self) -> Order | None:
        """What each label stands for, as chosen; None of a file of points."""
        return {value: Part(label.currentData()) for value, label in self.labels.items()} if self.labels else None

    def carry_out(self) -> None:
        """Import them, as one edit."""
        if self._edit is None:
            return
        edit, self._edit = self._edit, None
        self._workspace.drop_preview(self)
        if self._workspace.recording is self._recording:
            self._workspace.do(edit, by=self)
        self.accept()

    def showEvent(self, event: QShowEvent) -> None:
        """At the right of the window, so that the images are seen."""
        super().showEvent(event)
        window = self.parentWidget()
        if window is not None:
            self.move(window.mapToGlobal(QPoint(max(window.width() - self.width() - _BESIDE_PX, 0), _BELOW_PX)))

    def _end(self) -> None:
        self.jobs.shutdown()
        self._workspace.drop_preview(self)

    def _show_file(self, file: LabelFile | ContourFile) -> None:
        self.file = file
        if self._recording is None or self._reading is None:
            return
        made = verbatim(file.equipment) if file.equipment else None
        texts = [verbatim(file.name), file.format, *([made] if made is not None else [])]
        self.heading.setText(translated(joined_by("  ·  ", texts)))
        if isinstance(file, LabelFile):
            self._list_labels(file, guessed_order(file, self._reading.kind.structures))
            try:
                several = frame_is_open(file, self._recording)
            except KinecorError:
                several = False
            if several and file.frame_number is not None:
                self.at.setValue(file.frame_number + 1)
            self._rows.setRowVisible(self.at, several)
        self._trace()

    def _list_labels(self, file: LabelFile, guess: OrderGuess) -> None:
        """A row for each label with what it stands for, and the orders in use that have all of them."""
        self._rows.setRowVisible(self.order, True)
        self.order.clear()
        if file.parts:
            self.order.addItem(translated(OrderGuess(STATED, {}).name), STATED)
        for order in ORDERS:
            if all(value in order.parts for value in file.values):
                self.order.addItem(translated(order.name), order.code)
        self.order.addItem(translated(OrderGuess(CUSTOM, {}).name), CUSTOM)
        self.order.setCurrentIndex(max(self.order.findData(guess.code), 0))
        for value in file.values[:_MAX_LISTED]:
            choice = QComboBox()
            for part in Part:
                choice.addItem(translated(part.caption), part.value)
            choice.setCurrentIndex(choice.findData(guess.parts[value].value))
            choice.activated.connect(self._choose_part)
            name = file.names.get(value, "")
            caption = f"{value}  {name}".rstrip()
            choice.setAccessibleName(caption)
            self._rows.insertRow(self._rows.rowCount() - 1, caption, choice)
            self.labels[value] = choice

    def _choose_order(self) -> None:
        code = self.order.currentData()
        assert isinstance(self.file, LabelFile)
        parts = (
            self.file.parts if code == STATED else next((order.parts for order in ORDERS if order.code == code), None)
        )
        if parts is not None:
            for value, choice in self.labels.items():
                choice.setCurrentIndex(choice.findData(parts.get(value, Part.NOTHING).value))
            self._trace()

    def _choose_part(self, _: int) -> None:
        self.order.setCurrentIndex(self.order.findData(CUSTOM))
        self._trace()

    def _choose_frame(self, number: int) -> None:
        self.slider.setValue(number - 1)
        self._trace()

    def _trace(self) -> None:
        """Trace the contours again, and show them."""
        file, recording, reading, parts = self.file, self._recording, self._reading, self.parts
        if file is None or recording is None or reading is None:
            return
        self._edit = None
        self.done_button.setEnabled(False)
        used = [STRUCTURE_OF[part] for part in (parts or {}).values() if part is not Part.NOTHING]
        if len(set(used)) < len(used):
            self._fail(tr("Two labels stand for the same part: choose one of them."))
            return
        frame = self.at.value() - 1 if self._rows.isRowVisible(self.at) else None
        self.problem.hide()
        self.found.setText(tr("Tracing…"))
        self.jobs.start(
            "trace",
            lambda tick: proposed_import(file, recording, reading, parts, frame, tick),
            self._show_imported,
            self._fail,
        )

    def _show_imported(self, result: tuple[ImportedContours, Edit]) -> None:
        self.imported, self._edit = result
        imported = self.imported
        texts = [imported.words, message("placed {how}", how=imported.matched_by)]
        text = "\n".join(translated(word.capitalised()) for word in texts)
        if len(imported.dice):
            least, middle = (numbered(float(one), ".3f") for one in (imported.dice.min(), np.median(imported.dice)))
            text += "\n" + tr("Overlap with the labels (Dice): median {middle}, least {least}").format(
                middle=middle, least=least
            )
        self.found.setText(text)
        self.remarks.setText("\n".join(f"! {translated(remark)}" for remark in imported.remarks))
        self.remarks.setVisible(bool(imported.remarks))
        self.done_button.setEnabled(True)
        if self.cancel_button.hasFocus():
            self.done_button.setFocus()
        if self._workspace.recording is self._recording:
            self._workspace.preview(self._edit, by=self)
            first = min(imported.frames, default=0)
            if self._player.frame not in imported.frames:
                self.slider.setValue(first)

    def _fail(self, why: str) -> None:
        self._edit = None
        self.done_button.setEnabled(False)
        self.found.setText("")
        self.remarks.hide()
        self.problem.setText(why)
        self.problem.show()
        self._workspace.drop_preview(self)
