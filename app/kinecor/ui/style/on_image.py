"""Colours of what is drawn on images: the same in every theme, because images stay on black."""

from typing import Final

from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QWidget

from kinecor.ui.style import theme
from kinecor.ui.style.palettes import DARK
from kinecor.ui.style.theme import STRUCTURE_NAMES, font, to_qimage

__all__ = ["STRUCTURE_NAMES", "canvas", "font", "to_qimage"]

BACKGROUND: Final = DARK.background
GROUND: Final = DARK.ground
RAISED: Final = DARK.raised
LINE: Final = DARK.line
STRONG: Final = DARK.strong
TEXT: Final = DARK.text
SOFT: Final = DARK.soft
QUIET: Final = DARK.quiet
ACCENT: Final = DARK.accent
CHOSEN: Final = DARK.chosen
WARNING: Final = DARK.warning
WARNING_GROUND: Final = DARK.warning_ground
GOOD: Final = DARK.good
BAD: Final = DARK.bad
STRUCTURE_COLOURS: Final = DARK.structures
BEFORE: Final = "#ffffff"
AFTER: Final = "#b48cff"
"""Contours of the frames before and after the one that is shown; neither is a structure's colour."""


def canvas(widget: QWidget) -> QPixmap:
    """An empty pixmap of the size and resolution of a widget, in the colour behind images."""
    pixmap = theme.canvas(widget)
    pixmap.fill(QColor(GROUND))
    return pixmap
