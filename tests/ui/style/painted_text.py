"""What is painted as text, with the colours of pen and ground, measured while the widgets paint themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from kinecor.core.values.geometry import FloatArray

DrawText = Callable[..., Any]


def luminance(colour: str | QColor) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 to 1."""
    seen = QColor(colour)
    parts = [seen.redF(), seen.greenF(), seen.blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str | QColor, second: str | QColor) -> float:
    """Ratio of the luminances of two colours as WCAG 2.2 defines it, 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@dataclass(frozen=True, slots=True)
class Painted:
    """Text that a widget painted.

    Attributes:
        text: as painted.
        pen: its colour over the ground, where it is transparent.
        ground: the colour that most of the pixels below it have.
        height_px: of its font.
        bold: whether its font is.

    """

    text: str
    pen: QColor
    ground: QColor
    height_px: int
    bold: bool

    @property
    def contrast(self) -> float:
        """Of pen and ground."""
        return contrast(self.pen, self.ground)

    @property
    def required(self) -> float:
        """What AA asks for: 3 of large text (24 px, bold 18.7 px), else 4.5."""
        return 3.0 if self.height_px >= (18.66 if self.bold else 24) else 4.5


@contextmanager
def _replaced(draw: Callable[[DrawText, QPainter, tuple[Any, ...]], Any]) -> Iterator[None]:
    plain = QPainter.drawText
    QPainter.drawText = lambda painter, *given: draw(plain, painter, given)  # type: ignore[method-assign]
    try:
        yield
    finally:
        QPainter.drawText = plain  # type: ignore[method-assign]


def _box(painter: QPainter, given: tuple[Any, ...]) -> tuple[QRectF, str]:
    """Where the text is drawn, in the coordinates of the painter, and the text."""
    text = next(part for part in given if isinstance(part, str))
    metrics, first = painter.fontMetrics(), given[0]
    if isinstance(first, QPoint | QPointF):
        wide = metrics.horizontalAdvance(text)
        return QRectF(first.x(), first.y() - metrics.ascent(), wide, metrics.height()), text
    if isinstance(first, int | float):
        x, y, wide, high, flags, _ = given
        return QRectF(painter.boundingRect(QRectF(x, y, wide, high), int(flags), text)), text
    flags = next((int(part) for part in given[1:] if isinstance(part, int | Qt.AlignmentFlag)), 0)
    return QRectF(painter.boundingRect(QRectF(first), flags, text)), text


def _ground(image: QImage) -> QColor:
    """The most frequent colour, of 32 steps a channel."""
    rgb: FloatArray = np.frombuffer(
        bytes(image.convertToFormat(QImage.Format.Format_RGBA8888).constBits()), np.uint8
    ).reshape(-1, 4)[:, :3]
    steps, counts = np.unique(rgb // 8, axis=0, return_counts=True)
    here = (rgb // 8 == steps[counts.argmax()]).all(axis=1)
    return QColor(*(int(value) for value in np.median(rgb[here], axis=0)))


def painted_texts(widget: QWidget) -> list[Painted]:
    """Every text that a widget and the widgets in it paint in Python, with the ground below it.

    The ground of text on a widget is what it looks like without any text; of text on an image that a widget holds, what
    the image has at that moment.
    """

    def leave_out(plain: DrawText, painter: QPainter, given: tuple[Any, ...]) -> Any:
        return plain(painter, *given) if isinstance(painter.device(), QPixmap | QImage) else None

    with _replaced(leave_out):
        bare = widget.grab().toImage()
    seen: list[Painted] = []

    def note(plain: DrawText, painter: QPainter, given: tuple[Any, ...]) -> Any:
        box, text = _box(painter, given)
        device, ratio = painter.device(), 1.0
        if isinstance(device, QPixmap):
            image = device.toImage()
        elif isinstance(device, QImage):
            image = device.copy()
        else:
            image, ratio = bare, bare.devicePixelRatio()
        to_device: QTransform = painter.deviceTransform()
        place = to_device.mapRect(box)
        if isinstance(device, QWidget):  # what is beyond it is not seen
            place &= QRectF(device.mapTo(widget, QPoint(0, 0)), device.size())
        place = QRectF(place.topLeft() * ratio, place.size() * ratio).toAlignedRect().intersected(image.rect())
        if text.strip() and place.width() > 1 and place.height() > 1:
            ground, pen = _ground(image.copy(place)), QColor(painter.pen().color())
            share = pen.alphaF() * painter.opacity()
            mixed = [
                share * over + (1 - share) * under
                for over, under in zip(pen.getRgbF()[:3], ground.getRgbF()[:3], strict=True)
            ]
            font = painter.fontInfo()
            seen.append(Painted(text, QColor.fromRgbF(*mixed), ground, font.pixelSize(), font.bold()))
        return plain(painter, *given)

    with _replaced(note):
        widget.grab()
    following = [*seen[1:], None]
    return [text for text, after in zip(seen, following, strict=True) if not _is_shadow(text, after)]


def _is_shadow(text: Painted, after: Painted | None) -> bool:
    """Whether it is what the same text, painted next, stands out by."""
    return (
        after is not None
        and after.text == text.text
        and contrast(text.pen, text.ground) < contrast(after.pen, after.ground)
    )
