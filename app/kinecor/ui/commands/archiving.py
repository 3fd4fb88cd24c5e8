"""What leaves the machine or comes from another: archives, receiver, live sources, anonymised copies."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.io.archive.nodes import Archives
from kinecor.session.transport import last_written
from kinecor.ui.app.exports import subject_of
from kinecor.ui.report.render import content_of, write_pdf

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow
    from kinecor.ui.live.window import LiveWindow


class Archiving:
    """Asks for archives, live sources and anonymised copies.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.live: LiveWindow | None = None

    def open_from_archive(self) -> None:
        """Search an archive, and retrieve what is chosen in the background."""
        if (archives := self._archives()) is not None:
            from kinecor.ui.archive.open_dialog import OpenDialog

            OpenDialog(archives, self.window.retrieval.start, self.window).open()

    def send_to_archive(self) -> None:
        """Send what was concluded about the study on screen to an archive."""
        from kinecor.ui.archive.calls import Content
        from kinecor.ui.archive.send_dialog import SendDialog

        self.window.report.commit()
        if self.window.exporting.still_computing():
            return
        subject, report = subject_of(self.window.workspace, self.window.player.frame), content_of(self.window.workspace)
        archives = self._archives()
        if subject is None or report is None or archives is None:
            return
        if (written := last_written(report.study.study_id)) is not None:  # sent again tomorrow it is the same report
            report = replace(report, printed_on=written.astimezone().date())
        content = Content(subject.others, subject.study, lambda path, tick: write_pdf(path, report, tick))
        SendDialog(archives, content, self.window).open()

    def ask_receiving(self) -> None:
        """Switch the receiver on or off, and open what arrived."""
        if (archives := self._archives()) is not None:
            from kinecor.ui.archive.receive_dialog import ReceiveDialog

            ReceiveDialog(archives, lambda folder: self.window.opening.open_paths([str(folder)]), self.window).show()

    def ask_live(self) -> None:
        """Ask for a live source, and show it with contours in a window of its own."""
        from kinecor.ui.live.source_form import SourceForm

        SourceForm(self.show_live, self.window).open()

    def show_live(self, source: str) -> None:
        """Show a live source with contours in a window of its own.

        Raises:
            KinecorError: there is no such source.

        """
        from kinecor.analysis.live import LiveSession
        from kinecor.io.open.live import open_live
        from kinecor.ui.live.window import LiveWindow

        opened = open_live(source)
        if self.live is not None:
            self.live.close()
            self.live.deleteLater()
        self.live = LiveWindow(lambda: LiveSession(opened), Path(source).name, parent=self.window)
        self.live.show()

    def ask_anonymising(self) -> None:
        """Show what de-identified copies of the study on screen would change, and write them."""
        recordings = [self.window.workspace.opened.recordings[at] for at in self.window.workspace.study.members]
        if recordings:
            from kinecor.ui.app.anonymising import AnonymiseDialog

            AnonymiseDialog(recordings, self.window).open()

    def ask_archives(self) -> None:
        """Add, change and test archives."""
        if (archives := self._archives()) is not None:
            from kinecor.ui.archive.nodes_dialog import NodesDialog

            NodesDialog(archives, lambda _: None, self.window).open()

    def _archives(self) -> Archives | None:
        from kinecor.ui.archive.calls import saved

        try:
            return saved()
        except KinecorError as error:
            self.window.banner.show_message(error_message(error))
            return None
