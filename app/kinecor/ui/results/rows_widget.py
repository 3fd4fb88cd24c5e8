"""What all widgets of the results panel share: how values are drawn, selected, and decided on with mouse and keys."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, product
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from kinecor.ui.results.rows import Row, Span, details
from kinecor.ui.results.spoken_rows import spoken_row
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.marks import draw_mark
from kinecor.ui.style.spoken import Spoken, announce

WIDE_PX: Final = 380
"""From this width on, rows are taller and their letters larger."""
PAD_PX: Final = 10
MARK_PX: Final = 14
GO_TO: Final = "Go to"  # through tr where it is shown
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_MAX_UNIT_PX: Final = 15
# So much smaller a value may become for its interval to fit.
_SMALLER_PX: Final = 3
TICK: Final = "\N{CHECK MARK}"


def draw_span(painter: QPainter, box: QRectF, span: Span, *, muted: bool) -> None:
    """A small bar: the normal range light, the interval a line, the value a dot; red where that may be said."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    track = QRectF(box.left(), box.center().y() - 1.5, box.width(), 3)
    painter.setBrush(QColor(theme.LINE))
    painter.drawRoundedRect(track, 1.5, 1.5)
    left, right = (share(value, span) for value in (span.graded.low, span.graded.high))
    start, end = (0.0 if left is None else left), (1.0 if right is None else right)
    painter.setBrush(QColor(theme.QUIET))
    normal = QRectF(track.left() + start * track.width(), track.top(), (end - start) * track.width(), track.height())
    painter.drawRoundedRect(normal, 1.5, 1.5)
    _draw_point(painter, track, span, muted=muted, radius_px=2.5)
    painter.restore()


