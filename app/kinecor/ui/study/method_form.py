"""Analyse by method: the methods that there are, each with its card, for the recording on screen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.kind import Kind
from kinecor.core.values.message import Message
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import listed, tr, translated

_TITLE = "Analyse by method"
_WORDS = "The chosen method analyses the recording again. The result is one step that can be undone."
_NOT_RECORDED = ("simulated", "semi-synthetic", "time")
"""Beginnings of a figure's name that say that it was not measured on recorded images of patients."""


@dataclass(frozen=True, slots=True)
class OfferedMethod:
    """A method as the list shows it.

    Attributes:
        name: see `kinecor.analysis.methods.Method`.
        title: in the reader's language.
        card: HTML: what it is good for, its model and what was measured, on patients first.
        fits: whether it is for the recording on screen.

    """

    name: str
    title: str
    card: str
    fits: bool


def methods_of(kind: Kind) -> tuple[OfferedMethod, ...]:
    """All methods for a recording of a kind; slow the first time, so call it on a worker."""
    from kinecor.analysis.methods import METHODS
    from kinecor.analysis.models import card_of

    offered = []
    for method in METHODS:
        card = card_of(method, kind)
        only_for = [] if method.fits(kind) else [translated(kind.name) for kind in method.kinds or ()]
        model = f"{card.name} {card.version}: {translated(Message(card.summary))}"
        html = _card_html(translated(method.good_for), only_for, model, card.figures, card.limits)
        offered.append(OfferedMethod(method.name, translated(method.title), html, method.fits(kind)))
    return tuple(offered)


def _card_html(
    good_for: str, only_for: Sequence[str], model: str, measured: Mapping[str, str], limits: Sequence[str]
) -> str:
    figures = sorted(measured.items(), key=lambda entry: [entry[0].startswith(word) for word in _NOT_RECORDED])
    parts = [f"<p><b>{escape(good_for)}</b></p>"]
    if only_for:
        parts.append(f"<p>{escape(tr('For another kind of recording: {kinds}.').format(kinds=listed(only_for)))}</p>")
    parts += [
        f"<p>{escape(model)}</p>",
        f"<p>{escape(tr('Measured:'))}</p><ul>",
        *(f"<li>{escape(name)}: {escape(text)}</li>" for name, text in figures),
        f"</ul><p>{escape(tr('Limits:'))}</p><ul>",
        *(f"<li>{escape(text)}</li>" for text in limits),
        "</ul>",
    ]
    return "".join(parts)


def method_form(
    parent: QWidget | None,
    offered: Sequence[OfferedMethod],
    chosen: Callable[[str], object],
    beside: Callable[[str, str], object],
) -> QDialog:
    """The list of methods with the card of the selected one.

    Args:
        parent: the window.
        offered: see `methods_of`.
        chosen: called with the name of the method that is to analyse the recording.
        beside: called with two names whose results are to be shown side by side.

    """
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr(_TITLE))
    explanation = QLabel(tr(_WORDS))
    explanation.setWordWrap(True)
    rows = QListWidget()
    rows.setObjectName("methods")
    rows.setAccessibleName(tr("Methods"))
    card = QTextBrowser()
    card.setObjectName("method-card")
    card.setAccessibleName(tr("Card"))
    other = Choice()
    other.setObjectName("method-beside")
    other.setAccessibleName(tr("Method to compare with"))
    for offered_method in offered:
        item = QListWidgetItem(offered_method.title)
        item.setData(Qt.ItemDataRole.UserRole, offered_method.name)
        rows.addItem(item)
        if offered_method.fits:
            other.addItem(offered_method.title, offered_method.name)
    analyse = QPushButton(tr("Analyse"))
    analyse.setDefault(True)
    compare = QPushButton(tr("Show beside:"))
    compare.setObjectName("compare-methods")
    compare.setAutoDefault(False)

    def name() -> str:
        return str(rows.currentItem().data(Qt.ItemDataRole.UserRole))

    def show_card(row: int) -> None:
        card.setHtml(offered[row].card)
        analyse.setEnabled(offered[row].fits)
        compare.setEnabled(offered[row].fits and other.currentData() != name())

    rows.currentRowChanged.connect(show_card)
    other.currentIndexChanged.connect(lambda _: show_card(rows.currentRow()))
    rows.setCurrentRow(0)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    buttons.addButton(analyse, QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    dialog.accepted.connect(lambda: chosen(name()))

    def show_beside() -> None:
        both = name(), str(other.currentData())
        dialog.reject()
        beside(*both)

    compare.clicked.connect(show_beside)
    middle = QHBoxLayout()
    middle.addWidget(rows, 1)
    middle.addWidget(card, 3)
    below = QHBoxLayout()
    below.addWidget(compare)
    below.addWidget(other)
    below.addStretch(1)
    below.addWidget(buttons)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 14)
    column.addWidget(explanation)
    column.addLayout(middle, 1)
    column.addLayout(below)
    dialog.resize(780, 460)
    return dialog
