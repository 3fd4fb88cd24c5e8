"""Which frames are doubtful: a strip under the curve, or slices by phases of a stack; a click goes there."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from kinecor.core.checks.findings import Finding, State
from kinecor.core.values.confidence import DRAWN_SOLID, LOOP_CONTOURS
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.track import ContourTrack, Origin
from kinecor.core.volumes.extent import extent_of
from kinecor.core.volumes.segments import base_is_first
from kinecor.ui.curves.plotting import Layered
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace


class Doubt(IntEnum):
    """How far the contours of a frame may be relied on."""

    NONE = 0
    """There is no contour."""
    SURE = 1
    NEAR = 2
    """Next to a doubtful frame."""
    DOUBTFUL = 3
    """A contour of low confidence (of a loop: that marks a value; of a slice: that is drawn dashed), or an open check
    that names the frame."""


NEAR_COLOUR: Final = "#5d4a2c"
Cells = NDArray[np.int8]


def doubts(reading: Reading, findings: Sequence[Finding] = ()) -> Cells:
    """(rows, frames) of Doubt: one row of a loop, a row per slice of a stack.

    Contours that a person drew are theirs: no confidence makes them doubtful, a check does.

    Args:
        reading: of a loop or a stack.
        findings: of its checks.

    """
    if reading.kind.stack:
        of_slices = np.stack([_of_tracks(slice_reading, DRAWN_SOLID) for slice_reading in reading.slices])
        extent = extent_of(reading)
        for phase in range(of_slices.shape[1]):
            low, high = sorted((extent.base[phase], extent.apex[phase]))
            of_slices[:low, phase] = of_slices[high + 1 :, phase] = Doubt.NONE
    else:
        of_slices = _of_tracks(reading, LOOP_CONTOURS.check)[None]
    for finding in findings:
        if finding.state is State.OPEN and finding.marks and finding.frames:
            rows = list(finding.slices) if reading.kind.stack else [0]
            of_slices[np.ix_(rows, list(finding.frames))] = Doubt.DOUBTFUL
    return _with_neighbours(of_slices)


def doubts_shown(workspace: Workspace, index: int, reading: Reading) -> Cells:
    """`doubts` of a recording (by its index) as the window says them: none while its contours may still change."""
    findings = workspace.checks.assessment_of(index).findings
    all_doubts = compute_once(reading, "doubts", (reading, findings), lambda: doubts(reading, findings))
    return all_doubts if settled(workspace, index) else np.minimum(all_doubts, np.int8(Doubt.SURE))


def settled(workspace: Workspace, index: int) -> bool:
    """Whether the contours of a recording are there: not provisional, and no analysis is computing others."""
    if not 0 <= index < len(workspace.opened.recordings):
        return True
    return (
        not workspace.opened.is_provisional(workspace.opened.recordings[index])
        and workspace.computing.awaited.get(index) is not Awaited.ALL
    )


def _of_tracks(reading: Reading, floor: float) -> Cells:
    found = np.full(reading.facts.frames, Doubt.NONE, np.int8)
    for track in reading.tracks.values():
        for frame, contour in enumerate(track.contours):
            if contour is not None:
                found[frame] = max(found[frame], _of_contour(track, frame, floor))
    return found


def _of_contour(track: ContourTrack, frame: int, floor: float) -> Doubt:
    drawn = track.origins[frame] is Origin.EDITED
    return Doubt.SURE if drawn or track.confidence[frame] >= floor else Doubt.DOUBTFUL


def _with_neighbours(found: Cells) -> Cells:
    doubtful = found == Doubt.DOUBTFUL
    near = np.zeros_like(doubtful)
    near[:, 1:] |= doubtful[:, :-1]
    near[:, :-1] |= doubtful[:, 1:]
    found[near & (found == Doubt.SURE)] = Doubt.NEAR
    return found


@dataclass(frozen=True, eq=False)
class Strip:
    """The cells of one view.

    Attributes:
        label: "A4C".
        cells: (frames,) of Doubt.

    """

    label: str
    cells: Cells


def draw_cells(painter: QPainter, boxes: Mapping[int, Sequence[QRectF]]) -> None:
    """Cells by their Doubt: grey, brown next to a doubtful one, amber with "!" where there is room."""
    colours = {Doubt.NONE: theme.GROUND, Doubt.SURE: theme.LINE, Doubt.NEAR: NEAR_COLOUR, Doubt.DOUBTFUL: theme.WARNING}
    painter.setPen(Qt.PenStyle.NoPen)
    for doubt, cells in boxes.items():
        painter.setBrush(QColor(colours[Doubt(doubt)]))
        painter.drawRects(list(cells))
    painter.setPen(QColor(theme.GROUND))
    for box in boxes.get(Doubt.DOUBTFUL, ()):
        if box.width() >= 5 and box.height() >= 8:
            painter.setFont(theme.font(9, bold=True))
            painter.drawText(box.adjusted(-2, -2, 2, 2), Qt.AlignmentFlag.AlignCenter, "!")
        else:  # never by colour alone
            painter.drawLine(box.topLeft(), box.bottomRight())


ROW_PX: Final = 11
_GAP_PX: Final = 2
_LABEL_PX: Final = 52.0


def strips_px(rows: int) -> int:
    """Height in pixels of the strips of this number of views."""
    return max(rows, 1) * (ROW_PX + _GAP_PX) + 2


def _font_that_fits(label: str, room_px: int) -> QFont:
    """The largest of two sizes in which a name has room; the smaller one where none does."""
    font = theme.font(10)
    return font if QFontMetrics(font).horizontalAdvance(label) <= room_px else theme.font(9)


class ConfidenceStrip(Spoken, Layered):
    """A row of cells per view, as wide as the curve above it.

    Signals:
        frame_wanted(int): a cell was clicked.
    """

    frame_wanted = Signal(int)

    def __init__(self, x_px: Callable[[float], float], parent: QWidget | None = None) -> None:
        """`x_px` converts a time in s to an x of this widget."""
        super().__init__(parent)
        self._x_px = x_px
        self.strips: tuple[Strip, ...] = ()
        self._times_s: NDArray[np.float64] = np.zeros(0)
        self._frame = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def spoken_name(self) -> str:
        """What the cells are."""
        return tr("Confidence by frame")

    def spoken_value(self) -> str:
        """The doubtful frames of each view, counted from 1."""
        return "; ".join(filter(None, (_spoken_doubts(strip.label, strip.cells) for strip in self.strips)))

    def show_strips(self, strips: Sequence[Strip], times_s: NDArray[np.float64]) -> None:
        """Take on other cells; hidden where no frame has a contour, or there is one frame only."""
        self.strips, self._times_s = tuple(strips), times_s
        shown = len(times_s) > 1 and any((strip.cells != Doubt.NONE).any() for strip in strips)
        self.setFixedHeight(strips_px(len(self.strips)))
        self.setVisible(shown)
        self.redraw()

    def show_frame(self, frame: int) -> None:
        """Box another frame."""
        before, self._frame = self._frame, frame
        if len(self._times_s) > 1:
            for at in (before, frame):
                self.update(self._box(at).adjusted(-2, -1, 2, 1).toAlignedRect())

    def _edges(self) -> list[float]:
        """Left edges of the cells, and the right one of the last; cut where they are left of an enlarged plot."""
        start_px, second_px = self._x_px(0.0), self._x_px(1.0)
        middles = start_px + (second_px - start_px) * self._times_s
        between = (middles[:-1] + middles[1:]) / 2
        edges = np.concatenate([2 * middles[:1] - between[:1], between, 2 * middles[-1:] - between[-1:]])
        cut: list[float] = np.maximum(edges, _LABEL_PX).tolist()
        return cut

    def draw_layer(self, painter: QPainter) -> None:
        """The cells."""
        if len(self._times_s) < 2:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        edges = self._edges()
        gap = 1.0 if edges[-1] - edges[-2] > 4 else 0.0
        for row, strip in enumerate(self.strips):
            top = row * (ROW_PX + _GAP_PX) + 1
            label = QRectF(0, top, max(edges[0] - 6, 0), ROW_PX)
            painter.setFont(_font_that_fits(strip.label, int(label.width())))
            painter.setPen(QColor(theme.QUIET))
            text = painter.fontMetrics().elidedText(strip.label, Qt.TextElideMode.ElideRight, int(label.width()))
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
            boxes: dict[int, list[QRectF]] = {}
            for doubt, (left, right) in zip(strip.cells.tolist(), pairwise(edges), strict=True):
                if right > left:
                    boxes.setdefault(doubt, []).append(QRectF(left, top, right - left - gap, ROW_PX))
            draw_cells(painter, boxes)

    def draw_over(self, painter: QPainter) -> None:
        """A box round the current frame."""
        if len(self._times_s) > 1:
            painter.setPen(QPen(QColor(theme.ACCENT), 1.6))
            if (box := self._box(self._frame)).center().x() >= _LABEL_PX:
                painter.drawRoundedRect(box, 2, 2)

    def _box(self, frame: int) -> QRectF:
        """Round the cell of a frame; the edges of the others are not asked for, since this follows every frame."""
        last = len(self._times_s) - 1
        at = min(frame, last)
        here, before, after = (
            self._x_px(float(self._times_s[frame])) for frame in (at, max(at - 1, 0), min(at + 1, last))
        )
        left = (before + here) / 2 if at > 0 else here - (after - here) / 2
        right = (here + after) / 2 if at < last else here + (here - before) / 2
        return QRectF(left - 1, 0.8, right - left + 1, self.height() - 1.6)

    def frame_at(self, x: float) -> int:
        """The frame (0-based) whose cell is at an x of the widget, or nearest to it."""
        edges = self._edges()
        return int(np.clip(np.searchsorted(edges, x) - 1, 0, len(edges) - 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the frame."""
        if event.button() == Qt.MouseButton.LeftButton and len(self._times_s) > 1:
            self.frame_wanted.emit(self.frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while its button is down."""
        if len(self._times_s) > 1:
            self.frame_wanted.emit(self.frame_at(event.position().x()))


_LEFT_PX, _TOP_PX, _FOOT_PX = 26, 6, 16


def _spoken_doubts(label: str, cells: Cells) -> str:
    """A view or slice with its doubtful frames, counted from 1; "" where it has no contours."""
    frames = [str(frame + 1) for frame, doubt in enumerate(cells.tolist()) if doubt == Doubt.DOUBTFUL]
    if not frames and (cells == Doubt.NONE).all():
        return ""
    text = tr("doubtful: {frames}").format(frames=", ".join(frames)) if frames else tr("no doubtful frame")
    return f"{label} {text}".lstrip()


_WORDS: Final = {
    Doubt.NONE: "not measured",
    Doubt.SURE: "sure",
    Doubt.NEAR: "next to a doubtful one",
    Doubt.DOUBTFUL: "doubtful",
}


MATRIX_PX: Final = 90
"""Smallest height of the cells of a stack."""


class ConfidenceMatrix(Spoken, Layered):
    """A stack's slices (rows, base on top) by its phases; the phase on screen boxed. A click goes to slice and phase.

    Signals:
        picked(int): a slice (0-based).
    """

    picked = Signal(int)

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self.cells: Cells = np.zeros((0, 0), np.int8)
        self.selected = 0
        self._base_first = False
        self._events: CardiacEvents | None = None
        self.setMinimumSize(150, MATRIX_PX)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        follow(workspace, self.refresh, Topic.CHECKS, Topic.COMPUTING)
        player.frame_changed.connect(lambda _: self.update())

    def sizeHint(self) -> QSize:
        """Next to the volume curve."""
        return QSize(260, 180)

    def spoken_name(self) -> str:
        """What the cells are."""
        return tr("Confidence by slice and phase")

    def spoken_value(self) -> str:
        """The doubtful phases of each slice, counted from 1."""
        slices = ((tr("Slice {number}").format(number=row + 1), cells) for row, cells in enumerate(self.cells))
        return "; ".join(filter(None, (_spoken_doubts(*single_slice) for single_slice in slices)))

    def select(self, number: int) -> None:
        """Mark another slice (0-based)."""
        self.selected = number
        self.redraw()

    def refresh(self) -> None:
        """Take on the cells of the stack on screen."""
        reading = self._workspace.saved if self._workspace.stack is not None else None
        here = self._workspace.index
        cells = np.zeros((0, 0), np.int8) if reading is None else doubts_shown(self._workspace, here, reading)
        base_first = reading is not None and base_is_first(reading, 0)
        events = None if reading is None else reading.events
        if (base_first, events) != (self._base_first, self._events) or not np.array_equal(cells, self.cells):
            self.cells, self._base_first, self._events = cells, base_first, events
            self.redraw()

    def _cell(self, number: int, phase: int) -> QRectF:
        slices, phases = self.cells.shape
        wide = (self.width() - _LEFT_PX - 6) / phases
        high = (self.height() - _TOP_PX - _FOOT_PX) / slices
        row = number if self._base_first else slices - 1 - number
        return QRectF(_LEFT_PX + phase * wide, _TOP_PX + row * high, wide - 1, high - 1)

    def numbered_slices(self, high_px: float) -> tuple[int, ...]:
        """The slices (0-based) whose numbers have room: the selected one, and as many others as do not touch.

        Args:
            high_px: of a number.

        """
        slices = self.cells.shape[0]
        apart_px = abs(self._cell(1, 0).top() - self._cell(0, 0).top()) if slices > 1 else high_px
        step = max(math.ceil(high_px / max(apart_px, 1e-6)), 1)
        chosen = min(self.selected, slices - 1)
        return tuple(one for one in range(slices) if (one - chosen) % step == 0)

    def draw_layer(self, painter: QPainter) -> None:
        """Cells, slices counted from 1 at the left, ED and ES below."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        slices, phases = self.cells.shape
        if not self.cells.size:
            return
        painter.setFont(theme.font(10))
        high = painter.fontMetrics().ascent()
        named = self.numbered_slices(high)
        for number in range(slices):
            box = self._cell(number, 0)
            painter.setPen(QColor(theme.TEXT if number == self.selected else theme.QUIET))
            label = QRectF(0, box.center().y() - high / 2, _LEFT_PX - 5, high)
            aligned = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip)
            if number in named:
                painter.drawText(label, aligned, str(number + 1))
            boxes: dict[int, list[QRectF]] = {}
            for phase in range(phases):
                boxes.setdefault(int(self.cells[number, phase]), []).append(self._cell(number, phase))
            draw_cells(painter, boxes)
            painter.setFont(theme.font(10))
        self._draw_events(painter, phases)

    def draw_over(self, painter: QPainter) -> None:
        """A box round the phase on screen, and one round the slice in it."""
        slices, phases = self.cells.shape
        if not self.cells.size:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        now = min(self._player.frame, phases - 1)
        first, last = self._cell(slices - 1, now), self._cell(0, now)
        top, low = (last, first) if self._base_first else (first, last)
        painter.setPen(QPen(QColor(theme.ACCENT), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(top.left() - 1, top.top() - 1, top.width() + 2, low.bottom() - top.top() + 2))
        chosen = self._cell(min(self.selected, slices - 1), now)
        painter.drawRect(chosen.adjusted(1, 1, -1, -1))

    def _draw_events(self, painter: QPainter, phases: int) -> None:
        reading = self._workspace.reading
        beats = reading.events.beats if reading is not None and reading.events else ()
        painter.setPen(QColor(theme.QUIET))
        for text, phase in (("ED", beats[0].ed), ("ES", beats[0].es)) if beats else ():
            box = self._cell(0, min(phase, phases - 1))
            painter.drawText(
                QRectF(box.center().x() - 16, self.height() - _FOOT_PX, 32, _FOOT_PX),
                Qt.AlignmentFlag.AlignCenter,
                text,
            )

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """(slice, phase), 0-based, at a place of the widget, or None."""
        slices, phases = self.cells.shape
        places = ((number, phase) for number in range(slices) for phase in range(phases))
        return next((at for at in places if self._cell(*at).adjusted(0, 0, 1, 1).contains(x, y)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the slice and the phase."""
        found = self.cell_at(event.position().x(), event.position().y())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._player.pause()
            self._player.seek(found[1])
            self.picked.emit(found[0])

    def event(self, event: QEvent) -> bool:
        """Tool tips in words."""
        if isinstance(event, QHelpEvent):
            found = self.cell_at(event.pos().x(), event.pos().y())
            text = ""
            if found is not None:
                number, phase = found
                text = tr("Slice {slice}, phase {phase}: {state}").format(
                    slice=number + 1, phase=phase + 1, state=tr(_WORDS[Doubt(int(self.cells[number, phase]))])
                )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
