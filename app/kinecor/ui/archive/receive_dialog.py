"""Receive: a switch for the receiver of this computer, and what has arrived since it was switched on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import nodes
from kinecor.io.archive.nodes import Archives
from kinecor.ui.archive import calls
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import shown, tr, translated
from kinecor.ui.style.layouts import last_row

if TYPE_CHECKING:
    from kinecor.io.archive.receiver import Received

_LOOK_MS = 200
_LOOPBACK, _EVERYWHERE = "127.0.0.1", "0.0.0.0"


class ReceiveDialog(QDialog):
    """Listens as long as it is switched on and the dialog is open; `chosen` gets the folder of a study to open."""

    def __init__(self, archives: Archives, chosen: Callable[[Path], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Receive"))
        self.archives, self._chosen = archives, chosen
        self.receiving: calls.Receiving | None = None
        self._arrived: SimpleQueue[Received] = SimpleQueue()
        before = archives.receiver
        self.title, self.allow = QLineEdit(before.ae_title), QLineEdit(", ".join(before.allow))
        self.allow.setPlaceholderText(tr("AE titles that may send, besides saved archives"))
        self.host = Choice()
        self.host.addItem(tr("this computer only"), _LOOPBACK)
        self.host.addItem(tr("every computer of the network"), _EVERYWHERE)
        if self.host.findData(before.host) < 0:
            self.host.addItem(before.host, before.host)
        self.host.setCurrentIndex(self.host.findData(before.host))
        self.port = QSpinBox()
        self.port.setRange(0, 65535)
        self.port.setValue(before.port)
        self.switch = QPushButton()
        self.switch.setObjectName("primary")
        self.close_button, self.open_study = QPushButton(tr("Close")), QPushButton(tr("Open"))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.studies = QTreeWidget()
        self.studies.setObjectName("received")
        self.studies.setHeaderLabels([tr("From"), tr("Images"), tr("State"), tr("Study")])
        self.studies.setRootIsDecorated(False)
        self.studies.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.switch.clicked.connect(self._turn)
        self.open_study.clicked.connect(self._open)
        self.close_button.clicked.connect(self.reject)
        self.studies.itemSelectionChanged.connect(self._refresh)
        self.studies.itemDoubleClicked.connect(lambda *_: self._open())
        self.finished.connect(lambda _: self.stop())
        self._refresh()

    def _lay_out(self) -> None:
        fields = QGridLayout()
        for row, (text, field) in enumerate(
            (
                (tr("AE title of this computer"), self.title),
                (tr("May be reached by"), self.host),
                (tr("Port"), self.port),
                (tr("Allowed senders"), self.allow),
            )
        ):
            fields.addWidget(QLabel(text), row, 0)
            fields.addWidget(field, row, 1)
        fields.setColumnStretch(1, 1)
        buttons = self.close_button, self.open_study, self.switch
        for button in buttons:
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(10)
        column.addLayout(fields)
        column.addWidget(self.studies, 1)
        column.addLayout(last_row(self.words, *buttons))
        self.resize(720, 420)

    def _refresh(self) -> None:
        on = self.receiving is not None
        self.switch.setText(tr("Stop receiving") if on else tr("Start receiving"))
        for field in (self.title, self.host, self.port, self.allow):
            field.setEnabled(not on)
        self.open_study.setEnabled(bool(self.studies.selectedItems()))

    def _say(self, words: str, colour: str = "") -> None:
        self.words.setText(words)
        self.words.setStyleSheet(f"color: {colour};" if colour else "")

    def _turn(self) -> None:
        if self.receiving is not None:
            self.stop()
            self._say(tr("Stopped; what arrived is on this computer"))
        else:
            self.start()
        self._refresh()

    def start(self) -> None:
        """Listen as the fields say, and save them."""
        titles = tuple(part.strip() for part in self.allow.text().replace(";", ",").split(",") if part.strip())
        try:
            receiver = replace(
                self.archives.receiver,
                ae_title=self.title.text().strip(),
                host=self.host.currentData(),
                port=self.port.value(),
                allow=titles,
            )
            self.archives = replace(self.archives, receiver=receiver)
            self.receiving = calls.receive(self.archives, self._arrived.put)
            nodes.save(self.archives)
        except KinecorError as error:
            self._say(f"! {translated(error.message)}", theme.BAD)
            return
        said = tr("{title} listens at {host}, port {port}, for {senders}").format(
            title=receiver.ae_title,
            host=receiver.host,
            port=self.receiving.port,
            senders=", ".join(self.receiving.senders),
        )
        warning = nodes.warn_if_open(receiver)
        self._say(f"{said}. ! {warning}" if warning else said, theme.WARNING if warning else "")
        self._timer.start()

    def stop(self) -> None:
        """Stop listening; a study that is arriving stays marked as incomplete."""
        self._timer.stop()
        if self.receiving is not None:
            self.receiving.stop()
            self.receiving = None
            self.look()

    def look(self) -> None:
        """List what has arrived."""
        while True:
            try:
                received = self._arrived.get_nowait()
            except Empty:
                return
            if received.sentence:
                self._say(f"! {shown(received.sentence)}", theme.WARNING)
            if not received.study_uid:
                continue
            items = [self.studies.topLevelItem(row) for row in range(self.studies.topLevelItemCount())]
            item = next((each for each in items if each is not None and each.text(3) == received.study_uid), None)
            if item is None:
                item = QTreeWidgetItem([received.sender, "0", "", received.study_uid])
                self.studies.addTopLevelItem(item)
            if received.outcome is None:
                item.setText(2, tr("complete") if received.whole else "! " + tr("incomplete"))
            else:
                item.setText(1, str(int(item.text(1)) + 1))
                item.setText(2, tr("arriving"))

    def _open(self) -> None:
        for item in self.studies.selectedItems():
            self._chosen(calls.received_folder(self.archives, item.text(3)))
