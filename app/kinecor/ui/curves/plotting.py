"""The scale of curves, the one under the mouse, and strips cached as an image while something moves over them."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.values.geometry import FloatArray
from kinecor.ui.style.polyline import polyline
from kinecor.ui.style.theme import canvas


def scale(values: FloatArray, step: float, least: tuple[float, float]) -> tuple[float, float]:
    """The lowest and highest value to show: `least`, widened in steps until every finite value fits."""
    low, high = least
    known = values[np.isfinite(values)]
    if len(known):
        low = min(low, math.floor(float(known.min()) / step) * step)
        high = max(high, math.ceil(float(known.max()) / step) * step)
    return low, high


def nearest_line(lines: Sequence[FloatArray], x: float, y: float, within_px: float) -> int | None:
    """The line (n, 2) that passes nearest to a place, or None where none does within `within_px` pixels."""
    best, found = within_px, None
    for number, line in enumerate(lines):
        start, end = line[:-1], line[1:]
        way = end - start
        share = ((np.array((x, y)) - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12)
        foot = start + np.clip(share, 0, 1)[:, None] * way
        distance = np.hypot(foot[:, 0] - x, foot[:, 1] - y)
        if np.isfinite(distance).any() and (least := float(np.nanmin(distance))) < best:
            best, found = least, number
    return found


def draw_line(painter: QPainter, line: FloatArray) -> None:
    """Draw a curve (n, 2), interrupted where it is not finite."""
    known = np.isfinite(line).all(axis=1)
    ends = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    for start, end in ends.reshape(-1, 2).tolist():
        painter.drawPolyline(polyline(line[start:end]))


class Layered(QWidget):
    """A widget whose drawing is cached as an image; only what moves over it is painted with every frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def draw_layer(self, painter: QPainter) -> None:
        """Draw what stays, on the background."""

    def draw_over(self, painter: QPainter) -> None:
        """Draw what moves."""

    def redraw(self) -> None:
        """Draw everything again."""
        self._layer = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cached image, drawn first where it is not there, and what moves over it."""
        layer = self._layer
        if layer is None or layer.devicePixelRatioF() != self.devicePixelRatioF():
            layer = self._layer = canvas(self)
            on_layer = QPainter(layer)
            on_layer.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw_layer(on_layer)
            on_layer.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw_over(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw everything again."""
        super().resizeEvent(event)
        self.redraw()
