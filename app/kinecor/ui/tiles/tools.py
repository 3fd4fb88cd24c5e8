"""The tools that draw contours on a picture: what each makes of presses and moves of the mouse.

Select drags a contour or a grip (workspace/dragging.py). Push moves it with a round brush, Redraw replaces a stretch by
a freehand line, Trace makes a contour from three clicks. All draw on the frame on screen only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from kinecor.analysis.propagation import images_of, with_followers
from kinecor.core.outlines.drag import REACH_SHARE, WHOLE_SHARE, drawn_on
from kinecor.core.outlines.initial_contours import (
    NARROW_MARGIN,
    USUAL_MARGIN,
    arch_through,
    circle_through,
    snap_to_edges,
)
from kinecor.core.outlines.near_clicks import automatic_near, near_clicks
from kinecor.core.outlines.reshaping import brush_contour, encloses, grow_contour, redrawn, smooth_contour, why_refused
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import Message, join_texts, message
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import STRUCTURE_NAMES, Structure
from kinecor.session.edits import Edit, OnSlice, SetContours, Several
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.workspace import Workspace

_RADIUS_MM, _MIN_MM, _MAX_MM = 10.0, 2.0, 30.0
_MIN_REACH, _MAX_REACH = 0.04, 0.4
# Width of a pixel where there is no scale.
_ASSUMED_MM = 0.5
_WHEEL = 1.15
_ELSEWHERE = "the endocardium would lie outside the epicardium: remove the contours of this frame first"
# A freehand line takes a place where it has moved this far, in pixels of the image.
_PATH_PX = 1.0


class Tool(StrEnum):
    """What the left button does on a picture."""

    SELECT = "select"
    TRACE = "trace"
    PUSH = "push"
    REDRAW = "redraw"


class ToolChoice(QObject):
    """The tool in use, its sizes, and the structure that was drawn last; the pictures of one window share it.

    Signals:
        changed(): something of it is another.
        hint_changed(text): see `hint`.
    """

    changed = Signal()
    hint_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tool = Tool.SELECT
        self.hint = ""
        """What the tool does, or the drag under way: one line; "" where there is nothing to say."""
        self.radius_mm = _RADIUS_MM
        self.reach = REACH_SHARE
        """How far along the outline a drag reaches, as a share of its length; WHOLE_SHARE: along all of it alike."""
        self.structure = Structure.LV_ENDO
        self.automatic = False
        """Whether the automatic contours are drawn, dotted, below corrected ones."""
        self.neighbours = False
        """Whether the contours of the frames before and after are drawn, thin."""

    def show_others(self, *, automatic: bool, neighbours: bool) -> None:
        """Draw other contours in addition to those of the frame on screen, or no longer."""
        self.automatic, self.neighbours = automatic, neighbours
        self.changed.emit()

    def show_hint(self, parts: Sequence[str]) -> None:
        """Say what the tool in use does, the most important part first."""
        hint = " · ".join(parts)
        if hint != self.hint:
            self.hint = hint
            self.hint_changed.emit(hint)

    def choose(self, tool: Tool) -> None:
        """Use another tool."""
        self.tool = tool
        self.changed.emit()

    def turn_wheel(self, steps: float) -> None:
        """Make the brush larger (above 0) or smaller; with Select how far a drag reaches."""
        factor = _WHEEL**steps
        if self.tool is Tool.PUSH:
            self.radius_mm = float(np.clip(self.radius_mm * factor, _MIN_MM, _MAX_MM))
        else:
            reach = min(self.reach, _MAX_REACH) if factor < 1 else self.reach
            reach = max(reach * factor, _MIN_REACH)
            self.reach = float(reach if reach <= _MAX_REACH else WHOLE_SHARE)
        self.changed.emit()

    def radius_px(self, reading: Reading) -> float:
        """Radius of the brush in widths of a pixel."""
        scale = reading.calibration
        return self.radius_mm / (scale.col_mm if scale else _ASSUMED_MM)

    def hints(self, *, closed: bool) -> tuple[str, ...]:
        """Parts of the line that says what the tool does."""
        cancel = tr("Esc: cancel")
        match self.tool:
            case Tool.TRACE if closed:
                return tr("Trace: click on three places round the cavity"), tr("Esc: begin again")
            case Tool.TRACE:
                return tr("Trace: click on both ends of the annulus, then on the apex"), tr("Esc: begin again")
            case Tool.PUSH:
                size = tr("Push · radius {radius} mm").format(radius=round(self.radius_mm))
                return size, tr("Wheel: radius"), tr("Shift: the epicardium"), cancel
            case Tool.REDRAW:
                return tr("Redraw: draw the wall from contour to contour"), cancel
            case _:
                return ()


class Gesture(Protocol):
    """What is under way between a press and its release."""

    @property
    def structure(self) -> Structure:
        """What is being drawn."""

    @property
    def start_px(self) -> tuple[float, float]:
        """Where it began, (x, y) in image pixels."""

    def moved(self, to_px: tuple[float, float], modifiers: Qt.KeyboardModifier) -> Edit | None:
        """The edit so far, with the mouse at another image point; None where there is none yet."""

    def turned(self, choice: ToolChoice) -> None:
        """The wheel changed the sizes of the tool."""

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draw what belongs to the gesture and is no contour."""


