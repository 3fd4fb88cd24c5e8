"""Report mode: the pages of the report as they will be exported."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QImage, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.reading import Reading
from kinecor.ui.app.documents import Pages, report_pages
from kinecor.ui.style.theme import to_qimage
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Change, Workspace, apical_loops, long_axes_of

DOTS_PER_INCH = 150.0
SETTLE_MS = 400  # after a change, so that a row of edits makes one preview
GAP_PX = 16


def others_of(workspace: Workspace) -> tuple[Reading, ...]:
    """Readings of the study's other recordings that the report of the one on screen draws on."""
    others = tuple(one.reading for one in apical_loops(workspace) if one.index != workspace.index)
    return others or long_axes_of(workspace)


class ReportPage(QFrame):
    """Pages one below the other, remade after every saved change while they are on screen."""

    def __init__(self, workspace: Workspace, jobs: Jobs, export: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._jobs = workspace, jobs
        self.pages: list[QLabel] = []
        self._images: list[QImage] = []
        self._stale = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._render)
        self.words = QLabel()
        self.words.setObjectName("quiet")
        self.whole, self.wide = _choice("Whole page"), _choice("Page width")
        self.whole.setChecked(True)
        group = QButtonGroup(self)
        for one in (self.whole, self.wide):
            group.addButton(one)
            one.toggled.connect(lambda on: self._fit() if on else None)
        self.export = QToolButton()
        self.export.setDefaultAction(export)
        self.export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.export.setIconSize(QSize(16, 16))
        title = QLabel("Preview")
        title.setObjectName("title")
        bar = QFrame()
        bar.setObjectName("strip")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 3, 6, 3)
        for widget in (title, self.words, self.whole, self.wide):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.export)
        self.area = QScrollArea()
        self.area.setObjectName("paper")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        self._column.setSpacing(GAP_PX)
        self._column.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.area.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.area, 1)
        workspace.changed.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether pages are being made, or are about to be."""
        return self._timer.isActive() or "preview" in self._jobs.keys

    def stop(self) -> None:
        """Make no more pages."""
        self._timer.stop()
        self._jobs.cancel("preview")

    def _follow(self, change: Change) -> None:
        if change.preview:
            return
        self._stale = True
        if self.isVisible():
            self._timer.start()

    def _render(self) -> None:
        recording, reading = self._workspace.recording, self._workspace.saved
        if recording is None or reading is None:
            return
        others, study = others_of(self._workspace), self._workspace.study_reading
        self._stale = False
        self.words.setText("is being made …")
        self._jobs.start(
            "preview",
            lambda tick: report_pages(recording, reading, DOTS_PER_INCH, tick, others, study),
            self._show,
            self._fail,
        )

    def _show(self, pages: Pages) -> None:
        self._images = [to_qimage(one) for one in pages]
        while len(self.pages) > len(self._images):
            self.pages.pop().deleteLater()
        while len(self.pages) < len(self._images):
            label = QLabel()
            label.setObjectName("page")
            self.pages.append(label)
            self._column.addWidget(label)
        self.words.setText("1 page" if len(pages) == 1 else f"{len(pages)} pages")
        self._fit()

    def _fail(self, why: str) -> None:
        self._stale = True
        self.words.setText("The report cannot be made.")
        self._workspace.message.emit(why)

    def _fit(self) -> None:
        """Scale the pages to the window."""
        room = self.area.viewport().size() - QSize(2 * GAP_PX, 2 * GAP_PX)
        ratio = self.devicePixelRatioF()
        for label, image in zip(self.pages, self._images, strict=True):
            share = room.width() / image.width()
            if self.whole.isChecked():
                share = min(share, room.height() / image.height())
            share = max(min(share, 1.0), 0.1)
            scaled = image.scaledToWidth(
                round(image.width() * share * ratio), Qt.TransformationMode.SmoothTransformation
            )
            scaled.setDevicePixelRatio(ratio)
            label.setPixmap(QPixmap.fromImage(scaled))

    def showEvent(self, event: QShowEvent) -> None:
        """Make the pages when they are looked at."""
        super().showEvent(event)
        if self._stale:
            self._render()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages again."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Another screen may have another resolution."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fit()


def _choice(words: str) -> QToolButton:
    made = QToolButton()
    made.setText(words)
    made.setCheckable(True)
    return made
