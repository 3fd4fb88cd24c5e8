"""The grid of a stack: all slices in phase, with contours and marks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from kinecor.core.outlines.insertion import HeartView, heart_view
from kinecor.core.table.measures import typeset
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import SHIFTED_MM, shifts_mm, stack_curves
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.elided import broken_lines
from kinecor.ui.style.language import numbered, tr, translated
from kinecor.ui.style.marks import ON_IMAGE, draw_mark
from kinecor.ui.style.on_image import canvas, to_qimage
from kinecor.ui.style.spoken import Spoken, announce
from kinecor.ui.tiles.layouts import columns_for
from kinecor.ui.tiles.menus import LevelDrag
from kinecor.ui.tiles.overlays import PLATE, draw_contours, draw_plate, draw_text
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.player import Player, StackDecoder
from kinecor.ui.workspace.related import stack_of
from kinecor.ui.workspace.study_checks import short_title_of
from kinecor.ui.workspace.workspace import Workspace

GAP_PX = 4
SIDE_PX = 22  # for the names of the rows
MIN_PX = 120  # of an image in the rows
BAND = 5  # slices in a band, where they fit
THIN_PX = 1.4  # contours in small images
MAX_BACKGROUND_BYTES = 160 << 20  # images of all phases at screen size, cached while only contours move
MIN_SHIFT_MM = 1.0
"""Smallest shift of a slice that is said at all."""
_DIMMED = QColor(11, 13, 15, 120)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a slice (0-based) is drawn in a row of its band (0 above, 1 below)."""

    number: int
    row: int
    box: QRectF


