"""The look of the window: the colours in force, the style sheet, fonts, icons and images.

The colours are variables of this module, so that they are read where something is drawn: `theme.TEXT`, never at import.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache, wraps
from importlib.resources import files
from typing import Final, ParamSpec

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QImage, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from kinecor.core.values.track import Structure
from kinecor.ui.style.palettes import DARK, Palette

_P = ParamSpec("_P")
IMAGE: Final = "#000000"  # of images and around them, in every theme
BACKGROUND: str = DARK.background
GROUND: str = DARK.ground
RAISED: str = DARK.raised
STRIP: str = DARK.strip
CHOSEN: str = DARK.chosen
LINE: str = DARK.line
STRONG: str = DARK.strong
TEXT: str = DARK.text
SOFT: str = DARK.soft
QUIET: str = DARK.quiet
DISABLED: str = DARK.disabled
ACCENT: str = DARK.accent
FOCUS: str = DARK.focus
PRIMARY: str = DARK.primary
PRIMARY_EDGE: str = DARK.primary_edge
WARNING: str = DARK.warning
WARNING_GROUND: str = DARK.warning_ground
GOOD: str = DARK.good
BAD: str = DARK.bad
STRUCTURE_COLOURS: Mapping[Structure, str] = DARK.structures
SEGMENT_COLOURS: tuple[str, ...] = DARK.segments


def use(palette: Palette) -> None:
    """Make these the colours of the module; what was drawn before keeps its own, so a window is made again."""
    globals().update({f"{field.name.upper()}": getattr(palette, field.name) for field in fields(palette)})
    globals().update(STRUCTURE_COLOURS=palette.structures, SEGMENT_COLOURS=palette.segments)


STRUCTURE_NAMES: Final[dict[Structure, str]] = {
    Structure.LV_ENDO: "LV endocardium",
    Structure.LV_EPI: "LV epicardium",
    Structure.LA: "Left atrium",
    Structure.RV: "Right ventricle",
}


def _style() -> str:
    return f"""
