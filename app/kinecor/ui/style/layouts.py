"""Widgets that leave a layout."""

from collections.abc import Iterable

from PySide6.QtWidgets import QLayout, QWidget


def remove_widgets(layout: QLayout, widgets: Iterable[QWidget]) -> None:
    """Take widgets out of a layout, hide and delete them.

    By widget, never by `itemAt` or `takeAt`: a layout's item outlives itself in Python's wrapper of it, and what is
    made at its address next is then taken for that wrapper (a crash in Shiboken's releaseWrapper, PySide 6.11).
    """
    for widget in widgets:
        layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
