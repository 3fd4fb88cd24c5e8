"""Frames and icons as images Qt can draw."""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

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


def picture(frame: NDArray[np.uint8]) -> QImage:
    """A QImage of its own from (h, w) grey or (h, w, 3) RGB uint8."""
    frame = np.ascontiguousarray(frame)
    rows, columns = frame.shape[:2]
    grey = frame.ndim == 2
    layout = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    seen = QImage(frame.data, columns, rows, columns * (1 if grey else 3), layout)
    # The array may be freed by the frame cache while Qt still draws: Qt gets a copy, in the format it draws fastest.
    return seen.convertToFormat(QImage.Format.Format_RGB32)


def shrunk(frame: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    """A small copy of a frame by averaging whole blocks of pixels, its longer side near `longest_px`."""
    block = max(1, -(-max(frame.shape[:2]) // longest_px))
    rows, columns = frame.shape[0] // block * block, frame.shape[1] // block * block
    if block == 1 or not rows or not columns:
        return np.array(frame)
    cut = frame[:rows, :columns].reshape(rows // block, block, columns // block, block, *frame.shape[2:])
    small: NDArray[np.uint8] = cut.mean(axis=(1, 3)).astype(np.uint8)
    return small
