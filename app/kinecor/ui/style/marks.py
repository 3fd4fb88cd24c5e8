"""The signs of the checks: an octagon for what is withheld, a triangle for what is to be checked, a circle for a note.

Shape tells them apart as well as colour: amber is close to the endocardium's yellow.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

from kinecor.core.checks.findings import Severity
from kinecor.ui.style import on_image as images
from kinecor.ui.style import theme


class _Colours(Mapping[Severity, str]):
    """Of each severity, in the theme in force."""

    def __getitem__(self, severity: Severity) -> str:
        return {Severity.STOP: theme.BAD, Severity.CHECK: theme.WARNING, Severity.INFO: theme.QUIET}[severity]

    def __iter__(self) -> Iterator[Severity]:
        return iter(Severity)

    def __len__(self) -> int:
        return len(Severity)


COLOURS: Final = _Colours()
ON_IMAGE: Final[Mapping[Severity, str]] = {
    Severity.STOP: images.BAD,
    Severity.CHECK: images.WARNING,
    Severity.INFO: images.QUIET,
}
"""Of each severity on images and their dark plates, the same in every theme."""
_CUT: Final = 0.29  # of an octagon's side


def draw_mark(painter: QPainter, box: QRectF, severity: Severity, *, on_image: bool = False) -> None:
    """Draw the sign of a severity into a square, on an image or on the ground of a panel."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor((ON_IMAGE if on_image else COLOURS)[severity]))
    if severity is Severity.INFO:
        painter.drawEllipse(box)
    else:
        painter.drawPolygon(_outline(severity, box))
    painter.setPen(QColor(images.GROUND if on_image else theme.GROUND))
    painter.setFont(theme.font(max(round(box.height() * 0.72), 6), bold=True))
    drop = 0.12 * box.height() if severity is Severity.CHECK else 0.0
    sign = "i" if severity is Severity.INFO else "!"
    painter.drawText(box.translated(0, drop), Qt.AlignmentFlag.AlignCenter, sign)
    painter.restore()


def _outline(severity: Severity, box: QRectF) -> QPolygonF:
    places = [(0.5, 0.0), (1.0, 0.95), (0.0, 0.95)]
    if severity is Severity.STOP:
        far = 1 - _CUT
        places = [(_CUT, 0), (far, 0), (1, _CUT), (1, far), (far, 1), (_CUT, 1), (0, far), (0, _CUT)]
    return QPolygonF([QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in places])


def mark_pixmap(severity: Severity, size_px: int = 16) -> QPixmap:
    """The sign as an image on a transparent ground."""
    pixmap = QPixmap(QSize(2 * size_px, 2 * size_px))
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_mark(painter, QRectF(1, 1, size_px - 2, size_px - 2), severity)
    painter.end()
    return pixmap


def mark_icon(severity: Severity) -> QIcon:
    """The sign as an icon."""
    return QIcon(mark_pixmap(severity))
