"""The row of tools at the top."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from kinecor.ui.style.icons import icon
from kinecor.ui.workspace.playback import SPEEDS

MENU = ("keys", "about", "reader", "quit")


class Tools(QToolBar):
    """Actions with icons in groups, the speed of playing, and a menu for the rest.

    Signals:
        speed_chosen(float): times real speed.
    """

    speed_chosen = Signal(float)

    def __init__(self, named: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setMovable(False)
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g} \N{MULTIPLICATION SIGN}", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setToolTip("Speed of playing")
        self.speed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.speed.currentIndexChanged.connect(lambda index: self.speed_chosen.emit(SPEEDS[index]))
        self._add(named, "open", "folder", "export")
        self.addSeparator()
        self._add(named, "play")
        self.addWidget(self.speed)
        self.addSeparator()
        self._add(named, "undo", "redo", "analyse")
        self.addSeparator()
        self._add(named, "overlays", "fit")
        self.addSeparator()
        self._add(named, "strain", "points")
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        menu = QMenu(self)
        for name in MENU:
            menu.addAction(named[name])
        more = QToolButton()
        more.setIcon(icon("menu"))
        more.setToolTip("Keys, about, reader's name")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(more)

    def _add(self, named: Mapping[str, QAction], *names: str) -> None:
        for name in names:
            self.addAction(named[name])