def band_columns(count: int, width: float, height: float) -> int:
    """How many slices stand in a band of two rows: five where their images fit, else as many as make them largest.

    None is smaller than `MIN_PX`: what then does not fit is scrolled to.
    """
    most = max(int(width // MIN_PX), 1)

    def side(columns: int) -> float:
        return min(width / columns, height / (2 * -(-count // columns)))

    band = min(BAND, count, most)
    if side(band) >= MIN_PX:
        return band
    best = max(range(band, max(min(count, most), band) + 1), key=side)
    return best if side(best) >= MIN_PX else band


class GridView(Spoken, QWidget):
    """Slices from base to apex; the wheel or Up / Down select one, a click enlarges it.

    Signals:
        chosen(int): another slice (0-based) is selected.
        enlarged(int): a slice was clicked.
        focus_wanted(): a slice was clicked while a long axis is in focus.
        redrawn(): images, contours or marks are others.
    """

    chosen = Signal(int)
    enlarged = Signal(int)
    focus_wanted = Signal()
    redrawn = Signal()

    def __init__(
        self, workspace: Workspace, player: Player, levels: LevelDrag | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self._levels = levels or LevelDrag(workspace, parent=self)
        self._levels.changed.connect(self._apply_window)
        self.decoder = StackDecoder(self)
        self._stack: Stack | None = None
        self._backgrounds: dict[tuple[tuple[int, ...], bool, int], QPixmap] = {}
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.hide()
        self._bar.valueChanged.connect(lambda _: self.update())
        self._overlays = True
        self._heart: HeartView | None = None  # around the first contours
        self._close = True
        self._hovered: int | None = None  # slice under the mouse
        self.selected: int = 0
        self.underlay: Callable[[QPainter, int, int, Viewport], None] | None = None
        """Draws over the image of a slice at a phase, below its contours."""
        self.above: list[Callable[[QPainter, int, int, Viewport], None]] = []
        """Draw over its contours."""
        self.phase_of: Callable[[int], int] = lambda frame: frame
        """The phase of the stack at a frame of the player, where another recording is in focus."""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 200)
        self.setMouseTracking(True)
        self.decoder.decoded.connect(lambda _: self._redraw())
        follow(workspace, self.load, Topic.RECORDING)
        follow(workspace, self.show_change, Topic.READING)
        player.frame_changed.connect(lambda _: self.update())
        player.playing_changed.connect(lambda _: self.update())

    def load(self) -> None:
        """Take the current recording where it is a stack; a stack stays while one of its long axes is in focus."""
        stack = self._workspace.stack or stack_of(self._workspace)
        if stack is self._stack:
            self.update()
            return
        self._stack = stack
        self.selected = len(self._stack.slices) // 2 if self._stack else 0
        self._heart = None
        self._backgrounds.clear()
        self.decoder.load(self._stack)
        self.update()

    @property
    def stack(self) -> Stack | None:
        """The stack that is shown; the current recording, or the one that the current long axis cuts."""
        return self._stack

    @property
    def _index(self) -> int:
        """The stack among the recordings of the workspace."""
        return next(
            (index for index, recording in enumerate(self._workspace.opened.recordings) if recording is self._stack), -1
        )

    @property
    def reading(self) -> Reading | None:
        """The stack's Reading: on screen where it is in focus, else as saved."""
        if self._stack is None or self._stack is self._workspace.stack:
            return self._workspace.reading
        return self._workspace.opened.known_reading(self._stack)

    @property
    def phase(self) -> int:
        """The phase (0-based) of the stack at this moment."""
        return self.phase_of(self._player.frame)

    def show_phase(self, phase: int) -> None:
        """Stop at a phase (0-based) of the stack, whichever recording is in focus; nothing where it is on screen."""
        if self.phase == phase:
            return
        count = len(self._stack.slices[0]) if self._stack is not None else 1
        away = [abs(self.phase_of(frame) - phase) for frame in range(self._player.frames)]
        nearest = [min(number, count - number) for number in away]
        self._player.pause()
        self._player.seek(int(np.argmin(nearest)))

    def show_change(self, change: Change) -> None:
        """Redraw where contours or the choice of slices changed."""
        before, after = change.before, change.after
        if after is not None and not after.kind.stack:
            return
        if before is not None and after is not None:
            parts = ("slices", "short_axis", "events")
            if all(getattr(before, part) is getattr(after, part) for part in parts):
                return
        if self._heart is None and after is not None and after.kind.stack:
            self._heart = heart_view(after)
            self._backgrounds.clear()
        self._redraw()

    def _redraw(self) -> None:
        self.update()
        self.redrawn.emit()

    @property
    def heart(self) -> HeartView | None:
        """The region shown, or None where whole images are shown."""
        return self._heart if self._close else None

    @property
    def heart_found(self) -> HeartView | None:
        """The region around the contours, shown or not; None before there are any."""
        return self._heart

    def spoken_name(self) -> str:
        """What the images are."""
        return tr("Short-axis slices")

    def spoken_value(self) -> str:
        """The selected slice with its marks, and the phase."""
        if self._stack is None:
            return tr("no recording")
        phase = min(self.phase, self._stack.phases - 1)
        place = tr("phase {number} of {count}").format(number=phase + 1, count=self._stack.phases)
        slices = tr("{number} of {count}").format(number=self.selected + 1, count=len(self._stack.positions_mm))
        marks = [text for text, _ in self.marks(self.selected, phase, asked=True)]
        return ", ".join((f"{self.label(self.selected)} ({slices})", place, *marks))

    def toggle_close(self) -> None:
        """Toggle between the heart and whole images."""
        self._close = not self._close
        self._backgrounds.clear()
        self._redraw()

    def _apply_window(self) -> None:
        """Redraw the images with another grey window."""
        self._backgrounds.clear()
        self._redraw()

    def set_overlays(self, shown: bool) -> None:
        """Show or hide contours and marks."""
        self._overlays = shown
        self._redraw()

    def sizeHint(self) -> QSize:
        """Room for a grid."""
        return QSize(900, 650)

    def choose(self, number: int) -> None:
        """Select a slice (0-based); stops at the first and the last."""
        if self._stack:
            self.selected = min(max(number, 0), len(self._stack.slices) - 1)
            self._reveal()
            self.chosen.emit(self.selected)
            announce(self)
            self.update()

    def step(self, by: int) -> None:
        """Select the next slice on screen: +1 is towards the apex."""
        self.choose(self.selected + (by if self._base_first() else -by))

    @property
    def phases(self) -> tuple[int, ...]:
        """The phase of each row of a band: that on screen, at rest at ED or ES that of ED; below it always that of ES.

        One row where ED and ES are not known.
        """
        stack, reading = self._stack, self.reading
        if stack is None:
            return ()
        phase = min(self.phase, stack.phases - 1)
        beats = reading.events.beats if reading is not None and reading.kind.stack and reading.events else ()
        if not beats:
            return (phase,)
        at_rest = not self._player.playing
        return (beats[0].ed if phase == beats[0].es and at_rest else phase, beats[0].es)

    def cells(self) -> list[Cell]:
        """Every slice in every row, base first: bands of five or more columns, each with its rows."""
        if self._stack is None:
            return []
        count, first, rows = len(self._stack.slices), self._stack.slices[0], max(len(self.phases), 1)
        side = SIDE_PX if rows > 1 else 0
        wide, high = self.width() - side, float(max(self.height(), 1))
        if rows > 1:
            columns = band_columns(count, wide, high)
        else:
            columns = columns_for(count, wide, high, first.columns / first.rows)
        lines = rows * -(-count // columns)
        cell_high = high / lines
        if rows > 1 and cell_high < MIN_PX:  # scrolled, by whole bands, so that none is cut at either edge
            cell_high = high / (rows * max(round(high / (rows * MIN_PX)), 1))
        self._fit_scroll(round(cell_high * lines - high))
        if self._bar.isVisibleTo(self):
            wide -= self._bar.width()
        order = range(count) if self._base_first() else range(count - 1, -1, -1)
        found = []
        for place, number in enumerate(order):
            left = side + place % columns * wide / columns
            for row in range(rows):
                top = (place // columns * rows + row) * cell_high - self._bar.value()
                found.append(Cell(number, row, QRectF(left, top, wide / columns, cell_high)))
        return found

    def tiles(self) -> list[tuple[int, QRectF]]:
        """Every slice with its rectangle in the widget, base first: those of the upper rows."""
        return [(cell.number, cell.box) for cell in self.cells() if cell.row == 0]

    def _fit_scroll(self, beyond: int) -> None:
        """Scroll through what does not fit."""
        beyond = max(beyond, 0)
        if self._bar.maximum() != beyond:
            self._bar.setRange(0, beyond)
            self._bar.setPageStep(self.height())
        self._bar.setVisible(beyond > 0)

    def _reveal(self) -> None:
        """Scroll so that the selected slice is seen."""
        here = [cell.box for cell in self.cells() if cell.number == self.selected]
        if not here or not self._bar.maximum():
            return
        top, low = here[0].top(), here[-1].bottom()
        if top < 0:
            self._bar.setValue(round(self._bar.value() + top))
        elif low > self.height():
            self._bar.setValue(round(self._bar.value() + low - self.height()))

    def label(self, number: int) -> str:
        """The label of a slice; slices are counted from 1 in their order along the normal."""
        if self._stack is None:
            return ""
        name = tr("Slice {number}").format(number=number + 1)
        return typeset(f"{name}   {numbered(self._stack.positions_mm[number], '+.1f')} mm")

    def marks(self, number: int, phase: int, *, asked: bool = False) -> list[tuple[str, str]]:
        """Marks of a slice at a phase: (text, colour).

        Args:
            number: of the slice, from 0.
            phase: from 0.
            asked: also a shift that the check passes, as on hover.

        """
        reading = self.reading
        if reading is None or not reading.kind.stack:
            return []
        chosen, found = choices(reading), []
        if number in chosen.excluded:
            return [(tr("EXCLUDED"), theme.WARNING)]
        if chosen.extent is not None and phase < len(chosen.extent.base):
            found += [(tr("BASE"), theme.ACCENT)] if chosen.extent.base[phase] == number else []
            found += [(tr("APEX"), theme.ACCENT)] if chosen.extent.apex[phase] == number else []
        if chosen.rv_base is not None and phase < len(chosen.rv_base) and chosen.rv_base[phase] == number:
            found.append((tr("RV BASE"), theme.ACCENT))
        shifts = shifts_mm(reading)
        shift = 0.0 if shifts is None else float(np.nan_to_num(np.hypot(*shifts[number])))
        if shift >= (MIN_SHIFT_MM if asked else SHIFTED_MM):
            found.append(
                (
                    tr("Slice shift {distance} mm").format(distance=f"{shift:.0f}"),
                    theme.WARNING if shift >= SHIFTED_MM else theme.QUIET,
                )
            )
        return found

    def _base_first(self) -> bool:
        reading = self.reading
        return base_is_first(reading, 0) if reading is not None and reading.kind.stack else True

    def paintEvent(self, event: QPaintEvent) -> None:
        """All slices: images, contours, marks; the rows are named at the side."""
        painter = QPainter(self)
        stack, reading, phases = self._stack, self.reading, self.phases
        if stack is None or reading is None or len(reading.slices) != len(stack.slices):
            painter.fillRect(self.rect(), QColor(theme.GROUND))
            return
        cells = self.cells()
        painter.drawPixmap(0, 0, self._background(stack, phases, cells))
        if self._overlays:
            counted = stack_curves(reading).counted
            for cell in cells:
                phase = phases[cell.row]
                self._draw_over(painter, reading, cell.number, phase, cell.box, bool(counted[cell.number, phase]))
        for cell in cells:
            if cell.number == self.selected:
                self.draw_frame(painter, cell.number, cell.box)
        if len(phases) > 1:
            self._draw_sides(painter, reading, phases, cells)
        if self._levels.words:
            painter.setFont(theme.font(12))
            wide = painter.fontMetrics().horizontalAdvance(self._levels.words)
            draw_text(painter, QPointF(self.width() - wide - 14, self.height() - 9), self._levels.words)

    def draw_frame(self, painter: QPainter, number: int, box: QRectF) -> None:
        """The frame of the selected slice."""
        if self._stack is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.ACCENT), 2))
            painter.drawRect(self._layout(self._stack, number, box)[2])

    def draw_cell(self, painter: QPainter, number: int, phase: int, box: QRectF) -> None:
        """One slice at a phase in a rectangle: image, contours and marks; nothing while it is not decoded."""
        stack, reading = self._stack, self.reading
        found = self.decoder.images(phase)
        if stack is None or reading is None or found is None or len(reading.slices) != len(stack.slices):
            return
        self._draw_image(painter, stack, found[number], number, box)
        if self._overlays:
            counted = stack_curves(reading).counted
            self._draw_over(painter, reading, number, phase, box, bool(counted[number, phase]))

    def _background(self, stack: Stack, phases: tuple[int, ...], cells: list[Cell]) -> QPixmap:
        """The images; while they are decoded those of the previous phase, or black."""
        # The order of tiles depends on the base.
        key = phases, self._base_first(), self._bar.value()
        if key in self._backgrounds:
            return self._backgrounds[key]
        decoded = {phase: self.decoder.images(phase) for phase in reversed(phases)}
        missing = any(values is None for values in decoded.values())
        if missing and self._player.playing and self._backgrounds:
            return next(reversed(self._backgrounds.values()))
        background = canvas(self)
        painter = QPainter(background)
        for cell in cells:
            images = decoded[phases[cell.row]]
            if images is not None:
                self._draw_image(painter, stack, images[cell.number], cell.number, cell.box)
        painter.end()
        if missing:
            return background
        if len(self._backgrounds) * background.width() * background.height() * 4 > MAX_BACKGROUND_BYTES:
            self._backgrounds.clear()
        self._backgrounds[key] = background
        return background

    def _draw_image(
        self, painter: QPainter, stack: Stack, pixels: NDArray[Any] | None, number: int, box: QRectF
    ) -> None:
        _, place, shown = self._layout(stack, number, box)
        painter.save()
        painter.setClipRect(shown)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if pixels is None:
            painter.fillRect(shown, QColor(theme.RAISED))
        else:
            painter.drawImage(place, to_qimage(self._levels.applied_to(stack, pixels)))
        painter.restore()

    def _layout(self, stack: Stack, number: int, tile: QRectF) -> tuple[Viewport, QRectF, QRectF]:
        """A slice's viewport (from the corner of its tile), and its image in the widget: whole, and visible part."""
        cine, inner = stack.slices[number], tile.adjusted(GAP_PX / 2, GAP_PX / 2, -GAP_PX / 2, -GAP_PX / 2)
        scale = cine.calibration
        aspect = scale.row_mm / scale.col_mm if scale else 1.0
        view = Viewport.fitted(cine.columns, cine.rows, max(inner.width(), 1), max(inner.height(), 1), aspect)
        if self.heart is not None:
            view = view.around(self.heart.x, self.heart.y, self.heart.side_px)
        place = QRectF(*view.image_box).translated(inner.topLeft())
        return view, place, place.intersected(inner)

    def _draw_over(
        self, painter: QPainter, reading: Reading, number: int, phase: int, box: QRectF, included: bool
    ) -> None:
        if self._stack is None:
            return
        view, _, place = self._layout(self._stack, number, box)
        chosen = choices(reading)
        outside = not included and (chosen.extent is not None or number in chosen.excluded)
        if outside:
            painter.fillRect(place, _DIMMED)
        painter.save()
        painter.setClipRect(place)
        painter.translate(box.left() + GAP_PX / 2, box.top() + GAP_PX / 2)
        if self.underlay is not None and not outside:
            self.underlay(painter, number, phase, view)
        draw_contours(
            painter,
            reading.slices[number].tracks,
            phase,
            view,
            closed=True,
            width_px=THIN_PX,
            emphasised=None if included else Structure.RV,
        )
        for draw in self.above:
            draw(painter, number, phase, view)
        painter.restore()
        painter.setFont(theme.font(11, bold=True))
        draw_plate(painter, QPointF(place.left() + 3, place.top() + 3), str(number + 1), high=18)
        found = self._workspace.checks.finding_at(phase, number, index=self._index)
        high, low = place.top() + 3, place.bottom() - 7
        if found is not None:
            text = translated(short_title_of(found))
            lines = broken_lines(text, painter.fontMetrics(), round(place.width()) - 26)
            strip_px = 6 + 14 * len(lines)
            strip = QRectF(place.left(), place.bottom() - strip_px, place.width(), strip_px)
            painter.fillRect(strip, PLATE)
            draw_mark(painter, QRectF(strip.left() + 5, strip.top() + 3, 14, 14), found.severity, on_image=True)
            painter.setPen(QColor(ON_IMAGE[found.severity]))
            painter.drawText(strip.adjusted(23, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))
            low -= strip_px
        marks = self.marks(number, phase, asked=number == self._hovered)
        for words, colour in marks:
            if colour == theme.ACCENT:
                wide = painter.fontMetrics().horizontalAdvance(words) + 10
                badge = QRectF(place.right() - wide - 3, high, wide, 17)
                painter.fillRect(badge, QColor(theme.ACCENT))
                painter.setPen(QColor(theme.GROUND))
                painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
                high += 19
            else:
                draw_text(painter, QPointF(place.left() + 6, low), words, colour)
                low -= 15
        if outside and not marks:
            draw_text(painter, QPointF(place.left() + 6, low), tr("not LV"), theme.SOFT)

    def _draw_sides(self, painter: QPainter, reading: Reading, phases: tuple[int, ...], cells: list[Cell]) -> None:
        """The phase of each row, upwards at its left; ES with dashes, as its lines are; one that moves in colour."""
        beats = reading.events.beats if reading.events else ()
        named = {beats[0].ed: "ED", beats[0].es: "ES"} if beats else {}
        painter.setFont(theme.font(11, bold=True))
        for cell in cells:
            if cell.box.left() > SIDE_PX:
                continue
            phase = phases[cell.row]
            moves = cell.row == 0 and (self._player.playing or phase not in named)
            mark = None if moves else named.get(phase)
            name = tr("Phase {number}").format(number=phase + 1) if mark is None else f"{mark} {phase + 1}"
            colour = QColor(theme.ACCENT if moves else theme.TEXT)
            painter.save()
            painter.translate(SIDE_PX / 2, cell.box.center().y())
            painter.rotate(-90)
            painter.setPen(colour)
            half = cell.box.height() / 2
            painter.drawText(QRectF(-half, -SIDE_PX / 2, 2 * half, SIDE_PX), Qt.AlignmentFlag.AlignCenter, name)
            style = Qt.PenStyle.DashLine if cell.row == 1 else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, 1.5, style))
            wide = painter.fontMetrics().horizontalAdvance(name) / 2 + 6
            painter.drawLine(QPointF(-wide - 22, 0), QPointF(-wide, 0))
            painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say all of the slice under the mouse."""
        self._hover(self.slice_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Say what stands out only."""
        self._hover(None)

    def _hover(self, number: int | None) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()

    def cell_at(self, at: QPointF) -> Cell | None:
        """The slice and row at a position of the widget."""
        return next((cell for cell in self.cells() if cell.box.contains(at)), None)

    def slice_at(self, at: QPointF) -> int | None:
        """The slice at a position of the widget."""
        cell = self.cell_at(at)
        return None if cell is None else cell.number

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select and enlarge a slice, at the phase of its row."""
        cell = self.cell_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or cell is None:
            return
        phase = self.phases[cell.row]
        self.choose(cell.number)
        if self._stack is self._workspace.stack:
            if not self._player.playing:
                self._player.seek(phase)
            self.enlarged.emit(cell.number)
        else:
            self.focus_wanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Through slices; with Shift through time."""
        steps = event.angleDelta().y() or event.angleDelta().x()
        if steps and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._player.step(-1 if steps > 0 else 1)
        elif steps:
            self.step(-1 if steps > 0 else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the images at their new size."""
        self._backgrounds.clear()
        wide = self._bar.sizeHint().width()
        self._bar.setGeometry(self.width() - wide, 0, wide, self.height())
        self._reveal()
