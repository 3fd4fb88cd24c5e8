"""M-mode of a line that a reader places in a loop: a strip of its grey over time, with callipers on it."""

import math
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.tracking.m_mode import Point, at_share, m_mode, share_of
from kinecor.core.values.callipers import M_MODE_LINE, Calliper
from kinecor.core.values.events import marks
from kinecor.core.values.reading import Reading
from kinecor.session.edits import Edit, Several
from kinecor.ui.curves.event_flags import Mark, put_here
from kinecor.ui.curves.volume_plot import STYLES
from kinecor.ui.style import on_image, theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.plot_host import PlotHost, TimePlot
from kinecor.ui.style.plot_parts import Calipers, PlotMark, Tag
from kinecor.ui.tiles.callipers import DELETE, REACH_PX, CalliperTool, edit_of
from kinecor.ui.tiles.image_view import JITTER_PX, ImageView
from kinecor.ui.tiles.overlays import draw_plate
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

EXCURSIONS: Final = {
    "A4C": ("TAPSE", "MAPSE septal", "MAPSE lateral"),
    "A2C": ("MAPSE inferior", "MAPSE anterior"),
    "A3C": ("MAPSE inferolateral", "MAPSE anteroseptal"),
}
"""How far a valve ring moves towards the apex, by view; the line lies along its way (ASE/EACVI 2015)."""
MARKED_HERE: Final[tuple[tuple[str, Mark], ...]] = (
    ("Set ED here", "ed"),
    ("Set ES here", "es"),
    ("Set or clear aortic valve closure here", "avc"),
    ("Set or clear mitral valve opening here", "mvo"),
)
MIN_LINE_PX: Final = 8.0  # of the image; a shorter line shows nothing
FEW_PER_S: Final = 30.0
"""Below this many frames a second the strip says that short events are missed."""
_TOP_PX, _SIDE_PX = 18, 10
_GRIP_PX: Final = 7.0
_LINE, _CALLIPER, _HALO = QColor("#7db0ff"), "#e8ebef", QColor(on_image.GROUND)


