"""The table of measurements: rows, how they are drawn, and what the reader decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QInputDialog,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from kinecor.core.checks.assessment import Assessment, assessed
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.table.measures import (
    EXPLORATORY,
    MINUS,
    SEGMENTAL,
    STRAIN_CODES,
    Measurement,
    Status,
    decimals_of,
    digits,
    format_quantity,
    interval_words,
    name_of,
    typeset,
    unit_name,
)
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.track import Structure
from kinecor.session.edits import ClearDecision, Decide
from kinecor.ui.style import theme
from kinecor.ui.style.marks import COLOURS, draw_mark
from kinecor.ui.workspace.workspace import Change, Workspace


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement in words; equal rows look equal.

    Attributes:
        code, name: "EF", "Ejection fraction".
        value: digits, or a dash where the value is withheld.
        unit: of the value.
        method: how it is computed.
        frames: "ED 1, ES 13", counted from 1.
        by: whose contours and marks it rests on.
        confidence: "0.93", or "".
        interval: "± 6", or "".
        status: "automatic", "accepted by NAME", "corrected", "rejected", "withheld".
        kind: the status as a value.
        note: a remark, or the reason it is not available.
        computed: what the reader replaced or rejected, with its unit; else "".
        exploratory: whether it is not for routine use.
        trust: what may be done with the value.
        checks: sentences of the checks that concern it.

    """

    code: str
    name: str
    value: str
    unit: str
    method: str
    frames: str
    by: str
    confidence: str
    interval: str
    status: str
    kind: Status
    note: str
    computed: str = ""
    exploratory: bool = False
    trust: Trust = Trust.OK
    checks: tuple[str, ...] = ()

    @property
    def mark(self) -> Severity | None:
        """The sign at its value: to be checked, or withheld by a check; None where it has none."""
        if self.trust is Trust.CHECK:
            return Severity.CHECK
        return Severity.STOP if self.checks and self.kind is Status.WITHHELD else None


def row(
    measurement: Measurement,
    reading: Reading,
    computed: Measurement | None = None,
    found: Sequence[Finding] = (),
) -> Row:
    """The words for one measurement of a Reading.

    Args:
        measurement: as assessed.
        reading: it belongs to.
        computed: the same without the reader's decision.
        found: findings of the checks that concern it.

    """
    m = measurement
    segment = m.code in SEGMENTAL and m.method  # its method is which segment it is
    return Row(
        code=m.code,
        name=m.method if segment else name_of(m.code),
        value="–" if m.quantity is None else digits(m.quantity, m.code),
        unit=unit_name(m.unit),
        method="" if segment else typeset(m.method),
        frames=_frames(m, reading),
        by=", ".join(short_author(one) for one in m.by),
        confidence="" if m.confidence is None else f"{m.confidence:.2f}",
        interval=interval_words(m),
        status=_status(m, reading),
        kind=m.status,
        note=typeset(m.note or ""),
        computed=_computed(computed, reading),
        exploratory=m.code in EXPLORATORY,
        trust=m.trust,
        checks=tuple(typeset(one.message) for one in found) or _low_confidence(m),
    )


def _low_confidence(m: Measurement) -> tuple[str, ...]:
    """Why a value that no finding concerns is to be checked all the same."""
    if m.trust is not Trust.CHECK:
        return ()
    return (f"Low confidence{'' if m.confidence is None else f' ({m.confidence:.2f})'}: review the contours.",)


def _computed(computed: Measurement | None, reading: Reading) -> str:
    decision = reading.decisions.get(computed.code) if computed else None
    if computed is None or computed.quantity is None or decision is None:
        return ""
    if decision.accepted and decision.value is None:
        return ""
    return format_quantity(computed.quantity, computed.code)


def _frames(m: Measurement, reading: Reading) -> str:
    beats = reading.events.beats if reading.events else ()
    if len(beats) > 1 and len(m.frames) > 2:
        return ""  # the method says how many beats
    words = {beat.ed: "ED " for beat in beats} | dict.fromkeys(reading.valve_closures, "AVC ")
    words |= {beat.es: "ES " for beat in beats}
    return ", ".join(f"{words.get(frame, 'frame ')}{frame + 1}" for frame in m.frames)


def _status(m: Measurement, reading: Reading) -> str:
    decision = reading.decisions.get(m.code)
    match m.status:
        case Status.ACCEPTED:
            return f"accepted by {decision.by}" if decision else "accepted"
        case Status.EDITED:
            return "entered by hand" if decision and decision.value is not None else "corrected"
        case Status.WITHHELD:
            return "rejected" if decision and not decision.accepted else "withheld"
        case _:
            return "automatic"


