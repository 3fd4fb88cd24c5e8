"""The pages of the report as they will be exported."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
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

from kinecor.ui.report.render import Content, Pages, report_pages
from kinecor.ui.style.language import tr
from kinecor.ui.style.theme import to_qimage
from kinecor.ui.workspace.jobs import Jobs

DOTS_PER_INCH = 150.0
SETTLE_MS = 300  # after a change, so that a row of edits makes one preview
GAP_PX = 16
_BAR_MARGIN_PX, _BAR_GAP_PX = 10, 6


class Preview(QFrame):
    """Pages one below the other, made on a worker while they are on screen.

    `content` gives what the pages are made of, None where nothing has been read; `actions` have buttons in the bar.

    Signals:
        failed(str): why the pages could not be made.
    """

    failed = Signal(object)

    def __init__(
        self,
        content: Callable[[], Content | None],
        jobs: Jobs,
        actions: Sequence[QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._content, self._jobs = content, jobs
        self.pages: list[QLabel] = []
        self._images: list[QImage] = []
        self._stale = True
        self._waits = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._render)
        self.words = QLabel()
        self.words.setObjectName("quiet")
        self.whole, self.wide = _choice(tr("Whole page")), _choice(tr("Page width"))
        self.whole.setChecked(True)
        group = QButtonGroup(self)
        for tool_button in (self.whole, self.wide):
            group.addButton(tool_button)
            tool_button.toggled.connect(lambda on: self._fit() if on else None)
        self.buttons: list[QToolButton] = []
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(16, 16))
            self.buttons.append(button)
        self.title = QLabel(tr("Preview"))
        self.title.setObjectName("title")
        bar = QFrame()
        bar.setObjectName("strip")
        rows = QVBoxLayout(bar)
        rows.setContentsMargins(_BAR_MARGIN_PX, 3, 6, 3)
        rows.setSpacing(2)
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        for row in (self._first, self._second):
            row.setSpacing(_BAR_GAP_PX)
            rows.addLayout(row)
        for widget in (self.title, self.words, self.whole, self.wide):
            self._first.addWidget(widget)
        self._first.addStretch(1)
        for button in self.buttons:
            self._first.addWidget(button)
        self.area = QScrollArea()
        self.area.setObjectName("paper")
        self.area.setAccessibleName(tr("Pages of the report"))
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        self._column.setSpacing(GAP_PX)
        self._column.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.area.setWidget(body)
        self.waiting = QLabel(tr("The study is still being analysed"))
        self.waiting.setObjectName("quiet")
        self.waiting.setWordWrap(True)
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.waiting.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.area, 1)
        column.addWidget(self.waiting, 1)

    @property
    def busy(self) -> bool:
        """Whether pages are being made, or are about to be."""
        return self._timer.isActive() or "preview" in self._jobs.keys

    def stop(self) -> None:
        """Make no more pages."""
        self._timer.stop()
        self._jobs.cancel("preview")

    def renew(self) -> None:
        """Make the pages again, after a moment in which more may change."""
        self._stale = True
        if self.isVisible():
            self._timer.start()

    def wait(self, waits: bool) -> None:
        """Say that the study is still being analysed in place of pages that would call what is to come missing."""
        if waits is self._waits:
            return
        self._waits = waits
        self.area.setVisible(not waits)
        self.waiting.setVisible(waits)
        if waits:
            self.waiting.setText(tr("The study is still being analysed"))
            self.stop()
            self.words.clear()
        self.renew()

    def _render(self) -> None:
        content = None if self._waits else self._content()
        if not self._waits:
            self.waiting.setText(tr("Nothing in this study is measured, so there is nothing to report."))
            self.waiting.setVisible(content is None)
            self.area.setVisible(content is not None)
        if content is None:
            return
        self._stale = False
        self.words.setText(tr("is being made …"))
        self._jobs.start("preview", lambda tick: report_pages(content, DOTS_PER_INCH, tick), self._show, self._fail)

    def _show(self, pages: Pages) -> None:
        self._images = [to_qimage(page) for page in pages]
        while len(self.pages) > len(self._images):
            self.pages.pop().deleteLater()
        while len(self.pages) < len(self._images):
            label = QLabel()
            label.setObjectName("page")
            self.pages.append(label)
            self._column.addWidget(label)
        self.words.setText(tr("1 page") if len(pages) == 1 else tr("{n} pages").format(n=len(pages)))
        self._fit_bar()
        self._fit()

    def _fail(self, why: str) -> None:
        self._stale = True
        self.words.setText(tr("The report cannot be made."))
        self.failed.emit(why)

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

    def _fit_bar(self) -> None:
        """Say every button in full: without room the title goes, then actions have a line of their own."""
        choices = (self.words, self.whole, self.wide)

        def wide_px(widgets: Sequence[QWidget]) -> int:
            return sum(widget.sizeHint().width() + _BAR_GAP_PX for widget in widgets) + 2 * _BAR_MARGIN_PX

        self.title.setVisible(wide_px((self.title, *choices, *self.buttons)) <= self.width())
        line = self._first if wide_px((*choices, *self.buttons)) <= self.width() else self._second
        for button in self.buttons:
            if line.indexOf(button) < 0:
                line.addWidget(button)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the pages when they are looked at."""
        super().showEvent(event)
        self._fit_bar()
        if self._stale:
            self._render()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages again."""
        super().resizeEvent(event)
        self._fit_bar()
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
