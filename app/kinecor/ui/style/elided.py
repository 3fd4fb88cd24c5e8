"""A line of text that is shortened where it has no room, with the whole of it as its tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_DOT = "\N{MIDDLE DOT}"
BREAKS = " _-./"
"""A name may go on in the next line after any of these."""


def broken_lines(
    words: str,
    metrics: QFontMetrics,
    room_px: int,
    max_lines: int = 2,
    where: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> list[str]:
    """Words or the name of a file in as many lines as they need, at most `max_lines`; the last one is shortened.

    Args:
        words: one line, empty for none.
        metrics: of the font.
        room_px: width of a line.
        max_lines: 1 or more.
        where: the last line is shortened.

    """
    lines: list[str] = []
    while words and len(lines) < max_lines - 1 and metrics.horizontalAdvance(words) > room_px:
        fits = max(
            (end for end in range(1, len(words)) if metrics.horizontalAdvance(words[:end]) <= room_px), default=1
        )
        breaks = [end for end in range(1, fits + 1) if words[end - 1] in BREAKS or words[end] == " "]
        end = breaks[-1] if breaks else fits
        lines.append(words[:end].rstrip())
        words = words[end:].lstrip()
    return [*lines, metrics.elidedText(words, where, room_px)]


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
        metrics, room_px, text = self.fontMetrics(), self.contentsRect().width(), self.text()
        while _DOT in text and metrics.horizontalAdvance(text) > room_px:
            text = text.rpartition(_DOT)[0].rstrip()
        return metrics.elidedText(text, self._where, room_px)

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
