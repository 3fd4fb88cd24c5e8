"""Frames and icons as images Qt can draw."""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from kinecor.ui.style import theme


def icon(name: str) -> QIcon:
    """The icon of this name (a file in kinecor_resources/icons), drawn in the text colour; dimmed when disabled."""
    drawing = (files("kinecor_resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for colour, mode in ((theme.TEXT, QIcon.Mode.Normal), ("#59626c", QIcon.Mode.Disabled)):
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


def canvas(widget: QWidget) -> QPixmap:
    """An empty pixmap of the size and resolution of a widget, in the background colour."""
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(widget.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(theme.GROUND))
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
