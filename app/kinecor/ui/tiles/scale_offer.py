"""The offer to calibrate, over the image of a loop whose file gives no scale: without one no length is measured."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton

from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.tiles.picture import Picture
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.sources import ReadingSource

_LEFT_PX, _BOTTOM_PX = 12, 36


class ScaleOffer(QPushButton):
    """At the lower left of an image without a scale, where the scale stands otherwise; it never takes the focus.

    Signals:
        wanted(): it was pressed.
    """

    wanted = Signal()

    def __init__(self, source: ReadingSource, picture: Picture) -> None:
        super().__init__(tr("No scale: calibrate…"), picture)
        self._source, self._picture = source, picture
        self.setToolTip(tr("Click two points whose distance is known, such as two ticks of the depth (Shift+K)"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setStyleSheet(
            f"ScaleOffer {{ background: {theme.BACKGROUND}; color: {theme.WARNING}; border: 1px solid {theme.WARNING};"
            " border-radius: 5px; padding: 3px 8px; }"
        )
        self.clicked.connect(self.wanted)
        follow(source, self.refresh, Topic.RECORDING)
        follow(source, self._show_change, Topic.READING)
        picture.installEventFilter(self)
        self.hide()

    def refresh(self) -> None:
        """Offer it of a loop that is measured and has no scale, unless its study is signed."""
        reading = self._source.reading
        wanted = (
            reading is not None
            and reading.calibration is None
            and reading.withheld is None
            and not reading.kind.stack
            and not reading.facts.in_stack
            and not reading.facts.series.view_only
            and not self._source.signing.closed
        )
        self.setVisible(wanted)
        if wanted:
            self._place()
            self.raise_()

    def _show_change(self, change: Change) -> None:
        if not change.preview:
            self.refresh()

    def _place(self) -> None:
        self.adjustSize()
        self.move(_LEFT_PX, max(self._picture.height() - _BOTTOM_PX - self.height(), 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower left of the image."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
