"""A colour and a short name for each of the six segments of an apical view, wherever they are drawn.

One hue for each wall, lighter from base to apex. Hues and steps are distinguishable with the common colour vision
deficiencies, from each other and from the contours' colours; the short name is always shown as well, so that nothing is
coded by colour alone.
"""

from typing import Final

ON_DARK: Final = ("#c94f16", "#f39b4d", "#ffd0a0", "#dccffb", "#a57cf5", "#7d53ea")
"""Colours on the screen, of segments 0 to 5 from the left of the image over the apex to the right."""
ON_WHITE: Final = ("#8c3a0e", "#d2691e", "#eda45f", "#a99bea", "#7555d8", "#3c2096")
"""The same on paper."""

_PARTS: Final = (("antero", "A"), ("infero", "I"), ("anterior", "A"), ("inferior", "I"), ("septal", "S"))
_ENDS: Final = (("lateral", "L"), ("left", "L"), ("right", "R"))


def short_name(name: str) -> str:
    """A segment's name as readers shorten it: "Basal inferoseptal" is "bIS"; "ap" stands for apical."""
    level, _, wall = name.lower().partition(" ")
    letters = ""
    for part, letter in (*_PARTS, *_ENDS):
        if part in wall:
            letters += letter
            wall = wall.replace(part, "")
    return {"basal": "b", "mid": "m", "apical": "ap"}.get(level, level) + letters
