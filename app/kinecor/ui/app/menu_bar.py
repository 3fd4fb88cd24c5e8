"""The menu bar: every action of the table, with its key."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, get_args

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from kinecor.session.journal import Entry
from kinecor.ui.app.actions import ACTIONS, Menu
from kinecor.ui.style.language import tr

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
        for title in get_args(Menu):
            menu = self.menus[title] = self.addMenu(tr(mnemonic(title)))
            menu.setToolTipsVisible(True)
            for one in ACTIONS:
                if one.menu != title:
                    continue
                if one.divider:
                    menu.addSeparator()
                menu.addAction(named[one.name])
        self._recent = QMenu(tr("Open &recent"), self)
        self.menus["File"].insertMenu(named["demo"], self._recent)

    def show_recent(self, paths: Iterable[str], open_path: Callable[[str], object]) -> None:
        """List recent paths, the latest first."""
        self._recent.clear()
        for path in paths:
            action = self._recent.addAction("/".join(Path(path).parts[-2:]).replace("&", "&&"))
            action.setToolTip(path)
            action.triggered.connect(lambda _=False, one=path: open_path(one))
        self._recent.setEnabled(not self._recent.isEmpty())


def steps(history: tuple[Entry, ...]) -> tuple[str, str]:
    """What undo and redo would act on, in words; "" where there is nothing.

    A recording and its study are undone each in its own order: of their last edits the later one first.
    """
    done: dict[str, list[Entry]] = {}
    undone: dict[str, list[Entry]] = {}
    for one in history:
        past, future = done.setdefault(one.recording_id, []), undone.setdefault(one.recording_id, [])
        if one.kind.startswith("undo/") and past:
            future.append(past.pop())
        elif one.kind.startswith("redo/") and future:
            past.append(future.pop())
        elif one.step:
            past.append(one)
            future.clear()
    latest = max((past[-1] for past in done.values() if past), key=lambda one: one.number, default=None)
    first = min((future[-1] for future in undone.values() if future), key=lambda one: one.number, default=None)
    return latest.summary if latest else "", first.summary if first else ""
