"""The study list: what is open, by patient and study; a click or Enter opens a recording."""

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QDrag,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.ui.study.study_rows import (
    PICTURE,
    ROW,
    Divider,
    Index,
    Paper,
    Part,
    Row,
    State,
    StudyModel,
    state_words,
)
from kinecor.ui.style import theme
from kinecor.ui.style.elided import broken_lines
from kinecor.ui.style.language import tr
from kinecor.ui.style.marks import draw_mark
from kinecor.ui.tiles.linked_tile import dragged_recording
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.workspace import Workspace

WIDE_PX = 176  # from this width on, thumbnails are larger
MIN_PX, MAX_PX = 150, 260
_MARK_PX = 14
_BEYOND_PX = 10_000  # a line that was fitted already


def draw_state(painter: QPainter, box: QRectF, state: State, colour: QColor) -> None:
    """The sign of a state: an empty circle, a half one, a pencil, a tick in a circle, in a dotted one if in part."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DotLine if state is State.PARTLY else Qt.PenStyle.SolidLine))
    inner = box.adjusted(1, 1, -1, -1)
    if state is State.EDITED:
        painter.drawLine(inner.bottomLeft() + QPointF(0.5, -0.5), inner.topRight() + QPointF(-1, 1.5))
        painter.drawLine(inner.bottomLeft(), inner.bottomLeft() + QPointF(2.5, -0.5))
        painter.drawLine(inner.topRight() + QPointF(-2.5, 0.5), inner.topRight() + QPointF(-0.5, 2.5))
    else:
        painter.drawEllipse(inner)
    if state is State.AUTOMATIC:
        half = QPainterPath(inner.center())
        half.arcTo(inner, 90, 180)
        painter.fillPath(half, colour)
    if state in (State.ACCEPTED, State.PARTLY):
        painter.setPen(QPen(colour, 1.2))
        centre = inner.center()
        painter.drawPolyline([centre + QPointF(-2.2, 0), centre + QPointF(-0.5, 1.8), centre + QPointF(2.4, -1.8)])
    painter.restore()


class _RowPainter(QStyledItemDelegate):
    """Draws dividers and recordings."""

    def __init__(self, view: "_View") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its lines and its thumbnail."""
        row = index.data(ROW)
        # No wider than what is seen of the list: the rest would lie under the scroll bar.
        wide = self._view.viewport().width()
        small = QFontMetrics(theme.font(11)).height()
        if isinstance(row, Part):
            return QSize(wide, small + 10)
        if isinstance(row, Paper):
            return QSize(wide, QFontMetrics(theme.font(12)).height() + small + 8)
        lines = QFontMetrics(theme.font(12)).height() + 2 * QFontMetrics(theme.font(11)).height()
        if isinstance(row, Divider):
            less = (1 - bool(row.patient_id) - bool(row.signed)) * QFontMetrics(theme.font(11)).height()
            return QSize(wide, lines + (10 if index.row() == 0 else 18) - less)
        if isinstance(row, Row):  # of what is only shown there is no state
            lines += small * (bool(row.series) - row.view_only)
            lines += QFontMetrics(theme.font(12)).height() * (self.lines_of_name(row, wide) - 1)
        return QSize(wide, max(lines, self._picture().height()) + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        row, box = index.data(ROW), QRect(option.rect)
        painter.save()
        if isinstance(row, Divider):
            self._divider(painter, box, row, first=index.row() == 0)
        elif isinstance(row, Part):
            self._part(painter, box, row)
        elif isinstance(row, Paper):
            lines = [(row.title, theme.font(12), theme.TEXT), (row.about, theme.font(11), theme.QUIET)]
            _write(painter, box.adjusted(24, 3, -6, 0), lines)
            if row.drawn:
                painter.setPen(QColor(theme.ACCENT))
                painter.setFont(theme.font(12, bold=True))
                painter.drawText(
                    QRectF(box.left() + 6, box.top() + 3, 16, 18), Qt.AlignmentFlag.AlignCenter, "\N{CHECK MARK}"
                )
        else:
            state = option.state
            self._recording(painter, box, row, index.data(PICTURE))
            if state & QStyle.StateFlag.State_HasFocus and self._view.hasFocus():
                painter.setPen(QPen(QColor(theme.FOCUS), 2))
                painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()

    def _name_px(self, row: Row, wide_px: int) -> int:
        """Width that the name of a recording has in a row, next to its thumbnail and its mark."""
        return wide_px - 9 - self._picture().width() - 5 - 4 - (_MARK_PX + 3 if row.mark is not None else 0)

    def lines_of_name(self, row: Row, wide_px: int) -> int:
        """How many lines the name of a recording takes in a list so wide."""
        return len(self._name_lines(row, self._name_px(row, wide_px)))

    @staticmethod
    def _name_lines(row: Row, room_px: int) -> list[str]:
        """A name in two lines where it needs them; without what the others begin with, too, where that is too long."""
        metrics = QFontMetrics(theme.font(12, bold=True))
        lines = broken_lines(row.view, metrics, room_px)
        if row.alike and lines[-1].endswith("\N{HORIZONTAL ELLIPSIS}"):
            lines = broken_lines(f"\N{HORIZONTAL ELLIPSIS}{row.view[row.alike :]}", metrics, room_px)
        return lines

    def _picture(self) -> QSize:
        return QSize(64, 52) if self._view.width() >= WIDE_PX else QSize(40, 34)

    def _divider(self, painter: QPainter, box: QRect, row: Divider, *, first: bool) -> None:
        if not first:
            painter.fillRect(QRect(box.left() + 8, box.top() + 5, box.width() - 16, 1), QColor(theme.STRONG))
        lines = [(row.name, theme.font(12, bold=True), theme.TEXT)]
        lines += [(row.patient_id, theme.font(11), theme.SOFT)] if row.patient_id else []
        lines += [(row.study, theme.font(11), theme.QUIET)]
        lines += (
            [(row.signed, theme.font(11), theme.WARNING if row.signed[0] == "!" else theme.SOFT)] if row.signed else []
        )
        _write(painter, box.adjusted(9, 5 if first else 12, -6, 0), lines)

    def _part(self, painter: QPainter, box: QRect, row: Part) -> None:
        """Title and number of a part, after a triangle that says whether it is folded."""
        painter.fillRect(box, QColor(theme.RAISED))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.SOFT))
        x, y = box.left() + 13.0, box.center().y() + 0.5
        down = (QPointF(x - 4, y - 2), QPointF(x + 4, y - 2), QPointF(x, y + 3))
        right = (QPointF(x - 2, y - 4), QPointF(x + 3, y), QPointF(x - 2, y + 4))
        painter.drawPolygon(list(right if row.folded else down))
        _write(
            painter, box.adjusted(24, 5, -6, 0), [(f"{row.title}, {row.count}", theme.font(11, bold=True), theme.SOFT)]
        )

    def _recording(self, painter: QPainter, box: QRect, row: Row, picture: QPixmap | None) -> None:
        current, linked = row.index == self._view.current, row.index in self._view.linked
        if current:
            painter.fillRect(box, QColor(theme.CHOSEN))
        if current or linked:
            painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), QColor(theme.ACCENT))
        size = self._picture()
        frame = QRect(QPoint(box.left() + 9, box.top() + 5), size)
        painter.fillRect(frame, QColor(theme.IMAGE))
        if picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            drawn = picture.size().scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
            at = QRect(QPoint(0, 0), drawn)
            at.moveCenter(frame.center())
            painter.drawPixmap(at, picture)
        painter.setPen(QColor(theme.STRONG))
        painter.drawRect(frame.adjusted(0, 0, -1, -1))
        left = frame.right() + 6
        room = QRect(left, box.top() + 3, box.right() - left - 4, box.height() - 4)
        mark_px = _MARK_PX if row.mark is not None else 0
        bold, small = theme.font(12, bold=True), theme.font(11)
        below = 0
        for name in self._name_lines(row, self._name_px(row, box.width())):
            below += _write(painter, room.adjusted(0, below, _BEYOND_PX, 0), [(name, bold, theme.TEXT)])
        if row.series:
            below += _write(painter, room.adjusted(0, below, 0, 0), [(row.series, small, theme.SOFT)])
        below = _write(painter, room.adjusted(0, below, 0, 0), [(row.length, small, theme.QUIET)]) + below
        if row.state is not None:
            colour = theme.QUIET if row.state in (State.NEW, State.UNKNOWN) else theme.SOFT
            high = QFontMetrics(small).height()
            sign = QRectF(room.left(), room.top() + below + (high - 11) / 2, 11, 11)
            draw_state(painter, sign, row.state, QColor(colour))
            text = state_words(row.state)
            if QFontMetrics(small).horizontalAdvance(text) > room.width() - 14:
                # After their signs.
                shorter = {State.PARTLY: tr("Partly"), State.NEW: tr("New"), State.AUTOMATIC: tr("Auto")}
                text = shorter.get(row.state, text)
            if row.state is State.UNKNOWN:
                wide = (text, tr("View unknown"), tr("View?"))
                fits = [name for name in wide if QFontMetrics(small).horizontalAdvance(name) <= room.width() - 14]
                text = (*fits, wide[-1])[0]
            text = QFontMetrics(small).elidedText(text, Qt.TextElideMode.ElideRight, room.width() - 14)
            _write(painter, room.adjusted(14, below, 0, 0), [(text, small, colour)])
        if row.mark is not None:
            draw_mark(painter, QRectF(room.right() - mark_px, box.top() + 5, mark_px, mark_px), row.mark)


