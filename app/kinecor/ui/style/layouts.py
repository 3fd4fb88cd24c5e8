"""Rows that dialogs share, and widgets that leave a layout."""

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget


def last_row(words: QWidget, *buttons: QWidget) -> QHBoxLayout:
    """What a dialog says of its outcome, and its buttons at the right, the one that acts last."""
    row = QHBoxLayout()
    row.addWidget(words, 1)
    for button in buttons:
        row.addWidget(button)
    return row


def remove_widgets(layout: QLayout, widgets: Iterable[QWidget]) -> None:
    """Take widgets out of a layout, hide and delete them.

    By widget, never by `itemAt` or `takeAt`: a layout's item outlives itself in Python's wrapper of it, and what is
    made at its address next is then taken for that wrapper (a crash in Shiboken's releaseWrapper, PySide 6.11).
    """
    for widget in widgets:
        layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
