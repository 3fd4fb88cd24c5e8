"""The grid of a stack: all slices in phase, with contours and marks."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.outlines.insertion import HeartView, heart_view
from kinecor.core.table.measures import typeset
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import SHIFTED_MM, shifts_mm, stack_curves
from kinecor.ui.style import theme
from kinecor.ui.style.marks import draw_mark
from kinecor.ui.style.theme import canvas, to_qimage
from kinecor.ui.tiles.menus import LevelDrag
from kinecor.ui.tiles.overlays import draw_contours, draw_text
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.player import Player, StackDecoder
from kinecor.ui.workspace.workspace import Change, Workspace, patient_line

GAP_PX, FOOTER_PX = 4, 28
THIN_PX = 1.4  # contours in small images
MOST_BACKGROUND_BYTES = 160 << 20  # images of all phases at screen size, cached while only contours move
LEAST_SHIFT_MM = 1.0
_DIMMED = QColor(11, 13, 15, 120)


def columns_for(count: int, width: float, height: float, aspect: float) -> int:
    """How many columns show `count` images (aspect = width / height) largest in an area of this size."""

    def tile_width(columns: int) -> float:
        lines = -(-count // columns)
        return min(width / columns, height / lines * aspect)

    return max(range(1, count + 1), key=tile_width)


class GridView(QWidget):
    """Slices from base to apex; the wheel or Up / Down select one, a click enlarges it.

    Signals:
        chosen(int): another slice (0-based) is selected.
        enlarged(int): a slice was clicked.
    """

    chosen = Signal(int)
    enlarged = Signal(int)

    def __init__(
        self, workspace: Workspace, player: Player, levels: LevelDrag | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self._levels = levels or LevelDrag(workspace, parent=self)
        self._levels.changed.connect(self._apply_window)
        self.decoder = StackDecoder(self)
        self._stack: Stack | None = None
        self._backgrounds: dict[tuple[int, bool], QPixmap] = {}
        self._overlays = True
        self._heart: HeartView | None = None  # around the first contours
        self._close = True
        self.selected = 0
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 200)
        self.decoder.decoded.connect(lambda _: self.update())
        workspace.recording_changed.connect(self.load)
        workspace.changed.connect(self.show_change)
        player.frame_changed.connect(lambda _: self.update())

    def load(self) -> None:
        """Take the current recording where it is a stack."""
        self._stack = self._workspace.stack
        self.selected = len(self._stack.slices) // 2 if self._stack else 0
        self._heart = None
        self._backgrounds.clear()
        self.decoder.load(self._stack)
        self.update()

    def show_change(self, change: Change) -> None:
        """Redraw where contours or the choice of slices changed."""
        before, after = change.before, change.after
        if before is not None and after is not None:
            parts = ("slices", "short_axis", "events")
            if all(getattr(before, part) is getattr(after, part) for part in parts):
                return
        if self._heart is None and after is not None and after.kind.stack:
            self._heart = heart_view(after)
            self._backgrounds.clear()
        self.update()

    @property
    def heart(self) -> HeartView | None:
        """The region shown, or None where whole images are shown."""
        return self._heart if self._close else None

    def toggle_close(self) -> None:
        """Toggle between the heart and whole images."""
        self._close = not self._close
        self._backgrounds.clear()
        self.update()

    def _apply_window(self) -> None:
        """Redraw the images with another grey window."""
        self._backgrounds.clear()
        self.update()

    def set_overlays(self, shown: bool) -> None:
        """Show or hide contours and marks."""
        self._overlays = shown
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a grid."""
        return QSize(900, 650)

    def choose(self, number: int) -> None:
        """Select a slice (0-based); stops at the first and the last."""
        if self._stack:
            self.selected = min(max(number, 0), len(self._stack.slices) - 1)
            self.chosen.emit(self.selected)
            self.update()

    def step(self, by: int) -> None:
        """Select the next slice on screen: +1 is towards the apex."""
        self.choose(self.selected + (by if self._base_first() else -by))

    def tiles(self) -> list[tuple[int, QRectF]]:
        """Every slice with its rectangle in the widget, base first."""
        if self._stack is None:
            return []
        count, first = len(self._stack.slices), self._stack.slices[0]
        field_high = max(self.height() - FOOTER_PX, 1)
        columns = columns_for(count, self.width(), field_high, first.columns / first.rows)
        wide, high = self.width() / columns, field_high / -(-count // columns)
        order = range(count) if self._base_first() else range(count - 1, -1, -1)
        return [
            (number, QRectF(place % columns * wide, place // columns * high, wide, high))
            for place, number in enumerate(order)
        ]

    def label(self, number: int) -> str:
        """The label of a slice; slices are counted from 1 in their order along the normal."""
        return (
            "" if self._stack is None else typeset(f"Slice {number + 1}   {self._stack.positions_mm[number]:+.1f} mm")
        )

    def marks(self, number: int, phase: int) -> list[tuple[str, str]]:
        """Marks of a slice at a phase: (text, colour)."""
        reading = self._workspace.reading
        if reading is None or not reading.kind.stack:
            return []
        chosen, found = choices(reading), []
        if number in chosen.excluded:
            return [("EXCLUDED", theme.WARNING)]
        if chosen.extent is not None and phase < len(chosen.extent.base):
            found += [("BASE", theme.ACCENT)] if chosen.extent.base[phase] == number else []
            found += [("APEX", theme.ACCENT)] if chosen.extent.apex[phase] == number else []
        if chosen.rv_base is not None and phase < len(chosen.rv_base) and chosen.rv_base[phase] == number:
            found.append(("RV BASE", theme.ACCENT))
        shifts = shifts_mm(reading)
        shift = 0.0 if shifts is None else float(np.nan_to_num(np.hypot(*shifts[number])))
        if shift >= LEAST_SHIFT_MM:
            found.append((f"Slice shift {shift:.0f} mm", theme.WARNING if shift >= SHIFTED_MM else theme.QUIET))
        return found

    def _base_first(self) -> bool:
        reading = self._workspace.reading
        return base_is_first(reading, 0) if reading is not None and reading.kind.stack else True

    def paintEvent(self, event: QPaintEvent) -> None:
        """All slices at the current phase."""
        painter = QPainter(self)
        stack, reading = self._stack, self._workspace.reading
        if stack is None or reading is None or len(reading.slices) != len(stack.slices):
            painter.fillRect(self.rect(), QColor(theme.GROUND))
            return
        phase = min(self._player.frame, stack.phases - 1)
        painter.drawPixmap(0, 0, self._background(stack, phase))
        curves = stack_curves(reading)
        if self._overlays:
            for number, tile in self.tiles():
                self._draw_over(painter, reading, number, phase, tile, included=bool(curves.counted[number, phase]))
        for number, tile in self.tiles():
            if number == self.selected:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(theme.ACCENT), 2))
                painter.drawRect(self._layout(stack, number, tile)[2])
        self._draw_footer(painter, stack, reading, phase)

    def _background(self, stack: Stack, phase: int) -> QPixmap:
        """Images and labels of a phase; while they are decoded those of the previous phase, or black."""
        key = phase, self._base_first()  # the order of tiles depends on the base
        if key in self._backgrounds:
            return self._backgrounds[key]
        found = self.decoder.images(phase)
        if found is None and self._backgrounds:
            return next(reversed(self._backgrounds.values()))
        background = canvas(self)
        if found is None:
            return background
        painter = QPainter(background)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(theme.font(11))
        for number, tile in self.tiles():
            pixels, (_, place, shown) = found[number], self._layout(stack, number, tile)
            painter.setClipRect(shown)
            if pixels is None:
                painter.fillRect(shown, QColor(theme.RAISED))
            else:
                painter.drawImage(place, to_qimage(self._levels.applied(pixels)))
            draw_text(painter, QPointF(shown.left() + 7, shown.top() + 17), self.label(number))
        painter.end()
        if len(self._backgrounds) * background.width() * background.height() * 4 > MOST_BACKGROUND_BYTES:
            self._backgrounds.clear()
        self._backgrounds[key] = background
        return background

    def _layout(self, stack: Stack, number: int, tile: QRectF) -> tuple[Viewport, QRectF, QRectF]:
        """A slice's viewport (from the corner of its tile), and its image in the widget: whole, and visible part."""
        cine, inner = stack.slices[number], tile.adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
        scale = cine.calibration
        aspect = scale.row_mm / scale.col_mm if scale else 1.0
        view = Viewport.fitted(cine.columns, cine.rows, max(inner.width(), 1), max(inner.height(), 1), aspect)
        if self.heart is not None:
            view = view.around(self.heart.x, self.heart.y, self.heart.side_px)
        place = QRectF(*view.image_box).translated(inner.topLeft())
        return view, place, place.intersected(inner)

    def _draw_over(
        self, painter: QPainter, reading: Reading, number: int, phase: int, tile: QRectF, *, included: bool
    ) -> None:
        if self._stack is None:
            return
        view, _, place = self._layout(self._stack, number, tile)
        one = reading.slices[number]
        if not included and (choices(reading).extent is not None or number in choices(reading).excluded):
            painter.fillRect(place, _DIMMED)
        painter.save()
        painter.setClipRect(place)
        painter.translate(tile.left() + GAP_PX, tile.top() + GAP_PX)
        draw_contours(
            painter,
            one.tracks,
            phase,
            view,
            closed=True,
            width_px=THIN_PX,
            emphasised=None if included else Structure.RV,
        )
        painter.restore()
        painter.setFont(theme.font(11, bold=True))
        if (found := self._workspace.checks.at(phase, number)) is not None:
            draw_mark(painter, QRectF(place.right() - 22, place.top() + 6, 16, 16), found.severity)
        low = place.bottom() - 8
        for words, colour in self.marks(number, phase):
            draw_text(painter, QPointF(place.left() + 7, low), words, colour)
            low -= 16

    def _draw_footer(self, painter: QPainter, stack: Stack, reading: Reading, phase: int) -> None:
        painter.setFont(theme.font(12))
        low = self.height() - 9
        draw_text(painter, QPointF(10, low), patient_line(stack), theme.QUIET)
        beats = reading.events.beats if reading.events else ()
        here = " ".join(mark for mark, at in (("ED", beats[0].ed), ("ES", beats[0].es)) if at == phase) if beats else ""
        at = f"Phase {phase + 1}/{stack.phases}   {stack.times_s[phase]:.2f} s"
        words = "   ".join(one for one in (self._levels.words, here, at) if one)
        wide = painter.fontMetrics().horizontalAdvance(words)
        draw_text(painter, QPointF(self.width() - wide - 14, low), words)

    def slice_at(self, at: QPointF) -> int | None:
        """The slice at a position of the widget."""
        return next((number for number, tile in self.tiles() if tile.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select and enlarge a slice."""
        number = self.slice_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self.choose(number)
            self.enlarged.emit(number)

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
