"""The recording on screen: its view, calibration and history."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import HEADER, Reading, View, model_author, short_author
from kinecor.session.edits import SetCalibration, SetView
from kinecor.session.journal import Entry
from kinecor.session.store import moment_of
from kinecor.ui.style import theme
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import dated, in_force, tr, translated
from kinecor.ui.workspace.captions import recording_line, view_hint, view_words
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.workspace import Workspace


def notice(reading: Reading) -> tuple[str, bool]:
    """The calibration as text, and whether it is a warning."""
    author = reading.authors.get("calibration")
    if reading.calibration is None:
        why = translated(reading.facts.calibration_origin) or tr("The file has no calibration.")
        return f"{why} {tr('Volumes are not available.')}", True
    spacing = translated(reading.calibration.words)
    if author and reading.calibration == reading.facts.offered:
        return tr("{spacing}: corrected calibration, accepted by {who}").format(spacing=spacing, who=author), False
    origin = tr("set by {who}").format(who=author) if author else translated(reading.calibration.origin)
    return f"{spacing}: {origin}", False


class CalibrationBar(QFrame):
    """Calibration above the table; buttons accept a corrected one, or begin to draw one. Ctrl+Z undoes both.

    Signals:
        wanted(): a scale is to be drawn on the image.
    """

    wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.accept = QPushButton()
        self.accept.setObjectName("primary")
        self.accept.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.accept.clicked.connect(self._accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.accept)
        self.draw = QPushButton(tr("Calibrate by two points"))
        self.draw.setToolTip(tr("Click two points of the image and state their distance  (Shift+K)"))
        self.draw.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.draw.clicked.connect(self.wanted)
        layout.addWidget(self.draw)
        follow(workspace, self.show_change, Topic.READING_DRAWN)

    def show_change(self, change: Change) -> None:
        """Refresh when the calibration changes."""
        before, after = change.before, change.after
        self.setVisible(after is not None)
        if after is None or (before is not None and before.calibration is after.calibration):
            return
        text, warning = notice(after)
        self.words.setText(text)
        ground, colour = (theme.WARNING_GROUND, theme.WARNING) if warning else (theme.BACKGROUND, theme.QUIET)
        style = f"CalibrationBar {{ background: {ground}; }} QLabel {{ color: {colour}; font-size: 12px; }}"
        if style != self.styleSheet():
            self.setStyleSheet(style)
        offered = after.facts.offered
        self.accept.setVisible(after.calibration is None and offered is not None)
        if offered:
            self.accept.setText(tr("Use corrected calibration ({spacing})").format(spacing=translated(offered.words)))
        self.draw.setVisible(not after.kind.stack)

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


def view_name(label: str) -> str:
    """The description of a view in the language in force; "" where it has none."""
    return tr(VIEWS[label]) if VIEWS[label] else ""


def _choice_words(label: str, shown: str) -> str:
    return tr("view unknown") if label == UNKNOWN_VIEW else f"{shown}   {view_name(label)}".strip()


class HeaderView(QWidget):
    """The recording line with the view to choose.

    Signals:
        view_named(): a reader named the view.
    """

    view_named = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.recording = ElidedLabel()
        self.view = QToolButton()
        self.view.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.view.setStyleSheet(
            f"QToolButton {{ font-size: 12px; color: {theme.TEXT}; padding: 1px 6px; margin: 0; "
            f"border: 1px solid {theme.LINE}; border-radius: 3px; }}"
            f"QToolButton:focus {{ border: 2px solid {theme.FOCUS}; padding: 0 5px; }}"
            "QToolButton::menu-indicator { image: none; width: 0; }"
        )
        menu = QMenu(self.view)
        self._choices: dict[str, QAction] = {}
        for view in VIEWS:
            action = menu.addAction(_choice_words(view, view))
            action.triggered.connect(lambda _=False, one=view: self.choose_view(one))
            self._choices[view] = action
        self.view.setMenu(menu)
        self.view.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(2)
        self.recording.setStyleSheet(f"color: {theme.QUIET}; font-size: 12px;")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.view)
        line.addWidget(self.recording, 1)
        layout.addLayout(line)
        follow(workspace, self.show_change, Topic.READING_DRAWN)

    def show_change(self, change: Change) -> None:
        """Refresh the lines."""
        recording, reading = self._workspace.recording, change.after
        if recording is None or change.preview:
            return
        if reading is None:
            return
        self.recording.setText(recording_line(recording))
        viewed = not reading.kind.stack and not reading.kind.view_only
        self.view.setVisible(viewed)
        if not viewed:
            return
        for label, action in self._choices.items():
            action.setText(_choice_words(label, reading.kind.view_name(label)))
        self.view.setText(f"{view_words(reading)} {MENU_SIGN}")
        self.view.setToolTip(view_hint(reading))

    def offer_views(self) -> None:
        """Open the choice of view, where it is on screen."""
        if self.view.isVisible():
            self.view.menu().popup(self.view.mapToGlobal(self.view.rect().bottomLeft()))

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


MAX_SHOWN = 300  # the rest is in the file


def line(entry: Entry) -> str:
    """One line of the history, in local time; of an entry that somebody changed, without a time that is none."""
    moment = moment_of(entry.at)
    if moment is None:
        return f"-   {short_author(entry.actor)}   {translated(entry.summary)}"
    time = moment.astimezone()
    day = f"{time:%d %b}" if in_force() == "en" else dated(time.date().isoformat())
    return f"{day} {time:%H:%M}   {short_author(entry.actor)}   {translated(entry.summary)}"


class HistoryView(QListWidget):
    """Every edit of the current recording, the latest on top; undone edits are struck through.

    A double click goes back, or forward again, to where that edit was the last. The menu of the right button leaves out
    what models did.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { padding: 0 6px; } QListView::item { padding: 2px 3px; }")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.people = QAction(tr("Only changes by people"), self)
        self.people.setCheckable(True)
        self.people.toggled.connect(lambda _: self._fill())
        self.addAction(self.people)
        self.itemDoubleClicked.connect(lambda item: workspace.history.go_to(item.data(Qt.ItemDataRole.UserRole)))
        follow(workspace, self.show_change, Topic.READING_DRAWN)

    def show_change(self, change: Change) -> None:
        """List the entries again; a preview is not an entry."""
        if not change.preview:
            self._fill()

    def _fill(self) -> None:
        shown = [
            entry
            for entry in self._workspace.history.entries()
            if not self.people.isChecked() or model_author(entry.actor) is None
        ]
        entries = list(reversed(shown[-MAX_SHOWN:]))
        # Items are used again, and taken from the list where there are too many: `clear` deletes them under PySide's
        # wrappers, which has crashed.
        while self.count() > len(entries):
            self.takeItem(self.count() - 1)
        while self.count() < len(entries):
            self.addItem(QListWidgetItem())
        for number, entry in enumerate(entries):
            item = self.item(number)
            item.setText(line(entry))
            item.setFont(theme.font(12, struck=entry.undone))
            quiet = entry.undone or not entry.step
            item.setForeground(QColor(theme.QUIET if quiet else theme.TEXT))
            item.setData(Qt.ItemDataRole.UserRole, entry.number)
            item.setToolTip(
                f"{entry.number}: {translated(entry.summary)}\n{entry.actor}\n{entry.at}\n"
                + tr("Double click: go to this point")
            )
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
