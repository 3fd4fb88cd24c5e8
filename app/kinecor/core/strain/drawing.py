"""How strain and curves are drawn, on screen and paper: the bull's-eye, colours, places of labels, steps of axes.

As in Cerqueira et al., AHA 2002 (Circulation 105:539): the apex in the middle, the base outside, anterior on top, the
septum on the left. With 16 segments there is no apical cap, with 18 six apical segments in place of four and the cap
(Voigt et al. 2015, doi 10.1093/ehjci/jeu184).

One hue for each wall, lighter from base to apex. Hues and steps are distinguishable with the common colour vision
deficiencies, from each other and from the contours' colours; the short name is always shown as well, so that nothing is
coded by colour alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.values.geometry import FloatArray


def round_step(least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is `least` (above 0) or more.

    Args:
        least: over 0.

    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * 0.999)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) between `low` and `high`, roughly `about` of them.

    Args:
        low: of the axis.
        high: of the axis.
        about: how many.

    """
    if not high > low:
        return [low]
    step = round_step((high - low) / max(about, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


# Sequential, readable in print and with every common colour vision deficiency (after cividis, Nunez et al. 2018).
_SHADES: Final = np.array(
    [(0, 34, 78), (44, 66, 108), (87, 93, 109), (122, 122, 120), (159, 153, 111), (201, 188, 88), (253, 231, 55)], float
)
# Red shortens, the deeper the stronger, pale does little, blue lengthens, as strain is shown everywhere: percent, and
# colour. The reds differ in lightness as well, so that they can be told apart with every colour vision deficiency.
_STRAIN: Final = (
    (-26.0, (98, 12, 26)),
    (-22.0, (122, 20, 36)),
    (-16.7, (205, 84, 72)),
    (-11.3, (240, 180, 150)),
    (-6.0, (247, 232, 222)),
    (0.0, (247, 247, 247)),
    (5.0, (146, 197, 222)),
    (15.0, (33, 102, 172)),
)
RANGES: Final = {
    "mm": (2.0, 18.0),
    "%": (0.0, 100.0),
    "strain %": (-26.0, 15.0),
    "radial %": (-20.0, 80.0),
    "ms": (150.0, 550.0),
    "score": (1.0, 4.0),
}
"""What the first and the last shade stand for, by what is shown; "strain %" changes its hue at 0."""
SIDES_OF_EYE: Final = (("ANT", 0.0, 1.0), ("SEPT", -1.0, 0.0), ("INF", 0.0, -1.0), ("LAT", 1.0, 0.0))
"""What stands around the bull's-eye: words, x and y from its middle in radii, y upwards."""
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
        """Its middle as (x, y), y upwards, in shares of the whole radius.

        Further out where it narrows to a point: the numbers of such segments would stand on each other.
        """
        if self.span_deg >= 360:
            return 0.0, 0.0
        turn, radius = np.radians(self.start_deg + self.span_deg / 2), (self.inner + self.outer) / 2
        radius *= 1.35 if not self.inner else 1.0
        return float(radius * np.cos(turn)), float(radius * np.sin(turn))


def sector(segment: int, of: int = 17) -> Sector:
    """Where segment 1 to `of` (16, 17 or 18) is.

    Args:
        segment: from 1.
        of: segments of the model.

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


SCORE_COLOURS: Final = ((213, 219, 225), (243, 194, 107), (217, 119, 79), (142, 47, 63))
"""Of wall motion scores 1 to 4; the digit is always shown as well."""


def shade(value: float, unit: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a value of one of `RANGES`; mid grey where there is none.

    Args:
        value: in that unit; NaN for none.
        unit: a key of `RANGES`.

    """
    if not np.isfinite(value):
        return 70, 74, 80
    if unit == "score":
        return SCORE_COLOURS[int(value) - 1]
    if unit == "strain %":
        known = [strain for strain, _ in _STRAIN]
        red, green, blue = (
            round(float(np.interp(value, known, part))) for part in zip(*(c for _, c in _STRAIN), strict=True)
        )
        return red, green, blue
    low, high, shades = *RANGES[unit], _SHADES
    place = float(np.clip((value - low) / (high - low), 0, 1)) * (len(shades) - 1)
    below = min(int(place), len(shades) - 2)
    mixed = shades[below] + (place - below) * (shades[below + 1] - shades[below])
    return int(mixed[0]), int(mixed[1]), int(mixed[2])


def light(colour: tuple[int, int, int]) -> bool:
    """Whether dark letters are read better on this shade than light ones (Rec. 709 luma).

    Args:
        colour: (red, green, blue), 0 to 255.

    """
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 120


def ink_on(colour: tuple[int, int, int]) -> str:
    """Black or white, whichever has more contrast on a colour (red, green, blue, 0 to 255): at least 4.5 (WCAG 2.2).

    Args:
        colour: see above.

    """
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


ON_DARK: Final = ("#c94f16", "#f39b4d", "#ffd0a0", "#dccffb", "#a57cf5", "#7d53ea")
"""Colours on the screen, of segments 0 to 5 from the left of the image over the apex to the right."""
ON_WHITE: Final = ("#8c3a0e", "#d2691e", "#eda45f", "#a99bea", "#7555d8", "#3c2096")
"""The same on paper."""

_PARTS: Final = (("antero", "A"), ("infero", "I"), ("anterior", "A"), ("inferior", "I"), ("septal", "S"))
_ENDS: Final = (("lateral", "L"), ("left", "L"), ("right", "R"))


def short_name(name: str) -> str:
    """A segment's name as readers shorten it: "Basal inferoseptal" is "bIS"; "ap" stands for apical.

    Args:
        name: in English.

    """
    level, _, wall = name.lower().partition(" ")
    letters = ""
    for part, letter in (*_PARTS, *_ENDS):
        if part in wall:
            letters += letter
            wall = wall.replace(part, "")
    return {"basal": "b", "mid": "m", "apical": "ap"}.get(level, level) + letters


def is_withheld(strain: WallStrain, number: int) -> bool:
    """Whether the value of a curve is withheld: 0 is the whole wall's, 1, ... are the segments'.

    Args:
        strain: of the loop.
        number: of the curve.

    """
    return strain.why is not None if number == 0 else strain.segments[number - 1] is None


def peaks(curves: FloatArray, strain: WallStrain) -> list[int]:
    """The frame of each curve (t, n) that is farthest from zero within the first beat: there curves differ most.

    Args:
        curves: in any unit, NaN where unknown.
        strain: of the same loop, which says the beat.

    """
    first, last = 0, len(curves) - 1
    if strain.beats:
        beat = strain.beats[0]
        # A beat whose ED comes last has its curve before it.
        first, last = (beat.ed, strain.last_frames[0]) if beat.ed < beat.es else (0, beat.ed)
    away = np.nan_to_num(np.abs(curves[first : last + 1]), nan=-1.0)
    return [first + int(vertex) for vertex in away.argmax(axis=0)]


def place_labels(lines: Sequence[FloatArray], wanted: Sequence[int], size: tuple[float, float]) -> list[int]:
    """The vertex of each line (n, 2) that its label sits on: nearest to the wanted one where no label covers another.

    Labels are boxes of `size` around their vertex. A line without a finite vertex gets -1; where there is no free
    place left the wanted one is taken.

    Args:
        lines: in the unit of `size`; NaN where unknown.
        wanted: a vertex of each line, from 0.
        size: (width, height).

    """
    taken: list[FloatArray] = []
    found = []
    for line, best in zip(lines, wanted, strict=True):
        candidates = np.flatnonzero(np.isfinite(line).all(axis=1))
        if not len(candidates):
            found.append(-1)
            continue
        order = candidates[np.argsort(np.abs(candidates - best), kind="stable")]
        free = [place for place in order if _is_free(line[place], taken, size)]
        chosen = int(free[0] if free else order[0])
        taken.append(line[chosen])
        found.append(chosen)
    return found


def _is_free(spot: FloatArray, taken: Sequence[FloatArray], size: tuple[float, float]) -> bool:
    return all(abs(spot[0] - other[0]) >= size[0] or abs(spot[1] - other[1]) >= size[1] for other in taken)
