"""The settings of archives, with a test of each."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.io.archive.nodes import Archives, Node
from kinecor.ui.archive import calls
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.jobs import Jobs


class NodesDialog(QDialog):
    """A list of archives, and the fields of the one chosen.

    `changed` is called with the archives whenever they were saved.
    """

    def __init__(
        self, archives: Archives, changed: Callable[[Archives], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Archives"))
        self.archives, self._changed = archives, changed
        self.jobs = Jobs(1, "archive test", self)
        self.list = QListWidget()
        self.list.setFixedWidth(170)
        self.name, self.host, self.url, self.user = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self.title, self.own, self.ca, self.password = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self.title.setMaxLength(16)
        self.own.setMaxLength(16)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(tr("unchanged; saved in the system keyring"))
        self.ca.setPlaceholderText(tr("file of a CA; empty for those the system trusts"))
        self.url.setPlaceholderText("https://host/dicom-web")
        self.port = QSpinBox()
        self.port.setRange(1, 65535)
        self.kind, self.way = Choice(), Choice()
        self.kind.addItem("DICOM (DIMSE)", False)
        self.kind.addItem("DICOMweb", True)
        self.way.addItem(tr("C-GET: over this connection"), "get")
        self.way.addItem(tr("C-MOVE: to the receiver of this computer"), "move")
        self.tls = QCheckBox(tr("TLS"))
        self.form = QFormLayout()
        rows: tuple[tuple[str, QWidget], ...] = (
            (tr("Name"), self.name),
            (tr("Kind"), self.kind),
            (tr("URL"), self.url),
            (tr("Host"), self.host),
            (tr("Port"), self.port),
            (tr("Its AE title"), self.title),
            (tr("AE title of this computer"), self.own),
            (tr("Retrieve by"), self.way),
            ("", self.tls),
            (tr("Certificates"), self.ca),
            (tr("User"), self.user),
            (tr("Password"), self.password),
        )
        for text, field in rows:
            self.form.addRow(text, field)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setMinimumHeight(self.words.fontMetrics().height() * 3)
        self.add, self.remove = QPushButton(tr("Add")), QPushButton(tr("Remove"))
        self.test, self.save, close = QPushButton(tr("Test")), QPushButton(tr("Save")), QPushButton(tr("Close"))
        self.save.setObjectName("primary")
        for button in (self.add, self.remove, self.test, close):
            button.setAutoDefault(False)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        pair = QHBoxLayout()
        pair.addWidget(self.add)
        pair.addWidget(self.remove)
        left.addLayout(pair)
        right = QVBoxLayout()
        right.addLayout(self.form)
        right.addWidget(self.words)
        right.addStretch(1)
        ends = QHBoxLayout()
        ends.addWidget(self.test)
        ends.addStretch(1)
        ends.addWidget(close)
        ends.addWidget(self.save)
        right.addLayout(ends)
        both = QHBoxLayout(self)
        both.setContentsMargins(20, 16, 20, 14)
        both.setSpacing(16)
        both.addLayout(left)
        both.addLayout(right, 1)
        self.resize(720, 480)
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.list.currentRowChanged.connect(lambda _: self._show_node())
        self.add.clicked.connect(lambda: self._fill(None))
        self.remove.clicked.connect(self._remove)
        self.test.clicked.connect(self._test)
        self.save.clicked.connect(self._save)
        close.clicked.connect(self.reject)
        self.finished.connect(lambda _: self.jobs.shutdown())
        self._list()

    def _list(self, name: str = "") -> None:
        self.list.clear()
        self.list.addItems([node.name for node in self.archives.nodes])
        names = [node.name for node in self.archives.nodes]
        if names:
            self.list.setCurrentRow(names.index(name) if name in names else 0)
        else:
            self._fill(None)

    @property
    def chosen(self) -> Node | None:
        """The archive that is selected in the list."""
        row = self.list.currentRow()
        return self.archives.nodes[row] if 0 <= row < len(self.archives.nodes) else None

    def _show_node(self) -> None:
        if self.chosen is not None:
            self._fill(self.chosen)

    def _fill(self, node: Node | None) -> None:
        """Show an archive, or empty fields for a new one."""
        if node is None:
            self.list.setCurrentRow(-1)
        own = self.archives.receiver.ae_title
        values = (("", "", "", "", "", own, "") if node is None else
                  (node.name, node.host, node.url, node.user, node.ae_title, node.own_ae_title, node.ca))  # fmt: skip
        fields = (self.name, self.host, self.url, self.user, self.title, self.own, self.ca)
        for field, value in zip(fields, values, strict=True):
            field.setText(value)
        self.password.clear()
        self.port.setValue(104 if node is None else node.port)
        self.tls.setChecked(node is not None and node.tls)
        self.kind.setCurrentIndex(int(node is not None and node.web))
        self.way.setCurrentIndex(int(node is not None and node.retrieve == "move"))
        self.remove.setEnabled(node is not None)
        self._say("")
        self._show_kind()
        if node is None:
            self.name.setFocus()

    def _show_kind(self) -> None:
        web = bool(self.kind.currentData())
        self.form.setRowVisible(self.url, web)
        for field in (self.host, self.port, self.title, self.own, self.way, self.tls):
            self.form.setRowVisible(field, not web)

    def _say(self, words: str, colour: str = "") -> None:
        self.words.setText(words)
        self.words.setStyleSheet(f"color: {colour};" if colour else "")

    def _typed(self) -> Node | None:
        """The archive as it is typed; None, with the reason, where it is none."""
        web = bool(self.kind.currentData())
        try:
            common: dict[str, Any] = {"ca": self.ca.text().strip(), "user": self.user.text().strip()}
            name = self.name.text().strip()
            if web:
                url = self.url.text().strip()
                if not url:
                    raise KinecorError(message("Expected the URL of a DICOMweb service: enter it"))
                return Node(name, url=url, own_ae_title=self.archives.receiver.ae_title, **common)
            return Node(
                name,
                self.host.text().strip(),
                self.port.value(),
                self.title.text().strip(),
                self.own.text().strip(),
                retrieve=self.way.currentData(),
                tls=self.tls.isChecked(),
                **common,
            )
        except KinecorError as error:
            self._say(translated(error.message), theme.BAD)
            return None

    def _save(self) -> None:
        node, before = self._typed(), self.chosen
        if node is None:
            return
        archives = self.archives if before is None else calls.renamed(self.archives, before, node)
        password = self.password.text() or None
        self.jobs.start(
            "save",  # a keyring may ask the reader to unlock it
            lambda _: calls.save_node(archives, node, password),
            done=lambda saved: self._saved(saved[0], node.name, saved[1]),
            failed=lambda why: self._say("! " + why, theme.BAD),
        )

    def _saved(self, archives: Archives, name: str, sentence: str) -> None:
        self.archives = archives
        self._changed(archives)
        self._list(name)
        self._say(sentence or tr("Saved."), theme.WARNING if sentence else "")

    def _remove(self) -> None:
        node, archives = self.chosen, self.archives
        if node is None:
            return
        self.jobs.start(
            "save",
            lambda _: calls.remove_node(archives, node),
            done=lambda left: self._saved(left, "", ""),
            failed=lambda why: self._say("! " + why, theme.BAD),
        )

    def _test(self) -> None:
        """Ask the archive as typed whether it answers."""
        node = self._typed()
        if node is None:
            return
        if node.user and self.password.text():
            calls.PASSWORDS.use(node, self.password.text())
        self._say(tr("Asking {name}…").format(name=node.name))
        self.jobs.start(
            "test",
            lambda tick: calls.test_node(node, tick),
            done=lambda taken_s: self._say(
                "\N{CHECK MARK} " + tr("{name} answers ({n} ms).").format(name=node.name, n=f"{taken_s * 1000:.0f}"),
                theme.GOOD,
            ),
            failed=lambda why: self._say("! " + why, theme.BAD),
        )
