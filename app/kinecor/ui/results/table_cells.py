"""How the table's rows are drawn: a first line and quieter ones below it, accept and reject at the end."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from kinecor.core.table.measurement import Status
from kinecor.ui.results.rows import Row
from kinecor.ui.style import theme

NAME, VALUE, BASIS, STATUS, DECIDE = range(5)
ROW_HEIGHT, LINE_HEIGHT = 42, 14  # two lines, and one more
SHORT_ROW_HEIGHT, HEADING_HEIGHT = 27, 26
EXPLORATORY_WORDS = "EXPLORATORY  ·  not for routine use (ASE/EACVI 2025)"
VALUE_PX, UNIT_PX, STATUS_PX = 112, 40, 78
STATUS_COLOURS = {
    Status.AUTO: theme.QUIET,
    Status.ACCEPTED: theme.GOOD,
    Status.EDITED: theme.ACCENT,
    Status.WITHHELD: theme.WARNING,
}
_Index = QModelIndex | QPersistentModelIndex


def begins_exploratory(index: _Index) -> bool:
    """Whether a row is the first of those that are exploratory."""
    above = index.sibling(index.row() - 1, index.column())
    return _exploratory(index) and not (above.isValid() and _exploratory(above))


def _exploratory(index: _Index) -> bool:
    one: Row = index.data(Qt.ItemDataRole.UserRole)
    return one.exploratory


def row_height(one: Row, *, first: bool) -> int:
    """Of a row in pixels; `first` of the exploratory ones has their heading above it."""
    if one.exploratory:
        return SHORT_ROW_HEIGHT + (HEADING_HEIGHT if first else 0)
    return ROW_HEIGHT + LINE_HEIGHT * max(len(lines(one, BASIS)) - 2, 0)


def lines(one: Row, column: int) -> tuple[str, ...]:
    """The lines of a cell: one to three."""
    withheld = one.kind is Status.WITHHELD
    match column:
        case 0:
            return (one.name,) if one.exploratory else (one.code, one.name)
        case 1:
            return (one.value if withheld else f"{one.value} {one.unit}".rstrip(),)
        case 2 if withheld:
            return (one.note if one.status == "rejected" else f"Not available: {one.note}",)
        case 2:
            sure = one.confidence and f"confidence {one.confidence}"
            accepted = one.status if one.kind is Status.ACCEPTED else ""
            if one.exploratory:  # the rows above say how
                return (_joined(sure, accepted),)
            method, _, more = one.method.partition("; ES")
            whole = (_joined(method, one.frames), more and f"ES{more}", _joined(sure, one.by, accepted), one.note)
            return tuple(text for text in whole if text)
        case 3:
            return (one.status.partition(" by ")[0],)
        case _:
            return ("",)


def _joined(*words: str) -> str:
    return " · ".join(word for word in words if word)


class CellPainter(QStyledItemDelegate):
    """Draws a cell as a first line and quieter ones below; the last column as accept and reject."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one cell."""
        one: Row = index.data(Qt.ItemDataRole.UserRole)
        box: QRect = option.rect
        painter.save()
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if begins_exploratory(index):
            self._draw_heading(painter, box)
            box = box.adjusted(0, HEADING_HEIGHT, 0, 0)
        area = box.adjusted(10, 4, -4, -4)
        match index.column():
            case 1:
                self._draw_value(painter, area, one)
            case 4:
                self._draw_decisions(painter, box, one)
            case 3:
                painter.setFont(theme.font(12))
                painter.setPen(QColor(STATUS_COLOURS[one.kind]))
                height = Qt.AlignmentFlag.AlignVCenter if one.exploratory else Qt.AlignmentFlag.AlignTop
                painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | height), lines(one, STATUS)[0])
            case 2 if one.kind is Status.WITHHELD:
                painter.setFont(theme.font(12))
                painter.setPen(QColor(theme.QUIET))
                flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(area, int(flags), reason_shown(lines(one, BASIS)[0], area.width(), area.height()))
            case column:
                self._draw_lines(painter, area, lines(one, column), bold=column == NAME)
        painter.restore()

    def _draw_heading(self, painter: QPainter, box: QRect) -> None:
        """What holds for all rows from here on; drawn in every cell, each its part."""
        painter.save()
        painter.setClipRect(box)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.WARNING))
        painter.drawText(
            QRect(10, box.top(), 900, HEADING_HEIGHT),
            int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
            EXPLORATORY_WORDS,
        )
        painter.restore()

    def _draw_value(self, painter: QPainter, area: QRect, one: Row) -> None:
        withheld = one.kind is Status.WITHHELD
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if not withheld:
            painter.setFont(theme.font(12))
            painter.setPen(QColor(theme.QUIET))
            unit = QRect(area.right() - UNIT_PX + 5, area.top() + 3, UNIT_PX, area.height())
            painter.drawText(unit, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), one.unit)
        room = area.adjusted(0, 0, -UNIT_PX, 0)
        painter.setFont(value_font(one, room.width()))
        painter.setPen(QColor(theme.QUIET if withheld else theme.TEXT))
        painter.drawText(room, int(flags), one.value)

    def _draw_lines(self, painter: QPainter, area: QRect, texts: tuple[str, ...], *, bold: bool) -> None:
        high = area.height() // max(len(texts), 1)
        for number, text in enumerate(texts):
            painter.setFont(theme.font(14, bold=True) if bold and not number and len(texts) > 1 else theme.font(11))
            painter.setPen(QColor(theme.TEXT if number == 0 else theme.QUIET))
            line = QRect(area.left(), area.top() + number * high, area.width(), high)
            if number and not bold:  # the lines below the first may run on below the status
                line.setRight(line.right() + STATUS_PX)
            cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), cut)

    def _draw_decisions(self, painter: QPainter, box: QRect, one: Row) -> None:
        if one.kind is Status.WITHHELD and one.status != "rejected":
            return
        painter.setFont(theme.font(15, bold=True))
        accepted, rejected = one.kind is Status.ACCEPTED, one.status == "rejected"
        left, right = halves(box)
        for half, sign, chosen, colour in (
            (left, "\N{CHECK MARK}", accepted, theme.GOOD),
            (right, "\N{MULTIPLICATION SIGN}", rejected, theme.BAD),
        ):
            painter.setPen(QColor(colour if chosen else "#59626c"))
            painter.drawText(half, Qt.AlignmentFlag.AlignCenter, sign)


def reason_shown(reason: str, width_px: int, height_px: int) -> str:
    """A reason as it fits: whole where two lines do, else one line with its end left to the tooltip."""
    metrics = QFontMetrics(theme.font(12))
    if height_px >= 2 * metrics.lineSpacing():
        return reason
    return metrics.elidedText(reason, Qt.TextElideMode.ElideRight, width_px)


def value_font(one: Row, room_px: int) -> QFont:
    """As large as leaves the whole value in sight: a sign or a digit that is cut off makes it another value."""
    size = 14 if one.exploratory else 19
    while size > 9 and QFontMetrics(theme.font(size, bold=True)).horizontalAdvance(one.value) > room_px:
        size -= 1
    return theme.font(size, bold=True)


def halves(box: QRect) -> tuple[QRect, QRect]:
    """The left part of the last column, which accepts, and the right one, which rejects."""
    half = box.width() // 2
    return QRect(box.left(), box.top(), half, box.height()), QRect(box.left() + half, box.top(), half, box.height())
