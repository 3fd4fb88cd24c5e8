"""Dialogs: shortcuts, about, and the choice of a network."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import kinecor
from kinecor import RESEARCH_USE
from kinecor.core.values.kind import Kind
from kinecor.core.values.message import Message
from kinecor.session.edits import Edit
from kinecor.ui.app.actions import ACTIONS, MOUSE, key_words
from kinecor.ui.app.key_bindings import Bindings, keys_of
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.corrections import Corrections

_AROUND_PX = 80
"""What a dialog leaves of the screen next to its text, and twice that above and below it."""
_WHAT_IT_IS = (
    "A desktop viewer for echocardiography and cine MRI: LV contours, volumes, EF and strain. "
    "Every correction is saved as it is made, with the name of its author."
)
PACKAGES = ("PySide6-Essentials", "numpy", "scipy", "pydicom", "torch", "openvino")


def _dialog(parent: QWidget, title: str, html: str, width_px: int) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    label = QLabel(html)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    room = parent.screen().availableSize()
    label.setFixedWidth(min(width_px, room.width() - _AROUND_PX))
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(label)
    label.adjustSize()
    bar_px = scroll.verticalScrollBar().sizeHint().width()
    scroll.setFixedSize(label.width() + bar_px, min(label.height(), room.height() - 2 * _AROUND_PX))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 16, 20, 14)
    layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
    layout.addWidget(scroll)
    layout.addWidget(buttons)
    return dialog


def keys_dialog(parent: QWidget, bindings: Bindings) -> QDialog:
    """All shortcuts, from the table of actions and the reader's changes of it, and the mouse gestures."""
    tables = []
    for group in dict.fromkeys(action.menu for action in ACTIONS):
        rows = [
            (", ".join(map(key_words, keys_of(action, bindings))), tr(action.text).removesuffix("…"))
            for action in ACTIONS
            if action.menu == group and keys_of(action, bindings)
        ]
        tables.append(_table(tr(group), rows))
    mouse = _table(tr("Mouse"), [(tr(left), tr(right)) for left, right in MOUSE])
    columns = "".join(
        f"<td width='33%' style='padding-right:24px'>{''.join(some)}</td>"
        for some in (tables[:3], tables[3:5], tables[5:])
    )
    return _dialog(parent, tr("Keyboard shortcuts"), f"<table width='100%'><tr>{columns}</tr></table>{mouse}", 1200)


def _table(heading: str, rows: list[tuple[str, str]]) -> str:
    lines = "".join(
        f"<tr><td style='padding-right:18px'><b>{_unbroken(left)}</b></td><td>{escape(right)}</td></tr>"
        for left, right in rows
    )
    return f"<p style='margin:6px 0 2px 0; color:{theme.QUIET}'>{escape(heading)}</p><table>{lines}</table>"


def _unbroken(text: str) -> str:
    return escape(text).replace(" ", "&nbsp;")


def about_dialog(parent: QWidget, models: tuple[str, ...]) -> QDialog:
    """What Kinecor is, its intended use, versions and models."""
    from importlib.metadata import PackageNotFoundError, version

    versions = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            versions.append((package, version(package)))
        except PackageNotFoundError:
            versions.append((package, tr("not installed")))
    known = "".join(f"<br>{escape(model)}" for model in models or (tr("none installed"),))
    return _dialog(
        parent,
        tr("About Kinecor"),
        f"<p style='font-size:20px'><b>Kinecor</b> {escape(kinecor.__version__)}</p>"
        f"<p style='color:{theme.WARNING}'><b>{translated(RESEARCH_USE)}</b></p>"
        f"<p>{escape(tr(_WHAT_IT_IS))}</p><p>{escape(tr('Models:'))}{known}</p>" + _table(tr("Versions"), versions),
        520,
    )


