"""Who did what, and when."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from kinecor.core.values.author import short_author
from kinecor.session.journal import Entry
from kinecor.ui.style import theme
from kinecor.ui.workspace.workspace import Change, Workspace

MOST_SHOWN = 300  # the rest is in the file


def line(entry: Entry) -> str:
    """One line of the history, in local time."""
    at = datetime.fromisoformat(entry.at).astimezone()
    return f"{at:%d %b %H:%M}   {short_author(entry.actor)}   {entry.summary}"


class HistoryView(QListWidget):
    """Every edit of the current recording, the latest on top; what is taken back is struck through.

    It is there to be read: clicking changes nothing.
    """

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
        """List the entries anew; a preview is no entry."""
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