def _write(painter: QPainter, box: QRect, lines: list[tuple[str, QFont, str]]) -> int:
    """Lines one below the other, shortened where needed; their height in px."""
    down = 0
    for text, font, colour in lines:
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = _shortened(text, metrics, box.width())
        painter.drawText(box.left(), box.top() + down + metrics.ascent(), shown)
        down += metrics.height()
    return down


def _shortened(text: str, metrics: QFontMetrics, room_px: int) -> str:
    """As many of the parts of a text as fit, or its beginning where not even the first one does."""
    if "  \N{MIDDLE DOT}  " not in text and ", " not in text:  # a name: names of one series differ at their end
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room_px)
    for between in ("  \N{MIDDLE DOT}  ", ", "):
        parts = text.split(between)
        while len(parts) > 1 and metrics.horizontalAdvance(between.join(parts)) > room_px:
            parts.pop()
        text = between.join(parts)
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px)


class _View(QListView):
    """The rows; only the left button opens, and the arrow keys move a frame that Enter opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.current = -1
        self.linked: frozenset[int] = frozenset()
        self.pressed_at = QPoint()
        """Where the left button was pressed last."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.rows = _RowPainter(self)
        self.setItemDelegate(self.rows)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Only the left button does something."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.pressed_at = event.position().toPoint()
            super().mousePressEvent(event)
        else:
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag a recording to a tile."""
        super().mouseMoveEvent(event)
        far = (event.position().toPoint() - self.pressed_at).manhattanLength() >= QApplication.startDragDistance()
        row = self.indexAt(self.pressed_at).data(ROW)
        if far and event.buttons() is Qt.MouseButton.LeftButton and isinstance(row, Row):
            drag = QDrag(self)
            drag.setMimeData(dragged_recording(row.index))
            drag.exec(Qt.DropAction.CopyAction)


IDLE_MS = 30


class StudyList(QFrame):
    """What is open, and a button to open more; Page Up and Page Down, arrows and Enter, or a click change recordings.

    Signals:
        chosen(int): index of the recording.
        view_wanted(): of the recording that was chosen just now, whose view is not known.
        document_wanted(int): number of the document among those of the workspace.
    """

    chosen = Signal(int)
    view_wanted = Signal()
    document_wanted = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setMinimumWidth(MIN_PX)
        self.setMaximumWidth(MAX_PX)
        self.wanted = True
        self._makes_room = False
        """Whether it is shown where there is more than one recording."""
        self.model = StudyModel(workspace, self)
        self.view = _View()
        self.view.setModel(self.model)
        self.view.setAccessibleName(tr("Study list"))
        self.open = QToolButton()
        self.open.setText(tr("+  Open"))
        self.open.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.open.setMenu(QMenu(self.open))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.open)
        self._due: list[int] = []
        self._timer = QTimer(self)
        self._timer.setInterval(IDLE_MS)
        self._timer.timeout.connect(self._refresh_next)
        self.view.verticalScrollBar().valueChanged.connect(lambda _: self._timer.start())
        self.view.clicked.connect(self._choose)
        self.view.clicked.connect(self._ask_view)
        self.view.activated.connect(self._choose)
        follow(workspace, self.load, Topic.RECORDINGS)
        follow(workspace, self._follow, Topic.RECORDING)
        follow(workspace, self._follow_reading, Topic.READING_DRAWN)
        follow(workspace, self._follow_checks, Topic.CHECKS)
        follow(workspace, self.model.show_signature, Topic.STUDY)

    def offer(self, *actions: QAction) -> None:
        """Put these into the menu of the button at the foot."""
        for action in actions:
            self.open.menu().addAction(action)

    def load(self) -> None:
        """List the recordings; hidden where there is only one."""
        self.model.load()
        self._hide_folded()
        self.view.current, self.view.linked = -1, frozenset()
        self._due = list(self.model.order)
        self._timer.start()
        self._show()

    def make_room(self, hidden: bool) -> None:
        """Hide while the window is too narrow for it; show again afterwards where it is wanted."""
        if hidden is not self._makes_room:
            self._makes_room = hidden
            self._show()

    def _show(self) -> None:
        several = len(self.model.order) + len(self._workspace.opened.documents) > 1
        self.setVisible(self.wanted and not self._makes_room and several)

    def _hide_folded(self) -> None:
        """Hide the rows of parts that are folded."""
        for place in range(len(self.model.rows)):
            self.view.setRowHidden(place, self.model.hidden(place))

    def show_linked(self, indices: Iterable[int]) -> None:
        """Mark the recordings that are on screen next to the current one."""
        before, self.view.linked = self.view.linked, frozenset(indices)
        self._draw_rows(before ^ self.view.linked)

    def _draw_rows(self, indices: Iterable[int]) -> None:
        """Draw the rows of some recordings again."""
        for index in indices:
            if index in self.model.places:
                self.view.update(self.model.index(self.model.places[index]))

    def step(self, by: int) -> int | None:
        """Index of the recording that many rows further in the list; None beyond its ends."""
        order = self.model.order
        at = order.index(self._workspace.index) + by if self._workspace.index in order else -1
        return order[at] if 0 <= at < len(order) else None

    @property
    def busy(self) -> bool:
        """Whether states in sight are still being looked at."""
        return self._timer.isActive() and self.isVisible()

    def stop(self) -> None:
        """Look at no more recordings."""
        self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on with what was left when the list was hidden."""
        if self._due:
            self._timer.start()
        super().showEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        if isinstance(row, Row):
            self.chosen.emit(row.index)
        elif isinstance(row, Paper):
            self.document_wanted.emit(row.number)
        elif isinstance(row, Part):
            self.model.fold(index.row(), folded=not row.folded)
            self._hide_folded()

    def _ask_view(self, index: QModelIndex) -> None:
        """Offer the views where the words "View unknown: choose" are clicked."""
        row = index.data(ROW)
        if isinstance(row, Row) and row.state is State.UNKNOWN and row.index == self._workspace.index:
            small = QFontMetrics(theme.font(11)).height()
            names = self.view.rows.lines_of_name(row, self.view.viewport().width())
            above = QFontMetrics(theme.font(12, bold=True)).height() * names + small + (small if row.series else 0)
            if self.view.pressed_at.y() > self.view.visualRect(index).top() + 3 + above:
                self.view_wanted.emit()

    def _follow(self) -> None:
        before, self.view.current = self.view.current, self._workspace.index
        place = self.model.places.get(self._workspace.index)
        if place is not None:
            if self.model.hidden(place):
                self._unfold(place)
            model_index = self.model.index(place)
            self.view.setCurrentIndex(model_index)
            self.view.scrollTo(model_index)
        self._draw_rows({before, self.view.current})

    def _unfold(self, place: int) -> None:
        """Unfold the part that a recording is in."""
        row = self.model.rows[place]
        for number, single_row in enumerate(self.model.rows):
            if isinstance(single_row, Part) and isinstance(row, Row) and single_row.key == row.group:
                self.model.fold(number, folded=False)
        self._hide_folded()

    def _follow_reading(self, change: Change) -> None:
        if not change.preview and self._workspace.index in self.model.places:
            self.model.refresh(self._workspace.index)

    def _follow_checks(self) -> None:
        """The checks of a study may depend on each of its recordings, and so does its signature."""
        self.model.show_signature()
        if self._workspace.index in self.model.places:
            self.model.refresh(self._workspace.index)
        mine = [index for index in self._workspace.study.members if index in self.model.places]
        self._due = [*mine, *(index for index in self._due if index not in mine)]
        self._timer.start()

    def _refresh_next(self) -> None:
        """Look at one recording of the study on screen or in sight, so that the window stays quick with hundreds."""
        if not self.isVisible():
            self._timer.stop()
            return
        members = self._workspace.study.members
        seen = next((number for number in self._due if number in members or self._in_sight(number)), None)
        if seen is None:
            self._timer.stop()
            return
        self._due.remove(seen)
        self.model.refresh(seen)

    def _in_sight(self, index: int) -> bool:
        box = self.view.visualRect(self.model.index(self.model.places[index]))
        return box.intersects(self.view.viewport().rect())
