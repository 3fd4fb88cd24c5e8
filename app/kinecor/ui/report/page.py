"""Report mode: the text of the report at the left, its pages at the right."""

from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from kinecor.ui.report.draft import DraftPanel
from kinecor.ui.report.preview import Preview
from kinecor.ui.report.render import Content, Draft, content_of, draft_of
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Workspace

_SETTLE_MS = 150
_SHARES = (44, 56)
NARROW_PX = 420
"""Width below which the text has the page for itself: half of it would cut titles and show no line of the report."""


class ReportPage(QWidget):
    """Draft and preview of the study on screen; both follow every change while they are shown."""

    def __init__(
        self, workspace: Workspace, jobs: Jobs, export: QAction, sign: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._jobs = workspace, jobs
        self._study_id = ""
        self._stale, self._wants_focus = True, False
        self.draft = DraftPanel(workspace)
        self.preview = Preview(self.content, jobs, (sign, export))
        self.words = self.preview.words
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        for widget, share in ((self.draft, _SHARES[0]), (self.preview, _SHARES[1])):
            split.addWidget(widget)
            split.setStretchFactor(split.count() - 1, share)
        split.setSizes([share * 20 for share in _SHARES])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(split)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._read)
        self.draft.changed.connect(self.preview.renew)
        self.preview.failed.connect(workspace.notices.message)
        follow(workspace, self._follow, Topic.CHECKS, Topic.STUDY, Topic.RECORDING)
        follow(workspace, self._follow_analysis, Topic.COMPUTING)

    @property
    def busy(self) -> bool:
        """Whether text or pages are being made, or are about to be."""
        return self._timer.isActive() or "draft" in self._jobs.keys or self.preview.busy

    def content(self) -> Content | None:
        """What the report is made of, with what is typed and not saved yet."""
        found, study = content_of(self._workspace), self.draft.study
        return found if found is None or study is None else replace(found, study=study)

    def commit(self) -> None:
        """Save what was typed."""
        self.draft.commit()

    def focus_text(self) -> None:
        """Give the focus to the first section, as soon as it is drafted."""
        self._wants_focus = not self.draft.focus_first()
        if self._wants_focus:
            self.draft.area.setFocus()

    def stop(self) -> None:
        """Make nothing more."""
        self._timer.stop()
        self._jobs.cancel("draft")
        self.preview.stop()

    def _follow_analysis(self) -> None:
        self.preview.wait(Awaited.ALL in self._workspace.computing.awaited.values())

    def _follow(self) -> None:
        self._follow_analysis()
        recording = self._workspace.recording
        study_id = recording.source.study_id if recording else ""
        if study_id != self._study_id:
            self._study_id = study_id
            self.draft.forget()
        self._stale = True
        if self.isVisible():
            self._timer.start()

    def _read(self) -> None:
        content = content_of(self._workspace)
        if content is None:
            return
        self._stale = False
        self._jobs.start(
            "draft", lambda tick: draft_of(content, tick), self._show, self._workspace.notices.message.emit
        )

    def _show(self, draft: Draft) -> None:
        self.draft.show_draft(draft)
        # A reader who went elsewhere in the meantime stays there.
        if self._wants_focus and self.isVisible() and self.window().focusWidget() is self.draft.area:
            self.draft.focus_first()
        self._wants_focus = False
        bar = (self.preview.whole, self.preview.wide, *self.preview.buttons)
        for before, after in pairwise((self.draft.insert, *bar)):
            QWidget.setTabOrder(before, after)
        self.preview.renew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the pages out where there is no room for both."""
        super().resizeEvent(event)
        self.preview.setVisible(self.width() >= NARROW_PX)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the study when the page is looked at."""
        super().showEvent(event)
        if self._stale:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed."""
        super().hideEvent(event)
        self.commit()