class MMode(PlotHost):
    """The strip, and the line on the image in focus that it is of.

    A click on the strip shows that frame. A drag down or up measures a distance along the line, a drag to a side the
    time between two frames; the name is asked for as on the image. A distance is a calliper between two points of the
    line on its frame: it is on the image, too. The line is saved with what is measured along it, and shown again.

    Signals:
        shown_changed(bool): the strip is to be shown, or hidden.
    """

    shown_changed = Signal(bool)

    def __init__(
        self,
        workspace: Workspace,
        player: Player,
        image: ImageView,
        callipers: CalliperTool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._player, self._image, self._callipers = workspace, player, image, callipers
        self._jobs = Jobs(1, "m-mode", self)
        self.active = False
        self.line: tuple[Point, Point] | None = None
        """Start and end, in pixels of the image."""
        self.grey: NDArray[np.uint8] | None = None
        """(samples, frames) of the line; None until it is computed."""
        self._placing: Point | None = None  # where the line being placed begins
        self._held: int | None = None  # the end of the line that is dragged
        self._from: tuple[int, float] | None = None  # frame and share of the line where a drag on the strip began
        self._measured: Calliper | None = None  # by that drag
        self._moved: tuple[Calliper, int] | None = None  # a calliper and its end that is dragged on the strip
        self._selected = ""  # name of the calliper that Delete removes
        self._pressed_at: QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(90)
        self.setAccessibleName(tr("M-mode"))
        self.setToolTip(
            tr("Drag down or up: a distance; to a side: a time; with Shift: the way between two times, as TAPSE")
        )
        image.above.append(self._draw_line)
        image.installEventFilter(self)
        player.frame_changed.connect(lambda _: self._show_frame())
        follow(workspace, self.stop, Topic.RECORDING)
        follow(workspace, self._follow, Topic.READING)
        callipers.names.aboutToHide.connect(self._forget)

    # The line

    def toggle(self) -> None:
        """Begin to place a line, or put line and strip away."""
        cine = self._workspace.cine
        if self.active:
            self.stop()
        elif cine is None or len(cine) < 2 or cine.stills:
            self._workspace.notices.remark.emit(
                tr("An M-mode line needs a loop: a still or a stack shows no movement along it.")
            )
            self.shown_changed.emit(False)
        else:
            self._callipers.stop()
            self._player.pause()
            self.active = True
            self.shown_changed.emit(True)
            reading = self._workspace.reading
            saved = reading.callipers.get(M_MODE_LINE) if reading is not None else None
            if saved is not None:
                self.place(saved.points[0], saved.points[1])
            else:
                self._image.setCursor(Qt.CursorShape.CrossCursor)
            self._renew()

    def stop(self) -> None:
        """Put line and strip away."""
        self._jobs.cancel_all()
        self.line = self.grey = self._placing = self._held = self._from = self._measured = self._moved = None
        self._selected = ""
        if self.active:
            self.active = False
            self._image.setCursor(Qt.CursorShape.ArrowCursor)
            self.shown_changed.emit(False)
            self._renew()

    def shutdown(self) -> None:
        """Leave no thread behind."""
        self._jobs.shutdown()

    def place(self, start: Point, end: Point) -> None:
        """Show the M-mode of a line."""
        cine, reading = self._workspace.cine, self._workspace.reading
        if cine is None or reading is None or math.dist(start, end) < MIN_LINE_PX:
            return
        self.line, aspect = (start, end), reading.aspect
        self._renew()

        def show(grey: NDArray[np.uint8]) -> None:
            self.grey = grey
            self._renew()

        self._jobs.start(
            "m-mode",
            lambda tick: m_mode(cine.frames, start, end, aspect, tick),
            show,
            self._workspace.notices.message.emit,
        )

    def _renew(self) -> None:
        self.redraw()
        self._image.update()

    def _follow(self, change: Change) -> None:
        if not self.active or change.after is None:
            return
        before = change.before
        if before is not None and before.aspect != change.after.aspect and self.line is not None:
            self.place(*self.line)
        elif before is not None and not change.preview:  # undone or redone
            was, now = before.callipers.get(M_MODE_LINE), change.after.callipers.get(M_MODE_LINE)
            if now is not None and now != was and now.points != self.line:
                self.place(now.points[0], now.points[1])
        self.redraw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse on the image while the line is placed, or over one of its ends; True where handled."""
        if watched is not self._image or not self.active or self._callipers.shape:
            return False
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.stop()
            return True
        return isinstance(event, QMouseEvent) and self._line_mouse(event)

    def _line_mouse(self, event: QMouseEvent) -> bool:
        position, kind = event.position(), event.type()
        point = self._within(self._image.viewport.to_image(position.x(), position.y()))
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            return self._press_line(position, point)
        if kind == QEvent.Type.MouseMove and (self._placing is not None or self._held is not None):
            self._lengthen(point)
            return True
        if kind == QEvent.Type.MouseButtonRelease and (self._placing is not None or self._held is not None):
            dragged = self._pressed_at is not None and QLineF(self._pressed_at, position).length() >= JITTER_PX
            if self._placing is not None and not dragged:
                return True  # clicked: the next click is the other end
            self._lengthen(point)
            self._end_line()
            return True
        return False

    def _press_line(self, position: QPointF, point: Point) -> bool:
        self._image.setFocus()
        if self._placing is not None:  # the second click
            self._lengthen(point)
            self._pressed_at = None
            self._end_line()
            return True
        near = self._end_at(position)
        if self.line is not None and near is None:
            return False
        self._player.pause()
        self._pressed_at = position
        if near is not None:
            self._held = near
        else:
            self._placing, self.line = point, None
        return True

    def _lengthen(self, point: Point) -> None:
        if self._placing is not None:
            self.line = self._placing, point
        elif self.line is not None:
            start, end = self.line
            self.line = (point, end) if self._held == 0 else (start, point)
        self._image.update()

    def _end_line(self) -> None:
        self._placing = self._held = None
        self._image.setCursor(Qt.CursorShape.ArrowCursor)
        if self.line is not None and math.dist(*self.line) >= MIN_LINE_PX:
            self._save_move()
            self.place(*self.line)
        else:
            self.line = self.grey = None
            self._renew()

    def _save_move(self) -> None:
        """Save where a saved line is now, so that undo takes back the move first; others are saved once measured on."""
        reading, line = self._workspace.saved, self.line
        saved = reading.callipers.get(M_MODE_LINE) if reading is not None else None
        if reading is None or line is None or saved is None or saved.points == line:
            return
        start, end = saved.points
        left = [calliper.name for calliper in _along(reading, (start, end)) if calliper not in _along(reading, line)]
        if not self._workspace.do(edit_of(replace(saved, points=line)), by=self):
            self.line = start, end
        elif left:
            text = tr("Measured along the line before it was moved, no longer drawn on the M-mode: {names}.")
            self._workspace.notices.remark.emit(text.format(names=", ".join(left)))

    def _end_at(self, position: QPointF) -> int | None:
        if self.line is None:
            return None
        far = [QLineF(QPointF(*self._image.viewport.to_widget(*values)), position).length() for values in self.line]
        nearest = int(np.argmin(far))
        return nearest if far[nearest] <= REACH_PX else None

    def _within(self, point: Point) -> Point:
        reading = self._workspace.reading
        if reading is None:
            return point
        rows, columns = reading.facts.rows, reading.facts.columns
        return min(max(point[0], 0.0), columns - 1.0), min(max(point[1], 0.0), rows - 1.0)

    def _draw_line(self, painter: QPainter, _frame: int, viewport: Viewport) -> None:
        if not self.active or self.line is None:
            return
        start, end = (QPointF(*viewport.to_widget(*values)) for values in self.line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (QPen(_HALO, 4), QPen(_LINE, 1.5)):
            painter.setPen(pen)
            painter.drawLine(start, end)
        painter.setPen(QPen(_HALO, 1))
        painter.setBrush(_LINE)
        for point in (start, end):
            painter.drawRect(QRectF(point.x() - _GRIP_PX / 2, point.y() - _GRIP_PX / 2, _GRIP_PX, _GRIP_PX))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(on_image.font(11))
        draw_plate(painter, QPointF(start.x() + 8, start.y() - 8), "M")

    # The strip

    def fill(self, graph: TimePlot) -> None:
        """Show the strip; the mouse is this widget's, which measures."""
        graph.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        graph.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        graph.values.factor = -1.0  # the start of the line, 0, is at the top
        graph.title.setColor(theme.WARNING)
        graph.span_changed.connect(self._show_callipers)
        self.redraw()

    @property
    def _length(self) -> float:
        """Of the line, in mm, or pixels of the image where it has no scale."""
        reading, line = self._workspace.reading, self.line
        if reading is None or line is None:
            return 1.0
        high, wide = reading.spacing
        return math.hypot((line[1][0] - line[0][0]) * wide, (line[1][1] - line[0][1]) * high)

    def redraw(self) -> None:
        """Show the strip with its axes, ED and ES, and what was measured on it."""
        graph, cine, reading = self.graph, self._workspace.cine, self._workspace.reading
        if graph is None:
            return
        if cine is None or len(cine) < 2 or reading is None or self.grey is None or self.line is None:
            text = tr("M-mode: drag a line across the walls in the image, from the front wall to the back.")
            graph.show_message(text if self.line is None else "", theme.QUIET)
            graph.show_axes(0.0, 1.0, "", top_px=_TOP_PX, right_px=_SIDE_PX)
            graph.show_image(np.zeros((0, 1), np.uint8), np.zeros(1), 0.0, 1.0)
            graph.show_marks(())
            graph.show_title("", "")
            graph.show_time(np.nan, "")
        else:
            graph.show_message("", theme.QUIET)
            note = f"! {self.note}" if self.note else ""
            graph.show_title(note, note)
            unit = "mm" if reading.calibration is not None else "px"
            top_px = _TOP_PX + (_TOP_PX if note else 0)
            graph.show_axes(-self._length, 0.0, unit, top_px=top_px, right_px=_SIDE_PX)
            half_s = float(cine.times_s[-1] - cine.times_s[0]) / (len(cine) - 1) / 2
            graph.box.show_span(float(cine.times_s[0]) - half_s, float(cine.times_s[-1]) + half_s)
            graph.show_image(self.grey, cine.times_s, -self._length, 0.0)
            graph.show_marks(
                [
                    PlotMark((beat, mark), float(cine.times_s[frame]), mark.upper(), STYLES[mark])
                    for beat, mark, frame in marks(reading.events)
                ]
            )
        self._show_callipers()
        self._show_frame()

    def _show_frame(self) -> None:
        """Move the play head."""
        cine = self._workspace.cine
        if self.graph is not None and cine is not None and self.grey is not None:
            self.graph.show_time(float(cine.times_s[min(self._player.frame, len(cine) - 1)]), "")

    def _show_callipers(self) -> None:
        """Draw what was measured along the line, and what is being measured."""
        graph, cine, reading = self.graph, self._workspace.cine, self._workspace.reading
        if graph is None or cine is None or reading is None:
            return
        shown = [
            (calliper, f"{calliper.name}  {translated(calliper_words(reading, calliper))}")
            for calliper in self._on_line()
        ]
        if self._measured is not None:
            shown.append((self._measured, translated(calliper_words(reading, self._measured))))
        if self.grey is None or self.line is None:
            shown = []
        lines, tags = [], []
        for single_calliper, text in shown:
            colour = on_image.ACCENT if single_calliper.name == self._selected else _CALLIPER
            (start_s, start), (end_s, end) = self._ends(single_calliper)
            lines.append(
                Calipers((start_s, end_s), (start, end), colour, "|" if single_calliper.shape == "time" else "_")
            )
            right_px = graph.x_of(max(start_s, end_s)) + 8
            wide = QFontMetrics(theme.font(10, bold=True)).horizontalAdvance(text) + 8
            fits = right_px + wide <= self.width()
            at_s = graph.time_at(right_px if fits else graph.x_of(min(start_s, end_s)) - 8)
            anchor = (0.0 if fits else 1.0, 0.5)
            tags.append(Tag(at_s, (start + end) / 2, text, on_image.TEXT, on_image.GROUND, anchor=anchor))
        graph.show_calipers(lines)
        graph.show_tags(tags)

    @property
    def note(self) -> str:
        """What is missing for values to be right: scale, times of frames, enough frames; "" where nothing is."""
        cine, reading = self._workspace.cine, self._workspace.reading
        if cine is None or reading is None or len(cine) < 2:
            return ""
        per_s = (len(cine) - 1) / float(cine.times_s[-1] - cine.times_s[0])
        said = []
        if reading.calibration is None:
            said.append(tr("no scale: Measure > Calibrate (Shift+K) gives one"))
        if cine.times_origin == "assumed":
            said.append(tr("frame rate assumed: times are not known"))
        elif per_s < FEW_PER_S:
            said.append(tr("{rate} frames/s: short events are missed").format(rate=f"{per_s:.0f}"))
        return "; ".join(said)

    def _on_line(self) -> list[Calliper]:
        """Distances and times between two points of the line."""
        reading, line = self._workspace.reading, self.line
        return [] if reading is None or line is None else _along(reading, line)

    def _ends(self, calliper: Calliper) -> list[tuple[float, float]]:
        """Time in s and value of both ends of a calliper on the strip."""
        cine, line = self._workspace.cine, self.line
        if cine is None or line is None:
            return []
        frames = (calliper.frame, calliper.frame if calliper.until is None else calliper.until)
        shares = (share_of(point, *line, math.inf) or 0.0 for point in calliper.points)
        return [
            (float(cine.times_s[frame]), -share * self._length) for frame, share in zip(frames, shares, strict=True)
        ]

    def place_of(self, time_s: float, share: float) -> QPointF:
        """Where a time and a share of the line are on the strip."""
        graph = self.graph
        return QPointF() if graph is None else QPointF(graph.x_of(time_s), graph.y_of(-share * self._length))

    # The mouse on the strip

    def _at(self, position: QPointF) -> tuple[int, float] | None:
        """The frame and the share of the line at a place."""
        graph, cine = self.graph, self._workspace.cine
        if graph is None or cine is None or self.grey is None:
            return None
        frame = int(np.abs(cine.times_s - graph.time_at(position.x())).argmin())
        top, bottom = graph.y_of(0.0), graph.y_of(-self._length)
        return frame, min(max((position.y() - top) / (bottom - top), 0.0), 1.0)

    def _held_end(self, position: QPointF) -> tuple[Calliper, int] | None:
        """The calliper, and which of its ends, at a place."""
        graph = self.graph
        if graph is None:
            return None
        ends = [
            (QLineF(QPointF(graph.x_of(time_s), graph.y_of(value)), position).length(), calliper, number)
            for calliper in self._on_line()
            for number, (time_s, value) in enumerate(self._ends(calliper))
        ]
        nearest = min(ends, default=None, key=lambda candidate: candidate[0])
        return nearest[1:] if nearest is not None and nearest[0] <= REACH_PX else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show that frame, and begin to measure there, or take hold of an end."""
        found = self._at(event.position())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.setFocus()
        self._pressed_at, self._moved = event.position(), self._held_end(event.position())
        self._selected = self._moved[0].name if self._moved is not None else ""
        self._player.pause()
        self._player.seek(found[0] if self._moved is None else self._moved[0].frame)
        self._from = found if self._moved is None else None
        self.redraw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Measure, or move the end."""
        found = self._at(event.position())
        if found is None or self._pressed_at is None:
            held = self._held_end(event.position())
            over = Qt.CursorShape.SizeHorCursor if held and held[0].shape == "time" else Qt.CursorShape.SizeVerCursor
            self.setCursor(over if held else Qt.CursorShape.CrossCursor)
            return
        if self._moved is not None:
            if (edit := self._edit(found)) is not None:
                self._workspace.preview(edit, by=self)
            self.redraw()
        elif self._dragged(event.position()):
            self._measured = self._between(self._pressed_at, event.position(), event.modifiers())
            self._show_callipers()
        self._image.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Save the end that was moved, or ask for the name of what was measured."""
        found, dragged = self._at(event.position()), self._dragged(event.position())
        if found is not None and self._moved is not None:
            if dragged and (edit := self._edit(found)) is not None:
                self._workspace.do(edit, by=self)
            else:
                self._workspace.drop_preview(by=self)
        elif self._pressed_at is not None and dragged:
            self._measured = self._between(self._pressed_at, event.position(), event.modifiers())
            if self._measured is not None:  # it stays on screen until its name is chosen
                position = event.globalPosition().toPoint()
                names = self._excursions if self._measured.shape == "distance" else ()
                self._callipers.offer(self._measured, self._save, position, names)
        self._from = self._moved = self._pressed_at = None
        self._renew()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Enlarge a span of time."""
        if self.graph is not None:
            QApplication.sendEvent(self.graph.viewport(), event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of the time again."""
        if self.graph is not None:
            self.graph.box.show_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the selected calliper; Escape puts the strip away."""
        key = Qt.Key(event.key())
        if key in DELETE and self._selected:
            self._callipers.delete(self._selected)
            self._selected = ""
        elif key == Qt.Key.Key_Escape:
            self.stop()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Delete is this strip's where a calliper of it is selected, Escape always."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape or (key in DELETE and self._selected):
                event.accept()
                return True
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """A drag ends where the strip goes."""
        self._from = self._measured = self._moved = self._pressed_at = None
        super().hideEvent(event)

    def _dragged(self, position: QPointF) -> bool:
        return self._pressed_at is not None and QLineF(self._pressed_at, position).length() >= JITTER_PX

    @property
    def _excursions(self) -> tuple[str, ...]:
        """Names of the ways that a valve ring goes along the line, in the views where a line can follow it."""
        reading = self._workspace.saved
        view = reading.view.label if reading is not None and reading.view is not None else ""
        known = reading.callipers if reading is not None else {}
        return tuple(single_view for single_view in EXCURSIONS.get(view, ()) if single_view not in known)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """As on the image: what is under the mouse can be deleted; the frame under it can be marked."""
        found = self._at(QPointF(event.pos()))
        menu = QMenu(self)
        held = self._held_end(QPointF(event.pos()))
        if held is not None:
            name = held[0].name
            menu.addAction(tr("Delete {name}").format(name=name), lambda: self._callipers.delete(name))
            menu.addSeparator()
        if found is not None:
            frame = found[0]
            for text, mark in MARKED_HERE:
                menu.addAction(tr(text), partial(self._mark, frame, mark))
            menu.addSeparator()
        menu.addAction(tr("Close the M-mode"), self.stop)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def _mark(self, frame: int, mark: Mark) -> None:
        self._player.pause()
        self._player.seek(frame)
        put_here(self._workspace, self._player, mark)

    def _between(self, pressed: QPointF, position: QPointF, keys: Qt.KeyboardModifier) -> Calliper | None:
        """What a drag measures: a distance at the frame where it began, or a time.

        With Shift a distance whatever its direction: the way along the line between two times, as of a valve ring.
        """
        found = self._at(position)
        if found is None or self._from is None or self.line is None:
            return None
        (frame, share), (to_frame, to_share) = self._from, found
        start = at_share(share, *self.line)
        upright = abs(position.x() - pressed.x()) <= abs(position.y() - pressed.y())
        if upright or keys & Qt.KeyboardModifier.ShiftModifier:
            return Calliper("?", frame, (start, at_share(to_share, *self.line)))
        if frame == to_frame:
            return None
        return Calliper("?", min(frame, to_frame), (start, start), "time", max(frame, to_frame))

    def _forget(self) -> None:
        """What was measured is named by now, or discarded."""
        self._measured = None
        self._show_callipers()

    def _save(self, measured: Calliper) -> None:
        """Save what was measured, with the line where that is new."""
        reading = self._workspace.saved
        if reading is None or self.line is None:
            return
        edit, line = edit_of(measured), Calliper(M_MODE_LINE, measured.frame, self.line, "line")
        saved = reading.callipers.get(M_MODE_LINE)
        if saved is None or saved.points != line.points:
            edit = Several(edit.summary, (edit_of(line), edit))
        self._workspace.do(edit, by=self)
        self.redraw()

    def _edit(self, to: tuple[int, float]) -> Edit | None:
        """The calliper with the end that is dragged at a frame and share of the line; None where no time is left."""
        if self._moved is None or self.line is None:
            return None
        (calliper, number), (frame, share) = self._moved, to
        if calliper.until is None:
            return edit_of(calliper.moved(number, at_share(share, *self.line)))
        first, last = (frame, calliper.until) if number == 0 else (calliper.frame, frame)
        return edit_of(replace(calliper, frame=first, until=last)) if first < last else None


def _along(reading: Reading, line: tuple[Point, Point]) -> list[Calliper]:
    """Distances and times between two points of a line."""
    return [
        calliper
        for calliper in reading.callipers.values()
        if calliper.shape in ("distance", "time")
        and all(share_of(point, *line) is not None for point in calliper.points)
    ]