def _draw_point(painter: QPainter, track: QRectF, span: Span, *, muted: bool, radius_px: float) -> None:
    """The interval of a value as a line with ends, where they are on the bar, and the value as a dot on it."""
    colour = QColor(theme.BAD if span.abnormal and not muted else theme.TEXT)
    y = track.center().y()

    def place(value: float) -> float:
        at = share(value, span)
        return track.left() + min(max(0.5 if at is None else at, 0.0), 1.0) * track.width()

    if (interval := span.graded.interval) is not None:
        left, right = place(interval.low), place(interval.high)
        painter.setPen(QPen(colour, 1.2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for end, x in ((interval.low, left), (interval.high, right)):
            at = share(end, span)
            if at is not None and 0 <= at <= 1:
                painter.drawLine(QPointF(x, y - radius_px), QPointF(x, y + radius_px))
        painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(place(span.at), y), radius_px, radius_px)


_ZONE_ALPHAS: Final = (70, 120, 175)


def draw_classes(painter: QPainter, box: QRectF, span: Span, *, muted: bool) -> None:
    """A bar with the classes of a range as zones, the interval of the value and the value on it.

    Normal is grey; the further a class is from it, the stronger its red. While nothing is said of the value (`muted`),
    the zones are without colour.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    track = QRectF(box.left(), box.center().y() - 3, box.width(), 6)
    painter.setBrush(QColor(theme.LINE))
    painter.drawRoundedRect(track, 2, 2)
    zones = span.graded.zones
    normal = next((number for number, zone in enumerate(zones) if zone.normal), 0)
    for number, zone in enumerate(zones):
        left, right = share(zone.low, span), share(zone.high, span)
        start = min(max(0.0 if left is None else left, 0.0), 1.0)
        end = min(max(1.0 if right is None else right, 0.0), 1.0)
        if zone.normal:
            ground = QColor(theme.QUIET)
        else:
            steps = abs(number - normal) - 1
            ground = QColor(theme.QUIET if muted or zone.borderline else theme.BAD)
            ground.setAlpha(_ZONE_ALPHAS[min(steps, len(_ZONE_ALPHAS) - 1)] if not muted else 60 - 15 * min(steps, 3))
        painter.setBrush(ground)
        painter.drawRect(
            QRectF(
                track.left() + start * track.width() + 0.5,
                track.top(),
                max((end - start) * track.width() - 1, 0),
                track.height(),
            )
        )
    _draw_point(painter, track, span, muted=muted, radius_px=4.0)
    painter.restore()


def share(value: float | None, span: Span) -> float | None:
    """Where a value stands on the bar of a range, 0 at its left end and 1 at its right; None without a value.

    The range takes the middle half of the bar, with its grades three quarters; where it is open on one side, its limit
    is in the middle.
    """
    if value is None:
        return None
    low, high = span.graded.low, span.graded.high
    if low is not None and high is not None:
        if span.graded.grades_apart:
            low = min(low, *(zone.high for zone in span.graded.zones if zone.high is not None))
            high = max(high, *(zone.low for zone in span.graded.zones if zone.low is not None))
            return 0.125 + 0.75 * (value - low) / max(high - low, 1e-9)
        return 0.25 + 0.5 * (value - low) / max(high - low, 1e-9)
    limit = low if low is not None else high
    if limit is None:
        return None
    return 0.5 + 0.5 * (value - limit) / max(abs(limit), 1e-9)


def draw_chip(painter: QPainter, end: QPointF, words: str, size_px: int, *, bad: bool, muted: bool) -> QRectF:
    """A flag word on a plate whose right edge has its middle at `end`; muted, outlined and grey. Returns its box."""
    painter.setFont(theme.font(size_px, bold=True))
    wide = painter.fontMetrics().horizontalAdvance(words) + 10
    box = QRectF(end.x() - wide, end.y() - size_px * 0.85, wide, size_px * 1.7)
    colour = QColor(theme.QUIET if muted or not bad else theme.BAD)
    ground = QColor(colour)
    ground.setAlpha(0 if muted else 40)
    painter.setPen(QPen(colour, 1) if muted else Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(theme.TEXT) if not bad and not muted else colour)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
    return box


def draw_value(painter: QPainter, box: QRect, row: Row, size_px: int, *, left: bool = False) -> int:
    """A value with interval and unit, whole at any width: see `value_parts`. Returns its width."""
    parts, size = value_parts(row, box.width(), size_px)
    wide = sum(advance_px(text, pixels, bold) for text, pixels, bold in parts)
    x = box.left() if left else box.right() - wide
    for number, (text, pixels, bold) in enumerate(parts):
        painter.setFont(theme.font(pixels, bold=bold))
        outside = row.span is not None and row.span.abnormal and not row.opened and not number
        plain = theme.TEXT if bold and not (row.withheld or row.computing) else theme.QUIET
        painter.setPen(QColor(theme.BAD if outside and not row.computing else plain))
        advance = advance_px(text, pixels, bold)
        drop = (size - pixels) // 2 if number else 0
        painter.drawText(QRect(x, box.top() + drop // 2, advance + 2, box.height()), LEFT, text)
        x += advance
    return wide


def value_parts(row: Row, room_px: int, size_px: int) -> tuple[list[tuple[str, int, bool]], int]:
    """The texts of a value with their sizes and weights, as they fit into a width; a digit is never cut off.

    An interval rather makes the value a little smaller than that it is missing: a value without one looks exact.
    """
    unit = "" if row.withheld else row.unit
    return parts_of_value(translated(row.value), translated(row.interval), unit, room_px, size_px)


def parts_of_value(
    value: str, interval_words: str, unit_words: str, room_px: int, size_px: int
) -> tuple[list[tuple[str, int, bool]], int]:
    """As `value_parts`, of the words of a row; `unit_words` are "" where none is shown."""
    smaller = product(range(size_px, size_px - _SMALLER_PX - 1, -1), [True]) if interval_words else ()
    for size, with_interval in chain(smaller, product(range(size_px, 8, -1), [False])):
        small = min(max(size - 3, 8), _MAX_UNIT_PX)
        unit = [(f" {unit_words}", small, False)] if unit_words else []
        within = [(f" {interval_words}", small, False)] if with_interval else []
        parts = [(value, size, True), *within, *unit]
        if sum(advance_px(*part) for part in parts) <= room_px:
            return parts, size
    return [(value, 8, True)], 8


@lru_cache(maxsize=4096)  # the rows of a study of many recordings are fitted with every move while a contour is dragged
def advance_px(text: str, size_px: int, bold: bool = False) -> int:
    """Width of a text."""
    return QFontMetrics(theme.font(size_px, bold=bold)).horizontalAdvance(text)


def elided(text: str, font: QFont, room_px: int) -> str:
    """A text as it fits into a width, with an ellipsis where it does not."""
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, max(room_px, 0))


_PLAIN: Final = Qt.KeyboardModifier.NoModifier
ROW_KEYS: Final = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Delete,
    Qt.Key.Key_F2,
)
"""Keys that mean something on a row: move, accept, reject, enter a value. Space is not one: it plays, everywhere."""


class RowsWidget(Spoken, QWidget):
    """Values that can be selected, copied and decided on; the current one has the keyboard.

    Signals:
        go_to(Row): its place was clicked.
        menu_wanted(Row, QPoint): its menu, at a place of the screen.
        pressed(Row, QKeyEvent): a key on the current row.
    """

    go_to = Signal(object)
    menu_wanted = Signal(object, QPoint)
    pressed = Signal(object, QKeyEvent)
    ROLE = QAccessible.Role.List

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.current = -1
        self.chosen: set[tuple[int, str]] = set()
        """Keys of the rows that are selected, for copying."""
        self._at_width = -1
        self._form: tuple[Any, ...] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def box(self, number: int) -> QRect:
        """The place of a row (0-based)."""
        raise NotImplementedError

    def link_of(self, number: int) -> QRect:
        """The place of "Go to" of a row; empty where it has none."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Fit the height to rows and width."""
        raise NotImplementedError

    @property
    def form(self) -> tuple[Any, ...]:
        """What the places of rows and of their parts follow from; where it changes, all is laid out and drawn again."""
        return tuple((row.key, row.reason, row.withheld) for row in self.rows)

    @property
    def wide(self) -> bool:
        """Whether there is room for larger letters."""
        return self.width() >= WIDE_PX

    @property
    def small_px(self) -> int:
        """Size of the smallest letters."""
        return 12 if self.wide else 11

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Take on other rows; only those whose words changed are drawn again."""
        before, after = self.rows, tuple(rows)
        if before == after:
            self.rows = after
            return
        form = self._form
        self.rows = after
        self._form = self.form
        if form != self._form:
            keys = [row.key for row in self.rows]
            self.chosen &= set(keys)
            # The current value stays the current one where rows change places: Enter must not accept another one.
            now = before[self.current].key if 0 <= self.current < len(before) else None
            self.current = keys.index(now) if now in keys else min(self.current, 0, len(keys) - 1)
            self.lay_out()
            self.update()
            return
        for number, (old, new) in enumerate(zip(before, self.rows, strict=True)):
            if old != new:
                self.update(self.box(number))

    def spoken_name(self) -> str:
        """What kind of values they are."""
        return tr("Values")

    def spoken_value(self) -> str:
        """The current row, where the keyboard is on one; else all of them."""
        if self.hasFocus() and 0 <= self.current < len(self.rows):
            place = tr("{number} of {count}").format(number=self.current + 1, count=len(self.rows))
            return f"{spoken_row(self.rows[self.current])}, {place}"
        return "; ".join(spoken_row(row) for row in self.rows)

    def row_at(self, at: QPoint) -> int | None:
        """The row at a place of the widget, or None."""
        return next((number for number in range(len(self.rows)) if self.box(number).contains(at)), None)

    def draw_sign(self, painter: QPainter, row: Row, slot: QRectF) -> None:
        """The sign of a row: of its check, of a withheld value, or the tick of a person."""
        if row.computing:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.QUIET))
            for step in (-4.5, 0.0, 4.5):
                painter.drawEllipse(slot.center() + QPointF(step, 0), 1.5, 1.5)
        elif row.mark is not None:
            draw_mark(painter, slot, row.mark)
        elif row.withheld and not row.repeated:
            painter.setPen(QPen(QColor(theme.QUIET), 1.3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(slot.adjusted(1, 1, -1, -1))
            painter.drawLine(slot.center() - QPoint(3, 0), slot.center() + QPoint(3, 0))
        elif row.accepted:
            painter.setFont(theme.font(13, bold=True))
            painter.setPen(QColor(theme.GOOD))
            painter.drawText(slot, int(Qt.AlignmentFlag.AlignCenter), TICK)

    def draw_chosen(self, painter: QPainter, number: int) -> None:
        """The ground of a selected row, and the ring round the current one."""
        box = QRectF(self.box(number)).adjusted(1, 1, -1, -2)
        if self.rows[number].key in self.chosen:
            ground = QColor(theme.ACCENT)
            ground.setAlpha(38)
            painter.fillRect(box, ground)
        if number == self.current and self.hasFocus():
            painter.setPen(QPen(QColor(theme.ACCENT), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def draw_link(self, painter: QPainter, link: QRect, ground: str) -> None:
        """The words "Go to", underlined, on a ground that hides what is below."""
        painter.fillRect(link.adjusted(-4, 0, 0, 0), QColor(ground))
        font = theme.font(self.small_px)
        font.setUnderline(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.ACCENT))
        painter.drawText(link, LEFT, tr(GO_TO))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reasons wrap at another place."""
        if self.width() != self._at_width:
            self._at_width = self.width()
            self.lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a row; with Ctrl or Shift, more of them. "Go to" goes there."""
        number = self.row_at(event.position().toPoint())
        if number is None:
            return
        if event.button() == Qt.MouseButton.LeftButton and self.link_of(number).contains(event.position().toPoint()):
            self.go_to.emit(self.rows[number])
            return
        self.choose(number, event.modifiers(), keep=event.button() != Qt.MouseButton.LeftButton)

    def choose(
        self, number: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, *, keep: bool = False
    ) -> None:
        """Make a row the current one, and select it.

        Args:
            number: of the row (0-based).
            modifiers: Ctrl adds or removes it, Shift adds all from the current one on.
            keep: leave the selection if the row is part of it already.

        """
        key = self.rows[number].key
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.chosen ^= {key}
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and self.current >= 0:
            low, high = sorted((self.current, number))
            self.chosen |= {row.key for row in self.rows[low : high + 1]}
        elif not (keep and key in self.chosen):
            self.chosen = {key}
        self.current = number
        self.update()
        announce(self)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the row under the mouse, or of the current one."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        number = self.current if keyboard else self.row_at(event.pos())
        if number is None or not 0 <= number < len(self.rows):
            return
        position = self.mapToGlobal(self.box(number).center()) if keyboard else event.globalPos()
        self.menu_wanted.emit(self.rows[number], position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over "Go to"."""
        position = event.position().toPoint()
        number = self.row_at(position)
        link = number is not None and self.link_of(number).contains(position)
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The first row becomes current."""
        if self.current < 0 and self.rows:
            self.choose(0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The focus ring goes."""
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.chosen.clear()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move, all else is for the panel."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and self.rows and 0 <= self.current + step < len(self.rows):
            self.choose(self.current + step, event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            event.accept()
        elif 0 <= self.current < len(self.rows):
            event.ignore()
            self.pressed.emit(self.rows[self.current], event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Tool tips with everything a row knows; the keys of a row are not the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ROW_KEYS:
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.row_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if number is None else details(self.rows[number]), self)
            return True
        return super().event(event)
