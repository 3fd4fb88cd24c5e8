"""Analysing the recording on screen again, by a network that the reader chooses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from kinecor.core.values.kind import Kind

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow

_TITLE = "Analyse by another network"
_WORDS = "Contours are drawn anew by the network chosen; it is one more step that can be undone."


@dataclass(frozen=True, slots=True)
class Offered:
    """A network: its name, and what is told of it."""

    name: str
    words: str


def networks_of(kind: Kind) -> tuple[Offered, ...]:
    """The networks that contour such recordings, the default first; slow the first time, so for a worker."""
    from kinecor.analysis.models import networks

    return tuple(
        Offered(card.name, f"{card.name} {card.version}: {card.summary}") for card in networks(kind.network or "apical")
    )


def ask_network(window: "MainWindow") -> None:
    """Offer the networks for the recording on screen, and analyse it by the one that the reader takes."""
    kind = window.workspace.kind
    if kind is None:
        return
    window.jobs.start(
        "networks",
        lambda _: networks_of(kind),
        lambda offered: network_dialog(window, offered, window.analysing.again).open(),
        window.banner.tell,
    )


def network_dialog(parent: QWidget, offered: Sequence[Offered], chosen: Callable[[str], object]) -> QDialog:
    """A list of networks; `chosen` is called with the name of the one that the reader takes."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(_TITLE)
    words = QLabel(_WORDS)
    words.setWordWrap(True)
    rows = QListWidget()
    rows.setObjectName("networks")
    rows.setWordWrap(True)
    rows.setSpacing(4)
    for one in offered:
        item = QListWidgetItem(one.words)
        item.setData(Qt.ItemDataRole.UserRole, one.name)
        rows.addItem(item)
    rows.setCurrentRow(0)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    buttons.addButton("Analyse", QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    rows.itemActivated.connect(lambda _: dialog.accept())
    dialog.accepted.connect(lambda: chosen(str(rows.currentItem().data(Qt.ItemDataRole.UserRole))))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 14)
    column.addWidget(words)
    column.addWidget(rows)
    column.addWidget(buttons)
    dialog.resize(560, 320)
    return dialog
