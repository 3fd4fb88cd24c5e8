"""The tool strip above the images: buttons with icon and word, and a menu for those that do not fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from kinecor.ui.style.language import tr
from kinecor.ui.style.theme import icon


@dataclass(frozen=True, slots=True)
class Tool:
    """One button of the strip.

    Attributes:
        action: its name in the table of actions.
        word: on the button; short.
        rank: the strip holds as many as fit, the lowest ranks first; the others are in "More".
        right: whether it stands at the right end.
        divider: whether a line stands before it.

    """

    action: str
    word: str
    rank: int
    right: bool = False
    divider: bool = False


TOOLS: Final = (
    Tool("tool_select", "Select", 5),
    Tool("tool_trace", "Trace", 6),
    Tool("tool_push", "Push", 4),
    Tool("tool_redraw", "Redraw", 10),
    Tool("propagate", "Propagate", 4, divider=True),
    Tool("calliper_distance", "Calliper", 5),
    Tool("analyse", "Analyse", 7, divider=True),
    Tool("fit", "Fit", 8, divider=True),
    Tool("undo", "Undo", 2, divider=True),
    Tool("redo", "Redo", 3),
    Tool("points", "Points", 9, right=True),
    Tool("overlays", "Contours", 6, right=True),
)
"""In the order of the strip. A tool needs one line here and one in the table of actions."""

MARGIN_PX, GAP_PX = 6, 2


class ToolStrip(QFrame):
    """Buttons for `TOOLS`; how the loop plays is chosen below the images."""

    def __init__(self, named: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN_PX, 3, MARGIN_PX, 3)
        self._row.setSpacing(GAP_PX)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)  # narrower than its buttons: "More"
        self.buttons: dict[str, QToolButton] = {}
        self._lines: dict[str, QFrame] = {}
        for tool in (one for one in TOOLS if not one.right):
            self._add(tool, named[tool.action])
        self._row.addStretch(1)
        self.more = QToolButton()
        self.more.setText(tr("More"))
        self.more.setToolTip(tr("Tools that do not fit"))
        self.more.setIcon(icon("menu"))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        self._row.addWidget(self.more)
        for tool in (one for one in TOOLS if one.right):
            self._add(tool, named[tool.action])
        self._named = named
        self._shown: frozenset[str] | None = None
        self._fit()

    def _add(self, tool: Tool, action: QAction) -> None:
        if tool.divider:
            line = self._lines[tool.action] = QFrame()
            line.setObjectName("divider")
            line.setFixedSize(1, 18)
            self._row.addWidget(line)
        button = self.buttons[tool.action] = QToolButton()
        button.setDefaultAction(action)
        button.setText(tr(tool.word))
        # A change of the action, such as its name for undo, would put the action's text on the button.
        action.changed.connect(lambda: button.setText(tr(tool.word)))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(16, 16))
        self._row.addWidget(button)

    def minimumSizeHint(self) -> QSize:
        """Wide enough for "More" alone: everything else can be in the menu."""
        wide = self.more.sizeHint().width() + 2 * MARGIN_PX
        return QSize(wide, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show the buttons of the lowest ranks that fit, the others in "More"."""
        room_px = self.width() - 2 * MARGIN_PX - 2 * GAP_PX  # the stretch has a gap on both sides
        wide = {tool.action: self._width(tool) for tool in TOOLS}
        shown = frozenset(wide)
        if sum(wide.values()) > room_px:
            room_px -= self.more.sizeHint().width() + GAP_PX
            fitting: set[str] = set()
            for tool in sorted(TOOLS, key=lambda one: one.rank):
                room_px -= wide[tool.action]
                if room_px < 0:
                    break
                fitting.add(tool.action)
            shown = frozenset(fitting)
        if shown == self._shown:
            return
        self._shown = shown
        menu = self.more.menu()
        menu.clear()
        for tool in TOOLS:
            self.buttons[tool.action].setVisible(tool.action in shown)
            if tool.action in self._lines:
                self._lines[tool.action].setVisible(tool.action in shown)
            if tool.action not in shown:
                menu.addAction(self._named[tool.action])
        self.more.setVisible(bool(menu.actions()))

    def _width(self, tool: Tool) -> int:
        divider = 1 + GAP_PX if tool.action in self._lines else 0
        self.buttons[tool.action].ensurePolished()  # the style sheet counts
        return self.buttons[tool.action].sizeHint().width() + GAP_PX + divider
