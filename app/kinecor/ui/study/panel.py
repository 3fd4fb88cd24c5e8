"""The study on screen: its recordings as thumbnails; patient, view, calibration and history of one."""

from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.checks.findings import Severity
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.kind import UNKNOWN_VIEW, kind_of
from kinecor.core.values.reading import HEADER, Reading, View, short_author
from kinecor.core.values.recording import Recording, Stack
from kinecor.session.edits import SetCalibration, SetView
from kinecor.session.journal import Entry
from kinecor.ui.style import theme
from kinecor.ui.style.marks import draw_mark
from kinecor.ui.style.theme import shrunk, to_qimage
from kinecor.ui.workspace.workspace import (
    Change,
    Workspace,
    recording_line,
    view_hint,
    view_words,
)

THUMBNAIL_PX = 104
NAME_LENGTH = 11
MARK_PX = 16


def caption(recording: Recording, number: int) -> str:
    """A recording in two short lines; `number` counts from 1."""
    if isinstance(recording, Stack):
        return f"{number}  short axis\n{len(recording.slices)} slices × {recording.phases}"
    kind = kind_of(stack=False, stack_slice=False, modality=recording.source.modality, view=recording.view)
    name = kind.view_name(recording.view) if recording.view else Path(recording.source.path).stem
    short = name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"
    length = "still" if len(recording) == 1 else f"{len(recording)} frames, {recording.times_s[-1]:.1f} s"
    return f"{number}  {short}\n{length}"


