"""The bull's-eye: where each segment lies on it, and its shade.

As in Cerqueira et al., AHA 2002 (Circulation 105:539): the apex in the middle, the base outside, anterior on top, the
septum on the left.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

# Sequential, readable in print and with every common colour vision deficiency (after cividis, Nunez et al. 2018).
_SHADES: Final = np.array(
    [(0, 34, 78), (44, 66, 108), (87, 93, 109), (122, 122, 120), (159, 153, 111), (201, 188, 88), (253, 231, 55)], float
)
RANGES: Final = {"mm": (2.0, 18.0), "%": (0.0, 100.0)}
"""What the darkest and the lightest shade stand for, by unit."""


@dataclass(frozen=True, slots=True)
class Sector:
    """A piece of a ring: radii as shares of the whole, angles in degrees counter-clockwise from the right."""

    inner: float
    outer: float
    start_deg: float
    span_deg: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle as (x, y), y upwards, in shares of the whole radius."""
        if self.span_deg >= 360:
            return 0.0, 0.0
        turn, radius = np.radians(self.start_deg + self.span_deg / 2), (self.inner + self.outer) / 2
        return float(radius * np.cos(turn)), float(radius * np.sin(turn))


def sector(segment: int) -> Sector:
    """Where segment 1 to 17 lies.

    Raises:
        ValueError: there is no such segment.

    """
    if not 1 <= segment <= 17:
        raise ValueError(f"segments are numbered 1 to 17, got {segment}")
    if segment == 17:
        return Sector(0.0, 0.25, 0.0, 360.0)
    if segment >= 13:
        return Sector(0.25, 0.5, (45.0 + 90 * (segment - 13)) % 360, 90.0)
    inner = 0.75 if segment <= 6 else 0.5
    return Sector(inner, inner + 0.25, (60.0 + 60 * ((segment - 1) % 6)) % 360, 60.0)


def shade(value: float, unit: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a value in mm or %; mid grey where there is none."""
    if not np.isfinite(value):
        return 70, 74, 80
    low, high = RANGES[unit]
    place = float(np.clip((value - low) / (high - low), 0, 1)) * (len(_SHADES) - 1)
    below = min(int(place), len(_SHADES) - 2)
    mixed = _SHADES[below] + (place - below) * (_SHADES[below + 1] - _SHADES[below])
    return int(mixed[0]), int(mixed[1]), int(mixed[2])


def light(colour: tuple[int, int, int]) -> bool:
    """Whether dark letters are read better on this shade than light ones (Rec. 709 luma)."""
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 120
