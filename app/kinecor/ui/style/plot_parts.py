"""What a plot draws: curves, points, names, marks; without pyqtgraph."""

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from kinecor.core.values.geometry import FloatArray

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
