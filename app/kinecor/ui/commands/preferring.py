"""What a reader prefers."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QInputDialog

from kinecor.analysis.devices import use_devices
from kinecor.ui.app import actions, settings
from kinecor.ui.app.hanging import NamedLayout
from kinecor.ui.app.key_bindings import keys_of
from kinecor.ui.app.preferences import Preferences
from kinecor.ui.style.language import tr

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class Preferring:
    """Takes what a reader prefers into use: theme, language, keys, layouts by name.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window

    def bind_keys(self, action: actions.Action) -> None:
        """Give an action the keys that the reader or the table has for it, as far as they hold in the mode."""
        keys = keys_of(action, self.window.settings.keys)
        shortcuts = [QKeySequence(key) for key in actions.keys_in(self.window.mode, keys)]
        self.window.actions_by_name[action.name].setShortcuts(shortcuts)
        self.window.actions_by_name[action.name].setToolTip(actions.with_key(tr(action.text), keys))

    def bind_all_keys(self) -> None:
        """Give every action the keys that the reader or the table has for it."""
        for action in actions.ACTIONS:
            self.bind_keys(action)
        self.window.refresh_actions()

    def choose_theme(self, name: str) -> None:
        """Use another palette from now on."""
        self._choose_look(replace(self.window.settings, theme=name))

    def choose_language(self, name: str) -> None:
        """Use another language from now on."""
        self._choose_look(replace(self.window.settings, language=name))

    def _choose_look(self, changed: settings.Settings) -> None:
        if changed != self.window.settings:
            self.window.settings = changed
            settings.save(changed)
            self.window.look_chosen.emit()

    def show_preferences(self) -> None:
        """Open what a reader can choose for this workstation."""

        def forget() -> None:
            self.window.settings = self.window.settings.forgotten
            settings.save(self.window.settings)
            self.window.show_recent()
            self.window.worklist.forget()

        Preferences(self.window.settings, self._prefer, self.window.archiving.ask_archives, forget, self.window).open()

    def _prefer(self, chosen: settings.Settings) -> settings.Settings:
        """Take other preferences into use, and save them."""
        before, self.window.settings = self.window.settings, chosen
        settings.save(chosen)
        self.window.workspace.actor = chosen.actor
        if chosen.keys != before.keys:
            self.bind_all_keys()
        if chosen.named_layouts != before.named_layouts:
            self.show_layouts()
        if (chosen.device, chosen.precision) != (before.device, before.precision):
            use_devices(chosen.device, chosen.precision)
        if chosen.keep_days != before.keep_days:
            self.window.worklist.set_keep_days(chosen.keep_days)
        if (chosen.theme, chosen.language) != (before.theme, before.language):
            self.window.look_chosen.emit()
        return self.window.settings

    def ask_layout(self) -> None:
        """Save mode, tiles and division of the window under a name."""
        name, given = QInputDialog.getText(self.window, tr("Save layout as…"), tr("Name of the layout:"))
        if given and name.strip():
            now = NamedLayout(
                self.window.mode, self.window.reading.layout_now(), int(self.window.reading.board.tiles_wanted)
            )
            self._prefer(
                replace(self.window.settings, named_layouts={**self.window.settings.named_layouts, name.strip(): now})
            )

    def use_layout(self, name: str) -> None:
        """Show a layout that was saved under a name."""
        layout = self.window.settings.named_layouts[name]
        self.window.layouts[layout.mode] = layout.layout
        self.window.show_mode(layout.mode)
        self.window.reading.lay_out(layout.layout)
        self.window.reading.board.set_layout(layout.tiles)
        self.window.keep_tiles(layout.tiles)
        self.window.refresh_bars()

    def show_layouts(self) -> None:
        """List the layouts that have names."""
        self.window.menus.show_layouts(self.window.settings.named_layouts, self.use_layout)
