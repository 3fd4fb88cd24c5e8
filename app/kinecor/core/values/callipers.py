"""What a reader measured with callipers: distances, angles, areas and times, some of them named measurements."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from kinecor.core.values.message import Message, message

Shape = Literal["distance", "angle", "area", "time", "line"]
Phase = Literal["ed", "es", ""]

_POINTS: Final = {"distance": (2, 2), "angle": (3, 3), "area": (3, 400), "time": (2, 2), "line": (2, 2)}
LONGEST_NAME: Final = 40
M_MODE_LINE: Final = "M-mode line"
"""Name of the line that distances and times of a recording were measured along."""


@dataclass(frozen=True, slots=True)
class Calliper:
    """Points on one frame and what they measure; a time lies between two frames.

    Attributes:
        name: unique in its recording: the code of a named measurement (see NAMED), else the reader's own words.
        frame: from 0.
        points: (x, y) in pixels: both ends of a distance; of an angle the end of one leg, the vertex, the other end;
            the corners of an area in order; where a time begins and ends on its line; both ends of an M-mode line.
        shape: what is measured.
        until: the last frame of a time, from 0; None for everything else.

    Raises:
        ValueError: no name, the wrong number of points, a point that is not finite, or a time that ends too early.

    """

    name: str
    frame: int
    points: tuple[tuple[float, float], ...]
    shape: Shape = "distance"
    until: int | None = None

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            raise ValueError(f"a calliper has a name of 1 to {LONGEST_NAME} letters, got {self.name!r}")
        least, most = _POINTS[self.shape]
        if not least <= len(self.points) <= most:
            raise ValueError(f"{self.name}: {self.shape} of {len(self.points)} points")
        if not all(math.isfinite(x) and math.isfinite(y) for x, y in self.points):
            raise ValueError(f"{self.name}: a point that is not a number")
        if self.name in NAMED and self.shape != "distance":
            raise ValueError(f"{self.name} is a distance, got {self.shape}")
        if self.frame < 0:
            raise ValueError(f"{self.name}: frames are counted from 0, got {self.frame}")
        if (self.shape == "time") != (self.until is not None) or (self.until is not None and self.until <= self.frame):
            raise ValueError(f"{self.name}: a time ends after it begins, got frames {self.frame} and {self.until}")

    def value(self, row_size: float, column_size: float) -> float:
        """Length or area in the unit of a pixel's height and width, angle in degrees (0 to 180), frames of a time."""
        if self.until is not None:
            return float(self.until - self.frame)
        at = [(x * column_size, y * row_size) for x, y in self.points]
        if self.shape in ("distance", "line"):
            return math.dist(at[0], at[1])
        if self.shape == "angle":
            (ax, ay), (vx, vy), (bx, by) = at
            one, other = math.atan2(ay - vy, ax - vx), math.atan2(by - vy, bx - vx)
            turn = abs(math.degrees(one - other)) % 360
            return min(turn, 360 - turn)
        corners = zip(at, (*at[1:], at[0]), strict=True)
        return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in corners)) / 2

    def moved(self, point: int, to: tuple[float, float]) -> "Calliper":
        """The calliper with one of its points elsewhere."""
        points = (*self.points[:point], to, *self.points[point + 1 :])
        return Calliper(self.name, self.frame, points, self.shape, self.until)


@dataclass(frozen=True, slots=True)
class Named:
    """One named distance of the parasternal long axis.

    Attributes:
        words: what a reader calls it.
        phase: at which it is measured; "" where the field does not say.

    """

    words: Message
    phase: Phase


NAMED: Final[dict[str, Named]] = {
    "IVSd": Named(message("Interventricular septum, diastole"), "ed"),
    "LVIDd": Named(message("LV internal diameter, diastole"), "ed"),
    "PWd": Named(message("Posterior wall, diastole"), "ed"),
    "LVIDs": Named(message("LV internal diameter, systole"), "es"),
    "LAD": Named(message("Left atrial diameter"), "es"),
    "AoR": Named(message("Aortic root, sinuses of Valsalva"), "ed"),
    "LVOT": Named(message("LV outflow tract diameter"), "es"),
}
"""By code, in the order in which they are usually measured (ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003)."""

PARASTERNAL: Final = "PLAX"
"""The view they are measured in."""
