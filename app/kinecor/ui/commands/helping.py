"""Guide, tour, keys and About."""

from dataclasses import replace
from typing import TYPE_CHECKING

from kinecor.ui.app import dialogs, settings
from kinecor.ui.app.documents import model_names
from kinecor.ui.app.modes import Mode
from kinecor.ui.app.tour import Tour

if TYPE_CHECKING:
    from kinecor.ui.app.guide import Guide
    from kinecor.ui.app.main_window import MainWindow


class Helping:
    """Shows the guide, the tour, the keys and what this program is.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.guide: Guide | None = None
        self.tour: Tour | None = None

    def show_guide(self, name: str = "") -> None:
        """Open the user guide at a page; at the page for what is on screen if none is named."""
        from kinecor.ui.app.guide import Guide, page_of

        if self.guide is None:
            self.guide = Guide(self.window)
            self.guide.destroyed.connect(self._forget_guide)
        if not name and self.window.workspace.recording is None:
            name = "index"
        stack = self.window.workspace.stack is not None
        self.guide.show_page(name or page_of(self.window.mode, stack=stack, checks=self.window.reading.checks_shown))
        self.guide.show()
        self.guide.raise_()
        self.guide.activateWindow()

    def _forget_guide(self) -> None:
        self.guide = None

    def start_tour(self) -> None:
        """Show what is where; it is not shown by itself again."""
        if self.tour is None:
            mode = self.window.mode
            self.tour = Tour(self.window)
            self.tour.ended.connect(lambda: self._end_tour(mode))

    def _end_tour(self, mode: Mode) -> None:
        self.tour = None
        if self.window.workspace.recording is not None:
            self.window.show_mode(mode)
        self.window.settings = replace(self.window.settings, tour_seen=True)
        settings.save(self.window.settings)

    def show_keys(self) -> None:
        """Open the list of keys."""
        dialogs.keys_dialog(self.window, self.window.settings.keys).open()

    def show_about(self) -> None:
        """Open versions, models and intended use."""
        self.window.jobs.start(
            "about",
            lambda _: model_names(),
            lambda names: dialogs.about_dialog(self.window, names).open(),
            self.window.banner.show_message,
        )
