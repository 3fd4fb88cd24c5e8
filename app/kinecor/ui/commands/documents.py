"""Documents of the study list: shown, drawn on the images, imported."""

from pathlib import Path
from typing import TYPE_CHECKING

from kinecor.core.values.errors import Tick
from kinecor.core.values.foreign import Document, Overlay
from kinecor.ui.app.messages import REMARK_MS
from kinecor.ui.results.document_view import PdfOpener, show_document
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.jobs import Progress

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow

DRAWN_KINDS = frozenset(("segmentation", "own-segmentation", "presentation"))
"""Kinds of documents that draw on the images."""


class Documents:
    """Shows documents of the study list, and draws them on the images.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self._pdfs = PdfOpener()

    def show_document(self, number: int) -> None:
        """Show a document of the study list: what it draws, over the images; labels, to be imported."""
        document = self.window.workspace.opened.documents[number]
        kind, path = document.series.kind, Path(document.path)
        if kind in DRAWN_KINDS and path.is_file():
            self._toggle_drawn(document)
            return
        if kind == "labels" and path.is_file():
            self.window.exporting.import_contours(path)
            return
        if said := show_document(self.window, self.window.workspace.opened.documents[number], self._pdfs):
            self.window.status.showMessage(said, REMARK_MS)

    def _toggle_drawn(self, document: Document) -> None:
        """Show over the images what a segmentation or a presentation state draws, or hide it."""
        drawn = self.window.reading.board.documents
        if document.path in drawn.paths:
            drawn.hide(document.path)
            return
        recordings = [
            recording
            for recording in self.window.workspace.opened.recordings
            if recording.source.study_id == document.study_id
        ]

        def work(tick: Tick) -> Overlay:
            from kinecor.analysis.contours.overlays import overlay_of

            return overlay_of(Path(document.path), recordings, tick)

        def done(overlay: Overlay) -> None:
            self.window.status.show_progress(None)
            drawn.show(overlay)
            text = tr("Drawn on the images: {title}. A click in the study list hides it again.")
            self.window.status.showMessage(text.format(title=document.title), REMARK_MS)

        self.window.status.show_progress(Progress(tr("Reading"), 0, 0))
        self.window.jobs.start(f"drawn {document.path}", work, done, self.window.job_failed)
