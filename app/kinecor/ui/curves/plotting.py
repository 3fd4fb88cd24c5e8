"""Drawing curves over time: coordinates, ticks, lines; and widgets cached as an image while something moves over."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.strain.drawing import round_step
from kinecor.core.values.geometry import FloatArray
from kinecor.ui.style.polyline import polyline
from kinecor.ui.style.theme import canvas


@dataclass(frozen=True, slots=True)
class Plot:
    """Maps seconds and values to widget pixels; larger values are higher, so that shortening goes down.

    Attributes:
        left, top, width, height: of the plotting area, widget pixels.
        first_s, last_s: at its left and right edge.
        low, high: at its lower and upper edge.

    """

    left: float
    top: float
    width: float
    height: float
    first_s: float
    last_s: float
    low: float
    high: float

    def x(self, time_s: FloatArray) -> FloatArray:
        """Widget x of times."""
        return np.asarray(self.left + self.width * (time_s - self.first_s) / (self.last_s - self.first_s))

    def y(self, value: FloatArray) -> FloatArray:
        """Widget y of values."""
        return np.asarray(self.top + self.height * (self.high - value) / (self.high - self.low))

    def time_s(self, x: float) -> float:
        """The time at a widget x."""
        return self.first_s + (self.last_s - self.first_s) * (x - self.left) / max(self.width, 1.0)


def scale(values: FloatArray, step: float, least: tuple[float, float]) -> tuple[float, float]:
    """The lowest and highest value to show: `least`, widened in steps until every finite value fits."""
    low, high = least
    known = values[np.isfinite(values)]
    if len(known):
        low = min(low, math.floor(float(known.min()) / step) * step)
        high = max(high, math.ceil(float(known.max()) / step) * step)
    return low, high


def ticks(low: float, high: float, step: float) -> FloatArray:
    """Multiples of `step` from low to high."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.asarray(np.arange(first, last + 1) * step, dtype=np.float64)


def step_for(span: float, room_px: float, least_px: float) -> float:
    """The smallest step of 1, 2, 5 times a power of ten that leaves `least_px` between two ticks."""
    return round_step(span * least_px / max(room_px, 1.0))


def staggered(spans: Sequence[tuple[float, float]], gap_px: float = 3.0) -> list[int]:
    """A line (from 0, downwards) for each text so that none covers another: the first one that is free.

    Args:
        spans: left and right edge of each text, widget pixels; placed in this order.
        gap_px: left free between two texts of one line.

    """
    lines: list[list[tuple[float, float]]] = []
    found = []
    for left, right in spans:
        free = (
            number
            for number, taken in enumerate(lines)
            if all(right + gap_px <= start or left >= end + gap_px for start, end in taken)
        )
        line = next(free, len(lines))
        if line == len(lines):
            lines.append([])
        lines[line].append((left, right))
        found.append(line)
    return found


def time_words(time_s: float, *, last: bool) -> str:
    """A time on an axis, in ms; the last one says the unit."""
    return f"{1000 * time_s:.0f}" + (" ms" if last else "")


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
    """A widget whose drawing is cached as an image; only what moves over it is painted with every frame.

    What lies lowest may be cached by itself, where the rest of the image changes more often (`ground_parts`).
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: QPixmap | None = None
        self._ground: tuple[tuple[object, ...], QPixmap] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def ground_parts(self) -> tuple[object, ...]:
        """What `draw_ground` draws follows from these, besides the size: it is drawn again where one is another."""
        return ()

    def draw_ground(self, painter: QPainter) -> None:
        """Draw what lies below the layer, on the background."""

    def draw_layer(self, painter: QPainter) -> None:
        """Draw what stays, on the background and the ground."""

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
            layer = self._layer = self._on_ground()
            on_layer = QPainter(layer)
            on_layer.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw_layer(on_layer)
            on_layer.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw_over(painter)
        painter.end()

    def _on_ground(self) -> QPixmap:
        """A new image of the ground, to be drawn on."""
        parts = self.width(), self.height(), self.devicePixelRatioF(), *self.ground_parts()
        known = self._ground
        if known is None or len(known[0]) != len(parts) or not all(map(_alike, known[0], parts)):
            drawn = canvas(self)
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw_ground(painter)
            painter.end()
            self._ground = known = parts, drawn
        return QPixmap(known[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw everything again."""
        super().resizeEvent(event)
        self.redraw()


def _alike(one: object, other: object) -> bool:
    """The same object, or a number or text of the same value: arrays are never compared number by number."""
    return one is other or (isinstance(one, int | float | str | Plot) and type(one) is type(other) and one == other)
