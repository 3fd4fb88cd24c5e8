"""What a reader measured with callipers: distances, angles, areas, times and velocities, some of them named."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from kinecor.core.values.message import Message, message

Shape = Literal["distance", "angle", "area", "time", "line", "point", "slope", "trace"]
"""A point is a velocity of a spectrum, a slope the fall of one, a trace its envelope; a distance within an M-mode is
one of depth."""
MAX_CORNERS: Final = 400
"""Points of an area or a trace."""
Phase = Literal["ed", "es", ""]

_POINTS: Final = {"distance": (2, 2), "angle": (3, 3), "area": (3, MAX_CORNERS), "time": (2, 2), "line": (2, 2)} | {
    "point": (1, 1),
    "slope": (2, 2),
    "trace": (2, MAX_CORNERS),
}
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
            the corners of an area in order; where a time begins and ends on its line; both ends of an M-mode line; the
            peak that a slope falls from, and a place on the slope; the envelope of a spectrum from beginning to end.
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
        if self.name in PARASTERNAL_NAMES and self.shape != "distance":
            raise ValueError(f"{self.name} is a distance, got {self.shape}")
        if self.frame < 0:
            raise ValueError(f"{self.name}: frames are counted from 0, got {self.frame}")
        if (self.shape == "time") != (self.until is not None) or (self.until is not None and self.until <= self.frame):
            raise ValueError(f"{self.name}: a time ends after it begins, got frames {self.frame} and {self.until}")

    def value(self, row_size: float, column_size: float) -> float:
        """Length or area in the unit of a pixel's height and width, angle in degrees (0 to 180), frames of a time.

        0 of a point and a trace, whose velocities are those of their graph.

        Args:
            row_size: height of a pixel, in any unit.
            column_size: width of a pixel, in the same unit.

        """
        if self.until is not None:
            return float(self.until - self.frame)
        if self.shape in ("point", "trace"):
            return 0.0
        at = [(x * column_size, y * row_size) for x, y in self.points]
        if self.shape in ("distance", "line", "slope"):
            return math.dist(at[0], at[1])
        if self.shape == "angle":
            (ax, ay), (vx, vy), (bx, by) = at
            first, second = math.atan2(ay - vy, ax - vx), math.atan2(by - vy, bx - vx)
            turn = abs(math.degrees(first - second)) % 360
            return min(turn, 360 - turn)
        corners = zip(at, (*at[1:], at[0]), strict=True)
        return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in corners)) / 2

    def moved(self, point: int, to: tuple[float, float]) -> "Calliper":
        """The calliper with one of its points elsewhere.

        Args:
            point: number of the point, from 0.
            to: its new place, (x, y) in pixels.

        """
        points = (*self.points[:point], to, *self.points[point + 1 :])
        return Calliper(self.name, self.frame, points, self.shape, self.until)


@dataclass(frozen=True, slots=True)
class Named:
    """One named measurement by calliper.

    Attributes:
        words: what a reader calls it.
        phase: at which it is measured; "" where the field does not say.
        images: that it is measured on, as `image_of` calls them; the first to offer it.
        shape: of the calliper.

    """

    words: Message
    phase: Phase
    images: tuple[str, ...]
    shape: Shape = "distance"


PARASTERNAL: Final = "PLAX"
"""The view of the long axis from beside the sternum."""
M_MODE: Final = "M-mode"
INFLOW, JET, TISSUE = "PW Doppler", "CW Doppler", "tissue Doppler"
_LONG, _WITH_M_MODE = (PARASTERNAL,), (PARASTERNAL, M_MODE)
_SHORT: Final = ("PSAX base", "PSAX")
_FOUR: Final = ("A4C",)
_VEIN: Final = ("IVC", "SC4C", "SUB4C")

NAMED: Final[dict[str, Named]] = {
    "IVSd": Named(message("Interventricular septum, diastole"), "ed", _WITH_M_MODE),
    "LVIDd": Named(message("LV internal diameter, diastole"), "ed", _WITH_M_MODE),
    "PWd": Named(message("Posterior wall, diastole"), "ed", _WITH_M_MODE),
    "LVIDs": Named(message("LV internal diameter, systole"), "es", _WITH_M_MODE),
    "LAD": Named(message("Left atrial diameter"), "es", _WITH_M_MODE),
    "AoR": Named(message("Aortic root, sinuses of Valsalva"), "ed", _WITH_M_MODE),
    "LVOT": Named(message("LV outflow tract diameter"), "es", _LONG),
    "RVD1": Named(message("RV basal diameter"), "ed", _FOUR),
    "RVD2": Named(message("RV mid-cavity diameter"), "ed", _FOUR),
    "RVD3": Named(message("RV length"), "ed", _FOUR),
    "TVd": Named(message("Tricuspid annulus diameter"), "ed", _FOUR),
    "TAPSE": Named(message("Tricuspid annular plane systolic excursion"), "", (M_MODE,)),
    "MAPSE septal": Named(message("Mitral annular excursion, septal"), "", (M_MODE,)),
    "MAPSE lateral": Named(message("Mitral annular excursion, lateral"), "", (M_MODE,)),
    "RVOT prox": Named(message("RV outflow tract, proximal diameter"), "ed", _SHORT),
    "RVOT dist": Named(message("RV outflow tract, distal diameter"), "ed", _SHORT),
    "IVC max": Named(message("Inferior vena cava, largest diameter"), "", _VEIN),
    "IVC min": Named(message("Inferior vena cava, smallest diameter"), "", _VEIN),
    "E": Named(message("Mitral E velocity"), "", (INFLOW,), "point"),
    "A": Named(message("Mitral A velocity"), "", (INFLOW,), "point"),
    "DT": Named(message("Mitral E deceleration time"), "", (INFLOW,), "slope"),
    "LVOT VTI": Named(message("LV outflow tract velocity time integral"), "", (INFLOW,), "trace"),
    "e' septal": Named(message("Mitral annular e' velocity, septal"), "", (TISSUE,), "point"),
    "e' lateral": Named(message("Mitral annular e' velocity, lateral"), "", (TISSUE,), "point"),
    "S'": Named(message("Tricuspid annular S' velocity"), "", (TISSUE,), "point"),
    "TR Vmax": Named(message("Tricuspid regurgitation peak velocity"), "", (JET,), "point"),
}
"""By name, in the order in which they are usually measured (ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003)."""

PARASTERNAL_NAMES: Final = tuple(name for name, named in NAMED.items() if PARASTERNAL in named.images)


SPECTRA: Final = (INFLOW, JET, TISSUE)


def names_on(image: str, shape: Shape) -> tuple[str, ...]:
    """The named measurements of an image by a calliper of a shape, in their order.

    Args:
        image: label of a view, `M_MODE`, one of `SPECTRA`, or "" for a spectrum that the file does not name.
        shape: of the calliper.

    """
    images = SPECTRA if not image else (image,)
    return tuple(
        name
        for name, named_calliper in NAMED.items()
        if named_calliper.shape == shape and set(images) & set(named_calliper.images)
    )


def named_of(calliper: Calliper) -> Named | None:
    """The named measurement that a calliper is; None where its name is the reader's own, or of another shape.

    Args:
        calliper: with any name.

    """
    named = NAMED.get(calliper.name)
    return named if named is not None and named.shape == calliper.shape else None