def frame_edit(reading: Reading, frame: int, structure: Structure, contour: Contour, done: Message) -> Edit:
    """A contour drawn by a person on one frame, with the outlines that follow it there.

    Args:
        reading: as it was.
        frame: 0-based.
        structure: what was drawn.
        contour: how.
        done: in words, e.g. "LV endocardium pushed".

    """
    contours = drawn_on(reading.tracks, structure, frame, contour, closed=reading.kind.closed)
    edits = tuple(SetContours(structure, frame, (line,)) for structure, line in contours.items())
    return Several(join_texts(done, ", ", message("frame {frame}", frame=frame + 1)), edits)


def refusal(edit: Edit, reading: Reading, frame: int) -> Message | None:
    """Why a contour that an edit draws on a frame is refused, for the reader; None where it is not.

    A contour that was such already, by a model, may still be corrected.
    """
    for single_edit in _contours_of(edit):
        at = frame - single_edit.start
        contour = single_edit.contours[at] if 0 <= at < len(single_edit.contours) else None
        why = None if contour is None else why_refused(contour, reading.facts.rows, reading.facts.columns)
        if why is not None:
            track = reading.tracks.get(single_edit.structure)
            before = track.contours[frame] if track else None
            if before is None or why_refused(before, reading.facts.rows, reading.facts.columns) is None:
                return why
    return None


def _contours_of(edit: Edit) -> list[SetContours]:
    if isinstance(edit, Several):
        return [single_edit for each in edit.edits for single_edit in _contours_of(each)]
    return [edit] if isinstance(edit, SetContours) else []


@dataclass
class Push:
    """A round brush that pushes the contour nearest to where it began."""

    reading: Reading
    frame: int
    structure: Structure
    start_px: tuple[float, float]
    radius_px: float
    at_px: tuple[float, float] = (0.0, 0.0)
    contour: Contour | None = None

    def __post_init__(self) -> None:
        self.at_px = self.start_px
        self.contour = self.reading.tracks[self.structure].contours[self.frame]

    def moved(self, to_px: tuple[float, float], _modifiers: Qt.KeyboardModifier) -> Edit | None:
        """See Gesture."""
        if self.contour is None:
            return None
        path = (self.at_px, to_px)
        kind = self.reading.kind
        self.contour = brush_contour(self.contour, path, self.radius_px, closed=kind.closed, aspect=self.reading.aspect)
        self.at_px = to_px
        done = message("{structure} pushed", structure=STRUCTURE_NAMES[self.structure])
        return frame_edit(self.reading, self.frame, self.structure, self.contour, done)

    def turned(self, choice: ToolChoice) -> None:
        """The radius is another from here on."""
        self.radius_px = choice.radius_px(self.reading)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """The brush itself is drawn under the mouse, pressed or not."""


@dataclass
class Redraw:
    """A freehand line that replaces the stretch of the contour between its ends."""

    reading: Reading
    frame: int
    structure: Structure
    start_px: tuple[float, float]
    path: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path.append(self.start_px)

    def moved(self, to_px: tuple[float, float], _modifiers: Qt.KeyboardModifier) -> Edit | None:
        """See Gesture."""
        contour = self.reading.tracks[self.structure].contours[self.frame]
        if np.hypot(to_px[0] - self.path[-1][0], to_px[1] - self.path[-1][1]) >= _PATH_PX:
            self.path.append(to_px)
        if contour is None or len(self.path) < 3:
            return None
        line = redrawn(contour, self.path, closed=self.reading.kind.closed, aspect=self.reading.aspect)
        done = message("{structure} redrawn", structure=STRUCTURE_NAMES[self.structure])
        return frame_edit(self.reading, self.frame, self.structure, line, done)

    def turned(self, choice: ToolChoice) -> None:
        """No size of this tool."""

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """The line drawn so far."""
        painter.setPen(QPen(QColor(theme.TEXT), 1.4))
        painter.drawPolyline(QPolygonF([QPointF(*viewport.to_widget(x, y)) for x, y in self.path]))


