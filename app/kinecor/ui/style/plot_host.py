"""Room for a plot by pyqtgraph, which is imported by a worker once the first frame of a recording is on screen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kinecor.core.values.geometry import FloatArray
from kinecor.ui.style.spoken import Spoken

if TYPE_CHECKING:
    from kinecor.ui.style.plots import TimePlot as TimePlot
else:
    TimePlot = Any

LEFT_PX: Final = 50
"""Width of the axis of values."""
EDGE: Final = 0.01
"""Share of the time that is left free on both sides."""


@dataclass(frozen=True, eq=False)
class Line:
    """A curve.

    Attributes:
        values: (t,), NaN where unknown.
        colour: to draw it in.
        width: of the line in pixels.
        label: at its end; "" for none.
        dotted: whether it is what would be, or what is withheld, not what is.

    """

    values: FloatArray
    colour: QColor
    width: float = 2.0
    label: str = ""
    dotted: bool = False

    def looks_like(self, other: "Line") -> bool:
        """Whether both are drawn the same: the same array, or colour and width of the same value."""
        return self.values is other.values and (self.colour, self.width, self.dotted) == (
            other.colour,
            other.width,
            other.dotted,
        )


@dataclass(frozen=True, slots=True)
class Dot:
    """A point that a curve points out.

    Attributes:
        time_s, value: where it is.
        colour: #rrggbb.
        symbol: "o" a disk, "t1" a triangle that points up.

    """

    time_s: float
    value: float
    colour: str
    symbol: str = "o"


@dataclass(frozen=True, slots=True)
class Tag:
    """A name on a curve.

    Attributes:
        time_s, value: of its middle.
        words: the name.
        ink: colour of the words.
        ground: colour behind them.
        edge: colour of a dotted edge; "" for none.
        anchor: which share of the name, from its left upper corner, is at that place.

    """

    time_s: float
    value: float
    words: str
    ink: str
    ground: str
    edge: str = ""
    anchor: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Calipers:
    """A straight line between two places with a tick at both.

    Attributes:
        times_s, values: of the ends, two each.
        colour: #rrggbb.
        symbol: of the ticks, "_" or "|".

    """

    times_s: tuple[float, float]
    values: tuple[float, float]
    colour: str
    symbol: str


@dataclass(frozen=True, slots=True)
class PlotMark:
    """A line across the curves at a time, with a plate that says what it is; both are dragged.

    Attributes:
        key: by which the owner knows it.
        time_s: where it stands.
        words: on its plate.
        style: of the line.
        filled: whether the plate is filled, or outlined.

    """

    key: Any
    time_s: float
    words: str
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    filled: bool = True


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
