"""The bar that floats over a picture after a correction: propagate it to the other frames, undo it, or leave it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.theme import icon
from kinecor.ui.tiles.picture import Picture
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.propagation import Waiting, waiting
from kinecor.ui.workspace.sources import ReadingSource

_HIGH_PX, _SIDE_PX = 40, 8
_BOTTOM_PX = 66
"""Below the bar: three structures of the legend."""
NEIGHBOURS = "Neighbouring slices, too (Shift+R)"
NEIGHBOURS_SHORT = "Slices, too"


class PropagateBar(QFrame):
    """At the bottom of a picture, as long as corrected frames are not propagated; it never takes the focus.

    Signals:
        wanted(): Propagate was pressed.
        neighbours_wanted(): of a slice of a stack, the neighbouring slices are to follow, too.
    """

    wanted = Signal()
    neighbours_wanted = Signal()

    def __init__(self, source: ReadingSource, picture: Picture) -> None:
        super().__init__(picture)
        self._source, self._picture = source, picture
        self._dismissed = False
        self._found: Waiting | None = None
        self.words = QLabel()
        self.propagate, self.undo, self.close_button = QPushButton(), QPushButton(tr("Undo")), QToolButton()
        self.neighbours = QPushButton(tr(NEIGHBOURS))
        self.neighbours.setToolTip(
            tr(
                "Neighbouring slices take over the correction as well, the less, the farther away they are. Phases "
                "that you corrected there stay as they are. One step; Ctrl+Z undoes it."
            )
        )
        self.undo.setToolTip(tr("Undo"))
        self.close_button.setText("\N{MULTIPLICATION SIGN}")
        self.close_button.setToolTip(tr("Leave the other frames as they are"))
        self.propagate.setToolTip(
            tr(
                "The frames you corrected stay as they are. All other frames take over the correction, "
                "in the wall's own coordinates. One step; Ctrl+Z undoes it."
            )
        )
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.addWidget(self.words)
        for button in (self.propagate, self.neighbours, self.undo, self.close_button):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)
        self.propagate.setObjectName("primary")
        self.setFixedHeight(_HIGH_PX)
        self.setStyleSheet(
            f"PropagateBar {{ background: {theme.BACKGROUND}; border: 1px solid {theme.LINE}; border-radius: 5px; }}"
            f"QPushButton {{ padding: 4px 10px; }}"
        )
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.propagate.clicked.connect(self.wanted)
        self.neighbours.clicked.connect(self.neighbours_wanted)
        self.undo.clicked.connect(source.history.undo)
        self.close_button.clicked.connect(self._dismiss)
        follow(source, self.hide, Topic.RECORDING)
        follow(source, self.show_change, Topic.READING)
        picture.installEventFilter(self)
        self.hide()

    def show_change(self, change: Change) -> None:
        """Show what can be propagated after a saved change of contours; hide while a contour is dragged."""
        before, after = change.before, change.after
        if change.preview:
            return
        if before is None or after is None or before.facts is not after.facts:
            self.hide()
        elif before.tracks is not after.tracks:
            self._dismissed = False
            self._offer(waiting(after))

    def _offer(self, found: Waiting | None) -> None:
        if found is None or self._dismissed:
            self.hide()
            return
        self._found = found
        self.words.setText(found.words)
        reading = self._source.reading
        self.neighbours.setVisible(reading is not None and reading.facts.in_stack)
        self._place()
        self.show()
        self.raise_()

    def _dismiss(self) -> None:
        self._dismissed = True
        self.hide()

    def _place(self) -> None:
        picture = self._picture
        room_px = picture.width() - 2 * _SIDE_PX
        offer = self._found.offer if self._found is not None else ""
        # In a narrow picture the buttons say enough, and their tool tips all: words are never cut.
        both, brief = tr(NEIGHBOURS), tr(NEIGHBOURS_SHORT)
        for words, propagate, neighbours, undo in (
            (True, offer, both, tr("Undo")),
            (False, offer, both, tr("Undo")),
            (False, offer, brief, tr("Undo")),
            (False, tr("Propagate"), brief, tr("Undo")),
            (False, tr("Propagate"), brief, ""),
        ):
            self.words.setVisible(words)
            self.undo.setText(undo)
            self.undo.setIcon(QIcon() if undo else icon("undo"))
            self.propagate.setText(propagate)
            self.neighbours.setText(neighbours)
            self._row.invalidate()
            if self.sizeHint().width() <= room_px:
                break
        self.resize(min(self.sizeHint().width(), room_px), _HIGH_PX)
        self.move((picture.width() - self.width()) // 2, max(picture.height() - _BOTTOM_PX - _HIGH_PX, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the bottom of the picture."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
