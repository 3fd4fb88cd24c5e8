"""The bull's-eye: the place of each segment on it, and its shade.

As in Cerqueira et al., AHA 2002 (Circulation 105:539): the apex in the middle, the base outside, anterior on top, the
septum on the left. With 16 segments there is no apical cap, with 18 six apical segments in place of four and the cap
(Voigt et al. 2015, doi 10.1093/ehjci/jeu184).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

# Sequential, readable in print and with every common colour vision deficiency (after cividis, Nunez et al. 2018).
_SHADES: Final = np.array(
    [(0, 34, 78), (44, 66, 108), (87, 93, 109), (122, 122, 120), (159, 153, 111), (201, 188, 88), (253, 231, 55)], float
)
# Red shortens, blue lengthens, white does neither, as strain is shown everywhere; ColorBrewer's RdBu (Harrower & Brewer
# 2003), which is distinguishable with every common colour vision deficiency.
_DIVERGING: Final = np.array(
    [
        *((103, 0, 31), (178, 24, 43), (214, 96, 77), (244, 165, 130), (253, 219, 199), (247, 247, 247)),
        *((209, 229, 240), (146, 197, 222), (67, 147, 195), (33, 102, 172), (5, 48, 97)),
    ],
    float,
)
RANGES: Final = {
    "mm": (2.0, 18.0),
    "%": (0.0, 100.0),
    "strain %": (-25.0, 25.0),
    "radial %": (-20.0, 80.0),
    "ms": (150.0, 550.0),
}
"""What the first and the last shade stand for, by what is shown; "strain %" diverges around 0."""
MODELS: Final = (18, 17, 16)
"""How many segments a bull's-eye may have."""


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


def sector(segment: int, of: int = 17) -> Sector:
    """Where segment 1 to `of` (16, 17 or 18) is.

    Raises:
        ValueError: there is no such segment.

    """
    if of not in MODELS or not 1 <= segment <= of:
        raise ValueError(f"segments are numbered 1 to {of} of 16, 17 or 18, got {segment}")
    if segment == 17 == of:
        return Sector(0.0, 0.25, 0.0, 360.0)
    ring = 0.25 if of == 17 else 1 / 3
    level = min((segment - 1) // 6, 2)
    inner = max(1 - ring * (level + 1), 0.0) if of == 17 or level < 2 else 0.0
    if level == 2 and of != 18:
        return Sector(inner, inner + ring, (45.0 + 90 * (segment - 13)) % 360, 90.0)
    return Sector(inner, inner + ring, (60.0 + 60 * ((segment - 1) % 6)) % 360, 60.0)


def shade(value: float, unit: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a value of one of `RANGES`; mid grey where there is none."""
    if not np.isfinite(value):
        return 70, 74, 80
    low, high = RANGES[unit]
    shades = _DIVERGING if unit == "strain %" else _SHADES
    place = float(np.clip((value - low) / (high - low), 0, 1)) * (len(shades) - 1)
    below = min(int(place), len(shades) - 2)
    mixed = shades[below] + (place - below) * (shades[below + 1] - shades[below])
    return int(mixed[0]), int(mixed[1]), int(mixed[2])


def light(colour: tuple[int, int, int]) -> bool:
    """Whether dark letters are read better on this shade than light ones (Rec. 709 luma)."""
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 120