@dataclass
class Trace:
    """The clicks so far of a contour that is traced; the third one makes it."""

    clicks: list[tuple[float, float]] = field(default_factory=list)

    def clicked(
        self, at_px: tuple[float, float], reading: Reading, frame: int, structure: Structure, image: NDArray[Any] | None
    ) -> Edit | None:
        """The contour after the third click, snapped to the image; None before it.

        It follows the automatic contour of the frame, or of the nearest frame that has one, where that is near the
        clicks, and the image only close to that; else it is of the usual shape.

        Args:
            at_px: (x, y) in image pixels.
            reading: of the loop or slice.
            frame: 0-based.
            structure: what is traced.
            image: the pixels of the frame, or None where they are not there: then the usual shape is not snapped.

        Raises:
            ValueError: no outline goes through the three clicks, or endocardium and epicardium would be in different
                places; the message says why. The clicks are dropped.

        """
        self.clicks.append(at_px)
        if len(self.clicks) < 3:
            return None
        clicks = np.array(self.clicks, np.float64)
        self.clicks.clear()
        closed, aspect = reading.kind.closed, reading.aspect
        first, second, third = clicks
        contour = circle_through(first, second, third, aspect) if closed else arch_through(first, second, third)
        automatic = automatic_near(reading.tracks.get(structure), frame)
        like = None if automatic is None else near_clicks(automatic, clicks, closed=closed, aspect=aspect)
        margin = USUAL_MARGIN
        if like is not None:
            contour, margin = like, NARROW_MARGIN
        if image is not None:
            grey = image if image.ndim == 2 else image.mean(axis=2)
            bright = reading.facts.modality == "MR"
            contour = snap_to_edges(contour, grey, closed=closed, bright_inside=bright, aspect=aspect, margin=margin)
        if _apart(reading, frame, structure, contour):
            raise ValueError(_ELSEWHERE)
        done = message("{structure} traced", structure=STRUCTURE_NAMES[structure])
        return frame_edit(reading, frame, structure, contour, done)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """A ring at each click."""
        painter.setPen(QPen(QColor(theme.STRUCTURE_COLOURS[Structure.LV_ENDO]), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in self.clicks:
            painter.drawEllipse(QPointF(*viewport.to_widget(x, y)), 5.0, 5.0)


def _apart(reading: Reading, frame: int, structure: Structure, traced: Contour) -> bool:
    """Whether a traced side of the wall is elsewhere than the other one, which could not make way for it."""
    sides = {Structure.LV_ENDO: Structure.LV_EPI, Structure.LV_EPI: Structure.LV_ENDO}
    track = reading.tracks.get(sides[structure]) if structure in sides else None
    other = track.contours[frame] if track else None
    if other is None:
        return False
    inner, outer = (traced, other) if structure is Structure.LV_ENDO else (other, traced)
    return not encloses(outer, inner.centroid)


def nearest_structure(reading: Reading, frame: int, at_px: tuple[float, float]) -> Structure | None:
    """The structure whose outline in a frame is nearest to an image point; None where none is drawn."""
    found = [
        (contour.outline(closed=reading.kind.closed).nearest(at_px)[1], structure)
        for structure, track in reading.tracks.items()
        if (contour := track.contours[frame]) is not None
    ]
    return min(found)[1] if found else None


Done = Callable[[Message], Message]
"""What was done to a structure of this name."""


def change_contour(
    workspace: Workspace, choice: ToolChoice, frame: int, number: int, how: Callable[[Contour], Contour], done: Done
) -> bool:
    """Change the contour that was drawn last as a whole, on the frame on screen; False where that was refused.

    Args:
        workspace: with the recording.
        choice: knows the structure.
        frame: 0-based.
        number: of the slice, where the recording is a stack.
        how: makes the new contour.
        done: in words, with the name of the structure, e.g. "LV endocardium smoothed".

    """
    saved = workspace.saved
    if saved is None:
        return False
    reading = saved.slices[number].with_(events=saved.events) if saved.slices else saved
    frame = min(frame, reading.facts.frames - 1)
    track = reading.tracks.get(choice.structure)
    contour = track.contours[frame] if track else None
    if contour is None:
        text = tr("There is no contour of the {structure} on this frame.")
        workspace.notices.remark.emit(text.format(structure=translated(STRUCTURE_NAMES[choice.structure])))
        return False
    edit = frame_edit(reading, frame, choice.structure, how(contour), done(STRUCTURE_NAMES[choice.structure]))
    why = refusal(edit, reading, frame)
    if why is not None:
        workspace.notices.remark.emit(why)
        return False
    edit = with_followers(edit, reading, workspace.actor, images_of(workspace.recording, number))
    return workspace.do(OnSlice(number, edit) if saved.slices else edit)


def growing(workspace: Workspace, by_mm: float) -> Callable[[Contour], Contour]:
    """What makes a contour of the recording on screen larger by some mm; smaller below 0."""
    reading = workspace.saved
    scale = reading.calibration if reading else None
    by = by_mm / (scale.col_mm if scale else _ASSUMED_MM)
    closed, aspect = (reading.kind.closed, reading.aspect) if reading else (False, 1.0)
    return partial(grow_contour, by=by, closed=closed, aspect=aspect)


def smoothing(workspace: Workspace) -> Callable[[Contour], Contour]:
    """What takes the kinks off a contour of the recording on screen."""
    reading = workspace.saved
    return partial(smooth_contour, closed=bool(reading and reading.kind.closed))
