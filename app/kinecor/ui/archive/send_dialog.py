"""Send to archive: which objects of the study go where, and what became of each."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.io.archive.nodes import Archives
from kinecor.ui.archive import calls
from kinecor.ui.archive.calls import OBJECTS, Content, Line
from kinecor.ui.archive.nodes_dialog import NodesDialog
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr
from kinecor.ui.style.layouts import last_row
from kinecor.ui.workspace.jobs import Jobs


class SendDialog(QDialog):
    """Objects to choose, an archive, and after sending a line for each object."""

    def __init__(self, archives: Archives, content: Content, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Send to archive"))
        self.archives, self._content = archives, content
        self.jobs = Jobs(1, "archive send", self)
        self.node = Choice()
        self.manage = QPushButton(tr("Archives…"))
        self.objects = {name: QCheckBox(tr(text)) for name, text in OBJECTS}
        for name in ("study", "sr", "pdf", "seg"):
            self.objects[name].setChecked(True)
        self.commit = QCheckBox(tr("Ask the archive to confirm that it keeps them"))
        self.outcome = QTreeWidget()
        self.outcome.setObjectName("outcome")
        self.outcome.setHeaderLabels([tr("Object"), tr("Outcome")])
        self.outcome.setRootIsDecorated(False)
        self.outcome.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel, self.send = QPushButton(tr("Close")), QPushButton(tr("Send"))
        self.send.setObjectName("primary")
        self.send.setDefault(True)
        self.manage.setAutoDefault(False)
        top = QHBoxLayout()
        top.addWidget(QLabel(tr("Archive")))
        top.addWidget(self.node, 1)
        top.addWidget(self.manage)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(8)
        column.addLayout(top)
        for box in (*self.objects.values(), self.commit):
            column.addWidget(box)
        column.addWidget(self.outcome, 1)
        column.addLayout(last_row(self.words, self.cancel, self.send))
        self.resize(620, 460)
        for box in self.objects.values():
            box.toggled.connect(lambda _: self._refresh())
        self.manage.clicked.connect(lambda: NodesDialog(self.archives, self._changed, self).open())
        self.cancel.clicked.connect(self._cancel)
        self.send.clicked.connect(self.start)
        self.finished.connect(lambda _: self.jobs.shutdown())
        self._list_nodes()

    def _changed(self, archives: Archives) -> None:
        self.archives = archives
        self._list_nodes()

    def _list_nodes(self) -> None:
        before = self.node.currentText()
        self.node.clear()
        self.node.addItems([node.name for node in self.archives.nodes])
        self.node.setCurrentIndex(max(self.node.findText(before), 0))
        if not self.archives.nodes:
            self._say(tr("No archive is known yet: add one with the button Archives"))
        self._refresh()

    def _refresh(self) -> None:
        chosen = any(box.isChecked() for box in self.objects.values())
        self.send.setEnabled(bool(self.archives.nodes) and chosen and not self.jobs.keys)
        self.cancel.setText(tr("Cancel") if self.jobs.keys else tr("Close"))

    def _say(self, words: str, colour: str = "") -> None:
        self.words.setText(words)
        self.words.setStyleSheet(f"color: {colour};" if colour else "")

    def start(self) -> None:
        """Write what is chosen and send it."""
        node = self.archives.nodes[self.node.currentIndex()]
        chosen = tuple(name for name, box in self.objects.items() if box.isChecked())
        commit, content = self.commit.isChecked(), self._content
        self.outcome.clear()
        self._say(tr("Sending to {name}…").format(name=node.name))
        self.jobs.start(
            "send",
            lambda tick: calls.send_objects(node, content, chosen, commit, tick),
            done=self._done,
            failed=self._failed,
            ticked=lambda done, total: (
                self._say(tr("Sent {n} of {total}").format(n=done, total=total)) if total else None
            ),
        )
        self._refresh()

    def _done(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            mark = "\N{CHECK MARK}" if line.stored else "!"
            item = QTreeWidgetItem([line.what, f"{mark} {line.words}"])
            item.setToolTip(1, line.words)
            self.outcome.addTopLevelItem(item)
        stored = sum(line.stored for line in lines)
        text = tr("{n} of {total} objects stored").format(n=stored, total=len(lines))
        self._say(
            text if lines else tr("Nothing of this can be written yet"), "" if stored == len(lines) else theme.BAD
        )
        self._refresh()

    def _failed(self, why: str) -> None:
        self._say("! " + why, theme.BAD)
        self._refresh()

    def _cancel(self) -> None:
        if self.jobs.cancel("send"):
            self._say(tr("Cancelled; what was sent already is in the archive"))
            self._refresh()
        else:
            self.reject()
