"""The window's bars: menus, patient and modes below them, and the tool strip above the images."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QMenuBar, QToolButton, QWidget

from kinecor.core.checks.findings import Severity
from kinecor.core.values.message import NOTHING, Message
from kinecor.session.journal import Entry
from kinecor.ui.app.actions import ACTIONS, Menu
from kinecor.ui.app.modes import ModeTabs
from kinecor.ui.study.patient_bar import PatientBar
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.marks import COLOURS, mark_icon
from kinecor.ui.style.theme import icon
from kinecor.ui.workspace.workspace import Workspace

HEIGHT_PX, NARROW_PX = 44, 800


class TopBar(QFrame):
    """Patient, modes, checks."""

    def __init__(self, workspace: Workspace, named: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top")
        self.setFixedHeight(HEIGHT_PX)
        self.patient = PatientBar(workspace)
        self.modes: ModeTabs = ModeTabs(named)
        self.checks: QToolButton = QToolButton()
        self.checks.setDefaultAction(named["checks"])
        self.checks.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.checks.setIconSize(QSize(16, 16))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(10)
        row.addWidget(self.patient, 1)
        row.addWidget(self.modes)
        row.addWidget(self.checks)
        self._worst: Severity | None = None
        self.show_checks(())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the tabs have words only, so that more is said of the patient."""
        super().resizeEvent(event)
        self.modes.show_icons(event.size().width() >= NARROW_PX)

    def minimumSizeHint(self) -> QSize:
        """With tabs of words only."""
        return QSize(self.patient.minimumSizeHint().width() + self.modes.words_px + 130, HEIGHT_PX)

    def show_checks(self, opened: Sequence[Severity]) -> None:
        """Show how many checks are open: amber, red where one withholds a value, quiet where there is none."""
        worst = Severity.STOP if Severity.STOP in opened else Severity.CHECK if opened else Severity.INFO
        self.checks.defaultAction().setIconText(f"{tr('Checks')} {len(opened)}")
        action = self.checks.defaultAction()
        action.setIconVisibleInMenu(False)
        if worst is self._worst:
            return
        self._worst = worst
        action.setIcon(mark_icon(worst))  # of the action: the button takes it again whenever the action changes
        self.checks.setStyleSheet(
            f"QToolButton {{ color: {COLOURS[worst]}; border: 1px solid {COLOURS[worst]}; padding: 4px 10px; }}"
            f"QToolButton:focus {{ border: 2px solid {theme.FOCUS}; padding: 3px 9px; }}"
        )


MNEMONICS: Final = {"View": "Vie&w", "Study": "St&udy", "Window": "Wi&ndow", "Measure": "Me&asure"}
"""Titles whose first letter is taken: Alt+S, Alt+V and others are actions."""


def mnemonic(title: str) -> str:
    """The title of a menu with the letter that opens it."""
    return MNEMONICS.get(title, f"&{title}")


class MenuBar(QMenuBar):
    """Menus in the order of `Menu`, each with its actions in the order of the table."""

    def __init__(self, named: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menus: dict[str, QMenu] = {}
        self.submenus: dict[str, QMenu] = {}
        for title in get_args(Menu):
            menu = self.menus[title] = self.addMenu(tr(mnemonic(title)))
            menu.setToolTipsVisible(True)
            for action in ACTIONS:
                if action.menu != title:
                    continue
                if action.divider:
                    menu.addSeparator()
                self._place(menu, action.submenu).addAction(named[action.name])
        self._layouts = QMenu(tr("Saved layouts"), self)
        self.menus["Window"].insertMenu(named["layout"], self._layouts)
        self._recent = QMenu(tr("Open &recent"), self)
        self.menus["File"].insertMenu(named["demo"], self._recent)

    def _place(self, menu: QMenu, submenu: str) -> QMenu:
        """Where an action is listed: in the menu, or in its submenu, which is made for the first of it."""
        if not submenu:
            return menu
        if submenu not in self.submenus:
            self.submenus[submenu] = menu.addMenu(tr(submenu))
        return self.submenus[submenu]

    def show_layouts(self, names: Iterable[str], use: Callable[[str], object]) -> None:
        """List the layouts that a reader saved."""
        self._layouts.clear()
        for name in names:
            action = self._layouts.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, name=name: use(name))
        self._layouts.setEnabled(not self._layouts.isEmpty())

    def show_recent(self, paths: Iterable[str], open_path: Callable[[str], object]) -> None:
        """List recent paths, the latest first."""
        self._recent.clear()
        for path in paths:
            action = self._recent.addAction("/".join(Path(path).parts[-2:]).replace("&", "&&"))
            action.setToolTip(path)
            action.triggered.connect(lambda _=False, one=path: open_path(one))
        self._recent.setEnabled(not self._recent.isEmpty())


def steps(history: tuple[Entry, ...]) -> tuple[Message, Message]:
    """What undo and redo would act on, in words; "" where there is nothing.

    A recording and its study are undone each in its own order: of their last edits the later one first.
    """
    done: dict[str, list[Entry]] = {}
    undone: dict[str, list[Entry]] = {}
    for entry in history:
        past, future = done.setdefault(entry.recording_id, []), undone.setdefault(entry.recording_id, [])
        if entry.kind.startswith("undo/") and past:
            future.append(past.pop())
        elif entry.kind.startswith("redo/") and future:
            past.append(future.pop())
        elif entry.step:
            past.append(entry)
            future.clear()
    latest = max((past[-1] for past in done.values() if past), key=lambda entry: entry.number, default=None)
    first = min((future[-1] for future in undone.values() if future), key=lambda entry: entry.number, default=None)
    return latest.summary if latest else NOTHING, first.summary if first else NOTHING


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
_EVERY_DAY: Final = 6  # rank up to which tools are never left to "More" as long as their icons fit
_KNOWN_BY_ICON: Final = frozenset({"undo", "redo", "overlays"})


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
        for tool in (tool for tool in TOOLS if not tool.right):
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
        for tool in (tool for tool in TOOLS if tool.right):
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
        """Show the buttons of the lowest ranks that fit, the others in "More".

        Where one of the tools of every day would go there, as in a language of long words, those known by their icon
        and the others are icons alone; where that does not help, all are.
        """
        wanted = {tool.action for tool in TOOLS if tool.rank <= _EVERY_DAY}
        for worded in (set(self.buttons), wanted - _KNOWN_BY_ICON, set()):
            for name, button in self.buttons.items():
                words = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                style = words if name in worded else Qt.ToolButtonStyle.ToolButtonIconOnly
                if button.toolButtonStyle() is not style:
                    button.setToolButtonStyle(style)
            shown = self._fitting()
            if wanted <= shown:
                break
        self._show_buttons(shown)

    def _fitting(self) -> frozenset[str]:
        """The actions whose buttons have room as they are now."""
        room_px = self.width() - 2 * MARGIN_PX - 2 * GAP_PX  # the stretch has a gap on both sides
        wide = {tool.action: self._width(tool) for tool in TOOLS}
        shown = frozenset(wide)
        if sum(wide.values()) > room_px:
            room_px -= self.more.sizeHint().width() + GAP_PX
            fitting: set[str] = set()
            for tool in sorted(TOOLS, key=lambda tool: tool.rank):
                room_px -= wide[tool.action]
                if room_px < 0:
                    break
                fitting.add(tool.action)
            shown = frozenset(fitting)
        return shown

    def _show_buttons(self, shown: frozenset[str]) -> None:
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
