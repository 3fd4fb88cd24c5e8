"""The slices of a stack and its valve plane on a long axis: a click selects a slice, a drag sets the base."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from kinecor.core.outlines.cross_reference import Line
from kinecor.core.values.geometry import FloatArray, Plane
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import CineSequence
from kinecor.core.volumes.extent import extent_of, marks_of, with_end
from kinecor.core.volumes.long_axis import cavity_cut
from kinecor.session.edits import Edit
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import tr
from kinecor.ui.tiles.cross_lines import SliceLine, distance_px, draw_lines, line_at, lines_on
from kinecor.ui.tiles.grid_view import GridView
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.overlays import draw_plate
from kinecor.ui.tiles.picture import SCALE_PX, Picture
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.corrections import extent_edit
from kinecor.ui.workspace.related import of_one_study
from kinecor.ui.workspace.sources import PictureSource
from kinecor.ui.workspace.workspace import Workspace

GRAB_PX, LINE_PX, HANDLE_PX = 9.0, 5.0, 5.0
ROOM_PX = 220  # high: a smaller picture has no room to say what the lines are
_WIDER = 0.12  # of the cavity's width, on each side of it


@dataclass(frozen=True, slots=True)
class Valve:
    """The base of the stack at one of its phases: a stretch of its slice's line on a long axis.

    Attributes:
        mark: "ED" or "ES"; "" of another phase that is shown.
        phase: of the stack (0-based).
        number: the slice (0-based) that is the base.
        start, end: (x, y) in pixels of the long axis.

    """

    mark: str
    phase: int
    number: int
    start: tuple[float, float]
    end: tuple[float, float]


def valves_on(whole: Reading, cine: CineSequence, lines: list[SliceLine], shown: int | None = None) -> list[Valve]:
    """The valve plane at ED and at ES, as wide as the cavity there; none without marks, base or cavity.

    Of a phase that is neither and is `shown` (0-based), first that of this phase.
    """
    extent = choices(whole).extent
    beats = whole.events.beats if whole.events else ()
    if extent is None or not beats:
        return []
    valves = []
    marks = [("ED", beats[0].ed), ("ES", beats[0].es)]
    if shown is not None and shown < len(extent.base) and shown not in (beats[0].ed, beats[0].es):
        marks.insert(0, ("", shown))
    for mark, phase in marks:
        valve = valve_at(whole, cine, lines, mark, phase, extent.base[phase])
        if valve is not None:
            valves.append(valve)
    return valves


def valve_at(
    whole: Reading, cine: CineSequence, lines: list[SliceLine], mark: str, phase: int, number: int
) -> Valve | None:
    """The valve plane if slice `number` were the base; where it has no cavity, as wide as at the nearest that has."""
    line = next((slice_line.line for slice_line in lines if slice_line.number == number), None)
    if line is None or cine.plane is None or cine.calibration is None:
        return None
    spacing = np.array((cine.calibration.col_mm, cine.calibration.row_mm))
    cut = _nearest_cut(whole, number, phase, cine.plane)
    if cut is None:
        return None
    start, end = (_on(line, point) for point in cut / spacing)
    wider = _WIDER * (end - start)
    return Valve(mark, phase, number, _pair(start - wider), _pair(end + wider))


def _nearest_cut(whole: Reading, number: int, phase: int, plane: Plane) -> FloatArray | None:
    order = sorted(range(len(whole.slices)), key=lambda single_number: abs(single_number - number))
    cuts = (cavity_cut(whole, number, phase, plane) for number in order)
    return next((cut for cut in cuts if cut is not None), None)


def _on(line: Line, point: FloatArray) -> FloatArray:
    """The point of a line nearest to another point."""
    start, along = np.array((line.x0, line.y0)), np.array((line.x1 - line.x0, line.y1 - line.y0))
    return np.asarray(start + along * float((point - start) @ along) / max(float(along @ along), 1e-9))


def _around(x: float, y: float) -> QRectF:
    return QRectF(x - HANDLE_PX - 1, y - HANDLE_PX - 1, 2 * HANDLE_PX + 2, 2 * HANDLE_PX + 2)


def _pair(point: FloatArray) -> tuple[float, float]:
    return float(point[0]), float(point[1])


class ValvePlane(QObject):
    """Draws and handles slices and valve plane on one picture, in focus or next to it."""

    def __init__(self, workspace: Workspace, grid: GridView, picture: Picture, source: PictureSource) -> None:
        super().__init__(picture)
        self._workspace, self._grid, self._picture, self._source = workspace, grid, picture, source
        self._dragged: Valve | None = None
        self._crossed = False
        picture.installEventFilter(self)
        for signal in (grid.chosen, grid.redrawn):
            signal.connect(self._follow)
        follow(workspace, self._follow, Topic.CHECKS)

    def _follow(self, *_: object) -> None:
        """Paint again where slices of a stack are drawn, or were."""
        before, self._crossed = self._crossed, bool(self.lines())
        if before or self._crossed:
            self._picture.update()

    def lines(self) -> list[SliceLine]:
        """The slices of the stack on this picture; none where it is no long axis of the stack's study."""
        stack, whole, cine = self._grid.stack, self._grid.reading, self._source.cine
        if stack is None or whole is None or cine is None or not whole.kind.stack or not of_one_study(stack, cine):
            return []
        if cine in stack.slices:
            return []
        return lines_on(cine, stack, whole, self._grid.phase)

    def draw(self, painter: QPainter, viewport: Viewport) -> None:
        """Draw the slices, and the valve plane solid at ED and dashed at ES."""
        lines, whole, cine = self.lines(), self._grid.reading, self._source.cine
        if not lines or whole is None or cine is None:
            return
        valves = valves_on(whole, cine, lines, self._grid.phase)
        if self._dragged is not None:
            valves = [self._dragged if valve.mark == self._dragged.mark else valve for valve in valves]
        handles = [_around(*viewport.to_widget(*spot)) for valve in valves for spot in (valve.start, valve.end)]
        scale = QRectF(0, viewport.height - SCALE_PX.height(), SCALE_PX.width(), SCALE_PX.height())
        draw_lines(painter, lines, viewport, self._grid.selected, (scale, *handles))
        for single_valve in valves:
            self._draw_valve(painter, single_valve, viewport)
        if valves:
            painter.setFont(theme.font(11))
            text = tr("Valve plane, drag: solid ED, dashed ES") if self._picture.height() >= ROOM_PX else ""
            if text and not valves[0].mark:
                text = tr("Valve plane, drag: solid ED, dashed ES, thin phase {phase}").format(
                    phase=valves[0].phase + 1
                )
            if self._dragged is not None:
                mark = self._dragged.mark or tr("phase {phase}").format(phase=self._dragged.phase + 1)
                text = tr("Base at {mark}: slice {number}").format(mark=mark, number=self._dragged.number + 1)
            if text:
                draw_plate(painter, QPointF(8, self._picture.height() - 46), text, high=18)

    def _draw_valve(self, painter: QPainter, valve: Valve, viewport: Viewport) -> None:
        start, end = QPointF(*viewport.to_widget(*valve.start)), QPointF(*viewport.to_widget(*valve.end))
        dashed = valve.mark == "ES"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.GROUND), 5))
        painter.drawLine(start, end)
        wide = 2.4 if valve.mark else 1.2
        painter.setPen(QPen(QColor(theme.TEXT), wide, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
        painter.drawLine(start, end)
        painter.setPen(QPen(QColor(theme.TEXT), 1.5))
        painter.setBrush(QColor(theme.GROUND if dashed else theme.ACCENT))
        for spot in (start, end):
            painter.drawEllipse(spot, HANDLE_PX, HANDLE_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def valve_under(self, at: QPointF) -> Valve | None:
        """The valve plane at a position of the picture; of several there, that of the phase on screen."""
        whole, cine, viewport = self._grid.reading, self._source.cine, self._picture.viewport
        if whole is None or cine is None:
            return None
        found = []
        shown = self._grid.phase
        for valve in valves_on(whole, cine, self.lines(), shown):
            ends = QPointF(*viewport.to_widget(*valve.start)), QPointF(*viewport.to_widget(*valve.end))
            found.append((round(distance_px(at, *ends), 3), valve.phase != shown, valve.mark, valve))
        nearest = min(found, default=None, key=lambda candidate: candidate[:3])
        return nearest[3] if nearest is not None and nearest[0] <= GRAB_PX else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the left button on a slice or the valve plane; True where the event was handled."""
        if not isinstance(event, QMouseEvent) or not isinstance(watched, QWidget):
            return False
        kind, position = event.type(), event.position()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            return self._press(position)
        if kind == QEvent.Type.MouseMove and self._dragged is not None:
            if event.buttons() & Qt.MouseButton.LeftButton:
                self._drag(self._dragged, position)
            else:
                self._end(save=False)  # the release was lost, e.g. to a dialog
            return True
        if kind == QEvent.Type.MouseButtonRelease and self._dragged is not None:
            self._end(save=True)
            return True
        return False

    def _press(self, position: QPointF) -> bool:
        lines = self.lines()
        if not lines:
            return False
        self._dragged = self.valve_under(position)
        if self._dragged is not None and self._workspace.signing.refused_as_signed():
            self._dragged = None
            return True
        if self._dragged is not None:
            self._grid.show_phase(self._dragged.phase)  # what is moved is what is seen
            return True
        if isinstance(self._picture, ImageView) and self._picture.over_contour(position):
            return False
        slice_line = line_at(lines, self._picture.viewport, position, LINE_PX)
        if slice_line is not None:
            self._grid.choose(slice_line.number)
        return slice_line is not None

    def _drag(self, valve: Valve, position: QPointF) -> None:
        lines, whole, cine = self.lines(), self._grid.reading, self._source.cine
        nearest = line_at(lines, self._picture.viewport, position, float("inf"))
        if nearest is None or whole is None or cine is None or nearest.number == valve.number:
            return
        there = valve_at(whole, cine, lines, valve.mark, valve.phase, nearest.number)
        if there is not None:
            self._dragged = there
            edit = self._edit(there)
            if edit is not None and self._in_focus:
                self._workspace.preview(edit, by=self)
            self._picture.update()

    def _end(self, *, save: bool) -> None:
        valve, self._dragged = self._dragged, None
        if self._in_focus:
            self._workspace.drop_preview(by=self)
        edit = self._edit(valve) if valve is not None and save else None
        if edit is not None and self._grid.stack is not None:
            self._workspace.do(edit, by=self, recording=self._grid.stack)
        self._picture.update()

    @property
    def _in_focus(self) -> bool:
        """Whether the stack is the current recording, so that numbers follow while the plane is dragged."""
        return self._grid.stack is not None and self._grid.stack is self._workspace.recording

    def _edit(self, valve: Valve) -> Edit | None:
        """The base at a mark on another slice; None where it is there already, or would lie beyond the apex."""
        if self._grid.stack is None:
            return None
        saved = self._workspace.opened.saved_reading(self._grid.stack)
        extent = extent_of(saved)
        if extent.base[valve.phase] == valve.number:
            return None
        try:
            return extent_edit(saved, with_end(extent, "base", valve.number, valve.phase, marks_of(saved)))
        except ValueError:
            return None
