"""The icons of the toolbar, from the resources package."""

from importlib.resources import files

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPixmap

from kinecor.ui.style.theme import TEXT


def icon(name: str) -> QIcon:
    """The icon of this name (a file in kinecor_resources/icons), drawn in the text colour; dimmed when disabled."""
    drawing = (files("kinecor_resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for colour, mode in ((TEXT, QIcon.Mode.Normal), ("#59626c", QIcon.Mode.Disabled)):
        picture = QPixmap()
        picture.loadFromData(QByteArray(drawing.replace("currentColor", colour).encode()), "SVG")
        made.addPixmap(
            picture.scaled(36, 36, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation), mode
        )
    return made
