"""The modes of the window: what the reader is doing, the tabs that choose it, and the layout that each keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget


class Mode(StrEnum):
    """What the reader is doing with the study."""

    REVIEW = "review"
    MEASURE = "measure"
    STRAIN = "strain"
    REPORT = "report"

    @property
    def words(self) -> str:
        """On its tab and in the menu."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Layout:
    """How a mode divides the window; sizes in px are taken as shares where the window has another size.

    Attributes:
        columns: widths of study list, centre and side.
        rows: heights of images and timeline.
        timeline: widths of the parts of the timeline.
        side: whether results are shown.

    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    timeline: tuple[int, ...]
    side: bool = True


LAYOUTS: Final = {
    Mode.REVIEW: Layout((156, 1220, 0), (860, 140), (700, 600, 300, 260), side=False),
    Mode.MEASURE: Layout((156, 912, 308), (690, 310), (700, 600, 300, 260)),
    Mode.STRAIN: Layout((156, 912, 308), (560, 440), (0, 600, 320, 0)),
    Mode.REPORT: Layout((156, 1220, 0), (1000, 0), (700, 600, 300, 260), side=False),
}
"""What each mode begins with."""


def layout_from(stored: Mapping[str, Any]) -> Layout:
    """A layout as it was saved.

    Raises:
        TypeError, ValueError, KeyError: it is none, or has other parts than the window.

    """
    columns, rows, timeline = (
        tuple(int(number) for number in stored[name]) for name in ("columns", "rows", "timeline")
    )
    own = LAYOUTS[Mode.MEASURE]
    if (len(columns), len(rows), len(timeline)) != (len(own.columns), len(own.rows), len(own.timeline)):
        raise ValueError(f"expected a layout of the window's parts, got {stored}")
    return Layout(columns, rows, timeline, side=bool(stored["side"]))


_SIDE_PX: Final = 16  # left and right of the word on a tab


class ModeTabs(QWidget):
    """A tab for each mode, with icon and word."""

    def __init__(self, named: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs: dict[Mode, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for mode in Mode:
            tab = QToolButton()
            tab.setObjectName("tab")
            tab.setDefaultAction(named[mode.value])
            tab.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            tab.setIconSize(QSize(16, 16))
            tab.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            self.tabs[mode] = tab
            row.addWidget(tab)

    @property
    def words_px(self) -> int:
        """How wide the tabs are without icons."""
        return sum(tab.fontMetrics().horizontalAdvance(tab.text()) + 2 * _SIDE_PX for tab in self.tabs.values())

    def show_icons(self, shown: bool) -> None:
        """Show icons next to the words, or words only."""
        style = Qt.ToolButtonStyle
        for tab in self.tabs.values():
            tab.setToolButtonStyle(style.ToolButtonTextBesideIcon if shown else style.ToolButtonTextOnly)
