"""Edits that actions of the window make."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kinecor.ui.curves.event_flags import Mark, find_openings, go_to, put_here
from kinecor.ui.style.language import tr
from kinecor.ui.tiles.cross_lines import trace_edit
from kinecor.ui.workspace.changed_frames import changed_frame

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class ReadingTools:
    """Changes the reading on screen: marks, steps back and forth, traces.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.openings_found: tuple[str, tuple[int, ...]] = "", ()
        """What the banner says of mitral valve openings found by the volume curve, and their frames."""

    def go_to_mark(self, mark: Mark) -> None:
        """Stop at the next ED, ES or valve closure; after the last comes the first."""
        go_to(self.window.workspace, self.window.player, mark)

    def set_mark(self, mark: Mark) -> None:
        """Set ED or ES to the frame on screen, or set or clear a valve event there."""
        put_here(self.window.workspace, self.window.player, mark)

    def step_back(self) -> None:
        """Undo the last edit, and show the frame where it was."""
        self._step(self.window.workspace.history.undo)

    def step_forward(self) -> None:
        """Redo the edit undone last, and show the frame where it is."""
        self._step(self.window.workspace.history.redo)

    def _step(self, step: Callable[[], None]) -> None:
        before = self.window.workspace.saved
        step()
        frame = changed_frame(before, self.window.workspace.saved, self.window.player.frame)
        if frame is not None:
            self.window.player.pause()
            self.window.player.seek(frame)

    def find_openings(self) -> None:
        """Mark mitral valve opening where the volume curve begins to rise."""
        said = find_openings(self.window.workspace, self.window.player)
        if said and self.window.workspace.saved is not None:
            self.openings_found = said, self.window.workspace.saved.valve_openings

    def trace_from_stack(self) -> None:
        """Trace the long axis on screen from the short-axis contours of its study; valve and apex need correcting."""
        edit = trace_edit(self.window.workspace)
        if edit is None:
            self.window.banner.show_message(
                tr("No short-axis contours in this study: open and contour its short-axis stack first.")
            )
        else:
            self.window.workspace.do(edit)
