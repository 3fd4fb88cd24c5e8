"""Rows of the results panel: one line per value, a reason below where there is one."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.checks.findings import Severity
from kinecor.ui.results.rows import Row
from kinecor.ui.results.rows_widget import (
    GO_TO,
    LEFT,
    MARK_PX,
    PAD_PX,
    RIGHT,
    WRAP,
    RowsWidget,
    advance_px,
    draw_chip,
    draw_span,
    draw_value,
    elided,
    parts_of_value,
    value_parts,
)
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.marks import COLOURS

BAR_PX: Final = 3
MAX_LINES: Final = 4
"""Lines of a remark on a value that are shown; the tool tip has all of them."""
MAX_WITHHELD_LINES: Final = 12
"""Of the reason why there is no value, which is all that the row says."""
_INDEX_SHARE: Final = 0.61
_NAME_PX: Final = 30


class RowList(RowsWidget):
    """One line a row, and a reason below where there is one.

    Args:
        headed: whether the columns have names.

    """

    def __init__(self, parent: QWidget | None = None, *, headed: bool = False) -> None:
        super().__init__(parent)
        self.headed = headed
        self._heights: list[int] = []
        self._looked_for = _RowFacts.from_rows(())
        self._measured: tuple[tuple[Row, ...], int, tuple[int, ...]] = (), -1, ()

    @property
    def _facts(self) -> "_RowFacts":
        """What there is in its rows."""
        if self._looked_for.rows is not self.rows:
            self._looked_for = _RowFacts.from_rows(self.rows)
        return self._looked_for

    @property
    def has_index(self) -> bool:
        """Whether any row has an index by body surface area."""
        return self._facts.index

    @property
    def has_range(self) -> bool:
        """Whether any row has a normal range."""
        return self._facts.range

    @property
    def _ranges_indexed(self) -> bool:
        """Whether the ranges of all values that have an index are of the index, so that the heading says it."""
        return self._facts.ranges_indexed

    @property
    def form(self) -> tuple[Any, ...]:
        """Columns move their values, and their names take a line, as well."""
        return (*super().form, self._columns, self.has_index, self.has_range, self._ranges_indexed, self._views_px)

    def box(self, number: int) -> QRect:
        """The place of a row (0-based)."""
        top = self._head_px() + sum(self._heights[:number])
        return QRect(0, top, self.width(), self._heights[number] if number < len(self._heights) else 0)

    def link_of(self, number: int) -> QRect:
        """The place of "Go to" of a row; empty where it has none."""
        row = self.rows[number]
        if row.place is None or not row.reason:
            return QRect()
        wide = advance_px(tr(GO_TO), self.small_px) + 4
        box = self._reason_box(number)
        line = QFontMetrics(theme.font(self.small_px)).height()
        return QRect(box.right() - wide, box.bottom() - line, wide, line)

    def lay_out(self) -> None:
        """Fit the height to rows and width."""
        self._heights = [
            self._line_px + view_px + self._reason_px(row)
            for row, view_px in zip(self.rows, self._views_px, strict=True)
        ]
        self.setFixedHeight(self._head_px() + sum(self._heights))

    def sizeHint(self) -> QSize:
        """As tall as all rows."""
        return QSize(240, self._head_px() + sum(self._heights))

    def _head_px(self) -> int:
        return 22 if self.headed and self._columns else 0

    @property
    def _columns(self) -> bool:
        """Whether there is more than a value, or will be: what comes later must not move what is there."""
        return self.has_index or self.has_range or self._facts.computing

    @property
    def _line_px(self) -> int:
        return 34 if self.wide else 29

    @property
    def _moved(self) -> float:
        """How far names of views push the columns to the right, as a share of the width."""
        return 0.07 if self._columns and self._facts.view else 0.0

    @property
    def _value_right(self) -> int:
        return round(self.width() * ((0.48 if self._columns else 0.62) + self._moved))

    @property
    def _index_right(self) -> int:
        return round(self.width() * (_INDEX_SHARE + self._moved * 0.7)) if self.has_index else self._value_right

    @property
    def _views_px(self) -> tuple[int, ...]:
        """`_view_px` of each row, measured once at a width."""
        rows, width, known = self._measured
        if rows is not self.rows or width != self.width():
            known = tuple(self._view_px(row) for row in self.rows)
            self._measured = self.rows, self.width(), known
        return known

    def _view_px(self, row: Row) -> int:
        """The height of a line for the view, where it has no room between name and value: it is never cut off there."""
        if not row.view:
            return 0
        name_px = self._label_px(row) + advance_px(row.view, self.small_px) + 6
        unit = "" if row.withheld else row.unit
        value, interval = translated(row.value), translated(row.interval)
        fits = _fits_beside(value, interval, unit, name_px, self._value_right, self._value_size)
        return 0 if fits else QFontMetrics(theme.font(self.small_px)).height() + 1

    def _label_px(self, row: Row) -> int:
        return advance_px(row.label, self._name_size, not row.exploratory) + 6

    @property
    def _name_size(self) -> int:
        return 13 if self.wide else 12

    @property
    def _value_size(self) -> int:
        return 15 if self.wide else 14

    def _value_room(self, row: Row) -> int:
        """A name and its view are as wide as they need; the value gives way in size, not in digits."""
        label = self._label_px(row)
        if row.view and not self._view_px(row):
            label += advance_px(row.view, self.small_px) + 6
        else:
            label = min(label, self._value_right // 2)
        return self._value_right - PAD_PX - max(_NAME_PX, label)

    def _reason_px(self, one: Row) -> int:
        if not one.reason or self._inline(one):
            return 0
        metrics = QFontMetrics(theme.font(self.small_px))
        text = f"{one.reason} {tr(GO_TO)}  " if one.place is not None else one.reason
        room = QRect(0, 0, max(self.width() - 2 * PAD_PX - 2, 60), 1000)
        high = metrics.boundingRect(room, WRAP, text).height()
        return min(high, _max_lines(one) * metrics.lineSpacing()) + 6

    def _inline(self, row: Row) -> bool:
        """Whether the reason of a withheld value fits next to its dash."""
        if not row.withheld or row.place is not None:
            return False
        room = self.width() - self._value_right - 12 - PAD_PX - MARK_PX - 6
        return advance_px(row.reason, self.small_px) <= room

    def _reason_box(self, number: int) -> QRect:
        top = self._line_px + self._view_px(self.rows[number]) - 3
        return self.box(number).adjusted(PAD_PX, top, -PAD_PX, -5)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in the exposed part."""
        painter = QPainter(self)
        if self._head_px():
            self._draw_head(painter)
        for number in range(len(self.rows)):
            if self.box(number).intersects(event.rect()):
                self._draw_row(painter, number)

    def _draw_head(self, painter: QPainter) -> None:
        painter.setFont(theme.font(self.small_px))
        painter.setPen(QColor(theme.QUIET))
        high = self._head_px()
        painter.drawText(QRect(0, 0, self._value_right, high), RIGHT, tr("Value"))
        if self.has_index:
            painter.drawText(QRect(self._value_right, 0, self._index_right - self._value_right, high), RIGHT, "/m²")
        if self.has_range:
            room = self.width() - self._index_right - PAD_PX - MARK_PX - 6
            text = tr("Normal /m²") if self._ranges_indexed else tr("Normal")
            text = text if advance_px(text, self.small_px) <= room else tr("Normal")
            painter.drawText(QRect(self._index_right, 0, room, high), RIGHT, text)

    def _draw_row(self, painter: QPainter, number: int) -> None:
        row, box = self.rows[number], self.box(number)
        if row.opened and row.mark is not None:
            ground = QColor(COLOURS[row.mark])
            ground.setAlpha(16)
            painter.fillRect(box, ground)
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if row.mark is not None:
            painter.fillRect(QRect(box.left(), box.top(), BAR_PX, box.height() - 1), QColor(COLOURS[row.mark]))
        self.draw_chosen(painter, number)
        self._draw_line(painter, row, QRect(box.left(), box.top(), box.width(), self._line_px))
        if row.reason and not self._inline(row):
            self._draw_reason(painter, number)

    def _draw_line(self, painter: QPainter, row: Row, line: QRect) -> None:
        size = self._value_size
        right = line.right() - PAD_PX
        self.draw_sign(painter, row, QRectF(right - MARK_PX, line.center().y() - MARK_PX / 2, MARK_PX, MARK_PX))
        right -= MARK_PX + 6
        width = self._value_room(row)
        value = QRect(self._value_right - width, line.top(), width, line.height())
        taken = sum(advance_px(*part) for part in value_parts(row, value.width(), size)[0])
        self._draw_name(painter, row, QRect(PAD_PX, line.top(), value.right() - taken - PAD_PX - 4, line.height()))
        draw_value(painter, value, row, size)
        if row.withheld:
            if self._inline(row):
                painter.setFont(theme.font(self.small_px))
                painter.setPen(QColor(theme.QUIET))
                start = self._value_right + 12
                painter.drawText(QRect(start, line.top(), right - start, line.height()), LEFT, row.reason)
            return
        if row.index:
            painter.setFont(theme.font(self.small_px + 1))
            painter.setPen(QColor(theme.QUIET))
            room = QRect(self._value_right, line.top(), self._index_right - self._value_right, line.height())
            painter.drawText(room, RIGHT, translated(row.index))
        self._draw_range(
            painter, row, QRect(self._index_right + 6, line.top(), right - self._index_right - 6, line.height())
        )

    def _draw_range(self, painter: QPainter, row: Row, box: QRect) -> None:
        span = row.span
        if span is None:
            return
        right = box.right()
        text = translated(span.limits if self._ranges_indexed and self.headed else span.words)
        # Two classes in words may be too long: the interval on the bar says the same.
        if span.inside or row.imprecise or advance_px(span.flag_word, self.small_px, True) + 10 > box.width():
            room = box.width() - advance_px(text, self.small_px) - 8
            wide = max(min(44 if self.wide else 38, room), 20)
            draw_span(painter, QRectF(right - wide, box.top(), wide, box.height()), span, muted=row.muted)
            right -= wide + 6
        else:
            end = QPointF(right, box.center().y())
            chip = draw_chip(painter, end, span.flag_word, self.small_px, bad=span.abnormal, muted=row.muted)
            right = round(chip.left()) - 6
        painter.setFont(theme.font(self.small_px))
        if painter.fontMetrics().horizontalAdvance(text) <= right - box.left():
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(QRect(box.left(), box.top(), right - box.left(), box.height()), RIGHT, text)

    def _draw_name(self, painter: QPainter, row: Row, box: QRect) -> None:
        font = theme.font(self._name_size, bold=not row.exploratory)
        shown = elided(row.label, font, box.width())
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(box, LEFT, shown)
        if row.view:
            room = box.adjusted(QFontMetrics(font).horizontalAdvance(shown) + 6, 0, 0, 0)
            if below := self._view_px(row):
                room = QRect(box.left(), box.bottom() - 5, self.width() - 2 * PAD_PX, below)
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(room, LEFT, elided(row.view, painter.font(), room.width()))

    def _draw_reason(self, painter: QPainter, number: int) -> None:
        one, box, link = self.rows[number], self._reason_box(number), self.link_of(number)
        painter.save()
        painter.setClipRect(box)
        painter.setFont(theme.font(self.small_px))
        painter.setPen(QColor(theme.TEXT if one.mark is Severity.CHECK and one.opened else theme.QUIET))
        painter.drawText(box, WRAP, _within_lines(one.reason, self.small_px, box.width(), _max_lines(one)))
        painter.restore()
        if not link.isEmpty():
            self.draw_link(painter, link, theme.BACKGROUND)


