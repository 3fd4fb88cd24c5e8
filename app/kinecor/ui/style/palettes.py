"""The colours of the window in one table: a dark and a light palette.

Those of structures stand in core/values/colours.py, which report and films read, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kinecor.core.strain.drawing import ON_DARK, ON_WHITE
from kinecor.core.values import colours
from kinecor.core.values.track import Structure


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb.

    Attributes:
        background: panels.
        ground: behind curves; behind images in the dark palette only, images are on black in both.
        raised: buttons, headers.
        strip: tool strip.
        chosen: ground of what is chosen.
        line, strong: separators, and those that must be seen.
        text, soft, quiet: text, second lines, labels.
        disabled: text of what cannot be used.
        accent: selection, cursor.
        focus: ring around what has the keyboard.
        primary, primary_edge: the button to press, and the selected entry of a menu; their text is white.
        warning, warning_ground: what is to be checked.
        good, bad: what is well, and what is withheld or abnormal.
        structures: of curves and numbers; contours on images have those of the dark palette.
        segments: of the six segments of a view, in curves and labels.

    """

    background: str
    ground: str
    raised: str
    strip: str
    chosen: str
    line: str
    strong: str
    text: str
    soft: str
    quiet: str
    disabled: str
    accent: str
    focus: str
    primary: str
    primary_edge: str
    warning: str
    warning_ground: str
    good: str
    bad: str
    structures: Mapping[Structure, str]
    segments: tuple[str, ...]


DARK: Final = Palette(
    background="#14181d",
    ground="#0b0d10",
    raised="#20262e",
    strip="#11151a",
    chosen="#172a47",
    line="#2d343c",
    strong="#36404b",
    text="#e8ebef",
    soft="#a9b2bc",
    quiet="#8f99a5",
    disabled="#59626c",
    accent="#4a8ff5",
    focus="#8ab8ff",
    primary="#2a63c4",
    primary_edge="#3b74d6",
    warning="#f29f3d",
    warning_ground="#2a2014",
    good="#54b48c",
    bad="#ff7366",
    structures=colours.ON_DARK,
    segments=tuple(ON_DARK),
)
LIGHT: Final = Palette(
    background="#f3f5f7",
    ground="#ffffff",
    raised="#e4e9ee",
    strip="#eaeef2",
    chosen="#d3e2fa",
    line="#cdd5dc",
    strong="#a7b2bd",
    text="#14181d",
    soft="#3a444e",
    quiet="#56616c",
    disabled="#97a1ab",
    accent="#1f5fc4",
    focus="#1a56c8",
    primary="#2a63c4",
    primary_edge="#1d4f9f",
    warning="#8f5200",
    warning_ground="#fbeed6",
    good="#1d7a53",
    bad="#b3261e",
    structures=colours.ON_WHITE,
    segments=tuple(ON_WHITE),
)
PALETTES: Final = {"dark": DARK, "light": LIGHT}