def corrections_dialog(
    parent: QWidget, corrections: Corrections, chosen: Callable[[Edit | None], object]
) -> QMessageBox:
    """Ask what becomes of a reader's corrections when a recording is analysed again.

    `chosen` is called with the edit that makes them again, or with None where the analysis replaces them.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Analyse again"))
    box.setText(tr("This recording has your corrections. Keep them?"))
    box.setInformativeText(
        tr(
            "Corrected: {what}. The frames you drew stay exactly as they are; the new contours of the other frames "
            "follow them. Values you accepted are open again. Every step can be undone."
        ).format(what=", ".join(corrections.words))
    )
    keep = box.addButton(tr("Keep my corrections"), QMessageBox.ButtonRole.AcceptRole)
    replace_all = box.addButton(tr("Replace all"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(keep)

    def answered(button: QAbstractButton) -> None:
        if button is keep or button is replace_all:
            chosen(corrections.edit if button is keep else None)

    box.buttonClicked.connect(answered)
    return box


_TITLE = "Analyse with another network"
_WORDS = "The chosen network contours the recording again. The result is one step that can be undone."


@dataclass(frozen=True, slots=True)
class Offered:
    """A network: its name, and its description."""

    name: str
    words: str


def networks_of(kind: Kind) -> tuple[Offered, ...]:
    """The networks that contour such recordings, the default first; slow the first time, so call it on a worker."""
    from kinecor.analysis.models import gain_at_site, networks

    offered = []
    for card in networks(kind.network or "apical"):
        text = f"{card.name} {card.version}: {translated(Message(card.summary))}"
        gain = translated(gain_at_site(card))
        offered.append(Offered(card.name, f"{text}\n{gain}" if gain else text))
    return tuple(offered)


def _add_own_folder(
    column: QVBoxLayout, dialog: QDialog, own: "OwnFolder", choose_folder: Callable[[], object] | None
) -> None:
    line = QHBoxLayout()
    place = QLabel(tr("Networks of your own: {folder}").format(folder=own.path or tr("no folder")))
    place.setTextFormat(Qt.TextFormat.PlainText)
    place.setWordWrap(True)
    button = QPushButton(tr("Choose folder …"))
    button.setObjectName("own-folder")
    button.setAutoDefault(False)
    button.clicked.connect(dialog.reject)
    if choose_folder is not None:
        button.clicked.connect(choose_folder)
    line.addWidget(place, 1)
    line.addWidget(button)
    column.addLayout(line)
    for sentence in own.wrong:
        wrong = QLabel(sentence)
        wrong.setTextFormat(Qt.TextFormat.PlainText)
        wrong.setWordWrap(True)
        wrong.setObjectName("wrong-card")
        column.addWidget(wrong)


@dataclass(frozen=True, slots=True)
class OwnFolder:
    """The folder of networks of one's own: its path, "" where none is chosen, and what is wrong with cards in it."""

    path: str
    wrong: tuple[str, ...] = ()


def own_folder() -> OwnFolder:
    """The folder that is set; to be called on a worker, as `networks_of`."""
    from kinecor.analysis.models import unusable
    from kinecor.analysis.own_models import models_folder

    folder = models_folder()
    return OwnFolder("" if folder is None else str(folder), unusable())


def network_dialog(
    parent: QWidget | None,
    offered: Sequence[Offered],
    chosen: Callable[[str], object],
    own: OwnFolder | None = None,
    choose_folder: Callable[[], object] | None = None,
) -> QDialog:
    """A list of networks.

    Args:
        parent: the window.
        offered: see `networks_of`.
        chosen: called with the name that the reader selects.
        own: where networks of one's own lie; None shows nothing of it.
        choose_folder: called where the reader wants another folder; the dialog has closed then.

    """
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr(_TITLE))
    label = QLabel(tr(_WORDS))
    label.setWordWrap(True)
    rows = QListWidget()
    rows.setObjectName("networks")
    rows.setWordWrap(True)
    rows.setSpacing(4)
    for offered_network in offered:
        item = QListWidgetItem(offered_network.words)
        item.setData(Qt.ItemDataRole.UserRole, offered_network.name)
        rows.addItem(item)
    rows.setCurrentRow(0)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    buttons.addButton(tr("Analyse"), QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    rows.itemActivated.connect(lambda _: dialog.accept())
    dialog.accepted.connect(lambda: chosen(str(rows.currentItem().data(Qt.ItemDataRole.UserRole))))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 14)
    column.addWidget(label)
    column.addWidget(rows)
    if own is not None:
        _add_own_folder(column, dialog, own, choose_folder)
    column.addWidget(buttons)
    dialog.resize(560, 360)
    return dialog
