"""A line of text that is shortened where it has no room, with the whole of it as its tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_DOT = "\N{MIDDLE DOT}"


class ElidedLabel(QLabel):
    """A label that asks for no more width than three dots need.

    Args:
        text: at first.
        where: where it is shortened; names of files in the middle, since they differ at the end.

    """

    def __init__(
        self,
        text: str = "",
        where: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._where = where
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def shown(self) -> str:
        """What of the text has room; of parts with a dot between them whole ones, the first at least."""
        metrics, room_px, words = self.fontMetrics(), self.contentsRect().width(), self.text()
        while _DOT in words and metrics.horizontalAdvance(words) > room_px:
            words = words.rpartition(_DOT)[0].rstrip()
        return metrics.elidedText(words, self._where, room_px)

    def minimumSizeHint(self) -> QSize:
        """Three dots."""
        return QSize(self.fontMetrics().horizontalAdvance("\N{HORIZONTAL ELLIPSIS}") + 2, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """As much as has room; the whole text is the tip where something is left out."""
        shown = self.shown
        self.setToolTip(self.text() if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
