"""All that a reader can choose for this workstation, in one dialog; each change holds at once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from kinecor.analysis.devices import gpu_found
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.reading import is_person
from kinecor.ui.app.actions import ACTIONS, key_words
from kinecor.ui.app.devices import DevicesPage
from kinecor.ui.app.hanging import AS_LAST, PROTOCOLS, HangingProtocol, StudyKind
from kinecor.ui.app.key_bindings import FILE_NAME, Bindings, keys_of, owner_of, portable, read_keys, rebound, write_keys
from kinecor.ui.app.modes import Mode
from kinecor.ui.app.privacy import PrivacyPage
from kinecor.ui.app.settings import Settings
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr, translated
from kinecor.ui.tiles.layouts import Layout as Tiles

_KIND_NAMES: Final = {StudyKind.ECHO: "Echo", StudyKind.STRESS: "Stress echo", StudyKind.MRI: "Cine MRI"}
_NAME, _KEY = range(2)  # columns of the list of keys


class Preferences(QDialog):
    """Reader, look and language; how studies are hung; keys; archives; devices; privacy.

    Args:
        settings: those in force.
        changed: called with other settings; the dialog shows what it returns, which are those then in force.
        archives: opens the dialog of archives.
        forget: forgets recent files, grey windows and studies.
        parent: the window.

    """

    def __init__(
        self,
        settings: Settings,
        changed: Callable[[Settings], Settings],
        archives: Callable[[], object],
        forget: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Preferences"))
        self.settings, self._changed = settings, changed
        self.pages = QTabWidget()
        self.pages.setUsesScrollButtons(False)
        self.pages.addTab(self._general(archives), tr("General"))
        self.hanging = HangingPage(settings, self._choose)
        self.pages.addTab(self.hanging, tr("Opening a study"))
        self.keys = KeysPage(settings.keys, lambda keys: self._choose(replace(self.settings, keys=keys)))
        self.pages.addTab(self.keys, tr("Keyboard shortcuts"))
        self.devices = DevicesPage(settings.device, settings.precision, gpu_found(), self._use_devices)
        self.pages.addTab(self.devices, tr("Devices"))
        self.privacy = PrivacyPage(
            settings.keep_days, lambda days: self._choose(replace(self.settings, keep_days=days)), forget
        )
        self.pages.addTab(self.privacy, tr("Privacy"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.addWidget(self.pages)
        column.addWidget(buttons)
        self.resize(640, 520)

    def _choose(self, settings: Settings) -> None:
        self.settings = self._changed(settings)
        self.hanging.settings = self.settings

    def _use_devices(self, device: str, precision: str) -> None:
        self._choose(replace(self.settings, device=device, precision=precision))

    def _general(self, archives: Callable[[], object]) -> QWidget:
        page = QWidget()
        self.reader, self.problem = QLineEdit(self.settings.actor), QLabel()
        self.reader.editingFinished.connect(self._rename)
        self.problem.setStyleSheet(f"color: {theme.BAD};")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.theme, self.language = Choice(), Choice()
        for name, text in (("dark", tr("Dark theme")), ("light", tr("Light theme"))):
            self.theme.addItem(text, name)
        self.theme.setCurrentIndex(self.theme.findData(self.settings.theme))
        self.theme.activated.connect(
            lambda _: self._choose(replace(self.settings, theme=str(self.theme.currentData())))
        )
        self.language.addItem(tr("as the system"), "")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(max(self.language.findData(self.settings.language), 0))
        self.language.activated.connect(
            lambda _: self._choose(replace(self.settings, language=str(self.language.currentData())))
        )
        self.reduced_motion = QCheckBox(tr("Less motion: loops play only when asked"))
        self.reduced_motion.setChecked(self.settings.reduced_motion)
        self.reduced_motion.toggled.connect(lambda still: self._choose(replace(self.settings, reduced_motion=still)))
        ask = QPushButton(tr("Archives…"))
        ask.clicked.connect(archives)
        form = QFormLayout(page)
        form.addRow(tr("Reader name, recorded with your edits"), self.reader)
        form.addRow(self.problem)
        form.addRow(tr("Colours"), self.theme)
        form.addRow(tr("Language"), self.language)
        form.addRow("", self.reduced_motion)
        form.addRow(tr("Archives of the department"), ask)
        return page

    def _rename(self) -> None:
        name = self.reader.text().strip()
        sound = bool(name) and is_person(name)
        self.problem.setText(
            ""
            if sound
            else tr('Expected a name that is not empty and does not begin with "model:"; it was not changed.')
        )
        self.problem.setVisible(not sound)
        if sound and name != self.settings.actor:
            self._choose(replace(self.settings, reader=name))


class HangingPage(QWidget):
    """The mode and the tiles that each kind of study opens with, and the layouts saved by name.

    Args:
        settings: those in force.
        changed: called with other settings.
        parent: the dialog.

    """

    def __init__(
        self, settings: Settings, changed: Callable[[Settings], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.settings, self._changed = settings, changed
        self.modes: dict[StudyKind, Choice] = {}
        self.tiles: dict[StudyKind, Choice] = {}
        form = QFormLayout()
        for kind in StudyKind:
            protocol = settings.protocol(kind)
            mode, tiles = self.modes[kind], self.tiles[kind] = Choice(), Choice()
            for single_mode in Mode:
                mode.addItem(tr(single_mode.words), single_mode.value)
            mode.setCurrentIndex(mode.findData(protocol.mode.value))
            tiles.addItem(tr("Tiles: as last time"), AS_LAST)
            for number in Tiles:
                tiles.addItem(tr(number.words), int(number))
            tiles.setCurrentIndex(tiles.findData(protocol.tiles))
            for choice, name in ((mode, tr("Mode")), (tiles, tr("Tiles"))):
                choice.setAccessibleName(f"{tr(_KIND_NAMES[kind])}: {name}")
                choice.activated.connect(lambda _, kind=kind: self._choose(kind))
            row = QHBoxLayout()
            row.addWidget(mode)
            row.addWidget(tiles)
            form.addRow(tr(_KIND_NAMES[kind]), row)
        self.names = QListWidget()
        self.names.setAccessibleName(tr("Saved layouts"))
        self.names.addItems(list(settings.named_layouts))
        self.remove = QPushButton(tr("Remove"))
        self.remove.clicked.connect(self._remove)
        column = QVBoxLayout(self)
        column.addWidget(QLabel(tr("A study opens in")))
        column.addLayout(form)
        column.addWidget(QLabel(tr("Layouts saved by Window > Save layout as…")))
        column.addWidget(self.names, 1)
        column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)

    def _choose(self, kind: StudyKind) -> None:
        protocol = HangingProtocol(Mode(self.modes[kind].currentData()), int(self.tiles[kind].currentData()))
        hanging = {**self.settings.hanging, kind.value: protocol}
        self._changed(
            replace(
                self.settings,
                hanging={
                    name: hanging_protocol
                    for name, hanging_protocol in hanging.items()
                    if hanging_protocol != PROTOCOLS[StudyKind(name)]
                },
            )
        )

    def _remove(self) -> None:
        item = self.names.currentItem()
        if item is not None:
            remaining_by_name = {
                name: named_layout for name, named_layout in self.settings.named_layouts.items() if name != item.text()
            }
            self.names.takeItem(self.names.row(item))
            self._changed(replace(self.settings, named_layouts=remaining_by_name))


class KeysPage(QWidget):
    """The list of actions with their keys; another key is typed into the field below it.

    Args:
        keys: the reader's keys.
        changed: called with others.
        parent: the dialog.

    """

    def __init__(self, keys: Bindings, changed: Callable[[Bindings], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._changed = keys, changed
        self.search, self.list = QLineEdit(), QTableWidget(0, 2)
        self.search.setPlaceholderText(tr("Find a command or a key"))
        self.search.textChanged.connect(lambda _: self._filter())
        self.list.setHorizontalHeaderLabels([tr("Command"), tr("Key")])
        self.list.setAccessibleName(tr("Keyboard shortcuts"))
        self.list.verticalHeader().hide()
        self.list.horizontalHeader().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self.list.horizontalHeader().setSectionResizeMode(_KEY, QHeaderView.ResizeMode.ResizeToContents)
        self.list.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.list.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.list.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.list.itemSelectionChanged.connect(self._show_key)
        self.key, self.note = QKeySequenceEdit(), QLabel()
        self.key.setMaximumSequenceLength(1)
        self.key.setAccessibleName(tr("Another key for the command"))
        field = self.key.findChild(QLineEdit)
        if field is not None:
            field.setPlaceholderText(tr("Press a key"))
        self.key.keySequenceChanged.connect(lambda _: self._warn())
        self.note.setObjectName("quiet")
        self.note.setWordWrap(True)
        self.use, self.clear = QPushButton(tr("Use this key")), QPushButton(tr("No key"))
        self.reset = QPushButton(tr("Reset all keys"))
        self.use.clicked.connect(lambda: self._bind(portable(self.key.keySequence())))
        self.clear.clicked.connect(lambda: self._bind(""))
        self.reset.clicked.connect(lambda: self._take({}))
        self.export, self.bring = QPushButton(tr("Export…")), QPushButton(tr("Import…"))
        self.export.clicked.connect(self._export)
        self.bring.clicked.connect(self._import)
        edit, files = QHBoxLayout(), QHBoxLayout()
        for widget in (self.key, self.use, self.clear):
            edit.addWidget(widget)
        for widget in (self.reset, self.export, self.bring):
            files.addWidget(widget)
        files.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(edit)
        column.addWidget(self.note)
        column.addLayout(files)
        self._fill()
        self._show_key()

    def _fill(self) -> None:
        self.list.setRowCount(len(ACTIONS))
        for row, action in enumerate(ACTIONS):
            keys = ", ".join(map(key_words, keys_of(action, self._keys)))
            for column, text in ((_NAME, tr(action.text).removesuffix("…")), (_KEY, keys)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, action.name)
                self.list.setItem(row, column, item)
        self._filter()

    def _filter(self) -> None:
        wanted = self.search.text().casefold()
        for row in range(self.list.rowCount()):
            texts = (item.text() for column in (_NAME, _KEY) if (item := self.list.item(row, column)) is not None)
            self.list.setRowHidden(row, not any(wanted in text.casefold() for text in texts))

    @property
    def selected(self) -> str:
        """The name of the selected action; "" without one."""
        items = self.list.selectedItems()
        return str(items[0].data(Qt.ItemDataRole.UserRole)) if items else ""

    def select(self, name: str) -> None:
        """Select an action by its name."""
        self.list.selectRow([action.name for action in ACTIONS].index(name))

    def _show_key(self) -> None:
        action = next((action for action in ACTIONS if action.name == self.selected), None)
        keys = keys_of(action, self._keys) if action is not None else ()
        self.key.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        for widget in (self.key, self.use, self.clear):
            widget.setEnabled(action is not None)
        self._warn()

    def _warn(self) -> None:
        key = portable(self.key.keySequence())
        owner = owner_of(key, self._keys, but=self.selected) if key and self.selected else None
        text = tr("{key} is the key of “{command}”, which would lose it.")
        self.note.setText(
            text.format(key=key_words(key), command=tr(owner.text).removesuffix("…")) if owner is not None else ""
        )

    def _bind(self, key: str) -> None:
        if not self.selected:
            return
        try:
            self._take(rebound(self.selected, key, self._keys))
        except KinecorError as error:
            self.note.setText(translated(error_message(error)))

    def _take(self, keys: Bindings) -> None:
        name = self.selected
        self._keys = keys
        self._changed(keys)
        self._fill()
        if name:
            self.select(name)
        self._show_key()

    def _export(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, tr("Export…"), FILE_NAME, _filters())
        if file:
            self._said(lambda: write_keys(Path(file), self._keys))

    def _import(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, tr("Import…"), "", _filters())
        if file:
            self._said(lambda: self._take(read_keys(Path(file))))

    def _said(self, does: Callable[[], object]) -> None:
        try:
            does()
        except KinecorError as error:
            self.note.setText(translated(error_message(error)))


def _filters() -> str:
    return "JSON (*.json)"
