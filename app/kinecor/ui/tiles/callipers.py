"""Callipers on the image: distances, angles and areas are clicked, named from a menu, dragged and deleted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Literal

from PySide6.QtCore import QEvent, QLineF, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QInputDialog, QMenu

from kinecor.core.outlines.simplification import simplify_line
from kinecor.core.table.linear_inputs import calliper_words, graph_under
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.callipers import (
    INFLOW,
    JET,
    LONGEST_NAME,
    M_MODE,
    M_MODE_LINE,
    MAX_CORNERS,
    NAMED,
    PARASTERNAL,
    PARASTERNAL_NAMES,
    TISSUE,
    Calliper,
    Shape,
    names_on,
)
from kinecor.core.values.graph import graph_of
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Region
from kinecor.session.edits import Edit, RemoveCalliper, SetCalibration, SetCalliper, SetTime
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.number_field import ask_number
from kinecor.ui.tiles.image_view import JITTER_PX, ImageView
from kinecor.ui.tiles.overlays import draw_plate
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

Point = tuple[float, float]
SHAPES: Final[dict[Shape, str]] = {"distance": "Distance", "angle": "Angle", "area": "Area", "trace": "Trace"}
"""Drawn on the image."""
_WORDS: Final[dict[Shape, str]] = {
    "distance": "Distance",
    "angle": "Angle",
    "area": "Area",
    "time": "Time",
    "point": "Velocity",
    "slope": "Slope",
    "trace": "VTI",
}
ON_IMAGE: Final = (*SHAPES, "point", "slope")
"""Shapes that are seen on the image and can be taken hold of."""
REACH_PX = 8.0  # from an end that is taken hold of
NUDGE_PX = 0.5  # of the image, by an arrow key; ten times as far with Shift
_ENOUGH: Final[dict[Shape, int]] = {"distance": 2, "angle": 3, "area": 3, "point": 1, "slope": 2, "trace": 2}
_TICK_PX, _GRIP_PX = 5.0, 7.0
_STROKE_PX = 3.0  # on screen, from point to point of what is drawn freely
_STROKE_OFF_PX = 0.4  # on screen, by which its points may be off the drawn line
_CLICKED: Final = ("area", "trace")  # by as many points as the reader likes
_LINE, _HALO = QColor("#e8ebef"), QColor(theme.GROUND)
_BELOW = QColor(232, 235, 239, 46)  # a trace
DELETE: Final = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_RETURN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


_SPECTRUM_OF: Final = {"pw-doppler": INFLOW, "cw-doppler": JET, "tissue-doppler": TISSUE}
"""What a spectrum is of, by the kind of its series."""


def image_of(reading: Reading, points: Sequence[Point] = ()) -> str:
    """What is measured on, as `callipers.names_on` calls it: by the graph that points lie in, else by the view."""
    graph = graph_of(reading.facts.graphs, points) if points else None
    if graph is not None:
        return M_MODE if graph.form == "m-mode" else _SPECTRUM_OF.get(reading.facts.series.kind, "")
    view = reading.view.label if reading.view else UNKNOWN_VIEW
    return PARASTERNAL if view == UNKNOWN_VIEW else view


def drawn_shape(reading: Reading, shape: Shape, points: Sequence[Point]) -> Shape:
    """What a distance is where it was drawn: on a spectrum one point is a velocity, two are a slope."""
    graph = graph_of(reading.facts.graphs, points) if points and shape == "distance" else None
    if graph is None or graph.form != "spectral":
        return shape
    return "point" if len(points) == 1 else "slope"


def next_name(reading: Reading, shape: Shape = "distance", points: Sequence[Point] = ()) -> str:
    """The first of the named measurements of an image that was not made yet; "" where all were."""
    return next((name for name in names_on(image_of(reading, points), shape) if name not in reading.callipers), "")


def free_name(reading: Reading, shape: Shape) -> str:
    """A name for what the field has no name for: "Distance 1"."""
    number = 1
    while f"{tr(_WORDS[shape])} {number}" in reading.callipers:
        number += 1
    return f"{tr(_WORDS[shape])} {number}"


def offered_names(reading: Reading, shape: Shape, points: Sequence[Point] = ()) -> tuple[str, ...]:
    """Names for a new calliper, the most likely first: those of the image, by its view or kind, that are missing."""
    free = free_name(reading, shape)
    echo = reading.kind.modality == "Echocardiography" and not reading.kind.stack
    if not echo:
        return (free,)
    own = names_on(image_of(reading, points), shape)
    # Elsewhere a distance of the parasternal long axis is the exception.
    others = () if own else tuple(name for name in PARASTERNAL_NAMES if shape == "distance")
    missing, again = (
        tuple(name for name in own or others if (name in reading.callipers) == there) for there in (False, True)
    )
    return (*missing, free, *again) if own else (free, *missing, *again)


class CalliperTool(QObject):
    """Measures on an ImageView: its own mouse and keys come first while it draws, or where an end is.

    Click both ends of a distance, or drag from one to the other; click the corners of an area and the first one again;
    draw along the envelope of a spectrum, or click along it and twice at its end.
    Then choose a name. Ends can be dragged, or moved by the arrow keys; Delete removes the selected calliper.

    Signals:
        drawing_changed(str): the shape being drawn, perhaps the same as before; "" where none is.
    """

    drawing_changed = Signal(str)

    def __init__(self, workspace: Workspace, player: Player, image: ImageView) -> None:
        super().__init__(image)
        self._workspace, self._player, self._image = workspace, player, image
        self.shape: Shape | Literal[""] = ""
        self.points: list[Point] = []
        """Clicked so far, x, y in pixels of the image."""
        self.selected: tuple[str, int] | None = None
        """Name of a calliper and number of its end."""
        self.names = QMenu(image)
        """Opened when a shape is complete."""
        self.ask: Callable[[], str] = self._ask_name
        self.ask_mm: Callable[[], float | None] = self._ask_length
        self.calibrating = False
        """Whether the distance being drawn is to give the scale."""
        self._tip: Point | None = None
        self._held: tuple[str, int] | None = None
        self._moved: Edit | None = None
        self._pressed_at: QPointF | None = None
        self._stroke = 0
        """Points that the held button drew of a trace."""
        self.names.aboutToHide.connect(self._image.update)
        self.names.installEventFilter(self)
        image.above.append(self._draw)
        image.installEventFilter(self)
        follow(workspace, self.stop, Topic.RECORDING)

    # Drawing a new one

    def start(self, shape: Shape) -> None:
        """Begin to draw a shape, also where one is being drawn; stop where the recording is a stack."""
        reading = self._workspace.reading
        if reading is None or reading.kind.stack:
            self.stop()
            return
        spectral = any(graph.form == "spectral" for graph in reading.facts.graphs)
        if shape == "trace" and not spectral:
            self.stop()
            self._workspace.notices.remark.emit(tr("A trace is of a spectrum: the file states none in this image."))
            return
        self._player.pause()
        self.calibrating = False
        self._begin(shape)
        if shape == "trace":
            self._workspace.notices.remark.emit(
                tr("VTI: draw along the envelope, or click along it; a double click ends it.")
            )
        if shape == "distance" and spectral:
            self._workspace.notices.remark.emit(
                tr("Spectrum: click a peak for its velocity; drag from a peak along its slope.")
            )

    def calibrate(self) -> None:
        """Begin to draw the distance whose length the reader then states: the image's scale follows from it."""
        reading = self._workspace.reading
        if reading is None or reading.kind.stack:
            self._workspace.notices.remark.emit(tr("The scale of a stack comes from its file and cannot be set here."))
            return
        self.stop()
        self._player.pause()
        self.calibrating = True
        self._begin("distance")
        self._workspace.notices.remark.emit(
            tr("Calibrate: click two points whose distance is known, such as two ticks of the depth.")
        )

    def stop(self) -> None:
        """Stop drawing; what was not named is dropped."""
        self.calibrating = False
        self.selected = self._held = self._moved = None
        self._begin("")

    def _begin(self, shape: Shape | Literal[""]) -> None:
        self.points, self._tip = [], None
        self.shape = shape
        self.drawing_changed.emit(shape)
        self._image.setCursor(Qt.CursorShape.CrossCursor if shape else Qt.CursorShape.ArrowCursor)
        self._image.update()

    def _add(self, point: Point) -> None:
        if not self.shape:
            return
        ended = 0 if self.shape == "area" else -1  # an area at its first point, a trace at its last one
        if self._clicked and len(self.points) >= _ENOUGH[self.shape] and self._near(self.points[ended], point):
            self._complete()
            return
        if not self._clicked and len(self.points) >= _ENOUGH[self.shape]:
            self.points = []  # the menu of names was left without a choice
        self.points.append(point)
        if not self._clicked and len(self.points) == _ENOUGH[self.shape]:
            self._complete()
        self._image.update()

    @property
    def _clicked(self) -> bool:
        """Whether the shape being drawn has as many points as the reader likes."""
        return self.shape in _CLICKED

    def _draw_on(self, point: Point) -> None:
        """Add to a trace what the held button draws."""
        if self._near(self.points[-1], point, _STROKE_PX):
            return
        self._stroke += 1
        self.points.append(point)
        if len(self.points) >= MAX_CORNERS:
            self.points = self._simplified()

    def _simplified(self) -> list[Point]:
        """The points of a trace without those that it does not need: each can be dragged later."""
        return list(simplify_line(self.points, _STROKE_OFF_PX / max(self._image.viewport.scale_x, 1e-6)))

    def _complete(self) -> None:
        """Ask for a name."""
        reading = self._workspace.saved
        if reading is None or not self.shape:
            return
        shape = self.shape if self.calibrating else drawn_shape(reading, self.shape, self.points)
        if len(self.points) < _ENOUGH[shape]:
            return
        if self.calibrating:
            points = tuple(self.points)
            length_mm = self.ask_mm()
            self.stop()
            if length_mm is not None:
                self._set_scale(reading, points, length_mm)
            return
        position = self._image.mapToGlobal(self._on_screen(self.points[-1]).toPoint())
        self._ask(reading, shape, self._choose, position, points=tuple(self.points))

    def _set_scale(self, reading: Reading, points: tuple[Point, ...], length_mm: float) -> None:
        """The scale by which two points are so far apart; pixels keep their shape."""
        row, column = reading.spacing
        drawn = Calliper("scale", 0, points).value(row, column)
        try:
            origin = message("set on two points {length:g} mm apart", length=length_mm)
            scale = Calibration(row * length_mm / drawn, column * length_mm / drawn, origin)
        except (ValueError, ZeroDivisionError):
            self._workspace.notices.remark.emit(
                tr("Two points so near each other give no scale: draw a longer distance.")
            )
            return
        self._workspace.do(SetCalibration(scale), by=self)

    def _ask_length(self) -> float | None:
        text = tr("Distance between the two points, in mm:")
        length_mm, agreed = ask_number(self._image, tr("Calibrate"), text, 50.0, 1.0, 400.0, 1)
        return length_mm if agreed else None

    def offer(
        self, measured: Calliper, save: Callable[[Calliper], None], at: QPoint, names: tuple[str, ...] = ()
    ) -> None:
        """Ask for the name of what was measured elsewhere than on the image; the menu opens at `at` of the screen.

        `names` are offered before those of the image.
        """
        reading = self._workspace.saved
        if reading is None:
            return
        self.stop()

        def named(name: str) -> None:
            if name := _given_name(name, measured.shape):
                save(replace(measured, name=name))

        self._ask(reading, measured.shape, named, at, names, measured.points)

    def _ask(
        self,
        reading: Reading,
        shape: Shape,
        choose: Callable[[str], None],
        position: QPoint,
        first_names: tuple[str, ...] = (),
        points: Sequence[Point] = (),
    ) -> None:
        """Open the menu of names."""
        self.names.clear()
        for name in (*first_names, *offered_names(reading, shape, points)):
            text = f"{name}   {translated(NAMED[name].words)}" if name in NAMED else name
            if name in reading.callipers:
                text = tr("{name}, measure again").format(name=text)
            self.names.addAction(text).triggered.connect(lambda _=False, name=name: choose(name))
        self.names.addSeparator()
        self.names.addAction(tr("Other name…")).triggered.connect(lambda _=False: choose(self.ask()))
        self.names.addAction(tr("Discard")).triggered.connect(lambda _=False: self._begin(self.shape))
        first = self.names.actions()[0]
        self.names.setDefaultAction(first)
        self.names.popup(position)
        self.names.setActiveAction(first)

    def _choose(self, name: str) -> None:
        """Save what was drawn under this name; a distance is followed by the next one."""
        tool, points, reading = self.shape, tuple(self.points), self._workspace.saved
        if not tool or reading is None:
            return
        shape = drawn_shape(reading, tool, points)
        if len(points) < _ENOUGH[shape] or not (name := _given_name(name, shape)):
            return
        self._workspace.do(SetCalliper(name, self._image.frame, points, shape), by=self)
        self.selected = (name, len(points) - 1)
        saved = self._workspace.saved
        more = tool == "distance" and name in NAMED and saved is not None and self._wanted(saved, points)
        self._begin(tool if more else "")

    @staticmethod
    def _wanted(reading: Reading, points: tuple[Point, ...]) -> bool:
        """Whether a named measurement of the image is missing still; a spectrum of a wall is of one place only."""
        if image_of(reading, points) == TISSUE:
            return False
        shapes: tuple[Shape, ...] = ("distance", "point", "slope")
        return any(next_name(reading, shape, points) for shape in shapes)

    def _ask_name(self) -> str:
        text, agreed = QInputDialog.getText(self._image, tr("Name"), tr("Name of this measurement"))
        return text if agreed else ""

    # Those that are there

    def at(self, position: QPointF) -> tuple[str, int] | None:
        """Name and number of the end under the mouse, on the frame that is drawn."""
        reading = self._workspace.reading
        if reading is None:
            return None
        found = [
            (QLineF(self._on_screen(point), position).length(), (calliper.name, number))
            for calliper in reading.callipers.values()
            if calliper.frame == self._image.frame and calliper.shape in ON_IMAGE
            for number, point in enumerate(calliper.points)
        ]
        nearest = min(found, default=None, key=lambda candidate: candidate[0])
        return nearest[1] if nearest is not None and nearest[0] <= REACH_PX else None

    def entries(self, position: QPointF) -> list[tuple[str, Callable[[], object]]]:
        """Menu entries for the calliper under the mouse."""
        end = self.at(position)
        if end is None:
            return []
        return [(tr("Delete {name}").format(name=end[0]), partial(self.delete, end[0]))]

    def delete(self, name: str) -> None:
        """Remove a calliper."""
        saved = self._workspace.saved
        if saved is not None and name in saved.callipers:
            self.selected = None
            self._workspace.do(RemoveCalliper(name), by=self)
            self._image.update()

    def _nudge(self, dx: float, dy: float) -> None:
        saved = self._workspace.saved
        if self.selected is None or saved is None or self.selected[0] not in saved.callipers:
            return
        name, number = self.selected
        calliper = saved.callipers[name]
        x, y = calliper.points[number]
        self._workspace.do(edit_of(calliper.moved(number, self._within(saved, (x + dx, y + dy)))), by=self)
        self._image.update()

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse while drawing or over an end, and keys while one is selected; True where handled."""
        reading = self._workspace.reading
        if watched is self.names:
            if isinstance(event, QKeyEvent) and (event.type(), event.key()) == (
                QEvent.Type.KeyPress,
                Qt.Key.Key_Escape,
            ):
                self._begin(self.shape)  # not named: dropped with its menu, and the next Escape returns to Select
            return False
        if watched is not self._image or reading is None or reading.kind.stack:
            return False
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if isinstance(event, QMouseEvent):
            return self._mouse(event, reading)
        return False

    def _mouse(self, event: QMouseEvent, reading: Reading) -> bool:
        point = self._within(reading, self._image.viewport.to_image(event.position().x(), event.position().y()))
        kind, left = event.type(), event.button() == Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseMove:
            return self._move(event, point)
        if not left:
            return False
        if kind == QEvent.Type.MouseButtonDblClick and self.shape:
            if self._clicked:
                self._complete()
            return True
        if kind == QEvent.Type.MouseButtonPress:
            return self._press(event, point)
        if kind == QEvent.Type.MouseButtonRelease:
            return self._release(event, point)
        return False

    def _press(self, event: QMouseEvent, point: Point) -> bool:
        self._image.setFocus()
        if self.shape:
            self._player.seek(self._image.frame)  # the frame that is measured stays on screen
            self._pressed_at, self._stroke = event.position(), 0
            self._add(point)
            return True
        end = self.at(event.position())
        had, self.selected = self.selected, end
        if had != end:
            self._image.update()
        if end is None:
            return False
        self._player.pause()
        self._player.seek(self._image.frame)
        if not self._workspace.signing.refused_as_signed():
            self._held, self._pressed_at = end, event.position()
        return True

    def _move(self, event: QMouseEvent, point: Point) -> bool:
        if self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            saved = self._workspace.saved
            if saved is not None and self._held[0] in saved.callipers and self._dragged(event.position()):
                self._moved = edit_of(saved.callipers[self._held[0]].moved(self._held[1], point))
                self._workspace.preview(self._moved, by=self)
                self._image.update()
            return True
        if self.shape:
            drawing = self.shape == "trace" and bool(self.points) and not self.names.isVisible()
            if drawing and event.buttons() & Qt.MouseButton.LeftButton:
                self._draw_on(point)
            self._tip = point
            self._image.update()
            return True
        if self.at(event.position()) is not None and not event.buttons():
            self._image.setCursor(Qt.CursorShape.SizeAllCursor)
            return True
        return False

    def _release(self, event: QMouseEvent, point: Point) -> bool:
        if self._held is not None:
            moved, self._held, self._moved = self._moved, None, None
            if moved is not None:
                self._workspace.do(moved, by=self)
            return True
        if self.shape:
            if self.shape == "trace" and self._stroke > 1:
                self.points, self._stroke = self._simplified(), 0
                self._complete()
            # Dragged from one end to the other in one go.
            if self.shape == "distance" and len(self.points) == 1:
                reading = self._workspace.reading
                if self._dragged(event.position()):
                    self._add(point)
                elif reading is not None and drawn_shape(reading, self.shape, self.points) == "point":
                    self._complete()
            return True
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """Arrow keys and Delete for the selected end, Escape to stop, Return to end an area or a trace."""
        key = Qt.Key(event.key())
        wanted = {Qt.Key.Key_Escape} if self.selected is not None or self.shape else set()
        if self.selected is not None:
            wanted |= {*_ARROWS, *DELETE}
        if self._clicked:
            wanted |= {*_RETURN}
        if key not in wanted:
            return False
        event.accept()
        if event.type() == QEvent.Type.ShortcutOverride:  # before the window's own shortcuts
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if key in _ARROWS:
            far = NUDGE_PX * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            dx, dy = _ARROWS[key]
            self._nudge(dx * far, dy * far)
        elif key == Qt.Key.Key_Escape:
            self.escape()
        elif key in _RETURN:
            self._complete()
        elif self.selected is not None:
            self.delete(self.selected[0])
        return True

    def escape(self) -> None:
        """Drop the drag, else the points, else stop."""
        if self._held is not None:
            self._held = self._moved = None
            self._workspace.drop_preview(by=self)
            self._image.update()
        elif self.points:
            self._begin(self.shape)
        else:
            self.stop()

    def _dragged(self, position: QPointF) -> bool:
        return self._pressed_at is not None and QLineF(self._pressed_at, position).length() >= JITTER_PX

    def _near(self, point: Point, other: Point, reach_px: float = REACH_PX) -> bool:
        return QLineF(self._on_screen(point), self._on_screen(other)).length() <= reach_px

    def _on_screen(self, point: Point) -> QPointF:
        return QPointF(*self._image.viewport.to_widget(*point))

    def _within(self, reading: Reading, point: Point) -> Point:
        """The nearest place in the image; of a trace that is being drawn, in the spectrum that it began in."""
        graph = graph_of(reading.facts.graphs, self.points[:1]) if self.shape == "trace" and self.points else None
        box = graph.region if graph is not None else Region(0, 0, reading.facts.columns, reading.facts.rows)
        return (
            min(max(point[0], box.x0 - 0.5), box.x1 - 0.5),
            min(max(point[1], box.y0 - 0.5), box.y1 - 0.5),
        )

    # On screen

    def _draw(self, painter: QPainter, frame: int, viewport: Viewport) -> None:
        reading = self._workspace.reading
        if reading is None or reading.kind.stack:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        for calliper in reading.callipers.values():
            if calliper.frame == frame and calliper.shape in ON_IMAGE:
                chosen = self.selected[1] if self.selected is not None and self.selected[0] == calliper.name else None
                text = f"{calliper.name}  {translated(calliper_words(reading, calliper))}"
                _draw_calliper(
                    painter, viewport, calliper.points, calliper.shape, text, chosen, feet=_feet(reading, calliper)
                )
        tip = [self._tip] if self._tip is not None and not self.names.isVisible() else []
        if self.shape and (self.points or drawn_shape(reading, self.shape, tip) == "point"):
            points = (*self.points, *tip)[: 2 if self.shape == "distance" else 3 if self.shape == "angle" else None]
            text, shape = "", self.shape if self.calibrating else drawn_shape(reading, self.shape, points)
            drawn = Calliper("?", frame, tuple(points), shape) if len(points) >= _ENOUGH[shape] else None
            if drawn is not None:
                text = translated(calliper_words(reading, drawn))
            feet = () if drawn is None else _feet(reading, drawn)
            _draw_calliper(painter, viewport, tuple(points), shape, text, None, open_=shape == "area", feet=feet)


def edit_of(calliper: Calliper) -> Edit:
    """The edit that saves a calliper."""
    if calliper.until is None:
        return SetCalliper(calliper.name, calliper.frame, calliper.points, calliper.shape)
    first, last = calliper.points
    return SetTime(calliper.name, calliper.frame, calliper.until, (first, last))


def _feet(reading: Reading, one: Calliper) -> tuple[Point, ...]:
    """Where a slope reaches velocity 0; below the end and the beginning of a trace; none of other shapes."""
    graph = graph_under(reading, one) if one.shape in ("slope", "trace") else None
    if graph is None:
        return ()
    if one.shape == "slope":
        foot = graph.foot(*one.points)
        return () if foot is None else (foot,)
    down = graph.baseline_px
    return () if down is None else ((one.points[-1][0], down), (one.points[0][0], down))


def _given_name(name: str, shape: Shape) -> str:
    """A name as it is saved: those of distances stay theirs."""
    name = name.strip()[:LONGEST_NAME]
    taken = (name in NAMED and shape != NAMED[name].shape) or (name == M_MODE_LINE and shape != "line")
    return f"{name} {tr(_WORDS[shape]).lower()}"[-LONGEST_NAME:] if taken else name


def _draw_calliper(
    painter: QPainter,
    viewport: Viewport,
    points: tuple[Point, ...],
    shape: Shape,
    words: str,
    chosen: int | None,
    *,
    open_: bool = False,
    feet: tuple[Point, ...] = (),
) -> None:
    """The lines with a dark halo, ticks across the ends of a distance, grips where it is selected, and its value.

    A velocity is a cross; a slope is drawn on to its foot, where it reaches velocity 0, and the area between a
    trace and its feet on the baseline is tinted.
    """
    spots = [QPointF(*viewport.to_widget(*point)) for point in points]
    below = [QPointF(*viewport.to_widget(*foot)) for foot in feet]
    if shape == "trace":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BELOW)
        painter.drawPolygon([*spots, *below])
    else:
        spots += below
    closed = [*spots, spots[0]] if shape == "area" and not open_ else spots
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(_HALO, 3.6), QPen(_LINE if chosen is None else QColor(theme.ACCENT), 1.6)):
        painter.setPen(pen)
        painter.drawPolyline(closed)
        if shape == "point":
            for dx, dy in ((_TICK_PX, 0.0), (0.0, _TICK_PX)):
                painter.drawLine(spots[0] - QPointF(dx, dy), spots[0] + QPointF(dx, dy))
        if shape == "distance" and len(spots) == 2:
            across = QLineF(spots[0], spots[1]).normalVector().unitVector()
            dx, dy = _TICK_PX * across.dx(), _TICK_PX * across.dy()
            for spot in spots:
                painter.drawLine(spot + QPointF(dx, dy), spot - QPointF(dx, dy))
    if chosen is not None:
        painter.setPen(QPen(_HALO, 1))
        painter.setBrush(QColor(theme.ACCENT))
        half = _GRIP_PX / 2
        for number, spot in enumerate(spots[: len(points)]):
            grip = half + (1 if number == chosen else 0)
            painter.drawRect(int(spot.x() - grip), int(spot.y() - grip), int(2 * grip), int(2 * grip))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    if words:
        middle = sum(spots[1:], spots[0]) / len(spots)
        place = spots[1] if shape == "angle" else middle
        draw_plate(painter, place + QPointF(10, -11), words)
