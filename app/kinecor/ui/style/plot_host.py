"""Room for a plot by pyqtgraph, which is imported by a worker once the first frame of a recording is on screen."""

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAccessible, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kinecor.ui.style.spoken import Spoken

if TYPE_CHECKING:
    from kinecor.ui.style.plots import TimePlot as TimePlot
else:
    TimePlot = Any


_ready = False


def load_plots() -> None:
    """Import pyqtgraph; for a worker, since it takes 0.4 s of the processor."""
    global _ready
    from kinecor.ui.style import plots

    _ready = plots is not None


def plots_loaded() -> bool:
    """Whether pyqtgraph is imported."""
    return _ready


class PlotHost(Spoken, QWidget):
    """A widget that holds a plot from when it is shown and pyqtgraph is imported; before that it is empty."""

    ROLE = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.graph: TimePlot | None = None
        """The plot; None where it is not made yet."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def spoken_name(self) -> str:
        """What is drawn."""
        return self.accessibleName()

    def make_if_shown(self) -> None:
        """Make the plot, where it can be seen and pyqtgraph is there."""
        if _ready and self.graph is None and self.isVisible():
            from kinecor.ui.style.plots import TimePlot

            self.graph = TimePlot(self)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self.graph)
            self.graph.setAccessibleName(self.accessibleName())
            self.fill(self.graph)

    def fill(self, graph: TimePlot) -> None:
        """Put into a new plot what is to be seen, and connect it."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:
        """Make the plot where it was not needed before."""
        super().showEvent(event)
        self.make_if_shown()