def thumbnails(recordings: tuple[Recording, ...], tick: Tick) -> tuple[NDArray[np.uint8] | None, ...]:
    """A small copy of each recording's first frame, or None where it cannot be decoded; for a worker."""
    made: list[NDArray[np.uint8] | None] = []
    for number, recording in enumerate(recordings):
        tick(number, len(recordings))
        cine = recording.cines[len(recording.cines) // 2]
        try:
            made.append(shrunk(cine.frames[0], 2 * THUMBNAIL_PX))
        except (KinecorError, OSError, ValueError):  # a missing thumbnail does not stop the others
            made.append(None)
    return tuple(made)


_Index = QModelIndex | QPersistentModelIndex


class _MarkedItem(QStyledItemDelegate):
    """A thumbnail with the sign of its most serious open check in the corner."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the item, then the sign."""
        super().paint(painter, option, index)
        severity = index.data(Qt.ItemDataRole.UserRole)
        if severity:
            box: QRect = option.rect
            draw_mark(painter, QRectF(box.right() - MARK_PX - 4, box.top() + 4, MARK_PX, MARK_PX), Severity(severity))


class StudyList(QListWidget):
    """Click or Page Up / Page Down to go to another recording.

    Signals:
        chosen(int): index of the recording.
    """

    chosen = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setFixedWidth(THUMBNAIL_PX + 26)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.TopToBottom)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX * 3 // 4))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setItemDelegate(_MarkedItem(self))
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        workspace.study_changed.connect(self.load)
        workspace.recording_changed.connect(lambda: self.setCurrentRow(workspace.index))
        workspace.checks_changed.connect(self.show_checks)

    def load(self) -> None:
        """List the recordings; hidden where there is only one."""
        self.clear()
        for number, recording in enumerate(self._workspace.recordings, 1):
            item = QListWidgetItem(caption(recording, number))
            item.setSizeHint(QSize(THUMBNAIL_PX + 8, THUMBNAIL_PX * 3 // 4 + 46))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.addItem(item)
        self.setVisible(len(self._workspace.recordings) > 1)

    def show_checks(self) -> None:
        """Mark the recordings with open checks."""
        for row in range(self.count() if not self.isHidden() else 0):
            found = self._workspace.checks.open_of(row)
            item = self.item(row)
            item.setData(Qt.ItemDataRole.UserRole, str(found[0].severity) if found else None)
            item.setToolTip("\n".join(one.message for one in found))

    def show_thumbnails(self, images: tuple[NDArray[np.uint8] | None, ...]) -> None:
        """Add the thumbnails to the captions."""
        for row, one in enumerate(images[: self.count()]):
            if one is not None:
                self.item(row).setIcon(QIcon(QPixmap.fromImage(to_qimage(one))))


def notice(reading: Reading) -> tuple[str, bool]:
    """The calibration as text, and whether it is a warning."""
    author = reading.authors.get("calibration")
    if reading.calibration is None:
        why = reading.facts.calibration_origin or "The file has no calibration."
        return f"{why} Volumes are not available.", True
    spacing = reading.calibration.words
    if author and reading.calibration == reading.facts.offered:
        return f"{spacing}: corrected calibration, accepted by {author}", False
    origin = f"set by {author}" if author else reading.calibration.origin
    return f"{spacing}: {origin}", False


class CalibrationBar(QFrame):
    """Calibration above the table; the button accepts a corrected one, Ctrl+Z undoes that."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.accept = QPushButton()
        self.accept.setObjectName("primary")
        self.accept.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.accept.clicked.connect(self._accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.accept)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Refresh when the calibration changes."""
        before, after = change.before, change.after
        self.setVisible(after is not None)
        if after is None or (before is not None and before.calibration is after.calibration):
            return
        text, warning = notice(after)
        self.words.setText(text)
        ground, colour = (theme.WARNING_GROUND, theme.WARNING) if warning else (theme.BACKGROUND, theme.QUIET)
        self.setStyleSheet(f"CalibrationBar {{ background: {ground}; }} QLabel {{ color: {colour}; font-size: 12px; }}")
        offered = after.facts.offered
        self.accept.setVisible(after.calibration is None and offered is not None)
        if offered:
            self.accept.setText(f"Use corrected calibration ({offered.words})")

    def _accept(self) -> None:
        reading = self._workspace.reading
        if reading and reading.facts.offered:
            self._workspace.do(SetCalibration(reading.facts.offered), by=self)


MENU_SIGN = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"
VIEWS = {
    UNKNOWN_VIEW: "",
    "A4C": "four-chamber",
    "A2C": "two-chamber",
    "A3C": "three-chamber",
    "A5C": "five-chamber",
    "PLAX": "parasternal long axis",
    "PSAX": "parasternal short axis",
    "PSAX base": "at the mitral valve",
    "PSAX mid": "at the papillary muscles",
    "PSAX apex": "below the papillary muscles",
    "SC4C": "subcostal four-chamber",
    "IVC": "inferior vena cava",
}
"""Views that can be chosen: label and description."""


class HeaderView(QWidget):
    """The recording line with the view to choose.

    Signals:
        view_named(): a reader named the view.
    """

    view_named = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.recording = QLabel()
        self.view = QToolButton()
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.view.setStyleSheet(
            f"QToolButton {{ font-size: 12px; color: {theme.TEXT}; padding: 1px 6px; margin: 0; "
            f"border: 1px solid {theme.LINE}; border-radius: 3px; }}"
            "QToolButton::menu-indicator { image: none; width: 0; }"
        )
        menu = QMenu(self.view)
        self._choices: dict[str, QAction] = {}
        for one, words in VIEWS.items():
            action = menu.addAction(f"{one}   {words}".strip())
            action.triggered.connect(lambda _=False, one=one: self.choose_view(one))
            self._choices[one] = action
        self.view.setMenu(menu)
        self.view.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(2)
        self.recording.setStyleSheet(f"color: {theme.QUIET}; font-size: 12px;")
        self.recording.setWordWrap(True)
        self.recording.setTextFormat(Qt.TextFormat.PlainText)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.view, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.recording, 1)
        layout.addLayout(line)
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """Refresh the lines."""
        recording, reading = self._workspace.recording, change.after
        if recording is None or change.preview:
            return
        if reading is None:
            return
        self.view.setVisible(not reading.kind.stack)
        for label, action in self._choices.items():
            action.setText(f"{reading.kind.view_name(label)}   {VIEWS[label]}".strip())
        self.view.setText(f"{view_words(reading)} {MENU_SIGN}")
        self.view.setToolTip(view_hint(reading))
        self.recording.setText(recording_line(recording))

    def choose_view(self, label: str) -> None:
        """Set the view of this recording; a key of `VIEWS`."""
        saved = self._workspace.saved
        if saved is None:
            return
        same = label == (saved.view.label if saved.view else UNKNOWN_VIEW)
        # Choosing the view of a model or of the header confirms it; a reader's choice is never overruled.
        confirmed = saved.view is not None and (not saved.view_confirmed or saved.view.by == HEADER)
        named = SetView(View(label, None, self._workspace.actor))
        if (not same or confirmed) and self._workspace.do(named, by=self):
            self.view_named.emit()


MOST_SHOWN = 300  # the rest is in the file


def line(entry: Entry) -> str:
    """One line of the history, in local time."""
    at = datetime.fromisoformat(entry.at).astimezone()
    return f"{at:%d %b %H:%M}   {short_author(entry.actor)}   {entry.summary}"


class HistoryView(QListWidget):
    """Every edit of the current recording, the latest on top; undone edits are struck through. Read-only."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { padding: 0 6px; } QListView::item { padding: 2px 3px; }")
        workspace.changed.connect(self.show_change)

    def show_change(self, change: Change) -> None:
        """List the entries again; a preview is not an entry."""
        if change.preview:
            return
        self.clear()
        for entry in reversed(self._workspace.history()[-MOST_SHOWN:]):
            item = QListWidgetItem(line(entry))
            item.setFont(theme.font(12, struck=entry.undone))
            quiet = entry.undone or entry.kind.startswith(("undo/", "redo/"))
            item.setForeground(QColor(theme.QUIET if quiet else theme.TEXT))
            item.setToolTip(f"{entry.number}: {entry.summary}\n{entry.actor}\n{entry.at}")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.addItem(item)