NAME, VALUE, BASIS, STATUS, DECIDE = range(5)
ROW_HEIGHT, LINE_HEIGHT = 42, 14  # two lines, and one more
SHORT_ROW_HEIGHT, HEADING_HEIGHT = 27, 26
EXPLORATORY_WORDS = "EXPLORATORY  ·  not for routine use (ASE/EACVI 2025)"
VALUE_PX, UNIT_PX, STATUS_PX = 112, 40, 78
MARK_PX, BAR_PX = 13, 3
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
            sure = ", ".join(filter(None, (one.interval, one.confidence and f"confidence {one.confidence}")))
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
        if one.mark is not None and index.column() == NAME:
            painter.fillRect(QRect(box.left(), box.top() + 2, BAR_PX, box.height() - 4), QColor(COLOURS[one.mark]))
        if one.mark is not None and index.column() == VALUE:
            middle = box.center().y() - MARK_PX / 2
            draw_mark(painter, QRectF(box.left() + 1, middle, MARK_PX, MARK_PX), one.mark)
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


HEADERS = ("Measurement", "Value", "Basis", "Status", "")


Assess = Callable[[Reading], Assessment]
"""Gives the measurements of a Reading with their trust."""


class MeasurementModel(QAbstractTableModel):
    """The rows of the current Reading; only rows whose words changed are announced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def show(self, reading: Reading | None, assess: Assess, *, preview: bool = False) -> None:
        """Take on the numbers of a Reading as `assess` gives them.

        Of a preview strain stays as it was, since it takes too long.
        """
        if reading is not None and preview and reading.kind.volumes == "area":
            return  # all its rows are strain
        if reading is not None and preview and reading.kind.stack:
            still = tuple(one if one.motion is None else one.with_(motion=None) for one in reading.slices)
            followed = {one.code: one for one in self.rows if one.code == "GCS"}
            rows = tuple(followed.get(one.code, one) for one in _rows(reading.with_(slices=still), assess))
        elif reading is not None and preview and Structure.LV_EPI in reading.tracks:
            quick = {one: track for one, track in reading.tracks.items() if one is not Structure.LV_EPI}
            strain = tuple(one for one in self.rows if one.code in STRAIN_CODES)
            rows = (*_rows(reading.with_(tracks=quick), assess), *strain)
        else:
            rows = _rows(reading, assess) if reading else ()
        if [one.code for one in rows] != [one.code for one in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        before, self.rows = self.rows, rows
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, 0), self.index(number, DECIDE))

    def rowCount(self, parent: _Index | None = None) -> int:
        """One per measurement."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """See HEADERS."""
        return len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The column's name."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a cell, for accessibility and tests; the delegate draws from the Row."""
        one = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return one
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return "\n".join(lines(one, index.column()))
        return None


def _rows(reading: Reading, assess: Assess) -> tuple[Row, ...]:
    found = assess(reading)
    computed = assessed(reading.with_(decisions={})).measurements if reading.decisions else found.measurements
    beneath = {m.code: m for m in computed}
    return tuple(row(m, reading, beneath.get(m.code), found.concerning(m.code)) for m in found.measurements)