* {{ font-size: 13px; }}
QMenuBar {{ background: {BACKGROUND}; color: {TEXT}; border-bottom: 1px solid {LINE}; padding: 1px 6px; }}
QMenuBar::item {{ padding: 3px 9px; background: transparent; border-radius: 3px; }}
QMenuBar::item:selected {{ background: {RAISED}; }}
QFrame#top {{ background: {BACKGROUND}; border-bottom: 1px solid {LINE}; }}
QFrame#strip {{ background: {STRIP}; border-bottom: 1px solid {LINE}; }}
QFrame#divider {{ background: {LINE}; border: 0; }}
QScrollArea#paper, QScrollArea#paper > QWidget > QWidget {{ background: {GROUND}; }}
QLabel#title {{ font-size: 14px; font-weight: 700; color: {TEXT}; }}
QToolButton {{ border: 2px solid transparent; border-radius: 4px; padding: 2px 5px; color: {TEXT}; }}
QToolButton:hover {{ background: {RAISED}; }}
QToolButton:focus {{ border: 2px solid {FOCUS}; }}
QToolButton:pressed, QToolButton:checked {{ background: {LINE}; }}
QToolButton:disabled {{ color: {DISABLED}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton#tab {{ border-radius: 0; padding: 0 9px; color: {QUIET}; }}
QToolButton#tab:hover {{ background: {RAISED}; color: {TEXT}; }}
QToolButton#tab:checked {{ background: {CHOSEN}; border-bottom: 2px solid {ACCENT}; color: {TEXT}; font-weight: 700; }}
QToolButton#tab:focus {{ border: 2px solid {FOCUS}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px; padding: 5px 12px; color: {TEXT}; }}
QPushButton:hover {{ border-color: {ACCENT}; }}
QPushButton:focus, QPushButton#primary:focus {{ border: 2px solid {FOCUS}; padding: 4px 11px; }}
QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {FOCUS}; padding: 2px 7px; }}
QCheckBox:focus {{ color: {FOCUS}; text-decoration: underline; }}
QListView:focus, QTreeView:focus, QTableView:focus, QScrollArea:focus {{ border: 1px solid {FOCUS}; }}
QPushButton:disabled {{ color: {DISABLED}; }}
QPushButton#primary {{ background: {PRIMARY}; border-color: {PRIMARY_EDGE}; color: #ffffff; }}
QPushButton#primary:hover {{ background: {PRIMARY_EDGE}; }}
QPushButton#primary:disabled {{ background: {RAISED}; border-color: {LINE}; color: {DISABLED}; }}
QRadioButton {{ spacing: 8px; }}
QRadioButton::indicator {{ width: 11px; height: 11px; border: 1px solid {QUIET}; border-radius: 6px; }}
QRadioButton::indicator:checked {{ background: {ACCENT}; border-color: {TEXT}; }}
QRadioButton::indicator:focus {{ border: 2px solid {FOCUS}; }}
QRadioButton:focus {{ color: {FOCUS}; text-decoration: underline; }}
QLineEdit {{ background: {GROUND}; border: 1px solid {LINE}; border-radius: 3px; padding: 3px 6px; }}
QLineEdit:focus {{ border: 2px solid {FOCUS}; padding: 2px 5px; }}
QComboBox {{ combobox-popup: 0; background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px; padding: 3px 8px; }}
QDoubleSpinBox {{ background: {RAISED}; min-height: 24px; }}
QStatusBar {{ background: {BACKGROUND}; border-top: 1px solid {LINE}; color: {QUIET}; }}
QStatusBar::item {{ border: 0; }}
QProgressBar {{ background: {GROUND}; border: 1px solid {LINE}; border-radius: 3px; height: 10px; text-align: center; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
QSplitter::handle {{ background: {LINE}; }}
QListView, QTreeView, QTableView {{ background: {BACKGROUND}; border: 0; outline: 0; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE}; }}
QMenu::item {{ padding: 5px 22px; }}
QMenu::item:selected {{ background: {PRIMARY}; color: #ffffff; }}
QMenu::item:disabled {{ color: {DISABLED}; }}
QLabel#quiet {{ color: {QUIET}; }}
QLabel#heading {{ color: {QUIET}; font-size: 11px; font-weight: 600; letter-spacing: 1px; padding: 8px 10px 4px 10px; }}
QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {LINE}; border-radius: 4px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def apply_theme(app: QApplication, palette: Palette = DARK) -> None:
    """Give the application its look; the colour scheme of the platform has no effect off screen."""
    use(palette)
    if app.styleSheet() == _style():  # in force; to set it again would style every widget again
        return
    app.setStyle("Fusion")
    role = QPalette.ColorRole
    colours = QPalette()
    for single_role, colour in (
        (role.Window, BACKGROUND),
        (role.Base, GROUND),
        (role.AlternateBase, BACKGROUND),
        (role.Button, RAISED),
        (role.ToolTipBase, RAISED),
        (role.WindowText, TEXT),
        (role.Text, TEXT),
        (role.ButtonText, TEXT),
        (role.ToolTipText, TEXT),
        (role.BrightText, TEXT),
        (role.PlaceholderText, QUIET),
        (role.Highlight, PRIMARY),
        (role.HighlightedText, "#ffffff"),
        (role.Link, ACCENT),
        (role.Light, LINE),
        (role.Midlight, LINE),
        (role.Mid, LINE),
        (role.Dark, GROUND),
        (role.Shadow, "#000000"),
    ):
        colours.setColor(single_role, QColor(colour))
    for single_role in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, single_role, QColor(DISABLED))
    app.setPalette(colours)
    app.setStyleSheet(_style())
    _font.cache_clear()


def styled_once(build: Callable[_P, None]) -> Callable[_P, None]:
    """Of a constructor of many widgets: the application's style sheet is applied when all of them are there.

    With it, Qt styles a widget and all below it each time that one is put into a layout: three quarters of the time
    that a window takes.
    """

    @wraps(build)
    def built(*arguments: _P.args, **named: _P.kwargs) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        sheet = app.styleSheet()
        app.setStyleSheet("")
        try:
            build(*arguments, **named)
        finally:
            app.setStyleSheet(sheet)

    return built


def font(size_px: int, *, bold: bool = False, struck: bool = False) -> QFont:
    """The application's font in another size."""
    return QFont(_font(size_px, bold, struck))


@cache  # every word that is drawn asks for one
def _font(size_px: int, bold: bool, struck: bool) -> QFont:
    made = QFont(QApplication.font())
    made.setPixelSize(size_px)
    made.setBold(bold)
    made.setStrikeOut(struck)
    return made


def icon(name: str) -> QIcon:
    """The icon of this name (a file in kinecor_resources/icons), drawn in the text colour; dimmed when disabled."""
    return _icon(name, TEXT, DISABLED)


@cache
def _icon(name: str, text: str, disabled: str) -> QIcon:
    drawing = (files("kinecor_resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for colour, mode in ((text, QIcon.Mode.Normal), (disabled, QIcon.Mode.Disabled)):
        pixmap = QPixmap()
        pixmap.loadFromData(QByteArray(drawing.replace("currentColor", colour).encode()), "SVG")
        made.addPixmap(
            pixmap.scaled(36, 36, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation), mode
        )
    return made


def to_qimage(frame: NDArray[np.uint8]) -> QImage:
    """A QImage with its own copy of (h, w) grey or (h, w, 3) RGB uint8 pixels."""
    frame = np.ascontiguousarray(frame)
    rows, columns = frame.shape[:2]
    grey = frame.ndim == 2
    layout = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    seen = QImage(frame.data, columns, rows, columns * (1 if grey else 3), layout)
    # The frame cache may free the array while Qt still draws: Qt gets a copy, in the format it draws fastest.
    return seen.convertToFormat(QImage.Format.Format_RGB32)


def blended(colour: QColor, share: float) -> QColor:
    """An opaque colour that looks as `colour` over the background does, drawn with this share (0 to 1) of it."""
    ground = QColor(GROUND)
    parts = ((colour.red(), ground.red()), (colour.green(), ground.green()), (colour.blue(), ground.blue()))
    return QColor(*(round(share * own + (1 - share) * below) for own, below in parts))


def canvas(widget: QWidget) -> QPixmap:
    """An empty pixmap of the size and resolution of a widget, in the background colour."""
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(widget.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(GROUND))
    return pixmap


def shrunk(frame: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    """A thumbnail of a frame by averaging blocks of pixels, its longer side near `longest_px`."""
    block = max(1, -(-max(frame.shape[:2]) // longest_px))
    rows, columns = frame.shape[0] // block * block, frame.shape[1] // block * block
    if block == 1 or not rows or not columns:
        return np.array(frame)
    cut = frame[:rows, :columns].reshape(rows // block, block, columns // block, block, *frame.shape[2:])
    small: NDArray[np.uint8] = cut.mean(axis=(1, 3)).astype(np.uint8)
    return small