@lru_cache(maxsize=4096)  # all rows of a study of many recordings are fitted with every change of one
def _fits_beside(value: str, interval: str, unit: str, name_px: int, right_px: int, size_px: int) -> bool:
    """Whether a value stands whole, with its interval, between a name and where values end; all in words."""
    parts, _ = parts_of_value(value, interval, unit, right_px - PAD_PX - name_px, size_px)
    whole = any(text.strip() == interval for text, _, _ in parts) or not interval
    return whole and PAD_PX + name_px + sum(advance_px(*part) for part in parts) <= right_px


@dataclass(frozen=True, slots=True)
class _RowFacts:
    """What there is in any of some rows: looked for once, however many there are.

    Attributes:
        rows: see Row.
        index: a value by body surface area.
        range: a normal range.
        ranges_indexed: whether the ranges of all values that have an index are of the index.
        computing: a value that is still being computed.
        view: the name of a view.

    """

    rows: tuple[Row, ...]
    index: bool
    range: bool
    ranges_indexed: bool
    computing: bool
    view: bool

    @classmethod
    def from_rows(cls, rows: tuple[Row, ...]) -> "_RowFacts":
        """Look for it."""
        indexed = [row.span.indexed for row in rows if row.index and row.span]
        return cls(
            rows,
            any(row.index for row in rows),
            any(row.span for row in rows),
            bool(indexed) and all(indexed),
            any(row.computing for row in rows),
            any(row.view for row in rows),
        )


def _max_lines(one: Row) -> int:
    return MAX_WITHHELD_LINES if one.withheld else MAX_LINES


@lru_cache(maxsize=64)  # drawn again with every move while a contour is dragged
def _within_lines(words: str, size_px: int, wide_px: int, max_lines: int) -> str:
    """As much of a reason as the lines hold that it has, up to a whole word, with an ellipsis where that is not all."""
    metrics = QFontMetrics(theme.font(size_px))
    room = QRect(0, 0, max(wide_px, 60), 10_000)

    def fits(text: str) -> bool:
        return metrics.boundingRect(room, WRAP, text).height() <= max_lines * metrics.lineSpacing()

    if fits(words):
        return words
    parts = words.split(" ")
    while len(parts) > 1 and not fits(f"{' '.join(parts)}\N{HORIZONTAL ELLIPSIS}"):
        parts.pop()
    return f"{' '.join(parts).rstrip(',.;:')}\N{HORIZONTAL ELLIPSIS}"