class TableView(QTableView):
    """The measurements of the current Reading; accept and reject at the end of a row, one's own value in its menu."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown: Assessment | None = None
        self.rows_model = MeasurementModel(self)
        self.setModel(self.rows_model)
        self.setItemDelegate(CellPainter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(30)
        for column, width in ((NAME, 154), (VALUE, VALUE_PX), (STATUS, STATUS_PX), (DECIDE, 48)):
            self.setColumnWidth(column, width)
        self.horizontalHeader().setSectionResizeMode(BASIS, QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        workspace.changed.connect(self.show_change)
        workspace.checks_changed.connect(self._show_checked)

    def _show_checked(self) -> None:
        """Another recording of the study may mark values of this one; its checks were not run again by `changed`."""
        here, shown = self._workspace.checks.here, self._shown
        if shown is None or (here.measurements, here.findings) != (shown.measurements, shown.findings):
            self._show(self._workspace.reading, preview=False)

    def _show(self, reading: Reading | None, *, preview: bool) -> None:
        checks = self._workspace.checks
        self._shown = None if preview or reading is None else checks.here
        self.rows_model.show(reading, checks.during if preview else lambda _: checks.here, preview=preview)
        self._fit_rows()

    def show_change(self, change: Change) -> None:
        """Work the numbers out again where anything they rest on changed."""
        before, after = change.before, change.after
        if before is not None and after is not None:
            # Whoever touches one of these changes `authors` too; `authors` alone changes with notes.
            parts = (
                *("tracks", "events", "calibration", "decisions", "withheld", "slices", "short_axis"),
                *("motion", "strain", "view", "acknowledged"),
            )
            if all(getattr(before, part) is getattr(after, part) for part in parts):
                return
        self._show(after, preview=change.preview)

    def _fit_rows(self) -> None:
        """Rows of more lines are taller; the reason of a withheld value takes the place of what it would rest on."""
        whole = 2
        for number, one in enumerate(self.rows_model.rows):
            height = row_height(one, first=begins_exploratory(self.rows_model.index(number, NAME)))
            span = 3 if one.kind is Status.WITHHELD and one.status != "rejected" else 1
            if self.rowHeight(number) != height:
                self.setRowHeight(number, height)
            if self.columnSpan(number, BASIS) != span:
                self.setSpan(number, BASIS, 1, span)
            whole += height
        self.setMaximumHeight(max(whole, 7 * ROW_HEIGHT))

    def show_code(self, code: str) -> None:
        """Bring a measurement to the top, as far as there are rows below it."""
        at = next((number for number, one in enumerate(self.rows_model.rows) if one.code == code), None)
        if at is not None:
            self.scrollTo(self.rows_model.index(at, NAME), QAbstractItemView.ScrollHint.PositionAtTop)

    def sizeHint(self) -> QSize:
        """Room for all rows."""
        return QSize(480, max(len(self.rows_model.rows), 7) * ROW_HEIGHT + 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the tick or the cross decides; a second one takes the decision back."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == DECIDE:
            left, _ = halves(self.visualRect(index))
            self.decide(self.rows_model.rows[index.row()], accept=left.contains(at))
            return
        super().mouseReleaseEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tool tips with everything the row knows."""
        if event.type() == QEvent.Type.ToolTip:
            at: QPoint = event.pos()  # type: ignore[attr-defined]
            index = self.indexAt(at)
            if index.isValid():
                QToolTip.showText(event.globalPos(), _whole(self.rows_model.rows[index.row()]), self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def decide(self, one: Row, *, accept: bool) -> None:
        """Accept or reject a measurement; deciding the same again takes it back."""
        saved = self._workspace.saved
        if saved is None or (one.kind is Status.WITHHELD and one.status != "rejected"):
            return
        now = saved.decisions.get(one.code)
        if now and now.accepted is accept:
            self._workspace.do(ClearDecision(one.code), by=self)
        else:
            self._workspace.do(_decision(saved, one.code, accept), by=self)

    def _open_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        one = self.rows_model.rows[index.row()]
        menu = QMenu(self)
        accept, reject = menu.addAction(f"Accept {one.code}"), menu.addAction(f"Reject {one.code}")
        own = menu.addAction("Enter a value\N{HORIZONTAL ELLIPSIS}")
        chosen = menu.exec(self.viewport().mapToGlobal(at))
        if chosen is own:
            self._ask_for_value(one)
        if chosen in (accept, reject):
            self.decide(one, accept=chosen is accept)
        menu.deleteLater()

    def enter(self, one: Row, value: float) -> None:
        """Put the reader's own value in place of the computed one, or of one that was withheld."""
        saved = self._workspace.saved
        if saved is not None:
            self._workspace.do(_decision(saved, one.code, accepted=True, value=value), by=self)

    def _ask_for_value(self, one: Row) -> None:
        now = 0.0 if one.kind is Status.WITHHELD else float(one.value.replace(MINUS, "-"))
        prompt = f"{one.code} in {one.unit}:" if one.unit else f"{one.code}:"
        decimals = decimals_of(one.code, "") + 1  # one more than is shown
        value, given = QInputDialog.getDouble(self, one.name, prompt, now, -1e6, 1e6, decimals)
        if given:
            self.enter(one, value)


def _decision(reading: Reading, code: str, accepted: bool, value: float | None = None) -> Decide:
    """The decision with the value it is about: the one on screen, or the one that was rejected."""
    without = reading.with_(decisions={one: d for one, d in reading.decisions.items() if one != code})
    shown = [m for state in (reading, without) for m in assessed(state).measurements if m.code == code]
    unit = shown[0].unit if shown else ""
    computed = next((m.quantity.value for m in shown if m.quantity is not None), None)
    return Decide(code, accepted, value, computed, unit)


def _whole(one: Row) -> str:
    parts = [
        f"{one.name}: {one.value} {one.unit}".rstrip(),
        one.method,
        one.frames,
        one.by and f"by {one.by}",
        one.interval and f"interval of 95 %: {one.interval} {one.unit}",
        one.confidence and f"confidence {one.confidence}",
        one.status,
        one.computed and f"computed: {one.computed}",
        one.note,
        *one.checks,
    ]
    return "\n".join(dict.fromkeys(part for part in parts if part))
