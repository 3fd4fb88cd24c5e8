"""The cards on top of the results panel: one headline value, or both ventricles side by side."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kinecor.core.checks.findings import Severity
from kinecor.core.values.track import Structure
from kinecor.ui.results.content import Headline, Pair
from kinecor.ui.results.rows import Row, Span
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
    draw_classes,
    draw_span,
    draw_value,
    elided,
    share,
    value_parts,
)
from kinecor.ui.style import theme
from kinecor.ui.style.language import numbered, shown, tr, translated

_EDGE: Final = 8  # from the card to the panel
_TITLE_PX: Final = 22
_PARTS_PX: Final = 22
DETAILS: Final = "Details"


def draw_card(painter: QPainter, box: QRect) -> None:
    """The plate of a card."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.LINE), 1))
    painter.setBrush(QColor(theme.RAISED))
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class HeadlineCard(RowsWidget):
    """A value in large digits, its range, what it is made of.

    Signals:
        details_wanted(): the provenance is to be shown.
    """

    details_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline: Headline | None = None
        self._shape: tuple[str, bool, bool, bool, bool, int] | None = None

    def show_headline(self, headline: Headline | None) -> None:
        """Take on another headline; hidden without one."""
        self.setVisible(headline is not None)
        if headline is None or headline == self.headline:
            return
        self.headline = headline
        self.show_rows((headline.row,))
        row = headline.row
        shape = headline.title, bool(headline.parts), row.computing, row.span is None, row.withheld, self._chip_px(row)
        if shape != self._shape:
            self._shape = shape
            self.lay_out()
        self.update()

    def box(self, number: int) -> QRect:
        """The whole card."""
        return self.rect().adjusted(_EDGE, _EDGE, -_EDGE, -4)

    def spoken_name(self) -> str:
        """Its title."""
        return self.headline.title if self.headline is not None else tr("Headline value")

    @property
    def _inner(self) -> QRect:
        return self.box(0).adjusted(12, 8, -12, -8)

    @property
    def _value_px(self) -> int:
        return 34 if self.wide else 32

    def _reason_px(self) -> int:
        row = self.rows[0] if self.rows else None
        if row is None or not row.reason:
            return 0
        text = f"{row.reason} {tr(GO_TO)}  " if row.place else row.reason
        room = QRect(0, 0, max(self.width() - 2 * _EDGE - 24, 60), 1000)
        return QFontMetrics(theme.font(self.small_px)).boundingRect(room, WRAP, text).height() + 4

    def lay_out(self) -> None:
        """Fit the height to what there is."""
        if self.headline is None:
            return
        row = self.headline.row
        # Before the value is there, its range has its place: what comes must not move what is there.
        bar = 32 if row.computing or (row.span is not None and not row.withheld) else 0
        bar += self._chip_px(row)
        self.setFixedHeight(_EDGE + 4 + 16 + _TITLE_PX + self._value_px + bar + self._reason_px() + _PARTS_PX)

    def _chip_px(self, row: Row) -> int:
        """The height of a line for the flag, where there is no room for it next to the value with its interval."""
        if not row.class_words:
            return 0
        chip = advance_px(row.class_words, self.small_px, True) + 10
        parts, _ = value_parts(row, 10_000, self._digits_px)
        return 0 if sum(advance_px(*part) for part in parts) + 10 + chip <= self._inner.width() else 22

    @property
    def _digits_px(self) -> int:
        if self.rows and self.rows[0].imprecise:
            return 15 if self.wide else 14
        return 28 if self.wide else 26

    def details_box(self) -> QRect:
        """Open the provenance, or do as for a row."""
        inner = self._inner
        wide = advance_px(tr(DETAILS), self.small_px + 1) + 2
        needed = sum(self._part_px(*part) + 12 for part in self._parts)
        left = inner.right() - MARK_PX - 8 - wide
        title_px = 0 if self.headline is None else advance_px(self.headline.title, 13 if self.wide else 12, True)
        # The parts need their line, but no title is cut for them: those that have no room are rows below.
        if needed + wide > inner.width() and title_px <= left - 6 - inner.left():
            return QRect(left, inner.top(), wide, _TITLE_PX - 4)
        return QRect(inner.right() - wide, inner.bottom() - _PARTS_PX + 2, wide, _PARTS_PX)

    @property
    def _parts(self) -> tuple[tuple[str, str], ...]:
        """The prior value, then what the value is made of: those are rows below, too, if there is no room for all."""
        if self.headline is None:
            return ()
        prior = (("", self.headline.prior),) if self.headline.prior else ()
        return (*prior, *self.headline.parts)

    def _part_px(self, label: str, plain: str) -> int:
        size = self.small_px + 1
        return (advance_px(f"{label} ", size) if label else 0) + advance_px(shown(plain), size, bool(label))

    def link_of(self, number: int) -> QRect:
        """The place of "Go to"; empty where it has none."""
        row = self.rows[number]
        if row.place is None or not row.reason:
            return QRect()
        wide = advance_px(tr(GO_TO), self.small_px) + 4
        line = QFontMetrics(theme.font(self.small_px)).height()
        box = self._reason_box()
        return QRect(box.right() - wide, box.bottom() - line, wide, line)

    def _reason_box(self) -> QRect:
        inner = self._inner
        high = self._reason_px()
        return QRect(inner.left(), inner.bottom() - _PARTS_PX - high + 2, inner.width(), high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, value, flag, range, parts."""
        if self.headline is None:
            return
        painter = QPainter(self)
        draw_card(painter, self.box(0))
        self.draw_chosen(painter, 0)
        row, inner = self.headline.row, self._inner
        title = self._title_line
        font = theme.font(13 if self.wide else 12, bold=True)
        painter.setFont(font)
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(title, LEFT, elided(self.headline.title, font, self._title_room(title)))
        self.draw_sign(
            painter, row, QRectF(inner.right() - MARK_PX, title.center().y() - MARK_PX / 2, MARK_PX, MARK_PX)
        )
        line = QRect(inner.left(), inner.top() + _TITLE_PX - 4, inner.width(), self._value_px)
        self._draw_value(painter, row, line)
        if row.span is not None and not row.withheld:
            self._draw_range(
                painter,
                row.span,
                QRect(inner.left(), line.bottom() + 4 + self._chip_px(row), inner.width(), 28),
                muted=row.muted,
            )
        if row.reason:
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.TEXT if row.mark is Severity.CHECK else theme.QUIET))
            painter.drawText(self._reason_box(), WRAP, row.reason)
            if row.place is not None:
                self.draw_link(painter, self.link_of(0), theme.RAISED)
        self._draw_parts(painter, QRect(inner.left(), inner.bottom() - _PARTS_PX + 2, inner.width(), _PARTS_PX))

    @property
    def _title_line(self) -> QRect:
        return QRect(self._inner.left(), self._inner.top(), self._inner.width(), _TITLE_PX - 4)

    def _title_room(self, title: QRect) -> int:
        details = self.details_box()
        end = details.left() - 6 if details.top() == title.top() else title.right() - MARK_PX - 4
        return end - title.left()

    def _draw_value(self, painter: QPainter, row: Row, line: QRect) -> None:
        """Value, then its flag in words, then its range where there is room: the bar below has the limits, too."""
        span, size, said = row.span, self._digits_px, row.class_words
        if not said:
            draw_value(painter, line, row, size, left=True)
            return
        below, said = self._chip_px(row), elided(said, theme.font(self.small_px, bold=True), line.width() - 10)
        chip = advance_px(said, self.small_px, True) + 10
        room = line if below else line.adjusted(0, 0, -chip - 10, 0)
        wide = draw_value(painter, room, row, size, left=True)
        end = QPointF(line.left() + wide + 10 + chip, line.center().y())
        if below:
            end = QPointF(line.left() + chip, line.bottom() + below / 2)
        draw_chip(painter, end, said, self.small_px, bad=span is not None and span.abnormal, muted=row.muted)
        if span is None:
            return
        text = tr("normal {range}").format(range=translated(span.words))
        if end.x() + 8 + advance_px(text, self.small_px) <= line.right():
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(line.translated(0, round(end.y() - line.center().y())), RIGHT, text)

    def _draw_range(self, painter: QPainter, span: Span, box: QRect, *, muted: bool) -> None:
        draw_classes(painter, QRectF(box.left(), box.top(), box.width(), 12), span, muted=muted)
        painter.setFont(theme.font(self.small_px))
        painter.setPen(QColor(theme.QUIET))
        for limit in (span.graded.low, span.graded.high):
            at = share(limit, span)
            if limit is not None and at is not None:
                x = box.left() + at * box.width()
                text = numbered(limit, "g").replace("-", "\N{MINUS SIGN}")
                painter.drawText(QRectF(x - 30, box.top() + 12, 60, 14), int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_parts(self, painter: QPainter, box: QRect) -> None:
        if self.headline is None:
            return
        x, size = box.left(), self.small_px + 1
        details = self.details_box()
        end = details.left() - 8 if details.top() >= box.top() else box.right() + 1
        for label, plain in self._parts:
            text, wide = shown(plain), self._part_px(label, plain)
            if x + wide > end:
                break  # the tool tip and the rows below have them
            painter.setFont(theme.font(size))
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(QRect(x, box.top(), wide, box.height()), LEFT, f"{label} " if label else text)
            if label:
                painter.setFont(theme.font(size, bold=True))
                painter.setPen(QColor(theme.TEXT))
                start = x + advance_px(f"{label} ", size)
                painter.drawText(QRect(start, box.top(), wide, box.height()), LEFT, text)
            x += wide + 12
        font = theme.font(size)
        font.setUnderline(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.ACCENT))
        painter.drawText(self.details_box(), LEFT, tr(DETAILS))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the provenance, or do as for a row."""
        if event.button() == Qt.MouseButton.LeftButton and self.details_box().contains(event.position().toPoint()):
            self.details_wanted.emit()
        else:
            super().mousePressEvent(event)


_HEAD_PX: Final = 26
_NAME_PX: Final = 46
"""At least, of the names of the lines."""
_BELOW_PX: Final = 16
"""A line below the large value, for its interval."""


class PairsCard(RowsWidget):
    """Both ventricles: EF in large digits, then volumes and mass, each with index and range."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pairs: tuple[Pair, ...] = ()
        self._places: list[tuple[int, int]] = []

    def show_pairs(self, pairs: Sequence[Pair]) -> None:
        """Take on other values; hidden without any."""
        self.setVisible(bool(pairs))
        changed = [pair.name for pair in pairs] != [pair.name for pair in self.pairs]
        self.pairs = tuple(pairs)
        cells = [
            (line, side, row) for line, pair in enumerate(pairs) for side, row in enumerate((pair.left, pair.right))
        ]
        self._places = [(line, side) for line, side, row in cells if row is not None]
        self.show_rows([row for _, _, row in cells if row is not None])
        if changed:
            self.lay_out()
            self.update()

    def spoken_name(self) -> str:
        """Of which ventricles the values are."""
        return tr("Both ventricles") if self._two else tr("Left ventricle")

    @property
    def _name_px(self) -> int:
        wide = max((advance_px(tr(pair.name), 12, True) for pair in self.pairs), default=0)
        return max(_NAME_PX, wide + PAD_PX + 2)

    @property
    def _two(self) -> bool:
        return any(pair.right is not None for pair in self.pairs)

    def _top(self, line: int) -> int:
        return _EDGE + _HEAD_PX + sum(self._line_px(number) for number in range(line))

    @property
    def form(self) -> tuple[Any, ...]:
        """A range and an interval below the large value take room as well."""
        return (*super().form, tuple((row.span is None, row.imprecise, self._below_large(row)) for row in self.rows))

    def _line_px(self, line: int) -> int:
        if self.pairs[line].leading:
            pair = self.pairs[line]
            both = any(row and row.span and self._below_large(row) for row in (pair.left, pair.right))
            return (66 if self.wide else 58) + (_BELOW_PX if both else 0)
        ranged = any(
            row and (row.span or self.width() < 300) for row in (self.pairs[line].left, self.pairs[line].right)
        )
        return 44 if ranged else 30

    def box(self, number: int) -> QRect:
        """The cell of a value."""
        if number >= len(self._places):
            return QRect()
        line, side = self._places[number]
        left, wide = self.rect().left() + _EDGE + self._name_px, self._cell_px
        return QRect(left + side * wide, self._top(line), wide, self._line_px(line))

    @property
    def _cell_px(self) -> int:
        """The width of a value."""
        room = self.rect().adjusted(_EDGE, _EDGE, -_EDGE, -4).width() - self._name_px - 8
        return room // 2 if self._two else room

    def link_of(self, number: int) -> QRect:
        """Reasons are below the card, see `reasons_of`."""
        row, box = self.rows[number], self._reason_box(number)
        if row.place is None or box.isEmpty():
            return QRect()
        wide = advance_px(tr(GO_TO), self.small_px) + 4
        line = QFontMetrics(theme.font(self.small_px)).height()
        return QRect(box.right() - wide, box.bottom() - line, wide, line)

    def row_at(self, at: QPoint) -> int | None:
        """The value in a cell, or whose reason is there."""
        found = super().row_at(at)
        if found is not None:
            return found
        return next((number for number in range(len(self.rows)) if self._reason_box(number).contains(at)), None)

    def _reason_words(self, number: int) -> str:
        row = self.rows[number]
        if not row.reason or row.repeated:
            return ""
        line, _ = self._places[number]
        side = "RV " if row.code.startswith("RV") else ""
        return f"{side}{tr(self.pairs[line].name)}: {row.reason}"

    def _reason_px(self, number: int) -> int:
        text = self._reason_words(number)
        if not text:
            return 0
        if self.rows[number].place is not None:
            text = f"{text} {tr(GO_TO)}  "
        room = QRect(0, 0, max(self.width() - 2 * _EDGE - 20, 60), 1000)
        return QFontMetrics(theme.font(self.small_px)).boundingRect(room, WRAP, text).height() + 6

    def _reason_box(self, number: int) -> QRect:
        high = self._reason_px(number)
        if not high:
            return QRect()
        top = self._top(len(self.pairs)) + 4 + sum(map(self._reason_px, range(number)))
        return QRect(_EDGE + 10, top, self.width() - 2 * _EDGE - 20, high - 4)

    def lay_out(self) -> None:
        """Fit the height to lines and reasons."""
        reasons = sum(map(self._reason_px, range(len(self.rows))))
        self.setFixedHeight(self._top(len(self.pairs)) + reasons + (8 if reasons else 0) + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The names of the ventricles, then line by line."""
        painter = QPainter(self)
        card = self.rect().adjusted(_EDGE, _EDGE, -_EDGE, -4)
        draw_card(painter, card)
        if not self.rows:
            return
        room = (card.width() - self._name_px - 8) // (2 if self._two else 1)
        painter.setFont(theme.font(12, bold=True))
        names = (("LV", Structure.LV_ENDO), ("RV", Structure.RV))[: 2 if self._two else 1]
        for side, (name, structure) in enumerate(names):
            painter.setPen(QColor(theme.STRUCTURE_COLOURS[structure]))
            painter.drawText(QRect(card.left() + self._name_px + side * room, card.top(), room, _HEAD_PX), LEFT, name)
        for line, pair in enumerate(self.pairs):
            top = self._top(line)
            painter.setPen(QColor(theme.LINE))
            painter.drawLine(card.left() + 1, top, card.right() - 1, top)
            painter.setFont(theme.font(12, bold=True))
            painter.setPen(QColor(theme.TEXT))
            painter.drawText(
                QRect(card.left() + PAD_PX, top, self._name_px - 8, self._line_px(line)), LEFT, tr(pair.name)
            )
        for number in range(len(self.rows)):
            self.draw_chosen(painter, number)
            self._draw_cell(painter, number)
            self._draw_reason(painter, number)

    def _draw_cell(self, painter: QPainter, number: int) -> None:
        row, box = self.rows[number], self.box(number).adjusted(4, 3, -6, -3)
        large = self.pairs[self._places[number][0]].leading
        size = self._size_of(row, large=large)
        high = 36 if large and not row.imprecise else 20
        upper = QRect(box.left(), box.top(), box.width(), high if box.height() > 30 else box.height())
        sign = QRectF(upper.right() - MARK_PX, upper.center().y() - MARK_PX / 2, MARK_PX, MARK_PX)
        self.draw_sign(painter, row, sign)
        right = round(sign.left()) - 4
        span = None if row.withheld else row.span
        limits = translated(span.words) if span is not None else ""
        if row.index and not large:
            text = f"{translated(row.index)}/m²"
            wide = advance_px(text, self.small_px)
            value = sum(advance_px(*part) for part in value_parts(row, right - box.left(), size)[0])
            below = box.height() > 30 and box.left() + value + wide + 6 > right
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.QUIET))
            if not below:
                painter.drawText(upper.adjusted(0, 0, right - upper.right(), 0), RIGHT, text)
                right -= wide + 4
            elif span is None:
                painter.drawText(QRect(box.left(), upper.bottom(), right - box.left(), 18), LEFT, text)
            else:
                limits = text  # the value comes first; the limits are in its details
        wide = draw_value(
            painter, QRect(box.left(), upper.top(), right - box.left(), upper.height()), row, size, left=True
        )
        if large and self._below_large(row):
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.QUIET))
            line = QRect(box.left(), upper.bottom(), right - box.left(), 18)
            painter.drawText(line, LEFT, f"{translated(row.interval)} {row.unit}")
            upper = upper.adjusted(0, 0, 0, _BELOW_PX)
        if large and row.imprecise:
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.QUIET))
            rest = QRect(box.left(), upper.bottom() + 2, box.width(), box.bottom() - upper.bottom())
            painter.drawText(rest, WRAP, row.class_words)
        elif span is not None:
            self._draw_range(painter, row, span, limits, box, upper, box.left() + wide, right)

    def _size_of(self, row: Row, *, large: bool) -> int:
        """The size of a value; none is large that is not measured well enough."""
        if large and not row.imprecise:
            return 28 if self.wide else 26
        return 15 if self.wide else 14

    def _below_large(self, row: Row) -> bool:
        """Whether the interval of a large value stands below it, since there is no room next to it."""
        if not row.interval or row.withheld:
            return False
        size, room = self._size_of(row, large=True), self._cell_px - 4 - 6 - MARK_PX - 4
        return not any(text.strip() == translated(row.interval) for text, _, _ in value_parts(row, room, size)[0])

    def _draw_range(
        self, painter: QPainter, row: Row, span: Span, words: str, box: QRect, upper: QRect, x: int, right: int
    ) -> None:
        """The limits of a range, or other words in their place, with the value on a bar or its flag."""
        lower = QRect(box.left(), upper.bottom(), box.width(), box.bottom() - upper.bottom())
        painter.setFont(theme.font(self.small_px))
        painter.setPen(QColor(theme.QUIET))
        chip = advance_px(span.flag_word, self.small_px, True) + 10
        used = advance_px(words, self.small_px) + 8
        barred = span.inside or row.imprecise or chip > lower.width()
        if not barred and used + chip > lower.width():
            # Too narrow for both: the flag stands by the value where there is room, else in place of the limits.
            fits = x + 8 + chip <= right
            end = QPointF(right, upper.center().y()) if fits else QPointF(lower.left() + chip, lower.center().y())
            draw_chip(painter, end, span.flag_word, self.small_px, bad=span.abnormal, muted=row.muted)
            painter.setFont(theme.font(self.small_px))
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(lower, LEFT, words if fits else "")
            return
        painter.drawText(lower, LEFT, words)
        if barred:
            wide = max(min(lower.width() - used, 48), 20)
            draw_span(
                painter,
                QRectF(lower.left() + used, lower.top(), wide, lower.height()),
                span,
                muted=row.muted,
            )
            return
        end = QPointF(lower.left() + used + chip, lower.center().y())
        draw_chip(painter, end, span.flag_word, self.small_px, bad=span.abnormal, muted=row.muted)

    def _draw_reason(self, painter: QPainter, number: int) -> None:
        text = self._reason_words(number)
        if not text:
            return
        row, box = self.rows[number], self._reason_box(number)
        painter.setFont(theme.font(self.small_px))
        painter.setPen(QColor(theme.TEXT if row.mark is Severity.CHECK and row.opened else theme.QUIET))
        painter.drawText(box, WRAP, text)
        if row.place is not None:
            self.draw_link(painter, self.link_of(number), theme.RAISED)
