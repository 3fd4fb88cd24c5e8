"""What is under the mouse: the pixel's value, and how far it is from the last click."""

import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.graph import Graph, graph_of
from kinecor.core.values.recording import Region
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import numbered, tr
from kinecor.ui.tiles.overlays import draw_plate
from kinecor.ui.tiles.picture import Picture
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.sources import PictureSource

Point = tuple[float, float]


def value_words(pixels: NDArray[Any], at_px: Point) -> str:
    """The value of the pixel at (x, y): grey in the file's own values, or red, green and blue; "" outside the image."""
    column, row = round(at_px[0]), round(at_px[1])
    if not (0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]):
        return ""
    value = pixels[row, column]
    if pixels.ndim == 2:
        return tr("value {value}").format(value=f"{value:g}")
    red, green, blue = (int(number) for number in value)
    return tr("value {value}").format(value=red) if red == green == blue else f"R {red}  G {green}  B {blue}"


def distance_words(at_px: Point, from_px: Point | None, scale: Calibration | None, region: Region | None) -> str:
    """The distance of two places (x, y) in mm; "" without a scale, or where one is outside what the scale is for."""
    if from_px is None or scale is None:
        return ""
    if region is not None and not all(_inside(values, region) for values in (at_px, from_px)):
        return ""
    along_mm, down_mm = (at_px[0] - from_px[0]) * scale.col_mm, (at_px[1] - from_px[1]) * scale.row_mm
    return tr("{distance} mm from the last click").format(distance=numbered(math.hypot(along_mm, down_mm), ".1f"))


def _inside(point: Point, region: Region) -> bool:
    return region.x0 - 0.5 <= point[0] < region.x1 - 0.5 and region.y0 - 0.5 <= point[1] < region.y1 - 0.5


def graph_words(graphs: Sequence[Graph], at_px: Point, from_px: Point | None) -> str:
    """Velocity and time of a spectrum, or depth and time of an M-mode, at (x, y); time and depth from the last click.

    "" outside of graphs.
    """
    graph = graph_of(graphs, (at_px,))
    if graph is None:
        return ""
    said: list[str] = []
    speed = graph.velocity_cm_per_s(at_px)
    if speed is not None:
        said.append(tr("{velocity} cm/s").format(velocity=numbered(speed, ".1f")))
    time_s = graph.between_s((graph.region.x0, at_px[1]), at_px)
    said.append(tr("{time} s").format(time=numbered(time_s, ".3f")))
    if from_px is not None and graph.holds((from_px,)):
        time_ms = numbered(1000 * graph.between_s(from_px, at_px), ".0f")
        if graph.form == "m-mode":
            depth_mm = numbered(graph.depth_mm(from_px, at_px), ".1f")
            said.append(tr("{depth} mm, {time} ms from the last click").format(depth=depth_mm, time=time_ms))
        else:
            said.append(tr("{time} ms from the last click").format(time=time_ms))
    return "   ".join(said)


class Readout(QObject):
    """Draws the words on a picture once the mouse rests over it, as long as it does, while nothing plays."""

    def __init__(self, picture: Picture, source: PictureSource, player: Player) -> None:
        super().__init__(picture)
        self._picture, self._source, self._player = picture, source, player
        self._at: QPointF | None = None
        self._clicked: Point | None = None
        self.rest = QTimer(self)
        """Runs while the mouse has not rested long enough, as for a tool tip."""
        self.rest.setSingleShot(True)
        self.rest.setInterval(picture.style().styleHint(QStyle.StyleHint.SH_ToolTip_WakeUpDelay))
        self.rest.timeout.connect(self._show)
        self._shown = False
        picture.installEventFilter(self)
        picture.above.append(self.draw)
        follow(source, self._forget, Topic.RECORDING)

    def words(self) -> str:
        """Value and distance at the mouse, on a graph its axes; "" where the mouse is not over the image."""
        pixels, reading, cine = self._picture.pixels, self._source.reading, self._source.cine
        if self._at is None or pixels is None or reading is None or cine is None:
            return ""
        at = self._picture.viewport.to_image(self._at.x(), self._at.y())
        value = value_words(pixels, at)
        if not value:
            return ""
        graph = graph_words(reading.facts.graphs, at, self._clicked)
        if graph:
            return graph
        distance = distance_words(at, self._clicked, reading.calibration, reading.facts.region)
        return "   ".join(name for name in (value, distance) if name)

    def draw(self, painter: QPainter, _: int, __: Viewport) -> None:
        """Draw the words below the header."""
        text = self.words() if self._shown and not self._player.playing else ""
        if text:
            painter.setFont(theme.font(11))
            draw_plate(painter, QPointF(8, 34 + self._picture.words_px), text, theme.SOFT, high=18)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse; nothing is taken from the picture."""
        if isinstance(event, QMouseEvent):
            self._at = event.position()
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._clicked = self._picture.viewport.to_image(self._at.x(), self._at.y())
            self.rest.start()
            self._hide()
        elif event.type() == QEvent.Type.Leave:
            self._at = None
            self.rest.stop()
            self._hide()
        return False

    def _show(self) -> None:
        self._shown = True
        if not self._player.playing:
            self._picture.update_moving()

    def _hide(self) -> None:
        if self._shown:
            self._shown = False
            self._picture.update_moving()

    def _forget(self) -> None:
        self._clicked = None
