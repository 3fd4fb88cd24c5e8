"""The live window: the newest frame with its contours, how late they are, and that nothing is stored."""

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

import kinecor
from kinecor.core.values.track import Structure
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.palettes import DARK

if TYPE_CHECKING:  # models are loaded by the session
    from kinecor.analysis.live import LiveFrame, LiveSession

_POLL_MS = 10
_STATUS_EVERY = 10
_NAMES: Final = {"lv_endo": "LV endocardium", "lv_epi": "LV epicardium", "la": "left atrium"}


class LiveView(QWidget):
    """Draws one frame with its contours, as large as fits, in the proportions of its pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(320, 240)
        self.setAccessibleName(tr("Live image with contours"))
        self._frame: LiveFrame | None = None

    def show_frame(self, frame: "LiveFrame") -> None:
        """Draw this frame at the next chance."""
        self._frame = frame
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's own."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self._frame is None:
            return
        image = np.ascontiguousarray(self._frame.image)
        rows, columns = image.shape[:2]
        kind = QImage.Format.Format_Grayscale8 if image.ndim == 2 else QImage.Format.Format_RGB888
        scale = min(self.width() / columns, self.height() / rows)
        painter.translate((self.width() - columns * scale) / 2, (self.height() - rows * scale) / 2)
        painter.scale(scale, scale)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.drawImage(QRectF(0, 0, columns, rows), QImage(image.data, columns, rows, image.strides[0], kind))
        for name, points in self._frame.contours.items():
            pen = QPen(QColor(DARK.structures[Structure(name)]), 2)
            pen.setCosmetic(True)
            if name in self._frame.doubtful:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            # The centre of pixel 0 lies half a pixel from the edge.
            painter.drawPolyline(QPolygonF([QPointF(x + 0.5, y + 0.5) for x, y in points.tolist()]))


class LiveWindow(QWidget):
    """A window on one live source.

    Args:
        session: begins the session; called once.
        name: of the source, for the title.
        saved: where frames are saved, or "" where nothing is.
        parent: the main window, where there is one.

    """

    def __init__(
        self, session: "Callable[[], LiveSession]", name: str, saved: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(f"{name} - {tr('Live')} - Kinecor")
        self.resize(900, 720)
        self.view = LiveView()
        self.status, self.doubt = QLabel(tr("Waiting for the first frame")), QLabel()
        self.doubt.setStyleSheet(f"color: {DARK.warning}")
        use, stored = QLabel(translated(kinecor.RESEARCH_USE)), QLabel()
        stored.setText(tr("Nothing is measured; saved to {folder}").format(folder=saved) if saved else _nothing())
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.addWidget(self.status, 1)
        bar.addWidget(self.doubt)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 0, 8, 6)
        foot.addWidget(use, 1)
        foot.addWidget(stored)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.view, 1)
        whole.addLayout(bar)
        whole.addLayout(foot)
        self.session = session()
        self._shown: LiveFrame | None = None
        self._count = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's own; the source is let go."""
        self._timer.stop()
        self.session.close()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes, F11 fills the screen."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_F11:
            self.showNormal() if self.isFullScreen() else self.showFullScreen()
        else:
            super().keyPressEvent(event)

    def _look(self) -> None:
        frame = self.session.newest
        if frame is not None and frame is not self._shown:
            self._shown = frame
            self.view.show_frame(frame)
            if self._count % _STATUS_EVERY == 0:
                self._describe(frame)
            self._count += 1
        if self.session.ended:
            self._timer.stop()
            ended = self.session.error or tr("The source has ended; the last frame is shown.")
            self.status.setText(ended)

    def _describe(self, frame: "LiveFrame") -> None:
        latency_ms = 1000 * statistics.median(tuple(self.session.latencies_s) or (frame.latency_s,))
        self.status.setText(
            tr("Frame {number}; contours {latency} ms after the frame; {missed} frames without contours").format(
                number=frame.number + 1, latency=f"{latency_ms:.0f}", missed=frame.passed_over
            )
        )
        names = ", ".join(tr(_NAMES[name]) for name in _NAMES if name in frame.doubtful)
        none = "" if frame.contours else "! " + tr("no left ventricle found")
        self.doubt.setText("! " + tr("low confidence: {names}").format(names=names) if names else none)


def _nothing() -> str:
    return tr("Nothing is measured, nothing is stored")
