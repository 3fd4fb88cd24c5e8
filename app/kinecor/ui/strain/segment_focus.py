"""Which segment of the wall the reader points at; curve, picture, bull's-eye and boxes let it stand out together."""

from PySide6.QtCore import QObject, Signal


class SegmentFocus(QObject):
    """One of the six segments of the view on screen, or none.

    Signals:
        changed(): another segment, or none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._segment: int | None = None

    @property
    def segment(self) -> int | None:
        """0 to 5 from the left of the picture over the apex to the right."""
        return self._segment

    def point_at(self, segment: int | None) -> None:
        """Let a segment stand out, or none."""
        if segment != self._segment:
            self._segment = segment
            self.changed.emit()
